//! The virtual world: a whole night of calls in seconds, with the same control core that dials at night.
//!
//! [`World`] owns the clock. Datagrams, sound and the store's answers are happenings with a time; a step takes the
//! earliest of them and of the core's deadline, lets the core answer, and checks every invariant. The trunk is written
//! apart from `sip/` and reads our messages as plain text, so that it can disagree with us.

mod clocks;
mod crash;
pub mod forecast;
mod invariants;
pub mod judge;
mod ledger;
mod message;
mod network;
mod patient;
mod sound;
mod trunk;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crash::Life;
pub use invariants::{Invariants, SecondReader};
pub use ledger::{Attempt, Case, Ledger, NewCase, OwnNumber};
pub use network::Network;
pub use patient::{Patient, Talk};
pub use sound::Sound;
pub use trunk::{Seen, Service, VirtualTrunk};

use crate::control::{self, Control, Input, Order, Output, Told};
use crate::dialer::Request;
use crate::ids::{CampaignId, LegId, TrunkId};
use crate::media;
use crate::moment::{Jump, Moment, Wall};
use crate::sip;

/// What is under way in the world.
#[derive(Debug)]
enum Happening {
    /// A datagram reaches the daemon.
    ToDaemon {
        from: SocketAddr,
        to: SocketAddr,
        bytes: Vec<u8>,
    },
    /// A datagram reaches a trunk.
    ToTrunk {
        gate: usize,
        from: SocketAddr,
        bytes: Vec<u8>,
    },
    /// The network says that nobody listens there.
    Unreachable { path: sip::Path, bytes: Vec<u8> },
    /// A trunk serves otherwise from now on.
    Turn { gate: usize, service: Service },
    /// A patient calls us.
    CallIn {
        gate: usize,
        number: String,
        talk: Option<Talk>,
    },
    /// The trunk or one of its patients acts.
    Trunk(trunk::Act),
    /// A leg's media tells.
    Fact {
        leg: LegId,
        fact: media::Fact,
        play: Option<u32>,
    },
    /// The store commits and answers.
    Commit(Request),
    /// Somebody orders.
    Order(Order),
    /// Somebody sets the civil clock.
    ClockSet(Jump),
    /// The machine is suspended.
    Suspended { lasts: Duration },
    /// The daemon is killed.
    Killed,
    /// The next daemon begins.
    Begins,
}

/// Everything: the daemon's core and all that surrounds it.
#[derive(Debug)]
pub struct World {
    now: Moment,
    origin: Wall,
    clocks: clocks::Clocks,
    chance: ChaCha8Rng,
    settings: control::Settings,
    control: Control,
    life: Life,
    /// What the next run begins with.
    started: BTreeMap<CampaignId, Order>,
    takes_calls: Option<Order>,
    happenings: BTreeMap<(Moment, u64), Happening>,
    count: u64,
    network: Network,
    trunk: VirtualTrunk,
    sound: Sound,
    ledger: Ledger,
    /// When the last commit that was asked for is done: they are done in order.
    committed: Moment,
    invariants: Invariants,
    told: Vec<(Moment, Told)>,
    steps: u64,
}

impl World {
    /// A world at rest that begins at `origin`. The same seed gives the same night.
    pub fn new(settings: control::Settings, origin: Wall, seed: u64, durations: BTreeMap<String, Duration>) -> Self {
        let mut chance = ChaCha8Rng::seed_from_u64(seed);
        let mut tags = [0; 32];
        chance.fill_bytes(&mut tags);
        let doors: Vec<_> = settings
            .sip
            .trunks
            .iter()
            .filter_map(|trunk| Some((trunk.targets.first()?.address, trunk.local)))
            .collect();
        Self {
            now: Moment::ZERO,
            origin,
            clocks: clocks::Clocks::default(),
            chance,
            control: Control::new(settings.clone(), tags),
            settings,
            life: Life::Up,
            started: BTreeMap::new(),
            takes_calls: None,
            happenings: BTreeMap::new(),
            count: 0,
            network: Network::default(),
            trunk: VirtualTrunk::new(doors),
            sound: Sound::new(durations),
            ledger: Ledger::default(),
            committed: Moment::ZERO,
            invariants: Invariants::default(),
            told: Vec::new(),
            steps: 0,
        }
    }

    /// The network between daemon and trunk, to make it worse.
    pub fn network(&mut self) -> &mut Network {
        &mut self.network
    }

    /// The trunks, to put patients behind them.
    pub fn trunk(&mut self) -> &mut VirtualTrunk {
        &mut self.trunk
    }

    /// Has the next bridges of two legs fail, as if one of them had no place beside the other.
    pub fn fail_bridges(&mut self, times: u32) {
        self.sound.fail_bridges(times);
    }

