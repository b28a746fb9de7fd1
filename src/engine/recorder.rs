//! The writer thread: takes audio from the media workers and keeps it as WAV files, so that no worker waits for a disk.
//!
//! The way to it is bounded. When it is full the workers drop audio and say how much, and the writer puts silence in its
//! place, so that what follows stays where it belongs.

use std::collections::BTreeMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::clock::Clock;
use crate::events;
use crate::ids::LegId;
use crate::media::{Excerpt, Recorded, samples};

mod durable;
pub mod excerpt;
mod header;
pub mod integrity;
pub(in crate::engine) mod peaks;
pub mod reconcile;
mod repair;
pub(in crate::engine) mod replay;
pub(super) mod specimen;
mod wav;

use durable::Durable;
use repair::Repaired;
use wav::Wav;

/// Pieces of a second that may wait: three seconds of 400 calls and their beginnings and ends, 32 KiB each.
const JOBS_MAX: usize = 1_536;

/// The recorder looks for work no more often: nobody waits for a piece, and to be woken for each costs more than to write
/// it, and the folder of what ends meanwhile is synced once. What 400 calls hand over in this time is a fifteenth of what may
/// wait.
const GATHER: Duration = Duration::from_millis(200);

/// Stretches of one call that get files of their own.
const CUTS_MAX: usize = 64;

/// What the writer is asked to do. Jobs of one leg are done in order.
pub enum Job {
    /// Opens a file.
    Begin {
        /// Whose.
        leg: LegId,
        /// Its final name; until it is closed it has `.part` appended.
        path: PathBuf,
        /// Where news of it goes.
        reply: Reply,
    },
    /// Appends.
    Audio {
        /// Whose.
        leg: LegId,
        /// What comes next.
        audio: Audio,
    },
    /// Notes a stretch that gets a file of its own at the end.
    Excerpt {
        /// Whose.
        leg: LegId,
        /// Which.
        cut: Cut,
    },
    /// Appends, closes, renames.
    End {
        /// Whose.
        leg: LegId,
        /// What comes last.
        audio: Audio,
        /// Samples of the patient's channel for which no packet came, dropped ones left out.
        gap: u64,
    },
}

impl Job {
    /// Whose it is.
    const fn leg(&self) -> LegId {
        match self {
            Self::Begin { leg, .. } | Self::Audio { leg, .. } | Self::Excerpt { leg, .. } | Self::End { leg, .. } => {
                *leg
            }
        }
    }
}

/// A stretch of the patient's channel that gets a file of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Goes into the name of the file.
    pub name: String,
    /// Where it begins, in milliseconds.
    pub from_ms: u32,
    /// Where it ends.
    pub to_ms: u32,
}

/// A piece of a recording.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audio {
    /// Samples per channel that were dropped before this.
    pub dropped: u64,
    /// Both channels interleaved: patient, us.
    pub pcm: Vec<i16>,
}

/// How a recording fares.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// It cannot be written; told once.
    Failed,
    /// The answer to [`Job::End`], and the last word. Nothing if it failed.
    Ended(Option<Recorded>),
}

/// Carries news to the worker that owns the leg.
pub type Reply = Arc<dyn Fn(LegId, News) + Send + Sync>;

/// The writer's control.
#[derive(Debug)]
pub struct Recorder {
    jobs: SyncSender<Job>,
    thread: JoinHandle<()>,
}

impl Recorder {
    /// Starts the writer thread.
    pub fn start(clock: Clock) -> io::Result<Self> {
        let (jobs, inbox) = sync_channel(JOBS_MAX);
        let durable = Durable::start(clock.now())?;
        let thread = std::thread::Builder::new().name("recorder".to_owned()).spawn(move || {
            Writer {
                clock,
                durable,
                open: BTreeMap::new(),
                ended: Vec::new(),
            }
            .run(&inbox)
        })?;
        Ok(Self { jobs, thread })
    }

    /// A way to the writer.
    pub fn jobs(&self) -> SyncSender<Job> {
        self.jobs.clone()
    }

    /// Waits until all that was sent is written; all other ways to the writer must be gone.
    pub fn join(self) {
        drop(self.jobs);
        if self.thread.join().is_err() {
            events::recorder_died();
        }
    }
}

struct Writer {
    clock: Clock,
    durable: Durable,
    open: BTreeMap<LegId, Open>,
    /// What ended and was not answered yet: whole, but its name might not outlive a power cut.
    ended: Vec<Ended>,
}

struct Ended {
    leg: LegId,
    reply: Reply,
    recorded: Recorded,
}

struct Open {
    reply: Reply,
    wav: Kept,
    dropped: u64,
    /// By name.
    cuts: BTreeMap<String, Cut>,
}

impl Open {
    /// One of which nothing is written.
    const fn nothing(reply: Reply) -> Self {
        Self {
            reply,
            wav: Kept::Nothing,
            dropped: 0,
            cuts: BTreeMap::new(),
        }
    }
}

/// What there is of a recording.
enum Kept {
    /// All of it so far.
    Whole(Wav),
    /// What could be written before the disk refused the rest.
    Beginning {
        /// The name that it gets.
        path: PathBuf,
        /// The name that it has.
        part: PathBuf,
    },
    /// Nothing.
    Nothing,
}

impl Writer {
    fn run(mut self, inbox: &Receiver<Job>) {
        while let Ok(job) = inbox.recv() {
            self.work(job);
            for job in inbox.try_iter().take(JOBS_MAX) {
                self.work(job);
            }
            self.answer();
            // Asleep on the clock and not on the queue, so that who hands something over wakes nobody.
            std::thread::park_timeout(GATHER);
        }
        self.durable.join();
    }

