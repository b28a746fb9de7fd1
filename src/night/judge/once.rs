//! Once: no case has two attempts at a time, and no number is rung twice at once or while its last call may be up.

use super::evidence::UNDER_WAY;
use super::view::View;
use super::{Attempt, Breach, RuleResult, Said};

pub(super) fn check_cases(view: &View<'_>, result: &mut RuleResult) {
    for (attempt, _) in view.tonight() {
        let same = attempt.case.and_then(|case| view.by_case.get(&case));
        let other = under_way(view, attempt, same.map_or(&[][..], Vec::as_slice));
        let what = || {
            Said::new(
                "同一个案的上一次尝试尚未结束",
                "an earlier attempt of the case was not over",
            )
        };
        result.check(other.map(|other| Breach::by(attempt, what()).with(other)));
    }
}

pub(super) fn check_numbers(view: &View<'_>, result: &mut RuleResult) {
    for (attempt, _) in view.tonight() {
        let same = view.by_number.get(&attempt.number).map_or(&[][..], Vec::as_slice);
        let twice = under_way(view, attempt, same).map(|other| {
            let what = Said::new("该号码正在被另一次尝试呼叫", "another attempt was calling this number");
            Breach::by(attempt, what).with(other)
        });
        let breach = twice.or_else(|| {
            let locks = |other: &&&Attempt| {
                other.id < attempt.id
                    && other
                        .locked_until
                        .is_some_and(|until| attempt.begun + UNDER_WAY < until)
            };
            let other = same.iter().find(locks).filter(|_| !view.is_doubtful(attempt.begun))?;
            let what = Said::new(
                "该号码上一次呼叫可能还在振铃(锁定中)",
                "the last call to this number might still have been up: it was locked",
            );
            Some(Breach::by(attempt, what).with(other))
        });
        result.check(breach);
    }
}

/// An attempt that was begun before this one and was not over when this one began.
fn under_way<'a>(view: &View<'_>, attempt: &Attempt, same: &[&'a Attempt]) -> Option<&'a Attempt> {
    if view.is_doubtful(attempt.begun) {
        return None;
    }
    let overlaps =
        |other: &&&Attempt| other.id < attempt.id && other.begun <= attempt.begun && attempt.begun < other.over();
    same.iter().find(overlaps).copied()
}
