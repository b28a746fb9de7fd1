//! The settings file `aftercall.toml`: one file per section; this one is only their sum.
//!
//! Everything is read at start, and again when a reload is asked for (`changes.rs`). A fault names line and column, what was found and what was expected.

mod address;
mod alarm;
mod backup;
mod campaign;
mod changes;
mod console;
mod desk;
mod http;
mod incoming;
mod media;
mod phones;
mod place;
mod retention;
mod secret;
mod sip;
#[cfg(test)]
mod tests;
mod trunk;

use std::path::{Path, PathBuf};

pub use address::{Address, AddressError, Host, SIP_PORT};
pub use alarm::Alarm;
pub use backup::Backup;
pub use campaign::{CampaignFile, CarrierCaps, MissingYear};
pub use changes::{Change, Takes, Told, changes, told};
pub use console::{Console, Protection, Sessions};
pub use desk::Desk;
pub use http::Http;
pub use incoming::Incoming;
pub use media::{Media, Record};
pub use phones::Phones;
pub use place::{Log, Place};
pub use retention::{Kept, Retention};
pub use secret::Secret;
pub use sip::Sip;
pub use trunk::{Assertion, Identity, Privacy, Reliable, Transport, Trunk};

use crate::document::{Document, Fault, Faults};
use secret::Surroundings;

/// All settings of one daemon.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The file; none: they were given as text.
    pub file: Option<PathBuf>,
    /// The folder that relative paths of the file stand in.
    pub folder: PathBuf,
    /// `[place]`: time zone, data folder, prompts, log, drain.
    pub place: Place,
    /// `[sip]`: what holds for all trunks.
    pub sip: Sip,
    /// `[media]`: RTP ports and workers.
    pub media: Media,
    /// `[http]`: metrics and health.
    pub http: Http,
    /// `[incoming]`: how calls from the trunks are answered; none: they are refused.
    pub incoming: Option<Incoming>,
    /// `[console]`: where people open the console; none: it is not served.
    pub console: Option<Console>,
    /// `[desk]`: what agents may dial besides the numbers of their cases.
    pub desk: Desk,
    /// `[phones]`: where the agents' phones register; none: no phone does.
    pub phones: Option<Phones>,
    /// `[alarm]`: where alarms are sent.
    pub alarm: Alarm,
    /// `[backup]`: when the last one is old.
    pub backup: Backup,
    /// `[retention]`: how long what is kept is kept.
    pub retention: Retention,
    /// `[[trunk]]`: at least one.
    pub trunks: Vec<Trunk>,
}

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file could not be read at all.
    #[error("cannot read {file}: {source}; write one with `aftercall check --example > aftercall.toml`")]
    Unreadable {
        /// Which file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// The file is wrong; every fault is listed.
    #[error("{file} cannot be used:\n{}", list(.file, .faults))]
    Faulty {
        /// Which file.
        file: String,
        /// All faults, in the order of the text.
        faults: Vec<Fault>,
    },
}

/// The settings file that `aftercall check --example` prints: every setting with its default and its meaning.
pub const EXAMPLE: &str = include_str!("example.toml");

/// Reads a settings file; the warnings come with it.
pub fn load(file: &Path) -> Result<(Settings, Vec<Fault>), Error> {
    let shown = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|source| Error::Unreadable {
        file: shown.clone(),
        source,
    })?;
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let read = parse_in(&text, folder, &Surroundings::of(file));
    let (mut settings, warnings) = read.map_err(|faults| Error::Faulty { file: shown, faults })?;
    settings.file = Some(file.to_owned());
    Ok((settings, warnings))
}

/// Reads settings from text; relative paths stand in `folder`.
pub fn parse(text: &str, folder: &Path) -> Result<(Settings, Vec<Fault>), Vec<Fault>> {
    parse_in(text, folder, &Surroundings::default())
}

fn parse_in(text: &str, folder: &Path, around: &Surroundings) -> Result<(Settings, Vec<Fault>), Vec<Fault>> {
    let (document, mut faults) = Document::parse(text);
    let root = document.root();
    root.unknown_keys(
        &[
            "place",
            "sip",
            "media",
            "http",
            "incoming",
            "console",
            "desk",
            "phones",
            "alarm",
            "backup",
            "retention",
            "trunk",
        ],
        &mut faults,
    );
    let place = Place::read(root.optional_table("place", &mut faults), folder, &mut faults);
    let sip = Sip::read(root.optional_table("sip", &mut faults), &mut faults);
    let media = Media::read(root.optional_table("media", &mut faults), &mut faults);
    let http = Http::read(root.optional_table("http", &mut faults), &mut faults);
    let incoming = Incoming::read(root.optional_table("incoming", &mut faults), folder, &mut faults);
    let console = Console::read(root.optional_table("console", &mut faults), folder, &mut faults);
    let desk = Desk::read(root.optional_table("desk", &mut faults), &mut faults);
    let phones = Phones::read(root.optional_table("phones", &mut faults), &mut faults);
    let alarm = Alarm::read(root.optional_table("alarm", &mut faults), folder, &mut faults);
    let backup = Backup::read(root.optional_table("backup", &mut faults), &mut faults);
    let retention = Retention::read(root.optional_table("retention", &mut faults), &mut faults);
    let mut trunks = trunk::read_all(&root, folder, around, &media.ports, &mut faults);
    if let Some(incoming) = &incoming {
        incoming.keep_lines_free(&mut trunks);
    }
    if let Some(phones) = &phones {
        phones.check(&trunks, &mut faults);
    }
    finish(
        Settings {
            file: None,
            folder: folder.to_owned(),
            place,
            sip,
            media,
            http,
            incoming,
            console,
            desk,
            phones,
            alarm,
            backup,
            retention,
            trunks,
        },
        faults,
    )
}

fn finish(settings: Settings, faults: Faults) -> Result<(Settings, Vec<Fault>), Vec<Fault>> {
    if faults.has_errors() {
        Err(faults.into_sorted())
    } else {
        Ok((settings, faults.into_sorted()))
    }
}

impl Settings {
    /// The trunk of this name and its place in the list.
    pub fn trunk(&self, name: &str) -> Option<(usize, &Trunk)> {
        self.trunks.iter().enumerate().find(|(_, trunk)| trunk.name == name)
    }
}

/// Faults as lines that an editor can jump to.
pub fn list(file: &str, faults: &[Fault]) -> String {
    faults
        .iter()
        .map(|fault| format!("  {file}:{fault}"))
        .collect::<Vec<_>>()
        .join("\n")
}
