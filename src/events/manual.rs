//! Tables of the program that docs/operations.md shows: the tests hold that both are the same.

/// Fails unless the manual holds this text between the marks of this name.
pub(crate) fn holds(name: &str, text: &str) {
    let manual = include_str!("../../docs/operations.md");
    let (begin, end) = (format!("<!-- begin {name} -->\n"), format!("<!-- end {name} -->"));
    let found = manual
        .split_once(&begin)
        .and_then(|(_, rest)| rest.split_once(&end))
        .map(|(found, _)| found);
    let place = std::env::temp_dir().join(format!("aftercall-{name}.md"));
    if found != Some(text) {
        std::fs::write(&place, text).unwrap();
        panic!(
            "docs/operations.md has another table of {name}; put that of {} there",
            place.display()
        );
    }
}
