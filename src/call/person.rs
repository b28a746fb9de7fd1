//! A person in the machine's place: the wish for one, the hand-over, and what follows where none can be had.

use std::sync::Arc;
use std::time::Duration;

use super::{Call, Output, Phase, Then};
use crate::dialplan::{Dialplan, Resume, Session};
use crate::ids::AgentId;
use crate::moment::{Moment, Wall};
use crate::outcome::{ByAgent, Came, OurReason, Wish};

/// The longest talk with an agent, from the hand-over on.
const LONGEST_TALK: Duration = Duration::from_secs(60 * 60);

impl Call {
    pub(super) fn wants_person(&mut self, now: Moment, say: &[String], again: &[String]) {
        let Some(talk) = self.talk.as_mut() else { return };
        self.facts.wish = Some(Wish {
            at_ms: super::ending::millis(now.since(talk.since)),
            ..Wish::default()
        });
        let recordings = |prompts: &[String]| prompts.iter().map(|name| self.dialplan.recording(name)).collect();
        let (say, again) = (recordings(say), recordings(again));
        self.outputs.push_back(Output::WantsPerson { say, again });
    }

    /// Whether a person may still take over: the patient is there, and we are not saying goodbye.
    pub fn may_be_taken_over(&self) -> bool {
        let talk = self.talk.as_ref().filter(|_| self.phase == Phase::Talking);
        talk.is_some_and(|talk| {
            let playing = talk.playing.as_ref();
            playing.is_none_or(|playing| playing.then == Then::Resume)
        })
    }

    pub(super) fn taken_over(&mut self, now: Moment, agent: AgentId) {
        self.wish_came(now, Came::Agent);
        let said = None;
        self.facts.agent = Some(ByAgent { agent, said });
        if let Some(talk) = self.talk.as_mut() {
            self.plan.limits.call = now.since(talk.since) + LONGEST_TALK;
            talk.wait = None;
            // It asks for nothing.
            talk.resume(&self.dialplan, Resume::PersonThere);
        }
    }

    /// The dialplan's offer, also where no questionnaire was held; else an apology and the end. Whoever has called us is put
    /// the questionnaire that they were called for.
    pub(super) fn nobody_free(&mut self, now: Moment, wall: Wall, reason: OurReason) {
        self.wish_came(now, Came::Nobody);
        if self.may_be_asked_instead() {
            let (session, steps) = self.questionnaire();
            if let Some(talk) = self.talk.as_mut() {
                talk.session = Some(session);
            }
            return self.take_steps(now, wall, None, steps);
        }
        self.offer_call_back(now, wall, reason);
    }

    /// The offer of a call-back, for a patient who waits no longer; as where nobody can be had, if there is none.
    pub(super) fn call_back_chosen(
        &mut self,
        now: Moment,
        wall: Wall,
        heard: Option<Arc<Dialplan>>,
        reason: OurReason,
    ) {
        let has_session = self.talk.as_ref().is_some_and(|talk| talk.session.is_some());
        match heard.filter(|_| !has_session) {
            _ if self.dialplan.person().is_some() => {}
            Some(heard) => self.dialplan = heard,
            None => return self.nobody_free(now, wall, reason),
        }
        self.wish_came(now, Came::CallBack);
        self.offer_call_back(now, wall, reason);
    }

    fn offer_call_back(&mut self, now: Moment, wall: Wall, reason: OurReason) {
        let talk = self.talk.as_mut().filter(|_| self.phase == Phase::Talking);
        let steps = talk.map(|talk| match &talk.session {
            Some(_) => talk.resume(&self.dialplan, Resume::NobodyFree),
            None => {
                let offer = Session::at_offer(&self.dialplan);
                let (session, steps) = offer.map_or((None, Vec::new()), |(session, steps)| (Some(session), steps));
                talk.session = session;
                steps
            }
        });
        match steps {
            Some(steps) if !steps.is_empty() => self.take_steps(now, wall, None, steps),
            Some(_) | None => self.dismiss(now, reason),
        }
    }

    fn may_be_asked_instead(&self) -> bool {
        let is_new = self.talk.as_ref().is_some_and(|talk| talk.session.is_none());
        is_new && self.phase == Phase::Talking && self.plan.came_in.is_some() && self.facts.agent.is_none()
    }

    fn wish_came(&mut self, now: Moment, came: Came) {
        let since = self.talk.as_ref().map(|talk| talk.since);
        if let (Some(wish), Some(since)) = (self.facts.wish.as_mut(), since)
            && wish.came == Came::NotYet
        {
            wish.came = came;
            wish.waited_ms = super::ending::millis(now.since(since)).saturating_sub(wish.at_ms);
        }
    }
}
