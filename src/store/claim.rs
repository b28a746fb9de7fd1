//! Claim: leases due cases to this daemon, by the checks and the order of `dialer::claim`; and giving them back.

use std::collections::BTreeSet;

use sqlx::FromRow;

use crate::dialer::claim::{Checked, decide, order};
use crate::dialer::{
    Candidate, CandidateNumber, Claim, Claimed, Listed, Outcome, Owner, PatientState, Release, Resume,
};
use crate::ids::{AttemptId, CaseId, NumberId, PatientId};
use crate::moment::Wall;
use crate::phone::Number;

use super::Error;
use super::finish::disposition_of;
use super::job::{Ledger, Write};

/// Due cases read at a time.
const PAGE: u16 = 64;
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

#[derive(FromRow)]
struct DueRow {
    case_id: i64,
    patient_id: i64,
    number_id: Option<i64>,
    digits: Option<String>,
    number_state: Option<String>,
    due_at: i64,
    next_at: i64,
    deadline_at: Option<i64>,
    counted: u16,
    deceased: bool,
    do_not_call: bool,
    number_locked: bool,
}

/// Of a patient's numbers the usable one of lowest rank is called; a dead one is shown only if there is no other.
pub(super) const DUE: &str = "
select c.id as case_id, p.id as patient_id, n.id as number_id, n.digits, n.state as number_state,
    c.due_at, c.next_at, c.deadline_at, c.counted, p.deceased,
    exists (select 1 from do_not_call d where d.digits = n.digits and d.ended_at is null
        and (d.until is null or d.until > $2)) as do_not_call,
    exists (select 1 from attempt a where a.state = 'begun' and a.digits = n.digits)
        or exists (select 1 from attempt r where r.digits = n.digits and r.locked_until > $2)
        or exists (select 1 from number m join cases o on o.lease_number_id = m.id
                   where m.digits = n.digits and o.id <> c.id and o.lease_until > $2) as number_locked
from cases c
join encounter e on e.id = c.encounter_id
join patient p on p.id = e.patient_id
left join number n on n.id = (
    select m.id from number m where m.patient_id = p.id
    order by case when m.state in ('ok', 'suspect') then 0 else 1 end, m.rank, m.id limit 1)
where c.campaign_id = $1 and c.state = 'open' and c.next_at <= $2
    and (c.lease_until is null or c.lease_until <= $2)
    and not exists (select 1 from attempt b where b.case_id = c.id and b.state = 'begun')
order by c.next_at, c.due_at, c.id
limit $3";

impl Write for Claim {
    type Answer = Part;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<Part, Error> {
        let running: Option<i64> =
            sqlx::query_scalar("select 1 from campaign where id = $1 and state = 'running' and paused_at is null")
                .bind(self.campaign.0)
                .fetch_optional(&mut *ledger.db)
                .await?;
        let mut claimed = Vec::new();
        if running.is_none() || ledger.frost.why().is_some() {
            return Ok(Part::all(claimed));
        }
        let mut leased = BTreeSet::new();
        let mut looked_at = 0;
        while claimed.len() < self.limit {
            // Every case of a page leaves the due set: leased, closed or held. So the next page is a new one.
            let (read, page) = page(self, ledger).await?;
            if read == 0 {
                return Ok(Part::all(claimed));
            }
            looked_at += read;
            for mut candidate in page {
                if claimed.len() == self.limit {
                    break;
                }
                for number in &mut candidate.numbers {
                    number.locked |= leased.contains(&number.number);
                }
                match decide(&candidate, self).checked {
                    Checked::Dial { number } => {
                        let Some(number) = candidate.numbers.iter().find(|own| own.id == number) else {
                            continue;
                        };
                        leased.insert(number.number.clone());
                        claimed.push(lease(self, ledger, &candidate, number).await?);
                    }
                    Checked::Hold { until } => hold(ledger, candidate.case, until.max(self.now)).await?,
                    Checked::Close { outcome } => close(ledger, candidate.case, outcome, self.now).await?,
                }
            }
            if looked_at >= LOOKED_AT || ledger.makes_way() {
                break;
            }
        }
        Ok(Part {
            cases: claimed,
            rest: Rest::Perhaps,
        })
    }
}

/// The next due cases in their order, and how many were read: those without any number are closed on the way.
async fn page(claim: &Claim, ledger: &mut Ledger<'_>) -> Result<(usize, Vec<Candidate>), Error> {
    let rows: Vec<DueRow> = sqlx::query_as(DUE)
        .bind(claim.campaign.0)
        .bind(claim.now.millis())
        .bind(PAGE)
        .fetch_all(&mut *ledger.db)
        .await?;
    let read = rows.len();
    let mut candidates = Vec::with_capacity(read);
    for row in rows {
        match candidate(row)? {
            Ok(candidate) => candidates.push(candidate),
            // Nothing to dial: number repair.
            Err(case) => close(ledger, case, Outcome::NumberDead, claim.now).await?,
        }
    }
    order(&mut candidates);
    Ok((read, candidates))
}

