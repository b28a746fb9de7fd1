//! The end of a call: who ended it, taking down dialog and media, the facts.

use std::time::Duration;

use super::{Call, Finished, MediaState, Output, Phase, SipState, Talk};
use crate::dialer::{Excerpt, Keep, MediaSums, Recording, RecordingPause};
use crate::dialplan::{Heard, Resume, Step};
use crate::media;
use crate::moment::Moment;
use crate::outcome::{Came, EndedBy, LocalFault, OurReason, PlayEnd, Reach};
use crate::sip;

/// Whole milliseconds, saturating at 49 days.
pub(super) fn millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}

const fn local_fault(local: sip::LocalEnding) -> LocalFault {
    match local {
        sip::LocalEnding::TimedOut => LocalFault::TimedOut,
        sip::LocalEnding::Unreachable | sip::LocalEnding::NotRegistered => LocalFault::Unreachable,
        sip::LocalEnding::CredentialsRefused => LocalFault::CredentialsRefused,
        sip::LocalEnding::Unusable => LocalFault::Unusable,
    }
}

impl Call {
    /// Ends the call once: the first to say so is the one who ended it. Whatever still lives is taken down.
    pub(super) fn end(&mut self, now: Moment, by: EndedBy, reason: Option<OurReason>) {
        if !matches!(self.phase, Phase::Closing | Phase::Over) {
            self.ended_at = Some(now);
            self.facts.ended_by = Some(by);
            self.facts.our_reason = reason;
            if self.phase == Phase::Ringing
                && let Some(since) = self.ringing_since
            {
                self.facts.ring_ms = Some(millis(now.since(since)));
            }
            // The media may still hold a key that came before the end. Where to cut a spoken answer must be said before
            // they close.
            let has_voice = self.talk.as_ref().is_some_and(Talk::has_voice);
            if has_voice || self.media != MediaState::Open {
                self.end_session();
            }
            self.stop_talk(now);
            self.phase = Phase::Closing;
        }
        if self.sip == SipState::Live {
            self.sip = SipState::HangingUp;
            self.outputs
                .push_back(Output::Sip(sip::Command::HangUp { leg: self.plan.leg }));
        }
        if self.media == MediaState::Open {
            self.media = MediaState::Closing;
            self.outputs.push_back(Output::Media(media::Command::Close));
        }
    }

    /// What the session would do next no longer matters, but what it had heard does: a score whose last key was waiting
    /// for a second one counts.
    fn end_session(&mut self) {
        let Some(talk) = self.talk.as_mut() else { return };
        if std::mem::replace(&mut talk.is_over, true) {
            return;
        }
        // Who hangs up after speaking has answered.
        let mut steps = Vec::new();
        if talk.has_voice() {
            steps.extend(talk.resume(&self.dialplan, Resume::Spoken));
        }
        steps.extend(talk.resume(&self.dialplan, Resume::HungUp));
        let ended = self.ended_at.unwrap_or(talk.since);
        let mut heard: Vec<Heard> = steps.into_iter().filter_map(Step::heard).collect();
        let excerpt = talk.place_in_recording(ended, &mut heard);
        self.outputs.extend(excerpt.map(Output::Media));
        if !heard.is_empty() {
            talk.keeps += 1;
            let seq = talk.keeps;
            let session = talk.written();
            let attempt = self.plan.attempt;
            self.outputs.push_back(Output::Keep(Keep {
                attempt,
                seq,
                key: None,
                heard,
                session,
                at: self.wall,
            }));
        }
    }

    /// Nothing is waited for any more, and nothing plays.
    fn stop_talk(&mut self, now: Moment) {
        let Some(talk) = self.talk.as_mut() else { return };
        talk.wait = None;
        talk.held = None;
        talk.listening = None;
        talk.take_play(now, PlayEnd::CallOver);
    }

