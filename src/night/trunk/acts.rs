//! What the trunk does by itself: ringing, answering, refusing, sending again, the patient's hang-up.

use std::time::Duration;

use super::{Act, Again, GIVE_UP, Later, Line, State, T1, T2, VirtualTrunk};
use crate::moment::Moment;

impl VirtualTrunk {
    pub(in crate::night) fn act(&mut self, now: Moment, act: Act) -> Vec<Later> {
        match act {
            Act::Ring { call } => self.ring(now, &call),
            Act::Answer { call } => self.answer(now, &call),
            Act::Refuse { call, status, q850 } => self.refuse(now, &call, status, q850, None),
            Act::Again {
                call,
                state,
                wait,
                since,
            } => self.again(now, call, state, wait, since),
            Act::Leave { call } => self.leave(now, &call),
            Act::Change { call, direction } => self.change(now, call, direction),
            Act::Expire { call, since } => self.expire(&call, since),
            Act::StopRinging { call } => {
                if let Some(line) = self.calls.get_mut(&call).filter(|line| line.state == State::Ringing) {
                    line.state = State::Over;
                }
                Vec::new()
            }
            Act::Insist { call, since } => self.insist(now, &call, since),
        }
    }

    fn ring(&mut self, now: Moment, call: &str) -> Vec<Later> {
        if self.calls.get(call).is_some_and(Line::rings_reliably) {
            return self.ring_reliably(now, call);
        }
        let Some(line) = self.calls.get_mut(call).filter(|line| line.state == State::Ringing) else {
            return Vec::new();
        };
        let contact = format!("Contact: <sip:patient@{}>\r\n", line.address);
        line.seen.rang = true;
        line.last_sent = line.invite.response(180, "Ringing", &line.tag, &contact, "");
        vec![Later::Send {
            gate: line.seen.gate,
            to: line.from,
            bytes: line.last_sent.clone(),
        }]
    }

    fn answer(&mut self, now: Moment, call: &str) -> Vec<Later> {
        let Some(line) = self.calls.get_mut(call).filter(|line| line.state == State::Ringing) else {
            return Vec::new();
        };
        let more = format!("{}{}", line.contact(), line.session_fields());
        line.last_sent = line
            .invite
            .response(200, "OK", &line.tag, &more, &line.description("sendrecv"));
        line.seen.status = Some(200);
        line.state = State::Final;
        self.send_until_acknowledged(now, call)
    }

    pub(super) fn refuse(
        &mut self,
        now: Moment,
        call: &str,
        status: u16,
        q850: Option<u8>,
        retry_after: Option<u32>,
    ) -> Vec<Later> {
        let Some(line) = self.calls.get_mut(call).filter(|line| line.state == State::Ringing) else {
            return Vec::new();
        };
        let reason = q850
            .map(|value| format!("Reason: Q.850;cause={value}\r\n"))
            .unwrap_or_default();
        let retry = retry_after.map(|seconds| format!("Retry-After: {seconds}\r\n"));
        let more = reason + &retry.unwrap_or_default();
        line.last_sent = line.invite.response(status, "Refused", &line.tag, &more, "");
        line.seen.status = Some(status);
        line.state = State::Final;
        self.send_until_acknowledged(now, call)
    }

    fn send_until_acknowledged(&self, now: Moment, call: &str) -> Vec<Later> {
        let Some(line) = self.calls.get(call) else {
            return Vec::new();
        };
        let again = Act::Again {
            call: call.to_owned(),
            state: Again::Final,
            wait: T1,
            since: now,
        };
        vec![
            Later::Send {
                gate: line.seen.gate,
                to: line.from,
                bytes: line.last_sent.clone(),
            },
            Later::Act { after: T1, act: again },
        ]
    }

    fn again(&mut self, now: Moment, call: String, state: Again, wait: Duration, since: Moment) -> Vec<Later> {
        let Some(line) = self.calls.get_mut(&call) else {
            return Vec::new();
        };
        let open = match state {
            Again::Early => line.state == State::Ringing && !line.seen.pracked,
            Again::Final => line.state == State::Final,
            Again::Bye => line.state == State::Leaving,
            Again::Change => line.state == State::Talking && line.change.is_some(),
        };
        if !open {
            return Vec::new();
        }
        if now.since(since) >= GIVE_UP {
            line.state = State::Over;
            return Vec::new();
        }
        let wait = (wait * 2).min(T2);
        let change = line.change.as_ref().filter(|_| state == Again::Change);
        let bytes = change.map_or(&line.last_sent, |change| &change.request).clone();
        let send = Later::Send {
            gate: line.seen.gate,
            to: line.from,
            bytes,
        };
        vec![
            send,
            Later::Act {
                after: wait,
                act: Act::Again {
                    call,
                    state,
                    wait,
                    since,
                },
            },
        ]
    }

    fn leave(&mut self, now: Moment, call: &str) -> Vec<Later> {
        let Some(line) = self.calls.get_mut(call).filter(|line| line.state == State::Talking) else {
            return Vec::new();
        };
        line.last_sent = line.request("BYE", "Reason: Q.850;cause=16\r\n", "");
        line.state = State::Leaving;
        line.seen.left = true;
        let again = Act::Again {
            call: call.to_owned(),
            state: Again::Bye,
            wait: T1,
            since: now,
        };
        vec![
            Later::Send {
                gate: line.seen.gate,
                to: line.from,
                bytes: line.last_sent.clone(),
            },
            Later::Act { after: T1, act: again },
        ]
    }
}
