//! Files as a crash or a power cut leaves them.

use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::super::super::scratch::Scratch;
use super::super::wav::Wav;
use super::*;
use crate::moment::Moment;

/// The paths of a recording that was cut off after these samples, before its header said anything of them.
fn cut_off(folder: &Scratch, pcm: &[i16]) -> (PathBuf, PathBuf) {
    let path = folder.path().join("0/7.wav");
    let part = folder.path().join("0/7.wav.part");
    drop(Wav::create(path.clone(), Moment::ZERO).unwrap());
    let mut file = OpenOptions::new().append(true).open(&part).unwrap();
    let octets: Vec<u8> = pcm.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    file.write_all(&octets).unwrap();
    (part, path)
}

fn samples_of(path: &Path) -> Vec<i16> {
    let wav = hound::WavReader::open(path).unwrap();
    wav.into_samples().map(Result::unwrap).collect()
}

#[test]
fn a_recording_that_was_cut_off_is_whole_again() {
    let folder = Scratch::new();
    let (part, path) = cut_off(&folder, &[1, 2, 3, 4]);
    // Half a frame more.
    let mut file = OpenOptions::new().append(true).open(&part).unwrap();
    file.write_all(&[9, 9, 9]).unwrap();
    let Repaired::Whole(recorded) = repair(&part, &path).unwrap() else {
        panic!("not repaired")
    };
    assert!(!part.exists());
    assert_eq!(samples_of(&path), [1, 2, 3, 4]);
    assert_eq!(fs::metadata(&path).unwrap().len(), HEADER + 2 * FRAME);
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    let sum: String = Sha256::digest(fs::read(&path).unwrap())
        .iter()
        .map(|octet| format!("{octet:02x}"))
        .collect();
    assert_eq!(recorded.sha256, sum);
    assert_eq!(read(&path).unwrap().unwrap(), recorded);
}

#[test]
fn a_header_that_a_power_cut_lost_is_written_anew() {
    let folder = Scratch::new();
    let (part, path) = cut_off(&folder, &[5, 6, 7, 8]);
    let mut file = OpenOptions::new().write(true).open(&part).unwrap();
    file.write_all(&[0; 44]).unwrap();
    assert!(matches!(repair(&part, &path).unwrap(), Repaired::Whole(_)));
    assert_eq!(samples_of(&path), [5, 6, 7, 8]);
}

#[test]
fn a_file_without_sound_goes() {
    let folder = Scratch::new();
    let (part, path) = cut_off(&folder, &[]);
    assert_eq!(repair(&part, &path).unwrap(), Repaired::Empty);
    fs::write(&part, "").unwrap();
    assert_eq!(repair(&part, &path).unwrap(), Repaired::Empty);
    fs::write(&part, "RIFF").unwrap();
    assert_eq!(repair(&part, &path).unwrap(), Repaired::Empty);
    assert!(!part.exists() && !path.exists());
}

#[test]
fn a_file_of_somebody_else_is_left_as_it_is() {
    let folder = Scratch::new();
    let part = folder.path().join("7.wav.part");
    let text = "a letter that somebody has put here, longer than any header";
    fs::write(&part, text).unwrap();
    assert_eq!(repair(&part, &folder.path().join("7.wav")).unwrap(), Repaired::Foreign);
    assert_eq!(fs::read_to_string(&part).unwrap(), text);
    assert_eq!(read(&part).unwrap(), None);
}
