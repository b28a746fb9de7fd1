//! Bundles that were sealed, and what people may do to them afterwards.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde_json::json;

use super::*;

/// A folder that is gone after the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("aftercall-proof-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn made(folder: &Path) -> PathBuf {
    let bundle = Bundle {
        name: "call-17".to_owned(),
        sentences: vec!["完成：三题都已作答。".to_owned()],
        ladder: vec![Rung {
            at_ms: Some(0),
            from: Side::Us,
            text: "INVITE".to_owned(),
        }],
        data: vec![("call.json".to_owned(), json!({"id": 17}))],
        recording: Some(vec![7; 200_000]),
        ..Bundle::default()
    };
    let file = folder.join("call-17.zip");
    let to = std::fs::File::create(&file).unwrap();
    write(&bundle, &Seal::of(folder).unwrap(), to, &file).unwrap();
    file
}

/// The same bundle with one file changed, dropped or added.
fn altered(file: &Path, change: impl Fn(&str, Vec<u8>) -> Option<Vec<u8>>, add: Option<&str>) -> PathBuf {
    let to = file.with_extension("altered.zip");
    let mut archive = zip::ZipArchive::new(std::fs::File::open(file).unwrap()).unwrap();
    let mut out = zip::ZipWriter::new(std::fs::File::create(&to).unwrap());
    let options = zip::write::SimpleFileOptions::default();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        if let Some(bytes) = change(&name, bytes) {
            out.start_file(name, options).unwrap();
            out.write_all(&bytes).unwrap();
        }
    }
    if let Some(name) = add {
        out.start_file(name, options).unwrap();
        out.write_all(b"added").unwrap();
    }
    out.finish().unwrap();
    to
}

#[test]
fn a_bundle_verifies_as_it_was_sealed() {
    let folder = Folder::new("whole");
    let verdict = verify(&made(&folder.0)).unwrap();
    assert_eq!(verdict.findings, []);
    assert_eq!(verdict.files, 5);
    assert_eq!(verdict.fingerprint, Some(Seal::of(&folder.0).unwrap().fingerprint()));
}

#[test]
fn a_changed_byte_of_the_recording_is_told() {
    let folder = Folder::new("changed");
    let file = altered(
        &made(&folder.0),
        |name, mut bytes| {
            if name == "recording.wav" {
                bytes[100_000] = 8;
            }
            Some(bytes)
        },
        None,
    );
    assert_eq!(
        verify(&file).unwrap().findings,
        [Finding::Changed("recording.wav".to_owned())]
    );
}

#[test]
fn sums_that_were_made_to_fit_fail_the_signature() {
    let folder = Folder::new("sums");
    let file = altered(
        &made(&folder.0),
        |name, bytes| {
            Some(match name {
                "SHA256SUMS" => String::from_utf8(bytes)
                    .unwrap()
                    .replace("call.json", "case.json")
                    .into_bytes(),
                _ => bytes,
            })
        },
        None,
    );
    let findings = verify(&file).unwrap().findings;
    assert!(findings.contains(&Finding::BadSignature) && findings.contains(&Finding::Missing("case.json".to_owned())));
    assert!(findings.contains(&Finding::Unlisted("call.json".to_owned())));
}

#[test]
fn a_file_that_is_gone_or_was_added_is_told() {
    let folder = Folder::new("gone");
    let file = altered(
        &made(&folder.0),
        |name, bytes| (name != "call.json").then_some(bytes),
        Some("more.txt"),
    );
    let findings = verify(&file).unwrap().findings;
    assert_eq!(
        findings,
        [
            Finding::Missing("call.json".to_owned()),
            Finding::Unlisted("more.txt".to_owned())
        ]
    );
}

#[test]
fn what_is_no_zip_is_told_and_does_no_harm() {
    let folder = Folder::new("nozip");
    let file = folder.0.join("x.zip");
    std::fs::write(&file, b"PK\x03\x04 and nothing more").unwrap();
    assert!(verify(&file).unwrap_err().to_string().contains("no evidence bundle"));
}

/// A stereo recording of one second, silent between two places in milliseconds.
fn wav(silent: std::ops::Range<u32>) -> Vec<u8> {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: 8_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut octets = std::io::Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut octets, spec).unwrap();
    for frame in 0..8_000_u32 {
        let sample = if silent.contains(&(frame / 8)) { 0 } else { 700_i16 };
        writer.write_sample(sample).unwrap();
        writer.write_sample(-sample).unwrap();
    }
    writer.finalize().unwrap();
    octets.into_inner()
}

#[test]
fn a_stretch_that_was_paused_is_silent_or_it_is_told() {
    let folder = Folder::new("paused");
    let paused = |silent| {
        let stretch = json!({"from_ms": 300, "to_ms": 500});
        let bundle = Bundle {
            name: "call-18".to_owned(),
            data: vec![("call.json".to_owned(), json!({"timeline": {"paused": [stretch]}}))],
            recording: Some(wav(silent)),
            ..Bundle::default()
        };
        let file = folder.0.join("call-18.zip");
        let to = std::fs::File::create(&file).unwrap();
        write(&bundle, &Seal::of(&folder.0).unwrap(), to, &file).unwrap();
        verify(&file).unwrap().findings
    };
    assert_eq!(paused(300..500), []);
    assert_eq!(paused(301..500), [Finding::NotSilent(300, 500)]);
}
