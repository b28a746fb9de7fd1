//! The sums of one night, kept up to date by what was read: every attempt is counted once, every case by its last one.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use crate::ids::{AttemptId, CampaignId, CaseId};
use crate::moment::Wall;
use crate::outcome::Disposition;
use crate::store::console::board::NightAttempt;

/// A step of the curve.
pub(super) const STEP_MS: i64 = 120_000;
/// Trunks are shown over so many minutes.
pub(super) const MINUTES: i64 = 60;
pub(super) const MINUTE_MS: i64 = 60_000;
/// A trend has a point for so many minutes.
const TREND: i64 = 5;
/// A line whose call failed by our fault shows it for so long.
const FAILED_FOR: Duration = Duration::from_secs(8);

/// One night.
#[derive(Debug)]
pub(super) struct Tally {
    /// When the night began.
    pub(super) begins: Wall,
    /// Everything before this row is counted for good.
    pub(super) next: AttemptId,
    counted: BTreeSet<AttemptId>,
    begun: BTreeSet<AttemptId>,
    cases: BTreeMap<CaseId, CaseTonight>,
    pub(super) total: Sum,
    campaigns: BTreeMap<CampaignId, Sum>,
    dispositions: BTreeMap<Disposition, u64>,
    steps: BTreeMap<i64, i64>,
    /// What each did, minute by minute.
    trunks: BTreeMap<String, BTreeMap<i64, Minute>>,
    failed: VecDeque<(AttemptId, Wall)>,
}

/// The last that is known of a case tonight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct CaseTonight {
    campaign: CampaignId,
    disposition: Disposition,
    at: Wall,
    stands: Stands,
}

/// Where a case stands for this night.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stands {
    /// It has another turn tonight.
    Waits,
    Closed,
    Moved,
}

impl Stands {
    /// The case of an attempt that ended; `end` is when the night does.
    pub(super) fn of(attempt: &NightAttempt, end: Wall) -> Self {
        if attempt.closed {
            Self::Closed
        } else if attempt.next_at >= end {
            Self::Moved
        } else {
            Self::Waits
        }
    }
}

/// Figures of a night or of a campaign in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) attempts: u64,
    pub(super) answered: u64,
    pub(super) own_faults: u64,
    pub(super) closed: u64,
    pub(super) moved: u64,
    pub(super) completed: u64,
}

impl Sum {
    /// Cases that are not called again tonight.
    pub(super) const fn done(&self) -> u64 {
        self.closed + self.moved
    }
}

/// What a trunk did in a minute.
#[derive(Clone, Copy, Debug, Default)]
struct Minute {
    begun: u32,
    ended: u32,
    answered: u32,
    rang: u32,
    delay_ms: u64,
}

/// What a trunk did in the last hour.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Hour {
    pub(super) attempts: u32,
    pub(super) answered: u32,
    pub(super) delay_ms: Option<u32>,
    pub(super) trend: Vec<Option<u8>>,
}

impl Tally {
    /// Of a night that begins then; its attempts are those from this row on.
    pub(super) fn new(begins: Wall, first: AttemptId) -> Self {
        Self {
            begins,
            next: first,
            counted: BTreeSet::new(),
            begun: BTreeSet::new(),
            cases: BTreeMap::new(),
            total: Sum::default(),
            campaigns: BTreeMap::new(),
            dispositions: BTreeMap::new(),
            steps: BTreeMap::new(),
            trunks: BTreeMap::new(),
            failed: VecDeque::new(),
        }
    }

    /// Takes a page of attempts that begins at `next`; what was counted before is not counted again. A case that is open
    /// and not tried again before `end` has moved to another night. Gives the answered ones that ended since the last look.
    pub(super) fn take(&mut self, page: &[NightAttempt], end: Wall) -> Vec<AttemptId> {
        let mut fresh = Vec::new();
        let mut first_open = None;
        for attempt in page {
            if self.begun.insert(attempt.attempt) {
                self.minute(&attempt.trunk, attempt.begun_at).begun += 1;
            }
            let Some((disposition, at)) = attempt.ended else {
                first_open.get_or_insert(attempt.attempt);
                continue;
            };
            if !self.counted.insert(attempt.attempt) {
                continue;
            }
            self.ended(attempt, disposition, at, end);
            if disposition.is_answered() {
                fresh.push(attempt.attempt);
            }
        }
        let after = page.last().map(|last| AttemptId(last.attempt.0 + 1));
        self.next = first_open.or(after).unwrap_or(self.next);
        self.counted = self.counted.split_off(&self.next);
        self.begun = self.begun.split_off(&self.next);
        fresh
    }

