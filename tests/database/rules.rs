//! Follow-up rules in the database: release with four eyes, decisions, cases, draws, switches.

use std::sync::Arc;

use aftercall::calendar::{DEFAULT_ZONE, WorkCalendar, wall};
use aftercall::ids::CampaignId;
use aftercall::moment::Wall;
use aftercall::pii::Pii;
use aftercall::rules::RuleSet;
use aftercall::store::rules::{NewRuleSet, NextFollowUp, RulePlace, TurnedOn};
use aftercall::store::{Due, Error, ImportPlan, ImportRow, Store};

use crate::fixture::{Folder, NOW, begin, campaign, claim, plan, row};

fn place() -> RulePlace {
    RulePlace {
        zone: DEFAULT_ZONE,
        calendar: Arc::new(WorkCalendar::shipped()),
    }
}

fn at(text: &str) -> Wall {
    wall(text.replace(' ', "T").parse().unwrap(), DEFAULT_ZONE)
}

async fn add(store: &Store, text: &str, now: Wall) -> u32 {
    let (set, _) = RuleSet::parse(text).unwrap();
    let new = NewRuleSet {
        name: set.name.clone(),
        text: text.to_owned(),
        seed: set.seed,
        who: "wang".to_owned(),
        now,
    };
    store.add_rule_set(new).await.unwrap()
}

async fn release(store: &Store, text: &str, now: Wall) {
    let (set, _) = RuleSet::parse(text).unwrap();
    add(store, text, now).await;
    store.review_rule_set(&set.name, "li", now).await.unwrap();
    store.release_rule_set(&set.name, "wang", now).await.unwrap();
}

/// A list whose cases the rules make.
async fn list(store: &Store, campaign: CampaignId, rows: Vec<ImportRow>, now: Wall) {
    let by_rules = ImportPlan {
        due: Due::ByRules,
        now,
        ..plan(campaign)
    };
    store.apply_import(by_rules, rows).await.unwrap();
}

/// Patient `n`, discharged at a time, with columns of the list.
fn stay(n: u32, discharged: &str, columns: &str) -> ImportRow {
    let mut row = row(n);
    row.encounter.discharged = Some(at(discharged));
    row.encounter.raw = Some(columns.to_owned());
    row
}

async fn apply(store: &Store, now: Wall) -> (u64, u64) {
    let applied = store.apply_rules(&place(), now).await.unwrap();
    (applied.decided, applied.cases)
}

/// Every case as `visit campaign #round due..deadline outcome`, times as local minutes.
async fn cases(folder: &Folder) -> Vec<String> {
    let mut tool = folder.tool().await;
    sqlx::query_scalar(
        "select e.visit_no || ' ' || m.name || ' #' || c.round || ' '
            || strftime('%m-%d %H:%M', c.due_at / 1000 + 28800, 'unixepoch') || '..'
            || coalesce(strftime('%m-%d %H:%M', c.deadline_at / 1000 + 28800, 'unixepoch'), '')
            || coalesce(' ' || c.outcome, '') || coalesce(' ' || c.role, '')
         from cases c join encounter e on e.id = c.encounter_id join campaign m on m.id = c.campaign_id
         order by e.visit_no, m.name, c.round",
    )
    .fetch_all(&mut tool)
    .await
    .unwrap()
}

const WEEK: &str = r#"
name = "hospital"
[[rule]]
name = "first"
event = "discharge"
campaign = "july"
due = "7d"
deadline = "14d"
when = { department = "心内科", not = { deceased = "yes" } }
[[rule]]
name = "chronic"
event = "discharge"
campaign = "chronic"
due = "30d"
when = { diagnosis = "contains 高血压" }
series = { every = "30d", times = 2 }
"#;

