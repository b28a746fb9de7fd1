//! Campaigns: added as drafts, started, paused and stopped; listed with the counts of their cases.

use serde::{Deserialize, Serialize};

use crate::ids::{CampaignId, CaseId};
use crate::moment::Wall;
use crate::phone::Number;

use super::begin::need_dialplan;
use super::job::{Ledger, Write};
use super::{Error, Reader, callers};

/// A campaign to add or to change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewCampaign {
    /// Its unique name.
    pub name: String,
    /// The text of its file.
    pub file: String,
    /// The content hash of its dialplan, which must be in the database.
    pub dialplan: String,
    /// Lines at most; none leaves it to the trunk.
    pub lines: Option<u32>,
    /// Calls per second at most; none leaves it to the trunk.
    pub calls_per_second: Option<f64>,
    /// What it is for: who is on the do-not-call list for this purpose is not called.
    #[serde(default)]
    pub purpose: Option<String>,
    /// The present.
    pub now: Wall,
}

/// Whether a campaign dials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CampaignState {
    /// Never started.
    Draft,
    /// Its due cases are dialed inside its windows.
    Running,
    /// Stopped by a person; it can be started again.
    Stopped,
}

impl CampaignState {
    /// The identifier in the database and on screens.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Running => "running",
            Self::Stopped => "stopped",
        }
    }

    pub(super) fn of(id: &str) -> Result<Self, Error> {
        [Self::Draft, Self::Running, Self::Stopped]
            .into_iter()
            .find(|state| state.as_str() == id)
            .ok_or_else(|| Error::stored("campaign.state", id))
    }
}

/// A campaign as lists show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Campaign {
    /// Its row.
    pub id: CampaignId,
    /// Its name.
    pub name: String,
    /// The text of its file.
    pub file: String,
    /// The content hash of its dialplan.
    pub dialplan: String,
    /// Whether it dials.
    pub state: CampaignState,
    /// Lines at most.
    pub lines: Option<u32>,
    /// Calls per second at most.
    pub calls_per_second: Option<f64>,
    /// When it was added.
    pub created_at: Wall,
    /// When it was last started.
    pub started_at: Option<Wall>,
    /// When it was last stopped.
    pub stopped_at: Option<Wall>,
    /// The caller numbers that it keeps to since its first start; empty if it never chose among several.
    #[serde(default)]
    pub callers: Vec<Number>,
    /// Since when it is paused: it runs, but dials nothing.
    #[serde(default)]
    pub paused_at: Option<Wall>,
    /// Its cases.
    pub counts: Counts,
}

/// The cases of a campaign, each counted once. `cases` is the sum of the other four.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Counts {
    /// All.
    pub cases: u64,
    /// Open, may be tried now.
    pub due: u64,
    /// Open, may be tried later.
    pub waiting: u64,
    /// Leased or with an attempt under way.
    pub in_progress: u64,
    /// Closed.
    pub closed: u64,
}

pub(super) struct Add(pub(super) NewCampaign);

impl Write for Add {
    type Answer = CampaignId;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<CampaignId, Error> {
        let new = &self.0;
        need_dialplan(ledger, &new.dialplan).await?;
        let id: Option<i64> = sqlx::query_scalar(
            "insert into campaign (name, file, dialplan_hash, lines, calls_per_second, created_at, purpose)
             values ($1, $2, $3, $4, $5, $6, $7) on conflict (name) do nothing returning id",
        )
        .bind(&new.name)
        .bind(&new.file)
        .bind(&new.dialplan)
        .bind(new.lines)
        .bind(new.calls_per_second)
        .bind(new.now.millis())
        .bind(&new.purpose)
        .fetch_optional(&mut *ledger.db)
        .await?;
        id.map(CampaignId)
            .ok_or_else(|| Error::CampaignExists { name: new.name.clone() })
    }
}

pub(super) struct Change(pub(super) NewCampaign);

