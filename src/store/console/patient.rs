//! What the page of a patient shows beside the follow-ups: the person, numbers, encounters, attempts, answers, notes. Names
//! and numbers leave here masked.

use crate::dialer::Direction;
use crate::ids::PatientId;
use crate::moment::Wall;
use crate::outcome::Facts;
use crate::phone::Number;
use crate::pii::{mask_name, mask_no};
use crate::store::console::Visible;
use crate::store::console::patients::department_of;
use crate::store::job::{Ledger, Write};
use crate::store::why::direction_of;
use crate::store::{Error, Reader, Store};

/// The person.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Head {
    /// The name, masked.
    pub name: Option<String>,
    /// The patient's number, masked.
    pub patient_no: Option<String>,
    /// `male` or `female`.
    pub sex: Option<String>,
    /// The date of birth.
    pub birth: Option<String>,
    /// The age as the list said it.
    pub age: Option<String>,
    /// Whether an identity card is known.
    pub has_id_card: bool,
    /// Whether the patient has died.
    pub deceased: bool,
    /// When everything that leads to the person was taken out.
    pub erased_at: Option<Wall>,
}

/// A telephone number.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct NumberRow {
    /// Its row.
    pub id: i64,
    /// Masked.
    #[sqlx(rename = "digits")]
    pub number: String,
    /// `mobile` or `landline`.
    pub kind: Option<String>,
    /// `self` or `kin`.
    pub owner: Option<String>,
    /// The relation of a kin.
    pub relation: Option<String>,
    /// Its place in the order of calling, from 0.
    pub rank: u32,
    /// `ok`, `suspect`, `vacant`, `suspended`, `wrong`.
    pub state: String,
    /// Whether it is on the do-not-call list.
    pub listed: bool,
    /// When it was last called.
    pub called_at: Option<Wall>,
    /// How that ended.
    pub last_disposition: Option<String>,
}

/// A visit or a stay.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct EncounterRow {
    /// Its row.
    pub id: i64,
    /// Its number, masked.
    pub visit_no: String,
    /// `inpatient`, `outpatient` or `emergency`.
    pub kind: Option<String>,
    /// The department.
    pub department: Option<String>,
    /// The ward.
    pub ward: Option<String>,
    /// The doctor.
    pub doctor: Option<String>,
    /// When admitted.
    pub admitted_at: Option<Wall>,
    /// When discharged.
    pub discharged_at: Option<Wall>,
    /// The diagnoses as one text.
    pub diagnoses: Option<String>,
}

/// An attempt.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct AttemptRow {
    /// Its row.
    pub id: i64,
    /// Its case.
    pub case_id: i64,
    /// `out`: we called; `in`: the patient called us.
    direction: String,
    /// When it began.
    pub begun_at: Wall,
    /// When it was answered.
    pub answered_at: Option<Wall>,
    /// When it ended.
    pub ended_at: Option<Wall>,
    /// The number, masked.
    #[sqlx(rename = "digits")]
    pub number: String,
    /// Over which trunk.
    pub trunk: String,
    /// How it ended.
    pub disposition: Option<String>,
    /// The rule that said so.
    pub rule: Option<String>,
    /// Whether it counts against the budget.
    pub counted: Option<bool>,
    /// The facts that it was judged by, as stored.
    facts: Option<String>,
    /// The length of its recording, if there is one that was not deleted.
    pub recording_ms: Option<i64>,
    /// When its recording was deleted by rule.
    pub purged_at: Option<Wall>,
}

impl AttemptRow {
    /// Who called.
    pub fn direction(&self) -> Result<Direction, Error> {
        direction_of(&self.direction)
    }

