//! The audit log: what somebody changes, deletes or cuts off behind its back is found.

use std::time::Duration;

use aftercall::access::{Access, Act, By, Credentials, FirstPassword, Limits, NewPerson, Role};
use aftercall::moment::Wall;
use aftercall::pii::Pii;
use aftercall::store::Store;
use aftercall::store::console::audit::{Anchor, AuditFilter, AuditPage, Deed};
use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::fixture::{Folder, NOW, scalar};

fn deed(n: u32) -> Deed {
    Deed {
        at: NOW,
        account_id: Some(1),
        who: "wang".to_owned(),
        deed: "listened".to_owned(),
        object: Some(format!("call:{n}")),
        reason: None,
        detail: Some(serde_json::json!({ "to_ms": 5000, "from_ms": 0 })),
        address: Some("192.0.2.7".to_owned()),
    }
}

async fn written(store: &Store, many: u32) {
    for n in 1..=many {
        assert_eq!(store.note_deed(deed(n)).await.unwrap(), i64::from(n));
    }
}

async fn run(db: &mut SqliteConnection, sql: &str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(db).await.map(drop)
}

const WITHOUT_TRIGGERS: &str = "drop trigger audit_is_never_changed; drop trigger audit_is_never_deleted;";

/// So many rows of Li who listened, a second apart, behind one that was signed.
async fn listened_for_years(folder: &Folder, rows: u32) {
    let mut tool = folder.tool().await;
    let sql = format!(
        "with recursive n (i) as (select 1 union all select i + 1 from n where i < {rows})
         insert into audit (id, at, who, deed, object, previous, hash)
         select i, i * 1000, 'li', case i when 1 then 'signed' else 'listened' end, 'call:' || (i % 7),
            printf('%064d', 0), printf('%064d', 0) from n"
    );
    run(&mut tool, &sql).await.unwrap();
}

#[tokio::test]
async fn a_list_is_read_by_time_and_a_page_never_looks_at_more_than_it_may() {
    let folder = Folder::new();
    let store = folder.open().await;
    listened_for_years(&folder, 12_000).await;
    let ids = |page: &AuditPage| page.rows.iter().map(|row| row.id).collect::<Vec<_>>();
    // A second long ago, and the next page of it.
    let of_then = AuditFilter {
        from: Some(100_000),
        to: Some(104_000),
        ..AuditFilter::default()
    };
    let first = store.reader().audit(&of_then, 3).await.unwrap();
    assert_eq!((ids(&first), first.next), (vec![103, 102, 101], Some((101_000, 101))));
    let then = AuditFilter {
        before: first.next,
        ..of_then
    };
    let second = store.reader().audit(&then, 3).await.unwrap();
    assert_eq!((ids(&second), second.next), (vec![100], None));
    // Two things at once, of which the one that leads there has many rows: a page may be empty, and the last one has it.
    let rare = AuditFilter {
        who: Some("li".to_owned()),
        deed: Some("signed".to_owned()),
        ..AuditFilter::default()
    };
    let first = store.reader().audit(&rare, 50).await.unwrap();
    assert_eq!((ids(&first), first.next), (vec![], Some((2_001_000, 2_001))));
    let then = AuditFilter {
        before: first.next,
        ..rare
    };
    let second = store.reader().audit(&then, 50).await.unwrap();
    assert_eq!((ids(&second), second.next), (vec![1], None));
    store.close().await;
}

#[tokio::test]
async fn the_database_refuses_to_change_or_delete_what_was_written() {
    let folder = Folder::new();
    let store = folder.open().await;
    written(&store, 3).await;
    let mut tool = folder.tool().await;
    for sql in [
        "update audit set who = 'li' where id = 2",
        "delete from audit where id = 3",
        "delete from audit",
    ] {
        let refused = run(&mut tool, sql).await.unwrap_err().to_string();
        assert!(refused.contains("the audit log is never"), "{refused}");
    }
    let chain = store.reader().audit_chain(&[]).await.unwrap();
    assert_eq!((chain.rows, chain.is_whole(), chain.last), (3, true, 3));
    store.close().await;
}

