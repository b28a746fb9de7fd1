//! Claims: due cases in their order, each decided by `dialer::claim`; leases and how they end.

use super::{Book, Hold, first, last};
use crate::dialer::claim::{Checked, Decision, TOLERANCE, decide, order};
use crate::dialer::retry::past_of;
use crate::dialer::{Candidate, Claim, Claimed, Release, Resume};
use crate::ids::{CampaignId, CaseId, NumberId};
use crate::moment::Wall;

/// What was decided of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Decided {
    pub(in super::super) case: CaseId,
    pub(in super::super) decision: Decision,
}

impl Book {
    /// Leases due cases. `decided` is told of every case that was looked at.
    pub(in super::super) fn claim(&mut self, claim: &Claim, decided: &mut Vec<Decided>) -> Vec<Claimed> {
        self.end_leases(claim.now);
        let mut claimed = Vec::new();
        while claimed.len() < claim.limit {
            let page = self.page(claim.campaign, claim.now, claim.limit - claimed.len());
            if page.is_empty() {
                break;
            }
            let missed: Vec<CaseId> = page.iter().copied().filter(|id| self.missed(*id, claim.now)).collect();
            if !missed.is_empty() {
                missed.into_iter().for_each(|id| self.forget_appointment(id));
                continue;
            }
            let mut candidates: Vec<Candidate> = page.iter().filter_map(|id| self.candidate(*id, claim)).collect();
            order(&mut candidates);
            for mut candidate in candidates {
                // An earlier case of this very page may have the number or the patient by now.
                for number in &mut candidate.numbers {
                    number.locked = self.is_locked(candidate.case, candidate.patient, &number.number, claim.now);
                }
                let decision = decide(&candidate, claim);
                decided.push(Decided {
                    case: candidate.case,
                    decision,
                });
                claimed.extend(self.follow(&candidate, decision, claim));
            }
        }
        claimed
    }

    /// The first due cases of a campaign's queues.
    fn page(&self, campaign: CampaignId, now: Wall, limit: usize) -> Vec<CaseId> {
        let queues = self.due.range(first(campaign)..=last(campaign));
        let due = queues.flat_map(|(_, queue)| queue.iter().take_while(|(next_at, ..)| *next_at <= now));
        due.take(limit).map(|(_, _, id)| *id).collect()
    }

    /// Whether the time of a case's appointment has passed.
    fn missed(&self, id: CaseId, now: Wall) -> bool {
        let appointment = self.cases.get(&id).and_then(|case| case.appointment);
        appointment.is_some_and(|at| at + TOLERANCE <= now)
    }

    /// A case whose appointment was missed stands among the others again.
    fn forget_appointment(&mut self, id: CaseId) {
        self.unqueue(id);
        if let Some(case) = self.cases.get_mut(&id) {
            case.appointment = None;
        }
        self.queue(id);
    }

    /// Does what was decided: every case that was looked at leaves the front of its queue.
    fn follow(&mut self, candidate: &Candidate, decision: Decision, claim: &Claim) -> Option<Claimed> {
        let id = candidate.case;
        self.unqueue(id);
        if let Some(case) = self.cases.get_mut(&id) {
            case.last = Some(decision);
        }
        match decision.checked {
            Checked::Dial { number } => self.lease(candidate, number, claim),
            Checked::Hold { until } => {
                if let Some(case) = self.cases.get_mut(&id) {
                    case.next_at = until.max(Wall::from_millis(claim.now.millis().saturating_add(1)));
                }
                self.queue(id);
                None
            }
            Checked::Close { outcome } => {
                self.close(id, outcome);
                None
            }
        }
    }

    fn lease(&mut self, candidate: &Candidate, number: NumberId, claim: &Claim) -> Option<Claimed> {
        let id = candidate.case;
        let chosen = candidate.numbers.iter().find(|own| own.id == number)?;
        let case = self.cases.get_mut(&id)?;
        let lease_until = claim.now + claim.lease;
        case.hold = Hold::Leased {
            until: lease_until,
            number,
        };
        self.leases.insert((lease_until, id));
        if let Some(telephone) = self.telephones.get_mut(&chosen.number) {
            telephone.held_by = Some(id);
        }
        if let Some(patient) = self.patients.get_mut(&candidate.patient) {
            patient.held_by = Some(id);
        }
        let resume = case.unfinished.as_ref().map(|(attempt, session)| Resume {
            attempt: *attempt,
            dialplan: session.dialplan().to_owned(),
            // Text and session are kept by the book itself.
            text: String::new(),
            session: String::new(),
        });
        Some(Claimed {
            campaign: claim.campaign,
            case: id,
            number_id: number,
            number: chosen.number.clone(),
            counted: case.counted,
            attempts: u16::try_from(case.tried.len()).unwrap_or(u16::MAX),
            past: past_of(
                case.tried.iter().map(|tried| (tried.disposition, tried.number)),
                Some(number),
            ),
            deadline: case.deadline,
            lease_until,
            resume,
            // Nobody is put through to anybody.
            skills: std::collections::BTreeSet::new(),
        })
    }

    /// Gives a case back.
    pub(in super::super) fn release(&mut self, release: Release) {
        self.end_lease(release.case);
        self.unqueue(release.case);
        if let Some(case) = self.cases.get_mut(&release.case) {
            case.next_at = release.not_before.map_or(case.next_at, |at| at.max(case.next_at));
        }
        self.queue(release.case);
    }

    fn end_leases(&mut self, now: Wall) {
        while let Some((_, id)) = self.leases.first().copied().filter(|(until, _)| *until <= now) {
            self.leases.pop_first();
            self.let_go(id);
            self.queue(id);
        }
    }

    /// Ends the lease of a case, whatever becomes of it.
    pub(super) fn end_lease(&mut self, id: CaseId) {
        let Some(case) = self.cases.get(&id) else { return };
        if let Hold::Leased { until, .. } = case.hold {
            self.leases.remove(&(until, id));
            self.let_go(id);
        }
    }

    /// Number and patient of a case are free.
    pub(super) fn let_go(&mut self, id: CaseId) {
        let number = self.held_number(id);
        let Some(case) = self.cases.get_mut(&id) else { return };
        case.hold = Hold::No;
        if let Some(telephone) = number.and_then(|number| self.telephones.get_mut(&number)) {
            telephone.held_by = None;
        }
        if let Some(patient) = self.patients.get_mut(&case.patient) {
            patient.held_by = None;
        }
    }
}
