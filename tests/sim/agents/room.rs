//! What every scenario with agents starts from: a trunk to the patients, the hospital's exchange with the agents' phones
//! behind it, two agents, and a campaign that does not run.

use std::sync::Arc;
use std::time::Duration;

use aftercall::agents::{Desk, Order as Ask, Phone, Presence};
use aftercall::control::{ConversationPicture, ConversationState, Order, ShutDown, Told};
use aftercall::dialer::{ByHand, Campaign, Granted, HowStop, LegEnd, LegEnding, Noteworthy, Whom};
use aftercall::dialplan::{self, Dialplan};
use aftercall::ids::{AgentId, CaseId, ConversationId, TrunkId};
use aftercall::night::{Patient, Talk, World};
use aftercall::outcome::Disposition;
use aftercall::phone::Number;

use crate::house::{CAMPAIGN, HOUR, House, millis, questionnaire, seconds};

pub(super) const LI: AgentId = AgentId(1);
pub(super) const WANG: AgentId = AgentId(2);
pub(super) const FIRST: ConversationId = ConversationId(100);
pub(super) const SECOND: ConversationId = ConversationId(101);
pub(super) const PATIENT: &str = "13800000001";
pub(super) const OF_LI: &str = "8001";
pub(super) const OF_WANG: &str = "8002";
pub(super) const OF_A_SUPERVISOR: &str = "8009";
pub(super) const DEPARTMENT: &str = "62220000";

/// The shipped questionnaire that has a key for a person.
const FOLLOW_UP: &str = include_str!("../../../dialplans/post-discharge.toml");

/// The hospital's exchange.
pub(super) const EXCHANGE: TrunkId = TrunkId(1);
/// The campaign's second trunk.
pub(super) const SPARE: TrunkId = TrunkId(2);

pub(super) struct Room {
    pub(super) world: World,
    campaign: Campaign,
    dialplan: Arc<Dialplan>,
    pub(super) case: CaseId,
    /// What the case wants of an agent.
    pub(super) skills: std::collections::BTreeSet<String>,
}

impl Room {
    /// Agent Li at a phone like this, a patient like this.
    pub(super) fn new(phone: Patient, patient: Patient) -> Self {
        Self::with(
            &House {
                trunks: 3,
                ..House::default()
            },
            phone,
            patient,
        )
    }

    pub(super) fn with(house: &House, phone: Patient, patient: Patient) -> Self {
        let mut world = house.world();
        let stop = Order::Stop {
            campaign: CAMPAIGN,
            how: HowStop::Drain,
        };
        world.order(Duration::ZERO, stop);
        let Order::Start { mut campaign, dialplan } = house.start(questionnaire()) else {
            panic!("the house starts a campaign");
        };
        campaign.routes.retain(|route| route.trunk != EXCHANGE);
        for number in [OF_LI, OF_WANG, OF_A_SUPERVISOR, DEPARTMENT] {
            world.invariants().desk(number);
        }
        world.trunk().connect(OF_LI, phone);
        world.trunk().connect(PATIENT, patient);
        let due = world.wall() + HOUR * 24 * 30;
        let case = world.ledger().add_case(CAMPAIGN, number(PATIENT), due);
        let mut room = Self {
            world,
            campaign: *campaign,
            dialplan,
            case,
            skills: Default::default(),
        };
        room.sits_down(LI, OF_LI);
        room
    }

