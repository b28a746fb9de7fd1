//! The control core: the user agent, all calls and the dialer composed into one value.
//!
//! [`Control`] is what the engine's control thread drives over real sockets and what `night/` drives in virtual time:
//! the loop that the tests run is the loop that runs at night.

mod breakdown;
mod call_back;
mod calls;
mod clocks;
mod conversation;
mod door;
mod failover;
mod health;
mod hold;
mod inbound;
mod left_over;
mod line;
mod notes;
mod pictures;
mod ports;
mod stop;
mod store;
#[cfg(test)]
pub(crate) mod tests;
mod trunks;
mod unfinished;
mod watch;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

pub use calls::recording_row;
pub use door::{HandCall, HoldCause, Input, Order, Output, Retuned, Settings, ShutDown, Snapshot, Told, Trunk, Who};
pub use inbound::Incoming;
pub use line::Line;
pub use pictures::{
    AgentPicture, ConversationPicture, ConversationState, LegPicture, LegState, PhonePicture, PhoneStanding,
};
pub use ports::Ports;
pub use trunks::{Alarm, DownReason, Standing, Trouble, TrunkPicture};
pub use unfinished::Afresh;

use crate::call::{self, Call};
use crate::dialer::{Campaign, Claimed, Dialer, Request};
use crate::dialplan::Dialplan;
use crate::ids::{AttemptId, CallMark, CampaignId, ConversationId, LegId, TrunkId};
use crate::moment::{Clocks, Moment, Wall};
use crate::outcome::Tried;
use crate::sip::UserAgent;
use crate::{dialer, media, sip};
use call_back::Noted;
use conversation::Conversations;
use failover::Unserved;
use health::{Change, Health};
use hold::Holds;
use inbound::{Inbound, Taken};
use left_over::LeftOvers;
use notes::Notes;
use stop::Stopping;
use trunks::Remembered;
use unfinished::Versions;

/// Everything that one daemon does on the telephone.
#[derive(Debug)]
pub struct Control {
    settings: Settings,
    ua: UserAgent,
    dialer: Dialer,
    ports: Ports,
    campaigns: BTreeMap<CampaignId, Running>,
    calls: BTreeMap<LegId, Live>,
    by_attempt: BTreeMap<AttemptId, LegId>,
    /// Calls that their trunk could not carry, until the dialer says whether another one may.
    unserved: BTreeMap<AttemptId, Unserved>,
    /// Calls by hand whose attempt is being written.
    asked: BTreeMap<u64, HandCall>,
    /// Of these: no longer wanted. The attempt is ended as soon as it is written.
    unwanted: BTreeSet<u64>,
    /// What the store has refused, and ends that it has not confirmed; asked again when it failed.
    unwritten: BTreeMap<(AttemptId, Piece), Unwritten>,
    /// Notes that the store has refused, and when they are written again.
    unnoted: BTreeMap<AttemptId, Moment>,
    /// What a crash left over.
    left_over: LeftOvers,
    /// Legs whose timers may have changed since the last look.
    deadlines: BTreeSet<(Moment, LegId)>,
    next_leg: u64,
    /// The floor and its conversations.
    desk: Conversations,
    /// What legs are known by that have no attempt.
    secret: CallMark,
    health: Health,
    remembered: BTreeMap<TrunkId, Remembered>,
    noted: Noted,
    inbound: Inbound,
    holds: Holds,
    versions: Versions,
    clocks: Clocks,
    /// The times of the last input.
    now: Moment,
    wall: Wall,
    shutting_down: Stopping,
    totals: Snapshot,
    outputs: VecDeque<Output>,
}

/// A campaign that may dial.
#[derive(Debug)]
struct Running {
    campaign: Campaign,
    dialplan: Arc<Dialplan>,
}

/// A call and what it is for.
#[derive(Debug)]
struct Live {
    call: Call,
    who: Who,
    claimed: Option<Claimed>,
    /// The agent's conversation that it is part of.
    conversation: Option<ConversationId>,
    /// The patient called us.
    taken: Option<Taken>,
    begun: Wall,
    /// The trunks that could not carry it before this one.
    tried: Vec<Tried>,
    notes: Notes,
    deadline: Option<Moment>,
}

/// What of an attempt is written again when the store has refused it, in the order in which it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    /// The key of this number, and what it answered.
    Key(u32),
    /// Its end.
    End,
    /// That no call of it is up any more.
    TakenDown,
}

