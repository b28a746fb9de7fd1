//! The floor: all agents and what each is doing.
//!
//! [`Floor`] is a core: it knows who is at a desk, who is ready and since when, who is held back for which case, and how
//! long a preview or a wrap-up may last. It rings no phone and calls nobody: `control` does, and tells it what came of it.
//! What always holds: an agent is in one conversation at most, a conversation has one agent, and a patient is called for an
//! agent only after that agent was held back for it.

mod door;
mod floor;
mod skill;
#[cfg(test)]
mod tests;

pub use door::{Desk, Order, PHONE_FAILED, Phone, Presence, SIGNED_IN};
pub use floor::{Floor, Input, Output, Over, Seat};
pub use skill::{SKILL_KINDS, can, of_case, skill};
