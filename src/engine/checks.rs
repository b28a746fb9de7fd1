//! What `check`, `run` and `campaign start` refuse: the same faults, found by the same functions.

use std::path::Path;

use super::catalogue::Catalogue;
use crate::config::{self, CampaignFile, CarrierCaps, Settings};
use crate::dialplan::{self, Dialplan, Prompts, Recorded};
use crate::document::{Document, Fault};

/// The hospital of the shipped greeting: no real patient may hear it.
pub const DEMO_HOSPITAL: &str = "示范医院";

/// All prompts of all languages.
pub fn catalogue(settings: &Settings) -> Result<Catalogue, Vec<String>> {
    let mut all = Catalogue::default();
    let mut faults = Vec::new();
    for language in languages(&settings.place.prompts).map_err(|fault| vec![fault])? {
        match Catalogue::load(&settings.place.prompts.join(&language)) {
            Ok(catalogue) => all.merge(catalogue),
            Err(found) => faults.extend(found.iter().map(ToString::to_string)),
        }
    }
    if faults.is_empty() { Ok(all) } else { Err(faults) }
}

/// The faults of a dialplan against the prompts that are there.
pub fn dialplan(settings: &Settings, dialplan: &Dialplan) -> Vec<Fault> {
    dialplan::check(dialplan, Some(&prompts(settings, dialplan.language())))
}

/// The same for a text that may not even be readable.
pub fn dialplan_text(settings: &Settings, text: &str) -> Vec<Fault> {
    let (document, mut unheard) = Document::parse(text);
    let head = document.root().optional_table("dialplan", &mut unheard);
    let language = head.and_then(|head| head.optional_str("language", &mut unheard));
    // Without a language there is no folder to look for the prompts in; that itself is one of the faults.
    let prompts = language.map(|language| prompts(settings, language));
    dialplan::check_text(text, prompts.as_ref())
}

fn prompts(settings: &Settings, language: &str) -> Prompts {
    // What keeps a catalogue from loading is told by `catalogue`; to the dialplan those prompts are missing.
    let catalogue = Catalogue::load(&settings.place.prompts.join(language)).unwrap_or_default();
    let recorded = |name: &str| {
        let text = catalogue.spoken.get(name).map(|spoken| spoken.text.clone());
        Some(Recorded {
            text,
            duration: catalogue.duration(name)?,
        })
    };
    catalogue
        .names()
        .filter_map(|name| Some((name.to_owned(), recorded(name)?)))
        .collect()
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
    (hospital == DEMO_HOSPITAL).then(|| {
        format!(
            "the greeting still says \"{DEMO_HOSPITAL}\", and trunk \"{}\" is a real one; record your own greeting, or \
             render it: prompts/render --hospital NAME",
            trunk.name
        )
    })
}

/// The same for every trunk and every language of the settings.
pub fn demo_greetings(settings: &Settings) -> Vec<String> {
    // A folder that cannot be read is told by `catalogue`.
    let languages = languages(&settings.place.prompts).unwrap_or_default();
    let of_trunk = |trunk| {
        languages
            .iter()
            .find_map(|language| demo_greeting(settings, trunk, language))
    };
    settings.trunks.iter().filter_map(of_trunk).collect()
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
