//! The records themselves, row by row: attempts, keys, answers and the pages of the export.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::ids::{AttemptId, CampaignId, CaseId};
use crate::moment::Wall;
use crate::outcome::{Disposition, Facts};
use crate::phone::{Key, Number};
use crate::pii::Pii;

use super::finish::{disposition_of, outcome_of};
use super::{Error, ExportAnswer, ExportRow, Given, Reader};

/// An attempt as it stands in the database.
#[derive(Clone, Debug, PartialEq)]
pub struct AttemptRecord {
    /// The attempt.
    pub attempt: AttemptId,
    /// Its case; none for a test call.
    pub case: Option<CaseId>,
    /// The number dialed.
    pub number: Number,
    /// Over which trunk.
    pub trunk: String,
    /// Which attempt of its case, from 1.
    pub ordinal: u16,
    /// When it began.
    pub begun_at: Wall,
    /// When the 200 came.
    pub answered_at: Option<Wall>,
    /// When it ended; none while under way.
    pub ended_at: Option<Wall>,
    /// How it ended.
    pub disposition: Option<Disposition>,
    /// The rule that said so.
    pub rule: Option<String>,
    /// What happened.
    pub facts: Option<Facts>,
    /// The content hash of its dialplan.
    pub dialplan: String,
    /// The session after the last key, for resuming.
    pub session: Option<String>,
    /// The attempt whose unfinished questionnaire it went on with: the case's answers are those of both.
    pub resumed_from: Option<AttemptId>,
}

/// A key as it stands in the database.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KeyRecord {
    /// Of which attempt.
    pub attempt: AttemptId,
    /// Its place, from 1.
    pub seq: u32,
    /// Which key.
    pub key: Key,
    /// When.
    pub at: Wall,
    /// The question that was open.
    pub question: Option<String>,
}

/// An answer as it stands in the database.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AnswerRecord {
    /// Of which attempt.
    pub attempt: AttemptId,
    /// To which question.
    pub question: String,
    /// `value`, `refused`, `silent`, `invalid`.
    pub kind: String,
    /// The value, for `value`.
    pub value: Option<i64>,
    /// What the value means.
    pub label: Option<String>,
    /// The keys that made it.
    pub keys: String,
}

#[derive(sqlx::FromRow)]
struct AttemptRow {
    id: i64,
    case_id: Option<i64>,
    digits: String,
    trunk: String,
    ordinal: u16,
    begun_at: i64,
    answered_at: Option<i64>,
    ended_at: Option<i64>,
    disposition: Option<String>,
    rule: Option<String>,
    facts: Option<String>,
    dialplan_hash: String,
    session: Option<String>,
    resumed_from: Option<i64>,
}

impl AttemptRow {
    fn record(self) -> Result<AttemptRecord, Error> {
        let facts = self.facts.as_deref().map(serde_json::from_str);
        Ok(AttemptRecord {
            attempt: AttemptId(self.id),
            case: self.case_id.map(CaseId),
            number: Number::parse(&self.digits).map_err(|why| Error::stored("attempt.digits", why))?,
            trunk: self.trunk,
            ordinal: self.ordinal,
            begun_at: Wall::from_millis(self.begun_at),
            answered_at: self.answered_at.map(Wall::from_millis),
            ended_at: self.ended_at.map(Wall::from_millis),
            disposition: self.disposition.as_deref().map(disposition_of).transpose()?,
            rule: self.rule,
            facts: facts.transpose().map_err(|why| Error::stored("attempt.facts", why))?,
            dialplan: self.dialplan_hash,
            session: self.session,
            resumed_from: self.resumed_from.map(AttemptId),
        })
    }
}

#[derive(sqlx::FromRow)]
struct CaseRow {
    id: i64,
    visit_no: String,
    patient_no: Option<String>,
    name: Option<String>,
    department: Option<String>,
    due_local: Option<String>,
    outcome: Option<String>,
    last_disposition: Option<String>,
    attempts: u64,
    answered_local: Option<String>,
    talk_ms: Option<i64>,
    path: Option<String>,
    sha256: Option<String>,
}

#[derive(sqlx::FromRow)]
struct AnswerRow {
    question: String,
    kind: String,
    value: Option<i64>,
    label: Option<String>,
    keys: String,
}

#[derive(sqlx::FromRow)]
struct PageAnswerRow {
    case_id: i64,
    question: String,
    kind: String,
    value: Option<i64>,
    label: Option<String>,
    is_corrected: bool,
    given_kind: String,
    given_value: Option<i64>,
    given_label: Option<String>,
}

/// The recording and the talk are those of the case's last answered attempt.
const PAGE: &str = "
select c.id, e.visit_no, p.patient_no, p.name, e.department,
    (select v.due_local from v_case v where v.id = c.id) as due_local,
    c.outcome, c.last_disposition, c.attempts,
    (select v.answered_local from v_attempt v where v.id = a.id) as answered_local,
    a.ended_at - a.answered_at as talk_ms, case when r.purged_at is null then r.path end as path, r.sha256
from cases c
join encounter e on e.id = c.encounter_id
join patient p on p.id = e.patient_id
left join attempt a on a.id = (
    select max(b.id) from attempt b where b.case_id = c.id and b.answered_at is not null)
left join recording r on r.attempt_id = a.id
where c.campaign_id = $1 and c.id > $2
order by c.id limit $3";

