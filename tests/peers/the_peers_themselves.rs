//! The rig alone: the peers call each other, and see what they should.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::rig::baresip::Phone;
use crate::rig::capture::Capture;
use crate::rig::folder::Folder;
use crate::rig::kamailio::{AGENT, Digest, Kamailio};
use crate::rig::pcap::Press;
use crate::rig::sipp::{Behaviour, End, Script, Sipp, voice};
use crate::rig::{speech, wav};

const SOON: Duration = Duration::from_secs(10);

#[test]
fn a_phone_registers_and_calls_patients_through_the_proxy() {
    let folder = Folder::new("a_phone_registers");
    let patients = BTreeMap::from([
        (
            "19900000001".to_owned(),
            Behaviour::Answers {
                ring_ms: 500,
                talk_ms: Some(8000),
                script: 0,
            },
        ),
        ("19900000002".to_owned(), Behaviour::Busy),
        ("19900000003".to_owned(), Behaviour::Absent { tone_ms: 1000 }),
    ]);
    let script = Script::of(&[Press::new('1', 2000), Press::new('5', 4000), Press::new('#', 6000)]);
    let capture = Capture::start(folder.path());
    let sipp = Sipp::start(&folder.inside("sipp"), &patients, &[script]);
    let kamailio = Kamailio::start(&folder.inside("kamailio"), Digest::Md5, sipp.port());
    let account = Phone::registered_account(AGENT.0, AGENT.1, kamailio.port());
    let mut phone = Phone::start(&folder.inside("phone"), &[account], &speech::voice(1, 20, 60));
    phone.wait_until_registered();
    assert_eq!(kamailio.contacts(AGENT.0).len(), 1);

    for (number, reason) in [("19900000002", "486"), ("19900000003", "480"), ("19900000009", "404")] {
        let from = phone.events.len();
        phone.tell("dial", &format!("sip:{number}@peers.test"));
        let (closed, _) = phone.wait_for(from, "CALL_CLOSED", SOON);
        assert!(
            closed["param"].as_str().unwrap_or_default().contains(reason),
            "{number}: {closed}"
        );
    }
    let from = phone.events.len();
    phone.tell("dial", "sip:19900000001@peers.test");
    let (_, from) = phone.wait_for(from, "CALL_ESTABLISHED", SOON);
    phone.wait_for(from, "CALL_CLOSED", Duration::from_secs(15));

    let recordings = phone.finish();
    let seen = sipp.finish();
    let end_of = |number: &str| seen.iter().find(|call| call.number == number).map(|call| call.end);
    assert_eq!(end_of("19900000001"), Some(End::HungUp), "{seen:?}");
    assert_eq!(end_of("19900000002"), Some(End::Refused(486)), "{seen:?}");
    assert_eq!(end_of("19900000003"), Some(End::Refused(480)), "{seen:?}");
    assert_eq!(end_of("19900000009"), Some(End::Refused(404)), "{seen:?}");

    let (heard, _) = recordings.last().expect("baresip records its call");
    let heard = wav::channel(heard, 0);
    let matches = wav::lay_over(&voice(0, 30)[..8 * speech::RATE], &heard, 2000);
    let alike = matches.iter().filter(|m| m.correlation > 0.9).count();
    assert!(alike >= 4, "{} samples of {recordings:?}: {matches:?}", heard.len());

    let captured = capture.finish();
    let streams = captured.streams();
    let spoken = streams.iter().max_by_key(|stream| stream.packets).expect("RTP streams");
    assert!(
        streams.iter().any(|stream| captured.digits(stream.from) == "15#"),
        "{streams:?}"
    );
    assert!(spoken.packets > 300 && spoken.lost == 0, "{streams:?}");
}

#[test]
fn a_phone_without_registrar_is_called_by_number_and_presses_keys() {
    let folder = Folder::new("a_phone_is_called");
    let accounts = ["19900000001", "19900000002"].map(Phone::direct_account);
    let mut patient = Phone::start(&folder.inside("patient"), &accounts, &speech::voice(2, 20, 60));
    let mut caller = Phone::start(
        &folder.inside("caller"),
        &[Phone::direct_account("057100000000")],
        &speech::voice(3, 20, 60),
    );
    let from = caller.events.len();
    caller.tell("dial", &format!("sip:19900000002@127.0.0.1:{}", patient.port()));
    let (_, place) = patient.wait_for(0, "CALL_INCOMING", SOON);
    patient.tell("accept", "");
    caller.wait_for(from, "CALL_ESTABLISHED", SOON);
    assert!(patient.press(place, "15#", Duration::from_millis(600)));
    let mut place = from;
    for key in ["1", "5", "#"] {
        let (event, behind) = caller.wait_for(place, "CALL_DTMF_START", SOON);
        assert_eq!(event["param"], key);
        place = behind;
    }
    patient.tell("hangup", "");
    caller.wait_for(from, "CALL_CLOSED", SOON);
    let said = patient.finish();
    let heard = caller.finish();
    assert_eq!((said.len(), heard.len()), (1, 1));
    let matches = wav::lay_over(&wav::channel(&said[0].1, 0), &wav::channel(&heard[0].0, 0), 200);
    assert!(
        matches.len() >= 2 && matches.iter().all(|m| m.correlation > 0.9),
        "{matches:?}"
    );
}

#[test]
fn a_phone_that_knows_only_md5_is_not_let_in_by_sha_256() {
    let folder = Folder::new("sha_256_is_strict");
    let kamailio = Kamailio::start(&folder.inside("kamailio"), Digest::Sha256, 9);
    let account = Phone::registered_account(AGENT.0, AGENT.1, kamailio.port());
    let phone = Phone::start(&folder.inside("phone"), &[account], &speech::voice(1, 1, 5));
    phone.wait_until_it_says("Register: Function not implemented");
    assert!(kamailio.contacts(AGENT.0).is_empty());
}
