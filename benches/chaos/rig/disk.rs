//! `disk`: the file system of the data folder is full, to the last octet, and free again.

use std::fs::{self, File};
use std::io::Write;
use std::time::Duration;

use anyhow::Context;

use super::network;
use super::scene::Scene;

/// Room for what the daemon keeps free by default, its reserves and its work.
const MEGABYTES: u32 = 800;

const FULL: Duration = Duration::from_secs(30);

const FREE: Duration = Duration::from_secs(30);

pub(crate) async fn carry_out(scene: &mut Scene, rounds: u32) -> anyhow::Result<()> {
    fs::create_dir_all(scene.site.data())?;
    network::mount(&scene.site.data(), MEGABYTES).context("the data folder on a file system of its own")?;
    scene.restart().await?;
    scene.begin_campaign().await?;
    for round in 1..=rounds {
        scene.pass(FREE).await?;
        scene.expect_nothing();
        scene
            .progress(&format!("round {round} of {rounds}: the disk fills up"))
            .await;
        let ballast = scene.site.data().join("ballast");
        let mut left = FULL;
        // What the daemon gives free is taken again.
        while !left.is_zero() {
            fill(&ballast)?;
            let step = Duration::from_secs(1);
            scene.pass(step).await?;
            left = left.saturating_sub(step);
        }
        fs::remove_file(&ballast)?;
        scene.expect_dialing();
        scene
            .progress(&format!("round {round} of {rounds}: the disk is free"))
            .await;
    }
    scene.pass(FREE).await?;
    scene.settle(Duration::from_secs(240)).await?;
    scene.stop().await
}

/// Takes the file system away that the data folder was on.
pub(crate) fn give_back(scene: &Scene) -> anyhow::Result<()> {
    network::unmount(&scene.site.data())
}

/// Takes whatever is free.
fn fill(ballast: &std::path::Path) -> anyhow::Result<()> {
    let mut file = File::options().create(true).append(true).open(ballast)?;
    let block = vec![0x55; 64 * 1024];
    let mut size = block.len();
    while size > 0 {
        // Ever smaller, until not even an octet fits.
        while let Ok(written) = file.write(block.get(..size).unwrap_or_default()) {
            if written == 0 {
                break;
            }
        }
        size /= 16;
    }
    Ok(())
}
