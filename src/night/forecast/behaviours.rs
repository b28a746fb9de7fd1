//! How often calls end in which way, by kind of number, part of the day and how often it was tried: what a forecast
//! draws from.

use std::collections::BTreeMap;
use std::time::Duration;

use rand_chacha::ChaCha8Rng;

use super::bearing::Bearing;
use super::chance::{per_mille, weighted};
use crate::dialer::DayPart;
use crate::outcome::Disposition;
use crate::phone::NumberKind;

/// What a call may meet, as shares of each kind of number and part of the day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behaviours {
    shares: BTreeMap<Slot, BTreeMap<Disposition, u32>>,
    /// Of a hundred who would have been reached at the first attempt, so many are at the second, the third …; the last
    /// entry holds for all later ones.
    later: Vec<u32>,
    memory: Memory,
    /// How long calls that end so last, in percent of what is drawn.
    lengths: BTreeMap<Disposition, u32>,
}

/// Whether a number that was vacant yesterday is likely to be vacant today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// As people and networks are.
    Lasting,
    /// Every call begins anew: for tests that need no more than shares.
    None,
}

/// To which calls shares belong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    /// What the number looks like; none for short and foreign ones.
    pub kind: Option<NumberKind>,
    /// When it is called.
    pub part: DayPart,
    /// Whether the case was tried before: who was reached is not tried again, so later attempts end otherwise.
    pub attempt: Ordinal,
}

/// Whether an attempt is the first one of its case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ordinal {
    /// The first.
    First,
    /// A later one.
    Later,
}

/// A call that is about to be made, as far as a patient's telephone knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Which shares hold.
    pub slot: Slot,
    /// How many attempts of the case went before.
    pub before: usize,
    /// How the last attempt at this very number ended.
    pub last: Option<Disposition>,
}

/// How often something was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Where.
    pub slot: Slot,
    /// What.
    pub disposition: Disposition,
    /// How often.
    pub count: u32,
}

/// The kinds and parts that there are.
const KINDS: [Option<NumberKind>; 3] = [Some(NumberKind::Mobile), Some(NumberKind::Landline), None];
const PARTS: [DayPart; 3] = [DayPart::Morning, DayPart::Afternoon, DayPart::Evening];

fn slots() -> impl Iterator<Item = Slot> {
    let attempts = [Ordinal::First, Ordinal::Later];
    let parts = KINDS.into_iter().flat_map(|kind| PARTS.map(|part| (kind, part)));
    parts.flat_map(move |(kind, part)| attempts.map(|attempt| Slot { kind, part, attempt }))
}

/// Shares are out of this many.
const WHOLE: u64 = 1_000_000;

/// First attempts at mobiles in the afternoon, per mille. A third is answered, which is in the middle of what call centres
/// of this trade see (20 to 40 %); the causes of the others are weighed as in domain practice: most ring out.
const FIRST: &[(Disposition, u32)] = {
    use Disposition::*;
    &[
        (Completed, 215),
        (Partial, 20),
        (Refused, 14),
        (OptOut, 3),
        (BreakOff, 6),
        (EarlyHangup, 48),
        (Silent, 14),
        (ThirdParty, 12),
        (WrongNumber, 4),
        (NoAnswer, 297),
        (Busy, 62),
        (Rejected, 92),
        (PowerOff, 72),
        (Unreachable, 58),
        (Suspended, 26),
        (Vacant, 24),
        (NumberChanged, 2),
        (BarredIn, 4),
        (Blocked, 6),
        (ForwardedFail, 5),
        (NetworkBusy, 10),
        (OwnLineFault, 2),
        (Misdialled, 1),
        (CallerIdBad, 1),
        (Unknown, 2),
    ]
};

/// What an observed share weighs against the share that was assumed before: as much as so many calls.
const PRIOR: u64 = 15;

impl Default for Behaviours {
    /// What the trade sees: 20 to 40 % of first attempts are answered, 40 to 60 % of patients after some retries.
    fn default() -> Self {
        Self {
            shares: slots().map(|slot| (slot, shares(slot))).collect(),
            later: vec![100, 88, 76, 68, 60],
            memory: Memory::Lasting,
            lengths: BTreeMap::new(),
        }
    }
}

/// The shares of a slot: in the evening more are reached than by day; a landline is answered by others, is seldom switched
/// off, and rings out when nobody is at home.
fn shares(slot: Slot) -> BTreeMap<Disposition, u32> {
    let reached = match slot.part {
        DayPart::Morning => 92,
        DayPart::Afternoon => 100,
        DayPart::Evening => 122,
    };
    let landline = slot.kind == Some(NumberKind::Landline);
    let by_day = slot.part != DayPart::Evening;
    let weight = |(disposition, share): &(Disposition, u32)| {
        let percent = if disposition.is_answered() {
            reached
        } else if landline && matches!(disposition, Disposition::PowerOff | Disposition::Unreachable) {
            10
        } else if landline && *disposition == Disposition::Rejected {
            20
        } else if landline && by_day && *disposition == Disposition::NoAnswer {
            160
        } else {
            100
        };
        (*disposition, share * percent * 10)
    };
    FIRST.iter().map(weight).collect()
}

