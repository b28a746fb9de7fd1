//! After a crash: what was committed is there, what was open ends as unknown, and the dead daemon's leases are free.

use std::collections::BTreeMap;

use aftercall::calendar::Pause;
use aftercall::dialer::recover::{Recover, Rules};
use aftercall::dialer::{Keep, Outcome, RetryPolicy, RetryRule};
use aftercall::dialplan::{Resume, Session, Step};
use aftercall::ids::{AttemptId, CampaignId};
use aftercall::moment::Wall;
use aftercall::outcome::{Disposition, Reach};
use aftercall::phone::Key;
use aftercall::store::{DATABASE, Store};

use crate::fixture::{
    Folder, HASH, NOW, again, answered, begin, claim, closed, dialed, dialplan, import, keep, minutes, new_campaign,
    row, scalar, seeded, unanswered,
};

/// Ten minutes later, by the ordinary rules: the next night begins a day after [`NOW`].
fn recover() -> Recover {
    Recover {
        now: NOW + minutes(10),
        rules: BTreeMap::new(),
        otherwise: Rules::default(),
    }
}

const TOMORROW: Wall = Wall::from_millis(NOW.millis() + 24 * 3_600_000);

#[tokio::test]
async fn an_attempt_left_open_ends_as_unknown_and_waits_for_the_next_night() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 3).await;
    let (open, attempt) = dialed(&store, id, NOW).await;
    let mark = store.begin(begin(&open, NOW)).await.unwrap().mark;
    store.keep(keep(attempt, 1, "care", 1)).await.unwrap();
    let (_, ended) = dialed(&store, id, NOW).await;
    let end = unanswered(ended, NOW, Disposition::Rejected, closed(Outcome::NotReached));
    store.finish(end).await.unwrap();
    store.claim(claim(id, NOW, 1)).await.unwrap();
    store.close().await;

    let store = folder.open().await;
    let recovered = store.recover(recover()).await.unwrap();
    assert_eq!(recovered.len(), 1);
    assert_eq!((recovered[0].attempt, recovered[0].case), (attempt, Some(open.case)));
    let record = store.reader().attempt(attempt).await.unwrap();
    assert_eq!(record.disposition, Some(Disposition::Unknown));
    assert_eq!(record.rule.as_deref(), Some("left-open-by-crash"));
    // The trunk knows the call by this name.
    let facts = record.facts.unwrap();
    assert_eq!((facts.call_id, facts.left_open), (mark.call_id(), Some(Reach::FarEnd)));
    assert_eq!(store.reader().answers(attempt).await.unwrap().len(), 1);
    // The third case was only leased: it is free at once, long before its lease would have run out.
    let again = store.claim(claim(id, NOW, 10)).await.unwrap();
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].attempts, 0);
    store.begin(begin(&again[0], NOW)).await.unwrap();
    // The interrupted one waits for the night. A key had been pressed, so it counts.
    assert!(
        store
            .claim(claim(id, TOMORROW - minutes(1), 10))
            .await
            .unwrap()
            .is_empty()
    );
    let night = store.claim(claim(id, TOMORROW, 10)).await.unwrap();
    assert_eq!((night[0].case, night[0].counted, night[0].attempts), (open.case, 1, 1));
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
    assert_eq!(store.recover(recover()).await.unwrap().len(), 1);
    assert!(store.recover(recover()).await.unwrap().is_empty());
    let mut tool = folder.tool().await;
    assert_eq!(
        scalar::<i64>(&mut tool, "select next_at from cases").await,
        TOMORROW.millis()
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
    assert_eq!(after.recover(recover()).await.unwrap()[0].attempt, attempt);
    assert_eq!(after.reader().keys(attempt).await.unwrap().len(), 1);
    assert_eq!(after.reader().answers(attempt).await.unwrap()[0].value, Some(1));
    assert!(after.claim(claim(id, NOW, 1)).await.unwrap().is_empty());
    after.close().await;
    store.close().await;
}

