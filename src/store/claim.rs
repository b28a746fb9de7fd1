//! Claim: leases due cases to this daemon, by the checks and the order of `dialer::claim`; and giving them back.

pub(super) mod ahead;
pub(super) mod due;

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::json;
use sqlx::FromRow;

use crate::dialer::claim::{Checked, Decision, decide};
use crate::dialer::retry::past_of;
use crate::dialer::{
    Candidate, CandidateNumber, Claim, Claimed, Direction, Outcome, Release, Resume, Tried, may_leave_unfinished,
};
use crate::ids::{AttemptId, CaseId};
use crate::moment::Wall;

use super::Error;
use super::job::{Lasts, Ledger, Write};
use super::transaction::settle;
use due::Read;

/// Due cases read at a time: as many as are asked for, within these.
const SMALLEST_PAGE: usize = 8;
const PAGE: usize = 64;
/// Due cases looked at in one transaction at most, however few of them may be dialed.
const LOOKED_AT: usize = 128;
/// Transactions of one claim at most: more cases than anybody has, and yet an end.
pub(super) const PARTS: u32 = 1_000;

/// What one transaction of a claim found.
#[derive(Debug)]
pub(super) struct Part {
    /// Leased.
    pub(super) cases: Vec<Claimed>,
    rest: Rest,
}

/// Whether due cases are left that were not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rest {
    Perhaps,
    None,
}

impl Part {
    /// Whether this answers the claim. If not, all that was looked at had to be closed or held: the claim goes on in the
    /// next transaction, after what waits meanwhile.
    pub(super) fn is_answer(&self) -> bool {
        !self.cases.is_empty() || self.rest == Rest::None
    }

    fn all(cases: Vec<Claimed>) -> Self {
        let rest = Rest::None;
        Self { cases, rest }
    }
}

impl Write for Claim {
    type Answer = Part;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<Part, Error> {
        let mut claimed = Vec::new();
        if ledger.frost.why().is_some() {
            return Ok(Part::all(claimed));
        }
        let mut leased = BTreeSet::new();
        let mut patients = BTreeSet::new();
        let mut looked_at = 0;
        while claimed.len() < self.limit {
            // Every case of a page leaves the due set: leased, closed or held. So the next page is a new one.
            let wanted = self.limit - claimed.len();
            let most = wanted.clamp(SMALLEST_PAGE, PAGE);
            let page = due::page(self, ledger, most.min(LOOKED_AT - looked_at)).await?;
            if page.is_empty() {
                return Ok(Part::all(claimed));
            }
            looked_at += page.len();
            let mut settled = Vec::with_capacity(page.len());
            let mut dialed = Vec::new();
            for Read {
                mut candidate,
                why,
                skills,
            } in page
            {
                if dialed.len() == wanted {
                    break;
                }
                for number in &mut candidate.numbers {
                    number.locked |= leased.contains(&number.number) || patients.contains(&candidate.patient);
                }
                let decision = decide(&candidate, self);
                settled.push(Settled::of(&candidate, decision, why.as_deref(), self.now));
                let Checked::Dial { number } = decision.checked else {
                    continue;
                };
                if let Some(number) = candidate.numbers.iter().find(|own| own.id == number).cloned() {
                    leased.insert(number.number.clone());
                    patients.insert(candidate.patient);
                    dialed.push((candidate, number, skills));
                }
            }
            settle_page(self, ledger, &settled).await?;
            for (candidate, number, skills) in dialed {
                claimed.push(Claimed {
                    skills,
                    ..handed_out(self, ledger, candidate, number).await?
                });
            }
            if looked_at >= LOOKED_AT || ledger.makes_way() {
                break;
            }
        }
        ledger.ahead.of(self);
        Ok(Part {
            cases: claimed,
            rest: Rest::Perhaps,
        })
    }

    /// A lease that a power cut undoes was held by a daemon that the same cut has ended; before anybody is dialed, the
    /// attempt's own commit settles the lease too.
    fn lasts(&self) -> Lasts {
        Lasts::ThroughCrash
    }
}

/// What is written down of a decision. As JSON an array, which the statement takes apart by place.
#[derive(Serialize)]
struct Settled(
    i64,
    &'static str,
    /// Until when it is held.
    Option<i64>,
    /// How it is closed.
    Option<&'static str>,
    /// The number that it is leased with.
    Option<i64>,
    /// Whether the reason is another than the one before, and is told apart: what is dialed has its attempt.
    bool,
    Option<String>,
);

impl Settled {
    fn of(candidate: &Candidate, decision: Decision, before: Option<&str>, now: Wall) -> Self {
        let why = decision.why.as_str();
        let (until, outcome, number) = match decision.checked {
            Checked::Dial { number } => (None, None, Some(number.0)),
            // Whatever is decided, it leaves the due set.
            Checked::Hold { until } => (Some(until.millis().max(now.millis() + 1)), None, None),
            Checked::Close { outcome } => (None, Some(outcome.as_str()), None),
        };
        let is_news = number.is_none() && before != Some(why);
        let detail = outcome.map(|outcome| json!({ "outcome": outcome, "counted": candidate.counted }).to_string());
        Self(candidate.case.0, why, until, outcome, number, is_news, detail)
    }
}

