//! The only place that knows SQL: one SQLite file per data folder, one daemon per folder, one writer with group commit.
//!
//! [`Store`] is the daemon's door: every method that writes answers after its commit reached the disk. [`Reader`] reads
//! the same file, also from other processes. [`Desk`] is the door of the control thread, which never waits.
//!
//! Nothing here reads a clock: `now` and `at` are arguments, in milliseconds UTC.

mod error;
mod folder;
mod writer;

mod alarm;
mod begin;
mod call_back;
mod campaign;
mod claim;
mod desk;
mod dialplan;
mod figures;
mod finish;
mod import;
mod keep;
mod left_over;
mod note;
mod open;
mod reader;
mod records;
mod recover;
mod status;
#[cfg(test)]
mod tests;

pub use alarm::AlarmRecord;
pub use call_back::CallBackRecord;
pub use campaign::{Campaign, CampaignState, Counts, NewCampaign};
pub use desk::{Desk, Refused};
pub use dialplan::{Choice, Dialplan, Question};
pub use error::Error;
pub use figures::{AnswerTally, AttemptTally, CaseTally, ExportAnswer, ExportRow, Period, Recordings};
pub use folder::{DATABASE, LOCK, holder_of};
pub use import::{
    Change, Due, ImportEncounter, ImportNumber, ImportOutcome, ImportPatient, ImportPlan, ImportRow, Refusal, Update,
};
pub use reader::Reader;
pub use records::{AnswerRecord, AttemptRecord, KeyRecord};
pub use recover::{Budget, Recover, Recovered};
pub use status::{LastAttempt, Status};

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::{mpsc, oneshot, watch};

use crate::dialer::{Begin, BeginTest, Begun, CallBack, CalledBack, Claim, Claimed, Finish, Keep, Release};
use crate::ids::{AttemptId, CampaignId};
use crate::moment::Wall;

use writer::{Counters, Haste, Queued, Write, Writer};

/// The daemon's door to its database. Clones share one writer.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
    queue: mpsc::Sender<Queued>,
    ended: watch::Receiver<()>,
    counters: Arc<Counters>,
    reader: Reader,
}

/// What the writer has done since the store was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Statistics {
    /// Transactions committed.
    pub commits: u64,
    /// Requests answered.
    pub requests: u64,
    /// Requests that failed.
    pub failed: u64,
    /// The most requests that one commit carried.
    pub largest_batch: u64,
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
        let hold = folder::hold(folder, now)?;
        let path = folder::database(folder)?;
        let db = open::writer(&path, &offsets, now).await?;
        let reader = Reader::at(&path).await?;
        let (queue, waiting) = mpsc::channel(writer::QUEUE);
        let (ended_sender, ended) = watch::channel(());
        let counters = Arc::new(Counters::default());
        let writer = Writer {
            db,
            queue: waiting,
            counters: Arc::clone(&counters),
            hold,
            ended: ended_sender,
        };
        writer.start().map_err(|error| Error::folder(path, error))?;
        Ok(Self {
            folder: folder.to_owned(),
            queue,
            ended,
            counters,
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
        Desk::new(self.queue.clone(), capacity, wake)
    }

    /// What the writer has done so far.
    pub fn statistics(&self) -> Statistics {
        Statistics {
            commits: self.counters.commits.load(Ordering::Relaxed),
            requests: self.counters.requests.load(Ordering::Relaxed),
            failed: self.counters.failed.load(Ordering::Relaxed),
            largest_batch: self.counters.largest_batch.load(Ordering::Relaxed),
        }
    }

    /// Does what is queued, closes the database and gives the data folder free. Later requests get [`Error::Closed`].
    pub async fn close(&self) {
        self.reader.close().await;
        // Refused only if the writer has ended already.
        let _ = self.queue.send(Queued::Stop).await;
        let mut ended = self.ended.clone();
        while ended.changed().await.is_ok() {}
    }

    /// Leases due cases; the checks and the order are those of [`crate::dialer::claim`]. Cases that a check closes are
    /// closed, cases that it holds wait until then. A campaign that is not running has none.
    pub async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, Error> {
        self.write(claim).await
    }

    /// Writes an attempt down before its INVITE leaves. Repeated with the same case, number and time, it answers with
    /// the same attempt.
    pub async fn begin(&self, begin: Begin) -> Result<Begun, Error> {
        self.write(begin).await
    }

    /// Writes down an attempt of `aftercall call`: it has no case and no report counts it. A number that is on the line
    /// or may still be ringing is refused.
    pub async fn begin_test_attempt(&self, begin: BeginTest) -> Result<AttemptId, Error> {
        let (attempt, _) = self.write(begin).await?;
        Ok(attempt)
    }

    /// Makes a key and its answers durable; idempotent by attempt and `seq`.
    pub async fn keep(&self, keep: Keep) -> Result<(), Error> {
        self.write(keep).await
    }

    /// Ends an attempt, with its facts, recording, case and number; idempotent by attempt.
    pub async fn finish(&self, finish: Finish) -> Result<(), Error> {
        self.write(finish).await
    }

    /// Gives a leased case back.
    pub async fn release(&self, release: Release) -> Result<(), Error> {
        self.write(release).await
    }

    /// Notes that somebody called us, and who it is by the number.
    pub async fn note_call_back(&self, call_back: CallBack) -> Result<CalledBack, Error> {
        self.write(call_back).await
    }

    /// Ends what a crash left open and clears the leases of dead daemons; to be called once, at start.
    pub async fn recover(&self, recover: Recover) -> Result<Vec<Recovered>, Error> {
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

    /// Stops a campaign: nothing more is claimed; calls under way go on. Stopping a stopped one does nothing.
    pub async fn stop_campaign(&self, name: &str, now: Wall) -> Result<CampaignId, Error> {
        let name = name.to_owned();
        self.write(campaign::Turn::Stop { name, now }).await
    }

    /// Hands a request to the writer and waits for its commit.
    async fn write<W: Write + Sync>(&self, work: W) -> Result<W::Answer, Error> {
        let (reply, answer) = oneshot::channel();
        let job = Queued::job(work, Haste::AtOnce, move |_, outcome| {
            // Whoever asked may have gone; what was written stays written.
            let _ = reply.send(outcome);
        });
        self.queue.send(job).await.map_err(|_| Error::Closed)?;
        answer.await.map_err(|_| Error::Closed)?
    }
}

/// The next night of each campaign, and of those that are not named.
pub type Nights = BTreeMap<CampaignId, Wall>;
