//! What a crash left open is ended before anything is dialed, by the rules of each campaign.

use crate::calendar::{Hours, Schedule, Windows};
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
    let rules = |windows: Windows, retry: RetryPolicy| Rules {
        retry,
        schedule: Schedule {
            windows,
            zone: settings.place.time_zone,
            hours,
        },
    };
    let campaigns = store.reader().campaigns(now).await?;
    // A file that cannot be read any more does not run either; until it is changed, the ordinary rules do.
    let named = campaigns.into_iter().filter_map(|campaign| {
        let (file, _) = CampaignFile::parse(&campaign.file).ok()?;
        Some((campaign.id, rules(file.windows, file.retry)))
    });
    let recover = Recover {
        now,
        rules: named.collect(),
        otherwise: rules(Windows::default(), RetryPolicy::default()),
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
