//! The patient of a row with the patient's numbers: added, or brought to what the list says.

use crate::moment::Wall;
use crate::store::Error;
use crate::store::job::Ledger;

use super::change::{Change, Changes};
use super::visit::Known;
use super::{ImportNumber, ImportPatient};

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

/// The patient is known by number, else by identity card, else by the visit; or is new. Each of the three by an index: one
/// condition with `or` would read all patients for each row of a list.
pub(in crate::store) const PATIENT: &str = "
select id, patient_no, name, sex, birth, age, id_card, deceased from (
    select *, 0 as rank from patient where patient_no = $1
    union all select *, 1 from patient where $1 is null and id_card = $2
    union all select *, 2 from patient where id = $3 and ($1 is null or patient_no is null))
order by rank, id limit 1";

/// Gives the patient, and whether he was known before.
pub(super) async fn apply_patient(
    ledger: &mut Ledger<'_>,
    said: &ImportPatient,
    visit: Option<&Known>,
    now: Wall,
    changes: &mut Changes,
) -> Result<(i64, bool), Error> {
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
        return Ok((before.id, true));
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
    Ok((patient, !is_new))
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

/// The list's numbers come first in its order; numbers that it does not name stay, behind them.
pub(super) async fn apply_numbers(
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
    let behind = i64::try_from(said.len()).unwrap_or(i64::MAX);
    let others = before
        .iter()
        .filter(|digits| said.iter().all(|number| number.number.reveal() != digits.as_str()));
    for (rank, digits) in (behind..).zip(others) {
        sqlx::query("update number set rank = $3 where patient_id = $1 and digits = $2")
            .bind(patient)
            .bind(digits)
            .bind(rank)
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
