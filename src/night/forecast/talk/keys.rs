//! Which keys a person presses at a question.

use std::collections::VecDeque;

use rand_chacha::ChaCha8Rng;

use super::super::chance::{below, weighted};
use super::super::manner::Manner;
use super::Questionnaire;
use crate::dialplan::{Dialplan, End, Entry, Kind, Question, Resume, Session, Step};
use crate::phone::Key;

/// All keys of a telephone.
fn all() -> impl Iterator<Item = Key> {
    (0..16).filter_map(Key::from_event)
}

/// The key that opts out at the very beginning of a call: it is pressed to see.
pub(super) fn stop(plan: &Dialplan) -> Option<Key> {
    let (session, _) = Session::start(plan);
    all().find(|key| {
        let steps = session.clone().resume(plan, Resume::Key(*key)).unwrap_or_default();
        let opts_out = |step: &Step| matches!(step, Step::Heard(heard) if heard.opts_out);
        steps.iter().any(opts_out)
    })
}

/// What a person presses who wants no more calls.
pub(super) fn opts_out(stop: Option<Key>) -> VecDeque<Key> {
    stop.map_or_else(refusal, |key| VecDeque::from([key]))
}

fn refusal() -> VecDeque<Key> {
    VecDeque::from([Key::HASH, Key::HASH])
}

/// What a person of this manner presses at the question that is open.
pub(super) fn chosen(of: &Questionnaire, session: &Session, manner: Manner, chance: &mut ChaCha8Rng) -> VecDeque<Key> {
    let Some(question) = session.question().and_then(|id| of.plan.question(id)) else {
        return VecDeque::new();
    };
    let leading = |end| {
        let key = question.options.iter().map(|option| option.key);
        key.into_iter().find(|key| leads(&of.plan, session, *key) == Some(end))
    };
    let meant = match manner {
        Manner::Refuses if !question.screening => return refusal(),
        Manner::OptsOut => return opts_out(of.stop.filter(|_| question.screening)),
        Manner::ThirdParty => leading(End::ThirdParty),
        Manner::WrongNumber => leading(End::WrongNumber),
        Manner::BreaksOff if !question.screening => Some(Key::STAR),
        Manner::Answers
        | Manner::LeavesAfter { .. }
        | Manner::BreaksOff
        | Manner::LeavesAtOnce
        | Manner::Silent
        | Manner::Refuses => None,
    };
    match meant {
        Some(key) => VecDeque::from([key]),
        None => answer(question, chance),
    }
}

/// Where a key would end the conversation.
fn leads(plan: &Dialplan, session: &Session, key: Key) -> Option<End> {
    let mut tried = session.clone();
    tried.resume(plan, Resume::Key(key)).ok()?;
    tried.progress(plan).end
}

/// An answer as people give them: the first option of a question who is there, mostly the better ones of the others.
pub(super) fn answer(question: &Question, chance: &mut ChaCha8Rng) -> VecDeque<Key> {
    match question.kind {
        Kind::Choice | Kind::YesNo if question.screening => {
            question.options.first().map(|option| option.key).into_iter().collect()
        }
        Kind::Choice | Kind::YesNo => {
            let weights = [55, 25, 12, 8].into_iter().chain(std::iter::repeat(4));
            let options = question.options.iter().map(|option| option.key).zip(weights);
            weighted(chance, options).into_iter().collect()
        }
        Kind::Score(range) | Kind::Number(range) => digits(range, chance),
        // Answered by voice.
        Kind::Open(_) => VecDeque::new(),
    }
}

/// A value of the range; `#` ends it where more digits could follow.
fn digits(range: Entry, chance: &mut ChaCha8Rng) -> VecDeque<Key> {
    let span = u32::try_from(range.max.saturating_sub(range.min).saturating_add(1)).unwrap_or(u32::MAX);
    // The better half of a scale is chosen more often.
    let (one, other) = (below(chance, span), below(chance, span));
    let text = range.min.saturating_add(i64::from(one.max(other))).to_string();
    let ends = (text.len() < usize::try_from(range.digits).unwrap_or_default()).then_some(Key::HASH);
    text.chars().filter_map(Key::from_char).chain(ends).collect()
}
