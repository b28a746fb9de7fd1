//! `/api/reviews/export`: signed reviews as a table, mark by mark, for a spreadsheet.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Refusals, deed, refused, store, time};
use crate::access::Action;
use crate::http::Problem;
use crate::http::console::{Console, Seat};
use crate::http::request::Asked;
use crate::moment::Wall;
use crate::report::reviews::{Corrected, Judgement, judgements, judgements_csv, judgements_workbook};
use crate::store::console::audit::Deed;
use crate::store::console::reviews::{Queue, QueueRow};
use crate::store::console::scorecards::Scorecard;
use crate::store::{Reader, Visible};

/// Reviews of one file at most.
const MOST: usize = 20_000;
/// Reviews that are read at once.
const PART: u32 = 500;

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(export))
}

/// What kind of file.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Form {
    /// Comma-separated, with a byte order mark.
    Csv,
    /// For Excel and WPS.
    Xlsx,
}

/// What is exported.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Which {
    /// `csv` or `xlsx`.
    #[param(inline)]
    format: Form,
    /// Signed from this time on.
    from_at: String,
    /// Signed before this time.
    to_at: String,
}

/// Signed reviews of a stretch of time, a row for each mark. Names are masked; what is judged blind yet has no marks. The
/// workbook has a second sheet: the corrections of answers, the original beside what counts.
#[utoipa::path(
    get, path = "/api/reviews/export", tag = "reviews", params(Which),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), Refusals)
)]
async fn export(
    State(console): State<Console>,
    seat: Seat,
    Asked(which): Asked<Which>,
) -> Result<impl IntoResponse, Problem> {
    seat.may(Action::Review)?;
    let visible = seat.may(Action::ExportReports)?;
    let (from, to) = (time("from_at", &which.from_at)?, time("to_at", &which.to_at)?);
    let reader = store(&console).reader();
    let person = seat.person().id;
    let mut found: Vec<QueueRow> = Vec::new();
    let mut after = Some((to.millis(), 0));
    while let Some(cursor) = after {
        let part = reader
            .review_queue(Queue::Signed, None, &visible, person, Some(cursor), PART)
            .await
            .map_err(refused)?;
        let is_full = part.len() >= usize::try_from(PART).unwrap_or(usize::MAX);
        let last = part.last().and_then(|row| Some((row.signed_at?.millis(), row.id)));
        after = last.filter(|(at, _)| is_full && *at >= from.millis());
        found.extend(part.into_iter().filter(|row| row.signed_at.is_some_and(|at| at >= from)));
        if found.len() > MOST {
            let detail = format!("there are more than {MOST} reviews; choose a shorter stretch of time");
            return Err(Problem::unreadable(StatusCode::UNPROCESSABLE_ENTITY, detail));
        }
    }
    let cards = reader.scorecards().await.map_err(refused)?;
    let table = judgements(&rows(&console, &found, &cards));
    let corrections = corrected(&console, reader, (from, to), &visible).await?;
    let (bytes, kind, name) = match which.format {
        Form::Csv => (judgements_csv(&table), "text/csv; charset=utf-8", "reviews.csv"),
        Form::Xlsx => (
            judgements_workbook(&table, &corrections),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "reviews.xlsx",
        ),
    };
    let bytes = bytes.map_err(|why| Problem::unreadable(StatusCode::SERVICE_UNAVAILABLE, why))?;
    let deed = Deed {
        object: Some("reviews".to_owned()),
        detail: Some(serde_json::json!({ "from_at": which.from_at, "to_at": which.to_at, "reviews": found.len() })),
        ..deed(&console, &seat, "exported", None)
    };
    store(&console).note_deed(deed).await.map_err(refused)?;
    let disposition = format!("attachment; filename=\"{name}\"");
    Ok((
        [
            (header::CONTENT_TYPE, kind.to_owned()),
            (header::CONTENT_DISPOSITION, disposition),
        ],
        bytes,
    ))
}

/// The corrections of the time, for those who see every call.
async fn corrected(
    console: &Console,
    reader: &Reader,
    (from, to): (Wall, Wall),
    visible: &Visible,
) -> Result<Vec<Corrected>, Problem> {
    if !visible.is_all() {
        return Ok(Vec::new());
    }
    let most = u32::try_from(MOST).unwrap_or(u32::MAX);
    let found = reader.corrections_between(from, to, most).await.map_err(refused)?;
    let words = |kind: &str, value: Option<i64>, label: Option<&str>| match (value, label) {
        (Some(value), Some(label)) => format!("[{value}] {label}"),
        (Some(value), None) => format!("[{value}]"),
        (None, _) => kind.to_owned(),
    };
    Ok(found
        .into_iter()
        .map(|one| Corrected {
            call: one.attempt_id,
            from: words(&one.old_kind, one.old_value, one.old_label.as_deref()),
            to: words(&one.kind, one.value, one.label.as_deref()),
            at: local(console, one.made_at()),
            question: one.question,
            reason: one.reason,
            who: one.who,
        })
        .collect())
}

fn local(console: &Console, at: Wall) -> String {
    let at = chrono::DateTime::from_timestamp_millis(at.millis()).unwrap_or_default();
    at.with_timezone(&console.zone).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// The marks, each with its review; a review whose marks are hidden is one row.
fn rows(console: &Console, found: &[QueueRow], cards: &[Scorecard]) -> Vec<Judgement> {
    let local = |at: Wall| local(console, at);
    let mut all = Vec::new();
    for row in found {
        let card = cards.iter().find(|card| card.id == row.scorecard);
        let review = Judgement {
            review: row.id,
            call: row.call,
            answered: local(row.at),
            campaign: row.campaign.clone(),
            department: row.department.clone().unwrap_or_default(),
            patient: row.patient.clone().unwrap_or_default(),
            disposition: row.disposition.clone(),
            kind: row.kind.clone(),
            why: row.why.clone().unwrap_or_default(),
            reviewer: row.reviewer.clone().unwrap_or_default(),
            signed: row.signed_at.map(local).unwrap_or_default(),
            scorecard: card.map_or_else(String::new, |card| format!("{} {}", card.zh, card.version)),
            score: row.score,
            note: row.note.clone().unwrap_or_default(),
            hidden: row.is_hidden,
            ..Judgement::default()
        };
        if row.is_hidden || row.marks.is_empty() {
            all.push(review);
            continue;
        }
        for mark in &row.marks {
            let item = card.and_then(|card| card.items.iter().find(|item| item.id == mark.item));
            let option = mark.option.and_then(|option| item?.options.get(usize::try_from(option).ok()?));
            all.push(Judgement {
                item: item.map_or_else(|| mark.item.clone(), |item| item.zh.clone()),
                weight: item.map(|item| item.weight),
                option: option.map_or_else(String::new, |option| option.zh.clone()),
                points: option.map(|option| option.points),
                remark: mark.note.clone(),
                ..review.clone()
            });
        }
    }
    all
}
