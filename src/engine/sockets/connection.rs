//! One TCP connection that carries SIP: what is read is cut into messages, what cannot be written yet waits.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use mio::net::TcpStream;
use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};
use tracing::field::display;

use crate::events;
use crate::moment::Moment;
use crate::sip::{FrameError, Framer, Item, Path};

/// How long a connection may take to be made.
pub(super) const CONNECT: Duration = Duration::from_secs(5);

/// How long a message may take from its first octet to its last, and how long our octets may wait to leave.
pub(super) const WHOLE_MESSAGE: Duration = Duration::from_secs(30);

/// After so long a silence we ask whether the other side is still there (RFC 5626 section 4.4.1).
pub(super) const SILENCE: Duration = Duration::from_secs(110);

/// What may wait to be written; whoever does not read for so long is given up.
pub(super) const OUTGOING: usize = 65_536;

/// How much is read in one turn before the others have theirs.
const TURN: usize = 65_536;

/// A double line end asks, a single one answers (RFC 5626 section 3.5.1).
const PING: &[u8] = b"\r\n\r\n";
const PONG: &[u8] = b"\r\n";

#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    path: Path,
    stage: Stage,
    origin: Origin,
    framer: Framer,
    /// Messages that are not yet written; of the first, so much is.
    out: VecDeque<Vec<u8>>,
    written: usize,
    /// Since when nothing of them could be written.
    waiting_since: Option<Moment>,
    /// When the unfinished message began.
    unfinished_since: Option<Moment>,
    heard_at: Moment,
    used_at: Moment,
    pinged_at: Option<Moment>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Connecting(Moment),
    Open,
}

/// Who opened it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// We did.
    Ours,
    /// The far side.
    Theirs,
}

/// Why a connection is over.
#[derive(Debug, thiserror::Error)]
pub(super) enum Over {
    /// It could not be made, or broke.
    #[error(transparent)]
    Broken(#[from] std::io::Error),
    /// The far side ended it, or we did for want of room.
    #[error("it was closed")]
    Closed,
    /// The far side reads too slowly.
    #[error("the far side does not read what it is sent")]
    Unread,
    /// What was read is no SIP.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// A message did not become whole in time.
    #[error("a message was begun and not finished within {} s", WHOLE_MESSAGE.as_secs())]
    Slow,
}

/// Whether more may be there to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    Nothing,
    Perhaps,
}

