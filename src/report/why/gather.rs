//! Reads what the database holds of a patient and asks the claim's own decision about each open follow-up.

use std::sync::Arc;
use std::time::Duration;

use crate::calendar::Gate;
use crate::dialer::claim::{Checked, Decision, Why, decide};
use crate::dialer::{Claim, Listed, Outcome, PatientState, Terms};
use crate::ids::PatientId;
use crate::moment::Wall;
use crate::store::patient_state::PatientRecord;
use crate::store::why::{WhyAttempt, WhyCase, WhyDecision, WhyListed};
use crate::store::{CampaignState, Error, Reader};

use super::facts::{
    AttemptFacts, Bar, CampaignStanding, CaseFacts, Closed, DecisionFacts, Known, ListedFacts, NumberFacts,
    PatientFacts, Present, RuleFacts, StateFacts, VisitFacts,
};

/// How the house stands: what the database alone does not tell.
#[derive(Clone, Debug, Default)]
pub struct House {
    /// Right now.
    pub now: Wall,
    /// What keeps it from calling anybody.
    pub bars: Vec<Bar>,
    /// Trunks that can carry a call, and others that cannot; none known without a daemon.
    pub trunks_down: Vec<String>,
}

/// What a campaign's file says.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The terms by which its cases are claimed.
    pub terms: Arc<Terms>,
    /// The names of its trunks.
    pub trunks: Vec<String>,
}

/// All that is known of a patient, by patient number, else by visit number; of one campaign only if it is named. `read`
/// reads a campaign's file as it is stored; none if it cannot.
///
/// # Errors
/// [`Error::NoPatient`] if nobody has the number; whatever keeps the database from being read.
pub async fn of(
    reader: &Reader,
    known_by: &str,
    campaign: Option<&str>,
    house: &House,
    read: impl Fn(&str) -> Option<Plan>,
) -> Result<Known, Error> {
    let patient = reader.find_patient(known_by).await?;
    of_patient(reader, patient, campaign, house, read).await
}

/// All that is known of the patient of a row, as [`of`] tells it.
///
/// # Errors
/// As [`of`].
pub async fn of_patient(
    reader: &Reader,
    patient: PatientId,
    campaign: Option<&str>,
    house: &House,
    read: impl Fn(&str) -> Option<Plan>,
) -> Result<Known, Error> {
    let record = reader.patient_of(patient, house.now).await?;
    let listed = reader.why_listed(record.id, house.now).await?;
    let mut cases = Vec::new();
    for case in reader.why_cases(record.id, campaign).await? {
        let plan = read(&case.file);
        cases.push(case_facts(reader, &record, &listed, case, plan, house).await?);
    }
    Ok(Known {
        visits: visits(reader, record.id, campaign).await?,
        patient: patient_facts(record, listed),
        cases,
    })
}

async fn visits(reader: &Reader, patient: PatientId, campaign: Option<&str>) -> Result<Vec<VisitFacts>, Error> {
    let mut visits = Vec::new();
    for visit in reader.why_visits(patient, campaign).await? {
        visits.push(VisitFacts {
            rules: rules(reader, &visit.visit_no).await?,
            visit_no: visit.visit_no,
            department: visit.department,
            discharged: visit.discharged,
        });
    }
    Ok(visits)
}

async fn rules(reader: &Reader, visit_no: &str) -> Result<Vec<RuleFacts>, Error> {
    let decisions = reader.rule_decisions(visit_no).await?;
    Ok(decisions
        .into_iter()
        .map(|decision| RuleFacts {
            rule_set: format!("{} v{}", decision.rule_set, decision.version),
            rule: decision.rule,
            at: decision.at,
            decided: decision.decided,
            detail: decision.detail,
        })
        .collect())
}

fn patient_facts(record: PatientRecord, listed: Vec<WhyListed>) -> PatientFacts {
    let on = |number: Option<&str>| -> Vec<ListedFacts> {
        let entries = listed.iter().filter(|entry| entry.number.as_deref() == number);
        entries.map(listed_facts).collect()
    };
    let states = record.states.iter().filter(|state| state.holds);
    PatientFacts {
        listed: on(None),
        states: states
            .filter_map(|held| {
                Some(StateFacts {
                    state: PatientState::parse(&held.state)?,
                    since: held.since,
                    until: held.until,
                    source: held.source.clone(),
                })
            })
            .collect(),
        numbers: record
            .numbers
            .into_iter()
            .map(|number| NumberFacts {
                listed: on(Some(&number.number)),
                number: number.number,
                rank: number.rank,
                owner: number.owner,
                relation: number.relation,
                state: number.state,
            })
            .collect(),
        patient_no: record.patient_no,
        name: record.name,
    }
}

fn listed_facts(entry: &WhyListed) -> ListedFacts {
    ListedFacts {
        only: entry.only.clone(),
        since: entry.since,
        until: entry.until,
        source: entry.source.clone(),
    }
}

