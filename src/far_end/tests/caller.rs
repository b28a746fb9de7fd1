//! A caller as small as possible: it prints what RFC 3261 asks for and takes time as it pleases.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::moment::Moment;

use super::super::call::{Here, Studio};
use super::super::ear::{Catalogue, Hearing};
use super::super::exchange::{Exchange, Line, Yield};
use super::super::rtp::voice::Voices;
use super::super::script::Script;

pub(super) const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
    m=audio 20000 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n\
    a=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\n";

/// One request of the caller, to be changed before it is printed.
#[derive(Clone)]
pub(super) struct Request {
    pub(super) method: &'static str,
    pub(super) number: &'static str,
    pub(super) call_id: &'static str,
    pub(super) branch: String,
    pub(super) cseq: u32,
    pub(super) from_tag: &'static str,
    pub(super) to_tag: String,
    pub(super) more: String,
    pub(super) body: &'static str,
}

impl Request {
    pub(super) fn invite(number: &'static str, call_id: &'static str) -> Self {
        Self {
            method: "INVITE",
            number,
            call_id,
            branch: format!("z9hG4bK-{call_id}-1"),
            cseq: 1,
            from_tag: "me",
            to_tag: String::new(),
            more: "Contact: <sip:daemon@127.0.0.1:5060>\r\nContent-Type: application/sdp\r\n".to_owned(),
            body: OFFER,
        }
    }

    /// A request of the same transaction: CANCEL, or ACK of a refusal.
    pub(super) fn same(&self, method: &'static str, to_tag: &str) -> Self {
        Self {
            method,
            to_tag: to_tag.to_owned(),
            more: String::new(),
            body: "",
            ..self.clone()
        }
    }

    /// A request inside the dialog.
    pub(super) fn inside(&self, method: &'static str, cseq: u32, to_tag: &str) -> Self {
        let branch = format!("z9hG4bK-{}-{method}-{cseq}", self.call_id);
        Self {
            branch,
            cseq,
            ..self.same(method, to_tag)
        }
    }

    pub(super) fn print(&self) -> String {
        let Self {
            method,
            number,
            call_id,
            branch,
            cseq,
            from_tag,
            to_tag,
            more,
            body,
        } = self;
        let tag = if to_tag.is_empty() {
            String::new()
        } else {
            format!(";tag={to_tag}")
        };
        format!(
            "{method} sip:{number}@127.0.0.1:5070 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch={branch};rport\r\n\
             Max-Forwards: 70\r\nFrom: <sip:daemon@127.0.0.1>;tag={from_tag}\r\n\
             To: <sip:{number}@127.0.0.1:5070>{tag}\r\nCall-ID: {call_id}\r\nCSeq: {cseq} {method}\r\n{more}\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }
}

/// A far end in virtual time, and everything that it said.
pub(super) struct World {
    pub(super) exchange: Exchange,
    pub(super) now: Moment,
    calls: u64,
    /// SIP datagrams of the far end, oldest first, not yet looked at.
    pub(super) said: Vec<String>,
    /// RTP datagrams of the far end.
    pub(super) rtp: Vec<Vec<u8>>,
    /// The log.
    pub(super) log: Vec<Value>,
}

pub(super) fn caller() -> SocketAddr {
    "127.0.0.1:5060".parse().unwrap()
}

pub(super) fn media() -> SocketAddr {
    "127.0.0.1:20000".parse().unwrap()
}

impl World {
    /// Everybody behaves as this says.
    pub(super) fn all(behaviour: &str) -> Self {
        Self::script(
            &format!("far_end.default = \"p\"\n[[behaviour]]\nname = \"p\"\n{behaviour}\n"),
            Vec::new(),
        )
    }

    pub(super) fn script(text: &str, prompts: Vec<(String, Vec<i16>)>) -> Self {
        let script = Script::parse(text).unwrap_or_else(|faults| panic!("{faults:#?}"));
        let hearing = Hearing::Prompts(Arc::new(Catalogue::new(prompts)));
        let studio = Studio {
            hearing,
            voices: Arc::new(Voices::make()),
        };
        Self {
            exchange: Exchange::new(script, studio),
            now: Moment::ZERO,
            calls: 0,
            said: Vec::new(),
            rtp: Vec::new(),
            log: Vec::new(),
        }
    }

    pub(super) fn send(&mut self, request: &Request) {
        self.send_text(&request.print());
    }

    pub(super) fn send_text(&mut self, text: &str) {
        let here = Here {
            sip: "127.0.0.1:5070".parse().unwrap(),
            rtp: "127.0.0.1:30000".parse().unwrap(),
        };
        let out = self.exchange.handle(self.now, caller(), text.as_bytes(), here);
        if let Some(key) = out.opened {
            self.calls = key + 1;
        }
        self.take(out);
    }

    /// Time passes in steps of 20 ms.
    pub(super) fn wait(&mut self, millis: u64) {
        for _ in 0..millis / 20 {
            self.now += Duration::from_millis(20);
            for key in 0..self.calls {
                let out = self.exchange.tick(self.now, key);
                self.take(out);
            }
        }
    }

    pub(super) fn hear(&mut self, datagram: &[u8]) {
        let out = self.exchange.hear(self.now, 0, self.now, media(), datagram);
        self.take(out);
    }

    /// The start lines of what was said, which is then forgotten.
    pub(super) fn lines(&mut self) -> Vec<String> {
        self.said
            .drain(..)
            .filter_map(|text| text.lines().next().map(str::to_owned))
            .collect()
    }

    /// The To tag of the last response.
    pub(super) fn tag(&self) -> String {
        let last = self
            .said
            .iter()
            .rfind(|text| text.starts_with("SIP/2.0") && text.contains(";tag=fe"))
            .unwrap();
        let to = last.lines().find(|line| line.starts_with("To:")).unwrap();
        to.split_once(";tag=").unwrap().1.to_owned()
    }

    /// The faults of the only call, by name.
    pub(super) fn sip_faults(&self) -> Vec<String> {
        let call = self
            .log
            .iter()
            .find(|line| line["kind"] == "call")
            .expect("the call's line");
        let faults = call["sip_faults"].as_array().unwrap();
        faults.iter().map(|f| f["what"].as_str().unwrap().to_owned()).collect()
    }

    fn take(&mut self, out: Yield) {
        self.said.extend(
            out.sip
                .into_iter()
                .map(|(_, datagram)| String::from_utf8(datagram).unwrap()),
        );
        self.rtp.extend(out.rtp.into_iter().map(|(_, datagram)| datagram));
        self.log.extend(out.lines.into_iter().map(|line| match line {
            Line::Call(entry) => serde_json::to_value(entry).unwrap(),
            Line::After(after) => serde_json::to_value(after).unwrap(),
        }));
    }
}
