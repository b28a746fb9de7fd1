//! `/api/offline-list`: who would be called by the end of the day, to take along when the system is down. Masked, unless the
//! person may see fields in full and says why; written down either way.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::instant::Instant;
use super::patients::Refused;
use super::{Console, Seat, wording};
use crate::access::{Act, Action};
use crate::calendar::local;
use crate::http::Problem;
use crate::http::request::JsonBody;
use crate::moment::Wall;
use crate::phone::Number;
use crate::pii::{mask_name, mask_no};
use crate::report::{OfflineLine, offline_csv, offline_workbook};
use crate::store::Visible;
use crate::store::console::offline::{MOST, OfflineRow};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(file))
}

/// Which list, and how much of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ListAsked {
    /// The campaign's name.
    #[schema(max_length = 200)]
    campaign: String,
    /// Names and numbers in full: nobody calls a masked number. Needs the grant to reveal.
    #[serde(default)]
    full: bool,
    /// Why, 2 to 200 characters.
    #[schema(min_length = 2, max_length = 200)]
    reason: String,
}

/// Which file.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FileAsked {
    /// The campaign's name.
    #[schema(max_length = 200)]
    campaign: String,
    /// As for the list.
    #[serde(default)]
    full: bool,
    /// As for the list.
    #[schema(min_length = 2, max_length = 200)]
    reason: String,
    form: ListForm,
}

/// What kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ListForm {
    Csv,
    Xlsx,
}

/// The list.
#[derive(Debug, Serialize, ToSchema)]
struct OfflineList {
    campaign: String,
    /// As of when.
    made_at: Instant,
    /// Cases whose turn comes before this time.
    until_at: Instant,
    /// Names and numbers are in full.
    is_full: bool,
    /// There are more than are listed.
    has_more: bool,
    items: Vec<OfflineItem>,
    /// What is asked, in order.
    questions: Vec<OfflineQuestion>,
}

/// A case to be called by hand.
#[derive(Debug, Serialize, ToSchema)]
struct OfflineItem {
    case_id: i64,
    visit: String,
    patient: Option<String>,
    /// Those that may be called, in their order.
    numbers: Vec<OfflineNumber>,
    department: Option<String>,
    doctor: Option<String>,
    discharged_at: Option<Instant>,
    next_at: Instant,
    appointment_at: Option<Instant>,
    deadline_at: Option<Instant>,
    attempts: u32,
    last_disposition: Option<&'static str>,
}

/// A telephone number.
#[derive(Debug, Serialize, ToSchema)]
struct OfflineNumber {
    number: String,
    /// `self` or `kin`.
    owner: Option<String>,
}

/// A question of the campaign.
#[derive(Debug, Serialize, ToSchema)]
struct OfflineQuestion {
    title: String,
    options: Vec<String>,
}

/// The list on a page, to be printed.
#[utoipa::path(
    post,
    path = "/api/offline-list",
    tag = "campaigns",
    request_body = ListAsked,
    responses((status = 200, body = OfflineList), Refused)
)]
async fn list(
    State(console): State<Console>,
    seat: Seat,
    JsonBody(asked): JsonBody<ListAsked>,
) -> Result<Json<OfflineList>, Problem> {
    let made = make(&console, &seat, &asked, None).await?;
    let reader = console.access.store().reader();
    let campaign = reader.campaign_uncounted(&asked.campaign).await?;
    let dialplan = reader.dialplan(&campaign.dialplan).await?;
    let questions = dialplan.questions.into_iter().map(|question| OfflineQuestion {
        title: question.title,
        options: question.options.into_iter().map(|option| option.label).collect(),
    });
    Ok(Json(OfflineList {
        campaign: asked.campaign,
        made_at: made.at.into(),
        until_at: made.until.into(),
        is_full: asked.full,
        has_more: made.has_more,
        items: made.rows.iter().map(|row| item(row, asked.full)).collect(),
        questions: questions.collect(),
    }))
}

/// The list as a file. No cell is ever a formula.
#[utoipa::path(
    post,
    path = "/api/offline-list/file",
    tag = "campaigns",
    request_body = FileAsked,
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
    JsonBody(FileAsked {
        campaign,
        full,
        reason,
        form,
    }): JsonBody<FileAsked>,
) -> Result<impl IntoResponse, Problem> {
    let asked = ListAsked { campaign, full, reason };
    let made = make(&console, &seat, &asked, Some(form)).await?;
    let lines: Vec<OfflineLine> = made.rows.iter().map(|row| line(&console, row, asked.full)).collect();
    let day = local(made.at, console.zone).format("%Y-%m-%d").to_string();
    let (bytes, kind, ending) = match form {
        ListForm::Csv => (offline_csv(&lines), "text/csv; charset=utf-8", "csv"),
        ListForm::Xlsx => (
            offline_workbook(&format!("断线清单 {day}"), &lines),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "xlsx",
        ),
    };
    let bytes = bytes.map_err(|why| Problem::unreadable(StatusCode::SERVICE_UNAVAILABLE, why))?;
    let name = format!("attachment; filename=\"offline-{day}.{ending}\"");
    Ok((
        [
            (header::CONTENT_TYPE, kind.to_owned()),
            (header::CONTENT_DISPOSITION, name),
        ],
        bytes,
    ))
}

