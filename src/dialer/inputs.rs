//! What each input changes, before anything new is done.

use std::time::Duration;

use super::placed::Placed;
use super::run::{EmptyHanded, Idle, Ready, Run, State};
use super::trunk::Standing;
use super::{Begun, Callers, Campaign, Claimed, Dialer, Fault, HowStop, Output, Release, TooLate, TrunkCaps};
use crate::ids::{AttemptId, CampaignId, CaseId, TrunkId};
use crate::outcome::Disposition;
use crate::phone::Number;

/// After the store could not write an attempt, its campaign waits this long before the next one.
const STORE_REST: Duration = Duration::from_secs(2);

impl Dialer {
    pub(super) fn start(&mut self, campaign: Campaign) {
        let known = |route: &super::Route| self.trunks.contains_key(&route.trunk);
        if campaign.routes.is_empty() || !campaign.routes.iter().all(known) {
            return self.fault(Fault::UnknownTrunk(campaign.id));
        }
        match self.runs.get_mut(&campaign.id) {
            None => {
                self.runs.insert(campaign.id, Run::new(campaign, self.now, self.wall));
            }
            Some(run) => run.change(campaign, self.now, self.wall),
        }
    }

    pub(super) fn stop(&mut self, campaign: CampaignId, how: HowStop) {
        let Some(run) = self.runs.get_mut(&campaign) else {
            return self.fault(Fault::UnknownCampaign(campaign));
        };
        run.state = State::Stopping;
        match how {
            HowStop::Drain => {}
            HowStop::Now => {
                let calls = run.calls.attempts();
                self.outputs.extend(calls.map(|attempt| Output::HangUp { attempt }));
            }
        }
    }

    /// A campaign that does not run will ask when it starts.
    pub(super) fn poked(&mut self, campaign: CampaignId) {
        if let Some(run) = self.runs.get_mut(&campaign) {
            run.idle = Idle::Untold;
            run.ask_at_once(self.now);
        }
    }

    pub(super) fn claimed(&mut self, campaign: CampaignId, cases: Vec<Claimed>) {
        let Some(run) = self.runs.get_mut(&campaign) else {
            let releases = cases.iter().map(|claimed| Output::Release(Release::of(claimed.case)));
            self.outputs.extend(releases);
            return self.fault(Fault::UnknownCampaign(campaign));
        };
        let nothing = cases.is_empty();
        let mut empty_handed = EmptyHanded::Yes;
        for claimed in cases {
            if run.holds(claimed.case) {
                self.outputs.push_back(Output::Fault(Fault::ClaimedTwice(claimed.case)));
            } else if run.expires(&claimed) <= self.wall {
                self.outputs.push_back(Output::Release(Release::of(claimed.case)));
            } else if let Some(left) = self.rests.left(self.now, &claimed.number) {
                // The civil clock went ahead of its rest. The store is told the time anew, so the next answer has others.
                self.outputs.push_back(Output::Release(Release {
                    case: claimed.case,
                    not_before: Some(self.wall + left),
                }));
                empty_handed = EmptyHanded::No;
            } else {
                run.queue.push_back(claimed);
                empty_handed = EmptyHanded::No;
            }
        }
        run.answered(self.now, empty_handed);
        if nothing && run.is_empty() && run.idle == Idle::Untold {
            run.idle = Idle::Told;
            self.outputs.push_back(Output::Idle { campaign });
        }
    }

    pub(super) fn claim_failed(&mut self, campaign: CampaignId) {
        match self.runs.get_mut(&campaign) {
            Some(run) => {
                run.answered(self.now, EmptyHanded::Yes);
                self.fault(Fault::ClaimFailed(campaign));
            }
            None => self.fault(Fault::UnknownCampaign(campaign)),
        }
    }

    pub(super) fn begun(&mut self, begun: Begun) {
        let Begun { case, attempt, mark } = begun;
        let since = self.now;
        for run in self.runs.values_mut() {
            if let Some(beginning) = run.beginning.remove(&case) {
                run.ready.push_back(Ready {
                    attempt,
                    mark,
                    claimed: beginning.claimed,
                    trunk: beginning.trunk,
                    caller: beginning.caller,
                    tried: Vec::new(),
                    is_moved: false,
                    since,
                });
                return;
            }
        }
        let reason = TooLate::NotAsked;
        self.outputs.push_back(Output::Abandon { attempt, case, reason });
        self.fault(Fault::UnknownCase(case));
    }

    pub(super) fn begin_failed(&mut self, case: CaseId) {
        for run in self.runs.values_mut() {
            if run.beginning.remove(&case).is_some() {
                run.begin_at = run.begin_at.max(self.now + STORE_REST);
                self.outputs.push_back(Output::Release(Release::of(case)));
                return self.fault(Fault::BeginFailed(case));
            }
        }
        self.fault(Fault::UnknownCase(case));
    }

    pub(super) fn ended(&mut self, attempt: AttemptId, disposition: Disposition, retry_after: Option<Duration>) {
        match self.take_call(attempt) {
            Some((_, call)) => self.note_end(call.trunk, call.caller.as_ref(), disposition, retry_after),
            None => self.fault(Fault::UnknownAttempt(attempt)),
        }
    }

