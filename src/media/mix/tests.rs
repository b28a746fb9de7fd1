//! Where what was said lies in a recording, what counts as a gap, and what is handed out when.

use proptest::prelude::*;

use super::*;

const LAW: Codec = Codec::Pcmu;

/// The bytes of a channel; 0 where there are none.
fn channel(pcm: &[i16], which: usize) -> Vec<u8> {
    let byte = |sample: &i16| match sample {
        0 => 0,
        sample => g711::encoded(LAW, *sample),
    };
    pcm.iter().skip(which).step_by(2).map(byte).collect()
}

fn whole(mix: Mix, pieces: &[Vec<i16>], end: i64) -> (Vec<i16>, u64) {
    let tail = mix.end(end, None);
    ([pieces.concat(), tail.pcm].concat(), tail.gap)
}

/// The pieces that are handed out by a time.
fn taken(mix: &mut Mix, now: i64) -> Vec<Vec<i16>> {
    let mut pieces = Vec::new();
    while mix.ripen(now).is_some() {
        pieces.extend(mix.take());
    }
    pieces
}

#[test]
fn both_channels_lie_where_they_were_put() {
    let mut mix = Mix::begin(1_000);
    mix.put_patient(1_010, LAW, &[1, 2, 3]);
    mix.put_us(1_005, LAW, &[7, 8]);
    let (pcm, gap) = whole(mix, &[], 1_020);
    assert_eq!(
        channel(&pcm, 0),
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0]
    );
    assert_eq!(
        channel(&pcm, 1),
        [0, 0, 0, 0, 0, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    );
    assert_eq!(gap, 17);
}

#[test]
fn each_packet_and_each_frame_is_heard_in_its_own_codec() {
    let (a, mu) = (Codec::Pcma, Codec::Pcmu);
    let mut mix = Mix::begin(0);
    mix.put_patient(0, a, &[1, 2]);
    mix.put_patient(2, mu, &[1, 2]);
    mix.put_us(0, mu, &[3, 4, 5]);
    mix.put_us(2, a, &[3]);
    mix.put_us(4, a, &[6]);
    let heard = [
        [g711::decoded(a, 1), g711::decoded(mu, 3)],
        [g711::decoded(a, 2), g711::decoded(mu, 4)],
        [g711::decoded(mu, 1), g711::decoded(a, 3)],
        [g711::decoded(mu, 2), 0],
        [0, g711::decoded(a, 6)],
    ];
    let (pcm, gap) = whole(mix, &[], 5);
    assert_eq!((pcm.as_slice(), gap), (heard.as_flattened(), 1));
}

#[test]
fn what_was_said_a_turn_of_the_places_ago_is_not_heard_again() {
    let mut mix = Mix::begin(0);
    mix.put_patient(0, LAW, &[5; 160]);
    mix.put_us(0, LAW, &[6; 160]);
    let turn = HELD as i64;
    let pieces = taken(&mut mix, turn);
    mix.put_patient(turn + 80, LAW, &[7; 80]);
    mix.put_us(turn + 80, LAW, &[8; 80]);
    let (pcm, _) = whole(mix, &pieces, turn + 160);
    for (which, before, after) in [(0, 5, 7), (1, 6, 8)] {
        let heard = channel(&pcm, which);
        let (first, rest) = heard.split_at(160);
        let (silent, last) = rest.split_at(HELD - 80);
        assert_eq!((first, last), (&[before; 160][..], &[after; 80][..]));
        assert!(silent.iter().all(|byte| *byte == 0));
    }
}

#[test]
fn what_came_before_the_recording_and_what_is_there_already_is_left_out() {
    let mut mix = Mix::begin(100);
    mix.put_patient(98, LAW, &[1, 2, 3, 4]);
    mix.put_patient(100, LAW, &[9, 9, 9]);
    let (pcm, _) = whole(mix, &[], 103);
    assert_eq!(channel(&pcm, 0), [3, 4, 9]);
}

#[test]
fn a_chunk_is_ready_once_nothing_late_can_come() {
    let mut mix = Mix::begin(0);
    mix.put_patient(0, LAW, &[5; 160]);
    assert_eq!(mix.ripen(WINDOW + CHUNK - 1), None);
    assert_eq!(mix.ripen(WINDOW + CHUNK).map(<[_]>::len), Some(2 * CHUNK as usize));
    assert_eq!(mix.ripen(WINDOW + CHUNK), None);
    mix.put_patient(100, LAW, &[6; 10]);
    let pcm = mix.end(CHUNK, None).pcm;
    assert_eq!((channel(&pcm, 0)[100], pcm.len()), (5, 2 * CHUNK as usize));
}

