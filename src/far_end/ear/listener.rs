//! One call's listening: audio in by its place on the time line, prompts out.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::far_end::g711::Law;

use super::catalogue::{BEFORE, Catalogue, WINDOW};
use super::follow::{Follow, State};
use super::{FRAME, energy, is_audible};

/// Frames that are kept to look back at: 4 s.
const KEPT: usize = 200;
/// Frames after an onset that the search needs.
const SEARCHED: u64 = 15;
/// Frames that must fit before a prompt is believed.
const BELIEVED: u32 = 6;
/// Sound that is no prompt is searched again after this many frames.
const AGAIN: u64 = 8;
/// Silence of this many frames ends a sound that is no prompt.
const SILENCE: u32 = 5;
/// Two prompts that stop this close together stop together.
const TOGETHER: u64 = 3 * 160;

/// A silence is noted from this many frames on: 1.5 s.
const NOTED: u64 = 75;
/// So many silences are noted, the first ones.
const SILENCES: usize = 64;

/// What a patient hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A prompt is recognised; it began at this sample.
    Began {
        /// Its name.
        name: Arc<str>,
        /// Samples since the first packet.
        at: u64,
    },
    /// It ended or was cut short.
    Ended(Heard),
}

/// A prompt that was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Heard {
    /// Its name.
    pub(crate) name: Arc<str>,
    /// Names of prompts that sound the same as far as it was heard.
    pub(crate) or: Vec<Arc<str>>,
    /// Its first sample on the time line.
    pub(crate) at: u64,
    /// How many samples of it were heard.
    pub(crate) samples: u64,
    /// Whether everything audible of it was heard.
    pub(crate) whole: bool,
    /// Frames inside it that did not fit.
    pub(crate) flaws: u32,
}

/// The ear of one call.
pub(crate) struct Listener {
    catalogue: Arc<Catalogue>,
    law: Law,
    frames: VecDeque<Frame>,
    /// The number of the first frame that is kept.
    first: u64,
    partial: Frame,
    filled: usize,
    /// The next frame to look at.
    next: u64,
    /// Sound before this sample is accounted for.
    floor: u64,
    state: Listening,
    unrecognised: u64,
    /// Frames that were no known prompt when they passed, but may yet be the beginning of one.
    doubtful: Vec<u64>,
    /// The frame after the last one that had sound.
    sounded: u64,
    /// Silences between sounds: their first frame, and the one after their last.
    silences: Vec<(u64, u64)>,
}

#[derive(Clone)]
struct Frame {
    samples: [i16; FRAME],
    came: bool,
}

enum Listening {
    Quiet,
    Onset(u64),
    Following {
        follows: Vec<Follow>,
        onset: u64,
        is_told: bool,
    },
    Unknown {
        again: u64,
        silent: u32,
    },
}

/// A frame to be filled; it came if no part of it is missing.
const EMPTY: Frame = Frame {
    samples: [0; FRAME],
    came: true,
};

impl Listener {
    /// An ear that knows a catalogue.
    pub(crate) fn new(catalogue: Arc<Catalogue>, law: Law) -> Self {
        Self {
            catalogue,
            law,
            frames: VecDeque::with_capacity(KEPT),
            first: 0,
            partial: EMPTY,
            filled: 0,
            next: 0,
            floor: 0,
            state: Listening::Quiet,
            unrecognised: 0,
            doubtful: Vec::new(),
            sounded: 0,
            silences: Vec::new(),
        }
    }

    /// Takes audio that belongs at `position`; audio before what was already taken is ignored.
    pub(crate) fn take(&mut self, position: u64, octets: &[u8], events: &mut Vec<Event>) {
        let mut at = self.filled_to();
        // A pause of the stream is lost frames, not silence: nobody knows what was in it.
        while at < position {
            let gap = usize::try_from(position - at).unwrap_or(FRAME).min(FRAME - self.filled);
            self.partial.came = false;
            self.advance(gap);
            at = self.filled_to();
        }
        for &octet in octets.iter().skip(usize::try_from(at - position.min(at)).unwrap_or(0)) {
            if let Some(sample) = self.partial.samples.get_mut(self.filled) {
                *sample = self.law.decode(octet);
            }
            self.advance(1);
        }
        self.look(events);
    }

