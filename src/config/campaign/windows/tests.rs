//! What people write under `[windows]`, and what they are told.

use crate::calendar::{DueAfter, Hours, Schedule, WorkCalendar};
use crate::config::CampaignFile;
use crate::document::{Fault, Wrong};
use crate::phone::NumberKind;

const CAMPAIGN: &str = "name = \"回访\"\ndialplan = \"a.toml\"\ntrunk = \"main\"\n";

fn read(windows: &str) -> Result<(CampaignFile, Vec<String>), Vec<String>> {
    let told = |faults: Vec<Fault>| {
        let has_kind = |fault: &Fault| !matches!(fault.wrong, Wrong::Said { .. });
        assert!(faults.iter().all(has_kind), "{faults:#?}");
        faults.iter().map(ToString::to_string).collect()
    };
    CampaignFile::parse(&format!("{CAMPAIGN}{windows}"))
        .map(|(file, warnings)| (file, told(warnings)))
        .map_err(told)
}

fn schedule(windows: &str) -> Schedule {
    let (file, warnings) = read(windows).unwrap();
    assert_eq!(warnings, [""; 0]);
    let calendar = std::sync::Arc::new(WorkCalendar::shipped());
    file.schedule(crate::calendar::DEFAULT_ZONE, Hours::Windows, &calendar)
}

fn on(schedule: &Schedule, kind: Option<NumberKind>, date: &str) -> String {
    let spans = schedule.windows.on(kind, date.parse().unwrap(), &schedule.calendar);
    spans.map(|span| span.to_string()).collect::<Vec<_>>().join(" ")
}

const RICH: &str = r#"[windows]
workday = ["09:00-12:00", "12:00-20:00"]
weekend = ["10:00-12:00"]
holiday = []
make_up = ["09:00-10:00"]
pause = ["12:00-14:00"]

[windows.mobile]
pause = ["08:00-09:30"]

[windows.landline]
every_day = ["17:30-21:00"]

[[windows.season]]
from = "06-01"
to = "09-30"
workday = ["09:00-20:30"]
weekend = []
holiday = []
make_up = ["09:00-12:30"]
pause = ["12:00-15:00"]

[[windows.date]]
from = "2026-12-24"
to = "2026-12-25"
closed = true

[[windows.date]]
from = "2026-12-28"
windows = ["11:00-15:00"]

[[windows.from]]
date = "2027-02-01"
every_day = ["09:00-11:00"]
workday = ["09:00-12:00", "18:00-19:00"]
weekend = []
holiday = []
make_up = []
"#;

#[test]
fn everything_that_windows_may_have_is_read() {
    let schedule = schedule(RICH);
    let rows = [
        (None, "2026-11-20", "09:00-12:00 14:00-20:00"),
        (None, "2026-11-21", "10:00-12:00"),
        (None, "2026-10-01", ""),
        (None, "2026-10-10", "09:00-10:00"),
        (None, "2026-09-20", "09:00-12:00"),
        (None, "2026-07-01", "09:00-12:00 15:00-20:30"),
        (None, "2026-12-24", ""),
        (None, "2026-12-28", "11:00-12:00 14:00-15:00"),
        (None, "2027-02-01", "09:00-12:00 18:00-19:00"),
        (None, "2027-07-01", "09:00-12:00 18:00-19:00"),
        (Some(NumberKind::Mobile), "2026-11-20", "09:30-12:00 14:00-20:00"),
        (Some(NumberKind::Landline), "2026-11-20", "17:30-20:00"),
        (Some(NumberKind::Landline), "2026-07-01", "17:30-20:30"),
    ];
    for (kind, date, expected) in rows {
        assert_eq!(on(&schedule, kind, date), expected, "{kind:?} on {date}");
    }
}

#[test]
fn files_as_they_were_mean_what_they_meant() {
    let plain = schedule("[windows]\nevery_day = [\"09:00-12:00\", \"14:00-20:30\"]\nsun = [\"09:30-11:30\"]\n");
    // A holiday, a made-up Sunday, a plain Sunday.
    assert_eq!(on(&plain, None, "2026-10-01"), "09:00-12:00 14:00-20:30");
    assert_eq!(on(&plain, None, "2026-09-20"), "09:30-11:30");
    assert_eq!(on(&plain, None, "2026-11-22"), "09:30-11:30");
    let (file, _) = read("deadline_after = \"400d\"").unwrap();
    assert_eq!(file.deadline_after, Some(DueAfter::Days(400)));
    assert_eq!(schedule("").windows, crate::calendar::Windows::default());
}

#[test]
fn without_a_day_the_usual_hours_hold() {
    let paused = schedule("[windows]\npause = [\"10:00-11:00\"]\n");
    assert_eq!(on(&paused, None, "2026-11-20"), "09:00-10:00 11:00-12:00 14:00-20:30");
}

