//! Campaigns: add, start, pause, resume, stop.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Error, Hours, Office};
use crate::calendar;
use crate::config::CampaignFile;
use crate::control::Order;
use crate::dialer::{self, HowStop};
use crate::dialplan::{self, Dialplan};
use crate::document::Severity;
use crate::engine::checks;
use crate::ids::{CampaignId, TrunkId};
use crate::moment::Wall;
use crate::phone::Number;
use crate::store::{self, NewCampaign};

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

/// What becomes of a campaign that was running when the last daemon ended.
#[derive(Debug)]
pub enum Resumed {
    /// It is dialed.
    GoesOn,
    /// It stays paused; since then.
    Paused(Wall),
    /// It cannot run any more.
    Refused(Error),
}

impl Office {
    /// Checks a campaign file and its dialplan and stores both; said again with the same name it replaces a campaign
    /// that does not run.
    pub async fn add_campaign(&self, text: CampaignText) -> Result<Added, Error> {
        let (file, mut warnings) = self.read_campaign(&text.file, &text.text)?;
        warnings.extend(self.missing_years(&file));
        let (dialplan, more) = self.read_dialplan(&text.dialplan_file, &text.dialplan_text)?;
        warnings.extend(more);
        self.put_dialplan(&text.dialplan_file, &text.dialplan_text, &dialplan)
            .await?;
        let new = NewCampaign {
            name: file.name.clone(),
            file: text.text,
            dialplan: dialplan.hash().to_owned(),
            lines: Some(u32::from(file.lines)),
            calls_per_second: Some(1.0 / file.pace.interval().as_secs_f64()),
            purpose: file.purpose.clone(),
            now: self.clock.wall(),
        };
        match self.store.add_campaign(new.clone()).await {
            Err(store::Error::CampaignExists { .. }) => self.store.change_campaign(new).await?,
            added => added?,
        };
        Ok(Added {
            name: file.name,
            warnings,
        })
    }

    /// Starts a campaign: from now on the daemon dials what is due in it, inside its windows.
    pub async fn start_campaign(&self, name: &str) -> Result<Started, Error> {
        let row = self.campaign(name).await?;
        let (file, dialplan) = self.ready(&row).await?;
        let mut notes = Vec::new();
        match self.hours {
            Hours::AnyTime => notes.push("test mode: calling windows are ignored".to_owned()),
            Hours::Windows => notes.extend(self.when_it_dials(&file)),
        }
        notes.extend(self.missing_years(&file));
        let callers = self.callers_of(&row, &file)?;
        if row.callers.is_empty() && !callers.is_empty() {
            self.store.keep_to_callers(row.id, &callers).await?;
        }
        self.store.start_campaign(name, self.clock.wall()).await?;
        let dialing = self.engine.is_some();
        self.order_start(&row, &file, dialplan)?;
        if !dialing {
            notes.push("no daemon runs: `aftercall run` will dial it".to_owned());
        }
        let open = row.counts.cases - row.counts.closed;
        Ok(Started {
            name: name.to_owned(),
            open,
            dialing,
            notes,
        })
    }

    /// Lets a paused campaign go on; one that is not paused goes on as it was.
    pub async fn resume_campaign(&self, name: &str) -> Result<Started, Error> {
        if self.campaign(name).await?.state != store::CampaignState::Running {
            let name = name.to_owned();
            return Err(Error::Store(store::Error::CampaignNotRunning { name }));
        }
        self.start_campaign(name).await
    }

    /// Pauses a campaign: nothing more of it is claimed or dialed until it is resumed, also after a restart.
    pub async fn pause_campaign(&self, name: &str, how: HowStop) -> Result<(), Error> {
        let campaign = self.store.pause_campaign(name, self.clock.wall()).await?;
        self.order_stop(campaign, how)
    }

    /// Stops a campaign: nothing more of it is dialed. Its cases stay open.
    pub async fn stop_campaign(&self, name: &str, how: HowStop) -> Result<(), Error> {
        let campaign = self.store.stop_campaign(name, self.clock.wall()).await?;
        self.order_stop(campaign, how)
    }

    fn order_stop(&self, campaign: CampaignId, how: HowStop) -> Result<(), Error> {
        match &self.engine {
            Some(engine) => engine.order(Order::Stop { campaign, how }),
            None => Ok(()),
        }
    }

