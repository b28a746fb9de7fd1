//! Calls to us that are answered: who it is, the attempt that takes the number's lock and counts in no cap, what its end does.

use aftercall::dialer::{BeginIncoming, Caller, Next, Outcome, Release, Stands, WhoCalls};
use aftercall::ids::{AttemptId, CampaignId, LegId};
use aftercall::moment::Wall;
use aftercall::outcome::Disposition::{Appointment, Completed, EarlyHangup, NoAnswer, Partial};
use aftercall::phone::Number;
use aftercall::store::Visible;
use aftercall::store::console::call_backs::{Became, Unseen};
use aftercall::store::{Error, Store};

use crate::fixture::{
    Folder, HASH, NOW, again, answered, begin, campaign, claim, closed, dialed, import, keep, minutes, number, row,
    scalar, seeded, unanswered,
};

const LEG: LegId = LegId::INCOMING;
const NUMBER: &str = "13800000000";

async fn who(store: &Store, caller: Option<&str>, campaign: CampaignId, at: Wall) -> Caller {
    let who = WhoCalls {
        leg: LEG,
        at,
        number: caller.map(|caller| Number::parse(caller).unwrap()),
        campaigns: vec![campaign],
        completable: minutes(72 * 60),
    };
    store.who_calls(who).await.unwrap()
}

fn taken(caller: &Caller, number: Option<&str>, at: Wall) -> BeginIncoming {
    BeginIncoming {
        leg: LEG,
        at,
        trunk: "north".into(),
        number: number.map(|number| Number::parse(number).unwrap()),
        known: caller.number.clone(),
        patient: caller.patient,
        others: caller.others,
        about: caller.about,
        case: caller.open.as_ref().map(|open| open.claimed.case),
        dialplan: HASH.into(),
        resumed_from: None,
    }
}

/// A patient who was called once, in vain.
async fn missed(store: &Store) -> CampaignId {
    let id = seeded(store, 1).await;
    let (_, attempt) = dialed(store, id, NOW).await;
    let end = unanswered(attempt, NOW, NoAnswer, again(NOW + minutes(180)));
    store.finish(end).await.unwrap();
    id
}

#[tokio::test]
async fn a_missed_patient_is_known_by_any_spelling_with_the_case_that_is_open() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = missed(&store).await;
    let at = NOW + minutes(10);
    for spelling in [NUMBER, "+8613800000000", "013800000000"] {
        let caller = who(&store, Some(spelling), id, at).await;
        let open = caller.open.as_ref().unwrap_or_else(|| panic!("{spelling}: {caller:?}"));
        assert_eq!(
            (open.claimed.campaign, open.stands),
            (
                id,
                Stands::Open {
                    next_at: NOW + minutes(180)
                }
            )
        );
        assert_eq!(caller.others, 0);
    }
    // Of a campaign that does not run nothing is asked.
    let other = who(&store, Some(NUMBER), CampaignId(99), at).await;
    assert!(other.patient.is_some() && other.open.is_none() && other.about.is_some());
    let stranger = who(&store, Some("02155556666"), id, at).await;
    assert!(stranger.patient.is_none() && stranger.open.is_none());
    let withheld = who(&store, None, id, at).await;
    assert!(withheld.patient.is_none() && withheld.engaged.is_none());
    store.close().await;
}

#[tokio::test]
async fn while_the_call_is_up_nobody_else_gets_the_case_or_the_number() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let claimed = store.claim(claim(id, NOW, 1)).await.unwrap().remove(0);
    // The night has claimed it, and the patient is faster.
    let caller = who(&store, Some(NUMBER), id, NOW).await;
    let begun = store.begin_incoming(taken(&caller, Some(NUMBER), NOW)).await.unwrap();
    assert!(store.begin(begin(&claimed, NOW)).await.is_err());
    assert_eq!(store.claim(claim(id, NOW, 1)).await.unwrap(), []);
    let again = who(&store, Some(NUMBER), id, NOW).await;
    assert_eq!((again.engaged, again.open), (Some(begun.attempt), None));
    assert!(store.begin_incoming(taken(&caller, Some(NUMBER), NOW)).await.is_err());
    store.close().await;
}

