//! The sentence in English.

use chrono_tz::Tz;

use crate::dialer::claim::Why;
use crate::dialer::{DayPart, Direction, Listed, Outcome, PatientState};
use crate::outcome::Disposition;
use crate::rules::in_english;
use crate::store::why::AHEAD;

use super::facts::{Bar, CampaignStanding, Closed, VisitFacts};
use super::said::{Keeps, Teller};
use super::situation::Situation;

/// What the situation says, without the full stop.
pub(super) fn said(teller: &Teller<'_>, now: Situation<'_>) -> String {
    let case = teller.case;
    match now {
        Situation::Closed(closed) => ended(teller, closed),
        Situation::Calling(attempt) => match attempt.direction {
            Direction::Out => format!(
                "Being called: since {} over trunk {}, attempt {}",
                teller.at(attempt.begun),
                attempt.trunk,
                teller.ours().count()
            ),
            Direction::In => format!(
                "On the line: the patient called us {} over trunk {}",
                teller.at(attempt.begun),
                attempt.trunk
            ),
        },
        Situation::Leased => "Called in a moment: it has its turn and waits for a free line".to_owned(),
        Situation::WillClose { why, outcome } => format!(
            "Not called any more: {}; the next claim closes it as {}{}",
            reason(why),
            outcome.as_str().replace('_', " "),
            so_far(teller)
        ),
        Situation::Held { why, until } => format!(
            "Not called for now: {}; looked at again {}{}",
            reason(why),
            teller.at(until),
            so_far(teller)
        ),
        Situation::Appointed { at } => format!(
            "The patient asked to be called at {}: called within 15 minutes of it{}",
            teller.at(at),
            so_far(teller)
        ),
        Situation::Waits { until } if case.attempts.is_empty() => {
            format!("Not called yet: due from {}", teller.at(until))
        }
        Situation::Waits { until } => format!(
            "Called again from {} ({} counted{}): {}",
            teller.at(until),
            case.counted,
            budget(teller),
            history(teller)
        ),
        Situation::WindowClosed { opens } => {
            let when = opens.map_or_else(
                || "its campaign has no calling window".to_owned(),
                |opens| format!("outside the calling windows, which open {}", teller.at(opens)),
            );
            format!("Due, {when}; {}{}", ahead(case.present.ahead), so_far(teller))
        }
        Situation::Due { ahead: first } => format!("Due: {}{}", ahead(first), so_far(teller)),
        Situation::Open => format!("Open, may be called from {}{}", teller.at(case.next_at), so_far(teller)),
    }
}

fn ahead(count: u64) -> String {
    match count {
        0 => "it is the next one".to_owned(),
        1 => "one goes first".to_owned(),
        AHEAD.. => format!("{AHEAD} or more go first"),
        count => format!("{count} go first"),
    }
}

fn budget(teller: &Teller<'_>) -> String {
    teller
        .case
        .budget
        .map(|budget| format!(" of at most {budget}"))
        .unwrap_or_default()
}

fn so_far(teller: &Teller<'_>) -> String {
    let history = history(teller);
    if history.is_empty() {
        history
    } else {
        format!("; so far {history}")
    }
}

fn history(teller: &Teller<'_>) -> String {
    let attempts = &teller.case.attempts;
    let Some(last) = attempts.last() else {
        return String::new();
    };
    let how = last.disposition.map_or_else(|| "unknown".to_owned(), spoken);
    let at = teller.at(last.begun);
    let ours = teller.ours().count();
    let tried = match (last.direction, ours) {
        (Direction::In, 0) => format!("the patient called us, {at}: {how}"),
        (Direction::In, 1) => format!("one attempt, then the patient called us, {at}: {how}"),
        (Direction::In, many) => format!("{many} attempts, then the patient called us, {at}: {how}"),
        (Direction::Out, 1) => format!("one attempt, {at}: {how}"),
        (Direction::Out, many) => format!("{many} attempts, the last {at}: {how}"),
    };
    match (last.direction, attempts.len() - ours) {
        (Direction::In, _) | (Direction::Out, 0) => tried,
        (Direction::Out, 1) => format!("{tried}, and one call from the patient"),
        (Direction::Out, many) => format!("{tried}, and {many} calls from the patient"),
    }
}

/// A disposition as its identifier says it, with blanks.
pub(super) fn spoken(disposition: Disposition) -> String {
    disposition.as_str().replace('_', " ")
}

