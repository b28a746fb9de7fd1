//! Reviews, scorecards and samples as JSON.

use serde::Serialize;
use utoipa::ToSchema;

use crate::http::console::Console;
use crate::http::problem::timestamp;
use crate::moment::Wall;
use crate::store::console::reviews::{Review, State};
use crate::store::console::samples::{Sample, Why};
use crate::store::console::scorecards::{Fault, Item, Mark, Scorecard, faults};

/// A version of a scorecard.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ScorecardShown {
    id: i64,
    /// The id of its first version: versions of one scorecard share it.
    family: i64,
    version: u32,
    /// A published version never changes.
    published: bool,
    zh: String,
    en: String,
    items: Vec<Item>,
    /// What keeps a draft from being published.
    faults: Vec<Fault>,
    created_at: String,
    created_by: String,
    published_at: Option<String>,
    published_by: Option<String>,
    /// Reviews by it that are signed.
    signed: i64,
}

impl From<Scorecard> for ScorecardShown {
    fn from(card: Scorecard) -> Self {
        let faults = match card.is_published {
            true => Vec::new(),
            false => faults(&card.zh, &card.en, &card.items),
        };
        Self {
            id: card.id,
            family: card.family,
            version: card.version,
            published: card.is_published,
            zh: card.zh,
            en: card.en,
            items: card.items,
            faults,
            created_at: timestamp(card.created_at),
            created_by: card.created_by,
            published_at: card.published_at.map(timestamp),
            published_by: card.published_by,
            signed: card.signed,
        }
    }
}

/// One person's judgement of one call.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReviewShown {
    id: i64,
    call_id: i64,
    scorecard_id: i64,
    /// `sample`, `own`, `second` or `appeal`.
    kind: String,
    /// The review that this is a second opinion of.
    first_id: Option<i64>,
    reviewer_id: Option<i64>,
    reviewer: Option<String>,
    /// It is the reader's own.
    mine: bool,
    state: State,
    /// Empty while `hidden`.
    marks: Vec<Mark>,
    note: Option<String>,
    due_at: String,
    signed_at: Option<String>,
    score: Option<u32>,
    /// A fatal item failed: the score is 0.
    fatal: Option<bool>,
    /// SHA-256 over what was signed.
    sha256: Option<String>,
    /// Somebody else's marks, not to be seen before both have signed.
    hidden: bool,
    appeal: Option<AppealShown>,
    /// Why it was sampled.
    why: Option<String>,
}

/// Somebody does not agree.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AppealShown {
    who: String,
    reason: String,
    at: String,
}

impl ReviewShown {
    /// The scorecard's row.
    pub(super) const fn scorecard(&self) -> i64 {
        self.scorecard_id
    }

    pub(super) fn of(review: Review, reader: i64) -> Self {
        Self {
            id: review.id,
            call_id: review.attempt.0,
            scorecard_id: review.scorecard,
            kind: review.kind,
            first_id: review.first,
            reviewer_id: review.account,
            reviewer: review.reviewer,
            mine: review.account == Some(reader),
            state: review.state,
            marks: review.marks,
            note: review.note,
            due_at: timestamp(review.due_at),
            signed_at: review.signed_at.map(timestamp),
            score: review.score,
            fatal: review.is_fatal,
            sha256: review.hash,
            hidden: review.is_hidden,
            appeal: review.appeal.map(|appeal| AppealShown {
                who: appeal.who,
                reason: appeal.reason,
                at: timestamp(appeal.at),
            }),
            why: review.why,
        }
    }
}

/// A sample of calls to be judged.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SampleShown {
    id: i64,
    campaign_id: i64,
    campaign: String,
    scorecard_id: i64,
    from_at: String,
    to_at: String,
    /// What the draw begins with.
    seed: String,
    /// The rule with its figures, as a sentence in Chinese.
    zh: String,
    /// The same in English.
    en: String,
    /// Shares in percent.
    share: f64,
    complaint_share: f64,
    low_share: f64,
    /// Calls that it was drawn from, of attempts up to `last_attempt`.
    population: usize,
    last_attempt: i64,
    /// SHA-256 over the list of these calls.
    population_sha256: String,
    drawn: i64,
    signed: i64,
    reviewers: Vec<NamedShown>,
    due_at: String,
    drawn_at: String,
    drawn_by: String,
}

/// A row by its name: a person who judges, a campaign.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NamedShown {
    pub(super) id: i64,
    pub(super) name: String,
}

fn percent(share: u32) -> f64 {
    f64::from(share) / 100.0
}

impl SampleShown {
    pub(super) fn of(sample: Sample, console: &Console) -> Self {
        let (zh, en) = sentence(&sample, console);
        let shares = sample.asked.shares;
        Self {
            id: sample.id,
            campaign_id: sample.asked.campaign.0,
            campaign: sample.campaign_name,
            scorecard_id: sample.asked.scorecard,
            from_at: timestamp(sample.asked.from),
            to_at: timestamp(sample.asked.to),
            seed: sample.asked.seed,
            zh,
            en,
            share: percent(shares.others),
            complaint_share: percent(shares.complaints),
            low_share: percent(shares.low_scores),
            population: sample.frame.len(),
            last_attempt: sample.last_attempt,
            population_sha256: sample.frame_hash,
            drawn: sample.drawn,
            signed: sample.signed,
            reviewers: sample
                .asked
                .reviewers
                .into_iter()
                .map(|person| NamedShown {
                    id: person.id,
                    name: person.name,
                })
                .collect(),
            due_at: timestamp(sample.asked.due_at),
            drawn_at: timestamp(sample.drawn_at),
            drawn_by: sample.drawn_by,
        }
    }
}

/// The rule as sentences: what was drawn from, which shares, by which seed.
fn sentence(sample: &Sample, console: &Console) -> (String, String) {
    let day = |at: Wall| {
        let at = chrono::DateTime::from_timestamp_millis(at.millis()).unwrap_or_default();
        at.with_timezone(&console.zone).format("%m-%d %H:%M").to_string()
    };
    let count = |why| sample.frame.count(why);
    let (complaints, low, others) = (count(Why::Complaint), count(Why::LowScore), count(Why::Random));
    let shares = sample.asked.shares;
    let [complaint_share, low_share, share] = [shares.complaints, shares.low_scores, shares.others].map(percent);
    let (from, to) = (day(sample.asked.from), day(sample.asked.to));
    let (name, seed) = (&sample.campaign_name, &sample.asked.seed);
    let (population, last, drawn) = (sample.frame.len(), sample.last_attempt, sample.drawn);
    (
        format!(
            "“{name}” {from} 至 {to} 接通且有录音的 {population} 通（截至第 {last} 次呼叫）：投诉 {complaints} 通抽 \
             {complaint_share} %，低分 {low} 通抽 {low_share} %，其余 {others} 通抽 {share} %，各向上取整；种子 {seed}；共抽 \
             {drawn} 通。"
        ),
        format!(
            "Of {population} answered and recorded calls of “{name}”, {from} to {to} (attempts up to {last}): {complaint_share} % \
             of {complaints} with a complaint, {low_share} % of {low} with a low score, {share} % of {others} others, each rounded \
             up; seed {seed}; {drawn} drawn."
        ),
    )
}
