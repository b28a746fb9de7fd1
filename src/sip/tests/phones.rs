//! Phones in virtual time: registering, guessing, strangers, being asked, and being called.

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
                other => panic!("{other:?}"),
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
fn a_nonce_is_good_once_with_each_count_and_stale_after_its_time() {
    let mut hall = Hall::new();
    let nonce = hall.nonce(desk_phone(), "8001");
    let fields = |count| {
        let line = authorization("8001", PASSWORD, Hash::Sha256, &nonce, count);
        format!("Authorization: {line}\r\nContact: <sip:8001@10.1.1.1>\r\n")
    };
    hall.register(desk_phone(), "8001", &fields(1));
    assert_eq!(hall.response().status, 200);
    hall.register(desk_phone(), "8001", &fields(1));
    let again = hall.response();
    assert!(
        again
            .headers
            .first(&Name::WwwAuthenticate)
            .unwrap()
            .ends_with("stale=true")
    );
    hall.register(desk_phone(), "8001", &fields(2));
    assert_eq!(hall.response().status, 200);
    // Overheard, it is of no use at another address.
    hall.register(elsewhere(), "8001", &fields(3));
    assert_eq!(hall.response().status, 401);
    hall.wait(seconds(301));
    hall.sent();
    hall.register(desk_phone(), "8001", &fields(3));
    assert_eq!(hall.response().status, 401);
    assert!(hall.news.iter().all(|news| !matches!(news, PhoneNews::Guessing { .. })));
}

#[test]
fn nobody_registers_as_somebody_else() {
    let mut hall = Hall::new();
    let nonce = hall.nonce(desk_phone(), "8002");
    let line = authorization("8001", PASSWORD, Hash::Sha256, &nonce, 1);
    hall.register(
        desk_phone(),
        "8002",
        &format!("Authorization: {line}\r\nContact: <sip:8002@10.1.1.1>\r\n"),
    );
    assert_eq!((hall.response().status, hall.agent.bound()), (403, 0));
}

#[test]
fn ten_wrong_passwords_are_slowed_then_banned_and_a_right_one_from_elsewhere_still_works() {
    let mut hall = Hall::new();
    let mut pauses = Vec::new();
    for number in 0..9 {
        let user = if number % 2 == 0 { "8001" } else { "nobody" };
        hall.try_password(elsewhere(), user, "guess", Hash::Md5, "");
        let begun = hall.now;
        while hall.sent.is_empty() {
            hall.wait(Duration::from_millis(250));
        }
        pauses.push(hall.now.since(begun).as_millis());
        // A wrong name and a wrong password are answered alike.
        assert_eq!(hall.response().status, 401);
    }
    assert_eq!(pauses, [0, 0, 500, 1_000, 2_000, 4_000, 4_000, 4_000, 4_000]);
    hall.try_password(elsewhere(), "8001", "guess", Hash::Md5, "");
    hall.wait(seconds(10));
    assert!(hall.sent().is_empty());
    let banned = seconds(900);
    let guessing = PhoneNews::Guessing {
        source: elsewhere().ip(),
        account: Some("8001".to_owned()),
        banned,
    };
    assert_eq!(hall.news, [guessing]);
    // No answer to anything, from whatever port, and it is told no more.
    for _ in 0..20 {
        hall.register(SocketAddr::new(elsewhere().ip(), 1), "8001", "");
    }
    assert!(hall.sent().is_empty() && hall.news.len() == 1);
    assert_eq!(hall.registers(desk_phone(), "8001", 600).status, 200);
    hall.wait(banned);
    hall.sent();
    assert_eq!(hall.registers(elsewhere(), "8002", 600).status, 200);
}

#[test]
fn a_copy_of_a_wrong_password_is_no_second_try() {
    let mut hall = Hall::new();
    let nonce = hall.nonce(elsewhere(), "8001");
    let line = authorization("8001", "guess", Hash::Md5, &nonce, 1);
    for _ in 0..30 {
        hall.asked = 50;
        hall.register(elsewhere(), "8001", &format!("Authorization: {line}\r\n"));
    }
    assert_eq!(hall.news, []);
}

#[test]
fn behind_a_banned_address_a_phone_that_has_registered_goes_on() {
    let mut hall = Hall::with_phone();
    for _ in 0..10 {
        hall.try_password(SocketAddr::new(desk_phone().ip(), 9), "8001", "guess", Hash::Md5, "");
        hall.sent();
    }
    assert!(matches!(hall.news.as_slice(), [PhoneNews::Guessing { .. }]));
    hall.sent();
    assert_eq!(hall.registers(desk_phone(), "8001", 600).status, 200);
}

