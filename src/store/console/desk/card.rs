//! What the desk reads: the conversation, the case with its patient, what was answered and written.

use std::time::Duration;

use super::TicketRow;
use super::reserve::{LATE, PREVIEW_OVER};
use crate::dialer::Direction;
use crate::ids::{AgentId, AttemptId, CaseId, ConversationId, PatientId};
use crate::moment::Wall;
use crate::outcome::Facts;
use crate::pii::{Pii, mask_name, mask_no};
use crate::store::why::direction_of;
use crate::store::{Error, Reader};

/// A conversation as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ConversationRow {
    /// Its row.
    pub id: i64,
    /// Whose.
    pub account_id: i64,
    /// About which case.
    pub case_id: Option<i64>,
    /// Which number is called, or would be.
    pub number_id: Option<i64>,
    /// `next`, `picked`, `asked_for` or `called_in`.
    pub origin: String,
    /// When the case came before the agent.
    pub begun_at: Wall,
    /// Until when it is looked at.
    pub preview_until: Option<Wall>,
    /// The attempt, once it is written down.
    pub attempt_id: Option<i64>,
    /// How that ended by its facts; nothing while it is under way.
    pub disposition: Option<String>,
    /// What the facts said, where the agent said otherwise.
    pub classified: Option<String>,
    /// Whether the patient answered.
    pub is_answered: bool,
    /// The rule that refused it.
    pub refused: Option<String>,
    /// When it was over.
    pub ended_at: Option<Wall>,
    /// How the agent's leg ended.
    pub agent_ending: Option<String>,
    /// The SIP status of that.
    pub agent_status: Option<u16>,
    /// The Q.850 cause of that.
    pub agent_cause: Option<u8>,
    /// How the patient's leg ended.
    pub patient_ending: Option<String>,
    /// The SIP status of that.
    pub patient_status: Option<u16>,
    /// The Q.850 cause of that.
    pub patient_cause: Option<u8>,
    /// What the agent said came of it.
    pub outcome: Option<String>,
    /// And why.
    pub cause: Option<String>,
}

/// A case that was before an agent until the time of its preview ran out; the name masked.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct GivenBackRow {
    /// The case.
    pub case_id: i64,
    /// The patient's name, masked.
    pub name: Option<String>,
    /// When its time ran out.
    pub preview_until: Wall,
}

/// A case with its patient.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct DeskCard {
    /// The case.
    pub case_id: i64,
    /// Whose.
    pub patient_id: i64,
    /// The name.
    #[sqlx(try_from = "Option<String>")]
    pub name: Pii<Option<String>>,
    /// Masked.
    pub patient_no: Option<String>,
    /// `male` or `female`.
    pub sex: Option<String>,
    /// As the list had it.
    pub birth: Option<String>,
    /// As the list had it.
    pub age: Option<String>,
    /// What the patient speaks.
    pub language: Option<String>,
    /// Whether the patient has died.
    pub deceased: bool,
    /// Those that hold now, by commas.
    pub states: Option<String>,
    /// The campaign's name.
    pub campaign: String,
    /// Masked.
    pub visit_no: String,
    /// The department.
    pub department: Option<String>,
    /// The ward.
    pub ward: Option<String>,
    /// The bed.
    pub bed: Option<String>,
    /// The doctor.
    pub doctor: Option<String>,
    /// The diagnoses as one text.
    pub diagnoses: Option<String>,
    /// When admitted.
    pub admitted_at: Option<Wall>,
    /// When discharged.
    pub discharged_at: Option<Wall>,
    /// When the follow-up became due.
    pub due_at: Wall,
    /// When it is too late.
    pub deadline_at: Option<Wall>,
    /// The time that the patient asked for.
    pub appointment_at: Option<Wall>,
    /// The higher one goes first.
    pub priority: i64,
    /// Attempts that count.
    pub counted: u32,
    /// The dialplan of its last unfinished attempt, or of its campaign, by content hash.
    pub dialplan_hash: String,
}

/// An earlier attempt of the patient's cases.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct DeskAttemptRow {
    /// Its row.
    pub id: i64,
    /// `out`: we called; `in`: the patient called us.
    direction: String,
    /// When it began.
    pub begun_at: Wall,
    /// The agent who made it.
    pub agent: Option<String>,
    /// How it ended.
    pub disposition: Option<String>,
    /// The rule that said so.
    pub rule: Option<String>,
    facts: Option<String>,
    /// Questions that it answered.
    pub answers: u32,
}

impl DeskAttemptRow {
    /// Who called.
    pub fn direction(&self) -> Result<Direction, Error> {
        direction_of(&self.direction)
    }

    /// The facts that it was judged by; none while it runs.
    pub fn facts(&self) -> Result<Option<Facts>, Error> {
        let read = |text: &String| serde_json::from_str(text).map_err(|why| Error::stored("attempt.facts", why));
        self.facts.as_ref().map(read).transpose()
    }
}

