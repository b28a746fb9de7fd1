//! What people say of a patient: states that stop follow-ups, and appointments.

use serde::{Deserialize, Serialize};

use super::dnc::refused;
use super::{Error, Office};
use crate::calendar::{self, Gate, Span, Windows};
use crate::control::Order;
use crate::dialer::PatientState;
use crate::dialer::claim::TOLERANCE;
use crate::ids::CampaignId;
use crate::moment::Wall;
use crate::pii::Pii;
use crate::store::appointment::{Appointed, Which};
use crate::store::patient_state::{NewState, StateCleared, StateSet};

/// A state that is to be set, or cleared.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StateRequest {
    /// A patient number, or the number of a visit.
    pub patient: Pii<String>,
    /// `readmitted`, `transferred`, `complaint_open` or `deceased`.
    pub state: String,
    /// Until when; none: until it is cleared.
    pub until: Option<Wall>,
    /// Why; of one that is to be cleared nothing.
    pub reason: Option<String>,
    /// The user of the operating system.
    pub who: String,
}

/// An appointment that is to be made, or taken back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AppointmentRequest {
    /// For which case.
    pub which: Which,
    /// The time; of one that is to be taken back nothing.
    pub at: Option<Wall>,
    /// The user of the operating system.
    pub who: String,
}

/// An appointment that was made or taken back, and what is worth knowing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AppointmentMade {
    /// What was done.
    pub appointed: Appointed,
    /// What is worth knowing.
    pub notes: Vec<String>,
}

impl Office {
    /// Sets a state of a patient from now on. The next claim sees it.
    pub async fn set_state(&self, request: StateRequest) -> Result<StateSet, Error> {
        let state = state_of(&request.state)?;
        self.need_future("the end of the state", request.until)?;
        if state == PatientState::Deceased && request.until.is_some() {
            return Err(refused("a death has no end; leave --until out"));
        }
        let reason = request
            .reason
            .as_deref()
            .map(str::trim)
            .filter(|reason| !reason.is_empty());
        let new = NewState {
            known_by: request.patient.into_inner(),
            state,
            until: request.until,
            source: reason.map_or_else(|| SET.to_owned(), |reason| format!("{SET}: {reason}")),
            who: request.who,
        };
        Ok(self.store.set_patient_state(new, self.clock.wall()).await?)
    }

    /// Ends a state of a patient; follow-ups that waited for it are looked at again at once.
    pub async fn clear_state(&self, request: StateRequest) -> Result<StateCleared, Error> {
        let state = state_of(&request.state)?;
        let known_by = request.patient.into_inner();
        let now = self.clock.wall();
        let cleared = self
            .store
            .clear_patient_state(known_by, state, request.who, now)
            .await?;
        for campaign in &cleared.campaigns {
            self.poke(*campaign)?;
        }
        Ok(cleared)
    }

    /// Makes an appointment: in the future, within the hours in which anybody may be called, before the deadline.
    pub async fn set_appointment(&self, request: AppointmentRequest) -> Result<AppointmentMade, Error> {
        let Some(at) = request.at else {
            return Err(refused("an appointment needs its time"));
        };
        self.need_future("the time of the appointment", Some(at))?;
        self.need_legal(at)?;
        let appointed = self
            .store
            .set_appointment(request.which, at, request.who, self.clock.wall())
            .await?;
        self.poke(appointed.campaign)?;
        let notes = self.notes_on(&appointed, at).await?;
        Ok(AppointmentMade { appointed, notes })
    }

    /// Takes an appointment back.
    pub async fn remove_appointment(&self, request: AppointmentRequest) -> Result<AppointmentMade, Error> {
        let now = self.clock.wall();
        let appointed = self.store.remove_appointment(request.which, request.who, now).await?;
        self.poke(appointed.campaign)?;
        let notes = Vec::new();
        Ok(AppointmentMade { appointed, notes })
    }

    pub(super) fn need_legal(&self, at: Wall) -> Result<(), Error> {
        use chrono::Timelike;
        let local = calendar::local(at, self.settings.place.time_zone);
        let minute = u16::try_from(local.hour() * 60 + local.minute()).unwrap_or(u16::MAX);
        let windows = Span::new(minute, minute.saturating_add(1)).map(|minute| Windows::every_day(&[minute]));
        match windows {
            Some(Ok(windows)) if windows.legal().is_ok() => Ok(()),
            Some(Ok(_) | Err(_)) | None => Err(refused(&format!(
                "nobody may be called at {}: choose a time from 08:00 to 21:00",
                local.format("%H:%M")
            ))),
        }
    }

    /// What may keep the appointment from being kept.
    async fn notes_on(&self, appointed: &Appointed, at: Wall) -> Result<Vec<String>, Error> {
        let mut notes = Vec::new();
        if appointed.is_called {
            notes.push("the case is being called right now; that call goes on".to_owned());
        }
        let row = self.campaign(&appointed.campaign_name).await?;
        let name = &row.name;
        match (row.state, row.paused_at) {
            (crate::store::CampaignState::Running, None) => {}
            (crate::store::CampaignState::Running, Some(_)) => {
                notes.push(format!(
                    "the campaign \"{name}\" is paused; it dials nothing until it is resumed"
                ));
            }
            (crate::store::CampaignState::Draft | crate::store::CampaignState::Stopped, _) => {
                notes.push(format!(
                    "the campaign \"{name}\" does not run; it dials nothing until it is started"
                ));
            }
        }
        let (file, _) = self.read_campaign(name, &row.file)?;
        let place = &self.settings.place;
        let schedule = file.schedule(place.time_zone, self.hours, &place.work_calendar);
        match schedule.gate(at) {
            Gate::Open { .. } => {}
            Gate::Closed { until, .. } => {
                let opens = until.filter(|until| *until <= at + TOLERANCE);
                if opens.is_none() {
                    notes.push(format!(
                        "the campaign \"{name}\" has no calling window at that time; its windows hold for appointments too"
                    ));
                }
            }
        }
        Ok(notes)
    }

    pub(super) fn poke(&self, campaign: CampaignId) -> Result<(), Error> {
        match &self.engine {
            Some(engine) => engine.order(Order::Poke(campaign)),
            None => Ok(()),
        }
    }
}

/// Where a state that was set by hand comes from.
const SET: &str = "patient set";

fn state_of(text: &str) -> Result<PatientState, Error> {
    let known = || {
        let ids: Vec<&str> = PatientState::ALL.iter().map(|state| state.as_str()).collect();
        ids.join(", ")
    };
    PatientState::parse(text).ok_or_else(|| {
        refused(&format!(
            "\"{text}\" is no state of a patient; expected one of {}",
            known()
        ))
    })
}
