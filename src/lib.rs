//! Aftercall (随访外呼): a telephony daemon for follow-up calls.
//!
//! # From above
//!
//! At night the daemon dials the patients whose follow-up is due, plays a questionnaire, takes their answers by key
//! press, records the call and writes the answers, or the reason why nobody answered, to the database. Everything that
//! decides is a *core*: a value that never touches a clock, a socket, a file or a database; time and chance are
//! arguments. The *shell* moves facts between the cores and the world. [`control::Control`] is all cores composed; the
//! engine's control thread drives it over real sockets, and `night/` drives the same value in virtual time.
//!
//! # One call
//!
//! The [`dialer`]'s deadline fires inside a calling window: it asks for a claim; `store/` leases due cases after the
//! checks of [`dialer::claim`]. A claimed case becomes an attempt row, committed before anything is sent; then
//! [`control`] makes a [`call::Call`], which borrows an RTP port, has the media worker open it and gives [`sip`] an
//! INVITE with the offer of [`sdp`]. The 200 starts the [`dialplan::Session`]: `Play` goes to the [`media`] of the leg;
//! a key comes back, is kept (fsync) and only then the next prompt plays. The last answer plays the goodbye; BYE; the
//! recorder closes the WAV; [`outcome::classify`] turns the facts into a disposition; the retry rule of [`dialer`]
//! decides whether and when to try again, all written in one transaction.
//!
//! # Invariants
//!
//! - An attempt is on disk before its INVITE leaves; a key is on disk before the next prompt plays.
//! - Never more calls than lines, never faster than the pace, never outside the windows, never one number twice at once.
//! - Every attempt ends in exactly one disposition; every answered call is acknowledged and ended by one BYE.
//! - Rows 0 to 3 of the layering (everything up to `night/`) hold no clock, socket, file, thread or database:
//!   `cargo check --lib --no-default-features` and `tests/tidy.rs` hold that.
//!
//! # The rooms, row by row
//!
//! 0. Vocabulary: [`ids`], [`moment`] (monotonic and civil time), [`phone`] (numbers, keys), [`pii`] (what redacts
//!    itself), [`document`] (TOML with every fault found at once).
//! 1. The wire: [`sip`], [`sdp`], [`media`]. They do not know each other.
//! 2. The work: [`dialplan`] (questionnaires), [`calendar`] (windows, due times), [`outcome`] (facts, dispositions),
//!    [`rules`] (whom to follow up, and which share), [`dialer`] (queue, pace, claims, retries), [`agents`] (who is at a
//!    desk, and whose phone rings next).
//! 3. The composition: [`call`] (one attempt), [`control`] (all of it), [`night`] (the virtual world around it).
//! 4. The shell: `config` (settings and campaign files), `events` (every line of the log, as one table), `store` (SQL),
//!    `engine` (threads, sockets, recorder, alarms, metrics, and the office where people ask), `report` (every figure),
//!    `proof` (evidence that others can verify), `access` (who may do what, and who did it), `http` (the door of the
//!    running daemon, and the console's), `integrations` (lists of hospitals), `far_end` (the simulated trunk, which
//!    shares no code with 1).
//! 5. The entry: `cli`.

// Row 0, vocabulary.
pub mod document;
pub mod ids;
pub mod moment;
pub mod phone;
pub mod pii;

// Row 1, the wire.
pub mod media;
pub mod sdp;
pub mod sip;

// Row 2, the work.
pub mod agents;
pub mod calendar;
pub mod dialer;
pub mod dialplan;
pub mod outcome;
pub mod rules;

// Row 3, the composition.
pub mod call;
pub mod control;
pub mod night;

// Row 4, the shell.
#[cfg(feature = "shell")]
pub mod access;
#[cfg(feature = "shell")]
pub mod config;
#[cfg(feature = "shell")]
pub mod engine;
#[cfg(feature = "shell")]
pub mod events;
#[cfg(feature = "shell")]
pub mod far_end;
#[cfg(feature = "shell")]
pub mod http;
#[cfg(feature = "shell")]
pub mod integrations;
#[cfg(feature = "shell")]
pub mod proof;
#[cfg(feature = "shell")]
pub mod report;
#[cfg(feature = "shell")]
pub mod store;

// Row 5, the entry.
#[cfg(feature = "shell")]
pub mod cli;
