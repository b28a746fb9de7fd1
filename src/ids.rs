//! Identities: row numbers of the database, and the handles that one running daemon gives out.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

macro_rules! row_id {
    ($($(#[$meta:meta])* $name:ident;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

row_id! {
    /// A row of `campaign`.
    CampaignId;
    /// A row of `patient`.
    PatientId;
    /// A row of `number`: one telephone number of a patient.
    NumberId;
    /// A row of `encounter`.
    EncounterId;
    /// A row of `cases`: one due follow-up of one encounter in one campaign.
    CaseId;
    /// A row of `attempt`; also the name of its recording file.
    AttemptId;
    /// A row of `account`: a person with a phone on the floor.
    AgentId;
    /// A row of `conversation`: one agent's leg and one patient's leg together.
    ConversationId;
}

/// What the Call-ID, our tag and the branches of an attempt's call are derived from: 128 random bits that are written down
/// with the attempt, so that the call can still be ended after a crash. As text 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallMark(pub [u8; 16]);

impl CallMark {
    /// The Call-ID of the call: 128 bits and no host, so that no inner address leaks.
    pub fn call_id(self) -> String {
        self.derive("call-id", 0, 16)
    }

    /// So many octets as hexadecimal digits that follow from the mark, a word and a number, and tell nothing of it.
    pub fn derive(self, what: &str, number: u32, octets: usize) -> String {
        let digest = Sha256::new()
            .chain_update(self.0)
            .chain_update(what)
            .chain_update(number.to_be_bytes())
            .finalize();
        digest.iter().take(octets).map(|octet| format!("{octet:02x}")).collect()
    }
}

impl fmt::Display for CallMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

/// What should have been a [`CallMark`] is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected 32 hexadecimal digits")]
pub struct NoCallMark;

impl std::str::FromStr for CallMark {
    type Err = NoCallMark;

    fn from_str(text: &str) -> Result<Self, NoCallMark> {
        let is_hex = text.len() == 32 && text.bytes().all(|octet| octet.is_ascii_hexdigit());
        let mark = u128::from_str_radix(text, 16).map_err(|_| NoCallMark)?;
        if is_hex {
            Ok(Self(mark.to_be_bytes()))
        } else {
            Err(NoCallMark)
        }
    }
}

/// One party's dialog and RTP stream, within one run of the daemon; never reused in that run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LegId(pub u64);

impl LegId {
    /// Legs of calls that come in are numbered by the user agent from here on, all others below by who makes the call.
    /// Whole numbers of JSON are exact up to twice this.
    pub const INCOMING: Self = Self(1 << 52);
}

impl fmt::Display for LegId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A trunk by its place in the settings, within one run of the daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TrunkId(pub u16);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_id_follows_from_the_mark_alone_and_does_not_show_it() {
        let mark: CallMark = "00112233445566778899aabbccddeeff".parse().unwrap();
        assert_eq!(mark.call_id(), mark.call_id());
        assert_eq!(mark.call_id().len(), 32);
        assert_ne!(mark.call_id(), mark.to_string());
        assert_ne!(mark.call_id(), CallMark::default().call_id());
    }
}
