//! The other end: a command that speaks to the running daemon over its socket.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::UnixStream;

use super::Problem;

/// A door to the daemon that owns a data folder.
#[derive(Clone, Debug)]
pub struct Client {
    socket: PathBuf,
}

/// Why the daemon did not do it.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody listens.
    #[error("the daemon holds the data folder but does not listen on {socket}: {source}")]
    Unreachable {
        /// The socket.
        socket: String,
        /// The system's word.
        source: std::io::Error,
    },
    /// The daemon said no.
    #[error("{}", .0.detail)]
    Refused(Problem),
    /// The connection broke, or what came was not what was expected.
    #[error("the daemon's answer cannot be read: {0}")]
    Broken(String),
}

impl Client {
    /// The daemon of this data folder; nothing is sent yet.
    pub fn new(data: &Path) -> Self {
        Self {
            socket: super::socket_of(data),
        }
    }

    /// GET.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        let response = self.send(Method::GET, path, Bytes::new()).await?;
        read(response).await
    }

    /// POST of a value.
    pub async fn post<T: DeserializeOwned>(&self, path: &str, value: &impl Serialize) -> Result<T, ClientError> {
        let body = serde_json::to_vec(value).map_err(|error| ClientError::Broken(error.to_string()))?;
        let response = self.send(Method::POST, path, Bytes::from(body)).await?;
        read(response).await
    }

    /// POST of a file's bytes.
    pub async fn post_bytes<T: DeserializeOwned>(&self, path: &str, bytes: Vec<u8>) -> Result<T, ClientError> {
        let response = self.send(Method::POST, path, Bytes::from(bytes)).await?;
        read(response).await
    }

    /// POST of a value whose answer is lines of JSON, each given to `line` as it comes, until it breaks off. Dropped
    /// before its end, it closes the connection: the daemon then hangs up.
    pub async fn post_lines<T: DeserializeOwned>(
        &self,
        path: &str,
        value: &impl Serialize,
        mut line: impl FnMut(T) -> ControlFlow<()>,
    ) -> Result<(), ClientError> {
        let body = serde_json::to_vec(value).map_err(|error| ClientError::Broken(error.to_string()))?;
        let mut response = self.send(Method::POST, path, Bytes::from(body)).await?;
        if !response.status().is_success() {
            return read::<()>(response).await;
        }
        let mut rest = Vec::new();
        while let Some(frame) = response.body_mut().frame().await {
            let frame = frame.map_err(|error| ClientError::Broken(error.to_string()))?;
            rest.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
            while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                let text: Vec<u8> = rest.drain(..=end).collect();
                let read = serde_json::from_slice(&text).map_err(|error| ClientError::Broken(error.to_string()))?;
                if line(read).is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    async fn send(&self, method: Method, path: &str, body: Bytes) -> Result<Response<Incoming>, ClientError> {
        let unreachable = |source| ClientError::Unreachable {
            socket: self.socket.display().to_string(),
            source,
        };
        let stream = UnixStream::connect(&self.socket).await.map_err(unreachable)?;
        let broken = |error: hyper::Error| ClientError::Broken(error.to_string());
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(broken)?;
        tokio::spawn(connection);
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "aftercall")
            .header("content-type", "application/json")
            .body(Full::new(body))
            .map_err(|error| ClientError::Broken(error.to_string()))?;
        sender.send_request(request).await.map_err(broken)
    }
}

async fn read<T: DeserializeOwned>(response: Response<Incoming>) -> Result<T, ClientError> {
    let status = response.status();
    let body = response
        .into_body()
        .collect()
        .await
        .map_err(|error| ClientError::Broken(error.to_string()))?;
    let bytes = body.to_bytes();
    if status.is_success() {
        serde_json::from_slice(&bytes).map_err(|error| ClientError::Broken(error.to_string()))
    } else {
        let problem = serde_json::from_slice(&bytes).unwrap_or_else(|_| Problem {
            title: status.to_string(),
            status: status.as_u16(),
            detail: String::from_utf8_lossy(&bytes).into_owned(),
            tries_left: None,
            until_at: None,
        });
        Err(ClientError::Refused(problem))
    }
}
