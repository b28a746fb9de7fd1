//! `GET /api/calls`: the page of recordings.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::shown::{Audio, BY_HAND, BY_PROGRAM, Ending, Named, ReviewState, Score, at, mask_code};
use crate::access::Action;
use crate::calendar;
use crate::http::Problem;
use crate::http::console::page::{Cursor, rows};
use crate::http::console::{Console, Seat};
use crate::http::request::Asked;
use crate::ids::{AttemptId, CampaignId};
use crate::moment::Wall;
use crate::outcome::Disposition;
use crate::pii::mask_name;
use crate::report::Cause;
use crate::store::console::LOW;
use crate::store::console::calls::{After, CallFilter, CallOrder, FoundCalls, Total};
use crate::store::console::lines::CallRow;

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(list))
}

/// In which order calls come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Order {
    /// The latest first.
    #[default]
    Newest,
    /// The lowest answer first; calls without a scored answer do not come.
    LowestScore,
}

/// Which calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Which {
    /// Those that somebody answered.
    #[default]
    Answered,
    /// All attempts; only for one visit.
    All,
}

/// What calls are looked for by; all of it has to hold.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Search {
    /// From this day on (`2026-11-20`, the hospital's), or from this time on (RFC 3339).
    from: Option<String>,
    /// To this day, with it; or to before this time.
    to: Option<String>,
    /// The campaign's id.
    campaign: Option<i64>,
    /// The department by name.
    department: Option<String>,
    /// The doctor by name.
    doctor: Option<String>,
    /// Dispositions by identifier, with commas between.
    disposition: Option<String>,
    /// A failure cause by identifier.
    cause: Option<String>,
    /// The lowest answer is worth so many points of 100 at most.
    #[param(minimum = 0, maximum = 100)]
    score_at_most: Option<u8>,
    /// The lowest answer is worth so many points at least.
    #[param(minimum = 0, maximum = 100)]
    score_at_least: Option<u8>,
    /// A flag by identifier.
    flag: Option<String>,
    /// The agent's account by id.
    agent: Option<i64>,
    /// The shortest length, in milliseconds.
    #[param(minimum = 0)]
    length_at_least_ms: Option<i64>,
    /// The longest length, in milliseconds.
    #[param(minimum = 0)]
    length_at_most_ms: Option<i64>,
    /// How far the review is.
    review: Option<ReviewState>,
    /// A whole visit number, or the last four digits of the number dialed.
    #[param(max_length = 64)]
    text: Option<String>,
    /// Whether calls that nobody answered come too; needs `text` with a visit number.
    #[param(inline)]
    which: Option<Which>,
    /// The order.
    #[param(inline)]
    order: Option<Order>,
    /// Where the page before ended.
    cursor: Option<String>,
    /// How many rows, 50 if nothing is said.
    #[param(minimum = 1, maximum = 200)]
    rows: Option<u32>,
}

/// A page of calls.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::console) struct CallPage {
    /// The calls.
    items: Vec<CallLine>,
    /// What `cursor` continues with; none: this was the last page. A page may be short, even empty, and still have one: the
    /// search looks at some time of calls and goes on with the next page.
    next: Option<String>,
    /// How many calls fit; only with the first page.
    total: Option<CallTotal>,
}

/// How many calls fit.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CallTotal {
    count: u64,
    /// Whether there are exactly so many; else there are more.
    exact: bool,
}

/// A call in one line.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CallLine {
    /// The attempt's id.
    id: i64,
    /// When it was answered, else begun.
    at: String,
    /// Whether somebody answered.
    answered: bool,
    /// The patient's name, masked.
    patient: Option<String>,
    /// The visit's number, masked.
    visit: Option<String>,
    department: Option<String>,
    doctor: Option<String>,
    campaign: Option<Named>,
    /// How it ended; none while it is under way.
    ending: Option<Ending>,
    /// The scored answers, in the order in which they were given.
    scores: Vec<Score>,
    /// The points of the lowest answer, 0 to 100.
    lowest: Option<i64>,
    /// How long the recording is, else the talk.
    length_ms: Option<i64>,
    /// Flags by identifier.
    flags: Vec<String>,
    review: ReviewState,
    /// Whether it can be heard.
    audio: Audio,
}

