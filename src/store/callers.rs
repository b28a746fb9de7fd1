//! The caller numbers that calls showed: what their caps go by after a restart, and those that a campaign keeps to.

use crate::ids::CampaignId;
use crate::moment::Wall;
use crate::phone::Number;

use super::job::{Ledger, Write};
use super::{Error, Reader, Store};

/// A call that showed a caller number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerShown {
    /// Over which trunk, by name.
    pub trunk: String,
    /// Which number.
    pub number: Number,
    /// When the call began.
    pub at: Wall,
}

pub(super) const SHOWN: &str =
    "select trunk, caller, begun_at from attempt where caller is not null and begun_at > $1 order by begun_at";

impl Reader {
    /// The calls since then that showed a caller number of several, the first one first.
    pub async fn callers_shown(&self, since: Wall) -> Result<Vec<CallerShown>, Error> {
        let rows: Vec<(String, String, i64)> = sqlx::query_as(SHOWN)
            .bind(since.millis())
            .fetch_all(self.pool())
            .await?;
        let shown = |(trunk, caller, at): (String, String, i64)| {
            Ok(CallerShown {
                trunk,
                number: Number::parse(&caller).map_err(|_| Error::stored("attempt.caller", &caller))?,
                at: Wall::from_millis(at),
            })
        };
        rows.into_iter().map(shown).collect()
    }
}

struct KeepTo {
    campaign: CampaignId,
    callers: String,
}

impl Write for KeepTo {
    type Answer = ();

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        sqlx::query("update campaign set callers = $2 where id = $1")
            .bind(self.campaign.0)
            .bind(&self.callers)
            .execute(&mut *ledger.db)
            .await?;
        Ok(())
    }
}

impl Store {
    /// From now on a campaign shows these caller numbers and no others.
    pub async fn keep_to_callers(&self, campaign: CampaignId, callers: &[Number]) -> Result<(), Error> {
        let callers = to_text(callers);
        self.write(KeepTo { campaign, callers }).await
    }
}

fn to_text(callers: &[Number]) -> String {
    serde_json::to_string(callers).unwrap_or_else(|_| "[]".to_owned())
}

/// The numbers of a campaign's row.
pub(super) fn of_text(text: &str) -> Result<Vec<Number>, Error> {
    serde_json::from_str(text).map_err(|_| Error::stored("campaign.callers", text))
}
