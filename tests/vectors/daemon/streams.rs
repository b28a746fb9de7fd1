//! Every message of the tables over TCP, each in a connection of its own.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use super::House;
use super::line::plain_options;
use super::requests::{ack, judge, shown};
use crate::house::PATIENCE;
use crate::message::{Plain, latin, sent_over};
use crate::rows::{Does, ROWS, Row};
use crate::second_reader::reads_the_same_text;

/// What a stream cannot carry: no Content-Length, or octets behind the one that is said.
const ONLY_DATAGRAMS: [&str; 4] = [
    "dblreq.dat",
    "inv2543.dat",
    "mult-ip-in-sdp.sip",
    "ipv4-mapped-ipv6.sip",
];

/// What becomes of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It goes on behind the message.
    Stays,
    /// The next message cannot be found any more.
    Lost,
    /// The message never becomes whole.
    Waits,
}

fn fate(row: &Row) -> Fate {
    match row.name().as_str() {
        "ncl.dat" | "mcl01.dat" | "zz-test-not-in-rfc-sections.dat" => Fate::Lost,
        "clerr.dat" | "ipv6-in-sdp.sip" | "baddn.archive331.dat" => Fate::Waits,
        _ => Fate::Stays,
    }
}

/// One connection.
struct Stream {
    socket: TcpStream,
    us: SocketAddr,
    unread: Vec<u8>,
}

impl Stream {
    fn to(us: SocketAddr) -> Self {
        let socket = TcpStream::connect(us).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let unread = Vec::new();
        Self { socket, us, unread }
    }

    fn local(&self) -> SocketAddr {
        self.socket.local_addr().unwrap()
    }

    fn send(&mut self, bytes: &[u8]) {
        let (one, two) = bytes.split_at(bytes.len() / 2);
        self.socket.write_all(one).unwrap();
        self.socket.write_all(two).unwrap();
    }

    /// The next message; nothing when the daemon has closed.
    fn message(&mut self) -> Option<Plain> {
        loop {
            if let Some(end) = self.unread.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = Plain::read(&self.unread[..end + 4]);
                let length = end + 4 + head.first("Content-Length").parse::<usize>().unwrap();
                if self.unread.len() >= length {
                    let message: Vec<u8> = self.unread.drain(..length).collect();
                    reads_the_same_text(&message).unwrap();
                    return Some(Plain::read(&message));
                }
            }
            let mut bytes = [0; 4096];
            // Closed while octets of ours were unread, a connection is reset.
            let length = match self.socket.read(&mut bytes) {
                Ok(length) => length,
                Err(fault) if fault.kind() == std::io::ErrorKind::ConnectionReset => 0,
                Err(fault) => panic!("{fault}"),
            };
            if length == 0 {
                assert!(self.unread.is_empty(), "{}", latin(&self.unread));
                return None;
            }
            self.unread.extend_from_slice(&bytes[..length]);
        }
    }

    /// What came before the answer to a plain OPTIONS.
    fn until_answered(&mut self, name: &str) -> Vec<Plain> {
        let (options, branch) = plain_options("TCP", self.local(), self.us, name);
        self.send(&options);
        let mut before = Vec::new();
        loop {
            let message = self.message().unwrap_or_else(|| panic!("{name}: closed"));
            if message.first("Via").contains(&branch) {
                assert_eq!(message.status(), 200, "the plain OPTIONS after {name}");
                return before;
            }
            before.push(message);
        }
    }

    /// What came before the daemon closed.
    fn until_closed(&mut self) -> Vec<Plain> {
        std::iter::from_fn(|| self.message()).collect()
    }
}

#[test]
fn every_message_gets_over_a_stream_what_its_table_says_or_ends_its_connection() {
    let house = House::open_by("tcp");
    let mut faults = Vec::new();
    let mut waiting = Vec::new();
    println!(
        "{:<42} {:<34} {:<6} {:<6} verdict",
        "message over TCP", "expected", "got", "then"
    );
    for row in ROWS.iter().filter(|row| !ONLY_DATAGRAMS.contains(&row.name().as_str())) {
        let mut line = Stream::to(house.us());
        let asked = sent_over("TCP", &row.octets(), line.local());
        line.send(&asked);
        let fate = fate(row);
        let answers = match fate {
            Fate::Stays => line.until_answered("stream"),
            Fate::Lost => {
                let plain = plain_options("TCP", line.local(), line.us, "lost").0;
                // The daemon may have closed already.
                let _ = line.socket.write_all(&plain);
                line.until_closed()
            }
            Fate::Waits => {
                waiting.push((row, line));
                continue;
            }
        };
        let asked = Plain::read(&asked);
        faults.extend(verdict(row, &asked, &answers, fate));
        if fate == Fate::Stays && asked.method() == "INVITE" {
            answers.iter().for_each(|answer| line.send(&ack(&asked, answer)));
            assert_eq!(line.until_answered("acknowledged"), [], "{}", row.name());
        }
    }
    for (row, mut line) in waiting {
        let asked = Plain::read(&row.octets());
        faults.extend(verdict(row, &asked, &line.until_closed(), Fate::Waits));
        Stream::to(house.us()).until_answered("new");
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
    house.close();
}

/// Prints a line of the table; the fault, if there is one.
fn verdict(row: &Row, asked: &Plain, answers: &[Plain], fate: Fate) -> Option<String> {
    let wanted = match fate {
        Fate::Stays => row.does,
        // A 400 may come before the end.
        Fate::Lost | Fate::Waits => Does::AnswersOrDrops(&[400]),
    };
    let fault = judge(&Row { does: wanted, ..*row }, asked, answers).err();
    let got: Vec<String> = answers.iter().map(|answer| answer.status().to_string()).collect();
    let got = if got.is_empty() { "-".to_owned() } else { got.join(" ") };
    let then = match fate {
        Fate::Stays => "200",
        Fate::Lost => "closed",
        Fate::Waits => "waited, closed",
    };
    let shown_verdict = fault.as_deref().unwrap_or("ok");
    println!(
        "{:<42} {:<34} {got:<6} {then:<6} {shown_verdict}",
        row.name(),
        shown(wanted)
    );
    fault.map(|fault| format!("{}: {fault}", row.name()))
}
