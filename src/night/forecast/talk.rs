//! An answered call: the shipped `Session` walked with a person's keys, prompts as long as their recordings.

mod keys;
mod script;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use rand_chacha::ChaCha8Rng;

use super::chance::{between, per_mille};
use super::manner::Manner;
use crate::dialplan::{Dialplan, Heard, Progress, Resume, Session, Speech, Step};
use crate::outcome::{EndedBy, OurReason};
use crate::phone::Key;

/// A dialplan that can be talked through: with the lengths of its prompts.
#[derive(Clone, Debug)]
pub(super) struct Questionnaire {
    plan: Arc<Dialplan>,
    lengths: BTreeMap<String, Duration>,
    /// The stop-calling-me key at the very beginning, if the dialplan has one there.
    stop: Option<Key>,
}

/// How a conversation went.
#[derive(Clone, Debug)]
pub(super) struct Talked {
    /// From the answer to the end.
    pub(super) lasts: Duration,
    pub(super) ended_by: EndedBy,
    pub(super) our_reason: Option<OurReason>,
    pub(super) progress: Progress,
    pub(super) heard: Vec<Heard>,
    /// What is left of it to go on with in the next call.
    pub(super) unfinished: Option<Session>,
}

/// The same limit as every call of ours has.
const CALL_LIMIT: Duration = Duration::from_secs(15 * 60);
/// Whoever wants to end a call by a key mostly hears the prompt out; so many of a thousand do not.
const BARGES_IN: u32 = 250;
/// So many of a thousand let a question pass once without a key.
const MISSES: u32 = 25;
/// So many of a thousand say nothing when they are asked to speak.
const SAYS_NOTHING: u32 = 350;
/// So many of a thousand hang up during the goodbye.
const LEAVES_GOODBYE: u32 = 550;

impl Questionnaire {
    /// `recorded` are the prompts' lengths by language; a prompt without a recording is as long as its text takes to say.
    pub(super) fn new(plan: Arc<Dialplan>, recorded: &BTreeMap<String, BTreeMap<String, Duration>>) -> Self {
        let length = |name: &str| {
            let file = plan.recording(name);
            let known = file
                .split_once('/')
                .and_then(|(language, name)| recorded.get(language)?.get(name).copied());
            known.unwrap_or_else(|| spoken(plan.prompt_text(name).unwrap_or_default()))
        };
        let lengths = plan
            .prompts()
            .into_iter()
            .map(|name| {
                let length = length(&name);
                (name, length)
            })
            .collect();
        let stop = keys::stop(&plan);
        Self { plan, lengths, stop }
    }

    /// One conversation; an unfinished one goes on.
    pub(super) fn talk(&self, unfinished: Option<Session>, manner: Manner, chance: &mut ChaCha8Rng) -> Talked {
        let goes_on = unfinished.and_then(|session| session.carry_on(&self.plan).ok());
        let (session, steps) = goes_on.unwrap_or_else(|| Session::start(&self.plan));
        let mut talk = Talk {
            of: self,
            session,
            manner,
            at: Duration::ZERO,
            heard: Vec::new(),
            pressed: 0,
            pending: VecDeque::new(),
            entry: Entry::Empty,
            ended: None,
        };
        talk.go(steps, chance);
        talk.over()
    }

    fn length(&self, prompts: &[String]) -> Duration {
        prompts.iter().filter_map(|name| self.lengths.get(name)).sum()
    }
}

/// How long a text takes to say: a Chinese sign as long as a syllable.
fn spoken(text: &str) -> Duration {
    let millis = |c: char| if c.is_ascii() { 70 } else { 195 };
    Duration::from_millis(text.chars().map(millis).sum())
}

/// Whether a number of several digits has begun.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Entry {
    Empty,
    Begun,
}

/// A conversation under way.
struct Talk<'q> {
    of: &'q Questionnaire,
    session: Session,
    manner: Manner,
    at: Duration,
    heard: Vec<Heard>,
    /// Keys pressed so far.
    pressed: u32,
    /// Keys that the person is about to press.
    pending: VecDeque<Key>,
    entry: Entry,
    ended: Option<(EndedBy, Option<OurReason>)>,
}

