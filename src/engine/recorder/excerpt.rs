//! Spoken answers as files of their own: `12.improve.wav` beside `12.wav`, the patient's channel alone.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::Cut;
use super::wav::{hash, sync_folder};
use crate::media::samples;

/// Cuts a stretch out of a finished recording; the SHA-256 of the new file.
///
/// # Errors
/// What the system or the reader of WAVs says; then there is no such file.
pub(super) fn cut(recording: &Path, cut: &Cut) -> io::Result<String> {
    let mut wav = hound::WavReader::open(recording).map_err(io::Error::other)?;
    let channels = usize::from(wav.spec().channels.max(1));
    let frames = |ms: u32| u64::from(ms) * samples::PER_MS;
    let from = frames(cut.from_ms).min(u64::from(wav.duration()));
    let count = frames(cut.to_ms).saturating_sub(from);
    wav.seek(u32::try_from(from).unwrap_or(u32::MAX))?;
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let patient = wav.samples::<i16>().step_by(channels).take(count);

    let path = recording.with_extension(format!("{}.wav", cut.name));
    let mut part = OsString::from(&path);
    part.push(".part");
    let part = PathBuf::from(part);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(&part)?;
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: samples::RATE,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::new(io::BufWriter::new(file.try_clone()?), spec).map_err(io::Error::other)?;
    for sample in patient {
        writer
            .write_sample(sample.map_err(io::Error::other)?)
            .map_err(io::Error::other)?;
    }
    writer.finalize().map_err(io::Error::other)?;
    file.sync_all()?;
    let sha256 = hash(&mut file)?;
    fs::rename(&part, &path)?;
    sync_folder(&path)?;
    Ok(sha256)
}

/// Removes what was cut out of a recording, as far as it is there.
///
/// # Errors
/// What the system says of the first file that resists.
pub fn remove_all(recording: &Path) -> io::Result<()> {
    let (Some(folder), Some(stem)) = (recording.parent(), recording.file_stem()) else {
        return Ok(());
    };
    let begins = format!("{}.", stem.to_string_lossy());
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let rest = name.strip_prefix(&begins).unwrap_or_default();
        if rest.ends_with(".wav") || rest.ends_with(".wav.part") {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::super::super::scratch::Scratch;
    use super::*;

    #[test]
    fn a_stretch_of_the_patients_channel_becomes_a_file_that_goes_with_the_recording() {
        let folder = Scratch::new();
        let recording = folder.path().join("12.wav");
        let both: Vec<i16> = (0..16_000).flat_map(|frame| [frame, -1]).collect();
        folder.wav("12.wav", 2, samples::RATE, &both);
        let stretch = |name: &str, from_ms, to_ms| Cut {
            name: name.to_owned(),
            from_ms,
            to_ms,
        };
        let sha256 = cut(&recording, &stretch("improve", 500, 1_250)).unwrap();
        let path = folder.path().join("12.improve.wav");
        let heard: Vec<i16> = hound::WavReader::open(&path)
            .unwrap()
            .samples()
            .map(Result::unwrap)
            .collect();
        assert_eq!((heard.len(), heard[0], heard[5_999]), (6_000, 4_000, 9_999));
        assert_eq!(sha256, hash(&mut File::open(&path).unwrap()).unwrap());
        // Past the end there is nothing to cut.
        cut(&recording, &stretch("late", 9_000, 10_000)).unwrap();
        File::create(folder.path().join("123.wav")).unwrap();
        remove_all(&recording).unwrap();
        let mut left: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        left.sort();
        assert_eq!(left, ["12.wav", "123.wav"]);
        cut(&folder.path().join("13.wav"), &stretch("improve", 0, 1)).unwrap_err();
    }
}
