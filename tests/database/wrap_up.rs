//! The end of a conversation: what came of it follows from what happened, is said before the next case, and never changes after.

use aftercall::dialer::{BeginByHand, ConversationNote, Finish, Next, Noteworthy};
use aftercall::ids::{AttemptId, CaseId, ConversationId, PatientId};
use aftercall::outcome::Disposition;
use aftercall::store::Store;
use aftercall::store::console::desk::{AnswerTyped, Choice, NoteText, Refused, Reserved};

use crate::agents::{LI, WU, by_hand, choice, floor, opened, over, reserve, seconds, talked, typed};
use crate::fixture::{Folder, NOW, again, answered, claim, minutes, scalar, unanswered};

#[tokio::test]
async fn the_outcome_follows_from_what_happened_and_is_forced_before_the_next_case() {
    let folder = Folder::new();
    let (store, id) = floor(&folder, 2).await;
    let conversation = opened(&store, LI, 1, NOW).await;
    let none = store
        .choose_outcome(choice(conversation, Disposition::Partial))
        .await
        .unwrap();
    assert_eq!(none.unwrap_err(), Refused::NobodyCalled);
    let begun = store
        .begin_by_hand(by_hand(conversation, LI, NOW))
        .await
        .unwrap()
        .unwrap();
    let early = store
        .choose_outcome(choice(conversation, Disposition::Partial))
        .await
        .unwrap();
    assert_eq!(early.unwrap_err(), Refused::StillUp);
    store.type_answer(typed(conversation, 2)).await.unwrap().unwrap();
    let end = answered(
        begun.attempt,
        NOW + seconds(80),
        60_000,
        Disposition::Unknown,
        again(NOW),
    );
    store.finish(end).await.unwrap();
    over(&store, conversation, NOW + seconds(80)).await;
    // The machine leaves the case alone although it is due.
    assert_eq!(
        store.claim(claim(id, NOW + minutes(5), 10)).await.unwrap().len(),
        1,
        "only the other one"
    );
    assert_eq!(
        reserve(&store, LI, &[2], NOW + minutes(2)).await,
        Err(Refused::OutcomeFirst)
    );
    assert_eq!(
        store
            .settle_conversation(LI, conversation, NOW + minutes(2))
            .await
            .unwrap(),
        Err(Refused::OutcomeFirst)
    );
    for impossible in [Disposition::Completed, Disposition::NoAnswer, Disposition::OwnLineFault] {
        let refused = store.choose_outcome(choice(conversation, impossible)).await.unwrap();
        assert!(
            matches!(refused, Err(Refused::DoesNotFollow(_))),
            "{impossible:?} {refused:?}"
        );
    }
    store
        .choose_outcome(choice(conversation, Disposition::Refused))
        .await
        .unwrap()
        .unwrap();
    let complete = Choice {
        is_complete: true,
        ..choice(conversation, Disposition::Completed)
    };
    store.choose_outcome(complete).await.unwrap().unwrap();
    let mut tool = folder.tool().await;
    let case: (String, String, i64, i64) =
        sqlx::query_as("select state, outcome, counted, attempts from cases where id = 1")
            .fetch_one(&mut tool)
            .await
            .unwrap();
    assert_eq!(case, ("closed".into(), "completed".into(), 1, 1));
    let attempt: (String, String, String) = sqlx::query_as("select disposition, classified, rule from attempt")
        .fetch_one(&mut tool)
        .await
        .unwrap();
    assert_eq!(
        attempt,
        ("completed".into(), "unknown".into(), "answered-agent-said".into())
    );
    let replay: (i64, String) = sqlx::query_as("select account_id, disposition from replay")
        .fetch_one(&mut tool)
        .await
        .unwrap();
    assert_eq!(replay, (1, "completed".into()), "agents see their own calls by it");
    store
        .settle_conversation(LI, conversation, NOW + minutes(3))
        .await
        .unwrap()
        .unwrap();
    store
        .settle_conversation(LI, conversation, NOW + minutes(3))
        .await
        .unwrap()
        .unwrap();
    let late = store
        .choose_outcome(choice(conversation, Disposition::Refused))
        .await
        .unwrap();
    assert_eq!(late.unwrap_err(), Refused::NotPresent);
    let forged = sqlx::query("update conversation set outcome = 'refused'")
        .execute(&mut tool)
        .await;
    assert!(forged.unwrap_err().to_string().contains("never changed"));
    store.close().await;
}

