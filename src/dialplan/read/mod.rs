//! From TOML to the model: `[dialplan]`, `[[message]]`, `[[question]]`, `[scale.X]`, `[person]`, `[end.X]`, `[prompts]`,
//! `[agent]`.

mod agent;
mod person;
mod question;
mod scale;
mod texts;
mod ways;

use std::collections::BTreeMap;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::End;
use super::plan::{Dialplan, ENDS, Ending, ForAgents, Parameters, Part, Role, Spoken, Target, Way};
use super::speech;
use crate::document::{Document, Faults, Place, Table};
use crate::phone::Key;

const DIALPLAN_KEYS: [&str; 15] = [
    "id",
    "title",
    "language",
    "languages",
    "hospital",
    "start",
    "stop_key",
    "first",
    "between",
    "repeats",
    "barge_in",
    "max_steps",
    "give_up_after",
    "say_invalid",
    "say_silent",
];
const ROOT_KEYS: [&str; 9] = [
    "agent",
    "dialplan",
    "message",
    "question",
    "scale",
    "person",
    "end",
    "parameters",
    "prompts",
];
const FIRST: std::ops::RangeInclusive<Duration> = Duration::from_secs(3)..=Duration::from_secs(30);
const BETWEEN: std::ops::RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(15);
const MOST_PARTS: usize = 300;
const CLOSING_WAIT: std::ops::RangeInclusive<Duration> = Duration::ZERO..=Duration::from_secs(15);

/// What questions take over from `[dialplan]` when they do not say otherwise.
#[derive(Clone, Copy, Debug)]
struct Defaults {
    first: Duration,
    between: Duration,
    repeats: u32,
    barge_in: bool,
}

/// Reads as much as can be read, together with the faults of the reading. With an error among the faults the plan is
/// only good for being checked.
pub(super) fn draft(text: &str) -> (Dialplan, Faults) {
    let (document, mut faults) = Document::parse(text);
    let faults = &mut faults;
    let root = document.root();
    root.unknown_keys(&ROOT_KEYS, faults);
    let head = root.required_table("dialplan", faults);
    let mut plan = head.map_or_else(empty, |head| read_head(head, faults));
    plan.hash = hexadecimal(&Sha256::digest(text));
    let defaults = head.map_or(DEFAULTS, |head| read_defaults(head, faults));
    for message in root.tables("message", faults) {
        plan.parts.extend(read_message(message, faults));
    }
    let scales = scale::read_all(root, faults);
    for question in root.tables("question", faults) {
        plan.parts.extend(question::read(question, defaults, &scales, faults));
    }
    plan.parts.sort_by_key(|part| part.place);
    if let Some(part) = plan.parts.get(MOST_PARTS) {
        faults.error(
            part.place,
            format!("more than {MOST_PARTS} messages and questions; what follows is not read"),
        );
        plan.parts.truncate(MOST_PARTS);
    }
    plan.person = person::read(root, faults);
    plan.endings = read_endings(root, faults);
    texts::parameters(root, &mut plan, faults);
    texts::prompts(root, &mut plan, faults);
    texts::languages(&plan, faults);
    agent::read(root, &mut plan, faults);
    ways::resolve(&mut plan, faults);
    (plan, std::mem::take(faults))
}

const DEFAULTS: Defaults = Defaults {
    first: Duration::from_secs(8),
    between: Duration::from_secs(4),
    repeats: 2,
    barge_in: true,
};

fn read_head(head: Table<'_>, faults: &mut Faults) -> Dialplan {
    head.unknown_keys(&DIALPLAN_KEYS, faults);
    let owned = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let id = read_id(head, faults).unwrap_or_default();
    let languages = texts::read_languages(head, faults);
    let mut parameters = Parameters::default();
    if let (Some(hospital), Some(language)) = (head.optional_str("hospital", faults), languages.first()) {
        parameters.set(language, speech::HOSPITAL, hospital);
    }
    Dialplan {
        id,
        title: owned(head.required_str("title", faults)),
        languages,
        parameters,
        start: read_way(head, "start", faults).unwrap_or_else(|| {
            faults.error(
                head.place(),
                "`start` is missing; expected the id of the message or question that comes first",
            );
            nowhere(head.place())
        }),
        stop_key: digit(head, "stop_key", faults).map(|key| (key, head.place_of("stop_key"))),
        max_steps: small(head.optional_integer("max_steps", 5..=500, faults), 60),
        give_up_after: small(head.optional_integer("give_up_after", 1..=20, faults), 2),
        say_invalid: read_say(head, "say_invalid", faults),
        say_silent: read_say(head, "say_silent", faults),
        place: head.place(),
        ..empty()
    }
}

fn empty() -> Dialplan {
    Dialplan {
        hash: String::new(),
        id: String::new(),
        title: String::new(),
        languages: Vec::new(),
        parameters: Parameters::default(),
        start: nowhere(Place::default()),
        stop_key: None,
        person: None,
        max_steps: 60,
        give_up_after: 2,
        say_invalid: Vec::new(),
        say_silent: Vec::new(),
        parts: Vec::new(),
        endings: Vec::new(),
        texts: BTreeMap::new(),
        for_agents: ForAgents::default(),
        place: Place::default(),
    }
}

