//! Number repair: who cannot be reached because no number leads there, numbers entered and judged, and the case put back
//! into the queue.

use crate::dialer::Outcome;
use crate::dialer::claim::Why;
use crate::ids::{CampaignId, CaseId, PatientId};
use crate::moment::Wall;
use crate::phone::{Number, NumberKind};
use crate::pii::{mask_name, mask_no};
use crate::store::finish::outcome_of;
use crate::store::job::{Ledger, Write};
use crate::store::{Error, Reader, Store};

use super::patient::masked;

/// So many patients with a bad number are looked at for one page: those without a follow-up that suffers are passed over.
const LOOKED_AT: u32 = 500;

/// A patient whose numbers need a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepairRow {
    /// The patient.
    pub patient: i64,
    /// The name, masked.
    pub name: Option<String>,
    /// The patient's number, masked.
    pub patient_no: Option<String>,
    /// The department of the case.
    pub department: Option<String>,
    /// The case that suffers: an open one before a failed one.
    pub case: i64,
    /// Its campaign's name.
    pub campaign: String,
    /// How it ended; none while it is open.
    pub outcome: Option<String>,
    /// Its deadline.
    pub deadline_at: Option<Wall>,
    /// The numbers that are bad, masked, with their states.
    pub bad: Vec<(String, String)>,
    /// Numbers that are left to call.
    pub good: u32,
    /// Numbers from which the patient called us and that are not entered, masked.
    pub called_from: Vec<String>,
}

/// One page of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepairPage {
    /// The rows, the newest patient first.
    pub rows: Vec<RepairRow>,
    /// The patient behind which the next page begins; none: this was the last one.
    pub next: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct Row {
    patient: i64,
    name: Option<String>,
    patient_no: Option<String>,
    department: Option<String>,
    case_id: i64,
    campaign: String,
    outcome: Option<String>,
    deadline_at: Option<Wall>,
    bad: String,
    good: u32,
    called_from: String,
}

/// Patients with a bad number of a state, so many of them; of these the ones with a follow-up that is open or failed. They come
/// as the page has them, so the limit ends the reading; told to sort, SQLite would look at the whole page first.
pub(in crate::store) const LIST: &str = "
with page as (
    select b.patient_id as id from number b
    where b.state <> 'ok' and ($1 is null or b.state = $1) and b.patient_id < $2
    group by b.patient_id order by b.patient_id desc limit $3
)
select p.id as patient, p.name, p.patient_no, e.department, c.id as case_id, m.name as campaign, c.outcome, c.deadline_at,
    (select json_group_array(json_array(n.digits, n.state)) from number n
        where n.patient_id = p.id and n.state <> 'ok') as bad,
    (select count(*) from number n where n.patient_id = p.id and n.state in ('ok', 'suspect')) as good,
    (select json_group_array(distinct b.digits) from call_back b
        where b.patient_id = p.id and b.digits is not null and not exists (
            select 1 from number n where n.patient_id = p.id and n.digits = b.digits)) as called_from
from page cross join patient p on p.id = page.id
join cases c on c.id = (
    select f.id from encounter v join cases f on f.encounter_id = v.id
    where v.patient_id = p.id and (f.state = 'open' or f.outcome in ('number_dead', 'not_reached'))
    order by f.state = 'open' desc, f.id desc limit 1)
join encounter e on e.id = c.encounter_id
join campaign m on m.id = c.campaign_id
where not p.deceased and p.erased_at is null and ($4 is null or e.department = $4)
limit $5";

/// The last patient that [`LIST`] looks at.
pub(in crate::store) const LOOKED: &str = "
select min(id), count(*) from (
    select b.patient_id as id from number b
    where b.state <> 'ok' and ($1 is null or b.state = $1) and b.patient_id < $2
    group by b.patient_id order by b.patient_id desc limit $3)";

impl Reader {
    /// Patients with a bad number and a follow-up that is open or failed for it, the newest first, those before a patient.
    /// A page may have fewer rows than asked for and still be followed by another.
    pub async fn number_repair(
        &self,
        state: Option<&str>,
        department: Option<&str>,
        before: i64,
        rows: u32,
    ) -> Result<RepairPage, Error> {
        let mut found: Vec<Row> = sqlx::query_as(LIST)
            .bind(state)
            .bind(before)
            .bind(LOOKED_AT)
            .bind(department)
            .bind(rows)
            .fetch_all(self.pool())
            .await?;
        found.sort_by_key(|row| std::cmp::Reverse(row.patient));
        let is_full = u32::try_from(found.len()).is_ok_and(|found| found == rows);
        let next = if is_full {
            found.last().map(|row| row.patient)
        } else {
            let (last, looked): (Option<i64>, u32) = sqlx::query_as(LOOKED)
                .bind(state)
                .bind(before)
                .bind(LOOKED_AT)
                .fetch_one(self.pool())
                .await?;
            last.filter(|_| looked == LOOKED_AT)
        };
        let rows = found.into_iter().map(Row::record).collect::<Result<_, _>>()?;
        Ok(RepairPage { rows, next })
    }

