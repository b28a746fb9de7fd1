//! The schedule of a campaign: its windows in its zone, or test mode.

use std::sync::Arc;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::zone::{DEFAULT_ZONE, at_minute, days_later, local};
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

/// How far ahead an opening is looked for: more than a year, and some.
const HORIZON_DAYS: u32 = 400;

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
        self.gate_for(None, wall)
    }

    /// Whether a number of this kind may be called at `wall`, and until when that holds: inside the windows, and where
    /// numbers of its kind have narrower ones, inside those. An opening more than 400 days ahead is not looked for.
    pub fn gate_for(&self, kind: Option<NumberKind>, wall: Wall) -> Gate {
        let opening = match self.hours {
            Hours::AnyTime => Some((Wall::from_millis(i64::MIN), Wall::from_millis(i64::MAX))),
            Hours::Windows => self.openings(kind, wall).find(|(_, until)| *until > wall),
        };
        match opening {
            Some((from, until)) if from <= wall => Gate::Open { from, until },
            Some((from, _)) => Gate::Closed {
                from: wall,
                until: Some(from),
            },
            None => Gate::Closed {
                from: wall,
                until: None,
            },
        }
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

    /// The openings from the day before `wall` on, in order, none of them empty, those that touch over midnight joined.
    fn openings(&self, kind: Option<NumberKind>, wall: Wall) -> impl Iterator<Item = (Wall, Wall)> {
        let today = local(wall, self.zone).date();
        let yesterday = today.pred_opt().unwrap_or(today);
        let at = |date, minute| at_minute(date, minute, self.zone);
        let mut openings = (0..=HORIZON_DAYS)
            .map(move |days| days_later(yesterday, days))
            .flat_map(move |date| {
                let spans = self.windows.on(kind, date, &self.calendar);
                spans.map(move |span| (at(date, span.from()), at(date, span.to())))
            })
            .filter(|(from, to)| from < to)
            .peekable();
        std::iter::from_fn(move || {
            let (from, mut to) = openings.next()?;
            while let Some((_, later)) = openings.next_if(|(next, _)| *next <= to) {
                to = later.max(to);
            }
            Some((from, to))
        })
    }
}
