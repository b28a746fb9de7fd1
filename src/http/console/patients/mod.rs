//! `/api/patients`: the search, the page of a patient, why, and what people do with it.

mod appointments;
mod changes;
mod page;
mod reveal;
mod why;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::instant::Instant;
use super::page::rows;
use super::{Console, Cursor, Page, Seat, wording};
use crate::access::{Act, Action};
use crate::http::Problem;
use crate::http::request::Asked;
use crate::ids::PatientId;
use crate::phone::normalised;
use crate::pii::Pii;
use crate::store::Visible;
use crate::store::console::patients::{PatientRow, Sought};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .routes(routes!(search))
        .routes(routes!(page::show))
        .routes(routes!(why::show))
        .routes(routes!(reveal::reveal))
        .routes(routes!(changes::note))
        .routes(routes!(changes::set_state))
        .routes(routes!(changes::clear_state))
        .routes(routes!(appointments::list))
        .routes(routes!(appointments::set, appointments::remove))
}

/// What may be refused of any request here; the same problems everywhere.
#[derive(utoipa::IntoResponses)]
#[expect(dead_code, reason = "it describes answers, and is never made")]
pub(super) enum Refused {
    /// The request cannot be read.
    #[response(status = 400, content_type = "application/problem+json")]
    Unreadable(#[to_schema] Problem),
    /// Not signed in.
    #[response(status = 401, content_type = "application/problem+json")]
    NotSignedIn(#[to_schema] Problem),
    /// The role may not, or the CSRF token is missing.
    #[response(status = 403, content_type = "application/problem+json")]
    MayNot(#[to_schema] Problem),
    /// Nobody there, or not for this person.
    #[response(status = 404, content_type = "application/problem+json")]
    NobodyThere(#[to_schema] Problem),
    /// Not in this state.
    #[response(status = 409, content_type = "application/problem+json")]
    NotNow(#[to_schema] Problem),
    /// Too large.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(#[to_schema] Problem),
    /// The body is not JSON.
    #[response(status = 415, content_type = "application/problem+json")]
    NotJson(#[to_schema] Problem),
    /// Refused, or the body is not what was expected.
    #[response(status = 422, content_type = "application/problem+json")]
    Unfit(#[to_schema] Problem),
    /// The daemon cannot do it now.
    #[response(status = 503, content_type = "application/problem+json")]
    CannotNow(#[to_schema] Problem),
}

/// What is looked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SearchAsked {
    /// A name or its beginning, a patient number, a visit number, a telephone number or its last four digits; 1 to 64
    /// characters.
    q: String,
    /// Where the page before ended.
    cursor: Option<String>,
    /// Rows at most, 1 to 200; 50 if nothing is said.
    rows: Option<u32>,
}

/// A patient in the results; name and number masked.
#[derive(Debug, Serialize, ToSchema)]
struct PatientFound {
    id: i64,
    name: Option<String>,
    patient_no: Option<String>,
    sex: Option<String>,
    birth: Option<String>,
    age: Option<String>,
    deceased: bool,
    erased: bool,
    /// The department of the latest encounter.
    department: Option<String>,
    /// Open follow-ups.
    open_cases: u32,
    /// When the first of them is looked at next.
    next_at: Option<Instant>,
    /// The last attempt.
    last: Option<LastAttempt>,
}

/// The last attempt of a patient.
#[derive(Debug, Serialize, ToSchema)]
struct LastAttempt {
    attempt_id: i64,
    begun_at: Instant,
    /// How it ended; nothing while it is under way.
    disposition: Option<String>,
}

impl PatientFound {
    fn of(row: PatientRow) -> Self {
        let last = row
            .last_attempt
            .zip(row.last_at)
            .map(|(attempt_id, begun_at)| LastAttempt {
                attempt_id,
                begun_at: begun_at.into(),
                disposition: row.last_disposition,
            });
        Self {
            id: row.id,
            name: row.name,
            patient_no: row.patient_no,
            sex: row.sex,
            birth: year_of(row.birth),
            age: row.age,
            deceased: row.deceased,
            erased: row.erased_at.is_some(),
            department: row.department,
            open_cases: row.open_cases,
            next_at: row.next_at.map(Instant::from),
            last,
        }
    }
}

/// Of a date of birth the year: the day would lead to the person.
pub(super) fn year_of(birth: Option<String>) -> Option<String> {
    birth.map(|birth| birth.chars().take(4).collect())
}

/// Finds patients, the newest first. A page may be short, even empty, and still have a next one.
#[utoipa::path(
    get,
    path = "/api/patients",
    tag = "patients",
    params(SearchAsked),
    responses((status = 200, body = Page<PatientFound>), Refused)
)]
async fn search(
    State(console): State<Console>,
    seat: Seat,
    Asked(asked): Asked<SearchAsked>,
) -> Result<Json<Page<PatientFound>>, Problem> {
    let visible = seat.may(Action::SeePatients)?;
    let text = wording::line("q", &asked.q, 64)?;
    let most = rows(asked.rows)?;
    let before = match asked.cursor.as_deref() {
        Some(cursor) => Cursor::read(cursor)?.id,
        None => i64::MAX,
    };
    let (sought, kind) = sought(&text);
    let store = console.access.store();
    let found = store.reader().find_patients(&sought, &visible, before, most).await?;
    // Neither what was typed nor whom it found: how it was searched, and how much came of it.
    let detail = serde_json::json!({ "by": kind, "characters": text.chars().count(), "found": found.rows.len() });
    let act = Act {
        deed: "searched_patients",
        detail: Some(detail),
        ..Act::default()
    };
    seat.note(&console, act).await?;
    Ok(Json(Page {
        items: found.rows.into_iter().map(PatientFound::of).collect(),
        next: found.next.map(|id| Cursor { key: 0, id }.text()),
    }))
}

/// What is meant by what was typed, and in one word how it is looked for.
fn sought(text: &str) -> (Sought, &'static str) {
    let bare: String = text.chars().filter(|letter| !matches!(letter, ' ' | '-')).collect();
    let digits = bare.strip_prefix('+').unwrap_or(&bare);
    let is_digits = !digits.is_empty() && digits.bytes().all(|octet| octet.is_ascii_digit());
    let no = Some(Pii::new(text.to_owned()));
    if !is_digits {
        let name = Some(Pii::new(text.to_owned()));
        let sought = Sought {
            no,
            name,
            ..Sought::default()
        };
        return (sought, "name");
    }
    if bare.len() == 4 {
        let sought = Sought {
            no,
            tail: Some(bare),
            ..Sought::default()
        };
        return (sought, "last_four");
    }
    let mut spelled: Vec<String> = normalised(&bare).into_iter().map(String::from).collect();
    if !spelled.contains(&bare) {
        spelled.insert(0, bare);
    }
    spelled.truncate(2);
    let sought = Sought {
        no,
        digits: spelled,
        ..Sought::default()
    };
    (sought, "number")
}

/// The patient of a path, if the person may do this and may see the patient.
pub(super) async fn patient_for(
    console: &Console,
    seat: &Seat,
    action: Action,
    id: &str,
) -> Result<(PatientId, Visible), Problem> {
    let visible = seat.may(action)?;
    let patient = PatientId(wording::row(id)?);
    console.access.store().reader().need_patient(patient, &visible).await?;
    Ok((patient, visible))
}

/// What was done to a patient.
pub(super) fn deed(deed: &'static str, patient: PatientId, reason: Option<String>) -> Act {
    Act {
        deed,
        object: Some(format!("patient:{}", patient.0)),
        reason,
        ..Act::default()
    }
}

#[cfg(test)]
mod tests {
    use super::sought;

    #[test]
    fn one_box_takes_a_name_a_number_and_its_last_four_digits() {
        let (name, kind) = sought("张建");
        assert_eq!((kind, name.name.is_some(), name.tail), ("name", true, None));
        let (tail, kind) = sought("0042");
        assert_eq!(
            (kind, tail.tail.as_deref(), tail.name),
            ("last_four", Some("0042"), None)
        );
        let (number, kind) = sought("+86 138-0000-0001");
        assert_eq!(kind, "number");
        assert!(number.digits.contains(&"13800000001".to_owned()), "{:?}", number.digits);
        let (no, _) = sought("Z0386123");
        assert_eq!(no.no.map(|no| no.into_inner()).as_deref(), Some("Z0386123"));
    }
}
