//! Stratified samples, drawn reproducibly (R050-R053), and their split over roles (R059).
//!
//! A visit's place in its stratum is SHA-256 over seed, stratum and visit number. Nobody can steer it, everybody can
//! repeat it, and it does not depend on the order of the base or on other strata.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use super::{Condition, Period, Value};

/// A share, exact to a ten-thousandth of a percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fraction(u32);

/// What share of the events that match a rule is followed up.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The attributes whose values make the strata (R051).
    pub by: Vec<String>,
    /// The share of each stratum that has none of its own.
    pub fraction: Fraction,
    /// The shares of single strata, by their name or by the value of the first attribute (R053).
    pub fractions: BTreeMap<String, Fraction>,
    /// Who is followed up in any case and at once: the key classes (R052).
    pub census: Option<Condition>,
    /// How long a base is gathered.
    pub period: Period,
    /// Who does the follow-ups, with shares of what is drawn, in the order of the file (R059). What the shares leave
    /// over goes to the last.
    pub assign: Vec<(String, Fraction)>,
    /// What the draw begins with.
    pub seed: String,
}

/// One event of a base.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Base {
    /// Its visit number.
    pub visit: String,
    /// Its stratum.
    pub stratum: String,
}

/// What was drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// By visit number, each once.
    pub chosen: Vec<Chosen>,
    /// By name.
    pub strata: Vec<Stratum>,
}

/// An event that was drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Its visit number.
    pub visit: String,
    /// Its stratum.
    pub stratum: String,
    /// Who follows it up.
    pub role: Option<String>,
}

/// One stratum of a draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stratum {
    /// Its name.
    pub name: String,
    /// Its share.
    pub fraction: Fraction,
    /// How many events it has.
    pub base: usize,
    /// How many were drawn.
    pub taken: usize,
}

/// The stratum of an event that has none of the attributes.
const UNKNOWN: &str = "?";

impl Sample {
    /// The stratum of an event: the values of the attributes, joined by ` / `.
    pub fn stratum(&self, attributes: &BTreeMap<String, Value>) -> String {
        let values = self.by.iter().map(|name| {
            let value = attributes.get(name).map(|value| value.to_string().trim().to_owned());
            value
                .filter(|value| !value.is_empty())
                .unwrap_or_else(|| UNKNOWN.to_owned())
        });
        values.collect::<Vec<_>>().join(" / ")
    }

    /// The share of a stratum.
    pub fn fraction_of(&self, stratum: &str) -> Fraction {
        let first = stratum.split(" / ").next().unwrap_or_default();
        let own = self.fractions.get(stratum).or_else(|| self.fractions.get(first));
        *own.unwrap_or(&self.fraction)
    }
}

/// Draws a sample: of each stratum the share, rounded up, and at least one.
pub fn draw(base: &[Base], sample: &Sample) -> Drawn {
    let mut strata: BTreeMap<&str, BTreeMap<[u8; 32], &str>> = BTreeMap::new();
    for one in base {
        let rank = rank(&[&sample.seed, &one.stratum, &one.visit]);
        strata.entry(&one.stratum).or_default().insert(rank, &one.visit);
    }
    let mut drawn = Drawn::default();
    for (name, ranked) in strata {
        let fraction = sample.fraction_of(name);
        let taken = fraction.of(ranked.len());
        drawn.chosen.extend(ranked.values().take(taken).map(|visit| Chosen {
            visit: (*visit).to_owned(),
            stratum: name.to_owned(),
            role: None,
        }));
        drawn.strata.push(Stratum {
            name: name.to_owned(),
            fraction,
            base: ranked.len(),
            taken,
        });
    }
    assign(&mut drawn.chosen, sample);
    drawn.chosen.sort_by(|a, b| a.visit.cmp(&b.visit));
    drawn
}

/// Splits what was drawn over the roles: each gets its share rounded up, as far as it goes, the last one the rest.
fn assign(chosen: &mut [Chosen], sample: &Sample) {
    let all = chosen.len();
    chosen.sort_by_cached_key(|one| rank(&[&sample.seed, "assign", &one.visit]));
    let mut left = chosen;
    for (at, (role, share)) in sample.assign.iter().enumerate() {
        let is_last = at + 1 == sample.assign.len();
        let count = if is_last {
            left.len()
        } else {
            share.of(all).min(left.len())
        };
        let (given, rest) = left.split_at_mut(count);
        for one in given {
            one.role = Some(role.clone());
        }
        left = rest;
    }
}

/// Each part is followed by a separator that no text of a list has, so that no two ways of cutting meet.
fn rank(parts: &[&str]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0x1f]);
    }
    hash.finalize().into()
}

impl Fraction {
    /// Everybody.
    pub const ALL: Self = Self(1_000_000);

    /// This share of a number, rounded up: a share that a rule asks for is never missed.
    pub fn of(self, count: usize) -> usize {
        let share = (count as u128 * u128::from(self.0)).div_ceil(1_000_000);
        usize::try_from(share).unwrap_or(count).min(count)
    }

    /// In millionths.
    pub const fn millionths(self) -> u32 {
        self.0
    }
}

impl FromStr for Fraction {
    type Err = String;

    /// `10%`, `0.5%`; more than nothing, 100% at most, four digits behind the point.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("expected a share such as \"10%\" or \"0.5%\", got \"{text}\"");
        let number = text.trim().strip_suffix('%').ok_or_else(wrong)?.trim();
        let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
        let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(whole) || !is_number(part) || part.len() > 4 {
            return Err(wrong());
        }
        let whole: u32 = whole.parse().map_err(|_| wrong())?;
        let part: u32 = format!("{part:0<4}").parse().map_err(|_| wrong())?;
        let millionths = whole.checked_mul(10_000).and_then(|whole| whole.checked_add(part));
        let millionths = millionths.filter(|share| (1..=1_000_000).contains(share));
        millionths.map(Self).ok_or_else(wrong)
    }
}

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / 10_000, self.0 % 10_000);
        if part == 0 {
            return write!(f, "{whole}%");
        }
        let part = format!("{part:04}");
        write!(f, "{whole}.{}%", part.trim_end_matches('0'))
    }
}
