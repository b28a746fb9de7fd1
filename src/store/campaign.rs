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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    cases: u64,
    open: u64,
    in_progress: u64,
    ripe_in_progress: u64,
}

/// `$1` is the present, `$2` a name or null for all. What is in hand is little and found by its own indexes; all cases and the
/// open ones are tallied as they change.
pub(super) const LIST: &str = "
with held (campaign_id, id, next_at) as (
    select c.campaign_id, c.id, c.next_at from cases c where c.lease_number_id is not null and c.lease_until > $1
    union
    select c.campaign_id, c.id, c.next_at from attempt a cross join cases c on c.id = a.case_id where a.state = 'begun')
select m.id, m.name, m.file, m.dialplan_hash, m.state, m.lines, m.calls_per_second, m.created_at, m.started_at, m.stopped_at,
    m.paused_at, m.callers, coalesce(t.cases, 0) as cases, coalesce(t.open, 0) as open,
    (select count(*) from held h where h.campaign_id = m.id) as in_progress,
    (select count(*) from held h where h.campaign_id = m.id and h.next_at <= $1) as ripe_in_progress
from campaign m left join case_tally t on t.campaign_id = m.id
where $2 is null or m.name = $2
order by m.id";

/// How many open cases of a campaign, `$1`, may be tried at a time, `$2`: priorities are few, and the cases of each are read no
/// further than that.
pub(super) const RIPE: &str = "
with recursive level (priority) as (
    select max(c.priority) from cases c where c.campaign_id = $1 and c.state = 'open'
    union all
    select (select max(c.priority) from cases c
            where c.campaign_id = $1 and c.state = 'open' and c.priority < level.priority)
    from level where level.priority is not null)
select coalesce(sum((
    select count(*) from cases c indexed by cases_due
    where c.campaign_id = $1 and c.state = 'open' and c.priority = level.priority and c.next_at <= $2)), 0)
from level where level.priority is not null";

/// The same of one campaign by row or name, or of those that run and are not paused, without a look at their cases.
const UNCOUNTED: &str = "
select id, name, file, dialplan_hash, state, lines, calls_per_second, created_at, started_at, stopped_at, paused_at, callers,
    0 as cases, 0 as open, 0 as in_progress, 0 as ripe_in_progress
from campaign where case when $1 is not null then id = $1 when $2 is not null then name = $2
    else state = 'running' and paused_at is null end order by id";

impl Reader {
    /// The campaigns that run and are not paused, their cases not counted.
    pub async fn running_campaigns(&self) -> Result<Vec<Campaign>, Error> {
        let rows: Vec<Row> = sqlx::query_as(UNCOUNTED)
            .bind(Option::<i64>::None)
            .bind(Option::<String>::None)
            .fetch_all(self.pool())
            .await?;
        rows.into_iter().map(|row| shown(row, Counts::default())).collect()
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
            .bind(Option::<String>::None)
            .fetch_optional(self.pool())
            .await?;
        shown(row.ok_or(Error::NoCase(case))?, Counts::default())
    }

    /// One campaign by its name, its cases not counted.
    ///
    /// # Errors
    /// [`Error::NoCampaign`]
    pub async fn campaign_uncounted(&self, name: &str) -> Result<Campaign, Error> {
        let row: Option<Row> = sqlx::query_as(UNCOUNTED)
            .bind(Option::<i64>::None)
            .bind(name)
            .fetch_optional(self.pool())
            .await?;
        let row = row.ok_or_else(|| Error::NoCampaign { name: name.to_owned() })?;
        shown(row, Counts::default())
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
        let mut campaigns = Vec::with_capacity(rows.len());
        for row in rows {
            let ripe: u64 = sqlx::query_scalar(RIPE)
                .bind(row.id)
                .bind(now.millis())
                .fetch_one(self.pool())
                .await?;
            let counts = row.counts(ripe);
            campaigns.push(shown(row, counts)?);
        }
        Ok(campaigns)
    }
}

impl Row {
    /// What is in hand is read a moment before what is ripe, so nothing here relies on their difference.
    const fn counts(&self, ripe: u64) -> Counts {
        let due = ripe.saturating_sub(self.ripe_in_progress);
        let idle = self.open.saturating_sub(self.in_progress);
        let due = if due < idle { due } else { idle };
        Counts {
            cases: self.cases,
            due,
            waiting: idle - due,
            in_progress: self.in_progress,
            closed: self.cases.saturating_sub(self.open),
        }
    }
}

fn shown(row: Row, counts: Counts) -> Result<Campaign, Error> {
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
        counts,
    })
}
