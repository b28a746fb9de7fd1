//! The console's API: what people with accounts see and do. JSON over HTTPS under `/api`, described by OpenAPI.
//!
//! Every route but signing in takes a [`Seat`] and asks it what the person may do; what it reads is limited by the
//! [`crate::store::Visible`] that comes back. A page has a file here, one in `store/console/` and a folder in `web/`.

mod agents;
mod audit;
mod call_backs;
mod calls;
mod campaigns;
mod desk;
mod do_not_call;
mod files;
mod frame;
mod health;
mod idempotency;
mod imports;
mod instant;
mod integrity;
mod live;
mod offline;
mod openapi;
mod page;
mod patients;
mod pauses;
mod people;
mod repair;
mod reports;
mod reviews;
mod roles;
mod seat;
mod server;
mod session;
mod sessions;
mod settings;
mod tickets;
mod tls;
mod tonight;
mod wording;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use chrono_tz::Tz;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

pub use openapi::{openapi, openapi_text};
pub(in crate::http) use page::{Cursor, Page};
pub(in crate::http) use seat::Seat;
pub use server::{ServeError, Served, serve};
pub use tls::{CERTIFICATE, KEY, TlsError};

use crate::access::Access;
use crate::engine::Office;
use crate::moment::Wall;

/// A body may have this many bytes; a route that takes more says so itself.
const BODY_BYTES: usize = 1024 * 1024;

/// What every route of the console may ask.
#[derive(Clone, Debug)]
pub struct Console {
    /// Where people's requests are carried out.
    pub office: Arc<Office>,
    /// Who may do what.
    pub access: Access,
    /// The hospital's time zone.
    pub zone: Tz,
    /// The hospital's name.
    pub hospital: String,
    /// How it is served.
    pub transport: Transport,
}

/// How the console is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Over TLS.
    Tls,
    /// Without; on loopback only.
    Plain,
}

impl Console {
    /// The time of this request.
    pub fn now(&self) -> Wall {
        self.office.clock().wall()
    }
}

fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::with_openapi(openapi::Document::openapi())
        .merge(audit::routes())
        .merge(call_backs::routes())
        .merge(calls::routes())
        .merge(campaigns::routes())
        .merge(desk::routes())
        .merge(health::routes())
        .merge(integrity::routes())
        .merge(do_not_call::routes())
        .merge(imports::routes())
        .merge(offline::routes())
        .merge(patients::routes())
        .merge(pauses::routes())
        .merge(people::routes())
        .merge(agents::routes())
        .merge(repair::routes())
        .merge(reports::routes())
        .merge(reviews::routes())
        .merge(roles::routes())
        .merge(session::routes())
        .merge(sessions::routes())
        .merge(settings::routes())
        .merge(tickets::routes())
        .merge(tonight::routes())
}

/// The routes of the API and the pages, with what stands around them.
pub(in crate::http) fn api(console: Console) -> Router {
    let (router, _) = routes().split_for_parts();
    let once = (console.clone(), idempotency::UnderWay::default());
    router
        .fallback(files::answer)
        .method_not_allowed_fallback(super::no_such_method)
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(from_fn_with_state(once, idempotency::once))
        .layer(from_fn_with_state(console.clone(), frame::guard))
        .layer(from_fn_with_state(console.clone(), frame::surround))
        .with_state(console)
}
