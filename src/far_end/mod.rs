//! The simulated far end: a trunk full of patients on loopback, real SIP over UDP and real RTP.

mod clock;
mod g711;
mod script;
mod wire;

pub use script::Script;
mod ear;
mod rtp;
