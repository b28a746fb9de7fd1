//! The dialplan of a case as a guided form, with the answers so far.

use super::shown::*;
use crate::dialplan::{Dialplan, End, FormStep, Kind};
use crate::engine::office::desk::way_of;
use crate::store::console::LOW;
use crate::store::console::desk::DeskAnswerRow;

/// The form of a case; `present` is the attempt that goes on or was the last.
pub(super) fn form(plan: &Dialplan, answers: Vec<DeskAnswerRow>, present: Option<i64>) -> DeskForm {
    let way = way_of(plan, &answers);
    let mut latest: Vec<DeskAnswer> = Vec::new();
    for row in answers {
        let answer = answer(row, present);
        match latest.iter_mut().find(|known| known.question == answer.question) {
            Some(known) => *known = answer,
            None => latest.push(answer),
        }
    }
    DeskForm {
        title: plan.title().to_owned(),
        steps: plan.form().into_iter().map(step).collect(),
        path: way.path,
        open: way.open,
        end: way.end.map(|end| end_word(end).to_owned()),
        missing: way.missing,
        phrases: plan.phrases(),
        answers: latest,
    }
}

fn answer(row: DeskAnswerRow, present: Option<i64>) -> DeskAnswer {
    DeskAnswer {
        is_earlier: present != Some(row.attempt_id),
        question: row.question,
        kind: row.kind,
        value: row.value,
        label: row.label,
        keys: row.keys,
        source: match row.source.as_str() {
            "agent" => DeskSource::Agent,
            _ => DeskSource::Patient,
        },
        remark: row.remark,
        at: row.at.into(),
    }
}

fn step(step: FormStep<'_>) -> DeskStep {
    let Some(question) = step.question else {
        return DeskStep {
            id: step.id.to_owned(),
            kind: "message".to_owned(),
            title: String::new(),
            text: step.text,
            probe: step.probe,
            required: false,
            screening: false,
            options: Vec::new(),
            min: None,
            max: None,
        };
    };
    let kind = match question.kind {
        Kind::Choice => "choice",
        Kind::YesNo => "yes_no",
        Kind::Score(_) => "score",
        Kind::Number(_) => "number",
        Kind::Open(_) => "open",
    };
    let range = question.range();
    DeskStep {
        id: step.id.to_owned(),
        kind: kind.to_owned(),
        title: question.title.clone(),
        text: step.text,
        probe: step.probe,
        required: question.required,
        screening: question.screening,
        options: question
            .options
            .iter()
            .map(|option| DeskOption {
                key: option.key.as_char().to_string(),
                value: option.code,
                label: option.label.clone(),
                points: option.points,
                wants_care: option.points.is_some_and(|points| points <= LOW) || option.follow_up_days.is_some(),
            })
            .collect(),
        min: range.map(|(min, _)| min),
        max: range.map(|(_, max)| max),
    }
}

const fn end_word(end: End) -> &'static str {
    match end {
        End::Completed => "completed",
        End::Refused => "refused",
        End::OptedOut => "opted_out",
        End::Silent | End::HungUp | End::TooManySteps => "silent",
        End::ThirdParty => "third_party",
        End::WrongNumber => "wrong_number",
        End::Appointment => "appointment",
    }
}
