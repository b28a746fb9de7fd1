//! The cases behind a figure: those whose kind is among the kinds that the figure counts, by the same words as the tallies.

use serde_json::{Value, json};

use crate::dialer::Outcome;
use crate::ids::{AttemptId, CampaignId, CaseId};
use crate::moment::Wall;
use crate::outcome::Disposition;
use crate::pii::Pii;

use super::figures::{answers_by_place, attempt_kind, case_kind, reported};
use super::finish::{disposition_of, outcome_of};
use super::{AnswerTally, AttemptTally, CaseTally, Error, Period, Reader};

/// The kinds of what is listed, as the tallies tell them apart.
#[derive(Clone, Debug, PartialEq)]
pub enum Picked {
    /// A line for each case.
    Cases(Vec<CaseTally>),
    /// A line for each attempt.
    Attempts(Vec<AttemptTally>),
    /// A line for each answer that counts.
    Answers(Vec<AnswerTally>),
}

/// A line of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedCase {
    /// The case.
    pub case: CaseId,
    /// The visit number.
    pub visit_no: String,
    /// The patient's number in the hospital.
    pub patient_no: Option<String>,
    /// The patient's name.
    pub name: Pii<Option<String>>,
    /// The department.
    pub department: Option<String>,
    /// How the case ended; none while open.
    pub outcome: Option<Outcome>,
    /// How its last attempt ended.
    pub last: Option<Disposition>,
    /// All attempts.
    pub attempts: u64,
    /// The attempt that is listed, or that brought the answer.
    pub attempt: Option<AttemptId>,
    /// When it began.
    pub begun_at: Option<Wall>,
    /// How it ended.
    pub disposition: Option<Disposition>,
    /// The question of the answer.
    pub question: Option<String>,
    /// `value`, `refused`, `silent`, `invalid`.
    pub kind: Option<String>,
    /// The answer's value.
    pub value: Option<i64>,
    /// What it means.
    pub label: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    visit_no: String,
    patient_no: Option<String>,
    name: Option<String>,
    department: Option<String>,
    outcome: Option<String>,
    last_disposition: Option<String>,
    attempts: u64,
    attempt_id: Option<i64>,
    begun_at: Option<i64>,
    disposition: Option<String>,
    question: Option<String>,
    kind: Option<String>,
    value: Option<i64>,
    label: Option<String>,
}

/// What every line has.
macro_rules! line {
    () => {
        "select c.id, e.visit_no, p.patient_no, p.name, e.department, c.outcome, c.last_disposition, c.attempts"
    };
}

/// Whose they are.
macro_rules! whose {
    () => {
        " join encounter e on e.id = c.encounter_id join patient p on p.id = e.patient_id "
    };
}

pub(super) const CASES: &str = concat!(
    line!(),
    ", null as attempt_id, null as begun_at, null as disposition, null as question, null as kind, null as value,
        null as label
    from cases c",
    whose!(),
    "where ",
    reported!(),
    " and c.id > $4 and c.id <= $5 and (",
    case_kind!(),
    ") in (select g.value ->> 0, g.value ->> 1, g.value ->> 2 from json_each($6) g)
    order by c.id"
);

pub(super) const ATTEMPTS: &str = concat!(
    line!(),
    ", a.id as attempt_id, a.begun_at, a.disposition, null as question, null as kind, null as value, null as label
    from cases c",
    whose!(),
    "join attempt a on a.case_id = c.id left join recording r on r.attempt_id = a.id
    where ",
    reported!(),
    " and c.id > $4 and c.id <= $5 and (",
    attempt_kind!(),
    ") in (select g.value ->> 0, g.value ->> 1, g.value ->> 2, g.value ->> 3 from json_each($6) g)
    order by c.id, a.id"
);

pub(super) const ANSWERS: &str = concat!(
    line!(),
    ", l.attempt_id, null as begun_at, null as disposition, l.question, l.kind, l.value, l.label
    from (",
    answers_by_place!(),
    ") l join cases c on c.id = l.case_id",
    whose!(),
    "where l.place = 1 and (l.question, l.kind, coalesce(l.value, ''), l.dialplan) in (
        select g.value ->> 0, g.value ->> 1, coalesce(g.value ->> 2, ''), g.value ->> 3 from json_each($6) g)
    order by c.id, l.question"
);

impl Picked {
    /// Whether nothing is of these kinds.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Cases(kinds) => kinds.is_empty(),
            Self::Attempts(kinds) => kinds.is_empty(),
            Self::Answers(kinds) => kinds.is_empty(),
        }
    }

    fn query(&self) -> &'static str {
        match self {
            Self::Cases(_) => CASES,
            Self::Attempts(_) => ATTEMPTS,
            Self::Answers(_) => ANSWERS,
        }
    }

    fn kinds(&self) -> Value {
        let last = |last: Option<Disposition>| last.map_or("", Disposition::as_str);
        match self {
            Self::Cases(kinds) => kinds
                .iter()
                .map(|kind| {
                    let outcome = kind.outcome.map_or("", Outcome::as_str);
                    json!([outcome, last(kind.last), i64::from(kind.attempted)])
                })
                .collect(),
            Self::Attempts(kinds) => kinds
                .iter()
                .map(|kind| {
                    let flags = [kind.answered, kind.human, kind.recorded].map(i64::from);
                    json!([last(kind.disposition), flags[0], flags[1], flags[2]])
                })
                .collect(),
            Self::Answers(kinds) => kinds
                .iter()
                .map(|kind| json!([kind.question, kind.kind, kind.value, kind.dialplan]))
                .collect(),
        }
    }
}

impl Reader {
    /// The last of the `limit` cases of a campaign after `after`; none if there are no more.
    pub async fn case_page(&self, campaign: CampaignId, after: CaseId, limit: u32) -> Result<Option<CaseId>, Error> {
        let last: Option<i64> = sqlx::query_scalar(
            "select max(id) from (select id from cases where campaign_id = $1 and id > $2 order by id limit $3)",
        )
        .bind(campaign.0)
        .bind(after.0)
        .bind(limit)
        .fetch_one(self.pool())
        .await?;
        Ok(last.map(CaseId))
    }

    /// The lines of these kinds among the cases of a period, after one case and up to another.
    pub async fn listed(
        &self,
        campaign: CampaignId,
        period: Period,
        picked: &Picked,
        (after, last): (CaseId, CaseId),
    ) -> Result<Vec<ListedCase>, Error> {
        let (from, to) = period.bounds();
        let rows: Vec<Row> = sqlx::query_as(picked.query())
            .bind(campaign.0)
            .bind(from)
            .bind(to)
            .bind(after.0)
            .bind(last.0)
            .bind(picked.kinds().to_string())
            .fetch_all(self.pool())
            .await?;
        rows.into_iter().map(Row::line).collect()
    }
}

impl Row {
    fn line(self) -> Result<ListedCase, Error> {
        Ok(ListedCase {
            case: CaseId(self.id),
            visit_no: self.visit_no,
            patient_no: self.patient_no,
            name: Pii::new(self.name),
            department: self.department,
            outcome: self.outcome.as_deref().map(outcome_of).transpose()?,
            last: self.last_disposition.as_deref().map(disposition_of).transpose()?,
            attempts: self.attempts,
            attempt: self.attempt_id.map(AttemptId),
            begun_at: self.begun_at.map(Wall::from_millis),
            disposition: self.disposition.as_deref().map(disposition_of).transpose()?,
            question: self.question,
            kind: self.kind,
            value: self.value,
            label: self.label,
        })
    }
}
