//! A rule file tried on the encounters of the database: what it would say, without writing anything.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::moment::Wall;
use crate::rules::{Base, Decided, RuleSet, draw, in_chinese};
use crate::store::{Error, Reader};

use super::RulePlace;
use super::event::{EVENT, Encounter};

/// Encounters read at a time.
const PAGE: i64 = 500;
/// Different reasons told per rule; the rest is counted together.
const MOST_REASONS: usize = 20;

/// What a rule set would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// Encounters looked at.
    pub encounters: u64,
    /// By rule, what it says how often.
    pub counts: Vec<TrialCount>,
    /// What would be drawn.
    pub strata: Vec<TrialStratum>,
}

/// How often a rule says the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialCount {
    /// The rule.
    pub rule: String,
    /// The word of [`Decided::as_str`].
    pub decided: String,
    /// Why, without what was found in single encounters.
    pub reason: String,
    /// How many encounters; of follow-ups, how many of them.
    pub count: u64,
}

/// A stratum of a sample.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialStratum {
    /// The rule.
    pub rule: String,
    /// The period.
    pub period: String,
    /// The stratum.
    pub stratum: String,
    /// Its share, such as `10%`.
    pub fraction: String,
    /// Its events.
    pub base: u64,
    /// How many would be drawn.
    pub taken: u64,
}

impl Reader {
    /// What a set would say of every encounter since a time, at `now`.
    pub async fn try_rules(
        &self,
        set: &RuleSet,
        since: Option<Wall>,
        place: &RulePlace,
        now: Wall,
    ) -> Result<Trial, Error> {
        let switches = self.switches().await?;
        let sql = EVENT.replace("where e.id = $1", "where e.id > $1 order by e.id limit $2");
        let mut trial = Trial::default();
        let mut counts: BTreeMap<(usize, &'static str, String), u64> = BTreeMap::new();
        let mut bases: BTreeMap<(usize, String), Vec<Base>> = BTreeMap::new();
        let order: BTreeMap<&str, usize> = set
            .rules
            .iter()
            .enumerate()
            .map(|(at, rule)| (rule.name.as_str(), at))
            .collect();
        let mut after = 0;
        loop {
            let page: Vec<Encounter> = sqlx::query_as(sqlx::AssertSqlSafe(sql.as_str()))
                .bind(after)
                .bind(PAGE)
                .fetch_all(self.pool())
                .await?;
            let Some(last) = page.last() else { break };
            after = last.id;
            for encounter in page.iter().filter(|encounter| !encounter.is_erased) {
                let event = encounter.event(place.zone);
                if since.is_some_and(|since| set.time_of(&event, place.zone) < since) {
                    continue;
                }
                trial.encounters += 1;
                for verdict in set.follow_ups(&event, &switches, place.zone, &place.calendar) {
                    let verdict = verdict.taken_at(now);
                    let at = order.get(verdict.rule.as_str()).copied().unwrap_or(0);
                    if let Decided::Waits { stratum, period } = &verdict.decided {
                        bases.entry((at, period.name.clone())).or_default().push(Base {
                            visit: encounter.visit_no.clone(),
                            stratum: stratum.clone(),
                        });
                    }
                    let mut key = (at, verdict.decided.as_str(), reason(&verdict.decided, place));
                    let is_new = !counts.contains_key(&key);
                    if is_new && counts.keys().filter(|other| other.0 == at).count() >= MOST_REASONS {
                        key.2 = "…".to_owned();
                    }
                    *counts.entry(key).or_default() += 1;
                }
            }
        }
        let name = |at: usize| set.rules.get(at).map(|rule| rule.name.clone()).unwrap_or_default();
        trial.counts = counts
            .into_iter()
            .map(|((at, decided, reason), count)| TrialCount {
                rule: name(at),
                decided: decided.to_owned(),
                reason,
                count,
            })
            .collect();
        for ((at, period), base) in bases {
            let Some(sample) = set.rules.get(at).and_then(|rule| rule.sample.as_ref()) else {
                continue;
            };
            let drawn = draw(&base, sample);
            trial
                .strata
                .extend(drawn.strata.into_iter().map(|stratum| TrialStratum {
                    rule: name(at),
                    period: period.clone(),
                    stratum: stratum.name,
                    fraction: stratum.fraction.to_string(),
                    base: stratum.base as u64,
                    taken: stratum.taken as u64,
                }));
        }
        Ok(trial)
    }
}

/// Why, with nothing of a single encounter in it.
fn reason(decided: &Decided, place: &RulePlace) -> String {
    match decided {
        Decided::Followed(follow_up) => format!("→ {}", follow_up.campaign),
        Decided::NotMatched(miss) => miss.condition.clone(),
        Decided::Waits { stratum, period } => format!("{} {stratum}", period.name),
        Decided::TooLate { .. } => "已过截止时间".to_owned(),
        Decided::OtherEvent { .. }
        | Decided::TooEarly { .. }
        | Decided::NoDate { .. }
        | Decided::SampledOut { .. }
        | Decided::Taken { .. } => in_chinese(decided, place.zone),
    }
}
