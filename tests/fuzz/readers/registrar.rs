//! Phones and calls that come in: octets between 0x1E are datagrams, of a phone, or after 0x11 of the trunk. `{n}` stands
//! for the nonce of the latest challenge, `{a}` for the Authorization line that proves the phone 8001's password with it,
//! `{t}` for the tag of our latest answer. A lone 1 lets the next deadline come, a lone 2 takes all phones' accounts away, a
//! lone 3 brings them back, a lone 4 calls the phone, a lone 5 hangs up, a lone 6 answers every call that came in.

use std::net::SocketAddr;

use aftercall::ids::{CallMark, LegId};
use aftercall::moment::Moment;
use aftercall::pii::Pii;
use aftercall::sip::{
    Account, Answering, Callee, Command, Input, Message, Name, Output, Path, PhoneNews, Phones, Settings, Target,
    Transport, Trunk, UserAgent, parse,
};
use md5::{Digest, Md5};

const REALM: &str = "aftercall";
const USER: &str = "8001";
/// Found nowhere in what we send, and no more than its hash.
const PASSWORD: &str = "pass-7e1f0b-word";
const LEG: LegId = LegId(1);

/// So many datagrams of one input are heard.
const MOST: usize = 24;
/// Deadlines that are waited for at the end.
const DEADLINES: usize = 400;

/// Holds for any octets.
pub(crate) fn check(bytes: &[u8]) {
    let told = hall(bytes);
    assert_eq!(told, hall(bytes));
}

struct Hall {
    agent: UserAgent,
    now: Moment,
    nonce: String,
    tag: String,
    incoming: Vec<LegId>,
    /// The right password was sent.
    has_proved: bool,
    all: Vec<Output>,
}

fn phones_at() -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 1], 5080))
}

fn phone_at() -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 20], 5062))
}

fn accounts() -> Vec<Account> {
    vec![Account::of(USER, REALM, &Pii::new(PASSWORD.to_owned()))]
}

/// Everything that comes out.
pub(crate) fn hall(bytes: &[u8]) -> Vec<Output> {
    let here = SocketAddr::from(([192, 0, 2, 1], 5060));
    let there = SocketAddr::from(([192, 0, 2, 9], 5060));
    let mut phones = Phones::new(phones_at(), REALM);
    phones.accounts = accounts();
    let settings = Settings {
        trunks: vec![Trunk::new("one", here, Target::udp(there), "trunk.example", "1000")],
        inbound_status: 480,
        phones: Some(phones),
    };
    let mut hall = Hall {
        agent: UserAgent::new(settings, [7; 32]),
        now: Moment::ZERO,
        nonce: String::new(),
        tag: String::new(),
        incoming: Vec::new(),
        has_proved: false,
        all: Vec::new(),
    };
    for datagram in bytes.split(|&b| b == 0x1E).take(MOST) {
        match datagram {
            [1] => hall.wait(),
            [2] => hall.order(Command::Accounts { accounts: Vec::new() }),
            [3] => hall.order(Command::Accounts { accounts: accounts() }),
            [4] => hall.order(Command::Invite {
                leg: LEG,
                to: Callee::Phone {
                    account: USER.to_owned(),
                    display: None,
                    answering: Answering::AtOnce,
                },
                mark: CallMark::default(),
                before: 0,
                offer: b"v=0\r\n".to_vec(),
            }),
            [5] => hall.order(Command::HangUp { leg: LEG }),
            [6] => {
                for leg in hall.incoming.clone() {
                    let sdp = b"v=0\r\n".to_vec();
                    hall.order(Command::Accept { leg, sdp });
                }
            }
            [0x11, datagram @ ..] => hall.hear(here, there, datagram),
            datagram => hall.hear(phones_at(), phone_at(), datagram),
        }
        assert!(hall.agent.deadline().is_none_or(|(at, _)| at >= hall.now));
    }
    hall.end();
    hall.all
}

impl Hall {
    fn wait(&mut self) {
        if let Some((at, _)) = self.agent.deadline() {
            self.now = at;
            self.put(Input::Wake);
        }
    }

    fn order(&mut self, command: Command) {
        self.put(Input::Do(command));
    }

    fn hear(&mut self, local: SocketAddr, peer: SocketAddr, datagram: &[u8]) {
        let filled = self.filled(datagram);
        let path = Path {
            transport: Transport::Udp,
            local,
            peer,
        };
        self.put(Input::Received { path, bytes: &filled });
    }

