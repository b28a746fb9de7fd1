//! Whether each trunk is up: OPTIONS at an interval, registrations, and what calls prove.

use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::trunks::{DownReason, Standing};
use super::{Settings, Trunk};
use crate::ids::TrunkId;
use crate::moment::{Moment, Wall};
use crate::sip::{Ending, LocalEnding};

/// So many OPTIONS in a row without an answer mark a trunk down.
const MISSES: u32 = 2;
/// The first OPTIONS of all trunks are spread over this.
const FIRST_WITHIN: Duration = Duration::from_secs(3);
/// OPTIONS has an answer by then, or a timeout (64*T1) from each of several targets; what says nothing has missed.
const UNANSWERED: Duration = Duration::from_secs(120);

/// The watch over all trunks.
#[derive(Debug)]
pub(super) struct Health {
    trunks: Vec<Watched>,
    chance: ChaCha8Rng,
}

/// What is known of one trunk.
#[derive(Debug)]
struct Watched {
    every: Option<Duration>,
    probe: Probe,
    misses: u32,
    last_miss: DownReason,
    /// When something last came from it.
    heard_at: Option<Moment>,
    hears: Hears,
    /// None where it does not register.
    binding: Option<Binding>,
    standing: Standing,
    since: Option<Wall>,
    down_since: Moment,
    reason: Option<DownReason>,
    round_trip: Option<Duration>,
}

/// The next OPTIONS, or the one that is out.
#[derive(Clone, Copy, Debug)]
enum Probe {
    First,
    At(Moment),
    Out(Moment),
}

/// Whether OPTIONS mean anything to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hears {
    NotYet,
    Yes,
    /// It carries calls and never answered one: its silence says nothing.
    CallsOnly,
}

#[derive(Clone, Copy, Debug)]
enum Binding {
    Awaited,
    Holds { until: Moment },
    Refused(DownReason),
}

/// A trunk went down or came up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Down(DownReason),
    /// It had been down for so long; no time if it had only waited for its first registration.
    Up(Option<Duration>),
}

