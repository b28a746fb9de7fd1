//! Patients who call the daemon: an INVITE through a door, its final response, our ACK; and from a 200 on a call like any
//! other.

use std::time::Duration;

use super::{Act, Later, Line, Seen, State, T1, VirtualTrunk};
use crate::moment::Moment;
use crate::night::message::Text;
use crate::night::patient::{Manner, Script, Talk};

/// What a caller offers.
const OFFER: &str = "v=0\r\no=caller 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
    m=audio 41000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\n";

/// A patient's call to the daemon.
#[derive(Debug)]
pub(super) struct Incoming {
    gate: usize,
    number: String,
    invite: String,
    /// What the caller does once answered.
    talk: Option<Talk>,
    status: Option<u16>,
}

impl VirtualTrunk {
    /// A patient calls: the INVITE is sent until something comes back.
    pub(in crate::night) fn call_in(
        &mut self,
        now: Moment,
        gate: usize,
        number: &str,
        talk: Option<Talk>,
    ) -> Vec<Later> {
        let Some(door) = self.gates.get(gate) else {
            return Vec::new();
        };
        let call = format!("in-{}", self.incoming.len());
        let (own, daemon) = (door.address, door.daemon);
        let (kind, offer) = match &talk {
            Some(_) => ("Content-Type: application/sdp\r\n", OFFER),
            None => ("", ""),
        };
        let invite = format!(
            "INVITE sip:hospital@{daemon} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bK{call}\r\nMax-Forwards: 70\r\n\
             From: <sip:{number}@{own}>;tag={call}\r\nTo: <sip:hospital@{daemon}>\r\nCall-ID: {call}\r\n\
             CSeq: 1 INVITE\r\nContact: <sip:{number}@{own}>\r\n{kind}Content-Length: {}\r\n\r\n{offer}",
            offer.len()
        );
        let incoming = Incoming {
            gate,
            number: number.to_owned(),
            invite,
            talk,
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
        let talk = incoming.talk.take().filter(|_| status == 200);
        let (gate, number) = (incoming.gate, incoming.number.clone());
        if let Some(talk) = talk {
            return self.answered_by(text, gate, number, talk);
        }
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

    /// The daemon answers: from now on the caller is on the line like a patient who was called.
    fn answered_by(&mut self, text: &Text, gate: usize, number: String, talk: Talk) -> Vec<Later> {
        let (Some(call), Some(door)) = (text.call_id(), self.gates.get(gate)) else {
            return Vec::new();
        };
        let header = |name| text.header(name).unwrap_or_default();
        // As if the daemon had called: its side is the caller's To, ours the From.
        let (own, tag) = header("from").split_once(";tag=").unwrap_or_default();
        let head = format!(
            "INVITE sip:{number}@{} SIP/2.0\r\nFrom: {}\r\nTo: {own}\r\nContact: {}\r\nCall-ID: {call}\r\n\
             CSeq: 1 INVITE\r\n\r\n",
            door.address,
            header("to"),
            header("contact"),
        );
        let Some(invite) = Text::read(head.as_bytes()) else {
            return Vec::new();
        };
        let line = Line {
            seen: Seen {
                number,
                gate,
                status: Some(200),
                acknowledged: true,
                came_in: true,
                ..Seen::default()
            },
            script: Script::Answers {
                ring: Duration::ZERO,
                talk,
                manner: Manner::default(),
            },
            address: door.address,
            from: door.daemon,
            tag: tag.to_owned(),
            port: text.audio_port().unwrap_or_default(),
            state: State::Talking,
            last_sent: Vec::new(),
            bye_cseqs: Vec::new(),
            // Its INVITE was the first.
            cseq: 1,
            change: None,
            refreshed_at: None,
            invite,
        };
        let ack = line.acknowledges(1);
        self.calls.insert(call.to_owned(), line);
        vec![ack]
    }

    /// Whether somebody who speaks waits for an answer: which port it will be nobody knows yet.
    pub(super) fn awaits_an_answer(&self) -> bool {
        let mut callers = self.incoming.values();
        callers.any(|incoming| incoming.talk.is_some() && incoming.status.is_none())
    }

    /// Patients who called the daemon, with the status that each got.
    pub fn turned_away(&self) -> impl Iterator<Item = (&str, Option<u16>)> {
        self.incoming
            .values()
            .map(|incoming| (incoming.number.as_str(), incoming.status))
    }
}
