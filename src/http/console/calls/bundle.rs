//! `GET /api/calls/{id}/bundle`: all evidence of one call, sealed, to be handed over.

use std::io::Cursor;
use std::path::Path;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::{Console, Seat, reviews};
use super::shown::CallId;
use super::{audio, comments, evidence, head, judgement, listening};
use crate::access::{Act, Action, reason};
use crate::http::Problem;
use crate::http::request::Asked;
use crate::proof::{self, Bundle, Seal, Section};
use crate::store::console::timeline::CallRecord;

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(take))
}

/// Why a bundle is taken.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Taking {
    /// For whom and why, in the person's words; it stands in the audit log.
    #[param(min_length = 1, max_length = 500)]
    reason: String,
}

/// Takes the evidence of a call out of the house: a ZIP that anybody verifies offline.
#[utoipa::path(
    get,
    path = "/api/calls/{id}/bundle",
    tag = "calls",
    params(("id" = i64, Path, description = "The attempt's id."), Taking),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/zip"),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "The recording differs from its hash."),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn take(
    State(console): State<Console>,
    seat: Seat,
    CallId(id): CallId,
    Asked(taking): Asked<Taking>,
) -> Result<Response, Problem> {
    let call = super::call(&console, &seat, Action::ExportEvidence, id).await?;
    let why = reason(&taking.reason)?;
    let bundle = collect(&console, &seat, &call, id).await?;
    let folder = console.office.store().folder().to_owned();
    let sealed = tokio::task::spawn_blocking(move || seal(&bundle, &folder)).await;
    let (zip, sums) = match sealed {
        Ok(sealed) => sealed.map_err(|error| unavailable(&error))?,
        Err(error) => return Err(unavailable(&error)),
    };
    let act = Act {
        deed: "exported_evidence",
        object: Some(format!("call:{id}")),
        reason: Some(why),
        detail: Some(serde_json::json!({ "sums_sha256": sums })),
        ..Act::default()
    };
    seat.note(&console, act).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"call-{id}.zip\""),
        ),
    ];
    Ok((headers, zip).into_response())
}

fn unavailable(error: &dyn std::fmt::Display) -> Problem {
    Problem::unreadable(
        StatusCode::SERVICE_UNAVAILABLE,
        format!("the bundle cannot be sealed now: {error}"),
    )
}

/// The octets of the ZIP, and the SHA-256 of its list of sums.
fn seal(bundle: &Bundle, folder: &Path) -> Result<(Vec<u8>, String), proof::Error> {
    let seal = Seal::of(folder)?;
    let mut octets = Cursor::new(Vec::new());
    let file = folder.join(format!("{}.zip", bundle.name));
    let sums = proof::write(bundle, &seal, &mut octets, &file)?;
    Ok((octets.into_inner(), sums))
}

async fn collect(console: &Console, seat: &Seat, call: &CallRecord, id: i64) -> Result<Bundle, Problem> {
    let state = || State(console.clone());
    let head = json(&head::show(state(), seat.clone(), CallId(id)).await?);
    let evidence = json(&evidence::show(state(), seat.clone(), CallId(id)).await?);
    let comments = json(&comments::list(state(), seat.clone(), CallId(id)).await?);
    let listening = json(&listening::list(state(), seat.clone(), CallId(id)).await?);
    let (reviews, corrections) = reviews::judged(console, seat, id).await?;
    let (reviews, corrections) = (json(&Json(reviews)), json(&Json(corrections)));
    // A call that never had a recording, or whose recording was deleted by rule, still has the rest.
    let (recording, sha256) = match audio::recording(call) {
        Ok(row) => {
            let opened = console
                .office
                .open_recording(&row.path, &row.sha256)
                .await
                .map_err(audio::refused)?;
            let many = usize::try_from(opened.length).unwrap_or(usize::MAX);
            let octets = console
                .office
                .read_recording(opened, 0, many)
                .await
                .map_err(audio::refused)?;
            (Some(octets), Some(row.sha256.clone()))
        }
        Err(_) => (None, None),
    };
    let facts = call.facts.clone().unwrap_or_default();
    let sentence = |language: &str| head.pointer(&format!("/why/{language}")).and_then(Value::as_str);
    Ok(Bundle {
        name: format!("call-{id}"),
        sentences: ["zh", "en"]
            .into_iter()
            .filter_map(sentence)
            .map(str::to_owned)
            .collect(),
        sections: {
            let mut sections = sections(&head, &evidence, &comments, &listening);
            correct(&mut sections, &head, &corrections);
            sections.extend(judgement::sections(&reviews, &corrections));
            sections
        },
        ladder: proof::ladder(&facts),
        data: vec![
            ("call.json".to_owned(), head),
            ("evidence.json".to_owned(), evidence),
            ("comments.json".to_owned(), comments),
            ("listening.json".to_owned(), listening),
            ("reviews.json".to_owned(), reviews),
            ("corrections.json".to_owned(), corrections),
        ],
        recording,
        recording_sha256: sha256,
    })
}

