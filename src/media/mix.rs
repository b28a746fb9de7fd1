//! The stereo recording in the making: both channels put in their places, handed out once nothing late can come.

use std::ops::Range;

use super::{Paused, samples};

/// How long a late packet is waited for.
const WINDOW: i64 = 200 * samples::PER_MS as i64;

/// Made ready at once: 128 ms.
const CHUNK: i64 = 128 * samples::PER_MS as i64;

/// Handed out at once, in samples of both channels: eight chunks, 1.024 s. 32 KiB are what the allocator gives out without
/// rounding up, and what a file takes in whole pages.
const PIECE: usize = 16 * CHUNK as usize;

/// What is held at most: the window, a chunk, and what may come early. A power of two.
const HELD: usize = 4_096;

/// A hole of so few samples between two packets is a step of the clock, and filled.
const SEAM: i64 = 8;

/// Pauses begin and end at whole milliseconds of the recording, so that what is said of them is what is there.
const MS: i64 = samples::PER_MS as i64;

/// Pauses of one recording; what is paused more often stays silent from the last of them on.
const PAUSES_MAX: usize = 100;

/// Both channels between the oldest sample that may still change and the newest.
#[derive(Clone, Debug)]
pub struct Mix {
    begun: i64,
    /// Up to where it is ready.
    given: i64,
    /// What is ready and was not handed out.
    ready: Vec<i16>,
    /// The sample at position p is in place p modulo [`HELD`], here and below.
    patient: Box<[i16]>,
    said: Box<[Said]>,
    us: Box<[i16]>,
    comfort_from: Option<i64>,
    gap: u64,
    /// Since where nothing but gap is ready.
    gap_from: Option<i64>,
    pauses: Vec<Pause>,
}

/// A stretch that is silent whatever was said: from a position to another, if it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pause {
    from: i64,
    to: Option<i64>,
}

