//! What the judge of a night reads, page by page: no read transaction lasts longer than one page, so that the writer's log
//! can always be carried into the database.

use crate::dialer::{Listed, Outcome, PatientState};
use crate::ids::{AttemptId, CallMark, CampaignId, CaseId, PatientId};
use crate::moment::Wall;
use crate::outcome::{Disposition, Facts};
use crate::phone::Number;

use super::finish::{disposition_of, outcome_of};
use super::{Error, Reader};

/// Rows of one page.
const PAGE: usize = 500;

/// An attempt as the judge reads it.
#[derive(Clone, Debug)]
pub struct AttemptEvidence {
    /// Which.
    pub attempt: AttemptId,
    /// Its case; none for a call by hand.
    pub case: Option<CaseId>,
    /// The case's campaign.
    pub campaign: Option<CampaignId>,
    /// Whose case it is.
    pub patient: Option<PatientId>,
    /// The number dialed.
    pub number: Number,
    /// Over which trunk.
    pub trunk: String,
    /// When it was written down.
    pub begun: Wall,
    /// When the 200 came.
    pub answered: Option<Wall>,
    /// When its end was written down.
    pub ended: Option<Wall>,
    /// Until when its number was locked.
    pub locked_until: Option<Wall>,
    /// How it ended.
    pub disposition: Option<Disposition>,
    /// The rule that said so.
    pub rule: Option<String>,
    /// What its end says.
    pub facts: Option<Facts>,
    /// Anything above 100 had come, as noted during the call.
    pub reached: bool,
    /// What its Call-ID follows from.
    pub mark: Option<CallMark>,
    /// What leads to a person was taken out of it since.
    pub cleaned: bool,
}

/// A case as the judge reads it.
#[derive(Clone, Debug)]
pub struct CaseEvidence {
    /// Which.
    pub case: CaseId,
    /// Of which campaign.
    pub campaign: CampaignId,
    /// Whose.
    pub patient: PatientId,
    /// The higher one goes first.
    pub priority: i16,
    /// When it was stored.
    pub created: Wall,
    /// When it became due.
    pub due: Wall,
    /// When it may be tried next.
    pub next_at: Wall,
    /// When it is too late.
    pub deadline: Option<Wall>,
    /// The time that the patient last asked for.
    pub appointment: Option<Wall>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// When it was closed.
    pub closed: Option<Wall>,
}

/// A decision about a case as the judge reads it.
#[derive(Clone, Debug)]
pub struct DecisionEvidence {
    /// About which.
    pub case: CaseId,
    /// When.
    pub at: Wall,
    /// The reason's identifier.
    pub why: String,
    /// When the case was to be looked at again.
    pub until: Option<Wall>,
}

/// An entry of the do-not-call list as the judge reads it, also one that was taken off it.
#[derive(Clone, Debug)]
pub struct ListingEvidence {
    /// A number, or
    pub number: Option<Number>,
    /// a patient.
    pub patient: Option<PatientId>,
    /// At which level.
    pub level: Listed,
    /// The purpose, at that level.
    pub purpose: Option<String>,
    /// The campaign, at that level.
    pub campaign: Option<CampaignId>,
    /// From when on.
    pub since: Wall,
    /// Its own end, or when it was taken off, whichever came first.
    pub until: Option<Wall>,
}

/// A state of a patient as the judge reads it.
#[derive(Clone, Debug)]
pub struct StateEvidence {
    /// Whose.
    pub patient: PatientId,
    /// Which.
    pub state: PatientState,
    /// From when on.
    pub since: Wall,
    /// Up to, not including, when.
    pub until: Option<Wall>,
}

#[derive(sqlx::FromRow)]
struct AttemptRow {
    id: i64,
    case_id: Option<i64>,
    campaign_id: Option<i64>,
    patient_id: Option<i64>,
    digits: String,
    trunk: String,
    begun_at: i64,
    answered_at: Option<i64>,
    ended_at: Option<i64>,
    locked_until: Option<i64>,
    disposition: Option<String>,
    rule: Option<String>,
    facts: Option<String>,
    reached: bool,
    mark: String,
    cleaned: bool,
}

