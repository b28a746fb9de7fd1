//! A call that comes in from a trunk, from its INVITE to its 200: we are the server (RFC 3261 sections 8.2, 12.1.1 and 13.3).
//!
//! It is told above and taken there, or refused before the turn is over. Its 200 leaves when what it takes to end the call
//! is on disk; then it is a leg like any other, and the 200 is repeated until the ACK by what repeats that of a re-INVITE
//! (`change.rs`).

use std::time::Duration;

use super::agent::UserAgent;
use super::authentication::Authentication;
use super::body;
use super::change::Ack;
use super::dialog::{Dialog, Offer, Stage};
use super::door::{Ending, Event, LocalEnding, Neighbour, Output, Path, Reliable, Timer};
use super::draft::ALLOW;
use super::header::{Address, CSeq, Name};
use super::known::Known;
use super::leg::{Leg, Reached, State, Trying};
use super::message::{Method, Request};
use super::receive::Incoming;
use super::reliable::is_100rel;
use super::serve::{called, caller};
use super::session_timer::{MIN_SE, SessionTimer, is_too_short};
use super::targets::Way;
use super::timing::{Owner, length};
use super::transaction::{Begun, Key};
use super::uri::Uri;
use crate::ids::{CallMark, LegId, TrunkId};
use crate::moment::Moment;

/// A provisional is said again so often, or proxies give the call up (section 13.3.1.1).
const EVERY: Duration = Duration::from_secs(60);

/// The INVITE of a call that came in.
#[derive(Clone, Debug)]
pub(crate) struct Invited {
    pub(crate) key: Key,
    /// Its To has our tag already.
    request: Request,
    path: Path,
    cseq: u32,
    /// What it was answered with last; 0 is nothing.
    status: u16,
    /// The 200 that waits until the call is written down.
    held: Option<Held>,
}

/// A 200 that has not left.
#[derive(Clone, Debug)]
struct Held {
    key: Key,
    path: Path,
    response: Vec<u8>,
}

impl UserAgent {
    /// An INVITE outside a dialog that breaks no rule.
    pub(super) fn invite_came(&mut self, now: Moment, incoming: Incoming<'_>, trunk: TrunkId) {
        let request = incoming.request;
        if is_too_short(&request.headers) {
            return self.respond(now, incoming, 422, &[(Name::MinSe, MIN_SE.to_string())]);
        }
        let offer = body::sdp(&request.headers, &request.body);
        let Some((leg, key)) = self.invited_leg(incoming, trunk) else {
            // Neither Contact nor From says who calls.
            return self.respond(now, incoming, 400, &[]);
        };
        if self.calls.contains_key(&leg.call_id) {
            // It is a call of ours that was led back to us, or came by two ways (section 8.2.2.2).
            return self.respond(now, incoming, 482, &[]);
        }
        if self.servers.begin(key, &Method::Invite, incoming.path) == Begun::No {
            return self.respond(now, incoming, 503, &[]);
        }
        let id = LegId(self.next_incoming);
        self.next_incoming += 1;
        self.calls.insert(leg.call_id.clone(), id);
        self.legs.insert(id, leg);
        self.untaken.push(id);
        self.out.outputs.push_back(Output::Incoming {
            leg: id,
            trunk,
            caller: caller(request),
            called: called(request),
            offer,
        });
    }

    fn invited_leg(&mut self, incoming: Incoming<'_>, trunk: TrunkId) -> Option<(Leg, Key)> {
        let Incoming { request, path, .. } = incoming;
        let headers = &request.headers;
        let cseq = CSeq::read(headers.first(&Name::CSeq)?)?.number;
        let (to, from) = (headers.first(&Name::To)?, headers.first(&Name::From)?);
        let contact = headers.list(&Name::Contact).find_map(Address::read);
        // Without one the call can be refused and told all the same; and answered, because the way back is known.
        let contact = contact
            .filter(|contact| Uri::read(contact.uri).is_ok())
            .or_else(|| Address::read(from));
        let contact = contact?.uri;
        let local_tag = self.tokens.tag();
        let local = format!("{to};tag={local_tag}");
        let mut tagged = request.clone();
        tagged.headers.replace(&Name::To, &local);
        let recorded = headers.list(&Name::RecordRoute).filter_map(Address::read);
        let routes = recorded.map(|address| address.uri.to_owned()).collect();
        let mut dialog = Dialog::of(from.to_owned(), contact.to_owned(), routes, 0, Stage::Early, path);
        dialog.order(cseq);
        dialog.retarget(headers);
        dialog.offer = Offer::Open;
        let key = Key::of(request)?;
        let line = self.trunk(trunk)?;
        let leg = Leg {
            neighbour: Neighbour::Trunk(trunk),
            known: Known {
                mark: CallMark::default(),
                before: 0,
            },
            way: Way::new(path),
            state: State::Invited,
            call_id: headers.first(&Name::CallId)?.to_owned(),
            local_tag,
            from: local,
            caller: None,
            to: from.to_owned(),
            uri: request.uri.clone(),
            routes: Vec::new(),
            description: Vec::new(),
            cseq,
            invite: None,
            dialogs: vec![dialog],
            held_ack: None,
            authentication: Authentication::default(),
            trying: Trying::Told,
            reliable: Reliable::Off,
            session: SessionTimer::of(line),
            change: None,
            refresh: None,
            redirects: 0,
            reached: Reached::Yes,
            saved: None,
            left_over: None,
            invited: Some(Invited {
                key: key.clone(),
                request: tagged,
                path,
                cseq,
                status: 0,
                held: None,
            }),
            called: None,
        };
        Some((leg, key))
    }

