//! Everything that a forecast needs of the people who may be called until some time, read in a few long strokes: one
//! statement for each kind of fact, never one for each person.

use std::collections::BTreeMap;

use sqlx::FromRow;

use crate::dialer::{Direction, LONGEST_CAP, Listed, Owner, PatientState, Tried};
use crate::ids::{CampaignId, CaseId, NumberId, PatientId};
use crate::moment::Wall;
use crate::phone::Number;
use crate::pii::mask_name;

use super::finish::disposition_of;
use super::{Error, Reader};

/// What is known before a night.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prospects {
    /// Open cases whose turn comes before the end, by id.
    pub cases: Vec<Prospect>,
    /// The numbers of their patients, by patient and rank.
    pub numbers: Vec<ProspectNumber>,
    /// States of patients that hold, or begin before the end.
    pub states: Vec<ProspectState>,
    /// Who may not be called.
    pub listed: Vec<ProspectListed>,
    /// Calls to numbers within the last [`LONGEST_CAP`].
    pub called: Vec<(Number, Wall)>,
    /// Numbers whose last call may still be ringing, and until when.
    pub locked: Vec<(Number, Wall)>,
}

/// An open case.
#[derive(Clone, Debug, PartialEq)]
pub struct Prospect {
    /// Which.
    pub case: CaseId,
    /// Of which campaign.
    pub campaign: CampaignId,
    /// Whose.
    pub patient: PatientId,
    /// The higher one goes first.
    pub priority: i16,
    /// When it became due.
    pub due: Wall,
    /// When it may be tried (again).
    pub next_at: Wall,
    /// When it is too late.
    pub deadline: Option<Wall>,
    /// The time at which the patient asked to be called.
    pub appointment: Option<Wall>,
    /// Its attempts so far, the first one first.
    pub tried: Vec<Tried>,
    /// A question of the survey was answered in one of them.
    pub has_answers: bool,
}

/// A number of a patient.
#[derive(Clone, Debug, PartialEq)]
pub struct ProspectNumber {
    /// Whose.
    pub patient: PatientId,
    /// Which.
    pub id: NumberId,
    /// Its digits.
    pub number: Number,
    /// Whose telephone it is.
    pub owner: Owner,
    /// `ok`, `suspect`, `vacant`, `suspended` or `wrong`.
    pub state: String,
}

/// A state of a patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProspectState {
    /// Whose.
    pub patient: PatientId,
    /// Which.
    pub state: PatientState,
    /// From when on.
    pub since: Wall,
    /// Up to when, as far as known.
    pub until: Option<Wall>,
}

/// An entry of the do-not-call list that holds.
#[derive(Clone, Debug, PartialEq)]
pub struct ProspectListed {
    /// The number; none if the patient is meant.
    pub number: Option<Number>,
    /// The patient; none if the number is meant, whosever it is.
    pub patient: Option<PatientId>,
    /// At which level.
    pub level: Listed,
    /// For which campaign; none: for all.
    pub campaign: Option<CampaignId>,
}

#[derive(FromRow)]
struct CaseRow {
    id: i64,
    campaign_id: i64,
    patient_id: i64,
    priority: i16,
    due_at: i64,
    next_at: i64,
    deadline_at: Option<i64>,
    appointment_at: Option<i64>,
    has_answers: bool,
}

/// `$1`: a running campaign that is not paused, `$2`: the end.
pub(super) const CASES: &str = "
select c.id, c.campaign_id, e.patient_id, c.priority, c.due_at, c.next_at, c.deadline_at, c.appointment_at,
    c.attempts > 0 and exists (select 1 from attempt a join answer w on w.attempt_id = a.id
        where a.case_id = c.id and w.kind = 'value') as has_answers
from cases c join encounter e on e.id = c.encounter_id
where c.campaign_id = $1 and c.state = 'open' and c.next_at < $2";

