//! `/api/call-backs`: the calls that came to us, what became of each, the messages to be heard, and who has seen to them.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::calls::{Heard, Purpose, serve};
use super::instant::Instant;
use super::page::rows;
use super::{Console, Cursor, Page, Seat};
use crate::access::{Act, Action};
use crate::http::Problem;
use crate::http::request::{Asked, RowId};
use crate::store::console::call_backs::{Became, CallBackRow, Unseen};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(play))
        .routes(routes!(see))
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CallBacksAsked {
    /// Only those to whom nobody has seen.
    unseen: Option<bool>,
    /// Where the page before ended.
    cursor: Option<String>,
    /// Rows at most, 1 to 200; 50 if nothing is said.
    rows: Option<u32>,
}

/// What became of a call to us.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum CallBackOutcome {
    /// 未接
    TurnedAway,
    /// 通话中
    UnderWay,
    /// 坐席接听
    Agent,
    /// 继续随访
    Questionnaire,
    /// 预约回电
    Wish,
    /// 留言
    Message,
    /// 未留言
    Nothing,
}

/// A call that came to us; name and number masked.
#[derive(Debug, Serialize, ToSchema)]
struct CallBack {
    id: i64,
    at: Instant,
    trunk: String,
    /// Masked; nothing: it was withheld.
    number: Option<String>,
    /// The SIP status that the caller got.
    status: u16,
    /// Whose number it is.
    patient_id: Option<i64>,
    name: Option<String>,
    /// How many other patients have the number: of several, the one whom we missed last is meant.
    others: u32,
    /// What it is likely about.
    case_id: Option<i64>,
    campaign: Option<String>,
    /// The call that it became, as other pages name it.
    call: Option<i64>,
    became: CallBackOutcome,
    /// When the caller wants to be called.
    wish_at: Option<Instant>,
    /// How long the recording is, while it can be heard.
    recording_ms: Option<i64>,
    /// Who has seen to it.
    seen_by: Option<String>,
    seen_at: Option<Instant>,
}

impl CallBack {
    fn of(row: CallBackRow) -> Self {
        let (seen_by, seen_at) = row.seen.unzip();
        Self {
            id: row.id,
            at: row.at.into(),
            trunk: row.trunk,
            number: row.number,
            status: row.status,
            patient_id: row.patient.map(|id| id.0),
            name: row.name,
            others: row.others,
            case_id: row.case.map(|id| id.0),
            campaign: row.campaign,
            call: row.attempt.map(|id| id.0),
            became: match row.became {
                Became::TurnedAway => CallBackOutcome::TurnedAway,
                Became::UnderWay => CallBackOutcome::UnderWay,
                Became::Agent => CallBackOutcome::Agent,
                Became::Questionnaire => CallBackOutcome::Questionnaire,
                Became::Wish => CallBackOutcome::Wish,
                Became::Message => CallBackOutcome::Message,
                Became::Nothing => CallBackOutcome::Nothing,
            },
            wish_at: row.wish.map(Instant::from),
            recording_ms: row.recording_ms,
            seen_by,
            seen_at: seen_at.map(Instant::from),
        }
    }
}

/// Lists the calls that came to us, the latest first.
#[utoipa::path(
    get,
    path = "/api/call-backs",
    tag = "call-backs",
    params(CallBacksAsked),
    responses(
        (status = 200, body = Page<CallBack>),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(console): State<Console>,
    seat: Seat,
    Asked(asked): Asked<CallBacksAsked>,
) -> Result<Json<Page<CallBack>>, Problem> {
    let visible = seat.may(Action::SeePatients)?;
    let most = rows(asked.rows)?;
    let before = match asked.cursor.as_deref() {
        Some(cursor) => Cursor::read(cursor)?.id,
        None => i64::MAX,
    };
    let which = match asked.unseen {
        Some(true) => Unseen::Only,
        Some(false) | None => Unseen::AndSeen,
    };
    let reader = console.office.store().reader();
    let found = reader.calls_to_us(&visible, before, which, most).await?;
    let is_full = u32::try_from(found.len()).is_ok_and(|many| many == most);
    let next = found.last().filter(|_| is_full);
    let next = next.map(|row| Cursor { key: 0, id: row.id }.text());
    Ok(Json(Page {
        items: found.into_iter().map(CallBack::of).collect(),
        next,
    }))
}

/// Plays the message of a call in which no follow-up went on, as every recording is played: to who may listen, by ranges of
/// 256 KiB at most, written down as heard before it leaves. An agent hears those of the patient whose conversation is in hand.
#[utoipa::path(
    get,
    path = "/api/call-backs/{id}/audio",
    tag = "call-backs",
    params(
        ("id" = i64, Path, description = "The row of the list."),
        ("range" = Option<String>, Header, description = "One range of octets, as `bytes=0-1023`."),
        ("if-range" = Option<String>, Header, description = "The ETag for which the range holds."),
        Purpose,
    ),
    responses(
        (status = 200, body = Vec<u8>, content_type = "audio/wav"),
        (status = 206, body = Vec<u8>, content_type = "audio/wav"),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "The file differs from its hash."),
        (status = 416, body = Problem, content_type = "application/problem+json", description = "Nothing is there."),
        (status = 503, body = Problem, content_type = "application/problem+json", description = "The storage cannot be reached."),
    )
)]
async fn play(
    State(console): State<Console>,
    seat: Seat,
    method: Method,
    headers: HeaderMap,
    RowId(id): RowId,
    Asked(purpose): Asked<Purpose>,
) -> Result<Response, Problem> {
    let visible = seat.may(Action::Listen)?;
    let sound = console.office.store().reader().call_back_sound(&visible, id).await?;
    let sound = sound.ok_or_else(no_such)?;
    let heard = Heard {
        attempt: sound.attempt,
        path: &sound.path,
        sha256: &sound.sha256,
    };
    serve((&console, &seat), &method, &headers, heard, purpose).await
}

/// Says that somebody has seen to a call; who was first stays.
#[utoipa::path(
    post,
    path = "/api/call-backs/{id}/seen",
    tag = "call-backs",
    params(("id" = i64, Path, description = "The row of the list.")),
    responses(
        (status = 204),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn see(State(console): State<Console>, seat: Seat, RowId(id): RowId) -> Result<StatusCode, Problem> {
    let visible = seat.may(Action::SeePatients)?;
    let act = Act {
        deed: "saw_to_call",
        object: Some(format!("call_back:{id}")),
        ..Act::default()
    };
    seat.note(&console, act).await?;
    let (account, now) = (seat.person().id, console.now());
    if console.office.store().see_to_call(&visible, id, account, now).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(no_such())
    }
}

fn no_such() -> Problem {
    Problem::unreadable(
        StatusCode::NOT_FOUND,
        "there is no such call, or nothing of it can be heard",
    )
}
