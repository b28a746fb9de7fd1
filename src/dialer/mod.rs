//! Whom to call and when: the queue, its pace, the checks of a claim, the retry rule.
//!
//! [`Dialer`] is a core: it asks the store for due cases when a line is free, the pace allows and the window is open;
//! has each attempt written down; and only then says `Dial`. [`claim`] holds the checks and the order by which the
//! store hands out due cases, [`retry`] decides what follows an attempt, [`recover`] what follows one that a crash cut off; the types of `ledger.rs` are the words that
//! the control loop and the store speak to each other in.
//!
//! What always holds: lines in use, counted from `Begin` on, never exceed the caps of campaign and trunk; two INVITEs
//! are never closer than the pace; none leaves outside the windows; a case has one attempt at a time, an attempt at most
//! one INVITE over each trunk; every claim is begun or released, every begun attempt dialed or abandoned.

mod advance;
pub mod appointment;
mod by_hand;
mod callers;
mod campaign;
pub mod claim;
mod deadline;
mod door;
mod give_back;
mod hand_line;
mod incoming;
mod inputs;
mod ledger;
mod limits;
mod never_dialed;
mod outcome;
mod placed;
mod policy;
mod put_through;
pub mod recover;
mod rests;
pub mod retry;
mod route;
mod run;
#[cfg(test)]
mod tests;
mod trunk;
mod unfinished;

use std::collections::{BTreeMap, VecDeque};

pub use by_hand::{
    BeginByHand, BegunByHand, ByHand, ConversationNote, Granted, LegEnd, LegEnding, Noteworthy, Refusal, Whom,
};
pub use callers::Callers;
pub use campaign::{Campaign, LEASE, Pace, RingLimits, Route, TrunkCaps};
pub use door::{Counts, Dial, Fault, HowStop, Input, Output, Timer, TooLate};
pub use give_back::GiveBack;
pub use hand_line::HandLine;
pub use incoming::{BeginIncoming, BegunIncoming, CallBack, CalledBack, Caller, Direction, OpenCase, Stands, WhoCalls};
pub use ledger::{
    Awaited, Begin, BeginTest, Begun, Candidate, CandidateNumber, Claim, Claimed, Excerpt, Finish, Keep, LEFT_OVER,
    LeftOver, Listed, MediaSums, Next, Note, Owner, PressedKey, Recording, RecordingPause, Release, Reply, Request,
    Resume, TakenDown, Tried,
};
pub use limits::{Cap, DayPart, LONGEST_CAP, Limits, PatientState, Stop, Terms, free_at};
pub use never_dialed::NOT_DIALED;
pub use outcome::Outcome;
pub use policy::{RetryPolicy, RetryRule};
pub use put_through::{PutThrough, Waited};
pub use retry::History;
pub use unfinished::may_leave_unfinished;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::ids::{CampaignId, TrunkId};
use crate::moment::{Moment, Wall};
use rests::Rests;
use run::Run;
use trunk::Trunk;

/// Decides whom to call and when, for all running campaigns.
#[derive(Debug)]
pub struct Dialer {
    now: Moment,
    wall: Wall,
    trunks: BTreeMap<TrunkId, Trunk>,
    runs: BTreeMap<CampaignId, Run>,
    rests: Rests,
    chance: ChaCha8Rng,
    hold: Hold,
    outputs: VecDeque<Output>,
}

/// Whether new cases may be taken up at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hold {
    No,
    Yes,
}

impl Dialer {
    /// A dialer over these trunks, all of them up, with no campaign yet. `seed` spreads the rests of trunks.
    pub fn new(trunks: BTreeMap<TrunkId, TrunkCaps>, seed: u64) -> Self {
        Self {
            now: Moment::ZERO,
            wall: Wall::default(),
            trunks: trunks.into_iter().map(|(id, caps)| (id, Trunk::new(caps))).collect(),
            runs: BTreeMap::new(),
            rests: Rests::default(),
            chance: ChaCha8Rng::seed_from_u64(seed),
            hold: Hold::No,
            outputs: VecDeque::new(),
        }
    }

    /// Takes one input; then everything is done that can be done now. `wall` may jump either way between two calls.
    pub fn handle(&mut self, now: Moment, wall: Wall, input: Input) {
        self.now = self.now.max(now);
        self.wall = wall;
        match input {
            Input::CampaignStarted(campaign) => self.start(*campaign),
            Input::CampaignStopped { campaign, how } => self.stop(campaign, how),
            Input::Claimed { campaign, cases } => self.claimed(campaign, cases),
            Input::ClaimFailed { campaign } => self.claim_failed(campaign),
            Input::Begun(begun) => self.begun(begun),
            Input::BeginFailed { case } => self.begin_failed(case),
            Input::Ended {
                attempt,
                disposition,
                retry_after,
            } => self.ended(attempt, disposition, retry_after),
            Input::Unserved {
                attempt,
                disposition,
                retry_after,
            } => self.unserved(attempt, disposition, retry_after),
            Input::TrunkDown { trunk } => self.trunk_down(trunk),
            Input::TrunkChanged { trunk, caps } => self.trunk_changed(trunk, caps),
            Input::LinesTaken { trunk, lines } => self.lines_taken(trunk, lines),
            Input::CallersChanged { trunk, callers } => self.callers_changed(trunk, callers),
            Input::CallerShown { trunk, number, ago } => self.caller_was_shown(trunk, &number, ago),
            Input::TrunkUp { trunk } => self.trunk_up(trunk),
            Input::TrunkPaused { trunk, pause } => self.pause(trunk, pause),
            Input::Held => self.hold = Hold::Yes,
            Input::Released => self.hold = Hold::No,
            Input::Poked { campaign } => self.poked(campaign),
            Input::NumberRests { number, pause } => self.rests.put(self.now, number, pause),
            Input::ClockJumped => self.clock_jumped(),
            Input::Wake => {}
        }
        self.advance();
    }

    /// The next thing to do; after every `handle`, until there is none.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// A campaign that runs, or is stopping.
    pub fn campaign(&self, campaign: CampaignId) -> Option<&Campaign> {
        self.runs.get(&campaign).map(|run| &run.campaign)
    }

    /// A campaign in figures.
    pub fn counts(&self, campaign: CampaignId) -> Option<Counts> {
        self.runs.get(&campaign).map(Run::counts)
    }
}
