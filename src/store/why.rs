//! Why somebody was called or not: all that stands in the database about the follow-ups of a patient.

use crate::dialer::claim::Why;
use crate::dialer::{Candidate, Claim, Direction, Outcome};
use crate::ids::{AttemptId, CampaignId, CaseId, PatientId};
use crate::moment::Wall;
use crate::outcome::Disposition;
use crate::phone::Number;

use super::claim::due;
use super::finish::{disposition_of, outcome_of};
use super::{CampaignState, Error, Reader};

/// A follow-up with what its campaign is.
#[derive(Clone, Debug, PartialEq)]
pub struct WhyCase {
    /// The case.
    pub case: CaseId,
    /// Its campaign.
    pub campaign: CampaignId,
    /// Its campaign's name.
    pub campaign_name: String,
    /// The text of its campaign's file.
    pub file: String,
    /// Whether its campaign dials.
    pub campaign_state: CampaignState,
    /// Since when its campaign is paused.
    pub paused_at: Option<Wall>,
    /// The visit.
    pub visit_no: String,
    /// The department.
    pub department: Option<String>,
    /// When it became due.
    pub due: Wall,
    /// Not tried before then.
    pub next_at: Wall,
    /// Too late from then on.
    pub deadline: Option<Wall>,
    /// The time that the patient asked for.
    pub appointment: Option<Wall>,
    /// The higher one goes first.
    pub priority: i16,
    /// Attempts that count.
    pub counted: u16,
    /// How and when it ended.
    pub closed: Option<(Outcome, Wall)>,
    /// The last decision's reason.
    pub why: Option<Why>,
    /// The end of its lease.
    pub lease_until: Option<Wall>,
}

/// An attempt, its number masked.
#[derive(Clone, Debug, PartialEq)]
pub struct WhyAttempt {
    /// Which.
    pub attempt: AttemptId,
    /// Who called.
    pub direction: Direction,
    /// When it began.
    pub begun: Wall,
    /// When it was answered.
    pub answered: Option<Wall>,
    /// When it ended.
    pub ended: Option<Wall>,
    /// The number, masked.
    pub number: String,
    /// Over which trunk.
    pub trunk: String,
    /// How it ended.
    pub disposition: Option<Disposition>,
    /// The rule that said so.
    pub rule: Option<String>,
}

/// A decision that was written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WhyDecision {
    /// When.
    pub at: Wall,
    /// Why.
    pub why: Why,
    /// Until when.
    pub until: Option<Wall>,
}

/// A visit without a follow-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhyVisit {
    /// Its number.
    pub visit_no: String,
    /// The department.
    pub department: Option<String>,
    /// The discharge.
    pub discharged: Option<Wall>,
}

/// An entry of the do-not-call list in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhyListed {
    /// The number, masked; none: the patient at any number.
    pub number: Option<String>,
    /// For which purpose or campaign; none: for every call.
    pub only: Option<String>,
    /// Since when.
    pub since: Wall,
    /// Until when.
    pub until: Option<Wall>,
    /// How it came there.
    pub source: String,
}

