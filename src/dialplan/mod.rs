//! Questionnaires: the model, its file format, the check, the session that runs it.
//!
//! A [`Session`] takes no time and touches nothing: it emits [`Step`]s and is resumed with what happened. It can be
//! written down after any step and resumed after a crash.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::phone::Key;

/// What a session is resumed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resume {
    /// A key was pressed, while a prompt played or while waiting.
    Key(Key),
    /// The wait's limit passed without a key.
    Silence,
    /// All prompts of the last `Play` ran to their end.
    PromptDone,
    /// The far end hung up, or the call had to end.
    HungUp,
}

/// What a session asks for. After one resume: any number of `Heard`, then exactly one of `Play`, `Wait`, `Finished`;
/// or nothing at all if the key was ignored and what plays goes on.
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
    /// The session is over: hang up.
    Finished(End),
}

/// The answer to one question.
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
    /// Questions of the survey (not screening ones) answered with a value.
    pub answered: u32,
    /// Required questions on the way actually taken, as far as it can be told now.
    pub required: u32,
    /// Required questions answered with a value.
    pub required_answered: u32,
    /// How the session ended, if it has.
    pub end: Option<End>,
}
