//! `power`: as `kill`, and what was not synced is gone.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, ensure};

use super::Work;
use super::kill::Pauses;
use super::preload;
use super::scene::Scene;
use super::undo::{Dropped, undo};

/// The library that remembers what was not synced.
const SOURCE: &str = include_str!("../unsynced.c");

/// Where it works.
struct Cut {
    folder: PathBuf,
    trash: PathBuf,
    log: PathBuf,
    library: PathBuf,
}

impl Cut {
    /// Compiles the library, for a folder.
    fn prepare(site: &Path, folder: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(site)?;
        let cut = Self {
            folder: folder.to_owned(),
            trash: site.join("trash"),
            log: site.join("unsynced.log"),
            library: preload::compile("unsynced", SOURCE, site)?,
        };
        fs::create_dir_all(&cut.trash)?;
        // As the daemon itself makes it.
        DirBuilder::new().recursive(true).mode(0o700).create(&cut.folder)?;
        fs::write(&cut.log, "")?;
        Ok(cut)
    }

    fn environment(&self) -> Vec<(String, String)> {
        [
            ("LD_PRELOAD", &self.library),
            ("UNSYNCED_FOLDER", &self.folder),
            ("UNSYNCED_LOG", &self.log),
            ("UNSYNCED_TRASH", &self.trash),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_string_lossy().into_owned()))
        .to_vec()
    }

    fn undo(&self) -> anyhow::Result<Dropped> {
        let dropped = undo(&self.folder, &self.trash, &self.log)?;
        // Shared memory is never on the disk.
        drop(fs::remove_file(self.folder.join("aftercall.db-shm")));
        Ok(dropped)
    }
}

pub(crate) async fn carry_out(scene: &mut Scene, work: &Work, rounds: u32) -> anyhow::Result<()> {
    prove(scene.site.folder())?;
    let cut = Cut::prepare(scene.site.folder(), &scene.site.data())?;
    scene.environment = cut.environment();
    scene.restart().await?;
    scene.begin_campaign().await?;
    let pauses = Pauses::of(work);
    for round in 1..=rounds {
        let pause = pauses.draw(scene);
        scene.pass(pause).await?;
        scene.kill().await?;
        let dropped = cut.undo()?;
        let (contents, names) = (dropped.contents, dropped.names);
        scene.launch()?;
        scene.expect_dialing();
        scene
            .progress(&format!(
                "power {round} of {rounds} after {pause:?}, {contents} writes and {names} names dropped"
            ))
            .await;
    }
    scene.wait_until_ready().await?;
    scene.settle(Duration::from_secs(300)).await?;
    scene.stop().await
}

/// Proves the library on the host's own commands: what was synced stays, what was not is gone.
fn prove(site: &Path) -> anyhow::Result<()> {
    let cut = Cut::prepare(&site.join("proof"), &site.join("proof/data")).context("the proof of the library")?;
    let steps: &[&[&str]] = &[
        &["dd", "of=whole", "if=input"],
        &["sync", "-f", "whole"],
        &["dd", "of=kept", "conv=fsync", "if=input"],
        &["dd", "of=changed", "conv=fsync", "if=input"],
        &["dd", "of=moved", "conv=fsync", "if=input"],
        &["dd", "of=removed", "conv=fsync", "if=input"],
        &["dd", "of=settled", "conv=fsync", "if=input"],
        &["mv", "settled", "settled-moved"],
        &["sync", "."],
        &["dd", "of=lost", "if=input"],
        &["dd", "of=changed", "conv=notrunc", "if=other", "seek=2", "bs=1"],
        &["truncate", "--size=1", "kept"],
        &["mv", "moved", "moved-away"],
        &["rm", "removed"],
    ];
    fs::write(cut.folder.join("input"), "before\n")?;
    fs::write(cut.folder.join("other"), "after, and longer\n")?;
    for step in steps {
        let (program, arguments) = step.split_first().context("a command")?;
        let ran = Command::new(program)
            .args(arguments)
            .current_dir(&cut.folder)
            .envs(cut.environment())
            .output()
            .with_context(|| format!("{step:?}"))?;
        ensure!(
            ran.status.success(),
            "{step:?}: {}",
            String::from_utf8_lossy(&ran.stderr)
        );
    }
    let changed = fs::read_to_string(cut.folder.join("changed"))?;
    ensure!(changed != "before\n", "the proof changed nothing");
    cut.undo()?;
    for name in ["whole", "kept", "changed", "moved", "removed", "settled-moved"] {
        let found = fs::read_to_string(cut.folder.join(name)).with_context(|| format!("{name} was synced"))?;
        ensure!(found == "before\n", "{name} was synced as \"before\", and is {found:?}");
    }
    for name in ["lost", "moved-away", "settled"] {
        ensure!(
            !cut.folder.join(name).exists(),
            "{name} was not synced, and is still there"
        );
    }
    Ok(())
}
