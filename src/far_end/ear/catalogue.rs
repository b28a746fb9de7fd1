//! The prompts that a patient can know, and the search for the one that begins here.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use realfft::num_complex::Complex32;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

use super::{energy, is_audible};

/// Samples of a prompt's head: 200 ms from its first audible sample.
const HEAD: usize = 1_600;
/// How far before the onset of a sound a head may begin (frames may have been lost there).
pub(super) const BEFORE: usize = 800;
/// Samples that are searched: a head may begin up to 84 ms after the onset.
pub(super) const WINDOW: usize = 3_072;
/// The blocks by which the first and last audible sample of a prompt are found.
const BLOCK: usize = 40;
/// The least normalised correlation of a head.
const ENOUGH: f32 = 0.6;
/// How many candidates are followed at most.
const MOST_CANDIDATES: usize = 24;

/// Why prompts cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The folder cannot be read.
    #[error("cannot read the prompts in {}: {source}", folder.display())]
    Folder {
        /// Which.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is no readable WAV.
    #[error("{} is no WAV that can be read: {source}", file.display())]
    Wav {
        /// Which.
        file: PathBuf,
        /// Why.
        source: hound::Error,
    },
    /// A file has another format than prompts have.
    #[error("{} is not 8 kHz mono 16-bit PCM", file.display())]
    Format {
        /// Which.
        file: PathBuf,
    },
    /// The folder holds no prompt.
    #[error("no .wav file in {} or its folders", folder.display())]
    Empty {
        /// Which.
        folder: PathBuf,
    },
}

/// One known prompt.
pub(super) struct Template {
    pub(super) name: Arc<str>,
    pub(super) samples: Arc<[i16]>,
    /// The first audible sample.
    onset: usize,
    /// One past the last audible sample.
    pub(super) audible_end: usize,
    head: usize,
    head_norm: f32,
    spectrum: Vec<Complex32>,
}

/// All known prompts.
pub(crate) struct Catalogue {
    templates: Vec<Template>,
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
}

/// A prompt whose head is heard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Candidate {
    /// Which template.
    pub(super) template: usize,
    /// Where the prompt's first sample lies, seen from the first sample of the window.
    pub(super) start: i64,
    score: f32,
}

impl Catalogue {
    /// Loads every `*.wav` in a folder and in the folders directly below it (`prompts/zh-CN/…`); a prompt's name is its
    /// file name without the ending.
    pub(crate) fn load(folder: &Path) -> Result<Self, CatalogueError> {
        let mut files = wavs(folder)?;
        for below in entries(folder)?.into_iter().filter(|path| path.is_dir()) {
            files.extend(wavs(&below)?);
        }
        files.sort();
        let prompts: Result<Vec<_>, _> = files.iter().map(|file| read_wav(file)).collect();
        let prompts = prompts?;
        if prompts.is_empty() {
            return Err(CatalogueError::Empty {
                folder: folder.to_owned(),
            });
        }
        Ok(Self::new(prompts))
    }

    /// A catalogue of prompts that are already in memory; a silent one is left out, as nobody can hear it.
    pub(crate) fn new(prompts: Vec<(String, Vec<i16>)>) -> Self {
        let mut planner = RealFftPlanner::<f32>::new();
        let forward = planner.plan_fft_forward(WINDOW);
        let inverse = planner.plan_fft_inverse(WINDOW);
        let templates = prompts
            .into_iter()
            .filter_map(|(name, samples)| Template::new(&name, samples, forward.as_ref()));
        let templates = templates.collect();
        Self {
            templates,
            forward,
            inverse,
        }
    }

    /// How many prompts are known.
    pub(crate) fn len(&self) -> usize {
        self.templates.len()
    }

    pub(super) fn template(&self, index: usize) -> Option<&Template> {
        self.templates.get(index)
    }

    /// Every prompt whose head lies in a window of `WINDOW` samples, the best first.
    pub(super) fn search(&self, window: &[i16]) -> Vec<Candidate> {
        let mut input: Vec<f32> = window.iter().map(|&s| f32::from(s)).collect();
        input.resize(WINDOW, 0.0);
        let energies = running_energy(&input);
        let loudness = loudness(&energies, HEAD);
        let mut spectrum = self.forward.make_output_vec();
        if self.forward.process(&mut input, &mut spectrum).is_err() {
            return Vec::new();
        }
        let mut product = self.inverse.make_input_vec();
        let mut output = self.inverse.make_output_vec();
        let mut found = Vec::new();
        for (index, template) in self.templates.iter().enumerate() {
            for ((to, a), b) in product.iter_mut().zip(&spectrum).zip(&template.spectrum) {
                *to = a * b;
            }
            // The first and last bin of a real signal are real; rounding must not leave a trace there.
            if let [first, .., last] = product.as_mut_slice() {
                (first.im, last.im) = (0.0, 0.0);
            }
            if self.inverse.process(&mut product, &mut output).is_err() {
                continue;
            }
            found.extend(if template.head == HEAD {
                template.best_place(index, &output, &loudness)
            } else {
                template.best_place(index, &output, &self::loudness(&energies, template.head))
            });
        }
        found.sort_by(|a: &Candidate, b| b.score.total_cmp(&a.score));
        found.truncate(MOST_CANDIDATES);
        found
    }
}

