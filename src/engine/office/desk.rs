//! An agent's desk: presence, the next case, calls by hand, and what came of them. The rules are the night's; the checks are the
//! store's and the control core's, here they are put together.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::dnc::refused;
use super::{Error, Office};
use crate::agents::{self, Desk, Phone};
use crate::config::CampaignFile;
use crate::control::Order;
use crate::dialer::{ByHand, Claim, Terms};
use crate::dialplan::{Answer, Dialplan, FormWay};
use crate::ids::{AgentId, CaseId, ConversationId, TrunkId};
use crate::moment::Wall;
use crate::outcome::Disposition;
use crate::phone::{Key, Number};
use crate::store;
use crate::store::console::desk::{
    AgentRow, AgentSettings, AnswerTyped, Choice, Chosen, DeskAnswerRow, Origin, PauseReasonRow, PresenceKept, Refused,
    Reserve, Reserved, Skip, UpcomingRow,
};

pub use crate::agents::Presence;
pub use crate::control::{
    AgentPicture, ConversationPicture, ConversationState, LegPicture, LegState, PhonePicture, PhoneStanding,
};
pub use crate::dialer::{Granted, LegEnd, LegEnding, Refusal, Whom};
pub use crate::ids::{AgentId as Agent, ConversationId as Conversation};

/// Cases of a campaign that are looked at for an agent's next one.
const LOOKED_AT: u32 = 24;
/// Cases shown that come next.
const SHOWN: usize = 4;

/// What an agent's turn is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeskTurn {
    /// Takes calls.
    Ready,
    /// Takes none, for one of the reasons that there are.
    Pause(String),
    /// Leaves.
    Away,
}

/// What may be asked of a conversation that goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallTurn {
    /// Ends both legs.
    HangUp,
    /// The patient hears music.
    Hold,
    /// Both hear each other again.
    Resume,
    /// Nobody hears the agent.
    Mute,
    /// The agent is heard again.
    Unmute,
    /// A stretch is left out of the recording.
    PauseRecording,
    /// It is recorded again.
    ResumeRecording,
}

/// An answer as an agent gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerGiven {
    /// The question's id.
    pub question: String,
    /// The value; none: refused.
    pub value: Option<i64>,
    /// The key of the patient that made it, counted from 1.
    pub key_seq: Option<u32>,
    /// What is written beside it.
    pub remark: Option<String>,
}

/// What an agent says came of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeSaid {
    /// What.
    pub outcome: Disposition,
    /// Why.
    pub cause: Option<String>,
    /// When the patient wants to be called.
    pub appointment: Option<Wall>,
    /// When the next follow-up of this encounter is due.
    pub follow_up: Option<Wall>,
    /// What the patient speaks.
    pub language: Option<String>,
}

/// What the store said to an agent: done, or why not.
pub type Said<T> = Result<Result<T, Refused>, Error>;

impl Office {
    /// What an agent is doing; nothing of one who is not on the floor.
    pub fn agent_picture(&self, agent: AgentId) -> Option<AgentPicture> {
        let find = |picture: &&AgentPicture| picture.agent == agent;
        let watcher = self.engine.as_ref()?.watcher();
        watcher.look(|present| present.agents.iter().find(find).cloned())
    }

    /// How a conversation goes; nothing of one that nobody has dialed yet, or that has been over for some time.
    pub fn conversation_picture(&self, conversation: ConversationId) -> Option<ConversationPicture> {
        let find = |picture: &&ConversationPicture| picture.conversation == conversation;
        let watcher = self.engine.as_ref()?.watcher();
        watcher.look(|present| present.conversations.iter().find(find).cloned())
    }

    /// Whether a call would reach a phone; nothing of one that nothing was heard of since the daemon began.
    pub fn phone_picture(&self, user: &str) -> Option<PhonePicture> {
        let find = |picture: &&PhonePicture| picture.user == user;
        let watcher = self.engine.as_ref()?.watcher();
        watcher.look(|present| present.phones.iter().find(find).cloned())
    }

    /// All agents on the floor, and their conversations.
    pub fn floor(&self) -> (Vec<AgentPicture>, Vec<ConversationPicture>) {
        let engine = self.engine.as_ref();
        let floor = engine.map(|engine| {
            let watcher = engine.watcher();
            watcher.look(|present| (present.agents.clone(), present.conversations.clone()))
        });
        floor.unwrap_or_default()
    }

