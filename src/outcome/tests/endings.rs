//! Endings as people would tell them.

use super::*;

#[test]
fn every_final_status_with_every_cause_is_judged_and_never_as_answered() {
    for status in 300..=699 {
        assert!(!judge(&refused(status)).disposition.is_answered());
        for q850 in 0..=127 {
            let plain = with_q850(refused(status), q850);
            let rung = after_ringing(plain.clone(), 8_000);
            for facts in [plain, rung] {
                let verdict = judge(&facts);
                assert!(!verdict.disposition.is_answered(), "{facts:?} {verdict:?}");
                assert!(RULES.iter().any(|rule| rule.id == verdict.rule), "{verdict:?}");
            }
        }
    }
}

#[test]
fn a_cause_goes_before_the_status() {
    assert_eq!(judge(&refused(480)).disposition, Disposition::Unreachable);
    assert_eq!(judge(&with_q850(refused(480), 20)).disposition, Disposition::PowerOff);
    assert_eq!(judge(&with_q850(refused(404), 17)).disposition, Disposition::Busy);
}

#[test]
fn a_cause_that_says_nothing_leaves_it_to_the_status() {
    for empty in [0, 16, 31, 127] {
        assert_eq!(judge(&with_q850(refused(404), empty)).disposition, Disposition::Vacant);
    }
}

#[test]
fn busy_after_ringing_is_a_declined_call_and_after_long_ringing_nobody() {
    assert_eq!(judge(&after_ringing(refused(486), 500)).disposition, Disposition::Busy);
    assert_eq!(
        judge(&after_ringing(refused(486), 8_000)).disposition,
        Disposition::Rejected
    );
    assert_eq!(
        judge(&after_ringing(refused(486), 50_000)).disposition,
        Disposition::NoAnswer
    );
}

#[test]
fn an_announcement_before_busy_is_not_ringing() {
    let facts = Facts {
        provisional: vec![100, 183],
        early_media: true,
        pdd_ms: Some(1_200),
        ring_ms: Some(9_000),
        ..refused(486)
    };
    assert_eq!(judge(&facts).disposition, Disposition::Busy);
}

#[test]
fn the_far_ends_own_reason_goes_before_our_cancel() {
    let crossed = ended_by_us(after_ringing(refused(404), 45_000), OurReason::RingLimit);
    assert_eq!(judge(&crossed).disposition, Disposition::Vacant);
}

#[test]
fn a_vendors_own_code_is_read_by_the_table_of_its_trunk() {
    let rows = [
        (Some(432), None, Disposition::PowerOff),
        (Some(433), None, Disposition::Vacant),
        (Some(480), Some(31), Disposition::Suspended),
        (None, Some(31), Disposition::Unreachable),
    ];
    let row = |(status, q850, disposition)| CauseRow {
        status,
        q850,
        disposition,
    };
    let table = CauseTable::new(rows.map(row).to_vec()).unwrap();
    assert_eq!(classify(&refused(433), &table).disposition, Disposition::Vacant);
    assert_eq!(judge(&refused(433)).disposition, Disposition::CallerIdBad);
    assert_eq!(
        classify(&with_q850(refused(480), 31), &table).disposition,
        Disposition::Suspended
    );
    assert_eq!(
        classify(&with_q850(refused(404), 31), &table).disposition,
        Disposition::Unreachable
    );
    let ours = ended_by_us(after_ringing(with_q850(refused(487), 31), 45_000), OurReason::RingLimit);
    assert_eq!(classify(&ours, &table).disposition, Disposition::NoAnswer);
}

#[test]
fn a_cause_table_that_cannot_work_is_refused() {
    let row = |status, q850, disposition| CauseRow {
        status,
        q850,
        disposition,
    };
    let fault = |rows: Vec<CauseRow>| CauseTable::new(rows).unwrap_err();
    assert_eq!(fault(vec![row(None, None, Disposition::Busy)]), CauseError::NoEvidence);
    assert_eq!(
        fault(vec![row(Some(200), None, Disposition::Busy)]),
        CauseError::Status(200)
    );
    assert_eq!(
        fault(vec![row(None, Some(128), Disposition::Busy)]),
        CauseError::Q850(128)
    );
    assert_eq!(
        fault(vec![row(Some(432), None, Disposition::Completed)]),
        CauseError::Answered("completed")
    );
    let twice = row(Some(432), None, Disposition::Busy);
    assert_eq!(
        fault(vec![twice, twice]),
        CauseError::Twice {
            status: Some(432),
            q850: None
        }
    );
}

#[test]
fn our_own_endings_are_never_the_patients() {
    use OurReason::{NoCommonCodec, OwnFault, Stopped, StoreFailed};
    for reason in [StoreFailed, OwnFault, Stopped, NoCommonCodec] {
        for facts in [answered(3, 2, (2, 8), End::HungUp), refused(487), Facts::default()] {
            assert!(judge(&ended_by_us(facts, reason)).disposition.is_ours(), "{reason:?}");
        }
    }
}

#[test]
fn who_has_answered_everything_has_completed_however_the_call_ends() {
    for reason in [OurReason::MediaLost, OurReason::StoreFailed, OurReason::CallLimit] {
        let facts = ended_by_us(answered(9, 8, (8, 8), End::HungUp), reason);
        assert_eq!(judge(&facts).disposition, Disposition::Completed);
    }
}

#[test]
fn who_refuses_every_question_has_not_completed() {
    assert_eq!(
        judge(&answered(8, 0, (0, 8), End::Completed)).disposition,
        Disposition::BreakOff
    );
    assert_eq!(
        judge(&answered(8, 4, (4, 8), End::Completed)).disposition,
        Disposition::Partial
    );
    assert_eq!(
        judge(&answered(0, 0, (0, 0), End::Completed)).disposition,
        Disposition::Silent
    );
}

#[test]
fn nothing_known_is_unknown() {
    assert_eq!(judge(&Facts::default()).rule, "nothing-known");
    assert_eq!(judge(&Facts::default()).disposition, Disposition::Unknown);
}

#[test]
fn facts_of_an_older_version_are_still_read() {
    let facts: Facts = serde_json::from_str(r#"{"final_status":480,"q850":20}"#).unwrap();
    assert_eq!(judge(&facts).disposition, Disposition::PowerOff);
}

#[test]
fn a_verdict_is_one_plain_sentence() {
    let facts = Facts {
        phrase: "Temporarily Unavailable".into(),
        ..with_q850(refused(480), 20)
    };
    let verdict = judge(&facts);
    assert_eq!(
        explain(&facts, &verdict, Language::En),
        "power_off: the phone is switched off or not registered (cause 20); status 480 Temporarily Unavailable, \
         Q.850 20 (by rule q850-20-subscriber-absent)."
    );
    assert_eq!(
        explain(&facts, &verdict, Language::Zh),
        "关机：手机关机或未注册（原因值 20）；状态 480 Temporarily Unavailable，Q.850 20（规则 \
         q850-20-subscriber-absent）。"
    );
}

#[test]
fn a_reason_phrase_brings_neither_numbers_nor_escapes_into_the_sentence() {
    let told = |phrase: &str| {
        let facts = Facts {
            phrase: phrase.into(),
            ..refused(404)
        };
        explain(&facts, &judge(&facts), Language::En)
    };
    assert!(told("no user 13812341234").contains("status 404 (by"));
    assert!(told("\u{1b}[2JNot Found").contains("status 404 [2JNot Found (by"));
}
