//! `aftercall appointment`: the time at which a patient asked to be called.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::{Args, Subcommand};

use super::daemon::{self, Daemon};
use super::{runtime, settings, show, time, user};
use crate::config::Settings;
use crate::engine::office::{AppointmentMade, AppointmentRequest};
use crate::ids::CaseId;
use crate::pii::Pii;
use crate::store::appointment::Which;

/// Make, list and take back appointments (预约): the time at which a patient asked to be called.
///
/// A case with an appointment is called within 15 minutes of it, before others. The campaign's windows hold all the same.
#[derive(Debug, Subcommand)]
pub(super) enum Appointment {
    /// Make an appointment for an open case; one that it has already is replaced.
    Set(Set),
    /// List the appointments of open cases, the earliest first.
    List(List),
    /// Take an appointment back: the case waits as it did before.
    Remove(Remove),
}

#[derive(Debug, Args)]
struct Case {
    /// The case, as `aftercall patient show` lists it.
    #[arg(required_unless_present = "patient")]
    case: Option<i64>,
    /// The patient's open case in --campaign instead: the patient number, or the number of a visit.
    #[arg(long, value_name = "NO", requires = "campaign", conflicts_with = "case")]
    patient: Option<String>,
    /// The campaign of the case.
    #[arg(long, value_name = "NAME", requires = "patient")]
    campaign: Option<String>,
}

impl Case {
    fn which(self) -> anyhow::Result<Which> {
        match self.case {
            Some(case) => Ok(Which::Case(CaseId(case))),
            None => Ok(Which::Of {
                patient: Pii::new(self.patient.context("name a case, or --patient and --campaign")?),
                campaign: self.campaign.context("name the campaign")?,
            }),
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct Set {
    #[command(flatten)]
    case: Case,
    /// When, by the clocks of the place: "2026-11-24 17:30". In the future, from 08:00 to 21:00.
    #[arg(long, value_name = "TIME")]
    at: String,
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// One line of JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Remove {
    #[command(flatten)]
    case: Case,
}

impl Appointment {
    pub(super) fn run(self, config: &Path) -> anyhow::Result<ExitCode> {
        let settings = Arc::new(settings(config)?);
        runtime()?.block_on(async {
            match self {
                Self::Set(set) => set.run(&settings).await,
                Self::List(list) => list.run(&settings).await,
                Self::Remove(remove) => remove.run(&settings).await,
            }
        })
    }
}

impl Set {
    async fn run(self, settings: &Arc<Settings>) -> anyhow::Result<ExitCode> {
        let zone = settings.place.time_zone;
        let at = time::at(&self.at, zone)?;
        let request = AppointmentRequest {
            which: self.case.which()?,
            at: Some(at),
            who: user::name(),
        };
        let made: AppointmentMade = match daemon::find(settings).await? {
            Daemon::Running(client) => client.post("/v1/appointments", &request).await?,
            Daemon::Absent(office) => {
                let made = office.set_appointment(request).await;
                office.close().await;
                made?
            }
        };
        let appointed = &made.appointed;
        let before = appointed
            .before
            .map(|before| format!(" instead of {}", time::show(before, zone)));
        show::line(&format!(
            "case {} of \"{}\": appointment at {}{} ({zone}), looked at from {}",
            appointed.case,
            appointed.campaign_name,
            time::show(at, zone),
            before.unwrap_or_default(),
            time::show(appointed.next_at, zone)
        ));
        for note in &made.notes {
            show::warn(note);
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Remove {
    async fn run(self, settings: &Arc<Settings>) -> anyhow::Result<ExitCode> {
        let zone = settings.place.time_zone;
        let request = AppointmentRequest {
            which: self.case.which()?,
            at: None,
            who: user::name(),
        };
        let made: AppointmentMade = match daemon::find(settings).await? {
            Daemon::Running(client) => client.post("/v1/appointments/remove", &request).await?,
            Daemon::Absent(office) => {
                let made = office.remove_appointment(request).await;
                office.close().await;
                made?
            }
        };
        let appointed = &made.appointed;
        show::line(&format!(
            "case {} of \"{}\": the appointment is taken back; looked at from {}",
            appointed.case,
            appointed.campaign_name,
            time::show(appointed.next_at, zone)
        ));
        Ok(ExitCode::SUCCESS)
    }
}

impl List {
    async fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let reader = daemon::reader(settings).await?;
        let appointments = reader.appointments().await;
        reader.close().await;
        let appointments = appointments?;
        if self.json {
            show::json(&appointments)?;
            return Ok(ExitCode::SUCCESS);
        }
        let head = ["at", "case", "campaign", "patient", "name"];
        let mut rows = vec![head.map(str::to_owned).to_vec()];
        rows.extend(appointments.into_iter().map(|appointment| {
            vec![
                time::show(appointment.at, settings.place.time_zone),
                appointment.case.to_string(),
                appointment.campaign,
                appointment.patient_no.unwrap_or_default(),
                appointment.name.unwrap_or_default(),
            ]
        }));
        show::table(&rows);
        Ok(ExitCode::SUCCESS)
    }
}
