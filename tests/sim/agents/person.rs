//! From machine to person: a patient presses the key for a person during the nightly run.

use std::time::Duration;

use aftercall::agents::{Order as Ask, PHONE_FAILED, Presence};
use aftercall::control::{ConversationState, Order, ShutDown};
use aftercall::dialer::{Finish, HowStop, LegEnd, Noteworthy};
use aftercall::dialplan::Answer;
use aftercall::ids::{CaseId, ConversationId};
use aftercall::night::{Patient, Talk};
use aftercall::outcome::{Came, Disposition, Wish};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::room::*;
use crate::house::{CAMPAIGN, House, add, millis, seconds};

const ANOTHER_PATIENT: &str = "13800000002";
const A_THIRD: &str = "13800000003";

/// The conversations of those who waited are numbered by their attempts.
const OF_THE_FIRST: ConversationId = ConversationId(10_001);
const OF_THE_SECOND: ConversationId = ConversationId(10_002);

/// Chooses the second of the times.
fn chooses_tomorrow() -> Talk {
    asks_for_a_person().at("person-call-back", "2", seconds(4))
}

/// One attempt for each case, unless the patient says when.
fn once() -> House {
    let house = House::default();
    House {
        trunks: 3,
        retry: house.retry.clone().with_budget(1),
        ..house
    }
}

/// As often as three times.
fn often() -> House {
    House {
        trunks: 3,
        ..House::default()
    }
}

/// How the only attempt at a patient ended.
fn end_of(room: &mut Room, patient: &str) -> Finish {
    let ledger = room.world.ledger();
    let mut of_patient = ledger.attempts().values().filter(|row| row.number == number(patient));
    let row = of_patient.next().expect("an attempt").clone();
    assert!(of_patient.next().is_none(), "one attempt at {patient}");
    row.ended.expect("its end")
}

fn wish_of(room: &mut Room, patient: &str) -> Wish {
    end_of(room, patient).facts.wish.expect("a wish")
}

/// How often the patient heard this.
fn times(room: &mut Room, patient: &str, prompt: &str) -> usize {
    room.heard(patient).iter().filter(|heard| *heard == prompt).count()
}

#[test]
fn a_free_agent_has_the_answers_on_the_screen_and_takes_the_patient() {
    let mut room = Room::by_night(&once());
    room.world.trunk().connect(OF_LI, stays());
    room.sits_down(LI, OF_LI);
    let talk = asks_for_a_person().leaves_during("bridged", seconds(30));
    add(&mut room.world, PATIENT, answers(talk));
    room.wait(seconds(120));
    let ended = room.ended(OF_THE_FIRST);
    let to_say = Some(Disposition::Unknown);
    assert_eq!(ended.ends(), (Some(LegEnd::OtherEnded), Some(LegEnd::HungUp), to_say));
    let finish = end_of(&mut room, PATIENT);
    assert_eq!(finish.rule, "answered-agent-to-say");
    assert_eq!(finish.facts.agent.expect("an agent").agent, LI);
    let wish = finish.facts.wish.expect("a wish");
    assert_eq!(wish.came, Came::Agent);
    assert!((3_000..4_000).contains(&wish.waited_ms), "as long as it rang: {wish:?}");
    let heard = room.heard(PATIENT);
    let tail: Vec<&str> = heard.iter().rev().take(2).rev().map(String::as_str).collect();
    assert_eq!(tail, ["person-connecting", "bridged"]);
    let ledger = room.world.ledger().clone();
    let row = ledger.attempts().values().next().expect("one attempt");
    assert_eq!(
        row.answers.get("recovery"),
        Some(&Answer::Value(1)),
        "what the machine heard is kept"
    );
    assert_eq!(row.keys, "1110");
    let notes = ledger.conversation(OF_THE_FIRST);
    assert!(matches!(notes[0].what, Noteworthy::PatientWaits { .. }), "{notes:#?}");
    assert_eq!(room.shown(OF_THE_FIRST).keys, "1110");
    assert_eq!(room.presence(LI), Presence::WrappingUp);
}

#[test]
fn at_night_with_nobody_at_a_desk_the_call_back_is_offered_at_once() {
    let mut room = Room::by_night(&often());
    add(&mut room.world, PATIENT, answers(chooses_tomorrow()));
    room.wait(seconds(200));
    room.is_clean();
    let finish = end_of(&mut room, PATIENT);
    assert_eq!(finish.disposition, Disposition::Appointment);
    let wish = finish.facts.wish.expect("a wish");
    assert_eq!((wish.came, wish.waited_ms), (Came::Nobody, 0));
    let tomorrow_at_ten = crate::house::MONDAY_TEN + seconds(24 * 3600);
    assert_eq!(finish.facts.appointment, Some(tomorrow_at_ten));
    let heard = room.heard(PATIENT);
    assert_eq!(heard.last().map(String::as_str), Some("goodbye-appointment"));
}

