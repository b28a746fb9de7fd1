//! A waiting patient's case before an agent: on disk before the agent's phone rings, so that the screen has it, and the answers
//! so far.

use super::Error;
use super::by_hand::{LEASE, holder_of};
use super::console::audit::Deed;
use super::console::desk::settle_finished;
use super::job::{Ledger, Write};
use crate::dialer::{PutThrough, Refusal};
use crate::ids::ConversationId;

/// What the audit log calls it when a case comes before an agent.
const OPENED: &str = "opened_case";

/// The case of an attempt that goes on.
pub(super) const ATTEMPT: &str = "select number_id from attempt where id = $1 and case_id = $2 and state = 'begun'";

/// Whether an agent is through with a conversation.
pub(super) const IS_SETTLED: &str = "select settled_at is not null from conversation where id = $1";

impl Write for PutThrough {
    type Answer = Result<ConversationId, Refusal>;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<Self::Answer, Error> {
        // Of a conversation that is said all of, the agent need not say so first.
        settle_finished(ledger, self.agent, self.at).await?;
        let put = match self.conversation {
            Some(conversation) => self.hand_on(ledger, conversation).await?,
            None => self.begin(ledger).await?,
        };
        let Some(conversation) = put else {
            return Ok(Err(self.why_not(ledger).await?));
        };
        sqlx::query("update cases set lease_until = $2, lease_holder = $3 where id = $1 and state = 'open'")
            .bind(self.case.0)
            .bind((self.at + LEASE).millis())
            .bind(holder_of(self.agent))
            .execute(&mut *ledger.db)
            .await?;
        self.note_opened(ledger, conversation).await?;
        Ok(Ok(conversation))
    }
}

impl PutThrough {
    /// The agent's screen shows the patient's name from now on: that is in the audit log like every opened case.
    async fn note_opened(&self, ledger: &mut Ledger<'_>, conversation: ConversationId) -> Result<(), Error> {
        let who: String = sqlx::query_scalar("select account from account where id = $1")
            .bind(self.agent.0)
            .fetch_one(&mut *ledger.db)
            .await?;
        let deed = Deed {
            at: self.at,
            account_id: Some(self.agent.0),
            who,
            deed: OPENED.to_owned(),
            object: Some(format!("conversation:{conversation}")),
            reason: None,
            detail: Some(serde_json::json!({ "case": self.case.0, "origin": self.origin.as_str() })),
            address: None,
        };
        deed.run(ledger).await?;
        Ok(())
    }

    async fn begin(&self, ledger: &mut Ledger<'_>) -> Result<Option<ConversationId>, Error> {
        let number: Option<Option<i64>> = sqlx::query_scalar(ATTEMPT)
            .bind(self.attempt.0)
            .bind(self.case.0)
            .fetch_optional(&mut *ledger.db)
            .await?;
        let Some(number) = number else { return Ok(None) };
        let id: Option<i64> = sqlx::query_scalar(
            "insert into conversation (account_id, case_id, number_id, origin, begun_at, attempt_id)
             values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning id",
        )
        .bind(self.agent.0)
        .bind(self.case.0)
        .bind(number)
        .bind(self.origin.as_str())
        .bind(self.at.millis())
        .bind(self.attempt.0)
        .fetch_optional(&mut *ledger.db)
        .await?;
        Ok(id.map(ConversationId))
    }

    /// Of a call that an agent is through with, nobody else can be asked what came of it; else the agent is not free.
    async fn why_not(&self, ledger: &mut Ledger<'_>) -> Result<Refusal, Error> {
        let is_settled: Option<bool> = sqlx::query_scalar(IS_SETTLED)
            .bind(self.conversation.map(|conversation| conversation.0))
            .fetch_optional(&mut *ledger.db)
            .await?;
        Ok(match is_settled {
            Some(true) => Refusal::Settled,
            Some(false) | None => Refusal::NotReady,
        })
    }

    async fn hand_on(
        &self,
        ledger: &mut Ledger<'_>,
        conversation: ConversationId,
    ) -> Result<Option<ConversationId>, Error> {
        let id: Option<i64> = sqlx::query_scalar(
            "update conversation set account_id = $2
             where id = $1 and settled_at is null and not exists (select 1 from conversation o
                where o.account_id = $2 and o.id <> $1 and o.settled_at is null)
             returning id",
        )
        .bind(conversation.0)
        .bind(self.agent.0)
        .fetch_optional(&mut *ledger.db)
        .await?;
        Ok(id.map(ConversationId))
    }
}

impl super::Store {
    /// Puts a waiting patient's case before an agent.
    pub async fn put_through(&self, asked: PutThrough) -> Result<Result<ConversationId, Refusal>, Error> {
        self.write_for_call(asked).await
    }
}
