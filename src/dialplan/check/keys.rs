//! Keys that would mean two things at once.

use crate::dialplan::plan::{Dialplan, Entry, Kind};
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
        let (Some(question), Some(stop)) = (part.question(), plan.stop_key_in(part)) else {
            continue;
        };
        match question.kind {
            Kind::Choice | Kind::YesNo => {
                for option in question.options.iter().filter(|option| option.key == stop) {
                    let message = format!(
                        "key {stop} is an option of \"{}\" and the stop-calling-me key there; change one, or set stop = false",
                        part.id
                    );
                    faults.error(option.place, message);
                }
            }
            Kind::Score(range) | Kind::Number(range) if begins_a_number(stop, range) => {
                let message = format!(
                    "the stop-calling-me key {stop} is inside the range {} to {} of \"{}\"; change one, or set stop = false",
                    range.min, range.max, part.id
                );
                faults.error(part.place, message);
            }
            Kind::Score(_) | Kind::Number(_) | Kind::Open(_) => {}
        }
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