#[test]
fn whoever_says_nothing_to_the_offer_is_called_back_at_the_first_time() {
    let mut room = Room::by_night(&often());
    add(&mut room.world, PATIENT, answers(asks_for_a_person()));
    room.wait(seconds(300));
    room.is_clean();
    let finish = end_of(&mut room, PATIENT);
    let half_past_five = crate::house::MONDAY_TEN + millis(7 * 3_600_000 + 1_800_000);
    assert_eq!(finish.disposition, Disposition::Appointment);
    assert_eq!(finish.facts.appointment, Some(half_past_five));
}

#[test]
fn an_agent_on_a_break_is_not_waited_for() {
    let mut room = Room::by_night(&often());
    room.world.trunk().connect(OF_LI, stays());
    room.sits_down(LI, OF_LI);
    let reason = "meal".to_owned();
    room.ask(seconds(1), Ask::Pause { agent: LI, reason });
    add(&mut room.world, PATIENT, answers(chooses_tomorrow()));
    room.wait(seconds(200));
    assert_eq!(wish_of(&mut room, PATIENT).waited_ms, 0);
    assert_eq!(room.rang(OF_LI), 0);
}

#[test]
fn an_agent_who_does_not_answer_is_followed_by_the_next() {
    let mut room = Room::by_night(&once());
    room.world.trunk().connect(OF_LI, Patient::rings_forever());
    room.world.trunk().connect(OF_WANG, stays());
    room.sits_down(LI, OF_LI);
    room.sits_down(WANG, OF_WANG);
    let talk = asks_for_a_person().leaves_during("bridged", seconds(20));
    add(&mut room.world, PATIENT, answers(talk));
    room.wait(seconds(200));
    let ended = room.ended(OF_THE_FIRST);
    assert_eq!(ended.ends().1, Some(LegEnd::HungUp));
    assert_eq!((room.rang(OF_LI), room.rang(OF_WANG)), (1, 1));
    assert_eq!(end_of(&mut room, PATIENT).facts.agent.expect("an agent").agent, WANG);
    let failed = PHONE_FAILED.to_owned();
    assert_eq!(room.presence(LI), Presence::Paused { reason: failed });
    // Twenty seconds of ringing are longer than fifteen without a word.
    assert_eq!(times(&mut room, PATIENT, "person-waiting"), 1);
}

#[test]
fn when_no_phone_answers_the_patient_chooses_a_time() {
    let mut room = Room::by_night(&often());
    room.world.trunk().connect(OF_LI, Patient::is_busy());
    room.world
        .trunk()
        .connect(OF_WANG, Patient::refuses(seconds(4), 603, None));
    room.sits_down(LI, OF_LI);
    room.sits_down(WANG, OF_WANG);
    add(&mut room.world, PATIENT, answers(chooses_tomorrow()));
    room.wait(seconds(300));
    let ended = room.ended(OF_THE_FIRST);
    let appointment = Some(Disposition::Appointment);
    assert_eq!(ended.disposition, appointment);
    assert_eq!(room.history(), [appointment], "one attempt, one disposition");
    assert_eq!(wish_of(&mut room, PATIENT).came, Came::Nobody);
    let notes = room.world.ledger().conversation(OF_THE_FIRST).to_vec();
    let offers = notes
        .iter()
        .filter(|note| matches!(note.what, Noteworthy::CallBackOffered));
    assert_eq!(offers.count(), 1);
}

#[test]
fn a_patient_who_hangs_up_while_the_phone_rings_frees_the_agent() {
    let mut room = Room::by_night(&once());
    room.world.trunk().connect(OF_LI, Patient::rings_forever());
    room.sits_down(LI, OF_LI);
    let talk = asks_for_a_person().leaves_during("person-connecting", seconds(5));
    add(&mut room.world, PATIENT, answers(talk));
    room.wait(seconds(200));
    let ended = room.ended(OF_THE_FIRST);
    let partial = Some(Disposition::Partial);
    assert_eq!(ended.ends(), (Some(LegEnd::OtherEnded), Some(LegEnd::HungUp), partial));
    let wish = wish_of(&mut room, PATIENT);
    assert_eq!(wish.came, Came::NotYet);
    assert!((4_900..5_400).contains(&wish.waited_ms), "{wish:?}");
    assert_eq!(
        room.presence(LI),
        Presence::Ready,
        "nobody holds that against the agent"
    );
}