impl Write for Change {
    type Answer = CampaignId;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<CampaignId, Error> {
        let new = &self.0;
        need_dialplan(ledger, &new.dialplan).await?;
        let (id, state) = find(ledger, &new.name).await?;
        if state == CampaignState::Running {
            return Err(Error::CampaignRunning { name: new.name.clone() });
        }
        sqlx::query(
            "update campaign set file = $2, dialplan_hash = $3, lines = $4, calls_per_second = $5, purpose = $6,
                 callers = null
             where id = $1",
        )
        .bind(id.0)
        .bind(&new.file)
        .bind(&new.dialplan)
        .bind(new.lines)
        .bind(new.calls_per_second)
        .bind(&new.purpose)
        .execute(&mut *ledger.db)
        .await?;
        Ok(id)
    }
}

pub(super) enum Turn {
    Start { name: String, now: Wall },
    Stop { name: String, now: Wall },
    Pause { name: String, now: Wall },
    Resume { name: String },
}

impl Write for Turn {
    type Answer = CampaignId;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<CampaignId, Error> {
        let (name, at, sql) = match self {
            Self::Start { name, now } => (
                name,
                Some(now),
                "update campaign set state = 'running', paused_at = null,
                     started_at = case when state = 'running' then started_at else $2 end where id = $1",
            ),
            Self::Stop { name, now } => (
                name,
                Some(now),
                "update campaign set state = 'stopped', paused_at = null, stopped_at = $2
                 where id = $1 and state <> 'stopped'",
            ),
            Self::Pause { name, now } => (
                name,
                Some(now),
                "update campaign set paused_at = $2 where id = $1 and paused_at is null",
            ),
            Self::Resume { name } => (name, None, "update campaign set paused_at = $2 where id = $1"),
        };
        let (id, state) = find(ledger, name).await?;
        if matches!(self, Self::Pause { .. } | Self::Resume { .. }) && state != CampaignState::Running {
            return Err(Error::CampaignNotRunning { name: name.clone() });
        }
        sqlx::query(sql)
            .bind(id.0)
            .bind(at.map(|at| at.millis()))
            .execute(&mut *ledger.db)
            .await?;
        Ok(id)
    }
}

async fn find(ledger: &mut Ledger<'_>, name: &str) -> Result<(CampaignId, CampaignState), Error> {
    let row: Option<(i64, String)> = sqlx::query_as("select id, state from campaign where name = $1")
        .bind(name)
        .fetch_optional(&mut *ledger.db)
        .await?;
    let (id, state) = row.ok_or_else(|| Error::NoCampaign { name: name.to_owned() })?;
    Ok((CampaignId(id), CampaignState::of(&state)?))
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    name: String,
    file: String,
    dialplan_hash: String,
    state: String,
    lines: Option<u32>,
    calls_per_second: Option<f64>,
    created_at: i64,
    started_at: Option<i64>,
    stopped_at: Option<i64>,
    paused_at: Option<i64>,
    callers: Option<String>,
    #[sqlx(flatten)]
    counts: Counts,
}

/// `$1` is the present, `$2` a name or null for all. What is in hand is little and found by its own indexes; the rest is
/// counted in indexes, without a look at the rows.
pub(super) const LIST: &str = "
with held (campaign_id, id, next_at) as (
    select c.campaign_id, c.id, c.next_at from cases c where c.lease_number_id is not null and c.lease_until > $1
    union
    select c.campaign_id, c.id, c.next_at from attempt a cross join cases c on c.id = a.case_id where a.state = 'begun'),
