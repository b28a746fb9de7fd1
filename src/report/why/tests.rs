//! Golden sentences: each situation in both languages, as `golden.txt` has them; and the lines under one of them.

use std::time::Duration;

use super::*;
use crate::calendar::DEFAULT_ZONE;
use crate::dialer::claim::{Checked, Decision, Why};
use crate::dialer::{DayPart, Direction, Listed, Outcome, PatientState};
use crate::ids::{AttemptId, CaseId, NumberId};
use crate::moment::Wall;
use crate::outcome::{Disposition, Language};

/// 2026-11-23 10:00 in Shanghai, a Monday.
const NOW: Wall = Wall::from_millis(1_795_399_200_000);

fn hours(n: u64) -> Duration {
    Duration::from_secs(3600 * n)
}

/// An open case, due an hour ago, never tried, in a campaign that dials.
fn due() -> CaseFacts {
    CaseFacts {
        case: CaseId(7),
        campaign: "出院满意度".to_owned(),
        visit_no: "V0007".to_owned(),
        department: Some("心内科".to_owned()),
        rules: Vec::new(),
        due: NOW - hours(1),
        next_at: NOW - hours(1),
        deadline: Some(NOW + hours(72)),
        appointment: None,
        priority: 0,
        counted: 0,
        budget: Some(3),
        closed: None,
        attempts: Vec::new(),
        decisions: Vec::new(),
        present: Present {
            at: NOW,
            is_leased: false,
            decision: Some(Decision {
                why: Why::Due,
                checked: Checked::Dial { number: NumberId(1) },
            }),
            opens: Some(NOW),
            ahead: 12,
            campaign: CampaignStanding::Running,
            bars: Vec::new(),
        },
    }
}

fn with(change: impl FnOnce(&mut CaseFacts)) -> CaseFacts {
    let mut case = due();
    change(&mut case);
    case
}

fn attempt(n: i64, begun: Wall, disposition: Option<Disposition>) -> AttemptFacts {
    AttemptFacts {
        attempt: AttemptId(n),
        direction: Direction::Out,
        begun,
        answered: None,
        ended: disposition.map(|_| begun + Duration::from_secs(40)),
        number: "138****0001".to_owned(),
        trunk: "north".to_owned(),
        disposition,
        rule: disposition.map(|disposition| format!("sip_{}", disposition.as_str())),
    }
}

/// Tried so often, an hour apart, the last one half an hour ago.
fn tried(case: &mut CaseFacts, dispositions: &[Disposition]) {
    let first = NOW - hours(dispositions.len() as u64) + Duration::from_secs(1800);
    case.attempts = (1..)
        .zip(dispositions)
        .map(|(n, disposition)| attempt(n, first + hours(n.unsigned_abs() - 1), Some(*disposition)))
        .collect();
    case.counted = u16::try_from(dispositions.len()).unwrap();
}

/// The patient called us that often, the last of the attempts; ours came before.
fn called_in(case: &mut CaseFacts, last: usize) {
    for attempt in case.attempts.iter_mut().rev().take(last) {
        attempt.direction = Direction::In;
        case.counted -= 1;
    }
}

fn hold(case: &mut CaseFacts, why: Why, until: Wall) {
    let checked = Checked::Hold { until };
    case.present.decision = Some(Decision { why, checked });
    case.next_at = until;
}

fn close(case: &mut CaseFacts, why: Why, outcome: Outcome) {
    let checked = Checked::Close { outcome };
    case.present.decision = Some(Decision { why, checked });
}

fn ended(outcome: Outcome, why: Option<Why>, dispositions: &[Disposition]) -> CaseFacts {
    with(|case| {
        tried(case, dispositions);
        case.present.decision = None;
        if outcome == Outcome::Expired {
            case.deadline = Some(NOW - Duration::from_secs(900));
        }
        let at = NOW - Duration::from_secs(600);
        case.closed = Some(Closed { outcome, at, why });
    })
}

