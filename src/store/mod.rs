//! The only place that knows SQL: one SQLite file per data folder, one daemon per folder, one writer with group commit.
//!
//! [`Store`] is the daemon's door: every method that writes answers after its commit reached the disk. [`Reader`] reads
//! the same file, also from other processes. [`Desk`] is the door of the control thread, which never waits.
//!
//! Nothing here reads a clock: `now` and `at` are arguments, in milliseconds UTC.

mod disk;
mod error;
mod folder;
mod home;
mod identity;
mod job;
mod journal;
mod latency;
mod standing;
mod transaction;
mod wal;
mod writer;

mod alarm;
pub mod appointment;
mod aside;
pub mod backup;
mod begin;
mod by_hand;
mod call_back;
mod callers;
mod campaign;
mod case_list;
mod claim;
mod clean;
pub mod console;
mod conversation;
mod desk;
mod dialplan;
pub mod dnc;
pub mod erase;
mod evidence;
mod figures;
mod finish;
pub mod hold;
mod import;
mod incoming;
mod keep;
mod left_over;
mod month;
mod note;
mod observed;
mod open;
pub mod patient_state;
pub mod phones;
pub mod populate;
mod prospects;
mod put_through;
mod queues;
mod reader;
mod recordings;
mod records;
mod recover;
mod remembered;
pub mod retention;
pub mod rules;
mod status;
mod stretch;
mod tally;
#[cfg(test)]
mod tests;
mod thaw;
mod upgrade;
mod versions;
pub mod why;

pub use alarm::AlarmRecord;
pub use call_back::CallBackRecord;
pub use callers::CallerShown;
pub use campaign::{Campaign, CampaignState, Counts, NewCampaign};
pub use case_list::{ListedCase, Picked, Place};
pub use clean::NOBODY;
pub use console::Visible;
pub use desk::{Desk, Refused};
pub use dialplan::{Choice, Dialplan, Question};
pub use disk::{Disk, RESERVE, RESERVE_BYTES, Room, SCARCE, Seen, Writing, free};
pub use error::Error;
pub use evidence::{AttemptEvidence, CaseEvidence, DecisionEvidence, ListingEvidence, StateEvidence};
pub use figures::{AnswerTally, AttemptTally, CaseTally, ExportAnswer, ExportRow, Given, Period, Reported};
pub use folder::{DATABASE, LOCK, holder_of};
pub use home::HOME;
pub use import::{
    Change, Deadline, Due, ImportEncounter, ImportNumber, ImportOutcome, ImportPatient, ImportPlan, ImportRow, Refusal,
    Update,
};
pub use journal::{JOURNAL, JOURNAL_BYTES};
pub use latency::{BOUNDS_MS, KeptIn};
pub use month::{MONTH, Month};
pub use observed::{OBSERVED, ObservedTally};
pub use prospects::{CaseLabel, Prospect, ProspectListed, ProspectNumber, ProspectState, Prospects};
pub use reader::Reader;
pub use recordings::RecordingRow;
pub use records::{AnswerRecord, AttemptRecord, KeyRecord};
pub use recover::Recovered;
pub use standing::Absence;
pub use status::{LastAttempt, Status};
pub use thaw::{Thawing, ThawingCampaign};
pub use upgrade::{copy, known_schema, schema_of};
pub use versions::QuestionVersion;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::{oneshot, watch};

use crate::dialer::{Begin, BeginTest, Begun, CallBack, CalledBack, Claim, Claimed, Finish, Keep, Release};
use crate::ids::{AttemptId, CampaignId};
use crate::moment::Wall;

use claim::ahead::Ahead;
use home::Frost;
use identity::Identity;
use job::{Haste, Ledger, Queued, Write};
use journal::Journal;
use queues::Queues;
use remembered::Remembered;
use wal::Wal;
use writer::{Counters, Writer};

/// The daemon's door to its database. Clones share one writer.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
    queues: Queues,
    ended: watch::Receiver<()>,
    counters: Arc<Counters>,
    frost: Frost,
    reader: Reader,
}

