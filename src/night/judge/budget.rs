//! Budget: how often a case may be tried in all, in one day and in one part of the day, by attempts that count. An
//! appointment goes before all of them.

use chrono::{NaiveDateTime, Timelike};

use super::view::View;
use super::{Attempt, Breach, Campaign, RuleResult, Said};
use crate::calendar::local;
use crate::dialer::DayPart;

pub(super) fn check(view: &View<'_>, result: &mut RuleResult) {
    for (attempt, campaign) in view.tonight() {
        let same = attempt.case.and_then(|case| view.by_case.get(&case));
        let before: Vec<&Attempt> = same
            .into_iter()
            .flatten()
            .copied()
            .filter(|other| other.id < attempt.id && other.counts())
            .collect();
        let breach = match view.is_appointment(attempt) {
            true => None,
            false => of_case(campaign, before.len()).or_else(|| of_day(attempt, campaign, &before)),
        };
        result.check(breach.map(|what| Breach::by(attempt, what)));
    }
}

fn of_case(campaign: &Campaign, used: usize) -> Option<Said> {
    let budget = campaign.retry.budget;
    (used >= usize::from(budget)).then(|| {
        Said::new(
            format!("已计 {used} 次后仍拨打,预算 {budget} 次"),
            format!("dialed after {used} attempts that count, the budget is {budget}"),
        )
    })
}

fn of_day(attempt: &Attempt, campaign: &Campaign, before: &[&Attempt]) -> Option<Said> {
    let clock = |attempt: &Attempt| local(attempt.begun, campaign.schedule.zone);
    let now = clock(attempt);
    if let Some(most) = campaign.limits.a_day {
        let today = before.iter().filter(|other| clock(other).date() == now.date()).count();
        if today >= usize::from(most) {
            return Some(Said::new(
                format!("当日已计 {today} 次,上限 {most} 次"),
                format!("dialed after {today} attempts of this day, {most} are allowed"),
            ));
        }
    }
    let most = *campaign.limits.parts.get(&part(now))?;
    let used = before.iter().filter(|other| part(clock(other)) == part(now)).count();
    (used >= usize::from(most)).then(|| {
        Said::new(
            format!("在一天的这一时段已计 {used} 次,上限 {most} 次"),
            format!("dialed after {used} attempts in this part of the day, {most} are allowed"),
        )
    })
}

fn part(clock: NaiveDateTime) -> DayPart {
    match clock.hour() {
        0..12 => DayPart::Morning,
        12..17 => DayPart::Afternoon,
        17.. => DayPart::Evening,
    }
}