    /// The call is over: what is still open is told.
    pub(crate) fn finish(&mut self, events: &mut Vec<Event>) {
        if let Listening::Onset(_) = self.state {
            for _ in 0..SEARCHED {
                self.push(Frame { came: false, ..EMPTY });
            }
            self.look(events);
        }
        if matches!(self.state, Listening::Following { .. }) {
            self.settle(events);
        }
    }

    /// Frames of sound that was no known prompt.
    pub(crate) fn unrecognised(&self) -> u64 {
        self.unrecognised + count(&self.doubtful)
    }

    fn filled_to(&self) -> u64 {
        self.end() * 160 + u64::try_from(self.filled).unwrap_or(0)
    }

    fn advance(&mut self, samples: usize) {
        self.filled += samples;
        if self.filled >= FRAME {
            let frame = std::mem::replace(&mut self.partial, EMPTY);
            self.filled = 0;
            self.push(frame);
        }
    }

    /// The long silences so far: the sample at which each began, and how many samples it lasted.
    pub(crate) fn silences(&self) -> Vec<(u64, u64)> {
        let samples = |frames: u64| frames * 160;
        let noted = self.silences.iter();
        noted.map(|(from, to)| (samples(*from), samples(to - from))).collect()
    }

    fn push(&mut self, frame: Frame) {
        let index = self.end();
        if frame.came && is_audible(energy(&frame.samples), FRAME) {
            if index - self.sounded >= NOTED && self.silences.len() < SILENCES {
                self.silences.push((self.sounded, index));
            }
            self.sounded = index + 1;
        }
        if self.frames.len() >= KEPT {
            self.frames.pop_front();
            self.first += 1;
        }
        self.frames.push_back(frame);
    }

    fn end(&self) -> u64 {
        self.first + u64::try_from(self.frames.len()).unwrap_or(0)
    }

    fn frame(&self, index: u64) -> Option<&Frame> {
        self.frames.get(usize::try_from(index.checked_sub(self.first)?).ok()?)
    }

    fn look(&mut self, events: &mut Vec<Event>) {
        loop {
            self.next = self.next.max(self.first);
            let is_waiting = match self.state {
                Listening::Onset(at) => self.end() < at + SEARCHED,
                Listening::Quiet | Listening::Following { .. } | Listening::Unknown { .. } => self.next >= self.end(),
            };
            if is_waiting {
                return;
            }
            match &self.state {
                Listening::Quiet => self.wait_for_sound(),
                Listening::Onset(at) => self.search(*at),
                Listening::Following { .. } => self.follow(events),
                Listening::Unknown { .. } => self.pass_by(),
            }
        }
    }

    fn wait_for_sound(&mut self) {
        if self.is_sound(self.next) {
            self.state = Listening::Onset(self.next);
        } else {
            self.next += 1;
        }
    }

    /// Whether a frame has sound that is not yet accounted for.
    fn is_sound(&self, index: u64) -> bool {
        let Some(frame) = self.frame(index).filter(|f| f.came) else {
            return false;
        };
        let skip = usize::try_from(self.floor.saturating_sub(index * 160)).unwrap_or(FRAME);
        let rest = frame.samples.get(skip..).unwrap_or_default();
        rest.len() >= 40 && is_audible(energy(rest), rest.len())
    }

    fn search(&mut self, onset: u64) {
        let from = i64::try_from(onset * 160).unwrap_or(0) - i64::try_from(BEFORE).unwrap_or(0);
        let floor = i64::try_from(self.floor).unwrap_or(0);
        let window: Vec<i16> = (from..)
            .take(WINDOW)
            .map(|at| if at < floor { 0 } else { self.sample(at) })
            .collect();
        let found = self.catalogue.search(&window);
        if found.is_empty() {
            self.state = Listening::Unknown {
                again: onset + AGAIN,
                silent: 0,
            };
        } else {
            let follows = found.iter().map(|c| Follow::new(c.template, from + c.start)).collect();
            self.state = Listening::Following {
                follows,
                onset,
                is_told: false,
            };
        }
        self.next = onset;
    }

    fn sample(&self, at: i64) -> i16 {
        let Ok(at) = u64::try_from(at) else { return 0 };
        let inside = usize::try_from(at % 160).unwrap_or(0);
        self.frame(at / 160)
            .and_then(|f| f.samples.get(inside))
            .copied()
            .unwrap_or(0)
    }

