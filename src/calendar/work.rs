//! The work calendar: which days are worked, by weekday, public holidays and make-up days (调休).
//!
//! The years that were published ship with the program (`calendars/cn.toml`); an own file goes over them, day by day.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};

use super::zone::{days_later, weekday};
use crate::document::{Document, Fault, Faults, Place, Table};

/// What ships with the program: mainland China, by the yearly notices of the State Council.
const SHIPPED: &str = include_str!("../../calendars/cn.toml");

/// Days off and days worked beside the plain week.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkCalendar {
    special: BTreeMap<NaiveDate, Special>,
    /// The years whose holidays are known.
    years: BTreeSet<i32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Special {
    worked: Worked,
    name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Worked {
    Yes,
    No,
}

/// What a day is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayKind<'c> {
    /// Monday to Friday, and no holiday.
    Workday,
    /// Saturday or Sunday, and not worked for a holiday.
    Weekend,
    /// Off, for this reason, whatever the weekday.
    Holiday(&'c str),
    /// Worked to make up for this holiday, whatever the weekday (调休).
    MakeUpDay(&'c str),
}

impl DayKind<'_> {
    /// Whether the day is worked.
    pub const fn is_worked(self) -> bool {
        match self {
            Self::Workday | Self::MakeUpDay(_) => true,
            Self::Weekend | Self::Holiday(_) => false,
        }
    }
}

/// Working days further away than this are not counted: no calendar leaves ten years without one.
const FURTHEST: u32 = 3_660;

impl WorkCalendar {
    /// What ships with the program.
    pub fn shipped() -> Self {
        let (shipped, faults) = Self::read(SHIPPED);
        debug_assert!(!faults.has_errors(), "the shipped work calendar is read by a test");
        shipped
    }

    /// Reads a calendar file; its warnings come with it.
    ///
    /// # Errors
    /// Every fault of the text, each with its place.
    pub fn parse(text: &str) -> Result<(Self, Vec<Fault>), Vec<Fault>> {
        let (calendar, faults) = Self::read(text);
        if faults.has_errors() {
            Err(faults.into_sorted())
        } else {
            Ok((calendar, faults.into_sorted()))
        }
    }

    fn read(text: &str) -> (Self, Faults) {
        let (document, mut faults) = Document::parse(text);
        let root = document.root();
        root.unknown_keys(&["year"], &mut faults);
        let mut calendar = Self::default();
        for year in root.tables("year", &mut faults) {
            calendar.read_year(&year, &mut faults);
        }
        (calendar, faults)
    }

    fn read_year(&mut self, table: &Table<'_>, faults: &mut Faults) {
        table.unknown_keys(&["year", "source", "holidays", "worked"], faults);
        let Some(year) = table.required_integer("year", 2000..=2999, faults) else {
            return;
        };
        // Who reads a decision later wants to know by which notice.
        table.required_str("source", faults);
        let year = i32::try_from(year).unwrap_or_default();
        if !self.years.insert(year) {
            faults.error(table.place(), format!("the year {year} is here twice"));
        }
        for (key, worked) in [("holidays", Worked::No), ("worked", Worked::Yes)] {
            for (text, place) in table.strings(key, faults) {
                match stretch(text) {
                    Some((from, to, name)) => self.add(year, (from, to), worked, name, place, faults),
                    None => faults.error(
                        place,
                        format!(
                            "expected days and their name such as \"2026-10-01..2026-10-07 国庆节\" or \
                             \"2026-10-10 国庆节\", got {text:?}"
                        ),
                    ),
                }
            }
        }
    }

    fn add(
        &mut self,
        year: i32,
        (from, to): (NaiveDate, NaiveDate),
        worked: Worked,
        name: &str,
        place: Place,
        faults: &mut Faults,
    ) {
        if from.year() != year || to.year() != year {
            faults.error(
                place,
                format!("{from}..{to} is not in {year}; write what lies in another year there"),
            );
            return;
        }
        if worked == Worked::Yes && weekday(from) < 5 && from == to {
            faults.warning(place, format!("{from} is worked anyway: it is no Saturday or Sunday"));
        }
        for day in from.iter_days().take_while(|day| *day <= to) {
            let name = name.to_owned();
            if self.special.insert(day, Special { worked, name }).is_some() {
                faults.error(place, format!("{day} is here twice"));
            }
        }
    }

    /// This calendar with another one over it: its days replace ours, its years count as known.
    #[must_use]
    pub fn under(mut self, own: Self) -> Self {
        self.special.extend(own.special);
        self.years.extend(own.years);
        self
    }

    /// What a day is. In a year that is not known nothing but the weekday tells.
    pub fn day(&self, date: NaiveDate) -> DayKind<'_> {
        match self.special.get(&date) {
            Some(Special {
                worked: Worked::Yes,
                name,
            }) => DayKind::MakeUpDay(name),
            Some(Special {
                worked: Worked::No,
                name,
            }) => DayKind::Holiday(name),
            None if weekday(date) < 5 => DayKind::Workday,
            None => DayKind::Weekend,
        }
    }

    /// Whether the holidays of a year are known.
    pub fn knows(&self, year: i32) -> bool {
        self.years.contains(&year)
    }

    /// The first year that is touched from one date to another, both included, and whose holidays are not known.
    pub fn first_unknown(&self, from: NaiveDate, to: NaiveDate) -> Option<i32> {
        (from.year()..=to.year()).find(|year| !self.knows(*year))
    }

    /// The working day that comes so many working days after a date; the date itself does not count, whatever it is. With
    /// 0, the date.
    pub fn workdays_after(&self, date: NaiveDate, count: u32) -> NaiveDate {
        let mut left = count;
        let mut day = date;
        for _ in 0..FURTHEST {
            if left == 0 {
                break;
            }
            day = days_later(day, 1);
            if self.day(day).is_worked() {
                left -= 1;
            }
        }
        day
    }
}

/// `2026-10-01..2026-10-07 国庆节`, or one day.
fn stretch(text: &str) -> Option<(NaiveDate, NaiveDate, &str)> {
    let (days, name) = text.trim().split_once(char::is_whitespace)?;
    let (from, to) = days.split_once("..").unwrap_or((days, days));
    let (from, to): (NaiveDate, NaiveDate) = (from.parse().ok()?, to.parse().ok()?);
    let name = name.trim();
    (from <= to && !name.is_empty()).then_some((from, to, name))
}
