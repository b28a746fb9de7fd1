//! Settings and campaign files: what is read, what is refused, and where.

use std::path::Path;
use std::time::Duration;

use super::{CampaignFile, EXAMPLE, Settings, parse};
use crate::calendar::DueAfter;
use crate::dialer::RetryPolicy;
use crate::document::{Fault, Severity};
use crate::outcome::Disposition;

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
    settings(&uncommented).expect("every setting that the example shows is one");
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
    assert!(faults.iter().any(|fault| fault.message.contains("[[trunk]]")));
}

#[test]
fn a_mistyped_key_is_told_with_the_one_that_was_meant() {
    let faults = settings(&format!("{TRUNK}passwort = \"x\"\n")).unwrap_err();
    assert!(faults[0].message.contains("did you mean `password`?"), "{faults:?}");
}

#[test]
fn two_trunks_of_one_name_are_refused() {
    let faults = settings(&format!("{TRUNK}{TRUNK}")).unwrap_err();
    assert_eq!(places(&faults), [(6, 8)]);
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
    assert!(faults[0].message.contains("08:00-21:00"), "{faults:?}");
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
