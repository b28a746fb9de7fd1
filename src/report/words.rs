//! The users' words for answers, missing ones and ones that somebody corrected.

use crate::store::Given;

/// The word for a kind of missing answer, as the database names it; none for a value.
pub(super) fn missing(kind: &str) -> Option<&'static str> {
    match kind {
        "refused" => Some("拒答"),
        "silent" => Some("未按键"),
        "invalid" => Some("无效按键"),
        _ => None,
    }
}

/// An answer in one cell: the value with what it means, or the word for why there is none.
pub(super) fn answer(kind: &str, value: Option<i64>, label: Option<&str>) -> String {
    match (value, missing(kind)) {
        (Some(value), _) => format!("{value} {}", label.unwrap_or_default()).trim_end().to_owned(),
        (None, Some(word)) => word.to_owned(),
        (None, None) => kind.to_owned(),
    }
}

/// An answer as it was given before somebody corrected it.
pub(super) fn given(given: &Given) -> String {
    answer(&given.kind, given.value, given.label.as_deref())
}
