//! When a patient is called again who asked for another time.

use std::time::Duration;

use chrono::{Days, NaiveTime};

use super::Next;
use crate::calendar::{self, Schedule};
use crate::dialplan::CallAgain;
use crate::moment::Wall;
use crate::outcome::Facts;

/// Notes in the facts for when the patient asked, by the clock of the place, and lets the case be tried again then. A
/// case that is to close closes; a time past the case's deadline is noted, and changes nothing.
pub fn settle(facts: &mut Facts, next: Next, wall: Wall, schedule: &Schedule, deadline: Option<Wall>) -> Next {
    let asked = facts.survey.and_then(|survey| survey.appointment);
    let Some(at) = asked.and_then(|asked| time(asked, wall, schedule)) else {
        return next;
    };
    facts.appointment = Some(at);
    match next {
        Next::Again { counted, .. } if deadline.is_none_or(|deadline| at < deadline) => Next::Again { at, counted },
        Next::Again { .. } | Next::Close { .. } => next,
    }
}

fn time(asked: CallAgain, wall: Wall, schedule: &Schedule) -> Option<Wall> {
    match asked {
        CallAgain::After { minutes } => Some(wall + Duration::from_secs(u64::from(minutes) * 60)),
        CallAgain::At { days, minute } => {
            let now = calendar::local(wall, schedule.zone);
            let clock = NaiveTime::from_num_seconds_from_midnight_opt(minute * 60, 0)?;
            // The next time that the clock shows it.
            let days = if days == 0 && clock <= now.time() { 1 } else { days };
            let day = now.date().checked_add_days(Days::new(u64::from(days)))?;
            Some(calendar::wall(day.and_time(clock), schedule.zone))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialer::Outcome;
    use crate::dialplan::Progress;

    /// 2025-07-01 17:00 in Shanghai.
    const NOW: Wall = Wall::from_millis(1_751_360_400_000);
    const HOUR: Duration = Duration::from_secs(3_600);

    fn settled(asked: CallAgain, next: Next, deadline: Option<Wall>) -> (Option<Wall>, Next) {
        let mut facts = Facts {
            survey: Some(Progress {
                appointment: Some(asked),
                ..Progress::default()
            }),
            ..Facts::default()
        };
        let next = settle(&mut facts, next, NOW, &Schedule::default(), deadline);
        (facts.appointment, next)
    }

    #[test]
    fn the_time_is_that_of_the_places_clock() {
        let again = Next::Again {
            at: NOW + HOUR * 40,
            counted: true,
        };
        for (asked, hours) in [
            (CallAgain::After { minutes: 120 }, 2),
            (
                CallAgain::At {
                    days: 0,
                    minute: 18 * 60,
                },
                1,
            ),
            (
                CallAgain::At {
                    days: 0,
                    minute: 17 * 60,
                },
                24,
            ),
            (
                CallAgain::At {
                    days: 1,
                    minute: 10 * 60,
                },
                17,
            ),
        ] {
            let at = NOW + HOUR * hours;
            assert_eq!(
                settled(asked, again, None),
                (Some(at), Next::Again { at, counted: true }),
                "{asked}"
            );
        }
    }

    #[test]
    fn a_case_that_closes_stays_closed_and_a_time_past_the_deadline_is_only_noted() {
        let close = Next::Close {
            outcome: Outcome::NotReached,
            counted: true,
        };
        let asked = CallAgain::After { minutes: 120 };
        assert_eq!(settled(asked, close, None), (Some(NOW + HOUR * 2), close));
        let again = Next::Again { at: NOW, counted: true };
        assert_eq!(settled(asked, again, Some(NOW + HOUR)), (Some(NOW + HOUR * 2), again));
    }
}
