//! `aftercall plan`: how a night will go, by the shipped dialer in virtual time over what the database holds.

mod shown;
mod what_if;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use chrono::{Days, NaiveDate, NaiveTime};
use clap::Args;

use super::{daemon, progress, runtime, settings, show};
use crate::calendar::{Hours, local, wall};
use crate::config::Settings;
use crate::engine::clock::Clock;
use crate::engine::forecast::{self, House};
use crate::night::forecast::{Forecast, Outlook, Tonight};

/// How a night will go: who is called when, who is not and why, how many lines it takes, when it is over.
///
/// The shipped dialer runs in virtual time over what the database holds now; nothing is dialed and nothing is written. How
/// calls end is drawn from how the latest ones ended, by kind of number and hour, and where there were few from what the trade
/// sees. Several runs with different draws give the range. What if: `--lines`, `--window`, `--retry`.
#[derive(Debug, Args)]
pub(super) struct Plan {
    /// The night, as a date; default: tonight.
    #[arg(value_name = "NIGHT")]
    night: Option<NaiveDate>,
    /// A campaign; may be said several times. Default: all that run. One that does not run is planned as if it did.
    #[arg(long, value_name = "NAME")]
    campaign: Vec<String>,
    /// What if campaigns and trunks had this many lines (the pace grows with them)?
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    lines: Option<u16>,
    /// What if every day had these windows? Such as "09:00-12:00,14:00-20:30".
    #[arg(long, value_name = "SPANS")]
    window: Option<String>,
    /// What if this ending were tried again so? Such as "no_answer=2h" or "busy=15m,1d"; may be said several times.
    #[arg(long, value_name = "ENDING=PAUSES")]
    retry: Vec<String>,
    /// How many runs.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=100))]
    runs: u16,
    /// Seed of the first run; the next ones count on.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// List who is called when (in the first run) and who is not.
    #[arg(long)]
    who: bool,
    /// One line of JSON.
    #[arg(long)]
    json: bool,
}

impl Plan {
    pub(super) fn run(self, config: &Path) -> Result<ExitCode> {
        let settings = settings(config)?;
        runtime()?.block_on(self.plan(&settings))
    }

    async fn plan(self, settings: &Settings) -> Result<ExitCode> {
        let now = Clock::start().wall();
        let zone = settings.place.time_zone;
        let today = local(now, zone).date();
        let night = self.night.unwrap_or(today);
        if night < today {
            bail!("the night of {night} is over: `aftercall judge {night}` tells how it went");
        }
        let end = night.checked_add_days(Days::new(1)).context("there is no such night")?;
        let end = wall(end.and_time(NaiveTime::MIN), zone);
        let what_if = what_if::read(self.lines, self.window.as_deref(), &self.retry)?;
        let reader = daemon::reader(settings).await?;
        let house = House::read(settings, &reader, &self.campaign, &what_if, (now, Hours::Windows)).await?;
        for note in &house.notes {
            show::warn(note);
        }
        let ids: Vec<_> = house.campaigns.iter().map(|campaign| campaign.id).collect();
        let prospects = reader.prospects(&ids, now, end).await?;
        let seen = reader.observed().await?;
        let behaviours = forecast::behaviours(&seen);
        let population = forecast::population(prospects, now);
        let bar = progress::steps("试算", u64::from(self.runs) + 2);
        // A first run shows how long the calls are that are drawn; how long real ones were corrects it.
        let drawn = Forecast::new(house.setup(now, self.seed), population.clone(), behaviours.clone())?;
        let lengths = forecast::lengths(&seen, &until(drawn, end)?);
        let behaviours = behaviours.with_lengths(lengths);
        bar.inc(1);
        let mut nights = Vec::new();
        for run in 0..u64::from(self.runs) {
            let setup = house.setup(now, self.seed.saturating_add(run));
            let forecast = Forecast::new(setup, population.clone(), behaviours.clone())?;
            nights.push(Tonight::of(&until(forecast, end)?, night, zone));
            bar.inc(1);
        }
        let unbound = Forecast::new(house.unbound(now, self.seed), population, behaviours)?;
        let needed = Tonight::of(&until(unbound, end)?, night, zone).lines;
        bar.finish_and_clear();
        let figures = shown::Figures::of(&house, shown::Asked { night, zone, now }, &nights, needed);
        if self.json {
            show::json(&figures)?;
        } else {
            figures.table();
        }
        if self.who
            && let Some(first) = nights.first()
        {
            shown::who(&reader, &house, first, zone).await?;
        }
        reader.close().await;
        Ok(ExitCode::SUCCESS)
    }
}

/// Runs a forecast to its end; a rule that breaks is a fault of this program.
fn until(mut forecast: Forecast, end: crate::moment::Wall) -> Result<Outlook> {
    match forecast.run_until(end, |_| ()) {
        Ok(()) => Ok(forecast.outlook()),
        Err(broken) => {
            for line in &broken.before {
                show::note(line);
            }
            bail!("the forecast broke a rule of its own, please report it: {broken}")
        }
    }
}
