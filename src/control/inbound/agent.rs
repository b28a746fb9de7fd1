//! A patient who calls in the hours of the agents: one who is ready gets the call, with the case on the screen. Nobody waits for
//! an agent who cannot come: then the machine asks.

use std::collections::BTreeSet;

use super::super::Control;
use super::super::conversation::{Wanted, sought};
use crate::call::With;
use crate::dialer::{ByHand, Waited, Whom};
use crate::ids::LegId;
use crate::moment::Wall;

impl Control {
    /// Whether it is the hours of the agents, the menu says what is heard meanwhile, and somebody may come who may have the case.
    pub(super) fn agents_are_there(&self, wall: Wall, of_case: &BTreeSet<String>) -> bool {
        let Some(how) = &self.inbound.how else { return false };
        let Some(person) = how.known.person() else { return false };
        let skills = sought(person, of_case);
        how.hours.is_open(wall) && self.desk.floor.may_come(&skills, &BTreeSet::new())
    }

    /// A call that came in is answered: whom it is for is sought, if that is an agent.
    pub(in crate::control) fn call_for_an_agent(&mut self, leg: LegId) {
        let (now, wall) = (self.now, self.wall);
        let Some(live) = self
            .calls
            .get(&leg)
            .filter(|live| live.call.plan().with == With::Waiting)
        else {
            return;
        };
        let running = live.claimed.as_ref().and_then(|claimed| {
            let running = self.campaigns.get(&claimed.campaign)?;
            Some((claimed.case, claimed.skills.clone(), running.campaign.clone()))
        });
        let menu = self.inbound.how.as_ref().map(|how| &how.known);
        let wanted = running.as_ref().zip(menu).and_then(|((_, of_case, _), menu)| {
            let person = menu.person()?;
            let (words, again) = menu.person_words();
            let say = menu.opening().into_iter().chain(words).collect();
            Some(Wanted {
                why: Waited::CalledIn,
                say,
                again,
                later: person.later,
                every: person.every,
                longest: person.longest,
                most: usize::try_from(person.most).unwrap_or(usize::MAX),
                skills: sought(person, of_case),
            })
        });
        let dialplan = live.call.dialplan();
        match (running, wanted) {
            (Some((case, _, campaign)), Some(wanted)) => {
                let by_hand = ByHand {
                    skills: wanted.skills.clone(),
                    case,
                    campaign: Box::new(campaign),
                    dialplan,
                    whom: Whom::Next,
                    granted: None,
                };
                self.wait(now, wall, leg, by_hand, wanted);
            }
            (Some(_) | None, _) => {
                let reason = crate::outcome::OurReason::AgentLost;
                self.call(now, wall, leg, crate::call::Input::NobodyFree(reason));
            }
        }
    }
}
