//! The rules that hold after every step of a forecast, kept by a second set of books that the dialer never sees.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use super::book::Book;
use super::population::{Population, Turn, TurnTo};
use super::setup::Setup;
use crate::calendar::{Gate, Schedule};
use crate::dialer::{Cap, LEASE, LONGEST_CAP, PatientState, Timer};
use crate::ids::{AttemptId, CampaignId, CaseId, PatientId, TrunkId};
use crate::moment::{Moment, Wall};
use crate::phone::{Number, NumberKind};

/// An attempt that was begun.
#[derive(Clone, Debug)]
pub(super) struct Begun {
    pub(super) attempt: AttemptId,
    pub(super) case: CaseId,
    pub(super) campaign: CampaignId,
    pub(super) patient: PatientId,
    pub(super) number: Number,
    pub(super) trunk: TrunkId,
}

/// What is allowed, and what was seen so far.
#[derive(Debug, Default)]
pub(super) struct Invariants {
    campaigns: BTreeMap<CampaignId, Bounds>,
    trunks: BTreeMap<TrunkId, TrunkBounds>,
    open: BTreeMap<AttemptId, Begun>,
    numbers: BTreeSet<Number>,
    patients: BTreeSet<PatientId>,
    listed: BTreeSet<(Number, Option<CampaignId>)>,
    deceased: BTreeSet<PatientId>,
    closed: BTreeSet<CaseId>,
    counted: BTreeMap<CaseId, u16>,
    called: BTreeMap<Number, VecDeque<Wall>>,
    ended: u64,
    begun: u64,
    broken: Vec<String>,
}

#[derive(Debug)]
struct Bounds {
    schedule: Schedule,
    gate: Gate,
    lines: usize,
    used: usize,
    interval: Duration,
    budget: u16,
    caps: Vec<Cap>,
    trunks: Vec<TrunkId>,
    last_dial: Option<Moment>,
    /// Since when it could have dialed and did not.
    free_since: Option<Moment>,
}

#[derive(Debug)]
struct TrunkBounds {
    lines: usize,
    used: usize,
    interval: Duration,
    last_dial: Option<Moment>,
    rests_until: Moment,
}

/// A due case waits no longer than this while a line is free, the window is open and nobody else is dialed; beside it
/// the pace of the campaign.
const PATIENCE: Duration = Duration::from_secs(60);
/// No attempt is begun in the last seconds of a window.
const LAST_SECONDS: Duration = Duration::from_secs(10);
/// A number whose own window closes while its call waits for a line may be dialed so much later.
const KIND_SLACK: Duration = Duration::from_secs(15);

impl Invariants {
    pub(super) fn new(setup: &Setup, population: &Population) -> Self {
        let bounds = setup.campaigns.iter().map(|campaign| {
            let bounds = Bounds {
                gate: campaign.schedule.gate(setup.origin),
                schedule: campaign.schedule.clone(),
                lines: usize::from(campaign.lines),
                used: 0,
                interval: campaign.pace.interval(),
                budget: campaign.retry.budget,
                caps: campaign.limits.number.clone(),
                trunks: campaign.routes.iter().map(|route| route.trunk).collect(),
                last_dial: None,
                free_since: None,
            };
            (campaign.id, bounds)
        });
        let trunks = setup.trunks.iter().map(|(id, trunk)| {
            let bounds = TrunkBounds {
                lines: usize::from(trunk.caps.lines),
                used: 0,
                interval: trunk.caps.pace.interval(),
                last_dial: None,
                rests_until: Moment::ZERO,
            };
            (*id, bounds)
        });
        let mut called: BTreeMap<Number, VecDeque<Wall>> = BTreeMap::new();
        for (number, at) in &population.called {
            called.entry(number.clone()).or_default().push_back(*at);
        }
        let deceased = population.patients.iter();
        let listed = population.do_not_call.iter();
        let counted = population.cases.iter().map(|opening| {
            let counted = opening.tried.iter().filter(|tried| tried.counted).count();
            (opening.case, u16::try_from(counted).unwrap_or(u16::MAX))
        });
        Self {
            campaigns: bounds.collect(),
            trunks: trunks.collect(),
            listed: listed.map(|entry| (entry.number.clone(), entry.campaign)).collect(),
            deceased: deceased
                .filter(|person| person.states.contains(&PatientState::Deceased))
                .map(|person| person.id)
                .collect(),
            counted: counted.collect(),
            called,
            ..Self::default()
        }
    }

