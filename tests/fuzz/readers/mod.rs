//! One file for each reader of what comes from outside: what must hold for any octets. `fuzz/` looks for octets for
//! which it does not; `tests/fuzz` holds it for those that were found.

pub(crate) mod config;
pub(crate) mod dialplan;
pub(crate) mod digest;
pub(crate) mod import;
pub(crate) mod leg;
pub(crate) mod registrar;
pub(crate) mod rtcp;
pub(crate) mod rtp;
pub(crate) mod sdp_answer;
pub(crate) mod sdp_offer;
pub(crate) mod sip_agent;
pub(crate) mod sip_field;
pub(crate) mod sip_message;
pub(crate) mod sip_stream;
pub(crate) mod telephone_event;
