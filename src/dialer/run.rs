//! One campaign that runs: its claims, the attempts being written, its calls.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::door::Counts;
use super::placed::Calls;
use super::{Campaign, Claimed, Terms};
use crate::calendar::{Gate, Hours};
use crate::ids::{AttemptId, CallMark, CaseId, TrunkId};
use crate::moment::{Moment, Wall};
use crate::phone::Number;

/// No attempt is begun in the last seconds of a window: its INVITE would leave after it.
pub(super) const LAST_SECONDS: Duration = Duration::from_secs(10);
/// A claim is given back this long before its lease ends, or at a tenth of the lease if that is less.
const LEASE_MARGIN: Duration = Duration::from_secs(30);
/// Cases are claimed this long before the pace lets them go.
pub(super) const AHEAD: Duration = Duration::from_secs(1);
/// An attempt on disk waits no longer than this for its trunk.
pub(super) const HOLD: Duration = Duration::from_secs(5);
/// An attempt that the store was asked to write down holds its line no longer than this without an answer.
pub(super) const UNANSWERED: Duration = Duration::from_secs(60);
/// After an empty claim the next one comes this much later, twice as late each time, up to the last value.
const POLL: Duration = Duration::from_secs(2);
const LONGEST_POLL: Duration = Duration::from_secs(30);
/// One claim never asks for more.
const MOST_CLAIMED: usize = 500;

/// What the dialer keeps of a campaign.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) campaign: Campaign,
    /// What its claims are decided by.
    pub(super) terms: Arc<Terms>,
    pub(super) state: State,
    /// Claimed and waiting.
    pub(super) queue: VecDeque<Claimed>,
    /// Asked to be written down; each holds a line.
    pub(super) beginning: BTreeMap<CaseId, Beginning>,
    /// On disk, about to be dialed; each holds a line.
    pub(super) ready: VecDeque<Ready>,
    /// Dialed; each holds a line.
    pub(super) calls: Calls,
    pub(super) claim: Asking,
    pub(super) begin_at: Moment,
    pub(super) dial_at: Moment,
    /// When it last began an attempt: among equals the one that waits longest goes first.
    pub(super) last_begun: Moment,
    pub(super) idle: Idle,
    gate: Gate,
}

/// Whether it takes up new cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Running,
    Stopping,
}

/// Whether the engine knows that there is nothing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Idle {
    Untold,
    Told,
}

/// Its conversation with the store about due cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asking {
    /// May ask from this moment on; so many answers in a row were empty.
    From { at: Moment, empty: u32 },
    /// Has asked; so many answers before were empty.
    Asked { empty: u32 },
}

/// An attempt that the store was asked to write down.
#[derive(Clone, Debug)]
pub(super) struct Beginning {
    pub(super) claimed: Claimed,
    pub(super) trunk: TrunkId,
    pub(super) caller: Option<Number>,
    /// When it was asked.
    pub(super) since: Moment,
}

/// An attempt on disk whose INVITE, over this trunk, has not left.
#[derive(Clone, Debug)]
pub(super) struct Ready {
    pub(super) attempt: AttemptId,
    pub(super) mark: CallMark,
    pub(super) claimed: Claimed,
    pub(super) trunk: TrunkId,
    pub(super) caller: Option<Number>,
    /// The trunks that could not carry it.
    pub(super) tried: Vec<TrunkId>,
    /// Whether its row names another trunk.
    pub(super) is_moved: bool,
    /// When the store said so, or the last trunk refused.
    pub(super) since: Moment,
}

impl Run {
    pub(super) fn new(campaign: Campaign, now: Moment, wall: Wall) -> Self {
        let gate = campaign.schedule.gate(wall);
        Self {
            terms: terms(&campaign),
            campaign,
            state: State::Running,
            queue: VecDeque::new(),
            beginning: BTreeMap::new(),
            ready: VecDeque::new(),
            calls: Calls::default(),
            claim: Asking::From { at: now, empty: 0 },
            begin_at: Moment::ZERO,
            dial_at: Moment::ZERO,
            last_begun: Moment::ZERO,
            idle: Idle::Untold,
            gate,
        }
    }

    /// Lines in use, from the attempt's first word to the store on.
    pub(super) fn lines(&self) -> usize {
        self.beginning.len() + self.ready.len() + self.calls.len()
    }

    /// Of these, the lines of one trunk.
    pub(super) fn lines_on(&self, trunk: TrunkId) -> usize {
        let beginning = self.beginning.values().map(|beginning| beginning.trunk);
        let ready = self.ready.iter().map(|ready| ready.trunk);
        self.calls.on(trunk) + beginning.chain(ready).filter(|on| *on == trunk).count()
    }

    pub(super) fn has_free_line(&self) -> bool {
        self.lines() < usize::from(self.campaign.lines)
    }