/// What is known of a sample of the patient's channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Said {
    /// No packet came.
    #[default]
    Nothing,
    /// A packet said that there is nothing to hear.
    Silence,
    /// A packet brought it.
    Audio,
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
        Self {
            begun: at,
            given: at,
            ready: Vec::new(),
            patient: vec![0; HELD].into_boxed_slice(),
            said: vec![Said::Nothing; HELD].into_boxed_slice(),
            us: vec![0; HELD].into_boxed_slice(),
            comfort_from: None,
            gap: 0,
            gap_from: None,
            pauses: Vec::new(),
        }
    }

    /// Where the recording began.
    pub const fn begun(&self) -> i64 {
        self.begun
    }

    /// Puts the patient's audio, of which each value has a linear one. What is there already stays; what is too late or too
    /// early is left out.
    pub fn put_patient<T: Copy>(&mut self, at: i64, audio: &[T], linear: impl Fn(T) -> i16) {
        if let Some(from) = self.comfort_from.take_if(|from| *from <= at) {
            self.put_silence(from, at - from);
        }
        let (from, to, mut audio) = self.clip(at, audio);
        for place in places(from, to) {
            let (Some(voice), Some(said), Some((here, later))) = (
                self.patient.get_mut(place.clone()),
                self.said.get_mut(place.clone()),
                audio.split_at_checked(place.len()),
            ) else {
                return;
            };
            audio = later;
            // Packets hardly ever overlap, and a branch for each sample takes as long again as the copying.
            if is_among(Said::Audio, said) {
                for ((voice, said), value) in voice.iter_mut().zip(said).zip(here) {
                    if *said != Said::Audio {
                        (*voice, *said) = (linear(*value), Said::Audio);
                    }
                }
            } else {
                for (voice, value) in voice.iter_mut().zip(here) {
                    *voice = linear(*value);
                }
                said.fill(Said::Audio);
            }
        }
        if from < to {
            self.mend(from, -1);
            self.mend(to - 1, 1);
        }
    }

    /// The patient's channel is silent on purpose: a key was pressed, or the far end sent nothing because nobody spoke.
    pub fn put_silence(&mut self, at: i64, length: i64) {
        let to = at.saturating_add(length);
        for place in places(at.max(self.given), to.min(self.given + HELD as i64)) {
            for said in self.said.get_mut(place).unwrap_or_default() {
                if *said == Said::Nothing {
                    *said = Said::Silence;
                }
            }
        }
        // What was taken for a gap when it was made ready was none.
        if let Some(from) = self.gap_from.filter(|_| at < self.given) {
            let meant = to.min(self.given) - at.max(from);
            self.gap = self.gap.saturating_sub(u64::try_from(meant).unwrap_or(0));
            self.gap_from = None;
        }
    }

    /// The far end stops sending because nobody speaks (RFC 3389): no gap until it speaks again.
    pub fn put_comfort(&mut self, at: i64) {
        self.comfort_from.get_or_insert(at);
    }

    /// Puts what we sent, of which each value has a linear one.
    pub fn put_us<T: Copy>(&mut self, at: i64, audio: &[T], linear: impl Fn(T) -> i16) {
        let (from, to, mut audio) = self.clip(at, audio);
        for place in places(from, to) {
            let Some((here, later)) = audio.split_at_checked(place.len()) else {
                return;
            };
            audio = later;
            for (voice, value) in self.us.get_mut(place).unwrap_or_default().iter_mut().zip(here) {
                *voice = linear(*value);
            }
        }
    }

    /// Is silent on both channels from a position on, until [`Mix::resume`].
    pub fn pause(&mut self, at: i64) {
        let at = at - (at - self.begun).rem_euclid(MS);
        let are_many = self.pauses.len() >= PAUSES_MAX;
        match self.pauses.last_mut() {
            Some(Pause { to: None, .. }) => {}
            Some(last) if are_many => last.to = None,
            Some(_) | None => self.pauses.push(Pause { from: at, to: None }),
        }
    }

    /// Ends the pause.
    pub fn resume(&mut self, at: i64) {
        let at = at + (self.begun - at).rem_euclid(MS);
        if let Some(Pause { to: to @ None, .. }) = self.pauses.last_mut() {
            *to = Some(at);
        }
    }

    /// The pauses so far; one that goes on ends now.
    pub fn paused(&self, now: i64) -> Vec<Paused> {
        let millis = |at: i64| samples::millis(u64::try_from(at - self.begun).unwrap_or(0));
        let paused = self.pauses.iter().map(|pause| Paused {
            from_ms: millis(pause.from),
            to_ms: millis(pause.to.unwrap_or(now)),
        });
        paused.collect()
    }

    /// Makes the next chunk ready that nothing can change any more, if there is one, and shows it.
    pub fn ripen(&mut self, now: i64) -> Option<&[i16]> {
        (now - WINDOW - self.given >= CHUNK).then(|| self.make_ready(CHUNK))
    }

    /// Hands out what is ready once that is a whole piece.
    pub fn take(&mut self) -> Option<Vec<i16>> {
        (self.ready.len() >= PIECE).then(|| self.take_rest())
    }

    /// Hands out what is ready, however little.
    pub fn take_rest(&mut self) -> Vec<i16> {
        std::mem::take(&mut self.ready)
    }

    /// Ends the recording at a position: its length is what passed since it began. From `silent_from` on, if that is
    /// known, the far end meant to be silent.
    pub fn end(mut self, now: i64, silent_from: Option<i64>) -> Tail {
        while self.given < now {
            // Bounded: whoever takes pieces in time leaves at most a piece, a window and a chunk.
            self.make_ready(CHUNK.min(now - self.given));
        }
        if let Some(from) = silent_from {
            self.put_silence(from, now - from);
        }
        Tail {
            pcm: self.ready,
            gap: self.gap,
        }
    }

    /// Shows what is ready now and was not before.
    fn make_ready(&mut self, length: i64) -> &[i16] {
        let mut ready = self.take_rest();
        if ready.capacity() == 0 {
            ready.reserve_exact(PIECE);
        }
        let before = ready.len();
        ready.resize(before + usize::try_from(length).unwrap_or(0) * 2, 0);
        let pcm = ready.get_mut(before..).unwrap_or_default();
        let (mut frames, _) = pcm.as_chunks_mut();
        let to = self.given + length;
        self.count_gap(to);
        for place in places(self.given, to) {
            let (Some(patient), Some(us), Some((here, later))) = (
                self.patient.get_mut(place.clone()),
                self.us.get_mut(place.clone()),
                frames.split_at_mut_checked(place.len()),
            ) else {
                break;
            };
            frames = later;
            for (frame, (patient, us)) in here.iter_mut().zip(patient.iter().zip(us.iter())) {
                *frame = [*patient, *us];
            }
            patient.fill(0);
            us.fill(0);
            self.said.get_mut(place).unwrap_or_default().fill(Said::Nothing);
        }
        self.silence_pauses(to, pcm);
        self.given = to;
        self.ready = ready;
        self.ready.get(before..).unwrap_or_default()
    }

    /// Silences what was paused of a piece that ends at a position.
    fn silence_pauses(&self, to: i64, pcm: &mut [i16]) {
        for pause in &self.pauses {
            let from = pause.from.clamp(self.given, to) - self.given;
            let end = pause.to.unwrap_or(to).clamp(self.given, to) - self.given;
            let both = |samples| usize::try_from(2 * samples).unwrap_or(0);
            pcm.get_mut(both(from)..both(end)).unwrap_or_default().fill(0);
        }
    }

    /// Counts what is missing of the patient's channel up to a position.
    fn count_gap(&mut self, to: i64) {
        let comfort_from = self.comfort_from.unwrap_or(i64::MAX);
        let mut position = self.given;
        for place in places(self.given, to) {
            let said = self.said.get(place).unwrap_or_default();
            if !said.is_empty() && !is_among(Said::Nothing, said) {
                self.gap_from = None;
                position += i64::try_from(said.len()).unwrap_or(0);
                continue;
            }
            for said in said {
                if *said == Said::Nothing && position < comfort_from {
                    self.gap += 1;
                    self.gap_from.get_or_insert(position);
                } else {
                    self.gap_from = None;
                }
                position += 1;
            }
        }
    }

    /// Fills the few samples between an edge of a packet and the next one in a direction.
    fn mend(&mut self, edge: i64, direction: i64) {
        let Some(hole) = (1..=SEAM + 1).find(|by| self.said_at(edge + direction * by) != Some(Said::Nothing)) else {
            return;
        };
        let end = edge + direction * hole;
        if hole == 1 || self.said_at(end) != Some(Said::Audio) {
            return;
        }
        let value = self.patient.get(place(edge)).copied().unwrap_or_default();
        for by in 1..hole {
            let position = place(edge + direction * by);
            if let (Some(voice), Some(said)) = (self.patient.get_mut(position), self.said.get_mut(position)) {
                (*voice, *said) = (value, Said::Audio);
            }
        }
    }

    /// Nothing for a position that is not held.
    fn said_at(&self, position: i64) -> Option<Said> {
        let is_held = position >= self.given && position < self.given + HELD as i64;
        is_held.then(|| self.said.get(place(position)).copied()).flatten()
    }

    /// The part of a piece of audio that is held, and where it lies.
    fn clip<'a, T>(&self, at: i64, audio: &'a [T]) -> (i64, i64, &'a [T]) {
        let to = at.saturating_add(i64::try_from(audio.len()).unwrap_or(i64::MAX));
        let from = at.max(self.given);
        let skipped = usize::try_from(from - at).unwrap_or(usize::MAX);
        (
            from,
            to.min(self.given + HELD as i64),
            audio.get(skipped..).unwrap_or_default(),
        )
    }
}

