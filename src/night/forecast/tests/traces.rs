//! A rule that is broken in any module leaves its mark on the trace: there is no second copy of any.

use std::sync::Arc;
use std::time::Duration;

use super::super::{Behaviours, Setup};
use super::house::{QUESTIONNAIRE, TRUNK, campaign, days, people, run, setup};
use crate::calendar::{Pause, Span, Windows};
use crate::dialer::{RetryPolicy, RetryRule};
use crate::dialplan;
use crate::outcome::{CauseRow, CauseTable, Disposition};

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
