//! Trunks as people see them: up or down, resting, in use, and what they last refused.

use std::collections::VecDeque;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::moment::{Jump, Wall};

/// Whether calls may leave over a trunk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It has not yet answered the first registration: nothing leaves over it.
    Registering,
    /// They may.
    #[default]
    Up,
    /// They may not.
    Down,
}

/// Why a trunk is down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DownReason {
    /// OPTIONS had no answer, twice in a row.
    Silent,
    /// The network said that nobody listens there, twice in a row.
    Unreachable,
    /// It refused our registration.
    RegistrationRefused {
        /// With this status.
        status: u16,
    },
    /// Our registration was not answered, and the last one has run out.
    RegistrationLapsed,
}

impl fmt::Display for DownReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silent => f.write_str("no answer to OPTIONS"),
            Self::Unreachable => f.write_str("nobody listens at its address"),
            Self::RegistrationRefused { status } => write!(f, "it refused our registration with {status}"),
            Self::RegistrationLapsed => f.write_str("no registration: it ran out, or was never answered"),
        }
    }
}

/// Something about a trunk that a person should look into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// When it last happened.
    pub at: Wall,
    /// What.
    pub what: Trouble,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// It refused our registration, or did not answer it.
    RegistrationRefused {
        /// With this status; none: no answer that could be used.
        status: Option<u16>,
    },
    /// It asked for credentials of another realm than before; it did not get them.
    RealmRefused {
        /// The realm that gets them.
        pinned: String,
        /// The one that it named.
        offered: String,
    },
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RegistrationRefused { status: Some(status) } => write!(f, "registration refused with {status}"),
            Self::RegistrationRefused { status: None } => f.write_str("registration not answered"),
            Self::RealmRefused { pinned, offered } => {
                write!(
                    f,
                    "credentials asked for realm {offered:?}, they belong to {pinned:?}: not sent"
                )
            }
        }
    }
}

/// A trunk in the picture of the present.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrunkPicture {
    /// Its name.
    pub name: String,
    /// Whether calls may leave over it.
    pub standing: Standing,
    /// Since when; none since the daemon started.
    pub since: Option<Wall>,
    /// Why it is down.
    pub reason: Option<DownReason>,
    /// Nothing leaves over it until then.
    pub resting_until: Option<Wall>,
    /// How long its last answer to OPTIONS took, in microseconds.
    #[serde(default)]
    pub round_trip_us: Option<u64>,
    /// Calls that are up or being set up.
    pub calls: usize,
    /// Calls at one time, at most.
    pub lines: u16,
    /// The latest alarms, the newest last.
    pub alarms: Vec<Alarm>,
}

/// How many alarms of a trunk are kept.
const ALARMS: usize = 3;

/// What is kept of a trunk for people alone.
#[derive(Clone, Debug, Default)]
pub(super) struct Remembered {
    pub(super) resting_until: Option<Wall>,
    alarms: VecDeque<Alarm>,
}

impl Remembered {
    /// The same again changes only the time.
    pub(super) fn alarm(&mut self, at: Wall, what: Trouble) {
        self.alarms.retain(|alarm| alarm.what != what);
        if self.alarms.len() >= ALARMS {
            self.alarms.pop_front();
        }
        self.alarms.push_back(Alarm { at, what });
    }

    /// A rest goes by the monotonic clock: its end is shown in the new civil time.
    pub(super) fn clock_jumped(&mut self, jump: Jump) {
        self.resting_until = self.resting_until.map(|until| match jump {
            Jump::Forward(by) => until + by,
            Jump::Back(by) => until - by,
        });
    }

    pub(super) fn alarms(&self) -> Vec<Alarm> {
        self.alarms.iter().cloned().collect()
    }
}
