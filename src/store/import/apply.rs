//! One chunk of an import inside one transaction: patient, visit, numbers, case.

use std::sync::Arc;

use tokio::time::Instant;

use crate::calendar;
use crate::ids::CampaignId;
use crate::moment::Wall;

use super::case::{CaseMade, apply_case};
use super::change::Changes;
use super::patient::{apply_numbers, apply_patient};
use super::visit::{KNOWN, Known, apply_encounter};
use super::{CHUNK, Due, ImportOutcome, ImportPlan, ImportRow, Refusal, SPELL, Update};
use crate::store::Error;
use crate::store::erase::is_erased;
use crate::store::job::{Ledger, Write};

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

/// The rows of an import from one on, as many as fit into a short transaction.
pub(super) struct Chunk {
    pub(super) plan: Arc<ImportPlan>,
    pub(super) batch: i64,
    pub(super) rows: Arc<[ImportRow]>,
    pub(super) from: usize,
}

impl Write for Chunk {
    type Answer = (ImportOutcome, usize);

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(ImportOutcome, usize), Error> {
        let began = Instant::now();
        let mut outcome = ImportOutcome::default();
        let mut count_done = 0;
        for row in self.rows.iter().skip(self.from).take(CHUNK) {
            apply_row(ledger, self, row, &mut outcome).await?;
            count_done += 1;
            if began.elapsed() >= SPELL || ledger.makes_way() {
                break;
            }
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
        Ok((outcome, count_done))
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
    if is_erased(ledger, &row.encounter.visit_no).await? {
        refuse(
            "visit_no",
            "the patient of this visit was erased; take the row off the list",
        );
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
    let due = match (&plan.due, discharged) {
        (Due::ByRules, _) => None,
        (Due::At(at), _) => Some(*at),
        (Due::AfterDischarge { after, zone, calendar }, Some(discharged)) => {
            Some(calendar::due(Wall::from_millis(discharged), *after, *zone, calendar))
        }
        (Due::AfterDischarge { .. }, None) => {
            refuse(
                "discharged",
                "there is no discharge time, and the follow-up is due by it",
            );
            return Ok(());
        }
    };
    let mut changes = Changes::default();
    let is_new = known.is_none();
    let (patient, is_known) = apply_patient(ledger, &row.patient, known.as_ref(), plan.now, &mut changes).await?;
    let encounter = apply_encounter(ledger, chunk, &row.encounter, patient, known, &mut changes).await?;
    apply_numbers(ledger, patient, &row.numbers, &mut changes).await?;
    let made = match due {
        Some(due) => apply_case(ledger, plan, encounter, patient, due).await?,
        None => CaseMade::Known,
    };
    match made {
        CaseMade::Open => outcome.cases += 1,
        CaseMade::Closed => outcome.cases_closed += 1,
        CaseMade::Reopened => outcome.cases_reopened += 1,
        CaseMade::Known => {}
    }
    let has_changed = !changes.0.is_empty();
    let update = Update {
        row: row.row,
        visit_no: row.encounter.visit_no.clone(),
        changes: changes.0,
    };
    if is_new {
        outcome.added += 1;
        outcome.added_rows.insert(row.row);
        if is_known && has_changed {
            outcome.corrected.push(update);
        }
    } else if has_changed {
        outcome.updated.push(update);
    } else {
        outcome.unchanged += 1;
    }
    Ok(())
}
