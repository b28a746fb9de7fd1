//! The rules as people meet them.

mod deciding;
mod drawing;
mod reading;
mod templates;

use std::collections::BTreeMap;

use super::{Decided, Event, RuleSet, Switches, Value, Verdict};
use crate::calendar::{DEFAULT_ZONE, WorkCalendar, local, wall};
use crate::moment::Wall;

pub(super) fn at(text: &str) -> Wall {
    wall(text.replace(' ', "T").parse().unwrap(), DEFAULT_ZONE)
}

pub(super) fn set(text: &str) -> RuleSet {
    match RuleSet::parse(text) {
        Ok((set, _)) => set,
        Err(faults) => panic!(
            "{}",
            faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        ),
    }
}

/// An event, its attributes as `name=value`.
pub(super) fn event(kind: &str, time: &str, attributes: &[&str]) -> Event {
    let attributes: BTreeMap<String, Value> = attributes
        .iter()
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap();
            (name.to_owned(), Value::Text(value.to_owned()))
        })
        .collect();
    Event {
        kind: kind.to_owned(),
        at: at(time),
        attributes,
    }
}

pub(super) fn verdicts(set: &RuleSet, event: &Event, switches: &Switches) -> Vec<Verdict> {
    set.follow_ups(event, switches, DEFAULT_ZONE, &WorkCalendar::shipped())
}

/// `rule: campaign #round due..deadline` for each follow-up, and `rule: why not` for each rule that was about the event.
pub(super) fn told(verdicts: &[Verdict]) -> Vec<String> {
    let minute = |at: Wall| local(at, DEFAULT_ZONE).format("%m-%d %H:%M").to_string();
    let tell = |verdict: &Verdict| match &verdict.decided {
        Decided::OtherEvent { .. } => None,
        Decided::Followed(follow_up) => Some(format!(
            "{}: {} #{} {}..{}",
            verdict.rule,
            follow_up.campaign,
            follow_up.round,
            minute(follow_up.due),
            follow_up.deadline.map(minute).unwrap_or_default()
        )),
        other @ (Decided::TooEarly { .. }
        | Decided::NotMatched(_)
        | Decided::NoDate { .. }
        | Decided::Waits { .. }
        | Decided::SampledOut { .. }
        | Decided::Taken { .. }
        | Decided::TooLate { .. }) => Some(format!("{}: {}", verdict.rule, super::in_english(other, DEFAULT_ZONE))),
    };
    verdicts.iter().filter_map(tell).collect()
}
