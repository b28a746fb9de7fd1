//! How tonight will go, and when calls may be placed: what the board asks beside what it counts.

use chrono::{Days, NaiveDate, NaiveTime};
use chrono_tz::Tz;

use super::{Error, Hours, Office};
use crate::calendar::{Gate, local, wall};
use crate::config::CampaignFile;
use crate::document::{Fault, Severity, Wrong};
use crate::engine::forecast::{self, House, TonightForecast, WhatIf};
use crate::moment::Wall;

/// A stretch of time.
pub type Stretch = (Wall, Wall);

impl Office {
    /// The hospital's time zone.
    pub fn zone(&self) -> Tz {
        self.settings.place.time_zone
    }

    /// The settings file; none: the settings were given as text.
    pub fn settings_file(&self) -> Option<&std::path::Path> {
        self.settings.file.as_deref()
    }

    /// Which days are worked.
    pub fn work_calendar(&self) -> &crate::calendar::WorkCalendar {
        &self.settings.place.work_calendar
    }

    /// The stretches of a time's local date in which a campaign that runs may dial, joined, in order.
    ///
    /// # Errors
    /// What the database says.
    pub async fn open_windows(&self, now: Wall) -> Result<Vec<Stretch>, Error> {
        let mut stretches = Vec::new();
        for row in self.store.reader().running_campaigns().await? {
            // One whose file cannot be read any more dials nothing.
            if let Ok((file, _)) = CampaignFile::parse(&row.file) {
                stretches.extend(self.windows_of(&file, now).0);
            }
        }
        Ok(joined(stretches))
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
    pub fn check_campaign(&self, text: &str) -> (Option<CampaignFile>, Vec<Fault>) {
        match CampaignFile::parse(text) {
            Ok((file, warnings)) => {
                let mut faults = warnings;
                let known = |name: &&String| self.settings.trunk(name).is_none();
                faults.extend(file.trunks.iter().filter(known).map(|name| {
                    let names: Vec<_> = self.settings.trunks.iter().map(|trunk| trunk.name.as_str()).collect();
                    Fault {
                        severity: Severity::Error,
                        line: line_of(text, name),
                        column: 1,
                        wrong: Wrong::UnknownTrunk {
                            name: name.clone(),
                            known: names.join(", "),
                        },
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

/// Stretches that touch or overlap are one.
fn joined(mut stretches: Vec<Stretch>) -> Vec<Stretch> {
    stretches.sort_unstable();
    let mut joined: Vec<Stretch> = Vec::new();
    for (from, until) in stretches {
        match joined.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(until),
            Some(_) | None => joined.push((from, until)),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::{Wall, joined};

    #[test]
    fn windows_that_touch_are_one() {
        let of = |stretches: &[(i64, i64)]| {
            let walls = stretches
                .iter()
                .map(|(from, until)| (Wall::from_millis(*from), Wall::from_millis(*until)));
            let joined = joined(walls.collect());
            joined
                .iter()
                .map(|(from, until)| (from.millis(), until.millis()))
                .collect::<Vec<_>>()
        };
        assert_eq!(of(&[(5, 9), (1, 3), (3, 4), (6, 7)]), [(1, 4), (5, 9)]);
        assert_eq!(of(&[]), []);
    }
}
