//! `aftercall run`: the daemon.

pub(super) mod log;
mod reload;
mod service;
mod stop;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use reload::Reload;
use sd_notify::NotifyState;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{oneshot, watch};

use super::interrupt::Interrupts;
use super::recover::recover;
use super::{runtime, settings, show};
use crate::access::Act;
use crate::calendar::Hours;
use crate::config::{self, Secret, Settings};
use crate::control::Order;
use crate::dialer::LONGEST_CAP;
use crate::engine::clock::Clock;
use crate::engine::office::Resumed;
use crate::engine::recorder::reconcile;
use crate::engine::{Engine, Office, open_store};
use crate::engine::{memory, precedence};
use crate::http;
use crate::http::console::{self, Served};
use crate::ids::TrunkId;
use crate::pii::Pii;
use crate::store;

/// Run the daemon: dial what is due in every running campaign, until it is told to stop.
///
/// It dials inside the calling windows of each campaign. SIGTERM or Ctrl-C: nothing more is dialed, talks finish within
/// `[place] drain`, who still talks then hears a goodbye, the rest is hung up, and the ends are written; a second signal
/// goes on to the goodbye at once, a third hangs up. SIGHUP reads the settings again: log level, drain, prompts and each
/// trunk's lines, pace, causes and password change at once; what cannot is named. Other commands (import, campaign start,
/// call, status) speak to it over a socket in the data folder.
///
/// Exit status: 0 after an orderly stop, 1 when it could not start, could not go on or could not write every end (standard
/// error says which), 2 for a faulty command line.
#[derive(Debug, Args)]
pub(super) struct Run {
    /// What goes to the log: error, warn, info, debug, trace; default: as the settings say, there `info`.
    #[arg(long, value_name = "LEVEL")]
    log: Option<String>,
    /// Write the log as lines of JSON.
    #[arg(long)]
    log_json: bool,
    /// Test mode: ignore calling windows. Refused unless every trunk is on loopback.
    #[arg(long)]
    any_time: bool,
}

impl Run {
    pub(super) fn run(self, config: &Path) -> anyhow::Result<ExitCode> {
        memory::take_small_pages();
        precedence::wait_for_turns();
        // Read before the settings are: a change in between is told by the next reload.
        let text = Pii::new(std::fs::read_to_string(config).unwrap_or_default());
        let settings = Arc::new(settings(config)?);
        let level = log::start(self.log.as_deref(), settings.place.log, self.log_json)?;
        let mut faults = super::check::everything(&settings);
        faults.extend(settings.trunks.iter().filter_map(without_credential));
        if !faults.is_empty() {
            bail!("not started:\n{}", faults.join("\n"));
        }
        let hours = if self.any_time {
            any_time(&settings)?
        } else {
            Hours::Windows
        };
        let reload = Reload::new(config, text, &settings, level);
        runtime()?.block_on(serve(&settings, hours, reload))
    }
}

/// How long answers under way may take when all calls have ended.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// The service alone has the credentials; other commands do without.
fn without_credential(trunk: &config::Trunk) -> Option<String> {
    let Secret::Credential(name) = &trunk.secret else {
        return None;
    };
    Some(format!(
        "  trunk \"{}\": its password is the credential \"{name}\", and there is no $CREDENTIALS_DIRECTORY here: the unit \
         needs LoadCredential={name}:FILE",
        trunk.name
    ))
}

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

