//! Claims: a lease at a time per case and per number, in order, and never for those who may not be called.

use std::collections::BTreeSet;
use std::sync::Arc;

use aftercall::calendar::DueAfter;
use aftercall::dialer::{Outcome, Release, Reply, Request};
use aftercall::ids::{AttemptId, CampaignId, CaseId};
use aftercall::outcome::Disposition;
use aftercall::store::{CampaignState, Deadline, Due, Error, Store};

use crate::fixture::{
    Folder, NOW, again, begin, campaign, claim, dialed, import, keep, minutes, number, plan, row, scalar, seeded,
    unanswered,
};

#[tokio::test]
async fn concurrent_claims_never_share_a_case() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 100).await;
    let mut claims = Vec::new();
    for _ in 0..8 {
        let store = store.clone();
        claims.push(tokio::spawn(
            async move { store.claim(claim(id, NOW, 15)).await.unwrap() },
        ));
    }
    let mut seen = BTreeSet::new();
    let mut total = 0;
    for claimed in claims {
        for claimed in claimed.await.unwrap() {
            total += 1;
            seen.insert(claimed.case);
        }
    }
    assert_eq!((total, seen.len()), (100, 100));
    assert!(store.claim(claim(id, NOW, 15)).await.unwrap().is_empty());
    store.close().await;
}

#[tokio::test]
async fn a_lease_that_ran_out_is_given_to_the_next() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let first = store.claim(claim(id, NOW, 1)).await.unwrap();
    assert_eq!(first[0].lease_until, NOW + minutes(5));
    assert!(store.claim(claim(id, NOW + minutes(4), 1)).await.unwrap().is_empty());
    let second = store.claim(claim(id, NOW + minutes(5), 1)).await.unwrap();
    assert_eq!(second[0].case, first[0].case);
    store.close().await;
}

#[tokio::test]
async fn a_case_with_an_attempt_under_way_is_not_claimed_whatever_its_lease() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    dialed(&store, id, NOW).await;
    assert!(store.claim(claim(id, NOW + minutes(60), 1)).await.unwrap().is_empty());
    store.close().await;
}

#[tokio::test]
async fn a_released_case_is_claimed_again_at_once() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let first = store.claim(claim(id, NOW, 1)).await.unwrap().remove(0);
    store.release(Release::of(first.case)).await.unwrap();
    store.release(Release::of(first.case)).await.unwrap();
    assert_eq!(store.claim(claim(id, NOW, 1)).await.unwrap().len(), 1);
    store.close().await;
}

#[tokio::test]
async fn two_patients_with_one_number_are_called_one_after_the_other() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = campaign(&store, "july").await;
    let mut wife = row(1);
    wife.numbers = row(0).numbers;
    import(&store, id, vec![row(0), wife]).await;
    let first = store.claim(claim(id, NOW, 10)).await.unwrap();
    assert_eq!(first.len(), 1);
    let begun = store.begin(begin(&first[0], NOW)).await.unwrap();
    assert!(store.claim(claim(id, NOW + minutes(10), 10)).await.unwrap().is_empty());
    let end = unanswered(begun.attempt, NOW, Disposition::NoAnswer, again(NOW + minutes(180)));
    store.finish(end).await.unwrap();
    let second = store.claim(claim(id, NOW + minutes(20), 10)).await.unwrap();
    assert_eq!(second.len(), 1);
    assert_ne!(second[0].case, first[0].case);
    store.close().await;
}

#[tokio::test]
async fn those_who_wait_longest_come_first() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = campaign(&store, "july").await;
    for (n, due) in [
        (0, NOW),
        (1, NOW - minutes(5)),
        (2, NOW + minutes(5)),
        (3, NOW - minutes(9)),
    ] {
        let mut plan = plan(id);
        plan.due = Due::At(due);
        store.apply_import(plan, vec![row(n)]).await.unwrap();
    }
    let cases = store.claim(claim(id, NOW, 10)).await.unwrap();
    let cases: Vec<CaseId> = cases.into_iter().map(|claimed| claimed.case).collect();
    assert_eq!(cases, [CaseId(4), CaseId(2), CaseId(1)]);
    store.close().await;
}

