//! What the daemon sends: INVITE, ACK, CANCEL, BYE, and its answers to our BYE.

use std::net::SocketAddr;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use super::{Act, Later, Line, RINGS, Seen, Service, State, T1, VirtualTrunk};
use crate::moment::Moment;
use crate::night::message::Text;
use crate::night::patient::Script;

impl Line {
    /// Whether an INVITE of this call is a later one, through another door.
    fn is_tried_elsewhere(&self, gate: usize, invite: &Text) -> bool {
        let number = |text: &Text| text.cseq().map(|(number, _)| number);
        self.seen.gate != gate && number(invite) > number(&self.invite)
    }
}

impl VirtualTrunk {
    pub(super) fn invited(
        &mut self,
        now: Moment,
        gate: usize,
        from: SocketAddr,
        text: Text,
        chance: &mut ChaCha8Rng,
    ) -> Vec<Later> {
        let (Some(call_id), Some(number)) = (text.call_id(), text.user()) else {
            self.faults.push("an INVITE without Call-ID or number".to_owned());
            return Vec::new();
        };
        if text.tag("to").is_some() {
            self.faults.push("a re-INVITE to a trunk that serves UPDATE".to_owned());
            return Vec::new();
        }
        // The same call over another door, after this one could not carry it, is a new try (RFC 3261 section 8.1.3.5).
        let elsewhere = self
            .calls
            .get(call_id)
            .filter(|line| line.is_tried_elsewhere(gate, &text));
        if let Some(before) = elsewhere.map(|line| line.seen.gate)
            && let Some(line) = self.calls.remove(call_id)
        {
            self.calls.insert(format!("{call_id} over door {before}"), line);
        }
        if let Some(line) = self.calls.get(call_id) {
            let again = line.last_sent.clone();
            return if again.is_empty() {
                Vec::new()
            } else {
                vec![Later::Send {
                    gate,
                    to: from,
                    bytes: again,
                }]
            };
        }
        let (call, number) = (call_id.to_owned(), number.to_owned());
        let service = self.service(gate);
        if let Service::Refuses { status, retry_after } = service {
            let line = self.line(gate, from, number, text, chance);
            self.calls.insert(call.clone(), line);
            return self.refuse(now, &call, status, None, retry_after);
        }
        let rung = self
            .calls
            .values()
            .any(|line| line.seen.number == number && line.state != State::Over);
        if rung {
            self.faults.push(format!("{number} was rung twice at once"));
        }
        let calls = self.made.entry(number.clone()).or_default();
        let vacant = Script::Refuses {
            after: T1,
            status: 404,
            q850: Some(1),
        };
        let script = self
            .patients
            .get(&number)
            .and_then(|patient| patient.script(*calls))
            .cloned();
        *calls += 1;
        let script = script.unwrap_or(vacant);
        let trying = text.response(100, "Trying", "", "", "");
        let mut line = self.line(gate, from, number, text, chance);
        line.script = script.clone();
        line.last_sent.clone_from(&trying);
        let act = |after, act| Later::Act { after, act };
        let mut later = vec![Later::Send {
            gate,
            to: from,
            bytes: trying,
        }];
        match script {
            Script::Answers { ring, .. } => {
                later.push(act(T1, Act::Ring { call: call.clone() }));
                later.push(act(T1 + ring, Act::Answer { call: call.clone() }));
            }
            Script::RingsForever => later.push(act(T1, Act::Ring { call: call.clone() })),
            Script::RingsUnheard => {
                // What the trunk would say never reaches us.
                line.last_sent.clear();
                line.seen.rang = true;
                later.clear();
            }
            Script::Refuses { after, status, q850 } => {
                later.push(act(
                    after,
                    Act::Refuse {
                        call: call.clone(),
                        status,
                        q850,
                    },
                ));
            }
            Script::Drops => {
                // Nobody behind it ever hears of this call.
                line.last_sent.clear();
                line.state = State::Over;
                later.clear();
            }
        }
        later.push(act(RINGS, Act::StopRinging { call: call.clone() }));
        self.calls.insert(call, line);
        later
    }

