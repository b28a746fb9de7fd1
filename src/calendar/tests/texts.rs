//! What people write in files.

use serde::Deserialize;

use super::*;

#[derive(Debug, Deserialize)]
struct File {
    windows: Windows,
}

fn read(text: &str) -> Result<Windows, String> {
    toml::from_str::<File>(text)
        .map(|file| file.windows)
        .map_err(|fault| fault.to_string())
}

#[test]
fn a_span_is_read_and_written() {
    for text in ["09:00-12:00", "00:00-24:00", "14:05-20:30"] {
        assert_eq!(text.parse::<Span>().unwrap().to_string(), text);
    }
    assert_eq!("9:00 - 12:00".parse::<Span>().unwrap().to_string(), "09:00-12:00");
}

#[test]
fn a_span_that_is_none_says_what_was_expected() {
    let fault = |text: &str| text.parse::<Span>().unwrap_err().to_string();
    assert_eq!(
        fault("9 to 12"),
        "expected a span of local time such as \"09:00-12:00\", got \"9 to 12\""
    );
    assert_eq!(
        fault("09:00-25:00"),
        "expected a time from 00:00 to 24:00, got \"25:00\""
    );
    assert_eq!(
        fault("09:00-24:01"),
        "expected a time from 00:00 to 24:00, got \"24:01\""
    );
    assert_eq!(fault("09:0-12:00"), "expected a time from 00:00 to 24:00, got \"09:0\"");
    assert_eq!(
        fault("12:00-09:00"),
        "a span ends after it begins and on the same day, got \"12:00-09:00\""
    );
    assert_eq!(
        fault("22:00-22:00"),
        "a span ends after it begins and on the same day, got \"22:00-22:00\""
    );
}

#[test]
fn windows_are_a_list_for_every_day_or_a_table_of_weekdays() {
    assert_eq!(
        read(r#"windows = ["14:00-20:30", "09:00-12:00"]"#).unwrap(),
        Windows::default()
    );
    let some = read("[windows]\nmon = [\"09:00-12:00\"]\nsat = [\"10:00-11:00\"]").unwrap();
    let on = |date: &str| -> Vec<Span> { some.on(None, date.parse().unwrap(), &WorkCalendar::default()).collect() };
    assert_eq!(on("2026-11-16").len(), 1);
    assert!(on("2026-11-17").is_empty());
    assert_eq!(on("2026-11-21"), ["10:00-11:00".parse().unwrap()]);
}

#[test]
fn windows_that_cannot_be_used_are_refused_with_the_place() {
    let fault = |text: &str| read(text).unwrap_err();
    assert!(fault(r#"windows = ["9-12"]"#).contains("expected a time from 00:00 to 24:00, got \"9\""));
    assert!(fault(r#"windows = ["09:00-12:00", "11:00-13:00"]"#).contains("09:00-12:00 and 11:00-13:00 overlap"));
    assert!(fault("windows = []").contains("no calling window on any day"));
    assert!(fault("[windows]\nmonday = []").contains("line 2"));
}

#[test]
fn windows_are_written_as_they_are_read() {
    for text in [
        r#"["09:00-12:00","14:00-20:30"]"#,
        r#"{"mon":["09:00-12:00"],"sat":["10:00-11:00"]}"#,
        r#"{"every_day":["09:00-12:00"],"holiday":[]}"#,
    ] {
        let windows: Windows = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&windows).unwrap(), text);
    }
}

#[test]
fn a_pause_is_read_and_written() {
    for text in ["90s", "15m", "3h", "1d", "2d_other_part", "next_window", "next_night"] {
        assert_eq!(text.parse::<Pause>().unwrap().to_string(), text);
    }
    for text in [
        "",
        "h",
        "15",
        "-1d",
        "1.5h",
        "1w",
        "400d",
        "99999999999m",
        "1d_other",
        "日",
    ] {
        assert!(text.parse::<Pause>().is_err(), "{text}");
    }
}

#[test]
fn a_due_time_is_days_or_hours_after_the_discharge() {
    assert_eq!("7d".parse(), Ok(DueAfter::Days(7)));
    assert_eq!("48h".parse(), Ok(DueAfter::For(Duration::from_secs(48 * 3600))));
    for text in ["7d", "3650d", "10wd", "48h", "30m", "90s"] {
        assert_eq!(text.parse::<DueAfter>().unwrap().to_string(), text);
    }
    for text in [
        "",
        "d",
        "7",
        "7 d",
        "-7d",
        "3651d",
        "367wd",
        "1w",
        "9999999999s",
        "4294967295h",
        "七d",
    ] {
        assert!(text.parse::<DueAfter>().is_err(), "{text}");
    }
    assert_eq!(
        "next_night".parse::<DueAfter>().unwrap_err().to_string(),
        "expected a time such as \"7d\", \"7wd\" (working days) or \"48h\", got \"next_night\""
    );
}
