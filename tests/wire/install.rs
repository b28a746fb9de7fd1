//! `scripts/install` into a folder of its own: first install, upgrade from an older database, killed on the way, taken back.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use aftercall::engine::clock::Clock;
use aftercall::moment::Moment;
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};

/// A release folder, a host to install it on, and what the host has.
struct Host {
    folder: PathBuf,
}

impl Host {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("install-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        let release = folder.join("release");
        fs::create_dir_all(&release).unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for part in ["prompts", "dialplans", "campaigns", "rules", "systemd"] {
            let copied = Command::new("cp")
                .arg("-R")
                .arg(root.join(part))
                .arg(&release)
                .status()
                .unwrap();
            assert!(copied.success());
        }
        fs::copy(env!("CARGO_BIN_EXE_aftercall"), release.join("aftercall")).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join("host").join(name)
    }

    fn install(&self, more: &[&str]) -> Command {
        let mut install = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/install"));
        install.arg("--from").arg(self.folder.join("release"));
        install.arg("--root").arg(self.folder.join("host")).args(more);
        install
    }

    fn succeed(&self, more: &[&str]) -> String {
        let (output, said) = told(&mut self.install(more));
        assert!(output.status.success(), "{said}");
        said
    }

    fn fail(&self, more: &[&str]) -> String {
        let (output, said) = told(&mut self.install(more));
        assert_eq!(output.status.code(), Some(1), "{said}");
        said
    }

    /// The installed program with these arguments.
    fn program(&self, arguments: &[&str]) -> String {
        let mut program = Command::new(self.path("usr/local/bin/aftercall"));
        program
            .arg("--config")
            .arg(self.path("etc/aftercall/aftercall.toml"))
            .args(arguments);
        told(&mut program).1
    }

    /// An older program: it knows the migrations up to `version`, and is another file.
    async fn older(&self, version: i64) {
        let data = self.path("var/lib/aftercall");
        fs::write(data.join("aftercall.db"), "").unwrap();
        fs::set_permissions(data.join("aftercall.db"), fs::Permissions::from_mode(0o600)).unwrap();
        let mut migrator = Migrator::new(Path::new("migrations/sqlite")).await.unwrap();
        migrator
            .migrations
            .to_mut()
            .retain(|migration| migration.version <= version);
        let mut database = self.database().await;
        migrator.run(&mut database).await.unwrap();
        sqlx::raw_sql("insert into meta (key, value) values ('kept', 'yes')")
            .execute(&mut database)
            .await
            .unwrap();
        fs::write(
            self.path("usr/local/bin/aftercall"),
            "#!/bin/sh\necho aftercall 0.0.9\n",
        )
        .unwrap();
    }

    async fn database(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(self.path("var/lib/aftercall/aftercall.db"));
        options.connect().await.unwrap()
    }

    async fn schema(&self) -> i64 {
        let mut database = self.database().await;
        let kept: String = sqlx::query_scalar("select value from meta where key = 'kept'")
            .fetch_one(&mut database)
            .await
            .unwrap();
        assert_eq!(kept, "yes");
        sqlx::query_scalar("select max(version) from _sqlx_migrations")
            .fetch_one(&mut database)
            .await
            .unwrap()
    }

