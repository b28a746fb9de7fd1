//! Agents: click to dial in virtual time, to every ending; what the peers, the record and the screen saw is the same.

mod called_in;
mod endings;
mod offered;
mod pace;
mod person;
mod random;
mod room;
mod turns;
