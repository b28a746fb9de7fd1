//! Patients found by one box: a name, a patient number, a visit number, a telephone number or its last four digits.
//! What leaves here is masked; one field in full is read by [`Reader::revealed`] alone.

#[cfg(test)]
mod tests;

use std::time::Duration;

use tokio::time::Instant;

use crate::ids::PatientId;
use crate::moment::Wall;
use crate::pii::{Pii, mask_name, mask_no};
use crate::store::console::Visible;
use crate::store::{Error, Reader};

/// What is looked for, read once from what was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sought {
    /// A patient number or a visit number, exactly.
    pub no: Option<Pii<String>>,
    /// A telephone number, in the spellings under which it may be stored; at most two.
    pub digits: Vec<String>,
    /// The last four digits of a telephone number.
    pub tail: Option<String>,
    /// A name, or its beginning.
    pub name: Option<Pii<String>>,
}

/// A patient in the results.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct PatientRow {
    /// Its row.
    pub id: i64,
    /// The name, masked.
    pub name: Option<String>,
    /// The patient's number, masked.
    pub patient_no: Option<String>,
    /// `male` or `female`.
    pub sex: Option<String>,
    /// The age as the list said it.
    pub age: Option<String>,
    /// The date of birth.
    #[sqlx(default)]
    pub birth: Option<String>,
    /// Whether the patient has died.
    pub deceased: bool,
    /// When everything that leads to the person was taken out.
    pub erased_at: Option<Wall>,
    /// The department of the latest encounter.
    pub department: Option<String>,
    /// Open follow-ups.
    pub open_cases: u32,
    /// When the first of them is looked at next.
    pub next_at: Option<Wall>,
    /// The last attempt.
    pub last_attempt: Option<i64>,
    /// When it began.
    pub last_at: Option<Wall>,
    /// How it ended.
    pub last_disposition: Option<String>,
}

/// Patients that were found, and before which row the next page begins; none: nothing is left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundPatients {
    /// The newest first.
    pub rows: Vec<PatientRow>,
    /// The next page. A page may be short, even empty, and still have one: then it was looked for long enough.
    pub next: Option<i64>,
}

/// One field that can be seen in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The name.
    Name,
    /// The patient's number.
    PatientNo,
    /// The identity card.
    IdCard,
    /// The number of this encounter.
    VisitNo(i64),
    /// This telephone number.
    Number(i64),
}

/// So many at least are looked at in the first go, where not all of them may be seen.
const LOOK: i64 = 200;
/// And so many at most.
const LONGEST_LOOK: i64 = 16_000;
/// How long one request looks for patients who may be seen: past it, those that were found are given out.
const PATIENCE: Duration = Duration::from_millis(120);

/// How a search goes along the patients that are meant.
#[derive(Clone, Copy, Debug)]
struct Looks {
    /// How many are looked at in the first go; in each that follows twice as many.
    first: i64,
    /// After so long no further go is begun.
    patience: Duration,
}

/// The next `$9` patients of a search before row `$7`, the newest first: of them those of department `$8`, or all, and behind
/// them the last one that was looked at, with how many were. Names have no index in the order of rows: the entries of a name
/// are read, which is short work, and the newest of them kept.
pub(in crate::store) const LOOKED: &str = "
with looked as materialized (
    select found.id from (
        select id from patient where patient_no = $1 and id < $7
        union select patient_id from encounter where visit_no = $1 and patient_id < $7
        union select patient_id from number where digits in ($2, $3) and patient_id < $7
        union select * from (
            select distinct patient_id from number where substr(digits, -4) = $4 and patient_id < $7
            order by patient_id desc limit $9)
        union select * from (
            select id from patient indexed by patient_name where name >= $5 and name < $6 and id < $7
            order by id desc limit $9)
    ) found
    order by found.id desc limit $9
)
select looked.id, 0 as many from looked
where $8 is null or exists (select 1 from encounter e where e.patient_id = looked.id and e.department = $8)
union all select min(looked.id), count(*) from looked";

/// What is shown of patients, `$1` as JSON, to somebody who sees department `$2`, or all.
pub(in crate::store) const SHOWN: &str = "
select p.id, p.name, p.patient_no, p.sex, p.age, p.birth, p.deceased, p.erased_at,
    (select e.department from encounter e where e.patient_id = p.id and ($2 is null or e.department = $2)
        order by coalesce(e.discharged_at, e.created_at) desc, e.id desc limit 1) as department,
    (select count(*) from encounter e join cases c on c.encounter_id = e.id
        where e.patient_id = p.id and c.state = 'open' and ($2 is null or e.department = $2)) as open_cases,
    (select min(c.next_at) from encounter e join cases c on c.encounter_id = e.id
        where e.patient_id = p.id and c.state = 'open' and ($2 is null or e.department = $2)) as next_at,
    a.id as last_attempt, a.begun_at as last_at, a.disposition as last_disposition
from json_each($1) asked cross join patient p on p.id = asked.value
left join attempt a on a.id = (
    select max(t.id) from encounter e join cases c on c.encounter_id = e.id join attempt t on t.case_id = c.id
    where e.patient_id = p.id and ($2 is null or e.department = $2))
order by p.id desc";

/// Whether a patient is one of a department.
pub(in crate::store) const IS_OF: &str = "
select exists (select 1 from encounter e where e.patient_id = $1 and e.department = $2)";

