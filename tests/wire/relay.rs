//! A trunk that speaks SIP over TCP: it cuts the daemon's stream into messages for a far end that takes datagrams, and
//! writes what comes back in pieces that no message fits.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use aftercall::sip::{Framer, Item};

/// A relay that runs as long as its connections do.
pub(crate) struct Relay {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    accepted: AtomicUsize,
    /// The connections that stand.
    streams: Mutex<Vec<TcpStream>>,
    /// The datagram sockets of all connections, to wake who reads them.
    wakes: Mutex<Vec<SocketAddr>>,
}

impl Relay {
    /// Listens, and speaks to this far end.
    pub(crate) fn start(far_end: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let kept = Arc::clone(&shared);
        // It ends with the test's process.
        std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                kept.accepted.fetch_add(1, Ordering::Relaxed);
                serve(stream, far_end, &kept);
            }
        });
        Self { address, shared }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections came so far.
    pub(crate) fn accepted(&self) -> usize {
        self.shared.accepted.load(Ordering::Relaxed)
    }

    /// Ends every connection that stands, as a trunk does that restarts.
    pub(crate) fn hang_up(&self) {
        let streams = std::mem::take(&mut *self.shared.streams.lock().unwrap_or_else(PoisonError::into_inner));
        for stream in streams {
            drop(stream.shutdown(Shutdown::Both));
        }
        let wakes = std::mem::take(&mut *self.shared.wakes.lock().unwrap_or_else(PoisonError::into_inner));
        let waker = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        for wake in wakes {
            waker.send_to(&[], wake).unwrap();
        }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.hang_up();
    }
}

fn serve(stream: TcpStream, far_end: SocketAddr, shared: &Shared) {
    stream.set_nodelay(true).unwrap();
    let datagrams = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let (reading, from_far) = (stream.try_clone().unwrap(), datagrams.try_clone().unwrap());
    let writing = stream.try_clone().unwrap();
    shared
        .streams
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(stream);
    shared
        .wakes
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(datagrams.local_addr().unwrap());
    std::thread::spawn(move || forth(reading, &datagrams, far_end));
    std::thread::spawn(move || back(writing, &from_far));
}

/// From the daemon: octet by octet at first, so that every message is cut somewhere.
fn forth(mut stream: TcpStream, datagrams: &UdpSocket, far_end: SocketAddr) {
    let mut framer = Framer::default();
    let mut piece = [0; 97];
    while let Ok(length @ 1..) = stream.read(&mut piece) {
        framer.push(&piece[..length]);
        while let Some(item) = framer.next() {
            if let Item::Message(bytes) = item.unwrap() {
                datagrams.send_to(&bytes, far_end).unwrap();
            }
        }
    }
}

/// To the daemon: the end of each message leaves together with the beginning of the next, or with a ping.
fn back(mut stream: TcpStream, datagrams: &UdpSocket) {
    let mut buffer = [0; 65_535];
    while let Ok(length @ 1..) = datagrams.recv(&mut buffer) {
        let (head, tail) = buffer[..length].split_at(length / 3);
        let (middle, end) = tail.split_at(1);
        let pieces: [&[u8]; 3] = [head, middle, &[end, b"\r\n\r\n"].concat()];
        for piece in pieces {
            if stream.write_all(piece).is_err() {
                return;
            }
        }
    }
}
