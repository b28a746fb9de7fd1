//! An agent's call beside a night that uses up the whole pace of their trunk.

use aftercall::agents::Order as Ask;
use aftercall::night::Patient;

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
