//! Dates and times as hospital systems write them.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::Tz;

use super::fold::{fold, without_empty_decimals};
use super::reason::Reason;
use super::record::Precision;
use super::sheet::Cell;
use crate::moment::Wall;

/// A local date, with its time if one was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) local: NaiveDateTime,
    pub(super) precision: Precision,
}

impl Stamp {
    const fn of_day(day: NaiveDate) -> Self {
        Self {
            local: day.and_time(NaiveTime::MIN),
            precision: Precision::Day,
        }
    }

    /// The civil time; where daylight saving skips it, the next that exists.
    pub(super) fn wall(self, time_zone: Tz) -> Wall {
        let at = |local: &NaiveDateTime| time_zone.from_local_datetime(local).earliest();
        let known = at(&self.local).or_else(|| at(&(self.local + TimeDelta::hours(1))));
        Wall::from_millis(known.map_or_else(|| self.local.and_utc().timestamp_millis(), |at| at.timestamp_millis()))
    }

    /// Whether this lies before `other`, as far as both are known.
    pub(super) fn is_before(self, other: Self) -> bool {
        match (self.precision, other.precision) {
            (Precision::Minute, Precision::Minute) => self.local < other.local,
            (Precision::Day, _) | (_, Precision::Day) => self.local.date() < other.local.date(),
        }
    }
}

/// Reads a date: 2024-01-05, 2024/1/5, 2024.1.5, 20240105, 2024年1月5日, an Excel serial; with a 24 h time behind it, with
/// 上午 or 下午, or with an offset (RFC 3339).
pub(super) fn read(cell: &Cell, time_zone: Tz) -> Result<Stamp, Reason> {
    match cell {
        Cell::Date(local) => Ok(stamp(*local)),
        Cell::Number(serial) if (10_000.0..100_000.0).contains(serial) => from_serial(*serial),
        Cell::Number(_) | Cell::Text(_) | Cell::Empty => from_text(&fold(&cell.text()), time_zone),
    }
}

fn stamp(local: NaiveDateTime) -> Stamp {
    let precision = if local.time() == NaiveTime::MIN {
        Precision::Day
    } else {
        Precision::Minute
    };
    Stamp { local, precision }
}

/// Days since 1899-12-30, as Excel counts after its false leap day.
fn from_serial(serial: f64) -> Result<Stamp, Reason> {
    let seconds = (serial * 86_400.0).round();
    let epoch = NaiveDate::from_ymd_opt(1899, 12, 30)
        .unwrap_or_default()
        .and_time(NaiveTime::MIN);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a serial below 100,000 has fewer than 10^10 seconds"
    )]
    let after = TimeDelta::try_seconds(seconds as i64).ok_or(Reason::NotADate)?;
    epoch.checked_add_signed(after).map(stamp).ok_or(Reason::NotADate)
}

fn from_text(text: &str, time_zone: Tz) -> Result<Stamp, Reason> {
    let text = without_empty_decimals(text.trim_matches(['\'', '"', '`', ' ']));
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(Stamp {
            local: at.with_timezone(&time_zone).naive_local(),
            precision: Precision::Minute,
        });
    }
    let is_serial = text
        .split('.')
        .next()
        .is_some_and(|whole| whole.len() == 5 && whole.bytes().all(|b| b.is_ascii_digit()));
    if is_serial {
        return text.parse().map_err(|_| Reason::NotADate).and_then(from_serial);
    }
    if text.len() > 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return packed(text);
    }
    let mut scan = Scan { rest: text };
    let year = scan.digits();
    let day = if year.len() == 8 {
        day(year.get(..4), year.get(4..6), year.get(6..))
    } else {
        scan.skip(&['-', '/', '.', '年', ' ']);
        let month = scan.digits();
        scan.skip(&['-', '/', '.', '月', ' ']);
        let number = scan.digits();
        scan.skip(&['日', '号']);
        if year.len() != 4 && !year.is_empty() && !month.is_empty() && !number.is_empty() {
            return Err(Reason::DateOrder);
        }
        day(Some(year), Some(month), Some(number))
    };
    let day = day.ok_or(Reason::NotADate)?;
    scan.weekday();
    match scan.time()? {
        Some(time) => Ok(Stamp {
            local: day.and_time(time),
            precision: Precision::Minute,
        }),
        None => Ok(Stamp::of_day(day)),
    }
}

