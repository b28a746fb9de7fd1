//! What a patient hears, presses and says once the call is answered.

use rtp_rs::{RtpPacketBuilder, RtpReader, Seq};

use super::super::g711::Law;
use super::caller::{Request, World};

/// A second of noise with a syllable rhythm, different for every seed.
fn prompt(seed: u32) -> Vec<i16> {
    let mut state = seed;
    (0..9_600u16)
        .map(|n| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let loud = (f32::from(n % 1_600) / 1_600.0 * std::f32::consts::PI).sin();
            let noise = f32::from(u16::try_from(state >> 16).unwrap()) - 32_768.0;
            (noise * loud * 0.3) as i16
        })
        .collect()
}

/// The caller's stream: prompts in packets of 20 ms.
struct Stream {
    sequence: u16,
}

impl Stream {
    fn play(&mut self, world: &mut World, samples: &[i16]) {
        for frame in samples.chunks(160) {
            let octets: Vec<u8> = frame.iter().map(|&s| Law::Pcma.encode(s)).collect();
            let builder = RtpPacketBuilder::new()
                .payload_type(8)
                .ssrc(5)
                .sequence(Seq::from(self.sequence));
            let timestamp = u32::from(self.sequence) * 160;
            world.hear(&builder.timestamp(timestamp).payload(&octets).build().unwrap());
            self.sequence += 1;
            world.wait(20);
        }
    }

    fn silence(&mut self, world: &mut World, millis: usize) {
        self.play(world, &vec![0; millis * 8]);
    }
}

fn talk(behaviour: &str) -> (World, Request, String) {
    let script = format!("far_end.default = \"p\"\n[[behaviour]]\nname = \"p\"\n{behaviour}\n");
    let prompts = vec![
        ("q1".to_owned(), prompt(1)),
        ("q2".to_owned(), prompt(2)),
        ("bye".to_owned(), prompt(3)),
    ];
    let mut world = World::script(&script, prompts);
    let invite = Request::invite("13800000001", "a@x");
    world.send(&invite);
    world.wait(200);
    let tag = world.tag();
    world.send(&invite.inside("ACK", 1, &tag));
    (world, invite, tag)
}

fn keys_on_the_wire(world: &World) -> String {
    let mut keys: Vec<(u32, u8)> = Vec::new();
    for datagram in &world.rtp {
        let packet = RtpReader::new(datagram).unwrap();
        if packet.payload_type() == 101 && keys.last().is_none_or(|(t, _)| *t != packet.timestamp()) {
            keys.push((packet.timestamp(), packet.payload()[0]));
        }
    }
    keys.iter()
        .map(|(_, event)| char::from(b"0123456789*#"[usize::from(*event)]))
        .collect()
}