#[tokio::test]
async fn what_the_patient_says_closes_the_case_and_counts_in_no_cap_and_no_figure() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = missed(&store).await;
    let at = NOW + minutes(10);
    let caller = who(&store, Some(NUMBER), id, at).await;
    let begun = store.begin_incoming(taken(&caller, Some(NUMBER), at)).await.unwrap();
    store.keep(keep(begun.attempt, 1, "q1", 1)).await.unwrap();
    let next = Next::Close {
        outcome: Outcome::Completed,
        counted: false,
    };
    store
        .finish(answered(begun.attempt, at + minutes(2), 60_000, Completed, next))
        .await
        .unwrap();
    let mut db = folder.tool().await;
    let case: String = scalar(
        &mut db,
        "select state || outcome || last_disposition || counted from cases",
    )
    .await;
    assert_eq!(case, "closedcompletedcompleted1");
    let ours: i64 = scalar(
        &mut db,
        "select sum(n) from (select count(*) as n from report_attempt_now)",
    )
    .await;
    assert_eq!(ours, 1);
    let about: String = scalar(
        &mut db,
        "select status || direction || is_test from call_back b join attempt a on a.id = b.attempt_id",
    )
    .await;
    assert_eq!(about, "200in0");
    let listed = store
        .reader()
        .calls_to_us(&Visible::All, i64::MAX, Unseen::AndSeen, 10)
        .await
        .unwrap();
    assert_eq!(listed[0].became, Became::Questionnaire);
    assert_eq!(
        listed[0].number.as_deref().map(|number| number.contains('*')),
        Some(true)
    );
    store.close().await;
}

#[tokio::test]
async fn a_caller_who_hung_up_leaves_the_case_as_it_was() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = missed(&store).await;
    let at = NOW + minutes(10);
    let caller = who(&store, Some(NUMBER), id, at).await;
    let begun = store.begin_incoming(taken(&caller, Some(NUMBER), at)).await.unwrap();
    let next = Next::Again {
        at: NOW + minutes(180),
        counted: false,
    };
    store
        .finish(answered(begun.attempt, at, 900, EarlyHangup, next))
        .await
        .unwrap();
    let mut db = folder.tool().await;
    let case: String = scalar(
        &mut db,
        "select state || last_disposition || counted || attempts from cases",
    )
    .await;
    assert_eq!(case, "openno_answer12");
    // The night goes on where it was; the call of the patient is not in its history.
    let claimed = store.claim(claim(id, NOW + minutes(181), 1)).await.unwrap();
    assert_eq!(claimed[0].past, [NoAnswer]);
    store.close().await;
}

#[tokio::test]
async fn a_questionnaire_that_a_caller_left_is_gone_on_with() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = missed(&store).await;
    let at = NOW + minutes(10);
    let caller = who(&store, Some(NUMBER), id, at).await;
    let begun = store.begin_incoming(taken(&caller, Some(NUMBER), at)).await.unwrap();
    store.keep(keep(begun.attempt, 1, "q1", 1)).await.unwrap();
    let next = Next::Again {
        at: NOW + minutes(180),
        counted: false,
    };
    store
        .finish(answered(begun.attempt, at, 9_000, Partial, next))
        .await
        .unwrap();
    let resumed = |resume: Option<aftercall::dialer::Resume>| resume.map(|resume| resume.attempt);
    let again = who(&store, Some(NUMBER), id, at + minutes(1)).await;
    assert_eq!(
        again.open.and_then(|open| resumed(open.claimed.resume)),
        Some(begun.attempt)
    );
    let claimed = store.claim(claim(id, NOW + minutes(181), 1)).await.unwrap().remove(0);
    assert_eq!(resumed(claimed.resume), Some(begun.attempt));
    store.close().await;
}

/// A patient who answered something, and whose case is closed with that.
async fn closed_as_partial(store: &Store) -> CampaignId {
    let id = seeded(store, 1).await;
    let (_, attempt) = dialed(store, id, NOW).await;
    store.keep(keep(attempt, 1, "q1", 1)).await.unwrap();
    let end = answered(attempt, NOW + minutes(1), 60_000, Partial, closed(Outcome::Partial));
    store.finish(end).await.unwrap();
    id
}

const CASE: &str = "select state || coalesce(outcome, '') || last_disposition || counted || attempts || (lease_until is null) from cases";

