//! Single calls to SIPp patients: every way a call can end, and what went over the wire meanwhile.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::rig::capture::Capture;
use crate::rig::daemon::{Site, Trunk};
use crate::rig::folder::Folder;
use crate::rig::pcap::Press;
use crate::rig::sipp::{Behaviour, End, Script, Sipp, voice};
use crate::rig::speech::RATE;
use crate::rig::wav;

const CALL: Duration = Duration::from_secs(60);

fn call(site: &Site, number: &str) -> Value {
    let said = site.command(&["call", number, "--dialplan", "questionnaire.toml", "--json"], CALL);
    said.json()["ended"].clone()
}

#[test]
fn a_call_ends_as_the_patient_ends_it() {
    let folder = Folder::new("a_call_ends");
    let answers = |talk_ms, script| Behaviour::Answers {
        ring_ms: 500,
        talk_ms,
        script,
    };
    let patients = BTreeMap::from([
        ("19900000001".to_owned(), answers(None, 0)),
        ("19900000002".to_owned(), answers(Some(6000), 1)),
        ("19900000003".to_owned(), answers(Some(1500), 2)),
        ("19900000004".to_owned(), Behaviour::Busy),
        ("19900000005".to_owned(), Behaviour::Absent { tone_ms: 1500 }),
    ]);
    let scripts = [
        Script::of(&[Press::new('1', 4000), Press::new('7', 6000), Press::new('2', 8000)]),
        Script::of(&[Press::new('4', 4000)]),
        Script::of(&[]),
    ];
    let sipp = Sipp::start(&folder.inside("sipp"), &patients, &scripts);
    let trunk = Trunk {
        name: "sipp",
        port: sipp.port(),
        lines: 5,
        pace: 5.0,
        account: None,
        more: "",
    };
    let site = Site::new(&folder.inside("site"), &[trunk]);
    let expected = [
        ("19900000001", "completed", End::Ended),
        ("19900000002", "partial", End::HungUp),
        ("19900000003", "early_hangup", End::HungUp),
        ("19900000004", "busy", End::Refused(486)),
        ("19900000005", "power_off", End::Refused(480)),
        ("19900000009", "vacant", End::Refused(404)),
    ];
    for (number, disposition, _) in expected {
        let ended = call(&site, number);
        assert_eq!(ended["disposition"], disposition, "{number}: {ended}");
    }
    let seen: Vec<(String, End)> = sipp.finish().into_iter().map(|call| (call.number, call.end)).collect();
    assert_eq!(seen, expected.map(|(number, _, end)| (number.to_owned(), end)));
}

#[test]
fn packets_leave_in_even_pace_and_the_patients_voice_is_recorded() {
    let folder = Folder::new("packets_leave");
    let patients = BTreeMap::from([(
        "19900000001".to_owned(),
        Behaviour::Answers {
            ring_ms: 250,
            talk_ms: None,
            script: 0,
        },
    )]);
    let script = Script::of(&[Press::new('1', 4000), Press::new('7', 6000), Press::new('2', 8000)]);
    let sipp = Sipp::start(&folder.inside("sipp"), &patients, &[script]);
    let trunk = Trunk {
        name: "sipp",
        port: sipp.port(),
        lines: 1,
        pace: 1.0,
        account: None,
        more: "",
    };
    let site = Site::new(&folder.inside("site"), &[trunk]);
    let capture = Capture::start(folder.path());
    let ended = call(&site, "19900000001");
    let captured = capture.finish();
    assert_eq!(ended["disposition"], "completed");

    let streams = captured.streams();
    let patient = streams
        .iter()
        .find(|stream| captured.digits(stream.from) == "172")
        .expect("the patient's stream");
    let ours = streams
        .iter()
        .find(|stream| stream.from == patient.to)
        .expect("our stream");
    assert!(
        ours.packets > 400 && ours.lost == 0 && ours.payload == "g711A",
        "{streams:?}"
    );
    assert!(ours.max_gap_ms < 60.0, "{streams:?}");

    let recording = site.data(ended["recording"].as_str().unwrap_or_default());
    // No voice goes over the wire while a key is held.
    let said = voice(0, 30);
    wav::assert_same_voice(&said[..4 * RATE], &wav::channel(&recording, 0), 0, "left, the patient");
    drop(sipp);
}