    /// Whose number a row is.
    ///
    /// # Errors
    /// [`Error::NoPatient`] if there is no such row.
    pub async fn number_owner(&self, number: i64) -> Result<PatientId, Error> {
        let found: Option<i64> = sqlx::query_scalar("select patient_id from number where id = $1")
            .bind(number)
            .fetch_optional(self.pool())
            .await?;
        found.map(PatientId).ok_or(Error::NoPatient)
    }

    /// Whose follow-up a case is.
    ///
    /// # Errors
    /// [`Error::NoCase`]
    pub async fn case_owner(&self, case: CaseId) -> Result<PatientId, Error> {
        let found: Option<i64> = sqlx::query_scalar(
            "select e.patient_id from cases c join encounter e on e.id = c.encounter_id where c.id = $1",
        )
        .bind(case.0)
        .fetch_optional(self.pool())
        .await?;
        found.map(PatientId).ok_or(Error::NoCase(case))
    }
}

impl Row {
    fn record(self) -> Result<RepairRow, Error> {
        let bad: Vec<(String, String)> =
            serde_json::from_str(&self.bad).map_err(|why| Error::stored("number.state", why))?;
        let from: Vec<String> =
            serde_json::from_str(&self.called_from).map_err(|why| Error::stored("call_back.digits", why))?;
        Ok(RepairRow {
            patient: self.patient,
            name: self.name.as_deref().map(mask_name),
            patient_no: self.patient_no.as_deref().map(mask_no),
            department: self.department,
            case: self.case_id,
            campaign: self.campaign,
            outcome: self.outcome,
            deadline_at: self.deadline_at,
            bad: bad
                .into_iter()
                .map(|(digits, state)| Ok((masked("number.digits", &digits)?, state)))
                .collect::<Result<_, Error>>()?,
            good: self.good,
            called_from: from
                .iter()
                .map(|digits| masked("call_back.digits", digits))
                .collect::<Result<_, _>>()?,
        })
    }
}

/// A number that a person enters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNumber {
    /// Whose.
    pub patient: PatientId,
    /// The number.
    pub number: Number,
    /// `self` or `kin`.
    pub owner: Option<String>,
    /// The relation of a kin.
    pub relation: Option<String>,
    /// Its place in the order of calling, from 0; none: behind all others.
    pub rank: Option<u32>,
}

/// A number that was entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberAdded {
    /// Its row.
    pub id: i64,
    /// It was not there before.
    pub is_new: bool,
}

/// What is said of a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberChange {
    /// Its row.
    pub number: i64,
    /// `ok`, `suspect`, `vacant`, `suspended` or `wrong`; none: as it is.
    pub state: Option<String>,
    /// Its place in the order of calling; none: as it is.
    pub rank: Option<u32>,
}

/// A case that is called again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requeued {
    /// The case to be called: the same, or a new round of one that had been closed.
    pub case: CaseId,
    /// Its campaign.
    pub campaign: CampaignId,
    /// It is a new round.
    pub is_new: bool,
}

impl Store {
    /// Enters a number of a patient, or brings one that is there to what is said of it: it is callable again.
    ///
    /// # Errors
    /// [`Error::NoPatient`]
    pub async fn add_number(&self, number: NewNumber) -> Result<NumberAdded, Error> {
        self.write(number).await
    }

    /// Changes the state or the rank of a number.
    ///
    /// # Errors
    /// [`Error::NoPatient`] if there is no such number.
    pub async fn change_number(&self, change: NumberChange) -> Result<(), Error> {
        self.write(change).await
    }

    /// Has a case called again: an open one at once, for one that failed for its numbers or was not reached a new round.
    ///
    /// # Errors
    /// [`Error::NoCase`], [`Error::PastDeadline`]; [`Error::CaseClosed`] for one that ended otherwise.
    pub async fn requeue(&self, case: CaseId, who: String, now: Wall) -> Result<Requeued, Error> {
        self.write(Requeue { case, who, now }).await
    }
}

/// The others keep their order around it.
async fn place(ledger: &mut Ledger<'_>, patient: i64, number: i64, rank: Option<u32>) -> Result<(), Error> {
    let mut order: Vec<i64> =
        sqlx::query_scalar("select id from number where patient_id = $1 and id <> $2 order by rank, id")
            .bind(patient)
            .bind(number)
            .fetch_all(&mut *ledger.db)
            .await?;
    let at = rank.and_then(|rank| usize::try_from(rank).ok()).unwrap_or(order.len());
    order.insert(at.min(order.len()), number);
    for (rank, id) in (0_i64..).zip(order) {
        sqlx::query("update number set rank = $2 where id = $1 and rank <> $2")
            .bind(id)
            .bind(rank)
            .execute(&mut *ledger.db)
            .await?;
    }
    Ok(())
}

