//! The calls: making one, carrying its outputs, classifying its end.

use std::net::SocketAddr;
use std::sync::Arc;

use super::failover::{self, Unserved};
use super::inbound::Taken;
use super::notes::Notes;
use super::stop::Stopping;
use super::{Control, HandCall, Live, Output, Told, Who};
use crate::call::{self, Call, CameIn, Finished, Limits, Plan, With};
use crate::dialer::{self, BeginTest, Claimed, Finish, Next, Request, Stands, appointment, retry};
use crate::dialplan::{Dialplan, Session};
use crate::ids::{AttemptId, CallMark, ConversationId, LegId, TrunkId};
use crate::moment::{Moment, Wall};
use crate::outcome::{self, Facts, Tried};
use crate::phone::Number;

/// The recording of an attempt, relative to the data folder: a thousand files a folder.
pub fn recording_row(attempt: AttemptId) -> String {
    format!("recordings/{}/{attempt}.wav", attempt.0 / 1000)
}

/// What a new call needs beside its identity.
pub(super) struct NewCall {
    pub(super) trunk: TrunkId,
    pub(super) number: Number,
    pub(super) caller: Option<Number>,
    pub(super) dialplan: Arc<Dialplan>,
    pub(super) with: With,
    /// The leg of a call that came in, what it began with, and what is kept of it.
    pub(super) came_in: Option<(LegId, CameIn, Taken)>,
    pub(super) unfinished: Option<Session>,
    pub(super) limits: Limits,
    pub(super) claimed: Option<Claimed>,
    pub(super) tried: Vec<Tried>,
    pub(super) token: Option<u64>,
    pub(super) conversation: Option<ConversationId>,
    pub(super) mark: CallMark,
    /// How many notes other trunks' calls of the attempt have written.
    pub(super) notes: u32,
}

impl Control {
    pub(super) fn call_by_hand(&mut self, wall: Wall, asked: HandCall) {
        let trunk = self.settings.trunks.get(usize::from(asked.trunk.0));
        let (Some(trunk), Stopping::No) = (trunk, self.shutting_down) else {
            let why = "the daemon is stopping, or the trunk is gone".to_owned();
            self.outputs.push_back(Output::Told(Told::HandCallFailed {
                token: asked.token,
                why,
            }));
            return;
        };
        if let Some(why) = self.holds.whys().into_iter().next() {
            let token = asked.token;
            self.outputs
                .push_back(Output::Told(Told::HandCallFailed { token, why }));
            return;
        }
        let begin = BeginTest {
            token: asked.token,
            number: asked.number.clone(),
            trunk: trunk.name.clone(),
            at: wall,
            dialplan: asked.dialplan.hash().to_owned(),
        };
        self.asked.insert(asked.token, asked);
        self.outputs.push_back(Output::Ask(Request::BeginTest(begin)));
    }

    /// Makes the call of an attempt that is on disk.
    pub(super) fn make_call(&mut self, now: Moment, wall: Wall, attempt: AttemptId, new: NewCall) -> LegId {
        let (leg, came_in, taken) = match new.came_in {
            Some((leg, came_in, taken)) => (leg, Some(came_in), Some(taken)),
            None => {
                self.next_leg += 1;
                (LegId(self.next_leg - 1), None, None)
            }
        };
        let recording_row = recording_row(attempt);
        let trunk = self.settings.trunks.get(usize::from(new.trunk.0));
        let plan = Plan {
            leg,
            attempt,
            trunk: new.trunk,
            mark: new.mark,
            before: u32::try_from(new.tried.len()).unwrap_or(u32::MAX),
            number: trunk.map_or_else(|| new.number.clone(), |trunk| trunk.format.apply(&new.number)),
            caller: new.caller,
            advertised: trunk.and_then(|trunk| trunk.advertised_media),
            limits: new.limits,
            recording: self.settings.data.join(&recording_row),
            recording_row,
            with: new.with,
            came_in,
            unfinished: new.unfinished,
            sdp_session: u64::try_from(wall.millis()).unwrap_or_default(),
        };
        let who = Who {
            leg,
            attempt,
            case: new.claimed.as_ref().map(|claimed| claimed.case),
            campaign: new.claimed.as_ref().map(|claimed| claimed.campaign),
            token: new.token,
            trunk: new.trunk,
        };
        self.by_attempt.insert(attempt, leg);
        let is_first = new.tried.is_empty();
        let call = Call::new(plan, new.dialplan);
        self.calls.insert(
            leg,
            Live {
                call,
                who,
                claimed: new.claimed,
                conversation: new.conversation,
                taken,
                begun: wall,
                tried: new.tried,
                notes: Notes::after(new.notes),
                deadline: None,
            },
        );
        self.call(now, wall, leg, call::Input::Wake);
        if !is_first {
            self.save_trunk(leg);
        }
        leg
    }

