//! Two baresips that talk: what each hears is what the other says, the recording has both, and keys of both are kept.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::rig::baresip::Phone;
use crate::rig::speech;
use crate::rig::wav;

use super::book;
use super::endings::beside;
use super::patients::Patient;
use super::patients::Saw;
use super::phone::PATIENCE;
use super::room::Room;
use super::scene::{Desk, Rings, Scene, Turn};
use super::seen::Peer;
use super::sound::{is_mostly, share};

const NUMBER: &str = "13912340001";
const KEYS: &str = "17";

#[test]
fn each_hears_the_other_and_the_recording_has_both_with_their_keys() {
    let scene = Scene {
        name: "two voices, keys of both",
        rings: Rings::Answered,
        patient: Patient::Stays,
        turn: Turn::Nothing,
        expected: "agent other_ended, patient hung_up, unknown",
    };
    let voice = speech::voice(77, 60, 60);
    let mut patient = None;
    let mut room = Room::open_for_phones("voices", &[NUMBER.to_owned()], |folder| {
        let phone = Phone::start(folder, &[Phone::direct_account(NUMBER)], &voice);
        let port = phone.port();
        patient = Some(phone);
        port
    });
    let mut patient = patient.expect("the room has asked for it");
    let mut agent = room.agent(1);
    let mut desk = Desk::dial(&mut agent, room.case(NUMBER));
    desk.agent.phone.rings();
    desk.agent.phone.answers();
    let (incoming, rang) = patient.wait_for(0, "CALL_INCOMING", PATIENCE);
    patient.tell("accept", "");
    let (_, talks) = patient.wait_for(rang, "CALL_ESTABLISHED", PATIENCE);
    desk.until(&["talking"], PATIENCE);
    desk.talk(Duration::from_secs(4));
    patient.press(talks, KEYS, Duration::from_millis(800));
    desk.agent.phone.presses('5');
    desk.talk(Duration::from_secs(4));
    patient.tell("hangup", "");
    let mut played = desk.end(NUMBER);
    room.stop();
    let of_patient = patient.finish();
    let of_agent = agent.phone.finish();
    let voice = wav::channel(&of_patient.first().expect("it recorded its call").1, 0);
    let agents_voice = wav::channel(&of_agent.1, 0);
    for (who, (heard, _), said) in [
        ("agent", &of_agent, &voice),
        ("patient", of_patient.first().unwrap(), &agents_voice),
    ] {
        let (own, all) = share(&wav::channel(heard, 0), said);
        if all < 16 || !is_mostly(own, all) {
            played
                .faults
                .push(format!("the {who} hears the other in {own} of {all} parts"));
        }
    }
    let saw = Saw {
        peer: Peer::HungUp,
        call_id: incoming["id"].as_str().unwrap_or_default().to_owned(),
        faults: Vec::new(),
        late: Vec::new(),
    };
    let patients = BTreeMap::from([(NUMBER.to_owned(), vec![saw])]);
    let mut seen = beside(&room, vec![(&scene, played)], &patients);
    for call in &mut seen {
        if call.record.keys != KEYS {
            call.faults.push(format!(
                "the patient pressed {KEYS}, the record has {:?}",
                call.record.keys
            ));
        }
        if call.record.agent_keys != "5" {
            call.faults.push(format!(
                "the agent pressed 5, the record has {:?}",
                call.record.agent_keys
            ));
        }
        let left = recording(&room, NUMBER).map(|path| share(&wav::channel(&path, 0), &voice));
        if left.is_none_or(|(own, all)| all < 16 || !is_mostly(own, all)) {
            call.faults
                .push(format!("the patient's voice on the left: {left:?} parts"));
        }
    }
    book::keep(seen);
}

fn recording(room: &Room, number: &str) -> Option<PathBuf> {
    let found = super::record::read(&room.site)
        .into_iter()
        .find(|(own, ..)| own == number)?;
    Some(room.site.data(&found.2?.0))
}
