//! An agent's call beside a night that uses up the whole pace of their trunk, or that tires it.

use aftercall::agents::{Order as Ask, Presence};
use aftercall::control::{ConversationState, Told};
use aftercall::dialer::Refusal;
use aftercall::night::Patient;
use aftercall::outcome::Disposition;

use super::room::*;
use crate::house::{House, add, millis, questionnaire, seconds};

#[test]
fn an_agent_gets_the_next_place_in_a_pace_that_the_night_uses_up() {
    let house = House {
        trunks: 3,
        lines: 30,
        pace: 0.2,
        ..House::default()
    };
    let mut room = Room::with(&house, stays(), leaves_after(seconds(10)));
    for patient in 10..60 {
        add(
            &mut room.world,
            &format!("138000000{patient}"),
            Patient::rings_forever(),
        );
    }
    room.world.order(millis(10), house.start(questionnaire()));
    let agent = LI;
    for (turn, conversation) in [FIRST, SECOND].into_iter().enumerate() {
        // Three seconds until the agent is there, one place in the pace, three seconds until the patient is there.
        room.dial(seconds(20), conversation);
        room.wait(seconds(20 + 3 + 5 + 1));
        assert_eq!(room.rang(PATIENT), turn + 1, "each call gets the next place");
        room.ask(seconds(30), Ask::WrapUpDone { agent, conversation });
        room.wait(seconds(31));
    }
}

/// Three calls of the night that the network refuses one after the other: then their trunk rests, a quarter of a minute or so.
/// Meanwhile an agent, there since the 11th second, has the place in the pace at the 15th.
fn tired(trunks: u16) -> Room {
    let house = House {
        trunks,
        lines: 30,
        pace: 0.2,
        ..House::default()
    };
    let mut room = Room::with(&house, stays(), stays());
    for (patient, after) in [(10, 12), (11, 8), (12, 4)] {
        let refuses = Patient::refuses(seconds(after), 503, Some(41));
        add(&mut room.world, &format!("138000000{patient}"), refuses);
    }
    room.world.order(millis(10), house.start(questionnaire()));
    room.dial(seconds(8), FIRST);
    room.wait(seconds(24));
    let rests = |told: &Told| matches!(told, Told::TrunkResting { .. });
    assert!(room.world.told().iter().any(|(_, told)| rests(told)), "the trunk rests");
    room
}

#[test]
fn an_agents_call_goes_over_the_next_trunk_when_its_own_begins_to_rest() {
    let mut room = tired(3);
    assert_eq!(room.rang(PATIENT), 1);
    assert_eq!(room.shown(FIRST).state, ConversationState::Talking);
}

#[test]
fn an_agent_is_told_at_once_that_no_trunk_takes_the_call_now() {
    let mut room = tired(2);
    let agents = room.world.snapshot().agents;
    let said = agents.iter().find_map(|picture| picture.refused.as_ref());
    assert_eq!(said.map(Refusal::as_str), Some("trunk_rests"));
    assert_eq!(room.presence(LI), Presence::Ready, "nothing is to be written down");
    assert_eq!(room.rang(PATIENT), 0);
    assert_eq!(
        room.history(),
        [Some(Disposition::Interrupted)],
        "which counts for nothing"
    );
    room.wait(seconds(60));
    room.ended(FIRST);
}