#[test]
fn a_patient_whose_agents_phone_dies_is_offered_a_call_back() {
    let mut room = Room::by_night(&often());
    let dies = answers(Talk::silent().never_heard());
    room.world.trunk().connect(OF_LI, dies);
    room.sits_down(LI, OF_LI);
    add(&mut room.world, PATIENT, answers(chooses_tomorrow()));
    room.wait(seconds(300));
    let ended = room.ended(OF_THE_FIRST);
    assert_eq!(ended.ends().0, Some(LegEnd::Gone));
    assert_eq!(ended.disposition, Some(Disposition::Appointment));
    let heard = room.heard(PATIENT);
    let tail: Vec<&str> = heard.iter().rev().take(4).rev().map(String::as_str).collect();
    assert_eq!(
        tail,
        ["bridged", "agent-lost", "person-call-back", "goodbye-appointment"]
    );
}

#[test]
fn two_patients_who_ask_for_one_agent_get_a_talk_and_a_call_back() {
    let mut room = Room::by_night(&often());
    room.world.trunk().connect(OF_LI, stays());
    room.sits_down(LI, OF_LI);
    for patient in [PATIENT, ANOTHER_PATIENT] {
        let talk = chooses_tomorrow().leaves_during("bridged", seconds(300));
        add(&mut room.world, patient, answers(talk));
    }
    room.wait(seconds(150));
    let first = room.shown(OF_THE_FIRST);
    assert_eq!((first.state, first.agent), (ConversationState::Talking, LI));
    room.wait(seconds(40));
    let finish = end_of(&mut room, ANOTHER_PATIENT);
    assert_eq!(finish.disposition, Disposition::Appointment);
    let wish = finish.facts.wish.expect("a wish");
    assert_eq!(wish.waited_ms, 60_000);
    assert_eq!(times(&mut room, ANOTHER_PATIENT, "person-waiting"), 3);
    let agent = LI;
    let conversation = OF_THE_FIRST;
    room.ask(seconds(1), Ask::HangUp { agent, conversation });
    room.wait(seconds(10));
    room.ended(OF_THE_FIRST);
}

#[test]
fn whoever_would_rather_be_called_back_chooses_it_by_a_key_and_waits_no_longer() {
    let mut room = Room::by_night(&once());
    room.world.trunk().connect(OF_LI, stays());
    room.sits_down(LI, OF_LI);
    let talks = chooses_tomorrow().leaves_during("bridged", seconds(120));
    add(&mut room.world, PATIENT, answers(talks));
    let chooses = chooses_tomorrow().at("person-waiting", "1", seconds(2));
    add(&mut room.world, ANOTHER_PATIENT, answers(chooses));
    room.wait(seconds(250));
    room.ended(OF_THE_FIRST);
    let finish = end_of(&mut room, ANOTHER_PATIENT);
    assert_eq!(finish.disposition, Disposition::Appointment);
    let tomorrow_at_ten = crate::house::MONDAY_TEN + seconds(24 * 3600);
    assert_eq!(finish.facts.appointment, Some(tomorrow_at_ten));
    let wish = finish.facts.wish.expect("a wish");
    assert_eq!(wish.came, Came::CallBack);
    assert!((16_900..17_500).contains(&wish.waited_ms), "{wish:?}");
    assert_eq!(times(&mut room, ANOTHER_PATIENT, "person-waiting"), 1);
    // The key is on record, and was no answer.
    let ledger = room.world.ledger();
    let row = ledger
        .attempts()
        .values()
        .find(|row| row.number == number(ANOTHER_PATIENT));
    assert_eq!(row.map(|row| row.keys.as_str()), Some("111012"));
}

#[test]
fn who_has_waited_longest_gets_the_agent_who_is_free_again() {
    let mut room = Room::by_night(&once());
    room.world.trunk().connect(OF_LI, stays());
    room.sits_down(LI, OF_LI);
    for patient in [PATIENT, ANOTHER_PATIENT, A_THIRD] {
        let talk = chooses_tomorrow().leaves_during("bridged", seconds(15));
        add(&mut room.world, patient, answers(talk));
    }
    for second in 1..200 {
        for conversation in [OF_THE_FIRST, OF_THE_SECOND] {
            room.ask(
                seconds(second),
                Ask::WrapUpDone {
                    agent: LI,
                    conversation,
                },
            );
        }
    }
    room.wait(seconds(260));
    let waits: Vec<Wish> = [PATIENT, ANOTHER_PATIENT, A_THIRD]
        .into_iter()
        .map(|patient| wish_of(&mut room, patient))
        .collect();
    assert!(waits.iter().all(|wish| wish.came == Came::Agent), "{waits:?}");
    assert!(
        waits.is_sorted_by_key(|wish| wish.waited_ms),
        "first come, first served: {waits:?}"
    );
    assert_eq!(room.rang(OF_LI), 3);
}