    /// The store's double.
    pub fn ledger(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    /// The rules that hold after every step.
    pub fn invariants(&mut self) -> &mut Invariants {
        &mut self.invariants
    }

    /// What the core told, with its time.
    pub fn told(&self) -> &[(Moment, Told)] {
        &self.told
    }

    /// The civil time of this world.
    pub fn wall(&self) -> Wall {
        self.clocks.wall(self.origin + self.now.since(Moment::ZERO))
    }

    /// Time since the world began.
    pub fn elapsed(&self) -> Duration {
        self.now.since(Moment::ZERO)
    }

    /// Steps taken so far.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Calls that are not over.
    pub fn calls(&self) -> usize {
        self.control.calls()
    }

    /// RTP ports that are lent.
    pub fn ports_lent(&self) -> usize {
        self.control.ports().lent().count()
    }

    /// An order that reaches the core `after` this long.
    pub fn order(&mut self, after: Duration, order: Order) {
        self.schedule(after, Happening::Order(order));
    }

    /// A trunk serves otherwise, `after` this long.
    pub fn turn(&mut self, after: Duration, trunk: TrunkId, service: Service) {
        let gate = usize::from(trunk.0);
        self.schedule(after, Happening::Turn { gate, service });
    }

    /// A patient calls us over a trunk, `after` this long.
    pub fn call_in(&mut self, after: Duration, trunk: TrunkId, number: &str) {
        let (gate, number) = (usize::from(trunk.0), number.to_owned());
        let talk = None;
        self.schedule(after, Happening::CallIn { gate, number, talk });
    }

    /// The same with somebody at the telephone who does what a patient does with what is heard, if the call is answered.
    pub fn calls_in(&mut self, after: Duration, trunk: TrunkId, number: &str, talk: Talk) {
        let (gate, number) = (usize::from(trunk.0), number.to_owned());
        let talk = Some(talk);
        self.schedule(after, Happening::CallIn { gate, number, talk });
    }

    /// The present as screens show it.
    pub fn snapshot(&self) -> control::Snapshot {
        self.control.snapshot()
    }

    /// Steps until `done` says so or `limit` has passed; whether it was done. Broken invariants end it at once.
    pub fn run_until(&mut self, limit: Duration, done: impl Fn(&Self) -> bool) -> Result<bool, Vec<String>> {
        let end = self.now + limit;
        loop {
            if done(self) {
                return Ok(true);
            }
            match self.next_at() {
                Some(at) if at <= end => self.step(at)?,
                Some(_) | None => {
                    self.now = end;
                    return Ok(false);
                }
            }
        }
    }

    /// Whether every case is closed and nothing is on the line.
    pub fn is_over(&self) -> bool {
        self.control.calls() == 0 && self.ledger.is_over()
    }

    fn next_at(&self) -> Option<Moment> {
        let happening = self.happenings.keys().next().map(|(at, _)| *at);
        let deadline = self.deadline().map(|at| at.max(self.now).max(self.clocks.asleep_until));
        happening.into_iter().chain(deadline).min()
    }

    fn deadline(&self) -> Option<Moment> {
        let deadline = self.control.deadline().map(|(at, _)| at);
        deadline.filter(|_| self.life == Life::Up)
    }

    fn step(&mut self, at: Moment) -> Result<(), Vec<String>> {
        self.now = at.max(self.now);
        self.steps += 1;
        let due = self
            .happenings
            .first_key_value()
            .is_some_and(|((when, _), _)| *when <= self.now);
        if let Some((_, happening)) = due.then(|| self.happenings.pop_first()).flatten() {
            if let Some(happening) = self.while_asleep(happening) {
                self.happen(happening);
            }
            self.drain();
        }
        if self.clocks.asleep_until > self.now {
            return Ok(());
        }
        // A deadline of the same moment has passed, too.
        if self.deadline().is_some_and(|at| at <= self.now) {
            self.tell(Input::Wake);
        }
        self.drain();
        // Something happened at the very moment of a deadline: the core is woken then all the same.
        if self.deadline().is_some_and(|at| at <= self.now) {
            self.tell(Input::Wake);
            self.drain();
        }
        if self.life == Life::Down {
            return Ok(());
        }
        let deadline = self.control.deadline();
        self.invariants
            .after_step(self.now, deadline, &self.control, &self.ledger)
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::ToDaemon { from, to, bytes } => self.tell(Input::Received {
                path: sip::Path {
                    transport: sip::Transport::Udp,
                    local: to,
                    peer: from,
                },
                bytes: &bytes,
            }),
            Happening::ToTrunk { gate, .. } if self.trunk.service(gate) == Service::Closed => {}
            Happening::ToTrunk { gate, bytes, .. } if self.trunk.service(gate) == Service::Dark => {
                self.trunk.swallow(&bytes);
            }
            Happening::ToTrunk { gate, from, bytes } => {
                let acts = self.trunk.receive(self.now, gate, from, &bytes, &mut self.chance);
                self.carry(acts);
            }
            Happening::Unreachable { path, bytes } => self.tell(Input::SendFailed { path, bytes: &bytes }),
            Happening::Turn { gate, service } => self.trunk.turns(gate, service),
            Happening::CallIn { gate, number, talk } => {
                let acts = self.trunk.call_in(self.now, gate, &number, talk);
                self.carry(acts);
            }
            Happening::Trunk(act) => {
                let acts = self.trunk.act(self.now, act);
                self.carry(acts);
            }
            Happening::Fact { leg, fact, play } => {
                if self.sound.still_holds(self.now, leg, play) {
                    self.tell(Input::Media { leg, fact });
                }
            }
            Happening::Commit(request) => {
                let reply = self.ledger.answer(request);
                self.invariants.replied(&reply);
                self.tell(Input::Store(reply));
            }
            Happening::Order(order) => {
                self.remember(&order);
                self.tell(Input::Order(order));
            }
            Happening::Killed => self.killed(),
            Happening::Begins => self.begins(),
            Happening::ClockSet(jump) => {
                self.clocks.set(jump);
                self.tell(Input::Wake);
            }
            Happening::Suspended { lasts } => self.clocks.asleep_until = self.now + lasts,
        }
    }

