//! A report as the page gets it: each figure with its key, its words, and what it is a part of.

use serde::Serialize;
use utoipa::ToSchema;

use crate::http::console::instant::Instant;
use crate::pii::{mask_name, mask_no};
use crate::report::{
    Aapor, AnswerFigure, Answered, AttemptFigure, CaseFigure, Cause, Class, Figure, QuestionReport, Ratio, Report,
};
use crate::store::{ListedCase, Period};

/// A figure that a list stands behind.
#[derive(Debug, Serialize, ToSchema)]
struct ReportFigure {
    /// What `/api/reports/cases` takes as `figure`.
    key: String,
    zh: String,
    en: String,
    /// How many.
    n: u64,
    /// Of how many; none where it is a part of nothing.
    d: Option<u64>,
    /// In percent with two decimals; none without a denominator or of none.
    rate: Option<f64>,
}

/// A question with its answers.
#[derive(Debug, Serialize, ToSchema)]
struct QuestionFigures {
    id: String,
    title: String,
    /// Asks who is on the line; counts in no satisfaction.
    is_screening: bool,
    /// Answers with a value.
    valid: ReportFigure,
    /// Each value, of those.
    values: Vec<ReportFigure>,
    /// Without a value: refused, no key, wrong keys.
    missing: Vec<ReportFigure>,
    /// None where the question does not ask for satisfaction.
    satisfied: Option<ReportFigure>,
    /// The mean of the points.
    score: Option<f64>,
    /// The mean of the values.
    mean: Option<f64>,
}

/// A response rate of AAPOR's Standard Definitions.
#[derive(Debug, Serialize, ToSchema)]
struct ResponseRate {
    /// `RR1`, `RR2`, `COOP1`, `REF1`, `CON1`.
    id: String,
    zh: String,
    en: String,
    /// By the classes' letters.
    formula: String,
    n: u64,
    d: u64,
    /// In percent with two decimals; none of none.
    rate: Option<f64>,
}

/// The figures of a campaign over the cases that became due in `[from_at, to_at)`.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FiguresShown {
    campaign: String,
    /// The department that is counted alone; none: all of them.
    department: Option<String>,
    /// None: from the beginning.
    from_at: Option<Instant>,
    to_at: Instant,
    /// Since when the campaign is paused.
    paused_at: Option<Instant>,
    /// Due, followed up, successful, satisfied.
    funnel: Vec<ReportFigure>,
    /// What else is counted of the cases and attempts.
    others: Vec<ReportFigure>,
    /// How cases ended, of those due.
    outcomes: Vec<ReportFigure>,
    /// Why cases were lost, of those lost; the most frequent first.
    causes: Vec<ReportFigure>,
    /// How attempts ended, of those ended.
    dispositions: Vec<ReportFigure>,
    /// The classes of the response rates.
    classes: Vec<ReportFigure>,
    /// The response rates of AAPOR, made of them.
    rates: Vec<ResponseRate>,
    questions: Vec<QuestionFigures>,
    /// The mean of the points of all questions.
    score: Option<f64>,
}

impl FiguresShown {
    /// The figures of a report.
    pub(super) fn of(report: &Report, period: Period) -> Self {
        let (cases, attempts) = (&report.cases, &report.attempts);
        let case = |figure| Figure::Cases(figure);
        let attempt = |figure| Figure::Attempts(figure);
        let lost = report.causes.iter().map(|line| line.share.n).sum();
        let satisfied = answer(Answered::Satisfied, None);
        let funnel = vec![
            count(&case(CaseFigure::Due), cases.due),
            share(&case(CaseFigure::Attempted), cases.follow_up_rate),
            share(&case(CaseFigure::Successful), cases.success_rate),
            share(&satisfied, report.satisfaction.rate),
        ];
        let others = vec![
            share(&case(CaseFigure::Open), Ratio::new(cases.open, cases.due)),
            share(&case(CaseFigure::Unsuccessful), Ratio::new(lost, cases.attempted)),
            count(&case(CaseFigure::LeftOut), cases.not_eligible),
            count(&attempt(AttemptFigure::Ended), attempts.ended),
            share(&attempt(AttemptFigure::Answered), attempts.answered),
            share(&attempt(AttemptFigure::Human), attempts.human),
            count(&attempt(AttemptFigure::Recorded), report.recordings.n),
            count(&answer(Answered::Rated, None), report.satisfaction.rate.of),
        ];
        let outcomes = cases.outcomes.iter();
        let dispositions = attempts.dispositions.iter();
        Self {
            campaign: report.campaign.clone(),
            department: report.department.clone(),
            from_at: period.from.map(Instant::from),
            to_at: period.to.into(),
            paused_at: report.paused.as_ref().map(|paused| paused.since.into()),
            funnel,
            others,
            outcomes: outcomes
                .map(|line| part(&case(CaseFigure::Outcome(line.outcome)), line.share))
                .collect(),
            causes: report.causes.iter().map(|line| cause(line.cause, line.share)).collect(),
            dispositions: dispositions
                .map(|line| part(&attempt(AttemptFigure::Disposition(line.disposition)), line.share))
                .collect(),
            classes: Class::ALL
                .iter()
                .map(|&class| {
                    let n = report.aapor.count(class);
                    part(&case(CaseFigure::Class(class)), Ratio::new(n, cases.due))
                })
                .collect(),
            rates: rates(&report.aapor),
            questions: report.questions.iter().map(QuestionFigures::of).collect(),
            score: report.satisfaction.score.value(),
        }
    }
}

