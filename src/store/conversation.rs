//! How a conversation goes, written down as it goes; whose it is in the end, and what a crash leaves of it.

use super::Error;
use super::by_hand::holder_of;
use super::console::desk::settle;
use super::finish::keep_for_wrap_up;
use super::job::{Ledger, Write};
use crate::dialer::{ConversationNote, Finish, LegEnding, Noteworthy, Refusal};
use crate::ids::{AgentId, AttemptId};
use crate::moment::Wall;

impl Write for ConversationNote {
    type Answer = ();

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        let what = serde_json::to_string(&self.what).map_err(|why| Error::Json {
            what: "conversation_event.what",
            why: why.to_string(),
        })?;
        let added = sqlx::query(
            "insert into conversation_event (conversation_id, seq, at, account_id, what)
             select id, $2, $3, $4, $5 from conversation where id = $1
             on conflict (conversation_id, seq) do nothing",
        )
        .bind(self.conversation.0)
        .bind(self.seq)
        .bind(self.at.millis())
        .bind(self.agent.0)
        .bind(what)
        .execute(&mut *ledger.db)
        .await?;
        if added.rows_affected() == 0 {
            return Ok(());
        }
        match &self.what {
            Noteworthy::AgentAnswered => {
                // A patient who had been let go is back from the department.
                self.set(
                    ledger,
                    "agent_answered_at = coalesce(agent_answered_at, $2),
                     ended_at = case when left_at is null then ended_at end, left_at = null",
                )
                .await?;
                self.hand_over(ledger).await
            }
            // The agent is through with it, and may say what came of it, while the patient is connected.
            Noteworthy::Transferred { .. } => {
                self.set(ledger, "left_at = $2, ended_at = coalesce(ended_at, $2)")
                    .await
            }
            Noteworthy::Bridged => {
                self.set(ledger, "patient_answered_at = coalesce(patient_answered_at, $2)")
                    .await
            }
            Noteworthy::Refused(refusal) => self.refused(ledger, refusal).await,
            Noteworthy::CallBackOffered => self.hand_back(ledger).await,
            Noteworthy::Ended { agent, patient, .. } => {
                self.hand_back(ledger).await?;
                if patient.is_none() {
                    self.never_called(ledger).await?;
                }
                self.ended(ledger, agent.as_ref(), patient.as_ref()).await
            }
            Noteworthy::AgentCalled { .. }
            | Noteworthy::LegUp { .. }
            | Noteworthy::AgentPressed { .. }
            | Noteworthy::PatientCalled { .. }
            | Noteworthy::PatientWaits { .. }
            | Noteworthy::AgentLost(_)
            | Noteworthy::CameBack { .. }
            | Noteworthy::BridgeFailed
            | Noteworthy::Held
            | Noteworthy::Resumed
            | Noteworthy::Muted
            | Noteworthy::Unmuted
            | Noteworthy::RecordingPaused { .. }
            | Noteworthy::RecordingResumed { .. }
            | Noteworthy::ListenedTo { .. }
            | Noteworthy::ListenedToNoMore { .. } => Ok(()),
        }
    }
}

impl ConversationNote {
    async fn set(&self, ledger: &mut Ledger<'_>, what: &'static str) -> Result<(), Error> {
        let sql = format!("update conversation set {what} where id = $1 and settled_at is null");
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(self.conversation.0)
            .bind(self.at.millis())
            .execute(&mut *ledger.db)
            .await?;
        Ok(())
    }

    /// Whoever talks with the patient says what came of it, and holds the case: also in the place of an agent who was lost.
    async fn hand_over(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        sqlx::query(
            "update attempt set account_id = $2
             where id = (select attempt_id from conversation where id = $1 and account_id = $2 and settled_at is null)",
        )
        .bind(self.conversation.0)
        .bind(self.agent.0)
        .execute(&mut *ledger.db)
        .await?;
        let handed: Option<(Option<i64>, Option<i64>)> = sqlx::query_as(
            "update conversation set account_id = $2
             where id = $1 and settled_at is null and account_id <> $2
                and not exists (select 1 from conversation o where o.account_id = $2 and o.settled_at is null)
             returning case_id, attempt_id",
        )
        .bind(self.conversation.0)
        .bind(self.agent.0)
        .fetch_optional(&mut *ledger.db)
        .await?;
        let Some((case, attempt)) = handed else { return Ok(()) };
        sqlx::query("update cases set lease_holder = $2 where id = $1 and lease_holder is not null")
            .bind(case)
            .bind(holder_of(self.agent))
            .execute(&mut *ledger.db)
            .await?;
        sqlx::query("update attempt set account_id = $2 where id = $1")
            .bind(attempt)
            .bind(self.agent.0)
            .execute(&mut *ledger.db)
            .await?;
        Ok(())
    }

    /// Nobody came in the place of an agent who was lost: whoever talked with the patient last says what came of it, and not
    /// the one whose phone rang in vain.
    async fn hand_back(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        let back: Option<(Option<i64>, i64)> = sqlx::query_as(
            "update conversation set account_id = (select a.account_id from attempt a where a.id = attempt_id)
             where id = $1 and settled_at is null and agent_answered_at is not null
                and exists (select 1 from attempt a where a.id = attempt_id and a.account_id <> conversation.account_id
                    and not exists (select 1 from conversation o
                        where o.account_id = a.account_id and o.settled_at is null))
             returning case_id, account_id",
        )
        .bind(self.conversation.0)
        .fetch_optional(&mut *ledger.db)
        .await?;
        match back {
            Some((Some(case), agent)) => keep_for_wrap_up(ledger, case, AgentId(agent), self.at).await,
            Some((None, _)) | None => Ok(()),
        }
    }