    pub(super) fn take_ending(&mut self, ending: &sip::Ending) {
        if self.answered_at.is_none() && self.facts.final_status.is_none() {
            self.facts.final_status = ending.status;
            self.facts.phrase.clone_from(&ending.phrase);
            self.facts.local = ending.local.map(local_fault);
        }
        let is_silence = matches!(
            ending.local,
            Some(sip::LocalEnding::TimedOut | sip::LocalEnding::Unreachable)
        );
        self.facts.unconfirmed |= is_silence && self.facts.reach() == Reach::FarEnd;
        self.facts.retry_after = self.facts.retry_after.or(ending.retry_after);
        self.facts.q850 = self.facts.q850.or(ending.q850);
        self.note_reasons(ending.reasons.clone());
    }

    pub(super) fn note_reasons(&mut self, reasons: Vec<String>) {
        for reason in reasons {
            if !self.facts.reasons.contains(&reason) {
                self.facts.reasons.push(reason);
            }
        }
    }

    /// The leg is closed. One that closes without having been told is lost: our own fault, and the call ends.
    pub(super) fn media_closed(&mut self, now: Moment, sums: media::Closed) {
        let before = std::mem::replace(&mut self.media, MediaState::Closed);
        match before {
            MediaState::Open => {
                self.sums = sums;
                self.end(now, EndedBy::Us, Some(OurReason::OwnFault));
            }
            MediaState::None | MediaState::Closing => self.sums = sums,
            MediaState::Closed => {}
        }
        if !self.is_broken() {
            self.end_session();
        }
    }

    pub(super) fn finish_if_closed(&mut self) {
        let sip_over = matches!(self.sip, SipState::None | SipState::Closed);
        let media_over = matches!(self.media, MediaState::None | MediaState::Closed);
        if self.phase != Phase::Closing || !sip_over || !media_over {
            return;
        }
        self.phase = Phase::Over;
        let mut facts = std::mem::take(&mut self.facts);
        if let (Some(answered), Some(ended)) = (self.answered_at, self.ended_at) {
            facts.talk_ms = Some(millis(ended.since(answered)));
        }
        let session = self.talk.as_ref().and_then(|talk| talk.session.as_ref());
        facts.survey = session.map(|session| session.progress(&self.dialplan));
        facts.played = self
            .talk
            .as_mut()
            .map(|talk| std::mem::take(&mut talk.played))
            .unwrap_or_default();
        // Who left, or was sent away, while waiting has waited until then.
        if let (Some(wish), Some(talked)) = (facts.wish.as_mut(), facts.talk_ms)
            && wish.came == Came::NotYet
        {
            wish.waited_ms = talked.saturating_sub(wish.at_ms);
        }
        facts.packets_received = self.sums.packets_received;
        facts.one_way = self.answered_at.is_some() && self.sums.packets_received == 0;
        let media = self.media_sums();
        self.outputs
            .push_back(Output::Finished(Box::new(Finished { facts, media })));
    }

    fn media_sums(&mut self) -> MediaSums {
        let sums = std::mem::take(&mut self.sums);
        let row = self.plan.recording_row.clone();
        let recorded = sums.recording.as_ref();
        let excerpts = recorded.into_iter().flat_map(|recorded| &recorded.excerpts);
        let excerpts = excerpts.map(|cut| Excerpt {
            question: cut.name.clone(),
            path: format!("{}.{}.wav", row.strip_suffix(".wav").unwrap_or(&row), cut.name),
            sha256: cut.sha256.clone(),
        });
        let excerpts = excerpts.collect();
        let paused = recorded.into_iter().flat_map(|recorded| &recorded.paused);
        let pauses = paused.map(|paused| RecordingPause {
            offset_ms: paused.from_ms,
            length_ms: paused.to_ms.saturating_sub(paused.from_ms),
        });
        let pauses = pauses.collect();
        MediaSums {
            packets_sent: sums.packets_sent,
            packets_received: sums.packets_received,
            packets_lost: sums.packets_lost,
            gap_ms_max: sums.gap_ms_max,
            jitter_ms: sums.jitter_ms,
            rtt_ms: sums.rtt_ms,
            remote_lost: sums.remote_lost,
            remote_jitter_ms: sums.remote_jitter_ms,
            recording: sums.recording.map(|recorded| Recording {
                path: row,
                duration_ms: recorded.duration_ms,
                gap_ms: recorded.gap_ms,
                sha256: recorded.sha256,
            }),
            excerpts,
            pauses,
        }
    }
}
