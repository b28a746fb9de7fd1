//! The words between a call and the loop that drives it.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::CameIn;
use crate::dialer::{Keep, MediaSums};
use crate::dialplan::Dialplan;
use crate::ids::{AgentId, AttemptId, CallMark, LegId, TrunkId};
use crate::outcome::{Facts, OurReason};
use crate::phone::{Key, Number};
use crate::{dialplan, media, sip};

/// What a call is to do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Its handle in this run.
    pub leg: LegId,
    /// The attempt on disk.
    pub attempt: AttemptId,
    /// Over which trunk.
    pub trunk: TrunkId,
    /// What the call is known by.
    pub mark: CallMark,
    /// How many trunks had it before and could not carry it.
    pub before: u32,
    /// Whom to dial, already in the trunk's format.
    pub number: Number,
    /// The number that it shows, where it is not the one that the trunk's identity has.
    pub caller: Option<Number>,
    /// The address that our SDP shows, where it is not the one that the port is bound to (NAT).
    pub advertised: Option<IpAddr>,
    /// How long things may take.
    pub limits: Limits,
    /// Whom the patient talks with.
    pub with: With,
    /// What it began with, where the patient calls us: the leg is the user agent's.
    pub came_in: Option<CameIn>,
    /// The questionnaire that an earlier call left unfinished, of the same dialplan, to go on with.
    pub unfinished: Option<dialplan::Session>,
    /// Where the recording goes, as the media worker opens it.
    pub recording: PathBuf,
    /// The same file relative to the data folder, as its row holds it.
    pub recording_row: String,
    /// Session id of our SDP.
    pub sdp_session: u64,
}

/// Whom a patient talks with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum With {
    /// The machine, which asks what the dialplan says.
    #[default]
    Questionnaire,
    /// A person, from the answer on.
    Agent {
        /// Who.
        agent: AgentId,
        /// The leg of the agent's phone: the patient's gets the same media worker.
        beside: LegId,
    },
    /// Nobody yet: from the answer on the patient waits for a person.
    Waiting,
}

/// The time limits of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From the first 18x to CANCEL (default 45 s).
    pub from_ringing: Duration,
    /// From INVITE to CANCEL (default 60 s).
    pub from_invite: Duration,
    /// From the 200 to BYE (15 minutes).
    pub call: Duration,
    /// From a keep to its `Kept`: after it we apologise and end the call (2 s).
    pub keep: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            from_ringing: Duration::from_secs(45),
            from_invite: Duration::from_secs(60),
            call: Duration::from_secs(15 * 60),
            keep: Duration::from_secs(2),
        }
    }
}

/// What a call is told.
#[derive(Clone, Debug)]
pub enum Input {
    /// The port asked for by [`Output::LendPort`].
    Port(SocketAddr),
    /// No port is free.
    NoPort,
    /// The INVITE has this Call-ID.
    CallId(String),
    /// The user agent says.
    Sip(sip::Event),
    /// The media worker says.
    Media(media::Fact),
    /// The keep of this number, and all before it, are on disk.
    Kept {
        /// Which keep.
        seq: u32,
    },
    /// A keep could not be written.
    KeepFailed,
    /// An agent, or another one, talks with the patient from now on.
    TakenOver(AgentId),
    /// The patient waits for a person, and none can be had: what the dialplan offers then, or an apology and the end, for this
    /// reason.
    NobodyFree(OurReason),
    /// The patient waits for a person and would rather be called back: what the dialplan offers then.
    CallBackChosen {
        /// Whose offer it is, where the patient has heard another dialplan than the call's own, which offers none.
        heard: Option<Arc<Dialplan>>,
        /// Why the call ends where there is no offer.
        reason: OurReason,
    },
    /// End the call, whatever its state.
    HangUp(OurReason),
    /// End the call with a word: who talks hears the dialplan's apology first, a call that is not answered is cancelled.
    Dismiss(OurReason),
    /// The deadline may have passed.
    Wake,
}

/// What a call asks for or tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Lend a local RTP address.
    LendPort,
    /// To the user agent.
    Sip(sip::Command),
    /// To the media worker.
    Media(media::Command),
    /// To the store; answered by `Kept` or `KeepFailed`.
    Keep(Keep),
    /// The patient wants a person: the line is kept until `TakenOver` or `NobodyFree`. Recordings as the media play them.
    WantsPerson {
        /// What is said at once.
        say: Vec<String>,
        /// What is said again and again meanwhile.
        again: Vec<String>,
    },
    /// Something people may want to see.
    Observed(Observed),
    /// It is over. The last output.
    Finished(Box<Finished>),
}

/// What can be seen of a call while it runs.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Observed {
    /// No RTP port could be had: all are lent, or others hold them.
    NoPort,
    /// The INVITE is on its way.
    Invited,
    /// A provisional response.
    Progressed {
        /// Its status.
        status: u16,
        /// Whether it brought early media.
        early_media: bool,
    },
    /// Answered.
    Answered,
    /// A prompt began.
    Playing {
        /// Its name.
        prompt: String,
    },
    /// A key was heard.
    KeyHeard {
        /// Which.
        key: Key,
        /// The question that was open.
        question: Option<String>,
    },
    /// A question was answered.
    Heard(dialplan::Heard),
    /// A prompt was cut by a key.
    BargedIn,
    /// The far end put the call on hold.
    Held,
    /// It is off hold again.
    Resumed,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Finished {
    /// The raw facts.
    pub facts: Facts,
    /// Sums of the media, and the recording.
    pub media: MediaSums,
}

/// Where a call is, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Nothing rings yet.
    Dialing,
    /// The patient's phone rings.
    Ringing,
    /// Answered.
    Talking,
    /// Being taken down.
    Ending,
}

/// What a deadline is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// It has rung long enough.
    Ring,
    /// It has lasted long enough.
    Call,
    /// No key came; on hold this does not run.
    Silence,
    /// The store did not confirm a keep.
    Keep,
    /// A call that is over, or broke down, has waited long enough for its end; or one that has not begun, for its port.
    End,
}
