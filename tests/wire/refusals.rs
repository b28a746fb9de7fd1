//! What is refused before it does harm: faulty settings, real trunks in test mode, the demo's greeting, strangers.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};

use crate::house::PATIENCE;
use crate::site::{CAMPAIGN, Site};

/// A trunk that is not on loopback (RFC 5737, no such host); our own address is, so that nothing can leave.
const REAL: &str = "192.0.2.1:5060";

fn real_site() -> Site {
    let site = Site::new();
    site.trunk(REAL.parse().unwrap());
    site
}

#[test]
fn the_daemon_refuses_faulty_settings_with_every_fault_at_its_place() {
    let site = Site::new();
    let settings = "[place]\ntime_zone = \"Asia/Shangai\"\ncolour = 1\n\n[media]\nrtp_ports = \"30000\"\n\n[[trunk]]\n\
                    name = \"far\"\naddress = \"example org\"\nregister = true\n";
    site.write("aftercall.toml", settings);
    for command in [&["run"][..], &["check"], &["status"], &["campaign", "start", CAMPAIGN]] {
        let said = site.fail(command);
        for place in [
            "2:13: error",
            "3:1: error",
            "6:13: error",
            "10:11: error",
            "11:12: error",
        ] {
            assert!(
                said.contains(&format!("aftercall.toml:{place}")),
                "{command:?}: {place}\n{said}"
            );
        }
    }
}

#[test]
fn check_names_every_fault_of_every_file_with_line_and_column() {
    let site = real_site();
    site.write(
        "aftercall.toml",
        &site.read("aftercall.toml").replace("lines = 12", "lines = 0"),
    );
    let questionnaire = site.read("questionnaire.toml");
    let faulty = questionnaire
        .replace("next = \"recommend\"", "next = \"recommended\"")
        .replace("satisfied = [1, 2]", "");
    site.write("faulty.toml", &faulty);
    site.write(
        "campaign.toml",
        "name = \"w\"\ndialplan = \"faulty.toml\"\ntrunk = \"far\"\nlines = 0\npace = \"fast\"\n",
    );
    let said = site.fail(&["check", "faulty.toml", "campaign.toml", "absent.toml"]);
    assert!(said.contains("aftercall.toml:15:9: error: `lines` is 0"), "{said}");
    assert!(said.contains("recommended"), "{said}");
    let of = |file: &str| {
        said.lines()
            .filter(|line| line.starts_with(&format!("{file}:")))
            .count()
    };
    assert_eq!(of("faulty.toml"), 2, "{said}");
    assert_eq!((of("campaign.toml"), of("absent.toml")), (2, 1), "{said}");
    let told = said.lines().filter(|line| line.contains(".toml:")).count();
    assert!(said.contains(&format!("{told} faults")), "{told}\n{said}");
    // With sound settings a campaign's check looks into its dialplan, and names the trunk that is not there.
    site.trunk("127.0.0.1:9".parse().unwrap());
    site.write(
        "campaign.toml",
        "name = \"w\"\ndialplan = \"faulty.toml\"\ntrunk = \"near\"\n",
    );
    let said = site.fail(&["check", "campaign.toml"]);
    assert!(
        said.contains("campaign.toml:3:9: error: there is no trunk \"near\""),
        "{said}"
    );
    assert!(said.contains("faulty.toml:"), "{said}");
    let said = site.succeed(&["check", "questionnaire.toml", "aftercall.toml"]);
    assert!(said.contains("no fault found"), "{said}");
}

#[test]
fn test_mode_refuses_a_trunk_that_is_not_loopback() {
    let said = real_site().fail(&["run", "--any-time"]);
    assert!(
        said.contains("test mode ignores calling windows, so it refuses the real trunk \"far\""),
        "{said}"
    );
}

