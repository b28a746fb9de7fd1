//! One night of a forecast as people ask about it: who is called when, when it is over, who is not called and why.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, Timelike};
use chrono_tz::Tz;

use super::{CaseSeen, Made, Outlook};
use crate::calendar::local;
use crate::dialer::Outcome;
use crate::dialer::claim::{Checked, Why};
use crate::ids::{CampaignId, CaseId};
use crate::moment::Wall;

/// A night as one forecast sees it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tonight {
    /// Every attempt of the night, in the order of its beginning.
    pub attempts: Vec<Made>,
    /// Attempts that somebody answered.
    pub answered: usize,
    /// Cases that were completed in it.
    pub completed: usize,
    /// Attempts by the local hour in which they began.
    pub by_hour: BTreeMap<u32, usize>,
    /// When the last call of the night is over.
    pub ends: Option<Wall>,
    /// The most lines in use at one time.
    pub lines: usize,
    /// Cases that are due in the night and not called in it, by what stands against them.
    pub not_called: BTreeMap<(CampaignId, Stands), Vec<CaseId>>,
}

/// What stands against a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stands {
    /// A rule.
    Rule(Why),
    /// Its turn does not come before the windows close.
    TurnNeverCame,
}

impl Stands {
    /// The identifier in output that programs read.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rule(why) => why.as_str(),
            Self::TurnNeverCame => "turn_never_came",
        }
    }

    /// The reason in the users' own words.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Rule(why) => why.zh(),
            Self::TurnNeverCame => "排队未轮到",
        }
    }
}

impl Tonight {
    /// The night of this local date out of a forecast that ran until its end.
    pub fn of(outlook: &Outlook, night: NaiveDate, zone: Tz) -> Self {
        let mut attempts: Vec<Made> = outlook.attempts.clone();
        attempts.retain(|made| local(made.at, zone).date() == night);
        attempts.sort_by_key(|made| (made.at, made.attempt));
        let called: BTreeSet<CaseId> = attempts.iter().map(|made| made.case).collect();
        let mut by_hour = BTreeMap::new();
        for made in &attempts {
            *by_hour.entry(local(made.at, zone).hour()).or_default() += 1;
        }
        let mut not_called: BTreeMap<_, Vec<CaseId>> = BTreeMap::new();
        let others = outlook.cases.iter().filter(|seen| !called.contains(&seen.case));
        for seen in others {
            if let Some(stands) = stands(seen, night, zone) {
                not_called.entry((seen.campaign, stands)).or_default().push(seen.case);
            }
        }
        let completed = outlook
            .cases
            .iter()
            .filter(|seen| seen.outcome == Some(Outcome::Completed));
        Self {
            answered: attempts.iter().filter(|made| made.disposition.is_answered()).count(),
            completed: completed.filter(|seen| called.contains(&seen.case)).count(),
            by_hour,
            ends: attempts.iter().map(|made| made.ended).max(),
            lines: most_at_once(&attempts),
            attempts,
            not_called,
        }
    }
}

/// Why a case that had no call in the night had none; nothing if it was not due, or was over before.
fn stands(seen: &CaseSeen, night: NaiveDate, zone: Tz) -> Option<Stands> {
    let Some(decision) = seen.last else {
        let is_due = local(seen.next_at, zone).date() <= night;
        return (seen.outcome.is_none() && is_due).then_some(Stands::TurnNeverCame);
    };
    match decision.checked {
        Checked::Close { .. } | Checked::Hold { .. } => Some(Stands::Rule(decision.why)),
        Checked::Dial { .. } => None,
    }
}

fn most_at_once(attempts: &[Made]) -> usize {
    let begins = attempts.iter().map(|made| (made.at, 1_i32));
    let ends = attempts.iter().map(|made| (made.ended, -1));
    let mut changes: Vec<_> = begins.chain(ends).collect();
    changes.sort_unstable();
    let (mut now, mut most) = (0_i32, 0);
    for (_, change) in changes {
        now += change;
        most = most.max(now);
    }
    usize::try_from(most).unwrap_or_default()
}

/// The middle one of several, the lower one of two.
pub fn median<T: Copy + Ord>(values: impl IntoIterator<Item = T>) -> Option<T> {
    let mut values: Vec<T> = values.into_iter().collect();
    values.sort_unstable();
    values.get(values.len().checked_sub(1)? / 2).copied()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::calendar::DEFAULT_ZONE;
    use crate::dialer::claim::Decision;
    use crate::ids::{AttemptId, NumberId, TrunkId};
    use crate::outcome::Disposition;

    /// 2026-11-23 10:00 in Shanghai.
    const TEN: Wall = Wall::from_millis(1_795_399_200_000);
    const MONDAY: &str = "2026-11-23";

    fn made(case: i64, minute: u64, seconds: u64, disposition: Disposition) -> Made {
        let at = TEN + Duration::from_secs(60 * minute);
        Made {
            attempt: AttemptId(case),
            case: CaseId(case),
            campaign: CampaignId(1),
            number: NumberId(case),
            trunk: TrunkId(0),
            at,
            ended: at + Duration::from_secs(seconds),
            disposition,
            rule: "test",
        }
    }

    fn seen(case: i64, outcome: Option<Outcome>, last: Option<Decision>) -> CaseSeen {
        CaseSeen {
            case: CaseId(case),
            campaign: CampaignId(1),
            attempts: 0,
            outcome,
            last,
            next_at: TEN,
        }
    }

    fn hold(why: Why) -> Option<Decision> {
        let checked = Checked::Hold { until: TEN };
        Some(Decision { why, checked })
    }

    #[test]
    fn a_night_says_who_was_called_and_what_stands_against_the_others() {
        let next_day = Duration::from_secs(86_400);
        let mut tomorrow = made(4, 0, 30, Disposition::Completed);
        (tomorrow.at, tomorrow.ended) = (tomorrow.at + next_day, tomorrow.ended + next_day);
        let mut waits = seen(6, None, None);
        waits.next_at = TEN + next_day;
        let outlook = Outlook {
            attempts: vec![
                made(2, 1, 30, Disposition::NoAnswer),
                made(1, 0, 90, Disposition::Completed),
                tomorrow,
            ],
            cases: vec![
                seen(1, Some(Outcome::Completed), hold(Why::Due)),
                seen(2, None, hold(Why::Due)),
                seen(3, None, hold(Why::NumberCapped)),
                seen(5, None, None),
                waits,
            ],
            ..Outlook::default()
        };
        let tonight = Tonight::of(&outlook, MONDAY.parse().unwrap(), DEFAULT_ZONE);
        let called: Vec<_> = tonight.attempts.iter().map(|made| made.case.0).collect();
        assert_eq!(called, [1, 2]);
        assert_eq!((tonight.answered, tonight.completed, tonight.lines), (1, 1, 2));
        assert_eq!(tonight.by_hour, BTreeMap::from([(10, 2)]));
        assert_eq!(tonight.ends, Some(TEN + Duration::from_secs(90)));
        let campaign = CampaignId(1);
        let expected = BTreeMap::from([
            ((campaign, Stands::Rule(Why::NumberCapped)), vec![CaseId(3)]),
            ((campaign, Stands::TurnNeverCame), vec![CaseId(5)]),
        ]);
        assert_eq!(tonight.not_called, expected);
    }

    #[test]
    fn the_median_of_few_is_one_of_them() {
        assert_eq!(median([3, 1, 2]), Some(2));
        assert_eq!(median([4, 1, 2, 3]), Some(2));
        assert_eq!(median::<u32>([]), None);
    }
}
