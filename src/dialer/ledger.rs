//! What is asked of the store and what it answers: each request is one transaction, each answer comes after its fsync.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    BeginByHand, BeginIncoming, BegunByHand, BegunIncoming, CallBack, CalledBack, Caller, ConversationNote, Direction,
    GiveBack, Outcome, PatientState, PutThrough, Refusal, Terms, WhoCalls,
};
use crate::dialplan::Heard;
use crate::ids::{AgentId, AttemptId, CallMark, CampaignId, CaseId, ConversationId, NumberId, PatientId};
use crate::moment::Wall;
use crate::outcome::{Disposition, Facts};
use crate::phone::{Key, Number};

/// Asks for due cases of a campaign, each under a lease.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// Of which campaign.
    pub campaign: CampaignId,
    /// The present: cases with `next_at` at or before it are due.
    pub now: Wall,
    /// How many at most.
    pub limit: usize,
    /// How long the lease holds; a dead daemon's leases expire.
    pub lease: Duration,
    /// The terms that decide.
    pub terms: Arc<Terms>,
}

/// A due case as the store reads it, before the checks of `dialer::claim`.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The case.
    pub case: CaseId,
    /// Whose.
    pub patient: PatientId,
    /// The higher one goes first within its campaign.
    pub priority: i16,
    /// When the follow-up became due.
    pub due: Wall,
    /// When it may be tried (again).
    pub next_at: Wall,
    /// When it is too late.
    pub deadline: Option<Wall>,
    /// The time at which the patient asked to be called.
    pub appointment: Option<Wall>,
    /// Attempts so far that count against the budget.
    pub counted: u16,
    /// Its attempts so far, the first one first.
    pub tried: Vec<Tried>,
    /// When attempts at this patient that count began, over all cases, within the longest cap of [`super::Limits`]'
    /// `patient`; the first one first. Empty where the terms have no such cap.
    pub patient_tried: Vec<Wall>,
    /// What is known of the patient.
    pub states: BTreeSet<PatientState>,
    /// The patient's numbers in their rank, usable or not.
    pub numbers: Vec<CandidateNumber>,
}

/// A number of a patient, as far as it matters for a claim.
#[derive(Clone, Debug, PartialEq)]
pub struct CandidateNumber {
    /// Which.
    pub id: NumberId,
    /// Its digits.
    pub number: Number,
    /// Whose telephone it is.
    pub owner: Owner,
    /// It is in a state that forbids dialing (vacant, suspended, wrong).
    pub dead: bool,
    /// It is on the do-not-call list, as far as this campaign goes.
    pub listed: Option<Listed>,
    /// Another case or attempt holds it right now, or its last call may still be ringing.
    pub locked: bool,
    /// When calls to it began within the last [`super::LONGEST_CAP`], by whomever; the first one first.
    pub called: Vec<Wall>,
}

/// Whose telephone a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// The patient's, also where the list does not say.
    Patient,
    /// A relative's or friend's.
    Kin,
}

/// At which level a number or its patient is on the do-not-call list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Listed {
    /// For every call.
    Always,
    /// For campaigns of this one's purpose.
    Purpose,
    /// For this campaign.
    Campaign,
}

/// An attempt that a case has behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tried {
    /// When it began.
    pub at: Wall,
    /// At which number; none if that row is gone.
    pub number: Option<NumberId>,
    /// How it ended.
    pub disposition: Disposition,
    /// It used up budget.
    pub counted: bool,
    /// Who called whom.
    pub direction: Direction,
}

/// A case that may be dialed, under its lease.
#[derive(Clone, Debug, PartialEq)]
pub struct Claimed {
    /// The campaign asked about.
    pub campaign: CampaignId,
    /// The case.
    pub case: CaseId,
    /// The number to dial.
    pub number_id: NumberId,
    /// Its digits.
    pub number: Number,
    /// Attempts so far that count.
    pub counted: u16,
    /// All attempts so far.
    pub attempts: u16,
    /// How they ended, the first one first, as [`super::retry::past_of`] has them: what `retry::next` goes by.
    pub past: Vec<Disposition>,
    /// When the case is too late.
    pub deadline: Option<Wall>,
    /// The lease's end: after it the case belongs to nobody.
    pub lease_until: Wall,
    /// The questionnaire that an earlier attempt left unfinished, if it is to go on.
    pub resume: Option<Resume>,
    /// What an agent has to be able to do to be put through to the patient, each as `kind:word`.
    pub skills: BTreeSet<String>,
}

