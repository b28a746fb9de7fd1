//! Campaigns: add, start, stop.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Error, Hours, Office};
use crate::config::CampaignFile;
use crate::control::Order;
use crate::dialer;
use crate::dialplan::{self, Dialplan};
use crate::engine::checks;
use crate::ids::TrunkId;
use crate::store::{CampaignRow, NewCampaign};

/// A campaign file and its dialplan, as texts: the daemon may stand in another folder than the one who asks.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CampaignText {
    /// The file's name, for messages.
    pub file: String,
    /// The campaign file.
    pub text: String,
    /// The dialplan file's name, for messages.
    pub dialplan_file: String,
    /// The dialplan file.
    pub dialplan_text: String,
}

/// A campaign that was added.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Added {
    /// Its name.
    pub name: String,
    /// What is worth a look.
    pub warnings: Vec<String>,
}

/// A campaign that was started.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Started {
    /// Its name.
    pub name: String,
    /// Open cases.
    pub open: u64,
    /// Whether a daemon dials it now.
    pub dialing: bool,
    /// What the person should know.
    pub notes: Vec<String>,
}

impl Office {
    /// Checks a campaign file and its dialplan and stores both; said again with the same name it replaces a campaign
    /// that does not run.
    pub async fn add_campaign(&self, text: CampaignText) -> Result<Added, Error> {
        let (file, mut warnings) = self.read_campaign(&text.file, &text.text)?;
        let (dialplan, more) = self.read_dialplan(&text.dialplan_file, &text.dialplan_text)?;
        warnings.extend(more);
        let now = self.clock.wall();
        self.put_dialplan(&text.dialplan_file, &text.dialplan_text, &dialplan).await?;
        let new = NewCampaign {
            name: file.name.clone(),
            file_text: text.text,
            dialplan_hash: dialplan.hash().to_owned(),
            lines: file.lines,
            pace: file.pace,
        };
        self.store.add_campaign(new, now).await?;
        Ok(Added { name: file.name, warnings })
    }

    /// Starts a campaign: from now on the daemon dials what is due in it, inside its windows.
    pub async fn start_campaign(&self, name: &str) -> Result<Started, Error> {
        let row = self.campaign(name).await?;
        let (file, _) = self.read_campaign(name, &row.file_text)?;
        let text = self.store.dialplan_text(&row.dialplan_hash).await?;
        let (dialplan, _) = self.read_dialplan(&file.dialplan, &text)?;
        let (_, trunk) = self.trunk(&file.trunk)?;
        self.refuse_demo_greeting(trunk, dialplan.language())?;
        let mut notes = Vec::new();
        if self.hours == Hours::AnyTime {
            notes.push("test mode: calling windows are ignored".to_owned());
        }
        self.store.start_campaign(row.id, self.clock.wall()).await?;
        let dialing = self.engine.is_some();
        self.order_start(&row, file, dialplan)?;
        if !dialing {
            notes.push("no daemon runs: `aftercall run` will dial it".to_owned());
        }
        Ok(Started { name: name.to_owned(), open: row.open, dialing, notes })
    }

    /// Stops a campaign: nothing more of it is dialed; running calls go on.
    pub async fn stop_campaign(&self, name: &str) -> Result<(), Error> {
        let row = self.campaign(name).await?;
        self.store.stop_campaign(row.id, self.clock.wall()).await?;
        match &self.engine {
            Some(engine) => engine.order(Order::Stop(row.id)),
            None => Ok(()),
        }
    }

    /// Gives the engine every campaign that was running when the last daemon ended.
    pub async fn resume_campaigns(&self) -> Result<Vec<String>, Error> {
        let mut resumed = Vec::new();
        for row in self.store.running_campaigns().await? {
            let name = row.name.clone();
            let (file, _) = self.read_campaign(&name, &row.file_text)?;
            let text = self.store.dialplan_text(&row.dialplan_hash).await?;
            let (dialplan, _) = self.read_dialplan(&file.dialplan, &text)?;
            let (_, trunk) = self.trunk(&file.trunk)?;
            self.refuse_demo_greeting(trunk, dialplan.language())?;
            self.order_start(&row, file, dialplan)?;
            resumed.push(name);
        }
        Ok(resumed)
    }

    pub(super) async fn campaign(&self, name: &str) -> Result<CampaignRow, Error> {
        self.store.campaign(name).await?.ok_or_else(|| Error::NoCampaign { name: name.to_owned() })
    }

    pub(super) fn read_campaign(&self, file: &str, text: &str) -> Result<(CampaignFile, Vec<String>), Error> {
        let faulty = |faults| Error::Faulty { file: file.to_owned(), faults };
        let (campaign, warnings) = CampaignFile::parse(text).map_err(faulty)?;
        self.trunk(&campaign.trunk)?;
        Ok((campaign, warnings.iter().map(|warning| format!("{file}:{warning}")).collect()))
    }

    pub(super) fn read_dialplan(&self, file: &str, text: &str) -> Result<(Dialplan, Vec<String>), Error> {
        let faulty = |faults| Error::Faulty { file: file.to_owned(), faults };
        let dialplan = dialplan::parse(text).map_err(faulty)?;
        let faults = checks::dialplan(&self.settings, &dialplan);
        let (errors, warnings): (Vec<_>, Vec<_>) =
            faults.into_iter().partition(|fault| fault.severity == crate::document::Severity::Error);
        if errors.is_empty() {
            Ok((dialplan, warnings.iter().map(|warning| format!("{file}:{warning}")).collect()))
        } else {
            Err(faulty(errors))
        }
    }

    pub(super) async fn put_dialplan(&self, file: &str, text: &str, dialplan: &Dialplan) -> Result<(), Error> {
        let questions = serde_json::to_string(&dialplan.questions()).unwrap_or_default();
        self.store.put_dialplan(dialplan.hash(), file, text, &questions).await?;
        Ok(())
    }

    fn order_start(&self, row: &CampaignRow, file: CampaignFile, dialplan: Dialplan) -> Result<(), Error> {
        let Some(engine) = &self.engine else { return Ok(()) };
        let (index, trunk) = self.trunk(&file.trunk)?;
        let hours = match self.hours {
            Hours::Windows => dialer::Hours::Windows,
            Hours::AnyTime => dialer::Hours::AnyTime,
        };
        let id = TrunkId(u16::try_from(index).unwrap_or(u16::MAX));
        let campaign = file.to_campaign(row.id, id, trunk, dialplan.hash(), self.settings.place.time_zone, hours);
        let limits = file.limits;
        engine.order(Order::Start { campaign: Box::new(campaign), dialplan: Arc::new(dialplan), limits })
    }
}
