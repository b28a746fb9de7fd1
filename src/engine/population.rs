//! A data folder for measurements: the shipped campaign and questionnaire three times over, a population, recordings
//! that the attempts share.

use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use chrono::Datelike;
use chrono_tz::Tz;

use super::office::stored;
use super::recorder::specimen;
use crate::calendar;
use crate::dialplan;
use crate::moment::Wall;
use crate::store::populate::{self, Filling, Material, Populated, Population, Voice};
use crate::store::{self, DATABASE, NewCampaign, Store};

const DIALPLAN: &str = include_str!("../../dialplans/inpatient-satisfaction.toml");
const CAMPAIGN: &str = include_str!("../../campaigns/inpatient.toml");
/// The name in that file.
const NAMED: &str = "出院满意度回访";
/// The campaigns, the largest first: six, three and one case of ten.
pub const CAMPAIGNS: [&str; 3] = [NAMED, "术后回访", "慢病回访"];

/// The folder of the recordings in the data folder.
const RECORDINGS: &str = "recordings";
/// Where the shared files are, below it. No attempt's folder has such a name.
const SHARED: &str = "shared";
/// Attempts whose recordings lie in one folder.
const A_FOLDER: u64 = 1_000;
/// A journal for a folder in which nobody is called.
const JOURNAL: u64 = 4 << 20;
/// Years of local time before and after the population's day.
const YEARS: i32 = 10;

/// Why a folder was not filled.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is a database already.
    #[error("{} holds a database already; give a folder without one", .0.display())]
    Taken(PathBuf),
    /// The shipped questionnaire does not parse.
    #[error("the questionnaire that is built in has faults; this program is damaged")]
    Damaged,
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The recordings.
    #[error("the recordings in {folder} could not be made: {why}")]
    Recordings {
        /// Which folder.
        folder: PathBuf,
        /// What the system says.
        why: String,
    },
}

/// How far the work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Recordings written, of so many.
    Recordings {
        /// So far.
        done: u64,
        /// Of so many.
        of: u64,
    },
    /// The database.
    Database(Filling),
}

/// Fills a new data folder: `recordings` files, and a database whose recordings are these files under many names. The
/// campaigns are stopped, so that nothing is dialed before somebody starts one.
///
/// # Errors
/// [`Error::Taken`] if there is a database; what disk and database say. What was made till then stays, but for a
/// database that is not whole.
pub async fn populate(
    data: &Path,
    population: Population,
    recordings: u64,
    zone: Tz,
    mut told: impl FnMut(Step),
) -> Result<Populated, Error> {
    if data.join(DATABASE).exists() {
        return Err(Error::Taken(data.to_owned()));
    }
    let mut material = prepare(data, &population, zone).await?;
    let folder = data.join(RECORDINGS).join(SHARED);
    for number in 0..recordings {
        let name = format!("voice-{:04}.wav", number + 1);
        let voice = voice(folder.clone(), name, population.seed, number).await?;
        material.voices.push(voice);
        told(Step::Recordings {
            done: number + 1,
            of: recordings,
        });
    }
    if recordings > 0 {
        let last = population.attempts / A_FOLDER;
        link(&data.join(RECORDINGS), last).map_err(|error| fault(&folder, error))?;
    }
    let populated = populate::fill(data, population, material, |filling| told(Step::Database(filling))).await?;
    Ok(populated)
}

/// The database with its campaigns, made the way that a daemon makes them.
async fn prepare(data: &Path, population: &Population, zone: Tz) -> Result<Material, Error> {
    let now = population.morning;
    let year = calendar::local(now, zone).year();
    let offsets = calendar::offsets(zone, year - YEARS, year + YEARS);
    let dialplan = dialplan::parse(DIALPLAN).map_err(|_| Error::Damaged)?;
    let kept = stored("dialplans/inpatient-satisfaction.toml", DIALPLAN, &dialplan);
    let store = Store::open_with_journal(data, offsets, now, JOURNAL).await?;
    let mut material = Material {
        campaigns: Vec::new(),
        dialplan: kept.hash.clone(),
        questions: kept.questions.clone(),
        voices: Vec::new(),
    };
    store.put_dialplan(kept, now).await?;
    for name in CAMPAIGNS {
        let campaign = NewCampaign {
            name: name.to_owned(),
            file: CAMPAIGN.replace(NAMED, name),
            dialplan: material.dialplan.clone(),
            purpose: None,
            lines: Some(20),
            calls_per_second: Some(2.0),
            now,
        };
        material.campaigns.push(store.add_campaign(campaign).await?);
        store.start_campaign(name, now).await?;
        store.stop_campaign(name, now).await?;
    }
    store.close().await;
    Ok(material)
}

async fn voice(folder: PathBuf, name: String, seed: u64, number: u64) -> Result<Voice, Error> {
    let place = folder.clone();
    let written = tokio::task::spawn_blocking(move || {
        let recorded = specimen::write(&place, &name, seed, number)?;
        Ok::<_, String>(Voice {
            name,
            duration_ms: recorded.duration_ms,
            sha256: recorded.sha256,
        })
    });
    let written = written.await.map_err(|error| fault(&folder, error))?;
    written.map_err(|why| fault(&folder, why))
}

/// The folder of every thousand attempts is a link to the shared one: each of its attempts has a path of its own, and all
/// lead to the same files.
fn link(recordings: &Path, last: u64) -> io::Result<()> {
    for folder in 0..=last {
        match symlink(SHARED, recordings.join(folder.to_string())) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => made?,
        }
    }
    Ok(())
}

fn fault(folder: &Path, why: impl ToString) -> Error {
    Error::Recordings {
        folder: folder.to_owned(),
        why: why.to_string(),
    }
}

/// Nine in the morning of the day of `now`.
pub fn morning(now: Wall, zone: Tz) -> Wall {
    let day = calendar::local(now, zone).date();
    calendar::wall(day.and_time(chrono::NaiveTime::MIN) + chrono::Duration::hours(9), zone)
}
