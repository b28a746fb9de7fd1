//! Verdicts become rows: decisions, and the cases of follow-ups.

use chrono::NaiveTime;

use crate::calendar::{local, wall};
use crate::dialer::Outcome;
use crate::ids::CaseId;
use crate::moment::Wall;
use crate::rules::{Decided, FollowUp, Per, Verdict};
use crate::store::Error;
use crate::store::claim;
use crate::store::job::Ledger;

use super::event::Encounter;
use super::{Running, RunningSet};

/// What a set said of an encounter before.
pub(in crate::store) const DECIDED: &str = "
select id, rule, decided, stratum, period from rule_decision where encounter_id = $1 and rule_set_id = $2";

/// The case of a round, if there is one.
pub(in crate::store) const PRESENT: &str = "
select id, state, outcome, attempts, lease_until, rule_set_id from cases
where campaign_id = $1 and encounter_id = $2 and round = $3";

/// Another case of the same patient in the campaign that is due on the same day.
pub(in crate::store) const SAME_DAY: &str = "
select c.rule from encounter e join cases c on c.encounter_id = e.id
where e.patient_id = $1 and e.id <> $2 and c.campaign_id = $3 and c.due_at >= $4 and c.due_at < $5 limit 1";

/// Cases that a set of this name made for the encounter and nobody has tried.
pub(in crate::store) const SUPERSEDED: &str = "
select c.id from cases c join rule_set s on s.id = c.rule_set_id
where c.encounter_id = $1 and s.name = $2 and c.state = 'open' and c.attempts = 0 and c.lease_until is null";

