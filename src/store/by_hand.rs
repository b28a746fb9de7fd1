//! A call by hand: an agent's attempt is on disk before its INVITE leaves, after the checks of a claim.

use std::collections::BTreeSet;
use std::time::Duration;

use sqlx::FromRow;

use crate::dialer::claim::{self, Checked, Decision, Why, decide};
use crate::dialer::{
    BeginByHand, BegunByHand, Candidate, CandidateNumber, Claim, LONGEST_CAP, Listed, Owner, Refusal, Whom,
};
use crate::ids::{AgentId, AttemptId, NumberId};
use crate::moment::Wall;
use crate::phone::{self, Number};

use super::Error;
use super::begin::{mark_of, need_free};
use super::claim::{due, handed_out};
use super::job::{Ledger, Write};

/// The lease of a case in a conversation: longer than any call and its wrap-up. It ends with them.
pub(super) const LEASE: Duration = Duration::from_secs(3600);

/// The name under which an agent leases cases. No daemon has such a name.
pub(super) fn holder_of(agent: AgentId) -> String {
    format!("agent:{}", agent.0)
}

#[derive(FromRow)]
struct Conversation {
    account_id: i64,
    case_id: Option<i64>,
    attempt_id: Option<i64>,
    ended_at: Option<i64>,
}

pub(super) const CONVERSATION: &str =
    "select account_id, case_id, attempt_id, ended_at from conversation where id = $1 and settled_at is null";

/// The case, and whether a call of it is under way.
pub(super) const CASE: &str = "
select c.campaign_id, c.state = 'closed' as is_closed,
    exists (select 1 from dialplan where hash = $2) as is_dialplan_known
from cases c where c.id = $1";

/// The count first: the row that is read back is then the last thing to do.
const INSERT: &str = "
update cases set attempts = attempts + 1, lease_until = $13, lease_holder = $14, lease_number_id = $2 where id = $1;
insert into attempt (case_id, number_id, digits, trunk, ordinal, begun_at, dialplan_hash, resumed_from, caller, account_id,
    granted_by, grant_reason, set_aside, mark)
select $1, $2, $3, $4, c.attempts, $5, $6, $7, $8, $9, $10, $11, $12, lower(hex(randomblob(16))) from cases c where c.id = $1
returning id, mark";

impl Write for BeginByHand {
    type Answer = Result<BegunByHand, Refusal>;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<Self::Answer, Error> {
        let answer = self.begin(ledger).await?;
        let refused = answer.as_ref().err().map(Refusal::as_str);
        sqlx::query("update conversation set refused = $2 where id = $1 and settled_at is null")
            .bind(self.conversation.0)
            .bind(refused)
            .execute(&mut *ledger.db)
            .await?;
        Ok(answer)
    }
}

/// Whom it is to be, once that is allowed.
struct Allowed {
    /// The number as the attempt has it.
    digits: Number,
    /// Its row; none for a number that is not the patient's.
    number: Option<NumberId>,
    /// What a grant let pass.
    set_aside: Vec<&'static str>,
}

impl BeginByHand {
    async fn begin(&self, ledger: &mut Ledger<'_>) -> Result<Result<BegunByHand, Refusal>, Error> {
        let conversation: Option<Conversation> = sqlx::query_as(CONVERSATION)
            .bind(self.conversation.0)
            .fetch_optional(&mut *ledger.db)
            .await?;
        let own = |row: &Conversation| row.case_id == Some(self.case.0) && row.account_id == self.agent.0;
        let Some(conversation) = conversation.filter(own) else {
            return Ok(Err(Refusal::NotReady));
        };
        if let Some(attempt) = conversation.attempt_id {
            return self.begun_before(ledger, AttemptId(attempt)).await;
        }
        if conversation.ended_at.is_some() {
            return Ok(Err(Refusal::NotReady));
        }
        if let Some(why) = ledger.frost.why() {
            return Ok(Err(Refusal::Held { why }));
        }
        let case: Option<(i64, bool, bool)> = sqlx::query_as(CASE)
            .bind(self.case.0)
            .bind(&self.dialplan)
            .fetch_optional(&mut *ledger.db)
            .await?;
        let (campaign, is_dialplan_known) = match case {
            Some((campaign, false, known)) => (crate::ids::CampaignId(campaign), known),
            Some((_, true, _)) | None => return Ok(Err(Refusal::CaseClosed)),
        };
        if !is_dialplan_known {
            let hash = self.dialplan.clone();
            return Err(Error::NoDialplan { hash });
        }
        let claim = Claim {
            campaign,
            now: self.at,
            limit: 1,
            lease: LEASE,
            terms: self.terms.clone(),
        };
        let holder = holder_of(self.agent);
        let Some(candidate) = due::by_hand(&claim, self.case, &holder, &mut *ledger.db).await? else {
            return Ok(Err(Refusal::CaseTaken));
        };
        let allowed = match self.allowed(ledger, &candidate, &claim).await? {
            Ok(allowed) => allowed,
            Err(why) => return Ok(Err(why)),
        };
        let number = CandidateNumber {
            // What is not the patient's has no row: the attempt says so, and history counts it for no number.
            id: allowed.number.unwrap_or(NumberId(0)),
            number: allowed.digits.clone(),
            owner: Owner::Kin,
            dead: false,
            listed: None,
            locked: false,
            called: Vec::new(),
        };
        let claimed = handed_out(&claim, ledger, candidate, number).await?;
        let set_aside = serde_json::json!(allowed.set_aside).to_string();
        let (attempt, mark): (i64, String) = sqlx::query_as(INSERT)
            .bind(self.case.0)
            .bind(allowed.number.map(|number| number.0))
            .bind(allowed.digits.reveal())
            .bind(&self.trunk)
            .bind(self.at.millis())
            .bind(claimed.dialplan(&self.dialplan))
            .bind(claimed.resume.as_ref().map(|resume| resume.attempt.0))
            .bind(self.caller.as_ref().map(Number::reveal))
            .bind(self.agent.0)
            .bind(self.granted.as_ref().map(|granted| granted.by.0))
            .bind(self.granted.as_ref().map(|granted| granted.reason.as_str()))
            .bind((!allowed.set_aside.is_empty()).then_some(set_aside))
            .bind((self.at + LEASE).millis())
            .bind(&holder)
            .fetch_one(&mut *ledger.db)
            .await?;
        sqlx::query("update conversation set attempt_id = $2, number_id = $3 where id = $1")
            .bind(self.conversation.0)
            .bind(attempt)
            .bind(allowed.number.map(|number| number.0))
            .execute(&mut *ledger.db)
            .await?;
        if self.granted.is_some() {
            use_grant(ledger, self, attempt).await?;
        }
        Ok(Ok(BegunByHand {
            conversation: self.conversation,
            claimed,
            attempt: AttemptId(attempt),
            mark: mark_of(&mark)?,
        }))
    }

