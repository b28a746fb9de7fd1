//! The answered part: the questionnaire's steps, the keys, and the rule that a key is durable before the next prompt.

use super::{Call, Held, Observed, Output, Phase, Playing, Talk, Then, With};
use crate::dialer::{Keep, PressedKey};
use crate::dialplan::{Dialplan, Resume, Session, Step};
use crate::media::{self, Fact, KeySource};
use crate::moment::{Moment, Wall};
use crate::outcome::{ByAgent, EndedBy, OurReason, PlayEnd, Wish};
use crate::phone::Key;
use std::time::Duration;

/// Within this time the same key over another way (SIP INFO beside telephone-event) is the same press.
const SAME_PRESS: Duration = Duration::from_millis(500);

impl Talk {
    pub(super) fn resume(&mut self, dialplan: &Dialplan, resume: Resume) -> Vec<Step> {
        // The session was started with this very dialplan, so it cannot belong to another.
        let session = self.session.as_mut();
        session
            .and_then(|session| session.resume(dialplan, resume).ok())
            .unwrap_or_default()
    }

    pub(super) fn question(&self) -> Option<&str> {
        self.session.as_ref()?.question()
    }

    /// The session as it is written down; empty where there is none.
    pub(super) fn written(&self) -> String {
        let session = self.session.as_ref();
        session
            .and_then(|session| serde_json::to_string(session).ok())
            .unwrap_or_default()
    }
}

impl Call {
    pub(super) fn begin_talk(&mut self, now: Moment, wall: Wall) {
        let (session, steps) = match self.plan.with {
            With::Questionnaire => {
                let (session, steps) = self.questionnaire();
                (Some(session), steps)
            }
            With::Agent { agent, .. } => {
                let said = None;
                self.facts.agent = Some(ByAgent { agent, said });
                (None, Vec::new())
            }
            With::Waiting => {
                self.facts.wish = Some(Wish::default());
                (None, Vec::new())
            }
        };
        self.talk = Some(Talk {
            since: now,
            session,
            playing: None,
            played: Vec::new(),
            plays: 0,
            wait: None,
            listening: None,
            asked: None,
            held: None,
            keeps: 0,
            last_key: None,
            pressed: String::new(),
            is_over: false,
        });
        self.take_steps(now, wall, None, steps);
    }

    /// The questionnaire from its beginning, or from where an earlier call left it.
    pub(super) fn questionnaire(&mut self) -> (Session, Vec<Step>) {
        let unfinished = self.plan.unfinished.take();
        let carried_on = unfinished.and_then(|session| session.carry_on(&self.dialplan).ok());
        carried_on.unwrap_or_else(|| Session::start(&self.dialplan))
    }

    pub(super) fn media_fact(&mut self, now: Moment, wall: Wall, fact: Fact) {
        match fact {
            Fact::Opened => self.port_opened(now),
            Fact::OpenFailed => self.port_refused(now),
            Fact::Heard { .. } => {}
            Fact::KeyHeard { key, at_ms, .. } => {
                self.key_heard(now, wall, key, KeySource::TelephoneEvent, Some(at_ms));
            }
            Fact::PromptDone { play } => self.prompt_done(now, wall, play),
            // What was said was not heard, or what is said next would not be.
            Fact::PromptMissing { .. } | Fact::CommandRefused => {
                self.end(now, EndedBy::Us, Some(OurReason::OwnFault));
            }
            // On hold the far end owes us no packet.
            Fact::Silent { .. } if !self.flow().sends() => {}
            // There is nobody to say goodbye to, and an agent need not hear us try.
            Fact::Silent { .. } if self.facts.agent.is_some() => {
                self.end(now, EndedBy::Us, Some(OurReason::MediaLost));
            }
            Fact::Silent { .. } => self.say_goodbye(now, OurReason::MediaLost),
            Fact::VoiceHeard => self.voice_heard(now),
            Fact::VoiceOver => self.voice_over(now, wall),
            // Its conversation sees to it.
            Fact::BridgeFailed { .. } => {}
            // The answers still count: QA sees the missing recording in the attempt's row.
            Fact::RecordingFailed => {}
            Fact::Closed(sums) => self.media_closed(now, sums),
        }
    }

