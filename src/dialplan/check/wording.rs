//! Whether the prompts speak of the keys that there are: a named key without an option, an option that nobody hears of.

use std::collections::BTreeSet;

use super::keys::begins_a_number;
use super::{Prompts, person, words};
use crate::dialplan::End;
use crate::dialplan::plan::{Dialplan, Kind, Part, Question, Spoken, end_word};
use crate::document::Faults;
use crate::phone::Key;

pub(super) fn check(plan: &Dialplan, prompts: Option<&Prompts>, faults: &mut Faults) {
    for language in plan.languages() {
        in_language(plan, prompts, language, faults);
        person::is_spoken_of(plan, prompts, language, faults);
    }
}

fn in_language(plan: &Dialplan, prompts: Option<&Prompts>, language: &str, faults: &mut Faults) {
    for part in &plan.parts {
        let own = [plan.stop_key_in(part), plan.person_key_in(part)];
        let said = || {
            part.say
                .iter()
                .filter_map(|spoken| Some((spoken, words(plan, prompts, spoken, language)?)))
        };
        let Some(question) = part.question() else {
            said().for_each(|(spoken, text)| only_own_keys(spoken, text, &own, faults));
            continue;
        };
        for (spoken, text) in said() {
            named_keys_exist(question, spoken, text, &own, faults);
            labels_go_with_keys(question, spoken, text, faults);
        }
        if said().count() == part.say.len() {
            options_are_spoken(
                part,
                question,
                &said().map(|(_, text)| text).collect::<Vec<_>>(),
                faults,
            );
        }
    }
    for ending in &plan.endings {
        let stop = plan
            .stop_key
            .map(|(key, _)| key)
            .filter(|_| ending.end != End::OptedOut);
        for spoken in &ending.say {
            let Some(text) = words(plan, prompts, spoken, language) else {
                continue;
            };
            only_own_keys(spoken, text, &[stop], faults);
            if stop.is_some_and(|stop| named_keys(text).contains(&stop)) && ending.wait.is_zero() {
                let word = end_word(ending.end);
                let message =
                    format!("end.{word} offers a key but does not wait for it; add for example wait = \"3s\"");
                faults.warning(ending.place, message);
            }
        }
    }
}

/// Beside the keys that have a meaning everywhere a prompt may speak of those that work where it plays.
fn only_own_keys(spoken: &Spoken, text: &str, own: &[Option<Key>], faults: &mut Faults) {
    for key in named_keys(text) {
        if !own.contains(&Some(key)) && key != Key::STAR && key != Key::HASH {
            faults.error(
                spoken.place,
                format!("\"{}\" speaks of key {key}, which does nothing here", spoken.name),
            );
        }
    }
}

fn named_keys_exist(question: &Question, spoken: &Spoken, text: &str, own: &[Option<Key>], faults: &mut Faults) {
    for key in named_keys(text) {
        let is_taken = match question.kind {
            Kind::Choice | Kind::YesNo => question.options.iter().any(|option| option.key == key),
            Kind::Score(range) | Kind::Number(range) => begins_a_number(key, range),
            Kind::Open(_) => false,
        };
        if !is_taken && !own.contains(&Some(key)) && key != Key::STAR && key != Key::HASH {
            faults.error(
                spoken.place,
                format!("\"{}\" speaks of key {key}, which is no option here", spoken.name),
            );
        }
    }
}

fn options_are_spoken(part: &Part, question: &Question, texts: &[&str], faults: &mut Faults) {
    let named: BTreeSet<Key> = texts.iter().flat_map(|text| named_keys(text)).collect();
    let place = part.say.first().map_or(part.place, |spoken| spoken.place);
    for option in question.options.iter().filter(|option| !named.contains(&option.key)) {
        let message = format!(
            "the prompts of \"{}\" do not speak of key {} ({})",
            part.id, option.key, option.label
        );
        faults.warning(place, message);
    }
}