#[derive(sqlx::FromRow)]
struct Before {
    id: i64,
    rule: String,
    decided: String,
    stratum: Option<String>,
    period: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Present {
    id: i64,
    state: String,
    outcome: Option<String>,
    attempts: i64,
    lease_until: Option<i64>,
    rule_set_id: Option<i64>,
}

/// Decides an encounter by one set, anew if it was decided before. What was drawn stays drawn; a follow-up that nobody
/// has tried goes with its reason.
pub(super) async fn decide(
    ledger: &mut Ledger<'_>,
    running: &Running,
    set: &RunningSet,
    encounter: &Encounter,
) -> Result<u64, Error> {
    let place = &running.place;
    let event = encounter.event(place.zone);
    let verdicts = set
        .rules
        .follow_ups(&event, &running.switches, place.zone, &place.calendar);
    let before: Vec<Before> = sqlx::query_as(DECIDED)
        .bind(encounter.id)
        .bind(set.id)
        .fetch_all(&mut *ledger.db)
        .await?;
    let mut stays: Vec<i64> = Vec::new();
    let mut cases: Vec<i64> = Vec::new();
    let mut made = 0;
    for verdict in verdicts {
        if matches!(verdict.decided, Decided::OtherEvent { .. }) {
            continue;
        }
        if let Decided::Waits { stratum, period } = &verdict.decided {
            let of_draw = |row: &&Before| {
                row.rule == verdict.rule
                    && row.stratum.as_ref() == Some(stratum)
                    && row.period.as_ref() == Some(&period.name)
            };
            let drawn: Vec<&Before> = before.iter().filter(of_draw).collect();
            if drawn.iter().any(|row| row.decided != "waits") {
                stays.extend(drawn.iter().map(|row| row.id));
                cases.extend(cases_of(ledger, &stays).await?);
                continue;
            }
        }
        let verdict = verdict.taken_at(running.now);
        let kept = keep(ledger, running, set, encounter, verdict).await?;
        stays.push(kept.row);
        cases.extend(kept.case);
        made += kept.made;
    }
    for gone in before.iter().filter(|row| !stays.contains(&row.id)) {
        sqlx::query("delete from rule_decision where id = $1")
            .bind(gone.id)
            .execute(&mut *ledger.db)
            .await?;
    }
    withdraw_superseded(ledger, running, set, encounter, &cases).await?;
    Ok(made)
}

async fn cases_of(ledger: &mut Ledger<'_>, rows: &[i64]) -> Result<Vec<i64>, Error> {
    let mut cases = Vec::new();
    for row in rows {
        let case: Option<i64> = sqlx::query_scalar("select case_id from rule_decision where id = $1")
            .bind(row)
            .fetch_one(&mut *ledger.db)
            .await?;
        cases.extend(case);
    }
    Ok(cases)
}

async fn withdraw_superseded(
    ledger: &mut Ledger<'_>,
    running: &Running,
    set: &RunningSet,
    encounter: &Encounter,
    cases: &[i64],
) -> Result<(), Error> {
    let open: Vec<i64> = sqlx::query_scalar(SUPERSEDED)
        .bind(encounter.id)
        .bind(&set.rules.name)
        .fetch_all(&mut *ledger.db)
        .await?;
    for case in open.into_iter().filter(|case| !cases.contains(case)) {
        claim::close(ledger, CaseId(case), Outcome::Withdrawn, running.now).await?;
    }
    Ok(())
}

/// A verdict that was written down.
pub(super) struct Kept {
    pub(super) row: i64,
    pub(super) case: Option<i64>,
    pub(super) made: u64,
}

/// Writes a verdict down, with the case of a follow-up.
pub(super) async fn keep(
    ledger: &mut Ledger<'_>,
    running: &Running,
    set: &RunningSet,
    encounter: &Encounter,
    mut verdict: Verdict,
) -> Result<Kept, Error> {
    let mut case = None;
    let mut made = 0;
    if let Decided::Followed(follow_up) = &verdict.decided {
        match taken_by_another(ledger, running, encounter, follow_up).await? {
            Some(by) => verdict.decided = Decided::Taken { by },
            None => (case, made) = follow(ledger, running, set, encounter, &verdict.rule, follow_up).await?,
        }
    }
    let base = match &verdict.decided {
        Decided::Waits { stratum, period } => Some((stratum.clone(), period.clone())),
        Decided::Followed(_)
        | Decided::SampledOut { .. }
        | Decided::NoDate { .. }
        | Decided::Taken { .. }
        | Decided::TooLate { .. } => base_of(running, set, encounter, &verdict.rule),
        Decided::OtherEvent { .. } | Decided::TooEarly { .. } | Decided::NotMatched(_) => None,
    };
    let round = match &verdict.decided {
        Decided::Followed(follow_up) => follow_up.round,
        Decided::OtherEvent { .. }
        | Decided::TooEarly { .. }
        | Decided::NotMatched(_)
        | Decided::NoDate { .. }
        | Decided::Waits { .. }
        | Decided::SampledOut { .. }
        | Decided::Taken { .. }
        | Decided::TooLate { .. } => 0,
    };
    let detail = serde_json::to_string(&verdict.decided).map_err(|error| Error::Json {
        what: "a rule's verdict",
        why: error.to_string(),
    })?;
    let row = sqlx::query_scalar(
        "insert into rule_decision (encounter_id, rule_set_id, rule, round, decided, detail, case_id, period,
            period_until, stratum, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict (encounter_id, rule_set_id, rule, round) do update set decided = excluded.decided,
            detail = excluded.detail, case_id = excluded.case_id, period = excluded.period,
            period_until = excluded.period_until, stratum = excluded.stratum, at = excluded.at
         returning id",
    )
    .bind(encounter.id)
    .bind(set.id)
    .bind(&verdict.rule)
    .bind(round)
    .bind(verdict.decided.as_str())
    .bind(detail)
    .bind(case)
    .bind(base.as_ref().map(|(_, period)| period.name.clone()))
    .bind(base.as_ref().map(|(_, period)| period.until.millis()))
    .bind(base.map(|(stratum, _)| stratum))
    .bind(running.now.millis())
    .fetch_one(&mut *ledger.db)
    .await?;
    Ok(Kept { row, case, made })
}

/// The stratum and period of a rule that samples; key classes are in no base.
fn base_of(
    running: &Running,
    set: &RunningSet,
    encounter: &Encounter,
    rule: &str,
) -> Option<(String, crate::rules::Stretch)> {
    let zone = running.place.zone;
    let event = encounter.event(zone);
    let sample = set.rules.rule(rule)?.sample.as_ref()?;
    let is_key = sample
        .census
        .as_ref()
        .is_some_and(|key| key.check(&event.attributes).is_ok());
    let at = set.rules.time_of(&event, zone);
    (!is_key).then(|| (sample.stratum(&event.attributes), sample.period.of(at, zone)))
}

async fn taken_by_another(
    ledger: &mut Ledger<'_>,
    running: &Running,
    encounter: &Encounter,
    follow_up: &FollowUp,
) -> Result<Option<String>, Error> {
    let Some(campaign) = running.campaigns.get(&follow_up.campaign) else {
        return Ok(None);
    };
    if follow_up.per == Per::Event {
        return Ok(None);
    }
    let zone = running.place.zone;
    let day = local(follow_up.due, zone).date();
    let from = wall(day.and_time(NaiveTime::MIN), zone);
    let until = wall(day.succ_opt().unwrap_or(day).and_time(NaiveTime::MIN), zone);
    let other: Option<Option<String>> = sqlx::query_scalar(SAME_DAY)
        .bind(encounter.patient_id)
        .bind(encounter.id)
        .bind(campaign.0)
        .bind(from.millis())
        .bind(until.millis())
        .fetch_optional(&mut *ledger.db)
        .await?;
    Ok(other.map(|rule| rule.unwrap_or_else(|| "-".to_owned())))
}

/// Makes the case of a follow-up, or brings the one that is there to what the rule says now; and whether it was made. A
/// case that was tried keeps its times but for a deadline that moved on.
async fn follow(
    ledger: &mut Ledger<'_>,
    running: &Running,
    set: &RunningSet,
    encounter: &Encounter,
    rule: &str,
    follow_up: &FollowUp,
) -> Result<(Option<i64>, u64), Error> {
    let Some(campaign) = running.campaigns.get(&follow_up.campaign) else {
        return Err(Error::NoCampaign {
            name: follow_up.campaign.clone(),
        });
    };
    let present: Option<Present> = sqlx::query_as(PRESENT)
        .bind(campaign.0)
        .bind(encounter.id)
        .bind(follow_up.round)
        .fetch_optional(&mut *ledger.db)
        .await?;
    let outcome = match (encounter.deceased, encounter.is_reachable) {
        (true, _) => Some("not_eligible"),
        (false, false) => Some("number_dead"),
        (false, true) => None,
    };
    let Some(present) = present else {
        let case = sqlx::query_scalar(
            "insert into cases (campaign_id, encounter_id, round, rule_set_id, rule, role, due_at, next_at, deadline_at,
                priority, state, outcome, closed_at, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9, $10, $11, $12, $13) returning id",
        )
        .bind(campaign.0)
        .bind(encounter.id)
        .bind(follow_up.round)
        .bind(set.id)
        .bind(rule)
        .bind(&follow_up.role)
        .bind(follow_up.due.millis())
        .bind(follow_up.deadline.map(Wall::millis))
        .bind(follow_up.priority)
        .bind(if outcome.is_some() { "closed" } else { "open" })
        .bind(outcome)
        .bind(outcome.map(|_| running.now.millis()))
        .bind(running.now.millis())
        .fetch_one(&mut *ledger.db)
        .await?;
        return Ok((Some(case), 1));
    };
    if let Some(change) = change_of(&present, outcome) {
        bring_up(ledger, running, set, rule, follow_up, (present.id, change)).await?;
    }
    Ok((Some(present.id), 0))
}

