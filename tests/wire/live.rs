//! Tonight's board over real sockets: it comes as events, ends with the session, and nobody else gets it; campaigns are turned.

use aftercall::access::Role;
use aftercall::config::Protection;
use hyper::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::browser::{Browser, Counter};
use crate::house::within;

/// Somebody who listens.
struct Ear {
    stream: TcpStream,
    heard: String,
}

impl Ear {
    async fn open(browser: &Browser, last: Option<&str>) -> Self {
        let mut stream = within(TcpStream::connect(browser.address)).await.unwrap();
        let cookie = browser.cookie.clone().unwrap_or_default();
        let last = last.map_or_else(String::new, |id| format!("last-event-id: {id}\r\n"));
        let head = format!(
            "GET /api/tonight/events HTTP/1.1\r\nhost: {}\r\ncookie: {cookie}\r\n{last}\r\n",
            browser.address
        );
        within(stream.write_all(head.as_bytes())).await.unwrap();
        Self {
            stream,
            heard: String::new(),
        }
    }

    /// Listens until it has heard this; what it heard up to there.
    async fn until(&mut self, what: &str) -> String {
        let mut octets = vec![0; 65_536];
        loop {
            if let Some(at) = self.heard.find(what) {
                return self.heard.drain(..at + what.len()).collect();
            }
            let count = within(self.stream.read(&mut octets)).await.unwrap();
            assert!(count > 0, "the stream ended before {what:?}: {}", self.heard);
            self.heard += &String::from_utf8_lossy(&octets[..count]);
        }
    }
}

#[tokio::test]
async fn the_board_comes_as_events_and_a_session_that_is_revoked_ends_them() {
    let counter = Counter::open(Protection::None).await;
    let chen = counter.signed_in("chen").await;
    let mut ear = Ear::open(&chen, None).await;
    let head = ear.until("\r\n\r\n").await;
    assert!(head.contains("200 OK") && head.contains("text/event-stream"), "{head}");
    let before = ear.until("event: board\n").await;
    let id = before
        .lines()
        .find_map(|line| line.strip_prefix("id: "))
        .unwrap()
        .to_owned();
    let board = ear.until("\n\n").await;
    assert!(board.contains("\"sums\"") && board.contains("\"preflight\""), "{board}");
    ear.until("event: beat\n").await;
    // Who comes back with what it was told last gets no second board.
    let mut again = Ear::open(&chen, Some(&id)).await;
    let told = again.until("event: beat\n").await;
    assert!(!told.contains("event: board"), "{told}");
    let out = chen.send(Method::DELETE, "/api/session", None, &[]).await;
    assert_eq!(out.status, 204);
    for mut ear in [ear, again] {
        ear.until("event: over\n").await;
        // The last piece of the body: the stream is over.
        ear.until("0\r\n\r\n").await;
    }
    counter.close().await;
}

#[tokio::test]
async fn the_board_is_one_answer_too_and_is_not_there_for_who_has_no_grant() {
    let counter = Counter::open(Protection::None).await;
    let board = counter.signed_in("chen").await.get("/api/tonight").await;
    assert_eq!(board.status, 200, "{board:?}");
    assert_eq!(board.body["night"]["phase"], "empty");
    assert_eq!(board.body["forecast"]["verdict"], "unknown");
    assert_eq!(board.body["sums"]["due"], 0);
    let wang = counter.signed_in("wang").await;
    for path in ["/api/tonight", "/api/tonight/events"] {
        assert_eq!(wang.get(path).await.status, 403, "{path}");
    }
    counter.close().await;
}

#[tokio::test]
async fn so_many_listen_and_no_more() {
    let counter = Counter::open(Protection::None).await;
    let chen = counter.signed_in("chen").await;
    let mut ears = Vec::new();
    for _ in 0..64 {
        let mut ear = Ear::open(&chen, None).await;
        ear.until("200 OK").await;
        ears.push(ear);
    }
    assert_eq!(chen.get("/api/tonight/events").await.status, 503);
    drop(ears);
    counter.close().await;
}

#[tokio::test]
async fn a_campaign_is_checked_and_refused_with_its_faults_and_turned_by_whom_it_is_granted() {
    let counter = Counter::open(Protection::None).await;
    counter.person("he.jing", Role::Supervisor, None).await;
    let he = counter.signed_in("he.jing").await;
    let text = "name = \"夜间\"\ndialplan = \"nothing.toml\"\ntrunk = \"nowhere\"\nlines = 0\n";
    let checked = he.post("/api/campaigns/check", json!({ "text": text })).await;
    assert_eq!(checked.status, 200, "{checked:?}");
    assert_eq!(checked.body["is_usable"], false);
    let fault = &checked.body["faults"][0];
    assert_eq!(
        (fault["line"].as_u64(), fault["is_warning"].as_bool()),
        (Some(4), Some(false)),
        "{checked:?}"
    );
    assert_eq!(
        fault["wrong"],
        json!({ "kind": "not_whole", "key": "lines", "found": "0", "low": 1, "high": 10_000 })
    );
    assert_eq!(he.post("/api/campaigns", json!({ "text": text })).await.status, 422);
    let list = he.get("/api/campaigns").await;
    assert_eq!(list.body["items"], json!([]));
    for (path, status) in [
        ("/api/campaigns?state=asleep", 400),
        ("/api/campaigns?rows=2", 400),
        ("/api/campaigns/1", 404),
        ("/api/campaigns/x", 404),
    ] {
        assert_eq!(he.get(path).await.status, status, "{path}");
    }
    let why = json!({ "reason": "演练" });
    assert_eq!(he.post("/api/campaigns/1/pause", why.clone()).await.status, 404);
    assert_eq!(
        he.post("/api/campaigns/1/pause", json!({ "reason": " " })).await.status,
        422
    );
    let all = he.post("/api/tonight/pause_all", why.clone()).await;
    assert_eq!(all.body["paused"], json!([]), "{all:?}");
    let chen = counter.signed_in("chen").await;
    assert_eq!(chen.get("/api/campaigns").await.status, 200);
    assert_eq!(chen.post("/api/tonight/pause_all", why.clone()).await.status, 403);
    assert_eq!(chen.post("/api/campaigns/1/stop", why).await.status, 403);
    counter.close().await;
}