/// By their ids, which stand in a list of JSON.
pub(super) const ATTEMPTS: &str = "
select a.id, a.case_id, c.campaign_id, e.patient_id, a.digits, a.trunk, a.begun_at, a.answered_at, a.ended_at,
    a.locked_until, a.disposition, a.rule, a.facts, a.reached, a.mark, a.cleaned_at is not null as cleaned
from json_each($1) asked
cross join attempt a on a.id = asked.value
left join cases c on c.id = a.case_id
left join encounter e on e.id = c.encounter_id";

/// Those of patients' cases before a time.
pub(super) const EARLIER: &str = "
select a.id
from json_each($1) asked
cross join encounter e on e.patient_id = asked.value
join cases c on c.encounter_id = e.id
join attempt a on a.case_id = c.id
where a.begun_at < $2 and a.direction = 'out'";

#[derive(sqlx::FromRow)]
struct CaseRow {
    id: i64,
    campaign_id: i64,
    patient_id: i64,
    priority: i16,
    created_at: i64,
    due_at: i64,
    next_at: i64,
    deadline_at: Option<i64>,
    appointment_at: Option<i64>,
    outcome: Option<String>,
    closed_at: Option<i64>,
}

pub(super) const CASES: &str = "
select c.id, c.campaign_id, e.patient_id, c.priority, c.created_at, c.due_at, c.next_at, c.deadline_at,
    c.appointment_at, c.outcome, c.closed_at
from json_each($1) asked
cross join cases c on c.id = asked.value
join encounter e on e.id = c.encounter_id";

/// A stretch of a campaign's cases by their ids: those that were open and due at any time of the night.
pub(super) const WAITING: &str = "
select c.id, c.campaign_id, e.patient_id, c.priority, c.created_at, c.due_at, c.next_at, c.deadline_at,
    c.appointment_at, c.outcome, c.closed_at
from cases c
join encounter e on e.id = c.encounter_id
where c.campaign_id = $1 and c.id > $2 and c.id <= $3
    and c.due_at < $5 and c.created_at < $5 and (c.closed_at is null or c.closed_at >= $4)";

pub(super) const DECISIONS: &str = "
select d.case_id, d.at, d.why, d.until
from json_each($1) asked
cross join decision d on d.case_id = asked.value
where d.at < $2
order by d.case_id, d.id";

#[derive(sqlx::FromRow)]
struct ListingRow {
    id: i64,
    digits: Option<String>,
    patient_id: Option<i64>,
    level: String,
    purpose: Option<String>,
    campaign_id: Option<i64>,
    since: i64,
    until: Option<i64>,
    ended_at: Option<i64>,
}

const LISTINGS: &str = "
select id, digits, patient_id, level, purpose, campaign_id, since, until, ended_at
from do_not_call where id > $1 order by id limit $2";

pub(super) const STATES: &str = "
select s.patient_id, s.state, s.since, s.until
from json_each($1) asked
cross join patient_state s on s.patient_id = asked.value";

impl Reader {
    /// The hours, counted from 1970, in which attempts were begun.
    pub async fn attempt_hours(&self) -> Result<Vec<i64>, Error> {
        Ok(sqlx::query_scalar(
            "select distinct begun_at / 3600000 as hour from attempt where case_id is not null and direction = 'out' order by hour",
        )
        .fetch_all(self.pool())
        .await?)
    }

    /// The attempts that we began in `[from, to)`, calls by hand among them, by their ids. Reads the index of numbers from
    /// end to end: it is the one place where all times stand close together.
    pub async fn attempts_between(&self, from: Wall, to: Wall) -> Result<Vec<AttemptId>, Error> {
        let mut ids: Vec<i64> = sqlx::query_scalar(
            "select id from attempt indexed by attempt_digits where begun_at >= $1 and begun_at < $2 and direction = 'out'",
        )
        .bind(from.millis())
        .bind(to.millis())
        .fetch_all(self.pool())
        .await?;
        ids.sort_unstable();
        Ok(ids.into_iter().map(AttemptId).collect())
    }

