//! A far side that answers around the moment in which its caller gives up.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::rig::chance::Chance;
use crate::rig::journal;
use crate::rig::ports;
use crate::rig::sip_text::{first_word, lines, response, sdp, uri, user, value};

/// How long the caller lets it ring.
const RING: Duration = Duration::from_secs(5);
/// An answer that no CANCEL crossed is hung up after this.
const TALK: Duration = Duration::from_millis(700);
const LONGEST_WAIT: Duration = Duration::from_millis(50);

/// Who won a race.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Won {
    /// The caller cancelled and yet got a 200.
    Crossed,
    /// The 200 was there before the caller gave up.
    ByAnswer,
    /// 487.
    ByCancel,
}

/// One call, from the far side.
#[derive(Clone, Debug)]
pub(super) struct Race {
    pub(super) number: String,
    pub(super) won: Won,
    /// 200 to ACK.
    pub(super) ack_ms: Option<u128>,
    /// 200 to the caller's BYE.
    pub(super) bye_ms: Option<u128>,
}

/// When it answers.
#[derive(Clone, Copy, Debug)]
enum Plan {
    /// So long after the INVITE, whatever happens.
    At(Duration),
    /// So long after the CANCEL, whose own 200 goes before or after.
    AfterCancel { delay: Duration, own_first: bool },
    /// 487, so long after the CANCEL.
    Never { delay: Duration },
}

#[derive(Debug)]
struct Call {
    invite: String,
    caller: SocketAddr,
    plan: Plan,
    cancel: Option<String>,
    answered: Option<Instant>,
    acknowledged: Option<Instant>,
    ended: Option<Instant>,
    refused: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Answer,
    AcceptCancel,
    Refuse,
    HangUp,
}

/// The far side, on a port of its own.
#[derive(Debug)]
pub(super) struct Racer {
    port: u16,
    stops: Arc<AtomicBool>,
    thread: JoinHandle<Vec<Race>>,
}

