//! The unit, the account, the folders and the scripts, as the programs that read them judge them.

use std::path::Path;
use std::process::Command;

use crate::source::ROOT;

/// Runs a program that scripts/setup installs; it has to succeed.
fn succeed(program: &str, arguments: &[&str]) -> String {
    let ran = Command::new(program).args(arguments).current_dir(ROOT).output();
    let ran = ran.unwrap_or_else(|error| panic!("{program} is needed ({error}): scripts/setup test"));
    let said = String::from_utf8_lossy(&[ran.stdout.as_slice(), &ran.stderr].concat()).into_owned();
    assert!(ran.status.success(), "{program} {}:\n{said}", arguments.join(" "));
    said
}

#[test]
fn the_unit_is_hardened() {
    let unit = "systemd/aftercall.service";
    succeed(
        "systemd-analyze",
        &["security", "--offline=true", "--threshold=30", unit],
    );
    let text = std::fs::read_to_string(Path::new(ROOT).join(unit)).expect("the unit");
    for line in [
        "Type=notify",
        "LimitCORE=0",
        "User=aftercall",
        "NoNewPrivileges=yes",
        "UMask=0077",
    ] {
        assert!(text.lines().any(|found| found == line), "{unit}: {line} is missing");
    }
    assert!(text.contains("\nWatchdogSec="), "{unit}: the manager must watch it");
}

#[test]
fn the_account_and_the_folders_are_made_as_they_are_described() {
    let folder = std::env::temp_dir().join(format!("aftercall-account-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("etc")).expect("a folder");
    let root = format!("--root={}", folder.display());
    succeed(
        "systemd-sysusers",
        &[&root, "--dry-run", &format!("{ROOT}/systemd/aftercall.sysusers")],
    );
    succeed(
        "systemd-sysusers",
        &[&root, &format!("{ROOT}/systemd/aftercall.sysusers")],
    );
    let account = std::fs::read_to_string(folder.join("etc/passwd")).expect("an account");
    assert!(
        account.contains("aftercall:") && account.contains("/nologin"),
        "{account}"
    );
    // Ownership is root's to give.
    if is_root() {
        succeed(
            "systemd-tmpfiles",
            &[&root, "--create", &format!("{ROOT}/systemd/aftercall.tmpfiles")],
        );
        let mode =
            std::os::unix::fs::MetadataExt::mode(&folder.join("var/lib/aftercall").metadata().expect("the folder"));
        assert_eq!(mode & 0o777, 0o700);
    }
    std::fs::remove_dir_all(folder).expect("the folder goes");
}

fn is_root() -> bool {
    std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").expect("this process")) == 0
}

#[test]
fn the_installer_has_no_fault_that_shellcheck_knows() {
    succeed("shellcheck", &["scripts/install"]);
}
