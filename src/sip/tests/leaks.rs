//! Nothing stays: a thousand calls of every kind leave the maps and the timers empty.

use super::*;

#[test]
fn after_a_thousand_calls_nothing_is_left() {
    let mut desk = Desk::new();
    for nth in 0..1000 {
        let leg = LegId(nth);
        let invite = desk.call(leg);
        play(&mut desk, nth % 10, leg, &invite);
        desk.wait(Duration::from_millis(20));
        desk.sent();
        desk.events();
        desk.rest();
    }
    assert!(desk.agent.active() > 0);
    desk.leaves_nothing();
}

/// One of ten fates; every one ends, for the far end's silence is an end too.
fn play(desk: &mut Desk, fate: u64, leg: LegId, invite: &Request) {
    let hang_up = Input::Do(Command::HangUp { leg });
    if fate > 1 {
        desk.reply(invite, 180, "early", &[], b"");
    }
    match fate {
        0 => {}
        1 => desk.refuse(way(there()), invite),
        2 => desk.reply(invite, 486, "a", &[], b""),
        3 => desk.put(hang_up),
        4 => {
            desk.put(hang_up);
            desk.reply(invite, 487, "a", &[], b"");
        }
        5 => {
            desk.put(hang_up);
            desk.reply(invite, 200, "a", &[], b"");
        }
        6 => {
            desk.reply(invite, 200, "a", &[], b"");
            desk.reply(invite, 200, "b", &[], b"");
            desk.put(hang_up);
        }
        7 => {
            desk.reply(invite, 200, "a", &[], b"");
            desk.ask(invite, "a", "BYE", 1, &[], b"");
        }
        8 => {
            let fields = [("Proxy-Authenticate", "Digest realm=\"r\", nonce=\"n\"")];
            desk.reply(invite, 407, "a", &fields, b"");
        }
        _ => {
            desk.ask(invite, "early", "BYE", 1, &[], b"");
            desk.reply(invite, 200, "early", &[], b"");
        }
    }
}
