//! What is said: `languages`, `[parameters]`, `[prompts]`, and the same of another language, `[prompts.en-US]`.

use super::is_name;
use crate::dialplan::plan::{Dialplan, Text};
use crate::dialplan::speech::{self, Piece};
use crate::document::{Faults, Table};

const MOST_LANGUAGES: usize = 8;

/// `language = "zh-CN"`, or `languages = ["zh-CN", "en-US"]`, the first one first.
pub(super) fn read_languages(head: Table<'_>, faults: &mut Faults) -> Vec<String> {
    if !head.has("languages") {
        let language = head.required_str("language", faults);
        return language.into_iter().map(str::to_owned).collect();
    }
    if head.has("language") {
        faults.error(head.place_of("language"), "either `language` or `languages`, not both");
    }
    let mut languages: Vec<String> = Vec::new();
    for (language, place) in head.strings("languages", faults) {
        if !is_language(language) {
            faults.error(
                place,
                format!("\"{language}\" is no language; expected one such as \"zh-CN\""),
            );
        } else if languages.iter().any(|known| known == language) {
            faults.error(place, format!("language \"{language}\" is there twice"));
        } else {
            languages.push(language.to_owned());
        }
    }
    if languages.is_empty() || languages.len() > MOST_LANGUAGES {
        let message = format!("`languages` names 1 to {MOST_LANGUAGES} languages, such as [\"zh-CN\", \"en-US\"]");
        faults.error(head.place_of("languages"), message);
    }
    languages.truncate(MOST_LANGUAGES);
    languages
}

/// A tag as prompt folders have it.
pub(super) fn is_language(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-';
    (2..=20).contains(&text.len()) && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(allowed)
}

/// `[parameters]`, and `[parameters.en-US]`.
pub(super) fn parameters(root: Table<'_>, plan: &mut Dialplan, faults: &mut Faults) {
    let Some(table) = root.optional_table("parameters", faults) else {
        return;
    };
    let first = plan.language().to_owned();
    of_language(table, plan, &first, faults);
    for language in plan.languages().to_vec() {
        if let Some(table) = table.optional_table(&language, faults).filter(|_| language != first) {
            of_language(table, plan, &language, faults);
        }
    }
}

fn of_language(table: Table<'_>, plan: &mut Dialplan, language: &str, faults: &mut Faults) {
    for (name, place) in table.keys() {
        if plan.languages().iter().any(|language| language == name) {
            continue;
        }
        if !is_parameter(name) {
            faults.error(
                place,
                format!("\"{name}\" is no name of a parameter; expected letters a-z, digits and _, at most 40"),
            );
        } else if plan.parameters(language).contains_key(name) {
            faults.error(
                place,
                format!("`{name}` has a value already; `hospital` stands in [dialplan] or here, not in both"),
            );
        } else if let Some(value) = value(table, name, faults) {
            plan.parameters.set(language, name, &value);
        }
    }
}

/// A text or a whole number: both are spoken.
fn value(table: Table<'_>, name: &str, faults: &mut Faults) -> Option<String> {
    let mut unused = Faults::new();
    if let Some(number) = table.optional_integer(name, 0..=1_000_000_000, &mut unused) {
        return Some(number.to_string());
    }
    let text = table.optional_str(name, faults)?;
    if text.contains(['{', '}', '\n']) {
        faults.error(
            table.place_of(name),
            format!("`{name}` is spoken; expected a text of one line without braces"),
        );
        return None;
    }
    Some(text.to_owned())
}

fn is_parameter(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    (1..=40).contains(&name.len()) && name.chars().all(allowed)
}

/// `[prompts]`, and `[prompts.en-US]`.
pub(super) fn prompts(root: Table<'_>, plan: &mut Dialplan, faults: &mut Faults) {
    let Some(table) = root.optional_table("prompts", faults) else {
        return;
    };
    let first = plan.language().to_owned();
    texts(table, plan, &first, faults);
    for language in plan.languages().to_vec() {
        if let Some(table) = table.optional_table(&language, faults).filter(|_| language != first) {
            texts(table, plan, &language, faults);
        }
    }
}

fn texts(table: Table<'_>, plan: &mut Dialplan, language: &str, faults: &mut Faults) {
    for (name, place) in table.keys() {
        if plan.languages().iter().any(|language| language == name) {
            continue;
        }
        if !is_name(name) {
            faults.error(
                place,
                format!("\"{name}\" is neither the name of a prompt nor one of `languages`"),
            );
            continue;
        }
        let Some(words) = table.optional_str(name, faults) else {
            continue;
        };
        let place = table.place_of(name);
        for piece in speech::pieces(words) {
            if let Piece::Parameter(parameter) = piece
                && parameter != speech::HOSPITAL
                && !plan.parameters(language).contains_key(parameter)
            {
                let wanted = if language == plan.language() {
                    "[parameters]".to_owned()
                } else {
                    format!("[parameters.{language}]")
                };
                faults.error(
                    place,
                    format!("{{{parameter}}} has no value; expected `{parameter}` in {wanted}"),
                );
            }
        }
        let words = words.to_owned();
        plan.texts.insert(plan.played(name, language), Text { words, place });
    }
}

/// Languages that options choose and prompts name are languages of the dialplan.
pub(super) fn languages(plan: &Dialplan, faults: &mut Faults) {
    let is_known = |language: &str| plan.languages().iter().any(|known| known == language);
    for spoken in plan.spoken() {
        if let Some(language) = speech::split(&spoken.name).0.filter(|language| !is_known(language)) {
            faults.error(
                spoken.place,
                format!("\"{language}\" is none of the dialplan's `languages`"),
            );
        }
    }
    let options = plan.questions().flat_map(|question| &question.options);
    for option in options {
        if let Some(language) = option.language.as_deref().filter(|language| !is_known(language)) {
            faults.error(
                option.place,
                format!("\"{language}\" is none of the dialplan's `languages`"),
            );
        }
    }
}
