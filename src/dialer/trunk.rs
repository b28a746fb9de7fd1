//! A trunk's pace and its rests.

use std::time::Duration;

use super::TrunkCaps;
use super::retry::counts;
use crate::moment::Moment;
use crate::outcome::Disposition;

/// What the dialer keeps of a trunk.
#[derive(Clone, Debug)]
pub(super) struct Trunk {
    pub(super) caps: TrunkCaps,
    /// The earliest moment for the next attempt.
    pub(super) begin_at: Moment,
    /// The earliest moment for the next INVITE.
    pub(super) dial_at: Moment,
    /// Nothing leaves before this.
    pub(super) rests_until: Moment,
    faults_in_a_row: u32,
}

/// So many faults in a row are the trunk's, not the numbers'.
const FAULTS: u32 = 5;
const FIRST_REST: Duration = Duration::from_secs(15);
const LONGEST_REST: Duration = Duration::from_secs(300);

impl Trunk {
    pub(super) fn new(caps: TrunkCaps) -> Self {
        Self {
            caps,
            begin_at: Moment::ZERO,
            dial_at: Moment::ZERO,
            rests_until: Moment::ZERO,
            faults_in_a_row: 0,
        }
    }

    /// Takes the end of a call into account; says until when the trunk rests if it has to.
    pub(super) fn ended(&mut self, now: Moment, disposition: Disposition, asked: Option<Duration>) -> Option<Moment> {
        if is_trunks_fault(disposition) {
            self.faults_in_a_row = self.faults_in_a_row.saturating_add(1);
        } else if counts(disposition) {
            self.faults_in_a_row = 0;
        }
        if let Some(asked) = asked {
            return self.rest(now, asked.min(LONGEST_REST));
        }
        let already_resting = self.rests_until > now;
        if self.faults_in_a_row < FAULTS || already_resting {
            return None;
        }
        let doublings = (self.faults_in_a_row - FAULTS).min(8);
        self.rest(now, (FIRST_REST * 2_u32.pow(doublings)).min(LONGEST_REST))
    }

    /// Lets it rest; an earlier, longer rest stands.
    pub(super) fn rest(&mut self, now: Moment, pause: Duration) -> Option<Moment> {
        let until = now + pause;
        if until <= self.rests_until || pause.is_zero() {
            return None;
        }
        self.rests_until = until;
        Some(until)
    }
}

const fn is_trunks_fault(disposition: Disposition) -> bool {
    matches!(
        disposition,
        Disposition::OwnLineFault | Disposition::NetworkBusy | Disposition::CallerIdBad
    )
}
