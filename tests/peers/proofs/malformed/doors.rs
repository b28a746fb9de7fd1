//! The ways in to the daemon's SIP ports: each transport, from the trunk's own address and from strangers.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream, UdpSocket};
use std::time::Duration;

use crate::rig::chance::Chance;
use crate::rig::line::Line;

/// The trunk's address, and one that the daemon does not know.
const TRUNK: Ipv4Addr = Ipv4Addr::LOCALHOST;
const STRANGER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// Every way in that is open.
#[derive(Debug)]
pub(super) struct Doors<'a> {
    udp: u16,
    tcp: u16,
    all: Vec<Door<'a>>,
}

#[derive(Debug)]
struct Door<'a> {
    name: &'static str,
    way: Way<'a>,
    sent: usize,
}

#[derive(Debug)]
enum Way<'a> {
    /// The socket from which the trunk's own messages come.
    Trunk(&'a Line),
    Udp(UdpSocket),
    /// A connection is made anew when the daemon has closed it.
    Tcp(Option<TcpStream>),
}

impl<'a> Doors<'a> {
    /// Over UDP to one port, over TCP to another.
    pub(super) fn open(udp: u16, tcp: u16, line: &'a Line) -> Self {
        let door = |name, way| Door { name, way, sent: 0 };
        let from = |address| Way::Udp(UdpSocket::bind((address, 0)).unwrap());
        let all = vec![
            door("over UDP from the trunk's host", from(TRUNK)),
            door("over UDP from the trunk's port", Way::Trunk(line)),
            door("over UDP from a stranger", from(STRANGER)),
            door("over TCP", Way::Tcp(None)),
        ];
        assert!(
            TcpStream::connect((TRUNK, tcp)).is_ok(),
            "nobody listens on TCP port {tcp}"
        );
        Self { udp, tcp, all }
    }

    /// Sends one message through one of the doors.
    pub(super) fn send(&mut self, chance: &mut Chance, message: impl FnOnce(&mut Chance) -> Vec<u8>) {
        let message = message(chance);
        let which = chance.below(self.all.len());
        let door = &mut self.all[which];
        door.sent += 1;
        match &mut door.way {
            Way::Udp(socket) => {
                socket.send_to(&message, (Ipv4Addr::LOCALHOST, self.udp)).unwrap();
            }
            Way::Trunk(line) => line.say(&message),
            Way::Tcp(connection) => {
                if !write(connection, self.tcp, chance, &message) {
                    *connection = None;
                }
            }
        }
    }

    /// How many messages went through each.
    pub(super) fn counts(&self) -> Vec<(&'static str, usize)> {
        self.all.iter().map(|door| (door.name, door.sent)).collect()
    }
}

/// Writes in pieces; false when the daemon has closed the connection, or does not read.
fn write(connection: &mut Option<TcpStream>, port: u16, chance: &mut Chance, message: &[u8]) -> bool {
    let stream = match connection {
        Some(stream) => stream,
        None => {
            let Ok(stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else {
                return false;
            };
            stream.set_write_timeout(Some(Duration::from_millis(200))).unwrap();
            stream.set_nodelay(true).unwrap();
            connection.insert(stream)
        }
    };
    let mut rest = message;
    while !rest.is_empty() {
        let (piece, left) = rest.split_at((1 + chance.below(1500)).min(rest.len()));
        if stream.write_all(piece).is_err() {
            return false;
        }
        rest = left;
    }
    // What the daemon answers is read away.
    stream.set_nonblocking(true).unwrap();
    let mut answer = [0; 8192];
    let is_open = !matches!(stream.read(&mut answer), Ok(0));
    stream.set_nonblocking(false).unwrap();
    is_open
}
