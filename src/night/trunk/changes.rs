//! What exchanges do to a call beyond answering it: a reliable 183, hold and resume by re-INVITE, session timers.

use std::time::Duration;

use super::{Act, Again, Later, Line, State, T1, VirtualTrunk};
use crate::moment::Moment;
use crate::night::message::Text;
use crate::night::patient::{Early, Manner, Script};

/// A re-INVITE that waits for its answer.
#[derive(Clone, Debug)]
pub(super) struct Change {
    cseq: u32,
    pub(super) request: Vec<u8>,
}

impl Line {
    fn manner(&self) -> Manner {
        match self.script {
            Script::Answers { manner, .. } => manner,
            Script::RingsForever | Script::RingsUnheard | Script::Refuses { .. } | Script::Drops => Manner::default(),
        }
    }

    pub(super) fn rings_reliably(&self) -> bool {
        self.manner().early == Early::Reliable
    }

    /// Contact and type of a message with a description.
    pub(super) fn contact(&self) -> String {
        format!(
            "Contact: <sip:patient@{}>\r\nContent-Type: application/sdp\r\n",
            self.address
        )
    }

    /// A datagram to the daemon.
    fn send(&self, bytes: Vec<u8>) -> Later {
        Later::Send {
            gate: self.seen.gate,
            to: self.from,
            bytes,
        }
    }

    /// The patient's side, with a direction.
    pub(super) fn description(&self, direction: &str) -> String {
        format!(
            "v=0\r\no=patient 1 {} IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
             m=audio {} RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\na={direction}\r\n",
            1 + self.cseq,
            40_000 + u32::from(self.port % 10_000)
        )
    }

    /// What a 2xx says of the session's time.
    pub(super) fn session_fields(&self) -> String {
        self.manner().session.map_or_else(String::new, |session| {
            format!(
                "Require: timer\r\nAllow: INVITE, ACK, BYE, CANCEL, UPDATE\r\nSession-Expires: {};refresher=uac\r\n",
                session.as_secs()
            )
        })
    }

    /// The session holds from now on.
    pub(super) fn watch(&mut self, now: Moment, call: &str) -> Vec<Later> {
        let Some(session) = self.manner().session else {
            return Vec::new();
        };
        self.refreshed_at = Some(now);
        let call = call.to_owned();
        vec![Later::Act {
            after: session,
            act: Act::Expire { call, since: now },
        }]
    }

    /// The ACK to an answer of the daemon.
    pub(super) fn acknowledges(&self, cseq: u32) -> Later {
        self.send(self.numbered(("ACK", cseq), "", ""))
    }

    /// The patient's next request inside the call.
    pub(super) fn request(&mut self, method: &str, more: &str, body: &str) -> Vec<u8> {
        self.cseq += 1;
        let cseq = self.cseq;
        self.numbered((method, cseq), more, body)
    }

    fn numbered(&self, (method, cseq): (&str, u32), more: &str, body: &str) -> Vec<u8> {
        let header = |name| self.invite.header(name).unwrap_or_default();
        let contact = header("contact").trim_start_matches('<');
        format!(
            "{method} {} SIP/2.0\r\nVia: SIP/2.0/UDP {};branch=z9hG4bK{}{method}{cseq}\r\nMax-Forwards: 70\r\n\
             From: {};tag={}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {cseq} {method}\r\n{more}Content-Length: {}\r\n\r\n{body}",
            contact.split('>').next().unwrap_or_default(),
            self.address,
            self.tag,
            header("to"),
            self.tag,
            header("from"),
            header("call-id"),
            body.len()
        )
        .into_bytes()
    }
}

impl VirtualTrunk {
    /// 183 with ringback, until its PRACK comes.
    pub(super) fn ring_reliably(&mut self, now: Moment, call: &str) -> Vec<Later> {
        let Some(line) = self.calls.get_mut(call).filter(|line| line.state == State::Ringing) else {
            return Vec::new();
        };
        if !line
            .invite
            .header("supported")
            .is_some_and(|options| options.contains("100rel"))
        {
            self.faults.push("an INVITE without 100rel".to_owned());
        }
        line.seen.rang = true;
        let more = format!("{}Require: 100rel\r\nRSeq: 7001\r\n", line.contact());
        let sdp = line.description("sendrecv");
        line.last_sent = line.invite.response(183, "Session Progress", &line.tag, &more, &sdp);
        vec![line.send(line.last_sent.clone()), again(call, Again::Early, now)]
    }

