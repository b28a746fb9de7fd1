//! The far end of every leg, in a process of its own: it says stamps and looks for those of the others.

use std::io::{self, BufRead, IoSliceMut, Write};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant, SystemTime};

use aftercall::media::{Codec, g711};
use anyhow::{Context, bail};
use nix::cmsg_space;
use nix::sys::socket::sockopt::ReceiveTimestampns;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt};
use nix::sys::time::TimeSpec;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::figures::Heard;
use super::stamp::{self, FRAME, NUMBERS, Reader};

/// Packets leave so often, each socket at its own time within it.
const PTIME: Duration = Duration::from_millis(20);

/// It looks for what is due so often.
const SLOT: Duration = Duration::from_millis(1);

/// What is not counted, in packets.
const WARM_UP: u32 = 150;

/// Of so many packets, the first are stamps and the rest is quiet.
const TURN: u32 = 125;
const STAMPS: u32 = 100;

/// How long is listened on after the last packet.
const AFTERWARDS: Duration = Duration::from_millis(500);

/// How patients speak of every other conversation; all others speak PCMA.
pub(crate) const fn codec(socket: u32) -> Codec {
    if socket % 4 == 3 { Codec::Pcmu } else { Codec::Pcma }
}

struct Side {
    socket: UdpSocket,
    leg: SocketAddr,
    codec: Codec,
    /// When its first packet leaves, after the beginning.
    offset: Duration,
    packets: u32,
    reader: Reader,
    /// When each stamp left, in nanoseconds since 1970; zero once it was heard.
    left: Vec<i64>,
}

/// Says its ports, is told the legs' ones, and says what it heard in the end.
pub(crate) fn run(sockets: u32, seconds: u32) -> anyhow::Result<()> {
    let sockets: Vec<UdpSocket> = (0..sockets).map(|_| bind()).collect::<io::Result<_>>()?;
    let ports: Vec<u16> = sockets
        .iter()
        .map(|socket| Ok(socket.local_addr()?.port()))
        .collect::<io::Result<_>>()?;
    say(&serde_json::to_string(&ports)?)?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    let legs: Vec<u16> = serde_json::from_str(&line).context("the ports of the legs")?;
    if legs.len() != sockets.len() {
        bail!("{} legs for {} sockets", legs.len(), sockets.len());
    }
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let sides = sockets
        .into_iter()
        .zip(legs)
        .zip(0..)
        .map(|((socket, leg), number)| Side {
            socket,
            leg: SocketAddr::from((Ipv4Addr::LOCALHOST, leg)),
            codec: codec(number),
            offset: Duration::from_micros(u64::from(random.next_u32() % 20_000)),
            packets: 0,
            reader: Reader::default(),
            left: vec![0; usize::from(NUMBERS)],
        });
    let heard = talk(sides.collect(), WARM_UP + seconds * 50)?;
    say(&serde_json::to_string(&heard)?)
}

fn bind() -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.set_nonblocking(true)?;
    setsockopt(&socket, ReceiveTimestampns, &true)?;
    Ok(socket)
}

fn say(line: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

#[expect(clippy::disallowed_methods, reason = "a far end that keeps time, in a bench")]
fn talk(mut sides: Vec<Side>, packets: u32) -> anyhow::Result<Heard> {
    let begun = Instant::now();
    let (mut sent, mut delays) = (0, Vec::new());
    let whole = PTIME * packets;
    let mut is_warm = false;
    let mut slot = 0;
    while begun.elapsed() < whole + AFTERWARDS {
        let now = begun.elapsed();
        if !is_warm && now >= PTIME * WARM_UP {
            is_warm = true;
            say("measuring")?;
        }
        for place in 0..sides.len() {
            while let Some(side) = sides.get_mut(place)
                && side.packets < packets
                && side.offset + PTIME * side.packets <= now
            {
                sent += side.speak()?;
                hear(&mut sides, place, &mut delays);
            }
        }
        if now >= whole {
            (0..sides.len()).for_each(|place| hear(&mut sides, place, &mut delays));
        }
        slot += 1;
        std::thread::park_timeout((SLOT * slot).saturating_sub(begun.elapsed()));
    }
    delays.sort_unstable();
    let of = |share: f64| {
        let place = (delays.len() as f64 * share) as usize;
        delays
            .get(place.min(delays.len().saturating_sub(1)))
            .map_or(0.0, |nanos| *nanos as f64 / 1e6)
    };
    Ok(Heard {
        delay_p50_ms: of(0.5),
        delay_p99_ms: of(0.99),
        delay_ms_max: of(1.0),
        sent,
        heard: delays.len() as u64,
    })
}

/// Reads what came to a side, and finds the stamps of its partner in it.
fn hear(sides: &mut [Side], place: usize, delays: &mut Vec<i64>) {
    let Some(side) = sides.get_mut(place) else { return };
    let mut found = Vec::new();
    while let Some((at, payload)) = receive(&side.socket) {
        let codec = side.codec;
        let samples = payload.into_iter().map(|byte| g711::decoded(codec, byte));
        side.reader
            .take(at, samples, |number, plays| found.push((number, plays)));
    }
    let Some(partner) = sides.get_mut(place ^ 1) else {
        return;
    };
    for (number, plays) in found {
        if let Some(left) = partner.left.get_mut(usize::from(number))
            && *left != 0
        {
            delays.push(plays - std::mem::take(left));
        }
    }
}

/// The next packet that came, with the kernel's time of it in nanoseconds since 1970.
fn receive(socket: &UdpSocket) -> Option<(i64, Vec<u8>)> {
    let (mut buffer, mut control) = ([0; 1_500], cmsg_space!(TimeSpec));
    let mut slices = [IoSliceMut::new(&mut buffer)];
    let received = recvmsg::<SockaddrStorage>(
        socket.as_raw_fd(),
        &mut slices,
        Some(&mut control),
        MsgFlags::MSG_DONTWAIT,
    )
    .ok()?;
    let at = received.cmsgs().ok()?.find_map(|message| {
        let ControlMessageOwned::ScmTimestampns(time) = message else {
            return None;
        };
        i64::try_from(Duration::from(time).as_nanos()).ok()
    })?;
    let length = received.bytes;
    Some((at, buffer.get(12..length).unwrap_or_default().to_vec()))
}

impl Side {
    /// Sends the next packet; gives how many stamps of those that count it was.
    #[expect(
        clippy::disallowed_methods,
        reason = "the time at which a packet leaves is what is measured"
    )]
    fn speak(&mut self) -> anyhow::Result<u64> {
        let number = self.packets;
        self.packets += 1;
        let is_stamp = number % TURN < STAMPS;
        let word = u16::try_from(number % u32::from(NUMBERS)).unwrap_or(0);
        let samples = if is_stamp { stamp::sound(word) } else { [0; FRAME] };
        let mut packet = vec![0x80, self.codec.payload()];
        packet.extend((number as u16).to_be_bytes());
        packet.extend((number * FRAME as u32).to_be_bytes());
        packet.extend(u32::from(self.leg.port()).to_be_bytes());
        g711::encode(self.codec, &samples, &mut packet);
        let counts = is_stamp && number >= WARM_UP;
        if counts && let Some(left) = self.left.get_mut(usize::from(word)) {
            *left = i64::try_from(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_nanos())?;
        }
        // A full buffer: one packet less, which is counted as lost.
        drop(self.socket.send_to(&packet, self.leg));
        Ok(u64::from(counts))
    }
}
