//! Opening: the folder is private and held by one daemon; every refusal says what is wrong.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use aftercall::dialer::Outcome;
use aftercall::outcome::Disposition;
use aftercall::store::{DATABASE, Error, Reader, Store};

use sqlx::migrate::Migrator;

use crate::fixture::{
    Folder, NOW, answered, campaign, closed, dialed, dialplan, new_campaign, scalar, seeded, shanghai,
};

#[tokio::test]
async fn a_fresh_folder_is_created_private() {
    let folder = Folder::new();
    let store = folder.open().await;
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(folder.path()), 0o700);
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(mode(&entry.path()), 0o600, "{:?}", entry.file_name());
    }
    store.close().await;
}

#[tokio::test]
async fn a_second_daemon_is_refused_and_told_who_holds_the_folder() {
    let folder = Folder::new();
    let first = folder.open().await;
    let error = Store::open(folder.path(), shanghai(), NOW).await.unwrap_err();
    let Error::Locked { holder, .. } = &error else {
        panic!("{error}");
    };
    let pid = std::process::id();
    assert_eq!(*holder, format!("process {pid}, started 2025-07-01T01:00:00Z"));
    first.close().await;
    folder.open().await.close().await;
}

#[tokio::test]
async fn a_database_of_a_newer_release_is_refused() {
    let folder = Folder::new();
    folder.open().await.close().await;
    sqlx::query(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (9999, 'later', 1, x'00', 0)",
    )
    .execute(&mut folder.tool().await)
    .await
    .unwrap();
    let error = Store::open(folder.path(), shanghai(), NOW).await.unwrap_err();
    assert!(matches!(error, Error::NewerSchema { found: 9999, .. }), "{error}");
    let error = Reader::open(folder.path()).await.unwrap_err();
    assert!(matches!(error, Error::NewerSchema { found: 9999, .. }), "{error}");
}

#[tokio::test]
async fn a_database_from_before_the_media_figures_is_carried_forward() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let (_, attempt) = dialed(&store, id, NOW).await;
    let mut end = answered(attempt, NOW, 1_000, Disposition::Partial, closed(Outcome::Partial));
    end.media.packets_sent = 50;
    store.finish(end).await.unwrap();
    store.close().await;
    let before = "drop view v_media;
        alter table attempt drop column jitter_ms;
        alter table attempt drop column rtt_ms;
        alter table attempt drop column remote_lost;
        alter table attempt drop column remote_jitter_ms;
        delete from _sqlx_migrations where version = 6";
    sqlx::raw_sql(before).execute(&mut folder.tool().await).await.unwrap();
    let store = folder.open().await;
    let media: (i64, Option<i64>) = sqlx::query_as("select packets_sent, rtt_ms from v_media")
        .fetch_one(&mut folder.tool().await)
        .await
        .unwrap();
    assert_eq!(media, (50, None));
    store.close().await;
}

/// A database as a release left it that knew the migrations up to `version`.
async fn older(folder: &Folder, version: i64) {
    std::fs::create_dir_all(folder.path()).unwrap();
    std::fs::write(folder.path().join(DATABASE), "").unwrap();
    let mut migrator = Migrator::new(Path::new("migrations/sqlite")).await.unwrap();
    migrator
        .migrations
        .to_mut()
        .retain(|migration| migration.version <= version);
    migrator.run(&mut folder.tool().await).await.unwrap();
}

async fn schema(folder: &Folder) -> (i64, Vec<String>) {
    let mut tool = folder.tool().await;
    let version = sqlx::query_scalar("select max(version) from _sqlx_migrations")
        .fetch_one(&mut tool)
        .await
        .unwrap();
    let texts = sqlx::query_scalar("select coalesce(sql, name) from sqlite_master order by name").fetch_all(&mut tool);
    (version, texts.await.unwrap())
}

#[tokio::test]
async fn an_older_database_is_carried_forward_from_each_release() {
    for version in 1..=6 {
        let folder = Folder::new();
        older(&folder, version).await;
        folder.open().await.close().await;
        let fresh = Folder::new();
        fresh.open().await.close().await;
        assert_eq!(schema(&folder).await.0, schema(&fresh).await.0, "from {version}");
    }
}

#[tokio::test]
async fn a_migration_that_fails_leaves_the_whole_old_schema() {
    let folder = Folder::new();
    older(&folder, 5).await;
    // A later migration adds this column and cannot; the ones before it could.
    sqlx::raw_sql("alter table campaign add column paused_at integer")
        .execute(&mut folder.tool().await)
        .await
        .unwrap();
    let before = schema(&folder).await;
    let error = Store::open(folder.path(), shanghai(), NOW).await.unwrap_err();
    assert!(error.to_string().contains("paused_at"), "{error}");
    assert_eq!(schema(&folder).await, before, "half of it was carried forward");
}

