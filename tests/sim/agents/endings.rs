//! Every ending of a click-to-dial call, and what both legs, the attempt and the screen say of it.

use aftercall::agents::{Order as Ask, PHONE_FAILED, Presence};
use aftercall::control::{ConversationState, ShutDown, Told};
use aftercall::dialer::{LegEnd, Refusal};
use aftercall::ids::{AgentId, TrunkId};
use aftercall::night::{Patient, Service, Talk};
use aftercall::outcome::Disposition;

use super::room::*;
use crate::house::{House, millis, seconds};

/// One call from the click to the end.
fn call(phone: Patient, patient: Patient) -> (Room, Ended) {
    let mut room = Room::new(phone, patient);
    room.dial(seconds(1), FIRST);
    room.wait(seconds(300));
    let ended = room.ended(FIRST);
    (room, ended)
}

fn phone_failed() -> Presence {
    Presence::Paused {
        reason: PHONE_FAILED.to_owned(),
    }
}

#[test]
fn a_busy_agent_costs_no_attempt() {
    let (mut room, ended) = call(Patient::is_busy(), stays());
    assert_eq!(ended.ends(), (Some(LegEnd::Busy), None, None));
    assert_eq!(room.history(), []);
    assert_eq!(room.rang(PATIENT), 0);
    assert_eq!(room.presence(LI), phone_failed());
}

#[test]
fn an_agent_who_declines_costs_no_attempt() {
    let (mut room, ended) = call(Patient::refuses(seconds(2), 603, None), stays());
    assert_eq!(ended.ends(), (Some(LegEnd::Declined), None, None));
    assert_eq!(ended.agent.expect("an ending").status, Some(603));
    assert_eq!(room.history(), []);
}

#[test]
fn an_agents_phone_rings_twenty_seconds() {
    let (mut room, ended) = call(Patient::rings_forever(), stays());
    assert_eq!(ended.ends(), (Some(LegEnd::NoAnswer), None, None));
    assert_eq!((room.rang(OF_LI), room.rang(PATIENT)), (1, 0));
    assert_eq!(room.presence(LI), phone_failed());
}

#[test]
fn a_busy_patient_is_told_and_the_agent_let_go() {
    let (mut room, ended) = call(stays(), Patient::is_busy());
    let busy = Some(Disposition::Busy);
    assert_eq!(ended.ends(), (Some(LegEnd::OtherEnded), Some(LegEnd::Busy), busy));
    assert_eq!(room.history(), [busy]);
    let patient = ended.patient.expect("an ending");
    assert_eq!((patient.status, patient.q850), (Some(486), Some(17)));
}

#[test]
fn a_patient_who_does_not_answer_rings_as_long_as_the_campaign_allows() {
    let (mut room, ended) = call(stays(), Patient::rings_forever());
    let no_answer = Some(Disposition::NoAnswer);
    assert_eq!(
        ended.ends(),
        (Some(LegEnd::OtherEnded), Some(LegEnd::NoAnswer), no_answer)
    );
    assert!(room.heard(OF_LI).contains(&"ringback".to_owned()));
}

#[test]
fn a_phone_that_is_switched_off_is_told_by_its_cause() {
    let (_, ended) = call(stays(), Patient::refuses(seconds(4), 480, Some(20)));
    let power_off = Some(Disposition::PowerOff);
    assert_eq!(
        ended.ends(),
        (Some(LegEnd::OtherEnded), Some(LegEnd::Unreachable), power_off)
    );
    let patient = ended.patient.expect("an ending");
    assert_eq!((patient.status, patient.q850), (Some(480), Some(20)));
}

#[test]
fn a_patient_who_hangs_up_ends_both() {
    let (mut room, ended) = call(stays(), leaves_after(seconds(30)));
    let to_say = Some(Disposition::Unknown);
    assert_eq!(ended.ends(), (Some(LegEnd::OtherEnded), Some(LegEnd::HungUp), to_say));
    let ledger = room.world.ledger().clone();
    let attempt = ledger.attempts().values().next().expect("one attempt");
    let finish = attempt.ended.as_ref().expect("its end");
    assert_eq!(finish.rule, "answered-agent-to-say");
    assert!(finish.media.recording.is_some());
    let talked = ended.patient.and_then(|ending| ending.talk_ms).expect("a talk");
    assert!((29_000..31_000).contains(&talked), "{talked}");
}

#[test]
fn an_agent_who_hangs_up_ends_both() {
    let (_, ended) = call(leaves_after(seconds(20)), stays());
    let to_say = Some(Disposition::Unknown);
    assert_eq!(ended.ends(), (Some(LegEnd::HungUp), Some(LegEnd::OtherEnded), to_say));
}

#[test]
fn an_agent_who_hangs_up_on_the_screen_while_it_rings_cancels() {
    let mut room = Room::new(stays(), Patient::rings_forever());
    room.dial(seconds(1), FIRST);
    room.hang_up(seconds(12));
    room.wait(seconds(100));
    let cancelled = Some(Disposition::Cancelled);
    let ended = room.ended(FIRST);
    assert_eq!(
        ended.ends(),
        (Some(LegEnd::Ordered), Some(LegEnd::OtherEnded), cancelled)
    );
    assert_eq!(room.presence(LI), Presence::WrappingUp);
}

