//! What a rule says of an event.

use super::*;
use crate::rules::{SwitchSpan, in_chinese};

const DISCHARGE: &str = r#"
name = "discharge"
[[rule]]
name = "first"
event = "discharge"
campaign = "week"
due = "7d"
deadline = "14d"
[rule.when]
department = ["心内科", "呼吸科"]
age = ">= 60"
not = { disposition = "死亡" }
[[rule]]
name = "chronic"
event = "discharge"
campaign = "chronic"
due = "30d"
priority = 5
[rule.when]
any = [{ diagnosis = "contains 高血压" }, { diagnosis = ["begins I1", "begins E1"] }]
[rule.series]
every = "30d"
times = 3
"#;

#[test]
fn each_rule_says_its_own_and_several_may_follow_up_one_event() {
    let set = set(DISCHARGE);
    let stay = event(
        "discharge",
        "2026-11-01 10:00:00",
        &["department=心内科", "age=68", "diagnosis=高血压3级", "disposition=好转"],
    );
    assert_eq!(
        told(&verdicts(&set, &stay, &Switches::none())),
        [
            "first: week #1 11-08 10:00..11-15 10:00",
            "chronic: chronic #1 12-01 10:00..12-31 10:00",
            "chronic: chronic #2 12-31 10:00..01-30 10:00",
            "chronic: chronic #3 01-30 10:00..03-01 10:00",
        ]
    );
}

#[test]
fn the_condition_that_failed_is_told_with_what_was_found() {
    let set = set(DISCHARGE);
    for (attributes, told_first) in [
        (
            &["department=骨科", "age=68"][..],
            "first: does not match `department = 心内科 | = 呼吸科`: it is \"骨科\"",
        ),
        (
            &["department=心内科", "age=45"],
            "first: does not match `age >= 60`: it is \"45\"",
        ),
        (
            &["department=心内科"],
            "first: does not match `age >= 60`: the list has no such value",
        ),
        (
            &["department=心内科", "age=70", "disposition=死亡"],
            "first: does not match `not disposition = 死亡`: it is \"死亡\"",
        ),
    ] {
        let stay = event("discharge", "2026-11-01 10:00:00", attributes);
        assert_eq!(told(&verdicts(&set, &stay, &Switches::none()))[0], told_first);
    }
    let young = event("discharge", "2026-11-01 10:00:00", &["department=心内科", "age=45"]);
    let first = &verdicts(&set, &young, &Switches::none())[0];
    assert_eq!(
        in_chinese(&first.decided, DEFAULT_ZONE),
        "不回访:条件「age >= 60」不满足,实际为「45」"
    );
}

#[test]
fn a_rule_about_other_events_says_so() {
    let set = set(DISCHARGE);
    let visit = event("outpatient_visit", "2026-11-01 10:00:00", &[]);
    let kinds: Vec<_> = verdicts(&set, &visit, &Switches::none())
        .into_iter()
        .map(|verdict| verdict.decided.as_str())
        .collect();
    assert_eq!(kinds, ["other_event", "other_event"]);
}

const REPAIR: &str = r#"
name = "power"
since = "2026-01-01"
[events]
column = "业务类型"
time = "归档时间"
repair = ["抢修", "故障报修"]
installation = "装表接电"
[[rule]]
name = "repair"
event = "repair"
campaign = "repair"
due = "0m"
deadline = "24h"
switch.disaster = { deadline = "48h" }
[[rule]]
name = "installation"
event = "installation"
campaign = "installation"
due = "1d"
deadline = "7wd"
at = "09:00"
"#;

#[test]
fn the_words_of_the_list_say_what_happened_and_when() {
    let set = set(REPAIR);
    let repair = event(
        "discharge",
        "2026-09-01 00:00:00",
        &["业务类型=抢修", "归档时间=2026-09-28 15:30"],
    );
    assert_eq!(
        told(&verdicts(&set, &repair, &Switches::none())),
        ["repair: repair #1 09-28 15:30..09-29 15:30"]
    );
    // National Day and its make-up days lie in between: 7 working days end on 13 October.
    let installed = event("discharge", "2026-09-28 15:30:00", &["业务类型=装表接电"]);
    assert_eq!(
        told(&verdicts(&set, &installed, &Switches::none())),
        ["installation: installation #1 09-29 09:00..10-13 15:30"]
    );
    let early = event("discharge", "2025-12-31 15:30:00", &["业务类型=抢修"]);
    assert_eq!(
        told(&verdicts(&set, &early, &Switches::none())),
        ["repair: happened before 2026-01-01, from which the rules hold"]
    );
}

