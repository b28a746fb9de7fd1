//! Loads the prompts of a language folder: the WAVs that its `manifest.toml` names, encoded once.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use crate::media::playout::{Prompt, Prompts};
use crate::media::samples;

/// The file that says what each WAV of a folder speaks.
const MANIFEST: &str = "manifest.toml";

/// A longer prompt is surely a mistake; nobody listens for ten minutes.
const PROMPT_MAX: Duration = Duration::from_secs(600);

/// Why a folder's prompts cannot all be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueFault {
    /// No manifest, or it cannot be read.
    #[error("{path}: {reason}; a prompt folder holds a {MANIFEST} (`prompts/render --manifest` writes it)")]
    ManifestMissing {
        /// Where it was looked for.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// No TOML, or not a manifest.
    #[error("{path}:{line}: {reason}")]
    ManifestBroken {
        /// The manifest.
        path: PathBuf,
        /// Counted from one; zero when the parser cannot tell.
        line: usize,
        /// The parser's words.
        reason: String,
    },
    /// A name that could not be a file's.
    #[error("{path}: {name:?} is no prompt name (letters, digits, _ and -)")]
    NameBad {
        /// The manifest.
        path: PathBuf,
        /// The name.
        name: String,
    },
    /// Two entries of one name.
    #[error("{path}: {name} is named twice")]
    NameTwice {
        /// The manifest.
        path: PathBuf,
        /// The name.
        name: String,
    },
    /// No WAV, or it cannot be read as one.
    #[error("{path}: {reason}; expected a WAV of 8000 Hz, 16 bit, mono")]
    WavUnreadable {
        /// The WAV.
        path: PathBuf,
        /// The system's or the WAV reader's words.
        reason: String,
    },
    /// A WAV in another format than the line's.
    #[error(
        "{path} is {rate} Hz, {bits} bit, {channels} channel(s); expected 8000 Hz, 16 bit, mono: \
         sox IN.wav -r 8000 -c 1 -b 16 OUT.wav"
    )]
    WavFormat {
        /// The WAV.
        path: PathBuf,
        /// Samples per second.
        rate: u32,
        /// Bits per sample.
        bits: u16,
        /// 1 is mono.
        channels: u16,
    },
    /// A WAV without sound, or with far too much of it.
    #[error("{path} plays {seconds} s; expected more than nothing and at most 600 s")]
    WavLength {
        /// The WAV.
        path: PathBuf,
        /// Rounded down.
        seconds: u64,
    },
}

/// What a manifest says of a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct About {
    /// The language tag, `zh-CN`.
    #[serde(default)]
    pub language: String,
    /// The hospital whose name the greeting speaks.
    #[serde(default)]
    pub hospital: String,
    /// Who speaks.
    #[serde(default)]
    pub voice: String,
}

/// What a manifest says of one prompt.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Spoken {
    /// The words.
    #[serde(default)]
    pub text: String,
    /// Whether the voice is synthetic, which the greeting has to say.
    #[serde(default)]
    pub synthetic: bool,
}

#[derive(Deserialize)]
struct Manifest {
    #[serde(flatten)]
    about: About,
    #[serde(default, rename = "prompt")]
    prompts: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    #[serde(flatten)]
    spoken: Spoken,
}

/// Prompts by name, ready to be played.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    /// The audio.
    pub prompts: Prompts,
    /// The words.
    pub spoken: BTreeMap<String, Spoken>,
    /// What the manifest says of them all.
    pub about: About,
}

impl Catalogue {
    /// Loads the folder of one language. Names every fault at once.
    pub fn load(folder: &Path) -> Result<Self, Vec<CatalogueFault>> {
        let path = folder.join(MANIFEST);
        let text = fs::read_to_string(&path).map_err(|error| {
            vec![CatalogueFault::ManifestMissing {
                path: path.clone(),
                reason: error.to_string(),
            }]
        })?;
        let manifest: Manifest = toml::from_str(&text).map_err(|error| {
            let line = error
                .span()
                .and_then(|span| text.get(..span.start))
                .map_or(0, |before| before.matches('\n').count() + 1);
            vec![CatalogueFault::ManifestBroken {
                path: path.clone(),
                line,
                reason: error.message().to_owned(),
            }]
        })?;
        let mut catalogue = Self {
            about: manifest.about,
            ..Self::default()
        };
        let mut faults = Vec::new();
        for Entry { name, spoken } in manifest.prompts {
            if !is_prompt_name(&name) {
                faults.push(CatalogueFault::NameBad {
                    path: path.clone(),
                    name,
                });
                continue;
            }
            if catalogue.spoken.insert(name.clone(), spoken).is_some() {
                faults.push(CatalogueFault::NameTwice {
                    path: path.clone(),
                    name,
                });
                continue;
            }
            match read_wav(&folder.join(format!("{name}.wav"))) {
                Ok(prompt) => {
                    catalogue.prompts.insert(name, Arc::new(prompt));
                }
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() { Ok(catalogue) } else { Err(faults) }
    }

    /// Takes over the prompts of a language's folder, as `zh-CN/greeting`.
    pub fn take(&mut self, language: &str, folder: Self) {
        let named = |name: String| format!("{language}/{name}");
        let prompts = folder.prompts.into_iter();
        self.prompts.extend(prompts.map(|(name, prompt)| (named(name), prompt)));
        let spoken = folder.spoken.into_iter();
        self.spoken.extend(spoken.map(|(name, spoken)| (named(name), spoken)));
    }

    /// The prompt of a name.
    pub fn get(&self, name: &str) -> Option<&Arc<Prompt>> {
        self.prompts.get(name)
    }

    /// All names, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.prompts.keys().map(String::as_str)
    }

    /// How long a prompt plays.
    pub fn duration(&self, name: &str) -> Option<Duration> {
        self.get(name).map(|prompt| prompt.duration())
    }
}

fn is_prompt_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

fn read_wav(path: &Path) -> Result<Prompt, CatalogueFault> {
    let unreadable = |error: hound::Error| CatalogueFault::WavUnreadable {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let reader = hound::WavReader::open(path).map_err(unreadable)?;
    let hound::WavSpec {
        channels,
        sample_rate: rate,
        bits_per_sample: bits,
        sample_format,
    } = reader.spec();
    if (rate, bits, channels, sample_format) != (samples::RATE, 16, 1, hound::SampleFormat::Int) {
        return Err(CatalogueFault::WavFormat {
            path: path.to_owned(),
            rate,
            bits,
            channels,
        });
    }
    let length = samples::duration(u64::from(reader.duration()));
    if length.is_zero() || length > PROMPT_MAX {
        return Err(CatalogueFault::WavLength {
            path: path.to_owned(),
            seconds: length.as_secs(),
        });
    }
    let linear = reader
        .into_samples::<i16>()
        .collect::<Result<Vec<_>, _>>()
        .map_err(unreadable)?;
    Ok(Prompt::encode(&linear))
}

#[cfg(test)]
mod tests;
