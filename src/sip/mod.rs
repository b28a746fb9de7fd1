//! A SIP user agent small enough to read in a day, one file per RFC procedure (RFC 3261, 3326, 3581, 6026, 7616, 8760).
//!
//! [`UserAgent`] is a value: datagrams, commands and the time go in, datagrams, events and one deadline come out.
//!
//! Read it in this order:
//! 1. `door.rs`: what goes in and comes out; `agent.rs`: the value and its three doors.
//! 2. A call that we make: `leg.rs` (its states), `invite.rs`, `answer.rs` (ACK, forks), `cancel.rs`, `bye.rs`, with
//!    `dialog.rs` (route set, CSeq) and `draft.rs` (the fields of every request) at hand.
//! 3. What trunks send: `receive.rs`, then `in_dialog.rs` and `serve.rs`.
//! 4. `registration.rs` and `options.rs`; `authentication.rs` over `digest.rs` for challenges.
//! 5. Underneath: `transaction/` (four tables to lay beside the RFC's figures, and what runs them), `timing.rs`
//!    (every timer), `outbox.rs`.
//! 6. The text: `message.rs`, `parse.rs` (tolerant), `print.rs` (strict), `header/` (readers), `uri.rs`, `body.rs`,
//!    `ending.rs`, `text.rs` (octets that are no UTF-8), `token.rs` (chance).
//!
//! Deliberately absent: TCP and TLS, DNS (a trunk is an address), PRACK, incoming calls, changes of a session that
//! stands, redirection (a 3xx is a failure whose facts are kept).

mod door;

mod agent;
mod answer;
mod bye;
mod cancel;
mod dialog;
mod draft;
mod invite;
mod leg;

mod in_dialog;
mod receive;
mod serve;

mod authentication;
mod digest;
mod identity;
mod keep_alive;
mod options;
mod registration;
mod targets;

mod outbox;
mod timing;
mod transaction;

mod body;
mod ending;
mod header;
mod message;
mod parse;
mod print;
mod stream;
mod text;
mod token;
mod uri;

#[cfg(test)]
mod tests;

pub use agent::UserAgent;
pub use door::{
    Asserted, Command, Ending, Event, Fault, Identity, Input, LocalEnding, Output, Path, Privacy, Reliable, Settings,
    Target, Timer, Transport, Trunk, UserParam,
};
pub use header::Name;
pub use message::{Headers, Message, Method, Request, Response, Version};
pub use parse::{Error, LIMIT, parse};
pub use stream::{FrameError, Framer, HEADER_LIMIT, Item};