    /// Does a job. If it panics, that recording is given up, its leg is answered all the same, and the others go on.
    fn work(&mut self, job: Job) {
        let (leg, is_end) = (job.leg(), matches!(job, Job::End { .. }));
        let reply = match &job {
            Job::Begin { reply, .. } => Some(Arc::clone(reply)),
            Job::Audio { .. } | Job::Excerpt { .. } | Job::End { .. } => {
                self.open.get(&leg).map(|open| Arc::clone(&open.reply))
            }
        };
        if catch_unwind(AssertUnwindSafe(|| self.carry_out(job))).is_ok() {
            return;
        }
        events::recording_failed(leg.0, tracing::field::display("its handling panicked"));
        let Some(reply) = reply else { return };
        self.open.remove(&leg);
        if is_end {
            return reply(leg, News::Ended(None));
        }
        reply(leg, News::Failed);
        self.open.insert(leg, Open::nothing(reply));
    }

    fn carry_out(&mut self, job: Job) {
        match job {
            #[cfg(test)]
            Job::Excerpt { cut, .. } if cut.name == tests::BREAKS => panic!("a recording under test breaks"),
            Job::Begin { leg, path, reply } => self.begin(leg, path, reply),
            Job::Audio { leg, audio } => self.append(leg, &audio),
            Job::Excerpt { leg, cut } => self.note(leg, cut),
            Job::End { leg, audio, gap } => self.end(leg, &audio, gap),
        }
    }

    fn begin(&mut self, leg: LegId, path: PathBuf, reply: Reply) {
        let wav = Wav::create(path, self.clock.now());
        let wav = wav.map_or_else(
            |error| {
                fail(leg, &reply, &error);
                Kept::Nothing
            },
            Kept::Whole,
        );
        let open = Open {
            wav,
            ..Open::nothing(reply)
        };
        self.open.insert(leg, open);
    }

    fn note(&mut self, leg: LegId, cut: Cut) {
        if let Some(open) = self.open.get_mut(&leg)
            && (open.cuts.len() < CUTS_MAX || open.cuts.contains_key(&cut.name))
        {
            open.cuts.insert(cut.name.clone(), cut);
        }
    }

    fn append(&mut self, leg: LegId, audio: &Audio) {
        let Some(open) = self.open.get_mut(&leg) else { return };
        let Kept::Whole(wav) = &mut open.wav else { return };
        open.dropped = open.dropped.saturating_add(audio.dropped);
        let now = self.clock.now();
        match wav.append(now, audio) {
            Ok(()) => self.durable.written(now, || wav.handle()),
            Err(error) => {
                let (path, part) = wav.give_up();
                open.wav = Kept::Beginning { path, part };
                fail(leg, &open.reply, &error);
            }
        }
    }

    fn end(&mut self, leg: LegId, audio: &Audio, gap: u64) {
        self.append(leg, audio);
        let Some(open) = self.open.remove(&leg) else { return };
        let Open {
            reply,
            wav,
            dropped,
            cuts,
        } = open;
        let recorded = match wav {
            Kept::Whole(wav) => wav.finish().map_err(|error| fail(leg, &reply, &error)).ok(),
            Kept::Beginning { path, part } => salvage(leg, &path, part),
            Kept::Nothing => None,
        };
        let Some(recorded) = recorded else {
            return reply(leg, News::Ended(None));
        };
        let recorded = Recorded {
            gap_ms: samples::millis(gap.saturating_add(dropped)),
            excerpts: excerpts(leg, &recorded.path, &cuts),
            ..recorded
        };
        self.ended.push(Ended { leg, reply, recorded });
    }

    /// Makes the names durable of what ended, each folder at once, and answers.
    fn answer(&mut self) {
        let mut folders: BTreeMap<PathBuf, Vec<Ended>> = BTreeMap::new();
        for ended in self.ended.drain(..) {
            let folder = wav::folder_of(&ended.recorded.path).to_owned();
            folders.entry(folder).or_default().push(ended);
        }
        for (folder, ended) in folders {
            let synced = wav::sync(&folder);
            for Ended { leg, reply, recorded } in ended {
                let news = match &synced {
                    Ok(()) => Some(recorded),
                    Err(error) => {
                        fail(leg, &reply, error);
                        None
                    }
                };
                reply(leg, News::Ended(news));
            }
        }
    }
}

/// Cuts out what was asked for; one that resists is told, and its answer still says where it is in the recording.
fn excerpts(leg: LegId, recording: &Path, cuts: &BTreeMap<String, Cut>) -> Vec<Excerpt> {
    let mut excerpts = Vec::new();
    for cut in cuts.values() {
        match excerpt::cut(recording, cut) {
            Ok(sha256) => excerpts.push(Excerpt {
                name: cut.name.clone(),
                sha256,
            }),
            Err(error) => events::recording_failed(leg.0, tracing::field::display(error)),
        }
    }
    excerpts
}

/// Gives the beginning of a recording its final name. What resists stays as it is for the next start.
fn salvage(leg: LegId, path: &Path, part: PathBuf) -> Option<Recorded> {
    match repair::repair(&part, path) {
        Ok(Repaired::Whole(recorded)) => Some(recorded),
        Ok(Repaired::Empty | Repaired::Foreign) => None,
        Err(source) => {
            let error = wav::Error::System {
                step: "repair",
                path: part,
                source,
            };
            events::recording_failed(leg.0, tracing::field::display(error));
            None
        }
    }
}

fn fail(leg: LegId, reply: &Reply, error: &wav::Error) {
    events::recording_failed(leg.0, tracing::field::display(error));
    reply(leg, News::Failed);
}

#[cfg(test)]
mod tests;