#[test]
fn what_is_ready_is_handed_out_by_whole_pieces_and_the_rest_with_the_end() {
    let second = PIECE as i64 / 2;
    let mut mix = Mix::begin(0);
    let mut pieces = taken(&mut mix, second + WINDOW - 1);
    assert_eq!(pieces, Vec::<Vec<i16>>::new());
    for (value, at) in (1..).zip([second, second + CHUNK]) {
        pieces.extend(taken(&mut mix, at + WINDOW));
        mix.put_us(at, LAW, &[value; 10]);
    }
    assert_eq!(pieces.iter().map(Vec::len).collect::<Vec<_>>(), [PIECE]);
    assert_eq!(mix.clone().take_rest().len(), 2 * CHUNK as usize);
    let (pcm, _) = whole(mix, &pieces, second + CHUNK + 10);
    let us = channel(&pcm, 1);
    let at = second as usize;
    assert_eq!(
        (us[at - 1], us[at], us[at + CHUNK as usize], pcm.len()),
        (0, 1, 2, 2 * (at + CHUNK as usize + 10))
    );
}

#[test]
fn keys_and_comfort_noise_are_no_gaps() {
    let mut mix = Mix::begin(0);
    mix.put_silence(0, 400);
    mix.put_comfort(400);
    assert!(mix.ripen(WINDOW + CHUNK).is_some());
    mix.put_patient(WINDOW + CHUNK, LAW, &[1; 160]);
    let (pcm, gap) = whole(mix, &[], WINDOW + CHUNK + 200);
    assert_eq!(pcm.len() as i64, 2 * (WINDOW + CHUNK + 200));
    assert_eq!(gap, 40, "after the audio packet nothing came");
}

#[test]
fn a_pause_that_turns_out_to_be_meant_is_no_gap_though_it_was_handed_out() {
    let mut mix = Mix::begin(0);
    mix.put_patient(0, LAW, &[1; 160]);
    let now = 80_000;
    let pieces = taken(&mut mix, now);
    mix.put_silence(160, now - 160 - 800);
    mix.put_patient(now, LAW, &[1; 160]);
    let (pcm, gap) = whole(mix, &pieces, now + 160);
    assert_eq!(
        (pcm.len(), gap),
        (2 * 80_160, 800),
        "what lies before the voice was lost"
    );
}

#[test]
fn audio_that_comes_late_into_a_silence_is_kept() {
    let mut mix = Mix::begin(0);
    mix.put_silence(0, 400);
    mix.put_patient(100, LAW, &[7; 100]);
    let (pcm, gap) = whole(mix, &[], 400);
    assert_eq!((channel(&pcm, 0)[100..200].to_vec(), gap), (vec![7; 100], 0));
}

#[test]
fn a_step_between_two_packets_is_filled_and_a_lost_packet_is_not() {
    let mut mix = Mix::begin(0);
    mix.put_patient(0, LAW, &[5; 160]);
    mix.put_patient(168, LAW, &[9; 160]);
    mix.put_patient(488, LAW, &[9; 160]);
    mix.put_patient(330, LAW, &[3; 157]);
    let (pcm, gap) = whole(mix, &[], 648);
    let patient = channel(&pcm, 0);
    assert_eq!(patient[160..168], [9; 8]);
    assert_eq!((patient[328], patient[329], patient[487]), (3, 3, 3));
    assert_eq!(gap, 0);
    let mut mix = Mix::begin(0);
    mix.put_patient(0, LAW, &[5; 160]);
    mix.put_patient(169, LAW, &[9; 160]);
    assert_eq!(mix.end(329, None).gap, 9);
}

#[test]
fn a_recorder_that_slept_for_a_minute_still_gives_every_sample() {
    let mut mix = Mix::begin(0);
    let minute = 60 * 8_000;
    let pieces = taken(&mut mix, minute);
    let (pcm, _) = whole(mix, &pieces, minute);
    assert_eq!(pcm.len() as i64 / 2, minute);
}

proptest! {
    #[test]
    fn late_packets_within_the_window_change_nothing(delays in proptest::collection::vec(0_i64..180 * 8, 1..200)) {
        let byte = |n: i64| (n % 100) as u8 + 1;
        let mut arrivals: Vec<_> = delays.iter().zip(0_i64..).map(|(delay, n)| (n * 160 + delay, n)).collect();
        arrivals.sort_unstable();
        let end = delays.len() as i64 * 160 + WINDOW;
        let (mut mix, mut pieces) = (Mix::begin(0), Vec::new());
        for (at, n) in arrivals {
            pieces.extend(taken(&mut mix, at));
            mix.put_patient(n * 160, LAW, &[byte(n); 160]);
        }
        let (pcm, gap) = whole(mix, &pieces, end);
        let expected: Vec<_> = (0..end).map(|p| if p / 160 < delays.len() as i64 { byte(p / 160) } else { 0 }).collect();
        prop_assert_eq!(channel(&pcm, 0), expected);
        prop_assert_eq!(gap, WINDOW as u64);
    }
}
