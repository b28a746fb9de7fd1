//! Gathering the figures of all parts onto one page.

use super::{Figure, Page, Spread, rows};
use crate::control::{Snapshot, Standing};
use crate::engine::alarms::{self, Condition};
use crate::engine::workers::{Counts, LATE_MS, Late};
use crate::events;
use crate::moment::{Moment, Wall};
use crate::store::{self, CampaignState, Statistics, Store};

/// What a page is made from.
pub(crate) struct Sources<'a> {
    pub(crate) now: Moment,
    pub(crate) wall: Wall,
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) media: Counts,
    pub(crate) late: Late,
    pub(crate) turned_at: Moment,
    pub(crate) condition: &'a Condition,
    pub(crate) disk: Option<store::Seen>,
    pub(crate) campaigns: &'a [store::Campaign],
    pub(crate) store: &'a Store,
}

/// The figures of this moment.
pub(crate) fn gather(sources: &Sources<'_>) -> Page {
    let mut page = Page::default();
    page.put(&rows::BUILD, &[env!("CARGO_PKG_VERSION")], 1);
    calls(&mut page, sources.snapshot);
    trunks(&mut page, sources);
    campaigns(&mut page, sources.campaigns);
    store(&mut page, sources);
    let media = sources.media;
    page.put(&rows::SAMPLES_DROPPED, &[], media.samples_dropped);
    page.put(&rows::PACKETS_UNSENT, &[], media.sends_failed);
    page.put(&rows::FACTS_LOST, &[], media.facts_lost);
    let bounds = LATE_MS.iter().map(|bound| f64::from(*bound) / 1_000.0);
    let spread = Spread {
        buckets: bounds.chain([f64::MAX]).zip(sources.late.buckets).collect(),
        sum: std::time::Duration::from_micros(sources.late.sum_us).as_secs_f64(),
    };
    page.add(&rows::LATENESS, &[], Figure::Spread(spread));
    let age = sources.now.since(sources.turned_at);
    page.put_real(&rows::TURN_AGE, &[], age.as_secs_f64());
    for alarm in alarms::rows::ALL {
        let standing = sources.condition.alarms.iter().filter(|notice| notice.id == alarm.id);
        page.put(
            &rows::ALARMS,
            &[alarm.id, alarm.severity.as_str()],
            whole(standing.count()),
        );
    }
    for event in events::ALL.iter().filter(|event| event.level <= tracing::Level::WARN) {
        let level = event.level.as_str().to_lowercase();
        page.put(&rows::EVENTS, &[event.name, &level], event.seen());
    }
    page.put(&rows::PANICS, &[], events::row::panicked.seen());
    page
}

fn calls(page: &mut Page, snapshot: &Snapshot) {
    for (stage, calls) in [
        ("dialing", snapshot.dialing),
        ("ringing", snapshot.ringing),
        ("talking", snapshot.talking),
        ("ending", snapshot.ending),
    ] {
        page.put(&rows::CALLS, &[stage], whole(calls));
    }
    page.put(&rows::INVITES, &[], snapshot.invites_sent);
    page.put(&rows::ANSWERED, &[], snapshot.answered);
    for (status, count) in &snapshot.responses {
        page.put(&rows::RESPONSES, &[&status.to_string()], *count);
    }
    for (disposition, count) in &snapshot.dispositions {
        page.put(&rows::ATTEMPTS, &[disposition.as_str()], *count);
    }
    page.put(&rows::CALL_BACKS, &[], snapshot.call_backs);
    page.put(&rows::CALLS_TAKEN, &[], snapshot.calls_taken);
    page.put(&rows::CALL_BACKS_NOT_NOTED, &[], snapshot.call_backs_not_noted);
    for (fault, count) in &snapshot.sip_faults {
        let fault = serde_json::to_value(fault).ok();
        let fault = fault.as_ref().and_then(serde_json::Value::as_str).unwrap_or("other");
        page.put(&rows::SIP_DROPPED, &[fault], *count);
    }
}

fn trunks(page: &mut Page, sources: &Sources<'_>) {
    for trunk in &sources.snapshot.trunks {
        let name = [trunk.name.as_str()];
        page.put(&rows::TRUNK_UP, &name, u64::from(trunk.standing == Standing::Up));
        let rests = trunk.resting_until.is_some_and(|until| until > sources.wall);
        page.put(&rows::TRUNK_RESTING, &name, u64::from(rests));
        page.put(&rows::TRUNK_CALLS, &name, whole(trunk.calls));
        page.put(&rows::TRUNK_LINES, &name, u64::from(trunk.lines));
        if let Some(micros) = trunk.round_trip_us {
            let took = std::time::Duration::from_micros(micros);
            page.put_real(&rows::TRUNK_ROUND_TRIP, &name, took.as_secs_f64());
        }
    }
}

fn campaigns(page: &mut Page, campaigns: &[store::Campaign]) {
    for campaign in campaigns {
        let (name, counts) = (campaign.name.as_str(), &campaign.counts);
        for (state, cases) in [
            ("due", counts.due),
            ("waiting", counts.waiting),
            ("in_progress", counts.in_progress),
            ("closed", counts.closed),
        ] {
            page.put(&rows::CASES, &[name, state], cases);
        }
        let runs = campaign.state == CampaignState::Running;
        page.put(&rows::CAMPAIGN_RUNNING, &[name], u64::from(runs));
    }
}

fn store(page: &mut Page, sources: &Sources<'_>) {
    let Statistics {
        commits,
        requests,
        failed,
        journalled,
        journal_bytes,
        journal_size,
        wal_bytes,
        kept_in,
        ..
    } = sources.store.statistics();
    page.put(&rows::COMMITS, &[], commits);
    page.put(&rows::REQUESTS, &[], requests);
    page.put(&rows::REQUESTS_FAILED, &[], failed);
    page.put(&rows::JOURNALLED, &[], journalled);
    page.put(&rows::JOURNAL_BYTES, &[], journal_bytes);
    page.put(&rows::JOURNAL_SIZE, &[], journal_size);
    page.put(&rows::WAL_BYTES, &[], wal_bytes);
    let bounds = store::BOUNDS_MS.iter().map(|bound| f64::from(*bound) / 1_000.0);
    let spread = Spread {
        buckets: bounds.chain([f64::MAX]).zip(kept_in.buckets.iter().copied()).collect(),
        sum: std::time::Duration::from_micros(kept_in.sum_us).as_secs_f64(),
    };
    page.add(&rows::KEPT, &[], Figure::Spread(spread));
    let is_up = sources.condition.database_away.is_none();
    page.put(&rows::DATABASE_UP, &[], u64::from(is_up));
    let database = sources.store.folder().join(store::DATABASE);
    // A file that is not there has no bytes.
    let size = database.metadata().map_or(0, |meta| meta.len());
    page.put(&rows::DATABASE_BYTES, &[], size);
    if let Some(disk) = sources.disk {
        page.put(&rows::DISK_FREE, &[], disk.free);
        page.put(&rows::DISK_SIZE, &[], disk.size);
    }
}

fn whole(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
