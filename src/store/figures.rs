//! The tallies that reports are computed from, and the rows of the export. Only counting here; what a figure means is
//! defined in `report`.

use std::collections::{BTreeMap, BTreeSet};

use crate::dialer::Outcome;
use crate::ids::{CampaignId, CaseId};
use crate::moment::Wall;
use crate::outcome::Disposition;
use crate::pii::Pii;

use super::dialplan::parse_questions;
use super::finish::{disposition_of, outcome_of};
use super::stretch::Walk;
use super::{Error, Question, Reader, tally};

/// Which cases a report is about: those due in `[from, to)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first due time that belongs to it; none means from the beginning.
    pub from: Option<Wall>,
    /// The first due time that no longer does.
    pub to: Wall,
}

impl Period {
    /// All that has become due by `now`.
    pub fn until(now: Wall) -> Self {
        Self {
            from: None,
            to: now + std::time::Duration::from_millis(1),
        }
    }

    pub(super) fn bounds(self) -> (i64, i64) {
        (self.from.map_or(i64::MIN, Wall::millis), self.to.millis())
    }
}

/// Whose cases a report is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// Of this campaign,
    pub campaign: CampaignId,
    /// and of encounters of this department; none: of all.
    pub department: Option<String>,
}

impl From<CampaignId> for Reported {
    fn from(campaign: CampaignId) -> Self {
        Self {
            campaign,
            department: None,
        }
    }
}

/// Cases that are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseTally {
    /// How they ended; none while open.
    pub outcome: Option<Outcome>,
    /// How their last attempt ended.
    pub last: Option<Disposition>,
    /// Whether there was an attempt at all.
    pub attempted: bool,
    /// How many.
    pub n: u64,
}

/// Attempts that are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptTally {
    /// How they ended; none while they are under way.
    pub disposition: Option<Disposition>,
    /// A 200 came.
    pub answered: bool,
    /// At least one key was pressed.
    pub human: bool,
    /// There is a recording, or was one.
    pub recorded: bool,
    /// How many.
    pub n: u64,
    /// Keys pressed in all of them.
    pub keys: u64,
    /// Their recordings together, in milliseconds.
    pub recording_ms: u64,
    /// When the first began, in milliseconds UTC.
    pub first_begun_at: Option<i64>,
    /// When the last ended, in milliseconds UTC.
    pub last_ended_at: Option<i64>,
}

/// Answers that are alike. Of each case the last answer with a value counts, or else the last without one.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct AnswerTally {
    /// The question's id.
    pub question: String,
    /// `value`, `refused`, `silent`, `invalid`.
    pub kind: String,
    /// The value, for `value`.
    pub value: Option<i64>,
    /// The dialplan that asked, by content hash.
    pub dialplan: String,
    /// How many.
    pub n: u64,
}

/// One case in the export.
#[derive(Clone, Debug, PartialEq)]
pub struct ExportRow {
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
    /// When it became due, local.
    pub due_local: Option<String>,
    /// How it ended; none while open.
    pub outcome: Option<Outcome>,
    /// How its last attempt ended.
    pub last: Option<Disposition>,
    /// All attempts.
    pub attempts: u64,
    /// When the last answered attempt was answered, local.
    pub answered_local: Option<String>,
    /// How long it talked, in milliseconds.
    pub talk_ms: Option<i64>,
    /// Its recording, relative to the data folder.
    pub recording: Option<String>,
    /// The recording's SHA-256.
    pub sha256: Option<String>,
    /// Its answers by question.
    pub answers: BTreeMap<String, ExportAnswer>,
}

/// One answer in the export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportAnswer {
    /// `value`, `refused`, `silent`, `invalid`.
    pub kind: String,
    /// The value, for `value`.
    pub value: Option<i64>,
    /// What the value means.
    pub label: Option<String>,
    /// What stood there before somebody corrected it; none: it is as it was given.
    pub given: Option<Given>,
}

/// An answer as it was given, of one that was corrected since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// `value`, `refused`, `silent`, `invalid`.
    pub kind: String,
    /// The value, for `value`.
    pub value: Option<i64>,
    /// What it means.
    pub label: Option<String>,
}

/// The cases that a report is about: `$1` campaign, `$2` and `$3` the period, `$6` the department or null. Counts and lists
/// say it alike.
macro_rules! reported {
    () => {
        $crate::store::figures::reported!("c.campaign_id")
    };
    // As an index of the cases has it.
    ($campaign:literal) => {
        concat!(
            $campaign,
            " = $1 and c.due_at >= $2 and c.due_at < $3
            and ($6 is null or exists (select 1 from encounter h where h.id = c.encounter_id and h.department = $6))"
        )
    };
}

/// What cases are told apart by.
macro_rules! case_kind {
    () => {
        "coalesce(c.outcome, ''), coalesce(c.last_disposition, ''), c.attempts > 0"
    };
}