#[tokio::test]
async fn an_appointment_is_kept_and_of_a_patient_who_did_not_answer_the_facts_speak() {
    let folder = Folder::new();
    let (store, _) = floor(&folder, 1).await;
    let (conversation, _) = talked(&store).await;
    let at = NOW + minutes(24 * 60);
    let agreed = Choice {
        appointment: Some(at),
        ..choice(conversation, Disposition::Appointment)
    };
    store.choose_outcome(agreed).await.unwrap().unwrap();
    store
        .settle_conversation(LI, conversation, NOW + minutes(2))
        .await
        .unwrap()
        .unwrap();
    let mut tool = folder.tool().await;
    let case: (String, i64, i64, Option<String>) =
        sqlx::query_as("select state, appointment_at, next_at, lease_holder from cases")
            .fetch_one(&mut tool)
            .await
            .unwrap();
    assert_eq!((case.0.as_str(), case.1, case.3), ("open", at.millis(), None));
    assert!(case.2 <= at.millis() && case.2 > NOW.millis());
    let next = opened(&store, WU, 1, at).await;
    let begun = store
        .begin_by_hand(BeginByHand {
            agent: WU,
            ..by_hand(next, WU, at)
        })
        .await
        .unwrap()
        .unwrap();
    store
        .finish(unanswered(
            begun.attempt,
            at + seconds(30),
            Disposition::Busy,
            again(at + minutes(30)),
        ))
        .await
        .unwrap();
    over(&store, next, at + seconds(30)).await;
    store
        .settle_conversation(WU, next, at + seconds(40))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        scalar::<String>(&mut tool, "select outcome from conversation where account_id = 2").await,
        "busy"
    );
    store.close().await;
}

#[tokio::test]
async fn an_answer_that_is_changed_and_a_note_that_is_older_are_told_apart() {
    let folder = Folder::new();
    let (store, _) = floor(&folder, 1).await;
    let (conversation, attempt) = talked(&store).await;
    store.type_answer(typed(conversation, 2)).await.unwrap().unwrap();
    store.type_answer(typed(conversation, 2)).await.unwrap().unwrap();
    store.type_answer(typed(conversation, 4)).await.unwrap().unwrap();
    let not_pressed = AnswerTyped {
        key_seq: Some(1),
        ..typed(conversation, 1)
    };
    assert_eq!(store.type_answer(not_pressed).await.unwrap(), Err(Refused::NoSuchKey));
    let mut tool = folder.tool().await;
    let kept: Vec<(i64, String, i64)> = sqlx::query_as("select value, source, attempt_id from answer")
        .fetch_all(&mut tool)
        .await
        .unwrap();
    assert_eq!(kept, [(4, "agent".into(), attempt.0)]);
    assert_eq!(
        scalar::<i64>(&mut tool, "select sum(value) from answer_before").await,
        2
    );
    let note = |text: &str, version| NoteText {
        agent: LI,
        conversation,
        text: text.into(),
        version,
        at: NOW + seconds(50),
    };
    store.save_note(note("女儿", 1)).await.unwrap().unwrap();
    store.save_note(note("女儿下周陪同复诊", 2)).await.unwrap().unwrap();
    store.save_note(note("女儿下周陪同复诊", 2)).await.unwrap().unwrap();
    assert_eq!(
        store.save_note(note("女", 2)).await.unwrap(),
        Err(Refused::OlderNote(2))
    );
    let open = store.reader().open_note(CaseId(1), LI).await.unwrap();
    assert_eq!((open.text.as_str(), open.version), ("女儿下周陪同复诊", 2));
    store
        .choose_outcome(choice(conversation, Disposition::Partial))
        .await
        .unwrap()
        .unwrap();
    store
        .settle_conversation(LI, conversation, NOW + minutes(2))
        .await
        .unwrap()
        .unwrap();
    let card = store.reader().desk_card(CaseId(1), NOW).await.unwrap();
    let notes = store.reader().desk_notes(PatientId(card.patient_id)).await.unwrap();
    assert_eq!(notes.len(), 1);
    assert!(
        sqlx::query("update note set text = 'x'")
            .execute(&mut tool)
            .await
            .is_err()
    );
    store.close().await;
}

