//! Durations as people write them: `500ms`, `8s`, `45m`, `2h`, `7d`.

use std::time::Duration;

const UNITS: [(&str, u64); 5] = [
    ("ms", 1),
    ("s", 1_000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
];

/// Reads a whole number with one of the units `ms`, `s`, `m`, `h`, `d`; nothing else, no blank, no sum.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let (_, millis) = UNITS.iter().find(|(name, _)| *name == unit)?;
    number
        .parse::<u64>()
        .ok()?
        .checked_mul(*millis)
        .map(Duration::from_millis)
}

/// Writes a duration in the largest unit that gives a whole number; `parse_duration` reads it back (to the millisecond).
pub fn show_duration(duration: Duration) -> String {
    let millis = duration.as_millis();
    let unit = UNITS
        .iter()
        .rev()
        .find(|(_, unit)| millis != 0 && millis.is_multiple_of(u128::from(*unit)));
    match unit {
        Some((name, unit)) => format!("{}{name}", millis / u128::from(*unit)),
        None => "0s".to_owned(),
    }
}
