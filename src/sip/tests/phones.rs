//! Phones in virtual time: registering; and the hall in which they are tried.

mod calling;
mod guessing;

use super::*;
use crate::sip::digest::Hash;

const REALM: &str = "aftercall";
const PASSWORD: &str = "correct horse";

fn hall_address() -> SocketAddr {
    "192.0.2.1:5080".parse().unwrap()
}

fn desk_phone() -> SocketAddr {
    "192.0.2.20:5062".parse().unwrap()
}

fn elsewhere() -> SocketAddr {
    "198.51.100.7:40000".parse().unwrap()
}

/// A user agent with one trunk and phones, and what has come out since the last look.
struct Hall {
    agent: UserAgent,
    now: Moment,
    sent: Vec<(Path, Message)>,
    news: Vec<PhoneNews>,
    events: Vec<Event>,
    /// Every REGISTER is a new transaction.
    asked: u32,
}

impl Hall {
    fn new() -> Self {
        let mut phones = Phones::new(hall_address(), REALM);
        let password = Pii::new(PASSWORD.to_owned());
        phones.accounts = ["8001", "8002"]
            .map(|user| Account::of(user, REALM, &password))
            .to_vec();
        let settings = Settings {
            phones: Some(phones),
            ..Settings::new(vec![trunk()], 480)
        };
        Self {
            agent: UserAgent::new(settings, [7; 32]),
            now: Moment::ZERO,
            sent: Vec::new(),
            news: Vec::new(),
            events: Vec::new(),
            asked: 0,
        }
    }

    fn with_phone() -> Self {
        let mut hall = Self::new();
        assert_eq!(hall.registers(desk_phone(), "8001", 3_600).status, 200);
        hall.news.clear();
        hall
    }

    fn put(&mut self, input: Input<'_>) {
        self.agent.handle(self.now, input);
        while let Some(output) = self.agent.poll() {
            match output {
                Output::Send { path, bytes } => {
                    assert_eq!(path.local, hall_address());
                    if let Ok(message) = parse(&bytes) {
                        second_reader::reads_the_same(&bytes).unwrap();
                        self.sent.push((path, message));
                    }
                }
                Output::Phone(news) => self.news.push(news),
                Output::Event { event, .. } => self.events.push(event),
                Output::Save { .. } | Output::Fault(_) => {}
                other @ (Output::TakenDown { .. }
                | Output::Registered { .. }
                | Output::OptionsAnswered { .. }
                | Output::Seen { .. }
                | Output::RealmRefused { .. }
                | Output::Incoming { .. }
                | Output::InviteRefused { .. }) => panic!("{other:?}"),
            }
        }
    }

    fn path(peer: SocketAddr) -> Path {
        Path {
            transport: Transport::Udp,
            local: hall_address(),
            peer,
        }
    }

    fn hear(&mut self, from: SocketAddr, text: &str) {
        let path = Self::path(from);
        self.put(Input::Received {
            path,
            bytes: text.as_bytes(),
        });
    }

    fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some((at, _)) = self.agent.deadline().filter(|&(at, _)| at <= end) {
            self.now = at;
            self.put(Input::Wake);
        }
        self.now = end;
    }

    /// Lets time pass while the phone answers what it is asked.
    fn wait_with_phone(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            self.wait(Duration::from_millis(250));
            for (path, message) in self.sent() {
                if let Message::Request(request) = message {
                    self.answer(path, &request, 200, &[]);
                }
            }
        }
    }

    /// Lets time pass until something leaves: a request.
    fn next_request(&mut self) -> (Path, Request) {
        while self.sent.is_empty() {
            self.wait(Duration::from_millis(250));
        }
        self.request()
    }

    fn sent(&mut self) -> Vec<(Path, Message)> {
        std::mem::take(&mut self.sent)
    }

    fn response(&mut self) -> Response {
        let mut sent = self.sent();
        assert_eq!(sent.len(), 1, "{sent:?}");
        match sent.remove(0).1 {
            Message::Response(response) => response,
            Message::Request(request) => panic!("{request:?}"),
        }
    }

    fn request(&mut self) -> (Path, Request) {
        let mut sent = self.sent();
        assert_eq!(sent.len(), 1, "{sent:?}");
        match sent.remove(0) {
            (path, Message::Request(request)) => (path, request),
            (_, Message::Response(response)) => panic!("{response:?}"),
        }
    }

    /// Sends REGISTER with these fields.
    fn register(&mut self, from: SocketAddr, user: &str, fields: &str) {
        self.asked += 1;
        let asked = self.asked;
        let text = format!(
            "REGISTER sip:hall SIP/2.0\r\nVia: SIP/2.0/UDP 10.1.1.1:5062;branch=z9hG4bK-reg-{asked};rport\r\n\
             From: <sip:{user}@hall>;tag=r{asked}\r\nTo: <sip:{user}@hall>\r\nCall-ID: reg-{from}\r\nCSeq: {asked} REGISTER\r\n\
             User-Agent: Desk Phone 1.0\r\n{fields}\r\n"
        );
        self.hear(from, &text);
    }

    /// The nonce of a fresh challenge.
    fn nonce(&mut self, from: SocketAddr, user: &str) -> String {
        self.register(from, user, "");
        challenge_nonce(&self.response())
    }

    /// Registers with credentials by this hash; what is sent at once.
    fn try_password(&mut self, from: SocketAddr, user: &str, password: &str, hash: Hash, fields: &str) {
        let nonce = self.nonce(from, user);
        let line = authorization(user, password, hash, &nonce, 1);
        self.register(from, user, &format!("Authorization: {line}\r\n{fields}"));
    }

    fn registers(&mut self, from: SocketAddr, user: &str, seconds: u32) -> Response {
        let fields = format!("Contact: <sip:{user}@10.1.1.1:5062>\r\nExpires: {seconds}\r\n");
        self.try_password(from, user, PASSWORD, Hash::Sha256, &fields);
        self.response()
    }

    fn call(&mut self, account: &str, answering: Answering) {
        self.put(Input::Do(Command::Invite {
            leg: LEG,
            to: Callee::Phone {
                account: account.to_owned(),
                display: Some(Pii::new("回访 \"外呼\"".to_owned())),
                answering,
            },
            mark: CallMark::default(),
            before: 0,
            offer: OFFER.to_vec(),
        }));
    }

    fn answer(&mut self, path: Path, request: &Request, status: u16, fields: &[(&str, &str)]) {
        let bytes = response(request, status, "phone", fields, b"v=0").print();
        self.put(Input::Received { path, bytes: &bytes });
    }
}

