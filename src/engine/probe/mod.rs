//! `aftercall check --trunk`: asks one trunk as the daemon would, with the daemon's own sockets and user agent, and tells
//! everything that was said.

mod transcript;

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use mio::{Events, Poll};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

pub use transcript::{Entry, What};

use super::clock::Clock;
use super::resolver::{self, Names, up_to};
use super::sockets::{self, Heard, Sockets};
use super::{random, trunks};
use crate::config::{self, Settings};
use crate::ids::TrunkId;
use crate::moment::Moment;
use crate::sip::{self, Command, Input, LocalEnding, Output, Target, UserAgent};

/// The only trunk of the user agent that asks.
const TRUNK: TrunkId = TrunkId(0);

/// How long the removal of a registration may take.
const REMOVAL: Duration = Duration::from_secs(5);

/// The expiry that is asked for where the settings name none.
const EXPIRES: Duration = Duration::from_secs(120);

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// OPTIONS.
    Options,
    /// REGISTER, and the removal of the binding.
    Register,
}

/// What came of asking.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was asked in the end.
    pub question: Question,
    /// Where the requests went, in the order of trying.
    pub targets: Vec<Target>,
    /// Our own address.
    pub local: SocketAddr,
    /// The address of the settings, where another program holds it.
    pub taken: Option<SocketAddr>,
    /// Everything that went over the wire.
    pub entries: Vec<Entry>,
    /// How it ended.
    pub outcome: Outcome,
    /// Where our messages seem to come from, if not from where they say.
    pub seen: Option<SocketAddr>,
    /// What they say.
    pub advertised: SocketAddr,
    /// A realm that got no credentials, and the one that would.
    pub refused_realm: Option<(String, String)>,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The final response.
    Answered {
        /// Its status.
        status: u16,
        /// Its reason phrase.
        phrase: String,
    },
    /// Nothing came back from where we sent to; perhaps something came from elsewhere.
    Silence {
        /// From where.
        elsewhere: Option<SocketAddr>,
    },
    /// The network or the other side refused what we sent.
    Refused,
    /// The name does not resolve.
    NoName(String),
}

/// Why a trunk cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The signalling address.
    #[error(transparent)]
    Sockets(#[from] sockets::Error),
    /// Random numbers, or an event queue.
    #[error("the system refused {what}: {source}")]
    System {
        /// What was asked of it.
        what: &'static str,
        /// Its word.
        source: std::io::Error,
    },
}

impl From<super::Error> for Error {
    fn from(error: super::Error) -> Self {
        Self::System {
            what: "random numbers",
            source: std::io::Error::other(error.to_string()),
        }
    }
}

