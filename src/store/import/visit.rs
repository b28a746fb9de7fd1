//! The visit of a row: added, or brought to what the list says.

use crate::moment::Wall;
use crate::store::Error;
use crate::store::job::Ledger;

use super::ImportEncounter;
use super::apply::Chunk;
use super::change::{Change, Changes};

/// A visit that is there.
#[derive(sqlx::FromRow)]
pub(super) struct Known {
    id: i64,
    pub(super) patient_id: i64,
    kind: Option<String>,
    department: Option<String>,
    ward: Option<String>,
    bed: Option<String>,
    doctor: Option<String>,
    admitted_at: Option<i64>,
    pub(super) discharged_at: Option<i64>,
    diagnoses: Option<String>,
    disposition: Option<String>,
    payer: Option<String>,
    cost: Option<String>,
    raw: String,
}

pub(in crate::store) const KNOWN: &str = "
select id, patient_id, kind, department, ward, bed, doctor, admitted_at, discharged_at, diagnoses, disposition,
    payer, cost, raw
from encounter where visit_no = $1";

/// Gives the visit's row.
pub(super) async fn apply_encounter(
    ledger: &mut Ledger<'_>,
    chunk: &Chunk,
    said: &ImportEncounter,
    patient: i64,
    known: Option<Known>,
    changes: &mut Changes,
) -> Result<i64, Error> {
    let now = chunk.plan.now.millis();
    let Some(before) = known else {
        return Ok(sqlx::query_scalar(
            "insert into encounter (visit_no, patient_id, kind, department, ward, bed, doctor, admitted_at,
                discharged_at, diagnoses, disposition, payer, cost, raw, import_batch_id, created_at, updated_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, coalesce($14, '{}'), $15, $16, $16)
             returning id",
        )
        .bind(&said.visit_no)
        .bind(patient)
        .bind(&said.kind)
        .bind(&said.department)
        .bind(&said.ward)
        .bind(&said.bed)
        .bind(&said.doctor)
        .bind(said.admitted.map(Wall::millis))
        .bind(said.discharged.map(Wall::millis))
        .bind(&said.diagnoses)
        .bind(&said.disposition)
        .bind(&said.payer)
        .bind(&said.cost)
        .bind(&said.raw)
        .bind(chunk.batch)
        .bind(now)
        .fetch_one(&mut *ledger.db)
        .await?);
    };
    let seen = changes.0.len();
    // Columns that only rules ask for: nobody is told of a change, and the rules look again.
    let has_other_columns = said.raw.as_ref().is_some_and(|raw| *raw != before.raw);
    if before.patient_id != patient {
        let (old, new) = (Some(before.patient_id.to_string()), Some(patient.to_string()));
        changes.0.push(Change::new("encounter.patient_id", old, new));
    }
    let query = sqlx::query(
        "update encounter set patient_id = $2, kind = $3, department = $4, ward = $5, bed = $6, doctor = $7,
            admitted_at = $8, discharged_at = $9, diagnoses = $10, disposition = $11, payer = $12, cost = $13,
            raw = coalesce($14, raw), import_batch_id = $15, updated_at = $16 where id = $1",
    )
    .bind(before.id)
    .bind(patient)
    .bind(changes.text("encounter.kind", before.kind, said.kind.as_deref()))
    .bind(changes.text("encounter.department", before.department, said.department.as_deref()))
    .bind(changes.text("encounter.ward", before.ward, said.ward.as_deref()))
    .bind(changes.text("encounter.bed", before.bed, said.bed.as_deref()))
    .bind(changes.text("encounter.doctor", before.doctor, said.doctor.as_deref()))
    .bind(changes.time(
        "encounter.admitted_at",
        before.admitted_at,
        said.admitted.map(Wall::millis),
    ))
    .bind(changes.time(
        "encounter.discharged_at",
        before.discharged_at,
        said.discharged.map(Wall::millis),
    ))
    .bind(changes.text("encounter.diagnoses", before.diagnoses, said.diagnoses.as_deref()))
    .bind(changes.text("encounter.disposition", before.disposition, said.disposition.as_deref()))
    .bind(changes.text("encounter.payer", before.payer, said.payer.as_deref()))
    .bind(changes.text("encounter.cost", before.cost, said.cost.as_deref()))
    .bind(&said.raw)
    .bind(chunk.batch)
    .bind(now);
    if changes.0.len() > seen || has_other_columns {
        query.execute(&mut *ledger.db).await?;
    }
    Ok(before.id)
}
