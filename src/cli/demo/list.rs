//! The demo's discharge list: patients with fictitious names and numbers, as a HIS would write it.

use chrono::Duration;
use chrono_tz::Tz;

use crate::calendar;
use crate::moment::Wall;

const SURNAMES: [&str; 20] = [
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何", "郭", "马",
    "罗",
];
const GIVEN: [&str; 16] = [
    "伟", "芳", "建国", "秀英", "敏", "静", "丽", "强", "磊", "军", "洋", "桂英", "玉兰", "志强", "海燕", "春梅",
];
const DEPARTMENTS: [(&str, &str); 6] = [
    ("心血管内科", "高血压病"),
    ("普外科", "胆囊结石"),
    ("骨科", "腰椎间盘突出"),
    ("呼吸内科", "肺炎"),
    ("妇产科", "剖宫产术后"),
    ("神经内科", "脑梗死"),
];

/// A list of `patients` rows, discharged in the week before `now`.
pub(super) fn discharge_list(patients: u32, now: Wall, zone: Tz) -> String {
    let today = calendar::local(now, zone).date();
    let mut list = String::from("住院号,姓名,性别,年龄,联系电话,出院科室,主管医生,入院日期,出院日期,出院诊断\n");
    for number in 0..patients {
        let pick = |many: usize, step: usize| (number as usize * step + number as usize / many) % many;
        let surname = SURNAMES[pick(SURNAMES.len(), 7)];
        let given = GIVEN[pick(GIVEN.len(), 5)];
        let (department, diagnosis) = DEPARTMENTS[pick(DEPARTMENTS.len(), 1)];
        let discharged = today - Duration::days(i64::from(number % 7) + 1);
        let admitted = discharged - Duration::days(i64::from(number % 9) + 3);
        let sex = if number % 2 == 0 { "男" } else { "女" };
        let age = 25 + number * 7 % 60;
        let doctor = SURNAMES[pick(SURNAMES.len(), 3)];
        list.push_str(&format!(
            "ZY{:06},{surname}{given},{sex},{age},138{:08},{department},{doctor}医生,{admitted},{discharged},{diagnosis}\n",
            number + 1,
            number + 1,
        ));
    }
    list
}
