//! A patient calls us in the agents' hours: an agent who is ready gets the call with the case on the screen; else the machine
//! asks.

use std::sync::Arc;
use std::time::Duration;

use aftercall::agents::Presence;
use aftercall::calendar::Schedule;
use aftercall::control::{Incoming, Order};
use aftercall::dialer::{Direction, Finish, LegEnd};
use aftercall::dialplan;
use aftercall::ids::{CaseId, ConversationId, TrunkId};
use aftercall::night::{Patient, Talk};
use aftercall::outcome::{Came, Disposition};

use super::room::*;
use crate::house::{House, add, millis, seconds};

const TRUNK: TrunkId = TrunkId(0);
/// The first attempt is the night's, the second one the patient's.
const OF_THE_CALLER: ConversationId = ConversationId(10_002);

/// A night in which the patient's first call was missed, and calls are taken.
fn missed(room: &mut Room) {
    let plan = |text: &str| Arc::new(dialplan::parse(text).expect("a shipped dialplan"));
    let how = Incoming {
        hours: Schedule::default(),
        known: plan(include_str!("../../../dialplans/incoming.toml")),
        unknown: plan(include_str!("../../../dialplans/incoming-unknown.toml")),
        at_once: 4,
        longest: seconds(600),
        completable: seconds(72 * 3600),
    };
    room.world.order(Duration::ZERO, Order::TakeCalls(Some(Box::new(how))));
    add(&mut room.world, PATIENT, Patient::rings_forever());
}

fn a_night() -> Room {
    let house = House::default();
    Room::by_night(&House {
        trunks: 3,
        retry: aftercall::dialer::RetryPolicy::immediate(seconds(3600)).with_budget(3),
        ..house
    })
}

/// Answers everything that the follow-up asks.
fn answers() -> Talk {
    Talk::pressing("1", millis(500)).at("incoming-greeting", "", seconds(1))
}

/// How the call that came in ended, and what was heard in it.
fn of_the_caller(room: &mut Room) -> (Finish, Vec<String>) {
    let taken: Vec<_> = room
        .world
        .ledger()
        .attempts()
        .values()
        .filter(|row| row.direction == Direction::In)
        .cloned()
        .collect();
    let [row] = taken.as_slice() else {
        panic!("{taken:?}");
    };
    let finish = row.ended.clone().expect("its end");
    let heard = room.world.trunk().seen().find(|(_, seen)| seen.came_in);
    let heard = heard.map(|(_, seen)| seen.prompts.clone()).unwrap_or_default();
    (finish, heard)
}

#[test]
fn a_patient_who_calls_in_the_hours_of_the_agents_gets_one_with_the_case_on_the_screen() {
    let mut room = a_night();
    room.world.trunk().connect(OF_LI, stays());
    room.sits_down(LI, OF_LI);
    missed(&mut room);
    let talk = Talk::silent().leaves_during("bridged", seconds(30));
    room.world.calls_in(seconds(300), TRUNK, PATIENT, talk);
    room.wait(seconds(500));
    let (finish, heard) = of_the_caller(&mut room);
    assert_eq!(finish.facts.agent.map(|by| by.agent), Some(LI));
    assert_eq!(finish.facts.wish.map(|wish| wish.came), Some(Came::Agent));
    assert_eq!(heard, ["incoming-greeting", "bridged"]);
    let shown = room.shown(OF_THE_CALLER);
    assert_eq!(shown.case.0, 1);
    let ended = room.ended(OF_THE_CALLER);
    assert_eq!(ended.ends().1, Some(LegEnd::HungUp));
    assert!(!finish.next.is_counted());
}

#[test]
fn with_nobody_at_a_desk_the_machine_asks_at_once() {
    let mut room = a_night();
    missed(&mut room);
    room.world.calls_in(seconds(300), TRUNK, PATIENT, answers());
    room.wait(seconds(600));
    let (finish, heard) = of_the_caller(&mut room);
    assert_eq!(finish.disposition, Disposition::Completed, "{heard:?}");
    assert!(!heard.iter().any(|prompt| prompt == "incoming-greeting"), "{heard:?}");
}

