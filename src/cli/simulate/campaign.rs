//! The campaign that is simulated: a file's, or the shipped one, with its dialplan and the lengths of its prompts.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, anyhow};

use super::{faulty, read};
use crate::calendar::{DEFAULT_ZONE, DueAfter, Hours, WorkCalendar};
use crate::config::CampaignFile;
use crate::dialer::{Callers, Campaign, Pace, TrunkCaps};
use crate::dialplan::{self, Dialplan};
use crate::engine::forecast::prompt_lengths as lengths;
use crate::ids::{CampaignId, TrunkId};
use crate::moment::Wall;
use crate::night::forecast::{FollowUps, Setup, Trunk, WhenDue};
use crate::outcome::CauseTable;
use crate::rules::{RuleSet, Switches};

const CAMPAIGN: &str = include_str!("../../../campaigns/inpatient.toml");
const DIALPLAN: &str = include_str!("../../../dialplans/inpatient-satisfaction.toml");
const PROMPTS: &str = include_str!("../../../prompts/zh-CN/manifest.toml");

/// A campaign ready to be simulated.
pub(super) struct House {
    pub(super) campaign: Campaign,
    due_after: DueAfter,
    deadline_after: Option<DueAfter>,
    dialplan: Dialplan,
    prompts: BTreeMap<String, Duration>,
}

impl House {
    /// The campaign of a file, or the shipped one; with so many lines, at a pace that grows with them.
    pub(super) fn read(file: Option<&Path>, lines: u16) -> Result<Self> {
        let shipped = Path::new("campaigns/inpatient.toml");
        let path = file.unwrap_or(shipped);
        let text = file.map_or_else(|| Ok(CAMPAIGN.to_owned()), read)?;
        let campaign = match CampaignFile::parse(&text) {
            Ok((campaign, _)) => campaign,
            Err(faults) => return Err(faulty(path, &faults)),
        };
        let beside = |name: &str| path.parent().map_or_else(|| name.into(), |folder| folder.join(name));
        let dialplan_path = beside(&campaign.dialplan);
        let text = file.map_or_else(|| Ok(DIALPLAN.to_owned()), |_| read(&dialplan_path))?;
        let dialplan = dialplan::parse(&text).map_err(|faults| faulty(&dialplan_path, &faults))?;
        let manifest = beside(&format!("../prompts/{}/manifest.toml", dialplan.language()));
        let prompts = file.and_then(|_| read(&manifest).ok());
        let prompts = lengths(prompts.as_deref().unwrap_or(PROMPTS));
        let calendar = Arc::new(WorkCalendar::shipped());
        let schedule = campaign.schedule(DEFAULT_ZONE, Hours::Windows, &calendar);
        let trunks: Vec<TrunkId> = (0..).map(TrunkId).take(campaign.trunks.len()).collect();
        let mut runs = campaign.to_campaign(CampaignId(1), &trunks, dialplan.hash(), schedule);
        runs.pace = pace(&runs, lines).ok_or_else(|| anyhow!("the pace of {} cannot grow so far", path.display()))?;
        runs.lines = lines;
        Ok(Self {
            campaign: runs,
            due_after: campaign.due_after,
            deadline_after: campaign.deadline_after,
            dialplan,
            prompts,
        })
    }

    /// What makes cases of the discharges: the rules of a file, else the campaign's own times.
    pub(super) fn due(&self, rules: Option<&Path>) -> Result<WhenDue> {
        let Some(path) = rules else {
            return Ok(WhenDue::After {
                campaign: self.campaign.id,
                due: self.due_after,
                deadline: self.deadline_after,
            });
        };
        let (rules, _) = RuleSet::parse(&read(path)?).map_err(|faults| faulty(path, &faults))?;
        let campaigns = rules.campaigns().into_iter();
        let campaigns = campaigns.map(|name| (name.to_owned(), self.campaign.id)).collect();
        Ok(WhenDue::Rules(Box::new(FollowUps {
            rules,
            switches: Switches::none(),
            campaigns,
        })))
    }

    /// What the forecast runs with.
    pub(super) fn setup(self, origin: Wall, seed: u64) -> Setup {
        let caps = TrunkCaps {
            lines: self.campaign.lines,
            pace: self.campaign.pace,
            kept_free: 0,
        };
        let trunk = |trunk| {
            let causes = CauseTable::default();
            let callers = Callers::default();
            (trunk, Trunk { caps, callers, causes })
        };
        let trunks = self.campaign.routes.iter().map(|route| trunk(route.trunk)).collect();
        let hash = self.dialplan.hash().to_owned();
        Setup {
            trunks,
            campaigns: vec![self.campaign],
            prompts: BTreeMap::from([(self.dialplan.language().to_owned(), self.prompts)]),
            dialplans: BTreeMap::from([(hash, Arc::new(self.dialplan))]),
            origin,
            seed,
        }
    }
}

/// As many more calls a second as there are more lines than the file has.
fn pace(campaign: &Campaign, lines: u16) -> Option<Pace> {
    let of_file = 1.0 / campaign.pace.interval().as_secs_f64();
    Pace::per_second((of_file * f64::from(lines) / f64::from(campaign.lines)).clamp(0.01, 1_000.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_campaign_is_simulated_with_the_lengths_of_its_prompts() {
        let house = House::read(None, 60).unwrap();
        assert_eq!(house.campaign.lines, 60);
        let sixth = Duration::from_secs(1) / 6;
        assert!(house.campaign.pace.interval().abs_diff(sixth) < Duration::from_micros(1));
        // The lengths of the first language are read.
        let plain = house
            .dialplan
            .prompts()
            .into_iter()
            .filter(|prompt| !prompt.contains('/'));
        for prompt in plain {
            assert!(house.prompts.contains_key(&prompt), "{prompt}");
        }
    }
}
