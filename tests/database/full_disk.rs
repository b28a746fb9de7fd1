//! A disk that is really full: a small file system of its own, in a namespace of its own.

use std::fs;
use std::io::Write;
use std::path::Path;

use aftercall::store::{Disk, Error, RESERVE, Room, Store, Writing};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};

use crate::fixture::{Folder, NOW, campaign, dialed, import, keep, row, scalar, seeded, shanghai};

const MB: u64 = 1024 * 1024;

/// Runs `test` in a folder that is a disk of `megabytes`; other threads do not see it.
fn on_a_small_disk(megabytes: u64, test: impl FnOnce(&Folder) + Send + 'static) {
    let folder = Folder::new();
    fs::create_dir_all(folder.path()).unwrap();
    let done = std::thread::spawn(move || {
        unshare(CloneFlags::CLONE_NEWNS).unwrap();
        let none: Option<&str> = None;
        mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none).unwrap();
        let size = format!("size={megabytes}m");
        mount(
            Some("aftercall"),
            folder.path(),
            Some("tmpfs"),
            MsFlags::empty(),
            Some(size.as_str()),
        )
        .unwrap();
        test(&folder);
    });
    done.join().unwrap();
}

/// Takes all the room that is left.
fn fill(folder: &Path) {
    let mut file = fs::File::create(folder.join("filler")).unwrap();
    let piece = vec![1; 64 * 1024];
    while file.write_all(&piece).is_ok() {}
    while file.write_all(&[1]).is_ok() {}
}

fn free_again(folder: &Path) {
    fs::remove_file(folder.join("filler")).unwrap();
}

fn room(disk: &mut Disk, writing: Writing) -> Room {
    disk.look(writing).unwrap().room
}

async fn open(folder: &Folder) -> Store {
    Store::open_with_journal(folder.path(), shanghai(), NOW, MB)
        .await
        .unwrap()
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}

#[test]
fn on_a_full_disk_keys_are_kept_and_come_into_the_database_when_there_is_room() {
    on_a_small_disk(12, |folder| {
        block_on(async {
            let store = open(folder).await;
            let id = seeded(&store, 2).await;
            let (_, attempt) = dialed(&store, id, NOW).await;
            fill(folder.path());
            let mut seq = 0;
            // The log has room of its own for a while; then the disk says no, and the journal takes over.
            while store.statistics().journalled < 20 {
                seq += 1;
                store
                    .keep(keep(attempt, seq, "care", i64::from(seq % 10)))
                    .await
                    .unwrap();
            }
            assert!(
                store
                    .absence()
                    .is_some_and(|absence| matches!(absence.why, Error::DiskFull))
            );
            free_again(folder.path());
            while store.absence().is_some() {
                tokio::task::yield_now().await;
            }
            let mut tool = folder.tool().await;
            let kept: i64 = scalar(&mut tool, "select count(*) from pressed_key").await;
            assert_eq!(kept, i64::from(seq));
            dialed(&store, id, NOW).await;
            store.close().await;
        });
    });
}

#[test]
fn an_import_that_does_not_fit_fails_alone() {
    on_a_small_disk(12, |folder| {
        block_on(async {
            let store = open(folder).await;
            let id = campaign(&store, "july").await;
            import(&store, id, vec![row(0)]).await;
            let (_, attempt) = dialed(&store, id, NOW).await;
            fill(folder.path());
            let rows = (1..9000).map(row).collect();
            let refused = store.apply_import(crate::fixture::plan(id), rows).await.unwrap_err();
            assert!(matches!(refused, Error::DiskFull), "{refused}");
            store.keep(keep(attempt, 1, "care", 1)).await.unwrap();
            free_again(folder.path());
            store.keep(keep(attempt, 2, "food", 1)).await.unwrap();
            store.close().await;
            let mut tool = folder.tool().await;
            assert_eq!(scalar::<i64>(&mut tool, "select kept from attempt").await, 2);
        });
    });
}

#[test]
fn the_reserve_is_given_up_on_a_full_disk_and_made_again_when_there_is_room() {
    on_a_small_disk(20, |folder| {
        let reserve = folder.path().join(RESERVE);
        let mut disk = Disk::new(folder.path(), 10 * MB, 4 * MB);
        assert!(room(&mut disk, Writing::Works) < Room::Low);
        assert_eq!(reserve.metadata().unwrap().len(), 4 * MB);
        // Tight, but not full: new calls wait, the reserve stays.
        let other = folder.path().join("other");
        fs::write(&other, vec![1; 9 * MB as usize]).unwrap();
        assert_eq!(room(&mut disk, Writing::Works), Room::Low);
        assert!(reserve.exists());
        fill(folder.path());
        assert_eq!(room(&mut disk, Writing::Works), Room::Low);
        assert!(!reserve.exists());
        assert!(fs::write(folder.path().join("end"), vec![1; 3 * MB as usize]).is_ok());
        // Room for calls, but not for the reserve as well.
        free_again(folder.path());
        assert_eq!(room(&mut disk, Writing::Works), Room::Low);
        fs::remove_file(&other).unwrap();
        assert!(room(&mut disk, Writing::Works) < Room::Low);
        assert!(reserve.exists());
    });
}

#[test]
fn somebody_is_told_before_calls_are_held() {
    on_a_small_disk(12, |folder| {
        let mut disk = Disk::new(folder.path(), 2 * MB, MB);
        let seen = disk.look(Writing::Works).unwrap();
        assert_eq!((seen.room, seen.free, seen.size), (Room::Enough, 12 * MB, 12 * MB));
        fs::write(folder.path().join("other"), vec![1; 5 * MB as usize]).unwrap();
        assert_eq!(room(&mut disk, Writing::Works), Room::Scarce);
        fill(folder.path());
        assert_eq!(room(&mut disk, Writing::Works), Room::Low);
        free_again(folder.path());
        assert_eq!(room(&mut disk, Writing::Works), Room::Scarce);
    });
}

#[test]
fn what_the_database_says_of_the_disk_gives_the_reserve_up_at_once() {
    let folder = Folder::new();
    fs::create_dir_all(folder.path()).unwrap();
    let mut disk = Disk::new(folder.path(), MB, MB);
    assert!(room(&mut disk, Writing::Works) < Room::Low);
    assert_eq!(room(&mut disk, Writing::Full), Room::Low);
    assert!(!folder.path().join(RESERVE).exists());
    assert!(room(&mut disk, Writing::Works) < Room::Low);
}
