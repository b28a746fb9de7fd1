//! Patients by the hundred: one SIPp that tells them apart by the dialled number.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::folder::fill;
use super::pcap::{self, Press};
use super::process::{Process, installed};
use super::{journal, ports, speech};

/// What a patient does when called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Behaviour {
    /// Rings, answers, plays the script; hangs up after so long, or stays.
    Answers {
        ring_ms: u32,
        talk_ms: Option<u32>,
        script: usize,
    },
    /// 486 at once, cause 17.
    Busy,
    /// 183, a tone for so long, then 480 with cause 20.
    Absent { tone_ms: u32 },
    /// Rings until the caller gives up.
    Silent,
}

/// What a patient does on the line: says something for so long, and presses keys meanwhile.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    presses: Vec<Press>,
    seconds: usize,
}

impl Script {
    /// Half a minute, or as long as its keys take.
    pub(crate) fn of(presses: &[Press]) -> Self {
        let ends = presses.iter().map(|press| press.at_ms + press.held_ms);
        Self {
            presses: presses.to_vec(),
            seconds: (ends.max().unwrap_or_default() / 1000 + 20).max(30),
        }
    }

    pub(crate) fn lasting(self, seconds: usize) -> Self {
        Self { seconds, ..self }
    }
}

/// What SIPp saw of one call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) call_id: String,
    pub(crate) number: String,
    pub(crate) end: End,
    pub(crate) is_answered: bool,
}

/// How a call ended, seen from the patient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum End {
    /// It did not.
    #[default]
    Open,
    /// The caller sent BYE.
    Ended,
    /// The patient sent BYE.
    HungUp,
    /// The caller sent CANCEL, and acknowledged the 487.
    Cancelled,
    /// A final status above 299, acknowledged.
    Refused(u16),
}

/// A trunk full of patients on one port.
#[derive(Debug)]
pub(crate) struct Sipp {
    process: Process,
    port: u16,
    log: PathBuf,
}

impl Sipp {
    /// Starts SIPp with the patients of these numbers; a script is what one does on the line. Numbers that are not
    /// listed are vacant (404).
    pub(crate) fn start(folder: &Path, patients: &BTreeMap<String, Behaviour>, scripts: &[Script]) -> Self {
        Self::start_with(folder, patients, scripts, "")
    }

    /// The same on a network that loses datagrams: a request that comes again is not held against the caller, and
    /// responses are sent again for as long as RFC 3261 has it.
    pub(crate) fn start_patient(folder: &Path, patients: &BTreeMap<String, Behaviour>, scripts: &[Script]) -> Self {
        let options = "-default_behaviors all,-abortunexp -max_retrans 10 -max_non_invite_retrans 10";
        Self::start_with(folder, patients, scripts, options)
    }

    fn start_with(folder: &Path, patients: &BTreeMap<String, Behaviour>, scripts: &[Script], options: &str) -> Self {
        let sipp = installed("sipp");
        // Each call takes the four ports behind those of the call before it.
        let calls = u16::try_from(patients.len()).unwrap() * 4 + 20;
        let (port, control, media) = (ports::free(2), ports::free(2), ports::free(calls * 4));
        for (index, script) in scripts.iter().enumerate() {
            let file = folder.join(format!("script{index}.pcap"));
            pcap::write(&file, &voice(index, script.seconds), &script.presses);
        }
        // No longer than the longest call that hears it: none of it may reach the next one.
        let tone_ms = patients.values().map(|behaviour| match *behaviour {
            Behaviour::Absent { tone_ms } => tone_ms,
            Behaviour::Answers { .. } | Behaviour::Busy | Behaviour::Silent => 0,
        });
        let tone_seconds = tone_ms.max().unwrap_or_default().div_ceil(1000).max(1);
        pcap::write(&folder.join("tone.pcap"), &tone(tone_seconds as usize), &[]);
        fs::write(folder.join("patients.xml"), scenario(scripts.len())).unwrap();
        fs::write(folder.join("patients.csv"), table(patients)).unwrap();
        let arguments = format!(
            "-sf patients.xml -inf patients.csv -infindex patients.csv 0 -i 127.0.0.1 -mi 127.0.0.1 -p {port} -mp {media} \
             -cp {control} {options} -nostdin -trace_logs -log_file calls.log -trace_err -error_file errors.log"
        );
        let arguments: Vec<String> = arguments.split_whitespace().map(str::to_owned).collect();
        let process = Process::start(folder, "sipp", &sipp, &arguments);
        wait_until_listening(&process, port);
        Self {
            process,
            port,
            log: folder.join("calls.log"),
        }
    }

