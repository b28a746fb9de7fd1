//! What stands around every request of the console: who may come in, how long it takes, what every answer carries.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::{Console, Seat, Transport};
use crate::http::Problem;

/// What is answered without a session; everything else under `/api` is not.
pub(super) const PUBLIC: [(Method, &str); 3] = [
    (Method::GET, "/api/health"),
    (Method::GET, "/api/openapi.json"),
    (Method::POST, "/api/session"),
];

/// A request is answered, at least begun to be, within this time.
const LONGEST: Duration = Duration::from_secs(120);
/// Of an answer that is no problem of ours so many octets are told.
const TOLD: usize = 1_000;

/// What the browser may load, and from where: our own and nothing else. Ant Design writes its styles into the page.
const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
     font-src 'self' data:; media-src 'self' blob:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; \
     base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

fn is_api(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

/// The outermost layer: headers on every answer, a problem for every fault.
pub(super) async fn surround(State(console): State<Console>, request: Request, next: Next) -> Response {
    let is_api = is_api(request.uri().path());
    // On a task of its own: a handler that breaks down ends alone, and one whose client has gone ends what it began.
    let answered = tokio::spawn(tokio::time::timeout(LONGEST, next.run(request))).await;
    let mut response = match answered {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            let why = format!("this took longer than {} s and was given up", LONGEST.as_secs());
            Problem::unreadable(StatusCode::SERVICE_UNAVAILABLE, why).into_response()
        }
        Err(_) => {
            let why = "the daemon broke down over this request; its log has the event `panicked`, and the others go on";
            Problem::unreadable(StatusCode::INTERNAL_SERVER_ERROR, why).into_response()
        }
    };
    if is_api {
        response = as_problem(response).await;
        let unless_said = HeaderValue::from_static("no-store");
        response
            .headers_mut()
            .entry(header::CACHE_CONTROL)
            .or_insert(unless_said);
    }
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    if console.transport == Transport::Tls {
        let year = HeaderValue::from_static("max-age=31536000");
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    response
}

/// An error of the framework in the words of ours.
async fn as_problem(response: Response) -> Response {
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_ours = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/problem+json"));
    if is_ours || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let text = axum::body::to_bytes(body, TOLD).await.unwrap_or_default();
    let mut problem = Problem::unreadable(status, String::from_utf8_lossy(&text)).into_response();
    for name in [header::ALLOW, header::RETRY_AFTER, header::CONTENT_RANGE] {
        if let Some(value) = parts.headers.get(&name) {
            problem.headers_mut().insert(name, value.clone());
        }
    }
    problem
}

/// Lets nobody in without a session, whatever stands behind, and nobody whom another site sends.
pub(super) async fn guard(State(console): State<Console>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    if let Err(problem) = from_here(&parts) {
        return problem.into_response();
    }
    if is_api(parts.uri.path()) && !is_public(&parts) {
        match Seat::take(&parts, &console).await {
            Ok(seat) => {
                parts.extensions.insert(seat);
            }
            Err(problem) => return problem.into_response(),
        }
    }
    next.run(Request::from_parts(parts, Body::new(body))).await
}

fn is_public(parts: &Parts) -> bool {
    let method = if parts.method == Method::HEAD {
        &Method::GET
    } else {
        &parts.method
    };
    PUBLIC
        .iter()
        .any(|(public, path)| public == method && *path == parts.uri.path())
}

/// Refuses what another site has a browser send. Programs that are no browser say nothing of this, and need not.
fn from_here(parts: &Parts) -> Result<(), Problem> {
    if parts.method.is_safe() {
        return Ok(());
    }
    let other_site = || {
        let why = "this request comes from another site; open the console itself";
        Problem::titled(StatusCode::FORBIDDEN, "another site", why)
    };
    let text = |headers: &HeaderMap, name: &str| -> Option<String> {
        headers.get(name).map(|value| value.to_str().unwrap_or("?").to_owned())
    };
    if text(&parts.headers, "sec-fetch-site").is_some_and(|site| !["same-origin", "none"].contains(&site.as_str())) {
        return Err(other_site());
    }
    if let Some(origin) = text(&parts.headers, "origin") {
        let host = parts.uri.authority().map(|host| host.as_str().to_owned());
        let host = host.or_else(|| text(&parts.headers, "host")).unwrap_or_default();
        let from = origin.split_once("://").map(|(_, from)| from).unwrap_or_default();
        if from.is_empty() || !from.eq_ignore_ascii_case(&host) {
            return Err(other_site());
        }
    }
    Ok(())
}