impl Health {
    pub(super) fn new(settings: &Settings, seed: u64) -> Self {
        let registers = settings.sip.trunks.iter().map(|trunk| trunk.register.is_some());
        let watched = |(trunk, registers): (&Trunk, bool)| Watched {
            every: trunk.options,
            probe: Probe::First,
            misses: 0,
            last_miss: DownReason::Silent,
            heard_at: None,
            hears: Hears::NotYet,
            binding: registers.then_some(Binding::Awaited),
            standing: if registers { Standing::Registering } else { Standing::Up },
            since: None,
            down_since: Moment::ZERO,
            reason: None,
            round_trip: None,
        };
        Self {
            trunks: settings.trunks.iter().zip(registers).map(watched).collect(),
            chance: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    /// Trunks that wait for their first registration: nothing may leave over them yet.
    pub(super) fn registering(&self) -> impl Iterator<Item = TrunkId> {
        (0..)
            .map(TrunkId)
            .zip(&self.trunks)
            .filter(|(_, trunk)| trunk.standing == Standing::Registering)
            .map(|(id, _)| id)
    }

    pub(super) fn standing(&self, trunk: TrunkId) -> (Standing, Option<Wall>, Option<DownReason>) {
        self.trunks
            .get(usize::from(trunk.0))
            .map_or((Standing::Up, None, None), |trunk| {
                (trunk.standing, trunk.since, trunk.reason)
            })
    }

    /// How long the last answered OPTIONS took.
    pub(super) fn round_trip(&self, trunk: TrunkId) -> Option<Duration> {
        self.trunks.get(usize::from(trunk.0))?.round_trip
    }

    pub(super) fn deadline(&self) -> Option<Moment> {
        self.trunks.iter().filter_map(Watched::deadline).min()
    }

    /// The trunks whose OPTIONS is due now; from here on it counts as sent.
    pub(super) fn due(&mut self, now: Moment) -> Vec<TrunkId> {
        let mut due = Vec::new();
        for (id, trunk) in (0..).map(TrunkId).zip(&mut self.trunks) {
            let Some(every) = trunk.every else { continue };
            match trunk.probe {
                Probe::First => trunk.probe = Probe::At(now + FIRST_WITHIN.min(every).mul_f64(share(&mut self.chance))),
                Probe::At(at) if at <= now => {
                    trunk.probe = Probe::Out(now);
                    due.push(id);
                }
                Probe::Out(at) if at + UNANSWERED <= now => {
                    trunk.missed(DownReason::Silent, at);
                    trunk.ask_again(now, &mut self.chance);
                }
                Probe::At(_) | Probe::Out(_) => {}
            }
        }
        due
    }

    /// An OPTIONS has come to its end.
    pub(super) fn options_answered(&mut self, now: Moment, trunk: TrunkId, result: &Result<u16, Ending>) {
        let Some(trunk) = self.trunks.get_mut(usize::from(trunk.0)) else {
            return;
        };
        match result {
            Ok(_) => {
                if let Probe::Out(at) = trunk.probe {
                    trunk.round_trip = Some(now.since(at));
                }
                trunk.hears = Hears::Yes;
                trunk.misses = 0;
                trunk.heard_at = Some(now);
            }
            Err(ending) => {
                let asked = match trunk.probe {
                    Probe::Out(at) => at,
                    Probe::First | Probe::At(_) => now,
                };
                let reason = match ending.local {
                    Some(LocalEnding::Unreachable) => DownReason::Unreachable,
                    Some(
                        LocalEnding::TimedOut
                        | LocalEnding::CredentialsRefused
                        | LocalEnding::Unusable
                        | LocalEnding::NotRegistered,
                    )
                    | None => DownReason::Silent,
                };
                trunk.missed(reason, asked);
            }
        }
        trunk.ask_again(now, &mut self.chance);
    }

    /// A message of a call came from the trunk.
    pub(super) fn proved(&mut self, now: Moment, trunk: TrunkId) {
        let Some(trunk) = self.trunks.get_mut(usize::from(trunk.0)) else {
            return;
        };
        if trunk.misses > 0 && trunk.hears == Hears::NotYet {
            trunk.hears = Hears::CallsOnly;
        }
        trunk.misses = 0;
        trunk.heard_at = Some(now);
    }

    /// A call found nobody there: worth an OPTIONS at once.
    pub(super) fn doubted(&mut self, now: Moment, trunk: TrunkId) {
        if let Some(trunk) = self.trunks.get_mut(usize::from(trunk.0))
            && matches!(trunk.probe, Probe::At(_))
        {
            trunk.probe = Probe::At(now);
        }
    }

    pub(super) fn registered(&mut self, now: Moment, trunk: TrunkId, result: &Result<Duration, Ending>) {
        let Some(trunk) = self.trunks.get_mut(usize::from(trunk.0)) else {
            return;
        };
        match (result, trunk.binding) {
            (Ok(Duration::ZERO), _) | (_, None) => {}
            (Ok(expiry), Some(_)) => trunk.binding = Some(Binding::Holds { until: now + *expiry }),
            (Err(ending), Some(binding)) => match (ending.status, binding) {
                (Some(status), _) => {
                    let refused = DownReason::RegistrationRefused { status };
                    trunk.binding = Some(Binding::Refused(refused));
                }
                // Nobody refused: what was granted holds to its end.
                (None, Binding::Holds { until }) if until > now => {}
                (None, _) => trunk.binding = Some(Binding::Refused(DownReason::RegistrationLapsed)),
            },
        }
    }

    /// Nothing is asked any more: the daemon stops.
    pub(super) fn end(&mut self) {
        for trunk in &mut self.trunks {
            trunk.every = None;
            trunk.binding = None;
        }
    }

    /// What changed since this was last asked.
    pub(super) fn changes(&mut self, now: Moment, wall: Wall) -> Vec<(TrunkId, Change)> {
        (0..)
            .map(TrunkId)
            .zip(&mut self.trunks)
            .filter_map(|(id, trunk)| Some((id, trunk.change(now, wall)?)))
            .collect()
    }
}

impl Watched {
    fn deadline(&self) -> Option<Moment> {
        let probe = self.every.map(|_| match self.probe {
            Probe::First => Moment::ZERO,
            Probe::At(at) => at,
            Probe::Out(at) => at + UNANSWERED,
        });
        let binding = match self.binding {
            Some(Binding::Holds { until }) if self.standing == Standing::Up => Some(until),
            Some(Binding::Holds { .. } | Binding::Awaited | Binding::Refused(_)) | None => None,
        };
        probe.into_iter().chain(binding).min()
    }

    fn missed(&mut self, reason: DownReason, asked: Moment) {
        if self.heard_at.is_some_and(|heard| heard >= asked) {
            if self.hears == Hears::NotYet {
                self.hears = Hears::CallsOnly;
            }
            return;
        }
        self.misses = self.misses.saturating_add(1);
        self.last_miss = reason;
    }

    /// Sooner after a first miss than ever else, and never of all trunks at the same time.
    fn ask_again(&mut self, now: Moment, chance: &mut ChaCha8Rng) {
        let every = self.every.unwrap_or(UNANSWERED);
        let pause = if self.misses == 1 { every / 3 } else { every };
        self.probe = Probe::At(now + pause.mul_f64(0.9 + 0.2 * share(chance)));
    }

    fn change(&mut self, now: Moment, wall: Wall) -> Option<Change> {
        let silent = self.misses >= MISSES && self.hears != Hears::CallsOnly;
        let (standing, reason) = match self.binding {
            Some(Binding::Refused(reason)) => (Standing::Down, Some(reason)),
            Some(Binding::Holds { until }) if until <= now => (Standing::Down, Some(DownReason::RegistrationLapsed)),
            Some(Binding::Awaited) => (Standing::Registering, None),
            Some(Binding::Holds { .. }) | None if silent => (Standing::Down, Some(self.last_miss)),
            Some(Binding::Holds { .. }) | None => (Standing::Up, None),
        };
        if standing == self.standing {
            self.reason = reason;
            return None;
        }
        let was_down = self.standing == Standing::Down;
        self.standing = standing;
        self.since = Some(wall);
        self.reason = reason;
        match (standing, reason) {
            (Standing::Down, Some(reason)) => {
                self.down_since = now;
                Some(Change::Down(reason))
            }
            (Standing::Up, _) => Some(Change::Up(was_down.then(|| now.since(self.down_since)))),
            (Standing::Down | Standing::Registering, _) => None,
        }
    }
}

/// Between 0 and 1.
fn share(chance: &mut ChaCha8Rng) -> f64 {
    f64::from(chance.next_u32()) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests;
