//! Cells with numbers: a table for every rule, and the digits' own law for any cell at all.

use proptest::prelude::*;

use super::*;

/// What a cell gives, in short: `13812345678`, `057187654321x801`, `13812345678[儿子]`; refusals as `!reason`.
fn short(cell: &str) -> Vec<String> {
    let cleaned = clean(cell);
    let found = cleaned.found.iter().map(|found| {
        let extension = found.extension.as_ref().map(|e| format!("x{e}")).unwrap_or_default();
        let note = found.note.as_ref().map(|n| format!("[{n}]")).unwrap_or_default();
        format!("{}{extension}{note}", found.number.reveal())
    });
    found
        .chain(cleaned.refused.iter().map(|(_, reason)| format!("!{reason:?}")))
        .collect()
}

fn check(cases: &[(&str, &[&str])]) {
    for (cell, expected) in cases {
        assert_eq!(short(cell), *expected, "{cell}");
    }
}

#[test]
fn one_mobile_is_read_however_it_is_dressed() {
    for cell in [
        "13812345678",
        " 13812345678 ",
        "１３８１２３４５６７８",
        "138 1234 5678",
        "138-1234-5678",
        "138—1234—5678",
        "138.1234.5678",
        "1 3 8 1 2 3 4 5 6 7 8",
        "'13812345678",
        "\"13812345678\"",
        "‘13812345678’",
        "13812345678.0",
        "13812345678.00",
        "1.3812345678E10",
        "\u{200b}138\u{a0}1234\u{a0}5678",
        "(138)12345678",
        "13812345678;",
        "、13812345678、",
        "+8613812345678",
        "+86 138 1234 5678",
        "+86-138-1234-5678",
        "(+86)13812345678",
        "008613812345678",
        "8613812345678",
        "86-13812345678",
        "无/13812345678",
    ] {
        assert_eq!(short(cell), ["13812345678"], "{cell}");
    }
}

#[test]
fn several_numbers_keep_their_order() {
    let two: &[&str] = &["13812345678", "13987654321"];
    for separator in [
        "/", ",", "，", "、", ";", "；", " ", "  ", "|", "\n", "\t", " / ", "\\", "-", "&", "或",
    ] {
        assert_eq!(
            short(&format!("13812345678{separator}13987654321")),
            two,
            "{separator:?}"
        );
    }
    check(&[
        ("138 1234 5678 139 8765 4321", two),
        ("13812345678/0571-87654321", &["13812345678", "057187654321"]),
        ("0571 87654321 13812345678", &["057187654321", "13812345678"]),
        (
            "13812345678 13987654321 13711112222",
            &["13812345678", "13987654321", "13711112222"],
        ),
    ]);
}

#[test]
fn landlines_need_a_true_area_code_and_a_true_length() {
    check(&[
        ("0571-87654321", &["057187654321"]),
        ("(0571)8765432", &["05718765432"]),
        ("0571-8765-4321", &["057187654321"]),
        ("010-62345678", &["01062345678"]),
        ("021 62345678", &["02162345678"]),
        ("+8657187654321", &["+8657187654321"]),
        ("+86-0571-87654321", &["057187654321"]),
        ("86057187654321", &["057187654321"]),
        ("010-6234567", &["!UnknownForm(10)"]),
        ("0571-876543", &["!UnknownForm(10)"]),
        ("0571-17654321", &["!UnknownForm(12)"]),
        ("0271-87654321", &["!UnknownForm(12)"]),
    ]);
}

#[test]
fn what_is_taken_with_a_doubt_says_which() {
    for (cell, doubt) in [
        ("87654321", Some(Doubt::NoAreaCode)),
        ("8765 4321", Some(Doubt::NoAreaCode)),
        ("8765432", Some(Doubt::NoAreaCode)),
        ("400-820-8820", Some(Doubt::ServiceNumber)),
        ("95598", Some(Doubt::ServiceNumber)),
        ("12345", Some(Doubt::ServiceNumber)),
        ("+852 9123 4567", Some(Doubt::International)),
        ("15412345670", Some(Doubt::UnallocatedPrefix)),
        ("13800000000", Some(Doubt::Placeholder)),
        ("13888888888", Some(Doubt::Placeholder)),
        ("13800138000", Some(Doubt::Placeholder)),
        ("13812345678", Some(Doubt::Placeholder)),
        ("13987654321", None),
        ("0571-87654321", None),
    ] {
        let cleaned = clean(cell);
        assert_eq!(
            cleaned.found.iter().map(|found| found.doubt).collect::<Vec<_>>(),
            [doubt],
            "{cell}"
        );
    }
}

