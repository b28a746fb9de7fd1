//! Calls coming in: who calls is looked up by the number, the attempt is written down, and the call is answered by the
//! questionnaire that is open for the patient, or by a menu for whoever has nothing open.
//!
//! A caller hears it ring for two trips to the database, then [`crate::call::Call`] runs as for a call that we make: the same
//! recording, keys, facts and disposition. So many calls at a time are answered; whoever comes on top costs one response.

mod agent;
mod begin;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::stop::Stopping;
use super::{Control, Output, Told};
use crate::calendar::Schedule;
use crate::call::With;
use crate::dialer::{CallBack, OpenCase, Request, Stands, WhoCalls};
use crate::dialplan::{Dialplan, Session};
use crate::ids::{LegId, PatientId, TrunkId};
use crate::moment::{Moment, Wall};
use crate::outcome::OurReason;
use crate::phone::Number;
use crate::sip::{self, Command, Event};
use crate::{call, dialer, sdp};

/// Busy here: the caller's number is on the line already, or as many calls are up as are taken.
const BUSY: u16 = 486;
/// Calls come faster than they are noted.
const TOO_FAST: u16 = 503;
/// The caller's description has nothing that we speak.
const NOT_ACCEPTABLE: u16 = 488;
/// The caller hung up before we answered.
const GAVE_UP: u16 = 487;

/// How calls to us are answered.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// When agents are there for whoever calls, and by which clock a wish to be called is understood.
    pub hours: Schedule,
    /// What a patient hears for whom nothing is open.
    pub known: Arc<Dialplan>,
    /// What everybody else hears.
    pub unknown: Arc<Dialplan>,
    /// So many are answered at a time.
    pub at_once: usize,
    /// The longest call.
    pub longest: Duration,
    /// So long after our last call a case that was closed with some answers is gone on with.
    pub completable: Duration,
}

/// Calls to us.
#[derive(Debug, Default)]
pub(super) struct Inbound {
    /// None: they are refused by the user agent.
    how: Option<Box<Incoming>>,
    /// Those that are not answered yet.
    asked: BTreeMap<LegId, Asked>,
}

/// A call that is not answered yet.
#[derive(Debug)]
struct Asked {
    trunk: TrunkId,
    at: Wall,
    number: Option<Number>,
    offer: Option<Vec<u8>>,
    /// What is to be put to the caller, once that is known.
    meant: Option<Meant>,
    /// The caller hung up meanwhile.
    gone: Option<Event>,
}

/// What is put to a caller.
#[derive(Debug)]
struct Meant {
    dialplan: Arc<Dialplan>,
    unfinished: Option<Session>,
    open: Option<Box<OpenCase>>,
    patient: Option<PatientId>,
    with: With,
}

/// What is kept of a call to us until its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken {
    /// How the case stood; none: no case is its subject.
    pub(super) stands: Option<Stands>,
}

impl Inbound {
    /// Whether nothing of it keeps the daemon from its end.
    pub(super) fn is_idle(&self) -> bool {
        self.asked.is_empty()
    }

    /// What a patient hears for whom nothing is open, and whoever waits for an agent.
    pub(super) fn menu(&self) -> Option<Arc<Dialplan>> {
        self.how.as_ref().map(|how| Arc::clone(&how.known))
    }

    /// The clock by which callers name a time.
    pub(super) fn schedule(&self) -> Option<&Schedule> {
        self.how.as_ref().map(|how| &how.hours)
    }
}

impl Control {
    /// From now on calls to us are answered so.
    pub(super) fn take_calls(&mut self, how: Option<Box<Incoming>>) {
        self.inbound.how = how;
    }