/// A piece on its way to the store.
#[derive(Debug)]
struct Unwritten {
    request: Request,
    again_at: Option<Moment>,
}

/// What the next deadline is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// The user agent's.
    Sip(sip::Timer),
    /// A call's.
    Call(call::Timer),
    /// The dialer's.
    Dialer(dialer::Timer),
    /// An end or a note is to be written again.
    Rewrite,
    /// A call that a crash left over is to be taken down again.
    LeftOver,
    /// An agent's: a preview, a wrap-up, a phone that rings, a conversation.
    Desk,
    /// A trunk is to be asked whether it is there, or its registration has run out.
    Health,
}

impl Control {
    /// A control core at rest. `seed` makes tags, branches and Call-IDs, and spreads what would otherwise fall on one
    /// moment.
    pub fn new(settings: Settings, seed: [u8; 32]) -> Self {
        let caps = (0..)
            .map(TrunkId)
            .zip(settings.trunks.iter().map(|trunk| trunk.caps))
            .collect();
        let [one, other, ..] = seed;
        let first = usize::from(u16::from_le_bytes([one, other]));
        let mut ports = Ports::new(settings.ports.clone(), first);
        for (id, trunk) in (0..).map(TrunkId).zip(&settings.trunks) {
            if let Some(own) = &trunk.ports {
                ports.set_apart(id, own.clone(), first);
            }
        }
        let health = Health::new(&settings, u64::from(one) << 8 | u64::from(other));
        let mut dialer = Dialer::new(caps, u64::from(other) << 8 | u64::from(one));
        for trunk in health.registering() {
            dialer.handle(Moment::ZERO, Wall::default(), dialer::Input::TrunkDown { trunk });
        }
        for (trunk, own) in (0..).map(TrunkId).zip(&settings.trunks) {
            let callers = own.callers.clone();
            let input = dialer::Input::CallersChanged { trunk, callers };
            dialer.handle(Moment::ZERO, Wall::default(), input);
        }
        Self {
            ua: UserAgent::new(settings.sip.clone(), seed),
            dialer,
            ports,
            settings,
            campaigns: BTreeMap::new(),
            calls: BTreeMap::new(),
            by_attempt: BTreeMap::new(),
            unserved: BTreeMap::new(),
            asked: BTreeMap::new(),
            unwanted: BTreeSet::new(),
            unwritten: BTreeMap::new(),
            unnoted: BTreeMap::new(),
            left_over: LeftOvers::default(),
            deadlines: BTreeSet::new(),
            next_leg: 1,
            desk: Conversations::default(),
            secret: secret(&seed),
            health,
            remembered: BTreeMap::new(),
            noted: Noted::default(),
            inbound: Inbound::default(),
            holds: Holds::default(),
            versions: Versions::default(),
            clocks: Clocks::default(),
            now: Moment::ZERO,
            wall: Wall::default(),
            shutting_down: Stopping::No,
            totals: Snapshot::default(),
            outputs: VecDeque::new(),
        }
    }

    /// Takes one input and everything that follows from it.
    pub fn handle(&mut self, now: Moment, wall: Wall, input: Input<'_>) {
        (self.now, self.wall) = (now, wall);
        if let Some(jump) = self.clocks.look(now, wall) {
            self.clock_jumped(jump);
        }
        match input {
            Input::Received { path, bytes } => self.ua.handle(now, sip::Input::Received { path, bytes }),
            Input::SendFailed { path, bytes } => self.ua.handle(now, sip::Input::SendFailed { path, bytes }),
            Input::Closed { path } => self.ua.handle(now, sip::Input::Closed { path }),
            Input::Resolved { trunk, targets } => {
                self.ua.handle(now, sip::Input::Resolved { trunk, targets });
                self.go_on_taking_down(now, wall, Some(trunk));
            }
            Input::Media { leg, fact } if self.desk.has_side(leg) => {
                self.side(now, wall, leg, call::LegInput::Media(fact));
            }
            Input::Media { leg, fact } if self.must_wait(leg, &fact) => {}
            Input::Media {
                leg,
                fact: media::Fact::BridgeFailed { .. },
            } => self.bridge_failed(now, wall, leg),
            Input::Media { leg, fact } => self.call(now, wall, leg, call::Input::Media(fact)),
            Input::Store(reply) => self.store_replied(now, wall, reply),
            Input::Order(order) => self.ordered(now, wall, order),
            Input::Wake => self.wake(now, wall),
        }
        self.settle(now, wall);
        self.release_held(now, wall);
        self.serve_waiting(now, wall);
        self.settle(now, wall);
        self.watch_trunks(now, wall);
    }