/// "满意请按2" while key 2 is 不满意.
fn labels_go_with_keys(question: &Question, spoken: &Spoken, text: &str, faults: &mut Faults) {
    for clause in text.split(['，', '。', '；', '！', '？', '、', ',', '.', ';', '!', '?']) {
        let named = named_keys(clause);
        let &[key] = named.as_slice() else { continue };
        let labels = question.options.iter().filter(|option| clause.contains(&option.label));
        let Some(spoken_label) = labels.max_by_key(|option| option.label.len()) else {
            continue;
        };
        if spoken_label.key != key && question.options.iter().any(|option| option.key == key) {
            let label = &spoken_label.label;
            let message = format!(
                "\"{}\" gives key {key} to {label}, which has key {}",
                spoken.name, spoken_label.key
            );
            faults.error(spoken.place, message);
        }
    }
}

/// The keys that a text tells to press, in order, each once: 请按1, 按数字二, 按1到4, 按星号键, press 3.
pub(super) fn named_keys(text: &str) -> Vec<Key> {
    let mut keys = Vec::new();
    let tails = text
        .match_indices('按')
        .map(|(at, word)| text.get(at + word.len()..).unwrap_or_default());
    let english = text
        .match_indices("ress ")
        .map(|(at, word)| text.get(at + word.len()..).unwrap_or_default());
    for tail in tails.chain(english) {
        let tail = tail.trim_start_matches(['下', '数', '字', '键', ' ', '“', '"', '「']);
        let tail = tail.strip_prefix("key ").unwrap_or(tail);
        let Some((key, rest)) = leading_key(tail) else { continue };
        let last = rest
            .strip_prefix(['到', '至', '-', '~'])
            .and_then(leading_key)
            .map(|(last, _)| last);
        keys.extend((key.event()..=last.map_or(key.event(), Key::event)).filter_map(Key::from_event));
    }
    let mut seen = BTreeSet::new();
    keys.retain(|key| seen.insert(*key));
    keys
}

const KEY_WORDS: [(&str, char); 36] = [
    ("零", '0'),
    ("一", '1'),
    ("二", '2'),
    ("三", '3'),
    ("四", '4'),
    ("五", '5'),
    ("六", '6'),
    ("七", '7'),
    ("八", '8'),
    ("九", '9'),
    ("０", '0'),
    ("１", '1'),
    ("２", '2'),
    ("３", '3'),
    ("４", '4'),
    ("５", '5'),
    ("６", '6'),
    ("７", '7'),
    ("８", '8'),
    ("９", '9'),
    ("星", '*'),
    ("米字", '*'),
    ("井", '#'),
    ("zero", '0'),
    ("one", '1'),
    ("two", '2'),
    ("three", '3'),
    ("four", '4'),
    ("five", '5'),
    ("six", '6'),
    ("seven", '7'),
    ("eight", '8'),
    ("nine", '9'),
    ("star", '*'),
    ("pound", '#'),
    ("hash", '#'),
];

/// The key at the front of a text, and what comes after; 按一下 and 按一次 name none.
fn leading_key(text: &str) -> Option<(Key, &str)> {
    let word = KEY_WORDS
        .iter()
        .find_map(|(word, key)| Some((*key, text.strip_prefix(word)?)));
    let (key, rest) = match word {
        Some((_, rest)) if rest.starts_with(['下', '次', '遍', '定', '般']) => return None,
        Some(found) => found,
        None => {
            let first = text
                .chars()
                .next()
                .filter(|c| c.is_ascii_digit() || *c == '*' || *c == '#')?;
            (first, text.get(first.len_utf8()..)?)
        }
    };
    Some((Key::from_char(key)?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_however_they_are_written() {
        let found = |text| named_keys(text).into_iter().map(Key::as_char).collect::<String>();
        assert_eq!(found("患者本人请按1，家属请按２，打错了请按数字三。"), "123");
        assert_eq!(found("重听请按星号键，不想回答请按井号键，按*键。"), "*#");
        assert_eq!(found("请按1到4。"), "1234");
        assert_eq!(found("请用按键打分。0分是不愿意，10分是非常愿意。"), "");
        assert_eq!(found("请按一下，按时服药，按一次，按医嘱"), "");
        assert_eq!(found("Press 1 for yes, press two for no, press the star key"), "12");
    }
}
