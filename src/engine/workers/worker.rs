//! One worker's turn: read and send for the legs that are due, obey orders, hand over facts and audio, sleep until the
//! next slot or order.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::super::recorder::Reply;
use super::inlet::{Came, Inlet};
use super::line::{Due, Line, Recording};
use super::obey::Obeyed;
use super::outlet::Outlet;
use super::slots::{Phases, Slots};
use super::tape::Tape;
use super::{Counts, Lateness, Order, Setup};
use crate::ids::LegId;
use crate::media::bridge::Shared;
use crate::media::leg::{Output, Timer, Unused};
use crate::media::rtp::PACKET_MAX;
use crate::media::{Closed, Paused};
use crate::moment::Moment;

/// How often what came is read: a key is heard so much late at most. Who hears a leg has it read before each frame.
pub(super) const READ_EVERY: Duration = Duration::from_millis(60);

/// Packets of most legs leave so often.
const FRAME: Duration = Duration::from_millis(20);

/// What a leg could not read in one turn is read in the next slot.
const READ_ON: Duration = Duration::from_millis(1);

/// While something could not be handed over, a worker tries again so often.
const RETRY: Duration = Duration::from_millis(20);

/// How long a stopping worker waits for the recorder and for control.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// A worker without a leg looks so often whether it is to stop, should the word itself have found no room.
const IDLE: Duration = Duration::from_secs(1);

/// No slot.
const NONE: Moment = Moment::from_nanos(u64::MAX);

pub(super) struct Parts {
    pub(super) setup: Setup,
    pub(super) number: usize,
    pub(super) orders: Receiver<Order>,
    pub(super) stop: Arc<AtomicBool>,
    pub(super) outlet: Outlet,
    pub(super) tape: Tape,
    pub(super) reply: Reply,
    pub(super) counts: Arc<Mutex<Counts>>,
    pub(super) lateness: Arc<Lateness>,
}

/// What a worker knows of the recorder.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Recorder {
    Works,
    /// It was told that it does not.
    Gone,
}

/// A leg whose recording is being closed.
pub(super) struct Closing {
    pub(super) closed: Closed,
    pub(super) recording: Recording,
    pub(super) paused: Vec<Paused>,
}

pub(super) struct Worker {
    pub(super) parts: Parts,
    pub(super) random: ChaCha8Rng,
    pub(super) lines: Vec<Option<Line>>,
    pub(super) free: Vec<usize>,
    pub(super) places: BTreeMap<LegId, usize>,
    pub(super) closing: BTreeMap<LegId, Closing>,
    slots: Slots,
    /// The slot that the worker sleeps for.
    awaited: Moment,
    pub(super) phases: Phases,
    pub(super) inlet: Inlet,
    /// What is carried from one leg to others.
    pub(super) shared: Shared,
    pub(super) stopping_since: Option<Moment>,
    pub(super) recorder: Recorder,
    sends_failed: u64,
    pub(super) without_rtcp: u64,
}

impl Worker {
    pub(super) fn new(parts: Parts) -> Self {
        let mut random = ChaCha8Rng::from_seed(parts.setup.seed);
        random.set_stream(parts.number as u64);
        let slots = Slots::new(parts.setup.clock.now());
        let phases = Phases::new(parts.number, parts.setup.count.max(1));
        Self {
            parts,
            random,
            lines: Vec::new(),
            free: Vec::new(),
            places: BTreeMap::new(),
            closing: BTreeMap::new(),
            slots,
            awaited: NONE,
            phases,
            inlet: Inlet::new(),
            shared: Shared::default(),
            stopping_since: None,
            recorder: Recorder::Works,
            sends_failed: 0,
            without_rtcp: 0,
        }
    }

    pub(super) fn run(mut self) {
        let (mut due, mut datagram) = (Vec::new(), [0; PACKET_MAX]);
        let mut order = None;
        loop {
            // What was ordered before a slot holds for its packets.
            let obeyed = self.obey(order.take());
            self.tick(&mut due, &mut datagram);
            self.parts.tape.flush();
            self.answer_for_the_recorder();
            self.parts.outlet.flush();
            if self.is_over() {
                break self.publish(Unused::default());
            }
            if obeyed == Obeyed::Share {
                continue;
            }
            order = self.sleep();
        }
    }

    /// Sleeps until the next slot. Where that is near, orders wait for it: what they change leaves with its packets anyway, and
    /// to be woken for each costs as much as to send several.
    fn sleep(&mut self) -> Option<Order> {
        let timeout = self.timeout();
        if timeout <= FRAME {
            std::thread::park_timeout(timeout);
            return None;
        }
        match self.parts.orders.recv_timeout(timeout) {
            Ok(order) => Some(order),
            Err(RecvTimeoutError::Timeout) => None,
            // Nobody is left who could give one.
            Err(RecvTimeoutError::Disconnected) => {
                self.parts.stop.store(true, Ordering::Relaxed);
                None
            }
        }
    }

    pub(super) fn now(&self) -> Moment {
        self.parts.setup.clock.now()
    }

