//! A leg of a worker: its sockets, its slot, its recording.

use std::net::UdpSocket;

use super::super::recorder::Audio;
use super::bridges::Ties;
use super::reports::Reports;
use super::tape::{Taken, Tape};
use crate::ids::LegId;
use crate::media::leg::Leg;
use crate::media::{Fact, samples};
use crate::moment::Moment;

/// Audio goes to the recorder in pieces of nearly a second: one message, one write for 47 packets of both channels. A piece
/// and the packets that fill it up stay within the 32 KiB that the allocator gives out without rounding up.
const PIECE: usize = 2 * samples::RATE as usize * 47 / 50;

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

pub(super) enum Recording {
    Off,
    On(Piece),
    /// The same, and control knows that audio is missing.
    Failed(Piece),
}

/// What the recorder gets next.
#[derive(Default)]
pub(super) struct Piece {
    /// Samples dropped since the recorder last took audio.
    dropped: u64,
    pcm: Vec<i16>,
}

impl Recording {
    /// Puts audio to what the recorder gets next, and hands that over when there is enough of it; what the recorder
    /// cannot take is counted. Says so the first time.
    pub(super) fn pass(&mut self, leg: LegId, pcm: &[i16], tape: &mut Tape) -> Option<Fact> {
        let (Self::On(piece) | Self::Failed(piece)) = self else {
            return None;
        };
        if piece.pcm.capacity() == 0 {
            piece.pcm.reserve_exact(PIECE + pcm.len());
        }
        piece.pcm.extend_from_slice(pcm);
        if piece.pcm.len() < PIECE {
            return None;
        }
        match tape.offer(leg, std::mem::take(piece).into_audio()) {
            Taken::Yes => None,
            Taken::Dropped(samples) => {
                piece.dropped = samples;
                self.fail()
            }
        }
    }

    /// Notes that the recording failed; says so the first time.
    pub(super) fn fail(&mut self) -> Option<Fact> {
        match self {
            Self::On(piece) => {
                *self = Self::Failed(std::mem::take(piece));
                Some(Fact::RecordingFailed)
            }
            Self::Off | Self::Failed(_) => None,
        }
    }

    /// The last audio, if there is a recording.
    pub(super) fn end(&mut self, tail: &[i16]) -> Option<Audio> {
        let (Self::On(piece) | Self::Failed(piece)) = self else {
            return None;
        };
        piece.pcm.extend_from_slice(tail);
        Some(std::mem::take(piece).into_audio())
    }
}

impl Piece {
    fn into_audio(self) -> Audio {
        Audio {
            dropped: self.dropped,
            pcm: self.pcm,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::super::super::recorder::Job;
    use super::*;

    fn audio(job: Job) -> Audio {
        match job {
            Job::Audio { audio, .. } => audio,
            Job::Begin { .. } | Job::Excerpt { .. } | Job::End { .. } => panic!("audio was offered"),
        }
    }

    #[test]
    fn audio_goes_to_the_recorder_second_by_second_and_the_rest_with_the_end() {
        let (jobs, taken) = sync_channel(4);
        let mut tape = Tape::new(jobs);
        let mut recording = Recording::On(Piece::default());
        for n in 0..25 {
            assert_eq!(recording.pass(LegId(1), &[n; PIECE / 10], &mut tape), None);
        }
        let pieces: Vec<_> = taken.try_iter().map(audio).collect();
        assert_eq!(
            pieces.iter().map(|piece| piece.pcm.len()).collect::<Vec<_>>(),
            [PIECE, PIECE]
        );
        let last = recording.end(&[7, 7]).unwrap();
        assert_eq!((last.dropped, last.pcm.len()), (0, PIECE / 2 + 2));
        let whole = [&pieces[0].pcm[..], &pieces[1].pcm, &last.pcm].concat();
        let passed = (0..25).flat_map(|n| [n; PIECE / 10]);
        assert_eq!(whole, passed.chain([7, 7]).collect::<Vec<_>>());
    }

    #[test]
    fn a_full_recorder_is_told_once_and_the_next_piece_says_what_is_missing() {
        let (jobs, taken) = sync_channel(1);
        let mut tape = Tape::new(jobs);
        let mut recording = Recording::On(Piece::default());
        let second = [1; PIECE];
        assert_eq!(recording.pass(LegId(1), &second, &mut tape), None);
        assert_eq!(
            recording.pass(LegId(1), &second, &mut tape),
            Some(Fact::RecordingFailed)
        );
        assert_eq!(recording.pass(LegId(1), &second, &mut tape), None);
        assert_eq!(taken.try_iter().count(), 1);
        assert_eq!(recording.pass(LegId(1), &second, &mut tape), None);
        let seconds = PIECE as u64 / 2;
        assert_eq!(
            taken
                .try_iter()
                .map(audio)
                .map(|audio| audio.dropped)
                .collect::<Vec<_>>(),
            [2 * seconds]
        );
        assert_eq!(recording.end(&[]).map(|audio| audio.dropped), Some(0));
    }
}
