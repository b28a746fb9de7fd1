//! The pages of patients over the console's API: masked, within what a role may see, written down, and proof against what
//! people type.

use aftercall::access::Role;
use aftercall::config::Protection;
use aftercall::phone::Number;
use aftercall::pii::Pii;
use aftercall::store::{
    Dialplan, Due, ImportEncounter, ImportNumber, ImportPatient, ImportPlan, ImportRow, NewCampaign,
};
use hyper::Method;
use serde_json::{Value, json};

use crate::browser::{Answer, Browser, Counter};

/// What must never stand in an answer that nobody gave a reason for.
const HIDDEN: [&str; 7] = [
    "张建国",
    "P00001",
    "V00001",
    "13800000001",
    "8000000",
    "330106194901010017",
    "1949-01-01",
];

/// What people type to see what happens.
const SLY: [&str; 5] = [
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "../../etc/passwd",
    "'; drop table patient; --",
    "100% 中文，标点。",
];

fn row(n: u32, name: &str, department: &str) -> ImportRow {
    ImportRow {
        row: n + 1,
        patient: ImportPatient {
            patient_no: Some(format!("P{n:05}")),
            name: Some(Pii::new(name.to_owned())),
            birth: Some("1949-01-01".to_owned()),
            id_card: (n == 1).then(|| Pii::new("330106194901010017".to_owned())),
            ..ImportPatient::default()
        },
        encounter: ImportEncounter {
            visit_no: format!("V{n:05}"),
            department: Some(department.to_owned()),
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

/// Two patients of one department, one of another; a supervisor, a head of the first department.
async fn counter() -> Counter {
    let counter = Counter::open(Protection::None).await;
    counter.person("zhao", Role::Supervisor, None).await;
    counter.person("qian", Role::DepartmentHead, Some("心内科")).await;
    let (store, now) = (counter.office.store(), counter.office.clock().wall());
    let dialplan = Dialplan {
        hash: "d1".to_owned(),
        file: "questionnaire.toml".to_owned(),
        text: "title = \"q\"".to_owned(),
        questions: Vec::new(),
    };
    store.put_dialplan(dialplan, now).await.unwrap();
    let campaign = NewCampaign {
        name: "july".to_owned(),
        file: "windows = []".to_owned(),
        dialplan: "d1".to_owned(),
        lines: Some(2),
        calls_per_second: None,
        purpose: None,
        now,
    };
    let campaign = store.add_campaign(campaign).await.unwrap();
    let plan = ImportPlan {
        campaign,
        file: "list.csv".to_owned(),
        due: Due::At(now),
        deadline_after: None,
        now,
    };
    let rows = vec![
        row(1, "张建国", "心内科"),
        row(2, SLY[0], "心内科"),
        row(3, "李秀英", "消化科"),
    ];
    store.apply_import(plan, rows).await.unwrap();
    counter
}

fn hides(answer: &Answer) {
    for hidden in HIDDEN {
        assert!(!answer.text.contains(hidden), "{hidden} in {}", answer.text);
    }
}

async fn deeds(counter: &Counter) -> Vec<Value> {
    counter.person("sun", Role::Auditor, None).await;
    let auditor = counter.signed_in("sun").await;
    let answer = auditor.get("/api/audit?rows=200").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["items"].as_array().unwrap().clone()
}

fn of<'d>(deeds: &'d [Value], deed: &str) -> Vec<&'d Value> {
    deeds.iter().filter(|row| row["deed"] == deed).collect()
}

#[tokio::test]
async fn a_patient_is_found_and_shown_masked_and_one_field_in_full_is_written_down() {
    let counter = counter().await;
    let zhao = counter.signed_in("zhao").await;
    for q in ["%E5%BC%A0", "P00001", "V00001", "0001", "13800000001", "%2B86%20138-0000-0001"] {
        let answer = zhao.get(&format!("/api/patients?q={q}")).await;
        assert_eq!((answer.status, answer.body["items"][0]["id"].as_i64()), (200, Some(1)), "{q} {answer:?}");
        assert_eq!(answer.body["items"][0]["name"], "张*国");
        hides(&answer);
    }
    let page = zhao.get("/api/patients/1").await;
    assert_eq!(page.status, 200, "{page:?}");
    hides(&page);
    assert_eq!(page.body["birth"], "1949");
    assert!(page.body["next"]["zh"].as_str().unwrap().ends_with('。'), "{page:?}");
    assert_eq!(page.body["numbers"][0]["number"], "138****0001");
    let why = zhao.get("/api/patients/1/why").await;
    assert_eq!((why.status, why.body["links"][0]["kind"].as_str()), (200, Some("present")), "{why:?}");
    hides(&why);
    for (field, id, value) in [
        ("name", None, "张建国"),
        ("patient_no", None, "P00001"),
        ("visit_no", Some(1), "V00001"),
        ("number", Some(1), "13800000001"),
        ("id_card", None, "330106194901010017"),
    ] {
        let asked = json!({ "field": field, "id": id, "reason": "患者投诉，回拨核实" });
        let answer = zhao.post("/api/patients/1/reveal", asked).await;
        assert_eq!((answer.status, answer.body["value"].as_str()), (200, Some(value)), "{answer:?}");
    }
    for bad in [
        json!({ "field": "name" }),
        json!({ "field": "name", "reason": " " }),
        json!({ "field": "name", "reason": "a\r\nb" }),
        json!({ "field": "number", "reason": "why not" }),
        json!({ "field": "number", "id": 2, "reason": "of another patient" }),
        json!({ "field": "password", "reason": "why not" }),
    ] {
        let answer = zhao.post("/api/patients/1/reveal", bad.clone()).await;
        assert!([400, 404, 422].contains(&answer.status), "{bad} {answer:?}");
        assert!(answer.body["value"].is_null());
    }
    let deeds = deeds(&counter).await;
    let revealed = of(&deeds, "revealed");
    assert!(revealed.len() >= 5, "{revealed:?}");
    assert!(revealed.iter().all(|row| row["object"] == "patient:1" && row["who"] == "zhao"));
    assert_eq!(of(&deeds, "searched_patients").len(), 6);
    assert_eq!(of(&deeds, "opened_patient").len(), 1);
    let told = serde_json::to_string(&deeds).unwrap();
    for hidden in HIDDEN {
        assert!(!told.contains(hidden), "{hidden} in the audit log");
    }
    counter.close().await;
}

#[tokio::test]
async fn a_department_head_sees_own_patients_only_and_changes_nothing() {
    let counter = counter().await;
    let qian = counter.signed_in("qian").await;
    assert_eq!(qian.get("/api/patients/1").await.status, 200);
    for path in ["/api/patients/3", "/api/patients/3/why", "/api/patients/99", "/api/patients/x"] {
        assert_eq!(qian.get(path).await.status, 404, "{path}");
    }
    let found = qian.get("/api/patients?q=%E6%9D%8E").await;
    assert_eq!(found.body["items"].as_array().map(Vec::len), Some(0), "{found:?}");
    let reveal = json!({ "field": "name", "reason": "想看看" });
    let refused = [
        qian.post("/api/patients/1/reveal", reveal).await,
        qian.get("/api/do-not-call").await,
        qian.get("/api/number-repair").await,
        qian.post("/api/patients/1/state", json!({ "state": "deceased", "reason": "x" })).await,
        qian.post("/api/patients/1/numbers", json!({ "number": "13912345678", "owner": "self" })).await,
        qian.post("/api/cases/1/requeue", json!({})).await,
    ];
    for answer in refused {
        assert_eq!(answer.status, 403, "{answer:?}");
    }
    let auditor = {
        counter.person("li", Role::Auditor, None).await;
        counter.signed_in("li").await
    };
    assert_eq!(auditor.get("/api/patients?q=x").await.status, 403);
    let note = qian.post("/api/patients/3/notes", json!({ "text": "不是本科室" })).await;
    assert_eq!(note.status, 404);
    counter.close().await;
}

#[tokio::test]
async fn what_people_type_is_kept_as_words_or_refused() {
    let counter = counter().await;
    let zhao = counter.signed_in("zhao").await;
    for text in SLY {
        let note = zhao.post("/api/patients/2/notes", json!({ "text": text })).await;
        assert_eq!(note.status, 201, "{note:?}");
        let found = zhao.get(&format!("/api/patients?q={}", encoded(text))).await;
        assert_eq!(found.status, 200, "{found:?}");
    }
    let page = zhao.get("/api/patients/2").await;
    assert_eq!(page.header("content-type"), "application/json");
    let notes: Vec<&str> = page.body["notes"].as_array().unwrap().iter().map(|note| note["text"].as_str().unwrap()).collect();
    assert!(SLY.iter().all(|text| notes.contains(text)), "{notes:?}");
    for bad in ["", " ", "a\u{0}b", "\u{1b}[2J", &"长".repeat(2001)] {
        let note = zhao.post("/api/patients/2/notes", json!({ "text": bad })).await;
        assert_eq!(note.status, 400, "{bad:?} {note:?}");
    }
    for (path, status) in [
        ("/api/patients", 400),
        ("/api/patients?q=", 400),
        ("/api/patients?q=%00", 400),
        ("/api/patients?q=a%0d%0aSet-Cookie:%20x", 400),
        ("/api/patients?q=a&cursor=zz", 400),
        ("/api/patients?q=a&rows=0", 400),
        ("/api/patients?q=a&rows=99999999999", 400),
        ("/api/patients?q=a&other=1", 400),
        ("/api/do-not-call?number=12", 422),
        ("/api/do-not-call?level=sometimes", 400),
        ("/api/number-repair?department=%00", 400),
        ("/api/appointments?from_at=tomorrow", 400),
        ("/api/patients/9223372036854775808", 404),
        ("/api/patients/-1", 404),
    ] {
        let answer = zhao.get(path).await;
        assert_eq!(answer.status, status, "{path} {answer:?}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    counter.close().await;
}

#[tokio::test]
async fn a_number_is_barred_put_right_and_called_again_and_all_of_it_is_written_down() {
    let counter = counter().await;
    let zhao = counter.signed_in("zhao").await;
    let bad = zhao.send(Method::PATCH, "/api/numbers/1", Some(json!({ "state": "vacant" }).to_string()), &[]).await;
    assert_eq!(bad.status, 204, "{bad:?}");
    let list = zhao.get("/api/number-repair").await;
    assert_eq!((list.status, list.body["items"][0]["patient_id"].as_i64()), (200, Some(1)), "{list:?}");
    hides(&list);
    let entered = json!({ "number": "139 1111 2222", "owner": "kin", "relation": "配偶", "rank": 0 });
    let added = zhao.post("/api/patients/1/numbers", entered).await;
    assert_eq!((added.status, added.body["number"].as_str()), (201, Some("139****2222")), "{added:?}");
    let again = zhao.post("/api/cases/1/requeue", json!({})).await;
    assert_eq!((again.status, again.body["case_id"].as_i64()), (200, Some(1)), "{again:?}");
    let entry = json!({ "number": "13800000001", "level": "always", "reason": SLY[1] });
    assert_eq!(zhao.post("/api/do-not-call", entry).await.status, 201);
    let entry = json!({ "patient_id": 3, "level": "campaign", "only": "july", "reason": "家属要求" });
    assert_eq!(zhao.post("/api/do-not-call", entry).await.status, 201);
    let list = zhao.get("/api/do-not-call").await;
    assert_eq!(list.body["items"].as_array().map(Vec::len), Some(2), "{list:?}");
    hides(&list);
    let ended = zhao.post("/api/do-not-call/1/end", json!({ "reason": "有新的书面同意" })).await;
    assert_eq!((ended.status, ended.body["ended"].as_u64()), (200, Some(1)), "{ended:?}");
    assert_eq!(zhao.post("/api/do-not-call/1/end", json!({ "reason": "再一次" })).await.status, 409);
    let file = "号码\n13911110001\n13911110001\n1391111\n";
    for (step, entered) in [("preview", Value::Null), ("take", json!(1))] {
        let path = format!("/api/do-not-call/import?file=list.csv&step={step}");
        let read = zhao.send(Method::POST, &path, Some(file.to_owned()), &[]).await;
        assert_eq!(read.status, 200, "{read:?}");
        assert_eq!(
            (read.body["numbers"].as_u64(), read.body["refused"].as_u64(), &read.body["entered"]["added"]),
            (Some(1), Some(1), &entered),
            "{read:?}"
        );
    }
    let state = json!({ "state": "deceased", "reason": "家属告知" });
    assert_eq!(zhao.post("/api/patients/2/state", state).await.status, 200);
    assert_eq!(zhao.get("/api/patients/2").await.body["deceased"], true);
    let cleared = zhao.post("/api/patients/2/state/clear", json!({ "state": "deceased", "reason": "误登" })).await;
    assert_eq!(cleared.status, 200, "{cleared:?}");
    appointments(&zhao).await;
    let deeds = deeds(&counter).await;
    for deed in [
        "changed_number",
        "added_number",
        "requeued",
        "listed_do_not_call",
        "unlisted_do_not_call",
        "imported_do_not_call",
        "set_state",
        "cleared_state",
        "removed_appointment",
    ] {
        assert!(!of(&deeds, deed).is_empty(), "{deed}");
    }
    let told = serde_json::to_string(&deeds).unwrap();
    for hidden in ["13911112222", "13800000001", "李秀英", "13911110001"] {
        assert!(!told.contains(hidden), "{hidden} in the audit log");
    }
    counter.close().await;
}

async fn appointments(zhao: &Browser) {
    let past = json!({ "appointment_at": "2020-01-01T10:00:00Z" }).to_string();
    let refused = zhao.send(Method::PUT, "/api/cases/3/appointment", Some(past), &[]).await;
    assert_eq!(refused.status, 422, "{refused:?}");
    let none = zhao.send(Method::DELETE, "/api/cases/3/appointment", None, &[]).await;
    assert_eq!(none.status, 409, "{none:?}");
    let list = zhao.get("/api/appointments").await;
    assert_eq!((list.status, list.body["items"].as_array().map(Vec::len)), (200, Some(0)), "{list:?}");
}

fn encoded(text: &str) -> String {
    text.bytes().map(|octet| format!("%{octet:02x}")).collect()
}
