//! When an appointment may be kept: about its time, and only in hours in which people may be called.

use std::time::Duration;

use chrono_tz::Tz;

use crate::calendar::{local, wall};
use crate::moment::Wall;

/// An appointment is kept so long before its time and so long after it.
pub(super) const TOLERANCE: Duration = Duration::from_secs(15 * 60);

/// What is to be done about an appointment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Appointment {
    /// It is too early.
    Early {
        /// From when on it may be dialed.
        until: Wall,
    },
    /// It may be dialed.
    Now,
    /// It is too late, or nobody may ever be called at such a time.
    Missed,
}

/// Whether an appointment at `at` may be dialed at `now`: whatever the windows, but from 08:00 to 21:00 only.
pub(super) fn appointment_gate(at: Wall, now: Wall, zone: Tz) -> Appointment {
    let date = local(at, zone).date();
    let hour = |hour| wall(date.and_hms_opt(hour, 0, 0).unwrap_or_default(), zone);
    let from = (at - TOLERANCE).max(hour(8));
    let until = (at + TOLERANCE).min(hour(21));
    if until <= from || until <= now {
        Appointment::Missed
    } else if now < from {
        Appointment::Early { until: from }
    } else {
        Appointment::Now
    }
}
