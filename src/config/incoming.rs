//! `[incoming]`: how calls from the trunks are answered.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Trunk, campaign};
use crate::calendar::Windows;
use crate::document::{Faults, Table};

/// How calls from the trunks are answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// The dialplan for a patient whose number is known and for whom nothing is open.
    pub known: PathBuf,
    /// The dialplan for everybody else.
    pub unknown: PathBuf,
    /// So many are answered at a time.
    pub at_once: u16,
    /// So many lines of each trunk are left to those who call us; a trunk's last line is not.
    pub lines: u16,
    /// The longest call.
    pub longest: Duration,
    /// So long after our last call a case that was closed with some answers is gone on with.
    pub completable: Duration,
    /// When agents are there for whoever calls.
    pub hours: Windows,
}

/// Most hospitals get a few call backs an hour.
const AT_ONCE: u16 = 4;
const LINES: u16 = 1;
const LONGEST: Duration = Duration::from_secs(10 * 60);
/// Three days: a missed call is answered within them, or not at all, and what is asked of the days after discharge holds still.
const COMPLETABLE: Duration = Duration::from_secs(72 * 3600);
/// Answers of another month are another follow-up.
const LATEST: Duration = Duration::from_secs(30 * 24 * 3600);

impl Incoming {
    /// None unless the section says that calls are taken: then they are refused.
    pub(super) fn read(table: Option<Table<'_>>, folder: &Path, faults: &mut Faults) -> Option<Self> {
        let table = table?;
        table.unknown_keys(
            &[
                "take",
                "known",
                "unknown",
                "at_once",
                "lines",
                "longest",
                "completable",
                "hours",
            ],
            faults,
        );
        let mut file = |key, usual: &str| {
            let named = table.optional_str(key, faults).unwrap_or(usual);
            if named.trim().is_empty() {
                let message = format!("`{key}` is empty; expected a dialplan file such as \"{usual}\"");
                faults.error(table.place_of(key), message);
            }
            folder.join(named)
        };
        let known = file("known", "dialplans/incoming.toml");
        let unknown = file("unknown", "dialplans/incoming-unknown.toml");
        let at_once = table.optional_integer("at_once", 1..=200, faults);
        let lines = table.optional_integer("lines", 0..=200, faults);
        let minutes = Duration::from_secs(60)..=Duration::from_secs(30 * 60);
        let longest = table.optional_duration("longest", minutes, faults);
        let completable = table.optional_duration("completable", Duration::ZERO..=LATEST, faults);
        let hours = match table.optional_table("hours", faults) {
            Some(hours) => campaign::hours(&hours, faults),
            None => None,
        };
        let takes = table.optional_bool("take", faults).unwrap_or_default();
        takes.then_some(Self {
            known,
            unknown,
            at_once: at_once.and_then(|found| u16::try_from(found).ok()).unwrap_or(AT_ONCE),
            lines: lines.and_then(|found| u16::try_from(found).ok()).unwrap_or(LINES),
            longest: longest.unwrap_or(LONGEST),
            completable: completable.unwrap_or(COMPLETABLE),
            hours: hours.unwrap_or_default(),
        })
    }

    pub(super) fn keep_lines_free(&self, trunks: &mut [Trunk]) {
        for caps in trunks.iter_mut().map(|trunk| &mut trunk.caps) {
            caps.kept_free = self.lines.min(caps.lines.saturating_sub(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::WorkCalendar;
    use crate::document::Document;

    fn read(text: &str) -> (Option<Incoming>, Vec<String>) {
        let text = format!("[incoming]\ntake = true\n{text}");
        let (document, mut faults) = Document::parse(&text);
        let root = document.root();
        let table = root.optional_table("incoming", &mut faults);
        let incoming = Incoming::read(table, Path::new("/etc/aftercall"), &mut faults);
        let faults = faults.into_sorted();
        let told = faults.iter().map(|fault| format!("{}: {}", fault.line, fault.wrong));
        (incoming, told.collect())
    }

    fn on(text: &str, date: &str) -> String {
        let (incoming, faults) = read(text);
        assert_eq!(faults, Vec::<String>::new(), "{text}");
        let hours = incoming.expect("calls are taken").hours;
        let calendar = WorkCalendar::shipped();
        let spans = hours.on(None, date.parse().unwrap(), &calendar);
        spans.map(|span| span.to_string()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_desk_may_be_there_at_any_hour() {
        for (hours, date, expected) in [
            ("", "2026-11-20", "09:00-12:00 14:00-20:30"),
            (
                "[incoming.hours]\nevery_day = [\"00:00-24:00\"]\n",
                "2026-11-20",
                "00:00-24:00",
            ),
            (
                "[incoming.hours]\nevery_day = [\"00:00-06:30\", \"22:00-24:00\"]\n",
                "2026-11-21",
                "00:00-06:30 22:00-24:00",
            ),
            (
                "[incoming.hours]\nevery_day = [\"07:00-23:00\"]\npause = [\"12:00-12:30\"]\n\
                 [[incoming.hours.season]]\nfrom = \"06-01\"\nto = \"09-30\"\nevery_day = [\"06:00-23:30\"]\n\
                 [[incoming.hours.date]]\nfrom = \"2027-02-06\"\nwindows = [\"05:00-06:00\"]\n",
                "2026-07-01",
                "06:00-12:00 12:30-23:30",
            ),
            (
                "[incoming.hours]\nevery_day = [\"07:00-23:00\"]\n\
                 [[incoming.hours.date]]\nfrom = \"2027-02-06\"\nwindows = [\"05:00-06:00\"]\n",
                "2027-02-06",
                "05:00-06:00",
            ),
        ] {
            assert_eq!(on(hours, date), expected, "{hours}");
        }
    }

    #[test]
    fn hours_that_are_none_are_told_with_their_places() {
        let hours = "[incoming.hours]\nevery_day = [\"22:00-06:00\", \"08:00-25:00\"]\nmon = [\"08:00-12:00\", \"11:00-13:00\"]\n";
        let (_, faults) = read(hours);
        assert_eq!(
            faults,
            [
                "4: a span ends after it begins and on the same day, got \"22:00-06:00\"",
                "4: expected a time from 00:00 to 24:00, got \"25:00\"",
                "5: the windows 08:00-12:00 and 11:00-13:00 overlap",
            ]
        );
    }
}
