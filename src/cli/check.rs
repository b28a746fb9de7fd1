//! `aftercall check`: every fault at once, before the night finds it.

mod disk;
mod private;
mod recordings;
mod secrets;
mod trunk;
mod verdict;
mod work_days;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use super::show;
use crate::config::{self, CampaignFile, Settings};
use crate::dialplan;
use crate::document::{Document, Fault, Faults, Severity};
use crate::engine::checks;
use crate::engine::probe::Question;
use crate::phone::Number;
use crate::rules::RuleSet;

/// Find every fault of settings, dialplans, prompts and campaigns before the night does.
///
/// It checks the settings, and each file named: dialplans, campaigns, rules, settings. Each fault is told with file, line and
/// column; the exit status is 1 if there is one. `run` and `campaign start` refuse on the same faults. It tells who else
/// could read the data folder, and what the next month needs on disk.
///
/// With --recordings it makes every recording and its row agree: cut-off ones are repaired, files of no attempt are put
/// aside in recordings/lost, rows whose file is missing say so.
///
/// With --trunk it asks a trunk instead, and the exit status tells whether calls may be expected to work.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// Dialplan, campaign, rule or settings files; what a file is, its contents tell.
    files: Vec<PathBuf>,
    /// Print a settings file with every setting, its default and its meaning.
    #[arg(long)]
    example: bool,
    /// Ask this trunk by OPTIONS, or by REGISTER where it registers: print what was sent and what came, and name the
    /// setting to change. Works beside a running daemon.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["files", "example"])]
    trunk: Option<String>,
    /// Look through all recordings. Works beside a running daemon.
    #[arg(long, conflicts_with_all = ["files", "example", "trunk"])]
    recordings: bool,
    /// Ask by OPTIONS, whatever the settings say.
    #[arg(long, requires = "trunk", conflicts_with = "register")]
    options: bool,
    /// Ask by REGISTER; the binding is removed again.
    #[arg(long, requires = "trunk")]
    register: bool,
    /// Seconds to wait for an answer of each address.
    #[arg(long, requires = "trunk", value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=64))]
    wait: u64,
    /// The verdict in English.
    #[arg(long, requires = "trunk")]
    english: bool,
    /// Everything as one line of JSON.
    #[arg(long, requires = "trunk")]
    json: bool,
}

impl Check {
    pub(super) fn run(self, config: &Path) -> anyhow::Result<ExitCode> {
        if self.example {
            show::line(config::EXAMPLE.trim_end());
            return Ok(ExitCode::SUCCESS);
        }
        if let Some(name) = &self.trunk {
            let manner = trunk::Manner {
                trunk: name,
                question: match (self.options, self.register) {
                    (true, _) => Some(Question::Options),
                    (_, true) => Some(Question::Register),
                    (false, false) => None,
                },
                wait: Duration::from_secs(self.wait),
                form: match (self.json, self.english) {
                    (true, _) => trunk::Form::Json,
                    (false, true) => trunk::Form::English,
                    (false, false) => trunk::Form::Chinese,
                },
            };
            return trunk::run(&super::settings(config)?, manner);
        }
        if self.recordings {
            let settings = std::sync::Arc::new(super::settings(config)?);
            let found = super::runtime()?.block_on(recordings::run(&settings))?;
            let is_well = found.missing == 0 && found.faults == 0;
            return Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        let mut faults = 0;
        let settings = match config::load(config) {
            Ok((settings, warnings)) => {
                tell(config, &warnings);
                Some(settings)
            }
            // Files can be checked before there are settings.
            Err(config::Error::Unreadable { .. }) if !self.files.is_empty() => None,
            Err(config::Error::Faulty { file, faults: found }) => {
                faults += tell(Path::new(&file), &found);
                None
            }
            Err(error @ config::Error::Unreadable { .. }) => {
                show::line(&error.to_string());
                faults += 1;
                None
            }
        };
        if let Some(settings) = &settings {
            let found = everything(settings);
            found.iter().for_each(|fault| show::line(fault));
            faults += found.len();
            private::warnings(&settings.place.data)
                .iter()
                .for_each(|warning| show::warn(warning));
            let place = &settings.place;
            let today = work_days::today(place);
            if let Some(warning) = work_days::warning(&place.work_calendar, today) {
                show::warn(&warning);
            }
            secrets::hints(settings).iter().for_each(|hint| show::note(hint));
        }
        for file in &self.files {
            faults += file_faults(file, settings.as_ref())?;
        }
        if let Some(settings) = settings.as_ref().filter(|_| self.files.is_empty()) {
            super::runtime()?.block_on(disk::tell(settings))?;
        }
        if faults == 0 {
            show::line("no fault found");
            Ok(ExitCode::SUCCESS)
        } else {
            show::note(&if faults == 1 {
                "1 fault".to_owned()
            } else {
                format!("{faults} fault{}", if faults == 1 { "" } else { "s" })
            });
            Ok(ExitCode::FAILURE)
        }
    }
}

/// What keeps the daemon from starting, beyond the settings file itself.
pub(super) fn everything(settings: &Settings) -> Vec<String> {
    let mut faults = checks::catalogue(settings).err().unwrap_or_default();
    faults.extend(checks::demo_greetings(settings));
    faults.extend(checks::incoming(settings));
    faults.extend(settings.alarm.secret().err());
    faults.extend(private::faults(&settings.place.data));
    faults
}

/// What a file is meant to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meant {
    Settings,
    Campaign,
    Dialplan,
    Rules,
}

