//! The floor: all agents and what each is doing.

mod door;

pub use door::{Desk, Order, PHONE_FAILED, Phone, Presence, SIGNED_IN};
