//! The shapes of Chinese numbers: mobile, landline with area code, landline without.

/// Eleven digits that begin with 13 to 19.
pub(crate) fn is_mobile(digits: &str) -> bool {
    matches!(digits.as_bytes(), [b'1', b'3'..=b'9', rest @ ..] if rest.len() == 9)
}

/// A landline with its area code: two-digit codes (behind the 0) have eight digits behind them, three-digit codes seven
/// or eight.
pub(crate) fn is_landline(digits: &str) -> bool {
    [3, 4].into_iter().any(|cut| match digits.split_at_checked(cut) {
        Some((area, local)) => is_area_code(area) && is_local(local) && (cut == 4 || local.len() == 8),
        None => false,
    })
}

/// Seven or eight digits that begin with 2 to 9.
pub(crate) fn is_local(digits: &str) -> bool {
    matches!(digits.len(), 7 | 8) && digits.starts_with(|c: char| ('2'..='9').contains(&c))
}

/// 010, 02x, or 0 and three digits.
pub(crate) fn is_area_code(digits: &str) -> bool {
    matches!(digits.as_bytes(), [b'0', b'1', b'0'] | [b'0', b'2', b'0'..=b'5' | b'7'..=b'9'] | [b'0', b'3'..=b'9', _, _])
}
