//! One chunk of an import inside one transaction: patient, visit, numbers, case.

use crate::ids::CampaignId;
use crate::moment::Wall;

use super::change::{Change, Changes};
use super::{Due, ImportEncounter, ImportNumber, ImportOutcome, ImportPatient, ImportPlan, ImportRow, Refusal, Update};
use crate::store::Error;
use crate::store::writer::{Ledger, Write};

/// Opens the record of an import.
pub(super) struct Open {
    pub(super) plan: ImportPlan,
}

impl Write for Open {
    type Answer = i64;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<i64, Error> {
        let campaign: CampaignId = self.plan.campaign;
        let known: bool = sqlx::query_scalar("select exists (select 1 from campaign where id = $1)")
            .bind(campaign.0)
            .fetch_one(&mut *ledger.db)
            .await?;
        if !known {
            return Err(Error::UnknownCampaign(campaign));
        }
        Ok(
            sqlx::query_scalar("insert into import_batch (campaign_id, file, at) values ($1, $2, $3) returning id")
                .bind(campaign.0)
                .bind(&self.plan.file)
                .bind(self.plan.now.millis())
                .fetch_one(&mut *ledger.db)
                .await?,
        )
    }
}

/// Some rows of an import.
pub(super) struct Chunk {
    pub(super) plan: ImportPlan,
    pub(super) batch: i64,
    pub(super) rows: Vec<ImportRow>,
}

impl Write for Chunk {
    type Answer = ImportOutcome;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<ImportOutcome, Error> {
        let mut outcome = ImportOutcome::default();
        for row in &self.rows {
            apply_row(ledger, self, row, &mut outcome).await?;
        }
        sqlx::query(
            "update import_batch set added = added + $2, updated = updated + $3, unchanged = unchanged + $4,
                refused = refused + $5 where id = $1",
        )
        .bind(self.batch)
        .bind(count(outcome.added))
        .bind(count(outcome.updated.len()))
        .bind(count(outcome.unchanged))
        .bind(count(outcome.refused.len()))
        .execute(&mut *ledger.db)
        .await?;
        Ok(outcome)
    }
}

fn count(n: impl TryInto<i64>) -> i64 {
    n.try_into().unwrap_or(i64::MAX)
}

