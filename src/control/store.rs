//! What the dialer asks for and what the store answers.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::calls::NewCall;
use super::stop::Stopping;
use super::{Control, Output, Piece, Told, Unwritten};
use crate::call;
use crate::dialer::{self, Finish, Keep, Refusal, Release, Reply, Request};
use crate::ids::AttemptId;
use crate::moment::{Moment, Wall};
use crate::outcome::OurReason;

/// After this long a failed end is written again: nothing that was heard is given up while the daemon runs.
const WRITE_AGAIN: Duration = Duration::from_secs(1);

impl Control {
    pub(super) fn dialer_output(&mut self, now: Moment, wall: Wall, output: dialer::Output) {
        match output {
            dialer::Output::Claim(claim) => self.outputs.push_back(Output::Ask(Request::Claim(claim))),
            dialer::Output::Begin(begin) => self.outputs.push_back(Output::Ask(Request::Begin(begin))),
            dialer::Output::Release(release) => self.outputs.push_back(Output::Ask(Request::Release(release))),
            dialer::Output::Dial(dial) => self.dial(now, wall, *dial),
            dialer::Output::Unplaced { attempt } => self.end_unserved(wall, attempt),
            dialer::Output::Abandon { attempt, .. } if self.unserved.contains_key(&attempt) => {
                self.end_unserved(wall, attempt);
            }
            dialer::Output::Abandon { attempt, case, .. } => {
                self.abandon(wall, attempt);
                self.outputs.push_back(Output::Ask(Request::Release(Release::of(case))));
            }
            dialer::Output::HangUp { attempt } => {
                if let Some(leg) = self.by_attempt.get(&attempt).copied() {
                    self.call(now, wall, leg, call::Input::Dismiss(OurReason::Stopped));
                }
            }
            dialer::Output::Idle { campaign } => self.outputs.push_back(Output::Told(Told::Idle(campaign))),
            dialer::Output::Stopped { campaign } => {
                self.campaigns.remove(&campaign);
                self.outputs.push_back(Output::Told(Told::Stopped(campaign)));
            }
            dialer::Output::TrunkResting { trunk, until } => self.trunk_resting(now, wall, trunk, until),
            dialer::Output::CallerResting { trunk, caller, until } => {
                let pause = until.since(now);
                self.outputs
                    .push_back(Output::Told(Told::CallerResting { trunk, caller, pause }));
            }
            dialer::Output::Fault(fault) => self.outputs.push_back(Output::Told(Told::DialerFault(fault))),
        }
    }

    /// An attempt that was written down and will not be dialed: our own doing, so it does not count.
    pub(super) fn abandon(&mut self, wall: Wall, attempt: AttemptId) {
        self.write_end(Finish::never_dialed(attempt, wall));
    }

    pub(super) fn write_end(&mut self, finish: Finish) {
        let attempt = finish.attempt;
        // Nothing is added to an attempt that has its end.
        for (_, key) in self.unwritten.range_mut(of(attempt)) {
            key.again_at = None;
            self.outputs.push_back(Output::Ask(key.request.clone()));
        }
        let request = Request::Finish(Box::new(finish));
        self.unwritten.insert(
            (attempt, Piece::End),
            Unwritten {
                request: request.clone(),
                again_at: None,
            },
        );
        self.outputs.push_back(Output::Ask(request));
    }

    pub(super) fn store_replied(&mut self, now: Moment, wall: Wall, reply: Reply) {
        match reply {
            Reply::Claimed { campaign, mut cases } => {
                for claimed in &mut cases {
                    self.check_unfinished(claimed);
                }
                self.dialer
                    .handle(now, wall, dialer::Input::Claimed { campaign, cases });
            }
            Reply::Begun(begun) => self.dialer.handle(now, wall, dialer::Input::Begun(begun)),
            Reply::BegunTest { token, attempt, mark } => {
                if self.shutting_down != Stopping::No {
                    self.asked.remove(&token);
                    self.abandon(wall, attempt);
                } else if let Some(asked) = self.asked.remove(&token) {
                    let new = NewCall {
                        trunk: asked.trunk,
                        number: asked.number,
                        caller: None,
                        dialplan: asked.dialplan,
                        with: call::With::Questionnaire,
                        came_in: None,
                        unfinished: None,
                        limits: asked.limits,
                        claimed: None,
                        tried: Vec::new(),
                        is_moved: false,
                        token: Some(token),
                        conversation: None,
                        mark,
                        notes: 0,
                    };
                    let leg = self.make_call(now, wall, attempt, new);
                    let is_unwanted = self.unwanted.remove(&token);
                    if is_unwanted {
                        self.call(now, wall, leg, call::Input::HangUp(OurReason::Cancelled));
                    }
                }
            }
            Reply::Kept { attempt, seq } => {
                self.unwritten.remove(&(attempt, Piece::Key(seq)));
                if let Some(leg) = self.by_attempt.get(&attempt).copied() {
                    self.call(now, wall, leg, call::Input::Kept { seq });
                }
            }
            Reply::Finished { attempt } => {
                self.unwritten.extract_if(of(attempt), |_, _| true).for_each(drop);
                self.unwritten.remove(&(attempt, Piece::End));
                self.attempt_written(now, wall, attempt);
            }
            Reply::TakenDown { attempt } => {
                self.unwritten.remove(&(attempt, Piece::TakenDown));
            }
            Reply::Noted { attempt, seq } => self.noted(now, wall, attempt, seq),
            Reply::Released { .. } | Reply::GivenBack { .. } => {}
            Reply::CalledBack(noted) => self.called_back(noted),
            Reply::Caller(caller) => self.caller_known(now, wall, *caller),
            Reply::BegunIncoming(begun) => self.begun_incoming(now, wall, begun),
            Reply::BegunByHand(begun) => self.begun_by_hand(now, wall, *begun),
            Reply::PutThrough {
                attempt,
                agent,
                conversation,
            } => self.put_through(now, wall, (attempt, agent), conversation),
            Reply::NotPutThrough { attempt, agent, why } => self.not_put_through(now, wall, (attempt, agent), &why),
            Reply::RefusedByHand { conversation, why } => self.refused_by_hand(now, wall, conversation, why),
            Reply::ConversationNoted { conversation, seq } => self.conversation_noted(now, wall, conversation, seq),
            Reply::Failed { request, why } => self.request_failed(now, wall, request, why),
        }
    }

