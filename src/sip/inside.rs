//! A request of ours inside a dialog: BYE, PRACK, UPDATE and re-INVITE leave the same way and answer challenges alike.

use super::agent::UserAgent;
use super::door::Path;
use super::header::{CSeq, Name};
use super::message::{Method, Request};
use super::timing::ClientId;
use super::transaction::User;
use crate::ids::LegId;
use crate::moment::Moment;

impl UserAgent {
    /// Sends a request in the dialog of the fork at this place, signed for whoever has challenged so far. `add` is told
    /// our contact and gives the request the fields and the body of its own.
    pub(super) fn send_inside(
        &mut self,
        now: Moment,
        user: User,
        (id, fork): (LegId, usize),
        method: &Method,
        add: impl FnOnce(&str, &mut Request),
    ) -> Option<ClientId> {
        let leg = self.legs.get_mut(&id)?;
        let trunk = self.settings.line(leg.neighbour)?;
        let dialog = leg.dialogs.get_mut(fork)?;
        let branch = self.tokens.branch();
        let mut request = dialog.request(method, &leg.from, &leg.call_id, trunk, &branch);
        let path = dialog.path(leg.neighbour, trunk);
        add(&trunk.contact(path.transport), &mut request);
        self.sign(id, &mut request);
        let client = self.clients.begin(now, &mut self.out, user, path, branch, request);
        Some(client)
    }

    /// The ACK to a 2xx, as it is sent for every copy of the 2xx: with the number and the credentials of its INVITE.
    pub(super) fn ack_to_2xx(&mut self, id: LegId, fork: usize, invite: &Request) -> Option<(Path, Vec<u8>)> {
        let leg = self.legs.get(&id)?;
        let trunk = self.settings.line(leg.neighbour)?;
        let dialog = leg.dialogs.get(fork)?;
        let cseq = CSeq::read(invite.headers.first(&Name::CSeq)?)?.number;
        let branch = self.tokens.branch();
        let mut ack = dialog.acknowledge(cseq, &leg.from, &leg.call_id, trunk, &branch);
        for name in [Name::Authorization, Name::ProxyAuthorization] {
            for credentials in invite.headers.all(&name) {
                ack.headers.push(name.clone(), credentials);
            }
        }
        Some((dialog.path(leg.neighbour, trunk), ack.print()))
    }
}
