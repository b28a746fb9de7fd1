//! The retry policy of a campaign: for every disposition how long to wait, how often, and what then.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Outcome;
use crate::calendar::Pause;
use crate::document::Wrong;
use crate::outcome::Disposition;

/// When a case is tried again. As JSON a table: `budget`, and one table per disposition that differs from the
/// defaults of docs/outcomes.md (`[retry.busy]` with `after`, `max`, `then`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How many attempts that count a case has.
    pub budget: u16,
    rules: BTreeMap<Disposition, RetryRule>,
}

/// What follows one disposition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RetryRule {
    /// How long to wait: the first entry after the first such ending in a row, and so on; the last one repeats.
    pub after: Vec<Pause>,
    /// How often a case is tried again because of this disposition.
    pub max: u16,
    /// How the case is closed when that is used up.
    pub then: Outcome,
}

/// Attempts of a case, unless the campaign says otherwise.
const BUDGET: u16 = 5;

/// Nobody means to call a patient more often than this.
const MOST: u16 = 30;

/// A case whose attempt ended nobody knows how is tried again so often: the next such ending closes it.
const MOST_UNKNOWN: u16 = 1;

impl Default for RetryPolicy {
    fn default() -> Self {
        let rules = Disposition::ALL
            .iter()
            .map(|disposition| (*disposition, default_rule(*disposition)));
        Self {
            budget: BUDGET,
            rules: rules.collect(),
        }
    }
}

impl RetryPolicy {
    /// The defaults with one short pause wherever they try again: for demonstrations and tests.
    pub fn immediate(delay: Duration) -> Self {
        let mut policy = Self::default();
        for rule in policy.rules.values_mut().filter(|rule| rule.max > 0) {
            rule.after = vec![Pause::For(delay)];
        }
        policy
    }

    /// The same policy with another budget.
    pub fn with_budget(self, budget: u16) -> Self {
        Self { budget, ..self }
    }

    /// The same policy with another rule for a disposition.
    pub fn with_rule(mut self, disposition: Disposition, rule: RetryRule) -> Self {
        self.rules.insert(disposition, rule);
        self
    }

    /// The same policy with another rule for a disposition, if the rule makes sense for it; else why not.
    pub fn try_with_rule(self, disposition: Disposition, rule: RetryRule) -> Result<Self, Wrong> {
        let rule = rule.checked(disposition)?;
        Ok(self.with_rule(disposition, rule))
    }

    /// What follows this disposition.
    pub fn rule(&self, disposition: Disposition) -> RetryRule {
        self.rules
            .get(&disposition)
            .cloned()
            .unwrap_or_else(|| default_rule(disposition))
    }
}

fn default_rule(disposition: Disposition) -> RetryRule {
    use Disposition::*;
    use Outcome::{Completed as Done, NotEligible, NotReached, NumberDead, Partial as Part, Refused as No, Withdrawn};
    use Pause::{Days, DaysOtherPart, NextNight, NextWindow};

    let minutes = |minutes: u64| Pause::For(Duration::from_secs(minutes * 60));
    let rule = |after: &[Pause], max, then| RetryRule {
        after: after.to_vec(),
        max,
        then,
    };
    let never = |then| rule(&[], 0, then);
    let budget = MOST;
    match disposition {
        Completed => never(Done),
        Partial => never(Part),
        Refused | OptOut => never(No),
        BreakOff => rule(&[DaysOtherPart(1)], 1, No),
        EarlyHangup | Rejected => rule(&[DaysOtherPart(1)], 2, NotReached),
        Silent => rule(&[minutes(60)], 2, NotReached),
        ThirdParty | Appointment => rule(&[DaysOtherPart(1)], budget, NotReached),
        WrongNumber | Fax | NumberChanged => never(NumberDead),
        Deceased => never(NotEligible),
        Incapable | Language => never(NotReached),
        Assistant => rule(&[minutes(240), DaysOtherPart(1)], budget, NotReached),
        NoAnswer => rule(
            &[minutes(180), DaysOtherPart(1), minutes(180), DaysOtherPart(1)],
            budget,
            NotReached,
        ),
        Busy => rule(
            &[minutes(15), minutes(15), minutes(180), DaysOtherPart(1)],
            budget,
            NotReached,
        ),
        PowerOff => rule(&[minutes(240), DaysOtherPart(1)], budget, NotReached),
        Unreachable | ForwardedFail => rule(&[minutes(120), minutes(240), DaysOtherPart(1)], budget, NotReached),
        Suspended => rule(&[Days(3)], 1, NumberDead),
        Vacant => rule(&[Days(1)], 1, NumberDead),
        BarredIn | Blocked => rule(&[Days(1)], 1, NotReached),
        NetworkBusy => rule(&[minutes(5), minutes(5), minutes(5), NextWindow], 12, NotReached),
        OwnLineFault => rule(&[minutes(15), minutes(15), NextWindow], 12, NotReached),
        CallerIdBad => rule(&[NextNight], 5, NotReached),
        Misdialled => rule(&[Days(1)], 2, NotReached),
        Interrupted => rule(&[minutes(10), minutes(10), NextWindow], 12, NotReached),
        Cancelled => rule(&[NextWindow], 12, Withdrawn),
        Unknown => rule(&[NextNight], MOST_UNKNOWN, NotReached),
    }
}

