//! The same small nights by a second, obviously simple way: one list, one tick a second, everything looked for from end to
//! end. Whoever is called, how often and with what end must be the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use super::super::behaviours::{Asked, Behaviours, Ordinal, Slot};
use super::super::book::OptedOut;
use super::super::calls::Course;
use super::super::chance::{below, stream};
use super::super::talk::Questionnaire;
use super::super::{NumberState, Opening, Person, Population, Telephone};
use super::house::{CAMPAIGN, MONDAY, campaign, days, plan, run, setup};
use crate::calendar::{Span, Windows};
use crate::dialer::claim::{self, Checked};
use crate::dialer::{
    Campaign, Candidate, CandidateNumber, Claim, DayPart, Direction, History, LONGEST_CAP, Next, Outcome, Owner, Pace,
    RetryPolicy, Terms, Tried, retry,
};
use crate::ids::{CaseId, NumberId, PatientId};
use crate::moment::Wall;
use crate::outcome::{CauseTable, Disposition, classify};
use crate::phone::Number;

proptest! {
    #![proptest_config(ProptestConfig { cases: 220, ..ProptestConfig::default() })]

    #[test]
    fn small_nights_go_as_the_simple_way_says(seed in any::<u64>()) {
        let night = Night::random(seed);
        let expected = night.simply();
        let forecast = night.forecast();
        prop_assert_eq!(forecast, expected);
    }
}

/// How a case went: the numbers that were called with how each call ended, and how it was closed.
type Went = BTreeMap<CaseId, (Vec<(NumberId, Disposition)>, Option<Outcome>)>;

struct Night {
    seed: u64,
    campaign: Campaign,
    people: Population,
    behaviours: Behaviours,
}

const MINUTE: Duration = Duration::from_secs(60);

impl Night {
    fn random(seed: u64) -> Self {
        let mut chance = stream(seed, &[7]);
        let shares_numbers = seed.is_multiple_of(2);
        let mut campaign = campaign(1 + u16::try_from(below(&mut chance, 3)).unwrap());
        campaign.pace = Pace::per_second(1.0).unwrap();
        let evening = Span::new(17 * 60, 20 * 60 + 30).unwrap();
        campaign.schedule.windows = Windows::every_day(&[evening]).unwrap();
        let budget = 1 + u16::try_from(below(&mut chance, 4)).unwrap();
        campaign.retry = RetryPolicy::immediate(MINUTE * (3 + below(&mut chance, 12))).with_budget(budget);
        let mut people = Population::default();
        for patient in 1..=i64::from(1 + below(&mut chance, 12)) {
            let shared = shares_numbers && patient % 3 == 0;
            let digits = format!("138{:08}", if shared { 1 } else { patient });
            let telephone = |nth: i64, digits: &str| Telephone {
                id: NumberId(patient * 10 + nth),
                number: Number::parse(digits).unwrap(),
                owner: Owner::Patient,
                state: NumberState::Good,
            };
            let mut numbers = vec![telephone(1, &digits)];
            if !shares_numbers && below(&mut chance, 2) == 0 {
                numbers.push(telephone(2, &format!("139{patient:08}")));
            }
            let due =
                MONDAY + Duration::from_secs(17 * 3_600) + Duration::from_secs(u64::from(below(&mut chance, 3_600)));
            people.patients.push(Person {
                id: PatientId(patient),
                numbers,
                states: BTreeSet::new(),
            });
            people.cases.push(Opening {
                case: CaseId(patient),
                campaign: CAMPAIGN,
                patient: PatientId(patient),
                priority: i16::try_from(below(&mut chance, 3)).unwrap(),
                due,
                next_at: due,
                deadline: None,
                appointment: None,
                tried: Vec::new(),
                has_answers: false,
            });
        }
        Self {
            seed,
            campaign,
            people,
            behaviours: Behaviours::steady(if shares_numbers { OF_CALLS } else { OF_ALL }),
        }
    }

    fn forecast(&self) -> Went {
        let outlook = run(
            setup(self.campaign.clone(), self.seed),
            self.people.clone(),
            self.behaviours.clone(),
            days(6),
        );
        let outlook = outlook.unwrap_or_else(|broken| panic!("{broken}\n{}", broken.before.join("\n")));
        let mut went: Went = outlook
            .cases
            .iter()
            .map(|case| (case.case, (Vec::new(), case.outcome)))
            .collect();
        for made in &outlook.attempts {
            went.entry(made.case)
                .or_default()
                .0
                .push((made.number, made.disposition));
        }
        went
    }

    fn simply(&self) -> Went {
        Simple::new(self).run()
    }
}

/// What says something of one call alone: in households what is said of a number would make the order matter.
const OF_CALLS: &[(Disposition, u32)] = {
    use Disposition::*;
    &[
        (Completed, 30),
        (Partial, 4),
        (Refused, 3),
        (BreakOff, 3),
        (EarlyHangup, 6),
        (Silent, 3),
        (ThirdParty, 3),
        (NoAnswer, 25),
        (Busy, 10),
        (Rejected, 8),
        (PowerOff, 6),
        (NetworkBusy, 2),
    ]
};

