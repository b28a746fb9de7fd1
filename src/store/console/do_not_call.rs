//! The do-not-call list page by page, the newest entry first, and the appointments of all campaigns. Masked.

use crate::ids::PatientId;
use crate::moment::Wall;
use crate::pii::{mask_name, mask_no};
use crate::store::console::Visible;
use crate::store::dnc::Entries;
use crate::store::{Error, Reader};

use super::patient::masked;
use super::patients::department_of;

/// So many entries are looked at for one page: ended ones between those in force are passed over.
const LOOKED_AT: u32 = 5_000;

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct BarredRow {
    /// Its row.
    pub id: i64,
    /// The number, masked.
    #[sqlx(rename = "digits")]
    pub number: Option<String>,
    /// The patient's row, for an entry of a patient.
    pub patient_id: Option<i64>,
    /// The patient's number, masked.
    pub patient_no: Option<String>,
    /// The patient's name, masked.
    pub name: Option<String>,
    /// `always`, `purpose` or `campaign`.
    pub level: String,
    /// For which purpose or campaign.
    pub only: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// How it came there.
    pub source: String,
    /// Who put it there.
    pub who: Option<String>,
    /// Since when.
    pub since: Wall,
    /// Until when; none: for good.
    pub until: Option<Wall>,
    /// When it was taken off.
    pub ended_at: Option<Wall>,
    /// By whom.
    pub ended_by: Option<String>,
}

/// Which entries are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BarredAsked {
    /// Ended ones too, or not.
    pub entries: Entries,
    /// `always`, `purpose` or `campaign`; none: all.
    pub level: Option<String>,
    /// Only this number, in the spellings under which it may be stored; at most two. None: all.
    pub digits: Vec<String>,
}

/// An entry to be taken off: whom it bars, and at which level.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct BarredWhole {
    /// The number as it is stored: for the job that ends it, not for screens.
    pub digits: Option<String>,
    /// The patient.
    pub patient_id: Option<i64>,
    /// `always`, `purpose` or `campaign`.
    pub level: String,
    /// The purpose or the campaign's name.
    pub only: Option<String>,
    /// When it was taken off.
    pub ended_at: Option<Wall>,
}

/// An appointment.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct AppointmentRow {
    /// The case.
    pub case_id: i64,
    /// The patient.
    pub patient_id: i64,
    /// The patient's name, masked.
    pub name: Option<String>,
    /// The patient's number, masked.
    pub patient_no: Option<String>,
    /// The department.
    pub department: Option<String>,
    /// Its campaign's name.
    pub campaign: String,
    /// The time.
    pub at: Wall,
    /// The case's deadline.
    pub deadline_at: Option<Wall>,
}

/// The entries before a row, those that are asked for among so many.
pub(in crate::store) const PAGE: &str = "
with page as (select * from do_not_call where id < $1 order by id desc limit $6)
select page.id, page.digits, page.patient_id, p.patient_no, p.name, page.level, coalesce(page.purpose, m.name) as only, page.reason, page.source,
    page.who, page.since, page.until, page.ended_at, page.ended_by
from page
left join patient p on p.id = page.patient_id
left join campaign m on m.id = page.campaign_id
where ($2 or (page.ended_at is null and (page.until is null or page.until > $3))) and ($4 is null or page.level = $4)
order by page.id desc limit $5";

/// The entries of a number.
pub(in crate::store) const OF_NUMBER: &str = "
select d.id, d.digits, d.patient_id, p.patient_no, p.name, d.level, coalesce(d.purpose, m.name) as only, d.reason, d.source,
    d.who, d.since, d.until, d.ended_at, d.ended_by
from do_not_call d
left join patient p on p.id = d.patient_id
left join campaign m on m.id = d.campaign_id
where d.digits in ($6, $7) and d.id < $1
    and ($2 or (d.ended_at is null and (d.until is null or d.until > $3))) and ($4 is null or d.level = $4)
order by d.id desc limit $5";

/// The entries of a patient and of the patient's numbers, ended ones too.
pub(in crate::store) const OF_PATIENT: &str = "
select d.id, d.digits, d.patient_id, null as patient_no, null as name, d.level, coalesce(d.purpose, m.name) as only,
    d.reason, d.source, d.who, d.since, d.until, d.ended_at, d.ended_by
from (
    select o.id from do_not_call o where o.patient_id = $1
    union select o.id from number n join do_not_call o on o.digits = n.digits where n.patient_id = $1
    order by 1 desc limit 200
) found
cross join do_not_call d on d.id = found.id
left join campaign m on m.id = d.campaign_id
order by d.id desc";