impl From<CallRow> for CallLine {
    fn from(row: CallRow) -> Self {
        Self {
            id: row.attempt.0,
            at: at(row.at),
            answered: row.is_answered,
            patient: row.name.reveal().as_deref().map(mask_name),
            visit: row.visit_no.reveal().as_deref().map(mask_code),
            department: row.department,
            doctor: row.doctor,
            campaign: row.campaign.map(|(id, name)| Named { id: id.0, name }),
            ending: row.disposition.map(Ending::of),
            scores: row.scores.into_iter().map(Score::from).collect(),
            lowest: row.lowest,
            length_ms: row.length_ms,
            flags: row.flags,
            review: ReviewState::of(&row.review),
            audio: row.sound.into(),
        }
    }
}

/// Finds calls.
#[utoipa::path(
    get,
    path = "/api/calls",
    tag = "calls",
    params(Search),
    responses(
        (status = 200, body = CallPage),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(console): State<Console>,
    seat: Seat,
    Asked(search): Asked<Search>,
) -> Result<Json<CallPage>, Problem> {
    let visible = seat.may(Action::SeeCalls)?;
    let reader = console.office.store().reader();
    let rows = rows(search.rows)?;
    let after = search.cursor.as_deref().map(Cursor::read).transpose()?;
    let is_first = after.is_none();
    let after = after.map(|Cursor { key, id }| After { key, id });
    let filter = search.filter(&console)?;
    if search.which == Some(Which::All) {
        let Some(visit_no) = &filter.visit_no else {
            return Err(Problem::bad_request(
                "which=all lists the attempts of one visit: give its number as text",
            ));
        };
        let calls = reader.calls_of_visit(visit_no, &visible).await?;
        let count = calls.len() as u64;
        let found = FoundCalls { calls, next: None };
        let total = Some(CallTotal { count, exact: true });
        return page(&console, found, total).await;
    }
    let order = match search.order.unwrap_or_default() {
        Order::Newest => CallOrder::Newest,
        Order::LowestScore => CallOrder::LowestScore,
    };
    // A cause that no disposition has any more, or that the wanted ones do not have, fits nothing.
    let Some(filter) = search.with_cause(filter)? else {
        let total = is_first.then_some(CallTotal { count: 0, exact: true });
        return page(&console, FoundCalls::default(), total).await;
    };
    let filter = if order == CallOrder::LowestScore {
        low_scores(filter)
    } else {
        filter
    };
    let found = reader.find_calls(&filter, &visible, order, after, rows).await?;
    let total = match is_first {
        true => Some(match reader.count_calls(&filter, &visible, order).await? {
            Total::Exact(count) => CallTotal { count, exact: true },
            Total::AtLeast(count) => CallTotal { count, exact: false },
        }),
        false => None,
    };
    page(&console, found, total).await
}

/// Who looks for low scores looks for what the flag stands on: the index of points is the shorter way.
fn low_scores(mut filter: CallFilter) -> CallFilter {
    if filter.flag.as_deref() == Some("low_score") {
        let low = u8::try_from(LOW).unwrap_or_default();
        filter.flag = None;
        filter.score_at_most = Some(filter.score_at_most.map_or(low, |most| most.min(low)));
    }
    filter
}

async fn page(console: &Console, found: FoundCalls, total: Option<CallTotal>) -> Result<Json<CallPage>, Problem> {
    let lines = console.office.store().reader().call_rows(&found.calls).await?;
    Ok(Json(CallPage {
        items: lines.into_iter().map(CallLine::from).collect(),
        next: found.next.map(|After { key, id }| Cursor { key, id }.text()),
        total,
    }))
}

/// Calls that another list has counted, in its order.
pub(in crate::http::console) async fn counted_page(
    console: &Console,
    calls: Vec<AttemptId>,
    next: Option<Cursor>,
    total: Option<u64>,
) -> Result<Json<CallPage>, Problem> {
    let lines = console.office.store().reader().call_rows(&calls).await?;
    Ok(Json(CallPage {
        items: lines.into_iter().map(CallLine::from).collect(),
        next: next.map(|cursor| cursor.text()),
        total: total.map(|count| CallTotal { count, exact: true }),
    }))
}

