//! Making a call: INVITE, its provisional responses, refusals and second tries (RFC 3261 section 13).

use super::agent::UserAgent;
use super::authentication::Authentication;
use super::body;
use super::called::{Called, is_persons_answer};
use super::dialog::{Dialog, Offer, Stage, tag};
use super::door::{Callee, Ending, Event, LocalEnding, Neighbour};
use super::draft::Draft;
use super::ending::reasons;
use super::header::Name;
use super::known::Known;
use super::leg::{FORKS, Leg, Reached, State, Trying};
use super::message::{Method, Response};
use super::refresh::Refresh;
use super::reliable::Provisional;
use super::session_timer::SessionTimer;
use super::targets::Way;
use super::timing::{ClientId, Owner};
use super::transaction::{Heard, User};
use crate::ids::LegId;
use crate::moment::Moment;
use crate::phone::Number;

/// So many INVITEs one call may take: targets, challenges, and second tries with less.
const INVITES: u32 = 24;
/// An early dialog is over (RFC 6228).
const EARLY_DIALOG_TERMINATED: u16 = 199;

/// Whom a call is for, where it goes first, and who it says that calls.
pub(super) struct Whom {
    pub(super) neighbour: Neighbour,
    pub(super) way: Way,
    /// From without its tag.
    pub(super) from: String,
    pub(super) to: String,
    /// The Request-URI.
    pub(super) uri: String,
    /// The number to show instead of the one that the trunk's identity has.
    pub(super) caller: Option<Number>,
    /// Where it is a phone.
    pub(super) called: Option<Called>,
}

impl UserAgent {
    /// Calls somebody. A leg that exists already is left alone.
    pub(super) fn invite(&mut self, now: Moment, id: LegId, to: Callee, known: Known, offer: Vec<u8>) {
        if self.legs.contains_key(&id) {
            return;
        }
        let why = match &to {
            Callee::Number { .. } => LocalEnding::Unreachable,
            Callee::Phone { .. } => LocalEnding::NotRegistered,
        };
        let whom = self.whom(now, to);
        let line = whom.as_ref().and_then(|whom| self.settings.line(whom.neighbour));
        let (Some(line), Some(whom)) = (line, &whom) else {
            return self.out.event(id, Event::Failed(Ending::local(why)));
        };
        let (reliable, session) = (line.reliable, SessionTimer::of(line));
        let (call_id, local_tag) = (known.call_id(), known.tag());
        let leg = Leg {
            neighbour: whom.neighbour,
            way: whom.way.clone(),
            state: State::Calling,
            from: format!("{};tag={local_tag}", whom.from),
            caller: whom.caller.clone(),
            to: whom.to.clone(),
            call_id: call_id.clone(),
            local_tag,
            uri: whom.uri.clone(),
            routes: Vec::new(),
            description: offer,
            known,
            cseq: known.first_cseq() - 1,
            invite: None,
            dialogs: Vec::new(),
            held_ack: None,
            authentication: Authentication::default(),
            trying: Trying::Untold,
            reliable,
            session,
            change: None,
            refresh: None,
            redirects: 0,
            reached: Reached::No,
            saved: None,
            left_over: None,
            invited: None,
            called: whom.called.clone(),
        };
        self.legs.insert(id, leg);
        self.calls.insert(call_id, id);
        self.send_invite(now, id);
    }

