//! Another trunk for the same attempt, when its trunk could not carry it and nothing has rung.

use std::time::Duration;

use super::calls::NewCall;
use super::{Control, Live, Output, Told};
use crate::call::{Finished, Limits, With};
use crate::dialer::{self, MediaSums};
use crate::ids::AttemptId;
use crate::moment::{Moment, Wall};
use crate::outcome::{Facts, Tried, Verdict};

/// A call that its trunk could not carry: how it stands if no other can.
#[derive(Debug)]
pub(super) struct Unserved {
    pub(super) live: Live,
    pub(super) facts: Facts,
    pub(super) verdict: Verdict,
    pub(super) media: MediaSums,
}

/// How a trunk ended an INVITE, as it is remembered.
pub(super) fn tried(trunk: &str, facts: &Facts) -> Tried {
    Tried {
        trunk: trunk.to_owned(),
        status: facts.final_status,
        q850: facts.q850,
        local: facts.local,
    }
}

/// What a trunk's refusal asks for. With other statuses than these Retry-After is about the called party (RFC 3261
/// section 20.33).
pub(super) fn retry_after(facts: &Facts) -> Option<Duration> {
    let seconds = facts
        .retry_after
        .filter(|_| matches!(facts.final_status, Some(500 | 503)))?;
    Some(Duration::from_secs(u64::from(seconds)))
}

impl Control {
    /// Asks the dialer for another trunk.
    pub(super) fn ask_for_another(&mut self, now: Moment, wall: Wall, call: Finished, live: Live, verdict: Verdict) {
        let attempt = live.who.attempt;
        let input = dialer::Input::Unserved {
            attempt,
            disposition: verdict.disposition,
            retry_after: retry_after(&call.facts),
        };
        let unserved = Unserved {
            live,
            facts: call.facts,
            verdict,
            media: call.media,
        };
        self.unserved.insert(attempt, unserved);
        self.dialer.handle(now, wall, input);
    }

    /// The dialer lets an attempt leave: for the first time, or again over another trunk.
    pub(super) fn dial(&mut self, now: Moment, wall: Wall, dial: dialer::Dial) {
        let Some(running) = self.campaigns.get(&dial.campaign) else {
            return;
        };
        let present = running.dialplan.clone();
        let limits = Limits {
            from_ringing: dial.ring.from_ringing,
            from_invite: dial.ring.from_invite,
            ..Limits::default()
        };
        let (mut tried, mut notes) = (Vec::new(), 0);
        if let Some(before) = self.unserved.remove(&dial.attempt) {
            self.outputs.push_back(Output::Told(Told::Rerouted {
                attempt: dial.attempt,
                from: before.live.who.trunk,
                to: dial.trunk,
                status: before.facts.final_status,
            }));
            tried = before.facts.tried;
            notes = before.live.notes.seq;
        }
        let (dialplan, unfinished) = match self.unfinished(&dial.claimed) {
            Some((dialplan, session)) => (dialplan, Some(session)),
            None => (present, None),
        };
        let new = NewCall {
            trunk: dial.trunk,
            number: dial.claimed.number.clone(),
            caller: dial.caller,
            dialplan,
            with: With::Questionnaire,
            came_in: None,
            unfinished,
            limits,
            claimed: Some(dial.claimed),
            tried,
            is_moved: dial.is_moved,
            token: None,
            conversation: None,
            mark: dial.mark,
            notes,
        };
        self.make_call(now, wall, dial.attempt, new);
    }

    /// No other trunk will carry it: it ends as the last one said.
    pub(super) fn end_unserved(&mut self, wall: Wall, attempt: AttemptId) {
        if let Some(unserved) = self.unserved.remove(&attempt) {
            self.close(wall, unserved);
        }
    }
}
