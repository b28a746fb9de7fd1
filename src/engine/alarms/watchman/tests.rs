//! The watchman's look: which alarms stand by what is seen.

use super::*;
use crate::engine::scratch::Scratch;
use crate::engine::watch::{Watch, watch};
use crate::store::Seen;
use crate::store::backup::note;

/// A watchman on his way, and what he looks at.
struct Post {
    round: Round,
    disk: Arc<Mutex<Glance>>,
    /// The control thread's side.
    watch: Watch,
    folder: Scratch,
}

impl Post {
    async fn new() -> Self {
        let folder = Scratch::new();
        let clock = Clock::start();
        let (watch, watcher) = watch();
        let store = Store::open_with_journal(folder.path(), Vec::new(), clock.wall(), 1 << 20).await;
        let disk = Arc::default();
        let watchman = Watchman {
            clock,
            watcher,
            store: store.unwrap(),
            punctuality: Punctuality::default(),
            disk: Arc::clone(&disk),
            backup_limit: None,
            post: None,
        };
        let (kept, _) = mpsc::channel(WAITING);
        Self {
            round: watchman.round(Arc::default(), kept),
            disk,
            watch,
            folder,
        }
    }

    /// What is told, as it is heard in time.
    fn tell(&mut self, told: &Told) {
        self.round.heard(told);
    }

    /// What stands after a look.
    fn standing(&mut self) -> Vec<String> {
        self.round.look();
        let standing = self.round.board.standing();
        standing.into_iter().map(|notice| notice.id).collect()
    }
}

#[tokio::test]
async fn a_disk_is_full_exactly_while_new_calls_are_held_for_it() {
    let mut post = Post::new().await;
    let glance = |room, held: Option<&str>| Glance {
        disk: Some(Seen {
            free: 300 << 20,
            size: 9 << 30,
            room,
        }),
        held: held.map(str::to_owned),
    };
    assert_eq!(post.standing(), [""; 0]);
    *post.disk.lock().unwrap() = glance(Room::Scarce, None);
    assert_eq!(post.standing(), ["disk_nearly_full"]);
    *post.disk.lock().unwrap() = glance(Room::Low, Some("free some room"));
    assert_eq!(post.standing(), ["disk_full", "disk_nearly_full"]);
    // The disk has room, but control could not be told so yet.
    *post.disk.lock().unwrap() = glance(Room::Scarce, Some("free some room"));
    assert_eq!(post.standing(), ["disk_full", "disk_nearly_full"]);
    *post.disk.lock().unwrap() = glance(Room::Scarce, None);
    assert_eq!(post.standing(), ["disk_nearly_full"]);
}

#[tokio::test]
async fn a_clock_that_control_saw_jump_is_an_alarm_and_says_which_way() {
    let mut post = Post::new().await;
    assert_eq!(post.standing(), [""; 0]);
    post.tell(&Told::ClockJumped(Jump::Back(Duration::from_millis(7_200_500))));
    assert_eq!(post.standing(), ["clock_jumped"]);
    assert_eq!(post.round.board.standing()[0].detail, "back by 7200 s");
}

#[tokio::test]
async fn a_backup_that_is_old_or_was_never_made_is_an_alarm_where_a_limit_is_set() {
    const DAY: Duration = Duration::from_secs(24 * 3600);
    let mut post = Post::new().await;
    assert_eq!(post.standing(), [""; 0]);
    post.round.watchman.backup_limit = Some(2 * DAY);
    assert_eq!(post.standing(), ["backup_old"]);
    assert_eq!(post.round.board.standing()[0].detail, "there was none yet");
    let present = post.round.watchman.clock.wall();
    let is_too_old = |ago| {
        note(post.folder.path(), post.folder.path(), present - ago).unwrap();
        too_old(post.folder.path(), 2 * DAY, present).is_some()
    };
    assert!(is_too_old(2 * DAY + Duration::from_secs(1)));
    assert!(!is_too_old(2 * DAY));
    assert!(!is_too_old(DAY));
    // It is looked for once a minute.
    assert_eq!(post.standing(), ["backup_old"]);
    post.round.backup = None;
    assert_eq!(post.standing(), [""; 0]);
}

#[test]
fn a_journal_is_nearly_full_when_three_quarters_are_used() {
    assert_eq!(nearly_full(0, 0), None);
    assert_eq!(nearly_full(48 << 20, 64 << 20), None);
    assert_eq!(
        nearly_full((48 << 20) + 1, 64 << 20).as_deref(),
        Some("49152 of 65536 kB are used")
    );
}

#[tokio::test]
async fn media_that_is_late_for_ten_seconds_is_an_alarm_until_it_has_been_in_time() {
    let mut post = Post::new().await;
    let wall = post.round.watchman.clock.wall();
    let mut late = Late::default();
    post.watch.picture(crate::control::Snapshot {
        talking: 1,
        ..Default::default()
    });
    // Of fifty wake-ups in a second so many are more than 20 ms late.
    let mut second = |post: &mut Post, second, beyond: u64| {
        let now = Moment::ZERO + Duration::from_secs(second);
        late.buckets[0] += 50 - beyond;
        late.buckets[5] += beyond;
        post.round.look_at_the_media(now, wall, late.clone());
        post.round.board.settle(now, wall);
        post.round.board.standing().len()
    };
    assert_eq!((0..9).map(|at| second(&mut post, at, 50)).sum::<usize>(), 0);
    assert_eq!(second(&mut post, 9, 0), 0);
    assert_eq!((10..20).map(|at| second(&mut post, at, 1)).sum::<usize>(), 0);
    // A worker that does not wake at all is not in time.
    let stuck = post.round.late.clone();
    let now = Moment::ZERO + Duration::from_secs(20);
    post.round.look_at_the_media(now, wall, stuck.clone());
    assert_eq!(second(&mut post, 21, 50), 1);
    assert_eq!((22..52).map(|at| second(&mut post, at, 0)).min(), Some(1));
    assert_eq!(second(&mut post, 52, 0), 0);
}
