//! The agents' desk over the console's API: who may sit there, what two tabs see, what is written down, and what is refused.

use aftercall::access::Role;
use aftercall::config::Protection;
use aftercall::dialplan;
use aftercall::phone::Number;
use aftercall::pii::Pii;
use aftercall::store::{
    DATABASE, Dialplan, Due, ImportEncounter, ImportNumber, ImportPatient, ImportPlan, ImportRow, NewCampaign,
};
use serde_json::{Value, json};
use sqlx::ConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::browser::{Browser, Counter};
use crate::house::within;

const QUESTIONNAIRE: &str = include_str!("../../dialplans/post-discharge.toml");
const CAMPAIGN: &str = "name = \"july\"\ntrunk = \"north\"\ndialplan = \"post-discharge.toml\"\nlines = 2\n";

fn row(n: u32, name: &str) -> ImportRow {
    ImportRow {
        row: n + 1,
        patient: ImportPatient {
            patient_no: Some(format!("P{n:05}")),
            name: Some(Pii::new(name.to_owned())),
            ..ImportPatient::default()
        },
        encounter: ImportEncounter {
            visit_no: format!("V{n:05}"),
            department: Some("骨科".to_owned()),
            ..ImportEncounter::default()
        },
        numbers: vec![ImportNumber {
            number: Number::parse(&format!("138{n:08}")).unwrap(),
            kind: Some("mobile".to_owned()),
            owner: Some("self".to_owned()),
            relation: None,
            extension: None,
        }],
    }
}

/// Two due cases, the agents Li and Wu with phones, the agent Sun without, the supervisor Zhao.
async fn counter() -> Counter {
    let counter = Counter::open(Protection::None).await;
    counter.person("zhao", Role::Supervisor, None).await;
    let li = counter.person("li", Role::Agent, None).await;
    let wu = counter.person("wu", Role::Agent, None).await;
    counter.person("sun", Role::Agent, None).await;
    let (store, now) = (counter.office.store(), counter.office.clock().wall());
    let plan = dialplan::parse(QUESTIONNAIRE).unwrap();
    let kept = Dialplan {
        hash: plan.hash().to_owned(),
        file: "post-discharge.toml".to_owned(),
        text: QUESTIONNAIRE.to_owned(),
        questions: Vec::new(),
    };
    store.put_dialplan(kept, now).await.unwrap();
    let campaign = NewCampaign {
        name: "july".to_owned(),
        file: CAMPAIGN.to_owned(),
        dialplan: plan.hash().to_owned(),
        lines: Some(2),
        calls_per_second: None,
        purpose: None,
        now,
    };
    let campaign = store.add_campaign(campaign).await.unwrap();
    store.start_campaign("july", now).await.unwrap();
    let list = ImportPlan {
        campaign,
        file: "list.csv".to_owned(),
        due: Due::At(now),
        deadline_after: None,
        now,
    };
    let rows = vec![row(1, "张建国"), row(2, "李秀英")];
    store.apply_import(list, rows).await.unwrap();
    let mut tool = tool(&counter).await;
    for (user, account) in [("li", li), ("wu", wu)] {
        sqlx::query(
            "insert into phone (user, account_id, realm, ha1_md5, created_at, changed_at)
             values ($1, $2, 'aftercall', '00000000000000000000000000000000', 0, 0)",
        )
        .bind(user)
        .bind(account)
        .execute(&mut tool)
        .await
        .unwrap();
    }
    counter
}

async fn tool(counter: &Counter) -> sqlx::SqliteConnection {
    let file = counter.office.store().folder().join(DATABASE);
    SqliteConnectOptions::new().filename(file).connect().await.unwrap()
}

async fn picked(browser: &Browser, case: i64) -> Value {
    let answer = browser.post("/api/desk/pick", json!({ "case_id": case })).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["conversation"].clone()
}

async fn refused(browser: &Browser, path: &str, body: Value, status: u16) -> String {
    let answer = browser.post(path, body).await;
    assert_eq!(answer.status, status, "{path} {answer:?}");
    assert_eq!(answer.header("content-type"), "application/problem+json");
    answer.body["detail"].as_str().unwrap().to_owned()
}

