//! The torture messages of RFC 4475 and RFC 5118, and a second reader for all that we print: tolerant in, strict out.
//!
//! `rfc4475/` and `rfc5118/` hold the messages to the octet, each with the table of what a user agent must do with them
//! (`EXPECT.tsv`); `rows.rs` is those tables for the machine.

#![expect(
    clippy::print_stdout,
    reason = "the table of verdicts, for whoever runs it with --nocapture"
)]
#![expect(clippy::unwrap_used, reason = "what cannot be read here ends the test")]

mod message;
mod rows;

mod agent;
mod cutting;
mod daemon;
mod grafting;
mod printing;
mod reading;
mod splitting;

#[expect(dead_code, reason = "shared with the kind wire, which uses more of it")]
#[path = "../wire/program.rs"]
mod program;
#[expect(dead_code, reason = "shared with the kind wire, which uses more of it")]
#[path = "../wire/site.rs"]
mod site;
#[path = "../wire/voice.rs"]
mod voice;

#[path = "../../src/sip/tests/second_reader.rs"]
mod second_reader;

use aftercall::sip::{Address, CSeq, Message, Method, Uri, Via, parse};

mod house {
    use std::time::Duration;

    /// Whatever a test waits for comes within this time, on a busy machine too.
    pub(crate) const PATIENCE: Duration = Duration::from_secs(80);
}
