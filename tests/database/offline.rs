//! The offline list: whom the machine would call, and nobody else.

use aftercall::store::Store;
use aftercall::store::console::offline::OfflineRow;
use sqlx::Connection;

use crate::fixture::{Folder, NOW, minutes, seeded};

async fn list(store: &Store, department: Option<&str>) -> Vec<OfflineRow> {
    first(store, department, 10).await
}

async fn first(store: &Store, department: Option<&str>, rows: u32) -> Vec<OfflineRow> {
    let id = store.reader().campaign_named("july").await.unwrap();
    let until = NOW + minutes(600);
    store
        .reader()
        .offline_list(id, department, (NOW, until), rows)
        .await
        .unwrap()
}

#[tokio::test]
async fn who_must_not_be_called_is_not_on_the_offline_list() {
    let folder = Folder::new();
    let store = folder.open().await;
    seeded(&store, 6).await;
    let all = list(&store, None).await;
    assert_eq!(all.len(), 6);
    assert!(all.iter().all(|row| row.numbers.len() == 1), "{all:?}");
    let department = all[0].department.clone();
    let mut tool = folder.tool().await;
    for sql in [
        "update patient set deceased = 1 where id = 1",
        "update number set state = 'vacant' where patient_id = 2",
        "insert into do_not_call (digits, since, source) select digits, 0, 'test' from number where patient_id = 3",
        "insert into do_not_call (patient_id, since, source) values (4, 0, 'test')",
        "update cases set appointment_at = 1751331900000 where encounter_id = (select id from encounter where patient_id = 6)",
    ] {
        sqlx::query(sql).execute(&mut tool).await.unwrap();
    }
    tool.close().await.unwrap();
    let left = list(&store, None).await;
    assert_eq!(left.len(), 2, "{left:?}");
    assert!(left[0].appointment.is_some(), "appointments come first: {left:?}");
    assert_eq!(list(&store, Some("nobody's")).await, []);
    assert_eq!(list(&store, department.as_deref()).await.len(), 2);
    store.close().await;
}

#[tokio::test]
async fn an_offline_list_is_full_of_those_who_may_be_called_and_begins_with_those_who_were_promised_a_call() {
    let folder = Folder::new();
    let store = folder.open().await;
    seeded(&store, 7).await;
    let mut tool = folder.tool().await;
    for sql in [
        "update cases set next_at = $1 - 1000 + id",
        "update patient set deceased = 1 where id = 1 and $1 > 0",
        "update number set state = 'vacant' where patient_id = 2 and $1 > 0",
        "insert into do_not_call (patient_id, since, source) select 3, 0, 'test' where $1 > 0",
        "update cases set appointment_at = $1 + 60000 where id = 7",
    ] {
        sqlx::query(sql).bind(NOW.millis()).execute(&mut tool).await.unwrap();
    }
    tool.close().await.unwrap();
    let cases = async |rows| -> Vec<i64> {
        let list = first(&store, None, rows).await;
        list.into_iter().map(|row| row.case.0).collect()
    };
    assert_eq!(cases(2).await, [7, 4], "so many are asked for, and so many there are");
    assert_eq!(cases(10).await, [7, 4, 5, 6]);
    store.close().await;
}

#[tokio::test]
async fn the_counts_of_a_campaign_follow_its_cases() {
    let folder = Folder::new();
    let store = folder.open().await;
    seeded(&store, 5).await;
    let counts = async || store.reader().campaign("july", NOW).await.unwrap().counts;
    let counted = counts().await;
    assert_eq!(
        (counted.cases, counted.due, counted.waiting, counted.closed),
        (5, 5, 0, 0)
    );
    let mut tool = folder.tool().await;
    for sql in [
        "update cases set state = 'closed', outcome = 'withdrawn', closed_at = 1 where id = 1",
        "update cases set next_at = 99999999999999 where id = 2",
        "update cases set priority = 3 where id = 3",
        "delete from cases where id = 5",
    ] {
        sqlx::query(sql).execute(&mut tool).await.unwrap();
    }
    tool.close().await.unwrap();
    let counted = counts().await;
    assert_eq!(
        (counted.cases, counted.due, counted.waiting, counted.closed),
        (4, 2, 1, 1)
    );
    store.close().await;
}
