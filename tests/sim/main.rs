//! The virtual world: nights of calls in virtual time, every invariant checked after every step.

#![expect(clippy::expect_used, reason = "a scenario that cannot be set up fails")]

mod house;

mod calls;
mod changes;
mod nights;
mod weather;
mod windows;
