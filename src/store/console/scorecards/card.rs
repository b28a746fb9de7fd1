//! What a scorecard is: items with weights and options; what keeps it from being published; what marks are worth.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What the weights of a published scorecard come to.
pub const WHOLE: u32 = 100;
/// Items of a scorecard at most.
pub const MOST_ITEMS: usize = 30;
/// Options of an item at most: the keys 1 to 5 mark them.
pub const MOST_OPTIONS: usize = 5;
/// Characters of a text at most.
const LONGEST: usize = 200;

/// One thing that is judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Its name within the scorecard; it stays the same through the versions, so that they can be compared.
    pub id: String,
    /// What is judged, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
    /// Points of the whole hundred; 0 only for a fatal item.
    pub weight: u32,
    /// 一票否决: an option that fails makes the whole review zero.
    pub fatal: bool,
    /// What to listen for, in Chinese.
    #[serde(default)]
    pub hint_zh: String,
    /// The same in English.
    #[serde(default)]
    pub hint_en: String,
    /// The question that the item is about: focusing the item plays its key.
    #[serde(default)]
    pub question: Option<String>,
    /// What can be marked, the best first.
    pub options: Vec<ItemOption>,
}

/// One way to judge an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemOption {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
    /// What it is worth, up to the item's weight.
    pub points: u32,
    /// Of a fatal item: this fails the call.
    #[serde(default)]
    pub fails: bool,
}

/// What is marked for an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// The item.
    pub item: String,
    /// The place of the option, from 0; none: only a note so far.
    #[serde(default)]
    pub option: Option<u32>,
    /// What the reviewer says to it.
    #[serde(default)]
    pub note: String,
}

/// What keeps a scorecard from being published, or a review from being signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Fault {
    /// Where, as `items[2].options[0].points`.
    pub place: String,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// What marks come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Total {
    /// Points; 0 if a fatal item failed.
    pub score: u32,
    /// The weights of the items that are marked.
    pub of: u32,
    /// Items that have no mark yet.
    pub left: u32,
    /// A fatal item failed.
    pub fatal: bool,
}

fn fault(place: impl Into<String>, zh: impl Into<String>, en: impl Into<String>) -> Fault {
    Fault {
        place: place.into(),
        zh: zh.into(),
        en: en.into(),
    }
}

/// Every fault of a scorecard at once; none: it can be published.
pub fn faults(zh: &str, en: &str, items: &[Item]) -> Vec<Fault> {
    let mut found = Vec::new();
    text("zh", zh, Needed::Yes, &mut found);
    text("en", en, Needed::Yes, &mut found);
    if items.is_empty() || items.len() > MOST_ITEMS {
        found.push(fault(
            "items",
            format!("共 {} 项；应为 1 到 {MOST_ITEMS} 项", items.len()),
            format!("there are {} items; expected 1 to {MOST_ITEMS}", items.len()),
        ));
    }
    let sum: u64 = items.iter().map(|item| u64::from(item.weight)).sum();
    if sum != u64::from(WHOLE) {
        found.push(fault(
            "items",
            format!("权重合计 {sum}；应为 {WHOLE}"),
            format!("the weights come to {sum}; expected {WHOLE}"),
        ));
    }
    let mut ids = BTreeSet::new();
    for (at, item) in items.iter().enumerate() {
        let place = format!("items[{at}]");
        if !ids.insert(item.id.as_str()) {
            found.push(fault(
                format!("{place}.id"),
                format!("标识“{}”重复", item.id),
                format!("the id {:?} is there twice", item.id),
            ));
        }
        item_faults(&place, item, &mut found);
    }
    found
}

/// Whether a text must be there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needed {
    Yes,
    No,
}

fn text(place: &str, text: &str, needed: Needed, found: &mut Vec<Fault>) {
    if needed == Needed::Yes && text.trim().is_empty() {
        found.push(fault(place, "缺文字", "there is no text"));
    }
    if text.chars().count() > LONGEST || text.chars().any(char::is_control) {
        found.push(fault(
            place,
            format!("文字应不超过 {LONGEST} 字，且不含换行等控制字符"),
            format!("expected at most {LONGEST} characters, none of them a control character"),
        ));
    }
}

fn item_faults(place: &str, item: &Item, found: &mut Vec<Fault>) {
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if item.id.is_empty() || item.id.len() > 40 || !item.id.chars().all(is_name) {
        found.push(fault(
            format!("{place}.id"),
            "标识应为 1 到 40 个小写字母、数字或下划线",
            "expected 1 to 40 small letters, digits or underscores",
        ));
    }
    text(&format!("{place}.zh"), &item.zh, Needed::Yes, found);
    text(&format!("{place}.en"), &item.en, Needed::Yes, found);
    text(&format!("{place}.hint_zh"), &item.hint_zh, Needed::No, found);
    text(&format!("{place}.hint_en"), &item.hint_en, Needed::No, found);
    if let Some(question) = &item.question {
        text(&format!("{place}.question"), question, Needed::Yes, found);
    }
    if item.weight == 0 && !item.fatal {
        found.push(fault(
            format!("{place}.weight"),
            "权重为 0；只有一票否决项可以为 0",
            "the weight is 0; only a fatal item may have 0",
        ));
    }
    if !(2..=MOST_OPTIONS).contains(&item.options.len()) {
        found.push(fault(
            format!("{place}.options"),
            format!("共 {} 个选项；应为 2 到 {MOST_OPTIONS} 个", item.options.len()),
            format!("there are {} options; expected 2 to {MOST_OPTIONS}", item.options.len()),
        ));
    }
    if item.options.iter().map(|option| option.points).max() != Some(item.weight) {
        found.push(fault(
            format!("{place}.options"),
            format!("最高分应等于权重 {}", item.weight),
            format!("the best option must be worth the weight, {}", item.weight),
        ));
    }
    let failing = item.options.iter().filter(|option| option.fails).count();
    if item.fatal && (failing == 0 || failing == item.options.len()) {
        found.push(fault(
            format!("{place}.options"),
            "一票否决项要有否决的选项，也要有不否决的选项",
            "a fatal item needs an option that fails and one that does not",
        ));
    }
    if !item.fatal && failing > 0 {
        found.push(fault(
            format!("{place}.options"),
            "只有一票否决项的选项可以否决",
            "only an option of a fatal item can fail the call",
        ));
    }
    for (at, option) in item.options.iter().enumerate() {
        let place = format!("{place}.options[{at}]");
        text(&format!("{place}.zh"), &option.zh, Needed::Yes, found);
        text(&format!("{place}.en"), &option.en, Needed::Yes, found);
        if option.points > item.weight {
            found.push(fault(
                format!("{place}.points"),
                format!("{} 分超过权重 {}", option.points, item.weight),
                format!("{} points are more than the weight, {}", option.points, item.weight),
            ));
        }
    }
}

