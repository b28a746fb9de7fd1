//! Ending a call that an earlier run left over: CANCEL for an INVITE that may still ring, ACK and BYE for a 200 that
//! comes, BYE in a dialog that stands (RFC 3261 sections 9.1 and 15).
//!
//! What was written down lags behind what left by a few milliseconds, so an INVITE or two more may have left. Each that
//! can have left is a strand: its transaction is taken up again without sending it, under the branch that follows from
//! the mark, and CANCEL is sent for it. At most one INVITE of a call lives at a time. So the call is certainly over when
//! one strand says 487, or when BYE is answered; otherwise when every strand is known to be over.

use super::agent::UserAgent;
use super::authentication::Authentication;
use super::cancel::cancel;
use super::dialog::{Dialog, Stage, tag};
use super::door::{Certainty, LeftOver, Output, Path, Reliable, Target, Timer};
use super::draft::Draft;
use super::header::{CSeq, Name};
use super::known::Known;
use super::leg::{Leg, Reached, State, Trying};
use super::message::{Method, Request, Response};
use super::saved::{Saved, SavedInvite};
use super::session_timer::SessionTimer;
use super::targets::Way;
use super::timing::{ClientId, Owner, length};
use super::transaction::{Heard, User};
use crate::ids::{LegId, TrunkId};
use crate::moment::Moment;

/// So many INVITEs may have left after the one that was written down.
const UNSAVED: u32 = 2;
/// The BYE's CSeq lies this far above that of the INVITE: more than a call's requests are, and each second since then
/// one more, so that a second crash does not lead to the same number.
const BEYOND: u32 = 1_000;
/// A CSeq stays far below 2**31 (section 8.1.1.5).
const LATEST: u64 = 1_000_000_000;

/// What is known of a left-over call's INVITEs and of what ended it.
#[derive(Debug)]
pub(crate) struct Strands {
    all: Vec<Strand>,
    /// The INVITE as it was written down, or as it must have been.
    invite: SavedInvite,
    /// No INVITE with a higher CSeq can have left.
    last: u32,
    bye: Bye,
}

#[derive(Clone, Copy, Debug)]
struct Strand {
    client: ClientId,
    path: Path,
    cseq: u32,
    fate: Fate,
}

/// What is known of an INVITE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// CANCEL is out, or was answered and the INVITE not yet.
    Asked,
    /// The far end knows no such INVITE.
    Unknown,
    /// It has a final response, so it is over.
    Refused,
    /// The far end does not answer.
    Silent,
}

/// Whether a BYE was left without the answer that proves the dialog over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bye {
    Good,
    Unanswered,
}

impl UserAgent {
    /// Takes down a call that an earlier run left over.
    pub(super) fn take_down(&mut self, now: Moment, id: LegId, left: LeftOver) {
        let known = Known {
            mark: left.mark,
            before: left.saved.as_ref().map_or(0, |saved| saved.before),
        };
        let Some(trunk) = self.trunk(left.trunk).filter(|_| !self.legs.contains_key(&id)) else {
            return self.taken_down(id, Certainty::Unconfirmed);
        };
        let local = trunk.local;
        let first = trunk.targets.first().copied();
        let saved = left.saved.as_deref().and_then(|saved| saved.invite.clone());
        let (invite, paths) = match (saved, first) {
            (Some(invite), _) => {
                let path = invite.path(local);
                (invite, vec![path])
            }
            (None, Some(first)) => {
                let uri = trunk.uri_of(left.number.reveal());
                let invite = SavedInvite {
                    cseq: known.first_cseq(),
                    transport: first.transport,
                    peer: first.address,
                    sent_by: trunk.advertised,
                    to: format!("<{uri}>").into(),
                    uri: uri.into(),
                    from: format!("{};tag={}", trunk.caller(), known.tag()).into(),
                    routes: self.preloaded_route(left.trunk),
                };
                (invite, trunk.targets.iter().map(|target| target.from(local)).collect())
            }
            // Where it went will be known when the trunk's name is.
            (None, None) => return self.taken_down(id, Certainty::Unconfirmed),
        };
        let [path, ..] = paths.as_slice() else {
            return self.taken_down(id, Certainty::Unconfirmed);
        };
        self.hear_again(left.trunk, path.target());
        let saved = left.saved.map(|saved| *saved).unwrap_or_default();
        let leg = self.left_over_leg(left.trunk, known, invite, *path, &saved);
        self.calls.insert(leg.call_id.clone(), id);
        self.legs.insert(id, leg);
        self.out
            .timers
            .set(Owner::Leg(id), Timer::Cancel, now + length(Timer::Cancel));
        if saved.dialogs.is_empty() {
            let cseq = self.legs.get(&id).map_or(1, |leg| leg.cseq);
            for path in paths {
                self.cancel_strand(now, id, path, cseq);
            }
            return;
        }
        let ahead = u32::try_from(left.age.as_secs().min(LATEST)).unwrap_or_default();
        let Some(client) = self.recall(now, id, *path, None) else {
            return;
        };
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        leg.invite = Some(client);
        let cseq = leg.cseq.saturating_add(BEYOND).saturating_add(ahead);
        leg.state = State::Closing(0);
        let dialogs = saved.dialogs.iter();
        leg.dialogs = dialogs.map(|dialog| Dialog::restored(dialog, cseq, *path)).collect();
        let many = leg.dialogs.len();
        for fork in 0..many {
            // Its ACK may not have left yet.
            self.acknowledge_again(id, fork, client);
            self.send_bye(now, id, fork);
        }
    }

