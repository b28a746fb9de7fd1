//! Keys that would mean two things at once.

use crate::dialplan::plan::{Dialplan, Entry, Kind, Part, Question};
use crate::dialplan::session::STOP_CALLING;
use crate::document::Faults;
use crate::phone::Key;

pub(super) fn check(plan: &Dialplan, faults: &mut Faults) {
    for part in &plan.parts {
        if part.id == STOP_CALLING {
            faults.error(
                part.place,
                format!("the id \"{STOP_CALLING}\" is kept for the stop-calling-me key"),
            );
        }
        if part.stop == Some(true) && plan.stop_key.is_none() {
            faults.error(part.place, "`stop` is true, but [dialplan] has no `stop_key`");
        }
        if part.person == Some(true) && plan.person.is_none() {
            faults.error(part.place, "`person` is true, but there is no [person]");
        }
        let Some(question) = part.question() else { continue };
        let stop = plan.stop_key_in(part);
        if let Some(key) = stop {
            taken(part, question, key, "stop-calling-me key", "stop", faults);
        }
        if let Some(key) = plan.person_key_in(part).filter(|key| Some(*key) != stop) {
            taken(part, question, key, "key for a person", "person", faults);
        }
    }
    if let (Some(person), Some((stop, _))) = (&plan.person, plan.stop_key)
        && person.key == stop
    {
        let message = format!("key {stop} is the stop-calling-me key and the key for a person; change one");
        faults.error(person.place, message);
    }
}

/// A key that works everywhere cannot be an answer to a question as well.
fn taken(part: &Part, question: &Question, key: Key, what: &str, switch: &str, faults: &mut Faults) {
    match question.kind {
        Kind::Choice | Kind::YesNo => {
            for option in question.options.iter().filter(|option| option.key == key) {
                let message = format!(
                    "key {key} is an option of \"{}\" and the {what} there; change one, or set {switch} = false",
                    part.id
                );
                faults.error(option.place, message);
            }
        }
        Kind::Score(range) | Kind::Number(range) if begins_a_number(key, range) => {
            let message = format!(
                "the {what} {key} is inside the range {} to {} of \"{}\"; change one, or set {switch} = false",
                range.min, range.max, part.id
            );
            faults.error(part.place, message);
        }
        Kind::Score(_) | Kind::Number(_) | Kind::Open(_) => {}
    }
}

/// Whether a number of the range begins with this key.
pub(super) fn begins_a_number(key: Key, range: Entry) -> bool {
    let Some(digit) = key.digit().map(i64::from) else {
        return false;
    };
    (0..range.digits).any(|more| {
        let unit = 10_i64.saturating_pow(more);
        let (low, high) = (digit.saturating_mul(unit), (digit + 1).saturating_mul(unit) - 1);
        (digit != 0 || more == 0) && low <= range.max && range.min <= high
    })
}