async fn case_facts(
    reader: &Reader,
    patient: &PatientRecord,
    listed: &[WhyListed],
    case: WhyCase,
    plan: Option<Plan>,
    house: &House,
) -> Result<CaseFacts, Error> {
    let attempts = reader.why_attempts(case.case).await?;
    let decisions = reader.why_decisions(case.case).await?;
    let present = present(reader, &case, plan.as_ref(), house).await?;
    let rules = rules(reader, &case.visit_no).await?;
    Ok(CaseFacts {
        closed: case.closed.map(|(outcome, at)| Closed {
            outcome,
            at,
            why: closing(outcome, case.why, patient, listed),
        }),
        case: case.case,
        campaign: case.campaign_name,
        visit_no: case.visit_no,
        department: case.department,
        rules,
        due: case.due,
        next_at: case.next_at,
        deadline: case.deadline,
        appointment: case.appointment,
        priority: case.priority,
        counted: case.counted,
        budget: plan.map(|plan| plan.terms.budget),
        attempts: attempts.into_iter().map(attempt_facts).collect(),
        decisions: decisions.into_iter().map(decision_facts).collect(),
        present,
    })
}

fn attempt_facts(attempt: WhyAttempt) -> AttemptFacts {
    AttemptFacts {
        attempt: attempt.attempt,
        direction: attempt.direction,
        begun: attempt.begun,
        answered: attempt.answered,
        ended: attempt.ended,
        number: attempt.number,
        trunk: attempt.trunk,
        disposition: attempt.disposition,
        rule: attempt.rule,
    }
}

const fn decision_facts(decision: WhyDecision) -> DecisionFacts {
    DecisionFacts {
        at: decision.at,
        why: decision.why,
        until: decision.until,
    }
}

/// Why a case was closed, where a claim closed it; where an import did, what is known of the patient says it.
fn closing(outcome: Outcome, why: Option<Why>, patient: &PatientRecord, listed: &[WhyListed]) -> Option<Why> {
    let closes = why.filter(|why| match why {
        Why::State(_) | Why::DoNotCall(_) | Why::NumberDead | Why::TooLate | Why::BudgetUsed => true,
        Why::Due
        | Why::Appointment
        | Why::NumberLocked
        | Why::NumberCapped
        | Why::PatientCapped
        | Why::DayUsed
        | Why::PartUsed(_)
        | Why::WindowClosed
        | Why::NotYet => false,
    });
    if closes.is_some() || outcome != Outcome::NotEligible {
        return closes;
    }
    let held = patient.states.iter().filter(|state| state.holds);
    let state = held.filter_map(|state| PatientState::parse(&state.state)).next();
    let barred = listed.iter().any(|entry| entry.only.is_none());
    state
        .map(Why::State)
        .or(barred.then_some(Why::DoNotCall(Listed::Always)))
}

async fn present(reader: &Reader, case: &WhyCase, plan: Option<&Plan>, house: &House) -> Result<Present, Error> {
    let standing = match (case.campaign_state, case.paused_at) {
        (CampaignState::Draft, _) => CampaignStanding::Draft,
        (CampaignState::Stopped, _) => CampaignStanding::Stopped,
        (CampaignState::Running, Some(since)) => CampaignStanding::Paused { since },
        (CampaignState::Running, None) => CampaignStanding::Running,
    };
    let is_leased = case.lease_until.is_some_and(|until| until > house.now);
    let mut present = Present {
        at: house.now,
        is_leased,
        decision: None,
        opens: None,
        ahead: 0,
        campaign: standing,
        bars: house.bars.clone(),
    };
    let Some(plan) = plan else {
        present.bars.push(Bar::Unreadable);
        return Ok(present);
    };
    if case.closed.is_some() {
        return Ok(present);
    }
    if plan.trunks.iter().all(|trunk| house.trunks_down.contains(trunk)) && !plan.trunks.is_empty() {
        let trunks = plan.trunks.clone();
        present.bars.push(Bar::TrunksDown { trunks });
    }
    present.opens = match plan.terms.schedule.gate(house.now) {
        Gate::Open { .. } => Some(house.now),
        Gate::Closed { until, .. } => until,
    };
    present.decision = decision(reader, case, plan, house.now).await?;
    if is_due(present.decision) {
        present.ahead = reader.why_ahead(case, house.now).await?;
    }
    Ok(present)
}

/// What the claim itself would decide right now.
async fn decision(reader: &Reader, case: &WhyCase, plan: &Plan, now: Wall) -> Result<Option<Decision>, Error> {
    let claim = Claim {
        campaign: case.campaign,
        now,
        limit: 1,
        lease: Duration::ZERO,
        terms: Arc::clone(&plan.terms),
    };
    let candidate = reader.candidate(case.case, &claim).await?;
    Ok(candidate.map(|candidate| decide(&candidate, &claim)))
}

fn is_due(decision: Option<Decision>) -> bool {
    decision.is_some_and(|decision| match decision.checked {
        Checked::Dial { .. } => true,
        Checked::Hold { .. } => decision.why == Why::WindowClosed,
        Checked::Close { .. } => false,
    })
}
