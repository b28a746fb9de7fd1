//! A name server on loopback: it answers what its zone says at the moment, and counts the questions.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, SRV};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};

/// The zone: a name, the time in seconds that it holds, and what stands there.
pub(crate) type Zone = Vec<(&'static str, u32, Entry)>;

/// What stands under a name.
#[derive(Clone, Debug)]
pub(crate) enum Entry {
    /// An address.
    Address(Ipv4Addr),
    /// A service: priority, weight, port, host.
    Service(u16, u16, u16, &'static str),
}

/// A name server that runs until it is dropped.
pub(crate) struct NameServer {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    /// Without one it answers that it failed.
    zone: Option<Zone>,
    asked: Vec<String>,
    ended: bool,
}

impl NameServer {
    pub(crate) fn start(zone: Zone) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = socket.local_addr().unwrap();
        let shared = Arc::new(Mutex::new(Shared {
            zone: Some(zone),
            ..Shared::default()
        }));
        let thread = {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || serve(&socket, &shared))
        };
        Self {
            address,
            shared,
            thread: Some(thread),
        }
    }

    /// Where it is asked.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on it says this, or fails.
    pub(crate) fn say(&self, zone: Option<Zone>) {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner).zone = zone;
    }

    /// What it was asked so far: type and name.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner).asked.clone()
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner).ended = true;
        // A datagram wakes it.
        let waker = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        waker.send_to(&[], self.address).unwrap();
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn serve(socket: &UdpSocket, shared: &Mutex<Shared>) {
    let mut buffer = [0; 2048];
    loop {
        let (length, from) = socket.recv_from(&mut buffer).unwrap();
        let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
        if shared.ended {
            return;
        }
        let Ok(question) = Message::from_vec(&buffer[..length]) else {
            continue;
        };
        let answer = answer(&question, &mut shared);
        socket.send_to(&answer.to_vec().unwrap(), from).unwrap();
    }
}

fn answer(question: &Message, shared: &mut Shared) -> Message {
    let query = question.queries[0].clone();
    shared.asked.push(format!("{} {}", query.query_type(), query.name()));
    let mut answer = Message::response(question.metadata.id, question.metadata.op_code);
    answer.metadata.recursion_available = true;
    answer.add_query(query.clone());
    let Some(zone) = &shared.zone else {
        answer.metadata.response_code = ResponseCode::ServFail;
        return answer;
    };
    let name = |name: &str| Name::from_ascii(format!("{name}.")).unwrap();
    let mut is_known = false;
    for (owner, ttl, entry) in zone {
        if name(owner) != *query.name() {
            continue;
        }
        is_known = true;
        let (kind, data) = match entry {
            Entry::Address(address) => (RecordType::A, RData::A(A(*address))),
            Entry::Service(priority, weight, port, host) => {
                let host = if *host == "." { Name::root() } else { name(host) };
                (RecordType::SRV, RData::SRV(SRV::new(*priority, *weight, *port, host)))
            }
        };
        if kind == query.query_type() {
            answer.add_answer(Record::from_rdata(query.name().clone(), *ttl, data));
        }
    }
    if !is_known {
        answer.metadata.response_code = ResponseCode::NXDomain;
    }
    answer
}

/// An address of this host for the zone.
pub(crate) fn loopback(last: u8) -> Entry {
    let IpAddr::V4(address) = IpAddr::from([127, 0, 0, last]) else {
        unreachable!("four octets are IPv4")
    };
    Entry::Address(address)
}
