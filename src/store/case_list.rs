//! The cases behind a figure: those whose kind is among the kinds that the figure counts, by the same words as the tallies.

use serde_json::{Value, json};

use crate::dialer::Outcome;
use crate::ids::{AttemptId, CaseId};
use crate::moment::Wall;
use crate::outcome::Disposition;
use crate::pii::Pii;

use super::figures::{Given, Reported, answers_by_place, attempt_kind, case_kind, reported};
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
    /// The answer as it was given, if somebody corrected it.
    pub given: Option<Given>,
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
    is_corrected: bool,
    given_kind: Option<String>,
    given_value: Option<i64>,
    given_label: Option<String>,
}

/// What every line has.
macro_rules! line {
    () => {
        "select c.id, e.visit_no, p.patient_no, p.name, e.department, c.outcome, c.last_disposition, c.attempts"
    };
}

/// What a line without an answer has in its place.
macro_rules! no_answer {
    () => {
        ", null as question, null as kind, null as value, null as label, false as is_corrected, null as given_kind,
        null as given_value, null as given_label"
    };
}

/// After a place in the order of due times, `$4` and `$5`, and up to another, `$8` and `$9`.
macro_rules! stretch {
    () => {
        "(c.due_at, c.id) > ($4, $5) and (c.due_at, c.id) <= ($8, $9)"
    };
}

/// Whose they are: read when the line is one that is listed.
macro_rules! whose {
    () => {
        " cross join encounter e on e.id = c.encounter_id cross join patient p on p.id = e.patient_id "
    };
}

pub(super) const CASES: &str = concat!(
    line!(),
    ", null as attempt_id, null as begun_at, null as disposition",
    no_answer!(),
    " from cases c indexed by cases_became_due",
    whose!(),
    "where ",
    reported!("c.campaign_id + 0"),
    " and ",
    stretch!(),
    " and (",
    case_kind!(),
    ") in (select g.value ->> 0, g.value ->> 1, g.value ->> 2 from json_each($7) g)
    order by c.due_at, c.id"
);

pub(super) const ATTEMPTS: &str = concat!(
    line!(),
    ", a.id as attempt_id, a.begun_at, a.disposition",
    no_answer!(),
    " from cases c indexed by cases_became_due
    cross join attempt a on a.case_id = c.id and a.direction = 'out' left join recording r on r.attempt_id = a.id",
    whose!(),
    "where ",
    reported!("c.campaign_id + 0"),
    " and ",
    stretch!(),
    // How it ended is in the index of attempts: of the others the row is never read.
    " and coalesce(a.disposition, '') in (select k.value ->> 0 from json_each($7) k) and (",
    attempt_kind!(),
    ") in (select g.value ->> 0, g.value ->> 1, g.value ->> 2, g.value ->> 3 from json_each($7) g)
    order by c.due_at, c.id, a.id"
);

pub(super) const ANSWERS: &str = concat!(
    line!(),
    ", found.attempt_id, null as begun_at, null as disposition, found.question, found.kind, found.value, found.label, found.is_corrected,
        found.given_kind, found.given_value, found.given_label
    from (",
    answers_by_place!(
        "cases_became_due",
        "c.campaign_id + 0",
        "(c.due_at, c.id) > ($4, $5) and (c.due_at, c.id) <= ($8, $9)"
    ),
    ") found join cases c on c.id = found.case_id",
    whose!(),
    "where found.place = 1 and (found.question, found.kind, coalesce(found.value, ''), found.dialplan) in (
        select g.value ->> 0, g.value ->> 1, coalesce(g.value ->> 2, ''), g.value ->> 3 from json_each($7) g)
    order by c.due_at, c.id, found.question"
);

/// The last of the next `$6` cases of a campaign, `$1`, that became due in a period, `$2` and `$3`, after a place, `$4` and `$5`.
pub(super) const PAGE: &str = "
select due_at, id from (
    select c.due_at, c.id from cases c indexed by cases_became_due
    where c.campaign_id + 0 = $1 and c.due_at >= $2 and c.due_at < $3 and (c.due_at, c.id) > ($4, $5)
    order by c.due_at, c.id limit $6) page
order by due_at desc, id desc limit 1";

/// Where cases of these kinds stand that are in the tallies: the first due time from `$2` on and before `$3`, `$4` the
/// department or null, `$5` the kinds.
macro_rules! first_due {
    ($table:literal, $kind:literal, $wanted:literal) => {
        concat!(
            "select due_at from ",
            $table,
            " where campaign_id = $1 and due_at >= $2 and due_at < $3 and ($4 is null or department = $4) and n > 0 and (",
            $kind,
            ") in (select ",
            $wanted,
            " from json_each($5) g) order by due_at limit 1"
        )
    };
}

