//! Questionnaires: the model, its file format, the check, the session that runs it.
//!
//! A [`Session`] takes no time and touches nothing: it emits [`Step`]s and is resumed with what happened. It can be
//! written down after any step and resumed after a crash.

mod call_again;
mod check;
mod form;
mod plan;
mod read;
mod session;
mod speech;
#[cfg(test)]
pub(crate) mod tests;
mod walk;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use self::call_again::{CallAgain, CallAgainError};
pub use self::check::{Calls, Prompts, Recorded, check};
pub use self::form::{FormStep, FormWay};
pub use self::plan::{Asks, Choice, Dialplan, Entry, Kind, Parameters, Person, Question, SPOKEN, Speech};
pub use self::session::{OtherDialplan, STOP_CALLING, Session};
pub use self::walk::{Intent, ScriptError, Walk, parse_script, replay, walk};
use crate::document::{Fault, Faults, Severity};
use crate::phone::Key;

/// Reads a dialplan. Faults that keep it from running are all told at once, warnings among them; a dialplan that runs
/// may still have warnings, and faults that only its prompts show: [`check`] tells those.
pub fn parse(text: &str) -> Result<Dialplan, Vec<Fault>> {
    let (plan, faults) = draft(text);
    let is_error = |fault: &Fault| fault.severity == Severity::Error;
    let faults = faults.into_sorted();
    if faults.iter().any(is_error) {
        Err(faults)
    } else {
        Ok(plan)
    }
}

/// Everything that is wrong with a text, whether it can be read or not: what [`parse`] and [`check`] say, in one go.
pub fn check_text(text: &str, prompts: Option<&Prompts>) -> Vec<Fault> {
    let (plan, mut faults) = draft(text);
    check::with_prompts(&plan, prompts, &mut faults);
    faults.into_sorted()
}

fn draft(text: &str) -> (Dialplan, Faults) {
    let (plan, mut faults) = read::draft(text);
    faults.append(check::structure(&plan));
    (plan, faults)
}

/// What a session is resumed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resume {
    /// A key was pressed, while a prompt played or while waiting.
    Key(Key),
    /// The wait's limit passed without a key.
    Silence,
    /// After `Listen`: the patient spoke and has finished.
    Spoken,
    /// All prompts of the last `Play` ran to their end.
    PromptDone,
    /// After `Connect`: a person has taken over. The session has nothing more to do, unless that person is lost.
    PersonThere,
    /// After `Connect`: no person can be had, or the one who was there is lost.
    NobodyFree,
    /// The far end hung up, or the call had to end.
    HungUp,
}

/// What a session asks for. After one resume: any number of `Heard`, then exactly one of `Play`, `Wait`, `Listen`, `Connect`,
/// `Finished`; or nothing at all if the key was ignored and what plays goes on, or if a person has taken over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A question got its answer (or its kind of missing answer).
    Heard(Heard),
    /// Play these prompts, then resume with `PromptDone`. A key that comes meanwhile is given to the session at once;
    /// if it answers with steps, the play is stopped.
    Play {
        /// Prompt names, in order.
        prompts: Vec<String>,
    },
    /// Wait this long for a key; resume with `Key` or `Silence`.
    Wait {
        /// Until `Silence`.
        limit: Duration,
    },
    /// Listen to what the patient says; resume with `Spoken`, with `Silence` if nothing was said, or with `Key`. The key
    /// that ends a spoken answer, `#` after a voice, is `Spoken`.
    Listen {
        /// Until the voice begins.
        first: Duration,
        /// How long it may take.
        speech: Speech,
    },
    /// The patient wants a person: keep the line, say this, and resume with `PersonThere` or `NobodyFree`; how long to wait is
    /// in [`Dialplan::person`].
    Connect {
        /// Prompt names, in order: said at once.
        say: Vec<String>,
        /// Said again and again until a person is there.
        again: Vec<String>,
    },
    /// The session is over: hang up.
    Finished(End),
}

impl Step {
    /// The answer, if it is one.
    pub fn heard(self) -> Option<Heard> {
        match self {
            Self::Heard(heard) => Some(heard),
            Self::Play { .. } | Self::Wait { .. } | Self::Listen { .. } | Self::Connect { .. } | Self::Finished(_) => {
                None
            }
        }
    }
}

/// The answer to one question, or a message that had to be heard: its answer is 1 when it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// The question's id in the dialplan.
    pub question: String,
    /// What was answered.
    pub answer: Answer,
    /// The keys that made it, in order; empty for silence.
    pub keys: String,
    /// The number goes to do-not-call with this answer (the stop-calling-me key).
    pub opts_out: bool,
    /// Where a spoken answer is in the recording of the call; the call adds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio: Option<Stretch>,
}

/// A stretch of the recording of a call, in milliseconds from its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// Where it begins.
    pub from_ms: u32,
    /// Where it ends.
    pub to_ms: u32,
}

/// What an answer means. The last three are the kinds of a missing answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The code of the chosen option, the score, or the number.
    Value(i64),
    /// Refused this question.
    Refused,
    /// No key, all repeats used.
    Silent,
    /// Only keys that the question does not take, all repeats used.
    Invalid,
}

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Reached the goodbye in the ordinary way.
    Completed,
    /// The survey was refused (`##`, or a choice that says so).
    Refused,
    /// Asked never to be called again.
    OptedOut,
    /// Nobody pressed a key and we gave up.
    Silent,
    /// Another person answered and the patient is not there.
    ThirdParty,
    /// The number is not the patient's.
    WrongNumber,
    /// Asked to be called at another time.
    Appointment,
    /// The far end hung up.
    HungUp,
    /// The step bound of the dialplan was reached: a fault of the dialplan.
    TooManySteps,
}

/// How far a session got: plain counts for [`crate::outcome::Facts`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Keys given to the session, ignored ones included.
    pub keys: u32,
    /// Questions of the survey (not screening ones) answered with a value in this call.
    pub answered: u32,
    /// Of the same, those that an earlier call brought, where the questionnaire was resumed.
    #[serde(default)]
    pub answered_before: u32,
    /// Required questions, and messages that have to be heard, on the way actually taken, as far as it can be told now.
    pub required: u32,
    /// Of these, the ones answered with a value or heard to their end, in this call or before it.
    pub required_answered: u32,
    /// How the session ended, if it has.
    pub end: Option<End>,
    /// It ended because an offered call-back was turned down, which refuses no survey.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub call_back_declined: bool,
    /// When the patient asked to be called again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appointment: Option<CallAgain>,
    /// In how many days the next follow-up of this encounter is due, by what was answered (R022).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follow_up_days: Option<u32>,
}
