//! The INVITEs of a left-over call, one of which may still live: CANCEL for each that can have left, and what is heard of
//! them (RFC 3261 section 9.1).
//!
//! What was written down lags behind what left by a few milliseconds, so an INVITE or two more may have left. Each that
//! can have left is a strand: its transaction is taken up again without sending it, under the branch that follows from
//! the mark, and CANCEL is sent for it. At most one INVITE of a call lives at a time. So the call is certainly over when
//! one strand says 487, or when BYE is answered; otherwise when every strand is known to be over.

use super::agent::UserAgent;
use super::cancel::cancel;
use super::dialog::tag;
use super::door::{Path, Target};
use super::draft::Draft;
use super::header::{CSeq, Name, Via};
use super::leg::{Reached, State};
use super::message::{Method, Request, Response};
use super::saved::{Certainty, SavedInvite};
use super::targets::Way;
use super::timing::ClientId;
use super::transaction::{Heard, User};
use crate::ids::LegId;
use crate::moment::Moment;

/// What is known of a left-over call's INVITEs and of what ended it.
#[derive(Debug)]
pub(crate) struct Strands {
    pub(super) all: Vec<Strand>,
    /// The INVITE as it was written down, or as it must have been.
    pub(super) invite: SavedInvite,
    /// No INVITE with a higher CSeq can have left.
    pub(super) last: u32,
    pub(super) bye: Bye,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Strand {
    pub(super) client: ClientId,
    path: Path,
    cseq: u32,
    pub(super) fate: Fate,
}

/// What is known of an INVITE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// CANCEL is out.
    Asked,
    /// CANCEL was taken, and the INVITE has no final response yet; or it had one before.
    Taken,
    /// The far end knows no such INVITE.
    Unknown,
    /// It has a final response, so it is over.
    Refused,
    /// The far end does not answer.
    Silent,
}

/// Whether a BYE was left without the answer that proves the dialog over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bye {
    Good,
    Unanswered,
}

impl Strand {
    const fn is_over(&self) -> bool {
        match self.fate {
            Fate::Unknown | Fate::Refused => true,
            Fate::Asked | Fate::Taken | Fate::Silent => false,
        }
    }
}

impl Strands {
    pub(super) fn has(&self, fate: Fate) -> bool {
        self.all.iter().any(|strand| strand.fate == fate)
    }
}

impl UserAgent {
    /// Takes an INVITE up again that an earlier run sent, without sending it.
    pub(super) fn recall(&mut self, now: Moment, id: LegId, path: Path, cseq: Option<u32>) -> Option<ClientId> {
        let leg = self.legs.get(&id)?;
        let trunk = self.settings.line(leg.neighbour)?;
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

    /// Sends CANCEL for an INVITE that can have left this way.
    pub(super) fn cancel_strand(&mut self, now: Moment, id: LegId, path: Path, cseq: u32) {
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

    pub(super) fn strands(&mut self, id: LegId) -> Option<&mut Strands> {
        self.legs.get_mut(&id)?.left_over.as_mut()
    }

    /// A response to an INVITE of a left-over call that was not taken up: its branch tells that it is ours all the same.
    pub(super) fn recall_by(&mut self, now: Moment, path: Path, response: &Response) -> Option<ClientId> {
        let headers = &response.headers;
        let cseq = headers.first(&Name::CSeq).and_then(CSeq::read)?;
        let id = *self.calls.get(headers.first(&Name::CallId)?)?;
        let leg = self.legs.get(&id)?;
        let branch = Via::read(headers.list(&Name::Via).next()?)?.unique_branch()?;
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
            Heard::Response(response) if (200..300).contains(&response.status) => {
                let strands = self.strands(id).map(|strands| &mut strands.all);
                let strand = strands.and_then(|all| all.iter_mut().find(|strand| strand.client == invite));
                if let Some(strand) = strand.filter(|strand| strand.fate == Fate::Asked) {
                    strand.fate = Fate::Taken;
                }
            }
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
        let (neighbour, reached) = (leg.neighbour, leg.reached);
        let Some(strands) = leg.left_over.as_mut() else {
            return;
        };
        let (last, saved) = (strands.last, strands.invite.cseq);
        let Some(strand) = strands.all.iter_mut().find(|strand| strand.client == invite) else {
            return;
        };
        let is_first = matches!(strand.fate, Fate::Asked | Fate::Taken);
        strand.fate = fate;
        let (path, next) = (strand.path, strand.cseq + 1);
        if is_first && fate != Fate::Silent && next <= last {
            let mut paths = vec![path];
            if next == saved + 1 && reached == Reached::No {
                let targets = self
                    .settings
                    .line(neighbour)
                    .into_iter()
                    .flat_map(|trunk| &trunk.targets);
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
        if strands.all.iter().all(Strand::is_over) && strands.has(Fate::Refused) {
            self.end_left_over(id, Certainty::Over);
        }
    }

    fn has_strand(&self, id: LegId, path: Path, cseq: u32) -> bool {
        let strands = self.legs.get(&id).and_then(|leg| leg.left_over.as_ref());
        let is_it = |strand: &Strand| strand.path == path && strand.cseq == cseq;
        strands.is_some_and(|strands| strands.all.iter().any(is_it))
    }
}
