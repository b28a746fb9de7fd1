//! The house as it would be that night: the campaigns that run, their dialplans, the trunks; and what may be tried instead.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::calendar::{Hours, Pause, Span, Windows};
use crate::cli::simulate;
use crate::config::{CampaignFile, Settings};
use crate::dialer::{Campaign, Pace};
use crate::dialplan::{self, Dialplan};
use crate::ids::TrunkId;
use crate::moment::Wall;
use crate::night::forecast::{Setup, Trunk};
use crate::outcome::Disposition;
use crate::store::{self, CampaignState, Reader};

/// What a plan may change, to see what it would do.
#[derive(Clone, Debug, Default)]
pub(super) struct WhatIf {
    lines: Option<u16>,
    windows: Option<Windows>,
    retry: Vec<(Disposition, Vec<Pause>)>,
}

impl WhatIf {
    pub(super) fn read(lines: Option<u16>, window: Option<&str>, retry: &[String]) -> Result<Self> {
        let windows = window
            .map(|spans| {
                let spans: Vec<Span> = spans
                    .split(',')
                    .map(|span| span.trim().parse())
                    .collect::<Result<_, _>>()
                    .context("--window takes spans such as \"09:00-12:00,14:00-20:30\"")?;
                let windows = Windows::every_day(&spans)?;
                windows.legal()?;
                anyhow::Ok(windows)
            })
            .transpose()?;
        let retry = retry.iter().map(|text| retry_of(text)).collect::<Result<_>>()?;
        Ok(Self { lines, windows, retry })
    }

    fn change(&self, campaign: &mut Campaign) -> Result<()> {
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
                .map_err(|why| anyhow::anyhow!("--retry: {why}"))?;
        }
        Ok(())
    }
}

/// As many more calls a second as there are more lines.
fn grown(pace: Pace, before: u16, lines: u16) -> Result<Pace> {
    let rate = f64::from(lines) / f64::from(before.max(1)) / pace.interval().as_secs_f64();
    Pace::per_second(rate.clamp(0.01, 1_000.0)).context("the pace cannot grow so far")
}

fn retry_of(text: &str) -> Result<(Disposition, Vec<Pause>)> {
    let expected =
        || format!("--retry takes an ending and its pauses, such as \"no_answer=2h,1d_other_part\", got {text:?}");
    let (ending, pauses) = text.split_once('=').with_context(expected)?;
    let Some(disposition) = Disposition::parse(ending.trim()) else {
        bail!("there is no ending {:?}; docs/outcomes.md lists them", ending.trim());
    };
    let pauses = pauses.split(',').map(|pause| pause.trim().parse());
    let pauses = pauses.collect::<Result<Vec<Pause>, _>>().with_context(expected)?;
    Ok((disposition, pauses))
}

/// Everything that a forecast runs with but the people.
pub(super) struct House {
    pub(super) campaigns: Vec<Campaign>,
    /// What the reader should know.
    pub(super) notes: Vec<String>,
    dialplans: BTreeMap<String, Arc<Dialplan>>,
    prompts: BTreeMap<String, BTreeMap<String, Duration>>,
    trunks: BTreeMap<TrunkId, Trunk>,
}

impl House {
    /// The running campaigns, or those of these names, with what may be tried instead.
    pub(super) async fn read(
        settings: &Settings,
        reader: &Reader,
        names: &[String],
        what_if: &WhatIf,
        now: Wall,
    ) -> Result<Self> {
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
            house.add(settings, reader, &row, what_if).await?;
        }
        if names.is_empty() {
            for row in reader.campaigns(now).await? {
                match (row.state, row.paused_at) {
                    (CampaignState::Running, None) => house.add(settings, reader, &row, what_if).await?,
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
            bail!("no campaign runs; `aftercall plan --campaign NAME` plans one as if it did");
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
        what_if: &WhatIf,
    ) -> Result<()> {
        let shown = format!("campaign \"{}\"", row.name);
        let (file, _) = CampaignFile::parse(&row.file)
            .map_err(|faults| anyhow::anyhow!("{shown} cannot be read any more: {} faults", faults.len()))?;
        let kept = reader.dialplan(&row.dialplan).await?;
        let dialplan = dialplan::parse(&kept.text).map_err(|faults| {
            anyhow::anyhow!(
                "the dialplan of {shown} cannot be read any more: {} faults",
                faults.len()
            )
        })?;
        let mut trunks = Vec::new();
        for name in &file.trunks {
            let Some((index, _)) = settings.trunk(name) else {
                bail!("{shown} names the trunk \"{name}\", which the settings do not have");
            };
            trunks.push(TrunkId(u16::try_from(index).unwrap_or(u16::MAX)));
        }
        let place = &settings.place;
        let schedule = file.schedule(place.time_zone, Hours::Windows, &place.work_calendar);
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
                self.prompts.insert(language, simulate::prompt_lengths(&text));
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
    pub(super) fn setup(&self, origin: Wall, seed: u64) -> Setup {
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
    pub(super) fn unbound(&self, origin: Wall, seed: u64) -> Setup {
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

    /// The name of a campaign.
    pub(super) fn name_of(&self, id: crate::ids::CampaignId) -> &str {
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
