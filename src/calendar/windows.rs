//! The calling windows of a campaign, in local time: on which date which spans.

mod days;
mod json;
mod season;
mod spans;
mod timetable;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::zone::weekday;
use super::{DayKind, Span, WorkCalendar};
use crate::phone::NumberKind;
pub use days::{DayKey, Days};
pub use season::{Season, YearDay, YearDayError};
use spans::{WHOLE_DAY, common};
pub use timetable::{Rota, Timetable};

/// When calls may be placed, in local time: one timetable for all numbers, and narrower ones for numbers of a kind.
///
/// Campaign files have a table `[windows]` (`config/campaign/windows.rs`). As JSON, if there is nothing but days, either
/// a list for every day (`["09:00-12:00", "14:00-20:30"]`) or a table by day (`{ mon = ["09:00-12:00"], … }`; a day that
/// is missing has no window).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Windows {
    general: Timetable,
    narrower: BTreeMap<NumberKind, Timetable>,
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
    /// Two seasons share a day.
    #[error("the seasons {0} and {1} overlap")]
    Seasons(String, String),
    /// A date is told twice.
    #[error("{0} stands here twice")]
    SameDate(NaiveDate),
}

/// That nobody is called for a year or for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standstill {
    /// There is no window on any day.
    Always,
    /// There is none for a year from this date on.
    From(NaiveDate),
}

/// Nobody is called before 8:00 or from 21:00 on.
pub(super) const LEGAL: (u16, u16) = (8 * 60, 21 * 60);

/// A year without a window is a slip of the pen, or the end of a campaign.
const YEAR_DAYS: usize = 366;

impl Default for Windows {
    /// 9:00-12:00 and 14:00-20:30 on every day.
    fn default() -> Self {
        Self::of(Timetable::of_days(Days::usual()))
    }
}

impl Windows {
    /// The same timetable for all numbers.
    pub const fn of(general: Timetable) -> Self {
        Self {
            general,
            narrower: BTreeMap::new(),
        }
    }

    /// Numbers of a kind are called only when this timetable allows it as well.
    #[must_use]
    pub fn narrowed(mut self, kind: NumberKind, timetable: Timetable) -> Self {
        self.narrower.insert(kind, timetable);
        self
    }

    /// Windows by weekday, Monday first. Spans of a day that touch become one.
    pub fn new(week: [Vec<Span>; 7]) -> Result<Self, WindowsError> {
        if week.iter().all(Vec::is_empty) {
            return Err(WindowsError::Empty);
        }
        let mut days = Days::default();
        for (key, spans) in DayKey::WEEK.into_iter().zip(week) {
            days.set(key, spans)?;
        }
        Ok(Self::of(Timetable::of_days(days)))
    }

    /// The same windows on every day.
    pub fn every_day(spans: &[Span]) -> Result<Self, WindowsError> {
        if spans.is_empty() {
            return Err(WindowsError::Empty);
        }
        Ok(Self::of(Timetable::of_days(Days::every_day(spans)?)))
    }

    /// Refuses windows before 8:00 or after 21:00 local time.
    pub fn legal(&self) -> Result<(), WindowsError> {
        let mut spans = self.timetables().flat_map(Timetable::spans);
        spans
            .find(|span| !is_legal(*span))
            .map_or(Ok(()), |span| Err(WindowsError::Illegal(span)))
    }

    /// The windows of a date for numbers of this kind, in order; of a kind that nobody knows, those for all numbers.
    pub fn on(&self, kind: Option<NumberKind>, date: NaiveDate, calendar: &WorkCalendar) -> impl Iterator<Item = Span> {
        self.on_day(kind, date, calendar.day(date))
    }

    /// Whether they ask the work calendar what a day is.
    pub fn ask_for_kinds(&self) -> bool {
        self.timetables().any(Timetable::asks_for_kinds)
    }

    /// Whether numbers of this kind are not called for a year or for ever, whatever the work calendar says.
    pub fn standstill(&self, kind: Option<NumberKind>) -> Option<Standstill> {
        let narrower = kind.and_then(|kind| self.narrower.get(&kind));
        let turns = self
            .general
            .turns()
            .chain(narrower.into_iter().flat_map(Timetable::turns));
        let turns: BTreeSet<NaiveDate> = turns.collect();
        // A year whose dates nobody has named is like all of them.
        let plain = NaiveDate::from_ymd_opt(1000, 1, 1).unwrap_or_default();
        let dead = |from: &NaiveDate| !self.opens_within_a_year(kind, *from);
        match (
            dead(&plain),
            turns.iter().find(|from| dead(from)),
            turns.iter().all(dead),
        ) {
            (true, _, true) => Some(Standstill::Always),
            (_, Some(from), _) => Some(Standstill::From(*from)),
            (_, None, _) => None,
        }
    }

    fn opens_within_a_year(&self, kind: Option<NumberKind>, from: NaiveDate) -> bool {
        from.iter_days().take(YEAR_DAYS).any(|date| {
            let days: &[DayKind<'_>] = if weekday(date) < 5 {
                &[DayKind::Workday, DayKind::Holiday("")]
            } else {
                &[DayKind::Weekend, DayKind::MakeUpDay(""), DayKind::Holiday("")]
            };
            days.iter().any(|day| self.on_day(kind, date, *day).next().is_some())
        })
    }

    fn on_day(&self, kind: Option<NumberKind>, date: NaiveDate, day: DayKind<'_>) -> impl Iterator<Item = Span> {
        let narrower = kind.and_then(|kind| self.narrower.get(&kind));
        let narrower = narrower.map(|timetable| timetable.on(date, day));
        let (all_day, narrower) = match narrower {
            Some(spans) => (&[][..], Some(spans)),
            None => (WHOLE_DAY, None),
        };
        let narrower = narrower.into_iter().flatten().chain(all_day.iter().copied());
        common(self.general.on(date, day), narrower)
    }

    fn timetables(&self) -> impl Iterator<Item = &Timetable> {
        std::iter::once(&self.general).chain(self.narrower.values())
    }
}

/// Whether people may be called in it at all.
pub const fn is_legal(span: Span) -> bool {
    LEGAL.0 <= span.from() && span.to() <= LEGAL.1
}
