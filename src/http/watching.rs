//! `GET /metrics`, `/healthz`, `/readyz` and `/v1/alarms`; the first three also over TCP on loopback.

use std::future::Future;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use tokio::net::TcpListener;

use super::Problem;
use crate::engine::Office;
use crate::engine::office::{METRICS_TYPE, Notice};

/// What may be read without being the owner of the data folder: it names no patient.
pub(super) fn routes() -> Router<Arc<Office>> {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(health))
        .route("/readyz", get(readiness))
}

/// Serves metrics and health alone until `stop` completes.
pub async fn serve_watchers(
    listener: TcpListener,
    office: Arc<Office>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let router = routes()
        .fallback(super::no_such_place)
        .method_not_allowed_fallback(super::no_such_method)
        .with_state(office);
    axum::serve(listener, router).with_graceful_shutdown(stop).await
}

async fn metrics(State(office): State<Arc<Office>>) -> Result<Response, Problem> {
    let text = office.metrics().await?;
    Ok(([(header::CONTENT_TYPE, METRICS_TYPE)], text).into_response())
}

async fn health(State(office): State<Arc<Office>>) -> Response {
    let check = office.health();
    (status(check.ok), Json(check)).into_response()
}

async fn readiness(State(office): State<Arc<Office>>) -> Response {
    let readiness = office.readiness();
    (status(readiness.ready), Json(readiness)).into_response()
}

pub(super) async fn alarms(State(office): State<Arc<Office>>) -> Json<Vec<Notice>> {
    Json(office.alarms())
}

const fn status(ok: bool) -> StatusCode {
    if ok {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    }
}