impl Claimed {
    /// The dialplan that its next attempt runs, by content hash: the one that an unfinished questionnaire began with,
    /// else its campaign's.
    pub fn dialplan<'a>(&'a self, campaigns: &'a str) -> &'a str {
        self.resume.as_ref().map_or(campaigns, |resume| &resume.dialplan)
    }
}

/// A questionnaire that was left unfinished: the next attempt goes on at the first question without an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Resume {
    /// The attempt that left it.
    pub attempt: AttemptId,
    /// The dialplan that it ran, by content hash.
    pub dialplan: String,
    /// That dialplan's text, as it was kept.
    pub text: String,
    /// The session as its last keep left it, as JSON.
    pub session: String,
}

/// Writes down an attempt before its INVITE leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Begin {
    /// Of which case.
    pub case: CaseId,
    /// To which number.
    pub number_id: NumberId,
    /// Over which trunk, by name.
    pub trunk: String,
    /// The number that it shows, where the trunk has several.
    pub caller: Option<Number>,
    /// When.
    pub at: Wall,
    /// The dialplan that will run, by content hash.
    pub dialplan: String,
    /// The attempt whose unfinished questionnaire it goes on with.
    pub resumed_from: Option<AttemptId>,
    /// The terms that decided: the number's caps are looked at again.
    pub terms: Arc<Terms>,
}

/// The attempt is on disk: the INVITE may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begun {
    /// Of which case.
    pub case: CaseId,
    /// The new attempt.
    pub attempt: AttemptId,
    /// What its call is known by.
    pub mark: CallMark,
}

/// How far the call of an attempt is: what it takes to end it after a crash. Later notes replace earlier ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Note {
    /// Of which attempt.
    pub attempt: AttemptId,
    /// Counts the notes of an attempt from 1; the answer names it, and an older one never replaces a newer one.
    pub seq: u32,
    /// The call as the user agent writes it down, as JSON.
    pub dialog: String,
    /// The RTP port that it has.
    pub rtp_port: Option<u16>,
    /// Whether the far end has the call: anything above 100 came.
    pub reached: bool,
    /// Who waits for it.
    #[serde(default)]
    pub awaited: Awaited,
}

/// Who waits until something is on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Awaited {
    /// Nobody who would notice.
    #[default]
    Nobody,
    /// A patient who has picked up: the ACK waits.
    Patient,
}

/// A call that a crash left over is certainly over: its number is free again. Repeated, it does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenDown {
    /// Of which attempt.
    pub attempt: AttemptId,
    /// When.
    pub at: Wall,
}

/// A call that a crash left over, as it was last written down.
#[derive(Clone, Debug, PartialEq)]
pub struct LeftOver {
    /// Of which attempt; none for the phone beside a patient's, which has none.
    pub attempt: Option<AttemptId>,
    /// What it is known by.
    pub mark: CallMark,
    /// The dialed digits, before the trunk's format.
    pub number: Number,
    /// Over which trunk, by name: the last one that is known.
    pub trunk: String,
    /// The last [`Note::dialog`]; none if the crash came before it.
    pub dialog: Option<String>,
    /// The RTP port that it had, if known.
    pub rtp_port: Option<u16>,
    /// When the attempt was begun.
    pub begun: Wall,
}

/// So long after a left-over call was begun somebody may still be on the line: the longest ring, the call limit, and the
/// time that an INVITE takes.
pub const LEFT_OVER: Duration = Duration::from_secs(16 * 60 + 30);

impl LeftOver {
    /// Until when its number is locked, unless the call is certainly over before.
    pub fn locked_until(&self) -> Wall {
        self.begun + LEFT_OVER
    }
}

/// One key press as heard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PressedKey {
    /// Counts from 1 within the attempt; with the attempt it makes the write idempotent.
    pub seq: u32,
    /// Which key.
    pub key: Key,
    /// When, in civil time.
    pub at: Wall,
    /// Milliseconds into the recording.
    pub at_ms: u32,
    /// `telephone_event` or `info`.
    pub source: String,
    /// The prompt that was playing when it was pressed.
    pub during: Option<String>,
    /// The question that was open, if any.
    pub question: Option<String>,
}

