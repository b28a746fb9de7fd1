//! A phone: baresip without a head, told what to do over its control port.

use std::fs;
use std::io::{BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::folder::fill;
use super::journal::Journal;
use super::ports;
use super::process::{Process, installed};
use super::speech;

const ANSWER: Duration = Duration::from_secs(5);

/// One baresip, with one account or more.
#[derive(Debug)]
pub(crate) struct Phone {
    process: Process,
    control: TcpStream,
    /// Events and responses, as baresip sends them.
    pub(crate) events: Journal<Value>,
    port: u16,
    /// First and last port of its RTP.
    rtp: (u16, u16),
    folder: PathBuf,
}

impl Phone {
    /// Starts a phone that says `microphone` in every call, and hangs up at its end.
    pub(crate) fn start(folder: &Path, accounts: &[String], microphone: &[i16]) -> Self {
        let baresip = installed("baresip");
        // The port behind sip_listen is taken too, for TLS.
        let (port, control_port, rtp) = (ports::free(2), ports::free(2), ports::free(40));
        let file = folder.join("microphone.wav");
        speech::write(&file, microphone);
        let config = fill(
            include_str!("../baresip/config"),
            &[
                ("SIP_PORT", &port.to_string()),
                ("CONTROL_PORT", &control_port.to_string()),
                ("RTP_FIRST", &rtp.to_string()),
                ("RTP_LAST", &(rtp + 39).to_string()),
                ("MICROPHONE", &file.display().to_string()),
                ("FOLDER", &folder.display().to_string()),
            ],
        );
        fs::write(folder.join("config"), config).unwrap();
        fs::write(folder.join("accounts"), accounts.join("\n") + "\n").unwrap();
        fs::write(folder.join("contacts"), "").unwrap();
        let process = Process::start(
            folder,
            "baresip",
            &baresip,
            &["-f".to_owned(), folder.display().to_string()],
        );
        process.wait_for("baresip is ready", Duration::from_secs(10));
        let control = TcpStream::connect((Ipv4Addr::LOCALHOST, control_port)).unwrap();
        let events = Journal::new();
        let (from, to) = (control.try_clone().unwrap(), events.clone());
        thread::spawn(move || {
            let mut from = BufReader::new(from);
            while let Some(event) = netstring(&mut from) {
                to.push(event);
            }
            to.end();
        });
        Self {
            process,
            control,
            events,
            port,
            rtp: (rtp, rtp + 39),
            folder: folder.to_owned(),
        }
    }

    /// The account of a phone that is called directly, without a registrar, under this number; it rings until told.
    pub(crate) fn direct_account(number: &str) -> String {
        format!("<sip:{number}@127.0.0.1>;regint=0;answermode=manual;audio_codecs=PCMA,PCMU;ptime=20;mwi=no")
    }

    /// The account of a phone that registers at a proxy; it rings until told.
    pub(crate) fn registered_account(user: &str, password: &str, proxy: u16) -> String {
        format!(
            "<sip:{user}@peers.test>;auth_user={user};auth_pass={password};outbound=\"sip:127.0.0.1:{proxy}\";regint=60;\
             answermode=manual;audio_codecs=PCMA,PCMU;ptime=20;mwi=no"
        )
    }

    /// Where it is called.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// All its ports, as nft has them.
    pub(crate) fn ports(&self) -> String {
        format!("{{ {}, {}-{} }}", self.port, self.rtp.0, self.rtp.1)
    }

    /// Kills it: it says goodbye to nobody.
    pub(crate) fn kill(&mut self) {
        self.process.signal("KILL");
    }

    /// Sends a command and waits until it is obeyed.
    pub(crate) fn tell(&mut self, command: &str, parameters: &str) {
        let from = self.events.len();
        let token = from.to_string();
        let message = json!({"command": command, "params": parameters, "token": token}).to_string();
        write!(self.control, "{}:{message},", message.len()).unwrap();
        let is_reply = |event: &Value| event["response"] == true && event["token"] == token.as_str();
        let reply = self.events.wait(from, ANSWER, is_reply);
        let (reply, _) = reply.unwrap_or_else(|| panic!("baresip does not answer {command}\n{}", self.process.tail()));
        assert_eq!(reply["ok"], true, "{command} {parameters}: {reply}");
    }

    /// Sends a command and does not wait for what comes of it.
    pub(crate) fn order(&mut self, command: &str) {
        let message = json!({"command": command, "params": "", "token": "order"}).to_string();
        write!(self.control, "{}:{message},", message.len()).unwrap();
    }

    /// Waits for an event of this type from place `from` on; returns it and the place behind it.
    pub(crate) fn wait_for(&self, from: usize, kind: &str, limit: Duration) -> (Value, usize) {
        let found = self
            .events
            .wait(from, limit, |event| event["event"] == true && event["type"] == kind);
        found.unwrap_or_else(|| {
            panic!(
                "no {kind} within {limit:?}\n{:#?}\n{}",
                self.events.all(),
                self.process.tail()
            )
        })
    }

    /// The next event of this type from place `from` on, if there is one within the limit.
    pub(crate) fn next(&self, from: usize, kind: &str, limit: Duration) -> Option<(Value, usize)> {
        self.events
            .wait(from, limit, |event| event["event"] == true && event["type"] == kind)
    }

    /// Presses keys, one after the other, each so long after the one before; false when the call ends meanwhile.
    pub(crate) fn press(&mut self, from: usize, keys: &str, pause: Duration) -> bool {
        for key in keys.chars() {
            if self.next(from, "CALL_CLOSED", pause).is_some() {
                return false;
            }
            self.tell("sndcode", &key.to_string());
        }
        true
    }

    /// The recordings of its calls, oldest first: what it heard, and what it said.
    pub(crate) fn recordings(&self) -> Vec<(PathBuf, PathBuf)> {
        let of_kind = |kind: &str| {
            let mut files: Vec<PathBuf> = fs::read_dir(&self.folder)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
                .filter(|name| name.starts_with("dump-") && name.ends_with(kind))
                .map(|name| self.folder.join(name))
                .collect();
            files.sort();
            files
        };
        // The two names of a call may lie a second apart, so their order makes the pairs.
        let (heard, said) = (of_kind("-dec.wav"), of_kind("-enc.wav"));
        assert_eq!(heard.len(), said.len(), "{heard:?} {said:?}");
        heard.into_iter().zip(said).collect()
    }

    /// Waits until the proxy took its registration.
    pub(crate) fn wait_until_registered(&self) {
        self.wait_until_it_says("[1 binding]");
    }

    /// Waits for a line of its log.
    pub(crate) fn wait_until_it_says(&self, text: &str) {
        self.process.wait_for(text, Duration::from_secs(10));
    }

    /// Ends it; its recordings are whole then.
    pub(crate) fn finish(mut self) -> Vec<(PathBuf, PathBuf)> {
        self.process.stop();
        self.recordings()
    }
}

/// Reads `LENGTH:JSON,`.
fn netstring(from: &mut impl Read) -> Option<Value> {
    let mut length = 0_usize;
    let mut byte = [0];
    loop {
        from.read_exact(&mut byte).ok()?;
        match byte[0] {
            b':' => break,
            digit @ b'0'..=b'9' => length = length * 10 + usize::from(digit - b'0'),
            _ => return None,
        }
    }
    let mut body = vec![0; length + 1];
    from.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body[..length]).ok()
}
