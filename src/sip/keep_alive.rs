//! Keeping the NAT in front of us open for the requests of a registrar (RFC 5626 section 3.5.1).

use std::time::Duration;

use super::agent::UserAgent;
use super::door::{Timer, Transport};
use super::timing::Owner;
use crate::ids::TrunkId;
use crate::moment::Moment;

/// What keeps a NAT's binding: nobody has to answer it.
const PING: &[u8] = b"\r\n\r\n";
/// The pause between two: NATs may forget after 30 s.
const PAUSES: [Duration; 2] = [Duration::from_secs(25), Duration::from_secs(30)];

impl UserAgent {
    /// The trunk is registered, or the pause is over: plans the next ping.
    pub(super) fn plan_keep_alive(&mut self, now: Moment, trunk: TrunkId) {
        let [least, most] = PAUSES;
        let at = now + self.tokens.between(least, most);
        self.out.timers.set(Owner::Trunk(trunk), Timer::KeepAlive, at);
    }

    /// Keeps the way to the binding's target open, if there is a NAT on it.
    pub(super) fn keep_alive(&mut self, now: Moment, id: TrunkId) {
        let place = self
            .registrations
            .get(&id)
            .and_then(|registration| registration.place());
        let (Some(place), Some(trunk), Some(standing)) = (place, self.trunk(id), self.standing(id)) else {
            return;
        };
        let is_behind_nat = trunk.advertised != trunk.local || standing.seen.is_some();
        let path = place.from(trunk.local);
        if is_behind_nat && path.transport == Transport::Udp {
            self.out.send(path, PING);
        }
        self.plan_keep_alive(now, id);
    }
}
