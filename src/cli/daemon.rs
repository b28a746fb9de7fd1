//! To whom a command speaks: the daemon that holds the data folder, or, when none runs, the folder itself.

use std::sync::Arc;

use anyhow::bail;

use crate::config::Settings;
use crate::engine::clock::Clock;
use crate::engine::office::Hours;
use crate::engine::{Office, open_store};
use crate::http::Client;
use crate::store::{self, Reader};

/// Who does what a command asks.
pub(super) enum Daemon {
    /// A running daemon, over its socket.
    Running(Client),
    /// This process: it holds the data folder while the command runs.
    Absent(Box<Office>),
}

/// Finds out who holds the data folder.
pub(super) async fn find(settings: &Arc<Settings>) -> anyhow::Result<Daemon> {
    let clock = Clock::start();
    match open_store(settings, clock.clone()).await {
        Ok(store) => Ok(Daemon::Absent(Box::new(Office::new(
            Arc::clone(settings),
            store,
            clock,
            None,
            Hours::Windows,
        )))),
        Err(store::Error::Locked { .. }) => Ok(Daemon::Running(Client::new(&settings.place.data))),
        Err(error) => Err(error.into()),
    }
}

/// The database, for reading; it may be read whether a daemon runs or not.
pub(super) async fn reader(settings: &Settings) -> anyhow::Result<Reader> {
    match Reader::open(&settings.place.data).await {
        Ok(reader) => Ok(reader),
        Err(store::Error::NoDatabase { path }) => bail!(
            "nothing is stored yet: there is no database at {}; `aftercall campaign add FILE` makes it",
            path.display()
        ),
        Err(error) => Err(error.into()),
    }
}

/// A name as a part of a path: what is not a letter, a digit or one of `-._~` is escaped (RFC 3986 section 2.1).
pub(super) fn escape(name: &str) -> String {
    let mut escaped = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}
