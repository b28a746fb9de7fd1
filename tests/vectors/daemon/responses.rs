//! Every response of the tables: as it is, and grafted on an INVITE of the daemon that waits for an answer.

use std::collections::BTreeMap;
use std::time::Duration;

use super::House;
use crate::grafting::{Keep, grafted};
use crate::message::{Plain, octets};
use crate::site::CAMPAIGN;

/// Longer than the second repetition of an INVITE takes.
const OVER_T1_TWICE: Duration = Duration::from_millis(1700);

const RESPONSES: [(&str, Keep); 5] = [
    ("noreason", Keep::Nothing),
    ("bigcode", Keep::Nothing),
    ("scalarlg", Keep::CSeqNumber),
    ("bcast", Keep::Nothing),
    ("unreason", Keep::Nothing),
];

impl House {
    /// Has the daemon dial so many numbers.
    fn dial(&self, many: usize) {
        let numbers: Vec<String> = (1..=many).map(|n| format!("1380000000{n}")).collect();
        self.site.list(&numbers.iter().map(String::as_str).collect::<Vec<_>>());
        self.site.succeed(&["campaign", "add", "campaign.toml"]);
        self.site
            .succeed(&["import", "--campaign", CAMPAIGN, "--due", "now", "discharged.csv"]);
        self.site.succeed(&["campaign", "start", CAMPAIGN]);
    }

    /// So many calls of the daemon, each held by a 100.
    fn calls(&self, many: usize) -> Vec<Plain> {
        self.dial(many);
        let mut calls = BTreeMap::new();
        while calls.len() < many {
            let message = self.trunk.message();
            if message.method() == "INVITE" {
                self.trunk.send(&reply(&message, 100));
                calls.insert(message.first("Call-ID").to_owned(), message);
            }
        }
        calls.into_values().collect()
    }
}

fn reply(asked: &Plain, status: u16) -> Vec<u8> {
    let tag = if status == 100 { "" } else { ";tag=them" };
    let [via, from, to, call_id, cseq] = ["Via", "From", "To", "Call-ID", "CSeq"].map(|name| asked.first(name));
    format!(
        "SIP/2.0 {status} As Said\r\nVia: {via}\r\nFrom: {from}\r\nTo: {to}{tag}\r\nCall-ID: {call_id}\r\nCSeq: {cseq}\r\n\
         Content-Length: 0\r\n\r\n"
    )
    .into_bytes()
}

#[test]
fn a_response_to_nothing_changes_nothing_and_a_strange_one_to_a_call_only_if_it_is_one() {
    let house = House::open();
    let file = |name: &str| octets(&format!("rfc4475/{name}.dat"));
    for (name, _) in RESPONSES {
        house.trunk.send(&file(name));
        assert_eq!(house.trunk.until_answered(name), [], "{name} as it is");
        println!("{name:<12} as it is     -              ok");
    }
    let calls = house.calls(RESPONSES.len());
    for ((name, keep), invite) in RESPONSES.iter().zip(&calls) {
        house.trunk.send(&grafted(&file(name), invite, *keep));
        let mut answers = house.trunk.until_answered(&format!("grafted-{name}"));
        if *name == "unreason" && answers.is_empty() {
            // The ACK waits until the dialog is written down.
            answers.push(house.trunk.message());
        }
        let own: Vec<&Plain> = answers
            .iter()
            .filter(|message| message.first("Call-ID") == invite.first("Call-ID"))
            .collect();
        let methods: Vec<&str> = own.iter().map(|message| message.method()).collect();
        if *name == "unreason" {
            assert_eq!(methods, ["ACK"], "{name} grafted");
            house.trunk.send(&bye(invite));
            let ended = house.trunk.until_answered("bye");
            assert!(
                ended
                    .iter()
                    .any(|message| message.first("CSeq") == "1 BYE" && message.status() == 200),
                "{ended:?}"
            );
        } else {
            assert_eq!(methods, [""; 0], "{name} grafted");
            house.trunk.send(&reply(invite, 486));
            let acks = house.trunk.until_answered(&format!("ended-{name}"));
            let is_ack =
                |message: &Plain| message.method() == "ACK" && message.first("Call-ID") == invite.first("Call-ID");
            assert!(
                acks.iter().any(is_ack),
                "{name}: the call has not heard its real answer: {acks:?}"
            );
        }
        println!("{name:<12} grafted      {:<14} ok", methods.join(" "));
    }
    house.close();
}

/// The far end hangs up the call that unreason.dat answered.
fn bye(invite: &Plain) -> Vec<u8> {
    let [from, call_id, contact] = ["From", "Call-ID", "Contact"].map(|name| invite.first(name));
    format!(
        "BYE {} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;rport;branch=z9hG4bKhang-up\r\nMax-Forwards: 70\r\n\
         From: sip:user@example.edu;tag=2229\r\nTo: {from}\r\nCall-ID: {call_id}\r\nCSeq: 1 BYE\r\n\
         Content-Length: 0\r\n\r\n",
        contact.trim_matches(['<', '>'])
    )
    .into_bytes()
}

#[test]
fn a_100_without_a_phrase_stops_the_repetitions_of_an_invite() {
    let house = House::open();
    house.dial(1);
    let invite = loop {
        let message = house.trunk.message();
        if message.method() == "INVITE" {
            break message;
        }
    };
    house
        .trunk
        .send(&grafted(&octets("rfc4475/noreason.dat"), &invite, Keep::Nothing));
    // What was under way, then silence.
    house.trunk.until_answered("noreason");
    assert_eq!(house.trunk.next(OVER_T1_TWICE), None);
    house.trunk.send(&reply(&invite, 486));
    assert_eq!(house.trunk.message().method(), "ACK");
    house.close();
}