impl Write for NewNumber {
    type Answer = NumberAdded;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<NumberAdded, Error> {
        let is_there: bool =
            sqlx::query_scalar("select exists (select 1 from patient where id = $1 and erased_at is null)")
                .bind(self.patient.0)
                .fetch_one(&mut *ledger.db)
                .await?;
        if !is_there {
            return Err(Error::NoPatient);
        }
        let known: Option<i64> = sqlx::query_scalar("select id from number where patient_id = $1 and digits = $2")
            .bind(self.patient.0)
            .bind(self.number.reveal())
            .fetch_optional(&mut *ledger.db)
            .await?;
        let kind = self.number.kind().map(|kind| match kind {
            NumberKind::Mobile => "mobile",
            NumberKind::Landline => "landline",
        });
        let id: i64 = sqlx::query_scalar(
            "insert into number (patient_id, digits, kind, owner, relation, rank) values ($1, $2, $3, $4, $5, 0)
             on conflict (patient_id, digits) do update set state = 'ok', kind = coalesce(excluded.kind, kind),
                owner = coalesce(excluded.owner, owner), relation = coalesce(excluded.relation, relation)
             returning id",
        )
        .bind(self.patient.0)
        .bind(self.number.reveal())
        .bind(kind)
        .bind(&self.owner)
        .bind(&self.relation)
        .fetch_one(&mut *ledger.db)
        .await?;
        if known.is_none() || self.rank.is_some() {
            place(ledger, self.patient.0, id, self.rank).await?;
        }
        Ok(NumberAdded {
            id,
            is_new: known.is_none(),
        })
    }
}

impl Write for NumberChange {
    type Answer = ();

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        let patient: Option<i64> =
            sqlx::query_scalar("update number set state = coalesce($2, state) where id = $1 returning patient_id")
                .bind(self.number)
                .bind(&self.state)
                .fetch_optional(&mut *ledger.db)
                .await?;
        let patient = patient.ok_or(Error::NoPatient)?;
        match self.rank {
            Some(rank) => place(ledger, patient, self.number, Some(rank)).await,
            None => Ok(()),
        }
    }
}

struct Requeue {
    case: CaseId,
    who: String,
    now: Wall,
}

#[derive(sqlx::FromRow)]
struct Failed {
    campaign_id: i64,
    encounter_id: i64,
    outcome: Option<String>,
    closed_at: Option<Wall>,
    deadline_at: Option<Wall>,
    last_round: i64,
    open: Option<i64>,
}

const CASE: &str = "
select c.campaign_id, c.encounter_id, c.outcome, c.closed_at, c.deadline_at,
    (select max(o.round) from cases o where o.encounter_id = c.encounter_id and o.campaign_id = c.campaign_id)
        as last_round,
    (select max(o.id) from cases o where o.encounter_id = c.encounter_id and o.campaign_id = c.campaign_id
        and o.state = 'open') as open
from cases c where c.id = $1";

impl Write for Requeue {
    type Answer = Requeued;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<Requeued, Error> {
        let case = self.case;
        let found: Option<Failed> = sqlx::query_as(CASE)
            .bind(case.0)
            .fetch_optional(&mut *ledger.db)
            .await?;
        let found = found.ok_or(Error::NoCase(case))?;
        if let Some(deadline) = found.deadline_at.filter(|deadline| *deadline <= self.now) {
            return Err(Error::PastDeadline { case, deadline });
        }
        // Asked twice, the new round is not made twice.
        let open = found.open.map(CaseId);
        let (again, is_new) = match (&found.outcome, found.closed_at, open) {
            (_, _, Some(open)) => (open, false),
            (Some(outcome), Some(at), None) => {
                let outcome = outcome_of(outcome)?;
                if !matches!(outcome, Outcome::NumberDead | Outcome::NotReached) {
                    return Err(Error::CaseClosed { case, outcome, at });
                }
                (self.next_round(ledger, &found).await?, true)
            }
            (_, _, None) => (case, false),
        };
        if !is_new {
            sqlx::query(
                "update cases set next_at = min(next_at, $2) where id = $1 and appointment_at is null and state = 'open'",
            )
            .bind(again.0)
            .bind(self.now.millis())
            .execute(&mut *ledger.db)
            .await?;
        }
        let detail = serde_json::json!({ "requeued_by": self.who, "case_before": case.0 });
        sqlx::query("insert into decision (case_id, at, why, until, detail) values ($1, $2, $3, $2, $4)")
            .bind(again.0)
            .bind(self.now.millis())
            .bind(Why::Due.as_str())
            .bind(detail.to_string())
            .execute(&mut *ledger.db)
            .await?;
        Ok(Requeued {
            case: again,
            campaign: CampaignId(found.campaign_id),
            is_new,
        })
    }
}

impl Requeue {
    async fn next_round(&self, ledger: &mut Ledger<'_>, found: &Failed) -> Result<CaseId, Error> {
        let case = sqlx::query_scalar(
            "insert into cases (campaign_id, encounter_id, round, due_at, next_at, deadline_at, created_at)
             values ($1, $2, $3, $4, $4, $5, $4) returning id",
        )
        .bind(found.campaign_id)
        .bind(found.encounter_id)
        .bind(found.last_round + 1)
        .bind(self.now.millis())
        .bind(found.deadline_at.map(Wall::millis))
        .fetch_one(&mut *ledger.db)
        .await?;
        Ok(CaseId(case))
    }
}