/// What the writer has done since the store was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Statistics {
    /// Transactions committed.
    pub commits: u64,
    /// Requests answered.
    pub requests: u64,
    /// Requests that failed.
    pub failed: u64,
    /// The most requests that one commit carried.
    pub largest_batch: u64,
    /// The longest that a transaction took, its commit included, in microseconds.
    pub longest_us: u64,
    /// Requests that went to the journal because the database was away.
    pub journalled: u64,
    /// Of these, the ones that were carried into the database since; those found in the journal at the start count too.
    pub replayed: u64,
    /// Octets of the journal's entries that are not given up yet.
    #[serde(default)]
    pub journal_bytes: u64,
    /// Octets that the journal has room for.
    #[serde(default)]
    pub journal_size: u64,
    /// For how long the database has been away, in milliseconds; none while it is there.
    pub away_ms: Option<u64>,
    /// The write-ahead log beside the database, in octets.
    pub wal_bytes: u64,
    /// How long keys waited until they were on the disk.
    pub kept_in: KeptIn,
}

/// How the store of a running daemon is, for screens and metrics.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct StoreState {
    /// Why the database does not take what is written right now; none while it does.
    pub absence: Option<String>,
    /// Why no new call begins, if the database is not at home.
    pub frozen: Option<String>,
    /// Half of all keys were on the disk within so many milliseconds.
    pub kept_p50_ms: Option<f64>,
    /// 99 of a hundred keys were on the disk within so many milliseconds.
    pub kept_p99_ms: Option<f64>,
    /// The longest that a key took, in milliseconds.
    pub kept_max_ms: f64,
    /// The counts.
    pub statistics: Statistics,
}

impl Store {
    /// Takes the data folder (created 0700 if it is not there) and opens its database, brought to the present schema.
    ///
    /// `offsets` are the offsets of local time from UTC in seconds, each from its time on; the views show local times
    /// by them. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// [`Error::Locked`] names the daemon that holds the folder; [`Error::NewerSchema`], [`Error::NotAFolder`],
    /// [`Error::Folder`], [`Error::ReadOnly`], [`Error::Corrupt`] say what to do.
    pub async fn open(folder: &Path, offsets: Vec<(Wall, i32)>, now: Wall) -> Result<Self, Error> {
        Self::open_with_journal(folder, offsets, now, JOURNAL_BYTES).await
    }

