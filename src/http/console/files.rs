//! The pages themselves: `web/dist`, embedded at build time; without it a word on how to build it.

use axum::body::Body;
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::http::Problem;

#[derive(RustEmbed)]
#[folder = "web/dist"]
#[allow_missing = true]
struct Dist;

/// What every page says when the console was built without its pages.
const NOT_BUILT: &str = "这个程序没有包含管理界面 (web/dist)。请先安装 Node 20，然后运行：
    scripts/setup console
    cargo build --release
接口在 /api 下照常可用，说明见 /api/openapi.json。

This program was built without the pages of the console (web/dist). Install Node 20, then:
    scripts/setup console
    cargo build --release
The API under /api works all the same; /api/openapi.json describes it.
";

/// The page that every route of the console begins with.
const INDEX: &str = "index.html";

/// Files whose names carry a hash of what is in them: they never change.
fn is_hashed(path: &str) -> bool {
    path.starts_with("assets/")
}

/// Answers what is no route of the API: a file, or the page that draws the route.
pub(super) async fn answer(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path();
    if path == "/api" || path.starts_with("/api/") {
        return crate::http::no_such_place(uri).await.into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        return crate::http::no_such_method(method, uri).await.into_response();
    }
    let asked = path.trim_start_matches('/');
    let is_file = asked.rsplit('/').next().is_some_and(|name| name.contains('.'));
    if is_file && asked != INDEX {
        return match file(asked, &headers) {
            Some(response) => response,
            None => Problem::unreadable(StatusCode::NOT_FOUND, "there is no such file").into_response(),
        };
    }
    file(INDEX, &headers).unwrap_or_else(not_built)
}

fn not_built() -> Response {
    let kind = (
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    (StatusCode::SERVICE_UNAVAILABLE, [kind], NOT_BUILT).into_response()
}

/// How a file may be packed, the smallest first: the ending of its packed brother, and the word of the header.
const PACKED: [(&str, &str); 2] = [(".br", "br"), (".gz", "gzip")];

fn file(path: &str, headers: &HeaderMap) -> Option<Response> {
    let plain = Dist::get(path)?;
    let accepted = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|accepted| accepted.to_str().ok())
        .unwrap_or_default();
    let takes = |word: &str| {
        accepted
            .split(',')
            .any(|one| one.split(';').next().unwrap_or_default().trim() == word)
    };
    let packed = PACKED
        .into_iter()
        .filter(|(_, word)| takes(word))
        .find_map(|(ending, word)| Some((Dist::get(&format!("{path}{ending}"))?, word)));
    let kind = plain.metadata.mimetype().to_owned();
    let (file, encoding) = match packed {
        Some((file, word)) => (file, Some(word)),
        None => (plain, None),
    };
    let tag = tag(&file);
    let caching = if is_hashed(path) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let mut answer = Response::builder()
        .header(header::CACHE_CONTROL, caching)
        .header(header::VARY, "accept-encoding")
        .header(header::ETAG, &tag);
    let known = headers.get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok());
    if known.is_some_and(|known| known.split(',').any(|one| one.trim() == tag)) {
        return answer.status(StatusCode::NOT_MODIFIED).body(Body::empty()).ok();
    }
    answer = answer.header(header::CONTENT_TYPE, with_charset(&kind));
    if let Some(encoding) = encoding {
        answer = answer.header(header::CONTENT_ENCODING, encoding);
    }
    answer.body(Body::from(file.data)).ok()
}

fn with_charset(kind: &str) -> String {
    if kind.starts_with("text/") {
        format!("{kind}; charset=utf-8")
    } else {
        kind.to_owned()
    }
}

fn tag(file: &EmbeddedFile) -> String {
    let hash: String = file
        .metadata
        .sha256_hash()
        .iter()
        .take(16)
        .map(|octet| format!("{octet:02x}"))
        .collect();
    format!("\"{hash}\"")
}
