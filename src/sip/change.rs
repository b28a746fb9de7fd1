//! The far end changes the session: re-INVITE and UPDATE (RFC 3261 section 14.2, RFC 3311 section 5.2, RFC 6337).
//!
//! The composition above decides by [`Command::Answer`](super::Command::Answer) or
//! [`Command::Refuse`](super::Command::Refuse). Our 200 to a re-INVITE is repeated until its ACK comes (section 13.3.1.4);
//! it is ours to repeat and no transaction's, so the copies of such an INVITE are known here.

use std::time::Duration;

use super::agent::UserAgent;
use super::body;
use super::dialog::{Offer, Stage};
use super::door::{Event, Neighbour, Path, Timer};
use super::draft::ALLOW;
use super::header::{CSeq, Name};
use super::leg::{Leg, State};
use super::message::{Method, Request};
use super::receive::Incoming;
use super::session_timer::{MIN_SE, is_too_short};
use super::timing::{GIVE_UP, Owner, T1, T2};
use super::transaction::Key;
use crate::ids::LegId;
use crate::moment::Moment;

/// What we say to a change that comes across one of ours (RFC 3261 section 14.2).
const REQUEST_PENDING: u16 = 491;

/// A change that the far end asked for.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    fork: usize,
    key: Key,
    cseq: u32,
    neighbour: Neighbour,
    path: Path,
    progress: Progress,
}

#[derive(Clone, Debug)]
enum Progress {
    /// To be answered from above.
    Asked { request: Request },
    /// Our 200 to an INVITE is out.
    Accepted {
        response: Vec<u8>,
        to: Path,
        pause: Duration,
        ack: Ack,
        asked: Asked,
    },
    /// Nothing but copies of the INVITE can come.
    Done,
}

/// What the ACK to our 200 brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ack {
    Nothing,
    /// The answer to our offer: the INVITE had none.
    Answer,
}

/// What the INVITE asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Change,
    /// It began the call.
    Call,
}

/// Why a change cannot be taken now.
enum Glare {
    /// An offer of ours, or a re-INVITE, waits for its answer.
    Ours,
    /// Another change of the far end does.
    Theirs,
}

impl Change {
    /// Whether this is the request itself, come again.
    pub(crate) fn is(&self, key: &Key) -> bool {
        self.key == *key
    }
}

impl Leg {
    /// Whether our 200 to the INVITE that began the call still waits for its ACK.
    pub(crate) fn waits_for_ack(&self) -> bool {
        let change = self.change.as_ref().map(|change| &change.progress);
        matches!(change, Some(Progress::Accepted { asked: Asked::Call, .. }))
    }

    /// Whether a change of either side is on its way.
    pub(crate) fn is_changing(&self) -> bool {
        let ours = self.refresh.as_ref().is_some_and(super::refresh::Refresh::is_pending);
        let theirs = self.change.as_ref().is_some_and(|change| match change.progress {
            Progress::Asked { .. } | Progress::Accepted { .. } => true,
            Progress::Done => false,
        });
        ours || theirs
    }

    fn glare(&self, fork: usize, method: &Method) -> Option<Glare> {
        let change = self.change.as_ref().map(|change| &change.progress);
        if let Some(Progress::Asked { .. }) = change {
            return Some(Glare::Theirs);
        }
        let dialog = self.dialogs.get(fork)?;
        let waits_for_ack = matches!(change, Some(Progress::Accepted { ack: Ack::Answer, .. }));
        let is_refreshing = self.refresh.as_ref().is_some_and(super::refresh::Refresh::is_pending);
        let is_inviting = *method == Method::Invite && dialog.stage == Stage::Early;
        (waits_for_ack || is_refreshing || is_inviting || dialog.offer == Offer::Open).then_some(Glare::Ours)
    }

    /// Whether the session of this fork is one that can be changed.
    fn is_changeable(&self, fork: usize) -> bool {
        match self.state {
            State::Calling | State::Proceeding | State::CancelWanted | State::Cancelling | State::Invited => self
                .dialogs
                .get(fork)
                .is_some_and(|dialog| dialog.stage == Stage::Early),
            State::Talking(winner) => winner == fork,
            State::ByeWanted(_) | State::Closing(_) | State::Over => false,
        }
    }
}

