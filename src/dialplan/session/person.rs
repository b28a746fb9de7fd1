//! The wish for a person: the key, the hand-over, and the call-back that is offered when nobody can be had.

use super::{At, Session};
use crate::dialplan::plan::{Dialplan, Way};
use crate::dialplan::{Answer, End, Step};

impl Session {
    /// A session at the offer of a call-back, for a call in which a person talked, or was to talk, from the answer on; none
    /// where the dialplan offers none.
    pub fn at_offer(plan: &Dialplan) -> Option<(Self, Vec<Step>)> {
        plan.person.as_ref()?;
        let mut session = Self::blank(plan);
        session.at = At::WithPerson;
        let mut steps = Vec::new();
        session.nobody_free(plan, &mut steps);
        Some((session, steps))
    }

    /// The patient wants a person: what was being asked stays unanswered.
    pub(super) fn wish(&mut self, plan: &Dialplan, steps: &mut Vec<Step>) {
        self.leave();
        self.missed = 0;
        self.at = At::AwaitingPerson;
        steps.push(self.step(plan));
    }

    pub(super) fn person_there(&mut self) {
        if self.at == At::AwaitingPerson {
            self.at = At::WithPerson;
        }
    }

    pub(super) fn nobody_free(&mut self, plan: &Dialplan, steps: &mut Vec<Step>) {
        if !matches!(self.at, At::AwaitingPerson | At::WithPerson) {
            return;
        }
        let busy: Option<&Way> = plan.person.as_ref().map(|person| &person.busy);
        if let Some(busy) = busy {
            self.offered = true;
            self.go(plan, busy, steps);
        }
    }

    /// Whether a call-back was offered and nothing else asked: there is no questionnaire in it to go on with.
    pub fn is_offer_alone(&self) -> bool {
        self.offered && self.asked.len() <= 1
    }

    /// Whether it ended because the offered call-back was turned down: that refuses no survey.
    pub(super) fn is_call_back_declined(&self, plan: &Dialplan) -> bool {
        let offered = plan.call_back().filter(|_| self.offered);
        let declined = offered.is_some_and(|question| self.heard.get(&question.id) == Some(&Answer::Refused));
        declined && self.end() == Some(End::Refused)
    }

    /// Whether a person talks, and nothing is asked.
    pub const fn is_with_person(&self) -> bool {
        matches!(self.at, At::WithPerson)
    }

    /// Whether a person is wanted, and not there yet.
    pub const fn awaits_person(&self) -> bool {
        matches!(self.at, At::AwaitingPerson)
    }
}
