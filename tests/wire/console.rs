//! The console over real sockets: who comes in, who does not, and what every answer carries.

use std::sync::Arc;

use aftercall::access::{AccountOrder, AccountTurn, Role};
use aftercall::calendar::DEFAULT_ZONE;
use aftercall::config::{self, Protection};
use aftercall::engine::office::{DncAdd, Named};
use aftercall::http::{self, Client, console};
use aftercall::pii::Pii;
use aftercall::store::dnc::{Level, Listed, Listing};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::{Method, Request};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy;
use hyper_util::rt::TokioExecutor;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use crate::browser::{Answer, Browser, Counter, PASSWORD};
use crate::house::within;

/// What is answered without a session. Nothing else is.
const PUBLIC: [(&str, &str); 3] = [
    ("get", "/api/health"),
    ("get", "/api/openapi.json"),
    ("post", "/api/session"),
];

/// Every route of the API, with a number in place of what stands in braces.
fn routes() -> Vec<(Method, String, String)> {
    let document = serde_json::to_value(console::openapi()).unwrap();
    let mut routes = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        let mut place = String::new();
        for part in path.split('/').skip(1) {
            place.push('/');
            place += if part.starts_with('{') { "1" } else { part };
        }
        for method in ["get", "post", "put", "patch", "delete"] {
            if operations.get(method).is_some() && !PUBLIC.contains(&(method, path.as_str())) {
                let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
                routes.push((method, place.clone(), path.clone()));
            }
        }
    }
    assert!(routes.len() > 10, "{routes:?}");
    routes
}

fn is_problem(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/problem+json", "{answer:?}");
    assert_eq!(answer.body["status"], status, "{answer:?}");
}

#[tokio::test]
async fn every_route_refuses_without_a_session_but_those_that_are_public() {
    let counter = Counter::open(Protection::None).await;
    let browser = counter.browser();
    for (method, place, path) in routes() {
        let answer = browser.send(method.clone(), &place, Some("{}".to_owned()), &[]).await;
        assert_eq!(answer.status, 401, "{method} {path}: {answer:?}");
        is_problem(&answer, 401);
    }
    for path in ["/api", "/api/", "/api/nothing", "/api/../api/people", "/api/people/"] {
        assert!([401, 404].contains(&browser.get(path).await.status), "{path}");
    }
    let mut forged = browser.clone();
    forged.cookie = Some(format!("aftercall_session={}", "0".repeat(64)));
    is_problem(&forged.get("/api/people").await, 401);
    for (_, path) in PUBLIC.iter().filter(|(method, _)| *method == "get") {
        assert_eq!(browser.get(path).await.status, 200, "{path}");
    }
    let health = browser.get("/api/health").await;
    assert_eq!(health.body["hospital"], "云溪市人民医院");
    assert_eq!(health.body["first_start"], false);
    counter.close().await;
}

#[tokio::test]
async fn every_unsafe_route_refuses_what_another_site_could_send() {
    let counter = Counter::open(Protection::None).await;
    let browser = counter.signed_in("chen").await;
    let mut without = browser.clone();
    without.csrf = None;
    for (method, place, path) in routes().into_iter().filter(|(method, ..)| !method.is_safe()) {
        let answer = without.send(method.clone(), &place, Some("{}".to_owned()), &[]).await;
        assert_eq!(answer.status, 403, "{method} {path}: {answer:?}");
        for other in [
            ("origin", "https://evil.example"),
            ("sec-fetch-site", "cross-site"),
            ("origin", "null"),
        ] {
            let answer = browser
                .send(method.clone(), &place, Some("{}".to_owned()), &[other])
                .await;
            assert_eq!(answer.body["title"], "another site", "{method} {path}: {answer:?}");
        }
    }
    let typed = json!({ "account": "chen", "password": PASSWORD }).to_string();
    let other = [("sec-fetch-site", "cross-site")];
    is_problem(
        &counter
            .browser()
            .send(Method::POST, "/api/session", Some(typed.clone()), &other)
            .await,
        403,
    );
    let own = format!("http://{}", counter.served.address());
    let own = [("sec-fetch-site", "same-origin"), ("origin", own.as_str())];
    let answer = counter
        .browser()
        .send(Method::POST, "/api/session", Some(typed), &own)
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    counter.close().await;
}

