//! Workers over real loopback sockets, against a small far end of plain UDP.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError};

use super::super::scratch::Scratch;
use super::*;
use crate::media::playout::Prompt;
use crate::media::{Closed, Codec, Flow, Recorded, Remote, g711};
use crate::moment::Moment;
use crate::phone::Key;

/// Longer than any healthy answer takes, on the busiest machine.
const SOON: Duration = Duration::from_secs(20);

mod breakdown;
mod bridged;
mod crowded;
mod lateness;
mod reports;

/// A leg that is to play this breaks, and so does one that reads it.
pub(super) const BREAKS: &str = "breaks";

const EVENTS: u8 = 101;

struct Bench {
    workers: Workers,
    facts: Receiver<(LegId, Fact)>,
    clock: Clock,
}

impl Bench {
    /// Opens the next so many.
    fn open_so_many(&mut self, legs: &mut impl Iterator<Item = LegId>, count: usize) {
        for leg in legs.take(count) {
            self.opened(leg);
        }
    }

    fn start(count: usize, facts_max: usize) -> Self {
        Self::waking(count, facts_max, Arc::new(|| {}))
    }

    fn waking(count: usize, facts_max: usize, wake: Wake) -> Self {
        let clock = Clock::start();
        let prompts = [("tone".to_owned(), Arc::new(Prompt::encode(&noise(4_000, 5))))].into();
        let setup = Setup {
            count,
            clock: clock.clone(),
            prompts: Shelf::new(prompts),
            record: Record::Calls,
            silence_limit: Duration::from_secs(20),
            seed: [7; 32],
        };
        let (sender, facts) = sync_channel(facts_max);
        let workers = Workers::start(setup, sender, wake).unwrap();
        Self { workers, facts, clock }
    }

    fn send(&mut self, leg: LegId, command: Command) {
        self.workers.send(leg, command).unwrap();
    }

    fn fact(&self) -> (LegId, Fact) {
        self.facts.recv_timeout(SOON).unwrap()
    }

    fn opened(&mut self, leg: LegId) -> SocketAddr {
        loop {
            let address = free_port();
            self.send(leg, Command::Open { address, beside: None });
            match self.fact() {
                (_, Fact::Opened) => return address,
                (_, fact) => assert_eq!(fact, Fact::OpenFailed),
            }
        }
    }

    /// Reads facts until all these legs are closed.
    fn until_closed(&self, legs: usize) -> Vec<(LegId, Fact)> {
        let mut facts = Vec::new();
        while facts.iter().filter(|(_, fact)| matches!(fact, Fact::Closed(_))).count() < legs {
            facts.push(self.fact());
        }
        facts
    }
}

fn free_port() -> SocketAddr {
    UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap()
}

fn noise(length: usize, seed: u32) -> Vec<i16> {
    let mut state = seed;
    (0..length)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((state >> 16) as i16) / 2
        })
        .collect()
}

fn coded(samples: &[i16]) -> Vec<i16> {
    let coded = |&sample| g711::decoded(Codec::Pcmu, g711::encoded(Codec::Pcmu, sample));
    samples.iter().map(coded).collect()
}

/// Answers every packet with one of its own: noise, and a key in between. Gives back the audio that it heard.
fn far_end(socket: &UdpSocket, leg: SocketAddr, packets: u16) -> Vec<u8> {
    socket.set_read_timeout(Some(SOON)).unwrap();
    let (mut heard, mut buffer) = (Vec::new(), [0; 1_500]);
    for number in 0..packets {
        let (length, from) = socket.recv_from(&mut buffer).unwrap();
        assert_eq!((from, length), (leg, 172));
        heard.extend(&buffer[12..length]);
        if number == 0 {
            socket.send_to(&[0x80, 201, 0, 1, 0, 0, 0, 0], leg).unwrap();
        }
        let timestamp = u32::from(number) * 160;
        let packet = match number {
            20..=26 => {
                let duration = (u32::from(number) - 19) * 160;
                let end = if number >= 24 { 0x80 } else { 0 };
                rtp(
                    EVENTS,
                    number,
                    20 * 160,
                    &[5, end, (duration.min(800) >> 8) as u8, duration.min(800) as u8],
                )
            }
            _ => {
                let mut payload = Vec::new();
                g711::encode(Codec::Pcmu, &noise(160, u32::from(number)), &mut payload);
                rtp(0, number, timestamp, &payload)
            }
        };
        socket.send_to(&packet, leg).unwrap();
    }
    heard
}

