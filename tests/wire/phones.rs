//! Phones at a running daemon: made at the terminal, registered by hand-made messages, guessed at, and taken away.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use md5::Md5;
use sha2::{Digest, Sha256};

use crate::house::PATIENCE;
use crate::program::Program;
use crate::site::Site;

const PASSWORD: &str = "a long password";

/// How long a test looks for what must not come.
const QUIET: Duration = Duration::from_millis(400);

/// A daemon with phones.
struct Hall {
    site: Site,
    daemon: Program,
    at: SocketAddr,
}

/// Somebody with a socket.
struct Somebody {
    socket: UdpSocket,
    /// Requests so far.
    asked: u32,
}

impl Hall {
    fn open() -> Self {
        let site = Site::new();
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .unwrap()
            .local_addr()
            .unwrap();
        site.settings(&format!("\n[phones]\nlisten = \"{free}\"\n"), "127.0.0.1:9", "");
        site.write("password", PASSWORD);
        site.succeed(&["phone", "add", "8001", "--password-file", "password"]);
        let daemon = site.daemon();
        Self { site, daemon, at: free }
    }

    /// Somebody at this address of the host's own network.
    fn somebody(&self, last: u8) -> Somebody {
        let socket = UdpSocket::bind((Ipv4Addr::new(127, 0, 0, last), 0)).unwrap();
        socket.connect(self.at).unwrap();
        Somebody { socket, asked: 0 }
    }
}

impl Somebody {
    /// Sends a request of this method with these fields.
    fn ask(&mut self, method: &str, user: &str, fields: &str) {
        self.asked += 1;
        let text = request(
            method,
            user,
            self.asked,
            "UDP",
            self.socket.local_addr().unwrap(),
            fields,
        );
        self.socket.send(text.as_bytes()).unwrap();
    }

    fn hears(&self, patience: Duration) -> Option<String> {
        let mut octets = [0; 4_096];
        self.socket.set_read_timeout(Some(patience)).unwrap();
        let length = self.socket.recv(&mut octets).ok()?;
        Some(String::from_utf8_lossy(&octets[..length]).into_owned())
    }

    fn nonce(&mut self, user: &str) -> String {
        // As every phone does, it asks again until there is an answer.
        let answer = std::iter::repeat_with(|| {
            self.ask("REGISTER", user, "");
            self.hears(QUIET)
        });
        nonce(&answer.flatten().next().unwrap())
    }

    /// Registers with this password; the answer.
    fn register(&mut self, user: &str, password: &str) -> String {
        let nonce = self.nonce(user);
        self.ask(
            "REGISTER",
            user,
            &credentials::<Sha256>("SHA-256", user, password, &nonce),
        );
        self.hears(PATIENCE).unwrap()
    }
}

fn request(method: &str, user: &str, number: u32, transport: &str, from: SocketAddr, fields: &str) -> String {
    format!(
        "{method} sip:hall SIP/2.0\r\nVia: SIP/2.0/{transport} {from};branch=z9hG4bK-{from}-{method}-{number};rport\r\n\
         Max-Forwards: 70\r\nFrom: <sip:{user}@hall>;tag=t{number}\r\nTo: <sip:{user}@hall>\r\n\
         Call-ID: {from}-{method}\r\nCSeq: {number} {method}\r\nContact: <sip:{user}@{from}>\r\n\
         Expires: 600\r\n{fields}Content-Length: 0\r\n\r\n"
    )
}