    pub(super) fn key_heard(&mut self, now: Moment, wall: Wall, key: Key, source: KeySource, at_ms: Option<u32>) {
        // After the end the media give what they had heard before it, until they are closed.
        let (Phase::Talking | Phase::Closing, Some(talk)) = (self.phase, self.talk.as_mut()) else {
            return;
        };
        let repeated = talk
            .last_key
            .is_some_and(|(last, by, at)| last == key && by != source && now.since(at) < SAME_PRESS);
        if repeated {
            return;
        }
        talk.last_key = Some((key, source, now));
        if talk.pressed.len() < super::glance::KEYS {
            talk.pressed.push(key.as_char());
        }
        let question = talk.question().map(str::to_owned);
        let during = talk
            .playing
            .as_ref()
            .and_then(|playing| playing.prompts.first().cloned());
        talk.keeps += 1;
        let pressed = PressedKey {
            seq: talk.keeps,
            key,
            at: wall,
            at_ms: at_ms.unwrap_or_else(|| super::ending::millis(now.since(talk.since))),
            source: source.as_str().to_owned(),
            during,
            question: question.clone(),
        };
        let saying_goodbye = talk
            .playing
            .as_ref()
            .is_some_and(|playing| playing.then != Then::Resume);
        let steps = if saying_goodbye || talk.is_over || self.broken_at.is_some() {
            Vec::new()
        } else {
            let resume = talk.meaning(key);
            talk.resume(&self.dialplan, resume)
        };
        self.observe(Observed::KeyHeard { key, question });
        self.take_steps(now, wall, Some(pressed), steps);
    }

    fn prompt_done(&mut self, now: Moment, wall: Wall, play: u32) {
        let (Phase::Talking, Some(talk)) = (self.phase, self.talk.as_mut()) else {
            return;
        };
        if talk.playing.as_ref().is_none_or(|playing| playing.play != play) {
            return;
        }
        match talk.take_play(now, PlayEnd::Whole).map(|playing| playing.then) {
            Some(Then::HangUp(reason)) => self.end(now, EndedBy::Us, Some(reason)),
            Some(Then::Resume) | None => {
                let steps = talk.resume(&self.dialplan, Resume::PromptDone);
                self.take_steps(now, wall, None, steps);
            }
        }
    }

    pub(super) fn silence(&mut self, now: Moment, wall: Wall) {
        let Some(talk) = self.talk.as_mut() else { return };
        talk.wait = None;
        let resume = talk.meaning_of_silence();
        let steps = talk.resume(&self.dialplan, resume);
        self.take_steps(now, wall, None, steps);
    }

    /// Splits a session's steps: what was heard is kept at once, what is to be done waits until it is durable.
    pub(super) fn take_steps(&mut self, now: Moment, wall: Wall, key: Option<PressedKey>, steps: Vec<Step>) {
        let Some(talk) = self.talk.as_mut() else { return };
        let mut heard = Vec::new();
        let mut action = None;
        for step in steps {
            match step {
                Step::Heard(answer) => heard.push(answer),
                Step::Play { .. }
                | Step::Wait { .. }
                | Step::Listen { .. }
                | Step::Connect { .. }
                | Step::Finished(_) => action = Some(step),
            }
        }
        let excerpt = talk.place_in_recording(now, &mut heard);
        self.outputs.extend(excerpt.map(Output::Media));
        // Nobody is there any more to play anything to.
        let action = action.filter(|_| self.phase == Phase::Talking);
        if action.is_some() {
            talk.wait = None;
            talk.listening = None;
            if talk.take_play(now, PlayEnd::Key).is_some() {
                self.outputs.push_back(Output::Media(media::Command::Stop));
                self.outputs.push_back(Output::Observed(Observed::BargedIn));
            }
        }
        for answer in &heard {
            self.outputs
                .push_back(Output::Observed(Observed::Heard(answer.clone())));
        }
        if key.is_none() && heard.is_empty() {
            match (action, &mut talk.held) {
                // A key that was ignored is not on disk yet: what follows waits for it like any other.
                (Some(step), Some(held)) => held.step = Some(step),
                (Some(step), None) => self.act(now, step),
                (None, _) => {}
            }
            return;
        }
        if key.is_none() {
            talk.keeps += 1;
        }
        let seq = talk.keeps;
        let session = talk.written();
        talk.held = Some(match talk.held.take() {
            // What was held already waits for this key as well, no longer than the first one may take.
            Some(held) if action.is_none() => Held { seq, ..held },
            Some(_) | None => Held {
                seq,
                since: now,
                step: action,
            },
        });
        self.outputs.push_back(Output::Keep(Keep {
            attempt: self.plan.attempt,
            seq,
            key,
            heard,
            session,
            at: wall,
        }));
    }

