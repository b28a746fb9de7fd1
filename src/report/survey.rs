//! What was answered: each question's distribution, satisfaction rate (满意率) and satisfaction score (满意度得分).

use serde::Serialize;

use crate::store::{AnswerTally, Choice, Question};

use super::{Mean, Ratio};

/// The satisfaction of all questions together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Satisfaction {
    /// 满意率: answers in the satisfied set of their question, of all rated answers.
    pub rate: Ratio,
    /// 满意度得分: the mean of the points of the answers.
    pub score: Mean,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QuestionReport {
    /// Its id in the dialplan.
    pub id: String,
    /// What it asks.
    pub title: String,
    /// Whether it asks who is on the line.
    pub screening: bool,
    /// Answers with a value.
    pub valid: u64,
    /// Each value, options first in their order.
    pub values: Vec<ValueLine>,
    /// Refused this question.
    pub refused: u64,
    /// No key.
    pub silent: u64,
    /// Only keys that it does not take.
    pub invalid: u64,
    /// Its 满意率; none for a question that does not ask for satisfaction.
    pub satisfied: Option<Ratio>,
    /// Its 满意度得分; none for a question without points.
    pub score: Option<Mean>,
    /// The mean of the values; none for a choice.
    pub mean: Option<Mean>,
}

/// One value of a question.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ValueLine {
    /// The code, score or number.
    pub value: i64,
    /// What it means.
    pub label: String,
    /// Of the answers with a value.
    pub share: Ratio,
}

/// An option that is neither satisfied nor not, nor worth points, while others are ("not applicable"): it is left out
/// of rate and score.
pub(super) fn is_rated(question: &Question, choice: &Choice) -> bool {
    choice.satisfied.is_some() || choice.points.is_some() || question.options.iter().all(|other| other.points.is_none())
}

/// An option that counts as satisfied.
pub(super) fn is_satisfied(question: &Question, choice: &Choice) -> bool {
    is_rated(question, choice) && choice.satisfied == Some(true)
}

/// Whether a question counts in the satisfaction of the whole survey; one that asks who is on the line does not.
pub(super) fn asks_for_satisfaction(question: &Question) -> bool {
    !question.screening && has_satisfied(question)
}

fn has_satisfied(question: &Question) -> bool {
    question.options.iter().any(|choice| choice.satisfied == Some(true))
}

/// The report of one question.
pub(super) fn question(question: &Question, answers: &[AnswerTally]) -> QuestionReport {
    let own = || answers.iter().filter(|answer| answer.question == question.id);
    let of_kind = |kind: &str| own().filter(|answer| answer.kind == kind).map(|answer| answer.n).sum();
    let valued = || own().filter_map(|answer| answer.value.map(|value| (value, answer.n)));
    let count = |code: i64| valued().filter(|(value, _)| *value == code).map(|(_, n)| n).sum();
    let valid = valued().map(|(_, n)| n).sum();
    let line = |value, label: &str, n| ValueLine {
        value,
        label: label.to_owned(),
        share: Ratio::new(n, valid),
    };
    let listed = |value: i64| question.options.iter().any(|choice| choice.code == value);
    let mut values: Vec<ValueLine> = question
        .options
        .iter()
        .map(|choice| line(choice.code, &choice.label, count(choice.code)))
        .collect();
    values.extend(
        valued()
            .filter(|(value, _)| !listed(*value))
            .map(|(value, n)| line(value, "", n)),
    );

    let mut satisfied = Ratio::default();
    let mut score = Mean::default();
    for choice in question.options.iter().filter(|choice| is_rated(question, choice)) {
        let n = count(choice.code);
        satisfied.of += n;
        if is_satisfied(question, choice) {
            satisfied.n += n;
        }
        if let Some(points) = choice.points {
            score.add_points(points, n);
        }
    }
    let mut mean = Mean::default();
    for (value, n) in valued() {
        mean.add(value, n);
    }
    let is_measured = question.options.is_empty() || matches!(question.kind.as_str(), "scale" | "score" | "number");
    QuestionReport {
        id: question.id.clone(),
        title: question.title.clone(),
        screening: question.screening,
        valid,
        values,
        refused: of_kind("refused"),
        silent: of_kind("silent"),
        invalid: of_kind("invalid"),
        satisfied: has_satisfied(question).then_some(satisfied),
        score: question
            .options
            .iter()
            .any(|choice| choice.points.is_some())
            .then_some(score),
        mean: is_measured.then_some(mean),
    }
}

/// All questions of the survey together; screening questions ask for no satisfaction.
pub(super) fn satisfaction(questions: &[QuestionReport]) -> Satisfaction {
    let mut sum = Satisfaction::default();
    for question in questions.iter().filter(|question| !question.screening) {
        if let Some(satisfied) = question.satisfied {
            sum.rate.n += satisfied.n;
            sum.rate.of += satisfied.of;
        }
        if let Some(score) = question.score {
            sum.score.join(score);
        }
    }
    sum
}