pub(super) const TRIED: &str = "
select a.case_id, a.begun_at, a.number_id, a.disposition, coalesce(a.counted, 0)
from cases c join attempt a on a.case_id = c.id
where c.campaign_id = $1 and c.state = 'open' and c.next_at < $2 and c.attempts > 0 and a.state = 'ended' and a.direction = 'out'
order by a.case_id, a.id";

pub(super) const NUMBERS: &str = "
select n.patient_id, n.id, n.digits, n.owner, n.state
from (select distinct e.patient_id from cases c join encounter e on e.id = c.encounter_id
      where c.campaign_id = $1 and c.state = 'open' and c.next_at < $2) asked
join number n on n.patient_id = asked.patient_id
order by n.patient_id, n.rank, n.id";

const STATES: &str = "
select s.patient_id, s.state, s.since, s.until from patient_state s where s.since < $2 and (s.until is null or s.until > $1)
union
select p.id, 'deceased', 0, null from patient p where p.deceased = 1";

const LISTED: &str = "
select d.digits, d.patient_id, d.level, coalesce(d.campaign_id, m.id)
from do_not_call d left join campaign m on d.level = 'purpose' and m.purpose = d.purpose
where d.ended_at is null and (d.until is null or d.until > $1) and (d.level <> 'purpose' or m.id is not null)";

/// The latest attempts, from the newest on: their order is that of time but for a clock that was set.
pub(super) const LATELY: &str = "
select id, digits, begun_at from attempt where id < $1 and direction = 'out' order by id desc limit 5000";

const LOCKED: &str = "select digits, locked_until from attempt where locked_until > $1";

type TriedRow = (i64, i64, Option<i64>, String, bool);
type NumberRow = (i64, i64, String, Option<String>, String);
type ListedRow = (Option<String>, Option<i64>, String, Option<i64>);

impl Reader {
    /// What is known at `now` of everybody whose turn in one of these campaigns comes before `end`.
    pub async fn prospects(&self, campaigns: &[CampaignId], now: Wall, end: Wall) -> Result<Prospects, Error> {
        let mut prospects = Prospects::default();
        for campaign in campaigns {
            self.read_cases(*campaign, end, &mut prospects).await?;
        }
        prospects.numbers.sort_by_key(|number| number.patient);
        prospects.numbers.dedup_by_key(|number| number.id);
        let states: Vec<(i64, String, i64, Option<i64>)> = sqlx::query_as(STATES)
            .bind(now.millis())
            .bind(end.millis())
            .fetch_all(self.pool())
            .await?;
        for (patient, state, since, until) in states {
            prospects.states.push(ProspectState {
                patient: PatientId(patient),
                state: PatientState::parse(&state).ok_or_else(|| Error::stored("patient_state.state", &state))?,
                since: Wall::from_millis(since),
                until: until.map(Wall::from_millis),
            });
        }
        let listed: Vec<ListedRow> = sqlx::query_as(LISTED).bind(now.millis()).fetch_all(self.pool()).await?;
        for (digits, patient, level, campaign) in listed {
            prospects.listed.push(ProspectListed {
                number: digits.as_deref().map(number_of).transpose()?,
                patient: patient.map(PatientId),
                level: match level.as_str() {
                    "always" => Listed::Always,
                    "purpose" => Listed::Purpose,
                    "campaign" => Listed::Campaign,
                    other => return Err(Error::stored("do_not_call.level", other)),
                },
                campaign: campaign.map(CampaignId),
            });
        }
        prospects.called = self.lately(now - LONGEST_CAP).await?;
        let locked: Vec<(String, i64)> = sqlx::query_as(LOCKED).bind(now.millis()).fetch_all(self.pool()).await?;
        for (digits, until) in locked {
            prospects.locked.push((number_of(&digits)?, Wall::from_millis(until)));
        }
        Ok(prospects)
    }