#[test]
fn a_stranger_gets_nothing_but_a_challenge_to_register() {
    let mut hall = Hall::with_phone();
    for method in [
        "INVITE",
        "OPTIONS",
        "MESSAGE",
        "SUBSCRIBE",
        "BYE",
        "CANCEL",
        "ACK",
        "NOTIFY",
        "FETCH",
    ] {
        let text = format!(
            "{method} sip:8001@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.7:5060;branch=z9hG4bK-{method}\r\n\
             From: <sip:8001@hall>;tag=x\r\nTo: <sip:8001@hall>\r\nCall-ID: {method}\r\nCSeq: 1 {method}\r\n\
             Contact: <sip:x@198.51.100.7>\r\n\r\n"
        );
        hall.hear(elsewhere(), &text);
        hall.hear(
            elsewhere(),
            &text.replace("To: <sip:8001@hall>", "To: <sip:8001@hall>;tag=y"),
        );
        assert!(hall.sent().is_empty(), "{method}");
    }
    for odd in [
        "",
        "\r\n\r\n",
        "hello",
        "REGISTER sip:hall SIP/2.0\r\n\r\n",
        "REGISTER x SIP/3.0\r\nVia: a\r\n\r\n",
    ] {
        hall.hear(elsewhere(), odd);
        assert!(hall.sent().is_empty(), "{odd}");
    }
    assert_eq!(hall.events, []);
}

#[test]
fn a_registered_phone_calls_nobody_and_is_told_so() {
    let mut hall = Hall::with_phone();
    let text = "INVITE sip:13812341234@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.1.1.1:5062;branch=z9hG4bK-own;rport\r\n\
        From: <sip:8001@hall>;tag=x\r\nTo: <sip:13812341234@hall>\r\nCall-ID: own\r\nCSeq: 1 INVITE\r\n\
        Contact: <sip:8001@10.1.1.1:5062>\r\n\r\n";
    hall.hear(desk_phone(), text);
    assert_eq!(hall.response().status, 403);
    hall.hear(desk_phone(), &text.replace("INVITE", "OPTIONS"));
    assert_eq!(hall.response().status, 200);
}

#[test]
fn a_phone_is_asked_whether_it_is_there_where_its_registration_came_from() {
    let mut hall = Hall::with_phone();
    let (path, options) = hall.next_request();
    assert_eq!((path.peer, options.method.as_str()), (desk_phone(), "OPTIONS"));
    assert_eq!(options.uri, "sip:8001@10.1.1.1:5062");
    hall.answer(path, &options, 405, &[]);
    assert_eq!(hall.news, []);
    // It falls silent: that is told once, and again when it is back.
    hall.wait(seconds(70));
    let why = Gone::Silent;
    assert_eq!(
        hall.news,
        [PhoneNews::Gone {
            account: "8001".to_owned(),
            why
        }]
    );
    hall.sent();
    hall.news.clear();
    let (path, options) = hall.next_request();
    hall.answer(path, &options, 200, &[]);
    assert!(
        matches!(hall.news.as_slice(), [PhoneNews::Registered { .. }]),
        "{:?}",
        hall.news
    );
}

#[test]
fn a_call_goes_to_the_phone_with_what_makes_it_answer_by_itself() {
    let mut hall = Hall::with_phone();
    hall.call("8001", Answering::AtOnce);
    assert!(hall.agent.is_with_phone(LEG));
    let (path, invite) = hall.request();
    assert_eq!(
        (path.peer, invite.uri.as_str()),
        (desk_phone(), "sip:8001@10.1.1.1:5062")
    );
    let field = |name: &str| invite.headers.first(&Name::named(name)).unwrap_or_default().to_owned();
    assert_eq!(field("Alert-Info"), "<http://aftercall>;info=alert-autoanswer;delay=0");
    assert_eq!(field("Call-Info"), "<sip:aftercall@aftercall>;answer-after=0");
    assert_eq!(field("To"), "<sip:8001@aftercall>");
    assert!(
        field("From").starts_with("\"回访 \\\"外呼\\\"\" <sip:aftercall@aftercall>;tag="),
        "{}",
        field("From")
    );
    hall.answer(path, &invite, 200, &[("Contact", "<sip:8001@10.1.1.1:5062>")]);
    hall.put(Input::Do(Command::Acknowledge { leg: LEG }));
    let (path, ack) = hall.request();
    assert_eq!((path.peer, ack.method.as_str()), (desk_phone(), "ACK"));
    assert!(
        matches!(hall.events.as_slice(), [Event::Answered { .. }]),
        "{:?}",
        hall.events
    );
    let bye = format!(
        "BYE sip:aftercall@192.0.2.1:5080 SIP/2.0\r\nVia: SIP/2.0/UDP 10.1.1.1:5062;branch=z9hG4bK-bye;rport\r\n\
         From: {}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: 9 BYE\r\n\r\n",
        ack.headers.first(&Name::To).unwrap(),
        field("From"),
        field("Call-ID"),
    );
    // Behind its NAT the phone may come from another port by now.
    hall.hear(SocketAddr::new(desk_phone().ip(), 1_024), &bye);
    assert_eq!(hall.response().status, 200);
    assert!(
        matches!(hall.events.as_slice(), [_, Event::HungUp(_)]),
        "{:?}",
        hall.events
    );
}

