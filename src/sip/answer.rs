//! The 200 to our INVITE: ACK to every copy, the first fork wins, every other gets ACK and BYE (RFC 3261 section 13.2.2.4).

use super::agent::UserAgent;
use super::body;
use super::dialog::{Dialog, Offer, Stage, tag};
use super::door::{Event, Timer};
use super::header::Name;
use super::leg::{FORKS, State};
use super::message::Response;
use super::timing::{Owner, length};
use crate::ids::LegId;
use crate::moment::Moment;

impl UserAgent {
    /// A 2xx, the first or any later one.
    pub(super) fn accepted(&mut self, now: Moment, id: LegId, response: &Response) {
        let Some((fork, before)) = self.confirm(now, id, response) else {
            return;
        };
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        match leg.state {
            State::Calling | State::Proceeding => {
                // Where the 200 has no description, the last one of its own fork stands (RFC 6337 section 3.1).
                let early = leg.dialogs.get_mut(fork).and_then(|dialog| dialog.early.take());
                let sdp = body::sdp(&response.headers, &response.body)
                    .or(early)
                    .unwrap_or_default();
                leg.state = State::Talking(fork);
                self.out.event(id, Event::Answered { sdp });
                self.session_answered(now, id, &response.headers);
                let Some(leg) = self.legs.get_mut(&id) else {
                    return;
                };
                if let Stage::EndedEarly(ending) = before {
                    leg.end_fork(fork);
                    leg.state = State::Over;
                    self.out.timers.cancel_all(Owner::Leg(id));
                    self.out.event(id, Event::HungUp(ending));
                }
            }
            // CANCEL came too late, or never could be sent: the call stands and has to be ended (section 9.1).
            State::CancelWanted | State::Cancelling => {
                self.out.timers.cancel(Owner::Leg(id), Timer::Cancel);
                leg.state = State::Closing(fork);
                match before {
                    Stage::EndedEarly(ending) => {
                        leg.end_fork(fork);
                        leg.state = State::Over;
                        let answered = true;
                        self.out.event(id, Event::Closed { answered, ending });
                    }
                    Stage::Early | Stage::Confirmed | Stage::Closing | Stage::Ended => self.send_bye(now, id, fork),
                }
            }
            State::Invited | State::ByeWanted(_) => {}
            State::Talking(_) | State::Closing(_) | State::Over => match before {
                Stage::EndedEarly(_) => leg.end_fork(fork),
                Stage::Early | Stage::Confirmed | Stage::Closing | Stage::Ended => self.send_bye(now, id, fork),
            },
        }
    }

    /// Acknowledges, the first one as soon as it is written down. Gives the place of a fork that is new with this 2xx and the stage it had, nothing for a copy.
    fn confirm(&mut self, now: Moment, id: LegId, response: &Response) -> Option<(usize, Stage)> {
        let leg = self.legs.get_mut(&id)?;
        let trunk = self.settings.line(leg.neighbour)?;
        let invite = leg.invite.and_then(|id| self.clients.request(id))?.0.clone();
        let way = leg.way.path;
        let remote_tag = response.headers.first(&Name::To).map(tag).unwrap_or_default();
        let fork = match leg.fork(&remote_tag) {
            Some(fork) => fork,
            // Forks without end are nobody's forks.
            None if leg.dialogs.len() >= 2 * FORKS => return None,
            None => {
                leg.dialogs
                    .push(Dialog::new(&invite, leg.cseq, response, Stage::Early, way));
                leg.dialogs.len() - 1
            }
        };
        let is_first = matches!(leg.state, State::Calling | State::Proceeding);
        let is_held = leg.held_ack == Some(fork);
        let dialog = leg.dialogs.get_mut(fork)?;
        if !dialog.ack.is_empty() {
            if !is_held {
                self.out.send(dialog.path(leg.neighbour, trunk), &dialog.ack);
            }
            return None;
        }
        dialog.refresh(response);
        dialog.offer = Offer::Answered;
        let before = std::mem::replace(&mut dialog.stage, Stage::Confirmed);
        let (path, ack) = self.ack_to_2xx(id, fork, &invite)?;
        let leg = self.legs.get_mut(&id)?;
        if is_first && before == Stage::Early {
            leg.held_ack = Some(fork);
            let at = now + length(Timer::Acknowledge);
            self.out.timers.set(Owner::Leg(id), Timer::Acknowledge, at);
        } else {
            self.out.send(path, &ack);
        }
        leg.dialogs.get_mut(fork)?.ack = ack;
        self.save(id);
        Some((fork, before))
    }

    /// What it takes to end the call is on disk, or has had its time.
    pub(super) fn written_down(&mut self, now: Moment, id: LegId) {
        self.release_200(now, id);
        self.release_ack(id);
    }

    /// What the answered call takes to be ended is on disk, or has had its time: the ACK leaves. Until then the far end
    /// would say its 200 again to whoever comes after a crash, and nobody but us could end the call.
    pub(super) fn release_ack(&mut self, id: LegId) {
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        let dialog = leg.held_ack.take().and_then(|fork| leg.dialogs.get(fork));
        let trunk = self.settings.line(leg.neighbour);
        if let (Some(dialog), Some(trunk)) = (dialog, trunk) {
            self.out.timers.cancel(Owner::Leg(id), Timer::Acknowledge);
            self.out.send(dialog.path(leg.neighbour, trunk), &dialog.ack);
        }
    }
}
