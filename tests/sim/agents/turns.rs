//! What an agent, a supervisor and two tabs do in mid-call.

use std::time::Duration;

use aftercall::agents::{Order as Ask, Phone, Presence};
use aftercall::control::{ConversationState, LegState, Order, ShutDown};
use aftercall::dialer::{Granted, HowStop, LegEnd, Noteworthy, Refusal, Whom};
use aftercall::ids::TrunkId;
use aftercall::night::{Patient, Service, Talk};
use aftercall::outcome::Disposition;
use aftercall::phone::Key;

use super::room::*;
use crate::house::{CAMPAIGN, House, add, millis, questionnaire, seconds, willing};

#[test]
fn two_tabs_that_both_dial_call_once() {
    let mut room = Room::new(stays(), leaves_after(seconds(20)));
    for after in [1_000, 1_000, 1_200, 9_000, 60_000] {
        room.dial(millis(after), FIRST);
    }
    room.dial(millis(1_300), SECOND);
    room.wait(seconds(200));
    assert_eq!(room.ended(FIRST).ends().1, Some(LegEnd::HungUp));
    assert_eq!((room.rang(OF_LI), room.rang(PATIENT)), (1, 1));
    assert_eq!(room.history().len(), 1);
}

#[test]
fn an_order_about_a_conversation_that_is_over_changes_nothing() {
    let mut room = Room::new(stays(), leaves_after(seconds(20)));
    room.dial(seconds(1), FIRST);
    room.wait(seconds(60));
    room.ended(FIRST);
    room.hang_up(seconds(1));
    let (agent, conversation) = (LI, FIRST);
    room.ask(seconds(2), Ask::Hold { agent, conversation });
    room.ask(seconds(3), Ask::WrapUpDone { agent, conversation });
    room.wait(seconds(5));
    assert_eq!(room.presence(LI), Presence::Ready);
    room.ended(FIRST);
}

#[test]
fn an_agent_may_call_the_next_one_after_the_wrap_up() {
    let house = House {
        trunks: 3,
        lines: 1,
        ..House::default()
    };
    let mut room = Room::with(&house, stays(), leaves_after(seconds(10)));
    room.dial(seconds(1), FIRST);
    room.wait(seconds(60));
    room.ended(FIRST);
    let (agent, conversation) = (LI, FIRST);
    room.ask(seconds(1), Ask::WrapUpDone { agent, conversation });
    room.dial(seconds(2), SECOND);
    room.wait(seconds(60));
    assert_eq!(room.ended(SECOND).ends().1, Some(LegEnd::HungUp));
    assert_eq!(room.history().len(), 2);
}

#[test]
fn a_held_patient_hears_music_and_both_are_back_afterwards() {
    let mut room = Room::new(stays(), stays());
    room.dial(seconds(1), FIRST);
    let (agent, conversation) = (LI, FIRST);
    room.ask(seconds(20), Ask::Hold { agent, conversation });
    room.ask(seconds(21), Ask::Hold { agent, conversation });
    room.ask(seconds(40), Ask::Resume { agent, conversation });
    room.wait(seconds(30));
    assert_eq!(room.shown(FIRST).state, ConversationState::OnHold);
    room.hang_up(seconds(30));
    room.wait(seconds(60));
    room.ended(FIRST);
    assert_eq!(room.heard(PATIENT), ["bridged", "hold", "bridged"]);
}

#[test]
fn a_muted_agent_is_shown_as_such_and_a_second_wish_changes_nothing() {
    let mut room = Room::new(stays(), stays());
    room.dial(seconds(1), FIRST);
    let (agent, conversation) = (LI, FIRST);
    // Before anybody talks there is nobody to mute.
    room.ask(seconds(1), Ask::Mute { agent, conversation });
    for after in [20, 21] {
        room.ask(seconds(after), Ask::Mute { agent, conversation });
        room.ask(seconds(after + 15), Ask::Unmute { agent, conversation });
    }
    room.wait(seconds(25));
    assert!(room.shown(FIRST).is_muted);
    room.wait(seconds(15));
    assert!(!room.shown(FIRST).is_muted);
    room.hang_up(seconds(10));
    room.wait(seconds(60));
    room.ended(FIRST);
    let notes = room.world.ledger().conversation(FIRST).to_vec();
    let of_it = notes
        .iter()
        .filter(|note| matches!(note.what, Noteworthy::Muted | Noteworthy::Unmuted));
    assert_eq!(of_it.count(), 2, "{notes:#?}");
}