/// 202401051430 and 20240105143000.
fn packed(text: &str) -> Result<Stamp, Reason> {
    let part = |from: usize, to: usize| text.get(from..to);
    let number = |from, to| {
        part(from, to)
            .unwrap_or("0")
            .parse::<u32>()
            .map_err(|_| Reason::NotADate)
    };
    if !matches!(text.len(), 12 | 14) {
        return Err(Reason::NotADate);
    }
    let day = day(part(0, 4), part(4, 6), part(6, 8)).ok_or(Reason::NotADate)?;
    let time = NaiveTime::from_hms_opt(number(8, 10)?, number(10, 12)?, number(12, 14)?).ok_or(Reason::NotADate)?;
    Ok(Stamp {
        local: day.and_time(time),
        precision: Precision::Minute,
    })
}

fn day(year: Option<&str>, month: Option<&str>, number: Option<&str>) -> Option<NaiveDate> {
    let year = year.filter(|text| text.len() == 4)?.parse().ok()?;
    let month = month.filter(|text| text.len() <= 2)?.parse().ok()?;
    let number = number.filter(|text| text.len() <= 2)?.parse().ok()?;
    NaiveDate::from_ymd_opt(year, month, number)
}

/// What is left of a date text.
struct Scan<'t> {
    rest: &'t str,
}

impl<'t> Scan<'t> {
    fn digits(&mut self) -> &'t str {
        let end = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        digits
    }

    /// Passes spaces and at most one of `signs`.
    fn skip(&mut self, signs: &[char]) -> bool {
        let trimmed = self.rest.trim_start();
        let after = trimmed.strip_prefix(signs);
        self.rest = after.unwrap_or(trimmed).trim_start();
        after.is_some()
    }

    fn word(&mut self, words: &[&str]) -> bool {
        let after = words.iter().find_map(|word| self.rest.strip_prefix(word));
        self.rest = after.unwrap_or(self.rest).trim_start();
        after.is_some()
    }

    fn weekday(&mut self) {
        self.skip(&['(']);
        if self.word(&["星期", "周"]) {
            self.skip(&['一', '二', '三', '四', '五', '六', '日', '天']);
            self.skip(&[')']);
        }
    }

    fn time(&mut self) -> Result<Option<NaiveTime>, Reason> {
        self.skip(&['T', 't']);
        let is_morning = self.word(&["上午", "凌晨", "早上", "AM", "am"]);
        let is_afternoon = !is_morning && self.word(&["下午", "晚上", "PM", "pm"]);
        if self.rest.is_empty() {
            return Ok(None);
        }
        let hour = self.number()?;
        if !self.skip(&[':', '时', '点']) {
            return Err(Reason::NotADate);
        }
        let minute = if self.rest.is_empty() { 0 } else { self.number()? };
        self.skip(&[':', '分']);
        let second = if self.rest.starts_with(|c: char| c.is_ascii_digit()) {
            self.number()?
        } else {
            0
        };
        self.skip(&['秒']);
        if self.skip(&['.']) {
            self.digits();
        }
        let is_afternoon = is_afternoon || self.word(&["PM", "pm", "下午"]);
        let is_morning = is_morning || self.word(&["AM", "am", "上午"]);
        if !self.rest.is_empty() {
            return Err(Reason::NotADate);
        }
        let hour = match hour {
            12 if is_morning => 0,
            1..=11 if is_afternoon => hour + 12,
            _ => hour,
        };
        NaiveTime::from_hms_opt(hour, minute, second)
            .map(Some)
            .ok_or(Reason::NotADate)
    }

    fn number(&mut self) -> Result<u32, Reason> {
        let digits = self.digits();
        if digits.len() > 2 {
            Err(Reason::NotADate)
        } else {
            digits.parse().map_err(|_| Reason::NotADate)
        }
    }
}

/// The first year that a discharge may have.
const FIRST_YEAR: i32 = 1990;

/// Whether a patient can have been discharged then.
pub(super) fn check_discharge(discharged: Stamp, admitted: Option<Stamp>, today: NaiveDate) -> Result<(), Reason> {
    let tomorrow = today.checked_add_days(Days::new(1)).unwrap_or(today);
    if discharged.local.date() > tomorrow {
        Err(Reason::InTheFuture)
    } else if discharged.local.year() < FIRST_YEAR {
        Err(Reason::TooLongAgo)
    } else if admitted.is_some_and(|admitted| discharged.is_before(admitted)) {
        Err(Reason::BeforeAdmission)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
