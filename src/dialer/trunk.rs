//! A trunk's pace, its rests after trouble, and whether it is up.

use std::collections::VecDeque;
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use super::TrunkCaps;
use super::callers::Shown;
use super::retry::counts;
use crate::moment::Moment;
use crate::outcome::{Disposition, Reach};

/// What the dialer keeps of a trunk.
#[derive(Clone, Debug)]
pub(super) struct Trunk {
    pub(super) caps: TrunkCaps,
    pub(super) standing: Standing,
    /// The earliest moment for the next attempt.
    pub(super) begin_at: Moment,
    /// The earliest moment for the next INVITE.
    pub(super) dial_at: Moment,
    /// Nothing leaves before this.
    pub(super) rests_until: Moment,
    /// Until then the next place in the pace is kept for a call by hand.
    pub(super) kept_until: Moment,
    /// Its caller numbers.
    pub(super) callers: Shown,
    /// Lines in use by calls that are made by hand.
    pub(super) by_hand: u16,
    /// Lines in use by those who call us.
    pub(super) taken: u16,
    /// Until when its lines rest after their calls; the first to be free in front.
    resting_lines: VecDeque<Moment>,
    trouble: Trouble,
    /// So many of the next gaps are longer than the pace asks for.
    ramp: u32,
}

/// Whether the trunk can be used at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Up,
    Down,
}

/// What went wrong since a patient was last reached over it.
#[derive(Clone, Copy, Debug, Default)]
struct Trouble {
    congested: u32,
    faults: u32,
    rests: u32,
}

/// So many congested endings in a row are the trunk's: one may be the far network of a single number.
const CONGESTIONS: u32 = 3;
/// So many faults of any kind in a row are the trunk's, not the numbers'.
const FAULTS: u32 = 5;
const FIRST_REST: Duration = Duration::from_secs(15);
/// No rest that we choose is longer, and no Retry-After beyond it is obeyed.
const LONGEST_REST: Duration = Duration::from_secs(300);
/// After a rest the gaps are 8, 4 and 2 times the pace's, each no longer than `LONGEST_GAP` where the pace allows.
const RAMP: u32 = 3;
const LONGEST_GAP: Duration = Duration::from_secs(5);

impl Trunk {
    pub(super) fn new(caps: TrunkCaps) -> Self {
        Self {
            caps,
            standing: Standing::Up,
            begin_at: Moment::ZERO,
            dial_at: Moment::ZERO,
            rests_until: Moment::ZERO,
            kept_until: Moment::ZERO,
            callers: Shown::default(),
            by_hand: 0,
            taken: 0,
            resting_lines: VecDeque::new(),
            trouble: Trouble::default(),
            ramp: 0,
        }
    }

    /// Takes the end of a call into account; says until when the trunk rests if it has to. `asked` is the Retry-After of
    /// its refusal. Chance spreads the rests, so that many daemons behind one trunk do not come back together.
    pub(super) fn ended(
        &mut self,
        now: Moment,
        disposition: Disposition,
        asked: Option<Duration>,
        chance: &mut ChaCha8Rng,
    ) -> Option<Moment> {
        let trouble = &mut self.trouble;
        if is_trunks_fault(disposition) {
            trouble.faults = trouble.faults.saturating_add(1);
            trouble.congested = trouble
                .congested
                .saturating_add(u32::from(disposition == Disposition::NetworkBusy));
        } else if counts(disposition, Reach::Nobody) {
            *trouble = Trouble::default();
        }
        let told = asked.map(|asked| percent(asked.min(LONGEST_REST), 100, 120, chance));
        let enough = trouble.faults >= FAULTS || trouble.congested >= CONGESTIONS;
        let grown = (enough && self.rests_until <= now).then(|| {
            let pause = FIRST_REST * 2_u32.pow(trouble.rests.min(8));
            trouble.rests = trouble.rests.saturating_add(1);
            percent(pause.min(LONGEST_REST), 80, 120, chance).min(LONGEST_REST)
        });
        self.rest(now, told.max(grown)?)
    }

    /// Lets it rest; an earlier, longer rest stands.
    pub(super) fn rest(&mut self, now: Moment, pause: Duration) -> Option<Moment> {
        let until = now + pause;
        if until <= self.rests_until || pause.is_zero() {
            return None;
        }
        self.rests_until = until;
        self.ramp = RAMP;
        Some(until)
    }

    /// It is up again: what went wrong before is forgotten, the pace is taken up in steps.
    pub(super) fn comes_up(&mut self) {
        if self.standing == Standing::Down {
            self.standing = Standing::Up;
            self.trouble = Trouble::default();
            self.ramp = RAMP;
        }
    }

    /// A line is free of its call, and rests as long as the trunk asks.
    pub(super) fn line_ended(&mut self, now: Moment) {
        while self.resting_lines.front().is_some_and(|until| *until <= now) {
            self.resting_lines.pop_front();
        }
        let gap = self.callers.line_gap();
        if !gap.is_zero() {
            self.resting_lines.push_back(now + gap);
        }
    }

    /// From when on a line is free while `used` of them have calls; none while all have.
    pub(super) fn line_at(&self, now: Moment, used: usize) -> Option<Moment> {
        let free = usize::from(self.caps.lines)
            .checked_sub(used)
            .filter(|free| *free > 0)?;
        let resting = self.resting_lines.iter().filter(|until| **until > now);
        let waits = (resting.clone().count() + 1)
            .checked_sub(free)
            .filter(|waits| *waits > 0);
        let at = waits.and_then(|waits| resting.copied().nth(waits - 1));
        Some(at.unwrap_or(now))
    }

    /// Whether a call may leave at this moment, as far as its state goes.
    pub(super) fn is_usable(&self, at: Moment) -> bool {
        self.standing == Standing::Up && self.rests_until <= at
    }

    pub(super) fn begun(&mut self, now: Moment) {
        self.begin_at = now + self.gap();
    }

    pub(super) fn dialed(&mut self, now: Moment) {
        self.dial_at = now + self.gap();
        self.ramp = self.ramp.saturating_sub(1);
    }

    /// The time to the next call: the pace's, longer after a rest.
    fn gap(&self) -> Duration {
        let pace = self.caps.pace.interval();
        (pace * 2_u32.pow(self.ramp)).min(LONGEST_GAP).max(pace)
    }
}

/// Between `least` and `most` percent of a pause.
fn percent(pause: Duration, least: u32, most: u32, chance: &mut ChaCha8Rng) -> Duration {
    let span = u64::from(most - least + 1);
    let added = u32::try_from((u64::from(chance.next_u32()) * span) >> 32).unwrap_or_default();
    pause * (least + added) / 100
}

const fn is_trunks_fault(disposition: Disposition) -> bool {
    matches!(
        disposition,
        Disposition::OwnLineFault | Disposition::NetworkBusy | Disposition::CallerIdBad
    )
}
