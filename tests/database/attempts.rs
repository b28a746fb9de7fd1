//! Attempts: begun before the INVITE, kept key by key, finished once, all of it safe to repeat.

use aftercall::dialer::BeginTest;
use aftercall::dialer::{MediaSums, Next, Outcome, Recording, Release};
use aftercall::dialplan::{Answer, Heard};
use aftercall::ids::AttemptId;
use aftercall::outcome::Disposition;
use aftercall::phone::Number;
use aftercall::store::Error;

use crate::fixture::{
    Folder, HASH, NOW, again, answered, begin, campaign, claim, closed, dialed, import, keep, minutes, pressed, row,
    scalar, seeded, unanswered,
};

#[tokio::test]
async fn an_attempt_begins_once_however_often_it_is_asked() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let claimed = store.claim(claim(id, NOW, 1)).await.unwrap().remove(0);
    let first = store.begin(begin(&claimed, NOW)).await.unwrap();
    let second = store.begin(begin(&claimed, NOW)).await.unwrap();
    assert_eq!(first, second);
    let error = store.begin(begin(&claimed, NOW + minutes(1))).await.unwrap_err();
    assert!(matches!(error, Error::AttemptUnderWay(_)), "{error}");
    let mut tool = folder.tool().await;
    assert_eq!(scalar::<i64>(&mut tool, "select attempts from cases").await, 1);
    store.close().await;
}

#[tokio::test]
async fn an_attempt_needs_a_lease_and_a_known_dialplan() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let claimed = store.claim(claim(id, NOW, 1)).await.unwrap().remove(0);
    let mut unknown = begin(&claimed, NOW);
    unknown.dialplan = "other".into();
    let error = store.begin(unknown).await.unwrap_err();
    assert!(matches!(error, Error::NoDialplan { .. }), "{error}");
    store.release(Release::of(claimed.case)).await.unwrap();
    let error = store.begin(begin(&claimed, NOW)).await.unwrap_err();
    assert!(matches!(error, Error::NotLeased(_)), "{error}");
    store.close().await;
}

#[tokio::test]
async fn a_key_and_its_answer_are_kept_once() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let (_, attempt) = dialed(&store, id, NOW).await;
    for _ in 0..2 {
        store.keep(keep(attempt, 1, "care", 2)).await.unwrap();
    }
    store.keep(keep(attempt, 2, "care", 1)).await.unwrap();
    store.keep(keep(attempt, 1, "care", 2)).await.unwrap();
    let keys = store.reader().keys(attempt).await.unwrap();
    assert_eq!(keys.iter().map(|key| key.key.as_char()).collect::<String>(), "21");
    let answers = store.reader().answers(attempt).await.unwrap();
    assert_eq!(answers.len(), 1);
    assert_eq!((answers[0].value, answers[0].label.as_deref()), (Some(1), Some("满意")));
    let session = store.reader().attempt(attempt).await.unwrap().session;
    assert_eq!(session.as_deref(), Some("{\"after\":2}"));
    store.close().await;
}

#[tokio::test]
async fn an_ended_attempt_takes_a_repeated_key_but_no_new_one() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let (_, attempt) = dialed(&store, id, NOW).await;
    store.keep(keep(attempt, 1, "care", 2)).await.unwrap();
    let end = answered(attempt, NOW, 9_000, Disposition::Partial, closed(Outcome::Partial));
    store.finish(end).await.unwrap();
    store.keep(keep(attempt, 1, "care", 2)).await.unwrap();
    let error = store.keep(keep(attempt, 2, "food", 2)).await.unwrap_err();
    assert!(matches!(error, Error::AttemptEnded(_)), "{error}");
    let error = store.keep(keep(AttemptId(999), 1, "food", 2)).await.unwrap_err();
    assert!(matches!(error, Error::NoAttempt(_)), "{error}");
    store.close().await;
}

#[tokio::test]
async fn the_three_kinds_of_missing_answers_are_kept_apart() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let (_, attempt) = dialed(&store, id, NOW).await;
    let kinds = [Answer::Refused, Answer::Silent, Answer::Invalid];
    for (seq, (question, answer)) in (1..).zip(["care", "food", "score"].into_iter().zip(kinds)) {
        let mut missing = keep(attempt, seq, question, 0);
        missing.key = None;
        missing.heard[0].answer = answer;
        missing.heard[0].keys.clear();
        store.keep(missing).await.unwrap();
    }
    let answers = store.reader().answers(attempt).await.unwrap();
    let kinds: Vec<&str> = answers.iter().map(|answer| answer.kind.as_str()).collect();
    assert_eq!(kinds, ["refused", "silent", "invalid"]);
    assert!(answers.iter().all(|answer| answer.value.is_none()));
    store.close().await;
}

