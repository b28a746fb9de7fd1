//! The words between the control core and whoever drives it: the engine's thread, or the virtual world of `night/`.

use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::inbound::Incoming;
use super::line::Line;
use super::pictures::{AgentPicture, ConversationPicture, PhonePicture};
use super::trunks::{DownReason, TrunkPicture};
use super::unfinished::Afresh;
use crate::agents::Presence;
use crate::call::{Limits, Observed, Stage};
use crate::dialer::{Callers, Campaign, HowStop, LeftOver, Reply, Request, TrunkCaps};
use crate::dialplan::Dialplan;
use crate::ids::{AgentId, AttemptId, CampaignId, CaseId, ConversationId, LegId, PatientId, TrunkId};
use crate::moment::{Jump, Moment};
use crate::outcome::{CauseTable, Disposition};
use crate::phone::{Number, NumberFormat};
use crate::pii::Pii;
use crate::{agents, dialer, media, sip};

/// What the control core has to know, fixed for one run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The user agent's own.
    pub sip: sip::Settings,
    /// What each trunk allows and means, at the index that its [`TrunkId`] names.
    pub trunks: Vec<Trunk>,
    /// The RTP ports that may be lent, but to trunks that have their own.
    pub ports: RangeInclusive<u16>,
    /// The data folder that recordings are opened under.
    pub data: PathBuf,
}

/// A trunk as the dialer and the classifier see it.
#[derive(Clone, Debug)]
pub struct Trunk {
    /// Its name.
    pub name: String,
    /// Our media address towards it: RTP ports are bound there.
    pub media: IpAddr,
    /// What our SDP shows instead, in front of a NAT.
    pub advertised_media: Option<IpAddr>,
    /// Its own RTP ports; without them those of [`Settings::ports`]. Ranges are equal or do not overlap.
    pub ports: Option<RangeInclusive<u16>>,
    /// The form in which it wants numbers dialed.
    pub format: NumberFormat,
    /// How often it is asked by OPTIONS whether it is alive; without it never.
    pub options: Option<Duration>,
    /// Lines and pace over all campaigns.
    pub caps: TrunkCaps,
    /// The numbers that its calls may show, and what they and its lines are spared.
    pub callers: Callers,
    /// Its own reading of statuses and causes.
    pub causes: CauseTable,
}

impl Trunk {
    /// A trunk of which nothing else is said.
    pub fn new(name: &str, media: IpAddr, caps: TrunkCaps) -> Self {
        Self {
            name: name.to_owned(),
            media,
            advertised_media: None,
            ports: None,
            format: NumberFormat::default(),
            options: None,
            callers: Callers::default(),
            caps,
            causes: CauseTable::default(),
        }
    }
}

/// What goes in.
#[derive(Debug)]
pub enum Input<'a> {
    /// A SIP message.
    Received {
        /// Its way to us.
        path: sip::Path,
        /// The whole message.
        bytes: &'a [u8],
    },
    /// A message certainly did not arrive.
    SendFailed {
        /// The way that leads nowhere.
        path: sip::Path,
        /// The message.
        bytes: &'a [u8],
    },
    /// A connection that had been open is gone.
    Closed {
        /// The way that it was.
        path: sip::Path,
    },
    /// A trunk's name was resolved.
    Resolved {
        /// Which trunk.
        trunk: TrunkId,
        /// Its addresses in the order of trying.
        targets: Vec<sip::Target>,
    },
    /// A leg's media tells.
    Media {
        /// Which leg.
        leg: LegId,
        /// What.
        fact: media::Fact,
    },
    /// The store answers.
    Store(Reply),
    /// A person or another part of the daemon asks.
    Order(Order),
    /// The deadline may have passed.
    Wake,
}

