//! What each figure counts: one predicate, by which the report counts and the list of a figure picks.

use crate::dialer::Outcome;
use crate::outcome::Disposition;
use crate::store::{AnswerTally, AttemptTally, CaseTally, Question, QuestionVersion};

use super::aapor::Class;
use super::survey;
use super::{Cause, Success};

/// A figure that counts cases, attempts or answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Figure {
    /// Cases.
    Cases(CaseFigure),
    /// Attempts.
    Attempts(AttemptFigure),
    /// Answers.
    Answers(AnswerFigure),
}

/// A figure that counts cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseFigure {
    /// 应回访数 D.
    Due,
    /// 已回访数 A.
    Attempted,
    /// 成功数 C.
    Successful,
    /// 失访数 A−C.
    Unsuccessful,
    /// Those of D that are open.
    Open,
    /// Left out of D: closed as not eligible before any attempt.
    LeftOut,
    /// Those of D with this outcome.
    Outcome(Outcome),
    /// Those of A−C with this cause.
    Cause(Cause),
    /// A class of the response rates.
    Class(Class),
}

/// A figure that counts attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptFigure {
    /// Attempts that have ended.
    Ended,
    /// Those with a 200.
    Answered,
    /// Those with a key.
    Human,
    /// Attempts with a recording.
    Recorded,
    /// Ended ones with this disposition.
    Disposition(Disposition),
}

/// A figure that counts answers: what is counted, and of which question; without one, of all that ask for satisfaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerFigure {
    /// What.
    pub what: Answered,
    /// The question's id.
    pub question: Option<String>,
}

/// What is counted of the answers to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// Answers in the satisfied set.
    Satisfied,
    /// Answers that the rate is of.
    Rated,
    /// Answers with a value.
    Valid,
    /// Answers with this value.
    Value(i64),
    /// Refused.
    Refused,
    /// No key.
    Silent,
    /// Only wrong keys.
    Invalid,
}

impl CaseFigure {
    /// Whether cases of this kind count.
    pub fn counts(self, case: &CaseTally, success: Success) -> bool {
        // Left out of D: nobody was to be called, and nobody was.
        let left_out = case.outcome == Some(Outcome::NotEligible) && !case.attempted;
        let successful = match success {
            Success::Completed => case.outcome == Some(Outcome::Completed),
            Success::CompletedOrPartial => matches!(case.outcome, Some(Outcome::Completed | Outcome::Partial)),
        };
        match self {
            Self::Due => !left_out,
            Self::Attempted => !left_out && case.attempted,
            Self::Successful => !left_out && successful,
            Self::Unsuccessful => case.attempted && !successful,
            Self::Open => !left_out && case.outcome.is_none(),
            Self::LeftOut => left_out,
            Self::Outcome(outcome) => !left_out && case.outcome == Some(outcome),
            Self::Cause(cause) => case.attempted && !successful && Cause::of(case.last) == cause,
            Self::Class(class) => Class::of(case) == class,
        }
    }
}

impl AttemptFigure {
    /// Whether attempts of this kind count.
    pub fn counts(self, attempt: &AttemptTally) -> bool {
        let ended = attempt.disposition.is_some();
        match self {
            Self::Ended => ended,
            // A key proves that somebody answered, also where a crash lost the time of the answer.
            Self::Answered => ended && (attempt.answered || attempt.human),
            Self::Human => ended && attempt.human,
            Self::Recorded => attempt.recorded,
            Self::Disposition(disposition) => attempt.disposition == Some(disposition),
        }
    }
}

impl AnswerFigure {
    /// Whether answers of this kind count.
    pub fn counts(&self, answer: &AnswerTally, versions: &[QuestionVersion]) -> bool {
        let Some(version) = versions.iter().find(|version| version.asked(answer)) else {
            return false;
        };
        let question = &version.question;
        match &self.question {
            Some(name) => *name == version.name() && self.what.counts(question, answer),
            None => survey::asks_for_satisfaction(question) && self.what.counts(question, answer),
        }
    }
}

impl Answered {
    fn counts(self, question: &Question, answer: &AnswerTally) -> bool {
        let chosen = || question.options.iter().find(|choice| Some(choice.code) == answer.value);
        match self {
            Self::Satisfied => chosen().is_some_and(|choice| survey::is_satisfied(question, choice)),
            Self::Rated => chosen().is_some_and(|choice| survey::is_rated(question, choice)),
            Self::Valid => answer.value.is_some(),
            Self::Value(code) => answer.value == Some(code),
            Self::Refused => answer.kind == "refused",
            Self::Silent => answer.kind == "silent",
            Self::Invalid => answer.kind == "invalid",
        }
    }
}

