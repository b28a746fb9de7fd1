//! `/api/people`: accounts, for administrators.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::page::{Cursor, Page, rows};
use super::{Console, Seat};
use crate::access::{Act, Action, By, Error, FirstPassword, NewPerson, PersonChange, Role, reason};
use crate::http::request::{Asked, JsonBody, RowId};
use crate::http::{Problem, timestamp};
use crate::ids::AgentId;
use crate::moment::Wall;
use crate::pii::Pii;
use crate::store::console::accounts::AccountRow;

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(change))
        .routes(routes!(lock))
        .routes(routes!(unlock))
        .routes(routes!(give_password))
}

/// An account.
#[derive(Debug, Serialize, ToSchema)]
struct Account {
    id: i64,
    account: String,
    name: String,
    role: Role,
    department: Option<String>,
    state: AccountState,
    /// Until when nobody may try, after wrong passwords.
    locked_until_at: Option<String>,
    /// The password has to be changed at the next sign-in.
    password_due: bool,
    /// Sessions that are in force.
    sessions: i64,
    created_at: String,
    /// The account that made it, or `os:NAME`.
    created_by: String,
    last_seen_at: Option<String>,
    ended_at: Option<String>,
    ended_by: Option<String>,
}

/// Whether an account can sign in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum AccountState {
    /// It can.
    Open,
    /// Not for a while: too many wrong passwords.
    LockedOut,
    /// Not at all: somebody locked it.
    Locked,
}

impl Account {
    fn of(row: AccountRow, now: Wall) -> Result<Self, Problem> {
        let at = |millis: i64| timestamp(Wall::from_millis(millis));
        let role = Role::named(&row.role).ok_or_else(|| Error::UnknownRole { role: row.role.clone() })?;
        let locked_until = row.locked_until.filter(|until| *until > now.millis());
        let state = if row.ended_at.is_some() {
            AccountState::Locked
        } else if locked_until.is_some() {
            AccountState::LockedOut
        } else {
            AccountState::Open
        };
        Ok(Self {
            id: row.id,
            account: row.account,
            name: row.name,
            role,
            department: row.department,
            state,
            locked_until_at: locked_until.map(at),
            password_due: row.password_due,
            sessions: row.sessions,
            created_at: at(row.created_at),
            created_by: row.created_by,
            last_seen_at: row.last_seen_at.map(at),
            ended_at: row.ended_at.map(at),
            ended_by: row.ended_by,
        })
    }
}

async fn shown(console: &Console, id: i64) -> Result<Json<Account>, Problem> {
    let now = console.now();
    Ok(Json(Account::of(console.access.person(id, now).await?, now)?))
}

/// Which page of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Paging {
    /// Where the page before ended, as `next` told.
    cursor: Option<String>,
    /// How many rows: 1 to 200.
    #[param(minimum = 1, maximum = 200)]
    rows: Option<u32>,
}

/// Lists accounts, the oldest first.
#[utoipa::path(
    get,
    path = "/api/people",
    tag = "people",
    params(Paging),
    responses(
        (status = 200, body = Page<Account>),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(console): State<Console>,
    seat: Seat,
    Asked(paging): Asked<Paging>,
) -> Result<Json<Page<Account>>, Problem> {
    seat.may(Action::KeepPeople)?;
    let now = console.now();
    let wanted = rows(paging.rows)?;
    let after = paging
        .cursor
        .as_deref()
        .map(Cursor::read)
        .transpose()?
        .map_or(0, |cursor| cursor.id);
    let found = console.access.people(after, wanted + 1, now).await?;
    Ok(Json(Page::by_id(
        found,
        wanted,
        |row| row.id,
        |row| Account::of(row, now),
    )?))
}

/// A person who gets an account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AccountToMake {
    /// What is typed to sign in: letters, digits and `. - _ @`; capitals do not count.
    account: String,
    name: String,
    role: Role,
    /// A department head has one, named as the lists of patients name it.
    department: Option<String>,
    /// The first password; it has to be changed at the first sign-in.
    #[schema(value_type = String, format = Password)]
    password: Pii<String>,
}

/// Makes an account.
#[utoipa::path(
    post,
    path = "/api/people",
    tag = "people",
    request_body = AccountToMake,
    responses(
        (status = 201, body = Account),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "There is one already."),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn add(
    State(console): State<Console>,
    seat: Seat,
    JsonBody(new): JsonBody<AccountToMake>,
) -> Result<(StatusCode, Json<Account>), Problem> {
    seat.may(Action::KeepPeople)?;
    let new = NewPerson {
        account: new.account,
        name: new.name,
        role: new.role,
        department: new.department,
        password: new.password,
    };
    let by = By::Person(seat.person());
    let address = seat.address.clone();
    let id = console
        .access
        .add_person(by, new, FirstPassword::Given, address, console.now())
        .await?;
    Ok((StatusCode::CREATED, shown(&console, id).await?))
}

