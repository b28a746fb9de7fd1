//! Logs of trunks, as they are written and as they are read.

use super::night::at;
use crate::calendar::DEFAULT_ZONE;
use crate::night::judge::trunk_log::{Lists, TrunkLog, TrunkLogError, read};

fn log(text: &str) -> TrunkLog {
    read("log", None, text, DEFAULT_ZONE).unwrap()
}

#[test]
fn the_far_ends_evidence_gives_each_call_id_once() {
    let wall = at(9, 0, 0).millis();
    let text = format!(
        r#"{{"what":"start","at":0,"wall":{wall},"held":0}}
{{"what":"invite","call_id":"a","number":"13800000001","from":"127.0.0.1:5060","new":true,"at":5,"wall":{},"held":1}}
{{"what":"invite","call_id":"a","number":"13800000001","from":"127.0.0.1:5060","new":false,"at":505,"wall":{},"held":1}}
{{"what":"key","call_id":"a","number":"13800000001","key":"1","prompt":"care","at":900,"wall":{},"held":1}}
{{"what":"over","call_id":"a","number":"13800000001","by":"us","at":990,"wall":{},"held":0}}
{{"what":"invi"#,
        wall + 5,
        wall + 505,
        wall + 900,
        wall + 990
    );
    let log = log(&text);
    assert_eq!((log.lists, log.covers), (Lists::EveryInvite, (Some(at(9, 0, 0)), None)));
    let [one] = log.sightings.as_slice() else {
        panic!("{log:?}")
    };
    assert_eq!((one.call_id.as_deref(), one.line), (Some("a"), 2));
    assert_eq!(one.at.map(|at| at.millis()), Some(wall + 5));
    let faults: Vec<usize> = log.faults.iter().map(|fault| fault.line).collect();
    assert_eq!(faults, [6]);
}

#[test]
fn a_carriers_list_in_chinese_is_read_and_its_bad_lines_are_named() {
    let text = "\u{feff}主叫号码,被叫号码,开始时间,通话时长\r\n\
        057100000000,013800000001,2025-06-10 09:00:00,35\r\n\
        057100000000,,2025-06-10 09:01:00,35\r\n\
        057100000000,13800000002,昨天,35\r\n\
        \r\n\
        057100000000,\"+86 138 0000 0003\",2025/06/10 09:02:00,35\r\n";
    let log = log(text);
    let seen: Vec<(&str, usize)> = log
        .sightings
        .iter()
        .map(|seen| (seen.called.as_str(), seen.line))
        .collect();
    assert_eq!(seen, [("013800000001", 2), ("+86 138 0000 0003", 6)]);
    assert_eq!(log.sightings[0].at, Some(at(9, 0, 0)));
    let faults: Vec<usize> = log.faults.iter().map(|fault| fault.line).collect();
    assert_eq!(faults, [3, 4]);
    assert_eq!(log.covers, (Some(at(9, 0, 0)), Some(at(9, 2, 0))));
    assert_eq!(log.lists, Lists::Answered);
}

#[test]
fn times_are_read_as_carriers_write_them() {
    let wall = at(9, 0, 0).millis();
    for written in [
        "2025-06-10 09:00:00".to_owned(),
        "2025-06-10T09:00:00+08:00".to_owned(),
        "2025-06-10T01:00:00Z".to_owned(),
        "20250610090000".to_owned(),
        wall.to_string(),
        (wall / 1000).to_string(),
    ] {
        let log = log(&format!("called;at;Call-ID\n13800000001;{written};x"));
        assert_eq!(log.sightings[0].at, Some(at(9, 0, 0)), "{written}");
        assert_eq!(log.sightings[0].call_id.as_deref(), Some("x"));
    }
}

#[test]
fn plain_lines_of_json_are_read() {
    let log = log("{\"called\":\"13800000001\",\"at\":\"2025-06-10 09:00:00\"}\n{\"at\":1}\n");
    assert_eq!((log.sightings.len(), log.faults.len()), (1, 1));
}

#[test]
fn what_is_no_log_is_refused_in_words() {
    assert_eq!(read("log", None, " \n", DEFAULT_ZONE), Err(TrunkLogError::Empty));
    let text = "姓名,电话\n王芳,13800000001\n";
    assert_eq!(read("log", None, text, DEFAULT_ZONE), Err(TrunkLogError::NoColumns));
}
