//! The rules that hold after every step of every night.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use super::Ledger;
use super::message::Text;
use crate::calendar::Schedule;
use crate::control::{Control, Timer, Told};
use crate::dialer::{Reply, Request};
use crate::ids::{AttemptId, LegId, TrunkId};
use crate::media::Command;
use crate::moment::{Moment, Wall};
use crate::phone::Number;

/// Says what is wrong with a datagram that the daemon sent.
pub type SecondReader = fn(&[u8]) -> Result<(), String>;

/// What is allowed, and what was seen so far.
#[derive(Debug, Default)]
pub struct Invariants {
    lines: Option<usize>,
    spacing: Option<Duration>,
    schedule: Option<Schedule>,
    trunks: BTreeMap<TrunkId, Bounds>,
    second_reader: Option<SecondReader>,
    invites: BTreeSet<(String, TrunkId)>,
    last_invite: Option<Moment>,
    /// The trunks that got an INVITE of an attempt.
    invited: BTreeSet<(AttemptId, TrunkId)>,
    unkept: BTreeMap<AttemptId, BTreeSet<u32>>,
    /// Keys that were refused once: nobody waits for them any more.
    refused: BTreeSet<(AttemptId, u32)>,
    asked_by: BTreeMap<LegId, AttemptId>,
    prompts_due: BTreeMap<LegId, PromptsDue>,
    /// The Call-ID of each attempt.
    call_ids: BTreeMap<AttemptId, String>,
    /// Calls that were up when the daemon was killed, and that the next one has not yet said a word about.
    left_over: BTreeSet<String>,
    /// Agents' phones, and departments': no patient's, so that no attempt comes before their calls.
    desks: BTreeSet<String>,
    broken: Vec<String>,
}

/// What holds for one trunk.
#[derive(Debug, Default)]
struct Bounds {
    lines: Option<usize>,
    spacing: Option<Duration>,
    last_invite: Option<Moment>,
    rests_until: Moment,
    down: bool,
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

    /// Never more calls than this over one trunk, and never two INVITEs closer than this.
    pub fn over(&mut self, trunk: TrunkId, lines: usize, spacing: Duration) {
        let bounds = self.trunks.entry(trunk).or_default();
        bounds.lines = Some(lines);
        bounds.spacing = Some(spacing);
    }

    /// Never an INVITE outside these windows.
    pub fn only_inside(&mut self, schedule: Schedule) {
        self.schedule = Some(schedule);
    }

    /// Never a datagram that somebody else reads otherwise than we do.
    pub fn read_by(&mut self, second: SecondReader) {
        self.second_reader = Some(second);
    }

    /// A telephone of ours behind an exchange: it is called without an attempt.
    pub fn desk(&mut self, number: &str) {
        self.desks.insert(number.to_owned());
    }

    /// Distinct INVITEs seen.
    pub fn invites(&self) -> usize {
        self.invites.len()
    }

    pub(super) fn sent(&mut self, now: Moment, wall: Wall, trunk: TrunkId, bytes: &[u8], ledger: &Ledger) {
        if let Some(Err(fault)) = self.second_reader.map(|read| read(bytes)) {
            self.broken.push(format!(
                "the second reader found a fault in what the daemon sent: {fault}"
            ));
        }
        let Some(text) = Text::read(bytes) else {
            self.broken.push("the daemon sent a datagram without a head".to_owned());
            return;
        };
        if let (Some("CANCEL" | "BYE"), Some(call)) = (text.method(), text.call_id()) {
            self.left_over.remove(call);
        }
        let first = text.method() == Some("INVITE")
            && text
                .call_id()
                .is_some_and(|call| self.invites.insert((call.to_owned(), trunk)));
        if !first {
            return;
        }
        let Some(number) = text.user().and_then(|user| Number::parse(user).ok()) else {
            return self.broken.push("an INVITE to no number".to_owned());
        };
        if self.desks.contains(number.reveal()) {
            return;
        }
        self.dials(wall, trunk, &number, ledger);
        if !self.left_over.is_empty() {
            let many = self.left_over.len();
            self.broken.push(format!(
                "an INVITE left before CANCEL or BYE to {many} calls that were left over"
            ));
        }
        if let (Some(attempt), Some(call)) = (ledger.open(&number), text.call_id()) {
            let first = self.call_ids.entry(attempt).or_insert_with(|| call.to_owned());
            if first != call {
                self.broken.push(format!("attempt {attempt} has two Call-IDs"));
            }
        }
        let attempt = ledger.open(&number).and_then(|open| ledger.attempts().get(&open));
        // A person who calls by hand is bound by no window and no pace, and may try a trunk that is down.
        if attempt.is_some_and(|attempt| attempt.case.is_none()) {
            return;
        }
        if self.schedule.as_ref().is_some_and(|schedule| !schedule.is_open(wall)) {
            self.broken
                .push(format!("an INVITE left outside the windows, at {wall:?}"));
        }
        self.keeps_its_distance("", now, self.spacing, self.last_invite);
        self.last_invite = Some(now);
        self.goes_over(now, trunk);
    }