    fn follow(&mut self, events: &mut Vec<Event>) {
        let index = self.next;
        let frame = self.frame(index).filter(|f| f.came).map(|f| f.samples);
        let Listening::Following { follows, is_told, .. } = &mut self.state else {
            return;
        };
        for follow in follows.iter_mut() {
            if let Some(template) = self.catalogue.template(follow.template) {
                follow.take(template, index, frame.as_ref());
            }
        }
        self.next += 1;
        let contenders = || follows.iter().filter(|f| !matches!(f.state, State::Lost(_)));
        if let Some(only) = contenders()
            .next()
            .filter(|f| f.good >= BELIEVED && !*is_told && contenders().count() == 1)
            && let Some(template) = self.catalogue.template(only.template)
        {
            *is_told = true;
            events.push(Event::Began {
                name: template.name.clone(),
                at: u64::try_from(only.start).unwrap_or(0),
            });
        }
        if follows.iter().all(|f| f.state != State::Fitting) {
            self.settle(events);
        }
    }

    /// Nothing fits any more: the prompt that fitted furthest was the one.
    fn settle(&mut self, events: &mut Vec<Event>) {
        let state = std::mem::replace(&mut self.state, Listening::Quiet);
        let Listening::Following {
            follows,
            onset,
            is_told,
        } = state
        else {
            return;
        };
        let now = self.end() * 160;
        let furthest = follows.iter().map(|f| f.stopped(now)).max().unwrap_or(0);
        let mut best: Vec<&Follow> = follows
            .iter()
            .filter(|f| f.stopped(now) + TOGETHER >= furthest)
            .collect();
        // A prompt that ended explains more than one that merely came as far; then the one that fits better.
        best.sort_by_key(|f| (!matches!(f.state, State::Ended(_)), std::cmp::Reverse(f.good), f.flaws));
        // A prompt may be shorter than what is usually asked for, but then it must have fitted without a flaw.
        let is_short = |f: &Follow| matches!(f.state, State::Ended(_)) && f.good > 1 && f.flaws == 0;
        let winner = best.first().filter(|f| f.good >= BELIEVED || is_short(f));
        let Some((winner, template)) = winner.and_then(|w| Some((*w, self.catalogue.template(w.template)?))) else {
            self.state = Listening::Unknown {
                again: onset + AGAIN,
                silent: 0,
            };
            self.next = onset;
            return;
        };
        let at = u64::try_from(winner.start).unwrap_or(0);
        let stopped = winner.stopped(now);
        if !is_told {
            events.push(Event::Began {
                name: template.name.clone(),
                at,
            });
        }
        let audible_end = at + u64::try_from(template.audible_end).unwrap_or(0);
        let or = best
            .iter()
            .skip(1)
            .filter(|f| f.state == winner.state && f.good == winner.good);
        let or = or
            .filter_map(|f| self.catalogue.template(f.template).map(|t| t.name.clone()))
            .collect();
        events.push(Event::Ended(Heard {
            name: template.name.clone(),
            or,
            at,
            samples: stopped.saturating_sub(at),
            whole: stopped + 160 > audible_end,
            flaws: winner.flaws,
        }));
        self.doubtful.retain(|&frame| (frame + 1) * 160 <= at);
        self.unrecognised += count(&std::mem::take(&mut self.doubtful));
        self.floor = stopped;
        self.next = (stopped / 160).max(onset + 1);
    }

    fn pass_by(&mut self) {
        let index = self.next;
        let is_sound = self.is_sound(index);
        let Listening::Unknown { again, silent } = &mut self.state else {
            return;
        };
        if is_sound && index >= *again {
            self.state = Listening::Onset(index);
            return;
        }
        *silent = if is_sound { 0 } else { *silent + 1 };
        if *silent >= SILENCE {
            self.state = Listening::Quiet;
        }
        if is_sound {
            self.doubtful.push(index);
        }
        if self.doubtful.len() > KEPT {
            self.unrecognised += count(&std::mem::take(&mut self.doubtful));
        }
        self.next += 1;
    }
}

fn count(frames: &[u64]) -> u64 {
    u64::try_from(frames.len()).unwrap_or(u64::MAX)
}