/// What the far end had of an attempt, as a note leaves it.
async fn reached(folder: &Folder, attempt: AttemptId) {
    sqlx::query("update attempt set reached = 1 where id = $1")
        .bind(attempt.0)
        .execute(&mut folder.tool().await)
        .await
        .unwrap();
}

/// Opens the folder anew, as after a kill, and recovers at this time.
async fn after_a_crash(folder: &Folder, store: Store, now: Wall) -> Store {
    store.close().await;
    let store = folder.open().await;
    store.recover(Recover { now, ..recover() }).await.unwrap();
    store
}

#[tokio::test]
async fn an_unknown_ending_costs_budget_if_the_far_end_had_the_call_and_the_second_one_closes_the_case() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    dialed(&store, id, NOW).await;
    let store = after_a_crash(&folder, store, NOW + minutes(1)).await;
    let (again, second) = dialed(&store, id, TOMORROW).await;
    assert_eq!((again.counted, again.attempts), (0, 1));
    reached(&folder, second).await;
    let store = after_a_crash(&folder, store, TOMORROW + minutes(1)).await;
    let mut tool = folder.tool().await;
    let sql =
        "select state || ' ' || outcome || ' ' || last_disposition || ' ' || counted || ' ' || attempts from cases";
    assert_eq!(scalar::<String>(&mut tool, sql).await, "closed not_reached unknown 1 2");
    // Each is a row that a cap on the calls of a number can count.
    let sql = "select count(*) from attempt where digits = '13800000000' and begun_at > 0";
    assert_eq!(scalar::<i64>(&mut tool, sql).await, 2);
    store.close().await;
}

#[tokio::test]
async fn a_campaign_says_after_which_pause_an_unknown_ending_is_repeated() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    dialed(&store, id, NOW).await;
    store.close().await;
    let store = folder.open().await;
    let rule = RetryRule {
        after: vec![Pause::For(minutes(2))],
        max: 1,
        then: Outcome::NotReached,
    };
    let rules = Rules {
        retry: RetryPolicy::default().with_rule(Disposition::Unknown, rule),
        ..Rules::default()
    };
    let rules = BTreeMap::from([(id, rules)]);
    store.recover(Recover { rules, ..recover() }).await.unwrap();
    let next_at: i64 = scalar(&mut folder.tool().await, "select next_at from cases").await;
    assert_eq!(next_at, (NOW + minutes(12)).millis());
    store.close().await;
}

/// A campaign with one case and the shipped questionnaire.
async fn with_questionnaire(store: &Store) -> (CampaignId, aftercall::dialplan::Dialplan) {
    let text = include_str!("../../dialplans/inpatient-satisfaction.toml");
    let plan = aftercall::dialplan::parse(text).unwrap();
    let kept = aftercall::store::Dialplan {
        hash: plan.hash().to_owned(),
        text: text.to_owned(),
        ..crate::fixture::dialplan()
    };
    store.put_dialplan(kept, NOW).await.unwrap();
    let new = aftercall::store::NewCampaign {
        dialplan: plan.hash().to_owned(),
        ..new_campaign("asks")
    };
    let id = store.add_campaign(new).await.unwrap();
    store.start_campaign("asks", NOW).await.unwrap();
    import(store, id, vec![row(0)]).await;
    (id, plan)
}

/// A patient who presses these keys, each kept before the next prompt.
async fn presses(store: &Store, plan: &aftercall::dialplan::Dialplan, attempt: AttemptId, keys: &str) {
    let (mut session, mut steps) = Session::start(plan);
    for (seq, key) in (1..).zip(keys.chars()) {
        while let Some(Step::Play { .. }) = steps.last() {
            steps = session.resume(plan, Resume::PromptDone).unwrap();
        }
        steps = session.resume(plan, Resume::Key(Key::from_char(key).unwrap())).unwrap();
        let keep = Keep {
            attempt,
            seq,
            key: Some(crate::fixture::pressed(seq, key, "care")),
            heard: steps.iter().cloned().filter_map(Step::heard).collect(),
            session: serde_json::to_string(&session).unwrap(),
            at: NOW,
        };
        store.keep(keep).await.unwrap();
    }
}

