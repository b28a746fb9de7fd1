//! Click to dial from end to end: the built daemon, agents' phones that register for real, patients behind a trunk, and
//! agents signed in at the desk by HTTP. Of every call the peers, the record and the screen have to tell the same.
//!
//! What each of them saw is written to target/tmp/agents/agents.json, and a table of it to agents.txt beside it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a peer that does not do as it is told fails the test"
)]

#[expect(dead_code, reason = "the peers' rig has more than agents need")]
#[path = "../peers/rig/mod.rs"]
mod rig;

mod book;
mod declining;
mod patients;
mod phone;
mod record;
mod room;
mod scene;
mod seen;
mod sound;
mod tab;

mod after_hours;
mod calling_in;
mod cut_off;
mod endings;
mod hour;
mod night;
mod stopped;
mod voices;
