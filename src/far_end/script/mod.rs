//! The script of the far end: which patient is at which number, and what each of them does.

mod behaviour;
mod mix;
mod read;
mod span;
mod talk;
#[cfg(test)]
mod tests;

pub(super) use behaviour::{Account, Behaviour, Does, EarlySound, Pattern, Refusal, Trick};
pub(super) use span::Span;
pub(super) use talk::{HangUp, KeySender, Speech, Talk, When};

use std::sync::Arc;

use crate::document::{Fault, Severity};

/// A script that was read and found sound.
#[derive(Clone, Debug)]
pub struct Script {
    /// Moves which number behaves how, and every drawn duration.
    pub(super) seed: u64,
    /// Calls at once; one more gets 503.
    pub(super) lines: Option<usize>,
    /// Whose REGISTER is taken; anybody's if none.
    pub(super) registrar: Option<Account>,
    /// How patients tell prompts apart.
    pub(super) ear: Ear,
    behaviours: Vec<Arc<Behaviour>>,
    default: Option<usize>,
}

/// How patients tell prompts apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Ear {
    /// By their sound; the default.
    #[default]
    Prompts,
    /// By the silence between them: they are called 1, 2, 3 …
    Silence,
}

impl Script {
    /// Reads a script. Every fault is told at once, with line and column.
    ///
    /// # Errors
    /// All faults, if one of them is an error.
    pub fn parse(text: &str) -> Result<Self, Vec<Fault>> {
        let (script, faults) = read::script(text);
        match script {
            Some(script) if faults.iter().all(|f| f.severity == Severity::Warning) => Ok(script),
            _ => Err(faults),
        }
    }

    /// How many behaviours it has.
    pub fn behaviours(&self) -> usize {
        self.behaviours.len()
    }
}