#[tokio::test]
async fn a_set_runs_only_after_another_person_has_reviewed_it() {
    let folder = Folder::new();
    let store = folder.open().await;
    assert_eq!(add(&store, WEEK, NOW).await, 1);
    assert_eq!(add(&store, WEEK, NOW).await, 1, "the same text is the same version");
    let unreviewed = store.release_rule_set("hospital", "li", NOW).await.unwrap_err();
    assert!(
        matches!(unreviewed, Error::RuleSetState { state: "draft", .. }),
        "{unreviewed}"
    );
    let own = store.review_rule_set("hospital", " Wang", NOW).await.unwrap_err();
    assert!(matches!(own, Error::SameEyes { .. }), "{own}");
    assert_eq!(store.review_rule_set("hospital", "li", NOW).await.unwrap(), 1);
    let nowhere = store.release_rule_set("hospital", "wang", NOW).await.unwrap_err();
    assert!(matches!(nowhere, Error::NoCampaign { .. }), "{nowhere}");
    campaign(&store, "july").await;
    campaign(&store, "chronic").await;
    assert_eq!(store.release_rule_set("hospital", "wang", NOW).await.unwrap(), 1);

    let changed = WEEK.replace("7d", "5d");
    assert_eq!(add(&store, &changed, NOW).await, 2);
    let draft = store.release_rule_set("hospital", "wang", NOW).await.unwrap_err();
    assert!(matches!(draft, Error::RuleSetState { version: 2, .. }), "{draft}");
    store.review_rule_set("hospital", "zhao", NOW).await.unwrap();
    store.release_rule_set("hospital", "wang", NOW).await.unwrap();
    let states: Vec<_> = store
        .reader()
        .rule_sets(None)
        .await
        .unwrap()
        .iter()
        .map(|set| set.state.as_str())
        .collect();
    assert_eq!(states, ["running", "ended"]);
    assert_eq!(store.stop_rule_set("hospital", "wang", NOW).await.unwrap(), 2);
    let ended = store.stop_rule_set("hospital", "wang", NOW).await.unwrap_err();
    assert!(matches!(ended, Error::RuleSetState { .. }), "{ended}");
    let none = store.review_rule_set("nobody", "li", NOW).await.unwrap_err();
    assert!(matches!(none, Error::NoRuleSet { .. }), "{none}");
    store.close().await;
}

#[tokio::test]
async fn encounters_become_cases_once_whenever_they_come() {
    let folder = Folder::new();
    let store = folder.open().await;
    let july = campaign(&store, "july").await;
    campaign(&store, "chronic").await;
    let mut chronic = stay(1, "2025-06-30 10:00:00", "{}");
    chronic.encounter.diagnoses = Some("高血压3级".to_owned());
    list(&store, july, vec![chronic], NOW).await;
    release(&store, WEEK, NOW).await;
    assert_eq!(apply(&store, NOW).await, (1, 3), "what was there before the release");
    let mut elsewhere = stay(2, "2025-06-30 10:00:00", "{}");
    elsewhere.encounter.department = Some("骨科".to_owned());
    let late = stay(3, "2025-06-01 10:00:00", "{}");
    list(
        &store,
        july,
        vec![elsewhere, late, stay(4, "2025-07-01 08:00:00", "{}")],
        NOW,
    )
    .await;
    assert_eq!(apply(&store, NOW).await, (3, 1), "what came after it");
    assert_eq!(apply(&store, NOW).await, (0, 0), "nothing is done twice");
    assert_eq!(
        cases(&folder).await,
        [
            "V0001 chronic #1 07-30 10:00..08-29 10:00",
            "V0001 chronic #2 08-29 10:00..09-28 10:00",
            "V0001 july #1 07-07 10:00..07-14 10:00",
            "V0004 july #1 07-08 08:00..07-15 08:00",
        ]
    );
    let told = |decisions: Vec<aftercall::store::rules::RuleDecision>| -> Vec<String> {
        let sentence = |decision: &aftercall::store::rules::RuleDecision| {
            aftercall::rules::in_english(decision.detail.as_ref().unwrap(), DEFAULT_ZONE)
        };
        decisions.iter().map(sentence).collect()
    };
    assert_eq!(
        told(store.reader().rule_decisions("V0002").await.unwrap()),
        [
            "does not match `department = 心内科`: it is \"骨科\"",
            "does not match `diagnosis contains 高血压`: the list has no such value",
        ]
    );
    assert_eq!(
        told(store.reader().rule_decisions("V0003").await.unwrap())[0],
        "too late: it had to be done until 2025-06-15 10:00"
    );
    store.close().await;
}

