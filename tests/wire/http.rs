//! The daemon's socket: who may open it, what it takes, what it says to what it does not take.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener as StdUnixListener;
use std::path::Path;
use std::sync::Arc;

use aftercall::call::Observed;
use aftercall::control::Told;
use aftercall::engine::Snapshot;
use aftercall::engine::office::{Added, CallLine, Imported, Started};
use aftercall::http::{self, Client, ClientError};
use serde_json::Value;
use std::ops::ControlFlow;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::calls::request;
use crate::house::{House, ended, within};
use crate::records;
use crate::site::{CAMPAIGN, Site};

const TALKS: &str = r#"
[[behaviour]]
name = "completes"
numbers = "1380*"
press_after = "100ms"
[[behaviour]]
name = "listens"
numbers = "1390*"
keys = { identity = "none" }
"#;

/// The house with its door open.
struct Door {
    house: House,
    client: Client,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Door {
    async fn open() -> Self {
        let house = House::open(TALKS).await;
        let listener = http::listen(&house.site.data()).unwrap();
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(http::serve(listener, Arc::clone(&house.office), async {
            drop(stopped.await)
        }));
        let client = Client::new(&house.site.data());
        Self {
            house,
            client,
            stop,
            serving,
        }
    }

    async fn close(self) -> Site {
        drop(self.stop);
        within(self.serving).await.unwrap().unwrap();
        let (site, ..) = self.house.close().await;
        site
    }
}

/// What comes back to a request as it stands: status line with head, and body.
async fn ask(socket: &Path, request: &str) -> (String, String) {
    let mut stream = UnixStream::connect(socket).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    within(stream.read_to_string(&mut answer)).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_lowercase(), body.to_owned())
}

