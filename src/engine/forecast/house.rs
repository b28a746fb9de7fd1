//! The house as it would be that night: the campaigns that run, their dialplans, the trunks; and what may be tried instead.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::Error;
use crate::calendar::{Hours, Pause, Windows};
use crate::config::{CampaignFile, Settings};
use crate::dialer::{Campaign, Pace};
use crate::dialplan::{self, Dialplan};
use crate::document::Document;
use crate::ids::TrunkId;
use crate::moment::Wall;
use crate::night::forecast::{Setup, Trunk};
use crate::outcome::Disposition;
use crate::store::{self, CampaignState, Reader};

/// What a plan may change, to see what it would do.
#[derive(Clone, Debug, Default)]
pub struct WhatIf {
    /// As many lines for each campaign and trunk; the pace grows with them.
    pub lines: Option<u16>,
    /// These windows instead of the campaigns' own.
    pub windows: Option<Windows>,
    /// These endings are tried again after these pauses.
    pub retry: Vec<(Disposition, Vec<Pause>)>,
}

impl WhatIf {
    fn change(&self, campaign: &mut Campaign) -> Result<(), Error> {
        if let Some(lines) = self.lines {
            campaign.pace = grown(campaign.pace, campaign.lines, lines)?;
            campaign.lines = lines;
        }
        if let Some(windows) = &self.windows {
            campaign.schedule.windows = windows.clone();
        }
        for (disposition, after) in &self.retry {
            let mut rule = campaign.retry.rule(*disposition);
            rule.after.clone_from(after);
            let policy = std::mem::take(&mut campaign.retry);
            campaign.retry = policy
                .try_with_rule(*disposition, rule)
                .map_err(|why| Error::Retry(why.to_string()))?;
        }
        Ok(())
    }
}

/// As many more calls a second as there are more lines.
fn grown(pace: Pace, before: u16, lines: u16) -> Result<Pace, Error> {
    let rate = f64::from(lines) / f64::from(before.max(1)) / pace.interval().as_secs_f64();
    Pace::per_second(rate.clamp(0.01, 1_000.0)).ok_or(Error::Pace)
}

/// Everything that a forecast runs with but the people.
#[derive(Clone, Debug)]
pub struct House {
    /// The campaigns that dial.
    pub campaigns: Vec<Campaign>,
    /// What the reader should know.
    pub notes: Vec<String>,
    dialplans: BTreeMap<String, Arc<Dialplan>>,
    prompts: BTreeMap<String, BTreeMap<String, Duration>>,
    trunks: BTreeMap<TrunkId, Trunk>,
}

impl House {
    /// The running campaigns, or those of these names, with what may be tried instead. `hours` says whether windows hold.
    ///
    /// # Errors
    /// If a campaign cannot be read, names what is not there, or what is tried makes no sense; [`Error::Nothing`] if no
    /// campaign runs.
    pub async fn read(
        settings: &Settings,
        reader: &Reader,
        names: &[String],
        what_if: &WhatIf,
        (now, hours): (Wall, Hours),
    ) -> Result<Self, Error> {
        let trunks = (0..).map(TrunkId).zip(&settings.trunks);
        let mut house = Self {
            campaigns: Vec::new(),
            notes: Vec::new(),
            dialplans: BTreeMap::new(),
            prompts: BTreeMap::new(),
            trunks: trunks.map(|(id, trunk)| (id, virtual_trunk(trunk))).collect(),
        };
        for name in names {
            let row = reader.campaign(name, now).await?;
            if row.state != CampaignState::Running || row.paused_at.is_some() {
                house
                    .notes
                    .push(format!("campaign \"{name}\" does not run; planned as if it did"));
            }
            house.add(settings, reader, &row, (what_if, hours)).await?;
        }
        if names.is_empty() {
            for row in reader.campaigns(now).await? {
                match (row.state, row.paused_at) {
                    (CampaignState::Running, None) => house.add(settings, reader, &row, (what_if, hours)).await?,
                    (CampaignState::Running, Some(_)) => {
                        house
                            .notes
                            .push(format!("campaign \"{}\" is paused and left out", row.name));
                    }
                    (CampaignState::Draft | CampaignState::Stopped, _) => {}
                }
            }
        }
        if house.campaigns.is_empty() {
            return Err(Error::Nothing);
        }
        if let Some(lines) = what_if.lines {
            for trunk in house.trunks.values_mut() {
                trunk.caps.pace = grown(trunk.caps.pace, trunk.caps.lines, lines)?;
                trunk.caps.lines = lines;
            }
        }
        Ok(house)
    }

