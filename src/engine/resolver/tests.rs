//! Look-ups at a real name server on loopback.

#[path = "../../../tests/wire/name_server.rs"]
mod name_server;

use std::sync::mpsc::{Receiver, sync_channel};

use self::name_server::{Entry, NameServer, Zone, loopback};
use super::lookup::Found;
use super::*;
use crate::sip::Transport;

const SHORT: Pace = Pace {
    least: Duration::from_millis(50),
    most: Duration::from_millis(100),
    retry: Duration::from_millis(50),
    longest_retry: Duration::from_millis(100),
};

fn wanted(host: &str, port: Option<u16>) -> Wanted {
    Wanted {
        host: host.to_owned(),
        port,
        transport: Transport::Udp,
        local: IpAddr::from([127, 0, 0, 1]),
    }
}

async fn look_up(server: &NameServer, wanted: &Wanted) -> Result<Found, Error> {
    let names = Names::new(Some(server.address())).unwrap();
    names.look_up(wanted, |_| 0).await
}

fn addresses(found: &Found) -> Vec<String> {
    let targets = found.targets.iter();
    targets.map(|(_, target)| target.address.to_string()).collect()
}

fn with_services() -> Zone {
    vec![
        ("_sip._udp.sip.example", 300, Entry::Service(20, 0, 5070, "b.example")),
        ("_sip._udp.sip.example", 300, Entry::Service(10, 0, 5080, "a.example")),
        (
            "_sip._udp.sip.example",
            300,
            Entry::Service(30, 0, 5090, "gone.example"),
        ),
        ("a.example", 60, loopback(11)),
        ("a.example", 60, loopback(12)),
        ("b.example", 900, loopback(13)),
        ("sip.example", 30, loopback(14)),
    ]
}

#[tokio::test]
async fn services_are_tried_by_priority_with_all_addresses_of_each() {
    let server = NameServer::start(with_services());
    let found = look_up(&server, &wanted("sip.example", None)).await.unwrap();
    assert_eq!(
        addresses(&found),
        ["127.0.0.11:5080", "127.0.0.12:5080", "127.0.0.13:5070"]
    );
    assert_eq!(
        found.ttl,
        Duration::from_secs(60),
        "the shortest of all that it stands on"
    );
}

#[tokio::test]
async fn with_a_port_only_addresses_are_asked_for() {
    let server = NameServer::start(with_services());
    let found = look_up(&server, &wanted("sip.example", Some(5099))).await.unwrap();
    assert_eq!(addresses(&found), ["127.0.0.14:5099"]);
    assert_eq!(server.asked(), ["A sip.example."]);
}

#[tokio::test]
async fn a_name_of_this_host_is_known_without_a_name_server() {
    let server = NameServer::start(Vec::new());
    let found = look_up(&server, &wanted("localhost", None)).await.unwrap();
    assert_eq!(addresses(&found), ["127.0.0.1:5060"]);
    assert_eq!(server.asked(), [""; 0]);
}

#[tokio::test]
async fn without_services_the_name_itself_is_the_host() {
    let server = NameServer::start(vec![("sip.example", 30, loopback(14))]);
    let found = look_up(&server, &wanted("sip.example", None)).await.unwrap();
    assert_eq!(addresses(&found), ["127.0.0.14:5060"]);
    assert_eq!(server.asked(), ["SRV _sip._udp.sip.example.", "A sip.example."]);
}

#[tokio::test]
async fn a_stream_has_services_of_its_own() {
    let server = NameServer::start(vec![
        ("_sip._udp.sip.example", 30, Entry::Service(1, 0, 5070, "a.example")),
        ("_sip._tcp.sip.example", 30, Entry::Service(1, 0, 5071, "a.example")),
        ("a.example", 30, loopback(11)),
    ]);
    let wanted = Wanted {
        transport: Transport::Tcp,
        ..wanted("sip.example", None)
    };
    let found = look_up(&server, &wanted).await.unwrap();
    let target = Target::tcp("127.0.0.11:5071".parse().unwrap());
    assert_eq!(found.targets, [(1, target)]);
}

#[tokio::test]
async fn a_name_of_nothing_a_service_refused_and_a_server_that_fails_are_told_apart() {
    let server = NameServer::start(vec![
        ("_sip._udp.no.example", 30, Entry::Service(0, 0, 0, ".")),
        ("no.example", 30, loopback(1)),
    ]);
    let nobody = look_up(&server, &wanted("nobody.example", None)).await.unwrap_err();
    assert!(matches!(nobody, Error::NoAddress { .. }), "{nobody}");
    let refused = look_up(&server, &wanted("no.example", None)).await.unwrap_err();
    assert!(matches!(refused, Error::NotServed(_)), "{refused}");
    server.say(None);
    let failed = look_up(&server, &wanted("no.example", None)).await.unwrap_err();
    assert!(matches!(failed, Error::Failed { .. }), "{failed}");
}

/// A watch over `sip.example`, and what it tells.
fn watch(server: &NameServer) -> (Resolver, Receiver<Resolved>) {
    let text = format!(
        "[sip]\nnameserver = \"{}\"\n[[trunk]]\naddress = \"192.0.2.1\"\n[[trunk]]\naddress = \"sip.example\"\n",
        server.address()
    );
    let (settings, _) = config::parse(&text, std::path::Path::new(".")).unwrap();
    let (queue, told) = sync_channel(4);
    let sink = Told {
        queue,
        wake: Arc::new(|| {}),
    };
    let locals = ["127.0.0.1:5060".parse().unwrap(); 2];
    let resolver = Resolver::start(&settings, &locals, SHORT, [7; 32], &sink).unwrap();
    (resolver, told)
}

/// The targets that are told next.
async fn next(told: Receiver<Resolved>) -> (Vec<String>, Receiver<Resolved>) {
    let waiting = tokio::task::spawn_blocking(move || {
        let resolved = told.recv_timeout(Duration::from_secs(20)).unwrap();
        assert_eq!(resolved.trunk, TrunkId(1));
        let addresses = resolved.targets.iter().map(|target| target.address.to_string());
        (addresses.collect(), told)
    });
    waiting.await.unwrap()
}

/// Waits until so many questions more were asked.
async fn asked(server: &NameServer, more: usize) {
    let many = server.asked().len() + more;
    let until = async {
        while server.asked().len() < many {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), until).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trunk_moves_when_its_name_does_and_stays_while_the_name_server_fails() {
    let at = |last| Some(vec![("sip.example", 0, loopback(last))]);
    let server = NameServer::start(Vec::new());
    let (_resolver, told) = watch(&server);
    // At first there is no such name.
    asked(&server, 4).await;
    server.say(at(1));
    let (targets, told) = next(told).await;
    assert_eq!(targets, ["127.0.0.1:5060"]);
    server.say(None);
    asked(&server, 4).await;
    server.say(at(1));
    asked(&server, 4).await;
    server.say(at(2));
    let (targets, told) = next(told).await;
    assert_eq!(targets, ["127.0.0.2:5060"], "the same address again is no news");
    // The same two in another order are no news either; the third is.
    server.say(Some(vec![
        ("sip.example", 0, loopback(2)),
        ("sip.example", 0, loopback(3)),
    ]));
    let (targets, told) = next(told).await;
    assert_eq!(targets.len(), 2);
    server.say(Some(vec![
        ("sip.example", 0, loopback(3)),
        ("sip.example", 0, loopback(2)),
    ]));
    asked(&server, 4).await;
    server.say(at(4));
    let (targets, _told) = next(told).await;
    assert_eq!(targets, ["127.0.0.4:5060"]);
}
