//! Trunks with a host name, and numbers in the form that a trunk wants.

use std::net::UdpSocket;

use aftercall::outcome::Disposition;

use crate::house::{House, within};
use crate::name_server::{Entry, NameServer, Zone, loopback};
use crate::records;

const COMPLETES: &str =
    "[[behaviour]]\nname = \"completes\"\nnumbers = \"*\"\nring = \"200ms\"\npress_after = \"150ms\"\n";

/// A house whose trunk has a name, and who answers for the name.
async fn named(address: impl FnOnce(u16) -> String, zone: impl FnOnce(u16) -> Zone) -> (House, NameServer) {
    let mut server = None;
    let house = House::open_by(COMPLETES, |site, far_end| {
        let started = NameServer::start(zone(far_end.port()));
        let nameserver = format!("nameserver = \"{}\"", started.address());
        site.settings(&nameserver, &address(far_end.port()), "");
        server = Some(started);
    });
    let house = house.await;
    (house, server.unwrap())
}

/// Calls until the name is known to the trunk; a call before that is our own fault, and quick.
async fn completes(house: &House) {
    let calls = async {
        while house.call("13800000001").await.0 != Disposition::Completed {
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    };
    within(calls).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_first_address_refuses_the_second_is_called() {
    let at = |port: u16| format!("sip.test:{port}");
    let zone = |_| vec![("sip.test", 60, loopback(9)), ("sip.test", 60, loopback(1))];
    let (house, server) = named(at, zone).await;
    completes(&house).await;
    assert!(
        server.asked().iter().all(|asked| asked == "A sip.test."),
        "{:?}",
        server.asked()
    );
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn services_lead_to_the_trunk_in_their_order() {
    // Somebody who is never called listens where the last service is.
    let last = UdpSocket::bind("127.0.0.8:0").unwrap();
    last.set_nonblocking(true).unwrap();
    let nobody = last.local_addr().unwrap().port();
    let zone = move |port: u16| {
        vec![
            ("_sip._udp.sip.test", 60, Entry::Service(30, 0, nobody, "c.test")),
            ("_sip._udp.sip.test", 60, Entry::Service(20, 0, port, "b.test")),
            ("_sip._udp.sip.test", 60, Entry::Service(10, 0, port, "a.test")),
            ("a.test", 60, loopback(9)),
            ("b.test", 60, loopback(1)),
            ("c.test", 60, loopback(8)),
        ]
    };
    let (house, _server) = named(|_| "sip.test".to_owned(), zone).await;
    completes(&house).await;
    house.close().await;
    assert!(last.recv(&mut [0; 1]).is_err(), "the last service was not needed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_daemon_starts_before_its_trunk_has_an_address_and_calls_when_it_has_one() {
    let (house, server) = named(|port| format!("sip.test:{port}"), |_| Vec::new()).await;
    assert_eq!(house.call("13800000001").await.0, Disposition::OwnLineFault);
    server.say(Some(vec![("sip.test", 60, loopback(1))]));
    completes(&house).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_trunk_dials_its_own_form_and_the_record_keeps_the_list_s() {
    let house = House::open_by(COMPLETES, |site, far_end| {
        let format = "number_format = \"0086\"\nlocal_segments = [\"1380571\"]";
        site.settings("", &far_end.to_string(), format);
    });
    let house = house.await;
    assert_eq!(house.call("13800000001").await.0, Disposition::Completed);
    let (site, _, seen) = house.close().await;
    assert_eq!(seen[0].number, "008613800000001");
    assert_eq!(records::attempts(&site).await[0].digits, "13800000001");
}
