//! A case before an agent: one for each agent, and each case before one agent. Its lease keeps the machine away.

use std::time::Duration;

use super::Refused;
use crate::dialer::claim::{Checked, decide};
use crate::dialer::{Claim, GiveBack};
use crate::ids::{AgentId, CaseId, ConversationId};
use crate::moment::Wall;
use crate::store::by_hand::holder_of;
use crate::store::claim::due;
use crate::store::job::{Ledger, Write};
use crate::store::{Error, Store};

/// What is left over after a preview before its case is anybody's again.
const GRACE: Duration = Duration::from_secs(60);
/// A preview that is so long over is over, whatever the clocks of browsers say.
pub(super) const LATE: Duration = Duration::from_secs(3);
/// A case that was put back is not before the same agent again for so long.
const REST: Duration = Duration::from_secs(30 * 60);

/// How a case comes before an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The next one in order.
    Next,
    /// Picked on the patient's page.
    Picked,
}

impl Origin {
    const fn word(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Picked => "picked",
        }
    }
}

/// Puts the first of these cases before an agent that the rules let be dialed now; a picked one whatever the rules say: they
/// speak when it is dialed.
#[derive(Clone, Debug)]
pub struct Reserve {
    /// Before whom.
    pub agent: AgentId,
    /// How.
    pub origin: Origin,
    /// The cases in their order, each with what a claim of it would say.
    pub cases: Vec<(Claim, CaseId)>,
    /// How long it may be looked at.
    pub preview: Duration,
    /// The present.
    pub at: Wall,
}

/// What is before the agent then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reserved {
    /// This one was already.
    Present(ConversationId),
    /// This one now.
    New(ConversationId, CaseId),
    /// None of them may be dialed now.
    Nothing,
}

#[derive(sqlx::FromRow)]
struct Present {
    id: i64,
    attempt_id: Option<i64>,
    preview_until: Option<i64>,
    ended_at: Option<i64>,
    outcome: Option<String>,
    is_called: bool,
}

const PRESENT: &str = "
select v.id, v.attempt_id, v.preview_until, v.ended_at, v.outcome,
    exists (select 1 from conversation_event n where n.conversation_id = v.id) as is_called
from conversation v where v.account_id = $1 and v.settled_at is null";

impl Store {
    /// Puts a case before an agent; whoever has one keeps it.
    ///
    /// # Errors
    /// [`Refused::OutcomeFirst`]
    pub async fn reserve(&self, reserve: Reserve) -> Result<Result<Reserved, Refused>, Error> {
        self.write(reserve).await
    }

    /// Gives the case of a preview back whose time is over; false: somebody was called, or it was given back before.
    pub async fn give_back(&self, back: GiveBack) -> Result<bool, Error> {
        self.write(back).await
    }

    /// Puts the case of a conversation back in which nobody was called.
    ///
    /// # Errors
    /// [`Refused::NotPresent`], [`Refused::OutcomeFirst`]
    pub async fn skip(&self, skip: Skip) -> Result<Result<(), Refused>, Error> {
        self.write(skip).await
    }
}

impl Write for Reserve {
    type Answer = Result<Reserved, Refused>;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<Self::Answer, Error> {
        let present: Option<Present> = sqlx::query_as(PRESENT)
            .bind(self.agent.0)
            .fetch_optional(&mut *ledger.db)
            .await?;
        if let Some(present) = present {
            let over = |until: i64| until + millis(LATE) < self.at.millis();
            let is_stale = !present.is_called && present.preview_until.is_some_and(over);
            match (present.ended_at, present.attempt_id, &present.outcome) {
                // Nobody was called: nothing is to be said of it.
                (Some(_), None, _) | (Some(_), Some(_), Some(_)) => {
                    settle(ledger, ConversationId(present.id), self.at).await?;
                }
                (Some(_), Some(_), None) => return Ok(Err(Refused::OutcomeFirst)),
                (None, None, _) if is_stale => put_back(ledger, present.id, PREVIEW_OVER, self.at).await?,
                (None, _, _) => return Ok(Ok(Reserved::Present(ConversationId(present.id)))),
            }
        }
        let holder = holder_of(self.agent);
        for (claim, case) in &self.cases {
            let Some(candidate) = due::by_hand(claim, *case, &holder, &mut *ledger.db).await? else {
                continue;
            };
            let number = match (decide(&candidate, claim).checked, self.origin) {
                (Checked::Dial { number }, _) => Some(number),
                (Checked::Hold { .. } | Checked::Close { .. }, Origin::Picked) => None,
                (Checked::Hold { .. } | Checked::Close { .. }, Origin::Next) => continue,
            };
            let until = self.at + self.preview + GRACE;
            sqlx::query("update cases set lease_until = $2, lease_holder = $3, lease_number_id = $4 where id = $1")
                .bind(case.0)
                .bind(until.millis())
                .bind(&holder)
                .bind(number.map(|number| number.0))
                .execute(&mut *ledger.db)
                .await?;
            // Its last holder may have gone without a word.
            let left: Option<i64> = sqlx::query_scalar(
                "select id from conversation where case_id = $1 and settled_at is null and attempt_id is null",
            )
            .bind(case.0)
            .fetch_optional(&mut *ledger.db)
            .await?;
            if let Some(left) = left {
                put_back(ledger, left, PREVIEW_OVER, self.at).await?;
            }
            let id: Option<i64> = sqlx::query_scalar(
                "insert into conversation (account_id, case_id, number_id, origin, begun_at, preview_until)
                 values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning id",
            )
            .bind(self.agent.0)
            .bind(case.0)
            .bind(number.map(|number| number.0))
            .bind(self.origin.word())
            .bind(self.at.millis())
            .bind((self.at + self.preview).millis())
            .fetch_optional(&mut *ledger.db)
            .await?;
            if let Some(id) = id {
                return Ok(Ok(Reserved::New(ConversationId(id), *case)));
            }
            // Another agent has yet to say what came of it.
            release(ledger, case.0, &holder).await?;
        }
        Ok(Ok(Reserved::Nothing))
    }
}

