//! What keeps new calls from beginning: a full disk, a database away from home. Running calls go on.

use std::collections::BTreeMap;

use super::{Control, HoldCause, Output, Told};
use crate::dialer;
use crate::moment::{Moment, Wall};

/// The causes right now, each with its reason.
#[derive(Debug, Default)]
pub(super) struct Holds(BTreeMap<HoldCause, String>);

impl Holds {
    pub(super) fn whys(&self) -> Vec<String> {
        self.0.values().cloned().collect()
    }
}

impl Control {
    pub(super) fn hold(&mut self, now: Moment, wall: Wall, cause: HoldCause, why: String) {
        if self.holds.0.insert(cause, why.clone()).is_none() {
            self.outputs.push_back(Output::Told(Told::Held { cause, why }));
        }
        self.dialer.handle(now, wall, dialer::Input::Held);
    }

    pub(super) fn release(&mut self, now: Moment, wall: Wall, cause: HoldCause) {
        if self.holds.0.remove(&cause).is_some() {
            self.outputs.push_back(Output::Told(Told::Released { cause }));
        }
        if self.holds.0.is_empty() {
            self.dialer.handle(now, wall, dialer::Input::Released);
        }
    }
}
