//! One recording on disk: a WAV that any player opens at any moment, under its final name only when it is whole.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::Audio;
use crate::media::{Recorded, samples};
use crate::moment::Moment;

/// How often the header is made true: with every piece that a call sends, one a second.
const REFRESH: Duration = Duration::from_millis(900);

/// 12 hours, far over any call and far under what a WAV header can say.
const FRAMES_MAX: u64 = 12 * 3_600 * samples::RATE as u64;

/// Samples per channel of silence that are written at once.
const SILENCE: usize = 2_000;

/// Why a recording cannot go on.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error("{step} {path}: {source}")]
    System {
        step: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("write {path}: {source}")]
    Write { path: PathBuf, source: hound::Error },
    #[error("write {path}: longer than 12 hours")]
    TooLong { path: PathBuf },
}

pub(super) struct Wav {
    path: PathBuf,
    part: PathBuf,
    /// The same open file as the writer's.
    file: File,
    writer: Writer,
    frames: u64,
    refreshed: Moment,
}

type Writer = hound::WavWriter<File>;

impl Wav {
    /// Creates the folder if need be, and the file with `.part` appended to its name.
    pub(super) fn create(path: PathBuf, now: Moment) -> Result<Self, Error> {
        let mut part = OsString::from(&path);
        part.push(".part");
        let part = PathBuf::from(part);
        let system = |step| {
            let path = part.clone();
            move |source| Error::System { step, path, source }
        };
        if let Some(folder) = path.parent() {
            let mut private = DirBuilder::new();
            private.recursive(true).mode(0o700);
            private.create(folder).map_err(system("create the folder of"))?;
        }
        // Voices of patients: nobody but the daemon's user.
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(true).mode(0o600);
        let file = options.open(&part).map_err(system("create"))?;
        let spec = hound::WavSpec {
            channels: 2,
            sample_rate: samples::RATE,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let clone = file.try_clone().map_err(system("open"))?;
        let write = |source| Error::Write {
            path: part.clone(),
            source,
        };
        let begun = Writer::new(clone, spec).and_then(|mut writer| writer.flush().map(|()| writer));
        let writer = begun.map_err(write).inspect_err(|_| {
            // There is no sound in it. What cannot be removed is removed at the next start.
            drop(fs::remove_file(&part));
        })?;
        Ok(Self {
            path,
            part,
            file,
            writer,
            frames: 0,
            refreshed: now,
        })
    }

    pub(super) fn append(&mut self, now: Moment, audio: &Audio) -> Result<(), Error> {
        let length = audio.dropped.saturating_add(audio.pcm.len() as u64 / 2);
        if self.frames.saturating_add(length) > FRAMES_MAX {
            return Err(Error::TooLong {
                path: self.part.clone(),
            });
        }
        let part = &self.part;
        let error = |source| Error::Write {
            path: part.clone(),
            source,
        };
        let silence = [0; 2 * SILENCE];
        let mut dropped = usize::try_from(audio.dropped).unwrap_or(usize::MAX);
        while dropped > 0 {
            let length = dropped.min(SILENCE);
            write(&mut self.writer, silence.get(..2 * length).unwrap_or_default()).map_err(error)?;
            dropped -= length;
        }
        write(&mut self.writer, &audio.pcm).map_err(error)?;
        self.frames += length;
        if now.since(self.refreshed) >= REFRESH {
            self.writer.flush().map_err(error)?;
            self.refreshed = now;
        }
        Ok(())
    }

    /// Its final name, and the one that it has till then.
    pub(super) fn names(&self) -> (PathBuf, PathBuf) {
        (self.path.clone(), self.part.clone())
    }

    /// The open file once more, for whoever makes its file system durable.
    pub(super) fn handle(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// Makes it durable under its final name. The gap is the caller's to fill in.
    pub(super) fn finish(self) -> Result<Recorded, Error> {
        let Self {
            path,
            part,
            mut file,
            writer,
            frames,
            ..
        } = self;
        let system = |step: &'static str, path: &Path| {
            let path = path.to_owned();
            move |source| Error::System { step, path, source }
        };
        writer.finalize().map_err(|source| Error::Write {
            path: part.clone(),
            source,
        })?;
        file.sync_all().map_err(system("sync", &part))?;
        let sha256 = hash(&mut file).map_err(system("read back", &part))?;
        fs::rename(&part, &path).map_err(system("rename", &part))?;
        sync_folder(&path).map_err(system("sync the folder of", &path))?;
        Ok(Recorded {
            path,
            duration_ms: samples::millis(frames),
            gap_ms: 0,
            excerpts: Vec::new(),
            paused: Vec::new(),
            sha256,
        })
    }
}

/// Makes the name of a file durable.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// One system call for all of `pcm`.
fn write(writer: &mut Writer, pcm: &[i16]) -> Result<(), hound::Error> {
    let Ok(count) = u32::try_from(pcm.len()) else {
        return Err(hound::Error::TooWide);
    };
    let mut samples = writer.get_i16_writer(count);
    for &sample in pcm {
        samples.write_sample(sample);
    }
    samples.flush()
}

/// The header changes until the end, so the file is hashed as it finally is.
pub(super) fn hash(file: &mut File) -> io::Result<String> {
    file.rewind()?;
    let mut hasher = Sha256::new();
    let mut chunk = vec![0; 64 * 1_024];
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()),
            count => hasher.update(chunk.get(..count).unwrap_or_default()),
        }
    }
}
