//! Window: no attempt is begun outside the calling windows, of the campaign and of the kind of number.

use super::view::View;
use super::{Attempt, Breach, Campaign, RuleResult, Said};
use crate::calendar::Gate;

pub(super) fn check(view: &View<'_>, result: &mut RuleResult) {
    for (attempt, campaign) in view.tonight() {
        result.check(outside(attempt, campaign));
    }
}

fn outside(attempt: &Attempt, campaign: &Campaign) -> Option<Breach> {
    let is_open = |gate| match gate {
        Gate::Open { from, until } => from <= attempt.begun && attempt.begun < until,
        Gate::Closed { .. } => false,
    };
    let of_campaign = is_open(campaign.schedule.gate(attempt.begun));
    let of_kind = is_open(campaign.schedule.gate_for(attempt.number.kind(), attempt.begun));
    let what = match (of_campaign, of_kind) {
        (true, true) => return None,
        (false, _) => Said::new("在呼叫时段之外拨打", "dialed outside the windows"),
        (true, false) => Said::new(
            "此类号码当时不在呼叫时段",
            "dialed when numbers of its kind have no window",
        ),
    };
    Some(Breach::by(attempt, what))
}
