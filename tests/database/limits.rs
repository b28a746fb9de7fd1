//! Order and limits in the database: who goes first, who is held or closed and why, on which list.

use std::sync::Arc;

use aftercall::calendar::Schedule;
use aftercall::dialer::{Cap, Claim, Claimed, Limits, Outcome, RetryPolicy, Terms};
use aftercall::dialplan::Progress;
use aftercall::ids::{CampaignId, CaseId};
use aftercall::moment::Wall;
use aftercall::outcome::Disposition;
use aftercall::store::{Error, Store};
use sqlx::SqliteConnection;

use crate::fixture::{
    Folder, NOW, again, begin, campaign, claim, closed, dialed, import, minutes, number, row, scalar, seeded,
    unanswered,
};

/// A claim by these limits and the usual windows.
fn claim_by(limits: Limits, campaign: CampaignId, now: Wall) -> Claim {
    let terms = Terms::new(&Schedule::default(), &RetryPolicy::default(), &limits);
    Claim {
        terms: Arc::new(terms),
        ..claim(campaign, now, 10)
    }
}

async fn run(tool: &mut SqliteConnection, sql: &'static str) {
    sqlx::query(sql).execute(tool).await.unwrap();
}

fn cases(claimed: &[Claimed]) -> Vec<i64> {
    claimed.iter().map(|claimed| claimed.case.0).collect()
}

async fn why(tool: &mut SqliteConnection, case: i64) -> (String, Option<String>) {
    let sql = "select coalesce(why, ''), outcome from cases where id = $1";
    sqlx::query_as(sql).bind(case).fetch_one(tool).await.unwrap()
}

/// Everything due is claimed once, then one by one.
async fn one_by_one(store: &Store, id: CampaignId, n: usize) -> Vec<i64> {
    let mut order = Vec::new();
    for _ in 0..n {
        order.extend(cases(&store.claim(claim(id, NOW, 1)).await.unwrap()));
    }
    order
}

#[tokio::test]
async fn appointments_go_first_then_the_higher_priority_then_who_waits_longest() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 6).await;
    let mut tool = folder.tool().await;
    for sql in [
        "update cases set priority = 7 where id in (2, 5)",
        "update cases set priority = -1 where id = 1",
        "update cases set next_at = next_at - 1000 where id = 5",
        "update cases set appointment_at = next_at + 60000 where id = 6",
        // One that was missed has no turn of its own any more.
        "update cases set appointment_at = next_at - 3600000 where id = 4",
    ] {
        run(&mut tool, sql).await;
    }
    assert_eq!(one_by_one(&store, id, 7).await, [6, 5, 2, 3, 4, 1]);
    store.close().await;
}

#[tokio::test]
async fn a_decision_is_kept_with_its_case_and_written_down_when_its_reason_is_another() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let mut tool = folder.tool().await;
    // 2025-07-01 is a Tuesday: 12:30 in Shanghai, then 21:00.
    let noon = NOW + minutes(210);
    for now in [noon, noon + minutes(5), NOW + minutes(720)] {
        run(&mut tool, "update cases set next_at = 0").await;
        assert!(
            store
                .claim(claim_by(Limits::default(), id, now))
                .await
                .unwrap()
                .is_empty()
        );
        assert_eq!(why(&mut tool, 1).await, ("window_closed".into(), None));
    }
    let held: (i64, i64) = sqlx::query_as("select why_at, why_until from cases")
        .fetch_one(&mut tool)
        .await
        .unwrap();
    assert_eq!(held, ((NOW + minutes(720)).millis(), (NOW + minutes(24 * 60)).millis()));
    assert_eq!(scalar::<i64>(&mut tool, "select next_at from cases").await, held.1);
    run(&mut tool, "update cases set deadline_at = next_at").await;
    let late = store
        .claim(claim_by(Limits::default(), id, NOW + minutes(24 * 60)))
        .await
        .unwrap();
    assert!(late.is_empty());
    assert_eq!(why(&mut tool, 1).await, ("too_late".into(), Some("expired".into())));
    let rows: Vec<(String, Option<String>, String)> =
        sqlx::query_as("select why, until_local, words from v_decision order by id")
            .fetch_all(&mut tool)
            .await
            .unwrap();
    let row =
        |why: &str, until: Option<&str>, words: &str| (why.to_owned(), until.map(str::to_owned), words.to_owned());
    assert_eq!(
        rows,
        [
            row("window_closed", Some("2025-07-01 14:00:00"), "此类号码当前时段不可呼叫"),
            row("too_late", None, "已过期限"),
        ]
    );
    store.close().await;
}

