//! A console that is served in the test's own process, and a browser that knows what it was told.

use std::net::SocketAddr;
use std::sync::Arc;

use aftercall::access::{Access, By, FirstPassword, NewPerson, Role};
use aftercall::calendar::{DEFAULT_ZONE, Hours};
use aftercall::config::{self, Protection};
use aftercall::engine::clock::Clock;
use aftercall::engine::{Office, open_store};
use aftercall::http::console::{self, Served};
use aftercall::pii::Pii;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{HeaderMap, Method, Request};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::house::within;
use crate::site::Site;

/// The password of everybody here.
pub(crate) const PASSWORD: &str = "yunxi-qiao-41";

/// A console with an administrator `chen` and a reviewer `wang`.
pub(crate) struct Counter {
    pub(crate) site: Site,
    pub(crate) office: Arc<Office>,
    pub(crate) served: Served,
}

impl Counter {
    pub(crate) async fn open(protection: Protection) -> Self {
        let site = Site::new();
        site.trunk(SocketAddr::from(([127, 0, 0, 1], 9)));
        let (settings, warnings) = config::load(&site.file("aftercall.toml")).unwrap();
        assert!(warnings.is_empty(), "{warnings:?}");
        let clock = Clock::start();
        let store = open_store(&settings, clock.clone()).await.unwrap();
        let office = Arc::new(Office::new(Arc::new(settings), store, clock, None, Hours::Windows));
        let settings = config::Console {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            protection,
            hospital: "云溪市人民医院".to_owned(),
            sessions: config::Sessions::default(),
        };
        let served = console::serve(&settings, DEFAULT_ZONE, Arc::clone(&office)).unwrap();
        let counter = Self { site, office, served };
        counter.person("chen", Role::Administrator, None).await;
        counter.person("wang", Role::Qa, None).await;
        counter
    }

    /// Makes an account whose person has chosen the password.
    pub(crate) async fn person(&self, account: &str, role: Role, department: Option<&str>) -> i64 {
        let new = NewPerson {
            account: account.to_owned(),
            name: format!("{account}老师"),
            role,
            department: department.map(str::to_owned),
            password: Pii::new(PASSWORD.to_owned()),
        };
        let access = Access::new(self.office.store().clone());
        let (by, now) = (By::Terminal("test"), self.office.clock().wall());
        access
            .add_person(by, new, FirstPassword::Chosen, None, now)
            .await
            .unwrap()
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser {
            address: self.served.address(),
            cookie: None,
            csrf: None,
        }
    }

    /// A browser with somebody signed in.
    pub(crate) async fn signed_in(&self, account: &str) -> Browser {
        let mut browser = self.browser();
        let answer = browser.sign_in(account, PASSWORD).await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        browser
    }

    pub(crate) async fn close(self) {
        self.served.stop().await;
        self.office.store().close().await;
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// A browser: it keeps the cookie and says the header that no other site can say.
#[derive(Clone, Debug)]
pub(crate) struct Browser {
    pub(crate) address: SocketAddr,
    pub(crate) cookie: Option<String>,
    pub(crate) csrf: Option<String>,
}

impl Browser {
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None, &[]).await
    }

    /// The octets of a file.
    pub(crate) async fn octets(&self, path: &str) -> Vec<u8> {
        let (answer, octets) = self.ask(Method::GET, path, None, &[]).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        octets.to_vec()
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body.to_string()), &[]).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(body.to_string()), &[]).await
    }

    pub(crate) async fn sign_in(&mut self, account: &str, password: &str) -> Answer {
        let typed = serde_json::json!({ "account": account, "password": password });
        let answer = self.post("/api/session", typed).await;
        if answer.status == 200 {
            let cookie = answer.header("set-cookie").split(';').next().unwrap();
            self.cookie = Some(cookie.to_owned());
            self.csrf = Some(answer.body["csrf"].as_str().unwrap().to_owned());
        }
        answer
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<String>, more: &[(&str, &str)]) -> Answer {
        self.ask(method, path, body, more).await.0
    }

    async fn ask(&self, method: Method, path: &str, body: Option<String>, more: &[(&str, &str)]) -> (Answer, Bytes) {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", self.address.to_string());
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        if let Some(csrf) = &self.csrf {
            request = request.header("x-csrf-token", csrf);
        }
        for (name, value) in more {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(Bytes::from(body.unwrap_or_default()))).unwrap();
        let stream = within(TcpStream::connect(self.address)).await.unwrap();
        let (mut sender, connection) = within(hyper::client::conn::http1::handshake(TokioIo::new(stream)))
            .await
            .unwrap();
        tokio::spawn(connection);
        let response = within(sender.send_request(request)).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = within(response.into_body().collect()).await.unwrap().to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let answer = Answer {
            status,
            headers,
            body: serde_json::from_str(&text).unwrap_or_default(),
            text,
        };
        (answer, bytes)
    }
}
