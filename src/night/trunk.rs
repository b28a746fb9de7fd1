//! The virtual trunk: answers INVITEs for its patients, sends again what is not acknowledged, notes what it saw.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use super::message::Text;
use super::patient::{Patient, Script, Speaks, Talk};
use crate::moment::Moment;
use crate::phone::Key;

/// RFC 3261 T1, T2 and 64*T1.
const T1: Duration = Duration::from_millis(500);
const T2: Duration = Duration::from_secs(4);
const GIVE_UP: Duration = Duration::from_secs(32);

/// A trunk with patients behind it.
#[derive(Debug)]
pub struct VirtualTrunk {
    address: SocketAddr,
    patients: BTreeMap<String, Patient>,
    calls: BTreeMap<String, Line>,
    made: BTreeMap<String, usize>,
    faults: Vec<String>,
}

/// What the trunk saw of one call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The number dialed.
    pub number: String,
    /// The final status that was sent first.
    pub status: Option<u16>,
    /// An ACK to it came.
    pub acknowledged: bool,
    /// Distinct BYEs from the daemon.
    pub byes: usize,
    /// The patient's BYE was answered.
    pub our_bye_answered: bool,
    /// The patient hung up.
    pub left: bool,
    /// A CANCEL came.
    pub cancelled: bool,
    /// Prompts that began to play to the patient.
    pub prompts: Vec<String>,
    /// Keys pressed.
    pub keys: String,
}

#[derive(Debug)]
struct Line {
    seen: Seen,
    script: Script,
    invite: Text,
    from: SocketAddr,
    tag: String,
    port: u16,
    state: State,
    last_sent: Vec<u8>,
    bye_cseqs: Vec<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ringing,
    /// A final response was sent.
    Final,
    /// The 200 is acknowledged.
    Talking,
    /// The patient's BYE is under way.
    Leaving,
    Over,
}

impl Line {
    /// The 200 is out: what the daemon plays is heard, whether or not its ACK has come yet.
    fn is_answered(&self) -> bool {
        self.seen.status == Some(200) && matches!(self.state, State::Final | State::Talking)
    }
}

/// What the trunk has planned.
#[derive(Clone, Debug)]
pub(super) enum Act {
    Ring {
        call: String,
    },
    Answer {
        call: String,
    },
    Refuse {
        call: String,
        status: u16,
        q850: Option<u8>,
    },
    Again {
        call: String,
        state: Again,
        wait: Duration,
        since: Moment,
    },
    Leave {
        call: String,
    },
}

/// What is sent again until it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    Final,
    Bye,
}

/// What follows from an input.
#[derive(Debug)]
pub(super) enum Later {
    Send { to: SocketAddr, bytes: Vec<u8> },
    Act { after: Duration, act: Act },
    Press { after: Duration, port: u16, key: Key },
}

impl VirtualTrunk {
    pub(super) fn new(address: SocketAddr) -> Self {
        Self {
            address,
            patients: BTreeMap::new(),
            calls: BTreeMap::new(),
            made: BTreeMap::new(),
            faults: Vec::new(),
        }
    }

    /// Puts a patient behind a number; a number without one gets 404 with cause 1.
    pub fn connect(&mut self, number: &str, patient: Patient) {
        self.patients.insert(number.to_owned(), patient);
    }

    /// What was seen, call by call.
    pub fn seen(&self) -> impl Iterator<Item = (&str, &Seen)> {
        self.calls.iter().map(|(call_id, line)| (call_id.as_str(), &line.seen))
    }