    fn request_failed(&mut self, now: Moment, wall: Wall, request: Request, why: String) {
        self.outputs.push_back(Output::Told(Told::StoreFailed(why.clone())));
        match request {
            Request::Claim(claim) => {
                self.dialer.handle(
                    now,
                    wall,
                    dialer::Input::ClaimFailed {
                        campaign: claim.campaign,
                    },
                );
            }
            Request::Begin(begin) => self
                .dialer
                .handle(now, wall, dialer::Input::BeginFailed { case: begin.case }),
            Request::BeginTest(begin) => {
                self.asked.remove(&begin.token);
                self.unwanted.remove(&begin.token);
                let told = Told::HandCallFailed {
                    token: begin.token,
                    why: why.clone(),
                };
                self.outputs.push_back(Output::Told(told));
            }
            Request::Keep(keep) => self.keep_refused(now, wall, keep),
            Request::Finish(finish) => {
                if let Some(end) = self.unwritten.get_mut(&(finish.attempt, Piece::End)) {
                    end.again_at = Some(now + WRITE_AGAIN);
                }
            }
            Request::TakenDown(taken_down) => {
                if let Some(end) = self.unwritten.get_mut(&(taken_down.attempt, Piece::TakenDown)) {
                    end.again_at = Some(now + WRITE_AGAIN);
                }
            }
            Request::Note(note) => self.note_failed(now, wall, &note),
            Request::WhoCalls(who) => self.not_taken(now, who.leg),
            Request::BeginIncoming(begin) => self.not_taken(now, begin.leg),
            Request::BeginByHand(begin) => {
                self.refused_by_hand(now, wall, begin.conversation, Refusal::NotWritten { why });
            }
            Request::Conversation(note) => self.conversation_not_noted(now, &note),
            Request::PutThrough(asked) => {
                let why = Refusal::NotWritten { why };
                self.not_put_through(now, wall, (asked.attempt, asked.agent), &why);
            }
            // A lease runs out by itself; a call back is not worth a second try.
            Request::Release(_) | Request::GiveBack(_) | Request::CallBack(_) => {}
        }
    }

    /// The call is told at once, and ends with a word; what was heard is written again as long as the attempt has no end.
    fn keep_refused(&mut self, now: Moment, wall: Wall, keep: Keep) {
        let attempt = keep.attempt;
        let leg = self.by_attempt.get(&attempt).copied();
        if leg.is_none() && !self.unwritten.contains_key(&(attempt, Piece::End)) {
            return;
        }
        let piece = (attempt, Piece::Key(keep.seq));
        let again = Unwritten {
            request: Request::Keep(keep),
            again_at: Some(now + WRITE_AGAIN),
        };
        let is_told = self.unwritten.insert(piece, again).is_some();
        if let Some(leg) = leg.filter(|_| !is_told) {
            self.call(now, wall, leg, call::Input::KeepFailed);
        }
    }

    pub(super) fn write_again(&mut self, now: Moment) {
        for end in self.unwritten.values_mut() {
            if end.again_at.is_some_and(|at| at <= now) {
                end.again_at = None;
                self.outputs.push_back(Output::Ask(end.request.clone()));
            }
        }
    }
}

/// The keys of an attempt among what is unwritten.
const fn of(attempt: AttemptId) -> RangeInclusive<(AttemptId, Piece)> {
    (attempt, Piece::Key(0))..=(attempt, Piece::Key(u32::MAX))
}
