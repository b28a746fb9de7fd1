//! The daemon stopped, and killed, in mid-call.
