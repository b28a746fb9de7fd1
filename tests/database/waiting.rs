//! A waiting patient's case before an agent: on disk before the phone rings, handed on to the next, settled when nobody came.

use aftercall::dialer::{ConversationNote, LegEnd, LegEnding, Noteworthy, PutThrough, Refusal, Waited};
use aftercall::ids::{AgentId, AttemptId, CaseId, ConversationId};
use aftercall::outcome::{Disposition, EndedBy};
use aftercall::store::Store;

use crate::agents::{LI, WU, by_hand, floor, opened, over, reserve, seconds};
use crate::fixture::{Folder, NOW, again, answered, claim, dialed, keep, minutes, scalar};

/// The machine talks with a patient, who has answered a question and wants a person.
async fn asks(folder: &Folder) -> (Store, CaseId, AttemptId) {
    let (store, campaign) = floor(folder, 2).await;
    let (claimed, attempt) = dialed(&store, campaign, NOW).await;
    store.keep(keep(attempt, 1, "treatment", 1)).await.unwrap();
    (store, claimed.case, attempt)
}

fn to(agent: AgentId, case: CaseId, attempt: AttemptId, conversation: Option<ConversationId>) -> PutThrough {
    PutThrough {
        attempt,
        case,
        agent,
        conversation,
        origin: Waited::AskedFor,
        at: NOW + seconds(40),
    }
}

async fn note(store: &Store, conversation: ConversationId, seq: u32, agent: AgentId, what: Noteworthy) {
    let at = NOW + seconds(40 + u64::from(seq));
    let note = ConversationNote {
        conversation,
        seq,
        at,
        agent,
        what,
    };
    store.note_conversation(note).await.unwrap();
}

async fn finish(store: &Store, attempt: AttemptId, disposition: Disposition) {
    let end = answered(
        attempt,
        NOW + seconds(120),
        100_000,
        disposition,
        again(NOW + minutes(600)),
    );
    store.finish(end).await.unwrap();
}

#[tokio::test]
async fn the_case_is_the_agents_before_the_phone_rings_and_the_outcome_is_theirs() {
    let folder = Folder::new();
    let (store, case, attempt) = asks(&folder).await;
    let conversation = store.put_through(to(LI, case, attempt, None)).await.unwrap().unwrap();
    let row = store
        .reader()
        .open_conversation(LI)
        .await
        .unwrap()
        .expect("it is on the screen");
    assert_eq!((row.id, row.origin.as_str()), (conversation.0, "asked_for"));
    note(&store, conversation, 1, LI, Noteworthy::AgentAnswered).await;
    let mut tool = folder.tool().await;
    let account: Option<i64> = scalar(&mut tool, "select account_id from attempt where id = 1").await;
    assert_eq!(account, Some(LI.0), "the attempt is the agent's from the answer on");
    finish(&store, attempt, Disposition::Unknown).await;
    over(&store, conversation, NOW + seconds(120)).await;
    let open: i64 = scalar(&mut tool, "select count(*) from conversation where settled_at is null").await;
    assert_eq!(open, 1, "the agent has yet to say what came of it");
}

