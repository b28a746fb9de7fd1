//! One stretch of a day, as people write it: `09:00-12:00`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// From one local time of a day up to another one, the end not included; to the minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span {
    from: u16,
    to: u16,
}

/// Why a text is no span.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpanError {
    /// No two times with a hyphen between.
    #[error("expected a span of local time such as \"09:00-12:00\", got {0:?}")]
    Form(String),
    /// Not a time of a day.
    #[error("expected a time from 00:00 to 24:00, got {0:?}")]
    Time(String),
    /// It would be empty, or reach into the next day.
    #[error("a span ends after it begins and on the same day, got {0:?}")]
    Order(String),
}

impl Span {
    /// From `from` to `to`, both in minutes after midnight, at most 1440; none unless `from` is before `to`.
    pub const fn new(from: u16, to: u16) -> Option<Self> {
        if from < to && to <= 24 * 60 {
            Some(Self { from, to })
        } else {
            None
        }
    }

    /// Its first minute, after midnight.
    pub const fn from(self) -> u16 {
        self.from
    }

    /// The minute at which it is over, after midnight.
    pub const fn to(self) -> u16 {
        self.to
    }
}

impl FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        let (from, to) = text.split_once('-').ok_or_else(|| SpanError::Form(text.to_owned()))?;
        Self::new(minutes(from)?, minutes(to)?).ok_or_else(|| SpanError::Order(text.to_owned()))
    }
}

fn minutes(text: &str) -> Result<u16, SpanError> {
    let fault = || SpanError::Time(text.trim().to_owned());
    let (hour, minute) = text.trim().split_once(':').ok_or_else(fault)?;
    let digits = |part: &str, most: u16| match part.len() {
        1..=2 if part.bytes().all(|byte| byte.is_ascii_digit()) => part.parse().ok().filter(|value| *value <= most),
        _ => None,
    };
    let hour: u16 = digits(hour, 24).ok_or_else(fault)?;
    let minute: u16 = digits(minute, 59).filter(|_| minute.len() == 2).ok_or_else(fault)?;
    Some(hour * 60 + minute)
        .filter(|total| *total <= 24 * 60)
        .ok_or_else(fault)
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to } = self;
        write!(f, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
    }
}

impl TryFrom<String> for Span {
    type Error = SpanError;

    fn try_from(text: String) -> Result<Self, SpanError> {
        text.parse()
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        span.to_string()
    }
}
