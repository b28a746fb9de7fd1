//! Requests under an Idempotency-Key: known after the daemon has ended, for a day, and no more than so many.

use aftercall::store::Store;
use aftercall::store::console::accounts::NewAccount;
use aftercall::store::console::answered::{Answered, KEPT, Known, RequestKey};
use aftercall::store::console::audit::Deed;
use sqlx::Connection;

use crate::fixture::{Folder, NOW, minutes};

async fn account(store: &Store) -> i64 {
    let deed = Deed {
        at: NOW,
        account_id: None,
        who: "os:root".into(),
        deed: "added_account".into(),
        object: None,
        reason: None,
        detail: None,
        address: None,
    };
    let account = NewAccount {
        account: "wang".into(),
        name: "王".into(),
        role: "qa".into(),
        department: None,
        password: "-".into(),
        password_due: false,
    };
    store.add_account(account, deed).await.unwrap();
    1
}

fn named(account_id: i64, key: &str) -> RequestKey {
    RequestKey {
        account_id,
        route: "/api/people".into(),
        key: key.into(),
    }
}

fn created(asked: &str) -> Answered {
    Answered {
        body_sha256: asked.into(),
        status: 201,
        kind: "application/json".into(),
        body: b"{\"id\":7}".to_vec(),
    }
}

#[tokio::test]
async fn a_request_is_known_after_the_daemon_has_ended_and_forgotten_after_a_day() {
    let (one, other) = ("a".repeat(64), "b".repeat(64));
    let folder = Folder::new();
    let store = folder.open().await;
    let id = account(&store).await;
    let begin = async |store: &Store, key: &str, asked: &str, at| {
        store.begin_request(named(id, key), asked.into(), at).await.unwrap()
    };
    assert_eq!(begin(&store, "kept", &one, NOW).await, Known::New);
    store.keep_answer(named(id, "kept"), created(&one), NOW).await.unwrap();
    assert_eq!(begin(&store, "refused", &one, NOW).await, Known::New);
    store.forget_request(named(id, "refused")).await.unwrap();
    assert_eq!(begin(&store, "cut", &one, NOW).await, Known::New);
    store.close().await;

    let store = folder.open().await;
    let soon = NOW + minutes(5);
    assert_eq!(begin(&store, "kept", &one, soon).await, Known::Answered(created(&one)));
    assert_eq!(begin(&store, "kept", &other, soon).await, Known::Other);
    assert_eq!(begin(&store, "cut", &one, soon).await, Known::CutShort);
    assert_eq!(begin(&store, "refused", &other, soon).await, Known::New);
    assert_eq!(begin(&store, "kept", &other, NOW + KEPT).await, Known::New);
    store.close().await;
}

#[tokio::test]
async fn of_very_many_requests_the_oldest_go() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = account(&store).await;
    let mut tool = folder.tool().await;
    sqlx::query(
        "with recursive n (i) as (select 1 union all select i + 1 from n where i < 1100)
         insert into answered (account_id, route, key, body_sha256, at, status, kind, body)
         select $1, '/api/people', 'key' || i, $2, $3 + i, 201, '', x'' from n",
    )
    .bind(id)
    .bind("a".repeat(64))
    .bind(NOW.millis())
    .execute(&mut tool)
    .await
    .unwrap();
    let now = NOW + minutes(1);
    let known = store.begin_request(named(id, "one more"), "a".repeat(64), now).await;
    assert_eq!(known.unwrap(), Known::New);
    let (many, oldest): (i64, i64) = sqlx::query_as("select count(*), min(at) from answered")
        .fetch_one(&mut tool)
        .await
        .unwrap();
    assert_eq!((many, oldest), (1_000, NOW.millis() + 102));
    tool.close().await.unwrap();
    store.close().await;
}
