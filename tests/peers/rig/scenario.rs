//! One SIPp that plays one scenario of sipp/ to one call, and says whether the call went as written.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::pcap::{self, Keys, Press};
use super::process::{Process, installed};
use super::{folder, ports, sipp};

/// How long SIPp may take to end after its call.
const END: Duration = Duration::from_secs(10);
/// Ports that a scenario names besides the one that its voice comes from.
const MEDIA: u16 = 60;

/// What the patient of a scenario says and presses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Voice<'a> {
    pub(crate) presses: &'a [Press],
    pub(crate) keys: Keys,
    pub(crate) seconds: usize,
}

/// A scenario that waits for its call, or plays it.
#[derive(Debug)]
pub(crate) struct Scenario {
    process: Process,
    port: u16,
    voice_port: u16,
}

impl Scenario {
    /// Starts the scenario of a file of sipp/, its parts filled in from blocks.xml and from `values`.
    pub(crate) fn start(folder: &Path, file: &str, values: &[(&str, &str)], voice: Voice<'_>, transport: &str) -> Self {
        let program = installed("sipp");
        let (port, control, media) = (ports::free(2), ports::free(2), ports::free(MEDIA));
        fs::write(folder.join("scenario.xml"), written(file, values)).unwrap();
        let said = sipp::voice(0, voice.seconds);
        pcap::write_damaged(&folder.join("patient.pcap"), &said, voice.presses, voice.keys);
        let arguments = format!(
            "-sf scenario.xml -t {transport} -i 127.0.0.1 -mi 127.0.0.1 -p {port} -mp {media} -cp {control} -m 1 \
             -deadcall_wait 100 -nostdin -trace_err -error_file errors.log -trace_msg -message_file messages.log"
        );
        let arguments: Vec<String> = arguments.split_whitespace().map(str::to_owned).collect();
        let process = Process::start(folder, "sipp", &program, &arguments);
        sipp::wait_until_listening(&process, port);
        Self {
            process,
            port,
            voice_port: media,
        }
    }

    /// Where it is called.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Where its voice comes from.
    pub(crate) fn voice_port(&self) -> u16 {
        self.voice_port
    }

    /// Waits for its end. `as written` when every message was the expected one; else what SIPp says.
    pub(crate) fn finish(mut self, folder: &Path) -> String {
        match self.process.wait_for_end(END) {
            Some(status) if status.success() => "as written".to_owned(),
            status => {
                let errors = fs::read(folder.join("errors.log")).unwrap_or_default();
                let errors = String::from_utf8_lossy(&errors).into_owned();
                let first = errors
                    .lines()
                    .find(|line| line.contains("bort") || line.contains("nexpected"));
                match (status, first) {
                    (None, None) => "its call never ended".to_owned(),
                    (Some(status), None) => status.to_string(),
                    (_, Some(line)) => line.chars().skip(50).take(160).collect(),
                }
            }
        }
    }
}

/// The scenario with all its parts.
fn written(file: &str, values: &[(&str, &str)]) -> String {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/sipp");
    let mut text =
        fs::read_to_string(place.join(format!("{file}.xml"))).unwrap_or_else(|error| panic!("{file}: {error}"));
    let parts = fs::read_to_string(place.join("blocks.xml")).unwrap();
    let mut blocks: Vec<(String, String)> = Vec::new();
    for line in parts.lines() {
        if let Some(name) = line.strip_prefix("<!-- @").and_then(|rest| rest.split('@').next()) {
            blocks.push((name.to_owned(), String::new()));
        } else if let Some((_, block)) = blocks.last_mut() {
            *block += line;
            *block += "\n";
        }
    }
    // A part may hold others.
    for _ in 0..3 {
        for (name, block) in &blocks {
            text = text.replace(&format!("@{name}@"), block.trim_end());
        }
    }
    folder::fill(&text, values)
}