/// An answer of a case.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct DeskAnswerRow {
    /// Of which attempt.
    pub attempt_id: i64,
    /// The question's id in the dialplan.
    pub question: String,
    /// `value`, `refused`, `silent` or `invalid`.
    pub kind: String,
    /// The value.
    pub value: Option<i64>,
    /// What it means.
    pub label: Option<String>,
    /// The keys that made it.
    pub keys: String,
    /// `patient` or `agent`.
    pub source: String,
    /// What was written beside it.
    pub remark: Option<String>,
    /// When.
    pub at: Wall,
}

/// What an agent wrote in an earlier conversation.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct DeskNoteRow {
    /// When it was last saved.
    pub at: Wall,
    /// The agent's name.
    pub who: String,
    /// The words.
    pub text: String,
}

/// The sheet that is being written.
#[derive(Clone, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct OpenNote {
    /// The words.
    pub text: String,
    /// Counts the savings.
    pub version: i64,
    /// When it was last saved.
    pub saved_at: Wall,
}

pub(in crate::store) const OPEN: &str = "
select v.id, v.account_id, v.case_id, v.number_id, v.origin, v.begun_at, v.preview_until, v.attempt_id, a.disposition,
    a.classified, a.answered_at is not null as is_answered, v.refused, v.ended_at, v.agent_ending, v.agent_status,
    v.agent_cause, v.patient_ending, v.patient_status, v.patient_cause, v.outcome, v.cause
from conversation v left join attempt a on a.id = v.attempt_id
where v.account_id = $1 and v.settled_at is null";

/// The last conversation of an agent since a time, where its preview ran out; also where that is so by the clock and nothing has
/// settled it yet.
pub(in crate::store) const GIVEN_BACK: &str = "
select c.id as case_id, p.name, v.preview_until
from conversation v join cases c on c.id = v.case_id
join encounter e on e.id = c.encounter_id join patient p on p.id = e.patient_id
where v.id = (select l.id from conversation l where l.account_id = $1 and l.begun_at >= $2 order by l.begun_at desc, l.id desc limit 1)
    and v.preview_until is not null and (v.skipped = $3 or (v.settled_at is null and v.ended_at is null and v.preview_until <= $4))";

pub(in crate::store) const CARD: &str = "
select c.id as case_id, p.id as patient_id, p.name, p.patient_no, p.sex, p.birth, p.age, p.language, p.deceased,
    (select group_concat(distinct s.state) from patient_state s
        where s.patient_id = p.id and s.since <= $2 and (s.until is null or s.until > $2)) as states,
    m.name as campaign, e.visit_no, e.department, e.ward, e.bed, e.doctor, e.diagnoses, e.admitted_at, e.discharged_at,
    c.due_at, c.deadline_at, c.appointment_at, c.priority, c.counted,
    coalesce((select a.dialplan_hash from attempt a
        where a.case_id = c.id and (a.state = 'begun' or a.session is not null or a.account_id is not null)
        order by a.id desc limit 1), m.dialplan_hash) as dialplan_hash
from cases c join campaign m on m.id = c.campaign_id
join encounter e on e.id = c.encounter_id join patient p on p.id = e.patient_id
where c.id = $1";

pub(in crate::store) const HISTORY: &str = "
select a.id, a.direction, a.begun_at, t.name as agent, a.disposition, a.rule, a.facts,
    (select count(*) from answer w where w.attempt_id = a.id and w.kind = 'value') as answers
from encounter e join cases c on c.encounter_id = e.id join attempt a on a.case_id = c.id
left join account t on t.id = a.account_id
where e.patient_id = $1 order by a.id desc limit 50";

pub(in crate::store) const ANSWERS: &str = "
select w.attempt_id, w.question, w.kind, w.value, w.label, w.keys, w.source, w.remark, w.at
from attempt a join answer w on w.attempt_id = a.id where a.case_id = $1 order by w.attempt_id, w.at, w.id limit 1000";

pub(in crate::store) const NOTES: &str = "
select n.saved_at as at, t.name as who, n.text
from encounter e join cases c on c.encounter_id = e.id join note n on n.case_id = c.id join account t on t.id = n.account_id
where e.patient_id = $1 and n.closed_at is not null and n.text <> '' order by n.id desc limit 50";

pub(in crate::store) const TICKETS: &str = "
select id, department, text, due_at, state, opened_at from ticket where case_id = $1 order by id desc limit 50";

impl ConversationRow {
    /// Whether its preview ran out and nobody was called: the case waits for the next agent already. Who no longer looks at it
    /// has no time left over.
    pub fn is_given_back(&self, now: Wall, is_looked_at: bool) -> bool {
        let late = if is_looked_at { LATE } else { Duration::ZERO };
        self.ended_at.is_none() && self.preview_until.is_some_and(|until| until + late < now)
    }
}

