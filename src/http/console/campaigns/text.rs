//! The text of a campaign file: checked with every fault at its line and column, and kept as a draft.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access::{Act, Action};
use crate::document::{Fault, Severity, Wrong};
use crate::engine::office::CampaignText;
use crate::http::Problem;
use crate::http::console::{Console, Seat};
use crate::http::request::JsonBody;

/// A campaign file is a page or two.
const LONGEST: usize = 200_000;

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(check)).routes(routes!(add))
}

/// The text of a campaign file.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Text {
    #[schema(max_length = 200_000)]
    text: String,
}

/// A fault of a text.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct TextFault {
    /// Whether the text may be used all the same.
    is_warning: bool,
    /// From 1.
    line: u32,
    /// In characters, from 1.
    column: u32,
    /// What was found and what was expected.
    message: String,
    /// The same for whoever words it: its `kind`, and the values of that kind by name.
    #[schema(value_type = std::collections::HashMap<String, serde_json::Value>)]
    wrong: Wrong,
}

impl TextFault {
    pub(super) fn of(fault: &Fault) -> Self {
        Self {
            is_warning: fault.severity == Severity::Warning,
            line: fault.line,
            column: fault.column,
            message: fault.wrong.to_string(),
            wrong: fault.wrong.clone(),
        }
    }
}

/// What is known of a text.
#[derive(Debug, Serialize, ToSchema)]
struct Checked {
    /// Whether it can be kept.
    is_usable: bool,
    /// The name that it gives; none if it cannot be read so far.
    name: Option<String>,
    /// All faults, in the order of the text.
    faults: Vec<TextFault>,
}

/// Checks the text of a campaign file: all faults at once.
#[utoipa::path(
    post,
    path = "/api/campaigns/check",
    tag = "campaigns",
    request_body = Text,
    responses(
        (status = 200, body = Checked),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn check(
    State(console): State<Console>,
    seat: Seat,
    JsonBody(asked): JsonBody<Text>,
) -> Result<Json<Checked>, Problem> {
    seat.may(Action::RunCampaigns)?;
    let (checked, _) = look(&console, &asked.text).await?;
    Ok(Json(checked))
}

/// A campaign that was kept.
#[derive(Debug, Serialize, ToSchema)]
struct Kept {
    id: i64,
    name: String,
    /// What is worth a look.
    warnings: Vec<String>,
}

/// Keeps the text as a draft; with the name of a campaign that does not run it changes that one.
#[utoipa::path(
    post,
    path = "/api/campaigns",
    tag = "campaigns",
    request_body = Text,
    responses(
        (status = 200, body = Kept),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn add(
    State(console): State<Console>,
    seat: Seat,
    JsonBody(asked): JsonBody<Text>,
) -> Result<Json<Kept>, Problem> {
    seat.may(Action::RunCampaigns)?;
    let (checked, dialplan) = look(&console, &asked.text).await?;
    let (true, Some(name), Some(dialplan)) = (checked.is_usable, checked.name, dialplan) else {
        let first = checked.faults.iter().find(|fault| !fault.is_warning);
        let first = first.map(|fault| format!(": {}:{} {}", fault.line, fault.column, fault.message));
        return Err(Problem::titled(
            StatusCode::UNPROCESSABLE_ENTITY,
            "refused",
            format!("the text cannot be used{}", first.unwrap_or_default()),
        ));
    };
    let act = Act {
        deed: "kept_draft",
        object: Some("campaign".to_owned()),
        detail: Some(serde_json::json!({"name": name})),
        ..Act::default()
    };
    seat.note(&console, act).await?;
    let text = CampaignText {
        file: name.clone(),
        text: asked.text,
        dialplan_file: dialplan.file,
        dialplan_text: dialplan.text,
    };
    let added = console.office.add_campaign(text).await?;
    let row = console.office.store().reader().campaign(&name, console.now()).await?;
    Ok(Json(Kept {
        id: row.id.0,
        name: added.name,
        warnings: added.warnings,
    }))
}

/// A text with its faults, and the kept dialplan that it names.
async fn look(console: &Console, text: &str) -> Result<(Checked, Option<crate::store::Dialplan>), Problem> {
    if text.len() > LONGEST || text.contains('\0') {
        return Err(Problem::unreadable(
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("text: expected at most {LONGEST} octets without NUL"),
        ));
    }
    let (file, mut faults) = console.office.check_campaign(text);
    let mut dialplan = None;
    if let Some(file) = &file {
        let asked = base(&file.dialplan);
        dialplan = console.office.store().reader().latest_dialplan(asked).await?;
        if dialplan.is_none() {
            let line = text.lines().position(|line| line.trim_start().starts_with("dialplan"));
            faults.push(Fault {
                severity: Severity::Error,
                line: u32::try_from(line.unwrap_or_default() + 1).unwrap_or(1),
                column: 1,
                wrong: Wrong::UnknownDialplan { name: asked.to_owned() },
            });
        }
    }
    let is_usable = file.is_some() && faults.iter().all(|fault| fault.severity == Severity::Warning);
    faults.sort_by_key(|fault| (fault.line, fault.column));
    let checked = Checked {
        is_usable,
        name: file.map(|file| file.name),
        faults: faults.iter().map(TextFault::of).collect(),
    };
    Ok((checked, dialplan))
}

/// The name of a file without its folders.
fn base(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
