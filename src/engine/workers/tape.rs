//! A worker's way to the recorder. Beginnings and ends are kept until they are taken; audio that is not taken is dropped,
//! and the next piece says how much. When the recorder is gone, beginnings and ends come back: nobody else answers them.

use std::collections::VecDeque;
use std::sync::mpsc::{SyncSender, TrySendError};

use super::super::recorder::{Audio, Job};
use crate::ids::LegId;

pub(super) struct Tape {
    jobs: SyncSender<Job>,
    /// At most two for each leg, and one for each spoken answer.
    kept: VecDeque<Job>,
    /// Which nobody takes any more.
    returned: Vec<Job>,
    dropped: u64,
}

/// Whether the recorder took a piece of audio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Yes,
    /// Samples per channel that were dropped, those told before included.
    Dropped(u64),
}

impl Tape {
    pub(super) const fn new(jobs: SyncSender<Job>) -> Self {
        Self {
            jobs,
            kept: VecDeque::new(),
            returned: Vec::new(),
            dropped: 0,
        }
    }

    /// Hands over a beginning or an end, now or later.
    pub(super) fn keep(&mut self, job: Job) {
        self.kept.push_back(job);
        self.flush();
    }

    /// Hands over audio, now or never.
    pub(super) fn offer(&mut self, leg: LegId, audio: Audio) -> Taken {
        let samples = audio.pcm.len() as u64 / 2;
        let dropped = Taken::Dropped(audio.dropped + samples);
        self.flush();
        if self.kept.is_empty() {
            match self.jobs.try_send(Job::Audio { leg, audio }) {
                Ok(()) => return Taken::Yes,
                Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {}
            }
        }
        self.dropped += samples;
        dropped
    }

    pub(super) fn flush(&mut self) {
        while let Some(job) = self.kept.pop_front() {
            match self.jobs.try_send(job) {
                Ok(()) => {}
                Err(TrySendError::Full(job)) => {
                    self.kept.push_front(job);
                    return;
                }
                Err(TrySendError::Disconnected(job)) => self.returned.push(job),
            }
        }
    }

    /// What came back since the last time it was asked, because the recorder is gone.
    pub(super) fn take_returned(&mut self) -> Vec<Job> {
        std::mem::take(&mut self.returned)
    }

    /// Samples per channel that were dropped since the last time it was asked.
    pub(super) const fn take_dropped(&mut self) -> u64 {
        std::mem::replace(&mut self.dropped, 0)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::mpsc::sync_channel;

    use super::*;

    #[test]
    fn a_full_recorder_costs_audio_but_never_a_beginning_or_an_end() {
        let (sender, receiver) = sync_channel(1);
        let mut tape = Tape::new(sender);
        let leg = LegId(4);
        tape.keep(Job::Begin {
            leg,
            path: "x".into(),
            reply: Arc::new(|_, _| {}),
        });
        assert_eq!(
            tape.offer(
                leg,
                Audio {
                    dropped: 0,
                    pcm: vec![0; 20]
                }
            ),
            Taken::Dropped(10)
        );
        assert_eq!(tape.take_dropped(), 10);
        tape.keep(Job::End {
            leg,
            audio: Audio {
                dropped: 10,
                pcm: Vec::new(),
            },
            gap: 0,
        });
        assert!(!tape.is_empty());
        assert!(matches!(receiver.try_recv(), Ok(Job::Begin { .. })));
        tape.flush();
        assert!(tape.is_empty());
        assert!(matches!(receiver.try_recv(), Ok(Job::End { .. })));
    }

    #[test]
    fn what_a_recorder_that_is_gone_does_not_take_comes_back() {
        let (sender, receiver) = sync_channel(4);
        let mut tape = Tape::new(sender);
        drop(receiver);
        let (leg, audio) = (LegId(4), Audio::default());
        let piece = Audio {
            dropped: 0,
            pcm: vec![0; 20],
        };
        assert_eq!(tape.offer(leg, piece), Taken::Dropped(10));
        tape.keep(Job::End { leg, audio, gap: 0 });
        assert!(tape.is_empty());
        assert!(matches!(tape.take_returned()[..], [Job::End { leg: LegId(4), .. }]));
        assert!(tape.take_returned().is_empty());
    }
}