/// Looks at all of them, which takes less than to stop at the first.
fn is_among(wanted: Said, said: &[Said]) -> bool {
    said.iter().fold(false, |is_there, said| is_there | (*said == wanted))
}

const fn place(position: i64) -> usize {
    (position & (HELD as i64 - 1)) as usize
}

/// The places of the positions between two, which are no more than [`HELD`] apart.
fn places(from: i64, to: i64) -> [Range<usize>; 2] {
    let length = usize::try_from(to.saturating_sub(from)).unwrap_or(0).min(HELD);
    let start = place(from);
    let first = length.min(HELD - start);
    [start..start + first, 0..length - first]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn same(value: i16) -> i16 {
        value
    }

    fn channel(pcm: &[i16], which: usize) -> Vec<i16> {
        pcm.iter().skip(which).step_by(2).copied().collect()
    }

    fn whole(mix: Mix, pieces: &[Vec<i16>], end: i64) -> (Vec<i16>, u64) {
        let tail = mix.end(end, None);
        ([pieces.concat(), tail.pcm].concat(), tail.gap)
    }

    /// The pieces that are handed out by a time.
    fn taken(mix: &mut Mix, now: i64) -> Vec<Vec<i16>> {
        let mut pieces = Vec::new();
        while mix.ripen(now).is_some() {
            pieces.extend(mix.take());
        }
        pieces
    }

    #[test]
    fn both_channels_lie_where_they_were_put() {
        let mut mix = Mix::begin(1_000);
        mix.put_patient(1_010, &[1, 2, 3], same);
        mix.put_us(1_005, &[7, 8], same);
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
        mix.put_patient(98, &[1, 2, 3, 4], same);
        mix.put_patient(100, &[9, 9, 9], same);
        let (pcm, _) = whole(mix, &[], 103);
        assert_eq!(channel(&pcm, 0), [3, 4, 9]);
    }

    #[test]
    fn a_chunk_is_ready_once_nothing_late_can_come() {
        let mut mix = Mix::begin(0);
        mix.put_patient(0, &[5; 160], same);
        assert_eq!(mix.ripen(WINDOW + CHUNK - 1), None);
        assert_eq!(mix.ripen(WINDOW + CHUNK).map(<[_]>::len), Some(2 * CHUNK as usize));
        assert_eq!(mix.ripen(WINDOW + CHUNK), None);
        mix.put_patient(100, &[6; 10], same);
        let pcm = mix.end(CHUNK, None).pcm;
        assert_eq!((channel(&pcm, 0)[100], pcm.len()), (5, 2 * CHUNK as usize));
    }

    #[test]
    fn what_is_ready_is_handed_out_by_whole_pieces_and_the_rest_with_the_end() {
        let second = PIECE as i64 / 2;
        let mut mix = Mix::begin(0);
        let mut pieces = taken(&mut mix, second + WINDOW - 1);
        assert_eq!(pieces, Vec::<Vec<i16>>::new());
        for (value, at) in (1..).zip([second, second + CHUNK]) {
            pieces.extend(taken(&mut mix, at + WINDOW));
            mix.put_us(at, &[value; 10], same);
        }
        assert_eq!(pieces.iter().map(Vec::len).collect::<Vec<_>>(), [PIECE]);
        assert_eq!(mix.clone().take_rest().len(), 2 * CHUNK as usize);
        let (pcm, _) = whole(mix, &pieces, second + CHUNK + 10);
        let us = channel(&pcm, 1);
        let at = second as usize;
        assert_eq!(
            (us[at - 1], us[at], us[at + CHUNK as usize], pcm.len()),
            (0, 1, 2, 2 * (at + CHUNK as usize + 10))
        );
    }

    #[test]
    fn keys_and_comfort_noise_are_no_gaps() {
        let mut mix = Mix::begin(0);
        mix.put_silence(0, 400);
        mix.put_comfort(400);
        assert!(mix.ripen(WINDOW + CHUNK).is_some());
        mix.put_patient(WINDOW + CHUNK, &[1; 160], same);
        let (pcm, gap) = whole(mix, &[], WINDOW + CHUNK + 200);
        assert_eq!(pcm.len() as i64, 2 * (WINDOW + CHUNK + 200));
        assert_eq!(gap, 40, "after the audio packet nothing came");
    }

    #[test]
    fn a_pause_that_turns_out_to_be_meant_is_no_gap_though_it_was_handed_out() {
        let mut mix = Mix::begin(0);
        mix.put_patient(0, &[1; 160], same);
        let now = 80_000;
        let pieces = taken(&mut mix, now);
        mix.put_silence(160, now - 160 - 800);
        mix.put_patient(now, &[1; 160], same);
        let (pcm, gap) = whole(mix, &pieces, now + 160);
        assert_eq!(
            (pcm.len(), gap),
            (2 * 80_160, 800),
            "what lies before the voice was lost"
        );
    }

    #[test]
    fn audio_that_comes_late_into_a_silence_is_kept() {
        let mut mix = Mix::begin(0);
        mix.put_silence(0, 400);
        mix.put_patient(100, &[7; 100], same);
        let (pcm, gap) = whole(mix, &[], 400);
        assert_eq!((channel(&pcm, 0)[100..200].to_vec(), gap), (vec![7; 100], 0));
    }

    #[test]
    fn a_step_between_two_packets_is_filled_and_a_lost_packet_is_not() {
        let mut mix = Mix::begin(0);
        mix.put_patient(0, &[5; 160], same);
        mix.put_patient(168, &[9; 160], same);
        mix.put_patient(488, &[9; 160], same);
        mix.put_patient(330, &[3; 157], same);
        let (pcm, gap) = whole(mix, &[], 648);
        let patient = channel(&pcm, 0);
        assert_eq!(patient[160..168], [9; 8]);
        assert_eq!((patient[328], patient[329], patient[487]), (3, 3, 3));
        assert_eq!(gap, 0);
        let mut mix = Mix::begin(0);
        mix.put_patient(0, &[5; 160], same);
        mix.put_patient(169, &[9; 160], same);
        assert_eq!(mix.end(329, None).gap, 9);
    }

    #[test]
    fn a_recorder_that_slept_for_a_minute_still_gives_every_sample() {
        let mut mix = Mix::begin(0);
        let minute = 60 * 8_000;
        let pieces = taken(&mut mix, minute);
        let (pcm, _) = whole(mix, &pieces, minute);
        assert_eq!(pcm.len() as i64 / 2, minute);
    }

    proptest! {
        #[test]
        fn late_packets_within_the_window_change_nothing(delays in proptest::collection::vec(0_i64..180 * 8, 1..200)) {
            let mut arrivals: Vec<_> = delays.iter().zip(0_i64..).map(|(delay, n)| (n * 160 + delay, n)).collect();
            arrivals.sort_unstable();
            let end = delays.len() as i64 * 160 + WINDOW;
            let (mut mix, mut pieces) = (Mix::begin(0), Vec::new());
            for (at, n) in arrivals {
                pieces.extend(taken(&mut mix, at));
                mix.put_patient(n * 160, &vec![n as i16 + 1; 160], same);
            }
            let (pcm, gap) = whole(mix, &pieces, end);
            let expected: Vec<_> = (0..end).map(|p| if p / 160 < delays.len() as i64 { (p / 160) as i16 + 1 } else { 0 }).collect();
            prop_assert_eq!(channel(&pcm, 0), expected);
            prop_assert_eq!(gap, WINDOW as u64);
        }
    }
}