const PAGE_ANSWERS: &str = "
select case_id, question, kind, value, label, is_corrected, given_kind, given_value, given_label from (
    select w.*, row_number() over (
        partition by w.case_id, w.question
        order by case when w.kind = 'value' then 0 else 1 end, w.at desc, w.id desc) as place
    from cases c join answer_now w on w.case_id = c.id
    where c.campaign_id = $1 and c.id > $2 and c.id <= $3) latest
where place = 1";

impl Reader {
    /// One attempt.
    pub async fn attempt(&self, attempt: AttemptId) -> Result<AttemptRecord, Error> {
        let row: Option<AttemptRow> = sqlx::query_as(
            "select id, case_id, digits, trunk, ordinal, begun_at, answered_at, ended_at, disposition, rule, facts,
                dialplan_hash, session, resumed_from
             from attempt where id = $1",
        )
        .bind(attempt.0)
        .fetch_optional(self.pool())
        .await?;
        row.ok_or(Error::NoAttempt(attempt))?.record()
    }

    /// The attempts of a campaign after `after`, oldest first, at most `limit`.
    pub async fn attempts(
        &self,
        campaign: CampaignId,
        after: AttemptId,
        limit: u32,
    ) -> Result<Vec<AttemptRecord>, Error> {
        let rows: Vec<AttemptRow> = sqlx::query_as(
            "select a.id, a.case_id, a.digits, a.trunk, a.ordinal, a.begun_at, a.answered_at, a.ended_at,
                a.disposition, a.rule, a.facts, a.dialplan_hash, a.session, a.resumed_from
             from attempt a join cases c on c.id = a.case_id
             where c.campaign_id = $1 and a.id > $2 order by a.id limit $3",
        )
        .bind(campaign.0)
        .bind(after.0)
        .bind(limit)
        .fetch_all(self.pool())
        .await?;
        rows.into_iter().map(AttemptRow::record).collect()
    }

    /// The keys of an attempt in order.
    pub async fn keys(&self, attempt: AttemptId) -> Result<Vec<KeyRecord>, Error> {
        let rows: Vec<(u32, String, i64, Option<String>)> =
            sqlx::query_as("select seq, key, at, question from pressed_key where attempt_id = $1 order by seq")
                .bind(attempt.0)
                .fetch_all(self.pool())
                .await?;
        rows.into_iter()
            .map(|(seq, key, at, question)| {
                let pressed = key.chars().next().and_then(Key::from_char);
                Ok(KeyRecord {
                    attempt,
                    seq,
                    key: pressed.ok_or_else(|| Error::stored("pressed_key.key", key))?,
                    at: Wall::from_millis(at),
                    question,
                })
            })
            .collect()
    }

    /// The answers of an attempt in the order they were given.
    pub async fn answers(&self, attempt: AttemptId) -> Result<Vec<AnswerRecord>, Error> {
        let rows: Vec<AnswerRow> = sqlx::query_as(
            "select question, kind, value, label, keys from answer where attempt_id = $1 order by keep_seq, id",
        )
        .bind(attempt.0)
        .fetch_all(self.pool())
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| AnswerRecord {
                attempt,
                question: row.question,
                kind: row.kind,
                value: row.value,
                label: row.label,
                keys: row.keys,
            })
            .collect())
    }

    /// A page of the export: the cases of a campaign after `after`, at most `limit`.
    pub async fn export_page(&self, campaign: CampaignId, after: CaseId, limit: u32) -> Result<Vec<ExportRow>, Error> {
        let rows: Vec<CaseRow> = sqlx::query_as(PAGE)
            .bind(campaign.0)
            .bind(after.0)
            .bind(limit)
            .fetch_all(self.pool())
            .await?;
        let Some(last) = rows.last() else {
            return Ok(Vec::new());
        };
        let mut answers = self.page_answers(campaign, after, CaseId(last.id)).await?;
        rows.into_iter()
            .map(|row| {
                Ok(ExportRow {
                    case: CaseId(row.id),
                    visit_no: row.visit_no,
                    patient_no: row.patient_no,
                    name: Pii::new(row.name),
                    department: row.department,
                    due_local: row.due_local,
                    outcome: row.outcome.as_deref().map(outcome_of).transpose()?,
                    last: row.last_disposition.as_deref().map(disposition_of).transpose()?,
                    attempts: row.attempts,
                    answered_local: row.answered_local,
                    talk_ms: row.talk_ms,
                    recording: row.path,
                    sha256: row.sha256,
                    answers: answers.remove(&row.id).unwrap_or_default(),
                })
            })
            .collect()
    }

    async fn page_answers(
        &self,
        campaign: CampaignId,
        after: CaseId,
        last: CaseId,
    ) -> Result<BTreeMap<i64, BTreeMap<String, ExportAnswer>>, Error> {
        let rows: Vec<PageAnswerRow> = sqlx::query_as(PAGE_ANSWERS)
            .bind(campaign.0)
            .bind(after.0)
            .bind(last.0)
            .fetch_all(self.pool())
            .await?;
        let mut answers: BTreeMap<i64, BTreeMap<String, ExportAnswer>> = BTreeMap::new();
        for row in rows {
            let answer = ExportAnswer {
                kind: row.kind,
                value: row.value,
                label: row.label,
                given: row.is_corrected.then_some(Given {
                    kind: row.given_kind,
                    value: row.given_value,
                    label: row.given_label,
                }),
            };
            answers.entry(row.case_id).or_default().insert(row.question, answer);
        }
        Ok(answers)
    }
}
