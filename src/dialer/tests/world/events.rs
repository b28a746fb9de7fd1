//! What comes to the dialer: the store's answers, the ends of calls, people.

use super::super::claim::{Checked, decide, order};
use super::*;

impl World {
    pub(super) fn arrives(&mut self, coming: Coming) {
        match coming {
            Coming::Stop(campaign) => {
                let how = if self.chance.one_in(2) {
                    HowStop::Now
                } else {
                    HowStop::Drain
                };
                self.tell(Input::CampaignStopped { campaign, how });
            }
            Coming::Imported(campaign) if self.stopped.contains(&campaign) => {}
            Coming::Imported(campaign) => self.tell(Input::Poked { campaign }),
            Coming::Claimed(campaign, limit) => {
                self.asked.remove(&campaign);
                let input = self.give_out(campaign, limit);
                self.tell(input);
            }
            Coming::Begun(id) => {
                let attempt = AttemptId(i64::try_from(self.count).unwrap());
                let fails = self.chance.one_in(15);
                let Some(case) = self.cases.get_mut(&id) else {
                    panic!("no {id}")
                };
                if fails {
                    self.lines.remove(&id);
                    return self.tell(Input::BeginFailed { case: id });
                }
                case.lease_until = None;
                case.open = Some(attempt);
                self.count += 1;
                self.begun.insert(attempt, id);
                self.tell(Input::Begun(Begun {
                    case: id,
                    attempt,
                    mark: CallMark::default(),
                }));
            }
            Coming::Ended(attempt) => self.hangs_up(attempt),
            Coming::TrunkTurns(trunk) => self.turns(trunk),
        }
    }

    fn give_out(&mut self, campaign: CampaignId, limit: usize) -> Input {
        if self.chance.one_in(15) {
            return Input::ClaimFailed { campaign };
        }
        let limit = if self.chance.one_in(20) { limit + 2 } else { limit };
        let settings = &self.campaigns[&campaign];
        let claim = Claim {
            campaign,
            now: self.wall,
            limit,
            lease: settings.lease,
            terms: Arc::new(Terms::new(&settings.schedule, &settings.retry, &settings.limits)),
        };
        let free = |case: &&Case| {
            case.campaign == campaign
                && !case.is_closed
                && case.open.is_none()
                && case.lease_until.is_none_or(|until| until <= claim.now)
        };
        let mut due: Vec<_> = self
            .cases
            .values()
            .filter(free)
            .map(|case| case.candidate.clone())
            .collect();
        order(&mut due);
        let mut cases = Vec::new();
        for candidate in due {
            let Some(case) = self.cases.get_mut(&candidate.case) else {
                continue;
            };
            match decide(&candidate, &claim).checked {
                Checked::Dial { .. } if cases.len() < limit => {
                    let lease_until = claim.now + claim.lease;
                    case.lease_until = Some(lease_until);
                    cases.push(Claimed {
                        campaign,
                        counted: candidate.counted,
                        past: case.past.clone(),
                        deadline: candidate.deadline,
                        ..claimed(candidate.case.0, lease_until)
                    });
                }
                Checked::Dial { .. } | Checked::Hold { .. } => {}
                Checked::Close { .. } => case.is_closed = true,
            }
        }
        Input::Claimed { campaign, cases }
    }

    fn hangs_up(&mut self, attempt: AttemptId) {
        let Some((id, _)) = self.dialed.remove(&attempt) else {
            return;
        };
        let disposition = match self.chance.below(4) {
            0 => Disposition::NetworkBusy,
            1 => Disposition::Busy,
            2 => Disposition::Blocked,
            _ => Disposition::ALL[self.chance.below(Disposition::ALL.len() as u64) as usize],
        };
        let retry_after = self.chance.one_in(30).then(|| secs(self.chance.below(60)));
        if disposition == Disposition::NetworkBusy && self.chance.one_in(2) {
            self.begun.insert(attempt, id);
            return self.tell(Input::Unserved {
                attempt,
                disposition,
                retry_after,
            });
        }
        self.lines.remove(&id);
        self.finish(id, disposition);
        self.tell(Input::Ended {
            attempt,
            disposition,
            retry_after,
        });
    }

    /// It goes down or comes up, some minutes apart, until the campaigns have stopped.
    fn turns(&mut self, trunk: TrunkId) {
        if self.down.remove(&trunk) {
            self.tell(Input::TrunkUp { trunk });
        } else {
            self.down.insert(trunk);
            self.tell(Input::TrunkDown { trunk });
        }
        if self.stopped.len() < self.campaigns.len() {
            let turns = self.chance.millis(300_000);
            self.comes_after(turns, Coming::TrunkTurns(trunk));
        }
    }

    pub(super) fn finish(&mut self, id: CaseId, disposition: Disposition) {
        let Some(case) = self.cases.get_mut(&id) else {
            panic!("no {id}")
        };
        let settings = &self.campaigns[&case.campaign];
        let history = History {
            counted: case.candidate.counted,
            past: case.past.clone(),
            has_answers: false,
        };
        let deadline = case.candidate.deadline;
        match retry::next(
            &settings.retry,
            &history,
            retry::Ended {
                disposition,
                reach: crate::outcome::Reach::Nobody,
                has_answers: false,
            },
            self.wall,
            &settings.schedule,
            deadline,
        ) {
            Next::Again { at, counted } => {
                case.candidate.next_at = at;
                case.candidate.counted += u16::from(counted);
            }
            Next::Close { .. } => case.is_closed = true,
        }
        case.past.push(disposition);
        case.open = None;
    }
}
