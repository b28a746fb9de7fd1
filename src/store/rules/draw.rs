//! Samples drawn when their period has ended, each draw written down with seed, base and share.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::moment::Wall;
use crate::rules::{Base, Chosen, Decided, Drawn, Verdict, draw};
use crate::store::job::{Ledger, Write};
use crate::store::{Error, Store};

use super::carry_out::keep;
use super::event::find;
use super::{RulePlace, Running, SPELL};

/// A sample that was drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawing {
    /// The set.
    pub rule_set: String,
    /// The rule.
    pub rule: String,
    /// The period.
    pub period: String,
    /// What the draw began with.
    pub seed: String,
    /// By name.
    pub strata: Vec<DrawnStratum>,
    /// How many of the drawn each role has.
    pub roles: BTreeMap<String, usize>,
    /// Cases that were made.
    pub cases: u64,
}

/// One stratum of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrawnStratum {
    /// Its name.
    pub name: String,
    /// Its share, such as `10%`.
    pub fraction: String,
    /// How many events it has.
    pub base: usize,
    /// How many were drawn.
    pub taken: usize,
}

/// A rule and period whose time has come.
pub(in crate::store) const DUE_DRAW: &str = "
select rule, period from rule_decision
where rule_set_id = $1 and decided = 'waits' and period_until <= $2 order by period_until, rule limit 1";

/// The whole base of a rule and period, drawn before or not.
pub(in crate::store) const BASE: &str = "
select distinct d.encounter_id, e.visit_no, d.stratum
from rule_decision d join encounter e on e.id = d.encounter_id
where d.rule_set_id = $1 and d.rule = $2 and d.period = $3 order by d.encounter_id";

impl Store {
    /// Draws the samples of the running sets whose period ends by `until`.
    pub async fn draw_rules(&self, place: &RulePlace, until: Wall, now: Wall) -> Result<Vec<Drawing>, Error> {
        self.decide_encounters(place, now).await?;
        self.draw_samples(place, until, now).await
    }

    /// The second half of [`Store::apply_rules`].
    pub(super) async fn draw_samples(&self, place: &RulePlace, until: Wall, now: Wall) -> Result<Vec<Drawing>, Error> {
        let running = Arc::new(self.reader().running_rules(place, now).await?);
        let mut drawings = Vec::new();
        for at in 0..running.sets.len() {
            let Some(id) = running.sets.get(at).map(|set| set.id) else {
                continue;
            };
            let mut last = None;
            loop {
                let due: Option<(String, String)> = sqlx::query_as(DUE_DRAW)
                    .bind(id)
                    .bind(until.millis())
                    .fetch_optional(self.reader().pool())
                    .await?;
                // What was just drawn and still waits was released anew meanwhile: the next time.
                let Some((rule, period)) = due.filter(|due| last.as_ref() != Some(due)) else {
                    break;
                };
                last = Some((rule.clone(), period.clone()));
                drawings.push(self.draw_one(&running, at, rule, period).await?);
            }
        }
        Ok(drawings)
    }

    async fn draw_one(
        &self,
        running: &Arc<Running>,
        set: usize,
        rule: String,
        period: String,
    ) -> Result<Drawing, Error> {
        let found = running.sets.get(set);
        let sample = found.and_then(|set| set.rules.rule(&rule)?.sample.clone());
        let (Some(found), Some(sample)) = (found, sample) else {
            return Err(Error::stored("rule_decision.rule", "no rule of this name has a sample"));
        };
        let rows: Vec<(i64, String, String)> = sqlx::query_as(BASE)
            .bind(found.id)
            .bind(&rule)
            .bind(&period)
            .fetch_all(self.reader().pool())
            .await?;
        let base: Vec<Base> = rows
            .iter()
            .map(|(_, visit, stratum)| Base {
                visit: visit.clone(),
                stratum: stratum.clone(),
            })
            .collect();
        let drawn = draw(&base, &sample);
        let mut roles: BTreeMap<String, usize> = BTreeMap::new();
        for role in drawn.chosen.iter().filter_map(|chosen| chosen.role.clone()) {
            *roles.entry(role).or_default() += 1;
        }
        let chosen: BTreeMap<&str, &Chosen> = drawn
            .chosen
            .iter()
            .map(|chosen| (chosen.visit.as_str(), chosen))
            .collect();
        let lots: Arc<[Lot]> = rows
            .iter()
            .map(|(encounter, visit, stratum)| Lot {
                encounter: *encounter,
                stratum: stratum.clone(),
                chosen: chosen.get(visit.as_str()).map(|chosen| (*chosen).clone()),
            })
            .collect();
        let (mut from, mut cases) = (0, 0);
        while from < lots.len() {
            let chunk = Chunk {
                running: Arc::clone(running),
                set,
                rule: rule.clone(),
                period: period.clone(),
                lots: Arc::clone(&lots),
                from,
            };
            let (count, made) = self.write(chunk).await?;
            from += count;
            cases += made;
        }
        let note = Note {
            rule_set: found.id,
            rule: rule.clone(),
            period: period.clone(),
            seed: sample.seed.clone(),
            drawn: drawn.clone(),
            now: running.now,
        };
        self.write(note).await?;
        Ok(Drawing {
            rule_set: found.rules.name.clone(),
            rule,
            period,
            seed: sample.seed,
            strata: drawn
                .strata
                .into_iter()
                .map(|stratum| DrawnStratum {
                    name: stratum.name,
                    fraction: stratum.fraction.to_string(),
                    base: stratum.base,
                    taken: stratum.taken,
                })
                .collect(),
            roles,
            cases,
        })
    }
}

