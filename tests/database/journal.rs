//! The journal: what running calls say is on the disk although the database is locked, gone or full, and is carried
//! into it, in order, before anything else.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use aftercall::dialer::{CallBack, Note, Outcome, Request};
use aftercall::ids::AttemptId;
use aftercall::outcome::Disposition;
use aftercall::phone::Number;
use aftercall::store::{DATABASE, Error, JOURNAL, Reader, Store};
use sqlx::SqliteConnection;
use tokio::time::Instant;

use crate::fixture::{Folder, NOW, again, answered, begin, claim, closed, dialed, keep, scalar, seeded, unanswered};

/// Longer than the writer ever waits before it turns to the journal.
const WELL_BELOW: Duration = Duration::from_secs(2);

pub(crate) async fn lock(folder: &Folder) -> SqliteConnection {
    let mut tool = folder.tool().await;
    sqlx::query("begin exclusive").execute(&mut tool).await.unwrap();
    tool
}

pub(crate) async fn unlock(tool: &mut SqliteConnection) {
    sqlx::query("commit").execute(tool).await.unwrap();
}

/// Waits until the database is back and the journal carried into it: a claim is refused until then.
pub(crate) async fn back(store: &Store) {
    while store.absence().is_some() {
        tokio::task::yield_now().await;
    }
}

pub(crate) fn away(folder: &Folder) {
    fs::rename(folder.path().join(DATABASE), folder.path().join("elsewhere")).unwrap();
}

pub(crate) fn bring_back(folder: &Folder) {
    fs::rename(folder.path().join("elsewhere"), folder.path().join(DATABASE)).unwrap();
}

/// As if the process had been killed: nothing is closed, and the folder is free.
fn copy_of(folder: &Folder) -> Folder {
    let copy = Folder::new();
    fs::create_dir_all(copy.path()).unwrap();
    for entry in fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
        }
    }
    copy
}

#[tokio::test]
async fn the_journal_is_private_and_all_its_room_is_on_the_disk() {
    use std::os::unix::fs::MetadataExt;
    let folder = Folder::new();
    let store = folder.open_with_journal(1024 * 1024).await;
    let found = folder.path().join(JOURNAL).metadata().unwrap();
    assert_eq!(found.permissions().mode() & 0o777, 0o600);
    assert_eq!(found.len(), 1024 * 1024);
    assert!(found.blocks() * 512 >= 1024 * 1024, "{} blocks", found.blocks());
    store.close().await;
}

#[tokio::test]
async fn while_another_program_locks_the_database_keys_are_kept_and_no_call_begins() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 2).await;
    let (_, attempt) = dialed(&store, id, NOW).await;
    let mut tool = lock(&folder).await;
    let asked = Instant::now();
    store.keep(keep(attempt, 1, "care", 1)).await.unwrap();
    assert!(asked.elapsed() < WELL_BELOW, "{:?}", asked.elapsed());
    let asked = Instant::now();
    store.keep(keep(attempt, 2, "food", 2)).await.unwrap();
    assert!(asked.elapsed() < WELL_BELOW / 10, "{:?}", asked.elapsed());
    assert!(matches!(store.claim(claim(id, NOW, 1)).await, Err(Error::Busy)));
    let statistics = store.statistics();
    assert_eq!((statistics.journalled, statistics.replayed), (2, 0));
    assert!(statistics.away_ms.is_some());
    unlock(&mut tool).await;
    back(&store).await;
    assert_eq!(scalar::<i64>(&mut tool, "select count(*) from answer").await, 2);
    assert_eq!(store.statistics().replayed, 2);
    assert_eq!(store.claim(claim(id, NOW, 1)).await.unwrap().len(), 1);
    store.close().await;
}

/// A person waits a while for a lock to go, and learns then that it does not.
#[tokio::test]
async fn what_a_person_asks_waits_for_a_short_lock() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let (_, attempt) = dialed(&store, id, NOW).await;
    let mut tool = lock(&folder).await;
    store.keep(keep(attempt, 1, "care", 1)).await.unwrap();
    let stopping = tokio::spawn({
        let store = store.clone();
        async move { store.stop_campaign("july", NOW).await }
    });
    tokio::task::yield_now().await;
    unlock(&mut tool).await;
    assert_eq!(stopping.await.unwrap().unwrap(), id);
    store.close().await;
}

