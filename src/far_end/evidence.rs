//! What happened, line by line as it happens: for a judge who kills the caller and asks who was still on the line.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::net::SocketAddr;
use std::path::Path;

use serde::Serialize;

use crate::moment::Moment;

use super::call::millis;
use super::clock::Clock;

/// One event of one call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "what", rename_all = "lowercase")]
pub(super) enum Event {
    /// The far end began; monotonic time begins here.
    Start,
    /// An INVITE outside any dialog.
    Invite {
        /// Its Call-ID.
        call_id: String,
        /// Whom it is for.
        number: String,
        /// Where it came from.
        from: SocketAddr,
        /// Whether it is the first with this Call-ID.
        new: bool,
    },
    /// A patient pressed a key.
    Key {
        /// The call.
        call_id: String,
        /// The number of the patient.
        number: String,
        /// The key.
        key: char,
        /// The prompt that it replies to.
        prompt: String,
    },
    /// The far end holds a call no longer: refused, cancelled, or hung up by either side.
    Over {
        /// The call.
        call_id: String,
        /// The number of the patient.
        number: String,
        /// Who hung up: `us` (the patient) or `them` (the caller); none if it was not answered.
        by: Option<&'static str>,
    },
}

/// An event and its moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// When.
    pub(super) at: Moment,
    /// What.
    pub(super) event: Event,
}

#[derive(Serialize)]
struct Written<'a> {
    #[serde(flatten)]
    event: &'a Event,
    /// Milliseconds since the far end was started.
    at: u64,
    /// The same moment in civil time, in milliseconds since 1970.
    wall: u64,
    /// Calls that the far end holds after this.
    held: usize,
}

/// The file that events are appended to, each written out at once.
pub(super) struct Book(BufWriter<File>);

impl Book {
    /// Goes on behind what the file holds already.
    pub(super) fn open(path: &Path, clock: &Clock) -> io::Result<Self> {
        let file = File::options().create(true).append(true).open(path)?;
        let mut book = Self(BufWriter::new(file));
        book.write(
            clock,
            &Seen {
                at: Moment::ZERO,
                event: Event::Start,
            },
            0,
        )?;
        Ok(book)
    }

    /// Writes one event down.
    pub(super) fn write(&mut self, clock: &Clock, seen: &Seen, held: usize) -> io::Result<()> {
        let written = Written {
            event: &seen.event,
            at: millis(seen.at.since(Moment::ZERO)),
            wall: millis(clock.civil(seen.at)),
            held,
        };
        serde_json::to_writer(&mut self.0, &written)?;
        self.0.write_all(b"\n")?;
        self.0.flush()
    }
}