#[tokio::test]
async fn a_session_is_a_cookie_that_no_script_reads_and_signing_out_ends_it() {
    let counter = Counter::open(Protection::None).await;
    let mut browser = counter.browser();
    let answer = browser.sign_in(" WANG ", PASSWORD).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let cookie = answer.header("set-cookie");
    for part in [
        "aftercall_session=",
        "Path=/",
        "HttpOnly",
        "SameSite=Strict",
        "Max-Age=43200",
    ] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "plain on loopback: {cookie}");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    assert!(
        answer
            .header("content-security-policy")
            .contains("frame-ancestors 'none'")
    );
    assert_eq!(answer.body["person"]["role"], "qa");
    assert_eq!(answer.body["grants"]["listen"], "all");
    let token = browser.cookie.clone().unwrap();
    let token = token.split_once('=').unwrap().1;
    assert_eq!(token.len(), 64);
    assert!(!counter.site.data_holds(token), "only the hash of a token is kept");
    assert_eq!(browser.get("/api/session").await.status, 200);
    let out = browser.send(Method::DELETE, "/api/session", None, &[]).await;
    assert_eq!(out.status, 204, "{out:?}");
    assert!(out.header("set-cookie").contains("Max-Age=0"), "{out:?}");
    is_problem(&browser.get("/api/session").await, 401);
    counter.close().await;
}

#[tokio::test]
async fn wrong_passwords_lock_an_account_and_a_name_that_nobody_has_is_told_the_same() {
    let counter = Counter::open(Protection::None).await;
    let mut browser = counter.browser();
    for account in ["wang", "nobody"] {
        for left in [4, 3, 2, 1] {
            let answer = browser.sign_in(account, "not-the-password-1").await;
            is_problem(&answer, 403);
            assert_eq!(answer.body["tries_left"], left, "{account}");
            assert_eq!(answer.body["title"], "wrong account or password");
        }
        let answer = browser.sign_in(account, "not-the-password-1").await;
        assert_eq!(answer.body["title"], "account locked", "{account}");
        assert!(answer.body["until_at"].as_str().unwrap().ends_with('Z'));
    }
    let answer = browser.sign_in("wang", PASSWORD).await;
    assert_eq!(answer.body["title"], "account locked", "the right one is refused too");
    let chen = counter.signed_in("chen").await;
    let people = chen.get("/api/people").await;
    assert_eq!(people.body["items"][1]["state"], "locked_out", "{people:?}");
    let id = people.body["items"][1]["id"].as_i64().unwrap();
    let unlocked = chen
        .post(&format!("/api/people/{id}/unlock"), json!({ "reason": "本人来过" }))
        .await;
    assert_eq!(unlocked.status, 200, "{unlocked:?}");
    assert_eq!(browser.sign_in("wang", PASSWORD).await.status, 200);
    counter.close().await;
}

#[tokio::test]
async fn a_given_password_has_to_be_changed_before_anything_else() {
    let counter = Counter::open(Protection::None).await;
    let chen = counter.signed_in("chen").await;
    let made = json!({ "account": "li.na", "name": "李娜", "role": "auditor", "password": "given-by-chen-7" });
    let made = chen.post("/api/people", made).await;
    assert_eq!(made.status, 201, "{made:?}");
    let mut li = counter.browser();
    let answer = li.sign_in("li.na", "given-by-chen-7").await;
    assert_eq!(answer.body["password_due"], true);
    let refused = li.get("/api/audit").await;
    is_problem(&refused, 403);
    assert_eq!(refused.body["title"], "password due");
    let change = |old: &str, new: &str| Some(json!({ "old": old, "new": new }).to_string());
    let put = async |li: &Browser, body| li.send(Method::PUT, "/api/session/password", body, &[]).await;
    is_problem(&put(&li, change("given-by-chen-7", "short")).await, 422);
    is_problem(&put(&li, change("given-by-chen-7", "given-by-chen-7")).await, 422);
    is_problem(&put(&li, change("wrong-old-one-1", "chosen-by-li-9x")).await, 403);
    let changed = put(&li, change("given-by-chen-7", "chosen-by-lee-9x")).await;
    assert_eq!(changed.status, 204, "{changed:?}");
    assert_eq!(
        li.get("/api/audit").await.status,
        200,
        "the session in which it was changed goes on"
    );
    counter.close().await;
}

