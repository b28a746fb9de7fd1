//! Messages out of a stream (RFC 3261 section 18.3): cut by Content-Length, however the octets came in pieces.

use super::header::{is_token, number};
use super::parse::LIMIT;

/// The longest header: start line, fields and the empty line.
pub const HEADER_LIMIT: usize = 65_536;

/// Cuts one connection's octets into messages. Pure: it holds at most one unfinished message beside what was last
/// pushed, looks at each octet twice at most, and keeps no memory while the connection is idle.
#[derive(Debug, Default)]
pub struct Framer {
    buffer: Vec<u8>,
    /// How much of the buffer was given out already.
    taken: usize,
    /// How far the buffer was looked at.
    seen: usize,
    place: Place,
    /// How many messages were begun.
    message: u64,
}

/// What a stream holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// One whole message, for [`parse`](super::parse()).
    Message(Vec<u8>),
    /// A double CRLF between messages (RFC 5626 section 3.5.1): to be answered by a single one.
    Ping,
}

/// Why no message can be cut out of a stream any more; the connection has to be closed. Messages count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// What begins a message is no start line.
    #[error("message {message} of the stream: expected METHOD URI SIP/2.0 or SIP/2.0 100-699 in its first line")]
    StartLine {
        /// Which message.
        message: u64,
    },
    /// The header does not end within [`HEADER_LIMIT`].
    #[error("message {message} of the stream: a header has at most {HEADER_LIMIT} octets")]
    HeaderTooLong {
        /// Which message.
        message: u64,
    },
    /// No Content-Length: nobody can tell where the message ends.
    #[error("message {message} of the stream: expected a Content-Length, which a stream needs")]
    NoContentLength {
        /// Which message.
        message: u64,
    },
    /// A Content-Length that is no number, or two that differ.
    #[error("message {message} of the stream: expected one number as Content-Length")]
    ContentLength {
        /// Which message.
        message: u64,
    },
    /// Header and body together are longer than [`LIMIT`].
    #[error("message {message} of the stream: a message has at most {LIMIT} octets")]
    TooLong {
        /// Which message.
        message: u64,
    },
}

/// Where in the stream the next octet stands.
#[derive(Clone, Copy, Debug, Default)]
enum Place {
    /// Between messages.
    #[default]
    Between,
    /// Between messages, behind one line end.
    AfterLineEnd,
    /// In the header: in which line, and what that line holds so far.
    Header(Line, Filled),
    /// In a body; the whole message has this many octets.
    Body(usize),
    /// Behind an error.
    Lost,
}

#[derive(Clone, Copy, Debug)]
enum Line {
    Start,
    Field,
}

#[derive(Clone, Copy, Debug)]
enum Filled {
    No,
    Yes,
}

impl Framer {
    /// Takes in what was read. Afterwards take everything out with [`next`](Self::next); behind an error it is dropped.
    pub fn push(&mut self, bytes: &[u8]) {
        if matches!(self.place, Place::Lost) {
            return;
        }
        // What was given out is cleared away before it outweighs the rest, so each octet moves only a few times.
        if self.taken > 0 && self.taken * 2 >= self.buffer.len() {
            self.buffer.drain(..self.taken);
            self.seen -= self.taken;
            self.taken = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next message or ping; nothing while a message is unfinished. An error is told once, and nothing comes
    /// after it.
    #[expect(
        clippy::should_implement_trait,
        reason = "it can give nothing now and something after the next push"
    )]
    pub fn next(&mut self) -> Option<Result<Item, FrameError>> {
        let found = self.look().transpose();
        if let Some(Err(_)) = found {
            self.place = Place::Lost;
            self.forget();
        } else if self.taken == self.buffer.len() {
            self.forget();
        }
        found
    }

    /// Whether nothing waits: after [`next`](Self::next) gave nothing, whether no message is begun and unfinished.
    pub fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// How much memory the buffer holds.
    #[cfg(test)]
    pub(crate) fn held(&self) -> usize {
        self.buffer.capacity()
    }

    /// Lets the buffer go.
    fn forget(&mut self) {
        self.buffer = Vec::new();
        (self.taken, self.seen) = (0, 0);
    }

