//! Aftercall (随访外呼): a telephony daemon for follow-up calls.

pub mod document;
pub mod ids;
pub mod moment;
pub mod phone;
pub mod pii;

pub mod media;
pub mod sdp;
pub mod sip;

pub mod calendar;
pub mod dialer;
pub mod dialplan;
pub mod outcome;

#[cfg(feature = "shell")]
pub mod far_end;
