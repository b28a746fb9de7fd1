//! `[windows]` of a campaign file: when it may dial.

#[cfg(test)]
mod tests;

use chrono::NaiveDate;

use crate::calendar::{
    DayKey, Days, Rota, Season, Span, Standstill, Timetable, Windows, WindowsError, YearDay, is_legal,
};
use crate::document::{Expected, Faults, Place, Table, Wrong};
use crate::phone::NumberKind;

/// Numbers that may have windows of their own, with the key of their table.
const KINDS: [(&str, NumberKind); 2] = [("mobile", NumberKind::Mobile), ("landline", NumberKind::Landline)];

/// The windows; the usual hours without a table of them.
pub(super) fn read(root: &Table<'_>, faults: &mut Faults) -> Option<Windows> {
    if !root.has("windows") {
        return Some(Windows::default());
    }
    let table = root.optional_table("windows", faults)?;
    let mut found = Faults::new();
    let windows = all(&table, &mut found);
    // Windows that could not be read are missing for that reason alone.
    if let Some(windows) = windows.as_ref().filter(|_| !found.has_errors()) {
        tell_standstill(&table, windows, &mut found);
    }
    faults.append(found);
    windows
}

/// Hours in which somebody is there for whoever calls us: at any time of the day, written like the windows of all numbers.
pub(in crate::config) fn hours(table: &Table<'_>, faults: &mut Faults) -> Option<Windows> {
    known_keys(table, &["pause", "season", "from", "date"], faults);
    timetable(table, Ours::Hours, faults).map(Windows::of)
}

fn all(table: &Table<'_>, faults: &mut Faults) -> Option<Windows> {
    known_keys(
        table,
        &["pause", "season", "from", "date", "mobile", "landline"],
        faults,
    );
    let general = timetable(table, Ours::All, faults);
    let mut narrower = Vec::new();
    for (key, kind) in KINDS {
        if let Some(table) = table.optional_table(key, faults) {
            known_keys(&table, &["pause", "season", "from", "date"], faults);
            narrower.extend(timetable(&table, Ours::Some, faults).map(|timetable| (kind, timetable)));
        }
    }
    let narrow = |windows: Windows, (kind, timetable)| windows.narrowed(kind, timetable);
    Some(narrower.into_iter().fold(Windows::of(general?), narrow))
}

/// Whose windows a table has, which says what it means where it names no day, and when they may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ours {
    /// Those of all numbers: the usual hours. Nobody is called at night.
    All,
    /// Those of some, inside the windows of all: nothing narrower.
    Some,
    /// No calling windows: the hours of a desk, the usual ones or any.
    Hours,
}

impl Ours {
    /// Whether this may be such a window.
    const fn may_be(self, span: Span) -> bool {
        matches!(self, Self::Hours) || is_legal(span)
    }
}

fn timetable(table: &Table<'_>, ours: Ours, faults: &mut Faults) -> Option<Timetable> {
    let own = days(table, ours, faults).or_else(|| match ours {
        Ours::All | Ours::Hours => Some(Days::usual()),
        Ours::Some => None,
    });
    let first_seasons = seasons(table, ours, own.as_ref(), faults);
    let first = Rota::new(own.clone(), pause(table, faults)).and_then(|rota| Timetable::new(rota, first_seasons));
    let mut timetable = told(first, table.place(), faults)?;
    for later in table.tables("from", faults) {
        known_keys(&later, &["date", "pause", "season"], faults);
        let date = later.required_parsed("date", date("2027-01-01"), str::parse::<NaiveDate>, faults);
        let of_its_own = days(&later, ours, faults);
        warn_of_kinds(&later, own.as_ref(), of_its_own.as_ref(), faults);
        let days = of_its_own.as_ref().or(own.as_ref());
        let seasons = later.has("season").then(|| seasons(&later, ours, days, faults));
        let rota = told(Rota::new(of_its_own, pause(&later, faults)), later.place(), faults);
        if let Some((date, rota)) = date.zip(rota) {
            told(timetable.from_date(date, rota, seasons), later.place_of("date"), faults);
        }
    }
    for dates in table.tables("date", faults) {
        on_dates(&dates, ours, &mut timetable, faults);
    }
    Some(timetable)
}

/// The day keys of a table; none if it has none.
fn days(table: &Table<'_>, ours: Ours, faults: &mut Faults) -> Option<Days> {
    let mut days = Days::default();
    for key in DayKey::ALL.into_iter().filter(|key| table.has(key.as_str())) {
        let spans = windows(table, key.as_str(), ours, faults);
        told(days.set(key, spans), table.place_of(key.as_str()), faults);
    }
    (!days.is_empty()).then_some(days)
}

fn seasons(table: &Table<'_>, ours: Ours, before: Option<&Days>, faults: &mut Faults) -> Vec<Season> {
    let mut seasons = Vec::new();
    for season in table.tables("season", faults) {
        known_keys(&season, &["from", "to", "pause"], faults);
        let mut day = |key| season.required_parsed(key, Expected::DayOfYear, str::parse::<YearDay>, faults);
        let (from, to) = (day("from"), day("to"));
        let days = days(&season, ours, faults);
        warn_of_kinds(&season, before, days.as_ref(), faults);
        let rota = told(
            Rota::new(days, pause(&season, faults)),
            season.place_of("pause"),
            faults,
        );
        if let Some(((from, to), rota)) = from.zip(to).zip(rota) {
            seasons.push(Season::new(from, to, rota));
        }
    }
    seasons
}

