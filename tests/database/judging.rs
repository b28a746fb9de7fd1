//! Judging calls: samples that can be drawn again, reviews that are signed for good, second opinions that are blind.

use aftercall::dialer::{Outcome, Recording};
use aftercall::ids::{AttemptId, CampaignId};
use aftercall::outcome::Disposition;
use aftercall::store::Visible;
use aftercall::store::console::accounts::NewAccount;
use aftercall::store::console::audit::Deed;
use aftercall::store::console::corrections::NewCorrection;
use aftercall::store::console::reviews::{Judged, Opinion, Queue, Refused, State};
use aftercall::store::console::samples::{NewSample, Reviewer, Sample, Shares, Why};
use aftercall::store::console::scorecards::{Draft, Mark, shipped};
use aftercall::store::{Error, Store};

use crate::fixture::{Folder, NOW, answered, closed, dialed, keep, minutes, scalar, seeded};

fn deed(word: &str) -> Deed {
    Deed {
        at: NOW + minutes(60),
        account_id: Some(1),
        who: "zhou".into(),
        deed: word.into(),
        object: None,
        reason: None,
        detail: None,
        address: None,
    }
}

fn person(id: i64) -> Reviewer {
    Reviewer {
        id,
        name: format!("质检{id}"),
    }
}

/// Three people who judge, and `n` answered calls with recordings, every third with a low answer.
async fn judged(store: &Store, n: u32) -> (CampaignId, Vec<AttemptId>) {
    for id in 1..=3 {
        let account = NewAccount {
            account: format!("qa{id}"),
            name: format!("质检{id}"),
            role: "qa".into(),
            department: None,
            password: "-".into(),
            password_due: false,
        };
        store.add_account(account, deed("account_added")).await.unwrap();
    }
    let campaign = seeded(store, n).await;
    let mut calls = Vec::new();
    for at in 0..n {
        let (_, attempt) = dialed(store, campaign, NOW).await;
        let value = if at % 3 == 0 { 4 } else { 1 };
        store.keep(keep(attempt, 1, "care", value)).await.unwrap();
        let mut end = answered(
            attempt,
            NOW + minutes(2),
            61_900,
            Disposition::Completed,
            closed(Outcome::Completed),
        );
        end.media.recording = Some(Recording {
            path: format!("recordings/{at}.wav"),
            duration_ms: 61_900,
            gap_ms: 0,
            sha256: "b".repeat(64),
        });
        store.finish(end).await.unwrap();
        calls.push(attempt);
    }
    store.ship_scorecard(NOW).await.unwrap();
    (campaign, calls)
}

async fn drawn(store: &Store, campaign: CampaignId, seed: &str) -> Sample {
    let new = NewSample {
        campaign,
        scorecard: 1,
        from: NOW,
        to: NOW + minutes(30),
        seed: seed.into(),
        shares: Shares::default(),
        reviewers: vec![person(1), person(2)],
        due_at: NOW + minutes(600),
    };
    store.draw_sample(new, deed("drawn")).await.unwrap()
}

async fn best(store: &Store) -> Judged {
    let card = store.reader().scorecard(1).await.unwrap();
    Judged {
        marks: card
            .items
            .iter()
            .map(|item| Mark {
                item: item.id.clone(),
                option: Some(0),
                note: String::new(),
            })
            .collect(),
        note: Some("<script>alert(1)</script>=1+1".into()),
    }
}

fn refusal(error: Error) -> Refused {
    let Error::Judging(why) = error else {
        panic!("{error}");
    };
    why
}