impl Reader {
    /// The conversation of an agent that is not settled.
    pub async fn open_conversation(&self, agent: AgentId) -> Result<Option<ConversationRow>, Error> {
        Ok(sqlx::query_as(OPEN).bind(agent.0).fetch_optional(self.pool()).await?)
    }

    /// The case that was before an agent last, if the time of its preview ran out since a time; for an agent who has none now.
    pub async fn given_back(&self, agent: AgentId, since: Wall, now: Wall) -> Result<Option<GivenBackRow>, Error> {
        let row: Option<GivenBackRow> = sqlx::query_as(GIVEN_BACK)
            .bind(agent.0)
            .bind(since.millis())
            .bind(PREVIEW_OVER)
            .bind(now.millis())
            .fetch_optional(self.pool())
            .await?;
        Ok(row.map(|row| GivenBackRow {
            name: row.name.as_deref().map(mask_name),
            ..row
        }))
    }

    /// A case with its patient, the number masked, the name not.
    ///
    /// # Errors
    /// [`Error::NoCase`]
    pub async fn desk_card(&self, case: CaseId, now: Wall) -> Result<DeskCard, Error> {
        let card: Option<DeskCard> = sqlx::query_as(CARD)
            .bind(case.0)
            .bind(now.millis())
            .fetch_optional(self.pool())
            .await?;
        let card = card.ok_or(Error::NoCase(case))?;
        Ok(DeskCard {
            patient_no: card.patient_no.as_deref().map(mask_no),
            visit_no: mask_no(&card.visit_no),
            ..card
        })
    }

    /// The attempts at a patient, the latest first, at most 50.
    pub async fn desk_history(&self, patient: PatientId) -> Result<Vec<DeskAttemptRow>, Error> {
        Ok(sqlx::query_as(HISTORY).bind(patient.0).fetch_all(self.pool()).await?)
    }

    /// The answers of a case, the latest last: of a question that was answered twice the last one holds.
    pub async fn desk_answers(&self, case: CaseId) -> Result<Vec<DeskAnswerRow>, Error> {
        Ok(sqlx::query_as(ANSWERS).bind(case.0).fetch_all(self.pool()).await?)
    }

    /// What agents wrote of a patient in conversations that are settled.
    pub async fn desk_notes(&self, patient: PatientId) -> Result<Vec<DeskNoteRow>, Error> {
        Ok(sqlx::query_as(NOTES).bind(patient.0).fetch_all(self.pool()).await?)
    }

    /// The tickets of a case, the latest first.
    pub async fn desk_tickets(&self, case: CaseId) -> Result<Vec<TicketRow>, Error> {
        Ok(sqlx::query_as(TICKETS).bind(case.0).fetch_all(self.pool()).await?)
    }

    /// The sheet that an agent is writing about a case.
    pub async fn open_note(&self, case: CaseId, agent: AgentId) -> Result<OpenNote, Error> {
        let note: Option<OpenNote> = sqlx::query_as(
            "select text, version, saved_at from note where case_id = $1 and account_id = $2 and closed_at is null",
        )
        .bind(case.0)
        .bind(agent.0)
        .fetch_optional(self.pool())
        .await?;
        Ok(note.unwrap_or_default())
    }

    /// Whether a case is open still.
    pub async fn is_open(&self, case: CaseId) -> Result<bool, Error> {
        Ok(
            sqlx::query_scalar("select exists (select 1 from cases where id = $1 and state = 'open')")
                .bind(case.0)
                .fetch_one(self.pool())
                .await?,
        )
    }

    /// The case and the attempt of a conversation.
    pub async fn conversation_case(
        &self,
        conversation: ConversationId,
    ) -> Result<Option<(i64, i64, Option<i64>)>, Error> {
        Ok(
            sqlx::query_as("select account_id, coalesce(case_id, 0), attempt_id from conversation where id = $1")
                .bind(conversation.0)
                .fetch_optional(self.pool())
                .await?,
        )
    }

    /// Whether a supervisor's grant for this case waits for this agent: who gave it, and why.
    pub async fn grant_for(&self, case: CaseId, agent: AgentId, now: Wall) -> Result<Option<(i64, String)>, Error> {
        Ok(sqlx::query_as(
            "select granted_by, reason from call_grant
             where case_id = $1 and account_id = $2 and until > $3 and used_by is null order by id desc limit 1",
        )
        .bind(case.0)
        .bind(agent.0)
        .bind(now.millis())
        .fetch_optional(self.pool())
        .await?)
    }

    /// The key that was pressed as the so many'th of an attempt.
    pub async fn key_pressed(&self, attempt: AttemptId, seq: u32) -> Result<Option<String>, Error> {
        Ok(
            sqlx::query_scalar("select key from pressed_key where attempt_id = $1 and seq = $2")
                .bind(attempt.0)
                .bind(seq)
                .fetch_optional(self.pool())
                .await?,
        )
    }
}