impl Behaviours {
    /// The same shares for every call, whatever number, time and history: for tests.
    pub fn steady(shares: &[(Disposition, u32)]) -> Self {
        let shares: BTreeMap<Disposition, u32> = shares.iter().copied().collect();
        Self {
            shares: slots().map(|slot| (slot, shares.clone())).collect(),
            later: vec![100],
            memory: Memory::None,
            lengths: BTreeMap::new(),
        }
    }

    /// What was seen, over what was assumed: where little was seen, the assumption holds; where much was, what was seen.
    #[must_use]
    pub fn observed(mut self, seen: &[Observed]) -> Self {
        let mut counts: BTreeMap<Slot, BTreeMap<Disposition, u64>> = BTreeMap::new();
        for one in seen {
            *counts.entry(one.slot).or_default().entry(one.disposition).or_default() += u64::from(one.count);
        }
        let later = counts.iter().filter(|(slot, _)| slot.attempt == Ordinal::Later);
        let later: u64 = later.flat_map(|(_, counts)| counts.values()).sum();
        if later >= PRIOR {
            // What later attempts come to was seen, and need not be worked out from first ones.
            self.later = vec![100];
        }
        for (slot, counts) in counts {
            let assumed = self.shares.entry(slot).or_default();
            let total = assumed.values().map(|share| u64::from(*share)).sum::<u64>().max(1);
            let calls: u64 = counts.values().sum();
            for disposition in Disposition::ALL {
                let share = u64::from(assumed.get(disposition).copied().unwrap_or_default());
                let count = counts.get(disposition).copied().unwrap_or_default();
                let weight = (count * WHOLE + PRIOR * share * WHOLE / total) / (calls + PRIOR);
                assumed.insert(*disposition, u32::try_from(weight).unwrap_or(u32::MAX));
            }
        }
        self
    }

    /// The same with calls that last so many percent of what is drawn, by how they end: what the lines are busy with is
    /// learned where it was seen.
    #[must_use]
    pub fn with_lengths(mut self, percent: BTreeMap<Disposition, u32>) -> Self {
        self.lengths = percent;
        self
    }

    /// How long a call lasts that was drawn to last so long and ends so.
    pub(super) fn length(&self, disposition: Disposition, drawn: Duration) -> Duration {
        let percent = self.lengths.get(&disposition).copied();
        percent.map_or(drawn, |percent| drawn * percent / 100)
    }

    /// The same with the answered shares at so many percent of what they are: to see what a better or worse night does.
    #[must_use]
    pub fn with_answered(mut self, percent: u32) -> Self {
        for shares in self.shares.values_mut() {
            for (disposition, share) in shares {
                if disposition.is_answered() {
                    *share = scaled(*share, percent);
                }
            }
        }
        self
    }

    /// What the patient's telephone does with this call.
    pub(super) fn draw(&self, asked: &Asked, chance: &mut ChaCha8Rng) -> Bearing {
        let lasts = self.memory == Memory::Lasting;
        if let Some(last) = asked.last.filter(|last| lasts && per_mille(chance, stays(*last))) {
            return Bearing::draw(last, chance);
        }
        let later = asked.before.min(self.later.len().saturating_sub(1));
        let percent = self.later.get(later).copied().unwrap_or(100);
        let weight = |(disposition, share): (&Disposition, &u32)| {
            let percent = if disposition.is_answered() { percent } else { 100 };
            (*disposition, scaled(*share, percent))
        };
        let shares = self.shares.get(&asked.slot).into_iter().flatten().map(weight);
        let drawn = weighted(chance, shares).unwrap_or(Disposition::NoAnswer);
        Bearing::draw(drawn, chance)
    }
}

fn scaled(share: u32, percent: u32) -> u32 {
    u32::try_from(u64::from(share) * u64::from(percent) / 100).unwrap_or(u32::MAX)
}

/// How often, of a thousand, the next call to a number meets what the last one met, whatever else.
const LASTING: &[(Disposition, u32)] = {
    use Disposition::*;
    &[
        (Vacant, 930),
        (NumberChanged, 930),
        (Suspended, 800),
        (BarredIn, 800),
        (Misdialled, 800),
        (Blocked, 600),
        (PowerOff, 350),
        (Unreachable, 200),
        (ForwardedFail, 200),
        (Rejected, 150),
        (NoAnswer, 150),
    ]
};

fn stays(last: Disposition) -> u32 {
    let lasting = LASTING.iter().find(|(disposition, _)| *disposition == last);
    lasting.map_or(0, |(_, times)| *times)
}