    /// What was answered before.
    async fn begun_before(
        &self,
        ledger: &mut Ledger<'_>,
        attempt: AttemptId,
    ) -> Result<Result<BegunByHand, Refusal>, Error> {
        let row: (String, Option<i64>, String, i64, i64, Option<i64>, i64, i64) = sqlx::query_as(
            "select a.digits, a.number_id, a.mark, c.campaign_id, c.counted, c.deadline_at, a.ordinal, a.begun_at
             from attempt a join cases c on c.id = a.case_id where a.id = $1",
        )
        .bind(attempt.0)
        .fetch_one(&mut *ledger.db)
        .await?;
        let (digits, number, mark, campaign, counted, deadline, ordinal, begun) = row;
        let claimed = crate::dialer::Claimed {
            campaign: crate::ids::CampaignId(campaign),
            case: self.case,
            number_id: NumberId(number.unwrap_or_default()),
            number: Number::parse(&digits).map_err(|why| Error::stored("attempt.digits", why))?,
            counted: u16::try_from(counted).unwrap_or(u16::MAX),
            attempts: u16::try_from(ordinal - 1).unwrap_or(u16::MAX),
            past: Vec::new(),
            deadline: deadline.map(Wall::from_millis),
            lease_until: Wall::from_millis(begun) + LEASE,
            resume: None,
            skills: BTreeSet::new(),
        };
        Ok(Ok(BegunByHand {
            conversation: self.conversation,
            claimed,
            attempt,
            mark: mark_of(&mark)?,
        }))
    }

    /// Which number, if the rules let it be called: those of the night, or a grant beside them. A lock nobody sets aside.
    async fn allowed(
        &self,
        ledger: &mut Ledger<'_>,
        candidate: &Candidate,
        claim: &Claim,
    ) -> Result<Result<Allowed, Refusal>, Error> {
        let mut whole = candidate.clone();
        // An agent waits for no pause between attempts; an appointment is kept.
        whole.next_at = whole.next_at.min(claim.now);
        let mut asked = whole.clone();
        match &self.whom {
            Whom::Next => {}
            Whom::Known(id) => asked.numbers.retain(|number| number.id == *id),
            Whom::Other(other) => {
                let spellings = phone::normalised(other.reveal());
                let is_it = |number: &CandidateNumber| number.number == *other || spellings.contains(&number.number);
                asked.numbers.retain(is_it);
                if asked.numbers.is_empty() {
                    return self.stranger(ledger, other, asked, claim).await;
                }
            }
        }
        if asked.numbers.is_empty() && self.whom != Whom::Next {
            return Ok(Err(Refusal::NotTheCases));
        }
        let mut against = claim::against(&asked, claim);
        // A patient who wants no calls wants none at a relative's telephone either.
        let is_listed = |why: &Why| matches!(why, Why::DoNotCall(_));
        if !against.iter().any(is_listed) {
            against.extend(claim::against(&whole, claim).into_iter().find(is_listed));
        }
        let decision = decide(&asked, claim);
        if against.is_empty()
            && let Checked::Dial { number } = decision.checked
        {
            let chosen = asked.numbers.into_iter().find(|own| own.id == number);
            return Ok(chosen
                .map(|number| Allowed::of(number, Vec::new()))
                .ok_or(Refusal::NotTheCases));
        }
        let refusal = match (decision.checked, against.first()) {
            (Checked::Dial { .. }, Some(why)) => Refusal::check(*why, None),
            (Checked::Dial { .. } | Checked::Hold { .. } | Checked::Close { .. }, _) => refusal_of(decision),
        };
        if self.granted.is_none() || !refusal.is_grantable() {
            return Ok(Err(refusal));
        }
        let best = |number: &&CandidateNumber| (number.dead, number.listed.is_some());
        let Some(number) = asked.numbers.iter().min_by_key(best).cloned() else {
            return Ok(Err(refusal));
        };
        if number.locked {
            return Ok(Err(Refusal::check(Why::NumberLocked, None)));
        }
        Ok(Ok(Allowed::of(number, words(&against))))
    }