#[derive(sqlx::FromRow)]
struct CaseRow {
    id: i64,
    campaign_id: i64,
    campaign: String,
    file: String,
    campaign_state: String,
    paused_at: Option<i64>,
    visit_no: String,
    department: Option<String>,
    due_at: i64,
    next_at: i64,
    deadline_at: Option<i64>,
    appointment_at: Option<i64>,
    priority: i16,
    counted: u16,
    outcome: Option<String>,
    closed_at: Option<i64>,
    why: Option<String>,
    lease_until: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct AttemptRow {
    id: i64,
    direction: String,
    begun_at: i64,
    answered_at: Option<i64>,
    ended_at: Option<i64>,
    digits: String,
    trunk: String,
    disposition: Option<String>,
    rule: Option<String>,
}

/// Digits, purpose or campaign, since, until, source.
type ListedRow = (Option<String>, Option<String>, i64, Option<i64>, String);

pub(super) const CASES: &str = "
select c.id, c.campaign_id, m.name as campaign, m.file, m.state as campaign_state, m.paused_at, e.visit_no,
    e.department, c.due_at, c.next_at, c.deadline_at, c.appointment_at, c.priority, c.counted, c.outcome, c.closed_at,
    c.why, c.lease_until
from encounter e join cases c on c.encounter_id = e.id join campaign m on m.id = c.campaign_id
where e.patient_id = $1 and ($2 is null or m.name = $2)
order by c.due_at desc, c.id desc limit 200";

pub(super) const ATTEMPTS: &str = "
select id, direction, begun_at, answered_at, ended_at, digits, trunk, disposition, rule
from attempt where case_id = $1 order by id";

pub(super) const DECISIONS: &str = "
select at, why, until from (select * from decision where case_id = $1 order by id desc limit 200) order by id";

pub(super) const VISITS: &str = "
select e.visit_no, e.department, e.discharged_at from encounter e
where e.patient_id = $1 and not exists (
    select 1 from cases c join campaign m on m.id = c.campaign_id
    where c.encounter_id = e.id and ($2 is null or m.name = $2))
order by e.discharged_at desc, e.id desc limit 200";

pub(super) const LISTED: &str = "
select d.digits, coalesce(d.purpose, m.name), d.since, d.until, d.source
from do_not_call d left join campaign m on m.id = d.campaign_id
where d.ended_at is null and (d.until is null or d.until > $2) and d.patient_id = $1
union all
select d.digits, coalesce(d.purpose, m.name), d.since, d.until, d.source
from number n join do_not_call d on d.digits = n.digits left join campaign m on m.id = d.campaign_id
where n.patient_id = $1 and d.ended_at is null and (d.until is null or d.until > $2)";

/// More than this many in front are not counted one by one.
pub const AHEAD: u64 = 10_000;

/// Those of a higher priority, and of the same those that wait longer: priorities are few, and each is read along the index no
/// further than the case stands. What somebody has claimed is little and taken out again.
pub(super) const IN_FRONT: &str = "
with recursive level (priority) as (
    select max(c.priority) from cases c where c.campaign_id = $1 and c.state = 'open'
    union all
    select (select max(c.priority) from cases c
            where c.campaign_id = $1 and c.state = 'open' and c.priority < level.priority)
    from level where level.priority > $3)
select max(0, (select coalesce(sum(case
        when level.priority > $3 then (select count(*) from (
            select 1 from cases o indexed by cases_due
            where o.campaign_id = $1 and o.state = 'open' and o.priority = level.priority and o.next_at <= $2 limit $7) a)
        when level.priority = $3 then (select count(*) from (
            select 1 from cases o indexed by cases_due
            where o.campaign_id = $1 and o.state = 'open' and o.priority = level.priority
                and (o.next_at, o.due_at, o.id) < ($4, $5, $6) and o.next_at <= $2 limit $7) a)
        else 0 end), 0) from level)
    - (select count(*) from cases o indexed by cases_leased
        where o.lease_number_id is not null and o.lease_until > $2 and o.campaign_id = $1 and o.next_at <= $2
            and (o.priority > $3 or (o.priority = $3 and (o.next_at, o.due_at, o.id) < ($4, $5, $6)))))";

impl Reader {
    /// The campaign of a name.
    ///
    /// # Errors
    /// [`Error::NoCampaign`]
    pub async fn campaign_named(&self, name: &str) -> Result<CampaignId, Error> {
        let found: Option<i64> = sqlx::query_scalar("select id from campaign where name = $1")
            .bind(name)
            .fetch_optional(self.pool())
            .await?;
        found
            .map(CampaignId)
            .ok_or_else(|| Error::NoCampaign { name: name.to_owned() })
    }

    /// The follow-ups of a patient, the latest due first; of one campaign only if it is named.
    pub async fn why_cases(&self, patient: PatientId, campaign: Option<&str>) -> Result<Vec<WhyCase>, Error> {
        let rows: Vec<CaseRow> = sqlx::query_as(CASES)
            .bind(patient.0)
            .bind(campaign)
            .fetch_all(self.pool())
            .await?;
        rows.into_iter().map(CaseRow::record).collect()
    }

    /// The attempts of a case, the first one first.
    pub async fn why_attempts(&self, case: CaseId) -> Result<Vec<WhyAttempt>, Error> {
        let rows: Vec<AttemptRow> = sqlx::query_as(ATTEMPTS).bind(case.0).fetch_all(self.pool()).await?;
        rows.into_iter().map(AttemptRow::record).collect()
    }

    /// What was decided about a case, the first one first; of very many the last.
    pub async fn why_decisions(&self, case: CaseId) -> Result<Vec<WhyDecision>, Error> {
        let rows: Vec<(i64, String, Option<i64>)> =
            sqlx::query_as(DECISIONS).bind(case.0).fetch_all(self.pool()).await?;
        rows.into_iter()
            .map(|(at, why, until)| {
                Ok(WhyDecision {
                    at: Wall::from_millis(at),
                    why: why_of(&why)?,
                    until: until.map(Wall::from_millis),
                })
            })
            .collect()
    }

