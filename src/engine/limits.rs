//! What the system grants this process.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Fewer open files than this are too few for a hundred calls: a call holds two sockets and a recording.
const FEW: u64 = 1_024;

/// Raises the number of files and sockets that may be open to the most that is allowed without asking anybody.
pub(super) fn raise_open_files() {
    let raised = getrlimit(Resource::RLIMIT_NOFILE).and_then(|(soft, hard)| {
        if soft < hard {
            setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
        }
        Ok(hard)
    });
    match raised {
        Ok(files) if files < FEW => tracing::warn!(files, "few files may be open at once; raise LimitNOFILE"),
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "the limit of open files could not be raised"),
    }
}
