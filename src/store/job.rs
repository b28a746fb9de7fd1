//! A request to the writer with its reply, and what it may touch while it runs.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::SqliteConnection;
use tokio::time::Instant;

use super::Error;
use super::claim::ahead::Ahead;
use super::home::Frost;
use super::journal::Entry;
use super::remembered::Remembered;

/// What a request may touch while it runs.
pub(super) struct Ledger<'w> {
    /// The connection, inside the batch's transaction.
    pub(super) db: &'w mut SqliteConnection,
    /// The name under which this daemon leases cases.
    pub(super) holder: &'w str,
    /// How many requests of calls wait.
    pub(super) calls_waiting: &'w AtomicU64,
    /// When a long request makes way for calls.
    pub(super) way: Way,
    /// Why no new call may begin, if the database is not at home.
    pub(super) frost: &'w Frost,
    /// Who reads beside the writer what the next claims will ask.
    pub(super) ahead: &'w Ahead,
    /// What need not be asked for again.
    pub(super) remembered: &'w mut Remembered,
}

impl Ledger<'_> {
    /// Whether a long request has to end its transaction now.
    pub(super) fn makes_way(&self) -> bool {
        match self.way {
            Way::WhenCallsWait => self.calls_waiting.load(Ordering::Relaxed) > 0,
            Way::By(at) => Instant::now() >= at,
        }
    }
}

/// When a long request ends its transaction for the sake of calls.
#[derive(Clone, Copy, Debug)]
pub(super) enum Way {
    /// As soon as one waits.
    WhenCallsWait,
    /// At this time: then those are written that have waited for company till now.
    By(Instant),
}

/// One request that writes: it runs inside the transaction, its answer is given only after the commit.
pub(super) trait Write: Send + 'static {
    /// What it answers.
    type Answer: Send + 'static;

    /// Does the writing. After an error nothing of it remains, and the other requests of the batch are untouched.
    fn run(&self, ledger: &mut Ledger<'_>) -> impl Future<Output = Result<Self::Answer, Error>> + Send;

    /// How it stands in the journal while the database is away, and what it answers from there. What has no such entry
    /// fails instead.
    fn journalled(&self) -> Option<(Entry, Self::Answer)> {
        None
    }

    /// Whether its answer may be given only when a power cut can no longer undo what was written.
    fn lasts(&self) -> Lasts {
        Lasts::ThroughPowerCut
    }
}

/// What a commit has to outlive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lasts {
    /// A power cut: the commit is synced.
    ThroughPowerCut,
    /// Only the end of this daemon, as a lease: the next synced commit settles it with its own.
    ThroughCrash,
}

/// A request with its reply, whatever its types.
pub(super) trait Job: Send {
    /// Does the writing.
    fn run<'j>(
        &'j mut self,
        ledger: &'j mut Ledger<'_>,
    ) -> Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'j>>;
    /// Whether its last run failed.
    fn has_failed(&self) -> bool;
    /// Its entry in the journal, if it may stand there; its answer is then what the journal allows.
    fn journalled(&mut self) -> Option<Entry>;
    /// What its commit has to outlive.
    fn lasts(&self) -> Lasts;
    /// Answers.
    fn settle(self: Box<Self>, committed: Result<(), Error>);
}

struct Asked<W: Write, R> {
    work: W,
    outcome: Result<W::Answer, Error>,
    reply: R,
}

impl<W, R> Job for Asked<W, R>
where
    W: Write + Sync,
    R: FnOnce(W, Result<W::Answer, Error>) + Send,
{
    fn run<'j>(
        &'j mut self,
        ledger: &'j mut Ledger<'_>,
    ) -> Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'j>> {
        Box::pin(async move {
            match self.work.run(ledger).await {
                Ok(answer) => {
                    self.outcome = Ok(answer);
                    Ok(())
                }
                Err(error) => {
                    self.outcome = Err(error.clone());
                    Err(error)
                }
            }
        })
    }

    fn has_failed(&self) -> bool {
        self.outcome.is_err()
    }

    fn journalled(&mut self) -> Option<Entry> {
        let (entry, answer) = self.work.journalled()?;
        self.outcome = Ok(answer);
        Some(entry)
    }

    fn lasts(&self) -> Lasts {
        self.work.lasts()
    }

    fn settle(self: Box<Self>, committed: Result<(), Error>) {
        let Self { work, outcome, reply } = *self;
        reply(work, committed.and(outcome));
    }
}

/// What waits in a queue of the writer.
pub(super) enum Queued {
    /// A request.
    Job(QueuedJob),
    /// Take no more requests, do those that wait, close the database.
    Stop,
}

/// A request in the queue.
pub(super) struct QueuedJob {
    pub(super) job: Box<dyn Job>,
    pub(super) haste: Haste,
}

/// How long a request of a call may wait for company: a commit and its sync cost more than all that one call writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Haste {
    /// A person or a program waits for each answer before it asks again.
    AtOnce,
    /// A patient waits for the next prompt.
    Soon,
    /// A far end that a patient picked up waits for our ACK. Sound has begun with its 200.
    Ack,
    /// One of many calls; nobody hears the wait. The first of a quiet time finds none.
    WithOthers,
}

impl Haste {
    /// What nobody on the telephone notices.
    pub(super) const SOON: Duration = Duration::from_millis(30);
    /// Far less than the 500 ms after which a far end repeats its 200 (RFC 3261 section 13.3.1.4).
    const ACK: Duration = Duration::from_millis(80);
    /// Commits for those whom nobody waits for follow each other no closer. Where many talk, keys come sooner, and take
    /// along what is there.
    const WITH_OTHERS: Duration = Duration::from_millis(200);

    /// Until when a request that came now waits for company, by the time of the last commit.
    pub(super) fn until(self, now: Instant, committed: Instant) -> Instant {
        match self {
            Self::AtOnce => now,
            Self::Soon => now + Self::SOON,
            Self::Ack => now + Self::ACK,
            // A clock that was set back must not make the wait longer.
            Self::WithOthers => (committed + Self::WITH_OTHERS).min(now + Self::WITH_OTHERS),
        }
    }
}

impl Queued {
    /// How long it may wait.
    pub(super) const fn haste(&self) -> Haste {
        match self {
            Self::Job(QueuedJob { haste, .. }) => *haste,
            Self::Stop => Haste::AtOnce,
        }
    }

    /// Packs a request with what is to be done with its answer. `reply` must not block.
    pub(super) fn job<W, R>(work: W, haste: Haste, reply: R) -> Self
    where
        W: Write + Sync,
        R: FnOnce(W, Result<W::Answer, Error>) + Send + 'static,
    {
        Self::Job(QueuedJob {
            job: Box::new(Asked {
                work,
                outcome: Err(Error::Closed),
                reply,
            }),
            haste,
        })
    }
}