    /// Gives the engine every campaign that was running when the last daemon ended. One that cannot run any more is
    /// named with its reason; the others go on.
    pub async fn resume_campaigns(&self) -> Result<Vec<(String, Resumed)>, Error> {
        let mut resumed = Vec::new();
        for row in self.store.reader().campaigns(self.clock.wall()).await? {
            if row.state != store::CampaignState::Running {
                continue;
            }
            if let Some(since) = row.paused_at {
                resumed.push((row.name, Resumed::Paused(since)));
                continue;
            }
            let ordered = match self.ready(&row).await {
                Ok((file, dialplan)) => self.order_start(&row, &file, dialplan),
                Err(error) => Err(error),
            };
            let how = ordered.map_or_else(Resumed::Refused, |()| Resumed::GoesOn);
            resumed.push((row.name, how));
        }
        Ok(resumed)
    }

    /// The row of a campaign.
    pub(super) async fn campaign(&self, name: &str) -> Result<store::Campaign, Error> {
        Ok(self.store.reader().campaign(name, self.clock.wall()).await?)
    }

    pub(super) fn read_campaign(&self, file: &str, text: &str) -> Result<(CampaignFile, Vec<String>), Error> {
        let faulty = |faults| Error::Faulty {
            file: file.to_owned(),
            faults,
        };
        let (campaign, warnings) = CampaignFile::parse(text).map_err(faulty)?;
        for name in &campaign.trunks {
            let (_, trunk) = self.trunk(name)?;
            if let Some(why) = checks::carrier_caps(&campaign, trunk) {
                return Err(Error::CarrierCapsOff(why));
            }
        }
        Ok((
            campaign,
            warnings.iter().map(|warning| format!("{file}:{warning}")).collect(),
        ))
    }

    pub(super) fn read_dialplan(&self, file: &str, text: &str) -> Result<(Dialplan, Vec<String>), Error> {
        let faulty = |faults| Error::Faulty {
            file: file.to_owned(),
            faults,
        };
        let dialplan = dialplan::parse(text).map_err(faulty)?;
        let faults = checks::dialplan(&self.settings, &dialplan);
        let (errors, warnings): (Vec<_>, Vec<_>) =
            faults.into_iter().partition(|fault| fault.severity == Severity::Error);
        if errors.is_empty() {
            Ok((
                dialplan,
                warnings.iter().map(|warning| format!("{file}:{warning}")).collect(),
            ))
        } else {
            Err(faulty(errors))
        }
    }

    pub(super) async fn put_dialplan(&self, file: &str, text: &str, dialplan: &Dialplan) -> Result<(), Error> {
        let kept = stored(file, text, dialplan);
        self.store.put_dialplan(kept, self.clock.wall()).await?;
        Ok(())
    }

    /// A stored campaign and its dialplan, checked against the settings and prompts of today.
    pub(super) async fn ready(&self, row: &store::Campaign) -> Result<(CampaignFile, Dialplan), Error> {
        let (file, _) = self.read_campaign(&row.name, &row.file)?;
        let kept = self.store.reader().dialplan(&row.dialplan).await?;
        let (dialplan, _) = self.read_dialplan(&kept.file, &kept.text)?;
        for trunk in &file.trunks {
            let (_, trunk) = self.trunk(trunk)?;
            self.refuse_demo_greeting(trunk, &dialplan)?;
        }
        Ok((file, dialplan))
    }

    /// What the work calendar should know for this campaign and does not.
    fn missing_years(&self, file: &CampaignFile) -> impl Iterator<Item = String> {
        let place = &self.settings.place;
        let today = calendar::local(self.clock.wall(), place.time_zone).date();
        let missing = file.missing_years(today, &place.work_calendar);
        missing.into_iter().map(|missing| missing.to_string())
    }

