//! What a key means to a question, given the keys of the entry so far.

use crate::dialplan::plan::{Entry, Kind, Question};
use crate::phone::Key;

/// What a key, or the end of the wait, does to an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// The answer is this value.
    Value(i64),
    /// More keys may follow.
    Open,
    /// `*`: say the question again.
    Again,
    /// `##`: no survey.
    RefuseSurvey,
    /// `#` and nothing after it: not this question.
    RefuseQuestion,
    /// Nothing that this question takes.
    Wrong,
}

/// What the entry means once `key` is added to it. The caller keeps the key only when the entry stays open.
///
/// `#` refuses when it comes first, and ends a number when it comes after digits. A digit after a lone `#` takes the
/// `#` back.
pub(super) fn with_key(question: &Question, entry: &str, key: Key) -> Reading {
    if key == Key::STAR {
        return Reading::Again;
    }
    if key == Key::HASH {
        return match entry {
            "" => Reading::Open,
            "#" => Reading::RefuseSurvey,
            _ => at_silence(question, entry),
        };
    }
    let digits = entry.trim_start_matches('#');
    let text = format!("{digits}{key}");
    match question.kind {
        Kind::Choice | Kind::YesNo => {
            let option = question.options.iter().find(|option| option.key == key);
            option.map_or(Reading::Wrong, |option| Reading::Value(option.code))
        }
        Kind::Open(_) => Reading::Wrong,
        Kind::Score(range) | Kind::Number(range) if may_grow(&text, range) => Reading::Open,
        Kind::Score(range) | Kind::Number(range) => value(&text, range),
    }
}

/// What the entry means when no further key comes; an empty entry means nothing here.
pub(super) fn at_silence(question: &Question, entry: &str) -> Reading {
    if entry == "#" {
        return Reading::RefuseQuestion;
    }
    match question.kind {
        Kind::Choice | Kind::YesNo | Kind::Open(_) => Reading::Wrong,
        Kind::Score(range) | Kind::Number(range) => value(entry.trim_start_matches('#'), range),
    }
}

fn value(digits: &str, range: Entry) -> Reading {
    let value = digits
        .parse::<i64>()
        .ok()
        .filter(|value| (range.min..=range.max).contains(value));
    value.map_or(Reading::Wrong, Reading::Value)
}

/// Whether one more digit can still make a number of the range.
fn may_grow(digits: &str, range: Entry) -> bool {
    let Ok(value) = digits.parse::<i64>() else { return false };
    let has_room = digits.len() < usize::try_from(range.digits).unwrap_or(usize::MAX);
    let is_whole_zero = value == 0 && range.min == 0;
    has_room && !is_whole_zero && value.saturating_mul(10) <= range.max
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialplan::tests::question;

    fn read(question: &Question, keys: &str) -> Reading {
        let mut entry = String::new();
        for c in keys.chars() {
            let reading = with_key(question, &entry, Key::from_char(c).unwrap());
            if reading != Reading::Open {
                return reading;
            }
            entry.push(c);
        }
        at_silence(question, &entry)
    }

    #[test]
    fn a_score_of_ten_needs_two_keys_and_a_one_waits_for_the_second() {
        let score = question("ask = \"score\"\nnext = \"end.completed\"");
        assert_eq!(with_key(&score, "", Key::from_char('1').unwrap()), Reading::Open);
        for (keys, reading) in [
            ("0", Reading::Value(0)),
            ("1", Reading::Value(1)),
            ("1#", Reading::Value(1)),
            ("10", Reading::Value(10)),
            ("15", Reading::Wrong),
            ("2", Reading::Value(2)),
            ("9", Reading::Value(9)),
            ("A", Reading::Wrong),
            ("#", Reading::RefuseQuestion),
            ("##", Reading::RefuseSurvey),
            ("#7", Reading::Value(7)),
            ("#10", Reading::Value(10)),
            ("*", Reading::Again),
            ("1*", Reading::Again),
        ] {
            assert_eq!(read(&score, keys), reading, "{keys}");
        }
        assert_eq!(with_key(&score, "", Key::from_char('2').unwrap()), Reading::Value(2));
    }

    #[test]
    fn a_number_ends_with_its_last_digit_with_hash_or_with_silence() {
        let number = question("ask = \"number\"\nmin = 10\nmax = 250\nnext = \"end.completed\"");
        for (keys, reading) in [
            ("250", Reading::Value(250)),
            ("30", Reading::Value(30)),
            ("30#", Reading::Value(30)),
            ("120", Reading::Value(120)),
            ("037", Reading::Value(37)),
            ("5", Reading::Wrong),
            ("9#", Reading::Wrong),
            ("251", Reading::Wrong),
            ("000", Reading::Wrong),
            ("#", Reading::RefuseQuestion),
            ("12##", Reading::Value(12)),
        ] {
            assert_eq!(read(&number, keys), reading, "{keys}");
        }
    }

    #[test]
    fn a_choice_takes_its_own_keys_only() {
        let choice = question(
            "ask = \"choice\"\nnext = \"end.completed\"\noption = [{ key = 1, label = \"a\" }, { key = 5, label = \"b\", code = -2 }]",
        );
        assert_eq!(read(&choice, "5"), Reading::Value(-2));
        assert_eq!(read(&choice, "2"), Reading::Wrong);
        assert_eq!(read(&choice, "#1"), Reading::Value(1));
    }
}