    /// The same with a journal of another size.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_with_journal(
        folder: &Path,
        offsets: Vec<(Wall, i32)>,
        now: Wall,
        journal_bytes: u64,
    ) -> Result<Self, Error> {
        let hold = folder::hold(folder, now)?;
        let path = folder::database(folder)?;
        let mut db = open::writer(&path, &offsets, now).await?;
        let identity = Identity::of(&path)?;
        let mut journal = Journal::open(folder, journal_bytes)?;
        let counters = Arc::new(Counters::default());
        let frost = home::arrive(&mut db, &path).await?;
        let replayed = replay(&mut journal, &mut db, &hold.holder, &frost).await?;
        counters.replayed.store(replayed, Ordering::Relaxed);
        counters.unwiped.store(!journal.is_wiped(), Ordering::Relaxed);
        counters.measure(&journal);
        open::be_patient(&mut db, open::BUSY).await?;
        let reader = Reader::at(&path).await?;
        let (queues, inbox) = queues::queues(&counters);
        let (ended_sender, ended) = watch::channel(());
        let writer = Writer {
            db,
            inbox,
            journal,
            identity,
            frost: frost.clone(),
            ahead: Ahead::on(reader.pool().clone()),
            wal: Wal::of(&path),
            counters: Arc::clone(&counters),
            hold,
            ended: ended_sender,
        };
        writer.start().map_err(|error| Error::folder(path, error))?;
        Ok(Self {
            folder: folder.to_owned(),
            queues,
            ended,
            counters,
            frost,
            reader,
        })
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The reading half: status, figures, records.
    pub const fn reader(&self) -> &Reader {
        &self.reader
    }

    /// A door for a thread that never waits. `capacity` bounds its requests under way; `wake` is called after every
    /// answer, from the writer's task, and must not block.
    pub fn desk(&self, capacity: usize, wake: impl Fn() + Send + Sync + 'static) -> Desk {
        Desk::new(self.queues.calls.clone(), Arc::clone(&self.counters), capacity, wake)
    }

    /// What the writer has done so far.
    pub fn statistics(&self) -> Statistics {
        Statistics {
            commits: self.counters.commits.load(Ordering::Relaxed),
            requests: self.counters.requests.load(Ordering::Relaxed),
            failed: self.counters.failed.load(Ordering::Relaxed),
            largest_batch: self.counters.largest_batch.load(Ordering::Relaxed),
            longest_us: self.counters.longest_us.load(Ordering::Relaxed),
            journalled: self.counters.journalled.load(Ordering::Relaxed),
            replayed: self.counters.replayed.load(Ordering::Relaxed),
            journal_bytes: self.counters.journal_bytes.load(Ordering::Relaxed),
            journal_size: self.counters.journal_size.load(Ordering::Relaxed),
            away_ms: self.absence().map(|absence| millis(absence.lasts())),
            wal_bytes: wal::size(&wal::path_of(&self.folder.join(DATABASE))),
            kept_in: self.counters.kept_in.read(),
        }
    }

    /// How it is.
    pub fn state(&self) -> StoreState {
        let statistics = self.statistics();
        StoreState {
            absence: self.absence().map(|absence| absence.why.to_string()),
            frozen: self.frozen(),
            kept_p50_ms: statistics.kept_in.within_ms(500),
            kept_p99_ms: statistics.kept_in.within_ms(990),
            kept_max_ms: statistics.kept_in.longest_us as f64 / 1000.0,
            statistics,
        }
    }

    /// Why the database does not take what is written right now, and for how long it has not; none while it does.
    pub fn absence(&self) -> Option<Absence> {
        self.counters.away.get()
    }

    /// Why no new call begins, if this database is not where it was last at work: it was restored, copied or moved.
    pub fn frozen(&self) -> Option<String> {
        self.frost.why()
    }

    /// Says that the database is at home where it stands: from now on it may call.
    pub async fn thaw(&self) -> Result<(), Error> {
        let thaw = home::Thaw {
            database: self.folder.join(DATABASE),
        };
        self.write(thaw).await?;
        self.frost.set(None);
        Ok(())
    }

    /// Does what is queued, closes the database and gives the data folder free. Later requests get [`Error::Closed`].
    pub async fn close(&self) {
        self.reader.close().await;
        // Refused only if the writer has ended already.
        let _ = self.queues.people.send(Queued::Stop).await;
        let mut ended = self.ended.clone();
        while ended.changed().await.is_ok() {}
    }

    /// Leases due cases; the checks and the order are those of [`crate::dialer::claim`]. Cases that a check closes are
    /// closed, cases that it holds wait until then. A campaign that is not running, or is paused, has none.
    pub async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, Error> {
        for _ in 1..claim::PARTS {
            let part = self.write_for_call(claim.clone()).await?;
            if part.is_answer() {
                return Ok(part.cases);
            }
        }
        Ok(self.write_for_call(claim).await?.cases)
    }

    /// Writes an attempt down before its INVITE leaves. Repeated with the same case, number and time, it answers with
    /// the same attempt.
    pub async fn begin(&self, begin: Begin) -> Result<Begun, Error> {
        self.write_for_call(begin).await
    }

    /// Writes down an attempt of `aftercall call`: it has no case and no report counts it. A number that is on the line
    /// or may still be ringing is refused.
    pub async fn begin_test_attempt(&self, begin: BeginTest) -> Result<AttemptId, Error> {
        let (attempt, _) = self.write_for_call(begin).await?;
        Ok(attempt)
    }

    /// Makes a key and its answers durable; idempotent by attempt and `seq`.
    pub async fn keep(&self, keep: Keep) -> Result<(), Error> {
        self.write_for_call(keep).await
    }

    /// Ends an attempt, with its facts, recording, case and number; idempotent by attempt.
    pub async fn finish(&self, finish: Finish) -> Result<(), Error> {
        self.write_for_call(finish).await
    }

    /// Gives a leased case back.
    pub async fn release(&self, release: Release) -> Result<(), Error> {
        self.write_for_call(release).await
    }

    /// Notes that somebody called us, and who it is by the number.
    pub async fn note_call_back(&self, call_back: CallBack) -> Result<CalledBack, Error> {
        self.write_for_call(call_back).await
    }

    /// Ends what a crash left open and clears the leases of dead daemons; to be called once, at start.
    pub async fn recover(&self, recover: crate::dialer::recover::Recover) -> Result<Vec<Recovered>, Error> {
        self.write(recover).await
    }

    /// Adds a recording that was found after a crash to its attempt; repeated, it does nothing.
    pub async fn add_recording(&self, attempt: AttemptId, recording: crate::dialer::Recording) -> Result<(), Error> {
        self.write(finish::AddRecording { attempt, recording }).await
    }

    /// Imports rows in transactions of at most 200 rows; idempotent by visit number.
    pub async fn apply_import(&self, plan: ImportPlan, rows: Vec<ImportRow>) -> Result<ImportOutcome, Error> {
        import::apply(self, plan, rows).await
    }

    /// Keeps a dialplan's text and questions under its content hash; repeated, it does nothing.
    pub async fn put_dialplan(&self, dialplan: Dialplan, now: Wall) -> Result<(), Error> {
        self.write(dialplan::Put { dialplan, now }).await
    }

    /// Adds a campaign as a draft.
    pub async fn add_campaign(&self, campaign: NewCampaign) -> Result<CampaignId, Error> {
        self.write(campaign::Add(campaign)).await
    }

    /// Replaces the file, dialplan and caps of a campaign that is not running.
    pub async fn change_campaign(&self, campaign: NewCampaign) -> Result<CampaignId, Error> {
        self.write(campaign::Change(campaign)).await
    }

    /// Starts a campaign; starting a running one does nothing.
    pub async fn start_campaign(&self, name: &str, now: Wall) -> Result<CampaignId, Error> {
        let name = name.to_owned();
        self.write(campaign::Turn::Start { name, now }).await
    }

    /// Pauses a running campaign: nothing more is claimed until it goes on, also after a restart. Pausing a paused one
    /// does nothing.
    pub async fn pause_campaign(&self, name: &str, now: Wall) -> Result<CampaignId, Error> {
        let name = name.to_owned();
        self.write(campaign::Turn::Pause { name, now }).await
    }

    /// Lets a paused campaign go on; one that runs already does so.
    pub async fn unpause_campaign(&self, name: &str) -> Result<CampaignId, Error> {
        let name = name.to_owned();
        self.write(campaign::Turn::Resume { name }).await
    }

    /// Stops a campaign: nothing more is claimed; calls under way go on. Stopping a stopped one does nothing.
    pub async fn stop_campaign(&self, name: &str, now: Wall) -> Result<CampaignId, Error> {
        let name = name.to_owned();
        self.write(campaign::Turn::Stop { name, now }).await
    }

    /// Hands a person's request to the writer and waits for its commit.
    async fn write<W: Write + Sync>(&self, work: W) -> Result<W::Answer, Error> {
        let (job, answer) = pack(work);
        self.queues.people.send(job).await.map_err(|_| Error::Closed)?;
        answer.await.map_err(|_| Error::Closed)?
    }

    /// The same for what calls ask; it goes first.
    async fn write_for_call<W: Write + Sync>(&self, work: W) -> Result<W::Answer, Error> {
        let (job, answer) = pack(work);
        let place = self.queues.calls.reserve().await.map_err(|_| Error::Closed)?;
        place.put(job);
        answer.await.map_err(|_| Error::Closed)?
    }
}

