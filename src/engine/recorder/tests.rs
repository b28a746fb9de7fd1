//! Recordings on disk: whole, half-done, and on a disk that fails.

use std::fs;
use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::super::scratch::Scratch;
use super::*;
use crate::moment::Moment;

/// The name of a stretch that makes the recorder panic.
pub(super) const BREAKS: &str = "breaks";

fn ms(millis: u64) -> Moment {
    Moment::ZERO + Duration::from_millis(millis)
}

fn audio(pcm: &[i16]) -> Audio {
    Audio {
        dropped: 0,
        pcm: pcm.to_vec(),
    }
}

fn samples_of(path: &Path) -> Vec<i16> {
    let reader = hound::WavReader::open(path).unwrap();
    assert_eq!((reader.spec().channels, reader.spec().sample_rate), (2, 8_000));
    reader.into_samples().map(Result::unwrap).collect()
}

/// Runs the thread over some jobs and gives back all news.
fn news(jobs: impl FnOnce(Reply) -> Vec<Job>) -> Vec<News> {
    let recorder = Recorder::start(Clock::start()).unwrap();
    let (sender, receiver) = sync_channel(16);
    let reply: Reply = Arc::new(move |_, news| sender.send(news).unwrap());
    let way = recorder.jobs();
    for job in jobs(reply) {
        way.send(job).unwrap();
    }
    drop(way);
    recorder.join();
    receiver.into_iter().collect()
}

#[test]
fn a_recording_opens_at_any_moment_and_is_a_second_and_a_page_behind_at_most() {
    /// Of both channels, a piece as calls send it.
    const PIECE: usize = 16_384;
    /// What a page holds beside the header, and without it.
    const FIRST: usize = (4_096 - 44) / 2;
    const PAGE: usize = 4_096 / 2;

    let folder = Scratch::new();
    let path = folder.path().join("new/7.wav");
    let part = folder.path().join("new/7.wav.part");
    let whole: Vec<i16> = (0..3 * PIECE).map(|n| n as i16).collect();
    let (first, rest) = whole.split_at(PIECE);
    let mut wav = Wav::create(path.clone(), ms(0)).unwrap();
    assert_eq!(samples_of(&part), Vec::<i16>::new());
    wav.append(ms(500), &audio(first)).unwrap();
    assert_eq!(samples_of(&part), Vec::<i16>::new());
    wav.append(ms(1_000), &audio(&rest[..PAGE + 2])).unwrap();
    let pages = FIRST + 8 * PAGE;
    assert_eq!(samples_of(&part), whole[..pages]);
    wav.append(ms(1_899), &audio(&rest[PAGE + 2..])).unwrap();
    assert_eq!(samples_of(&part), whole[..pages]);
    wav.finish().unwrap();
    assert_eq!(samples_of(&path), whole);
    assert!(!part.exists());
}

#[test]
fn a_finished_recording_tells_length_gap_and_checksum() {
    let folder = Scratch::new();
    let path = folder.path().join("8.wav");
    let leg = LegId(8);
    let news = news(|reply| {
        let dropped = Audio {
            dropped: 4_000,
            pcm: vec![9; 1_600],
        };
        vec![
            Job::Begin {
                leg,
                path: path.clone(),
                reply,
            },
            Job::Audio {
                leg,
                audio: audio(&[7; 6_400]),
            },
            Job::End {
                leg,
                audio: dropped,
                gap: 160,
            },
        ]
    });
    let [News::Ended(Some(recorded))] = &news[..] else {
        panic!("{news:?}")
    };
    assert_eq!((recorded.duration_ms, recorded.gap_ms), (1_000, 520));
    assert_eq!(recorded.path, path);
    let whole = [vec![7; 6_400], vec![0; 8_000], vec![9; 1_600]].concat();
    assert_eq!(
        samples_of(&path),
        whole,
        "what was dropped is silence, what follows is in its place"
    );
    let sum: String = Sha256::digest(fs::read(&path).unwrap())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(recorded.sha256, sum);
}

