//! The schedule of a campaign: its windows in its zone, or test mode.

use std::sync::Arc;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::zone::{DEFAULT_ZONE, local};
use super::{Pause, Windows, WorkCalendar};
use crate::moment::Wall;
use crate::phone::NumberKind;

/// Whether the windows hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hours {
    /// Calls are placed inside the windows only.
    #[default]
    Windows,
    /// Test mode: at any time. Only for trunks on loopback.
    AnyTime,
}

/// When a campaign may dial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The calling windows.
    pub windows: Windows,
    /// The zone whose clocks they mean.
    pub zone: Tz,
    /// Whether they hold.
    pub hours: Hours,
    /// Which days are worked, off, or worked to make up for others.
    pub calendar: Arc<WorkCalendar>,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            windows: Windows::default(),
            zone: DEFAULT_ZONE,
            hours: Hours::Windows,
            calendar: Arc::default(),
        }
    }
}

/// Whether calls may be placed, and for which stretch of time that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Open from `from` up to, not including, `until`.
    Open {
        /// When it opened.
        from: Wall,
        /// When it closes.
        until: Wall,
    },
    /// Closed from `from` on; opens at `until`, if it ever does.
    Closed {
        /// When this was found out.
        from: Wall,
        /// When it opens.
        until: Option<Wall>,
    },
}

impl Gate {
    /// Whether what the gate says also holds at `wall`.
    pub fn holds_at(self, wall: Wall) -> bool {
        match self {
            Self::Open { from, until } => from <= wall && wall < until,
            Self::Closed { from, until } => from <= wall && until.is_none_or(|until| wall < until),
        }
    }
}

impl Schedule {
    /// The test mode in a zone: calls at any time.
    pub fn any_time(zone: Tz) -> Self {
        Self {
            windows: Windows::default(),
            zone,
            hours: Hours::AnyTime,
            calendar: Arc::default(),
        }
    }

    /// Whether calls may be placed at `wall`, and until when that holds.
    pub fn gate(&self, wall: Wall) -> Gate {
        let always = Gate::Open {
            from: Wall::from_millis(i64::MIN),
            until: Wall::from_millis(i64::MAX),
        };
        match self.hours {
            Hours::AnyTime => always,
            Hours::Windows => match self.windows.opening_around(wall, self.zone) {
                Some((from, until)) => Gate::Open { from, until },
                None => Gate::Closed {
                    from: wall,
                    until: self.windows.next_open(wall, self.zone),
                },
            },
        }
    }

    /// Whether a number of this kind may be called at `wall`, and until when that holds: inside the windows, and where
    /// numbers of its kind have narrower ones, inside those.
    pub fn gate_for(&self, _kind: Option<NumberKind>, wall: Wall) -> Gate {
        self.gate(wall)
    }

    /// Whether calls may be placed at `wall`.
    pub fn is_open(&self, wall: Wall) -> bool {
        match self.gate(wall) {
            Gate::Open { .. } => true,
            Gate::Closed { .. } => false,
        }
    }

    /// The first time at or after `wall` at which calls may be placed.
    pub fn next_open(&self, wall: Wall) -> Option<Wall> {
        match self.gate(wall) {
            Gate::Open { .. } => Some(wall),
            Gate::Closed { until, .. } => until,
        }
    }

    /// The night to which a call at `wall` belongs: its local date.
    pub fn night_of(&self, wall: Wall) -> NaiveDate {
        local(wall, self.zone).date()
    }

    /// The end of a pause that begins at `wall`, shifted to where calls may be placed.
    pub fn after(&self, wall: Wall, pause: Pause) -> Wall {
        let over = pause.end(wall, self);
        self.next_open(over).unwrap_or(over)
    }
}
