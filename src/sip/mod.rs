//! A SIP user agent small enough to read in a day, one file per RFC procedure (RFC 3261, 3262, 3263, 3311, 3323, 3325,
//! 3326, 3581, 3608, 4028, 5626, 6026, 6228, 6337, 7615, 7616, 8760).
//!
//! [`UserAgent`] is a value: messages, commands and the time go in, messages, events and one deadline come out. What
//! comes by a stream is cut into messages by a [`Framer`] before.
//!
//! Read it in this order:
//! 1. `settings.rs`: what it has to know; `door.rs`: what goes in and comes out; `agent.rs`: the value and its three doors.
//! 2. A call that we make: `leg.rs` (its states), `invite.rs` with its second tries `extensions.rs` and `redirect.rs`,
//!    `reliable.rs` (PRACK), `answer.rs` (ACK, forks), `cancel.rs`, `bye.rs`, with `dialog.rs` (route set, CSeq),
//!    `inside.rs` (requests inside a dialog) and `draft.rs` (the fields of every request) at hand. What is written down of
//!    it for the run after a crash: `known.rs`, `saved.rs`; how that run ends it: `take_down.rs`, `strands.rs`.
//! 3. What trunks send: `receive.rs`, then `serve.rs` and `incoming.rs` (a call that comes in, until it is answered),
//!    `in_dialog.rs` and `change.rs` (re-INVITE, UPDATE); how long a session holds: `session_timer.rs`, `refresh.rs`.
//! 4. A trunk: `targets.rs` (which address is asked, which comes next), `identity.rs` (who calls), `registration.rs`,
//!    `keep_alive.rs` and `options.rs`; `authentication.rs` over `digest.rs` for challenges.
//! 5. The phones: `phones.rs` (what comes at their socket), `registrar.rs` (where they are), `credentials.rs` and
//!    `nonces.rs` (their passwords), `guard.rs` (who guesses them), `called.rs` (calling one). `neighbour.rs`: trunk or phone.
//! 6. Underneath: `transaction/` (four tables to lay beside the RFC's figures, and what runs them), `timing.rs`
//!    (every timer), `outbox.rs`.
//! 7. The text: `stream.rs` (messages out of a stream), `message.rs`, `parse.rs` (tolerant), `print.rs` (strict),
//!    `header/` (readers), `uri.rs`, `body.rs`, `ending.rs`, `text.rs` (octets that are no UTF-8), `token.rs` (chance).
//!
//! Deliberately absent: TLS, DNS (the shell resolves a trunk's name and hands the addresses in), reliable provisionals
//! of our own, an INVITE without an offer, changes of a session that we ask for ourselves (but its
//! refresh), transfer (REFER gets 603 whoever the target is: a patient is not handed on), event packages.

mod door;
mod settings;

mod agent;
mod answer;
mod bye;
mod called;
mod cancel;
mod dialog;
mod draft;
mod extensions;
mod incoming;
mod inside;
mod invite;
mod known;
mod leg;
mod neighbour;
mod redirect;
mod reliable;
mod saved;
mod strands;
mod take_down;

mod change;
mod in_dialog;
mod receive;
mod refresh;
mod serve;
mod session_timer;

mod authentication;
mod digest;
mod identity;
mod keep_alive;
mod options;
mod registration;
mod targets;

mod credentials;
mod guard;
mod nonces;
mod phones;
mod registrar;

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
    Account, Answering, Asserted, Callee, Command, Ending, Event, Fault, Gone, Identity, Input, LocalEnding, Neighbour,
    Output, Path, PhoneNews, Phones, Privacy, Reliable, Settings, Target, Timer, Transport, Trunk, UserParam,
};
pub use header::{Address, CSeq, Name, Via};
pub use message::{Headers, Message, Method, Request, Response, Version};
pub use parse::{Error, LIMIT, parse};
pub use saved::{Certainty, LeftOver, Saved, SavedDialog, SavedInvite};
pub use stream::{FrameError, Framer, HEADER_LIMIT, Item};
pub use uri::{Uri, UriFault, tel};
