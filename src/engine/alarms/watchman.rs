//! The watchman: hears what the control core tells, looks at everything once a second, and says what stands.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::broadcast::error::TryRecvError;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use super::board::{Board, Finding};
use super::{Notice, keeper, rows};
use crate::control::{Standing, Told};
use crate::engine::Watcher;
use crate::engine::clock::Clock;
use crate::engine::disk::Glance;
use crate::engine::workers::{Late, Punctuality};
use crate::events;
use crate::moment::{Jump, Moment, Wall};
use crate::outcome::Disposition;
use crate::pii::scrub;
use crate::store::backup::{NOTED, noted};
use crate::store::{self, Room, Store};

/// How often everything is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The control thread turns four times a second; this long without a turn is a fault.
const STUCK: Duration = Duration::from_secs(2);
/// How often the database is asked, and how soon it has to answer.
const ASK_EVERY: Duration = Duration::from_secs(5);
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// How often altered recordings are counted.
const COUNT_EVERY: Duration = Duration::from_secs(60);
/// How often somebody may have made a backup.
const BACKUP_EVERY: Duration = Duration::from_secs(60);
/// The first bucket of those that took more than half a second.
const SLOW: usize = 23;
/// So many attempts in a row by our own fault are no chance.
const OWN_FAULTS: u32 = 10;
/// Changes that may wait for the database or the webhook.
pub(crate) const WAITING: usize = 256;

/// What the watchman saw last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Condition {
    /// What stands, the worst first.
    pub(crate) alarms: Vec<Notice>,
    /// Why the database takes no write; none while it does.
    pub(crate) database_away: Option<String>,
    /// How many recordings are known to differ from what was recorded.
    pub(crate) altered_recordings: u64,
}

/// What the watchman goes by.
pub(crate) struct Watchman {
    pub(crate) clock: Clock,
    pub(crate) watcher: Watcher,
    pub(crate) store: Store,
    /// How late the media workers wake.
    pub(crate) punctuality: Punctuality,
    /// What the watch over the disk saw last.
    pub(crate) disk: Arc<Mutex<Glance>>,
    /// The last backup may be so old; none: as old as it likes.
    pub(crate) backup_limit: Option<Duration>,
    /// Where changes are left for the webhook; none without one.
    pub(crate) post: Option<mpsc::Sender<Notice>>,
}

impl Watchman {
    /// Begins to watch; what is seen is left in the condition that is given back.
    pub(crate) fn start(self, tasks: &mut JoinSet<()>) -> Arc<Mutex<Condition>> {
        let condition = Arc::new(Mutex::new(Condition::default()));
        let (kept, changes) = mpsc::channel(WAITING);
        tasks.spawn(keeper::run(self.store.clone(), changes));
        tasks.spawn(ask(self.store.clone(), Arc::clone(&condition)));
        tasks.spawn(count_altered(self.store.clone(), Arc::clone(&condition)));
        tasks.spawn(self.round(Arc::clone(&condition), kept).run());
        condition
    }

    fn round(self, condition: Arc<Mutex<Condition>>, kept: mpsc::Sender<Notice>) -> Round {
        Round {
            board: Board::default(),
            condition,
            kept,
            own_faults: 0,
            backup: None,
            recordings_failed: events::row::recording_failed.seen(),
            panics: events::row::panicked.seen(),
            samples_dropped: 0,
            kept_slowly: 0,
            late: self.punctuality.late(),
            watchman: self,
        }
    }
}

