//! The virtual trunks, several doors to one network of patients: they answer INVITEs, send again what is not
//! acknowledged, note what they saw.

mod acts;
mod callers;
mod changes;
mod gate;
mod requests;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use rand_chacha::ChaCha8Rng;

pub use gate::Service;

use super::message::Text;
use super::patient::{Patient, Script, Speaks, Talk};
use crate::moment::Moment;
use crate::phone::Key;

/// RFC 3261 T1, T2 and 64*T1.
const T1: Duration = Duration::from_millis(500);
const T2: Duration = Duration::from_secs(4);
const GIVE_UP: Duration = Duration::from_secs(32);

/// How long a telephone rings that nobody answers and no CANCEL reaches.
const RINGS: Duration = Duration::from_secs(85);

/// Trunks with patients behind them.
#[derive(Debug)]
pub struct VirtualTrunk {
    gates: Vec<gate::Gate>,
    incoming: BTreeMap<String, callers::Incoming>,
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
    /// The reliable 183 was acknowledged.
    pub pracked: bool,
    /// How often the daemon refreshed the session.
    pub refreshes: usize,
    /// What the daemon answered to each hold and resume: the direction in its description.
    pub changes: Vec<String>,
    /// Over which of the trunks.
    pub gate: usize,
    /// The patient's telephone rang.
    pub rang: bool,
    /// The trunk went dark while the call was up.
    pub cut: bool,
    /// The patient called the daemon.
    pub came_in: bool,
}

#[derive(Debug)]
struct Line {
    seen: Seen,
    script: Script,
    invite: Text,
    /// The door that it came through.
    address: SocketAddr,
    from: SocketAddr,
    tag: String,
    port: u16,
    state: State,
    last_sent: Vec<u8>,
    bye_cseqs: Vec<u32>,
    /// The last CSeq of the patient's own requests.
    cseq: u32,
    /// The hold or resume that waits for its answer.
    change: Option<changes::Change>,
    refreshed_at: Option<Moment>,
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
    /// A re-INVITE with this direction.
    Change {
        call: String,
        direction: &'static str,
    },
    /// The session's time is over, if nothing refreshed it since.
    Expire {
        call: String,
        since: Moment,
    },
    /// Nobody answered for too long.
    StopRinging {
        call: String,
    },
    /// The patient's INVITE to us is due again.
    Insist {
        call: String,
        since: Moment,
    },
}

/// What is sent again until it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    Early,
    Final,
    Bye,
    Change,
}

/// What follows from an input.
#[derive(Debug)]
pub(super) enum Later {
    Send {
        gate: usize,
        to: SocketAddr,
        bytes: Vec<u8>,
    },
    Act {
        after: Duration,
        act: Act,
    },
    Press {
        after: Duration,
        port: u16,
        key: Key,
    },
}

impl VirtualTrunk {
    /// Doors at these addresses, each with the daemon's address towards it.
    pub(super) fn new(doors: impl IntoIterator<Item = (SocketAddr, SocketAddr)>) -> Self {
        let gate = |(address, daemon)| gate::Gate {
            address,
            daemon,
            service: Service::Serves,
            options: 0,
        };
        Self {
            gates: doors.into_iter().map(gate).collect(),
            incoming: BTreeMap::new(),
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

    /// The Call-IDs of the calls that ring or talk.
    pub fn up(&self) -> BTreeSet<String> {
        let is_up = |line: &Line| match line.state {
            State::Ringing | State::Talking => true,
            State::Final => line.seen.status == Some(200),
            State::Leaving | State::Over => false,
        };
        let up = self.calls.iter().filter(|(_, line)| is_up(line));
        up.map(|(call_id, _)| call_id.clone()).collect()
    }

    /// What the daemon did wrong in the trunk's eyes.
    pub fn faults(&self) -> &[String] {
        &self.faults
    }

    pub(super) fn receive(
        &mut self,
        now: Moment,
        gate: usize,
        from: SocketAddr,
        bytes: &[u8],
        chance: &mut ChaCha8Rng,
    ) -> Vec<Later> {
        let Some(text) = Text::read(bytes) else {
            self.faults.push("a datagram that is no SIP".to_owned());
            return Vec::new();
        };
        match text.method() {
            Some("INVITE") => self.invited(now, gate, from, text, chance),
            Some("ACK") => self.acknowledged(now, &text),
            Some("PRACK") => self.pracked(&text),
            Some("UPDATE") => self.refreshed(now, &text),
            Some("CANCEL") => self.cancelled(now, gate, from, &text),
            Some("BYE") => self.bye(from, &text),
            Some("OPTIONS") => self.asked(gate, from, &text),
            Some(other) => {
                self.faults.push(format!("an unexpected {other}"));
                Vec::new()
            }
            None if text.cseq().is_some_and(|(_, method)| method == "INVITE") => {
                if text.call_id().is_some_and(|call| self.calls.contains_key(call)) {
                    self.change_answered(&text)
                } else {
                    self.turned_away_by(&text)
                }
            }
            None => self.answered_us(&text),
        }
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
        if let Some(hold) = talk
            .holds
            .as_ref()
            .filter(|hold| hold.prompt == prompt && line.cseq == 0)
        {
            for (after, direction) in [(hold.after, "sendonly"), (hold.after + hold.lasts, "sendrecv")] {
                let call = call.clone();
                later.push(Later::Act {
                    after,
                    act: Act::Change { call, direction },
                });
            }
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
        if self.awaits_an_answer() {
            return true;
        }
        let line = self
            .calls
            .values()
            .find(|line| line.port == port && line.state != State::Over);
        line.is_some_and(|line| match &line.script {
            Script::Answers {
                talk: Talk { speaks, .. },
                ..
            } => *speaks == Speaks::Yes,
            Script::RingsForever | Script::RingsUnheard | Script::Refuses { .. } | Script::Drops => false,
        })
    }
}
