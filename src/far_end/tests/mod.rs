//! The far end judged by a caller written by hand: in virtual time on values, and once over real sockets.

mod caller;
mod loopback;
mod signalling;
mod talking;
