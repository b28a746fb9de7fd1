//! `GET /api/calls/{id}/audio`: the recording as it is stored, by ranges; what is served is written down as heard before it
//! leaves.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::shown::{CallId, at};
use crate::access::Action;
use crate::engine::office::{Opened, Trouble};
use crate::http::Problem;
use crate::http::console::{Console, Seat};
use crate::http::request::Asked;
use crate::ids::AttemptId;
use crate::store::console::lines::Sound;
use crate::store::console::listening;
use crate::store::console::timeline::{CallRecord, RecordingFacts};

/// Octets of one answer to a range, eight seconds: what is written down as heard is never far ahead of the ear. A shorter
/// range than was asked for is the server's right (RFC 9110 section 15.3.7), and players ask again.
const PART: u64 = 256 * 1024;
/// Whoever asks for no range gets the whole, up to a quarter of an hour: no call of ours is longer.
const WHOLE: u64 = 32 * 1024 * 1024;

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(play))
}

/// Why somebody listens.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(in crate::http::console) struct Purpose {
    /// Why, in the person's words; it stands in the listen log and the audit log.
    #[param(max_length = 200)]
    reason: Option<String>,
}

/// The row of the recording, if it can be there.
pub(super) fn recording(call: &CallRecord) -> Result<&RecordingFacts, Problem> {
    match (call.sound, &call.recording) {
        (Sound::Kept, Some(recording)) => Ok(recording),
        (Sound::Missing { since }, _) => Err(Problem::unreadable(
            StatusCode::NOT_FOUND,
            format!(
                "the file of this recording has been missing since {}; answers and evidence still are there",
                at(since)
            ),
        )),
        (Sound::Purged { at: when }, _) => Err(Problem::unreadable(
            StatusCode::GONE,
            format!(
                "this recording was deleted on {} by the rule of how long recordings are kept",
                at(when)
            ),
        )),
        (Sound::None, _) | (Sound::Kept, None) => {
            Err(Problem::unreadable(StatusCode::NOT_FOUND, "this call was not recorded"))
        }
    }
}

/// What a person is told when a recording cannot be heard. Paths and the system's words are for the log.
pub(in crate::http::console) fn refused(trouble: Trouble) -> Problem {
    let (title, status) = match &trouble {
        Trouble::Offline(_) => ("storage_offline", StatusCode::SERVICE_UNAVAILABLE),
        Trouble::Missing => ("recording_missing", StatusCode::NOT_FOUND),
        Trouble::Outside => ("recording_outside", StatusCode::CONFLICT),
        Trouble::Differs => ("hash_differs", StatusCode::CONFLICT),
        Trouble::Unreadable(_) => ("recording_unreadable", StatusCode::CONFLICT),
        Trouble::Busy => ("busy", StatusCode::SERVICE_UNAVAILABLE),
    };
    Problem {
        title: title.to_owned(),
        ..Problem::unreadable(status, trouble.to_string())
    }
}

/// A recording that is to be heard.
pub(in crate::http::console) struct Heard<'a> {
    /// Of which attempt.
    pub(in crate::http::console) attempt: AttemptId,
    /// Its file, relative to the data folder.
    pub(in crate::http::console) path: &'a str,
    /// Its hash.
    pub(in crate::http::console) sha256: &'a str,
}

/// Plays the recording: stereo as stored, the patient left. A range is answered by 256 KiB at most.
#[utoipa::path(
    get,
    path = "/api/calls/{id}/audio",
    tag = "calls",
    params(
        ("id" = i64, Path, description = "The attempt's id."),
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
        (status = 410, body = Problem, content_type = "application/problem+json", description = "Deleted when its time was over."),
        (status = 416, body = Problem, content_type = "application/problem+json", description = "Nothing is there."),
        (status = 503, body = Problem, content_type = "application/problem+json", description = "The storage cannot be reached."),
    )
)]
async fn play(
    State(console): State<Console>,
    seat: Seat,
    method: Method,
    headers: HeaderMap,
    CallId(id): CallId,
    Asked(purpose): Asked<Purpose>,
) -> Result<Response, Problem> {
    let call = super::call(&console, &seat, Action::Listen, id).await?;
    let recording = recording(&call)?;
    let heard = Heard {
        attempt: call.attempt,
        path: &recording.path,
        sha256: &recording.sha256,
    };
    serve((&console, &seat), &method, &headers, heard, purpose).await
}

/// What was asked for of a recording; written down as heard before it leaves. Whoever calls has looked whether the person may
/// hear it.
pub(in crate::http::console) async fn serve(
    (console, seat): (&Console, &Seat),
    method: &Method,
    headers: &HeaderMap,
    recording: Heard<'_>,
    purpose: Purpose,
) -> Result<Response, Problem> {
    let reason = purpose.reason.as_deref().map(reason).transpose()?.flatten();
    let opened = console
        .office
        .open_recording(recording.path, recording.sha256)
        .await
        .map_err(refused)?;
    let etag = format!("\"{}\"", recording.sha256);
    let (length, part) = (opened.length, wanted(headers, &etag, opened.length));
    let (status, from, until) = match part {
        Part::Whole if length > WHOLE && *method != Method::HEAD => {
            return Err(Problem::bad_request(
                "this recording is longer than a quarter of an hour; ask for a range of it",
            ));
        }
        Part::Whole => (StatusCode::OK, 0, length),
        Part::Of { from, until } => (StatusCode::PARTIAL_CONTENT, from, until),
        Part::Nowhere => return Ok(nowhere(length)),
    };
    let body = if *method == Method::HEAD {
        Body::empty()
    } else {
        note(console, seat, recording.attempt, (&opened, from, until), reason).await?;
        let many = usize::try_from(until - from).unwrap_or_default();
        Body::from(
            console
                .office
                .read_recording(opened, from, many)
                .await
                .map_err(refused)?,
        )
    };
    let mut response = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "audio/wav")
        .header(header::CONTENT_LENGTH, until - from)
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::CACHE_CONTROL, "no-store")
        .header(
            header::CONTENT_DISPOSITION,
            format!("inline; filename=\"call-{}.wav\"", recording.attempt),
        )
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(header::ETAG, etag);
    if status == StatusCode::PARTIAL_CONTENT {
        let range = format!("bytes {from}-{}/{length}", until.saturating_sub(1));
        response = response.header(header::CONTENT_RANGE, range);
    }
    response
        .body(body)
        .map_err(|error| refused(Trouble::Unreadable(error.to_string())))
}

