//! The beginning: the guards that ring no phone, the agent's phone, the attempt on disk, the patient's call.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::super::calls::NewCall;
use super::super::pictures::ConversationState;
use super::super::stop::Stopping;
use super::super::{Control, Output, Told};
use super::{AGENT_RINGS, Conversation, Part, Side, Wait};
use crate::agents::{self, Phone};
use crate::call::{AgentLeg, LegInput, LegPlan, Limits, With};
use crate::dialer::{BeginByHand, BegunByHand, ByHand, HandLine, LegEnd, Noteworthy, Refusal, Release, Request, Terms};
use crate::ids::{AgentId, CallMark, ConversationId, LegId, TrunkId};
use crate::moment::{Moment, Wall};
use crate::phone::Number;
use crate::pii::Pii;
use crate::sip;

/// The longest talk with an agent.
const LONGEST_TALK: Duration = Duration::from_secs(60 * 60);

impl Control {
    pub(super) fn dial_by_hand(
        &mut self,
        now: Moment,
        wall: Wall,
        agent: AgentId,
        id: ConversationId,
        by_hand: ByHand,
    ) {
        // Asked for twice: by a second tab, or by a network that lost the answer.
        if self.desk.all.contains_key(&id) {
            return;
        }
        if let Err(why) = self.may_dial(agent, id, &by_hand) {
            self.desk.refused.insert(agent, why.clone());
            let conversation = id;
            self.outputs.push_back(Output::Told(Told::RefusedByHand {
                agent,
                conversation,
                why,
            }));
            return;
        }
        self.desk.refused.remove(&agent);
        let case = by_hand.case;
        self.desk.all.insert(id, Conversation::new(agent, by_hand, wall));
        let conversation = id;
        self.on_floor(
            now,
            wall,
            agents::Input::Ringing {
                agent,
                conversation,
                case,
            },
        );
        self.show(id);
        self.ring_agent(now, wall, id, agent);
    }

    /// What can be said against a call before any phone rings.
    fn may_dial(&self, agent: AgentId, id: ConversationId, by_hand: &ByHand) -> Result<(), Refusal> {
        self.desk.floor.may_call(agent, id)?;
        if by_hand.granted.is_none() {
            self.desk.floor.day_limit(agent)?;
        }
        self.may_begin()
    }

    fn may_begin(&self) -> Result<(), Refusal> {
        if self.shutting_down != Stopping::No {
            return Err(Refusal::Stopping);
        }
        match self.holds.whys().into_iter().next() {
            Some(why) => Err(Refusal::Held { why }),
            None => Ok(()),
        }
    }

    /// Rings an agent's phone for a conversation.
    pub(super) fn ring_agent(&mut self, now: Moment, wall: Wall, id: ConversationId, agent: AgentId) {
        let Some(seat) = self.desk.floor.seats().get(&agent) else {
            return;
        };
        let to = self.callee(&seat.desk.phone, &seat.desk.display);
        let beside = self.desk.all.get(&id).and_then(|conversation| conversation.patient);
        let leg = self.add_side(wall, id, Part::Agent(agent), to, beside);
        if let Some(conversation) = self.desk.all.get_mut(&id) {
            conversation.agent_leg = Some(leg);
            // A leg that begins is heard, whatever another one was.
            conversation.is_muted = false;
            conversation.agent_shown = super::LegPicture::new(wall);
        }
        let call_id = self.mark_of(leg).call_id();
        self.note_conversation(wall, id, Noteworthy::AgentCalled { call_id });
        self.side(now, wall, leg, LegInput::Wake);
    }

    /// Makes a leg beside a patient's; its first input is yet to come.
    pub(super) fn add_side(
        &mut self,
        wall: Wall,
        id: ConversationId,
        part: Part,
        to: sip::Callee,
        beside: Option<LegId>,
    ) -> LegId {
        let leg = LegId(self.next_leg);
        self.next_leg += 1;
        let plan = LegPlan {
            leg,
            mark: self.mark_of(leg),
            advertised: self.side_addresses(&to).1,
            to,
            beside,
            ring: AGENT_RINGS,
            sdp_session: u64::try_from(wall.millis()).unwrap_or_default(),
        };
        let side = Side {
            leg: AgentLeg::new(plan),
            of: id,
            part,
        };
        self.desk.sides.insert(leg, side);
        leg
    }

    /// What a leg that has no attempt is known by: a secret of this run and the leg's number.
    fn mark_of(&self, leg: LegId) -> CallMark {
        let number = u32::try_from(leg.0).unwrap_or(u32::MAX);
        self.secret.derive("side", number, 16).parse().unwrap_or_default()
    }

