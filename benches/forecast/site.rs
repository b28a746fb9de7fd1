//! The folder of a run: settings, campaigns, lists, the patients of the far end; and the programs that run in it.

use std::fs::{self, File};
use std::net::{Ipv4Addr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail, ensure};
use tokio::process::{Child, Command};

/// How calls end, of a hundred.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rates {
    /// Answers every question.
    completes: u32,
    /// Hangs up within seconds.
    hangs_up: u32,
    rings_on: u32,
    busy: u32,
    switched_off: u32,
    declines: u32,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            completes: 40,
            hangs_up: 10,
            rings_on: 25,
            busy: 8,
            switched_off: 9,
            declines: 8,
        }
    }
}

impl Rates {
    /// Answered calls are more or fewer by so many percent; the others make up for it.
    pub(crate) fn shifted(self, percent: i32) -> Self {
        let scale = |share: u32| share.saturating_mul(100_u32.saturating_add_signed(percent)) / 100;
        let (completes, hangs_up) = (scale(self.completes), scale(self.hangs_up));
        let before = self.completes + self.hangs_up;
        let others = 100 - before;
        let left = 100 - (completes + hangs_up).min(100);
        let rest = |share: u32| share * left / others;
        Self {
            completes,
            hangs_up,
            busy: rest(self.busy),
            switched_off: rest(self.switched_off),
            declines: rest(self.declines),
            rings_on: left - rest(self.busy) - rest(self.switched_off) - rest(self.declines),
        }
    }
}

/// The folder; it is gone when the run is over, unless it is kept.
pub(crate) struct Site {
    folder: PathBuf,
    keep: bool,
    far: u16,
}

/// Waits no longer for a program's word or a command's end.
const PATIENCE: Duration = Duration::from_secs(60);