    /// What the daemon did wrong in the trunk's eyes.
    pub fn faults(&self) -> &[String] {
        &self.faults
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn receive(
        &mut self,
        now: Moment,
        from: SocketAddr,
        bytes: &[u8],
        chance: &mut ChaCha8Rng,
    ) -> Vec<Later> {
        let Some(text) = Text::read(bytes) else {
            self.faults.push("a datagram that is no SIP".to_owned());
            return Vec::new();
        };
        match text.method() {
            Some("INVITE") => self.invited(from, text, chance),
            Some("ACK") => self.acknowledged(&text),
            Some("CANCEL") => self.cancelled(now, from, &text),
            Some("BYE") => self.bye(from, &text),
            Some(other) => {
                self.faults.push(format!("an unexpected {other}"));
                Vec::new()
            }
            None => self.answered_us(&text),
        }
    }

    fn invited(&mut self, from: SocketAddr, text: Text, chance: &mut ChaCha8Rng) -> Vec<Later> {
        let (Some(call_id), Some(number)) = (text.call_id(), text.user()) else {
            self.faults.push("an INVITE without Call-ID or number".to_owned());
            return Vec::new();
        };
        if let Some(line) = self.calls.get(call_id) {
            let again = line.last_sent.clone();
            return if again.is_empty() {
                Vec::new()
            } else {
                vec![Later::Send { to: from, bytes: again }]
            };
        }
        let (call, number) = (call_id.to_owned(), number.to_owned());
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
        let port = text.audio_port().unwrap_or_default();
        let trying = text.response(100, "Trying", "", "", "");
        let mut line = Line {
            seen: Seen {
                number,
                ..Seen::default()
            },
            script: script.clone(),
            invite: text,
            from,
            tag: format!("{:08x}", chance.next_u32()),
            port,
            state: State::Ringing,
            last_sent: trying.clone(),
            bye_cseqs: Vec::new(),
        };
        let act = |after, act| Later::Act { after, act };
        let mut later = vec![Later::Send {
            to: from,
            bytes: trying,
        }];
        match script {
            Script::Answers { ring, .. } => {
                later.push(act(T1, Act::Ring { call: call.clone() }));
                later.push(act(T1 + ring, Act::Answer { call: call.clone() }));
            }
            Script::RingsForever => later.push(act(T1, Act::Ring { call: call.clone() })),
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
        self.calls.insert(call, line);
        later
    }

    fn acknowledged(&mut self, text: &Text) -> Vec<Later> {
        let Some(line) = text.call_id().and_then(|call| self.calls.get_mut(call)) else {
            return Vec::new();
        };
        if text.tag("to") != Some(line.tag.as_str()) {
            self.faults.push("an ACK with another To tag".to_owned());
            return Vec::new();
        }
        line.seen.acknowledged = true;
        if line.state == State::Final {
            line.state = if line.seen.status == Some(200) {
                State::Talking
            } else {
                State::Over
            };
        }
        Vec::new()
    }

    fn cancelled(&mut self, now: Moment, from: SocketAddr, text: &Text) -> Vec<Later> {
        let Some(call) = text.call_id().map(str::to_owned) else {
            return Vec::new();
        };
        let Some(line) = self.calls.get_mut(&call) else {
            return Vec::new();
        };
        if text.branch() != line.invite.branch() {
            self.faults
                .push("a CANCEL with another branch than its INVITE".to_owned());
        }
        line.seen.cancelled = true;
        let mut later = vec![Later::Send {
            to: from,
            bytes: text.response(200, "OK", &line.tag, "", ""),
        }];
        if line.state == State::Ringing {
            later.extend(self.refuse(now, &call, 487, None));
        }
        later
    }

    fn bye(&mut self, from: SocketAddr, text: &Text) -> Vec<Later> {
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
            to: from,
            bytes: text.response(200, "OK", &line.tag, "", ""),
        }]
    }

    fn answered_us(&mut self, text: &Text) -> Vec<Later> {
        if let Some(line) = text.call_id().and_then(|call| self.calls.get_mut(call))
            && text.cseq().is_some_and(|(_, method)| method == "BYE")
            && text.status().is_some_and(|status| status >= 200)
        {
            line.seen.our_bye_answered = true;
            line.state = State::Over;
        }
        Vec::new()
    }

    pub(super) fn act(&mut self, now: Moment, act: Act) -> Vec<Later> {
        match act {
            Act::Ring { call } => self.ring(&call),
            Act::Answer { call } => self.answer(now, &call),
            Act::Refuse { call, status, q850 } => self.refuse(now, &call, status, q850),
            Act::Again {
                call,
                state,
                wait,
                since,
            } => self.again(now, call, state, wait, since),
            Act::Leave { call } => self.leave(now, &call),
        }
    }

    fn ring(&mut self, call: &str) -> Vec<Later> {
        let Some(line) = self.calls.get_mut(call).filter(|line| line.state == State::Ringing) else {
            return Vec::new();
        };
        let contact = format!("Contact: <sip:patient@{}>\r\n", self.address);
        line.last_sent = line.invite.response(180, "Ringing", &line.tag, &contact, "");
        vec![Later::Send {
            to: line.from,
            bytes: line.last_sent.clone(),
        }]
    }

