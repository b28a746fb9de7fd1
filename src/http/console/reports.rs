//! `/api/reports`: the figures of a campaign, the cases behind each of them, and both as a file.

mod shown;

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::instant::Instant;
use super::patients::Refused;
use super::{Console, Cursor, Seat};
use crate::access::{Act, Action};
use crate::http::Problem;
use crate::http::request::Asked;
use crate::ids::CaseId;
use crate::moment::Wall;
use crate::report::{self, CaseList, Figure, Report, Success};
use crate::store::{self, Period, Place, Reader, Reported, Visible};
use shown::{CaseBehind, FiguresShown};

/// Cases of each figure in a workbook at most.
const ROWS: u64 = 10_000;
/// A page of so many lines is given out; more come with the next one.
const ENOUGH: usize = 100;
/// How long cases are looked at for a page that has fewer.
const PATIENCE: Duration = Duration::from_millis(120);
/// A look that took less is followed by a longer one.
const SHORT: Duration = Duration::from_millis(25);

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .routes(routes!(figures))
        .routes(routes!(cases))
        .routes(routes!(file))
        .routes(routes!(campaigns))
}

/// Campaigns that have a report.
#[derive(Debug, Serialize, ToSchema)]
struct Reportable {
    items: Vec<ReportableCampaign>,
}

/// One of them.
#[derive(Debug, Serialize, ToSchema)]
struct ReportableCampaign {
    id: i64,
    name: String,
}

/// The campaigns of which a report can be asked: for whoever sees reports but no campaigns.
#[utoipa::path(
    get,
    path = "/api/reports/campaigns",
    tag = "reports",
    responses((status = 200, body = Reportable), Refused)
)]
async fn campaigns(State(console): State<Console>, seat: Seat) -> Result<Json<Reportable>, Problem> {
    sight(&seat, Action::SeeReports)?;
    let names = console.access.store().reader().campaign_names().await?;
    let items = names.into_iter().map(|(id, name)| ReportableCampaign { id, name });
    Ok(Json(Reportable { items: items.collect() }))
}

/// Which report.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReportAsked {
    /// The campaign's name.
    campaign: String,
    /// Cases that became due from this time on (RFC 3339); nothing: from the beginning.
    from: Option<String>,
    /// Cases that became due before this time (RFC 3339); nothing, or a time to come: until now.
    to: Option<String>,
}

/// The figures of a campaign: follow-up, success, satisfaction, causes of failure, each question.
#[utoipa::path(
    get,
    path = "/api/reports",
    tag = "reports",
    params(ReportAsked),
    responses((status = 200, body = FiguresShown), Refused)
)]
async fn figures(
    State(console): State<Console>,
    seat: Seat,
    Asked(asked): Asked<ReportAsked>,
) -> Result<Json<FiguresShown>, Problem> {
    let sight = sight(&seat, Action::SeeReports)?;
    let period = period(asked.from.as_deref(), asked.to.as_deref(), console.now())?;
    let reader = console.access.store().reader();
    let report = sight.report(reader, &asked.campaign, period).await?;
    Ok(Json(FiguresShown::of(&report, period)))
}

/// Which list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CasesAsked {
    /// The campaign's name.
    campaign: String,
    /// The `key` of the figure.
    figure: String,
    /// As of the report: its `from_at`.
    from: Option<String>,
    /// As of the report: its `to_at`.
    to: Option<String>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// A part of the cases behind a figure.
#[derive(Debug, Serialize, ToSchema)]
struct CasesBehind {
    /// How many lines the whole list has; it counts by the same predicate as the figure.
    total: u64,
    /// The lines of some hundred cases at most, in the order in which they became due. A page may be short, even empty, and
    /// still have a next one: the search looks at cases for some time and goes on with the next page.
    items: Vec<CaseBehind>,
    /// What `cursor` continues with; none: this was the last page.
    next: Option<String>,
}

/// The cases behind a figure: a line for each case, or for each attempt or answer where the figure counts these.
#[utoipa::path(
    get,
    path = "/api/reports/cases",
    tag = "reports",
    params(CasesAsked),
    responses((status = 200, body = CasesBehind), Refused)
)]
async fn cases(
    State(console): State<Console>,
    seat: Seat,
    Asked(asked): Asked<CasesAsked>,
) -> Result<Json<CasesBehind>, Problem> {
    let sight = sight(&seat, Action::SeeReports)?;
    let now = console.now();
    let period = period(asked.from.as_deref(), asked.to.as_deref(), now)?;
    let after = match asked.cursor.as_deref() {
        Some(cursor) => {
            let Cursor { key, id } = Cursor::read(cursor)?;
            Place {
                due_at: key,
                case: CaseId(id),
            }
        }
        None => Place::FIRST,
    };
    let figure = Figure::of_id(&asked.figure).ok_or_else(|| {
        let why = "there is no such figure; GET /api/reports names each by its key";
        Problem::unreadable(StatusCode::NOT_FOUND, why)
    })?;
    let reader = console.access.store().reader();
    let campaign = reader.campaign_named(&asked.campaign).await?;
    let began = tokio::time::Instant::now();
    let about = Reported {
        campaign,
        department: sight.0,
    };
    let list = CaseList::of(reader, about, period, Success::default(), &figure).await?;
    let total = list.total();
    let mut list = list.behind(after).in_short_pages();
    let (mut lines, mut looked) = (list.look().await?, began.elapsed());
    while lines.len() < ENOUGH && list.reached().is_some() && looked < PATIENCE {
        lines.extend(list.look().await?);
        let took = began.elapsed().saturating_sub(looked);
        looked += took;
        if took < SHORT {
            list.lengthen();
        }
    }
    Ok(Json(CasesBehind {
        total,
        items: lines.iter().map(CaseBehind::of).collect(),
        next: list.reached().map(|Place { due_at, case }| {
            Cursor {
                key: due_at,
                id: case.0,
            }
            .text()
        }),
    }))
}

