//! Giving a call up: what HangUp means in each state, and CANCEL (RFC 3261 section 9.1).

use super::agent::UserAgent;
use super::door::{Ending, LocalEnding, Timer};
use super::header::Name;
use super::leg::State;
use super::message::{Headers, Method, Request, Version};
use super::timing::{Owner, length};
use super::transaction::User;
use crate::ids::LegId;
use crate::moment::Moment;

impl UserAgent {
    /// Ends a leg whatever its state.
    pub(super) fn hang_up(&mut self, now: Moment, id: LegId) {
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        match leg.state {
            State::Calling => leg.state = State::CancelWanted,
            State::Proceeding => self.send_cancel(now, id),
            State::Invited => self.turn_away(now, id),
            // No BYE before the ACK to our 200 (section 15).
            State::Talking(fork) if leg.waits_for_ack() => leg.state = State::ByeWanted(fork),
            State::Talking(fork) => {
                leg.state = State::Closing(fork);
                self.release_ack(id);
                self.drop_change(now, id);
                self.send_bye(now, id, fork);
            }
            State::CancelWanted | State::Cancelling | State::Closing(_) | State::Over => {}
            State::ByeWanted(_) => {}
        }
    }

    /// Sends CANCEL on the way of the INVITE, and waits 64*T1 for what the INVITE gets.
    pub(super) fn send_cancel(&mut self, now: Moment, id: LegId) {
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        let Some((invite, branch)) = leg.invite.and_then(|invite| self.clients.request(invite)) else {
            return;
        };
        let (cancel, branch) = (cancel(invite), branch.to_owned());
        leg.state = State::Cancelling;
        let path = leg.way.path;
        self.clients
            .begin(now, &mut self.out, User::Cancel, path, branch, cancel);
        self.out
            .timers
            .set(Owner::Leg(id), Timer::Cancel, now + length(Timer::Cancel));
    }

    /// The cancelled INVITE never got its final response.
    pub(super) fn give_up_cancelling(&mut self, id: LegId) {
        if self.legs.get(&id).is_some_and(|leg| leg.left_over.is_some()) {
            return self.left_over_expired(id);
        }
        if let Some(invite) = self.legs.get(&id).and_then(|leg| leg.invite) {
            self.clients.abandon(&mut self.out, invite);
            self.finish_unanswered(id, Ending::local(LocalEnding::TimedOut));
        }
    }
}

/// The CANCEL of an INVITE: the same Via, Request-URI, Call-ID, From, To, Route and CSeq number.
pub(super) fn cancel(invite: &Request) -> Request {
    let kept = [
        Name::Via,
        Name::MaxForwards,
        Name::Route,
        Name::From,
        Name::To,
        Name::CallId,
        Name::UserAgent,
    ];
    let mut headers = Headers::default();
    for (name, value) in invite.headers.iter() {
        if kept.contains(name) {
            headers.push(name.clone(), value);
        } else if *name == Name::CSeq {
            headers.push(Name::CSeq, value.replace("INVITE", "CANCEL"));
        }
    }
    Request {
        method: Method::Cancel,
        uri: invite.uri.clone(),
        version: Version::Two,
        headers,
        body: Vec::new(),
    }
}