    /// Where the patient was never called, an attempt that is open all the same ends as not dialed: its end is yet to be
    /// written, or the answer that it was begun was lost on the way.
    async fn never_called(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        let open: Option<i64> = sqlx::query_scalar(UNDIALED)
            .bind(self.conversation.0)
            .fetch_optional(&mut *ledger.db)
            .await?;
        match open {
            Some(attempt) => Finish::never_dialed(AttemptId(attempt), self.at).run(ledger).await,
            None => Ok(()),
        }
    }

    async fn refused(&self, ledger: &mut Ledger<'_>, refusal: &Refusal) -> Result<(), Error> {
        sqlx::query("update conversation set refused = $2 where id = $1 and settled_at is null")
            .bind(self.conversation.0)
            .bind(refusal.as_str())
            .execute(&mut *ledger.db)
            .await?;
        Ok(())
    }

    async fn ended(
        &self,
        ledger: &mut Ledger<'_>,
        agent: Option<&LegEnding>,
        patient: Option<&LegEnding>,
    ) -> Result<(), Error> {
        sqlx::query(
            "update conversation set ended_at = $2, agent_ending = $3, agent_status = $4, agent_cause = $5,
                patient_ending = $6, patient_status = $7, patient_cause = $8
             where id = $1 and settled_at is null",
        )
        .bind(self.conversation.0)
        .bind(self.at.millis())
        .bind(agent.map(|ending| ending.end.as_str()))
        .bind(agent.and_then(|ending| ending.status))
        .bind(agent.and_then(|ending| ending.q850))
        .bind(patient.map(|ending| ending.end.as_str()))
        .bind(patient.and_then(|ending| ending.status))
        .bind(patient.and_then(|ending| ending.q850))
        .execute(&mut *ledger.db)
        .await?;
        // The agent was through with it before: of the patient's leg the end is still to be written.
        sqlx::query(
            "update conversation set patient_ending = $2, patient_status = $3, patient_cause = $4
             where id = $1 and settled_at is not null and left_at is not null and patient_ending is null",
        )
        .bind(self.conversation.0)
        .bind(patient.map(|ending| ending.end.as_str()))
        .bind(patient.and_then(|ending| ending.status))
        .bind(patient.and_then(|ending| ending.q850))
        .execute(&mut *ledger.db)
        .await?;
        // Whoever never talked with the patient has nothing to say of it.
        let unheard: Option<i64> = sqlx::query_scalar(UNHEARD)
            .bind(self.conversation.0)
            .fetch_optional(&mut *ledger.db)
            .await?;
        if unheard.is_some() {
            settle(ledger, self.conversation, self.at).await?;
        }
        Ok(())
    }
}

/// A patient waited, and no agent came.
pub(super) const UNHEARD: &str = "select id from conversation
where id = $1 and settled_at is null and origin in ('asked_for', 'called_in') and agent_answered_at is null";

/// The attempt of an agent's own call that has no end.
pub(super) const UNDIALED: &str = "select a.id from conversation v join attempt a on a.id = v.attempt_id
where v.id = $1 and v.settled_at is null and v.origin in ('next', 'picked') and a.state = 'begun'";

/// An attempt was not dialed: in its conversation nobody was called, and nobody has to say what came of it.
pub(super) async fn nobody_called(ledger: &mut Ledger<'_>, attempt: AttemptId) -> Result<(), Error> {
    sqlx::query("update conversation set attempt_id = null where attempt_id = $1 and settled_at is null")
        .bind(attempt.0)
        .execute(&mut *ledger.db)
        .await?;
    Ok(())
}

/// What a crash left open: those of whom nobody was called are over without a word, of the others the outcome is still
/// to be chosen.
pub(super) async fn recover(ledger: &mut Ledger<'_>, now: Wall) -> Result<(), Error> {
    for sql in [
        "update conversation set ended_at = $1, agent_ending = 'stopped',
            patient_ending = case when attempt_id is not null then 'stopped' end
         where settled_at is null and ended_at is null",
        "update conversation set settled_at = $1 where settled_at is null
            and (attempt_id is null or origin in ('asked_for', 'called_in') and agent_answered_at is null)",
        "update presence set until_at = max(from_at, $1) where until_at is null",
    ] {
        sqlx::query(sql).bind(now.millis()).execute(&mut *ledger.db).await?;
    }
    keep_for_wrap_ups(ledger, now).await
}

/// The machine leaves those alone of whom an agent has yet to say what came of it.
async fn keep_for_wrap_ups(ledger: &mut Ledger<'_>, now: Wall) -> Result<(), Error> {
    let open: Vec<(i64, i64)> = sqlx::query_as(WRAP_UPS).fetch_all(&mut *ledger.db).await?;
    for (case, agent) in open {
        keep_for_wrap_up(ledger, case, AgentId(agent), now).await?;
    }
    Ok(())
}

const WRAP_UPS: &str = "select case_id, account_id from conversation where settled_at is null and case_id is not null";

impl super::Store {
    /// Writes down how a conversation goes; written again it does nothing.
    pub async fn note_conversation(&self, note: ConversationNote) -> Result<(), Error> {
        self.write_for_call(note).await
    }
}
