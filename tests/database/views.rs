//! The views: what people see who open the database with their own tools.

use aftercall::dialer::Outcome;
use aftercall::moment::Wall;
use aftercall::outcome::Disposition;
use aftercall::store::Store;

use crate::fixture::{Folder, NOW, answered, closed, dialed, keep, minutes, scalar, seeded};

#[tokio::test]
async fn times_are_shown_in_local_time() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let (_, attempt) = dialed(&store, id, NOW).await;
    store.keep(keep(attempt, 5, "care", 2)).await.unwrap();
    let end = answered(
        attempt,
        NOW + minutes(2),
        90_500,
        Disposition::Partial,
        closed(Outcome::Partial),
    );
    store.finish(end).await.unwrap();
    let mut tool = folder.tool().await;
    let case: (String, String, String, String) =
        sqlx::query_as("select due_local, closed_local, cause, name from v_case")
            .fetch_one(&mut tool)
            .await
            .unwrap();
    let text = |text: &str| text.to_owned();
    assert_eq!(
        case,
        (
            text("2025-07-01 09:00:00"),
            text("2025-07-01 09:02:00"),
            text("部分完成"),
            text("张建国")
        )
    );
    let attempt: (String, String, f64) = sqlx::query_as("select begun_local, answered_local, talk_s from v_attempt")
        .fetch_one(&mut tool)
        .await
        .unwrap();
    assert_eq!(
        attempt,
        (text("2025-07-01 09:00:00"), text("2025-07-01 09:00:29"), 90.5)
    );
    let answer: (String, String) = sqlx::query_as("select label, at_local from v_answer")
        .fetch_one(&mut tool)
        .await
        .unwrap();
    assert_eq!(answer, (text("比较满意"), text("2025-07-01 09:00:05")));
    store.close().await;
}

#[tokio::test]
async fn the_offset_of_the_time_itself_is_used_and_may_be_changed() {
    let folder = Folder::new();
    folder.open().await.close().await;
    // Summer time ends between the two.
    let offsets = vec![(Wall::from_millis(0), 7200), (NOW + minutes(60), 3600)];
    let store = Store::open(folder.path(), offsets, NOW).await.unwrap();
    seeded(&store, 2).await;
    let mut tool = folder.tool().await;
    sqlx::query("update cases set due_at = due_at + 3600000 where id = 2")
        .execute(&mut tool)
        .await
        .unwrap();
    let due: String = scalar(&mut tool, "select group_concat(due_local, '|') from v_case").await;
    assert_eq!(due, "2025-07-01 03:00:00|2025-07-01 03:00:00");
    store.close().await;
}

#[tokio::test]
async fn every_view_can_be_read() {
    let folder = Folder::new();
    let store = folder.open().await;
    let mut tool = folder.tool().await;
    let views: Vec<String> = sqlx::query_scalar("select name from sqlite_master where type = 'view' order by name")
        .fetch_all(&mut tool)
        .await
        .unwrap();
    assert_eq!(
        views,
        [
            "answer_now",
            "report_answer_now",
            "report_attempt_now",
            "report_case_now",
            "v_alarm",
            "v_answer",
            "v_attempt",
            "v_call_back",
            "v_campaign",
            "v_case",
            "v_decision",
            "v_deletion",
            "v_do_not_call",
            "v_encounter",
            "v_legal_hold",
            "v_media",
            "v_patient_state",
            "v_pressed_key",
            "v_rule_decision",
            "v_switch",
        ]
    );
    for view in views {
        let sql = sqlx::AssertSqlSafe(format!("select * from {view}"));
        sqlx::query(sql).fetch_all(&mut tool).await.unwrap();
    }
    store.close().await;
}

#[tokio::test]
async fn every_disposition_is_in_the_database_with_the_users_word() {
    let folder = Folder::new();
    let store = folder.open().await;
    let mut tool = folder.tool().await;
    let rows: Vec<(String, String)> = sqlx::query_as("select id, cause from disposition order by rank")
        .fetch_all(&mut tool)
        .await
        .unwrap();
    let expected: Vec<(String, String)> = Disposition::ALL
        .iter()
        .map(|d| (d.as_str().to_owned(), d.zh().to_owned()))
        .collect();
    assert_eq!(rows, expected);
    store.close().await;
}