#[test]
fn a_switch_changes_the_times_of_the_events_that_it_was_on_for() {
    let set = set(REPAIR);
    let mut switches = Switches::none();
    switches.add(
        "disaster",
        SwitchSpan {
            from: at("2026-07-10 00:00:00"),
            until: Some(at("2026-07-13 00:00:00")),
            area: Some("城东".to_owned()),
        },
    );
    for (time, area, deadline) in [
        ("2026-07-09 12:00:00", "area=城东", "07-10 12:00"),
        ("2026-07-10 12:00:00", "area=城东", "07-12 12:00"),
        ("2026-07-10 12:00:00", "area=城西", "07-11 12:00"),
        ("2026-07-13 12:00:00", "area=城东", "07-14 12:00"),
    ] {
        let repair = event("repair", time, &[area]);
        let told = told(&verdicts(&set, &repair, &switches));
        assert!(told[0].ends_with(&format!("..{deadline}")), "{time} {area}: {told:?}");
    }
}

#[test]
fn reminders_count_back_from_a_date_of_the_list() {
    let set = set(r#"
        name = "reminders"
        [[rule]]
        name = "contract"
        event = "outpatient_visit"
        campaign = "renewal"
        from = "合同到期"
        due = "-1mo"
        deadline = "0d"
        [[rule]]
        name = "birthday"
        event = "outpatient_visit"
        campaign = "greetings"
        from = "birth"
        on = "anniversary"
        due = "0d"
        deadline = "1d"
        at = "09:30"
        per = "patient"
    "#);
    let visit = event(
        "outpatient_visit",
        "2026-11-20 08:00:00",
        &["合同到期=2026-12-31", "birth=1960-02-29"],
    );
    assert_eq!(
        told(&verdicts(&set, &visit, &Switches::none())),
        [
            "contract: renewal #1 11-30 00:00..12-31 00:00",
            "birthday: greetings #1 02-28 09:30..03-01 00:00",
        ]
    );
    let unreadable = event("outpatient_visit", "2026-11-20 08:00:00", &["合同到期=明年"]);
    assert_eq!(
        told(&verdicts(&set, &unreadable, &Switches::none())),
        [
            "contract: has no usable date in `合同到期`",
            "birthday: has no usable date in `birth`",
        ]
    );
}

#[test]
fn the_same_round_of_a_campaign_is_given_once() {
    let set = set(r#"
        name = "twice"
        [[rule]]
        name = "one"
        event = "discharge"
        campaign = "week"
        due = "7d"
        [[rule]]
        name = "two"
        event = "discharge"
        campaign = "week"
        due = "3d"
    "#);
    let stay = event("discharge", "2026-11-01 10:00:00", &[]);
    assert_eq!(
        told(&verdicts(&set, &stay, &Switches::none())),
        ["one: week #1 11-08 10:00..", "two: rule one has this follow-up already",]
    );
}

#[test]
fn a_series_ends_by_count_by_time_or_after_a_year() {
    for (series, rounds) in [
        ("every = \"30d\", times = 6, until = \"180d\"", 6),
        ("every = \"30d\", times = 6, until = \"100d\"", 4),
        ("every = \"1mo\", until = \"1y\"", 12),
        ("yearly = 2", 2),
        ("yearly = 4, times = 8", 8),
        ("yearly = 1, until = \"3y\"", 3),
    ] {
        let set = set(&format!(
            "name = \"s\"\n[[rule]]\nname = \"r\"\nevent = \"discharge\"\ncampaign = \"c\"\ndue = \"7d\"\nseries = {{ {series} }}"
        ));
        let stay = event("discharge", "2026-11-01 10:00:00", &[]);
        assert_eq!(verdicts(&set, &stay, &Switches::none()).len(), rounds, "{series}");
    }
}
