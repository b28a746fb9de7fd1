//! A single call to a SIPp patient: what went over the wire, and what was recorded of it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::rig::capture::Capture;
use crate::rig::daemon::{Site, Trunk};
use crate::rig::folder::Folder;
use crate::rig::pcap::Press;
use crate::rig::sipp::{Behaviour, Script, Sipp, voice};
use crate::rig::speech::RATE;
use crate::rig::wav;

const CALL: Duration = Duration::from_secs(60);

fn call(site: &Site, number: &str) -> Value {
    let said = site.command(&["call", number, "--dialplan", "questionnaire.toml", "--json"], CALL);
    said.json()["ended"].clone()
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
    captured.assert_well_formed(&site);
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
    wav::assert_same_voice(
        &said[..4 * RATE],
        &wav::channel(&recording, 0),
        wav::Begins::WithAck,
        0,
        "left, the patient",
    );
    drop(sipp);
}
