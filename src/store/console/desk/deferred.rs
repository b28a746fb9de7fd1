//! What an agent said came of a call, carried out: at once, or with the attempt's end where the agent had let the patient go
//! to a department before.

use serde::{Deserialize, Serialize};

use crate::dialer::Next;
use crate::dialer::claim::TOLERANCE;
use crate::dialer::retry;
use crate::ids::{AttemptId, CaseId, ConversationId};
use crate::moment::Wall;
use crate::outcome::{Disposition, Reach};
use crate::store::finish::{Advance, follow_up_at, mark_deceased, mark_number};
use crate::store::job::Ledger;
use crate::store::{Error, console};

/// The rule by which an agent's word is the disposition of a call that was answered: that of [`crate::outcome`].
pub(super) const SAID: &str = "answered-agent-said";

/// What becomes of a case by an agent's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Carried {
    /// What came of the call.
    pub(super) outcome: Disposition,
    /// What becomes of the case.
    pub(super) next: Next,
    /// When the patient wants to be called.
    pub(super) appointment: Option<Wall>,
    /// When the next follow-up of the encounter is due.
    pub(super) follow_up: Option<Wall>,
    /// When it was said.
    pub(super) at: Wall,
}

/// Keeps what was said until the attempt is over.
pub(super) async fn keep(
    ledger: &mut Ledger<'_>,
    conversation: ConversationId,
    carried: &Carried,
) -> Result<(), Error> {
    let text = serde_json::to_string(carried).map_err(|why| Error::Json {
        what: "conversation.deferred",
        why: why.to_string(),
    })?;
    sqlx::query("update conversation set deferred = $2 where id = $1")
        .bind(conversation.0)
        .bind(text)
        .execute(&mut *ledger.db)
        .await?;
    Ok(())
}

/// The attempt is over: what was said of it meanwhile is carried out, whatever its facts made of the case. Only a call-back
/// that the patient was `promised` after the agent had let go is kept.
pub(in crate::store) async fn carry_out(
    ledger: &mut Ledger<'_>,
    attempt: AttemptId,
    promised: Option<Wall>,
) -> Result<(), Error> {
    let kept: Option<(Option<i64>, String)> =
        sqlx::query_as("select case_id, deferred from conversation where attempt_id = $1 and deferred is not null")
            .bind(attempt.0)
            .fetch_optional(&mut *ledger.db)
            .await?;
    let Some((Some(case), text)) = kept else { return Ok(()) };
    let carried: Carried = serde_json::from_str(&text).map_err(|why| Error::stored("conversation.deferred", why))?;
    word(ledger, attempt, carried.outcome, SAID).await?;
    let carried = match promised {
        Some(at) => Carried {
            next: Next::Again {
                at: at - TOLERANCE,
                counted: carried.next.is_counted(),
            },
            appointment: Some(at),
            ..carried
        },
        None => carried,
    };
    carried.out(ledger, attempt, CaseId(case)).await
}

/// The attempt has the agent's word, the facts' own beside it.
pub(super) async fn word(
    ledger: &mut Ledger<'_>,
    attempt: AttemptId,
    outcome: Disposition,
    rule: &'static str,
) -> Result<(), Error> {
    sqlx::query(
        "update attempt set classified = coalesce(classified, disposition), disposition = $2,
            rule = case when disposition = $2 and classified is null then rule else $3 end,
            facts = case when json_extract(facts, '$.agent') is not null
                then json_set(facts, '$.agent.said', $2) else facts end
         where id = $1",
    )
    .bind(attempt.0)
    .bind(outcome.as_str())
    .bind(rule)
    .execute(&mut *ledger.db)
    .await?;
    sqlx::query("update replay set disposition = $2 where attempt_id = $1")
        .bind(attempt.0)
        .bind(outcome.as_str())
        .execute(&mut *ledger.db)
        .await?;
    console::write(ledger.db, attempt.0, attempt.0).await
}

impl Carried {
    /// What the attempt's end made of the case is taken back, and this is made of it.
    pub(super) async fn out(&self, ledger: &mut Ledger<'_>, attempt: AttemptId, case: CaseId) -> Result<(), Error> {
        let (counted, number, digits, came_in): (Option<i64>, Option<i64>, String, bool) =
            sqlx::query_as("select counted, number_id, digits, direction = 'in' from attempt where id = $1")
                .bind(attempt.0)
                .fetch_one(&mut *ledger.db)
                .await?;
        // A call that the patient made uses up nothing of ours.
        let next = if came_in { self.next.uncounted() } else { self.next };
        sqlx::query(
            "update cases set counted = max(counted - $2, 0), state = 'open', outcome = null, closed_at = null
             where id = $1",
        )
        .bind(case.0)
        .bind(counted.unwrap_or_default())
        .execute(&mut *ledger.db)
        .await?;
        sqlx::query("update attempt set counted = $2 where id = $1")
            .bind(attempt.0)
            .bind(!came_in && retry::counts(self.outcome, Reach::FarEnd))
            .execute(&mut *ledger.db)
            .await?;
        if let Some(number) = number {
            mark_number(ledger, number, &digits, self.outcome, next).await?;
        }
        if self.outcome == Disposition::Deceased {
            mark_deceased(ledger, case.0, self.at).await?;
        }
        let advance = Advance {
            next,
            at: self.at,
            appointment: self.appointment,
        };
        advance.alone(ledger, case, Some(self.outcome)).await?;
        if let (Next::Close { .. }, Some(due)) = (next, self.follow_up) {
            follow_up_at(ledger, case, due, self.at).await?;
        }
        Ok(())
    }
}
