//! OPTIONS that we send, to see whether a trunk is alive (RFC 3261 section 11).

use std::time::Duration;

use super::agent::UserAgent;
use super::door::{Ending, LocalEnding, Output, Target};
use super::draft::Draft;
use super::header::Name;
use super::message::Method;
use super::targets::Way;
use super::timing::ClientId;
use super::transaction::{Heard, User};
use super::uri;
use crate::ids::TrunkId;
use crate::moment::Moment;

/// An OPTIONS that is out.
#[derive(Clone, Debug)]
pub(crate) struct Probe {
    trunk: TrunkId,
    way: Way,
    meant: Meant,
}

/// Whom it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meant {
    /// Whichever target answers.
    Trunk,
    /// This target.
    Target,
}

impl UserAgent {
    /// Asks one target, or the trunk's targets in turn until one answers.
    pub(super) fn ask_options(&mut self, now: Moment, trunk: TrunkId, target: Option<Target>) {
        let Some(known) = self.trunk(trunk) else {
            return;
        };
        let (way, meant) = match target {
            Some(target) => {
                let own = known.targets.contains(&target);
                (own.then(|| Way::new(target.from(known.local))), Meant::Target)
            }
            None => (self.first_way(now, trunk), Meant::Trunk),
        };
        if let Some(way) = way {
            return self.send_options(now, Probe { trunk, way, meant });
        }
        self.out.outputs.push_back(Output::OptionsAnswered {
            trunk,
            target,
            round_trip: None,
            result: Err(Ending::local(LocalEnding::Unreachable)),
        });
    }

    fn send_options(&mut self, now: Moment, probe: Probe) {
        let (branch, tag, call_id) = (self.tokens.branch(), self.tokens.tag(), self.tokens.call_id());
        let routes = self.preloaded_route(probe.trunk);
        let Some(trunk) = self.trunk(probe.trunk) else {
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
            routes: &routes,
        };
        let path = probe.way.path;
        let mut request = draft.request(trunk, path.transport, &branch);
        let contact = trunk.contact(path.transport);
        request.headers.push(Name::Contact, format!("<{contact}>"));
        request.headers.push(Name::Accept, "application/sdp");
        let user = User::Options(probe.trunk);
        let id = self.clients.begin(now, &mut self.out, user, path, branch, request);
        self.probes.insert(id, probe);
    }

    /// Any final response proves the peer alive, a challenge too; a 503 says that it cannot serve.
    pub(super) fn options_heard(&mut self, now: Moment, id: ClientId, elapsed: Duration, heard: Heard) {
        let silence = heard.silence();
        let (round_trip, result) = match heard {
            Heard::Response(response) if response.status >= 200 => (Some(elapsed), Ok(response.status)),
            Heard::Response(_) => return,
            Heard::TimedOut | Heard::Unreachable => (None, Err(silence.map(Ending::local).unwrap_or_default())),
            Heard::Ended => (None, Err(Ending::default())),
        };
        let Some(mut probe) = self.probes.remove(&id) else {
            return;
        };
        let (trunk, target) = (probe.trunk, Some(probe.way.path.target()));
        let is_useless = !matches!(result, Ok(status) if status != 503);
        if is_useless && probe.meant == Meant::Trunk && self.lead_on(now, trunk, &mut probe.way) {
            return self.send_options(now, probe);
        }
        self.out.outputs.push_back(Output::OptionsAnswered {
            trunk,
            target,
            round_trip,
            result,
        });
    }
}
