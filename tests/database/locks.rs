//! Numbers that nobody else may dial: on the line, or perhaps still ringing.

use std::collections::BTreeMap;
use std::time::Duration;

use aftercall::dialer::recover::{Recover, Rules};
use aftercall::dialer::{BeginTest, Release, RetryPolicy};
use aftercall::ids::AttemptId;
use aftercall::moment::Wall;
use aftercall::outcome::{Disposition, LocalFault, Tried};
use aftercall::phone::Number;
use aftercall::store::{Error, Store};

use crate::fixture::{
    Folder, HASH, NOW, again, begin, campaign, claim, dialed, import, minutes, row, scalar, seeded, unanswered,
};

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn by_hand(number: &str, at: Wall) -> BeginTest {
    BeginTest {
        token: 1,
        number: Number::parse(number).unwrap(),
        trunk: "north".into(),
        at,
        dialplan: HASH.into(),
    }
}

/// The end of an attempt by Timer B; its case is due again at once.
async fn times_out(store: &Store, attempt: AttemptId, at: Wall) {
    let mut end = unanswered(attempt, at, Disposition::NetworkBusy, again(at));
    end.facts.final_status = None;
    end.facts.local = Some(LocalFault::TimedOut);
    store.finish(end).await.unwrap();
}

#[tokio::test]
async fn after_a_timeout_nobody_dials_the_number_for_a_minute() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = campaign(&store, "july").await;
    let mut wife = row(1);
    wife.numbers = row(0).numbers;
    import(&store, id, vec![row(0), wife]).await;
    let (_, attempt) = dialed(&store, id, NOW).await;
    times_out(&store, attempt, NOW + seconds(32)).await;
    // Neither case of the number, nor a hand call, however it is spelled.
    let soon = NOW + seconds(40);
    assert!(store.claim(claim(id, soon, 10)).await.unwrap().is_empty());
    for spelling in ["13800000000", "013800000000", "+8613800000000"] {
        let refused = store.begin_test_attempt(by_hand(spelling, soon)).await.unwrap_err();
        assert!(matches!(refused, Error::NumberLocked { seconds: 52 }), "{refused}");
    }
    assert!(store.begin_test_attempt(by_hand("13900000000", soon)).await.is_ok());
    // Held cases are looked at again a minute later; by then the lock is over.
    assert_eq!(store.claim(claim(id, soon + seconds(60), 10)).await.unwrap().len(), 1);
    store.close().await;
}

#[tokio::test]
async fn the_lock_outlives_the_daemon() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let (_, attempt) = dialed(&store, id, NOW).await;
    times_out(&store, attempt, NOW).await;
    store.close().await;
    let store = folder.open().await;
    let at = NOW + seconds(59);
    assert!(store.begin_test_attempt(by_hand("13800000000", at)).await.is_err());
    assert!(
        store
            .begin_test_attempt(by_hand("13800000000", at + seconds(1)))
            .await
            .is_ok()
    );
    store.close().await;
}

#[tokio::test]
async fn what_a_crash_left_open_may_still_be_ringing() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    dialed(&store, id, NOW).await;
    store.close().await;
    let store = folder.open().await;
    let now = NOW + minutes(1);
    let recover = Recover {
        now,
        rules: BTreeMap::new(),
        otherwise: Rules {
            retry: RetryPolicy::immediate(seconds(1)),
            ..Rules::default()
        },
    };
    store.recover(recover).await.unwrap();
    assert!(store.claim(claim(id, now + seconds(30), 1)).await.unwrap().is_empty());
    assert!(
        store
            .begin_test_attempt(by_hand("13800000000", now + seconds(59)))
            .await
            .is_err()
    );
    // Nobody is on the line any more.
    assert_eq!(store.claim(claim(id, NOW + minutes(18), 1)).await.unwrap().len(), 1);
    store.close().await;
}

#[tokio::test]
async fn an_end_that_the_far_end_told_locks_nothing() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let (_, attempt) = dialed(&store, id, NOW).await;
    store
        .finish(unanswered(attempt, NOW, Disposition::NetworkBusy, again(NOW)))
        .await
        .unwrap();
    assert_eq!(store.claim(claim(id, NOW, 1)).await.unwrap().len(), 1);
    store.close().await;
}

#[tokio::test]
async fn a_number_on_the_line_is_refused_to_everybody_else() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    // The case is leased, then a person calls the number before the attempt begins.
    let claimed = store.claim(claim(id, NOW, 1)).await.unwrap().remove(0);
    let hand = store.begin_test_attempt(by_hand("013800000000", NOW)).await.unwrap();
    let refused = store.begin(begin(&claimed, NOW)).await.unwrap_err();
    assert!(
        matches!(refused, Error::NumberInUse(attempt) if attempt == hand),
        "{refused}"
    );
    store.release(Release::of(claimed.case)).await.unwrap();
    assert!(store.claim(claim(id, NOW, 1)).await.unwrap().is_empty());
    let refused = store.begin_test_attempt(by_hand("13800000000", NOW)).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "attempt 1 is calling this number right now; wait until it has ended"
    );
    store.close().await;
}

#[tokio::test]
async fn the_row_names_the_trunk_that_carried_the_call_and_the_facts_all_that_were_tried() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let (_, attempt) = dialed(&store, id, NOW).await;
    let mut end = unanswered(attempt, NOW, Disposition::NoAnswer, again(NOW + minutes(180)));
    let tried = |trunk: &str, status| Tried {
        trunk: trunk.into(),
        status: Some(status),
        ..Tried::default()
    };
    end.facts.tried = vec![tried("north", 503), tried("south", 480)];
    store.finish(end).await.unwrap();
    let mut tool = folder.tool().await;
    assert_eq!(scalar::<String>(&mut tool, "select trunk from attempt").await, "south");
    let noted: String = scalar(&mut tool, "select facts ->> '$.tried[0].trunk' from attempt").await;
    assert_eq!(noted, "north");
    store.close().await;
}