    /// Whom a phone's leg calls.
    pub(super) fn callee(&self, phone: &Phone, display: &str) -> sip::Callee {
        match phone {
            Phone::Registered { account } => sip::Callee::Phone {
                account: account.clone(),
                display: (!display.is_empty()).then(|| Pii::new(display.to_owned())),
                answering: sip::Answering::AtOnce,
            },
            Phone::Behind { trunk, number } => self.over(*trunk, number, None),
        }
    }

    /// A number over a trunk, in its format.
    pub(super) fn over(&self, trunk: TrunkId, number: &Number, caller: Option<Number>) -> sip::Callee {
        let format = self
            .settings
            .trunks
            .get(usize::from(trunk.0))
            .map(|trunk| &trunk.format);
        let number = format.map_or_else(|| number.clone(), |format| format.apply(number));
        sip::Callee::Number { trunk, number, caller }
    }

    /// Our media address towards a callee, and what our SDP shows instead.
    fn side_addresses(&self, to: &sip::Callee) -> (Option<std::net::IpAddr>, Option<std::net::IpAddr>) {
        match to {
            sip::Callee::Number { trunk, .. } => {
                let trunk = self.settings.trunks.get(usize::from(trunk.0));
                (
                    trunk.map(|trunk| trunk.media),
                    trunk.and_then(|trunk| trunk.advertised_media),
                )
            }
            sip::Callee::Phone { .. } => {
                let line = self.settings.sip.phones.as_ref().map(|phones| &phones.line);
                let local = line.map(|line| line.local.ip());
                let shown = line.map(|line| line.advertised.ip());
                (local, shown.filter(|shown| Some(*shown) != local))
            }
        }
    }

    pub(super) fn lend_side_port(&mut self, now: Moment, leg: LegId) -> Option<SocketAddr> {
        let to = &self.desk.sides.get(&leg)?.leg.plan().to;
        let (address, _) = self.side_addresses(to);
        let port = match to {
            sip::Callee::Number { trunk, .. } => self.ports.lend(now, leg, *trunk),
            sip::Callee::Phone { .. } => self.ports.lend_common(now, leg),
        };
        Some(SocketAddr::new(address?, port?))
    }

    /// The agent is there: the attempt is written down, over a line that is taken for it.
    pub(super) fn begin_by_hand(&mut self, now: Moment, wall: Wall, id: ConversationId) {
        let may = self.may_begin();
        let Some(conversation) = self.desk.all.get_mut(&id) else {
            return;
        };
        let line = may.and_then(|()| {
            let campaign = &conversation.by_hand.campaign;
            self.dialer.take_line(now, wall, campaign, &[])
        });
        let line = match line {
            Ok(line) => line,
            Err(why) => return self.refused_by_hand(now, wall, id, why),
        };
        conversation.line = Some(line.clone());
        conversation.is_beginning = true;
        let HandLine { name, caller, .. } = line;
        let ByHand {
            case,
            campaign,
            whom,
            granted,
            ..
        } = &conversation.by_hand;
        let terms = Terms::new(&campaign.schedule, &campaign.retry, &campaign.limits);
        let begin = BeginByHand {
            conversation: id,
            agent: conversation.agent,
            case: *case,
            whom: whom.clone(),
            trunk: name,
            caller,
            at: wall,
            dialplan: conversation.by_hand.dialplan.hash().to_owned(),
            terms: Arc::new(terms),
            granted: granted.clone(),
        };
        self.enter(wall, id, ConversationState::Beginning);
        self.outputs
            .push_back(Output::Ask(Request::BeginByHand(Box::new(begin))));
    }

    /// The attempt is on disk. Whoever hung up meanwhile has no use for it.
    pub(in crate::control) fn begun_by_hand(&mut self, now: Moment, wall: Wall, begun: BegunByHand) {
        let id = begun.conversation;
        let conversation = self.desk.all.get_mut(&id).filter(|one| one.is_beginning);
        let Some(conversation) = conversation else {
            return self.give_attempt_back(wall, &begun);
        };
        conversation.is_beginning = false;
        let goes_on = conversation.state == ConversationState::Beginning && conversation.agent_leg.is_some();
        conversation.begun = Some(begun.clone());
        let stands_against = self.may_begin().err();
        if !goes_on || stands_against.is_some() {
            if let Some(conversation) = self.desk.all.get_mut(&id) {
                conversation.begun = None;
            }
            self.give_attempt_back(wall, &begun);
            self.free_line_of(now, wall, id, None);
            return match stands_against.filter(|_| goes_on) {
                Some(why) => self.refused_by_hand(now, wall, id, why),
                None => self.end_if_over(wall, id),
            };
        }
        self.call_patient(now, wall, id);
    }

