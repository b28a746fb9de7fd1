//! How tonight will go, and when calls may be placed: what the board asks beside what it counts.

use chrono::{Days, NaiveDate, NaiveTime};
use chrono_tz::Tz;

use super::{Error, Hours, Office};
use crate::calendar::{Gate, local, wall};
use crate::config::CampaignFile;
use crate::engine::forecast::{self, House, TonightForecast, WhatIf};
use crate::moment::Wall;

/// A stretch of time.
pub type Stretch = (Wall, Wall);

impl Office {
    /// The hospital's time zone.
    pub fn zone(&self) -> Tz {
        self.settings.place.time_zone
    }

    /// The night of a time: its local date, when it begins and when it ends.
    pub fn night_of(&self, now: Wall) -> (NaiveDate, Stretch) {
        let zone = self.zone();
        let date = local(now, zone).date();
        let next = date.checked_add_days(Days::new(1)).unwrap_or(date);
        let midnight = |date: NaiveDate| wall(date.and_time(NaiveTime::MIN), zone);
        (date, (midnight(date), midnight(next)))
    }

    /// The stretches of a time's local date in which a campaign may dial, in order, and the next opening after it; in test
    /// mode the whole day.
    pub fn windows_of(&self, file: &CampaignFile, now: Wall) -> (Vec<Stretch>, Option<Wall>) {
        let (_, (begins, ends)) = self.night_of(now);
        let place = &self.settings.place;
        let schedule = file.schedule(place.time_zone, self.hours, &place.work_calendar);
        let mut stretches = Vec::new();
        let mut at = begins;
        while at < ends {
            match schedule.gate(at) {
                Gate::Open { until, .. } => {
                    stretches.push((at, until.min(ends)));
                    at = until;
                }
                Gate::Closed { until: Some(until), .. } => at = until,
                Gate::Closed { until: None, .. } => return (stretches, None),
            }
        }
        (stretches, schedule.next_open(at))
    }

    /// Whether calling windows hold; in test mode there are none.
    pub fn has_windows(&self) -> bool {
        self.hours == Hours::Windows
    }

    /// Forecasts the rest of the night up to `end`: reads who is due, then computes beside everything else. None if no
    /// campaign dials.
    ///
    /// # Errors
    /// If what is stored cannot be read, or the forecast breaks off.
    pub async fn forecast_tonight(&self, end: Wall) -> Result<Option<TonightForecast>, Error> {
        let (now, reader) = (self.clock.wall(), self.store.reader());
        let house = match House::read(&self.settings, reader, &[], &WhatIf::default(), (now, self.hours)).await {
            Err(forecast::Error::Nothing) => return Ok(None),
            house => house?,
        };
        let ids: Vec<_> = house.campaigns.iter().map(|campaign| campaign.id).collect();
        let prospects = reader.prospects(&ids, now, end).await?;
        let seen = reader.observed().await?;
        let computed = tokio::task::spawn_blocking(move || forecast::tonight(&house, prospects, &seen, (now, end)));
        let computed = computed.await.map_err(|_| forecast::Error::CutOff)?;
        Ok(Some(computed?))
    }

    /// All faults of a campaign's text, and of what it names; warnings too. The dialplan is the one that is stored under
    /// the name that the text gives.
    pub fn check_campaign(&self, text: &str) -> (Option<CampaignFile>, Vec<crate::document::Fault>) {
        match CampaignFile::parse(text) {
            Ok((file, warnings)) => {
                let mut faults = warnings;
                let known = |name: &&String| self.settings.trunk(name).is_none();
                faults.extend(file.trunks.iter().filter(known).map(|name| {
                    let names: Vec<_> = self.settings.trunks.iter().map(|trunk| trunk.name.as_str()).collect();
                    crate::document::Fault {
                        severity: crate::document::Severity::Error,
                        line: line_of(text, name),
                        column: 1,
                        message: format!(
                            "there is no trunk \"{name}\" in the settings; expected one of {}",
                            names.join(", ")
                        ),
                    }
                }));
                (Some(file), faults)
            }
            Err(faults) => (None, faults),
        }
    }
}

/// The line in which a trunk is named, counted from 1.
fn line_of(text: &str, name: &str) -> u32 {
    let quoted = format!("\"{name}\"");
    let names_it = |line: &str| line.trim_start().starts_with("trunk") && line.contains(&quoted);
    let found = text.lines().position(names_it).unwrap_or_default();
    u32::try_from(found + 1).unwrap_or(1)
}
