//! `[agent]`: what a person at the desk reads in place of a prompt, asks further, and has at hand to say.

use crate::dialplan::plan::{Dialplan, ForAgents};
use crate::document::{Faults, Table};

const MOST_PHRASES: usize = 8;
/// Letters of one text.
const LONGEST: usize = 300;

/// After all messages and questions are read.
pub(super) fn read(root: Table<'_>, plan: &mut Dialplan, faults: &mut Faults) {
    let Some(table) = root.optional_table("agent", faults) else {
        return;
    };
    table.unknown_keys(&["phrases", "read", "probe"], faults);
    let mut agents = ForAgents::default();
    for (phrase, place) in table.strings("phrases", faults) {
        if agents.phrases.len() == MOST_PHRASES {
            faults.error(place, format!("at most {MOST_PHRASES} phrases"));
            break;
        }
        if let Some(why) = unfit(phrase) {
            faults.error(place, why);
        }
        agents.phrases.push(phrase.to_owned());
    }
    if let Some(read) = table.optional_table("read", faults) {
        for (id, text) in texts(read, faults) {
            if plan.part(&id).is_none() {
                let why = format!("there is no message and no question \"{id}\"");
                faults.error(read.place_of(&id), why);
            }
            agents.read.insert(id, text);
        }
    }
    if let Some(probe) = table.optional_table("probe", faults) {
        for (id, text) in texts(probe, faults) {
            if plan.question(&id).is_none() {
                faults.error(probe.place_of(&id), format!("there is no question \"{id}\""));
            }
            agents.probe.insert(id, text);
        }
    }
    plan.for_agents = agents;
}

fn texts(table: Table<'_>, faults: &mut Faults) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (id, place) in table.keys() {
        let Some(text) = table.optional_str(id, faults) else {
            continue;
        };
        if let Some(why) = unfit(text) {
            faults.error(place, why);
        }
        found.push((id.to_owned(), text.to_owned()));
    }
    found
}

fn unfit(text: &str) -> Option<String> {
    let fits = (1..=LONGEST).contains(&text.trim().chars().count()) && !text.chars().any(char::is_control);
    (!fits).then(|| format!("expected 1 to {LONGEST} letters on one line"))
}
