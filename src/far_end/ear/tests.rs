//! The ear on speech-like noise: any offset, back to back, cut, repeated, on a lossy line, and with common beginnings.

use std::sync::Arc;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::far_end::g711::Law;

use super::*;

/// Words of coloured noise with pauses between them, as loud as a prompt.
fn speech(seed: u64, samples: usize) -> Vec<i16> {
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let mut out: Vec<i16> = Vec::new();
    while out.len() < samples {
        let word = 1_200 + usize::try_from(chance.next_u32() % 2_400).unwrap();
        let colour = 0.5 + 0.45 * (chance.next_u32() as f32 / u32::MAX as f32);
        let mut low = 0.0f32;
        for n in 0..word {
            let white = chance.next_u32() as f32 / u32::MAX as f32 - 0.5;
            low = colour * low + (1.0 - colour) * white;
            let swell = (n as f32 / word as f32 * std::f32::consts::PI).sin();
            out.push((low * swell * 20_000.0) as i16);
        }
        out.resize(out.len() + 300 + usize::try_from(chance.next_u32() % 2_000).unwrap(), 0);
    }
    out.truncate(samples);
    out
}

struct Line {
    listener: Listener,
    events: Vec<Event>,
    law: Law,
}

impl Line {
    fn new(prompts: &[(&str, Vec<i16>)]) -> Self {
        let prompts = prompts.iter().map(|(n, s)| ((*n).to_owned(), s.clone())).collect();
        let law = Law::Pcma;
        Self {
            listener: Listener::new(Arc::new(Catalogue::new(prompts)), law),
            events: Vec::new(),
            law,
        }
    }

    /// Sends audio in packets of 20 ms; `lost` says which packets never come.
    fn hears_with_loss(mut self, audio: &[i16], lost: impl Fn(usize) -> bool) -> (Vec<Heard>, u64) {
        for (n, packet) in audio.chunks(160).enumerate() {
            let octets: Vec<u8> = packet.iter().map(|&s| self.law.encode(s)).collect();
            if !lost(n) {
                self.listener
                    .take(u64::try_from(n * 160).unwrap(), &octets, &mut self.events);
            }
        }
        self.listener.finish(&mut self.events);
        let heard = self.events.into_iter().filter_map(|event| match event {
            Event::Ended(heard) => Some(heard),
            Event::Began { .. } => None,
        });
        (heard.collect(), self.listener.unrecognised())
    }

    fn hears(self, audio: &[i16]) -> (Vec<Heard>, u64) {
        self.hears_with_loss(audio, |_| false)
    }
}

fn silence(samples: usize) -> Vec<i16> {
    vec![0; samples]
}

fn prompts() -> Vec<(&'static str, Vec<i16>)> {
    vec![
        ("greeting", speech(1, 30_000)),
        ("q1", speech(2, 21_234)),
        ("q2", speech(3, 16_001)),
        ("bye", speech(4, 9_999)),
    ]
}

fn names(heard: &[Heard]) -> Vec<&str> {
    heard.iter().map(|h| h.name.as_ref()).collect()
}

#[test]
fn prompts_are_heard_at_any_offset_with_their_place_and_to_their_end() {
    for offset in [0, 1, 79, 3_333] {
        let known = prompts();
        let mut audio = silence(offset);
        for (_, samples) in &known {
            audio.extend(samples);
            audio.extend(silence(4_000));
        }
        let (heard, unrecognised) = Line::new(&known).hears(&audio);
        assert_eq!(names(&heard), ["greeting", "q1", "q2", "bye"]);
        assert!(
            heard.iter().all(|h| h.whole && h.flaws == 0 && h.or.is_empty()),
            "{heard:?}"
        );
        let starts: Vec<u64> = heard.iter().map(|h| h.at).collect();
        let offset = u64::try_from(offset).unwrap();
        assert_eq!(starts, [offset, offset + 34_000, offset + 59_234, offset + 79_235]);
        assert_eq!(unrecognised, 0);
    }
}

#[test]
fn prompts_played_back_to_back_are_told_apart() {
    let known = prompts();
    let audio: Vec<i16> = known.iter().flat_map(|(_, s)| s.clone()).collect();
    let (heard, unrecognised) = Line::new(&known).hears(&audio);
    assert_eq!(names(&heard), ["greeting", "q1", "q2", "bye"]);
    assert!(heard.iter().all(|h| h.whole), "{heard:?}");
    assert_eq!(unrecognised, 0);
}

#[test]
fn a_prompt_cut_short_is_known_with_the_place_of_the_cut() {
    let known = prompts();
    let cut = 8_640;
    let mut audio = silence(800);
    audio.extend(&known[1].1[..cut]);
    audio.extend(silence(480));
    audio.extend(&known[2].1);
    let (heard, unrecognised) = Line::new(&known).hears(&audio);
    assert_eq!(names(&heard), ["q1", "q2"]);
    assert!(!heard[0].whole && heard[1].whole);
    assert!(heard[0].samples.abs_diff(8_640) <= 2_400, "{heard:?}");
    assert_eq!(unrecognised, 0);
}

