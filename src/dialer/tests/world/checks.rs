//! What the dialer says, and what must hold when it says it.

use super::*;

impl World {
    pub(super) fn does(&mut self, output: Output) {
        match output {
            Output::Claim(claim) => {
                assert!(
                    claim.limit > 0 && self.asked.insert(claim.campaign),
                    "one question at a time"
                );
                assert!(self.campaigns[&claim.campaign].schedule.is_open(self.wall));
                let takes = self.store_takes();
                self.comes_after(takes, Coming::Claimed(claim.campaign, claim.limit));
            }
            Output::Begin(begin) => self.begins(&begin),
            Output::Dial(dial) => self.dials(&dial),
            Output::Abandon { attempt, case, .. } => {
                assert_eq!(self.begun.remove(&attempt), Some(case));
                self.lines.remove(&case);
                self.finish(case, Disposition::Interrupted);
            }
            Output::Release(Release { case, .. }) => {
                let lease = self.cases.get_mut(&case).and_then(|case| case.lease_until.take());
                assert!(lease.is_some(), "{case} is released without a lease");
                assert!(!self.lines.contains_key(&case));
            }
            Output::HangUp { attempt } => {
                assert!(self.dialed.contains_key(&attempt));
                self.comes_after(Duration::from_millis(100), Coming::Ended(attempt));
            }
            Output::Stopped { campaign } => assert!(self.stopped.insert(campaign)),
            Output::TrunkResting { trunk, until } => {
                self.rests.insert(trunk, until);
            }
            Output::CallerResting { trunk, caller, until } => {
                assert_eq!(trunk, WITH_CALLERS);
                self.blocked.insert(caller, until);
            }
            Output::Unplaced { attempt } => {
                let case = self.begun.remove(&attempt).expect("it had failed");
                self.lines.remove(&case);
                self.finish(case, Disposition::NetworkBusy);
            }
            Output::Idle { campaign } => assert!(!self.lines.values().any(|busy| *busy == campaign)),
            // A lease that a jump of the wall clock ended may be given out again while the case is in hand.
            Output::Fault(Fault::ClaimFailed(_) | Fault::BeginFailed(_) | Fault::ClaimedTwice(_)) => {}
            Output::Fault(fault) => panic!("{fault:?}"),
        }
    }

    fn begins(&mut self, begin: &Begin) {
        let case = &self.cases[&begin.case];
        assert!(
            case.open.is_none() && case.lease_until.is_some(),
            "{} is begun under its lease",
            begin.case
        );
        let campaign = case.campaign;
        let known = |route: &Route| route.name == begin.trunk;
        assert!(self.campaigns[&campaign].routes.iter().any(known));
        assert!(
            self.lines.insert(begin.case, campaign).is_none(),
            "one attempt at a time"
        );
        let of_campaign = self.lines.values().filter(|busy| **busy == campaign).count();
        assert!(of_campaign <= usize::from(self.campaigns[&campaign].lines));
        let takes = self.store_takes();
        self.comes_after(takes, Coming::Begun(begin.case));
        assert_eq!(begin.caller.is_some(), begin.trunk == "carrier");
        if let Some(caller) = &begin.caller {
            self.shows(caller);
        }
    }

    /// A caller number is shown: not while it rests, and not too often.
    fn shows(&mut self, caller: &Number) {
        assert!(
            self.blocked.get(caller).is_none_or(|until| *until <= self.now),
            "the caller number rests"
        );
        let shown = self.shown.entry(caller.clone()).or_default();
        let lately = shown.iter().filter(|at| self.now.since(**at) < SHOWN.within);
        assert!(
            lately.count() < usize::from(SHOWN.most),
            "the caller number is shown too often"
        );
        shown.push(self.now);
    }

    fn dials(&mut self, dial: &Dial) {
        assert_eq!(
            self.begun.remove(&dial.attempt),
            Some(dial.claimed.case),
            "written down before"
        );
        assert_eq!(self.cases[&dial.claimed.case].open, Some(dial.attempt));
        let settings = &self.campaigns[&dial.campaign];
        assert!(settings.schedule.is_open(self.wall), "inside the window");
        assert!(
            self.rests.get(&dial.trunk).is_none_or(|until| *until <= self.now),
            "the trunk rests"
        );
        assert!(!self.down.contains(&dial.trunk), "the trunk is down");
        let invited = self.invited.entry(dial.attempt).or_default();
        assert!(!invited.contains(&dial.trunk), "an attempt goes over a trunk once");
        invited.push(dial.trunk);
        let is_first = invited.len() == 1;
        assert_eq!(dial.caller.is_some(), dial.trunk == WITH_CALLERS);
        if is_first && let Some(last) = self.last_dial.insert(dial.campaign, self.now) {
            assert!(
                self.now.since(last) >= settings.pace.interval(),
                "not faster than the campaign's pace"
            );
        }
        if let Some(last) = self.last_dial_over.insert(dial.trunk, self.now) {
            assert!(
                self.now.since(last) >= self.caps[&dial.trunk].pace.interval(),
                "nor than the trunk's"
            );
        }
        self.dialed.insert(dial.attempt, (dial.claimed.case, dial.trunk));
        let of_trunk = self.dialed.values().filter(|(_, on)| *on == dial.trunk).count();
        assert!(
            of_trunk <= usize::from(self.caps[&dial.trunk].lines),
            "lines of {:?}",
            dial.trunk
        );
        let talks = self.chance.millis(120_000);
        self.comes_after(talks, Coming::Ended(dial.attempt));
    }
}