#[tokio::test]
async fn a_sample_is_drawn_again_from_what_was_written_down() {
    let folder = Folder::new();
    let store = folder.open().await;
    let (campaign, _) = judged(&store, 12).await;
    let sample = drawn(&store, campaign, "20261116").await;
    // Half of four low scores and a tenth of eight others, rounded up.
    assert_eq!((sample.frame.len(), sample.drawn), (12, 3));
    assert_eq!(sample.frame.count(Why::LowScore), 4);
    let kept = store.reader().sample_calls(sample.id).await.unwrap();
    let again: Vec<(i64, String)> = sample
        .again()
        .into_iter()
        .map(|(call, why)| (call, why.word().into()))
        .collect();
    assert_eq!(kept, again);
    assert_eq!(sample.frame.hash(), sample.frame_hash);
    let same = drawn(&store, campaign, "20261116").await;
    assert_eq!((same.id, same.drawn), (sample.id, 3));
    let queue = |reader| {
        let store = store.clone();
        async move {
            let rows = store
                .reader()
                .review_queue(Queue::Mine, None, &Visible::All, reader, None, 50)
                .await
                .unwrap();
            rows.len()
        }
    };
    // In turn: the first and the third of three calls go to the first.
    assert_eq!((queue(1).await, queue(2).await, queue(3).await), (2, 1, 0));
    let mut tool = folder.tool().await;
    for change in [
        "update sample set seed = 'x'",
        "delete from sample",
        "update sample_call set why = 'random'",
        "delete from sample_call",
    ] {
        assert!(sqlx::query(change).execute(&mut tool).await.is_err(), "{change}");
    }
    store.close().await;
}

#[tokio::test]
async fn a_signed_review_never_changes() {
    let folder = Folder::new();
    let store = folder.open().await;
    let (_, calls) = judged(&store, 1).await;
    let id = store
        .begin_review(calls[0], 1, person(1), deed("review_begun"))
        .await
        .unwrap();
    assert_eq!(
        store
            .begin_review(calls[0], 1, person(1), deed("review_begun"))
            .await
            .unwrap(),
        id
    );
    let mut half = best(&store).await;
    half.marks.truncate(3);
    store.save_review(id, person(1), half.clone(), NOW).await.unwrap();
    let faulty = store
        .sign_review(id, person(1), half, deed("signed"))
        .await
        .unwrap_err();
    assert!(matches!(refusal(faulty), Refused::Faulty { .. }));
    let other = store
        .save_review(id, person(2), best(&store).await, NOW)
        .await
        .unwrap_err();
    assert!(matches!(refusal(other), Refused::NotYours { .. }));
    store
        .sign_review(id, person(1), best(&store).await, deed("signed"))
        .await
        .unwrap();
    let again = store
        .sign_review(id, person(1), best(&store).await, deed("signed"))
        .await
        .unwrap_err();
    assert_eq!(refusal(again), Refused::Signed);
    let review = store.reader().review(id, &Visible::All, 2).await.unwrap();
    assert_eq!(
        (review.state, review.score, review.is_hidden),
        (State::Signed, Some(100), false)
    );
    assert_eq!(review.note.as_deref(), Some("<script>alert(1)</script>=1+1"));
    let mut tool = folder.tool().await;
    for change in [
        "update review set score = 1",
        "update review set marks = '[]', note = null",
        "update review set state = 'draft', signed_at = null, score = null, hash = null, is_fatal = null",
        "delete from review",
        "update scorecard set items = '[]'",
        "delete from scorecard",
    ] {
        assert!(sqlx::query(change).execute(&mut tool).await.is_err(), "{change}");
    }
    let signed: i64 = scalar(
        &mut tool,
        "select count(*) from audit where deed = 'signed' and object = 'review:1'",
    )
    .await;
    assert_eq!(signed, 1);
    let stands: String = scalar(&mut tool, "select review from replay").await;
    assert_eq!(stands, "signed");
    store.close().await;
}

