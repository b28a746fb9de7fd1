//! The daemon stopped, and killed, in mid-call; what the record and the screen have of it afterwards.

use std::time::Duration;

use super::book;
use super::endings::judged;
use super::patients::Patient;
use super::room::Room;
use super::scene::{Desk, Rings, Scene, Turn};

/// How the daemon goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Goes {
    /// SIGTERM, as the service manager stops it.
    Stopped,
    /// SIGKILL.
    Killed,
}

fn play(room: &'static str, name: &'static str, goes: Goes, expected: &'static str) {
    let scene = Scene {
        name,
        rings: Rings::Answered,
        patient: Patient::Stays,
        turn: Turn::Nothing,
        expected,
    };
    let number = Patient::Stays.number(1);
    let mut room = Room::open(room, std::slice::from_ref(&number), &[]);
    let mut agent = room.agent(1);
    let mut desk = Desk::dial(&mut agent, room.case(&number));
    desk.agent.phone.rings();
    desk.agent.phone.answers();
    desk.until(&["talking", "ended"], Duration::from_secs(30));
    desk.talk(Duration::from_secs(3));
    match goes {
        Goes::Stopped => room.stop(),
        Goes::Killed => room.kill(),
    }
    room.start();
    if goes == Goes::Killed {
        // The daemon that comes back takes down what the other one left.
        room.settle(&[&number], Duration::from_secs(40));
    }
    desk.agent.tab = room.tab("agent1");
    desk.forget_what_was();
    let played = desk.end(&number);
    book::keep(judged(&mut room, vec![(&scene, played)]));
}

#[test]
fn the_daemon_is_stopped_in_mid_call() {
    let expected = "agent stopped, patient stopped, interrupted";
    play("stopped", "the daemon is stopped", Goes::Stopped, expected);
}

#[test]
fn the_daemon_is_killed_in_mid_call() {
    let expected = "agent stopped, patient stopped, unknown";
    play("killed", "the daemon is killed", Goes::Killed, expected);
}