    /// Somebody above wants the call: 100.
    pub(super) fn take_call(&mut self, id: LegId) {
        let is_untaken = self.untaken.contains(&id);
        self.untaken.retain(|&other| other != id);
        if is_untaken {
            self.say(id, 100);
        }
    }

    /// 180, said again every minute; where it would have to be reliable, 100 has to do.
    pub(super) fn ring(&mut self, now: Moment, id: LegId) {
        self.take_call(id);
        let Some(leg) = self.legs.get(&id).filter(|leg| leg.state == State::Invited) else {
            return;
        };
        let must_be_reliable = leg.invited.as_ref().is_some_and(|invited| {
            let mut required = invited.request.headers.list(&Name::Require);
            required.any(is_100rel)
        });
        if !must_be_reliable {
            self.say(id, 180);
        }
        self.out.timers.set(Owner::Leg(id), Timer::G, now + EVERY);
    }

    /// Timer G of a leg: a 200 that has no ACK, or a provisional, is said again.
    pub(super) fn repeat_response(&mut self, now: Moment, id: LegId) {
        let invited = self.legs.get(&id).filter(|leg| leg.state == State::Invited);
        match invited
            .and_then(|leg| leg.invited.as_ref())
            .map(|invited| invited.status)
        {
            Some(status) => {
                self.say(id, status.max(100));
                self.out.timers.set(Owner::Leg(id), Timer::G, now + EVERY);
            }
            None => self.repeat_200(now, id),
        }
    }

    /// Sends a provisional response.
    fn say(&mut self, id: LegId, status: u16) {
        let Some((invited, neighbour)) = self.invited(id) else {
            return;
        };
        let mut fields = recorded(&invited.request);
        if status > 100 {
            fields.push((Name::Contact, self.contact(neighbour, invited.path)));
        }
        let incoming = invited.incoming(neighbour);
        if let Some((key, path, response)) = self.compose(incoming, status, &fields, &[]) {
            self.servers.provisional(&mut self.out, &key, path, response.print());
        }
        if let Some(invited) = self.legs.get_mut(&id).and_then(|leg| leg.invited.as_mut()) {
            invited.status = status;
        }
    }

    /// The call is to be answered: its 200 leaves as soon as the call is written down, or has had its time.
    pub(super) fn accept(&mut self, now: Moment, id: LegId, sdp: &[u8]) {
        self.untaken.retain(|&other| other != id);
        let Some((invited, neighbour)) = self.invited(id).filter(|(invited, _)| invited.held.is_none()) else {
            return;
        };
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        if let Some(dialog) = leg.dialogs.first_mut() {
            dialog.stage = Stage::Confirmed;
            dialog.offer = Offer::Answered;
        }
        sdp.clone_into(&mut leg.description);
        self.out.timers.cancel_all(Owner::Leg(id));
        let mut fields = recorded(&invited.request);
        fields.push((Name::Contact, self.contact(neighbour, invited.path)));
        fields.push((Name::Allow, ALLOW.to_owned()));
        fields.push((Name::Supported, "timer".to_owned()));
        fields.extend(self.session_asked(now, id, &invited.request.headers));
        fields.push((Name::ContentType, "application/sdp".to_owned()));
        if let Some((key, path, response)) = self.compose(invited.incoming(neighbour), 200, &fields, sdp) {
            let response = response.print();
            let held = Some(Held { key, path, response });
            if let Some(invited) = self.legs.get_mut(&id).and_then(|leg| leg.invited.as_mut()) {
                invited.held = held;
            }
        }
        let at = now + length(Timer::Acknowledge);
        self.out.timers.set(Owner::Leg(id), Timer::Acknowledge, at);
        self.save(id);
    }