    pub(super) fn pracked(&mut self, text: &Text) -> Vec<Later> {
        let Some(line) = text.call_id().and_then(|call| self.calls.get_mut(call)) else {
            self.faults.push("a PRACK without a call".to_owned());
            return Vec::new();
        };
        if text.header("rack") != Some("7001 1 INVITE") || text.tag("to") != Some(line.tag.as_str()) {
            self.faults.push("a PRACK for another response".to_owned());
        }
        let first = !std::mem::replace(&mut line.seen.pracked, true);
        let bytes = text.response(200, "OK", &line.tag, "", "");
        let mut later = vec![line.send(bytes)];
        if first && line.state == State::Ringing {
            line.last_sent = line.invite.response(180, "Ringing", &line.tag, "", "");
            later.push(line.send(line.last_sent.clone()));
        }
        later
    }

    /// The patient puts the daemon on hold, or comes back.
    pub(super) fn change(&mut self, now: Moment, call: String, direction: &'static str) -> Vec<Later> {
        let Some(line) = self.calls.get_mut(&call).filter(|line| line.state == State::Talking) else {
            return Vec::new();
        };
        let sdp = line.description(direction);
        let request = line.request("INVITE", &line.contact(), &sdp);
        line.change = Some(Change {
            cseq: line.cseq,
            request: request.clone(),
        });
        vec![line.send(request), again(&call, Again::Change, now)]
    }

    /// The daemon answers a hold or resume: ACK to every copy of the 200.
    pub(super) fn change_answered(&mut self, text: &Text) -> Vec<Later> {
        let Some((cseq, _)) = text.cseq() else {
            return Vec::new();
        };
        let Some(line) = text.call_id().and_then(|call| self.calls.get_mut(call)) else {
            return Vec::new();
        };
        if text.status() != Some(200) {
            self.faults.push(format!("{:?} to a hold", text.status()));
            return Vec::new();
        }
        if line.change.as_ref().is_some_and(|change| change.cseq == cseq) {
            line.change = None;
            let direction = ["sendrecv", "recvonly", "sendonly", "inactive"]
                .into_iter()
                .find(|direction| text.body.contains(&format!("a={direction}\r\n")));
            line.seen.changes.push(direction.unwrap_or_default().to_owned());
        }
        vec![line.acknowledges(cseq)]
    }

    /// The daemon refreshes the session.
    pub(super) fn refreshed(&mut self, now: Moment, text: &Text) -> Vec<Later> {
        let Some((call, line)) = text.call_id().and_then(|call| Some((call, self.calls.get_mut(call)?))) else {
            self.faults.push("an UPDATE without a call".to_owned());
            return Vec::new();
        };
        if line.state != State::Talking {
            let bytes = text.response(481, "No Call", &line.tag, "", "");
            return vec![line.send(bytes)];
        }
        line.seen.refreshes += 1;
        let fields = line.session_fields();
        let bytes = text.response(200, "OK", &line.tag, &fields, "");
        let mut later = line.watch(now, call);
        later.push(line.send(bytes));
        later
    }

    pub(super) fn expire(&mut self, call: &str, since: Moment) -> Vec<Later> {
        let line = self.calls.get(call).filter(|line| line.state == State::Talking);
        if line.is_some_and(|line| line.refreshed_at == Some(since)) {
            self.faults.push("the session was not refreshed".to_owned());
        }
        Vec::new()
    }
}

fn again(call: &str, state: Again, since: Moment) -> Later {
    let wait: Duration = T1;
    Later::Act {
        after: wait,
        act: Act::Again {
            call: call.to_owned(),
            state,
            wait,
            since,
        },
    }
}
