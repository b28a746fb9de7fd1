//! A leg of a worker: its sockets, its slot, its recording.

use std::net::UdpSocket;

use super::super::recorder::Audio;
use super::bridges::Ties;
use super::reports::Reports;
use super::tape::{Taken, Tape};
use crate::ids::LegId;
use crate::media::Fact;
use crate::media::leg::Leg;
use crate::moment::Moment;

/// A leg with its sockets.
pub(super) struct Line {
    pub(super) id: LegId,
    pub(super) leg: Leg,
    pub(super) socket: UdpSocket,
    /// None if its port could not be had: the leg works without RTCP.
    pub(super) reports: Option<Reports>,
    pub(super) is_ipv4: bool,
    pub(super) phase: usize,
    /// Whether it stands in a slot.
    pub(super) due: Due,
    /// When what came is read next.
    pub(super) read_at: Moment,
    pub(super) recording: Recording,
    pub(super) ties: Ties,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    Never,
    At(Moment),
}

/// What becomes of a leg's audio, with the samples that were dropped since the recorder last took some.
pub(super) enum Recording {
    Off,
    On {
        dropped: u64,
    },
    /// The same, and control knows that audio is missing.
    Failed {
        dropped: u64,
    },
}

impl Recording {
    /// Hands audio to the recorder; what that cannot take is counted. Says so the first time.
    pub(super) fn pass(&mut self, leg: LegId, pcm: Vec<i16>, tape: &mut Tape) -> Option<Fact> {
        let (Self::On { dropped } | Self::Failed { dropped }) = self else {
            return None;
        };
        let audio = Audio {
            dropped: std::mem::take(dropped),
            pcm,
        };
        match tape.offer(leg, audio) {
            Taken::Yes => None,
            Taken::Dropped(samples) => {
                *dropped = samples;
                self.fail()
            }
        }
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

    /// The last audio, if there is a recording.
    pub(super) fn end(&mut self, pcm: Vec<i16>) -> Option<Audio> {
        let (Self::On { dropped } | Self::Failed { dropped }) = self else {
            return None;
        };
        let dropped = std::mem::take(dropped);
        Some(Audio { dropped, pcm })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::super::super::recorder::Job;
    use super::*;

    /// Samples per channel of a piece.
    const SECOND: usize = 8_000;

    fn second() -> Vec<i16> {
        vec![1; 2 * SECOND]
    }

    #[test]
    fn a_full_recorder_is_told_once_and_the_next_piece_says_what_is_missing() {
        let (jobs, taken) = sync_channel(1);
        let mut tape = Tape::new(jobs);
        let mut recording = Recording::On { dropped: 0 };
        assert_eq!(recording.pass(LegId(1), second(), &mut tape), None);
        assert_eq!(
            recording.pass(LegId(1), second(), &mut tape),
            Some(Fact::RecordingFailed)
        );
        assert_eq!(recording.pass(LegId(1), second(), &mut tape), None);
        assert_eq!(taken.try_iter().count(), 1);
        assert_eq!(recording.pass(LegId(1), second(), &mut tape), None);
        let [Job::Audio { audio, .. }] = &taken.try_iter().collect::<Vec<_>>()[..] else {
            panic!("one piece was taken")
        };
        assert_eq!(audio.dropped, 2 * SECOND as u64);
        let last = recording.end(vec![7, 7]);
        assert_eq!(last.map(|audio| (audio.dropped, audio.pcm)), Some((0, vec![7, 7])));
    }
}