fn read_defaults(table: Table<'_>, faults: &mut Faults) -> Defaults {
    read_patience(table, DEFAULTS, faults)
}

/// The four keys that `[dialplan]` and every question may have.
fn read_patience(table: Table<'_>, defaults: Defaults, faults: &mut Faults) -> Defaults {
    Defaults {
        first: table
            .optional_duration("first", FIRST, faults)
            .unwrap_or(defaults.first),
        between: table
            .optional_duration("between", BETWEEN, faults)
            .unwrap_or(defaults.between),
        repeats: small(table.optional_integer("repeats", 0..=5, faults), defaults.repeats),
        barge_in: table.optional_bool("barge_in", faults).unwrap_or(defaults.barge_in),
    }
}

fn read_message(table: Table<'_>, faults: &mut Faults) -> Option<Part> {
    table.unknown_keys(&["id", "say", "next", "stop", "person", "required"], faults);
    let say = required_say(table, faults);
    let next = read_way(table, "next", faults).unwrap_or_else(|| {
        faults.error(
            table.place(),
            "`next` is missing; expected where the call goes on after this message",
        );
        nowhere(table.place())
    });
    let stop = table.optional_bool("stop", faults);
    let person = table.optional_bool("person", faults);
    let required = table.optional_bool("required", faults).unwrap_or(false);
    let id = read_id(table, faults)?;
    Some(Part {
        id,
        place: table.place(),
        say,
        stop,
        person,
        role: Role::Message { next, required },
    })
}

fn read_endings(root: Table<'_>, faults: &mut Faults) -> Vec<Ending> {
    let Some(table) = root.optional_table("end", faults) else {
        return Vec::new();
    };
    table.unknown_keys(&ENDS.map(|(word, _)| word), faults);
    let mut endings = Vec::new();
    for (word, table) in table.sub_tables(faults) {
        table.unknown_keys(&["say", "wait"], faults);
        let say = required_say(table, faults);
        let wait = table
            .optional_duration("wait", CLOSING_WAIT, faults)
            .unwrap_or_default();
        if let Some((_, end)) = ENDS.iter().find(|(known, _)| *known == word) {
            endings.push(Ending {
                end: *end,
                place: table.place(),
                say,
                wait,
            });
        }
    }
    endings
}

/// The prompts of `say`; a part that says nothing is a fault.
fn required_say(table: Table<'_>, faults: &mut Faults) -> Vec<Spoken> {
    if !table.has("say") {
        faults.error(
            table.place(),
            "`say` is missing; expected the name of a prompt, or several in brackets",
        );
    }
    read_say(table, "say", faults)
}

fn read_say(table: Table<'_>, key: &str, faults: &mut Faults) -> Vec<Spoken> {
    let names = table.strings(key, faults);
    if names.is_empty() && table.has(key) {
        faults.error(table.place_of(key), format!("`{key}` names no prompt"));
    }
    names
        .into_iter()
        .map(|(name, place)| {
            let (language, bare) = speech::split(name);
            if !is_name(bare) || language.is_some_and(|language| !texts::is_language(language)) {
                faults.error(place, format!("\"{name}\" is no name of a prompt; {NAME_RULE}"));
            }
            Spoken {
                name: name.to_owned(),
                place,
            }
        })
        .collect()
}

const NAME_RULE: &str = "expected letters a-z, digits, - and _, at most 60";

fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    (1..=60).contains(&name.len()) && name.chars().all(allowed)
}

fn read_id(table: Table<'_>, faults: &mut Faults) -> Option<String> {
    let id = table.required_str("id", faults)?;
    if !is_name(id) {
        faults.error(table.place_of("id"), format!("\"{id}\" is no id; {NAME_RULE}"));
    }
    Some(id.to_owned())
}

fn read_way(table: Table<'_>, key: &str, faults: &mut Faults) -> Option<Way> {
    let text = table.optional_str(key, faults);
    if text.is_none() && table.has(key) {
        return Some(nowhere(table.place_of(key)));
    }
    Some(Way {
        target: ways::target(text?),
        place: table.place_of(key),
    })
}

const fn nowhere(place: Place) -> Way {
    Way {
        target: Target::Nowhere,
        place,
    }
}

const fn to_end(end: End, place: Place) -> Way {
    Way {
        target: Target::End(end),
        place,
    }
}

/// A key of the telephone that is a digit, written as a number or as a string.
fn digit(table: Table<'_>, key: &str, faults: &mut Faults) -> Option<Key> {
    let mut unused = Faults::new();
    if let Some(text) = table.optional_str(key, &mut unused) {
        let found = text
            .chars()
            .next()
            .filter(|_| text.chars().count() == 1)
            .and_then(Key::from_char);
        let found = found.filter(|found| found.digit().is_some());
        if found.is_none() {
            faults.error(
                table.place_of(key),
                format!("`{key}` is \"{text}\"; expected a key 0 to 9 (* and # have a meaning of their own)"),
            );
        }
        return found;
    }
    let value = table.optional_integer(key, 0..=9, faults)?;
    u8::try_from(value).ok().and_then(Key::from_event)
}

fn small(value: Option<i64>, default: u32) -> u32 {
    value.and_then(|value| u32::try_from(value).ok()).unwrap_or(default)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
