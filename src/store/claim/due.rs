//! What a claim reads: due cases in their order, each with all that decides about it, in one statement.

use std::collections::BTreeSet;

use sqlx::{Executor, FromRow, Sqlite, SqlitePool};

use crate::agents::of_case;
use crate::dialer::{
    Candidate, CandidateNumber, Claim, Direction, LONGEST_CAP, Listed, Owner, PatientState, Tried, claim,
};
use crate::ids::{CaseId, NumberId, PatientId};
use crate::moment::Wall;
use crate::outcome::Disposition;
use crate::phone::Number;
use crate::store::Error;
use crate::store::finish::disposition_of;
use crate::store::job::Ledger;

/// What decides about the cases of `page`: whatever they need is found by their own keys. That another case of the patient
/// is in hand is found by the patient's numbers, in the short indexes of leases and of calls under way: by the cases it
/// would be read from one page of the disk for each.
macro_rules! deciding {
    () => {
        "
select (select m.name from campaign m where m.id = $1) as campaign, e.department, p.language, page.id as case_id, p.id as patient_id, page.priority, page.due_at, page.next_at, page.deadline_at,
    page.appointment_at, page.counted, page.why, p.deceased,
    exists (select 1 from number m where m.patient_id = p.id and (
        exists (select 1 from cases o
                where o.lease_number_id = m.id and o.lease_until > $2 and o.id <> page.id)
        or exists (select 1 from attempt b indexed by attempt_open_number
                   where b.number_id = m.id and b.state = 'begun' and b.case_id is not page.id))) as held,
    (select group_concat(s.state) from patient_state s
     where s.patient_id = p.id and s.since <= $2 and (s.until is null or s.until > $2)) as states,
    (select min(case d.level when 'always' then 0 when 'purpose' then 1 else 2 end) from do_not_call d
     where d.patient_id = p.id and d.ended_at is null and (d.until is null or d.until > $2)
        and (d.level = 'always' or d.campaign_id = $1 or d.purpose = (select purpose from running))) as listed,
    (select json_group_array(json_array(a.id, a.begun_at, a.number_id, a.disposition, a.counted, a.direction = 'in'))
     from attempt a where a.case_id = page.id and a.ended_at is not null) as tried,
    case when $5 is not null then (
        select json_group_array(a.begun_at) from encounter o join cases k on k.encounter_id = o.id
        join attempt a on a.case_id = k.id
        where o.patient_id = p.id and a.begun_at > $5 and a.direction = 'out' and (a.counted = 1 or a.ended_at is null)) end as patient_tried,
    (select json_group_array(json_array(n.id, n.rank, n.digits, n.owner, n.state,
        (select min(case d.level when 'always' then 0 when 'purpose' then 1 else 2 end) from do_not_call d
         where d.digits = n.digits and d.ended_at is null and (d.until is null or d.until > $2)
            and (d.level = 'always' or d.campaign_id = $1 or d.purpose = (select purpose from running))),
        exists (select 1 from attempt a where a.state = 'begun' and a.digits = n.digits)
            or exists (select 1 from attempt r where r.digits = n.digits and r.locked_until > $2)
            or exists (select 1 from number m join cases o on o.lease_number_id = m.id
                       where m.digits = n.digits and o.id <> page.id and o.lease_until > $2),
        json((select json_group_array(k.begun_at) from attempt k
              where k.digits = n.digits and k.begun_at > $4 and k.rule is not 'not-dialed-in-time'
                and k.direction = 'out'))))
     from number n where n.patient_id = p.id) as numbers
from page
cross join encounter e on e.id = page.encounter_id
cross join patient p on p.id = e.patient_id"
    };
}

/// `$1` the campaign, `$2` the present, `$3` how many cases, `$4` how far back calls to a number are read, `$5` how far
/// back attempts at a patient (nothing: not at all), `$6` and `$7` between which times an appointment is due.
///
/// Priorities are few, so each has its own walk along the index, which stops at the limit; the patient's appointments have
/// theirs. Whatever else a case needs is found by its own keys.
pub(in crate::store) const DUE: &str = concat!(
    "
with recursive
running (purpose) as (
    select purpose from campaign where id = $1 and state = 'running' and paused_at is null),
level (priority) as (
    select (select max(c.priority) from cases c where c.campaign_id = $1 and c.state = 'open') from running
    union all
    select (select max(c.priority) from cases c
            where c.campaign_id = $1 and c.state = 'open' and c.priority < level.priority)
    from level where level.priority is not null),
found (id) as (
    select a.id from running, (
        select c.id from cases c
        where c.campaign_id = $1 and c.state = 'open' and c.appointment_at > $6 and c.appointment_at <= $7
            and c.next_at <= $2 and (c.lease_until is null or c.lease_until <= $2)
            and not exists (select 1 from attempt b where b.case_id = c.id and b.state = 'begun')
        order by c.appointment_at limit $3) a
    union
    select j.value from level, json_each((
        select json_group_array(k.id) from (
            select c.id from cases c
            where c.campaign_id = $1 and c.state = 'open' and c.priority = level.priority and c.next_at <= $2
                and (c.lease_until is null or c.lease_until <= $2)
                and not exists (select 1 from attempt b where b.case_id = c.id and b.state = 'begun')
            order by c.next_at, c.due_at, c.id limit $3) k)) j
    where level.priority is not null),
page as (
    select c.id, c.encounter_id, c.priority, c.due_at, c.next_at, c.deadline_at, c.counted, c.why,
        case when c.appointment_at > $6 then c.appointment_at end as appointment_at
    from found cross join cases c on c.id = found.id
    order by coalesce(c.appointment_at > $6 and c.appointment_at <= $7, 0) desc, c.priority desc,
        c.next_at, c.due_at, c.id
    limit $3)",
    deciding!()
);