    /// The local midnight that a time comes after.
    pub fn midnight(&self, now: Wall) -> Wall {
        let (_, (begins, _)) = self.night_of(now);
        begins
    }

    /// Changes what an agent is doing; whoever is not on the floor is brought there first.
    pub async fn desk_turn(&self, agent: AgentId, turn: DeskTurn) -> Result<(), Error> {
        let now = self.clock.wall();
        let (kept, order) = match turn {
            DeskTurn::Ready => (PresenceKept::Ready, agents::Order::Ready { agent }),
            DeskTurn::Away => (PresenceKept::Away, agents::Order::SignOut { agent }),
            DeskTurn::Pause(reason) => {
                let mut known = self.store.reader().pause_reasons().await?;
                known.retain(PauseReasonRow::is_offered);
                if !known.iter().any(|known| known.id == reason) {
                    let words: Vec<&str> = known.iter().map(|known| known.id.as_str()).collect();
                    return Err(refused(&format!(
                        "\"{reason}\" is no reason of a pause; expected one of {}",
                        words.join(", ")
                    )));
                }
                (
                    PresenceKept::Paused(reason.clone()),
                    agents::Order::Pause { agent, reason },
                )
            }
        };
        if kept != PresenceKept::Away {
            self.sign_in(agent, now).await?;
        }
        self.store.keep_presence(agent, kept, now).await?;
        self.order_desk(order)
    }

    async fn sign_in(&self, agent: AgentId, now: Wall) -> Result<AgentRow, Error> {
        let (row, desk) = self.desk_of(agent, now).await?;
        self.order_desk(agents::Order::SignIn { agent, desk })?;
        Ok(row)
    }

    /// An agent, and what he or she brings to the floor.
    async fn desk_of(&self, agent: AgentId, now: Wall) -> Result<(AgentRow, Box<Desk>), Error> {
        let row = self.store.reader().agent(agent).await?;
        let row = row.ok_or_else(|| refused("there is no such account"))?;
        let phone = self.phone_of(&row)?;
        let midnight = self.midnight(now);
        let today = self.store.reader().agent_today(agent, midnight).await?;
        let desk = Desk {
            display: self
                .settings
                .console
                .as_ref()
                .map_or_else(String::new, |console| console.hospital.clone()),
            phone,
            skills: row.skills.clone(),
            per_day: Some(row.calls_a_day),
            done_today: today.calls,
            day: midnight.millis(),
            preview: Duration::from_secs(u64::from(row.preview_s)),
            wrap_up: Duration::from_secs(u64::from(row.wrap_up_s)),
        };
        Ok((row, Box::new(desk)))
    }

    /// What is set for an agent, or whether the account is locked, has changed: a running daemon heeds it at once. Nothing
    /// that talks is ended.
    pub async fn agent_changed(&self, agent: AgentId) -> Result<(), Error> {
        self.load_phones().await?;
        if self.agent_picture(agent).is_none() {
            return Ok(());
        }
        let row = self.store.reader().agent(agent).await?;
        let may_sit = row.is_some_and(|row| row.is_open && self.phone_of(&row).is_ok());
        if may_sit {
            let (_, desk) = self.desk_of(agent, self.clock.wall()).await?;
            self.order_desk(agents::Order::Change { agent, desk })
        } else {
            self.desk_turn(agent, DeskTurn::Away).await
        }
    }

    /// That the trunk to an agent's extension is one of the settings'.
    pub fn need_telephone(&self, settings: &AgentSettings) -> Result<(), Error> {
        match &settings.extension {
            Some(extension) => self.trunk(&extension.trunk).map(|_| ()),
            None => Ok(()),
        }
    }

    /// What rings on an agent's desk.
    fn phone_of(&self, row: &AgentRow) -> Result<Phone, Error> {
        match (&row.extension, &row.phone) {
            (Some((trunk, number)), _) => {
                let (index, _) = self.trunk(trunk)?;
                Ok(Phone::Behind {
                    trunk: TrunkId(u16::try_from(index).unwrap_or(u16::MAX)),
                    number: number.clone(),
                })
            }
            (None, Some(account)) => Ok(Phone::Registered {
                account: account.clone(),
            }),
            (None, None) => Err(refused(
                "还没有为您设置话机，请联系管理员 No phone is set up for this account: `aftercall phone add` makes one",
            )),
        }
    }

