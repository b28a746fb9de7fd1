//! A bad line between the daemon and its patients: it carries SIP as it is, and RTP with loss, delay and doubles.
//!
//! It stands where the trunk is called, and puts ports of its own into the SDP of both sides. What the daemon answers to
//! anybody but the patients goes no further.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::chance::Chance;
use super::sip_text::{first_word, value};
use super::{journal, ports};

/// How often a blocked thread looks whether it may end.
const LOOK: Duration = Duration::from_millis(200);

/// What happens to a packet of RTP.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trouble {
    pub(crate) lost_per_mille: usize,
    /// Every packet is delayed by its own time, up to this; so packets overtake each other.
    pub(crate) jitter: Duration,
    pub(crate) doubled_per_mille: usize,
}

impl Trouble {
    pub(crate) const NONE: Self = Self {
        lost_per_mille: 0,
        jitter: Duration::ZERO,
        doubled_per_mille: 0,
    };
}

/// A line that carries calls until it is dropped.
#[derive(Debug)]
pub(crate) struct Line {
    port: u16,
    office: Arc<Office>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Debug)]
struct Office {
    stops: AtomicBool,
    trouble: Trouble,
    seed: u64,
    /// Where SIP of the daemon comes in, and where SIP of the patients does.
    front: UdpSocket,
    back: UdpSocket,
    patients: SocketAddr,
    daemon: Mutex<Option<SocketAddr>>,
    calls: Mutex<BTreeMap<String, Arc<Call>>>,
    /// Call-ID and CSeq of the patients' requests.
    asked: Mutex<BTreeSet<(String, String)>>,
    carried: Mutex<Vec<Vec<u8>>>,
    late: Mutex<BTreeMap<(Instant, u64), Parcel>>,
    is_due: Condvar,
}

/// The media of one call: a socket towards each side, and where that side listens.
#[derive(Debug)]
struct Call {
    to_daemon: Side,
    to_patient: Side,
}

#[derive(Debug)]
struct Side {
    socket: UdpSocket,
    port: u16,
    peer: Mutex<Option<SocketAddr>>,
}

/// A packet on its way.
#[derive(Debug)]
struct Parcel {
    call: Arc<Call>,
    direction: Direction,
    packet: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    ToDaemon,
    ToPatient,
}

impl Line {
    /// A line to the patients' port.
    pub(crate) fn start(patients: u16, trouble: Trouble, seed: u64) -> Self {
        let (port, back) = (ports::free(2), ports::free(2));
        let office = Arc::new(Office {
            stops: AtomicBool::new(false),
            trouble,
            seed,
            front: bind(port),
            back: bind(back),
            patients: (Ipv4Addr::LOCALHOST, patients).into(),
            daemon: Mutex::new(None),
            calls: Mutex::new(BTreeMap::new()),
            asked: Mutex::new(BTreeSet::new()),
            carried: Mutex::new(Vec::new()),
            late: Mutex::new(BTreeMap::new()),
            is_due: Condvar::new(),
        });
        let works: [fn(&Arc<Office>); 3] = [carry_invitations, carry_responses, deliver];
        let start = |work: fn(&Arc<Office>)| {
            let office = Arc::clone(&office);
            std::thread::spawn(move || work(&office))
        };
        let threads = works.into_iter().map(start).collect();
        Self { port, office, threads }
    }

    /// Where the daemon calls.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The messages that it carried so far, in both directions.
    pub(crate) fn carried(&self) -> Vec<Vec<u8>> {
        lock(&self.office.carried).clone()
    }

