//! For whoever watches the daemon: metrics, whether it lives, whether it can work, and which alarms stand.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Error, Office};
use crate::control::Standing;
use crate::engine::alarms::{Condition, Notice};
use crate::engine::disk::Glance;
use crate::engine::metrics::{Sources, gather};
use crate::moment::Moment;
use crate::store;

/// The control thread turns four times a second; this long without a turn is a fault.
const ALIVE_WITHIN: Duration = Duration::from_secs(2);
/// Counting cases reads many rows: it is done no more often.
const COUNT_EVERY: Duration = Duration::from_secs(10);

/// Whether something works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What was looked at.
    pub name: String,
    /// Whether it is well.
    pub ok: bool,
    /// What was seen.
    pub reason: String,
}

/// Whether the daemon can work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness {
    /// Whether all is well that calls need.
    pub ready: bool,
    /// What calls need, one by one.
    pub checks: Vec<Check>,
    /// The alarms that stand.
    pub alarms: Vec<Notice>,
}

/// The last count of cases.
#[derive(Debug, Default)]
pub(super) struct Counted(tokio::sync::Mutex<Option<Count>>);

#[derive(Debug)]
struct Count {
    at: Moment,
    campaigns: Vec<store::Campaign>,
}

impl Office {
    /// The page for Prometheus (OpenMetrics text).
    pub async fn metrics(&self) -> Result<String, Error> {
        let Some(engine) = &self.engine else {
            return Err(no_engine());
        };
        let campaigns = self.campaigns_counted().await;
        let (condition, watcher) = (engine.condition(), engine.watcher());
        let page = gather(&Sources {
            now: self.clock.now(),
            wall: self.clock.wall(),
            snapshot: &watcher.snapshot(),
            media: watcher.media(),
            late: engine.late(),
            turned_at: watcher.turned_at(),
            condition: &condition,
            disk: engine.disk().disk,
            campaigns: &campaigns,
            store: &self.store,
        });
        page.text().map_err(|_| Error::Refused {
            why: "the figures cannot be written as text".to_owned(),
        })
    }

    /// Whether the control thread lives.
    pub fn health(&self) -> Check {
        let turned = self.engine.as_ref().map(|engine| engine.watcher().turned_at());
        let age = turned.map(|turned| self.clock.now().since(turned));
        match age {
            Some(age) if age <= ALIVE_WITHIN => check("control", Ok("the control thread turns".to_owned())),
            Some(age) => {
                let why = format!("the control thread last turned {} s ago", age.as_secs());
                check("control", Err(why))
            }
            None => check("control", Err("no engine runs here".to_owned())),
        }
    }

    /// Whether calls can be made, and what keeps them from it.
    pub fn readiness(&self) -> Readiness {
        let Some(engine) = &self.engine else {
            return Readiness {
                ready: false,
                checks: vec![self.health()],
                alarms: Vec::new(),
            };
        };
        let condition = engine.condition();
        let checks = vec![
            self.health(),
            database(&condition),
            self.frost(),
            disk(&engine.disk()),
            self.trunks(),
        ];
        Readiness {
            ready: checks.iter().all(|check| check.ok),
            checks,
            alarms: condition.alarms,
        }
    }

    /// The alarms that stand, the worst first; nothing if no engine runs here.
    pub fn alarms(&self) -> Vec<Notice> {
        let condition = self.engine.as_ref().map(crate::engine::Engine::condition);
        condition.map(|condition| condition.alarms).unwrap_or_default()
    }

    fn frost(&self) -> Check {
        let frozen = self.store.frozen();
        check(
            "home",
            frozen.map_or_else(|| Ok("the database is not frozen".to_owned()), Err),
        )
    }

    fn trunks(&self) -> Check {
        let trunks = self.present().unwrap_or_default().trunks;
        let (up, all) = (
            trunks.iter().filter(|trunk| trunk.standing == Standing::Up),
            trunks.len(),
        );
        let seen = format!("{} of {all} up", up.clone().count());
        check("trunks", if up.count() > 0 { Ok(seen) } else { Err(seen) })
    }

    /// Campaigns with their cases, not asked for too often. Without an answer of the database there are none.
    pub async fn campaigns_counted(&self) -> Vec<store::Campaign> {
        let now = self.clock.now();
        let mut counted = self.counted.0.lock().await;
        if let Some(count) = counted.as_ref()
            && now.since(count.at) < COUNT_EVERY
        {
            return count.campaigns.clone();
        }
        let asked = self.store.reader().campaigns(self.clock.wall());
        match tokio::time::timeout(ALIVE_WITHIN, asked).await {
            Ok(Ok(campaigns)) => counted.insert(Count { at: now, campaigns }).campaigns.clone(),
            Ok(Err(_)) | Err(_) => Vec::new(),
        }
    }
}

fn database(condition: &Condition) -> Check {
    let away = condition.database_away.clone();
    check("database", away.map_or_else(|| Ok("it takes writes".to_owned()), Err))
}

fn disk(glance: &Glance) -> Check {
    let is_well = glance.disk.is_some() && glance.held.is_none();
    let seen = glance.room();
    check("disk", if is_well { Ok(seen) } else { Err(seen) })
}

fn check(name: &str, seen: Result<String, String>) -> Check {
    let ok = seen.is_ok();
    let (Ok(reason) | Err(reason)) = seen;
    Check {
        name: name.to_owned(),
        ok,
        reason,
    }
}

fn no_engine() -> Error {
    Error::Refused {
        why: "no engine runs here".to_owned(),
    }
}
