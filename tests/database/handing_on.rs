//! What an agent hands on: a patient to a department, an answer to the patient's own key, and what is set for the agent.

use aftercall::dialer::{ConversationNote, LegEnd, Noteworthy, PutThrough, Recording, RecordingPause, Refusal, Waited};
use aftercall::dialplan::Answer;
use aftercall::ids::{AgentId, CaseId, ConversationId};
use aftercall::moment::Wall;
use aftercall::outcome::Disposition;
use aftercall::phone::Number;
use aftercall::store::console::audit::Deed;
use aftercall::store::console::desk::{
    AgentChange, AgentChanged, AgentLimits, AgentSettings, AnswerTyped, Choice, Refused, Reserved,
};
use aftercall::store::{Store, Visible};

use crate::agents::{LI, WU, by_hand, choice, floor, opened, over, reserve, seconds, typed};
use crate::fixture::{Folder, NOW, again, answered, claim, keep, minutes, scalar};

async fn note(store: &Store, conversation: ConversationId, seq: u32, what: Noteworthy) {
    let note = ConversationNote {
        conversation,
        seq,
        at: NOW + seconds(u64::from(seq)),
        agent: LI,
        what,
    };
    store.note_conversation(note).await.unwrap();
}

fn to_a_department() -> Noteworthy {
    Noteworthy::Transferred {
        number: Number::parse("62220000").unwrap(),
    }
}

#[tokio::test]
async fn an_agent_is_through_with_a_patient_who_is_with_a_department_and_the_call_has_one_outcome() {
    let folder = Folder::new();
    let (store, id) = floor(&folder, 2).await;
    let conversation = opened(&store, LI, 1, NOW).await;
    let asked = by_hand(conversation, LI, NOW);
    let attempt = store.begin_by_hand(asked).await.unwrap().unwrap().attempt;
    for (seq, what) in (1..).zip([Noteworthy::AgentAnswered, Noteworthy::Bridged]) {
        note(&store, conversation, seq, what).await;
    }
    let early = store.choose_outcome(choice(conversation, Disposition::Refused)).await;
    assert_eq!(early.unwrap().unwrap_err(), Refused::StillUp);
    note(&store, conversation, 3, to_a_department()).await;
    let at = NOW + seconds(60);
    assert_eq!(
        store.settle_conversation(LI, conversation, at).await.unwrap(),
        Err(Refused::OutcomeFirst)
    );
    let said = store.choose_outcome(choice(conversation, Disposition::Refused)).await;
    said.unwrap().unwrap();
    store.settle_conversation(LI, conversation, at).await.unwrap().unwrap();
    // The next case comes while the patient talks with the department, and nobody gets this one.
    assert!(matches!(
        reserve(&store, LI, &[1, 2], at).await,
        Ok(Reserved::New(_, CaseId(2)))
    ));
    assert!(store.claim(claim(id, at, 10)).await.unwrap().is_empty());
    let mut tool = folder.tool().await;
    assert_eq!(scalar::<String>(&mut tool, "select state from attempt").await, "begun");

    let ended = answered(attempt, at + seconds(60), 100_000, Disposition::Unknown, again(NOW));
    store.finish(ended.clone()).await.unwrap();
    store.finish(ended).await.unwrap();
    over(&store, conversation, at + seconds(60)).await;
    let case: (String, String, i64, Option<String>) =
        sqlx::query_as("select state, outcome, counted, lease_holder from cases where id = 1")
            .fetch_one(&mut tool)
            .await
            .unwrap();
    assert_eq!(case, ("closed".into(), "refused".into(), 1, None));
    let said: (String, String, String) = sqlx::query_as("select disposition, classified, rule from attempt")
        .fetch_one(&mut tool)
        .await
        .unwrap();
    assert_eq!(said, ("refused".into(), "unknown".into(), "answered-agent-said".into()));
    let ends: (i64, Option<String>) =
        sqlx::query_as("select settled_at, patient_ending from conversation where case_id = 1")
            .fetch_one(&mut tool)
            .await
            .unwrap();
    assert_eq!(ends, (at.millis(), Some("hung_up".into())));
    let forged = sqlx::query("update conversation set patient_ending = 'busy' where case_id = 1")
        .execute(&mut tool)
        .await;
    assert!(forged.unwrap_err().to_string().contains("never changed"));
    store.close().await;
}

