//! A recording that a crash cut off: its header is made to say what is there, and it gets its final name.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::header::{FRAME, HEADER, header_of};
use super::wav::{hash, sync_folder};
use crate::media::{Recorded, samples};

/// What became of a file.
#[derive(Debug, PartialEq)]
pub(super) enum Repaired {
    /// It is whole now, under its final name. Its gap is not known.
    Whole(Recorded),
    /// There was no sound in it; it is gone.
    Empty,
    /// It is none of the recorder's; it is as it was.
    Foreign,
}

/// Repairs the `.part` file of the recording `path`. Repeated after another crash it comes to the same end.
pub(super) fn repair(part: &Path, path: &Path) -> io::Result<Repaired> {
    let mut file = OpenOptions::new().read(true).write(true).open(part)?;
    let frames = file.metadata()?.len().saturating_sub(HEADER) / FRAME;
    let mut header = Vec::new();
    (&mut file).take(HEADER).read_to_end(&mut header)?;
    // A power cut may leave the length of a file and not its first page.
    let is_blank = header.iter().all(|&octet| octet == 0);
    let is_ours = header.starts_with(b"RIFF") && (frames == 0 || header.get(36..40) == Some(b"data"));
    if !is_blank && !is_ours {
        return Ok(Repaired::Foreign);
    }
    if frames == 0 {
        fs::remove_file(part)?;
        sync_folder(path)?;
        return Ok(Repaired::Empty);
    }
    let Some(header) = header_of(frames) else {
        return Ok(Repaired::Foreign);
    };
    file.set_len(HEADER + frames * FRAME)?;
    file.rewind()?;
    file.write_all(&header)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.sync_all()?;
    let sha256 = hash(&mut file)?;
    fs::rename(part, path)?;
    sync_folder(path)?;
    Ok(Repaired::Whole(Recorded {
        path: path.to_owned(),
        duration_ms: samples::millis(frames),
        gap_ms: 0,
        excerpts: Vec::new(),
        paused: Vec::new(),
        sha256,
    }))
}

/// What a finished recording is: its length and checksum. Nothing if it is no WAV that can be read.
pub(super) fn read(path: &Path) -> io::Result<Option<Recorded>> {
    let mut file = File::open(path)?;
    let frames = match hound::WavReader::new(&file) {
        Ok(wav) => u64::from(wav.duration()),
        Err(hound::Error::IoError(error)) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(error),
        Err(_) => return Ok(None),
    };
    Ok(Some(Recorded {
        path: path.to_owned(),
        duration_ms: samples::millis(frames),
        gap_ms: 0,
        excerpts: Vec::new(),
        paused: Vec::new(),
        sha256: hash(&mut file)?,
    }))
}

#[cfg(test)]
mod tests;
