//! The stereo recording in the making: both channels put in their places, handed out once nothing late can come.

use std::ops::Range;

use super::{Codec, Paused, g711, samples};

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
    /// As it came, a byte a sample: what many calls hold for so long is out of the processor's reach, and every octet of it
    /// costs. The sample at position p is in place p modulo [`HELD`], here and below.
    patient: Box<[u8]>,
    said: Box<[Said]>,
    us: Box<[u8]>,
    /// Where there is anything of ours, in order.
    ours: Vec<Stretch>,
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Said {
    /// No packet came.
    #[default]
    Nothing,
    /// A packet said that there is nothing to hear.
    Silence,
    /// A packet brought it in A-law.
    Pcma,
    /// A packet brought it in mu-law.
    Pcmu,
}

impl Said {
    const fn by(codec: Codec) -> Self {
        match codec {
            Codec::Pcma => Self::Pcma,
            Codec::Pcmu => Self::Pcmu,
        }
    }

    /// In what a packet brought it, if one did.
    const fn codec(self) -> Option<Codec> {
        match self {
            Self::Nothing | Self::Silence => None,
            Self::Pcma => Some(Codec::Pcma),
            Self::Pcmu => Some(Codec::Pcmu),
        }
    }

    /// Written without a branch: it is asked for many samples at once.
    fn is_audio(self) -> bool {
        self >= Self::Pcma
    }
}

/// What we said from a position to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    from: i64,
    to: i64,
    codec: Codec,
}

