//! A night in virtual time without a packet: the shipped dialer, claims, retries, calendar, questionnaire and outcome table
//! over calls that are timed behaviours. `simulate` makes its people up, `plan` takes them from the database.
//!
//! [`Forecast`] owns the clock. A step takes the earliest of the dialer's deadline and what is under way, does what the
//! control core would do with it, and checks every invariant. What a patient does with a call is drawn from the seed, the
//! case and the number of the attempt, never from what others did before: two forecasts that differ in one rule meet the
//! same people. The store's answers take no time.

mod bearing;
mod behaviours;
mod book;
mod calls;
mod chance;
mod events;
mod invariants;
mod manner;
mod outlook;
mod population;
mod setup;
mod steps;
mod synthetic;
mod talk;
#[cfg(test)]
mod tests;
mod tonight;
mod trace;
mod wire;

use std::collections::BTreeMap;
use std::time::Duration;

pub use behaviours::{Asked, Behaviours, Memory, Observed, Ordinal, Slot};
pub use events::FollowUps;
pub use outlook::{CaseSeen, Lines, Made, Outlook};
pub use population::{Listing, NumberState, Opening, Person, Population, Telephone, Turn, TurnTo};
pub use setup::{Setup, SetupError, Trunk};
pub use synthetic::{Synthetic, WhenDue};
pub use tonight::{Stands, Tonight, median};
pub use wire::{WireError, wire};

use book::Book;
use invariants::Invariants;
use steps::{Call, Happening};
use talk::Questionnaire;
use trace::Trace;

use crate::dialer::{self, Callers, Campaign, Dialer};
use crate::ids::{AttemptId, CampaignId, TrunkId};
use crate::moment::{Moment, Wall};

/// An invariant did not hold: the forecast ends there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at {} ms: {}", at.millis(), rules.join("; "))]
pub struct Broken {
    /// When.
    pub at: Wall,
    /// What.
    pub rules: Vec<String>,
    /// The last lines of the trace, the oldest first.
    pub before: Vec<String>,
}

/// How far a forecast is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Its present time.
    pub wall: Wall,
    /// Cases that are closed.
    pub closed: usize,
    /// All cases.
    pub cases: usize,
    /// Attempts begun.
    pub attempts: usize,
}

/// Nights in virtual time.
#[derive(Debug)]
pub struct Forecast {
    now: Moment,
    origin: Wall,
    seed: u64,
    dialer: Dialer,
    book: Book,
    behaviours: Behaviours,
    campaigns: BTreeMap<CampaignId, Campaign>,
    questionnaires: BTreeMap<String, Questionnaire>,
    trunks: BTreeMap<TrunkId, Trunk>,
    /// Attempts that were begun and are not over.
    calls: BTreeMap<AttemptId, Call>,
    happenings: BTreeMap<(Moment, u64), Happening>,
    count: u64,
    cases: usize,
    trace: Trace,
    invariants: Invariants,
    outlook: Outlook,
}

impl Forecast {
    /// A forecast that begins at the setup's origin; all its campaigns run from then on.
    ///
    /// # Errors
    /// If a campaign names a dialplan or a trunk that is not there.
    pub fn new(setup: Setup, population: Population, behaviours: Behaviours) -> Result<Self, SetupError> {
        setup.check()?;
        let invariants = Invariants::new(&setup, &population);
        let shows = setup
            .trunks
            .iter()
            .filter(|(_, trunk)| trunk.callers != Callers::default());
        let callers: Vec<_> = shows.map(|(id, trunk)| (*id, trunk.callers.clone())).collect();
        let caps = setup.trunks.iter().map(|(id, trunk)| (*id, trunk.caps));
        let questionnaire = |(hash, plan): (&String, &std::sync::Arc<crate::dialplan::Dialplan>)| {
            (hash.clone(), Questionnaire::new(plan.clone(), &setup.prompts))
        };
        let mut forecast = Self {
            now: Moment::ZERO,
            origin: setup.origin,
            seed: setup.seed,
            dialer: Dialer::new(caps.collect(), setup.seed),
            behaviours,
            campaigns: BTreeMap::new(),
            questionnaires: setup.dialplans.iter().map(questionnaire).collect(),
            trunks: setup.trunks,
            calls: BTreeMap::new(),
            happenings: BTreeMap::new(),
            count: 0,
            cases: population.cases.len(),
            trace: Trace::default(),
            invariants,
            outlook: Outlook::default(),
            book: Book::default(),
        };
        for turn in &population.turns {
            let after = turn.at.since(setup.origin);
            forecast.schedule(after, Happening::Turns(*turn));
        }
        for opening in &population.cases {
            let Opening {
                case, campaign, due, ..
            } = opening;
            let deadline = opening.deadline.map(Wall::millis);
            let (due, next) = (due.millis(), opening.next_at.millis());
            forecast.trace.note(format_args!(
                "open case={case} campaign={campaign} due={due} next={next} deadline={deadline:?} priority={}",
                opening.priority
            ));
        }
        forecast.book = Book::new(population);
        for (trunk, callers) in callers {
            forecast.tell(dialer::Input::CallersChanged { trunk, callers });
        }
        for campaign in setup.campaigns {
            forecast.campaigns.insert(campaign.id, campaign.clone());
            forecast.tell(dialer::Input::CampaignStarted(Box::new(campaign)));
        }
        forecast.drain();
        Ok(forecast)
    }

