//! Verifies a bundle, whoever made it: every sum, the signature over the sums, and that nothing lies in it unlisted.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha2::{Digest as _, Sha256};
use zip::ZipArchive;
use zip::result::ZipError;

use super::bundle::{PUBLIC, RECORDING, SIGNATURE, SUMS, hex};
use super::{Error, seal};

/// A list of sums is no longer than this; a longer one is no bundle of ours.
const SUMS_BYTES: u64 = 1024 * 1024;

/// What happened in the call, as programs read it.
const CALL: &str = "call.json";
/// So many pauses are looked at.
const STRETCHES: usize = 1_000;

/// Something that is wrong with a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It lacks a file that every bundle has, or that its list names.
    Missing(String),
    /// A file is not as it was when it was sealed.
    Changed(String),
    /// A file that nobody sealed.
    Unlisted(String),
    /// The list of sums is not what the key signed.
    BadSignature,
    /// The public key is none that we know.
    BadKey,
    /// A line of the list that cannot be read.
    BadList(String),
    /// The recording is said to have been paused there, from and to in milliseconds, and something is heard.
    NotSilent(u64, u64),
}

impl Finding {
    /// In words.
    pub fn text(&self) -> String {
        match self {
            Self::Missing(name) => format!("缺少文件 {name} / {name} is missing"),
            Self::Changed(name) => format!("文件 {name} 已被改动 / {name} was changed after it was sealed"),
            Self::Unlisted(name) => format!("文件 {name} 不在封存清单中 / {name} was added after it was sealed"),
            Self::BadSignature => "封存清单的签名不符 / the list of sums is not what the key signed".to_owned(),
            Self::BadKey => format!("{PUBLIC} 不是有效公钥 / {PUBLIC} is no Ed25519 key"),
            Self::NotSilent(from, to) => format!(
                "录音在 {from}–{to} 毫秒应为暂停，却有声音 / the recording is said to be paused from {from} to {to} ms, and it is not"
            ),
            Self::BadList(line) => format!("清单中有一行无法读取：{line} / a line of the list cannot be read: {line}"),
        }
    }
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What is wrong; nothing: it is as it was sealed.
    pub findings: Vec<Finding>,
    /// SHA-256 of the public key: it must be the one that the hospital has published.
    pub fingerprint: Option<String>,
    /// How many files were compared.
    pub files: usize,
}

/// Verifies the bundle in a file.
///
/// # Errors
/// [`Error::File`], [`Error::Zip`]: it cannot be read at all.
pub fn verify(path: &Path) -> Result<Verdict, Error> {
    let file = File::open(path).map_err(|source| Error::File {
        file: path.to_owned(),
        source,
    })?;
    let damaged = |source| Error::Zip {
        file: path.to_owned(),
        source,
    };
    let mut archive = ZipArchive::new(file).map_err(damaged)?;
    let mut findings = Vec::new();
    let mut take = |name: &str| match small(&mut archive, name) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(ZipError::FileNotFound) => {
            findings.push(Finding::Missing(name.to_owned()));
            Ok(None)
        }
        Err(error) => Err(damaged(error)),
    };
    let (sums, signature, public) = (take(SUMS)?, take(SIGNATURE)?, take(PUBLIC)?);
    let key = public.and_then(|pem| seal::public_of(&String::from_utf8_lossy(&pem)));
    match (&key, &sums, &signature) {
        (Some(key), Some(sums), Some(signature)) if !seal::signed(key, sums, signature) => {
            findings.push(Finding::BadSignature);
        }
        (None, Some(_), Some(_)) => findings.push(Finding::BadKey),
        (Some(_) | None, _, _) => {}
    }
    let sums = String::from_utf8_lossy(sums.as_deref().unwrap_or_default()).into_owned();
    let mut listed: BTreeSet<String> = [SUMS, SIGNATURE, PUBLIC].map(str::to_owned).into();
    let mut files = 0;
    for line in sums.lines() {
        let Some((sum, name)) = line.split_once("  ") else {
            findings.push(Finding::BadList(line.chars().take(80).collect()));
            continue;
        };
        listed.insert(name.to_owned());
        files += 1;
        match sum_of(&mut archive, name) {
            Ok(found) if found == sum => {}
            Err(ZipError::FileNotFound) => findings.push(Finding::Missing(name.to_owned())),
            // A file whose packing is damaged was changed, too.
            Ok(_) | Err(_) => findings.push(Finding::Changed(name.to_owned())),
        }
    }
    let names = archive.file_names().map(|name| match name {
        Ok(name) => name.into_owned(),
        Err(_) => "?".to_owned(),
    });
    findings.extend(names.filter(|name| !listed.contains(name)).map(Finding::Unlisted));
    findings.extend(sounding(&mut archive));
    Ok(Verdict {
        findings,
        fingerprint: key.map(|key| seal::fingerprint(&key)),
        files,
    })
}

/// Stretches that the call's sheet says were paused and that are not silent. What cannot be read was told of before, or is
/// no recording of ours.
fn sounding(archive: &mut ZipArchive<File>) -> Vec<Finding> {
    let Some(paused) = paused(archive) else {
        return Vec::new();
    };
    let Ok(mut entry) = archive.by_name(RECORDING) else {
        return Vec::new();
    };
    let Ok(mut wav) = hound::WavReader::new(&mut entry) else {
        return Vec::new();
    };
    let spec = wav.spec();
    let a_second = u64::from(spec.sample_rate) * u64::from(spec.channels);
    let mut heard = BTreeSet::new();
    for (place, sample) in (0_u64..).zip(wav.samples::<i16>()) {
        let Ok(sample) = sample else { break };
        if sample != 0 {
            let at = place * 1_000 / a_second.max(1);
            heard.extend(paused.iter().copied().filter(|(from, to)| (*from..*to).contains(&at)));
        }
    }
    heard
        .into_iter()
        .map(|(from, to)| Finding::NotSilent(from, to))
        .collect()
}

/// Where the call's sheet says that the recording was paused.
fn paused(archive: &mut ZipArchive<File>) -> Option<Vec<(u64, u64)>> {
    let sheet: serde_json::Value = serde_json::from_slice(&small(archive, CALL).ok()?).ok()?;
    let stretches = sheet.pointer("/timeline/paused")?.as_array()?;
    let bound = |stretch: &serde_json::Value, name: &str| stretch.get(name)?.as_u64();
    let read = stretches.iter();
    let read = read.filter_map(|stretch| Some((bound(stretch, "from_ms")?, bound(stretch, "to_ms")?)));
    Some(read.take(STRETCHES).collect())
}

fn small(archive: &mut ZipArchive<File>, name: &str) -> Result<Vec<u8>, ZipError> {
    let mut bytes = Vec::new();
    archive.by_name(name)?.take(SUMS_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn sum_of(archive: &mut ZipArchive<File>, name: &str) -> Result<String, ZipError> {
    let mut entry = archive.by_name(name)?;
    let (mut digest, mut piece) = (Sha256::new(), vec![0; 64 * 1024]);
    loop {
        let many = entry.read(&mut piece)?;
        match piece.get(..many) {
            Some(read) if !read.is_empty() => digest.update(read),
            Some(_) | None => return Ok(hex(&digest.finalize())),
        }
    }
}