impl Connection {
    /// Begins a connection from the address that we listen on, whatever the port.
    pub(super) fn open(now: Moment, path: Path) -> std::io::Result<Self> {
        let socket = Socket::new(Domain::for_address(path.peer), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        let from: IpAddr = path.local.ip();
        socket.bind(&SocketAddr::new(from, 0).into())?;
        match socket.connect(&path.peer.into()) {
            Ok(()) => {}
            Err(error) if error.raw_os_error() == Some(nix::errno::Errno::EINPROGRESS as i32) => {}
            Err(error) => return Err(error),
        }
        let stream = TcpStream::from_std(socket.into());
        Ok(Self::new(now, stream, path, Origin::Ours, Stage::Connecting(now)))
    }

    /// Takes over a connection that the far side opened.
    pub(super) fn accepted(now: Moment, stream: TcpStream, path: Path) -> Self {
        Self::new(now, stream, path, Origin::Theirs, Stage::Open)
    }

    fn new(now: Moment, stream: TcpStream, path: Path, origin: Origin, stage: Stage) -> Self {
        let socket = SockRef::from(&stream);
        let keepalive = TcpKeepalive::new()
            .with_time(Duration::from_secs(60))
            .with_interval(Duration::from_secs(15))
            .with_retries(4);
        // Refinements: without them the connection works, and a dead peer is only found later.
        for set in [
            socket.set_tcp_keepalive(&keepalive),
            socket.set_tcp_user_timeout(Some(WHOLE_MESSAGE)),
            socket.set_tcp_nodelay(true),
        ] {
            if let Err(error) = set {
                events::connection_untuned(display(path.peer), display(error));
            }
        }
        Self {
            stream,
            path,
            stage,
            origin,
            framer: Framer::default(),
            out: VecDeque::new(),
            written: 0,
            waiting_since: None,
            unfinished_since: None,
            heard_at: now,
            used_at: now,
            pinged_at: None,
        }
    }

    pub(super) fn stream(&mut self) -> &mut TcpStream {
        &mut self.stream
    }

    pub(super) const fn path(&self) -> Path {
        self.path
    }

    /// When a message last went over it, and none if it is at work.
    pub(super) fn idle_since(&self) -> Option<Moment> {
        let idle = self.stage == Stage::Open && self.out.is_empty() && self.unfinished_since.is_none();
        idle.then_some(self.used_at)
    }

    /// Whether it was ever made.
    pub(super) fn was_open(&self) -> bool {
        self.stage == Stage::Open
    }

    /// The messages of which nothing has left: they certainly did not arrive.
    pub(super) fn into_unsent(self) -> impl Iterator<Item = Vec<u8>> {
        self.out.into_iter().skip(usize::from(self.written > 0))
    }

    /// Writes a message, or keeps it until it can be written.
    pub(super) fn send(&mut self, now: Moment, bytes: Vec<u8>) -> Result<(), Over> {
        self.used_at = now;
        self.put(now, bytes)
    }

    fn put(&mut self, now: Moment, bytes: Vec<u8>) -> Result<(), Over> {
        self.out.push_back(bytes);
        self.waiting_since.get_or_insert(now);
        self.flush(now)?;
        let waiting: usize = self.out.iter().map(Vec::len).sum();
        // One large message alone may wait.
        if waiting > OUTGOING && self.out.len() > 1 {
            return Err(Over::Unread);
        }
        Ok(())
    }

    /// The poll says that it can be written: the connection is made, or has room again.
    pub(super) fn flush(&mut self, now: Moment) -> Result<(), Over> {
        if !self.is_made(now)? {
            return Ok(());
        }
        while let Some(message) = self.out.front() {
            let rest = message.get(self.written..).unwrap_or_default();
            if rest.is_empty() {
                self.out.pop_front();
                self.written = 0;
                continue;
            }
            match self.stream.write(rest) {
                Ok(0) => return Err(Over::Broken(ErrorKind::WriteZero.into())),
                Ok(written) => {
                    self.written += written;
                    self.waiting_since = Some(now);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(Over::Broken(error)),
            }
        }
        self.waiting_since = None;
        Ok(())
    }

    fn is_made(&mut self, now: Moment) -> Result<bool, Over> {
        if self.stage == Stage::Open {
            return Ok(true);
        }
        if let Some(error) = self.stream.take_error()? {
            return Err(Over::Broken(error));
        }
        match self.stream.peer_addr() {
            Ok(_) => {
                self.stage = Stage::Open;
                self.heard_at = now;
                Ok(true)
            }
            Err(error) if error.kind() == ErrorKind::NotConnected => Ok(false),
            Err(error) => Err(Over::Broken(error)),
        }
    }

    /// Reads what has come, up to one turn's share. What it makes is taken out with [`next`](Self::next), also when the
    /// connection is over.
    pub(super) fn read(&mut self, now: Moment, buffer: &mut [u8]) -> Result<Left, Over> {
        if !self.is_made(now)? {
            return Ok(Left::Nothing);
        }
        let mut left = TURN;
        while left > 0 {
            match self.stream.read(buffer) {
                Ok(0) => return Err(Over::Closed),
                Ok(length) => {
                    self.framer.push(buffer.get(..length).unwrap_or_default());
                    (self.heard_at, self.pinged_at) = (now, None);
                    left = left.saturating_sub(length);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Left::Nothing),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(Over::Broken(error)),
            }
        }
        Ok(Left::Perhaps)
    }

    /// The next whole message of what was read; pings are answered on the way.
    pub(super) fn next(&mut self, now: Moment) -> Result<Option<Vec<u8>>, Over> {
        loop {
            match self.framer.next() {
                Some(Ok(Item::Message(bytes))) => {
                    (self.used_at, self.unfinished_since) = (now, None);
                    return Ok(Some(bytes));
                }
                Some(Ok(Item::Ping)) => {
                    self.unfinished_since = None;
                    self.put(now, PONG.to_vec())?;
                }
                Some(Err(error)) => return Err(Over::Frame(error)),
                None if self.framer.is_empty() => {
                    self.unfinished_since = None;
                    return Ok(None);
                }
                None => {
                    self.unfinished_since.get_or_insert(now);
                    return Ok(None);
                }
            }
        }
    }

    /// Looks at the limits of time, and asks after a long silence whether the far side of our own connection is there.
    pub(super) fn check(&mut self, now: Moment) -> Result<(), Over> {
        let late = |since: Option<Moment>, limit: Duration| since.is_some_and(|since| now.since(since) >= limit);
        if let Stage::Connecting(since) = self.stage {
            if late(Some(since), CONNECT) {
                return Err(Over::Broken(ErrorKind::TimedOut.into()));
            }
            return Ok(());
        }
        if late(self.waiting_since, WHOLE_MESSAGE) {
            return Err(Over::Broken(ErrorKind::TimedOut.into()));
        }
        if late(self.unfinished_since, WHOLE_MESSAGE) {
            return Err(Over::Slow);
        }
        let quiet_since = self.pinged_at.unwrap_or(self.heard_at);
        if self.origin == Origin::Ours && late(Some(quiet_since), SILENCE) {
            // What does not answer is no fault: many do not know pings. What is dead refuses the octets.
            self.pinged_at = Some(now);
            return self.put(now, PING.to_vec());
        }
        Ok(())
    }
}
