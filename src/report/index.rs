//! All figures of a report with what each came to, and how one is found by the name that a person gives it.

use crate::dialer::Outcome;
use crate::outcome::Disposition;

use super::{AnswerFigure, Answered, AttemptFigure, CaseFigure, Cause, Class, Figure, QuestionReport, Report};

/// A figure of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// What it counts.
    pub figure: Figure,
    /// How many.
    pub n: u64,
    /// By what it is asked for.
    pub id: String,
    /// The users' word.
    pub zh: String,
}

/// There is no figure of this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no figure {name:?}; there are: {known}")]
pub struct NoFigure {
    /// The name.
    pub name: String,
    /// The ids of all figures.
    pub known: String,
}

impl Report {
    /// Every figure that counts something, in the order in which a name is looked for.
    pub fn figures(&self) -> Vec<Counted> {
        let mut all: Vec<(Figure, u64)> = self.of_cases();
        all.extend(self.of_attempts());
        all.extend(self.of_answers());
        let titles = |id: &str| {
            let question = self.questions.iter().find(|question| question.id == id);
            question.map(|question| question.title.clone())
        };
        all.into_iter()
            .map(|(figure, n)| Counted {
                id: figure.id(),
                zh: figure.zh(titles),
                figure,
                n,
            })
            .collect()
    }

    /// The figure of a name: its id or its word, whole or without what stands before the first colon. The first of
    /// several is meant: outcomes go before causes, causes before dispositions.
    ///
    /// # Errors
    /// [`NoFigure`] names all that there are.
    pub fn figure(&self, name: &str) -> Result<Counted, NoFigure> {
        let name = name.trim().replace('：', ":");
        let figures = self.figures();
        let whole = |counted: &&Counted| counted.id == name || counted.zh == name;
        let part = |counted: &&Counted| tail(&counted.id) == name || tail(&counted.zh) == name;
        let found = figures.iter().find(whole).or_else(|| figures.iter().find(part));
        found.cloned().ok_or_else(|| NoFigure {
            known: figures
                .iter()
                .map(|counted| counted.id.as_str())
                .collect::<Vec<_>>()
                .join(" "),
            name,
        })
    }

    fn of_cases(&self) -> Vec<(Figure, u64)> {
        let cases = &self.cases;
        let mut all = vec![
            (CaseFigure::Due, cases.due),
            (CaseFigure::Attempted, cases.attempted),
            (CaseFigure::Successful, cases.successful),
            (
                CaseFigure::Unsuccessful,
                self.causes.iter().map(|line| line.share.n).sum(),
            ),
            (CaseFigure::Open, cases.open),
            (CaseFigure::LeftOut, cases.not_eligible),
        ];
        for &outcome in Outcome::ALL {
            let line = cases.outcomes.iter().find(|line| line.outcome == outcome);
            all.push((CaseFigure::Outcome(outcome), line.map_or(0, |line| line.share.n)));
        }
        for cause in Cause::ALL {
            let line = self.causes.iter().find(|line| line.cause == cause);
            all.push((CaseFigure::Cause(cause), line.map_or(0, |line| line.share.n)));
        }
        for class in Class::ALL {
            all.push((CaseFigure::Class(class), self.aapor.count(class)));
        }
        all.into_iter().map(|(figure, n)| (Figure::Cases(figure), n)).collect()
    }

    fn of_attempts(&self) -> Vec<(Figure, u64)> {
        let attempts = &self.attempts;
        let mut all = vec![
            (AttemptFigure::Ended, attempts.ended),
            (AttemptFigure::Answered, attempts.answered.n),
            (AttemptFigure::Human, attempts.human.n),
            (AttemptFigure::Recorded, self.recordings.n),
        ];
        for &disposition in Disposition::ALL {
            let line = attempts
                .dispositions
                .iter()
                .find(|line| line.disposition == disposition);
            let n = line.map_or(0, |line| line.share.n);
            all.push((AttemptFigure::Disposition(disposition), n));
        }
        all.into_iter()
            .map(|(figure, n)| (Figure::Attempts(figure), n))
            .collect()
    }

    fn of_answers(&self) -> Vec<(Figure, u64)> {
        let rate = self.satisfaction.rate;
        let mut all = vec![
            (answers(Answered::Satisfied, None), rate.n),
            (answers(Answered::Rated, None), rate.of),
        ];
        for question in &self.questions {
            all.extend(of_question(question));
        }
        all
    }
}

fn of_question(question: &QuestionReport) -> Vec<(Figure, u64)> {
    let of = |what| answers(what, Some(question.id.clone()));
    let mut all = vec![
        (of(Answered::Valid), question.valid),
        (of(Answered::Refused), question.refused),
        (of(Answered::Silent), question.silent),
        (of(Answered::Invalid), question.invalid),
    ];
    if let Some(satisfied) = question.satisfied {
        all.push((of(Answered::Satisfied), satisfied.n));
        all.push((of(Answered::Rated), satisfied.of));
    }
    for line in &question.values {
        all.push((of(Answered::Value(line.value)), line.share.n));
    }
    all
}

fn answers(what: Answered, question: Option<String>) -> Figure {
    Figure::Answers(AnswerFigure { what, question })
}

/// What stands behind the first colon; all of it where there is none.
fn tail(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, tail)| tail)
}
