//! Why a patient was called or not: the chain of plain sentences, the newest first, each with its facts.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Refused, deed, patient_for};
use crate::access::Action;
use crate::engine::office::Bearing;
use crate::http::Problem;
use crate::http::console::instant::Instant;
use crate::http::console::{Console, Seat};
use crate::http::request::Name;
use crate::ids::PatientId;
use crate::report::why::{self, Bar, House, Known, Link, Plan};
use crate::store::Visible;

/// A sentence in both languages.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Said {
    pub(super) zh: String,
    pub(super) en: String,
}

impl From<why::Sentence> for Said {
    fn from(why::Sentence { zh, en }: why::Sentence) -> Self {
        Self { zh, en }
    }
}

/// The chain.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Why {
    links: Vec<WhyLink>,
}

/// One sentence of the chain.
#[derive(Debug, Serialize, ToSchema)]
struct WhyLink {
    /// `present`, `attempt`, `decision`, `rule`, `closed`, `state` or `listed`.
    kind: &'static str,
    /// When; nothing where only a list says it.
    at: Option<Instant>,
    case_id: Option<i64>,
    attempt_id: Option<i64>,
    sentence: Said,
    /// What it rests on.
    facts: Vec<WhyFact>,
    /// The same as it is stored, numbers masked.
    raw: serde_json::Value,
}

/// One fact.
#[derive(Debug, Serialize, ToSchema)]
struct WhyFact {
    label: Said,
    value: String,
}

impl WhyLink {
    fn of(link: Link) -> Self {
        Self {
            kind: link.kind.word(),
            at: link.at.map(Instant::from),
            case_id: link.case.map(|case| case.0),
            attempt_id: link.attempt.map(|attempt| attempt.0),
            sentence: link.sentence.into(),
            facts: link
                .facts
                .into_iter()
                .map(|fact| WhyFact {
                    label: fact.label.into(),
                    value: fact.value,
                })
                .collect(),
            raw: link.raw,
        }
    }
}

/// Tells why a patient was called or not.
#[utoipa::path(
    get,
    path = "/api/patients/{id}/why",
    tag = "patients",
    params(("id" = i64, Path, description = "The patient's row.")),
    responses((status = 200, body = Why), Refused)
)]
pub(super) async fn show(State(console): State<Console>, seat: Seat, Name(id): Name) -> Result<Json<Why>, Problem> {
    let (patient, visible) = patient_for(&console, &seat, Action::SeePatients, &id).await?;
    seat.note(&console, deed("asked_why", patient, None)).await?;
    let known = known(&console, patient, &visible).await?;
    let attempts = console
        .access
        .store()
        .reader()
        .patient_attempts(patient, &visible)
        .await?;
    let mut judged_by = BTreeMap::new();
    for attempt in &attempts {
        judged_by.insert(attempt.id, attempt.facts()?);
    }
    let links = why::chain(&known, console.zone, |attempt| {
        judged_by.get(&attempt.0).cloned().flatten()
    });
    Ok(Json(Why {
        links: links.into_iter().map(WhyLink::of).collect(),
    }))
}

/// All that is known of a patient's follow-ups, as far as the person may see it.
pub(super) async fn known(console: &Console, patient: PatientId, visible: &Visible) -> Result<Known, Problem> {
    let Bearing {
        is_frozen,
        held,
        trunks_down,
    } = console.office.bearing();
    let bars = if is_frozen {
        vec![Bar::Frozen]
    } else {
        held.into_iter().map(|by| Bar::Held { by }).collect()
    };
    let house = House {
        now: console.now(),
        bars,
        trunks_down,
    };
    let read = |file: &str| {
        let (terms, trunks) = console.office.terms_of(file)?;
        Some(Plan { terms, trunks })
    };
    let reader = console.access.store().reader();
    let mut known = why::of_patient(reader, patient, None, &house, read).await?;
    known
        .cases
        .retain(|case| visible.sees(case.department.as_deref(), None));
    known
        .visits
        .retain(|visit| visible.sees(visit.department.as_deref(), None));
    Ok(known)
}
