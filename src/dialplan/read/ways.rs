//! Where the parts lead: names to targets, unknown and doubled names.

use std::collections::BTreeMap;

use crate::dialplan::End;
use crate::dialplan::plan::{Dialplan, ENDS, Part, Role, Target, Way, end_word};
use crate::document::{Faults, Place, nearest};

/// What a `next` names: `end.refused` an ending, anything else a message or question.
pub(super) fn target(text: &str) -> Target {
    let end = text
        .strip_prefix("end.")
        .and_then(|word| ENDS.iter().find(|(known, _)| *known == word));
    end.map_or_else(|| Target::Part(text.to_owned()), |(_, end)| Target::End(*end))
}

/// Notes doubled ids, unknown names and endings that are needed but missing. A name that is nearly right is read as
/// what was probably meant, so that one slip does not make half of the file look unreachable.
pub(super) fn resolve(plan: &mut Dialplan, faults: &mut Faults) {
    let mut ids: BTreeMap<String, Place> = BTreeMap::new();
    for part in &plan.parts {
        if let Some(first) = ids.get(&part.id) {
            faults.error(
                part.place,
                format!("id \"{}\" is already used in line {}", part.id, first.line),
            );
        } else {
            ids.insert(part.id.clone(), part.place);
        }
    }
    if plan.parts.is_empty() {
        faults.error(
            plan.place,
            "nothing is asked; expected at least one [[question]] or [[message]]",
        );
    }
    let mut ends: Vec<End> = plan.endings.iter().map(|ending| ending.end).collect();
    ends.extend(missing_endings(plan, faults));
    let mut way = |way: &mut Way| resolve_way(way, &ids, &ends, faults);
    way(&mut plan.start);
    plan.person.iter_mut().for_each(|person| way(&mut person.busy));
    for part in &mut plan.parts {
        ways_of(part).into_iter().for_each(&mut way);
    }
}

/// The endings that every dialplan must have and this one has not.
fn missing_endings(plan: &Dialplan, faults: &mut Faults) -> Vec<End> {
    let reasons = [
        (End::Completed, "how the survey ends in the ordinary way"),
        (End::Refused, "said when the survey is refused with ##"),
        (End::Silent, "said when nobody presses a key"),
    ];
    // Where nothing is asked, nobody can refuse or be silent.
    let reasons = reasons
        .into_iter()
        .filter(|(end, _)| *end == End::Completed || plan.parts.is_empty() || plan.questions().next().is_some());
    let stopped = plan
        .stop_key
        .map(|_| (End::OptedOut, "said after the stop-calling-me key"));
    let missing = reasons.chain(stopped).filter(|(end, _)| plan.ending(*end).is_none());
    missing
        .map(|(end, reason)| {
            faults.error(plan.place, format!("[end.{}] is missing: {reason}", end_word(end)));
            end
        })
        .collect()
}

fn ways_of(part: &mut Part) -> Vec<&mut Way> {
    match &mut part.role {
        Role::Message { next, .. } => vec![next],
        Role::Question(question) => {
            let options = question.options.iter_mut().filter_map(|option| option.next.as_mut());
            let branches = question.branches.iter_mut().map(|branch| &mut branch.way);
            let own = [
                &mut question.next,
                &mut question.on_silence,
                &mut question.on_invalid,
                &mut question.on_refusal,
            ];
            options.chain(branches).chain(own).collect()
        }
    }
}

fn resolve_way(way: &mut Way, ids: &BTreeMap<String, Place>, ends: &[End], faults: &mut Faults) {
    match &way.target {
        Target::Nowhere => {}
        Target::End(end) if ends.contains(end) => {}
        Target::End(end) => {
            faults.error(
                way.place,
                format!(
                    "unknown ending; expected a table [end.{}] with what is said",
                    end_word(*end)
                ),
            );
        }
        Target::Part(id) if ids.contains_key(id) => {}
        Target::Part(id) => {
            let endings: Vec<String> = ENDS.iter().map(|(word, _)| format!("end.{word}")).collect();
            let known = ids.keys().map(String::as_str).chain(endings.iter().map(String::as_str));
            let near = nearest(id, known).map(str::to_owned);
            let hint = near.as_ref().map_or_else(
                || "expected the id of a message or question, or end.completed, end.refused …".to_owned(),
                |near| format!("did you mean \"{near}\"?"),
            );
            faults.error(way.place, format!("\"{id}\" is no message, question or ending; {hint}"));
            way.target = near.map_or(Target::Nowhere, |near| target(&near));
        }
    }
}