    /// The attempts at these patients, over all their cases, before a time.
    pub async fn attempts_before(&self, patients: &[PatientId], before: Wall) -> Result<Vec<AttemptId>, Error> {
        let mut found = Vec::new();
        for page in patients.chunks(PAGE) {
            let ids: Vec<i64> = sqlx::query_scalar(EARLIER)
                .bind(list(page.iter().map(|patient| patient.0)))
                .bind(before.millis())
                .fetch_all(self.pool())
                .await?;
            found.extend(ids.into_iter().map(AttemptId));
        }
        Ok(found)
    }

    /// Attempts by their ids.
    pub async fn attempt_evidence(&self, attempts: &[AttemptId]) -> Result<Vec<AttemptEvidence>, Error> {
        let mut found = Vec::with_capacity(attempts.len());
        for page in attempts.chunks(PAGE) {
            let rows: Vec<AttemptRow> = sqlx::query_as(ATTEMPTS)
                .bind(list(page.iter().map(|attempt| attempt.0)))
                .fetch_all(self.pool())
                .await?;
            for row in rows {
                found.push(row.evidence()?);
            }
        }
        Ok(found)
    }

    /// The cases of a campaign that were open and due at any time in `[from, to)`.
    pub async fn waiting_cases(&self, campaign: CampaignId, from: Wall, to: Wall) -> Result<Vec<CaseEvidence>, Error> {
        /// Ids looked at in one page.
        const STRETCH: i64 = 20_000;
        let bounds = "select coalesce(min(id), 0), coalesce(max(id), -1) from cases where campaign_id = $1";
        let (first, last): (i64, i64) = sqlx::query_as(bounds).bind(campaign.0).fetch_one(self.pool()).await?;
        let mut found = Vec::new();
        let mut after = first - 1;
        while after < last {
            let rows: Vec<CaseRow> = sqlx::query_as(WAITING)
                .bind(campaign.0)
                .bind(after)
                .bind(after + STRETCH)
                .bind(from.millis())
                .bind(to.millis())
                .fetch_all(self.pool())
                .await?;
            for row in rows {
                found.push(row.evidence()?);
            }
            after += STRETCH;
        }
        Ok(found)
    }

    /// Cases by their ids.
    pub async fn case_evidence(&self, cases: &[CaseId]) -> Result<Vec<CaseEvidence>, Error> {
        let mut found = Vec::with_capacity(cases.len());
        for page in cases.chunks(PAGE) {
            let rows: Vec<CaseRow> = sqlx::query_as(CASES)
                .bind(list(page.iter().map(|case| case.0)))
                .fetch_all(self.pool())
                .await?;
            for row in rows {
                found.push(row.evidence()?);
            }
        }
        Ok(found)
    }

    /// What was decided about these cases before a time, case by case, the first one first.
    pub async fn decisions(&self, cases: &[CaseId], before: Wall) -> Result<Vec<DecisionEvidence>, Error> {
        let mut found = Vec::new();
        for page in cases.chunks(PAGE) {
            let rows: Vec<(i64, i64, String, Option<i64>)> = sqlx::query_as(DECISIONS)
                .bind(list(page.iter().map(|case| case.0)))
                .bind(before.millis())
                .fetch_all(self.pool())
                .await?;
            found.extend(rows.into_iter().map(|(case, at, why, until)| DecisionEvidence {
                case: CaseId(case),
                at: Wall::from_millis(at),
                why,
                until: until.map(Wall::from_millis),
            }));
        }
        Ok(found)
    }

