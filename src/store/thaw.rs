//! What a database that is not at home would dial again: what somebody has to know who lets it call.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Error, Reader};
use crate::moment::Wall;

/// Cases that were called within this time are likely to have been called since, by another copy.
const FRESH: Duration = Duration::from_secs(24 * 60 * 60);

/// What would be dialed again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Thawing {
    /// Why the database is frozen; none if it is not.
    pub frozen: Option<String>,
    /// By campaign.
    pub campaigns: Vec<ThawingCampaign>,
    /// When the last attempt in it began.
    pub last_attempt: Option<Wall>,
    /// The latest that it knows of: an attempt or an import. What happened since, it does not know.
    pub knows_until: Option<Wall>,
}

/// One campaign's share of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, sqlx::FromRow)]
pub struct ThawingCampaign {
    /// Its name.
    pub name: String,
    /// Whether it is dialed as soon as the database may call: `draft`, `running` or another state.
    pub state: String,
    /// Open cases that are due now.
    pub due: u64,
    /// Of all open cases, those whose last attempt is younger than a day.
    pub fresh: u64,
}

impl Reader {
    /// What would be dialed again if this database might call from now on.
    pub async fn thawing(&self, frozen: Option<String>, now: Wall) -> Result<Thawing, Error> {
        let campaigns = sqlx::query_as(
            "select m.name, m.state,
                (select count(*) from cases c where c.campaign_id = m.id and c.state = 'open' and c.next_at <= $1) as due,
                (select count(*) from cases c where c.campaign_id = m.id and c.state = 'open'
                    and exists (select 1 from attempt a where a.case_id = c.id and a.begun_at > $2)) as fresh
             from campaign m order by m.id",
        )
        .bind(now.millis())
        .bind((now - FRESH).millis())
        .fetch_all(self.pool())
        .await?;
        let last: Option<i64> = sqlx::query_scalar("select max(begun_at) from attempt")
            .fetch_one(self.pool())
            .await?;
        let known: Option<i64> = sqlx::query_scalar(
            "select max(at) from (select max(begun_at) as at from attempt union all select max(ended_at) from attempt
                union all select max(at) from import_batch)",
        )
        .fetch_one(self.pool())
        .await?;
        Ok(Thawing {
            frozen,
            campaigns,
            last_attempt: last.map(Wall::from_millis),
            knows_until: known.map(Wall::from_millis),
        })
    }
}
