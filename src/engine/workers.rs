//! The media workers as control sees them: commands go in, facts come out, nothing ever waits.
//!
//! Each worker is a thread that owns its legs' sockets, timers and audio; a leg stays with the worker that opened it. A
//! worker wakes for slots, never for a packet: what came to a leg is read when the leg is due to send, and orders wait for a
//! slot that is near.
//! Both directions are bounded. A worker that cannot hand a fact over keeps it and tries again at its next turn; control
//! that cannot hand a command over is told so at once, but for a close: that is kept until it finds room, so that no leg
//! outlives its call.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::clock::Clock;
use super::precedence;
use super::recorder::{News, Recorder};
use crate::config::Record;
use crate::ids::LegId;
use crate::media::leg::Unused;
use crate::media::playout::Prompts;
use crate::media::{Command, Fact, tones};

mod bridges;
mod hand;
mod inlet;
mod lateness;
mod line;
mod obey;
mod outlet;
mod reports;
mod slots;
mod tape;
mod worker;

use hand::{Hand, Inbox};
use lateness::Lateness;
pub use lateness::{LATE_MS, Late};
use outlet::Outlet;
use slots::TOGETHER;
use tape::Tape;
use worker::Worker;

/// Orders that may wait for a worker.
const ORDERS_MAX: usize = 4_096;

/// The prompts for calls that open from now on; a call keeps those that it opened with.
#[derive(Clone, Debug)]
pub struct Shelf(Arc<Mutex<Arc<Prompts>>>);

impl Shelf {
    /// A shelf with these prompts and the tones.
    pub fn new(prompts: Prompts) -> Self {
        Self(Arc::new(Mutex::new(with_tones(prompts))))
    }

    /// What stands there now.
    pub fn prompts(&self) -> Arc<Prompts> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The names that stand there and are not among these.
    pub fn missing_in(&self, prompts: &Prompts) -> Vec<String> {
        let present = self.prompts();
        present
            .keys()
            .filter(|name| !prompts.contains_key(*name) && !tones::prompts().contains_key(*name))
            .cloned()
            .collect()
    }

    /// Puts others there, beside the tones.
    pub fn replace(&self, prompts: Prompts) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = with_tones(prompts);
    }
}

fn with_tones(mut prompts: Prompts) -> Arc<Prompts> {
    let tones = tones::prompts().iter();
    prompts.extend(tones.map(|(name, prompt)| (name.clone(), Arc::clone(prompt))));
    Arc::new(prompts)
}

/// What the workers start with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Threads, at least one; one per core is right.
    pub count: usize,
    /// The daemon's clock.
    pub clock: Clock,
    /// What legs may be told to play.
    pub prompts: Shelf,
    /// Whether what [`Command::Record`] asks for is done.
    pub record: Record,
    /// A far end that sends nothing for so long is reported.
    pub silence_limit: Duration,
    /// Where SSRCs and first numbers come from.
    pub seed: [u8; 32],
}

/// Wakes whoever reads the facts; called at most once per turn of a worker.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Why a command was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Thousands of commands wait already: the worker is stuck or the machine is far too slow.
    #[error("the media worker takes no more commands")]
    Full,
    /// The worker has ended.
    #[error("the media worker is gone")]
    Gone,
    /// Only `Open` begins a leg.
    #[error("the leg is not open")]
    NotOpen,
}

/// What went wrong or was dropped, summed over all legs that were closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Packets that were not used.
    pub unused: Unused,
    /// Packets that the system did not take.
    pub sends_failed: u64,
    /// Errors of reading a socket, ICMP reports among them.
    pub receives_failed: u64,
    /// Legs that worked without RTCP, because its port could not be had.
    pub without_rtcp: u64,
    /// Samples that the recorder could not take in time.
    pub samples_dropped: u64,
    /// Facts that control did not take for so long that they had to go.
    pub facts_lost: u64,
}

/// The media workers and the recorder behind them.
#[derive(Debug)]
pub struct Workers {
    hands: Vec<Hand>,
    of_leg: BTreeMap<LegId, usize>,
    recorder: Recorder,
    counts: Arc<Mutex<Counts>>,
    punctuality: Punctuality,
    stop: Stop,
}

/// Where anybody may read how late the workers wake. Clones read the same.
#[derive(Clone, Debug, Default)]
pub struct Punctuality(Arc<Lateness>);

impl Punctuality {
    /// How late they were so far.
    pub fn late(&self) -> Late {
        self.0.read()
    }
}

/// Ends the workers when asked, and when it goes.
#[derive(Debug, Default)]
struct Stop {
    asked: Arc<AtomicBool>,
    orders: Vec<SyncSender<Order>>,
}

/// What a worker is told.
#[derive(Debug)]
enum Order {
    /// By control.
    Command(LegId, Command),
    /// By the recorder.
    Recording(LegId, News),
    /// To look whether it is to stop.
    Stop,
    /// To break, all of it.
    #[cfg(test)]
    Break,
}

