//! The shipped rule files, read like the regulations that they were taken from: events in, follow-ups out.

use super::*;
use crate::document::Severity;
use crate::rules::{Fraction, SwitchSpan};

const HOSPITAL: &str = include_str!("../../../rules/hospital-discharge.toml");
const POWER: &str = include_str!("../../../rules/power-utility.toml");
const CARS: &str = include_str!("../../../rules/car-workshop.toml");
const PROPERTY: &str = include_str!("../../../rules/property.toml");
const COMPLAINTS: &str = include_str!("../../../rules/complaints.toml");
const REMINDERS: &str = include_str!("../../../rules/reminders.toml");

/// An event, and what comes of it; what is left out did not match.
type Line<'t> = (&'t str, &'t str, &'t [&'t str], &'t [&'t str]);

fn holds(text: &str, switches: &Switches, table: &[Line<'_>]) {
    let set = set(text);
    for (kind, time, attributes, expected) in table {
        let event = event(kind, time, attributes);
        let verdicts = verdicts(&set, &event, switches);
        let followed: Vec<Verdict> = verdicts
            .into_iter()
            .filter(|verdict| matches!(verdict.decided, Decided::Followed(_) | Decided::Waits { .. }))
            .collect();
        assert_eq!(told(&followed), *expected, "{time} {attributes:?}");
    }
}

#[test]
fn no_template_has_a_fault_or_a_warning() {
    for (name, text) in [
        ("hospital", HOSPITAL),
        ("power", POWER),
        ("cars", CARS),
        ("property", PROPERTY),
        ("complaints", COMPLAINTS),
        ("reminders", REMINDERS),
    ] {
        let (_, warnings) = RuleSet::parse(text).unwrap();
        assert!(
            warnings.iter().all(|fault| fault.severity == Severity::Warning),
            "{name}"
        );
        assert_eq!(warnings, [], "{name}");
    }
}

#[test]
fn a_hospital_calls_after_a_week_and_chronic_patients_month_by_month() {
    holds(
        HOSPITAL,
        &Switches::none(),
        &[
            // R020: a week after the discharge.
            (
                "discharge",
                "2026-11-01 10:00:00",
                &["diagnosis=阑尾炎", "disposition=advised", "deceased=no"],
                &["首次回访: 出院满意度回访 #1 11-08 10:00..11-15 10:00"],
            ),
            // R021: chronic diagnoses again and again.
            (
                "discharge",
                "2026-11-01 10:00:00",
                &["diagnosis=2型糖尿病；高血压", "deceased=no"],
                &[
                    "首次回访: 出院满意度回访 #1 11-08 10:00..11-15 10:00",
                    "慢病随访: 慢病随访 #1 12-01 10:00..12-31 10:00",
                    "慢病随访: 慢病随访 #2 12-31 10:00..01-30 10:00",
                    "慢病随访: 慢病随访 #3 01-30 10:00..03-01 10:00",
                    "慢病随访: 慢病随访 #4 03-01 10:00..03-31 10:00",
                    "慢病随访: 慢病随访 #5 03-31 10:00..04-30 10:00",
                    "慢病随访: 慢病随访 #6 04-30 10:00..05-30 10:00",
                ],
            ),
            (
                "discharge",
                "2026-11-01 10:00:00",
                &["diagnosis=高血压", "disposition=died"],
                &[],
            ),
            (
                "discharge",
                "2026-11-01 10:00:00",
                &["diagnosis=高血压", "deceased=yes"],
                &[],
            ),
            ("discharge", "2026-11-01 10:00:00", &["disposition=transferred"], &[]),
            ("outpatient_visit", "2026-11-01 10:00:00", &["diagnosis=高血压"], &[]),
        ],
    );
}

#[test]
fn a_power_utility_keeps_its_deadlines_also_in_a_disaster() {
    let mut typhoon = Switches::none();
    typhoon.add(
        "disaster",
        SwitchSpan {
            from: at("2026-07-10 00:00:00"),
            until: Some(at("2026-07-12 00:00:00")),
            area: None,
        },
    );
    holds(
        POWER,
        &typhoon,
        &[
            // R023: 7 working days, counted over National Day and the make-up day of 10 October.
            (
                "discharge",
                "2026-09-28 15:00:00",
                &["业务类型=装表接电"],
                &["装表接电: 装表接电回访 #1 09-29 09:00..10-13 15:00"],
            ),
            // R024: 24 hours; R025: 48 while the switch is on.
            (
                "discharge",
                "2026-07-09 22:00:00",
                &["业务类型=抢修"],
                &["抢修: 抢修回访 #1 07-09 22:00..07-10 22:00"],
            ),
            (
                "discharge",
                "2026-07-11 22:00:00",
                &["业务类型=故障抢修"],
                &["抢修: 抢修回访 #1 07-11 22:00..07-13 22:00"],
            ),
            (
                "discharge",
                "2026-07-12 00:00:00",
                &["业务类型=抢修"],
                &["抢修: 抢修回访 #1 07-12 00:00..07-13 00:00"],
            ),
            // R026: complaints 5 working days, reports 10.
            (
                "discharge",
                "2026-11-20 09:00:00",
                &["业务类型=投诉"],
                &["投诉: 投诉回访 #1 11-20 09:00..11-27 09:00"],
            ),
            (
                "discharge",
                "2026-11-20 09:00:00",
                &["业务类型=举报"],
                &["举报: 投诉回访 #1 11-20 09:00..12-04 09:00"],
            ),
            // R053: drawn by class when the month has ended; R052: key customers at once.
            (
                "discharge",
                "2026-11-20 09:00:00",
                &["业务类型=缴费", "用电类型=居民"],
                &["按月抽样: waits for the draw of 2026-11 in stratum 居民"],
            ),
            (
                "discharge",
                "2026-11-20 09:00:00",
                &["业务类型=缴费", "用电类型=居民", "客户身份=政协委员"],
                &["按月抽样: 用电服务回访 #1 11-21 09:00..12-10 09:00"],
            ),
            // R028: at least once a year.
            (
                "discharge",
                "2026-11-20 09:00:00",
                &["业务类型=大电力客户"],
                &[
                    "大电力客户: 大客户回访 #1 12-20 10:00..12-20 09:00",
                    "大电力客户: 大客户回访 #2 12-20 10:00..12-20 09:00",
                    "大电力客户: 大客户回访 #3 12-20 10:00..12-20 09:00",
                ],
            ),
            ("discharge", "2026-11-20 09:00:00", &["业务类型=其他"], &[]),
        ],
    );
    let set = set(POWER);
    let sample = set.rule("按月抽样").unwrap().sample.clone().unwrap();
    let share = |stratum: &str| sample.fraction_of(stratum).to_string();
    assert_eq!(
        (share("居民"), share("大工业"), share("?")),
        ("1%".into(), "10%".into(), "10%".into())
    );
    assert!(sample.fraction < Fraction::ALL);
}

#[test]
fn a_car_workshop_calls_within_ten_days_and_reminds_a_month_ahead() {
    holds(
        CARS,
        &Switches::none(),
        &[
            // R032, R013.
            (
                "discharge",
                "2026-11-02 16:20:00",
                &["业务类型=有偿维修", "保险到期=2026-12-31", "保养到期=2027-02-01"],
                &[
                    "修后回访: 维修回访 #1 11-05 09:30..11-12 16:20",
                    "保险到期: 到期提醒 #1 11-30 10:00..12-31 00:00",
                    "保养到期: 到期提醒 #2 01-25 10:00..02-01 00:00",
                ],
            ),
            (
                "discharge",
                "2026-11-02 16:20:00",
                &["业务类型=三包"],
                &["修后回访: 维修回访 #1 11-05 09:30..11-12 16:20"],
            ),
            ("discharge", "2026-11-02 16:20:00", &["业务类型=洗车"], &[]),
        ],
    );
}

#[test]
fn property_repairs_are_followed_up_in_two_three_and_seven_days() {
    holds(
        PROPERTY,
        &Switches::none(),
        &[
            // R034.
            (
                "discharge",
                "2026-11-02 16:00:00",
                &["报修类别=消防", "管理处=东苑"],
                &[
                    "安全设施: 物业维修回访 #1 11-02 16:00..11-04 16:00",
                    "每月复核: waits for the draw of 2026-11 in stratum 东苑",
                ],
            ),
            (
                "discharge",
                "2026-11-02 16:00:00",
                &["报修类别=漏水", "管理处=东苑"],
                &[
                    "漏水: 物业维修回访 #1 11-03 16:00..11-05 16:00",
                    "每月复核: waits for the draw of 2026-11 in stratum 东苑",
                ],
            ),
            // R033.
            (
                "discharge",
                "2026-11-02 16:00:00",
                &["报修类别=门窗"],
                &[
                    "一般维修: 物业维修回访 #1 11-04 16:00..11-09 16:00",
                    "每月复核: waits for the draw of 2026-11 in stratum ?",
                ],
            ),
        ],
    );
}

#[test]
fn every_complaint_is_followed_up_within_a_week() {
    holds(
        COMPLAINTS,
        &Switches::none(),
        &[
            // R054, R044.
            (
                "discharge",
                "2026-11-02 16:00:00",
                &["类别=投诉"],
                &["投诉: 投诉回访 #1 11-02 16:00..11-09 16:00"],
            ),
            // R056.
            (
                "discharge",
                "2026-11-02 16:00:00",
                &["类别=不满意"],
                &["不满意: 不满意回访 #1 11-03 16:00..11-09 16:00"],
            ),
            ("discharge", "2026-11-02 16:00:00", &["类别=咨询"], &[]),
        ],
    );
}

#[test]
fn reminders_come_the_day_before_and_greetings_on_the_day() {
    holds(
        REMINDERS,
        &Switches::none(),
        &[
            // R042, R043.
            (
                "outpatient_visit",
                "2026-11-20 09:00:00",
                &["复诊日期=2026-12-04", "birth=1958-11-25", "deceased=no"],
                &[
                    "复诊提醒: 复诊提醒 #1 12-03 16:00..12-04 00:00",
                    "生日问候: 生日问候 #1 11-25 10:00..11-26 00:00",
                ],
            ),
            // R040.
            (
                "outpatient_visit",
                "2026-11-20 09:00:00",
                &["合同到期=2027-03-31"],
                &["合同到期: 合同到期提醒 #1 02-28 09:30..03-31 00:00"],
            ),
            (
                "discharge",
                "2026-11-20 09:00:00",
                &["birth=1958-11-25", "deceased=yes"],
                &[],
            ),
        ],
    );
}