    fn left_over_leg(&self, trunk: TrunkId, known: Known, invite: SavedInvite, path: Path, saved: &Saved) -> Leg {
        let last = if saved.invite.is_some() {
            invite.cseq.saturating_add(UNSAVED - 1)
        } else {
            invite.cseq.saturating_add(UNSAVED)
        };
        Leg {
            trunk,
            way: Way::new(path),
            state: State::Cancelling,
            from: invite.from.reveal().clone(),
            to: invite.to.reveal().clone(),
            call_id: known.call_id(),
            local_tag: known.tag(),
            uri: invite.uri.reveal().clone(),
            routes: invite.routes.clone(),
            description: Vec::new(),
            known,
            cseq: invite.cseq,
            invite: None,
            dialogs: Vec::new(),
            held_ack: None,
            authentication: Authentication::default(),
            trying: Trying::Told,
            reliable: Reliable::Off,
            session: SessionTimer::default(),
            change: None,
            refresh: None,
            // Whether it was redirected, its URI tells.
            redirects: 1,
            reached: if saved.reached { Reached::Yes } else { Reached::No },
            saved: None,
            left_over: Some(Strands {
                all: Vec::new(),
                invite,
                last,
                bye: Bye::Good,
            }),
        }
    }

    /// Takes an INVITE up again that an earlier run sent, without sending it.
    fn recall(&mut self, now: Moment, id: LegId, path: Path, cseq: Option<u32>) -> Option<ClientId> {
        let leg = self.legs.get(&id)?;
        let trunk = self.settings.trunks.get(usize::from(leg.trunk.0))?;
        let strands = leg.left_over.as_ref()?;
        let cseq = cseq.unwrap_or(leg.cseq);
        let branch = leg.known.branch(cseq);
        let draft = Draft {
            method: &Method::Invite,
            uri: &leg.uri,
            from: &leg.from,
            to: &leg.to,
            call_id: &leg.call_id,
            cseq,
            routes: &leg.routes,
        };
        let request = draft.request(&strands.invite.trunk(trunk), path.transport, &branch);
        self.clients.recall(now, User::Invite(id), path, branch, request)
    }

    fn acknowledge_again(&mut self, id: LegId, fork: usize, client: ClientId) {
        let Some(invite) = self.clients.request(client).map(|(invite, _)| invite.clone()) else {
            return;
        };
        if let Some((path, ack)) = self.ack_to_2xx(id, fork, &invite) {
            self.out.send(path, &ack);
            if let Some(dialog) = self.legs.get_mut(&id).and_then(|leg| leg.dialogs.get_mut(fork)) {
                dialog.ack = ack;
            }
        }
    }

    /// Sends CANCEL for an INVITE that can have left this way.
    fn cancel_strand(&mut self, now: Moment, id: LegId, path: Path, cseq: u32) {
        let Some(client) = self.recall(now, id, path, Some(cseq)) else {
            return;
        };
        if let Some(strands) = self.strands(id) {
            let fate = Fate::Asked;
            strands.all.push(Strand {
                client,
                path,
                cseq,
                fate,
            });
        }
        let Some((request, branch)) = self.clients.request(client) else {
            return;
        };
        let (request, branch): (Request, String) = (cancel(request), branch.to_owned());
        let user = User::CancelLeft(id, client);
        self.clients.begin(now, &mut self.out, user, path, branch, request);
    }

