//! Rounds of a rule: chronic patients month by month (R021), customers so often a year (R028, R030, R035).

use chrono_tz::Tz;

use crate::calendar::WorkCalendar;
use crate::moment::Wall;

use super::{Offset, Times};

/// How a follow-up comes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Series {
    /// From one round to the next.
    pub every: Offset,
    /// How many rounds at most, from 1.
    pub times: u16,
    /// No round is due later than this after the date that the rule counts from.
    pub until: Option<Offset>,
}

/// Rounds of a series at most.
pub(super) const MOST_ROUNDS: u16 = 60;

/// Due time and deadline of every round, counted from `anchor`. A round of a series without a deadline ends when the next
/// one is due.
pub(super) fn rounds(
    times: Times,
    series: Option<Series>,
    anchor: Wall,
    zone: Tz,
    calendar: &WorkCalendar,
) -> Vec<(Wall, Option<Wall>)> {
    let plain = |from: Wall| {
        let deadline = times.deadline.map(|deadline| deadline.from(from, zone, calendar));
        (times.due.from(from, zone, calendar), deadline)
    };
    let Some(series) = series else {
        return vec![plain(anchor)];
    };
    let last = series.until.map(|until| until.from(anchor, zone, calendar));
    let begin = |round: u32| series.every.times(round).from(anchor, zone, calendar);
    (0..u32::from(series.times.min(MOST_ROUNDS)))
        .map(|round| {
            let (due, deadline) = plain(begin(round));
            (
                due,
                deadline.or_else(|| Some(times.due.from(begin(round + 1), zone, calendar))),
            )
        })
        .take_while(|(due, _)| last.is_none_or(|last| *due <= last))
        .collect()
}