/// Leases, and tells how the earlier attempts ended.
const LEASE: &str = "
update cases set lease_until = $2, lease_holder = $3, lease_number_id = $4 where id = $1;
select disposition from attempt where case_id = $1 and state = 'ended' order by id";

async fn lease(
    claim: &Claim,
    ledger: &mut Ledger<'_>,
    candidate: &Candidate,
    number: &CandidateNumber,
) -> Result<Claimed, Error> {
    let lease_until = claim.now + claim.lease;
    let past: Vec<String> = sqlx::query_scalar(LEASE)
        .bind(candidate.case.0)
        .bind(lease_until.millis())
        .bind(ledger.holder)
        .bind(number.id.0)
        .fetch_all(&mut *ledger.db)
        .await?;
    let resume = match past.is_empty() {
        true => None,
        false => unfinished(ledger, candidate.case).await?,
    };
    Ok(Claimed {
        campaign: claim.campaign,
        case: candidate.case,
        number_id: number.id,
        number: number.number.clone(),
        counted: candidate.counted,
        attempts: u16::try_from(past.len()).unwrap_or(u16::MAX),
        past: past.iter().map(|id| disposition_of(id)).collect::<Result<_, _>>()?,
        deadline: candidate.deadline,
        lease_until,
        resume,
    })
}

#[derive(FromRow)]
struct UnfinishedRow {
    id: i64,
    dialplan_hash: String,
    text: String,
    session: String,
}

/// The last attempt that was broken off after an answer; a session holds the answers of those before it as well.
pub(super) const UNFINISHED: &str = "
select a.id, a.dialplan_hash, d.text, a.session
from attempt a join dialplan d on d.hash = a.dialplan_hash
where a.case_id = $1 and a.state = 'ended' and a.session is not null
    and a.disposition in ('partial', 'unknown', 'interrupted')
    and exists (select 1 from answer w join attempt b on b.id = w.attempt_id
                where b.case_id = $1 and w.kind = 'value')
    and not exists (select 1 from attempt r where r.case_id = $1 and r.disposition in ('refused', 'opt_out'))
order by a.id desc limit 1";

async fn unfinished(ledger: &mut Ledger<'_>, case: CaseId) -> Result<Option<Resume>, Error> {
    let row: Option<UnfinishedRow> = sqlx::query_as(UNFINISHED)
        .bind(case.0)
        .fetch_optional(&mut *ledger.db)
        .await?;
    Ok(row.map(|row| Resume {
        attempt: AttemptId(row.id),
        dialplan: row.dialplan_hash,
        text: row.text,
        session: row.session,
    }))
}

/// The row as the checks want it, or the case that has no number at all.
fn candidate(row: DueRow) -> Result<Result<Candidate, CaseId>, Error> {
    let case = CaseId(row.case_id);
    let (Some(number_id), Some(digits), Some(state)) = (row.number_id, row.digits, row.number_state) else {
        return Ok(Err(case));
    };
    Ok(Ok(Candidate {
        case,
        patient: PatientId(row.patient_id),
        priority: 0,
        due: Wall::from_millis(row.due_at),
        next_at: Wall::from_millis(row.next_at),
        deadline: row.deadline_at.map(Wall::from_millis),
        appointment: None,
        counted: row.counted,
        tried: Vec::new(),
        patient_tried: Vec::new(),
        states: row.deceased.then_some(PatientState::Deceased).into_iter().collect(),
        numbers: vec![CandidateNumber {
            id: NumberId(number_id),
            number: Number::parse(&digits).map_err(|why| Error::stored("number.digits", why))?,
            owner: Owner::Patient,
            dead: !matches!(state.as_str(), "ok" | "suspect"),
            listed: row.do_not_call.then_some(Listed::Always),
            locked: row.number_locked,
            called: Vec::new(),
        }],
    }))
}

/// A held case waits: its `next_at` moves, so that it does not stand in front of the others.
async fn hold(ledger: &mut Ledger<'_>, case: CaseId, until: Wall) -> Result<(), Error> {
    sqlx::query("update cases set next_at = $2 where id = $1")
        .bind(case.0)
        .bind(until.millis())
        .execute(&mut *ledger.db)
        .await?;
    Ok(())
}

/// Closes a case without an attempt.
pub(super) async fn close(ledger: &mut Ledger<'_>, case: CaseId, outcome: Outcome, now: Wall) -> Result<(), Error> {
    sqlx::query(
        "update cases set state = 'closed', outcome = $2, closed_at = $3,
            lease_until = null, lease_holder = null, lease_number_id = null
         where id = $1 and state = 'open'",
    )
    .bind(case.0)
    .bind(outcome.as_str())
    .bind(now.millis())
    .execute(&mut *ledger.db)
    .await?;
    Ok(())
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
