//! When to wake the dialer, and for what.

use std::time::Duration;

use super::advance::dial_at;
use super::run::{Run, State, UNANSWERED};
use super::{Dialer, Timer};
use crate::calendar::Hours;
use crate::moment::{Moment, Wall};

/// The wall clock is looked at this often, in case somebody moves it.
const LOOK: Duration = Duration::from_secs(30);

impl Dialer {
    /// The next moment at which there is something to do without any input: call `handle` with `Wake` then. Windows and
    /// leases are in civil time; their moments hold as long as nobody moves the wall clock, so it is looked at every
    /// 30 s.
    pub fn deadline(&self) -> Option<(Moment, Timer)> {
        self.runs.values().flat_map(|run| self.deadlines(run)).flatten().min()
    }

    fn deadlines(&self, run: &Run) -> [Option<(Moment, Timer)>; 7] {
        let id = run.campaign.id;
        let dials = run.ready.iter().filter_map(|ready| {
            let trunk = self.trunks.get(&ready.trunk)?;
            Some(dial_at(run, ready, trunk))
        });
        let dial = dials.min();
        let beginning = run.beginning.values().map(|beginning| beginning.since).min();
        let begin = self.begin_at(id);
        let claim = self.claim_at(id).filter(|_| self.wanted(id) > 0);
        let lease = run.queue.iter().map(|claimed| run.expires(claimed)).min();
        let waits = run.state == State::Running || !run.ready.is_empty();
        let window = run.gate_turns(self.wall).filter(|_| waits);
        let looks = waits && (run.campaign.schedule.hours == Hours::Windows || !run.queue.is_empty());
        [
            dial.map(|at| (at, Timer::Dial)),
            begin.map(|at| (at, Timer::Begin)),
            claim.map(|at| (at, Timer::Claim)),
            lease.map(|wall| (self.moment_of(wall), Timer::Lease)),
            window.map(|wall| (self.moment_of(wall), Timer::Window)),
            beginning.map(|since| (since + UNANSWERED, Timer::Unanswered)),
            looks.then(|| (self.now + LOOK, Timer::Clock)),
        ]
    }

    fn moment_of(&self, wall: Wall) -> Moment {
        self.now + wall.since(self.wall)
    }
}
