//! `/api/settings`: what stands in the settings file, which of it a running daemon takes over, how the trunks stand, and the
//! work calendar. They are changed in their files; here they are read.

use axum::Json;
use axum::extract::State;
use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::tonight::TrunkState;
use super::{Console, Seat};
use crate::access::Action;
use crate::calendar::{DayKind, local};
use crate::config::{self, Takes};
use crate::engine::office::TrunkPicture;
use crate::http::request::Asked;
use crate::http::{Problem, timestamp};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(show)).routes(routes!(calendar))
}

/// The settings.
#[derive(Debug, Serialize, ToSchema)]
struct SettingsShown {
    /// The file in which they are changed; none: there is no file.
    file: Option<String>,
    /// Why the file cannot be read right now.
    fault: Option<String>,
    /// What stands in it, in the order of its lines. What does not stand there is as `aftercall check --example` says.
    settings: Vec<SettingLine>,
    /// How the trunks stand that the daemon has.
    trunks: Vec<TrunkStanding>,
}

/// One setting.
#[derive(Debug, Serialize, ToSchema)]
struct SettingLine {
    /// As `place`, `console` or `trunk`.
    section: String,
    /// The trunk's place in the file, from 0; none in other sections.
    trunk: Option<u32>,
    key: String,
    /// None: a secret.
    value: Option<String>,
    line: u32,
    takes: WhenTaken,
}

/// When a change of it holds.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum WhenTaken {
    /// As soon as the daemon is told to read its settings again (SIGHUP).
    Reload,
    /// When the daemon is started again.
    Restart,
}

/// How a trunk stands.
#[derive(Debug, Serialize, ToSchema)]
struct TrunkStanding {
    name: String,
    state: TrunkState,
    /// Since when; none: since the daemon started.
    since_at: Option<String>,
    /// Why it is down.
    reason: Option<String>,
    /// Nothing leaves over it until then.
    resting_until_at: Option<String>,
    /// How long its last answer to OPTIONS took, in microseconds.
    round_trip_us: Option<u64>,
    /// Calls that are up or being set up.
    calls: u64,
    /// Calls at one time, at most.
    lines: u16,
}

impl SettingLine {
    fn of(told: config::Told) -> Option<Self> {
        let (section, rest) = told.keys.split_first()?;
        let (trunk, keys) = match rest.split_first() {
            Some((at, keys)) if section == "trunk" => (at.parse().ok(), keys),
            Some(_) | None => (None, rest),
        };
        Some(Self {
            section: section.clone(),
            trunk,
            key: keys.join("."),
            value: told.value,
            line: told.line,
            takes: match told.takes {
                Takes::Live => WhenTaken::Reload,
                Takes::Restart => WhenTaken::Restart,
            },
        })
    }
}

impl TrunkStanding {
    fn of(trunk: &TrunkPicture, console: &Console) -> Self {
        let resting = trunk.resting_until.filter(|until| *until > console.now());
        Self {
            name: trunk.name.clone(),
            state: TrunkState::of(trunk.standing, resting),
            since_at: trunk.since.map(timestamp),
            reason: trunk.reason.map(|reason| reason.to_string()),
            resting_until_at: resting.map(timestamp),
            round_trip_us: trunk.round_trip_us,
            calls: u64::try_from(trunk.calls).unwrap_or(u64::MAX),
            lines: trunk.lines,
        }
    }
}

/// Shows what stands in the settings file, and how the trunks stand.
#[utoipa::path(
    get,
    path = "/api/settings",
    tag = "settings",
    responses(
        (status = 200, body = SettingsShown),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn show(State(console): State<Console>, seat: Seat) -> Result<Json<SettingsShown>, Problem> {
    seat.may(Action::SeeSettings)?;
    let file = console.office.settings_file();
    let (text, fault) = match file {
        None => (String::new(), None),
        Some(file) => match tokio::fs::read_to_string(file).await {
            Ok(text) => (text, None),
            Err(why) => (String::new(), Some(why.to_string())),
        },
    };
    let trunks = console.office.present().map(|present| present.trunks);
    Ok(Json(SettingsShown {
        file: file.map(|file| file.display().to_string()),
        fault,
        settings: config::told(&text).into_iter().filter_map(SettingLine::of).collect(),
        trunks: trunks
            .unwrap_or_default()
            .iter()
            .map(|trunk| TrunkStanding::of(trunk, &console))
            .collect(),
    }))
}

/// Which year.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct YearAsked {
    /// The year; without it this one.
    #[param(minimum = 2000, maximum = 2999)]
    year: Option<i32>,
}

/// The work calendar of a year.
#[derive(Debug, Serialize, ToSchema)]
struct WorkYear {
    year: i32,
    /// Whether its holidays are known; else nothing but the weekday tells.
    is_known: bool,
    /// Today's date in the hospital.
    today: String,
    /// Days that are not as their weekday says, in order.
    days: Vec<SpecialDay>,
}

/// A day that is not as its weekday says.
#[derive(Debug, Serialize, ToSchema)]
struct SpecialDay {
    /// As `2026-10-01`.
    date: String,
    kind: SpecialKind,
    /// The holiday's name.
    name: String,
}

/// What kind of day.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum SpecialKind {
    /// Off, whatever the weekday.
    Holiday,
    /// Worked to make up for a holiday (调休).
    MakeUpDay,
}

/// Shows the work calendar of a year.
#[utoipa::path(
    get,
    path = "/api/settings/calendar",
    tag = "settings",
    params(YearAsked),
    responses(
        (status = 200, body = WorkYear),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn calendar(
    State(console): State<Console>,
    seat: Seat,
    Asked(asked): Asked<YearAsked>,
) -> Result<Json<WorkYear>, Problem> {
    seat.may(Action::SeeSettings)?;
    let today = local(console.now(), console.zone).date();
    let year = asked.year.unwrap_or_else(|| today.year());
    if !(2000..=2999).contains(&year) {
        return Err(Problem::bad_request(format!("year is {year}; expected 2000 to 2999")));
    }
    let calendar = console.office.work_calendar();
    let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(today);
    let days = (0..366)
        .filter_map(|after| first.checked_add_days(Days::new(after)))
        .filter(|day| day.year() == year);
    let special = days.filter_map(|day| {
        let (kind, name) = match calendar.day(day) {
            DayKind::Holiday(name) => (SpecialKind::Holiday, name),
            DayKind::MakeUpDay(name) => (SpecialKind::MakeUpDay, name),
            DayKind::Workday | DayKind::Weekend => return None,
        };
        Some(SpecialDay {
            date: day.to_string(),
            kind,
            name: name.to_owned(),
        })
    });
    Ok(Json(WorkYear {
        year,
        is_known: calendar.knows(year),
        today: today.to_string(),
        days: special.collect(),
    }))
}
