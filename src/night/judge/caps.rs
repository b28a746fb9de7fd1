//! Caps: how often a number may be called, and a patient tried, within any stretch of time.

use super::view::View;
use super::{Attempt, Breach, RuleResult, Said};
use crate::dialer::Cap;

/// Every call to a number is one, by any campaign and by hand; what was given up before its INVITE is none.
pub(super) fn check_numbers(view: &View<'_>, result: &mut RuleResult) {
    for (attempt, campaign) in view.tonight().filter(|(attempt, _)| !attempt.given_up) {
        let same = view.by_number.get(&attempt.number).map_or(&[][..], Vec::as_slice);
        for cap in &campaign.limits.number {
            // The attempt itself is one of them.
            let before = within(same, *cap, attempt, |other| {
                other.begun <= attempt.begun && other.id < attempt.id
            });
            result.check((before >= usize::from(cap.most)).then(|| broken(attempt, *cap, before + 1, WHOSE_NUMBER)));
        }
    }
}

/// Attempts that count and had ended; an attempt at the time that the patient asked for goes before this limit.
pub(super) fn check_patients(view: &View<'_>, result: &mut RuleResult) {
    for (attempt, campaign) in view.tonight() {
        let Some(patient) = attempt.patient else { continue };
        let same = view.by_patient.get(&patient).map_or(&[][..], Vec::as_slice);
        if view.is_appointment(attempt) {
            continue;
        }
        for cap in &campaign.limits.patient {
            let counts = |other: &Attempt| other.id < attempt.id && other.counts() && other.had_ended(attempt.begun);
            let before = within(same, *cap, attempt, counts);
            result.check((before >= usize::from(cap.most)).then(|| broken(attempt, *cap, before + 1, WHOSE_PATIENT)));
        }
    }
}

/// How many of the attempts began within the cap's stretch before this one and are to be counted.
fn within(attempts: &[&Attempt], cap: Cap, attempt: &Attempt, counts: impl Fn(&Attempt) -> bool) -> usize {
    let since = attempt.begun - cap.within;
    let first = attempts.partition_point(|other| other.begun <= since);
    let last = attempts.partition_point(|other| other.begun <= attempt.begun);
    let stretch = attempts.get(first..last).unwrap_or_default();
    stretch.iter().filter(|other| counts(other)).count()
}

type Whose = (&'static str, &'static str);
const WHOSE_NUMBER: Whose = ("该号码", "this number");
const WHOSE_PATIENT: Whose = ("该患者", "this patient");

fn broken(attempt: &Attempt, cap: Cap, times: usize, (zh, en): Whose) -> Breach {
    let minutes = cap.within.as_secs() / 60;
    let most = cap.most;
    let what = Said::new(
        format!("{minutes} 分钟内第 {times} 次呼叫{zh},上限 {most} 次"),
        format!("call {times} to {en} within {minutes} min, {most} are allowed"),
    );
    Breach::by(attempt, what)
}
