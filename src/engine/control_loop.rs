//! The control thread: the one owner of the control core. It never waits for disk, database or a full channel.

use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::Duration;

use mio::{Events, Poll, Token};

use tracing::field::display;

use super::clock::Clock;
use super::log::Names;
use super::resolver::Resolved;
use super::sockets::{Heard, Sockets};
use super::watch::Watch;
use super::workers::Workers;
use crate::control::{Control, Input, Order, Output, Told};
use crate::dialer::{Reply, Request};
use crate::events;
use crate::ids::LegId;
use crate::media::{Closed, Command, Fact};
use crate::moment::Clocks;
use crate::store::{Desk, Refused};

/// The token by which other threads wake the loop.
pub(super) const WAKE: Token = Token(usize::MAX);

/// How many inputs of one kind are taken before the others have their turn.
const BUDGET: usize = 256;

/// How often screens get a new picture at the least.
const PICTURE_EVERY: Duration = Duration::from_millis(250);

/// What the control thread owns and hears.
pub(super) struct ControlLoop {
    pub(super) control: Control,
    pub(super) clock: Clock,
    pub(super) clocks: Clocks,
    pub(super) poll: Poll,
    pub(super) sockets: Sockets,
    pub(super) workers: Workers,
    pub(super) desk: Desk,
    pub(super) facts: Receiver<(LegId, Fact)>,
    pub(super) orders: Receiver<Order>,
    pub(super) resolved: Receiver<Resolved>,
    pub(super) watch: Watch,
    pub(super) names: Names,
}

/// The channels that are read in turn.
#[derive(Clone, Copy)]
enum Turn {
    /// Something may be left.
    More,
    /// Empty for now.
    Empty,
    /// The other side is gone: the daemon is being dropped.
    Gone,
}

impl ControlLoop {
    /// Takes the orders that were given before there was a thread, and shows the first picture.
    pub(super) fn begin(&mut self) {
        while matches!(self.read_orders(), Turn::More) {}
        self.watch.turned(self.clock.now());
        self.watch.picture(self.control.snapshot());
    }

    /// Runs until the control core is drained after a shut-down order.
    pub(super) fn run(mut self) {
        let mut events = Events::with_capacity(64);
        let mut busy = false;
        let mut pictured = self.clock.now();
        loop {
            if !self.wait(&mut events, busy) {
                return;
            }
            busy = self.read_sockets();
            for turn in [self.read_facts(), self.read_replies(), self.read_orders()] {
                match turn {
                    Turn::More => busy = true,
                    Turn::Empty => {}
                    Turn::Gone => return,
                }
            }
            self.read_names();
            self.workers.press();
            let now = self.clock.now();
            self.watch.turned(now);
            let was_set = self.clocks.look(now, self.clock.wall()).is_some();
            if was_set || self.control.deadline().is_some_and(|(at, _)| at <= now) {
                self.take(Input::Wake);
            }
            if now.since(pictured) >= PICTURE_EVERY {
                pictured = now;
                self.watch.picture(self.control.snapshot());
                self.watch.media(self.workers.counts());
                self.miss_workers();
            }
            if self.watch.drained() {
                self.watch.picture(self.control.snapshot());
                self.end_workers();
                return;
            }
        }
    }

    /// Lets the workers close what is left; their facts are read until the last of them has gone.
    fn end_workers(self) {
        self.workers.stop();
        while self.facts.recv().is_ok() {}
        self.workers.join();
    }

