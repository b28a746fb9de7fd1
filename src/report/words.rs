//! The users' words for missing answers.

/// The word for a kind of missing answer, as the database names it; none for a value.
pub(super) fn missing(kind: &str) -> Option<&'static str> {
    match kind {
        "refused" => Some("拒答"),
        "silent" => Some("未按键"),
        "invalid" => Some("无效按键"),
        _ => None,
    }
}