#[tokio::test]
async fn while_the_file_is_away_nothing_is_written_into_it_and_nothing_is_lost() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 2).await;
    let (claimed, attempt) = dialed(&store, id, NOW).await;
    let other = store.claim(claim(id, NOW, 1)).await.unwrap().remove(0);
    store.keep(keep(attempt, 1, "care", 1)).await.unwrap();
    away(&folder);
    store.keep(keep(attempt, 2, "food", 2)).await.unwrap();
    let end = answered(attempt, NOW, 9_000, Disposition::Completed, closed(Outcome::Completed));
    store.finish(end).await.unwrap();
    let refused = store.begin(begin(&other, NOW)).await.unwrap_err();
    assert!(matches!(refused, Error::Away { .. }), "{refused}");
    assert!(refused.may_pass());
    assert!(
        store
            .absence()
            .is_some_and(|absence| absence.why.to_string().contains("bring it back"))
    );
    bring_back(&folder);
    back(&store).await;
    let mut tool = folder.tool().await;
    let ended: (String, i64) = sqlx::query_as("select disposition, kept from attempt where id = $1")
        .bind(attempt.0)
        .fetch_one(&mut tool)
        .await
        .unwrap();
    assert_eq!(ended, ("completed".to_owned(), 2));
    assert_eq!(scalar::<i64>(&mut tool, "select count(*) from answer").await, 2);
    let case: (String, String) = sqlx::query_as("select state, outcome from cases where id = $1")
        .bind(claimed.case.0)
        .fetch_one(&mut tool)
        .await
        .unwrap();
    assert_eq!(case, ("closed".to_owned(), "completed".to_owned()));
    store.begin(begin(&other, NOW)).await.unwrap();
    store.close().await;
}

#[tokio::test]
async fn another_file_in_its_place_is_left_alone_until_the_next_start() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let (_, attempt) = dialed(&store, id, NOW).await;
    away(&folder);
    fs::write(folder.path().join(DATABASE), "restored").unwrap();
    store.keep(keep(attempt, 1, "care", 1)).await.unwrap();
    let why = store.claim(claim(id, NOW, 1)).await.unwrap_err();
    assert!(matches!(why, Error::Replaced { .. }), "{why}");
    assert!(why.to_string().contains("restart"), "{why}");
    store.close().await;
    assert_eq!(fs::read(folder.path().join(DATABASE)).unwrap(), b"restored");
    bring_back(&folder);
    let store = folder.open().await;
    assert_eq!(store.statistics().replayed, 1);
    let mut tool = folder.tool().await;
    assert_eq!(scalar::<i64>(&mut tool, "select count(*) from answer").await, 1);
    store.close().await;
}

#[tokio::test]
async fn what_a_crash_left_in_the_journal_is_in_the_database_before_anything_else() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let (_, attempt) = dialed(&store, id, NOW).await;
    let mut tool = lock(&folder).await;
    for (seq, question) in [(1, "who"), (2, "care"), (3, "food")] {
        store.keep(keep(attempt, seq, question, 1)).await.unwrap();
    }
    let end = answered(attempt, NOW, 9_000, Disposition::Completed, closed(Outcome::Completed));
    store.finish(end).await.unwrap();
    let after = copy_of(&folder);
    unlock(&mut tool).await;
    store.close().await;

    let reopened = after.open().await;
    assert_eq!(reopened.statistics().replayed, 4);
    let mut tool = after.tool().await;
    assert_eq!(scalar::<i64>(&mut tool, "select count(*) from pressed_key").await, 3);
    assert_eq!(
        scalar::<String>(&mut tool, "select disposition from attempt").await,
        "completed"
    );
    reopened.close().await;
    let again = after.open().await;
    assert_eq!(again.statistics().replayed, 0, "a second start finds nothing left");
    again.close().await;
}

/// A crash between the commit of what was replayed and the journal's new generation.
#[tokio::test]
async fn a_journal_that_is_replayed_twice_changes_nothing() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let (claimed, attempt) = dialed(&store, id, NOW).await;
    away(&folder);
    store.keep(keep(attempt, 1, "care", 1)).await.unwrap();
    store.keep(keep(attempt, 2, "care", 4)).await.unwrap();
    let caller = CallBack {
        at: NOW,
        trunk: "north".into(),
        number: Some(Number::parse("13800000000").unwrap()),
        status: 486,
    };
    store.note_call_back(caller).await.unwrap();
    store
        .finish(unanswered(attempt, NOW, Disposition::NoAnswer, again(NOW)))
        .await
        .unwrap();
    let journal = fs::read(folder.path().join(JOURNAL)).unwrap();
    bring_back(&folder);
    back(&store).await;
    store.close().await;
    for _ in 0..2 {
        fs::write(folder.path().join(JOURNAL), &journal).unwrap();
        let store = folder.open().await;
        assert_eq!(store.statistics().replayed, 4);
        store.close().await;
    }
    let mut tool = folder.tool().await;
    assert_eq!(scalar::<i64>(&mut tool, "select value from answer").await, 4);
    assert_eq!(scalar::<i64>(&mut tool, "select count(*) from pressed_key").await, 2);
    assert_eq!(scalar::<i64>(&mut tool, "select count(*) from call_back").await, 1);
    assert_eq!(scalar::<i64>(&mut tool, "select count(*) from put_aside").await, 0);
    let counted: i64 = sqlx::query_scalar("select counted from cases where id = $1")
        .bind(claimed.case.0)
        .fetch_one(&mut tool)
        .await
        .unwrap();
    assert_eq!(counted, 1);
}

