//! A call whose handling panics ends alone: it is taken down, and all others go on.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Control, Output, Told};
use crate::call::{self, Broken, Finished};
use crate::dialer::MediaSums;
use crate::ids::LegId;
use crate::moment::{Moment, Wall};
use crate::outcome::{EndedBy, Facts, OurReason};
use crate::{media, sip};

impl Control {
    /// Gives a call one input. What a panic leaves of the call is used for nothing but to end it.
    pub(super) fn give(&mut self, now: Moment, wall: Wall, leg: LegId, input: call::Input) {
        let Some(live) = self.calls.get_mut(&leg) else { return };
        let broken = Broken::by(&input);
        if catch_unwind(AssertUnwindSafe(|| live.call.handle(now, wall, input))).is_ok() {
            return;
        }
        let who = live.who.clone();
        let is_first = !live.call.is_broken();
        let ends = is_first && catch_unwind(AssertUnwindSafe(|| live.call.break_down(now, broken))).is_ok();
        if is_first {
            self.outputs.push_back(Output::Told(Told::BrokeDown { who }));
        }
        if !ends {
            self.give_up(now, wall, leg);
        }
    }

    /// Not even its end can be left to the call itself.
    fn give_up(&mut self, now: Moment, wall: Wall, leg: LegId) {
        let facts = Facts {
            call_id: self.ua.call_id(leg).unwrap_or_default().to_owned(),
            ended_by: Some(EndedBy::Us),
            our_reason: Some(OurReason::OwnFault),
            ..Facts::default()
        };
        self.ua.handle(now, sip::Input::Do(sip::Command::HangUp { leg }));
        let command = media::Command::Close;
        self.outputs.push_back(Output::Media { leg, command });
        let media = MediaSums::default();
        self.finished(now, wall, leg, Finished { facts, media });
    }
}