/// Asks a trunk, each of its addresses for at most `wait` until one answers. `tell` hears every entry as it happens.
///
/// Where the trunk registers and nothing else is wished, it is asked by REGISTER; not while another program, most likely
/// the daemon, holds our address: a second binding might replace its own.
pub async fn ask(
    settings: &Settings,
    trunk: &config::Trunk,
    wish: Option<Question>,
    wait: Duration,
    mut tell: impl FnMut(&Entry),
) -> Result<Report, Error> {
    let system = |what| move |source| Error::System { what, source };
    let poll = Poll::new().map_err(system("an event queue"))?;
    let registry = || poll.registry().try_clone().map_err(system("an event queue"));
    let mut trunk = trunk.clone();
    let (mut sockets, taken) = match Sockets::bind(std::slice::from_ref(&trunk), None, registry()?) {
        Ok(sockets) => (sockets, None),
        Err(sockets::Error::Bind { address, source, .. }) if source.kind() == ErrorKind::AddrInUse => {
            trunk.local = Some(SocketAddr::new(address.ip(), 0));
            let sockets = Sockets::bind(std::slice::from_ref(&trunk), None, registry()?)?;
            (sockets, Some(address))
        }
        Err(error) => return Err(error.into()),
    };
    let question = wish.unwrap_or(match trunk.register {
        Some(_) if taken.is_none() => Question::Register,
        Some(_) | None => Question::Options,
    });
    let local = sockets
        .locals()
        .first()
        .copied()
        .unwrap_or(SocketAddr::from(([0; 4], 0)));
    let mut known = trunks::sip_trunk(&trunk, local);
    known.register = known.register.or(Some(EXPIRES));
    let mut report = Report {
        question,
        targets: known.targets.clone(),
        local,
        taken,
        entries: Vec::new(),
        outcome: Outcome::Silence { elsewhere: None },
        seen: None,
        advertised: known.advertised,
        refused_realm: None,
    };
    let mut seed = [0; 32];
    random(&mut seed)?;
    if let Some(wanted) = resolver::wanted(&trunk, local.ip()) {
        let mut chance = ChaCha8Rng::from_seed(seed);
        let found = match Names::new(settings.sip.nameserver) {
            Ok(names) => names.look_up(&wanted, |most| up_to(&mut chance, most)).await,
            Err(error) => Err(error),
        };
        match found {
            Ok(found) => report.targets = found.targets.into_iter().map(|(_, target)| target).collect(),
            Err(error) => {
                report.outcome = Outcome::NoName(error.to_string());
                return Ok(report);
            }
        }
        sockets.resolved(0, &report.targets);
    }
    let mut asking = Asking {
        clock: Clock::start(),
        poll,
        sockets,
        report,
        tell: &mut tell,
        ended: None,
    };
    for target in asking.report.targets.clone() {
        known.targets = vec![target];
        let settings = sip::Settings {
            trunks: vec![known.clone()],
            inbound_status: 480,
            phones: None,
        };
        random(&mut seed)?;
        let is_answered = asking
            .ask(UserAgent::new(settings, seed), wait)
            .map_err(system("an event queue"))?;
        if is_answered {
            break;
        }
    }
    Ok(asking.report)
}

/// A trunk that is being asked.
struct Asking<'t> {
    clock: Clock,
    poll: Poll,
    sockets: Sockets,
    report: Report,
    tell: &'t mut dyn FnMut(&Entry),
    ended: Option<Result<(), LocalEnding>>,
}

