//! The one thread of the far end: SIP as it comes, each call every 20 ms, spread over 20 slots of a millisecond.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mio::net::UdpSocket;
use mio::{Events, Poll};

use crate::moment::Moment;

use super::call::{Here, Outbox};
use super::clock::Clock;
use super::counts::{Counts, Summary};
use super::evidence::Book;
use super::exchange::{Exchange, Line, Yield};
use super::ports::{Ports, seen_by};
use super::script::Script;

/// Slots of a millisecond in 20 ms.
const SLOTS: u64 = 20;
const SLOT: Duration = Duration::from_millis(1);
/// SIP datagrams that are taken before the calls have their turn again.
const MOST_SIP: usize = 100;
/// A far end that is further behind than this lets the missed slots go; before that it makes up for them, late.
const LARGEST_LAG: Duration = Duration::from_secs(1);

/// Everything that the thread owns.
pub(super) struct Turn {
    pub(super) poll: Poll,
    pub(super) socket: UdpSocket,
    pub(super) address: SocketAddr,
    pub(super) exchange: Exchange,
    pub(super) ports: Ports,
    pub(super) log: BufWriter<File>,
    pub(super) book: Option<Book>,
    pub(super) clock: Clock,
    pub(super) shown: Arc<Mutex<Counts>>,
    pub(super) stopping: Arc<AtomicBool>,
    pub(super) next_script: Arc<Mutex<Option<Script>>>,
    pub(super) slots: Vec<Vec<u64>>,
    pub(super) buffer: Vec<u8>,
}

impl Turn {
    /// Runs until it is stopped.
    pub(super) fn run(mut self) -> io::Result<Summary> {
        let mut events = Events::with_capacity(16);
        let mut due = self.clock.now();
        let mut slot = 0u64;
        while !self.stopping.load(Ordering::Acquire) {
            let is_idle = self.slots.iter().all(Vec::is_empty);
            let wait = if is_idle {
                None
            } else {
                Some(due.since(self.clock.now()))
            };
            match self.poll.poll(&mut events, wait) {
                Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
                Ok(()) | Err(_) => {}
            }
            self.take_script();
            self.take_sip()?;
            let now = self.clock.now();
            if is_idle || now.since(due) > LARGEST_LAG {
                due = now;
            }
            while due <= now {
                self.slot(slot)?;
                slot = (slot + 1) % SLOTS;
                due += SLOT;
                if slot == 0 {
                    self.show();
                }
            }
        }
        self.finish()
    }

    fn take_script(&mut self) {
        let next = self.next_script.lock().ok().and_then(|mut next| next.take());
        if let Some(script) = next {
            self.exchange.change_script(script);
        }
    }

    fn take_sip(&mut self) -> io::Result<()> {
        // The socket tells of new datagrams only once, so it is read at every turn.
        for _ in 0..MOST_SIP {
            let (length, from) = match self.socket.recv_from(&mut self.buffer) {
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(_) => continue,
            };
            let now = self.clock.now();
            let sip = SocketAddr::new(seen_by(self.address.ip(), from), self.address.port());
            let here = Here {
                sip,
                rtp: self.ports.spare(from)?,
            };
            let out = self
                .exchange
                .handle(now, from, self.buffer.get(..length).unwrap_or_default(), here);
            if let Some(key) = out.opened {
                self.ports.take(key);
                if let Some(slot) = self.slots.iter_mut().min_by_key(|slot| slot.len()) {
                    slot.push(key);
                }
            }
            self.carry(out, None)?;
        }
        Ok(())
    }

    fn slot(&mut self, slot: u64) -> io::Result<()> {
        let index = usize::try_from(slot).unwrap_or(0);
        let keys = self.slots.get(index).cloned().unwrap_or_default();
        for key in keys {
            self.read_rtp(key)?;
            let now = self.clock.now();
            let out = self.exchange.tick(now, key);
            self.carry(out, Some(key))?;
            if !self.exchange.needs_port(now, key) {
                self.ports.close(key);
            }
            if !self.exchange.knows(key) {
                self.slots.iter_mut().for_each(|slot| slot.retain(|k| *k != key));
            }
        }
        Ok(())
    }

    fn read_rtp(&mut self, key: u64) -> io::Result<()> {
        for packet in self.ports.read(key) {
            let now = self.clock.now();
            let arrival = packet.stamp.map_or(now, |stamp| self.clock.stamped(stamp, now));
            let out = self.exchange.hear(now, key, arrival, packet.from, &packet.datagram);
            self.carry(out, Some(key))?;
        }
        Ok(())
    }

    fn carry(&mut self, out: Yield, key: Option<u64>) -> io::Result<()> {
        self.send_sip(&out.sip);
        for (to, datagram) in &out.rtp {
            if let Some(key) = key {
                self.ports.send(key, *to, datagram);
            }
        }
        if let Some(book) = &mut self.book {
            for seen in &out.seen {
                book.write(&self.clock, seen, self.exchange.held())?;
            }
        }
        self.write(&out.lines)
    }

    fn send_sip(&self, out: &Outbox) {
        for (to, datagram) in out {
            // What cannot be sent is lost, as on any network; it is repeated by its timer.
            let _lost = self.socket.send_to(datagram, *to);
        }
    }

    fn write(&mut self, lines: &[Line]) -> io::Result<()> {
        for line in lines {
            match line {
                Line::Call(entry) => serde_json::to_writer(&mut self.log, entry)?,
                Line::After(after) => serde_json::to_writer(&mut self.log, after)?,
            }
            self.log.write_all(b"\n")?;
        }
        if lines.is_empty() { Ok(()) } else { self.log.flush() }
    }

    fn show(&mut self) {
        self.exchange.stand();
        if let Ok(mut shown) = self.shown.lock() {
            shown.clone_from(&self.exchange.counts);
        }
    }

    fn finish(mut self) -> io::Result<Summary> {
        let keys: Vec<u64> = self.slots.iter().flatten().copied().collect();
        for key in keys {
            self.read_rtp(key)?;
        }
        let now = self.clock.now();
        let lines = self.exchange.abandon(now);
        self.write(&lines)?;
        self.show();
        let wall_ms = u64::try_from(now.since(Moment::ZERO).as_millis()).unwrap_or(u64::MAX);
        let summary = Summary {
            kind: "summary",
            wall_ms,
            counts: self.exchange.counts.with_quantiles(),
        };
        serde_json::to_writer(&mut self.log, &summary)?;
        self.log.write_all(b"\n")?;
        self.log.flush()?;
        Ok(summary)
    }
}
