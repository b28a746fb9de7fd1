//! Conditions on an event, and which of them did not hold.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use super::attribute::{Value, date};

/// What must hold of an event.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// One of the tests holds for the value of an attribute. An attribute that the event does not have passes none but
    /// `unknown`.
    Attribute {
        /// Its name.
        name: String,
        /// Any of these.
        tests: Vec<Test>,
    },
    /// All of these hold.
    All(Vec<Condition>),
    /// At least one of these holds.
    Any(Vec<Condition>),
    /// None of these holds.
    Not(Vec<Condition>),
}

/// One test of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// It is this text.
    Is(String),
    /// It is another text than this.
    IsNot(String),
    /// It has this text in it.
    Contains(String),
    /// It begins with this text: an ICD group.
    Begins(String),
    /// It is a number or date for which all of these hold.
    Compares(Vec<(Comparison, Bound)>),
    /// There is a value.
    Known,
    /// There is none.
    Unknown,
}

/// How a value stands to a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
}

/// What a value is compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// A number.
    Number(f64),
    /// A date, with its time of day.
    Date(NaiveDateTime),
}

/// The condition that did not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Miss {
    /// As the file says it, in one line.
    pub condition: String,
    /// The value that was found; none if the event has no such attribute.
    pub found: Option<String>,
}

const SIGNS: [(&str, Comparison); 4] = [
    ("<=", Comparison::AtMost),
    (">=", Comparison::AtLeast),
    ("<", Comparison::Less),
    (">", Comparison::More),
];

impl Condition {
    /// Holds, or names the first condition that does not.
    ///
    /// # Errors
    /// The condition that does not hold, with the value that was found.
    pub fn check(&self, attributes: &BTreeMap<String, Value>) -> Result<(), Miss> {
        match self {
            Self::Attribute { name, tests } => {
                let value = attributes.get(name);
                if tests.iter().any(|test| test.holds(value)) {
                    Ok(())
                } else {
                    Err(self.miss(value.map(ToString::to_string)))
                }
            }
            Self::All(conditions) => conditions.iter().try_for_each(|inner| inner.check(attributes)),
            Self::Any(conditions) => {
                let mut misses = conditions.iter().map(|inner| inner.check(attributes));
                let first = misses.next();
                if first == Some(Ok(())) || misses.any(|miss| miss.is_ok()) {
                    return Ok(());
                }
                Err(self.miss(first.and_then(Result::err).and_then(|miss| miss.found)))
            }
            Self::Not(conditions) => match conditions.iter().find(|inner| inner.check(attributes).is_ok()) {
                None => Ok(()),
                Some(held) => {
                    let found = match held {
                        Self::Attribute { name, .. } => attributes.get(name).map(ToString::to_string),
                        Self::All(_) | Self::Any(_) | Self::Not(_) => None,
                    };
                    Err(Miss {
                        condition: format!("not {held}"),
                        found,
                    })
                }
            },
        }
    }

    /// The attributes that it looks at.
    pub fn attributes(&self) -> Vec<&str> {
        match self {
            Self::Attribute { name, .. } => vec![name],
            Self::All(inner) | Self::Any(inner) | Self::Not(inner) => {
                inner.iter().flat_map(Condition::attributes).collect()
            }
        }
    }

    fn miss(&self, found: Option<String>) -> Miss {
        Miss {
            condition: self.to_string(),
            found,
        }
    }
}