#[tokio::test]
async fn a_corrected_encounter_is_decided_again_where_nobody_has_called() {
    let folder = Folder::new();
    let store = folder.open().await;
    let july = campaign(&store, "july").await;
    campaign(&store, "chronic").await;
    release(&store, WEEK, NOW).await;
    let rows = || {
        vec![
            stay(1, "2025-06-30 10:00:00", "{}"),
            stay(2, "2025-06-23 08:00:00", "{}"),
            stay(3, "2025-06-30 10:00:00", "{}"),
        ]
    };
    list(&store, july, rows(), NOW).await;
    apply(&store, NOW).await;
    // Of the second somebody has been called already.
    let claimed = store.claim(claim(july, NOW, 1)).await.unwrap().remove(0);
    store.begin(begin(&claimed, NOW)).await.unwrap();
    let later = NOW + std::time::Duration::from_secs(60);
    let mut rows = rows();
    rows[0].encounter.discharged = Some(at("2025-07-01 06:00:00"));
    rows[1].encounter.discharged = Some(at("2025-06-24 06:00:00"));
    rows[2].encounter.department = Some("骨科".to_owned());
    list(&store, july, rows, later).await;
    assert_eq!(apply(&store, later).await, (3, 0));
    assert_eq!(
        cases(&folder).await,
        [
            "V0001 july #1 07-08 06:00..07-15 06:00",
            "V0002 july #1 06-30 08:00..07-08 06:00",
            "V0003 july #1 07-07 10:00..07-14 10:00 withdrawn",
        ]
    );
    // The third comes back to the ward of the rule.
    let much_later = later + std::time::Duration::from_secs(60);
    list(&store, july, vec![stay(3, "2025-06-30 10:00:00", "{}")], much_later).await;
    apply(&store, much_later).await;
    assert_eq!(cases(&folder).await[2], "V0003 july #1 07-07 10:00..07-14 10:00");
    store.close().await;
}