    async fn read_cases(&self, campaign: CampaignId, end: Wall, into: &mut Prospects) -> Result<(), Error> {
        let rows: Vec<CaseRow> = sqlx::query_as(CASES)
            .bind(campaign.0)
            .bind(end.millis())
            .fetch_all(self.pool())
            .await?;
        let first = into.cases.len();
        into.cases.extend(rows.into_iter().map(|row| Prospect {
            case: CaseId(row.id),
            campaign: CampaignId(row.campaign_id),
            patient: PatientId(row.patient_id),
            priority: row.priority,
            due: Wall::from_millis(row.due_at),
            next_at: Wall::from_millis(row.next_at),
            deadline: row.deadline_at.map(Wall::from_millis),
            appointment: row.appointment_at.map(Wall::from_millis),
            tried: Vec::new(),
            has_answers: row.has_answers,
        }));
        let own = into.cases.get_mut(first..).unwrap_or_default();
        own.sort_by_key(|prospect| prospect.case);
        let tried: Vec<TriedRow> = sqlx::query_as(TRIED)
            .bind(campaign.0)
            .bind(end.millis())
            .fetch_all(self.pool())
            .await?;
        for (case, at, number, disposition, counted) in tried {
            let Ok(place) = own.binary_search_by_key(&CaseId(case), |prospect| prospect.case) else {
                continue;
            };
            if let Some(prospect) = own.get_mut(place) {
                prospect.tried.push(Tried {
                    at: Wall::from_millis(at),
                    number: number.map(NumberId),
                    disposition: disposition_of(&disposition)?,
                    counted,
                    direction: Direction::Out,
                });
            }
        }
        let numbers: Vec<NumberRow> = sqlx::query_as(NUMBERS)
            .bind(campaign.0)
            .bind(end.millis())
            .fetch_all(self.pool())
            .await?;
        for (patient, id, digits, owner, state) in numbers {
            into.numbers.push(ProspectNumber {
                patient: PatientId(patient),
                id: NumberId(id),
                number: number_of(&digits)?,
                owner: match owner.as_deref() {
                    Some("kin") => Owner::Kin,
                    Some(_) | None => Owner::Patient,
                },
                state,
            });
        }
        Ok(())
    }

    /// The calls since then, read from the newest on.
    async fn lately(&self, since: Wall) -> Result<Vec<(Number, Wall)>, Error> {
        let mut called = Vec::new();
        let mut before = i64::MAX;
        loop {
            let page: Vec<(i64, String, i64)> = sqlx::query_as(LATELY).bind(before).fetch_all(self.pool()).await?;
            let Some((last, _, oldest)) = page.last() else { break };
            before = *last;
            let is_over = *oldest < since.millis();
            for (_, digits, at) in page {
                if at >= since.millis() {
                    called.push((number_of(&digits)?, Wall::from_millis(at)));
                }
            }
            if is_over {
                break;
            }
        }
        called.reverse();
        Ok(called)
    }
}

fn number_of(digits: &str) -> Result<Number, Error> {
    Number::parse(digits).map_err(|why| Error::stored("number.digits", why))
}

/// A case as a list shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseLabel {
    /// The visit number.
    pub visit_no: String,
    /// The patient's name, masked.
    pub name: Option<String>,
    /// The department.
    pub department: Option<String>,
}

pub(super) const LABELS: &str = "
select c.id, e.visit_no, p.name, e.department
from json_each($1) asked join cases c on c.id = asked.value
join encounter e on e.id = c.encounter_id join patient p on p.id = e.patient_id";

type LabelRow = (i64, String, Option<String>, Option<String>);

impl Reader {
    /// What lists show of these cases.
    pub async fn case_labels(&self, cases: &[CaseId]) -> Result<BTreeMap<CaseId, CaseLabel>, Error> {
        let mut labels = BTreeMap::new();
        for some in cases.chunks(1_000) {
            let ids = serde_json::to_string(some).unwrap_or_default();
            let rows: Vec<LabelRow> = sqlx::query_as(LABELS).bind(ids).fetch_all(self.pool()).await?;
            for (case, visit_no, name, department) in rows {
                let name = name.as_deref().map(mask_name);
                let label = CaseLabel {
                    visit_no,
                    name,
                    department,
                };
                labels.insert(CaseId(case), label);
            }
        }
        Ok(labels)
    }
}