#[tokio::test]
async fn the_list_has_levels_and_an_entry_that_ended_holds_nobody() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 9).await;
    let other = campaign(&store, "august").await;
    assert_eq!(other.0, 2);
    let mut tool = folder.tool().await;
    for sql in [
        "update campaign set purpose = 'satisfaction' where id = 1",
        "insert into do_not_call (digits, since, source) values ('13800000000', 0, 'dnc')",
        "insert into do_not_call (digits, level, purpose, since, source)
            values ('13800000001', 'purpose', 'satisfaction', 0, 'dnc'), ('13800000002', 'purpose', 'greeting', 0, 'dnc')",
        "insert into do_not_call (digits, level, campaign_id, since, source)
            values ('13800000003', 'campaign', 1, 0, 'dnc'), ('13800000004', 'campaign', 2, 0, 'dnc')",
        "insert into do_not_call (patient_id, since, source) values (6, 0, 'dnc')",
        "insert into do_not_call (digits, since, source, until) values ('13800000006', 0, 'dnc', 1751331600000)",
        "insert into do_not_call (digits, since, source, ended_at, ended_by) values ('13800000007', 0, 'dnc', 1, 'wang')",
        "insert into number (patient_id, digits, owner, rank) values (9, '13800000000', 'kin', 0)",
    ] {
        run(&mut tool, sql).await;
    }
    let claimed = store.claim(claim(id, NOW, 10)).await.unwrap();
    // The last one has a relative's number in front, which is on the list: the own one is called.
    assert_eq!(cases(&claimed), [3, 5, 7, 8, 9]);
    assert_eq!(claimed[4].number.reveal(), "13800000008");
    for (case, reason) in [
        (1, "do_not_call"),
        (2, "do_not_call_purpose"),
        (4, "do_not_call_campaign"),
        (6, "do_not_call"),
    ] {
        assert_eq!(
            why(&mut tool, case).await,
            (reason.into(), Some("not_eligible".into())),
            "{case}"
        );
    }
    // Who gets onto the list between claim and call is not called either.
    run(
        &mut tool,
        "insert into do_not_call (patient_id, level, campaign_id, since, source) values (3, 'campaign', 1, 0, 'dnc')",
    )
    .await;
    let refused = store.begin(begin(&claimed[0], NOW)).await.unwrap_err();
    assert!(matches!(refused, Error::DoNotCall(CaseId(3))), "{refused}");
    store.close().await;
}

#[tokio::test]
async fn a_states_holds_or_closes_as_long_as_it_lasts() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 4).await;
    let mut tool = folder.tool().await;
    run(
        &mut tool,
        "insert into patient_state (patient_id, state, since, until, source) values
            (1, 'readmitted', 0, null, 'his'), (2, 'transferred', 0, null, 'his'),
            (3, 'readmitted', 0, 1751331600000, 'his'), (4, 'complaint_open', 1751331600001, null, 'desk')",
    )
    .await;
    assert_eq!(cases(&store.claim(claim(id, NOW, 10)).await.unwrap()), [3, 4]);
    assert_eq!(why(&mut tool, 1).await, ("readmitted".into(), None));
    assert_eq!(
        why(&mut tool, 2).await,
        ("transferred".into(), Some("not_eligible".into()))
    );
    run(
        &mut tool,
        "update patient_state set until = since + 1 where patient_id = 1",
    )
    .await;
    assert!(
        store
            .claim(claim(id, NOW + minutes(59), 10))
            .await
            .unwrap()
            .iter()
            .all(|case| case.case.0 != 1)
    );
    assert_eq!(cases(&store.claim(claim(id, NOW + minutes(60), 1)).await.unwrap()), [1]);
    store.close().await;
}