struct Made {
    at: Wall,
    until: Wall,
    has_more: bool,
    rows: Vec<OfflineRow>,
}

/// Reads the list and writes down that it was taken, with how many stand in it, before anybody sees it.
async fn make(console: &Console, seat: &Seat, asked: &ListAsked, form: Option<ListForm>) -> Result<Made, Problem> {
    let department = match seat.may(Action::ExportReports)? {
        Visible::All => None,
        Visible::Department(department) => Some(department),
        Visible::Of(_) | Visible::Nothing => {
            let why = "清单按全院或科室导出 The list is of all departments or of one, never of one person's calls";
            return Err(Problem::unreadable(StatusCode::FORBIDDEN, why));
        }
    };
    if asked.full {
        seat.may(Action::Reveal)?;
    }
    let reason = wording::line("reason", &asked.reason, wording::SENTENCE)?;
    if reason.chars().count() < 2 {
        let why = "reason is one character; expected words that somebody can judge later";
        return Err(Problem::bad_request(why));
    }
    let reader = console.access.store().reader();
    let campaign = reader.campaign_named(&asked.campaign).await?;
    let at = console.now();
    let (_, (_, until)) = console.office.night_of(at);
    let mut rows = reader
        .offline_list(campaign, department.as_deref(), (at, until), MOST + 1)
        .await?;
    let most = usize::try_from(MOST).unwrap_or(usize::MAX);
    let has_more = rows.len() > most;
    rows.truncate(most);
    let act = Act {
        deed: "exported_offline_list",
        object: Some(format!("campaign:{}", campaign.0)),
        reason: Some(reason),
        detail: Some(serde_json::json!({
            "form": form, "full": asked.full, "cases": rows.len(), "department": department,
        })),
        ..Act::default()
    };
    seat.note(console, act).await?;
    Ok(Made {
        at,
        until,
        has_more,
        rows,
    })
}

fn visit(row: &OfflineRow, full: bool) -> String {
    let visit_no = row.visit_no.reveal();
    if full { visit_no.clone() } else { mask_no(visit_no) }
}

fn patient(row: &OfflineRow, full: bool) -> Option<String> {
    let name = row.name.reveal().as_deref()?;
    Some(if full { name.to_owned() } else { mask_name(name) })
}

fn number(number: &Number, full: bool) -> String {
    if full {
        number.reveal().to_owned()
    } else {
        number.masked()
    }
}

fn item(row: &OfflineRow, full: bool) -> OfflineItem {
    OfflineItem {
        case_id: row.case.0,
        visit: visit(row, full),
        patient: patient(row, full),
        numbers: row
            .numbers
            .iter()
            .map(|(digits, owner)| OfflineNumber {
                number: number(digits, full),
                owner: owner.clone(),
            })
            .collect(),
        department: row.department.clone(),
        doctor: row.doctor.clone(),
        discharged_at: row.discharged.map(Instant::from),
        next_at: row.next_at.into(),
        appointment_at: row.appointment.map(Instant::from),
        deadline_at: row.deadline.map(Instant::from),
        attempts: row.attempts,
        last_disposition: row.last.map(|last| last.as_str()),
    }
}

fn line(console: &Console, row: &OfflineRow, full: bool) -> OfflineLine {
    let at = |at: Option<Wall>, form: &str| {
        at.map(|at| local(at, console.zone).format(form).to_string())
            .unwrap_or_default()
    };
    let numbers = row.numbers.iter().map(|(digits, owner)| {
        let of = if owner.as_deref() == Some("kin") {
            "（家属）"
        } else {
            ""
        };
        format!("{}{of}", grouped(&number(digits, full)))
    });
    let whose = [row.department.as_deref(), row.doctor.as_deref()];
    OfflineLine {
        visit: visit(row, full),
        patient: patient(row, full).unwrap_or_default(),
        numbers: numbers.collect::<Vec<_>>().join("；"),
        department: whose.into_iter().flatten().collect::<Vec<_>>().join(" "),
        discharged: at(row.discharged, "%Y-%m-%d"),
        appointment: at(row.appointment, "%m-%d %H:%M"),
        deadline: at(row.deadline, "%m-%d %H:%M"),
        before: match row.last {
            Some(last) => format!("{} 次，{}", row.attempts, last.zh()),
            None => format!("{} 次", row.attempts),
        },
    }
}

/// A number as it is read aloud; so it stays text in a spreadsheet, too.
fn grouped(number: &str) -> String {
    let is_mobile = number.len() == 11 && number.starts_with('1');
    let groups: &[usize] = if is_mobile { &[3, 7] } else { &[4] };
    let mut text = String::new();
    for (at, digit) in number.chars().enumerate() {
        if groups.contains(&at) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn a_number_stays_text_in_a_spreadsheet() {
        assert_eq!(grouped("13800001111"), "138 0000 1111");
        assert_eq!(grouped("138****1111"), "138 **** 1111");
        assert_eq!(grouped("057188880000"), "0571 88880000");
    }
}
