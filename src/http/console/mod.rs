//! The console's API: what people with accounts see and do. JSON over HTTPS under `/api`, described by OpenAPI.
//!
//! Every route but signing in takes a [`Seat`] and asks it what the person may do; what it reads is limited by the
//! [`crate::store::Visible`] that comes back. A page has a file here, one in `store/console/` and a folder in `web/`.

mod do_not_call;
mod instant;
mod page;
mod patients;
mod repair;
mod seat;
mod session;
mod wording;

use std::sync::Arc;

use axum::Router;
use chrono_tz::Tz;
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;

pub(in crate::http) use page::{Cursor, Page};
pub(in crate::http) use seat::Seat;

use crate::access::Access;
use crate::engine::Office;
use crate::moment::Wall;

/// What every route of the console may ask.
#[derive(Clone, Debug)]
pub struct Console {
    /// Where people's requests are carried out.
    pub office: Arc<Office>,
    /// Who may do what.
    pub access: Access,
    /// The hospital's time zone.
    pub zone: Tz,
}

impl Console {
    /// The time of this request.
    pub fn now(&self) -> Wall {
        self.office.clock().wall()
    }
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Aftercall", description = "Follow-up calls: the API of the console."),
    security(("session" = [])),
)]
struct Document;

fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::with_openapi(Document::openapi())
        .merge(do_not_call::routes())
        .merge(patients::routes())
        .merge(repair::routes())
        .merge(session::routes())
}

/// The description of the API, as OpenAPI 3.1.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let (_, mut document) = routes().split_for_parts();
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(seat::COOKIE)));
    document
        .components
        .get_or_insert_default()
        .add_security_scheme("session", cookie);
    document
}

/// The routes of the API.
pub(in crate::http) fn api(console: Console) -> Router {
    let (router, _) = routes().split_for_parts();
    router
        .fallback(super::no_such_place)
        .method_not_allowed_fallback(super::no_such_method)
        .with_state(console)
}
