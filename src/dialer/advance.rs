//! Everything that can be done now: give back, dial, begin, claim, in this order.

use std::cmp::Reverse;
use std::collections::VecDeque;

use super::run::{AHEAD, HOLD, Idle, Ready, Run, State};
use super::trunk::Trunk;
use super::{Begin, Claim, Dial, Dialer, Output, Release, TooLate};
use crate::ids::{CampaignId, TrunkId};
use crate::moment::Moment;

impl Dialer {
    pub(super) fn advance(&mut self) {
        for run in self.runs.values_mut() {
            run.refresh_gate(self.wall);
        }
        self.give_back();
        for campaign in self.turns() {
            self.dial(campaign);
        }
        while self.turns().into_iter().any(|campaign| self.begin(campaign)) {}
        for campaign in self.turns() {
            self.claim(campaign);
        }
        self.forget_stopped();
    }

    /// The campaigns in the order of their turns: by priority, among equals the one that waits longest.
    fn turns(&self) -> Vec<CampaignId> {
        let mut turns: Vec<_> = self.runs.values().collect();
        turns.sort_by_key(|run| (Reverse(run.campaign.priority), run.last_begun, run.campaign.id));
        turns.into_iter().map(|run| run.campaign.id).collect()
    }

    /// Releases claims that nobody will begin in time.
    fn give_back(&mut self) {
        for run in self.runs.values_mut() {
            let takes_cases = run.takes_cases(self.wall);
            for claimed in std::mem::take(&mut run.queue) {
                if takes_cases && run.expires(&claimed) > self.wall {
                    run.queue.push_back(claimed);
                } else {
                    self.outputs.push_back(Output::Release(Release { case: claimed.case }));
                }
            }
        }
    }

    /// Dials the attempts that are on disk, as the pace allows, or abandons them.
    fn dial(&mut self, campaign: CampaignId) {
        let Some(run) = self.runs.get_mut(&campaign) else {
            return;
        };
        let Some(trunk) = self.trunks.get_mut(&run.campaign.trunk) else {
            return;
        };
        while let Some(ready) = run.ready.pop_front() {
            let too_late = if run.state == State::Stopping {
                Some(TooLate::CampaignStopped)
            } else if !run.is_open(self.wall) {
                Some(TooLate::WindowClosed)
            } else if trunk.rests_until > ready.since + HOLD {
                Some(TooLate::TrunkResting)
            } else {
                None
            };
            if let Some(reason) = too_late {
                let Ready { attempt, claimed, .. } = ready;
                let case = claimed.case;
                self.outputs.push_back(Output::Abandon { attempt, case, reason });
                continue;
            }
            if dial_at(run, trunk) > self.now {
                run.ready.push_front(ready);
                return;
            }
            run.dial_at = self.now + run.campaign.pace.interval();
            trunk.dial_at = self.now + trunk.caps.pace.interval();
            run.calls.insert(ready.attempt, ready.claimed.case);
            self.outputs.push_back(Output::Dial(Dial {
                campaign,
                attempt: ready.attempt,
                claimed: ready.claimed,
                trunk: run.campaign.trunk,
                ring: run.campaign.ring,
                dialplan: run.campaign.dialplan.clone(),
            }));
        }
    }

    /// Has one attempt of the campaign written down, if it is its turn; says whether it did.
    fn begin(&mut self, campaign: CampaignId) -> bool {
        if self.begin_at(campaign).is_none_or(|at| at > self.now) {
            return false;
        }
        let Some(run) = self.runs.get_mut(&campaign) else {
            return false;
        };
        let Some(trunk) = self.trunks.get_mut(&run.campaign.trunk) else {
            return false;
        };
        let Some(claimed) = run.queue.pop_front() else {
            return false;
        };
        run.begin_at = self.now + run.campaign.pace.interval();
        trunk.begin_at = self.now + trunk.caps.pace.interval();
        run.last_begun = self.now;
        run.idle = Idle::Untold;
        self.outputs.push_back(Output::Begin(Begin {
            case: claimed.case,
            number_id: claimed.number_id,
            trunk: run.campaign.trunk_name.clone(),
            at: self.wall,
            dialplan: run.campaign.dialplan.clone(),
        }));
        run.beginning.insert(claimed.case, claimed);
        true
    }

