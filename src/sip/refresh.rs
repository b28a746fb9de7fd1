//! Our refresh of a session (RFC 4028 sections 7.4 and 10): UPDATE where the far end serves it, else re-INVITE with the
//! description that we gave last. A session that cannot be refreshed ends by BYE.

use std::time::Duration;

use super::agent::UserAgent;
use super::body;
use super::dialog::Update;
use super::door::{Ending, Event, Timer};
use super::draft::ALLOW;
use super::header::Name;
use super::leg::Leg;
use super::message::{Method, Response};
use super::timing::{ClientId, Owner};
use super::transaction::{Heard, User};
use crate::ids::LegId;
use crate::moment::Moment;

/// So often one refresh is changed and sent again at once (a challenge, 422, 405) before it counts as failed.
const TRIES: u8 = 4;
/// After a failure that is not the session's end, the next try; the expiry ends them.
const PAUSE: Duration = Duration::from_secs(10);
/// After 491 we, whose Call-ID it is, wait as long as this at least and at most (RFC 3261 section 14.1).
const GLARE_PAUSE: (Duration, Duration) = (Duration::from_millis(2_100), Duration::from_secs(4));

/// The refresh that is on its way.
#[derive(Clone, Debug)]
pub(crate) struct Refresh {
    pub(crate) client: ClientId,
    tries: u8,
    progress: Progress,
}

#[derive(Clone, Debug)]
enum Progress {
    /// Its final response has not come.
    Asked,
    /// The 2xx of a re-INVITE came: its ACK, for every copy.
    Acknowledged { path: super::door::Path, ack: Vec<u8> },
}

impl Refresh {
    /// Whether it still waits for its final response.
    pub(crate) const fn is_pending(&self) -> bool {
        match self.progress {
            Progress::Asked => true,
            Progress::Acknowledged { .. } => false,
        }
    }
}

impl UserAgent {
    /// Half the session's time is over, or a pause.
    pub(super) fn refresh_session(&mut self, now: Moment, id: LegId) {
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        if leg.talking().is_none() {
            return;
        }
        if leg.is_changing() {
            return self.refresh_later(now, id);
        }
        leg.authentication.begin();
        self.send_refresh(now, id, 1);
    }

    fn send_refresh(&mut self, now: Moment, id: LegId, tries: u8) {
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        let (session, description) = (leg.session, leg.description.clone());
        let Some((fork, dialog)) = leg.talking() else {
            return;
        };
        let method = match dialog.update {
            Update::Served => Method::Update,
            Update::Unsaid | Update::Refused => Method::Invite,
        };
        let user = User::Refresh(id, fork);
        let client = self.send_inside(now, user, (id, fork), &method, |contact, request| {
            let headers = &mut request.headers;
            headers.push(Name::Contact, format!("<{contact}>"));
            headers.push(Name::Allow, ALLOW);
            headers.push(Name::Supported, "timer");
            session.ask_again(headers);
            if method == Method::Invite {
                headers.push(Name::ContentType, "application/sdp");
                request.body = description;
            }
        });
        if let (Some(leg), Some(client)) = (self.legs.get_mut(&id), client) {
            leg.refresh = Some(Refresh {
                client,
                tries,
                progress: Progress::Asked,
            });
        }
    }

    /// What came of a refresh.
    pub(super) fn refresh_heard(&mut self, now: Moment, id: LegId, fork: usize, client: ClientId, heard: Heard) {
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        let Some(refresh) = leg.refresh.as_ref().filter(|refresh| refresh.client == client) else {
            return;
        };
        let tries = refresh.tries;
        match heard {
            Heard::Response(response) => match response.status {
                0..=199 => {}
                200..=299 => self.refreshed(now, id, fork, client, &response),
                300.. => {
                    leg.refresh = None;
                    self.refresh_refused(now, id, fork, tries, &response);
                }
            },
            Heard::TimedOut | Heard::Unreachable => {
                leg.refresh = None;
                self.lose(now, id, fork);
            }
            Heard::Ended => leg.refresh = None,
        }
    }

    /// A 2xx, or a copy of it.
    fn refreshed(&mut self, now: Moment, id: LegId, fork: usize, client: ClientId, response: &Response) {
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        if let Some(Progress::Acknowledged { path, ack }) = leg.refresh.as_ref().map(|refresh| &refresh.progress) {
            return self.out.send(*path, ack);
        }
        if let Some(dialog) = leg.dialogs.get_mut(fork) {
            dialog.retarget(&response.headers);
        }
        let invite = self.clients.request(client).map(|(request, _)| request.clone());
        match invite.filter(|request| request.method == Method::Invite) {
            Some(invite) => {
                let ack = self.ack_to_2xx(id, fork, &invite);
                if let (Some(leg), Some((path, ack))) = (self.legs.get_mut(&id), ack) {
                    self.out.send(path, &ack);
                    if let Some(refresh) = leg.refresh.as_mut() {
                        refresh.progress = Progress::Acknowledged { path, ack };
                    }
                }
            }
            None => leg.refresh = None,
        }
        self.save(id);
        let is_talking = self.legs.get_mut(&id).is_some_and(|leg| leg.talking().is_some());
        if !is_talking {
            return;
        }
        self.session_answered(now, id, &response.headers);
        if let Some(sdp) = body::sdp(&response.headers, &response.body) {
            self.out.event(id, Event::Agreed { sdp });
        }
    }

    fn refresh_refused(&mut self, now: Moment, id: LegId, fork: usize, tries: u8, response: &Response) {
        let is_talking = self.legs.get_mut(&id).is_some_and(|leg| leg.talking().is_some());
        if !is_talking {
            return;
        }
        let can_repeat = tries < TRIES;
        match response.status {
            // The far end knows the session no more (section 10).
            408 | 481 => self.lose(now, id, fork),
            401 | 407 if can_repeat && self.answers_challenge(id, response) => self.send_refresh(now, id, tries + 1),
            405 | 501 if can_repeat && self.serves_no_update(id) => self.send_refresh(now, id, tries + 1),
            422 if can_repeat && self.lengthens(id, response) => self.send_refresh(now, id, tries + 1),
            491 => self.refresh_later(now, id),
            _ => {
                let pause = Ending::response(response)
                    .retry_after
                    .map_or(PAUSE, |seconds| Duration::from_secs(seconds.into()));
                let at = now + pause.max(PAUSE);
                self.out.timers.set(Owner::Leg(id), Timer::SessionRefresh, at);
            }
        }
    }

    /// Both sides asked at once.
    fn refresh_later(&mut self, now: Moment, id: LegId) {
        let pause = self.tokens.between(GLARE_PAUSE.0, GLARE_PAUSE.1);
        self.out.timers.set(Owner::Leg(id), Timer::SessionRefresh, now + pause);
    }

    /// An UPDATE was refused as such: whether a re-INVITE is left to try.
    fn serves_no_update(&mut self, id: LegId) -> bool {
        let dialog = self.legs.get_mut(&id).and_then(Leg::talking);
        dialog.is_some_and(|(_, dialog)| {
            let was_served = dialog.update == Update::Served;
            dialog.update = Update::Refused;
            was_served
        })
    }

    fn lengthens(&mut self, id: LegId, response: &Response) -> bool {
        let leg = self.legs.get_mut(&id);
        leg.is_some_and(|leg| leg.session.lengthen(&response.headers))
    }
}