fn ended(teller: &Teller<'_>, closed: Closed) -> String {
    let case = teller.case;
    let Closed { outcome, at, why } = closed;
    let at = teller.at(at);
    let history = history(teller);
    let none = case.attempts.is_empty();
    match outcome {
        Outcome::Completed if none => format!("Completed, closed {at}"),
        Outcome::Completed => match case.attempts.last().filter(|last| last.direction == Direction::In) {
            Some(last) => format!(
                "Completed: the patient called us {} and went through the questionnaire, closed {at}",
                teller.at(last.begun)
            ),
            None => format!(
                "Completed: attempt {} was answered and went through the questionnaire, closed {at}",
                teller.ours().count()
            ),
        },
        Outcome::Partial => format!("Completed in part, not called any more: {history}; closed {at}"),
        Outcome::Refused => format!("Not called any more: {history}; closed {at}"),
        Outcome::NotReached if none => format!("Not called: {}; closed {at}", because(why, "the budget is used up")),
        Outcome::NotReached => format!(
            "Not reached: {history}; {} counted{}, {}, closed {at}",
            case.counted,
            budget(teller),
            because(why, "not tried again")
        ),
        Outcome::NumberDead if none => {
            format!(
                "Not called: there is no number that can be dialed (vacant, suspended, wrong or none); closed {at}, find the right number"
            )
        }
        Outcome::NumberDead => {
            format!("The number is dead: {history}, and there is no other; closed {at}, find the right number")
        }
        Outcome::NotEligible if none => format!("Not called: {}; closed {at}", because(why, "not to be called")),
        Outcome::NotEligible => format!(
            "Not called any more: {}; {history}; closed {at}",
            because(why, "not to be called")
        ),
        Outcome::Expired => {
            let deadline = case.deadline.map_or_else(
                || "its deadline passed".to_owned(),
                |deadline| format!("its deadline passed {}", teller.at(deadline)),
            );
            if none {
                format!("Not called: {deadline} without any attempt; closed {at}")
            } else {
                format!("Not reached: {deadline}; {history}; closed {at}")
            }
        }
        Outcome::Withdrawn if none => format!("Not called: a person withdrew the case, closed {at}"),
        Outcome::Withdrawn => format!("Not called any more: a person withdrew the case, closed {at}; {history}"),
    }
}

fn because(why: Option<Why>, otherwise: &'static str) -> &'static str {
    why.map_or(otherwise, reason)
}

/// A reason in words.
pub(super) const fn reason(why: Why) -> &'static str {
    match why {
        Why::Due => "nothing stands against it",
        Why::Appointment => "the patient asked for this time",
        Why::State(PatientState::Deceased) => "the patient has died",
        Why::State(PatientState::Readmitted) => "the patient is in hospital again",
        Why::State(PatientState::Transferred) => "the patient was transferred",
        Why::State(PatientState::ComplaintOpen) => "a complaint of the patient is open",
        Why::DoNotCall(Listed::Always) => "on the do-not-call list",
        Why::DoNotCall(Listed::Purpose) => "on the do-not-call list for calls of this purpose",
        Why::DoNotCall(Listed::Campaign) => "on the do-not-call list of this campaign",
        Why::NumberDead => "no number can be dialed",
        Why::TooLate => "the deadline has passed",
        Why::BudgetUsed => "the budget is used up",
        Why::NumberLocked => "the number is being called, or may still be ringing",
        Why::NumberCapped => "the number was called as often as it may be for now",
        Why::PatientCapped => "the patient was called as often as allowed for now",
        Why::DayUsed => "it was tried as often as it may be in one day",
        Why::PartUsed(DayPart::Morning) => "it was tried as often as it may be in the morning",
        Why::PartUsed(DayPart::Afternoon) => "it was tried as often as it may be in the afternoon",
        Why::PartUsed(DayPart::Evening) => "it was tried as often as it may be in the evening",
        Why::WindowClosed => "numbers of this kind are not called at this time",
        Why::NotYet => "its time has not come",
    }
}

/// What keeps it, behind "but".
pub(super) fn bar(teller: &Teller<'_>, keeps: Keeps<'_>) -> String {
    let campaign = &teller.case.campaign;
    match keeps {
        Keeps::Campaign(CampaignStanding::Draft) => format!("the campaign \"{campaign}\" has not been started"),
        Keeps::Campaign(CampaignStanding::Paused { since }) => {
            format!("the campaign \"{campaign}\" is paused since {}", teller.at(since))
        }
        Keeps::Campaign(CampaignStanding::Stopped) => format!("the campaign \"{campaign}\" is stopped"),
        Keeps::Campaign(CampaignStanding::Running) => format!("the campaign \"{campaign}\" is running"),
        Keeps::House(Bar::Frozen) => "the database is frozen until aftercall thaw is answered".to_owned(),
        Keeps::House(Bar::NoDaemon) => "no daemon runs".to_owned(),
        Keeps::House(Bar::Held { by }) => format!("new calls are held: {by}"),
        Keeps::House(Bar::TrunksDown { trunks }) => format!("no trunk carries calls: {}", trunks.join(", ")),
        Keeps::House(Bar::Unreadable) => {
            format!("the file of the campaign \"{campaign}\" cannot be read: campaign add it again")
        }
    }
}

/// For a patient without any follow-up: what a rule said of the latest visit, where one was asked.
pub(super) fn no_case(visits: &[VisitFacts], zone: Tz) -> String {
    let many = match visits {
        [] => return "Not called: there is no visit of this patient, and no follow-up.".to_owned(),
        [_] => "the one visit".to_owned(),
        [_, _, ..] => format!("any of the {} visits", visits.len()),
    };
    let rules = visits.iter().take(1).flat_map(|latest| &latest.rules);
    match rules.filter_map(|rule| Some((rule, rule.detail.as_ref()?))).next() {
        Some((rule, decided)) => format!(
            "Not called: the latest visit has no follow-up; rule \"{}\": {}.",
            rule.rule,
            in_english(decided, zone)
        ),
        None => format!("Not called: no campaign has taken up {many} of this patient."),
    }
}