fn situations() -> Vec<(&'static str, CaseFacts)> {
    use Disposition::{Busy, Completed, NoAnswer, OptOut, Partial, Vacant};
    vec![
        ("due, twelve in front", due()),
        ("due, the next one", with(|case| case.present.ahead = 0)),
        ("due after a busy line", with(|case| tried(case, &[Busy]))),
        (
            "due, the windows are closed",
            with(|case| case.present.opens = Some(NOW + hours(4))),
        ),
        (
            "held until the windows open",
            with(|case| {
                hold(case, Why::WindowClosed, NOW + hours(4));
                case.present.opens = Some(NOW + hours(4));
            }),
        ),
        (
            "held, landlines are not called now",
            with(|case| hold(case, Why::WindowClosed, NOW + hours(8))),
        ),
        ("due, no window ever", with(|case| case.present.opens = None)),
        (
            "due, the campaign is a draft",
            with(|case| case.present.campaign = CampaignStanding::Draft),
        ),
        (
            "due, the campaign is paused",
            with(|case| case.present.campaign = CampaignStanding::Paused { since: NOW - hours(2) }),
        ),
        (
            "due, the campaign is stopped",
            with(|case| case.present.campaign = CampaignStanding::Stopped),
        ),
        (
            "due, the database is frozen",
            with(|case| case.present.bars = vec![Bar::Frozen]),
        ),
        ("due, no daemon", with(|case| case.present.bars = vec![Bar::NoDaemon])),
        (
            "due, new calls are held",
            with(|case| {
                case.present.bars = vec![Bar::Held {
                    by: "disk full".to_owned(),
                }]
            }),
        ),
        (
            "due, the trunk is down",
            with(|case| {
                let trunks = vec!["north".to_owned(), "south".to_owned()];
                case.present.bars = vec![Bar::TrunksDown { trunks }];
            }),
        ),
        (
            "the campaign's file cannot be read",
            with(|case| {
                case.budget = None;
                case.present.decision = None;
                case.present.bars = vec![Bar::Unreadable];
            }),
        ),
        ("leased", with(|case| case.present.is_leased = true)),
        (
            "being called",
            with(|case| case.attempts = vec![attempt(1, NOW - Duration::from_secs(20), None)]),
        ),
        (
            "not due yet",
            with(|case| {
                case.due = NOW + hours(24);
                hold(case, Why::NotYet, NOW + hours(24));
            }),
        ),
        (
            "waits after two attempts",
            with(|case| {
                tried(case, &[NoAnswer, Busy]);
                hold(case, Why::NotYet, NOW + hours(3));
            }),
        ),
        (
            "an appointment to come",
            with(|case| {
                tried(case, &[Disposition::Appointment]);
                case.appointment = Some(NOW + hours(7));
                hold(case, Why::NotYet, NOW + hours(7) - Duration::from_secs(900));
            }),
        ),
        (
            "held, in hospital again",
            with(|case| hold(case, Why::State(PatientState::Readmitted), NOW + hours(24))),
        ),
        (
            "held before, and not looked at since",
            with(|case| {
                let until = NOW + hours(5);
                case.decisions = vec![DecisionFacts {
                    at: NOW - hours(1),
                    why: Why::NumberCapped,
                    until: Some(until),
                }];
                tried(case, &[NoAnswer]);
                case.attempts[0].begun = NOW - hours(2);
                hold(case, Why::NotYet, until);
            }),
        ),
        (
            "held, the number is being called",
            with(|case| hold(case, Why::NumberLocked, NOW + Duration::from_secs(60))),
        ),
        (
            "held, tried enough in the morning",
            with(|case| {
                tried(case, &[NoAnswer, NoAnswer]);
                hold(case, Why::PartUsed(DayPart::Morning), NOW + hours(4));
            }),
        ),
        (
            "held, the patient was called enough",
            with(|case| hold(case, Why::PatientCapped, NOW + hours(24))),
        ),
        (
            "will be closed, on the do-not-call list",
            with(|case| close(case, Why::DoNotCall(Listed::Always), Outcome::NotEligible)),
        ),
        (
            "will be closed, too late",
            with(|case| {
                tried(case, &[Busy]);
                close(case, Why::TooLate, Outcome::Expired);
            }),
        ),
        ("completed", ended(Outcome::Completed, None, &[NoAnswer, Completed])),
        ("partial", ended(Outcome::Partial, None, &[Partial])),
        ("opted out", ended(Outcome::Refused, None, &[OptOut])),
        (
            "not reached",
            ended(Outcome::NotReached, Some(Why::BudgetUsed), &[NoAnswer, Busy, NoAnswer]),
        ),
        ("number dead, tried", ended(Outcome::NumberDead, None, &[Vacant])),
        (
            "number dead, no number",
            ended(Outcome::NumberDead, Some(Why::NumberDead), &[]),
        ),
        (
            "not eligible, died",
            ended(Outcome::NotEligible, Some(Why::State(PatientState::Deceased)), &[]),
        ),
        (
            "not eligible, do-not-call of this campaign",
            ended(
                Outcome::NotEligible,
                Some(Why::DoNotCall(Listed::Campaign)),
                &[NoAnswer],
            ),
        ),
        ("expired, never tried", ended(Outcome::Expired, Some(Why::TooLate), &[])),
        (
            "expired, tried",
            ended(Outcome::Expired, Some(Why::TooLate), &[Busy, Busy]),
        ),
        ("withdrawn", ended(Outcome::Withdrawn, None, &[])),
        (
            "the patient is on the line, having called us",
            with(|case| {
                case.attempts = vec![attempt(1, NOW - Duration::from_secs(20), None)];
                case.attempts[0].direction = Direction::In;
            }),
        ),
        (
            "due after a call to us",
            with(|case| {
                tried(case, &[Disposition::EarlyHangup]);
                called_in(case, 1);
            }),
        ),
        (
            "waits after an attempt and a call to us",
            with(|case| {
                tried(case, &[NoAnswer, Disposition::EarlyHangup]);
                called_in(case, 1);
                hold(case, Why::NotYet, NOW + hours(3));
            }),
        ),
        (
            "waits after a call to us and an attempt",
            with(|case| {
                tried(case, &[Disposition::EarlyHangup, Busy]);
                case.attempts[0].direction = Direction::In;
                case.counted = 1;
                hold(case, Why::NotYet, NOW + hours(3));
            }),
        ),
        ("completed by a call to us", {
            let mut case = ended(Outcome::Completed, None, &[NoAnswer, Completed]);
            called_in(&mut case, 1);
            case
        }),
        ("completed by an attempt after calls to us", {
            let mut case = ended(Outcome::Completed, None, &[Partial, Partial, Completed]);
            case.attempts[0].direction = Direction::In;
            case.attempts[1].direction = Direction::In;
            case
        }),
        ("opted out by a call to us", {
            let mut case = ended(Outcome::Refused, None, &[OptOut]);
            called_in(&mut case, 1);
            case
        }),
        (
            "closed, whatever else stands",
            with(|case| {
                *case = ended(Outcome::Completed, None, &[Completed]);
                case.present.campaign = CampaignStanding::Stopped;
                case.present.bars = vec![Bar::NoDaemon];
            }),
        ),
    ]
}

