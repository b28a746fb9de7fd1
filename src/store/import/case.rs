//! The case of a row: one per visit and campaign.

use crate::moment::Wall;
use crate::store::Error;
use crate::store::job::Ledger;

use super::{Due, ImportPlan};

/// What became of the case.
pub(super) enum CaseMade {
    Open,
    Closed,
    Reopened,
    Known,
}

/// One case per visit and campaign. A case that nobody has tried yet follows a corrected discharge time.
pub(super) async fn apply_case(
    ledger: &mut Ledger<'_>,
    plan: &ImportPlan,
    encounter: i64,
    patient: i64,
    due: Wall,
) -> Result<CaseMade, Error> {
    let (deceased, reachable): (bool, bool) = sqlx::query_as(
        "select deceased, exists (select 1 from number n where n.patient_id = $1 and n.state in ('ok', 'suspect'))
         from patient where id = $1",
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
         values ($1, $2, $3, $3, $4, $5, $6, $7, $8) on conflict (campaign_id, encounter_id, round) do nothing",
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
    if outcome.is_none() && reopen(ledger, plan, encounter).await? {
        return Ok(CaseMade::Reopened);
    }
    if matches!(plan.due, Due::AfterDischarge { .. }) {
        sqlx::query(
            "update cases set due_at = $3, next_at = $3, deadline_at = $4
             where campaign_id = $1 and encounter_id = $2 and round = 1 and due_at <> $3
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

/// A case that was closed for want of a usable number goes on when the list brings one.
async fn reopen(ledger: &mut Ledger<'_>, plan: &ImportPlan, encounter: i64) -> Result<bool, Error> {
    let reopened = sqlx::query(
        "update cases set state = 'open', outcome = null, closed_at = null,
            next_at = case when due_at > $3 then due_at else $3 end
         where campaign_id = $1 and encounter_id = $2 and round = 1 and outcome = 'number_dead'",
    )
    .bind(plan.campaign.0)
    .bind(encounter)
    .bind(plan.now.millis())
    .execute(&mut *ledger.db)
    .await?;
    Ok(reopened.rows_affected() > 0)
}
