//! Looking ahead of the claims: what the next ones will ask is read beside the writer, so that the writer finds it in
//! memory. Of a large database every case costs a dozen pages that lie far apart, and the writer, whom patients wait for,
//! would wait for the disk at each of them.

use std::time::Duration;

use sqlx::SqlitePool;
use tokio::sync::watch;
use tokio::time::Instant;

use super::due;
use crate::dialer::Claim;

/// Cases that are read besides as many again as were asked for.
const FURTHER: usize = 16;
/// Cases that are read at most.
const FURTHEST: usize = 64;
/// What becomes due so soon after the claim is read with it.
const SOON: Duration = Duration::from_secs(15);
/// A look that takes no longer found nearly all of it in memory,
const AT_HAND: Duration = Duration::from_millis(10);
/// and so many claims of the same campaign then do without: they find theirs there too.
const SPARED: u32 = 15;

/// Where the writer says what it has just been asked. Dropped, the looking ends.
#[derive(Debug)]
pub(in crate::store) struct Ahead(watch::Sender<Option<Claim>>);

impl Ahead {
    /// Looks ahead on a connection of these. Must be called within a tokio runtime.
    pub(in crate::store) fn on(pool: SqlitePool) -> Self {
        let (ask, mut asked) = watch::channel(None);
        tokio::spawn(async move {
            let (mut at_hand, mut spared) = (None, 0_u32);
            // Who is slow looks for the latest claim only.
            while asked.changed().await.is_ok() {
                let claim: Option<Claim> = asked.borrow_and_update().clone();
                let Some(claim) = claim else { continue };
                if spared > 0 && at_hand == Some(claim.campaign) {
                    spared -= 1;
                    continue;
                }
                let began = Instant::now();
                // Whatever keeps it from reading, the claim itself will say.
                let read = due::read_ahead(&claim, reach(&claim), &pool).await;
                let is_quick = read.is_ok() && began.elapsed() < AT_HAND;
                (at_hand, spared) = (Some(claim.campaign), if is_quick { SPARED } else { 0 });
            }
        });
        Self(ask)
    }

    /// One that looks nowhere.
    pub(in crate::store) fn nowhere() -> Self {
        Self(watch::channel(None).0)
    }

    /// Reads on behind what `claim` took.
    pub(in crate::store) fn of(&self, claim: &Claim) {
        let mut claim = claim.clone();
        claim.now = claim.now + SOON;
        self.0.send_replace(Some(claim));
    }
}

fn reach(claim: &Claim) -> usize {
    (2 * claim.limit + FURTHER).min(FURTHEST)
}
