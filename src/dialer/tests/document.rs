//! docs/outcomes.md holds the default policy, row by row.

use super::*;
use crate::outcome::Reach;

#[test]
fn the_document_lists_the_default_retries() {
    let document = include_str!("../../../docs/outcomes.md");
    let table: String = Disposition::ALL.iter().map(|disposition| row(*disposition)).collect();
    assert!(
        document.contains(&table),
        "docs/outcomes.md should hold these rows:\n{table}"
    );
}

fn row(disposition: Disposition) -> String {
    let rule = RetryPolicy::default().rule(disposition);
    let counted = match [Reach::Nobody, Reach::FarEnd].map(|reach| retry::counts(disposition, reach)) {
        [true, _] => "yes",
        [false, true] => "if more than 100 came",
        [false, false] => "no",
    };
    let after: Vec<_> = rule.after.iter().map(|pause| format!("`{pause}`")).collect();
    let (after, max) = match rule.max {
        0 => ("never".to_owned(), "–".to_owned()),
        30 => (after.join(", "), "the budget".to_owned()),
        max => (after.join(", "), max.to_string()),
    };
    let then = serde_json::to_string(&rule.then).unwrap().replace('"', "`");
    let (id, zh) = (disposition.as_str(), disposition.zh());
    format!("| `{id}` | {zh} | {counted} | {after} | {max} | {then} |\n")
}