/// Rule files have rules. Dialplans have tables of questions, settings have tables of trunks; a campaign names a dialplan and a trunk.
fn meant(text: &str) -> Meant {
    let (document, _) = Document::parse(text);
    let (root, mut unheard) = (document.root(), Faults::default());
    let is_text = |key: &str, unheard: &mut Faults| root.has(key) && root.optional_str(key, unheard).is_some();
    if RuleSet::is_one(text) {
        Meant::Rules
    } else if is_text("trunk", &mut unheard) || is_text("dialplan", &mut unheard) {
        Meant::Campaign
    } else if ["dialplan", "question", "message", "end", "prompts"]
        .iter()
        .any(|key| root.has(key))
    {
        Meant::Dialplan
    } else if [
        "place",
        "sip",
        "media",
        "http",
        "incoming",
        "alarm",
        "backup",
        "retention",
        "trunk",
    ]
    .iter()
    .any(|key| root.has(key))
    {
        Meant::Settings
    } else if ["name", "windows", "retry", "due_after", "budget"]
        .iter()
        .any(|key| root.has(key))
    {
        Meant::Campaign
    } else {
        Meant::Dialplan
    }
}

fn file_faults(file: &Path, settings: Option<&Settings>) -> anyhow::Result<usize> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            show::line(&format!("{}: {error}", file.display()));
            return Ok(1);
        }
    };
    match meant(&text) {
        Meant::Campaign => Ok(campaign_faults(file, &text, settings)),
        Meant::Settings => {
            let faults = config::parse(&text, folder(file)).map_or_else(|faults| faults, |(_, warnings)| warnings);
            Ok(tell(file, &faults))
        }
        Meant::Dialplan => Ok(tell(file, &dialplan_faults(&text, settings))),
        Meant::Rules => {
            let faults = RuleSet::parse(&text).map_or_else(|faults| faults, |(_, warnings)| warnings);
            Ok(tell(file, &faults))
        }
    }
}

fn folder(file: &Path) -> &Path {
    file.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// Tells the faults of a campaign and of the dialplan that it names; how many there are.
fn campaign_faults(file: &Path, text: &str, settings: Option<&Settings>) -> usize {
    let (campaign, mut faults) = match CampaignFile::parse(text) {
        Ok(read) => read,
        Err(faults) => return tell(file, &faults),
    };
    let (document, _) = Document::parse(text);
    let root = document.root();
    let missing = settings.map(|settings| work_days::missing(&campaign, &root, &settings.place));
    faults.extend(missing.into_iter().flatten());
    let mut fault = |key: &str, message: String| {
        let place = root.place_of(key);
        faults.push(Fault {
            severity: Severity::Error,
            line: place.line,
            column: place.column,
            wrong: message.into(),
        });
    };
    let dialplan = folder(file).join(&campaign.dialplan);
    let key = if root.has("trunks") { "trunks" } else { "trunk" };
    let mut trunks = Vec::new();
    for name in &campaign.trunks {
        match settings.map(|settings| settings.trunk(name)) {
            Some(Some((_, trunk))) => {
                let refused = checks::carrier_caps(&campaign, trunk);
                refused.into_iter().for_each(|why| fault("limits", why));
                trunks.push(trunk);
            }
            Some(None) => fault(key, format!("there is no trunk \"{name}\" in the settings")),
            None => {}
        }
    }
    let shown = |caller: &Number| {
        trunks
            .iter()
            .any(|trunk: &&config::Trunk| trunk.callers.numbers.contains(caller))
    };
    if !trunks.is_empty()
        && let Some(caller) = campaign.callers.iter().find(|caller| !shown(caller))
    {
        let caller = caller.reveal();
        fault("callers", format!("none of its trunks has {caller} under `callers`"));
    }
    let mut of_dialplan = Vec::new();
    match std::fs::read_to_string(&dialplan) {
        Err(error) => fault("dialplan", format!("cannot read {}: {error}", dialplan.display())),
        Ok(text) => {
            of_dialplan = dialplan_faults(&text, settings);
            if let Some((settings, dialplan)) = settings.zip(dialplan::parse(&text).ok()) {
                let refused = |trunk: &_| checks::demo_dialplan(settings, trunk, &dialplan);
                for why in trunks.into_iter().filter_map(refused) {
                    fault(key, why);
                }
            }
        }
    }
    tell(file, &faults) + tell(&dialplan, &of_dialplan)
}

fn dialplan_faults(text: &str, settings: Option<&Settings>) -> Vec<Fault> {
    match settings {
        Some(settings) => checks::dialplan_text(settings, text),
        None => dialplan::check_text(text, None),
    }
}

/// Prints faults; how many of them are errors.
fn tell(file: &Path, faults: &[Fault]) -> usize {
    for fault in faults {
        show::line(&format!("{}:{fault}", file.display()));
    }
    faults.iter().filter(|fault| fault.severity == Severity::Error).count()
}