#[tokio::test]
async fn what_a_crash_leaves_of_a_conversation_is_ended_and_its_outcome_is_still_to_be_chosen() {
    let folder = Folder::new();
    let (store, _) = floor(&folder, 2).await;
    let called = opened(&store, LI, 1, NOW).await;
    store.begin_by_hand(by_hand(called, LI, NOW)).await.unwrap().unwrap();
    opened(&store, WU, 2, NOW).await;
    store.close().await;
    let store = folder.open().await;
    let recover = aftercall::dialer::recover::Recover {
        now: NOW + minutes(1),
        rules: Default::default(),
        otherwise: Default::default(),
    };
    store.recover(recover).await.unwrap();
    assert_eq!(store.reader().open_conversation(WU).await.unwrap(), None);
    let open = store.reader().open_conversation(LI).await.unwrap().unwrap();
    assert_eq!((open.id, open.patient_ending.as_deref()), (called.0, Some("stopped")));
    assert!(open.ended_at.is_some() && open.outcome.is_none());
    assert_eq!(reserve(&store, WU, &[2], NOW + minutes(2)).await.map(|_| ()), Ok(()));
    store.close().await;
}

#[tokio::test]
async fn after_a_crash_in_the_wrap_up_the_machine_leaves_the_case_to_its_agent() {
    let folder = Folder::new();
    let (store, id) = floor(&folder, 2).await;
    let conversation = opened(&store, LI, 1, NOW).await;
    let begun = store.begin_by_hand(by_hand(conversation, LI, NOW)).await.unwrap();
    let attempt = begun.unwrap().attempt;
    let end = answered(attempt, NOW + seconds(80), 60_000, Disposition::Unknown, again(NOW));
    store.finish(end).await.unwrap();
    over(&store, conversation, NOW + seconds(80)).await;
    store.close().await;
    let store = folder.open().await;
    let recover = aftercall::dialer::recover::Recover {
        now: NOW + minutes(2),
        rules: Default::default(),
        otherwise: Default::default(),
    };
    store.recover(recover).await.unwrap();
    let claimed = store.claim(claim(id, NOW + minutes(5), 10)).await.unwrap();
    assert_eq!(claimed.iter().map(|one| one.case).collect::<Vec<_>>(), [CaseId(2)]);
    let said = store.choose_outcome(choice(conversation, Disposition::Refused)).await;
    said.unwrap().unwrap();
    let settled = store.settle_conversation(LI, conversation, NOW + minutes(6)).await;
    settled.unwrap().unwrap();
    let mut tool = folder.tool().await;
    let case: (String, Option<String>) = sqlx::query_as("select outcome, lease_holder from cases where id = 1")
        .fetch_one(&mut tool)
        .await
        .unwrap();
    assert_eq!(case, ("refused".into(), None));
    store.close().await;
}

