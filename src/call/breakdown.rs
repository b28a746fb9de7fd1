//! A call whose handling panicked: all that is left for it is to end.

use std::time::Duration;

use super::{Call, Input, MediaState, Phase, SipState};
use crate::media::Fact;
use crate::moment::Moment;
use crate::outcome::{EndedBy, OurReason};
use crate::sip::Event;

/// Longer than any dialog takes to end (RFC 3261, Timer F).
pub(super) const TAKEN_DOWN: Duration = Duration::from_secs(40);

/// So long an end may take where nothing broke: a recording may wait for a slow disk. Who has not said by then that it is over
/// is gone, or the word was lost, and a line is not held for that. A port may take so long to open.
pub(super) const GIVEN_UP: Duration = Duration::from_secs(5 * 60);

/// What the input that broke a call had to say about its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// The dialog is over.
    DialogOver,
    /// The media are closed.
    MediaClosed,
    /// Neither.
    Otherwise,
}

impl Broken {
    /// What this input says.
    pub const fn by(input: &Input) -> Self {
        match input {
            Input::Sip(Event::Failed(_) | Event::Cancelled(_) | Event::HungUp(_) | Event::Closed { .. }) => {
                Self::DialogOver
            }
            Input::Media(Fact::Closed(_)) => Self::MediaClosed,
            Input::Port(_)
            | Input::NoPort
            | Input::CallId(_)
            | Input::Sip(_)
            | Input::Media(_)
            | Input::Kept { .. }
            | Input::KeepFailed
            | Input::TakenOver(_)
            | Input::NobodyFree(_)
            | Input::CallBackChosen { .. }
            | Input::HangUp(_)
            | Input::Dismiss(_)
            | Input::Wake => Self::Otherwise,
        }
    }
}

impl Call {
    /// Takes it down after a panic, as our own fault. What it asked for before stands; the session is not asked any more.
    pub fn break_down(&mut self, now: Moment, broken: Broken) {
        self.broken_at = Some(now);
        match broken {
            Broken::DialogOver => self.sip = SipState::Closed,
            Broken::MediaClosed => self.media = MediaState::Closed,
            Broken::Otherwise => {}
        }
        if !matches!(self.phase, Phase::Closing | Phase::Over) {
            self.phase = Phase::Closing;
            self.ended_at = Some(now);
            self.facts.ended_by = Some(EndedBy::Us);
            self.facts.our_reason = Some(OurReason::OwnFault);
        }
        // From here on this only takes down what lives.
        self.end(now, EndedBy::Us, Some(OurReason::OwnFault));
        self.finish_if_closed();
    }

    /// Whether it broke down.
    pub const fn is_broken(&self) -> bool {
        self.broken_at.is_some()
    }

    /// Nothing more is waited for: neither the dialog nor the media said that they are over.
    pub(super) fn give_up_waiting(&mut self) {
        self.sip = SipState::Closed;
        self.media = MediaState::Closed;
    }
}