    /// The campaign runs with a dialplan that has a key for a person, and nobody is on the floor yet.
    pub(super) fn by_night(house: &House) -> Self {
        let mut world = house.world();
        let dialplan = dialplan::parse(FOLLOW_UP).expect("the shipped dialplan is sound");
        world.ledger().keep_dialplan(dialplan.hash(), FOLLOW_UP);
        let Order::Start { mut campaign, dialplan } = house.start(dialplan) else {
            panic!("the house starts a campaign");
        };
        campaign.routes.retain(|route| route.trunk != EXCHANGE);
        for number in [OF_LI, OF_WANG, OF_A_SUPERVISOR, DEPARTMENT] {
            world.invariants().desk(number);
        }
        let start = Order::Start {
            campaign: campaign.clone(),
            dialplan: Arc::clone(&dialplan),
        };
        world.order(Duration::ZERO, start);
        Self {
            world,
            campaign: *campaign,
            dialplan,
            case: CaseId(0),
            skills: Default::default(),
        }
    }

    /// An agent signs in with a phone behind the exchange, and is ready.
    pub(super) fn sits_down(&mut self, agent: AgentId, phone: &str) {
        self.sits_down_with(agent, phone, &[]);
    }

    /// The same with skills.
    pub(super) fn sits_down_with(&mut self, agent: AgentId, phone: &str, skills: &[&str]) {
        let phone = Phone::Behind {
            trunk: EXCHANGE,
            number: number(phone),
        };
        let desk = Box::new(Desk {
            skills: skills.iter().map(|skill| (*skill).to_owned()).collect(),
            ..Desk::new(phone)
        });
        self.ask(Duration::ZERO, Ask::SignIn { agent, desk });
        self.ask(millis(1), Ask::Ready { agent });
    }

    pub(super) fn ask(&mut self, after: Duration, order: Ask) {
        self.world.order(after, Order::Desk(order));
    }

    /// Agent Li clicks.
    pub(super) fn dial(&mut self, after: Duration, conversation: ConversationId) {
        self.dial_whom(after, conversation, Whom::Next, None);
    }

    pub(super) fn dial_whom(
        &mut self,
        after: Duration,
        conversation: ConversationId,
        whom: Whom,
        granted: Option<Granted>,
    ) {
        let by_hand = Box::new(ByHand {
            case: self.case,
            campaign: Box::new(self.campaign.clone()),
            dialplan: Arc::clone(&self.dialplan),
            whom,
            granted,
            skills: self.skills.clone(),
        });
        let order = Ask::Dial {
            agent: LI,
            conversation,
            by_hand,
        };
        self.ask(after, order);
    }

    pub(super) fn hang_up(&mut self, after: Duration) {
        let order = Ask::HangUp {
            agent: LI,
            conversation: FIRST,
        };
        self.ask(after, order);
    }

    pub(super) fn stop(&mut self, after: Duration, how: ShutDown) {
        self.world.order(after, Order::ShutDown(how));
    }

    pub(super) fn wait(&mut self, time: Duration) {
        match self.world.run_until(time, |_| false) {
            Ok(_) => {}
            Err(broken) => panic!("after {:?}: {broken:#?}", self.world.elapsed()),
        }
    }

    /// The conversation as the screen saw it last.
    pub(super) fn shown(&self, id: ConversationId) -> ConversationPicture {
        let told = self.world.told().iter().rev();
        let mut pictures = told.filter_map(|(_, told)| {
            let Told::Conversation(picture) = told else { return None };
            (picture.conversation == id).then(|| picture.as_ref().clone())
        });
        pictures.next().expect("a picture of the conversation")
    }

    pub(super) fn presence(&self, agent: AgentId) -> Presence {
        let agents = self.world.snapshot().agents;
        let seat = agents.into_iter().find(|picture| picture.agent == agent);
        seat.map_or(Presence::Away, |picture| picture.presence)
    }

    /// How the attempts at the patient ended.
    pub(super) fn history(&mut self) -> Vec<Option<Disposition>> {
        self.world.ledger().history(PATIENT)
    }

    /// How often a telephone rang.
    pub(super) fn rang(&mut self, number: &str) -> usize {
        let seen = self.world.trunk().seen();
        seen.filter(|(_, seen)| seen.number == number && seen.rang).count()
    }

