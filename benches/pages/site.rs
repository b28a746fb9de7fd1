//! A populated data folder with accounts, filled once and kept: its name says what is in it.

use std::fs;
use std::path::{Path, PathBuf};

use aftercall::access::{Access, By, FirstPassword, NewPerson, ROLES, Role};
use aftercall::calendar::{self, DEFAULT_ZONE};
use aftercall::engine::clock::Clock;
use aftercall::engine::population::{self, CAMPAIGNS, Step};
use aftercall::moment::Wall;
use aftercall::pii::Pii;
use aftercall::store::populate::{FORM, Filling, Population};
use aftercall::store::{DATABASE, Store, known_schema};
use anyhow::Context;
use nix::fcntl::{PosixFadviseAdvice, posix_fadvise};
use serde::{Deserialize, Serialize};

/// The password of everybody here.
pub(crate) const PASSWORD: &str = "bench-of-pages-41";
/// The department whose head has an account.
pub(crate) const DEPARTMENT: &str = "骨科";

/// Attempts whose recordings lie in one folder, and files that they share at most.
const A_FOLDER: u64 = 1_000;
/// What was filled in, beside the database.
const NOTE: &str = "population.json";

#[derive(Debug, Serialize, Deserialize)]
struct Note {
    seconds: f64,
    /// As of when, in milliseconds.
    morning: i64,
}

pub(crate) struct Site {
    folder: PathBuf,
    note: Note,
}

impl Site {
    /// The folder, filled if it is not there yet.
    pub(crate) async fn of(patients: u64, attempts: u64, recordings: u64, seed: u64) -> anyhow::Result<Self> {
        let name = format!(
            "{patients}-{attempts}-{recordings}-seed{seed}-schema{}-form{FORM}",
            known_schema()
        );
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages").join(name);
        let note = folder.join(NOTE);
        if !note.exists() {
            if folder.exists() {
                fs::remove_dir_all(&folder)?;
            }
            let morning = population::morning(Clock::start().wall(), DEFAULT_ZONE);
            let population = Population {
                patients,
                attempts,
                seed,
                answers_percent: 25,
                morning,
            };
            let voices = (recordings * A_FOLDER).div_ceil(attempts).clamp(1, A_FOLDER);
            let began = super::now();
            population::populate(&folder, population, voices, DEFAULT_ZONE, tell).await?;
            furnish(&folder, morning).await?;
            let filled = Note {
                seconds: began.elapsed().as_secs_f64(),
                morning: morning.millis(),
            };
            eprintln!("bench: filled in {:.0} s", filled.seconds);
            fs::write(&note, serde_json::to_string(&filled)?)?;
        }
        let text = fs::read_to_string(&note)?;
        let note = serde_json::from_str(&text).with_context(|| format!("{} is damaged; remove it", note.display()))?;
        Ok(Self { folder, note })
    }

    /// The data folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.join(DATABASE)
    }

    /// When the population is as it is.
    pub(crate) const fn morning(&self) -> Wall {
        Wall::from_millis(self.note.morning)
    }

    pub(crate) fn megabytes(&self) -> f64 {
        let size = self.database().metadata().map_or(0, |meta| meta.len());
        size as f64 / 1e6
    }

    /// Puts the database out of the memory, as it is after a start of the machine.
    pub(crate) fn forget(&self) -> anyhow::Result<()> {
        forget(&self.database())
    }
}

/// Puts a file out of the memory.
pub(crate) fn forget(file: &Path) -> anyhow::Result<()> {
    let file = fs::File::open(file)?;
    file.sync_all()?;
    posix_fadvise(&file, 0, 0, PosixFadviseAdvice::POSIX_FADV_DONTNEED)?;
    Ok(())
}

/// Somebody of every role, and the campaigns running but paused: the board has what to show, and nothing is dialed.
async fn furnish(folder: &Path, now: Wall) -> anyhow::Result<()> {
    let offsets = calendar::offsets(DEFAULT_ZONE, 2016, 2046);
    let store = Store::open(folder, offsets, now).await?;
    let access = Access::new(store.clone());
    for role in ROLES {
        let new = NewPerson {
            account: role.word().replace('_', "-"),
            name: role.word().to_owned(),
            role,
            department: (role == Role::DepartmentHead).then(|| DEPARTMENT.to_owned()),
            password: Pii::new(PASSWORD.to_owned()),
        };
        access
            .add_person(By::Terminal("bench"), new, FirstPassword::Chosen, None, now)
            .await?;
    }
    for name in CAMPAIGNS {
        store.start_campaign(name, now).await?;
        store.pause_campaign(name, now).await?;
    }
    store.close().await;
    Ok(())
}

/// On standard error, a line for each tenth.
fn tell(step: Step) {
    let (what, done, of) = match step {
        Step::Recordings { done, of } => ("recordings", done, of),
        Step::Database(Filling::Rows { done, of }) => ("patients and attempts", done, of),
        Step::Database(Filling::Indexes { done, of }) => ("indexes", done, of),
        Step::Database(Filling::Checking) => ("checking", 0, 1),
    };
    if done == of || done % (of / 10).max(1) == 0 {
        eprintln!("bench: {what} {done} of {of}");
    }
}
