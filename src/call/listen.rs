//! Spoken answers: the patient speaks until `#`, a silence, or the longest time; the answer says where it is recorded.

use std::time::Duration;

use super::{Call, Listening, Output, Phase, Talk, Voice};
use crate::dialplan::{Heard, Resume, Speech, Stretch};
use crate::media;
use crate::moment::{Moment, Wall};
use crate::phone::Key;

impl Talk {
    /// `#` ends what is being said; before anything was said it refuses the question, as everywhere.
    pub(super) fn meaning(&self, key: Key) -> Resume {
        if key == Key::HASH && self.has_voice() {
            Resume::Spoken
        } else {
            Resume::Key(key)
        }
    }

    /// The time is over: what was said is the answer.
    pub(super) fn meaning_of_silence(&self) -> Resume {
        if self.has_voice() {
            Resume::Spoken
        } else {
            Resume::Silence
        }
    }

    pub(super) fn has_voice(&self) -> bool {
        self.listening.is_some_and(|listening| listening.voice == Voice::Heard)
    }

    /// Says where in the recording a spoken answer is, and what has it cut out at the end; the recording began with the
    /// talk.
    pub(super) fn place_in_recording(&self, now: Moment, heard: &mut [Heard]) -> Option<media::Command> {
        let listening = self.listening.filter(|_| self.has_voice())?;
        let asked = self.asked.as_deref()?;
        let answer = heard.iter_mut().find(|answer| answer.question == asked)?;
        let stretch = Stretch {
            from_ms: super::ending::millis(listening.since.since(self.since)),
            to_ms: super::ending::millis(now.since(self.since)),
        };
        answer.audio = Some(stretch);
        let Stretch { from_ms, to_ms } = stretch;
        let name = asked.to_owned();
        Some(media::Command::Excerpt { name, from_ms, to_ms })
    }
}

impl Call {
    pub(super) fn listen(&mut self, now: Moment, first: Duration, speech: Speech) {
        let wait = self.wait_for(now, first);
        let Some(talk) = self.talk.as_mut() else { return };
        talk.wait = Some(wait);
        talk.asked = talk.question().map(str::to_owned);
        talk.listening = Some(Listening {
            since: now,
            speech,
            voice: Voice::Awaited,
        });
        let quiet = speech.quiet;
        self.outputs.push_back(Output::Media(media::Command::Listen { quiet }));
    }

    /// From now on the longest time runs, counted from the beginning.
    pub(super) fn voice_heard(&mut self, now: Moment) {
        let Some(listening) = self.talk.as_mut().and_then(|talk| talk.listening.as_mut()) else {
            return;
        };
        listening.voice = Voice::Heard;
        let left = listening.speech.longest.saturating_sub(now.since(listening.since));
        let wait = self.wait_for(now, left);
        if let Some(talk) = self.talk.as_mut() {
            talk.wait = Some(wait);
        }
    }

    pub(super) fn voice_over(&mut self, now: Moment, wall: Wall) {
        if self.phase == Phase::Talking && self.talk.as_ref().is_some_and(Talk::has_voice) {
            self.silence(now, wall);
        }
    }
}