    /// A number that is none of the patient's: only with a grant, and only if nobody is on it. What else stands against it is
    /// set aside, and so written down.
    async fn stranger(
        &self,
        ledger: &mut Ledger<'_>,
        number: &Number,
        mut asked: Candidate,
        claim: &Claim,
    ) -> Result<Result<Allowed, Refusal>, Error> {
        if self.granted.is_none() {
            return Ok(Err(Refusal::NotTheCases));
        }
        match need_free(ledger, number.reveal(), claim.now).await {
            Ok(()) => {}
            Err(Error::NumberInUse(_) | Error::NumberLocked { .. }) => {
                return Ok(Err(Refusal::check(Why::NumberLocked, None)));
            }
            Err(error) => return Err(error),
        }
        let (listed, called): (Option<i64>, String) = sqlx::query_as(STRANGER)
            .bind(number.reveal())
            .bind(claim.now.millis())
            .bind(claim.campaign.0)
            .bind((claim.now - LONGEST_CAP).millis())
            .fetch_one(&mut *ledger.db)
            .await?;
        let called: Vec<i64> = serde_json::from_str(&called).map_err(|why| Error::stored("attempt.begun_at", why))?;
        asked.numbers = vec![CandidateNumber {
            id: NumberId(0),
            number: number.clone(),
            owner: Owner::Kin,
            dead: false,
            listed: match listed {
                Some(0) => Some(Listed::Always),
                Some(1) => Some(Listed::Purpose),
                Some(_) => Some(Listed::Campaign),
                None => None,
            },
            locked: false,
            called: called.into_iter().map(Wall::from_millis).collect(),
        }];
        let mut set_aside = vec![NOT_THE_CASES];
        set_aside.extend(words(&claim::against(&asked, claim)));
        Ok(Ok(Allowed {
            digits: number.clone(),
            number: None,
            set_aside,
        }))
    }
}

/// Whether a number is on the do-not-call list of a campaign, as the level's rank, and when it was called lately.
pub(super) const STRANGER: &str = "
select (select min(case d.level when 'always' then 0 when 'purpose' then 1 else 2 end) from do_not_call d
        where d.digits = $1 and d.ended_at is null and (d.until is null or d.until > $2)
            and (d.level = 'always' or d.campaign_id = $3
                or d.purpose = (select m.purpose from campaign m where m.id = $3))),
    (select json_group_array(a.begun_at) from attempt a
     where a.digits = $1 and a.begun_at > $4 and a.rule is not 'not-dialed-in-time')";

fn words(against: &[Why]) -> Vec<&'static str> {
    against.iter().map(|why| why.as_str()).collect()
}

/// What is written down of a number that was none of the case's.
const NOT_THE_CASES: &str = "not_the_cases";

impl Allowed {
    fn of(number: CandidateNumber, set_aside: Vec<&'static str>) -> Self {
        Self {
            digits: number.number,
            number: Some(number.id),
            set_aside,
        }
    }
}

fn refusal_of(decision: Decision) -> Refusal {
    let until = match decision.checked {
        Checked::Hold { until } => Some(until),
        Checked::Close { .. } | Checked::Dial { .. } => None,
    };
    Refusal::check(decision.why, until)
}

/// The grant of a supervisor holds for one call.
async fn use_grant(ledger: &mut Ledger<'_>, begin: &BeginByHand, attempt: i64) -> Result<(), Error> {
    sqlx::query(
        "update call_grant set used_by = $4
         where case_id = $1 and account_id = $2 and until > $3 and used_by is null",
    )
    .bind(begin.case.0)
    .bind(begin.agent.0)
    .bind(begin.at.millis())
    .bind(attempt)
    .execute(&mut *ledger.db)
    .await?;
    Ok(())
}

impl super::Store {
    /// Writes down an attempt that an agent makes, if the rules of the night or a grant allow it.
    pub async fn begin_by_hand(&self, begin: BeginByHand) -> Result<Result<BegunByHand, Refusal>, Error> {
        self.write_for_call(begin).await
    }
}