/// What a rule that was asked again changes about a case.
#[derive(Clone, Copy)]
enum Change {
    /// It goes on: it was closed for want of a number, or because the rule did not hold.
    Reopen,
    /// It is due when the rule says now.
    Follow,
    /// Only a deadline that moved on counts.
    Extend,
}

/// What a list or a person made stays theirs.
fn change_of(present: &Present, outcome: Option<&str>) -> Option<Change> {
    present.rule_set_id?;
    if present.state == "open" {
        let is_untried = present.attempts == 0 && present.lease_until.is_none();
        return Some(if is_untried { Change::Follow } else { Change::Extend });
    }
    let was = present.outcome.as_deref();
    let is_back = was == Some("number_dead") || was == Some("withdrawn") && present.attempts == 0;
    (is_back && outcome.is_none()).then_some(Change::Reopen)
}

async fn bring_up(
    ledger: &mut Ledger<'_>,
    running: &Running,
    set: &RunningSet,
    rule: &str,
    follow_up: &FollowUp,
    (case, change): (i64, Change),
) -> Result<(), Error> {
    let deadline = follow_up.deadline.map(Wall::millis);
    let query = match change {
        Change::Extend => sqlx::query("update cases set deadline_at = $2 where id = $1 and deadline_at < $2")
            .bind(case)
            .bind(deadline),
        Change::Follow => sqlx::query(
            "update cases set deadline_at = $2, rule_set_id = $3, rule = $4, priority = $5, due_at = $6,
                next_at = case when due_at = $6 then next_at else $6 end where id = $1",
        )
        .bind(case)
        .bind(deadline)
        .bind(set.id)
        .bind(rule)
        .bind(follow_up.priority)
        .bind(follow_up.due.millis()),
        Change::Reopen => sqlx::query(
            "update cases set deadline_at = $2, rule_set_id = $3, rule = $4, priority = $5, due_at = $6,
                next_at = case when $6 > $7 then $6 else $7 end, state = 'open', outcome = null, closed_at = null
             where id = $1",
        )
        .bind(case)
        .bind(deadline)
        .bind(set.id)
        .bind(rule)
        .bind(follow_up.priority)
        .bind(follow_up.due.millis())
        .bind(running.now.millis()),
    };
    query.execute(&mut *ledger.db).await?;
    Ok(())
}