    fn strands(&mut self, id: LegId) -> Option<&mut Strands> {
        self.legs.get_mut(&id)?.left_over.as_mut()
    }

    /// A response to an INVITE of a left-over call that was not taken up: its branch tells that it is ours all the same.
    pub(super) fn recall_by(&mut self, now: Moment, path: Path, response: &Response) -> Option<ClientId> {
        let headers = &response.headers;
        let cseq = headers.first(&Name::CSeq).and_then(CSeq::read)?;
        let id = *self.calls.get(headers.first(&Name::CallId)?)?;
        let leg = self.legs.get(&id)?;
        let branch = super::header::Via::read(headers.list(&Name::Via).next()?)?.unique_branch()?;
        let is_ours = leg.left_over.is_some()
            && cseq.method == Method::Invite
            && leg.state == State::Cancelling
            && response.status >= 200
            && tag(headers.first(&Name::From)?) == leg.local_tag
            && branch == leg.known.branch(cseq.number);
        if !is_ours {
            return None;
        }
        let client = self.recall(now, id, path, Some(cseq.number))?;
        let strand = Strand {
            client,
            path,
            cseq: cseq.number,
            fate: Fate::Asked,
        };
        self.strands(id)?.all.push(strand);
        Some(client)
    }

    /// What came of a CANCEL. A 200 says only that it came: the INVITE decides (section 9.1).
    pub(super) fn cancel_left_heard(&mut self, now: Moment, id: LegId, invite: ClientId, heard: &Heard) {
        match heard {
            Heard::Response(response) if response.status == 481 => self.settle_strand(now, id, invite, Fate::Unknown),
            Heard::TimedOut | Heard::Unreachable => self.settle_strand(now, id, invite, Fate::Silent),
            Heard::Response(_) | Heard::Ended => {}
        }
    }

    /// What came of an INVITE of a left-over call.
    pub(super) fn left_invite_heard(&mut self, now: Moment, id: LegId, invite: ClientId, heard: Heard) {
        match heard {
            Heard::Response(response) => match response.status {
                0..=199 => {}
                200..=299 => {
                    self.take_up(id, invite);
                    self.accepted(now, id, &response);
                }
                487 => self.end_left_over(id, Certainty::Over),
                300.. => self.settle_strand(now, id, invite, Fate::Refused),
            },
            Heard::TimedOut | Heard::Unreachable => {}
            Heard::Ended => {
                if let Some(leg) = self.legs.get_mut(&id).filter(|leg| leg.invite == Some(invite)) {
                    leg.invite = None;
                    self.forget_if_done(id);
                }
            }
        }
    }

    /// This INVITE was the one that lived: it was answered, so the others are nothing.
    fn take_up(&mut self, id: LegId, invite: ClientId) {
        let Some(leg) = self.legs.get_mut(&id).filter(|leg| leg.invite.is_none()) else {
            return;
        };
        let Some(strands) = leg.left_over.as_mut() else {
            return;
        };
        let all = std::mem::take(&mut strands.all);
        for strand in all {
            if strand.client == invite {
                leg.invite = Some(invite);
                leg.cseq = strand.cseq;
                leg.way = Way::new(strand.path);
            } else {
                self.clients.abandon(&mut self.out, strand.client);
            }
        }
    }