#[tokio::test]
async fn a_case_that_was_closed_with_some_answers_can_be_completed_for_a_while() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = closed_as_partial(&store).await;
    let late = who(&store, Some(NUMBER), id, NOW + minutes(72 * 60 + 2)).await;
    assert!(late.patient.is_some() && late.open.is_none(), "{late:?}");
    let at = NOW + minutes(72 * 60);
    let caller = who(&store, Some(NUMBER), id, at).await;
    let open = caller.open.as_ref().expect("it can be completed");
    assert_eq!(open.stands, Stands::Partial);
    let resume = open.claimed.resume.as_ref().expect("it has answers");
    let begin = BeginIncoming {
        resumed_from: Some(resume.attempt),
        ..taken(&caller, Some(NUMBER), at)
    };
    let begun = store.begin_incoming(begin).await.unwrap();
    let mut db = folder.tool().await;
    assert_eq!(scalar::<String>(&mut db, CASE).await, "closedpartialpartial121");
    assert_eq!(store.claim(claim(id, at, 1)).await.unwrap(), []);
    store.keep(keep(begun.attempt, 1, "q2", 1)).await.unwrap();
    let next = Next::Close {
        outcome: Outcome::Completed,
        counted: false,
    };
    let end = answered(begun.attempt, at + minutes(2), 60_000, Completed, next);
    store.finish(end).await.unwrap();
    assert_eq!(scalar::<String>(&mut db, CASE).await, "closedcompletedcompleted121");
    let again = who(&store, Some(NUMBER), id, at + minutes(3)).await;
    assert!(again.open.is_none());
    store.close().await;
}

#[tokio::test]
async fn a_wish_opens_such_a_case_and_nothing_else_does() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = closed_as_partial(&store).await;
    let at = NOW + minutes(10);
    for (disposition, next, wish, expected) in [
        (EarlyHangup, closed(Outcome::Partial), None, "closedpartialpartial121"),
        (
            Appointment,
            again(at + minutes(120)),
            Some(at + minutes(120)),
            "openappointment131",
        ),
    ] {
        let caller = who(&store, Some(NUMBER), id, at).await;
        let begun = store.begin_incoming(taken(&caller, Some(NUMBER), at)).await.unwrap();
        let mut end = answered(begun.attempt, at, 9_000, disposition, next.uncounted());
        end.facts.appointment = wish;
        store.finish(end).await.unwrap();
        let mut db = folder.tool().await;
        assert_eq!(scalar::<String>(&mut db, CASE).await, expected);
    }
    let claimed = store.claim(claim(id, at + minutes(120), 1)).await.unwrap();
    assert_eq!(claimed.len(), 1);
    store.close().await;
}

#[tokio::test]
async fn no_case_is_completed_after_a_withdrawal_a_death_or_a_wish_for_no_calls() {
    for sql in [
        "update cases set outcome = 'withdrawn'",
        "update patient set deceased = 1",
        "insert into do_not_call (digits, since, source) values ('13800000000', 0, 'asked')",
    ] {
        let folder = Folder::new();
        let store = folder.open().await;
        let id = closed_as_partial(&store).await;
        let mut db = folder.tool().await;
        sqlx::query(sql).execute(&mut db).await.unwrap();
        let caller = who(&store, Some(NUMBER), id, NOW + minutes(10)).await;
        assert!(caller.patient.is_some() && caller.open.is_none(), "{sql}: {caller:?}");
        store.close().await;
    }
}

#[tokio::test]
async fn two_who_withhold_their_numbers_may_call_at_once() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let mut attempts: Vec<AttemptId> = Vec::new();
    for n in 0..2 {
        let caller = who(&store, None, id, NOW + minutes(n)).await;
        let begun = store
            .begin_incoming(taken(&caller, None, NOW + minutes(n)))
            .await
            .unwrap();
        attempts.push(begun.attempt);
    }
    for attempt in attempts {
        let end = answered(attempt, NOW + minutes(5), 30_000, Completed, closed(Outcome::Withdrawn));
        store.finish(end).await.unwrap();
    }
    let listed = store
        .reader()
        .calls_to_us(&Visible::All, i64::MAX, Unseen::Only, 10)
        .await
        .unwrap();
    assert_eq!(listed.iter().filter(|row| row.number.is_none()).count(), 2);
    let hers = Visible::Department("心内科".to_owned());
    assert_eq!(
        store
            .reader()
            .calls_to_us(&hers, i64::MAX, Unseen::Only, 10)
            .await
            .unwrap(),
        []
    );
    store.close().await;
}

