//! `clock`: two hours forward and back under the running daemon: the wall clock alone, then both clocks.

use std::path::Path;
use std::time::Duration;

use anyhow::Context;

use super::scene::Scene;

/// Where Debian keeps the library that lies about the time.
const LIBRARY: &str = "faketime/libfaketimeMT.so.1";

const TWO_HOURS_S: i64 = 2 * 3_600;

/// Where the clock is put, and how long it stays there.
const STEPS: [(i64, Duration); 5] = [
    (0, Duration::from_secs(25)),
    (TWO_HOURS_S, Duration::from_secs(35)),
    (0, Duration::from_secs(25)),
    (-TWO_HOURS_S, Duration::from_secs(35)),
    (0, Duration::from_secs(25)),
];

/// How long the clock is in the calling window, in both parts.
pub(crate) const SECONDS: f64 = 150.0;

pub(crate) async fn carry_out(scene: &mut Scene, rounds: u32) -> anyhow::Result<()> {
    let library = library()?;
    let file = scene.site.file("clock");
    put(scene, 0)?;
    for round in 1..=rounds {
        for (name, real_monotonic) in [("the wall clock", "1"), ("both clocks", "0")] {
            scene.environment = [
                ("LD_PRELOAD", library.as_str()),
                ("FAKETIME_TIMESTAMP_FILE", &file.to_string_lossy()),
                ("FAKETIME_NO_CACHE", "1"),
                ("FAKETIME_DONT_FAKE_MONOTONIC", real_monotonic),
            ]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .to_vec();
            scene.restart().await?;
            if scene.left().await.is_none_or(|left| left.attempts == 0) {
                scene.begin_campaign().await?;
            }
            for (offset, lasts) in STEPS {
                scene.expect_nothing();
                put(scene, offset)?;
                if offset == 0 {
                    scene.expect_dialing();
                }
                scene
                    .progress(&format!("round {round}: {name} {:+} h", offset / 3_600))
                    .await;
                scene.pass(lasts).await?;
            }
            if name == "the wall clock" {
                scene.stop().await?;
            }
        }
    }
    scene.settle(Duration::from_secs(120)).await?;
    scene.stop().await
}

/// Moves the daemon's clock so many seconds from ours.
fn put(scene: &mut Scene, offset: i64) -> anyhow::Result<()> {
    // As a whole: the library may read at any moment.
    scene.site.write("clock.new", &format!("{offset:+}\n"))?;
    std::fs::rename(scene.site.file("clock.new"), scene.site.file("clock"))?;
    let now = scene.now();
    scene.noticed.offsets.push((now, offset * 1_000));
    Ok(())
}

fn library() -> anyhow::Result<String> {
    let folders = std::fs::read_dir("/usr/lib")?
        .filter_map(Result::ok)
        .map(|entry| entry.path());
    let found = folders
        .map(|folder| folder.join(LIBRARY))
        .find(|file| Path::is_file(file));
    let found = found.context("libfaketime is needed; scripts/setup chaos installs it")?;
    Ok(found.to_string_lossy().into_owned())
}
