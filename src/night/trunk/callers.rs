//! Patients who call the daemon: an INVITE through a door, its final response, our ACK.

use super::{Act, Later, T1, VirtualTrunk};
use crate::moment::Moment;
use crate::night::message::Text;

/// A patient's call to the daemon.
#[derive(Debug)]
pub(super) struct Incoming {
    gate: usize,
    number: String,
    invite: String,
    status: Option<u16>,
}

impl VirtualTrunk {
    /// A patient calls: the INVITE is sent until something comes back.
    pub(in crate::night) fn call_in(&mut self, now: Moment, gate: usize, number: &str) -> Vec<Later> {
        let Some(door) = self.gates.get(gate) else {
            return Vec::new();
        };
        let call = format!("in-{}", self.incoming.len());
        let (own, daemon) = (door.address, door.daemon);
        let invite = format!(
            "INVITE sip:hospital@{daemon} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bK{call}\r\nMax-Forwards: 70\r\n\
             From: <sip:{number}@{own}>;tag={call}\r\nTo: <sip:hospital@{daemon}>\r\nCall-ID: {call}\r\n\
             CSeq: 1 INVITE\r\nContact: <sip:{number}@{own}>\r\nContent-Length: 0\r\n\r\n"
        );
        let incoming = Incoming {
            gate,
            number: number.to_owned(),
            invite,
            status: None,
        };
        self.incoming.insert(call.clone(), incoming);
        self.insist(now, &call, now)
    }

    /// Sends the INVITE again, every half a second for 32 s.
    pub(super) fn insist(&mut self, now: Moment, call: &str, since: Moment) -> Vec<Later> {
        let Some(incoming) = self.incoming.get(call).filter(|incoming| incoming.status.is_none()) else {
            return Vec::new();
        };
        if now.since(since) >= super::GIVE_UP {
            return Vec::new();
        }
        let Some(door) = self.gates.get(incoming.gate) else {
            return Vec::new();
        };
        let act = Act::Insist {
            call: call.to_owned(),
            since,
        };
        vec![
            Later::Send {
                gate: incoming.gate,
                to: door.daemon,
                bytes: incoming.invite.clone().into_bytes(),
            },
            Later::Act { after: T1, act },
        ]
    }

    /// The daemon answers a patient's INVITE.
    pub(super) fn turned_away_by(&mut self, text: &Text) -> Vec<Later> {
        let (Some(call), Some(status)) = (text.call_id(), text.status()) else {
            return Vec::new();
        };
        let Some(incoming) = self.incoming.get_mut(call) else {
            return Vec::new();
        };
        if status < 200 {
            return Vec::new();
        }
        incoming.status = Some(status);
        let Some(door) = self.gates.get(incoming.gate) else {
            return Vec::new();
        };
        let header = |name| text.header(name).unwrap_or_default();
        let ack = format!(
            "ACK sip:hospital@{} SIP/2.0\r\nVia: {}\r\nMax-Forwards: 70\r\nFrom: {}\r\nTo: {}\r\nCall-ID: {call}\r\n\
             CSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n",
            door.daemon,
            header("via"),
            header("from"),
            header("to"),
        );
        vec![Later::Send {
            gate: incoming.gate,
            to: door.daemon,
            bytes: ack.into_bytes(),
        }]
    }

    /// Patients who called the daemon, with the status that each got.
    pub fn turned_away(&self) -> impl Iterator<Item = (&str, Option<u16>)> {
        self.incoming
            .values()
            .map(|incoming| (incoming.number.as_str(), incoming.status))
    }
}