/// `[[windows.date]]`: a date, or a range of them, that has its own windows or none.
fn on_dates(table: &Table<'_>, ours: Ours, timetable: &mut Timetable, faults: &mut Faults) {
    table.unknown_keys(&["from", "to", "windows", "closed", "pause"], faults);
    let read = str::parse::<NaiveDate>;
    let from = table.required_parsed("from", date("2026-12-24"), read, faults);
    let to = table.optional_parsed("to", date("2026-12-26"), read, faults);
    let closed = table.optional_bool("closed", faults);
    match (table.has("windows"), closed) {
        (true, Some(true)) => faults.error(table.place_of("closed"), Wrong::WindowsAndClosed),
        (false, Some(false)) => faults.error(table.place_of("closed"), Wrong::ClosedIsFalse),
        (false, None) if !table.has("closed") => faults.error(table.place(), Wrong::NeitherWindowsNorClosed),
        (true, Some(false) | None) | (false, Some(true) | None) => {}
    }
    let spans = windows(table, "windows", ours, faults);
    let pause = pause(table, faults);
    let Some(from) = from else { return };
    let to = to.unwrap_or(from);
    if to < from {
        let (from, to) = (from.to_string(), to.to_string());
        faults.error(table.place_of("to"), Wrong::EndsBeforeItBegins { from, to });
        return;
    }
    told(timetable.on_dates((from, to), spans, pause), table.place(), faults);
}

/// The pause of a table, if it has one: of any length, for nobody is called in it.
fn pause(table: &Table<'_>, faults: &mut Faults) -> Option<Vec<Span>> {
    table.has("pause").then(|| {
        let spans = spans(table, "pause", faults);
        spans.into_iter().map(|(span, _)| span).collect()
    })
}

/// Windows; where they are calling windows, inside the hours in which people may be called.
fn windows(table: &Table<'_>, key: &str, ours: Ours, faults: &mut Faults) -> Vec<Span> {
    let mut may_be = Vec::new();
    for (span, place) in spans(table, key, faults) {
        if ours.may_be(span) {
            may_be.push(span);
        } else {
            faults.error(place, WindowsError::Illegal(span));
        }
    }
    may_be
}

fn spans(table: &Table<'_>, key: &str, faults: &mut Faults) -> Vec<(Span, Place)> {
    let mut spans = Vec::new();
    for (text, place) in table.strings(key, faults) {
        match text.parse::<Span>() {
            Ok(span) => spans.push((span, place)),
            Err(error) => faults.error(
                place,
                Wrong::NotASpan {
                    found: text.to_owned(),
                    why: error.to_string(),
                },
            ),
        }
    }
    spans
}

fn date(example: &str) -> Expected {
    Expected::Date {
        example: example.to_owned(),
    }
}

impl From<WindowsError> for Wrong {
    fn from(error: WindowsError) -> Self {
        match error {
            WindowsError::Overlap(first, second) => Self::WindowsOverlap {
                first: first.to_string(),
                second: second.to_string(),
            },
            WindowsError::Empty => Self::NoWindow,
            WindowsError::Illegal(window) => Self::IllegalWindow {
                window: window.to_string(),
            },
            WindowsError::Seasons(first, second) => Self::SeasonsOverlap { first, second },
            WindowsError::SameDate(date) => Self::DateTwice { date: date.to_string() },
        }
    }
}

fn known_keys(table: &Table<'_>, others: &[&str], faults: &mut Faults) {
    let days = DayKey::ALL.iter().map(|key| key.as_str());
    let known: Vec<&str> = days.chain(others.iter().copied()).collect();
    table.unknown_keys(&known, faults);
}

fn told<T>(result: Result<T, WindowsError>, place: Place, faults: &mut Faults) -> Option<T> {
    result.map_err(|error| faults.error(place, error)).ok()
}

/// Days of its own take the place of all days before: who closed on holidays there may have forgotten it here.
fn warn_of_kinds(table: &Table<'_>, before: Option<&Days>, own: Option<&Days>, faults: &mut Faults) {
    let Some((before, own)) = before.zip(own) else { return };
    let forgotten = DayKey::KINDS
        .into_iter()
        .filter(|key| before.has(*key) && !own.has(*key));
    let names: Vec<String> = forgotten.map(|key| format!("`{}`", key.as_str())).collect();
    if !names.is_empty() {
        let days = names.join(", ");
        faults.warning(table.place(), Wrong::DaysReplaced { days });
    }
}

/// Tells who would never be called, or not for a year.
fn tell_standstill(table: &Table<'_>, windows: &Windows, faults: &mut Faults) {
    match windows.standstill(None) {
        Some(Standstill::Always) => {
            faults.error(table.place(), Wrong::NoWindow);
            return;
        }
        Some(Standstill::From(date)) => {
            let date = date.to_string();
            faults.warning(table.place(), Wrong::YearWithoutWindow { date });
        }
        None => {}
    }
    for (key, kind) in KINDS {
        let still = windows.standstill(Some(kind));
        let numbers = key.to_owned();
        let wrong = match still.filter(|_| still != windows.standstill(None)) {
            Some(Standstill::Always) => Wrong::NumbersNeverCalled { numbers },
            Some(Standstill::From(date)) => Wrong::NumbersNotCalledFrom {
                numbers,
                date: date.to_string(),
            },
            None => continue,
        };
        faults.warning(table.place_of(key), wrong);
    }
}