/// Makes a key, and the answers it completed, durable. Answers that silence completed have no key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Keep {
    /// Of which attempt.
    pub attempt: AttemptId,
    /// Counts the keeps of an attempt from 1; the answer names it.
    pub seq: u32,
    /// The key, unless silence made the answer.
    pub key: Option<PressedKey>,
    /// The answers that it completed; one that opts out enters the number into do_not_call in the same transaction.
    pub heard: Vec<Heard>,
    /// The session after it, as JSON, for resuming.
    pub session: String,
    /// When.
    pub at: Wall,
}

/// Ends an attempt: its facts, its disposition and what becomes of the case, in one transaction, idempotent by attempt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finish {
    /// Which attempt.
    pub attempt: AttemptId,
    /// When it ended.
    pub at: Wall,
    /// The raw facts.
    pub facts: Facts,
    /// The disposition.
    pub disposition: Disposition,
    /// The name of the rule of `outcome::classify` that fired.
    pub rule: String,
    /// What becomes of the case.
    pub next: Next,
    /// Sums of the media, and the recording.
    pub media: MediaSums,
}

/// The sums of an attempt's media, as columns.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MediaSums {
    /// RTP packets sent.
    pub packets_sent: u32,
    /// RTP packets taken.
    pub packets_received: u32,
    /// RTP packets missing by sequence number.
    pub packets_lost: u32,
    /// The longest time without a packet that the far end did not mean to be silent, in milliseconds.
    pub gap_ms_max: u32,
    /// Mean jitter of what came, in milliseconds; none if too little came.
    pub jitter_ms: Option<u32>,
    /// Mean round trip, in milliseconds; none if the far end did not report.
    pub rtt_ms: Option<u32>,
    /// Packets of ours that the far end missed by its last report.
    pub remote_lost: Option<u32>,
    /// Mean jitter that the far end reported, in milliseconds.
    pub remote_jitter_ms: Option<u32>,
    /// The recording, when there is one.
    pub recording: Option<Recording>,
    /// What was cut out of it.
    #[serde(default)]
    pub excerpts: Vec<Excerpt>,
    /// Where it is silent because it was paused.
    #[serde(default)]
    pub pauses: Vec<RecordingPause>,
}

/// A stretch of a recording that is silent because it was paused; the time line goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingPause {
    /// Where it begins, in milliseconds of the recording.
    pub offset_ms: u32,
    /// How long it is, in milliseconds.
    pub length_ms: u32,
}

/// A spoken answer as a file of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Excerpt {
    /// The question's id.
    pub question: String,
    /// The file, relative to the data folder.
    pub path: String,
    /// SHA-256 of the file, lower-case hex.
    pub sha256: String,
}

/// A finished recording as its row holds it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    /// The file, relative to the data folder.
    pub path: String,
    /// Length in milliseconds.
    pub duration_ms: u32,
    /// Milliseconds of the patient's channel for which no packet came.
    pub gap_ms: u32,
    /// SHA-256 of the file, lower-case hex.
    pub sha256: String,
}

/// Gives a claimed case back without an attempt (window closed, campaign stopped); its lease ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Release {
    /// Which case.
    pub case: CaseId,
    /// It is not given out again before this time.
    pub not_before: Option<Wall>,
}

impl Release {
    /// A case that may be given out again at once.
    pub const fn of(case: CaseId) -> Self {
        let not_before = None;
        Self { case, not_before }
    }
}

/// What becomes of a case after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Next {
    /// It is tried again, not before this time. `counted` tells whether the attempt used up budget.
    Again {
        /// Not before.
        at: Wall,
        /// Against the budget.
        counted: bool,
    },
    /// It is closed.
    Close {
        /// How.
        outcome: Outcome,
        /// Against the budget.
        counted: bool,
    },
}

impl Next {
    /// The same, using up no budget: the patient has called us.
    #[must_use]
    pub const fn uncounted(self) -> Self {
        let counted = false;
        match self {
            Self::Again { at, .. } => Self::Again { at, counted },
            Self::Close { outcome, .. } => Self::Close { outcome, counted },
        }
    }

    /// When it is tried again; none: it is closed.
    pub const fn tried_at(self) -> Option<Wall> {
        match self {
            Self::Again { at, .. } => Some(at),
            Self::Close { .. } => None,
        }
    }