#[test]
fn a_paused_recording_leaves_its_marks() {
    let mut room = Room::new(stays(), stays());
    room.dial(seconds(1), FIRST);
    let (agent, conversation) = (LI, FIRST);
    room.ask(seconds(20), Ask::PauseRecording { agent, conversation });
    room.ask(seconds(25), Ask::ResumeRecording { agent, conversation });
    room.hang_up(seconds(40));
    room.wait(seconds(60));
    room.ended(FIRST);
    let notes = room.world.ledger().conversation(FIRST).to_vec();
    let marks: Vec<u32> = notes
        .iter()
        .filter_map(|note| {
            let (Noteworthy::RecordingPaused { at_ms } | Noteworthy::RecordingResumed { at_ms }) = note.what else {
                return None;
            };
            Some(at_ms)
        })
        .collect();
    let [paused, resumed] = marks.as_slice() else {
        panic!("two marks: {notes:#?}");
    };
    assert_eq!(resumed - paused, 5_000);
}

#[test]
fn the_keys_of_the_patient_are_kept_and_shown() {
    let patient = Patient::answers(seconds(3), Talk::silent().at("bridged", "14", seconds(5)));
    let mut room = Room::new(stays(), patient);
    room.dial(seconds(1), FIRST);
    room.hang_up(seconds(40));
    room.wait(seconds(60));
    room.ended(FIRST);
    assert_eq!(room.shown(FIRST).keys, "14");
    let ledger = room.world.ledger().clone();
    let attempt = ledger.attempts().values().next().expect("one attempt");
    assert_eq!(attempt.keys, "14");
}

#[test]
fn the_keys_of_the_agent_are_written_down() {
    let phone = Patient::answers(seconds(3), Talk::silent().at("bridged", "7", seconds(5)));
    let mut room = Room::new(phone, stays());
    room.dial(seconds(1), FIRST);
    room.hang_up(seconds(40));
    room.wait(seconds(60));
    room.ended(FIRST);
    let key = Key::from_char('7').expect("a key");
    let notes = room.world.ledger().conversation(FIRST).to_vec();
    assert!(
        notes.iter().any(|note| note.what == Noteworthy::AgentPressed { key }),
        "{notes:#?}"
    );
}

fn transfer() -> Ask {
    Ask::Transfer {
        agent: LI,
        conversation: FIRST,
        number: number(DEPARTMENT),
    }
}

#[test]
fn a_transferred_patient_talks_with_the_department_and_the_agent_is_free_at_once() {
    let mut room = Room::new(stays(), stays());
    let department = Talk::silent().leaves_during("bridged", seconds(30));
    room.world
        .trunk()
        .connect(DEPARTMENT, Patient::answers(seconds(10), department));
    room.dial(seconds(1), FIRST);
    room.ask(seconds(20), transfer());
    room.ask(seconds(21), transfer());
    room.wait(seconds(23));
    assert_eq!(room.shown(FIRST).state, ConversationState::Transferring);
    assert_eq!(room.presence(LI), Presence::WrappingUp);
    room.ask(
        seconds(1),
        Ask::WrapUpDone {
            agent: LI,
            conversation: FIRST,
        },
    );
    room.wait(seconds(20));
    assert_eq!(room.shown(FIRST).state, ConversationState::Transferred);
    assert_eq!(room.presence(LI), Presence::Ready);
    room.wait(seconds(60));
    let ended = room.ended(FIRST);
    assert_eq!(ended.ends().0, Some(LegEnd::Ordered));
    assert_eq!((room.rang(DEPARTMENT), room.rang(OF_LI)), (1, 1));
    assert_eq!(room.heard(PATIENT), ["bridged", "ringback", "bridged"]);
    assert_eq!(room.history().len(), 1, "one call, one outcome");
}

