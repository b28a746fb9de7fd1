//! What came of a conversation, as the agent says it: forced at its end, bound to what happened, and settled with the
//! wrap-up. What the facts alone said stays beside it.

use std::sync::Arc;
use std::time::Duration;

use super::Refused;
use super::deferred::{self, Carried};
use super::reserve::settle;
use crate::calendar::Schedule;
use crate::dialer::claim::TOLERANCE;
use crate::dialer::retry::{self, Ended, History, past_of};
use crate::dialer::{Next, RetryPolicy};
use crate::ids::{AgentId, AttemptId, CaseId, ConversationId, NumberId};
use crate::moment::Wall;
use crate::outcome::{Disposition, Reach};
use crate::store::finish::disposition_of;
use crate::store::job::{Ledger, Write};
use crate::store::keep::stop_calling;
use crate::store::{Error, Store};

/// The rule by which an agent's word is the disposition of a call that was not answered and whose announcement the agent heard.
const HEARD: &str = "agent-heard";

/// What the patient's leg came to: what may be chosen follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The patient, or somebody, answered.
    Answered {
        /// At least one question of the survey has a value.
        has_answers: bool,
        /// Every question on the way has its answer.
        is_complete: bool,
    },
    /// Nobody did; this is what the facts say.
    NotAnswered(Disposition),
}

impl Ending {
    /// Why a disposition may not be chosen after this.
    ///
    /// # Errors
    /// In a sentence of both languages.
    pub fn allows(self, outcome: Disposition) -> Result<(), &'static str> {
        use Disposition as D;
        match self {
            Self::Answered { .. } if !outcome.is_answered() => Err("电话已接通 The call was answered"),
            Self::Answered {
                has_answers,
                is_complete,
            } => {
                if outcome == D::Completed && !is_complete {
                    return Err("还有题目未答 Questions are left without an answer");
                }
                if outcome == D::Partial && !has_answers {
                    return Err("还没有一题作答 No question has an answer yet");
                }
                if is_complete && matches!(outcome, D::BreakOff | D::EarlyHangup | D::Silent) {
                    return Err("问卷已全部作答 Every question has its answer");
                }
                Ok(())
            }
            Self::NotAnswered(said) if said == outcome => Ok(()),
            Self::NotAnswered(_) if outcome.is_answered() => Err("电话未接通 The call was not answered"),
            Self::NotAnswered(_) if outcome.is_ours() || outcome == D::Unknown => {
                Err("本方原因由系统判定 Faults of our own side are told by the system")
            }
            Self::NotAnswered(_) => Ok(()),
        }
    }
}

/// What an agent says.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Who.
    pub agent: AgentId,
    /// In which conversation.
    pub conversation: ConversationId,
    /// What came of it.
    pub outcome: Disposition,
    /// Why, in a few words.
    pub cause: Option<String>,
    /// When the patient wants to be called.
    pub appointment: Option<Wall>,
    /// When the next follow-up of this encounter is due.
    pub follow_up: Option<Wall>,
    /// What the patient speaks.
    pub language: Option<String>,
    /// Whether every question on the way has its answer, by the dialplan.
    pub is_complete: bool,
    /// When the campaign's cases are tried again.
    pub retry: Arc<RetryPolicy>,
    /// When calls may be placed.
    pub schedule: Schedule,
    /// When.
    pub at: Wall,
}

/// What was chosen, and what becomes of the case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The attempt.
    pub attempt: AttemptId,
    /// The case.
    pub case: CaseId,
    /// Nothing where the case has been called since.
    pub next: Option<Next>,
}

/// A conversation that is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Which.
    pub conversation: ConversationId,
}

#[derive(sqlx::FromRow)]
struct Row {
    attempt_id: Option<i64>,
    case_id: Option<i64>,
    ended_at: Option<i64>,
    outcome: Option<String>,
    state: Option<String>,
    disposition: Option<String>,
    classified: Option<String>,
    is_answered: bool,
    counted: Option<i64>,
    digits: Option<String>,
    number_id: Option<i64>,
    has_answers: bool,
    is_last: bool,
    /// The agent let the patient go to a department, where the call is still up.
    is_elsewhere: bool,
}

const ROW: &str = "
select v.attempt_id, v.case_id, v.ended_at, v.outcome, a.state, a.disposition, a.classified,
    a.answered_at is not null as is_answered, a.counted, a.digits, a.number_id,
    exists (select 1 from attempt b join answer w on w.attempt_id = b.id
        where b.case_id = v.case_id and w.kind = 'value') as has_answers,
    not exists (select 1 from attempt b where b.case_id = v.case_id and b.id > v.attempt_id) as is_last,
    coalesce(v.left_at is not null and v.ended_at is not null and a.state = 'begun', 0) as is_elsewhere
