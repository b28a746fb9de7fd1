//! Two legs that hear each other, and a third that listens in.

use super::super::super::bridge::Shared;
use super::super::{Shares, Voice};
use super::*;

/// Legs side by side, as they lie on a worker: what one shares is carried to those who hear it at every millisecond.
struct Legs {
    legs: Vec<Bench>,
    /// Who is heard by whom.
    ties: Vec<(usize, usize)>,
    now: u64,
}

/// A leg with this codec, packet time and offset from the grid of frames, connected at one second.
fn leg(codec: Codec, ptime_ms: u8, slot: u64) -> Bench {
    let mut bench = Bench::open();
    bench.leg.slot = Duration::from_millis(slot);
    let remote = Remote {
        ptime_ms,
        ..remote(codec)
    };
    bench.leg.connect(bench.now, remote);
    bench.leg.record(bench.now);
    bench
}

impl Legs {
    fn bridged(one: Bench, other: Bench) -> Self {
        let mut legs = Self {
            legs: vec![one, other],
            ties: vec![(0, 1), (1, 0)],
            now: 1_000,
        };
        for bench in &mut legs.legs {
            bench.leg.share(Shares::Said);
            bench.leg.bridge();
        }
        legs
    }

    fn run(&mut self, until: u64) {
        while self.now < until {
            self.now += 1;
            self.carry();
            for bench in &mut self.legs {
                bench.run(ms(self.now));
            }
            self.carry();
        }
    }

    fn carry(&mut self) {
        for speaker in 0..self.legs.len() {
            let mut shared = Shared::default();
            self.legs[speaker].leg.swap_shared(&mut shared);
            for (_, listener) in self.ties.iter().filter(|(by, _)| *by == speaker) {
                for (side, piece) in shared.pieces() {
                    self.legs[*listener].leg.hear(side, piece);
                }
            }
        }
    }

    /// What a far end says from now on, packet by packet, with something that comes between two of them.
    fn says(&mut self, leg: usize, packets: &[Vec<u8>], ptime: u64) {
        for packet in packets {
            self.legs[leg].hear(ms(self.now), announced(), packet);
            self.run(self.now + ptime);
        }
    }
}

/// What a leg sent as audio, as the far end hears it.
fn told(bench: &Bench, codec: Codec) -> Vec<i16> {
    let packets = bench.packets().into_iter();
    let audio = packets.filter(|packet| packet.payload_type == codec.payload());
    audio
        .flat_map(|packet| packet.payload.to_vec())
        .map(|byte| g711::decoded(codec, byte))
        .collect()
}

fn holds(whole: &[i16], part: &[i16]) -> bool {
    whole.windows(part.len()).any(|window| window == part)
}

fn spoken(codec: Codec, length: usize, packets: usize, seed: u32) -> (Vec<Vec<u8>>, Vec<i16>) {
    let mut far_end = FarEnd::new(codec);
    let samples = noise_samples(length * packets, seed);
    let packets = samples.chunks(length).map(|frame| far_end.audio(frame)).collect();
    (packets, coded(codec, &samples))
}

/// Without the first and the last 10 ms: a voice begins softly.
fn heart(samples: &[i16]) -> &[i16] {
    &samples[80..samples.len() - 80]
}

#[test]
fn each_hears_the_other_in_its_own_codec_and_packet_time_and_it_is_recorded() {
    for (ptime, length) in [(20, 480), (60, 160), (20, 160), (30, 160)] {
        let mut legs = Legs::bridged(leg(Codec::Pcma, 20, 3), leg(Codec::Pcmu, ptime, 11));
        let (packets, said) = spoken(Codec::Pcma, length, 20, 5);
        legs.says(0, &packets, length as u64 / 8);
        let (packets, answered) = spoken(Codec::Pcmu, 160, 50, 6);
        legs.says(1, &packets, 20);
        legs.run(legs.now + 500);
        let end = ms(legs.now);
        let (heard, replied) = (told(&legs.legs[1], Codec::Pcmu), told(&legs.legs[0], Codec::Pcma));
        let said_there = coded(Codec::Pcmu, &said);
        assert!(holds(&heard, heart(&said_there)), "{length} samples into {ptime} ms");
        assert!(holds(&replied, heart(&coded(Codec::Pcma, &answered))));
        let closings: Vec<_> = legs.legs.into_iter().map(|bench| bench.close(end)).collect();
        assert!(holds(&closings[0].patient, &said) && holds(&closings[0].us, heart(&coded(Codec::Pcma, &answered))));
        assert!(holds(&closings[1].patient, &answered) && holds(&closings[1].us, heart(&said_there)));
    }
}

