//! Host names of trunks: looked up when the daemon starts, and again whenever what was found holds no longer.

mod lookup;
mod order;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError};
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use tokio::task::JoinSet;
use tracing::field::display;

pub(super) use lookup::Error;
pub(super) use lookup::{Names, Wanted};

use super::trunks::transport;
use crate::config::{self, Host};
use crate::events;
use crate::ids::TrunkId;
use crate::sip::Target;

/// A trunk has these targets now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Resolved {
    pub(super) trunk: TrunkId,
    pub(super) targets: Vec<Target>,
}

/// How often names are looked up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// Not before so long, however short an answer holds.
    pub(super) least: Duration,
    /// Not later than this, however long it holds.
    pub(super) most: Duration,
    /// After the first failure; twice as long after each further one, up to `longest_retry`.
    pub(super) retry: Duration,
    /// The longest pause between two failures.
    pub(super) longest_retry: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            least: Duration::from_secs(30),
            most: Duration::from_secs(3600),
            retry: Duration::from_secs(5),
            longest_retry: Duration::from_secs(300),
        }
    }
}

/// Where answers are left, and how the control thread learns of them.
#[derive(Clone)]
pub(super) struct Told {
    pub(super) queue: SyncSender<Resolved>,
    pub(super) wake: Arc<dyn Fn() + Send + Sync>,
}

/// The watches over the names of all trunks; dropped, they end.
#[derive(Debug, Default)]
pub(super) struct Resolver {
    /// Held only to end them.
    _watches: JoinSet<()>,
}

/// What has to be looked up for a trunk; nothing where its address is one.
pub(super) fn wanted(trunk: &config::Trunk, local: IpAddr) -> Option<Wanted> {
    let hop = trunk.next_hop();
    match &hop.host {
        Host::Ip(_) => None,
        Host::Name(host) => Some(Wanted {
            host: host.clone(),
            port: hop.port,
            transport: transport(trunk.transport),
            local,
        }),
    }
}

impl Resolver {
    /// Watches over the names of these trunks. `locals` are their signalling addresses; what is found is told.
    pub(super) fn start(
        settings: &config::Settings,
        locals: &[SocketAddr],
        pace: Pace,
        seed: [u8; 32],
        told: &Told,
    ) -> Result<Self, Error> {
        let trunks = (0..).map(TrunkId).zip(settings.trunks.iter().zip(locals));
        let named: Vec<_> = trunks
            .filter_map(|(id, (trunk, local))| Some((id, trunk.name.clone(), wanted(trunk, local.ip())?)))
            .collect();
        let mut watches = JoinSet::new();
        if !named.is_empty() {
            let names = Arc::new(Names::new(settings.sip.nameserver)?);
            let mut chance = ChaCha8Rng::from_seed(seed);
            for (id, name, wanted) in named {
                let watch = Watch {
                    trunk: id,
                    name,
                    wanted,
                    names: Arc::clone(&names),
                    chance: ChaCha8Rng::seed_from_u64(chance.next_u64()),
                    pace,
                    told: told.clone(),
                };
                watches.spawn(watch.run());
            }
        }
        Ok(Self { _watches: watches })
    }
}

/// The watch over one trunk's name.
struct Watch {
    trunk: TrunkId,
    name: String,
    wanted: Wanted,
    names: Arc<Names>,
    chance: ChaCha8Rng,
    pace: Pace,
    told: Told,
}

impl Watch {
    async fn run(mut self) {
        let mut last: Vec<(u16, Target)> = Vec::new();
        let mut failures = 0_u32;
        loop {
            let pace = self.pace;
            let chance = &mut self.chance;
            let found = self.names.look_up(&self.wanted, |most| up_to(chance, most)).await;
            let pause = match found {
                Ok(found) => {
                    if failures > 0 {
                        events::name_resolved_again(self.name.as_str(), self.wanted.host.as_str());
                    }
                    failures = 0;
                    // The same addresses in another order are no news: name servers turn them round, and chance does.
                    if same(&last, &found.targets) {
                        found.ttl.clamp(pace.least, pace.most)
                    } else if self.tell(&found.targets) {
                        let (trunk, host, targets) = (&self.name, &self.wanted.host, shown(&found.targets));
                        events::name_looked_up(trunk.as_str(), host.as_str(), targets);
                        last = found.targets;
                        found.ttl.clamp(pace.least, pace.most)
                    } else {
                        pace.retry
                    }
                }
                Err(error) => {
                    if failures == 0 {
                        let kept = if last.is_empty() {
                            "none yet"
                        } else {
                            "the former ones stay"
                        };
                        events::name_unresolved(self.name.as_str(), display(error), kept);
                    }
                    let doubled = pace.retry.saturating_mul(1 << failures.min(16));
                    failures = failures.saturating_add(1);
                    doubled.min(pace.longest_retry)
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Whether there was room to tell it.
    fn tell(&self, targets: &[(u16, Target)]) -> bool {
        let resolved = Resolved {
            trunk: self.trunk,
            targets: targets.iter().map(|(_, target)| *target).collect(),
        };
        let told = self.told.queue.try_send(resolved);
        (self.told.wake)();
        !matches!(told, Err(TrySendError::Full(_)))
    }
}

/// A number from 0 to `most`, each as likely but for rounding.
pub(super) fn up_to(chance: &mut ChaCha8Rng, most: u32) -> u32 {
    let scaled = u64::from(chance.next_u32()) * (u64::from(most) + 1);
    u32::try_from(scaled >> 32).unwrap_or(most)
}

fn same(one: &[(u16, Target)], other: &[(u16, Target)]) -> bool {
    one.len() == other.len() && one.iter().all(|target| other.contains(target))
}

fn shown(targets: &[(u16, Target)]) -> String {
    let shown: Vec<String> = targets.iter().map(|(_, target)| target.address.to_string()).collect();
    shown.join(" ")
}