impl Template {
    fn new(name: &str, samples: Vec<i16>, forward: &dyn RealToComplex<f32>) -> Option<Self> {
        let audible = |block: &[i16]| is_audible(energy(block), block.len());
        let onset = samples.chunks(BLOCK).position(audible)? * BLOCK;
        let last = samples.chunks(BLOCK).rposition(audible)?;
        let audible_end = ((last + 1) * BLOCK).min(samples.len());
        let head: Vec<i16> = samples
            .iter()
            .skip(onset)
            .take(HEAD.min(audible_end - onset))
            .copied()
            .collect();
        let head_norm = energy(&head).sqrt();
        let mut input: Vec<f32> = head.iter().map(|&s| f32::from(s)).collect();
        input.resize(WINDOW, 0.0);
        let mut spectrum = forward.make_output_vec();
        forward.process(&mut input, &mut spectrum).ok()?;
        let spectrum = spectrum.into_iter().map(|c| c.conj()).collect();
        let (name, head) = (Arc::from(name), head.len());
        Some(Self {
            name,
            samples: samples.into(),
            onset,
            audible_end,
            head,
            head_norm,
            spectrum,
        })
    }

    fn best_place(&self, template: usize, correlation: &[f32], loudness: &[f32]) -> Option<Candidate> {
        let scale = 1.0 / (super::length(WINDOW) * self.head_norm);
        let mut best = (0, ENOUGH);
        for (lag, (&sum, &loud)) in correlation.iter().zip(loudness).enumerate() {
            let score = sum * scale * loud;
            if score > best.1 {
                best = (lag, score);
            }
        }
        let (lag, score) = best;
        let start = i64::try_from(lag).ok()? - i64::try_from(self.onset).ok()?;
        (score > ENOUGH).then_some(Candidate { template, start, score })
    }
}

/// For every place where a head may lie in the window: one over the root of the energy there, zero where nothing is
/// heard.
fn loudness(energies: &[f32], head: usize) -> Vec<f32> {
    let pairs = energies.iter().zip(energies.iter().skip(head));
    let heard = pairs.map(|(before, after)| after - before);
    heard
        .map(|energy| {
            if is_audible(energy, head) {
                1.0 / energy.sqrt()
            } else {
                0.0
            }
        })
        .collect()
}

fn running_energy(samples: &[f32]) -> Vec<f32> {
    let mut sum = 0.0f64;
    let mut sums = vec![0.0];
    sums.extend(samples.iter().map(|&s| {
        sum += f64::from(s) * f64::from(s);
        narrow(sum)
    }));
    sums
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "an energy needs no more than the precision of f32"
)]
fn narrow(value: f64) -> f32 {
    value as f32
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, CatalogueError> {
    let fault = |source| CatalogueError::Folder {
        folder: folder.to_owned(),
        source,
    };
    let listed: Result<Vec<_>, _> = std::fs::read_dir(folder)
        .map_err(fault)?
        .map(|e| e.map(|e| e.path()))
        .collect();
    listed.map_err(fault)
}

fn wavs(folder: &Path) -> Result<Vec<PathBuf>, CatalogueError> {
    let is_wav = |path: &PathBuf| path.extension().is_some_and(|e| e.eq_ignore_ascii_case("wav")) && path.is_file();
    Ok(entries(folder)?.into_iter().filter(is_wav).collect())
}

fn read_wav(file: &Path) -> Result<(String, Vec<i16>), CatalogueError> {
    let fault = |source| CatalogueError::Wav {
        file: file.to_owned(),
        source,
    };
    let mut reader = hound::WavReader::open(file).map_err(fault)?;
    let spec = reader.spec();
    let is_prompt = (spec.channels, spec.sample_rate, spec.bits_per_sample) == (1, 8_000, 16)
        && spec.sample_format == hound::SampleFormat::Int;
    if !is_prompt {
        return Err(CatalogueError::Format { file: file.to_owned() });
    }
    let samples: Result<Vec<i16>, _> = reader.samples::<i16>().collect();
    let name = file
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    Ok((name, samples.map_err(fault)?))
}
