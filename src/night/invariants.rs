//! The rules that hold after every step of every night.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::Ledger;
use super::message::Text;
use crate::calendar::Schedule;
use crate::control::{Control, Timer};
use crate::dialer::{Reply, Request};
use crate::ids::{AttemptId, LegId};
use crate::media::Command;
use crate::moment::{Moment, Wall};

/// What is allowed, and what was seen so far.
#[derive(Debug, Default)]
pub struct Invariants {
    lines: Option<usize>,
    spacing: Option<Duration>,
    schedule: Option<Schedule>,
    invites: BTreeSet<String>,
    last_invite: Option<Moment>,
    unkept: BTreeMap<AttemptId, BTreeSet<u32>>,
    asked_by: BTreeMap<LegId, AttemptId>,
    prompts_due: BTreeMap<LegId, PromptsDue>,
    broken: Vec<String>,
}

/// What a leg owes before its next prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PromptsDue {
    Free,
    KeyNotKept,
}

impl Invariants {
    /// Never more calls than this at one time.
    pub fn at_most_lines(&mut self, lines: usize) {
        self.lines = Some(lines);
    }

    /// Never two INVITEs closer than this.
    pub fn never_faster_than(&mut self, spacing: Duration) {
        self.spacing = Some(spacing);
    }

    /// Never an INVITE outside these windows.
    pub fn only_inside(&mut self, schedule: Schedule) {
        self.schedule = Some(schedule);
    }

    /// Distinct INVITEs seen.
    pub fn invites(&self) -> usize {
        self.invites.len()
    }

    pub(super) fn sent(&mut self, now: Moment, wall: Wall, bytes: &[u8]) {
        let Some(text) = Text::read(bytes) else {
            self.broken.push("the daemon sent a datagram without a head".to_owned());
            return;
        };
        let first =
            text.method() == Some("INVITE") && text.call_id().is_some_and(|call| self.invites.insert(call.to_owned()));
        if !first {
            return;
        }
        if self.schedule.as_ref().is_some_and(|schedule| !schedule.is_open(wall)) {
            self.broken
                .push(format!("an INVITE left outside the windows, at {wall:?}"));
        }
        if let (Some(spacing), Some(last)) = (self.spacing, self.last_invite)
            && now.since(last) + Duration::from_millis(20) < spacing
        {
            self.broken.push(format!(
                "two INVITEs {:?} apart, the pace allows {spacing:?}",
                now.since(last)
            ));
        }
        self.last_invite = Some(now);
    }

    pub(super) fn asked(&mut self, request: &Request) {
        if let Request::Keep(keep) = request {
            self.unkept.entry(keep.attempt).or_default().insert(keep.seq);
            if let Some(leg) = self
                .asked_by
                .iter()
                .find(|(_, attempt)| **attempt == keep.attempt)
                .map(|(leg, _)| *leg)
            {
                self.prompts_due.insert(leg, PromptsDue::KeyNotKept);
            }
        }
    }

    pub(super) fn replied(&mut self, reply: &Reply) {
        let (attempt, failed) = match reply {
            Reply::Kept { attempt, seq } => (*attempt, Some(*seq)),
            Reply::Failed {
                request: Request::Keep(keep),
                ..
            } => (keep.attempt, Some(keep.seq)),
            Reply::Claimed { .. }
            | Reply::Begun(_)
            | Reply::BegunTest { .. }
            | Reply::Finished { .. }
            | Reply::Released { .. }
            | Reply::Failed { .. } => return,
        };
        if let (Some(open), Some(seq)) = (self.unkept.get_mut(&attempt), failed) {
            open.remove(&seq);
            if open.is_empty() {
                self.unkept.remove(&attempt);
                let leg = self
                    .asked_by
                    .iter()
                    .find(|(_, by)| **by == attempt)
                    .map(|(leg, _)| *leg);
                if let Some(leg) = leg {
                    self.prompts_due.insert(leg, PromptsDue::Free);
                }
            }
        }
    }

    pub(super) fn commanded(&mut self, leg: LegId, command: &Command) {
        let early =
            matches!(command, Command::Play { .. }) && self.prompts_due.get(&leg) == Some(&PromptsDue::KeyNotKept);
        if early {
            self.broken
                .push(format!("leg {leg} played a prompt before a key was kept"));
        }
    }

    pub(super) fn after_step(
        &mut self,
        now: Moment,
        deadline: Option<(Moment, Timer)>,
        control: &Control,
        ledger: &Ledger,
    ) -> Result<(), Vec<String>> {
        self.asked_by.clear();
        self.asked_by.extend(control.live().map(|who| (who.leg, who.attempt)));
        if let Some((at, timer)) = deadline
            && at <= now
        {
            self.broken.push(format!("{timer:?} lies in the past after a step"));
        }
        if self.lines.is_some_and(|lines| control.calls() > lines) {
            self.broken
                .push(format!("{} calls, more than the lines allow", control.calls()));
        }
        let ports: BTreeSet<u16> = control.ports().lent().collect();
        if ports.len() != control.ports().lent().count() {
            self.broken.push("a port is lent twice".to_owned());
        }
        if self.invites.len() > ledger.attempts().len() {
            self.broken
                .push("an INVITE left before its attempt was written down".to_owned());
        }
        let mut numbers = BTreeSet::new();
        for who in control.live() {
            let case = ledger
                .attempts()
                .get(&who.attempt)
                .and_then(|attempt| ledger.cases().get(&attempt.case));
            if let Some(case) = case
                && !numbers.insert(case.number.clone())
            {
                self.broken.push(format!("{} is called twice at once", case.number));
            }
        }
        if self.broken.is_empty() {
            Ok(())
        } else {
            Err(std::mem::take(&mut self.broken))
        }
    }
}