    /// Whether the attempt used up budget.
    pub const fn is_counted(self) -> bool {
        match self {
            Self::Again { counted, .. } | Self::Close { counted, .. } => counted,
        }
    }
}

/// Writes down a call that somebody asked for by hand (`aftercall call`): never counted in reports.
#[derive(Clone, Debug, PartialEq)]
pub struct BeginTest {
    /// Chosen by the asker; the answer names it.
    pub token: u64,
    /// Whom.
    pub number: Number,
    /// Over which trunk, by name.
    pub trunk: String,
    /// When.
    pub at: Wall,
    /// The dialplan, by content hash.
    pub dialplan: String,
}

/// One request to the store: one transaction, or one part of a group commit.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Lease due cases.
    Claim(Claim),
    /// Write an attempt.
    Begin(Begin),
    /// Write a test call.
    BeginTest(BeginTest),
    /// Note how far a call is.
    Note(Note),
    /// Free the number of a call that a crash left over.
    TakenDown(TakenDown),
    /// Make a key and its answers durable.
    Keep(Keep),
    /// End an attempt.
    Finish(Box<Finish>),
    /// Give a lease back.
    Release(Release),
    /// Note who called us.
    CallBack(CallBack),
    /// Tell who calls us.
    WhoCalls(WhoCalls),
    /// Write the attempt that a call to us becomes.
    BeginIncoming(Box<BeginIncoming>),
    /// Write an attempt that an agent makes.
    BeginByHand(Box<BeginByHand>),
    /// Note how a conversation goes.
    Conversation(Box<ConversationNote>),
    /// Put a waiting patient's case before an agent.
    PutThrough(PutThrough),
    /// Give a case back that an agent looked at for too long.
    GiveBack(GiveBack),
}

/// What the store answers, after the commit that holds it.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// Leased cases; empty when nothing is due.
    Claimed {
        /// Of which campaign.
        campaign: CampaignId,
        /// The cases.
        cases: Vec<Claimed>,
    },
    /// The attempt is on disk.
    Begun(Begun),
    /// The test call is on disk.
    BegunTest {
        /// As in the request.
        token: u64,
        /// Its attempt.
        attempt: AttemptId,
        /// What its call is known by.
        mark: CallMark,
    },
    /// The note is on disk.
    Noted {
        /// Of which attempt.
        attempt: AttemptId,
        /// Which note.
        seq: u32,
    },
    /// The number of a left-over call is free.
    TakenDown {
        /// Of which attempt.
        attempt: AttemptId,
    },
    /// The keep is on disk.
    Kept {
        /// Of which attempt.
        attempt: AttemptId,
        /// Which keep.
        seq: u32,
    },
    /// The end of the attempt is on disk.
    Finished {
        /// Which attempt.
        attempt: AttemptId,
    },
    /// The lease is given back.
    Released {
        /// Of which case.
        case: CaseId,
    },
    /// The call back is on disk.
    CalledBack(CalledBack),
    /// Who calls us.
    Caller(Box<Caller>),
    /// The attempt of a call to us is on disk.
    BegunIncoming(BegunIncoming),
    /// The agent's attempt is on disk.
    BegunByHand(Box<BegunByHand>),
    /// The agent's attempt may not be made; nothing of it is on disk but the refusal.
    RefusedByHand {
        /// Of which conversation.
        conversation: ConversationId,
        /// Why not.
        why: Refusal,
    },
    /// The case of a waiting patient is before an agent.
    PutThrough {
        /// The attempt of the patient's call.
        attempt: AttemptId,
        /// Before whom.
        agent: AgentId,
        /// In which conversation.
        conversation: ConversationId,
    },
    /// It is not: the agent has something else to finish.
    NotPutThrough {
        /// The attempt of the patient's call.
        attempt: AttemptId,
        /// Before whom it was to be.
        agent: AgentId,
        /// Why not.
        why: Refusal,
    },
    /// The case is anybody's again.
    GivenBack {
        /// The conversation that it would have been.
        conversation: ConversationId,
    },
    /// The note of a conversation is on disk.
    ConversationNoted {
        /// Of which conversation.
        conversation: ConversationId,
        /// Which note.
        seq: u32,
    },
    /// Nothing of this request is on disk.
    Failed {
        /// What was asked.
        request: Request,
        /// Why not, for the log.
        why: String,
    },
}
