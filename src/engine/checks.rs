//! What `check`, `run` and `campaign start` refuse: the same faults, found by the same functions.

use std::path::Path;

use super::catalogue::Catalogue;
use super::parameters;
use crate::config::{self, CampaignFile, CarrierCaps, Settings};
use crate::dialplan::{self, Calls, Dialplan, Prompts, Recorded};
use crate::document::{Document, Fault, Severity};

/// The hospital of the shipped greetings, in every language: no real patient may hear it.
pub const DEMO_HOSPITALS: [&str; 2] = ["示范医院", "the Demo Hospital"];

/// All prompts of all languages.
pub fn catalogue(settings: &Settings) -> Result<Catalogue, Vec<String>> {
    let mut all = Catalogue::default();
    let mut faults = Vec::new();
    for language in languages(&settings.place.prompts).map_err(|fault| vec![fault])? {
        match Catalogue::load(&settings.place.prompts.join(&language)) {
            Ok(catalogue) => all.take(&language, catalogue),
            Err(found) => faults.extend(found.iter().map(ToString::to_string)),
        }
    }
    if faults.is_empty() { Ok(all) } else { Err(faults) }
}

/// The faults of a dialplan against the prompts that are there.
pub fn dialplan(settings: &Settings, dialplan: &Dialplan) -> Vec<Fault> {
    let languages: Vec<&str> = dialplan.languages().iter().map(String::as_str).collect();
    dialplan::check(dialplan, Some(&prompts(settings, &languages)))
}

/// The same for a text that may not even be readable.
pub fn dialplan_text(settings: &Settings, text: &str) -> Vec<Fault> {
    let (document, mut unheard) = Document::parse(text);
    let head = document.root().optional_table("dialplan", &mut unheard);
    let languages = head.map_or_else(Vec::new, |head| {
        let one = head.optional_str("language", &mut unheard);
        let several = head.strings("languages", &mut unheard);
        one.into_iter()
            .chain(several.into_iter().map(|(language, _)| language))
            .collect()
    });
    // Without a language there is no folder to look for the prompts in; that itself is one of the faults.
    let prompts = (!languages.is_empty()).then(|| prompts(settings, &languages));
    dialplan::check_text(text, prompts.as_ref())
}

/// The prompts of a dialplan in these languages, the first of which it names plainly.
fn prompts(settings: &Settings, languages: &[&str]) -> Prompts {
    let mut prompts = Prompts {
        parameters: parameters::of(&settings.place.prompts, languages),
        calls: match settings.media.record {
            config::Record::Nothing => Calls::NotRecorded,
            config::Record::Calls => Calls::Recorded,
        },
        ..Prompts::default()
    };
    for language in languages {
        // What keeps a catalogue from loading is told by `catalogue`; to the dialplan those prompts are missing.
        let catalogue = Catalogue::load(&settings.place.prompts.join(language)).unwrap_or_default();
        for name in catalogue.names() {
            let Some(duration) = catalogue.duration(name) else {
                continue;
            };
            let text = catalogue.spoken.get(name).map(|spoken| spoken.text.clone());
            let played = if languages.first() == Some(language) {
                name.to_owned()
            } else {
                format!("{language}/{name}")
            };
            prompts.recorded.insert(played, Recorded { text, duration });
        }
    }
    prompts
}

/// Why a campaign may not run over a trunk: it takes the carriers' caps away, and a carrier may be behind it.
pub fn carrier_caps(campaign: &CampaignFile, trunk: &config::Trunk) -> Option<String> {
    let is_refused = campaign.carrier_caps == CarrierCaps::Off && !trunk.is_loopback();
    is_refused.then(|| {
        format!(
            "carrier_caps = \"off\" is for trunks on loopback, and \"{}\" is not on it; take the line out",
            trunk.name
        )
    })
}

/// Why a trunk may not be dialed with this language's greeting: it still holds the demo hospital's name.
pub fn demo_greeting(settings: &Settings, trunk: &config::Trunk, language: &str) -> Option<String> {
    if trunk.is_loopback() {
        return None;
    }
    let hospital = hospital(&settings.place.prompts.join(language))?;
    DEMO_HOSPITALS.contains(&hospital.as_str()).then(|| {
        let other = match language {
            "zh-CN" => String::new(),
            language => format!(" --language {language}"),
        };
        format!(
            "the greeting still says \"{hospital}\", and trunk \"{}\" is a real one; record your own greeting, or \
             render it: prompts/render{other} --hospital NAME",
            trunk.name
        )
    })
}

/// Why a dialplan may not be dialed over a trunk: the greeting of one of its languages does.
pub fn demo_dialplan(settings: &Settings, trunk: &config::Trunk, dialplan: &Dialplan) -> Option<String> {
    let mut languages = dialplan.languages_in_use().into_iter();
    languages.find_map(|language| demo_greeting(settings, trunk, language))
}

/// The same for every trunk, where no language has a greeting of the place's own.
pub fn demo_greetings(settings: &Settings) -> Vec<String> {
    // A folder that cannot be read is told by `catalogue`.
    let languages = languages(&settings.place.prompts).unwrap_or_default();
    let of_trunk = |trunk| {
        let greetings: Vec<_> = languages
            .iter()
            .map(|language| demo_greeting(settings, trunk, language))
            .collect();
        // One language with a name of its own is a place that is set up; `campaign start` looks at those of the dialplan.
        if greetings.iter().any(Option::is_none) {
            return None;
        }
        greetings.into_iter().next_back().flatten()
    };
    settings.trunks.iter().filter_map(of_trunk).collect()
}

/// What keeps calls to us from being answered: their dialplans cannot be read, or are faulty.
pub fn incoming(settings: &Settings) -> Vec<String> {
    let Some(incoming) = &settings.incoming else {
        return Vec::new();
    };
    let mut faults = Vec::new();
    for (key, file) in [("known", &incoming.known), ("unknown", &incoming.unknown)] {
        let shown = file.display();
        match std::fs::read_to_string(file) {
            Err(error) => faults.push(format!("  {shown}: {error}; set `{key}` in [incoming]")),
            Ok(text) => {
                let found = dialplan_text(settings, &text).into_iter();
                let errors = found.filter(|fault| fault.severity == Severity::Error);
                faults.extend(errors.map(|fault| format!("  {shown}:{fault}")));
            }
        }
    }
    faults
}

/// The hospital that the prompts of a folder name, by their manifest.
pub fn hospital(folder: &Path) -> Option<String> {
    let text = std::fs::read_to_string(folder.join("manifest.toml")).ok()?;
    let (document, mut faults) = Document::parse(&text);
    document.root().optional_str("hospital", &mut faults).map(str::to_owned)
}

fn languages(prompts: &Path) -> Result<Vec<String>, String> {
    let failed = |error| format!("  {}: {error}; set `prompts` in [place]", prompts.display());
    let mut languages = Vec::new();
    for entry in std::fs::read_dir(prompts).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.join("manifest.toml").is_file()
            && let Some(name) = path.file_name()
        {
            languages.push(name.to_string_lossy().into_owned());
        }
    }
    languages.sort();
    Ok(languages)
}