from conversation v left join attempt a on a.id = v.attempt_id
where v.id = $1 and v.account_id = $2 and v.settled_at is null";

impl Store {
    /// Says what came of a conversation; may be said again until it is settled.
    pub async fn choose_outcome(&self, choice: Choice) -> Result<Result<Chosen, Refused>, Error> {
        self.write(choice).await
    }

    /// Ends a wrap-up: from now on nothing of the conversation changes. Where nobody answered, what the facts say is the
    /// outcome unless another was chosen.
    pub async fn settle_conversation(
        &self,
        agent: AgentId,
        conversation: ConversationId,
        at: Wall,
    ) -> Result<Result<Settled, Refused>, Error> {
        self.write(Settle {
            agent,
            conversation,
            at,
        })
        .await
    }

    /// Keeps the case for the agent while the phones ring, and ends the preview.
    pub async fn begin_dialing(
        &self,
        agent: AgentId,
        conversation: ConversationId,
        at: Wall,
    ) -> Result<Result<CaseId, Refused>, Error> {
        self.write(Dialing {
            agent,
            conversation,
            at,
        })
        .await
    }
}

async fn row(ledger: &mut Ledger<'_>, agent: AgentId, conversation: ConversationId) -> Result<Option<Row>, Error> {
    Ok(sqlx::query_as(ROW)
        .bind(conversation.0)
        .bind(agent.0)
        .fetch_optional(&mut *ledger.db)
        .await?)
}

impl Write for Choice {
    type Answer = Result<Chosen, Refused>;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<Self::Answer, Error> {
        let Some(row) = row(ledger, self.agent, self.conversation).await? else {
            return Ok(Err(Refused::NotPresent));
        };
        let (Some(attempt), Some(case)) = (row.attempt_id, row.case_id.map(CaseId)) else {
            return Ok(Err(Refused::NobodyCalled));
        };
        let facts_said = match (row.state.as_deref(), &row.disposition, row.ended_at) {
            // Of a patient who is with a department nothing is said yet but that he or she answered.
            _ if row.is_elsewhere => None,
            (Some("ended"), Some(said), Some(_)) => Some(disposition_of(row.classified.as_ref().unwrap_or(said))?),
            (_, _, _) => return Ok(Err(Refused::StillUp)),
        };
        let ending = match facts_said {
            Some(said) if !row.is_answered => Ending::NotAnswered(said),
            Some(_) | None => Ending::Answered {
                has_answers: row.has_answers,
                is_complete: self.is_complete,
            },
        };
        if let Err(why) = ending.allows(self.outcome) {
            return Ok(Err(Refused::DoesNotFollow(why)));
        }
        self.say(ledger, &row, AttemptId(attempt)).await?;
        let next = match row.is_last {
            true => Some(self.next(ledger, &row, AttemptId(attempt), case).await?),
            false => None,
        };
        let carried = next.map(|next| Carried {
            outcome: self.outcome,
            next,
            appointment: self.appointment,
            follow_up: self.follow_up,
            at: self.at,
        });
        match carried {
            Some(carried) if row.is_elsewhere => deferred::keep(ledger, self.conversation, &carried).await?,
            Some(carried) => {
                deferred::word(ledger, AttemptId(attempt), self.outcome, row.rule()).await?;
                carried.out(ledger, AttemptId(attempt), case).await?;
            }
            None => deferred::word(ledger, AttemptId(attempt), self.outcome, row.rule()).await?,
        }
        Ok(Ok(Chosen {
            attempt: AttemptId(attempt),
            case,
            next,
        }))
    }
}

impl Row {
    const fn rule(&self) -> &'static str {
        if self.is_answered { deferred::SAID } else { HEARD }
    }
}

impl Choice {
    /// The conversation has the agent's word.
    async fn say(&self, ledger: &mut Ledger<'_>, row: &Row, attempt: AttemptId) -> Result<(), Error> {
        sqlx::query("update conversation set outcome = $2, cause = $3, chosen_at = $4, deferred = null where id = $1")
            .bind(self.conversation.0)
            .bind(self.outcome.as_str())
            .bind(&self.cause)
            .bind(self.at.millis())
            .execute(&mut *ledger.db)
            .await?;
        if let (Disposition::OptOut, Some(digits)) = (self.outcome, &row.digits) {
            stop_calling(ledger, digits, self.at, "attempt", attempt).await?;
        }
        if let (Some(language), Some(case)) = (&self.language, row.case_id) {
            sqlx::query(
                "update patient set language = $2, updated_at = $3
                 where id = (select e.patient_id from cases c join encounter e on e.id = c.encounter_id where c.id = $1)",
            )
            .bind(case)
            .bind(language)
            .bind(self.at.millis())
            .execute(&mut *ledger.db)
            .await?;
        }
        Ok(())
    }

