//! Calling windows, the work calendar and local time: when a number may be called, and when something is due.
//!
//! The time zone is an argument everywhere (a setting, Asia/Shanghai unless it says otherwise), never the host's. Local
//! times that a change of the clocks skips count as the first moment after it; those that come twice, as their first.

mod appointment;
mod due;
mod hours;
mod pause;
mod span;
#[cfg(test)]
mod tests;
mod windows;
mod work;
mod zone;

pub use appointment::{APPOINTMENT_TOLERANCE, Appointment, appointment_gate};
pub use due::{DueAfter, DueAfterError, deadline, due};
pub use hours::{Gate, Hours, Schedule};
pub use pause::{Pause, PauseError};
pub use span::{Span, SpanError};
pub use windows::{
    DayKey, Days, Rota, Season, Standstill, Timetable, Windows, WindowsError, YearDay, YearDayError, is_legal,
};
pub use work::{DayKind, WorkCalendar};
pub use zone::{DEFAULT_ZONE, local, offsets, wall};
