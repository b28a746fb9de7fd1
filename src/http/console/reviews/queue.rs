//! `/api/reviews`: what is to be judged next; the counts above it; how alike we judge.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::shown::SampleShown;
use super::{Refusals, refused, store};
use crate::access::Action;
use crate::http::Problem;
use crate::http::console::page::rows;
use crate::http::console::{Console, Cursor, Page, Seat};
use crate::http::problem::timestamp;
use crate::http::request::Asked;
use crate::store::console::reviews::{Kappa, Queue, QueueRow, State as ReviewState};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(summary))
        .routes(routes!(agreement))
}

/// Which reviews.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Which {
    /// `mine`, `sample`, `appeals`, `double` or `signed`.
    #[param(inline)]
    queue: Queue,
    /// Of this sample.
    sample: Option<i64>,
    /// Where the page goes on.
    cursor: Option<String>,
    /// How many rows, 1 to 200.
    rows: Option<u32>,
}

/// A review in the queue.
#[derive(Debug, Serialize, ToSchema)]
struct QueueShown {
    id: i64,
    call_id: i64,
    /// When the call was answered.
    answered_at: String,
    /// The patient's name, masked.
    patient: Option<String>,
    department: Option<String>,
    doctor: Option<String>,
    campaign: String,
    disposition: String,
    /// The points of the lowest answer, 0 to 100.
    lowest: Option<u32>,
    length_ms: i64,
    /// `sample`, `own`, `second` or `appeal`.
    kind: String,
    /// Why it was sampled: `complaint`, `low_score`, `random`.
    why: Option<String>,
    due_at: String,
    state: ReviewState,
    reviewer: Option<String>,
    mine: bool,
    score: Option<u32>,
    /// Judged blind: nothing of it is shown before both have signed.
    hidden: bool,
    signed_at: Option<String>,
}

impl QueueShown {
    fn of(row: QueueRow, reader: i64) -> Self {
        Self {
            id: row.id,
            call_id: row.call,
            answered_at: timestamp(row.at),
            patient: row.patient,
            department: row.department,
            doctor: row.doctor,
            campaign: row.campaign,
            disposition: row.disposition,
            lowest: row.lowest,
            length_ms: row.length_ms,
            kind: row.kind,
            why: row.why,
            due_at: timestamp(row.due_at),
            state: row.state,
            mine: row.account == Some(reader),
            reviewer: row.reviewer,
            score: row.score,
            hidden: row.is_hidden,
            signed_at: row.signed_at.map(timestamp),
        }
    }
}

/// The counts above the queue.
#[derive(Debug, Serialize, ToSchema)]
struct Summary {
    /// Mine that are not signed.
    mine: i64,
    /// Appeals that are not signed.
    appeals: i64,
    /// Second opinions that are not signed.
    doubles: i64,
    /// The latest sample.
    sample: Option<SampleShown>,
    agreement: KappaShown,
}

/// Cohen's kappa, with what it stands on.
#[derive(Debug, Serialize, ToSchema)]
struct KappaShown {
    /// -1 to 1; none: not defined.
    kappa: Option<f64>,
    /// Calls judged twice.
    calls: u64,
    /// Marks that both gave.
    marks: u64,
    /// Of these, the equal ones.
    same: u64,
}

impl From<Kappa> for KappaShown {
    fn from(kappa: Kappa) -> Self {
        Self {
            kappa: kappa.kappa,
            calls: kappa.calls,
            marks: kappa.marks,
            same: kappa.same,
        }
    }
}

/// How alike we judge.
#[derive(Debug, Serialize, ToSchema)]
struct AgreementShown {
    all: KappaShown,
    items: Vec<ItemAgreementShown>,
    reviewers: Vec<ReviewerShown>,
}

/// How alike an item is judged.
#[derive(Debug, Serialize, ToSchema)]
struct ItemAgreementShown {
    item: String,
    zh: String,
    en: String,
    agreement: KappaShown,
}

