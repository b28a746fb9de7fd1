//! The user agent: one value that holds every call, registration and transaction, and hands each input to its procedure.

use std::collections::BTreeMap;
use std::fmt;

use super::door::{Command, Input, LocalEnding, Output, Settings, Timer, Trunk};
use super::known::Known;
use super::leg::Leg;
use super::options::Probe;
use super::outbox::Outbox;
use super::registrar::Registrar;
use super::registration::Registration;
use super::targets::Standing;
use super::timing::{ClientId, Owner};
use super::token::Tokens;
use super::transaction::{Clients, Heard, Report, Servers, User};
use crate::ids::{LegId, TrunkId};
use crate::moment::Moment;

/// A SIP user agent without a clock and without a socket.
///
/// After every [`handle`](Self::handle) take everything out with [`poll`](Self::poll), then sleep until
/// [`deadline`](Self::deadline) at most and hand in [`Input::Wake`]. It never fails: what cannot be used comes out as
/// [`Output::Fault`].
pub struct UserAgent {
    pub(super) settings: Settings,
    /// What was learnt of each trunk, in their order.
    pub(super) standings: Vec<Standing>,
    pub(super) tokens: Tokens,
    pub(super) out: Outbox,
    pub(super) clients: Clients,
    pub(super) servers: Servers,
    pub(super) legs: BTreeMap<LegId, Leg>,
    /// Legs by Call-ID.
    pub(super) calls: BTreeMap<String, LegId>,
    pub(super) registrations: BTreeMap<TrunkId, Registration>,
    /// The OPTIONS that are out.
    pub(super) probes: BTreeMap<ClientId, Probe>,
    /// Who registered to us.
    pub(super) registrar: Option<Registrar>,
    /// Calls that came in and that nobody has taken yet.
    pub(super) untaken: Vec<LegId>,
    /// The number of the next call that comes in.
    pub(super) next_incoming: u64,
    /// The time of the last input.
    pub(super) now: Moment,
}

impl UserAgent {
    /// A user agent at rest. Tags, branches and Call-IDs follow from `seed`: give it 32 octets that nobody knows.
    pub fn new(settings: Settings, seed: [u8; 32]) -> Self {
        let mut tokens = Tokens::new(seed);
        Self {
            standings: settings.trunks.iter().map(|_| Standing::default()).collect(),
            registrar: settings
                .phones
                .as_ref()
                .map(|phones| Registrar::new(phones, &mut tokens)),
            settings,
            tokens,
            out: Outbox::default(),
            clients: Clients::default(),
            servers: Servers::default(),
            legs: BTreeMap::new(),
            calls: BTreeMap::new(),
            registrations: BTreeMap::new(),
            probes: BTreeMap::new(),
            untaken: Vec::new(),
            next_incoming: LegId::INCOMING.0,
            now: Moment::ZERO,
        }
    }

    /// Takes one input in. A wake-up that is late, early or repeated does no harm.
    pub fn handle(&mut self, now: Moment, input: Input<'_>) {
        self.now = now;
        match input {
            Input::Received { path, bytes } => self.receive(now, path, bytes),
            Input::SendFailed { path, bytes } => {
                let lost = self.servers.fail(now, &mut self.out, path, bytes);
                self.callers_lost(&lost);
                let report = self.clients.fail(now, &mut self.out, path, bytes);
                self.report(now, report);
            }
            Input::Closed { path } => {
                let lost = self.servers.close(now, &mut self.out, path);
                self.callers_lost(&lost);
                self.phone_closed(now, path);
            }
            Input::Resolved { trunk, targets } => self.resolved(now, trunk, targets),
            Input::Wake => {
                while let Some((owner, timer)) = self.out.timers.take_due(now) {
                    self.expire(now, owner, timer);
                }
            }
            Input::Do(command) => self.obey(now, command),
        }
    }

    /// The next output, in order. When there is none left, calls that came in and that nobody took are refused.
    pub fn poll(&mut self) -> Option<Output> {
        if self.out.outputs.is_empty() {
            self.refuse_untaken();
        }
        self.out.outputs.pop_front()
    }

    /// When to wake it next, and which timer that is.
    pub fn deadline(&self) -> Option<(Moment, Timer)> {
        self.out.timers.first()
    }

    /// How many legs still hold state; an answered one does for 32 s after its 200 at least.
    pub fn active(&self) -> usize {
        self.legs.len()
    }

    /// Whether it is known where a trunk's requests go.
    pub fn has_targets(&self, trunk: TrunkId) -> bool {
        self.trunk(trunk).is_some_and(|trunk| !trunk.targets.is_empty())
    }