/// What may be asked of a running daemon.
#[derive(Clone, Debug)]
pub enum Order {
    /// Take down what a crash left over. The first order of a run: no call leaves before.
    TakeDown(Vec<LeftOver>),
    /// Dial a campaign from now on; said again, it replaces the campaign's settings.
    Start {
        /// Its rules.
        campaign: Box<Campaign>,
        /// Its questionnaire.
        dialplan: Arc<Dialplan>,
    },
    /// Dial no more cases of a campaign, until it is started again: it is stopped or paused.
    Stop {
        /// Which.
        campaign: CampaignId,
        /// What becomes of its calls.
        how: HowStop,
    },
    /// Cases were added to a campaign: look at once.
    Poke(CampaignId),
    /// One call by hand.
    Call(Box<HandCall>),
    /// End a call made by hand.
    HangUp {
        /// As in [`HandCall`].
        token: u64,
    },
    /// Register with a trunk, and keep the registration.
    Register(TrunkId),
    /// Send OPTIONS.
    Options(TrunkId),
    /// Calls of earlier runs, each with its trunk, the caller number that it showed and how long ago it began: they count
    /// against the caps of those numbers.
    CallersShown(Vec<(TrunkId, Number, Duration)>),
    /// Begin no new call until every cause has gone; running calls go on. Said again, it replaces the reason.
    Hold {
        /// What stands in the way.
        cause: HoldCause,
        /// Why, and what to do.
        why: String,
    },
    /// A cause has gone.
    Go {
        /// Which.
        cause: HoldCause,
    },
    /// A trunk's settings have changed.
    Retune(Box<Retuned>),
    /// An agent or a supervisor asks.
    Desk(agents::Order),
    /// Who may register a phone from now on, instead of those before.
    Phones(Vec<sip::Account>),
    /// How calls to us are answered from now on; none: they are refused.
    TakeCalls(Option<Box<Incoming>>),
    /// Dial nothing more, and end what runs; said again, it goes on to the next of these, never back.
    ShutDown(ShutDown),
}

/// What may change of a trunk while calls run over it.
#[derive(Clone, Debug)]
pub struct Retuned {
    /// Which.
    pub trunk: TrunkId,
    /// Lines and pace over all campaigns; calls above the lines go on.
    pub caps: TrunkCaps,
    /// Its own reading of statuses and causes, for calls that end from now on.
    pub causes: CauseTable,
    /// For the next challenge.
    pub password: Option<Pii<String>>,
}

/// What becomes of the calls of a daemon that stops, from the gentlest to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ShutDown {
    /// They run to their end.
    Drain,
    /// Whoever talks hears the dialplan's apology; a call that is not answered is cancelled.
    SayGoodbye,
    /// All are cancelled or hung up.
    AtOnce,
}

/// What keeps new calls from beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldCause {
    /// There is too little room on the disk.
    DiskFull,
    /// The database does not take what is written: locked, gone, failing.
    DatabaseAway,
    /// The database was restored, copied or moved.
    Frozen,
}

/// One call that somebody asked for by hand.
#[derive(Clone, Debug)]
pub struct HandCall {
    /// The asker's handle.
    pub token: u64,
    /// Over which trunk.
    pub trunk: TrunkId,
    /// Whom.
    pub number: Number,
    /// With which questionnaire.
    pub dialplan: Arc<Dialplan>,
    /// Time limits.
    pub limits: Limits,
}

/// What comes out.
#[derive(Debug)]
pub enum Output {
    /// Send a SIP message.
    Send {
        /// Its way.
        path: sip::Path,
        /// The whole message.
        bytes: Vec<u8>,
    },
    /// Tell a leg's media.
    Media {
        /// Which leg.
        leg: LegId,
        /// What.
        command: media::Command,
    },
    /// Ask the store.
    Ask(Request),
    /// Something to log, count or show.
    Told(Told),
}

