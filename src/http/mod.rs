//! JSON over HTTP: how other commands speak to the running daemon, and, in `console/`, how people with a browser do.
//!
//! Commands use a Unix socket in the data folder that only its owner may open (0600); the console has an address of its
//! own. Errors are `application/problem+json` (RFC 9457); a call by hand is told as newline-delimited JSON while it runs.

mod accounts;
mod calls;
mod campaigns;
mod client;
pub mod console;
mod operators;
mod people;
mod phones;
mod problem;
mod records;
mod request;
mod rules;
mod status;
mod thaw;
mod watching;

use std::future::Future;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use tokio::net::UnixListener;

pub use client::{Client, ClientError};
pub use problem::Problem;
pub(in crate::http) use problem::timestamp;
pub use records::{EraseRequest, FolderRequest, IntegrityRequest};
pub use watching::serve_watchers;

use crate::engine::Office;

/// An uploaded list may have this many bytes; larger ones are refused before they are read.
const BODY_BYTES: usize = 200 * 1024 * 1024;

/// The socket of the daemon that owns a data folder.
pub fn socket_of(data: &Path) -> PathBuf {
    data.join("aftercall.sock")
}

/// Binds the socket, replacing one that a dead daemon left. Only the holder of the data folder's lock may call it.
pub fn listen(data: &Path) -> std::io::Result<UnixListener> {
    let path = socket_of(data);
    match std::fs::remove_file(&path) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Removes the socket; the last thing that its daemon does with it. One that stays is replaced by the next daemon.
pub fn leave(data: &Path) {
    // Whoever connects to a socket without a daemon is told so.
    drop(std::fs::remove_file(socket_of(data)));
}

/// Serves until `stop` completes.
pub async fn serve(
    listener: UnixListener,
    office: Arc<Office>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let routes = router(office).into_make_service_with_connect_info::<operators::Peer>();
    axum::serve(listener, routes).with_graceful_shutdown(stop).await
}

async fn no_such_place(uri: Uri) -> Problem {
    Problem::unreadable(StatusCode::NOT_FOUND, format!("there is nothing at {}", uri.path()))
}

async fn no_such_method(method: Method, uri: Uri) -> Problem {
    Problem::unreadable(
        StatusCode::METHOD_NOT_ALLOWED,
        format!("{} does not take {method}", uri.path()),
    )
}

fn router(office: Arc<Office>) -> Router {
    watching::routes()
        .route("/v1/accounts", post(accounts::carry_out))
        .route("/v1/agents", post(accounts::carry_out_agent))
        .route("/v1/alarms", get(watching::alarms))
        .route("/v1/status", get(status::show))
        .route("/v1/campaigns", post(campaigns::add))
        .route("/v1/campaigns/{name}/start", post(campaigns::start))
        .route("/v1/campaigns/{name}/pause", post(campaigns::pause))
        .route("/v1/campaigns/{name}/resume", post(campaigns::resume))
        .route("/v1/campaigns/{name}/stop", post(campaigns::stop))
        .route("/v1/campaigns/{name}/import", post(campaigns::import))
        .route("/v1/dnc", post(people::add_dnc))
        .route("/v1/dnc/remove", post(people::remove_dnc))
        .route("/v1/dnc/import", post(people::import_dnc))
        .route("/v1/phones", post(phones::change))
        .route("/v1/patients/state", post(people::set_state))
        .route("/v1/patients/state/clear", post(people::clear_state))
        .route("/v1/appointments", post(people::set_appointment))
        .route("/v1/appointments/remove", post(people::remove_appointment))
        .route("/v1/hours", get(status::hours))
        .route("/v1/store", get(status::store))
        .route("/v1/thaw", get(thaw::show).post(thaw::thaw))
        .route("/v1/calls", post(calls::make))
        .route("/v1/purge", post(records::purge))
        .route("/v1/erase", post(records::erase))
        .route("/v1/integrity", post(records::integrity))
        .route("/v1/holds", post(records::hold))
        .route("/v1/holds/end", post(records::end_hold))
        .route("/v1/recordings", get(records::last_folder).post(records::reconcile))
        .route("/v1/rules", post(rules::add))
        .route("/v1/rules/turn", post(rules::turn))
        .route("/v1/rules/draw", post(rules::draw))
        .route("/v1/switches", post(rules::switch))
        .route("/v1/follow-ups", post(rules::follow_up))
        .fallback(no_such_place)
        .method_not_allowed_fallback(no_such_method)
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(from_fn_with_state(Arc::clone(&office), operators::note))
        .with_state(office)
}
