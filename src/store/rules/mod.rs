//! Follow-up rules in the database: sets with their release, what they said of each encounter, the cases that came of it,
//! draws and switches. What a rule says is decided by [`crate::rules`] alone; here it is carried out, in small
//! transactions, and can be repeated at any time.

mod apply;
mod carry_out;
mod draw;
mod event;
mod follow_up;
mod release;
mod switch;
mod trial;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::calendar::WorkCalendar;
use crate::ids::CampaignId;
use crate::moment::Wall;
use crate::rules::{RuleSet, Switches};

use super::{Error, Reader};

pub use apply::Applied;
pub use draw::{Drawing, DrawnStratum};
pub use follow_up::NextFollowUp;
pub use release::{NewRuleSet, RuleSetRecord, RuleState};
pub use switch::{SwitchRecord, TurnedOn};
pub use trial::{Trial, TrialCount, TrialStratum};

#[cfg(test)]
pub(in crate::store) use {
    apply::{OLD, PENDING},
    carry_out::{DECIDED, PRESENT, SAME_DAY, SUPERSEDED},
    draw::{BASE, DUE_DRAW},
    event::EVENT,
};

/// How long a transaction decides: calls under way share the writer. Its commit comes on top.
const SPELL: Duration = Duration::from_millis(12);
/// Encounters per transaction at most.
const CHUNK: i64 = 200;

/// Where events happen: the zone of their dates, and the days that are worked.
#[derive(Clone, Debug)]
pub struct RulePlace {
    /// The zone.
    pub zone: Tz,
    /// The work calendar.
    pub calendar: Arc<WorkCalendar>,
}

/// The sets that run right now, with everything that they decide by.
#[derive(Debug)]
struct Running {
    sets: Vec<RunningSet>,
    campaigns: BTreeMap<String, CampaignId>,
    switches: Switches,
    place: RulePlace,
    now: Wall,
}

/// A released set.
#[derive(Debug)]
struct RunningSet {
    id: i64,
    rules: RuleSet,
}

impl Running {
    fn ids(&self) -> Vec<i64> {
        self.sets.iter().map(|set| set.id).collect()
    }
}

/// How often a change of the running sets is followed before the rest waits for the next time.
const RELOADS: u32 = 5;

impl Reader {
    async fn running_rules(&self, place: &RulePlace, now: Wall) -> Result<Running, Error> {
        let rows: Vec<(i64, String)> =
            sqlx::query_as("select id, text from rule_set where state = 'running' order by id")
                .fetch_all(self.pool())
                .await?;
        let sets = rows.into_iter().map(|(id, text)| {
            let (rules, _) = RuleSet::parse(&text).map_err(|faults| {
                Error::stored(
                    "rule_set.text",
                    faults.first().map(ToString::to_string).unwrap_or_default(),
                )
            })?;
            Ok(RunningSet { id, rules })
        });
        let sets = sets.collect::<Result<Vec<_>, Error>>()?;
        let campaigns: Vec<(String, i64)> = sqlx::query_as("select name, id from campaign")
            .fetch_all(self.pool())
            .await?;
        Ok(Running {
            sets,
            campaigns: campaigns.into_iter().map(|(name, id)| (name, CampaignId(id))).collect(),
            switches: self.switches().await?,
            place: place.clone(),
            now,
        })
    }
}

/// What a set said of an encounter, as `why` shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleDecision {
    /// The set.
    pub rule_set: String,
    /// Its version.
    pub version: u32,
    /// The rule.
    pub rule: String,
    /// The round; 0 where no follow-up came of it.
    pub round: u16,
    /// The word of [`crate::rules::Decided::as_str`].
    pub decided: String,
    /// What it said; nothing once the patient was erased.
    pub detail: Option<crate::rules::Decided>,
    /// The case that came of it.
    pub case: Option<crate::ids::CaseId>,
    /// When.
    pub at: Wall,
}

type DecisionRow = (String, u32, String, u16, String, Option<String>, Option<i64>, i64);

/// What the sets that run now, or ran last, said of an encounter.
pub(in crate::store) const OF_ENCOUNTER: &str = "
select s.name, s.version, d.rule, d.round, d.decided, d.detail, d.case_id, d.at
from rule_decision d join rule_set s on s.id = d.rule_set_id
where d.encounter_id = $1 order by s.name, s.version desc, d.id";

impl Reader {
    /// What rules said of the encounter of a visit number, the latest version of each set first.
    pub async fn rule_decisions(&self, visit_no: &str) -> Result<Vec<RuleDecision>, Error> {
        let encounter: Option<i64> = sqlx::query_scalar("select id from encounter where visit_no = $1")
            .bind(visit_no)
            .fetch_optional(self.pool())
            .await?;
        let rows: Vec<DecisionRow> = sqlx::query_as(OF_ENCOUNTER)
            .bind(encounter)
            .fetch_all(self.pool())
            .await?;
        let records = rows
            .into_iter()
            .map(|(rule_set, version, rule, round, decided, detail, case, at)| {
                let detail = detail.map(|detail| serde_json::from_str(&detail)).transpose();
                Ok(RuleDecision {
                    rule_set,
                    version,
                    rule,
                    round,
                    decided,
                    detail: detail.map_err(|error| Error::stored("rule_decision.detail", error.to_string()))?,
                    case: case.map(crate::ids::CaseId),
                    at: Wall::from_millis(at),
                })
            });
        records.collect()
    }
}
