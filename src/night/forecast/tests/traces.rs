//! A rule that is broken in any module leaves its mark on the trace: there is no second copy of any.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::super::{Behaviours, FollowUps, Setup, Synthetic, WhenDue};
use super::house::{CAMPAIGN, MONDAY, QUESTIONNAIRE, TRUNK, campaign, days, people, run, setup};
use crate::calendar::{Pause, Span, Windows};
use crate::dialer::{RetryPolicy, RetryRule};
use crate::dialplan;
use crate::outcome::{CauseRow, CauseTable, Disposition};
use crate::rules::{RuleSet, Switches};

const RULES: &str = r#"
name = "discharges"
[[rule]]
name = "first"
event = "discharge"
campaign = "回访"
due = "2d"
deadline = "10d"
[rule.when]
age = ">= 40"
"#;

fn trace(setup: Setup) -> String {
    run(setup, people(120, 4), Behaviours::default(), days(8))
        .unwrap()
        .trace_sha256
}

fn plain() -> Setup {
    setup(campaign(4), 4)
}

#[test]
fn the_plain_night_is_always_the_same() {
    assert_eq!(trace(plain()), trace(plain()));
}

#[test]
fn a_rule_of_the_dialer_changes_the_trace() {
    let mut changed = campaign(4);
    let mut rule = changed.retry.rule(Disposition::NoAnswer);
    rule.after = vec![Pause::For(Duration::from_secs(3_600))];
    changed.retry = changed.retry.with_rule(Disposition::NoAnswer, RetryRule { ..rule });
    assert_ne!(trace(setup(changed, 4)), trace(plain()));
    let mut smaller = campaign(4);
    smaller.retry = RetryPolicy::default().with_budget(2);
    assert_ne!(trace(setup(smaller, 4)), trace(plain()));
}

#[test]
fn a_rule_of_the_calendar_changes_the_trace() {
    let mut changed = campaign(4);
    let span = Span::new(9 * 60, 11 * 60 + 59).unwrap();
    changed.schedule.windows = Windows::every_day(&[span]).unwrap();
    assert_ne!(trace(setup(changed, 4)), trace(plain()));
}

#[test]
fn a_rule_of_the_outcome_table_changes_the_trace() {
    let mut changed = plain();
    let row = CauseRow {
        status: Some(480),
        q850: Some(20),
        disposition: Disposition::Vacant,
    };
    if let Some(trunk) = changed.trunks.get_mut(&TRUNK) {
        trunk.causes = CauseTable::new(vec![row]).unwrap();
    }
    assert_ne!(trace(changed), trace(plain()));
}

#[test]
fn a_rule_of_the_dialplan_changes_the_trace() {
    let text = QUESTIONNAIRE.replacen("repeats = 2", "repeats = 1", 1);
    let plan = dialplan::parse(&text).unwrap();
    let mut changed = campaign(4);
    changed.dialplan = plan.hash().to_owned();
    let mut changed = setup(changed, 4);
    changed.dialplans.insert(plan.hash().to_owned(), Arc::new(plan));
    assert_ne!(trace(changed), trace(plain()));
}

#[test]
fn a_follow_up_rule_changes_the_trace() {
    let followed = |text: &str| {
        let (rules, _) = RuleSet::parse(text).unwrap();
        let follow_ups = FollowUps {
            rules,
            switches: Switches::none(),
            campaigns: BTreeMap::from([("回访".to_owned(), CAMPAIGN)]),
        };
        let synthetic = Synthetic {
            patients: 120,
            days: 2,
            origin: MONDAY,
            seed: 4,
            schedule: campaign(4).schedule,
            due: WhenDue::Rules(Box::new(follow_ups)),
        };
        let outlook = run(plain(), synthetic.population(), Behaviours::default(), days(20)).unwrap();
        (outlook.cases.len(), outlook.trace_sha256)
    };
    let (cases, trace) = followed(RULES);
    assert!((20..120).contains(&cases), "{cases} follow-ups of 120 discharges");
    assert_eq!(followed(RULES).1, trace);
    let later = RULES.replace("\"2d\"", "\"3d\"");
    assert_ne!(followed(&later).1, trace, "the due time");
    let older = RULES.replace("40", "60");
    assert!(followed(&older).0 < cases, "the condition");
}