    /// Asks the store for as many cases as can be dialed in the time ahead.
    fn claim(&mut self, campaign: CampaignId) {
        let limit = self.wanted(campaign);
        if limit == 0 || self.claim_at(campaign).is_none_or(|at| at > self.now) {
            return;
        }
        let Some(run) = self.runs.get_mut(&campaign) else {
            return;
        };
        run.asked();
        self.outputs.push_back(Output::Claim(Claim {
            campaign,
            now: self.wall,
            limit,
            lease: run.campaign.lease,
            budget: run.campaign.retry.budget,
        }));
    }

    fn forget_stopped(&mut self) {
        let is_over = |run: &Run| run.state == State::Stopping && run.is_empty();
        let over: VecDeque<_> = self
            .runs
            .values()
            .filter(|run| is_over(run))
            .map(|run| run.campaign.id)
            .collect();
        for campaign in over {
            self.runs.remove(&campaign);
            self.outputs.push_back(Output::Stopped { campaign });
        }
    }

    /// When the next attempt of a campaign may be begun: none while there is no case, no line or no window.
    pub(super) fn begin_at(&self, campaign: CampaignId) -> Option<Moment> {
        let run = self.runs.get(&campaign)?;
        let trunk = self.trunks.get(&run.campaign.trunk)?;
        let may = run.takes_cases(self.wall)
            && !run.queue.is_empty()
            && run.has_free_line()
            && self.lines_of(run.campaign.trunk) < usize::from(trunk.caps.lines);
        may.then(|| pace_at(run, trunk))
    }

    /// When a campaign may ask for cases: none while an answer is on its way or the window is closed.
    pub(super) fn claim_at(&self, campaign: CampaignId) -> Option<Moment> {
        let run = self.runs.get(&campaign)?;
        let trunk = self.trunks.get(&run.campaign.trunk)?;
        let ahead = u64::try_from(AHEAD.as_nanos()).unwrap_or(u64::MAX);
        let pace = Moment::from_nanos(pace_at(run, trunk).nanos().saturating_sub(ahead));
        run.claim_at()
            .filter(|_| run.takes_cases(self.wall))
            .map(|at| at.max(pace))
    }

    /// How many cases a campaign should ask for, with what others have claimed over the same trunk left to them.
    pub(super) fn wanted(&self, campaign: CampaignId) -> usize {
        let Some(run) = self.runs.get(&campaign) else { return 0 };
        let Some(trunk) = self.trunks.get(&run.campaign.trunk) else {
            return 0;
        };
        let goes_first = |other: &&Run| {
            other.campaign.trunk == run.campaign.trunk
                && other.campaign.id != campaign
                && other.campaign.priority >= run.campaign.priority
        };
        let promised: usize = self
            .runs
            .values()
            .filter(goes_first)
            .map(|other| other.queue.len())
            .sum();
        let taken = self.lines_of(run.campaign.trunk) + promised;
        let free = usize::from(trunk.caps.lines).saturating_sub(taken);
        run.wanted(free, trunk.caps.pace.within(AHEAD))
    }

    fn lines_of(&self, trunk: TrunkId) -> usize {
        let on_it = |run: &&Run| run.campaign.trunk == trunk;
        self.runs.values().filter(on_it).map(Run::lines).sum()
    }
}

/// When the pace allows the next attempt.
fn pace_at(run: &Run, trunk: &Trunk) -> Moment {
    run.begin_at.max(trunk.begin_at).max(trunk.rests_until)
}

/// When the pace allows the next INVITE.
pub(super) fn dial_at(run: &Run, trunk: &Trunk) -> Moment {
    run.dial_at.max(trunk.dial_at).max(trunk.rests_until)
}
