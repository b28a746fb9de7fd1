//! Claims as a night makes them: so many cases asked for, one attempt begun and ended, the others given back.

use std::sync::Arc;
use std::time::Duration;

use aftercall::calendar::{DEFAULT_ZONE, Hours, WorkCalendar};
use aftercall::config::CampaignFile;
use aftercall::dialer::{Begin, Claim, Claimed, Finish, LEASE, MediaSums, Next, Release, Terms};
use aftercall::engine::population::CAMPAIGNS;
use aftercall::moment::Wall;
use aftercall::outcome::{Disposition, Facts};
use aftercall::store::{Campaign, Store};
use anyhow::{Context, anyhow};
use tokio::task::JoinSet;

use super::figures::Waits;
use super::now;
use super::site::Site;

/// Claims before the measured ones.
const WARM: u32 = 50;
/// The time between two claims.
const APART: Duration = Duration::from_secs(1);
/// When a case that was missed is due again.
const AGAIN: Duration = Duration::from_secs(3 * 3_600);

/// What came out.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    pub(crate) claim: Waits,
    pub(crate) begin: Waits,
    pub(crate) finish: Waits,
    pub(crate) claimed: u64,
}

/// Makes `many` claims of the largest campaign, one after another.
pub(crate) async fn claims(store: &Store, site: &Site, many: u32, asked: usize) -> anyhow::Result<Claims> {
    let name = *CAMPAIGNS.first().context("there are campaigns")?;
    let began = later_than_all(store, site.morning()).await?;
    store.start_campaign(name, began).await?;
    let campaign = store.reader().campaign(name, began).await?;
    let terms = terms(&campaign)?;
    let mut claims = Claims::default();
    let mut warm = Claims::default();
    for n in 0..WARM + many {
        let at = began + APART * n;
        let into = if n < WARM { &mut warm } else { &mut claims };
        one(store, &campaign, &terms, (at, asked), into).await?;
    }
    store.stop_campaign(name, began).await?;
    Ok(claims)
}

/// Nobody is called at a time that is over.
async fn later_than_all(store: &Store, morning: Wall) -> anyhow::Result<Wall> {
    let Some(latest) = store.reader().latest_attempt().await? else {
        return Ok(morning);
    };
    let latest = store.reader().attempt(latest).await?.begun_at;
    Ok(morning.max(latest + Duration::from_secs(60)))
}

fn terms(campaign: &Campaign) -> anyhow::Result<Arc<Terms>> {
    let (file, _) = CampaignFile::parse(&campaign.file).map_err(|faults| anyhow!("the campaign file: {faults:?}"))?;
    let calendar = Arc::new(WorkCalendar::shipped());
    let schedule = file.schedule(DEFAULT_ZONE, Hours::AnyTime, &calendar);
    let campaign = file.to_campaign(campaign.id, &[], &campaign.dialplan, schedule);
    Ok(Arc::new(Terms::new(
        &campaign.schedule,
        &campaign.retry,
        &campaign.limits,
    )))
}

async fn one(
    store: &Store,
    campaign: &Campaign,
    terms: &Arc<Terms>,
    (at, asked): (Wall, usize),
    into: &mut Claims,
) -> anyhow::Result<()> {
    let claim = Claim {
        campaign: campaign.id,
        now: at,
        limit: asked,
        lease: LEASE,
        terms: Arc::clone(terms),
    };
    let began = now();
    let claimed = store.claim(claim).await?;
    into.claim.add(began.elapsed());
    into.claimed += claimed.len() as u64;
    let mut rest = claimed.into_iter();
    if let Some(first) = rest.next() {
        attempt(store, campaign, first, terms, at, into).await?;
    }
    let mut releases = JoinSet::new();
    for case in rest {
        let store = store.clone();
        releases.spawn(async move { store.release(Release::of(case.case)).await });
    }
    while let Some(released) = releases.join_next().await {
        released??;
    }
    Ok(())
}

async fn attempt(
    store: &Store,
    campaign: &Campaign,
    claimed: Claimed,
    terms: &Arc<Terms>,
    at: Wall,
    into: &mut Claims,
) -> anyhow::Result<()> {
    let began = now();
    let begun = store
        .begin(Begin {
            case: claimed.case,
            number_id: claimed.number_id,
            trunk: "main".to_owned(),
            caller: None,
            at,
            dialplan: claimed.dialplan(&campaign.dialplan).to_owned(),
            resumed_from: None,
            terms: Arc::clone(terms),
        })
        .await?;
    into.begin.add(began.elapsed());
    let finish = Finish {
        attempt: begun.attempt,
        at: at + Duration::from_secs(45),
        facts: Facts {
            final_status: Some(487),
            ..Facts::default()
        },
        disposition: Disposition::NoAnswer,
        rule: "own-cancel-after-ring-limit".to_owned(),
        next: Next::Again {
            at: at + AGAIN,
            counted: true,
        },
        media: MediaSums::default(),
    };
    let began = now();
    store.finish(finish).await?;
    into.finish.add(began.elapsed());
    Ok(())
}
