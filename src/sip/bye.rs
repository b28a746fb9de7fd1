//! Our BYE (RFC 3261 section 15.1.1).

use super::agent::UserAgent;
use super::dialog::Stage;
use super::door::{Ending, Event, LocalEnding};
use super::leg::State;
use super::message::Method;
use super::transaction::{Heard, User};
use crate::ids::LegId;
use crate::moment::Moment;

impl UserAgent {
    /// Ends the fork at this place.
    pub(super) fn send_bye(&mut self, now: Moment, id: LegId, fork: usize) {
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.authentication.begin();
        }
        self.repeat_bye(now, id, fork);
    }

    /// Sends BYE, the first or one with credentials.
    fn repeat_bye(&mut self, now: Moment, id: LegId, fork: usize) {
        if let Some(dialog) = self.legs.get_mut(&id).and_then(|leg| leg.dialogs.get_mut(fork)) {
            dialog.stage = Stage::Closing;
            self.send_inside(now, User::Bye(id, fork), (id, fork), &Method::Bye, |_, _| {});
        }
    }

    /// The far end has gone silent: the session is over, and a BYE says so in case it can still be heard.
    pub(super) fn lose(&mut self, now: Moment, id: LegId, fork: usize) {
        self.release_ack(id);
        self.drop_change(now, id);
        let Some(leg) = self.legs.get_mut(&id).filter(|leg| leg.state == State::Talking(fork)) else {
            return;
        };
        leg.state = State::Over;
        let ending = Ending::local(LocalEnding::TimedOut);
        self.out.event(id, Event::HungUp(ending));
        self.send_bye(now, id, fork);
    }

    /// The BYE transaction has something to tell; any final response ends the dialog.
    pub(super) fn bye_heard(&mut self, now: Moment, id: LegId, fork: usize, heard: Heard) {
        let silence = heard.silence();
        let ending = match heard {
            Heard::Response(response) if response.status < 200 => return,
            Heard::Response(response) if self.answers_challenge(id, &response) => {
                return self.repeat_bye(now, id, fork);
            }
            Heard::Response(response) if matches!(response.status, 401 | 407) => {
                Ending::useless(&response, LocalEnding::CredentialsRefused)
            }
            Heard::Response(response) => Ending::response(&response),
            Heard::TimedOut | Heard::Unreachable => silence.map(Ending::local).unwrap_or_default(),
            Heard::Ended => return,
        };
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        leg.end_fork(fork);
        if leg.left_over.is_some() {
            self.left_bye_heard(id, ending.status.filter(|_| ending.local.is_none()));
        } else if leg.state == State::Closing(fork) {
            leg.state = State::Over;
            let answered = true;
            self.out.event(id, Event::Closed { answered, ending });
        }
        self.forget_if_done(id);
    }
}
