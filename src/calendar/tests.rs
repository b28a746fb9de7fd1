//! Windows, pauses and due times, across midnight, weekdays and changes of the clocks.

use std::time::Duration;

use chrono::NaiveDateTime;
use chrono_tz::{Asia, Europe, Pacific, Tz};

use super::*;
use crate::moment::Wall;

mod clocks;
mod pauses;
mod texts;
mod week;
mod work;

/// `2026-11-20 14:00:00` of a zone.
fn at(text: &str, zone: Tz) -> Wall {
    wall(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap(), zone)
}

fn shanghai(text: &str) -> Wall {
    at(text, Asia::Shanghai)
}

fn windows(spans: &[&str]) -> Windows {
    let spans: Vec<Span> = spans.iter().map(|span| span.parse().unwrap()).collect();
    Windows::every_day(&spans).unwrap()
}
