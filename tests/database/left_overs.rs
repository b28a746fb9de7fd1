//! Calls that a crash left over: found with what it takes to end them, locked until they are.

use aftercall::dialer::recover::{Recover, Rules};
use aftercall::dialer::{LEFT_OVER, Note, RetryPolicy, TakenDown};
use aftercall::ids::AttemptId;
use aftercall::outcome::Disposition;
use aftercall::store::Store;

use crate::fixture::{Folder, NOW, again, claim, dialed, minutes, scalar, seeded, unanswered};

fn note(attempt: AttemptId, seq: u32, cseq: u32) -> Note {
    Note {
        attempt,
        seq,
        dialog: format!("{{\"cseq\":{cseq}}}"),
        rtp_port: Some(30_000),
        reached: seq > 1,
        awaited: aftercall::dialer::Awaited::Nobody,
    }
}

async fn recover(store: &Store, later: std::time::Duration) {
    let recover = Recover {
        now: NOW + later,
        rules: std::collections::BTreeMap::new(),
        otherwise: Rules {
            retry: RetryPolicy::immediate(std::time::Duration::from_secs(1)),
            ..Rules::default()
        },
    };
    store.recover(recover).await.unwrap();
}

/// Writes as the control thread does.
async fn ask(store: &Store, request: aftercall::dialer::Request) {
    let (wake, woken) = std::sync::mpsc::sync_channel(1);
    let mut desk = store.desk(1, move || wake.send(()).unwrap());
    desk.try_send(request).unwrap();
    let reply = tokio::task::spawn_blocking(move || {
        woken.recv().unwrap();
        desk.try_recv().unwrap()
    });
    let reply = reply.await.unwrap();
    assert!(!matches!(reply, aftercall::dialer::Reply::Failed { .. }), "{reply:?}");
}

#[tokio::test]
async fn an_open_call_is_found_with_its_latest_note_and_locked_until_it_is_taken_down() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 2).await;
    let (claimed, attempt) = dialed(&store, id, NOW).await;
    let (_, ended) = dialed(&store, id, NOW).await;
    store
        .finish(unanswered(ended, NOW, Disposition::Busy, again(NOW + minutes(600))))
        .await
        .unwrap();
    for (seq, cseq) in [(1, 1), (3, 2), (2, 9)] {
        ask(&store, aftercall::dialer::Request::Note(note(attempt, seq, cseq))).await;
    }
    let later = NOW + minutes(1);
    let left = store.reader().left_overs(later).await.unwrap();
    let [call] = left.as_slice() else { panic!("{left:?}") };
    assert_eq!(
        (call.attempt, &call.number, call.begun),
        (Some(attempt), &claimed.number, NOW)
    );
    assert_eq!(
        (call.dialog.as_deref(), call.rtp_port),
        (Some("{\"cseq\":2}"), Some(30_000))
    );
    recover(&store, minutes(1)).await;
    // Nobody dials the number, and a second crash finds the call again.
    assert!(store.claim(claim(id, later, 10)).await.unwrap().is_empty());
    assert!(store.claim(claim(id, NOW + minutes(16), 10)).await.unwrap().is_empty());
    assert_eq!(store.reader().left_overs(later).await.unwrap(), left);
    let taken_down = TakenDown { attempt, at: later };
    ask(&store, aftercall::dialer::Request::TakenDown(taken_down)).await;
    assert_eq!(store.reader().left_overs(later).await.unwrap(), []);
    let mut tool = folder.tool().await;
    assert_eq!(
        scalar::<i64>(&mut tool, "select count(*) from attempt where dialog is not null").await,
        0
    );
    store.close().await;
}

#[tokio::test]
async fn a_call_that_nobody_confirms_is_locked_as_long_as_it_can_last() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    dialed(&store, id, NOW).await;
    recover(&store, minutes(1)).await;
    let mut tool = folder.tool().await;
    let locked = "select locked_until from attempt";
    assert_eq!(scalar::<i64>(&mut tool, locked).await, (NOW + LEFT_OVER).millis());
    store.close().await;
    // Long after it the far end has a minute to say that it is over.
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    dialed(&store, id, NOW).await;
    recover(&store, minutes(600)).await;
    let mut tool = folder.tool().await;
    assert_eq!(scalar::<i64>(&mut tool, locked).await, (NOW + minutes(601)).millis());
    store.close().await;
}