    /// The next cases for an agent over all running campaigns, in their order.
    pub async fn upcoming(&self, agent: AgentId) -> Result<Vec<UpcomingRow>, Error> {
        let found = self.queue(agent).await?;
        Ok(found.into_iter().map(|(_, row)| row).take(SHOWN).collect())
    }

    async fn queue(&self, agent: AgentId) -> Result<Vec<(store::Campaign, UpcomingRow)>, Error> {
        let now = self.clock.wall();
        let reader = self.store.reader();
        let mut all = Vec::new();
        for campaign in reader.running_campaigns().await? {
            let rows = reader.upcoming(campaign.id, agent, now, LOOKED_AT).await?;
            all.extend(rows.into_iter().map(|row| (campaign.clone(), row)));
        }
        all.sort_by_key(|(_, row)| row.turn());
        Ok(all)
    }

    /// Puts the next case before an agent, or tells which one is before him or her already.
    pub async fn desk_next(&self, agent: AgentId) -> Said<Reserved> {
        let mut cases = Vec::new();
        let mut terms: BTreeMap<i64, Arc<Terms>> = BTreeMap::new();
        for (campaign, row) in self.queue(agent).await? {
            let known = terms.get(&campaign.id.0).cloned();
            let Some(known) = known.or_else(|| self.terms_of(&campaign.file).map(|(terms, _)| terms)) else {
                continue;
            };
            terms.insert(campaign.id.0, known.clone());
            cases.push((self.claim(&campaign, known), row.id()));
        }
        self.reserve(agent, Origin::Next, cases).await
    }

    /// Puts a case before an agent that was picked on its patient's page.
    pub async fn desk_pick(&self, agent: AgentId, case: CaseId) -> Said<Reserved> {
        let campaign = self.store.reader().campaign_of(case).await?;
        let Some((terms, _)) = self.terms_of(&campaign.file) else {
            return Err(refused("the campaign of this case cannot be read any more"));
        };
        let claim = self.claim(&campaign, terms);
        let reserved = self.reserve(agent, Origin::Picked, vec![(claim, case)]).await?;
        Ok(match reserved {
            Ok(Reserved::Nothing) => {
                let is_open = self.store.reader().is_open(case).await?;
                let why = if is_open {
                    Refusal::CaseTaken
                } else {
                    Refusal::CaseClosed
                };
                Err(Refused::MayNot(why.zh()))
            }
            reserved => reserved,
        })
    }

    fn claim(&self, campaign: &store::Campaign, terms: Arc<Terms>) -> Claim {
        Claim {
            campaign: campaign.id,
            now: self.clock.wall(),
            limit: 1,
            lease: Duration::from_secs(60),
            terms,
        }
    }

    async fn reserve(&self, agent: AgentId, origin: Origin, cases: Vec<(Claim, CaseId)>) -> Said<Reserved> {
        let at = self.clock.wall();
        // Who is not on the floor, or has no phone, gets no case.
        let row = self.sign_in(agent, at).await?;
        let preview = Duration::from_secs(u64::from(row.preview_s));
        let reserve = Reserve {
            agent,
            origin,
            cases,
            preview,
            at,
        };
        let before = self.store.reader().open_conversation(agent).await?;
        let reserved = self.store.reserve(reserve).await?;
        if let Ok(Reserved::New(conversation, case)) = reserved {
            // Whoever takes the next one has nothing more to say of the last.
            if let Some(before) = before {
                let conversation = ConversationId(before.id);
                self.order_desk(agents::Order::WrapUpDone { agent, conversation })?;
            }
            self.order_desk(agents::Order::Preview {
                agent,
                conversation,
                case,
            })?;
        }
        Ok(reserved)
    }

    /// Puts a case back.
    pub async fn desk_skip(&self, agent: AgentId, conversation: ConversationId, reason: String) -> Said<()> {
        let at = self.clock.wall();
        let skip = Skip {
            agent,
            conversation,
            reason,
            at,
        };
        let skipped = self.store.skip(skip).await?;
        self.order_desk(agents::Order::Skip { agent, conversation })?;
        Ok(skipped)
    }