#[tokio::test]
async fn who_was_promised_a_call_back_after_the_agent_had_let_go_is_called_back() {
    let folder = Folder::new();
    let (store, _) = floor(&folder, 1).await;
    let conversation = opened(&store, LI, 1, NOW).await;
    let asked = by_hand(conversation, LI, NOW);
    let attempt = store.begin_by_hand(asked).await.unwrap().unwrap().attempt;
    for (seq, what) in (1..).zip([Noteworthy::AgentAnswered, Noteworthy::Bridged, to_a_department()]) {
        note(&store, conversation, seq, what).await;
    }
    let complete = Choice {
        is_complete: true,
        ..choice(conversation, Disposition::Completed)
    };
    store.choose_outcome(complete).await.unwrap().unwrap();
    let settled = store.settle_conversation(LI, conversation, NOW + seconds(60)).await;
    settled.unwrap().unwrap();
    // Nobody takes the patient there, and the machine offers a time.
    let tomorrow = NOW + minutes(24 * 60);
    let mut end = answered(
        attempt,
        NOW + seconds(120),
        100_000,
        Disposition::Unknown,
        again(tomorrow),
    );
    end.facts.appointment = Some(tomorrow);
    store.finish(end).await.unwrap();
    over(&store, conversation, NOW + seconds(120)).await;
    let mut tool = folder.tool().await;
    let case: (String, Option<String>, i64, i64) =
        sqlx::query_as("select state, outcome, appointment_at, counted from cases where id = 1")
            .fetch_one(&mut tool)
            .await
            .unwrap();
    assert_eq!(case, ("open".into(), None, tomorrow.millis(), 1));
    let next_at: i64 = scalar(&mut tool, "select next_at from cases where id = 1").await;
    assert!((NOW.millis()..=tomorrow.millis()).contains(&next_at));
    assert_eq!(
        scalar::<String>(&mut tool, "select disposition from attempt").await,
        "completed",
        "the agent's word stays"
    );
    store.close().await;
}

#[tokio::test]
async fn a_patient_whom_the_department_does_not_take_is_the_agents_again() {
    let folder = Folder::new();
    let (store, _) = floor(&folder, 1).await;
    let conversation = opened(&store, LI, 1, NOW).await;
    let asked = by_hand(conversation, LI, NOW);
    let attempt = store.begin_by_hand(asked).await.unwrap().unwrap().attempt;
    let course = [Noteworthy::AgentAnswered, to_a_department(), Noteworthy::AgentAnswered];
    for (seq, what) in (1..).zip(course) {
        note(&store, conversation, seq, what).await;
    }
    let early = store.choose_outcome(choice(conversation, Disposition::Refused)).await;
    assert_eq!(early.unwrap().unwrap_err(), Refused::StillUp);
    let open = store.reader().open_conversation(LI).await.unwrap().unwrap();
    assert_eq!(open.ended_at, None);
    let end = answered(attempt, NOW + seconds(80), 60_000, Disposition::Unknown, again(NOW));
    store.finish(end).await.unwrap();
    over(&store, conversation, NOW + seconds(80)).await;
    let said = store
        .choose_outcome(choice(conversation, Disposition::ThirdParty))
        .await;
    said.unwrap().unwrap();
    store.close().await;
}

#[tokio::test]
async fn what_is_replaced_stays_whether_the_agent_or_the_patient_said_it() {
    let folder = Folder::new();
    let (store, _) = floor(&folder, 1).await;
    let conversation = opened(&store, LI, 1, NOW).await;
    let asked = by_hand(conversation, LI, NOW);
    let attempt = store.begin_by_hand(asked).await.unwrap().unwrap().attempt;
    store.type_answer(typed(conversation, 2)).await.unwrap().unwrap();
    store.keep(keep(attempt, 1, "care", 4)).await.unwrap();
    store.keep(keep(attempt, 1, "care", 4)).await.unwrap();
    let by_the_agent = AnswerTyped {
        answer: Answer::Value(5),
        keys: "5".into(),
        at: NOW + seconds(50),
        ..typed(conversation, 5)
    };
    store.type_answer(by_the_agent).await.unwrap().unwrap();
    let mut tool = folder.tool().await;
    let before: Vec<(i64, String, Option<i64>)> =
        sqlx::query_as("select value, source, account_id from answer_before order by id")
            .fetch_all(&mut tool)
            .await
            .unwrap();
    assert_eq!(before, [(2, "agent".into(), Some(LI.0)), (4, "patient".into(), None)]);
    let now: (i64, String) = sqlx::query_as("select value, source from answer")
        .fetch_one(&mut tool)
        .await
        .unwrap();
    assert_eq!(now, (5, "agent".into()));
    store.close().await;
}