    fn ended(&mut self, attempt: &NightAttempt, disposition: Disposition, at: Wall, end: Wall) {
        let by_person = is_by_person(disposition);
        let minute = self.minute(&attempt.trunk, at);
        minute.ended += u32::from(!disposition.is_ours());
        minute.answered += u32::from(by_person);
        if let Some(delay) = attempt.pdd_ms {
            minute.rang += 1;
            minute.delay_ms += u64::from(delay);
        }
        if disposition.is_ours() {
            self.failed.push_back((attempt.attempt, at));
            if self.failed.len() > 1_000 {
                self.failed.pop_front();
            }
        }
        let own = self.campaigns.entry(attempt.campaign).or_default();
        for sum in [&mut self.total, own] {
            sum.attempts += u64::from(!disposition.is_ours());
            sum.answered += u64::from(by_person);
            sum.own_faults += u64::from(disposition.is_ours());
        }
        let now = CaseTonight {
            campaign: attempt.campaign,
            disposition,
            at,
            stands: Stands::of(attempt, end),
        };
        if let Some(before) = self.cases.insert(attempt.case, now) {
            self.weigh(before, Weight::Less);
        }
        self.weigh(now, Weight::More);
    }

    fn weigh(&mut self, case: CaseTonight, weight: Weight) {
        if case.stands == Stands::Waits {
            return;
        }
        let own = self.campaigns.entry(case.campaign).or_default();
        for sum in [&mut self.total, own] {
            let completed = case.disposition == Disposition::Completed && case.stands == Stands::Closed;
            weight.on(&mut sum.closed, case.stands == Stands::Closed);
            weight.on(&mut sum.moved, case.stands == Stands::Moved);
            weight.on(&mut sum.completed, completed);
        }
        weight.on(self.dispositions.entry(case.disposition).or_default(), true);
        *self.steps.entry(case.at.millis().div_euclid(STEP_MS)).or_default() += match weight {
            Weight::More => 1,
            Weight::Less => -1,
        };
    }

    fn minute(&mut self, trunk: &str, at: Wall) -> &mut Minute {
        let minute = at.millis().div_euclid(MINUTE_MS);
        let minutes = self.trunks.entry(trunk.to_owned()).or_default();
        // The minute that is asked for is kept, however old: it is counted, and goes with the next one.
        let last = minutes.last_key_value().map_or(minute, |(last, _)| *last);
        let oldest = (last - MINUTES).min(minute);
        if minutes.first_key_value().is_some_and(|(first, _)| *first < oldest) {
            *minutes = minutes.split_off(&oldest);
        }
        minutes.entry(minute).or_default()
    }

    /// The figures of a campaign.
    pub(super) fn campaign(&self, id: CampaignId) -> Sum {
        self.campaigns.get(&id).copied().unwrap_or_default()
    }

    /// How the cases ended that are done with, the most frequent first.
    pub(super) fn dispositions(&self) -> Vec<(Disposition, u64)> {
        let mut tally: Vec<_> = self.dispositions.iter().map(|(is, n)| (*is, *n)).collect();
        tally.retain(|(_, cases)| *cases > 0);
        tally.sort_by_key(|(_, cases)| std::cmp::Reverse(*cases));
        tally
    }

    /// The curve of what is done, from the first step with an end on, up to the last one that is over at `now`.
    pub(super) fn curve(&self, now: Wall) -> Option<(Wall, Vec<u64>)> {
        let (first, _) = self.steps.first_key_value()?;
        let last = now.millis().div_euclid(STEP_MS);
        let mut done = 0;
        let steps = (*first..last).take(720).map(|step| {
            done += self.steps.get(&step).copied().unwrap_or_default();
            u64::try_from(done).unwrap_or_default()
        });
        Some((Wall::from_millis(first * STEP_MS), steps.collect()))
    }

    /// Attempts that began within the last minute.
    pub(super) fn begun_last_minute(&self, now: Wall) -> u64 {
        let minute = now.millis().div_euclid(MINUTE_MS);
        let share = now.millis().rem_euclid(MINUTE_MS);
        let of = |back: i64| -> i64 {
            let minutes = self.trunks.values().filter_map(|minutes| minutes.get(&(minute - back)));
            minutes.map(|known| i64::from(known.begun)).sum()
        };
        let begun = of(0) + of(1) * (MINUTE_MS - share) / MINUTE_MS;
        u64::try_from(begun).unwrap_or_default()
    }

    /// Whether a call failed by our own fault a moment ago.
    pub(super) fn has_failed(&self, attempt: AttemptId, now: Wall) -> bool {
        let mut lately = self.failed.iter().rev();
        lately.any(|(failed, at)| *failed == attempt && now.since(*at) < FAILED_FOR)
    }