/// What kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ReportForm {
    /// The tables of the report.
    Csv,
    /// The tables, and a sheet with the cases behind each figure.
    Xlsx,
}

/// Which file.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FileAsked {
    /// The campaign's name.
    campaign: String,
    /// As of the report.
    from: Option<String>,
    /// As of the report.
    to: Option<String>,
    /// `csv` or `xlsx`.
    #[param(inline)]
    format: ReportForm,
}

/// The report as a file. Names are masked; no cell is ever a formula.
#[utoipa::path(
    get,
    path = "/api/reports/file",
    tag = "reports",
    params(FileAsked),
    responses(
        (
            status = 200,
            content(
                (Vec<u8> = "text/csv"),
                (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            )
        ),
        Refused,
    )
)]
async fn file(
    State(console): State<Console>,
    seat: Seat,
    Asked(asked): Asked<FileAsked>,
) -> Result<impl IntoResponse, Problem> {
    let sight = sight(&seat, Action::ExportReports)?;
    let now = console.now();
    let period = period(asked.from.as_deref(), asked.to.as_deref(), now)?;
    let reader = console.access.store().reader();
    let campaign = reader.campaign_named(&asked.campaign).await?;
    let report = sight.report(reader, &asked.campaign, period).await?;
    let cannot = |why: String| Problem::unreadable(StatusCode::SERVICE_UNAVAILABLE, why);
    let (bytes, kind, ending) = match asked.format {
        ReportForm::Csv => {
            let mut bytes = Vec::new();
            report.csv(&mut bytes).map_err(|why| cannot(why.to_string()))?;
            (bytes, "text/csv; charset=utf-8", "csv")
        }
        ReportForm::Xlsx => {
            let book = report::workbook_bytes(reader, campaign, period, &report, ROWS).await;
            let bytes = book.map_err(|why| cannot(why.to_string()))?;
            let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
            (bytes, kind, "xlsx")
        }
    };
    let act = Act {
        deed: "exported",
        object: Some(format!("report:{}", campaign.0)),
        detail: Some(serde_json::json!({
            "format": asked.format,
            "department": report.department,
            "from_at": period.from.map(Instant::from),
            "to_at": Instant::from(period.to),
        })),
        ..Act::default()
    };
    seat.note(&console, act).await?;
    let name = format!("attachment; filename=\"report-{}.{ending}\"", campaign.0);
    Ok((
        [
            (header::CONTENT_TYPE, kind.to_owned()),
            (header::CONTENT_DISPOSITION, name),
        ],
        bytes,
    ))
}

/// Whose figures somebody sees: of all departments, or of one.
struct Sight(Option<String>);

impl Sight {
    async fn report(&self, reader: &Reader, campaign: &str, period: Period) -> Result<Report, store::Error> {
        match &self.0 {
            None => report::campaign(reader, campaign, period, Success::default()).await,
            Some(department) => report::of_department(reader, campaign, department, period, Success::default()).await,
        }
    }
}

fn sight(seat: &Seat, action: Action) -> Result<Sight, Problem> {
    match seat.may(action)? {
        Visible::All => Ok(Sight(None)),
        Visible::Department(department) => Ok(Sight(Some(department))),
        Visible::Of(_) | Visible::Nothing => Err(Problem::unreadable(
            StatusCode::FORBIDDEN,
            "报表按全院或科室统计 A report counts all departments or one of them, never the calls of one person",
        )),
    }
}

/// The cases due in a stretch of time that has passed.
fn period(from: Option<&str>, to: Option<&str>, now: Wall) -> Result<Period, Problem> {
    let until_now = Period::until(now);
    let to = time("to", to)?.map_or(until_now.to, |to| to.min(until_now.to));
    Ok(Period {
        from: time("from", from)?,
        to,
    })
}

fn time(what: &str, text: Option<&str>) -> Result<Option<Wall>, Problem> {
    let Some(text) = text else { return Ok(None) };
    match chrono::DateTime::parse_from_rfc3339(text) {
        Ok(at) => Ok(Some(Wall::from_millis(at.timestamp_millis()))),
        Err(why) => Err(Problem::bad_request(format!(
            "{what} is no time ({why}); expected one such as 2026-11-01T00:00:00+08:00"
        ))),
    }
}