fn rtp(payload_type: u8, sequence: u16, timestamp: u32, payload: &[u8]) -> Vec<u8> {
    let header = [
        &[0x80, payload_type],
        &sequence.to_be_bytes()[..],
        &timestamp.to_be_bytes(),
        &[0, 0, 0, 1],
    ];
    [header.concat(), payload.to_vec()].concat()
}

/// Both channels of a recording: patient, us.
fn channels(path: &Path) -> [Vec<i16>; 2] {
    let reader = hound::WavReader::open(path).unwrap();
    assert_eq!(
        (
            reader.spec().channels,
            reader.spec().sample_rate,
            reader.spec().bits_per_sample
        ),
        (2, 8_000, 16)
    );
    let pcm: Vec<i16> = reader.into_samples().map(Result::unwrap).collect();
    [0, 1].map(|which| pcm.iter().skip(which).step_by(2).copied().collect())
}

/// How many 20 ms frames of `said` lie in `channel`, in order. A stalled machine may cost some.
fn frames_in(channel: &[i16], said: &[i16]) -> usize {
    let (mut from, mut found) = (0, 0);
    for frame in said.chunks(160) {
        let place = channel
            .get(from..)
            .unwrap_or_default()
            .windows(frame.len())
            .position(|part| part == frame);
        if let Some(place) = place {
            from += place + frame.len();
            found += 1;
        }
    }
    found
}

#[test]
fn two_legs_play_hear_keys_and_record_both_voices() {
    let folder = Scratch::new();
    let mut bench = Bench::start(2, 1_000);
    let legs = [LegId(1), LegId(2)];
    let mut far_ends = Vec::new();
    let mut begun = Moment::ZERO;
    for leg in legs {
        let local = bench.opened(leg);
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let remote = Remote {
            address: socket.local_addr().unwrap(),
            rtcp: None,
            codec: Codec::Pcmu,
            events: Some(EVENTS),
            ptime_ms: 20,
            flow: Flow::SendRecv,
        };
        bench.send(leg, Command::Connect { remote });
        begun = bench.clock.now();
        let path = folder.path().join(format!("{leg}.wav"));
        bench.send(leg, Command::Record { path });
        let prompts = vec!["tone".to_owned()];
        bench.send(leg, Command::Play { play: 3, prompts });
        far_ends.push(std::thread::spawn(move || far_end(&socket, local, 60)));
    }
    let heard: Vec<_> = far_ends.into_iter().map(|thread| thread.join().unwrap()).collect();
    for leg in legs {
        bench.send(leg, Command::Close);
    }
    let talked = bench.clock.now().since(begun).as_millis() as u32;
    let facts = bench.until_closed(2);
    for (leg, heard) in legs.into_iter().zip(heard) {
        let prompt = Prompt::encode(&noise(4_000, 5));
        assert!(
            heard.windows(4_000).any(|part| part == prompt.bytes(Codec::Pcmu)),
            "the prompt came out whole"
        );
        let of_leg: Vec<_> = facts
            .iter()
            .filter(|(id, _)| *id == leg)
            .map(|(_, fact)| fact.clone())
            .collect();
        let count = |wanted: fn(&Fact) -> bool| of_leg.iter().filter(|fact| wanted(fact)).count();
        assert_eq!(count(|fact| matches!(fact, Fact::Heard { .. })), 1);
        assert_eq!(count(|fact| *fact == Fact::PromptDone { play: 3 }), 1);
        let key = Key::from_char('5').unwrap();
        let keys: Vec<_> = of_leg
            .iter()
            .filter(|fact| matches!(fact, Fact::KeyHeard { .. }))
            .collect();
        assert!(
            matches!(keys[..], [Fact::KeyHeard { key: heard, at_ms: 300.., .. }] if *heard == key),
            "{keys:?}"
        );
        let Some(Fact::Closed(Closed {
            recording: Some(recorded),
            packets_received,
            packets_lost: 0,
            ..
        })) = of_leg.last()
        else {
            panic!("{of_leg:?}")
        };
        assert!((55..=60).contains(packets_received));
        check_recording(recorded, talked);
    }
    // A report on the RTP port is read as well.
    assert_eq!(bench.workers.counts().unused.rtcp, 0);
    bench.workers.join();
}