    /// Gives a call one input and carries what comes out.
    pub(super) fn call(&mut self, now: Moment, wall: Wall, leg: LegId, input: call::Input) {
        self.give(now, wall, leg, input);
        while let Some(live) = self.calls.get_mut(&leg)
            && let Some(output) = live.call.poll()
        {
            self.call_output(now, wall, leg, output);
        }
        self.note_deadline(leg);
    }

    fn note_deadline(&mut self, leg: LegId) {
        let Some(live) = self.calls.get_mut(&leg) else { return };
        let next = live.call.deadline().map(|(at, _)| at);
        if next == live.deadline {
            return;
        }
        if let Some(old) = live.deadline.take() {
            self.deadlines.remove(&(old, leg));
        }
        if let Some(at) = next {
            live.deadline = Some(at);
            self.deadlines.insert((at, leg));
        }
    }

    fn call_output(&mut self, now: Moment, wall: Wall, leg: LegId, output: call::Output) {
        match output {
            call::Output::LendPort => {
                let address = self.lend_port(now, leg);
                let input = address.map_or(call::Input::NoPort, call::Input::Port);
                self.give(now, wall, leg, input);
            }
            call::Output::Sip(command) => {
                let is_invite = matches!(command, crate::sip::Command::Invite { .. });
                self.ua.handle(now, crate::sip::Input::Do(command));
                if is_invite {
                    self.totals.invites_sent += 1;
                    let call_id = self.ua.call_id(leg).unwrap_or_default().to_owned();
                    self.give(now, wall, leg, call::Input::CallId(call_id));
                }
            }
            call::Output::Media(command) => self.outputs.push_back(Output::Media { leg, command }),
            call::Output::Keep(keep) => self.outputs.push_back(Output::Ask(Request::Keep(keep))),
            call::Output::WantsPerson { say, again } => self.person_wanted(now, wall, leg, (say, again)),
            call::Output::Observed(observed) => self.observed(leg, observed),
            call::Output::Finished(finished) => self.finished(now, wall, leg, *finished),
        }
    }

    fn lend_port(&mut self, now: Moment, leg: LegId) -> Option<SocketAddr> {
        let trunk = self.calls.get(&leg)?.call.plan().trunk;
        let media = self.settings.trunks.get(usize::from(trunk.0))?.media;
        self.ports
            .lend(now, leg, trunk)
            .map(|port| SocketAddr::new(media, port))
    }

    fn observed(&mut self, leg: LegId, observed: call::Observed) {
        let Some(live) = self.calls.get(&leg) else { return };
        let who = live.who.clone();
        let conversation = live.conversation;
        let is_ours = live.taken.is_none();
        match &observed {
            call::Observed::Answered => self.totals.answered += u64::from(is_ours),
            call::Observed::Playing { .. } => self.totals.prompts_expected += 1,
            call::Observed::BargedIn => {
                self.totals.prompts_expected = self.totals.prompts_expected.saturating_sub(1);
            }
            call::Observed::NoPort
            | call::Observed::Invited
            | call::Observed::Progressed { .. }
            | call::Observed::KeyHeard { .. }
            | call::Observed::Held
            | call::Observed::Resumed
            | call::Observed::Heard(_) => {}
        }
        if let Some(conversation) = conversation {
            self.patient_seen(self.wall, conversation, &observed);
        }
        let is_answered = observed == call::Observed::Answered;
        let leg_taken = (!is_ours && is_answered).then_some(leg);
        let pressed = if let call::Observed::KeyHeard { key, .. } = observed {
            Some(key)
        } else {
            None
        };
        self.outputs.push_back(Output::Told(Told::Call { who, observed }));
        if let Some(key) = pressed {
            self.pressed_while_waiting(self.now, self.wall, leg, key);
        }
        if let Some(leg) = leg_taken {
            self.call_for_an_agent(leg);
        }
    }

