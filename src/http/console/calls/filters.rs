//! `GET /api/calls/filters`: what there is to choose from, with counts.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::shown::{BY_HAND, BY_PROGRAM};
use crate::access::Action;
use crate::http::Problem;
use crate::http::console::{Console, Seat};
use crate::outcome::Disposition;
use crate::report::Cause;

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(show))
}

/// What calls can be filtered by.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(super) struct Filters {
    /// How many answered calls there are.
    total: u64,
    campaigns: Vec<CampaignChoice>,
    departments: Vec<NameChoice>,
    doctors: Vec<DoctorChoice>,
    dispositions: Vec<WordChoice>,
    causes: Vec<WordChoice>,
    /// Flags that the program finds, by identifier.
    flags: Vec<String>,
    /// Flags that people may put on a call.
    flags_by_hand: Vec<String>,
}

/// A campaign with its answered calls.
#[derive(Debug, Serialize, ToSchema)]
struct CampaignChoice {
    id: i64,
    name: String,
    count: u64,
}

/// A department with its answered calls.
#[derive(Debug, Serialize, ToSchema)]
struct NameChoice {
    name: String,
    count: u64,
}

/// A doctor with the answered calls.
#[derive(Debug, Serialize, ToSchema)]
struct DoctorChoice {
    name: String,
    department: Option<String>,
    count: u64,
}

/// A disposition or cause with its answered calls.
#[derive(Debug, Serialize, ToSchema)]
struct WordChoice {
    /// The identifier.
    id: String,
    /// The users' word.
    zh: String,
    count: u64,
}

/// Tells what calls can be filtered by.
#[utoipa::path(
    get,
    path = "/api/calls/filters",
    tag = "calls",
    responses(
        (status = 200, body = Filters),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn show(State(console): State<Console>, seat: Seat) -> Result<Json<Filters>, Problem> {
    let visible = seat.may(Action::SeeCalls)?;
    let reader = console.office.store().reader();
    let mut filters = Filters {
        flags: BY_PROGRAM.map(str::to_owned).to_vec(),
        flags_by_hand: BY_HAND.map(str::to_owned).to_vec(),
        ..Filters::default()
    };
    let mut campaigns: BTreeMap<i64, u64> = BTreeMap::new();
    let mut departments: BTreeMap<String, u64> = BTreeMap::new();
    let mut doctors: BTreeMap<(String, String), u64> = BTreeMap::new();
    let mut dispositions: BTreeMap<String, u64> = BTreeMap::new();
    for row in reader.call_tally(&visible).await? {
        let count = row.count.unsigned_abs();
        filters.total += count;
        *campaigns.entry(row.campaign_id).or_default() += count;
        *dispositions.entry(row.disposition).or_default() += count;
        if !row.department.is_empty() {
            *departments.entry(row.department.clone()).or_default() += count;
        }
        if !row.doctor.is_empty() {
            *doctors.entry((row.doctor, row.department)).or_default() += count;
        }
    }
    let names = reader.campaign_names().await?;
    filters.campaigns = campaigns
        .into_iter()
        .map(|(id, count)| CampaignChoice {
            id,
            name: names.get(&id).cloned().unwrap_or_default(),
            count,
        })
        .collect();
    filters.departments = departments
        .into_iter()
        .map(|(name, count)| NameChoice { name, count })
        .collect();
    filters.doctors = doctors
        .into_iter()
        .map(|((name, department), count)| DoctorChoice {
            name,
            department: Some(department).filter(|department| !department.is_empty()),
            count,
        })
        .collect();
    let mut causes: BTreeMap<Cause, u64> = BTreeMap::new();
    for disposition in Disposition::ALL {
        if let Some(count) = dispositions.get(disposition.as_str()).copied() {
            *causes.entry(Cause::of(Some(*disposition))).or_default() += count;
            filters.dispositions.push(WordChoice {
                id: disposition.as_str().to_owned(),
                zh: disposition.zh().to_owned(),
                count,
            });
        }
    }
    filters.causes = causes
        .into_iter()
        .map(|(cause, count)| WordChoice {
            id: cause.as_str().to_owned(),
            zh: cause.zh().to_owned(),
            count,
        })
        .collect();
    Ok(Json(filters))
}
