//! Calls that a crash left over: taken down before anything else leaves, and again until the far end says that they are
//! over or nobody can still be on the line. So are calls whose BYE or CANCEL nobody answered.

use std::collections::BTreeMap;
use std::time::Duration;

use super::stop::Stopping;
use super::{Control, Live, Order, Output, Piece, Told, Unwritten};
use crate::dialer::{self, Request, TakenDown};
use crate::ids::{LegId, TrunkId};
use crate::moment::{Moment, Wall};
use crate::sip::{self, Certainty};

/// From one round of CANCEL or BYE to the next, at least.
const ROUND: Duration = Duration::from_secs(15);

/// From the end of one round to the next, at least.
const PAUSE: Duration = Duration::from_secs(1);

/// So long calls are held back at most while it is not known where a left-over call's trunk is.
const HOLD: Duration = Duration::from_secs(5);

/// All that a crash left over.
#[derive(Debug, Default)]
pub(super) struct LeftOvers {
    /// Being taken down.
    rounds: BTreeMap<LegId, LeftOver>,
    /// Not confirmed: to be taken down again.
    resting: Vec<LeftOver>,
    /// Orders that wait until the first messages have left.
    held: Vec<Order>,
    held_until: Option<Moment>,
    /// How many the far end has confirmed.
    pub(super) over: u64,
    /// How many it had not when nothing more could be done.
    pub(super) given_up: u64,
}

#[derive(Debug)]
struct LeftOver {
    call: dialer::LeftOver,
    neighbour: sip::Neighbour,
    saved: Option<Box<sip::Saved>>,
    /// When its next round may begin.
    again_at: Moment,
    sent: Sent,
    told: ToldOnce,
}

/// Whether its messages have left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sent {
    NotYet,
    Yes,
}

/// Whether it was told that it is not confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ToldOnce {
    No,
    Yes,
}

impl LeftOvers {
    /// How many may still be up.
    pub(super) fn open(&self) -> usize {
        self.rounds.len() + self.resting.len()
    }

    /// Whether new calls may begin: what is left over has been told to end.
    pub(super) const fn lets_calls_begin(&self) -> bool {
        self.held_until.is_none()
    }

    pub(super) fn deadline(&self) -> Option<Moment> {
        let rounds = self.resting.iter().map(|left| left.again_at);
        rounds.chain(self.held_until).min()
    }
}

impl Control {
    /// Takes down what a crash left over. Ports rest; calls wait until the first messages have left.
    pub(super) fn take_down(&mut self, now: Moment, wall: Wall, calls: Vec<dialer::LeftOver>) {
        for call in calls {
            if let Some(port) = call.rtp_port {
                self.ports.rest(now, port);
            }
            let saved: Option<Box<sip::Saved>> = call
                .dialog
                .as_deref()
                .and_then(|dialog| serde_json::from_str(dialog).ok());
            let name = saved.as_ref().map_or(&call.trunk, |saved| &saved.trunk);
            let Some(neighbour) = self.neighbour(name) else {
                // Its trunk is gone from the settings: nobody knows where it is.
                self.left_over.given_up += 1;
                let told = call.attempt.map(|attempt| Told::NotTakenDown { attempt });
                self.outputs.extend(told.map(Output::Told));
                continue;
            };
            let left = LeftOver {
                call,
                neighbour,
                saved,
                again_at: now,
                sent: Sent::NotYet,
                told: ToldOnce::No,
            };
            self.begin_round(now, wall, left);
        }
        if self.is_unsent() {
            self.left_over.held_until = Some(now + HOLD);
        }
    }

    /// A call of this run whose end the far end did not confirm is taken down like those of an earlier one.
    pub(super) fn leave_over(&mut self, live: &Live) {
        let (plan, saved) = (live.call.plan(), live.notes.last());
        let number = live.claimed.as_ref().map_or(&plan.number, |claimed| &claimed.number);
        let call = dialer::LeftOver {
            attempt: Some(live.who.attempt),
            mark: plan.mark,
            number: number.clone(),
            trunk: saved.trunk.clone(),
            dialog: None,
            rtp_port: None,
            begun: live.begun,
        };
        self.left_over.resting.push(LeftOver {
            call,
            neighbour: sip::Neighbour::Trunk(plan.trunk),
            saved: Some(Box::new(saved.clone())),
            again_at: self.now + PAUSE,
            sent: Sent::Yes,
            told: ToldOnce::No,
        });
    }

    /// Whom a call was with, by the name that was written down.
    fn neighbour(&self, name: &str) -> Option<sip::Neighbour> {
        let mut trunks = (0..).map(TrunkId).zip(&self.settings.trunks);
        let trunk = trunks.find(|(_, trunk)| trunk.name == name);
        let phones = self.settings.sip.phones.as_ref();
        let phones = phones.filter(|phones| phones.line.name == name);
        trunk
            .map(|(id, _)| sip::Neighbour::Trunk(id))
            .or(phones.map(|_| sip::Neighbour::Phones))
    }

