//! What the far end asks inside a call: BYE, keys by INFO, and what we refuse there (RFC 3261 sections 12.2.2 and 15.1.2).

use super::agent::UserAgent;
use super::body::{self, Info};
use super::dialog::{Order, Stage, tag};
use super::door::{Ending, Event, Fault};
use super::draft::ALLOW;
use super::header::Name;
use super::leg::State;
use super::message::Method;
use super::receive::Incoming;
use super::transaction::Key;
use crate::ids::LegId;
use crate::moment::Moment;

/// What we say to SUBSCRIBE and NOTIFY: we have no event package (RFC 6665 section 7.2.1).
pub(crate) const BAD_EVENT: u16 = 489;

impl UserAgent {
    /// A request with a To tag.
    pub(super) fn in_dialog(&mut self, now: Moment, incoming: Incoming<'_>, cseq: u32) {
        let request = incoming.request;
        let Some((id, fork)) = self.dialog_of(incoming) else {
            return self.refuse(now, incoming, 481, Fault::StrayRequest);
        };
        if Key::of(request).is_some_and(|key| self.is_change(incoming, &key)) {
            // Its answer is on its way, or was and is repeated until the ACK.
            return;
        }
        let dialog = self.legs.get_mut(&id).and_then(|leg| leg.dialogs.get_mut(fork));
        if dialog.is_some_and(|dialog| dialog.order(cseq) == Order::Late) {
            return self.refuse(now, incoming, 500, Fault::Malformed);
        }
        if request.method != Method::Bye && self.refuses_extension(now, incoming) {
            return;
        }
        match request.method {
            Method::Bye => {
                self.respond(now, incoming, 200, &[]);
                self.far_end_hung_up(now, id, fork, Ending::request(request));
            }
            Method::Invite | Method::Update => self.change_came(now, incoming, id, fork, cseq),
            Method::Info => self.info_came(now, incoming, id),
            Method::Options => self.respond(now, incoming, 200, &[(Name::Allow, ALLOW.to_owned())]),
            // No provisional of ours is reliable (RFC 3262 section 3).
            Method::Prack => self.refuse(now, incoming, 481, Fault::StrayRequest),
            // A patient's call is never handed to somebody else, wherever the target is (RFC 3515 section 2.4.2).
            Method::Refer => self.refuse(now, incoming, 603, Fault::UnservedMethod),
            Method::Subscribe | Method::Notify => self.refuse(now, incoming, BAD_EVENT, Fault::UnservedMethod),
            // Both were dealt with before.
            Method::Ack | Method::Cancel => {}
            Method::Register | Method::Message | Method::Publish | Method::Other(_) => {
                self.refuse(now, incoming, 405, Fault::UnservedMethod);
            }
        }
    }

    /// The dialog that a request belongs to: Call-ID, our tag, the far end's tag, and its trunk.
    pub(super) fn dialog_of(&self, incoming: Incoming<'_>) -> Option<(LegId, usize)> {
        let headers = &incoming.request.headers;
        let id = *self.calls.get(headers.first(&Name::CallId)?)?;
        let leg = self.legs.get(&id)?;
        if !self.is_heard(leg, incoming.path) {
            return None;
        }
        if tag(headers.first(&Name::To)?) != leg.local_tag {
            return None;
        }
        let fork = leg.fork(&tag(headers.first(&Name::From)?))?;
        match leg.dialogs.get(fork)?.stage {
            Stage::Early | Stage::Confirmed | Stage::Closing => Some((id, fork)),
            Stage::EndedEarly(_) | Stage::Ended => None,
        }
    }

    fn far_end_hung_up(&mut self, now: Moment, id: LegId, fork: usize, ending: Ending) {
        self.release_ack(id);
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        let Some(dialog) = leg.dialogs.get_mut(fork) else {
            return;
        };
        match dialog.stage {
            // It overtook its own 200, or ends a fork that never answers; the 200 will tell.
            Stage::Early if leg.state == State::Invited => self.caller_gave_up(now, id, ending),
            Stage::Early => dialog.stage = Stage::EndedEarly(ending),
            Stage::Confirmed => {
                dialog.stage = Stage::Ended;
                if leg.state == State::Talking(fork) {
                    leg.state = State::Over;
                    self.out.event(id, Event::HungUp(ending));
                    self.drop_change(now, id);
                } else if leg.state == State::ByeWanted(fork) {
                    leg.state = State::Over;
                    let answered = true;
                    self.out.event(id, Event::Closed { answered, ending });
                    self.drop_change(now, id);
                }
                self.forget_if_done(id);
            }
            // Our own BYE is out: its answer ends the leg.
            Stage::Closing | Stage::EndedEarly(_) | Stage::Ended => {}
        }
    }

    fn info_came(&mut self, now: Moment, incoming: Incoming<'_>, id: LegId) {
        match body::info(&incoming.request.headers, &incoming.request.body) {
            Info::Key(key, duration_ms) => {
                self.respond(now, incoming, 200, &[]);
                self.tell(id, Event::KeyInfo { key, duration_ms });
            }
            Info::Empty => self.respond(now, incoming, 200, &[]),
            Info::Other => {
                let accept = "application/dtmf-relay, application/dtmf".to_owned();
                self.respond(now, incoming, 415, &[(Name::Accept, accept)]);
            }
        }
    }

    /// An event of a leg that has not told its last one.
    pub(super) fn tell(&mut self, id: LegId, event: Event) {
        let is_over = self.legs.get(&id).is_none_or(|leg| leg.state == State::Over);
        if !is_over {
            self.out.event(id, event);
        }
    }
}