/// What can be logged, counted and shown.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// A call shows something.
    Call {
        /// Which.
        who: Who,
        /// What.
        observed: Observed,
    },
    /// A call ended and its end is being written down.
    Ended {
        /// Which.
        who: Who,
        /// How.
        disposition: Disposition,
        /// By which rule.
        rule: String,
        /// In one sentence.
        why: String,
    },
    /// A trunk's registration.
    Registered {
        /// Which trunk.
        trunk: TrunkId,
        /// Whether it holds, or why not.
        refused: Option<sip::Ending>,
    },
    /// A trunk's answer to OPTIONS.
    OptionsAnswered {
        /// Which trunk.
        trunk: TrunkId,
        /// The status, or none.
        status: Option<u16>,
    },
    /// Somebody called us and was turned away.
    InviteRefused {
        /// Over which trunk.
        trunk: TrunkId,
        /// Who, masked when shown.
        caller: Option<Number>,
        /// With which status.
        status: u16,
    },
    /// A trunk sees us come from another address than we show.
    AddressSeen {
        /// Which trunk.
        trunk: TrunkId,
        /// What it sees.
        address: std::net::SocketAddr,
    },
    /// Somebody called us: who that was, as far as the number tells; it is on disk.
    CalledBack {
        /// Over which trunk, by name.
        trunk: String,
        /// Who, masked when shown.
        caller: Option<Number>,
        /// Whose number it is, if anybody's.
        patient: Option<PatientId>,
        /// The patient's case that was called last, or will be.
        case: Option<CaseId>,
    },
    /// More people call us than are noted: for the rest of a minute they are only counted.
    CallBackFlood {
        /// Over which trunk.
        trunk: TrunkId,
    },
    /// A trunk asked for credentials of another realm than they belong to, and did not get them.
    RealmRefused {
        /// Which trunk.
        trunk: TrunkId,
        /// The realm that gets them.
        pinned: String,
        /// The one that it named.
        offered: String,
    },
    /// A phone came or went, or somebody tries passwords.
    Phone(sip::PhoneNews),
    /// Input that was dropped.
    SipFault(sip::Fault),
    /// The dialer saw something that should not be.
    DialerFault(dialer::Fault),
    /// No call shows a caller number for so long: it was blocked several times in a row.
    CallerResting {
        /// Of which trunk.
        trunk: TrunkId,
        /// Which.
        caller: Number,
        /// For how long from now.
        pause: Duration,
    },
    /// Nothing leaves over a trunk until then: it failed several times in a row, or asked for a rest.
    TrunkResting {
        /// Which trunk.
        trunk: TrunkId,
        /// Until when.
        until: Moment,
        /// For how long from now.
        pause: Duration,
    },
    /// No call leaves over a trunk until it is up again.
    TrunkDown {
        /// Which trunk.
        trunk: TrunkId,
        /// How we know.
        reason: DownReason,
    },
    /// Calls may leave over a trunk again.
    TrunkUp {
        /// Which trunk.
        trunk: TrunkId,
        /// How long it was down.
        after: Duration,
    },
    /// A trunk could not carry a call, and another one is tried in the same attempt.
    Rerouted {
        /// Which attempt.
        attempt: AttemptId,
        /// The trunk that could not.
        from: TrunkId,
        /// The one that is tried.
        to: TrunkId,
        /// With which status it refused; none: it was not reached.
        status: Option<u16>,
    },
    /// The civil clock was set: windows go by the new time, rests and timers go on.
    ClockJumped(Jump),
    /// The handling of a call broke off by a panic: that call is taken down, the others go on.
    BrokeDown {
        /// Which.
        who: Who,
    },
    /// A case whose questionnaire was left unfinished begins it anew.
    Afresh {
        /// Which case.
        case: CaseId,
        /// The attempt that left it.
        attempt: AttemptId,
        /// Why it does not go on.
        why: Afresh,
    },
    /// A call that a crash left over is over, the far end says.
    TakenDown {
        /// Of which attempt.
        attempt: AttemptId,
    },
    /// The far end did not say so: its number stays locked, and it is tried again as long as somebody may be on the line.
    NotTakenDown {
        /// Of which attempt.
        attempt: AttemptId,
    },
    /// No new call begins.
    Held {
        /// What stands in the way.
        cause: HoldCause,
        /// Why, and what to do.
        why: String,
    },
    /// That no longer stands in the way.
    Released {
        /// What did.
        cause: HoldCause,
    },
    /// A campaign has nothing due, nothing claimed, no call.
    Idle(CampaignId),
    /// A stopped campaign has no call left.
    Stopped(CampaignId),
    /// A request could not be written; the reason is the store's.
    StoreFailed(String),
    /// A call by hand could not begin.
    HandCallFailed {
        /// The asker's handle.
        token: u64,
        /// Why.
        why: String,
    },
    /// An agent does something else now.
    Presence {
        /// Who.
        agent: AgentId,
        /// What.
        presence: Presence,
    },
    /// The time of a preview ran out: its case is given back.
    PreviewOver {
        /// Whose.
        agent: AgentId,
        /// Which conversation it would have been.
        conversation: ConversationId,
    },
    /// A conversation shows something; the screens' own words are in the picture.
    Conversation(Box<ConversationPicture>),
    /// A patient waits for an agent, or has got one.
    Waiting {
        /// Which call.
        who: Who,
        /// Who took it; none: the wait begins.
        agent: Option<AgentId>,
    },
    /// An agent's call was not made.
    RefusedByHand {
        /// Whose.
        agent: AgentId,
        /// Which conversation.
        conversation: ConversationId,
        /// Why not.
        why: dialer::Refusal,
    },
    /// [`Order::ShutDown`] is done: no call is left.
    Drained,
}