/// One case instead, `$3`, if it is open and nobody has claimed it; whether its campaign runs does not matter.
pub(in crate::store) const ONE: &str = concat!(
    "
with running (purpose) as (select purpose from campaign where id = $1),
page as (
    select c.id, c.encounter_id, c.priority, c.due_at, c.next_at, c.deadline_at, c.counted, c.why,
        case when c.appointment_at > $6 then c.appointment_at end as appointment_at
    from cases c
    where c.id = $3 and c.state = 'open' and (c.lease_until is null or c.lease_until <= $2)
        and not exists (select 1 from attempt b where b.case_id = c.id and b.state = 'begun'))",
    deciding!()
);

/// The same for an agent, whose own lease `$7` does not count.
pub(in crate::store) const BY_HAND: &str = concat!(
    "
with running (purpose) as (select purpose from campaign where id = $1),
page as (
    select c.id, c.encounter_id, c.priority, c.due_at, c.next_at, c.deadline_at, c.counted, c.why,
        case when c.appointment_at > $6 then c.appointment_at end as appointment_at
    from cases c
    where c.id = $3 and c.state = 'open' and (c.lease_until is null or c.lease_until <= $2 or c.lease_holder = $7)
        and not exists (select 1 from attempt b where b.case_id = c.id and b.state = 'begun'))",
    deciding!()
);

#[derive(FromRow)]
struct DueRow {
    campaign: String,
    department: Option<String>,
    language: Option<String>,
    case_id: i64,
    patient_id: i64,
    priority: i64,
    due_at: i64,
    next_at: i64,
    deadline_at: Option<i64>,
    appointment_at: Option<i64>,
    counted: u16,
    why: Option<String>,
    deceased: bool,
    /// Another case of the patient is in hand: nobody has two calls at once, on whatever telephones.
    held: bool,
    states: Option<String>,
    listed: Option<i64>,
    tried: String,
    patient_tried: Option<String>,
    numbers: String,
}

/// An attempt of a case: row, begin, number, disposition, whether it counted, and whether the patient called us.
type TriedRow = (i64, i64, Option<i64>, String, Option<i64>, i64);

/// A number: row, rank, digits, owner, state, level on the list, whether it is locked, begins of its calls.
type NumberRow = (i64, i64, String, Option<String>, String, Option<i64>, i64, Vec<i64>);

/// A due case, with the reason of the last decision about it.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) candidate: Candidate,
    pub(super) why: Option<String>,
    /// What an agent should be able to do for it.
    pub(super) skills: BTreeSet<String>,
}

/// The next due cases in their order; none of a campaign that does not run.
pub(super) async fn page(claim: &Claim, ledger: &mut Ledger<'_>, most: usize) -> Result<Vec<Read>, Error> {
    let rows = rows(claim, most, &mut *ledger.db).await?;
    let mut page: Vec<Read> = rows.into_iter().map(read).collect::<Result<_, _>>()?;
    page.sort_by_key(|read| claim::turn(&read.candidate));
    Ok(page)
}

/// Reads what [`page`] would, for nobody: afterwards it is in memory.
pub(super) async fn read_ahead(claim: &Claim, most: usize, pool: &SqlitePool) -> Result<(), Error> {
    rows(claim, most, pool).await.map(drop)
}

async fn rows<'c>(claim: &Claim, most: usize, db: impl Executor<'c, Database = Sqlite>) -> Result<Vec<DueRow>, Error> {
    let limits = &claim.terms.limits;
    let patient_since = limits.patient.iter().map(|cap| cap.within).max();
    Ok(sqlx::query_as(DUE)
        .bind(claim.campaign.0)
        .bind(claim.now.millis())
        .bind(i64::try_from(most).unwrap_or(i64::MAX))
        .bind((claim.now - LONGEST_CAP).millis())
        .bind(patient_since.map(|within| (claim.now - within).millis()))
        .bind((claim.now - claim::TOLERANCE).millis())
        .bind((claim.now + claim::TOLERANCE).millis())
        .fetch_all(db)
        .await?)
}