    /// The next output; drain after every `handle`.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to `handle(Input::Wake)` at the latest, and what for.
    pub fn deadline(&self) -> Option<(Moment, Timer)> {
        let sip = self.ua.deadline().map(|(at, timer)| (at, Timer::Sip(timer)));
        let dialer = self.dialer.deadline().map(|(at, timer)| (at, Timer::Dialer(timer)));
        let call = self.deadlines.first().and_then(|(at, leg)| {
            let (_, timer) = self.calls.get(leg)?.call.deadline()?;
            Some((*at, Timer::Call(timer)))
        });
        let rewrite = self
            .unwritten
            .values()
            .filter_map(|end| end.again_at)
            .chain(self.unnoted.values().copied())
            .min()
            .map(|at| (at, Timer::Rewrite));
        let health = self.health.deadline().map(|at| (at, Timer::Health));
        let left_over = self.left_over.deadline().map(|at| (at, Timer::LeftOver));
        let desk = self.desk.deadline().map(|at| (at, Timer::Desk));
        [sip, dialer, call, rewrite, health, left_over, desk]
            .into_iter()
            .flatten()
            .min()
    }

    /// The present, for screens.
    pub fn snapshot(&self) -> Snapshot {
        let mut snapshot = self.totals.clone();
        for live in self.calls.values() {
            snapshot.add(live.call.stage());
        }
        snapshot.left_over = self.left_over.open();
        snapshot.taken_down = self.left_over.over;
        snapshot.not_taken_down = self.left_over.given_up;
        snapshot.trunks = self.trunk_pictures();
        snapshot.holds = self.holds.whys();
        snapshot.lines = self.lines();
        snapshot.agents = self.agent_pictures();
        snapshot.conversations = self.conversation_pictures();
        snapshot.phones = self.phone_pictures();
        snapshot
    }

    /// RTP ports lent right now.
    pub fn ports(&self) -> &Ports {
        &self.ports
    }

    /// Which calls are not over.
    pub fn live(&self) -> impl Iterator<Item = &Who> {
        self.calls.values().map(|live| &live.who)
    }

    /// How many calls are not over.
    pub fn calls(&self) -> usize {
        self.calls.len()
    }

    fn ordered(&mut self, now: Moment, wall: Wall, order: Order) {
        let Some(order) = self.holds(order) else {
            return;
        };
        match order {
            Order::TakeDown(calls) => self.take_down(now, wall, calls),
            Order::Start { campaign, dialplan } => {
                if self.shutting_down == Stopping::No {
                    let started = (*campaign).clone();
                    self.dialer.handle(now, wall, dialer::Input::CampaignStarted(campaign));
                    // One that the dialer refuses has no end to wait for; what ran before goes on as it was.
                    if self.dialer.campaign(started.id) == Some(&started) {
                        let running = Running {
                            campaign: started,
                            dialplan,
                        };
                        self.campaigns.insert(running.campaign.id, running);
                    }
                }
            }
            Order::Stop { campaign, how } => self.stop(now, wall, campaign, how),
            Order::Poke(campaign) => self.dialer.handle(now, wall, dialer::Input::Poked { campaign }),
            Order::Call(call) => self.call_by_hand(wall, *call),
            Order::HangUp { token } if self.asked.contains_key(&token) => {
                self.unwanted.insert(token);
            }
            Order::HangUp { token } => {
                let leg = self
                    .calls
                    .values()
                    .find(|live| live.who.token == Some(token))
                    .map(|live| live.who.leg);
                if let Some(leg) = leg {
                    self.call(
                        now,
                        wall,
                        leg,
                        call::Input::HangUp(crate::outcome::OurReason::Cancelled),
                    );
                }
            }
            Order::Register(trunk) => self.ua.handle(now, sip::Input::Do(sip::Command::Register { trunk })),
            Order::Options(trunk) => {
                let target = None;
                self.ua
                    .handle(now, sip::Input::Do(sip::Command::Options { trunk, target }));
            }
            Order::CallersShown(calls) => {
                for (trunk, number, ago) in calls {
                    let input = dialer::Input::CallerShown { trunk, number, ago };
                    self.dialer.handle(now, wall, input);
                }
            }
            Order::Hold { cause, why } => self.hold(now, wall, cause, why),
            Order::Go { cause } => self.release(now, wall, cause),
            Order::Retune(retuned) => self.retune(now, wall, *retuned),
            Order::Desk(order) => self.desk_order(now, wall, order),
            Order::TakeCalls(how) => self.take_calls(how),
            Order::Phones(accounts) => self.ua.handle(now, sip::Input::Do(sip::Command::Accounts { accounts })),
            Order::ShutDown(how) => self.shut_down(now, wall, how),
        }
    }

