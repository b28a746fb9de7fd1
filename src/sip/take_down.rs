//! Ending a call that an earlier run left over: CANCEL for an INVITE that may still ring, ACK and BYE for a 200 that
//! comes, BYE in a dialog that stands (RFC 3261 sections 9.1 and 15).
//!
//! Which INVITEs may still live and what is heard of them: `strands.rs`.

use super::agent::UserAgent;
use super::authentication::Authentication;
use super::dialog::{Dialog, Stage, tag};
use super::door::{Neighbour, Output, Path, Reliable, Timer};
use super::known::Known;
use super::leg::{Leg, Reached, State, Trying};
use super::saved::{Certainty, LeftOver, Saved, SavedDialog, SavedInvite};
use super::session_timer::SessionTimer;
use super::strands::{Bye, Fate, Strands};
use super::targets::Way;
use super::timing::{ClientId, Owner, length};
use crate::ids::LegId;
use crate::moment::Moment;

/// So many INVITEs may have left after the one that was written down.
const UNSAVED: u32 = 2;
/// The BYE's CSeq lies this far above that of the INVITE: more than a call's requests are, and each second since then
/// one more, so that a second crash does not lead to the same number.
const BEYOND: u32 = 1_000;
/// A CSeq stays far below 2**31 (section 8.1.1.5).
const LATEST: u64 = 1_000_000_000;

impl UserAgent {
    /// Takes down a call that an earlier run left over.
    pub(super) fn take_down(&mut self, now: Moment, id: LegId, left: LeftOver) {
        let known = Known {
            mark: left.mark,
            before: left.saved.as_ref().map_or(0, |saved| saved.before),
        };
        let line = self.settings.line(left.neighbour);
        let Some(trunk) = line.filter(|_| !self.legs.contains_key(&id)) else {
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
                    from: format!("{};tag={}", trunk.caller(None), known.tag()).into(),
                    routes: left
                        .neighbour
                        .trunk()
                        .map_or_else(Vec::new, |trunk| self.preloaded_route(trunk)),
                };
                (invite, trunk.targets.iter().map(|target| target.from(local)).collect())
            }
            // Where it went will be known when the trunk's name is.
            (None, None) => return self.taken_down(id, Certainty::Unconfirmed),
        };
        let [path, ..] = paths.as_slice() else {
            return self.taken_down(id, Certainty::Unconfirmed);
        };
        if let Some(trunk) = left.neighbour.trunk() {
            self.hear_again(trunk, path.target());
        }
        let saved = left.saved.map(|saved| *saved).unwrap_or_default();
        let leg = self.left_over_leg(left.neighbour, known, invite, *path, &saved);
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
        // Of a call that came in there is no INVITE of ours that could still be answered.
        let client = match saved.came_in {
            Some(_) => None,
            None => match self.recall(now, id, *path, None) {
                Some(client) => Some(client),
                None => return,
            },
        };
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        leg.invite = client;
        let cseq = leg.cseq.saturating_add(BEYOND).saturating_add(ahead);
        leg.state = State::Closing(0);
        let dialogs = saved.dialogs.iter();
        leg.dialogs = dialogs.map(|dialog| Dialog::restored(dialog, cseq, *path)).collect();
        let many = leg.dialogs.len();
        for fork in 0..many {
            if let Some(client) = client {
                self.prepare_ack(id, fork, client);
            }
            self.send_bye(now, id, fork);
        }
    }

    fn left_over_leg(&self, neighbour: Neighbour, known: Known, invite: SavedInvite, path: Path, saved: &Saved) -> Leg {
        let last = if saved.invite.is_some() {
            invite.cseq.saturating_add(UNSAVED - 1)
        } else {
            invite.cseq.saturating_add(UNSAVED)
        };
        Leg {
            neighbour,
            way: Way::new(path),
            state: State::Cancelling,
            from: invite.from.reveal().clone(),
            caller: None,
            to: invite.to.reveal().clone(),
            call_id: saved.came_in.clone().unwrap_or_else(|| known.call_id()),
            local_tag: tag(invite.from.reveal()),
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
            invited: None,
            called: None,
        }
    }

    /// The ACK may not have left before the crash: then the far end says its 200 again.
    fn prepare_ack(&mut self, id: LegId, fork: usize, client: ClientId) {
        let Some(invite) = self.clients.request(client).map(|(invite, _)| invite.clone()) else {
            return;
        };
        let ack = self.ack_to_2xx(id, fork, &invite).map(|(_, ack)| ack);
        let dialog = self.legs.get_mut(&id).and_then(|leg| leg.dialogs.get_mut(fork));
        if let (Some(ack), Some(dialog)) = (ack, dialog) {
            dialog.ack = ack;
        }
    }

    /// 64*T1 are over. A CANCEL that was taken has then done its work (section 9.1): a 487, or a 200 that nobody has
    /// acknowledged, would have come again and again. So where no INVITE is known any more there is no call either, unless
    /// it had come further than that.
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
                let is_open = strands.has(Fate::Asked) || strands.has(Fate::Silent);
                let certainty = if !is_open && (strands.has(Fate::Taken) || reached == Reached::No) {
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
            State::Invited | State::ByeWanted(_) => {}
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
    pub(super) fn end_left_over(&mut self, id: LegId, certainty: Certainty) {
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
    fn restored(saved: &SavedDialog, cseq: u32, formed: Path) -> Self {
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
