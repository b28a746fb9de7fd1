//! The calling windows of a week, in local time.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Span;
use super::zone::{at_minute, days_later, local, weekday};
use crate::moment::Wall;

/// When calls may be placed, weekday by weekday, in local time. As JSON either a list for every day
/// (`["09:00-12:00", "14:00-20:30"]`) or a table by weekday (`{ mon = ["09:00-12:00"], … }`; a day that is missing has
/// no window). Campaign files have a table `[windows]` with `every_day` and weekdays (`config/campaign.rs`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Windows {
    /// Monday first; each day's spans in order, neither touching nor overlapping.
    week: [Vec<Span>; 7],
}

/// Why windows cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WindowsError {
    /// Two windows of a day share time.
    #[error("the windows {0} and {1} overlap")]
    Overlap(Span, Span),
    /// No day has a window: nobody would ever be called.
    #[error("there is no calling window on any day")]
    Empty,
    /// Outside the hours in which carriers and rules allow such calls.
    #[error("the window {0} reaches outside 08:00-21:00, where nobody may be called")]
    Illegal(Span),
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Nobody is called before 8:00 or from 21:00 on.
const LEGAL: (u16, u16) = (8 * 60, 21 * 60);

/// How far ahead an opening is looked for: a week, and a week more for days that a zone skipped.
const HORIZON_DAYS: u32 = 15;

impl Default for Windows {
    /// 9:00-12:00 and 14:00-20:30 on every day.
    fn default() -> Self {
        let day: Vec<_> = [Span::new(9 * 60, 12 * 60), Span::new(14 * 60, 20 * 60 + 30)]
            .into_iter()
            .flatten()
            .collect();
        Self {
            week: std::array::from_fn(|_| day.clone()),
        }
    }
}

impl Windows {
    /// Windows by weekday, Monday first. Spans of a day that touch become one.
    pub fn new(week: [Vec<Span>; 7]) -> Result<Self, WindowsError> {
        if week.iter().all(Vec::is_empty) {
            return Err(WindowsError::Empty);
        }
        let mut joined = <[Vec<Span>; 7]>::default();
        for (day, spans) in joined.iter_mut().zip(week) {
            *day = join(spans)?;
        }
        Ok(Self { week: joined })
    }

    /// The same windows on every day.
    pub fn every_day(spans: &[Span]) -> Result<Self, WindowsError> {
        Self::new(std::array::from_fn(|_| spans.to_vec()))
    }

    /// The windows of a weekday, Monday is 0, in order.
    pub fn of_weekday(&self, weekday: usize) -> &[Span] {
        self.week.get(weekday).map_or(&[], Vec::as_slice)
    }

    /// Refuses windows before 8:00 or after 21:00 local time.
    pub fn legal(&self) -> Result<(), WindowsError> {
        let outside = |span: &&Span| span.from() < LEGAL.0 || span.to() > LEGAL.1;
        self.week
            .iter()
            .flatten()
            .find(outside)
            .map_or(Ok(()), |span| Err(WindowsError::Illegal(*span)))
    }

    /// Whether a call may be placed at `wall`.
    pub fn is_open(&self, wall: Wall, zone: Tz) -> bool {
        self.opening_around(wall, zone).is_some()
    }

    /// The first time at or after `wall` at which a call may be placed.
    pub fn next_open(&self, wall: Wall, zone: Tz) -> Option<Wall> {
        let (from, _) = self.openings(wall, zone).find(|(_, to)| *to > wall)?;
        Some(from.max(wall))
    }

    /// When the window that is open at `wall` closes; none if it is closed.
    pub fn closes_at(&self, wall: Wall, zone: Tz) -> Option<Wall> {
        self.opening_around(wall, zone).map(|(_, to)| to)
    }

    /// The window that is open at `wall`, from its start to its end.
    pub fn opening_around(&self, wall: Wall, zone: Tz) -> Option<(Wall, Wall)> {
        self.openings(wall, zone).find(|(from, to)| *from <= wall && wall < *to)
    }

    /// The openings from the day before `wall` on, in order, none of them empty, those that touch over midnight joined.
    fn openings(&self, wall: Wall, zone: Tz) -> impl Iterator<Item = (Wall, Wall)> {
        let today = local(wall, zone).date();
        let yesterday = today.pred_opt().unwrap_or(today);
        let mut openings = (0..=HORIZON_DAYS)
            .flat_map(move |days| self.of_date(days_later(yesterday, days), zone))
            .filter(|(from, to)| from < to)
            .peekable();
        std::iter::from_fn(move || {
            let (from, mut to) = openings.next()?;
            while let Some((_, later)) = openings.next_if(|(next, _)| *next <= to) {
                to = later.max(to);
            }
            Some((from, to))
        })
    }

    fn of_date(&self, date: NaiveDate, zone: Tz) -> impl Iterator<Item = (Wall, Wall)> {
        let spans = self.of_weekday(weekday(date)).iter();
        spans.map(move |span| (at_minute(date, span.from(), zone), at_minute(date, span.to(), zone)))
    }
}

fn join(mut spans: Vec<Span>) -> Result<Vec<Span>, WindowsError> {
    spans.sort_unstable();
    let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match joined.last_mut() {
            Some(last) if span.from() < last.to() => return Err(WindowsError::Overlap(*last, span)),
            Some(last) if span.from() == last.to() => *last = Span::new(last.from(), span.to()).unwrap_or(*last),
            Some(_) | None => joined.push(span),
        }
    }
    Ok(joined)
}

impl Serialize for Windows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let [first, rest @ ..] = &self.week;
        if rest.iter().all(|day| day == first) {
            return first.serialize(serializer);
        }
        serializer.collect_map(DAYS.iter().zip(&self.week).filter(|(_, spans)| !spans.is_empty()))
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
        let mut by_day: BTreeMap<usize, Vec<Span>> = BTreeMap::new();
        while let Some(Day(day)) = table.next_key()? {
            by_day.insert(day, table.next_value()?);
        }
        Windows::new(std::array::from_fn(|day| by_day.remove(&day).unwrap_or_default())).map_err(A::Error::custom)
    }
}

/// A weekday by its three letters; a type of its own, so that a fault points at the key.
struct Day(usize);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let day = DAYS.iter().position(|day| *day == name);
        day.map(Self).ok_or_else(|| D::Error::unknown_field(&name, &DAYS))
    }
}
