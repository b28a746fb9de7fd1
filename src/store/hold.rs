//! Legal hold: what is on it is neither purged nor erased until the hold ends.

use serde::{Deserialize, Serialize};

use crate::ids::{CaseId, PatientId};
use crate::moment::Wall;
use crate::pii::{Pii, mask_name};

use super::job::{Ledger, Write};
use super::{Error, Reader, Store};

/// Whom or what a hold is on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// A patient with everything, by patient number or by the number of a visit.
    Patient(Pii<String>),
    /// One case.
    Case(CaseId),
}

/// A hold as it is shown: the name masked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldRecord {
    /// The hold.
    pub id: i64,
    /// The patient's number.
    pub patient_no: Option<String>,
    /// The patient's name, masked.
    pub name: Option<String>,
    /// The case, if it is on one alone.
    pub case: Option<CaseId>,
    /// Why.
    pub reason: String,
    /// Since when.
    pub since: Wall,
    /// Who asked for it.
    pub who: String,
    /// When it ended.
    pub ended_at: Option<Wall>,
}

type Row = (
    i64,
    Option<String>,
    Option<String>,
    Option<i64>,
    String,
    i64,
    String,
    Option<i64>,
);

/// The patient of a patient number, else of a visit number.
const PATIENT: &str = "
select id from (
    select p.id, 0 as place from patient p where p.patient_no = $1
    union all select e.patient_id, 1 from encounter e where e.visit_no = $1)
order by place limit 1";

impl Reader {
    /// The holds in force, or all that ever were, the latest first.
    pub async fn holds(&self, which: Holds) -> Result<Vec<HoldRecord>, Error> {
        let rows: Vec<Row> = sqlx::query_as(
            "select h.id, p.patient_no, p.name, h.case_id, h.reason, h.since, h.who, h.ended_at
             from legal_hold h
             left join cases c on c.id = h.case_id
             left join encounter e on e.id = c.encounter_id
             left join patient p on p.id = coalesce(h.patient_id, e.patient_id)
             where h.ended_at is null or $1 order by h.id desc limit 1000",
        )
        .bind(which == Holds::All)
        .fetch_all(self.pool())
        .await?;
        Ok(rows
            .into_iter()
            .map(
                |(id, patient_no, name, case, reason, since, who, ended_at)| HoldRecord {
                    id,
                    patient_no,
                    name: name.as_deref().map(mask_name),
                    case: case.map(CaseId),
                    reason,
                    since: Wall::from_millis(since),
                    who,
                    ended_at: ended_at.map(Wall::from_millis),
                },
            )
            .collect())
    }

    /// The patient of a patient number, else of a visit number.
    pub async fn find_patient(&self, known_by: &str) -> Result<PatientId, Error> {
        let found: Option<i64> = sqlx::query_scalar(PATIENT)
            .bind(known_by)
            .fetch_optional(self.pool())
            .await?;
        found.map(PatientId).ok_or(Error::NoPatient)
    }
}

/// The patient of a patient number, else of a visit number, for what writes.
pub(super) async fn patient_known_by(ledger: &mut Ledger<'_>, known_by: &str) -> Result<i64, Error> {
    let found: Option<i64> = sqlx::query_scalar(PATIENT)
        .bind(known_by)
        .fetch_optional(&mut *ledger.db)
        .await?;
    found.ok_or(Error::NoPatient)
}

/// Which holds are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Those in force.
    InForce,
    /// Ended ones too.
    All,
}

impl Store {
    /// Puts a hold on a patient or a case; one that is on it already stays as it is. Gives its id.
    pub async fn hold(&self, held: Held, reason: String, who: String, now: Wall) -> Result<i64, Error> {
        let (patient, case) = self.resolve(held).await?;
        self.write(Begin {
            patient,
            case,
            reason,
            who,
            now,
        })
        .await
    }

    /// Ends the hold on a patient or a case; how many ended.
    pub async fn end_hold(&self, held: Held, who: String, now: Wall) -> Result<u64, Error> {
        let (patient, case) = self.resolve(held).await?;
        self.write(End {
            patient,
            case,
            who,
            now,
        })
        .await
    }

    async fn resolve(&self, held: Held) -> Result<(Option<i64>, Option<i64>), Error> {
        match held {
            Held::Patient(known_by) => {
                let patient = self.reader().find_patient(known_by.reveal()).await?;
                Ok((Some(patient.0), None))
            }
            Held::Case(case) => Ok((None, Some(case.0))),
        }
    }
}

struct Begin {
    patient: Option<i64>,
    case: Option<i64>,
    reason: String,
    who: String,
    now: Wall,
}

impl Write for Begin {
    type Answer = i64;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<i64, Error> {
        if let Some(case) = self.case {
            let is_known: bool = sqlx::query_scalar("select exists (select 1 from cases where id = $1)")
                .bind(case)
                .fetch_one(&mut *ledger.db)
                .await?;
            if !is_known {
                return Err(Error::NoCase(CaseId(case)));
            }
        }
        let present: Option<i64> = sqlx::query_scalar(
            "select id from legal_hold where ended_at is null and patient_id is $1 and case_id is $2",
        )
        .bind(self.patient)
        .bind(self.case)
        .fetch_optional(&mut *ledger.db)
        .await?;
        if let Some(present) = present {
            return Ok(present);
        }
        Ok(sqlx::query_scalar(
            "insert into legal_hold (patient_id, case_id, reason, since, who) values ($1, $2, $3, $4, $5) returning id",
        )
        .bind(self.patient)
        .bind(self.case)
        .bind(&self.reason)
        .bind(self.now.millis())
        .bind(&self.who)
        .fetch_one(&mut *ledger.db)
        .await?)
    }
}

struct End {
    patient: Option<i64>,
    case: Option<i64>,
    who: String,
    now: Wall,
}

impl Write for End {
    type Answer = u64;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<u64, Error> {
        let ended = sqlx::query(
            "update legal_hold set ended_at = $3, ended_by = $4
             where ended_at is null and patient_id is $1 and case_id is $2",
        )
        .bind(self.patient)
        .bind(self.case)
        .bind(self.now.millis())
        .bind(&self.who)
        .execute(&mut *ledger.db)
        .await?;
        Ok(ended.rows_affected())
    }
}
