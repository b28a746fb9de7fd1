//! Sex, age, identity card, departure, amounts.

use super::*;

#[test]
fn an_age_has_its_unit() {
    let cases = [
        ("65", Some((65, AgeUnit::Years))),
        ("65岁", Some((65, AgeUnit::Years))),
        ("６５ 周岁", Some((65, AgeUnit::Years))),
        ("65.0", Some((65, AgeUnit::Years))),
        ("65Y", Some((65, AgeUnit::Years))),
        ("1岁2月", Some((1, AgeUnit::Years))),
        ("3月", Some((3, AgeUnit::Months))),
        ("3个月", Some((3, AgeUnit::Months))),
        ("15天", Some((15, AgeUnit::Days))),
        ("3周", None),
        ("650", None),
        ("老年", None),
        ("", None),
    ];
    for (text, expected) in cases {
        assert_eq!(age(text).map(|age| (age.value, age.unit)), expected, "{text}");
    }
}

#[test]
fn sex_is_read_from_words_and_codes() {
    for text in ["男", "1", "M", "male", "男性", "１"] {
        assert_eq!(sex(text), Some(Sex::Male), "{text}");
    }
    for text in ["女", "2", "f", " 女 "] {
        assert_eq!(sex(text), Some(Sex::Female), "{text}");
    }
    assert_eq!(sex("未知"), None);
}

#[test]
fn an_identity_card_is_checked_and_never_mended() {
    let cases = [
        ("34052419800101001X", "34052419800101001X", IdCard::Plausible),
        ("34052419800101001x", "34052419800101001X", IdCard::Plausible),
        ("340524 19800101 001X", "34052419800101001X", IdCard::Plausible),
        ("340524198001010010", "340524198001010010", IdCard::WrongCheck),
        ("340524800101001", "340524800101001", IdCard::Plausible),
        ("E12345678", "E12345678", IdCard::Plausible),
        ("3.40524E+17", "3.40524E+17", IdCard::Unreadable),
        ("3405**********001X", "3405**********001X", IdCard::Unreadable),
        ("无", "无", IdCard::Unreadable),
    ];
    for (text, card, verdict) in cases {
        assert_eq!(id_card(text), (card.to_owned(), verdict), "{text}");
    }
}

#[test]
fn a_way_of_leaving_is_read_from_codes_and_words() {
    let cases = [
        ("1", Some(Departure::Advised)),
        ("5.0", Some(Departure::Died)),
        ("5", Some(Departure::Died)),
        ("5 死亡", Some(Departure::Died)),
        ("1-医嘱离院", Some(Departure::Advised)),
        ("医嘱转院", Some(Departure::Transferred)),
        ("医嘱转社区卫生服务机构/乡镇卫生院", Some(Departure::Community)),
        ("非医嘱离院", Some(Departure::AgainstAdvice)),
        ("自动出院", Some(Departure::AgainstAdvice)),
        ("院内死亡", Some(Departure::Died)),
        ("3 死亡", Some(Departure::Died)),
        ("好转", Some(Departure::Advised)),
        ("15", None),
        ("7", None),
        ("某某", None),
    ];
    for (text, expected) in cases {
        assert_eq!(departure(text), expected, "{text}");
    }
}

#[test]
fn an_amount_is_read_in_fen() {
    let cases = [
        ("12345.6", Some(1_234_560)),
        ("￥12,345.60元", Some(1_234_560)),
        ("12345.600000000001", Some(1_234_560)),
        ("0.1", Some(10)),
        ("19.999", Some(2_000)),
        ("-5", Some(-500)),
        ("贵", None),
        ("", None),
    ];
    for (text, expected) in cases {
        assert_eq!(fen(text), expected, "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn nothing_panics(text in "\\PC{0,30}") {
        let _ = (sex(&text), age(&text), id_card(&text), departure(&text), kind(&text), fen(&text));
    }
}