/// What attempts are told apart by. Without anything kept there is no key to look for; that is asked of the index, which
/// does not read the attempt itself.
macro_rules! attempt_kind {
    () => {
        "coalesce(a.disposition, ''), a.answered_at is not null,
        exists (select 1 from attempt h indexed by attempt_kept
                where h.case_id = a.case_id and h.id = a.id and h.kept > 0)
            and exists (select 1 from pressed_key k where k.attempt_id = a.id), r.attempt_id is not null"
    };
}

/// The answers of the cases of a stretch of an index, as they count; of each case and question the first one does.
macro_rules! answers_by_place {
    ($index:literal, $campaign:literal, $stretch:literal) => {
        concat!(
            "select c.id as case_id, w.attempt_id, w.dialplan, w.question, w.kind, w.value, w.label, w.is_corrected,
                w.given_kind, w.given_value, w.given_label, row_number() over (
                    partition by c.id, w.question
                    order by case when w.kind = 'value' then 0 else 1 end, w.at desc, w.id desc) as place
            from cases c indexed by ",
            $index,
            " join answer_now w on w.case_id = c.id where ",
            $crate::store::figures::reported!($campaign),
            " and ",
            $stretch
        )
    };
}

pub(super) use {answers_by_place, attempt_kind, case_kind, reported};

/// The cases after `$4` up to `$5`.
pub(super) const CASES: &str = concat!(
    "with kinds (outcome, last, attempted) as (select ",
    case_kind!(),
    " from cases c indexed by cases_campaign where ",
    reported!(),
    " and c.id > $4 and c.id <= $5
    ) select outcome, last, attempted, count(*) from kinds group by outcome, last, attempted"
);

/// The attempts at the cases after `$4` up to `$5`.
pub(super) const ATTEMPTS: &str = concat!(
    "with kinds (disposition, answered, human, recorded, id, ms, begun_at, ended_at) as materialized (select ",
    attempt_kind!(),
    ", a.id, r.duration_ms, a.begun_at, a.ended_at
    from cases c indexed by cases_campaign join attempt a on a.case_id = c.id and a.direction = 'out'
        left join recording r indexed by recording_length on r.attempt_id = a.id
    where ",
    reported!(),
    " and c.id > $4 and c.id <= $5
    ) select disposition, answered, human, recorded, count(*) as n,
        sum(case when human then (select count(*) from pressed_key k where k.attempt_id = kinds.id) else 0 end) as keys,
        coalesce(sum(ms), 0) as recording_ms, min(begun_at) as first_begun_at, max(ended_at) as last_ended_at
    from kinds group by disposition, answered, human, recorded"
);

pub(super) const ANSWERS: &str = concat!(
    "select question, kind, value, dialplan, count(*) as n from (",
    answers_by_place!("cases_campaign", "c.campaign_id", "c.id > $4 and c.id <= $5"),
    ") latest where place = 1
    group by question, kind, value, dialplan"
);

/// What was ever asked in the cases after `$2` up to `$3`.
pub(super) const ANSWERED: &str = "
select distinct w.question
from cases c join attempt a indexed by attempt_kept on a.case_id = c.id and a.kept > 0
    join answer w on w.attempt_id = a.id
where c.campaign_id = $1 and c.id > $2 and c.id <= $3";

#[derive(sqlx::FromRow)]
struct AttemptRow {
    disposition: String,
    answered: bool,
    human: bool,
    recorded: bool,
    n: u64,
    keys: u64,
    recording_ms: u64,
    first_begun_at: Option<i64>,
    last_ended_at: Option<i64>,
}

impl AttemptRow {
    /// More of the same kind.
    fn add(&mut self, other: &Self) {
        self.n += other.n;
        self.keys += other.keys;
        self.recording_ms += other.recording_ms;
        self.first_begun_at = self.first_begun_at.into_iter().chain(other.first_begun_at).min();
        self.last_ended_at = self.last_ended_at.into_iter().chain(other.last_ended_at).max();
    }
}

/// What the kinds write for nothing.
fn named(id: &str) -> Option<&str> {
    Some(id).filter(|id| !id.is_empty())
}