    /// Rings the agent's phone, then calls the patient.
    pub async fn desk_dial(
        &self,
        agent: AgentId,
        conversation: ConversationId,
        whom: Whom,
        granted: Option<Granted>,
    ) -> Said<()> {
        self.need_home()?;
        if self.engine.is_none() {
            return Err(refused("no engine runs here to call with"));
        }
        if let Whom::Other(number) = &whom
            && !self.settings.desk.allows(number)
        {
            return Ok(Err(Refused::MayNot(Refusal::PrefixForbidden.zh())));
        }
        let at = self.clock.wall();
        let row = self.sign_in(agent, at).await?;
        if let Whom::Other(number) = &whom
            && !row.may_dial(number)
        {
            return Ok(Err(Refused::MayNot(Refusal::PrefixForbidden.zh())));
        }
        let case = match self.store.begin_dialing(agent, conversation, at).await? {
            Ok(case) => case,
            Err(why) => return Ok(Err(why)),
        };
        let row = self.store.reader().campaign_of(case).await?;
        let (file, dialplan) = self.ready(&row).await?;
        let campaign = self.as_dialed(&row, &file, &dialplan)?;
        let by_hand = Box::new(ByHand {
            case,
            campaign: Box::new(campaign),
            dialplan: Arc::new(dialplan),
            whom,
            granted,
            skills: self.store.reader().case_skills(case).await?,
        });
        self.order_desk(agents::Order::Dial {
            agent,
            conversation,
            by_hand,
        })?;
        Ok(Ok(()))
    }

    /// Asks something of a conversation that goes on.
    pub fn call_turn(&self, agent: AgentId, conversation: ConversationId, turn: CallTurn) -> Result<(), Error> {
        self.order_desk(match turn {
            CallTurn::HangUp => agents::Order::HangUp { agent, conversation },
            CallTurn::Hold => agents::Order::Hold { agent, conversation },
            CallTurn::Resume => agents::Order::Resume { agent, conversation },
            CallTurn::Mute => agents::Order::Mute { agent, conversation },
            CallTurn::Unmute => agents::Order::Unmute { agent, conversation },
            CallTurn::PauseRecording => agents::Order::PauseRecording { agent, conversation },
            CallTurn::ResumeRecording => agents::Order::ResumeRecording { agent, conversation },
        })
    }

    /// Sends a key to the patient's side.
    pub fn press_key(&self, agent: AgentId, conversation: ConversationId, key: Key) -> Result<(), Error> {
        self.order_desk(agents::Order::Press {
            agent,
            conversation,
            key,
        })
    }

    /// Connects the patient with a department's telephone, one of those in the settings.
    pub fn transfer(&self, agent: AgentId, conversation: ConversationId, number: Number) -> Result<(), Error> {
        if !self.settings.desk.transfers.contains(&number) {
            return Err(refused(
                "不可转接到此号码 No patient may be connected with this number; `transfers` under [desk] in the settings lists those",
            ));
        }
        self.order_desk(agents::Order::Transfer {
            agent,
            conversation,
            number,
        })
    }

    /// The telephones that patients may be connected with.
    pub fn transfers(&self) -> &[Number] {
        &self.settings.desk.transfers
    }

    /// Rings a supervisor's phone, which then hears a conversation.
    pub async fn listen_in(&self, supervisor: AgentId, conversation: ConversationId) -> Result<(), Error> {
        let row = self.store.reader().agent(supervisor).await?;
        let row = row.ok_or_else(|| refused("there is no such account"))?;
        let phone = self.phone_of(&row)?;
        self.order_desk(agents::Order::ListenIn {
            supervisor,
            phone,
            conversation,
        })
    }

    /// The supervisor listens no more.
    pub fn stop_listening(&self, supervisor: AgentId, conversation: ConversationId) -> Result<(), Error> {
        self.order_desk(agents::Order::StopListening {
            supervisor,
            conversation,
        })
    }

    /// The dialplan that is kept under this hash.
    pub async fn kept_dialplan(&self, hash: &str) -> Result<Dialplan, Error> {
        let kept = self.store.reader().dialplan(hash).await?;
        crate::dialplan::parse(&kept.text).map_err(|faults| Error::Faulty {
            file: kept.file,
            faults,
        })
    }

