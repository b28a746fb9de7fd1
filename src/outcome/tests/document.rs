//! docs/outcomes.md holds the table of the code, row by row.

use super::*;

#[test]
fn the_document_lists_every_rule_in_order() {
    let document = include_str!("../../../docs/outcomes.md");
    let table: String = RULES.iter().chain([&NOTHING_KNOWN]).map(row).collect();
    assert!(
        document.contains(&table),
        "docs/outcomes.md should hold these rows:\n{table}"
    );
}

fn row(rule: &Rule) -> String {
    let (id, zh) = match rule.decides {
        Decides::Always(disposition) => (disposition.as_str(), disposition.zh()),
        Decides::TheTrunk => ("as the trunk says", "按中继码表"),
        Decides::TheAgent => ("as the agent says", "按坐席登记"),
        Decides::WhatWasKept => ("as the answers say", "按已保存的答案"),
    };
    format!("| `{}` | {} | `{id}` | {zh} | {} |\n", rule.id, rule.en, rule.zh)
}