/// Endings after which nobody calls again, whatever a file says.
const fn is_final(disposition: Disposition) -> bool {
    matches!(
        disposition,
        Disposition::Completed | Disposition::OptOut | Disposition::Deceased | Disposition::WrongNumber
    )
}

impl Serialize for RetryPolicy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("budget", &self.budget)?;
        for (disposition, rule) in self.rules.iter().filter(|(id, rule)| **rule != default_rule(**id)) {
            map.serialize_entry(disposition.as_str(), rule)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for RetryPolicy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = RetryPolicy;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table with `budget` and one table per disposition")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<RetryPolicy, A::Error> {
        let mut policy = RetryPolicy::default();
        while let Some(key) = table.next_key()? {
            match key {
                Name::Budget => policy.budget = table.next_value::<Budget>()?.0,
                Name::Of(disposition) => {
                    let written: Written = table.next_value()?;
                    policy
                        .rules
                        .insert(disposition, written.over(disposition).map_err(A::Error::custom)?);
                }
            }
        }
        Ok(policy)
    }
}

enum Name {
    Budget,
    Of(Disposition),
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        if name == "budget" {
            return Ok(Self::Budget);
        }
        let fault = || {
            D::Error::custom(format!(
                "expected `budget` or a disposition such as `busy`, got `{name}`"
            ))
        };
        Disposition::parse(&name).map(Self::Of).ok_or_else(fault)
    }
}

struct Budget(u16);

impl<'de> Deserialize<'de> for Budget {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let budget = u16::deserialize(deserializer)?;
        if !(1..=MOST).contains(&budget) {
            return Err(D::Error::custom(format!(
                "a budget is 1 to {MOST} attempts, got {budget}"
            )));
        }
        Ok(Self(budget))
    }
}

/// A rule as a file gives it: what it leaves out stays as it is by default.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    after: Option<Pauses>,
    max: Option<u16>,
    then: Option<Outcome>,
}

impl Written {
    fn over(self, disposition: Disposition) -> Result<RetryRule, Wrong> {
        let default = default_rule(disposition);
        let rule = RetryRule {
            after: self.after.map_or(default.after, |pauses| pauses.0),
            max: self.max.unwrap_or(default.max),
            then: self.then.unwrap_or(default.then),
        };
        rule.checked(disposition)
    }
}

impl RetryRule {
    fn checked(self, disposition: Disposition) -> Result<Self, Wrong> {
        let (name, found) = (disposition.as_str().to_owned(), self.max);
        if self.max > 0 && is_final(disposition) {
            return Err(Wrong::FinalDisposition { disposition: name });
        }
        if disposition == Disposition::Unknown && self.max > MOST_UNKNOWN {
            return Err(Wrong::TooManyUnknown {
                disposition: name,
                most: MOST_UNKNOWN,
                found,
            });
        }
        if self.max > MOST {
            return Err(Wrong::TooManyRetries {
                disposition: name,
                most: MOST,
                found,
            });
        }
        if self.max > 0 && self.after.is_empty() {
            return Err(Wrong::RetryWithoutPause { disposition: name });
        }
        Ok(self)
    }
}

/// One pause or a list of them.
struct Pauses(Vec<Pause>);

impl<'de> Deserialize<'de> for Pauses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PausesReader)
    }
}

struct PausesReader;

impl<'de> Visitor<'de> for PausesReader {
    type Value = Pauses;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a pause such as \"15m\" or a list of pauses")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Pauses, E> {
        text.parse().map(|pause| Pauses(vec![pause])).map_err(E::custom)
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Pauses, A::Error> {
        let mut pauses = Vec::new();
        while let Some(pause) = list.next_element()? {
            pauses.push(pause);
        }
        Ok(Pauses(pauses))
    }
}
