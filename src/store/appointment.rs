//! Appointments: the time at which a patient asked to be called stands with the case; the claim goes by it.

use serde::{Deserialize, Serialize};

use crate::dialer::Outcome;
use crate::dialer::claim::{TOLERANCE, Why};
use crate::ids::{CampaignId, CaseId};
use crate::moment::Wall;
use crate::pii::{Pii, mask_name};

use super::dnc::campaign_named;
use super::finish::outcome_of;
use super::hold::patient_known_by;
use super::job::{Ledger, Write};
use super::{Error, Reader, Store};

/// Which case an appointment is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// By its row.
    Case(CaseId),
    /// The open one of a patient in a campaign.
    Of {
        /// A patient number, or the number of a visit.
        patient: Pii<String>,
        /// The campaign's name.
        campaign: String,
    },
}

/// An appointment that was made, or taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointed {
    /// The case.
    pub case: CaseId,
    /// Its campaign.
    pub campaign: CampaignId,
    /// Its campaign's name.
    pub campaign_name: String,
    /// The appointment that it had before.
    pub before: Option<Wall>,
    /// When the case is looked at next.
    pub next_at: Wall,
    /// It is being called right now: that call goes on.
    pub is_called: bool,
}

/// An appointment as it is shown: the name masked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppointmentRecord {
    /// The case.
    pub case: CaseId,
    /// Its campaign's name.
    pub campaign: String,
    /// The patient's number.
    pub patient_no: Option<String>,
    /// The patient's name, masked.
    pub name: Option<String>,
    /// The time.
    pub at: Wall,
}

type Row = (i64, String, Option<String>, Option<String>, i64);

pub(super) const LIST: &str = "
select c.id, m.name, p.patient_no, p.name, c.appointment_at
from campaign m
join cases c on c.campaign_id = m.id
join encounter e on e.id = c.encounter_id
join patient p on p.id = e.patient_id
where c.state = 'open' and c.appointment_at is not null
order by c.appointment_at, c.id limit 10000";

impl Reader {
    /// The appointments of open cases, the earliest first, at most 10,000.
    pub async fn appointments(&self) -> Result<Vec<AppointmentRecord>, Error> {
        let rows: Vec<Row> = sqlx::query_as(LIST).fetch_all(self.pool()).await?;
        Ok(rows
            .into_iter()
            .map(|(case, campaign, patient_no, name, at)| AppointmentRecord {
                case: CaseId(case),
                campaign,
                patient_no,
                name: name.as_deref().map(mask_name),
                at: Wall::from_millis(at),
            })
            .collect())
    }
}

impl Store {
    /// Makes an appointment; one that the case has already is replaced.
    ///
    /// # Errors
    /// [`Error::CaseClosed`], [`Error::PastDeadline`], [`Error::ManyCases`], [`Error::NoOpenCase`], [`Error::NoCase`].
    pub async fn set_appointment(&self, which: Which, at: Wall, who: String, now: Wall) -> Result<Appointed, Error> {
        self.write(Set { which, at, who, now }).await
    }

    /// Takes an appointment back: the case waits as it did before.
    ///
    /// # Errors
    /// [`Error::NoAppointment`] and those of [`Store::set_appointment`].
    pub async fn remove_appointment(&self, which: Which, who: String, now: Wall) -> Result<Appointed, Error> {
        self.write(Remove { which, who, now }).await
    }
}

#[derive(sqlx::FromRow)]
struct Found {
    id: i64,
    campaign_id: i64,
    campaign: String,
    outcome: Option<String>,
    closed_at: Option<i64>,
    due_at: i64,
    next_at: i64,
    deadline_at: Option<i64>,
    appointment_at: Option<i64>,
    is_called: bool,
}

const CASE: &str = "
select c.id, c.campaign_id, m.name as campaign, c.outcome, c.closed_at, c.due_at, c.next_at, c.deadline_at,
    c.appointment_at, exists (select 1 from attempt a where a.case_id = c.id and a.state = 'begun') as is_called
from cases c join campaign m on m.id = c.campaign_id where c.id = $1";

const OF_PATIENT: &str = "
select c.id, c.state from encounter e join cases c on c.encounter_id = e.id
where e.patient_id = $1 and c.campaign_id = $2 order by c.state = 'open' desc, c.id desc";

async fn find(ledger: &mut Ledger<'_>, which: &Which) -> Result<Found, Error> {
    let case = match which {
        Which::Case(case) => *case,
        Which::Of { patient, campaign } => the_open_one(ledger, patient, campaign).await?,
    };
    let found: Option<Found> = sqlx::query_as(CASE)
        .bind(case.0)
        .fetch_optional(&mut *ledger.db)
        .await?;
    let found = found.ok_or(Error::NoCase(case))?;
    match (&found.outcome, found.closed_at) {
        (Some(outcome), Some(at)) => Err(Error::CaseClosed {
            case,
            outcome: outcome_of(outcome)?,
            at: Wall::from_millis(at),
        }),
        (Some(_) | None, _) => Ok(found),
    }
}

