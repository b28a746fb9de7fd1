//! The one writer: takes what is queued, runs it in one transaction, commits once, then answers. When a request of the
//! batch fails, the batch is run again with a savepoint for each, so that only the one is lost.

use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::{Connection, SqliteConnection};
use tokio::sync::{mpsc, watch};
use tokio::time::MissedTickBehavior;

use crate::ids::AttemptId;

use super::folder::Hold;
use super::{Error, Question};

/// How many requests share one commit at most.
pub(super) const BATCH: usize = 128;
/// Commits for calls follow each other no closer: the first finds no wait, those that come meanwhile share the next one.
/// A patient does not hear that a prompt begins so much later.
const PACE: Duration = Duration::from_millis(40);
/// How many requests may wait for the writer.
pub(super) const QUEUE: usize = 1024;

/// The questions of dialplans in use, by content hash.
type Remembered = BTreeMap<String, Arc<[Question]>>;

/// What a request may touch while it runs.
pub(super) struct Ledger<'w> {
    /// The connection, inside the batch's transaction.
    pub(super) db: &'w mut SqliteConnection,
    /// The name under which this daemon leases cases.
    pub(super) holder: &'w str,
    /// Questions by dialplan hash, for the labels of answers.
    pub(super) questions: &'w mut Remembered,
}

/// One request that writes: it runs inside the transaction, its answer is given only after the commit.
pub(super) trait Write: Send + 'static {
    /// What it answers.
    type Answer: Send + 'static;

    /// Does the writing. After an error nothing of it remains, and the other requests of the batch are untouched.
    fn run(&self, ledger: &mut Ledger<'_>) -> impl Future<Output = Result<Self::Answer, Error>> + Send;
}

/// A request with its reply, whatever its types.
trait Job: Send {
    fn run<'j>(
        &'j mut self,
        ledger: &'j mut Ledger<'_>,
    ) -> Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'j>>;
    fn has_failed(&self) -> bool;
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

    fn settle(self: Box<Self>, committed: Result<(), Error>) {
        let Self { work, outcome, reply } = *self;
        reply(work, committed.and(outcome));
    }
}

/// What waits in the writer's queue.
pub(super) enum Queued {
    /// A request.
    Job(QueuedJob),
    /// Take no more requests, do those that wait, close the database.
    Stop,
}

/// A request in the queue; opaque outside this file.
pub(super) struct QueuedJob {
    job: Box<dyn Job>,
    haste: Haste,
}

/// Whether a request may wait for company.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Haste {
    /// A person or a program waits for each answer before it asks again.
    AtOnce,
    /// One of many calls.
    WithOthers,
}

impl Queued {
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

    fn may_wait(&self) -> bool {
        matches!(self, Self::Job(queued) if queued.haste == Haste::WithOthers)
    }
}

/// Counts of the writer since it started.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) commits: AtomicU64,
    pub(super) requests: AtomicU64,
    pub(super) failed: AtomicU64,
    pub(super) largest_batch: AtomicU64,
}

/// The writer: owns the only writing connection and the hold on the data folder.
pub(super) struct Writer {
    pub(super) db: SqliteConnection,
    pub(super) queue: mpsc::Receiver<Queued>,
    pub(super) counters: Arc<Counters>,
    pub(super) hold: Hold,
    /// Dropped when the writer has ended; that is how `Store::close` knows.
    pub(super) ended: watch::Sender<()>,
}