const OF_ALL: &[(Disposition, u32)] = {
    use Disposition::*;
    &[
        (Completed, 25),
        (Partial, 4),
        (Refused, 3),
        (OptOut, 5),
        (WrongNumber, 6),
        (ThirdParty, 3),
        (EarlyHangup, 6),
        (NoAnswer, 25),
        (Busy, 10),
        (Suspended, 6),
        (Vacant, 8),
        (NumberChanged, 3),
        (NetworkBusy, 2),
    ]
};

/// One case with all that belongs to it.
struct Row {
    case: CaseId,
    patient: PatientId,
    priority: i16,
    due: Wall,
    next_at: Wall,
    counted: u16,
    has_answers: bool,
    tried: Vec<Tried>,
    outcome: Option<Outcome>,
    call: Option<Up>,
}

impl Row {
    fn waits(&self, now: Wall) -> bool {
        self.outcome.is_none() && self.call.is_none() && self.next_at <= now
    }

    /// When something of it changes next.
    fn next(&self) -> Option<Wall> {
        let ends = self.call.as_ref().map(|up| up.ends);
        ends.or_else(|| self.outcome.is_none().then_some(self.next_at))
    }
}

/// A call that is up.
struct Up {
    number: NumberId,
    digits: Number,
    began: Wall,
    ends: Wall,
    course: Course,
}

struct Simple<'n> {
    night: &'n Night,
    questionnaire: Questionnaire,
    rows: Vec<Row>,
    wrong: BTreeSet<NumberId>,
    suspect: BTreeSet<Number>,
    dead: BTreeSet<Number>,
    listed: BTreeSet<Number>,
    called: Vec<(Number, Wall)>,
    rests: BTreeMap<Number, Wall>,
}

impl<'n> Simple<'n> {
    fn new(night: &'n Night) -> Self {
        let row = |opening: &Opening| Row {
            case: opening.case,
            patient: opening.patient,
            priority: opening.priority,
            due: opening.due,
            next_at: opening.next_at,
            counted: 0,
            has_answers: false,
            tried: Vec::new(),
            outcome: None,
            call: None,
        };
        Self {
            night,
            questionnaire: Questionnaire::new(Arc::new(plan()), &BTreeMap::new()),
            rows: night.people.cases.iter().map(row).collect(),
            wrong: BTreeSet::new(),
            suspect: BTreeSet::new(),
            dead: BTreeSet::new(),
            listed: BTreeSet::new(),
            called: Vec::new(),
            rests: BTreeMap::new(),
        }
    }

    fn run(mut self) -> Went {
        let mut now = MONDAY;
        let end = MONDAY + days(6);
        while now < end && self.rows.iter().any(|row| row.outcome.is_none() || row.call.is_some()) {
            self.hang_up(now);
            let tick = now + Duration::from_secs(1);
            if self.rows.iter().any(|row| row.waits(now)) {
                let is_open = |at| self.night.campaign.schedule.is_open(at);
                if is_open(now) && is_open(now + Duration::from_secs(10)) {
                    self.dial_one(now);
                    now = tick;
                } else {
                    now = now + MINUTE;
                }
            } else {
                now = self
                    .rows
                    .iter()
                    .filter_map(Row::next)
                    .min()
                    .map_or(tick, |next| next.max(tick));
            }
        }
        let went = |row: Row| {
            let calls = row.tried.iter().map(|tried| (tried.number.unwrap(), tried.disposition));
            (row.case, (calls.collect(), row.outcome))
        };
        self.rows.into_iter().map(went).collect()
    }

    fn hang_up(&mut self, now: Wall) {
        for index in 0..self.rows.len() {
            if self.rows[index].call.as_ref().is_some_and(|up| up.ends <= now) {
                let up = self.rows[index].call.take().unwrap();
                self.ended(index, up, now);
            }
        }
    }

    fn ended(&mut self, index: usize, up: Up, now: Wall) {
        let disposition = classify(&up.course.facts, &CauseTable::default()).disposition;
        let ended = retry::Ended::of(disposition, &up.course.facts);
        let campaign = &self.night.campaign;
        let history = History {
            counted: self.rows[index].counted,
            past: self.past(index, up.number),
            has_answers: self.rows[index].has_answers,
        };
        let next = retry::next(&campaign.retry, &history, ended, now, &campaign.schedule, None);
        if disposition == Disposition::WrongNumber {
            self.wrong.insert(up.number);
        } else if disposition.is_answered() {
            self.suspect.remove(&up.digits);
            self.dead.remove(&up.digits);
        } else if matches!(
            disposition,
            Disposition::Vacant | Disposition::NumberChanged | Disposition::Suspended
        ) {
            let settled = matches!(next, Next::Close { .. }) || self.suspect.contains(&up.digits);
            if settled { &mut self.dead } else { &mut self.suspect }.insert(up.digits.clone());
        }
        if up.course.opted_out == OptedOut::Yes {
            self.listed.insert(up.digits.clone());
        }
        let usable = self.numbers(index).iter().any(|own| !self.is_dead(own));
        let row = &mut self.rows[index];
        let counted = next.is_counted();
        row.counted += u16::from(counted);
        row.has_answers |= ended.has_answers;
        row.tried.push(Tried {
            at: up.began,
            number: Some(up.number),
            disposition,
            counted,
            direction: Direction::Out,
        });
        match next {
            Next::Again { at, .. } => {
                row.next_at = at;
                self.rests.insert(up.digits, at);
            }
            Next::Close {
                outcome: Outcome::NumberDead,
                ..
            } if usable => row.next_at = now,
            Next::Close { outcome, .. } => row.outcome = Some(outcome),
        }
    }