#[tokio::test]
async fn the_stop_calling_key_reaches_every_campaign_in_the_same_transaction() {
    let folder = Folder::new();
    let store = folder.open().await;
    let july = seeded(&store, 1).await;
    let august = campaign(&store, "august").await;
    import(&store, august, vec![row(0)]).await;
    let (_, attempt) = dialed(&store, july, NOW).await;
    let mut stop = keep(attempt, 1, "who", 9);
    stop.key = Some(pressed(1, '9', "who"));
    stop.heard = vec![Heard {
        question: "who".into(),
        answer: Answer::Refused,
        keys: "9".into(),
        opts_out: true,
        audio: None,
    }];
    store.keep(stop).await.unwrap();
    let mut tool = folder.tool().await;
    assert_eq!(
        scalar::<String>(&mut tool, "select digits from do_not_call").await,
        "13800000000"
    );
    // Even a crash here loses nothing: the other campaign no longer gets the number.
    let end = answered(attempt, NOW, 4_000, Disposition::OptOut, closed(Outcome::Refused));
    store.finish(end).await.unwrap();
    assert!(
        store
            .claim(claim(august, NOW + minutes(90), 10))
            .await
            .unwrap()
            .is_empty()
    );
    let outcome: String = scalar(&mut tool, "select outcome from cases where campaign_id = 2").await;
    assert_eq!(outcome, "not_eligible");
    store.close().await;
}

#[tokio::test]
async fn a_number_listed_after_its_claim_is_not_dialed() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let claimed = store.claim(claim(id, NOW, 1)).await.unwrap().remove(0);
    let mut tool = folder.tool().await;
    sqlx::query("insert into do_not_call (digits, since, source) values ('13800000000', 0, 'person')")
        .execute(&mut tool)
        .await
        .unwrap();
    let error = store.begin(begin(&claimed, NOW)).await.unwrap_err();
    assert!(matches!(error, Error::DoNotCall(_)), "{error}");
    store.close().await;
}

#[tokio::test]
async fn the_end_of_an_attempt_is_written_once_with_its_recording() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let (claimed, attempt) = dialed(&store, id, NOW).await;
    let mut end = answered(
        attempt,
        NOW + minutes(2),
        60_000,
        Disposition::Busy,
        again(NOW + minutes(30)),
    );
    end.media = MediaSums {
        packets_sent: 3000,
        packets_received: 2_900,
        packets_lost: 100,
        jitter_ms: Some(7),
        rtt_ms: Some(41),
        remote_lost: Some(30),
        remote_jitter_ms: None,
        recording: Some(Recording {
            path: "recordings/1.wav".into(),
            duration_ms: 60_000,
            gap_ms: 40,
            sha256: "0".repeat(64),
        }),
        ..MediaSums::default()
    };
    store.finish(end.clone()).await.unwrap();
    end.next = closed(Outcome::Completed);
    store.finish(end).await.unwrap();
    let record = store.reader().attempt(attempt).await.unwrap();
    assert_eq!(record.answered_at, Some(NOW + minutes(1)));
    assert_eq!(record.facts.unwrap().final_status, Some(200));
    assert_eq!((record.case, record.ordinal), (Some(claimed.case), 1));
    let mut tool = folder.tool().await;
    let case: (String, i64, i64, i64) = sqlx::query_as("select state, counted, attempts, next_at from cases")
        .fetch_one(&mut tool)
        .await
        .unwrap();
    assert_eq!(case, ("open".to_owned(), 1, 1, (NOW + minutes(30)).millis()));
    assert_eq!(scalar::<i64>(&mut tool, "select count(*) from recording").await, 1);
    let media: (f64, i64, i64, f64, Option<i64>, i64) = sqlx::query_as(
        "select lost_percent, jitter_ms, rtt_ms, remote_lost_percent, remote_jitter_ms, recording_gap_ms from v_media",
    )
    .fetch_one(&mut tool)
    .await
    .unwrap();
    assert_eq!(media, (3.33, 7, 41, 1.0, None, 40));
    store.close().await;
}

#[tokio::test]
async fn our_own_fault_uses_up_no_budget() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let (_, attempt) = dialed(&store, id, NOW).await;
    let spared = Next::Again {
        at: NOW + minutes(5),
        counted: false,
    };
    store
        .finish(unanswered(attempt, NOW, Disposition::NetworkBusy, spared))
        .await
        .unwrap();
    let claimed = store.claim(claim(id, NOW + minutes(5), 1)).await.unwrap();
    assert_eq!((claimed[0].counted, claimed[0].attempts), (0, 1));
    store.close().await;
}

#[tokio::test]
async fn a_test_call_has_no_case_and_takes_keys() {
    let folder = Folder::new();
    let store = folder.open().await;
    campaign(&store, "july").await;
    let test = BeginTest {
        token: 1,
        number: Number::parse("13912345678").unwrap(),
        trunk: "north".into(),
        at: NOW,
        dialplan: HASH.into(),
    };
    let attempt = store.begin_test_attempt(test).await.unwrap();
    store.keep(keep(attempt, 1, "care", 1)).await.unwrap();
    let end = answered(attempt, NOW, 5_000, Disposition::Partial, closed(Outcome::Partial));
    store.finish(end).await.unwrap();
    let record = store.reader().attempt(attempt).await.unwrap();
    assert_eq!((record.case, record.disposition), (None, Some(Disposition::Partial)));
    assert!(
        store
            .reader()
            .status(NOW, NOW, 5)
            .await
            .unwrap()
            .by_disposition
            .is_empty()
    );
    store.close().await;
}