    fn tell(&mut self, input: Input<'_>) {
        if self.life == Life::Down {
            return;
        }
        self.control.handle(self.now, self.wall(), input);
    }

    fn drain(&mut self) {
        while let Some(output) = self.control.poll() {
            let wall = self.wall();
            match output {
                Output::Send { path, bytes } => self.sends(wall, path, &bytes),
                Output::Media { leg, command } => {
                    self.invariants.commanded(leg, &command);
                    for later in self.sound.command(self.now, leg, command, &mut self.trunk) {
                        self.schedule_sound(later);
                    }
                }
                Output::Ask(request) => {
                    self.invariants.asked(&request);
                    let done = self.now + self.ledger.latency(&mut self.chance);
                    self.committed = self.committed.max(done);
                    self.schedule(self.committed.since(self.now), Happening::Commit(request));
                }
                Output::Told(told) => {
                    self.invariants.told(&told);
                    self.told.push((self.now, told));
                }
            }
        }
    }

    fn sends(&mut self, wall: Wall, path: sip::Path, bytes: &[u8]) {
        let Some(gate) = self.trunk.gate(path.peer) else {
            return self.invariants.spoke_to_a_stranger(path.peer);
        };
        let trunk = TrunkId(u16::try_from(gate).unwrap_or(u16::MAX));
        self.invariants.sent(self.now, wall, trunk, bytes, &self.ledger);
        for after in self.network.carry(&mut self.chance) {
            let happening = match self.trunk.service(gate) {
                Service::Closed => {
                    self.trunk.swallow(bytes);
                    let bytes = bytes.to_vec();
                    Happening::Unreachable { path, bytes }
                }
                Service::Serves | Service::Dark | Service::Refuses { .. } => Happening::ToTrunk {
                    gate,
                    from: path.local,
                    bytes: bytes.to_vec(),
                },
            };
            self.schedule(after, happening);
        }
    }

    fn carry(&mut self, acts: Vec<trunk::Later>) {
        for later in acts {
            match later {
                trunk::Later::Send { gate, bytes, .. }
                    if matches!(self.trunk.service(gate), Service::Dark | Service::Closed) =>
                {
                    self.trunk.swallow(&bytes);
                }
                trunk::Later::Send { gate, to, bytes } => {
                    let from = self.trunk.address(gate);
                    for after in self.network.carry(&mut self.chance) {
                        self.schedule(
                            after,
                            Happening::ToDaemon {
                                from,
                                to,
                                bytes: bytes.clone(),
                            },
                        );
                    }
                }
                trunk::Later::Act { after, act } => self.schedule(after, Happening::Trunk(act)),
                trunk::Later::Press { after, port, key } => {
                    if let Some(later) = self.sound.press(after, port, key, self.now) {
                        self.schedule_sound(later);
                    }
                }
            }
        }
    }

    fn schedule_sound(&mut self, later: sound::Later) {
        match later {
            sound::Later::Fact { after, leg, fact, play } => {
                self.schedule(after, Happening::Fact { leg, fact, play });
            }
            sound::Later::Trunk(acts) => self.carry(acts),
        }
    }

    fn schedule(&mut self, after: Duration, happening: Happening) {
        self.count += 1;
        self.happenings.insert((self.now + after, self.count), happening);
    }
}