    pub(super) fn turn(&mut self, turn: Turn) {
        if turn.state == PatientState::Deceased {
            match turn.to {
                TurnTo::Begins => self.deceased.insert(turn.patient),
                TurnTo::Ends => self.deceased.remove(&turn.patient),
            };
        }
    }

    fn breaks(&mut self, what: String) {
        self.broken.push(what);
    }

    /// An attempt was written down: it has its line from now on.
    pub(super) fn begun(&mut self, wall: Wall, begun: Begun, book: &Book) {
        let Begun { attempt, case, .. } = begun;
        self.begun += 1;
        if self.closed.contains(&case) {
            self.breaks(format!("attempt {attempt} of case {case}, which is closed"));
        }
        if self.deceased.contains(&begun.patient) {
            self.breaks(format!("attempt {attempt} at a patient who has died, case {case}"));
        }
        let listed = |only| self.listed.contains(&(begun.number.clone(), only));
        if listed(None) || listed(Some(begun.campaign)) {
            self.breaks(format!("{} is on the do-not-call list, case {case}", begun.number));
        }
        if !self.numbers.insert(begun.number.clone()) {
            self.breaks(format!("{} is called twice at once, case {case}", begun.number));
        }
        if !self.patients.insert(begun.patient) {
            self.breaks(format!("patient {} is in two calls, case {case}", begun.patient));
        }
        if let Some(waits) = book
            .case(case)
            .and_then(|row| Some((row.next_at, book.longest_wait(row.group())?)))
            && waits.1 + LEASE < waits.0
        {
            self.breaks(format!("case {case} went before one that waits longer"));
        }
        self.keeps_to_caps(wall, &begun);
        if let Some(bounds) = self.campaigns.get_mut(&begun.campaign) {
            bounds.used += 1;
            let counted = self.counted.get(&case).copied().unwrap_or_default();
            if counted >= bounds.budget {
                self.broken
                    .push(format!("attempt {attempt} of case {case} is beyond its budget"));
            }
        }
        if let Some(bounds) = self.trunks.get_mut(&begun.trunk) {
            bounds.used += 1;
        }
        self.open.insert(attempt, begun);
    }

    fn keeps_to_caps(&mut self, wall: Wall, begun: &Begun) {
        let called = self.called.entry(begun.number.clone()).or_default();
        while called.front().is_some_and(|at| wall.since(*at) > LONGEST_CAP) {
            called.pop_front();
        }
        let caps = self
            .campaigns
            .get(&begun.campaign)
            .map_or(&[][..], |bounds| &bounds.caps);
        for cap in caps {
            let within = called.iter().filter(|at| wall.since(**at) < cap.within).count();
            if within >= usize::from(cap.most) {
                let (number, most, span) = (&begun.number, cap.most, cap.within);
                self.broken.push(format!(
                    "{number} is called for the {}th time in {span:?}, {most} are allowed",
                    within + 1
                ));
            }
        }
        called.push_back(wall);
    }

    /// Its INVITE leaves: over its first trunk, or over another one that this attempt was moved to.
    pub(super) fn dialed(&mut self, now: Moment, wall: Wall, attempt: AttemptId, trunk: TrunkId) {
        let Some(begun) = self.open.get_mut(&attempt) else {
            return self.breaks(format!("attempt {attempt} was dialed and is not open"));
        };
        let is_first = begun.trunk == trunk;
        if let Some(before) = self.trunks.get_mut(&begun.trunk).filter(|_| !is_first) {
            before.used = before.used.saturating_sub(1);
            begun.trunk = trunk;
        }
        let close = |last: Option<Moment>, interval: Duration| last.is_some_and(|last| now.since(last) < interval);
        let kind = begun.number.kind();
        if let Some(bounds) = self.campaigns.get_mut(&begun.campaign) {
            if is_first {
                if close(bounds.last_dial, bounds.interval) {
                    self.broken
                        .push(format!("attempt {attempt} left faster than the campaign's pace"));
                }
                bounds.last_dial = Some(now);
            }
            if !bounds.is_open(wall) {
                self.broken.push(format!("attempt {attempt} left outside the windows"));
            }
            if !bounds.is_open_for(kind, wall) {
                self.broken
                    .push(format!("attempt {attempt} left outside the windows of {kind:?}"));
            }
        }
        if let Some(bounds) = self.trunks.get_mut(&trunk) {
            bounds.used += usize::from(!is_first);
            if close(bounds.last_dial, bounds.interval) {
                self.broken
                    .push(format!("attempt {attempt} left faster than the trunk's pace"));
            }
            if bounds.rests_until > now {
                self.broken
                    .push(format!("attempt {attempt} left over a trunk that rests"));
            }
            bounds.last_dial = Some(now);
        }
    }

