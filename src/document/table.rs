//! One table of a document: typed getters that note what is wrong and go on.

use std::ops::RangeInclusive;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::source::Lines;
use super::wrong::listed;
use super::{Expected, Faults, Found, Place, Wrong, nearest, parse_duration, show_duration};

/// One table of a document. A `required_*` getter notes a missing key; every getter notes a value of the wrong type or
/// outside its range. What it noted it answers as `None`.
#[derive(Clone, Copy, Debug)]
pub struct Table<'d> {
    entries: &'d DeTable<'d>,
    lines: &'d Lines<'d>,
    place: Place,
}

/// One value of a document.
#[derive(Clone, PartialEq, Eq)]
pub struct Leaf {
    /// The keys that lead to it.
    pub keys: Vec<String>,
    /// Where its key stands.
    pub place: Place,
    /// Its text: to compare, not to show, for it may be a secret.
    pub value: String,
    /// The same as people read it; it may be a secret, too.
    pub shown: String,
}

/// As people read it: words without quotes, numbers without their radix.
fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) if number.radix() == 10 => number.as_str().to_owned(),
        DeValue::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| shown(item.get_ref())).collect();
            items.join(", ")
        }
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) | DeValue::Table(_) => {
            written(value)
        }
    }
}

/// The same for values that differ in layout alone.
fn written(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("{text:?}"),
        DeValue::Integer(number) => format!("{}r{}", number.as_str(), number.radix()),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(value) => value.to_string(),
        DeValue::Datetime(value) => value.to_string(),
        DeValue::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| written(item.get_ref())).collect();
            format!("[{}]", items.join(","))
        }
        DeValue::Table(entries) => {
            let entries = entries
                .iter()
                .map(|(key, item)| format!("{:?}={}", key.get_ref(), written(item.get_ref())));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
        }
    }
}

type Item<'d> = &'d Spanned<DeValue<'d>>;

fn names<'n, T>(choices: &[(&'n str, T)]) -> Vec<&'n str> {
    choices.iter().map(|(name, _)| *name).collect()
}

impl<'d> Table<'d> {
    pub(super) const fn new(entries: &'d DeTable<'d>, lines: &'d Lines<'d>, place: Place) -> Self {
        Self { entries, lines, place }
    }

    /// Where the table begins: its header, or its brace.
    pub const fn place(&self) -> Place {
        self.place
    }

    /// Where the value of a key is; the table's own place if it has no such key.
    pub fn place_of(&self, key: &str) -> Place {
        self.item(key).map_or(self.place, |item| self.place_at(item))
    }

    /// Whether the table has this key.
    pub fn has(&self, key: &str) -> bool {
        self.item(key).is_some()
    }

    /// All keys with their places, in the order of the text.
    pub fn keys(&self) -> Vec<(&'d str, Place)> {
        let mut keys: Vec<_> = self
            .entries
            .keys()
            .map(|key| (key.span().start, key.get_ref().as_ref()))
            .collect();
        keys.sort_unstable();
        keys.into_iter()
            .map(|(offset, key)| (key, self.lines.place(offset)))
            .collect()
    }

    /// Notes every key that is not among the known ones, with the known one that was probably meant.
    pub fn unknown_keys(&self, known: &[&str], faults: &mut Faults) {
        for (key, place) in self.keys() {
            if !known.contains(&key) {
                let near = nearest(key, known.iter().copied()).map(str::to_owned);
                let (key, known) = (key.to_owned(), listed(known));
                let wrong = match near {
                    Some(near) => Wrong::MisspeltKey { key, near },
                    None => Wrong::UnknownKey { key, known },
                };
                faults.error(place, wrong);
            }
        }
    }

