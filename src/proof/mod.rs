//! Evidence of one call that can be handed over: a ZIP with recording, keys, facts, reviews and who listened, sealed so
//! that whoever gets it can verify it offline, without us.
//!
//! What goes in is plain data; the seal is a list of SHA-256 sums, signed with the Ed25519 key of the data folder.

mod bundle;
mod ladder;
mod page;
mod seal;
#[cfg(test)]
mod tests;
mod verify;

pub use bundle::{Bundle, Section, write};
pub use ladder::{Rung, Side, ladder};
pub use seal::{KEY_FILE, Seal};
pub use verify::{Finding, Verdict, verify};

/// Why a bundle cannot be made or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The key of the data folder.
    #[error("the key {file} that seals evidence cannot be used: {why}")]
    Key {
        /// Which file.
        file: std::path::PathBuf,
        /// Why, and what to do.
        why: String,
    },
    /// A file of the system.
    #[error("cannot read or write {file}: {source}")]
    File {
        /// Which file.
        file: std::path::PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// It is no ZIP, or a damaged one.
    #[error("{file} is no evidence bundle: {source}")]
    Zip {
        /// Which file.
        file: std::path::PathBuf,
        /// What the reader says.
        source: zip::result::ZipError,
    },
}
