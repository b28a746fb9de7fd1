//! What happens to trunks: asking whether they are there, and telling dialer and people what changed.

use std::time::Duration;

use super::{Change, Control, Output, Retuned, Told, Trouble, TrunkPicture};
use crate::dialer;
use crate::ids::{LegId, TrunkId};
use crate::moment::{Moment, Wall};
use crate::sip::{self, Ending, Event, LocalEnding};

impl Control {
    /// Sends the OPTIONS that are due and carries out what changed.
    pub(super) fn watch_trunks(&mut self, now: Moment, wall: Wall) {
        loop {
            for trunk in self.health.due(now) {
                self.ua
                    .handle(now, sip::Input::Do(sip::Command::Options { trunk, target: None }));
            }
            let changes = self.health.changes(now, wall);
            for (trunk, change) in &changes {
                self.changed(now, wall, *trunk, *change);
            }
            self.settle(now, wall);
            if changes.is_empty() {
                return;
            }
        }
    }

    fn changed(&mut self, now: Moment, wall: Wall, trunk: TrunkId, change: Change) {
        let (input, told) = match change {
            Change::Down(reason) => (
                dialer::Input::TrunkDown { trunk },
                Some(Told::TrunkDown { trunk, reason }),
            ),
            Change::Up(after) => (
                dialer::Input::TrunkUp { trunk },
                after.map(|after| Told::TrunkUp { trunk, after }),
            ),
        };
        self.outputs.extend(told.map(Output::Told));
        self.dialer.handle(now, wall, input);
    }

    /// A trunk's settings have changed while it is in use.
    pub(super) fn retune(&mut self, now: Moment, wall: Wall, retuned: Retuned) {
        let Retuned {
            trunk: id,
            caps,
            causes,
            password,
        } = retuned;
        let Some(trunk) = self.settings.trunks.get_mut(usize::from(id.0)) else {
            return;
        };
        (trunk.caps, trunk.causes) = (caps, causes);
        self.dialer
            .handle(now, wall, dialer::Input::TrunkChanged { trunk: id, caps });
        self.ua.change_password(id, password);
    }

    /// What an event of a call says about its trunk: a word from there proves it up, silence is worth a question.
    pub(super) fn weigh(&mut self, now: Moment, leg: LegId, event: &Event) {
        let Some(live) = self.calls.get(&leg) else { return };
        let trunk = live.who.trunk;
        let ending = match event {
            Event::Failed(ending) | Event::Cancelled(ending) | Event::HungUp(ending) => Some(ending),
            Event::Closed { ending, .. } => Some(ending),
            Event::Trying
            | Event::Progressed { .. }
            | Event::Answered { .. }
            | Event::KeyInfo { .. }
            | Event::Offered { .. }
            | Event::Agreed { .. }
            | Event::ChangeRefused { .. }
            | Event::Redirected { .. }
            | Event::Confirmed => None,
        };
        match ending.and_then(|ending| ending.local) {
            Some(LocalEnding::TimedOut | LocalEnding::Unreachable) => self.health.doubted(now, trunk),
            Some(LocalEnding::CredentialsRefused | LocalEnding::Unusable) | None => self.health.proved(now, trunk),
            // A phone, and no trunk.
            Some(LocalEnding::NotRegistered) => {}
        }
    }

    /// Counts what an INVITE was answered with.
    pub(super) fn count(&mut self, event: &Event) {
        let status = match event {
            Event::Trying => Some(100),
            Event::Progressed { status, .. } => Some(*status),
            Event::Answered { .. } => Some(200),
            Event::Failed(ending) => ending.status,
            Event::KeyInfo { .. }
            | Event::Offered { .. }
            | Event::Agreed { .. }
            | Event::ChangeRefused { .. }
            | Event::Redirected { .. }
            | Event::Confirmed
            | Event::Cancelled(_)
            | Event::HungUp(_)
            | Event::Closed { .. } => None,
        };
        if let Some(status) = status {
            *self.totals.responses.entry(status).or_default() += 1;
        }
    }

    pub(super) fn registered(&mut self, now: Moment, wall: Wall, trunk: TrunkId, result: &Result<Duration, Ending>) {
        self.health.registered(now, trunk, result);
        if let Err(ending) = result {
            let status = ending.status;
            self.alarm(wall, trunk, Trouble::RegistrationRefused { status });
        }
    }

    /// Something about a trunk that `status` keeps showing.
    pub(super) fn alarm(&mut self, wall: Wall, trunk: TrunkId, what: Trouble) {
        self.remembered.entry(trunk).or_default().alarm(wall, what);
    }

    pub(super) fn trunk_resting(&mut self, now: Moment, wall: Wall, trunk: TrunkId, until: Moment) {
        let pause = until.since(now);
        self.remembered.entry(trunk).or_default().resting_until = Some(wall + pause);
        self.outputs
            .push_back(Output::Told(Told::TrunkResting { trunk, until, pause }));
    }

    pub(super) fn trunk_pictures(&self) -> Vec<TrunkPicture> {
        let picture = |(id, trunk): (TrunkId, &super::Trunk)| {
            let (standing, since, reason) = self.health.standing(id);
            let remembered = self.remembered.get(&id);
            TrunkPicture {
                name: trunk.name.clone(),
                standing,
                since,
                reason,
                resting_until: remembered
                    .and_then(|remembered| remembered.resting_until)
                    .filter(|until| *until > self.wall),
                round_trip_us: self
                    .health
                    .round_trip(id)
                    .and_then(|took| u64::try_from(took.as_micros()).ok()),
                calls: self.calls.values().filter(|live| live.who.trunk == id).count(),
                lines: trunk.caps.lines,
                alarms: remembered.map(super::Remembered::alarms).unwrap_or_default(),
            }
        };
        (0..).map(TrunkId).zip(&self.settings.trunks).map(picture).collect()
    }
}
