//! The small facts of a person and a stay: sex, age, identity card, way of leaving, amounts.

use super::fold::{fold, without_empty_decimals};
use super::record::{Age, AgeUnit, Departure, Kind, Sex};

/// 男, 女, 1, 2, M, F and their words.
pub(super) fn sex(text: &str) -> Option<Sex> {
    match fold(text).to_lowercase().as_str() {
        "男" | "男性" | "1" | "1.0" | "m" | "male" => Some(Sex::Male),
        "女" | "女性" | "2" | "2.0" | "f" | "female" => Some(Sex::Female),
        _ => None,
    }
}

/// `65`, `65岁`, `3个月`, `15天`, `65Y`, `1岁2月` (one year).
pub(super) fn age(text: &str) -> Option<Age> {
    let text = fold(text).to_lowercase();
    let text = without_empty_decimals(&text);
    let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let unit = unit.trim();
    let (unit, most) = if unit.is_empty() || unit.starts_with(['岁', 'y']) || unit.starts_with("周岁") {
        (AgeUnit::Years, 150)
    } else if unit.starts_with(['月', 'm']) || unit.starts_with("个月") {
        (AgeUnit::Months, 1800)
    } else if unit.starts_with(['天', '日', 'd']) {
        (AgeUnit::Days, 5000)
    } else {
        return None;
    };
    digits
        .parse()
        .ok()
        .filter(|&value| value <= most)
        .map(|value| Age { value, unit })
}

/// What an identity card is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IdCard {
    /// 18 characters with a right check digit, 15 digits of the old kind, or another document.
    Plausible,
    /// 18 characters, but the check digit is wrong.
    WrongCheck,
    /// Lost digits, or no document at all.
    Unreadable,
}

/// The identity card without spaces, in capitals, and what it is worth (GB 11643, ISO 7064 MOD 11-2).
pub(super) fn id_card(text: &str) -> (String, IdCard) {
    let card: String = fold(text)
        .chars()
        .filter(|c| !c.is_whitespace() && !"'\"-".contains(*c))
        .collect();
    let card = card.to_uppercase();
    let digits = card.bytes().filter(u8::is_ascii_digit).count();
    let is_old_card = card.len() == 15 && digits == 15;
    let is_other_document = (7..=20).contains(&card.len())
        && digits < card.len()
        && card.bytes().all(|b| b.is_ascii_alphanumeric() || b"()".contains(&b));
    let verdict = if super::fold::scientific(&card).is_some() {
        IdCard::Unreadable
    } else if card.len() == 18 && digits >= 17 {
        if has_right_check(&card) {
            IdCard::Plausible
        } else {
            IdCard::WrongCheck
        }
    } else if is_old_card || is_other_document {
        IdCard::Plausible
    } else {
        IdCard::Unreadable
    };
    (card, verdict)
}

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];

fn has_right_check(card: &str) -> bool {
    let digits = card.chars().filter_map(|c| c.to_digit(10));
    let sum: u32 = digits.zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    let expected = usize::try_from(sum % 11)
        .ok()
        .and_then(|remainder| CHECKS.get(remainder));
    card.chars().take(17).all(|c| c.is_ascii_digit()) && expected.copied() == card.chars().nth(17)
}

/// 离院方式 by code or words.
pub(super) fn departure(text: &str) -> Option<Departure> {
    let text = fold(text);
    let text = text.trim_end_matches(".0");
    if let Some(code) = text.chars().next().filter(char::is_ascii_digit) {
        let words = text.trim_start_matches(|c: char| c.is_ascii_digit() || " .-、:".contains(c));
        let by_code = match (code, text.chars().take_while(char::is_ascii_digit).count()) {
            ('1', 1) => Departure::Advised,
            ('2', 1) => Departure::Transferred,
            ('3', 1) => Departure::Community,
            ('4', 1) => Departure::AgainstAdvice,
            ('5', 1) => Departure::Died,
            ('9', 1) => Departure::Other,
            _ => return None,
        };
        // Words that contradict their code: a hospital with codes of its own. The words are meant.
        return departure(words).or(Some(by_code));
    }
    let holds = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if holds(&["死亡", "去世", "死"]) && !holds(&["未死亡", "非死亡"]) {
        Some(Departure::Died)
    } else if holds(&["社区", "卫生院"]) {
        Some(Departure::Community)
    } else if holds(&["转院", "转其他", "转上级"]) {
        Some(Departure::Transferred)
    } else if holds(&["非医嘱", "自动", "自行", "要求出院"]) {
        Some(Departure::AgainstAdvice)
    } else if holds(&["医嘱", "正常", "治愈", "好转", "痊愈"]) {
        Some(Departure::Advised)
    } else if holds(&["其他", "其它"]) {
        Some(Departure::Other)
    } else {
        None
    }
}

/// 住院, 门诊, 急诊.
pub(super) fn kind(text: &str) -> Option<Kind> {
    let text = fold(text).to_lowercase();
    let holds = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if holds(&["急诊", "emergency"]) || text == "e" {
        Some(Kind::Emergency)
    } else if holds(&["门诊", "outpatient"]) || text == "o" {
        Some(Kind::Outpatient)
    } else if holds(&["住院", "inpatient", "出院"]) || text == "i" {
        Some(Kind::Inpatient)
    } else {
        None
    }
}

/// An amount in yuan (`￥12,345.60元`) as fen; a workbook's 12345.600000000001 counts as 12345.60.
pub(super) fn fen(text: &str) -> Option<i64> {
    let text: String = fold(text)
        .chars()
        .filter(|c| !c.is_whitespace() && !",¥￥元'\"".contains(*c))
        .collect();
    let (sign, text) = text.strip_prefix('-').map_or((1, text.as_str()), |rest| (-1, rest));
    let (yuan, decimals) = text.split_once('.').unwrap_or((text, ""));
    if yuan.is_empty() || yuan.len() > 12 || !yuan.bytes().chain(decimals.bytes()).all(|b| b.is_ascii_digit()) {
        return None;
    }
    let digit = |place: usize| decimals.as_bytes().get(place).map_or(0, |b| i64::from(b - b'0'));
    let rounded = digit(0) * 10 + digit(1) + i64::from(digit(2) >= 5);
    Some(sign * (yuan.parse::<i64>().ok()? * 100 + rounded))
}

#[cfg(test)]
mod tests;
