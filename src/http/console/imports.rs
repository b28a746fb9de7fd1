//! `/api/imports`: a list of discharged patients, its faults told before anything is saved, then taken in.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{DefaultBodyLimit, State};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::instant::Instant;
use super::patients::Refused;
use super::{Console, Seat, wording};
use crate::access::{Act, Action};
use crate::engine::office::{Correction, Due, FaultScope, Imported, ListBytes, ListReport, Preview};
use crate::http::Problem;
use crate::http::request::{Asked, RawBody};

/// A list may have this many bytes.
const LIST_BYTES: usize = 20 * 1024 * 1024;
/// Corrections may have this many bytes.
const CORRECTION_BYTES: usize = 256 * 1024;
/// A corrected cell has so many characters at most.
const CELL: usize = 500;
/// So many faults are named.
const FAULTS: usize = 500;

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .routes(routes!(preview))
        .routes(routes!(take))
        .layer(DefaultBodyLimit::max(LIST_BYTES + CORRECTION_BYTES))
}

/// When the follow-ups of a list become due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum DueAsked {
    /// As long after discharge as the campaign says.
    #[default]
    ByCampaign,
    /// At once.
    Now,
    /// The list makes none: the released rules do.
    ByRules,
}

impl DueAsked {
    const fn due(self) -> Due {
        match self {
            Self::ByCampaign => Due::ByCampaign,
            Self::Now => Due::Now,
            Self::ByRules => Due::ByRules,
        }
    }
}

/// Which list, and for what.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PreviewAsked {
    /// The campaign's name.
    campaign: String,
    /// The file's name, for the record; 1 to 200 characters.
    file: String,
    /// So many octets at the beginning of the body are corrections of cells, the list comes after them: JSON as
    /// `[{"row": 7, "column": "E", "value": "13800001111"}]`. They are not sent in the address, because addresses are logged.
    #[param(minimum = 0, maximum = 262_144)]
    corrections: Option<u32>,
}

/// Which list, for what, and when it becomes due.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TakeAsked {
    /// The campaign's name.
    campaign: String,
    /// The file's name, for the record; 1 to 200 characters.
    file: String,
    /// As for the preview.
    #[param(minimum = 0, maximum = 262_144)]
    corrections: Option<u32>,
    /// `by_campaign` if nothing is said.
    #[param(inline)]
    due: Option<DueAsked>,
}

/// What a fault costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Costs {
    /// The row is not taken.
    Row,
    /// The row is taken without this value.
    Value,
    /// Taken, and doubtful.
    Nothing,
}

/// A fault of a list.
#[derive(Debug, Serialize, ToSchema)]
struct ListFault {
    /// Row of the sheet, from 1; 0: the file as a whole.
    row: u32,
    /// Letters of the column; empty when it concerns no one column.
    column: String,
    /// Its heading.
    header: String,
    /// What stands there, masked.
    value: String,
    /// What is wrong.
    zh: String,
    /// The same in English.
    what: String,
    /// What was expected, or what to do; none where the sentence says it all.
    expected: Option<String>,
    costs: Costs,
}

/// Faults that are alike.
#[derive(Debug, Serialize, ToSchema)]
struct FaultKind {
    zh: String,
    what: String,
    costs: Costs,
    /// How many.
    n: u64,
}

/// A column of a list.
#[derive(Debug, Serialize, ToSchema)]
struct ListColumn {
    /// Its letters.
    column: String,
    /// Its heading, as the file writes it.
    header: String,
    /// As what it is read; none: it is kept with the visit and read as nothing.
    field: Option<String>,
}

/// What stands in a list.
#[derive(Debug, Serialize, ToSchema)]
struct ListRead {
    file: String,
    /// `xlsx`, `csv` and so on.
    format: String,
    /// Of a text file.
    encoding: Option<String>,
    /// Of a workbook.
    sheet: Option<String>,
    header_row: u32,
    columns: Vec<ListColumn>,
    /// Rows below the header that hold anything: accepted + duplicates + replaced + refused.
    rows_read: u32,
    /// Rows that are taken, one for each visit.
    accepted: u32,
    /// Rows that say the same as an earlier one.
    duplicates: u32,
    /// Rows that a later row of the same visit overrides.
    replaced: u64,
    /// Rows that are not taken.
    refused: u32,
    /// All faults, of which at most 500 are named.
    faults_total: u64,
    faults: Vec<ListFault>,
    /// The faults by what they are, the most frequent first.
    kinds: Vec<FaultKind>,
}

/// What a list would do.
#[derive(Debug, Serialize, ToSchema)]
struct ImportPreview {
    list: ListRead,
    /// Visits that are not there yet.
    added: u32,
    /// Visits that are there: importing updates what differs, and leaves the rest. Which of them differ is told only then.
    known: u64,
    /// The same file was taken in before; none: it was not, or not over the console.
    same_as: Option<SameFile>,
}

/// A file that was taken in before, octet for octet the same.
#[derive(Debug, Serialize, ToSchema)]
struct SameFile {
    at: Instant,
    file: String,
    /// The campaign's name.
    campaign: String,
}