    /// What was played to a telephone.
    pub(super) fn heard(&mut self, number: &str) -> Vec<String> {
        let seen = self.world.trunk().seen();
        seen.filter(|(_, seen)| seen.number == number)
            .flat_map(|(_, seen)| seen.prompts.clone())
            .collect()
    }

    /// Both legs' ends as screen and record have them: they must be the same, nothing may be left over, and no peer may
    /// have anything against us.
    pub(super) fn ended(&mut self, id: ConversationId) -> Ended {
        let shown = self.shown(id);
        assert_eq!(shown.state, ConversationState::Ended, "{shown:#?}");
        self.is_clean();
        let notes = self.world.ledger().conversation(id).to_vec();
        let ends: Vec<_> = notes
            .iter()
            .filter_map(|note| {
                let Noteworthy::Ended {
                    agent,
                    patient,
                    disposition,
                } = &note.what
                else {
                    return None;
                };
                Some((agent.clone(), patient.clone(), *disposition))
            })
            .collect();
        let [(agent, patient, disposition)] = ends.as_slice() else {
            panic!("one end of the conversation in the record: {notes:#?}");
        };
        assert_eq!(shown.agent_leg.ending, *agent, "screen and record of the agent's leg");
        let shown_patient = shown.patient_leg.as_ref().and_then(|leg| leg.ending.clone());
        assert_eq!(shown_patient, *patient, "screen and record of the patient's leg");
        Ended {
            agent: agent.clone(),
            patient: patient.clone(),
            disposition: *disposition,
        }
    }

    /// No leg, no port, no open attempt is left, and no peer has anything against us.
    pub(super) fn is_clean(&mut self) {
        assert_eq!(self.world.calls(), 0, "calls");
        assert_eq!(self.world.ports_lent(), 0, "ports");
        assert_eq!(self.world.trunk().faults(), &[] as &[String]);
        let open = self
            .world
            .ledger()
            .attempts()
            .values()
            .filter(|row| row.ended.is_none());
        assert_eq!(open.count(), 0, "open attempts");
        for (call_id, seen) in self.world.trunk().seen() {
            if seen.status == Some(200) && !seen.cut {
                // The ACK may be lost where the BYE follows it at once.
                assert!(seen.acknowledged || seen.byes > 0, "{call_id}: never acknowledged");
                assert!(seen.byes <= 1, "{call_id}: {} BYEs", seen.byes);
                assert!(seen.byes + usize::from(seen.left) >= 1, "{call_id}: nobody sent a BYE");
            }
        }
    }
}

/// How a conversation ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) agent: Option<LegEnding>,
    pub(super) patient: Option<LegEnding>,
    pub(super) disposition: Option<Disposition>,
}

impl Ended {
    pub(super) fn ends(&self) -> (Option<LegEnd>, Option<LegEnd>, Option<Disposition>) {
        let end = |ending: &Option<LegEnding>| ending.as_ref().map(|ending| ending.end);
        (end(&self.agent), end(&self.patient), self.disposition)
    }
}

pub(super) fn number(text: &str) -> Number {
    Number::parse(text).expect("a number")
}

/// Answers one question and wants a person at the second.
pub(super) fn asks_for_a_person() -> Talk {
    Talk::silent()
        .at("choose-language", "1", millis(500))
        .at("discharge-identity", "1", millis(500))
        .at("discharge-recovery", "1", millis(500))
        .at("discharge-medicine", "0", millis(500))
}

/// Answers after three seconds.
pub(super) fn answers(talk: Talk) -> Patient {
    Patient::answers(seconds(3), talk)
}

/// A phone, or a patient, that is answered and stays until the other side hangs up.
pub(super) fn stays() -> Patient {
    Patient::answers(seconds(3), Talk::silent())
}

/// Hangs up so long after hearing the other one.
pub(super) fn leaves_after(talk: Duration) -> Patient {
    Patient::answers(seconds(3), Talk::silent().leaves_during("bridged", talk))
}