fn challenge_nonce(response: &Response) -> String {
    assert_eq!(response.status, 401);
    let line = response.headers.first(&Name::WwwAuthenticate).unwrap();
    line.split("nonce=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned()
}

fn authorization(user: &str, password: &str, hash: Hash, nonce: &str, count: u32) -> String {
    let ha1 = hash.hex(format!("{user}:{REALM}:{password}").as_bytes());
    let ha2 = hash.hex(b"REGISTER:sip:hall");
    let response = hash.hex(format!("{ha1}:{nonce}:{count:08x}:cn:auth:{ha2}").as_bytes());
    format!(
        "Digest username=\"{user}\", realm=\"{REALM}\", nonce=\"{nonce}\", uri=\"sip:hall\", response=\"{response}\", \
         algorithm={}, qop=auth, nc={count:08x}, cnonce=\"cn\"",
        hash.as_str()
    )
}

#[test]
fn a_register_is_challenged_by_sha_256_first_and_then_by_md5_whether_there_is_such_a_phone_or_not() {
    let mut hall = Hall::new();
    for user in ["8001", "nobody"] {
        hall.register(desk_phone(), user, "");
        let response = hall.response();
        let lines: Vec<&str> = response.headers.all(&Name::WwwAuthenticate).collect();
        let [first, second] = lines.as_slice() else {
            panic!("{lines:?}");
        };
        assert!(
            first.contains("algorithm=SHA-256") && second.contains("algorithm=MD5"),
            "{lines:?}"
        );
        assert!(first.contains("qop=\"auth\"") && !first.contains("stale"));
    }
}

#[test]
fn a_phone_that_knows_md5_alone_is_challenged_by_it_alone_and_so_are_some_names_that_nobody_has() {
    let mut hall = Hall::new();
    let password = Pii::new(PASSWORD.to_owned());
    let plain = Account {
        ha1_sha256: None,
        ..Account::of("8003", REALM, &password)
    };
    let accounts = vec![Account::of("8001", REALM, &password), plain];
    hall.put(Input::Do(Command::Accounts { accounts }));
    let mut challenges = |user: &str| {
        hall.register(desk_phone(), user, "");
        hall.response().headers.all(&Name::WwwAuthenticate).count()
    };
    assert_eq!((challenges("8001"), challenges("8003")), (2, 1));
    let strange: Vec<usize> = (9_000..9_040).map(|user| challenges(&user.to_string())).collect();
    assert!(strange.contains(&1) && strange.contains(&2));
    // Asked again, a name that nobody has is challenged as before.
    let again: Vec<usize> = (9_000..9_040).map(|user| challenges(&user.to_string())).collect();
    assert_eq!(strange, again);
}

#[test]
fn a_phone_registers_by_either_hash_and_is_told_its_contact_and_time() {
    for hash in [Hash::Sha256, Hash::Md5] {
        let mut hall = Hall::new();
        let fields = "Contact: <sip:8001@10.1.1.1:5062>;expires=120\r\n";
        hall.try_password(desk_phone(), "8001", PASSWORD, hash, fields);
        let ok = hall.response();
        assert_eq!(ok.status, 200);
        assert_eq!(
            ok.headers.first(&Name::Contact),
            Some("<sip:8001@10.1.1.1:5062>;expires=120")
        );
        let registered = PhoneNews::Registered {
            account: "8001".to_owned(),
            source: desk_phone(),
            transport: Transport::Udp,
            product: Some("Desk Phone 1.0".to_owned()),
        };
        assert_eq!(hall.news, [registered]);
    }
}

#[test]
fn a_binding_runs_out_and_that_is_told_once() {
    let mut hall = Hall::new();
    assert_eq!(hall.registers(desk_phone(), "8001", 60).status, 200);
    hall.news.clear();
    hall.wait_with_phone(seconds(61));
    let why = Gone::Expired;
    assert_eq!(
        hall.news,
        [PhoneNews::Gone {
            account: "8001".to_owned(),
            why
        }]
    );
    assert_eq!(hall.agent.bound(), 0);
}

#[test]
fn too_short_a_time_gets_423_and_too_long_a_one_an_hour() {
    let mut hall = Hall::new();
    let brief = hall.registers(desk_phone(), "8001", 59);
    assert_eq!(
        (brief.status, brief.headers.first(&Name::MinExpires)),
        (423, Some("60"))
    );
    let long = hall.registers(desk_phone(), "8001", 86_400);
    assert!(long.headers.first(&Name::Contact).unwrap().ends_with(";expires=3600"));
}

#[test]
fn a_phone_takes_its_contact_away_by_itself_or_by_a_star() {
    let mut hall = Hall::with_phone();
    assert_eq!(hall.registers(desk_phone(), "8001", 0).status, 200);
    assert_eq!(hall.agent.bound(), 0);
    hall.registers(desk_phone(), "8001", 600);
    for (fields, status) in [
        ("Contact: *\r\n", 400),
        ("Contact: *, <sip:a@b>\r\nExpires: 0\r\n", 400),
    ] {
        hall.try_password(desk_phone(), "8001", PASSWORD, Hash::Md5, fields);
        assert_eq!(hall.response().status, status, "{fields}");
    }
    hall.news.clear();
    hall.try_password(
        desk_phone(),
        "8001",
        PASSWORD,
        Hash::Md5,
        "Contact: *\r\nExpires: 0\r\n",
    );
    assert_eq!(hall.response().status, 200);
    let why = Gone::Unregistered;
    assert_eq!(
        hall.news,
        [PhoneNews::Gone {
            account: "8001".to_owned(),
            why
        }]
    );
}

#[test]
fn an_older_request_of_the_same_registration_changes_nothing() {
    let mut hall = Hall::with_phone();
    // Its transactions are over, and it begins to count anew.
    hall.wait_with_phone(seconds(40));
    hall.asked = 0;
    let late = hall.registers(desk_phone(), "8001", 0);
    assert_eq!((late.status, hall.agent.bound()), (500, 1));
}

#[test]
fn an_account_has_several_contacts_and_not_without_end() {
    let mut hall = Hall::new();
    for port in 0..12_u16 {
        let from = SocketAddr::new(desk_phone().ip(), 6_000 + port);
        let fields = format!("Contact: <sip:8001@10.1.1.1:{}>\r\n", 7_000 + port);
        hall.try_password(from, "8001", PASSWORD, Hash::Sha256, &fields);
        assert_eq!(hall.response().status, 200);
    }
    assert_eq!(hall.agent.bound(), 8);
}

#[test]
fn another_password_or_no_account_ends_a_registration() {
    let mut hall = Hall::with_phone();
    let other = Pii::new("another one".to_owned());
    let accounts = vec![Account::of("8001", REALM, &other)];
    hall.put(Input::Do(Command::Accounts {
        accounts: accounts.clone(),
    }));
    let why = Gone::Withdrawn;
    assert_eq!(
        hall.news,
        [PhoneNews::Gone {
            account: "8001".to_owned(),
            why
        }]
    );
    assert_eq!(hall.agent.bound(), 0);
    hall.try_password(
        desk_phone(),
        "8001",
        "another one",
        Hash::Md5,
        "Contact: <sip:8001@10.1.1.1>\r\n",
    );
    assert_eq!(hall.response().status, 200);
    hall.news.clear();
    // The same again changes nothing.
    hall.put(Input::Do(Command::Accounts { accounts }));
    assert_eq!((hall.news.len(), hall.agent.bound()), (0, 1));
}
