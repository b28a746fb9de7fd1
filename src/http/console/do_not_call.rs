//! `/api/do-not-call`: the list of whom nobody calls, entered, taken off, and lists of it taken in after their faults were
//! told.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::instant::Instant;
use super::page::rows;
use super::patients::Refused;
use super::{Console, Cursor, Page, Seat, wording};
use crate::access::{Act, Action};
use crate::engine::office::{DNC_PART, DncAdd, DncPart, DncRemove, Named};
use crate::http::Problem;
use crate::http::request::{Asked, JsonBody, Name, RawBody};
use crate::ids::PatientId;
use crate::phone::normalised;
use crate::pii::Pii;
use crate::store::console::do_not_call::{BarredAsked, BarredRow};
use crate::store::dnc::{Entries, Level, Listed, Listing};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(remove))
        .routes(routes!(import))
}

/// An entry; name and numbers masked.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BarredEntry {
    id: i64,
    /// The number; nothing: the patient at any number.
    number: Option<String>,
    patient_id: Option<i64>,
    patient_no: Option<String>,
    name: Option<String>,
    /// `always`, `purpose` or `campaign`.
    level: String,
    /// For which purpose or campaign.
    only: Option<String>,
    reason: Option<String>,
    /// Where it comes from; `key` and `attempt`: the person said so in a call.
    source: String,
    who: Option<String>,
    since_at: Instant,
    /// Until when; nothing: for good.
    until_at: Option<Instant>,
    ended_at: Option<Instant>,
    ended_by: Option<String>,
}

impl BarredEntry {
    pub(super) fn of(row: BarredRow) -> Self {
        Self {
            id: row.id,
            number: row.number,
            patient_id: row.patient_id,
            patient_no: row.patient_no,
            name: row.name,
            level: row.level,
            only: row.only,
            reason: row.reason,
            source: row.source,
            who: row.who,
            since_at: row.since.into(),
            until_at: row.until.map(Instant::from),
            ended_at: row.ended_at.map(Instant::from),
            ended_by: row.ended_by,
        }
    }
}

/// From what somebody is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum LevelAsked {
    Always,
    Purpose,
    Campaign,
}

impl LevelAsked {
    const fn word(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Purpose => "purpose",
            Self::Campaign => "campaign",
        }
    }

    fn level(self, only: Option<&str>) -> Result<Level, Problem> {
        let only = only
            .map(|only| wording::line("only", only, wording::SENTENCE))
            .transpose()?;
        match (self, only) {
            (Self::Always, None) => Ok(Level::Always),
            (Self::Purpose, Some(purpose)) => Ok(Level::Purpose(purpose)),
            (Self::Campaign, Some(campaign)) => Ok(Level::Campaign(campaign)),
            (Self::Always, Some(_)) => Err(Problem::bad_request("only belongs to the levels purpose and campaign")),
            (Self::Purpose | Self::Campaign, None) => Err(Problem::bad_request(
                "only is missing: which purpose, or which campaign",
            )),
        }
    }
}

/// Which entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Which {
    /// Those in force.
    #[default]
    InForce,
    /// Ended ones too.
    All,
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListAsked {
    /// `in_force` if nothing is said.
    #[param(inline)]
    which: Option<Which>,
    /// Only this level.
    #[param(inline)]
    level: Option<LevelAsked>,
    /// Only this telephone number, whole.
    number: Option<String>,
    /// Where the page before ended.
    cursor: Option<String>,
    /// Rows at most, 1 to 200; 50 if nothing is said. A page may have fewer and still be followed by another.
    rows: Option<u32>,
}

/// Lists the do-not-call entries, the newest first.
#[utoipa::path(
    get,
    path = "/api/do-not-call",
    tag = "do-not-call",
    params(ListAsked),
    responses((status = 200, body = Page<BarredEntry>), Refused)
)]
async fn list(
    State(console): State<Console>,
    seat: Seat,
    Asked(asked): Asked<ListAsked>,
) -> Result<Json<Page<BarredEntry>>, Problem> {
    need_all(&seat)?;
    let most = rows(asked.rows)?;
    let before = match asked.cursor.as_deref() {
        Some(cursor) => Cursor::read(cursor)?.id,
        None => i64::MAX,
    };
    let digits = match asked.number.as_deref() {
        None => Vec::new(),
        Some(text) => {
            let number = console.office.read_number(text)?;
            let mut spelled: Vec<String> = normalised(number.reveal()).into_iter().map(String::from).collect();
            spelled.push(number.reveal().to_owned());
            spelled.truncate(2);
            spelled
        }
    };
    let wanted = BarredAsked {
        entries: match asked.which.unwrap_or_default() {
            Which::InForce => Entries::InForce,
            Which::All => Entries::All,
        },
        level: asked.level.map(|level| level.word().to_owned()),
        digits,
    };
    let reader = console.access.store().reader();
    let (found, next) = reader.barred(&wanted, before, most, console.now()).await?;
    Ok(Json(Page {
        items: found.into_iter().map(BarredEntry::of).collect(),
        next: next.map(|id| Cursor { key: 0, id }.text()),
    }))
}