#[tokio::test]
async fn of_two_patients_with_one_number_the_one_who_was_missed_last_is_meant() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = campaign(&store, "july").await;
    let mut wife = row(1);
    wife.numbers = row(0).numbers;
    import(&store, id, vec![row(0), wife]).await;
    for _ in 0..2 {
        let (_, attempt) = dialed(&store, id, NOW).await;
        store
            .finish(unanswered(attempt, NOW, NoAnswer, again(NOW + minutes(180))))
            .await
            .unwrap();
    }
    let caller = who(&store, Some(NUMBER), id, NOW + minutes(1)).await;
    assert_eq!((caller.patient.map(|id| id.0), caller.others), (Some(2), 1));
    store.close().await;
}

#[tokio::test]
async fn who_opens_the_database_sees_that_the_patient_called_us() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = missed(&store).await;
    let at = NOW + minutes(10);
    let caller = who(&store, Some(NUMBER), id, at).await;
    store.begin_incoming(taken(&caller, Some(NUMBER), at)).await.unwrap();
    let mut tool = folder.tool().await;
    let rows: Vec<(String, String)> = sqlx::query_as("select direction, begun_local from v_attempt order by id")
        .fetch_all(&mut tool)
        .await
        .unwrap();
    let row = |direction: &str, at: &str| (direction.to_owned(), at.to_owned());
    assert_eq!(
        rows,
        [row("out", "2025-07-01 09:00:00"), row("in", "2025-07-01 09:10:00")]
    );
    store.close().await;
}

#[tokio::test]
async fn a_patient_who_is_on_the_line_with_one_number_is_rung_at_no_other() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = campaign(&store, "july").await;
    let mut two = row(0);
    two.numbers.push(number("13900000000"));
    import(&store, id, vec![two]).await;
    // The night has claimed the case at the first number when the patient calls from the second one, about nothing that is open.
    let claimed = store.claim(claim(id, NOW, 1)).await.unwrap().remove(0);
    assert_eq!(claimed.number, Number::parse(NUMBER).unwrap());
    let caller = who(&store, Some("13900000000"), CampaignId(99), NOW).await;
    let asked = taken(&caller, Some("13900000000"), NOW);
    assert!(asked.case.is_none() && asked.known.is_some(), "{asked:?}");
    let call = store.begin_incoming(asked).await.unwrap();
    let refused = store.begin(begin(&claimed, NOW)).await.unwrap_err();
    assert!(
        matches!(refused, Error::NumberInUse(attempt) if attempt == call.attempt),
        "{refused}"
    );
    // Nor is it claimed anew while the call is up.
    let release = Release {
        case: claimed.case,
        not_before: None,
    };
    store.release(release).await.unwrap();
    let mut db = folder.tool().await;
    assert_eq!(store.claim(claim(id, NOW, 1)).await.unwrap(), []);
    let why: String = scalar(&mut db, "select why from cases").await;
    assert_eq!(why, "number_locked");
    let end = answered(call.attempt, NOW, 30_000, EarlyHangup, closed(Outcome::NotReached));
    store.finish(end).await.unwrap();
    let later = NOW + minutes(20);
    let again = store.claim(claim(id, later, 1)).await.unwrap();
    assert_eq!(again.len(), 1, "the patient has hung up");
    store.close().await;
}

#[tokio::test]
async fn what_an_agent_should_be_able_to_do_comes_with_the_case() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let mut db = folder.tool().await;
    sqlx::query("update patient set language = '温州话'")
        .execute(&mut db)
        .await
        .unwrap();
    let wanted = ["campaign:july", "department:心内科", "language:温州话"].map(str::to_owned);
    let claimed = store.claim(claim(id, NOW, 1)).await.unwrap().remove(0);
    assert_eq!(claimed.skills, wanted.clone().into());
    let caller = who(&store, Some(NUMBER), id, NOW).await;
    assert_eq!(caller.open.unwrap().claimed.skills, wanted.into());
    store.close().await;
}
