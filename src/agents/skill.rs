//! Skills: what an agent is sought or left out by, each as `kind:word`.

use std::collections::BTreeSet;

/// Kinds of skills. Of `department` and `campaign` an agent with none named takes everybody; a `language` one has or has not.
pub const SKILL_KINDS: [&str; 3] = ["department", "language", "campaign"];
/// Letters of a skill's word at most.
const WORD: usize = 100;

/// A skill without blanks around its parts.
///
/// # Errors
/// What was expected, in a sentence.
pub fn skill(text: &str) -> Result<String, String> {
    let expected = || format!("\"{text}\": expected KIND:WORD, KIND one of {}", SKILL_KINDS.join(", "));
    let (kind, word) = text.split_once([':', '：']).ok_or_else(expected)?;
    let (kind, word) = (kind.trim(), word.trim());
    if !SKILL_KINDS.contains(&kind) {
        return Err(expected());
    }
    if word.is_empty() || word.chars().count() > WORD || word.chars().any(char::is_control) {
        return Err(format!(
            "\"{text}\": expected a word of 1 to {WORD} letters after `{kind}:`"
        ));
    }
    Ok(format!("{kind}:{word}"))
}

/// What an agent should be able to do for a case of this campaign, of this department, of a patient who speaks this language.
pub fn of_case(campaign: &str, department: Option<&str>, language: Option<&str>) -> BTreeSet<String> {
    let named = [
        ("campaign", Some(campaign)),
        ("department", department),
        ("language", language),
    ];
    named
        .into_iter()
        .filter_map(|(kind, word)| Some(format!("{kind}:{}", word?)))
        .collect()
}

/// Whether whoever has these skills can do what is wanted.
pub fn can(skills: &BTreeSet<String>, wanted: &BTreeSet<String>) -> bool {
    wanted.iter().all(|skill| {
        let narrows = |kind: &str| kind == "department" || kind == "campaign";
        let takes_all = skill.split_once(':').is_some_and(|(kind, _)| {
            narrows(kind)
                && !skills
                    .iter()
                    .any(|own| own.split_once(':').is_some_and(|(of, _)| of == kind))
        });
        // A dialplan may say the word alone.
        let is_word = |own: &String| own.split_once(':').is_some_and(|(_, word)| word == skill);
        takes_all || skills.contains(skill) || skills.iter().any(is_word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(skills: &[&str]) -> BTreeSet<String> {
        skills.iter().map(|skill| (*skill).to_owned()).collect()
    }

    #[test]
    fn of_a_kind_that_is_not_named_an_agent_takes_everybody_but_no_language() {
        let wanted = set(&["department:骨科", "campaign:july"]);
        assert!(can(&set(&[]), &wanted));
        assert!(can(&set(&["department:骨科", "language:温州话"]), &wanted));
        assert!(!can(&set(&["department:心内科"]), &wanted));
        assert!(!can(&set(&[]), &set(&["language:温州话"])));
        for word in ["language:温州话", "温州话"] {
            assert!(can(&set(&["language:温州话"]), &set(&[word])));
            assert!(!can(&set(&["department:骨科"]), &set(&[word])));
        }
    }

    #[test]
    fn a_skill_is_a_kind_and_a_word() {
        assert_eq!(skill(" language：温州话 ").as_deref(), Ok("language:温州话"));
        for wrong in ["", "language", "language:", "dialect:x", "department: \t"] {
            assert!(skill(wrong).is_err(), "{wrong}");
        }
    }
}
