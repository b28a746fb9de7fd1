//! OPTIONS that we send, to see whether a trunk is alive (RFC 3261 section 11).

use super::agent::UserAgent;
use super::door::{Ending, Output};
use super::draft::Draft;
use super::header::Name;
use super::message::Method;
use super::transaction::{Heard, User};
use super::uri;
use crate::ids::TrunkId;
use crate::moment::Moment;

impl UserAgent {
    /// Asks the trunk's peer.
    pub(super) fn ask_options(&mut self, now: Moment, trunk_id: TrunkId) {
        let (branch, tag, call_id) = (self.tokens.branch(), self.tokens.tag(), self.tokens.call_id());
        let Some(trunk) = self.trunk(trunk_id) else {
            return;
        };
        let uri = uri::sip("", &trunk.domain);
        let draft = Draft {
            method: &Method::Options,
            uri: &uri,
            from: &format!("<{}>;tag={tag}", trunk.address()),
            to: &format!("<{uri}>"),
            call_id: &call_id,
            cseq: 1,
            routes: &[],
        };
        let mut request = draft.request(trunk.local, &branch);
        request.headers.push(Name::Contact, format!("<{}>", trunk.contact()));
        request.headers.push(Name::Accept, "application/sdp");
        let Some(path) = trunk.path() else {
            return;
        };
        self.clients
            .begin(now, &mut self.out, User::Options(trunk_id), path, branch, request);
    }

    /// Any final response proves the peer alive, a challenge too.
    pub(super) fn options_heard(&mut self, trunk: TrunkId, heard: Heard) {
        let silence = heard.silence();
        let result = match heard {
            Heard::Response(response) if response.status >= 200 => Ok(response.status),
            Heard::Response(_) | Heard::Ended => return,
            Heard::TimedOut | Heard::Unreachable => Err(silence.map(Ending::local).unwrap_or_default()),
        };
        self.out.outputs.push_back(Output::OptionsAnswered { trunk, result });
    }
}