    fn put(&mut self, input: Input<'_>) {
        self.agent.handle(self.now, input);
        while let Some(output) = self.agent.poll() {
            self.look(&output);
            // Whoever wants a call takes it at once; whoever answers it has time.
            if let Output::Incoming { leg, .. } = &output {
                self.agent.handle(self.now, Input::Do(Command::Ring { leg: *leg }));
            }
            // The disk is quick.
            if let Output::Save { leg, .. } = &output {
                self.agent
                    .handle(self.now, Input::Do(Command::Acknowledge { leg: *leg }));
            }
            self.all.push(output);
        }
    }

    /// A stranger gets nothing but a challenge to register, whoever registers has proved the password, and it is never told.
    fn look(&mut self, output: &Output) {
        match output {
            Output::Send { path, bytes } if path.local == phones_at() => {
                assert!(!bytes.windows(PASSWORD.len()).any(|part| part == PASSWORD.as_bytes()));
                match parse(bytes) {
                    Ok(Message::Response(response)) => {
                        assert!(
                            self.has_proved || response.status == 401,
                            "{} to a stranger",
                            response.status
                        );
                        let challenge = response.headers.first(&Name::WwwAuthenticate).unwrap_or_default();
                        let nonce = challenge
                            .split_once("nonce=\"")
                            .and_then(|(_, rest)| rest.split_once('"'));
                        if let Some((nonce, _)) = nonce {
                            nonce.clone_into(&mut self.nonce);
                        }
                    }
                    Ok(Message::Request(_)) => assert!(self.has_proved, "a request to a stranger"),
                    Err(_) => assert!(bytes == b"\r\n" || bytes == b"\r\n\r\n", "neither message nor ping"),
                }
            }
            Output::Send { bytes, .. } => {
                if let Ok(Message::Response(response)) = parse(bytes) {
                    assert_eq!(&response_again(bytes), bytes);
                    let to = response.headers.first(&Name::To).unwrap_or_default();
                    if let Some((_, tag)) = to.rsplit_once(";tag=") {
                        tag.clone_into(&mut self.tag);
                    }
                }
            }
            Output::Phone(PhoneNews::Registered { account, .. }) => {
                assert!(self.has_proved && account == USER, "registered without its password");
            }
            Output::Incoming { leg, .. } => self.incoming.push(*leg),
            Output::Phone(PhoneNews::Gone { .. } | PhoneNews::Guessing { .. })
            | Output::Event { .. }
            | Output::Save { .. }
            | Output::TakenDown { .. }
            | Output::Registered { .. }
            | Output::OptionsAnswered { .. }
            | Output::Seen { .. }
            | Output::RealmRefused { .. }
            | Output::InviteRefused { .. }
            | Output::Fault(_) => {}
        }
    }

    /// Everybody hangs up, and time passes until nothing is left.
    fn end(&mut self) {
        for leg in std::mem::take(&mut self.incoming) {
            self.order(Command::HangUp { leg });
        }
        self.order(Command::HangUp { leg: LEG });
        self.order(Command::Accounts { accounts: Vec::new() });
        for _ in 0..DEADLINES {
            self.wait();
        }
        if self.agent.deadline().is_none() {
            assert_eq!(self.agent.active(), 0, "a call that nothing will ever end");
        }
    }

    /// The datagram with what only this run knows in its places.
    fn filled(&mut self, datagram: &[u8]) -> Vec<u8> {
        let mut filled = Vec::with_capacity(datagram.len() + 512);
        let mut rest = datagram;
        while let Some((&first, tail)) = rest.split_first() {
            let value = match rest {
                [b'{', b'n', b'}', ..] => Some(self.nonce.clone()),
                [b'{', b't', b'}', ..] => Some(self.tag.clone()),
                [b'{', b'a', b'}', ..] => {
                    self.has_proved = true;
                    Some(authorization(&self.nonce))
                }
                _ => None,
            };
            let Some(value) = value else {
                filled.push(first);
                rest = tail;
                continue;
            };
            filled.extend_from_slice(value.as_bytes());
            rest = rest.get(3..).unwrap_or_default();
        }
        filled
    }
}

fn response_again(bytes: &[u8]) -> Vec<u8> {
    parse(bytes).map(|message| message.print()).unwrap_or_default()
}

/// What proves the password by MD5.
fn authorization(nonce: &str) -> String {
    let hex = |text: String| -> String { Md5::digest(text).iter().map(|octet| format!("{octet:02x}")).collect() };
    let secret = hex(format!("{USER}:{REALM}:{PASSWORD}"));
    let asked = hex("REGISTER:sip:hall".to_owned());
    let response = hex(format!("{secret}:{nonce}:00000001:c:auth:{asked}"));
    format!(
        "Authorization: Digest username=\"{USER}\", realm=\"{REALM}\", nonce=\"{nonce}\", uri=\"sip:hall\", \
         response=\"{response}\", algorithm=MD5, qop=auth, nc=00000001, cnonce=\"c\"\r\n"
    )
}