#[test]
fn every_fault_of_windows_is_told_at_once_at_its_place() {
    let faults = read(
        r#"[windows]
every_day = ["09:00-12:00", "11:00-13:00"]
monday = ["09:00-12:00"]
holliday = []
pause = ["12-14"]
[windows.landline]
season = 3
sat = ["20:00-21:30"]
[[windows.season]]
from = "6-1"
to = "09-30"
every_day = ["07:00-12:00"]
[[windows.season]]
from = "10-01"
until = "12-31"
[[windows.date]]
from = "2026-12-24"
[[windows.date]]
from = "2026-12-24"
to = "2026-12-20"
closed = true
[[windows.date]]
from = "2026-12-25"
windows = ["09:00-10:00"]
closed = true
[[windows.date]]
from = "2026-12-25"
closed = false
[[windows.from]]
every_day = []
[[windows.from]]
date = "1 January"
"#,
    )
    .unwrap_err();
    let rows = [
        ("5:13", "the windows 09:00-12:00 and 11:00-13:00 overlap"),
        ("6:1", "unknown key `monday`"),
        ("7:1", "unknown key `holliday`; did you mean `holiday`?"),
        ("8:10", "expected a time from 00:00 to 24:00, got \"12\""),
        ("10:10", "`season` is a whole number"),
        ("11:8", "the window 20:00-21:30 reaches outside 08:00-21:00"),
        ("13:8", "expected a day of the year such as \"06-01\""),
        ("15:14", "the window 07:00-12:00 reaches outside 08:00-21:00"),
        ("16:1", "`to` is missing; expected a day of the year"),
        ("18:1", "unknown key `until`"),
        ("19:1", "neither is here; expected either `windows` or `closed = true`"),
        ("23:6", "`to` is 2026-12-20; expected 2026-12-24 or a later date"),
        ("28:10", "both are here"),
        ("31:10", "`closed` is false"),
        ("32:1", "`date` is missing"),
        ("35:8", "`date` is not a date such as \"2027-01-01\""),
    ];
    for (place, words) in rows {
        let is_told = |fault: &String| fault.starts_with(&format!("{place}: error")) && fault.contains(words);
        assert!(faults.iter().any(is_told), "{place} {words}: {faults:#?}");
    }
}

#[test]
fn seasons_and_dates_that_meet_are_refused() {
    let season = |from: &str, to: &str| format!("[[windows.season]]\nfrom = \"{from}\"\nto = \"{to}\"\npause = []\n");
    let two = format!("[windows]\n{}{}", season("06-01", "09-30"), season("09-30", "10-31"));
    assert!(read(&two).unwrap_err()[0].contains("the seasons 06-01 to 09-30 and 09-30 to 10-31 overlap"));
    let date = "[[windows.date]]\nfrom = \"2026-12-24\"\nclosed = true\n";
    let faults = read(&format!("[windows]\n{date}{date}")).unwrap_err();
    assert_eq!(faults, ["8:1: error: 2026-12-24 stands here twice"]);
    let from = "[[windows.from]]\ndate = \"2026-12-24\"\nevery_day = [\"09:00-10:00\"]\n";
    let faults = read(&format!("[windows]\n{from}{from}")).unwrap_err();
    assert_eq!(faults, ["9:8: error: 2026-12-24 stands here twice"]);
}

#[test]
fn a_campaign_that_would_never_dial_is_refused_and_one_that_stops_is_told() {
    let faults = read("[windows]\nmon = []\nholiday = []\n").unwrap_err();
    assert_eq!(faults, ["4:1: error: there is no calling window on any day"]);
    let faults = read("[windows]\nevery_day = [\"12:00-14:00\"]\npause = [\"11:00-15:00\"]\n").unwrap_err();
    assert_eq!(faults, ["4:1: error: there is no calling window on any day"]);
    let (_, warnings) = read("[windows]\n[[windows.from]]\ndate = \"2027-07-01\"\nevery_day = []\n").unwrap();
    assert_eq!(
        warnings,
        ["4:1: warning: there is no calling window for a year from 2027-07-01 on: nobody is called"]
    );
    let (_, warnings) = read("[windows]\n[windows.landline]\nevery_day = [\"12:30-13:30\"]\n").unwrap();
    assert_eq!(
        warnings,
        ["5:1: warning: no landline number is ever called: its windows and those of [windows] share no time"]
    );
}

#[test]
fn who_forgets_the_holidays_of_all_days_is_told() {
    let text = "[windows]\nevery_day = [\"09:00-12:00\"]\nholiday = []\n[[windows.season]]\nfrom = \"06-01\"\n\
                to = \"09-30\"\nevery_day = [\"08:30-11:30\"]\n";
    let (_, warnings) = read(text).unwrap();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(
        warnings[0].starts_with("7:1: warning") && warnings[0].contains("days before, `holiday` among them"),
        "{warnings:?}"
    );
}

#[test]
fn a_deadline_takes_the_forms_of_a_due_time() {
    let deadline = |text: &str| read(&format!("deadline_after = \"{text}\"\n")).map(|(file, _)| file.deadline_after);
    for (text, after) in [("10wd", DueAfter::Workdays(10)), ("7d", DueAfter::Days(7))] {
        assert_eq!(deadline(text), Ok(Some(after)));
    }
    assert!(matches!(deadline("48h"), Ok(Some(DueAfter::For(_)))));
    for text in ["30m", "0d", "0wd", "soon", "3651d"] {
        let faults = deadline(text).unwrap_err();
        assert!(
            faults[0].starts_with("4:18: error: `deadline_after` is not a time after the due time"),
            "{faults:?}"
        );
    }
}

#[test]
fn what_the_shipped_campaign_shows_behind_a_hash_can_be_used() {
    let shown = |line: &str| {
        let text = line.strip_prefix("# ").unwrap_or(line);
        let key = text.split(" = ").next().unwrap_or_default();
        let is_key = text.contains(" = ") && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        let line = if is_key || text.starts_with('[') { text } else { line };
        format!("{line}\n")
    };
    let text: String = include_str!("../../../../campaigns/inpatient.toml")
        .lines()
        .map(shown)
        .collect();
    let (file, warnings) = CampaignFile::parse(&text).unwrap_or_else(|faults| panic!("{faults:#?}"));
    assert_eq!(
        warnings.len(),
        2,
        "a season and a later date that do without working days: {warnings:#?}"
    );
    assert!(file.windows.ask_for_kinds() && file.deadline_after.is_some());
    assert_eq!(file.windows.standstill(Some(NumberKind::Landline)), None);
}
