//! Which of a trunk's targets a request goes to (RFC 3263 section 4.3), and what was learnt of them since the start.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::agent::UserAgent;
use super::authentication::Wallet;
use super::door::{Ending, Neighbour, Output, Path, Target, Transport, Trunk};
use super::header::{Name, Via};
use super::message::Response;
use super::transaction::{Heard, User};
use super::uri::Uri;
use crate::ids::TrunkId;
use crate::moment::Moment;

/// So many targets of a trunk are used.
const LIMIT: usize = 16;
/// So long a target that failed is passed over while others are there.
const REST: Duration = Duration::from_secs(32);
/// So long at most, whatever its Retry-After says.
const LONGEST_REST: Duration = Duration::from_secs(300);

/// How a trunk stands: what was learnt of it since the start.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    /// The targets that failed, and until when they are passed over.
    resting: BTreeMap<Target, Moment>,
    /// Former targets that may still have to say something.
    former: Vec<Target>,
    /// The route that the registrar named (RFC 3608).
    pub(crate) service_route: Vec<String>,
    /// Where our datagrams seem to come from, if not from where we say.
    pub(crate) seen: Option<SocketAddr>,
    pub(crate) wallet: Wallet,
}

/// The way of one request through the targets.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    /// Where it went last; a dialog that comes of it stays there.
    pub(crate) path: Path,
    tried: Vec<Target>,
    /// The first 503, if there was one: told if no other target says anything.
    pub(crate) refused: Option<Ending>,
}

impl Target {
    /// The way to it from this socket of ours.
    pub(crate) const fn from(self, local: SocketAddr) -> Path {
        Path {
            transport: self.transport,
            local,
            peer: self.address,
        }
    }
}

impl Path {
    /// Where it leads.
    pub(crate) const fn target(&self) -> Target {
        Target {
            transport: self.transport,
            address: self.peer,
        }
    }
}

impl Way {
    /// A way that begins with this path.
    pub(crate) fn new(path: Path) -> Self {
        Self {
            path,
            tried: vec![path.target()],
            refused: None,
        }
    }
}

impl Trunk {
    /// Whether one of its targets has this IP address.
    pub(crate) fn is_at(&self, ip: IpAddr) -> bool {
        self.targets.iter().any(|target| target.address.ip() == ip)
    }
}

impl Standing {
    /// The first target that was not tried and does not rest; where all rest, the one whose rest ends first.
    fn choose(&self, trunk: &Trunk, tried: &[Target], now: Moment) -> Option<Target> {
        let untried = trunk.targets.iter().filter(|target| !tried.contains(target));
        // The first of equals, and equal are all whose rest is over.
        let rest = |target: &&Target| self.resting.get(target).copied().filter(|&until| until > now);
        untried.take(LIMIT).min_by_key(rest).copied()
    }

    fn is_resting(&self, target: Target, now: Moment) -> bool {
        self.resting.get(&target).is_some_and(|&until| until > now)
    }
}

impl UserAgent {
    /// The way to the first target of a trunk that can be asked.
    pub(super) fn first_way(&self, now: Moment, id: TrunkId) -> Option<Way> {
        let (trunk, standing) = (self.trunk(id)?, self.standing(id)?);
        let target = standing.choose(trunk, &[], now)?;
        Some(Way::new(target.from(trunk.local)))
    }

    /// The way to this target, if it is one of the trunk's or was, and does not rest.
    pub(super) fn way_to(&self, now: Moment, id: TrunkId, target: Target) -> Option<Way> {
        let (trunk, standing) = (self.trunk(id)?, self.standing(id)?);
        let path = target.from(trunk.local);
        (self.is_known(id, path) && !standing.is_resting(target, now)).then(|| Way::new(path))
    }

    /// Leads the way on to the next target; whether there is one.
    pub(super) fn lead_on(&self, now: Moment, id: TrunkId, way: &mut Way) -> bool {
        let (Some(trunk), Some(standing)) = (self.trunk(id), self.standing(id)) else {
            return false;
        };
        let Some(next) = standing.choose(trunk, &way.tried, now) else {
            return false;
        };
        way.path = next.from(trunk.local);
        way.tried.push(next);
        true
    }

    /// Whether a message that comes this way comes from a trunk: from one of its targets, or a former one that may still
    /// have to say something.
    pub(super) fn is_known(&self, id: TrunkId, path: Path) -> bool {
        let (Some(trunk), Some(standing)) = (self.trunk(id), self.standing(id)) else {
            return false;
        };
        let mut former = standing.former.iter();
        trunk.local == path.local
            && (trunk.is_at(path.peer.ip()) || former.any(|target| target.address.ip() == path.peer.ip()))
    }

    /// The trunk that sits at the other end; where several share its IP address, the port tells.
    pub(super) fn trunk_at(&self, path: Path) -> Option<TrunkId> {
        let trunks = || (0..).map(TrunkId).zip(&self.settings.trunks);
        let exact = trunks().find(|(_, trunk)| {
            let mut targets = trunk.targets.iter();
            trunk.local == path.local && targets.any(|target| target.address == path.peer)
        });
        let known = || trunks().find(|&(id, _)| self.is_known(id, path));
        exact.or_else(known).map(|(id, _)| id)
    }