    /// Where the patients are called.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Ends SIPp and tells what it saw, call by call, in the order of their INVITEs.
    pub(crate) fn finish(mut self) -> Vec<Seen> {
        self.process.stop();
        read(&fs::read_to_string(&self.log).unwrap_or_default())
    }
}

/// Waits until SIPp takes calls there, over UDP or TCP.
pub(super) fn wait_until_listening(process: &Process, port: u16) {
    let deadline = journal::deadline(Duration::from_secs(10));
    while !ports::is_bound(port) {
        assert!(
            journal::remaining(deadline).is_some(),
            "SIPp does not listen on {port}\n{}",
            process.tail()
        );
        let lines = &process.lines;
        lines.wait(lines.len(), Duration::from_millis(50), |_| true);
    }
}

/// What the patient of a script says: another voice for each.
pub(crate) fn voice(script: usize, seconds: usize) -> Vec<i16> {
    speech::voice(100 + script as u64, seconds, seconds)
}

/// The Chinese network's tone: 450 Hz, 0.35 s on and off.
fn tone(seconds: usize) -> Vec<i16> {
    let rate = speech::RATE;
    let sample = |n: usize| {
        let is_on = (n * 20 / rate / 7).is_multiple_of(2);
        if is_on {
            (8000.0 * (std::f64::consts::TAU * 450.0 * n as f64 / rate as f64).sin()) as i16
        } else {
            0
        }
    };
    (0..seconds * rate).map(sample).collect()
}

/// The scenario with a branch for each script.
fn scenario(scripts: usize) -> String {
    let choices = (0..scripts).map(|n| {
        format!(
            "      <strcmp assign_to=\"plays{n}\" variable=\"script\" value=\"{n}\"/>\n      \
             <test assign_to=\"plays{n}\" variable=\"plays{n}\" compare=\"equal\" value=\"0\"/>\n"
        )
    });
    let branches = (0..scripts).map(|n| format!("  <nop next=\"play{n}\" test=\"plays{n}\"/>\n\n"));
    let plays = (0..scripts).map(|n| {
        format!(
            "  <label id=\"play{n}\"/>\n  <nop next=\"talking_begins\">\n    <action>\n      \
             <exec play_pcap_audio=\"script{n}.pcap\"/>\n    </action>\n  </nop>\n\n"
        )
    });
    let plays: String = branches
        .chain(["  <nop next=\"talking_begins\"/>\n\n".to_owned()])
        .chain(plays)
        .collect();
    let choices: String = choices.collect();
    fill(
        include_str!("../sipp/patients.xml"),
        &[("CHOICES", choices.trim_end()), ("PLAYS", plays.trim_end())],
    )
}

fn table(patients: &BTreeMap<String, Behaviour>) -> String {
    let mut table = "SEQUENTIAL\n".to_owned();
    for (number, behaviour) in patients {
        let line = match *behaviour {
            Behaviour::Answers {
                ring_ms,
                talk_ms,
                script,
            } => {
                format!("{number};answers;{ring_ms};{};{script};\n", talk_ms.unwrap_or_default())
            }
            Behaviour::Busy => format!("{number};busy;0;0;-;\n"),
            Behaviour::Absent { tone_ms } => format!("{number};absent;{tone_ms};0;-;\n"),
            Behaviour::Silent => format!("{number};silent;0;0;-;\n"),
        };
        table += &line;
    }
    table
}

/// Reads the log of turns.
fn read(log: &str) -> Vec<Seen> {
    let mut calls: Vec<Seen> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for line in log.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [turn, id, rest @ ..] = words.as_slice() else {
            continue;
        };
        let place = *places.entry(id).or_insert(calls.len());
        if place == calls.len() {
            calls.push(Seen {
                call_id: (*id).to_owned(),
                ..Seen::default()
            });
        }
        let call = &mut calls[place];
        match *turn {
            "invited" => call.number = rest.first().copied().unwrap_or_default().to_owned(),
            "answered" => call.is_answered = true,
            "ended" => call.end = End::Ended,
            "hangs_up" => call.end = End::HungUp,
            "cancelled" => call.end = End::Cancelled,
            "refused" => {
                call.end = End::Refused(rest.first().and_then(|status| status.parse().ok()).unwrap_or_default())
            }
            unknown => panic!("SIPp logs {unknown:?}"),
        }
    }
    calls
}