#[test]
fn a_key_is_told_of_its_own_leg_and_nothing_of_it_is_heard() {
    let mut legs = Legs::bridged(leg(Codec::Pcma, 20, 3), leg(Codec::Pcma, 20, 11));
    let mut far_end = FarEnd::new(Codec::Pcma);
    let packets = far_end.key('7');
    legs.says(0, &packets, 20);
    legs.run(2_000);
    assert_eq!(
        (legs.legs[0].keys(), legs.legs[1].keys()),
        ("7".to_owned(), String::new())
    );
    assert!(told(&legs.legs[1], Codec::Pcma).iter().all(|sample| *sample == 8));
}

#[test]
fn whom_nobody_is_to_hear_nobody_hears_nor_does_a_recording_and_hears_the_other_all_the_same() {
    let mut legs = Legs::bridged(leg(Codec::Pcma, 20, 3), leg(Codec::Pcma, 20, 11));
    let (packets, said) = spoken(Codec::Pcma, 160, 150, 5);
    let (before, muted, after) = (&packets[..50], &packets[50..100], &packets[100..]);
    legs.says(0, before, 20);
    legs.legs[0].leg.set_voice(Voice::Muted);
    // A hold and its end change nothing of it.
    legs.legs[0].leg.unbridge();
    legs.legs[0].leg.share(Shares::Said);
    legs.legs[0].leg.bridge();
    legs.says(0, muted, 20);
    let (answers, answered) = spoken(Codec::Pcma, 160, 50, 6);
    legs.says(1, &answers, 20);
    legs.legs[0].leg.set_voice(Voice::Heard);
    legs.says(0, after, 20);
    legs.run(legs.now + 500);
    let heard = told(&legs.legs[1], Codec::Pcma);
    let part = |from: usize, to: usize| coded(Codec::Pcma, heart(&said[160 * from..160 * to]));
    assert!(holds(&heard, &part(0, 40)) && holds(&heard, &part(110, 150)));
    let frames = said[160 * 55..160 * 95].chunks(160);
    let leaked = frames.filter(|frame| holds(&heard, &coded(Codec::Pcma, frame))).count();
    assert_eq!(leaked, 0);
    let replied = told(&legs.legs[0], Codec::Pcma);
    assert!(holds(&replied, heart(&coded(Codec::Pcma, &answered))));
    let end = ms(legs.now);
    let patient = legs.legs.remove(1).close(end);
    assert!(holds(&patient.us, &part(0, 40)) && !holds(&patient.us, &part(60, 64)));
}

#[test]
fn what_is_played_on_a_bridge_is_heard_in_place_of_the_voice_and_then_the_voice_again() {
    let mut legs = Legs::bridged(leg(Codec::Pcma, 20, 3), leg(Codec::Pcma, 20, 11));
    let (packets, said) = spoken(Codec::Pcma, 160, 150, 5);
    legs.says(0, &packets[..50], 20);
    legs.legs[1].leg.play(4, &["a".to_owned()]);
    legs.says(0, &packets[50..], 20);
    legs.run(legs.now + 100);
    let heard = told(&legs.legs[1], Codec::Pcma);
    assert!(holds(&heard, &coded(Codec::Pcma, &noise_samples(8_000, 1))));
    assert!(holds(&heard, &said[80..7_000]) && holds(&heard, &said[17_000..23_900]));
    assert!(
        !holds(&heard, &said[9_000..9_100]),
        "which was over when the prompt was"
    );
    assert!(legs.legs[1].facts.contains(&Fact::PromptDone { play: 4 }));
}