async fn crashed_after(keys: &str) -> (Folder, Store, CampaignId, AttemptId, String) {
    let folder = Folder::new();
    let store = folder.open().await;
    let (id, plan) = with_questionnaire(&store).await;
    let claimed = store.claim(claim(id, NOW, 1)).await.unwrap().remove(0);
    let hash = plan.hash().to_owned();
    let begin = aftercall::dialer::Begin {
        dialplan: hash.clone(),
        ..begin(&claimed, NOW)
    };
    let attempt = store.begin(begin).await.unwrap().attempt;
    presses(&store, &plan, attempt, keys).await;
    let store = after_a_crash(&folder, store, NOW + minutes(1)).await;
    (folder, store, id, attempt, hash)
}

#[tokio::test]
async fn what_was_answered_before_a_crash_decides() {
    for (keys, disposition, case) in [
        ("1", Disposition::Unknown, "open - 1"),
        ("112", Disposition::Unknown, "open - 1"),
        // The last required question is a score, and its second key may have been on the way.
        ("111111", Disposition::Unknown, "open - 1"),
        ("111119", Disposition::Completed, "closed completed 1"),
        ("2", Disposition::ThirdParty, "open - 1"),
        ("3", Disposition::WrongNumber, "closed number_dead 1"),
        ("9", Disposition::OptOut, "closed refused 1"),
        ("11##", Disposition::Refused, "closed refused 1"),
    ] {
        let (folder, store, _, attempt, _) = crashed_after(keys).await;
        let record = store.reader().attempt(attempt).await.unwrap();
        let rule = record.rule.as_deref();
        assert_eq!(
            (record.disposition, rule),
            (Some(disposition), Some("left-open-by-crash")),
            "{keys}"
        );
        let mut tool = folder.tool().await;
        let sql = "select state || ' ' || coalesce(outcome, '-') || ' ' || counted from cases";
        assert_eq!(scalar::<String>(&mut tool, sql).await, case, "{keys}");
        store.close().await;
    }
}

#[tokio::test]
async fn an_unfinished_questionnaire_is_given_out_with_the_case_and_its_answers_are_the_cases() {
    let (folder, store, id, attempt, hash) = crashed_after("112").await;
    // Meanwhile the campaign was given another dialplan.
    let claimed = store.claim(claim(id, TOMORROW, 1)).await.unwrap().remove(0);
    let resume = claimed.resume.clone().unwrap();
    assert_eq!((resume.attempt, &resume.dialplan), (attempt, &hash));
    assert!(resume.text.contains("inpatient-satisfaction"));
    assert_eq!(claimed.dialplan(HASH), hash);
    let second = store.begin(begin(&claimed, TOMORROW)).await.unwrap().attempt;
    let record = store.reader().attempt(second).await.unwrap();
    assert_eq!((record.resumed_from, &record.dialplan), (Some(attempt), &hash));
    let mut late = keep(second, 1, "quality", 3);
    late.at = TOMORROW;
    store.keep(late).await.unwrap();
    let export = store
        .reader()
        .export_page(id, aftercall::ids::CaseId(0), 10)
        .await
        .unwrap();
    let answers: Vec<_> = export[0]
        .answers
        .iter()
        .map(|(id, answer)| (id.as_str(), answer.value))
        .collect();
    let expected = [
        ("attitude", Some(2)),
        ("identity", Some(1)),
        ("quality", Some(3)),
        ("treatment", Some(1)),
    ];
    assert_eq!(answers, expected);
    assert_eq!(
        scalar::<i64>(&mut folder.tool().await, "select count(*) from answer").await,
        4
    );
    // The second crash closes the case, and what was answered stands.
    let store = after_a_crash(&folder, store, TOMORROW + minutes(1)).await;
    let outcome: String = scalar(&mut folder.tool().await, "select outcome from cases").await;
    assert_eq!(outcome, "partial");
    store.close().await;
}

#[tokio::test]
async fn who_answered_nothing_has_nothing_to_go_on_with() {
    let (_folder, store, id, ..) = crashed_after("").await;
    let claimed = store.claim(claim(id, TOMORROW, 1)).await.unwrap().remove(0);
    assert_eq!(claimed.resume, None);
    store.close().await;
}

