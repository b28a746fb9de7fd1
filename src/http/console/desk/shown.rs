//! What the desk shows: the agent, the conversation with both legs, the case, the form, what may be chosen at the end.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::console::instant::Instant;
use crate::store::console::desk::PauseReasonRow;

/// A sentence in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::http::console) struct Words {
    pub(in crate::http::console) zh: String,
    pub(in crate::http::console) en: String,
}

/// What an agent is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::http::console) enum DeskPresence {
    /// Not at the desk.
    Away,
    /// Takes the next call.
    Ready,
    /// Looks at a case before it is dialed.
    Previewing,
    /// Held back for a patient who is being connected.
    Reserved,
    /// The agent's phone rings.
    Ringing,
    /// The agent's phone is answered.
    Talking,
    /// The conversation is over, its outcome is being written down.
    WrappingUp,
    /// Takes no call.
    Paused,
}

/// The whole desk of the person who asks.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::console) struct DeskPage {
    /// The time of this picture.
    pub(super) at: Instant,
    pub(super) me: DeskMe,
    /// The case before the agent, from the preview to the end of the wrap-up.
    pub(super) conversation: Option<DeskConversation>,
    /// The case that was here last, where the time of its preview ran out and nobody was called: it is anybody's again.
    pub(super) given_back: Option<DeskGivenBack>,
    /// The next cases in their order, names masked; they are not held for anybody yet.
    pub(super) upcoming: Vec<DeskUpcoming>,
    /// When the next appointment is, if no case is due before.
    pub(super) next_appointment_at: Option<Instant>,
    /// Why one may pause, in the order of screens; those that nobody chooses any more come last.
    pub(super) pause_reasons: Vec<DeskPauseReason>,
    /// The telephones of departments that a patient may be connected with.
    pub(super) transfers: Vec<String>,
}

/// A case that was looked at until its time ran out.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::console) struct DeskGivenBack {
    pub(super) case_id: i64,
    /// The patient's name, masked.
    pub(super) name: Option<String>,
    pub(super) at: Instant,
}

/// The agent.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::console) struct DeskMe {
    pub(super) presence: DeskPresence,
    /// Of a pause: a row of `pause_reasons`, `signed_in` or `phone_failed`.
    pub(super) reason: Option<String>,
    pub(super) since_at: Option<Instant>,
    /// When the preview or the wrap-up runs out.
    pub(super) until_at: Option<Instant>,
    /// What follows the conversation or the wrap-up, where it is not `ready`.
    pub(super) then: Option<DeskPresence>,
    /// Why the call that was asked for last was not made.
    pub(super) refused: Option<DeskRefusal>,
    pub(super) phone: DeskPhone,
    /// Conversations begun today.
    pub(super) calls_today: u32,
    /// Of these, the completed ones.
    pub(super) completed_today: u32,
    /// Calls a day at most.
    pub(super) calls_a_day: u32,
    /// From the end of a conversation to its settling, on average today.
    pub(super) wrap_up_mean_ms: Option<i64>,
}

/// What rings on the agent's desk.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::console) struct DeskPhone {
    pub(super) kind: DeskPhoneKind,
    /// How it is called: the user name with which it registers, or the extension's number.
    pub(super) name: Option<String>,
    #[serde(flatten)]
    pub(super) now: DeskPhoneNow,
}

/// Whether a call would reach the phone.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::console) struct DeskPhoneNow {
    pub(super) standing: DeskPhoneStanding,
    /// Since when.
    pub(super) standing_since_at: Option<Instant>,
}

/// Whether a call would reach a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::http::console) enum DeskPhoneStanding {
    /// Nobody knows: it does not register, but is behind an exchange; or there is none.
    Unknown,
    /// It is registered.
    Registered,
    /// It is not registered.
    Gone,
}

/// The kind of an agent's phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::http::console) enum DeskPhoneKind {
    /// None is known: nobody can call from here. `aftercall phone add` makes one.
    None,
    /// It registers with the daemon.
    Registered,
    /// A telephone behind the hospital's exchange.
    Behind,
}

/// Why one may pause.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::console) struct DeskPauseReason {
    pub(super) id: String,
    pub(super) zh: String,
    pub(super) en: String,
    /// False: nobody chooses it any more; it names what was chosen before.
    pub(super) is_offered: bool,
}