    /// Sends INVITE, the first or a second try: a new branch and CSeq in the same call.
    fn send_invite(&mut self, now: Moment, id: LegId) {
        let trunk = self.legs.get(&id).and_then(|leg| leg.neighbour.trunk());
        let routes = trunk.map(|trunk| self.preloaded_route(trunk));
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        let Some(trunk) = self.settings.line(leg.neighbour) else {
            return;
        };
        leg.cseq += 1;
        leg.routes = routes.unwrap_or_default();
        leg.state = State::Calling;
        leg.dialogs.clear();
        let branch = leg.known.branch(leg.cseq);
        let draft = Draft {
            method: &Method::Invite,
            uri: &leg.uri,
            from: &leg.from,
            to: &leg.to,
            call_id: &leg.call_id,
            cseq: leg.cseq,
            routes: &leg.routes,
        };
        let path = leg.way.path;
        let mut request = draft.request(trunk, path.transport, &branch);
        trunk.identify(leg.caller.as_ref().map(Number::reveal), &mut request.headers);
        let contact = trunk.contact(path.transport);
        request.headers.push(Name::Contact, format!("<{contact}>"));
        leg.extend(&mut request.headers);
        if let Some(called) = &leg.called {
            called.extend(&trunk.address(), &mut request.headers);
        }
        request.headers.push(Name::Accept, "application/sdp");
        request.headers.push(Name::ContentType, "application/sdp");
        request.body.clone_from(&leg.description);
        self.sign(id, &mut request);
        let transaction = self
            .clients
            .begin(now, &mut self.out, User::Invite(id), path, branch, request);
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.invite = Some(transaction);
        }
        self.save(id);
    }

    /// Sends INVITE to the trunk's next target, if there is one and nobody can have heard the call yet.
    fn invite_elsewhere(&mut self, now: Moment, id: LegId) -> bool {
        let wanted = |leg: &&Leg| matches!(leg.state, State::Calling | State::Proceeding) && leg.reached == Reached::No;
        let Some(leg) = self.legs.get(&id).filter(wanted) else {
            return false;
        };
        let (Some(trunk), mut way) = (leg.neighbour.trunk(), leg.way.clone()) else {
            return false;
        };
        if !self.lead_on(now, trunk, &mut way) {
            return false;
        }
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.way = way;
            leg.authentication.begin();
        }
        self.send_invite(now, id);
        true
    }

    /// The INVITE transaction has something to tell.
    pub(super) fn invite_heard(&mut self, now: Moment, id: LegId, transaction: ClientId, heard: Heard) {
        if self.legs.get(&id).is_some_and(|leg| leg.left_over.is_some()) {
            return self.left_invite_heard(now, id, transaction, heard);
        }
        let Some(leg) = self.legs.get_mut(&id).filter(|leg| leg.invite == Some(transaction)) else {
            return;
        };
        let silence = heard.silence();
        match heard {
            Heard::Response(response) => match response.status {
                0..=199 => self.progressed(now, id, &response),
                200..=299 => self.accepted(now, id, &response),
                300.. => self.refused(now, id, &response),
            },
            Heard::TimedOut | Heard::Unreachable => {
                // After a timeout the call may have been heard, and only the answer been lost.
                if heard == Heard::Unreachable && self.invite_elsewhere(now, id) {
                    return;
                }
                if self.leads_to_next_contact(id) {
                    return self.send_invite(now, id);
                }
                let ending = silence.map(Ending::local).unwrap_or_default();
                self.finish_unanswered(id, ending);
            }
            Heard::Ended => {
                leg.invite = None;
                for dialog in &mut leg.dialogs {
                    dialog.ack = Vec::new();
                }
                self.forget_if_done(id);
            }
        }
    }

    fn progressed(&mut self, now: Moment, id: LegId, response: &Response) {
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        let fork = note_early_dialog(leg, &self.clients, response);
        let provisional = Provisional::of(leg, fork, response);
        if let (Some(fork), Provisional::Next { rseq }) = (fork, provisional) {
            self.acknowledge_provisional(now, id, fork, rseq);
        }
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        if response.status > 100 {
            leg.reached = Reached::Yes;
            self.save(id);
        }
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        match leg.state {
            State::Calling | State::Proceeding => {}
            State::CancelWanted => return self.send_cancel(now, id),
            State::Cancelling | State::Talking(_) | State::Closing(_) | State::Over => return,
            State::Invited | State::ByeWanted(_) => return,
        }
        leg.state = State::Proceeding;
        if leg.trying == Trying::Untold {
            leg.trying = Trying::Told;
            self.out.event(id, Event::Trying);
        }
        if response.status > 100 && provisional != Provisional::OutOfTurn {
            let sdp = body::sdp(&response.headers, &response.body);
            if let Some(dialog) = fork.and_then(|fork| leg.dialogs.get_mut(fork)) {
                note_description(dialog, provisional, response.status, sdp.as_deref());
            }
            let event = Event::Progressed {
                status: response.status,
                sdp,
                reasons: reasons(&response.headers),
            };
            self.out.event(id, event);
        }
    }

    /// A final response other than 2xx: unless the call is being given up, a challenge is answered, and what leaves a
    /// second try gets it.
    fn refused(&mut self, now: Moment, id: LegId, response: &Response) {
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        let mut ending = Ending::response(response);
        let is_wanted = matches!(leg.state, State::Calling | State::Proceeding) && leg.cseq < INVITES;
        if is_wanted && matches!(response.status, 401 | 407) {
            if self.answers_challenge(id, response) {
                return self.send_invite(now, id);
            }
            ending = Ending::useless(response, LocalEnding::CredentialsRefused);
        } else if response.status == 503 {
            leg.way.refused.get_or_insert_with(|| ending.clone());
            if self.invite_elsewhere(now, id) {
                return;
            }
        } else if is_wanted && leg.yields(response) {
            return self.send_invite(now, id);
        } else if is_wanted && self.redirect(id, response) {
            let status = response.status;
            self.out.event(id, Event::Redirected { status });
            return self.send_invite(now, id);
        }
        if is_wanted && !is_persons_answer(response.status) && self.leads_to_next_contact(id) {
            return self.send_invite(now, id);
        }
        self.finish_unanswered(id, ending);
    }

    /// The last event of a call that nobody answered.
    pub(super) fn finish_unanswered(&mut self, id: LegId, ending: Ending) {
        let Some(leg) = self.legs.remove(&id) else {
            return;
        };
        self.calls.remove(&leg.call_id);
        self.out.timers.cancel_all(Owner::Leg(id));
        // A target that cannot be reached says less than the one before it, which refused.
        let ending = match leg.way.refused {
            Some(refused) if ending.local == Some(LocalEnding::Unreachable) => refused,
            Some(_) | None => ending,
        };
        let event = match leg.state {
            State::Calling | State::Proceeding => Event::Failed(ending),
            State::CancelWanted | State::Cancelling => Event::Closed {
                answered: false,
                ending,
            },
            // Answered calls end by BYE; the tables let no refusal through after a 200.
            State::Talking(_) | State::Closing(_) | State::Over => return,
            State::Invited | State::ByeWanted(_) => return,
        };
        self.out.event(id, event);
    }

    /// Frees a leg that has nothing left to answer.
    pub(super) fn forget_if_done(&mut self, id: LegId) {
        if self.legs.get(&id).is_some_and(Leg::is_done)
            && let Some(leg) = self.legs.remove(&id)
        {
            // A re-INVITE without final response has no timer of its own.
            if let Some(refresh) = leg.refresh.filter(Refresh::is_pending) {
                self.clients.abandon(&mut self.out, refresh.client);
            }
            // Another trunk may have the same call by now.
            if self.calls.get(&leg.call_id) == Some(&id) {
                self.calls.remove(&leg.call_id);
            }
            self.out.timers.cancel_all(Owner::Leg(id));
        }
    }
}

