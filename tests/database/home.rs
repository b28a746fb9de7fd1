//! A database that is not at home calls nobody until somebody says so.

use std::fs;
use std::path::Path;

use aftercall::dialer::BeginTest;
use aftercall::phone::Number;
use aftercall::store::{DATABASE, Error, HOME, Store};
use sqlx::Connection;

use crate::fixture::{Folder, HASH, NOW, begin, claim, dialed, import, new_campaign, row, seeded};

/// A folder with two cases, one of them called, and no daemon.
async fn at_rest() -> Folder {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 2).await;
    dialed(&store, id, NOW).await;
    assert_eq!(store.frozen(), None);
    store.close().await;
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// The same file, overwritten: path and inode stay.
fn overwrite(file: &Path, content: &[u8]) {
    fs::write(file, content).unwrap();
}

async fn frozen(folder: &Folder) -> String {
    let store = folder.open().await;
    let why = store.frozen().unwrap_or_default();
    store.close().await;
    why
}

#[tokio::test]
async fn a_database_that_stays_where_it_is_is_at_home() {
    let folder = at_rest().await;
    for _ in 0..3 {
        assert_eq!(frozen(&folder).await, "");
    }
}

#[tokio::test]
async fn a_moved_folder_is_frozen_and_says_why() {
    let folder = at_rest().await;
    let other = Folder::new();
    copy(folder.path(), other.path());
    let why = frozen(&other).await;
    assert!(why.starts_with("it was last at work in "), "{why}");
    assert_eq!(frozen(&other).await, why, "a restart thaws nothing");
}

#[tokio::test]
async fn a_file_that_was_restored_is_frozen() {
    let folder = at_rest().await;
    let file = folder.path().join(DATABASE);
    fs::copy(&file, folder.path().join("backup")).unwrap();
    fs::rename(folder.path().join("backup"), &file).unwrap();
    let why = frozen(&folder).await;
    assert!(why.contains("not the one that was last at work here"), "{why}");
}

#[tokio::test]
async fn an_older_copy_over_the_same_file_is_known_by_its_attempts() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    store.close().await;
    let file = folder.path().join(DATABASE);
    let backup = fs::read(&file).unwrap();
    let store = folder.open().await;
    dialed(&store, id, NOW).await;
    store.close().await;
    overwrite(&file, &backup);
    let why = frozen(&folder).await;
    assert!(why.contains("older copy"), "{why}");
}

#[tokio::test]
async fn an_older_copy_over_the_same_file_is_known_by_its_starts() {
    let folder = at_rest().await;
    let file = folder.path().join(DATABASE);
    let backup = fs::read(&file).unwrap();
    for _ in 0..2 {
        folder.open().await.close().await;
    }
    overwrite(&file, &backup);
    let why = frozen(&folder).await;
    assert!(why.contains("another copy"), "{why}");
}

#[tokio::test]
async fn a_database_from_before_there_were_homes_is_at_home_once() {
    let folder = at_rest().await;
    let file = folder.path().join(DATABASE);
    let mut tool = folder.tool().await;
    sqlx::query("delete from meta where key = 'home'")
        .execute(&mut tool)
        .await
        .unwrap();
    tool.close().await.unwrap();
    let older = fs::read(&file).unwrap();
    fs::remove_file(folder.path().join(HOME)).unwrap();
    assert_eq!(frozen(&folder).await, "");
    overwrite(&file, &older);
    assert_eq!(frozen(&folder).await, "this folder had a newer database before");
}

#[tokio::test]
async fn a_crash_between_the_two_writes_of_a_start_freezes_nothing() {
    let folder = at_rest().await;
    let mark = fs::read(folder.path().join(HOME)).unwrap();
    folder.open().await.close().await;
    fs::write(folder.path().join(HOME), mark).unwrap();
    assert_eq!(frozen(&folder).await, "");
}

#[tokio::test]
async fn while_frozen_nothing_is_dialed_and_lists_come_in() {
    let folder = at_rest().await;
    let other = Folder::new();
    copy(folder.path(), other.path());
    let store = other.open().await;
    let id = store.reader().campaign("july", NOW).await.unwrap().id;
    assert!(store.claim(claim(id, NOW, 5)).await.unwrap().is_empty());
    let by_hand = BeginTest {
        token: 1,
        number: Number::parse("13900000000").unwrap(),
        trunk: "north".into(),
        at: NOW,
        dialplan: HASH.into(),
    };
    let refused = store.begin_test_attempt(by_hand).await.unwrap_err();
    assert!(matches!(refused, Error::Frozen { .. }), "{refused}");
    assert!(refused.to_string().contains("aftercall thaw"), "{refused}");
    import(&store, id, vec![row(7)]).await;
    store.add_campaign(new_campaign("august")).await.unwrap();
    store.start_campaign("august", NOW).await.unwrap();
    thawed(&store, id).await;
    store.close().await;
    assert_eq!(frozen(&other).await, "");
}

async fn thawed(store: &Store, id: aftercall::ids::CampaignId) {
    let thawing = store.reader().thawing(store.frozen(), NOW).await.unwrap();
    assert!(thawing.frozen.is_some());
    assert_eq!(thawing.last_attempt, Some(NOW));
    let july = &thawing.campaigns[0];
    // The case under way stays leased; it is due as well.
    assert_eq!(
        (july.name.as_str(), july.state.as_str(), july.due, july.fresh),
        ("july", "running", 3, 1)
    );
    store.thaw().await.unwrap();
    assert_eq!(store.frozen(), None);
    let claimed = store.claim(claim(id, NOW, 5)).await.unwrap();
    assert_eq!(claimed.len(), 2);
    store.begin(begin(&claimed[0], NOW)).await.unwrap();
}
