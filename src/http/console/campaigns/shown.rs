//! A campaign as lists and its own page show it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::config::CampaignFile;
use crate::http::console::Console;
use crate::http::{Problem, timestamp};
use crate::store::{self, CampaignState};

/// Where a campaign stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Standing {
    /// Never started.
    Draft,
    /// Its due cases are dialed inside its windows.
    Running,
    /// It runs, but dials nothing until it is resumed.
    Paused,
    /// Stopped by a person; it can be started again.
    Stopped,
}

impl Standing {
    pub(super) const fn of(row: &store::Campaign) -> Self {
        match (row.state, row.paused_at) {
            (CampaignState::Draft, _) => Self::Draft,
            (CampaignState::Running, None) => Self::Running,
            (CampaignState::Running, Some(_)) => Self::Paused,
            (CampaignState::Stopped, _) => Self::Stopped,
        }
    }
}

/// A campaign in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Campaign {
    id: i64,
    name: String,
    state: Standing,
    dialplan: DialplanName,
    /// The trunks in the order of trying.
    trunks: Vec<String>,
    lines: Option<u32>,
    calls_per_second: Option<f64>,
    /// The higher one goes first where campaigns share a trunk.
    priority: i16,
    purpose: Option<String>,
    cases: Cases,
    /// When it may dial today.
    windows: Vec<Window>,
    /// The next opening after the last window of today.
    next_at: Option<String>,
    created_at: String,
    started_at: Option<String>,
    stopped_at: Option<String>,
    paused_at: Option<String>,
}

/// Which questionnaire, in which version.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct DialplanName {
    /// The file that it came from.
    file: String,
    /// The first digits of its content hash: another text has another version.
    version: String,
}

/// The cases of a campaign, each counted once.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
struct Cases {
    all: u64,
    due: u64,
    waiting: u64,
    in_progress: u64,
    closed: u64,
}

/// A stretch of time.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Window {
    from_at: String,
    until_at: String,
}

/// A campaign on its own page.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct CampaignDetail {
    #[serde(flatten)]
    campaign: Campaign,
    /// The text of its file.
    text: String,
    /// Attempts that a case may use up.
    budget: Option<u16>,
    /// The seconds that a telephone may ring.
    ring_s: Option<u64>,
    /// The caller numbers that its calls show; they are ours, not a patient's.
    callers: Vec<String>,
    questions: Vec<CampaignQuestion>,
    /// What is wrong with its text by today's settings.
    faults: Vec<super::text::TextFault>,
}

/// A question of its questionnaire.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct CampaignQuestion {
    id: String,
    title: String,
    /// `choice`, `yes_no`, `score`, `number`, `open` or `message`.
    kind: String,
    is_required: bool,
    options: Vec<String>,
}

/// A row as a list shows it.
pub(super) async fn campaign(console: &Console, row: &store::Campaign) -> Result<Campaign, Problem> {
    let kept = console.office.store().reader().dialplan(&row.dialplan).await?;
    Ok(shown(console, row, kept.file))
}

fn shown(console: &Console, row: &store::Campaign, dialplan: String) -> Campaign {
    let file = CampaignFile::parse(&row.file).ok().map(|(file, _)| file);
    let (windows, next) = match &file {
        Some(file) => console.office.windows_of(file, console.now()),
        None => (Vec::new(), None),
    };
    let counts = row.counts;
    Campaign {
        id: row.id.0,
        name: row.name.clone(),
        state: Standing::of(row),
        dialplan: DialplanName {
            file: dialplan,
            version: row.dialplan.chars().take(8).collect(),
        },
        trunks: file.as_ref().map(|file| file.trunks.clone()).unwrap_or_default(),
        lines: row.lines,
        calls_per_second: row.calls_per_second,
        priority: file.as_ref().map_or(0, |file| file.priority),
        purpose: file.and_then(|file| file.purpose),
        cases: Cases {
            all: counts.cases,
            due: counts.due,
            waiting: counts.waiting,
            in_progress: counts.in_progress,
            closed: counts.closed,
        },
        windows: windows
            .into_iter()
            .map(|(from, until)| Window {
                from_at: timestamp(from),
                until_at: timestamp(until),
            })
            .collect(),
        next_at: next.map(timestamp),
        created_at: timestamp(row.created_at),
        started_at: row.started_at.map(timestamp),
        stopped_at: row.stopped_at.map(timestamp),
        paused_at: row.paused_at.map(timestamp),
    }
}

/// A row with everything.
pub(super) async fn detail(console: &Console, row: &store::Campaign) -> Result<CampaignDetail, Problem> {
    let kept = console.office.store().reader().dialplan(&row.dialplan).await?;
    let (file, faults) = console.office.check_campaign(&row.file);
    let question = |question: store::Question| CampaignQuestion {
        id: question.id,
        title: question.title,
        kind: question.kind,
        is_required: question.required,
        options: question.options.into_iter().map(|option| option.label).collect(),
    };
    Ok(CampaignDetail {
        campaign: shown(console, row, kept.file),
        text: row.file.clone(),
        budget: file.as_ref().map(|file| file.retry.budget),
        ring_s: file.as_ref().map(|file| file.ring.from_ringing.as_secs()),
        callers: row.callers.iter().map(|caller| caller.reveal().to_owned()).collect(),
        questions: kept.questions.into_iter().map(question).collect(),
        faults: faults.iter().map(super::text::TextFault::of).collect(),
    })
}
