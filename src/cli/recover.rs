//! What a crash left open is ended before anything is dialed, by the rules of each campaign.

use std::sync::Arc;

use crate::calendar::{Hours, Schedule};
use crate::config::{CampaignFile, Settings};
use crate::dialer::RetryPolicy;
use crate::dialer::recover::{Recover, Rules};
use crate::engine::clock::Clock;
use crate::outcome::Disposition;
use crate::store::Store;

use super::show;

/// Ends what a crash left open. `hours` are those by which this daemon will dial.
pub(super) async fn recover(settings: &Settings, store: &Store, clock: Clock, hours: Hours) -> anyhow::Result<()> {
    let now = clock.wall();
    let (zone, calendar) = (settings.place.time_zone, &settings.place.work_calendar);
    let otherwise = Schedule {
        zone,
        hours,
        calendar: Arc::clone(calendar),
        ..Schedule::default()
    };
    let campaigns = store.reader().campaigns(now).await?;
    // A file that cannot be read any more does not run either; until it is changed, the ordinary rules do.
    let named = campaigns.into_iter().filter_map(|campaign| {
        let (file, _) = CampaignFile::parse(&campaign.file).ok()?;
        let schedule = file.schedule(zone, hours, calendar);
        let retry = file.retry;
        Some((campaign.id, Rules { retry, schedule }))
    });
    let recover = Recover {
        now,
        rules: named.collect(),
        otherwise: Rules {
            retry: RetryPolicy::default(),
            schedule: otherwise,
        },
    };
    let left = store.recover(recover).await?;
    if !left.is_empty() {
        let unknown = left.iter().filter(|left| left.disposition == Disposition::Unknown);
        show::note(&format!(
            "{} attempts were left open by a crash: {} ended as unknown, the others as the kept answers say",
            left.len(),
            unknown.count()
        ));
    }
    Ok(())
}