    /// A new call over a door.
    fn line(&self, gate: usize, from: SocketAddr, number: String, invite: Text, chance: &mut ChaCha8Rng) -> Line {
        Line {
            seen: Seen {
                number,
                gate,
                ..Seen::default()
            },
            script: Script::Drops,
            address: self.address(gate),
            from,
            tag: format!("{:08x}", chance.next_u32()),
            port: invite.audio_port().unwrap_or_default(),
            state: State::Ringing,
            last_sent: Vec::new(),
            bye_cseqs: Vec::new(),
            cseq: 0,
            change: None,
            refreshed_at: None,
            invite,
        }
    }

    pub(super) fn acknowledged(&mut self, now: Moment, text: &Text) -> Vec<Later> {
        let Some((call, line)) = text.call_id().and_then(|call| Some((call, self.calls.get_mut(call)?))) else {
            return Vec::new();
        };
        // The ACK to an earlier door's refusal may come late.
        if text.cseq().map(|(number, _)| number) < line.invite.cseq().map(|(number, _)| number) {
            return Vec::new();
        }
        if text.tag("to") != Some(line.tag.as_str()) {
            self.faults.push("an ACK with another To tag".to_owned());
            return Vec::new();
        }
        line.seen.acknowledged = true;
        if line.state != State::Final {
            return Vec::new();
        }
        if line.seen.status != Some(200) {
            line.state = State::Over;
            return Vec::new();
        }
        line.state = State::Talking;
        line.watch(now, call)
    }

    pub(super) fn cancelled(&mut self, now: Moment, gate: usize, from: SocketAddr, text: &Text) -> Vec<Later> {
        let Some(call) = text.call_id().map(str::to_owned) else {
            return Vec::new();
        };
        let number = |text: &Text| text.cseq().map(|(number, _)| number);
        let known = self.calls.get_mut(&call);
        let Some(line) = known.filter(|line| number(&line.invite) == number(text)) else {
            let bytes = text.response(481, "Unknown", "unknown", "", "");
            return vec![Later::Send { gate, to: from, bytes }];
        };
        if text.branch() != line.invite.branch() {
            self.faults
                .push("a CANCEL with another branch than its INVITE".to_owned());
        }
        line.seen.cancelled = true;
        let mut later = vec![Later::Send {
            gate: line.seen.gate,
            to: from,
            bytes: text.response(200, "OK", &line.tag, "", ""),
        }];
        if line.state == State::Ringing {
            later.extend(self.refuse(now, &call, 487, None, None));
        }
        later
    }

    pub(super) fn bye(&mut self, from: SocketAddr, text: &Text) -> Vec<Later> {
        let Some(line) = text.call_id().and_then(|call| self.calls.get_mut(call)) else {
            self.faults.push("a BYE without a call".to_owned());
            return Vec::new();
        };
        if text.tag("to") != Some(line.tag.as_str()) {
            self.faults.push("a BYE with another To tag".to_owned());
        }
        if let Some((number, _)) = text.cseq()
            && !line.bye_cseqs.contains(&number)
        {
            line.bye_cseqs.push(number);
        }
        line.seen.byes = line.bye_cseqs.len();
        line.state = State::Over;
        vec![Later::Send {
            gate: line.seen.gate,
            to: from,
            bytes: text.response(200, "OK", &line.tag, "", ""),
        }]
    }

    pub(super) fn answered_us(&mut self, text: &Text) -> Vec<Later> {
        if let Some(line) = text.call_id().and_then(|call| self.calls.get_mut(call))
            && text.cseq().is_some_and(|(_, method)| method == "BYE")
            && text.status().is_some_and(|status| status >= 200)
        {
            line.seen.our_bye_answered = true;
            line.state = State::Over;
        }
        Vec::new()
    }
}