#[tokio::test]
async fn an_agent_who_does_not_answer_hands_the_case_on_and_has_nothing_to_say_of_it() {
    let folder = Folder::new();
    let (store, case, attempt) = asks(&folder).await;
    let conversation = store.put_through(to(LI, case, attempt, None)).await.unwrap().unwrap();
    let again = store
        .put_through(to(WU, case, attempt, Some(conversation)))
        .await
        .unwrap();
    assert_eq!(again, Ok(conversation));
    let reader = store.reader();
    assert!(reader.open_conversation(LI).await.unwrap().is_none());
    assert!(reader.open_conversation(WU).await.unwrap().is_some());
    let opened = reader.audit(&Default::default(), 10).await.unwrap().rows;
    let opened: Vec<_> = opened
        .iter()
        .map(|row| (row.who.as_str(), row.deed.as_str(), row.object.clone()))
        .collect();
    let shown = Some(format!("conversation:{}", conversation.0));
    let by = |who| (who, "opened_case", shown.clone());
    assert_eq!(
        opened,
        [by("wu"), by("li")],
        "whoever saw the patient's name is in the audit log"
    );
    let ending = LegEnding {
        end: LegEnd::NoAnswer,
        by: EndedBy::Us,
        status: None,
        q850: None,
        talk_ms: None,
    };
    note(&store, conversation, 1, WU, Noteworthy::CallBackOffered).await;
    finish(&store, attempt, Disposition::Appointment).await;
    let ended = Noteworthy::Ended {
        agent: Some(ending),
        patient: None,
        disposition: Some(Disposition::Appointment),
    };
    note(&store, conversation, 2, WU, ended).await;
    assert!(
        reader.open_conversation(WU).await.unwrap().is_none(),
        "settled by itself"
    );
    let taken = reserve(&store, WU, &[2], NOW + seconds(130)).await;
    assert!(taken.is_ok(), "{taken:?}");
}

#[tokio::test]
async fn when_nobody_comes_for_an_agent_who_was_lost_the_outcome_is_still_theirs() {
    let folder = Folder::new();
    let (store, campaign) = floor(&folder, 1).await;
    let conversation = opened(&store, LI, 1, NOW).await;
    let begun = store.begin_by_hand(by_hand(conversation, LI, NOW)).await.unwrap();
    let attempt = begun.unwrap().attempt;
    note(&store, conversation, 1, LI, Noteworthy::AgentAnswered).await;
    let lost = PutThrough {
        origin: Waited::AgentLost,
        ..to(WU, CaseId(1), attempt, Some(conversation))
    };
    assert_eq!(store.put_through(lost).await.unwrap(), Ok(conversation));
    // The phone rings in vain, and the patient chooses nothing.
    note(&store, conversation, 2, WU, Noteworthy::CallBackOffered).await;
    let end = answered(attempt, NOW + seconds(120), 100_000, Disposition::Unknown, again(NOW));
    store.finish(end).await.unwrap();
    over(&store, conversation, NOW + seconds(120)).await;
    let reader = store.reader();
    assert_eq!(reader.open_conversation(WU).await.unwrap(), None);
    let open = reader.open_conversation(LI).await.unwrap();
    assert_eq!(open.map(|open| open.id), Some(conversation.0));
    let claimed = store.claim(claim(campaign, NOW + minutes(5), 10)).await.unwrap();
    assert!(claimed.is_empty(), "the machine leaves the case alone meanwhile");
}

#[tokio::test]
async fn an_agent_with_something_to_finish_is_passed_by() {
    let folder = Folder::new();
    let (store, case, attempt) = asks(&folder).await;
    opened(&store, LI, 2, NOW).await;
    let refused = store.put_through(to(LI, case, attempt, None)).await.unwrap();
    assert_eq!(refused, Err(Refusal::NotReady));
    finish(&store, attempt, Disposition::Partial).await;
    let late = store.put_through(to(WU, case, attempt, None)).await.unwrap();
    assert_eq!(late, Err(Refusal::NotReady), "the patient has hung up");
}

#[tokio::test]
async fn after_a_crash_nobody_has_to_say_what_came_of_a_patient_who_only_waited() {
    let folder = Folder::new();
    let (store, case, attempt) = asks(&folder).await;
    store.put_through(to(LI, case, attempt, None)).await.unwrap().unwrap();
    store.close().await;
    let store = folder.open().await;
    let recover = aftercall::dialer::recover::Recover {
        now: NOW + minutes(2),
        rules: Default::default(),
        otherwise: Default::default(),
    };
    store.recover(recover).await.unwrap();
    assert!(store.reader().open_conversation(LI).await.unwrap().is_none());
}
