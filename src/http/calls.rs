//! `POST /v1/calls`: one call by hand, told line by line while it runs.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::Response;

use super::Problem;
use super::request::JsonBody;
use crate::engine::Office;
use crate::engine::office::{HandCallLines, HandCallRequest};

pub(super) async fn make(
    State(office): State<Arc<Office>>,
    JsonBody(request): JsonBody<HandCallRequest>,
) -> Result<Response, Problem> {
    let lines = office.call(request).await?;
    let body = Body::from_stream(Lines(lines));
    let response = Response::builder()
        .header(header::CONTENT_TYPE, "application/x-ndjson")
        .body(body);
    response.map_err(|error| Problem::bad_request(error.to_string()))
}

/// Lines of JSON as they come; it ends when the call is over. Whoever closes the connection before that hangs up.
struct Lines(HandCallLines);

impl futures_core::Stream for Lines {
    type Item = Result<Bytes, std::convert::Infallible>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.0.lines.poll_recv(context).map(|line| {
            line.map(|line| {
                let mut text = serde_json::to_string(&line).unwrap_or_default();
                text.push('\n');
                Ok(Bytes::from(text))
            })
        })
    }
}
