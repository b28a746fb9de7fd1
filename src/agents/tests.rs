//! A floor hour by hour: who is ready, who is next, what follows what.

use std::time::Duration;

use super::*;
use crate::dialer::Refusal;
use crate::ids::{AgentId, CaseId, ConversationId};
use crate::moment::Moment;

const LI: AgentId = AgentId(1);
const WANG: AgentId = AgentId(2);
const CASE: CaseId = CaseId(7);
const FIRST: ConversationId = ConversationId(100);
const SECOND: ConversationId = ConversationId(101);

fn at(seconds: u64) -> Moment {
    Moment::ZERO + Duration::from_secs(seconds)
}

fn desk() -> Desk {
    Desk::new(Phone::Registered {
        account: "8001".to_owned(),
    })
}

fn sign_in(floor: &mut Floor, agent: AgentId, desk: Desk) {
    let desk = Box::new(desk);
    floor.handle(at(0), Input::SignedIn { agent, desk });
}

fn ready(floor: &mut Floor, second: u64, agent: AgentId) {
    let presence = Presence::Ready;
    floor.handle(at(second), Input::Asked { agent, presence });
}

fn presence(floor: &Floor, agent: AgentId) -> Presence {
    floor
        .seats()
        .get(&agent)
        .map_or(Presence::Away, |seat| seat.presence.clone())
}

fn reserve(floor: &mut Floor, second: u64) -> Option<AgentId> {
    floor.reserve(at(second), &Default::default(), &Default::default())
}

fn rings(floor: &mut Floor, second: u64, agent: AgentId, conversation: ConversationId) {
    let case = CASE;
    floor.handle(
        at(second),
        Input::Ringing {
            agent,
            conversation,
            case,
        },
    );
}

fn over(floor: &mut Floor, second: u64, agent: AgentId, conversation: ConversationId, then: Over) {
    floor.handle(
        at(second),
        Input::Over {
            agent,
            conversation,
            then,
        },
    );
}

#[test]
fn who_signs_in_is_paused_until_ready() {
    let mut floor = Floor::default();
    sign_in(&mut floor, LI, desk());
    let reason = SIGNED_IN.to_owned();
    assert_eq!(presence(&floor, LI), Presence::Paused { reason });
    assert_eq!(reserve(&mut floor, 1), None);
    ready(&mut floor, 1, LI);
    assert_eq!(reserve(&mut floor, 2), Some(LI));
    assert_eq!(presence(&floor, LI), Presence::Reserved);
    assert_eq!(reserve(&mut floor, 3), None);
}

#[test]
fn what_somebody_else_sets_for_an_agent_changes_no_wish_to_leave() {
    let mut floor = Floor::default();
    sign_in(&mut floor, LI, desk());
    ready(&mut floor, 1, LI);
    rings(&mut floor, 2, LI, FIRST);
    let presence_asked = Presence::Away;
    floor.handle(
        at(3),
        Input::Asked {
            agent: LI,
            presence: presence_asked,
        },
    );
    let desk = Box::new(Desk {
        wrap_up: Duration::from_secs(5),
        ..desk()
    });
    floor.handle(at(4), Input::Changed { agent: LI, desk });
    assert_eq!(presence(&floor, LI), Presence::Ringing);
    over(&mut floor, 10, LI, FIRST, Over::WrapUp);
    floor.handle(at(16), Input::Wake);
    assert_eq!(
        presence(&floor, LI),
        Presence::Away,
        "the new wrap-up is over, and nobody is there"
    );
}

#[test]
fn the_agent_who_has_been_ready_for_longest_is_next() {
    let mut floor = Floor::default();
    sign_in(&mut floor, LI, desk());
    sign_in(&mut floor, WANG, desk());
    ready(&mut floor, 20, LI);
    ready(&mut floor, 10, WANG);
    assert_eq!(reserve(&mut floor, 30), Some(WANG));
    assert_eq!(reserve(&mut floor, 30), Some(LI));
}

#[test]
fn a_case_that_wants_a_skill_goes_to_nobody_without_it() {
    let mut floor = Floor::default();
    let skills = ["language:粤语".to_owned()].into();
    sign_in(&mut floor, LI, desk());
    ready(&mut floor, 1, LI);
    assert_eq!(floor.reserve(at(2), &skills, &Default::default()), None);
    let able = Desk {
        skills: skills.clone(),
        ..desk()
    };
    sign_in(&mut floor, WANG, able);
    ready(&mut floor, 3, WANG);
    assert_eq!(floor.reserve(at(4), &skills, &[WANG].into()), None);
    assert_eq!(floor.reserve(at(4), &skills, &Default::default()), Some(WANG));
}

#[test]
fn a_preview_that_nobody_dials_is_given_back_when_its_time_is_over() {
    let mut floor = Floor::default();
    sign_in(&mut floor, LI, desk());
    ready(&mut floor, 1, LI);
    let previewing = Input::Previewing {
        agent: LI,
        conversation: FIRST,
        case: CASE,
    };
    floor.handle(at(10), previewing);
    assert_eq!(presence(&floor, LI), Presence::Previewing);
    assert_eq!(floor.deadline(), Some(at(130)));
    floor.handle(at(130), Input::Wake);
    assert_eq!(presence(&floor, LI), Presence::Ready);
    let told: Vec<Output> = std::iter::from_fn(|| floor.poll()).collect();
    let given_back = Output::PreviewOver {
        agent: LI,
        conversation: FIRST,
    };
    assert!(told.contains(&given_back), "{told:?}");
}