    fn keeps_its_distance(&mut self, over: &str, now: Moment, spacing: Option<Duration>, last: Option<Moment>) {
        if let (Some(spacing), Some(last)) = (spacing, last)
            && now.since(last) + Duration::from_millis(20) < spacing
        {
            let apart = now.since(last);
            self.broken.push(format!(
                "two INVITEs{over} {apart:?} apart, the pace allows {spacing:?}"
            ));
        }
    }

    fn goes_over(&mut self, now: Moment, trunk: TrunkId) {
        let bounds = self.trunks.entry(trunk).or_default();
        if bounds.down {
            self.broken
                .push(format!("an INVITE left over {trunk:?}, which is down"));
        }
        if bounds.rests_until > now {
            self.broken.push(format!("an INVITE left over {trunk:?}, which rests"));
        }
        let last = bounds.last_invite.replace(now);
        let spacing = bounds.spacing;
        self.keeps_its_distance(" over one trunk", now, spacing, last);
    }

    /// It was written down before, it goes over each trunk once, and nobody's telephone may still be ringing from before.
    fn dials(&mut self, wall: Wall, trunk: TrunkId, number: &Number, ledger: &Ledger) {
        match ledger.open(number) {
            Some(attempt) if self.invited.insert((attempt, trunk)) => {}
            Some(attempt) => self.broken.push(format!("attempt {attempt} went over {trunk:?} twice")),
            None => self
                .broken
                .push("an INVITE left before its attempt was written down".to_owned()),
        }
        if ledger.locked_until(number).is_some_and(|until| until > wall) {
            self.broken.push(format!("{number} was dialed while it was locked"));
        }
    }

    pub(super) fn spoke_to_a_stranger(&mut self, peer: SocketAddr) {
        self.broken
            .push(format!("the daemon spoke to {peer}, which is no trunk"));
    }

    pub(super) fn told(&mut self, told: &Told) {
        if let Told::TrunkDown { trunk, .. } = told {
            self.trunks.entry(*trunk).or_default().down = true;
        } else if let Told::TrunkUp { trunk, .. } = told {
            self.trunks.entry(*trunk).or_default().down = false;
        } else if let Told::TrunkResting { trunk, until, .. } = told {
            self.trunks.entry(*trunk).or_default().rests_until = *until;
        }
    }

    /// The daemon is gone; these calls are up. What is in memory begins anew.
    pub(super) fn killed(&mut self, up: BTreeSet<String>) {
        self.left_over = up;
        self.last_invite = None;
        for bounds in self.trunks.values_mut() {
            bounds.last_invite = None;
            bounds.rests_until = Moment::ZERO;
            bounds.down = false;
        }
        self.unkept.clear();
        self.refused.clear();
        self.asked_by.clear();
        self.prompts_due.clear();
    }

    pub(super) fn asked(&mut self, request: &Request) {
        if let Request::Keep(keep) = request
            && !self.refused.contains(&(keep.attempt, keep.seq))
        {
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
        if let Reply::Failed {
            request: Request::Keep(keep),
            ..
        } = reply
        {
            self.refused.insert((keep.attempt, keep.seq));
        }
        let (attempt, failed) = match reply {
            Reply::Kept { attempt, seq } => (*attempt, Some(*seq)),
            Reply::Failed {
                request: Request::Keep(keep),
                ..
            } => (keep.attempt, Some(keep.seq)),
            Reply::Claimed { .. }
            | Reply::Begun(_)
            | Reply::BegunTest { .. }
            | Reply::Noted { .. }
            | Reply::TakenDown { .. }
            | Reply::Finished { .. }
            | Reply::Released { .. }
            | Reply::CalledBack(_)
            | Reply::Caller(_)
            | Reply::BegunIncoming(_)
            | Reply::BegunByHand(_)
            | Reply::RefusedByHand { .. }
            | Reply::PutThrough { .. }
            | Reply::NotPutThrough { .. }
            | Reply::GivenBack { .. }
            | Reply::ConversationNoted { .. }
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
        for (trunk, bounds) in &self.trunks {
            let calls = control.live().filter(|who| who.trunk == *trunk).count();
            if bounds.lines.is_some_and(|lines| calls > lines) {
                self.broken
                    .push(format!("{calls} calls over {trunk:?}, more than its lines"));
            }
        }
        let mut numbers = BTreeSet::new();
        for who in control.live() {
            // Who withholds the number is nobody twice.
            if let Some(attempt) = ledger.attempts().get(&who.attempt)
                && attempt.number != Number::withheld()
                && !numbers.insert(&attempt.number)
            {
                self.broken.push(format!("{} is called twice at once", attempt.number));
            }
        }
        if self.broken.is_empty() {
            Ok(())
        } else {
            Err(std::mem::take(&mut self.broken))
        }
    }
}