    /// Steps until every case is closed or `until` has come; `tell` hears of the progress now and then.
    ///
    /// # Errors
    /// The first broken invariant.
    pub fn run_until(&mut self, until: Wall, mut tell: impl FnMut(Progress)) -> Result<(), Broken> {
        const TELL_EVERY: u64 = 4_096;
        let end = Moment::ZERO + until.since(self.origin);
        let mut steps = 0_u64;
        while self.book.open() > 0 || !self.calls.is_empty() {
            let Some(at) = self.next_at().filter(|at| *at <= end) else {
                self.now = self.now.max(end);
                break;
            };
            self.step(at)?;
            steps += 1;
            if steps.is_multiple_of(TELL_EVERY) {
                tell(self.progress());
            }
        }
        tell(self.progress());
        Ok(())
    }

    /// The civil time of this forecast.
    pub fn wall(&self) -> Wall {
        self.origin + self.now.since(Moment::ZERO)
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        Progress {
            wall: self.wall(),
            closed: self.cases - self.book.open(),
            cases: self.cases,
            attempts: self.outlook.attempts.len() + self.invariants.open(),
        }
    }

    /// What it came to so far.
    pub fn outlook(mut self) -> Outlook {
        let seen = self.book.cases().map(|(id, case)| CaseSeen {
            case: id,
            campaign: case.campaign,
            attempts: case.tried.len(),
            outcome: case.outcome,
            last: case.last,
            next_at: case.next_at,
        });
        self.outlook.cases = seen.collect();
        self.outlook.finished = (self.book.open() == 0).then(|| self.wall());
        self.outlook.lasts = self.now.since(Moment::ZERO);
        self.outlook.trace_sha256 = self.trace.sha256();
        self.outlook.trace_lines = self.trace.lines();
        self.outlook
    }

    fn next_at(&self) -> Option<Moment> {
        let happening = self.happenings.keys().next().map(|(at, _)| *at);
        let deadline = self.dialer.deadline().map(|(at, _)| at.max(self.now));
        happening.into_iter().chain(deadline).min()
    }

    fn step(&mut self, at: Moment) -> Result<(), Broken> {
        self.now = at.max(self.now);
        let due = self
            .happenings
            .first_key_value()
            .is_some_and(|((when, _), _)| *when <= self.now);
        if let Some((_, happening)) = due.then(|| self.happenings.pop_first()).flatten() {
            self.happen(happening);
            self.drain();
        }
        let mut deadline = self.dialer.deadline();
        if deadline.is_some_and(|(at, _)| at <= self.now) {
            self.tell(dialer::Input::Wake);
            self.drain();
            deadline = self.dialer.deadline();
        }
        let checked = self.invariants.after_step(self.now, self.wall(), deadline, &self.book);
        checked.map_err(|rules| Broken {
            at: self.wall(),
            rules,
            before: self.trace.last(),
        })
    }

    fn tell(&mut self, input: dialer::Input) {
        self.dialer.handle(self.now, self.wall(), input);
    }

    fn schedule(&mut self, after: Duration, happening: Happening) {
        self.count += 1;
        self.happenings.insert((self.now + after, self.count), happening);
    }
}