fn nonce(response: &str) -> String {
    assert!(response.starts_with("SIP/2.0 401 "), "{response}");
    let (_, rest) = response.split_once("nonce=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

fn credentials<D: Digest>(algorithm: &str, user: &str, password: &str, nonce: &str) -> String {
    let hex = |text: String| -> String {
        let digest = D::digest(text.as_bytes());
        digest.iter().map(|octet| format!("{octet:02x}")).collect()
    };
    let (secret, asked) = (
        hex(format!("{user}:aftercall:{password}")),
        hex("REGISTER:sip:hall".to_owned()),
    );
    let response = hex(format!("{secret}:{nonce}:00000001:c:auth:{asked}"));
    format!(
        "Authorization: Digest username=\"{user}\", realm=\"aftercall\", nonce=\"{nonce}\", uri=\"sip:hall\", \
         response=\"{response}\", algorithm={algorithm}, qop=auth, nc=00000001, cnonce=\"c\"\r\n"
    )
}

#[test]
fn a_phone_registers_by_sha_256_over_udp_and_by_md5_over_tcp() {
    let mut hall = Hall::open();
    let mut phone = hall.somebody(1);
    let answer = phone.register("8001", PASSWORD);
    assert!(
        answer.starts_with("SIP/2.0 200 ") && answer.contains(";expires=600"),
        "{answer}"
    );
    hall.daemon.wait_for("a phone has registered");
    // It is asked where it is; a ping of its own is answered.
    phone.socket.send(b"\r\n\r\n").unwrap();
    assert_eq!(phone.hears(PATIENCE).as_deref(), Some("\r\n"));
    let mut stream = TcpStream::connect(hall.at).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let from = stream.local_addr().unwrap();
    let mut ask = |number, fields: &str| {
        stream
            .write_all(request("REGISTER", "8001", number, "TCP", from, fields).as_bytes())
            .unwrap();
        let mut octets = [0; 4_096];
        let length = stream.read(&mut octets).unwrap();
        String::from_utf8_lossy(&octets[..length]).into_owned()
    };
    let nonce = nonce(&ask(1, ""));
    let answer = ask(2, &credentials::<Md5>("MD5", "8001", PASSWORD, &nonce));
    assert!(answer.starts_with("SIP/2.0 200 "), "{answer}");
    // Both contacts are there.
    assert_eq!(answer.matches("Contact: ").count(), 2, "{answer}");
    drop(stream);
    hall.daemon.terminate();
}

#[test]
fn a_stranger_gets_no_answer_but_a_challenge() {
    let hall = Hall::open();
    let mut stranger = hall.somebody(2);
    for method in ["INVITE", "OPTIONS", "MESSAGE"] {
        stranger.ask(method, "8001", "");
        assert_eq!(stranger.hears(QUIET), None, "{method}");
    }
    // Whether there is such a phone is not told.
    stranger.nonce("8001");
    for user in ["8001", "8999"] {
        stranger.ask("REGISTER", user, "");
        let answer = stranger.hears(PATIENCE).unwrap();
        assert!(answer.starts_with("SIP/2.0 401 "), "{answer}");
        let (first, second) = (answer.find("algorithm=SHA-256"), answer.find("algorithm=MD5"));
        assert!(first.is_some() && first < second, "{answer}");
    }
    hall.daemon.terminate();
}

#[test]
fn a_phone_that_has_registered_calls_nobody() {
    let hall = Hall::open();
    let mut phone = hall.somebody(1);
    phone.register("8001", PASSWORD);
    phone.ask("INVITE", "8001", "");
    let answer = phone.hears(PATIENCE).unwrap();
    assert!(answer.starts_with("SIP/2.0 403 "), "{answer}");
    hall.daemon.terminate();
}

#[test]
fn ten_wrong_passwords_are_banned_and_a_right_one_from_elsewhere_still_works() {
    let mut hall = Hall::open();
    let mut guesser = hall.somebody(2);
    let nonces: Vec<String> = (0..10).map(|_| guesser.nonce("8001")).collect();
    for (number, nonce) in nonces.iter().enumerate() {
        let fields = credentials::<Md5>("MD5", "8001", &format!("guess {number}"), nonce);
        guesser.ask("REGISTER", "8001", &fields);
    }
    let told = hall.daemon.wait_for("somebody tried passwords of phones");
    assert!(told.contains("127.0.0.2") && told.contains("900"), "{told}");
    while guesser.hears(QUIET).is_some() {}
    guesser.ask("REGISTER", "8001", "");
    assert_eq!(guesser.hears(QUIET), None);
    let answer = hall.somebody(3).register("8001", PASSWORD);
    assert!(answer.starts_with("SIP/2.0 200 "), "{answer}");
    hall.daemon.terminate();
}

#[test]
fn a_phone_is_made_changed_and_taken_away_while_the_daemon_runs_and_each_is_in_the_audit_log() {
    let mut hall = Hall::open();
    let mut phone = hall.somebody(1);
    let answer = phone.register("8001", PASSWORD);
    assert!(answer.starts_with("SIP/2.0 200 "), "{answer}");
    hall.daemon.wait_for("a phone has registered");
    hall.site.write("other", "another password\n");
    hall.site
        .succeed(&["phone", "password", "8001", "--password-file", "other"]);
    hall.daemon.wait_for("no call would reach the phone any more");
    assert!(phone.register("8001", "another password").starts_with("SIP/2.0 200 "));
    let said = hall.site.fail(&["phone", "add", "8001", "--password-file", "other"]);
    assert!(said.contains("there is a phone 8001 already"), "{said}");
    let said = hall
        .site
        .fail(&["phone", "add", "8002", "--agent", "nobody", "--password-file", "other"]);
    assert!(said.contains("there is no such account"), "{said}");
    hall.site.write("short", "8002");
    let said = hall.site.fail(&["phone", "add", "8002", "--password-file", "short"]);
    assert!(said.contains("expected 8 to 128 letters"), "{said}");
    hall.site
        .succeed(&["phone", "add", "8002", "--only-md5", "--password-file", "other"]);
    let listed = hall.site.succeed(&["phone", "list", "--json"]);
    assert!(
        listed.contains("\"user\":\"8002\"") && !listed.contains("password\":\""),
        "{listed}"
    );
    hall.site.succeed(&["phone", "remove", "8001"]);
    assert!(
        hall.site
            .fail(&["phone", "remove", "8001"])
            .contains("there is no phone 8001")
    );
    let nonce = phone.nonce("8001");
    phone.ask(
        "REGISTER",
        "8001",
        &credentials::<Sha256>("SHA-256", "8001", "another password", &nonce),
    );
    assert!(phone.hears(PATIENCE).unwrap().starts_with("SIP/2.0 401 "));
    let log = hall.site.succeed(&["audit", "list"]);
    for deed in ["added_phone", "gave_phone_password", "removed_phone"] {
        assert!(log.contains(deed) && log.contains("phone:8001"), "{log}");
    }
    assert!(!hall.site.data_holds("another password") && !hall.site.data_holds(PASSWORD));
    hall.daemon.terminate();
}

#[test]
fn an_agent_is_made_at_the_terminal_and_the_phone_of_a_locked_account_is_gone_until_it_is_open_again() {
    let mut hall = Hall::open();
    let site = &hall.site;
    site.write("first", "Fu-qiu 7 mo shui\n");
    let made = ["--name", "李老师", "--role", "agent", "--password-file", "first"];
    site.succeed(&[&["user", "add", "li"], &made[..]].concat());
    // Somebody has to be left who keeps accounts.
    let keeper = [
        "--name",
        "管理员",
        "--role",
        "administrator",
        "--password-file",
        "first",
    ];
    site.succeed(&[&["user", "add", "keeper"], &keeper[..]].concat());
    for (wrong, said) in [
        (["--phone", "8009"], "there is no phone \"8009\""),
        (["--extension", "nowhere:8001"], "nowhere"),
        (["--wrap-up", "3"], "expected 5 to 3600"),
        (["--prefix", "1x"], "expected the first digits"),
    ] {
        let told = site.fail(&[&["agent", "add", "li"], &wrong[..]].concat());
        assert!(told.contains(said), "{wrong:?} {told}");
    }
    site.succeed(&[
        "agent",
        "add",
        "li",
        "--phone",
        "8001",
        "--skill",
        "department:骨科",
        "--prefix",
        "0571",
    ]);
    let told = site.fail(&["agent", "add", "li"]);
    assert!(told.contains("it is an agent already"), "{told}");
    site.succeed(&[
        "agent",
        "skill",
        "li",
        "--give",
        "language:温州话",
        "--take",
        "department:骨科",
    ]);
    site.succeed(&["agent", "limit", "li", "--calls-a-day", "40", "--wrap-up", "60"]);
    let listed: serde_json::Value = serde_json::from_str(&site.succeed(&["agent", "list", "--json"])).unwrap();
    let agent = serde_json::json!([{
        "account": "li", "name": "李老师", "role": "agent", "state": "open", "phone": "8001", "extension": null,
        "skills": ["language:温州话"], "calls_a_day": 40, "preview_s": 30, "wrap_up_s": 60, "prefixes": ["0571"],
    }]);
    assert_eq!(listed, agent);

    let mut phone = hall.somebody(1);
    assert!(phone.register("8001", PASSWORD).starts_with("SIP/2.0 200 "));
    hall.daemon.wait_for("a phone has registered");
    hall.site.succeed(&["user", "lock", "li", "--reason", "离职"]);
    hall.daemon.wait_for("no call would reach the phone any more");
    assert!(phone.register("8001", PASSWORD).starts_with("SIP/2.0 401 "));
    hall.site.succeed(&["user", "unlock", "li"]);
    assert!(phone.register("8001", PASSWORD).starts_with("SIP/2.0 200 "));
    hall.site.succeed(&["agent", "remove", "li", "--reason", "转岗"]);
    assert_eq!(hall.site.succeed(&["agent", "list", "--json"]).trim(), "[]");
    let log = hall.site.succeed(&["audit", "list"]);
    for deed in ["made_agent", "changed_agent", "removed_agent"] {
        assert!(log.contains(deed), "{log}");
    }
    hall.daemon.terminate();
}
