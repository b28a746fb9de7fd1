//! The spellings of a time in the lists of carriers.

use chrono::{DateTime, NaiveDateTime};
use chrono_tz::Tz;

use crate::calendar::wall;
use crate::moment::Wall;

const LOCAL: [&str; 8] = [
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y/%m/%d %H:%M:%S%.f",
    "%Y%m%d%H%M%S",
    "%Y%m%d %H%M%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M",
    "%Y年%m月%d日 %H:%M:%S",
];

/// Seconds since 1970 have ten digits from 2001 to 2286; milliseconds have thirteen.
const SECONDS: std::ops::Range<i64> = 1_000_000_000..10_000_000_000;
const MILLIS: std::ops::Range<i64> = 1_000_000_000_000..10_000_000_000_000;

/// Reads a time; one without a zone is the zone's.
pub(super) fn read(text: &str, zone: Tz) -> Option<Wall> {
    let text = text.trim();
    if let Ok(number) = text.parse::<i64>()
        && text.len() <= 13
    {
        return of_number(number);
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(Wall::from_millis(time.timestamp_millis()));
    }
    let local = LOCAL
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    local.map(|local| wall(local, zone))
}

/// Milliseconds or seconds since 1970.
pub(super) fn of_number(number: i64) -> Option<Wall> {
    if MILLIS.contains(&number) {
        Some(Wall::from_millis(number))
    } else if SECONDS.contains(&number) {
        Some(Wall::from_millis(number * 1000))
    } else {
        None
    }
}
