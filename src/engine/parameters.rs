//! The place's own values of `{name}` in prompt texts: `parameters.toml` in the folder of the prompts, a table for each
//! language.
//!
//! `prompts/render` fills them in; `check` compares what was rendered with them.

use std::path::Path;

use crate::dialplan::Parameters;
use crate::document::{Document, Faults, Table};

/// The file below the folder of the prompts.
pub const FILE: &str = "parameters.toml";

/// The values of these languages. A file that is missing has none; what is no text and no number in it, `prompts/render`
/// tells.
pub fn of(prompts: &Path, languages: &[&str]) -> Parameters {
    let mut parameters = Parameters::default();
    let Ok(text) = std::fs::read_to_string(prompts.join(FILE)) else {
        return parameters;
    };
    let (document, mut unheard) = Document::parse(&text);
    let root = document.root();
    for language in languages {
        if let Some(table) = root.optional_table(language, &mut unheard) {
            take(table, language, &mut parameters, &mut unheard);
        }
    }
    parameters
}

fn take(table: Table<'_>, language: &str, parameters: &mut Parameters, unheard: &mut Faults) {
    for (name, _) in table.keys() {
        let number = table.optional_integer(name, 0..=1_000_000_000, unheard);
        let value = number.map(|number| number.to_string());
        let value = value.or_else(|| table.optional_str(name, unheard).map(str::to_owned));
        if let Some(value) = value {
            parameters.set(language, name, &value);
        }
    }
}
