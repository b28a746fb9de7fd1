//! `aftercall run`: the daemon.

use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use tokio::sync::oneshot;

use super::interrupt::Interrupts;
use super::{runtime, settings, show};
use crate::calendar::{Hours, Pause, Schedule, Windows};
use crate::config::{CampaignFile, Settings};
use crate::control::Order;
use crate::engine::clock::Clock;
use crate::engine::recorder::reconcile;
use crate::engine::{Engine, Office, open_store};
use crate::http;
use crate::store::{self, Store};

/// Run the daemon: dial what is due in every running campaign, until it is told to stop.
///
/// It dials inside the calling windows of each campaign. SIGTERM or Ctrl-C ends the calls on the line, writes their ends
/// and stops; a second one stops at once. Other commands (import, campaign start, call, status) speak to it over a socket in the data folder.
#[derive(Debug, Args)]
pub(super) struct Run {
    /// What goes to the log: error, warn, info, debug, trace.
    #[arg(long, default_value = "info", value_name = "LEVEL")]
    log: String,
    /// Write the log as lines of JSON.
    #[arg(long)]
    log_json: bool,
    /// Test mode: ignore calling windows. Refused unless every trunk is on loopback.
    #[arg(long)]
    any_time: bool,
}

impl Run {
    pub(super) fn run(self, config: &Path) -> anyhow::Result<ExitCode> {
        start_log(&self.log, self.log_json)?;
        let settings = Arc::new(settings(config)?);
        let faults = super::check::everything(&settings);
        if !faults.is_empty() {
            bail!("not started:\n{}", faults.join("\n"));
        }
        let hours = if self.any_time {
            any_time(&settings)?
        } else {
            Hours::Windows
        };
        runtime()?.block_on(serve(&settings, hours))
    }
}

/// A BYE that nobody answers is given up after 32 s (RFC 3261, Timer F); then the ends are written.
const DRAIN: Duration = Duration::from_secs(45);

/// How long answers under way may take when all calls have ended.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// Test mode is for loopback alone.
pub(super) fn any_time(settings: &Settings) -> anyhow::Result<Hours> {
    match settings.trunks.iter().find(|trunk| !trunk.is_loopback()) {
        Some(trunk) => bail!(
            "test mode ignores calling windows, so it refuses the real trunk \"{}\"",
            trunk.name
        ),
        None => {
            show::note("test mode: calling windows are ignored");
            Ok(Hours::AnyTime)
        }
    }
}

async fn serve(settings: &Arc<Settings>, hours: Hours) -> anyhow::Result<ExitCode> {
    let clock = Clock::start();
    let office = Arc::new(open_office(settings, clock, hours).await?);
    let listener = http::listen(&settings.place.data).context("cannot listen in the data folder")?;
    let (gone, watched) = oneshot::channel::<()>();
    serve_watchers(settings, &office, watched).await?;
    for (name, refused) in office.resume_campaigns().await? {
        match refused {
            None => show::note(&format!("campaign \"{name}\" goes on")),
            Some(why) => show::warn(&format!("campaign \"{name}\" does not go on: {why}")),
        }
    }
    let mut interrupts = Interrupts::new()?;
    let engine = office.engine().context("the daemon has an engine")?;
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(http::serve(listener, Arc::clone(&office), async {
        drop(stopped.await)
    }));
    if let Some(why) = office.store().frozen() {
        show::warn(&store::Error::Frozen { why }.to_string());
    }
    show::line(&format!(
        "aftercall is ready, data in {}",
        settings.place.data.display()
    ));
    tokio::select! {
        () = interrupts.next() => {}
        () = engine.ended() => bail!("the control thread ended by itself; its log says why, and no call can be made"),
    }
    // Nothing new is taken; requests under way are answered while the calls are ended.
    drop((stop, gone));
    show::note("stopping: running calls are ended and written down");
    tokio::select! {
        () = engine.shut_down() => {}
        () = interrupts.next() => bail!("stopped at once; calls that were not written down end as unknown"),
        () = tokio::time::sleep(DRAIN) => {
            bail!("not every end could be written in time; calls that were not written down end as unknown");
        }
    }
    // A connection that only stays open is not waited for.
    drop(tokio::time::timeout(LAST_ANSWERS, serving).await);
    http::leave(&settings.place.data);
    office.store().close().await;
    Ok(ExitCode::SUCCESS)
}

