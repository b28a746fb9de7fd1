//! `Idempotency-Key`: a request that creates, sent again, is answered as before and creates nothing twice.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::{Console, Seat};
use crate::http::Problem;
use crate::store::console::answered::{Answered, Known, RequestKey};

/// The header.
const KEY: &str = "idempotency-key";
/// What an answer carries that was given before.
const REPLAYED: &str = "idempotency-replayed";
/// Letters of a key at most.
const LETTERS: usize = 128;
/// What is asked under a key has so many octets at most.
const ASKED_BYTES: usize = 1024 * 1024;
/// An answer is kept up to so many octets.
const KEPT_BYTES: u64 = 256 * 1024;

/// Requests under way that have a key.
#[derive(Clone, Debug, Default)]
pub(super) struct UnderWay(Arc<Mutex<BTreeSet<RequestKey>>>);

impl UnderWay {
    /// Begins a request; none: the same one is under way.
    fn begin(&self, request: &RequestKey) -> Option<Turn> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(request.clone()).then(|| Turn {
            all: self.clone(),
            request: request.clone(),
        })
    }
}

/// A request under way; over when it is dropped, however it ends.
struct Turn {
    all: UnderWay,
    request: RequestKey,
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut all = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(&self.request);
    }
}

/// The layer: stands behind the guard, so that whoever asks is known.
pub(super) async fn once(
    State((console, under_way)): State<(Console, UnderWay)>,
    request: Request,
    next: Next,
) -> Response {
    let seat = request.extensions().get::<Seat>();
    match (request.method() == Method::POST, request.headers().get(KEY), seat) {
        (true, Some(key), Some(seat)) => {
            let named = RequestKey {
                account_id: seat.person().id,
                route: request.uri().path().to_owned(),
                key: String::from_utf8_lossy(key.as_bytes()).into_owned(),
            };
            answer_once(&console, &under_way, named, request, next)
                .await
                .unwrap_or_else(IntoResponse::into_response)
        }
        _ => next.run(request).await,
    }
}

async fn answer_once(
    console: &Console,
    under_way: &UnderWay,
    named: RequestKey,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let is_key = (1..=LETTERS).contains(&named.key.len()) && named.key.bytes().all(|b| b.is_ascii_graphic());
    if !is_key {
        let why = format!("{KEY} has 1 to {LETTERS} letters of ASCII without blanks, such as a UUID");
        return Err(Problem::bad_request(why));
    }
    let Some(_turn) = under_way.begin(&named) else {
        let why = "a request with this Idempotency-Key is under way; wait for its answer";
        return Err(Problem::titled(StatusCode::CONFLICT, "under way", why));
    };
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, ASKED_BYTES).await.map_err(|_| {
        let why = format!("a request with an Idempotency-Key has at most {ASKED_BYTES} octets; leave the key away");
        Problem::unreadable(StatusCode::PAYLOAD_TOO_LARGE, why)
    })?;
    let asked = sha256(&parts.headers, &body);
    let store = console.access.store();
    match store.begin_request(named.clone(), asked.clone(), console.now()).await? {
        Known::New => {}
        Known::Answered(before) => return Ok(replay(before)),
        Known::Other => {
            let why = "this Idempotency-Key was used for another request; take a new one";
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return Err(Problem::titled(status, "key used before", why));
        }
        Known::CutShort => {
            let why = "the service ended while this request was carried out: look whether it was created, and if not, send it \
                       with a new Idempotency-Key";
            return Err(Problem::titled(StatusCode::CONFLICT, "cut short", why));
        }
    }
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    keep(console, named, asked, response).await
}

fn replay(before: Answered) -> Response {
    let status = StatusCode::from_u16(before.status).unwrap_or(StatusCode::OK);
    let headers = [
        (header::CONTENT_TYPE.as_str(), before.kind),
        (REPLAYED, "true".to_owned()),
    ];
    (status, headers, before.body).into_response()
}

/// Keeps what was created. Anything else may be asked again: a refusal created nothing, and a revealed field is not kept.
async fn keep(console: &Console, named: RequestKey, asked: String, response: Response) -> Result<Response, Problem> {
    let size = response.body().size_hint().exact();
    let store = console.access.store();
    if response.status() != StatusCode::CREATED || size.is_none_or(|size| size > KEPT_BYTES) {
        drop(store.forget_request(named).await);
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let broken = |_| Problem::unreadable(StatusCode::INTERNAL_SERVER_ERROR, "the answer broke off");
    let body = axum::body::to_bytes(body, ASKED_BYTES).await.map_err(broken)?;
    let kind = parts
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let answer = Answered {
        body_sha256: asked,
        status: parts.status.as_u16(),
        kind: kind.unwrap_or("application/json").to_owned(),
        body: body.to_vec(),
    };
    // It was created: whether the answer could be kept or not, that is what is told.
    drop(store.keep_answer(named, answer, console.now()).await);
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn sha256(headers: &HeaderMap, body: &[u8]) -> String {
    let mut digest = Sha256::new();
    digest.update(
        headers
            .get(header::CONTENT_TYPE)
            .map_or(&[][..], |kind| kind.as_bytes()),
    );
    digest.update([0]);
    digest.update(body);
    digest.finalize().iter().map(|octet| format!("{octet:02x}")).collect()
}
