//! One worker's turn: tick the legs that are due, obey orders, hand over facts and audio, sleep, read what came.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mio::{Events, Poll};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::super::recorder::Reply;
use super::line::{Due, Line, Recording};
use super::obey::Obeyed;
use super::outlet::Outlet;
use super::slots::{PHASES, Slots};
use super::tape::Tape;
use super::{Counts, Order, Setup};
use crate::ids::LegId;
use crate::media::Closed;
use crate::media::leg::{Output, Unused};
use crate::media::rtp::PACKET_MAX;
use crate::moment::Moment;

/// Packets per socket and turn, so that a flooded leg cannot starve the others.
const PACKETS_PER_TURN: usize = 64;

/// While something could not be handed over, a worker tries again so often.
const RETRY: Duration = Duration::from_millis(20);

/// How long a stopping worker waits for the recorder and for control.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// The longest datagram that is read whole; no RTP packet of ours comes near.
const DATAGRAM_MAX: usize = 2_048;

pub(super) struct Parts {
    pub(super) setup: Setup,
    pub(super) number: usize,
    pub(super) poll: Poll,
    pub(super) orders: Receiver<Order>,
    pub(super) stop: Arc<AtomicBool>,
    pub(super) outlet: Outlet,
    pub(super) tape: Tape,
    pub(super) reply: Reply,
    pub(super) counts: Arc<Mutex<Counts>>,
}

/// A leg whose recording is being closed.
pub(super) struct Closing {
    pub(super) closed: Closed,
    pub(super) recording: Recording,
}

pub(super) struct Worker {
    pub(super) parts: Parts,
    pub(super) random: ChaCha8Rng,
    /// Leg n has the token n + 1.
    pub(super) lines: Vec<Option<Line>>,
    pub(super) free: Vec<usize>,
    pub(super) places: BTreeMap<LegId, usize>,
    pub(super) closing: BTreeMap<LegId, Closing>,
    slots: Slots,
    pub(super) phases: [usize; PHASES],
    /// Sockets that had more to read than one turn takes.
    unread: Vec<usize>,
    pub(super) stopping_since: Option<Moment>,
    sends_failed: u64,
    receives_failed: u64,
}

impl Worker {
    pub(super) fn new(parts: Parts) -> Self {
        let mut random = ChaCha8Rng::from_seed(parts.setup.seed);
        random.set_stream(parts.number as u64);
        let slots = Slots::new(parts.setup.clock.now());
        Self {
            parts,
            random,
            lines: Vec::new(),
            free: Vec::new(),
            places: BTreeMap::new(),
            closing: BTreeMap::new(),
            slots,
            phases: [0; PHASES],
            unread: Vec::new(),
            stopping_since: None,
            sends_failed: 0,
            receives_failed: 0,
        }
    }

    pub(super) fn run(mut self) {
        let mut events = Events::with_capacity(1_024);
        let (mut due, mut datagram, mut received) = (Vec::new(), [0; PACKET_MAX], [0; DATAGRAM_MAX]);
        loop {
            self.tick(&mut due, &mut datagram);
            let obeyed = self.obey();
            self.parts.tape.flush();
            self.parts.outlet.flush();
            if self.is_over() {
                break self.publish(Unused::default());
            }
            let timeout = if obeyed == Obeyed::Share {
                Some(Duration::ZERO)
            } else {
                self.timeout()
            };
            match self.parts.poll.poll(&mut events, timeout) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    tracing::error!(%error, "a media worker cannot wait for packets; it ends");
                    break;
                }
            }
            let mut readable = std::mem::take(&mut self.unread);
            readable.extend(events.iter().filter_map(|event| event.token().0.checked_sub(1)));
            for place in readable {
                self.read(place, &mut received);
            }
        }
    }

    pub(super) fn now(&self) -> Moment {
        self.parts.setup.clock.now()
    }

    fn timeout(&self) -> Option<Duration> {
        if !self.unread.is_empty() {
            return Some(Duration::ZERO);
        }
        let now = self.now();
        let slot = self.slots.next().map(|at| at.since(now));
        let is_waiting = !self.parts.outlet.is_empty() || !self.parts.tape.is_empty() || self.stopping_since.is_some();
        let retry = is_waiting.then_some(RETRY);
        slot.into_iter().chain(retry).min()
    }

    /// Sends what is due. An entry of a leg that was closed, or that is due later, is passed over.
    fn tick(&mut self, due: &mut Vec<usize>, datagram: &mut [u8; PACKET_MAX]) {
        let now = self.now();
        self.slots.sweep(now, due);
        for place in due.drain(..) {
            let Some(line) = self.lines.get_mut(place).and_then(Option::as_mut) else {
                continue;
            };
            if !matches!(line.due, Due::At(at) if at <= now) {
                continue;
            }
            line.due = Due::Never;
            while let Some((to, bytes)) = line.leg.tick(now, datagram) {
                // A full buffer, an unreachable host: one packet less, as on any network.
                if line.socket.send_to(bytes, to).is_err() {
                    self.sends_failed += 1;
                }
            }
            self.settle(place);
        }
    }

    fn read(&mut self, place: usize, received: &mut [u8; DATAGRAM_MAX]) {
        let now = self.now();
        let mut failed = 0;
        let Some(line) = self.lines.get_mut(place).and_then(Option::as_mut) else {
            return;
        };
        let mut is_drained = false;
        for _ in 0..PACKETS_PER_TURN {
            match line.socket.recv_from(received) {
                Ok((length, from)) => line
                    .leg
                    .handle_packet(now, from, received.get(..length).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    is_drained = true;
                    break;
                }
                // ICMP: nobody listens there yet. Early media is often like that.
                Err(_) => failed += 1,
            }
        }
        self.receives_failed += failed;
        if !is_drained {
            self.unread.push(place);
        }
        self.settle(place);
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
        if let (Due::Never, Some((at, _))) = (line.due, line.leg.deadline()) {
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
        let receives_failed = std::mem::take(&mut self.receives_failed);
        let mut counts = self.parts.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.unused += unused;
        counts.facts_lost += facts_lost;
        counts.samples_dropped += samples_dropped;
        counts.sends_failed += sends_failed;
        counts.receives_failed += receives_failed;
    }
}