    pub(super) fn standing(&self, id: TrunkId) -> Option<&Standing> {
        self.standings.get(usize::from(id.0))
    }

    /// The name of a trunk has other addresses. The former ones are heard until they are replaced once more, and as long
    /// as a call or the registration stands there.
    pub(super) fn resolved(&mut self, now: Moment, id: TrunkId, mut targets: Vec<Target>) {
        targets.truncate(LIMIT);
        let place = usize::from(id.0);
        let (Some(trunk), Some(standing)) = (self.settings.trunks.get_mut(place), self.standings.get_mut(place)) else {
            return;
        };
        if targets.is_empty() || trunk.targets == targets {
            return;
        }
        let last = std::mem::replace(&mut trunk.targets, targets);
        let legs = self.legs.values();
        let legs = legs.filter(|leg| leg.neighbour == Neighbour::Trunk(id));
        let mut used: Vec<Target> = legs.map(|leg| leg.way.path.target()).collect();
        used.extend(
            self.registrations
                .get(&id)
                .and_then(|registration| registration.place()),
        );
        standing.former.retain(|target| used.contains(target));
        standing.former.extend(last);
        standing.former.retain(|target| !trunk.targets.contains(target));
        standing.former.sort_unstable();
        standing.former.dedup();
        let (current, former) = (&trunk.targets, &standing.former);
        standing
            .resting
            .retain(|target, _| current.contains(target) || former.contains(target));
        self.registrar_moved(now, id);
    }

    /// A call of an earlier run stands at this target: it may still have to say something.
    pub(super) fn hear_again(&mut self, id: TrunkId, target: Target) {
        let place = usize::from(id.0);
        let (Some(trunk), Some(standing)) = (self.settings.trunks.get(place), self.standings.get_mut(place)) else {
            return;
        };
        if !trunk.targets.contains(&target) && !standing.former.contains(&target) {
            standing.former.push(target);
        }
    }

    /// Takes note of who answers and who does not.
    pub(super) fn note_health(&mut self, now: Moment, user: User, path: Path, heard: &Heard) {
        let trunk = match user {
            User::Invite(leg) => self.legs.get(&leg).and_then(|leg| leg.neighbour.trunk()),
            User::Register(trunk) | User::Options(trunk) => Some(trunk),
            // What came of these says more of the call than of the trunk.
            User::Cancel | User::CancelLeft(..) | User::Bye(..) | User::Prack(..) | User::Refresh(..) => None,
            User::Phone(_) => None,
        };
        let Some(standing) = trunk.and_then(|trunk| self.standings.get_mut(usize::from(trunk.0))) else {
            return;
        };
        let rest = match heard {
            Heard::Response(response) if response.status == 503 => {
                let told = Ending::response(response).retry_after.unwrap_or_default();
                Duration::from_secs(told.into()).min(LONGEST_REST).max(REST)
            }
            Heard::Response(_) => {
                standing.resting.remove(&path.target());
                return;
            }
            Heard::TimedOut | Heard::Unreachable => REST,
            Heard::Ended => return,
        };
        standing.resting.insert(path.target(), now + rest);
    }

    /// Takes note of where a response says that our request came from; over TCP the port is that of the connection and
    /// says nothing.
    pub(super) fn note_seen(&mut self, path: Path, response: &Response) {
        let via = response.headers.list(&Name::Via).next().and_then(Via::read);
        let (Some(via), Some(id)) = (via, self.trunk_at(path)) else {
            return;
        };
        let place = usize::from(id.0);
        let (Some(trunk), Some(standing)) = (self.settings.trunks.get(place), self.standings.get_mut(place)) else {
            return;
        };
        let (host, port) = (via.received(), via.rport());
        let mut address = trunk.advertised;
        address.set_ip(host.unwrap_or(address.ip()));
        if path.transport == Transport::Udp {
            address.set_port(port.unwrap_or(address.port()));
        }
        let is_news = standing.seen.unwrap_or(trunk.advertised) != address;
        standing.seen = (address != trunk.advertised).then_some(address);
        if is_news && address != trunk.advertised {
            self.out.outputs.push_back(Output::Seen { trunk: id, address });
        }
    }

    /// The Route of a request outside a dialog: the registrar's, else the outbound proxy.
    pub(super) fn preloaded_route(&self, id: TrunkId) -> Vec<String> {
        match self.standing(id) {
            Some(standing) if !standing.service_route.is_empty() => standing.service_route.clone(),
            Some(_) | None => self.trunk(id).and_then(Trunk::proxy).into_iter().collect(),
        }
    }
}

impl Trunk {
    /// The outbound proxy as a Route: loose, because it shall forward what it is sent.
    pub(crate) fn proxy(&self) -> Option<String> {
        let proxy = self.outbound_proxy.as_ref()?.trim();
        let proxy = proxy.trim_start_matches('<').trim_end_matches('>');
        let uri = if Uri::read(proxy).is_ok() {
            proxy.to_owned()
        } else {
            format!("sip:{proxy}")
        };
        let is_loose = Uri::read(&uri).ok()?.is_loose();
        Some(if is_loose { uri } else { format!("{uri};lr") })
    }
}
