//! What went over loopback, judged by tshark.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::net::{Ipv4Addr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::daemon::Site;
use super::journal;
use super::ladder::{self, Message};
use super::process::{Process, installed};

/// What packets of our own say, by which we know how far the capture is.
const BEGUN: &[u8] = b"the capture has begun";
const DONE: &[u8] = b"the capture may end";
/// The end of a capture file in which these packets are looked for.
const TAIL: i64 = 100_000;

/// A running capture.
#[derive(Debug)]
pub(crate) struct Capture {
    process: Process,
    file: PathBuf,
}

/// One RTP stream as tshark tells it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stream {
    pub(crate) from: u16,
    pub(crate) to: u16,
    pub(crate) payload: String,
    pub(crate) packets: u32,
    pub(crate) lost: i32,
    pub(crate) max_gap_ms: f64,
}

impl Capture {
    /// Captures UDP and TCP on loopback from now on.
    pub(crate) fn start(folder: &Path) -> Self {
        let file = folder.join("capture.pcap");
        let arguments = ["-i", "lo", "-f", "udp or tcp", "-w", &file.display().to_string()].map(str::to_owned);
        let process = Process::start(folder, "tshark", &installed("tshark"), &arguments);
        // It says that it captures before it does.
        let capture = Self { process, file };
        capture.wait_for(BEGUN);
        capture
    }

    /// Sends packets of our own until one of them shows in the file.
    fn wait_for(&self, text: &[u8]) {
        let probe = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let deadline = journal::deadline(Duration::from_secs(20));
        while !tail(&self.file).windows(text.len()).any(|window| window == text) {
            assert!(
                journal::remaining(deadline).is_some(),
                "tshark does not capture: it takes root, or a member of the group wireshark\n{}",
                self.process.tail()
            );
            probe.send_to(text, probe.local_addr().unwrap()).unwrap();
            let lines = &self.process.lines;
            lines.wait(lines.len(), Duration::from_millis(100), |_| true);
        }
    }

    /// Ends the capture when all that was sent until now is in it.
    pub(crate) fn finish(mut self) -> Captured {
        self.wait_for(DONE);
        self.process.signal("INT");
        self.process.wait_for_end(Duration::from_secs(10));
        Captured {
            file: self.file.clone(),
        }
    }
}

/// A capture that has ended.
#[derive(Debug)]
pub(crate) struct Captured {
    file: PathBuf,
}

impl Captured {
    /// The RTP streams that the SDP announced.
    pub(crate) fn streams(&self) -> Vec<Stream> {
        let table = self.tshark(&["-q", "-z", "rtp,streams"]);
        table.lines().filter_map(stream).collect()
    }

    /// How many UDP datagrams went to a port.
    pub(crate) fn datagrams_to(&self, port: u16) -> usize {
        let filter = format!("udp.dstport=={port}");
        let found = self.tshark(&["-Y", &filter, "-T", "fields", "-e", "frame.number"]);
        found.lines().count()
    }

    /// The SIP messages, in order.
    pub(crate) fn messages(&self) -> Vec<Message> {
        let fields = ladder::FIELDS.iter().flat_map(|field| ["-e", field]);
        let arguments = ["-Y", "sip", "-T", "fields", "-E", "occurrence=f"];
        let table = self.tshark(&arguments.into_iter().chain(fields).collect::<Vec<_>>());
        table.lines().filter_map(ladder::message).collect()
    }

