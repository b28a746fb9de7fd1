//! Where a call can get to: parts that no call reaches, loops that no answer leaves, endings that nothing leads to.

use std::collections::BTreeSet;

use crate::dialplan::End;
use crate::dialplan::plan::{Dialplan, Kind, Part, Question, Role, Target, Way, end_word};
use crate::document::Faults;

pub(super) fn check(plan: &Dialplan, faults: &mut Faults) {
    let reached = reached(plan);
    for part in &plan.parts {
        if !reached.contains(part.id.as_str()) {
            let kind = if part.question().is_some() {
                "question"
            } else {
                "message"
            };
            faults.error(
                part.place,
                format!("unreachable {kind} \"{}\": nothing leads here", part.id),
            );
        }
    }
    let leaving = leaving(plan);
    for part in plan.parts.iter().filter(|part| reached.contains(part.id.as_str())) {
        if !leaving.contains(part.id.as_str()) {
            let message = format!("no way out of \"{}\": no answer ever leads to an ending", part.id);
            faults.error(part.place, message);
        }
    }
    endings(plan, &reached, faults);
    if usize::try_from(plan.max_steps).is_ok_and(|most| most < plan.parts.len()) {
        let count = plan.parts.len();
        let message = format!(
            "`max_steps` is {}, but there are {count} messages and questions",
            plan.max_steps
        );
        faults.warning(plan.place, message);
    }
}

fn endings(plan: &Dialplan, reached: &BTreeSet<&str>, faults: &mut Faults) {
    let parts = plan.parts.iter().filter(|part| reached.contains(part.id.as_str()));
    let ways = parts
        .flat_map(every_way)
        .chain(plan.person.iter().map(|person| &person.busy));
    let named: Vec<&Target> = ways.map(|way| &way.target).collect();
    for ending in &plan.endings {
        let is_named = named.contains(&&Target::End(ending.end));
        let word = end_word(ending.end);
        match ending.end {
            End::Completed if !is_named => {
                faults.error(ending.place, format!("unreachable ending: nothing leads to end.{word}"));
            }
            End::ThirdParty | End::WrongNumber | End::Appointment if !is_named => {
                faults.warning(ending.place, format!("unreachable ending: nothing leads to end.{word}"));
            }
            End::OptedOut if plan.stop_key.is_none() && !is_named => {
                faults.warning(
                    ending.place,
                    format!("unreachable ending: there is no `stop_key` that leads to end.{word}"),
                );
            }
            End::Completed
            | End::Refused
            | End::OptedOut
            | End::Silent
            | End::ThirdParty
            | End::WrongNumber
            | End::Appointment
            | End::HungUp
            | End::TooManySteps => {}
        }
    }
}

/// The parts that some call can reach.
fn reached(plan: &Dialplan) -> BTreeSet<&str> {
    let mut reached = BTreeSet::new();
    let mut open = vec![&plan.start];
    open.extend(plan.person.iter().map(|person| &person.busy));
    while let Some(way) = open.pop() {
        if let Target::Part(id) = &way.target
            && reached.insert(id.as_str())
            && let Some(part) = plan.part(id)
        {
            open.extend(every_way(part));
        }
    }
    reached
}

/// The parts from which some row of answers leads to an ending. A way to a name that does not exist is told as such, and
/// counts as a way out here.
fn leaving(plan: &Dialplan) -> BTreeSet<&str> {
    let mut leaving = BTreeSet::new();
    loop {
        let before = leaving.len();
        for part in &plan.parts {
            let leaves = |way: &&Way| match &way.target {
                Target::End(_) | Target::Nowhere => true,
                Target::Part(id) => leaving.contains(id.as_str()),
            };
            if answered_ways(part).iter().any(leaves) {
                leaving.insert(part.id.as_str());
            }
        }
        if leaving.len() == before {
            return leaving;
        }
    }
}

/// Where a part leads when it is heard, and answered if it asks.
pub(super) fn answered_ways(part: &Part) -> Vec<&Way> {
    match &part.role {
        Role::Message { next, .. } => vec![next],
        Role::Question(question) => match question.kind {
            Kind::Choice | Kind::YesNo if question.options.is_empty() => vec![&question.next],
            Kind::Choice | Kind::YesNo => question
                .options
                .iter()
                .map(|option| question.way(option.code))
                .collect(),
            Kind::Open(_) => vec![&question.next],
            Kind::Score(range) | Kind::Number(range) => {
                let branches = question.branches.iter().map(|branch| &branch.way);
                let covered: i64 = question
                    .branches
                    .iter()
                    .map(|branch| branch.high - branch.low + 1)
                    .sum();
                let others = (covered < range.max - range.min + 1).then_some(&question.next);
                branches.chain(others).collect()
            }
        },
    }
}

fn every_way(part: &Part) -> Vec<&Way> {
    let mut ways = answered_ways(part);
    ways.extend(part.question().map(unanswered_ways).into_iter().flatten());
    ways
}

fn unanswered_ways(question: &Question) -> [&Way; 3] {
    [&question.on_silence, &question.on_invalid, &question.on_refusal]
}
