//! The parts of a bundle's page that tell how the call was judged and what was corrected.

use serde_json::Value;

use super::bundle::words;
use crate::proof::Section;

/// The tables of reviews, of what they say to each item, and of corrections.
pub(super) fn sections(reviews: &Value, corrections: &Value) -> Vec<Section> {
    let mut judged = Section {
        heading: "质检 Reviews".to_owned(),
        columns: titles(&[
            "质检员 Reviewer",
            "评分卡 Scorecard",
            "得分 Score",
            "一票否决 Fatal",
            "说明 Note",
            "申诉 Appeal",
            "签名 Signed",
            "校验值 SHA-256",
        ]),
        rows: Vec::new(),
    };
    let mut items = Section {
        heading: "质检项 Items of the reviews".to_owned(),
        columns: titles(&["质检员 Reviewer", "项目 Item", "评定 Mark", "说明 Note"]),
        rows: Vec::new(),
    };
    for review in list(reviews, "/items") {
        let card = list(reviews, "/scorecards")
            .iter()
            .find(|card| card.get("id") == review.get("scorecard_id"));
        let named = card.map(|card| {
            format!(
                "{} {} v{}",
                cell(card, "/zh"),
                cell(card, "/en"),
                cell(card, "/version")
            )
        });
        let who = cell(review, "/reviewer");
        judged.rows.push(vec![
            who.clone(),
            named.unwrap_or_default(),
            cell(review, "/score"),
            cell(review, "/fatal"),
            cell(review, "/note"),
            cell(review, "/appeal/reason"),
            cell(review, "/signed_at"),
            cell(review, "/sha256"),
        ]);
        for mark in list(review, "/marks") {
            let item = card.and_then(|card| {
                let is_it = |item: &&Value| item.get("id") == mark.get("item");
                list(card, "/items").iter().find(is_it)
            });
            let place = mark.get("option").and_then(Value::as_u64);
            let option = item.zip(place).map(|(item, place)| {
                let option = |language: &str| cell(item, &format!("/options/{place}/{language}"));
                format!("{} {}", option("zh"), option("en"))
            });
            items.rows.push(vec![
                who.clone(),
                item.map_or_else(
                    || cell(mark, "/item"),
                    |item| format!("{} {}", cell(item, "/zh"), cell(item, "/en")),
                ),
                option.unwrap_or_default(),
                cell(mark, "/note"),
            ]);
        }
    }
    let mut corrected = Section {
        heading: "更正 Corrections（原答案保留 the original stays）".to_owned(),
        columns: titles(&[
            "问题 Question",
            "原答案 As it stood",
            "更正为 Corrected to",
            "原因 Why",
            "谁 Who",
            "时间 At",
        ]),
        rows: Vec::new(),
    };
    for one in list(corrections, "/items") {
        corrected.rows.push(vec![
            titled(corrections, &cell(one, "/question")),
            answer(one, ["/old_kind", "/old_value", "/old_label"]),
            answer(one, ["/kind", "/value", "/label"]),
            cell(one, "/reason"),
            cell(one, "/who"),
            cell(one, "/at"),
        ]);
    }
    vec![judged, items, corrected]
}

/// What the latest correction made of the answer to a question; empty: it is as it was given.
pub(super) fn corrected(corrections: &Value, question: &str) -> String {
    let of = |one: &&Value| one.get("question").and_then(Value::as_str) == Some(question);
    let last = list(corrections, "/items").iter().rfind(of);
    last.map(|one| answer(one, ["/kind", "/value", "/label"]))
        .unwrap_or_default()
}

/// The title of a question, or its id.
fn titled(corrections: &Value, question: &str) -> String {
    let of = |answer: &&Value| answer.get("question").and_then(Value::as_str) == Some(question);
    let found = list(corrections, "/answers").iter().find(of);
    found.map_or_else(|| question.to_owned(), |answer| cell(answer, "/title"))
}

fn answer(of: &Value, [kind, value, label]: [&str; 3]) -> String {
    match cell(of, kind).as_str() {
        "value" => format!("{} {}", cell(of, value), cell(of, label)).trim_end().to_owned(),
        "refused" => "拒答 refused".to_owned(),
        "silent" => "未按键 no key".to_owned(),
        "invalid" => "无效按键 wrong keys".to_owned(),
        other => other.to_owned(),
    }
}

fn titles(of: &[&str]) -> Vec<String> {
    of.iter().map(|&title| title.to_owned()).collect()
}

fn list<'v>(of: &'v Value, place: &str) -> &'v [Value] {
    let found = of.pointer(place).and_then(Value::as_array);
    found.map(Vec::as_slice).unwrap_or_default()
}

fn cell(of: &Value, place: &str) -> String {
    of.pointer(place).map(words).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_review_and_a_correction_are_told_in_words() {
        let reviews = json!({
            "items": [{ "reviewer": "wang", "scorecard_id": 3, "score": 85, "fatal": false, "note": "好",
                "signed_at": "2026-11-20T01:00:00.000Z", "sha256": "aa", "appeal": null,
                "marks": [{ "item": "manner", "option": 1, "note": "偏快" }] }],
            "scorecards": [{ "id": 3, "version": 2, "zh": "标准卡", "en": "Standard", "items": [{ "id": "manner",
                "zh": "态度", "en": "Manner", "options": [{ "zh": "好", "en": "good" }, { "zh": "一般", "en": "fair" }] }] }],
        });
        let corrections = json!({
            "items": [{ "question": "q1", "old_kind": "value", "old_value": 4, "old_label": "不满意", "kind": "value",
                "value": 1, "label": "满意", "reason": "听录音", "who": "wang", "at": "2026-11-20T01:00:00.000Z" }],
            "answers": [{ "question": "q1", "title": "护理" }],
        });
        let [judged, items, corrected_rows] = sections(&reviews, &corrections).try_into().unwrap();
        assert_eq!(judged.rows[0][..3], ["wang", "标准卡 Standard v2", "85"]);
        assert_eq!(items.rows[0], ["wang", "态度 Manner", "一般 fair", "偏快"]);
        assert_eq!(corrected_rows.rows[0][..4], ["护理", "4 不满意", "1 满意", "听录音"]);
        assert_eq!(corrected(&corrections, "q1"), "1 满意");
        assert_eq!(corrected(&corrections, "q2"), "");
    }
}