impl UserAgent {
    /// A re-INVITE or UPDATE in the dialog of the fork at this place.
    pub(super) fn change_came(&mut self, now: Moment, incoming: Incoming<'_>, id: LegId, fork: usize, cseq: u32) {
        let request = incoming.request;
        let Some(leg) = self.legs.get(&id).filter(|leg| leg.is_changeable(fork)) else {
            return self.respond(now, incoming, 481, &[]);
        };
        let sdp = body::sdp(&request.headers, &request.body);
        let has_offer = sdp.is_some() || request.method == Method::Invite;
        if has_offer && let Some(glare) = leg.glare(fork, &request.method) {
            return self.refuse_for_glare(now, incoming, glare);
        }
        if is_too_short(&request.headers) {
            return self.respond(now, incoming, 422, &[(Name::MinSe, MIN_SE.to_string())]);
        }
        if !request.body.is_empty() && sdp.is_none() {
            let accept = (Name::Accept, "application/sdp".to_owned());
            return self.respond(now, incoming, 415, &[accept]);
        }
        if !has_offer {
            // An UPDATE that refreshes the session or moves the far end's contact.
            let fields = self.accept_fields(now, incoming, id, fork);
            return self.respond(now, incoming, 200, &fields);
        }
        let (Some(key), Some(leg)) = (Key::of(request), self.legs.get_mut(&id)) else {
            return;
        };
        self.out.timers.cancel(Owner::Leg(id), Timer::G);
        self.out.timers.cancel(Owner::Leg(id), Timer::H);
        leg.change = Some(Change {
            fork,
            key,
            cseq,
            neighbour: incoming.neighbour,
            path: incoming.path,
            progress: Progress::Asked {
                request: request.clone(),
            },
        });
        self.out.event(id, Event::Offered { sdp });
    }

    fn refuse_for_glare(&mut self, now: Moment, incoming: Incoming<'_>, glare: Glare) {
        match glare {
            Glare::Ours => self.respond(now, incoming, REQUEST_PENDING, &[]),
            Glare::Theirs => {
                let seconds = self.tokens.below(11).to_string();
                self.respond(now, incoming, 500, &[(Name::RetryAfter, seconds)]);
            }
        }
    }

    /// The change is accepted with this description of ours.
    pub(super) fn answer_change(&mut self, now: Moment, id: LegId, sdp: &[u8]) {
        let Some((change, request)) = self.asked_change(id) else {
            return;
        };
        let incoming = Incoming {
            request: &request,
            neighbour: change.neighbour,
            path: change.path,
        };
        let mut fields = self.accept_fields(now, incoming, id, change.fork);
        fields.push((Name::ContentType, "application/sdp".to_owned()));
        let Some((key, to, response)) = self.compose(incoming, 200, &fields, sdp) else {
            return;
        };
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        sdp.clone_into(&mut leg.description);
        // A 200 to the INVITE that says nothing of its own stands on this description, no longer on that of a 18x.
        if let Some(dialog) = leg.dialogs.get_mut(change.fork)
            && dialog.stage == Stage::Early
        {
            dialog.early = body::sdp(&request.headers, &request.body);
        }
        if request.method == Method::Update {
            return self
                .servers
                .answer(now, &mut self.out, key, &request.method, to, response.print());
        }
        let response = response.print();
        self.out.send(to, &response);
        self.time_ack(now, id);
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        let offered = body::sdp(&request.headers, &request.body);
        leg.change = Some(Change {
            progress: Progress::Accepted {
                response,
                to,
                pause: T1,
                ack: offered.map_or(Ack::Answer, |_| Ack::Nothing),
                asked: Asked::Change,
            },
            ..change
        });
    }