impl Test {
    /// Reads what stands behind an attribute: `心内科`, `>= 60`, `>= 18 and < 60`, `contains 高血压`, `begins I2`,
    /// `!= 自费`, `known`, `unknown`.
    ///
    /// # Errors
    /// What is wrong, and what was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if SIGNS.iter().any(|(sign, _)| text.starts_with(sign)) {
            let parts: Result<Vec<_>, String> = text.split(" and ").map(comparison).collect();
            return parts.map(Self::Compares);
        }
        let rest = |word: &str| {
            let rest = text.strip_prefix(word)?.trim();
            (!rest.is_empty()).then(|| rest.to_owned())
        };
        let found = [
            rest("contains ").map(Self::Contains),
            rest("begins ").map(Self::Begins),
            rest("!=").map(Self::IsNot),
            rest("=").map(Self::Is),
        ];
        if let Some(test) = found.into_iter().flatten().next() {
            return Ok(test);
        }
        match text {
            "known" => Ok(Self::Known),
            "unknown" => Ok(Self::Unknown),
            "" | "=" | "!=" | "contains" | "begins" => Err(format!(
                "\"{text}\" says nothing to compare with; expected such as \"= 心内科\""
            )),
            plain => Ok(Self::Is(plain.to_owned())),
        }
    }

    fn holds(&self, value: Option<&Value>) -> bool {
        let Some(value) = value else {
            return *self == Self::Unknown;
        };
        match self {
            Self::Is(expected) => is(value, expected),
            Self::IsNot(other) => !is(value, other),
            Self::Contains(part) => value.to_string().contains(part.as_str()),
            Self::Begins(start) => value.to_string().trim_start().starts_with(start.as_str()),
            Self::Compares(all) => all.iter().all(|(comparison, bound)| comparison.holds(value, *bound)),
            Self::Known => true,
            Self::Unknown => false,
        }
    }
}

/// The same text but for blanks around it, or the same number.
fn is(value: &Value, expected: &str) -> bool {
    match value {
        Value::Text(text) => text.trim() == expected,
        Value::Number(number) => expected.parse() == Ok(*number),
    }
}

impl Comparison {
    fn holds(self, value: &Value, bound: Bound) -> bool {
        let order = match bound {
            Bound::Number(bound) => value.number().and_then(|number| number.partial_cmp(&bound)),
            Bound::Date(bound) => value.date().map(|date| date.cmp(&bound)),
        };
        order.is_some_and(|order| match self {
            Self::Less => order.is_lt(),
            Self::AtMost => order.is_le(),
            Self::More => order.is_gt(),
            Self::AtLeast => order.is_ge(),
        })
    }

    fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        }
    }
}

fn comparison(text: &str) -> Result<(Comparison, Bound), String> {
    let text = text.trim();
    let wrong = || format!("\"{text}\" is no comparison; expected such as \">= 60\" or \"< 2026-12-01\"");
    let (sign, comparison) = SIGNS
        .iter()
        .find(|(sign, _)| text.starts_with(sign))
        .ok_or_else(wrong)?;
    let bound = text.trim_start_matches(sign).trim();
    let number = bound.parse::<f64>().ok().filter(|number| number.is_finite());
    match number {
        Some(number) => Ok((*comparison, Bound::Number(number))),
        None => date(bound)
            .map(|date| (*comparison, Bound::Date(date)))
            .ok_or_else(wrong),
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, inner: &[Self]| {
            for (at, condition) in inner.iter().enumerate() {
                let comma = if at == 0 { "" } else { "; " };
                write!(f, "{comma}{condition}")?;
            }
            Ok(())
        };
        match self {
            Self::Attribute { name, tests } => {
                f.write_str(name)?;
                for (at, test) in tests.iter().enumerate() {
                    write!(f, "{}{test}", if at == 0 { " " } else { " | " })?;
                }
                Ok(())
            }
            Self::All(inner) => {
                f.write_str("all (")?;
                list(f, inner)?;
                f.write_str(")")
            }
            Self::Any(inner) => {
                f.write_str("any (")?;
                list(f, inner)?;
                f.write_str(")")
            }
            Self::Not(inner) => {
                f.write_str("not (")?;
                list(f, inner)?;
                f.write_str(")")
            }
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(text) => write!(f, "= {text}"),
            Self::IsNot(text) => write!(f, "!= {text}"),
            Self::Contains(text) => write!(f, "contains {text}"),
            Self::Begins(text) => write!(f, "begins {text}"),
            Self::Compares(all) => {
                for (at, (comparison, bound)) in all.iter().enumerate() {
                    let and = if at == 0 { "" } else { " and " };
                    match bound {
                        Bound::Number(number) => write!(f, "{and}{} {number}", comparison.sign())?,
                        Bound::Date(date) => write!(f, "{and}{} {date}", comparison.sign())?,
                    }
                }
                Ok(())
            }
            Self::Known => f.write_str("known"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}
