//! Everything that can be done now: give back, dial, begin, claim, in this order.

use std::cmp::Reverse;
use std::collections::VecDeque;
use std::sync::Arc;

use super::placed::Placed;
use super::run::{AHEAD, Beginning, HOLD, Idle, Ready, Run, State, UNANSWERED};
use super::trunk::{Standing, Trunk};
use super::{Begin, Claim, Dial, Dialer, Fault, Hold, Output, Release, Route, TooLate};
use crate::ids::CampaignId;
use crate::moment::Moment;

impl Dialer {
    pub(super) fn advance(&mut self) {
        for run in self.runs.values_mut() {
            run.refresh_gate(self.wall);
        }
        self.give_back();
        self.give_up();
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
                    self.outputs.push_back(Output::Release(Release::of(claimed.case)));
                }
            }
        }
    }

    /// Frees the lines of attempts that the store was asked to write down and said nothing about. One that turns up
    /// later is abandoned then.
    fn give_up(&mut self) {
        for run in self.runs.values_mut() {
            let now = self.now;
            let lost = run
                .beginning
                .extract_if(.., |_, beginning| now.since(beginning.since) >= UNANSWERED);
            for (case, _) in lost {
                self.outputs.push_back(Output::Release(Release::of(case)));
                self.outputs.push_back(Output::Fault(Fault::BeginUnanswered(case)));
            }
        }
    }

    /// Dials the attempts that are on disk, as the pace allows, or abandons them.
    fn dial(&mut self, campaign: CampaignId) {
        let waiting = self.runs.get(&campaign).map_or(0, |run| run.ready.len());
        for _ in 0..waiting {
            let Some(mut ready) = self.runs.get_mut(&campaign).and_then(|run| run.ready.pop_front()) else {
                return;
            };
            let begun_over = ready.trunk;
            let go = self.try_to_dial(campaign, &mut ready);
            if ready.trunk != begun_over {
                ready.is_moved = true;
                if let Some((trunk, caller)) = self.trunks.get_mut(&ready.trunk).zip(ready.caller.as_ref()) {
                    trunk.callers.shown(self.now, caller);
                }
            }
            match go {
                Go::Now => self.place(campaign, ready),
                Go::Later => {
                    if let Some(run) = self.runs.get_mut(&campaign) {
                        run.ready.push_back(ready);
                    }
                }
                Go::Never(reason) => {
                    let Ready { attempt, claimed, .. } = ready;
                    let case = claimed.case;
                    self.outputs.push_back(Output::Abandon { attempt, case, reason });
                }
            }
        }
    }

    /// Whether an attempt may be dialed; one whose trunk cannot carry it is given another.
    fn try_to_dial(&self, campaign: CampaignId, ready: &mut Ready) -> Go {
        let Some(run) = self.runs.get(&campaign) else {
            return Go::Never(TooLate::CampaignStopped);
        };
        if run.state == State::Stopping {
            return Go::Never(TooLate::CampaignStopped);
        }
        if !run.is_open(self.wall) {
            return Go::Never(TooLate::WindowClosed);
        }
        let carries = |trunk: &Trunk| trunk.is_usable(ready.since + HOLD);
        let mut trunk = self.trunks.get(&ready.trunk);
        if !trunk.is_some_and(carries) {
            match self.other_trunk(run, &ready.tried) {
                Some(other) => {
                    ready.trunk = other;
                    ready.caller = self.next_caller(run, other);
                }
                None if trunk.is_some_and(|trunk| trunk.standing == Standing::Up) => {
                    return Go::Never(TooLate::TrunkResting);
                }
                None => return Go::Never(TooLate::TrunkDown),
            }
            trunk = self.trunks.get(&ready.trunk);
        }
        match trunk {
            Some(trunk) if dial_at(run, ready, trunk) <= self.now => Go::Now,
            Some(_) | None => Go::Later,
        }
    }

    fn place(&mut self, campaign: CampaignId, ready: Ready) {
        let (Some(run), Some(trunk)) = (self.runs.get_mut(&campaign), self.trunks.get_mut(&ready.trunk)) else {
            return;
        };
        let Ready {
            attempt,
            mark,
            claimed,
            trunk: id,
            caller,
            tried,
            is_moved,
            ..
        } = ready;
        if tried.is_empty() {
            run.dial_at = self.now + run.campaign.pace.interval();
        }
        trunk.dialed(self.now);
        let placed = Placed {
            mark,
            claimed: claimed.clone(),
            trunk: id,
            caller: caller.clone(),
            tried,
        };
        run.calls.insert(attempt, placed);
        let dialplan = claimed.dialplan(&run.campaign.dialplan).to_owned();
        self.outputs.push_back(Output::Dial(Box::new(Dial {
            campaign,
            attempt,
            mark,
            claimed,
            trunk: id,
            is_moved,
            caller,
            ring: run.campaign.ring,
            dialplan,
        })));
    }

    /// Has one attempt of the campaign written down, if it is its turn; says whether it did.
    fn begin(&mut self, campaign: CampaignId) -> bool {
        if self.begin_at(campaign).is_none_or(|at| at > self.now) {
            return false;
        }
        let route = self.runs.get(&campaign).and_then(|run| self.next_free_route(run));
        let Some(Route { trunk: id, name }) = route.map(|(_, route)| route.clone()) else {
            return false;
        };
        let (Some(run), Some(trunk)) = (self.runs.get_mut(&campaign), self.trunks.get_mut(&id)) else {
            return false;
        };
        let Some(claimed) = run.queue.pop_front() else {
            return false;
        };
        let caller = trunk
            .callers
            .next(self.now, &run.campaign.callers)
            .and_then(|(_, caller)| caller.cloned());
        if let Some(caller) = &caller {
            trunk.callers.shown(self.now, caller);
        }
        run.begin_at = self.now + run.campaign.pace.interval();
        trunk.begun(self.now);
        run.last_begun = self.now;
        run.idle = Idle::Untold;
        self.outputs.push_back(Output::Begin(Begin {
            case: claimed.case,
            number_id: claimed.number_id,
            trunk: name,
            caller: caller.clone(),
            at: self.wall,
            dialplan: claimed.dialplan(&run.campaign.dialplan).to_owned(),
            resumed_from: claimed.resume.as_ref().map(|resume| resume.attempt),
            terms: Arc::clone(&run.terms),
        }));
        let beginning = Beginning {
            claimed,
            trunk: id,
            caller,
            since: self.now,
        };
        run.beginning.insert(beginning.claimed.case, beginning);
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
            terms: Arc::clone(&run.terms),
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

    /// When the next attempt of a campaign may be begun: none while there is no case, no line, no trunk or no window.
    pub(super) fn begin_at(&self, campaign: CampaignId) -> Option<Moment> {
        let run = self.runs.get(&campaign)?;
        let may = self.hold == Hold::No && run.takes_cases(self.wall) && !run.queue.is_empty() && run.has_free_line();
        let (at, _) = self.next_free_route(run).filter(|_| may)?;
        Some(at)
    }

    /// When a campaign may ask for cases: none while an answer is on its way, the window is closed, or all its trunks
    /// are down.
    pub(super) fn claim_at(&self, campaign: CampaignId) -> Option<Moment> {
        let run = self.runs.get(&campaign)?;
        let (at, ..) = self.next_route(run)?;
        let ahead = u64::try_from(AHEAD.as_nanos()).unwrap_or(u64::MAX);
        let pace = Moment::from_nanos(at.nanos().saturating_sub(ahead));
        run.claim_at()
            .filter(|_| self.hold == Hold::No && run.takes_cases(self.wall))
            .map(|at| at.max(pace))
    }

    /// How many cases a campaign should ask for, with what others have claimed over the same trunk left to them.
    pub(super) fn wanted(&self, campaign: CampaignId) -> usize {
        let Some(run) = self.runs.get(&campaign) else { return 0 };
        let Some((_, route, trunk)) = self.next_route(run) else {
            return 0;
        };
        let goes_first = |other: &&Run| {
            other.campaign.id != campaign
                && other.campaign.priority >= run.campaign.priority
                && self
                    .next_route(other)
                    .is_some_and(|(_, its, _)| its.trunk == route.trunk)
        };
        let promised: usize = self
            .runs
            .values()
            .filter(goes_first)
            .map(|other| other.queue.len())
            .sum();
        let taken = self.lines_of(route.trunk) + promised;
        let free = usize::from(trunk.caps.lines).saturating_sub(taken);
        run.wanted(free, trunk.caps.pace.within(AHEAD))
    }
}

/// What becomes of an attempt on disk.
enum Go {
    Now,
    Later,
    Never(TooLate),
}

/// When the pace allows the next INVITE. A second trunk's goes by that trunk's pace alone: to the campaign it is the same
/// call.
pub(super) fn dial_at(run: &Run, ready: &Ready, trunk: &Trunk) -> Moment {
    let own = if ready.tried.is_empty() {
        run.dial_at
    } else {
        Moment::ZERO
    };
    own.max(trunk.dial_at).max(trunk.rests_until).max(trunk.kept_until)
}