/// Writes down what is about to be heard.
async fn note(
    console: &Console,
    seat: &Seat,
    attempt: AttemptId,
    (opened, from, until): (&Opened, u64, u64),
    reason: Option<String>,
) -> Result<(), Problem> {
    let Some((from_ms, to_ms)) = opened.heard(from, until) else {
        return Ok(());
    };
    let whole = |ms: u64| i64::try_from(ms).unwrap_or(i64::MAX);
    let heard = listening::Heard {
        attempt,
        account: seat.person().id,
        who: seat.person().account.clone(),
        from_ms: whole(from_ms),
        to_ms: whole(to_ms),
        reason,
        address: seat.address.clone(),
        now: console.now(),
    };
    console.office.store().note_heard(heard).await?;
    Ok(())
}

fn nowhere(length: u64) -> Response {
    let problem = Problem::unreadable(
        StatusCode::RANGE_NOT_SATISFIABLE,
        format!("the recording has {length} octets; the range begins behind them"),
    );
    ([(header::CONTENT_RANGE, format!("bytes */{length}"))], problem).into_response()
}

/// A reason as it may be written down; none if it is empty.
fn reason(text: &str) -> Result<Option<String>, Problem> {
    let text = text.trim();
    if text.chars().count() > 200 || text.chars().any(char::is_control) {
        return Err(Problem::bad_request(
            "reason has control characters or more than 200 letters",
        ));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// What of a file is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Whole,
    /// From an octet until before another.
    Of {
        from: u64,
        until: u64,
    },
    /// Behind its end.
    Nowhere,
}

/// Reads Range and If-Range (RFC 9110 sections 13.1.5 and 14.2). What cannot be read, and more than one range, is as if it
/// had not been sent.
fn wanted(headers: &HeaderMap, etag: &str, length: u64) -> Part {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(range) = text(header::RANGE) else {
        return Part::Whole;
    };
    if headers.contains_key(header::IF_RANGE) && text(header::IF_RANGE) != Some(etag) {
        return Part::Whole;
    }
    let Some((first, last)) = range
        .strip_prefix("bytes=")
        .and_then(|range| range.trim().split_once('-'))
    else {
        return Part::Whole;
    };
    let number = |digits: &str| -> Option<u64> {
        let is_number = !digits.is_empty() && digits.bytes().all(|octet| octet.is_ascii_digit());
        // More digits than a number can have are a number behind every end.
        is_number.then(|| digits.parse().unwrap_or(u64::MAX))
    };
    match (first, number(first), last, number(last)) {
        ("", _, _, Some(0)) => Part::Nowhere,
        ("", _, _, Some(many)) => part(length.saturating_sub(many), length, length),
        (_, Some(from), "", _) => part(from, length, length),
        (_, Some(from), _, Some(to)) if from <= to => part(from, to.saturating_add(1), length),
        _ => Part::Whole,
    }
}

fn part(from: u64, until: u64, length: u64) -> Part {
    if from >= length {
        return Part::Nowhere;
    }
    Part::Of {
        from,
        until: until.min(length).min(from + PART),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn asked(range: &'static str) -> Part {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, HeaderValue::from_static(range));
        wanted(&headers, "\"etag\"", 1_000_000)
    }

    #[test]
    fn a_range_is_cut_to_what_is_there_and_to_eight_seconds() {
        let of = |from, until| Part::Of { from, until };
        assert_eq!(asked("bytes=0-1"), of(0, 2));
        assert_eq!(asked("bytes=0-"), of(0, PART));
        assert_eq!(asked("bytes=999990-2000000"), of(999_990, 1_000_000));
        assert_eq!(asked("bytes=-10"), of(999_990, 1_000_000));
        assert_eq!(asked("bytes=-2000000"), of(0, PART));
        assert_eq!(asked("bytes=1000000-"), Part::Nowhere);
        assert_eq!(asked("bytes=99999999999999999999999-"), Part::Nowhere);
        assert_eq!(asked("bytes=-0"), Part::Nowhere);
    }

    #[test]
    fn what_is_no_single_range_is_as_if_it_had_not_been_sent() {
        for range in [
            "bytes=5-4",
            "bytes=0-1,5-6",
            "bytes=a-b",
            "bytes=",
            "bytes=-",
            "octets=0-1",
            "bytes=+1-2",
        ] {
            assert_eq!(asked(range), Part::Whole, "{range}");
        }
    }

    #[test]
    fn a_range_of_another_file_gets_this_one_whole() {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, HeaderValue::from_static("bytes=0-1"));
        headers.insert(header::IF_RANGE, HeaderValue::from_static("\"other\""));
        assert_eq!(wanted(&headers, "\"etag\"", 10), Part::Whole);
        headers.insert(header::IF_RANGE, HeaderValue::from_static("\"etag\""));
        assert_eq!(wanted(&headers, "\"etag\"", 10), Part::Of { from: 0, until: 2 });
    }
}