    pub(super) fn rests(&mut self, trunk: TrunkId, until: Moment) {
        if let Some(bounds) = self.trunks.get_mut(&trunk) {
            bounds.rests_until = until;
        }
    }

    /// The attempt is over: its line, its number and its patient are free.
    pub(super) fn ended(&mut self, attempt: AttemptId, counted: u16, book: &Book) {
        let Some(begun) = self.open.remove(&attempt) else {
            return self.breaks(format!("attempt {attempt} ended and was not open"));
        };
        self.ended += 1;
        self.numbers.remove(&begun.number);
        self.patients.remove(&begun.patient);
        *self.counted.entry(begun.case).or_default() += counted;
        if let Some(bounds) = self.campaigns.get_mut(&begun.campaign) {
            bounds.used = bounds.used.saturating_sub(1);
        }
        if let Some(bounds) = self.trunks.get_mut(&begun.trunk) {
            bounds.used = bounds.used.saturating_sub(1);
        }
        if book.case(begun.case).is_some_and(|case| case.outcome.is_some()) {
            self.closed.insert(begun.case);
        }
    }

    /// Nobody is ever called at this number again.
    pub(super) fn opted_out(&mut self, number: &Number) {
        self.listed.insert((number.clone(), None));
    }

    /// A case was closed without an attempt.
    pub(super) fn closed(&mut self, case: CaseId) {
        self.closed.insert(case);
    }

    /// What holds at any time.
    pub(super) fn after_step(
        &mut self,
        now: Moment,
        wall: Wall,
        deadline: Option<(Moment, Timer)>,
        book: &Book,
    ) -> Result<(), Vec<String>> {
        if let Some((_, timer)) = deadline.filter(|(at, _)| *at <= now) {
            self.broken.push(format!("{timer:?} lies in the past after a step"));
        }
        if self.begun != self.ended + self.open.len() as u64 {
            self.broken.push("an attempt ended twice, or was lost".to_owned());
        }
        for (id, trunk) in &self.trunks {
            if trunk.used > trunk.lines {
                self.broken
                    .push(format!("{} calls over {id:?}, more than its lines", trunk.used));
            }
        }
        for (id, bounds) in &mut self.campaigns {
            if bounds.used > bounds.lines {
                self.broken
                    .push(format!("{} calls of campaign {id}, more than its lines", bounds.used));
            }
            let carries = |trunk: &TrunkId| {
                let trunk = self.trunks.get(trunk);
                trunk.is_some_and(|trunk| trunk.used < trunk.lines && trunk.rests_until <= now)
            };
            let dials = bounds
                .trunks
                .iter()
                .filter_map(|id| self.trunks.get(id)?.last_dial)
                .max();
            let could = bounds.used < bounds.lines && bounds.takes_cases(wall) && bounds.trunks.iter().any(carries);
            bounds.free_since = could.then(|| bounds.free_since.unwrap_or(now));
            let Some(free_since) = bounds.free_since else { continue };
            let since = free_since.max(dials.unwrap_or_default());
            let patience = PATIENCE + bounds.interval;
            if now.since(since) > patience
                && let Some((_, case)) = book.waiting(*id).find(|(next_at, _)| *next_at + patience < wall)
            {
                self.broken
                    .push(format!("case {case} is due, a line is free, and nobody calls"));
                bounds.free_since = Some(now);
            }
        }
        if self.broken.is_empty() {
            Ok(())
        } else {
            Err(std::mem::take(&mut self.broken))
        }
    }

    /// Attempts that are not over.
    pub(super) fn open(&self) -> usize {
        self.open.len()
    }
}

impl Bounds {
    fn is_open(&mut self, wall: Wall) -> bool {
        if !self.gate.holds_at(wall) {
            self.gate = self.schedule.gate(wall);
        }
        matches!(self.gate, Gate::Open { .. })
    }

    fn takes_cases(&mut self, wall: Wall) -> bool {
        self.is_open(wall) && self.gate.holds_at(wall + LAST_SECONDS)
    }

    fn is_open_for(&self, kind: Option<NumberKind>, wall: Wall) -> bool {
        let open = |wall| matches!(self.schedule.gate_for(kind, wall), Gate::Open { .. });
        open(wall) || open(wall - KIND_SLACK)
    }
}
