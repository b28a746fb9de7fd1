//! The stereo recording in the making: both channels put in their places, handed out once nothing late can come.

use super::samples;

/// How long a late packet is waited for.
const WINDOW: i64 = 200 * samples::PER_MS as i64;

/// Handed out at once: 160 ms.
const CHUNK: i64 = 160 * samples::PER_MS as i64;

/// What is held at most: the window, a chunk, and what may come early.
const HELD: usize = 5_120;

/// Both channels between the oldest sample that may still change and the newest.
#[derive(Clone, Debug)]
pub struct Mix {
    begun: i64,
    given: i64,
    /// The sample at position p is in place p modulo [`HELD`].
    held: Box<[Sample]>,
    comfort_from: Option<i64>,
    gap: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Sample {
    patient: i16,
    us: i16,
    /// Whether a packet said something about the patient's channel here.
    is_known: bool,
}

/// The end of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tail {
    /// What was not handed out yet: patient, us, patient, us ...
    pub pcm: Vec<i16>,
    /// Samples of the patient's channel, over the whole recording, for which no packet came.
    pub gap: u64,
}

impl Mix {
    /// Begins a recording at a position.
    pub fn begin(at: i64) -> Self {
        let held = vec![Sample::default(); HELD].into_boxed_slice();
        Self {
            begun: at,
            given: at,
            held,
            comfort_from: None,
            gap: 0,
        }
    }

    /// Where the recording began.
    pub const fn begun(&self) -> i64 {
        self.begun
    }

    /// Puts the patient's audio. What is there already stays; what is too late or too early is left out.
    pub fn put_patient(&mut self, at: i64, audio: impl ExactSizeIterator<Item = i16>) {
        if let Some(from) = self.comfort_from.take_if(|from| *from <= at) {
            self.know(from, at);
        }
        for (position, value) in (at..).zip(audio) {
            if let Some(sample) = self.at(position)
                && !sample.is_known
            {
                (sample.patient, sample.is_known) = (value, true);
            }
        }
    }

    /// The patient's channel is silent on purpose: a key was pressed.
    pub fn put_silence(&mut self, at: i64, length: u16) {
        self.know(at, at.saturating_add(i64::from(length)));
    }

    /// The far end stops sending because nobody speaks (RFC 3389): no gap until it speaks again.
    pub fn put_comfort(&mut self, at: i64) {
        self.comfort_from.get_or_insert(at);
    }

    /// Puts what we sent.
    pub fn put_us(&mut self, at: i64, audio: impl ExactSizeIterator<Item = i16>) {
        for (position, value) in (at..).zip(audio) {
            if let Some(sample) = self.at(position) {
                sample.us = value;
            }
        }
    }

    /// Hands out the next chunk that nothing can change any more, if there is one.
    pub fn take(&mut self, now: i64) -> Option<Vec<i16>> {
        (now - WINDOW - self.given >= CHUNK).then(|| self.give(CHUNK))
    }

    /// Ends the recording at a position: its length is what passed since it began.
    pub fn end(mut self, now: i64) -> Tail {
        let mut pcm = Vec::new();
        while self.given < now {
            // Bounded: whoever takes chunks in time leaves at most a window and a chunk.
            pcm.append(&mut self.give(CHUNK.min(now - self.given)));
        }
        Tail { pcm, gap: self.gap }
    }

    fn give(&mut self, length: i64) -> Vec<i16> {
        let mut pcm = Vec::with_capacity(usize::try_from(length).unwrap_or(0) * 2);
        let comfort_from = self.comfort_from.unwrap_or(i64::MAX);
        for position in self.given..self.given + length {
            let sample = self.at(position).map(std::mem::take).unwrap_or_default();
            pcm.extend([sample.patient, sample.us]);
            if !sample.is_known && position < comfort_from {
                self.gap += 1;
            }
        }
        self.given += length;
        pcm
    }

    fn know(&mut self, from: i64, to: i64) {
        let last = self.given + HELD as i64;
        for position in from.clamp(self.given, last)..to.clamp(self.given, last) {
            if let Some(sample) = self.at(position) {
                sample.is_known = true;
            }
        }
    }

