//! When an appointment may be kept: about its time, and only in hours in which people may be called.

use std::time::Duration;

use chrono_tz::Tz;

use super::windows::LEGAL;
use super::zone::{at_minute, local};
use crate::moment::Wall;

/// An appointment is kept so long before its time and so long after it.
pub const APPOINTMENT_TOLERANCE: Duration = Duration::from_secs(15 * 60);

/// What is to be done about an appointment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appointment {
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

/// Whether an appointment at `at` may be dialed at `now`: up to a quarter of an hour before and after, whatever the
/// windows of the campaign, but from 08:00 to 21:00 local time only.
pub fn appointment_gate(at: Wall, now: Wall, zone: Tz) -> Appointment {
    let date = local(at, zone).date();
    let (morning, evening) = LEGAL;
    let from = (at - APPOINTMENT_TOLERANCE).max(at_minute(date, morning, zone));
    let until = (at + APPOINTMENT_TOLERANCE).min(at_minute(date, evening, zone));
    if until <= from || until <= now {
        Appointment::Missed
    } else if now < from {
        Appointment::Early { until: from }
    } else {
        Appointment::Now
    }
}
