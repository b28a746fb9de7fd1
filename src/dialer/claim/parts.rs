//! Parts of the day: their quotas spread attempts over mornings, afternoons and evenings.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{NaiveTime, Timelike};
use chrono_tz::Tz;

use super::super::DayPart;
use super::Why;
use super::decide::Look;
use crate::calendar::{Gate, local, wall};
use crate::moment::Wall;
use crate::phone::NumberKind;

/// Windows repeat week by week; over a feast of a week there are others behind it.
const HORIZON: Duration = Duration::from_secs(14 * 86_400);

/// The parts that have begun by these hours end there.
const NOON: u32 = 12;
const EVENING: u32 = 17;

/// The part of the local day that `at` is in.
pub(super) fn part_of(at: Wall, zone: Tz) -> DayPart {
    match local(at, zone).hour() {
        ..NOON => DayPart::Morning,
        NOON..EVENING => DayPart::Afternoon,
        EVENING.. => DayPart::Evening,
    }
}

/// Midnight.
pub(super) fn next_day(at: Wall, zone: Tz) -> Wall {
    let date = local(at, zone).date();
    let tomorrow = date.succ_opt().unwrap_or(date);
    later(wall(tomorrow.and_time(NaiveTime::MIN), zone), at)
}

/// When the next part begins.
fn next_part(at: Wall, zone: Tz) -> Wall {
    let hour = match part_of(at, zone) {
        DayPart::Morning => NOON,
        DayPart::Afternoon => EVENING,
        DayPart::Evening => return next_day(at, zone),
    };
    let date = local(at, zone).date();
    let turn = date.and_hms_opt(hour, 0, 0).unwrap_or_default();
    later(wall(turn, zone), at)
}

/// Clocks that are set back never turn a step ahead into one on the spot.
fn later(turn: Wall, at: Wall) -> Wall {
    turn.max(at + Duration::from_secs(1))
}

/// Whether this part of the day has had its attempts, and when the next one begins. When all parts in which such a number
/// may still be called have had theirs, the quotas have done what they are for, and only the budget counts.
pub(super) fn quota(look: Look<'_>, kind: Option<NumberKind>) -> Option<(Why, Wall)> {
    let zone = look.terms.schedule.zone;
    let part = part_of(look.now, zone);
    let is_used = |part: DayPart| {
        let of_part = |tried: &&super::super::Tried| tried.counted && part_of(tried.at, zone) == part;
        let most = look.terms.limits.parts.get(&part);
        most.is_some_and(|most| look.candidate.tried.iter().filter(of_part).count() >= usize::from(*most))
    };
    if !is_used(part) || open_parts(look, kind).into_iter().all(is_used) {
        return None;
    }
    Some((Why::PartUsed(part), next_part(look.now, zone)))
}

/// The parts of the day in which a number of this kind may still be called before the deadline.
fn open_parts(look: Look<'_>, kind: Option<NumberKind>) -> BTreeSet<DayPart> {
    let schedule = &look.terms.schedule;
    let horizon = look.now + HORIZON;
    let end = look.candidate.deadline.map_or(horizon, |deadline| deadline.min(horizon));
    let mut parts = BTreeSet::new();
    let mut at = look.now;
    while at < end && parts.len() < DayPart::ALL.len() {
        let closes = match schedule.gate_for(kind, at) {
            Gate::Open { until, .. } => until.min(end),
            Gate::Closed { until: Some(open), .. } => {
                at = open;
                continue;
            }
            Gate::Closed { until: None, .. } => break,
        };
        while at < closes && parts.len() < DayPart::ALL.len() {
            parts.insert(part_of(at, schedule.zone));
            at = next_part(at, schedule.zone);
        }
        at = at.min(closes);
    }
    parts
}
