//! What a forecast runs with, beside the people: campaigns, dialplans, trunks, the beginning and the seed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::dialer::{Campaign, TrunkCaps};
use crate::dialplan::Dialplan;
use crate::ids::{CampaignId, TrunkId};
use crate::moment::Wall;
use crate::outcome::CauseTable;

/// The house as it would be that night.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The campaigns that run.
    pub campaigns: Vec<Campaign>,
    /// Their dialplans, by content hash.
    pub dialplans: BTreeMap<String, Arc<Dialplan>>,
    /// How long the recorded prompts are, by language and name; what is missing here is taken to be as long as its text
    /// takes to say.
    pub prompts: BTreeMap<String, BTreeMap<String, Duration>>,
    /// The trunks.
    pub trunks: BTreeMap<TrunkId, Trunk>,
    /// When it begins.
    pub origin: Wall,
    /// The same seed gives the same night.
    pub seed: u64,
}

/// A trunk of the house.
#[derive(Clone, Debug)]
pub struct Trunk {
    /// What it carries.
    pub caps: TrunkCaps,
    /// What it means by its own codes.
    pub causes: CauseTable,
}

/// Why there is no forecast.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// A campaign's dialplan is not there.
    #[error("the dialplan {hash} of campaign {campaign} is not there")]
    NoDialplan {
        /// Which campaign.
        campaign: CampaignId,
        /// The hash that it names.
        hash: String,
    },
    /// A campaign names a trunk that is not there, or none.
    #[error("campaign {0} names no trunk, or one that is not there")]
    NoTrunk(CampaignId),
}

impl Setup {
    /// Whether every campaign has what it needs.
    pub(super) fn check(&self) -> Result<(), SetupError> {
        for campaign in &self.campaigns {
            if !self.dialplans.contains_key(&campaign.dialplan) {
                return Err(SetupError::NoDialplan {
                    campaign: campaign.id,
                    hash: campaign.dialplan.clone(),
                });
            }
            let known = |trunk: &TrunkId| self.trunks.contains_key(trunk);
            if campaign.routes.is_empty() || !campaign.routes.iter().all(|route| known(&route.trunk)) {
                return Err(SetupError::NoTrunk(campaign.id));
            }
        }
        Ok(())
    }
}