    fn look(&mut self) -> Result<Option<Item>, FrameError> {
        loop {
            match self.place {
                Place::Lost => return Ok(None),
                Place::Body(length) => return Ok(self.take(length)),
                Place::Between | Place::AfterLineEnd => match self.octet() {
                    None => return Ok(None),
                    Some(b'\n') => {
                        self.taken = self.seen;
                        if matches!(self.place, Place::AfterLineEnd) {
                            self.place = Place::Between;
                            return Ok(Some(Item::Ping));
                        }
                        self.place = Place::AfterLineEnd;
                    }
                    Some(b'\r') => self.taken = self.seen,
                    Some(octet) => {
                        self.message = self.message.saturating_add(1);
                        // What begins like no word at all, a TLS greeting say, may never come to the end of a line.
                        if !octet.is_ascii_graphic() {
                            return Err(FrameError::StartLine { message: self.message });
                        }
                        self.place = Place::Header(Line::Start, Filled::Yes);
                    }
                },
                Place::Header(line, filled) => {
                    let Some(octet) = self.octet() else {
                        return Ok(None);
                    };
                    self.place = self.header_octet(line, filled, octet)?;
                }
            }
        }
    }

    fn header_octet(&self, line: Line, filled: Filled, octet: u8) -> Result<Place, FrameError> {
        let message = self.message;
        let header = self.buffer.get(self.taken..self.seen).unwrap_or_default();
        let place = match (octet, filled, line) {
            (b'\n', Filled::Yes, Line::Start) if !is_start_line(header) => {
                return Err(FrameError::StartLine { message });
            }
            (b'\n', Filled::Yes, _) => Place::Header(Line::Field, Filled::No),
            (b'\n', Filled::No, _) => {
                let body = content_length(header, message)?;
                let whole = header.len().saturating_add(body);
                if whole > LIMIT {
                    return Err(FrameError::TooLong { message });
                }
                return Ok(Place::Body(whole));
            }
            (b'\r', filled, line) => Place::Header(line, filled),
            (_, _, line) => Place::Header(line, Filled::Yes),
        };
        if header.len() >= HEADER_LIMIT {
            return Err(FrameError::HeaderTooLong { message });
        }
        Ok(place)
    }

    /// The next octet that was not looked at.
    fn octet(&mut self) -> Option<u8> {
        let octet = *self.buffer.get(self.seen)?;
        self.seen += 1;
        Some(octet)
    }

    /// The message, if it is whole.
    fn take(&mut self, length: usize) -> Option<Item> {
        let end = self.taken.saturating_add(length);
        let message = self.buffer.get(self.taken..end)?.to_vec();
        (self.taken, self.seen) = (end, end);
        self.place = Place::Between;
        Some(Item::Message(message))
    }
}

/// Whether a line can begin a message: what speaks another protocol is told at its first line.
fn is_start_line(line: &[u8]) -> bool {
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let is_version = |word: &[u8]| word.get(..4).is_some_and(|head| head.eq_ignore_ascii_case(b"SIP/"));
    let first = words.next().unwrap_or_default();
    let is_method = std::str::from_utf8(first).is_ok_and(is_token);
    is_version(first) || (is_method && words.next_back().is_some_and(is_version))
}

/// What the header says of the body's length; folded lines and the compact name count.
fn content_length(header: &[u8], message: u64) -> Result<usize, FrameError> {
    let fault = FrameError::ContentLength { message };
    let mut values: Vec<Vec<u8>> = Vec::new();
    let mut is_length = false;
    for line in header.split(|&octet| octet == b'\n').skip(1) {
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            if is_length && let Some(value) = values.last_mut() {
                value.extend_from_slice(line);
            }
            continue;
        }
        let mut parts = line.splitn(2, |&octet| octet == b':');
        let name = parts.next().unwrap_or_default().trim_ascii();
        is_length = name.eq_ignore_ascii_case(b"Content-Length") || name.eq_ignore_ascii_case(b"l");
        if is_length {
            values.push(parts.next().unwrap_or_default().to_vec());
        }
    }
    let lengths = values.iter().map(|value| number(std::str::from_utf8(value).ok()?));
    let mut length = None;
    for own in lengths {
        let own = own.ok_or(fault)?;
        if length.is_some_and(|other| other != own) {
            return Err(fault);
        }
        length = Some(own);
    }
    let length = length.ok_or(FrameError::NoContentLength { message })?;
    usize::try_from(length).map_err(|_| FrameError::TooLong { message })
}
