//! Legs that hear each other, over real sockets.

use std::thread::JoinHandle;

use super::*;
use crate::media::{Paused, tones};

/// A leg beside another, connected to a far end.
fn connected(bench: &mut Bench, leg: LegId, beside: Option<LegId>) -> (SocketAddr, UdpSocket) {
    let local = loop {
        let address = free_port();
        bench.send(leg, Command::Open { address, beside });
        match bench.fact() {
            (_, Fact::Opened) => break address,
            (_, fact) => assert_eq!(fact, Fact::OpenFailed),
        }
    };
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
    (local, socket)
}

fn speaking(socket: UdpSocket, local: SocketAddr) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || far_end(&socket, local, 80))
}

fn linear(bytes: &[u8]) -> Vec<i16> {
    bytes.iter().map(|byte| g711::decoded(Codec::Pcmu, *byte)).collect()
}

/// What a far end says after its key and before its end, when both surely hear each other.
fn said() -> Vec<i16> {
    (30..70).flat_map(|number| coded(&noise(160, number))).collect()
}

#[test]
fn bridged_legs_hear_each_other_and_a_third_hears_both_and_each_keeps_its_keys() {
    let folder = Scratch::new();
    let mut bench = Bench::start(3, 1_000);
    let (agent, patient, supervisor) = (LegId(1), LegId(2), LegId(3));
    let ends = [(agent, None), (patient, Some(agent)), (supervisor, Some(agent))];
    let ends = ends.map(|(leg, beside)| connected(&mut bench, leg, beside));
    assert_eq!(
        bench
            .workers
            .of_leg
            .values()
            .collect::<std::collections::BTreeSet<_>>()
            .len(),
        1
    );
    let path = folder.path().join("1.wav");
    bench.send(patient, Command::Record { path });
    bench.send(agent, Command::Bridge { with: patient });
    bench.send(supervisor, Command::ListenIn { on: patient });
    let heard = ends.map(|(local, socket)| speaking(socket, local));
    let heard = heard.map(|thread| linear(&thread.join().unwrap()));
    for (leg, heard) in [agent, patient].into_iter().zip(&heard) {
        assert!(
            frames_in(heard, &said()) >= 25,
            "{leg} heard {} of 40",
            frames_in(heard, &said())
        );
    }
    assert!(heard[2].iter().filter(|sample| sample.unsigned_abs() > 1_000).count() > 4_000);
    for leg in [agent, patient, supervisor] {
        bench.send(leg, Command::Close);
    }
    let facts = bench.until_closed(3);
    for leg in [agent, patient, supervisor] {
        let of_leg = |fact: &&(LegId, Fact)| fact.0 == leg && matches!(fact.1, Fact::KeyHeard { .. });
        assert_eq!(facts.iter().filter(of_leg).count(), 1, "{leg}");
    }
    let closed = facts
        .iter()
        .find(|(leg, fact)| *leg == LegId(2) && matches!(fact, Fact::Closed(_)));
    let Some((
        _,
        Fact::Closed(Closed {
            recording: Some(recorded),
            ..
        }),
    )) = closed
    else {
        panic!("{closed:?}")
    };
    let [patient, us] = channels(&recorded.path);
    assert!(frames_in(&patient, &said()) >= 25 && frames_in(&us, &said()) >= 25);
    bench.workers.join();
}

#[test]
fn when_one_side_closes_or_breaks_the_other_goes_on_in_silence() {
    for breaks in [None, Some(BREAKS.to_owned())] {
        let mut bench = Bench::start(1, 1_000);
        let (leaves, stays) = (LegId(1), LegId(2));
        let (_, _gone) = connected(&mut bench, leaves, None);
        let (local, socket) = connected(&mut bench, stays, Some(leaves));
        bench.send(stays, Command::Bridge { with: leaves });
        match breaks {
            None => bench.send(leaves, Command::Close),
            Some(prompt) => bench.send(
                leaves,
                Command::Play {
                    play: 1,
                    prompts: vec![prompt],
                },
            ),
        }
        assert_eq!(bench.until_closed(1).len(), 1);
        bench.send(stays, Command::Bridge { with: leaves });
        assert_eq!(bench.fact(), (stays, Fact::BridgeFailed { with: leaves }));
        socket.set_read_timeout(Some(SOON)).unwrap();
        let mut packet = [0; 1_500];
        for _ in 0..10 {
            let (length, from) = socket.recv_from(&mut packet).unwrap();
            assert_eq!((length, from), (172, local));
            assert!(packet[12..length].iter().all(|byte| *byte == 0xFF));
        }
        bench.send(stays, Command::Close);
        bench.until_closed(1);
        bench.workers.join();
    }
}