    /// Sends the daemon something that no patient said.
    pub(crate) fn say(&self, message: &[u8]) {
        let daemon = lock(&self.office.daemon).expect("a call came before");
        self.office.front.send_to(message, daemon).unwrap();
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.office.stops.store(true, Ordering::Relaxed);
        self.office.is_due.notify_all();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// SIP of the daemon goes on to the patients, with our port as theirs to speak to.
fn carry_invitations(office: &Arc<Office>) {
    receive(office, &office.front, |message, from| {
        *lock(&office.daemon) = Some(from);
        let asked = || (value(message, "Call-ID").to_owned(), value(message, "CSeq").to_owned());
        if first_word(message) == "SIP/2.0" && !lock(&office.asked).contains(&asked()) {
            return;
        }
        lock(&office.carried).push(message.as_bytes().to_vec());
        let message = office.with_port(message, Direction::ToDaemon);
        let _ = office.back.send_to(message.as_bytes(), office.patients);
    });
}

/// SIP of the patients goes back.
fn carry_responses(office: &Arc<Office>) {
    let own = format!("@{}", office.patients);
    let ours = format!("@{}", office.front.local_addr().unwrap());
    receive(office, &office.back, |message, _| {
        if first_word(message) != "SIP/2.0" {
            let asked = (value(message, "Call-ID").to_owned(), value(message, "CSeq").to_owned());
            lock(&office.asked).insert(asked);
        }
        let message = office.with_port(message, Direction::ToPatient).replace(&own, &ours);
        lock(&office.carried).push(message.as_bytes().to_vec());
        if let Some(daemon) = *lock(&office.daemon) {
            let _ = office.front.send_to(message.as_bytes(), daemon);
        }
    });
}

fn receive(office: &Office, socket: &UdpSocket, mut each: impl FnMut(&str, SocketAddr)) {
    let mut datagram = vec![0; 65_536];
    while !office.stops.load(Ordering::Relaxed) {
        if let Ok((length, from)) = socket.recv_from(&mut datagram) {
            each(&String::from_utf8_lossy(&datagram[..length]), from);
        }
    }
}

impl Office {
    /// Puts a port of ours into the SDP of a message, and keeps the one that stood there as that side's own.
    fn with_port(self: &Arc<Self>, message: &str, own: Direction) -> String {
        let Some((before, rest)) = message.split_once("\r\nm=audio ") else {
            return message.to_owned();
        };
        let (port, behind) = rest.split_once(' ').expect("a port and what follows");
        let call = self.call(value(message, "Call-ID"));
        let (side, other) = match own {
            Direction::ToDaemon => (&call.to_daemon, &call.to_patient),
            Direction::ToPatient => (&call.to_patient, &call.to_daemon),
        };
        *lock(&side.peer) = Some((Ipv4Addr::LOCALHOST, port.parse().unwrap()).into());
        let ours = other.port.to_string();
        // The length of the body stays.
        assert_eq!(ours.len(), port.len(), "ports of five digits");
        format!("{before}\r\nm=audio {ours} {behind}")
    }

    fn call(self: &Arc<Self>, id: &str) -> Arc<Call> {
        let mut calls = lock(&self.calls);
        let count = calls.len() as u64;
        let call = calls.entry(id.to_owned()).or_insert_with(|| {
            let side = || {
                let port = ports::free(2);
                Side {
                    socket: bind(port),
                    port,
                    peer: Mutex::new(None),
                }
            };
            let call = Arc::new(Call {
                to_daemon: side(),
                to_patient: side(),
            });
            for (direction, turn) in [(Direction::ToDaemon, 0), (Direction::ToPatient, 1)] {
                let (office, call) = (Arc::clone(self), Arc::clone(&call));
                let chance = Chance::new(self.seed + count * 2 + turn);
                std::thread::spawn(move || carry_media(&office, &call, direction, chance));
            }
            call
        });
        Arc::clone(call)
    }
}

/// Takes the packets that go in one direction, and decides when they arrive, if at all.
fn carry_media(office: &Office, call: &Arc<Call>, direction: Direction, mut chance: Chance) {
    let from = match direction {
        Direction::ToDaemon => &call.to_patient,
        Direction::ToPatient => &call.to_daemon,
    };
    let mut datagram = [0; 2048];
    while !office.stops.load(Ordering::Relaxed) {
        let Ok((length, _)) = from.socket.recv_from(&mut datagram) else {
            continue;
        };
        if chance.happens(office.trouble.lost_per_mille) {
            continue;
        }
        let times = 1 + usize::from(chance.happens(office.trouble.doubled_per_mille));
        for _ in 0..times {
            let jitter = usize::try_from(office.trouble.jitter.as_micros()).unwrap();
            let delay = Duration::from_micros(chance.below(jitter + 1) as u64);
            let parcel = Parcel {
                call: Arc::clone(call),
                direction,
                packet: datagram[..length].to_vec(),
            };
            lock(&office.late).insert((journal::deadline(delay), chance.draw()), parcel);
            office.is_due.notify_one();
        }
    }
}

/// Delivers every packet in its time.
fn deliver(office: &Arc<Office>) {
    let mut late = lock(&office.late);
    while !office.stops.load(Ordering::Relaxed) {
        let wait = late
            .first_key_value()
            .map_or(LOOK, |((at, _), _)| journal::remaining(*at).unwrap_or_default());
        if !wait.is_zero() {
            late = office
                .is_due
                .wait_timeout(late, wait.min(LOOK))
                .unwrap_or_else(PoisonError::into_inner)
                .0;
            continue;
        }
        if let Some((_, parcel)) = late.pop_first() {
            let to = match parcel.direction {
                Direction::ToDaemon => &parcel.call.to_daemon,
                Direction::ToPatient => &parcel.call.to_patient,
            };
            if let Some(peer) = *lock(&to.peer) {
                let _ = to.socket.send_to(&parcel.packet, peer);
            }
        }
    }
}

fn bind(port: u16) -> UdpSocket {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
    socket.set_read_timeout(Some(LOOK)).unwrap();
    socket
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
