//! A registrar and trunk edge: Kamailio, with MD5 or SHA-256 challenges.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::folder::fill;
use super::journal;
use super::ports;
use super::process::{Process, installed};

/// Which digest it challenges with (RFC 3261 section 22, RFC 8760).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Digest {
    Md5,
    Sha256,
}

/// A user that it knows, with the password: our trunk.
pub(crate) const TRUNK: (&str, &str) = ("aftercall", "trunk-secret");
/// A user that it knows, with the password: a phone.
pub(crate) const AGENT: (&str, &str) = ("8001", "agent-secret-1");

/// The password of the user 800N.
pub(crate) fn password(n: usize) -> String {
    format!("agent-secret-{n}")
}

/// One Kamailio.
#[derive(Debug)]
pub(crate) struct Kamailio {
    process: Process,
    port: u16,
    rpc: u16,
}

impl Kamailio {
    /// Starts it; numbers that begin with 0, 1 or + go to `patients`.
    pub(crate) fn start(folder: &Path, digest: Digest, patients: u16) -> Self {
        let switches = match digest {
            Digest::Md5 => "",
            Digest::Sha256 => " -A WITH_SHA256",
        };
        Self::start_with(folder, switches, patients)
    }

    /// Starts it; a number that ends with N calls all phones of the user 800N at once.
    pub(crate) fn start_forking(folder: &Path) -> Self {
        Self::start_with(folder, " -A WITH_FORK", 9)
    }

    fn start_with(folder: &Path, switches: &str, patients: u16) -> Self {
        let kamailio = installed("kamailio");
        let (port, rpc) = (ports::free(2), ports::free(2));
        let config = fill(
            include_str!("../kamailio/kamailio.cfg"),
            &[
                ("FOLDER", &folder.display().to_string()),
                ("SIP_PORT", &port.to_string()),
                ("RPC_PORT", &rpc.to_string()),
                ("PATIENT_PORT", &patients.to_string()),
            ],
        );
        fs::write(folder.join("kamailio.cfg"), config).unwrap();
        fs::create_dir_all(folder.join("dbtext")).unwrap();
        fs::write(
            folder.join("dbtext/subscriber"),
            include_str!("../kamailio/dbtext/subscriber"),
        )
        .unwrap();
        fs::write(
            folder.join("dbtext/version"),
            include_str!("../kamailio/dbtext/version"),
        )
        .unwrap();
        let path = folder.display();
        let arguments =
            format!("-f {path}/kamailio.cfg -DD -E -m 32 -M 8 -w {path} -Y {path} -P {path}/kamailio.pid{switches}");
        let arguments: Vec<String> = arguments.split_whitespace().map(str::to_owned).collect();
        let started = Self {
            process: Process::start(folder, "kamailio", &kamailio, &arguments),
            port,
            rpc,
        };
        let deadline = journal::deadline(Duration::from_secs(15));
        while started.ask("core.version", &[]).is_none() {
            assert!(
                journal::remaining(deadline).is_some(),
                "Kamailio does not answer\n{}",
                started.process.tail()
            );
            let lines = &started.process.lines;
            lines.wait(lines.len(), Duration::from_millis(100), |_| true);
        }
        started
    }

    /// Where it takes SIP, over UDP and TCP.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The registered contacts of a user.
    pub(crate) fn contacts(&self, user: &str) -> Vec<String> {
        let found = self.ask("ul.lookup", &["location", &format!("{user}@peers.test"), "0"]);
        let found = found.or_else(|| self.ask("ul.lookup", &["location", user]));
        let contacts = found.map(|found| found["Contacts"].clone()).unwrap_or_default();
        let contacts = contacts.as_array().cloned().unwrap_or_default();
        contacts
            .iter()
            .filter_map(|c| c["Contact"]["Address"].as_str().map(str::to_owned))
            .collect()
    }

    /// Waits until a user has so many contacts.
    pub(crate) fn wait_for_contacts(&self, user: &str, count: usize) {
        let deadline = journal::deadline(Duration::from_secs(15));
        while self.contacts(user).len() < count {
            assert!(
                journal::remaining(deadline).is_some(),
                "{user} has not registered {count} times\n{}",
                self.process.tail()
            );
            let lines = &self.process.lines;
            lines.wait(lines.len(), Duration::from_millis(200), |_| true);
        }
    }

    /// Calls a method over JSON-RPC; `None` when it is not up or reports an error.
    fn ask(&self, method: &str, parameters: &[&str]) -> Option<Value> {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}).to_string();
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.rpc)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
        write!(
            stream,
            "POST /RPC HTTP/1.1\r\nHost: peers\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .ok()?;
        let mut reply = Vec::new();
        let mut chunk = [0; 4096];
        // Kamailio keeps the connection: the reply is whole when its JSON is.
        loop {
            let length = stream.read(&mut chunk).ok()?;
            reply.extend(&chunk[..length]);
            let text = String::from_utf8_lossy(&reply);
            let body = text
                .split_once("\r\n\r\n")
                .map(|(_, body)| body.to_owned())
                .unwrap_or_default();
            if let Ok(value) = serde_json::from_str::<Value>(&body) {
                return value.get("result").cloned();
            }
            if length == 0 {
                return None;
            }
        }
    }
}