/// A provisional with a To tag makes an early dialog, in which the far end may already ask something. Gives its place.
fn note_early_dialog(leg: &mut Leg, clients: &super::transaction::Clients, response: &Response) -> Option<usize> {
    let remote_tag = response.headers.first(&Name::To).map(tag).unwrap_or_default();
    if response.status == 100 || remote_tag.is_empty() {
        return None;
    }
    if let Some(fork) = leg.fork(&remote_tag) {
        if let Some(dialog) = leg.dialogs.get_mut(fork).filter(|dialog| dialog.stage == Stage::Early) {
            dialog.refresh(response);
        }
        return Some(fork);
    }
    if leg.dialogs.len() >= FORKS {
        return None;
    }
    let (invite, _) = leg.invite.and_then(|id| clients.request(id))?;
    let dialog = Dialog::new(invite, leg.cseq, response, Stage::Early, leg.way.path);
    leg.dialogs.push(dialog);
    Some(leg.dialogs.len() - 1)
}

/// The newest description of a fork stands for its early media; a reliable one is the answer to our offer.
fn note_description(dialog: &mut Dialog, provisional: Provisional, status: u16, sdp: Option<&[u8]>) {
    if let Some(sdp) = sdp {
        dialog.early = Some(sdp.to_vec());
        if provisional != Provisional::Plain {
            dialog.offer = Offer::Answered;
        }
    }
    if status == EARLY_DIALOG_TERMINATED && dialog.stage == Stage::Early {
        dialog.stage = Stage::Ended;
    }
}
