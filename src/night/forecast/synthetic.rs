//! A population that a seed makes up: patients discharged day after day, with the numbers and the fates of a real list.

use std::collections::BTreeSet;
use std::time::Duration;

use rand_chacha::ChaCha8Rng;

use super::chance::{below, per_mille, stream};
use super::events::{FollowUps, discharge};
use super::population::{Listing, NumberState, Opening, Person, Population, Telephone, Turn, TurnTo};
use crate::calendar::{DueAfter, Schedule, due};
use crate::dialer::{Listed, Owner, PatientState};
use crate::ids::{CampaignId, CaseId, NumberId, PatientId};
use crate::moment::Wall;
use crate::phone::Number;
use crate::rules::Event;

/// Which people to make up.
#[derive(Clone, Debug)]
pub struct Synthetic {
    /// How many.
    pub patients: u32,
    /// Over how many days their discharges are spread, at least one.
    pub days: u32,
    /// The first of these days begins here.
    pub origin: Wall,
    /// The same seed makes the same people.
    pub seed: u64,
    /// When their campaigns dial.
    pub schedule: Schedule,
    /// What makes cases of their discharges.
    pub due: WhenDue,
}

/// What makes cases of discharges.
#[derive(Clone, Debug)]
pub enum WhenDue {
    /// One campaign: so long after the discharge a case is due. The first discharges lie so far before the origin.
    After {
        /// Which campaign.
        campaign: CampaignId,
        /// How long after the discharge.
        due: DueAfter,
        /// How long after it became due it is given up.
        deadline: Option<DueAfter>,
    },
    /// Follow-up rules; the first discharges happen on the day of the origin.
    Rules(Box<FollowUps>),
}

const DAY: Duration = Duration::from_secs(86_400);
/// Discharges happen from 8:00 to 18:00 of a local day.
const FIRST_HOUR: u64 = 8;
const DISCHARGING: u32 = 10 * 3_600;
/// An appointment may be kept so long before its time.
const AHEAD: Duration = Duration::from_secs(15 * 60);

/// Of a thousand patients, so many …
const LANDLINE: u32 = 120;
const HOUSEHOLD: u32 = 60;
const SECOND_NUMBER: u32 = 250;
const SECOND_IS_KIN: u32 = 700;
const DECEASED: u32 = 4;
const DO_NOT_CALL: u32 = 6;
const READMITTED: u32 = 12;
const APPOINTMENT: u32 = 5;

impl Synthetic {
    /// The people, the same ones for the same seed.
    pub fn population(&self) -> Population {
        let mut population = Population::default();
        let mut household: Option<Number> = None;
        let mut events = Vec::new();
        for patient in 0..self.patients {
            let mut chance = stream(self.seed, &[0x7065_6f70_6c65, u64::from(patient)]);
            let shared = household.take().filter(|_| per_mille(&mut chance, HOUSEHOLD));
            let Some(own) = shared.or_else(|| first_number(patient, &mut chance)) else {
                continue;
            };
            household = Some(own.clone());
            self.add(&mut population, patient, own, &mut chance);
            let at = self.discharged(&mut chance);
            match &self.due {
                WhenDue::After {
                    campaign,
                    due,
                    deadline,
                } => {
                    let due = self.follow(at, *due);
                    let case = self.opening(patient, *campaign, due, &mut chance);
                    let deadline = deadline.map(|after| self.after(due, after));
                    population.cases.push(Opening { deadline, ..case });
                }
                WhenDue::Rules(_) => events.push((patient, discharge(patient, at, &mut chance))),
            }
        }
        if let WhenDue::Rules(rules) = &self.due {
            self.follow_up(rules, &mut population, &events);
        }
        population
    }