#[test]
fn a_patient_hears_each_prompt_and_replies_to_it_by_telephone_event() {
    let (mut world, invite, tag) =
        talk("press_after = \"400ms\"\nkeys = { q1 = \"1\", q2 = [\"*\", \"10\"], bye = \"none\" }");
    let mut stream = Stream { sequence: 0 };
    for seed in [1, 2, 2, 3] {
        stream.play(&mut world, &prompt(seed));
        stream.silence(&mut world, 1_600);
    }
    world.send(&invite.inside("BYE", 2, &tag));
    world.wait(40);
    let entry = &world.log[0];
    let names: Vec<_> = entry["prompts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["q1", "q2", "q2", "bye"]);
    assert!(
        entry["prompts"]
            .as_array()
            .unwrap()
            .iter()
            .all(|p| p["whole"] == true && p["heard_ms"] == 1_200)
    );
    assert_eq!(keys_on_the_wire(&world), "1*10");
    let pressed: String = entry["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|k| k["key"].as_str().unwrap())
        .collect();
    assert_eq!(pressed, "1*10");
    assert_eq!(
        (&entry["keys"][1]["after_prompt"], &entry["keys"][1]["sent_as"]),
        (&"q2".into(), &"telephone-event".into())
    );
    assert_eq!(
        (&entry["gap_ms_max"], &entry["lost"], &entry["unrecognised_ms"]),
        (&20.0.into(), &0.into(), &0.into())
    );
    assert_eq!(entry["rtp_faults"].as_array().unwrap().len(), 0);
    assert_eq!(
        entry["prompts"][1]["at_ms"].as_i64().unwrap() - entry["prompts"][0]["at_ms"].as_i64().unwrap(),
        2_800
    );
    assert_eq!(world.rtp.len(), 566);
}

#[test]
fn a_patient_who_barges_in_cuts_the_prompt() {
    let (mut world, invite, tag) = talk("barge_in = \"500ms\"\nkeys = { q1 = \"2\" }");
    let mut stream = Stream { sequence: 0 };
    stream.play(&mut world, &prompt(1)[..5_600]);
    stream.silence(&mut world, 200);
    stream.play(&mut world, &prompt(3));
    world.send(&invite.inside("BYE", 2, &tag));
    world.wait(40);
    let entry = &world.log[0];
    let both = |field: &str| [&entry["prompts"][0][field], &entry["prompts"][1][field]].map(|v| v.as_bool().unwrap());
    assert_eq!((both("whole"), both("barged")), ([false, true], [true, false]));
    let pressed = entry["keys"][0]["at_ms"].as_i64().unwrap() - entry["prompts"][0]["at_ms"].as_i64().unwrap();
    assert!((480..=560).contains(&pressed), "{pressed}");
}

#[test]
fn keys_travel_by_info_or_as_tones_if_the_script_says_so() {
    let (mut world, ..) = talk("sends = \"info\"\nkeys = { q1 = \"#\" }");
    let mut stream = Stream { sequence: 0 };
    stream.play(&mut world, &prompt(1));
    stream.silence(&mut world, 1_000);
    let info = world.said.iter().find(|text| text.starts_with("INFO")).unwrap();
    assert!(
        info.contains("Content-Type: application/dtmf-relay\r\n") && info.ends_with("Signal=#\r\nDuration=160\r\n")
    );
    assert!(world.said.iter().all(|text| !text.contains("telephone-event")));
    assert_eq!(keys_on_the_wire(&world), "");

    let (mut world, ..) = talk("sends = \"in-band\"\nspeech = \"noise\"\nkeys = { q1 = \"#\" }");
    let mut stream = Stream { sequence: 0 };
    stream.play(&mut world, &prompt(1));
    stream.silence(&mut world, 1_000);
    let is_loud = |packet: &&Vec<u8>| packet.iter().skip(12).any(|&o| Law::Pcma.decode(o) > 6_000);
    assert_eq!(world.rtp.iter().filter(is_loud).count(), 6);
}

#[test]
fn a_patient_may_send_nothing_or_fall_silent() {
    let (mut world, invite, tag) = talk("speech = \"none\"\nkeys = { q1 = \"1\" }");
    let mut stream = Stream { sequence: 0 };
    stream.play(&mut world, &prompt(1));
    stream.silence(&mut world, 1_000);
    world.send(&invite.inside("BYE", 2, &tag));
    world.wait(40);
    assert!(world.rtp.is_empty());
    assert_eq!(
        (&world.log[0]["keys"], &world.log[0]["prompts"][0]["name"]),
        (&serde_json::json!([]), &"q1".into())
    );
    let (mut world, ..) = talk("falls_silent = \"1s\"");
    world.wait(5_000);
    assert!((45..=56).contains(&world.rtp.len()), "{}", world.rtp.len());
}

#[test]
fn a_stream_that_goes_on_after_the_end_is_told_though_the_line_is_written() {
    let (mut world, invite, tag) = talk("");
    let mut stream = Stream { sequence: 0 };
    stream.silence(&mut world, 1_000);
    world.send(&invite.inside("BYE", 2, &tag));
    world.wait(400);
    stream.silence(&mut world, 20);
    assert_eq!(world.log[1]["fault"], "RTP went on after the call");
}

#[test]
fn the_same_seed_gives_the_same_call() {
    let run = || {
        let (mut world, ..) = talk("press_after = \"100ms..2s\"\nkeys = { q1 = \"1\" }\nloss = 0.1");
        let mut stream = Stream { sequence: 0 };
        stream.play(&mut world, &prompt(1));
        stream.silence(&mut world, 2_500);
        world.rtp
    };
    assert_eq!(run(), run());
}