#[tokio::test]
async fn keys_of_a_talk_without_a_questionnaire_leave_the_one_that_is_unfinished() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let (_, first) = dialed(&store, id, NOW).await;
    store.keep(keep(first, 1, "q1", 1)).await.unwrap();
    let partial = |attempt, at: Wall| answered(attempt, at, 9_000, Disposition::Partial, again(at + minutes(60)));
    store.finish(partial(first, NOW + minutes(1))).await.unwrap();
    // An agent talks with the patient, who presses a key meanwhile.
    let (_, second) = dialed(&store, id, NOW + minutes(70)).await;
    let pressed = Keep {
        heard: Vec::new(),
        session: String::new(),
        ..keep(second, 1, "q1", 1)
    };
    store.keep(pressed).await.unwrap();
    store.finish(partial(second, NOW + minutes(80))).await.unwrap();
    let claimed = store.claim(claim(id, NOW + minutes(150), 1)).await.unwrap().remove(0);
    let resume = claimed.resume.expect("a questionnaire to go on with");
    assert_eq!((resume.attempt, resume.session.as_str()), (first, "{\"after\":1}"));
    store.close().await;
}

#[tokio::test]
async fn an_offer_of_a_call_back_leaves_the_questionnaire_that_is_unfinished() {
    let text = include_str!("../../dialplans/post-discharge.toml");
    let offering = aftercall::dialplan::parse(text).unwrap();
    let (offer, _) = Session::at_offer(&offering).unwrap();
    // The second attempt runs this dialplan or another one, as where a caller hears the offer of a menu.
    for hash in [offering.hash(), HASH] {
        let folder = Folder::new();
        let store = folder.open().await;
        let id = seeded(&store, 1).await;
        let kept = aftercall::store::Dialplan {
            hash: offering.hash().into(),
            text: text.into(),
            ..dialplan()
        };
        store.put_dialplan(kept, NOW).await.unwrap();
        let (_, first) = dialed(&store, id, NOW).await;
        store.keep(keep(first, 1, "q1", 1)).await.unwrap();
        let ended = |attempt, at: Wall, how| answered(attempt, at, 9_000, how, again(at + minutes(60)));
        let partial = ended(first, NOW + minutes(1), Disposition::Partial);
        store.finish(partial).await.unwrap();
        // An agent's call is lost, and the patient presses a key at what is offered then.
        let at = NOW + minutes(70);
        let claimed = store.claim(claim(id, at, 1)).await.unwrap().remove(0);
        let begin = aftercall::dialer::Begin {
            dialplan: hash.to_owned(),
            ..begin(&claimed, at)
        };
        let second = store.begin(begin).await.unwrap().attempt;
        let pressed = Keep {
            session: serde_json::to_string(&offer).unwrap(),
            ..keep(second, 1, "call-back", 1)
        };
        store.keep(pressed).await.unwrap();
        let unknown = ended(second, NOW + minutes(80), Disposition::Unknown);
        store.finish(unknown).await.unwrap();
        let claimed = store.claim(claim(id, NOW + minutes(150), 1)).await.unwrap().remove(0);
        let resume = claimed.resume.expect("a questionnaire to go on with");
        assert_eq!(
            (resume.attempt, resume.session.as_str()),
            (first, "{\"after\":1}"),
            "{hash}"
        );
        store.close().await;
    }
}

#[tokio::test]
async fn who_asked_for_another_time_after_an_answer_is_not_asked_it_again() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let (_, first) = dialed(&store, id, NOW).await;
    store.keep(keep(first, 1, "q1", 1)).await.unwrap();
    let at = NOW + minutes(1);
    let appointment = answered(first, at, 9_000, Disposition::Appointment, again(at + minutes(60)));
    store.finish(appointment).await.unwrap();
    let claimed = store.claim(claim(id, NOW + minutes(70), 1)).await.unwrap().remove(0);
    assert_eq!(claimed.resume.map(|resume| resume.attempt), Some(first));
    store.close().await;
}