    fn wake(&mut self, now: Moment, wall: Wall) {
        self.ua.handle(now, sip::Input::Wake);
        self.dialer.handle(now, wall, dialer::Input::Wake);
        while let Some(&(at, leg)) = self.deadlines.first() {
            if at > now {
                break;
            }
            self.deadlines.pop_first();
            if let Some(live) = self.calls.get_mut(&leg) {
                live.deadline = None;
            }
            self.call(now, wall, leg, call::Input::Wake);
        }
        self.wake_desk(now, wall);
        self.write_again(now);
        self.note_again(now);
        self.go_on_taking_down(now, wall, None);
    }

    /// Carries the parts' outputs to each other until none is left.
    fn settle(&mut self, now: Moment, wall: Wall) {
        self.carry(now, wall);
        self.end_if_drained(now, wall);
    }

    fn carry(&mut self, now: Moment, wall: Wall) {
        loop {
            if let Some(output) = self.ua.poll() {
                self.sip_output(now, wall, output);
            } else if let Some(output) = self.dialer.poll() {
                self.dialer_output(now, wall, output);
            } else {
                return;
            }
        }
    }

    fn sip_output(&mut self, now: Moment, wall: Wall, output: sip::Output) {
        let told = match output {
            sip::Output::Send { path, bytes } => {
                self.outputs.push_back(Output::Send { path, bytes });
                return;
            }
            sip::Output::Event { leg, event } => {
                if self.is_not_answered_yet(leg, &event) {
                    return;
                }
                self.weigh(now, leg, &event);
                self.count(&event);
                if self.desk.has_side(leg) {
                    return self.side(now, wall, leg, call::LegInput::Sip(event));
                }
                return self.call(now, wall, leg, call::Input::Sip(event));
            }
            sip::Output::Save { leg, saved } => return self.save(leg, *saved),
            sip::Output::TakenDown { leg, certainty } => return self.taken_down(now, wall, leg, certainty),
            sip::Output::Registered { trunk, result, .. } => {
                self.registered(now, wall, trunk, &result);
                Told::Registered {
                    trunk,
                    refused: result.err(),
                }
            }
            sip::Output::OptionsAnswered { trunk, result, .. } => {
                self.health.options_answered(now, trunk, &result);
                Told::OptionsAnswered {
                    trunk,
                    status: result.ok(),
                }
            }
            sip::Output::InviteRefused { trunk, caller, status } => {
                self.health.proved(now, trunk);
                return self.call_refused(now, wall, trunk, caller, status);
            }
            sip::Output::Incoming {
                leg,
                trunk,
                caller,
                offer,
                called: _,
            } => return self.came_in(now, wall, (leg, trunk), caller, offer),
            sip::Output::Phone(news) => {
                self.phone_told(now, wall, &news);
                Told::Phone(news)
            }
            sip::Output::Seen { trunk, address } => Told::AddressSeen { trunk, address },
            sip::Output::RealmRefused { trunk, pinned, offered } => {
                let what = Trouble::RealmRefused {
                    pinned: pinned.clone(),
                    offered: offered.clone(),
                };
                self.alarm(wall, trunk, what);
                Told::RealmRefused { trunk, pinned, offered }
            }
            sip::Output::Fault(fault) => {
                *self.totals.sip_faults.entry(fault).or_default() += 1;
                Told::SipFault(fault)
            }
        };
        self.outputs.push_back(Output::Told(told));
    }
}

/// What legs that have no attempt are known by, apart from what else the seed makes.
fn secret(seed: &[u8; 32]) -> CallMark {
    let (octets, _) = seed.split_first_chunk::<16>().unwrap_or((&[0; 16], &[]));
    let mark = CallMark(*octets).derive("legs of a conversation", 0, 16);
    mark.parse().unwrap_or_default()
}