impl Reader {
    /// A time as the place's clock showed it, by the offsets in the database.
    pub async fn local(&self, at: Wall) -> Result<String, Error> {
        let local = sqlx::query_scalar(
            "select strftime('%Y-%m-%d %H:%M:%S', $1 / 1000 + coalesce(
                (select o.seconds from utc_offset o where o.from_at <= $1 order by o.from_at desc limit 1),
                (select o.seconds from utc_offset o order by o.from_at limit 1), 0), 'unixepoch')",
        );
        Ok(local.bind(at.millis()).fetch_one(self.pool()).await?)
    }

    /// The cases of a campaign that became due in a period.
    pub async fn case_tally(&self, about: &Reported, period: Period) -> Result<Vec<CaseTally>, Error> {
        let mut kinds: BTreeMap<(String, String, bool), u64> = BTreeMap::new();
        let mut add = |rows: Vec<(String, String, bool, u64)>| {
            for (outcome, last, attempted, n) in rows {
                *kinds.entry((outcome, last, attempted)).or_default() += n;
            }
        };
        if self.is_counted_ahead().await? {
            add(self.counted_ahead(tally::CASES, about, period).await?);
        } else {
            let mut walk = Walk::begin(self, about).await?;
            while let Some(part) = walk.next().await? {
                add(part.ask(CASES, period).await?);
            }
            walk.end().await;
        }
        let tally = kinds.into_iter().map(|((outcome, last, attempted), n)| {
            Ok(CaseTally {
                outcome: named(&outcome).map(outcome_of).transpose()?,
                last: named(&last).map(disposition_of).transpose()?,
                attempted,
                n,
            })
        });
        tally.collect()
    }

    /// The attempts at those cases.
    pub async fn attempt_tally(&self, about: &Reported, period: Period) -> Result<Vec<AttemptTally>, Error> {
        let mut kinds: BTreeMap<(String, bool, bool, bool), AttemptRow> = BTreeMap::new();
        let mut add = |rows: Vec<AttemptRow>| {
            for row in rows {
                let kind = (row.disposition.clone(), row.answered, row.human, row.recorded);
                match kinds.get_mut(&kind) {
                    Some(known) => known.add(&row),
                    None => drop(kinds.insert(kind, row)),
                }
            }
        };
        if self.is_counted_ahead().await? {
            add(self.counted_ahead(tally::ATTEMPTS, about, period).await?);
        } else {
            let mut walk = Walk::begin(self, about).await?;
            while let Some(part) = walk.next().await? {
                add(part.ask(ATTEMPTS, period).await?);
            }
            walk.end().await;
        }
        let tally = kinds.into_values().map(|row| {
            Ok(AttemptTally {
                disposition: named(&row.disposition).map(disposition_of).transpose()?,
                answered: row.answered,
                human: row.human,
                recorded: row.recorded,
                n: row.n,
                keys: row.keys,
                recording_ms: row.recording_ms,
                first_begun_at: row.first_begun_at,
                last_ended_at: row.last_ended_at,
            })
        });
        tally.collect()
    }

    /// The answers of those cases, as they were corrected.
    pub async fn answer_tally(&self, about: &Reported, period: Period) -> Result<Vec<AnswerTally>, Error> {
        let mut kinds: BTreeMap<(String, String, Option<i64>, String), u64> = BTreeMap::new();
        let mut add = |rows: Vec<AnswerTally>| {
            for row in rows {
                *kinds
                    .entry((row.question, row.kind, row.value, row.dialplan))
                    .or_default() += row.n;
            }
        };
        if self.is_counted_ahead().await? {
            add(self.counted_ahead(tally::ANSWERS, about, period).await?);
        } else {
            let mut walk = Walk::begin(self, about).await?;
            while let Some(part) = walk.next().await? {
                add(part.ask(ANSWERS, period).await?);
            }
            walk.end().await;
        }
        let tally = kinds
            .into_iter()
            .map(|((question, kind, value, dialplan), n)| AnswerTally {
                question,
                kind,
                value,
                dialplan,
                n,
            });
        Ok(tally.collect())
    }

    /// The questions of a campaign in order: those of its dialplan, then those that only earlier dialplans had, then
    /// what was answered without being listed (the stop-calling-me key).
    pub async fn questions(&self, campaign: CampaignId) -> Result<Vec<Question>, Error> {
        let texts: Vec<String> = sqlx::query_scalar(
            "select d.questions from dialplan d
             where d.hash = (select m.dialplan_hash from campaign m where m.id = $1)
                or d.hash in (select u.dialplan_hash from campaign_dialplan u where u.campaign_id = $1)
             order by case when d.hash = (select m.dialplan_hash from campaign m where m.id = $1) then 0 else 1 end,
                d.kept_at desc, d.hash",
        )
        .bind(campaign.0)
        .fetch_all(self.pool())
        .await?;
        let mut questions: Vec<Question> = Vec::new();
        for text in texts {
            for question in parse_questions(&text)? {
                if questions.iter().all(|known| known.id != question.id) {
                    questions.push(question);
                }
            }
        }
        for id in self.answered_questions(campaign).await? {
            if questions.iter().all(|known| known.id != id) {
                questions.push(Question::unlisted(id));
            }
        }
        Ok(questions)
    }

    async fn answered_questions(&self, campaign: CampaignId) -> Result<BTreeSet<String>, Error> {
        if self.is_counted_ahead().await? {
            return self.questions_counted_ahead(campaign).await;
        }
        let mut questions = BTreeSet::new();
        let mut walk = Walk::begin(self, &Reported::from(campaign)).await?;
        while let Some(mut part) = walk.next().await? {
            questions.extend(part.answered().await?);
        }
        walk.end().await;
        Ok(questions)
    }
}