/// What a list did.
#[derive(Debug, Serialize, ToSchema)]
struct ImportDone {
    list: ListRead,
    /// Visits that were not there.
    added: u32,
    /// Visits that were there otherwise.
    updated: u64,
    /// Visits that were there just so.
    unchanged: u32,
    /// Open follow-ups made.
    cases: u64,
    /// Follow-ups made and closed at once: the patient has died, or it is too late.
    cases_closed: u64,
    /// Rows that were taken but made no follow-up.
    without_case: Vec<NoCase>,
    /// The list made no follow-ups itself, because the rules do.
    is_by_rules: bool,
}

/// A row that was taken but made no follow-up.
#[derive(Debug, Serialize, ToSchema)]
struct NoCase {
    row: u32,
    column: String,
    why: String,
}

/// Reads a list and tells what is wrong with it and what it would do. Saves nothing.
#[utoipa::path(
    post,
    path = "/api/imports/preview",
    tag = "imports",
    params(PreviewAsked),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = ImportPreview), Refused)
)]
async fn preview(
    State(console): State<Console>,
    seat: Seat,
    Asked(asked): Asked<PreviewAsked>,
    RawBody(bytes): RawBody,
) -> Result<Json<ImportPreview>, Problem> {
    seat.may(Action::Import)?;
    let file = wording::line("file", &asked.file, wording::SENTENCE)?;
    let list = corrected(&bytes, asked.corrections)?;
    let Preview { report, known } = console.office.preview_import(&asked.campaign, &file, &list).await?;
    // With corrections it is another list than the file.
    let before = match list.corrections.as_slice() {
        [] => {
            console
                .access
                .store()
                .reader()
                .imported_before(&hash_of(&bytes))
                .await?
        }
        [_, ..] => None,
    };
    Ok(Json(ImportPreview {
        same_as: before.map(|before| SameFile {
            at: before.at.into(),
            file: before.file,
            campaign: before.campaign,
        }),
        added: report.new,
        known,
        list: ListRead::of(&report),
    }))
}

/// Takes a list in: what is sound is saved, what is not is told. The same list again changes nothing.
#[utoipa::path(
    post,
    path = "/api/imports",
    tag = "imports",
    params(TakeAsked),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = ImportDone), Refused)
)]
async fn take(
    State(console): State<Console>,
    seat: Seat,
    Asked(asked): Asked<TakeAsked>,
    RawBody(bytes): RawBody,
) -> Result<Json<ImportDone>, Problem> {
    seat.may(Action::Import)?;
    let file = wording::line("file", &asked.file, wording::SENTENCE)?;
    let due = asked.due.unwrap_or_default();
    // What cannot be read at all is refused before the log says that it was imported.
    let list = corrected(&bytes, asked.corrections)?;
    console.office.preview_import(&asked.campaign, &file, &list).await?;
    // Which cells, not what was typed: the log names no patient.
    let cells: Vec<String> = list
        .corrections
        .iter()
        .map(|cell| format!("{}{}", cell.column, cell.row))
        .collect();
    let act = Act {
        deed: "imported",
        object: Some(format!("campaign:{}", asked.campaign)),
        detail: Some(serde_json::json!({
            "file": file, "bytes": list.bytes.len(), "sha256": hash_of(list.bytes), "due": due, "corrected": cells,
        })),
        ..Act::default()
    };
    seat.note(&console, act).await?;
    let done = console.office.import(&asked.campaign, &file, &list, due.due()).await?;
    let Imported { report, refused, .. } = done;
    Ok(Json(ImportDone {
        added: report.new,
        updated: count(report.updated.len()),
        unchanged: report.unchanged,
        cases: done.cases,
        cases_closed: done.cases_closed,
        without_case: refused
            .into_iter()
            .take(FAULTS)
            .map(|refusal| NoCase {
                row: refusal.row,
                column: refusal.column,
                why: refusal.reason,
            })
            .collect(),
        is_by_rules: done.is_by_rules,
        list: ListRead::of(&report),
    }))
}

/// A list with the corrections before it.
fn corrected(body: &[u8], octets: Option<u32>) -> Result<ListBytes<'_>, Problem> {
    let octets = usize::try_from(octets.unwrap_or_default()).unwrap_or(usize::MAX);
    if octets == 0 {
        return Ok(body.into());
    }
    let (Some((before, bytes)), true) = (body.split_at_checked(octets), octets <= CORRECTION_BYTES) else {
        let why = format!("corrections: expected 0 to {CORRECTION_BYTES} octets, and a list behind them");
        return Err(Problem::bad_request(why));
    };
    let corrections: Vec<Correction> = serde_json::from_slice(before)
        .map_err(|why| Problem::bad_request(format!("corrections: expected a list of row, column, value: {why}")))?;
    let is_line = |cell: &Correction| cell.value.chars().count() <= CELL && !cell.value.chars().any(char::is_control);
    match corrections.iter().find(|cell| !is_line(cell)) {
        None => Ok(ListBytes { bytes, corrections }),
        Some(cell) => Err(Problem::bad_request(format!(
            "the correction of row {} is no line of {CELL} characters at most",
            cell.row
        ))),
    }
}