#[tokio::test]
async fn a_second_opinion_is_another_persons_and_blind_until_both_have_signed() {
    let folder = Folder::new();
    let store = folder.open().await;
    let (_, calls) = judged(&store, 1).await;
    let first = store
        .begin_review(calls[0], 1, person(1), deed("review_begun"))
        .await
        .unwrap();
    let early = store
        .judge_again(first, Opinion::Second(None), deed("asked"))
        .await
        .unwrap_err();
    assert_eq!(refusal(early), Refused::Unsigned);
    store
        .sign_review(first, person(1), best(&store).await, deed("signed"))
        .await
        .unwrap();
    let own = store
        .judge_again(first, Opinion::Second(Some(person(1))), deed("asked"))
        .await
        .unwrap_err();
    assert!(matches!(refusal(own), Refused::SamePerson { .. }));
    let second = store
        .judge_again(first, Opinion::Second(None), deed("asked"))
        .await
        .unwrap();
    assert_eq!(
        store
            .judge_again(first, Opinion::Second(None), deed("asked"))
            .await
            .unwrap(),
        second
    );
    let same = store
        .claim_review(second, person(1), deed("claimed"))
        .await
        .unwrap_err();
    assert!(matches!(refusal(same), Refused::SamePerson { .. }));
    store.claim_review(second, person(2), deed("claimed")).await.unwrap();
    let late = store
        .claim_review(second, person(3), deed("claimed"))
        .await
        .unwrap_err();
    assert!(matches!(refusal(late), Refused::Claimed { .. }));
    let seen = async |id, reader| store.reader().review(id, &Visible::All, reader).await.unwrap();
    // Nobody but its author sees the first one now, in no list either.
    for reader in [2, 3] {
        let hidden = seen(first, reader).await;
        assert!(hidden.is_hidden && hidden.marks.is_empty() && hidden.score.is_none() && hidden.note.is_none());
    }
    assert!(!seen(first, 1).await.is_hidden);
    let listed = store
        .reader()
        .review_queue(Queue::Signed, None, &Visible::All, 2, None, 50)
        .await
        .unwrap();
    assert!(
        listed
            .iter()
            .all(|row| row.is_hidden && row.score.is_none() && row.marks.is_empty())
    );
    store
        .sign_review(second, person(2), best(&store).await, deed("signed"))
        .await
        .unwrap();
    assert!(!seen(first, 2).await.is_hidden && !seen(second, 1).await.is_hidden);
    let agreement = store.reader().agreement().await.unwrap();
    assert_eq!(
        (agreement.all.calls, agreement.all.marks, agreement.all.same),
        (1, 7, 7)
    );
    assert_eq!(agreement.reviewers.len(), 2);
    store.close().await;
}

#[tokio::test]
async fn an_appeal_is_judged_by_another_person_and_the_call_says_so() {
    let folder = Folder::new();
    let store = folder.open().await;
    let (_, calls) = judged(&store, 1).await;
    let first = store
        .begin_review(calls[0], 1, person(1), deed("review_begun"))
        .await
        .unwrap();
    store
        .sign_review(first, person(1), best(&store).await, deed("signed"))
        .await
        .unwrap();
    let second = store
        .judge_again(first, Opinion::Appeal("第 4 题听错".into()), deed("appealed"))
        .await
        .unwrap();
    let rows = store
        .reader()
        .review_queue(Queue::Appeals, None, &Visible::All, 3, None, 50)
        .await
        .unwrap();
    assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), [second]);
    let mut tool = folder.tool().await;
    assert_eq!(
        scalar::<String>(&mut tool, "select review from replay").await,
        "appealed"
    );
    for change in ["update appeal set reason = 'x'", "delete from appeal"] {
        assert!(sqlx::query(change).execute(&mut tool).await.is_err(), "{change}");
    }
    let of_second = store
        .judge_again(second, Opinion::Second(None), deed("asked"))
        .await
        .unwrap_err();
    assert_eq!(refusal(of_second), Refused::NotFirst);
    let department = Visible::Department("骨科".into());
    assert!(store.reader().reviews_of(calls[0], &department, 3).await.is_err());
    assert!(store.reader().review(first, &department, 3).await.is_err());
    store.close().await;
}

