//! Reliable provisional responses (RFC 3262): taken in their order, each acknowledged once by PRACK along the route set
//! of its own early dialog.

use super::agent::UserAgent;
use super::dialog::tag;
use super::door::Reliable;
use super::header::{Name, number};
use super::leg::Leg;
use super::message::{Method, Response};
use super::timing::ClientId;
use super::transaction::{Heard, User};
use crate::ids::LegId;
use crate::moment::Moment;

/// What a provisional response is to its early dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Provisional {
    /// Unreliable: taken as it comes.
    Plain,
    /// Reliable and the next in order.
    Next {
        /// Its RSeq.
        rseq: u32,
    },
    /// Reliable, but known already or ahead of its turn: neither taken nor acknowledged (section 4).
    OutOfTurn,
}

impl Provisional {
    /// Sorts a response of the fork at this place. Without our offer of 100rel nothing is reliable, whatever it says.
    pub(crate) fn of(leg: &Leg, fork: Option<usize>, response: &Response) -> Self {
        let is_required = response.headers.list(&Name::Require).any(is_100rel);
        let rseq = response.headers.first(&Name::RSeq).and_then(number);
        let dialog = fork.and_then(|fork| leg.dialogs.get(fork));
        let (true, Some(rseq), Some(dialog)) = (is_required, rseq, dialog) else {
            return Self::Plain;
        };
        match (leg.reliable, dialog.rseq) {
            (Reliable::Off, _) => Self::Plain,
            (Reliable::Supported | Reliable::Required, None) => Self::Next { rseq },
            (Reliable::Supported | Reliable::Required, Some(last)) if last.checked_add(1) == Some(rseq) => {
                Self::Next { rseq }
            }
            (Reliable::Supported | Reliable::Required, Some(_)) => Self::OutOfTurn,
        }
    }
}

/// Whether an option tag is that of RFC 3262.
pub(crate) fn is_100rel(option: &str) -> bool {
    option.eq_ignore_ascii_case("100rel")
}

impl UserAgent {
    /// Acknowledges the reliable provisional that the fork at this place sent as an answer to our INVITE.
    pub(super) fn acknowledge_provisional(&mut self, now: Moment, id: LegId, fork: usize, rseq: u32) {
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        let Some(dialog) = leg.dialogs.get_mut(fork) else {
            return;
        };
        dialog.rseq = Some(rseq);
        leg.authentication.begin();
        let rack = format!("{rseq} {} INVITE", leg.cseq);
        self.send_prack(now, id, fork, rack);
    }

    fn send_prack(&mut self, now: Moment, id: LegId, fork: usize, rack: String) {
        let user = User::Prack(id, fork);
        self.send_inside(now, user, (id, fork), &Method::Prack, |_, prack| {
            prack.headers.push(Name::RAck, rack);
        });
    }

    /// What came of a PRACK: only a challenge leaves something to do. The far end that misses it ends the call itself.
    pub(super) fn prack_heard(&mut self, now: Moment, id: LegId, fork: usize, client: ClientId, heard: Heard) {
        let Heard::Response(response) = heard else {
            return;
        };
        let Some((prack, _)) = self.clients.request(client) else {
            return;
        };
        let field = |name| prack.headers.first(name).unwrap_or_default().to_owned();
        let (rack, remote_tag) = (field(&Name::RAck), tag(&field(&Name::To)));
        // A new INVITE made the old early dialogs void.
        let stands = self
            .legs
            .get(&id)
            .and_then(|leg| leg.dialogs.get(fork))
            .is_some_and(|dialog| dialog.remote_tag == remote_tag);
        if stands && self.answers_challenge(id, &response) {
            self.send_prack(now, id, fork, rack);
        }
    }
}
