//! The numbers that calls over a trunk show: which one is next, how often each may be shown, and when it rests.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::Cap;
use crate::moment::Moment;
use crate::outcome::Disposition;
use crate::phone::Number;

/// The caller numbers of a trunk, and what they and its lines are spared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Callers {
    /// What calls may show; where there is none, the trunk's own identity serves all calls.
    pub numbers: Vec<Number>,
    /// How often each may be shown, over all campaigns.
    pub caps: Vec<Cap>,
    /// The least time between the end of a call and the next one on the same line.
    pub line_gap: Duration,
}

/// So many calls in a row that somebody blocked because of the caller number make it rest.
const BLOCKED: u32 = 3;
/// How long it rests.
const REST: Duration = Duration::from_secs(30 * 60);

/// What the dialer keeps of the caller numbers of a trunk.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown {
    rules: Callers,
    by_number: BTreeMap<Number, Record>,
}

/// The calls of one caller number.
#[derive(Clone, Debug, Default)]
struct Record {
    /// When its latest calls began, in milliseconds from [`Moment::ZERO`]; calls of an earlier run lie before it.
    begun: VecDeque<i64>,
    blocked: u32,
    rests_until: i64,
}

impl Shown {
    pub(super) const fn line_gap(&self) -> Duration {
        self.rules.line_gap
    }

    /// Other rules from now on; the calls of numbers that stay are remembered.
    pub(super) fn change(&mut self, rules: Callers) {
        self.by_number.retain(|number, _| rules.numbers.contains(number));
        self.rules = rules;
    }

    /// A call that an earlier run made so long ago.
    pub(super) fn was_shown(&mut self, now: Moment, number: &Number, ago: Duration) {
        self.shown_at(number, millis(now).saturating_sub(length(ago)));
    }

    /// A call begins.
    pub(super) fn shown(&mut self, now: Moment, number: &Number) {
        self.shown_at(number, millis(now));
    }

    fn shown_at(&mut self, number: &Number, at: i64) {
        if !self.rules.numbers.contains(number) {
            return;
        }
        let most = self.rules.caps.iter().map(|cap| usize::from(cap.most)).max();
        let record = self.by_number.entry(number.clone()).or_default();
        let place = record.begun.partition_point(|before| *before <= at);
        record.begun.insert(place, at);
        while record.begun.len() > most.unwrap_or(1).max(1) {
            record.begun.pop_front();
        }
    }

    /// Takes the end of a call into account; says until when its number rests if it has to.
    pub(super) fn ended(&mut self, now: Moment, number: &Number, disposition: Disposition) -> Option<Moment> {
        let record = self.by_number.get_mut(number)?;
        if !matches!(disposition, Disposition::Blocked | Disposition::CallerIdBad) {
            record.blocked = 0;
            return None;
        }
        record.blocked = record.blocked.saturating_add(1);
        if record.blocked < BLOCKED {
            return None;
        }
        record.blocked = 0;
        record.rests_until = millis(now + REST);
        Some(now + REST)
    }

    /// The number that the next call shows and the moment from which it may: of those that the campaign allows (all where
    /// it names none) the one that may be shown first, of several the one that was not shown for longest. Without numbers
    /// of its own the trunk's identity serves at once; none if the campaign allows no number of this trunk.
    pub(super) fn next(&self, now: Moment, allowed: &[Number]) -> Option<(Moment, Option<&Number>)> {
        if self.rules.numbers.is_empty() {
            return allowed.is_empty().then_some((now, None));
        }
        let mine = self.rules.numbers.iter();
        let of_campaign = mine.filter(|number| allowed.is_empty() || allowed.contains(number));
        of_campaign
            .map(|number| {
                let record = self.by_number.get(number);
                let at = record.map_or(i64::MIN, |record| record.free_at(&self.rules.caps));
                let last = record.and_then(|record| record.begun.back().copied());
                (moment(at).max(now), last, number)
            })
            .min_by_key(|(at, last, number)| (*at, *last, *number))
            .map(|(at, _, number)| (at, Some(number)))
    }
}