/// Every fault of marks: an item or an option that the scorecard does not have, an item twice, a note that is too long.
pub fn mark_faults(items: &[Item], marks: &[Mark]) -> Vec<Fault> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for (at, mark) in marks.iter().enumerate() {
        let place = format!("marks[{at}]");
        let item = items.iter().find(|item| item.id == mark.item);
        if item.is_none() || !seen.insert(mark.item.as_str()) {
            found.push(fault(
                format!("{place}.item"),
                "评分卡没有这一项，或重复",
                "the scorecard has no such item, or it is there twice",
            ));
        }
        let options = item.map_or(0, |item| item.options.len());
        if mark.option.is_some_and(|option| usize::try_from(option).map_or(true, |option| option >= options)) {
            found.push(fault(
                format!("{place}.option"),
                "没有这个选项",
                "the item has no such option",
            ));
        }
        let is_odd = |c: char| c.is_control() && c != '\n';
        if mark.note.chars().count() > 2_000 || mark.note.chars().any(is_odd) {
            found.push(fault(
                format!("{place}.note"),
                "备注应不超过 2000 字，且不含控制字符",
                "expected at most 2000 characters, no control characters",
            ));
        }
    }
    found
}

/// What marks come to on a scorecard.
pub fn total(items: &[Item], marks: &[Mark]) -> Total {
    let mut total = Total {
        score: 0,
        of: 0,
        left: 0,
        fatal: false,
    };
    for item in items {
        let option = marks
            .iter()
            .find(|mark| mark.item == item.id)
            .and_then(|mark| usize::try_from(mark.option?).ok())
            .and_then(|option| item.options.get(option));
        match option {
            Some(option) => {
                total.score = total.score.saturating_add(option.points);
                total.of = total.of.saturating_add(item.weight);
                total.fatal |= item.fatal && option.fails;
            }
            None => total.left = total.left.saturating_add(1),
        }
    }
    if total.fatal {
        total.score = 0;
    }
    total
}

#[cfg(test)]
mod tests {
    use super::super::shipped;
    use super::{Mark, faults, mark_faults, total};

    fn mark(item: &str, option: u32) -> Mark {
        Mark {
            item: item.to_owned(),
            option: Some(option),
            note: String::new(),
        }
    }

    #[test]
    fn the_shipped_scorecard_can_be_published() {
        let items = shipped::items();
        assert_eq!(faults(shipped::ZH, shipped::EN, &items), []);
        assert!((5..=7).contains(&items.len()));
        assert_eq!(items.iter().filter(|item| item.fatal).count(), 1);
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let mut items = shipped::items();
        items[1].weight += 5;
        items[2].id = items[1].id.clone();
        items[3].zh = "好\r\nSet-Cookie: a=b".to_owned();
        items[4].options.truncate(1);
        let places: Vec<String> = faults("", "en\0", &items).into_iter().map(|fault| fault.place).collect();
        for place in ["zh", "en", "items", "items[1].options", "items[2].id", "items[3].zh", "items[4].options"] {
            assert!(places.iter().any(|found| found == place), "{place} is not among {places:?}");
        }
    }

    #[test]
    fn points_add_up_and_a_fatal_mark_makes_them_nothing() {
        let items = shipped::items();
        let best: Vec<Mark> = items.iter().map(|item| mark(&item.id, 0)).collect();
        let all = total(&items, &best);
        assert_eq!((all.score, all.of, all.left, all.fatal), (100, 100, 0, false));
        let some = total(&items, &best[..3]);
        assert_eq!(usize::try_from(some.left).unwrap(), items.len() - 3);
        assert_eq!(some.score, some.of);
        let mut failed = best;
        failed[0].option = Some(1);
        let failed = total(&items, &failed);
        assert_eq!((failed.score, failed.fatal), (0, true));
    }

    #[test]
    fn marks_that_the_scorecard_does_not_have_are_refused() {
        let items = shipped::items();
        let first = items[0].id.clone();
        let marks = [mark("no_such", 0), mark(&first, 9), mark(&first, 0)];
        let places: Vec<String> = mark_faults(&items, &marks).into_iter().map(|fault| fault.place).collect();
        assert_eq!(places, ["marks[0].item", "marks[0].option", "marks[1].option", "marks[2].item"]);
    }
}