#[tokio::test]
async fn who_is_locked_is_out_at_once_and_somebody_who_keeps_accounts_stays() {
    let counter = Counter::open(Protection::None).await;
    let chen = counter.signed_in("chen").await;
    let wang = counter.signed_in("wang").await;
    let people = chen.get("/api/people?rows=1").await;
    assert!(people.body["next"].is_string(), "{people:?}");
    let own = people.body["items"][0]["id"].as_i64().unwrap();
    let next = people.body["next"].as_str().unwrap();
    let rest = chen.get(&format!("/api/people?cursor={next}")).await;
    let other = rest.body["items"][0]["id"].as_i64().unwrap();
    let why = json!({ "reason": "离职" });
    is_problem(
        &chen
            .post(&format!("/api/people/{other}/lock"), json!({ "reason": " " }))
            .await,
        422,
    );
    is_problem(&chen.post(&format!("/api/people/{own}/lock"), why.clone()).await, 409);
    is_problem(&chen.post("/api/people/999/lock", why.clone()).await, 404);
    is_problem(&wang.post(&format!("/api/people/{own}/lock"), why.clone()).await, 403);
    let role = json!({ "role": "auditor", "reason": "换岗" }).to_string();
    let patch = chen
        .send(Method::PATCH, &format!("/api/people/{own}"), Some(role), &[])
        .await;
    is_problem(&patch, 409);
    assert_eq!(wang.get("/api/session").await.status, 200);
    let locked = chen.post(&format!("/api/people/{other}/lock"), why).await;
    assert_eq!(locked.body["state"], "locked", "{locked:?}");
    is_problem(&wang.get("/api/session").await, 401);
    is_problem(&counter.browser().sign_in("wang", PASSWORD).await, 403);
    let audit = chen.get("/api/audit?deed=locked_account").await;
    let entry = &audit.body["items"][0];
    assert_eq!(entry["who"], "chen", "{audit:?}");
    assert_eq!(entry["reason"], "离职");
    assert_eq!(entry["object"], format!("account:{other}"));
    assert_eq!(entry["address"], "127.0.0.1");
    assert_eq!(chen.get("/api/audit/chain").await.body["whole"], true);
    counter.close().await;
}

#[tokio::test]
async fn a_person_sees_and_ends_own_sessions_and_an_administrator_those_of_others() {
    let counter = Counter::open(Protection::None).await;
    let here = counter.signed_in("wang").await;
    let there = counter.signed_in("wang").await;
    let chen = counter.signed_in("chen").await;
    let sessions = here.get("/api/sessions").await;
    let list = sessions.body.as_array().unwrap();
    assert_eq!(list.len(), 2, "{sessions:?}");
    let other = list.iter().find(|session| session["current"] == false).unwrap();
    let id = other["id"].as_i64().unwrap();
    let gone = here
        .send(Method::DELETE, &format!("/api/sessions/{id}"), None, &[])
        .await;
    assert_eq!(gone.status, 204, "{gone:?}");
    is_problem(&there.get("/api/session").await, 401);
    let whose = here.get("/api/session").await.body["person"]["id"].as_i64().unwrap();
    is_problem(&here.get(&format!("/api/sessions?account_id={}", whose - 1)).await, 403);
    let seen = chen.get(&format!("/api/sessions?account_id={whose}")).await;
    let id = seen.body[0]["id"].as_i64().unwrap();
    let place = format!("/api/sessions/{id}?account_id={whose}");
    is_problem(&chen.send(Method::DELETE, &place, None, &[]).await, 422);
    let place = format!("{place}&reason=lost");
    assert_eq!(chen.send(Method::DELETE, &place, None, &[]).await.status, 204);
    is_problem(&chen.send(Method::DELETE, &place, None, &[]).await, 404);
    is_problem(&here.get("/api/session").await, 401);
    counter.close().await;
}

