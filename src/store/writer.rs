//! The one writer: takes what is queued, runs it in one transaction, commits once, then answers. What calls ask goes
//! before what people ask; while the database does not take it, it goes to the journal.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use sqlx::{Connection, SqliteConnection};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::claim::ahead::Ahead;
use super::folder::Hold;
use super::home::{self, Frost};
use super::identity::Identity;
use super::job::{Haste, Job, Ledger, Queued, QueuedJob, Way};
use super::journal::Journal;
use super::latency::Latency;
use super::queues::{BATCH, Inbox};
use super::remembered::Remembered;
use super::standing::{Shown, Standing};
use super::wal::Wal;
use super::{Error, open, transaction};

/// How long a person's request waits for a database that is away, before it is told so.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is left of a wait for company is kept for the commit of a person's request,
const COMMIT: Duration = Duration::from_millis(6);
/// and less than this on top is not worth beginning one.
const WORTHWHILE: Duration = Duration::from_millis(4);

/// How often the file beside the database is told how far it is.
const MARK_EVERY: Duration = Duration::from_secs(60);

/// Counts of the writer since it started.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) commits: AtomicU64,
    pub(super) requests: AtomicU64,
    pub(super) failed: AtomicU64,
    pub(super) largest_batch: AtomicU64,
    pub(super) longest_us: AtomicU64,
    pub(super) journalled: AtomicU64,
    pub(super) replayed: AtomicU64,
    pub(super) journal_bytes: AtomicU64,
    pub(super) journal_size: AtomicU64,
    /// Requests of calls that the writer has not taken yet.
    pub(super) calls_waiting: AtomicU64,
    /// The journal holds what is in the database already and could not be overwritten.
    pub(super) unwiped: AtomicBool,
    pub(super) kept_in: Latency,
    pub(super) away: Shown,
}

impl Counters {
    fn taken(&self, count: usize) {
        self.calls_waiting
            .fetch_sub(u64::try_from(count).unwrap_or_default(), Ordering::Relaxed);
    }

    /// How full the journal is.
    pub(super) fn measure(&self, journal: &Journal) {
        let (used, size) = journal.room();
        self.journal_bytes.store(used, Ordering::Relaxed);
        self.journal_size.store(size, Ordering::Relaxed);
    }
}

/// The writer: owns the only writing connection and the hold on the data folder.
pub(super) struct Writer {
    pub(super) db: SqliteConnection,
    pub(super) inbox: Inbox,
    pub(super) journal: Journal,
    pub(super) identity: Identity,
    pub(super) frost: Frost,
    pub(super) ahead: Ahead,
    pub(super) wal: Wal,
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
    pub(super) async fn run(self) {
        let Self {
            db,
            mut inbox,
            journal,
            identity,
            frost,
            ahead,
            wal,
            counters,
            hold,
            ended,
        } = self;
        let mut desk = Writing {
            db,
            journal,
            identity,
            frost,
            ahead,
            wal,
            counters,
            holder: hold.holder.clone(),
            remembered: Remembered::default(),
            standing: Standing::Here,
            held: None,
            committed: Instant::now(),
            marked: Instant::now(),
        };
        while desk.turn(&mut inbox).await {}
        desk.end().await;
        drop(hold);
        drop(ended);
    }
}

/// The writer at work.
struct Writing {
    db: SqliteConnection,
    journal: Journal,
    identity: Identity,
    frost: Frost,
    ahead: Ahead,
    wal: Wal,
    counters: Arc<Counters>,
    holder: String,
    remembered: Remembered,
    standing: Standing,
    /// What a person asked and the database could not take yet.
    held: Option<Box<dyn Job>>,
    /// When calls' requests were last committed.
    committed: Instant,
    /// When the file beside the database was last told how far it is.
    marked: Instant,
}

impl Writing {
    /// Does what comes next; false when nothing more can come.
    async fn turn(&mut self, inbox: &mut Inbox) -> bool {
        let look_at = self.standing.look_at();
        if !inbox.has_calls && !inbox.has_people {
            return false;
        }
        tokio::select! {
            biased;
            taken = inbox.calls.recv_many(&mut inbox.batch, BATCH), if inbox.has_calls => {
                inbox.has_calls = taken > 0;
                self.counters.taken(taken);
                self.gather(inbox).await;
                self.write_for_calls(inbox).await;
            }
            () = sleep_until(look_at.unwrap_or_else(Instant::now)), if look_at.is_some() => self.look_again().await,
            queued = inbox.people.recv(), if inbox.has_people && self.held.is_none() => match queued {
                Some(queued) => self.write_for_people(queued, inbox, Way::WhenCallsWait).await,
                None => inbox.has_people = false,
            },
            // While something is held, the database is looked for again, so this is not reached.
            else => return false,
        }
        if inbox.calls.is_empty() && self.standing.is_here() {
            self.wal.checkpoint(&mut self.db).await;
            if self.marked.elapsed() >= MARK_EVERY {
                self.mark().await;
            }
        }
        true
    }