async fn deeds(counter: &Counter) -> Vec<String> {
    let mut tool = tool(counter).await;
    sqlx::query_scalar("select deed from audit order by id")
        .fetch_all(&mut tool)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_case_is_before_one_agent_and_every_tab_shows_the_same() {
    let counter = counter().await;
    let li = counter.signed_in("li").await;
    let other_tab = counter.signed_in("li").await;
    let empty = li.get("/api/desk").await;
    assert_eq!(
        (empty.status, &empty.body["conversation"]),
        (200, &Value::Null),
        "{empty:?}"
    );
    assert_eq!(empty.body["me"]["phone"]["kind"], "registered");
    assert!(empty.body["pause_reasons"].as_array().unwrap().len() >= 3);
    let first = picked(&li, 1).await;
    assert_eq!(
        (&first["state"], &first["origin"]),
        (&json!("previewing"), &json!("picked"))
    );
    assert_eq!(first["case"]["name"], "张建国", "revealed by holding the conversation");
    assert_eq!(first["case"]["numbers"][0]["number"], "138****0001");
    assert_eq!(first["form"]["open"], "identity");
    assert!(
        first["form"]["steps"]
            .as_array()
            .unwrap()
            .iter()
            .any(|step| step["id"] == "recovery")
    );
    assert_eq!(first["outcomes"][0]["may"], false);
    let again = other_tab.post("/api/desk/next", json!({})).await;
    assert_eq!(
        (again.status, &again.body["conversation"]["id"]),
        (200, &first["id"]),
        "{again:?}"
    );
    assert_eq!(
        picked(&other_tab, 2).await["id"],
        first["id"],
        "whoever has one keeps it"
    );
    let wu = counter.signed_in("wu").await;
    refused(&wu, "/api/desk/pick", json!({ "case_id": 1 }), 422).await;
    assert_eq!(picked(&wu, 2).await["case"]["name"], "李秀英");
    assert!(
        !li.get("/api/desk").await.text.contains("李秀英"),
        "another agent's patient"
    );
    assert_eq!(
        deeds(&counter)
            .await
            .iter()
            .filter(|deed| *deed == "opened_case")
            .count(),
        2
    );
    let done = li
        .post(
            "/api/desk/skip",
            json!({ "conversation_id": first["id"], "reason": "家属稍后再拨" }),
        )
        .await;
    assert_eq!(
        (done.status, &done.body["conversation"]),
        (200, &Value::Null),
        "{done:?}"
    );
    refused(
        &li,
        "/api/desk/skip",
        json!({ "conversation_id": first["id"], "reason": "再" }),
        409,
    )
    .await;
    counter.close().await;
}

#[tokio::test]
async fn a_case_whose_preview_ran_out_has_gone_back() {
    let counter = counter().await;
    let li = counter.signed_in("li").await;
    let first = picked(&li, 1).await;
    let mut tool = tool(&counter).await;
    sqlx::query("update conversation set preview_until = begun_at - 10000")
        .execute(&mut tool)
        .await
        .unwrap();
    let desk = li.get("/api/desk").await.body;
    assert_eq!(desk["conversation"], Value::Null, "{desk}");
    assert_eq!(
        (&desk["given_back"]["case_id"], &desk["given_back"]["name"]),
        (&json!(1), &json!("张*国"))
    );
    // The next one, or the same again, takes its place.
    let again = picked(&li, 1).await;
    assert_ne!(again["id"], first["id"]);
    let desk = li.get("/api/desk").await.body;
    assert_eq!(desk["given_back"], Value::Null, "{desk}");
    let skip = json!({ "conversation_id": again["id"], "reason": "稍后" });
    assert_eq!(li.post("/api/desk/skip", skip).await.status, 200);
    let desk = li.get("/api/desk").await.body;
    assert_eq!(desk["given_back"], Value::Null, "put back by hand: {desk}");
    counter.close().await;
}

#[tokio::test]
async fn only_agents_sit_at_a_desk_and_only_supervisors_keep_the_floor() {
    let counter = counter().await;
    let wang = counter.signed_in("wang").await;
    let li = counter.signed_in("li").await;
    let zhao = counter.signed_in("zhao").await;
    let sun = counter.signed_in("sun").await;
    for path in ["/api/desk", "/api/desk/live", "/api/floor"] {
        assert_eq!(wang.get(path).await.status, 403, "{path}");
    }
    refused(&wang, "/api/desk/next", json!({}), 403).await;
    assert_eq!(li.get("/api/floor").await.status, 403);
    let floor = zhao.get("/api/floor").await;
    assert_eq!((floor.status, &floor.body["agents"]), (200, &json!([])), "{floor:?}");
    refused(&zhao, "/api/floor/listen-in", json!({ "conversation_id": 1 }), 404).await;
    let why = refused(&sun, "/api/desk/ready", json!({}), 422).await;
    assert!(why.contains("话机"), "{why}");
    assert_eq!(li.post("/api/desk/ready", json!({})).await.status, 200);
    assert_eq!(
        li.post("/api/desk/pause", json!({ "reason": "meal" })).await.status,
        200
    );
    refused(&li, "/api/desk/pause", json!({ "reason": "<b>" }), 422).await;
    assert_eq!(li.post("/api/desk/away", json!({})).await.status, 200);
    let mut db = tool(&counter).await;
    let kept: Vec<(String, Option<String>)> = sqlx::query_as("select state, reason from presence order by id")
        .fetch_all(&mut db)
        .await
        .unwrap();
    let kept: Vec<(&str, Option<&str>)> = kept
        .iter()
        .map(|(state, why)| (state.as_str(), why.as_deref()))
        .collect();
    assert_eq!(kept, [("ready", None), ("paused", Some("meal")), ("away", None)]);
    let conversation = picked(&li, 1).await["id"].clone();
    let asked = json!({ "conversation_id": conversation, "reason": "我想现在打" });
    refused(&li, "/api/desk/dial", asked, 403).await;
    let grant = json!({ "case_id": 1, "account_id": 4, "reason": "患者要求", "minutes": 30 });
    assert_eq!(li.post("/api/floor/grants", grant.clone()).await.status, 403);
    let granted = zhao.post("/api/floor/grants", grant).await;
    assert_eq!(granted.status, 201, "{granted:?}");
    assert!(deeds(&counter).await.contains(&"granted_call".to_owned()));
    counter.close().await;
}

#[tokio::test]
async fn what_is_typed_at_the_desk_is_kept_or_refused_with_the_reason() {
    let counter = counter().await;
    let li = counter.signed_in("li").await;
    let id = picked(&li, 1).await["id"].clone();
    let answer = json!({ "conversation_id": id, "question": "identity", "value": 1 });
    refused(&li, "/api/desk/answers", answer, 409).await;
    // Somebody was called and is gone.
    let mut db = tool(&counter).await;
    for sql in [
        "insert into attempt (case_id, number_id, digits, trunk, ordinal, state, begun_at, answered_at, ended_at, disposition,
            rule, facts, dialplan_hash, account_id, counted)
         select 1, 1, '13800000001', 'north', 1, 'ended', c.begun_at, c.begun_at, c.begun_at + 60000, 'unknown',
            'answered-agent-to-say', '{\"talk_ms\":60000,\"final_status\":200}', m.dialplan_hash, c.account_id, 1
         from conversation c, campaign m where m.id = 1",
        "update cases set attempts = 1, counted = 1 where id = 1",
        "update conversation set attempt_id = 1, ended_at = begun_at + 60000, agent_ending = 'other_ended',
            patient_ending = 'hung_up'",
    ] {
        sqlx::query(sql).execute(&mut db).await.unwrap();
    }
    for (question, value) in [("nothing", 1), ("identity", 9), ("recovery", 77)] {
        let sly = json!({ "conversation_id": id, "question": question, "value": value });
        refused(&li, "/api/desk/answers", sly, 422).await;
    }
    let answer = json!({ "conversation_id": id, "question": "identity", "value": 1 });
    let page = li.post("/api/desk/answers", answer).await;
    assert_eq!(
        (page.status, &page.body["conversation"]["form"]["open"]),
        (200, &json!("recovery")),
        "{page:?}"
    );
    let given = &page.body["conversation"]["form"]["answers"][0];
    assert_eq!(
        (&given["source"], &given["label"]),
        (&json!("agent"), &json!("患者本人"))
    );
    let completed = json!({ "conversation_id": id, "outcome": "completed" });
    let why = refused(&li, "/api/desk/outcome", completed, 422).await;
    assert!(why.contains("还有题目未答"), "{why}");
    refused(
        &li,
        "/api/desk/outcome",
        json!({ "conversation_id": id, "outcome": "refused" }),
        422,
    )
    .await;
    refused(
        &li,
        "/api/desk/outcome",
        json!({ "conversation_id": id, "outcome": "no_answer" }),
        422,
    )
    .await;
    refused(
        &li,
        "/api/desk/outcome",
        json!({ "conversation_id": id, "outcome": "great" }),
        400,
    )
    .await;
    refused(&li, "/api/desk/wrap-up-done", json!({ "conversation_id": id }), 409).await;
    refused(&li, "/api/desk/next", json!({}), 409).await;
    let note = json!({ "conversation_id": id, "text": "女儿下周陪同复诊", "version": 1 });
    assert_eq!(li.post("/api/desk/notes", note).await.body["version"], 1);
    let older = json!({ "conversation_id": id, "text": "别的", "version": 1 });
    refused(&li, "/api/desk/notes", older, 409).await;
    let ticket = json!({ "conversation_id": id, "department": "骨科", "text": "伤口红肿，请回电",
        "due_at": "2099-01-01T00:00:00.000Z" });
    let opened = li.post("/api/desk/ticket", ticket).await;
    assert_eq!(opened.status, 201, "{opened:?}");
    let said = json!({ "conversation_id": id, "outcome": "refused", "cause": "没有时间" });
    let page = li.post("/api/desk/outcome", said).await;
    assert_eq!(
        (page.status, &page.body["conversation"]["outcome"]),
        (200, &json!("refused")),
        "{page:?}"
    );
    assert_eq!(page.body["conversation"]["classified"], "unknown");
    assert_eq!(page.body["conversation"]["tickets"][0]["department"], "骨科");
    let done = li
        .post("/api/desk/wrap-up-done", json!({ "conversation_id": id }))
        .await;
    assert_eq!(
        (done.status, &done.body["conversation"]),
        (200, &Value::Null),
        "{done:?}"
    );
    assert_eq!(
        li.post("/api/desk/wrap-up-done", json!({ "conversation_id": id }))
            .await
            .status,
        200,
        "another tab"
    );
    let calls = li.get("/api/calls").await;
    assert_eq!(calls.status, 200, "{calls:?}");
    assert_eq!(
        calls.body["items"].as_array().unwrap().len(),
        1,
        "agents see their own calls: {calls:?}"
    );
    let told = deeds(&counter).await;
    for deed in ["opened_case", "opened_ticket", "chose_outcome"] {
        assert!(told.contains(&deed.to_owned()), "{told:?}");
    }
    counter.close().await;
}