    /// The facts that it was judged by; none while it runs.
    pub fn facts(&self) -> Result<Option<Facts>, Error> {
        let read = |text: &String| serde_json::from_str(text).map_err(|why| Error::stored("attempt.facts", why));
        self.facts.as_ref().map(read).transpose()
    }
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct AnswerRow {
    /// Its row.
    pub id: i64,
    /// Of which attempt.
    pub attempt_id: i64,
    /// The question's id in the dialplan.
    pub question: String,
    /// What it asks, in a few words.
    pub title: Option<String>,
    /// `value`, `refused`, `silent` or `invalid`.
    pub kind: String,
    /// The value.
    pub value: Option<i64>,
    /// What the value means.
    pub label: Option<String>,
    /// The keys that were pressed.
    pub keys: String,
    /// When.
    pub at: Wall,
}

/// A note.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct NoteRow {
    /// Its row.
    pub id: i64,
    /// When.
    pub at: Wall,
    /// The account that wrote it.
    pub who: String,
    /// The words.
    pub text: String,
}

pub(in crate::store) const HEAD: &str = "
select name, patient_no, sex, birth, age, id_card is not null as has_id_card, deceased, erased_at
from patient where id = $1";

pub(in crate::store) const NUMBERS: &str = "
select n.id, n.digits, n.kind, n.owner, n.relation, n.rank, n.state,
    exists (select 1 from do_not_call d where d.digits = n.digits and d.ended_at is null
        and (d.until is null or d.until > $2)) as listed,
    a.begun_at as called_at, a.disposition as last_disposition
from number n
left join attempt a on a.id = (
    select t.id from attempt t where t.digits = n.digits order by t.begun_at desc, t.id desc limit 1)
where n.patient_id = $1 order by n.rank, n.id";

pub(in crate::store) const ENCOUNTERS: &str = "
select id, visit_no, kind, department, ward, doctor, admitted_at, discharged_at, diagnoses
from encounter where patient_id = $1 and ($2 is null or department = $2)
order by coalesce(discharged_at, created_at) desc, id desc limit 200";

pub(in crate::store) const ATTEMPTS: &str = "
select a.id, a.case_id, a.direction, a.begun_at, a.answered_at, a.ended_at, a.digits, a.trunk, a.disposition, a.rule, a.counted,
    a.facts, case when r.purged_at is null then r.duration_ms end as recording_ms, r.purged_at
from encounter e
join cases c on c.encounter_id = e.id
join attempt a on a.case_id = c.id
left join recording r on r.attempt_id = a.id
where e.patient_id = $1 and ($2 is null or e.department = $2)
order by a.id desc limit 500";

pub(in crate::store) const ANSWERS: &str = "
select w.id, w.attempt_id, w.question, w.kind, w.value, w.label, w.keys, w.at,
    (select json_extract(j.value, '$.title') from dialplan d, json_each(d.questions) j
        where d.hash = a.dialplan_hash and json_extract(j.value, '$.id') = w.question limit 1) as title
from encounter e
join cases c on c.encounter_id = e.id
join attempt a on a.case_id = c.id
join answer w on w.attempt_id = a.id
where e.patient_id = $1 and ($2 is null or e.department = $2)
order by w.attempt_id desc, w.keep_seq, w.id limit 1000";

pub(in crate::store) const NOTES: &str = "
select id, at, who, text from patient_note where patient_id = $1 order by id desc limit 200";

impl Reader {
    /// The person of a patient's row.
    ///
    /// # Errors
    /// [`Error::NoPatient`]
    pub async fn patient_head(&self, patient: PatientId) -> Result<Head, Error> {
        let head: Option<Head> = sqlx::query_as(HEAD).bind(patient.0).fetch_optional(self.pool()).await?;
        let head = head.ok_or(Error::NoPatient)?;
        Ok(Head {
            name: head.name.as_deref().map(mask_name),
            patient_no: head.patient_no.as_deref().map(mask_no),
            ..head
        })
    }

