//! The conversations: pairs of legs on the daemon's media workers, and the far end's process beside.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command as Process, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use aftercall::config::Record;
use aftercall::engine::clock::Clock;
use aftercall::engine::workers::{Setup, Shelf, Workers};
use aftercall::ids::LegId;
use aftercall::media::{Closed, Command, Fact, Flow, Remote};
use anyhow::{Context, bail};
use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage, setrlimit};

use super::far_side::codec;
use super::figures::{Figures, Heard, More};

/// Facts that may wait: a dozen of each leg.
const FACTS: usize = 65_536;

/// Media workers at most, as in the daemon.
const WORKERS: usize = 4;

/// A recording may differ from its conversation by so much.
const RECORDING_MS: u32 = 2_000;

/// Ports for the legs, two each.
const FIRST_PORT: u16 = 24_000;

/// What a worker gets to answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// The far end's process. Dropped, it is killed.
struct FarSide {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

struct Media {
    workers: Workers,
    facts: Receiver<(LegId, Fact)>,
    next_port: u16,
}

/// Measures so many conversations.
pub(crate) fn measure(calls: u32, seconds: u32) -> anyhow::Result<Figures> {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, most, most)?;
    let folder = folder(calls)?;
    let measured = run(calls, seconds, &folder);
    std::fs::remove_dir_all(&folder)?;
    measured
}

fn folder(calls: u32) -> anyhow::Result<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bridge-{}-{calls}", std::process::id()));
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    Ok(folder)
}

fn run(calls: u32, seconds: u32, folder: &Path) -> anyhow::Result<Figures> {
    let mut far_side = FarSide::start(2 * calls, seconds)?;
    let far_ports: Vec<u16> = serde_json::from_str(&far_side.line()?)?;
    let mut media = Media::start()?;
    let mut near_ports = Vec::new();
    for (number, far_port) in (0..).zip(far_ports) {
        let beside = (number % 2 == 1).then(|| LegId(number - 1));
        near_ports.push(media.open(LegId(number), beside)?);
        let remote = Remote {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, far_port)),
            rtcp: None,
            codec: codec(u32::try_from(number)?),
            events: Some(101),
            ptime_ms: 20,
            flow: Flow::SendRecv,
        };
        media.workers.send(LegId(number), Command::Connect { remote })?;
        if let Some(agent) = beside {
            let path = folder.join(format!("{number}.wav"));
            media.workers.send(LegId(number), Command::Record { path })?;
            media.workers.send(agent, Command::Bridge { with: LegId(number) })?;
        }
    }
    far_side.tell(&serde_json::to_string(&near_ports)?)?;
    let punctuality = media.workers.punctuality();
    let said = far_side.line()?;
    if said != "measuring" {
        bail!("the far end said {said:?}");
    }
    let (before, late_before) = (cpu()?, punctuality.late());
    let heard: Heard = serde_json::from_str(&far_side.line()?)?;
    let (after, late) = (cpu()?, punctuality.late().since(&late_before));
    let spent = [after.0.saturating_sub(before.0), after.1.saturating_sub(before.1)];
    let [user, system] = spent.map(|spent| spent.as_secs_f64() * 1_000.0);
    let recordings = media.close(2 * calls, seconds * 1_000)?;
    let more = More {
        delay_ms_max: heard.delay_ms_max,
        system_share: system / (user + system).max(1.0),
        late_share: late.heard() as f64 / late.count().max(1) as f64,
        recordings,
    };
    let call_seconds = f64::from(calls) * f64::from(seconds);
    Ok(Figures::of(calls, &heard, (user + system) / call_seconds, more))
}

/// What this process used so far: in user space, in the kernel.
fn cpu() -> anyhow::Result<(Duration, Duration)> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let duration = |time: nix::sys::time::TimeVal| {
        let seconds = Duration::from_secs(u64::try_from(time.tv_sec()).unwrap_or(0));
        seconds + Duration::from_micros(u64::try_from(time.tv_usec()).unwrap_or(0))
    };
    Ok((duration(usage.user_time()), duration(usage.system_time())))
}

impl Media {
    fn start() -> anyhow::Result<Self> {
        let (sender, facts) = sync_channel(FACTS);
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        let setup = Setup {
            count: cores.min(WORKERS),
            clock: Clock::start(),
            prompts: Shelf::new([].into()),
            record: Record::Calls,
            silence_limit: Duration::from_secs(20),
            seed: [3; 32],
        };
        Ok(Self {
            workers: Workers::start(setup, sender, Arc::new(|| {}))?,
            facts,
            next_port: FIRST_PORT,
        })
    }

    /// Opens a leg on the next port that is free.
    fn open(&mut self, leg: LegId, beside: Option<LegId>) -> anyhow::Result<u16> {
        loop {
            let port = self.next_port;
            self.next_port = port.checked_add(2).context("no port is left")?;
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            self.workers.send(leg, Command::Open { address, beside })?;
            loop {
                match self.facts.recv_timeout(PATIENCE)? {
                    (told, Fact::Opened) if told == leg => return Ok(port),
                    (told, Fact::OpenFailed) if told == leg => break,
                    (_, Fact::BridgeFailed { .. }) => bail!("a bridge could not be built"),
                    // Of the legs before.
                    (_, _) => {}
                }
            }
        }
    }

    /// Closes all legs, and counts the recordings that are as long as the talk at least.
    fn close(mut self, legs: u32, talked_ms: u32) -> anyhow::Result<u32> {
        for leg in 0..legs {
            self.workers.send(LegId(u64::from(leg)), Command::Close)?;
        }
        let (mut closed, mut recordings) = (0, 0);
        while closed < legs {
            if let (_, Fact::Closed(Closed { recording, .. })) = self.facts.recv_timeout(PATIENCE)? {
                closed += 1;
                let is_whole = recording.is_some_and(|recorded| recorded.duration_ms + RECORDING_MS >= talked_ms);
                recordings += u32::from(is_whole);
            }
        }
        self.workers.join();
        Ok(recordings)
    }
}

impl FarSide {
    fn start(sockets: u32, seconds: u32) -> anyhow::Result<Self> {
        let mut child = Process::new(std::env::current_exe()?)
            .args(["--far-side", &sockets.to_string(), "--seconds", &seconds.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().context("a child without standard output")?;
        let lines = BufReader::new(stdout).lines();
        Ok(Self { child, lines })
    }

    fn line(&mut self) -> anyhow::Result<String> {
        Ok(self.lines.next().context("the far end has ended")??)
    }

    fn tell(&mut self, line: &str) -> anyhow::Result<()> {
        let stdin = self.child.stdin.as_mut().context("a child without standard input")?;
        Ok(writeln!(stdin, "{line}")?)
    }
}

impl Drop for FarSide {
    fn drop(&mut self) {
        // One that has ended cannot be killed.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
