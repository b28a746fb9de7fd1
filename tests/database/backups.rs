//! Backups of a live database, and the way back from them.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use aftercall::store::backup::{
    Error, Files, MANIFEST, Manifest, NOTED, Origin, Present, RECORDINGS_LIST, backup, note, noted, restore,
};
use aftercall::store::{DATABASE, Store};
use sqlx::SqliteConnection;

use crate::fixture::{Folder, NOW, campaign, dialed, import, keep, minutes, row, scalar, seeded};

fn origin() -> Origin {
    Origin {
        host: "north".into(),
        now: NOW,
    }
}

async fn taken(data: &Folder, target: &Folder, files: Files) -> Manifest {
    backup(data.path(), target.path(), files, origin(), |_| {})
        .await
        .unwrap()
}

/// Rows of the tables that a night fills.
async fn counts(tool: &mut SqliteConnection) -> Vec<i64> {
    let mut counts = Vec::new();
    for sql in [
        "select count(*) from patient",
        "select count(*) from encounter",
        "select count(*) from cases",
        "select count(*) from attempt",
        "select count(*) from answer",
        "select count(*) from recording",
    ] {
        counts.push(scalar::<i64>(tool, sql).await);
    }
    counts
}

async fn with_recording(store: &Store, folder: &Path, n: i64) -> String {
    let path = format!("recordings/0/{n}.wav");
    fs::create_dir_all(folder.join("recordings/0")).unwrap();
    fs::write(folder.join(&path), format!("voice {n}")).unwrap();
    let recording = aftercall::dialer::Recording {
        path: path.clone(),
        duration_ms: 1_000,
        gap_ms: 0,
        sha256: sha256(format!("voice {n}").as_bytes()),
    };
    store
        .add_recording(aftercall::ids::AttemptId(n), recording)
        .await
        .unwrap();
    path
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes)
        .iter()
        .map(|octet| format!("{octet:02x}"))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_load_is_consistent_and_comes_back_with_equal_counts() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = campaign(&store, "july").await;
    import(&store, id, (0..2_000).map(row).collect()).await;
    let loading = tokio::spawn({
        let store = store.clone();
        async move {
            for n in 0..40 {
                let first = 2_000 + 50 * n;
                import(&store, id, (first..first + 50).map(row).collect()).await;
            }
        }
    });
    let target = Folder::new();
    let manifest = taken(&folder, &target, Files::Listed).await;
    loading.await.unwrap();
    assert_eq!(
        scalar::<i64>(&mut folder.tool().await, "select count(*) from patient").await,
        4_000
    );
    let expected = counts(&mut target.tool().await).await;
    // A row is in the copy as a whole or not at all.
    assert!(expected[0] >= 2_000, "{expected:?}");
    assert_eq!((expected[0], expected[0]), (expected[1], expected[2]));
    assert_eq!(fs::metadata(target.path()).unwrap().mode() & 0o777, 0o700);
    for name in [DATABASE, MANIFEST, RECORDINGS_LIST] {
        assert_eq!(
            fs::metadata(target.path().join(name)).unwrap().mode() & 0o777,
            0o600,
            "{name}"
        );
    }
    let written: Manifest = serde_json::from_slice(&fs::read(target.path().join(MANIFEST)).unwrap()).unwrap();
    assert_eq!(written, manifest);
    assert_eq!((manifest.host.as_str(), manifest.at), ("north", NOW));
    store.close().await;

    let back = Folder::new();
    let restored = restore(target.path(), back.path(), Present::Refused, NOW, |_| {})
        .await
        .unwrap();
    assert_eq!((restored.manifest, restored.moved_to), (manifest, None));
    let store = back.open().await;
    assert_eq!(counts(&mut back.tool().await).await, expected);
    store.close().await;
}

