//! The book of cases: what the store holds, in memory and indexed, with the checks and the order of `dialer::claim`.
//!
//! Nothing here is looked for from end to end: due cases lie in the order of their turns, numbers and patients are found
//! by their keys. A case in a claim or a call is in no index until it comes back.

mod candidate;
mod claim;
mod finish;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

pub(super) use finish::{Ended, OptedOut};

use super::population::{NumberState, Population, Turn, TurnTo};
use crate::dialer::claim::Decision;
use crate::dialer::{Listed, Outcome, Owner, PatientState, Tried};
use crate::dialplan::Session;
use crate::ids::{AttemptId, CampaignId, CaseId, NumberId, PatientId};
use crate::moment::Wall;
use crate::outcome::Disposition;
use crate::phone::Number;

/// Cases, patients and numbers.
#[derive(Debug, Default)]
pub(super) struct Book {
    cases: BTreeMap<CaseId, Case>,
    patients: BTreeMap<PatientId, Patient>,
    telephones: BTreeMap<Number, Telephone>,
    due: BTreeMap<Group, BTreeSet<(Wall, Wall, CaseId)>>,
    /// Leases by their end.
    leases: BTreeSet<(Wall, CaseId)>,
    attempts: i64,
    open: usize,
}

/// Cases of a campaign that stand in one queue: those with an appointment go first, then the higher priority.
pub(super) type Group = (CampaignId, Reverse<bool>, Reverse<i16>);

#[derive(Debug)]
pub(super) struct Case {
    pub(super) campaign: CampaignId,
    pub(super) patient: PatientId,
    pub(super) priority: i16,
    pub(super) due: Wall,
    pub(super) next_at: Wall,
    pub(super) deadline: Option<Wall>,
    pub(super) appointment: Option<Wall>,
    pub(super) counted: u16,
    pub(super) tried: Vec<Tried>,
    pub(super) has_answers: bool,
    pub(super) outcome: Option<Outcome>,
    /// What was decided of it last.
    pub(super) last: Option<Decision>,
    hold: Hold,
    /// The questionnaire that its last attempt left unfinished.
    unfinished: Option<(AttemptId, Session)>,
}

/// Whether somebody has a case in hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hold {
    /// It waits in the index.
    No,
    Leased {
        until: Wall,
        number: NumberId,
    },
    Calling {
        number: NumberId,
    },
}

#[derive(Debug)]
struct Patient {
    numbers: Vec<Owned>,
    states: BTreeSet<PatientState>,
    /// Attempts that count, over all cases, the first one first.
    tried: Vec<Wall>,
    /// Which case of the patient is in hand.
    held_by: Option<CaseId>,
}

/// A patient's side of a number.
#[derive(Debug)]
struct Owned {
    id: NumberId,
    number: Number,
    owner: Owner,
    /// Somebody said that it is not the patient's.
    wrong: bool,
}

/// A number, whosever it is.
#[derive(Debug, Default)]
struct Telephone {
    state: NumberState,
    held_by: Option<CaseId>,
    locked_until: Option<Wall>,
    called: VecDeque<Wall>,
    listed: Vec<(Option<CampaignId>, Listed)>,
    /// How the last attempt at it ended.
    last: Option<Disposition>,
}

impl Book {
    /// The book as the population has it.
    pub(super) fn new(population: Population) -> Self {
        let mut book = Self::default();
        for person in population.patients {
            let numbers = person.numbers.into_iter().map(|own| {
                let telephone = book.telephones.entry(own.number.clone()).or_default();
                if own.state != NumberState::Wrong {
                    telephone.state = telephone.state.max(own.state);
                }
                Owned {
                    id: own.id,
                    number: own.number,
                    owner: own.owner,
                    wrong: own.state == NumberState::Wrong,
                }
            });
            let patient = Patient {
                numbers: numbers.collect(),
                states: person.states,
                tried: Vec::new(),
                held_by: None,
            };
            book.patients.insert(person.id, patient);
        }
        for listing in population.do_not_call {
            let telephone = book.telephones.entry(listing.number).or_default();
            telephone.listed.push((listing.campaign, listing.level));
        }
        let mut called = population.called;
        called.sort_by_key(|(_, at)| *at);
        for (number, at) in called {
            book.telephones.entry(number).or_default().called.push_back(at);
        }
        for (number, until) in population.locked {
            book.telephones.entry(number).or_default().locked_until = Some(until);
        }
        for opening in population.cases {
            let counted = opening.tried.iter().filter(|tried| tried.counted);
            if let Some(patient) = book.patients.get_mut(&opening.patient) {
                patient.tried.extend(counted.clone().map(|tried| tried.at));
                patient.tried.sort_unstable();
            }
            let case = Case {
                campaign: opening.campaign,
                patient: opening.patient,
                priority: opening.priority,
                due: opening.due,
                next_at: opening.next_at,
                deadline: opening.deadline,
                appointment: opening.appointment,
                counted: u16::try_from(counted.count()).unwrap_or(u16::MAX),
                tried: opening.tried,
                has_answers: opening.has_answers,
                outcome: None,
                last: None,
                hold: Hold::No,
                unfinished: None,
            };
            book.due
                .entry(case.group())
                .or_default()
                .insert(case.turn(opening.case));
            book.cases.insert(opening.case, case);
            book.open += 1;
        }
        book
    }