#[test]
fn a_patient_whom_the_department_does_not_take_is_back_with_the_agent() {
    let mut room = Room::new(stays(), stays());
    room.world.trunk().connect(DEPARTMENT, Patient::is_busy());
    room.dial(seconds(1), FIRST);
    room.ask(seconds(20), transfer());
    room.wait(seconds(40));
    let shown = room.shown(FIRST);
    assert_eq!(shown.state, ConversationState::Talking);
    assert_eq!(room.presence(LI), Presence::Talking);
    let third = shown.third_leg.and_then(|leg| leg.ending).expect("its end");
    assert_eq!(third.end, LegEnd::Busy);
    room.hang_up(seconds(10));
    room.wait(seconds(60));
    room.ended(FIRST);
    assert_eq!(room.heard(PATIENT), ["bridged", "ringback", "hold", "bridged"]);
    assert_eq!(room.rang(OF_LI), 2);
}

#[test]
fn an_agent_who_was_muted_before_a_transfer_is_heard_when_the_patient_is_back_and_the_screen_says_so() {
    let mut room = Room::new(stays(), stays());
    room.world.trunk().connect(DEPARTMENT, Patient::is_busy());
    room.dial(seconds(1), FIRST);
    let (agent, conversation) = (LI, FIRST);
    room.ask(seconds(19), Ask::Mute { agent, conversation });
    room.ask(seconds(20), transfer());
    room.wait(seconds(40));
    let shown = room.shown(FIRST);
    assert_eq!(shown.state, ConversationState::Talking);
    assert!(!shown.is_muted, "the leg that was muted has been hung up");
    room.hang_up(seconds(10));
    room.wait(seconds(60));
    room.ended(FIRST);
}

#[test]
fn without_a_line_the_agent_keeps_the_patient_and_is_told_why() {
    let house = House {
        trunks: 3,
        lines: 1,
        ..House::default()
    };
    let mut room = Room::with(&house, stays(), leaves_after(seconds(60)));
    room.dial(seconds(1), FIRST);
    room.ask(seconds(20), transfer());
    room.wait(seconds(30));
    assert_eq!(room.shown(FIRST).state, ConversationState::Talking);
    let agents = room.world.snapshot().agents;
    let refused = agents.into_iter().find(|picture| picture.agent == LI);
    assert_eq!(refused.and_then(|picture| picture.refused), Some(Refusal::NoLine));
    assert_eq!(room.heard(PATIENT), ["bridged"]);
    room.wait(seconds(100));
    assert_eq!(room.ended(FIRST).ends().1, Some(LegEnd::HungUp));
}

#[test]
fn an_agent_who_gives_a_transfer_up_lets_the_patient_go_and_is_not_rung_again() {
    let mut room = Room::new(stays(), stays());
    room.world.trunk().connect(DEPARTMENT, Patient::rings_forever());
    room.dial(seconds(1), FIRST);
    room.ask(seconds(20), transfer());
    room.hang_up(seconds(25));
    room.wait(seconds(90));
    room.ended(FIRST);
    assert_eq!(room.rang(OF_LI), 1);
}

