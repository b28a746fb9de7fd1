//! `aftercall judge`: a real campaign is found clean, and what is planted afterwards is found.

use std::fs::OpenOptions;
use std::io::Write;

use aftercall::engine::clock::Clock;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use crate::crash::start_campaign;
use crate::far_side::{EVIDENCE, FarSide};
use crate::site::Site;

/// One completes, one is busy, one hangs up.
const THREE: &str = r#"
[[behaviour]]
name = "completes"
numbers = "13800000001"
press_after = "100ms"

[[behaviour]]
name = "busy"
numbers = "13800000002"
status = 486

[[behaviour]]
name = "hangs-up"
numbers = "13800000003"
hang_up = [{ on = "care", after = "200ms" }]
"#;

/// An earlier attempt of the first case, at three in the morning of 2 June 2025 in Shanghai.
const AT_NIGHT: &str = "
insert into attempt (id, case_id, number_id, digits, trunk, ordinal, state, begun_at, ended_at, disposition, dialplan_hash)
select -1, case_id, number_id, digits, trunk, 1, 'ended', 1748804400000, 1748804430000, 'network_busy', dialplan_hash
from attempt order by id limit 1";

/// The one who has answered everything is called once more.
const ONCE_MORE: &str = "
insert into attempt (case_id, number_id, digits, trunk, ordinal, state, begun_at, ended_at, disposition, dialplan_hash)
select case_id, number_id, digits, trunk, 2, 'ended', ended_at + 60000, ended_at + 70000, 'no_answer', dialplan_hash
from attempt where disposition = 'completed'";

async fn plant(site: &Site, row: &'static str) {
    let options = SqliteConnectOptions::new().filename(site.file("data/aftercall.db"));
    let mut db = options.connect().await.unwrap();
    let planted = sqlx::query(row).execute(&mut db).await.unwrap();
    assert_eq!(planted.rows_affected(), 1);
    db.close().await.unwrap();
}

/// The rules that were broken over all nights, each with what is told of its first breach.
fn broken(json: &str) -> Vec<(String, String)> {
    let nights = json
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let mut broken = Vec::new();
    for night in nights {
        for rule in night["rules"].as_array().unwrap() {
            if let Some(first) = rule["broken"].as_array().unwrap().first() {
                broken.push((rule["rule"].as_str().unwrap().to_owned(), first.to_string()));
            }
        }
    }
    broken
}

#[tokio::test]
async fn a_campaign_is_clean_until_something_is_planted_in_database_or_log() {
    let site = Site::new();
    let far_side = FarSide::start(&site, THREE);
    let mut daemon = site.daemon();
    start_campaign(&site, &["13800000001", "13800000002", "13800000003"]);
    for _ in 0..3 {
        daemon.wait_for("attempt ended");
    }
    assert!(daemon.terminate().status.success());
    let seen = far_side.stop(&site);
    assert_eq!(seen.len(), 3, "{seen:?}");
    let command = ["judge", "all", "--any-time", "--json", "--trunk-log", EVIDENCE];
    let said = site.succeed(&command);
    assert_eq!(broken(&said), [], "{said}");
    assert!(
        said.contains("\"rule\":\"trunk_saw_only_ours\",\"checked\":3"),
        "{said}"
    );
    assert!(said.contains("\"rule\":\"trunk_saw_all_ours\",\"checked\":3"), "{said}");
    let said = site.succeed(&["judge", "last", "--any-time", "--trunk-log", EVIDENCE]);
    assert!(
        said.contains("没有违反规则") && said.contains("按测试模式复核"),
        "{said}"
    );

    plant(&site, AT_NIGHT).await;
    let said = site.fail(&["judge", "2025-06-02", "--json"]);
    let found = broken(&said);
    assert_eq!(found.len(), 1, "{said}");
    assert_eq!(found[0].0, "window", "{said}");
    assert!(
        found[0].1.contains("138****0001") && !said.contains("13800000001"),
        "{said}"
    );

    plant(&site, ONCE_MORE).await;
    let mut log = OpenOptions::new().append(true).open(site.file(EVIDENCE)).unwrap();
    let wall = Clock::start().wall().millis();
    writeln!(
        log,
        r#"{{"what":"invite","call_id":"strange","number":"13900000009","from":"127.0.0.1:5","new":true,"at":1,"wall":{wall},"held":1}}"#
    )
    .unwrap();
    let said = site.fail(&command);
    let rules: Vec<String> = broken(&said).into_iter().map(|(rule, _)| rule).collect();
    // This campaign tries once.
    assert_eq!(rules, ["budget", "at_most_once", "trunk_saw_only_ours"], "{said}");
    let said = site.fail(&["judge", "all", "--any-time", "--lang", "en", "--trunk-log", EVIDENCE]);
    assert!(
        said.contains("Call-ID strange") && said.contains("139****0009"),
        "{said}"
    );
}

#[tokio::test]
async fn what_cannot_be_judged_is_told_with_status_2() {
    let site = Site::new();
    let far_side = FarSide::start(&site, THREE);
    let daemon = site.daemon();
    start_campaign(&site, &["13800000001"]);
    assert!(daemon.terminate().status.success());
    far_side.stop(&site);
    site.write("list.csv", "姓名,电话\n王芳,13800000001\n");
    for arguments in [
        &["judge", "yesterday"][..],
        &["judge", "tonight", "--campaign", "no such"],
        &["judge", "tonight", "--trunk-log", "list.csv"],
        &["judge", "tonight", "--trunk-log", "none.csv"],
    ] {
        let said = site.command(arguments);
        assert_eq!(said.status.code(), Some(2), "{arguments:?}: {said:?}");
    }
}