async fn serve(settings: &Arc<Settings>, hours: Hours, mut reload: Reload) -> anyhow::Result<ExitCode> {
    // What comes while it starts is heeded when it has.
    let mut interrupts = Interrupts::new()?;
    let mut hangups = signal(SignalKind::hangup())?;
    let clock = Clock::start();
    let office = Arc::new(open_office(settings, clock, hours).await?);
    let listener = http::listen(&settings.place.data).context("cannot listen in the data folder")?;
    let (gone, watched) = oneshot::channel::<()>();
    serve_watchers(settings, &office, watched).await?;
    let console = serve_console(settings, &office)?;
    for (name, resumed) in office.resume_campaigns().await? {
        match resumed {
            Resumed::GoesOn => show::note(&format!("campaign \"{name}\" goes on")),
            Resumed::Paused(since) => show::note(&format!(
                "campaign \"{name}\" stays paused, since {}",
                crate::calendar::local(since, settings.place.time_zone).format("%Y-%m-%d %H:%M")
            )),
            Resumed::Refused(why) => show::warn(&format!("campaign \"{name}\" does not go on: {why}")),
        }
    }
    load_phones(&office).await;
    office.take_calls().await?;
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
    let (phase, present) = watch::channel(service::Phase::Running);
    let alive = tokio::spawn(service::keep_alive(engine.watcher().clone(), present));
    let ruling = tokio::spawn({
        let office = Arc::clone(&office);
        async move { office.keep_rules().await }
    });
    let comparing = tokio::spawn({
        let office = Arc::clone(&office);
        async move { office.keep_integrity().await }
    });
    let counting = tokio::spawn({
        let office = Arc::clone(&office);
        async move { office.keep_tallies().await }
    });
    service::tell(&[NotifyState::Ready]);
    loop {
        tokio::select! {
            () = interrupts.next() => break,
            _ = hangups.recv() => {
                let told = again(&mut reload, engine);
                note_reload(&office, told).await;
                load_phones(&office).await;
                take_calls(&office).await;
                console.iter().for_each(Served::reload);
            }
            () = engine.ended() => bail!("the control thread ended by itself; its log says why, and no call can be made"),
        }
    }
    service::stopping();
    phase.send_replace(service::Phase::Stopping);
    let ended = stop::end_calls(engine, &mut interrupts, reload.drain()).await;
    alive.abort();
    ruling.abort();
    comparing.abort();
    counting.abort();
    service::stopping();
    ended?;
    // Requests under way are answered; nothing new is taken.
    drop((stop, gone));
    if let Some(console) = console {
        drop(tokio::time::timeout(2 * LAST_ANSWERS, console.stop()).await);
    }
    // A connection that only stays open is not waited for.
    drop(tokio::time::timeout(LAST_ANSWERS, serving).await);
    http::leave(&settings.place.data);
    office.store().close().await;
    Ok(ExitCode::SUCCESS)
}

/// Reads the settings again and tells people and the service manager.
fn again(reload: &mut Reload, engine: &Engine) -> Vec<String> {
    service::reloading();
    match reload.reload(engine) {
        Ok(told) => {
            show::note("the settings were read again");
            told.iter().for_each(|line| show::note(line));
            service::tell(&[NotifyState::Ready]);
            told
        }
        Err(why) => {
            show::warn(&format!(
                "the settings were read again and nothing was changed: {why:#}"
            ));
            service::tell(&[NotifyState::Ready]);
            Vec::new()
        }
    }
}

/// Notes in the audit log which settings were taken over; none: nothing was.
async fn note_reload(office: &Office, told: Vec<String>) {
    if told.is_empty() {
        return;
    }
    let act = Act {
        deed: "reloaded_settings",
        detail: Some(serde_json::json!({ "told": told })),
        ..Act::default()
    };
    // Who edited the file is the operating system's to know.
    if let Err(why) = office.store().note_deed(act.by_nobody(office.clock().wall())).await {
        show::warn(&format!(
            "the audit log does not have it that the settings were read again: {why}"
        ));
    }
}

/// Who may register a phone, from the database.
async fn load_phones(office: &Office) {
    if let Err(why) = office.load_phones().await {
        show::warn(&format!("the phones were not read again: {why}"));
    }
}

/// How calls to us are answered, by the dialplans as they are now.
async fn take_calls(office: &Office) {
    if let Err(why) = office.take_calls().await {
        show::warn(&format!("calls to us are answered as before: {why}"));
    }
}

/// The console, where the settings have it.
fn serve_console(settings: &Settings, office: &Arc<Office>) -> anyhow::Result<Option<Served>> {
    let Some(console) = &settings.console else {
        show::note("no console: the settings have no [console]");
        return Ok(None);
    };
    let served = console::serve(console, settings.place.time_zone, Arc::clone(office))?;
    show::note(&format!("the console is on {} 管理界面", served.url()));
    if let Some(fingerprint) = served.fingerprint() {
        show::note(&format!("its certificate has the SHA-256 fingerprint {fingerprint}"));
    }
    Ok(Some(served))
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
    let store = open_store(settings, clock.clone()).await?;
    let left_over = store.reader().left_overs(clock.wall()).await?;
    recover(settings, &store, clock.clone(), hours).await?;
    if let Some(done) = reconcile::after_crash(&store, clock.wall()).await?.text() {
        show::note(&done);
    }
    let engine = Engine::start(settings, &store, clock.clone())?;
    // What the caps of caller numbers look back on.
    let since = clock.wall() - LONGEST_CAP;
    let shown = store
        .reader()
        .callers_shown(since)
        .await?
        .into_iter()
        .filter_map(|shown| {
            let (index, _) = settings.trunk(&shown.trunk)?;
            let trunk = TrunkId(u16::try_from(index).ok()?);
            Some((trunk, shown.number, clock.wall().since(shown.at)))
        });
    engine
        .order(Order::CallersShown(shown.collect()))
        .context("the engine takes no order")?;
    // The calls that a copied database knows of may be those of the daemon that it was copied from.
    if !left_over.is_empty() && store.frozen().is_none() {
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