#[tokio::test]
async fn cases_past_their_deadline_or_out_of_budget_are_closed() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = campaign(&store, "july").await;
    let mut late = plan(id);
    late.deadline_after = Some(Deadline {
        after: DueAfter::For(minutes(30)),
        zone: chrono_tz::Asia::Shanghai,
        calendar: Arc::default(),
    });
    store.apply_import(late, vec![row(0)]).await.unwrap();
    import(&store, id, vec![row(1)]).await;
    let mut spent = claim(id, NOW + minutes(30), 10);
    Arc::make_mut(&mut spent.terms).budget = 0;
    assert!(store.claim(spent).await.unwrap().is_empty());
    let mut tool = folder.tool().await;
    let outcomes: Vec<(i64, String)> = sqlx::query_as("select id, outcome from cases order by id")
        .fetch_all(&mut tool)
        .await
        .unwrap();
    assert_eq!(outcomes, [(1, "expired".to_owned()), (2, "not_reached".to_owned())]);
    store.close().await;
}

#[tokio::test]
async fn a_stopped_campaign_hands_out_nothing() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 3).await;
    store.stop_campaign("july", NOW).await.unwrap();
    assert!(store.claim(claim(id, NOW, 10)).await.unwrap().is_empty());
    assert_eq!(
        store.reader().campaign("july", NOW).await.unwrap().state,
        CampaignState::Stopped
    );
    store.start_campaign("july", NOW).await.unwrap();
    assert_eq!(store.claim(claim(id, NOW, 10)).await.unwrap().len(), 3);
    let counts = store.reader().campaign("july", NOW).await.unwrap().counts;
    assert_eq!((counts.cases, counts.in_progress, counts.due), (3, 3, 0));
    store.close().await;
}

#[tokio::test]
async fn a_paused_campaign_hands_out_nothing_until_it_goes_on_also_after_a_restart() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 3).await;
    store.pause_campaign("july", NOW).await.unwrap();
    store.pause_campaign("july", NOW + minutes(1)).await.unwrap();
    store.close().await;
    let store = folder.open().await;
    assert!(store.claim(claim(id, NOW, 10)).await.unwrap().is_empty());
    let row = store.reader().campaign("july", NOW).await.unwrap();
    assert_eq!((row.state, row.paused_at), (CampaignState::Running, Some(NOW)));
    store.unpause_campaign("july").await.unwrap();
    assert_eq!(store.claim(claim(id, NOW, 1)).await.unwrap().len(), 1);
    store.pause_campaign("july", NOW).await.unwrap();
    store.stop_campaign("july", NOW).await.unwrap();
    let refused = store.unpause_campaign("july").await.unwrap_err();
    assert!(matches!(refused, Error::CampaignNotRunning { .. }), "{refused}");
    let refused = store.pause_campaign("july", NOW).await.unwrap_err();
    assert!(matches!(refused, Error::CampaignNotRunning { .. }), "{refused}");
    store.start_campaign("july", NOW).await.unwrap();
    let row = store.reader().campaign("july", NOW).await.unwrap();
    assert_eq!(row.paused_at, None, "stopped and started again, it is paused no more");
    assert_eq!(store.claim(claim(id, NOW, 10)).await.unwrap().len(), 2);
    store.close().await;
}

#[tokio::test]
async fn a_dead_number_makes_room_for_the_next_and_the_last_one_closes_the_case() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = campaign(&store, "july").await;
    let mut patient = row(0);
    patient.numbers.push(number("02155550000"));
    import(&store, id, vec![patient]).await;
    let dead = aftercall::dialer::Next::Close {
        outcome: Outcome::NumberDead,
        counted: false,
    };
    let (first, attempt) = dialed(&store, id, NOW).await;
    store
        .finish(unanswered(attempt, NOW, Disposition::Vacant, dead))
        .await
        .unwrap();
    let (second, attempt) = dialed(&store, id, NOW).await;
    assert_eq!(
        (first.number.reveal(), second.number.reveal()),
        ("13800000000", "02155550000")
    );
    store
        .finish(unanswered(attempt, NOW, Disposition::Suspended, dead))
        .await
        .unwrap();
    let mut tool = folder.tool().await;
    assert_eq!(
        scalar::<String>(&mut tool, "select outcome from cases").await,
        "number_dead"
    );
    assert_eq!(
        scalar::<String>(
            &mut tool,
            "select group_concat(state) from (select state from number order by rank)"
        )
        .await,
        "vacant,suspended"
    );
    store.close().await;
}