/// An order to close overtakes the leg's next look at its socket.
#[test]
fn a_key_that_came_just_before_the_close_is_told_and_its_sound_recorded() {
    let folder = Scratch::new();
    let mut bench = Bench::start(1, 64);
    let (leg, socket) = (LegId(1), UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
    let local = bench.opened(leg);
    let remote = Remote {
        address: socket.local_addr().unwrap(),
        rtcp: None,
        codec: Codec::Pcmu,
        events: Some(EVENTS),
        ptime_ms: 20,
        flow: Flow::SendRecv,
    };
    bench.send(leg, Command::Connect { remote });
    let path = folder.path().join("last.wav");
    bench.send(leg, Command::Record { path });
    socket.set_read_timeout(Some(SOON)).unwrap();
    // Right after a packet of ours the next look is furthest away.
    socket.recv(&mut [0; 1_500]).unwrap();
    socket.send_to(&rtp(EVENTS, 1, 160, &[5, 0x80, 0, 160]), local).unwrap();
    bench.send(leg, Command::Close);
    let facts: Vec<_> = bench.until_closed(1).into_iter().map(|(_, fact)| fact).collect();
    let key = |fact: &Fact| matches!(fact, Fact::KeyHeard { key, .. } if key.as_char() == '5');
    assert_eq!(facts.iter().filter(|fact| key(fact)).count(), 1, "{facts:?}");
}

fn check_recording(recorded: &Recorded, talked_ms: u32) {
    let [patient, us] = channels(&recorded.path);
    assert_eq!(patient.len() / 8, recorded.duration_ms as usize);
    // The second leg began after the first, and closing takes its time too.
    assert!(
        recorded.duration_ms + 20 >= talked_ms,
        "{} of {talked_ms} ms",
        recorded.duration_ms
    );
    assert!(
        recorded.duration_ms <= talked_ms + 1_000,
        "{} of {talked_ms} ms",
        recorded.duration_ms
    );
    assert!(frames_in(&us, &coded(&noise(4_000, 5))) >= 23, "of 25");
    let said: Vec<_> = (0..58)
        .filter(|n| !(20..=26).contains(n))
        .flat_map(|n| coded(&noise(160, n)))
        .collect();
    assert!(frames_in(&patient, &said) >= 45, "of 51");
}

#[test]
fn a_port_in_use_is_told_and_another_may_be_tried() {
    let mut bench = Bench::start(1, 1_000);
    let taken = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let leg = LegId(1);
    let address = taken.local_addr().unwrap();
    bench.send(leg, Command::Open { address, beside: None });
    assert_eq!(bench.fact(), (leg, Fact::OpenFailed));
    bench.opened(leg);
    bench.send(leg, Command::Close);
    assert_eq!(bench.fact(), (leg, Fact::Closed(Closed::default())));
    assert_eq!(bench.workers.send(leg, Command::Stop), Err(SendError::NotOpen));
}

#[test]
fn a_leg_whose_port_never_opened_is_closed_like_any_other() {
    let mut bench = Bench::start(1, 1_000);
    let taken = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = taken.local_addr().unwrap();
    bench.send(LegId(1), Command::Open { address, beside: None });
    bench.send(LegId(1), Command::Close);
    assert_eq!(bench.fact(), (LegId(1), Fact::OpenFailed));
    assert_eq!(bench.fact(), (LegId(1), Fact::Closed(Closed::default())));
}

#[test]
fn a_recording_that_cannot_be_written_is_told_once_and_media_goes_on() {
    let folder = Scratch::new();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let mut bench = Bench::start(1, 1_000);
    let leg = LegId(1);
    bench.opened(leg);
    let path = folder.path().join("file/1.wav");
    bench.send(leg, Command::Record { path });
    assert_eq!(bench.fact(), (leg, Fact::RecordingFailed));
    // Nobody listens at the other end: errors of the network are lived with.
    let remote = Remote {
        address: free_port(),
        rtcp: None,
        codec: Codec::Pcma,
        events: None,
        ptime_ms: 10,
        flow: Flow::SendRecv,
    };
    bench.send(leg, Command::Connect { remote });
    let prompts = vec!["tone".to_owned()];
    bench.send(leg, Command::Play { play: 1, prompts });
    assert_eq!(bench.fact(), (leg, Fact::PromptDone { play: 1 }));
    bench.send(leg, Command::Close);
    let (_, Fact::Closed(closed)) = bench.fact() else {
        panic!("the last fact is Closed")
    };
    assert_eq!(closed.recording, None);
    assert!(closed.packets_sent >= 50);
}

#[test]
fn stopping_closes_every_leg_and_its_recording() {
    let folder = Scratch::new();
    let mut bench = Bench::start(2, 1_000);
    for number in 0..10 {
        let leg = LegId(number);
        bench.opened(leg);
        let path = folder.path().join(format!("{leg}.wav"));
        bench.send(leg, Command::Record { path });
    }
    bench.workers.stop();
    let mut closed = Vec::new();
    loop {
        match bench.facts.recv_timeout(SOON) {
            Ok((leg, Fact::Closed(Closed { recording, .. }))) => {
                assert!(recording.is_some_and(|recorded| recorded.path.exists()));
                closed.push(leg.0);
            }
            Ok(other) => panic!("{other:?}"),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => panic!("the workers did not end"),
        }
    }
    closed.sort_unstable();
    assert_eq!(closed, (0..10).collect::<Vec<_>>());
    bench.workers.join();
}

#[test]
fn facts_wait_for_a_control_that_is_slow_and_keep_their_order() {
    let mut bench = Bench::start(1, 1);
    let leg = LegId(1);
    bench.opened(leg);
    for play in 0..200 {
        let prompts = vec!["nobody".to_owned()];
        bench.send(leg, Command::Play { play, prompts });
    }
    bench.send(leg, Command::Close);
    for play in 0..200 {
        assert_eq!(bench.fact(), (leg, Fact::PromptMissing { play }));
    }
    assert_eq!(bench.fact(), (leg, Fact::Closed(Closed::default())));
}

#[test]
fn a_worker_fills_a_slot_before_the_next_one_gets_legs() {
    let loads = |bench: &Bench| bench.workers.hands.iter().map(|hand| hand.legs).collect::<Vec<_>>();
    let mut bench = Bench::start(2, 1_000);
    let mut legs = (0..).map(LegId);
    bench.open_so_many(&mut legs, TOGETHER + 1);
    assert_eq!(loads(&bench), [TOGETHER, 1]);
    bench.send(LegId(0), Command::Close);
    bench.until_closed(1);
    bench.open_so_many(&mut legs, 1);
    assert_eq!(loads(&bench), [TOGETHER, 1]);
    bench.open_so_many(&mut legs, TOGETHER);
    assert_eq!(loads(&bench), [TOGETHER + 1, TOGETHER]);
}
