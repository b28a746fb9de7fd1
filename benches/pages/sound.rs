//! A call of ten minutes: its recording, its waveform, a click into it.

use std::f64::consts::TAU;
use std::fs;

use anyhow::{Context, ensure};
use sha2::{Digest as _, Sha256};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use super::browser::Browser;
use super::figures::{Sound, Waits};
use super::known::Known;
use super::site::{Site, forget};

/// Its length.
const SECONDS: u64 = 600;
/// Where is clicked.
const CLICK_S: u64 = 540;
/// Samples of a channel in a second.
const RATE: u32 = 8_000;
/// Octets before the samples, and of a second of both channels.
const HEAD: u64 = 44;
const SECOND: u64 = 4 * RATE as u64;
/// How often what is kept is asked for.
const ROUNDS: usize = 40;
/// Below the recordings.
const FOLDER: &str = "recordings/long";

/// Gives one of the recorded calls a recording of ten minutes that nobody has looked at, and tells which.
pub(crate) async fn put(site: &Site, known: &Known) -> anyhow::Result<i64> {
    let folder = site.folder().join(FOLDER);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let call = *known.calls.last().context("there are recorded calls")?;
    // Another file each time: what was kept of the one before stands for that one.
    let name = format!("{FOLDER}/{}.wav", std::process::id());
    let file = site.folder().join(&name);
    let mut writer = hound::WavWriter::create(
        &file,
        hound::WavSpec {
            channels: 2,
            sample_rate: RATE,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        },
    )?;
    let pitch = 150.0 + f64::from(std::process::id() % 100);
    for at in 0..u32::try_from(SECONDS)? * RATE {
        let seconds = f64::from(at) / f64::from(RATE);
        let swell = (TAU * 0.3 * seconds).sin().abs();
        writer.write_sample((9_000.0 * swell * (TAU * pitch * seconds).sin()) as i16)?;
        writer.write_sample((7_000.0 * (1.0 - swell) * (TAU * 2.0 * pitch * seconds).sin()) as i16)?;
    }
    writer.finalize()?;
    let octets = fs::read(&file)?;
    ensure!(
        octets.len() as u64 == HEAD + SECONDS * SECOND,
        "a WAV file has a head of {HEAD} octets"
    );
    let sha256: String = Sha256::digest(&octets)
        .iter()
        .map(|octet| format!("{octet:02x}"))
        .collect();
    let mut db = SqliteConnectOptions::new().filename(site.database()).connect().await?;
    sqlx::query("update recording set path = $1, sha256 = $2, duration_ms = $3 where attempt_id = $4")
        .bind(&name)
        .bind(sha256)
        .bind(i64::try_from(SECONDS * 1_000)?)
        .bind(call)
        .execute(&mut db)
        .await?;
    db.close().await?;
    forget(&file)?;
    Ok(call)
}

pub(crate) async fn measure(site: &Site, who: &Browser, call: i64) -> anyhow::Result<Sound> {
    let mut browser = who.clone();
    let (peaks, audio) = (format!("/api/calls/{call}/peaks"), format!("/api/calls/{call}/audio"));
    let mut waveform = async || {
        let began = super::now();
        let answer = browser.get(&peaks).await?;
        let took = began.elapsed();
        ensure!(answer.status == 200, "{peaks}: {} {}", answer.status, answer.text());
        Ok(took)
    };
    let mut first = Waits::default();
    first.add(waveform().await?);
    let mut kept = Waits::default();
    for _ in 0..ROUNDS {
        kept.add(waveform().await?);
    }
    let folder = site.folder().join(FOLDER);
    let file = fs::read_dir(&folder)?.next().context("the recording")??.path();
    let mut seek = async || {
        forget(&file)?;
        let began = super::now();
        browser.first_octets(&audio, HEAD + CLICK_S * SECOND).await?;
        anyhow::Ok(began.elapsed())
    };
    let mut clicked = Waits::default();
    clicked.add(seek().await?);
    let mut again = Waits::default();
    for _ in 0..ROUNDS {
        again.add(seek().await?);
    }
    Ok(Sound {
        length_s: SECONDS,
        waveform_ms: first.at(1_000),
        waveform_cached_p50_ms: kept.at(500),
        waveform_cached_p95_ms: kept.at(950),
        seek_first_ms: clicked.at(1_000),
        seek_p50_ms: again.at(500),
        seek_p95_ms: again.at(950),
    })
}