    /// An attempt that will not be dialed: our own doing, so it does not count, and the case is free again.
    pub(super) fn give_attempt_back(&mut self, wall: Wall, begun: &BegunByHand) {
        self.abandon(wall, begun.attempt);
        let release = Release::of(begun.claimed.case);
        self.outputs.push_back(Output::Ask(Request::Release(release)));
    }

    /// Calls the patient as soon as the pace of the line's trunk allows; over the next trunk, where that one has begun to rest or
    /// gone down meanwhile. An agent is not kept waiting for a trunk's rest.
    pub(super) fn call_patient(&mut self, now: Moment, wall: Wall, id: ConversationId) {
        let tried_over = self.tried_over(id);
        let Some(conversation) = self.desk.all.get_mut(&id) else {
            return;
        };
        let (Some(begun), Some(beside)) = (conversation.begun.clone(), conversation.agent_leg) else {
            return;
        };
        let Some(line) = conversation.line.take() else { return };
        let campaign = &conversation.by_hand.campaign;
        let line = match self.dialer.line_that_serves(now, wall, line, campaign, &tried_over) {
            Ok(line) => line,
            Err(why) => return self.no_trunk_serves(now, wall, id, why),
        };
        conversation.line = Some(line.clone());
        let at = self.dialer.hand_dial_at(now, &line);
        if at > now {
            conversation.wait = Some((at, Wait::Pace));
            return;
        }
        self.dialer.hand_dialed(now, &line);
        let (agent, attempt) = (conversation.agent, begun.attempt);
        let ring = conversation.by_hand.campaign.ring;
        // The trunks before this one could not carry it: it is the same call.
        let before = conversation.unserved.take();
        let (tried, notes) = before.map_or((Vec::new(), 0), |before| (before.facts.tried, before.live.notes.seq));
        let new = NewCall {
            trunk: line.trunk,
            number: begun.claimed.number.clone(),
            caller: line.caller,
            dialplan: Arc::clone(&conversation.by_hand.dialplan),
            with: With::Agent { agent, beside },
            came_in: None,
            unfinished: None,
            limits: Limits {
                from_ringing: ring.from_ringing,
                from_invite: ring.from_invite,
                call: LONGEST_TALK,
                ..Limits::default()
            },
            claimed: Some(begun.claimed),
            is_moved: !tried.is_empty(),
            tried,
            token: None,
            conversation: Some(id),
            mark: begun.mark,
            notes,
        };
        conversation.patient = Some(LegId(self.next_leg));
        conversation.patient_shown = Some(super::LegPicture::new(wall));
        if !new.is_moved {
            self.on_floor(now, wall, agents::Input::Begun { agent });
            self.note_conversation(wall, id, Noteworthy::PatientCalled { attempt });
        }
        self.enter(wall, id, ConversationState::CallingPatient);
        self.make_call(now, wall, attempt, new);
    }

    /// No trunk of the campaign takes the call now: it ends as the last trunk said that it was tried over; one that no trunk has
    /// seen is not made, and the agent is told why.
    fn no_trunk_serves(&mut self, now: Moment, wall: Wall, id: ConversationId, why: Refusal) {
        let Some(conversation) = self.desk.all.get_mut(&id) else {
            return;
        };
        if let Some(unserved) = conversation.unserved.take() {
            return self.patient_over(now, wall, id, unserved);
        }
        if let Some(begun) = conversation.begun.take() {
            self.give_attempt_back(wall, &begun);
        }
        self.refused_by_hand(now, wall, id, why);
    }

    /// The patient is not called: the agent is told why, and let go.
    pub(in crate::control) fn refused_by_hand(&mut self, now: Moment, wall: Wall, id: ConversationId, why: Refusal) {
        let Some(conversation) = self.desk.all.get_mut(&id) else {
            return;
        };
        conversation.is_beginning = false;
        conversation.refusal = Some(why.clone());
        let (agent, leg) = (conversation.agent, conversation.agent_leg);
        self.desk.refused.insert(agent, why.clone());
        self.free_line_of(now, wall, id, None);
        self.note_conversation(wall, id, Noteworthy::Refused(why.clone()));
        let conversation = id;
        self.outputs.push_back(Output::Told(Told::RefusedByHand {
            agent,
            conversation,
            why,
        }));
        self.enter(wall, id, ConversationState::Ending);
        if let Some(leg) = leg {
            self.side(now, wall, leg, LegInput::End(LegEnd::OtherEnded));
        }
        self.end_if_over(wall, id);
    }
}