impl DeskPauseReason {
    pub(super) fn of(row: PauseReasonRow) -> Self {
        Self {
            is_offered: row.is_offered(),
            id: row.id,
            zh: row.zh,
            en: row.en,
        }
    }
}

/// A case that comes after this one; the name masked.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::console) struct DeskUpcoming {
    pub(super) case_id: i64,
    pub(super) name: Option<String>,
    pub(super) sex: Option<String>,
    pub(super) age: Option<String>,
    pub(super) campaign: String,
    pub(super) department: Option<String>,
    pub(super) deadline_at: Option<Instant>,
    pub(super) appointment_at: Option<Instant>,
    pub(super) priority: i64,
    pub(super) last_disposition: Option<String>,
}

/// Where a conversation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::http::console) enum DeskState {
    /// The case is looked at; nobody is called yet.
    Previewing,
    /// The agent's phone rings.
    RingingAgent,
    /// The agent is there; the attempt is being written down.
    Beginning,
    /// The patient is being called.
    CallingPatient,
    /// Both hear each other.
    Talking,
    /// The patient hears music.
    OnHold,
    /// The patient is on the line and hears a prompt and music; the agent's phone rings.
    PatientWaiting,
    /// The agent was lost; the patient hears a prompt, another agent is looked for.
    AgentLost,
    /// No agent came: the machine offers the patient a call-back.
    CallBackOffered,
    /// The patient is being connected with another number.
    Transferring,
    /// The patient talks with that number; the agent is out of it.
    Transferred,
    /// One leg is over, the other is being taken down.
    Ending,
    /// Both legs are over: the outcome is to be chosen.
    Ended,
}

/// A conversation with everything beside it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::console) struct DeskConversation {
    /// Its number: every order names it.
    pub(super) id: i64,
    pub(super) origin: DeskOrigin,
    pub(super) preview_until_at: Option<Instant>,
    #[serde(flatten)]
    pub(super) now: DeskNow,
    pub(super) case: DeskCase,
    pub(super) form: DeskForm,
    pub(super) note: DeskNote,
    /// What the agent may say came of it, in the order of screens; what may not be chosen says why.
    pub(super) outcomes: Vec<DeskOutcome>,
    /// What was chosen.
    pub(super) outcome: Option<String>,
    pub(super) cause: Option<String>,
    /// What the facts of the call said by themselves, once it is over.
    pub(super) classified: Option<String>,
    pub(super) tickets: Vec<DeskTicket>,
}

/// How a case came before the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::http::console) enum DeskOrigin {
    /// The next one in order.
    Next,
    /// Picked on the patient's page.
    Picked,
    /// The patient asked the machine for a person.
    AskedFor,
    /// The patient called.
    CalledIn,
}

/// What changes while a conversation goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::http::console) struct DeskNow {
    pub(super) state: DeskState,
    pub(super) state_since_at: Option<Instant>,
    /// The attempt, once it is written down.
    pub(super) attempt_id: Option<i64>,
    /// The agent's leg; nothing before the phone is called.
    pub(super) agent_leg: Option<DeskLeg>,
    /// The patient's leg; nothing before the patient is called.
    pub(super) patient_leg: Option<DeskLeg>,
    /// The leg of a transfer.
    pub(super) third_leg: Option<DeskLeg>,
    /// Keys that the patient pressed so far.
    pub(super) keys: String,
    pub(super) recording: DeskRecording,
    /// Nobody hears the agent, by the agent's own wish.
    pub(super) is_muted: bool,
    /// Why the patient was not called.
    pub(super) refusal: Option<DeskRefusal>,
}

/// Whether it is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::http::console) enum DeskRecording {
    /// Nothing to record yet, or no more.
    Off,
    On,
    /// A stretch is being left out; the time line goes on.
    Paused,
}

/// What one party's telephone is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::http::console) enum DeskLegState {
    /// The call is on its way.
    Calling,
    /// It rings.
    Ringing,
    /// It brings sound of its own: ringback or an announcement.
    EarlyMedia,
    /// Answered.
    Talking,
    /// Answered, and on hold by its own hand.
    OnHold,
    /// Being taken down.
    Ending,
    /// Over.
    Ended,
}

