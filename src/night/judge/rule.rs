//! The rules that a night is judged by, and what a judgement says.

use chrono::NaiveDate;
use serde::{Serialize, Serializer};

use super::Attempt;
use crate::ids::{AttemptId, CaseId};
use crate::moment::Wall;
use crate::phone::Number;

macro_rules! rules {
    ($($(#[$meta:meta])* $name:ident = $id:literal, $zh:literal, $en:literal;)+) => {
        /// A rule that a night is judged by.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Rule { $($(#[$meta])* $name,)+ }

        impl Rule {
            /// All of them, in the order of the table.
            pub const ALL: [Self; [$($id),+].len()] = [$(Self::$name,)+];

            /// The identifier in JSON.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $id,)+ }
            }

            /// What it demands.
            pub const fn said(self) -> (&'static str, &'static str) {
                match self { $(Self::$name => ($zh, $en),)+ }
            }
        }
    };
}

rules! {
    /// No attempt is begun, and no INVITE seen, outside the calling windows.
    Window = "window", "只在呼叫时段内拨打", "calls inside the windows only";
    /// A number is not called more often than its caps allow, over all campaigns and by hand (domain.md 2.5).
    NumberCap = "number_cap", "同一号码不超频次", "a number no more often than its caps";
    /// A patient is not tried more often than the caps allow, over all cases.
    PatientCap = "patient_cap", "同一患者不超频次", "a patient no more often than the caps";
    /// A case is not tried more often than its budget, its day and its part of the day allow.
    Budget = "budget", "同一个案不超次数", "a case within its budget, day and part of the day";
    /// A case has one attempt at a time.
    Once = "once", "同一个案不同时拨打", "a case has one attempt at a time";
    /// Nobody is called after the end, and an attempt has one Call-ID.
    AtMostOnce = "at_most_once", "结案后不再拨打,一次尝试一个 Call-ID", "nobody is called after the end; one Call-ID an attempt";
    /// A number is not rung twice at once, nor while its last call may still be up.
    NumberOnce = "number_once", "同一号码不同时振铃", "a number is not rung twice at once";
    /// Nobody on the do-not-call list is called.
    DoNotCall = "do_not_call", "不拨打免打扰名单", "nobody on the do-not-call list";
    /// Nobody is called whose state stops the follow-up.
    Stops = "stops", "患者状态禁止时不拨打", "nobody whose state stops the follow-up";
    /// New calls follow each other no faster than the pace.
    Pace = "pace", "不超外呼速率", "no faster than the pace";
    /// No more calls at a time than lines.
    Lines = "lines", "不超线路数", "no more calls than lines";
    /// Nobody who was due was passed over.
    Starved = "starved", "到期者没有被遗漏", "nobody who was due was passed over";
    /// Every INVITE that the trunk saw belongs to an attempt that was written down before.
    TrunkSawOnlyOurs = "trunk_saw_only_ours", "中继所见都有记录在先", "the trunk saw only what was written down before";
    /// Every attempt that must have reached the trunk was seen there.
    TrunkSawAllOurs = "trunk_saw_all_ours", "应到中继的呼叫都被看到", "the trunk saw all that must have reached it";
    /// Nobody is called past the deadline.
    Deadline = "deadline", "期限过后不拨打", "nobody is called past the deadline";
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The same in both languages; never a name or a whole number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Said {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

impl Said {
    /// In these words.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        let (zh, en) = (zh.into(), en.into());
        Self { zh, en }
    }
}

/// Something that broke a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Breach {
    /// What.
    #[serde(flatten)]
    pub what: Said,
    /// When.
    pub at: Wall,
    /// The cases that it is about.
    pub cases: Vec<CaseId>,
    /// The attempts.
    pub attempts: Vec<AttemptId>,
    /// The Call-ID that was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
    /// The number, masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
}

impl Breach {
    /// At this time.
    pub(super) fn new(at: Wall, what: Said) -> Self {
        Self {
            what,
            at,
            cases: Vec::new(),
            attempts: Vec::new(),
            call_id: None,
            number: None,
        }
    }

    /// By an attempt, at its beginning.
    pub(super) fn by(attempt: &Attempt, what: Said) -> Self {
        Self::new(attempt.begun, what).with(attempt).to(&attempt.number)
    }

    /// It is about this attempt too.
    pub(super) fn with(mut self, attempt: &Attempt) -> Self {
        self.attempts.push(attempt.id);
        self.cases
            .extend(attempt.case.filter(|case| !self.cases.contains(case)));
        self
    }

    /// This number was called.
    pub(super) fn to(mut self, number: &Number) -> Self {
        self.number = Some(number.masked());
        self
    }
}

/// What was found of one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleResult {
    /// Which.
    pub rule: Rule,
    /// How often it was looked whether it held.
    pub checked: usize,
    /// Where it did not, the first one first.
    pub broken: Vec<Breach>,
}

impl RuleResult {
    pub(super) fn of(rule: Rule) -> Self {
        let broken = Vec::new();
        let checked = 0;
        Self { rule, checked, broken }
    }

    /// It was looked at once.
    pub(super) fn check(&mut self, breach: Option<Breach>) {
        self.checked += 1;
        self.broken.extend(breach);
    }
}

/// What is to be said of a night.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Judgement {
    /// Its local date.
    #[serde(serialize_with = "as_text")]
    pub night: NaiveDate,
    /// The attempts that were judged.
    pub attempts: usize,
    /// Rule by rule.
    pub rules: Vec<RuleResult>,
    /// What cannot be known, and why.
    pub not_provable: Vec<Said>,
}

fn as_text<S: Serializer>(night: &NaiveDate, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(night)
}

impl Judgement {
    /// How often a rule was broken.
    pub fn broken(&self) -> usize {
        self.rules.iter().map(|rule| rule.broken.len()).sum()
    }
}