/// Who goes on the list.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EntryAsked {
    /// A telephone number; or
    number: Option<String>,
    /// a patient's row.
    patient_id: Option<i64>,
    level: LevelAsked,
    /// For which purpose or campaign.
    only: Option<String>,
    /// Until when; nothing: for good.
    until_at: Option<Instant>,
    /// Why, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    reason: String,
}

/// What became of entries.
#[derive(Debug, Default, Serialize, ToSchema)]
struct EntriesMade {
    added: u64,
    /// They were on the list for a shorter time.
    extended: u64,
    /// They were on it already.
    known: u64,
    /// Open follow-ups of those concerned: the next claim sees the list.
    open_cases: u64,
    /// Calls to them that are up right now; these go on.
    calls: u64,
}

impl EntriesMade {
    const fn of(listed: Listed) -> Self {
        Self {
            added: listed.added,
            extended: listed.extended,
            known: listed.known,
            open_cases: listed.open_cases,
            calls: listed.calls,
        }
    }
}

/// Puts a number or a patient on the list.
#[utoipa::path(
    post,
    path = "/api/do-not-call",
    tag = "do-not-call",
    request_body = EntryAsked,
    responses((status = 201, body = EntriesMade), Refused)
)]
async fn add(
    State(console): State<Console>,
    seat: Seat,
    JsonBody(asked): JsonBody<EntryAsked>,
) -> Result<(StatusCode, Json<EntriesMade>), Problem> {
    need_all(&seat)?;
    let reason = wording::line("reason", &asked.reason, wording::SENTENCE)?;
    let level = asked.level.level(asked.only.as_deref())?;
    let (named, object) = match (asked.number.as_deref(), asked.patient_id) {
        (Some(number), None) => {
            let number = console.office.read_number(number)?;
            (Named::Number(Pii::new(number.reveal().to_owned())), None)
        }
        (None, Some(patient)) => {
            let known_by = console.access.store().reader().known_by(PatientId(patient)).await?;
            (Named::Patient(known_by), Some(format!("patient:{patient}")))
        }
        (Some(_), Some(_)) | (None, None) => {
            return Err(Problem::bad_request("expected either number or patient_id"));
        }
    };
    let act = Act {
        deed: "listed_do_not_call",
        object,
        reason: Some(reason.clone()),
        detail: Some(serde_json::json!({ "level": asked.level, "until": asked.until_at })),
        ..Act::default()
    };
    seat.note(&console, act).await?;
    let listing = Listing {
        level,
        until: asked.until_at.map(|until| until.0),
        reason: Some(reason),
        source: SOURCE.to_owned(),
        who: seat.person().account.clone(),
    };
    let listed = console.office.add_dnc(DncAdd { named, listing }).await?;
    Ok((StatusCode::CREATED, Json(EntriesMade::of(listed))))
}

/// Why an entry comes off the list.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RemovalAsked {
    /// Why, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    reason: String,
}

/// What taking an entry off did.
#[derive(Debug, Serialize, ToSchema)]
struct EntriesEnded {
    ended: u64,
    /// Of these, what the person had said in a call.
    own_word: u64,
    /// Entries at other levels that stand.
    left: Vec<String>,
}

/// Takes whom an entry names off the list at its level; the entry stays in it, ended.
#[utoipa::path(
    post,
    path = "/api/do-not-call/{id}/end",
    tag = "do-not-call",
    params(("id" = i64, Path, description = "The entry.")),
    request_body = RemovalAsked,
    responses((status = 200, body = EntriesEnded), Refused)
)]
async fn remove(
    State(console): State<Console>,
    seat: Seat,
    Name(id): Name,
    JsonBody(asked): JsonBody<RemovalAsked>,
) -> Result<Json<EntriesEnded>, Problem> {
    need_all(&seat)?;
    let reason = wording::line("reason", &asked.reason, wording::SENTENCE)?;
    let id = wording::row(&id)?;
    let reader = console.access.store().reader();
    let no_entry = || Problem::unreadable(StatusCode::NOT_FOUND, "there is no such entry");
    let entry = reader.barred_whole(id).await?.ok_or_else(no_entry)?;
    if entry.ended_at.is_some() {
        return Err(Problem::unreadable(StatusCode::CONFLICT, "the entry has ended already"));
    }
    let named = match (entry.digits, entry.patient_id) {
        (Some(digits), _) => Named::Number(Pii::new(digits)),
        (None, Some(patient)) => Named::Patient(reader.known_by(PatientId(patient)).await?),
        (None, None) => return Err(no_entry()),
    };
    let level = match (entry.level.as_str(), entry.only) {
        ("purpose", Some(purpose)) => Level::Purpose(purpose),
        ("campaign", Some(campaign)) => Level::Campaign(campaign),
        (_, _) => Level::Always,
    };
    let act = Act {
        deed: "unlisted_do_not_call",
        object: Some(format!("do_not_call:{id}")),
        reason: Some(reason),
        ..Act::default()
    };
    seat.note(&console, act).await?;
    let who = seat.person().account.clone();
    let unlisted = console.office.remove_dnc(DncRemove { named, level, who }).await?;
    Ok(Json(EntriesEnded {
        ended: unlisted.ended,
        own_word: unlisted.own_word,
        left: unlisted.left,
    }))
}