impl Asking<'_> {
    /// Asks one address; whether a final response came.
    fn ask(&mut self, mut ua: UserAgent, wait: Duration) -> std::io::Result<bool> {
        let command = match self.report.question {
            Question::Options => Command::Options {
                trunk: TRUNK,
                target: None,
            },
            Question::Register => Command::Register { trunk: TRUNK },
        };
        let before = self.report.entries.len();
        self.run(&mut ua, command, wait)?;
        let entries = self.report.entries.get(before..).unwrap_or_default();
        let answers = entries.iter().filter_map(|entry| match &entry.what {
            What::Received(text) => transcript::status(text),
            What::Sent(_) | What::SentAgain | What::Refused | What::Closed => None,
        });
        let last = answers.rev().find(|(status, _)| *status >= 200);
        let is_refused = entries.iter().any(|entry| entry.what == What::Refused);
        let peers: Vec<SocketAddr> = self.report.targets.iter().map(|target| target.address).collect();
        let elsewhere = entries.iter().find_map(|entry| {
            let is_from_elsewhere = matches!(entry.what, What::Received(_)) && !peers.contains(&entry.path.peer);
            is_from_elsewhere.then_some(entry.path.peer)
        });
        let ended = self.ended.take();
        self.report.outcome = match (ended, last) {
            (Some(Ok(()) | Err(LocalEnding::CredentialsRefused | LocalEnding::Unusable)), Some((status, phrase))) => {
                Outcome::Answered { status, phrase }
            }
            (Some(Err(LocalEnding::Unreachable)), _) => Outcome::Refused,
            (_, _) if is_refused => Outcome::Refused,
            (_, _) => Outcome::Silence { elsewhere },
        };
        let is_answered = matches!(self.report.outcome, Outcome::Answered { .. });
        let is_bound = self.report.question == Question::Register && ended == Some(Ok(()));
        if is_bound && matches!(self.report.outcome, Outcome::Answered { status: 200..=299, .. }) {
            self.run(&mut ua, Command::Unregister { trunk: TRUNK }, REMOVAL)?;
        }
        Ok(is_answered)
    }

    /// Runs until the command has ended, or so long.
    fn run(&mut self, ua: &mut UserAgent, command: Command, wait: Duration) -> std::io::Result<()> {
        let mut events = Events::with_capacity(16);
        let begun = self.clock.now();
        self.ended = None;
        ua.handle(begun, Input::Do(command));
        self.take_out(ua);
        while self.ended.is_none() {
            let now = self.clock.now();
            let left = wait.saturating_sub(now.since(begun));
            if left.is_zero() {
                break;
            }
            let due = ua.deadline().map_or(left, |(at, _)| at.since(now));
            match self
                .poll
                .poll(&mut events, Some(due.min(left).max(Duration::from_millis(1))))
            {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            let now = self.clock.now();
            events.iter().for_each(|event| self.sockets.notice(now, event));
            self.sockets.check(now);
            while let Some(heard) = self.sockets.receive(now) {
                let (path, what) = match heard {
                    Heard::Message(path, bytes) => {
                        ua.handle(now, Input::Received { path, bytes });
                        (path, What::Received(transcript::shown(bytes)))
                    }
                    Heard::Failed(path, bytes) => {
                        ua.handle(now, Input::SendFailed { path, bytes });
                        (path, What::Refused)
                    }
                    Heard::Closed(path) => {
                        ua.handle(now, Input::Closed { path });
                        (path, What::Closed)
                    }
                };
                self.note(now, path, what);
                self.take_out(ua);
            }
            ua.handle(now, Input::Wake);
            self.take_out(ua);
        }
        Ok(())
    }

    fn take_out(&mut self, ua: &mut UserAgent) {
        while let Some(output) = ua.poll() {
            let now = self.clock.now();
            match output {
                Output::Send { path, bytes } => {
                    self.note(now, path, What::Sent(transcript::shown(&bytes)));
                    self.sockets.send(now, path, bytes);
                }
                Output::OptionsAnswered { result, .. } => {
                    self.ended = Some(result.map(|_| ()).map_err(|ending| local(&ending)));
                }
                Output::Registered { result, .. } => {
                    self.ended = Some(result.map(|_| ()).map_err(|ending| local(&ending)));
                }
                Output::Seen { address, .. } => self.report.seen = Some(address),
                Output::RealmRefused { pinned, offered, .. } => self.report.refused_realm = Some((offered, pinned)),
                Output::Event { .. } | Output::Save { .. } | Output::TakenDown { .. } => {}
                Output::Incoming { .. } | Output::InviteRefused { .. } | Output::Phone(_) | Output::Fault(_) => {}
            }
        }
    }

    fn note(&mut self, now: Moment, path: sip::Path, what: What) {
        let is_again = matches!(&what, What::Sent(text) if self.was_sent(path, text));
        let what = if is_again { What::SentAgain } else { what };
        let entry = Entry {
            at: now.since(Moment::ZERO),
            path,
            what,
        };
        (self.tell)(&entry);
        self.report.entries.push(entry);
    }

    fn was_sent(&self, path: sip::Path, text: &str) -> bool {
        let mut entries = self.report.entries.iter();
        entries.any(|entry| entry.path == path && matches!(&entry.what, What::Sent(sent) if sent == text))
    }
}

/// Why there was no success: a final status counts as an answer that cannot be used.
fn local(ending: &sip::Ending) -> LocalEnding {
    ending.local.unwrap_or(LocalEnding::Unusable)
}
