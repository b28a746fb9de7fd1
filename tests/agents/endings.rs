//! Every way in which a click to dial ends, several agents at once.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use super::book;
use super::patients::{Patient, Saw};
use super::record;
use super::room::Room;
use super::scene::{Played, Rings, Scene, Turn};
use super::seen::{Peer, Record, Seen};

/// Agents who work beside each other.
const AGENTS: usize = 6;

const fn ends(name: &'static str, rings: Rings, patient: Patient, turn: Turn, expected: &'static str) -> Scene {
    Scene {
        name,
        rings,
        patient,
        turn,
        expected,
    }
}

const TO_SAY: &str = "agent hung_up, patient other_ended, unknown";

/// Each with how often it is played.
const SCENES: &[(usize, Scene)] = &[
    (
        3,
        ends(
            "the agent's phone rings on",
            Rings::On,
            Patient::Stays,
            Turn::Nothing,
            "agent no_answer, patient -, -",
        ),
    ),
    (
        4,
        ends(
            "the patient rings on",
            Rings::Answered,
            Patient::RingsOn,
            Turn::Nothing,
            "agent other_ended, patient no_answer 487, no_answer",
        ),
    ),
    (
        2,
        ends(
            "the patient falls silent",
            Rings::Answered,
            Patient::FallsSilent,
            Turn::Nothing,
            "agent other_ended, patient gone, interrupted",
        ),
    ),
    (
        4,
        ends(
            "the patient hangs up",
            Rings::Answered,
            Patient::HangsUp,
            Turn::Nothing,
            "agent other_ended, patient hung_up, unknown",
        ),
    ),
    (
        1,
        ends(
            "the patient hangs up at once",
            Rings::Answered,
            Patient::HangsUpAtOnce,
            Turn::Nothing,
            "agent other_ended, patient hung_up, unknown",
        ),
    ),
    (
        4,
        ends(
            "the agent puts the handset down",
            Rings::Answered,
            Patient::Stays,
            Turn::PhoneDown("talking"),
            TO_SAY,
        ),
    ),
    (
        2,
        ends(
            "a patient with PCMU",
            Rings::Answered,
            Patient::SpeaksMuLaw,
            Turn::PhoneDown("talking"),
            TO_SAY,
        ),
    ),
    (
        2,
        ends(
            "an announcement before the answer",
            Rings::Answered,
            Patient::SoundsFirst,
            Turn::PhoneDown("talking"),
            TO_SAY,
        ),
    ),
    (
        3,
        ends(
            "the agent clicks on hang-up",
            Rings::Answered,
            Patient::Stays,
            Turn::Click("talking"),
            "agent ordered, patient other_ended, unknown",
        ),
    ),
    (
        1,
        ends("on hold and back", Rings::Answered, Patient::Stays, Turn::Hold, TO_SAY),
    ),
    (
        1,
        ends(
            "the recording pauses",
            Rings::Answered,
            Patient::Stays,
            Turn::Pause,
            TO_SAY,
        ),
    ),
    (
        2,
        ends(
            "a doubled click in two tabs",
            Rings::Answered,
            Patient::Stays,
            Turn::TwoTabs,
            "agent ordered, patient other_ended, unknown",
        ),
    ),
    (
        4,
        ends(
            "the patient is busy",
            Rings::Answered,
            Patient::Busy,
            Turn::Nothing,
            "agent other_ended, patient busy 486/17, busy",
        ),
    ),
    (
        4,
        ends(
            "the patient's phone is off",
            Rings::Answered,
            Patient::SwitchedOff,
            Turn::Nothing,
            "agent other_ended, patient unreachable 480/20, power_off",
        ),
    ),
    (
        2,
        ends(
            "the patient declines",
            Rings::Answered,
            Patient::Declines,
            Turn::Nothing,
            "agent other_ended, patient declined 603, rejected",
        ),
    ),
    (
        1,
        ends(
            "the patient declines while it rings",
            Rings::Answered,
            Patient::DeclinesRinging,
            Turn::Nothing,
            "agent other_ended, patient busy 486, busy",
        ),
    ),
    (
        2,
        ends(
            "no such number",
            Rings::Answered,
            Patient::Vacant,
            Turn::Nothing,
            "agent other_ended, patient unreachable 404/1, vacant",
        ),
    ),
    (
        1,
        ends(
            "the exchange is full",
            Rings::Answered,
            Patient::ExchangeFull,
            Turn::Nothing,
            "agent other_ended, patient refused 503, network_busy",
        ),
    ),
    (
        4,
        ends(
            "the agent's phone is busy",
            Rings::Refused,
            Patient::Stays,
            Turn::Nothing,
            "agent busy 486, patient -, -",
        ),
    ),
    (
        2,
        ends(
            "a click while the agent's phone rings",
            Rings::On,
            Patient::Stays,
            Turn::Click("ringing_agent"),
            "agent ordered, patient -, -",
        ),
    ),
    (
        2,
        ends(
            "a click while the patient rings",
            Rings::Answered,
            Patient::RingsOn,
            Turn::Click("calling_patient"),
            "agent ordered, patient other_ended 487, cancelled",
        ),
    ),
    (
        2,
        ends(
            "the handset while the patient rings",
            Rings::Answered,
            Patient::RingsOn,
            Turn::PhoneDown("calling_patient"),
            "agent hung_up, patient other_ended 487, cancelled",
        ),
    ),
    (
        2,
        ends(
            LISTED,
            Rings::Answered,
            Patient::Stays,
            Turn::Nothing,
            "agent other_ended, patient -, do_not_call",
        ),
    ),
];