    /// Visits of a patient that have no follow-up, or none in the campaign that is named.
    pub async fn why_visits(&self, patient: PatientId, campaign: Option<&str>) -> Result<Vec<WhyVisit>, Error> {
        let rows: Vec<(String, Option<String>, Option<i64>)> = sqlx::query_as(VISITS)
            .bind(patient.0)
            .bind(campaign)
            .fetch_all(self.pool())
            .await?;
        Ok(rows
            .into_iter()
            .map(|(visit_no, department, discharged)| WhyVisit {
                visit_no,
                department,
                discharged: discharged.map(Wall::from_millis),
            })
            .collect())
    }

    /// The entries of the do-not-call list in force on a patient and on the patient's numbers.
    pub async fn why_listed(&self, patient: PatientId, now: Wall) -> Result<Vec<WhyListed>, Error> {
        let rows: Vec<ListedRow> = sqlx::query_as(LISTED)
            .bind(patient.0)
            .bind(now.millis())
            .fetch_all(self.pool())
            .await?;
        rows.into_iter()
            .map(|(digits, only, since, until, source)| {
                Ok(WhyListed {
                    number: digits.as_deref().map(masked).transpose()?,
                    only,
                    since: Wall::from_millis(since),
                    until: until.map(Wall::from_millis),
                    source,
                })
            })
            .collect()
    }

    /// How many due cases of its campaign go before a case, counted up to [`AHEAD`].
    pub async fn why_ahead(&self, case: &WhyCase, now: Wall) -> Result<u64, Error> {
        let ahead: u64 = sqlx::query_scalar(IN_FRONT)
            .bind(case.campaign.0)
            .bind(now.millis())
            .bind(case.priority)
            .bind(case.next_at.millis())
            .bind(case.due.millis())
            .bind(case.case.0)
            .bind(i64::try_from(AHEAD).unwrap_or(i64::MAX))
            .fetch_one(self.pool())
            .await?;
        Ok(ahead.min(AHEAD))
    }
}

fn masked(digits: &str) -> Result<String, Error> {
    let number = Number::parse(digits).map_err(|why| Error::stored("do_not_call.digits", why))?;
    Ok(number.masked())
}

pub(super) fn direction_of(id: &str) -> Result<Direction, Error> {
    Direction::parse(id).ok_or_else(|| Error::stored("attempt.direction", id))
}

fn why_of(id: &str) -> Result<Why, Error> {
    Why::parse(id).ok_or_else(|| Error::stored("decision.why", id))
}

impl CaseRow {
    fn record(self) -> Result<WhyCase, Error> {
        let outcome = self.outcome.as_deref().map(outcome_of).transpose()?;
        Ok(WhyCase {
            case: CaseId(self.id),
            campaign: CampaignId(self.campaign_id),
            campaign_name: self.campaign,
            file: self.file,
            campaign_state: CampaignState::of(&self.campaign_state)?,
            paused_at: self.paused_at.map(Wall::from_millis),
            visit_no: self.visit_no,
            department: self.department,
            due: Wall::from_millis(self.due_at),
            next_at: Wall::from_millis(self.next_at),
            deadline: self.deadline_at.map(Wall::from_millis),
            appointment: self.appointment_at.map(Wall::from_millis),
            priority: self.priority,
            counted: self.counted,
            closed: outcome.zip(self.closed_at.map(Wall::from_millis)),
            why: self.why.as_deref().map(why_of).transpose()?,
            lease_until: self.lease_until.map(Wall::from_millis),
        })
    }
}

impl AttemptRow {
    fn record(self) -> Result<WhyAttempt, Error> {
        let number = Number::parse(&self.digits).map_err(|why| Error::stored("attempt.digits", why))?;
        Ok(WhyAttempt {
            attempt: AttemptId(self.id),
            direction: direction_of(&self.direction)?,
            begun: Wall::from_millis(self.begun_at),
            answered: self.answered_at.map(Wall::from_millis),
            ended: self.ended_at.map(Wall::from_millis),
            number: number.masked(),
            trunk: self.trunk,
            disposition: self.disposition.as_deref().map(disposition_of).transpose()?,
            rule: self.rule,
        })
    }
}

impl Reader {
    /// An open case as a claim reads it; none if it is closed, leased or being called.
    pub async fn candidate(&self, case: CaseId, claim: &Claim) -> Result<Option<Candidate>, Error> {
        due::one(claim, case, self.pool()).await
    }
}