#[tokio::test]
async fn a_correction_stands_beside_the_answer_and_must_be_on_its_scale() {
    let folder = Folder::new();
    let store = folder.open().await;
    let (_, calls) = judged(&store, 1).await;
    let correction = |question: &str, value: Option<i64>| NewCorrection {
        call: calls[0],
        question: question.into(),
        value,
        kind: if value.is_some() { "value" } else { "refused" }.into(),
        reason: "患者说“满意”".into(),
    };
    let off = store
        .correct_answer(correction("care", Some(9)), deed("corrected"))
        .await
        .unwrap_err();
    assert!(matches!(refusal(off), Refused::NotOnScale { value: 9, .. }));
    let none = store
        .correct_answer(correction("food", Some(1)), deed("corrected"))
        .await
        .unwrap_err();
    assert!(matches!(refusal(none), Refused::NoAnswer { .. }));
    store
        .correct_answer(correction("care", Some(1)), deed("corrected"))
        .await
        .unwrap();
    // Sent twice, it is one; another's is refused.
    assert_eq!(
        store
            .correct_answer(correction("care", Some(1)), deed("corrected"))
            .await
            .unwrap(),
        1
    );
    let mut other = correction("care", Some(1));
    other.reason = "另一理由".into();
    let again = store.correct_answer(other, deed("corrected")).await.unwrap_err();
    assert_eq!(refusal(again), Refused::NoChange);
    store
        .correct_answer(correction("care", None), deed("corrected"))
        .await
        .unwrap();
    let all = store.reader().corrections(calls[0]).await.unwrap();
    assert_eq!(
        (all[0].old_value, all[0].value, all[0].label.as_deref()),
        (Some(4), Some(1), Some("满意"))
    );
    assert_eq!((all[1].old_value, all[1].kind.as_str()), (Some(1), "refused"));
    let mut tool = folder.tool().await;
    assert_eq!(scalar::<i64>(&mut tool, "select value from answer").await, 4);
    for change in ["update correction set value = 2", "delete from correction"] {
        assert!(sqlx::query(change).execute(&mut tool).await.is_err(), "{change}");
    }
    store.close().await;
}

#[tokio::test]
async fn a_published_scorecard_is_copied_to_be_changed() {
    let folder = Folder::new();
    let store = folder.open().await;
    store.ship_scorecard(NOW).await.unwrap();
    store.ship_scorecard(NOW).await.unwrap();
    let draft = |weight| {
        let mut items = shipped::items();
        items[1].weight = weight;
        items[1].options[0].points = weight;
        Draft {
            zh: "新表".into(),
            en: "New".into(),
            items,
        }
    };
    let no = store.change_scorecard(1, draft(10), deed("changed")).await.unwrap_err();
    assert_eq!(refusal(no), Refused::Published);
    let made = store.draft_scorecard(draft(10), deed("drafted")).await.unwrap();
    assert_eq!(store.draft_scorecard(draft(10), deed("drafted")).await.unwrap(), made);
    store.drop_scorecard(made, deed("discarded")).await.unwrap();
    let second = store.next_scorecard(1, deed("drafted")).await.unwrap();
    assert_eq!(store.next_scorecard(1, deed("drafted")).await.unwrap(), second);
    store
        .change_scorecard(second, draft(20), deed("changed"))
        .await
        .unwrap();
    let faulty = store.publish_scorecard(second, deed("published")).await.unwrap_err();
    assert!(matches!(refusal(faulty), Refused::Faulty { faults } if faults[0].en.contains("110")));
    store
        .change_scorecard(second, draft(10), deed("changed"))
        .await
        .unwrap();
    store.publish_scorecard(second, deed("published")).await.unwrap();
    let cards = store.reader().scorecards().await.unwrap();
    assert_eq!(cards.iter().map(|card| card.version).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(store.reader().present_scorecard().await.unwrap().id, second);
    store.close().await;
}

#[tokio::test]
async fn what_people_wrote_of_a_cleaned_call_goes_and_what_they_judged_stays() {
    let folder = Folder::new();
    let store = folder.open().await;
    let (_, calls) = judged(&store, 1).await;
    let first = store
        .begin_review(calls[0], 1, person(1), deed("review_begun"))
        .await
        .unwrap();
    store
        .sign_review(first, person(1), best(&store).await, deed("signed"))
        .await
        .unwrap();
    let mut tool = folder.tool().await;
    let wipe = "update review set note = null where id = 1";
    assert!(sqlx::query(wipe).execute(&mut tool).await.is_err());
    sqlx::query("update attempt set digits = '0'")
        .execute(&mut tool)
        .await
        .unwrap();
    sqlx::query(wipe).execute(&mut tool).await.unwrap();
    let score = "update review set score = 1, note = null where id = 1";
    assert!(sqlx::query(score).execute(&mut tool).await.is_err());
    store.close().await;
}
