//! Windows that are nothing but days, as JSON: a list for every day, or a table by day.

use std::fmt;

use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{DayKey, Days, Timetable, Windows, WindowsError};
use crate::calendar::Span;

impl Serialize for Windows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let days = self.general.only_days().filter(|_| self.narrower.is_empty());
        let days = days.ok_or_else(|| S::Error::custom("only campaign files hold windows that are more than days"))?;
        let every_day = days.keys().find(|(key, _)| *key == DayKey::EveryDay);
        match every_day.filter(|_| days.keys().count() == 1) {
            Some((_, spans)) => spans.serialize(serializer),
            None => serializer.collect_map(days.keys().map(|(key, spans)| (key.as_str(), spans))),
        }
    }
}

impl<'de> Deserialize<'de> for Windows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Windows;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of spans for every day (\"09:00-12:00\") or a table from mon … sun to such lists")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Windows, A::Error> {
        let mut spans: Vec<Span> = Vec::new();
        while let Some(span) = list.next_element()? {
            spans.push(span);
        }
        Windows::every_day(&spans).map_err(A::Error::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<Windows, A::Error> {
        let mut days = Days::default();
        while let Some(Day(day)) = table.next_key()? {
            days.set(day, table.next_value()?).map_err(A::Error::custom)?;
        }
        if days.keys().all(|(_, spans)| spans.is_empty()) {
            return Err(A::Error::custom(WindowsError::Empty));
        }
        Ok(Windows::of(Timetable::of_days(days)))
    }
}

/// A day by its key; a type of its own, so that a fault points at the key.
struct Day(DayKey);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let day = DayKey::parse(&name);
        day.map(Self)
            .ok_or_else(|| D::Error::custom(format!("unknown day `{name}`; expected mon … sun or a kind of day")))
    }
}