#[tokio::test]
async fn whoever_takes_over_from_an_agent_who_was_lost_says_what_came_of_it() {
    let folder = Folder::new();
    let (store, _) = floor(&folder, 1).await;
    let conversation = opened(&store, LI, 1, NOW).await;
    let begun = store
        .begin_by_hand(by_hand(conversation, LI, NOW))
        .await
        .unwrap()
        .unwrap();
    let note = ConversationNote {
        conversation,
        seq: 5,
        at: NOW + seconds(20),
        agent: WU,
        what: Noteworthy::AgentAnswered,
    };
    store.note_conversation(note).await.unwrap();
    store
        .finish(answered(
            begun.attempt,
            NOW + seconds(80),
            60_000,
            Disposition::Unknown,
            again(NOW),
        ))
        .await
        .unwrap();
    over(&store, conversation, NOW + seconds(80)).await;
    assert_eq!(store.reader().open_conversation(LI).await.unwrap(), None);
    assert_eq!(
        store.reader().open_conversation(WU).await.unwrap().map(|open| open.id),
        Some(conversation.0)
    );
    let said = Choice {
        agent: WU,
        ..choice(conversation, Disposition::ThirdParty)
    };
    store.choose_outcome(said).await.unwrap().unwrap();
    store
        .settle_conversation(WU, conversation, NOW + minutes(2))
        .await
        .unwrap()
        .unwrap();
    let mut tool = folder.tool().await;
    assert_eq!(scalar::<i64>(&mut tool, "select account_id from replay").await, 2);
    store.close().await;
}

/// The agent hung up before the patient was called; how the legs ended is written down.
async fn hung_up_before(store: &Store, conversation: ConversationId) {
    let what = Noteworthy::Ended {
        agent: None,
        patient: None,
        disposition: None,
    };
    let note = ConversationNote {
        conversation,
        seq: 2,
        at: NOW + seconds(5),
        agent: LI,
        what,
    };
    store.note_conversation(note).await.unwrap();
}

fn never_dialed(attempt: AttemptId) -> Finish {
    Finish {
        rule: "not-dialed-in-time".into(),
        next: Next::Again {
            at: NOW + seconds(5),
            counted: false,
        },
        ..unanswered(attempt, NOW + seconds(5), Disposition::Interrupted, again(NOW))
    }
}

#[tokio::test]
async fn of_a_patient_who_was_never_called_nothing_is_to_be_settled() {
    for (is_told, is_noted_first) in [(true, false), (true, true), (false, true)] {
        let folder = Folder::new();
        let (store, id) = floor(&folder, 2).await;
        let conversation = opened(&store, LI, 1, NOW).await;
        // Picked before its time.
        let mut tool = folder.tool().await;
        let tomorrow = NOW + minutes(24 * 60);
        sqlx::query("update cases set next_at = $1 where id = 1")
            .bind(tomorrow.millis())
            .execute(&mut tool)
            .await
            .unwrap();
        // The database is slow, and the agent hangs up before its answer; it may even be lost, as where it was away in between.
        let begun = store.begin_by_hand(by_hand(conversation, LI, NOW)).await.unwrap();
        let attempt = begun.unwrap().attempt;
        if is_noted_first {
            hung_up_before(&store, conversation).await;
        }
        if is_told {
            store.finish(never_dialed(attempt)).await.unwrap();
        }
        if !is_noted_first {
            hung_up_before(&store, conversation).await;
        }
        let ended: (String, String) = sqlx::query_as("select state, rule from attempt")
            .fetch_one(&mut tool)
            .await
            .unwrap();
        assert_eq!(ended, ("ended".into(), "not-dialed-in-time".into()));
        let case: (i64, Option<String>) = sqlx::query_as("select counted, lease_holder from cases where id = 1")
            .fetch_one(&mut tool)
            .await
            .unwrap();
        assert_eq!(case, (0, None), "it is anybody's again");
        let next = reserve(&store, LI, &[2], NOW + seconds(10)).await;
        assert!(matches!(next, Ok(Reserved::New(_, CaseId(2)))), "{next:?}");
        let due = async |at| store.claim(claim(id, at, 10)).await.unwrap().len();
        assert_eq!(
            due(NOW + minutes(1)).await,
            0,
            "the machine does not call what was not due"
        );
        assert_eq!(due(tomorrow).await, 2, "nor forgets it");
        store.close().await;
    }
}