    /// The Call-ID of a leg that still holds state.
    pub fn call_id(&self, leg: LegId) -> Option<&str> {
        self.legs.get(&leg).map(|leg| leg.call_id.as_str())
    }

    fn obey(&mut self, now: Moment, command: Command) {
        match command {
            Command::Invite {
                leg,
                to,
                mark,
                before,
                offer,
            } => self.invite(now, leg, to, Known { mark, before }, offer),
            Command::Take { leg } => self.take_call(leg),
            Command::Ring { leg } => self.ring(now, leg),
            Command::Accept { leg, sdp } => self.accept(now, leg, &sdp),
            Command::Reject { leg, status } => self.reject(now, leg, status),
            Command::Accounts { accounts } => self.replace_accounts(accounts),
            Command::Acknowledge { leg } => self.written_down(now, leg),
            Command::TakeDown { leg, left } => self.take_down(now, leg, left),
            Command::HangUp { leg } => self.hang_up(now, leg),
            Command::Options { trunk, target } => self.ask_options(now, trunk, target),
            Command::Answer { leg, sdp } => self.answer_change(now, leg, &sdp),
            Command::Refuse { leg, status } => self.refuse_change(now, leg, status),
            Command::Register { trunk } => self.register(now, trunk),
            Command::Unregister { trunk } => self.unregister(now, trunk),
        }
    }

    fn expire(&mut self, now: Moment, owner: Owner, timer: Timer) {
        match owner {
            Owner::Client(id) => {
                let report = self.clients.expire(now, &mut self.out, id, timer);
                self.report(now, report);
            }
            Owner::Server(id) => self.servers.expire(now, &mut self.out, id, timer),
            Owner::Leg(leg) => self.leg_expired(now, leg, timer),
            Owner::Trunk(trunk) if timer == Timer::KeepAlive => self.keep_alive(now, trunk),
            Owner::Trunk(trunk) => self.refresh_registration(now, trunk),
            Owner::Phones => self.look_after_phones(now),
        }
    }

    fn leg_expired(&mut self, now: Moment, leg: LegId, timer: Timer) {
        match timer {
            Timer::Acknowledge => self.written_down(now, leg),
            Timer::Cancel => self.give_up_cancelling(leg),
            Timer::G => self.repeat_response(now, leg),
            Timer::H => self.ack_missed(now, leg),
            Timer::SessionRefresh => self.refresh_session(now, leg),
            Timer::SessionExpiry => self.session_expired(now, leg),
            // Transactions and registrations have these.
            Timer::A | Timer::B | Timer::D | Timer::E | Timer::F | Timer::I => {}
            Timer::J | Timer::K | Timer::L | Timer::M | Timer::Refresh | Timer::KeepAlive | Timer::Phones => {}
        }
    }

    /// Hands what a transaction heard to the procedure that began it.
    pub(super) fn report(&mut self, now: Moment, report: Option<Report>) {
        let Some(report) = report else {
            return;
        };
        self.note_health(now, report.user, report.path, &report.heard);
        let Report { id, user, heard, .. } = report;
        match user {
            User::Invite(leg) => self.invite_heard(now, leg, id, heard),
            // Whatever CANCEL got, the INVITE decides (RFC 3261 section 9.1).
            User::Cancel => {}
            User::CancelLeft(leg, invite) => self.cancel_left_heard(now, leg, invite, &heard),
            User::Bye(leg, fork) => self.bye_heard(now, leg, fork, heard),
            User::Prack(leg, fork) => self.prack_heard(now, leg, fork, id, heard),
            User::Refresh(leg, fork) => self.refresh_heard(now, leg, fork, id, heard),
            User::Register(trunk) => self.register_heard(now, trunk, heard),
            User::Options(_) => self.options_heard(now, id, report.elapsed, heard),
            User::Phone(binding) => self.phone_heard(now, binding, &heard),
        }
    }

    pub(super) fn trunk(&self, trunk: TrunkId) -> Option<&Trunk> {
        self.settings.trunks.get(usize::from(trunk.0))
    }
}

/// Counts only: what is inside holds patients' numbers.
impl fmt::Debug for UserAgent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserAgent")
            .field("legs", &self.legs.len())
            .field("outputs", &self.out.outputs.len())
            .field("deadline", &self.deadline())
            .finish_non_exhaustive()
    }
}

impl Heard {
    /// Why there is no response, if there is none.
    pub(super) const fn silence(&self) -> Option<LocalEnding> {
        match self {
            Self::TimedOut => Some(LocalEnding::TimedOut),
            Self::Unreachable => Some(LocalEnding::Unreachable),
            Self::Response(_) | Self::Ended => None,
        }
    }
}
