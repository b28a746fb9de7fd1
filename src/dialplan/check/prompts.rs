//! Whether every prompt was recorded, and says what the file says.

use super::Prompts;
use crate::dialplan::plan::Dialplan;
use crate::document::{Faults, nearest};

pub(super) fn check(plan: &Dialplan, prompts: Option<&Prompts>, faults: &mut Faults) {
    for spoken in plan.spoken() {
        let name = &spoken.name;
        if !plan.texts.is_empty() && !plan.texts.contains_key(name) {
            faults.warning(spoken.place, format!("prompt \"{name}\" has no text in [prompts]"));
        }
        let Some(prompts) = prompts else { continue };
        if !prompts.contains_key(name) {
            let near = nearest(name, prompts.keys().map(String::as_str));
            let hint = near.map_or_else(
                || format!("expected a recording {name}.wav in the folder of {}", plan.language),
                |near| format!("did you mean \"{near}\"?"),
            );
            faults.error(spoken.place, format!("missing prompt \"{name}\"; {hint}"));
        }
    }
    for (name, text) in &plan.texts {
        if !plan.spoken().any(|spoken| spoken.name == *name) {
            faults.warning(text.place, format!("nothing says the prompt \"{name}\""));
        }
        let recorded = prompts.and_then(|prompts| prompts.get(name)?.text.as_deref());
        if let Some(recorded) = recorded.filter(|recorded| !says(&text.words, recorded)) {
            faults.error(
                text.place,
                format!("the recording of \"{name}\" says something else: {recorded}"),
            );
        }
    }
}

/// Whether a recording says the words, with some name where they have `{hospital}`.
fn says(words: &str, recorded: &str) -> bool {
    let mut pieces = words.split("{hospital}");
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = recorded.strip_prefix(first) else {
        return false;
    };
    let mut pieces = pieces.peekable();
    let is_whole = pieces.peek().is_none();
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        let Some((_, after)) = rest.split_once(piece) else {
            return false;
        };
        rest = after;
    }
    is_whole && rest.is_empty()
}