impl Talk<'_> {
    fn go(&mut self, steps: Vec<Step>, chance: &mut ChaCha8Rng) {
        let mut steps = steps;
        while self.ended.is_none() {
            let mut action = None;
            for step in steps {
                match step {
                    Step::Heard(heard) => self.heard.push(heard),
                    Step::Play { .. }
                    | Step::Wait { .. }
                    | Step::Listen { .. }
                    | Step::Connect { .. }
                    | Step::Finished(_) => action = Some(step),
                }
            }
            if self.at >= CALL_LIMIT {
                self.at = CALL_LIMIT;
                self.resume(Resume::HungUp);
                self.ended = Some((EndedBy::Us, Some(OurReason::CallLimit)));
                return;
            }
            steps = match action {
                Some(Step::Play { prompts }) => self.hears(&prompts, chance),
                Some(Step::Wait { limit }) => self.is_waited_for(limit, chance),
                Some(Step::Listen { first, speech }) => self.is_listened_to(first, speech, chance),
                // At night nobody sits at a desk.
                Some(Step::Connect { .. }) => self.resume(Resume::NobodyFree),
                Some(Step::Finished(_)) => {
                    self.ended = Some((EndedBy::Us, Some(OurReason::Finished)));
                    return;
                }
                Some(Step::Heard(_)) | None => self.hangs_up(Duration::ZERO),
            };
        }
    }

    /// While prompts play: hangs up, presses a key, or hears them out.
    fn hears(&mut self, prompts: &[String], chance: &mut ChaCha8Rng) -> Vec<Step> {
        let length = self.of.length(prompts);
        self.pending.clear();
        self.entry = Entry::Empty;
        if let Some(after) = self.leaves(length, chance) {
            return self.hangs_up(after);
        }
        let is_asked = self.session.question().is_some();
        if self.manner == Manner::OptsOut && self.pressed == 0 {
            self.pending = keys::opts_out(self.of.stop);
        }
        let early = self.manner == Manner::OptsOut && self.pressed == 0 && self.of.stop.is_some();
        if early || is_asked && self.presses() && per_mille(chance, BARGES_IN) {
            if self.pending.is_empty() {
                self.pending = keys::chosen(self.of, &self.session, self.manner, chance);
            }
            if let Some(key) = self.pending.pop_front() {
                let after = length * (40 + super::chance::below(chance, 55)) / 100;
                let steps = self.press(key, after);
                if !steps.is_empty() {
                    return steps;
                }
                // The prompt goes on over a key that means nothing yet.
                self.pending.push_front(key);
                self.at += length.saturating_sub(after);
                return self.resume(Resume::PromptDone);
            }
        }
        self.at += length;
        self.resume(Resume::PromptDone)
    }

    /// While nothing plays: a key, or silence.
    fn is_waited_for(&mut self, limit: Duration, chance: &mut ChaCha8Rng) -> Vec<Step> {
        let is_new = self.pending.is_empty() && self.session.question().is_some() && self.entry == Entry::Empty;
        if is_new && self.presses() && !per_mille(chance, MISSES) {
            self.pending = keys::chosen(self.of, &self.session, self.manner, chance);
        }
        let pause = between(chance, 500, 3_500);
        match self.pending.pop_front() {
            Some(key) if pause < limit => self.press(key, pause),
            Some(_) | None => {
                self.pending.clear();
                self.at += limit;
                self.resume(Resume::Silence)
            }
        }
    }

    /// While the daemon listens: speaks for a while, or says nothing.
    fn is_listened_to(&mut self, first: Duration, speech: Speech, chance: &mut ChaCha8Rng) -> Vec<Step> {
        if !self.presses() || per_mille(chance, SAYS_NOTHING) {
            self.at += first;
            return self.resume(Resume::Silence);
        }
        let before = between(chance, 400, 1_800).min(first);
        let speaks = between(chance, 1_500, 12_000).min(speech.longest);
        self.at += before + speaks + speech.quiet;
        self.resume(Resume::Spoken)
    }

    const fn presses(&self) -> bool {
        match self.manner {
            Manner::Silent | Manner::LeavesAtOnce => false,
            Manner::Answers
            | Manner::LeavesAfter { .. }
            | Manner::BreaksOff
            | Manner::Refuses
            | Manner::OptsOut
            | Manner::ThirdParty
            | Manner::WrongNumber => true,
        }
    }

    /// When the person hangs up during what plays now, if so.
    fn leaves(&self, length: Duration, chance: &mut ChaCha8Rng) -> Option<Duration> {
        let progress = self.session.progress(&self.of.plan);
        let soon = |chance: &mut ChaCha8Rng| between(chance, 600, 7_000).min(length);
        if progress.end.is_some() {
            let leaves = self.manner != Manner::Silent && per_mille(chance, LEAVES_GOODBYE);
            return leaves.then(|| soon(chance));
        }
        let wants = match self.manner {
            Manner::LeavesAtOnce => true,
            Manner::LeavesAfter { answers } => progress.answered >= answers,
            Manner::BreaksOff => self.pressed > 0,
            Manner::Answers
            | Manner::Silent
            | Manner::Refuses
            | Manner::OptsOut
            | Manner::ThirdParty
            | Manner::WrongNumber => false,
        };
        wants.then(|| soon(chance))
    }

    fn press(&mut self, key: Key, after: Duration) -> Vec<Step> {
        self.at += after;
        self.pressed += 1;
        let steps = self.resume(Resume::Key(key));
        let goes_on = matches!(steps.last(), Some(Step::Wait { .. })) && self.session.question().is_some();
        self.entry = if goes_on { Entry::Begun } else { Entry::Empty };
        steps
    }

    fn hangs_up(&mut self, after: Duration) -> Vec<Step> {
        self.at += after;
        let steps = self.resume(Resume::HungUp);
        self.heard.extend(steps.into_iter().filter_map(Step::heard));
        self.ended = Some((EndedBy::FarEnd, None));
        Vec::new()
    }

    fn resume(&mut self, resume: Resume) -> Vec<Step> {
        // The session was started with this very dialplan, so it cannot belong to another.
        self.session.resume(&self.of.plan, resume).unwrap_or_default()
    }

    fn over(self) -> Talked {
        let (ended_by, our_reason) = self.ended.unwrap_or((EndedBy::FarEnd, None));
        let progress = self.session.progress(&self.of.plan);
        let unfinished = self.session.is_unfinished(&self.of.plan).then_some(self.session);
        Talked {
            lasts: self.at,
            ended_by,
            our_reason,
            progress,
            heard: self.heard,
            unfinished,
        }
    }
}