    /// Our 200 to the INVITE that began the call is out, and is said again until its ACK comes.
    pub(super) fn wait_for_ack(
        &mut self,
        now: Moment,
        id: LegId,
        (key, cseq): (Key, u32),
        incoming: Incoming<'_>,
        (to, response): (Path, Vec<u8>),
        ack: Ack,
    ) {
        self.time_ack(now, id);
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.change = Some(Change {
                fork: 0,
                key,
                cseq,
                neighbour: incoming.neighbour,
                path: incoming.path,
                progress: Progress::Accepted {
                    response,
                    to,
                    pause: T1,
                    ack,
                    asked: Asked::Call,
                },
            });
        }
    }

    fn time_ack(&mut self, now: Moment, id: LegId) {
        let owner = Owner::Leg(id);
        self.out.timers.set(owner, Timer::G, now + T1);
        self.out.timers.set(owner, Timer::H, now + GIVE_UP);
    }

    /// The change is refused: the session stays as it was.
    pub(super) fn refuse_change(&mut self, now: Moment, id: LegId, status: u16) {
        let Some((change, request)) = self.asked_change(id) else {
            return;
        };
        let status = if (300..700).contains(&status) { status } else { 488 };
        let incoming = Incoming {
            request: &request,
            neighbour: change.neighbour,
            path: change.path,
        };
        self.respond(now, incoming, status, &[]);
        self.out.event(id, Event::ChangeRefused { status });
    }

    /// The call is over: a change that was not answered yet gets its end too (section 15.1.2).
    pub(super) fn drop_change(&mut self, now: Moment, id: LegId) {
        self.out.timers.cancel_all(Owner::Leg(id));
        let Some((change, request)) = self.asked_change(id) else {
            return;
        };
        let incoming = Incoming {
            request: &request,
            neighbour: change.neighbour,
            path: change.path,
        };
        self.respond(now, incoming, 487, &[]);
    }

    /// Takes out the change that waits for its answer.
    fn asked_change(&mut self, id: LegId) -> Option<(Change, Request)> {
        let slot = &mut self.legs.get_mut(&id)?.change;
        let mut change = slot.take()?;
        match std::mem::replace(&mut change.progress, Progress::Done) {
            Progress::Asked { request } => Some((change, request)),
            progress @ (Progress::Accepted { .. } | Progress::Done) => {
                change.progress = progress;
                *slot = Some(change);
                None
            }
        }
    }

    /// What a 2xx to a change says; the target and the session's time are taken from the request.
    fn accept_fields(&mut self, now: Moment, incoming: Incoming<'_>, id: LegId, fork: usize) -> Vec<(Name, String)> {
        let headers = &incoming.request.headers;
        if let Some(dialog) = self.legs.get_mut(&id).and_then(|leg| leg.dialogs.get_mut(fork)) {
            dialog.retarget(headers);
        }
        self.save(id);
        let trunk = self.settings.line(incoming.neighbour);
        let contact = trunk.map(|trunk| trunk.contact(incoming.path.transport));
        let mut fields = vec![
            (Name::Contact, format!("<{}>", contact.unwrap_or_default())),
            (Name::Allow, ALLOW.to_owned()),
            (Name::Supported, "timer".to_owned()),
        ];
        fields.extend(self.session_asked(now, id, headers));
        fields
    }

    /// Our 200 has had no ACK for a while: again.
    pub(super) fn repeat_200(&mut self, now: Moment, id: LegId) {
        let change = self.legs.get_mut(&id).and_then(|leg| leg.change.as_mut());
        if let Some(Progress::Accepted {
            response, to, pause, ..
        }) = change.map(|change| &mut change.progress)
        {
            self.out.send(*to, response);
            *pause = (*pause * 2).min(T2);
            self.out.timers.set(Owner::Leg(id), Timer::G, now + *pause);
        }
    }

    /// No ACK came in 64*T1: the session is over (section 13.3.1.4).
    pub(super) fn ack_missed(&mut self, now: Moment, id: LegId) {
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        if let State::ByeWanted(fork) = leg.state {
            return self.end_acknowledged(now, id, fork);
        }
        if let Some(fork) = leg.change.as_ref().map(|change| change.fork) {
            self.lose(now, id, fork);
        }
    }

    /// The BYE that had to wait for the ACK to our 200, or for that no more.
    fn end_acknowledged(&mut self, now: Moment, id: LegId, fork: usize) {
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.state = State::Closing(fork);
            self.out.timers.cancel_all(Owner::Leg(id));
            self.send_bye(now, id, fork);
        }
    }

    /// Whether this is the key of the change that the far end asked for last in this call.
    pub(super) fn is_change(&self, incoming: Incoming<'_>, key: &Key) -> bool {
        let call = incoming.request.headers.first(&Name::CallId);
        let leg = call.and_then(|call| self.legs.get(self.calls.get(call)?));
        leg.and_then(|leg| leg.change.as_ref())
            .is_some_and(|change| change.is(key))
    }

    /// An ACK that belongs to no refusal: to our 200, or to nothing.
    pub(super) fn ack_came(&mut self, now: Moment, incoming: Incoming<'_>) {
        let headers = &incoming.request.headers;
        let cseq = headers.first(&Name::CSeq).and_then(CSeq::read);
        let (Some(cseq), Some((id, fork))) = (cseq, self.dialog_of(incoming)) else {
            return;
        };
        let change = self.legs.get_mut(&id).and_then(|leg| leg.change.as_mut());
        let Some(change) = change.filter(|change| change.fork == fork && change.cseq == cseq.number) else {
            return;
        };
        let Progress::Accepted { ack, asked, .. } = change.progress else {
            return;
        };
        change.progress = Progress::Done;
        self.out.timers.cancel(Owner::Leg(id), Timer::G);
        self.out.timers.cancel(Owner::Leg(id), Timer::H);
        if let Some(State::ByeWanted(fork)) = self.legs.get(&id).map(|leg| leg.state) {
            return self.end_acknowledged(now, id, fork);
        }
        if asked == Asked::Call {
            self.tell(id, Event::Confirmed);
        }
        if ack == Ack::Answer
            && let Some(sdp) = body::sdp(headers, &incoming.request.body)
        {
            self.tell(id, Event::Agreed { sdp });
        }
    }
}
