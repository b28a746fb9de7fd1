//! What must be seen of the call that survives what real networks do: each proof is one test whose size is a parameter.
//!
//! Beside the other tests a proof runs small; `scripts/proof NAME` runs it whole.

mod evidence;
mod fork;
mod loss;
mod malformed;
mod race;
mod rtp_trouble;