    fn answer(&mut self, now: Moment, call: &str) -> Vec<Later> {
        let contact = format!(
            "Contact: <sip:patient@{}>\r\nContent-Type: application/sdp\r\n",
            self.address
        );
        let Some(line) = self.calls.get_mut(call).filter(|line| line.state == State::Ringing) else {
            return Vec::new();
        };
        let sdp = format!(
            "v=0\r\no=patient 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
             m=audio {} RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\n",
            40_000 + u32::from(line.port % 10_000)
        );
        line.last_sent = line.invite.response(200, "OK", &line.tag, &contact, &sdp);
        line.seen.status = Some(200);
        line.state = State::Final;
        self.send_until_acknowledged(now, call)
    }

    fn refuse(&mut self, now: Moment, call: &str, status: u16, q850: Option<u8>) -> Vec<Later> {
        let Some(line) = self.calls.get_mut(call).filter(|line| line.state == State::Ringing) else {
            return Vec::new();
        };
        let reason = q850
            .map(|value| format!("Reason: Q.850;cause={value}\r\n"))
            .unwrap_or_default();
        line.last_sent = line.invite.response(status, "Refused", &line.tag, &reason, "");
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
            Again::Final => line.state == State::Final,
            Again::Bye => line.state == State::Leaving,
        };
        if !open {
            return Vec::new();
        }
        if now.since(since) >= GIVE_UP {
            line.state = State::Over;
            return Vec::new();
        }
        let wait = (wait * 2).min(T2);
        let send = Later::Send {
            to: line.from,
            bytes: line.last_sent.clone(),
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
        let contact = |line: &Line| {
            let contact = line.invite.header("contact").unwrap_or_default();
            contact
                .trim_start_matches('<')
                .split('>')
                .next()
                .unwrap_or_default()
                .to_owned()
        };
        let Some(line) = self.calls.get_mut(call).filter(|line| line.state == State::Talking) else {
            return Vec::new();
        };
        let header = |name| line.invite.header(name).unwrap_or_default();
        line.last_sent = format!(
            "BYE {} SIP/2.0\r\nVia: SIP/2.0/UDP {};branch=z9hG4bK{}bye\r\nMax-Forwards: 70\r\nFrom: {};tag={}\r\n\
             To: {}\r\nCall-ID: {call}\r\nCSeq: 1 BYE\r\nReason: Q.850;cause=16\r\nContent-Length: 0\r\n\r\n",
            contact(line),
            self.address,
            line.tag,
            header("to"),
            line.tag,
            header("from"),
        )
        .into_bytes();
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
                to: line.from,
                bytes: line.last_sent.clone(),
            },
            Later::Act { after: T1, act: again },
        ]
    }

    /// A prompt begins to play to whoever talks on `port`: the patient may press keys or leave.
    pub(super) fn hears(&mut self, port: u16, prompt: &str) -> Vec<Later> {
        let found = self
            .calls
            .iter_mut()
            .find(|(_, line)| line.port == port && line.is_answered());
        let Some((call, line)) = found else { return Vec::new() };
        line.seen.prompts.push(prompt.to_owned());
        let Script::Answers { talk, .. } = &line.script else {
            return Vec::new();
        };
        let mut later = Vec::new();
        if let Some((at, after)) = &talk.leaves
            && at == prompt
        {
            later.push(Later::Act {
                after: *after,
                act: Act::Leave { call: call.clone() },
            });
        }
        let keys = talk.keys.get(prompt).or(talk.otherwise.as_ref()).cloned();
        if let Some((keys, after)) = keys {
            for (place, key) in (1_u32..).zip(keys.chars().filter_map(Key::from_char)) {
                line.seen.keys.push(key.as_char());
                later.push(Later::Press {
                    after: after + T1 * (place - 1),
                    port,
                    key,
                });
            }
        }
        later
    }

    /// Whether RTP comes from whoever talks on `port`.
    pub(super) fn speaks(&self, port: u16) -> bool {
        let line = self
            .calls
            .values()
            .find(|line| line.port == port && line.state != State::Over);
        line.is_some_and(|line| match &line.script {
            Script::Answers {
                talk: Talk { speaks, .. },
                ..
            } => *speaks == Speaks::Yes,
            Script::RingsForever | Script::Refuses { .. } | Script::Drops => false,
        })
    }
}