/// Which call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// Its leg.
    pub leg: LegId,
    /// Its attempt.
    pub attempt: AttemptId,
    /// Its case, when a campaign made it.
    pub case: Option<CaseId>,
    /// Its campaign.
    pub campaign: Option<CampaignId>,
    /// The asker's handle, when it was made by hand.
    pub token: Option<u64>,
    /// Over which trunk.
    pub trunk: TrunkId,
}

/// The present, for screens.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Snapshot {
    /// Calls by stage.
    pub dialing: usize,
    /// Ringing.
    pub ringing: usize,
    /// Answered.
    pub talking: usize,
    /// Being taken down.
    pub ending: usize,
    /// INVITEs with distinct Call-IDs since the start.
    pub invites_sent: u64,
    /// Calls answered.
    pub answered: u64,
    /// Answers to our INVITEs, by status.
    #[serde(default)]
    pub responses: std::collections::BTreeMap<u16, u64>,
    /// Prompts begun and not barged into.
    pub prompts_expected: u64,
    /// SIP input that was dropped, by kind.
    pub sip_faults: std::collections::BTreeMap<sip::Fault, u64>,
    /// Attempts ended, by disposition.
    pub dispositions: std::collections::BTreeMap<Disposition, u64>,
    /// Calls to us since the start.
    #[serde(default)]
    pub call_backs: u64,
    /// Of these, the ones that were answered.
    #[serde(default)]
    pub calls_taken: u64,
    /// Of these, the ones that came too fast to be noted in the database.
    #[serde(default)]
    pub call_backs_not_noted: u64,
    /// Calls that a crash left over and that may still be up.
    #[serde(default)]
    pub left_over: usize,
    /// Of those, the ones that are over by the far end's word.
    #[serde(default)]
    pub taken_down: u64,
    /// Of those, the ones that the far end never confirmed.
    #[serde(default)]
    pub not_taken_down: u64,
    /// Why no new call begins, each cause in a sentence; empty: calls may begin.
    #[serde(default)]
    pub holds: Vec<String>,
    /// The trunks, in the order of the settings.
    #[serde(default)]
    pub trunks: Vec<TrunkPicture>,
    /// The calls one by one, 600 at the most; they stay within the process.
    #[serde(skip)]
    pub lines: Vec<Line>,
    /// The agents who are signed in.
    #[serde(default)]
    pub agents: Vec<AgentPicture>,
    /// Their conversations.
    #[serde(default)]
    pub conversations: Vec<ConversationPicture>,
    /// The phones that register, as far as anything was heard of them.
    #[serde(default)]
    pub phones: Vec<PhonePicture>,
}

impl Snapshot {
    pub(super) fn add(&mut self, stage: Stage) {
        match stage {
            Stage::Dialing => self.dialing += 1,
            Stage::Ringing => self.ringing += 1,
            Stage::Talking => self.talking += 1,
            Stage::Ending => self.ending += 1,
        }
    }
}
