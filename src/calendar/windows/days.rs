//! The days of a timetable: which spans hold on which weekday and on which kind of day.

use std::collections::BTreeMap;

use super::WindowsError;
use super::spans::join;
use crate::calendar::{DayKind, Span};

/// What the spans of days stand under in files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DayKey {
    /// Mondays.
    Mon,
    /// Tuesdays.
    Tue,
    /// Wednesdays.
    Wed,
    /// Thursdays.
    Thu,
    /// Fridays.
    Fri,
    /// Saturdays.
    Sat,
    /// Sundays.
    Sun,
    /// Days without a key that says more.
    EveryDay,
    /// Days that are worked by the work calendar, made-up ones among them.
    Workday,
    /// Saturdays and Sundays that are neither worked nor holidays.
    Weekend,
    /// Days off by the work calendar, whatever the weekday.
    Holiday,
    /// Days worked to make up for a holiday (调休上班日).
    MakeUp,
}

impl DayKey {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Mon,
        Self::Tue,
        Self::Wed,
        Self::Thu,
        Self::Fri,
        Self::Sat,
        Self::Sun,
        Self::EveryDay,
        Self::Workday,
        Self::Weekend,
        Self::Holiday,
        Self::MakeUp,
    ];

    /// Those of the weekdays, Monday first.
    pub const WEEK: [Self; 7] = [
        Self::Mon,
        Self::Tue,
        Self::Wed,
        Self::Thu,
        Self::Fri,
        Self::Sat,
        Self::Sun,
    ];

    /// Those that ask the work calendar.
    pub const KINDS: [Self; 4] = [Self::Workday, Self::Weekend, Self::Holiday, Self::MakeUp];

    /// The key in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mon => "mon",
            Self::Tue => "tue",
            Self::Wed => "wed",
            Self::Thu => "thu",
            Self::Fri => "fri",
            Self::Sat => "sat",
            Self::Sun => "sun",
            Self::EveryDay => "every_day",
            Self::Workday => "workday",
            Self::Weekend => "weekend",
            Self::Holiday => "holiday",
            Self::MakeUp => "make_up",
        }
    }

    /// The key with this text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.as_str() == text)
    }
}

/// Spans by day. A day has the spans of the most special key that is there, none if that is an empty list or there is
/// no key for it:
///
/// | day | its keys, the most special one first |
/// |---|---|
/// | made up | `make_up`, `workday`, its weekday, `every_day` |
/// | holiday | `holiday`, its weekday, `every_day` |
/// | working day | its weekday, `workday`, `every_day` |
/// | weekend | its weekday, `weekend`, `every_day` |
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Days(BTreeMap<DayKey, Vec<Span>>);

impl Days {
    /// The same spans on every day.
    pub fn every_day(spans: &[Span]) -> Result<Self, WindowsError> {
        let mut days = Self::default();
        days.set(DayKey::EveryDay, spans.to_vec())?;
        Ok(days)
    }

    /// 9:00-12:00 and 14:00-20:30 on every day.
    pub fn usual() -> Self {
        let spans = [Span::new(9 * 60, 12 * 60), Span::new(14 * 60, 20 * 60 + 30)];
        Self(BTreeMap::from([(
            DayKey::EveryDay,
            spans.into_iter().flatten().collect(),
        )]))
    }

    /// Sets the spans of a key. Spans that touch become one; those that overlap are refused.
    pub fn set(&mut self, key: DayKey, spans: Vec<Span>) -> Result<(), WindowsError> {
        self.0.insert(key, join(spans)?);
        Ok(())
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a key is there, be its list empty.
    pub fn has(&self, key: DayKey) -> bool {
        self.0.contains_key(&key)
    }

    /// The keys with their spans.
    pub(super) fn keys(&self) -> impl Iterator<Item = (DayKey, &[Span])> {
        self.0.iter().map(|(key, spans)| (*key, spans.as_slice()))
    }

    /// The spans of a day of this weekday (Monday is 0) and this kind.
    pub(super) fn on(&self, weekday: usize, kind: DayKind<'_>) -> &[Span] {
        let weekday = DayKey::WEEK.get(weekday).copied().unwrap_or(DayKey::EveryDay);
        let keys: &[DayKey] = match kind {
            DayKind::MakeUpDay(_) => &[DayKey::MakeUp, DayKey::Workday, weekday, DayKey::EveryDay],
            DayKind::Holiday(_) => &[DayKey::Holiday, weekday, DayKey::EveryDay],
            DayKind::Workday => &[weekday, DayKey::Workday, DayKey::EveryDay],
            DayKind::Weekend => &[weekday, DayKey::Weekend, DayKey::EveryDay],
        };
        let spans = keys.iter().find_map(|key| self.0.get(key));
        spans.map_or(&[], Vec::as_slice)
    }
}