impl Workers {
    /// Starts the threads. `facts` should hold some thousands; its reader is called by `wake` when there are some.
    pub fn start(setup: Setup, facts: SyncSender<(LegId, Fact)>, wake: Wake) -> io::Result<Self> {
        let recorder = Recorder::start(setup.clock.clone())?;
        let counts = Arc::new(Mutex::new(Counts::default()));
        let punctuality = Punctuality::default();
        let (mut hands, mut stop) = (Vec::new(), Stop::default());
        for number in 0..setup.count.max(1) {
            let (orders, receiver) = sync_channel(ORDERS_MAX);
            stop.orders.push(orders.clone());
            let inbox = Inbox { orders };
            let news = inbox.clone();
            let parts = worker::Parts {
                setup: setup.clone(),
                number,
                orders: receiver,
                stop: Arc::clone(&stop.asked),
                outlet: Outlet::new(facts.clone(), Arc::clone(&wake)),
                tape: Tape::new(recorder.jobs()),
                reply: Arc::new(move |leg, of_recording| news.put(Order::Recording(leg, of_recording))),
                counts: Arc::clone(&counts),
                lateness: Arc::clone(&punctuality.0),
            };
            let thread = std::thread::Builder::new()
                .name(format!("media-{number}"))
                .spawn(move || {
                    precedence::interrupt();
                    Worker::new(parts).run();
                })?;
            hands.push(Hand::new(inbox, thread));
        }
        Ok(Self {
            hands,
            of_leg: BTreeMap::new(),
            recorder,
            counts,
            punctuality,
            stop,
        })
    }

    /// Gives a command to a leg. `Open` puts the leg on the worker of the leg that it is to be beside, or else on the one
    /// with the most room; no leg survives `Close`, which
    /// must be sent for each leg that was opened, also after `OpenFailed`. Of a leg whose command was refused nothing is
    /// certain but that it can be closed: for want of room a `Close` is never refused, it is kept until
    /// [`press`](Self::press) finds some.
    pub fn send(&mut self, leg: LegId, command: Command) -> Result<(), SendError> {
        let is_close = command == Command::Close;
        let number = match (&command, self.of_leg.get(&leg)) {
            (_, Some(number)) => *number,
            (Command::Open { beside, .. }, None) => {
                let beside = beside.and_then(|leg| self.of_leg.get(&leg)).copied();
                beside.unwrap_or_else(|| self.emptiest())
            }
            (_, None) => return Err(SendError::NotOpen),
        };
        let hand = self.hands.get_mut(number).ok_or(SendError::Gone)?;
        let given = hand.give(leg, command);
        if is_close {
            self.of_leg.remove(&leg);
            hand.legs = hand.legs.saturating_sub(1);
        } else if given.is_ok() && self.of_leg.insert(leg, number).is_none() {
            hand.legs += 1;
        }
        given
    }

    /// Hands over the closes that have found no room so far; call it often.
    pub fn press(&mut self) {
        for hand in &mut self.hands {
            // Whose legs are lost is told by `take_lost`.
            hand.press().ok();
        }
    }

    /// The legs of workers that have died since the last time it was asked. They are closed, and no fact will say so.
    pub fn take_lost(&mut self) -> Vec<LegId> {
        let died = self.hands.iter_mut().map(Hand::has_just_died).collect::<Vec<_>>();
        let is_lost = |number: &usize| died.get(*number).copied().unwrap_or_default();
        let lost = self.of_leg.extract_if(.., |_, number| is_lost(number));
        lost.map(|(leg, _)| leg).collect()
    }

    /// The first of those that have begun the fewest slots, so that few legs are one worker's and the others sleep.
    fn emptiest(&self) -> usize {
        let loads = self.hands.iter().enumerate();
        loads
            .min_by_key(|(_, hand)| (hand.is_behind(), hand.legs / TOGETHER))
            .map_or(0, |(number, _)| number)
    }

    /// What went wrong so far.
    pub fn counts(&self) -> Counts {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How late they wake, for others to read.
    pub fn punctuality(&self) -> Punctuality {
        self.punctuality.clone()
    }

    /// Asks the workers to close all legs and end. Facts still come: read them until their channel is disconnected, which
    /// is when every worker has ended, then [`Workers::join`].
    pub fn stop(&self) {
        self.stop.ask();
    }

    /// Waits until the workers have ended and the recorder has written all. Without [`Workers::stop`] before, stops them.
    /// A worker whose facts nobody reads ends after ten seconds all the same.
    pub fn join(self) {
        let Self {
            hands, recorder, stop, ..
        } = self;
        stop.ask();
        hands.into_iter().for_each(Hand::join);
        recorder.join();
    }
}

impl Stop {
    fn ask(&self) {
        self.asked.store(true, Ordering::Relaxed);
        for orders in &self.orders {
            // A worker with as many orders as it takes is awake, and looks when it has obeyed them.
            drop(orders.try_send(Order::Stop));
        }
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        self.ask();
    }
}

#[cfg(test)]
mod tests;
