//! Whether every recording can be played, has the length that its header says, and belongs to a row, and every row to it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::stored::Stored;

/// What is wrong with the recordings of a data folder in which no call is under way.
pub(crate) fn broken(data: &Path, stored: &Stored) -> anyhow::Result<Vec<String>> {
    let mut broken = Vec::new();
    let mut files = BTreeSet::new();
    collect(&data.join("recordings"), &mut files)?;
    let mut named = BTreeSet::new();
    for attempt in &stored.attempts {
        let Some(path) = &attempt.path else { continue };
        let file = [data.join(path), data.join("recordings").join(path)]
            .into_iter()
            .find(|file| file.is_file());
        match file {
            Some(file) => {
                if let Err(error) = plays(&file) {
                    broken.push(format!("{path}: {error:#}"));
                }
                named.insert(file);
            }
            None => broken.push(format!(
                "{path}: attempt {} has it, and there is no such file",
                attempt.id
            )),
        }
    }
    for file in files.difference(&named) {
        broken.push(format!("{}: belongs to no row", file.display()));
    }
    Ok(broken)
}

fn collect(folder: &Path, files: &mut BTreeSet<PathBuf>) -> anyhow::Result<()> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(());
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), files)?;
        } else {
            files.insert(entry.path());
        }
    }
    Ok(())
}

/// Reads all of it, and compares the two lengths of the header (RIFF, and data in a header of 44 octets) with the file's.
fn plays(file: &Path) -> anyhow::Result<()> {
    let reader = hound::WavReader::open(file)?;
    let said = u64::from(reader.len());
    let octets = u64::from(reader.spec().bits_per_sample / 8);
    let mut read = 0_u64;
    for sample in reader.into_samples::<i16>() {
        sample?;
        read += 1;
    }
    let length = fs::metadata(file)?.len();
    let head = length.saturating_sub(said * octets);
    let riff = fs::read(file)?
        .get(4..8)
        .and_then(|octets| octets.try_into().ok())
        .map_or(0, |octets| u64::from(u32::from_le_bytes(octets)));
    anyhow::ensure!(
        read == said && head == 44 && riff + 8 == length,
        "its header says {said} samples and {riff} octets, the file has {length} octets"
    );
    Ok(())
}