    async fn add(
        &mut self,
        settings: &Settings,
        reader: &Reader,
        row: &store::Campaign,
        (what_if, hours): (&WhatIf, Hours),
    ) -> Result<(), Error> {
        let faulty = |what: &str, faults: usize| Error::Faulty {
            what: format!("{what} \"{}\"", row.name),
            faults,
        };
        let (file, _) = CampaignFile::parse(&row.file).map_err(|faults| faulty("campaign", faults.len()))?;
        let kept = reader.dialplan(&row.dialplan).await?;
        let read = dialplan::parse(&kept.text);
        let dialplan = read.map_err(|faults| faulty("the dialplan of campaign", faults.len()))?;
        let mut trunks = Vec::new();
        for name in &file.trunks {
            let Some((index, _)) = settings.trunk(name) else {
                return Err(Error::NoTrunk {
                    campaign: row.name.clone(),
                    trunk: name.clone(),
                });
            };
            trunks.push(TrunkId(u16::try_from(index).unwrap_or(u16::MAX)));
        }
        let place = &settings.place;
        let schedule = file.schedule(place.time_zone, hours, &place.work_calendar);
        let mut campaign = file.to_campaign(row.id, &trunks, dialplan.hash(), schedule);
        // Those that it keeps to since its first start; before that its file's.
        if !row.callers.is_empty() {
            campaign.callers.clone_from(&row.callers);
        }
        what_if.change(&mut campaign)?;
        let language = dialplan.language().to_owned();
        let manifest = place.prompts.join(&language).join("manifest.toml");
        match std::fs::read_to_string(&manifest) {
            Ok(text) => {
                self.prompts.insert(language, prompt_lengths(&text));
            }
            Err(_) => self.notes.push(format!(
                "{} cannot be read: its prompts are taken to be as long as their texts take to say",
                manifest.display()
            )),
        }
        self.dialplans.insert(dialplan.hash().to_owned(), Arc::new(dialplan));
        self.campaigns.push(campaign);
        Ok(())
    }

    /// What a forecast runs with.
    pub fn setup(&self, origin: Wall, seed: u64) -> Setup {
        Setup {
            campaigns: self.campaigns.clone(),
            dialplans: self.dialplans.clone(),
            prompts: self.prompts.clone(),
            trunks: self.trunks.clone(),
            origin,
            seed,
        }
    }

    /// The same with as many lines as anybody could want: how many are used then is how many are needed.
    pub fn unbound(&self, origin: Wall, seed: u64) -> Setup {
        let mut setup = self.setup(origin, seed);
        setup
            .campaigns
            .iter_mut()
            .for_each(|campaign| campaign.lines = MOST_LINES);
        setup
            .trunks
            .values_mut()
            .for_each(|trunk| trunk.caps.lines = MOST_LINES);
        setup
    }

    /// The same with `more` lines for every campaign, and as many on the first trunk of each.
    pub fn with_more_lines(&self, origin: Wall, seed: u64, more: u16) -> Setup {
        let mut setup = self.setup(origin, seed);
        let mut firsts = BTreeSet::new();
        for campaign in &mut setup.campaigns {
            let lines = campaign.lines.saturating_add(more).min(MOST_LINES);
            campaign.pace = grown(campaign.pace, campaign.lines, lines).unwrap_or(campaign.pace);
            campaign.lines = lines;
            firsts.extend(campaign.routes.first().map(|route| route.trunk));
        }
        for (_, trunk) in setup.trunks.iter_mut().filter(|(id, _)| firsts.contains(id)) {
            let lines = trunk.caps.lines.saturating_add(more).min(MOST_LINES);
            trunk.caps.pace = grown(trunk.caps.pace, trunk.caps.lines, lines).unwrap_or(trunk.caps.pace);
            trunk.caps.lines = lines;
        }
        setup
    }

    /// The name of a campaign.
    pub fn name_of(&self, id: crate::ids::CampaignId) -> &str {
        let known = self.campaigns.iter().find(|campaign| campaign.id == id);
        known.map_or("", |campaign| campaign.name.as_str())
    }
}

/// As many as settings allow.
const MOST_LINES: u16 = 10_000;

fn virtual_trunk(trunk: &crate::config::Trunk) -> Trunk {
    Trunk {
        caps: trunk.caps,
        callers: trunk.callers.clone(),
        causes: trunk.causes.clone(),
    }
}

/// The lengths that a prompt folder's manifest tells; what it does not tell is taken from the prompts' texts.
pub fn prompt_lengths(manifest: &str) -> BTreeMap<String, Duration> {
    let (document, mut faults) = Document::parse(manifest);
    let mut lengths = BTreeMap::new();
    for prompt in document.root().tables("prompt", &mut faults) {
        let name = prompt.required_str("name", &mut faults);
        let length = prompt.required_integer("duration_ms", 0..=3_600_000, &mut faults);
        if let (Some(name), Some(length)) = (name, length.and_then(|length| u64::try_from(length).ok())) {
            lengths.insert(name.to_owned(), Duration::from_millis(length));
        }
    }
    lengths
}