/// What is made ready at once: patient, us.
type Frames = [[i16; 2]; CHUNK as usize];

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
            ours: Vec::new(),
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

    /// Puts the patient's audio. What is there already stays; what is too late or too early is left out.
    pub fn put_patient(&mut self, at: i64, codec: Codec, audio: &[u8]) {
        if let Some(from) = self.comfort_from.take_if(|from| *from <= at) {
            self.put_silence(from, at - from);
        }
        let by = Said::by(codec);
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
            if is_any(said, Said::is_audio) {
                for ((voice, said), byte) in voice.iter_mut().zip(said).zip(here) {
                    if !said.is_audio() {
                        (*voice, *said) = (*byte, by);
                    }
                }
            } else {
                voice.copy_from_slice(here);
                said.fill(by);
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

    /// Puts what we sent. What is there already goes.
    pub fn put_us(&mut self, at: i64, codec: Codec, audio: &[u8]) {
        let (from, to, mut audio) = self.clip(at, audio);
        for place in places(from, to) {
            let (Some(voice), Some((here, later))) =
                (self.us.get_mut(place.clone()), audio.split_at_checked(place.len()))
            else {
                return;
            };
            audio = later;
            voice.copy_from_slice(here);
        }
        if from < to {
            self.note_ours(Stretch { from, to, codec });
        }
    }

    /// A frame follows the one before; after a change of the address or the codec it may begin within it.
    fn note_ours(&mut self, new: Stretch) {
        while self.ours.pop_if(|last| last.from >= new.from).is_some() {}
        match self.ours.last_mut() {
            Some(last) if last.to >= new.from && last.codec == new.codec => last.to = new.to,
            last => {
                if let Some(last) = last {
                    last.to = last.to.min(new.from);
                }
                self.ours.push(new);
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

    /// Makes so much ready, a chunk at most, and shows it.
    fn make_ready(&mut self, length: i64) -> &[i16] {
        let mut frames: Frames = [[0; 2]; CHUNK as usize];
        let frames = frames
            .get_mut(..usize::try_from(length).unwrap_or(0))
            .unwrap_or_default();
        let to = self.given + length;
        self.count_gap(to);
        self.take_patient(to, frames);
        self.take_us(to, frames);
        self.silence_pauses(to, frames);
        self.given = to;
        if self.ready.capacity() == 0 {
            self.ready.reserve_exact(PIECE);
        }
        let before = self.ready.len();
        self.ready.extend_from_slice(frames.as_flattened());
        self.ready.get(before..).unwrap_or_default()
    }

    /// The patient's side of what lies before a position; its places are free then.
    fn take_patient(&mut self, to: i64, mut frames: &mut [[i16; 2]]) {
        for place in places(self.given, to) {
            let (Some(voice), Some(said), Some((here, later))) = (
                self.patient.get(place.clone()),
                self.said.get_mut(place.clone()),
                frames.split_at_mut_checked(place.len()),
            ) else {
                return;
            };
            frames = later;
            let first = said.first().copied().unwrap_or_default();
            let are_alike = !is_any(said, |said| said != first);
            // Mostly all of it came, and in one codec.
            match (first.codec(), are_alike) {
                (Some(codec), true) => {
                    let linear = g711::decoder(codec);
                    for ([patient, _], byte) in here.iter_mut().zip(voice) {
                        *patient = linear(*byte);
                    }
                }
                (None, true) => {}
                (Some(_) | None, false) => {
                    for (([patient, _], byte), said) in here.iter_mut().zip(voice).zip(said.iter()) {
                        *patient = said.codec().map_or(0, |codec| g711::decoded(codec, *byte));
                    }
                }
            }
            said.fill(Said::Nothing);
        }
    }

    /// Our side of what lies before a position.
    fn take_us(&mut self, to: i64, frames: &mut [[i16; 2]]) {
        for Stretch { from, to: end, codec } in &self.ours {
            let (from, end) = (self.given.max(*from), to.min(*end));
            let skipped = usize::try_from(from - self.given).unwrap_or(0);
            let mut frames = frames.get_mut(skipped..).unwrap_or_default().iter_mut();
            let linear = g711::decoder(*codec);
            for place in places(from, end) {
                let voice = self.us.get(place).unwrap_or_default();
                for (byte, [_, us]) in voice.iter().zip(&mut frames) {
                    *us = linear(*byte);
                }
            }
        }
        self.ours.retain(|stretch| stretch.to > to);
    }

    /// Silences what was paused of a chunk that ends at a position.
    fn silence_pauses(&self, to: i64, frames: &mut [[i16; 2]]) {
        for pause in &self.pauses {
            let from = pause.from.clamp(self.given, to) - self.given;
            let end = pause.to.unwrap_or(to).clamp(self.given, to) - self.given;
            let place = |samples| usize::try_from(samples).unwrap_or(0);
            frames.get_mut(place(from)..place(end)).unwrap_or_default().fill([0; 2]);
        }
    }

    /// Counts what is missing of the patient's channel up to a position.
    fn count_gap(&mut self, to: i64) {
        let comfort_from = self.comfort_from.unwrap_or(i64::MAX);
        let mut position = self.given;
        for place in places(self.given, to) {
            let said = self.said.get(place).unwrap_or_default();
            if !said.is_empty() && !is_any(said, |said| said == Said::Nothing) {
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
        if hole == 1 || !self.said_at(end).is_some_and(Said::is_audio) {
            return;
        }
        let (Some(value), Some(brought)) = (self.patient.get(place(edge)).copied(), self.said_at(edge)) else {
            return;
        };
        for by in 1..hole {
            let position = place(edge + direction * by);
            if let (Some(voice), Some(said)) = (self.patient.get_mut(position), self.said.get_mut(position)) {
                (*voice, *said) = (value, brought);
            }
        }
    }

    /// Nothing for a position that is not held.
    fn said_at(&self, position: i64) -> Option<Said> {
        let is_held = position >= self.given && position < self.given + HELD as i64;
        is_held.then(|| self.said.get(place(position)).copied()).flatten()
    }

    /// The part of a piece of audio that is held, and where it lies.
    fn clip<'a>(&self, at: i64, audio: &'a [u8]) -> (i64, i64, &'a [u8]) {
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
fn is_any(said: &[Said], what: impl Fn(Said) -> bool) -> bool {
    said.iter().fold(false, |is_there, said| is_there | what(*said))
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
mod tests;
