//! A population that a seed makes up: patients discharged day after day, with the numbers and the fates of a real list.

use std::collections::BTreeSet;
use std::time::Duration;

use rand_chacha::ChaCha8Rng;

use super::chance::{below, per_mille, stream};
use super::population::{Listing, NumberState, Opening, Person, Population, Telephone, Turn, TurnTo};
use crate::calendar::{DueAfter, Schedule, due};
use crate::dialer::{Listed, Owner, PatientState};
use crate::ids::{CampaignId, CaseId, NumberId, PatientId};
use crate::moment::Wall;
use crate::phone::Number;

/// Which people to make up.
#[derive(Clone, Debug)]
pub struct Synthetic {
    /// How many.
    pub patients: u32,
    /// Over how many days their discharges are spread, at least one.
    pub days: u32,
    /// The first discharges are due on the day that begins here.
    pub origin: Wall,
    /// The same seed makes the same people.
    pub seed: u64,
    /// Their campaign.
    pub campaign: CampaignId,
    /// When it dials.
    pub schedule: Schedule,
    /// How long after the discharge a case is due.
    pub due_after: DueAfter,
    /// How long after it became due it is given up.
    pub deadline_after: Option<Duration>,
}

const DAY: Duration = Duration::from_secs(86_400);
/// Discharges happen from 8:00 to 18:00 of a local day.
const FIRST_HOUR: u64 = 8;
const DISCHARGING: u32 = 10 * 3_600;

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
        for patient in 0..self.patients {
            let mut chance = stream(self.seed, &[0x70_656f_706c_65, u64::from(patient)]);
            let shared = household.take().filter(|_| per_mille(&mut chance, HOUSEHOLD));
            let Some(own) = shared.or_else(|| first_number(patient, &mut chance)) else {
                continue;
            };
            household = Some(own.clone());
            self.add(&mut population, patient, own, &mut chance);
        }
        population
    }

    fn add(&self, population: &mut Population, patient: u32, own: Number, chance: &mut ChaCha8Rng) {
        let id = PatientId(i64::from(patient) + 1);
        let due = self.due(chance);
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
            let begins = due + Duration::from_secs(u64::from(below(chance, 2 * 86_400)));
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
            let owner = if per_mille(chance, SECOND_IS_KIN) {
                Owner::Kin
            } else {
                Owner::Patient
            };
            numbers.extend(number(&format!("139{patient:08}")).map(|other| telephone(2, other, owner)));
        }
        let appointment = per_mille(chance, APPOINTMENT).then(|| self.next_opening(due + Duration::from_secs(3_600)));
        let ahead = Duration::from_secs(15 * 60);
        population.patients.push(Person { id, numbers, states });
        population.cases.push(Opening {
            case: CaseId(i64::from(patient) + 1),
            campaign: self.campaign,
            patient: id,
            priority: 0,
            due,
            next_at: appointment.map_or(due, |at| at - ahead),
            deadline: self.deadline_after.map(|after| due + after),
            appointment,
            tried: Vec::new(),
            has_answers: false,
        });
    }

    /// When a follow-up is due whose discharge lies so that its day is one of the days asked for.
    fn due(&self, chance: &mut ChaCha8Rng) -> Wall {
        let day = below(chance, self.days.max(1));
        let time = Duration::from_secs(FIRST_HOUR * 3_600 + u64::from(below(chance, DISCHARGING)));
        let at = self.origin + DAY * day + time;
        match self.due_after {
            // By the clock or by calendar days the discharge lies as far before.
            DueAfter::For(_) | DueAfter::Days(_) => at,
            DueAfter::Workdays(days) => {
                let before = DAY * (days + days.div_ceil(5) * 2);
                due(at - before, self.due_after, self.schedule.zone, &self.schedule.calendar).max(self.origin)
            }
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
    number(&digits)
}

fn number(digits: &str) -> Option<Number> {
    Number::parse(digits).ok()
}
