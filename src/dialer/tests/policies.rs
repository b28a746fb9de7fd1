//! Retry policies as campaign files give them.

use serde::Deserialize;

use super::*;
use crate::calendar::Pause;

#[derive(Debug, Deserialize)]
struct File {
    retry: RetryPolicy,
}

fn read(text: &str) -> Result<RetryPolicy, String> {
    toml::from_str::<File>(text)
        .map(|file| file.retry)
        .map_err(|fault| fault.to_string())
}

#[test]
fn a_file_names_only_what_differs_from_the_defaults() {
    let policy = read(
        r#"
        [retry]
        budget = 3
        busy = { after = "10m" }
        [retry.no_answer]
        after = ["2h", "1d"]
        max = 2
        then = "withdrawn"
        "#,
    )
    .unwrap();
    assert_eq!(policy.budget, 3);
    let busy = policy.rule(Disposition::Busy);
    assert_eq!(busy.after, [Pause::For(secs(600))]);
    assert_eq!(busy.max, RetryPolicy::default().rule(Disposition::Busy).max);
    let no_answer = policy.rule(Disposition::NoAnswer);
    assert_eq!((no_answer.max, no_answer.then), (2, Outcome::Withdrawn));
    assert_eq!(
        policy.rule(Disposition::Vacant),
        RetryPolicy::default().rule(Disposition::Vacant)
    );
}

#[test]
fn a_policy_that_cannot_be_meant_is_refused_with_its_line() {
    let fault = |text: &str| read(&format!("[retry]\n{text}\n")).unwrap_err();
    assert!(fault("bussy = {}").contains("expected `budget` or a disposition such as `busy`, got `bussy`"));
    assert!(fault("budget = 0").contains("a budget is 1 to 30 attempts, got 0"));
    assert!(fault("busy = { after = \"soon\" }").contains("expected a pause such as"));
    assert!(fault("busy = { afterwards = 1 }").contains("afterwards"));
    assert!(fault("opt_out = { after = \"1d\", max = 1 }").contains("nobody is called again after `opt_out`"));
    assert!(fault("unknown = { max = 2 }").contains("`max` of `unknown` is at most 1, got 2"));
    assert!(fault("refused = { max = 1 }").contains("needs `after`"));
    for text in ["bussy = {}", "budget = 0", "busy = { after = \"soon\" }"] {
        assert!(fault(text).contains("line 2"), "{}", fault(text));
    }
}

#[test]
fn a_policy_is_written_as_it_is_read() {
    let policy = read("[retry]\nbudget = 3\nbusy = { after = [\"10m\", \"1d\"], max = 4 }").unwrap();
    let text = serde_json::to_string(&policy).unwrap();
    assert_eq!(
        text,
        r#"{"budget":3,"busy":{"after":["10m","1d"],"max":4,"then":"not_reached"}}"#
    );
    assert_eq!(serde_json::from_str::<RetryPolicy>(&text).unwrap(), policy);
    let immediate = RetryPolicy::immediate(secs(3));
    let text = serde_json::to_string(&immediate).unwrap();
    assert_eq!(serde_json::from_str::<RetryPolicy>(&text).unwrap(), immediate);
}

#[test]
fn a_pace_is_between_one_call_an_hour_and_a_thousand_a_second() {
    assert_eq!(pace(2.0).interval(), Duration::from_millis(500));
    assert!(Pace::per_second(0.0).is_none());
    assert!(Pace::per_second(f64::NAN).is_none());
    assert!(Pace::per_second(-1.0).is_none());
    assert!(Pace::per_second(1001.0).is_none());
    assert_eq!(pace(1.0 / 3600.0).interval().as_secs(), 3600);
}