/// A leg.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::http::console) struct DeskLeg {
    pub(super) state: DeskLegState,
    pub(super) since_at: Option<Instant>,
    /// How it ended.
    pub(super) ending: Option<DeskEnding>,
}

/// How a leg ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::http::console) struct DeskEnding {
    /// `busy`, `declined`, `no_answer`, `unreachable`, `refused`, `hung_up`, `gone`, `other_ended`, `ordered`, `own_fault` or
    /// `stopped`.
    pub(super) end: String,
    /// In a sentence, with side, status and cause.
    pub(super) words: Words,
    pub(super) status: Option<u16>,
    pub(super) q850: Option<u8>,
    pub(super) talk_ms: Option<u32>,
}

/// Why a patient is not called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::http::console) struct DeskRefusal {
    /// The rule: a reason of the nightly checks (`window_closed`, `number_capped`, `do_not_call` …), or `case_taken`,
    /// `case_closed`, `not_the_cases`, `prefix_forbidden`, `agent_day`, `no_line`, `trunk_down`, `trunk_rests`, `held`,
    /// `stopping`, `not_ready`, `settled`, `not_written`.
    pub(super) rule: String,
    pub(super) words: Words,
    /// When it is no longer in the way, where time heals it.
    pub(super) until_at: Option<Instant>,
    /// Whether a supervisor's grant lets it pass.
    pub(super) is_grantable: bool,
}

/// The case and the patient. The name is in full: to hold the conversation is to have it revealed, and it is audited.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::console) struct DeskCase {
    pub(super) case_id: i64,
    pub(super) patient_id: i64,
    /// In full while the conversation is not settled.
    pub(super) name: Option<String>,
    /// Masked.
    pub(super) patient_no: Option<String>,
    pub(super) sex: Option<String>,
    /// The year of birth.
    pub(super) birth: Option<String>,
    pub(super) age: Option<String>,
    /// What the patient speaks, where that is known to matter.
    pub(super) language: Option<String>,
    pub(super) deceased: bool,
    /// `readmitted`, `transferred`, `complaint_open`, as they hold now.
    pub(super) states: Vec<String>,
    pub(super) campaign: String,
    /// Masked.
    pub(super) visit_no: String,
    pub(super) department: Option<String>,
    pub(super) ward: Option<String>,
    pub(super) bed: Option<String>,
    pub(super) doctor: Option<String>,
    pub(super) diagnoses: Option<String>,
    pub(super) admitted_at: Option<Instant>,
    pub(super) discharged_at: Option<Instant>,
    pub(super) due_at: Instant,
    pub(super) deadline_at: Option<Instant>,
    pub(super) appointment_at: Option<Instant>,
    pub(super) priority: i64,
    /// Attempts that count, and how many may.
    pub(super) counted: u32,
    pub(super) budget: Option<u16>,
    pub(super) numbers: Vec<DeskNumber>,
    /// The latest first.
    pub(super) history: Vec<DeskAttempt>,
    /// What agents wrote before, the latest first.
    pub(super) notes: Vec<DeskEarlierNote>,
    /// What the patient said to the machine when nobody was there, the latest first. Whoever has the conversation in hand may
    /// hear it at `/api/call-backs/{id}/audio`.
    pub(super) messages: Vec<DeskMessage>,
}

/// A message that the patient left.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::console) struct DeskMessage {
    /// The row of the list of calls to us.
    pub(super) id: i64,
    pub(super) at: Instant,
    /// How long the recording is.
    pub(super) recording_ms: i64,
    /// Who has seen to it.
    pub(super) seen_by: Option<String>,
}

/// A number of the patient, masked.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::console) struct DeskNumber {
    pub(super) id: i64,
    pub(super) number: String,
    /// `self` or `kin`.
    pub(super) owner: Option<String>,
    pub(super) relation: Option<String>,
    /// `ok`, `suspect`, `vacant`, `suspended` or `wrong`.
    pub(super) state: String,
    /// Whether it is on the do-not-call list.
    pub(super) listed: bool,
    /// The one that is called, or would be.
    pub(super) is_current: bool,
}

