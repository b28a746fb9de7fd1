//! What came of a conversation, as the agent says it: forced at its end, bound to what happened, and settled with the
//! wrap-up. What the facts alone said stays beside it.

use std::sync::Arc;
use std::time::Duration;

use super::Refused;
use super::reserve::settle;
use crate::calendar::Schedule;
use crate::dialer::claim::TOLERANCE;
use crate::dialer::retry::{self, Ended, History, past_of};
use crate::dialer::{Next, RetryPolicy};
use crate::ids::{AgentId, AttemptId, CaseId, ConversationId, NumberId};
use crate::moment::Wall;
use crate::outcome::{Disposition, Reach};
use crate::store::finish::{advance_case, disposition_of, follow_up_at, mark_deceased, mark_number};
use crate::store::job::{Ledger, Write};
use crate::store::keep::stop_calling;
use crate::store::{Error, Store, console};

/// The rule by which an agent's word is the disposition of a call that was answered: that of [`crate::outcome`].
const SAID: &str = "answered-agent-said";
/// Of one that was not, and whose announcement the agent heard.
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
}

const ROW: &str = "
select v.attempt_id, v.case_id, v.ended_at, v.outcome, a.state, a.disposition, a.classified,
    a.answered_at is not null as is_answered, a.counted, a.digits, a.number_id,
    exists (select 1 from attempt b join answer w on w.attempt_id = b.id
        where b.case_id = v.case_id and w.kind = 'value') as has_answers,
    not exists (select 1 from attempt b where b.case_id = v.case_id and b.id > v.attempt_id) as is_last
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
        let (Some("ended"), Some(said), Some(_)) = (row.state.as_deref(), &row.disposition, row.ended_at) else {
            return Ok(Err(Refused::StillUp));
        };
        let facts_said = disposition_of(row.classified.as_ref().unwrap_or(said))?;
        let ending = match row.is_answered {
            true => Ending::Answered {
                has_answers: row.has_answers,
                is_complete: self.is_complete,
            },
            false => Ending::NotAnswered(facts_said),
        };
        if let Err(why) = ending.allows(self.outcome) {
            return Ok(Err(Refused::DoesNotFollow(why)));
        }
        self.say(ledger, &row, AttemptId(attempt)).await?;
        let next = match row.is_last {
            true => Some(self.advance(ledger, &row, AttemptId(attempt), case).await?),
            false => None,
        };
        Ok(Ok(Chosen {
            attempt: AttemptId(attempt),
            case,
            next,
        }))
    }
}

impl Choice {
    /// The attempt has the agent's word, the facts' own beside it.
    async fn say(&self, ledger: &mut Ledger<'_>, row: &Row, attempt: AttemptId) -> Result<(), Error> {
        let counted = retry::counts(self.outcome, Reach::FarEnd);
        sqlx::query(
            "update attempt set classified = coalesce(classified, disposition), disposition = $2,
                counted = case when direction = 'in' then 0 else $4 end,
                rule = case when disposition = $2 and classified is null then rule else $3 end,
                facts = case when json_extract(facts, '$.agent') is not null
                    then json_set(facts, '$.agent.said', $2) else facts end
             where id = $1",
        )
        .bind(attempt.0)
        .bind(self.outcome.as_str())
        .bind(if row.is_answered { SAID } else { HEARD })
        .bind(counted)
        .execute(&mut *ledger.db)
        .await?;
        sqlx::query("update replay set disposition = $2 where attempt_id = $1")
            .bind(attempt.0)
            .bind(self.outcome.as_str())
            .execute(&mut *ledger.db)
            .await?;
        console::write(ledger.db, attempt.0, attempt.0).await?;
        sqlx::query("update conversation set outcome = $2, cause = $3, chosen_at = $4 where id = $1")
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
    async fn advance(
        &self,
        ledger: &mut Ledger<'_>,
        row: &Row,
        attempt: AttemptId,
        case: CaseId,
    ) -> Result<Next, Error> {
        let before = row.counted.unwrap_or_default();
        let (counted, deadline): (i64, Option<i64>) = sqlx::query_as(
            "update cases set counted = max(counted - $2, 0), state = 'open', outcome = null, closed_at = null
             where id = $1 returning counted, deadline_at",
        )
        .bind(case.0)
        .bind(before)
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
        let next = match (next, self.appointment) {
            // What was agreed is kept, whatever budget is left.
            (_, Some(at)) => Next::Again {
                at: at - TOLERANCE,
                counted: next.is_counted(),
            },
            (next, None) => next,
        };
        let came_in: bool = sqlx::query_scalar("select direction = 'in' from attempt where id = $1")
            .bind(attempt.0)
            .fetch_one(&mut *ledger.db)
            .await?;
        let next = if came_in { next.uncounted() } else { next };
        if let (Some(number), Some(digits)) = (row.number_id, &row.digits) {
            mark_number(ledger, number, digits, self.outcome, next).await?;
        }
        if self.outcome == Disposition::Deceased {
            mark_deceased(ledger, case.0, self.at).await?;
        }
        advance_case(ledger, case, Some(self.outcome), next, (self.at, self.appointment)).await?;
        if let (Next::Close { .. }, Some(due)) = (next, self.follow_up) {
            follow_up_at(ledger, case, due, self.at).await?;
        }
        Ok(next)
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
        if row.ended_at.is_none() || row.state.as_deref() == Some("begun") {
            return Ok(Err(Refused::StillUp));
        }
        match (row.attempt_id, &row.outcome, row.is_answered) {
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
