//! One socket towards the daemon, and the question whether it still answers.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use crate::house::PATIENCE;
use crate::message::Plain;
use crate::second_reader::reads_the_same_text;

/// A local port of its own.
pub(crate) struct Line {
    socket: UdpSocket,
    us: SocketAddr,
}

impl Line {
    pub(crate) fn to(us: SocketAddr) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        Self { socket, us }
    }

    pub(crate) fn local(&self) -> SocketAddr {
        self.socket.local_addr().unwrap()
    }

    pub(crate) fn send(&self, bytes: &[u8]) {
        assert_eq!(self.socket.send_to(bytes, self.us).unwrap(), bytes.len());
    }

    /// The next datagram; nothing when none comes within `patience`. Another test's daemon may still repeat itself to
    /// whoever had this port before: that is passed over.
    pub(crate) fn next(&self, patience: Duration) -> Option<Vec<u8>> {
        self.socket.set_read_timeout(Some(patience)).unwrap();
        let mut bytes = vec![0; 65_536];
        match self.socket.recv_from(&mut bytes) {
            Ok((_, from)) if from != self.us => self.next(patience),
            Ok((length, _)) => {
                bytes.truncate(length);
                reads_the_same_text(&bytes).unwrap();
                Some(bytes)
            }
            Err(fault) => {
                assert!(
                    [ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&fault.kind()),
                    "{fault}"
                );
                None
            }
        }
    }

    /// The next message, which has to come.
    pub(crate) fn message(&self) -> Plain {
        Plain::read(&self.next(PATIENCE).unwrap())
    }

    /// Everything different that came before the answer to a plain OPTIONS, which must be 200. The daemon answers in
    /// the order of its socket, so nothing to earlier messages comes later but repetitions.
    pub(crate) fn until_answered(&self, name: &str) -> Vec<Plain> {
        let (options, branch) = plain_options("UDP", self.local(), self.us, name);
        self.send(&options);
        let mut before: Vec<Plain> = Vec::new();
        loop {
            let message = self.message();
            if message.first("Via").contains(&branch) {
                assert_eq!(message.status(), 200, "the plain OPTIONS after {name}");
                return before;
            }
            if !before.contains(&message) {
                before.push(message);
            }
        }
    }
}

/// A plain OPTIONS, and its branch.
pub(crate) fn plain_options(protocol: &str, here: SocketAddr, us: SocketAddr, name: &str) -> (Vec<u8>, String) {
    let branch = format!("z9hG4bKplain-{name}");
    let options = format!(
        "OPTIONS sip:{us} SIP/2.0\r\nVia: SIP/2.0/{protocol} {here};branch={branch}\r\nMax-Forwards: 70\r\n\
         From: <sip:trunk@{here}>;tag=plain\r\nTo: <sip:{us}>\r\nCall-ID: plain-{name}@{here}\r\nCSeq: 1 OPTIONS\r\n\
         Content-Length: 0\r\n\r\n"
    );
    (options.into_bytes(), branch)
}
