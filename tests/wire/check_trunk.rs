//! `aftercall check --trunk`: real requests, real answers, and the setting that the verdict names.

use std::net::{Ipv4Addr, UdpSocket};

use crate::answerer::{Answerer, Manner};
use crate::far_side::FarSide;
use crate::name_server::NameServer;
use crate::relay::Relay;
use crate::site::Site;

const CHECK: [&str; 4] = ["check", "--trunk", "far", "--english"];

/// What the check of a trunk says that behaves so, with these settings of its own.
fn verdict(manner: Manner, more: &str, expected: &str) -> (Site, String) {
    let site = Site::new();
    let trunk = Answerer::start(manner);
    site.settings("", &trunk.address().to_string(), more);
    let said = match expected {
        "fails" => site.fail(&[&CHECK[..], &["--wait", "2"]].concat()),
        _ => site.succeed(&CHECK),
    };
    (site, said)
}

fn last(said: &str) -> &str {
    said.lines().last().unwrap_or_default()
}

#[test]
fn every_refusal_ends_in_one_verdict_that_names_the_setting() {
    for (status, setting) in [
        ("401 Unauthorized", "password"),
        ("403 Forbidden", "from_domain"),
        ("404 Not Found", "domain"),
        ("407 Proxy Authentication Required", "auth_user"),
        ("484 Address Incomplete", "number_format"),
        ("488 Not Acceptable Here", "advertised_media"),
        ("503 Service Unavailable", "carrier"),
    ] {
        let (_, said) = verdict(Manner::Status(status), "", "fails");
        let verdict = last(&said);
        assert!(verdict.starts_with("verdict: ") && verdict.contains(status), "{said}");
        assert!(verdict.contains(setting), "{setting}: {said}");
        assert!(
            said.contains("    OPTIONS sip:") && said.contains(&format!("    SIP/2.0 {status}")),
            "{said}"
        );
    }
}

#[test]
fn a_trunk_that_answers_is_told_in_chinese_unless_asked_otherwise_and_as_json() {
    let site = Site::new();
    let trunk = Answerer::start(Manner::Status("200 OK"));
    site.settings("", &trunk.address().to_string(), "");
    let said = site.succeed(&["check", "--trunk", "far"]);
    assert_eq!(last(&said), "结论：中继正常应答 OPTIONS");
    let said = site.succeed(&["check", "--trunk", "far", "--json"]);
    let whole: serde_json::Value = serde_json::from_str(last(&said)).unwrap();
    assert_eq!((&whole["status"], &whole["verdict"]["ok"]), (&200.into(), &true.into()));
    let messages = whole["messages"].as_array().unwrap();
    assert_eq!(
        (&messages[0]["what"], &messages[1]["what"]),
        (&"sent".into(), &"received".into())
    );
    let said = site.fail(&["check", "--trunk", "other"]);
    assert!(
        said.contains("there is no trunk named \"other\" in the settings; expected one of far"),
        "{said}"
    );
}

#[test]
fn silence_a_closed_port_and_an_answer_from_elsewhere_are_told_apart() {
    let (_, said) = verdict(Manner::Silent, "", "fails");
    assert!(said.contains("-> (again) UDP"), "{said}");
    assert!(
        last(&said).contains("nothing came back") && last(&said).contains("transport"),
        "{said}"
    );
    let (_, said) = verdict(Manner::FromElsewhere, "", "fails");
    assert!(last(&said).contains("the answer came from 127.0.0.7:"), "{said}");
    let site = Site::new();
    let closed = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    site.settings("", &closed.to_string(), "");
    let said = site.fail(&CHECK);
    assert!(
        last(&said).contains("the host refuses") && last(&said).contains("\"tcp\""),
        "{said}"
    );
    site.settings("", &closed.to_string(), "transport = \"tcp\"");
    let said = site.fail(&CHECK);
    assert!(
        last(&said).contains("the host refuses") && last(&said).contains("\"udp\""),
        "{said}"
    );
}

const REGISTERS: &str = "register = true\npassword = \"geheim\"";

#[test]
fn a_trunk_that_registers_is_asked_so_and_the_digest_is_masked() {
    let (_, said) = verdict(Manner::Registrar("realm.example"), REGISTERS, "succeeds");
    assert!(
        last(&said).contains("registered, and the test's binding was removed"),
        "{said}"
    );
    assert!(said.contains("response=\"***\"") && !said.contains("geheim"), "{said}");
    assert!(said.contains("Expires: 0"), "{said}");
    let other = format!("{REGISTERS}\nrealm = \"mine\"");
    let (_, said) = verdict(Manner::Registrar("theirs"), &other, "fails");
    let verdict = last(&said);
    assert!(
        verdict.contains("\"theirs\"") && verdict.contains("change realm"),
        "{said}"
    );
    let (_, said) = self::verdict(Manner::Status("403 Forbidden"), REGISTERS, "fails");
    assert!(
        said.contains("    REGISTER sip:") && last(&said).contains("from_user"),
        "{said}"
    );
}

#[test]
fn a_name_that_does_not_resolve_and_a_nat_are_told() {
    let server = NameServer::start(Vec::new());
    let site = Site::new();
    let nameserver = format!("nameserver = \"{}\"", server.address());
    site.settings(&nameserver, "sip.test", "");
    let said = site.fail(&CHECK);
    assert!(
        last(&said).contains("the name does not resolve (sip.test has no address of IPv4)"),
        "{said}"
    );
    let seen = ";received=198.51.100.7;rport=40000";
    let (_, said) = verdict(Manner::Sees("200 OK", seen), "", "succeeds");
    assert!(said.contains("set advertised = \"198.51.100.7:40000\""), "{said}");
}

#[test]
fn a_trunk_is_asked_beside_the_running_daemon_and_over_tcp() {
    let site = Site::new();
    let trunk = Answerer::start(Manner::Registrar("realm.example"));
    site.settings("", &trunk.address().to_string(), REGISTERS);
    let mut daemon = site.start(&["run", "--any-time", "--log", "debug"]);
    daemon.wait_for("registered");
    daemon.wait_for("aftercall is ready");
    let said = site.succeed(&CHECK);
    assert!(said.contains("is in use, most likely by the running daemon"), "{said}");
    assert!(
        said.contains("    OPTIONS sip:") && !said.contains("REGISTER sip:"),
        "{said}"
    );
    assert!(daemon.terminate().status.success());

    let site = Site::new();
    let far_side = FarSide::start(&site, "[[behaviour]]\nname = \"completes\"\nnumbers = \"*\"\n");
    let relay = Relay::start(far_side.address());
    site.settings("", &relay.address().to_string(), "transport = \"tcp\"");
    let said = site.succeed(&CHECK);
    assert!(
        said.contains("-> TCP") && last(&said).contains("the trunk answers OPTIONS"),
        "{said}"
    );
    relay.hang_up();
    assert!(far_side.stop(&site).is_empty());
}