    pub(super) fn unserved(&mut self, attempt: AttemptId, disposition: Disposition, retry_after: Option<Duration>) {
        let Some((campaign, call)) = self.take_call(attempt) else {
            self.outputs.push_back(Output::Unplaced { attempt });
            return self.fault(Fault::UnknownAttempt(attempt));
        };
        let Placed {
            mark,
            claimed,
            trunk,
            caller,
            mut tried,
        } = call;
        self.note_end(trunk, caller.as_ref(), disposition, retry_after);
        tried.push(trunk);
        let run = self.runs.get(&campaign);
        let may = run.filter(|run| run.state == State::Running && run.is_open(self.wall));
        let other = may.and_then(|run| self.other_trunk(run, &tried));
        let caller = run.zip(other).and_then(|(run, other)| self.next_caller(run, other));
        if let Some((trunk, caller)) = other.and_then(|id| self.trunks.get_mut(&id)).zip(caller.as_ref()) {
            trunk.callers.shown(self.now, caller);
        }
        match (other, self.runs.get_mut(&campaign)) {
            (Some(trunk), Some(run)) => run.ready.push_front(Ready {
                attempt,
                mark,
                claimed,
                trunk,
                caller,
                tried,
                is_moved: true,
                since: self.now,
            }),
            (Some(_) | None, _) => self.outputs.push_back(Output::Unplaced { attempt }),
        }
    }

    /// The number that a call over this trunk would show now.
    pub(super) fn next_caller(&self, run: &Run, trunk: TrunkId) -> Option<Number> {
        let (_, caller) = self.trunks.get(&trunk)?.callers.next(self.now, &run.campaign.callers)?;
        caller.cloned()
    }

    fn take_call(&mut self, attempt: AttemptId) -> Option<(CampaignId, Placed)> {
        self.runs
            .values_mut()
            .find_map(|run| Some((run.campaign.id, run.calls.remove(attempt)?)))
    }

    pub(super) fn note_end(
        &mut self,
        id: TrunkId,
        caller: Option<&Number>,
        disposition: Disposition,
        retry_after: Option<Duration>,
    ) {
        let Some(trunk) = self.trunks.get_mut(&id) else { return };
        trunk.line_ended(self.now);
        let rest = trunk.ended(self.now, disposition, retry_after, &mut self.chance);
        self.outputs
            .extend(rest.map(|until| Output::TrunkResting { trunk: id, until }));
        let Some(caller) = caller else { return };
        if let Some(until) = trunk.callers.ended(self.now, caller, disposition) {
            let caller = caller.clone();
            self.outputs.push_back(Output::CallerResting {
                trunk: id,
                caller,
                until,
            });
        }
    }

    pub(super) fn callers_changed(&mut self, trunk: TrunkId, callers: Callers) {
        if let Some(trunk) = self.trunks.get_mut(&trunk) {
            trunk.callers.change(callers);
        }
    }

    pub(super) fn caller_was_shown(&mut self, trunk: TrunkId, number: &Number, ago: Duration) {
        if let Some(trunk) = self.trunks.get_mut(&trunk) {
            trunk.callers.was_shown(self.now, number, ago);
        }
    }

    pub(super) fn trunk_down(&mut self, trunk: TrunkId) {
        if let Some(trunk) = self.trunks.get_mut(&trunk) {
            trunk.standing = Standing::Down;
        }
    }

    pub(super) fn trunk_changed(&mut self, trunk: TrunkId, caps: TrunkCaps) {
        if let Some(trunk) = self.trunks.get_mut(&trunk) {
            trunk.caps = caps;
        }
    }

    /// What is free of a caller rests like any line.
    pub(super) fn lines_taken(&mut self, trunk: TrunkId, lines: u16) {
        let Some(trunk) = self.trunks.get_mut(&trunk) else {
            return;
        };
        for _ in lines..trunk.taken {
            trunk.line_ended(self.now);
        }
        trunk.taken = lines;
    }

    pub(super) fn trunk_up(&mut self, trunk: TrunkId) {
        if let Some(trunk) = self.trunks.get_mut(&trunk) {
            trunk.comes_up();
        }
    }

    pub(super) fn pause(&mut self, trunk: TrunkId, pause: Duration) {
        let rest = self
            .trunks
            .get_mut(&trunk)
            .and_then(|state| state.rest(self.now, pause));
        self.outputs
            .extend(rest.map(|until| Output::TrunkResting { trunk, until }));
    }

    /// What was claimed was chosen by another time: it is given back, and asked for by the present one.
    pub(super) fn clock_jumped(&mut self) {
        for run in self.runs.values_mut() {
            let queue = std::mem::take(&mut run.queue);
            self.outputs
                .extend(queue.iter().map(|claimed| Output::Release(Release::of(claimed.case))));
            run.ask_at_once(self.now);
        }
    }

    pub(super) fn fault(&mut self, fault: Fault) {
        self.outputs.push_back(Output::Fault(fault));
    }
}