#[test]
fn every_situation_has_its_sentence_in_both_languages() {
    let mut said = String::new();
    for (name, case) in situations() {
        let zh = sentence(&case, DEFAULT_ZONE, Language::Zh);
        let en = sentence(&case, DEFAULT_ZONE, Language::En);
        said.push_str(&format!("# {name}\n{zh}\n{en}\n\n"));
    }
    assert_eq!(said.trim_end(), include_str!("golden.txt").trim_end(), "\n{said}");
}

#[test]
fn a_patient_without_any_follow_up_gets_one_sentence() {
    let known = |visits: Vec<VisitFacts>| Known {
        patient: PatientFacts::default(),
        cases: Vec::new(),
        visits,
    };
    let visit = VisitFacts {
        visit_no: "V0007".to_owned(),
        department: None,
        discharged: None,
        rules: Vec::new(),
    };
    for (visits, zh, en) in [
        (
            vec![],
            "没有拨打：系统里没有这位患者的就诊记录，也没有回访个案。",
            "Not called: there is no visit of this patient, and no follow-up.",
        ),
        (
            vec![visit],
            "没有拨打：1 次就诊都没有回访个案，没有任务收入过。",
            "Not called: no campaign has taken up the one visit of this patient.",
        ),
    ] {
        let said = |language| answer(known(visits.clone()), DEFAULT_ZONE, language).sentence;
        assert_eq!(said(Language::Zh).as_deref(), Some(zh));
        assert_eq!(said(Language::En).as_deref(), Some(en));
    }
}

