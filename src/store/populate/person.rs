//! The patients of a populated database: fictitious names, one or two numbers, some of them shared in a household.

use super::Population;
use super::chance::{Chance, Stream};

const SURNAMES: [&str; 40] = [
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何", "郭", "马",
    "罗", "梁", "宋", "郑", "谢", "韩", "唐", "冯", "于", "董", "萧", "程", "曹", "袁", "邓", "许", "傅", "沈", "曾",
    "彭", "吕",
];
const GIVEN: [&str; 40] = [
    "伟", "芳", "建国", "秀英", "敏", "静", "丽", "强", "磊", "军", "洋", "桂英", "玉兰", "志强", "海燕", "春梅", "勇",
    "艳", "杰", "涛", "明", "超", "秀兰", "霞", "平", "刚", "桂兰", "文", "辉", "玲", "建华", "红", "晓明", "国庆",
    "淑珍", "凤英", "俊", "婷", "雪梅", "振华",
];
const RELATIONS: [&str; 4] = ["配偶", "子女", "父母", "兄弟姐妹"];

/// Every so many patients one lives with the one before, and answers the same telephone.
const HOUSEHOLD: u64 = 12;

/// A patient; `birth` is a year.
pub(super) struct Person {
    pub(super) name: String,
    pub(super) sex: &'static str,
    pub(super) birth: String,
    pub(super) deceased: bool,
}

/// A number of a patient.
pub(super) struct PersonNumber {
    pub(super) id: u64,
    pub(super) digits: String,
    pub(super) kind: &'static str,
    pub(super) owner: &'static str,
    pub(super) relation: Option<&'static str>,
    pub(super) rank: u32,
    pub(super) state: &'static str,
}

/// Patient `at`, counted from 0.
pub(super) fn person(population: &Population, at: u64) -> Person {
    let mut chance = Chance::of(population.seed, Stream::Patient, at);
    let deceased = is_deceased(population, at);
    Person {
        name: format!("{}{}", chance.word(&SURNAMES), chance.word(&GIVEN)),
        sex: chance.word(&["male", "female"]),
        birth: format!(
            "{}-{:02}-{:02}",
            1930 + chance.below(75),
            1 + chance.below(12),
            1 + chance.below(28)
        ),
        deceased,
    }
}

/// Whether patient `at` has died; his open cases close as not eligible.
pub(super) fn is_deceased(population: &Population, at: u64) -> bool {
    Chance::of(population.seed, Stream::Patient, at ^ (1 << 62)).below(200) == 0
}

/// The numbers of patient `at` in the order of their rank.
pub(super) fn numbers(population: &Population, at: u64) -> impl Iterator<Item = PersonNumber> {
    let mut chance = Chance::of(population.seed, Stream::Number, at);
    let lives_with = at > 0 && at.is_multiple_of(HOUSEHOLD);
    let first = if lives_with { at - 1 } else { at };
    let own = PersonNumber {
        id: 2 * at + 1,
        digits: own_digits(population, first),
        kind: kind_of(first),
        owner: "self",
        relation: None,
        rank: 0,
        state: chance.weighed(
            &[
                (950, "ok"),
                (20, "suspect"),
                (15, "vacant"),
                (10, "suspended"),
                (5, "wrong"),
            ],
            "ok",
        ),
    };
    let kin = chance.percent(40).then(|| PersonNumber {
        id: 2 * at + 2,
        digits: format!("137{:08}", at % 100_000_000),
        kind: "mobile",
        owner: "kin",
        relation: Some(chance.word(&RELATIONS)),
        rank: 1,
        state: "ok",
    });
    std::iter::once(own).chain(kin)
}

/// The number that a call to patient `at` goes to, and its row.
pub(super) fn dialed(population: &Population, at: u64, ordinal: usize) -> (u64, String) {
    let mut last = (0, String::new());
    for number in numbers(population, at) {
        last = (number.id, number.digits);
        // The first three calls go to the patient's own number, later ones to a relative's where there is one.
        if ordinal < 3 {
            break;
        }
    }
    last
}

fn kind_of(at: u64) -> &'static str {
    if at % 10 == 9 { "landline" } else { "mobile" }
}

fn own_digits(population: &Population, at: u64) -> String {
    // The seed only turns the order: every patient keeps a number of his own.
    let own = (at + population.seed % 1_000) % 100_000_000;
    match kind_of(at) {
        "landline" => format!("0571{own:08}"),
        _ => format!("138{own:08}"),
    }
}
