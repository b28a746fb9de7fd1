//! After a crash: what was committed is there, what was open ends as unknown, and the dead daemon's leases are free.

use aftercall::dialer::Outcome;
use aftercall::outcome::Disposition;
use aftercall::store::{Budget, DATABASE, Nights, Recover};

use crate::fixture::{Folder, NOW, begin, claim, closed, dialed, keep, minutes, scalar, seeded, unanswered};

fn recover(next_night: Nights) -> Recover {
    Recover {
        now: NOW + minutes(10),
        next_night,
        otherwise: NOW + minutes(60 * 48),
        budget: Budget::Spared,
    }
}

#[tokio::test]
async fn an_attempt_left_open_ends_as_unknown_and_waits_for_the_next_night() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 3).await;
    let (open, attempt) = dialed(&store, id, NOW).await;
    store.keep(keep(attempt, 1, "care", 1)).await.unwrap();
    let (_, ended) = dialed(&store, id, NOW).await;
    let end = unanswered(ended, NOW, Disposition::Rejected, closed(Outcome::NotReached));
    store.finish(end).await.unwrap();
    store.claim(claim(id, NOW, 1)).await.unwrap();
    store.close().await;

    let store = folder.open().await;
    let tomorrow = NOW + minutes(60 * 24);
    let recovered = store.recover(recover(Nights::from([(id, tomorrow)]))).await.unwrap();
    assert_eq!(recovered.len(), 1);
    assert_eq!((recovered[0].attempt, recovered[0].case), (attempt, Some(open.case)));
    let record = store.reader().attempt(attempt).await.unwrap();
    assert_eq!(record.disposition, Some(Disposition::Unknown));
    assert_eq!(record.rule.as_deref(), Some("left-open-by-crash"));
    assert_eq!(store.reader().answers(attempt).await.unwrap().len(), 1);
    // The third case was only leased: it is free at once, long before its lease would have run out.
    let again = store.claim(claim(id, NOW, 10)).await.unwrap();
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].attempts, 0);
    store.begin(begin(&again[0], NOW)).await.unwrap();
    // The interrupted one waits for the night, its budget untouched.
    assert!(
        store
            .claim(claim(id, tomorrow - minutes(1), 10))
            .await
            .unwrap()
            .is_empty()
    );
    let night = store.claim(claim(id, tomorrow, 10)).await.unwrap();
    assert_eq!((night[0].case, night[0].counted, night[0].attempts), (open.case, 0, 1));
    store.close().await;
}

#[tokio::test]
async fn recovering_twice_changes_nothing() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    dialed(&store, id, NOW).await;
    store.close().await;
    let store = folder.open().await;
    assert_eq!(store.recover(recover(Nights::new())).await.unwrap().len(), 1);
    assert!(store.recover(recover(Nights::new())).await.unwrap().is_empty());
    let mut tool = folder.tool().await;
    assert_eq!(
        scalar::<i64>(&mut tool, "select next_at from cases").await,
        (NOW + minutes(60 * 48)).millis()
    );
    store.close().await;
}

#[tokio::test]
async fn an_attempt_number_never_comes_back() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 2).await;
    let (_, first) = dialed(&store, id, NOW).await;
    sqlx::query("delete from attempt")
        .execute(&mut folder.tool().await)
        .await
        .unwrap();
    let (_, second) = dialed(&store, id, NOW).await;
    assert!(second > first);
    store.close().await;
}

/// The files as they lie on the disk at this moment are what a power cut or a kill -9 leaves.
#[tokio::test]
async fn what_was_answered_survives_a_pulled_plug() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let (_, attempt) = dialed(&store, id, NOW).await;
    store.keep(keep(attempt, 1, "care", 1)).await.unwrap();
    let left = Folder::new();
    std::fs::create_dir_all(left.path()).unwrap();
    for file in [DATABASE.to_owned(), format!("{DATABASE}-wal")] {
        std::fs::copy(folder.path().join(&file), left.path().join(&file)).unwrap();
    }
    let after = left.open().await;
    assert_eq!(after.recover(recover(Nights::new())).await.unwrap()[0].attempt, attempt);
    assert_eq!(after.reader().keys(attempt).await.unwrap().len(), 1);
    assert_eq!(after.reader().answers(attempt).await.unwrap()[0].value, Some(1));
    assert!(after.claim(claim(id, NOW, 1)).await.unwrap().is_empty());
    after.close().await;
    store.close().await;
}