#[test]
fn every_reason_has_words_in_both_languages() {
    for why in Why::ALL {
        assert!(!words(why, Language::En).is_empty());
        assert!(!words(why, Language::Zh).is_ascii(), "{}", why.as_str());
    }
}

#[test]
fn the_facts_stand_under_the_sentence_in_the_order_of_time() {
    let case = with(|case| {
        tried(case, &[Disposition::NoAnswer, Disposition::Busy]);
        case.attempts[0].answered = Some(case.attempts[0].begun + Duration::from_secs(10));
        let mut came_in = attempt(3, NOW - Duration::from_secs(900), Some(Disposition::EarlyHangup));
        came_in.direction = Direction::In;
        case.attempts.push(came_in);
        case.decisions = vec![DecisionFacts {
            at: NOW - hours(1),
            why: Why::NumberCapped,
            until: Some(NOW),
        }];
    });
    let known = Known {
        patient: PatientFacts {
            patient_no: Some("P0007".to_owned()),
            name: Some("张*国".to_owned()),
            states: vec![StateFacts {
                state: PatientState::ComplaintOpen,
                since: Some(NOW - hours(1)),
                until: None,
                source: "patient set".to_owned(),
            }],
            numbers: vec![NumberFacts {
                number: "138****0001".to_owned(),
                rank: 0,
                owner: Some("kin".to_owned()),
                relation: Some("女儿".to_owned()),
                state: "ok".to_owned(),
                listed: vec![ListedFacts {
                    only: None,
                    since: NOW - hours(1),
                    until: None,
                    source: "dnc add".to_owned(),
                }],
            }],
            listed: Vec::new(),
        },
        cases: vec![case],
        visits: Vec::new(),
    };
    let zh = answer(known.clone(), DEFAULT_ZONE, Language::Zh);
    assert_eq!(
        facts_under(&zh, DEFAULT_ZONE, Language::Zh).join("\n"),
        "患者 P0007 张*国
  状态：投诉未结 2026-11-23 09:00 起 [patient set]
  号码：138****0001 女儿 可拨, 免打扰 全部来电 2026-11-23 09:00 起 [dnc add]

[出院满意度 个案 7] 打过 2 次，患者 2026-11-23 09:45 来电，接通即挂，该拨打了，前面还有 12 个。
  就诊：V0007 心内科
  应回访：2026-11-23 09:00
  期限：2026-11-26 10:00
  任务：运行中，现在可拨打
  计入次数：2 / 3
  拨打：2026-11-23 08:30 138****0001 north 无人接听（规则 sip_no_answer），通话 30 秒
  拨打：2026-11-23 09:30 138****0001 north 占线（规则 sip_busy）
  来电：2026-11-23 09:45 138****0001 north 接通即挂（规则 sip_early_hangup）
  判断：2026-11-23 09:00 该号码近期呼叫次数已满，至 2026-11-23 10:00
  下次查看：2026-11-23 09:00"
    );
    let en = answer(known, DEFAULT_ZONE, Language::En);
    let lines = facts_under(&en, DEFAULT_ZONE, Language::En);
    assert_eq!(lines[1], "  state: complaint open since 2026-11-23 09:00 [patient set]");
    let called_us = "  called us: 2026-11-23 09:45 138****0001 north early hangup (rule sip_early_hangup)";
    assert!(lines.iter().any(|line| line == called_us), "{lines:#?}");
    let json = serde_json::to_value(&en).unwrap();
    assert_eq!(json["cases"][0]["decisions"][0]["why"], "number_capped");
    assert_eq!(json["cases"][0]["present"]["decision"]["then"], "dial");
    assert_eq!(json["patient"]["states"][0]["state"], "complaint_open");
}
