//! The offline list: who would be called by the end of the day, for people who call by hand while the machine is away.

use crate::ids::{CampaignId, CaseId};
use crate::moment::Wall;
use crate::outcome::Disposition;
use crate::phone::Number;
use crate::pii::Pii;
use crate::store::finish::disposition_of;
use crate::store::{Error, Reader};

/// So many cases a list has at most: nobody calls more by hand in a day.
pub const MOST: u32 = 2_000;

/// A case to be called by hand.
#[derive(Clone, Debug, PartialEq)]
pub struct OfflineRow {
    /// The case.
    pub case: CaseId,
    /// The visit's number.
    pub visit_no: Pii<String>,
    /// The patient's name.
    pub name: Pii<Option<String>>,
    /// The department.
    pub department: Option<String>,
    /// The doctor.
    pub doctor: Option<String>,
    /// The discharge.
    pub discharged: Option<Wall>,
    /// When it may be tried.
    pub next_at: Wall,
    /// When it is too late.
    pub deadline: Option<Wall>,
    /// The time at which the patient asked to be called.
    pub appointment: Option<Wall>,
    /// Attempts so far.
    pub attempts: u32,
    /// How the last one ended.
    pub last: Option<Disposition>,
    /// Numbers that may be called, in their order, with whose they are.
    pub numbers: Vec<(Number, Option<String>)>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    visit_no: String,
    name: Option<String>,
    department: Option<String>,
    doctor: Option<String>,
    discharged_at: Option<i64>,
    next_at: i64,
    deadline_at: Option<i64>,
    appointment_at: Option<i64>,
    attempts: u32,
    last_disposition: Option<String>,
    numbers: String,
}

/// Whom a case's patient `p` and deadline let be called: whoever may not be is left out before rows are counted off.
macro_rules! may_be_called {
    () => {
        "not p.deceased and p.erased_at is null and (c.deadline_at is null or c.deadline_at > $2)
    and not exists (select 1 from patient_state s
        where s.patient_id = p.id and s.since <= $2 and (s.until is null or s.until > $2))
    and not exists (select 1 from do_not_call d where d.patient_id = p.id and d.ended_at is null
        and (d.until is null or d.until > $2)
        and (d.level = 'always' or d.campaign_id = $1 or d.purpose = (select g.purpose from campaign g where g.id = $1)))
    and exists (select 1 from number m where m.patient_id = p.id and "
    };
}

/// A number `m` that may be called.
macro_rules! is_open {
    () => {
        "m.state in ('ok', 'suspect')
            and not exists (select 1 from do_not_call d where d.digits = m.digits and d.ended_at is null
                and (d.until is null or d.until > $2)
                and (d.level = 'always' or d.campaign_id = $1
                    or d.purpose = (select g.purpose from campaign g where g.id = $1)))"
    };
}

/// `$1` the campaign, `$2` the present, `$3` until when, `$4` the department or null, `$5` how many. As a claim reads them: each
/// priority has its own walk along the index, and the patients' appointments have theirs.
pub(in crate::store) const DUE: &str = concat!(
    "
with recursive level (priority) as (
    select max(c.priority) from cases c where c.campaign_id = $1 and c.state = 'open'
    union all
    select (select max(c.priority) from cases c
            where c.campaign_id = $1 and c.state = 'open' and c.priority < level.priority)
    from level where level.priority is not null),
found (id) as (
    select appointed.id from (
        select c.id from cases c cross join encounter e on e.id = c.encounter_id cross join patient p on p.id = e.patient_id
        where c.campaign_id = $1 and c.state = 'open' and c.appointment_at is not null and c.appointment_at <= $3
            and c.next_at <= $3 and ($4 is null or e.department = $4) and ",
    may_be_called!(),
    is_open!(),
    ")
        order by c.appointment_at limit $5) appointed
    union
    select j.value from level, json_each((
        select json_group_array(waiting.id) from (
            select c.id from cases c indexed by cases_due cross join encounter e on e.id = c.encounter_id
            cross join patient p on p.id = e.patient_id
            where c.campaign_id = $1 and c.state = 'open' and c.priority = level.priority and c.next_at <= $3
                and ($4 is null or e.department = $4) and ",
    may_be_called!(),
    is_open!(),
    ")
            order by c.next_at, c.due_at, c.id limit $5) waiting)) j
    where level.priority is not null)
select c.id, e.visit_no, p.name, e.department, e.doctor, e.discharged_at, c.next_at, c.deadline_at, c.appointment_at, c.attempts,
    c.last_disposition,
    (select json_group_array(json_array(phone.digits, phone.owner)) from (
        select m.digits, m.owner from number m where m.patient_id = p.id and ",
    is_open!(),
    "
        order by m.rank, m.id) phone) as numbers
from found cross join cases c on c.id = found.id
cross join encounter e on e.id = c.encounter_id
cross join patient p on p.id = e.patient_id
order by c.appointment_at is null, c.appointment_at, c.priority desc, c.next_at, c.due_at, c.id limit $5"
);

impl Reader {
    /// Who would be called by a time, appointments first; at most `rows`. Whoever has no number left to call is not among them.
    pub async fn offline_list(
        &self,
        campaign: CampaignId,
        department: Option<&str>,
        (now, until): (Wall, Wall),
        rows: u32,
    ) -> Result<Vec<OfflineRow>, Error> {
        let found: Vec<Row> = sqlx::query_as(DUE)
            .bind(campaign.0)
            .bind(now.millis())
            .bind(until.millis())
            .bind(department)
            .bind(rows)
            .fetch_all(self.pool())
            .await?;
        found.into_iter().map(Row::record).collect()
    }
}

impl Row {
    fn record(self) -> Result<OfflineRow, Error> {
        let numbers: Vec<(String, Option<String>)> =
            serde_json::from_str(&self.numbers).map_err(|why| Error::stored("number.digits", why))?;
        let numbers = numbers.into_iter().map(|(digits, owner)| {
            let number = Number::parse(&digits).map_err(|why| Error::stored("number.digits", why))?;
            Ok((number, owner))
        });
        Ok(OfflineRow {
            case: CaseId(self.id),
            visit_no: Pii::new(self.visit_no),
            name: Pii::new(self.name),
            department: self.department,
            doctor: self.doctor,
            discharged: self.discharged_at.map(Wall::from_millis),
            next_at: Wall::from_millis(self.next_at),
            deadline: self.deadline_at.map(Wall::from_millis),
            appointment: self.appointment_at.map(Wall::from_millis),
            attempts: self.attempts,
            last: self.last_disposition.as_deref().map(disposition_of).transpose()?,
            numbers: numbers.collect::<Result<_, Error>>()?,
        })
    }
}
