//! Recordings after a crash: cut-off files are whole again, rows and files agree, and no sound is ever thrown away.

use std::fs;
use std::path::Path;

use aftercall::engine::recorder::integrity::{self, IntegrityStep};
use aftercall::engine::recorder::reconcile::{Calls, Reconciled, after_crash, one_folder};
use aftercall::ids::AttemptId;
use aftercall::outcome::Disposition;
use aftercall::store::Store;

use crate::fixture::{Folder, NOW, again, dialed, minutes, scalar, seeded, unanswered};

/// A WAV as the recorder writes it, its header as long as `told` says.
fn wav(path: &Path, frames: usize, told: u32) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: 8_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
    (0..2 * frames).for_each(|n| writer.write_sample(i16::try_from(n % 100).unwrap()).unwrap());
    writer.finalize().unwrap();
    let mut bytes = bytes.into_inner();
    bytes[40..44].copy_from_slice(&told.to_le_bytes());
    fs::write(path, bytes).unwrap();
}

async fn ended(store: &Store, campaign: aftercall::ids::CampaignId) -> AttemptId {
    let (_, attempt) = dialed(store, campaign, NOW).await;
    let finish = unanswered(attempt, NOW, Disposition::Unknown, again(NOW + minutes(600)));
    store.finish(finish).await.unwrap();
    attempt
}

#[tokio::test]
async fn after_a_crash_recordings_are_whole_and_have_their_rows() {
    let folder = Folder::new();
    let store = folder.open().await;
    let campaign = seeded(&store, 5).await;
    let (cut, silent, whole) = (
        ended(&store, campaign).await,
        ended(&store, campaign).await,
        ended(&store, campaign).await,
    );
    let files = folder.path().join("recordings/0");
    wav(&files.join(format!("{cut}.wav.part")), 8_000, 0);
    wav(&files.join(format!("{silent}.wav.part")), 0, 0);
    wav(&files.join(format!("{whole}.wav")), 4_000, 16_000);
    wav(&files.join("777.wav"), 80, 320);
    wav(&files.join("778.wav.part"), 80, 0);
    let done = after_crash(&store, NOW).await.unwrap();
    let expected = Reconciled {
        repaired: 1,
        added: 1,
        empty: 1,
        lost: 2,
        ..Reconciled::default()
    };
    assert_eq!(done, expected);
    let mut tool = folder.tool().await;
    let rows: Vec<(i64, String, u32, String)> =
        sqlx::query_as("select attempt_id, path, duration_ms, sha256 from recording order by attempt_id")
            .fetch_all(&mut tool)
            .await
            .unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!((rows[0].0, rows[0].2), (cut.0, 1_000));
    assert_eq!((rows[1].0, rows[1].2), (whole.0, 500));
    assert_eq!(rows[0].1, format!("recordings/0/{cut}.wav"));
    let read = hound::WavReader::open(folder.path().join(&rows[0].1)).unwrap();
    assert_eq!(read.duration(), 8_000);
    assert!(folder.path().join("recordings/lost/777.wav").exists());
    assert!(folder.path().join("recordings/lost/778.wav.part").exists());
    assert_eq!(after_crash(&store, NOW).await.unwrap(), Reconciled::default());
    store.close().await;
}

#[tokio::test]
async fn a_row_says_since_when_its_file_is_missing_until_it_is_back() {
    let folder = Folder::new();
    let store = folder.open().await;
    let campaign = seeded(&store, 1).await;
    let attempt = ended(&store, campaign).await;
    let file = folder.path().join(format!("recordings/0/{attempt}.wav"));
    wav(&file, 800, 3_200);
    after_crash(&store, NOW).await.unwrap();
    let aside = folder.path().join("elsewhere.wav");
    fs::rename(&file, &aside).unwrap();
    assert_eq!(after_crash(&store, NOW).await.unwrap().missing, 1);
    assert_eq!(
        after_crash(&store, NOW + minutes(1)).await.unwrap(),
        Reconciled::default()
    );
    assert_eq!(store.reader().recordings_missing().await.unwrap(), 1);
    let mut tool = folder.tool().await;
    let since: i64 = scalar(&mut tool, "select missing_since from recording").await;
    assert_eq!(since, NOW.millis());
    fs::rename(&aside, &file).unwrap();
    assert_eq!(after_crash(&store, NOW).await.unwrap().back, 1);
    assert_eq!(store.reader().recordings_missing().await.unwrap(), 0);
    store.close().await;
}

#[tokio::test]
async fn while_calls_go_on_their_files_are_left_alone() {
    let folder = Folder::new();
    let store = folder.open().await;
    let campaign = seeded(&store, 2).await;
    let (_, talking) = dialed(&store, campaign, NOW).await;
    let part = folder.path().join(format!("recordings/0/{talking}.wav.part"));
    wav(&part, 800, 0);
    assert_eq!(
        one_folder(&store, 0, Calls::Perhaps, NOW).await.unwrap(),
        Reconciled::default()
    );
    assert!(part.exists());
    store.close().await;
}

#[tokio::test]
async fn a_changed_byte_is_found_and_told_until_the_recording_is_back() {
    let folder = Folder::new();
    let store = folder.open().await;
    let campaign = seeded(&store, 3).await;
    let (whole, changed, gone) = (
        ended(&store, campaign).await,
        ended(&store, campaign).await,
        ended(&store, campaign).await,
    );
    let file = |attempt: AttemptId| folder.path().join(format!("recordings/0/{attempt}.wav"));
    for attempt in [whole, changed, gone] {
        wav(&file(attempt), 800, 3_200);
    }
    after_crash(&store, NOW).await.unwrap();
    let good = fs::read(file(changed)).unwrap();
    let mut bad = good.clone();
    bad[1_000] ^= 1;
    fs::write(file(changed), bad).unwrap();
    fs::remove_file(file(gone)).unwrap();

    let expected = IntegrityStep {
        compared: 3,
        altered: 1,
        missing: 1,
        faults: 0,
    };
    let now = NOW + minutes(1);
    assert_eq!(integrity::step(&store, NOW, now).await.unwrap(), expected);
    assert_eq!(
        integrity::step(&store, NOW, now).await.unwrap(),
        IntegrityStep::default()
    );
    let standing = store.reader().integrity().await.unwrap();
    assert_eq!((standing.recordings, standing.verified), (3, 3));
    assert_eq!(standing.altered, [(changed, now)]);
    assert_eq!(standing.missing, [(gone, now)]);

    fs::write(file(changed), good).unwrap();
    integrity::step(&store, NOW + minutes(2), NOW + minutes(3))
        .await
        .unwrap();
    assert_eq!(store.reader().altered_recordings().await.unwrap(), 0);
    store.close().await;
}