    /// Writes down an answer that an agent gives, if the question takes it.
    pub async fn give_answer(&self, agent: AgentId, conversation: ConversationId, given: AnswerGiven) -> Said<()> {
        let Some((_, case, _)) = self.store.reader().conversation_case(conversation).await? else {
            return Ok(Err(Refused::NotPresent));
        };
        let now = self.clock.wall();
        let card = self.store.reader().desk_card(CaseId(case), now).await?;
        let plan = self.kept_dialplan(&card.dialplan_hash).await?;
        let Some(question) = plan.question(&given.question) else {
            return Err(refused("the dialplan has no such question"));
        };
        let (answer, label, keys) = match given.value {
            Some(value) if question.takes(value) => (
                Answer::Value(value),
                Some(question.label(value)),
                question.keys_of(value),
            ),
            Some(_) => return Err(refused("the question does not take this value")),
            None => (Answer::Refused, None, String::new()),
        };
        let typed = AnswerTyped {
            agent,
            conversation,
            question: given.question,
            answer,
            label,
            keys,
            key_seq: given.key_seq,
            remark: given.remark,
            at: now,
        };
        Ok(self.store.type_answer(typed).await?)
    }

    /// Writes down what an agent says came of a conversation.
    pub async fn say_outcome(&self, agent: AgentId, conversation: ConversationId, said: OutcomeSaid) -> Said<Chosen> {
        let at = self.clock.wall();
        let reader = self.store.reader();
        let Some((_, case, _)) = reader.conversation_case(conversation).await? else {
            return Ok(Err(Refused::NotPresent));
        };
        let case = CaseId(case);
        if let Some(time) = said.appointment {
            self.need_future("the time of the appointment", Some(time))?;
            self.need_legal(time)?;
        }
        self.need_future("the next follow-up", said.follow_up)?;
        let row = reader.campaign_of(case).await?;
        // Its trunks may be gone from the settings: nothing is dialed here.
        let (file, _) = CampaignFile::parse(&row.file).map_err(|faults| Error::Faulty {
            file: row.name.clone(),
            faults,
        })?;
        let place = &self.settings.place;
        let schedule = file.schedule(place.time_zone, self.hours, &place.work_calendar);
        let card = reader.desk_card(case, at).await?;
        if let (Some(time), Some(deadline)) = (said.appointment, card.deadline_at)
            && time >= deadline
        {
            return Err(Error::Store(store::Error::PastDeadline { case, deadline }));
        }
        let plan = self.kept_dialplan(&card.dialplan_hash).await?;
        let answers = reader.desk_answers(case).await?;
        let choice = Choice {
            agent,
            conversation,
            outcome: said.outcome,
            cause: said.cause,
            appointment: said.appointment,
            follow_up: said.follow_up,
            language: said.language,
            is_complete: way_of(&plan, &answers).is_complete(),
            retry: Arc::new(file.retry.clone()),
            schedule,
            at,
        };
        let chosen = self.store.choose_outcome(choice).await?;
        if chosen.is_ok() {
            self.poke(row.id)?;
        }
        Ok(chosen)
    }

    /// Ends a wrap-up.
    pub async fn wrap_up_done(&self, agent: AgentId, conversation: ConversationId) -> Said<()> {
        let at = self.clock.wall();
        let settled = self.store.settle_conversation(agent, conversation, at).await?;
        if let Err(why) = settled {
            return Ok(Err(why));
        }
        self.order_desk(agents::Order::WrapUpDone { agent, conversation })?;
        Ok(Ok(()))
    }

    fn order_desk(&self, order: agents::Order) -> Result<(), Error> {
        match &self.engine {
            Some(engine) => engine.order(Order::Desk(order)),
            // Nobody is on the floor of an office without an engine.
            None => Ok(()),
        }
    }
}

/// Where the answers of a case lead in its dialplan.
pub fn way_of(plan: &Dialplan, answers: &[DeskAnswerRow]) -> FormWay {
    let given = answers.iter().filter_map(|row| {
        let answer = match (row.kind.as_str(), row.value) {
            ("value", Some(value)) => Answer::Value(value),
            ("refused", _) => Answer::Refused,
            ("silent", _) => Answer::Silent,
            _ => Answer::Invalid,
        };
        plan.question(&row.question)?;
        Some((row.question.clone(), answer))
    });
    // The latest of a question comes last.
    plan.form_way(&given.collect())
}