#[tokio::test]
async fn a_capped_number_gives_way_to_the_next_and_every_call_is_counted() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = campaign(&store, "july").await;
    let mut patient = row(0);
    patient.numbers.push(number("02155550000"));
    import(&store, id, vec![patient]).await;
    let two_an_hour = Limits {
        number: vec![Cap {
            most: 2,
            within: minutes(60),
        }],
        ..Limits::default()
    };
    let mut called = Vec::new();
    let mut now = NOW;
    for _ in 0..4 {
        let claimed = store
            .claim(claim_by(two_an_hour.clone(), id, now))
            .await
            .unwrap()
            .remove(0);
        let begun = store.begin(begin(&claimed, now)).await.unwrap();
        called.push(claimed.number.reveal().to_owned());
        let end = unanswered(begun.attempt, now, Disposition::NoAnswer, again(now));
        store.finish(end).await.unwrap();
        now = now + minutes(1);
    }
    assert_eq!(called, ["13800000000", "13800000000", "02155550000", "02155550000"]);
    assert!(
        store
            .claim(claim_by(two_an_hour.clone(), id, now))
            .await
            .unwrap()
            .is_empty()
    );
    let mut tool = folder.tool().await;
    assert_eq!(why(&mut tool, 1).await, ("number_capped".into(), None));
    let next_at: i64 = scalar(&mut tool, "select next_at from cases").await;
    assert_eq!(next_at, (NOW + minutes(60)).millis());
    // Claimed when there was room, begun when there was none: a call by hand came between.
    let free = NOW + minutes(60);
    let claimed = store
        .claim(claim_by(two_an_hour.clone(), id, free))
        .await
        .unwrap()
        .remove(0);
    run(
        &mut tool,
        "insert into attempt (digits, trunk, ordinal, is_test, state, begun_at, ended_at, disposition, dialplan_hash)
            values ('13800000000', 'north', 1, 1, 'ended', 1751335200000, 1751335200000, 'busy', 'd1')",
    )
    .await;
    let mut late = begin(&claimed, free);
    late.terms = claim_by(two_an_hour, id, free).terms;
    let refused = store.begin(late).await.unwrap_err();
    assert!(matches!(refused, Error::NumberCapped { seconds: 60 }), "{refused}");
    store.close().await;
}

#[tokio::test]
async fn a_patients_caps_count_all_cases_and_numbers() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let second = campaign(&store, "august").await;
    import(&store, second, vec![row(0)]).await;
    let (_, attempt) = dialed(&store, id, NOW).await;
    let end = unanswered(attempt, NOW, Disposition::NoAnswer, again(NOW + minutes(600)));
    store.finish(end).await.unwrap();
    let limits = Limits {
        patient: vec![Cap {
            most: 1,
            within: minutes(24 * 60),
        }],
        ..Limits::default()
    };
    let tomorrow = NOW + minutes(24 * 60);
    assert!(
        store
            .claim(claim_by(limits.clone(), second, NOW + minutes(1)))
            .await
            .unwrap()
            .is_empty()
    );
    let mut tool = folder.tool().await;
    assert_eq!(why(&mut tool, 2).await, ("patient_capped".into(), None));
    assert_eq!(store.claim(claim_by(limits, second, tomorrow)).await.unwrap().len(), 1);
    store.close().await;
}

