//! Tonight's board as it is sent.

use serde::Serialize;
use utoipa::ToSchema;

use crate::engine::office::Standing;
use crate::moment::Wall;

/// The whole board.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::http::console) struct Tonight {
    /// The time of these figures.
    pub(super) at: String,
    #[serde(flatten)]
    pub(super) parts: Parts,
}

/// What the board is made of. Events carry the parts that changed, whole, under the same names.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Parts {
    pub(super) night: Night,
    pub(super) sums: Sums,
    pub(super) lines: Vec<Cell>,
    pub(super) trunks: Vec<TrunkRow>,
    pub(super) campaigns: Vec<CampaignRow>,
    pub(super) results: Results,
    pub(super) curve: Curve,
    pub(super) forecast: Outlook,
    pub(super) attention: Vec<Attention>,
    pub(super) preflight: Vec<Preflight>,
}

/// Which night, and where in it we are.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Night {
    /// The local date.
    pub(super) date: String,
    pub(super) phase: Phase,
    /// Whether calling windows hold; in test mode they do not.
    pub(super) has_windows: bool,
    /// When the first window of the running campaigns opens on this date.
    pub(super) opens_at: Option<String>,
    /// When the last one closes.
    pub(super) closes_at: Option<String>,
    /// The next opening after the last one of this date.
    pub(super) next_at: Option<String>,
}

/// Where in the night we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Phase {
    /// No campaign has a window on this date, or nobody is due.
    Empty,
    /// Before the first window.
    Before,
    /// A window is open, or another one follows.
    Running,
    /// Every running campaign is paused.
    Paused,
    /// After the last window.
    After,
}

/// The figures of the night.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Sums {
    /// Cases whose turn is tonight: those that are done with and those that are not yet.
    pub(super) due: u64,
    /// Of these, the ones that are not called again tonight: `closed` and `moved`.
    pub(super) done: u64,
    /// Closed.
    pub(super) closed: u64,
    /// Called tonight, open, and tried again on another night.
    pub(super) moved: u64,
    /// Closed with every required question answered.
    pub(super) completed: u64,
    /// Attempts that ended, our own faults left out: the denominator of `answered`.
    pub(super) attempts: u64,
    /// Attempts that a person answered.
    pub(super) answered: u64,
    /// Attempts that ended by our own fault; they do not count against patients.
    pub(super) own_faults: u64,
    /// Calls that are answered now.
    pub(super) talking: u64,
    /// Lines in use now.
    pub(super) busy: u64,
    /// Lines that there are.
    pub(super) lines: u64,
    /// Attempts that began within the last minute.
    pub(super) begun_last_minute: u64,
}

/// A cell of the wall: one line of one trunk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Cell {
    /// The trunk, as a place in `trunks`.
    pub(super) trunk: usize,
    /// The line of it, from 1.
    pub(super) line: usize,
    pub(super) state: CellState,
    /// The call, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) call: Option<CellCall>,
}

/// What goes on on a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum CellState {
    Idle,
    Dialing,
    Ringing,
    EarlyMedia,
    Talking,
    WaitingKey,
    OnHold,
    Ending,
    /// Its last call failed by our own fault a moment ago.
    Failed,
}

/// The call on a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct CellCall {
    pub(super) attempt: i64,
    pub(super) since_at: String,
    /// The campaign's name; none for a call by hand.
    pub(super) campaign: Option<String>,
    /// The patient's name, masked.
    pub(super) patient: Option<String>,
    pub(super) department: Option<String>,
    /// What the open question asks, in a few words.
    pub(super) question: Option<String>,
    /// The keys so far.
    pub(super) keys: String,
}

/// A trunk, over the last hour.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct TrunkRow {
    pub(super) name: String,
    pub(super) busy: usize,
    pub(super) lines: u16,
    /// Attempts that ended.
    pub(super) attempts: u32,
    /// Of these, the ones that a person answered.
    pub(super) answered: u32,
    /// From the INVITE to the first ringing, in the mean; none if nothing rang.
    pub(super) delay_ms: Option<u32>,
    /// Answered attempts in percent, by stretches of five minutes, the latest last; none where there were none.
    pub(super) trend: Vec<Option<u8>>,
    pub(super) state: TrunkState,
    /// Until when it rests.
    pub(super) until_at: Option<String>,
}