/// Settles the conversation of an agent who has nothing more to say of it.
pub(in crate::store) async fn settle_finished(ledger: &mut Ledger<'_>, agent: AgentId, at: Wall) -> Result<(), Error> {
    let present: Option<Present> = sqlx::query_as(PRESENT)
        .bind(agent.0)
        .fetch_optional(&mut *ledger.db)
        .await?;
    let Some(present) = present.filter(|present| present.ended_at.is_some()) else {
        return Ok(());
    };
    if present.attempt_id.is_none() || present.outcome.is_some() {
        settle(ledger, ConversationId(present.id), at).await?;
    }
    Ok(())
}

/// Puts a case back.
#[derive(Clone, Debug)]
pub struct Skip {
    /// Who.
    pub agent: AgentId,
    /// Which conversation.
    pub conversation: ConversationId,
    /// Why, in the person's words.
    pub reason: String,
    /// When.
    pub at: Wall,
}

/// The reason of a case that was looked at too long.
pub(super) const PREVIEW_OVER: &str = "preview_over";

impl Write for Skip {
    type Answer = Result<(), Refused>;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<Self::Answer, Error> {
        let present: Option<Present> = sqlx::query_as(PRESENT)
            .bind(self.agent.0)
            .fetch_optional(&mut *ledger.db)
            .await?;
        let Some(present) = present.filter(|present| present.id == self.conversation.0) else {
            return Ok(Err(Refused::NotPresent));
        };
        match (present.attempt_id, present.is_called && present.ended_at.is_none()) {
            (Some(_), _) => Ok(Err(Refused::OutcomeFirst)),
            (None, true) => Ok(Err(Refused::StillUp)),
            (None, false) => {
                put_back(ledger, present.id, &self.reason, self.at).await?;
                Ok(Ok(()))
            }
        }
    }
}

impl Write for GiveBack {
    /// Whether it was given back.
    type Answer = bool;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<bool, Error> {
        let present: Option<Present> = sqlx::query_as(PRESENT)
            .bind(self.agent.0)
            .fetch_optional(&mut *ledger.db)
            .await?;
        let is_looked_at = |present: &Present| {
            present.id == self.conversation.0
                && present.attempt_id.is_none()
                && present.ended_at.is_none()
                && !present.is_called
        };
        let Some(present) = present.filter(is_looked_at) else {
            return Ok(false);
        };
        put_back(ledger, present.id, PREVIEW_OVER, self.at).await?;
        Ok(true)
    }
}

async fn put_back(ledger: &mut Ledger<'_>, conversation: i64, why: &str, at: Wall) -> Result<(), Error> {
    sqlx::query(
        "update conversation set skipped = $2, skipped_until = $3, ended_at = coalesce(ended_at, max(begun_at, $4))
         where id = $1",
    )
    .bind(conversation)
    .bind(why)
    .bind((at + REST).millis())
    .bind(at.millis())
    .execute(&mut *ledger.db)
    .await?;
    settle(ledger, ConversationId(conversation), at).await
}

/// From now on nothing of it changes: the note is closed, the case is anybody's.
pub(in crate::store) async fn settle(
    ledger: &mut Ledger<'_>,
    conversation: ConversationId,
    at: Wall,
) -> Result<(), Error> {
    let (account, case, attempt): (i64, Option<i64>, Option<i64>) = sqlx::query_as(
        "update conversation set settled_at = max(ended_at, $2) where id = $1 returning account_id, case_id, attempt_id",
    )
    .bind(conversation.0)
    .bind(at.millis())
    .fetch_one(&mut *ledger.db)
    .await?;
    let Some(case) = case else { return Ok(()) };
    release(ledger, case, &holder_of(AgentId(account))).await?;
    sqlx::query(
        "update note set closed_at = max(saved_at, $3), attempt_id = $4
         where case_id = $1 and account_id = $2 and closed_at is null",
    )
    .bind(case)
    .bind(account)
    .bind(at.millis())
    .bind(attempt)
    .execute(&mut *ledger.db)
    .await?;
    Ok(())
}

async fn release(ledger: &mut Ledger<'_>, case: i64, holder: &str) -> Result<(), Error> {
    sqlx::query(
        "update cases set lease_until = null, lease_holder = null, lease_number_id = null
         where id = $1 and lease_holder = $2
            and not exists (select 1 from attempt a where a.case_id = $1 and a.state = 'begun')",
    )
    .bind(case)
    .bind(holder)
    .execute(&mut *ledger.db)
    .await?;
    Ok(())
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
