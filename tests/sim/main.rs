//! The virtual world: nights of calls in virtual time, every invariant checked after every step.

mod house;

mod calls;
mod nights;
mod weather;
mod windows;
