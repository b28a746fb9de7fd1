//! A call to a phone that registered to us: its contacts in turn, and what asks a phone to answer by itself.

use std::collections::VecDeque;

use super::agent::UserAgent;
use super::door::{Answering, Callee, Neighbour, Path};
use super::header::Name;
use super::identity::quoted;
use super::invite::Whom;
use super::leg::State;
use super::message::Headers;
use super::targets::Way;
use super::uri;
use crate::ids::{LegId, TrunkId};
use crate::moment::Moment;
use crate::phone::Number;
use crate::pii::Pii;

/// How a phone is called, and where else it may be.
#[derive(Clone, Debug)]
pub(crate) struct Called {
    answering: Answering,
    /// The contacts that were not called yet.
    rest: VecDeque<(String, Path)>,
}

impl UserAgent {
    /// Where a call goes and what it shows; nothing if it cannot be made.
    pub(super) fn whom(&self, now: Moment, to: Callee) -> Option<Whom> {
        match to {
            Callee::Number { trunk, number, caller } => self.whom_over(now, trunk, &number, caller),
            Callee::Phone {
                account,
                display,
                answering,
            } => self.whom_at(&account, display.as_ref(), answering),
        }
    }

    fn whom_over(&self, now: Moment, id: TrunkId, number: &Number, caller: Option<Number>) -> Option<Whom> {
        let (trunk, way) = (self.trunk(id)?, self.first_way(now, id)?);
        let uri = trunk.uri_of(number.reveal());
        Some(Whom {
            neighbour: Neighbour::Trunk(id),
            way,
            from: trunk.caller(caller.as_ref().map(Number::reveal)),
            to: format!("<{uri}>"),
            uri,
            caller,
            called: None,
        })
    }

    fn whom_at(&self, account: &str, display: Option<&Pii<String>>, answering: Answering) -> Option<Whom> {
        let line = self.settings.line(Neighbour::Phones)?;
        let mut rest = VecDeque::from(self.registrar.as_ref()?.contacts(account));
        let (uri, path) = rest.pop_front()?;
        let from = line.address();
        Some(Whom {
            neighbour: Neighbour::Phones,
            way: Way::new(path),
            from: match display {
                Some(display) => format!("{} <{from}>", quoted(display.reveal())),
                None => format!("<{from}>"),
            },
            to: format!("<{}>", uri::sip(account, &line.domain)),
            uri,
            caller: None,
            called: Some(Called { answering, rest }),
        })
    }

    /// Leads the call of a phone on to its next contact, if there is one.
    pub(super) fn leads_to_next_contact(&mut self, id: LegId) -> bool {
        let Some(leg) = self.legs.get_mut(&id) else {
            return false;
        };
        if !matches!(leg.state, State::Calling | State::Proceeding) {
            return false;
        }
        let Some((uri, path)) = leg.called.as_mut().and_then(|called| called.rest.pop_front()) else {
            return false;
        };
        leg.uri = uri;
        leg.way = Way::new(path);
        leg.authentication.begin();
        true
    }
}

/// Whether a phone's refusal is a person's answer, which no other contact changes.
pub(super) const fn is_persons_answer(status: u16) -> bool {
    matches!(status, 486 | 487 | 600 | 603)
}

impl Called {
    /// Adds to the INVITE what asks the phone to answer by itself: no RFC that phones obey says how, and they read one
    /// of these two. `line` is our address of record.
    pub(crate) fn extend(&self, line: &str, headers: &mut Headers) {
        match self.answering {
            Answering::ByHand => {}
            Answering::AtOnce => {
                headers.push(Name::AlertInfo, "<http://aftercall>;info=alert-autoanswer;delay=0");
                headers.push(Name::CallInfo, format!("<{line}>;answer-after=0"));
            }
        }
    }
}