    /// The caller numbers of a campaign: those that it keeps to since its first start, else those of its file, else all of
    /// its trunks. Each must be a number of one of its trunks.
    fn callers_of(&self, row: &store::Campaign, file: &CampaignFile) -> Result<Vec<Number>, Error> {
        let mut of_trunks = Vec::new();
        for name in &file.trunks {
            of_trunks.extend_from_slice(&self.trunk(name)?.1.callers.numbers);
        }
        let kept = [&row.callers, &file.callers, &of_trunks];
        let callers = kept.into_iter().find(|callers| !callers.is_empty());
        let callers = callers.cloned().unwrap_or_default();
        match callers.iter().find(|caller| !of_trunks.contains(caller)) {
            Some(caller) => Err(Error::CallerGone {
                campaign: row.name.clone(),
                caller: caller.reveal().to_owned(),
            }),
            None => Ok(callers),
        }
    }

    fn when_it_dials(&self, file: &CampaignFile) -> Option<String> {
        let place = &self.settings.place;
        let zone = place.time_zone;
        let now = self.clock.wall();
        let next = file.schedule(zone, self.hours, &place.work_calendar).next_open(now)?;
        let shown = calendar::local(next, zone).format("%Y-%m-%d %H:%M");
        (next > now).then(|| format!("outside its calling windows; it dials from {shown} ({zone})"))
    }

    fn order_start(&self, row: &store::Campaign, file: &CampaignFile, dialplan: Dialplan) -> Result<(), Error> {
        let Some(engine) = &self.engine else { return Ok(()) };
        let campaign = self.as_dialed(row, file, &dialplan)?;
        engine.order(Order::Start {
            campaign: Box::new(campaign),
            dialplan: Arc::new(dialplan),
        })
    }

    /// A campaign as the dialer knows it.
    pub(super) fn as_dialed(
        &self,
        row: &store::Campaign,
        file: &CampaignFile,
        dialplan: &Dialplan,
    ) -> Result<dialer::Campaign, Error> {
        let mut trunks = Vec::with_capacity(file.trunks.len());
        for trunk in &file.trunks {
            let (index, _) = self.trunk(trunk)?;
            trunks.push(TrunkId(u16::try_from(index).unwrap_or(u16::MAX)));
        }
        let place = &self.settings.place;
        let schedule = file.schedule(place.time_zone, self.hours, &place.work_calendar);
        let mut campaign = file.to_campaign(row.id, &trunks, dialplan.hash(), schedule);
        campaign.callers = self.callers_of(row, file)?;
        Ok(campaign)
    }
}

/// A dialplan as the database keeps it.
pub(in crate::engine) fn stored(file: &str, text: &str, dialplan: &Dialplan) -> store::Dialplan {
    store::Dialplan {
        hash: dialplan.hash().to_owned(),
        file: file.to_owned(),
        text: text.to_owned(),
        questions: questions_of(dialplan),
    }
}

/// The questions in order, and the messages that have to be heard.
fn questions_of(dialplan: &Dialplan) -> Vec<store::Question> {
    let heard = |id: &str| store::Question {
        id: id.to_owned(),
        title: id.to_owned(),
        kind: "message".to_owned(),
        required: true,
        screening: false,
        options: vec![only_option("听完")],
    };
    let messages = dialplan.required_messages().map(heard);
    dialplan.questions().map(question_of).chain(messages).collect()
}

fn only_option(label: &str) -> store::Choice {
    store::Choice {
        code: 1,
        label: label.to_owned(),
        points: None,
        satisfied: None,
    }
}

fn question_of(question: &dialplan::Question) -> store::Question {
    let satisfied = |code: i64| (!question.satisfied.is_empty()).then(|| question.satisfied.contains(&code));
    store::Question {
        id: question.id.clone(),
        title: question.title.clone(),
        kind: kind_word(question.kind).to_owned(),
        required: question.required,
        screening: question.screening,
        options: question
            .options
            .iter()
            .map(|option| store::Choice {
                code: option.code,
                label: option.label.clone(),
                points: option.points.map(|points| points as f64),
                satisfied: satisfied(option.code),
            })
            .chain(matches!(question.kind, dialplan::Kind::Open(_)).then(|| only_option(dialplan::SPOKEN)))
            .collect(),
    }
}

const fn kind_word(kind: dialplan::Kind) -> &'static str {
    match kind {
        dialplan::Kind::Choice => "choice",
        dialplan::Kind::YesNo => "yes_no",
        dialplan::Kind::Score(_) => "score",
        dialplan::Kind::Number(_) => "number",
        dialplan::Kind::Open(_) => "open",
    }
}