    /// Somebody calls. What is not taken here the user agent refuses as the settings say, and tells so.
    pub(super) fn came_in(
        &mut self,
        now: Moment,
        wall: Wall,
        (leg, trunk): (LegId, TrunkId),
        number: Option<Number>,
        offer: Option<Vec<u8>>,
    ) {
        let Some((at_once, completable)) = self.inbound.how.as_ref().map(|how| (how.at_once, how.completable)) else {
            return;
        };
        let may_begin = self.shutting_down == Stopping::No && self.holds.whys().is_empty();
        if !may_begin || !self.left_over.lets_calls_begin() {
            return;
        }
        let up = self.calls.values().filter(|live| live.taken.is_some()).count();
        let is_full = up + self.inbound.asked.len() >= at_once;
        self.health.proved(now, trunk);
        self.totals.call_backs += 1;
        let sound = offer.as_deref().is_none_or(|offer| sdp::read_answer(offer).is_ok());
        let refusal = if !sound {
            Some(NOT_ACCEPTABLE)
        } else if is_full {
            Some(BUSY)
        } else if self.is_flooded(now, trunk) {
            Some(TOO_FAST)
        } else {
            None
        };
        let has_line = self.dialer.may_be_called(trunk);
        if let Some(status) = refusal {
            self.totals.call_backs_not_noted += 1;
            return self.turn_away(now, leg, status);
        }
        let asked = Asked {
            trunk,
            at: wall,
            number: number.clone(),
            offer,
            meant: None,
            gone: None,
        };
        self.inbound.asked.insert(leg, asked);
        if !has_line {
            return self.refuse_asked(now, leg, BUSY);
        }
        self.count_lines_taken(now, wall, trunk);
        self.ua.handle(now, sip::Input::Do(Command::Ring { leg }));
        let campaigns = self.campaigns.keys().copied().collect();
        let who = WhoCalls {
            leg,
            at: wall,
            number,
            campaigns,
            completable,
        };
        self.outputs.push_back(Output::Ask(Request::WhoCalls(who)));
    }

    /// Tells the dialer how many of a trunk's lines those who call us have.
    pub(super) fn count_lines_taken(&mut self, now: Moment, wall: Wall, trunk: TrunkId) {
        let up = self
            .calls
            .values()
            .filter(|live| live.taken.is_some() && live.who.trunk == trunk);
        let asked = self.inbound.asked.values().filter(|asked| asked.trunk == trunk);
        let lines = u16::try_from(up.count() + asked.count()).unwrap_or(u16::MAX);
        self.dialer
            .handle(now, wall, dialer::Input::LinesTaken { trunk, lines });
    }

    fn turn_away(&mut self, now: Moment, leg: LegId, status: u16) {
        self.ua.handle(now, sip::Input::Do(Command::Reject { leg, status }));
    }

    /// Whether an event belongs to a call that is not answered yet: then it is kept.
    pub(super) fn is_not_answered_yet(&mut self, leg: LegId, event: &Event) -> bool {
        let Some(asked) = self.inbound.asked.get_mut(&leg) else {
            return false;
        };
        asked.gone.get_or_insert_with(|| event.clone());
        true
    }

    /// A call that is not answered yet is refused, and noted like one that nobody takes.
    fn refuse_asked(&mut self, now: Moment, leg: LegId, status: u16) {
        let Some(asked) = self.inbound.asked.remove(&leg) else {
            return;
        };
        let status = if asked.gone.is_some() { GAVE_UP } else { status };
        self.turn_away(now, leg, status);
        self.count_lines_taken(now, self.wall, asked.trunk);
        let (trunk, caller) = (asked.trunk, asked.number.clone());
        let call_back = CallBack {
            at: asked.at,
            trunk: self.name_of(trunk),
            number: asked.number,
            status,
        };
        self.outputs
            .push_back(Output::Told(Told::InviteRefused { trunk, caller, status }));
        self.outputs.push_back(Output::Ask(Request::CallBack(call_back)));
    }

    /// The daemon stops: nobody else is answered.
    pub(super) fn stop_taking(&mut self, now: Moment) {
        let unwritten = self.inbound.asked.iter().filter(|(_, asked)| asked.meant.is_none());
        let unwritten: Vec<LegId> = unwritten.map(|(leg, _)| *leg).collect();
        for leg in unwritten {
            self.refuse_asked(now, leg, self.settings.sip.inbound_status);
        }
    }

    /// Whoever was still to be answered when the daemon was told to stop.
    fn stops_now(&self) -> Option<call::Input> {
        (self.shutting_down != Stopping::No).then_some(call::Input::HangUp(OurReason::Stopped))
    }

    pub(super) fn name_of(&self, trunk: TrunkId) -> String {
        let trunk = self.settings.trunks.get(usize::from(trunk.0));
        trunk.map(|trunk| trunk.name.clone()).unwrap_or_default()
    }
}