async fn change(store: &Store, agent: AgentId, change: AgentChange) -> AgentChanged {
    let deed = Deed {
        at: Wall::from_millis(5),
        account_id: None,
        who: "os:root".into(),
        deed: "changed_agent".into(),
        object: None,
        reason: None,
        detail: None,
        address: None,
    };
    store.change_agent(agent, change, deed).await.unwrap()
}

#[tokio::test]
async fn what_is_set_for_an_agent_is_set_whole_or_not_at_all_and_each_change_is_in_the_audit_log() {
    let folder = Folder::new();
    let (store, _) = floor(&folder, 1).await;
    let mut tool = folder.tool().await;
    sqlx::query(
        "insert into phone (user, account_id, realm, ha1_md5, created_at, changed_at) values
            ('8001', null, 'x', '00000000000000000000000000000000', 0, 0),
            ('8002', 2, 'x', '00000000000000000000000000000000', 0, 0)",
    )
    .execute(&mut tool)
    .await
    .unwrap();
    let with = |phone: &str| AgentSettings {
        phone: Some(phone.into()),
        skills: ["language:温州话".to_owned()].into(),
        prefixes: ["0571".to_owned()].into(),
        ..AgentSettings::default()
    };
    let limits = AgentLimits {
        calls_a_day: Some(7),
        ..AgentLimits::default()
    };
    assert_eq!(change(&store, LI, AgentChange::Remove).await, AgentChanged::NoAgent);
    let taken = AgentChanged::PhoneTaken("wu".into());
    assert_eq!(change(&store, LI, AgentChange::Make(with("8002"))).await, taken);
    assert_eq!(
        change(&store, LI, AgentChange::Make(with("8009"))).await,
        AgentChanged::NoPhone
    );
    assert_eq!(scalar::<i64>(&mut tool, "select count(*) from agent_skill").await, 0);
    assert_eq!(scalar::<i64>(&mut tool, "select count(*) from audit").await, 0);
    assert_eq!(
        change(&store, LI, AgentChange::Make(with("8001"))).await,
        AgentChanged::Done
    );
    assert_eq!(
        change(&store, LI, AgentChange::Make(with("8001"))).await,
        AgentChanged::Exists
    );
    assert_eq!(
        change(&store, LI, AgentChange::Limits(limits)).await,
        AgentChanged::Done
    );
    let skills = AgentChange::Skills {
        give: ["department:心内科".to_owned()].into(),
        take: ["language:温州话".to_owned()].into(),
    };
    assert_eq!(change(&store, LI, skills).await, AgentChanged::Done);
    let row = store.reader().agent(LI).await.unwrap().unwrap();
    assert_eq!((row.phone.as_deref(), row.calls_a_day), (Some("8001"), 7));
    assert_eq!(row.skills, ["department:心内科".to_owned()].into());
    let number = |text| Number::parse(text).unwrap();
    assert!(row.may_dial(&number("057188880000")) && !row.may_dial(&number("13800000000")));
    sqlx::query("update account set ended_at = 1, ended_by = 'test' where id in (1, 2)")
        .execute(&mut tool)
        .await
        .unwrap();
    let barred = store.reader().phones().await.unwrap();
    assert!(barred.iter().all(|phone| phone.is_barred));
    assert_eq!(
        change(&store, LI, AgentChange::Put(with("8001"))).await,
        AgentChanged::NoPerson
    );
    assert_eq!(change(&store, LI, AgentChange::Remove).await, AgentChanged::Done);
    let row = store.reader().agent(LI).await.unwrap().unwrap();
    assert_eq!((row.phone, row.calls_a_day, row.skills.len()), (None, 300, 0));
    assert_eq!(scalar::<i64>(&mut tool, "select count(*) from audit").await, 4);
    assert_eq!(store.reader().agents().await.unwrap().len(), 1, "wu has a phone");
    store.close().await;
}

