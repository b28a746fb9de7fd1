//! Dates as they are written.

use chrono_tz::Asia::Shanghai;

use super::*;

fn text(date: &str) -> Result<String, Reason> {
    read(&Cell::Text(date.to_owned()), Shanghai).map(shown)
}

fn shown(stamp: Stamp) -> String {
    match stamp.precision {
        Precision::Day => stamp.local.format("%Y-%m-%d").to_string(),
        Precision::Minute => stamp.local.format("%Y-%m-%d %H:%M:%S").to_string(),
    }
}

#[test]
fn a_day_is_read_in_every_spelling() {
    for date in [
        "2024-01-05",
        "2024-1-5",
        "2024/1/5",
        "2024/01/05",
        "2024.1.5",
        "20240105",
        "20240105.0",
        "2024年1月5日",
        "2024年01月05号",
        "２０２４－０１－０５",
        "'2024-01-05",
        "2024 - 1 - 5",
        "45296",
        "45296.0",
        "2024年1月5日 星期五",
        "2024-01-05(周五)",
    ] {
        assert_eq!(text(date).as_deref(), Ok("2024-01-05"), "{date}");
    }
}

#[test]
fn a_time_is_read_in_every_spelling() {
    for date in [
        "2024-01-05 14:30",
        "2024-01-05 14:30:00",
        "2024-01-05T14:30:00",
        "2024/1/5 14:30:00.000",
        "2024年1月5日14时30分",
        "2024年1月5日 14时30分00秒",
        "2024-1-5 下午2:30",
        "2024-1-5 2:30 PM",
        "202401051430",
        "20240105143000",
        "20240105 14:30",
        "2024-01-05T14:30:00+08:00",
        "2024-01-05T06:30:00Z",
        "45296.604166666664",
    ] {
        assert_eq!(text(date).as_deref(), Ok("2024-01-05 14:30:00"), "{date}");
    }
}

#[test]
fn what_is_no_date_is_refused() {
    for date in [
        "2024-13-05",
        "2024-02-30",
        "2024-01",
        "昨天",
        "2024-01-05 25:00",
        "2024-01-05 abc",
        "0000-00-00",
        "1.7E+12",
        "123456789",
        "2024-01-0五",
    ] {
        assert_eq!(text(date), Err(Reason::NotADate), "{date}");
    }
    assert_eq!(text("1/5/2024"), Err(Reason::DateOrder));
    assert_eq!(text("24-01-05"), Err(Reason::DateOrder));
}

#[test]
fn a_serial_and_a_date_cell_are_read() {
    assert_eq!(
        read(&Cell::Number(45_296.0), Shanghai).map(shown).as_deref(),
        Ok("2024-01-05")
    );
    assert_eq!(
        read(&Cell::Number(20_240_105.0), Shanghai).map(shown).as_deref(),
        Ok("2024-01-05")
    );
    assert_eq!(read(&Cell::Number(0.5), Shanghai), Err(Reason::NotADate));
}

#[test]
fn a_local_day_begins_at_local_midnight() {
    let stamp = read(&Cell::Text("2024-01-05".to_owned()), Shanghai).unwrap();
    assert_eq!(stamp.wall(Shanghai), Wall::from_millis(1_704_384_000_000));
    // 1986-05-04 02:00 did not exist in Shanghai: the clocks went to 03:00.
    let skipped = read(&Cell::Text("1986-05-04 02:30".to_owned()), Shanghai).unwrap();
    assert_eq!(skipped.wall(Shanghai), Wall::from_millis(515_529_000_000));
}

#[test]
fn a_discharge_lies_after_1989_after_the_admission_and_not_after_tomorrow() {
    let stamp = |date: &str| read(&Cell::Text(date.to_owned()), Shanghai).unwrap();
    let today = NaiveDate::from_ymd_opt(2024, 1, 5).unwrap();
    let check = |discharged, admitted: Option<&str>| check_discharge(stamp(discharged), admitted.map(stamp), today);
    assert_eq!(check("2024-01-06", None), Ok(()));
    assert_eq!(check("2024-01-07", None), Err(Reason::InTheFuture));
    assert_eq!(check("1989-12-31", None), Err(Reason::TooLongAgo));
    assert_eq!(check("2024-01-04", Some("2024-01-05")), Err(Reason::BeforeAdmission));
    assert_eq!(check("2024-01-04", Some("2024-01-04 10:00")), Ok(()));
    assert_eq!(
        check("2024-01-04 09:00", Some("2024-01-04 10:00")),
        Err(Reason::BeforeAdmission)
    );
}

proptest::proptest! {
    #[test]
    fn nothing_panics(date in "[0-9年月日时分上午下午T:/. +Z-]{0,30}|\\PC{0,20}", serial in proptest::num::f64::ANY) {
        let _ = text(&date);
        let _ = read(&Cell::Number(serial), Shanghai).map(|stamp| stamp.wall(Shanghai));
    }
}