#[test]
fn no_patient_hears_the_demo_hospitals_greeting_over_a_real_trunk() {
    let site = real_site();
    site.name_hospital("示范医院");
    let greeting = "the greeting still says \"示范医院\", and trunk \"far\" is a real one";
    let said = site.fail(&["check"]);
    assert!(said.contains(greeting), "{said}");
    let said = site.fail(&["check", "campaign.toml"]);
    assert!(
        said.contains("campaign.toml:3:9: error: ") && said.contains(greeting),
        "{said}"
    );
    let said = site.fail(&["run"]);
    assert!(said.contains(greeting), "{said}");
    site.succeed(&["campaign", "add", "campaign.toml"]);
    let said = site.fail(&["campaign", "start", CAMPAIGN]);
    assert!(said.contains(greeting), "{said}");
    // One's own phone may be called, with a warning. Nothing leaves from a loopback address: the trunk is unreachable.
    let said = site
        .command(&["call", "13800000001", "--dialplan", "questionnaire.toml"])
        .text;
    assert!(said.contains(&format!("warning: {greeting}")), "{said}");
    assert!(said.contains("ended         own_line_fault"), "{said}");
    // With one's own greeting the campaign starts.
    site.name_hospital("测试中心");
    let said = site.succeed(&["campaign", "start", CAMPAIGN]);
    assert!(said.contains("no daemon runs: `aftercall run` will dial it"), "{said}");
}

#[test]
fn commands_before_the_first_campaign_say_what_to_do_first() {
    let site = real_site();
    for command in [
        &["status"][..],
        &["campaign", "list"],
        &["report"],
        &["export", "answers", "--campaign", CAMPAIGN],
    ] {
        let said = site.fail(command);
        assert!(
            said.contains("nothing is stored yet") && said.contains("aftercall campaign add"),
            "{said}"
        );
    }
    let said = site.fail(&["import", "--campaign", CAMPAIGN, "absent.csv"]);
    assert!(said.contains("cannot read absent.csv: No such file"), "{said}");
    let said = site.fail(&["campaign", "add", "absent.toml"]);
    assert!(said.contains("cannot read absent.toml: No such file"), "{said}");
    let said = site.fail(&["call", "13800000001", "--dialplan", "absent.toml"]);
    assert!(said.contains("cannot read absent.toml: No such file"), "{said}");
    let said = site.fail(&["campaign", "start", CAMPAIGN]);
    assert!(
        said.contains("there is no campaign named \"wire\"; `aftercall campaign list` shows them"),
        "{said}"
    );
    let said = site.fail(&["--config", "absent.toml", "status"]);
    assert!(said.contains("aftercall check --example > aftercall.toml"), "{said}");
    site.write("short.toml", &site.succeed(&["check", "--example"]));
    let said = site.succeed(&["campaign", "list", "--json"]);
    assert_eq!(said, "[]");
}

fn invite(from: SocketAddr, to: SocketAddr) -> String {
    format!(
        "INVITE sip:057100000000@{to} SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch=z9hG4bK{port};rport\r\nMax-Forwards: 70\r\n\
         From: <sip:13800000001@{from}>;tag=t{port}\r\nTo: <sip:057100000000@{to}>\r\nCall-ID: c{port}@far\r\n\
         CSeq: 1 INVITE\r\nContact: <sip:13800000001@{from}>\r\nContent-Length: 0\r\n\r\n",
        port = from.port()
    )
}

#[test]
fn an_invite_from_a_stranger_is_dropped_and_one_from_the_trunk_gets_480() {
    let site = Site::new();
    let trunk = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let stranger = UdpSocket::bind((Ipv4Addr::new(127, 0, 0, 2), 0)).unwrap();
    site.trunk(trunk.local_addr().unwrap());
    let mut daemon = site.daemon();
    let us = site.trunk_local();
    // Both come over one socket of the daemon, the stranger's first.
    stranger
        .send_to(invite(stranger.local_addr().unwrap(), us).as_bytes(), us)
        .unwrap();
    trunk
        .send_to(invite(trunk.local_addr().unwrap(), us).as_bytes(), us)
        .unwrap();
    trunk.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut answer = [0; 2000];
    let length = trunk.recv(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer[..length]).into_owned();
    assert!(answer.starts_with("SIP/2.0 480 "), "{answer}");
    let turned_away = daemon.wait_for("a call to us was turned away");
    assert!(
        turned_away.contains("status=480") && !turned_away.contains("13800000001"),
        "{turned_away}"
    );
    stranger.set_nonblocking(true).unwrap();
    assert_eq!(stranger.recv(&mut [0; 1]).unwrap_err().kind(), ErrorKind::WouldBlock);
    let ack = invite(trunk.local_addr().unwrap(), us).replace("INVITE", "ACK");
    trunk.send_to(ack.as_bytes(), us).unwrap();
    let said = daemon.terminate();
    assert!(said.status.success(), "{said:?}");
}