/// An earlier attempt.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::console) struct DeskAttempt {
    pub(super) attempt_id: i64,
    pub(super) begun_at: Instant,
    /// The agent's name; nothing: the machine called.
    pub(super) agent: Option<String>,
    pub(super) disposition: Option<String>,
    pub(super) sentence: Words,
    pub(super) answers: u32,
}

/// What an agent wrote before.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::console) struct DeskEarlierNote {
    pub(super) at: Instant,
    pub(super) who: String,
    pub(super) text: String,
}

/// The dialplan as a guided form.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::console) struct DeskForm {
    pub(super) title: String,
    /// Messages and questions in the order of the file.
    pub(super) steps: Vec<DeskStep>,
    /// The steps on the way that the answers so far lead, the last one is the open one.
    pub(super) path: Vec<String>,
    /// The step that comes next; nothing: the end is reached.
    pub(super) open: Option<String>,
    /// How the way ends, if it is at its end: `completed`, `refused`, `third_party`, `wrong_number`, `opted_out`, `appointment`
    /// or `silent`.
    pub(super) end: Option<String>,
    /// Required questions on the way without an answer.
    pub(super) missing: Vec<String>,
    /// What helps in most talks, from the dialplan.
    pub(super) phrases: Vec<String>,
    pub(super) answers: Vec<DeskAnswer>,
}

/// A step of the form.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::console) struct DeskStep {
    pub(super) id: String,
    /// `message`, `choice`, `yes_no`, `score`, `number` or `open`.
    pub(super) kind: String,
    pub(super) title: String,
    /// What is read aloud.
    pub(super) text: String,
    /// What is asked further when an answer wants care.
    pub(super) probe: Option<String>,
    pub(super) required: bool,
    /// It asks who is there: no answer of the survey.
    pub(super) screening: bool,
    pub(super) options: Vec<DeskOption>,
    /// Of a score or a number.
    pub(super) min: Option<i64>,
    pub(super) max: Option<i64>,
}

/// An option of a question.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::console) struct DeskOption {
    pub(super) key: String,
    pub(super) value: i64,
    pub(super) label: String,
    /// Of 0 to 100.
    pub(super) points: Option<i64>,
    /// It is worth little, or makes another follow-up due: whoever hears it asks further.
    pub(super) wants_care: bool,
}

/// An answer of this case, of this call or an earlier one.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::console) struct DeskAnswer {
    pub(super) question: String,
    /// `value`, `refused`, `silent` or `invalid`.
    pub(super) kind: String,
    pub(super) value: Option<i64>,
    pub(super) label: Option<String>,
    pub(super) keys: String,
    pub(super) source: DeskSource,
    /// What was written beside it.
    pub(super) remark: Option<String>,
    pub(super) at: Instant,
    /// An earlier attempt heard it.
    pub(super) is_earlier: bool,
}

/// Who gave an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::http::console) enum DeskSource {
    /// By the patient's own key or voice.
    Patient,
    /// Clicked or typed by an agent.
    Agent,
}

/// The sheet for notes.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(in crate::http::console) struct DeskNote {
    pub(super) text: String,
    /// Counts the savings, from 0 for an empty sheet: the next saving carries one more.
    pub(super) version: i64,
    pub(super) saved_at: Option<Instant>,
}

/// What may be said to have come of it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::console) struct DeskOutcome {
    /// A disposition.
    pub(super) id: String,
    pub(super) words: Words,
    pub(super) may: bool,
    /// Why it may not be chosen.
    pub(super) why_not: Option<Words>,
    pub(super) needs: DeskNeeds,
}

/// What a choice needs besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::http::console) enum DeskNeeds {
    Nothing,
    /// A few words on why.
    Cause,
    /// `appointment_at`.
    Appointment,
    /// `language`.
    Language,
}

/// A ticket that was opened here.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::console) struct DeskTicket {
    pub(super) id: i64,
    pub(super) department: String,
    pub(super) text: String,
    pub(super) due_at: Instant,
    /// `open`, `in_hand` or `closed`.
    pub(super) state: String,
    pub(super) opened_at: Instant,
}

/// An order about the present conversation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeskOrder {
    /// Which: an order for another one than the present does nothing.
    pub(super) conversation_id: i64,
}
