//! Deadline: nobody is dialed once it is too late.

use super::view::View;
use super::{Breach, RuleResult, Said};

pub(super) fn check(view: &View<'_>, result: &mut RuleResult) {
    for (attempt, _) in view.tonight() {
        let case = attempt.case.and_then(|case| view.cases.get(&case));
        let Some(deadline) = case.and_then(|case| case.deadline) else {
            continue;
        };
        let what = || Said::new("期限已过,仍然拨打", "dialed past the deadline");
        result.check((attempt.begun >= deadline).then(|| Breach::by(attempt, what())));
    }
}