#[test]
fn a_daemon_that_stops_says_goodbye_to_who_waits() {
    let mut room = Room::by_night(&once());
    room.world.trunk().connect(OF_LI, Patient::rings_forever());
    room.sits_down(LI, OF_LI);
    add(&mut room.world, PATIENT, answers(asks_for_a_person()));
    while times(&mut room, PATIENT, "person-connecting") == 0 {
        room.wait(seconds(1));
    }
    room.wait(seconds(8));
    room.stop(Duration::ZERO, ShutDown::SayGoodbye);
    room.wait(seconds(60));
    let ended = room.ended(OF_THE_FIRST);
    assert_eq!(ended.ends().0, Some(LegEnd::Stopped));
    assert_eq!(ended.disposition, Some(Disposition::Interrupted));
    let heard = room.heard(PATIENT);
    assert_eq!(heard.last().map(String::as_str), Some("goodbye-silent"));
    assert_eq!(room.rang(OF_LI), 1, "nobody else is rung");
}

#[test]
fn a_campaign_that_stops_says_goodbye_to_who_waits_and_no_music_comes_after_it() {
    let mut room = Room::by_night(&once());
    room.world.trunk().connect(OF_LI, Patient::rings_forever());
    room.sits_down(LI, OF_LI);
    add(&mut room.world, PATIENT, answers(asks_for_a_person()));
    while times(&mut room, PATIENT, "person-connecting") == 0 {
        room.wait(millis(100));
    }
    // Just before what is said to those who wait would come again.
    room.wait(millis(14_500));
    let (campaign, how) = (CAMPAIGN, HowStop::Now);
    room.world.order(Duration::ZERO, Order::Stop { campaign, how });
    room.wait(seconds(60));
    let ended = room.ended(OF_THE_FIRST);
    assert_eq!(ended.disposition, Some(Disposition::Interrupted));
    let heard = room.heard(PATIENT);
    assert_eq!(heard.last().map(String::as_str), Some("goodbye-silent"));
}

#[test]
fn a_department_that_answers_while_we_say_goodbye_does_not_get_the_patient() {
    let mut room = Room::by_night(&once());
    room.world.trunk().connect(OF_LI, stays());
    room.world.trunk().connect(DEPARTMENT, stays());
    room.sits_down(LI, OF_LI);
    add(&mut room.world, PATIENT, answers(asks_for_a_person()));
    while times(&mut room, PATIENT, "bridged") == 0 {
        room.wait(seconds(1));
    }
    let transfer = Ask::Transfer {
        agent: LI,
        conversation: OF_THE_FIRST,
        number: number(DEPARTMENT),
    };
    room.ask(seconds(5), transfer);
    let (campaign, how) = (CAMPAIGN, HowStop::Now);
    room.world.order(seconds(7), Order::Stop { campaign, how });
    room.wait(seconds(60));
    room.ended(OF_THE_FIRST);
    let heard = room.heard(PATIENT);
    assert_eq!(heard.last().map(String::as_str), Some("goodbye-silent"));
}

#[test]
fn an_agent_who_declines_on_the_screen_does_not_send_the_patient_away() {
    let mut room = Room::by_night(&often());
    room.world.trunk().connect(OF_LI, Patient::rings_forever());
    room.sits_down(LI, OF_LI);
    add(&mut room.world, PATIENT, answers(chooses_tomorrow()));
    while times(&mut room, PATIENT, "person-connecting") == 0 {
        room.wait(seconds(1));
    }
    let (agent, conversation) = (LI, OF_THE_FIRST);
    room.ask(seconds(3), Ask::HangUp { agent, conversation });
    room.wait(seconds(120));
    let ended = room.ended(OF_THE_FIRST);
    assert_eq!(ended.disposition, Some(Disposition::Appointment));
    assert_eq!(room.presence(LI), Presence::Ready);
}

