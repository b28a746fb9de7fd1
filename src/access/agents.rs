//! Who is an agent, with which telephone, skills and limits; each change with its row in the audit log.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::people::{By, canonical};
use super::{Access, Act, Action, Error, Role, grant};
use crate::ids::AgentId;
use crate::moment::Wall;
use crate::store::console::desk::{AgentChange, AgentChanged, AgentSettings, skill};

/// Conversations a day that may be allowed.
const CALLS_A_DAY: std::ops::RangeInclusive<u32> = 1..=10_000;
/// Seconds of a preview.
const PREVIEW: std::ops::RangeInclusive<u32> = 5..=600;
/// Seconds of a wrap-up.
const WRAP_UP: std::ops::RangeInclusive<u32> = 5..=3_600;
/// Skills, and prefixes, that one agent may have.
const MOST: usize = 100;

/// An order about an agent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AgentOrder {
    /// The user of the operating system.
    pub who: String,
    /// The account.
    pub account: String,
    /// Why.
    pub reason: Option<String>,
    /// What.
    pub what: AgentChange,
}

impl Access {
    /// Carries out what was ordered at the terminal about an agent.
    ///
    /// # Errors
    /// As [`Access::change_agent`].
    pub async fn carry_out_agent(&self, order: AgentOrder, now: Wall) -> Result<AgentId, Error> {
        let row = self.person_named(&canonical(&order.account), now).await?;
        let act = Act {
            reason: order.reason,
            ..Act::default()
        };
        self.change_agent(By::Terminal(&order.who), row.id, order.what, act, now)
            .await
    }

    /// Changes what is set for an agent.
    ///
    /// # Errors
    /// [`Error::NoPerson`]; [`Error::Faulty`] says what is wrong with it.
    pub async fn change_agent(
        &self,
        by: By<'_>,
        id: i64,
        change: AgentChange,
        act: Act,
        now: Wall,
    ) -> Result<AgentId, Error> {
        let row = self.person(id, now).await?;
        let is_made = matches!(change, AgentChange::Make(_) | AgentChange::Put(_));
        if is_made && Role::named(&row.role).is_none_or(|role| grant(role, Action::Call).is_none()) {
            return Err(faulty(
                "role",
                format!(
                    "who has the role {} may not call; `aftercall user role {} agent` gives another",
                    row.role, row.account
                ),
            ));
        }
        let change = checked(change)?;
        let act = Act {
            deed: match &change {
                AgentChange::Make(_) => "made_agent",
                AgentChange::Put(_) | AgentChange::Skills { .. } | AgentChange::Limits(_) => "changed_agent",
                AgentChange::Remove => "removed_agent",
            },
            object: Some(format!("account:{id}")),
            ..act
        };
        let phone = match &change {
            AgentChange::Make(settings) | AgentChange::Put(settings) => settings.phone.clone(),
            AgentChange::Skills { .. } | AgentChange::Limits(_) | AgentChange::Remove => None,
        };
        let phone = phone.unwrap_or_default();
        let agent = AgentId(id);
        match self.store.change_agent(agent, change, by.deed(act, now)).await? {
            AgentChanged::Done => Ok(agent),
            AgentChanged::NoPerson => Err(Error::NoPerson),
            AgentChanged::Exists => Err(faulty(
                "account",
                "it is an agent already; `aftercall agent skill` and `aftercall agent limit` change it".to_owned(),
            )),
            AgentChanged::NoAgent => Err(faulty(
                "account",
                "it is no agent; `aftercall agent add` makes it one".to_owned(),
            )),
            AgentChanged::NoPhone => Err(faulty(
                "phone",
                format!(
                    "there is no phone \"{phone}\"; `aftercall phone add` makes one, `aftercall phone list` shows them"
                ),
            )),
            AgentChanged::PhoneTaken(who) => Err(faulty(
                "phone",
                format!("{who} sits at {phone}; `aftercall phone agent {phone}` frees it"),
            )),
        }
    }
}

fn faulty(what: &'static str, why: String) -> Error {
    Error::Faulty { what, why }
}

fn checked(change: AgentChange) -> Result<AgentChange, Error> {
    Ok(match change {
        AgentChange::Make(settings) => AgentChange::Make(sound(settings)?),
        AgentChange::Put(settings) => AgentChange::Put(sound(settings)?),
        AgentChange::Skills { give, take } => AgentChange::Skills {
            give: skills(&give)?,
            take: skills(&take)?,
        },
        AgentChange::Limits(limits) => {
            within("calls a day", limits.calls_a_day, CALLS_A_DAY)?;
            within("preview", limits.preview_s, PREVIEW)?;
            within("wrap-up", limits.wrap_up_s, WRAP_UP)?;
            prefixes(limits.prefixes.as_ref())?;
            AgentChange::Limits(limits)
        }
        AgentChange::Remove => AgentChange::Remove,
    })
}

fn sound(settings: AgentSettings) -> Result<AgentSettings, Error> {
    within("calls a day", Some(settings.calls_a_day), CALLS_A_DAY)?;
    within("preview", Some(settings.preview_s), PREVIEW)?;
    within("wrap-up", Some(settings.wrap_up_s), WRAP_UP)?;
    prefixes(Some(&settings.prefixes))?;
    if settings.phone.is_some() && settings.extension.is_some() {
        return Err(faulty(
            "phone",
            "expected one telephone: a phone that registers, or an extension of the exchange".to_owned(),
        ));
    }
    Ok(AgentSettings {
        skills: skills(&settings.skills)?,
        ..settings
    })
}

fn within(what: &'static str, given: Option<u32>, range: std::ops::RangeInclusive<u32>) -> Result<(), Error> {
    match given {
        Some(given) if !range.contains(&given) => Err(faulty(
            what,
            format!("{given}: expected {} to {}", range.start(), range.end()),
        )),
        Some(_) | None => Ok(()),
    }
}

fn skills(given: &BTreeSet<String>) -> Result<BTreeSet<String>, Error> {
    if given.len() > MOST {
        return Err(faulty("skill", format!("expected {MOST} at most")));
    }
    let read = given.iter().map(|text| skill(text).map_err(|why| faulty("skill", why)));
    read.collect()
}

fn prefixes(given: Option<&BTreeSet<String>>) -> Result<(), Error> {
    let Some(given) = given else { return Ok(()) };
    let is_sound =
        |prefix: &str| (1..=10).contains(&prefix.len()) && prefix.bytes().all(|digit| digit.is_ascii_digit());
    if given.len() > MOST {
        return Err(faulty("prefix", format!("expected {MOST} at most")));
    }
    match given.iter().find(|prefix| !is_sound(prefix)) {
        Some(wrong) => Err(faulty(
            "prefix",
            format!("\"{wrong}\": expected the first digits of numbers, such as 1 or 0571"),
        )),
        None => Ok(()),
    }
}