/// Asks the database again and again whether it can be written.
async fn ask(store: Store, condition: Arc<Mutex<Condition>>) {
    let tell = |why: Option<String>| {
        condition.lock().unwrap_or_else(PoisonError::into_inner).database_away = why;
    };
    loop {
        let asked = store.probe();
        tokio::pin!(asked);
        let answer = match tokio::time::timeout(ANSWER_WITHIN, &mut asked).await {
            Ok(answer) => answer,
            Err(_) => {
                tell(Some("no answer within 2 s".to_owned()));
                asked.await
            }
        };
        match answer {
            Ok(()) => tell(None),
            Err(store::Error::Closed) => return,
            Err(error) => tell(Some(scrub(&error.to_string()))),
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
}

/// Counts the recordings that differ from what was recorded: a look at an index, once a minute.
async fn count_altered(store: Store, condition: Arc<Mutex<Condition>>) {
    loop {
        // A database that is away is told elsewhere; the last count stands meanwhile.
        if let Ok(many) = store.reader().altered_recordings().await {
            condition
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .altered_recordings = many;
        }
        tokio::time::sleep(COUNT_EVERY).await;
    }
}

/// The watchman on its way.
struct Round {
    watchman: Watchman,
    board: Board,
    condition: Arc<Mutex<Condition>>,
    kept: mpsc::Sender<Notice>,
    own_faults: u32,
    /// When the backup was last looked for, and why it is no good.
    backup: Option<(Moment, Option<String>)>,
    recordings_failed: u64,
    panics: u64,
    samples_dropped: u64,
    kept_slowly: u64,
    /// How late the media workers woke until the last look.
    late: Late,
}

impl Round {
    async fn run(mut self) {
        let (now, wall) = self.time();
        if let Ok(left) = self.watchman.store.reader().open_alarms().await {
            self.board.restore(now, wall, left);
        }
        let mut told = self.watchman.watcher.follow();
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            look.tick().await;
            // Heard a second at a time: to be woken by each of hundreds of calls costs more than it tells.
            loop {
                match told.try_recv() {
                    Ok(told) => self.heard(&told),
                    Err(TryRecvError::Empty) => break,
                    // What lasts shows at the look; what was missed and is over stands in the log.
                    Err(TryRecvError::Lagged(_)) => {}
                    Err(TryRecvError::Closed) => return,
                }
            }
            self.look();
            self.carry_on();
        }
    }

    fn time(&self) -> (Moment, Wall) {
        (self.watchman.clock.now(), self.watchman.clock.wall())
    }

    fn heard(&mut self, told: &Told) {
        let (now, wall) = self.time();
        #[expect(clippy::wildcard_enum_match_arm, reason = "most of what is told is no alarm")]
        match told {
            Told::RealmRefused { trunk, pinned, offered } => {
                let pictures = self.watchman.watcher.snapshot().trunks;
                let name = pictures
                    .get(usize::from(trunk.0))
                    .map_or("", |picture| picture.name.as_str());
                let detail = scrub(&format!("asked for realm {offered:?}, known is {pinned:?}"));
                self.board.happened(now, wall, &rows::REALM_REFUSED, name, &detail);
            }
            Told::ClockJumped(jump) => {
                let detail = match jump {
                    Jump::Forward(by) => format!("forward by {} s", by.as_secs()),
                    Jump::Back(by) => format!("back by {} s", by.as_secs()),
                };
                self.board.happened(now, wall, &rows::CLOCK_JUMPED, "", &detail);
            }
            Told::Ended { disposition, rule, .. } => {
                let is_fault =
                    disposition.is_ours() && !matches!(disposition, Disposition::Cancelled | Disposition::Interrupted);
                self.own_faults = if is_fault { self.own_faults.saturating_add(1) } else { 0 };
                let detail = format!("the last one: {} by {rule}", disposition.as_str());
                if self.own_faults >= OWN_FAULTS {
                    self.board
                        .found(now, wall, &rows::OWN_FAULTS, "", Finding::Wrong(&detail));
                } else {
                    self.board.found(now, wall, &rows::OWN_FAULTS, "", Finding::Well);
                }
            }
            _ => {}
        }
    }

    fn look(&mut self) {
        let (now, wall) = self.time();
        self.look_at_the_trunks(now, wall);
        self.look_at_the_disk(now, wall);
        self.look_at_the_threads(now, wall);
        let late = self.watchman.punctuality.late();
        self.look_at_the_media(now, wall, late);
        let away = self.condition().database_away.clone();
        self.board
            .found(now, wall, &rows::DATABASE_AWAY, "", finding(away.as_deref()));
        let altered = self.condition().altered_recordings;
        let altered = (altered > 0).then(|| format!("{altered} of them"));
        self.board
            .found(now, wall, &rows::RECORDING_ALTERED, "", finding(altered.as_deref()));
        self.look_at_the_store(now, wall);
        self.look_at_the_backup(now, wall);
        self.board.settle(now, wall);
    }

    fn look_at_the_trunks(&mut self, now: Moment, wall: Wall) {
        for trunk in self.watchman.watcher.snapshot().trunks {
            let reason = trunk.reason.map(|reason| reason.to_string()).unwrap_or_default();
            let down = (trunk.standing == Standing::Down).then_some(reason.as_str());
            self.board
                .found(now, wall, &rows::TRUNK_DOWN, &trunk.name, finding(down));
            let waits = (trunk.standing == Standing::Registering).then_some("no answer yet");
            self.board
                .found(now, wall, &rows::TRUNK_UNREGISTERED, &trunk.name, finding(waits));
        }
    }

    fn look_at_the_disk(&mut self, now: Moment, wall: Wall) {
        let disk = &self.watchman.disk;
        let glance = disk.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let room = glance.room();
        let is_scarce = glance.disk.is_some_and(|disk| disk.room >= Room::Scarce);
        let scarce = is_scarce.then_some(room.as_str());
        self.board
            .found(now, wall, &rows::DISK_NEARLY_FULL, "", finding(scarce));
        let full = glance.held.is_some().then_some(room.as_str());
        self.board.found(now, wall, &rows::DISK_FULL, "", finding(full));
    }

    fn look_at_the_store(&mut self, now: Moment, wall: Wall) {
        let store = &self.watchman.store;
        let (frozen, absence) = (store.frozen(), store.absence());
        let why = absence.map(|absence| scrub(&absence.why.to_string()));
        let statistics = store.statistics();
        let full = nearly_full(statistics.journal_bytes, statistics.journal_size);
        let slow: u64 = statistics.kept_in.buckets.iter().skip(SLOW).sum();
        self.board
            .found(now, wall, &rows::DATABASE_FROZEN, "", finding(frozen.as_deref()));
        self.board
            .found(now, wall, &rows::JOURNAL_IN_USE, "", finding(why.as_deref()));
        self.board
            .found(now, wall, &rows::JOURNAL_NEARLY_FULL, "", finding(full.as_deref()));
        if std::mem::replace(&mut self.kept_slowly, slow) < slow {
            self.board
                .happened(now, wall, &rows::KEPT_SLOWLY, "", "see aftercall_kept_seconds");
        }
    }

    fn look_at_the_backup(&mut self, now: Moment, wall: Wall) {
        let Some(limit) = self.watchman.backup_limit else {
            return;
        };
        let looked = self.backup.take();
        let looked = looked.filter(|(at, _)| now.since(*at) < BACKUP_EVERY);
        let (at, why) = looked.unwrap_or_else(|| (now, too_old(self.watchman.store.folder(), limit, wall)));
        self.board
            .found(now, wall, &rows::BACKUP_OLD, "", finding(why.as_deref()));
        self.backup = Some((at, why));
    }

    fn look_at_the_threads(&mut self, now: Moment, wall: Wall) {
        let turned = self.watchman.watcher.turned_at();
        let stuck = now.since(turned) > STUCK && turned > Moment::ZERO;
        self.board
            .found(now, wall, &rows::CONTROL_STUCK, "", finding(stuck.then_some("no turn")));
        let more = |last: &mut u64, seen: u64| std::mem::replace(last, seen) < seen;
        if more(&mut self.recordings_failed, events::row::recording_failed.seen()) {
            let board = &mut self.board;
            board.happened(now, wall, &rows::RECORDING_FAILED, "", "the log says which");
        }
        if more(&mut self.panics, events::row::panicked.seen()) {
            self.board
                .happened(now, wall, &rows::PANICKED, "", "the log says where");
        }
        if more(&mut self.samples_dropped, self.watchman.watcher.media().samples_dropped) {
            let board = &mut self.board;
            board.happened(
                now,
                wall,
                &rows::RECORDER_BEHIND,
                "",
                "the database has the milliseconds that are missing",
            );
        }
    }

    /// By the wake-ups since the last look. Without any there is nothing new, unless nobody is on the line.
    fn look_at_the_media(&mut self, now: Moment, wall: Wall, late: Late) {
        let since = late.since(&self.late);
        self.late = late;
        let calls = self.watchman.watcher.snapshot();
        let is_quiet = calls.ringing + calls.talking + calls.ending == 0;
        if since.count() == 0 && !is_quiet {
            return;
        }
        let detail = format!("{} of {} times in a second", since.heard(), since.count());
        let heard = since.is_heard().then_some(detail.as_str());
        self.board.found(now, wall, &rows::MEDIA_LATE, "", finding(heard));
    }

    fn condition(&self) -> std::sync::MutexGuard<'_, Condition> {
        self.condition.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Carries what changed to the log, the store and the webhook; none of them is waited for.
    fn carry_on(&mut self) {
        let mut changed = false;
        while let Some(notice) = self.board.change() {
            changed = true;
            let (id, severity, subject) = (notice.id.as_str(), notice.severity.as_str(), notice.subject.as_str());
            match notice.until {
                None => events::alarm_raised(id, severity, subject, notice.detail.as_str()),
                Some(until) => events::alarm_cleared(id, severity, subject, until.since(notice.since).as_secs()),
            }
            let unsent = self
                .watchman
                .post
                .as_ref()
                .is_some_and(|post| post.try_send(notice.clone()).is_err());
            if unsent | self.kept.try_send(notice.clone()).is_err() {
                events::alarm_unkept(notice.id.as_str());
            }
        }
        if changed || self.condition().alarms.len() != self.board.standing().len() {
            self.condition().alarms = self.board.standing();
        }
    }
}

/// How full a journal is of which more than three quarters are used.
fn nearly_full(used: u64, size: u64) -> Option<String> {
    (used > size - size / 4).then(|| format!("{} of {} kB are used", used >> 10, size >> 10))
}

/// Why the last backup of a data folder is not good enough.
fn too_old(folder: &Path, limit: Duration, wall: Wall) -> Option<String> {
    match noted(folder) {
        Ok(Some(noted)) if wall.since(noted.at) <= limit => None,
        Ok(Some(noted)) => Some(format!("the last one is of {}", noted.at_utc())),
        Ok(None) => Some("there was none yet".to_owned()),
        Err(error) => Some(scrub(&format!("what {NOTED} says cannot be read: {error}"))),
    }
}

fn finding(wrong: Option<&str>) -> Finding<'_> {
    wrong.map_or(Finding::Well, Finding::Wrong)
}

#[cfg(test)]
mod tests;
