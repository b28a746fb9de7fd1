//! `/api/audit`: what was done, by whom, on whom and why; and whether the log is whole.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::page::{Cursor, Page, rows};
use super::{Console, Seat};
use crate::access::Action;
use crate::http::request::Asked;
use crate::http::{Problem, timestamp};
use crate::moment::Wall;
use crate::store::console::audit::{AuditFilter, AuditRow};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(chain))
}

/// A row of the audit log.
#[derive(Debug, Serialize, ToSchema)]
struct AuditEntry {
    /// Its number; numbers follow each other without a gap.
    id: i64,
    at: String,
    /// The account as it was called then; `os:NAME` for a command at the terminal, `-` if it is not known.
    who: String,
    account_id: Option<i64>,
    /// What: a past participle such as `signed_in`, `listened`, `revealed`.
    deed: String,
    /// To what, as `call:17`.
    object: Option<String>,
    /// Why, in the person's words.
    reason: Option<String>,
    /// More of it.
    detail: Option<serde_json::Value>,
    /// Where the request came from.
    address: Option<String>,
    /// The hash of this row and all before it.
    hash: String,
}

impl From<AuditRow> for AuditEntry {
    fn from(row: AuditRow) -> Self {
        Self {
            id: row.id,
            at: timestamp(Wall::from_millis(row.at)),
            who: row.who,
            account_id: row.account_id,
            deed: row.deed,
            object: row.object,
            reason: row.reason,
            detail: row.detail.and_then(|detail| serde_json::from_str(&detail).ok()),
            address: row.address,
            hash: row.hash,
        }
    }
}

/// Which rows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// By this account, or `os:NAME`.
    who: Option<String>,
    /// This deed, as `listened`.
    deed: Option<String>,
    /// To this, as `call:17`.
    object: Option<String>,
    /// From this time on (RFC 3339).
    from: Option<String>,
    /// Until before this time (RFC 3339).
    to: Option<String>,
    /// Where the page before ended, as `next` told.
    cursor: Option<String>,
    /// How many rows: 1 to 200.
    #[param(minimum = 1, maximum = 200)]
    rows: Option<u32>,
}

fn time(field: &str, text: Option<&str>) -> Result<Option<i64>, Problem> {
    let read = |text: &str| {
        let time = chrono::DateTime::parse_from_rfc3339(text);
        time.map(|time| time.timestamp_millis()).map_err(|why| {
            Problem::bad_request(format!(
                "{field} is no time ({why}); expected one such as 2026-03-01T00:00:00Z"
            ))
        })
    };
    text.map(read).transpose()
}

/// Lists what was done, the latest first. A page that is asked for by two things at once may have fewer rows than were wanted, or
/// none, and still a `next`.
#[utoipa::path(
    get,
    path = "/api/audit",
    tag = "audit",
    params(Wanted),
    responses(
        (status = 200, body = Page<AuditEntry>),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(console): State<Console>,
    seat: Seat,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<Page<AuditEntry>>, Problem> {
    seat.may(Action::SeeAudit)?;
    let limit = rows(wanted.rows)?;
    let filter = AuditFilter {
        from: time("from", wanted.from.as_deref())?,
        to: time("to", wanted.to.as_deref())?,
        before: wanted
            .cursor
            .as_deref()
            .map(Cursor::read)
            .transpose()?
            .map(|cursor| (cursor.key, cursor.id)),
        who: wanted.who,
        deed: wanted.deed,
        object: wanted.object,
    };
    let found = console.access.store().reader().audit(&filter, limit).await?;
    let next = found.next.map(|(key, id)| Cursor { key, id }.text());
    Ok(Json(Page {
        items: found.rows.into_iter().map(AuditEntry::from).collect(),
        next,
    }))
}

/// Whether the log is as it was written.
#[derive(Debug, Serialize, ToSchema)]
struct AuditChain {
    /// Rows that were looked at.
    rows: i64,
    /// Nothing was changed, deleted or cut off.
    whole: bool,
    /// The first row that is not as it was written, or is missing.
    broken_at: Option<i64>,
    /// What is wrong with it.
    why: Option<String>,
    /// The number of the last row,
    last: i64,
    /// and its hash: whoever notes both elsewhere can prove later that nothing was cut off.
    last_hash: String,
}

/// Reads the whole log and tells whether every row is as it was written.
#[utoipa::path(
    get,
    path = "/api/audit/chain",
    tag = "audit",
    responses(
        (status = 200, body = AuditChain),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn chain(State(console): State<Console>, seat: Seat) -> Result<Json<AuditChain>, Problem> {
    seat.may(Action::SeeAudit)?;
    let chain = console.access.store().reader().audit_chain(&[]).await?;
    Ok(Json(AuditChain {
        whole: chain.is_whole(),
        rows: chain.rows,
        broken_at: chain.broken_at,
        why: chain.why,
        last: chain.last,
        last_hash: chain.last_hash,
    }))
}