async fn apply_row(
    ledger: &mut Ledger<'_>,
    chunk: &Chunk,
    row: &ImportRow,
    outcome: &mut ImportOutcome,
) -> Result<(), Error> {
    let plan = &chunk.plan;
    let mut refuse = |column: &str, reason: &str| {
        outcome.refused.push(Refusal {
            row: row.row,
            column: column.to_owned(),
            reason: reason.to_owned(),
        });
    };
    if row.encounter.visit_no.is_empty() {
        refuse("visit_no", "the visit number is empty; every row needs one");
        return Ok(());
    }
    let known: Option<Known> = sqlx::query_as(KNOWN)
        .bind(&row.encounter.visit_no)
        .fetch_optional(&mut *ledger.db)
        .await?;
    let discharged = row
        .encounter
        .discharged
        .map(Wall::millis)
        .or(known.as_ref().and_then(|known| known.discharged_at));
    let due = match (plan.due, discharged) {
        (Due::At(at), _) => at,
        (Due::AfterDischarge(after), Some(discharged)) => Wall::from_millis(discharged) + after,
        (Due::AfterDischarge(_), None) => {
            refuse(
                "discharged",
                "there is no discharge time, and the follow-up is due by it",
            );
            return Ok(());
        }
    };
    let mut changes = Changes::default();
    let is_new = known.is_none();
    let patient = apply_patient(ledger, &row.patient, known.as_ref(), plan.now, &mut changes).await?;
    let encounter = apply_encounter(ledger, chunk, &row.encounter, patient, known, &mut changes).await?;
    apply_numbers(ledger, patient, &row.numbers, &mut changes).await?;
    match apply_case(ledger, plan, encounter, patient, due).await? {
        CaseMade::Open => outcome.cases += 1,
        CaseMade::Closed => outcome.cases_closed += 1,
        CaseMade::Known => {}
    }
    if is_new {
        outcome.added += 1;
    } else if changes.0.is_empty() {
        outcome.unchanged += 1;
    } else {
        outcome.updated.push(Update {
            row: row.row,
            visit_no: row.encounter.visit_no.clone(),
            changes: changes.0,
        });
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Known {
    id: i64,
    patient_id: i64,
    kind: Option<String>,
    department: Option<String>,
    ward: Option<String>,
    bed: Option<String>,
    doctor: Option<String>,
    admitted_at: Option<i64>,
    discharged_at: Option<i64>,
    diagnoses: Option<String>,
    disposition: Option<String>,
    payer: Option<String>,
    cost: Option<String>,
}

const KNOWN: &str = "
select id, patient_id, kind, department, ward, bed, doctor, admitted_at, discharged_at, diagnoses, disposition,
    payer, cost
from encounter where visit_no = $1";

#[derive(Default, sqlx::FromRow)]
struct KnownPatient {
    id: i64,
    patient_no: Option<String>,
    name: Option<String>,
    sex: Option<String>,
    birth: Option<String>,
    age: Option<String>,
    id_card: Option<String>,
    deceased: bool,
}

/// The patient is known by number, else by identity card, else by the visit; or is new.
const PATIENT: &str = "
select id, patient_no, name, sex, birth, age, id_card, deceased from patient
where patient_no = $1 or ($1 is null and (id_card = $2 or id = $3)) or (patient_no is null and id = $3)
order by case when patient_no = $1 then 0 when id_card = $2 then 1 else 2 end, id limit 1";

async fn apply_patient(
    ledger: &mut Ledger<'_>,
    said: &ImportPatient,
    visit: Option<&Known>,
    now: Wall,
    changes: &mut Changes,
) -> Result<i64, Error> {
    let id_card = said.id_card.as_ref().map(|card| card.reveal().as_str());
    let known: Option<KnownPatient> = sqlx::query_as(PATIENT)
        .bind(&said.patient_no)
        .bind(id_card)
        .bind(visit.map(|visit| visit.patient_id))
        .fetch_optional(&mut *ledger.db)
        .await?;
    let is_new = known.is_none();
    let before = known.unwrap_or_default();
    let seen = changes.0.len();
    let patient_no = changes.text("patient.patient_no", before.patient_no, said.patient_no.as_deref());
    let name = said.name.as_ref().map(|name| name.reveal().as_str());
    let name = changes.text("patient.name", before.name, name);
    let sex = changes.text("patient.sex", before.sex, said.sex.as_deref());
    let birth = changes.text("patient.birth", before.birth, said.birth.as_deref());
    let age = changes.text("patient.age", before.age, said.age.as_deref());
    let id_card = changes.text("patient.id_card", before.id_card, id_card);
    let deceased = before.deceased || said.deceased == Some(true);
    if deceased != before.deceased {
        let (alive, dead) = (Some("0".to_owned()), Some("1".to_owned()));
        changes.0.push(Change::new("patient.deceased", alive, dead));
    }
    if !is_new && changes.0.len() == seen {
        return Ok(before.id);
    }
    let sql = if is_new {
        "insert into patient (patient_no, name, sex, birth, age, id_card, deceased, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $8) returning id"
    } else {
        "update patient set patient_no = $1, name = $2, sex = $3, birth = $4, age = $5, id_card = $6, deceased = $7,
            updated_at = $8 where id = $9 returning id"
    };
    let query = sqlx::query_scalar(sql)
        .bind(patient_no)
        .bind(name)
        .bind(sex)
        .bind(birth)
        .bind(age)
        .bind(id_card)
        .bind(deceased)
        .bind(now.millis());
    let query = if is_new { query } else { query.bind(before.id) };
    let patient: i64 = query.fetch_one(&mut *ledger.db).await?;
    if deceased && !before.deceased {
        close_cases(ledger, patient, now).await?;
    }
    Ok(patient)
}

/// Nobody calls for a patient who has died; a call under way ends by itself.
async fn close_cases(ledger: &mut Ledger<'_>, patient: i64, now: Wall) -> Result<(), Error> {
    sqlx::query(
        "update cases set state = 'closed', outcome = 'not_eligible', closed_at = $2,
            lease_until = null, lease_holder = null, lease_number_id = null
         where state = 'open' and encounter_id in (select id from encounter where patient_id = $1)
            and not exists (select 1 from attempt a where a.case_id = cases.id and a.state = 'begun')",
    )
    .bind(patient)
    .bind(now.millis())
    .execute(&mut *ledger.db)
    .await?;
    Ok(())
}

async fn apply_encounter(
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
    if changes.0.len() > seen {
        query.execute(&mut *ledger.db).await?;
    }
    Ok(before.id)
}

/// The list's numbers come first in its order; numbers that it does not name stay, behind them.
async fn apply_numbers(
    ledger: &mut Ledger<'_>,
    patient: i64,
    said: &[ImportNumber],
    changes: &mut Changes,
) -> Result<(), Error> {
    let before = ranked(ledger, patient).await?;
    for (rank, number) in (0_i64..).zip(said) {
        sqlx::query(
            "insert into number (patient_id, digits, kind, owner, relation, rank, extension)
             values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (patient_id, digits) do update set kind = coalesce(excluded.kind, kind),
                owner = coalesce(excluded.owner, owner), relation = coalesce(excluded.relation, relation),
                rank = excluded.rank, extension = coalesce(excluded.extension, extension)",
        )
        .bind(patient)
        .bind(number.number.reveal())
        .bind(&number.kind)
        .bind(&number.owner)
        .bind(&number.relation)
        .bind(rank)
        .bind(&number.extension)
        .execute(&mut *ledger.db)
        .await?;
    }
    let others = before
        .iter()
        .filter(|digits| said.iter().all(|number| number.number.reveal() != digits.as_str()));
    for (rank, digits) in (said.len()..).zip(others) {
        sqlx::query("update number set rank = $3 where patient_id = $1 and digits = $2")
            .bind(patient)
            .bind(digits)
            .bind(count(rank))
            .execute(&mut *ledger.db)
            .await?;
    }
    let after = ranked(ledger, patient).await?;
    if before != after {
        let text = |digits: Vec<String>| (!digits.is_empty()).then(|| digits.join(" "));
        changes.0.push(Change::new("number.digits", text(before), text(after)));
    }
    Ok(())
}

async fn ranked(ledger: &mut Ledger<'_>, patient: i64) -> Result<Vec<String>, Error> {
    Ok(
        sqlx::query_scalar("select digits from number where patient_id = $1 order by rank, id")
            .bind(patient)
            .fetch_all(&mut *ledger.db)
            .await?,
    )
}

enum CaseMade {
    Open,
    Closed,
    Known,
}

/// One case per visit and campaign. A case that nobody has tried yet follows a corrected discharge time.
async fn apply_case(
    ledger: &mut Ledger<'_>,
    plan: &ImportPlan,
    encounter: i64,
    patient: i64,
    due: Wall,
) -> Result<CaseMade, Error> {
    let (deceased, reachable): (bool, bool) = sqlx::query_as(
        "select deceased, exists (select 1 from number n where n.patient_id = $1) from patient where id = $1",
    )
    .bind(patient)
    .fetch_one(&mut *ledger.db)
    .await?;
    let outcome = match (deceased, reachable) {
        (true, _) => Some("not_eligible"),
        (false, false) => Some("number_dead"),
        (false, true) => None,
    };
    let deadline = plan.deadline_after.map(|after| (due + after).millis());
    let made = sqlx::query(
        "insert into cases (campaign_id, encounter_id, due_at, next_at, deadline_at, state, outcome, closed_at, created_at)
         values ($1, $2, $3, $3, $4, $5, $6, $7, $8) on conflict (campaign_id, encounter_id) do nothing",
    )
    .bind(plan.campaign.0)
    .bind(encounter)
    .bind(due.millis())
    .bind(deadline)
    .bind(if outcome.is_some() { "closed" } else { "open" })
    .bind(outcome)
    .bind(outcome.map(|_| plan.now.millis()))
    .bind(plan.now.millis())
    .execute(&mut *ledger.db)
    .await?
    .rows_affected();
    if made > 0 {
        return Ok(if outcome.is_some() {
            CaseMade::Closed
        } else {
            CaseMade::Open
        });
    }
    if matches!(plan.due, Due::AfterDischarge(_)) {
        sqlx::query(
            "update cases set due_at = $3, next_at = $3, deadline_at = $4
             where campaign_id = $1 and encounter_id = $2 and due_at <> $3
                and state = 'open' and attempts = 0 and lease_until is null",
        )
        .bind(plan.campaign.0)
        .bind(encounter)
        .bind(due.millis())
        .bind(deadline)
        .execute(&mut *ledger.db)
        .await?;
    }
    Ok(CaseMade::Known)
}
