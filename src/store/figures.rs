//! The tallies that reports are computed from, and the rows of the export. Only counting here; what a figure means is
//! defined in `report`.

use std::collections::BTreeMap;

use crate::dialer::Outcome;
use crate::ids::{CampaignId, CaseId};
use crate::moment::Wall;
use crate::outcome::Disposition;
use crate::pii::Pii;

use super::dialplan::parse_questions;
use super::finish::{disposition_of, outcome_of};
use super::{Error, Question, Reader};

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

    fn bounds(self) -> (i64, i64) {
        (self.from.map_or(i64::MIN, Wall::millis), self.to.millis())
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

/// Ended attempts that are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptTally {
    /// How they ended.
    pub disposition: Disposition,
    /// A 200 came.
    pub answered: bool,
    /// At least one key was pressed.
    pub human: bool,
    /// How many.
    pub n: u64,
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

/// Sums over the attempts of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Recordings {
    /// Recordings.
    pub recordings: u64,
    /// Their length together, in milliseconds.
    pub recording_ms: u64,
    /// Keys pressed.
    pub keys: u64,
    /// When the first attempt began, in milliseconds UTC.
    pub first_begun_at: Option<i64>,
    /// When the last attempt ended, in milliseconds UTC.
    pub last_ended_at: Option<i64>,
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
}

const ANSWERS: &str = "
with latest as (
    select w.question, w.kind, w.value, a.dialplan_hash, row_number() over (
        partition by a.case_id, w.question
        order by case when w.kind = 'value' then 0 else 1 end, w.at desc, w.id desc) as place
    from cases c join attempt a on a.case_id = c.id join answer w on w.attempt_id = a.id
    where c.campaign_id = $1 and c.due_at >= $2 and c.due_at < $3)
select question, kind, value, dialplan_hash as dialplan, count(*) as n from latest where place = 1
group by question, kind, value, dialplan_hash order by question, kind, value, dialplan_hash";

const SUMS: &str = "
select count(r.attempt_id) as recordings, coalesce(sum(r.duration_ms), 0) as recording_ms,
    coalesce(sum((select count(*) from pressed_key k where k.attempt_id = a.id)), 0) as keys,
    min(a.begun_at) as first_begun_at, max(a.ended_at) as last_ended_at
from cases c join attempt a on a.case_id = c.id left join recording r on r.attempt_id = a.id
where c.campaign_id = $1 and c.due_at >= $2 and c.due_at < $3";

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
    pub async fn case_tally(&self, campaign: CampaignId, period: Period) -> Result<Vec<CaseTally>, Error> {
        let (from, to) = period.bounds();
        let rows: Vec<(Option<String>, Option<String>, bool, u64)> = sqlx::query_as(
            "select outcome, last_disposition, attempts > 0, count(*) from cases
             where campaign_id = $1 and due_at >= $2 and due_at < $3
             group by outcome, last_disposition, attempts > 0",
        )
        .bind(campaign.0)
        .bind(from)
        .bind(to)
        .fetch_all(self.pool())
        .await?;
        rows.into_iter()
            .map(|(outcome, last, attempted, n)| {
                Ok(CaseTally {
                    outcome: outcome.as_deref().map(outcome_of).transpose()?,
                    last: last.as_deref().map(disposition_of).transpose()?,
                    attempted,
                    n,
                })
            })
            .collect()
    }

    /// The ended attempts at those cases.
    pub async fn attempt_tally(&self, campaign: CampaignId, period: Period) -> Result<Vec<AttemptTally>, Error> {
        let (from, to) = period.bounds();
        let rows: Vec<(String, bool, bool, u64)> = sqlx::query_as(
            "select disposition, answered, human, count(*) from (
                select a.disposition, a.answered_at is not null as answered,
                    exists (select 1 from pressed_key k where k.attempt_id = a.id) as human
                from cases c join attempt a on a.case_id = c.id
                where c.campaign_id = $1 and c.due_at >= $2 and c.due_at < $3 and a.state = 'ended') ended
             group by disposition, answered, human",
        )
        .bind(campaign.0)
        .bind(from)
        .bind(to)
        .fetch_all(self.pool())
        .await?;
        rows.into_iter()
            .map(|(disposition, answered, human, n)| {
                Ok(AttemptTally {
                    disposition: disposition_of(&disposition)?,
                    answered,
                    human,
                    n,
                })
            })
            .collect()
    }

    /// The answers of those cases.
    pub async fn answer_tally(&self, campaign: CampaignId, period: Period) -> Result<Vec<AnswerTally>, Error> {
        let (from, to) = period.bounds();
        let rows = sqlx::query_as(ANSWERS).bind(campaign.0).bind(from).bind(to);
        Ok(rows.fetch_all(self.pool()).await?)
    }

    /// Recordings, keys and times of the attempts at those cases.
    pub async fn recordings(&self, campaign: CampaignId, period: Period) -> Result<Recordings, Error> {
        let (from, to) = period.bounds();
        let row = sqlx::query_as(SUMS).bind(campaign.0).bind(from).bind(to);
        Ok(row.fetch_one(self.pool()).await?)
    }

    /// The questions of a campaign in order: those of its dialplan, then those that only earlier dialplans had, then
    /// what was answered without being listed (the stop-calling-me key).
    pub async fn questions(&self, campaign: CampaignId) -> Result<Vec<Question>, Error> {
        let texts: Vec<String> = sqlx::query_scalar(
            "select d.questions from dialplan d
             where d.hash = (select m.dialplan_hash from campaign m where m.id = $1)
                or d.hash in (select a.dialplan_hash from attempt a join cases c on c.id = a.case_id
                              where c.campaign_id = $1)
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

    async fn answered_questions(&self, campaign: CampaignId) -> Result<Vec<String>, Error> {
        Ok(sqlx::query_scalar(
            "select distinct w.question from cases c join attempt a on a.case_id = c.id
                join answer w on w.attempt_id = a.id
             where c.campaign_id = $1 order by w.question",
        )
        .bind(campaign.0)
        .fetch_all(self.pool())
        .await?)
    }
}