#[test]
fn extensions_are_kept_apart() {
    check(&[
        ("0571-87654321转123", &["057187654321x123"]),
        ("87654321转8001", &["87654321x8001"]),
        ("0571-87654321 分机 8001", &["057187654321x8001"]),
        ("0571-87654321ext.801", &["057187654321x801"]),
        ("0571-87654321-801", &["057187654321x801"]),
        ("057187654321-801", &["057187654321x801"]),
        ("0571-8765432-1", &["05718765432x1"]),
        ("010-62345678转12/13812345678", &["01062345678x12", "13812345678"]),
        ("87654321转", &["!NoExtension"]),
        ("05718765432-1", &["!Ambiguous"]),
        ("8765432-1", &["!Ambiguous"]),
    ]);
}

#[test]
fn words_beside_a_number_become_its_note() {
    check(&[
        ("13812345678(儿子)", &["13812345678[儿子]"]),
        ("儿子13812345678", &["13812345678[儿子]"]),
        ("手机：13812345678", &["13812345678[手机]"]),
        (
            "本人13812345678，女儿13987654321",
            &["13812345678[本人]", "13987654321[女儿]"],
        ),
        (
            "13812345678儿子13987654321女儿",
            &["13812345678[儿子]", "13987654321[女儿]"],
        ),
        ("Tel:0571-87654321", &["057187654321[tel]"]),
    ]);
}

#[test]
fn lost_hidden_missing_or_added_digits_are_never_guessed() {
    check(&[
        ("1.38E+10", &["!DigitsLost"]),
        ("1.38E10", &["!DigitsLost"]),
        ("1.381234567E+10", &["!DigitsLost"]),
        ("138****5678", &["!Masked"]),
        ("1381234567", &["!MobileLength(10)"]),
        ("138123456789", &["!MobileLength(12)"]),
        ("13812345678 9", &["!MobileLength(12)"]),
        ("86138123456789", &["!MobileLength(12)"]),
        ("013812345678", &["!ZeroBeforeMobile"]),
        ("13812345678.5", &["!NotANumber"]),
        ("1381234567.8", &["!NotANumber"]),
        ("138:12345678", &["!NotANumber"]),
        ("1381234567O", &["!NotANumber"]),
        ("138l2345678", &["!NotANumber"]),
        ("12812345678", &["!UnknownForm(11)"]),
        ("11111111111", &["!UnknownForm(11)"]),
        ("0", &["!UnknownForm(1)"]),
        ("120", &["!ShortCode"]),
        ("0085291234567", &["!WithoutPlus"]),
        ("不详吧", &["!NotANumber"]),
        ("13812345678?", &["!NotANumber"]),
    ]);
}

#[test]
fn a_bad_number_does_not_take_a_good_one_along() {
    check(&[
        ("13812345678/1391234567", &["13812345678", "!MobileLength(10)"]),
        ("13812345678 1391234567", &["13812345678", "!MobileLength(10)"]),
        ("1.38E+10，13987654321", &["13987654321", "!DigitsLost"]),
    ]);
}

#[test]
fn a_cell_that_says_there_is_no_number_is_empty_not_wrong() {
    for cell in ["", "无", "不详", "-", "/", "——", "暂无", "N/A", "、", "  "] {
        assert_eq!(short(cell), Vec::<String>::new(), "{cell}");
    }
}

fn digits_of(text: &str) -> String {
    fold(text).chars().filter(char::is_ascii_digit).collect()
}

proptest! {
    /// The law: what comes out is what stood there, in its order, whole; only a country code may be missing.
    #[test]
    fn no_digit_is_invented_dropped_or_moved(cell in "[0-9０-９ \\-/,、;+()转86儿子.]{0,40}") {
        let cleaned = clean(&cell);
        let all = digits_of(&cell);
        let mut place = 0;
        for found in &cleaned.found {
            let number = found.number.reveal().trim_start_matches('+').to_owned();
            let written = number + found.extension.as_deref().unwrap_or_default();
            let at = all[place..].find(&written);
            prop_assert!(at.is_some(), "{written} does not stand in {all} from {place}");
            place += at.unwrap() + written.len();
        }
        let is_plain = cleaned.refused.is_empty() && !cell.contains('.') && !all.contains("86");
        if is_plain {
            let out: String = cleaned.found.iter()
                .map(|found| format!("{}{}", found.number.reveal().trim_start_matches('+'), found.extension.as_deref().unwrap_or_default()))
                .collect();
            prop_assert_eq!(out, all);
        }
    }

    #[test]
    fn every_mobile_survives_its_dress(tail in "[3-9][0-9]{9}", prefix in prop::sample::select(vec!["", "+86", "0086", "86", "+86 ", "'"]), gap in prop::sample::select(vec!["", " ", "-"])) {
        let mobile = format!("1{tail}");
        let cell = format!("{prefix}{}{gap}{}{gap}{}", &mobile[..3], &mobile[3..7], &mobile[7..]);
        prop_assert_eq!(short(&cell), vec![mobile]);
    }

    #[test]
    fn nothing_panics(cell in any::<String>()) {
        clean(&cell);
    }
}