/// A case as a claim would read it; none if it is closed, leased or being called.
pub(in crate::store) async fn one(claim: &Claim, case: CaseId, pool: &SqlitePool) -> Result<Option<Candidate>, Error> {
    let patient_since = claim.terms.limits.patient.iter().map(|cap| cap.within).max();
    let row: Option<DueRow> = sqlx::query_as(ONE)
        .bind(claim.campaign.0)
        .bind(claim.now.millis())
        .bind(case.0)
        .bind((claim.now - LONGEST_CAP).millis())
        .bind(patient_since.map(|within| (claim.now - within).millis()))
        .bind((claim.now - claim::TOLERANCE).millis())
        .fetch_optional(pool)
        .await?;
    row.map(|row| read(row).map(|read| read.candidate)).transpose()
}

/// A case as a claim would read it, for the agent who leases under this name; none if it is closed, called, or leased by
/// anybody else.
pub(in crate::store) async fn by_hand(
    claim: &Claim,
    case: CaseId,
    holder: &str,
    db: impl Executor<'_, Database = Sqlite>,
) -> Result<Option<Candidate>, Error> {
    let patient_since = claim.terms.limits.patient.iter().map(|cap| cap.within).max();
    let row: Option<DueRow> = sqlx::query_as(BY_HAND)
        .bind(claim.campaign.0)
        .bind(claim.now.millis())
        .bind(case.0)
        .bind((claim.now - LONGEST_CAP).millis())
        .bind(patient_since.map(|within| (claim.now - within).millis()))
        .bind((claim.now - claim::TOLERANCE).millis())
        .bind(holder)
        .fetch_optional(db)
        .await?;
    row.map(|row| read(row).map(|read| read.candidate)).transpose()
}

fn read(row: DueRow) -> Result<Read, Error> {
    let states = row.states.as_deref().unwrap_or_default().split(',');
    let states = states.filter_map(PatientState::parse);
    let listed = row.listed.and_then(level);
    let patient_tried: Option<Vec<i64>> = row.patient_tried.as_deref().map(json).transpose()?;
    let mut tried: Vec<TriedRow> = json(&row.tried)?;
    tried.sort_unstable_by_key(|(attempt, ..)| *attempt);
    let mut numbers: Vec<NumberRow> = json(&row.numbers)?;
    numbers.sort_unstable_by_key(|(id, rank, ..)| (*rank, *id));
    let candidate = Candidate {
        case: CaseId(row.case_id),
        patient: PatientId(row.patient_id),
        priority: i16::try_from(row.priority).unwrap_or_default(),
        due: Wall::from_millis(row.due_at),
        next_at: Wall::from_millis(row.next_at),
        deadline: row.deadline_at.map(Wall::from_millis),
        appointment: row.appointment_at.map(Wall::from_millis),
        counted: row.counted,
        tried: tried.into_iter().map(attempt).collect::<Result<_, _>>()?,
        patient_tried: times(patient_tried.unwrap_or_default()),
        states: states.chain(row.deceased.then_some(PatientState::Deceased)).collect(),
        numbers: numbers
            .into_iter()
            .map(|own| number(own, listed))
            .map(|own| {
                own.map(|own| CandidateNumber {
                    locked: own.locked || row.held,
                    ..own
                })
            })
            .collect::<Result<_, _>>()?,
    };
    Ok(Read {
        candidate,
        why: row.why,
        skills: of_case(&row.campaign, row.department.as_deref(), row.language.as_deref()),
    })
}

fn attempt((_, at, number, disposition, counted, came_in): TriedRow) -> Result<Tried, Error> {
    let disposition: Disposition = disposition_of(&disposition)?;
    Ok(Tried {
        at: Wall::from_millis(at),
        number: number.map(NumberId),
        disposition,
        counted: counted.map_or(!disposition.is_ours(), |counted| counted != 0),
        direction: if came_in != 0 { Direction::In } else { Direction::Out },
    })
}

/// Who is on the list as a patient is so with every number.
fn number(row: NumberRow, patient: Option<Listed>) -> Result<CandidateNumber, Error> {
    let (id, _, digits, owner, state, listed, locked, called) = row;
    Ok(CandidateNumber {
        id: NumberId(id),
        number: Number::parse(&digits).map_err(|why| Error::stored("number.digits", why))?,
        owner: match owner.as_deref() {
            Some("kin") => Owner::Kin,
            Some(_) | None => Owner::Patient,
        },
        dead: !matches!(state.as_str(), "ok" | "suspect"),
        listed: listed.and_then(level).into_iter().chain(patient).min(),
        locked: locked != 0,
        called: times(called),
    })
}

fn times(mut millis: Vec<i64>) -> Vec<Wall> {
    millis.sort_unstable();
    millis.into_iter().map(Wall::from_millis).collect()
}

const fn level(level: i64) -> Option<Listed> {
    match level {
        0 => Some(Listed::Always),
        1 => Some(Listed::Purpose),
        2 => Some(Listed::Campaign),
        _ => None,
    }
}

fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|why| Error::Json {
        what: "a due case",
        why: why.to_string(),
    })
}
