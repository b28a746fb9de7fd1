//! The shell around the control core: clock, sockets, threads, recorder, and the office where people ask.

pub mod alarms;
pub mod catalogue;
pub mod checks;
pub mod clock;
mod control_loop;
mod descriptors;
mod disk;
pub mod forecast;
pub mod judging;
mod log;
pub mod memory;
pub mod metrics;
pub mod office;
pub mod panics;
pub mod parameters;
pub mod population;
pub mod precedence;
pub mod probe;
pub mod recorder;
mod resolver;
#[cfg(test)]
mod scratch;
mod sockets;
mod trunks;
mod watch;
pub mod workers;

use std::num::NonZero;
use std::sync::mpsc::{self, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use mio::{Poll, Waker};
pub use office::Office;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use tokio::sync::watch as watch_channel;
use tokio::task::JoinSet;
pub use watch::Watcher;

pub use crate::control::Snapshot;

use chrono::Datelike;

use crate::config::Settings;
use crate::control::{Control, HoldCause, Order, Retuned, ShutDown};
use crate::events;
use crate::ids::TrunkId;
use crate::moment::Clocks;
use crate::store::{self, Store};
use catalogue::Catalogue;
use clock::Clock;
use control_loop::ControlLoop;
use disk::DiskWatch;
use resolver::Resolver;
use sockets::Sockets;
use workers::Workers;

/// Facts, replies and orders that may wait for the control thread.
const QUEUE: usize = 4096;

/// A call without RTP from the far end for this long is ended with a word.
const SILENCE: Duration = Duration::from_secs(20);

/// Media workers at most, where the settings do not say.
const WORKERS: usize = 4;

/// Years around the present for which local times are precomputed.
const OFFSET_YEARS: i32 = 30;

/// A running engine.
#[derive(Debug)]
pub struct Engine {
    orders: Orders,
    watcher: Watcher,
    shelf: workers::Shelf,
    punctuality: workers::Punctuality,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// Its other end lives as long as the control thread.
    alive: watch_channel::Receiver<()>,
    condition: Arc<Mutex<alarms::Condition>>,
    /// Held only to end them with the engine.
    _resolver: Resolver,
    _watchmen: JoinSet<()>,
    disk: DiskWatch,
}

/// Where orders to the control core are left.
#[derive(Clone, Debug)]
pub struct Orders {
    queue: SyncSender<Order>,
    waker: Arc<mio::Waker>,
}

impl Orders {
    /// Gives the control core an order.
    pub fn give(&self, order: Order) -> Result<(), office::Error> {
        self.queue.try_send(order).map_err(|_| office::Error::Busy)?;
        self.wake();
        Ok(())
    }

    /// The same, waiting for room; false if the control thread is gone.
    fn give_patiently(&self, order: Order) -> bool {
        let given = self.queue.send(order).is_ok();
        self.wake();
        given
    }

    /// A database away from home calls nobody.
    fn hold_if_frozen(&self, store: &Store) {
        if let Some(why) = store.frozen() {
            let why = store::Error::Frozen { why }.to_string();
            let cause = HoldCause::Frozen;
            if self.give(Order::Hold { cause, why }).is_err() {
                events::freeze_not_told();
            }
        }
    }

    fn register(&self, settings: &Settings) {
        for (index, trunk) in settings.trunks.iter().enumerate() {
            if trunk.register.is_some()
                && let Ok(id) = u16::try_from(index)
                && self.give(Order::Register(TrunkId(id))).is_err()
            {
                events::trunk_not_told(trunk.name.as_str());
            }
        }
    }

    fn wake(&self) {
        // If the wake fails the loop still looks within a quarter of a second.
        drop(self.waker.wake());
    }
}

/// Why the engine could not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The signalling addresses.
    #[error(transparent)]
    Sockets(#[from] sockets::Error),
    /// The trunks' names.
    #[error(transparent)]
    Names(#[from] resolver::Error),
    /// The prompts.
    #[error("the prompts cannot be used:\n{0}")]
    Prompts(String),
    /// The key of the webhook.
    #[error("the webhook's key cannot be used: {0}")]
    Secret(String),
    /// Threads, polls or random numbers of the system.
    #[error("the system refused {what}: {source}")]
    System {
        /// What was asked of it.
        what: &'static str,
        /// Its word.
        source: std::io::Error,
    },
}

/// Opens the store of the settings' data folder, with the local-time table of their time zone.
pub async fn open_store(settings: &Settings, clock: Clock) -> Result<Store, store::Error> {
    let zone = settings.place.time_zone;
    let year = crate::calendar::local(clock.wall(), zone).year();
    let offsets = crate::calendar::offsets(zone, year - OFFSET_YEARS, year + OFFSET_YEARS);
    Store::open_with_journal(&settings.place.data, offsets, clock.wall(), settings.place.journal).await
}

impl Engine {
    /// Starts the threads: control, media workers, recorder.
    pub fn start(settings: &Settings, store: &Store, clock: Clock) -> Result<Self, Error> {
        let system = |what| move |source| Error::System { what, source };
        descriptors::raise(settings);
        let secret = settings.alarm.secret().map_err(Error::Secret)?;
        let poll = Poll::new().map_err(system("an event queue"))?;
        let registry = poll.registry().try_clone().map_err(system("an event queue"))?;
        let waker = Arc::new(Waker::new(&registry, control_loop::WAKE).map_err(system("a waker"))?);
        let phones = settings.phones.as_ref().map(|phones| phones.listen);
        let sockets = Sockets::bind(&settings.trunks, phones, registry)?;
        let mut seed = [0; 32];
        random(&mut seed)?;
        let mut voices = [0; 32];
        random(&mut voices)?;
        let mut tries = [0; 32];
        random(&mut tries)?;
        let (facts_in, facts) = mpsc::sync_channel(QUEUE);
        let (queue, orders_out) = mpsc::sync_channel(QUEUE);
        let orders = Orders {
            queue,
            waker: Arc::clone(&waker),
        };
        let catalogue = load_prompts(settings)?;
        let prompts = catalogue.names().map(str::to_owned).collect();
        let shelf = workers::Shelf::new(catalogue.prompts);
        let setup = workers::Setup {
            count: worker_count(settings),
            clock: clock.clone(),
            prompts: shelf.clone(),
            record: settings.media.record,
            silence_limit: SILENCE,
            seed: voices,
        };
        let workers = Workers::start(setup, facts_in, waker_of(&waker)).map_err(system("media workers"))?;
        let punctuality = workers.punctuality();
        let desk = store.desk(QUEUE, {
            let wake = waker_of(&waker);
            move || wake()
        });
        let (watch, watcher) = watch::watch();
        let names = log::Names(settings.trunks.iter().map(|trunk| trunk.name.clone()).collect());
        let locals = sockets.locals();
        let control =
            Control::new(trunks::control_settings(settings, &locals, sockets.phones()), seed).with_prompts(prompts);
        let (queue, resolved) = mpsc::sync_channel(QUEUE);
        let told = resolver::Told {
            queue,
            wake: waker_of(&waker),
        };
        let mut draws = [0; 32];
        random(&mut draws)?;
        let resolver = Resolver::start(settings, &locals, resolver::Pace::default(), draws, &told)?;
        let mut control_loop = ControlLoop {
            control,
            clock: clock.clone(),
            clocks: Clocks::default(),
            poll,
            sockets,
            workers,
            desk,
            facts,
            orders: orders_out,
            resolved,
            watch,
            names,
        };
        let disk =
            DiskWatch::start(settings, store.clone(), orders.clone()).map_err(system("the watch over the disk"))?;
        orders.hold_if_frozen(store);
        orders.register(settings);
        // Whoever asks for the present finds all that.
        control_loop.begin();
        let (living, alive) = watch_channel::channel(());
        let thread = std::thread::Builder::new()
            .name("control".to_owned())
            .spawn(move || {
                let _living = living;
                control_loop.run();
            })
            .map_err(system("the control thread"))?;
        let mut watchmen = JoinSet::new();
        let post = settings.alarm.webhook.clone().map(|url| {
            let (post, alarms) = tokio::sync::mpsc::channel(alarms::WAITING);
            let webhook = alarms::webhook::Webhook {
                url,
                secret,
                pace: alarms::webhook::Pace::default(),
            };
            watchmen.spawn(webhook.run(alarms, ChaCha8Rng::from_seed(tries)));
            post
        });
        let watchman = alarms::Watchman {
            clock,
            watcher: watcher.clone(),
            store: store.clone(),
            punctuality: punctuality.clone(),
            disk: disk.glance(),
            backup_limit: settings.backup.warn_after,
            post,
        };
        let condition = watchman.start(&mut watchmen);
        Ok(Self {
            condition,
            orders,
            watcher,
            shelf,
            punctuality,
            thread: Mutex::new(Some(thread)),
            alive,
            _resolver: resolver,
            _watchmen: watchmen,
            disk,
        })
    }

    /// Gives the control core an order.
    pub fn order(&self, order: Order) -> Result<(), office::Error> {
        self.orders.give(order)
    }

    /// For those who give orders after the office has answered.
    pub fn orders(&self) -> Orders {
        self.orders.clone()
    }

    /// Waits until the control thread has ended; before a shut-down that is a fault of ours.
    pub async fn ended(&self) {
        // Nothing is ever sent: the error says that the thread's end is gone.
        while self.alive.clone().changed().await.is_ok() {}
    }

    /// The watchers' side.
    pub fn watcher(&self) -> &Watcher {
        &self.watcher
    }

    /// Tells the control core to dial nothing more and how its calls end; `ended` waits until they have.
    pub async fn end_calls(&self, how: ShutDown) {
        let orders = self.orders();
        let told = tokio::task::spawn_blocking(move || orders.give_patiently(Order::ShutDown(how))).await;
        if !matches!(told, Ok(true)) {
            events::stop_not_told();
        }
    }

    /// Takes over what may change of the trunks while calls run: lines, pace, causes, passwords. `settings` has the same
    /// trunks in the same order.
    pub fn retune(&self, settings: &Settings) -> Result<(), office::Error> {
        (0..).map(TrunkId).zip(&settings.trunks).try_for_each(|(id, trunk)| {
            self.order(Order::Retune(Box::new(Retuned {
                trunk: id,
                caps: trunk.caps,
                causes: trunk.causes.clone(),
                password: trunk.password.clone(),
            })))
        })
    }

    /// Loads the prompts anew, for calls that begin from now on; tells how many there are. When one that could be played
    /// until now is missing or faulty, nothing changes: a running questionnaire may need it.
    pub fn reload_prompts(&self, settings: &Settings) -> Result<usize, Error> {
        let prompts = load_prompts(settings)?.prompts;
        let gone = self.shelf.missing_in(&prompts);
        if !gone.is_empty() {
            let gone = gone.join(", ");
            return Err(Error::Prompts(format!(
                "  gone: {gone}; put them back, or stop and start the daemon"
            )));
        }
        let count = prompts.len();
        self.shelf.replace(prompts);
        Ok(count)
    }

    /// What the watchman saw last.
    pub(crate) fn condition(&self) -> alarms::Condition {
        self.condition.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How late the media workers woke so far.
    pub(crate) fn late(&self) -> workers::Late {
        self.punctuality.late()
    }

    /// What the watch over the disk saw last.
    pub(crate) fn disk(&self) -> disk::Glance {
        let glance = self.disk.glance();
        glance.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends every call with CANCEL or BYE, writes their ends, and stops the threads.
    pub async fn shut_down(&self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(thread) = thread else { return };
        let orders = self.orders();
        // The thread ends by itself when the core is drained.
        let joined = tokio::task::spawn_blocking(move || {
            orders.give_patiently(Order::ShutDown(ShutDown::AtOnce));
            thread.join()
        });
        if !matches!(joined.await, Ok(Ok(()))) {
            events::control_died();
        }
    }
}

fn random(bytes: &mut [u8]) -> Result<(), Error> {
    getrandom::fill(bytes).map_err(|error| Error::System {
        what: "random numbers",
        source: std::io::Error::other(error.to_string()),
    })
}

fn waker_of(waker: &Arc<mio::Waker>) -> Arc<dyn Fn() + Send + Sync> {
    let waker = Arc::clone(waker);
    // If the wake fails the loop still looks within a quarter of a second.
    Arc::new(move || drop(waker.wake()))
}

fn worker_count(settings: &Settings) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    settings.media.workers.map_or(cores.min(WORKERS), usize::from)
}

fn load_prompts(settings: &Settings) -> Result<Catalogue, Error> {
    checks::catalogue(settings).map_err(|faults| Error::Prompts(faults.join("\n")))
}
