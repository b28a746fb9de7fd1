//! What is known of an event, and how a condition reads it: as a text, a number or a date.

use std::fmt;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime};

/// The attributes that every list can have, whatever its columns are called. Any column of the list can be named as well.
pub const ATTRIBUTES: [&str; 18] = [
    "visit_no",
    "kind",
    "department",
    "ward",
    "bed",
    "doctor",
    "diagnosis",
    "disposition",
    "payer",
    "cost",
    "sex",
    "age",
    "birth",
    "deceased",
    "admitted",
    "discharged",
    "stay_days",
    "area",
];

/// One value of an event.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// As the list says it.
    Text(String),
    /// A number: years of age, an amount.
    Number(f64),
}

impl Value {
    /// The number in it: the leading one of a text, so `12,800.50元` is 12800.5.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => leading_number(text),
        }
    }

    /// The date in it, with the time of day if it has one: `2026-11-30`, `2026/11/30 14:00`, `20261130`.
    pub fn date(&self) -> Option<NaiveDateTime> {
        match self {
            Self::Number(_) => None,
            Self::Text(text) => date(text),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => number.fmt(f),
        }
    }
}

fn leading_number(text: &str) -> Option<f64> {
    let text = text.trim().trim_start_matches(['¥', '¥', '$']).trim_start();
    let digits: String = text
        .chars()
        .take_while(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '+'))
        .filter(|c| *c != ',')
        .collect();
    digits.parse().ok().filter(|number: &f64| number.is_finite())
}

/// A date as lists and people write it, with the time of day if it has one, else midnight.
pub fn date(text: &str) -> Option<NaiveDateTime> {
    let text = text.trim();
    let (day, time) = text.split_once([' ', 'T']).unwrap_or((text, ""));
    let day = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日"]
        .iter()
        .find_map(|format| NaiveDate::parse_from_str(day, format).ok())
        .filter(|day| (1900..=2999).contains(&day.year()))?;
    if time.trim().is_empty() {
        return Some(day.and_time(NaiveTime::MIN));
    }
    let time = ["%H:%M:%S", "%H:%M", "%H:%M:%S%.f"]
        .iter()
        .find_map(|format| NaiveTime::parse_from_str(time.trim(), format).ok())?;
    Some(day.and_time(time))
}

/// How many years old somebody is on a day: by the date of birth, else by what the list says (`68`, `68岁`, `3月`, `20天`).
pub fn age_in_years(birth: Option<&str>, said: Option<&str>, on: NaiveDate) -> Option<f64> {
    if let Some(born) = birth.and_then(date).map(|born| born.date())
        && let Some(years) = on.years_since(born)
    {
        return Some(f64::from(years));
    }
    let said = said?.trim();
    let number = leading_number(said).filter(|number| *number >= 0.0)?;
    let unit = said.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ' '));
    let per_year = match unit.chars().next() {
        Some('月' | 'm' | 'M') => 12.0,
        Some('个') => 12.0,
        Some('周' | 'w' | 'W') => 52.0,
        Some('天' | '日' | 'd' | 'D') => 365.0,
        Some('时' | '小' | 'h' | 'H') => 8_760.0,
        Some(_) | None => 1.0,
    };
    Some((number / per_year).floor())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn amounts_are_read_as_lists_write_them() {
        for (text, number) in [
            ("12800", Some(12_800.0)),
            ("12,800.50元", Some(12_800.5)),
            ("¥ 30", Some(30.0)),
            (" 7 ", Some(7.0)),
            ("-3", Some(-3.0)),
            ("免费", None),
            ("", None),
            ("1e", Some(1.0)),
        ] {
            assert_eq!(Value::Text(text.to_owned()).number(), number, "{text}");
        }
    }

    #[test]
    fn dates_are_read_with_and_without_a_time() {
        for (text, expected) in [
            ("2026-11-30", "2026-11-30T00:00:00"),
            ("2026/11/30 14:05", "2026-11-30T14:05:00"),
            ("20261130", "2026-11-30T00:00:00"),
            ("2026年11月30日", "2026-11-30T00:00:00"),
            ("2026-11-30T14:05:06", "2026-11-30T14:05:06"),
        ] {
            assert_eq!(
                date(text).map(|date| format!("{date:?}")),
                Some(expected.to_owned()),
                "{text}"
            );
        }
        for text in ["", "2026-13-01", "30.11.2026", "2026-11-30 25:00", "0001-01-01", "soon"] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn an_age_is_that_on_the_day_of_the_event() {
        let on = day("2026-11-22");
        assert_eq!(age_in_years(Some("1958-11-22"), None, on), Some(68.0));
        assert_eq!(age_in_years(Some("1958-11-23"), Some("70"), on), Some(67.0));
        assert_eq!(age_in_years(None, Some("68岁"), on), Some(68.0));
        assert_eq!(age_in_years(None, Some("18月"), on), Some(1.0));
        assert_eq!(age_in_years(None, Some("20天"), on), Some(0.0));
        assert_eq!(age_in_years(Some("tomorrow"), Some("unknown"), on), None);
    }
}