    /// The patient, without a case.
    fn add(&self, population: &mut Population, patient: u32, own: Number, chance: &mut ChaCha8Rng) {
        let id = PatientId(i64::from(patient) + 1);
        let mut states = BTreeSet::new();
        if per_mille(chance, DECEASED) {
            states.insert(PatientState::Deceased);
        }
        if per_mille(chance, DO_NOT_CALL) {
            population.do_not_call.push(Listing {
                number: own.clone(),
                level: Listed::Always,
                campaign: None,
            });
        }
        if per_mille(chance, READMITTED) {
            let begins = self.origin + Duration::from_secs(u64::from(below(chance, (self.days + 2) * 86_400)));
            let ends = begins + DAY * (1 + below(chance, 5));
            let turn = |at, to| Turn {
                at,
                patient: id,
                state: PatientState::Readmitted,
                to,
            };
            population.turns.push(turn(begins, TurnTo::Begins));
            population.turns.push(turn(ends, TurnTo::Ends));
        }
        let telephone = |nth: i64, number, owner| Telephone {
            id: NumberId(i64::from(patient) * 2 + nth),
            number,
            owner,
            state: NumberState::Good,
        };
        let mut numbers = vec![telephone(1, own, Owner::Patient)];
        if per_mille(chance, SECOND_NUMBER) {
            let is_kin = per_mille(chance, SECOND_IS_KIN);
            let owner = if is_kin { Owner::Kin } else { Owner::Patient };
            let other = Number::parse(&format!("139{patient:08}"));
            numbers.extend(other.map(|other| telephone(2, other, owner)));
        }
        population.patients.push(Person { id, numbers, states });
    }

    /// The time of a discharge, or, with one campaign, that of the day on which its case is due.
    fn discharged(&self, chance: &mut ChaCha8Rng) -> Wall {
        let day = below(chance, self.days.max(1));
        let time = Duration::from_secs(FIRST_HOUR * 3_600 + u64::from(below(chance, DISCHARGING)));
        self.origin + DAY * day + time
    }

    /// When a case is due whose discharge lies so far before `at` that it is due about then.
    fn follow(&self, at: Wall, after: DueAfter) -> Wall {
        match after {
            DueAfter::For(_) | DueAfter::Days(_) => at,
            DueAfter::Workdays(days) => {
                let before = DAY * (days + days.div_ceil(5) * 2);
                self.after(at - before, after).max(self.origin)
            }
        }
    }

    fn after(&self, wall: Wall, after: DueAfter) -> Wall {
        due(wall, after, self.schedule.zone, &self.schedule.calendar)
    }

    fn opening(&self, patient: u32, campaign: CampaignId, due: Wall, chance: &mut ChaCha8Rng) -> Opening {
        let hour = Duration::from_secs(3_600);
        let appointment = per_mille(chance, APPOINTMENT).then(|| self.next_opening(due + hour));
        Opening {
            case: CaseId(i64::from(patient) + 1),
            campaign,
            patient: PatientId(i64::from(patient) + 1),
            priority: 0,
            due,
            next_at: appointment.map_or(due, |at| at - AHEAD),
            deadline: None,
            appointment,
            tried: Vec::new(),
            has_answers: false,
        }
    }

    fn follow_up(&self, rules: &FollowUps, population: &mut Population, events: &[(u32, Event)]) {
        let happened: Vec<Event> = events.iter().map(|(_, event)| event.clone()).collect();
        let mut dues = rules.of(&happened, &self.schedule);
        dues.sort_by_key(|due| (due.event, due.follow_up.due));
        for (case, due) in (1..).map(CaseId).zip(dues) {
            let Some((patient, _)) = events.get(due.event) else {
                continue;
            };
            let mut chance = stream(self.seed, &[0x6361_7365, case.0.cast_unsigned()]);
            let opening = self.opening(*patient, due.campaign, due.follow_up.due, &mut chance);
            population.cases.push(Opening {
                case,
                priority: i16::try_from(due.follow_up.priority).unwrap_or(i16::MAX),
                deadline: due.follow_up.deadline,
                ..opening
            });
        }
    }

    fn next_opening(&self, wall: Wall) -> Wall {
        self.schedule.next_open(wall).unwrap_or(wall)
    }
}

fn first_number(patient: u32, chance: &mut ChaCha8Rng) -> Option<Number> {
    let digits = if per_mille(chance, LANDLINE) {
        format!("010{:08}", 20_000_000 + patient)
    } else {
        format!("138{patient:08}")
    };
    Number::parse(&digits).ok()
}
