//! The running rules applied: to encounters that are new or were corrected, and after a release to all that there were.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::moment::Wall;
use crate::store::job::{Ledger, Write};
use crate::store::{Error, Store};

use super::carry_out::decide;
use super::event::find;
use super::{CHUNK, RELOADS, RulePlace, Running, SPELL};

/// What the rules did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// Encounters that were decided.
    pub decided: u64,
    /// Cases that were made.
    pub cases: u64,
}

/// Encounters that are new or were corrected.
pub(in crate::store) const PENDING: &str = "select encounter_id from rule_pending order by encounter_id limit $1";
/// Encounters that were there at a release.
pub(in crate::store) const OLD: &str = "select id from encounter where id > $1 and id <= $2 order by id limit $3";

impl Store {
    /// Decides every encounter that the running sets have not decided, and draws the samples whose period has ended.
    /// Repeated, it does nothing. Short transactions: calls go first.
    pub async fn apply_rules(&self, place: &RulePlace, now: Wall) -> Result<Applied, Error> {
        let applied = self.decide_encounters(place, now).await?;
        let drawn = self.draw_samples(place, now, now).await?;
        let made: u64 = drawn.iter().map(|drawing| drawing.cases).sum();
        Ok(Applied {
            cases: applied.cases + made,
            ..applied
        })
    }

    /// The first half of [`Store::apply_rules`].
    pub(super) async fn decide_encounters(&self, place: &RulePlace, now: Wall) -> Result<Applied, Error> {
        let mut applied = Applied::default();
        for _ in 0..RELOADS {
            let running = Arc::new(self.reader().running_rules(place, now).await?);
            loop {
                let chunk = Chunk {
                    running: Arc::clone(&running),
                };
                match self.write(chunk).await? {
                    Done::Some(some) => {
                        applied.decided += some.decided;
                        applied.cases += some.cases;
                    }
                    Done::All => return Ok(applied),
                    Done::Changed => break,
                }
            }
        }
        Ok(applied)
    }
}

/// The next encounters, as many as fit into a short transaction.
struct Chunk {
    running: Arc<Running>,
}

enum Done {
    Some(Applied),
    All,
    /// Other sets run now than those that were read.
    Changed,
}

impl Write for Chunk {
    type Answer = Done;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<Done, Error> {
        let began = Instant::now();
        let mut applied = Applied::default();
        let now_running: Vec<i64> = sqlx::query_scalar("select id from rule_set where state = 'running' order by id")
            .fetch_all(&mut *ledger.db)
            .await?;
        if now_running != self.running.ids() {
            return Ok(Done::Changed);
        }
        let pending: Vec<i64> = sqlx::query_scalar(PENDING)
            .bind(CHUNK)
            .fetch_all(&mut *ledger.db)
            .await?;
        for encounter in pending {
            for set in 0..self.running.sets.len() {
                applied.cases += self.decide(ledger, encounter, set).await?;
            }
            sqlx::query("delete from rule_pending where encounter_id = $1")
                .bind(encounter)
                .execute(&mut *ledger.db)
                .await?;
            applied.decided += 1;
            if began.elapsed() >= SPELL || ledger.makes_way() {
                return Ok(Done::Some(applied));
            }
        }
        for set in 0..self.running.sets.len() {
            let (decided, is_all) = self.old_ones(ledger, set, began).await?;
            applied.decided += decided.decided;
            applied.cases += decided.cases;
            if !is_all {
                return Ok(Done::Some(applied));
            }
        }
        Ok(if applied.decided > 0 {
            Done::Some(applied)
        } else {
            Done::All
        })
    }
}

impl Chunk {
    /// Those that were there when the set was released; whether none is left.
    async fn old_ones(&self, ledger: &mut Ledger<'_>, set: usize, began: Instant) -> Result<(Applied, bool), Error> {
        let mut applied = Applied::default();
        let Some(id) = self.running.sets.get(set).map(|set| set.id) else {
            return Ok((applied, true));
        };
        let (decided_to, last_old): (i64, i64) =
            sqlx::query_as("select decided_to, last_old from rule_set where id = $1")
                .bind(id)
                .fetch_one(&mut *ledger.db)
                .await?;
        let next: Vec<i64> = sqlx::query_scalar(OLD)
            .bind(decided_to)
            .bind(last_old)
            .bind(CHUNK)
            .fetch_all(&mut *ledger.db)
            .await?;
        let mut is_all = next.is_empty();
        let mut reached = if is_all { last_old.max(decided_to) } else { decided_to };
        for encounter in next {
            applied.cases += self.decide(ledger, encounter, set).await?;
            applied.decided += 1;
            reached = encounter;
            is_all = false;
            if began.elapsed() >= SPELL || ledger.makes_way() {
                break;
            }
        }
        if reached != decided_to {
            sqlx::query("update rule_set set decided_to = $2 where id = $1")
                .bind(id)
                .bind(reached)
                .execute(&mut *ledger.db)
                .await?;
        }
        Ok((applied, is_all))
    }

    async fn decide(&self, ledger: &mut Ledger<'_>, encounter: i64, set: usize) -> Result<u64, Error> {
        let Some(set) = self.running.sets.get(set) else {
            return Ok(0);
        };
        match find(&mut *ledger.db, encounter).await? {
            Some(encounter) if !encounter.is_erased => decide(ledger, &self.running, set, &encounter).await,
            Some(_) | None => Ok(0),
        }
    }
}