impl Writer {
    /// Starts it on a thread of its own: whoever wakes it, the database's thread above all, wakes a thread that sleeps
    /// for nothing else, not a pool with its sockets and timers.
    pub(super) fn start(self) -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        let name = "store".to_owned();
        std::thread::Builder::new()
            .name(name)
            .spawn(move || runtime.block_on(self.run()))?;
        Ok(())
    }

    /// Runs until it is told to stop, or until nobody is left who could ask.
    pub(super) async fn run(mut self) {
        let mut waiting = Vec::with_capacity(BATCH);
        let mut questions = Remembered::new();
        let mut pace = tokio::time::interval(PACE);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while self.queue.recv_many(&mut waiting, BATCH).await > 0 {
            while waiting.len() < BATCH && waiting.iter().all(Queued::may_wait) {
                tokio::select! {
                    biased;
                    _ = pace.tick() => break,
                    Some(queued) = self.queue.recv() => waiting.push(queued),
                }
            }
            let mut batch = Vec::with_capacity(waiting.len());
            for queued in waiting.drain(..) {
                match queued {
                    Queued::Job(queued) => batch.push(queued.job),
                    Queued::Stop => self.queue.close(),
                }
            }
            if !batch.is_empty() {
                self.commit(batch, &mut questions).await;
            }
        }
        // Closing checkpoints the WAL; a failure leaves the WAL, which the next start reads.
        let _ = self.db.close().await;
        drop(self.hold);
        drop(self.ended);
    }

    /// Commits a batch together. Where one request took the whole transaction with it (SQLite rolls back by itself when
    /// the disk is full), each is tried once more alone, so that the small ones still get through.
    async fn commit(&mut self, mut batch: Vec<Box<dyn Job>>, questions: &mut Remembered) {
        let size = batch.len();
        // Whoever has had an answer finds itself counted.
        let counted = u64::try_from(size).unwrap_or(u64::MAX);
        self.counters.largest_batch.fetch_max(counted, Ordering::Relaxed);
        let committed = match self.transact(&mut batch, Savepoints::No, questions).await {
            Err(Lost::ByRequest(_)) if size > 1 => self.transact(&mut batch, Savepoints::Each, questions).await,
            committed => committed,
        };
        let committed = committed.map_err(Lost::error);
        let is_worth_more = |error: &Error| !matches!(error, Error::Busy | Error::Closed);
        if size > 1 && committed.as_ref().is_err_and(is_worth_more) {
            for job in batch {
                let mut alone = [job];
                let committed = self.transact(&mut alone, Savepoints::No, questions).await;
                let committed = committed.map_err(Lost::error);
                let [job] = alone;
                self.settle(job, committed);
            }
        } else {
            for job in batch {
                self.settle(job, committed.clone());
            }
        }
    }

    fn settle(&self, job: Box<dyn Job>, committed: Result<(), Error>) {
        self.counters.requests.fetch_add(1, Ordering::Relaxed);
        if committed.is_err() || job.has_failed() {
            self.counters.failed.fetch_add(1, Ordering::Relaxed);
        }
        job.settle(committed);
    }

    /// One transaction; after an error nothing of it remains.
    async fn transact(
        &mut self,
        jobs: &mut [Box<dyn Job>],
        savepoints: Savepoints,
        questions: &mut Remembered,
    ) -> Result<(), Lost> {
        let mut ledger = Ledger {
            db: &mut self.db,
            holder: &self.hold.holder,
            questions,
        };
        let committed = match savepoints {
            Savepoints::No => run_together(jobs, &mut ledger).await,
            Savepoints::Each => run_each(jobs, &mut ledger).await,
        };
        if committed.is_ok() {
            self.counters.commits.fetch_add(1, Ordering::Relaxed);
        } else {
            // If SQLite has rolled back by itself already, this has nothing to do and says so.
            let _ = execute(&mut self.db, "rollback").await;
        }
        committed
    }
}

/// Whether a request that fails takes the others of its batch with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Savepoints {
    No,
    Each,
}

/// What a transaction was lost by.
#[derive(Debug)]
enum Lost {
    /// One of its requests.
    ByRequest(Error),
    /// The database.
    ByItself(Error),
}

impl Lost {
    fn error(self) -> Error {
        match self {
            Self::ByRequest(error) | Self::ByItself(error) => error,
        }
    }
}

impl From<Error> for Lost {
    fn from(error: Error) -> Self {
        Self::ByItself(error)
    }
}

async fn run_together(jobs: &mut [Box<dyn Job>], ledger: &mut Ledger<'_>) -> Result<(), Lost> {
    execute(ledger.db, "begin immediate").await?;
    for job in jobs {
        job.run(ledger).await.map_err(Lost::ByRequest)?;
    }
    Ok(execute(ledger.db, "commit").await?)
}

async fn run_each(jobs: &mut [Box<dyn Job>], ledger: &mut Ledger<'_>) -> Result<(), Lost> {
    execute(ledger.db, "begin immediate").await?;
    for job in jobs {
        execute(ledger.db, "savepoint request").await?;
        if let Err(error) = job.run(ledger).await {
            // If the whole transaction is gone this fails, and the batch with the request's own error.
            execute(ledger.db, "rollback to request").await.map_err(|_| error)?;
        }
        execute(ledger.db, "release request").await?;
    }
    Ok(execute(ledger.db, "commit").await?)
}

async fn execute(db: &mut SqliteConnection, sql: &'static str) -> Result<(), Error> {
    sqlx::query(sql).execute(db).await?;
    Ok(())
}

/// The questions of the dialplan that an attempt runs, remembered between requests.
pub(super) async fn questions_of(ledger: &mut Ledger<'_>, attempt: AttemptId) -> Result<Arc<[Question]>, Error> {
    /// Dialplans in use at one time are few; forgetting them all now and then keeps the memory bounded.
    const REMEMBERED: usize = 64;
    let hash: String = sqlx::query_scalar("select dialplan_hash from attempt where id = $1")
        .bind(attempt.0)
        .fetch_optional(&mut *ledger.db)
        .await?
        .ok_or(Error::NoAttempt(attempt))?;
    if let Some(known) = ledger.questions.get(&hash) {
        return Ok(Arc::clone(known));
    }
    let text: String = sqlx::query_scalar("select questions from dialplan where hash = $1")
        .bind(&hash)
        .fetch_one(&mut *ledger.db)
        .await?;
    let questions: Arc<[Question]> = super::dialplan::parse_questions(&text)?.into();
    if ledger.questions.len() >= REMEMBERED {
        ledger.questions.clear();
    }
    ledger.questions.insert(hash, Arc::clone(&questions));
    Ok(questions)
}
