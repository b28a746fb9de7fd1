//! Follow-up rules: added, reviewed, released, applied in time, drawn; switches; the next follow-up of a patient.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Error, Office};
use crate::control::Order;
use crate::ids::CaseId;
use crate::moment::Wall;
use crate::rules::RuleSet;
use crate::store::rules::{Applied, Drawing, NewRuleSet, NextFollowUp, RulePlace, TurnedOn};

/// A rule file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RuleText {
    /// Its name, for messages.
    pub file: String,
    /// Its text.
    pub text: String,
    /// Who wrote it.
    pub who: String,
}

/// A rule set that was added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulesAdded {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u32,
    /// What is worth a look.
    pub warnings: Vec<String>,
}

/// A step in the life of a rule set.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RuleTurn {
    /// Its name.
    pub name: String,
    /// Who takes it.
    pub who: String,
    /// Which step.
    pub turn: Turn,
}

/// The steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// Another person has looked at it.
    Review,
    /// It runs from now on.
    Release,
    /// It runs no more.
    Stop,
}

/// A switch to turn.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SwitchTurn {
    /// On.
    On {
        /// Its name.
        name: String,
        /// Only for events of this area.
        area: Option<String>,
        /// From when; none means now.
        since: Option<Wall>,
        /// Until when.
        until: Option<Wall>,
        /// Why.
        reason: String,
        /// Who.
        who: String,
    },
    /// Off.
    Off {
        /// Its name.
        name: String,
        /// Who.
        who: String,
    },
}

/// How often the daemon looks for encounters to decide and samples to draw.
const EVERY: Duration = Duration::from_secs(60);

impl Office {
    /// Checks a rule file and stores it as a draft.
    pub async fn add_rules(&self, text: RuleText) -> Result<RulesAdded, Error> {
        let (set, warnings) = RuleSet::parse(&text.text).map_err(|faults| Error::Faulty {
            file: text.file.clone(),
            faults,
        })?;
        need_name(&text.who)?;
        let new = NewRuleSet {
            name: set.name.clone(),
            text: text.text,
            seed: set.seed,
            who: text.who,
            now: self.clock.wall(),
        };
        let version = self.store.add_rule_set(new).await?;
        Ok(RulesAdded {
            name: set.name,
            version,
            warnings: warnings
                .iter()
                .map(|warning| format!("{}:{warning}", text.file))
                .collect(),
        })
    }

    /// Reviews, releases or stops a rule set; gives the version. After a release its rules are applied: by the running
    /// daemon in the background, else before this answers.
    pub async fn turn_rules(&self, turn: RuleTurn) -> Result<u32, Error> {
        need_name(&turn.who)?;
        let (name, who, now) = (turn.name.as_str(), turn.who.as_str(), self.clock.wall());
        match turn.turn {
            Turn::Review => Ok(self.store.review_rule_set(name, who, now).await?),
            Turn::Release => {
                let version = self.store.release_rule_set(name, who, now).await?;
                self.want_rules().await?;
                Ok(version)
            }
            Turn::Stop => Ok(self.store.stop_rule_set(name, who, now).await?),
        }
    }

    /// Decides what the running rules have not decided, and draws the samples whose time has come.
    pub async fn apply_rules(&self) -> Result<Applied, Error> {
        let applied = self.store.apply_rules(&self.rule_place(), self.clock.wall()).await?;
        if applied.cases > 0 {
            self.poke_all().await?;
        }
        Ok(applied)
    }

    /// Draws the samples whose period ends by `until`; now if it is nothing.
    pub async fn draw_rules(&self, until: Option<Wall>) -> Result<Vec<Drawing>, Error> {
        let now = self.clock.wall();
        let drawings = self
            .store
            .draw_rules(&self.rule_place(), until.unwrap_or(now), now)
            .await?;
        for drawing in &drawings {
            let base: usize = drawing.strata.iter().map(|stratum| stratum.base).sum();
            let taken: usize = drawing.strata.iter().map(|stratum| stratum.taken).sum();
            let (set, rule, period) = (
                drawing.rule_set.as_str(),
                drawing.rule.as_str(),
                drawing.period.as_str(),
            );
            crate::events::rules_drawn(set, rule, period, base, taken);
        }
        if drawings.iter().any(|drawing| drawing.cases > 0) {
            self.poke_all().await?;
        }
        Ok(drawings)
    }

    /// Applies the rules each minute, and whenever somebody changed what they go by. Never ends; what fails is logged
    /// and tried again.
    pub async fn keep_rules(&self) -> Infallible {
        loop {
            match self.apply_rules().await {
                Ok(applied) if applied.decided > 0 || applied.cases > 0 => {
                    crate::events::rules_applied(applied.decided, applied.cases);
                }
                Ok(_) => {}
                Err(error) => crate::events::rules_failed(tracing::field::display(error)),
            }
            // Whichever comes first; both mean the same.
            drop(tokio::time::timeout(EVERY, self.rules_wanted.notified()).await);
        }
    }

    /// Turns a switch and has what it concerns decided again; how many times it was turned.
    pub async fn turn_switch(&self, turn: SwitchTurn) -> Result<u64, Error> {
        let now = self.clock.wall();
        let turned = match turn {
            SwitchTurn::On {
                name,
                area,
                since,
                until,
                reason,
                who,
            } => {
                need_name(&who)?;
                if reason.trim().is_empty() || name.trim().is_empty() {
                    let why = "a switch needs a name and a reason".to_owned();
                    return Err(Error::Refused { why });
                }
                let since = since.unwrap_or(now);
                if until.is_some_and(|until| until <= since) {
                    let why = "the switch would be off before it is on".to_owned();
                    return Err(Error::Refused { why });
                }
                let on = TurnedOn {
                    name,
                    area,
                    since,
                    until,
                    reason,
                    who,
                    now,
                };
                self.store.switch_on(on).await?;
                1
            }
            SwitchTurn::Off { name, who } => {
                need_name(&who)?;
                self.store.switch_off(&name, &who, now).await?
            }
        };
        self.want_rules().await?;
        Ok(turned)
    }

    /// Sets the next follow-up of a patient (R022).
    pub async fn set_follow_up(&self, next: NextFollowUp) -> Result<CaseId, Error> {
        let campaign = self.campaign(&next.campaign).await?;
        let case = self.store.set_follow_up(next).await?;
        if let Some(engine) = &self.engine {
            engine.order(Order::Poke(campaign.id))?;
        }
        Ok(case)
    }

    /// Has the rules applied: by the daemon's own turn where one runs, else here and now.
    pub(super) async fn want_rules(&self) -> Result<(), Error> {
        if self.engine.is_some() {
            self.rules_wanted.notify_one();
            return Ok(());
        }
        self.apply_rules().await.map(drop)
    }

    fn rule_place(&self) -> RulePlace {
        RulePlace {
            zone: self.settings.place.time_zone,
            calendar: Arc::clone(&self.settings.place.work_calendar),
        }
    }

    async fn poke_all(&self) -> Result<(), Error> {
        let Some(engine) = &self.engine else { return Ok(()) };
        for campaign in self.store.reader().campaigns(self.clock.wall()).await? {
            engine.order(Order::Poke(campaign.id))?;
        }
        Ok(())
    }
}

fn need_name(who: &str) -> Result<(), Error> {
    if who.trim().is_empty() {
        let why = "say who you are: --by NAME".to_owned();
        return Err(Error::Refused { why });
    }
    Ok(())
}