/// Metrics and health over TCP, where the settings want them, until `gone` completes.
async fn serve_watchers(settings: &Settings, office: &Arc<Office>, gone: oneshot::Receiver<()>) -> anyhow::Result<()> {
    let Some(address) = settings.http.listen else {
        return Ok(());
    };
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address} for metrics; set `listen` in [http] to a free port"))?;
    show::note(&format!("metrics and health on http://{}", listener.local_addr()?));
    tokio::spawn(http::serve_watchers(listener, Arc::clone(office), async {
        drop(gone.await)
    }));
    Ok(())
}

/// The store with what a crash left closed, the engine, and the office before both.
pub(super) async fn open_office(settings: &Arc<Settings>, clock: Clock, hours: Hours) -> anyhow::Result<Office> {
    let store = open_store(settings, clock).await?;
    let left_over = store.reader().left_overs(clock.wall()).await?;
    recover(settings, &store, clock).await?;
    if let Some(done) = reconcile::after_crash(&store, clock.wall()).await?.text() {
        show::note(&done);
    }
    let engine = Engine::start(settings, &store, clock)?;
    if !left_over.is_empty() {
        let many = left_over.len();
        engine
            .order(Order::TakeDown(left_over))
            .context("the calls that a crash left over cannot be ended")?;
        show::note(&format!(
            "{many} calls may be left over from a crash: they are being ended"
        ));
    }
    Ok(Office::new(Arc::clone(settings), store, clock, Some(engine), hours))
}

/// What a crash left open ends as unknown and waits for the next night of its campaign.
async fn recover(settings: &Settings, store: &Store, clock: Clock) -> anyhow::Result<()> {
    let (now, zone) = (clock.wall(), settings.place.time_zone);
    let night = |windows: Windows| {
        let schedule = Schedule {
            windows,
            zone,
            hours: Hours::Windows,
        };
        schedule.after(now, Pause::NextNight)
    };
    let mut next_night = store::Nights::new();
    for campaign in store.reader().campaigns(now).await? {
        if let Ok((file, _)) = CampaignFile::parse(&campaign.file) {
            next_night.insert(campaign.id, night(file.windows));
        }
    }
    let otherwise = night(Windows::default());
    let recover = store::Recover {
        now,
        next_night,
        otherwise,
        budget: store::Budget::Spared,
    };
    let left = store.recover(recover).await?;
    if !left.is_empty() {
        show::note(&format!(
            "{} attempts were left open by a crash: ended as unknown, not dialed before the next night",
            left.len()
        ));
    }
    Ok(())
}

/// The log goes to standard error.
pub(super) fn start_log(level: &str, json: bool) -> anyhow::Result<()> {
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter(level)?)
        .with_writer(std::io::stderr)
        .with_target(false);
    let log = log.with_ansi(std::io::stderr().is_terminal());
    if json {
        log.json().init()
    } else {
        log.init()
    }
    Ok(())
}

/// The log goes to a file, created anew.
pub(super) fn start_log_to(file: &Path) -> anyhow::Result<()> {
    let writer = std::fs::File::create(file).with_context(|| format!("cannot write {}", file.display()))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter("info")?)
        .with_ansi(false)
        .with_target(false);
    log.with_writer(std::sync::Mutex::new(writer)).init();
    Ok(())
}

fn filter(level: &str) -> anyhow::Result<tracing_subscriber::EnvFilter> {
    tracing_subscriber::EnvFilter::try_new(format!("warn,aftercall={level}"))
        .with_context(|| format!("--log {level} is no level; expected error, warn, info, debug or trace"))
}
