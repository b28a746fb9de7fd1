//! Somebody at the console: one connection, one session.

use std::net::SocketAddr;

use anyhow::{Context, ensure};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).chars().take(500).collect()
    }

    pub(crate) fn json(&self) -> anyhow::Result<Value> {
        serde_json::from_slice(&self.body).context("the answer is no JSON")
    }
}

/// A browser that is signed in. A clone has a connection of its own.
pub(crate) struct Browser {
    address: SocketAddr,
    cookie: String,
    csrf: String,
    connection: Option<SendRequest<Full<Bytes>>>,
}

impl Clone for Browser {
    fn clone(&self) -> Self {
        Self {
            address: self.address,
            cookie: self.cookie.clone(),
            csrf: self.csrf.clone(),
            connection: None,
        }
    }
}

impl Browser {
    pub(crate) async fn sign_in(address: SocketAddr, account: &str, password: &str) -> anyhow::Result<Self> {
        let mut browser = Self {
            address,
            cookie: String::new(),
            csrf: String::new(),
            connection: None,
        };
        let typed = serde_json::json!({ "account": account, "password": password });
        let request = browser.request(Method::POST, "/api/session", typed.to_string())?;
        let response = browser.send(request).await?;
        let cookie = response.headers().get("set-cookie").cloned();
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        ensure!(
            status == 200,
            "{account} cannot sign in: {status} {}",
            String::from_utf8_lossy(&body)
        );
        let cookie = cookie.context("a session is a cookie")?;
        browser.cookie = cookie.to_str()?.split(';').next().unwrap_or_default().to_owned();
        let said: Value = serde_json::from_slice(&body)?;
        browser.csrf = said["csrf"].as_str().context("a session has its header")?.to_owned();
        Ok(browser)
    }

    /// Asks and reads the whole answer.
    pub(crate) async fn get(&mut self, place: &str) -> anyhow::Result<Answer> {
        let request = self.request(Method::GET, place, String::new())?;
        self.answer(request).await
    }

    pub(crate) async fn post(&mut self, place: &str, body: &Value) -> anyhow::Result<Answer> {
        let request = self.request(Method::POST, place, body.to_string())?;
        self.answer(request).await
    }

    /// Asks for octets from one on, and waits for the first of them alone.
    pub(crate) async fn first_octets(&mut self, place: &str, from: u64) -> anyhow::Result<()> {
        let mut request = self.request(Method::GET, place, String::new())?;
        request
            .headers_mut()
            .insert("range", format!("bytes={from}-").parse().context("a range")?);
        let response = self.send(request).await?;
        ensure!(response.status() == 206, "{place}: {}", response.status());
        let mut body = response.into_body();
        let first = body.frame().await.context("there is sound")??;
        ensure!(
            first.data_ref().is_some_and(|octets| !octets.is_empty()),
            "nothing came"
        );
        // The rest is left where it is: the next question has a connection of its own.
        self.connection = None;
        Ok(())
    }

    async fn answer(&mut self, request: Request<Full<Bytes>>) -> anyhow::Result<Answer> {
        let response = self.send(request).await?;
        Ok(Answer {
            status: response.status().as_u16(),
            body: response.into_body().collect().await?.to_bytes(),
        })
    }

    fn request(&self, method: Method, place: &str, body: String) -> anyhow::Result<Request<Full<Bytes>>> {
        let request = Request::builder()
            .method(method)
            .uri(place)
            .header("host", self.address.to_string())
            .header("content-type", "application/json")
            .header("cookie", &self.cookie)
            .header("x-csrf-token", &self.csrf);
        Ok(request.body(Full::new(Bytes::from(body)))?)
    }

    async fn send(&mut self, request: Request<Full<Bytes>>) -> anyhow::Result<hyper::Response<hyper::body::Incoming>> {
        let usable = self.connection.take().filter(|connection| !connection.is_closed());
        let mut connection = match usable {
            Some(connection) => connection,
            None => {
                let stream = TcpStream::connect(self.address).await?;
                stream.set_nodelay(true)?;
                let (sender, connection) = handshake(TokioIo::new(stream)).await?;
                tokio::spawn(connection);
                sender
            }
        };
        connection.ready().await?;
        let response = connection.send_request(request).await?;
        self.connection = Some(connection);
        Ok(response)
    }
}
