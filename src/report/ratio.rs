//! Exact ratios and means, rounded once, at the end: two decimals, half up; without a denominator there is no figure.

use serde::{Serialize, Serializer, ser::SerializeStruct};

/// What is printed where a denominator is zero.
pub const NONE: &str = "—";

/// A share: `n` of `of`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ratio {
    /// The counted.
    pub n: u64,
    /// Out of these.
    pub of: u64,
}

impl Ratio {
    /// `n` of `of`.
    pub const fn new(n: u64, of: u64) -> Self {
        Self { n, of }
    }

    /// Hundredths of a percent, half up; none without a denominator.
    fn hundredths(self) -> Option<i128> {
        rounded(i128::from(self.n) * 10_000, i128::from(self.of))
    }

    /// In percent with two decimals; none without a denominator.
    pub fn value(self) -> Option<f64> {
        self.hundredths().map(as_number)
    }

    /// `90.36%`, or `—`.
    pub fn percent(self) -> String {
        self.hundredths()
            .map_or_else(|| NONE.to_owned(), |value| format!("{}%", decimal(value)))
    }
}

impl Serialize for Ratio {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Ratio", 3)?;
        out.serialize_field("n", &self.n)?;
        out.serialize_field("of", &self.of)?;
        out.serialize_field("percent", &self.hundredths().map(as_number))?;
        out.end()
    }
}

/// A mean of `n` values whose sum is `thousandths` / 1000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mean {
    thousandths: i128,
    /// Over how many values.
    pub n: u64,
}

impl Mean {
    /// Adds `n` times a whole value.
    pub fn add(&mut self, value: i64, n: u64) {
        self.thousandths += i128::from(value) * 1000 * i128::from(n);
        self.n += n;
    }

    /// Adds `n` times a value with at most three decimals (points of an option).
    pub fn add_points(&mut self, points: f64, n: u64) {
        self.thousandths += thousandths(points) * i128::from(n);
        self.n += n;
    }

    /// Takes another mean's values in.
    pub fn join(&mut self, other: Self) {
        self.thousandths += other.thousandths;
        self.n += other.n;
    }

    fn hundredths(self) -> Option<i128> {
        rounded(self.thousandths, i128::from(self.n) * 10)
    }

    /// With two decimals; none of no values.
    pub fn value(self) -> Option<f64> {
        self.hundredths().map(as_number)
    }

    /// `87.50`, or `—`.
    pub fn text(self) -> String {
        self.hundredths().map_or_else(|| NONE.to_owned(), decimal)
    }
}

impl Serialize for Mean {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Mean", 2)?;
        out.serialize_field("n", &self.n)?;
        out.serialize_field("mean", &self.hundredths().map(as_number))?;
        out.end()
    }
}

/// Half up means towards plus infinity on a tie.
fn rounded(numerator: i128, denominator: i128) -> Option<i128> {
    (denominator > 0).then(|| (2 * numerator + denominator).div_euclid(2 * denominator))
}

fn decimal(hundredths: i128) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let size = hundredths.unsigned_abs();
    format!("{sign}{}.{:02}", size / 100, size % 100)
}

/// The nearest double prints with the same two decimals.
#[expect(
    clippy::cast_precision_loss,
    reason = "a percentage or a score in hundredths is far below 2^53"
)]
fn as_number(hundredths: i128) -> f64 {
    hundredths as f64 / 100.0
}

/// Points as a dialplan writes them, in thousandths; what is no number at all counts as nothing.
#[expect(clippy::cast_possible_truncation, reason = "clamped to a range that an i64 holds")]
fn thousandths(points: f64) -> i128 {
    i128::from((points * 1000.0).round().clamp(-1e15, 1e15) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tie_is_rounded_up() {
        // 1/800 = 0.125 %, 1/32 = 3.125 %, 5/16 = 31.25 %
        assert_eq!(Ratio::new(1, 800).percent(), "0.13%");
        assert_eq!(Ratio::new(1, 32).percent(), "3.13%");
        assert_eq!(Ratio::new(5, 16).percent(), "31.25%");
        assert_eq!(Ratio::new(2, 3).percent(), "66.67%");
        assert_eq!(Ratio::new(3514, 3889).percent(), "90.36%");
        assert_eq!(Ratio::new(7, 7).percent(), "100.00%");
    }

    #[test]
    fn nothing_out_of_nothing_is_no_figure() {
        assert_eq!(Ratio::new(0, 0).percent(), "—");
        assert_eq!(Mean::default().text(), "—");
        let json = serde_json::to_string(&Ratio::new(0, 0)).unwrap();
        assert_eq!(json, r#"{"n":0,"of":0,"percent":null}"#);
    }

    #[test]
    fn a_mean_is_exact_until_it_is_printed() {
        let mut mean = Mean::default();
        mean.add_points(66.7, 2);
        mean.add_points(0.0, 1);
        assert_eq!(mean.text(), "44.47");
        let mut score = Mean::default();
        score.add(9, 1);
        score.add(10, 7);
        assert_eq!(score.text(), "9.88");
        assert_eq!(serde_json::to_string(&score).unwrap(), r#"{"n":8,"mean":9.88}"#);
    }

    #[test]
    fn points_that_are_no_number_count_as_nothing() {
        let mut mean = Mean::default();
        mean.add_points(f64::NAN, 3);
        assert_eq!(mean.text(), "0.00");
    }
}
