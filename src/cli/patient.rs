//! `aftercall patient`: who somebody is to us, and what stops the follow-ups.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use chrono_tz::Tz;
use clap::{Args, Subcommand, ValueEnum};

use super::daemon::{self, Daemon};
use super::{runtime, settings, show, time, user};
use crate::config::Settings;
use crate::dialer::PatientState;
use crate::engine::clock::Clock;
use crate::engine::office::StateRequest;
use crate::pii::Pii;
use crate::store::patient_state::{PatientRecord, StateCleared, StateSet};

/// Show a patient; set and clear what stops the follow-ups: died, in hospital again, transferred, complaint open.
///
/// What a state does, the campaign says (`[stops]`): close the case, hold it until the state has ended, or nothing. A patient
/// who has died is never called. A patient is known by patient number, else by the number of a visit.
#[derive(Debug, Subcommand)]
pub(super) enum Patient {
    /// Show numbers, states, follow-ups and attempts; name and numbers masked.
    Show(Show),
    /// Set a state, from now on. The next claim sees it; a call that is up goes on.
    Set(Set),
    /// End a state. What was held for it is looked at again at once; what was closed for it stays closed.
    Clear(Clear),
}

#[derive(Debug, Args)]
pub(super) struct Show {
    /// The patient number, or the number of a visit.
    patient: String,
    /// One line of JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Set {
    /// The patient number, or the number of a visit.
    patient: String,
    /// The state.
    #[arg(value_enum)]
    state: State,
    /// The last day on which it holds (2026-12-31), or a time; without it, until it is cleared.
    #[arg(long, value_name = "DATE")]
    until: Option<String>,
    /// Why; it is kept with the state. Write no name into it.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Clear {
    /// The patient number, or the number of a visit.
    patient: String,
    /// The state.
    #[arg(value_enum)]
    state: State,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "snake_case")]
enum State {
    /// 已去世: has died.
    Deceased,
    /// 再次入院: is in hospital again.
    Readmitted,
    /// 已转院: was transferred to another hospital.
    Transferred,
    /// 投诉未结: has a complaint that is not settled.
    ComplaintOpen,
}

impl State {
    const fn state(self) -> PatientState {
        match self {
            Self::Deceased => PatientState::Deceased,
            Self::Readmitted => PatientState::Readmitted,
            Self::Transferred => PatientState::Transferred,
            Self::ComplaintOpen => PatientState::ComplaintOpen,
        }
    }
}

impl Patient {
    pub(super) fn run(self, config: &Path) -> anyhow::Result<ExitCode> {
        let settings = Arc::new(settings(config)?);
        runtime()?.block_on(async {
            match self {
                Self::Show(show) => show.run(&settings).await,
                Self::Set(set) => set.run(&settings).await,
                Self::Clear(clear) => clear.run(&settings).await,
            }
        })
    }
}