    /// Waits for company as long as the hastiest of the batch allows. People are served meanwhile, in what is left of that
    /// time: in a night with many calls there is no other.
    async fn gather(&mut self, inbox: &mut Inbox) {
        let Some(mut until) = inbox.wait(inbox.batch.len(), self.committed) else {
            return;
        };
        while inbox.batch.len() < BATCH {
            let way = Way::By(until.checked_sub(COMMIT).unwrap_or(until));
            // Once a patient waits, nothing hastier can come: what comes in this short time is taken at its end, and wakes
            // nobody by itself.
            let listens = until > Instant::now() + Haste::SOON;
            let may_serve = Instant::now() + WORTHWHILE + COMMIT < until;
            tokio::select! {
                biased;
                () = sleep_until(until) => break,
                () = inbox.hurry.notified(), if listens => {
                    let taken = inbox.take_waiting();
                    self.counters.taken(taken);
                    until = inbox.wait(taken, self.committed).map_or(until, |wait| wait.min(until));
                }
                queued = inbox.people.recv(), if may_serve && inbox.has_people && self.held.is_none() => match queued {
                    Some(queued) => self.write_for_people(queued, inbox, way).await,
                    None => inbox.has_people = false,
                },
                else => break,
            }
        }
        self.counters.taken(inbox.take_waiting());
    }

    async fn write_for_calls(&mut self, inbox: &mut Inbox) {
        let mut jobs = Vec::with_capacity(inbox.batch.len());
        let mut stops = false;
        for queued in inbox.batch.drain(..) {
            match queued {
                Queued::Job(queued) => jobs.push(queued.job),
                Queued::Stop => stops = true,
            }
        }
        if stops {
            inbox.close();
        }
        if jobs.is_empty() {
            return;
        }
        match self.commit(&mut jobs, Way::WhenCallsWait).await {
            Err(why) if why.is_away() => self.write_to_journal(jobs, &why),
            Err(_) if jobs.len() > 1 => {
                for job in jobs {
                    self.write_alone(job).await;
                }
            }
            committed => jobs.into_iter().for_each(|job| self.settle(job, committed.clone())),
        }
        self.committed = Instant::now();
    }

    /// The whole batch was refused for one reason: each is tried once more, so that the others get through.
    async fn write_alone(&mut self, job: Box<dyn Job>) {
        let mut alone = [job];
        let committed = self.commit(&mut alone, Way::WhenCallsWait).await;
        let [job] = alone;
        match committed {
            Err(why) if why.is_away() => self.write_to_journal(vec![job], &why),
            committed => self.settle(job, committed),
        }
    }

    async fn write_for_people(&mut self, queued: Queued, inbox: &mut Inbox, way: Way) {
        match queued {
            Queued::Stop => inbox.close(),
            Queued::Job(QueuedJob { job, .. }) => self.write_for_person(job, way).await,
        }
    }

    async fn write_for_person(&mut self, job: Box<dyn Job>, way: Way) {
        let mut alone = [job];
        let committed = self.commit(&mut alone, way).await;
        let [job] = alone;
        let waits = self.standing.since().is_some_and(|since| since.elapsed() < PATIENCE);
        if committed.is_err() && waits {
            self.held = Some(job);
        } else {
            self.settle(job, committed);
        }
    }

    /// Commits a batch, if the database is there before and after: what was written into a file that has gone meanwhile
    /// counts as not written.
    async fn commit(&mut self, jobs: &mut [Box<dyn Job>], way: Way) -> Result<(), Error> {
        if let Some(why) = self.standing.why() {
            return Err(why);
        }
        let count = u64::try_from(jobs.len()).unwrap_or(u64::MAX);
        let began = Instant::now();
        let committed = match self.identity.check() {
            Ok(()) => transaction::commit(jobs, &mut self.ledger(way)).await,
            Err(error) => Err(error),
        };
        let committed = committed.and_then(|()| self.identity.check());
        match &committed {
            Ok(()) => {
                let took = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
                self.counters.longest_us.fetch_max(took, Ordering::Relaxed);
                self.counters.largest_batch.fetch_max(count, Ordering::Relaxed);
                self.counters.commits.fetch_add(1, Ordering::Relaxed);
            }
            // A person's large request that does not fit is no reason to keep calls out of the database.
            Err(Error::DiskFull) if jobs.iter_mut().all(|job| job.journalled().is_none()) => {}
            Err(why) if why.is_away() => self.leave(why.clone()).await,
            Err(_) => {}
        }
        committed
    }

