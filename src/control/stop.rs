//! Stopping: a campaign, or the whole daemon, in steps from the gentlest to the last.

use super::{Control, Output, ShutDown, Told};
use crate::ids::{CampaignId, LegId, TrunkId};
use crate::moment::{Moment, Wall};
use crate::outcome::OurReason;
use crate::{call, dialer, sip};

/// How far the daemon's own end is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stopping {
    /// It runs.
    No,
    /// It dials nothing more; its calls end as this says.
    To(ShutDown),
    /// [`Told::Drained`] was said.
    Told,
}

impl Control {
    pub(super) fn stop(&mut self, now: Moment, wall: Wall, campaign: CampaignId, how: dialer::HowStop) {
        // One that has no call left is forgotten already, and stopped all the same.
        if self.campaigns.contains_key(&campaign) {
            let stopped = dialer::Input::CampaignStopped { campaign, how };
            self.dialer.handle(now, wall, stopped);
        }
    }

    pub(super) fn shut_down(&mut self, now: Moment, wall: Wall, how: ShutDown) {
        let before = self.shutting_down;
        if before >= Stopping::To(how) {
            return;
        }
        self.shutting_down = Stopping::To(how);
        self.stop_taking(now);
        if before == Stopping::No {
            let campaigns: Vec<CampaignId> = self.campaigns.keys().copied().collect();
            for campaign in campaigns {
                self.stop(now, wall, campaign, dialer::HowStop::Drain);
            }
        }
        let ended = match how {
            ShutDown::Drain => return,
            ShutDown::SayGoodbye => call::Input::Dismiss(OurReason::Stopped),
            ShutDown::AtOnce => call::Input::HangUp(OurReason::Stopped),
        };
        let legs: Vec<LegId> = self.calls.keys().copied().collect();
        for leg in legs {
            self.call(now, wall, leg, ended.clone());
        }
        self.stop_sides(now, wall);
        if before < Stopping::To(ShutDown::SayGoodbye) {
            self.leave_trunks(now);
        }
    }

    /// Says that all is over, once.
    pub(super) fn end_if_drained(&mut self, now: Moment, wall: Wall) {
        // A campaign stays until its last attempt, also one that is being written down, is over.
        let idle =
            self.calls.is_empty() && self.asked.is_empty() && self.campaigns.is_empty() && self.inbound.is_idle();
        let Stopping::To(how) = self.shutting_down else { return };
        if !idle || !self.unwritten.is_empty() || !self.desk.is_idle() {
            return;
        }
        self.shutting_down = Stopping::Told;
        if how == ShutDown::Drain {
            self.leave_trunks(now);
            self.carry(now, wall);
        }
        self.outputs.push_back(Output::Told(Told::Drained));
    }

    /// Asks the trunks nothing more and takes our registrations back; the answers are not waited for.
    fn leave_trunks(&mut self, now: Moment) {
        self.health.end();
        for (trunk, settings) in (0..).map(TrunkId).zip(&self.settings.sip.trunks) {
            if settings.register.is_some() {
                self.ua.handle(now, sip::Input::Do(sip::Command::Unregister { trunk }));
            }
        }
    }
}
