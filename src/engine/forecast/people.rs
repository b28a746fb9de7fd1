//! The people of the database as a forecast takes them, and how their telephones are expected to behave.

use std::collections::{BTreeMap, BTreeSet};

use crate::dialer::{DayPart, PatientState};
use crate::ids::PatientId;
use crate::moment::Wall;
use crate::night::forecast::{
    Behaviours, Listing, NumberState, Observed, Opening, Ordinal, Outlook, Person, Population, Slot, Telephone, Turn,
    TurnTo,
};
use crate::outcome::Disposition;
use crate::phone::Number;
use crate::store::{ObservedTally, ProspectListed, Prospects};

/// What is known at `now` of everybody who may be called.
pub fn population(prospects: Prospects, now: Wall) -> Population {
    let mut people: BTreeMap<PatientId, Person> = BTreeMap::new();
    for case in &prospects.cases {
        people.entry(case.patient).or_insert_with(|| Person {
            id: case.patient,
            numbers: Vec::new(),
            states: BTreeSet::new(),
        });
    }
    for own in prospects.numbers {
        if let Some(person) = people.get_mut(&own.patient) {
            person.numbers.push(Telephone {
                id: own.id,
                number: own.number,
                owner: own.owner,
                state: match own.state.as_str() {
                    "ok" => NumberState::Good,
                    "suspect" => NumberState::Suspect,
                    "wrong" => NumberState::Wrong,
                    _ => NumberState::Dead,
                },
            });
        }
    }
    let mut turns = Vec::new();
    for state in prospects.states {
        let Some(person) = people.get_mut(&state.patient) else {
            continue;
        };
        let (patient, known) = (state.patient, state.state);
        let turn = |at, to| Turn {
            at,
            patient,
            state: known,
            to,
        };
        if state.since > now {
            turns.push(turn(state.since, TurnTo::Begins));
        } else {
            person.states.insert(known);
        }
        if known != PatientState::Deceased {
            turns.extend(state.until.map(|until| turn(until, TurnTo::Ends)));
        }
    }
    let listed = prospects
        .listed
        .iter()
        .flat_map(|listed| listings(listed, &people))
        .collect();
    Population {
        cases: prospects
            .cases
            .into_iter()
            .map(|case| Opening {
                case: case.case,
                campaign: case.campaign,
                patient: case.patient,
                priority: case.priority,
                due: case.due,
                next_at: case.next_at,
                deadline: case.deadline,
                appointment: case.appointment,
                tried: case.tried,
                has_answers: case.has_answers,
            })
            .collect(),
        patients: people.into_values().collect(),
        do_not_call: listed,
        turns,
        called: prospects.called,
        locked: prospects.locked,
    }
}

/// An entry for a patient is one for each of the patient's numbers.
fn listings(listed: &ProspectListed, people: &BTreeMap<PatientId, Person>) -> Vec<Listing> {
    let listing = |number: &Number| Listing {
        number: number.clone(),
        level: listed.level,
        campaign: listed.campaign,
    };
    let of_patient = listed.patient.and_then(|patient| people.get(&patient));
    let numbers = of_patient.into_iter().flat_map(|person| &person.numbers);
    let numbers = numbers.map(|telephone| &telephone.number);
    listed.number.iter().chain(numbers).map(listing).collect()
}

/// How calls ended lately, over what the trade sees.
pub fn behaviours(tallies: &[ObservedTally]) -> Behaviours {
    let seen: Vec<Observed> = tallies
        .iter()
        .map(|tally| Observed {
            slot: Slot {
                kind: tally.kind,
                part: match tally.hour {
                    0..12 => DayPart::Morning,
                    12..17 => DayPart::Afternoon,
                    17.. => DayPart::Evening,
                },
                attempt: if tally.first { Ordinal::First } else { Ordinal::Later },
            },
            disposition: tally.disposition,
            count: tally.count,
        })
        .collect();
    Behaviours::default().observed(&seen)
}

/// A length that was seen weighs against the one that is drawn as much as so many calls.
const PRIOR: u64 = 10;

/// How long calls lasted, by how they ended, in percent of what this forecast drew. A fifth and five times are the bounds.
pub fn lengths(tallies: &[ObservedTally], drawn: &Outlook) -> BTreeMap<Disposition, u32> {
    let mut seen: BTreeMap<Disposition, (u64, u64)> = BTreeMap::new();
    for tally in tallies {
        let (count, lasted) = seen.entry(tally.disposition).or_default();
        *count += u64::from(tally.count);
        *lasted += tally.lasted_ms;
    }
    let mut percent = BTreeMap::new();
    for (disposition, (count, lasted)) in seen {
        let of_it = drawn.attempts.iter().filter(|made| made.disposition == disposition);
        let lengths: Vec<u128> = of_it.map(|made| made.ended.since(made.at).as_millis()).collect();
        let Some(many) = u64::try_from(lengths.len()).ok().filter(|many| *many > 0) else {
            continue;
        };
        let mean = u64::try_from(lengths.iter().sum::<u128>()).unwrap_or(u64::MAX) / many;
        let expected = (lasted + PRIOR * mean) / (count + PRIOR);
        let share = expected.saturating_mul(100) / mean.max(1);
        percent.insert(disposition, u32::try_from(share.clamp(20, 500)).unwrap_or(100));
    }
    percent
}