#[test]
fn a_phone_that_is_not_registered_fails_at_once() {
    let mut hall = Hall::with_phone();
    for account in ["8002", "nobody"] {
        hall.call(account, Answering::ByHand);
        let ending = Ending::local(LocalEnding::NotRegistered);
        assert_eq!(std::mem::take(&mut hall.events), [Event::Failed(ending)]);
    }
}

#[test]
fn the_newest_contact_is_called_first_and_the_next_when_it_fails_but_not_after_a_persons_no() {
    let mut hall = Hall::with_phone();
    let second = SocketAddr::new(desk_phone().ip(), 6_000);
    hall.try_password(
        second,
        "8001",
        PASSWORD,
        Hash::Md5,
        "Contact: <sip:8001@10.2.2.2:5062>\r\n",
    );
    hall.sent();
    hall.call("8001", Answering::ByHand);
    let (path, invite) = hall.request();
    assert_eq!(path.peer, second);
    hall.answer(path, &invite, 480, &[]);
    let requests = hall.sent();
    let next: Vec<(SocketAddr, String)> = requests
        .iter()
        .map(|(path, message)| match message {
            Message::Request(request) => (path.peer, request.method.to_string()),
            Message::Response(response) => panic!("{response:?}"),
        })
        .collect();
    assert_eq!(next, [(second, "ACK".to_owned()), (desk_phone(), "INVITE".to_owned())]);
    let Some((path, Message::Request(invite))) = requests.into_iter().nth(1) else {
        panic!("no request");
    };
    hall.answer(path, &invite, 486, &[]);
    let [Event::Failed(ending)] = hall.events.as_slice() else {
        panic!("{:?}", hall.events);
    };
    assert_eq!(ending.status, Some(486));
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

#[test]
fn until_it_is_told_who_may_register_nobody_is_answered() {
    let mut hall = Hall::new();
    let settings = Settings {
        phones: Some(Phones::new(hall_address(), REALM)),
        ..Settings::new(Vec::new(), 480)
    };
    hall.agent = UserAgent::new(settings, [7; 32]);
    hall.register(desk_phone(), "8001", "");
    assert!(hall.sent().is_empty());
    let accounts = Vec::new();
    hall.put(Input::Do(Command::Accounts { accounts }));
    hall.register(desk_phone(), "8001", "");
    assert_eq!(hall.response().status, 401);
}

#[test]
fn a_ping_of_a_registered_phone_is_answered() {
    let mut hall = Hall::with_phone();
    let path = Hall::path(desk_phone());
    hall.agent.handle(
        hall.now,
        Input::Received {
            path,
            bytes: b"\r\n\r\n",
        },
    );
    let sent = hall.agent.poll();
    assert_eq!(
        sent,
        Some(Output::Send {
            path,
            bytes: b"\r\n".to_vec()
        })
    );
}

#[test]
fn when_its_connection_is_gone_a_phone_is_gone_until_it_registers_again() {
    let mut hall = Hall::new();
    let path = Path {
        transport: Transport::Tcp,
        ..Hall::path(desk_phone())
    };
    let nonce = hall.nonce(desk_phone(), "8001");
    let line = authorization("8001", PASSWORD, Hash::Sha256, &nonce, 1);
    let register = |cseq: u32, line: &str| {
        format!(
            "REGISTER sip:hall SIP/2.0\r\nVia: SIP/2.0/TCP 10.1.1.1:5062;branch=z9hG4bK-tcp-{cseq}\r\n\
             From: <sip:8001@hall>;tag=t\r\nTo: <sip:8001@hall>\r\nCall-ID: tcp\r\nCSeq: {cseq} REGISTER\r\n\
             Authorization: {line}\r\nContact: <sip:8001@10.1.1.1:5062;transport=tcp>\r\nContent-Length: 0\r\n\r\n"
        )
    };
    hall.put(Input::Received {
        path,
        bytes: register(1, &line).as_bytes(),
    });
    assert_eq!(hall.response().status, 200);
    hall.news.clear();
    hall.put(Input::Closed { path });
    let why = Gone::Silent;
    assert_eq!(
        hall.news,
        [PhoneNews::Gone {
            account: "8001".to_owned(),
            why
        }]
    );
    let line = authorization("8001", PASSWORD, Hash::Sha256, &nonce, 2);
    let path = Path {
        peer: SocketAddr::new(desk_phone().ip(), 6_001),
        ..path
    };
    hall.put(Input::Received {
        path,
        bytes: register(2, &line).as_bytes(),
    });
    assert_eq!(hall.response().status, 200);
    assert!(
        matches!(hall.news.as_slice(), [_, PhoneNews::Registered { .. }]),
        "{:?}",
        hall.news
    );
}