#[tokio::test]
async fn a_file_in_place_of_the_folder_is_named() {
    let folder = Folder::new();
    std::fs::write(folder.path(), "").unwrap();
    let error = Store::open(folder.path(), shanghai(), NOW).await.unwrap_err();
    std::fs::remove_file(folder.path()).unwrap();
    assert!(matches!(error, Error::NotAFolder { .. }), "{error}");
}

#[tokio::test]
async fn a_folder_that_cannot_be_created_is_named() {
    let error = Store::open("/proc/aftercall".as_ref(), shanghai(), NOW)
        .await
        .unwrap_err();
    assert!(error.to_string().starts_with("cannot use /proc/aftercall: "), "{error}");
}

#[tokio::test]
async fn a_read_only_database_is_refused_with_what_to_do() {
    let folder = Folder::new();
    folder.open().await.close().await;
    let file = folder.path().join(DATABASE);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o400)).unwrap();
    let error = Store::open(folder.path(), shanghai(), NOW).await.unwrap_err();
    assert!(matches!(&error, Error::ReadOnly { path } if *path == file), "{error}");
    assert!(error.to_string().contains("chmod u+w"), "{error}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_called_damaged() {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path()).unwrap();
    std::fs::write(
        folder.path().join(DATABASE),
        "this is a shopping list, not a database".repeat(50),
    )
    .unwrap();
    let error = Store::open(folder.path(), shanghai(), NOW).await.unwrap_err();
    assert!(matches!(error, Error::Corrupt(_)), "{error}");
}

#[tokio::test]
async fn a_reader_without_a_database_is_told_so() {
    let folder = Folder::new();
    let error = Reader::open(folder.path()).await.unwrap_err();
    assert!(matches!(error, Error::NoDatabase { .. }), "{error}");
}

#[tokio::test]
async fn a_reader_does_not_guess_at_an_older_schema() {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path()).unwrap();
    std::fs::write(folder.path().join(DATABASE), "").unwrap();
    let error = Reader::open(folder.path()).await.unwrap_err();
    assert!(matches!(error, Error::OlderSchema { found: 0, .. }), "{error}");
}

#[tokio::test]
async fn another_process_reads_while_the_daemon_writes_and_after_it_has_gone() {
    let folder = Folder::new();
    let store = folder.open().await;
    campaign(&store, "july").await;
    let reader = Reader::open(folder.path()).await.unwrap();
    assert_eq!(reader.campaigns(NOW).await.unwrap().len(), 1);
    reader.close().await;
    store.close().await;
    let reader = Reader::open(folder.path()).await.unwrap();
    assert_eq!(reader.campaign("july", NOW).await.unwrap().lines, Some(20));
    reader.close().await;
}

#[tokio::test]
async fn a_closed_store_says_so() {
    let folder = Folder::new();
    let store = folder.open().await;
    store.close().await;
    store.close().await;
    let error = store.put_dialplan(dialplan(), NOW).await.unwrap_err();
    assert!(matches!(error, Error::Closed), "{error}");
}

#[tokio::test]
async fn a_campaign_is_added_once_and_changed_only_at_rest() {
    let folder = Folder::new();
    let store = folder.open().await;
    let error = store.add_campaign(new_campaign("july")).await.unwrap_err();
    assert!(matches!(error, Error::NoDialplan { .. }), "{error}");
    campaign(&store, "july").await;
    let error = store.add_campaign(new_campaign("july")).await.unwrap_err();
    assert!(matches!(error, Error::CampaignExists { .. }), "{error}");
    let error = store.change_campaign(new_campaign("july")).await.unwrap_err();
    assert!(matches!(error, Error::CampaignRunning { .. }), "{error}");
    store.stop_campaign("july", NOW).await.unwrap();
    store.change_campaign(new_campaign("july")).await.unwrap();
    let error = store.start_campaign("august", NOW).await.unwrap_err();
    assert!(matches!(error, Error::NoCampaign { .. }), "{error}");
    store.close().await;
}

#[tokio::test]
async fn every_commit_waits_for_the_disk() {
    let folder = Folder::new();
    let store = folder.open().await;
    let mut tool = folder.tool().await;
    assert_eq!(scalar::<String>(&mut tool, "pragma journal_mode").await, "wal");
    store.close().await;
}