    fn at(&mut self, position: i64) -> Option<&mut Sample> {
        let is_held = position >= self.given && position < self.given + HELD as i64;
        let place = usize::try_from(position.rem_euclid(HELD as i64)).ok()?;
        is_held.then(|| self.held.get_mut(place)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn channel(pcm: &[i16], which: usize) -> Vec<i16> {
        pcm.iter().skip(which).step_by(2).copied().collect()
    }

    fn whole(mix: Mix, chunks: &[Vec<i16>], end: i64) -> (Vec<i16>, u64) {
        let tail = mix.end(end);
        ([chunks.concat(), tail.pcm].concat(), tail.gap)
    }

    #[test]
    fn both_channels_lie_where_they_were_put() {
        let mut mix = Mix::begin(1_000);
        mix.put_patient(1_010, [1, 2, 3].into_iter());
        mix.put_us(1_005, [7, 8].into_iter());
        let (pcm, gap) = whole(mix, &[], 1_020);
        assert_eq!(
            channel(&pcm, 0),
            [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0]
        );
        assert_eq!(
            channel(&pcm, 1),
            [0, 0, 0, 0, 0, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        );
        assert_eq!(gap, 17);
    }

    #[test]
    fn what_came_before_the_recording_and_what_is_there_already_is_left_out() {
        let mut mix = Mix::begin(100);
        mix.put_patient(98, [1, 2, 3, 4].into_iter());
        mix.put_patient(100, [9, 9, 9].into_iter());
        let (pcm, _) = whole(mix, &[], 103);
        assert_eq!(channel(&pcm, 0), [3, 4, 9]);
    }

    #[test]
    fn a_chunk_is_handed_out_once_nothing_late_can_come() {
        let mut mix = Mix::begin(0);
        mix.put_patient(0, [5; 160].into_iter());
        assert_eq!(mix.take(WINDOW + CHUNK - 1), None);
        assert_eq!(mix.take(WINDOW + CHUNK).map(|pcm| pcm.len()), Some(2 * CHUNK as usize));
        assert_eq!(mix.take(WINDOW + CHUNK), None);
        mix.put_patient(100, [6; 10].into_iter());
        assert_eq!(mix.end(CHUNK).pcm, Vec::<i16>::new());
    }

    #[test]
    fn keys_and_comfort_noise_are_no_gaps() {
        let mut mix = Mix::begin(0);
        mix.put_silence(0, 400);
        mix.put_comfort(400);
        let first = mix.take(WINDOW + CHUNK).unwrap();
        mix.put_patient(WINDOW + CHUNK, [1; 160].into_iter());
        let (pcm, gap) = whole(mix, &[first], WINDOW + CHUNK + 200);
        assert_eq!(pcm.len() as i64, 2 * (WINDOW + CHUNK + 200));
        assert_eq!(gap, 40, "after the audio packet nothing came");
    }

    #[test]
    fn a_recorder_that_slept_for_a_minute_still_gives_every_sample() {
        let mut mix = Mix::begin(0);
        let minute = 60 * 8_000;
        let mut given = 0;
        while let Some(pcm) = mix.take(minute) {
            given += pcm.len() / 2;
        }
        assert_eq!(given as i64 + mix.end(minute).pcm.len() as i64 / 2, minute);
    }

    proptest! {
        #[test]
        fn late_packets_within_the_window_change_nothing(delays in proptest::collection::vec(0_i64..180 * 8, 1..200)) {
            let mut arrivals: Vec<_> = delays.iter().zip(0_i64..).map(|(delay, n)| (n * 160 + delay, n)).collect();
            arrivals.sort_unstable();
            let end = delays.len() as i64 * 160 + WINDOW;
            let (mut mix, mut chunks) = (Mix::begin(0), Vec::new());
            for (at, n) in arrivals {
                while let Some(chunk) = mix.take(at) {
                    chunks.push(chunk);
                }
                mix.put_patient(n * 160, vec![n as i16 + 1; 160].into_iter());
            }
            let (pcm, gap) = whole(mix, &chunks, end);
            let expected: Vec<_> = (0..end).map(|p| if p / 160 < delays.len() as i64 { (p / 160) as i16 + 1 } else { 0 }).collect();
            prop_assert_eq!(channel(&pcm, 0), expected);
            prop_assert_eq!(gap, WINDOW as u64);
        }
    }
}