#[test]
fn an_agent_who_hangs_up_before_the_attempt_is_written_down_calls_nobody() {
    for after in 3_000..3_040 {
        let mut room = Room::new(stays(), stays());
        room.dial(seconds(1), FIRST);
        room.hang_up(millis(1_000 + after));
        room.wait(seconds(100));
        let ended = room.ended(FIRST);
        assert_eq!(ended.ends().0, Some(LegEnd::Ordered));
        let history = room.history();
        assert!(history.len() <= 1, "{history:?}");
        assert!(history.iter().all(Option::is_some), "{history:?}");
    }
}

#[test]
fn a_patient_whose_network_is_cut_is_gone() {
    let patient = Patient::answers(seconds(3), Talk::silent().never_heard());
    let (mut room, ended) = call(stays(), patient);
    let interrupted = Some(Disposition::Interrupted);
    assert_eq!(
        ended.ends(),
        (Some(LegEnd::OtherEnded), Some(LegEnd::Gone), interrupted)
    );
    assert_eq!(room.history(), [interrupted]);
}

#[test]
fn the_patient_of_a_lost_agent_hears_a_prompt_and_an_apology() {
    let phone = Patient::answers(seconds(3), Talk::silent().never_heard());
    let (mut room, ended) = call(phone, stays());
    let interrupted = Some(Disposition::Interrupted);
    assert_eq!(
        ended.ends(),
        (Some(LegEnd::Gone), Some(LegEnd::OtherEnded), interrupted)
    );
    let heard = room.heard(PATIENT);
    let heard: Vec<&str> = heard.iter().map(String::as_str).collect();
    assert_eq!(heard, ["bridged", "agent-lost", "goodbye-silent"]);
    let ledger = room.world.ledger().clone();
    let finish = ledger.attempts().values().next().and_then(|row| row.ended.clone());
    assert_eq!(finish.expect("its end").rule, "answered-agent-lost");
}

#[test]
fn another_agent_takes_a_lost_ones_patient() {
    let phone = Patient::answers(seconds(3), Talk::silent().never_heard());
    let mut room = Room::new(phone, leaves_after(seconds(60)));
    room.world.trunk().connect(OF_WANG, stays());
    room.sits_down(WANG, OF_WANG);
    room.dial(seconds(1), FIRST);
    room.wait(seconds(50));
    let shown = room.shown(FIRST);
    assert_eq!((shown.state, shown.agent), (ConversationState::Talking, WANG));
    assert_eq!(room.presence(WANG), Presence::Talking);
    room.wait(seconds(120));
    let ended = room.ended(FIRST);
    let to_say = Some(Disposition::Unknown);
    assert_eq!(ended.ends(), (Some(LegEnd::OtherEnded), Some(LegEnd::HungUp), to_say));
    assert_eq!(room.heard(PATIENT), ["bridged", "agent-lost", "bridged"]);
}

#[test]
fn a_lost_ones_patient_goes_to_whoever_can_talk_with_the_patient_and_else_to_anybody() {
    for (skill, taken_by) in [("language:温州话", AgentId(3)), ("language:客家话", WANG)] {
        let phone = Patient::answers(seconds(3), Talk::silent().never_heard());
        let mut room = Room::new(phone, leaves_after(seconds(60)));
        room.skills = [skill.to_owned()].into();
        room.world.trunk().connect(OF_WANG, stays());
        room.world.trunk().connect(OF_A_SUPERVISOR, stays());
        room.sits_down(WANG, OF_WANG);
        room.wait(seconds(1));
        room.sits_down_with(AgentId(3), OF_A_SUPERVISOR, &["language:温州话"]);
        room.dial(seconds(1), FIRST);
        room.wait(seconds(50));
        let shown = room.shown(FIRST);
        assert_eq!((shown.state, shown.agent), (ConversationState::Talking, taken_by));
        room.wait(seconds(120));
        room.ended(FIRST);
    }
}

#[test]
fn when_the_exchange_goes_dark_in_mid_call_the_patient_is_still_told() {
    let mut room = Room::new(stays(), stays());
    room.dial(seconds(1), FIRST);
    room.world.turn(seconds(20), EXCHANGE, Service::Dark);
    // Nobody says that it is dark; the agent's hang-up on the screen gets no answer.
    room.hang_up(seconds(30));
    room.wait(seconds(120));
    let ended = room.ended(FIRST);
    let to_say = Some(Disposition::Unknown);
    assert_eq!(ended.ends(), (Some(LegEnd::Ordered), Some(LegEnd::OtherEnded), to_say));
}

#[test]
fn a_daemon_that_says_goodbye_lets_the_patient_hear_it() {
    let mut room = Room::new(stays(), stays());
    room.dial(seconds(1), FIRST);
    room.stop(seconds(30), ShutDown::SayGoodbye);
    room.wait(seconds(60));
    let interrupted = Some(Disposition::Interrupted);
    let ended = room.ended(FIRST);
    assert_eq!(
        ended.ends(),
        (Some(LegEnd::Stopped), Some(LegEnd::Stopped), interrupted)
    );
    assert!(room.heard(PATIENT).contains(&"goodbye-silent".to_owned()));
    let drained = room.world.told().iter().any(|(_, told)| *told == Told::Drained);
    assert!(drained);
}

