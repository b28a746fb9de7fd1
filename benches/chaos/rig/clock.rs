//! `clock`: two hours forward and back under the running daemon: the wall clock alone, then both clocks.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::time::Duration;

use super::preload;
use super::scene::Scene;

/// The library that moves clocks.
const SOURCE: &str = include_str!("../clocks.c");

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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moved {
    Wall,
    Both,
}

pub(crate) async fn carry_out(scene: &mut Scene, rounds: u32) -> anyhow::Result<()> {
    let library = preload::compile("clocks", SOURCE, scene.site.folder())?;
    let file = scene.site.file("clocks");
    scene.environment = [("LD_PRELOAD", &library), ("CLOCKS", &file)]
        .map(|(key, value)| (key.to_owned(), value.to_string_lossy().into_owned()))
        .to_vec();
    put(scene, Moved::Wall, 0)?;
    scene.restart().await?;
    scene.begin_campaign().await?;
    for round in 1..=rounds {
        for moved in [Moved::Wall, Moved::Both] {
            for (offset, lasts) in STEPS {
                scene.expect_nothing();
                put(scene, moved, offset)?;
                if offset == 0 {
                    scene.expect_dialing();
                }
                let hours = offset / 3_600;
                scene.progress(&format!("round {round}: {moved:?} {hours:+} h")).await;
                scene.pass(lasts).await?;
            }
        }
    }
    scene.settle(Duration::from_secs(120)).await?;
    scene.stop().await
}

/// Moves the daemon's clock so many seconds from ours.
fn put(scene: &mut Scene, moved: Moved, offset: i64) -> anyhow::Result<()> {
    let wall = offset * 1_000_000_000;
    let monotonic = if moved == Moved::Both { wall } else { 0 };
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(scene.site.file("clocks"))?;
    let octets = [wall.to_le_bytes(), monotonic.to_le_bytes()].concat();
    file.write_all_at(&octets, 0)?;
    let now = scene.now();
    scene.noticed.offsets.push((now, offset * 1_000));
    Ok(())
}