#[tokio::test]
async fn where_a_recording_was_paused_stands_with_its_attempt_and_never_changes() {
    let folder = Folder::new();
    let (store, _) = floor(&folder, 1).await;
    let conversation = opened(&store, LI, 1, NOW).await;
    let asked = by_hand(conversation, LI, NOW);
    let attempt = store.begin_by_hand(asked).await.unwrap().unwrap().attempt;
    let mut end = answered(attempt, NOW + seconds(80), 60_000, Disposition::Unknown, again(NOW));
    end.media.recording = Some(Recording {
        path: "recordings/1.wav".into(),
        duration_ms: 60_020,
        gap_ms: 0,
        sha256: "0".repeat(64),
    });
    let pause = |offset_ms, length_ms| RecordingPause { offset_ms, length_ms };
    end.media.pauses = vec![pause(20_000, 11_500), pause(40_000, 20)];
    store.finish(end.clone()).await.unwrap();
    store.finish(end).await.unwrap();
    let call = store.reader().call(attempt, &Visible::All).await.unwrap().unwrap();
    let recording = call.recording.unwrap();
    assert_eq!(recording.pauses, [(20_000, 31_500), (40_000, 40_020)]);
    assert_eq!(recording.duration_ms, 60_020, "the time line is kept");
    let mut tool = folder.tool().await;
    let forged = sqlx::query("update recording_pause set length_ms = 1")
        .execute(&mut tool)
        .await;
    assert!(forged.unwrap_err().to_string().contains("never changed"));
    store.close().await;
}

#[tokio::test]
async fn the_next_case_is_the_one_whose_deadline_is_nearest_however_many_are_due() {
    let folder = Folder::new();
    let (store, id) = floor(&folder, 2_100).await;
    let mut tool = folder.tool().await;
    // All the others became due before it, and what is too late, or not yet due, does not come at all.
    for sql in [
        "update cases set next_at = next_at - id, deadline_at = $1 + 900000 where id < 2100",
        "update cases set deadline_at = $1 + 1000 where id = 2100",
        "update cases set deadline_at = $1 where id = 1",
        "update cases set next_at = $1 + 1000, deadline_at = $1 + 500 where id = 2",
        "update cases set priority = 2 where id = 3 and $1 > 0",
    ] {
        sqlx::query(sql).bind(NOW.millis()).execute(&mut tool).await.unwrap();
    }
    let queue = store.reader().upcoming(id, LI, NOW, 3).await.unwrap();
    assert_eq!(queue.iter().map(|row| row.case).collect::<Vec<_>>(), [3, 2100, 2099]);
    store.close().await;
}

#[tokio::test]
async fn a_call_of_which_the_outcome_is_settled_comes_before_nobody_else() {
    let folder = Folder::new();
    let (store, _) = floor(&folder, 1).await;
    let conversation = opened(&store, LI, 1, NOW).await;
    let asked = by_hand(conversation, LI, NOW);
    let attempt = store.begin_by_hand(asked).await.unwrap().unwrap().attempt;
    for (seq, what) in (1..).zip([Noteworthy::AgentAnswered, Noteworthy::Bridged, to_a_department()]) {
        note(&store, conversation, seq, what).await;
    }
    let said = store.choose_outcome(choice(conversation, Disposition::Partial)).await;
    assert!(said.unwrap().is_err(), "nothing was answered");
    let said = store.choose_outcome(choice(conversation, Disposition::Refused)).await;
    said.unwrap().unwrap();
    let back = |at| PutThrough {
        attempt,
        case: CaseId(1),
        agent: WU,
        conversation: Some(conversation),
        origin: Waited::AgentLost,
        at,
    };
    let settled = store.settle_conversation(LI, conversation, NOW + seconds(60)).await;
    settled.unwrap().unwrap();
    let put = store.put_through(back(NOW + seconds(70))).await.unwrap();
    assert_eq!(put, Err(Refusal::Settled));
    let end = LegEnd::NoAnswer;
    note(&store, conversation, 4, Noteworthy::CameBack { end }).await;
    note(&store, conversation, 5, Noteworthy::CallBackOffered).await;
    let mut tool = folder.tool().await;
    let said: String = scalar(
        &mut tool,
        "select group_concat(what, ' ') from conversation_event where seq > 3",
    )
    .await;
    assert_eq!(said, r#"{"came_back":{"end":"no_answer"}} "call_back_offered""#);
    store.close().await;
}