#[tokio::test]
async fn an_appointment_ahead_is_not_put_off_by_an_attempt() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let (_, attempt) = dialed(&store, id, NOW).await;
    let mut tool = folder.tool().await;
    run(&mut tool, "update cases set appointment_at = 1751331600000 + 7200000").await;
    let end = unanswered(attempt, NOW, Disposition::ThirdParty, again(NOW + minutes(3_000)));
    store.finish(end).await.unwrap();
    let next_at: i64 = scalar(&mut tool, "select next_at from cases").await;
    assert_eq!(next_at, (NOW + minutes(105)).millis());
    assert_eq!(store.claim(claim(id, NOW + minutes(105), 1)).await.unwrap().len(), 1);
    assert_eq!(why(&mut tool, 1).await.0, "appointment");
    store.close().await;
}

#[tokio::test]
async fn a_fax_is_not_called_twice() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let (_, attempt) = dialed(&store, id, NOW).await;
    let dead = aftercall::dialer::Next::Close {
        outcome: Outcome::NumberDead,
        counted: true,
    };
    store
        .finish(unanswered(attempt, NOW, Disposition::Fax, dead))
        .await
        .unwrap();
    let mut tool = folder.tool().await;
    assert_eq!(
        scalar::<String>(&mut tool, "select outcome from cases").await,
        "number_dead"
    );
    store.close().await;
}

#[tokio::test]
async fn a_patient_with_two_cases_and_two_telephones_has_one_call_at_a_time() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let mut again_discharged = row(0);
    again_discharged.encounter.visit_no = "V9999".into();
    again_discharged.numbers = vec![number("13900009999")];
    import(&store, id, vec![again_discharged]).await;
    let mut tool = folder.tool().await;
    // Each case would call another of the numbers.
    run(
        &mut tool,
        "update number set state = 'wrong' where digits = '13800000000'",
    )
    .await;
    run(
        &mut tool,
        "insert into number (patient_id, digits, rank) select id, '13700009999', 5 from patient",
    )
    .await;
    let first = store.claim(claim(id, NOW, 10)).await.unwrap();
    assert_eq!(first.len(), 1, "{first:?}");
    run(
        &mut tool,
        "update number set state = 'wrong' where digits = '13900009999'",
    )
    .await;
    assert!(store.claim(claim(id, NOW + minutes(2), 10)).await.unwrap().is_empty());
    let begun = store.begin(begin(&first[0], NOW)).await.unwrap();
    assert!(store.claim(claim(id, NOW + minutes(4), 10)).await.unwrap().is_empty());
    let end = unanswered(begun.attempt, NOW, Disposition::NoAnswer, again(NOW + minutes(600)));
    store.finish(end).await.unwrap();
    assert_eq!(store.claim(claim(id, NOW + minutes(6), 10)).await.unwrap().len(), 1);
    store.close().await;
}

#[tokio::test]
async fn what_a_patient_asks_for_in_a_call_is_an_appointment_and_the_next_follow_up() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 2).await;
    let mut tool = folder.tool().await;
    let (_, attempt) = dialed(&store, id, NOW).await;
    let asked = NOW + minutes(150);
    let mut end = unanswered(attempt, NOW, Disposition::Appointment, again(asked));
    end.facts.appointment = Some(asked);
    store.finish(end).await.unwrap();
    let sql = "select appointment_at - next_at from cases where id = 1 and appointment_at is not null";
    assert_eq!(scalar::<i64>(&mut tool, sql).await, 15 * 60_000);
    let (claimed, attempt) = dialed(&store, id, NOW).await;
    assert_eq!(claimed.case, CaseId(2));
    let mut end = unanswered(attempt, NOW, Disposition::Completed, closed(Outcome::Completed));
    end.facts.survey = Some(Progress {
        follow_up_days: Some(30),
        ..Progress::default()
    });
    store.finish(end.clone()).await.unwrap();
    store.finish(end).await.unwrap();
    let open = "select count(*) from cases where encounter_id = 2 and state = 'open'";
    assert_eq!(scalar::<i64>(&mut tool, open).await, 1, "told twice, done once");
    let days = "select (due_at - created_at) / 86400000 from cases where encounter_id = 2 and round = 2";
    assert_eq!(scalar::<i64>(&mut tool, days).await, 30);
    store.close().await;
}