impl Record {
    fn free_at(&self, caps: &[Cap]) -> i64 {
        let frees = caps.iter().filter_map(|cap| {
            let nth = self.begun.len().checked_sub(usize::from(cap.most.max(1)))?;
            Some(self.begun.get(nth)?.saturating_add(length(cap.within)))
        });
        frees.fold(self.rests_until, i64::max)
    }
}

/// Rounded up, so that nothing is free too early.
fn millis(moment: Moment) -> i64 {
    i64::try_from(moment.nanos().div_ceil(1_000_000)).unwrap_or(i64::MAX)
}

fn length(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// The first moment at which so many milliseconds have passed.
fn moment(millis: i64) -> Moment {
    Moment::ZERO + Duration::from_millis(u64::try_from(millis).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn number(text: &str) -> Number {
        Number::parse(text).unwrap()
    }

    fn shown(numbers: &[&str], caps: &[(u16, Duration)]) -> Shown {
        let mut shown = Shown::default();
        shown.change(Callers {
            numbers: numbers.iter().map(|text| number(text)).collect(),
            caps: caps
                .iter()
                .map(|(most, within)| Cap {
                    most: *most,
                    within: *within,
                })
                .collect(),
            line_gap: Duration::ZERO,
        });
        shown
    }

    fn at(seconds: u64) -> Moment {
        Moment::ZERO + Duration::from_secs(seconds)
    }

    #[test]
    fn numbers_are_shown_in_turn() {
        let mut shown = shown(&["100", "200"], &[]);
        let mut turns = Vec::new();
        for second in 1..=4 {
            let next = shown.next(at(second), &[]).unwrap().1.cloned().unwrap();
            shown.shown(at(second), &next);
            turns.push(next.reveal().to_owned());
        }
        assert_eq!(turns, ["100", "200", "100", "200"]);
    }

    #[test]
    fn a_number_that_was_shown_often_enough_waits_until_its_cap_frees() {
        let mut shown = shown(&["100"], &[(2, HOUR)]);
        shown.shown(at(10), &number("100"));
        assert_eq!(shown.next(at(20), &[]).unwrap().0, at(20));
        shown.shown(at(20), &number("100"));
        assert_eq!(shown.next(at(30), &[]).unwrap().0, at(3610));
    }

    #[test]
    fn calls_of_an_earlier_run_count_from_when_they_were() {
        let mut shown = shown(&["100"], &[(1, HOUR)]);
        shown.was_shown(at(1), &number("100"), Duration::from_secs(3000));
        assert_eq!(shown.next(at(1), &[]).unwrap().0, at(601));
    }

    #[test]
    fn a_number_that_is_blocked_three_times_in_a_row_rests() {
        let mut shown = shown(&["100", "200"], &[]);
        for second in 1..=3 {
            shown.shown(at(second), &number("100"));
        }
        assert_eq!(shown.ended(at(4), &number("100"), Disposition::Blocked), None);
        assert_eq!(shown.ended(at(4), &number("100"), Disposition::NoAnswer), None);
        for _ in 0..2 {
            assert_eq!(shown.ended(at(5), &number("100"), Disposition::Blocked), None);
        }
        assert_eq!(
            shown.ended(at(5), &number("100"), Disposition::CallerIdBad),
            Some(at(5) + REST)
        );
        assert_eq!(shown.next(at(6), &[]).unwrap().1, Some(&number("200")));
        assert_eq!(shown.next(at(6), &[number("100")]).unwrap().0, at(5) + REST);
    }

    #[test]
    fn a_campaign_gets_its_own_numbers_or_none() {
        let own = shown(&["100", "200"], &[]);
        assert_eq!(own.next(at(1), &[number("200")]).unwrap().1, Some(&number("200")));
        assert_eq!(own.next(at(1), &[number("300")]), None);
        let bare = shown(&[], &[]);
        assert_eq!(bare.next(at(1), &[]), Some((at(1), None)));
        assert_eq!(bare.next(at(1), &[number("300")]), None);
    }
}
