//! Everything that stands between an agent and a telephone, as one table: what is refused, what a grant lets pass, and what
//! the row then says was set aside.

use std::sync::Arc;

use aftercall::calendar::{DEFAULT_ZONE, Hours, Schedule, Span, Windows};
use aftercall::dialer::{BeginByHand, Cap, Granted, Limits, RetryPolicy, Terms, Whom};
use aftercall::ids::{AgentId, CaseId, NumberId};
use aftercall::phone::Number;
use aftercall::store::console::desk::{Origin, Reserve, Reserved};

use crate::agents::{LI, by_hand, floor, seconds};
use crate::fixture::{Folder, NOW, claim, minutes, terms};

/// What holds besides.
#[derive(Clone, Copy, Debug)]
enum Rules {
    /// Three attempts, at any time.
    Few,
    /// No window is open.
    Closed,
    /// One call an hour to a number.
    NumberCap,
    /// One attempt an hour at a patient.
    PatientCap,
}

#[derive(Clone, Copy, Debug)]
enum Called {
    Next,
    Own,
    Relative,
    SomebodyElses,
    Stranger,
}

struct Row {
    before: &'static str,
    rules: Rules,
    whom: Called,
    refused: Option<&'static str>,
    /// With a grant: what the attempt's row says was set aside, or the refusal that stays.
    granted: Result<&'static str, &'static str>,
}

const fn row(
    before: &'static str,
    rules: Rules,
    whom: Called,
    refused: Option<&'static str>,
    granted: Result<&'static str, &'static str>,
) -> Row {
    Row {
        before,
        rules,
        whom,
        refused,
        granted,
    }
}

const LISTED: &str = "insert into do_not_call (digits, since, source) values ('13800000000', 0, 'test')";
const PATIENT_LISTED: &str = "insert into do_not_call (patient_id, since, source) values (1, 0, 'test')";
const STRANGER_LISTED: &str = "insert into do_not_call (digits, since, source) values ('13911112222', 0, 'test')";
const CALLED: &str = "insert into attempt (case_id, number_id, digits, trunk, ordinal, begun_at, dialplan_hash, state, ended_at,
    disposition, rule, counted, mark) values (1, 1, '13800000000', 'north', 1, {now} - 60000, '{hash}', 'ended', {now} - 30000,
    'no_answer', 'x', 1, '00000000000000000000000000000001')";
const LOCKED: &str = "insert into attempt (case_id, number_id, digits, trunk, ordinal, begun_at, dialplan_hash, state, ended_at,
    disposition, rule, counted, locked_until, mark) values (1, 1, '13800000000', 'north', 1, {now} - 60000, '{hash}', 'ended',
    {now} - 30000, 'unknown', 'x', 0, {now} + 60000, '00000000000000000000000000000001')";
const MACHINES: &str = "update cases set lease_until = {now} + 60000, lease_holder = 'daemon' where id = 1";

#[rustfmt::skip]
const GUARDS: &[Row] = &[
    row("", Rules::Few, Called::Next, None, Ok("")),
    row("", Rules::Closed, Called::Next, Some("window_closed"), Ok("window_closed")),
    row(LISTED, Rules::Few, Called::Next, Some("do_not_call"), Ok("do_not_call")),
    row(PATIENT_LISTED, Rules::Few, Called::Next, Some("do_not_call"), Ok("do_not_call")),
    // A grant for the hours is none in silence for the list: both stand in the row.
    row(LISTED, Rules::Closed, Called::Next, Some("do_not_call"), Ok("do_not_call window_closed")),
    row(LISTED, Rules::Few, Called::Relative, Some("do_not_call"), Ok("do_not_call")),
    // Of a patient with another number the capped one is passed over, as at night.
    row(CALLED, Rules::NumberCap, Called::Next, None, Ok("")),
    row(CALLED, Rules::NumberCap, Called::Own, Some("number_capped"), Ok("number_capped")),
    row(CALLED, Rules::NumberCap, Called::Relative, None, Ok("")),
    row(CALLED, Rules::PatientCap, Called::Next, Some("patient_capped"), Ok("patient_capped")),
    row(CALLED, Rules::PatientCap, Called::Relative, Some("patient_capped"), Ok("patient_capped")),
    row(LOCKED, Rules::Few, Called::Next, Some("number_locked"), Err("number_locked")),
    row("update number set state = 'vacant' where id = 1", Rules::Few, Called::Next, None, Ok("")),
    row("update number set state = 'vacant'", Rules::Few, Called::Next, Some("number_dead"), Ok("number_dead")),
    row("update cases set deadline_at = {now} - 1 where id = 1", Rules::Few, Called::Next, Some("too_late"), Ok("too_late")),
    row("update cases set counted = 3, attempts = 3 where id = 1", Rules::Few, Called::Next, Some("budget_used"), Ok("budget_used")),
    row("update patient set deceased = 1 where id = 1", Rules::Few, Called::Next, Some("deceased"), Ok("deceased")),
    row(MACHINES, Rules::Few, Called::Next, Some("case_taken"), Err("case_taken")),
    row("update cases set state = 'closed', outcome = 'expired', closed_at = 1, lease_until = null, lease_holder = null where id = 1", Rules::Few, Called::Next,
        Some("case_closed"), Err("case_closed")),
    row("", Rules::Few, Called::SomebodyElses, Some("not_the_cases"), Err("not_the_cases")),
    row("", Rules::Few, Called::Stranger, Some("not_the_cases"), Ok("not_the_cases")),
    row(STRANGER_LISTED, Rules::Closed, Called::Stranger, Some("not_the_cases"),
        Ok("not_the_cases do_not_call window_closed")),
];

