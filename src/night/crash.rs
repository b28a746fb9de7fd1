//! A crash in the virtual world: the daemon is gone between two happenings, and a new one begins from what was committed.

use std::time::Duration;

use rand_chacha::rand_core::Rng;

use super::network::below;
use super::{Happening, World};
use crate::control::{Control, Input, Order};
use crate::dialer::recover::{Recover, Rules};

/// Whether the daemon lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
    Up,
    Down,
}

impl World {
    /// The daemon is killed `after` this long and begins again `down` later. What the store had not answered may be on
    /// disk or not.
    pub fn crash(&mut self, after: Duration, down: Duration) {
        self.schedule(after, Happening::Killed);
        self.schedule(after + down, Happening::Begins);
    }

    /// Kills the daemon now.
    pub fn crash_now(&mut self, down: Duration) {
        self.killed();
        self.schedule(down, Happening::Begins);
    }

    /// What was begun as an order to start is begun again by the next run.
    pub(super) fn remember(&mut self, order: &Order) {
        if let Order::Start { campaign, .. } = order {
            self.started.insert(campaign.id, order.clone());
        } else if let Order::Stop { campaign, .. } = order {
            self.started.remove(campaign);
        } else if let Order::TakeCalls(_) = order {
            self.takes_calls = Some(order.clone());
        }
    }

    pub(super) fn killed(&mut self) {
        self.life = Life::Down;
        let mut asked = Vec::new();
        // What was on its way inside the daemon is gone with it.
        self.happenings.retain(|_, happening| match happening {
            Happening::Commit(request) => {
                asked.push(request.clone());
                false
            }
            Happening::Fact { .. } | Happening::Unreachable { .. } => false,
            Happening::ToDaemon { .. }
            | Happening::ToTrunk { .. }
            | Happening::Turn { .. }
            | Happening::CallIn { .. }
            | Happening::Trunk(_)
            | Happening::Order(_)
            | Happening::ClockSet(_)
            | Happening::Suspended { .. }
            | Happening::Killed
            | Happening::Begins => true,
        });
        let most = u32::try_from(asked.len()).unwrap_or(u32::MAX);
        let written = below(&mut self.chance, most.saturating_add(1));
        for request in asked.into_iter().take(usize::try_from(written).unwrap_or_default()) {
            self.ledger.answer(request);
        }
        while self.control.poll().is_some() {}
        self.sound.killed();
        self.invariants.killed(self.trunk.up());
    }

    /// By the rules of the campaigns that ran, as the daemon reads them from their files.
    fn recover(&self) -> Recover {
        let named = self.started.iter().filter_map(|(id, order)| {
            let Order::Start { campaign, .. } = order else {
                return None;
            };
            let (retry, schedule) = (campaign.retry.clone(), campaign.schedule.clone());
            Some((*id, Rules { retry, schedule }))
        });
        Recover {
            now: self.wall(),
            rules: named.collect(),
            otherwise: Rules::default(),
        }
    }

    pub(super) fn begins(&mut self) {
        let mut tags = [0; 32];
        self.chance.fill_bytes(&mut tags);
        self.control = Control::new(self.settings.clone(), tags);
        self.life = Life::Up;
        let left = self.ledger.recover(&self.recover());
        self.tell(Input::Order(Order::TakeDown(left)));
        self.drain();
        let started: Vec<Order> = self.started.values().chain(&self.takes_calls).cloned().collect();
        for order in started {
            self.tell(Input::Order(order));
            self.drain();
        }
    }
}
