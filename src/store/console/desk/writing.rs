//! What agents write down: answers, notes, tickets, grants. What it was before stays.

use super::Refused;
use crate::dialplan::Answer;
use crate::ids::{AgentId, CaseId, ConversationId};
use crate::moment::Wall;
use crate::store::console;
use crate::store::job::{Ledger, Write};
use crate::store::{Error, Store};

/// An answer that an agent clicked or typed; the question and its value were checked against the dialplan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerTyped {
    /// Who.
    pub agent: AgentId,
    /// In which conversation.
    pub conversation: ConversationId,
    /// The question's id.
    pub question: String,
    /// What was answered.
    pub answer: Answer,
    /// What the value means.
    pub label: Option<String>,
    /// The keys that make it.
    pub keys: String,
    /// The key of the patient that made it, counted from 1; none: the agent did.
    pub key_seq: Option<u32>,
    /// What was written beside it.
    pub remark: Option<String>,
    /// When.
    pub at: Wall,
}

/// A note as it is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteText {
    /// Who.
    pub agent: AgentId,
    /// In which conversation.
    pub conversation: ConversationId,
    /// All of it.
    pub text: String,
    /// One more than the version that it was made from.
    pub version: i64,
    /// When.
    pub at: Wall,
}

/// A note that was saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoteSaved {
    /// Its version.
    pub version: i64,
}

/// A ticket to open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTicket {
    /// Who.
    pub agent: AgentId,
    /// In which conversation.
    pub conversation: ConversationId,
    /// For whom.
    pub department: String,
    /// What is the matter.
    pub text: String,
    /// By when it is to be looked into.
    pub due: Wall,
    /// When.
    pub at: Wall,
}

/// A ticket.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct TicketRow {
    /// Its row.
    pub id: i64,
    /// For whom.
    pub department: String,
    /// What is the matter.
    pub text: String,
    /// By when it is to be looked into.
    pub due_at: Wall,
    /// `open`, `in_hand` or `closed`.
    pub state: String,
    /// When it was opened.
    pub opened_at: Wall,
}

/// The case and the attempt of an agent's conversation that is not settled.
pub(super) async fn present(
    ledger: &mut Ledger<'_>,
    agent: AgentId,
    conversation: ConversationId,
) -> Result<Option<(CaseId, Option<i64>)>, Error> {
    let row: Option<(Option<i64>, Option<i64>)> = sqlx::query_as(
        "select case_id, attempt_id from conversation where id = $1 and account_id = $2 and settled_at is null",
    )
    .bind(conversation.0)
    .bind(agent.0)
    .fetch_optional(&mut *ledger.db)
    .await?;
    Ok(row.and_then(|(case, attempt)| Some((CaseId(case?), attempt))))
}

impl Store {
    /// Writes an answer down; what stood there is kept beside it.
    pub async fn type_answer(&self, answer: AnswerTyped) -> Result<Result<(), Refused>, Error> {
        self.write(answer).await
    }

    /// Saves a note, if nothing newer is there; the same version with the same words is saved already.
    pub async fn save_note(&self, note: NoteText) -> Result<Result<NoteSaved, Refused>, Error> {
        self.write(note).await
    }

    /// Opens a ticket; gives its row.
    pub async fn open_ticket(&self, ticket: NewTicket) -> Result<Result<i64, Refused>, Error> {
        self.write(ticket).await
    }

    /// Lets an agent set rules aside in one call of a case.
    pub async fn grant_call(&self, grant: NewGrant) -> Result<i64, Error> {
        self.write(grant).await
    }
}