    /// What a trunk did in the last hour.
    pub(super) fn hour(&self, trunk: &str, now: Wall) -> Hour {
        let last = now.millis().div_euclid(MINUTE_MS);
        let none = BTreeMap::new();
        let minutes = self.trunks.get(trunk).unwrap_or(&none);
        let sum = |from: i64, until: i64, count: fn(&Minute) -> u64| -> u64 {
            minutes.range(from..=until).map(|(_, minute)| count(minute)).sum()
        };
        let first = last - MINUTES + 1;
        let hour = |count| sum(first, last, count);
        let trend = (0..MINUTES / TREND).map(|part| {
            let (from, until) = (first + part * TREND, first + (part + 1) * TREND - 1);
            let ended = sum(from, until, |minute| u64::from(minute.ended));
            let answered = sum(from, until, |minute| u64::from(minute.answered));
            (answered * 100)
                .checked_div(ended)
                .and_then(|percent| u8::try_from(percent).ok())
        });
        let delay = hour(|minute| minute.delay_ms).checked_div(hour(|minute| u64::from(minute.rang)));
        let small = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        Hour {
            attempts: small(hour(|minute| u64::from(minute.ended))),
            answered: small(hour(|minute| u64::from(minute.answered))),
            delay_ms: delay.map(small),
            trend: trend.collect(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    More,
    Less,
}

impl Weight {
    fn on(self, count: &mut u64, holds: bool) {
        *count = match self {
            Self::More => count.saturating_add(u64::from(holds)),
            Self::Less => count.saturating_sub(u64::from(holds)),
        };
    }
}

/// Whether a person was on the line.
pub(super) fn is_by_person(disposition: Disposition) -> bool {
    disposition.is_answered() && !matches!(disposition, Disposition::Assistant | Disposition::Fax)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Wall = Wall::from_millis(1_795_399_200_000);
    const END: Wall = Wall::from_millis(1_795_399_200_000 + 3_600_000);

    fn attempt(id: i64, case: i64, minute: u64, ended: Option<Disposition>) -> NightAttempt {
        let at = NOON + Duration::from_secs(60 * minute);
        NightAttempt {
            attempt: AttemptId(id),
            case: CaseId(case),
            campaign: CampaignId(1),
            trunk: "main".to_owned(),
            begun_at: at,
            answered_at: None,
            ended: ended.map(|is| (is, at + Duration::from_secs(30))),
            pdd_ms: Some(2_000),
            closed: ended == Some(Disposition::Completed),
            next_at: at,
        }
    }

    #[test]
    fn an_attempt_that_is_read_twice_is_counted_once() {
        let mut tally = Tally::new(NOON, AttemptId(1));
        let page = [
            attempt(1, 1, 0, None),
            attempt(2, 2, 0, Some(Disposition::Completed)),
            attempt(3, 3, 1, Some(Disposition::Busy)),
        ];
        assert_eq!(tally.take(&page, END), [AttemptId(2)]);
        assert_eq!(tally.next, AttemptId(1));
        assert_eq!(tally.take(&page, END), []);
        let sum = tally.total;
        assert_eq!((sum.attempts, sum.answered, sum.done(), sum.completed), (2, 1, 1, 1));
        let over = attempt(1, 1, 0, Some(Disposition::Completed));
        assert_eq!(
            tally.take(&[over, page[1].clone(), page[2].clone()], END),
            [AttemptId(1)]
        );
        assert_eq!(tally.next, AttemptId(4));
        assert_eq!(tally.total.done(), 2);
        assert_eq!(tally.begun_last_minute(NOON + Duration::from_secs(100)), 1);
    }

    #[test]
    fn a_case_that_is_tried_on_another_night_is_done_for_this_one_and_its_last_ending_counts() {
        let mut tally = Tally::new(NOON, AttemptId(1));
        let mut moved = attempt(1, 1, 0, Some(Disposition::NoAnswer));
        moved.next_at = END;
        tally.take(&[moved], END);
        assert_eq!((tally.total.moved, tally.total.closed), (1, 0));
        tally.take(&[attempt(2, 1, 5, Some(Disposition::Completed))], END);
        assert_eq!((tally.total.moved, tally.total.closed), (0, 1));
        assert_eq!(tally.dispositions(), [(Disposition::Completed, 1)]);
        let (from, done) = tally.curve(NOON + Duration::from_secs(600)).unwrap();
        assert_eq!((from, done), (NOON, vec![0, 0, 1, 1, 1]));
    }

    #[test]
    fn our_own_faults_are_in_no_rate() {
        let mut tally = Tally::new(NOON, AttemptId(1));
        tally.take(&[attempt(1, 1, 0, Some(Disposition::OwnLineFault))], END);
        assert_eq!((tally.total.attempts, tally.total.own_faults), (0, 1));
        assert!(tally.has_failed(AttemptId(1), NOON + Duration::from_secs(32)));
        assert!(!tally.has_failed(AttemptId(1), NOON + Duration::from_secs(60)));
        let hour = tally.hour("main", NOON + Duration::from_secs(60));
        assert_eq!((hour.attempts, hour.delay_ms, hour.trend.len()), (0, Some(2_000), 12));
    }
}
