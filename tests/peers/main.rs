//! The daemon against peers that we did not write: SIPp as patients, baresip as phones, Kamailio as registrar.
//!
//! A peer that is not installed fails its test with the command that installs it. Every test has a folder of its own
//! under target/tmp, kept when it fails, and ports of its own; every process it started ends with it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a peer that does not do as it is told fails the test"
)]

#[expect(dead_code, reason = "the tests of agents use the rest")]
mod rig;

mod the_peers_themselves;

mod proofs;
mod scenes;

mod calls_in_depth;
mod calls_sipp;
mod chaos;
mod endings;
mod first_night;
mod phones;
mod registers_at_kamailio;
