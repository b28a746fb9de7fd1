//! The writer seen from the control thread: it never waits, a batch shares a commit, one bad request harms no other.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use aftercall::dialer::{Reply, Request};
use aftercall::ids::{AttemptId, CaseId};
use aftercall::outcome::Disposition;
use aftercall::store::{Desk, Error, Refused, Store};

use crate::fixture::{Folder, NOW, again, begin, claim, keep, seeded, unanswered};

/// A desk whose wake-ups can be waited for.
pub(crate) fn desk(store: &Store, capacity: usize) -> (Desk, Receiver<()>) {
    let (wake, woken) = channel();
    let wake = Arc::new(std::sync::Mutex::new(wake));
    let desk = store.desk(capacity, move || {
        let _ = wake.lock().unwrap().send(());
    });
    (desk, woken)
}

fn answers(desk: &mut Desk, woken: &Receiver<()>, n: usize) -> Vec<Reply> {
    let mut answers = Vec::new();
    while answers.len() < n {
        woken.recv().unwrap();
        answers.extend(desk.try_recv());
    }
    answers
}

/// The control thread is a plain thread beside the runtime.
async fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_night_of_requests_is_answered_through_the_desk() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 3).await;
    let (mut desk, woken) = desk(&store, 16);
    on_a_thread(move || {
        desk.try_send(Request::Claim(claim(id, NOW, 2))).unwrap();
        let Some(Reply::Claimed { campaign, cases }) = answers(&mut desk, &woken, 1).pop() else {
            panic!("no claim");
        };
        assert_eq!((campaign, cases.len()), (id, 2));
        for case in &cases {
            desk.try_send(Request::Begin(begin(case, NOW))).unwrap();
        }
        let mut attempts = Vec::new();
        for answer in answers(&mut desk, &woken, 2) {
            let Reply::Begun(begun) = answer else {
                panic!("{answer:?}")
            };
            attempts.push(begun.attempt);
        }
        desk.try_send(Request::Keep(keep(attempts[0], 1, "care", 1))).unwrap();
        let end = unanswered(attempts[1], NOW, Disposition::NoAnswer, again(NOW));
        desk.try_send(Request::Finish(Box::new(end))).unwrap();
        let done = answers(&mut desk, &woken, 2);
        assert!(
            matches!(&done[0], Reply::Kept { attempt, seq: 1 } if *attempt == attempts[0]),
            "{done:?}"
        );
        assert!(
            matches!(&done[1], Reply::Finished { attempt } if *attempt == attempts[1]),
            "{done:?}"
        );
        assert_eq!(desk.under_way(), 0);
    })
    .await;
    store.close().await;
}

#[tokio::test]
async fn a_full_desk_gives_the_request_back() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let (mut desk, _woken) = desk(&store, 1);
    let request = Request::Claim(claim(id, NOW, 1));
    desk.try_send(request.clone()).unwrap();
    assert_eq!(desk.try_send(request.clone()), Err(Refused::Full(Box::new(request))));
    store.close().await;
}

#[tokio::test]
async fn a_closed_store_gives_the_request_back() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let (mut desk, _woken) = desk(&store, 1);
    store.close().await;
    let request = Request::Claim(claim(id, NOW, 1));
    assert_eq!(desk.try_send(request.clone()), Err(Refused::Closed(Box::new(request))));
}

/// While another program holds the database, what is asked waits; the first batch may have begun with a few of them.
#[tokio::test]
async fn what_is_queued_together_shares_a_commit() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 60).await;
    let cases = store.claim(claim(id, NOW, 60)).await.unwrap();
    let before = store.statistics();
    let (mut desk, woken) = desk(&store, 64);
    let mut tool = folder.tool().await;
    sqlx::query("begin immediate").execute(&mut tool).await.unwrap();
    for case in &cases {
        desk.try_send(Request::Begin(begin(case, NOW))).unwrap();
    }
    sqlx::query("commit").execute(&mut tool).await.unwrap();
    // The claim finds nothing, but it is answered after everything that was queued before it.
    store.claim(claim(id, NOW, 1)).await.unwrap();
    assert_eq!(answers(&mut desk, &woken, 60).len(), 60);
    let after = store.statistics();
    assert_eq!(after.requests - before.requests, 61);
    let commits = after.commits - before.commits;
    assert!(commits <= 3, "{commits} commits");
    assert!(after.largest_batch >= 20, "{} in the largest", after.largest_batch);
    store.close().await;
}

#[tokio::test]
async fn a_failing_request_leaves_the_others_of_its_batch() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 2).await;
    let cases = store.claim(claim(id, NOW, 2)).await.unwrap();
    let before = store.statistics();
    let (mut desk, woken) = desk(&store, 8);
    let mut tool = folder.tool().await;
    sqlx::query("begin immediate").execute(&mut tool).await.unwrap();
    desk.try_send(Request::Begin(begin(&cases[0], NOW))).unwrap();
    let mut wrong = begin(&cases[0], NOW);
    wrong.case = CaseId(999);
    desk.try_send(Request::Begin(wrong.clone())).unwrap();
    desk.try_send(Request::Keep(keep(AttemptId(999), 7, "care", 1)))
        .unwrap();
    desk.try_send(Request::Begin(begin(&cases[1], NOW))).unwrap();
    sqlx::query("commit").execute(&mut tool).await.unwrap();
    store.claim(claim(id, NOW, 1)).await.unwrap();
    let answers = answers(&mut desk, &woken, 4);
    assert!(matches!(answers[0], Reply::Begun(begun) if begun.case == cases[0].case));
    let Reply::Failed { request, why } = &answers[1] else {
        panic!("{:?}", answers[1]);
    };
    assert_eq!(*request, Request::Begin(wrong));
    assert_eq!(*why, Error::NotLeased(CaseId(999)).to_string());
    let missing = Error::NoAttempt(AttemptId(999)).to_string();
    assert!(matches!(&answers[2], Reply::Failed { why, .. } if *why == missing));
    assert!(matches!(answers[3], Reply::Begun(begun) if begun.case == cases[1].case));
    let commits = store.statistics().commits - before.commits;
    assert!(commits <= 3, "{commits} commits for five requests");
    assert_eq!(store.statistics().failed - before.failed, 2);
    store.close().await;
}

/// A request that breaks half-way, on a constraint of the database itself, leaves nothing of its first half.
#[tokio::test]
async fn half_a_request_is_never_kept() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let case = store.claim(claim(id, NOW, 1)).await.unwrap().remove(0);
    let attempt = store.begin(begin(&case, NOW)).await.unwrap().attempt;
    let mut end = unanswered(attempt, NOW, Disposition::NoAnswer, again(NOW));
    end.media.recording = Some(aftercall::dialer::Recording {
        path: "1.wav".into(),
        duration_ms: 1,
        gap_ms: 0,
        sha256: "short".into(),
    });
    let error = store.finish(end.clone()).await.unwrap_err();
    assert!(error.to_string().starts_with("the database refused: "), "{error}");
    assert_eq!(store.reader().attempt(attempt).await.unwrap().disposition, None);
    end.media.recording = None;
    store.finish(end).await.unwrap();
    store.close().await;
}