/// `$1` the decisions, `$2` the present, `$3` the end of a lease, `$4` its holder: what was decided about a page of cases,
/// in one trip.
pub(super) const SETTLE: &str = "
insert into decision (case_id, at, why, until, detail)
select j.value ->> 0, $2, j.value ->> 1, j.value ->> 2, j.value ->> 6 from json_each($1) j where j.value ->> 5;
update cases set why = j.why, why_at = $2, why_until = j.until, next_at = coalesce(j.until, next_at),
    state = case when j.outcome is null then state else 'closed' end, outcome = j.outcome,
    closed_at = case when j.outcome is not null then $2 end,
    lease_until = case when j.number is not null then $3 end,
    lease_holder = case when j.number is not null then $4 end, lease_number_id = j.number
from (select value ->> 0 as id, value ->> 1 as why, value ->> 2 as until, value ->> 3 as outcome, value ->> 4 as number
      from json_each($1)) j
where cases.id = j.id and cases.state = 'open'";

async fn settle_page(claim: &Claim, ledger: &mut Ledger<'_>, settled: &[Settled]) -> Result<(), Error> {
    let rows = serde_json::to_string(settled).map_err(|why| Error::Json {
        what: "decisions",
        why: why.to_string(),
    })?;
    let query = sqlx::query(SETTLE)
        .bind(rows)
        .bind(claim.now.millis())
        .bind((claim.now + claim.lease).millis())
        .bind(ledger.holder);
    settle(ledger.db, query, 2).await
}

/// A leased case as the dialer takes it.
pub(super) async fn handed_out(
    claim: &Claim,
    ledger: &mut Ledger<'_>,
    candidate: Candidate,
    number: CandidateNumber,
) -> Result<Claimed, Error> {
    let leaves = |tried: &Tried| may_leave_unfinished(tried.disposition);
    let resume = match candidate.tried.iter().any(leaves) {
        true => unfinished(ledger, candidate.case).await?,
        false => None,
    };
    let ours = candidate.tried.iter().filter(|tried| tried.direction == Direction::Out);
    let tried = ours.map(|tried| (tried.disposition, tried.number));
    Ok(Claimed {
        campaign: claim.campaign,
        case: candidate.case,
        number_id: number.id,
        number: number.number,
        counted: candidate.counted,
        attempts: u16::try_from(candidate.tried.len()).unwrap_or(u16::MAX),
        past: past_of(tried, Some(number.id)),
        deadline: candidate.deadline,
        lease_until: claim.now + claim.lease,
        resume,
        // An agent who calls by hand has the case already.
        skills: BTreeSet::new(),
    })
}

#[derive(FromRow)]
struct UnfinishedRow {
    id: i64,
    dialplan_hash: String,
    text: String,
    session: String,
}

/// The attempts that may have left a questionnaire behind ([`may_leave_unfinished`]), the last one first; a session holds the
/// answers of those before it as well. A talk with an agent has an empty one, or that of an offered call-back.
pub(super) const UNFINISHED: &str = "
select a.id, a.dialplan_hash, d.text, a.session
from attempt a join dialplan d on d.hash = a.dialplan_hash
where a.case_id = $1 and a.state = 'ended' and a.session <> ''
    and a.disposition in ('partial', 'unknown', 'interrupted', 'appointment')
    and exists (select 1 from answer w join attempt b on b.id = w.attempt_id
                where b.case_id = $1 and w.kind = 'value')
    and not exists (select 1 from attempt r where r.case_id = $1 and r.disposition in ('refused', 'opt_out'))
order by a.id desc limit 8";

pub(super) async fn unfinished(ledger: &mut Ledger<'_>, case: CaseId) -> Result<Option<Resume>, Error> {
    let rows: Vec<UnfinishedRow> = sqlx::query_as(UNFINISHED)
        .bind(case.0)
        .fetch_all(&mut *ledger.db)
        .await?;
    let mut left = rows.into_iter().map(|row| Resume {
        attempt: AttemptId(row.id),
        dialplan: row.dialplan_hash,
        text: row.text,
        session: row.session,
    });
    Ok(left.find(Resume::holds_questionnaire))
}

/// Closes a case with an outcome at a time, each by the number of its parameter; without an outcome it changes nothing.
macro_rules! close_case {
    ($case:literal, $outcome:literal, $at:literal) => {
        concat!(
            "update cases set state = 'closed', outcome = ",
            $outcome,
            ", closed_at = ",
            $at,
            ", lease_until = null, lease_holder = null, lease_number_id = null where id = ",
            $case,
            " and ",
            $outcome,
            " is not null and (state = 'open' or outcome = 'partial' and ",
            $outcome,
            " = 'completed')"
        )
    };
}
pub(super) use close_case;

/// Closes a case. One that is closed stays so, but with some answers it can still be completed.
pub(super) async fn close(ledger: &mut Ledger<'_>, case: CaseId, outcome: Outcome, now: Wall) -> Result<(), Error> {
    let query = sqlx::query(close_case!("$1", "$2", "$3"))
        .bind(case.0)
        .bind(outcome.as_str())
        .bind(now.millis());
    settle(ledger.db, query, 1).await
}

impl Write for Release {
    type Answer = ();

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        sqlx::query(
            "update cases set lease_until = null, lease_holder = null, lease_number_id = null
             where id = $1 and lease_holder = $2
                and not exists (select 1 from attempt a where a.case_id = $1 and a.state = 'begun')",
        )
        .bind(self.case.0)
        .bind(ledger.holder)
        .execute(&mut *ledger.db)
        .await?;
        if let Some(not_before) = self.not_before {
            sqlx::query("update cases set next_at = max(next_at, $2) where id = $1 and state = 'open'")
                .bind(self.case.0)
                .bind(not_before.millis())
                .execute(&mut *ledger.db)
                .await?;
        }
        Ok(())
    }
}