#[tokio::test]
async fn whatever_is_asked_wrongly_is_a_problem_and_never_a_breakdown() {
    let counter = Counter::open(Protection::None).await;
    let chen = counter.signed_in("chen").await;
    for (path, status) in [
        ("/api/people?rows=0", 400),
        ("/api/people?rows=201", 400),
        ("/api/people?rows=-1", 400),
        ("/api/people?cursor=%00", 400),
        ("/api/people?page=2", 400),
        ("/api/audit?from=yesterday", 400),
        ("/api/audit?from=9999-12-31T23:59:59Z", 200),
        ("/api/audit?who=%00%0d%0a", 200),
        ("/api/audit?cursor=ffffffffffffffff0000000000000001", 200),
        ("/api/sessions?account_id=99999999999999999999", 400),
        ("/api/nothing", 404),
    ] {
        let answer = chen.get(path).await;
        if status == 200 {
            assert_eq!(answer.status, 200, "{path}: {answer:?}");
        } else {
            is_problem(&answer, status);
        }
    }
    for (body, status) in [
        ("", 400),
        ("{", 400),
        ("[]", 422),
        ("{\"reason\":1}", 422),
        ("{\"reason\":\"x\",\"y\":1}", 422),
    ] {
        let answer = chen
            .send(Method::POST, "/api/people/2/lock", Some(body.to_owned()), &[])
            .await;
        is_problem(&answer, status);
    }
    let long = format!("{{\"reason\":\"{}\"}}", "x".repeat(2 * 1024 * 1024));
    is_problem(
        &chen.send(Method::POST, "/api/people/2/lock", Some(long), &[]).await,
        413,
    );
    is_problem(&chen.post("/api/people/x/lock", json!({ "reason": "x" })).await, 400);
    is_problem(
        &chen.send(Method::PUT, "/api/people", Some("{}".to_owned()), &[]).await,
        405,
    );
    for (account, status) in [
        ("", 422),
        ("a b", 422),
        ("CHEN", 409),
        ("a\u{0}", 422),
        (&*"x".repeat(65), 422),
    ] {
        let new = json!({ "account": account, "name": "名", "role": "agent", "password": PASSWORD });
        is_problem(&chen.post("/api/people", new).await, status);
    }
    let head = json!({ "account": "guo", "name": "郭", "role": "department_head", "password": PASSWORD });
    is_problem(&chen.post("/api/people", head).await, 422);
    counter.close().await;
}

#[tokio::test]
async fn what_creates_is_created_once_under_one_key() {
    let counter = Counter::open(Protection::None).await;
    let chen = counter.signed_in("chen").await;
    let new = |name: &str| {
        let new = json!({ "account": "sun", "name": name, "role": "agent", "password": PASSWORD });
        Some(new.to_string())
    };
    let post = async |body, key: &str| {
        chen.send(Method::POST, "/api/people", body, &[("idempotency-key", key)])
            .await
    };
    let first = post(new("孙丽"), "7c1f").await;
    assert_eq!(first.status, 201, "{first:?}");
    let again = post(new("孙丽"), "7c1f").await;
    assert_eq!((again.status, &again.text), (201, &first.text), "{again:?}");
    assert_eq!(again.header("idempotency-replayed"), "true");
    let other = post(new("孙莉"), "7c1f").await;
    is_problem(&other, 422);
    is_problem(&post(new("孙丽"), "8d2a").await, 409);
    is_problem(&post(new("孙丽"), "a b").await, 400);
    is_problem(&post(new("孙丽"), &"x".repeat(129)).await, 400);
    let audit = chen.get("/api/audit?deed=added_account&object=account:sun").await;
    assert_eq!(audit.body["items"].as_array().unwrap().len(), 1, "{audit:?}");
    counter.close().await;
}

#[tokio::test]
async fn a_page_route_gives_the_page_and_nothing_of_the_api() {
    let counter = Counter::open(Protection::None).await;
    let browser = counter.browser();
    for path in ["/", "/recordings", "/calls/17"] {
        let answer = browser.get(path).await;
        assert!([200, 503].contains(&answer.status), "{answer:?}");
        assert!(answer.header("content-security-policy").contains("default-src 'self'"));
        let is_page = answer.text.contains("<html") || answer.text.contains("web/dist");
        assert!(is_page, "{answer:?}");
    }
    is_problem(&browser.get("/assets/../../Cargo.toml").await, 404);
    is_problem(&browser.get("/assets/%2e%2e/%2e%2e/Cargo.toml").await, 404);
    is_problem(&browser.get("/nothing.js").await, 404);
    counter.close().await;
}

#[tokio::test]
async fn a_department_head_without_a_right_is_told_so() {
    let counter = Counter::open(Protection::None).await;
    counter.person("guo", Role::DepartmentHead, Some("骨科")).await;
    let guo = counter.signed_in("guo").await;
    let session = guo.get("/api/session").await;
    assert_eq!(session.body["grants"]["listen"], "department");
    assert_eq!(session.body["grants"]["keep_people"], Value::Null);
    for path in ["/api/people", "/api/audit", "/api/audit/chain"] {
        is_problem(&guo.get(path).await, 403);
    }
    let roles = guo.get("/api/roles").await;
    assert_eq!(roles.body["roles"].as_array().unwrap().len(), 6);
    counter.close().await;
}

