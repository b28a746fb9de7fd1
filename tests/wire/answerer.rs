//! A trunk that answers every request with what it is told to.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::thread::JoinHandle;

/// What it does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Manner {
    /// Answers with this status and phrase.
    Status(&'static str),
    /// The same, and says that it sees the request come from there (RFC 3581).
    Sees(&'static str, &'static str),
    /// Says nothing.
    Silent,
    /// Answers from another address.
    FromElsewhere,
    /// Wants credentials of this realm for a REGISTER, and takes any.
    Registrar(&'static str),
}

/// It runs until it is dropped.
pub(crate) struct Answerer {
    address: SocketAddr,
    thread: Option<JoinHandle<()>>,
}

impl Answerer {
    pub(crate) fn start(manner: Manner) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = socket.local_addr().unwrap();
        let thread = std::thread::spawn(move || serve(&socket, manner));
        Self {
            address,
            thread: Some(thread),
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Answerer {
    fn drop(&mut self) {
        let waker = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        waker.send_to(&[], self.address).unwrap();
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn serve(socket: &UdpSocket, manner: Manner) {
    let elsewhere = UdpSocket::bind((Ipv4Addr::new(127, 0, 0, 7), 0)).unwrap();
    let mut buffer = [0; 65_535];
    loop {
        let (length, from) = socket.recv_from(&mut buffer).unwrap();
        if length == 0 {
            return;
        }
        let request = String::from_utf8_lossy(&buffer[..length]).into_owned();
        let sender = if matches!(manner, Manner::FromElsewhere) {
            &elsewhere
        } else {
            socket
        };
        if let Some(answer) = answer(&request, manner) {
            sender.send_to(answer.as_bytes(), from).unwrap();
        }
    }
}

fn answer(request: &str, manner: Manner) -> Option<String> {
    let has = |name: &str| request.lines().any(|line| line.starts_with(name));
    let (status, more) = match manner {
        Manner::Silent => return None,
        Manner::Status(status) | Manner::Sees(status, _) => (status, String::new()),
        Manner::FromElsewhere => ("200 OK", String::new()),
        Manner::Registrar(realm) if !has("Authorization:") => (
            "401 Unauthorized",
            format!("WWW-Authenticate: Digest realm=\"{realm}\", nonce=\"abc\", qop=\"auth\", algorithm=MD5\r\n"),
        ),
        Manner::Registrar(_) => ("200 OK", bindings(request)),
    };
    let mut lines = vec![format!("SIP/2.0 {status}")];
    for line in request.lines() {
        let copied = ["Via:", "From:", "Call-ID:", "CSeq:"]
            .iter()
            .any(|name| line.starts_with(name));
        if let Manner::Sees(_, seen) = manner
            && line.starts_with("Via:")
        {
            lines.push(line.replace(";rport", seen));
        } else if copied {
            lines.push(line.to_owned());
        } else if line.starts_with("To:") {
            lines.push(format!("{line};tag=answerer"));
        }
    }
    Some(format!("{}\r\n{more}Content-Length: 0\r\n\r\n", lines.join("\r\n")))
}

/// The binding that a REGISTER asks for, or none where it removes it.
fn bindings(request: &str) -> String {
    let is_removal = request.lines().any(|line| line == "Expires: 0") || request.contains("expires=0");
    let contact = request.lines().find(|line| line.starts_with("Contact:"));
    match contact {
        Some(contact) if !is_removal => format!("{contact};expires=60\r\n"),
        Some(_) | None => String::new(),
    }
}
