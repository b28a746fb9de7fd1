//! Single calls: what a bearing comes to is said by the shipped table, and it is what was meant.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::super::bearing::Bearing;
use super::super::calls::Course;
use super::super::chance::stream;
use super::super::talk::Questionnaire;
use super::house::plan;
use crate::dialer::RingLimits;
use crate::outcome::{CauseTable, Disposition, classify};

fn questionnaire() -> Questionnaire {
    Questionnaire::new(Arc::new(plan()), &BTreeMap::new())
}

fn call(meant: Disposition, seed: u64) -> (Course, Disposition) {
    let mut chance = stream(seed, &[]);
    let bearing = Bearing::draw(meant, &mut chance);
    let course = Course::of(
        bearing,
        RingLimits::default(),
        Some(&questionnaire()),
        None,
        &mut chance,
    );
    let disposition = classify(&course.facts, &CauseTable::default()).disposition;
    (course, disposition)
}

/// How often, of a hundred calls meant so, the table says so.
fn hits(meant: Disposition) -> usize {
    (0..100).filter(|seed| call(meant, *seed).1 == meant).count()
}

#[test]
fn calls_that_are_not_answered_end_as_they_are_meant_to() {
    use Disposition::*;
    for meant in [
        NoAnswer,
        Busy,
        Rejected,
        PowerOff,
        Unreachable,
        Suspended,
        Vacant,
        NumberChanged,
        BarredIn,
        Blocked,
        ForwardedFail,
        NetworkBusy,
        OwnLineFault,
        CallerIdBad,
        Misdialled,
        Unknown,
    ] {
        assert_eq!(hits(meant), 100, "{meant:?}");
    }
}

#[test]
fn answered_calls_mostly_end_as_they_are_meant_to() {
    use Disposition::*;
    for meant in [
        Completed,
        Partial,
        Refused,
        OptOut,
        BreakOff,
        EarlyHangup,
        Silent,
        ThirdParty,
        WrongNumber,
    ] {
        assert!(hits(meant) > 80, "{meant:?}: {}", hits(meant));
    }
}

#[test]
fn an_answered_call_lasts_as_long_as_its_prompts_and_keys() {
    for seed in 0..50 {
        let (course, disposition) = call(Disposition::Completed, seed);
        let talk = Duration::from_millis(u64::from(course.facts.talk_ms.unwrap()));
        if disposition == Disposition::Completed {
            assert!((20..240).contains(&talk.as_secs()), "{talk:?} {}", course.said);
        }
        let (_, again) = call(Disposition::Completed, seed);
        assert_eq!(again, disposition, "the same seed gives the same call");
    }
}

#[test]
fn nobody_rings_longer_than_the_campaign_allows() {
    let limits = RingLimits {
        from_ringing: Duration::from_secs(10),
        from_invite: Duration::from_secs(12),
    };
    for seed in 0..100 {
        let mut chance = stream(seed, &[]);
        let bearing = Bearing::draw(Disposition::NoAnswer, &mut chance);
        let course = Course::of(bearing, limits, None, None, &mut chance);
        assert!(course.lasts <= limits.from_invite, "{:?}", course.lasts);
        let verdict = classify(&course.facts, &CauseTable::default());
        assert_eq!(verdict.disposition, Disposition::NoAnswer, "{:?}", course.facts);
    }
}