    /// A string that must be there and not be blank.
    pub fn required_str(&self, key: &str, faults: &mut Faults) -> Option<&'d str> {
        self.require(key, || Expected::Text, faults);
        self.optional_str(key, faults)
    }

    /// A string; a blank one is a fault.
    pub fn optional_str(&self, key: &str, faults: &mut Faults) -> Option<&'d str> {
        let item = self.item(key)?;
        self.string(key, item, faults)
    }

    /// One string, or an array of strings, each with its place; empty if the key is missing.
    pub fn strings(&self, key: &str, faults: &mut Faults) -> Vec<(&'d str, Place)> {
        self.list(key)
            .into_iter()
            .filter_map(|item| Some((self.string(key, item, faults)?, self.place_at(item))))
            .collect()
    }

    /// A string that a parser of the caller reads; its error is told with `expected` ("a telephone number").
    pub fn optional_parsed<T, E: std::fmt::Display>(
        &self,
        key: &str,
        expected: impl Into<Expected>,
        parse: impl FnOnce(&str) -> Result<T, E>,
        faults: &mut Faults,
    ) -> Option<T> {
        let text = self.optional_str(key, faults)?;
        match parse(text) {
            Ok(value) => Some(value),
            Err(error) => {
                let wrong = Wrong::NotParsed {
                    key: key.to_owned(),
                    expected: expected.into(),
                    why: error.to_string(),
                };
                faults.error(self.place_of(key), wrong);
                None
            }
        }
    }

    /// As [`Table::optional_parsed`], and the key must be there.
    pub fn required_parsed<T, E: std::fmt::Display>(
        &self,
        key: &str,
        expected: impl Into<Expected>,
        parse: impl FnOnce(&str) -> Result<T, E>,
        faults: &mut Faults,
    ) -> Option<T> {
        let expected = expected.into();
        self.require(key, || expected.clone(), faults);
        self.optional_parsed(key, expected, parse, faults)
    }

    /// One of the given words, each with what it means.
    pub fn optional_one_of<T: Copy>(&self, key: &str, choices: &[(&str, T)], faults: &mut Faults) -> Option<T> {
        let word = self.optional_str(key, faults)?;
        let chosen = choices.iter().find(|(name, _)| *name == word).map(|(_, value)| *value);
        if chosen.is_none() {
            let (key_of, found, choices) = (key.to_owned(), word.to_owned(), names(choices));
            let wrong = match nearest(word, choices.iter().copied()) {
                Some(near) => Wrong::MisspeltWord {
                    key: key_of,
                    found,
                    choices: listed(&choices),
                    near: near.to_owned(),
                },
                None => Wrong::NotOneOf {
                    key: key_of,
                    found,
                    choices: listed(&choices),
                },
            };
            faults.error(self.place_of(key), wrong);
        }
        chosen
    }

    /// As [`Table::optional_one_of`], and the key must be there.
    pub fn required_one_of<T: Copy>(&self, key: &str, choices: &[(&str, T)], faults: &mut Faults) -> Option<T> {
        let expected = || Expected::OneOf {
            choices: listed(names(choices)),
        };
        self.require(key, expected, faults);
        self.optional_one_of(key, choices, faults)
    }

    /// A whole number within a range.
    pub fn optional_integer(&self, key: &str, range: RangeInclusive<i64>, faults: &mut Faults) -> Option<i64> {
        let item = self.item(key)?;
        self.integer(key, item, &range, faults)
    }

    /// As [`Table::optional_integer`], and the key must be there.
    pub fn required_integer(&self, key: &str, range: RangeInclusive<i64>, faults: &mut Faults) -> Option<i64> {
        let (low, high) = (*range.start(), *range.end());
        self.require(key, || Expected::WholeWithin { low, high }, faults);
        self.optional_integer(key, range, faults)
    }

    /// One whole number, or an array of them, each with its place; empty if the key is missing.
    pub fn integers(&self, key: &str, range: RangeInclusive<i64>, faults: &mut Faults) -> Vec<(i64, Place)> {
        let items = self.list(key).into_iter();
        items
            .filter_map(|item| Some((self.integer(key, item, &range, faults)?, self.place_at(item))))
            .collect()
    }

    /// A number, whole or with a fraction, within a range.
    pub fn optional_float(&self, key: &str, range: RangeInclusive<f64>, faults: &mut Faults) -> Option<f64> {
        let item = self.item(key)?;
        let value = item.get_ref();
        let float = value.as_float().map(|float| float.as_str().to_owned());
        let Some(digits) = float.or_else(|| value.as_integer().map(ToString::to_string)) else {
            return self.wrong_type(key, item, Expected::Number, faults);
        };
        let value = digits.parse::<f64>().ok().filter(|value| range.contains(value));
        if value.is_none() {
            let wrong = Wrong::NotNumber {
                key: key.to_owned(),
                found: digits,
                low: range.start().to_string(),
                high: range.end().to_string(),
            };
            faults.error(self.place_at(item), wrong);
        }
        value
    }

    /// `true` or `false`.
    pub fn optional_bool(&self, key: &str, faults: &mut Faults) -> Option<bool> {
        let item = self.item(key)?;
        let value = item.get_ref().as_bool();
        value.or_else(|| self.wrong_type(key, item, Expected::Flag, faults))
    }

    /// A duration such as "500ms", "8s", "45m", "2h" or "7d", within a range.
    pub fn optional_duration(
        &self,
        key: &str,
        range: RangeInclusive<Duration>,
        faults: &mut Faults,
    ) -> Option<Duration> {
        let text = self.optional_str(key, faults)?;
        let duration = parse_duration(text).filter(|duration| range.contains(duration));
        if duration.is_none() {
            let wrong = Wrong::NotDuration {
                key: key.to_owned(),
                found: text.to_owned(),
                low: show_duration(*range.start()),
                high: show_duration(*range.end()),
            };
            faults.error(self.place_of(key), wrong);
        }
        duration
    }

    /// As [`Table::optional_duration`], and the key must be there.
    pub fn required_duration(
        &self,
        key: &str,
        range: RangeInclusive<Duration>,
        faults: &mut Faults,
    ) -> Option<Duration> {
        self.require(key, || Expected::Duration, faults);
        self.optional_duration(key, range, faults)
    }

    /// A table below this one.
    pub fn optional_table(&self, key: &str, faults: &mut Faults) -> Option<Table<'d>> {
        let item = self.item(key)?;
        self.table(key, item, faults)
    }

    /// As [`Table::optional_table`], and the key must be there.
    pub fn required_table(&self, key: &str, faults: &mut Faults) -> Option<Table<'d>> {
        self.require(key, || Expected::Table { key: key.to_owned() }, faults);
        self.optional_table(key, faults)
    }

    /// The tables of an array `[[key]]` in the order of the text; empty if the key is missing.
    pub fn tables(&self, key: &str, faults: &mut Faults) -> Vec<Table<'d>> {
        let Some(item) = self.item(key) else { return Vec::new() };
        let items = item.get_ref().as_array();
        let expected = || Expected::Tables { key: key.to_owned() };
        let items = items.or_else(|| self.wrong_type(key, item, expected(), faults));
        items
            .into_iter()
            .flatten()
            .filter_map(|item| self.table(key, item, faults))
            .collect()
    }

    /// All tables directly below this one with their keys, in the order of the text; what is no table is a fault.
    pub fn sub_tables(&self, faults: &mut Faults) -> Vec<(&'d str, Table<'d>)> {
        self.keys()
            .into_iter()
            .filter_map(|(key, _)| Some((key, self.optional_table(key, faults)?)))
            .collect()
    }

    /// Every value of the table and of the tables in it: the keys that lead to it, where it is, and its text without
    /// comments and layout. A table in an array has its index among the keys.
    pub fn leaves(&self) -> Vec<Leaf> {
        let mut leaves = Vec::new();
        self.add_leaves(&[], &mut leaves);
        leaves.sort_by_key(|leaf| leaf.place);
        leaves
    }

    fn add_leaves(&self, above: &[String], leaves: &mut Vec<Leaf>) {
        for (key, item) in self.entries {
            let keys = [above, &[key.get_ref().to_string()]].concat();
            let tables = match item.get_ref() {
                DeValue::Table(entries) => {
                    Self::new(entries, self.lines, self.place_at(item)).add_leaves(&keys, leaves);
                    continue;
                }
                DeValue::Array(items) => {
                    let tables = items.iter().map(|item| item.get_ref().as_table());
                    tables.collect::<Option<Vec<_>>>().filter(|tables| !tables.is_empty())
                }
                DeValue::String(_)
                | DeValue::Integer(_)
                | DeValue::Float(_)
                | DeValue::Boolean(_)
                | DeValue::Datetime(_) => None,
            };
            let Some(tables) = tables else {
                leaves.push(Leaf {
                    keys,
                    place: self.lines.place(key.span().start),
                    value: written(item.get_ref()),
                    shown: shown(item.get_ref()),
                });
                continue;
            };
            for (index, entries) in tables.into_iter().enumerate() {
                let keys = [keys.as_slice(), &[index.to_string()]].concat();
                Self::new(entries, self.lines, self.place_at(item)).add_leaves(&keys, leaves);
            }
        }
    }

    fn item(&self, key: &str) -> Option<Item<'d>> {
        self.entries.get(key)
    }

    fn list(&self, key: &str) -> Vec<Item<'d>> {
        match self.item(key).map(|item| (item, item.get_ref())) {
            None => Vec::new(),
            Some((_, DeValue::Array(items))) => items.iter().collect(),
            Some((item, _)) => vec![item],
        }
    }

    fn place_at(&self, item: Item<'d>) -> Place {
        self.lines.place(item.span().start)
    }

    fn require(&self, key: &str, expected: impl FnOnce() -> Expected, faults: &mut Faults) {
        if !self.has(key) {
            let wrong = Wrong::Missing {
                key: key.to_owned(),
                expected: expected(),
            };
            faults.error(self.place, wrong);
        }
    }

    fn string(&self, key: &str, item: Item<'d>, faults: &mut Faults) -> Option<&'d str> {
        let text = item.get_ref().as_str();
        let text = text.or_else(|| self.wrong_type(key, item, Expected::QuotedText, faults))?;
        if text.trim().is_empty() {
            faults.error(self.place_at(item), Wrong::Empty { key: key.to_owned() });
            return None;
        }
        Some(text)
    }

    fn integer(&self, key: &str, item: Item<'d>, range: &RangeInclusive<i64>, faults: &mut Faults) -> Option<i64> {
        let digits = item.get_ref().as_integer();
        let digits = digits.or_else(|| self.wrong_type(key, item, Expected::Whole, faults))?;
        let value = i64::from_str_radix(digits.as_str(), digits.radix())
            .ok()
            .filter(|value| range.contains(value));
        if value.is_none() {
            let wrong = Wrong::NotWhole {
                key: key.to_owned(),
                found: digits.to_string(),
                low: *range.start(),
                high: *range.end(),
            };
            faults.error(self.place_at(item), wrong);
        }
        value
    }

    fn table(&self, key: &str, item: Item<'d>, faults: &mut Faults) -> Option<Table<'d>> {
        let entries = item.get_ref().as_table();
        let expected = || Expected::Table { key: key.to_owned() };
        let entries = entries.or_else(|| self.wrong_type(key, item, expected(), faults))?;
        Some(Table::new(entries, self.lines, self.place_at(item)))
    }

    fn wrong_type<T>(&self, key: &str, item: Item<'d>, expected: Expected, faults: &mut Faults) -> Option<T> {
        let found = match item.get_ref() {
            DeValue::String(_) => Found::Text,
            DeValue::Integer(_) => Found::Whole,
            DeValue::Float(_) => Found::Fraction,
            DeValue::Boolean(_) => Found::Flag,
            DeValue::Datetime(_) => Found::Date,
            DeValue::Array(_) => Found::Array,
            DeValue::Table(_) => Found::Table,
        };
        let wrong = Wrong::WrongType {
            key: key.to_owned(),
            found,
            expected,
        };
        faults.error(self.place_at(item), wrong);
        None
    }
}