#[test]
fn a_daemon_that_stops_at_once_takes_both_legs_down() {
    for after in [2, 5, 30] {
        let mut room = Room::new(stays(), Patient::answers(seconds(10), Talk::silent()));
        room.dial(seconds(1), FIRST);
        room.stop(seconds(after), ShutDown::AtOnce);
        room.wait(seconds(60));
        let ended = room.ended(FIRST);
        assert_eq!(ended.ends().0, Some(LegEnd::Stopped));
        let drained = room.world.told().iter().any(|(_, told)| *told == Told::Drained);
        assert!(drained, "after {after} s");
    }
}

#[test]
fn a_daemon_that_drains_lets_a_conversation_go_on_and_begins_none() {
    let mut room = Room::new(stays(), leaves_after(seconds(60)));
    room.dial(seconds(1), FIRST);
    room.stop(seconds(20), ShutDown::Drain);
    room.dial(seconds(30), SECOND);
    room.wait(seconds(50));
    assert_eq!(room.shown(FIRST).state, ConversationState::Talking);
    room.wait(seconds(60));
    assert_eq!(room.ended(FIRST).ends().1, Some(LegEnd::HungUp));
    assert_eq!(room.history().len(), 1);
    let drained = room.world.told().iter().any(|(_, told)| *told == Told::Drained);
    assert!(drained);
}

#[test]
fn the_windows_hold_for_agents_too() {
    let house = House {
        trunks: 3,
        // Monday, three in the morning.
        begins: crate::house::MONDAY_TEN - crate::house::HOUR * 7,
        ..House::default()
    };
    let mut room = Room::with(&house, stays(), stays());
    room.dial(seconds(1), FIRST);
    room.wait(seconds(60));
    let ended = room.ended(FIRST);
    assert_eq!(ended.ends(), (Some(LegEnd::OtherEnded), None, None));
    assert_eq!(room.rang(PATIENT), 0);
    let why = room.shown(FIRST).refusal.expect("a refusal");
    assert!(
        matches!(&why, Refusal::Check { why, until: Some(_) } if why == "window_closed"),
        "{why:?}"
    );
    // Nobody was called: there is nothing to write down.
    assert_eq!(room.presence(LI), Presence::Ready);
}

#[test]
fn a_trunk_that_cannot_carry_the_call_is_followed_by_the_next_in_the_same_attempt() {
    let mut room = Room::new(stays(), leaves_after(seconds(10)));
    let refuses = Service::Refuses {
        status: 503,
        retry_after: None,
    };
    room.world.turn(millis(10), TrunkId(0), refuses);
    room.dial(seconds(1), FIRST);
    room.wait(seconds(100));
    assert_eq!(room.ended(FIRST).ends().1, Some(LegEnd::HungUp));
    assert_eq!(room.history().len(), 1);
    let ledger = room.world.ledger().clone();
    let finish = ledger.attempts().values().next().and_then(|row| row.ended.clone());
    let tried: Vec<_> = finish
        .expect("its end")
        .facts
        .tried
        .into_iter()
        .map(|tried| tried.trunk)
        .collect();
    assert_eq!(tried.len(), 2, "{tried:?}");
    assert_eq!(SPARE, TrunkId(2));
}

#[test]
fn what_the_database_refused_of_a_conversation_is_written_in_its_order() {
    for tenths in 0..10 {
        let mut room = Room::new(stays(), leaves_after(seconds(20)));
        room.dial(seconds(1), FIRST);
        room.wait(seconds(12));
        room.world.ledger().refuse_every(1);
        let (agent, conversation) = (LI, FIRST);
        room.ask(millis(300), Ask::Hold { agent, conversation });
        room.ask(millis(900), Ask::Resume { agent, conversation });
        room.wait(seconds(40) + millis(100) * tenths);
        room.world.ledger().refuse_every(u64::MAX);
        room.wait(seconds(10));
        room.ended(FIRST);
        let notes = room.world.ledger().conversation(FIRST).to_vec();
        assert!(notes.is_sorted_by_key(|note| note.seq), "{notes:#?}");
    }
}

#[test]
fn after_a_crash_in_mid_call_both_legs_are_taken_down() {
    for after in [2_000, 4_500, 6_000, 9_000, 30_000] {
        let mut room = Room::new(stays(), Patient::answers(seconds(3), Talk::silent()));
        room.dial(seconds(1), FIRST);
        room.wait(millis(after));
        let up = room.world.trunk().up();
        assert!(!up.is_empty(), "after {after} ms");
        room.world.crash_now(seconds(2));
        room.wait(seconds(30));
        let still = room.world.trunk().up();
        assert!(still.is_disjoint(&up), "after {after} ms still up: {still:?}");
        assert_eq!(room.world.trunk().faults(), &[] as &[String]);
        let history = room.history();
        assert!(history.iter().all(Option::is_some), "{history:?}");
    }
}
