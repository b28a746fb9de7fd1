//! Window: no attempt is begun outside the calling windows, of the campaign and of the kind of number.

use chrono::Timelike;

use super::view::View;
use super::{Attempt, Breach, Campaign, RuleResult, Said};
use crate::calendar::{Gate, Hours, local};

pub(super) fn check(view: &View<'_>, result: &mut RuleResult) {
    for (attempt, campaign) in view.tonight() {
        let breach = match view.is_appointment(attempt) {
            true => at_an_hour_for_nobody(attempt, campaign),
            false => outside(attempt, campaign),
        };
        result.check(breach);
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

/// At the time that a patient asked for the campaign's windows do not hold, but from 21:00 to 8:00 nobody is called.
fn at_an_hour_for_nobody(attempt: &Attempt, campaign: &Campaign) -> Option<Breach> {
    let hour = local(attempt.begun, campaign.schedule.zone).hour();
    let is_night = campaign.schedule.hours == Hours::Windows && !(8..21).contains(&hour);
    let what = || {
        Said::new(
            "8:00-21:00 之外,预约也不得拨打",
            "dialed outside 08:00-21:00, where appointments are not kept either",
        )
    };
    is_night.then(|| Breach::by(attempt, what()))
}
