//! Signalling by streams: listeners, and the connections that either side opened.

use std::collections::{BTreeMap, VecDeque};
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};

use mio::net::TcpListener;
use mio::{Interest, Registry, Token};
use tracing::field::display;

use super::connection::{Connection, Left, Over};
use crate::events;
use crate::moment::Moment;
use crate::sip::{Path, Transport};

/// How many connections there may be; beyond it the one goes that has been idle longest.
pub(super) const CONNECTIONS: usize = 1024;

/// How many connections a listener takes in one turn.
const ACCEPTED: usize = 64;

/// How much is read at once.
const PIECE: usize = 16_384;

/// The first token of a trunk's connection; listeners have those below.
pub(super) const FIRST: usize = 1 << 16;

/// What came of a stream.
#[derive(Debug)]
pub(super) enum Came {
    /// A whole message.
    Message(Path, Vec<u8>),
    /// This message certainly did not arrive.
    Failed(Path, Vec<u8>),
    /// A connection that had been open is gone.
    Closed(Path),
}

/// All listeners and connections.
#[derive(Debug)]
pub(super) struct Streams {
    registry: Registry,
    listeners: Vec<Listener>,
    connections: BTreeMap<usize, Connection>,
    by_path: BTreeMap<Path, usize>,
    /// Connections that may have something to read.
    ready: VecDeque<usize>,
    came: VecDeque<Came>,
    /// The first token of a connection of its own.
    first: usize,
    next: usize,
    limit: usize,
    buffer: Vec<u8>,
}

#[derive(Debug)]
struct Listener {
    token: usize,
    local: SocketAddr,
    listener: TcpListener,
    sources: Sources,
}

/// Who may connect.
#[derive(Debug)]
enum Sources {
    /// Where the trunks are that we serve here.
    These(Vec<IpAddr>),
    /// Anybody, so often from one address.
    All { from_one: usize },
}

impl Streams {
    /// So many connections at most, whose tokens begin at `first`.
    pub(super) fn new(registry: Registry, limit: usize, first: usize) -> Self {
        Self {
            registry,
            listeners: Vec::new(),
            connections: BTreeMap::new(),
            by_path: BTreeMap::new(),
            ready: VecDeque::new(),
            came: VecDeque::new(),
            first,
            next: first,
            limit,
            buffer: vec![0; PIECE],
        }
    }

    /// Where sockets are made known to the poll.
    pub(super) const fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Listens on a local address, or finds it listening; the address that it got.
    pub(super) fn listen(&mut self, wanted: SocketAddr, token: usize) -> std::io::Result<SocketAddr> {
        let shared = self
            .listeners
            .iter()
            .find(|own| wanted.port() != 0 && own.local == wanted);
        if let Some(own) = shared {
            return Ok(own.local);
        }
        let mut listener = TcpListener::bind(wanted)?;
        let local = listener.local_addr()?;
        self.registry
            .register(&mut listener, Token(token), Interest::READABLE)?;
        self.listeners.push(Listener {
            token,
            local,
            listener,
            sources: Sources::These(Vec::new()),
        });
        Ok(local)
    }

    /// Who may connect to a listener from now on.
    pub(super) fn admit(&mut self, local: SocketAddr, sources: Vec<IpAddr>) {
        if let Some(listener) = self.listeners.iter_mut().find(|own| own.local == local) {
            listener.sources = Sources::These(sources);
        }
    }

    /// Anybody may connect to a listener from now on, so often from one address.
    pub(super) fn admit_all(&mut self, local: SocketAddr, from_one: usize) {
        if let Some(listener) = self.listeners.iter_mut().find(|own| own.local == local) {
            listener.sources = Sources::All { from_one };
        }
    }

    /// Whether this token is of a listener or a connection here.
    pub(super) fn knows(&self, token: usize) -> bool {
        let is_connection = token >= self.first && token < self.next;
        is_connection || self.listeners.iter().any(|own| own.token == token)
    }

    /// The poll says that something happened to this token.
    pub(super) fn notice(&mut self, now: Moment, token: usize, is_writable: bool) {
        if let Some(place) = self.listeners.iter().position(|own| own.token == token) {
            self.accept(now, place);
            return;
        }
        let Some(connection) = self.connections.get_mut(&token) else {
            return;
        };
        if is_writable && let Err(over) = connection.flush(now) {
            return self.end(token, &over);
        }
        self.ready.push_back(token);
    }

    /// Sends a message, over the connection of its path or a new one. What fails comes out as [`Came::Failed`].
    pub(super) fn send(&mut self, now: Moment, path: Path, bytes: Vec<u8>) {
        let token = match self.by_path.get(&path) {
            Some(token) => *token,
            None => match self.connect(now, path) {
                Ok(token) => token,
                Err(error) => {
                    events::connection_unopened(display(path.peer), display(error));
                    return self.came.push_back(Came::Failed(path, bytes));
                }
            },
        };
        if let Some(connection) = self.connections.get_mut(&token)
            && let Err(over) = connection.send(now, bytes)
        {
            self.end(token, &over);
        }
    }