/// How a file is taken.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ImportAsked {
    /// The file's name, for the record.
    file: String,
    /// `preview` reads and tells, `take` enters the numbers as well.
    #[param(inline)]
    step: Step,
}

/// What is done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Step {
    Preview,
    Take,
}

/// What stands in a file, and what was done with it.
#[derive(Debug, Serialize, ToSchema)]
struct NumbersRead {
    /// The letters of the column of numbers.
    column: String,
    /// Rows that hold anything.
    rows_read: u32,
    /// Numbers that can be entered, each once.
    numbers: u64,
    /// Numbers that stand in an earlier row, too.
    duplicates: u32,
    /// Rows that are refused; at most 1000 of them are named.
    refused: u64,
    faults: Vec<NumberFault>,
    /// What was entered; nothing after a preview.
    entered: Option<EntriesMade>,
}

/// A row that is refused.
#[derive(Debug, Serialize, ToSchema)]
struct NumberFault {
    row: u32,
    column: String,
    /// What stands there, masked.
    value: String,
    /// Why, in English with the Chinese behind it.
    why: String,
}

/// So many faults are named.
const FAULTS: usize = 1_000;

/// Reads a list of numbers: CSV, TSV or a workbook. A preview tells what is wrong with it and enters nothing.
#[utoipa::path(
    post,
    path = "/api/do-not-call/import",
    tag = "do-not-call",
    params(ImportAsked),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = NumbersRead), Refused)
)]
async fn import(
    State(console): State<Console>,
    seat: Seat,
    Asked(asked): Asked<ImportAsked>,
    RawBody(bytes): RawBody,
) -> Result<Json<NumbersRead>, Problem> {
    need_all(&seat)?;
    let file = wording::line("file", &asked.file, wording::SENTENCE)?;
    let list = console.office.read_numbers(&bytes)?;
    let entered = match asked.step {
        Step::Preview => None,
        Step::Take => {
            let act = Act {
                deed: "imported_do_not_call",
                detail: Some(serde_json::json!({ "file": file, "numbers": list.numbers.len() })),
                ..Act::default()
            };
            seat.note(&console, act).await?;
            let mut all = EntriesMade::default();
            for numbers in list.numbers.chunks(DNC_PART) {
                let listing = Listing {
                    level: Level::Always,
                    until: None,
                    reason: None,
                    source: file.clone(),
                    who: seat.person().account.clone(),
                };
                let numbers = numbers.to_vec();
                let part = console.office.import_dnc(DncPart { numbers, listing }).await?;
                all.added += part.added;
                all.extended += part.extended;
                all.known += part.known;
                all.open_cases += part.open_cases;
                all.calls += part.calls;
            }
            Some(all)
        }
    };
    let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
    Ok(Json(NumbersRead {
        numbers: count(list.numbers.len()),
        refused: count(list.refused.len()),
        faults: list
            .refused
            .iter()
            .take(FAULTS)
            .map(|fault| NumberFault {
                row: fault.row,
                column: fault.column.clone(),
                value: fault.value.clone(),
                why: fault.reason.to_string(),
            })
            .collect(),
        column: list.column,
        rows_read: list.rows_read,
        duplicates: list.duplicates,
        entered,
    }))
}

/// Where entries of the console come from.
const SOURCE: &str = "console";

/// The list is the house's: who may see a part of the patients only does not keep it.
pub(super) fn need_all(seat: &Seat) -> Result<(), Problem> {
    if seat.may(Action::KeepDoNotCall)?.is_all() {
        Ok(())
    } else {
        let why = "the do-not-call list is kept by those who see all patients";
        Err(Problem::unreadable(StatusCode::FORBIDDEN, why))
    }
}