impl Write for AnswerTyped {
    type Answer = Result<(), Refused>;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<Self::Answer, Error> {
        let Some((_, attempt)) = present(ledger, self.agent, self.conversation).await? else {
            return Ok(Err(Refused::NotPresent));
        };
        let Some(attempt) = attempt else {
            return Ok(Err(Refused::NobodyCalled));
        };
        if let Some(seq) = self.key_seq {
            let pressed: Option<String> =
                sqlx::query_scalar("select key from pressed_key where attempt_id = $1 and seq = $2")
                    .bind(attempt)
                    .bind(seq)
                    .fetch_optional(&mut *ledger.db)
                    .await?;
            if pressed.is_none_or(|key| !self.keys.ends_with(&key)) {
                return Ok(Err(Refused::NoSuchKey));
            }
        }
        let (kind, value) = match self.answer {
            Answer::Value(value) => ("value", Some(value)),
            Answer::Refused => ("refused", None),
            Answer::Silent => ("silent", None),
            Answer::Invalid => ("invalid", None),
        };
        let (source, account) = match self.key_seq {
            Some(_) => ("patient", None),
            None => ("agent", Some(self.agent.0)),
        };
        sqlx::query(
            "insert into answer_before (attempt_id, question, kind, value, label, keys, source, account_id, at, replaced_at)
             select attempt_id, question, kind, value, label, keys, source, account_id, at, $7 from answer
             where attempt_id = $1 and question = $2
                and (kind <> $3 or value is not $4 or keys <> $5 or source <> $6)",
        )
        .bind(attempt)
        .bind(&self.question)
        .bind(kind)
        .bind(value)
        .bind(&self.keys)
        .bind(source)
        .bind(self.at.millis())
        .execute(&mut *ledger.db)
        .await?;
        sqlx::query(
            "insert into answer (attempt_id, question, kind, value, label, keys, keep_seq, at, source, account_id, remark)
             select id, $2, $3, $4, $5, $6, kept, $7, $8, $9, $10 from attempt where id = $1
             on conflict (attempt_id, question) do update set kind = excluded.kind, value = excluded.value,
                label = excluded.label, keys = excluded.keys, keep_seq = max(excluded.keep_seq, answer.keep_seq),
                at = excluded.at, source = excluded.source, account_id = excluded.account_id, remark = excluded.remark",
        )
        .bind(attempt)
        .bind(&self.question)
        .bind(kind)
        .bind(value)
        .bind(&self.label)
        .bind(&self.keys)
        .bind(self.at.millis())
        .bind(source)
        .bind(account)
        .bind(&self.remark)
        .execute(&mut *ledger.db)
        .await?;
        // The lowest answer of a call that is over is found by the row that finds the call.
        console::write(ledger.db, attempt, attempt).await?;
        Ok(Ok(()))
    }
}

impl Write for NoteText {
    type Answer = Result<NoteSaved, Refused>;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<Self::Answer, Error> {
        let Some((case, _)) = present(ledger, self.agent, self.conversation).await? else {
            return Ok(Err(Refused::NotPresent));
        };
        let open: Option<(i64, String)> = sqlx::query_as(
            "select version, text from note where case_id = $1 and account_id = $2 and closed_at is null",
        )
        .bind(case.0)
        .bind(self.agent.0)
        .fetch_optional(&mut *ledger.db)
        .await?;
        match open {
            Some((version, text)) if version == self.version && text == self.text => {}
            Some((version, _)) if version >= self.version => return Ok(Err(Refused::OlderNote(version))),
            Some(_) => {
                sqlx::query(
                    "update note set text = $3, version = $4, saved_at = max(saved_at, $5)
                     where case_id = $1 and account_id = $2 and closed_at is null",
                )
                .bind(case.0)
                .bind(self.agent.0)
                .bind(&self.text)
                .bind(self.version)
                .bind(self.at.millis())
                .execute(&mut *ledger.db)
                .await?;
            }
            None => {
                sqlx::query(
                    "insert into note (case_id, account_id, text, version, begun_at, saved_at)
                     values ($1, $2, $3, $4, $5, $5)",
                )
                .bind(case.0)
                .bind(self.agent.0)
                .bind(&self.text)
                .bind(self.version)
                .bind(self.at.millis())
                .execute(&mut *ledger.db)
                .await?;
            }
        }
        Ok(Ok(NoteSaved { version: self.version }))
    }
}

impl Write for NewTicket {
    type Answer = Result<i64, Refused>;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<Self::Answer, Error> {
        let Some((case, _)) = present(ledger, self.agent, self.conversation).await? else {
            return Ok(Err(Refused::NotPresent));
        };
        let id: i64 = sqlx::query_scalar(
            "insert into ticket (case_id, conversation_id, department, text, due_at, opened_at, opened_by)
             values ($1, $2, $3, $4, $5, $6, $7) returning id",
        )
        .bind(case.0)
        .bind(self.conversation.0)
        .bind(&self.department)
        .bind(&self.text)
        .bind(self.due.millis())
        .bind(self.at.millis())
        .bind(self.agent.0)
        .fetch_one(&mut *ledger.db)
        .await?;
        Ok(Ok(id))
    }
}

/// Lets an agent set rules aside in one call of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewGrant {
    /// Which case.
    pub case: CaseId,
    /// Who may.
    pub agent: AgentId,
    /// Who lets.
    pub by: AgentId,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Wall,
    /// Until when.
    pub until: Wall,
}

impl Write for NewGrant {
    type Answer = i64;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<i64, Error> {
        let id: Option<i64> = sqlx::query_scalar(
            "insert into call_grant (case_id, account_id, granted_by, reason, at, until)
             select c.id, t.id, $3, $4, $5, $6 from cases c join account t on t.id = $2 where c.id = $1 returning id",
        )
        .bind(self.case.0)
        .bind(self.agent.0)
        .bind(self.by.0)
        .bind(&self.reason)
        .bind(self.at.millis())
        .bind(self.until.millis())
        .fetch_optional(&mut *ledger.db)
        .await?;
        id.ok_or(Error::NoCase(self.case))
    }
}
