//! What differs between two settings files, and which of it a running daemon can take over.

use std::collections::BTreeMap;

use crate::document::{Document, Leaf, Place};

/// The settings that a running daemon takes over; `*` stands for the place of a trunk in its list.
const LIVE: &[&[&str]] = &[
    &["place", "log"],
    &["place", "drain"],
    &["trunk", "*", "lines"],
    &["trunk", "*", "pace"],
    &["trunk", "*", "password"],
    &["trunk", "*", "password_file"],
    &["trunk", "*", "cause"],
];

/// One setting that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Line of the later text; of the place where it would stand, the first, when it is gone.
    pub line: u32,
    /// The setting, as `place.data` or `trunk.0.lines`.
    pub key: String,
    /// Whether a running daemon takes it over.
    pub takes: Takes,
}

/// When a change holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// At once.
    Live,
    /// When the daemon is started again.
    Restart,
}

/// What differs, in the order of the later text. Values are not told: some are secrets.
pub fn changes(before: &str, after: &str) -> Vec<Change> {
    let (before, after) = (leaves(before), leaves(after));
    // With other trunks, or in another order, no number of a trunk means what it meant.
    let trunks_moved = trunks(&before) != trunks(&after);
    let mut changes = Vec::new();
    for (keys, leaf) in &after {
        if before.get(keys).is_none_or(|old| old.value != leaf.value) {
            changes.push(change(keys, leaf.place, trunks_moved));
        }
    }
    for keys in before.keys().filter(|keys| !after.contains_key(*keys)) {
        changes.push(change(keys, Place::default(), trunks_moved));
    }
    changes.sort_by(|one, other| (one.line, &one.key).cmp(&(other.line, &other.key)));
    changes
}

/// The settings whose value nobody is shown: a webhook's address may hold a key.
const SECRETS: [&str; 2] = ["password", "webhook"];

/// A setting as people may read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The keys that lead to it, as `trunk`, `0`, `lines`.
    pub keys: Vec<String>,
    /// Its line.
    pub line: u32,
    /// Its value; none: it is a secret.
    pub value: Option<String>,
    /// Whether a running daemon takes a change of it over.
    pub takes: Takes,
}

/// What stands in a settings file, in the order of its lines. Secrets are named and not told.
pub fn told(text: &str) -> Vec<Told> {
    let (document, _) = Document::parse(text);
    let leaves = document.root().leaves().into_iter();
    leaves
        .map(|leaf| Told {
            line: leaf.place.line,
            takes: takes(&leaf.keys, false),
            value: match leaf.keys.last() {
                Some(key) if SECRETS.contains(&key.as_str()) => None,
                Some(_) | None => Some(leaf.shown),
            },
            keys: leaf.keys,
        })
        .collect()
}

fn leaves(text: &str) -> BTreeMap<Vec<String>, Leaf> {
    let (document, _) = Document::parse(text);
    let leaves = document.root().leaves();
    leaves.into_iter().map(|leaf| (leaf.keys.clone(), leaf)).collect()
}

/// What the trunks are told apart by.
fn trunks(leaves: &BTreeMap<Vec<String>, Leaf>) -> Vec<(&[String], &str)> {
    let tells_apart = |keys: &[String]| match keys {
        [trunk, _, key] => trunk == "trunk" && (key == "name" || key == "address"),
        _ => false,
    };
    let named = leaves.iter().filter(|(keys, _)| tells_apart(keys));
    named
        .map(|(keys, leaf)| (keys.as_slice(), leaf.value.as_str()))
        .collect()
}

fn change(keys: &[String], place: Place, trunks_moved: bool) -> Change {
    Change {
        line: place.line,
        key: keys.join("."),
        takes: takes(keys, trunks_moved),
    }
}

fn takes(keys: &[String], trunks_moved: bool) -> Takes {
    let matches = |pattern: &&[&str]| {
        keys.len() >= pattern.len() && pattern.iter().zip(keys).all(|(want, key)| *want == "*" || want == key)
    };
    let is_trunks = keys.first().is_some_and(|key| key == "trunk");
    if LIVE.iter().any(matches) && !(is_trunks && trunks_moved) {
        Takes::Live
    } else {
        Takes::Restart
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "[place]\ndata = \"data\"\nlog = \"info\"\n\n[[trunk]]\nname = \"main\"\naddress = \"192.0.2.1\"\n\
        lines = 10\npassword = \"one\"\n\n[[trunk]]\nname = \"spare\"\naddress = \"192.0.2.2\"\nlines = 4\n";

    fn told(after: &str) -> Vec<(u32, String, Takes)> {
        let changes = changes(BEFORE, after).into_iter();
        changes.map(|change| (change.line, change.key, change.takes)).collect()
    }

    #[test]
    fn settings_are_told_with_their_lines_and_secrets_only_named() {
        let told = super::told(BEFORE);
        let line = |keys: &[&str]| {
            let found = told.iter().find(|told| told.keys == keys).unwrap();
            (found.line, found.value.as_deref(), found.takes)
        };
        assert_eq!(line(&["place", "log"]), (3, Some("info"), Takes::Live));
        assert_eq!(line(&["trunk", "0", "lines"]), (8, Some("10"), Takes::Live));
        assert_eq!(line(&["trunk", "0", "password"]), (9, None, Takes::Live));
        assert_eq!(
            line(&["trunk", "1", "address"]),
            (13, Some("192.0.2.2"), Takes::Restart)
        );
        assert!(!format!("{told:?}").contains("\"one\""), "{told:?}");
    }

    #[test]
    fn layout_and_comments_change_nothing() {
        let after = BEFORE.replace("lines = 10", "# more\n\n   lines   =   10 # lines");
        assert_eq!(told(&after), []);
    }

    #[test]
    fn what_can_change_is_told_from_what_waits_for_a_restart() {
        let after = BEFORE
            .replace("\"info\"", "\"debug\"")
            .replace("lines = 4", "lines = 5")
            .replace("192.0.2.2\"", "192.0.2.2\"\noptions = \"5s\"")
            .replace("password = \"one\"", "password = \"two\"");
        let key = |line, key: &str, takes| (line, key.to_owned(), takes);
        assert_eq!(
            told(&after),
            [
                key(3, "place.log", Takes::Live),
                key(9, "trunk.0.password", Takes::Live),
                key(14, "trunk.1.options", Takes::Restart),
                key(15, "trunk.1.lines", Takes::Live),
            ]
        );
    }

    #[test]
    fn of_other_trunks_nothing_is_taken_over() {
        let after = BEFORE
            .replace("\"main\"", "\"other\"")
            .replace("lines = 4", "lines = 5");
        assert!(
            told(&after).iter().all(|(_, _, takes)| *takes == Takes::Restart),
            "{:?}",
            told(&after)
        );
        let gone = BEFORE.replace("data = \"data\"\n", "");
        assert_eq!(told(&gone), [(1, "place.data".to_owned(), Takes::Restart)]);
    }
}