#[tokio::test]
async fn what_changes_at_the_desk_is_told_to_every_tab() {
    let counter = counter().await;
    let li = counter.signed_in("li").await;
    let mut stream = within(TcpStream::connect(li.address)).await.unwrap();
    let cookie = li.cookie.clone().unwrap_or_default();
    let head = format!(
        "GET /api/desk/live HTTP/1.1\r\nhost: {}\r\ncookie: {cookie}\r\n\r\n",
        li.address
    );
    within(stream.write_all(head.as_bytes())).await.unwrap();
    let mut heard = String::new();
    let mut octets = vec![0; 65_536];
    for what in ["event: board\n", "\"page\":1"] {
        if what == "\"page\":1" {
            picked(&counter.signed_in("li").await, 1).await;
        }
        while !heard.contains(what) {
            let count = within(stream.read(&mut octets)).await.unwrap();
            assert!(count > 0, "the stream ended before {what:?}: {heard}");
            heard += &String::from_utf8_lossy(&octets[..count]);
        }
    }
    assert!(
        heard.contains("\"presence\":\"away\"") && !heard.contains("张建国"),
        "{heard}"
    );
    counter.close().await;
}

#[tokio::test]
async fn a_ticket_is_seen_by_its_department_and_whoever_opened_it_and_is_closed_once() {
    let counter = counter().await;
    counter.person("gao", Role::DepartmentHead, Some("骨科")).await;
    counter.person("neike", Role::DepartmentHead, Some("内科")).await;
    counter.person("qian", Role::Qa, None).await;
    let li = counter.signed_in("li").await;
    let id = picked(&li, 1).await["id"].clone();
    let ticket = json!({ "conversation_id": id, "department": "骨科", "text": "伤口红肿，请回电",
        "due_at": "2099-01-01T00:00:00.000Z" });
    let opened = li.post("/api/desk/ticket", ticket).await;
    assert_eq!(opened.status, 201, "{opened:?}");
    let path = format!("/api/tickets/{}", opened.body["id"]);
    for (who, sees) in [("li", 1), ("wu", 0), ("zhao", 1), ("gao", 1), ("neike", 0)] {
        let browser = counter.signed_in(who).await;
        let list = browser.get("/api/tickets").await;
        let seen = list.body["items"].as_array().map_or(0, Vec::len);
        assert_eq!((list.status, seen), (200, sees), "{who}: {list:?}");
        if sees == 0 {
            let answer = browser.put(&path, json!({ "state": "in_hand" })).await;
            assert_eq!(answer.status, 404, "{who}: {answer:?}");
        }
    }
    let gao = counter.signed_in("gao").await;
    let list = gao.get("/api/tickets?state=open&rows=1").await;
    assert_eq!(list.body["items"][0]["name"], "张*国", "{list:?}");
    let cursor = list.body["next"].as_str().unwrap();
    let behind = gao.get(&format!("/api/tickets?cursor={cursor}")).await;
    assert_eq!(behind.body["items"], json!([]), "{behind:?}");
    for (asked, status) in [
        (json!({ "state": "closed" }), 400),
        (json!({ "state": "open" }), 400),
        (json!({ "state": "in_hand", "result": "回电了" }), 400),
        (json!({ "state": "in_hand" }), 200),
        (json!({ "state": "closed", "result": "已回电，安排复诊" }), 200),
        (json!({ "state": "closed", "result": "再关一次" }), 409),
    ] {
        let answer = gao.put(&path, asked.clone()).await;
        assert_eq!(answer.status, status, "{asked}: {answer:?}");
    }
    let closed = gao.get("/api/tickets?state=closed").await;
    assert_eq!(closed.body["items"][0]["result"], "已回电，安排复诊", "{closed:?}");
    let deeds = deeds(&counter).await;
    assert_eq!(
        deeds.iter().filter(|deed| *deed == "took_ticket").count(),
        1,
        "{deeds:?}"
    );
    let nobody = counter.signed_in("qian").await.get("/api/tickets").await;
    assert_eq!(nobody.status, 403, "{nobody:?}");
}