#[tokio::test]
async fn what_is_changed_deleted_or_cut_off_behind_its_back_is_found() {
    for (sql, at) in [
        ("update audit set object = 'call:9' where id = 4", 4),
        ("update audit set reason = '' where id = 2", 2),
        ("update audit set detail = '{}' where id = 1", 1),
        ("update audit set hash = previous where id = 5", 5),
        ("delete from audit where id = 3", 3),
        ("delete from audit where id = 1", 1),
        ("delete from audit where id > 4", 5),
        ("delete from audit", 1),
    ] {
        let folder = Folder::new();
        let store = folder.open().await;
        written(&store, 6).await;
        let mut tool = folder.tool().await;
        run(&mut tool, WITHOUT_TRIGGERS).await.unwrap();
        run(&mut tool, sql).await.unwrap();
        let chain = store.reader().audit_chain(&[]).await.unwrap();
        assert_eq!(chain.broken_at, Some(at), "{sql}: {chain:?}");
        store.close().await;
    }
}

#[tokio::test]
async fn a_log_that_was_written_anew_is_found_by_what_was_noted_elsewhere() {
    let folder = Folder::new();
    let store = folder.open().await;
    written(&store, 3).await;
    let noted = store.reader().audit_anchor().await.unwrap().unwrap();
    let mut tool = folder.tool().await;
    run(&mut tool, WITHOUT_TRIGGERS).await.unwrap();
    run(
        &mut tool,
        "delete from audit; delete from meta where key = 'audit_head'",
    )
    .await
    .unwrap();
    for n in 4..=7 {
        store.note_deed(deed(n)).await.unwrap();
    }
    let chain = store.reader().audit_chain(&[]).await.unwrap();
    assert!(chain.is_whole(), "by itself it looks whole: {chain:?}");
    let chain = store.reader().audit_chain(&[noted]).await.unwrap();
    assert_eq!(chain.broken_at, Some(3), "{chain:?}");
    let later = Anchor {
        id: 12,
        hash: chain.last_hash,
    };
    let chain = store.reader().audit_chain(&[later]).await.unwrap();
    assert_eq!(chain.broken_at, Some(5), "{chain:?}");
    store.close().await;
}

#[tokio::test]
async fn the_last_administrator_is_neither_locked_nor_given_another_role() {
    let folder = Folder::new();
    let store = folder.open().await;
    let access = Access::new(store.clone());
    let by = By::Terminal("root");
    let new = |account: &str| NewPerson {
        account: account.to_owned(),
        name: "陈敏".to_owned(),
        role: Role::Administrator,
        department: None,
        password: Pii::new("yunxi-qiao-41".to_owned()),
    };
    let first = access
        .add_person(by.clone(), new("chen"), FirstPassword::Chosen, None, NOW)
        .await
        .unwrap();
    let refused = access
        .lock_person(by.clone(), first, Act::default(), NOW)
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("last administrator"), "{refused}");
    assert_eq!(access.person(first, NOW).await.unwrap().ended_at, None);
    let second = access
        .add_person(by.clone(), new("zhou"), FirstPassword::Chosen, None, NOW)
        .await
        .unwrap();
    access
        .lock_person(by.clone(), first, Act::default(), NOW)
        .await
        .unwrap();
    assert!(access.lock_person(by, second, Act::default(), NOW).await.is_err());
    let rows = store.reader().audit(&Default::default(), 10).await.unwrap().rows;
    let deeds: Vec<&str> = rows.iter().map(|row| row.deed.as_str()).collect();
    assert_eq!(
        deeds,
        ["locked_account", "added_account", "added_account"],
        "what was refused is not written"
    );
    assert_eq!(rows[0].who, "os:root");
    store.close().await;
}

#[tokio::test]
async fn sessions_last_as_long_and_are_as_many_as_the_settings_say() {
    let folder = Folder::new();
    let store = folder.open().await;
    let minute = Duration::from_secs(60);
    let limits = Limits {
        idle: minute * 10,
        lasts: minute * 60,
        most: 1,
    };
    let access = Access::with_limits(store.clone(), limits);
    let new = NewPerson {
        account: "chen".to_owned(),
        name: "陈敏".to_owned(),
        role: Role::Administrator,
        department: None,
        password: Pii::new("yunxi-qiao-41".to_owned()),
    };
    access
        .add_person(By::Terminal("root"), new, FirstPassword::Chosen, None, NOW)
        .await
        .unwrap();
    let credentials = Credentials {
        account: "chen".to_owned(),
        password: Pii::new("yunxi-qiao-41".to_owned()),
        address: None,
        agent: None,
    };
    let first = access.sign_in(credentials.clone(), NOW).await.unwrap();
    assert_eq!(first.signed_in.until, NOW + minute * 60);
    let is_in = async |token: &Pii<String>, at| access.who(token.reveal(), at).await.unwrap().is_some();
    assert!(is_in(&first.token, NOW + minute * 9).await);
    let second = access.sign_in(credentials, NOW + minute * 9).await.unwrap();
    assert!(!is_in(&first.token, NOW + minute * 9).await, "one session at once");
    assert!(is_in(&second.token, NOW + minute * 18).await);
    assert!(!is_in(&second.token, NOW + minute * 40).await, "nobody used it");
    store.close().await;
}

