//! What people read of the settings over the console, and the list that they take along when the system is down.

use aftercall::access::Role;
use aftercall::config::Protection;
use serde_json::json;

use crate::browser::Counter;

#[tokio::test]
async fn settings_are_read_by_who_may_with_their_lines_and_no_secret() {
    let counter = Counter::open(Protection::None).await;
    let file = counter.site.file("aftercall.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let with_secret = text.replace("pace = 10.0\n", "pace = 10.0\npassword = \"geheim-41\"\n");
    std::fs::write(&file, with_secret).unwrap();
    let chen = counter.signed_in("chen").await;
    let answer = chen.get("/api/settings").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(!answer.text.contains("geheim"), "{answer:?}");
    let shown = answer.body["file"].as_str().unwrap();
    assert!(shown.ends_with("aftercall.toml"), "{shown}");
    let settings = answer.body["settings"].as_array().unwrap();
    let of = |section: &str, key: &str| {
        let found = settings
            .iter()
            .find(|line| line["section"] == section && line["key"] == key);
        found.unwrap_or_else(|| panic!("{section}.{key}: {settings:#?}"))
    };
    assert_eq!(of("trunk", "password")["value"], json!(null));
    assert_eq!(of("trunk", "password")["takes"], "reload");
    assert_eq!(of("trunk", "address")["takes"], "restart");
    assert_eq!(of("trunk", "address")["trunk"], 0);
    // The file is gone: that is told, and nothing breaks.
    std::fs::remove_file(&file).unwrap();
    let gone = chen.get("/api/settings").await;
    assert_eq!((gone.status, &gone.body["settings"]), (200, &json!([])), "{gone:?}");
    assert!(gone.body["fault"].is_string(), "{gone:?}");
    let wang = counter.signed_in("wang").await;
    assert_eq!(wang.get("/api/settings").await.status, 403);
    assert_eq!(wang.get("/api/settings/calendar").await.status, 403);
    counter.close().await;
}

#[tokio::test]
async fn the_calendar_tells_holidays_and_the_days_worked_for_them() {
    let counter = Counter::open(Protection::None).await;
    let chen = counter.signed_in("chen").await;
    let year = chen.get("/api/settings/calendar?year=2026").await;
    assert_eq!((year.status, &year.body["is_known"]), (200, &json!(true)), "{year:?}");
    let days = year.body["days"].as_array().unwrap();
    let kind = |date: &str| {
        days.iter()
            .find(|day| day["date"] == date)
            .map(|day| day["kind"].clone())
    };
    assert_eq!(kind("2026-10-01"), Some(json!("holiday")));
    assert!(days.iter().any(|day| day["kind"] == "make_up_day"), "{days:?}");
    assert_eq!(kind("2026-07-15"), None);
    let far = chen.get("/api/settings/calendar?year=2999").await;
    assert_eq!((far.status, &far.body["is_known"]), (200, &json!(false)));
    for wrong in ["year=1", "year=x", "month=3"] {
        assert_eq!(
            chen.get(&format!("/api/settings/calendar?{wrong}")).await.status,
            400,
            "{wrong}"
        );
    }
    let health = counter.browser().get("/api/health").await;
    assert_eq!(
        (&health.body["windows"], &health.body["zone"]),
        (&json!([]), &json!("Asia/Shanghai"))
    );
    counter.close().await;
}

#[tokio::test]
async fn the_offline_list_asks_what_for_and_who_may_not_reveal_gets_it_masked() {
    let counter = Counter::open(Protection::None).await;
    counter.person("guo", Role::DepartmentHead, Some("骨科")).await;
    let wang = counter.signed_in("wang").await;
    let asked = |reason: &str, full: bool| json!({ "campaign": "nothing", "reason": reason, "full": full });
    assert_eq!(
        wang.post("/api/offline-list", asked("停电，今晚人工回访", true))
            .await
            .status,
        404
    );
    assert_eq!(wang.post("/api/offline-list", asked("x", true)).await.status, 400);
    assert_eq!(
        wang.post("/api/offline-list", asked("a\u{0}b", false)).await.status,
        400
    );
    let guo = counter.signed_in("guo").await;
    assert_eq!(guo.post("/api/offline-list", asked("停电", true)).await.status, 403);
    assert_eq!(guo.post("/api/offline-list", asked("停电", false)).await.status, 404);
    let chen = counter.signed_in("chen").await;
    assert_eq!(chen.post("/api/offline-list", asked("停电", false)).await.status, 403);
    let file = json!({ "campaign": "nothing", "reason": "停电", "form": "pdf" });
    assert_eq!(wang.post("/api/offline-list/file", file).await.status, 422);
    counter.close().await;
}