    pub(super) fn finished(&mut self, now: Moment, wall: Wall, leg: LegId, mut finished: Finished) {
        let Some(mut live) = self.calls.remove(&leg) else {
            return;
        };
        if let Some(at) = live.deadline {
            self.deadlines.remove(&(at, leg));
        }
        self.ports.give_back(now, leg);
        self.waits_no_more(now, wall, leg);
        if live.taken.is_some() {
            self.count_lines_taken(now, wall, live.who.trunk);
        }
        let attempt = live.who.attempt;
        self.by_attempt.remove(&attempt);
        let trunk = self.settings.trunks.get(usize::from(live.who.trunk.0));
        let causes = trunk.map(|trunk| &trunk.causes);
        let verdict = outcome::classify(&finished.facts, causes.unwrap_or(&outcome::CauseTable::default()));
        let disposition = verdict.disposition;
        finished.facts.tried = std::mem::take(&mut live.tried);
        if let Some(trunk) = trunk.filter(|_| !finished.facts.call_id.is_empty() || finished.facts.local.is_some()) {
            let tried = failover::tried(&trunk.name, &finished.facts);
            finished.facts.tried.push(tried);
        }
        if let Some(conversation) = live.conversation {
            return self.patient_finished(now, wall, conversation, live, finished, verdict);
        }
        // The dialer knows nothing of calls that came in.
        let by_campaign = live.claimed.is_some() && live.taken.is_none();
        if by_campaign && outcome::is_unserved(&finished.facts, disposition) {
            return self.ask_for_another(now, wall, finished, live, verdict);
        }
        let retry_after = failover::retry_after(&finished.facts);
        let Finished { facts, media } = finished;
        self.close(
            wall,
            Unserved {
                live,
                facts,
                verdict,
                media,
            },
        );
        if by_campaign {
            let ended = dialer::Input::Ended {
                attempt,
                disposition,
                retry_after,
            };
            self.dialer.handle(now, wall, ended);
        }
    }

    /// Tells the end of an attempt and has it written down.
    pub(super) fn close(&mut self, wall: Wall, call: Unserved) {
        let Unserved {
            live,
            mut facts,
            verdict,
            media,
        } = call;
        if live.taken.is_none() {
            *self.totals.dispositions.entry(verdict.disposition).or_default() += 1;
        }
        let ended = retry::Ended::of(verdict.disposition, &facts);
        let next = self.next(wall, &live, ended, &mut facts);
        self.let_rest(wall, live.claimed.as_ref(), &facts, next);
        if facts.unconfirmed {
            self.leave_over(&live);
        }
        let attempt = live.who.attempt;
        self.outputs.push_back(Output::Told(Told::Ended {
            who: live.who,
            disposition: verdict.disposition,
            rule: verdict.rule.to_owned(),
            why: outcome::explain(&facts, &verdict, outcome::Language::Zh),
        }));
        self.write_end(Finish {
            attempt,
            at: wall,
            facts,
            disposition: verdict.disposition,
            rule: verdict.rule.to_owned(),
            next,
            media,
        });
    }

    fn next(&self, wall: Wall, live: &Live, ended: retry::Ended, facts: &mut Facts) -> Next {
        let by_hand = live.conversation.and_then(|id| self.desk.by_hand(id));
        let rules = live.claimed.as_ref().and_then(|claimed| {
            let running = self.campaigns.get(&claimed.campaign).map(|running| &running.campaign);
            Some((claimed, by_hand.map(|by_hand| by_hand.campaign.as_ref()).or(running)?))
        });
        match (rules, live.taken) {
            (Some((claimed, campaign)), Some(taken)) => {
                let schedule = &campaign.schedule;
                let stands = taken.stands.unwrap_or(Stands::Open { next_at: wall });
                let next = retry::next_after_their_call(&campaign.retry, ended.disposition, wall, schedule, stands);
                appointment::settle(facts, next, wall, schedule, claimed.deadline)
            }
            (Some((claimed, campaign)), None) => {
                let history = dialer::History::from(claimed);
                let schedule = &campaign.schedule;
                let next = retry::next(&campaign.retry, &history, ended, wall, schedule, claimed.deadline);
                appointment::settle(facts, next, wall, schedule, claimed.deadline)
            }
            // Without a case, what becomes of it is only noted: a test call, or a wish to be called.
            (None, taken) => self.without_case(wall, taken, facts),
        }
    }

    fn without_case(&self, wall: Wall, taken: Option<Taken>, facts: &mut Facts) -> Next {
        let counted = false;
        let ignored = Next::Close {
            outcome: dialer::Outcome::Withdrawn,
            counted,
        };
        match (taken, self.inbound.schedule()) {
            (Some(_), Some(schedule)) => appointment::settle(facts, ignored, wall, schedule, None),
            (Some(_) | None, _) => ignored,
        }
    }
}
