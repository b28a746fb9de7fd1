//! Times as people write and read them at the terminal, by the clocks of the place.

use anyhow::bail;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use chrono_tz::Tz;

use crate::calendar;
use crate::moment::Wall;

/// A time: `2026-11-24 17:30`.
pub(super) fn at(text: &str, zone: Tz) -> anyhow::Result<Wall> {
    for format in [
        "%Y-%m-%d %H:%M",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M:%S",
        "%Y/%m/%d %H:%M",
    ] {
        if let Ok(local) = NaiveDateTime::parse_from_str(text.trim(), format) {
            return Ok(calendar::wall(local, zone));
        }
    }
    bail!("\"{text}\" is no time; expected one such as \"2026-11-24 17:30\"")
}

/// The end of a date, `2026-11-24`, or a time.
pub(super) fn until(text: &str, zone: Tz) -> anyhow::Result<Wall> {
    match NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d") {
        Ok(date) => {
            let next = date.succ_opt().unwrap_or(date);
            Ok(calendar::wall(next.and_time(NaiveTime::MIN), zone))
        }
        Err(_) => match at(text, zone) {
            Ok(at) => Ok(at),
            Err(_) => {
                bail!("\"{text}\" is no date; expected one such as \"2026-11-24\", the last day on which it holds")
            }
        },
    }
}

/// To the minute.
pub(super) fn show(at: Wall, zone: Tz) -> String {
    calendar::local(at, zone).format("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::DEFAULT_ZONE;

    #[test]
    fn a_time_is_read_by_the_clocks_of_the_place_and_a_date_lasts_to_its_end() {
        let shown = |wall: anyhow::Result<Wall>| show(wall.unwrap(), DEFAULT_ZONE);
        assert_eq!(shown(at("2026-11-24 17:30", DEFAULT_ZONE)), "2026-11-24 17:30");
        assert_eq!(shown(until("2026-12-31", DEFAULT_ZONE)), "2027-01-01 00:00");
        assert_eq!(shown(until("2026-12-31 12:00", DEFAULT_ZONE)), "2026-12-31 12:00");
        for wrong in ["24.11.2026 17:30", "2026-11-24 25:00", "", "tomorrow"] {
            assert!(at(wrong, DEFAULT_ZONE).is_err(), "{wrong}");
            assert!(until(wrong, DEFAULT_ZONE).is_err(), "{wrong}");
        }
    }
}