    fn timeout(&mut self) -> Duration {
        let now = self.now();
        let next = self.slots.next();
        self.awaited = next.unwrap_or(NONE);
        let slot = next.map(|at| at.since(now));
        let is_waiting = !self.parts.outlet.is_empty() || !self.parts.tape.is_empty() || self.stopping_since.is_some();
        let retry = is_waiting.then_some(RETRY);
        slot.into_iter().chain(retry).min().unwrap_or(IDLE)
    }

    /// Reads and sends for the legs that are due. An entry of a leg that was closed, or that is due later, is passed over.
    fn tick(&mut self, due: &mut Vec<usize>, datagram: &mut [u8; PACKET_MAX]) {
        let now = self.now();
        if now >= self.awaited {
            self.parts.lateness.add(now.since(self.awaited));
            self.awaited = NONE;
        }
        self.slots.sweep(now, due);
        for place in due.drain(..) {
            self.read_speaker(place, now);
            self.alone(place, |worker| worker.serve(place, now, datagram));
            self.pass_on(place);
        }
    }

    /// Does something for one leg. If it panics, that leg is closed unasked and the others go on.
    pub(super) fn alone(&mut self, place: usize, work: impl FnOnce(&mut Self)) {
        if catch_unwind(AssertUnwindSafe(|| work(self))).is_err() {
            self.lose(place);
        }
    }

    fn serve(&mut self, place: usize, now: Moment, datagram: &mut [u8; PACKET_MAX]) {
        let Some(line) = self.lines.get_mut(place).and_then(Option::as_mut) else {
            return;
        };
        let Due::At(at) = line.due else { return };
        if at > now {
            return;
        }
        line.due = Due::Never;
        while let Some((to, bytes)) = line.leg.tick(now, datagram) {
            // A full buffer, an unreachable host: one packet less, as on any network.
            if line.socket.send_to(bytes, to).is_err() {
                self.sends_failed += 1;
            }
        }
        if line.read_at <= now {
            line.read_at = at + READ_EVERY;
            self.read(place);
        }
        self.report(place, now);
        self.settle(place);
    }

    /// Reads what came to a leg.
    pub(super) fn read(&mut self, place: usize) {
        let Some(Line {
            leg,
            socket,
            is_ipv4,
            due,
            read_at,
            ..
        }) = self.lines.get_mut(place).and_then(Option::as_mut)
        else {
            return;
        };
        let clocks = self.parts.setup.clock.reading();
        let came = self.inlet.read(socket, *is_ipv4, |packet| {
            #[cfg(test)]
            assert_ne!(packet.bytes, super::tests::BREAKS.as_bytes(), "a leg under test breaks");
            let arrival = packet.stamp.map_or(clocks.now, |stamp| clocks.moment_of(stamp));
            leg.handle_packet(arrival, packet.from, packet.bytes);
        });
        if came == Came::More {
            *read_at = clocks.now;
            *due = Due::At(self.slots.put(clocks.now + READ_ON, place));
        }
    }

    /// Passes on what a leg says and puts it into the slot where it is due next.
    pub(super) fn settle(&mut self, place: usize) {
        let Some(line) = self.lines.get_mut(place).and_then(Option::as_mut) else {
            return;
        };
        while let Some(output) = line.leg.poll() {
            match output {
                Output::Tell(fact) => self.parts.outlet.tell(line.id, fact),
                Output::Record(pcm) => {
                    let told = line.recording.pass(line.id, pcm, &mut self.parts.tape);
                    if let Some(fact) = told {
                        self.parts.outlet.tell(line.id, fact);
                    }
                }
            }
        }
        if let (Due::Never, Some((at, timer))) = (line.due, line.leg.deadline()) {
            // A report, which nobody expects at any moment, waits for the next frame. So does reading, which wakes the worker by
            // itself only where none is near.
            let frame = line.leg.next_frame().filter(|_| timer == Timer::Report);
            let at = frame.unwrap_or(at);
            let at = if at > line.read_at + FRAME { line.read_at } else { at };
            line.due = Due::At(self.slots.put(at, place));
        }
    }

    fn is_over(&self) -> bool {
        self.stopping_since.is_some_and(|since| {
            let is_clear = self.closing.is_empty() && self.parts.outlet.is_empty() && self.parts.tape.is_empty();
            is_clear || self.now().since(since) > PATIENCE
        })
    }

    /// Adds to the sums that control sees.
    pub(super) fn publish(&mut self, unused: Unused) {
        let facts_lost = self.parts.outlet.take_lost();
        let samples_dropped = self.parts.tape.take_dropped();
        let sends_failed = std::mem::take(&mut self.sends_failed);
        let receives_failed = std::mem::take(&mut self.inlet.failed);
        let without_rtcp = std::mem::take(&mut self.without_rtcp);
        let mut counts = self.parts.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.unused += unused;
        counts.facts_lost += facts_lost;
        counts.samples_dropped += samples_dropped;
        counts.sends_failed += sends_failed;
        counts.receives_failed += receives_failed;
        counts.without_rtcp += without_rtcp;
    }
}
