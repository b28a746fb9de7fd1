//! Agents: a case is before one of them, their calls keep to the rules of the night, and what came of a call is said once.

use std::sync::Arc;
use std::time::Duration;

use aftercall::calendar::{DEFAULT_ZONE, Schedule};
use aftercall::dialer::{
    BeginByHand, Cap, ConversationNote, GiveBack, Granted, LegEnd, LegEnding, Limits, Noteworthy, Refusal, RetryPolicy,
    Terms, Whom,
};
use aftercall::dialplan::Answer;
use aftercall::ids::{AgentId, AttemptId, CaseId, ConversationId, NumberId};
use aftercall::moment::Wall;
use aftercall::outcome::{Disposition, EndedBy};
use aftercall::phone::Number;
use aftercall::store::Store;
use aftercall::store::console::desk::{AnswerTyped, Choice, Origin, Refused, Reserve, Reserved, Skip};

use crate::fixture::{Folder, HASH, NOW, again, answered, claim, minutes, scalar, seeded, terms};

pub(crate) const LI: AgentId = AgentId(1);
pub(crate) const WU: AgentId = AgentId(2);

pub(crate) fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// A store with so many due cases and two agents.
pub(crate) async fn floor(folder: &Folder, cases: u32) -> (Store, aftercall::ids::CampaignId) {
    let store = folder.open().await;
    let campaign = seeded(&store, cases).await;
    let mut tool = folder.tool().await;
    sqlx::query(
        "insert into account (id, account, name, role, password, created_at, created_by) values
            (1, 'li', '李老师', 'agent', '-', 0, 'test'), (2, 'wu', '吴老师', 'agent', '-', 0, 'test'),
            (3, 'zhao', '赵主管', 'supervisor', '-', 0, 'test')",
    )
    .execute(&mut tool)
    .await
    .unwrap();
    (store, campaign)
}

pub(crate) async fn reserve(store: &Store, agent: AgentId, cases: &[i64], at: Wall) -> Result<Reserved, Refused> {
    let campaign = aftercall::ids::CampaignId(1);
    let reserve = Reserve {
        agent,
        origin: Origin::Next,
        cases: cases
            .iter()
            .map(|case| (claim(campaign, at, 1), CaseId(*case)))
            .collect(),
        preview: seconds(30),
        at,
    };
    store.reserve(reserve).await.unwrap()
}

