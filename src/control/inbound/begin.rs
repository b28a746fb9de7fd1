//! From who calls to the call: what is put to the caller, the attempt on disk, the answer.

use std::sync::Arc;

use super::super::calls::NewCall;
use super::super::{Control, Output, Told};
use super::{BUSY, Meant, Taken};
use crate::call::{self, CameIn, Limits, With};
use crate::dialer::{BeginIncoming, BegunIncoming, Caller, Request, Stands};
use crate::ids::LegId;
use crate::moment::{Moment, Wall};
use crate::phone::Number;

impl Control {
    /// It is known who calls.
    pub(in crate::control) fn caller_known(&mut self, now: Moment, wall: Wall, mut caller: Caller) {
        let leg = caller.leg;
        let Some(asked) = self.inbound.asked.get(&leg) else {
            return;
        };
        if caller.engaged.is_some() || asked.gone.is_some() {
            return self.refuse_asked(now, leg, BUSY);
        }
        let Some(meant) = self.meant_for(wall, &mut caller) else {
            return self.refuse_asked(now, leg, self.settings.sip.inbound_status);
        };
        let Some(asked) = self.inbound.asked.get(&leg) else {
            return;
        };
        let claimed = meant.open.as_ref().map(|open| &open.claimed);
        let begin = BeginIncoming {
            leg,
            at: wall,
            trunk: self.name_of(asked.trunk),
            number: asked.number.clone(),
            known: caller.number,
            patient: caller.patient,
            others: caller.others,
            about: caller.about,
            case: claimed.map(|claimed| claimed.case),
            dialplan: meant.dialplan.hash().to_owned(),
            resumed_from: claimed
                .and_then(|claimed| claimed.resume.as_ref())
                .map(|resume| resume.attempt),
        };
        if let Some(asked) = self.inbound.asked.get_mut(&leg) {
            asked.meant = Some(meant);
        }
        self.outputs
            .push_back(Output::Ask(Request::BeginIncoming(Box::new(begin))));
    }

    /// What is put to the caller: the questionnaire that is open, from where it was left, or a menu.
    fn meant_for(&mut self, wall: Wall, caller: &mut Caller) -> Option<Meant> {
        let how = self.inbound.how.as_ref()?;
        let menu = match caller.patient {
            Some(_) => Arc::clone(&how.known),
            None => Arc::clone(&how.unknown),
        };
        let patient = caller.patient;
        let mut open = caller.open.take();
        let running = open
            .as_ref()
            .and_then(|open| self.campaigns.get(&open.claimed.campaign))
            .map(|running| Arc::clone(&running.dialplan));
        let nothing_open = Meant {
            dialplan: menu,
            unfinished: None,
            open: None,
            patient,
            with: With::Questionnaire,
        };
        let (Some(open_case), Some(questionnaire)) = (open.as_mut(), running) else {
            return Some(nothing_open);
        };
        self.check_unfinished(&mut open_case.claimed);
        let (dialplan, unfinished) = match (self.unfinished(&open_case.claimed), open_case.stands) {
            (Some((version, session)), _) => (version, Some(session)),
            (None, Stands::Open { .. }) => (questionnaire, None),
            // Nobody who has answered is asked everything anew for a case that is closed.
            (None, Stands::Partial) => return Some(nothing_open),
        };
        let with = if self.agents_are_there(wall, &open_case.claimed.skills) {
            With::Waiting
        } else {
            With::Questionnaire
        };
        Some(Meant {
            dialplan,
            unfinished,
            open,
            patient,
            with,
        })
    }

    /// The attempt is on disk: the call is answered.
    pub(in crate::control) fn begun_incoming(&mut self, now: Moment, wall: Wall, begun: BegunIncoming) {
        let leg = begun.leg;
        let Some(asked) = self.inbound.asked.remove(&leg) else {
            return;
        };
        let Some(meant) = asked.meant else { return };
        let limits = Limits {
            call: self
                .inbound
                .how
                .as_ref()
                .map_or(Limits::default().call, |how| how.longest),
            ..Limits::default()
        };
        let patient = meant.patient;
        let open = meant.open.map(|open| *open);
        let taken = Taken {
            stands: open.as_ref().map(|open| open.stands),
        };
        let new = NewCall {
            trunk: asked.trunk,
            number: asked.number.clone().unwrap_or_else(Number::withheld),
            caller: None,
            dialplan: meant.dialplan,
            with: meant.with,
            came_in: Some((leg, CameIn { offer: asked.offer }, taken)),
            unfinished: meant.unfinished,
            limits,
            claimed: open.map(|open| open.claimed),
            tried: Vec::new(),
            token: None,
            conversation: None,
            mark: begun.mark,
            notes: 0,
        };
        self.totals.calls_taken += 1;
        let case = new.claimed.as_ref().map(|claimed| claimed.case);
        let call_id = self.ua.call_id(leg).unwrap_or_default().to_owned();
        self.outputs.push_back(Output::Told(Told::CalledBack {
            trunk: self.name_of(asked.trunk),
            caller: asked.number,
            patient,
            case,
        }));
        self.make_call(now, wall, begun.attempt, new);
        self.call(now, wall, leg, call::Input::CallId(call_id));
        let ended = asked.gone.map(call::Input::Sip).or_else(|| self.stops_now());
        if let Some(input) = ended {
            self.call(now, wall, leg, input);
        }
    }

    /// The store could not say who calls, or could not write the attempt down: nobody is answered whose call would be lost.
    pub(in crate::control) fn not_taken(&mut self, now: Moment, leg: LegId) {
        let status = self.settings.sip.inbound_status;
        self.refuse_asked(now, leg, status);
    }
}
