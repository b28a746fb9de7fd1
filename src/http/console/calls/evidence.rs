//! `GET /api/calls/{id}/evidence`: the raw facts of a call in order, the rule that fired, figures and hashes.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::head::verdict;
use super::shown::{CallId, at};
use crate::access::Action;
use crate::http::Problem;
use crate::http::console::{Console, Seat};
use crate::moment::Wall;
use crate::outcome::{EndedBy, Facts};
use crate::pii::scrub;
use crate::store::console::timeline::CallRecord;

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(show))
}

/// What a call's ending was judged by.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Evidence {
    /// What happened, in order.
    steps: Vec<EvidenceStep>,
    rule: Option<FiredRule>,
    media: MediaFigures,
    hashes: Hashes,
    /// The facts as they are stored, digits that could be a number masked.
    #[schema(value_type = Object)]
    facts: Value,
    /// What the user agent noted of the call, where it is still kept; masked alike.
    #[schema(value_type = Object)]
    sip: Value,
}

/// One thing that happened.
#[derive(Debug, Serialize, ToSchema)]
struct EvidenceStep {
    /// When, where it was noted.
    at: Option<String>,
    /// What: `begun`, `provisional`, `ringing`, `early_media`, `final`, `answered`, `reason`, `tried`, `ended`, …
    what: String,
    /// The plain words: a status line, a header field, who ended it.
    value: String,
}

/// The rule that fired.
#[derive(Debug, Serialize, ToSchema)]
struct FiredRule {
    id: String,
    zh: String,
    en: String,
}

/// What was counted of the sound.
#[derive(Debug, Serialize, ToSchema)]
struct MediaFigures {
    packets_sent: i64,
    packets_received: i64,
    packets_lost: i64,
    /// The longest time without a packet.
    gap_max_ms: i64,
    jitter_ms: Option<i64>,
    rtt_ms: Option<i64>,
    remote_lost: Option<i64>,
    remote_jitter_ms: Option<i64>,
}

/// What anybody can compute again.
#[derive(Debug, Serialize, ToSchema)]
struct Hashes {
    /// SHA-256 of the recording as it was closed.
    recording: Option<String>,
    /// The content hash of the dialplan.
    dialplan: String,
}

/// Shows the evidence of a call.
#[utoipa::path(
    get,
    path = "/api/calls/{id}/evidence",
    tag = "calls",
    params(("id" = i64, Path, description = "The attempt's id.")),
    responses(
        (status = 200, body = Evidence),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn show(
    State(console): State<Console>,
    seat: Seat,
    CallId(id): CallId,
) -> Result<Json<Evidence>, Problem> {
    let call = super::call(&console, &seat, Action::SeeCalls, id).await?;
    let facts = call.facts.clone().unwrap_or_default();
    Ok(Json(Evidence {
        steps: steps(&call, &facts),
        rule: verdict(&call).map(|verdict| FiredRule {
            id: call.rule.clone().unwrap_or_default(),
            zh: verdict.why_zh.to_owned(),
            en: verdict.why.to_owned(),
        }),
        media: MediaFigures {
            packets_sent: call.media.packets_sent,
            packets_received: call.media.packets_received,
            packets_lost: call.media.packets_lost,
            gap_max_ms: call.media.gap_ms_max,
            jitter_ms: call.media.jitter_ms,
            rtt_ms: call.media.rtt_ms,
            remote_lost: call.media.remote_lost,
            remote_jitter_ms: call.media.remote_jitter_ms,
        },
        hashes: Hashes {
            recording: call.recording.as_ref().map(|recording| recording.sha256.clone()),
            dialplan: call.dialplan.hash.clone(),
        },
        facts: raw(call.raw.as_deref()),
        sip: raw(call.dialog.as_deref()),
    }))
}

fn raw(text: Option<&str>) -> Value {
    let mut value = text
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_else(|| json!({}));
    if !value.is_object() {
        value = json!({ "noted": value });
    }
    mask(&mut value);
    value
}

/// Masks digits that could be somebody's number, wherever they stand.
fn mask(value: &mut Value) {
    match value {
        Value::String(text) => *text = scrub(text),
        Value::Array(values) => values.iter_mut().for_each(mask),
        Value::Object(fields) => fields.values_mut().for_each(mask),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn steps(call: &CallRecord, facts: &Facts) -> Vec<EvidenceStep> {
    let mut steps = Vec::new();
    let mut step = |when, what: &str, value: String| {
        steps.push(EvidenceStep {
            at: when,
            what: what.to_owned(),
            value: scrub(&value),
        });
    };
    step(Some(at(call.begun)), "begun", format!("INVITE {}", call.trunk));
    for tried in &facts.tried {
        let said = match (tried.status, tried.local) {
            (Some(status), _) => status.to_string(),
            (None, Some(local)) => format!("{local:?}"),
            (None, None) => "—".to_owned(),
        };
        step(None, "tried", format!("{}: {said}", tried.trunk));
    }
    for status in &facts.provisional {
        step(None, "provisional", status.to_string());
    }
    if let Some(pdd) = facts.pdd_ms {
        step(None, "ringing", format!("+{pdd} ms"));
    }
    if facts.early_media {
        step(None, "early_media", "183 SDP".to_owned());
    }
    if let Some(ring) = facts.ring_ms {
        step(None, "rang", format!("{ring} ms"));
    }
    if let Some(status) = facts.final_status {
        step(
            call.answered.map(at),
            "final",
            format!("{status} {}", facts.phrase).trim().to_owned(),
        );
    }
    if let Some(local) = facts.local {
        step(None, "local_fault", format!("{local:?}"));
    }
    for reason in &facts.reasons {
        step(None, "reason", reason.clone());
    }
    if let Some(q850) = facts.q850 {
        step(None, "q850", q850.to_string());
    }
    if let Some(survey) = facts.survey {
        let counts = format!(
            "keys {}, answers {}, required {}/{}",
            survey.keys, survey.answered, survey.required_answered, survey.required
        );
        step(None, "questionnaire", counts);
    }
    for (from, to) in call.recording.iter().flat_map(|recording| &recording.pauses) {
        let when = call
            .answered
            .map(|answered| at(Wall::from_millis(answered.millis() + from)));
        step(when, "recording_paused", format!("{from} ms – {to} ms"));
    }
    if let Some(by) = facts.ended_by {
        let by = match by {
            EndedBy::FarEnd => "far_end",
            EndedBy::Us => "us",
            EndedBy::Network => "network",
        };
        let why = facts.our_reason.map(|why| format!(" {why:?}")).unwrap_or_default();
        step(call.ended.map(at), "ended", format!("{by}{why}"));
    } else if let Some(ended) = call.ended {
        step(Some(at(ended)), "ended", "—".to_owned());
    }
    steps
}
