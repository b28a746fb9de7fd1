//! When a patient asked to be called again: `2h`, `17:30`, `1d 17:30`.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::document::{parse_duration, show_duration};

const MINUTES_A_DAY: u32 = 24 * 60;
const MOST_DAYS: u32 = 60;

/// When the patient asked to be called again, as the option says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallAgain {
    /// So long after the call.
    After {
        /// 1 to 86,400.
        minutes: u32,
    },
    /// At a time of day by the place's clock; with 0 days the next time that the clock shows it.
    At {
        /// Days after the call, 0 to 60.
        days: u32,
        /// Minutes after midnight, below 1440.
        minute: u32,
    },
}

/// Why a text is no time to call again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected for example \"2h\", \"17:30\" (the next time that it is half past five) or \"1d 17:30\" (tomorrow), at most 60 days"
)]
pub struct CallAgainError;

impl CallAgain {
    /// Reads `2h`, `90m`, `1d`, `17:30` or `1d 17:30`.
    pub fn parse(text: &str) -> Result<Self, CallAgainError> {
        let text = text.trim();
        match text.split_once(' ') {
            None if text.contains(':') => at(0, text),
            None => after(text),
            Some((days, clock)) => {
                let days = days.strip_suffix('d').and_then(|days| days.parse().ok());
                at(
                    days.filter(|days| *days <= MOST_DAYS).ok_or(CallAgainError)?,
                    clock.trim(),
                )
            }
        }
    }
}

impl fmt::Display for CallAgain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::After { minutes } => {
                let duration = Duration::from_secs(u64::from(*minutes) * 60);
                write!(f, "after {}", show_duration(duration))
            }
            Self::At { days, minute } => {
                let (hour, minute) = (minute / 60, minute % 60);
                match days {
                    0 => write!(f, "at {hour:02}:{minute:02}"),
                    days => write!(f, "after {days}d at {hour:02}:{minute:02}"),
                }
            }
        }
    }
}

fn after(text: &str) -> Result<CallAgain, CallAgainError> {
    let duration = parse_duration(text).ok_or(CallAgainError)?;
    let minutes = u32::try_from(duration.as_secs() / 60).map_err(|_| CallAgainError)?;
    if (1..=MOST_DAYS * MINUTES_A_DAY).contains(&minutes) {
        Ok(CallAgain::After { minutes })
    } else {
        Err(CallAgainError)
    }
}

fn at(days: u32, clock: &str) -> Result<CallAgain, CallAgainError> {
    let (hour, minute) = clock.split_once(':').ok_or(CallAgainError)?;
    let two_digits = |text: &str| text.parse::<u32>().ok().filter(|_| text.len() == 2);
    let hour = two_digits(hour).filter(|hour| *hour < 24).ok_or(CallAgainError)?;
    let minute = two_digits(minute).filter(|minute| *minute < 60).ok_or(CallAgainError)?;
    Ok(CallAgain::At {
        days,
        minute: hour * 60 + minute,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_to_call_again_are_read() {
        assert_eq!(CallAgain::parse("2h"), Ok(CallAgain::After { minutes: 120 }));
        assert_eq!(CallAgain::parse("1d"), Ok(CallAgain::After { minutes: 1440 }));
        assert_eq!(CallAgain::parse("17:30"), Ok(CallAgain::At { days: 0, minute: 1050 }));
        assert_eq!(CallAgain::parse("1d 08:05"), Ok(CallAgain::At { days: 1, minute: 485 }));
        for wrong in [
            "",
            "soon",
            "0s",
            "30s",
            "61d",
            "25:00",
            "7:5",
            "-1d 10:00",
            "61d 10:00",
            "1 10:00",
        ] {
            assert_eq!(CallAgain::parse(wrong), Err(CallAgainError), "{wrong}");
        }
    }
}
