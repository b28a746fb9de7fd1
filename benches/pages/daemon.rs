//! The real daemon over the populated folder, with its console on loopback.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use super::site::Site;

/// A daemon over ten gigabytes reads its log and its journal first.
const PATIENCE: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// A running daemon. Dropped, it is killed.
pub(crate) struct Daemon {
    child: Child,
    folder: PathBuf,
    pub(crate) address: SocketAddr,
}

impl Daemon {
    pub(crate) async fn start(site: &Site) -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(format!("aftercall-pages-{}", std::process::id()));
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let address = free_address()?;
        let project = Path::new(env!("CARGO_MANIFEST_DIR"));
        let settings = format!(
            "[place]\ndata = {:?}\nprompts = {:?}\n\n[console]\nlisten = \"{address}\"\ntls = false\nhospital = \"测试医院\"\n\n\
             [[trunk]]\nname = \"main\"\naddress = \"127.0.0.1:9\"\nlocal = \"127.0.0.1:0\"\nlines = 60\npace = 10.0\n",
            site.folder(),
            project.join("prompts"),
        );
        fs::write(folder.join("aftercall.toml"), settings)?;
        let child = Command::new(env!("CARGO_BIN_EXE_aftercall"))
            .args(["run", "--log", "error"])
            .current_dir(&folder)
            .stdin(Stdio::null())
            .stdout(File::create(folder.join("out"))?)
            .stderr(File::create(folder.join("err"))?)
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .context("cannot start the daemon")?;
        let mut daemon = Self { child, folder, address };
        daemon.be_ready().await?;
        Ok(daemon)
    }

    async fn be_ready(&mut self) -> anyhow::Result<()> {
        let began = super::now();
        while began.elapsed() < PATIENCE {
            if fs::read_to_string(self.folder.join("out"))?.contains("aftercall is ready") {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("the daemon did not start: {status}{}", self.last_words());
            }
            sleep(LOOK_EVERY).await;
        }
        bail!("the daemon did not start in time{}", self.last_words())
    }

    /// What it said last.
    pub(crate) fn last_words(&self) -> String {
        let said = fs::read_to_string(self.folder.join("err")).unwrap_or_default();
        let lines: Vec<&str> = said.lines().collect();
        let last = lines.iter().skip(lines.len().saturating_sub(10));
        last.map(|line| format!("\n  daemon: {line}")).collect()
    }

    /// Ends it by SIGTERM.
    pub(crate) async fn end(mut self) -> anyhow::Result<()> {
        let pid = self.child.id().context("it has ended by itself")?.to_string();
        Command::new("kill").args(["-TERM", &pid]).status().await?;
        let status = timeout(PATIENCE, self.child.wait())
            .await
            .context("did not end in time")??;
        ensure!(
            status.success(),
            "the daemon ended badly: {status}{}",
            self.last_words()
        );
        fs::remove_dir_all(&self.folder)?;
        Ok(())
    }
}

fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