#[tokio::test]
async fn the_own_certificate_is_served_and_its_cookie_goes_nowhere_else() {
    let counter = Counter::open(Protection::SelfSigned).await;
    let pem = std::fs::read(counter.site.data().join(console::CERTIFICATE)).unwrap();
    let own = CertificateDer::from_pem_slice(&pem).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(own).unwrap();
    let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_only()
        .enable_http1()
        .build();
    let client = legacy::Client::builder(TokioExecutor::new()).build::<_, Full<Bytes>>(connector);
    let port = counter.served.address().port();
    let typed = json!({ "account": "chen", "password": PASSWORD }).to_string();
    let request = Request::post(format!("https://localhost:{port}/api/session"))
        .header("content-type", "application/json")
        .body(Full::new(Bytes::from(typed)))
        .unwrap();
    let response = within(client.request(request)).await.unwrap();
    assert_eq!(response.status(), 200);
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert!(header("set-cookie").ends_with("; Secure"), "{}", header("set-cookie"));
    assert!(header("strict-transport-security").starts_with("max-age="));
    assert_eq!(counter.served.fingerprint().unwrap().len(), 95);
    drop(response);
    is_closed_to_plain_text(port).await;
    counter.close().await;
}

async fn is_closed_to_plain_text(port: u16) {
    let mut stream = within(TcpStream::connect(("127.0.0.1", port))).await.unwrap();
    within(stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"))
        .await
        .unwrap();
    let mut said = Vec::new();
    // Reset or ended: no page comes.
    drop(within(stream.read_to_end(&mut said)).await);
    assert!(!said.starts_with(b"HTTP/"), "{said:?}");
}

#[tokio::test]
async fn a_port_that_is_taken_is_told() {
    let counter = Counter::open(Protection::None).await;
    let settings = config::Console {
        listen: counter.served.address(),
        protection: Protection::None,
        hospital: String::new(),
        sessions: config::Sessions::default(),
    };
    let refused = console::serve(&settings, DEFAULT_ZONE, Arc::clone(&counter.office))
        .err()
        .unwrap();
    let told = refused.to_string();
    assert!(
        told.contains("another program has this port") && told.contains("`listen` in [console]"),
        "{told}"
    );
    counter.close().await;
}

#[tokio::test]
async fn what_a_command_has_the_daemon_do_stands_under_whoever_opened_the_socket() {
    let counter = Counter::open(Protection::None).await;
    let listener = http::listen(&counter.site.data()).unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(http::serve(listener, Arc::clone(&counter.office), async {
        drop(stopped.await)
    }));
    let client = Client::new(&counter.site.data());
    let add = DncAdd {
        named: Named::Number(Pii::new("13800000001".to_owned())),
        listing: Listing {
            level: Level::Always,
            until: None,
            reason: Some("本人要求".to_owned()),
            source: "dnc add".to_owned(),
            who: "somebody else".to_owned(),
        },
    };
    let listed: Listed = client.post("/v1/dnc", &add).await.unwrap();
    assert_eq!(listed.added, 1);
    let wang = counter.signed_in("wang").await;
    let order = AccountOrder {
        who: "root".to_owned(),
        reason: Some("离职".to_owned()),
        what: AccountTurn::Lock {
            account: "wang".to_owned(),
        },
    };
    let _: i64 = client.post("/v1/accounts", &order).await.unwrap();
    is_problem(&wang.get("/api/session").await, 401);
    let chen = counter.signed_in("chen").await;
    let audit = chen.get("/api/audit?deed=listed_do_not_call").await;
    let who = audit.body["items"][0]["who"].as_str().unwrap();
    assert!(who.starts_with("os:") && !who.contains("somebody"), "{who}");
    assert!(!audit.text.contains("13800000001"));
    let audit = chen.get("/api/audit?deed=locked_account").await;
    assert_eq!(audit.body["items"][0]["who"], "os:root", "{audit:?}");
    drop(stop);
    within(serving).await.unwrap().unwrap();
    counter.close().await;
}

#[test]
fn the_committed_description_is_the_one_that_is_served() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("web/openapi.json");
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        committed == console::openapi_text(),
        "web/openapi.json is not what the routes say: write it anew with `aftercall openapi > web/openapi.json`"
    );
}