const LISTED: &str = "refused: the number is on the do-not-call list";

/// The scenes with a number for each, in their order.
fn cast() -> Vec<(&'static Scene, String)> {
    let mut next: BTreeMap<Patient, usize> = BTreeMap::new();
    let mut cast = Vec::new();
    for (times, scene) in SCENES {
        for _ in 0..*times {
            let nth = next.entry(scene.patient).or_default();
            *nth += 1;
            cast.push((scene, scene.patient.number(*nth)));
        }
    }
    cast
}

#[test]
fn peers_record_and_screen_agree_on_every_ending() {
    let cast = cast();
    let numbers: Vec<String> = cast.iter().map(|(_, number)| number.clone()).collect();
    let listed: Vec<String> = cast
        .iter()
        .filter(|(scene, _)| scene.name == LISTED)
        .map(|(_, number)| number.clone())
        .collect();
    let mut room = Room::open("endings", &numbers, &listed);
    let agents: Vec<_> = (1..=AGENTS).map(|nth| room.agent(nth)).collect();
    let (left, played) = (Mutex::new(cast.iter()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for mut agent in agents {
            let (room, left, played) = (&room, &left, &played);
            scope.spawn(move || {
                loop {
                    let next = left.lock().unwrap().next();
                    let Some((scene, number)) = next else { return };
                    let one = scene.play(room, &mut agent, number);
                    played.lock().unwrap().push((*scene, one));
                }
            });
        }
    });
    book::keep(judged(&mut room, played.into_inner().unwrap()));
}

#[test]
fn an_agent_who_declines_lets_no_patient_be_called() {
    let scene = ends(
        "the agent declines",
        Rings::Refused,
        Patient::Stays,
        Turn::Nothing,
        "agent declined 603, patient -, -",
    );
    let numbers = [1, 2].map(|nth| Patient::Stays.number(nth));
    let mut room = Room::open("declines", &numbers, &[]);
    let mut agent = room.declining_agent(1);
    let played = numbers
        .iter()
        .map(|number| (&scene, scene.play(&room, &mut agent, number)));
    let played = played.collect();
    book::keep(judged(&mut room, played));
}

/// What was played at a far end, beside what its patients and the record have of it.
pub(crate) fn judged(room: &mut Room, played: Vec<(&Scene, Played)>) -> Vec<Seen> {
    let was_called = |(_, one): &&(&Scene, Played)| one.screen.patient.is_some();
    let called: Vec<&String> = played.iter().filter(was_called).map(|(_, one)| &one.number).collect();
    room.settle(&called, Duration::from_secs(40));
    let patients = room.close();
    beside(room, played, &patients)
}

/// What was played, beside what these patients and the record have of it.
pub(crate) fn beside(room: &Room, played: Vec<(&Scene, Played)>, patients: &BTreeMap<String, Vec<Saw>>) -> Vec<Seen> {
    let records = record::read(&room.site);
    let mut seen = Vec::new();
    for (scene, one) in played {
        let mut own = records.iter().filter(|(number, ..)| *number == one.number);
        let found = own
            .next()
            .map(|(_, record, recording)| (record.clone(), recording.clone()));
        let (mut record, recording) = found.unwrap_or_default();
        record::listen(&room.site, &mut record, recording.as_ref(), one.said.as_deref());
        let mut faults = one.faults;
        if own.next().is_some() {
            faults.push("two conversations of one click".to_owned());
        }
        let calls = patients.get(&one.number).map_or(&[][..], Vec::as_slice);
        if calls.len() > 1 {
            faults.push(format!("the patient was called {} times", calls.len()));
        }
        for call in calls {
            faults.extend(call.faults.iter().cloned());
            if call.call_id != record.patient_call_id {
                let Record { patient_call_id, .. } = &record;
                faults.push(format!(
                    "the patient's Call-ID {}, record {patient_call_id:?}",
                    call.call_id
                ));
            }
        }
        if record.account != one.account {
            faults.push(format!("record: agent {:?}, not {:?}", record.account, one.account));
        }
        // A phone that cannot be reached knows no Call-ID.
        let rang = !one.call_ids.is_empty() || matches!(one.phone, Peer::Cancelled | Peer::WasHungUp);
        if rang && record.agent_call_ids != one.call_ids {
            let Record { agent_call_ids, .. } = &record;
            faults.push(format!(
                "Call-IDs of the phone: record {agent_call_ids:?}, phone {:?}",
                one.call_ids
            ));
        }
        let mut call = Seen {
            room: room.name.to_owned(),
            scene: scene.name.to_owned(),
            number: one.number,
            expected: scene.expected.to_owned(),
            got: Seen::outcome(&record),
            phone: one.phone,
            patient: calls.first().map_or(Peer::NotCalled, |call| call.peer),
            record,
            screen: one.screen,
            faults,
            late: calls.iter().flat_map(|call| call.late.clone()).collect(),
            differences: Vec::new(),
        };
        call.judge();
        seen.push(call);
    }
    seen
}
