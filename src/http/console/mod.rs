//! The console's API: what people with accounts see and do. JSON over HTTPS under `/api`, described by OpenAPI.
//!
//! Every route but signing in takes a [`Seat`] and asks it what the person may do; what it reads is limited by the
//! [`crate::store::Visible`] that comes back. A page has a file here, one in `store/console/` and a folder in `web/`.

mod audit;
mod calls;
mod campaigns;
mod do_not_call;
mod files;
mod frame;
mod health;
mod integrity;
mod idempotency;
mod live;
mod instant;
mod page;
mod patients;
mod people;
mod repair;
mod reviews;
mod roles;
mod seat;
mod server;
mod session;
mod sessions;
mod tls;
mod tonight;
mod wording;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use chrono_tz::Tz;
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;

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

#[derive(OpenApi)]
#[openapi(
    info(title = "Aftercall", description = "Follow-up calls: the API of the console."),
    security(("session" = [])),
)]
struct Document;

fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::with_openapi(Document::openapi())
        .merge(audit::routes())
        .merge(calls::routes())
        .merge(campaigns::routes())
        .merge(integrity::routes())
        .merge(do_not_call::routes())
        .merge(health::routes())
        .merge(patients::routes())
        .merge(people::routes())
        .merge(repair::routes())
        .merge(reviews::routes())
        .merge(roles::routes())
        .merge(session::routes())
        .merge(sessions::routes())
        .merge(tonight::routes())
}

/// The description of the API, as OpenAPI 3.1.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let (_, mut document) = routes().split_for_parts();
    name_operations(&mut document);
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(seat::COOKIE)));
    document
        .components
        .get_or_insert_default()
        .add_security_scheme("session", cookie);
    document
}

/// Handlers are named within their file; in the description each operation has a name of its own, made of method and path.
fn name_operations(document: &mut utoipa::openapi::OpenApi) {
    for (path, item) in &mut document.paths.paths {
        let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty() && *word != "api");
        let place = words.collect::<Vec<_>>().join("_");
        let operations = [
            ("get", &mut item.get),
            ("put", &mut item.put),
            ("post", &mut item.post),
            ("delete", &mut item.delete),
            ("patch", &mut item.patch),
            ("head", &mut item.head),
        ];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                operation.operation_id = Some(format!("{method}_{place}"));
            }
        }
    }
}

/// The same as text, as it is committed and served.
pub fn openapi_text() -> String {
    let text = serde_json::to_string_pretty(&openapi()).unwrap_or_default();
    format!("{text}\n")
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