    fn is_old(&self) -> bool {
        fs::read(self.path("usr/local/bin/aftercall"))
            .unwrap()
            .starts_with(b"#!")
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

fn told(command: &mut Command) -> (Output, String) {
    let output = command.output().unwrap();
    let said = [output.stdout.as_slice(), &output.stderr].concat();
    (output, String::from_utf8_lossy(&said).into_owned())
}

const PRESENT: i64 = 7;

#[tokio::test]
async fn a_first_install_is_ready_to_check_and_an_upgrade_keeps_what_people_changed() {
    let host = Host::new("first");
    let said = host.succeed(&[]);
    assert!(said.contains("is installed. Next:"), "{said}");
    let mode = |name: &str| host.path(name).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("var/lib/aftercall"), 0o700);
    assert_eq!(mode("etc/aftercall/aftercall.toml"), 0o640);
    // The example's trunk is a real one, and the prompts name the demo's hospital.
    let said = host.program(&["check"]);
    assert!(
        said.contains("the greeting still says") && said.contains("1 fault"),
        "{said}"
    );
    let settings = fs::read_to_string(host.path("etc/aftercall/aftercall.toml")).unwrap();
    let settings = settings.replace("203.0.113.5:5060", "127.0.0.1:5070");
    fs::write(host.path("etc/aftercall/aftercall.toml"), &settings).unwrap();
    // The shipped campaign finds its dialplan, and that its prompts.
    let campaign = host.path("usr/local/share/aftercall/campaigns/inpatient.toml");
    let said = host.program(&["check", campaign.to_str().unwrap()]);
    assert!(said.contains("no fault found"), "{said}");
    fs::write(host.path("usr/local/share/aftercall/prompts/zh-CN/own.wav"), "ours").unwrap();
    fs::write(host.path("usr/local/share/aftercall/dialplans/own.toml"), "ours").unwrap();
    let invalid = host.path("usr/local/share/aftercall/prompts/zh-CN/texts.tsv");
    fs::write(&invalid, "ours").unwrap();
    let said = host.succeed(&[]);
    assert!(said.contains("upgraded to aftercall"), "{said}");
    assert!(said.contains("was changed here and stays"), "{said}");
    assert_eq!(fs::read_to_string(&invalid).unwrap(), "ours");
    assert!(
        host.path("usr/local/share/aftercall/prompts.new/zh-CN/texts.tsv")
            .exists()
    );
    assert!(host.path("usr/local/share/aftercall/dialplans/own.toml").exists());
    assert_eq!(
        fs::read_to_string(host.path("etc/aftercall/aftercall.toml")).unwrap(),
        settings
    );
}

async fn with_an_older_release(name: &str) -> Host {
    let host = Host::new(name);
    host.succeed(&[]);
    let settings = host.path("etc/aftercall/aftercall.toml");
    let text = fs::read_to_string(&settings)
        .unwrap()
        .replace("203.0.113.5:5060", "127.0.0.1:5070");
    fs::write(settings, text).unwrap();
    host.older(5).await;
    host
}

#[tokio::test]
async fn an_upgrade_brings_an_older_database_forward_and_can_be_taken_back() {
    let host = with_an_older_release("back").await;
    let said = host.succeed(&[]);
    assert!(said.contains("the database was brought from schema 5 to"), "{said}");
    assert!(!host.is_old());
    assert!(host.schema().await > PRESENT);
    let said = host.succeed(&["--rollback"]);
    assert!(said.contains("putting back aftercall 0.0.9"), "{said}");
    assert!(host.is_old());
    assert_eq!(host.schema().await, 5);
}

#[tokio::test]
async fn an_upgrade_that_cannot_go_forward_puts_program_and_database_back() {
    let host = with_an_older_release("stuck").await;
    // A migration adds this column, and cannot.
    sqlx::raw_sql("alter table campaign add column paused_at integer")
        .execute(&mut host.database().await)
        .await
        .unwrap();
    let said = host.fail(&[]);
    assert!(said.contains("the earlier program and database are back"), "{said}");
    assert!(host.is_old());
    assert_eq!(host.schema().await, 5);
}

#[tokio::test]
async fn a_newer_database_is_refused_before_anything_is_changed() {
    let host = with_an_older_release("newer").await;
    sqlx::raw_sql(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (9999, 'later', 1, x'00', 0)",
    )
    .execute(&mut host.database().await)
    .await
    .unwrap();
    let said = host.fail(&[]);
    assert!(said.contains("9999") && said.contains("nothing was changed"), "{said}");
    assert!(host.is_old());
    assert_eq!(host.schema().await, 9999);
}

#[tokio::test]
async fn an_upgrade_killed_anywhere_leaves_a_host_that_works_and_is_finished_by_the_next() {
    let host = with_an_older_release("killed").await;
    let begun = Clock::start();
    let mut outcomes = Vec::new();
    for round in 0..10_u64 {
        let mut install = host.install(&[]);
        std::os::unix::process::CommandExt::process_group(&mut install, 0);
        let mut child = install
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(round * round * 6 + 5)).await;
        let group = format!("-{}", child.id());
        drop(
            Command::new("kill")
                .args(["-s", "KILL", "--", &group])
                .output()
                .unwrap(),
        );
        child.wait().unwrap();
        // The old program with its database, or the new one with either: it brings it forward itself.
        let (is_old, schema) = (host.is_old(), host.schema().await);
        assert!(
            !is_old || schema == 5,
            "round {round}: the old program is left with schema {schema}"
        );
        assert!(
            schema == 5 || schema > PRESENT,
            "round {round}: half of it was carried forward: {schema}"
        );
        outcomes.push((is_old, schema));
    }
    let said = host.succeed(&[]);
    assert!(said.contains("upgraded to aftercall"), "{said}");
    assert!(host.schema().await > PRESENT && !host.is_old(), "{outcomes:?}");
    host.succeed(&["--rollback"]);
    assert_eq!(
        host.schema().await,
        5,
        "what was kept is what there was before the first try: {outcomes:?}"
    );
    assert!(host.is_old());
    assert!(begun.now().since(Moment::ZERO) < crate::house::PATIENCE * 4);
}