/// A request, and where its answer comes.
fn pack<W: Write + Sync>(work: W) -> (Queued, oneshot::Receiver<Result<W::Answer, Error>>) {
    let (reply, answer) = oneshot::channel();
    let job = Queued::job(work, Haste::AtOnce, move |_, outcome| {
        // Whoever asked may have gone; what was written stays written.
        let _ = reply.send(outcome);
    });
    (job, answer)
}

/// Carries what the last daemon left in the journal into the database, before anything else is read or written.
async fn replay(
    journal: &mut Journal,
    db: &mut sqlx::SqliteConnection,
    holder: &str,
    frost: &Frost,
) -> Result<u64, Error> {
    if journal.is_torn() {
        crate::events::journal_torn();
    }
    let mut remembered = Remembered::default();
    let nobody_waits = std::sync::atomic::AtomicU64::default();
    let mut ledger = Ledger {
        db,
        holder,
        calls_waiting: &nobody_waits,
        way: job::Way::WhenCallsWait,
        frost,
        ahead: &Ahead::nowhere(),
        remembered: &mut remembered,
    };
    let mut replayed = 0;
    while !journal.is_empty() {
        replayed += transaction::replay(journal, &mut ledger).await?;
    }
    journal.reset()?;
    if replayed > 0 {
        crate::events::journal_replayed(replayed);
    }
    Ok(replayed)
}

fn millis(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
