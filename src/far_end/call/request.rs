//! Requests of the far end inside a call: BYE, INFO with a key, re-INVITE, repeated until answered (RFC 3261 17.1).

use std::net::SocketAddr;

use crate::far_end::wire::message::parameter;
use crate::far_end::wire::{Message, finish};
use crate::moment::Moment;
use crate::phone::Key;

use super::{Call, Outbox, PATIENCE, Repeat, Stage};

/// Our requests that are not answered yet, and our CSeq.
#[derive(Debug, Default)]
pub(super) struct Requests {
    cseq: u32,
    open: Vec<Open>,
}

#[derive(Debug)]
struct Open {
    cseq: u32,
    method: &'static str,
    branch: String,
    to: SocketAddr,
    repeat: Repeat,
}

impl Call {
    /// BYE.
    pub(super) fn send_bye(&mut self, now: Moment, out: &mut Outbox) {
        self.request(now, "BYE", &[], "", out);
    }

    /// A key as `application/dtmf-relay`.
    pub(super) fn press_by_info(&mut self, now: Moment, key: Key, out: &mut Outbox) {
        let body = format!("Signal={}\r\nDuration=160\r\n", key.as_char());
        self.request(
            now,
            "INFO",
            &["Content-Type: application/dtmf-relay".to_owned()],
            &body,
            out,
        );
    }

    /// A re-INVITE that offers what is spoken already.
    pub(super) fn send_reinvite(&mut self, now: Moment, out: &mut Outbox) {
        let contact = format!("Contact: <{}>", self.contact());
        if let Some(body) = self.describe(now) {
            self.request(now, "INVITE", &[contact], &body, out);
        }
    }

    /// A response to one of them.
    pub(super) fn responded(&mut self, now: Moment, status: u16, message: &Message, out: &mut Outbox) {
        let (cseq, method) = (message.cseq(), message.method());
        let via = message.header("Via").unwrap_or_default();
        let found = self.requests.open.iter().position(|open| {
            Some(open.cseq) == cseq && open.method == method && parameter(via, "branch") == Some(&open.branch)
        });
        let Some(found) = found else {
            // The answer to a request that was repeated comes twice.
            let was_sent = cseq.is_some_and(|c| c <= self.requests.cseq);
            if !was_sent || !matches!(method, "BYE" | "INFO" | "INVITE") {
                self.faults.note("a response to nothing that was asked");
            } else if method == "INVITE" && status >= 200 {
                self.faults.note("the answer to a re-INVITE came again after its ACK");
            }
            return;
        };
        if status < 200 {
            return;
        }
        let open = self.requests.open.remove(found);
        match open.method {
            "BYE" => {
                if status != 200 {
                    self.faults.note("BYE was not answered with 200");
                }
                self.over(now);
            }
            "INVITE" => {
                let branch = if status < 300 {
                    format!("{}-ack", open.branch)
                } else {
                    open.branch.clone()
                };
                let ack = self.message("ACK", open.cseq, &branch, &[], "");
                out.push((open.to, ack));
            }
            _ if status != 200 => self.faults.note("INFO was not answered with 200"),
            _ => {}
        }
    }

    /// Repeats what was not answered.
    pub(super) fn repeat_requests(&mut self, now: Moment, out: &mut Outbox) {
        for open in &mut self.requests.open {
            if open.repeat.is_due(now) {
                out.push((open.to, open.repeat.response.clone()));
            }
        }
        let given_up: Vec<&'static str> = self
            .requests
            .open
            .iter()
            .filter(|open| now >= open.repeat.until)
            .map(|open| open.method)
            .collect();
        self.requests.open.retain(|open| now < open.repeat.until);
        for method in given_up {
            self.faults.note(match method {
                "BYE" => "BYE was not answered",
                "INVITE" => "a re-INVITE was not answered",
                _ => "INFO was not answered",
            });
            if method == "BYE" {
                self.over(now);
            }
        }
        if matches!(self.stage, Stage::Over(_)) {
            self.requests.open.clear();
        }
    }

    fn request(&mut self, now: Moment, method: &'static str, more: &[String], body: &str, out: &mut Outbox) {
        self.requests.cseq += 1;
        let cseq = self.requests.cseq;
        let branch = format!("z9hG4bK{}{cseq}", self.tag);
        let datagram = self.message(method, cseq, &branch, more, body);
        let (_, to) = self.target();
        out.push((to, datagram.clone()));
        let repeat = Repeat {
            until: now + PATIENCE,
            ..Repeat::new(now, datagram)
        };
        self.requests.open.push(Open {
            cseq,
            method,
            branch,
            to,
            repeat,
        });
    }

    fn message(&self, method: &str, cseq: u32, branch: &str, more: &[String], body: &str) -> Vec<u8> {
        let (uri, _) = self.target();
        let copied = |name| self.invite.header(name).unwrap_or_default();
        let text = format!(
            "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {};branch={branch};rport\r\nMax-Forwards: 70\r\n\
             From: {};tag={}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {cseq} {method}\r\n",
            self.here.sip,
            copied("To"),
            self.tag,
            copied("From"),
            copied("Call-ID"),
        );
        finish(text, more, body)
    }
}