/// The last entry that [`PAGE`] looks at.
pub(in crate::store) const LOOKED: &str =
    "select min(id), count(*) from (select id from do_not_call where id < $1 order by id desc limit $2)";

/// The appointments after one, the earliest first.
pub(in crate::store) const APPOINTMENTS: &str = "
select c.id as case_id, p.id as patient_id, p.name, p.patient_no, e.department, m.name as campaign,
    c.appointment_at as at, c.deadline_at
from cases c
join encounter e on e.id = c.encounter_id
join patient p on p.id = e.patient_id
join campaign m on m.id = c.campaign_id
where c.state = 'open' and c.appointment_at is not null and (c.appointment_at, c.id) > ($1, $2)
    and ($3 is null or e.department = $3)
order by c.appointment_at, c.id limit $4";

impl Reader {
    /// Entries before row `before`, the newest first, at most `rows`; and the row behind which the next page begins. A page
    /// may have fewer rows than asked for and still be followed by another.
    pub async fn barred(
        &self,
        asked: &BarredAsked,
        before: i64,
        rows: u32,
        now: Wall,
    ) -> Result<(Vec<BarredRow>, Option<i64>), Error> {
        let all = asked.entries == Entries::All;
        let is_of_number = !asked.digits.is_empty();
        let query = sqlx::query_as(if is_of_number { OF_NUMBER } else { PAGE })
            .bind(before)
            .bind(all)
            .bind(now.millis())
            .bind(&asked.level)
            .bind(rows);
        let query = if is_of_number {
            query.bind(asked.digits.first()).bind(asked.digits.get(1))
        } else {
            query.bind(LOOKED_AT)
        };
        let found: Vec<BarredRow> = query.fetch_all(self.pool()).await?;
        let next = if u32::try_from(found.len()).is_ok_and(|found| found == rows) {
            found.last().map(|row| row.id)
        } else if is_of_number {
            None
        } else {
            let (last, looked): (Option<i64>, u32) = sqlx::query_as(LOOKED)
                .bind(before)
                .bind(LOOKED_AT)
                .fetch_one(self.pool())
                .await?;
            last.filter(|_| looked == LOOKED_AT)
        };
        Ok((
            found.into_iter().map(BarredRow::masked).collect::<Result<_, _>>()?,
            next,
        ))
    }

    /// The entries of a patient and of the patient's numbers, the newest first, at most 200.
    pub async fn patient_barred(&self, patient: PatientId) -> Result<Vec<BarredRow>, Error> {
        let rows: Vec<BarredRow> = sqlx::query_as(OF_PATIENT)
            .bind(patient.0)
            .fetch_all(self.pool())
            .await?;
        rows.into_iter().map(BarredRow::masked).collect()
    }

    /// One entry, for whoever takes it off; none if there is no such row.
    pub async fn barred_whole(&self, entry: i64) -> Result<Option<BarredWhole>, Error> {
        Ok(sqlx::query_as(
            "select d.digits, d.patient_id, d.level, coalesce(d.purpose, m.name) as only, d.ended_at
             from do_not_call d left join campaign m on m.id = d.campaign_id where d.id = $1",
        )
        .bind(entry)
        .fetch_optional(self.pool())
        .await?)
    }

    /// The appointments of open cases that may be seen, the earliest first, those after a time and a case.
    pub async fn appointments_after(
        &self,
        visible: &Visible,
        after: (Wall, i64),
        rows: u32,
    ) -> Result<Vec<AppointmentRow>, Error> {
        let Some(department) = department_of(visible) else {
            return Ok(Vec::new());
        };
        let found: Vec<AppointmentRow> = sqlx::query_as(APPOINTMENTS)
            .bind(after.0.millis())
            .bind(after.1)
            .bind(department)
            .bind(rows)
            .fetch_all(self.pool())
            .await?;
        let hide = |row: AppointmentRow| AppointmentRow {
            name: row.name.as_deref().map(mask_name),
            patient_no: row.patient_no.as_deref().map(mask_no),
            ..row
        };
        Ok(found.into_iter().map(hide).collect())
    }
}

impl BarredRow {
    fn masked(self) -> Result<Self, Error> {
        let number = self.number.as_deref();
        Ok(Self {
            number: number.map(|digits| masked("do_not_call.digits", digits)).transpose()?,
            name: self.name.as_deref().map(mask_name),
            patient_no: self.patient_no.as_deref().map(mask_no),
            ..self
        })
    }
}