#[tokio::test]
async fn whoever_works_on_stays_signed_in_however_short_a_session_without_requests_is() {
    let folder = Folder::new();
    let store = folder.open().await;
    let limits = Limits {
        idle: Duration::from_secs(60),
        ..Limits::default()
    };
    let access = Access::with_limits(store.clone(), limits);
    let new = NewPerson {
        account: "chen".to_owned(),
        name: "陈敏".to_owned(),
        role: Role::Administrator,
        department: None,
        password: Pii::new("yunxi-qiao-41".to_owned()),
    };
    let by = By::Terminal("root");
    access
        .add_person(by, new, FirstPassword::Chosen, None, NOW)
        .await
        .unwrap();
    let credentials = Credentials {
        account: "chen".to_owned(),
        password: Pii::new("yunxi-qiao-41".to_owned()),
        address: None,
        agent: None,
    };
    let session = access.sign_in(credentials, NOW).await.unwrap();
    let mut tool = folder.tool().await;
    for asked in 1..=4 {
        let at = NOW + Duration::from_secs(asked * 25);
        let who = access.who(session.token.reveal(), at).await.unwrap();
        assert!(who.is_some(), "25 s after the request before");
        // It is noted beside the request, soon.
        for _ in 0..2_000 {
            if scalar::<i64>(&mut tool, "select seen_at from session").await == at.millis() {
                break;
            }
            tokio::task::yield_now().await;
        }
    }
    store.close().await;
}

#[tokio::test]
async fn who_works_at_an_open_desk_uses_the_session_but_wakes_none_that_is_over() {
    let folder = Folder::new();
    let store = folder.open().await;
    let minute = Duration::from_secs(60);
    let limits = Limits {
        idle: minute * 30,
        lasts: minute * 90,
        most: 2,
    };
    let access = Access::with_limits(store.clone(), limits);
    let new = NewPerson {
        account: "li".to_owned(),
        name: "李娜".to_owned(),
        role: Role::Agent,
        department: None,
        password: Pii::new("yunxi-qiao-41".to_owned()),
    };
    access
        .add_person(By::Terminal("root"), new, FirstPassword::Chosen, None, NOW)
        .await
        .unwrap();
    let credentials = Credentials {
        account: "li".to_owned(),
        password: Pii::new("yunxi-qiao-41".to_owned()),
        address: None,
        agent: None,
    };
    let works = access.sign_in(credentials.clone(), NOW).await.unwrap();
    let left = access.sign_in(credentials, NOW).await.unwrap();
    let is_in = async |token: &Pii<String>, at| access.who(token.reveal(), at).await.unwrap().is_some();
    let mut tool = folder.tool().await;
    // It is noted beside stream and request, soon.
    let mut seen = async |at: Wall| {
        for _ in 0..2_000 {
            if scalar::<i64>(&mut tool, "select max(seen_at) from session").await == at.millis() {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("not noted at {at:?}");
    };
    for (works_at, asks_at) in [(20, 48), (68, 89)] {
        access.works_on(&works.signed_in, NOW + minute * works_at);
        seen(NOW + minute * works_at).await;
        assert!(
            is_in(&works.token, NOW + minute * asks_at).await,
            "at {asks_at} minutes"
        );
        seen(NOW + minute * asks_at).await;
    }
    assert!(
        !is_in(&works.token, NOW + minute * 90).await,
        "it ends at the latest then"
    );
    assert!(!is_in(&left.token, NOW + minute * 40).await);
    store
        .see_session(left.signed_in.session, NOW + minute * 40, NOW + minute * 10)
        .await
        .unwrap();
    assert!(!is_in(&left.token, NOW + minute * 41).await, "what is over stays so");
    store.close().await;
}
