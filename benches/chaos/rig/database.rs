//! `database`: another process holds its lock for a minute, then its file is gone for a minute.

use std::fs;
use std::path::Path;
use std::time::Duration;

use sqlx::Connection;

use super::program::Program;
use super::scene::Scene;
use super::stored;

const LASTS: Duration = Duration::from_secs(60);

/// Before, between and after.
const REST: Duration = Duration::from_secs(25);

pub(crate) async fn carry_out(scene: &mut Scene, rounds: u32) -> anyhow::Result<()> {
    scene.restart().await?;
    scene.begin_campaign().await?;
    for round in 1..=rounds {
        scene.pass(REST).await?;
        scene.progress(&format!("round {round}: the database is locked")).await;
        scene.expect_nothing();
        lock(scene).await?;
        scene.expect_dialing();
        scene.progress(&format!("round {round}: it is free")).await;
        scene.pass(REST).await?;
        scene.progress(&format!("round {round}: its file is gone")).await;
        scene.expect_nothing();
        let (there, gone) = (scene.site.database(), scene.site.file("data/away.db"));
        fs::rename(&there, &gone)?;
        let passed = scene.pass(LASTS).await;
        // A daemon that made a new one meanwhile has lost the old one: that is seen by what is missing.
        fs::rename(&gone, &there)?;
        passed?;
        scene.expect_dialing();
        scene.progress(&format!("round {round}: it is back")).await;
        scene.pass(REST).await?;
    }
    scene.settle(Duration::from_secs(240)).await?;
    scene.stop().await
}

async fn lock(scene: &mut Scene) -> anyhow::Result<()> {
    let database = scene.site.database();
    let arguments = ["database", "--lock", &database.to_string_lossy()];
    let program = std::env::current_exe()?;
    let mut holder = Program::start(&program, scene.site.folder(), "lock", &arguments, &[])?;
    scene.pass(LASTS + Duration::from_secs(2)).await?;
    if holder.ended()?.is_none() {
        holder.kill().await?;
    }
    let said = fs::read_to_string(scene.site.file("lock.err")).unwrap_or_default();
    if !said.is_empty() {
        scene
            .noticed
            .mishaps
            .push(format!("the lock could not be held: {said}"));
    }
    Ok(())
}

/// Holds the write lock of a database for a minute.
pub(crate) async fn hold_the_lock(database: &Path) -> anyhow::Result<()> {
    let mut db = stored::open_to_write(database).await?;
    sqlx::query("begin exclusive").execute(&mut db).await?;
    tokio::time::sleep(LASTS).await;
    sqlx::query("rollback").execute(&mut db).await?;
    db.close().await?;
    Ok(())
}
