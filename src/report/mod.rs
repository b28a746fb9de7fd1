//! Every figure and its one definition. The store counts; what is divided by what is written here and nowhere else.
//! What a figure counts stands in `figure.rs`: the report counts by it, and [`CaseList`] lists by it.
//!
//! - 应回访数 D: cases that became due in the period, but for those closed as not eligible without any attempt.
//! - 已回访数 A: those of D with at least one attempt. 回访率 = A/D.
//! - 成功数 C: those of D whose outcome is completed (or partial, if asked for). 回访成功率 = C/A.
//! - 接通率: ended attempts that got a 200, of all ended attempts; by a human: those with at least one key.
//! - 满意率: answers in the satisfied set, of rated answers. 满意度得分: the mean of their points.
//! - 失访构成: the cases of A that are no success, by the cause of their last attempt, of A−C.
//!
//! Of each case and question the last answer with a value counts, as it was corrected. Test calls count nowhere.

mod aapor;
mod cause;
mod export;
mod figure;
mod index;
mod list;
mod offline;
mod ratio;
mod render;
pub mod reviews;
mod sheet;
mod survey;
pub mod why;
mod words;
mod workbook;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::dialer::Outcome;
use crate::moment::Wall;
use crate::outcome::Disposition;
use crate::store::{AttemptTally, CaseTally, Error, Period, Reader, Reported};

pub use aapor::{Aapor, Class};
pub use cause::Cause;
pub use export::{ExportError, Names, export_answers};
pub use figure::{AnswerFigure, Answered, AttemptFigure, CaseFigure, Figure};
pub use index::{Counted, NoFigure};
pub use list::{CaseList, Cell};
pub use offline::{OfflineLine, offline_csv, offline_workbook};
pub use ratio::{Mean, NONE, Ratio};
pub use survey::{QuestionReport, Satisfaction, ValueLine};
pub use workbook::{ROWS, WorkbookError, workbook, workbook_bytes};

/// What counts as a success.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Success {
    /// A completed questionnaire.
    #[default]
    Completed,
    /// A completed or a partial one.
    CompletedOrPartial,
}

/// The report of a campaign.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The campaign's name.
    pub campaign: String,
    /// The department that it is limited to; none: all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// What counts as a success.
    pub success: Success,
    /// Since when the campaign is paused; none while it is not.
    pub paused: Option<Paused>,
    /// The cases.
    pub cases: Cases,
    /// The attempts.
    pub attempts: Attempts,
    /// 满意率 and 满意度得分 of all questions.
    pub satisfaction: Satisfaction,
    /// 失访构成, the most frequent first.
    pub causes: Vec<CauseLine>,
    /// Each question.
    pub questions: Vec<QuestionReport>,
    /// International response rates.
    pub aapor: Aapor,
    /// The recordings.
    pub recordings: Recorded,
}

/// A campaign that somebody paused: it is running, and dials nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Paused {
    /// Since when.
    pub since: Wall,
    /// The same by the place's clock.
    pub since_local: String,
}

/// The cases of a report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cases {
    /// 应回访数 D.
    pub due: u64,
    /// 已回访数 A.
    pub attempted: u64,
    /// 成功数 C.
    pub successful: u64,
    /// Those of D that are still open.
    pub open: u64,
    /// Left out of D: closed as not eligible without an attempt.
    pub not_eligible: u64,
    /// 回访率 A/D.
    pub follow_up_rate: Ratio,
    /// 回访成功率 C/A.
    pub success_rate: Ratio,
    /// Those of D that are closed, by outcome.
    pub outcomes: Vec<OutcomeLine>,
}

/// One outcome.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OutcomeLine {
    /// Which.
    pub outcome: Outcome,
    /// Of D.
    pub share: Ratio,
}

/// The attempts of a report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Attempts {
    /// Ended attempts.
    pub ended: u64,
    /// 接通率 by 200 OK.
    pub answered: Ratio,
    /// 接通率 by a human: at least one key.
    pub human: Ratio,
    /// Keys pressed.
    pub keys: u64,
    /// When the first began, in civil time.
    pub first_begun_at: Option<Wall>,
    /// When the last ended.
    pub last_ended_at: Option<Wall>,
    /// By disposition, in the order of the list of dispositions.
    pub dispositions: Vec<DispositionLine>,
}

/// One disposition.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct DispositionLine {
    /// Which.
    pub disposition: Disposition,
    /// Of the ended attempts.
    pub share: Ratio,
}

/// One failure cause.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CauseLine {
    /// Which.
    pub cause: Cause,
    /// Of A−C.
    pub share: Ratio,
    /// The last dispositions behind it.
    pub dispositions: BTreeMap<Disposition, u64>,
}

/// The recordings of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Recorded {
    /// How many.
    pub n: u64,
    /// Their length together, in whole seconds.
    pub seconds: u64,
}

/// The report of a campaign over the cases that became due in a period.
///
/// # Errors
/// [`Error::NoCampaign`], or what the database says.
pub async fn campaign(reader: &Reader, name: &str, period: Period, success: Success) -> Result<Report, Error> {
    of(reader, name, None, period, success).await
}

/// The same for the encounters of one department alone.
///
/// # Errors
/// As [`campaign`].
pub async fn of_department(
    reader: &Reader,
    name: &str,
    department: &str,
    period: Period,
    success: Success,
) -> Result<Report, Error> {
    of(reader, name, Some(department.to_owned()), period, success).await
}