/// Somebody who listens to what changes at the own desk.
struct Tab {
    stream: TcpStream,
    heard: String,
}

impl Tab {
    async fn open(browser: &Browser) -> Self {
        let mut stream = within(TcpStream::connect(browser.address)).await.unwrap();
        let cookie = browser.cookie.clone().unwrap_or_default();
        let head = format!(
            "GET /api/desk/live HTTP/1.1\r\nhost: {}\r\ncookie: {cookie}\r\n\r\n",
            browser.address
        );
        within(stream.write_all(head.as_bytes())).await.unwrap();
        let mut tab = Self {
            stream,
            heard: String::new(),
        };
        tab.until("event: board\n").await;
        tab
    }

    /// Beats come for ever: it is the whole wait that has an end.
    async fn until(&mut self, what: &str) {
        within(async {
            let mut octets = vec![0; 65_536];
            while !self.heard.contains(what) {
                let count = self.stream.read(&mut octets).await.unwrap();
                assert!(count > 0, "the stream ended before {what:?}: {}", self.heard);
                self.heard += &String::from_utf8_lossy(&octets[..count]);
            }
        })
        .await;
        self.heard.clear();
    }
}

#[tokio::test]
async fn an_account_has_four_tabs_and_the_oldest_makes_way_with_a_word() {
    let counter = counter().await;
    let li = counter.signed_in("li").await;
    let mut tabs = Vec::new();
    for _ in 0..4 {
        tabs.push(Tab::open(&li).await);
    }
    let mut others = Tab::open(&counter.signed_in("wu").await).await;
    tabs.push(Tab::open(&li).await);
    let mut first = tabs.remove(0);
    first.until("event: elsewhere\ndata: {}\n\n").await;
    for tab in &mut tabs {
        tab.until("event: beat\n").await;
    }
    others.until("event: beat\n").await;
    counter.close().await;
}