#[test]
fn a_transfer_that_the_pace_keeps_waiting_gives_its_line_back_when_the_patient_is_gone() {
    let house = House {
        trunks: 3,
        lines: 2,
        pace: 0.1,
        ..House::default()
    };
    let mut room = Room::with(&house, stays(), stays());
    room.world.trunk().connect(DEPARTMENT, Patient::rings_forever());
    room.dial(seconds(1), FIRST);
    room.ask(seconds(9), transfer());
    room.hang_up(seconds(10));
    room.wait(seconds(60));
    room.ended(FIRST);
    assert_eq!(room.rang(DEPARTMENT), 0, "the pace was still to come");
    let agent = LI;
    let conversation = FIRST;
    room.ask(seconds(1), Ask::WrapUpDone { agent, conversation });
    room.dial(seconds(2), SECOND);
    let second = Ask::Transfer {
        agent,
        conversation: SECOND,
        number: number(DEPARTMENT),
    };
    room.ask(seconds(20), second);
    room.wait(seconds(25));
    assert_eq!(room.shown(SECOND).state, ConversationState::Transferring);
    assert_eq!(room.rang(DEPARTMENT), 1);
}

#[test]
fn no_department_is_called_for_a_patient_to_whom_we_say_goodbye() {
    let house = House {
        trunks: 3,
        lines: 2,
        pace: 0.1,
        ..House::default()
    };
    let mut room = Room::with(&house, stays(), stays());
    room.world.trunk().connect(DEPARTMENT, stays());
    room.dial(seconds(1), FIRST);
    room.ask(seconds(9), transfer());
    // The pace would let the department be called at 14 s.
    room.stop(seconds(13), ShutDown::SayGoodbye);
    room.wait(seconds(60));
    room.ended(FIRST);
    assert_eq!(room.rang(DEPARTMENT), 0);
}

#[test]
fn a_department_that_is_let_go_slowly_does_not_leave_the_patient_alone_with_the_next() {
    let mut room = Room::new(stays(), stays());
    room.world.trunk().connect(DEPARTMENT, Patient::rings_forever());
    room.dial(seconds(1), FIRST);
    room.ask(seconds(20), transfer());
    // Nobody takes the patient: our CANCEL is lost for some seconds, and the agent tries again meanwhile.
    room.world.turn(millis(39_500), TrunkId(0), Service::Dark);
    room.world.turn(seconds(48), TrunkId(0), Service::Serves);
    room.ask(seconds(49), transfer());
    room.wait(seconds(60));
    assert_eq!(room.shown(FIRST).state, ConversationState::Transferring);
    assert_eq!(room.rang(DEPARTMENT), 2);
    room.wait(seconds(25));
    assert_eq!(room.shown(FIRST).state, ConversationState::Talking);
    assert_eq!(room.rang(OF_LI), 3, "back with the agent, a second time");
}

#[test]
fn a_patient_who_cannot_be_bridged_hears_a_prompt_and_comes_to_another_agent() {
    let mut room = Room::new(stays(), stays());
    room.world.trunk().connect(OF_WANG, leaves_after(seconds(30)));
    room.sits_down(WANG, OF_WANG);
    room.dial(seconds(1), FIRST);
    room.world.fail_bridges(1);
    room.wait(seconds(120));
    let ended = room.ended(FIRST);
    assert_eq!(room.heard(PATIENT), ["agent-lost", "bridged"]);
    assert_eq!(ended.ends().0, Some(LegEnd::HungUp));
    let notes = room.world.ledger().conversation(FIRST).to_vec();
    let lost = notes.iter().find_map(|note| {
        let Noteworthy::AgentLost(ending) = &note.what else {
            return None;
        };
        Some(ending.end)
    });
    assert_eq!(lost, Some(LegEnd::OwnFault));
}

#[test]
fn a_patient_who_cannot_be_bridged_with_the_department_is_not_dropped() {
    let mut room = Room::new(stays(), stays());
    room.world
        .trunk()
        .connect(DEPARTMENT, Patient::answers(seconds(10), Talk::silent()));
    room.dial(seconds(1), FIRST);
    room.ask(seconds(20), transfer());
    room.wait(seconds(25));
    room.world.fail_bridges(1);
    room.wait(seconds(40));
    assert_eq!(room.shown(FIRST).state, ConversationState::Talking);
    room.hang_up(seconds(1));
    room.wait(seconds(60));
    room.ended(FIRST);
    assert_eq!(room.heard(PATIENT), ["bridged", "ringback", "hold", "bridged"]);
}