counted as (
    select m.*,
        (select coalesce(sum(t.n), 0) from report_case t where t.campaign_id = m.id)
            + (select count(*) from report_uncounted u cross join cases c on c.id = u.case_id where c.campaign_id = m.id)
            + (select count(*) from cases c where c.campaign_id = m.id
                and c.id > (select t.up_to from report_counted t where t.id = 1)) as cases,
        (select count(*) from cases c indexed by cases_due where c.campaign_id = m.id and c.state = 'open') as open,
        (select count(*) from cases c indexed by cases_due
            where c.campaign_id = m.id and c.state = 'open' and c.next_at <= $1) as ripe,
        (select count(*) from held h where h.campaign_id = m.id) as in_progress,
        (select count(*) from held h where h.campaign_id = m.id and h.next_at <= $1) as ripe_in_progress
    from campaign m where $2 is null or m.name = $2)
select id, name, file, dialplan_hash, state, lines, calls_per_second, created_at, started_at, stopped_at, paused_at, callers,
    cases, cases - open as closed, in_progress,
    ripe - ripe_in_progress as due,
    open - ripe - in_progress + ripe_in_progress as waiting
from counted
order by id";

/// The same of one campaign, or of those that run and are not paused, without a look at their cases.
const UNCOUNTED: &str = "
select id, name, file, dialplan_hash, state, lines, calls_per_second, created_at, started_at, stopped_at, paused_at, callers,
    0 as cases, 0 as closed, 0 as in_progress, 0 as due, 0 as waiting
from campaign where case when $1 is null then state = 'running' and paused_at is null else id = $1 end order by id";

impl Reader {
    /// The campaigns that run and are not paused, their cases not counted.
    pub async fn running_campaigns(&self) -> Result<Vec<Campaign>, Error> {
        let rows: Vec<Row> = sqlx::query_as(UNCOUNTED)
            .bind(Option::<i64>::None)
            .fetch_all(self.pool())
            .await?;
        rows.into_iter().map(shown).collect()
    }

    /// The campaign of a case, its cases not counted.
    ///
    /// # Errors
    /// [`Error::NoCase`]
    pub async fn campaign_of(&self, case: CaseId) -> Result<Campaign, Error> {
        let campaign: Option<i64> = sqlx::query_scalar("select campaign_id from cases where id = $1")
            .bind(case.0)
            .fetch_optional(self.pool())
            .await?;
        let row: Option<Row> = sqlx::query_as(UNCOUNTED)
            .bind(campaign.ok_or(Error::NoCase(case))?)
            .fetch_optional(self.pool())
            .await?;
        shown(row.ok_or(Error::NoCase(case))?)
    }

    /// All campaigns in the order they were added.
    pub async fn campaigns(&self, now: Wall) -> Result<Vec<Campaign>, Error> {
        self.list(now, None).await
    }

    /// One campaign by its name.
    pub async fn campaign(&self, name: &str, now: Wall) -> Result<Campaign, Error> {
        let found = self.list(now, Some(name)).await?;
        found
            .into_iter()
            .next()
            .ok_or_else(|| Error::NoCampaign { name: name.to_owned() })
    }

    async fn list(&self, now: Wall, name: Option<&str>) -> Result<Vec<Campaign>, Error> {
        let rows: Vec<Row> = sqlx::query_as(LIST)
            .bind(now.millis())
            .bind(name)
            .fetch_all(self.pool())
            .await?;
        rows.into_iter().map(shown).collect()
    }
}

fn shown(row: Row) -> Result<Campaign, Error> {
    let callers = row.callers.as_deref().map(callers::of_text).transpose()?;
    Ok(Campaign {
        id: CampaignId(row.id),
        name: row.name,
        file: row.file,
        dialplan: row.dialplan_hash,
        state: CampaignState::of(&row.state)?,
        lines: row.lines,
        calls_per_second: row.calls_per_second,
        created_at: Wall::from_millis(row.created_at),
        started_at: row.started_at.map(Wall::from_millis),
        stopped_at: row.stopped_at.map(Wall::from_millis),
        paused_at: row.paused_at.map(Wall::from_millis),
        callers: callers.unwrap_or_default(),
        counts: row.counts,
    })
}
