//! Why something ended: Reason (RFC 3326, 6432) and Retry-After (RFC 3261 section 20.33).

use super::scan::{number, param, split};

/// The Q.850 value of the first Reason whose protocol is Q.850; 0 to 127.
pub(crate) fn q850<'a>(reasons: impl Iterator<Item = &'a str>) -> Option<u8> {
    reasons.flat_map(|line| split(line, b',')).find_map(|reason| {
        let mut parts = reason.splitn(2, ';');
        let protocol = parts.next()?.trim();
        if !protocol.eq_ignore_ascii_case("Q.850") {
            return None;
        }
        let value = number(&param(parts.next()?, "cause")?)?;
        u8::try_from(value).ok().filter(|&value| value < 128)
    })
}

/// Seconds; the comment and parameters behind them are left out.
pub(crate) fn retry_after(value: &str) -> Option<u32> {
    let end = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
    number(value.get(..end)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_q850_counts_in_any_case_and_place() {
        let lines = [
            r#"SIP;cause=480;text="a, Q.850;cause=1""#,
            r#"preemption;cause=1 , q.850 ; cause = 20 ;text="Subscriber absent""#,
            "Q.850;cause=16",
        ];
        assert_eq!(q850(lines.into_iter()), Some(20));
        assert_eq!(q850(["Q.850;cause=128"].into_iter()), None);
        assert_eq!(q850(["Q.850"].into_iter()), None);
    }

    #[test]
    fn retry_after_may_carry_a_comment() {
        assert_eq!(retry_after("18000;duration=3600"), Some(18_000));
        assert_eq!(retry_after("120 (in a meeting)"), Some(120));
        assert_eq!(retry_after("99999999999"), None);
        assert_eq!(retry_after("soon"), None);
    }
}