    /// The 200 that was held leaves: the dialog stands, and waits for its ACK. Until now the caller could take the call back.
    pub(super) fn release_200(&mut self, now: Moment, id: LegId) {
        let Some((mut invited, neighbour)) = self.invited(id) else {
            return;
        };
        let Some(Held { key, path, response }) = invited.held.take() else {
            return;
        };
        self.out.timers.cancel(Owner::Leg(id), Timer::Acknowledge);
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.state = State::Talking(0);
        }
        self.time_session(now, id);
        self.servers
            .finish(now, &mut self.out, &key, 200, (path, response.clone()));
        let had_offer = body::sdp(&invited.request.headers, &invited.request.body).is_some();
        let ack = if had_offer { Ack::Nothing } else { Ack::Answer };
        let incoming = invited.incoming(neighbour);
        self.wait_for_ack(now, id, (key, invited.cseq), incoming, (path, response), ack);
    }

    /// Refuses it. Nothing more is told of it.
    pub(super) fn reject(&mut self, now: Moment, id: LegId, status: u16) {
        self.untaken.retain(|&other| other != id);
        let status = if (300..700).contains(&status) { status } else { 480 };
        self.end_invited(now, id, status, &[]);
    }

    /// Nobody took them in their turn.
    pub(super) fn refuse_untaken(&mut self) {
        let now = self.now;
        for id in std::mem::take(&mut self.untaken) {
            let status = match self.settings.inbound_status {
                refusal @ 300..=699 => refusal,
                _ => 480,
            };
            if let Some((invited, Neighbour::Trunk(trunk))) = self.invited(id) {
                self.out.outputs.push_back(Output::InviteRefused {
                    trunk,
                    caller: caller(&invited.request),
                    status,
                });
            }
            self.end_invited(now, id, status, &[]);
        }
    }

    /// CANCEL: whether it is for a call that came in and was not answered yet.
    pub(super) fn caller_cancelled(&mut self, now: Moment, incoming: Incoming<'_>) -> bool {
        let call = incoming.request.headers.first(&Name::CallId);
        let (Some(key), Some(&id)) = (
            Key::cancelled(incoming.request),
            call.and_then(|call| self.calls.get(call)),
        ) else {
            return false;
        };
        let leg = self.legs.get(&id).filter(|leg| leg.state == State::Invited);
        let is_it = leg
            .and_then(|leg| leg.invited.as_ref())
            .is_some_and(|invited| invited.key == key);
        if is_it {
            self.respond(now, incoming, 200, &[]);
            self.caller_gave_up(now, id, Ending::request(incoming.request));
        }
        is_it
    }

    /// The caller does not want the call any more, by CANCEL or by BYE (section 15).
    pub(super) fn caller_gave_up(&mut self, now: Moment, id: LegId, ending: Ending) {
        self.end_invited(now, id, 487, &[]);
        self.out.event(id, Event::Cancelled(ending));
    }

    /// The way back to these callers is gone.
    pub(super) fn callers_lost(&mut self, lost: &[Key]) {
        let is_lost = |leg: &Leg| leg.invited.as_ref().is_some_and(|invited| lost.contains(&invited.key));
        let ids: Vec<LegId> = if lost.is_empty() {
            Vec::new()
        } else {
            let legs = self.legs.iter();
            legs.filter(|(_, leg)| leg.state == State::Invited && is_lost(leg))
                .map(|(&id, _)| id)
                .collect()
        };
        for id in ids {
            self.forget_invited(id);
            let ending = Ending::local(LocalEnding::Unreachable);
            self.out.event(id, Event::Cancelled(ending));
        }
    }

    /// Our HangUp for a call that came in and was not answered.
    pub(super) fn turn_away(&mut self, now: Moment, id: LegId) {
        self.untaken.retain(|&other| other != id);
        self.end_invited(now, id, 480, &[]);
        let ending = Ending::default();
        self.out.event(
            id,
            Event::Closed {
                answered: false,
                ending,
            },
        );
    }

    fn end_invited(&mut self, now: Moment, id: LegId, status: u16, fields: &[(Name, String)]) {
        let Some((invited, neighbour)) = self.invited(id) else {
            return;
        };
        if let Some((key, path, response)) = self.compose(invited.incoming(neighbour), status, fields, &[]) {
            self.servers
                .finish(now, &mut self.out, &key, status, (path, response.print()));
        }
        self.forget_invited(id);
    }

    fn forget_invited(&mut self, id: LegId) {
        self.untaken.retain(|&other| other != id);
        if let Some(leg) = self.legs.remove(&id) {
            self.calls.remove(&leg.call_id);
            self.out.timers.cancel_all(Owner::Leg(id));
        }
    }

    /// The INVITE of a leg that waits for our answer.
    fn invited(&self, id: LegId) -> Option<(Invited, Neighbour)> {
        let leg = self.legs.get(&id).filter(|leg| leg.state == State::Invited)?;
        Some((leg.invited.clone()?, leg.neighbour))
    }

    fn contact(&self, neighbour: Neighbour, path: Path) -> String {
        let line = self.settings.line(neighbour);
        format!(
            "<{}>",
            line.map(|line| line.contact(path.transport)).unwrap_or_default()
        )
    }
}

impl Invited {
    const fn incoming(&self, neighbour: Neighbour) -> Incoming<'_> {
        Incoming {
            request: &self.request,
            neighbour,
            path: self.path,
        }
    }
}

/// The Record-Route of a request, as its responses carry it (section 12.1.1).
fn recorded(request: &Request) -> Vec<(Name, String)> {
    let values = request.headers.all(&Name::RecordRoute);
    values.map(|value| (Name::RecordRoute, value.to_owned())).collect()
}