async fn of(
    reader: &Reader,
    name: &str,
    department: Option<String>,
    period: Period,
    success: Success,
) -> Result<Report, Error> {
    let row = reader.campaign_uncounted(name).await?;
    let id = row.id;
    let about = Reported {
        campaign: id,
        department,
    };
    let paused = match row.paused_at {
        Some(since) => Some(Paused {
            since,
            since_local: reader.local(since).await?,
        }),
        None => None,
    };
    // Counting the attempts takes as long as the rest together.
    let others = async {
        let cases = reader.case_tally(&about, period).await?;
        let answers = reader.answer_tally(&about, period).await?;
        Ok::<_, Error>((cases, answers, reader.question_versions(id).await?))
    };
    let (attempts, (cases, answers, versions)) = tokio::try_join!(reader.attempt_tally(&about, period), others)?;
    let mut questions: Vec<QuestionReport> = Vec::new();
    for version in versions {
        let mut question = survey::question(&version.question, &version.of(&answers));
        question.id = version.name();
        if let Some(kept_at) = version.kept_at {
            // Answered on another scale: never added to what is asked now.
            let day: String = reader.local(kept_at).await?.chars().take(10).collect();
            question.title.push_str(&format!("（{day} 版 version）"));
        }
        questions.push(question);
    }
    Ok(Report {
        campaign: name.to_owned(),
        department: about.department,
        success,
        paused,
        causes: causes(&cases, success),
        aapor: Aapor::of(&cases),
        cases: count_cases(&cases, success),
        attempts: count_attempts(&attempts),

        satisfaction: survey::satisfaction(&questions),
        questions,
        recordings: Recorded {
            n: attempts_of(&attempts, AttemptFigure::Recorded),
            seconds: attempts.iter().map(|kind| kind.recording_ms).sum::<u64>() / 1000,
        },
    })
}

/// How many cases a figure counts.
fn cases_of(cases: &[CaseTally], figure: CaseFigure, success: Success) -> u64 {
    let counted = cases.iter().filter(|case| figure.counts(case, success));
    counted.map(|case| case.n).sum()
}

/// How many attempts a figure counts.
fn attempts_of(attempts: &[AttemptTally], figure: AttemptFigure) -> u64 {
    let counted = attempts.iter().filter(|attempt| figure.counts(attempt));
    counted.map(|attempt| attempt.n).sum()
}

fn count_cases(cases: &[CaseTally], success: Success) -> Cases {
    let count = |figure| cases_of(cases, figure, success);
    let due = count(CaseFigure::Due);
    let attempted = count(CaseFigure::Attempted);
    let successful = count(CaseFigure::Successful);
    let outcomes = Outcome::ALL.iter().filter_map(|&outcome| {
        let n = count(CaseFigure::Outcome(outcome));
        let share = Ratio::new(n, due);
        (n > 0).then_some(OutcomeLine { outcome, share })
    });
    Cases {
        due,
        attempted,
        successful,
        open: count(CaseFigure::Open),
        not_eligible: count(CaseFigure::LeftOut),
        follow_up_rate: Ratio::new(attempted, due),
        success_rate: Ratio::new(successful, attempted),
        outcomes: outcomes.collect(),
    }
}

fn count_attempts(attempts: &[AttemptTally]) -> Attempts {
    let count = |figure| attempts_of(attempts, figure);
    let ended = count(AttemptFigure::Ended);
    let dispositions = Disposition::ALL.iter().filter_map(|&disposition| {
        let n = count(AttemptFigure::Disposition(disposition));
        let share = Ratio::new(n, ended);
        (n > 0).then_some(DispositionLine { disposition, share })
    });
    Attempts {
        ended,
        answered: Ratio::new(count(AttemptFigure::Answered), ended),
        human: Ratio::new(count(AttemptFigure::Human), ended),
        keys: attempts.iter().map(|kind| kind.keys).sum(),
        first_begun_at: first(attempts).map(Wall::from_millis),
        last_ended_at: last(attempts).map(Wall::from_millis),
        dispositions: dispositions.collect(),
    }
}

fn first(attempts: &[AttemptTally]) -> Option<i64> {
    attempts.iter().filter_map(|kind| kind.first_begun_at).min()
}

fn last(attempts: &[AttemptTally]) -> Option<i64> {
    attempts.iter().filter_map(|kind| kind.last_ended_at).max()
}

fn causes(cases: &[CaseTally], success: Success) -> Vec<CauseLine> {
    let mut by_cause: BTreeMap<Cause, BTreeMap<Disposition, u64>> = BTreeMap::new();
    let mut counts: BTreeMap<Cause, u64> = BTreeMap::new();
    let lost = |case: &&CaseTally| CaseFigure::Unsuccessful.counts(case, success);
    for case in cases.iter().filter(lost) {
        let cause = Cause::of(case.last);
        *counts.entry(cause).or_default() += case.n;
        let dispositions = by_cause.entry(cause).or_default();
        if let Some(last) = case.last {
            *dispositions.entry(last).or_default() += case.n;
        }
    }
    let all = counts.values().sum();
    let mut lines: Vec<CauseLine> = counts
        .into_iter()
        .map(|(cause, n)| CauseLine {
            cause,
            share: Ratio::new(n, all),
            dispositions: by_cause.remove(&cause).unwrap_or_default(),
        })
        .collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.share.n));
    lines
}