    fn wait(&mut self, events: &mut Events, busy: bool) -> bool {
        let now = self.clock.now();
        let deadline = self.control.deadline().map(|(at, _)| at.since(now));
        let timeout = if busy {
            Duration::ZERO
        } else {
            deadline.unwrap_or(PICTURE_EVERY).min(PICTURE_EVERY)
        };
        match self.poll.poll(events, Some(timeout)) {
            Ok(()) => {
                let now = self.clock.now();
                events.iter().for_each(|event| self.sockets.notice(now, event));
                self.sockets.check(now);
                true
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => true,
            Err(error) => {
                events::control_cannot_wait(display(error));
                false
            }
        }
    }

    fn read_sockets(&mut self) -> bool {
        for _ in 0..BUDGET {
            let (now, wall) = (self.clock.now(), self.clock.wall());
            match self.sockets.receive(now) {
                Some(Heard::Message(path, bytes)) => self.control.handle(now, wall, Input::Received { path, bytes }),
                Some(Heard::Failed(path, bytes)) => {
                    self.control.handle(now, wall, Input::SendFailed { path, bytes });
                }
                Some(Heard::Closed(path)) => self.control.handle(now, wall, Input::Closed { path }),
                None => return false,
            }
            self.carry_out();
        }
        true
    }

    fn read_facts(&mut self) -> Turn {
        for _ in 0..BUDGET {
            match self.facts.try_recv() {
                Ok((leg, fact)) => self.take(Input::Media { leg, fact }),
                Err(TryRecvError::Empty) => return Turn::Empty,
                Err(TryRecvError::Disconnected) => return Turn::Gone,
            }
        }
        Turn::More
    }

    fn read_replies(&mut self) -> Turn {
        for _ in 0..BUDGET {
            match self.desk.try_recv() {
                Some(reply) => self.take(Input::Store(reply)),
                None => return Turn::Empty,
            }
        }
        Turn::More
    }

    fn read_orders(&mut self) -> Turn {
        for _ in 0..BUDGET {
            match self.orders.try_recv() {
                Ok(order) => self.take(Input::Order(order)),
                Err(TryRecvError::Empty) => return Turn::Empty,
                Err(TryRecvError::Disconnected) => return Turn::Gone,
            }
        }
        Turn::More
    }

    fn read_names(&mut self) {
        while let Ok(Resolved { trunk, targets }) = self.resolved.try_recv() {
            self.sockets.resolved(usize::from(trunk.0), &targets);
            self.take(Input::Resolved { trunk, targets });
        }
    }

    fn take(&mut self, input: Input<'_>) {
        self.control.handle(self.clock.now(), self.clock.wall(), input);
        self.carry_out();
    }

    fn carry_out(&mut self) {
        while let Some(output) = self.control.poll() {
            match output {
                Output::Send { path, bytes } => self.sockets.send(self.clock.now(), path, bytes),
                Output::Media { leg, command } => self.media(leg, command),
                Output::Ask(request) => self.ask(request),
                Output::Told(told) => self.tell(told),
            }
        }
    }

    fn media(&mut self, leg: LegId, command: Command) {
        let is_close = command == Command::Close;
        if let Err(error) = self.workers.send(leg, command) {
            events::media_command_refused(leg.0, display(error));
            // Want of room refuses no close: there is no such leg, or no such worker any more.
            let fact = if is_close {
                Fact::Closed(Closed::default())
            } else {
                Fact::CommandRefused
            };
            self.control
                .handle(self.clock.now(), self.clock.wall(), Input::Media { leg, fact });
        }
    }

    /// The legs of a worker that has died are closed; the others go on.
    fn miss_workers(&mut self) {
        for leg in self.workers.take_lost() {
            let fact = Fact::Closed(Closed::default());
            self.take(Input::Media { leg, fact });
        }
    }

    fn ask(&mut self, request: Request) {
        let (request, why) = match self.desk.try_send(request) {
            Ok(()) => return,
            Err(Refused::Full(request)) => (request, "as many requests wait as the store takes"),
            Err(Refused::Closed(request)) => (request, "the store is closed"),
        };
        let reply = Reply::Failed {
            request: *request,
            why: why.to_owned(),
        };
        self.control
            .handle(self.clock.now(), self.clock.wall(), Input::Store(reply));
    }

    fn tell(&mut self, told: Told) {
        super::log::write(&told, &self.names);
        self.watch.tell(told);
    }
}