#[test]
fn the_screen_says_over_when_the_record_does_and_not_before() {
    let mut room = Room::new(stays(), stays());
    room.dial(seconds(1), FIRST);
    room.wait(seconds(30));
    room.world.ledger().refuse_every(1);
    room.hang_up(Duration::ZERO);
    room.wait(seconds(10));
    assert_eq!(room.shown(FIRST).state, ConversationState::Ending);
    room.world.ledger().refuse_every(u64::MAX);
    room.wait(seconds(10));
    room.ended(FIRST);
}

#[test]
fn a_supervisor_listens_until_the_end_and_it_is_written_down() {
    let mut room = Room::new(stays(), leaves_after(seconds(60)));
    room.world.trunk().connect(OF_WANG, stays());
    room.dial(seconds(1), FIRST);
    let listen = Ask::ListenIn {
        supervisor: WANG,
        phone: Phone::Behind {
            trunk: EXCHANGE,
            number: number(OF_WANG),
        },
        conversation: FIRST,
    };
    room.ask(seconds(20), listen);
    room.wait(seconds(30));
    let pictures = room.world.snapshot().conversations;
    assert_eq!(pictures.first().map(|shown| shown.listening.clone()), Some(vec![WANG]));
    room.wait(seconds(100));
    let ended = room.ended(FIRST);
    assert_eq!(ended.ends().1, Some(LegEnd::HungUp));
    let notes = room.world.ledger().conversation(FIRST).to_vec();
    for what in [
        Noteworthy::ListenedTo { by: WANG },
        Noteworthy::ListenedToNoMore { by: WANG },
    ] {
        assert!(notes.iter().any(|note| note.what == what), "{notes:#?}");
    }
}

#[test]
fn a_supervisor_who_listened_to_a_call_that_its_trunk_could_not_carry_is_let_go() {
    let house = House {
        trunks: 3,
        pace: 0.1,
        ..House::default()
    };
    let mut room = Room::with(&house, stays(), Patient::refuses(seconds(4), 503, None));
    room.world.trunk().connect(OF_WANG, stays());
    // A call of the night keeps the next one on the spare waiting.
    let Order::Start { mut campaign, dialplan } = house.start(questionnaire()) else {
        panic!("the house starts a campaign");
    };
    campaign.routes.retain(|route| route.trunk == SPARE);
    add(&mut room.world, OF_THE_NIGHT, Patient::answers(seconds(3), willing()));
    room.world.order(seconds(4), Order::Start { campaign, dialplan });
    room.dial(seconds(1), FIRST);
    let listen = Ask::ListenIn {
        supervisor: WANG,
        phone: Phone::Behind {
            trunk: EXCHANGE,
            number: number(OF_WANG),
        },
        conversation: FIRST,
    };
    room.ask(seconds(5), listen);
    room.wait(seconds(10));
    let pictures = room.world.snapshot().conversations;
    assert_eq!(pictures.first().map(|shown| shown.listening.clone()), Some(Vec::new()));
    // Nobody holds the conversation up when the agent does not wait for the other trunk.
    room.hang_up(seconds(1));
    let (campaign, how) = (CAMPAIGN, HowStop::Drain);
    room.world.order(seconds(5), Order::Stop { campaign, how });
    room.wait(seconds(200));
    room.ended(FIRST);
}

#[test]
fn a_number_that_is_not_the_cases_needs_a_grant() {
    let other = "13911112222";
    let mut room = Room::new(stays(), stays());
    room.world.trunk().connect(other, leaves_after(seconds(10)));
    room.dial_whom(seconds(1), FIRST, Whom::Other(number(other)), None);
    room.wait(seconds(60));
    room.ended(FIRST);
    assert_eq!(room.shown(FIRST).refusal, Some(Refusal::NotTheCases));
    assert_eq!(room.rang(other), 0);
    let granted = Granted {
        by: WANG,
        reason: "患者家属来电告知".to_owned(),
    };
    let (agent, conversation) = (LI, FIRST);
    room.ask(seconds(1), Ask::WrapUpDone { agent, conversation });
    room.dial_whom(seconds(2), SECOND, Whom::Other(number(other)), Some(granted));
    room.wait(seconds(60));
    assert_eq!(room.ended(SECOND).ends().1, Some(LegEnd::HungUp));
    assert_eq!(room.rang(other), 1);
}