#[test]
fn a_conversation_is_made_once_however_often_it_is_asked_for() {
    let mut floor = Floor::default();
    sign_in(&mut floor, LI, desk());
    ready(&mut floor, 1, LI);
    assert_eq!(floor.may_call(LI, FIRST), Ok(()));
    rings(&mut floor, 2, LI, FIRST);
    assert_eq!(floor.may_call(LI, FIRST), Err(Refusal::NotReady));
    assert_eq!(floor.may_call(LI, SECOND), Err(Refusal::NotReady));
    over(&mut floor, 3, LI, FIRST, Over::Nothing);
    assert_eq!(floor.may_call(LI, FIRST), Err(Refusal::NotReady));
    assert_eq!(floor.may_call(LI, SECOND), Ok(()));
}

#[test]
fn the_wrap_up_ends_by_its_outcome_or_by_its_time() {
    let mut floor = Floor::default();
    sign_in(&mut floor, LI, desk());
    ready(&mut floor, 1, LI);
    rings(&mut floor, 2, LI, FIRST);
    floor.handle(at(3), Input::PickedUp { agent: LI });
    assert_eq!(presence(&floor, LI), Presence::Talking);
    over(&mut floor, 60, LI, FIRST, Over::WrapUp);
    assert_eq!(presence(&floor, LI), Presence::WrappingUp);
    let of_another = Input::WrappedUp {
        agent: LI,
        conversation: SECOND,
    };
    floor.handle(at(61), of_another);
    assert_eq!(presence(&floor, LI), Presence::WrappingUp);
    let done = Input::WrappedUp {
        agent: LI,
        conversation: FIRST,
    };
    floor.handle(at(62), done);
    assert_eq!(presence(&floor, LI), Presence::Ready);

    rings(&mut floor, 70, LI, SECOND);
    over(&mut floor, 80, LI, SECOND, Over::WrapUp);
    floor.handle(at(200), Input::Wake);
    assert_eq!(presence(&floor, LI), Presence::Ready);
}

#[test]
fn a_pause_asked_for_in_mid_call_begins_after_it() {
    let mut floor = Floor::default();
    sign_in(&mut floor, LI, desk());
    ready(&mut floor, 1, LI);
    rings(&mut floor, 2, LI, FIRST);
    let lunch = Presence::Paused {
        reason: "lunch".to_owned(),
    };
    let presence_asked = lunch.clone();
    floor.handle(
        at(3),
        Input::Asked {
            agent: LI,
            presence: presence_asked,
        },
    );
    assert_eq!(presence(&floor, LI), Presence::Ringing);
    over(&mut floor, 4, LI, FIRST, Over::WrapUp);
    floor.handle(at(200), Input::Wake);
    assert_eq!(presence(&floor, LI), lunch);
}

#[test]
fn nobody_is_sent_to_a_phone_that_failed() {
    let mut floor = Floor::default();
    sign_in(&mut floor, LI, desk());
    ready(&mut floor, 1, LI);
    rings(&mut floor, 2, LI, FIRST);
    over(&mut floor, 3, LI, FIRST, Over::PhoneFailed);
    let reason = PHONE_FAILED.to_owned();
    assert_eq!(presence(&floor, LI), Presence::Paused { reason });
    assert_eq!(reserve(&mut floor, 4), None);
}

#[test]
fn an_agent_calls_as_often_a_day_as_allowed() {
    let mut floor = Floor::default();
    let desk = Desk {
        per_day: Some(2),
        done_today: 1,
        ..desk()
    };
    sign_in(&mut floor, LI, desk.clone());
    assert_eq!(floor.day_limit(LI), Ok(()));
    floor.handle(at(1), Input::Begun { agent: LI });
    assert_eq!(floor.day_limit(LI), Err(Refusal::AgentDay { limit: 2 }));
    sign_in(&mut floor, LI, desk.clone());
    assert_eq!(floor.day_limit(LI), Err(Refusal::AgentDay { limit: 2 }));
    // Whoever stays over midnight begins anew.
    let tomorrow = Desk {
        day: 86_400_000,
        done_today: 0,
        ..desk
    };
    sign_in(&mut floor, LI, tomorrow);
    assert_eq!(floor.day_limit(LI), Ok(()));
}

#[test]
fn who_leaves_in_mid_call_is_away_when_it_is_over() {
    let mut floor = Floor::default();
    sign_in(&mut floor, LI, desk());
    ready(&mut floor, 1, LI);
    rings(&mut floor, 2, LI, FIRST);
    let presence_asked = Presence::Away;
    floor.handle(
        at(3),
        Input::Asked {
            agent: LI,
            presence: presence_asked,
        },
    );
    assert_eq!(presence(&floor, LI), Presence::Ringing);
    over(&mut floor, 4, LI, FIRST, Over::Nothing);
    assert!(floor.seats().is_empty());
}