pub(super) const FIRST_CASE: &str = first_due!(
    "report_case",
    "outcome, last, attempted",
    "g.value ->> 0, g.value ->> 1, g.value ->> 2"
);
pub(super) const FIRST_ATTEMPT: &str = first_due!(
    "report_attempt",
    "disposition, answered, human, recorded",
    "g.value ->> 0, g.value ->> 1, g.value ->> 2, g.value ->> 3"
);
pub(super) const FIRST_ANSWER: &str = first_due!(
    "report_answer",
    "question, kind, value, dialplan",
    "g.value ->> 0, g.value ->> 1, coalesce(cast(g.value ->> 2 as text), ''), g.value ->> 3"
);

/// The same for the cases that are in no tally, whatever their kind.
pub(super) const FIRST_UNCOUNTED: &str = "
select min(found.due_at) from (
    select c.due_at from cases c where c.id in (select u.case_id from report_uncounted u)
        and +c.campaign_id = $1 and +c.due_at >= $2 and +c.due_at < $3
    union all
    select c.due_at from cases c where c.id > (select t.up_to from report_counted t where t.id = 1)
        and +c.campaign_id = $1 and +c.due_at >= $2 and +c.due_at < $3
) found";

/// A place in the order in which cases became due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// When the last case before it became due, in milliseconds.
    pub due_at: i64,
    /// That case.
    pub case: CaseId,
}

impl Place {
    /// Before every case.
    pub const FIRST: Self = Self {
        due_at: i64::MIN,
        case: CaseId(0),
    };
}

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

    fn first_due(&self) -> &'static str {
        match self {
            Self::Cases(_) => FIRST_CASE,
            Self::Attempts(_) => FIRST_ATTEMPT,
            Self::Answers(_) => FIRST_ANSWER,
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
    /// The last of the `limit` cases that became due in a period, after a place; none if there are no more.
    pub async fn case_page(
        &self,
        about: &Reported,
        period: Period,
        after: Place,
        limit: u32,
    ) -> Result<Option<Place>, Error> {
        let (from, to) = period.bounds();
        let last: Option<(i64, i64)> = sqlx::query_as(PAGE)
            .bind(about.campaign.0)
            .bind(from.max(after.due_at))
            .bind(to)
            .bind(after.due_at)
            .bind(after.case.0)
            .bind(limit)
            .fetch_optional(self.pool())
            .await?;
        Ok(last.map(|(due_at, id)| Place {
            due_at,
            case: CaseId(id),
        }))
    }

    /// A place from which on the first case of these kinds stands, not before `after`; none: there is no more. Where many
    /// cases are in no tally, that is `after` itself.
    pub async fn case_place(
        &self,
        about: &Reported,
        period: Period,
        picked: &Picked,
        after: Place,
    ) -> Result<Option<Place>, Error> {
        if !self.is_counted_ahead().await? {
            return Ok(Some(after));
        }
        let (from, to) = period.bounds();
        let from = from.max(after.due_at);
        let counted: Option<i64> = sqlx::query_scalar(picked.first_due())
            .bind(about.campaign.0)
            .bind(from)
            .bind(to)
            .bind(&about.department)
            .bind(picked.kinds().to_string())
            .fetch_optional(self.pool())
            .await?;
        let uncounted: Option<i64> = sqlx::query_scalar(FIRST_UNCOUNTED)
            .bind(about.campaign.0)
            .bind(from)
            .bind(to)
            .fetch_one(self.pool())
            .await?;
        let first = counted.into_iter().chain(uncounted).min();
        Ok(first.map(|due_at| match due_at > after.due_at {
            true => Place {
                due_at,
                case: CaseId(0),
            },
            false => after,
        }))
    }

    /// The lines of these kinds among the cases of a period, after one place and up to another.
    pub async fn listed(
        &self,
        about: &Reported,
        period: Period,
        picked: &Picked,
        (after, last): (Place, Place),
    ) -> Result<Vec<ListedCase>, Error> {
        let (from, to) = period.bounds();
        let rows: Vec<Row> = sqlx::query_as(picked.query())
            .bind(about.campaign.0)
            .bind(from.max(after.due_at))
            .bind(to.min(last.due_at.saturating_add(1)))
            .bind(after.due_at)
            .bind(after.case.0)
            .bind(&about.department)
            .bind(picked.kinds().to_string())
            .bind(last.due_at)
            .bind(last.case.0)
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
            given: match self.given_kind {
                Some(kind) if self.is_corrected => Some(Given {
                    kind,
                    value: self.given_value,
                    label: self.given_label,
                }),
                Some(_) | None => None,
            },
        })
    }
}
