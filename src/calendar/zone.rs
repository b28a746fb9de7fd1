//! Between civil time and the clock on the wall of a time zone.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use crate::moment::Wall;

/// The zone of a setting that names none.
pub const DEFAULT_ZONE: Tz = chrono_tz::Asia::Shanghai;

/// 0001-01-02 and 9999-12-30: one day inside what chrono and every database can show.
const EARLIEST: i64 = -62_135_510_400_000;
const LATEST: i64 = 253_402_128_000_000;

/// What the clocks of `zone` show at `wall`; times outside the years 1 to 9999 are brought to their edge.
pub fn local(wall: Wall, zone: Tz) -> NaiveDateTime {
    utc(wall).with_timezone(&zone).naive_local()
}

/// When the clocks of `zone` first show `local`, or the first moment after it if they skip it.
pub fn wall(local: NaiveDateTime, zone: Tz) -> Wall {
    const MINUTES_OF_TWO_DAYS: i64 = 2 * 24 * 60;
    let seen = (0..MINUTES_OF_TWO_DAYS).find_map(|minutes| {
        let shown = local.checked_add_signed(TimeDelta::minutes(minutes))?;
        zone.from_local_datetime(&shown).earliest()
    });
    let millis = seen.map_or(LATEST, |time| time.timestamp_millis());
    Wall::from_millis(millis.clamp(EARLIEST, LATEST))
}

/// When the clocks of `zone` show `minute` minutes after the midnight with which `date` begins.
pub(super) fn at_minute(date: NaiveDate, minute: u16, zone: Tz) -> Wall {
    let midnight = date.and_time(NaiveTime::MIN);
    wall(midnight + TimeDelta::minutes(i64::from(minute)), zone)
}

/// The date `days` later; stays at the last date that there is.
pub(super) fn days_later(date: NaiveDate, days: u32) -> NaiveDate {
    date.checked_add_days(Days::new(u64::from(days))).unwrap_or(date)
}

/// The offsets of `zone` east of UTC in seconds, each from the moment from which it holds: the first from the start of
/// `from_year` (UTC), the last until the end of `to_year`. For a table that lets views show local times.
pub fn offsets(zone: Tz, from_year: i32, to_year: i32) -> Vec<(Wall, i32)> {
    const DAY: i64 = 86_400_000;
    let start = year_start(from_year);
    let end = year_start(to_year.saturating_add(1));
    let mut table = vec![(Wall::from_millis(start), offset(start, zone))];
    let mut day = start;
    while day < end {
        let next = (day + DAY).min(end);
        if offset(day, zone) != offset(next, zone) {
            let change = first_with(offset(next, zone), day, next, zone);
            table.push((Wall::from_millis(change), offset(next, zone)));
        }
        day = next;
    }
    table.retain(|(from, _)| from.millis() < end || from.millis() == start);
    table
}

/// The first second after `before` and up to `after` with this offset.
fn first_with(wanted: i32, before: i64, after: i64, zone: Tz) -> i64 {
    let (mut low, mut high) = (before / 1000, after / 1000);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if offset(middle * 1000, zone) == wanted {
            high = middle;
        } else {
            low = middle;
        }
    }
    high * 1000
}

fn offset(millis: i64, zone: Tz) -> i32 {
    let time = utc(Wall::from_millis(millis));
    zone.offset_from_utc_datetime(&time.naive_utc()).fix().local_minus_utc()
}

fn year_start(year: i32) -> i64 {
    let millis =
        NaiveDate::from_ymd_opt(year, 1, 1).map(|date| date.and_time(NaiveTime::MIN).and_utc().timestamp_millis());
    millis.unwrap_or(LATEST).clamp(EARLIEST, LATEST)
}

fn utc(wall: Wall) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(wall.millis().clamp(EARLIEST, LATEST)).unwrap_or_default()
}

/// Monday is 0.
pub(super) fn weekday(date: NaiveDate) -> usize {
    usize::try_from(date.weekday().num_days_from_monday()).unwrap_or(0)
}