impl Search {
    fn filter(&self, console: &Console) -> Result<CallFilter, Problem> {
        let (visit_no, last_four) = match self.text.as_deref().map(str::trim) {
            None | Some("") => (None, None),
            Some(digits) if digits.len() == 4 && digits.bytes().all(|octet| octet.is_ascii_digit()) => {
                (None, Some(digits.to_owned()))
            }
            Some(text) => (Some(name("text", text)?), None),
        };
        let dispositions = self.disposition.as_deref().unwrap_or_default().split(',');
        let dispositions = dispositions.filter(|word| !word.is_empty()).map(|word| {
            Disposition::parse(word)
                .ok_or_else(|| Problem::bad_request("disposition: one of them is not a disposition"))
        });
        let flag = match self.flag.as_deref() {
            Some(flag) if BY_HAND.contains(&flag) || BY_PROGRAM.contains(&flag) => Some(flag.to_owned()),
            Some(_) => {
                return Err(Problem::bad_request(
                    "flag is not one of those in GET /api/calls/filters",
                ));
            }
            None => None,
        };
        Ok(CallFilter {
            from: self
                .from
                .as_deref()
                .map(|text| time("from", text, console, 0))
                .transpose()?,
            before: self
                .to
                .as_deref()
                .map(|text| time("to", text, console, 1))
                .transpose()?,
            campaign: self.campaign.map(CampaignId),
            department: self
                .department
                .as_deref()
                .map(|text| name("department", text))
                .transpose()?,
            doctor: self.doctor.as_deref().map(|text| name("doctor", text)).transpose()?,
            dispositions: dispositions.collect::<Result<_, _>>()?,
            score_at_most: self.score_at_most,
            score_at_least: self.score_at_least,
            flag,
            account: self.agent,
            at_least_ms: self.length_at_least_ms,
            at_most_ms: self.length_at_most_ms,
            review: self.review.map(|review| review.word().to_owned()),
            visit_no,
            last_four,
        })
    }

    /// The dispositions that count under the wanted cause; none if there is no such one among the wanted.
    fn with_cause(&self, mut filter: CallFilter) -> Result<Option<CallFilter>, Problem> {
        let Some(word) = self.cause.as_deref() else {
            return Ok(Some(filter));
        };
        let cause = Cause::ALL.into_iter().find(|cause| cause.as_str() == word);
        let cause = cause.ok_or_else(|| Problem::bad_request("cause is not one of those in GET /api/calls/filters"))?;
        let wanted = std::mem::take(&mut filter.dispositions);
        let all = Disposition::ALL.iter().copied();
        filter.dispositions = all
            .filter(|one| Cause::of(Some(*one)) == cause && (wanted.is_empty() || wanted.contains(one)))
            .collect();
        Ok((!filter.dispositions.is_empty()).then_some(filter))
    }
}

/// A name that may stand in a row: no control characters, not endless.
fn name(what: &str, text: &str) -> Result<String, Problem> {
    let is_fit = text.chars().count() <= 200 && !text.chars().any(char::is_control);
    let wrong = || Problem::bad_request(format!("{what} has control characters or more than 200 letters"));
    is_fit.then(|| text.to_owned()).ok_or_else(wrong)
}

/// A time, or so many days after the beginning of a day.
fn time(what: &str, text: &str, console: &Console, days: u64) -> Result<Wall, Problem> {
    let wrong = || {
        Problem::bad_request(format!(
            "{what} is no day as 2026-11-20 and no time as 2026-11-20T11:00:00Z"
        ))
    };
    if let Ok(day) = text.parse::<NaiveDate>() {
        let day = day.checked_add_days(Days::new(days)).ok_or_else(wrong)?;
        return Ok(calendar::wall(day.and_time(NaiveTime::MIN), console.zone));
    }
    let time: DateTime<Utc> = text.parse().map_err(|_| wrong())?;
    Ok(Wall::from_millis(time.timestamp_millis()))
}