impl Racer {
    pub(super) fn start(seed: u64) -> Self {
        let port = ports::free(2);
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
        let stops = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stops);
        let thread = std::thread::spawn(move || Desk::new(socket, seed).run(&stopped));
        Self { port, stops, thread }
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// What it saw, call by call.
    pub(super) fn finish(self) -> Vec<Race> {
        self.stops.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

#[derive(Debug)]
struct Desk {
    socket: UdpSocket,
    /// Where the callers' voice goes; nobody listens.
    media: UdpSocket,
    chance: Chance,
    calls: BTreeMap<String, Call>,
    turns: BTreeMap<(Instant, String), Vec<Turn>>,
}

impl Desk {
    fn new(socket: UdpSocket, seed: u64) -> Self {
        Self {
            socket,
            media: UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap(),
            chance: Chance::new(seed),
            calls: BTreeMap::new(),
            turns: BTreeMap::new(),
        }
    }

    fn run(mut self, stops: &AtomicBool) -> Vec<Race> {
        let mut datagram = vec![0; 65_536];
        while !stops.load(Ordering::Relaxed) {
            let due = self.turns.first_key_value().map(|((at, _), _)| *at);
            let wait = due.map_or(LONGEST_WAIT, |at| journal::remaining(at).unwrap_or_default());
            self.socket
                .set_read_timeout(Some(wait.clamp(Duration::from_millis(1), LONGEST_WAIT)))
                .unwrap();
            if let Ok((length, from)) = self.socket.recv_from(&mut datagram) {
                self.hear(&String::from_utf8_lossy(&datagram[..length]), from);
            }
            while let Some(first) = self.turns.first_entry() {
                if journal::remaining(first.key().0).is_some() {
                    break;
                }
                let ((_, call), turns) = first.remove_entry();
                turns.into_iter().for_each(|turn| self.take(turn, &call));
            }
        }
        self.calls.into_values().map(Call::race).collect()
    }

    fn hear(&mut self, message: &str, from: SocketAddr) {
        let id = value(message, "Call-ID").to_owned();
        let now = journal::now();
        match first_word(message) {
            "INVITE" if !self.calls.contains_key(&id) => {
                let plan = self.draw_plan();
                self.say(&response(message, "180 Ringing", "racer", "", ""), from);
                if let Plan::At(delay) = plan {
                    self.plan(delay, &id, Turn::Answer);
                }
                let call = Call {
                    invite: message.to_owned(),
                    caller: from,
                    plan,
                    cancel: None,
                    answered: None,
                    acknowledged: None,
                    ended: None,
                    refused: false,
                };
                self.calls.insert(id, call);
            }
            "CANCEL" => {
                let Some(call) = self.calls.get_mut(&id) else { return };
                call.cancel = Some(message.to_owned());
                match call.plan {
                    Plan::At(_) => self.take(Turn::AcceptCancel, &id),
                    Plan::AfterCancel { delay, own_first } => {
                        if own_first {
                            self.take(Turn::AcceptCancel, &id);
                        }
                        self.plan(delay, &id, Turn::Answer);
                        if !own_first {
                            self.plan(delay, &id, Turn::AcceptCancel);
                        }
                    }
                    Plan::Never { delay } => {
                        self.take(Turn::AcceptCancel, &id);
                        self.plan(delay, &id, Turn::Refuse);
                    }
                }
            }
            "ACK" => {
                let Some(call) = self.calls.get_mut(&id) else { return };
                call.acknowledged.get_or_insert(now);
            }
            "BYE" => {
                if let Some(call) = self.calls.get_mut(&id) {
                    call.ended.get_or_insert(now);
                }
                self.say(&response(message, "200 OK", "racer", "", ""), from);
            }
            _ => {}
        }
    }

    /// Half answer within 30 ms of the limit; most others when the CANCEL has come; some refuse.
    fn draw_plan(&mut self) -> Plan {
        let micros = |chance: &mut Chance, limit| Duration::from_micros(u64::try_from(chance.below(limit)).unwrap());
        match self.chance.below(10) {
            0..=3 => Plan::At(RING - Duration::from_millis(20) + micros(&mut self.chance, 60_000)),
            4..=8 => Plan::AfterCancel {
                delay: micros(&mut self.chance, 40_000),
                own_first: self.chance.happens(500),
            },
            _ => Plan::Never {
                delay: micros(&mut self.chance, 40_000),
            },
        }
    }

    fn plan(&mut self, delay: Duration, call: &str, turn: Turn) {
        let at = journal::deadline(delay);
        self.turns.entry((at, call.to_owned())).or_default().push(turn);
    }

    fn take(&mut self, turn: Turn, id: &str) {
        let contact = format!("Contact: <sip:racer@{}>\r\n", self.socket.local_addr().unwrap());
        let media = self.media.local_addr().unwrap().port();
        let Some(call) = self.calls.get_mut(id) else { return };
        let caller = call.caller;
        let said = match turn {
            Turn::Answer => {
                call.answered = Some(journal::now());
                Some(response(&call.invite, "200 OK", "racer", &contact, &sdp(media)))
            }
            Turn::AcceptCancel => call
                .cancel
                .as_ref()
                .map(|cancel| response(cancel, "200 OK", "racer", "", "")),
            Turn::Refuse => {
                call.refused = true;
                Some(response(&call.invite, "487 Request Terminated", "racer", "", ""))
            }
            Turn::HangUp if call.cancel.is_none() && call.ended.is_none() => Some(call.bye()),
            Turn::HangUp => None,
        };
        if let Some(said) = said {
            self.say(&said, caller);
        }
        if turn == Turn::Answer {
            self.plan(TALK, id, Turn::HangUp);
        }
    }

    fn say(&self, message: &str, to: SocketAddr) {
        self.socket.send_to(message.as_bytes(), to).unwrap();
    }
}

impl Call {
    fn bye(&self) -> String {
        let via = lines(&self.invite, "Via").first().copied().unwrap_or_default();
        let branch = via
            .split_once("branch=")
            .map_or("x", |(_, rest)| rest.split(';').next().unwrap_or_default());
        format!(
            "BYE {} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;rport;branch={branch}-bye\r\nMax-Forwards: 70\r\n\
             From: {};tag=racer\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n",
            uri(&self.invite, "Contact"),
            value(&self.invite, "To"),
            value(&self.invite, "From"),
            value(&self.invite, "Call-ID"),
        )
    }

    fn race(self) -> Race {
        let won = match (self.refused, self.cancel) {
            (true, _) => Won::ByCancel,
            (false, Some(_)) => Won::Crossed,
            (false, None) => Won::ByAnswer,
        };
        let after = |at: Option<Instant>| Some(at?.saturating_duration_since(self.answered?).as_millis());
        Race {
            number: user(&self.invite, "To").to_owned(),
            won,
            ack_ms: after(self.acknowledged),
            bye_ms: after(self.ended),
        }
    }
}