#[test]
fn what_plays_stops_when_a_bridge_begins_and_silence_follows_its_end() {
    let mut bench = leg(Codec::Pcma, 20, 3);
    bench.leg.play_looped(1, &["b".to_owned()]);
    bench.run(ms(1_500));
    let mut legs = Legs::bridged(bench, leg(Codec::Pcma, 20, 11));
    legs.now = 1_500;
    let (packets, _) = spoken(Codec::Pcma, 160, 50, 5);
    legs.says(1, &packets, 20);
    legs.legs[0].leg.unbridge();
    legs.ties.clear();
    let before = legs.legs[0].sent.len();
    legs.says(1, &packets, 20);
    let silent = &legs.legs[0].sent[before..];
    assert!(silent.len() >= 49);
    assert!(
        silent
            .iter()
            .all(|(_, _, bytes)| bytes[12..].iter().all(|byte| *byte == 0xD5))
    );
    assert_eq!(
        legs.legs[0]
            .facts
            .iter()
            .filter(|fact| matches!(fact, Fact::PromptDone { .. }))
            .count(),
        0
    );
}

#[test]
fn whoever_listens_in_hears_both_sides_and_the_prompts() {
    let mut legs = Legs::bridged(leg(Codec::Pcma, 20, 3), leg(Codec::Pcmu, 20, 11));
    legs.legs.push(leg(Codec::Pcma, 20, 17));
    legs.ties.push((0, 2));
    legs.legs[0].leg.share(Shares::Both);
    legs.legs[2].leg.listen_in();
    let (packets, said) = spoken(Codec::Pcma, 160, 50, 5);
    legs.says(0, &packets, 20);
    let (packets, answered) = spoken(Codec::Pcmu, 160, 50, 6);
    legs.says(1, &packets, 20);
    legs.run(legs.now + 100);
    legs.legs[0].leg.play(1, &["b".to_owned()]);
    legs.run(legs.now + 500);
    let heard = told(&legs.legs[2], Codec::Pcma);
    assert!(holds(&heard, heart(&said)));
    assert!(holds(&heard, heart(&coded(Codec::Pcma, &answered))));
    assert!(holds(&heard, heart(&coded(Codec::Pcma, &noise_samples(840, 2)))));
    // And is heard by nobody.
    let (packets, _) = spoken(Codec::Pcma, 160, 10, 9);
    let before = [0, 1].map(|leg: usize| legs.legs[leg].sent.len());
    legs.says(2, &packets, 20);
    for (leg, before) in before.into_iter().enumerate() {
        let silence = g711::silence([Codec::Pcma, Codec::Pcmu][leg]);
        assert!(
            legs.legs[leg].sent[before..]
                .iter()
                .all(|(_, _, bytes)| bytes[12..].iter().all(|byte| *byte == silence))
        );
    }
}

#[test]
fn whoever_is_on_hold_by_the_far_end_hears_nothing_old_when_it_listens_again() {
    let mut legs = Legs::bridged(leg(Codec::Pcma, 20, 3), leg(Codec::Pcma, 20, 11));
    let (packets, said) = spoken(Codec::Pcma, 160, 150, 5);
    legs.says(0, &packets[..50], 20);
    let mut held = remote(Codec::Pcma);
    held.flow = Flow::Inactive;
    legs.legs[1].leg.connect(ms(legs.now), held);
    legs.says(0, &packets[50..100], 20);
    legs.legs[1].leg.connect(ms(legs.now), remote(Codec::Pcma));
    legs.says(0, &packets[100..], 20);
    let heard = told(&legs.legs[1], Codec::Pcma);
    assert!(!holds(&heard, &said[12_000..12_100]));
    assert!(holds(&heard, &said[17_000..23_000]));
}
