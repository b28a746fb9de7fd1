//! Whether every prompt was recorded in every language, and says what the file says.

use super::{Prompts, Recorded};
use crate::dialplan::plan::{Dialplan, Text};
use crate::dialplan::speech::{self, Piece};
use crate::document::{Faults, nearest};

pub(super) fn check(plan: &Dialplan, prompts: Option<&Prompts>, faults: &mut Faults) {
    for spoken in plan.spoken() {
        for language in plan.languages() {
            let name = plan.played(&spoken.name, language);
            if !plan.texts.is_empty() && !plan.texts.contains_key(&name) {
                faults.warning(spoken.place, format!("prompt \"{name}\" has no text in [prompts]"));
            }
            let Some(prompts) = prompts else { continue };
            if !prompts.recorded.contains_key(&name) {
                let near = nearest(&name, prompts.recorded.keys().map(String::as_str));
                let (folder, bare) = folder_of(plan, &name);
                let hint = near.map_or_else(
                    || format!("expected a recording {bare}.wav in the folder of {folder}"),
                    |near| format!("did you mean \"{near}\"?"),
                );
                faults.error(spoken.place, format!("missing prompt \"{name}\"; {hint}"));
            }
        }
    }
    let played = plan.prompts();
    for (name, text) in &plan.texts {
        if !played.contains(name) {
            faults.warning(text.place, format!("nothing says the prompt \"{name}\""));
        }
        if let Some((prompts, recorded)) = prompts.and_then(|prompts| Some((prompts, prompts.recorded.get(name)?))) {
            says_its_text(plan, prompts, name, text, recorded, faults);
        }
    }
}

fn folder_of<'a>(plan: &'a Dialplan, name: &'a str) -> (&'a str, &'a str) {
    let (language, bare) = speech::split(name);
    (language.unwrap_or(plan.language()), bare)
}

/// A recording says the words of the file, and the present values of the parameters.
fn says_its_text(
    plan: &Dialplan,
    prompts: &Prompts,
    name: &str,
    text: &Text,
    recorded: &Recorded,
    faults: &mut Faults,
) {
    let Some(recorded) = recorded.text.as_deref() else {
        return;
    };
    if !says(&text.words, recorded) {
        faults.error(
            text.place,
            format!("the recording of \"{name}\" says something else: {recorded}"),
        );
        return;
    }
    let (language, _) = folder_of(plan, name);
    let own = plan.parameters(language);
    let place = prompts.parameters.of(language);
    // The name that the greeting says stands in the manifest, unless the place gives one.
    let present = |parameter: &str| match parameter {
        speech::HOSPITAL => place.get(parameter).copied(),
        _ => place.get(parameter).or_else(|| own.get(parameter)).copied(),
    };
    let wanted = speech::filled(&text.words, present);
    if !says(&wanted, recorded) {
        let message = format!(
            "the recording of \"{name}\" is stale: it says {recorded}, and should say {wanted}; render it: \
             prompts/render --language {language}"
        );
        faults.error(text.place, message);
    }
}

/// Whether a recording says the words, with anything where they have `{name}`.
fn says(words: &str, recorded: &str) -> bool {
    let pieces = speech::pieces(words);
    let words: Vec<&str> = pieces
        .iter()
        .filter_map(|piece| match piece {
            Piece::Words(words) => Some(*words),
            Piece::Parameter(_) => None,
        })
        .collect();
    let Some((last, before)) = words.split_last() else {
        return recorded.is_empty();
    };
    let Some((first, between)) = before.split_first() else {
        return recorded == *last;
    };
    let Some(mut rest) = recorded.strip_prefix(first) else {
        return false;
    };
    for piece in between {
        let Some((_, after)) = rest.split_once(piece) else {
            return false;
        };
        rest = after;
    }
    rest.ends_with(last)
}
