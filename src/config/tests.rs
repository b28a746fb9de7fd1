//! Settings and campaign files: what is read, what is refused, and where.

use std::path::Path;
use std::time::Duration;

use super::{CampaignFile, EXAMPLE, Settings, parse};
use crate::calendar::DueAfter;
use crate::dialer::RetryPolicy;
use crate::document::{Fault, Severity};
use crate::outcome::Disposition;
use crate::phone::Number;

fn settings(text: &str) -> Result<Settings, Vec<Fault>> {
    parse(text, Path::new("/etc/aftercall")).map(|(settings, _)| settings)
}

fn places(faults: &[Fault]) -> Vec<(u32, u32)> {
    faults.iter().map(|fault| (fault.line, fault.column)).collect()
}

const TRUNK: &str = "[[trunk]]\nname = \"main\"\naddress = \"127.0.0.1:5070\"\nuser = \"010\"\n";

const CAMPAIGN: &str = "name = \"七天回访\"\ndialplan = \"d.toml\"\ntrunk = \"main\"\n";

#[test]
fn the_example_is_sound_and_shows_the_defaults() {
    let example = settings(EXAMPLE).unwrap();
    let plain = settings(TRUNK).unwrap();
    assert_eq!(example.place.time_zone, plain.place.time_zone);
    assert_eq!(example.media.ports, plain.media.ports);
    assert_eq!(example.sip.inbound_status, 480);
    let uncommented: String = EXAMPLE
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(setting) if setting.contains(" = ") || setting.starts_with("[[") => format!("{setting}\n"),
            Some(_) | None => format!("{line}\n"),
        })
        .collect();
    // The other way to give a password needs its file, and so does an own calendar.
    let text: String = uncommented
        .lines()
        .filter(|line| !line.starts_with("password_file = ") && !line.starts_with("work_calendar = "))
        .map(|line| format!("{line}\n"))
        .collect();
    settings(&text).expect("every setting that the example shows is one");
}