/// Whether calls may leave over a trunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::http::console) enum TrunkState {
    Up,
    Registering,
    Resting,
    Down,
}

impl TrunkState {
    /// By its standing, and whether it rests.
    pub(in crate::http::console) const fn of(standing: Standing, resting: Option<Wall>) -> Self {
        match (standing, resting) {
            (Standing::Down, _) => Self::Down,
            (Standing::Registering, _) => Self::Registering,
            (Standing::Up, Some(_)) => Self::Resting,
            (Standing::Up, None) => Self::Up,
        }
    }
}

/// A campaign in this night.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct CampaignRow {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) is_paused: bool,
    pub(super) due: u64,
    pub(super) done: u64,
    pub(super) attempts: u64,
    pub(super) answered: u64,
    /// When its last call is over, by the forecast.
    pub(super) ends_at: Option<String>,
    /// Cases whose turn does not come tonight, by the forecast.
    pub(super) unreached: u64,
}

/// How the cases of tonight ended that are done with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Results {
    pub(super) done: u64,
    /// By the disposition of the last attempt, the most frequent first.
    pub(super) dispositions: Vec<Tally>,
}

/// How often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Tally {
    pub(super) disposition: String,
    pub(super) cases: u64,
}

/// Cases done with, over the time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Curve {
    /// When the first step begins; none before anybody was called.
    pub(super) from_at: Option<String>,
    pub(super) step_ms: i64,
    /// How many at the end of each full step.
    pub(super) done: Vec<u64>,
}

/// How the night will go.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct Outlook {
    pub(super) verdict: Verdict,
    /// When it was computed; none if it has not been yet.
    pub(super) computed_at: Option<String>,
    /// When the last call is over, in the luckiest run,
    pub(super) earliest_at: Option<String>,
    /// in the middle one,
    pub(super) median_at: Option<String>,
    /// and in the unluckiest one.
    pub(super) latest_at: Option<String>,
    /// Cases whose turn does not come tonight, in the middle run.
    pub(super) unreached: u64,
    /// So many lines more would do,
    pub(super) more_lines: Option<u16>,
    /// and then the last call would be over at this time.
    pub(super) with_more_at: Option<String>,
    /// Why there is none.
    pub(super) fault: Option<String>,
}

/// Whether the night is long enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    /// Not computed yet, or nothing dials.
    Unknown,
    /// Nobody is left to call tonight.
    Done,
    WillFinish,
    /// It ends within the last ten minutes.
    Tight,
    WillNotFinish,
}

/// Something that needs a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Attention {
    /// The same for the same thing as long as it stands.
    pub(super) id: String,
    pub(super) kind: AttentionKind,
    pub(super) level: Level,
    pub(super) at: Option<String>,
    pub(super) title_zh: String,
    pub(super) title_en: String,
    pub(super) text_zh: String,
    pub(super) text_en: String,
    /// The call that it is about.
    pub(super) attempt: Option<i64>,
    /// The question that it is about.
    pub(super) question: Option<String>,
    /// The campaign that it is about.
    pub(super) campaign: Option<i64>,
}

/// What kind of thing. The list goes by harm: by `level`, then in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum AttentionKind {
    /// No new call begins.
    Held,
    /// A patient gave the lowest score.
    LowScore,
    /// A trunk is down or rests.
    Trunk,
    /// The night is too short.
    TooShort,
    /// Cases run out of time tonight.
    Deadlines,
    /// A campaign is paused.
    Paused,
    /// An alarm of the machine.
    Alarm,
}

/// How bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Level {
    /// A patient is harmed, or nobody is called.
    Harm,
    /// It becomes so if nobody looks.
    Attention,
}

/// Something that calls need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Preflight {
    /// `control`, `database`, `home`, `disk`, `trunks`.
    pub(super) name: String,
    pub(super) is_well: bool,
    /// What was seen.
    pub(super) reason: String,
}
