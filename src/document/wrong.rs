//! What can be wrong in a document. The sentence is for terminal and log; kind and values are for the console, which says
//! the same in its own languages (`web/src/pages/campaigns/sayings.ts`, held to this list by its test).

use std::fmt;

use serde::Serialize;

/// One fault without its place. The kinds that one document alone has are those of a campaign file, which is edited in the
/// console; what other documents find beyond the reader's own kinds is [`Wrong::Said`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "each variant is told by its sentence, each field by its place in it"
)]
pub enum Wrong {
    #[error("{text}")]
    Said { text: String },
    #[error("not TOML: {why}")]
    NotToml { why: String },
    #[error("unknown key `{key}`; did you mean `{near}`?")]
    MisspeltKey { key: String, near: String },
    #[error("unknown key `{key}`; expected one of {known}")]
    UnknownKey { key: String, known: String },
    #[error("`{key}` is missing; expected {expected}")]
    Missing { key: String, expected: Expected },
    #[error("`{key}` is {found}; expected {expected}")]
    WrongType {
        key: String,
        found: Found,
        expected: Expected,
    },
    #[error("`{key}` is empty; expected some text")]
    Empty { key: String },
    #[error("`{key}` is not {expected}: {why}")]
    NotParsed {
        key: String,
        expected: Expected,
        why: String,
    },
    #[error("`{key}` is \"{found}\"; expected one of {choices}")]
    NotOneOf {
        key: String,
        found: String,
        choices: String,
    },
    #[error("`{key}` is \"{found}\"; expected one of {choices}; did you mean \"{near}\"?")]
    MisspeltWord {
        key: String,
        found: String,
        choices: String,
        near: String,
    },
    #[error("`{key}` is {found}; expected a whole number from {low} to {high}")]
    NotWhole {
        key: String,
        found: String,
        low: i64,
        high: i64,
    },
    #[error("`{key}` is {found}; expected a number from {low} to {high}")]
    NotNumber {
        key: String,
        found: String,
        low: String,
        high: String,
    },
    #[error("`{key}` is \"{found}\"; expected a duration from \"{low}\" to \"{high}\" (units ms, s, m, h, d)")]
    NotDuration {
        key: String,
        found: String,
        low: String,
        high: String,
    },

    #[error("`trunk` and `trunks` both stand here: expected one of them")]
    TrunkAndTrunks,
    #[error("the trunk \"{name}\" stands here twice")]
    TrunkTwice { name: String },
    #[error("`{key}` is empty: expected at least one trunk's name")]
    NoTrunk { key: String },
    #[error("there is no trunk \"{name}\" in the settings; expected one of {known}")]
    UnknownTrunk { name: String, known: String },
    #[error("no dialplan named \"{name}\" is in the database; `aftercall campaign add` brings one with its campaign")]
    UnknownDialplan { name: String },
    #[error("{why}; expected one of the trunk's `callers`")]
    NotACaller { found: String, why: String },
    #[error("there is no disposition `{name}`; docs/outcomes.md lists them")]
    UnknownDisposition { name: String },
    #[error("{why}")]
    NotAPause { found: String, why: String },
    #[error("nobody is called again after `{disposition}`")]
    FinalDisposition { disposition: String },
    #[error("`max` of `{disposition}` is at most {most}, got {found}")]
    TooManyRetries { disposition: String, most: u16, found: u16 },
    #[error("`max` of `{disposition}` is at most {most}, got {found}: nobody knows what the patient heard")]
    TooManyUnknown { disposition: String, most: u16, found: u16 },
    #[error("`{disposition}` is tried again, so it needs `after`, such as \"1d\"")]
    RetryWithoutPause { disposition: String },

    #[error("`{key}` is \"{found}\": {why}")]
    NotACap { key: String, found: String, why: String },
    #[error("`{key}` is \"{found}\"; expected a stretch from \"{low}\" to \"{high}\"")]
    CapOfStretch {
        key: String,
        found: String,
        low: String,
        high: String,
    },
    #[error(
        "`{key}` is \"{found}\", but carriers allow no more than {held}: expected a stricter cap (for a trunk on loopback, carrier_caps = \"off\" takes theirs away)"
    )]
    CapTooLoose { key: String, found: String, held: String },
    #[error("nobody calls the dead: `deceased` is \"close\", whatever is written here")]
    CallsTheDead,

    #[error("{why}")]
    NotASpan { found: String, why: String },
    #[error("the windows {first} and {second} overlap")]
    WindowsOverlap { first: String, second: String },
    #[error("there is no calling window on any day")]
    NoWindow,
    #[error("the window {window} reaches outside 08:00-21:00, where nobody may be called")]
    IllegalWindow { window: String },
    #[error("the seasons {first} and {second} overlap")]
    SeasonsOverlap { first: String, second: String },
    #[error("{date} stands here twice")]
    DateTwice { date: String },
    #[error("both are here; expected either `windows` or `closed = true`")]
    WindowsAndClosed,
    #[error("`closed` is false; expected either `windows` or `closed = true`")]
    ClosedIsFalse,
    #[error("neither is here; expected either `windows` or `closed = true`")]
    NeitherWindowsNorClosed,
    #[error("`to` is {to}; expected {from} or a later date")]
    EndsBeforeItBegins { from: String, to: String },
    #[error("these days take the place of all days before, {days} among them: write it here as well if it should hold")]
    DaysReplaced { days: String },
    #[error("there is no calling window for a year from {date} on: nobody is called")]
    YearWithoutWindow { date: String },
    #[error("no {numbers} number is ever called: its windows and those of [windows] share no time")]
    NumbersNeverCalled { numbers: String },
    #[error(
        "no {numbers} number is called for a year from {date} on: its windows and those of [windows] share no time"
    )]
    NumbersNotCalledFrom { numbers: String, date: String },
}

/// What should stand there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each variant is told by its words")]
pub enum Expected {
    #[error("{text}")]
    Said { text: String },
    #[error("a string")]
    Text,
    #[error("a string in quotes")]
    QuotedText,
    #[error("a number")]
    Number,
    #[error("a whole number")]
    Whole,
    #[error("a whole number from {low} to {high}")]
    WholeWithin { low: i64, high: i64 },
    #[error("true or false")]
    Flag,
    #[error("one of {choices}")]
    OneOf { choices: String },
    #[error("a duration such as \"8s\"")]
    Duration,
    #[error("a table [{key}]")]
    Table { key: String },
    #[error("an array of tables [[{key}]]")]
    Tables { key: String },
    #[error("a date such as \"{example}\"")]
    Date { example: String },
    #[error("a day of the year")]
    DayOfYear,
    #[error("a time after the discharge")]
    AfterDischarge,
    #[error("a time after the due time")]
    AfterDue,
}

/// Of which type a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each variant is told by its words")]
pub enum Found {
    #[error("a string")]
    Text,
    #[error("a whole number")]
    Whole,
    #[error("a number with a fraction")]
    Fraction,
    #[error("true or false")]
    Flag,
    #[error("a date")]
    Date,
    #[error("an array")]
    Array,
    #[error("a table")]
    Table,
}

impl From<&str> for Wrong {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<String> for Wrong {
    fn from(text: String) -> Self {
        Self::Said { text }
    }
}

impl From<&str> for Expected {
    fn from(text: &str) -> Self {
        Self::Said { text: text.to_owned() }
    }
}

/// The words of a list, as sentences have them.
pub(super) fn listed(words: impl IntoIterator<Item = impl fmt::Display>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| word.to_string()).collect();
    words.join(", ")
}