#[test]
fn a_folder_that_cannot_be_made_fails_the_recording_once() {
    let folder = Scratch::new();
    fs::write(folder.path().join("file"), "").unwrap();
    let leg = LegId(1);
    let news = news(|reply| {
        let path = folder.path().join("file/9.wav");
        let pieces = (0..3).map(|_| Job::Audio {
            leg,
            audio: audio(&[0; 16]),
        });
        let end = Job::End {
            leg,
            audio: Audio::default(),
            gap: 0,
        };
        [Job::Begin { leg, path, reply }]
            .into_iter()
            .chain(pieces)
            .chain([end])
            .collect()
    });
    assert_eq!(news, [News::Failed, News::Ended(None)]);
}

#[test]
fn a_full_disk_fails_one_recording_and_not_the_other() {
    let folder = Scratch::new();
    let full = folder.path().join("full.wav");
    let fine = folder.path().join("fine.wav");
    std::os::unix::fs::symlink("/dev/full", folder.path().join("full.wav.part")).unwrap();
    let (one, two) = (LegId(1), LegId(2));
    let news = news(|reply| {
        let mut jobs = Vec::new();
        for (leg, path) in [(one, &full), (two, &fine)] {
            let reply = Arc::clone(&reply);
            jobs.push(Job::Begin {
                leg,
                path: path.clone(),
                reply,
            });
        }
        for leg in [one, two] {
            let audio = audio(&[1; 16]);
            jobs.push(Job::End { leg, audio, gap: 0 });
        }
        jobs
    });
    assert!(
        matches!(&news[..], [News::Failed, News::Ended(None), News::Ended(Some(recorded))] if recorded.path == fine),
        "{news:?}"
    );
    assert!(!full.exists());
}

#[test]
fn a_recording_longer_than_a_header_can_say_fails_before() {
    let folder = Scratch::new();
    let mut wav = Wav::create(folder.path().join("long.wav"), ms(0)).unwrap();
    let forever = Audio {
        dropped: u64::from(u32::MAX),
        pcm: Vec::new(),
    };
    assert!(matches!(wav.append(ms(0), &forever), Err(wav::Error::TooLong { .. })));
}

#[test]
fn what_was_recorded_before_it_could_not_go_on_is_kept() {
    let folder = Scratch::new();
    let path = folder.path().join("cut.wav");
    let leg = LegId(1);
    let news = news(|reply| {
        let forever = Audio {
            dropped: u64::from(u32::MAX),
            pcm: Vec::new(),
        };
        let first = audio(&[7; 1_600]);
        vec![
            Job::Begin {
                leg,
                path: path.clone(),
                reply,
            },
            Job::Audio { leg, audio: first },
            Job::Audio { leg, audio: forever },
            Job::Audio {
                leg,
                audio: audio(&[9; 16]),
            },
            Job::End {
                leg,
                audio: Audio::default(),
                gap: 0,
            },
        ]
    });
    let [News::Failed, News::Ended(Some(recorded))] = &news[..] else {
        panic!("{news:?}")
    };
    assert_eq!((recorded.duration_ms, &recorded.path), (100, &path));
    let mut wav = hound::WavReader::open(&path).unwrap();
    assert!(wav.samples::<i16>().all(|sample| sample.unwrap() == 7));
    assert!(!folder.path().join("cut.wav.part").exists());
}

#[test]
fn a_recording_whose_handling_panics_is_given_up_alone_and_its_leg_is_answered() {
    let folder = Scratch::new();
    let (broken, whole) = (LegId(1), LegId(2));
    let begin = |leg: LegId, reply: &Reply| Job::Begin {
        leg,
        path: folder.path().join(format!("{}.wav", leg.0)),
        reply: Arc::clone(reply),
    };
    let end = |leg| Job::End {
        leg,
        audio: audio(&[5; 16]),
        gap: 0,
    };
    let cut = Cut {
        name: BREAKS.to_owned(),
        from_ms: 0,
        to_ms: 1,
    };
    let news = news(|reply| {
        let breaks = Job::Excerpt { leg: broken, cut };
        vec![
            begin(broken, &reply),
            begin(whole, &reply),
            breaks,
            end(broken),
            end(whole),
        ]
    });
    assert_eq!(news.first(), Some(&News::Failed));
    assert_eq!(news.get(1), Some(&News::Ended(None)));
    assert!(matches!(news.get(2), Some(News::Ended(Some(_)))), "{news:?}");
}
