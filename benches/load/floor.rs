//! The floor: what the packets and files of so many calls cost a loop that does nothing else, on this machine, now.
//! Figures of different days compare by their ratio to it.

use std::fs::File;
use std::io::{self, Write};
use std::net::{Ipv4Addr, UdpSocket};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::time::ClockId;

use super::rig::Recorded;

/// How long it runs.
const RUN: Duration = Duration::from_secs(10);

/// It wakes as often as the daemon's slots are due.
const SLOT: Duration = Duration::from_millis(1);

/// Packets leave every so many slots.
const SLOTS: u32 = 20;

/// A header and 20 ms of G.711.
const PACKET: usize = 172;

/// A second of two channels, 8 kHz, 16 bit.
const SECOND: usize = 32_000;

/// One call's end: its socket, and its recording where it keeps one.
struct Leg {
    socket: UdpSocket,
    file: Option<File>,
    audio: Vec<u8>,
}

/// Milliseconds of CPU a call-second.
pub(crate) fn measure(calls: u32, record: Recorded) -> anyhow::Result<f64> {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, most, most)?;
    let folder = folder(calls)?;
    let measured = run(calls, record, &folder);
    std::fs::remove_dir_all(&folder)?;
    measured
}

fn folder(calls: u32) -> anyhow::Result<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("floor-{}-{calls}", std::process::id()));
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    Ok(folder)
}

fn run(calls: u32, record: Recorded, folder: &Path) -> anyhow::Result<f64> {
    let mut near = Vec::new();
    let mut far = Vec::new();
    for call in 0..calls {
        let (one, other) = (socket()?, socket()?);
        one.connect(other.local_addr()?)?;
        other.connect(one.local_addr()?)?;
        let file = match record {
            Recorded::Yes => Some(File::create(folder.join(format!("{call}.wav")))?),
            Recorded::No => None,
        };
        near.push(Leg::new(one, file));
        far.push(Leg::new(other, None));
    }
    let other_side = thread::spawn(move || keep_time(far));
    let measured = thread::spawn(move || -> io::Result<Duration> {
        let before = cpu()?;
        keep_time(near)?;
        Ok(cpu()?.saturating_sub(before))
    });
    let cpu = measured.join().map_err(|_| anyhow!("the floor broke down"))??;
    other_side
        .join()
        .map_err(|_| anyhow!("the floor's far side broke down"))??;
    Ok(cpu.as_secs_f64() * 1_000.0 / (f64::from(calls) * RUN.as_secs_f64()))
}

impl Leg {
    const fn new(socket: UdpSocket, file: Option<File>) -> Self {
        Self {
            socket,
            file,
            audio: Vec::new(),
        }
    }

    fn turn(&mut self) -> io::Result<()> {
        let mut packet = [0; PACKET];
        // What has not come yet is read in the next turn.
        drop(self.socket.recv(&mut packet));
        drop(self.socket.send(&packet));
        if let Some(file) = &mut self.file {
            for sample in &packet[12..] {
                self.audio.extend_from_slice(&[0, *sample, 0, *sample]);
            }
            if self.audio.len() >= SECOND {
                file.write_all(&self.audio)?;
                self.audio.clear();
            }
        }
        Ok(())
    }
}

fn socket() -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

#[expect(clippy::disallowed_methods, reason = "a loop that keeps time is what is measured")]
fn keep_time(mut legs: Vec<Leg>) -> io::Result<()> {
    let begun = Instant::now();
    let mut slot = 0;
    while begun.elapsed() < RUN {
        for leg in legs.iter_mut().skip((slot % SLOTS) as usize).step_by(SLOTS as usize) {
            leg.turn()?;
        }
        slot += 1;
        thread::sleep((SLOT * slot).saturating_sub(begun.elapsed()));
    }
    Ok(())
}

/// The processor time of this thread.
fn cpu() -> io::Result<Duration> {
    Ok(Duration::from(ClockId::CLOCK_THREAD_CPUTIME_ID.now()?))
}