impl Site {
    pub(crate) fn make(lines: u16, keep: bool) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("aftercall-forecast-{}", std::process::id()));
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let (local, far) = (free_port()?, free_port()?);
        let site = Self { folder, keep, far };
        let project = Path::new(env!("CARGO_MANIFEST_DIR"));
        fs::copy(
            project.join("dialplans/inpatient-satisfaction.toml"),
            site.folder.join("questionnaire.toml"),
        )?;
        site.write(
            "aftercall.toml",
            &format!(
                "[place]\ntime_zone = \"{}\"\nprompts = \"{}\"\n\n[media]\nrtp_ports = \"11000-14999\"\n\n[[trunk]]\n\
                 name = \"far\"\naddress = \"127.0.0.1:{far}\"\nlocal = \"127.0.0.1:{local}\"\nuser = \"057100000000\"\n\
                 lines = {lines}\npace = 100.0\n",
                zone_of_noon()?,
                project.join("prompts").display()
            ),
        )?;
        Ok(site)
    }

    /// What the far end is started with: it knows the prompts by ear.
    pub(crate) fn far_end(&self) -> Vec<String> {
        let prompts = Path::new(env!("CARGO_MANIFEST_DIR")).join("prompts");
        let listen = format!("127.0.0.1:{}", self.far);
        let words = [
            "far-end",
            "--script",
            "patients.toml",
            "--log",
            "far-end.jsonl",
            "--listen",
            &listen,
            "--prompts",
        ];
        let words = words.iter().map(|word| (*word).to_owned());
        words.chain([prompts.display().to_string()]).collect()
    }

    /// A campaign with a list of its own, due now, over so many lines.
    pub(crate) async fn add(&self, program: &Path, name: &str, seed: u64, patients: u32, lines: u16) -> Result<()> {
        self.write(
            &format!("{name}.toml"),
            &format!(
                "name = \"{name}\"\ndialplan = \"questionnaire.toml\"\ntrunk = \"far\"\nbudget = 3\nlines = {lines}\npace = {}.0\n\
                 ring = \"20s\"\nretry_after = \"30s\"\n\n[windows]\nevery_day = [\"08:00-21:00\"]\n",
                (lines / 10).max(1)
            ),
        )?;
        let mut list = "住院号,姓名,联系电话,出院科室,出院日期\n".to_owned();
        for n in 0..u64::from(patients) {
            // Eight digits that no other patient of this or another seed has.
            let digits = (seed * 1_000_000 + n) * 87_654_321 % 100_000_000;
            list += &format!("{name}{n:06},王芳,138{digits:08},骨科,2025-06-01\n");
        }
        self.write(&format!("{name}.csv"), &list)?;
        self.succeed(program, &["campaign", "add", &format!("{name}.toml")])
            .await?;
        self.succeed(
            program,
            &["import", "--campaign", name, "--due", "now", &format!("{name}.csv")],
        )
        .await?;
        Ok(())
    }

    /// The patients of the far end: each call is drawn anew from these rates.
    pub(crate) fn write_patients(&self, rates: Rates, seed: u64) -> Result<()> {
        self.write(
            "patients.toml",
            &format!(
                "[far_end]\nseed = {seed}\n\n[keys]\n\"*-greeting\" = \"none\"\n\"*-identity\" = \"1\"\n\"*-introduction\" = \"none\"\n\
                 \"*-treatment\" = \"1\"\n\"*-attitude\" = \"1\"\n\"*-quality\" = \"1\"\n\"*-instructions\" = \"1\"\n\
                 \"*-recommend\" = \"9\"\n\"goodbye-*\" = \"none\"\ndefault = \"none\"\n\
                 \n[[behaviour]]\nname = \"completes\"\nweight = {}\nring = \"2s..9s\"\npress_after = \"500ms..1500ms\"\n\
                 \n[[behaviour]]\nname = \"hangs up\"\nweight = {}\nring = \"2s..9s\"\nhang_up = [{{ at = \"3s\" }}]\n\
                 \n[[behaviour]]\nname = \"rings on\"\nweight = {}\ndoes = \"rings-on\"\n\
                 \n[[behaviour]]\nname = \"busy\"\nweight = {}\nstatus = 486\nring = \"1s..2s\"\n\
                 \n[[behaviour]]\nname = \"switched off\"\nweight = {}\nstatus = 480\nreason = \"Q.850;cause=20\"\nafter = \"4s..9s\"\n\
                 \n[[behaviour]]\nname = \"declines\"\nweight = {}\nstatus = 603\nring = \"4s..12s\"\n",
                rates.completes, rates.hangs_up, rates.rings_on, rates.busy, rates.switched_off, rates.declines
            ),
        )
    }

    fn write(&self, name: &str, text: &str) -> Result<()> {
        let file = self.folder.join(name);
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
    }

    /// Starts a program; should this process die, the kernel kills it.
    pub(crate) fn start(&self, program: &Path, name: &str, arguments: &[String]) -> Result<Child> {
        let file = |ending: &str| File::create(self.folder.join(format!("{name}.{ending}")));
        Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "--"])
            .arg(program)
            .args(arguments)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(file("out")?)
            .stderr(file("err")?)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))
    }

    /// Waits until a program has said this.
    pub(crate) async fn wait_for(&self, name: &str, words: &str) -> Result<()> {
        let file = self.folder.join(format!("{name}.out"));
        for _ in 0..PATIENCE.as_millis() / 50 {
            if fs::read_to_string(&file).unwrap_or_default().contains(words) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("`{name}` did not say \"{words}\"{}", self.last_words())
    }

    /// Runs a command to its end, which has to be a good one; what it said on standard output.
    pub(crate) async fn succeed(&self, program: &Path, arguments: &[&str]) -> Result<String> {
        let running = Command::new(program)
            .args(arguments)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let said = tokio::time::timeout(PATIENCE, running)
            .await
            .with_context(|| format!("{arguments:?}"))??;
        ensure!(
            said.status.success(),
            "{arguments:?}: {}{}",
            String::from_utf8_lossy(&said.stdout),
            String::from_utf8_lossy(&said.stderr)
        );
        Ok(String::from_utf8_lossy(&said.stdout).into_owned())
    }

    /// Ends a program in its order.
    pub(crate) async fn terminate(&self, child: &mut Child) -> Result<()> {
        let id = child.id().context("it has ended")?.to_string();
        let killed = Command::new("kill").args(["-s", "TERM", &id]).status().await?;
        ensure!(killed.success(), "kill {id}");
        tokio::time::timeout(PATIENCE, child.wait())
            .await
            .context("it does not end")??;
        Ok(())
    }

    /// What the programs said on standard error, the last of it.
    pub(crate) fn last_words(&self) -> String {
        let mut words = String::new();
        for name in ["run", "far-end"] {
            let said = fs::read_to_string(self.folder.join(format!("{name}.err"))).unwrap_or_default();
            let lines: Vec<&str> = said.lines().collect();
            for line in lines.iter().skip(lines.len().saturating_sub(10)) {
                words += &format!("\n  {name}: {line}");
            }
        }
        words
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if self.keep {
            eprintln!("bench: everything is kept in {}", self.folder.display());
        } else {
            // A folder that cannot be removed is in the folder for temporary files.
            drop(fs::remove_dir_all(&self.folder));
        }
    }
}

/// The zone in which it is about noon now: calling windows are real, and open, at every hour of the day.
#[expect(clippy::disallowed_methods, reason = "a bench measures by the real clock")]
fn zone_of_noon() -> Result<String> {
    let hour = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() / 3_600 % 24;
    let hours = i64::try_from(hour)? - 12;
    Ok(if hours == 0 {
        "Etc/GMT".to_owned()
    } else {
        // POSIX counts the other way round.
        format!("Etc/GMT{hours:+}")
    })
}

fn free_port() -> Result<u16> {
    Ok(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
