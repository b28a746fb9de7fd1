//! What a trunk means by its codes where it means something else than the standards do.

use serde::{Deserialize, Serialize};

use super::Disposition;

/// One row: calls of this trunk that end with this status, this Q.850 value or both have this disposition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CauseRow {
    /// The final SIP status, 300 to 699.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The Q.850 value, 0 to 127.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q850: Option<u8>,
    /// What it means on this trunk.
    pub disposition: Disposition,
}

/// The rows of one trunk. A row that names both numbers goes before one with the Q.850 value alone, and that before one
/// with the status alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<CauseRow>", into = "Vec<CauseRow>")]
pub struct CauseTable(Vec<CauseRow>);

/// Why rows make no table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CauseError {
    /// A row without evidence would hold for every call.
    #[error("a row of the cause table needs `status`, `q850` or both")]
    NoEvidence,
    /// Provisional and 2xx statuses do not end a call.
    #[error("status {0} does not end a call: expected 300 to 699")]
    Status(u16),
    /// Q.850 values have seven bits.
    #[error("Q.850 value {0} does not exist: expected 0 to 127")]
    Q850(u8),
    /// Nobody answered a call that a final response refused.
    #[error("`{0}` is a disposition of answered calls; a status or a Q.850 value cannot mean it")]
    Answered(&'static str),
    /// Two rows with the same evidence: one of them would never hold.
    #[error("two rows have the same evidence (status {status:?}, q850 {q850:?})")]
    Twice {
        /// Their status.
        status: Option<u16>,
        /// Their Q.850 value.
        q850: Option<u8>,
    },
}

impl CauseTable {
    /// Checks the rows and brings them into their order.
    pub fn new(mut rows: Vec<CauseRow>) -> Result<Self, CauseError> {
        for (place, row) in rows.iter().enumerate() {
            row.check()?;
            let same = |other: &CauseRow| (other.status, other.q850) == (row.status, row.q850);
            if rows.iter().take(place).any(same) {
                return Err(CauseError::Twice {
                    status: row.status,
                    q850: row.q850,
                });
            }
        }
        rows.sort_by_key(|row| match (row.q850, row.status) {
            (Some(_), Some(_)) => 0,
            (Some(_), None) => 1,
            (None, Some(_) | None) => 2,
        });
        Ok(Self(rows))
    }

    /// The rows, the most specific first.
    pub fn rows(&self) -> &[CauseRow] {
        &self.0
    }

    /// What these numbers mean on this trunk, if it has its own meaning for them.
    pub fn find(&self, status: Option<u16>, q850: Option<u8>) -> Option<Disposition> {
        let holds = |row: &&CauseRow| {
            row.status.is_none_or(|wanted| status == Some(wanted)) && row.q850.is_none_or(|wanted| q850 == Some(wanted))
        };
        self.0.iter().find(holds).map(|row| row.disposition)
    }
}

impl CauseRow {
    fn check(&self) -> Result<(), CauseError> {
        if self.status.is_none() && self.q850.is_none() {
            return Err(CauseError::NoEvidence);
        }
        if let Some(status) = self.status.filter(|status| !(300..=699).contains(status)) {
            return Err(CauseError::Status(status));
        }
        if let Some(q850) = self.q850.filter(|q850| *q850 > 127) {
            return Err(CauseError::Q850(q850));
        }
        if self.disposition.is_answered() && self.disposition != Disposition::Assistant {
            return Err(CauseError::Answered(self.disposition.as_str()));
        }
        Ok(())
    }
}

impl TryFrom<Vec<CauseRow>> for CauseTable {
    type Error = CauseError;

    fn try_from(rows: Vec<CauseRow>) -> Result<Self, CauseError> {
        Self::new(rows)
    }
}

impl From<CauseTable> for Vec<CauseRow> {
    fn from(table: CauseTable) -> Self {
        table.0
    }
}
