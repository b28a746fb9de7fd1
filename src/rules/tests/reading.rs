//! What somebody who writes a rule file is told.

use proptest::prelude::*;

use crate::rules::RuleSet;

fn faults(text: &str) -> Vec<String> {
    let faults = match RuleSet::parse(text) {
        Ok((_, warnings)) => warnings,
        Err(faults) => faults,
    };
    faults.iter().map(ToString::to_string).collect()
}

#[test]
fn every_fault_is_told_at_once_with_its_place() {
    let text = r#"name = "出院 随访"
since = "soon"
[[rule]]
name = "first"
event = "dischrage"
campaign = "week"
due = "7 days"
series = { every = "-3d" }
[rule.when]
age = ">= old"
departmnet = "心内科"
[rule.sample]
fraction = "200%"
[[rule]]
name = "first"
event = "discharge"
due = "-1d"
"#;
    assert_eq!(
        faults(text),
        [
            "1:8: error: `name` is not the name of the rule set: expected up to 80 letters, digits, - or _, got \"出院 随访\"",
            "2:9: error: `since` is not a date such as \"2026-01-01\": input contains invalid characters",
            "5:9: error: there is no event \"dischrage\": expected one of discharge, emergency_visit, outpatient_visit, or one that [events] explains; did you mean \"discharge\"?",
            "7:7: error: `due` is not an offset: expected such as \"10m\", \"24h\", \"7d\", \"7wd\" (working days), \"1mo\" (months), \"1y\", or \"-1d\" for before, got \"7 days\"",
            "8:10: error: a series has an end: expected `times`, `until` or both",
            "8:20: error: a series goes on in time: expected an offset such as \"30d\"",
            "10:7: error: \">= old\" is no comparison; expected such as \">= 60\" or \"< 2026-12-01\"",
            "11:1: warning: `departmnet` is taken for a column of the list; did you mean `department`?",
            "13:12: error: `fraction` is not a share such as \"10%\": expected a share such as \"10%\" or \"0.5%\", got \"200%\"",
            "14:1: error: `campaign` is missing; expected a string",
            "17:7: error: `due` lies before the event, of which nobody knows yet; name in `from` the date that it counts from",
        ]
    );
}

#[test]
fn rules_that_meet_in_one_round_are_warned_of() {
    let rule = |name: &str, more: &str| {
        format!("[[rule]]\nname = \"{name}\"\nevent = \"discharge\"\ncampaign = \"c\"\ndue = \"7d\"\n{more}\n")
    };
    let meeting = format!(
        "name = \"s\"\n{}{}",
        rule("a", ""),
        rule("b", "series = { every = \"30d\", times = 3 }")
    );
    let told = faults(&meeting);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("both are round 1 of c"), "{told:?}");
    let apart = format!(
        "name = \"s\"\n{}{}",
        rule("a", ""),
        rule("b", "round = 2\nseries = { every = \"30d\", times = 3 }")
    );
    assert_eq!(faults(&apart), [""; 0]);
}

#[test]
fn a_rule_file_is_told_from_others() {
    assert!(RuleSet::is_one("name = \"x\"\n[[rule]]\nbroken = "));
    assert!(!RuleSet::is_one("name = \"x\"\ndialplan = \"y\""));
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(text in "(name|rule|\\[\\[rule\\]\\]|\\[rule\\.when\\]|due|=|\"7d\"|\\{|\\}|\n|\"|any|not|0|-){0,40}") {
        let _ = RuleSet::parse(&text);
    }
}