#[tokio::test]
async fn a_switch_extends_the_deadlines_of_what_it_was_on_for() {
    let text = r#"
        name = "power"
        [events]
        column = "业务类型"
        repair = "抢修"
        [[rule]]
        name = "repair"
        event = "repair"
        campaign = "july"
        due = "0m"
        deadline = "24h"
        switch.disaster = { deadline = "48h" }
    "#;
    let folder = Folder::new();
    let store = folder.open().await;
    let july = campaign(&store, "july").await;
    release(&store, text, NOW).await;
    let repair = |n, area: &str| {
        stay(
            n,
            "2025-07-01 08:00:00",
            &format!(r#"{{"业务类型":"抢修","区域":"{area}"}}"#),
        )
    };
    list(&store, july, vec![repair(1, "城东"), repair(2, "城西")], NOW).await;
    apply(&store, NOW).await;
    let on = TurnedOn {
        name: "disaster".to_owned(),
        area: Some("城东".to_owned()),
        since: at("2025-07-01 00:00:00"),
        until: None,
        reason: "台风".to_owned(),
        who: "zhao".to_owned(),
        now: NOW,
    };
    store.switch_on(on).await.unwrap();
    assert_eq!(apply(&store, NOW).await, (2, 0));
    assert_eq!(
        cases(&folder).await,
        [
            "V0001 july #1 07-01 08:00..07-03 08:00",
            "V0002 july #1 07-01 08:00..07-02 08:00",
        ]
    );
    assert_eq!(store.switch_off("disaster", "zhao", NOW).await.unwrap(), 1);
    assert_eq!(store.switch_off("disaster", "zhao", NOW).await.unwrap(), 0);
    let records = store.reader().switch_records().await.unwrap();
    assert_eq!(
        (records[0].reason.as_str(), records[0].ended_by.as_deref()),
        ("台风", Some("zhao"))
    );
    store.close().await;
}

const SAMPLE: &str = r#"
name = "survey"
seed = "s1"
[[rule]]
name = "monthly"
event = "discharge"
campaign = "july"
due = "0d"
deadline = "20d"
[rule.sample]
by = "用电类型"
fraction = "10%"
fractions = { "居民" = "1%" }
census = { "身份" = "媒体" }
assign = { manager = "10%", lead = "90%" }
"#;

#[tokio::test]
async fn a_sample_is_drawn_when_its_month_has_ended_and_again_it_is_the_same() {
    let folder = Folder::new();
    let store = folder.open().await;
    let july = campaign(&store, "july").await;
    release(&store, SAMPLE, NOW).await;
    let one = |n: u32| {
        let class = if n < 120 { "居民" } else { "商业" };
        let press = if n == 139 { r#","身份":"媒体""# } else { "" };
        stay(n, "2025-07-01 07:00:00", &format!(r#"{{"用电类型":"{class}"{press}}}"#))
    };
    list(&store, july, (0..140).map(one).collect(), NOW).await;
    assert_eq!(apply(&store, NOW).await, (140, 1), "the key customer waits for nothing");
    assert!(store.draw_rules(&place(), NOW, NOW).await.unwrap().is_empty());
    let august = at("2025-08-01 00:00:00");
    let drawings = store.draw_rules(&place(), august, august).await.unwrap();
    let strata: Vec<_> = drawings[0]
        .strata
        .iter()
        .map(|stratum| {
            format!(
                "{} {}/{} {}",
                stratum.name, stratum.taken, stratum.base, stratum.fraction
            )
        })
        .collect();
    assert_eq!(strata, ["商业 2/19 10%", "居民 2/120 1%"]);
    assert_eq!((drawings[0].cases, drawings[0].roles.get("manager")), (4, Some(&1)));
    let drawn = cases(&folder).await;
    assert_eq!(drawn.len(), 5);
    assert!(
        drawn
            .iter()
            .filter(|case| case.contains("08-01 00:00..08-21 00:00"))
            .count()
            == 4,
        "{drawn:?}"
    );
    assert!(store.draw_rules(&place(), august, august).await.unwrap().is_empty());
    assert_eq!(apply(&store, august).await, (0, 0));

    // Who comes late joins the base; who was drawn stays drawn.
    list(
        &store,
        july,
        vec![stay(200, "2025-07-30 07:00:00", r#"{"用电类型":"商业"}"#)],
        august,
    )
    .await;
    apply(&store, august).await;
    let again = cases(&folder).await;
    assert!(drawn.iter().all(|case| again.contains(case)), "{again:?}");
    let mut tool = folder.tool().await;
    let draws: i64 = sqlx::query_scalar("select count(*) from rule_draw where seed = 's1/monthly'")
        .fetch_one(&mut tool)
        .await
        .unwrap();
    assert_eq!(draws, 4);
    store.close().await;
}

#[tokio::test]
async fn a_trial_tells_what_would_be_chosen_and_writes_nothing() {
    let folder = Folder::new();
    let store = folder.open().await;
    let july = campaign(&store, "july").await;
    let rows = (0..120)
        .map(|n| stay(n, "2025-07-01 07:00:00", r#"{"用电类型":"居民"}"#))
        .collect();
    list(&store, july, rows, NOW).await;
    let (set, _) = RuleSet::parse(SAMPLE).unwrap();
    let trial = store.reader().try_rules(&set, None, &place(), NOW).await.unwrap();
    assert_eq!(
        (trial.encounters, trial.strata[0].taken, trial.strata[0].base),
        (120, 2, 120)
    );
    let (set, _) = RuleSet::parse(WEEK).unwrap();
    let trial = store.reader().try_rules(&set, None, &place(), NOW).await.unwrap();
    let told: Vec<_> = trial
        .counts
        .iter()
        .map(|count| format!("{} {} {} {}", count.rule, count.decided, count.count, count.reason))
        .collect();
    assert_eq!(
        told,
        [
            "first followed 120 → july",
            "chronic not_matched 120 diagnosis contains 高血压"
        ]
    );
    let after = store
        .reader()
        .try_rules(&set, Some(at("2025-07-02 00:00:00")), &place(), NOW)
        .await
        .unwrap();
    assert_eq!(after.encounters, 0);
    assert!(cases(&folder).await.is_empty());
    store.close().await;
}

#[tokio::test]
async fn the_next_follow_up_of_a_patient_is_a_round_of_its_own() {
    let folder = Folder::new();
    let store = folder.open().await;
    let july = campaign(&store, "july").await;
    campaign(&store, "chronic").await;
    release(&store, WEEK, NOW).await;
    list(&store, july, vec![stay(1, "2025-06-30 10:00:00", "{}")], NOW).await;
    apply(&store, NOW).await;
    let next = |patient: &str, campaign: &str| NextFollowUp {
        patient: Pii::new(patient.to_owned()),
        campaign: campaign.to_owned(),
        due: at("2025-07-20 17:30:00"),
        deadline: None,
        now: NOW,
    };
    let case = store.set_follow_up(next("P0001", "july")).await.unwrap();
    assert_eq!(
        store.set_follow_up(next("V0001", "july")).await.unwrap(),
        case,
        "asked again"
    );
    store.set_follow_up(next("P0001", "chronic")).await.unwrap();
    assert_eq!(
        cases(&folder).await,
        [
            "V0001 chronic #1 07-20 17:30..",
            "V0001 july #1 07-07 10:00..07-14 10:00",
            "V0001 july #2 07-20 17:30..",
        ]
    );
    assert!(matches!(
        store.set_follow_up(next("nobody", "july")).await,
        Err(Error::NoPatient)
    ));
    assert!(matches!(
        store.set_follow_up(next("P0001", "nowhere")).await,
        Err(Error::NoCampaign { .. })
    ));
    // What a person set, the rules leave alone.
    let later = NOW + std::time::Duration::from_secs(60);
    list(&store, july, vec![stay(1, "2025-06-30 11:00:00", "{}")], later).await;
    apply(&store, later).await;
    assert_eq!(cases(&folder).await[2], "V0001 july #2 07-20 17:30..");
    store.close().await;
}