#[test]
fn a_prompt_cut_by_the_next_one_without_a_pause_is_heard_and_so_is_the_next() {
    let known = prompts();
    let mut audio = known[0].1[..12_000].to_vec();
    audio.extend(&known[1].1);
    let (heard, unrecognised) = Line::new(&known).hears(&audio);
    assert_eq!(names(&heard), ["greeting", "q1"]);
    assert!(!heard[0].whole && heard[1].whole, "{heard:?}");
    assert!(unrecognised <= 1, "{unrecognised}");
}

#[test]
fn a_repeated_prompt_is_heard_twice() {
    let known = prompts();
    let mut audio = known[1].1.clone();
    audio.extend(silence(16_000));
    audio.extend(&known[1].1);
    let (heard, _) = Line::new(&known).hears(&audio);
    assert_eq!(names(&heard), ["q1", "q1"]);
}

#[test]
fn prompts_that_begin_alike_are_told_apart_by_what_follows() {
    let carrier = speech(9, 12_000);
    let with = |seed, samples| [carrier.clone(), speech(seed, samples)].concat();
    let known = vec![
        ("alone", carrier.clone()),
        ("a", with(10, 16_000)),
        ("b", with(11, 9_000)),
    ];
    let mut audio = Vec::new();
    for index in [1, 0, 2, 0, 1] {
        audio.extend(&known[index].1);
        audio.extend(silence(3_200));
    }
    audio.extend(&known[2].1[..16_000]);
    let (heard, unrecognised) = Line::new(&known).hears(&audio);
    assert_eq!(names(&heard), ["a", "alone", "b", "alone", "a", "b"]);
    let whole: Vec<bool> = heard.iter().map(|h| h.whole).collect();
    assert_eq!(whole, [true, true, true, true, true, false]);
    assert_eq!(unrecognised, 0);
}

#[test]
fn a_prompt_cut_inside_the_common_beginning_names_every_one_that_it_may_be() {
    let carrier = speech(9, 12_000);
    let with = |seed| [carrier.clone(), speech(seed, 9_000)].concat();
    let known = vec![("a", with(10)), ("b", with(11))];
    let mut audio = known[0].1[..8_000].to_vec();
    audio.extend(silence(8_000));
    let (heard, _) = Line::new(&known).hears(&audio);
    assert_eq!(heard.len(), 1);
    assert_eq!(heard[0].or.len(), 1);
    assert!(!heard[0].whole);
}

#[test]
fn lost_packets_neither_hide_a_prompt_nor_make_another_one() {
    let known = prompts();
    let mut audio = silence(1_000);
    for (_, samples) in &known {
        audio.extend(samples);
        audio.extend(silence(2_000));
    }
    for seed in 0..8 {
        let mut chance = ChaCha8Rng::seed_from_u64(seed);
        let lost: Vec<bool> = (0..1_000).map(|_| chance.next_u32() % 100 < 5).collect();
        let (heard, _) = Line::new(&known).hears_with_loss(&audio, |n| lost.get(n).copied().unwrap_or(false));
        assert_eq!(names(&heard), ["greeting", "q1", "q2", "bye"], "seed {seed}");
        assert!(heard.iter().all(|h| h.whole), "seed {seed}: {heard:?}");
    }
}

#[test]
fn a_frame_that_was_replaced_by_silence_is_a_flaw() {
    let known = prompts();
    let mut audio = known[0].1.clone();
    let loud = (20..100)
        .find(|&n| audio[n * 160..n * 160 + 160].iter().all(|s| s.abs() > 100))
        .unwrap_or(30);
    audio[loud * 160..loud * 160 + 160].fill(0);
    let (heard, _) = Line::new(&known).hears(&audio);
    assert_eq!(names(&heard), ["greeting"]);
    assert!(heard[0].whole && heard[0].flaws >= 1, "{heard:?}");
}

#[test]
fn sound_that_is_no_prompt_is_counted_and_does_not_hide_the_next_prompt() {
    let known = prompts();
    let mut audio = speech(77, 8_000);
    audio.extend(silence(1_600));
    audio.extend(&known[2].1);
    let (heard, unrecognised) = Line::new(&known).hears(&audio);
    assert_eq!(names(&heard), ["q2"]);
    assert!((20..=50).contains(&unrecognised), "{unrecognised}");
}

#[test]
fn a_prompt_that_the_end_of_the_call_cuts_is_told() {
    let known = prompts();
    let (heard, _) = Line::new(&known).hears(&known[0].1[..10_000]);
    assert_eq!(names(&heard), ["greeting"]);
    assert!(!heard[0].whole);
}

#[test]
fn silence_and_room_noise_are_nothing() {
    let mut chance = ChaCha8Rng::seed_from_u64(5);
    let noise: Vec<i16> = (0..40_000)
        .map(|_| i16::try_from(chance.next_u32() % 40).unwrap() - 20)
        .collect();
    let (heard, unrecognised) = Line::new(&prompts()).hears(&noise);
    assert!(heard.is_empty() && unrecognised == 0);
}