    /// The whole do-not-call list, with those who were taken off it.
    pub async fn listings(&self) -> Result<Vec<ListingEvidence>, Error> {
        let mut found = Vec::new();
        let mut after = i64::MIN;
        loop {
            let rows: Vec<ListingRow> = sqlx::query_as(LISTINGS)
                .bind(after)
                .bind(i64::try_from(PAGE).unwrap_or(i64::MAX))
                .fetch_all(self.pool())
                .await?;
            let Some(last) = rows.last() else { return Ok(found) };
            after = last.id;
            for row in rows {
                found.push(row.evidence()?);
            }
        }
    }

    /// What was known of these patients, at any time.
    pub async fn patient_states(&self, patients: &[PatientId]) -> Result<Vec<StateEvidence>, Error> {
        let mut found = Vec::new();
        for page in patients.chunks(PAGE) {
            let rows: Vec<(i64, String, i64, Option<i64>)> = sqlx::query_as(STATES)
                .bind(list(page.iter().map(|patient| patient.0)))
                .fetch_all(self.pool())
                .await?;
            for (patient, state, since, until) in rows {
                found.push(StateEvidence {
                    patient: PatientId(patient),
                    state: PatientState::parse(&state).ok_or_else(|| Error::stored("patient_state.state", state))?,
                    since: Wall::from_millis(since),
                    until: until.map(Wall::from_millis),
                });
            }
        }
        Ok(found)
    }
}

/// Ids as `json_each` takes them.
fn list(ids: impl Iterator<Item = i64>) -> String {
    let ids: Vec<String> = ids.map(|id| id.to_string()).collect();
    format!("[{}]", ids.join(","))
}

impl AttemptRow {
    fn evidence(self) -> Result<AttemptEvidence, Error> {
        let facts = self.facts.as_deref().map(serde_json::from_str::<Facts>).transpose();
        Ok(AttemptEvidence {
            attempt: AttemptId(self.id),
            case: self.case_id.map(CaseId),
            campaign: self.campaign_id.map(CampaignId),
            patient: self.patient_id.map(PatientId),
            number: Number::parse(&self.digits).map_err(|why| Error::stored("attempt.digits", why))?,
            trunk: self.trunk,
            begun: Wall::from_millis(self.begun_at),
            answered: self.answered_at.map(Wall::from_millis),
            ended: self.ended_at.map(Wall::from_millis),
            locked_until: self.locked_until.map(Wall::from_millis),
            disposition: self.disposition.as_deref().map(disposition_of).transpose()?,
            rule: self.rule,
            facts: facts.map_err(|why| Error::stored("attempt.facts", why))?,
            reached: self.reached,
            // An attempt from before there were marks has none.
            mark: self.mark.parse().ok(),
            cleaned: self.cleaned,
        })
    }
}

impl CaseRow {
    fn evidence(self) -> Result<CaseEvidence, Error> {
        Ok(CaseEvidence {
            case: CaseId(self.id),
            campaign: CampaignId(self.campaign_id),
            patient: PatientId(self.patient_id),
            priority: self.priority,
            created: Wall::from_millis(self.created_at),
            due: Wall::from_millis(self.due_at),
            next_at: Wall::from_millis(self.next_at),
            deadline: self.deadline_at.map(Wall::from_millis),
            appointment: self.appointment_at.map(Wall::from_millis),
            outcome: self.outcome.as_deref().map(outcome_of).transpose()?,
            closed: self.closed_at.map(Wall::from_millis),
        })
    }
}

impl ListingRow {
    fn evidence(self) -> Result<ListingEvidence, Error> {
        let number = self.digits.as_deref().map(Number::parse).transpose();
        let until = [self.until, self.ended_at].into_iter().flatten().min();
        Ok(ListingEvidence {
            number: number.map_err(|why| Error::stored("do_not_call.digits", why))?,
            patient: self.patient_id.map(PatientId),
            level: match self.level.as_str() {
                "always" => Listed::Always,
                "purpose" => Listed::Purpose,
                "campaign" => Listed::Campaign,
                other => return Err(Error::stored("do_not_call.level", other)),
            },
            purpose: self.purpose,
            campaign: self.campaign_id.map(CampaignId),
            since: Wall::from_millis(self.since),
            until: until.map(Wall::from_millis),
        })
    }
}