/// A night by chance: some want a person, agents come and go, phones fail.
fn a_night(seed: u64) {
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let mut below = |most: u64| chance.next_u64() % most;
    let house = House { seed, ..once() };
    let mut room = Room::by_night(&house);
    room.world.network().lost_per_mille = u32::try_from(below(40)).expect("a share");
    for (agent, phone) in [(LI, OF_LI), (WANG, OF_WANG)] {
        let ring = millis(below(12_000));
        let somebody = match below(7) {
            0 => Patient::is_busy(),
            1 => Patient::rings_forever(),
            2 => Patient::refuses(millis(below(9_000)), 603, None),
            3 => Patient::answers(ring, Talk::silent().never_heard()),
            _ => Patient::answers(ring, Talk::silent().leaves_during("bridged", millis(below(60_000)))),
        };
        room.world.trunk().connect(phone, somebody);
        if below(4) > 0 {
            room.sits_down(agent, phone);
        }
    }
    let patients = 2 + below(5);
    for one in 0..patients {
        let talk = match below(5) {
            0 => asks_for_a_person().leaves_during("person-connecting", millis(below(40_000))),
            1 => asks_for_a_person().leaves_during("person-call-back", millis(below(20_000))),
            2 => asks_for_a_person().leaves_during("bridged", millis(below(50_000))),
            3 => chooses_tomorrow().never_heard(),
            _ => chooses_tomorrow().leaves_during("bridged", millis(below(50_000))),
        };
        add(&mut room.world, &format!("1380000000{one}"), answers(talk));
    }
    for _ in 0..below(8) {
        let agent = if below(2) == 0 { LI } else { WANG };
        let conversation = ConversationId(10_001 + i64::try_from(below(patients)).expect("a few"));
        let order = match below(6) {
            0 => Ask::HangUp { agent, conversation },
            1 => Ask::Hold { agent, conversation },
            2 => Ask::SignOut { agent },
            3 => Ask::Ready { agent },
            _ => Ask::WrapUpDone { agent, conversation },
        };
        room.ask(millis(below(200_000)), order);
    }
    if below(4) == 0 {
        let how = if below(2) == 0 {
            ShutDown::Drain
        } else {
            ShutDown::SayGoodbye
        };
        room.stop(millis(below(120_000)), how);
    }
    for agent in [LI, WANG] {
        for attempt in 0..6 {
            let conversation = ConversationId(10_001 + attempt);
            room.ask(seconds(400), Ask::HangUp { agent, conversation });
        }
    }
    room.wait(seconds(700));
    room.is_clean();
    let ledger = room.world.ledger().clone();
    for row in ledger.attempts().values() {
        let finish = row.ended.as_ref().expect("its end");
        let Some(wish) = finish.facts.wish else { continue };
        // Longer than a patient may wait, and then an agent's phone that was ringing in the last moment.
        assert!(wish.waited_ms <= 61_000, "seed {seed}: {wish:?}");
        let is_promised = finish.facts.appointment.is_some();
        let has_left = finish.facts.ended_by != Some(aftercall::outcome::EndedBy::Us);
        let talked = finish.facts.agent.is_some();
        let sent_away = finish.facts.our_reason != Some(aftercall::outcome::OurReason::Finished);
        assert!(
            talked || is_promised || has_left || sent_away,
            "seed {seed}: nobody is lost: {:#?}",
            finish.facts
        );
    }
}

#[test]
fn whatever_happens_nobody_who_asks_for_a_person_is_lost() {
    for seed in 0..150 {
        a_night(seed);
    }
}

#[test]
fn who_asks_for_a_person_gets_one_who_may_have_the_case() {
    for (language, by) in [("language:温州话", Some(LI)), ("language:闽南语", None)] {
        let mut room = Room::by_night(&once());
        room.world.trunk().connect(OF_LI, stays());
        room.world.trunk().connect(OF_WANG, stays());
        // Wang has been ready for longer.
        room.sits_down_with(WANG, OF_WANG, &["department:骨科", "language:温州话"]);
        room.wait(millis(10));
        room.sits_down_with(LI, OF_LI, &["campaign:july", "language:温州话"]);
        let talk = chooses_tomorrow().leaves_during("bridged", seconds(30));
        add(&mut room.world, PATIENT, answers(talk));
        let wanted = ["campaign:july", "department:心内科", language];
        room.world.ledger().set_skills(CaseId(1), &wanted);
        room.wait(seconds(180));
        let finish = end_of(&mut room, PATIENT);
        assert_eq!(finish.facts.agent.map(|by| by.agent), by, "{language}");
        assert_eq!(room.rang(OF_WANG), 0, "{language}");
    }
}