fn post(path: &str, kind: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: aftercall\r\nConnection: close\r\nContent-Type: {kind}\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_is_added_filled_started_and_watched_through_the_socket() {
    let door = Door::open().await;
    let socket = http::socket_of(&door.house.site.data());
    assert_eq!(socket.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let added: Added = door
        .client
        .post("/v1/campaigns", &door.house.campaign_text())
        .await
        .unwrap();
    assert_eq!(added.name, CAMPAIGN);
    let list = door.house.site.list(&["13800000001"]);
    let path = format!("/v1/campaigns/{CAMPAIGN}/import?file=list.csv&due=now");
    let imported: Imported = door.client.post_bytes(&path, list.into_bytes()).await.unwrap();
    assert_eq!(imported.cases, 1);
    let mut told = door.house.follow();
    let started: Started = door
        .client
        .post(&format!("/v1/campaigns/{CAMPAIGN}/start"), &())
        .await
        .unwrap();
    assert_eq!((started.open, started.dialing), (1, true));
    assert_eq!(started.notes, ["test mode: calling windows are ignored"]);
    let again = door
        .client
        .post::<Added>("/v1/campaigns", &door.house.campaign_text())
        .await
        .unwrap_err();
    let ClientError::Refused(problem) = again else {
        panic!("{again:?}")
    };
    assert_eq!(problem.status, 409, "{}", problem.detail);
    while !matches!(
        within(told.recv()).await.unwrap(),
        Told::Call {
            observed: Observed::Answered,
            ..
        }
    ) {}
    // The picture is at most a quarter of a second old, and the call takes longer than that.
    loop {
        let now: Snapshot = door.client.get("/v1/status").await.unwrap();
        if now.talking == 1 {
            break;
        }
        assert!(now.dispositions.is_empty(), "{now:?}");
    }
    ended(&mut told, 1).await;
    door.client
        .post::<()>(&format!("/v1/campaigns/{CAMPAIGN}/stop"), &())
        .await
        .unwrap();
    let site = door.close().await;
    assert_eq!(records::cases(&site).await[0].outcome.as_deref(), Some("completed"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_daemon_does_not_take_is_refused_with_a_problem_that_says_what_was_wrong() {
    let door = Door::open().await;
    let socket = http::socket_of(&door.house.site.data());
    let campaign = "/v1/campaigns/nobody";
    let json = "application/json";
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: aftercall\r\nConnection: close\r\n\r\n");
    let call =
        |number: &str| format!(r#"{{"number":"{number}","trunk":null,"dialplan_file":"f","dialplan_text":"x = ["}}"#);
    let asked = [
        (
            post(&format!("{campaign}/start"), json, "null"),
            404,
            "no campaign named \"nobody\"",
        ),
        (
            post(&format!("{campaign}/stop"), json, "null"),
            404,
            "no campaign named \"nobody\"",
        ),
        (
            post(&format!("{campaign}/import?file=l.csv"), json, "x"),
            404,
            "no campaign named \"nobody\"",
        ),
        (
            post(&format!("{campaign}/import"), json, "x"),
            400,
            "missing field `file`",
        ),
        (
            post(&format!("{campaign}/import?file=l.csv&due=soon"), json, "x"),
            400,
            "due is \"soon\"; expected \"now\"",
        ),
        (post("/v1/campaigns", json, "{\"file\":"), 400, "EOF while parsing"),
        (post("/v1/campaigns", json, "{}"), 422, "missing field `file`"),
        (post("/v1/campaigns", "text/plain", "{}"), 415, "application/json"),
        (post("/v1/calls", json, &call("13800000001")), 422, "f:1:"),
        (post("/v1/calls", json, &call("138-call-me")), 422, "number"),
        (get("/v1/nothing"), 404, "there is nothing at /v1/nothing"),
        (get("/v1/campaigns"), 405, "/v1/campaigns does not take GET"),
    ];
    for (request, status, words) in asked {
        let (head, body) = ask(&socket, &request).await;
        assert!(
            head.starts_with(&format!("http/1.1 {status}")),
            "{request}\n{head}\n{body}"
        );
        assert!(
            head.contains("content-type: application/problem+json"),
            "{request}\n{head}\n{body}"
        );
        let problem: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(problem["status"], status);
        assert!(problem["detail"].as_str().unwrap().contains(words), "{request}\n{body}");
    }
    let (head, _) = ask(&socket, "what is this?\r\n\r\n").await;
    assert!(head.starts_with("http/1.1 400"), "{head}");
    door.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_by_hand_is_told_through_the_socket_and_hung_up_when_its_reader_goes_away() {
    let door = Door::open().await;
    let mut whole = Vec::new();
    let asked = request("13800000001");
    let told = door.client.post_lines("/v1/calls", &asked, |line: CallLine| {
        whole.push(line);
        ControlFlow::Continue(())
    });
    within(told).await.unwrap();
    assert!(matches!(whole.last(), Some(CallLine::Ended { .. })), "{whole:?}");
    // The second one listens for ever; its reader goes away when it was answered.
    let mut happens = door.house.follow();
    let asked = request("13900000001");
    let told = door
        .client
        .post_lines("/v1/calls", &asked, |line: CallLine| match line {
            CallLine::Observed {
                observed: Observed::Playing { .. },
                ..
            } => ControlFlow::Break(()),
            CallLine::Observed { .. } | CallLine::Warning(_) => ControlFlow::Continue(()),
            CallLine::Ended { .. } | CallLine::Failed(_) => panic!("{line:?}"),
        });
    within(told).await.unwrap();
    ended(&mut happens, 1).await;
    let site = door.close().await;
    let attempts = records::attempts(&site).await;
    let ends: Vec<_> = attempts
        .iter()
        .map(|a| a.disposition.as_deref().unwrap_or_default())
        .collect();
    assert_eq!(ends, ["completed", "cancelled"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_picture_already_shows_the_trunks_and_what_holds_new_calls() {
    let house = House::open_by(TALKS, |site, _| {
        // Another database of this folder was further.
        std::fs::create_dir(site.data()).unwrap();
        site.write("data/aftercall.home", "{\"starts\":7,\"attempt\":9}");
    })
    .await;
    let now = house.office.present().unwrap();
    assert_eq!(now.trunks.len(), 1);
    assert_eq!(now.holds.len(), 1);
    assert!(now.holds[0].contains("had a newer database before"), "{:?}", now.holds);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_socket_that_a_dead_daemon_left_is_replaced() {
    let site = Site::new();
    std::fs::create_dir(site.data()).unwrap();
    // Bound and dropped: the file stays, nobody listens.
    drop(StdUnixListener::bind(http::socket_of(&site.data())).unwrap());
    let left = Client::new(&site.data())
        .get::<Snapshot>("/v1/status")
        .await
        .unwrap_err();
    assert!(matches!(left, ClientError::Unreachable { .. }), "{left:?}");
    let listener = http::listen(&site.data()).unwrap();
    let connected = UnixStream::connect(http::socket_of(&site.data()));
    let (accepted, connected) = tokio::join!(listener.accept(), connected);
    assert!(accepted.is_ok() && connected.is_ok());
}

#[test]
fn a_second_daemon_on_the_same_folder_is_told_who_holds_it() {
    let site = Site::new();
    site.trunk("127.0.0.1:9".parse().unwrap());
    let first = site.daemon();
    let said = site.fail(&["run", "--any-time"]);
    assert!(said.contains("is in use by process"), "{said}");
    assert!(said.contains(&first.id().to_string()), "{said}");
    let said = first.terminate();
    assert!(said.status.success(), "{said:?}");
    assert!(!http::socket_of(&site.data()).exists());
}
