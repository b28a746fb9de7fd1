//! Identities: row numbers of the database, and the handles that one running daemon gives out.

use std::fmt;

use serde::{Deserialize, Serialize};

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
}

/// One party's dialog and RTP stream, within one run of the daemon; never reused in that run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LegId(pub u64);

impl fmt::Display for LegId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A trunk by its place in the settings, within one run of the daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TrunkId(pub u16);
