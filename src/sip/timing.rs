//! The timers: their lengths (RFC 3261 table 4, RFC 6026) and the one queue that they all stand in.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::door::{Timer, Transport};
use crate::ids::{LegId, TrunkId};
use crate::moment::Moment;

/// Estimate of the round trip.
pub(crate) const T1: Duration = Duration::from_millis(500);
/// The longest pause between two copies of a request other than INVITE, or of a final response.
pub(crate) const T2: Duration = Duration::from_secs(4);
/// How long a message may live in the network.
pub(crate) const T4: Duration = Duration::from_secs(5);
/// 64*T1: when a transaction gives up.
pub(crate) const GIVE_UP: Duration = Duration::from_secs(32);

/// How long a timer runs when it is started (RFC 3261 table 4, for UDP).
pub(crate) const fn length(timer: Timer) -> Duration {
    match timer {
        Timer::A | Timer::E | Timer::G => T1,
        Timer::B | Timer::D | Timer::F | Timer::H | Timer::J | Timer::L | Timer::M | Timer::Cancel => GIVE_UP,
        Timer::I | Timer::K => T4,
        // Before the far end says its 200 again.
        Timer::Acknowledge => Duration::from_millis(400),
        // The first pause after a failure; the registration reckons the others.
        Timer::Refresh | Timer::KeepAlive => Duration::from_secs(30),
        // Reckoned from the bindings.
        Timer::Phones => Duration::from_secs(30),
        // Reckoned from what both sides agreed on; the shortest that is ever agreed on.
        Timer::SessionRefresh | Timer::SessionExpiry => Duration::from_secs(90),
    }
}

/// How long a timer of a transaction runs, if it does: a stream needs no copies, and nothing is waited for after the
/// end, because nothing is still on its way (RFC 3261 table 4).
pub(crate) const fn over(transport: Transport, timer: Timer) -> Option<Duration> {
    match (transport, timer) {
        (Transport::Tcp, Timer::A | Timer::E | Timer::G) => None,
        (Transport::Tcp, Timer::D | Timer::I | Timer::J | Timer::K) => Some(Duration::ZERO),
        (Transport::Tcp | Transport::Udp, _) => Some(length(timer)),
    }
}

/// Whose timer it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Owner {
    Client(ClientId),
    Server(ServerId),
    Leg(LegId),
    Trunk(TrunkId),
    Phones,
}

/// A client transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ClientId(pub(crate) u64);

/// A server transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ServerId(pub(crate) u64);

/// All timers that run, by time; one of each letter and owner.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    queue: BTreeSet<(Moment, Timer, Owner)>,
    running: BTreeMap<(Owner, Timer), Moment>,
}

impl Timers {
    /// Starts the timer, or moves it.
    pub(crate) fn set(&mut self, owner: Owner, timer: Timer, at: Moment) {
        self.cancel(owner, timer);
        self.queue.insert((at, timer, owner));
        self.running.insert((owner, timer), at);
    }

    /// Stops the timer if it runs.
    pub(crate) fn cancel(&mut self, owner: Owner, timer: Timer) {
        if let Some(at) = self.running.remove(&(owner, timer)) {
            self.queue.remove(&(at, timer, owner));
        }
    }

    /// Stops all timers of the owner.
    pub(crate) fn cancel_all(&mut self, owner: Owner) {
        let timers: Vec<Timer> = self
            .running
            .range((owner, Timer::A)..)
            .map(|(&(whose, timer), _)| (whose, timer))
            .take_while(|&(whose, _)| whose == owner)
            .map(|(_, timer)| timer)
            .collect();
        for timer in timers {
            self.cancel(owner, timer);
        }
    }

    /// The earliest timer that runs.
    pub(crate) fn first(&self) -> Option<(Moment, Timer)> {
        self.queue.first().map(|&(at, timer, _)| (at, timer))
    }

    /// Takes out the earliest timer if its time has come.
    pub(crate) fn take_due(&mut self, now: Moment) -> Option<(Owner, Timer)> {
        let &(at, timer, owner) = self.queue.first()?;
        if at > now {
            return None;
        }
        self.cancel(owner, timer);
        Some((owner, timer))
    }

    /// Whether nothing runs.
    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty() && self.running.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moved_timer_fires_once_and_only_when_due() {
        let mut timers = Timers::default();
        let leg = Owner::Leg(LegId(1));
        timers.set(leg, Timer::Cancel, Moment::ZERO + T1);
        timers.set(leg, Timer::Cancel, Moment::ZERO + T2);
        assert_eq!(timers.take_due(Moment::ZERO + T1), None);
        assert_eq!(timers.take_due(Moment::ZERO + T4), Some((leg, Timer::Cancel)));
        assert!(timers.is_empty());
    }

    #[test]
    fn stopping_one_owner_leaves_the_others_running() {
        let mut timers = Timers::default();
        let (one, two) = (Owner::Client(ClientId(1)), Owner::Client(ClientId(2)));
        for timer in [Timer::A, Timer::B, Timer::Refresh] {
            timers.set(one, timer, Moment::ZERO + T1);
            timers.set(two, timer, Moment::ZERO + T2);
        }
        timers.cancel_all(one);
        assert_eq!(timers.first(), Some((Moment::ZERO + T2, Timer::A)));
    }
}