/// One event of a base, and whether it was drawn.
struct Lot {
    encounter: i64,
    stratum: String,
    chosen: Option<Chosen>,
}

/// The lots from one on, as many as fit into a short transaction. Who was drawn before stays drawn.
struct Chunk {
    running: Arc<Running>,
    set: usize,
    rule: String,
    period: String,
    lots: Arc<[Lot]>,
    from: usize,
}

impl Write for Chunk {
    type Answer = (usize, u64);

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(usize, u64), Error> {
        let began = Instant::now();
        let (mut count, mut cases) = (0, 0);
        for lot in self.lots.iter().skip(self.from) {
            cases += self.settle(ledger, lot).await?;
            count += 1;
            if began.elapsed() >= SPELL || ledger.makes_way() {
                break;
            }
        }
        Ok((count, cases))
    }
}

impl Chunk {
    async fn settle(&self, ledger: &mut Ledger<'_>, lot: &Lot) -> Result<u64, Error> {
        let Some(set) = self.running.sets.get(self.set) else {
            return Ok(0);
        };
        let decided: Vec<String> = sqlx::query_scalar(
            "select decided from rule_decision where encounter_id = $1 and rule_set_id = $2 and rule = $3",
        )
        .bind(lot.encounter)
        .bind(set.id)
        .bind(&self.rule)
        .fetch_all(&mut *ledger.db)
        .await?;
        let is_open = decided
            .iter()
            .any(|decided| decided == "waits" || decided == "sampled_out");
        let encounter = find(&mut *ledger.db, lot.encounter).await?;
        let Some(encounter) = encounter.filter(|_| is_open) else {
            return Ok(0);
        };
        let place = &self.running.place;
        let event = encounter.event(place.zone);
        let sampled_out = || Verdict {
            rule: self.rule.clone(),
            decided: Decided::SampledOut {
                stratum: lot.stratum.clone(),
                period: self.period.clone(),
            },
        };
        let verdicts = match &lot.chosen {
            Some(chosen) if !encounter.is_erased => {
                let role = chosen.role.clone();
                let switches = &self.running.switches;
                let verdicts = set
                    .rules
                    .chosen(&self.rule, &event, role, switches, place.zone, &place.calendar);
                verdicts
                    .into_iter()
                    .map(|verdict| verdict.taken_at(self.running.now))
                    .collect()
            }
            Some(_) | None => Vec::new(),
        };
        let verdicts = if verdicts.is_empty() {
            vec![sampled_out()]
        } else {
            verdicts
        };
        let (mut made, mut has_round) = (0, false);
        for verdict in verdicts {
            has_round |= matches!(verdict.decided, Decided::Followed(_));
            made += keep(ledger, &self.running, set, &encounter, verdict).await?.made;
        }
        if has_round {
            sqlx::query(
                "delete from rule_decision where encounter_id = $1 and rule_set_id = $2 and rule = $3 and round = 0
                    and decided in ('waits', 'sampled_out')",
            )
            .bind(lot.encounter)
            .bind(set.id)
            .bind(&self.rule)
            .execute(&mut *ledger.db)
            .await?;
        }
        Ok(made)
    }
}

/// Writes a draw down.
struct Note {
    rule_set: i64,
    rule: String,
    period: String,
    seed: String,
    drawn: Drawn,
    now: Wall,
}

impl Write for Note {
    type Answer = ();

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        for stratum in &self.drawn.strata {
            sqlx::query(
                "insert into rule_draw (rule_set_id, rule, period, stratum, fraction, base, taken, seed, at)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                 on conflict (rule_set_id, rule, period, stratum, at) do nothing",
            )
            .bind(self.rule_set)
            .bind(&self.rule)
            .bind(&self.period)
            .bind(&stratum.name)
            .bind(stratum.fraction.millionths())
            .bind(count(stratum.base))
            .bind(count(stratum.taken))
            .bind(&self.seed)
            .bind(self.now.millis())
            .execute(&mut *ledger.db)
            .await?;
        }
        Ok(())
    }
}
