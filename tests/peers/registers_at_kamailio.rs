//! A trunk that wants a registration and challenges every call: Kamailio, with MD5 and with SHA-256.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::rig::capture::Capture;
use crate::rig::daemon::{Site, Trunk};
use crate::rig::folder::Folder;
use crate::rig::kamailio::{Digest, Kamailio, TRUNK};
use crate::rig::pcap::Press;
use crate::rig::sipp::{Behaviour, End, Script, Sipp};

#[test]
fn with_md5() {
    registers_and_calls(Digest::Md5, "registers_md5");
}

#[test]
fn with_sha_256() {
    registers_and_calls(Digest::Sha256, "registers_sha256");
}

fn registers_and_calls(digest: Digest, name: &str) {
    let folder = Folder::new(name);
    let patients = BTreeMap::from([(
        "19900000001".to_owned(),
        Behaviour::Answers {
            ring_ms: 500,
            talk_ms: None,
            script: 0,
        },
    )]);
    let script = Script::of(&[Press::new('1', 4000), Press::new('7', 6000), Press::new('2', 8000)]);
    let capture = Capture::start(folder.path());
    let sipp = Sipp::start(&folder.inside("sipp"), &patients, &[script]);
    let kamailio = Kamailio::start(&folder.inside("kamailio"), digest, sipp.port());
    let trunk = Trunk {
        name: "kamailio",
        port: kamailio.port(),
        lines: 5,
        pace: 5.0,
        account: Some((TRUNK.0, TRUNK.1, "peers.test")),
        more: "",
    };
    let site = Site::new(&folder.inside("site"), &[trunk]);
    let daemon = site.run();
    kamailio.wait_for_contacts(TRUNK.0, 1);
    let said = site.command(
        &["call", "19900000001", "--dialplan", "questionnaire.toml", "--json"],
        Duration::from_secs(60),
    );
    assert_eq!(said.json()["ended"]["disposition"], "completed", "{said:#?}");
    daemon.stop();
    // A challenge that names no algorithm means MD5.
    let algorithm = match digest {
        Digest::Md5 => "",
        Digest::Sha256 => "SHA-256",
    };
    let captured = capture.finish();
    captured.assert_well_formed(&site);
    let credentials = captured.credentials(kamailio.port());
    let expected = ["ACK", "BYE", "INVITE", "REGISTER"].map(|method| (method.to_owned(), algorithm.to_owned()));
    assert_eq!(credentials, BTreeSet::from(expected));
    let seen = sipp.finish();
    // The challenged INVITE never reached the patient: one call, ended by us.
    assert_eq!(
        seen.iter().map(|call| call.end).collect::<Vec<_>>(),
        [End::Ended],
        "{seen:?}"
    );
}