    /// The telephone numbers of a patient in their rank.
    pub async fn patient_numbers(&self, patient: PatientId, now: Wall) -> Result<Vec<NumberRow>, Error> {
        let rows: Vec<NumberRow> = sqlx::query_as(NUMBERS)
            .bind(patient.0)
            .bind(now.millis())
            .fetch_all(self.pool())
            .await?;
        rows.into_iter()
            .map(|row| {
                let number = masked("number.digits", &row.number)?;
                Ok(NumberRow { number, ..row })
            })
            .collect()
    }

    /// The encounters of a patient that may be seen, the latest first, at most 200.
    pub async fn patient_encounters(&self, patient: PatientId, visible: &Visible) -> Result<Vec<EncounterRow>, Error> {
        let Some(department) = department_of(visible) else {
            return Ok(Vec::new());
        };
        let rows: Vec<EncounterRow> = sqlx::query_as(ENCOUNTERS)
            .bind(patient.0)
            .bind(department)
            .fetch_all(self.pool())
            .await?;
        let hide = |row: EncounterRow| EncounterRow {
            visit_no: mask_no(&row.visit_no),
            ..row
        };
        Ok(rows.into_iter().map(hide).collect())
    }

    /// The attempts of a patient that may be seen, the latest first, at most 500.
    pub async fn patient_attempts(&self, patient: PatientId, visible: &Visible) -> Result<Vec<AttemptRow>, Error> {
        let Some(department) = department_of(visible) else {
            return Ok(Vec::new());
        };
        let rows: Vec<AttemptRow> = sqlx::query_as(ATTEMPTS)
            .bind(patient.0)
            .bind(department)
            .fetch_all(self.pool())
            .await?;
        rows.into_iter()
            .map(|row| {
                let number = masked("attempt.digits", &row.number)?;
                Ok(AttemptRow { number, ..row })
            })
            .collect()
    }

    /// The answers of a patient that may be seen, those of the latest attempt first, at most 1000.
    pub async fn patient_answers(&self, patient: PatientId, visible: &Visible) -> Result<Vec<AnswerRow>, Error> {
        let Some(department) = department_of(visible) else {
            return Ok(Vec::new());
        };
        Ok(sqlx::query_as(ANSWERS)
            .bind(patient.0)
            .bind(department)
            .fetch_all(self.pool())
            .await?)
    }

    /// What people noted of a patient, the latest first, at most 200.
    pub async fn patient_notes(&self, patient: PatientId) -> Result<Vec<NoteRow>, Error> {
        Ok(sqlx::query_as(NOTES).bind(patient.0).fetch_all(self.pool()).await?)
    }
}

/// A number of an erased attempt may be gone: nothing is shown of it.
pub(super) fn masked(column: &'static str, digits: &str) -> Result<String, Error> {
    if digits.chars().all(|letter| !letter.is_ascii_digit()) {
        return Ok(String::new());
    }
    let number = Number::parse(digits).map_err(|why| Error::stored(column, why))?;
    Ok(number.masked())
}

/// A note to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNote {
    /// Of whom.
    pub patient: PatientId,
    /// When.
    pub at: Wall,
    /// The account's row.
    pub account: i64,
    /// The account as it is called now.
    pub who: String,
    /// The words, 1 to 2000 characters.
    pub text: String,
}

impl Store {
    /// Writes a note of a patient; gives its row.
    ///
    /// # Errors
    /// [`Error::NoPatient`]
    pub async fn note_patient(&self, note: NewNote) -> Result<i64, Error> {
        self.write(note).await
    }
}

impl Write for NewNote {
    type Answer = i64;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<i64, Error> {
        let written: Option<i64> = sqlx::query_scalar(
            "insert into patient_note (patient_id, at, account_id, who, text)
             select id, $2, $3, $4, $5 from patient where id = $1 returning id",
        )
        .bind(self.patient.0)
        .bind(self.at.millis())
        .bind(self.account)
        .bind(&self.who)
        .bind(&self.text)
        .fetch_optional(&mut *ledger.db)
        .await?;
        written.ok_or(Error::NoPatient)
    }
}
