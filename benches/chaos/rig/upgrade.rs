//! `upgrade`: killed in the middle of starting a new version on the data of an older one.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};
use sqlx::Connection;
use sqlx::migrate::Migrator;

use super::scene::{Scene, tell};
use super::site::CAMPAIGN;
use super::stored;

/// Where the migrations are.
const MIGRATIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite");

/// Rows that make a migration take its time.
const IMPORTED: u32 = 20_000;

/// Until the older daemon is killed, with calls on the line.
const OLDER: Duration = Duration::from_secs(20);

pub(crate) async fn carry_out(scene: &mut Scene, rounds: u32) -> anyhow::Result<()> {
    let now = scene.now();
    scene.site.write_idle_campaign(&scene.plan, "idle", now, IMPORTED)?;
    scene.restart().await?;
    scene.command(&["campaign", "add", "idle.toml"]).await?;
    scene
        .command(&["import", "--campaign", "idle", "--due", "now", "idle.csv"])
        .await?;
    scene.begin_campaign().await?;
    scene.pass(OLDER).await?;
    scene.kill().await?;
    tell("the data of an older version is made");
    let newest = make_older(scene).await?;
    // The kills happen to copies in which nobody is dialed; the far end's evidence belongs to the original alone.
    let original = scene.site.file("original");
    copy(&scene.site.data(), &original)?;
    set_state(&scene.site.database(), "stopped").await?;
    let idle = scene.site.file("idle-data");
    copy(&scene.site.data(), &idle)?;
    let takes = time_a_start(scene).await?;
    tell(&format!("a start with migration takes {takes:?}"));
    for round in 1..=rounds {
        replace(&idle, &scene.site.data())?;
        let most = u64::try_from(takes.as_millis())?;
        // Evenly over the start, and a little beyond it.
        let within = scene.chance.millis(
            most * u64::from(round - 1) / u64::from(rounds),
            most * u64::from(round) / u64::from(rounds) + 20,
        );
        scene.launch()?;
        tokio::time::sleep(within).await;
        scene.kill().await?;
        let found = version(&scene.site.database()).await?;
        stored::check_integrity(&scene.site.database()).await?;
        ensure!(
            found == newest || found == newest - 1 || found < newest,
            "the schema is {found}"
        );
        scene.launch()?;
        scene.wait_until_ready().await.context("the start after the kill")?;
        ensure!(
            version(&scene.site.database()).await? == newest,
            "not migrated after all"
        );
        scene.kill().await?;
        scene
            .progress(&format!(
                "upgrade {round} of {rounds}: killed after {within:?}, schema {found}, then {newest}"
            ))
            .await;
    }
    replace(&original, &scene.site.data())?;
    scene.launch()?;
    tokio::time::sleep(takes / 2).await;
    scene.kill().await?;
    // It was copied, so it calls nobody until somebody has looked.
    scene.command(&["thaw", "--yes"]).await?;
    scene.restart().await?;
    scene.settle(Duration::from_secs(240)).await?;
    scene.stop().await
}

/// Turns the database into one of the version before: the same rows under the older schema. The newest version.
async fn make_older(scene: &Scene) -> anyhow::Result<i64> {
    let mut migrator = Migrator::new(Path::new(MIGRATIONS)).await?;
    let newest = migrator
        .iter()
        .map(|migration| migration.version)
        .max()
        .context("a migration")?;
    let older: Vec<_> = migrator
        .iter()
        .filter(|migration| migration.version < newest)
        .cloned()
        .collect();
    migrator = Migrator {
        migrations: older.into(),
        ..Migrator::DEFAULT
    };
    let (present, made) = (scene.site.database(), scene.site.file("older.db"));
    let mut db = stored::open_to_write(&made).await?;
    sqlx::query("pragma journal_mode = wal").execute(&mut db).await?;
    migrator.run(&mut db).await?;
    sqlx::query("pragma foreign_keys = off").execute(&mut db).await?;
    sqlx::query("attach database $1 as newer")
        .bind(present.to_string_lossy().into_owned())
        .execute(&mut db)
        .await?;
    let tables: Vec<(String,)> = sqlx::query_as(
        "select name from main.sqlite_master where type = 'table' and name not like 'sqlite%' and name not like '\\_sqlx%' escape '\\'",
    )
    .fetch_all(&mut db)
    .await?;
    for (table,) in tables {
        let columns: Vec<(String,)> = sqlx::query_as(
            "select o.name from pragma_table_info($1, 'main') o join pragma_table_info($1, 'newer') n on n.name = o.name",
        )
        .bind(&table)
        .fetch_all(&mut db)
        .await?;
        let columns: Vec<String> = columns.into_iter().map(|(name,)| format!("\"{name}\"")).collect();
        let columns = columns.join(", ");
        let copy =
            format!("insert or replace into main.\"{table}\" ({columns}) select {columns} from newer.\"{table}\"");
        sqlx::query(sqlx::AssertSqlSafe(copy)).execute(&mut db).await?;
    }
    db.close().await?;
    for name in ["aftercall.db", "aftercall.db-wal", "aftercall.db-shm"] {
        drop(fs::remove_file(scene.site.data().join(name)));
    }
    fs::rename(&made, &present)?;
    Ok(newest)
}

async fn set_state(database: &Path, state: &str) -> anyhow::Result<()> {
    let mut db = stored::open_to_write(database).await?;
    sqlx::query("update campaign set state = $1 where name = $2")
        .bind(state)
        .bind(CAMPAIGN)
        .execute(&mut db)
        .await?;
    Ok(db.close().await?)
}

async fn version(database: &Path) -> anyhow::Result<i64> {
    let mut db = stored::open_to_write(database).await?;
    let (version,): (i64,) = sqlx::query_as("select max(version) from _sqlx_migrations where success")
        .fetch_one(&mut db)
        .await?;
    db.close().await?;
    Ok(version)
}

/// From the launch until it is ready.
async fn time_a_start(scene: &mut Scene) -> anyhow::Result<Duration> {
    let began = scene.now();
    scene.launch()?;
    scene.wait_until_ready().await?;
    let took = scene.now() - began;
    scene.kill().await?;
    Ok(Duration::from_millis(took.unsigned_abs()))
}

fn replace(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::remove_dir_all(to)?;
    copy(from, to)
}

/// A folder with all that is in it, but for sockets.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    fs::set_permissions(to, fs::metadata(from)?.permissions())?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target: PathBuf = to.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            copy(&entry.path(), &target)?;
        } else if kind.is_file() {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