/// The open case of a patient in a campaign; if all are closed, the last of them, which tells how it ended.
async fn the_open_one(ledger: &mut Ledger<'_>, patient: &Pii<String>, campaign: &str) -> Result<CaseId, Error> {
    let patient = patient_known_by(ledger, patient.reveal()).await?;
    let id = campaign_named(ledger, campaign).await?;
    let cases: Vec<(i64, String)> = sqlx::query_as(OF_PATIENT)
        .bind(patient)
        .bind(id.0)
        .fetch_all(&mut *ledger.db)
        .await?;
    let open: Vec<CaseId> = cases
        .iter()
        .filter(|(_, state)| state == "open")
        .map(|(id, _)| CaseId(*id))
        .collect();
    match (open.as_slice(), cases.first()) {
        ([one], _) => Ok(*one),
        ([], Some((closed, _))) => Ok(CaseId(*closed)),
        ([], None) => Err(Error::NoOpenCase {
            campaign: campaign.to_owned(),
        }),
        ([_, ..], _) => Err(Error::ManyCases { cases: open }),
    }
}

struct Set {
    which: Which,
    at: Wall,
    who: String,
    now: Wall,
}

impl Write for Set {
    type Answer = Appointed;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<Appointed, Error> {
        let found = find(ledger, &self.which).await?;
        if let Some(deadline) = found.deadline_at.filter(|deadline| *deadline <= self.at.millis()) {
            return Err(Error::PastDeadline {
                case: CaseId(found.id),
                deadline: Wall::from_millis(deadline),
            });
        }
        let next_at = (self.at - TOLERANCE).max(self.now);
        // An appointment that replaces another leaves what was before both.
        let before = match found.appointment_at {
            Some(_) => waited_until(ledger, found.id).await?.unwrap_or(found.next_at),
            None => found.next_at,
        };
        let detail = serde_json::json!({ "set_by": self.who, "appointment_at": self.at, "next_at_before": before });
        write(
            ledger,
            &found,
            Change {
                appointment: Some(self.at),
                next_at,
                why: Why::Appointment,
                at: self.now,
                detail: detail.to_string(),
            },
        )
        .await
    }
}

struct Remove {
    which: Which,
    who: String,
    now: Wall,
}

impl Write for Remove {
    type Answer = Appointed;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<Appointed, Error> {
        let found = find(ledger, &self.which).await?;
        if found.appointment_at.is_none() {
            return Err(Error::NoAppointment(CaseId(found.id)));
        }
        let before = waited_until(ledger, found.id).await?.unwrap_or(found.due_at);
        let next_at = Wall::from_millis(before).max(self.now);
        let detail = serde_json::json!({ "taken_back_by": self.who });
        write(
            ledger,
            &found,
            Change {
                appointment: None,
                next_at,
                why: Why::NotYet,
                at: self.now,
                detail: detail.to_string(),
            },
        )
        .await
    }
}

/// What the case waited for before its appointment was made.
async fn waited_until(ledger: &mut Ledger<'_>, case: i64) -> Result<Option<i64>, Error> {
    let before: Option<Option<i64>> = sqlx::query_scalar(
        "select json_extract(detail, '$.next_at_before') from decision
         where case_id = $1 and why = 'appointment' and detail is not null order by id desc limit 1",
    )
    .bind(case)
    .fetch_optional(&mut *ledger.db)
    .await?;
    Ok(before.flatten())
}

struct Change {
    appointment: Option<Wall>,
    next_at: Wall,
    why: Why,
    at: Wall,
    detail: String,
}

async fn write(ledger: &mut Ledger<'_>, found: &Found, change: Change) -> Result<Appointed, Error> {
    sqlx::query(
        "update cases set appointment_at = $2, next_at = $3, why = $4, why_at = $5, why_until = $3 where id = $1",
    )
    .bind(found.id)
    .bind(change.appointment.map(Wall::millis))
    .bind(change.next_at.millis())
    .bind(change.why.as_str())
    .bind(change.at.millis())
    .execute(&mut *ledger.db)
    .await?;
    sqlx::query("insert into decision (case_id, at, why, until, detail) values ($1, $2, $3, $4, $5)")
        .bind(found.id)
        .bind(change.at.millis())
        .bind(change.why.as_str())
        .bind(change.next_at.millis())
        .bind(change.detail)
        .execute(&mut *ledger.db)
        .await?;
    Ok(Appointed {
        case: CaseId(found.id),
        campaign: CampaignId(found.campaign_id),
        campaign_name: found.campaign.clone(),
        before: found.appointment_at.map(Wall::from_millis),
        next_at: change.next_at,
        is_called: found.is_called,
    })
}

/// How a closed case is told to whoever wants to change it.
pub(super) fn ended(outcome: Outcome) -> String {
    format!("{} {}", outcome.as_str(), outcome.zh())
}