    fn ledger(&mut self, way: Way) -> Ledger<'_> {
        Ledger {
            db: &mut self.db,
            holder: &self.holder,
            calls_waiting: &self.counters.calls_waiting,
            way,
            frost: &self.frost,
            ahead: &self.ahead,
            remembered: &mut self.remembered,
        }
    }

    /// From now on calls' requests go to the journal, and the database is only looked for without waiting.
    async fn leave(&mut self, why: Error) {
        crate::events::database_left(tracing::field::display(&why));
        self.standing.leave(why, &self.counters.away);
        // If the connection is broken, the next look opens another.
        let _ = open::be_patient(&mut self.db, Duration::ZERO).await;
    }

    /// Answers a batch from the journal; what may not stand there fails.
    fn write_to_journal(&mut self, jobs: Vec<Box<dyn Job>>, why: &Error) {
        let mut written = Vec::with_capacity(jobs.len());
        for mut job in jobs {
            match job.journalled().map(|entry| self.journal.add(&entry)) {
                Some(Ok(())) => written.push(job),
                Some(Err(error)) => self.settle(job, Err(error)),
                None => self.settle(job, Err(why.clone())),
            }
        }
        if written.is_empty() {
            return;
        }
        let synced = self.journal.sync();
        if synced.is_ok() {
            let count = u64::try_from(written.len()).unwrap_or(u64::MAX);
            self.counters.journalled.fetch_add(count, Ordering::Relaxed);
            self.counters.measure(&self.journal);
        }
        written.into_iter().for_each(|job| self.settle(job, synced.clone()));
    }

    /// Looks whether the database is there again; if so, carries the next part of the journal into it.
    async fn look_again(&mut self) {
        match self.carry().await {
            Ok(()) if self.journal.is_empty() => {
                let _ = open::be_patient(&mut self.db, open::BUSY).await;
                self.standing.come_back(&self.counters.away);
                crate::events::database_returned();
                if let Some(job) = self.held.take() {
                    self.write_for_person(job, Way::WhenCallsWait).await;
                }
            }
            Ok(()) => self.standing.look_now(),
            Err(why) => {
                if matches!(why, Error::Closed | Error::Disk(_)) {
                    self.connect_again().await;
                }
                self.standing.leave(why.clone(), &self.counters.away);
                let waits = self.standing.since().is_some_and(|since| since.elapsed() < PATIENCE);
                if !waits && let Some(job) = self.held.take() {
                    self.settle(job, Err(why));
                }
            }
        }
    }

    async fn carry(&mut self) -> Result<(), Error> {
        self.identity.check()?;
        let mut ledger = Ledger {
            db: &mut self.db,
            holder: &self.holder,
            calls_waiting: &self.counters.calls_waiting,
            way: Way::WhenCallsWait,
            frost: &self.frost,
            ahead: &self.ahead,
            remembered: &mut self.remembered,
        };
        let carried = transaction::replay(&mut self.journal, &mut ledger).await?;
        self.counters.replayed.fetch_add(carried, Ordering::Relaxed);
        self.note_wiped();
        self.counters.measure(&self.journal);
        self.identity.check()
    }

    async fn connect_again(&mut self) {
        if self.identity.check().is_ok()
            && let Ok(db) = open::connect(self.identity.path()).await
        {
            let old = std::mem::replace(&mut self.db, db);
            // It failed before; whatever its end says changes nothing.
            let _ = old.close().await;
            let _ = open::be_patient(&mut self.db, Duration::ZERO).await;
        }
    }

    fn note_wiped(&self) {
        let is_unwiped = self.journal.is_empty() && !self.journal.is_wiped();
        self.counters.unwiped.store(is_unwiped, Ordering::Relaxed);
    }

    async fn mark(&mut self) {
        self.marked = Instant::now();
        self.journal.wipe();
        self.note_wiped();
        if let Err(error) = home::keep_up(&mut self.db, self.identity.path(), &self.frost).await {
            crate::events::home_unwritten(tracing::field::display(error));
        }
    }

    /// Carries what it can, closes the database.
    async fn end(mut self) {
        while !self.standing.is_here() {
            let before = self.journal.next();
            self.look_again().await;
            if self.journal.next() == before {
                break;
            }
        }
        if let Some(job) = self.held.take() {
            self.settle(job, Err(Error::Closed));
        }
        if self.identity.check().is_ok() {
            if self.standing.is_here() {
                self.mark().await;
            }
            // Closing checkpoints the WAL; a failure leaves the WAL, which the next start reads.
            let _ = self.db.close().await;
        } else {
            // SQLite would remove the WAL by its name, and with it what belongs to the file that has gone.
            std::mem::forget(self.db);
        }
    }

    fn settle(&self, job: Box<dyn Job>, committed: Result<(), Error>) {
        self.counters.requests.fetch_add(1, Ordering::Relaxed);
        if committed.is_err() || job.has_failed() {
            self.counters.failed.fetch_add(1, Ordering::Relaxed);
        }
        job.settle(committed);
    }
}