#[tokio::test]
async fn one_announcement_casts_doubt_and_the_second_settles_it() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let mut tool = folder.tool().await;
    for state in ["suspect", "vacant"] {
        let (_, attempt) = dialed(&store, id, NOW).await;
        store
            .finish(unanswered(attempt, NOW, Disposition::Vacant, again(NOW)))
            .await
            .unwrap();
        assert_eq!(scalar::<String>(&mut tool, "select state from number").await, state);
    }
    store.close().await;
}

/// Cases that a claim can only close or hold, and behind them one that may be dialed.
const IN_THE_WAY: u32 = 5_000;

/// Deceased patients, patients without a number, and a number that is on the line; the last case may be dialed. Gives an
/// attempt that is under way and the case.
async fn with_a_case_behind(store: &Store, folder: &Folder) -> (CampaignId, AttemptId, CaseId) {
    let id = seeded(store, IN_THE_WAY + 2).await;
    let (_, attempt) = dialed(store, id, NOW).await;
    let mut tool = folder.tool().await;
    for sql in [
        "update patient set deceased = 1 where id % 3 = 0",
        "delete from number where patient_id % 3 = 1 and patient_id > 1",
        "update number set digits = '13800000000' where patient_id % 3 = 2",
        "update patient set deceased = 0 where id = (select max(id) from patient)",
        "insert or replace into number (patient_id, digits, rank, state)
            select max(id), '13999999999', 1, 'ok' from patient",
        "update cases set next_at = next_at - 1000 where id < (select max(id) from cases)",
    ] {
        sqlx::query(sql).execute(&mut tool).await.unwrap();
    }
    let last = scalar(&mut tool, "select max(id) from cases").await;
    (id, attempt, CaseId(last))
}

/// No transaction of a claim looks at more cases.
const LOOKED_AT: u32 = 128;

#[tokio::test]
async fn thousands_of_cases_that_nobody_may_dial_take_many_short_transactions_and_hide_nobody() {
    let folder = Folder::new();
    let store = folder.open().await;
    let (id, _, last) = with_a_case_behind(&store, &folder).await;
    let before = store.statistics().commits;
    let claimed = store.claim(claim(id, NOW, 10)).await.unwrap();
    assert_eq!(claimed.iter().map(|claimed| claimed.case).collect::<Vec<_>>(), [last]);
    let commits = store.statistics().commits - before;
    let least = u64::from(IN_THE_WAY / LOOKED_AT);
    assert!(commits >= least, "{commits} commits");
    assert!(store.claim(claim(id, NOW, 10)).await.unwrap().is_empty());
    let mut tool = folder.tool().await;
    let sql = "select count(*) from cases where state = 'closed'";
    assert!(scalar::<i64>(&mut tool, sql).await > i64::from(IN_THE_WAY / 2));
    let sql = "select count(*) from cases where state = 'open' and next_at > 1751331600000";
    assert!(scalar::<i64>(&mut tool, sql).await > i64::from(IN_THE_WAY / 4));
    store.close().await;
}

#[tokio::test]
async fn a_key_does_not_wait_for_a_claim_that_goes_through_thousands_of_cases() {
    let folder = Folder::new();
    let store = folder.open().await;
    let (id, attempt, last) = with_a_case_behind(&store, &folder).await;
    let (mut desk, woken) = crate::control::desk(&store, 4);
    desk.try_send(Request::Claim(claim(id, NOW, 10))).unwrap();
    desk.try_send(Request::Keep(keep(attempt, 1, "care", 1))).unwrap();
    let answers = tokio::task::spawn_blocking(move || {
        (0..2)
            .map(|_| {
                woken.recv().unwrap();
                desk.try_recv().unwrap()
            })
            .collect::<Vec<_>>()
    });
    match answers.await.unwrap().as_slice() {
        [Reply::Kept { seq: 1, .. }, Reply::Claimed { cases, .. }] => assert_eq!(cases[0].case, last),
        others => panic!("{others:?}"),
    }
    store.close().await;
}