    /// What was said of a number counts for that one alone.
    fn past(&self, index: usize, number: NumberId) -> Vec<Disposition> {
        let of_number = |tried: &&Tried| {
            let said = matches!(tried.disposition, Disposition::Vacant | Disposition::Suspended);
            !said || tried.number == Some(number)
        };
        self.rows[index]
            .tried
            .iter()
            .filter(of_number)
            .map(|tried| tried.disposition)
            .collect()
    }

    fn numbers(&self, index: usize) -> &'n [Telephone] {
        let patient = self.rows[index].patient;
        let person = self.night.people.patients.iter().find(|person| person.id == patient);
        &person.unwrap().numbers
    }

    fn is_dead(&self, own: &Telephone) -> bool {
        self.wrong.contains(&own.id) || self.dead.contains(&own.number)
    }

    /// The first case in the order of the claims that may be dialed now.
    fn dial_one(&mut self, now: Wall) {
        let up = self.rows.iter().filter(|row| row.call.is_some()).count();
        if up >= usize::from(self.night.campaign.lines) {
            return;
        }
        let claim = self.claim(now);
        let due = (0..self.rows.len()).filter(|index| self.rows[*index].waits(now));
        let mut candidates: Vec<Candidate> = due.map(|index| self.candidate(index, now)).collect();
        claim::order(&mut candidates);
        for candidate in candidates {
            let index = self.rows.iter().position(|row| row.case == candidate.case).unwrap();
            match claim::decide(&candidate, &claim).checked {
                Checked::Hold { until } => self.rows[index].next_at = until,
                Checked::Close { outcome } => self.rows[index].outcome = Some(outcome),
                Checked::Dial { number } => {
                    let own = self.numbers(index).iter().find(|own| own.id == number).unwrap();
                    match self.rests.get(&own.number).filter(|until| **until > now) {
                        Some(until) => self.rows[index].next_at = *until,
                        None => return self.dial(index, own, now),
                    }
                }
            }
        }
    }

    fn dial(&mut self, index: usize, own: &Telephone, now: Wall) {
        let row = &self.rows[index];
        let names = [row.case.0.cast_unsigned(), row.tried.len() as u64, 0];
        let mut chance = stream(self.night.seed, &names);
        let asked = Asked {
            slot: Slot {
                kind: own.number.kind(),
                part: DayPart::Evening,
                attempt: if row.tried.is_empty() {
                    Ordinal::First
                } else {
                    Ordinal::Later
                },
            },
            before: row.tried.len(),
            last: None,
        };
        let bearing = self.night.behaviours.draw(&asked, &mut chance);
        let ring = self.night.campaign.ring;
        let course = Course::of(bearing, ring, Some(&self.questionnaire), None, &mut chance);
        self.called.push((own.number.clone(), now));
        self.rows[index].call = Some(Up {
            number: own.id,
            digits: own.number.clone(),
            began: now,
            ends: now + course.lasts,
            course,
        });
    }

    fn claim(&self, now: Wall) -> Claim {
        let campaign = &self.night.campaign;
        Claim {
            campaign: CAMPAIGN,
            now,
            limit: 1,
            lease: campaign.lease,
            terms: Arc::new(Terms::new(&campaign.schedule, &campaign.retry, &campaign.limits)),
        }
    }

    fn candidate(&self, index: usize, now: Wall) -> Candidate {
        let row = &self.rows[index];
        let up = |number: &Number| {
            let calls = self.rows.iter().filter_map(|row| row.call.as_ref());
            calls.into_iter().any(|up| up.digits == *number)
        };
        let called = |number: &Number| {
            let same = self
                .called
                .iter()
                .filter(|(called, at)| called == number && now.since(*at) < LONGEST_CAP);
            same.map(|(_, at)| *at).collect()
        };
        let number = |own: &Telephone| CandidateNumber {
            id: own.id,
            number: own.number.clone(),
            owner: own.owner,
            dead: self.is_dead(own),
            listed: self
                .listed
                .contains(&own.number)
                .then_some(crate::dialer::Listed::Always),
            locked: up(&own.number),
            called: called(&own.number),
        };
        Candidate {
            case: row.case,
            patient: row.patient,
            priority: row.priority,
            due: row.due,
            next_at: row.next_at,
            deadline: None,
            appointment: None,
            counted: row.counted,
            tried: row.tried.clone(),
            patient_tried: Vec::new(),
            states: BTreeSet::new(),
            numbers: self.numbers(index).iter().map(number).collect(),
        }
    }
}
