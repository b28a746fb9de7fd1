//! Windows, pauses and due times, across midnight, weekdays and changes of the clocks.

use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDateTime;
use chrono_tz::{Asia, Europe, Pacific, Tz};

use super::*;
use crate::moment::Wall;
use crate::phone::NumberKind;

mod appointments;
mod clocks;
mod dates;
mod deadlines;
mod kinds;
mod pauses;
mod random;
mod seasons;
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

fn spans(texts: &[&str]) -> Vec<Span> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn windows(texts: &[&str]) -> Windows {
    Windows::every_day(&spans(texts)).unwrap()
}

/// In Shanghai, with the calendar that ships.
fn with(windows: Windows) -> Schedule {
    Schedule {
        windows,
        calendar: Arc::new(WorkCalendar::shipped()),
        ..Schedule::default()
    }
}

fn schedule(texts: &[&str], zone: Tz) -> Schedule {
    Schedule {
        zone,
        ..with(windows(texts))
    }
}

/// Days by their keys, as files have them.
fn days(keys: &[(&str, &[&str])]) -> Days {
    let mut days = Days::default();
    for (key, texts) in keys {
        days.set(DayKey::parse(key).unwrap(), spans(texts)).unwrap();
    }
    days
}

fn rota(keys: &[(&str, &[&str])], pause: Option<&[&str]>) -> Rota {
    let own = days(keys);
    Rota::new((!own.is_empty()).then_some(own), pause.map(spans)).unwrap()
}

fn timetable(keys: &[(&str, &[&str])]) -> Timetable {
    Timetable::new(rota(keys, None), Vec::new()).unwrap()
}

fn closes_at(schedule: &Schedule, wall: Wall) -> Option<Wall> {
    match schedule.gate(wall) {
        Gate::Open { until, .. } => Some(until),
        Gate::Closed { .. } => None,
    }
}

/// The windows of a date, as files would have them.
fn on(schedule: &Schedule, kind: Option<NumberKind>, date: &str) -> String {
    let spans = schedule.windows.on(kind, date.parse().unwrap(), &schedule.calendar);
    let texts: Vec<String> = spans.map(|span| span.to_string()).collect();
    texts.join(" ")
}
