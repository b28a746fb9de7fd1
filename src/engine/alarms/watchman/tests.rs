//! The watchman's look: which alarms stand by what is seen.

use super::*;
use crate::engine::scratch::Scratch;
use crate::engine::watch::{Watch, watch};
use crate::store::Seen;

/// A watchman on his way, and what he looks at.
struct Post {
    round: Round,
    disk: Arc<Mutex<Glance>>,
    /// The control thread's side.
    _watch: Watch,
    _folder: Scratch,
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
            disk: Arc::clone(&disk),
            post: None,
        };
        let (kept, _) = mpsc::channel(WAITING);
        Self {
            round: watchman.round(Arc::default(), kept),
            disk,
            _watch: watch,
            _folder: folder,
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