fn json<T: Serialize>(answer: &Json<T>) -> Value {
    serde_json::to_value(&answer.0).unwrap_or_default()
}

/// The heading of the answers.
const ANSWERS: &str = "答案 Answers";

/// What people read, out of what programs read: the page says nothing that the files beside it do not.
fn sections(head: &Value, evidence: &Value, comments: &Value, listening: &Value) -> Vec<Section> {
    let facts = [
        ("通话 Call", "/id"),
        ("任务 Campaign", "/campaign/name"),
        ("患者 Patient", "/patient/name"),
        ("号码 Number", "/patient/number"),
        ("就诊 Visit", "/encounter/visit"),
        ("科室 Department", "/encounter/department"),
        ("尝试 Attempt", "/ordinal"),
        ("中继 Trunk", "/trunk"),
        ("呼叫 Dialed", "/begun_at"),
        ("接通 Answered", "/answered_at"),
        ("结束 Ended", "/ended_at"),
        ("结果 Disposition", "/ending/disposition_zh"),
        ("判定规则 Rule", "/why/rule"),
        ("问卷 Dialplan", "/dialplan/file"),
        ("问卷校验值 Dialplan SHA-256", "/dialplan/hash"),
        ("录音校验值 Recording SHA-256", "/recording/sha256"),
        ("录音缺口 Gaps, ms", "/recording/gap_ms"),
    ];
    let facts = facts.map(|(name, place)| vec![name.to_owned(), head.pointer(place).map(words).unwrap_or_default()]);
    vec![
        Section {
            heading: "事实 Facts".to_owned(),
            columns: Vec::new(),
            rows: facts.into(),
        },
        table(
            ANSWERS,
            head.pointer("/timeline/answers"),
            &[
                ("问题 Question", "title"),
                ("按键 Key", "key"),
                ("答案 Answer", "label"),
                ("时刻 At, ms", "at_ms"),
                ("反应 Reaction, ms", "reaction_ms"),
                ("来源 Source", "source"),
            ],
        ),
        table(
            "按键 Keys",
            head.pointer("/timeline/keys"),
            &[
                ("序 No.", "seq"),
                ("按键 Key", "key"),
                ("时刻 At, ms", "at_ms"),
                ("来源 Source", "source"),
                ("问题 Question", "question"),
                ("打断 During", "during"),
            ],
        ),
        table(
            "录音暂停 Recording paused",
            head.pointer("/timeline/paused"),
            &[("从 From, ms", "from_ms"), ("到 To, ms", "to_ms")],
        ),
        table(
            "经过 What happened",
            evidence.pointer("/steps"),
            &[("时间 At", "at"), ("事件 What", "what"), ("内容 Value", "value")],
        ),
        table(
            "批注 Comments",
            comments.pointer("/items"),
            &[
                ("时刻 At, ms", "at_ms"),
                ("作者 Author", "author"),
                ("内容 Text", "text"),
                ("写于 Made", "made_at"),
            ],
        ),
        table(
            "听取记录 Who listened",
            listening.pointer("/items"),
            &[
                ("谁 Who", "person"),
                ("从 From, ms", "from_ms"),
                ("到 To, ms", "to_ms"),
                ("时间 At", "first_at"),
                ("原因 Why", "reason"),
            ],
        ),
    ]
}

/// Beside each answer what it was corrected to.
fn correct(sections: &mut [Section], head: &Value, corrections: &Value) {
    let answers = head.pointer("/timeline/answers").and_then(Value::as_array);
    let Some(section) = sections.iter_mut().find(|section| section.heading == ANSWERS) else {
        return;
    };
    section.columns.push("更正为 Corrected to".to_owned());
    for (row, answer) in section.rows.iter_mut().zip(answers.into_iter().flatten()) {
        let question = answer.get("question").and_then(Value::as_str).unwrap_or_default();
        row.push(judgement::corrected(corrections, question));
    }
}

fn table(heading: &str, items: Option<&Value>, columns: &[(&str, &str)]) -> Section {
    let items = items.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let row = |item: &Value| {
        let cell = |(_, key): &(&str, &str)| item.get(key).map(words).unwrap_or_default();
        columns.iter().map(cell).collect()
    };
    Section {
        heading: heading.to_owned(),
        columns: columns.iter().map(|(title, _)| (*title).to_owned()).collect(),
        rows: items.iter().map(row).collect(),
    }
}

/// A value as a cell: of what has a name, the name.
pub(super) fn words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Object(named) => named.get("name").map(words).unwrap_or_default(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) => value.to_string(),
    }
}