    /// The next thing that came.
    pub(super) fn receive(&mut self, now: Moment) -> Option<Came> {
        loop {
            if let Some(came) = self.came.pop_front() {
                return Some(came);
            }
            let token = self.ready.pop_front()?;
            self.read(now, token);
        }
    }

    /// Looks at every limit of time, and takes connections that could not be taken before.
    pub(super) fn check(&mut self, now: Moment) {
        let tokens: Vec<usize> = self.connections.keys().copied().collect();
        for token in tokens {
            if let Some(connection) = self.connections.get_mut(&token)
                && let Err(over) = connection.check(now)
            {
                self.end(token, &over);
            }
        }
        for place in 0..self.listeners.len() {
            self.accept(now, place);
        }
    }

    /// Has room for fewer connections.
    #[cfg(test)]
    pub(super) const fn limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// How many connections there are.
    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.connections.len()
    }

    fn read(&mut self, now: Moment, token: usize) {
        let Some(connection) = self.connections.get_mut(&token) else {
            return;
        };
        let read = connection.read(now, &mut self.buffer);
        let path = connection.path();
        loop {
            match connection.next(now) {
                Ok(Some(bytes)) => self.came.push_back(Came::Message(path, bytes)),
                Ok(None) => break,
                Err(over) => return self.end(token, &over),
            }
        }
        match read {
            Ok(Left::Nothing) => {}
            Ok(Left::Perhaps) => self.ready.push_back(token),
            Err(over) => self.end(token, &over),
        }
    }

    fn connect(&mut self, now: Moment, path: Path) -> std::io::Result<usize> {
        self.make_room();
        let connection = Connection::open(now, path)?;
        self.keep(connection)
    }

    fn accept(&mut self, now: Moment, place: usize) {
        for _ in 0..ACCEPTED {
            let Some(own) = self.listeners.get(place) else { return };
            let (stream, peer) = match own.listener.accept() {
                Ok(accepted) => accepted,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::ConnectionAborted) => continue,
                Err(error) => {
                    events::connection_refused(display(error));
                    return self.make_room();
                }
            };
            let is_admitted = match &own.sources {
                Sources::These(sources) => sources.contains(&peer.ip()),
                Sources::All { from_one } => self.from(peer.ip()) < *from_one,
            };
            if !is_admitted {
                events::stranger_closed(display(peer));
                continue;
            }
            let path = Path {
                transport: Transport::Tcp,
                local: own.local,
                peer,
            };
            self.make_room();
            if let Err(error) = self.keep(Connection::accepted(now, stream, path)) {
                events::connection_refused(display(error));
            }
        }
    }

    /// How many connections there are from this address.
    fn from(&self, source: IpAddr) -> usize {
        let connections = self.connections.values();
        connections
            .filter(|connection| connection.path().peer.ip() == source)
            .count()
    }

    fn keep(&mut self, mut connection: Connection) -> std::io::Result<usize> {
        let token = self.next;
        self.next += 1;
        let interest = Interest::READABLE | Interest::WRITABLE;
        self.registry.register(connection.stream(), Token(token), interest)?;
        self.by_path.insert(connection.path(), token);
        self.connections.insert(token, connection);
        Ok(token)
    }

    /// Closes the connection that has been idle longest, if there are as many as may be.
    fn make_room(&mut self) {
        if self.connections.len() < self.limit {
            return;
        }
        let idle = self.connections.iter();
        let idle = idle.filter_map(|(token, connection)| Some((connection.idle_since()?, *token)));
        // None is idle: then the oldest of all.
        let oldest = idle.min().map(|(_, token)| token);
        if let Some(token) = oldest.or_else(|| self.connections.keys().next().copied()) {
            self.end(token, &Over::Closed);
        }
    }

    fn end(&mut self, token: usize, over: &Over) {
        let Some(mut connection) = self.connections.remove(&token) else {
            return;
        };
        let path = connection.path();
        // A closed socket leaves the poll by itself.
        drop(self.registry.deregister(connection.stream()));
        if self.by_path.get(&path) == Some(&token) {
            self.by_path.remove(&path);
        }
        match over {
            Over::Closed => events::connection_closed(display(path.peer)),
            Over::Broken(_) | Over::Unread | Over::Frame(_) | Over::Slow => {
                events::connection_failed(display(path.peer), display(over));
            }
        }
        let was_open = connection.was_open();
        let unsent = connection.into_unsent().map(|bytes| Came::Failed(path, bytes));
        self.came.extend(unsent);
        if was_open {
            self.came.push_back(Came::Closed(path));
        }
    }
}