#[tokio::test]
async fn recordings_are_listed_taken_and_brought_back() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 3).await;
    let mut paths = Vec::new();
    for _ in 0..3 {
        let (_, attempt) = dialed(&store, id, NOW).await;
        store.keep(keep(attempt, 1, "care", 1)).await.unwrap();
        paths.push(with_recording(&store, folder.path(), attempt.0).await);
    }
    fs::remove_file(folder.path().join(&paths[2])).unwrap();
    let target = Folder::new();
    let manifest = taken(&folder, &target, Files::Taken).await;
    assert_eq!((manifest.recordings, manifest.recordings_missing), (3, 1));
    let list = fs::read_to_string(target.path().join(RECORDINGS_LIST)).unwrap();
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines[0], "path\tbytes\tsha256\tattempt");
    assert_eq!(lines[1], format!("{}\t7\t{}\t1", paths[0], sha256(b"voice 1")));
    assert!(lines[3].contains("\t\t"), "{list}");
    // One that was changed in the backup comes back, and is told.
    fs::remove_file(target.path().join(&paths[1])).unwrap();
    fs::write(target.path().join(&paths[1]), "another").unwrap();
    store.close().await;

    // Into the folder that is in use: refused, then moved aside.
    let refused = restore(target.path(), folder.path(), Present::Refused, NOW, |_| {}).await;
    assert!(matches!(refused, Err(Error::DataNotEmpty { .. })), "{refused:?}");
    let restored = restore(
        target.path(),
        folder.path(),
        Present::MovedAside,
        NOW + minutes(1),
        |_| {},
    )
    .await
    .unwrap();
    assert_eq!((restored.recordings, restored.absent, restored.damaged), (2, 1, 1));
    let aside = restored.moved_to.unwrap();
    assert!(aside.join(DATABASE).exists() && aside.join(&paths[0]).exists());
    assert_eq!(fs::read_to_string(folder.path().join(&paths[0])).unwrap(), "voice 1");
    // What happened after the backup keeps its ids for itself.
    let store = folder.open().await;
    assert!(store.frozen().is_some(), "a restored database calls nobody by itself");
    store.thaw().await.unwrap();
    sqlx::query("update attempt set state = 'ended', ended_at = 1, disposition = 'unknown'")
        .execute(&mut folder.tool().await)
        .await
        .unwrap();
    let (_, next) = dialed(&store, id, NOW + minutes(10)).await;
    assert!(next.0 > 100_000, "{next}");
    store.close().await;
}

#[tokio::test]
async fn a_restore_refuses_what_is_no_whole_backup_of_a_known_schema() {
    let folder = Folder::new();
    let store = folder.open().await;
    seeded(&store, 1).await;
    let target = Folder::new();
    let manifest = taken(&folder, &target, Files::Listed).await;
    let again = backup(folder.path(), target.path(), Files::Listed, origin(), |_| {}).await;
    assert!(matches!(again, Err(Error::NotEmpty { .. })), "{again:?}");
    // A daemon holds the folder.
    let held = restore(target.path(), folder.path(), Present::MovedAside, NOW, |_| {}).await;
    assert!(held.unwrap_err().to_string().contains("is in use by"));
    store.close().await;

    let back = Folder::new();
    let try_with = async |manifest: &Manifest| {
        let text = serde_json::to_vec(manifest).unwrap();
        fs::write(target.path().join(MANIFEST), text).unwrap();
        restore(target.path(), back.path(), Present::Refused, NOW, |_| {}).await
    };
    let newer = Manifest {
        schema: 9_999,
        ..manifest.clone()
    };
    let refused = try_with(&newer).await.unwrap_err();
    assert!(refused.to_string().contains("schema 9999"), "{refused}");
    let other = Manifest {
        database_sha256: "0".repeat(64),
        ..manifest.clone()
    };
    assert!(matches!(try_with(&other).await, Err(Error::Damaged { .. })));
    // A page that went bad on the way, with a checksum that hides it.
    let database = target.path().join(DATABASE);
    let mut bytes = fs::read(&database).unwrap();
    bytes[4_096..8_192].fill(0x5a);
    fs::write(&database, &bytes).unwrap();
    let bad = Manifest {
        database_sha256: sha256(&bytes),
        ..manifest
    };
    assert!(try_with(&bad).await.is_err());
    fs::remove_file(target.path().join(MANIFEST)).unwrap();
    let none = restore(target.path(), back.path(), Present::Refused, NOW, |_| {}).await;
    assert!(matches!(none, Err(Error::NoBackup { .. })), "{none:?}");
    assert!(!back.path().join(DATABASE).exists());
}

#[tokio::test]
async fn a_data_folder_knows_its_last_backup_and_a_restored_one_the_backup_that_it_came_from() {
    let folder = Folder::new();
    let store = folder.open().await;
    assert_eq!(noted(folder.path()).unwrap(), None);
    for days in [0, 3] {
        let at = NOW + std::time::Duration::from_secs(days * 24 * 3600);
        note(folder.path(), Path::new("/backup/monday"), at).unwrap();
        assert_eq!(noted(folder.path()).unwrap().unwrap().at, at);
    }
    let mode = folder.path().join(NOTED).metadata().unwrap().mode();
    assert_eq!(mode & 0o777, 0o600);
    let target = Folder::new();
    let manifest = taken(&folder, &target, Files::Listed).await;
    store.close().await;
    let back = Folder::new();
    restore(target.path(), back.path(), Present::Refused, NOW, |_| {})
        .await
        .unwrap();
    let known = noted(back.path()).unwrap().unwrap();
    assert_eq!(
        (known.at, known.folder),
        (manifest.at, target.path().canonicalize().unwrap().display().to_string())
    );
    fs::write(back.path().join(NOTED), "no").unwrap();
    assert!(noted(back.path()).is_err());
}