/// SHA-256, lower-case hex.
fn hash_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|octet| format!("{octet:02x}"))
        .collect()
}

impl ListRead {
    fn of(report: &ListReport) -> Self {
        let mut faults: Vec<ListFault> = report
            .refused
            .iter()
            .map(|refusal| {
                let costs = match refusal.scope {
                    FaultScope::Row => Costs::Row,
                    FaultScope::Value => Costs::Value,
                };
                let place = (
                    refusal.row,
                    refusal.column.as_str(),
                    refusal.header.as_str(),
                    refusal.value.as_str(),
                );
                ListFault::of(place, &refusal.reason.to_string(), costs)
            })
            .collect();
        faults.extend(report.warnings.iter().map(|warning| {
            let place = (
                warning.row,
                warning.column.as_str(),
                warning.header.as_str(),
                warning.value.as_str(),
            );
            ListFault::of(place, &warning.doubt.to_string(), Costs::Nothing)
        }));
        // Rows that are lost come before doubts: they are what somebody has to put right.
        faults.sort_by_key(|fault| (fault.costs, fault.row));
        let faults_total = count(faults.len());
        let kinds = kinds(&faults);
        faults.truncate(FAULTS);
        Self {
            file: report.file.clone(),
            format: word(&report.format).unwrap_or_default(),
            encoding: report.encoding.as_ref().and_then(word),
            sheet: report.sheet.clone(),
            header_row: report.header_row,
            columns: report
                .columns
                .iter()
                .map(|column| ListColumn {
                    column: column.letters.clone(),
                    header: column.header.clone(),
                    field: column.field.as_ref().and_then(word),
                })
                .collect(),
            rows_read: report.rows_read,
            accepted: report.accepted,
            duplicates: report.duplicates,
            replaced: count(report.replaced.len()),
            refused: report.refused_rows,
            faults_total,
            faults,
            kinds,
        }
    }
}

impl ListFault {
    /// A fault as the reading says it: `what; what to do (中文)`.
    fn of((row, column, header, value): (u32, &str, &str, &str), said: &str, costs: Costs) -> Self {
        let (english, zh) = match said.trim_end_matches(')').rsplit_once(" (") {
            Some((english, zh)) => (english, zh),
            None => (said, said),
        };
        let (what, expected) = match english.split_once("; ") {
            Some((what, expected)) => (what, Some(expected.to_owned())),
            None => (english, None),
        };
        Self {
            row,
            column: column.to_owned(),
            header: header.to_owned(),
            value: value.to_owned(),
            zh: zh.to_owned(),
            what: what.to_owned(),
            expected,
            costs,
        }
    }
}

fn kinds(faults: &[ListFault]) -> Vec<FaultKind> {
    let mut counted: BTreeMap<(Costs, &str, &str), u64> = BTreeMap::new();
    for fault in faults {
        *counted.entry((fault.costs, &fault.zh, &fault.what)).or_default() += 1;
    }
    let kind = |((costs, zh, what), n): ((Costs, &str, &str), u64)| FaultKind {
        zh: zh.to_owned(),
        what: what.to_owned(),
        costs,
        n,
    };
    let mut kinds: Vec<FaultKind> = counted.into_iter().map(kind).collect();
    kinds.sort_by_key(|kind| std::cmp::Reverse(kind.n));
    kinds
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// The identifier that a value serialises to.
fn word(value: &impl Serialize) -> Option<String> {
    serde_json::to_value(value).ok()?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{Costs, ListFault, corrected};

    #[test]
    fn corrections_stand_before_the_list_and_are_checked() {
        let cells = r#"[{"row":2,"column":"E","value":"13800001111"}]"#;
        let body = format!("{cells}a,b");
        let octets = u32::try_from(cells.len()).ok();
        let list = corrected(body.as_bytes(), octets).unwrap();
        assert_eq!((list.bytes, &*list.corrections[0].value), (&b"a,b"[..], "13800001111"));
        assert_eq!(corrected(b"a,b", None).unwrap().bytes, b"a,b");
        let control = r#"[{"row":2,"column":"E","value":"1\u0000"}]"#;
        for (body, octets) in [
            ("[]", 9),
            ("x", 1),
            (control, u32::try_from(control.len()).unwrap()),
            ("a", 999_999),
        ] {
            assert!(corrected(body.as_bytes(), Some(octets)).is_err(), "{body}");
        }
    }

    #[test]
    fn a_fault_says_what_is_wrong_and_what_was_expected_in_both_languages() {
        let fault = |said: &str| ListFault::of((7, "C", "出院日期", "1**"), said, Costs::Row);
        let date = fault("not a date; expected 2024-01-05 (不是日期)");
        assert_eq!((date.what.as_str(), date.zh.as_str()), ("not a date", "不是日期"));
        assert_eq!(date.expected.as_deref(), Some("expected 2024-01-05"));
        let number = fault("no telephone number (缺电话号码)");
        assert_eq!((number.zh.as_str(), number.expected), ("缺电话号码", None));
    }
}