    pub(super) fn holds(&self, case: CaseId) -> bool {
        self.beginning.contains_key(&case)
            || self.queue.iter().any(|claimed| claimed.case == case)
            || self.ready.iter().any(|ready| ready.claimed.case == case)
            || self.calls.has(case)
    }

    /// Takes other settings, which hold from now on.
    pub(super) fn change(&mut self, campaign: Campaign, now: Moment, wall: Wall) {
        self.gate = campaign.schedule.gate(wall);
        self.terms = terms(&campaign);
        self.campaign = campaign;
        self.state = State::Running;
        self.ask_at_once(now);
    }

    /// Looks at the wall clock again.
    pub(super) fn refresh_gate(&mut self, wall: Wall) {
        if !self.gate.holds_at(wall) {
            self.gate = self.campaign.schedule.gate(wall);
        }
    }

    /// Whether an INVITE may leave.
    pub(super) fn is_open(&self, wall: Wall) -> bool {
        match self.gate {
            Gate::Open { until, .. } => wall < until,
            Gate::Closed { .. } => false,
        }
    }

    /// Whether new cases are taken up: it runs, its window is open and does not close within seconds.
    pub(super) fn takes_cases(&self, wall: Wall) -> bool {
        self.state == State::Running && self.is_open(wall + LAST_SECONDS) && self.is_open(wall)
    }

    /// The next time at which a window opens or is about to close.
    pub(super) fn gate_turns(&self, wall: Wall) -> Option<Wall> {
        match self.gate {
            Gate::Closed { until, .. } => until,
            Gate::Open { until, .. } if until.millis() == i64::MAX => None,
            Gate::Open { until, .. } if wall < until - LAST_SECONDS => Some(until - LAST_SECONDS),
            Gate::Open { until, .. } => Some(until),
        }
    }

    /// When a claim has to be begun or given back.
    pub(super) fn expires(&self, claimed: &Claimed) -> Wall {
        let margin = LEASE_MARGIN.min(self.campaign.lease / 10);
        let lease = claimed.lease_until - margin;
        claimed.deadline.map_or(lease, |deadline| deadline.min(lease))
    }

    /// How many cases to ask for when `free` lines are left for it and the trunk allows `pace` calls in the time ahead.
    pub(super) fn wanted(&self, free: usize, ahead: usize) -> usize {
        let own_free = usize::from(self.campaign.lines).saturating_sub(self.lines());
        let room = own_free.min(free).saturating_sub(self.queue.len());
        let ahead = ahead.min(self.campaign.pace.within(AHEAD));
        let enough = self.queue.len() > ahead / 2;
        if enough {
            0
        } else {
            room.min(ahead - self.queue.len()).min(MOST_CLAIMED)
        }
    }

    /// From when on it may ask for cases: none while an answer is on its way.
    pub(super) fn claim_at(&self) -> Option<Moment> {
        match self.claim {
            Asking::From { at, .. } => Some(at),
            Asking::Asked { .. } => None,
        }
    }

    pub(super) fn asked(&mut self) {
        let (Asking::From { empty, .. } | Asking::Asked { empty }) = self.claim;
        self.claim = Asking::Asked { empty };
    }

    /// The answer had cases.
    pub(super) fn ask_at_once(&mut self, now: Moment) {
        self.claim = match self.claim {
            Asking::From { .. } => Asking::From { at: now, empty: 0 },
            Asking::Asked { .. } => Asking::Asked { empty: 0 },
        };
    }

    /// The answer came; the next question waits, the longer the more answers in a row were empty.
    pub(super) fn answered(&mut self, now: Moment, empty_handed: EmptyHanded) {
        let (Asking::From { empty, .. } | Asking::Asked { empty }) = self.claim;
        self.claim = match empty_handed {
            EmptyHanded::No => Asking::From { at: now, empty: 0 },
            EmptyHanded::Yes => {
                let doublings = match self.campaign.schedule.hours {
                    Hours::AnyTime => 0,
                    Hours::Windows => empty.min(8),
                };
                Asking::From {
                    at: now + (POLL * 2_u32.pow(doublings)).min(LONGEST_POLL),
                    empty: empty.saturating_add(1),
                }
            }
        };
    }

    /// Nothing is left to wait for.
    pub(super) fn is_empty(&self) -> bool {
        self.lines() == 0 && self.queue.is_empty() && self.claim_at().is_some()
    }

    pub(super) fn counts(&self) -> Counts {
        Counts {
            queued: self.queue.len(),
            beginning: self.beginning.len() + self.ready.len(),
            calls: self.calls.len(),
        }
    }
}

pub(super) fn terms(campaign: &Campaign) -> Arc<Terms> {
    Arc::new(Terms::new(&campaign.schedule, &campaign.retry, &campaign.limits))
}

/// Whether the store had nothing to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EmptyHanded {
    Yes,
    No,
}