impl Figure {
    /// By what it is asked for: `due`, `outcome:not_reached`, `cause:no_answer`, `satisfied:attitude`.
    pub fn id(&self) -> String {
        match self {
            Self::Cases(figure) => match figure {
                CaseFigure::Due => "due".to_owned(),
                CaseFigure::Attempted => "attempted".to_owned(),
                CaseFigure::Successful => "successful".to_owned(),
                CaseFigure::Unsuccessful => "unsuccessful".to_owned(),
                CaseFigure::Open => "open".to_owned(),
                CaseFigure::LeftOut => "left_out".to_owned(),
                CaseFigure::Outcome(outcome) => format!("outcome:{}", outcome.as_str()),
                CaseFigure::Cause(cause) => format!("cause:{}", cause.as_str()),
                CaseFigure::Class(class) => format!("aapor:{}", class.as_str()),
            },
            Self::Attempts(figure) => match figure {
                AttemptFigure::Ended => "ended".to_owned(),
                AttemptFigure::Answered => "answered".to_owned(),
                AttemptFigure::Human => "human".to_owned(),
                AttemptFigure::Recorded => "recordings".to_owned(),
                AttemptFigure::Disposition(disposition) => format!("disposition:{}", disposition.as_str()),
            },
            Self::Answers(figure) => match &figure.question {
                None => figure.what.id(),
                Some(question) => match figure.what {
                    Answered::Value(code) => format!("value:{question}:{code}"),
                    what @ (Answered::Satisfied
                    | Answered::Rated
                    | Answered::Valid
                    | Answered::Refused
                    | Answered::Silent
                    | Answered::Invalid) => format!("{}:{question}", what.id()),
                },
            },
        }
    }

    /// The figure of an id. Whether the campaign has such a question is not asked here: without one it counts nothing.
    pub fn of_id(id: &str) -> Option<Self> {
        let mut fixed: Vec<Self> = [
            CaseFigure::Due,
            CaseFigure::Attempted,
            CaseFigure::Successful,
            CaseFigure::Unsuccessful,
            CaseFigure::Open,
            CaseFigure::LeftOut,
        ]
        .map(Self::Cases)
        .to_vec();
        fixed.extend(Outcome::ALL.iter().map(|&one| Self::Cases(CaseFigure::Outcome(one))));
        fixed.extend(Cause::ALL.map(|one| Self::Cases(CaseFigure::Cause(one))));
        fixed.extend(Class::ALL.map(|one| Self::Cases(CaseFigure::Class(one))));
        fixed.extend(
            [
                AttemptFigure::Ended,
                AttemptFigure::Answered,
                AttemptFigure::Human,
                AttemptFigure::Recorded,
            ]
            .map(Self::Attempts),
        );
        let each = |&one| Self::Attempts(AttemptFigure::Disposition(one));
        fixed.extend(Disposition::ALL.iter().map(each));
        let known = fixed.into_iter().find(|figure| figure.id() == id);
        known.or_else(|| AnswerFigure::of_id(id).map(Self::Answers))
    }

    /// The same in English; a question is named by its title.
    pub fn en(&self, titles: impl Fn(&str) -> Option<String>) -> String {
        let plain = |id: &str| id.replace('_', " ");
        match self {
            Self::Cases(figure) => match figure {
                CaseFigure::Due => "due".to_owned(),
                CaseFigure::Attempted => "followed up".to_owned(),
                CaseFigure::Successful => "successful".to_owned(),
                CaseFigure::Unsuccessful => "lost".to_owned(),
                CaseFigure::Open => "open".to_owned(),
                CaseFigure::LeftOut => "left out".to_owned(),
                CaseFigure::Outcome(outcome) => format!("outcome: {}", plain(outcome.as_str())),
                CaseFigure::Cause(cause) => format!("cause: {}", plain(cause.as_str())),
                CaseFigure::Class(class) => format!("response: {}", plain(class.as_str())),
            },
            Self::Attempts(figure) => match figure {
                AttemptFigure::Ended => "attempts ended".to_owned(),
                AttemptFigure::Answered => "answered".to_owned(),
                AttemptFigure::Human => "answered by a human".to_owned(),
                AttemptFigure::Recorded => "recordings".to_owned(),
                AttemptFigure::Disposition(disposition) => format!("result: {}", plain(disposition.as_str())),
            },
            Self::Answers(figure) => {
                let what = figure.what.en();
                match &figure.question {
                    None => what,
                    Some(question) => format!("{}: {what}", titles(question).unwrap_or_else(|| question.clone())),
                }
            }
        }
    }