    /// One strand has told what it can; where it is not the one that lives, the next INVITE may be.
    fn settle_strand(&mut self, now: Moment, id: LegId, invite: ClientId, fate: Fate) {
        let Some(leg) = self.legs.get_mut(&id).filter(|leg| leg.state == State::Cancelling) else {
            return;
        };
        let (trunk, reached) = (leg.trunk, leg.reached);
        let Some(strands) = leg.left_over.as_mut() else {
            return;
        };
        let (last, saved) = (strands.last, strands.invite.cseq);
        let Some(strand) = strands.all.iter_mut().find(|strand| strand.client == invite) else {
            return;
        };
        let is_first = strand.fate == Fate::Asked;
        strand.fate = fate;
        let (path, next) = (strand.path, strand.cseq + 1);
        if is_first && fate != Fate::Silent && next <= last {
            let mut paths = vec![path];
            if next == saved + 1 && reached == Reached::No {
                let targets = self.trunk(trunk).into_iter().flat_map(|trunk| &trunk.targets);
                paths.extend(targets.map(|target: &Target| target.from(path.local)));
                paths.dedup();
            }
            for path in paths {
                if !self.has_strand(id, path, next) {
                    self.cancel_strand(now, id, path, next);
                }
            }
        }
        let Some(strands) = self.strands(id) else {
            return;
        };
        let is = |fate| move |strand: &Strand| strand.fate == fate;
        let is_open = strands.all.iter().any(is(Fate::Asked)) || strands.all.iter().any(is(Fate::Silent));
        if !is_open && strands.all.iter().any(is(Fate::Refused)) {
            self.end_left_over(id, Certainty::Over);
        }
    }

    fn has_strand(&self, id: LegId, path: Path, cseq: u32) -> bool {
        let strands = self.legs.get(&id).and_then(|leg| leg.left_over.as_ref());
        let is_it = |strand: &Strand| strand.path == path && strand.cseq == cseq;
        strands.is_some_and(|strands| strands.all.iter().any(is_it))
    }

    /// 64*T1 are over. Where no INVITE is known any more and no 200 has come again and again meanwhile, there is no call
    /// either, unless it had come further than that.
    pub(super) fn left_over_expired(&mut self, id: LegId) {
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        let reached = leg.reached;
        match leg.state {
            State::Cancelling => {
                let Some(strands) = leg.left_over.as_ref() else {
                    return;
                };
                let is_unknown = strands.all.iter().all(|strand| strand.fate == Fate::Unknown);
                let certainty = if is_unknown && reached == Reached::No {
                    Certainty::Over
                } else {
                    Certainty::Unconfirmed
                };
                self.end_left_over(id, certainty);
            }
            // Its BYE has a timer of its own; only late forks were waited for.
            State::Closing(_) | State::Over => {
                if let Some(invite) = leg.invite.take() {
                    self.clients.abandon(&mut self.out, invite);
                }
                self.forget_if_done(id);
            }
            State::Calling | State::Proceeding | State::CancelWanted | State::Talking(_) => {}
        }
    }

    /// The BYE in a dialog of a left-over call has its answer: these prove that the dialog is over (section 15.1.1).
    pub(super) fn left_bye_heard(&mut self, id: LegId, status: Option<u16>) {
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        let is_open = leg.dialogs.iter().any(Dialog::is_open);
        let Some(strands) = leg.left_over.as_mut() else {
            return;
        };
        if !matches!(status, Some(200..=299 | 481)) {
            strands.bye = Bye::Unanswered;
        }
        if is_open || leg.state == State::Over {
            return;
        }
        leg.state = State::Over;
        let certainty = match strands.bye {
            Bye::Good => Certainty::Over,
            Bye::Unanswered => Certainty::Unconfirmed,
        };
        self.taken_down(id, certainty);
    }

    /// The last word about a call of which no dialog is known.
    fn end_left_over(&mut self, id: LegId, certainty: Certainty) {
        if self.legs.get(&id).is_none_or(|leg| leg.state != State::Cancelling) {
            return;
        }
        let Some(leg) = self.legs.remove(&id) else {
            return;
        };
        if self.calls.get(&leg.call_id) == Some(&id) {
            self.calls.remove(&leg.call_id);
        }
        self.out.timers.cancel_all(Owner::Leg(id));
        for strand in leg.left_over.into_iter().flat_map(|strands| strands.all) {
            // The one that was refused still repeats its ACK.
            if self.clients.is_waiting(strand.client) {
                self.clients.abandon(&mut self.out, strand.client);
            }
        }
        self.taken_down(id, certainty);
    }

    fn taken_down(&mut self, leg: LegId, certainty: Certainty) {
        self.out.outputs.push_back(Output::TakenDown { leg, certainty });
    }
}

impl Dialog {
    fn restored(saved: &super::saved::SavedDialog, cseq: u32, formed: Path) -> Self {
        Self::of(
            saved.remote.reveal().clone(),
            saved.target.reveal().clone(),
            saved.routes.clone(),
            cseq,
            Stage::Confirmed,
            formed,
        )
    }
}