#[test]
fn the_agent_hears_that_it_rings_and_sees_the_states_of_both_legs() {
    let mut room = Room::new(stays(), Patient::answers(seconds(20), Talk::silent()));
    room.dial(seconds(1), FIRST);
    room.wait(seconds(2));
    let shown = room.world.snapshot().conversations.remove(0);
    assert_eq!(shown.state, ConversationState::RingingAgent);
    assert_eq!((shown.agent_leg.state, shown.patient_leg), (LegState::Ringing, None));
    room.wait(seconds(10));
    let shown = room.world.snapshot().conversations.remove(0);
    let patient = shown.patient_leg.map(|leg| leg.state);
    assert_eq!(
        (shown.state, patient),
        (ConversationState::CallingPatient, Some(LegState::Ringing))
    );
    assert_eq!(room.heard(OF_LI), ["short", "ringback"]);
    room.wait(seconds(20));
    let shown = room.world.snapshot().conversations.remove(0);
    let patient = shown.patient_leg.map(|leg| leg.state);
    assert_eq!(
        (shown.state, patient),
        (ConversationState::Talking, Some(LegState::Talking))
    );
    room.hang_up(seconds(1));
    room.wait(seconds(60));
    room.ended(FIRST);
}

/// A patient of the night, due at once; the campaign runs from `after` on.
fn night(room: &mut Room, house: &House, after: std::time::Duration) {
    add(&mut room.world, OF_THE_NIGHT, Patient::answers(seconds(3), willing()));
    room.world.order(after, house.start(questionnaire()));
}

const OF_THE_NIGHT: &str = "13800000002";

#[test]
fn a_line_that_an_agent_holds_is_not_the_nights() {
    let house = House {
        trunks: 3,
        lines: 1,
        ..House::default()
    };
    let mut room = Room::with(&house, stays(), leaves_after(seconds(40)));
    room.dial(seconds(1), FIRST);
    night(&mut room, &house, seconds(6));
    room.wait(seconds(240));
    // The house's invariants hold: never two calls on the one line.
    assert_eq!(room.ended(FIRST).ends().1, Some(LegEnd::HungUp));
    assert_eq!(
        room.world.ledger().history(OF_THE_NIGHT),
        [Some(Disposition::Completed)]
    );
}

#[test]
fn an_agent_gets_no_line_that_the_night_holds() {
    let house = House {
        trunks: 3,
        lines: 1,
        ..House::default()
    };
    let mut room = Room::with(&house, stays(), stays());
    night(&mut room, &house, millis(10));
    room.dial(seconds(8), FIRST);
    room.wait(seconds(240));
    room.ended(FIRST);
    assert_eq!(room.shown(FIRST).refusal, Some(Refusal::NoLine));
    assert_eq!(room.rang(PATIENT), 0);
    assert_eq!(room.presence(LI), Presence::Ready);
}

#[test]
fn a_number_that_the_night_is_calling_is_not_called_by_an_agent() {
    let house = House {
        trunks: 3,
        ..House::default()
    };
    let mut room = Room::with(&house, stays(), Patient::answers(seconds(3), willing()));
    let due = room.world.wall();
    room.world.ledger().add_case(CAMPAIGN, number(PATIENT), due);
    room.world.order(millis(10), house.start(questionnaire()));
    room.dial(seconds(8), FIRST);
    room.wait(seconds(240));
    room.ended(FIRST);
    let refusal = room.shown(FIRST).refusal;
    assert!(
        matches!(&refusal, Some(Refusal::Check { why, .. }) if why == "number_locked"),
        "{refusal:?}"
    );
    assert_eq!(room.rang(PATIENT), 1);
}