fn rules(rules: Rules) -> Arc<Terms> {
    let hourly = || {
        vec![Cap {
            most: 1,
            within: minutes(60),
        }]
    };
    let any = Schedule::any_time(DEFAULT_ZONE);
    let none = Limits {
        number: Vec::new(),
        ..Limits::default()
    };
    let (schedule, limits) = match rules {
        Rules::Few => return terms(),
        Rules::Closed => (
            Schedule {
                // 14:00 to 15:00; it is 9.
                windows: Windows::every_day(&[Span::new(14 * 60, 15 * 60).unwrap()]).unwrap(),
                hours: Hours::Windows,
                ..any
            },
            none,
        ),
        Rules::NumberCap => (
            any,
            Limits {
                number: hourly(),
                ..none
            },
        ),
        Rules::PatientCap => (
            any,
            Limits {
                patient: hourly(),
                ..none
            },
        ),
    };
    Arc::new(Terms::new(&schedule, &RetryPolicy::default(), &limits))
}

#[tokio::test]
async fn the_rules_of_the_night_stand_before_every_agent_and_a_grant_names_all_that_it_sets_aside() {
    for guard in GUARDS {
        let folder = Folder::new();
        let (store, campaign) = floor(&folder, 2).await;
        let mut tool = folder.tool().await;
        sqlx::query("insert into number (patient_id, rank, digits, owner) values (1, 2, '13700000000', 'kin')")
            .execute(&mut tool)
            .await
            .unwrap();
        let relative: i64 = sqlx::query_scalar("select id from number where digits = '13700000000'")
            .fetch_one(&mut tool)
            .await
            .unwrap();
        let reserve = Reserve {
            agent: LI,
            origin: Origin::Picked,
            cases: vec![(claim(campaign, NOW, 1), CaseId(1))],
            preview: seconds(30),
            at: NOW,
        };
        let Ok(Reserved::New(conversation, _)) = store.reserve(reserve).await.unwrap() else {
            panic!("a picked case comes before the agent");
        };
        let before = guard.before.replace("{now}", &NOW.millis().to_string());
        let before = before.replace("{hash}", crate::fixture::HASH);
        if !before.is_empty() {
            sqlx::query(sqlx::AssertSqlSafe(before))
                .execute(&mut tool)
                .await
                .unwrap();
        }
        let asked = BeginByHand {
            whom: match guard.whom {
                Called::Next => Whom::Next,
                Called::Own => Whom::Known(NumberId(1)),
                Called::Relative => Whom::Known(NumberId(relative)),
                Called::SomebodyElses => Whom::Known(NumberId(2)),
                Called::Stranger => Whom::Other(Number::parse("13911112222").unwrap()),
            },
            terms: rules(guard.rules),
            ..by_hand(conversation, LI, NOW)
        };
        let told = format!("{:?} {:?} {:?}", guard.before, guard.rules, guard.whom);
        let count = "select count(*) from attempt where state = 'begun'";
        if let Some(word) = guard.refused {
            let Err(why) = store.begin_by_hand(asked.clone()).await.unwrap() else {
                panic!("{told}: nothing stood against it");
            };
            assert_eq!(why.as_str(), word, "{told}");
            assert_eq!(
                why.is_grantable(),
                guard.granted != Err(word) || word == "not_the_cases",
                "{told}"
            );
            assert_eq!(crate::fixture::scalar::<i64>(&mut tool, count).await, 0, "{told}");
        }
        let granted = BeginByHand {
            granted: Some(Granted {
                by: AgentId(3),
                reason: "家属要求今天回电".into(),
            }),
            ..asked
        };
        match (store.begin_by_hand(granted).await.unwrap(), guard.granted) {
            (Err(why), Err(word)) => assert_eq!(why.as_str(), word, "{told}"),
            (Ok(begun), Ok(words)) => {
                let (by, reason, aside): (i64, String, Option<String>) =
                    sqlx::query_as("select granted_by, grant_reason, set_aside from attempt where id = $1")
                        .bind(begun.attempt.0)
                        .fetch_one(&mut tool)
                        .await
                        .unwrap();
                assert_eq!((by, reason.as_str()), (3, "家属要求今天回电"), "{told}");
                let aside: Vec<String> = serde_json::from_str(aside.as_deref().unwrap_or("[]")).unwrap();
                assert_eq!(aside.join(" "), words, "{told}");
            }
            (answer, expected) => panic!("{told}: {answer:?}, expected {expected:?}"),
        }
        store.close().await;
    }
}
