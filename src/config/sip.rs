//! `[sip]`: what holds for all trunks.

use crate::document::{Faults, Table};

/// What holds for all trunks.
#[derive(Clone, Copy, Debug)]
pub struct Sip {
    /// The final status that an INVITE from a trunk gets.
    pub inbound_status: u16,
}

impl Sip {
    pub(super) fn read(table: Option<Table<'_>>, faults: &mut Faults) -> Self {
        let mut sip = Self { inbound_status: 480 };
        let Some(table) = table else { return sip };
        table.unknown_keys(&["inbound_status"], faults);
        let status = table.optional_integer("inbound_status", 400..=699, faults);
        sip.inbound_status = status
            .and_then(|status| u16::try_from(status).ok())
            .unwrap_or(sip.inbound_status);
        sip
    }
}