fn rates(aapor: &Aapor) -> Vec<ResponseRate> {
    let rows = [
        ("RR1", "应答率 1", "response rate 1", "I/(I+P+R+NC+O)", aapor.rr1),
        ("RR2", "应答率 2", "response rate 2", "(I+P)/(I+P+R+NC+O)", aapor.rr2),
        ("COOP1", "合作率 1", "cooperation rate 1", "I/(I+P+R+O)", aapor.coop1),
        ("REF1", "拒访率 1", "refusal rate 1", "R/(I+P+R+NC+O)", aapor.ref1),
        (
            "CON1",
            "联系率 1",
            "contact rate 1",
            "(I+P+R+O)/(I+P+R+NC+O)",
            aapor.con1,
        ),
    ];
    rows.into_iter()
        .map(|(id, zh, en, formula, ratio)| ResponseRate {
            id: id.to_owned(),
            zh: zh.to_owned(),
            en: en.to_owned(),
            formula: formula.to_owned(),
            n: ratio.n,
            d: ratio.of,
            rate: ratio.value(),
        })
        .collect()
}

impl QuestionFigures {
    fn of(question: &QuestionReport) -> Self {
        let of = |what| answer(what, Some(question.id.clone()));
        let values = question.values.iter().map(|line| {
            let label = match line.label.as_str() {
                "" => line.value.to_string(),
                label => label.to_owned(),
            };
            ReportFigure {
                zh: label.clone(),
                en: label,
                ..share(&of(Answered::Value(line.value)), line.share)
            }
        });
        let missing = [
            (Answered::Refused, question.refused),
            (Answered::Silent, question.silent),
            (Answered::Invalid, question.invalid),
        ];
        Self {
            id: question.id.clone(),
            title: question.title.clone(),
            is_screening: question.screening,
            valid: short(count(&of(Answered::Valid), question.valid)),
            values: values.collect(),
            missing: missing.map(|(what, n)| short(count(&of(what), n))).into(),
            satisfied: question
                .satisfied
                .map(|satisfied| short(share(&of(Answered::Satisfied), satisfied))),
            score: question.score.and_then(|score| score.value()),
            mean: question.mean.and_then(|mean| mean.value()),
        }
    }
}

fn answer(what: Answered, question: Option<String>) -> Figure {
    Figure::Answers(AnswerFigure { what, question })
}

fn count(figure: &Figure, n: u64) -> ReportFigure {
    let titles = |_: &str| None;
    ReportFigure {
        key: figure.id(),
        zh: figure.zh(titles),
        en: figure.en(titles),
        n,
        d: None,
        rate: None,
    }
}

fn share(figure: &Figure, ratio: Ratio) -> ReportFigure {
    ReportFigure {
        d: Some(ratio.of),
        rate: ratio.value(),
        ..count(figure, ratio.n)
    }
}

/// A share in a group: under the group's heading its word stands alone.
fn part(figure: &Figure, ratio: Ratio) -> ReportFigure {
    let whole = share(figure, ratio);
    let tail = |text: &str| text.split_once(':').map_or(text, |(_, tail)| tail).trim().to_owned();
    ReportFigure {
        zh: tail(&whole.zh),
        en: tail(&whole.en),
        ..whole
    }
}

fn cause(cause: Cause, ratio: Ratio) -> ReportFigure {
    part(&Figure::Cases(CaseFigure::Cause(cause)), ratio)
}

/// A figure under its question: without the question's name.
fn short(figure: ReportFigure) -> ReportFigure {
    let head = |text: &str| text.split_once(':').map_or(text, |(head, _)| head).to_owned();
    let tail = |text: &str| text.rsplit_once(": ").map_or(text, |(_, tail)| tail).to_owned();
    ReportFigure {
        zh: head(&figure.zh),
        en: tail(&figure.en),
        ..figure
    }
}

/// A line behind a figure; name and numbers masked.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CaseBehind {
    case_id: i64,
    visit_no: String,
    patient_no: Option<String>,
    name: Option<String>,
    department: Option<String>,
    /// How the case ended; none while open.
    outcome: Option<String>,
    /// How its last attempt ended.
    last: Option<String>,
    attempts: u64,
    /// The attempt that is listed, or that brought the answer; it has a page under recordings.
    attempt_id: Option<i64>,
    /// How that attempt ended.
    disposition: Option<String>,
    question: Option<String>,
    /// `value`, `refused`, `silent`, `invalid`.
    answer: Option<String>,
    value: Option<i64>,
    label: Option<String>,
    /// The answer as it was given, where somebody corrected it.
    given: Option<GivenShown>,
}

/// An answer as the patient gave it.
#[derive(Debug, Serialize, ToSchema)]
struct GivenShown {
    /// `value`, `refused`, `silent`, `invalid`.
    answer: String,
    value: Option<i64>,
    label: Option<String>,
}

impl CaseBehind {
    /// The line of a list.
    pub(super) fn of(line: &ListedCase) -> Self {
        Self {
            case_id: line.case.0,
            visit_no: mask_no(&line.visit_no),
            patient_no: line.patient_no.as_deref().map(mask_no),
            name: line.name.reveal().as_deref().map(mask_name),
            department: line.department.clone(),
            outcome: line.outcome.map(|outcome| outcome.as_str().to_owned()),
            last: line.last.map(|last| last.as_str().to_owned()),
            attempts: line.attempts,
            attempt_id: line.attempt.map(|attempt| attempt.0),
            disposition: line.disposition.map(|disposition| disposition.as_str().to_owned()),
            question: line.question.clone(),
            answer: line.kind.clone(),
            value: line.value,
            label: line.label.clone(),
            given: line.given.as_ref().map(|given| GivenShown {
                answer: given.kind.clone(),
                value: given.value,
                label: given.label.clone(),
            }),
        }
    }
}