impl Reader {
    /// The patients that are meant, the newest row first, those before row `before`, at most `rows`.
    pub async fn find_patients(
        &self,
        sought: &Sought,
        visible: &Visible,
        before: i64,
        rows: u32,
    ) -> Result<FoundPatients, Error> {
        let looks = Looks {
            first: match visible {
                Visible::All => i64::from(rows),
                Visible::Department(_) | Visible::Of(_) | Visible::Nothing => LOOK.max(4 * i64::from(rows)),
            },
            patience: PATIENCE,
        };
        self.look_for_patients(sought, visible, before, rows, looks).await
    }

    async fn look_for_patients(
        &self,
        sought: &Sought,
        visible: &Visible,
        mut before: i64,
        rows: u32,
        looks: Looks,
    ) -> Result<FoundPatients, Error> {
        let Some(department) = department_of(visible) else {
            return Ok(FoundPatients::default());
        };
        let (began, wanted) = (Instant::now(), usize::try_from(rows).unwrap_or(usize::MAX));
        let (mut found, mut look) = (Vec::new(), looks.first);
        let next = loop {
            let mut seen = self.patients_looked_at(sought, department, before, look).await?;
            // The last one that was looked at comes last.
            let (last, many) = seen.pop().unwrap_or_default();
            seen.sort_unstable_by(|one, other| other.cmp(one));
            found.extend(seen.into_iter().filter_map(|(id, _)| id));
            if found.len() >= wanted {
                found.truncate(wanted);
                break found.last().copied();
            }
            match last {
                Some(last) if many >= look => before = last,
                Some(_) | None => break None,
            }
            if began.elapsed() > looks.patience {
                break Some(before);
            }
            look = LONGEST_LOOK.max(looks.first).min(2 * look);
        };
        let ids: serde_json::Value = found.into();
        let shown: Vec<PatientRow> = sqlx::query_as(SHOWN)
            .bind(ids.to_string())
            .bind(department)
            .fetch_all(self.pool())
            .await?;
        let rows = shown.into_iter().map(PatientRow::masked).collect();
        Ok(FoundPatients { rows, next })
    }

    /// Of the next patients that are meant those of a department, then the last one of them all, with how many there were.
    async fn patients_looked_at(
        &self,
        sought: &Sought,
        department: Option<&str>,
        before: i64,
        look: i64,
    ) -> Result<Vec<(Option<i64>, i64)>, Error> {
        let name = sought.name.as_ref().map(|name| name.reveal().as_str());
        Ok(sqlx::query_as(LOOKED)
            .bind(sought.no.as_ref().map(|no| no.reveal().as_str()))
            .bind(sought.digits.first())
            .bind(sought.digits.get(1))
            .bind(&sought.tail)
            .bind(name)
            // No name goes on with the last character there is.
            .bind(name.map(|name| format!("{name}{}", char::MAX)))
            .bind(before)
            .bind(department)
            .bind(look)
            .fetch_all(self.pool())
            .await?)
    }

    /// Whether there is such a patient among those that may be seen.
    ///
    /// # Errors
    /// [`Error::NoPatient`] if not.
    pub async fn need_patient(&self, patient: PatientId, visible: &Visible) -> Result<(), Error> {
        let seen: bool = match department_of(visible) {
            None => false,
            Some(None) => {
                sqlx::query_scalar("select exists (select 1 from patient where id = $1)")
                    .bind(patient.0)
                    .fetch_one(self.pool())
                    .await?
            }
            Some(Some(department)) => {
                sqlx::query_scalar(IS_OF)
                    .bind(patient.0)
                    .bind(department)
                    .fetch_one(self.pool())
                    .await?
            }
        };
        if seen { Ok(()) } else { Err(Error::NoPatient) }
    }

    /// One field of a patient in full; none if it is empty, or not this patient's.
    pub async fn revealed(&self, patient: PatientId, field: Field) -> Result<Option<Pii<String>>, Error> {
        let (sql, row) = match field {
            Field::Name => ("select name from patient where id = $1 and $2 = 0", 0),
            Field::PatientNo => ("select patient_no from patient where id = $1 and $2 = 0", 0),
            Field::IdCard => ("select id_card from patient where id = $1 and $2 = 0", 0),
            Field::VisitNo(row) => ("select visit_no from encounter where patient_id = $1 and id = $2", row),
            Field::Number(row) => ("select digits from number where patient_id = $1 and id = $2", row),
        };
        let found: Option<Option<String>> = sqlx::query_scalar(sql)
            .bind(patient.0)
            .bind(row)
            .fetch_optional(self.pool())
            .await?;
        Ok(found.flatten().map(Pii::new))
    }

    /// A text by which the commands know this very patient: its patient number, else the number of a visit that is nobody
    /// else's patient number.
    ///
    /// # Errors
    /// [`Error::NoPatient`] if there is none.
    pub async fn known_by(&self, patient: PatientId) -> Result<Pii<String>, Error> {
        let texts: Vec<String> = sqlx::query_scalar(
            "select patient_no from patient where id = $1 and patient_no is not null
             union all select * from (select visit_no from encounter where patient_id = $1 order by id desc limit 50)",
        )
        .bind(patient.0)
        .fetch_all(self.pool())
        .await?;
        for text in texts {
            if self.find_patient(&text).await? == patient {
                return Ok(Pii::new(text));
            }
        }
        Err(Error::NoPatient)
    }
}

impl PatientRow {
    pub(super) fn masked(self) -> Self {
        Self {
            name: self.name.as_deref().map(mask_name),
            patient_no: self.patient_no.as_deref().map(mask_no),
            ..self
        }
    }
}

/// The department that limits what is seen; none within: no limit; none: nothing is seen.
pub(super) fn department_of(visible: &Visible) -> Option<Option<&str>> {
    match visible {
        Visible::All => Some(None),
        Visible::Department(department) => Some(Some(department)),
        Visible::Of(_) | Visible::Nothing => None,
    }
}
