//! `aftercall why`: why somebody was called, or not.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::{daemon, runtime, settings, show};
use crate::calendar::Hours;
use crate::config::{CampaignFile, Settings};
use crate::control::Standing;
use crate::dialer::Terms;
use crate::engine::Snapshot;
use crate::engine::clock::Clock;
use crate::http::Client;
use crate::outcome::Language;
use crate::report::why::{self, Bar, House, Plan};
use crate::store::{self, Reader, StoreState};

/// Say why a patient was called or not: one sentence for each follow-up, and the facts under it.
///
/// For everyone: called, waiting, held, closed, or without any follow-up. It goes by what was decided and written down, and
/// for open cases by what a claim would decide right now.
#[derive(Debug, Args)]
pub(super) struct Why {
    /// The patient number, or the number of a visit.
    patient: String,
    /// Only this campaign.
    #[arg(long, value_name = "NAME")]
    campaign: Option<String>,
    /// One line of JSON.
    #[arg(long)]
    json: bool,
    /// In Chinese or in English.
    #[arg(long, value_enum, default_value = "zh")]
    lang: Lang,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Lang {
    /// 中文
    Zh,
    /// English
    En,
}

impl Why {
    pub(super) fn run(self, config: &Path) -> anyhow::Result<ExitCode> {
        let settings = settings(config)?;
        runtime()?.block_on(async {
            let reader = daemon::reader(&settings).await?;
            let asked = self.ask(&settings, &reader).await;
            reader.close().await;
            asked
        })
    }

    async fn ask(&self, settings: &Settings, reader: &Reader) -> anyhow::Result<ExitCode> {
        let language = match self.lang {
            Lang::Zh => Language::Zh,
            Lang::En => Language::En,
        };
        let zone = settings.place.time_zone;
        if let Some(name) = &self.campaign {
            reader.campaign_named(name).await?;
        }
        let (house, hours) = house(settings).await;
        let read = |file: &str| plan(settings, file, hours);
        let known = match why::of(reader, &self.patient, self.campaign.as_deref(), &house, read).await {
            Ok(known) => known,
            Err(store::Error::NoPatient) => {
                show::note(match language {
                    Language::Zh => {
                        "没有找到这位患者：按患者号和就诊号都查过，没有一条记录。可能尚未导入、号码写法不同，或已按要求抹除"
                    }
                    Language::En => {
                        "nobody found: no patient number and no visit number is this one; the list may not have been \
                         imported, the number may be written otherwise, or the patient was erased"
                    }
                });
                return Ok(ExitCode::FAILURE);
            }
            Err(error) => return Err(error.into()),
        };
        let answer = why::answer(known, zone, language);
        if self.json {
            show::json(&answer)?;
        } else {
            for line in why::facts_under(&answer, zone, language) {
                show::line(&line);
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// What a stored campaign file says; nothing if it cannot be read.
fn plan(settings: &Settings, file: &str, hours: Hours) -> Option<Plan> {
    let (file, _) = CampaignFile::parse(file).ok()?;
    let place = &settings.place;
    let schedule = file.schedule(place.time_zone, hours, &place.work_calendar);
    Some(Plan {
        terms: Arc::new(Terms::new(&schedule, &file.retry, &file.limits)),
        trunks: file.trunks,
    })
}

/// How the house stands, as far as the running daemon says it; and whether windows hold in it.
async fn house(settings: &Settings) -> (House, Hours) {
    let client = Client::new(&settings.place.data);
    let now = Clock::start().wall();
    // Nobody on the socket means that no daemon runs.
    let Ok(snapshot) = client.get::<Snapshot>("/v1/status").await else {
        let bars = vec![Bar::NoDaemon];
        let trunks_down = Vec::new();
        return (House { now, bars, trunks_down }, Hours::Windows);
    };
    let state: Option<StoreState> = client.get("/v1/store").await.ok();
    let mut bars = Vec::new();
    if state.is_some_and(|state| state.frozen.is_some()) {
        bars.push(Bar::Frozen);
    } else {
        bars.extend(snapshot.holds.iter().map(|by| Bar::Held { by: by.to_string() }));
    }
    let down = snapshot.trunks.iter().filter(|trunk| trunk.standing == Standing::Down);
    let trunks_down = down.map(|trunk| trunk.name.clone()).collect();
    let hours = client.get("/v1/hours").await.unwrap_or_default();
    (House { now, bars, trunks_down }, hours)
}