impl Set {
    async fn run(self, settings: &Arc<Settings>) -> anyhow::Result<ExitCode> {
        let state = self.state.state();
        let zone = settings.place.time_zone;
        let request = StateRequest {
            patient: Pii::new(self.patient),
            state: state.as_str().to_owned(),
            until: self.until.as_deref().map(|text| time::until(text, zone)).transpose()?,
            reason: self.reason,
            who: user::name(),
        };
        let set: StateSet = match daemon::find(settings).await? {
            Daemon::Running(client) => client.post("/v1/patients/state", &request).await?,
            Daemon::Absent(office) => {
                let set = office.set_state(request).await;
                office.close().await;
                set?
            }
        };
        let words = format!("{} {}", state.as_str(), state.zh());
        show::line(&match set.is_new {
            true => format!("{words}: set"),
            false => format!("{words}: held already; it has the new end"),
        });
        if set.open_cases > 0 {
            show::line(&format!("open cases: {}; the next claim sees it", set.open_cases));
        }
        if set.calls > 0 {
            show::note("the patient is being called right now: a call that is up is not torn down");
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Clear {
    async fn run(self, settings: &Arc<Settings>) -> anyhow::Result<ExitCode> {
        let state = self.state.state();
        let request = StateRequest {
            patient: Pii::new(self.patient),
            state: state.as_str().to_owned(),
            until: None,
            reason: None,
            who: user::name(),
        };
        let cleared: StateCleared = match daemon::find(settings).await? {
            Daemon::Running(client) => client.post("/v1/patients/state/clear", &request).await?,
            Daemon::Absent(office) => {
                let cleared = office.clear_state(request).await;
                office.close().await;
                cleared?
            }
        };
        let words = format!("{} {}", state.as_str(), state.zh());
        show::line(&match cleared.held {
            true => format!("{words}: ended"),
            false => format!("{words}: did not hold"),
        });
        if cleared.woken > 0 {
            show::line(&format!(
                "cases that waited for it, looked at again now: {}",
                cleared.woken
            ));
        }
        if cleared.closed > 0 {
            show::note(&format!(
                "cases that were closed for it stay closed: {}",
                cleared.closed
            ));
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Show {
    async fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let reader = daemon::reader(settings).await?;
        let record = reader.patient(&self.patient, Clock::start().wall()).await;
        reader.close().await;
        let record = record?;
        if self.json {
            show::json(&record)?;
        } else {
            tell(&record, settings.place.time_zone);
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn tell(record: &PatientRecord, zone: Tz) {
    show::line(&format!(
        "patient {} {}: {} follow-ups, {} attempts",
        record.patient_no.as_deref().unwrap_or("-"),
        record.name.as_deref().unwrap_or("without a name"),
        record.cases.len(),
        record.attempts
    ));
    if let Some(at) = record.erased_at {
        show::line(&format!("erased {}", time::show(at, zone)));
    }
    let mut numbers = vec![row(&["number", "rank", "owner", "state", "do-not-call"])];
    numbers.extend(record.numbers.iter().map(|number| {
        let relation = number.relation.as_deref().map(|relation| format!(" {relation}"));
        vec![
            number.number.clone(),
            number.rank.to_string(),
            number.owner.clone().unwrap_or_default() + &relation.unwrap_or_default(),
            number.state.clone(),
            number.listed.clone().unwrap_or_default(),
        ]
    }));
    show::table(&numbers);
    if !record.states.is_empty() {
        let mut states = vec![row(&[
            "state", "", "holds", "since", "until", "by", "source", "ended by",
        ])];
        let clock = |at: Option<crate::moment::Wall>| at.map(|at| time::show(at, zone)).unwrap_or_default();
        states.extend(record.states.iter().map(|state| {
            vec![
                state.state.clone(),
                state.words.clone(),
                if state.holds { "yes" } else { "no" }.to_owned(),
                clock(state.since),
                clock(state.until),
                state.who.clone().unwrap_or_default(),
                state.source.clone(),
                state.ended_by.clone().unwrap_or_default(),
            ]
        }));
        show::line("");
        show::table(&states);
    }
    if !record.cases.is_empty() {
        let mut cases = vec![row(&["case", "campaign", "visit", "due", "attempts", "last", "stands"])];
        cases.extend(record.cases.iter().map(|case| {
            let stands = match (case.outcome, case.appointment) {
                (Some(outcome), _) => format!("{} {}", outcome.as_str(), outcome.zh()),
                (None, Some(at)) => format!("open, appointment {}", time::show(at, zone)),
                (None, None) => format!("open, next {}", time::show(case.next_at, zone)),
            };
            vec![
                case.case.to_string(),
                case.campaign.clone(),
                case.visit_no.clone(),
                time::show(case.due, zone),
                case.attempts.to_string(),
                case.last.map(|last| last.zh().to_owned()).unwrap_or_default(),
                stands,
            ]
        }));
        show::line("");
        show::table(&cases);
        show::note("`aftercall why PATIENT` says why each was called or not");
    }
}

fn row(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}