/// What changes of a person; what is left away stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AccountToChange {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    role: Option<Role>,
    /// `null` takes it away.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    department: Option<Option<String>>,
    /// Why: compulsory where role or department change.
    #[serde(default)]
    reason: Option<String>,
}

/// Tells a field that is `null` from one that is not there.
fn said<'d, D: Deserializer<'d>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(value).map(Some)
}

/// Changes a person's name, role or department. Nobody changes the own role.
#[utoipa::path(
    patch,
    path = "/api/people/{id}",
    tag = "people",
    params(("id" = i64, Path)),
    request_body = AccountToChange,
    responses(
        (status = 200, body = Account),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json",
            description = "The own role, or the last administrator."),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn change(
    State(console): State<Console>,
    seat: Seat,
    RowId(id): RowId,
    JsonBody(asked): JsonBody<AccountToChange>,
) -> Result<Json<Account>, Problem> {
    seat.may(Action::KeepPeople)?;
    let why = match (&asked.reason, asked.role.is_some() || asked.department.is_some()) {
        (Some(text), _) => Some(reason(text)?),
        (None, true) => Some(reason("")?),
        (None, false) => None,
    };
    let change = PersonChange {
        name: asked.name,
        role: asked.role,
        department: asked.department,
    };
    let by = By::Person(seat.person());
    let act = act(&seat, why);
    console.access.change_person(by, id, change, act, console.now()).await?;
    shown(&console, id).await
}

/// Why somebody does it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Why {
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Locks an account for good and ends its sessions at once.
#[utoipa::path(
    post,
    path = "/api/people/{id}/lock",
    tag = "people",
    params(("id" = i64, Path)),
    request_body = Why,
    responses(
        (status = 200, body = Account),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json",
            description = "The own account, or the last administrator."),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn lock(
    State(console): State<Console>,
    seat: Seat,
    RowId(id): RowId,
    JsonBody(why): JsonBody<Why>,
) -> Result<Json<Account>, Problem> {
    seat.may(Action::KeepPeople)?;
    let act = act(&seat, Some(reason(&why.reason)?));
    let by = By::Person(seat.person());
    console.access.lock_person(by, id, act, console.now()).await?;
    console.office.agent_changed(AgentId(id)).await?;
    shown(&console, id).await
}

/// Opens an account again, also one that wrong passwords locked.
#[utoipa::path(
    post,
    path = "/api/people/{id}/unlock",
    tag = "people",
    params(("id" = i64, Path)),
    request_body = Why,
    responses(
        (status = 200, body = Account),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn unlock(
    State(console): State<Console>,
    seat: Seat,
    RowId(id): RowId,
    JsonBody(why): JsonBody<Why>,
) -> Result<Json<Account>, Problem> {
    seat.may(Action::KeepPeople)?;
    let act = act(&seat, Some(reason(&why.reason)?));
    let by = By::Person(seat.person());
    console.access.unlock_person(by, id, act, console.now()).await?;
    console.office.agent_changed(AgentId(id)).await?;
    shown(&console, id).await
}

/// A password that is given.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordToGive {
    /// It has to be changed at the next sign-in.
    #[schema(value_type = String, format = Password)]
    password: Pii<String>,
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Gives an account another password, to be changed at the next sign-in; its sessions end.
#[utoipa::path(
    post,
    path = "/api/people/{id}/password",
    tag = "people",
    params(("id" = i64, Path)),
    request_body = PasswordToGive,
    responses(
        (status = 200, body = Account),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json",
            description = "The own password: PUT /api/session/password changes it."),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn give_password(
    State(console): State<Console>,
    seat: Seat,
    RowId(id): RowId,
    JsonBody(given): JsonBody<PasswordToGive>,
) -> Result<Json<Account>, Problem> {
    seat.may(Action::KeepPeople)?;
    if id == seat.person().id {
        return Err(Error::OwnAccount.into());
    }
    let act = act(&seat, Some(reason(&given.reason)?));
    let by = By::Person(seat.person());
    let first = FirstPassword::Given;
    console
        .access
        .give_password(by, id, given.password, first, act, console.now())
        .await?;
    shown(&console, id).await
}

fn act(seat: &Seat, reason: Option<String>) -> Act {
    Act {
        reason,
        address: seat.address.clone(),
        ..Act::default()
    }
}
