//! A whole far end over real sockets: one call answered, one prompt heard, one key pressed, one line in the log.

use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::super::g711::Law;
use super::super::{Script, Settings, start};
use super::caller::Request;

/// A folder that is gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("far-end-{}-{name}", std::process::id()));
        std::fs::create_dir_all(path.join("xx")).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.0);
    }
}

fn wav(path: &Path, samples: &[i16]) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    samples.iter().for_each(|&s| writer.write_sample(s).unwrap());
    writer.finalize().unwrap();
}

fn noise(samples: usize) -> Vec<i16> {
    let mut state = 9u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        i16::try_from(state >> 18).unwrap() - 8_192
    };
    (0..samples).map(|_| next()).collect()
}

#[test]
fn a_call_over_real_sockets_is_answered_heard_and_logged() {
    let folder = Folder::new("call");
    let question = noise(12_000);
    wav(&folder.0.join("xx/question.wav"), &question);
    let log = folder.0.join("log.jsonl");
    let evidence = folder.0.join("evidence.jsonl");
    let text =
        "far_end.default = \"p\"\n[[behaviour]]\nname = \"p\"\nkeys = { question = \"7\" }\npress_after = \"200ms\"";
    let settings = Settings {
        listen: "127.0.0.1:0".parse().unwrap(),
        script: Script::parse(text).unwrap(),
        log: log.clone(),
        evidence: Some(evidence.clone()),
        prompts: Some(folder.0.clone()),
    };
    let far_end = start(settings).unwrap();
    let (sip, rtp) = (
        UdpSocket::bind("127.0.0.1:0").unwrap(),
        UdpSocket::bind("127.0.0.1:0").unwrap(),
    );
    for socket in [&sip, &rtp] {
        socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    }
    let here = far_end.local_addr();
    // The far end names its own port in what it prints, and so must the caller.
    let (ours, offered) = (
        sip.local_addr().unwrap().to_string(),
        rtp.local_addr().unwrap().port().to_string(),
    );
    let print = |request: &Request| {
        let text = request
            .print()
            .replace("127.0.0.1:5060", &ours)
            .replace("127.0.0.1:5070", &here.to_string());
        text.replace("m=audio 20000 ", &format!("m=audio {offered:0>5} "))
    };
    let read = || {
        let mut buffer = [0; 4_000];
        let length = sip.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    };
    let invite = Request::invite("13800000001", "loop@x");
    sip.send_to(print(&invite).as_bytes(), here).unwrap();
    let mut answer = read();
    while !answer.starts_with("SIP/2.0 200") {
        answer = read();
    }
    let to = answer.lines().find(|l| l.starts_with("To:")).unwrap();
    let tag = to.split_once(";tag=").unwrap().1;
    let port = answer.split_once("m=audio ").unwrap().1.split_once(' ').unwrap().0;
    sip.send_to(print(&invite.inside("ACK", 1, tag)).as_bytes(), here)
        .unwrap();

    // One packet leaves for every packet that comes, so the far end's own 20 ms pace this test.
    let mut audio = question;
    audio.resize(28_800, 0);
    let mut keys = Vec::new();
    for (n, frame) in (0u16..).zip(audio.chunks(160)) {
        let octets: Vec<u8> = frame.iter().map(|&s| Law::Pcmu.encode(s)).collect();
        let octets = if answer.contains("PCMA") {
            frame.iter().map(|&s| Law::Pcma.encode(s)).collect()
        } else {
            octets
        };
        let mut packet = vec![0x80, if answer.contains("PCMA") { 8 } else { 0 }];
        packet.extend(n.to_be_bytes());
        packet.extend((u32::from(n) * 160).to_be_bytes());
        packet.extend([1, 2, 3, 4]);
        packet.extend(octets);
        rtp.send_to(&packet, format!("127.0.0.1:{port}")).unwrap();
        let mut buffer = [0; 500];
        let length = rtp.recv(&mut buffer).unwrap();
        if buffer[1] & 0x7F == 101 && length == 16 && buffer[1] & 0x80 != 0 {
            keys.push(buffer[12]);
        }
    }
    assert_eq!(keys, [7]);
    assert_eq!(far_end.snapshot().talking, 1);
    sip.send_to(print(&invite.inside("BYE", 2, tag)).as_bytes(), here)
        .unwrap();
    assert!(read().starts_with("SIP/2.0 200"));
    let summary = far_end.stop().unwrap();
    let counts = &summary.counts;
    assert_eq!(
        (counts.calls, counts.answered, counts.keys, counts.prompts_whole),
        (1, 1, 1, 1)
    );
    let read = |file: &Path| -> Vec<serde_json::Value> {
        let text = std::fs::read_to_string(file).unwrap();
        text.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
    };
    let events = read(&evidence);
    let told: Vec<_> = events
        .iter()
        .map(|event| (event["what"].as_str().unwrap(), event["held"].as_u64().unwrap()))
        .collect();
    assert_eq!(
        told,
        [("start", 0), ("invite", 1), ("key", 1), ("over", 0)],
        "{events:?}"
    );
    assert_eq!(
        (
            &events[1]["new"],
            &events[1]["from"],
            &events[2]["key"],
            &events[3]["by"]
        ),
        (&true.into(), &ours.into(), &"7".into(), &"them".into())
    );
    assert!(events.is_sorted_by_key(|event| event["wall"].as_u64()), "{events:?}");
    let lines = read(&log);
    assert_eq!(lines.len(), 2);
    let call = &lines[0];
    assert_eq!(
        (&call["prompts"][0]["name"], &call["bye_by"]),
        (&"question".into(), &"them".into())
    );
    assert_eq!(call["packets_received"], 180);
    assert_eq!(
        (&call["sip_faults"], &call["rtp_faults"]),
        (&serde_json::json!([]), &serde_json::json!([]))
    );
    assert_eq!(lines[1]["kind"], "summary");
}

#[test]
fn a_far_end_says_precisely_why_it_cannot_start() {
    let folder = Folder::new("start");
    let settings = |prompts: &Path| Settings {
        listen: "127.0.0.1:0".parse().unwrap(),
        script: Script::parse("far_end.default = \"p\"\n[[behaviour]]\nname = \"p\"").unwrap(),
        log: folder.0.join("log.jsonl"),
        evidence: None,
        prompts: Some(prompts.to_owned()),
    };
    let error = start(settings(&folder.0)).err().unwrap().to_string();
    assert!(error.starts_with("no .wav file in "), "{error}");
    std::fs::write(folder.0.join("xx/a.wav"), b"RIFF").unwrap();
    let error = start(settings(&folder.0)).err().unwrap().to_string();
    assert!(error.contains("a.wav is no WAV that can be read"), "{error}");
    let error = start(settings(&folder.0.join("none"))).err().unwrap().to_string();
    assert!(error.starts_with("cannot read the prompts in "), "{error}");
}

#[test]
fn the_script_of_the_demo_is_sound() {
    let script = Script::parse(super::super::DEMO_SCRIPT).unwrap_or_else(|faults| panic!("{faults:#?}"));
    assert!(script.behaviours() > 0);
}
