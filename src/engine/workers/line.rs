//! A leg of a worker: its socket, its slot, its recording.

use mio::net::UdpSocket;

use super::super::recorder::Audio;
use super::tape::{Taken, Tape};
use crate::ids::LegId;
use crate::media::Fact;
use crate::media::leg::Leg;
use crate::moment::Moment;

/// A leg with its socket.
pub(super) struct Line {
    pub(super) id: LegId,
    pub(super) leg: Leg,
    pub(super) socket: UdpSocket,
    pub(super) phase: usize,
    /// Whether it stands in a slot.
    pub(super) due: Due,
    pub(super) recording: Recording,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    Never,
    At(Moment),
}

#[derive(Clone, Copy)]
pub(super) enum Recording {
    Off,
    /// Samples dropped since the recorder last took audio.
    On {
        dropped: u64,
    },
    /// The same, and control knows.
    Failed {
        dropped: u64,
    },
}

impl Recording {
    /// Hands audio to the recorder; what it cannot take is counted. Says so the first time.
    pub(super) fn pass(&mut self, leg: LegId, pcm: Vec<i16>, tape: &mut Tape) -> Option<Fact> {
        let (Self::On { dropped } | Self::Failed { dropped }) = *self else {
            return None;
        };
        match (tape.offer(leg, Audio { dropped, pcm }), &mut *self) {
            (Taken::Yes, Self::On { dropped } | Self::Failed { dropped }) => *dropped = 0,
            (Taken::Dropped(more), Self::Failed { dropped }) => *dropped = more,
            (Taken::Dropped(more), Self::On { dropped }) => {
                *dropped = more;
                return self.fail();
            }
            (_, Self::Off) => {}
        }
        None
    }

    /// Notes that the recording failed; says so the first time.
    pub(super) fn fail(&mut self) -> Option<Fact> {
        match *self {
            Self::On { dropped } => {
                *self = Self::Failed { dropped };
                Some(Fact::RecordingFailed)
            }
            Self::Off | Self::Failed { .. } => None,
        }
    }
}
