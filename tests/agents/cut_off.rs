//! One side's telephone or network dies: before the call, or in the middle of it.

use std::time::Duration;

use crate::rig::network;

use super::book;
use super::endings::judged;
use super::patients::Patient;
use super::room::Room;
use super::scene::{Desk, Rings, Scene, Turn};
use super::seen::Peer;

/// So long they talk before it happens.
const TALK: Duration = Duration::from_millis(3000);

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Death {
    /// The network of the agent's phone is cut in mid-call.
    PhoneCut,
    /// The agent's phone is killed in mid-call.
    PhoneKilled,
    /// The agent's phone was killed before the call, and counts as registered still.
    PhoneDeadBefore,
    /// The agent's phone took its leave.
    PhoneGone,
    /// The patients' network is cut in mid-call.
    PatientsCut,
}

fn play(room: &'static str, name: &'static str, death: Death, expected: &'static str) {
    let rings = match death {
        Death::PhoneCut | Death::PhoneKilled | Death::PatientsCut => Rings::Answered,
        Death::PhoneDeadBefore | Death::PhoneGone => Rings::Nowhere,
    };
    let scene = Scene {
        name,
        rings,
        patient: Patient::Stays,
        turn: Turn::Nothing,
        expected,
    };
    let number = Patient::Stays.number(1);
    let mut room = Room::open(room, std::slice::from_ref(&number), &[]);
    let mut agent = room.agent(1);
    match death {
        Death::PhoneDeadBefore => agent.phone.dies(),
        Death::PhoneGone => agent.phone.leaves(),
        Death::PhoneCut | Death::PhoneKilled | Death::PatientsCut => {}
    }
    let mut desk = Desk::dial(&mut agent, room.case(&number));
    if rings == Rings::Answered {
        desk.agent.phone.rings();
        desk.agent.phone.answers();
        desk.until(&["talking", "ended"], Duration::from_secs(30));
        desk.talk(TALK);
    }
    match death {
        Death::PhoneCut => desk.agent.phone.is_cut_off(),
        Death::PhoneKilled => desk.agent.phone.dies(),
        Death::PatientsCut => {
            room.cut_patients_off();
        }
        Death::PhoneDeadBefore | Death::PhoneGone => {}
    }
    let played = desk.end(&number);
    if death == Death::PatientsCut {
        network::mend("patients");
    }
    let mut seen = judged(&mut room, vec![(&scene, played)]);
    if death == Death::PatientsCut {
        for call in &mut seen {
            // What the far end missed is no fault of ours.
            call.patient = Peer::CutOff;
            call.faults.retain(|fault| !fault.starts_with("far end: "));
            call.judge();
        }
    }
    book::keep(seen);
}

#[test]
fn the_network_of_the_agents_phone_is_cut_in_mid_call() {
    let expected = "agent gone, patient other_ended, interrupted";
    play("phone-cut", "the agent's network is cut", Death::PhoneCut, expected);
}

#[test]
fn the_agents_phone_is_killed_in_mid_call() {
    let expected = "agent gone, patient other_ended, interrupted";
    play(
        "phone-killed",
        "the agent's phone is killed",
        Death::PhoneKilled,
        expected,
    );
}

#[test]
fn the_agents_phone_is_dead_before_the_call() {
    let expected = "agent unreachable, patient -, -";
    play(
        "phone-dead",
        "the agent's phone is dead before the call",
        Death::PhoneDeadBefore,
        expected,
    );
}

#[test]
fn the_agents_phone_is_not_registered() {
    let expected = "agent unreachable, patient -, -";
    play(
        "phone-gone",
        "the agent's phone is not registered",
        Death::PhoneGone,
        expected,
    );
}

#[test]
fn the_network_of_the_patient_is_cut_in_mid_call() {
    let expected = "agent other_ended, patient gone, interrupted";
    play(
        "patients-cut",
        "the patient's network is cut",
        Death::PatientsCut,
        expected,
    );
}
