//! Who hears whom among the legs of a worker, and what one says carried to the others.

use super::line::{Due, Line};
use super::worker::{READ_EVERY, Worker};
use crate::ids::LegId;
use crate::media::Fact;
use crate::media::bridge::Shared;
use crate::media::leg::Shares;
use crate::moment::Moment;

/// Legs that may listen in on one leg.
const LISTENERS_MAX: usize = 3;

/// Whom a leg hears, and who hears it, as places of the worker.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ties {
    hears: Option<Hears>,
    /// The other one of its bridge, then those who listen in.
    heard_by: [Option<usize>; 1 + LISTENERS_MAX],
}

#[derive(Clone, Copy, Debug)]
struct Hears {
    speaker: usize,
    /// What the leg wants of the speaker.
    wants: Shares,
}

impl Worker {
    /// Lets two legs hear each other.
    pub(super) fn bridge(&mut self, place: usize, with: LegId) {
        let other = self.places.get(&with).copied();
        let Some(other) = other.filter(|other| *other != place) else {
            return self.fail_bridge(place, with);
        };
        for place in [place, other] {
            self.unbridge(place);
            self.empty(place);
        }
        self.tie(place, other, Shares::Said);
        self.tie(other, place, Shares::Said);
    }

    /// Lets a leg hear both sides of another.
    pub(super) fn listen_in(&mut self, place: usize, on: LegId) {
        self.unbridge(place);
        let other = self.places.get(&on).copied().filter(|other| *other != place);
        let Some(other) = other.filter(|other| self.ties(*other).free(Shares::Both).is_some()) else {
            return self.fail_bridge(place, on);
        };
        self.empty(other);
        self.tie(place, other, Shares::Both);
    }

    /// Ends what a leg hears, and if that is a bridge, what the other one hears too.
    pub(super) fn unbridge(&mut self, place: usize) {
        let Some(Hears { speaker, wants }) = self.ties(place).hears else {
            return;
        };
        self.untie(place, speaker);
        match wants {
            Shares::Said => self.untie(speaker, place),
            Shares::Both | Shares::Nothing => {}
        }
    }

    /// Nobody hears a leg any more, and it hears nobody.
    pub(super) fn part(&mut self, place: usize) {
        self.unbridge(place);
        for listener in self.ties(place).heard_by.into_iter().flatten() {
            self.untie(listener, place);
        }
    }

    /// Before a leg that is due fills its frame: reads what came to whom it hears.
    pub(super) fn read_speaker(&mut self, place: usize, now: Moment) {
        let Some(line) = self.line(place) else { return };
        let (Due::At(at), Some(Hears { speaker, .. })) = (line.due, line.ties.hears) else {
            return;
        };
        if at <= now {
            self.empty(speaker);
            self.pass_on(speaker);
        }
    }

    /// Carries what a leg kept for others to those who hear it.
    pub(super) fn pass_on(&mut self, place: usize) {
        let listeners = self.ties(place).heard_by;
        if listeners.iter().all(Option::is_none) {
            return;
        }
        let mut shared = std::mem::take(&mut self.shared);
        if let Some(line) = self.line(place) {
            line.leg.swap_shared(&mut shared);
        }
        for listener in listeners.into_iter().flatten() {
            self.alone(listener, |worker| worker.hear(listener, &shared));
        }
        shared.clear();
        self.shared = shared;
    }

    fn hear(&mut self, place: usize, shared: &Shared) {
        let Some(line) = self.line(place) else { return };
        for (side, piece) in shared.pieces() {
            line.leg.hear(side, piece);
        }
    }

    /// Reads what came to a leg so far, and passes on what it tells.
    fn empty(&mut self, place: usize) {
        let read_at = self.now() + READ_EVERY;
        if let Some(line) = self.line(place) {
            line.read_at = read_at;
        }
        self.alone(place, |worker| {
            worker.read(place);
            worker.settle(place);
        });
    }

    fn tie(&mut self, listener: usize, speaker: usize, wants: Shares) {
        // What breaks while it is read is gone, and another leg gets its place.
        if self.line(listener).is_none() || self.line(speaker).is_none() {
            return;
        }
        if let Some(line) = self.line(listener) {
            line.ties.hears = Some(Hears { speaker, wants });
            match wants {
                Shares::Said => line.leg.bridge(),
                Shares::Both => line.leg.listen_in(),
                Shares::Nothing => {}
            }
        }
        if let Some(free) = self.line(speaker).and_then(|line| line.ties.free(wants)) {
            *free = Some(listener);
        }
        self.share(speaker);
    }

    fn untie(&mut self, listener: usize, speaker: usize) {
        if let Some(line) = self.line(listener) {
            line.ties.hears = None;
            line.leg.unbridge();
        }
        if let Some(line) = self.line(speaker) {
            for taken in line.ties.heard_by.iter_mut().filter(|by| **by == Some(listener)) {
                *taken = None;
            }
        }
        self.share(speaker);
    }

    /// Has a leg keep what those want who hear it.
    fn share(&mut self, place: usize) {
        let mut shares = Shares::Nothing;
        for listener in self.ties(place).heard_by.into_iter().flatten() {
            shares = match (shares, self.ties(listener).hears.map(|hears| hears.wants)) {
                (Shares::Both, _) | (_, Some(Shares::Both)) => Shares::Both,
                (Shares::Said, _) | (_, Some(Shares::Said)) => Shares::Said,
                (Shares::Nothing, Some(Shares::Nothing) | None) => Shares::Nothing,
            };
        }
        if let Some(line) = self.line(place) {
            line.leg.share(shares);
        }
    }

    fn fail_bridge(&mut self, place: usize, with: LegId) {
        if let Some(id) = self.line(place).map(|line| line.id) {
            self.parts.outlet.tell(id, Fact::BridgeFailed { with });
        }
    }

    fn ties(&mut self, place: usize) -> Ties {
        self.line(place).map(|line| line.ties).unwrap_or_default()
    }

    fn line(&mut self, place: usize) -> Option<&mut Line> {
        self.lines.get_mut(place).and_then(Option::as_mut)
    }
}

impl Ties {
    /// The place of one more listener.
    fn free(&mut self, wants: Shares) -> Option<&mut Option<usize>> {
        let [other, listeners @ ..] = &mut self.heard_by;
        match wants {
            Shares::Said => Some(other),
            Shares::Both | Shares::Nothing => listeners.iter_mut().find(|by| by.is_none()),
        }
    }
}