/// A reviewer's work.
#[derive(Debug, Serialize, ToSchema)]
struct ReviewerShown {
    id: i64,
    name: String,
    /// Signed reviews.
    done: i64,
    /// Their mean score.
    mean: Option<f64>,
    /// The mean of the latest twenty less that of the ones before.
    drift: Option<f64>,
    agreement: KappaShown,
}

/// What is to be judged, the most urgent first; of signed ones the latest first.
#[utoipa::path(get, path = "/api/reviews", tag = "reviews", params(Which), responses((status = 200, body = Page<QueueShown>), Refusals))]
async fn list(
    State(console): State<Console>,
    seat: Seat,
    Asked(which): Asked<Which>,
) -> Result<Json<Page<QueueShown>>, Problem> {
    seat.may(Action::Review)?;
    let visible = seat.may(Action::SeeCalls)?;
    let (reader, many) = (seat.person().id, rows(which.rows)?);
    let after = which.cursor.as_deref().map(Cursor::read).transpose()?;
    let found = store(&console)
        .reader()
        .review_queue(
            which.queue,
            which.sample,
            &visible,
            reader,
            after.map(|after| (after.key, after.id)),
            many.saturating_add(1),
        )
        .await
        .map_err(refused)?;
    let many = usize::try_from(many).unwrap_or(usize::MAX);
    let next = found.len() > many;
    let last = found.get(many.saturating_sub(1)).filter(|_| next).map(|row| Cursor {
        key: match which.queue {
            Queue::Signed => row.signed_at.unwrap_or(row.due_at).millis(),
            Queue::Mine | Queue::Sample | Queue::Appeals | Queue::Double => row.due_at.millis(),
        },
        id: row.id,
    });
    Ok(Json(Page {
        items: found.into_iter().take(many).map(|row| QueueShown::of(row, reader)).collect(),
        next: last.map(|cursor| cursor.text()),
    }))
}

/// The counts above the queue, the latest sample and how alike we judge.
#[utoipa::path(get, path = "/api/reviews/summary", tag = "reviews", responses((status = 200, body = Summary), Refusals))]
async fn summary(State(console): State<Console>, seat: Seat) -> Result<Json<Summary>, Problem> {
    seat.may(Action::Review)?;
    let reader = store(&console).reader();
    let counts = reader.review_counts(seat.person().id).await.map_err(refused)?;
    let latest = reader.latest_sample().await.map_err(refused)?;
    let agreement = reader.agreement().await.map_err(refused)?;
    Ok(Json(Summary {
        mine: counts.mine,
        appeals: counts.appeals,
        doubles: counts.doubles,
        sample: latest.map(|sample| SampleShown::of(sample, &console)),
        agreement: agreement.all.into(),
    }))
}

/// How alike we judge: by reviewer and by item, over the calls that two judged blind.
#[utoipa::path(get, path = "/api/agreement", tag = "reviews", responses((status = 200, body = AgreementShown), Refusals))]
async fn agreement(State(console): State<Console>, seat: Seat) -> Result<Json<AgreementShown>, Problem> {
    seat.may(Action::Review).or_else(|_| seat.may(Action::DesignScorecards))?;
    let reader = store(&console).reader();
    let agreement = reader.agreement().await.map_err(refused)?;
    let cards = reader.scorecards().await.map_err(refused)?;
    let words = |id: &str| cards.iter().flat_map(|card| &card.items).find(|item| item.id == id);
    Ok(Json(AgreementShown {
        all: agreement.all.into(),
        items: agreement
            .items
            .into_iter()
            .map(|one| ItemAgreementShown {
                zh: words(&one.item).map_or_else(|| one.item.clone(), |item| item.zh.clone()),
                en: words(&one.item).map_or_else(|| one.item.clone(), |item| item.en.clone()),
                item: one.item,
                agreement: one.kappa.into(),
            })
            .collect(),
        reviewers: agreement
            .reviewers
            .into_iter()
            .map(|one| ReviewerShown {
                id: one.account,
                name: one.name,
                done: one.done,
                mean: one.mean,
                drift: one.drift,
                agreement: one.kappa.into(),
            })
            .collect(),
    }))
}
