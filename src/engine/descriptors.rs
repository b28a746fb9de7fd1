//! Files and sockets that the system lets one process hold.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

use super::sockets::{CONNECTIONS, PHONE_CONNECTIONS};
use crate::config::Settings;
use crate::events;

/// A call holds its RTP and RTCP sockets and its recording; as many again while the last one is being closed.
const PER_LINE: u64 = 6;

/// Database, log, the Unix socket and who is connected to it.
const OTHERS: u64 = 256;

/// Raises the limit to what the settings can need, and says when it cannot be raised so far.
pub(super) fn raise(settings: &Settings) {
    let lines: u64 = settings.trunks.iter().map(|trunk| u64::from(trunk.caps.lines)).sum();
    let connections = u64::try_from(CONNECTIONS + PHONE_CONNECTIONS).unwrap_or(u64::MAX);
    let needed = lines * PER_LINE + connections + OTHERS;
    let Ok((now, most)) = getrlimit(Resource::RLIMIT_NOFILE) else {
        return;
    };
    let wanted = needed.min(most).max(now);
    if wanted > now && setrlimit(Resource::RLIMIT_NOFILE, wanted, most).is_err() {
        events::limit_unraised(now, wanted);
    }
    if wanted < needed {
        events::files_limited(wanted, needed);
    }
}