#[tokio::test]
async fn a_torn_tail_is_found_and_left_out() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let (_, attempt) = dialed(&store, id, NOW).await;
    away(&folder);
    store.keep(keep(attempt, 1, "care", 1)).await.unwrap();
    store.keep(keep(attempt, 2, "food", 1)).await.unwrap();
    store.close().await;
    bring_back(&folder);
    // The last octets of the second entry did not reach the disk.
    let path = folder.path().join(JOURNAL);
    let bytes = fs::read(&path).unwrap();
    let end = bytes.iter().rposition(|octet| *octet != 0).unwrap();
    let file = OpenOptions::new().write(true).open(&path).unwrap();
    file.write_all_at(&[0; 20], end as u64 - 19).unwrap();
    let store = folder.open().await;
    assert_eq!(store.statistics().replayed, 1);
    let mut tool = folder.tool().await;
    assert_eq!(scalar::<String>(&mut tool, "select question from answer").await, "care");
    store.keep(keep(attempt, 2, "food", 1)).await.unwrap();
    store.close().await;
}

#[tokio::test]
async fn a_full_journal_says_so_and_what_it_holds_still_comes_back() {
    let folder = Folder::new();
    let store = folder.open_with_journal(16 * 1024).await;
    let id = seeded(&store, 1).await;
    let (_, attempt) = dialed(&store, id, NOW).await;
    away(&folder);
    let mut kept = 0;
    let refused = loop {
        match store.keep(keep(attempt, kept + 1, "care", 1)).await {
            Ok(()) => kept += 1,
            Err(refused) => break refused,
        }
    };
    assert!(matches!(refused, Error::JournalFull), "{refused}");
    assert!(kept > 10, "{kept} entries fit");
    let full = store.statistics();
    assert!(
        full.journal_bytes > full.journal_size - full.journal_size / 4,
        "{full:?}"
    );
    bring_back(&folder);
    back(&store).await;
    assert_eq!(store.statistics().journal_bytes, 0);
    let mut tool = folder.tool().await;
    assert_eq!(
        scalar::<i64>(&mut tool, "select kept from attempt").await,
        i64::from(kept)
    );
    away(&folder);
    store.keep(keep(attempt, kept + 1, "care", 1)).await.unwrap();
    bring_back(&folder);
    back(&store).await;
    store.close().await;
}

#[tokio::test]
async fn entries_are_carried_in_their_order_and_before_what_is_asked_meanwhile() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let (_, attempt) = dialed(&store, id, NOW).await;
    away(&folder);
    for seq in 1..=200 {
        store
            .keep(keep(attempt, seq, "care", i64::from(seq % 10)))
            .await
            .unwrap();
    }
    bring_back(&folder);
    // It comes while the entries are carried over, and stands after them.
    store.keep(keep(attempt, 201, "care", 7)).await.unwrap();
    back(&store).await;
    let mut tool = folder.tool().await;
    assert_eq!(scalar::<i64>(&mut tool, "select value from answer").await, 7);
    assert_eq!(scalar::<i64>(&mut tool, "select count(*) from pressed_key").await, 201);
    assert_eq!(scalar::<i64>(&mut tool, "select kept from attempt").await, 201);
    store.close().await;
}

#[tokio::test]
async fn what_the_database_refuses_is_put_aside_whole() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let (_, attempt) = dialed(&store, id, NOW).await;
    away(&folder);
    store.keep(keep(AttemptId(999), 1, "care", 1)).await.unwrap();
    let note = Note {
        attempt,
        seq: 1,
        dialog: "{}".into(),
        rtp_port: Some(40_000),
        reached: true,
        awaited: aftercall::dialer::Awaited::Nobody,
    };
    let (mut desk, woken) = crate::control::desk(&store, 4);
    desk.try_send(Request::Note(note)).unwrap();
    tokio::task::spawn_blocking(move || woken.recv().unwrap())
        .await
        .unwrap();
    bring_back(&folder);
    back(&store).await;
    let mut tool = folder.tool().await;
    let aside: (String, String) = sqlx::query_as("select entry, why from put_aside")
        .fetch_one(&mut tool)
        .await
        .unwrap();
    assert!(aside.0.contains("999"), "{}", aside.0);
    assert_eq!(aside.1, "there is no attempt 999");
    assert_eq!(scalar::<i64>(&mut tool, "select rtp_port from attempt").await, 40_000);
    store.close().await;
}

/// Readers of other processes do not hold the daemon up, and it does not hold them up.
#[tokio::test]
async fn how_long_keys_waited_is_counted_for_calls() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let (_, attempt) = dialed(&store, id, NOW).await;
    let reader = Reader::open(folder.path()).await.unwrap();
    let (mut desk, woken) = crate::control::desk(&store, 4);
    desk.try_send(Request::Keep(keep(attempt, 1, "care", 1))).unwrap();
    tokio::task::spawn_blocking(move || woken.recv().unwrap())
        .await
        .unwrap();
    let kept = store.statistics().kept_in;
    assert_eq!(kept.count(), 1);
    assert!(kept.within_ms(990).is_some());
    reader.close().await;
    store.close().await;
}
