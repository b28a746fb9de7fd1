//! The forecast of tonight, as the board shows it: when the last call is over, who is not reached, how many lines more would
//! do. It computes for seconds: call it where nothing waits.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Error, House, behaviours, lengths, population};
use crate::calendar::local;
use crate::ids::CampaignId;
use crate::moment::Wall;
use crate::night::forecast::{Behaviours, Forecast, Outlook, Population, Stands, Tonight, median};
use crate::store::{ObservedTally, Prospects};

/// Few people are forecast this often, with other draws each time; many less often.
const RUNS: u64 = 5;
/// From so many cases on three runs do.
const MANY: usize = 3_000;
/// From so many cases on one run does, and nothing else is tried.
const VERY_MANY: usize = 20_000;
/// What is tried when the night is too short: so many lines more.
const MORE: [u16; 7] = [2, 4, 8, 16, 32, 64, 128];
/// A night that is forecast to end within so long of its end is tight.
pub(super) const TIGHT: Duration = Duration::from_secs(600);

/// Tonight as several runs see it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TonightForecast {
    /// The time that it was made for.
    pub at: Wall,
    /// The last call is over then, in the luckiest run; none if nobody is called any more.
    pub earliest: Option<Wall>,
    /// In the middle run.
    pub median: Option<Wall>,
    /// In the unluckiest run.
    pub latest: Option<Wall>,
    /// Due cases whose turn does not come tonight, in the middle run.
    pub unreached: usize,
    /// Cases whose deadline passes before the night is over.
    pub deadlines: usize,
    /// Of these, the ones that have one attempt left, as far as the budget says.
    pub last_chances: usize,
    /// The campaigns, each in the middle run.
    pub campaigns: BTreeMap<CampaignId, CampaignTonight>,
    /// What would do, where the night is too short or nearly so.
    pub more_lines: Option<MoreLines>,
}

/// One campaign in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CampaignTonight {
    /// Its last call is over then.
    pub ends: Option<Wall>,
    /// Due cases whose turn does not come.
    pub unreached: usize,
}

/// So many lines more, and when they would be through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MoreLines {
    /// How many more.
    pub lines: u16,
    /// When the last call would be over.
    pub ends: Wall,
}

/// Forecasts the rest of the night that ends at `end`.
///
/// # Errors
/// If the parts do not fit together, or a rule of the forecast breaks.
pub fn tonight(
    house: &House,
    prospects: Prospects,
    seen: &[ObservedTally],
    (now, end): (Wall, Wall),
) -> Result<TonightForecast, Error> {
    let cases = prospects.cases.len();
    let runs = match cases {
        0..MANY => RUNS,
        MANY..VERY_MANY => 3,
        VERY_MANY.. => 1,
    };
    let due_tonight = prospects
        .cases
        .iter()
        .filter(|case| case.deadline.is_some_and(|at| at <= end));
    let deadlines = due_tonight.clone().count();
    let budgets: BTreeMap<CampaignId, usize> = house
        .campaigns
        .iter()
        .map(|campaign| (campaign.id, usize::from(campaign.retry.budget)))
        .collect();
    let has_one_left = |tried: usize, campaign| budgets.get(&campaign).is_some_and(|budget| tried + 1 >= *budget);
    let last_chances = due_tonight
        .filter(|case| has_one_left(case.tried.iter().filter(|tried| tried.counted).count(), case.campaign))
        .count();
    let night = Night {
        house,
        behaviours: behaviours(seen),
        population: population(prospects, now),
        now,
        end,
    };
    let night = night.with_lengths(seen)?;
    let mut nights = Vec::new();
    for run in 1..=runs {
        nights.push(night.run(run, 0)?);
    }
    let ends = || nights.iter().filter_map(|night| night.ends);
    let middle = median(nights.iter().map(unreached)).unwrap_or_default();
    let mut forecast = TonightForecast {
        at: now,
        earliest: ends().min(),
        median: median(ends()),
        latest: ends().max(),
        unreached: middle,
        deadlines,
        last_chances,
        campaigns: campaigns(house, &nights),
        more_lines: None,
    };
    let is_tight = forecast.median.is_some_and(|at| at + TIGHT >= end);
    if (middle > 0 || is_tight) && cases < VERY_MANY {
        forecast.more_lines = night.more_lines(middle > 0)?;
    }
    Ok(forecast)
}

fn unreached(night: &Tonight) -> usize {
    let never = night
        .not_called
        .iter()
        .filter(|((_, stands), _)| *stands == Stands::TurnNeverCame);
    never.map(|(_, cases)| cases.len()).sum()
}

fn campaigns(house: &House, nights: &[Tonight]) -> BTreeMap<CampaignId, CampaignTonight> {
    let of = |id: CampaignId| {
        let ends = nights.iter().filter_map(|night| {
            let own = night.attempts.iter().filter(|made| made.campaign == id);
            own.map(|made| made.ended).max()
        });
        let unreached = nights.iter().map(|night| {
            let never = night.not_called.get(&(id, Stands::TurnNeverCame));
            never.map_or(0, Vec::len)
        });
        CampaignTonight {
            ends: median(ends),
            unreached: median(unreached).unwrap_or_default(),
        }
    };
    house
        .campaigns
        .iter()
        .map(|campaign| (campaign.id, of(campaign.id)))
        .collect()
}

/// What every run of it begins with.
struct Night<'h> {
    house: &'h House,
    behaviours: Behaviours,
    population: Population,
    now: Wall,
    end: Wall,
}

impl Night<'_> {
    /// How long real calls were corrects how long drawn ones are.
    fn with_lengths(mut self, seen: &[ObservedTally]) -> Result<Self, Error> {
        let drawn = self.outlook(1, 0)?;
        self.behaviours = self.behaviours.with_lengths(lengths(seen, &drawn));
        Ok(self)
    }

    fn outlook(&self, seed: u64, more: u16) -> Result<Outlook, Error> {
        let setup = match more {
            0 => self.house.setup(self.now, seed),
            1.. => self.house.with_more_lines(self.now, seed, more),
        };
        let mut forecast = Forecast::new(setup, self.population.clone(), self.behaviours.clone())?;
        forecast.run_until(self.end, |_| ())?;
        Ok(forecast.outlook())
    }

    fn run(&self, seed: u64, more: u16) -> Result<Tonight, Error> {
        let zone = self.zone();
        Ok(Tonight::of(
            &self.outlook(seed, more)?,
            local(self.now, zone).date(),
            zone,
        ))
    }

    fn zone(&self) -> chrono_tz::Tz {
        let first = self.house.campaigns.first();
        first.map_or(crate::calendar::DEFAULT_ZONE, |campaign| campaign.schedule.zone)
    }

    /// The fewest lines more, of those that are tried, with which everybody's turn comes.
    fn more_lines(&self, is_too_short: bool) -> Result<Option<MoreLines>, Error> {
        for lines in MORE {
            let night = self.run(1, lines)?;
            let Some(ends) = night.ends.filter(|_| unreached(&night) == 0) else {
                continue;
            };
            if is_too_short || ends + TIGHT < self.end {
                return Ok(Some(MoreLines { lines, ends }));
            }
        }
        Ok(None)
    }
}