#[test]
fn a_leg_that_breaks_while_it_is_bridged_leaves_no_tie_to_whoever_gets_its_place() {
    let mut bench = Bench::start(1, 1_000);
    let [breaks, stays, one, other] = [1, 2, 3, 4].map(LegId);
    // Nothing is read of it before it is bridged.
    let address = bench.opened(breaks);
    let stranger = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    stranger.send_to(BREAKS.as_bytes(), address).unwrap();
    connected(&mut bench, stays, Some(breaks));
    bench.send(breaks, Command::Bridge { with: stays });
    assert_eq!(bench.fact(), (breaks, Fact::Closed(Closed::default())));
    let ends = [one, other].map(|leg| connected(&mut bench, leg, Some(stays)));
    bench.send(one, Command::Bridge { with: other });
    bench.send(stays, Command::Close);
    bench.until_closed(1);
    let heard = ends.map(|(local, socket)| speaking(socket, local));
    for heard in heard.map(|thread| linear(&thread.join().unwrap())) {
        let frames = frames_in(&heard, &said());
        assert!(frames >= 25, "{frames} of 40");
    }
}

#[test]
fn a_leg_can_be_bridged_anew_and_with_nobody_else_meanwhile() {
    let mut bench = Bench::start(1, 1_000);
    let legs = [LegId(1), LegId(2), LegId(3)];
    let ends = legs.map(|leg| connected(&mut bench, leg, Some(LegId(1))));
    bench.send(legs[0], Command::Bridge { with: legs[1] });
    bench.send(legs[1], Command::Unbridge);
    bench.send(legs[0], Command::Bridge { with: legs[1] });
    // The patient is handed to another: who was there before hears nothing more.
    bench.send(legs[2], Command::Bridge { with: legs[0] });
    let heard = ends.map(|(local, socket)| speaking(socket, local));
    let heard = heard.map(|thread| linear(&thread.join().unwrap()));
    assert!(frames_in(&heard[0], &said()) >= 25 && frames_in(&heard[2], &said()) >= 25);
    assert!(heard[1].iter().all(|sample| *sample == 0), "of nobody");
    bench.send(legs[0], Command::Bridge { with: legs[0] });
    let failed = Fact::BridgeFailed { with: legs[0] };
    while bench.fact() != (legs[0], failed.clone()) {}
    legs.into_iter().for_each(|leg| bench.send(leg, Command::Close));
    bench.until_closed(3);
    bench.workers.join();
}

#[test]
fn a_paused_recording_says_where_and_the_tones_are_on_every_shelf() {
    let folder = Scratch::new();
    let mut bench = Bench::start(1, 1_000);
    let leg = LegId(1);
    let (_, socket) = connected(&mut bench, leg, None);
    socket.set_read_timeout(Some(SOON)).unwrap();
    let path = folder.path().join("1.wav");
    bench.send(leg, Command::Record { path });
    let prompts = vec![tones::HOLD.to_owned()];
    bench.send(leg, Command::Loop { play: 1, prompts });
    let mut packet = [0; 1_500];
    let mut listen = |packets: usize| {
        for _ in 0..packets {
            socket.recv_from(&mut packet).unwrap();
        }
    };
    listen(20);
    bench.send(leg, Command::PauseRecording);
    listen(20);
    bench.send(leg, Command::ResumeRecording);
    listen(20);
    bench.send(leg, Command::Close);
    let closed = bench.until_closed(1).pop();
    let Some((
        _,
        Fact::Closed(Closed {
            recording: Some(recorded),
            ..
        }),
    )) = closed
    else {
        panic!("{closed:?}")
    };
    let [Paused { from_ms, to_ms }] = recorded.paused[..] else {
        panic!("{recorded:?}")
    };
    assert!(
        from_ms >= 300 && to_ms >= from_ms + 300 && to_ms + 300 <= recorded.duration_ms,
        "{recorded:?}"
    );
    let [_, us] = channels(&recorded.path);
    let at = |millis: u32| (millis * 8) as usize;
    assert!(us[at(from_ms)..at(to_ms)].iter().all(|sample| *sample == 0));
    assert!(us[at(100)..at(from_ms)].iter().any(|sample| *sample != 0));
    assert!(us[at(to_ms)..].iter().any(|sample| *sample != 0));
    bench.workers.join();
}