    /// What becomes of the case: as if the attempt had ended so, whatever was made of it before.
    async fn next(&self, ledger: &mut Ledger<'_>, row: &Row, attempt: AttemptId, case: CaseId) -> Result<Next, Error> {
        let (counted, deadline): (i64, Option<i64>) =
            sqlx::query_as("select max(counted - $2, 0), deadline_at from cases where id = $1")
                .bind(case.0)
                .bind(row.counted.unwrap_or_default())
                .fetch_one(&mut *ledger.db)
                .await?;
        let past: Vec<(String, Option<i64>)> = sqlx::query_as(
            "select disposition, number_id from attempt
             where case_id = $1 and ended_at is not null and id < $2 and direction = 'out' order by id",
        )
        .bind(case.0)
        .bind(attempt.0)
        .fetch_all(&mut *ledger.db)
        .await?;
        let tried = past
            .iter()
            .map(|(id, number)| Ok((disposition_of(id)?, number.map(NumberId))))
            .collect::<Result<Vec<_>, Error>>()?;
        let history = History {
            counted: u16::try_from(counted).unwrap_or(u16::MAX),
            past: past_of(tried, row.number_id.map(NumberId)),
            has_answers: row.has_answers,
        };
        let ended = Ended {
            disposition: self.outcome,
            reach: Reach::FarEnd,
            has_answers: row.has_answers,
        };
        let deadline = deadline.map(Wall::from_millis);
        let next = retry::next(&self.retry, &history, ended, self.at, &self.schedule, deadline);
        Ok(match self.appointment {
            // What was agreed is kept, whatever budget is left.
            Some(at) => Next::Again {
                at: at - TOLERANCE,
                counted: next.is_counted(),
            },
            None => next,
        })
    }
}

struct Settle {
    agent: AgentId,
    conversation: ConversationId,
    at: Wall,
}

impl Write for Settle {
    type Answer = Result<Settled, Refused>;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<Self::Answer, Error> {
        let conversation = self.conversation;
        let Some(row) = row(ledger, self.agent, conversation).await? else {
            // Settled already: asked again by another tab.
            let is_own: bool =
                sqlx::query_scalar("select exists (select 1 from conversation where id = $1 and account_id = $2)")
                    .bind(conversation.0)
                    .bind(self.agent.0)
                    .fetch_one(&mut *ledger.db)
                    .await?;
            return Ok(if is_own {
                Ok(Settled { conversation })
            } else {
                Err(Refused::NotPresent)
            });
        };
        if row.ended_at.is_none() || (row.state.as_deref() == Some("begun") && !row.is_elsewhere) {
            return Ok(Err(Refused::StillUp));
        }
        match (row.attempt_id, &row.outcome, row.is_answered || row.is_elsewhere) {
            (None, _, _) | (Some(_), Some(_), _) => {}
            (Some(_), None, true) => return Ok(Err(Refused::OutcomeFirst)),
            (Some(_), None, false) => {
                sqlx::query("update conversation set outcome = $2, chosen_at = $3 where id = $1")
                    .bind(conversation.0)
                    .bind(&row.disposition)
                    .bind(self.at.millis())
                    .execute(&mut *ledger.db)
                    .await?;
            }
        }
        settle(ledger, conversation, self.at).await?;
        Ok(Ok(Settled { conversation }))
    }
}

struct Dialing {
    agent: AgentId,
    conversation: ConversationId,
    at: Wall,
}

/// So long the phones may ring: the agent's and then the patient's.
const RINGING: Duration = Duration::from_secs(15 * 60);

impl Write for Dialing {
    type Answer = Result<CaseId, Refused>;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<Self::Answer, Error> {
        let case: Option<Option<i64>> = sqlx::query_scalar(
            "update conversation set preview_until = null
             where id = $1 and account_id = $2 and settled_at is null and ended_at is null returning case_id",
        )
        .bind(self.conversation.0)
        .bind(self.agent.0)
        .fetch_optional(&mut *ledger.db)
        .await?;
        let Some(case) = case.flatten() else {
            return Ok(Err(Refused::NotPresent));
        };
        let holder = crate::store::by_hand::holder_of(self.agent);
        sqlx::query(
            "update cases set lease_until = max(coalesce(lease_until, 0), $2), lease_holder = $3
             where id = $1 and state = 'open' and (lease_until is null or lease_until <= $4 or lease_holder = $3)",
        )
        .bind(case)
        .bind((self.at + RINGING).millis())
        .bind(holder)
        .bind(self.at.millis())
        .execute(&mut *ledger.db)
        .await?;
        Ok(Ok(CaseId(case)))
    }
}