    fn begin_round(&mut self, now: Moment, wall: Wall, mut left: LeftOver) {
        let leg = LegId(self.next_leg);
        self.next_leg += 1;
        let has_place = left.saved.as_ref().is_some_and(|saved| saved.invite.is_some());
        let trunk = left.neighbour.trunk();
        if has_place || trunk.is_some_and(|trunk| self.ua.has_targets(trunk)) {
            left.sent = Sent::Yes;
        }
        left.again_at = now + ROUND;
        // A phone's number is in its trunk's format already.
        let trunk = trunk.filter(|_| left.call.attempt.is_some());
        let format = trunk.and_then(|trunk| Some(&self.settings.trunks.get(usize::from(trunk.0))?.format));
        let number = &left.call.number;
        let asked = sip::LeftOver {
            neighbour: left.neighbour,
            mark: left.call.mark,
            number: format.map_or_else(|| number.clone(), |format| format.apply(number)),
            saved: left.saved.clone(),
            age: wall.since(left.call.begun),
        };
        self.left_over.rounds.insert(leg, left);
        let command = sip::Command::TakeDown { leg, left: asked };
        self.ua.handle(now, sip::Input::Do(command));
    }

    /// What came of a round.
    pub(super) fn taken_down(&mut self, now: Moment, wall: Wall, leg: LegId, certainty: Certainty) {
        let Some(mut left) = self.left_over.rounds.remove(&leg) else {
            return;
        };
        let attempt = left.call.attempt;
        match certainty {
            Certainty::Over => {
                self.left_over.over += 1;
                let Some(attempt) = attempt else { return };
                let request = Request::TakenDown(TakenDown { attempt, at: wall });
                let again_at = None;
                let unwritten = Unwritten {
                    request: request.clone(),
                    again_at,
                };
                self.unwritten.insert((attempt, Piece::TakenDown), unwritten);
                self.outputs.push_back(Output::Ask(request));
                self.outputs.push_back(Output::Told(Told::TakenDown { attempt }));
            }
            Certainty::Unconfirmed => {
                if left.sent == Sent::Yes && left.told == ToldOnce::No {
                    left.told = ToldOnce::Yes;
                    let told = attempt.map(|attempt| Told::NotTakenDown { attempt });
                    self.outputs.extend(told.map(Output::Told));
                }
                if wall >= left.call.locked_until() || self.shutting_down != Stopping::No {
                    self.left_over.given_up += 1;
                } else {
                    left.again_at = left.again_at.max(now + PAUSE);
                    self.left_over.resting.push(left);
                }
            }
        }
    }

    /// Rounds that are due; or those that waited for this trunk's addresses.
    pub(super) fn go_on_taking_down(&mut self, now: Moment, wall: Wall, resolved: Option<TrunkId>) {
        let resting = std::mem::take(&mut self.left_over.resting);
        let is_due = |left: &LeftOver| {
            let is_found = left.sent == Sent::NotYet && resolved.is_some() && left.neighbour.trunk() == resolved;
            is_found || left.again_at <= now
        };
        let (due, others): (Vec<_>, Vec<_>) = resting.into_iter().partition(is_due);
        self.left_over.resting = others;
        for left in due {
            self.begin_round(now, wall, left);
        }
    }

    /// Whether an order has to wait; then it is kept.
    pub(super) fn holds(&mut self, order: Order) -> Option<Order> {
        if self.left_over.held_until.is_none() {
            return Some(order);
        }
        match order {
            Order::Start { .. }
            | Order::Stop { .. }
            | Order::Poke(_)
            | Order::Call(_)
            | Order::HangUp { .. }
            | Order::Desk(_) => {
                self.left_over.held.push(order);
                None
            }
            Order::TakeDown(_)
            | Order::Register(_)
            | Order::Options(_)
            | Order::Retune(_)
            | Order::Phones(_)
            | Order::TakeCalls(_)
            | Order::CallersShown(_)
            | Order::Hold { .. }
            | Order::Go { .. }
            | Order::ShutDown(_) => Some(order),
        }
    }

    /// Carries out what was held, as soon as the first messages have left or the hold is over.
    pub(super) fn release_held(&mut self, now: Moment, wall: Wall) {
        let is_over = self.left_over.held_until.is_some_and(|until| until <= now)
            || !self.is_unsent()
            || self.shutting_down != Stopping::No;
        if self.left_over.held_until.is_some() && is_over {
            self.left_over.held_until = None;
            for order in std::mem::take(&mut self.left_over.held) {
                self.ordered(now, wall, order);
            }
        }
    }

    fn is_unsent(&self) -> bool {
        let mut all = self.left_over.rounds.values().chain(&self.left_over.resting);
        all.any(|left| left.sent == Sent::NotYet)
    }
}
