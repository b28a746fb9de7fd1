//! Calls to us: noted for the store to match, at a bounded rate, without any say in how they are answered.

use std::time::Duration;

use super::{Control, Output, Told};
use crate::dialer::{CallBack, CalledBack, Request};
use crate::ids::TrunkId;
use crate::moment::{Moment, Wall};
use crate::phone::Number;

/// So many calls to us are noted within `MINUTE`; the rest are counted.
const MOST: u32 = 30;
const MINUTE: Duration = Duration::from_secs(60);

/// How many were noted in the minute that began then.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Noted {
    since: Moment,
    count: u32,
}

impl Noted {
    fn one_more(&mut self, now: Moment) -> u32 {
        if now.since(self.since) >= MINUTE {
            *self = Self { since: now, count: 0 };
        }
        self.count = self.count.saturating_add(1);
        self.count
    }
}

impl Control {
    /// Somebody called and was turned away by the user agent.
    pub(super) fn call_refused(
        &mut self,
        now: Moment,
        wall: Wall,
        trunk: TrunkId,
        caller: Option<Number>,
        status: u16,
    ) {
        self.totals.call_backs += 1;
        if self.is_flooded(now, trunk) {
            self.totals.call_backs_not_noted += 1;
            return;
        }
        let call_back = CallBack {
            at: wall,
            trunk: self.name_of(trunk),
            number: caller.clone(),
            status,
        };
        self.outputs
            .push_back(Output::Told(Told::InviteRefused { trunk, caller, status }));
        self.outputs.push_back(Output::Ask(Request::CallBack(call_back)));
    }

    /// Counts one more call to us; whether it is one too many within a minute, which is told once.
    pub(super) fn is_flooded(&mut self, now: Moment, trunk: TrunkId) -> bool {
        let count = self.noted.one_more(now);
        if count == MOST + 1 {
            self.outputs.push_back(Output::Told(Told::CallBackFlood { trunk }));
        }
        count > MOST
    }

    pub(super) fn called_back(&mut self, noted: CalledBack) {
        let CalledBack {
            call_back,
            patient,
            case,
        } = noted;
        let told = Told::CalledBack {
            trunk: call_back.trunk,
            caller: call_back.number,
            patient,
            case,
        };
        self.outputs.push_back(Output::Told(told));
    }
}