#[test]
fn when_no_agents_phone_answers_in_time_the_machine_asks() {
    let mut room = a_night();
    room.world.trunk().connect(OF_LI, Patient::rings_forever());
    room.sits_down(LI, OF_LI);
    missed(&mut room);
    let waits = answers().at("person-waiting", "", seconds(1));
    room.world.calls_in(seconds(300), TRUNK, PATIENT, waits);
    room.wait(seconds(900));
    let (finish, heard) = of_the_caller(&mut room);
    assert_eq!(heard.first().map(String::as_str), Some("incoming-greeting"));
    assert_eq!(finish.disposition, Disposition::Completed, "{heard:?}");
    assert_eq!(finish.facts.wish.map(|wish| wish.came), Some(Came::Nobody));
}

#[test]
fn the_agent_of_a_caller_is_one_who_may_have_the_case() {
    let mut room = a_night();
    room.world.trunk().connect(OF_LI, stays());
    room.world.trunk().connect(OF_WANG, stays());
    // Wang has been ready for longer.
    room.sits_down_with(WANG, OF_WANG, &["department:骨科"]);
    room.wait(seconds(10));
    room.sits_down_with(LI, OF_LI, &["department:心内科"]);
    missed(&mut room);
    room.world.ledger().set_skills(CaseId(1), &["department:心内科"]);
    let talk = Talk::silent().leaves_during("bridged", seconds(30));
    room.world.calls_in(seconds(300), TRUNK, PATIENT, talk);
    room.wait(seconds(500));
    let (finish, _) = of_the_caller(&mut room);
    assert_eq!(finish.facts.agent.map(|by| by.agent), Some(LI));
    assert_eq!(room.rang(OF_WANG), 0);
}

#[test]
fn where_no_agent_may_have_the_callers_case_the_machine_asks_at_once() {
    let mut room = a_night();
    room.world.trunk().connect(OF_WANG, stays());
    room.sits_down_with(WANG, OF_WANG, &["department:骨科"]);
    missed(&mut room);
    room.world.ledger().set_skills(CaseId(1), &["department:心内科"]);
    room.world.calls_in(seconds(300), TRUNK, PATIENT, answers());
    room.wait(seconds(600));
    let (finish, heard) = of_the_caller(&mut room);
    assert_eq!(finish.disposition, Disposition::Completed, "{heard:?}");
    assert!(!heard.iter().any(|prompt| prompt == "incoming-greeting"), "{heard:?}");
}

#[test]
fn a_caller_who_would_rather_be_called_back_need_not_wait_for_the_phone() {
    let mut room = a_night();
    room.world.trunk().connect(OF_LI, Patient::rings_forever());
    room.sits_down(LI, OF_LI);
    missed(&mut room);
    let talk = Talk::silent()
        .at("person-waiting", "1", seconds(2))
        .at("person-call-back", "2", seconds(4));
    room.world.calls_in(seconds(300), TRUNK, PATIENT, talk);
    room.wait(seconds(600));
    let (finish, heard) = of_the_caller(&mut room);
    // The follow-up itself offers no call-back: it is the offer of the menu that the caller has heard.
    assert_eq!(
        heard,
        [
            "incoming-greeting",
            "person-waiting",
            "person-call-back",
            "goodbye-appointment"
        ]
    );
    assert_eq!(finish.disposition, Disposition::Appointment);
    let tomorrow_at_ten = crate::house::MONDAY_TEN + seconds(24 * 3600);
    assert_eq!(finish.facts.appointment, Some(tomorrow_at_ten));
    assert_eq!(finish.facts.wish.map(|wish| wish.came), Some(Came::CallBack));
    assert_eq!(room.ended(OF_THE_CALLER).ends().0, Some(LegEnd::OtherEnded));
    assert_eq!(room.presence(LI), Presence::Ready);
}