    /// Fails when tshark finds an error or something malformed in what the daemon sent: SIP, SDP, RTP or RTCP.
    pub(crate) fn assert_well_formed(&self, site: &Site) {
        let ours = site.ports().iter().map(|(first, last)| format!("{first}..{last}"));
        let ours = ours.collect::<Vec<_>>().join(", ");
        // 0x800000 is the severity of an error.
        let filter = format!(
            "(_ws.malformed or _ws.expert.severity >= 0x800000) and (sip or sdp or rtp or rtcp or rtpevent) and \
             (udp.srcport in {{{ours}}} or tcp.srcport in {{{ours}}})"
        );
        let found = self.tshark(&[
            "-2",
            "-Y",
            &filter,
            "-T",
            "fields",
            "-e",
            "_ws.col.Info",
            "-e",
            "_ws.expert.message",
        ]);
        assert!(found.is_empty(), "tshark finds fault with what we sent:\n{found}");
        // A filter that matches nothing would find no fault either.
        let sent = self.tshark(&[
            "-Y",
            &format!("sip and (udp.srcport in {{{ours}}} or tcp.srcport in {{{ours}}})"),
        ]);
        assert!(!sent.is_empty(), "no SIP from {ours} in the capture");
    }

    /// The requests that carried credentials to a port, each with the algorithm of its digest.
    pub(crate) fn credentials(&self, to: u16) -> BTreeSet<(String, String)> {
        let filter = format!("sip.Method and sip.auth.digest.response and udp.dstport=={to}");
        let fields = ["-e", "sip.Method", "-e", "sip.auth.algorithm"];
        let table = self.tshark(&[&["-Y", &filter, "-T", "fields"][..], &fields].concat());
        let pair = |line: &str| {
            let (method, algorithm) = line.split_once('\t').unwrap_or((line, ""));
            (method.to_owned(), algorithm.trim_matches('"').to_owned())
        };
        table.lines().map(pair).collect()
    }

    /// The digits (RFC 4733) that a port sent, in order.
    pub(crate) fn digits(&self, from: u16) -> String {
        let filter = format!("rtpevent.end_of_event==1 and udp.srcport=={from}");
        let fields = ["-e", "rtp.timestamp", "-e", "rtpevent.event_id"];
        let table = self.tshark(&[&["-Y", &filter, "-T", "fields"][..], &fields].concat());
        let mut digits: Vec<&str> = table.lines().collect();
        digits.dedup();
        let key = |line: &&str| {
            line.split_whitespace()
                .nth(1)
                .and_then(|event| event.parse::<usize>().ok())
        };
        digits
            .iter()
            .filter_map(key)
            .filter_map(|event| "0123456789*#ABCD".chars().nth(event))
            .collect()
    }

    fn tshark(&self, arguments: &[&str]) -> String {
        // Our ports are drawn by lot, and some are known to tshark for other protocols: what a packet says goes first.
        let heuristics = [
            "-o",
            "udp.try_heuristic_first:TRUE",
            "-o",
            "tcp.try_heuristic_first:TRUE",
        ];
        let read = Command::new(installed("tshark"))
            .args(heuristics)
            .arg("-r")
            .arg(&self.file)
            .args(arguments)
            .output()
            .unwrap();
        assert!(
            read.status.success(),
            "tshark: {}",
            String::from_utf8_lossy(&read.stderr)
        );
        String::from_utf8_lossy(&read.stdout).into_owned()
    }
}

/// The last bytes of a file; none while it does not exist.
fn tail(file: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Ok(mut file) = File::open(file) {
        if file.seek(SeekFrom::End(-TAIL)).is_err() {
            file.rewind().unwrap();
        }
        file.read_to_end(&mut bytes).unwrap();
    }
    bytes
}

/// One line of `-z rtp,streams`: start, end, source, port, destination, port, SSRC, payload, packets, lost (percent),
/// minimal, mean and maximal gap in ms, jitter.
fn stream(line: &str) -> Option<Stream> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let ssrc = words.iter().position(|word| word.starts_with("0x"))?;
    let percent = words.iter().position(|word| word.starts_with('('))?;
    Some(Stream {
        from: words.get(ssrc.checked_sub(3)?)?.parse().ok()?,
        to: words.get(ssrc.checked_sub(1)?)?.parse().ok()?,
        payload: words.get(ssrc + 1..percent.checked_sub(2)?)?.join(" "),
        packets: words.get(percent.checked_sub(2)?)?.parse().ok()?,
        lost: words.get(percent.checked_sub(1)?)?.parse().ok()?,
        max_gap_ms: words.get(percent + 3)?.parse().ok()?,
    })
}