#[test]
fn an_own_work_calendar_is_read_and_its_faults_are_told_with_file_and_line() {
    let folder = std::env::temp_dir().join(format!("aftercall-calendar-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let own = folder.join("own.toml");
    let read = |text: &str| {
        std::fs::write(&own, text).unwrap();
        parse(&format!("[place]\nwork_calendar = \"own.toml\"\n{TRUNK}"), &folder)
    };
    let year = "[[year]]\nyear = 2026\nsource = \"x\"\n";
    let (settings, _) = read(&format!("{year}holidays = [\"2026-11-11 院庆\"]\n")).unwrap();
    let calendar = &settings.place.work_calendar;
    assert!(!calendar.day("2026-11-11".parse().unwrap()).is_worked());
    assert!(
        calendar.day("2026-10-10".parse().unwrap()).is_worked(),
        "the shipped one is under it"
    );
    let faults = read(&format!("{year}holidays = [\"11 November\"]\n")).unwrap_err();
    let told = faults.iter().map(ToString::to_string).collect::<String>();
    assert!(
        told.contains("2:17: error") && told.contains("own.toml:4:13: error: expected days"),
        "{told}"
    );
    std::fs::remove_file(&own).unwrap();
    let faults = parse(&format!("[place]\nwork_calendar = \"own.toml\"\n{TRUNK}"), &folder).unwrap_err();
    assert!(
        faults
            .iter()
            .any(|fault| fault.wrong.to_string().contains("cannot read the work calendar"))
    );
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_backup_is_old_after_days_and_never_without_a_number_of_them() {
    let warn_after = |text: &str| {
        settings(&format!("[backup]\n{text}\n{TRUNK}"))
            .unwrap()
            .backup
            .warn_after
    };
    let days = |days: u64| std::time::Duration::from_secs(days * 24 * 3600);
    assert_eq!((warn_after(""), warn_after("warn_after_days = 0")), (None, None));
    assert_eq!(warn_after("warn_after_days = 2"), Some(days(2)));
    assert!(settings(&format!("[backup]\nwarn_after_days = \"2\"\n{TRUNK}")).is_err());
}

#[test]
fn a_campaign_names_its_trunk_and_the_spares_behind_it() {
    let trunks = |line: &str| {
        let text = CAMPAIGN.replace("trunk = \"main\"", line);
        CampaignFile::parse(&text).map(|(campaign, _)| campaign.trunks)
    };
    assert_eq!(trunks("trunk = \"main\"").unwrap(), ["main"]);
    for line in ["trunks = [\"main\", \"spare\"]", "trunk = [\"main\", \"spare\"]"] {
        assert_eq!(trunks(line).unwrap(), ["main", "spare"]);
    }
    for line in [
        "",
        "trunks = []",
        "trunks = [\"a\", \"a\"]",
        "trunk = \"a\"\ntrunks = [\"b\"]",
    ] {
        assert!(trunks(line).is_err(), "{line}");
    }
}

#[test]
fn the_worked_examples_of_the_operations_guide_are_settings() {
    let guide = include_str!("../../docs/operations.md");
    let blocks = guide
        .split("```toml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next());
    let trunks: Vec<&str> = blocks.filter(|block| block.contains("[[trunk]]")).collect();
    assert_eq!(trunks.len(), 6);
    for block in trunks {
        let read = parse(block, Path::new("."));
        assert!(
            matches!(&read, Ok((_, warnings)) if warnings.is_empty()),
            "{block}\n{read:?}"
        );
    }
}

#[test]
fn paths_stand_in_the_folder_of_the_file() {
    let settings = settings(&format!(
        "[place]\ndata = \"data\"\nprompts = \"/srv/prompts\"\n{TRUNK}"
    ))
    .unwrap();
    assert_eq!(settings.place.data, Path::new("/etc/aftercall/data"));
    assert_eq!(settings.place.prompts, Path::new("/srv/prompts"));
}

#[test]
fn every_fault_is_told_at_once_with_its_place() {
    let text =
        "[place]\ntime_zone = \"Asia/Peking\"\n[media]\nrtp_ports = \"5-4\"\n[[trunk]]\nname = \"a\"\nuser = 7\n";
    let faults = settings(text).unwrap_err();
    assert_eq!(places(&faults), [(2, 13), (4, 13), (5, 1), (7, 8)], "{faults:#?}");
}

#[test]
fn settings_without_a_trunk_are_none() {
    let faults = settings("[sip]\n").unwrap_err();
    assert!(faults.iter().any(|fault| fault.wrong.to_string().contains("[[trunk]]")));
}

#[test]
fn a_mistyped_key_is_told_with_the_one_that_was_meant() {
    let faults = settings(&format!("{TRUNK}passwort = \"x\"\n")).unwrap_err();
    assert!(
        faults[0].wrong.to_string().contains("did you mean `password`?"),
        "{faults:?}"
    );
}

#[test]
fn two_trunks_of_one_name_are_refused() {
    let faults = settings(&format!("{TRUNK}{TRUNK}")).unwrap_err();
    assert_eq!(places(&faults), [(6, 8)]);
}

#[test]
fn what_cannot_stand_in_a_header_is_refused_where_it_stands() {
    let text = "[[trunk]]\naddress = \"a b\"\nuser = \"0 1\"\ndisplay_name = \"a\\nb\"\ndomain = \"x;y\"\n\
                asserted_identity = \"<sip:a@b>\"\npreferred_identity = \"7\"\nredirect_hosts = [\"ok.example\", \"-\"]\n";
    let faults = settings(text).unwrap_err();
    let lines: Vec<u32> = faults.iter().map(|fault| fault.line).collect();
    assert_eq!(lines, [2, 3, 4, 5, 6, 8], "{faults:#?}");
    assert_eq!(faults[5].column, 33, "the second host");
}

#[test]
fn a_trunk_has_one_identity_and_an_account_where_it_registers() {
    let faults = settings(
        "[[trunk]]\naddress = \"a.example\"\nregister = true\nasserted_identity = \"1\"\npreferred_identity = \"2\"\n",
    )
    .unwrap_err();
    assert_eq!(places(&faults), [(3, 12), (5, 22)], "{faults:#?}");
}

#[test]
fn port_ranges_are_equal_or_apart() {
    let trunk = |name: &str, ports: &str| {
        format!("[[trunk]]\nname = \"{name}\"\naddress = \"192.0.2.1\"\nrtp_ports = \"{ports}\"\n")
    };
    let apart = [
        trunk("a", "30000-30099"),
        trunk("b", "30000-30099"),
        trunk("c", "20000-29999"),
    ];
    assert_eq!(settings(&apart.concat()).unwrap().trunks.len(), 3);
    let faults = settings(&(trunk("a", "30000-30099") + &trunk("b", "30099-30199"))).unwrap_err();
    assert_eq!(places(&faults), [(8, 13)]);
    let faults = settings(&trunk("a", "29000-31000")).unwrap_err();
    assert!(faults[0].wrong.to_string().contains("20000-29999"), "{faults:?}");
}

#[test]
fn number_rules_are_read_in_order_and_wrong_ones_told() {
    let number = |text: &str| Number::parse(text).unwrap();
    let rules = "number_format = [{ pattern = \"0571.\", strip = 4 }, { pattern = \"X.\", add = \"9\" }]\n\
                 local_segments = [\"1380571\", \"159\"]\n";
    let format = settings(&format!("{TRUNK}{rules}")).unwrap().trunks[0].format.clone();
    assert_eq!(format.apply(&number("057187654321")).reveal(), "87654321");
    assert_eq!(format.apply(&number("13805710001")).reveal(), "913805710001");
    assert_eq!(format.apply(&number("13800000001")).reveal(), "9013800000001");
    let wrong = "number_format = [\n{ pattern = \"1.2\" },\n{ strip = 1 },\n{ pattern = \"0.\", strip = 2 },\n\
                 { pattern = \"0.\", ad = \"9\" },\n]\nlocal_segments = [\"159\", \"0571\"]\n";
    let faults = settings(&format!("{TRUNK}{wrong}")).unwrap_err();
    assert_eq!(
        places(&faults),
        [(6, 13), (7, 1), (8, 1), (9, 19), (11, 26)],
        "{faults:#?}"
    );
    let faults = settings(&format!("{TRUNK}number_format = \"086\"\n")).unwrap_err();
    assert!(
        faults[0].wrong.to_string().contains("one of as_stored, +86, 0086, 86"),
        "{faults:?}"
    );
}

#[test]
fn segments_are_read_from_a_file_beside_the_settings() {
    let folder = std::env::temp_dir().join(format!("aftercall-segments-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("hz.txt"), "\u{feff}# 杭州\n1380571\n1590571 # 移动\n\n").unwrap();
    std::fs::write(folder.join("bad.txt"), "1380571\n13805710\n").unwrap();
    let read = |file: &str| parse(&format!("{TRUNK}local_segments = \"{file}\"\n"), &folder);
    let (good, bad) = (read("hz.txt"), read("bad.txt"));
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(good.unwrap().0.trunks[0].format.local.len(), 2);
    let faults = bad.unwrap_err();
    assert_eq!(places(&faults), [(5, 18)]);
    assert!(faults[0].wrong.to_string().contains("line 2"), "{faults:?}");
}

#[test]
fn a_password_never_shows() {
    let settings = settings(&format!("{TRUNK}password = \"geheim\"\n")).unwrap();
    assert!(!format!("{settings:?}").contains("geheim"));
}

#[test]
fn a_campaign_has_the_defaults_of_the_practice() {
    let (campaign, warnings) = CampaignFile::parse(CAMPAIGN).unwrap();
    assert_eq!(warnings, []);
    assert_eq!(campaign.due_after, DueAfter::Days(7));
    assert_eq!(campaign.ring.from_ringing, Duration::from_secs(45));
    assert_eq!(campaign.ring.from_invite, Duration::from_secs(60));
    assert_eq!(campaign.retry, RetryPolicy::default());
}

#[test]
fn windows_outside_the_hours_in_which_people_may_be_called_are_refused() {
    let faults = CampaignFile::parse(&format!("{CAMPAIGN}[windows]\nevery_day = [\"07:00-12:00\"]\n")).unwrap_err();
    assert!(faults[0].wrong.to_string().contains("08:00-21:00"), "{faults:?}");
}

#[test]
fn a_retry_rule_changes_what_it_names_and_nothing_else() {
    let text = format!("{CAMPAIGN}budget = 3\n[retry.busy]\nafter = [\"10m\", \"1d_other_part\"]\n");
    let (campaign, _) = CampaignFile::parse(&text).unwrap();
    let rule = campaign.retry.rule(Disposition::Busy);
    assert_eq!(rule.after.len(), 2);
    assert_eq!(rule.max, RetryPolicy::default().rule(Disposition::Busy).max);
    assert_eq!(campaign.retry.budget, 3);
}

#[test]
fn nobody_is_called_again_after_asking_not_to_be() {
    let faults = CampaignFile::parse(&format!("{CAMPAIGN}[retry.opt_out]\nafter = \"1d\"\nmax = 1\n")).unwrap_err();
    assert_eq!(faults[0].severity, Severity::Error);
    assert_eq!(faults[0].line, 4);
}