    /// The users' word. `titles` gives the title of a question.
    pub fn zh(&self, titles: impl Fn(&str) -> Option<String>) -> String {
        match self {
            Self::Cases(figure) => match figure {
                CaseFigure::Due => "应回访数".to_owned(),
                CaseFigure::Attempted => "已回访数".to_owned(),
                CaseFigure::Successful => "成功数".to_owned(),
                CaseFigure::Unsuccessful => "失访数".to_owned(),
                CaseFigure::Open => "未结案".to_owned(),
                CaseFigure::LeftOut => "不计入".to_owned(),
                CaseFigure::Outcome(outcome) => format!("结论:{}", outcome.zh()),
                CaseFigure::Cause(cause) => format!("失访原因:{}", cause.zh()),
                CaseFigure::Class(class) => format!("应答率:{}", class.zh()),
            },
            Self::Attempts(figure) => match figure {
                AttemptFigure::Ended => "已结束".to_owned(),
                AttemptFigure::Answered => "接通".to_owned(),
                AttemptFigure::Human => "接通有按键".to_owned(),
                AttemptFigure::Recorded => "录音".to_owned(),
                AttemptFigure::Disposition(disposition) => format!("结果码:{}", disposition.zh()),
            },
            Self::Answers(figure) => {
                let Some(question) = &figure.question else {
                    return figure.what.zh().to_owned();
                };
                let title = titles(question).unwrap_or_else(|| question.clone());
                match figure.what {
                    Answered::Value(code) => format!("{title}:{code}"),
                    what @ (Answered::Satisfied
                    | Answered::Rated
                    | Answered::Valid
                    | Answered::Refused
                    | Answered::Silent
                    | Answered::Invalid) => format!("{}:{title}", what.zh()),
                }
            }
        }
    }
}

impl AnswerFigure {
    /// `satisfied`, `rated`, `satisfied:QUESTION`, `value:QUESTION:CODE`.
    fn of_id(id: &str) -> Option<Self> {
        let of = |what, question: Option<&str>| Self {
            what,
            question: question.map(str::to_owned),
        };
        let Some((what, question)) = id.split_once(':') else {
            return match id {
                "satisfied" => Some(of(Answered::Satisfied, None)),
                "rated" => Some(of(Answered::Rated, None)),
                _ => None,
            };
        };
        let what = match what {
            "satisfied" => Answered::Satisfied,
            "rated" => Answered::Rated,
            "valid" => Answered::Valid,
            "refused" => Answered::Refused,
            "silent" => Answered::Silent,
            "invalid" => Answered::Invalid,
            "value" => {
                let (question, code) = question.rsplit_once(':')?;
                return Some(of(Answered::Value(code.parse().ok()?), Some(question)));
            }
            _ => return None,
        };
        Some(of(what, Some(question)))
    }
}

impl Answered {
    fn en(self) -> String {
        match self {
            Self::Satisfied => "satisfied".to_owned(),
            Self::Rated => "rated".to_owned(),
            Self::Valid => "valid".to_owned(),
            Self::Value(code) => code.to_string(),
            Self::Refused => "refused".to_owned(),
            Self::Silent => "no key".to_owned(),
            Self::Invalid => "wrong keys".to_owned(),
        }
    }

    fn id(self) -> String {
        match self {
            Self::Satisfied => "satisfied".to_owned(),
            Self::Rated => "rated".to_owned(),
            Self::Valid => "valid".to_owned(),
            Self::Value(code) => format!("value:{code}"),
            Self::Refused => "refused".to_owned(),
            Self::Silent => "silent".to_owned(),
            Self::Invalid => "invalid".to_owned(),
        }
    }

    const fn zh(self) -> &'static str {
        match self {
            Self::Satisfied => "满意",
            Self::Rated => "满意度有效",
            Self::Valid | Self::Value(_) => "有效",
            Self::Refused => "拒答",
            Self::Silent => "未按键",
            Self::Invalid => "无效按键",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_found_by_its_id() {
        let ids = [
            "due",
            "left_out",
            "outcome:not_reached",
            "cause:no_answer",
            "aapor:refusal",
            "ended",
            "recordings",
            "disposition:no_answer",
            "satisfied",
            "rated:attitude",
            "value:a:b:-3",
        ];
        for id in ids {
            assert_eq!(Figure::of_id(id).map(|figure| figure.id()).as_deref(), Some(id));
        }
        for id in [
            "",
            "nothing",
            "outcome:",
            "value:attitude",
            "value:attitude:x",
            "valid",
            "due\0",
        ] {
            assert_eq!(Figure::of_id(id), None, "{id}");
        }
    }
}
