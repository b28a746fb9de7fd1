//! The simulated far end: a trunk full of patients on loopback, real SIP over UDP and real RTP.
//!
//! It exists to judge the daemon, so it shares no code with `sip/`, `sdp/` and `media/`: what the daemon prints is read
//! by another reader, what it plays is recognised by ear, and the log tells what arrived, not what was meant.
//!
//! ```text
//! turn       the one thread: SIP as it comes, each call every 20 ms
//!   exchange   the trunk: datagrams to calls, numbers to patients
//!     call       one Call-ID: its signalling, its media, its patient, its line in the log
//!       ear        which prompt is heard, by correlation
//!       rtp        packets judged, packets sent
//!     script     who is at which number, and what they do
//!   evidence   what happens, as it happens
//!   ports      the sockets, with the kernel's receive stamps
//! ```
//!
//! Everything below `turn` is a value: time and chance are arguments.

mod call;
mod clock;
mod counts;
mod ear;
mod evidence;
mod exchange;
mod g711;
mod ports;
mod rtp;
mod script;
#[cfg(test)]
mod tests;
mod turn;
mod wire;

use std::fs::File;
use std::io::{self, BufWriter};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use mio::net::UdpSocket;
use mio::{Interest, Poll, Token, Waker};

pub use counts::{Counts, Summary};
pub use ear::CatalogueError;
pub use script::Script;

use call::Studio;
use clock::Clock;
use ear::{Catalogue, Hearing};
use evidence::Book;
use exchange::Exchange;
use ports::Ports;
use rtp::voice::Voices;
use turn::Turn;

/// The script of the demo: some hundred kinds of patients, in the shares of a real discharge list.
pub const DEMO_SCRIPT: &str = include_str!("demo.toml");

/// What a far end is started with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it takes SIP over UDP; port 0 takes any free port.
    pub listen: SocketAddr,
    /// Who is at which number.
    pub script: Script,
    /// The log: one JSON line per Call-ID, and a summary. It is created, or emptied.
    pub log: PathBuf,
    /// Where every INVITE, key and end is appended as it happens; none if nobody asks before the end.
    pub evidence: Option<PathBuf>,
    /// The folder of the prompts that patients recognise; none if they recognise nothing and press nothing.
    pub prompts: Option<PathBuf>,
}

/// Why a far end cannot be started, or did not end well.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The SIP port cannot be bound.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The log cannot be created.
    #[error("cannot write the log {}: {source}", path.display())]
    Log {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The prompts cannot be loaded.
    #[error(transparent)]
    Prompts(#[from] CatalogueError),
    /// A socket or the log failed while it ran.
    #[error("the far end failed: {0}")]
    Failed(#[from] io::Error),
    /// Its thread ended by a panic.
    #[error("the far end broke down")]
    BrokeDown,
}

/// A far end that runs until it is stopped or dropped.
pub struct FarEnd {
    address: SocketAddr,
    prompts: usize,
    shown: Arc<Mutex<Counts>>,
    stopping: Arc<AtomicBool>,
    next_script: Arc<Mutex<Option<Script>>>,
    waker: Waker,
    thread: Option<JoinHandle<io::Result<Summary>>>,
}

const SIP: Token = Token(0);
const WAKE: Token = Token(1);

/// Starts a far end on a thread of its own.
///
/// # Errors
/// If the port, the log or the prompts cannot be had.
pub fn start(settings: Settings) -> Result<FarEnd, Error> {
    let Settings {
        listen,
        script,
        log,
        evidence,
        prompts,
    } = settings;
    let hearing = match (script.ear, prompts) {
        (script::Ear::Silence, _) => Hearing::Turns,
        (script::Ear::Prompts, Some(folder)) => Hearing::Prompts(Arc::new(Catalogue::load(&folder)?)),
        (script::Ear::Prompts, None) => Hearing::Deaf,
    };
    let unbound = |source| Error::Listen {
        address: listen,
        source,
    };
    let mut socket = UdpSocket::bind(listen).map_err(unbound)?;
    let address = socket.local_addr().map_err(unbound)?;
    let file = File::create(&log).map_err(|source| Error::Log { path: log, source })?;
    let clock = Clock::start();
    let book = evidence.map(|path| Book::open(&path, &clock).map_err(|source| Error::Log { path, source }));
    let poll = Poll::new()?;
    poll.registry().register(&mut socket, SIP, Interest::READABLE)?;
    let waker = Waker::new(poll.registry(), WAKE)?;
    let shown = Arc::new(Mutex::new(Counts::default()));
    let stopping = Arc::new(AtomicBool::new(false));
    let next_script = Arc::new(Mutex::new(None));
    let prompts = match &hearing {
        Hearing::Prompts(catalogue) => catalogue.len(),
        Hearing::Turns | Hearing::Deaf => 0,
    };
    let turn = Turn {
        poll,
        socket,
        address,
        exchange: Exchange::new(
            script,
            Studio {
                hearing,
                voices: Arc::new(Voices::make()),
            },
        ),
        ports: Ports::new(address.ip()),
        log: BufWriter::new(file),
        book: book.transpose()?,
        clock,
        shown: shown.clone(),
        next_script: next_script.clone(),
        stopping: stopping.clone(),
        slots: vec![Vec::new(); 20],
        buffer: vec![0; 65_535],
    };
    let thread = std::thread::Builder::new()
        .name("far-end".to_owned())
        .spawn(move || turn.run())?;
    Ok(FarEnd {
        address,
        prompts,
        shown,
        stopping,
        next_script,
        waker,
        thread: Some(thread),
    })
}

impl FarEnd {
    /// Where it takes SIP.
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// How many prompts its patients know.
    pub const fn prompts(&self) -> usize {
        self.prompts
    }

    /// What was counted so far, not older than 20 ms while calls are up.
    pub fn snapshot(&self) -> Counts {
        self.shown.lock().map(|counts| counts.clone()).unwrap_or_default()
    }

    /// From now on new calls meet the patients of another script; how they tell prompts apart stays.
    pub fn change_script(&self, script: Script) {
        if let Ok(mut next) = self.next_script.lock() {
            *next = Some(script);
        }
        // As in `wake`.
        let _gone = self.waker.wake();
    }

    /// Ends it: calls that are up are written as unfinished, then the summary.
    ///
    /// # Errors
    /// If a socket or the log failed while it ran: then the log is no evidence.
    pub fn stop(mut self) -> Result<Summary, Error> {
        self.wake();
        let Some(thread) = self.thread.take() else {
            return Err(Error::BrokeDown);
        };
        Ok(thread.join().map_err(|_| Error::BrokeDown)??)
    }

    fn wake(&self) {
        self.stopping.store(true, Ordering::Release);
        // A waker fails only if its poll is gone, and then nobody sleeps in it.
        let _gone = self.waker.wake();
    }
}

impl Drop for FarEnd {
    fn drop(&mut self) {
        self.wake();
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}