/// The conversation with a new case.
pub(crate) async fn opened(store: &Store, agent: AgentId, case: i64, at: Wall) -> ConversationId {
    match reserve(store, agent, &[case], at).await {
        Ok(Reserved::New(conversation, _)) => conversation,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn by_hand(conversation: ConversationId, agent: AgentId, at: Wall) -> BeginByHand {
    BeginByHand {
        conversation,
        agent,
        case: CaseId(1),
        whom: Whom::Next,
        trunk: "north".into(),
        caller: None,
        at,
        dialplan: HASH.into(),
        terms: terms(),
        granted: None,
    }
}

fn granted() -> Option<Granted> {
    Some(Granted {
        by: AgentId(3),
        reason: "家属要求今天回电".into(),
    })
}

fn check(refusal: &Refusal) -> &str {
    let Refusal::Check { why, .. } = refusal else {
        panic!("{refusal:?}")
    };
    why
}

/// Both legs are over.
pub(crate) async fn over(store: &Store, conversation: ConversationId, at: Wall) {
    let ending = |end| LegEnding {
        end,
        by: EndedBy::FarEnd,
        status: None,
        q850: None,
        talk_ms: Some(60_000),
    };
    let what = Noteworthy::Ended {
        agent: Some(ending(LegEnd::OtherEnded)),
        patient: Some(ending(LegEnd::HungUp)),
        disposition: Some(Disposition::Unknown),
    };
    let note = ConversationNote {
        conversation,
        seq: 9,
        at,
        agent: LI,
        what,
    };
    store.note_conversation(note.clone()).await.unwrap();
    store.note_conversation(note).await.unwrap();
}

/// A call of case 1 by Li that was answered and is over.
pub(crate) async fn talked(store: &Store) -> (ConversationId, AttemptId) {
    let conversation = opened(store, LI, 1, NOW).await;
    let begun = store
        .begin_by_hand(by_hand(conversation, LI, NOW))
        .await
        .unwrap()
        .unwrap();
    let end = answered(
        begun.attempt,
        NOW + seconds(80),
        60_000,
        Disposition::Unknown,
        again(NOW + minutes(60)),
    );
    store.finish(end).await.unwrap();
    over(store, conversation, NOW + seconds(80)).await;
    (conversation, begun.attempt)
}

pub(crate) fn choice(conversation: ConversationId, outcome: Disposition) -> Choice {
    Choice {
        agent: LI,
        conversation,
        outcome,
        cause: None,
        appointment: None,
        follow_up: None,
        language: None,
        is_complete: false,
        retry: Arc::new(RetryPolicy::default()),
        schedule: Schedule::any_time(DEFAULT_ZONE),
        at: NOW + seconds(90),
    }
}

pub(crate) fn typed(conversation: ConversationId, value: i64) -> AnswerTyped {
    AnswerTyped {
        agent: LI,
        conversation,
        question: "care".into(),
        answer: Answer::Value(value),
        label: Some(format!("第{value}项")),
        keys: value.to_string(),
        key_seq: None,
        remark: None,
        at: NOW + seconds(40),
    }
}

#[tokio::test]
async fn two_agents_two_tabs_and_the_machine_never_get_the_same_case() {
    let folder = Folder::new();
    let (store, id) = floor(&folder, 2).await;
    let queue = store.reader().upcoming(id, LI, NOW, 10).await.unwrap();
    assert_eq!(queue.iter().map(|row| row.case).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(queue[0].name.as_deref(), Some("张*国"));
    let first = opened(&store, LI, 1, NOW).await;
    assert_eq!(
        reserve(&store, LI, &[2, 1], NOW).await,
        Ok(Reserved::Present(first)),
        "another tab"
    );
    let second = match reserve(&store, WU, &[1, 2], NOW).await {
        Ok(Reserved::New(conversation, CaseId(2))) => conversation,
        other => panic!("{other:?}"),
    };
    assert!(store.claim(claim(id, NOW, 10)).await.unwrap().is_empty(), "the machine");
    assert_eq!(reserve(&store, AgentId(3), &[1, 2], NOW).await, Ok(Reserved::Nothing));
    let skip = Skip {
        agent: LI,
        conversation: first,
        reason: "稍后".into(),
        at: NOW,
    };
    store.skip(skip.clone()).await.unwrap().unwrap();
    assert_eq!(store.skip(skip).await.unwrap(), Err(Refused::NotPresent));
    assert!(
        store.reader().upcoming(id, LI, NOW, 10).await.unwrap().is_empty(),
        "not again so soon"
    );
    assert_eq!(store.reader().upcoming(id, AgentId(3), NOW, 10).await.unwrap().len(), 1);
    assert_eq!(
        store.claim(claim(id, NOW, 10)).await.unwrap().len(),
        1,
        "the machine may have it"
    );
    // A browser that is lost holds its case no longer than the preview and a minute.
    let later = NOW + seconds(100);
    assert_eq!(store.claim(claim(id, later, 10)).await.unwrap()[0].case, CaseId(2));
    assert_ne!(reserve(&store, WU, &[], later).await, Ok(Reserved::Present(second)));
    store.close().await;
}

#[tokio::test]
async fn a_case_that_was_looked_at_for_too_long_is_anybodys_at_once_and_a_call_is_left_alone() {
    let folder = Folder::new();
    let (store, id) = floor(&folder, 2).await;
    let back = |agent, conversation| GiveBack {
        agent,
        conversation,
        at: NOW + seconds(30),
    };
    let looked_at = opened(&store, LI, 2, NOW).await;
    let called = opened(&store, WU, 1, NOW).await;
    store.begin_by_hand(by_hand(called, WU, NOW)).await.unwrap().unwrap();
    assert!(!store.give_back(back(WU, called)).await.unwrap(), "the phone rings");
    assert!(!store.give_back(back(WU, looked_at)).await.unwrap(), "it is another's");
    assert_eq!(store.reader().given_back(LI, NOW, NOW).await.unwrap(), None, "not yet");
    assert!(store.give_back(back(LI, looked_at)).await.unwrap());
    assert!(!store.give_back(back(LI, looked_at)).await.unwrap(), "once");
    let told = store.reader().given_back(LI, NOW, NOW).await.unwrap().unwrap();
    assert_eq!((told.case_id, told.preview_until), (2, NOW + seconds(30)));
    assert!(told.name.unwrap().contains('*'), "masked");
    let later = NOW + seconds(31);
    assert!(
        store.reader().upcoming(id, LI, later, 10).await.unwrap().is_empty(),
        "not again so soon"
    );
    assert_eq!(store.claim(claim(id, later, 10)).await.unwrap()[0].case, CaseId(2));
    assert_eq!(
        store.reader().given_back(LI, later, later).await.unwrap(),
        None,
        "of another day"
    );
    store.close().await;
}

#[tokio::test]
async fn what_an_agent_gets_goes_by_skill() {
    let folder = Folder::new();
    let (store, id) = floor(&folder, 1).await;
    let mut tool = folder.tool().await;
    let skill = |kind: &'static str, word: &'static str| {
        sqlx::query("insert or replace into agent_skill (account_id, kind, word) values (1, $1, $2)")
            .bind(kind)
            .bind(word)
    };
    skill("department", "骨科").execute(&mut tool).await.unwrap();
    assert!(store.reader().upcoming(id, LI, NOW, 10).await.unwrap().is_empty());
    assert_eq!(store.reader().upcoming(id, WU, NOW, 10).await.unwrap().len(), 1);
    skill("department", "心内科").execute(&mut tool).await.unwrap();
    assert_eq!(store.reader().upcoming(id, LI, NOW, 10).await.unwrap().len(), 1);
    sqlx::query("update patient set language = '温州话'")
        .execute(&mut tool)
        .await
        .unwrap();
    assert!(store.reader().upcoming(id, LI, NOW, 10).await.unwrap().is_empty());
    skill("language", "温州话").execute(&mut tool).await.unwrap();
    assert_eq!(store.reader().upcoming(id, LI, NOW, 10).await.unwrap().len(), 1);
    store.close().await;
}

#[tokio::test]
async fn a_call_by_hand_is_written_once_however_often_it_is_asked_for() {
    let folder = Folder::new();
    let (store, id) = floor(&folder, 1).await;
    let conversation = opened(&store, LI, 1, NOW).await;
    assert_eq!(
        store.begin_by_hand(by_hand(conversation, WU, NOW)).await.unwrap(),
        Err(Refusal::NotReady),
        "another's conversation"
    );
    let begun = store
        .begin_by_hand(by_hand(conversation, LI, NOW))
        .await
        .unwrap()
        .unwrap();
    let same = store
        .begin_by_hand(by_hand(conversation, LI, NOW))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((begun.attempt, begun.mark), (same.attempt, same.mark));
    assert_eq!((begun.claimed.case, begun.claimed.campaign), (CaseId(1), id));
    assert!(store.claim(claim(id, NOW + minutes(10), 10)).await.unwrap().is_empty());
    let mut tool = folder.tool().await;
    let row: (i64, i64, Option<String>) = sqlx::query_as("select account_id, ordinal, set_aside from attempt")
        .fetch_one(&mut tool)
        .await
        .unwrap();
    assert_eq!(row, (1, 1, None));
    store.close().await;
}

#[tokio::test]
async fn the_rules_of_the_night_hold_for_agents_and_a_grant_stands_in_the_row() {
    let folder = Folder::new();
    let (store, _) = floor(&folder, 1).await;
    let mut tool = folder.tool().await;
    sqlx::query("insert into do_not_call (digits, since, source) values ('13800000000', 0, 'test')")
        .execute(&mut tool)
        .await
        .unwrap();
    let picked = Reserve {
        agent: LI,
        origin: Origin::Picked,
        cases: vec![(claim(aftercall::ids::CampaignId(1), NOW, 1), CaseId(1))],
        preview: seconds(30),
        at: NOW,
    };
    assert_eq!(
        reserve(&store, LI, &[1], NOW).await,
        Ok(Reserved::Nothing),
        "never by itself"
    );
    let Ok(Reserved::New(conversation, _)) = store.reserve(picked).await.unwrap() else {
        panic!("a picked case comes before the agent all the same");
    };
    let refusal = store
        .begin_by_hand(by_hand(conversation, LI, NOW))
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!((check(&refusal), refusal.is_grantable()), ("do_not_call", true));
    assert_eq!(
        scalar::<String>(&mut tool, "select refused from conversation").await,
        "do_not_call"
    );
    assert_eq!(scalar::<i64>(&mut tool, "select count(*) from attempt").await, 0);
    let allowed = BeginByHand {
        granted: granted(),
        ..by_hand(conversation, LI, NOW)
    };
    store.begin_by_hand(allowed).await.unwrap().unwrap();
    let row: (i64, String, String) = sqlx::query_as("select granted_by, grant_reason, set_aside from attempt")
        .fetch_one(&mut tool)
        .await
        .unwrap();
    assert_eq!(row, (3, "家属要求今天回电".into(), "[\"do_not_call\"]".into()));
    store.close().await;
}

#[tokio::test]
async fn caps_hold_for_agents_and_nobody_sets_a_lock_aside() {
    let folder = Folder::new();
    let (store, _) = floor(&folder, 1).await;
    let limits = Limits {
        number: vec![Cap {
            most: 1,
            within: minutes(60),
        }],
        ..Limits::default()
    };
    let schedule = Schedule::any_time(DEFAULT_ZONE);
    let capped = Arc::new(Terms::new(&schedule, &RetryPolicy::default(), &limits));
    let (conversation, _) = talked(&store).await;
    store
        .choose_outcome(choice(conversation, Disposition::ThirdParty))
        .await
        .unwrap()
        .unwrap();
    store
        .settle_conversation(LI, conversation, NOW + minutes(2))
        .await
        .unwrap()
        .unwrap();
    let soon = NOW + minutes(3);
    let picked = Reserve {
        agent: LI,
        origin: Origin::Picked,
        cases: vec![(claim(aftercall::ids::CampaignId(1), soon, 1), CaseId(1))],
        preview: seconds(30),
        at: soon,
    };
    let Ok(Reserved::New(conversation, _)) = store.reserve(picked).await.unwrap() else {
        panic!("it is open again");
    };
    let again = BeginByHand {
        terms: Arc::clone(&capped),
        ..by_hand(conversation, LI, soon)
    };
    let refusal = store.begin_by_hand(again.clone()).await.unwrap().unwrap_err();
    assert_eq!(check(&refusal), "number_capped");
    let mut tool = folder.tool().await;
    sqlx::query("update attempt set locked_until = $1")
        .bind((soon + minutes(10)).millis())
        .execute(&mut tool)
        .await
        .unwrap();
    let locked = BeginByHand {
        granted: granted(),
        ..again.clone()
    };
    let refusal = store.begin_by_hand(locked.clone()).await.unwrap().unwrap_err();
    assert_eq!((check(&refusal), refusal.is_grantable()), ("number_locked", false));
    sqlx::query("update attempt set locked_until = null")
        .execute(&mut tool)
        .await
        .unwrap();
    store.begin_by_hand(locked).await.unwrap().unwrap();
    assert_eq!(
        scalar::<String>(&mut tool, "select set_aside from attempt where id = 2").await,
        "[\"number_capped\"]"
    );
    store.close().await;
}

#[tokio::test]
async fn a_number_that_is_not_the_cases_needs_a_grant() {
    let folder = Folder::new();
    let (store, _) = floor(&folder, 2).await;
    let conversation = opened(&store, LI, 1, NOW).await;
    let stranger = || Whom::Other(Number::parse("13911112222").unwrap());
    for whom in [stranger(), Whom::Known(NumberId(2))] {
        let asked = BeginByHand {
            whom,
            ..by_hand(conversation, LI, NOW)
        };
        assert_eq!(store.begin_by_hand(asked).await.unwrap(), Err(Refusal::NotTheCases));
    }
    let asked = BeginByHand {
        whom: stranger(),
        granted: granted(),
        ..by_hand(conversation, LI, NOW)
    };
    store.begin_by_hand(asked).await.unwrap().unwrap();
    let mut tool = folder.tool().await;
    let row: (String, Option<i64>, String) = sqlx::query_as("select digits, number_id, set_aside from attempt")
        .fetch_one(&mut tool)
        .await
        .unwrap();
    assert_eq!(row, ("13911112222".into(), None, "[\"not_the_cases\"]".into()));
    store.close().await;
}