    /// The cases by id, closed ones included.
    pub(super) fn cases(&self) -> impl Iterator<Item = (CaseId, &Case)> {
        self.cases.iter().map(|(id, case)| (*id, case))
    }

    /// A case.
    pub(super) fn case(&self, id: CaseId) -> Option<&Case> {
        self.cases.get(&id)
    }

    /// How many cases are open.
    pub(super) const fn open(&self) -> usize {
        self.open
    }

    /// The case of a queue that waits longest, and since when it may be tried; first those with the earliest queue.
    pub(super) fn waiting(&self, campaign: CampaignId) -> impl Iterator<Item = (Wall, CaseId)> {
        let queues = self.due.range(first(campaign)..=last(campaign));
        queues.filter_map(|(_, queue)| queue.first().map(|(next_at, _, case)| (*next_at, *case)))
    }

    /// Since when the case of a queue that waits longest may be tried.
    pub(super) fn longest_wait(&self, group: Group) -> Option<Wall> {
        self.due.get(&group)?.first().map(|(next_at, ..)| *next_at)
    }

    /// A number of a patient.
    pub(super) fn number(&self, patient: PatientId, id: NumberId) -> Option<&Number> {
        let own = self.patients.get(&patient)?.numbers.iter().find(|own| own.id == id)?;
        Some(&own.number)
    }

    /// How the last attempt at a number ended.
    pub(super) fn last_at(&self, number: &Number) -> Option<Disposition> {
        self.telephones.get(number)?.last
    }

    /// Something became known of a patient.
    pub(super) fn turn(&mut self, turn: Turn) {
        if let Some(patient) = self.patients.get_mut(&turn.patient) {
            match turn.to {
                TurnTo::Begins => patient.states.insert(turn.state),
                TurnTo::Ends => patient.states.remove(&turn.state),
            };
        }
    }

    /// Puts a case that nobody has in hand into its queue.
    fn queue(&mut self, id: CaseId) {
        if let Some(case) = self.cases.get_mut(&id) {
            case.hold = Hold::No;
            if case.outcome.is_none() {
                self.due.entry(case.group()).or_default().insert(case.turn(id));
            }
        }
    }

    fn unqueue(&mut self, id: CaseId) {
        if let Some(case) = self.cases.get(&id)
            && let Some(queue) = self.due.get_mut(&case.group())
        {
            queue.remove(&case.turn(id));
        }
    }

    fn close(&mut self, id: CaseId, outcome: Outcome) {
        if let Some(case) = self.cases.get_mut(&id).filter(|case| case.outcome.is_none()) {
            case.outcome = Some(outcome);
            self.open -= 1;
        }
    }
}

impl Case {
    /// The queue in which it stands.
    pub(super) const fn group(&self) -> Group {
        (
            self.campaign,
            Reverse(self.appointment.is_some()),
            Reverse(self.priority),
        )
    }

    const fn turn(&self, id: CaseId) -> (Wall, Wall, CaseId) {
        (self.next_at, self.due, id)
    }
}

/// The first queue of a campaign: with an appointment, of the highest priority.
const fn first(campaign: CampaignId) -> Group {
    (campaign, Reverse(true), Reverse(i16::MAX))
}

/// The last queue of a campaign.
const fn last(campaign: CampaignId) -> Group {
    (campaign, Reverse(false), Reverse(i16::MIN))
}
