//! The virtual world: nights of calls in virtual time, every invariant checked after every step.

#![expect(clippy::expect_used, reason = "a scenario that cannot be set up fails")]

mod house;
#[path = "../../src/sip/tests/second_reader.rs"]
mod second_reader;

mod agents;
mod call_backs;
mod calling_in;
mod calls;
mod changes;
mod clocks;
mod crashes;
#[cfg(feature = "shell")]
mod golden;
mod kinds;
mod limits;
mod nights;
mod pauses;
mod resuming;
mod silly_callers;
mod trunks;
mod weather;
mod windows;

use aftercall::sip::{Address, CSeq, Message, Method, Uri, Via, parse};
