//! One prompt that may be playing, compared with what is heard frame by frame.

use super::catalogue::Template;
use super::{FRAME, energy, is_audible};

/// A prompt is lost after this many frames that do not fit.
const MOST_BAD: u32 = 3;
/// The least normalised correlation of a frame that fits.
const FITS: f32 = 0.7;
/// Fewer samples than this are not judged.
const LEAST_OVERLAP: usize = 40;
/// The least share of energy that a pause may have before it is no pause: 12 dB above audible.
const LOUD: f32 = 4.0;

/// A prompt that began at a place and fits so far.
#[derive(Clone, Debug)]
pub(super) struct Follow {
    pub(super) template: usize,
    /// The sample on the time line where the prompt's first sample lies.
    pub(super) start: i64,
    pub(super) state: State,
    /// Frames that fitted, and frames that did not though later ones did.
    pub(super) good: u32,
    pub(super) flaws: u32,
    bad_run: u32,
    first_bad: u64,
}

/// How far a prompt was followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It fits.
    Fitting,
    /// It ended; the sample after its last one.
    Ended(u64),
    /// It no longer fitted from this frame on.
    Lost(u64),
}

enum Judgement {
    Good,
    Bad,
    Unsure,
}

impl Follow {
    pub(super) fn new(template: usize, start: i64) -> Self {
        Self {
            template,
            start,
            state: State::Fitting,
            good: 0,
            flaws: 0,
            bad_run: 0,
            first_bad: 0,
        }
    }

    /// Takes frame number `index`; `heard` is none if the frame was lost on the way.
    pub(super) fn take(&mut self, template: &Template, index: u64, heard: Option<&[i16; FRAME]>) {
        if self.state != State::Fitting {
            return;
        }
        match heard.map_or(Judgement::Unsure, |samples| self.judge(template, index, samples)) {
            Judgement::Unsure => {}
            Judgement::Good => {
                self.good += 1;
                self.flaws += std::mem::take(&mut self.bad_run);
            }
            Judgement::Bad => {
                if self.bad_run == 0 {
                    self.first_bad = index;
                }
                self.bad_run += 1;
                if self.bad_run == MOST_BAD {
                    self.state = State::Lost(self.first_bad);
                    return;
                }
            }
        }
        let end = self.end(template);
        if (index + 1) * 160 >= end {
            // Frames that did not fit at the very end are a cut, not a flaw.
            self.state = if self.bad_run > 0 {
                State::Lost(self.first_bad)
            } else {
                State::Ended(end)
            };
        }
    }

    /// The sample after the prompt's last one.
    pub(super) fn end(&self, template: &Template) -> u64 {
        let length = i64::try_from(template.samples.len()).unwrap_or(0);
        u64::try_from(self.start + length).unwrap_or(0)
    }

    /// Where it stopped, or `now`.
    pub(super) fn stopped(&self, now: u64) -> u64 {
        match self.state {
            State::Fitting => now,
            State::Ended(end) => end,
            State::Lost(frame) => frame * 160,
        }
    }

    fn judge(&self, template: &Template, index: u64, samples: &[i16; FRAME]) -> Judgement {
        let offset = i64::try_from(index * 160).unwrap_or(i64::MAX) - self.start;
        let skip = usize::try_from(-offset).unwrap_or(0);
        let from = usize::try_from(offset).unwrap_or(0);
        let heard = samples.get(skip..).unwrap_or_default();
        let known = template.samples.get(from..).unwrap_or_default();
        let overlap = heard.len().min(known.len());
        let (heard, known) = (
            heard.get(..overlap).unwrap_or_default(),
            known.get(..overlap).unwrap_or_default(),
        );
        if overlap < LEAST_OVERLAP {
            return Judgement::Unsure;
        }
        let (loud_heard, loud_known) = (energy(heard), energy(known));
        match (is_audible(loud_heard, overlap), is_audible(loud_known, overlap)) {
            (false, false) => return Judgement::Unsure,
            // A pause that is not quite silent on one side is no contradiction.
            (true, false) if !is_audible(loud_heard / LOUD, overlap) => return Judgement::Unsure,
            (false, true) if !is_audible(loud_known / LOUD, overlap) => return Judgement::Unsure,
            (true, false) | (false, true) => return Judgement::Bad,
            (true, true) => {}
        }
        let product: f32 = heard
            .iter()
            .zip(known)
            .map(|(&h, &k)| f32::from(h) * f32::from(k))
            .sum();
        if product > FITS * (loud_heard * loud_known).sqrt() {
            Judgement::Good
        } else {
            Judgement::Bad
        }
    }
}
