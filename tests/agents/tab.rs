//! A tab of a browser at the desk: signed in, told of every change by server-sent events, and able to order.

use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use crate::rig::journal::Journal;

/// Whatever is asked is answered within this time, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(30);

/// The tab.
#[derive(Debug)]
pub(crate) struct Tab {
    runtime: Runtime,
    site: Visitor,
    /// What `GET /api/desk/live` told, each entry the whole of it.
    pub(crate) live: Journal<Value>,
}

/// Who asks, and where.
#[derive(Clone, Debug)]
struct Visitor {
    address: SocketAddr,
    cookie: String,
    csrf: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Tab {
    /// Signs in and listens.
    pub(crate) fn open(address: SocketAddr, account: &str, password: &str) -> Self {
        let mut tab = Self::signed_in(address, account, password);
        tab.listen();
        tab
    }

    /// Signs in with a password that was given, and chooses another.
    pub(crate) fn choose_password(address: SocketAddr, account: &str, given: &str, chosen: &str) {
        let tab = Self::signed_in(address, account, given);
        let change = json!({ "old": given, "new": chosen });
        let answer = tab.send(&Method::PUT, "/api/session/password", Some(&change));
        assert_eq!(answer.status, 204, "{answer:?}");
    }

    fn signed_in(address: SocketAddr, account: &str, password: &str) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let mut site = Visitor {
            address,
            cookie: String::new(),
            csrf: String::new(),
        };
        let typed = json!({ "account": account, "password": password });
        let (cookie, body) = runtime.block_on(async {
            let response = site.ask(&Method::POST, "/api/session", Some(&typed)).await;
            let status = response.status().as_u16();
            let cookie = response.headers().get("set-cookie");
            let cookie = cookie.map_or("", |cookie| cookie.to_str().unwrap());
            let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
            let body = read(response).await;
            assert_eq!(status, 200, "{account} cannot sign in: {body}");
            (cookie, body)
        });
        site.cookie = cookie;
        site.csrf = body["csrf"].as_str().unwrap_or_default().to_owned();
        Self {
            runtime,
            site,
            live: Journal::new(),
        }
    }

    fn listen(&mut self) {
        let (site, live) = (self.site.clone(), self.live.clone());
        thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(follow(&site, &live));
            live.end();
        });
        // Everything comes at once, then what changes.
        let begun = self.live.wait(0, PATIENCE, |_| true);
        assert!(begun.is_some(), "the desk tells nothing by itself");
    }

    /// The desk as it is now.
    pub(crate) fn desk(&self) -> Value {
        let answer = self.send(&Method::GET, "/api/desk", None);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body
    }

    /// Orders something at the desk.
    pub(crate) fn order(&self, what: &str, body: &Value) -> Answer {
        self.send(&Method::POST, &format!("/api/desk/{what}"), Some(body))
    }

    /// Orders something that is done; the desk as it is then.
    pub(crate) fn done(&self, what: &str, body: &Value) -> Value {
        let answer = self.order(what, body);
        assert_eq!(answer.status, 200, "{what} {body}: {answer:?}");
        answer.body
    }

    fn send(&self, method: &Method, path: &str, body: Option<&Value>) -> Answer {
        self.runtime.block_on(async {
            let response = self.site.ask(method, path, body).await;
            let status = response.status().as_u16();
            let body = read(response).await;
            Answer { status, body }
        })
    }

    /// Waits until the screen shows a state that is wanted, from place `from` on; `None` when the limit passes.
    pub(crate) fn until(
        &self,
        from: usize,
        limit: Duration,
        is_it: impl FnMut(&Value) -> bool,
    ) -> Option<(Value, usize)> {
        self.live.wait(from, limit, is_it)
    }
}

impl Visitor {
    async fn ask(&self, method: &Method, path: &str, body: Option<&Value>) -> Response<Incoming> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", self.address.to_string())
            .header("content-type", "application/json")
            .header("cookie", &self.cookie)
            .header("x-csrf-token", &self.csrf);
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = request.body(Full::new(Bytes::from(body))).unwrap();
        let asked = async {
            let stream = TcpStream::connect(self.address).await.unwrap();
            let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
                .await
                .unwrap();
            tokio::spawn(connection);
            sender.send_request(request).await.unwrap()
        };
        timeout(PATIENCE, asked)
            .await
            .unwrap_or_else(|_| panic!("{method} {path} is not answered within {PATIENCE:?}"))
    }
}

async fn read(response: Response<Incoming>) -> Value {
    let bytes = timeout(PATIENCE, response.into_body().collect())
        .await
        .unwrap()
        .unwrap()
        .to_bytes();
    let text = String::from_utf8_lossy(&bytes);
    serde_json::from_str(&text).unwrap_or_else(|_| Value::String(text.into_owned()))
}

/// Reads the events until the daemon ends them; keeps what stands after each.
async fn follow(site: &Visitor, live: &Journal<Value>) {
    let mut body = site.ask(&Method::GET, "/api/desk/live", None).await.into_body();
    let (mut came, mut stands) = (String::new(), json!({}));
    while let Some(Ok(frame)) = body.frame().await {
        let Some(data) = frame.data_ref() else { continue };
        came += &String::from_utf8_lossy(data);
        while let Some((event, rest)) = came
            .split_once("\n\n")
            .map(|(event, rest)| (event.to_owned(), rest.to_owned()))
        {
            came = rest;
            let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
            let Some(Ok(Value::Object(told))) = field("data:").map(serde_json::from_str) else {
                continue;
            };
            for (member, value) in told {
                stands[member] = value;
            }
            if matches!(field("event:"), Some("board" | "change")) {
                live.push(stands.clone());
            }
        }
    }
}