    pub(super) fn kept(&mut self, now: Moment, seq: u32) {
        let Some(talk) = self.talk.as_mut() else { return };
        if talk.held.as_ref().is_some_and(|held| held.seq <= seq)
            && let Some(step) = talk.held.take().and_then(|held| held.step)
            && self.phase == Phase::Talking
        {
            self.act(now, step);
        }
    }

    pub(super) fn keep_failed(&mut self, now: Moment) {
        let Some(talk) = self.talk.as_mut() else { return };
        talk.held = None;
        // An agent hears what is said: a key that was not kept is no reason to end it. Where the questionnaire speaks, also
        // after an agent, nothing would follow any more.
        let is_asked = talk.session.as_ref().is_some_and(|session| !session.is_with_person());
        if is_asked {
            self.say_goodbye(now, OurReason::StoreFailed);
        }
    }

    fn act(&mut self, now: Moment, step: Step) {
        match step {
            Step::Heard(_) => {}
            Step::Play { prompts } => self.play(now, prompts, Then::Resume),
            Step::Wait { limit } => {
                let wait = self.wait_for(now, limit);
                if let Some(talk) = self.talk.as_mut() {
                    talk.wait = Some(wait);
                }
            }
            Step::Listen { first, speech } => self.listen(now, first, speech),
            Step::Connect { say, again } => self.wants_person(now, &say, &again),
            Step::Finished(_) => self.end(now, EndedBy::Us, Some(OurReason::Finished)),
        }
    }

    fn play(&mut self, now: Moment, prompts: Vec<String>, then: Then) {
        let Some(talk) = self.talk.as_mut() else { return };
        talk.plays += 1;
        let play = talk.plays;
        let prompt = prompts.first().cloned().unwrap_or_default();
        let recordings = prompts.iter().map(|prompt| self.dialplan.recording(prompt)).collect();
        talk.take_play(now, PlayEnd::Replaced);
        talk.playing = Some(Playing {
            play,
            since: now,
            prompts,
            then,
        });
        let prompts = recordings;
        self.outputs
            .push_back(Output::Media(media::Command::Play { play, prompts }));
        self.observe(Observed::Playing { prompt });
    }

    /// Ends the call with a word, where there is somebody to hear it. A questionnaire that says its own goodbye already
    /// is left to say it.
    pub(super) fn dismiss(&mut self, now: Moment, reason: OurReason) {
        let is_ending = |talk: &Talk| {
            let session = talk.session.as_ref();
            session.is_some_and(|session| session.progress(&self.dialplan).end.is_some())
        };
        match self.phase {
            Phase::Talking if self.talk.as_ref().is_some_and(is_ending) => {}
            Phase::Talking => self.say_goodbye(now, reason),
            Phase::Opening | Phase::Inviting | Phase::Ringing | Phase::Closing | Phase::Over => {
                self.end(now, EndedBy::Us, Some(reason));
            }
        }
    }

    /// Ends an answered call with a word: plays the dialplan's apology, then hangs up. No patient is left on a silent
    /// line; where the dialplan has no apology, or on hold nobody would hear it, it hangs up at once.
    fn say_goodbye(&mut self, now: Moment, reason: OurReason) {
        let (Phase::Talking, Some(talk)) = (self.phase, self.talk.as_mut()) else {
            return;
        };
        if talk
            .playing
            .as_ref()
            .is_some_and(|playing| playing.then != Then::Resume)
        {
            return;
        }
        talk.wait = None;
        talk.held = None;
        let session = talk.session.as_ref();
        let language = session.map_or(self.dialplan.language(), |session| session.language(&self.dialplan));
        let apology = self.dialplan.apology(language);
        if apology.is_empty() || !self.flow().listens() {
            self.end(now, EndedBy::Us, Some(reason));
        } else {
            self.play(now, apology, Then::HangUp(reason));
        }
    }
}
