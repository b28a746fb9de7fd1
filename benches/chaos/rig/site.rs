//! The folder of a run: settings, questionnaire, prompts, discharge list, the patients of the far ends.

use std::collections::BTreeSet;
use std::fs;
use std::net::{Ipv4Addr, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, ensure};

use super::voice;

/// The name of the campaign.
pub(crate) const CAMPAIGN: &str = "chaos";

/// Questions: ids, and the prompts that ask them.
pub(crate) const QUESTIONS: [&str; 3] = ["nursing", "treatment", "clear"];

const QUESTIONNAIRE: &str = include_str!("questionnaire.toml");

/// How long each prompt is, in milliseconds.
const PROMPTS: [(&str, u32); 8] = [
    ("greeting", 900),
    ("nursing", 1_000),
    ("treatment", 1_000),
    ("clear", 1_000),
    ("goodbye", 600),
    ("sorry", 600),
    ("invalid", 9_000),
    ("not-heard", 4_500),
];

/// What the patients press at the three questions; each number belongs to one of these.
const PRESSED: [[char; 3]; 4] = [['1', '2', '1'], ['2', '3', '2'], ['3', '4', '1'], ['4', '1', '2']];

/// What a run's site is made of.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Patients on the list.
    pub(crate) patients: u32,
    /// New calls a second.
    pub(crate) pace: f64,
    /// Calls at one time.
    pub(crate) lines: u32,
    /// Trunks, each with a far end of its own.
    pub(crate) trunks: u32,
    /// The calling window, in minutes before and after the beginning of the run.
    pub(crate) window: (u32, u32),
    /// How patients tell prompts apart.
    pub(crate) hears: Hears,
}

/// How patients tell prompts apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hears {
    /// By their sound: a questionnaire that goes on where it stopped gets its answers too.
    Prompts,
    /// The first, the second …: cheap, for thousands of calls.
    Turns,
}

/// The folder; it is gone when the run is over, unless it is kept.
pub(crate) struct Site {
    folder: PathBuf,
    keep: bool,
    /// Where the daemon takes SIP, and the far ends.
    pub(crate) local: u16,
    pub(crate) far: Vec<u16>,
    rtp: u16,
    /// When calls are allowed, in milliseconds since 1970.
    pub(crate) open: (i64, i64),
}

impl Site {
    pub(crate) fn make(plan: &Plan, now: i64, keep: bool) -> anyhow::Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("aftercall-chaos-{}-{n}", std::process::id()));
        fs::create_dir_all(folder.join("prompts/zh-CN"))
            .with_context(|| format!("cannot make {}", folder.display()))?;
        let ports = Ports::hold(plan.trunks + 1)?;
        let (local, far) = ports.split_first().context("a port")?;
        let minute = 60_000;
        let (before, after) = (i64::from(plan.window.0), i64::from(plan.window.1));
        // Windows are told in whole minutes.
        let present = now / minute * minute;
        let site = Self {
            folder,
            keep,
            local: *local,
            far: far.to_vec(),
            rtp: free_range()?,
            open: (present - before * minute, present + after * minute),
        };
        for (seed, (name, millis)) in (1..).zip(PROMPTS) {
            voice::write(
                &site.file(&format!("prompts/zh-CN/{name}.wav")),
                &voice::voice(seed, millis),
            )?;
        }
        let mut manifest = "language = \"zh-CN\"\nhospital = \"测试中心\"\nvoice = \"none\"\n".to_owned();
        let texts: toml::Table = toml::from_str(QUESTIONNAIRE)?;
        for (name, _) in PROMPTS {
            let text = texts.get("prompts").and_then(|prompts| prompts.get(name));
            let text = text.context("a prompt without text")?;
            manifest += &format!("\n[[prompt]]\nname = \"{name}\"\ntext = {text}\nsynthetic = true\n");
        }
        site.write("prompts/zh-CN/manifest.toml", &manifest)?;
        site.write("questionnaire.toml", QUESTIONNAIRE)?;
        site.write("aftercall.toml", &site.settings(plan, now))?;
        site.write("campaign.toml", &site.campaign(plan, CAMPAIGN, now))?;
        site.write("discharged.csv", &list(FIRST, plan.patients))?;
        site.write("patients.toml", &answering(plan.hears))?;
        Ok(site)
    }

    fn settings(&self, plan: &Plan, now: i64) -> String {
        let (first, last) = (self.rtp, self.rtp + RTP_PORTS - 1);
        let mut settings = format!(
            "[place]\ntime_zone = \"{}\"\n\n[media]\nrtp_ports = \"{first}-{last}\"\n",
            zone(now)
        );
        for (trunk, port) in self.far.iter().enumerate() {
            settings += &format!(
                "\n[[trunk]]\nname = \"far{trunk}\"\naddress = \"127.0.0.1:{port}\"\nlocal = \"127.0.0.1:{}\"\n\
                 user = \"057100000000\"\nlines = {}\npace = 100.0\noptions = \"5s\"\n",
                self.local, plan.lines
            );
        }
        settings
    }

    fn campaign(&self, plan: &Plan, name: &str, now: i64) -> String {
        let trunks: Vec<String> = (0..self.far.len()).map(|trunk| format!("\"far{trunk}\"")).collect();
        let local = |wall: i64| {
            let minutes = (wall / 60_000 + i64::from(offset(now)) * 60).rem_euclid(1_440);
            format!("{:02}:{:02}", minutes / 60, minutes % 60)
        };
        format!(
            "name = \"{name}\"\ndialplan = \"questionnaire.toml\"\ntrunks = [{}]\nbudget = 20\nlines = {}\n\
             pace = {:.3}\nring = \"20s\"\nretry_after = \"3s\"\n\n[windows]\nevery_day = [\"{}-{}\"]\n",
            trunks.join(", "),
            plan.lines,
            plan.pace,
            local(self.open.0),
            local(self.open.1),
        )
    }

    /// A second campaign, which nobody starts, with a list of its own.
    pub(crate) fn write_idle_campaign(&self, plan: &Plan, name: &str, now: i64, patients: u32) -> anyhow::Result<()> {
        self.write(&format!("{name}.toml"), &self.campaign(plan, name, now))?;
        self.write(&format!("{name}.csv"), &list(1_000_000, patients))
    }

    /// From its next SIGHUP on, a far end refuses everybody.
    pub(crate) fn patients_refuse(&self, far: usize, status: u16) -> anyhow::Result<()> {
        let script = format!(
            "far_end.default = \"refuses\"\n\n[[behaviour]]\nname = \"refuses\"\nstatus = {status}\nafter = \"20ms\"\n"
        );
        self.write(&script_name(far), &script)
    }

    /// From its next SIGHUP on, its patients answer.
    pub(crate) fn patients_answer(&self, far: usize) -> anyhow::Result<()> {
        fs::copy(self.file("patients.toml"), self.file(&script_name(far)))?;
        Ok(())
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.file("data")
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.file("data/aftercall.db")
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> anyhow::Result<()> {
        let file = self.file(name);
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
    }

    /// What the programs said on standard error, the last of it.
    pub(crate) fn last_words(&self) -> String {
        let mut words = String::new();
        for name in ["run", "far-end0"] {
            let said = fs::read(self.file(&format!("{name}.err"))).unwrap_or_default();
            let said = String::from_utf8_lossy(&said).into_owned();
            let lines: Vec<&str> = said.lines().collect();
            for line in lines.iter().skip(lines.len().saturating_sub(10)) {
                words += &format!("\n  {name}: {line}");
            }
        }
        words
    }

    /// Lines of the daemon that name a patient, hold a number, or seven digits on end of one of the first numbers: more of
    /// them, and one would be met by chance.
    pub(crate) fn leaks(&self, plan: &Plan) -> Vec<String> {
        const IN_PARTS: usize = 8;
        let numbers: Vec<String> = (FIRST..FIRST + plan.patients).map(number).collect();
        let parts = numbers.iter().take(IN_PARTS).flat_map(|number| {
            let places = number.char_indices().map(|(at, _)| at);
            places.filter_map(|at| number.get(at..at + 7).map(str::to_owned))
        });
        let needles: BTreeSet<String> = parts.chain(numbers.iter().cloned()).collect();
        let mut leaks = Vec::new();
        for name in ["run.err", "run.out"] {
            let said = fs::read(self.file(name)).unwrap_or_default();
            for line in String::from_utf8_lossy(&said).lines() {
                let mut runs = line.split(|letter: char| !letter.is_ascii_digit());
                let has_digits = runs.any(|run| run.len() >= 7 && needles.iter().any(|needle| run.contains(needle)));
                if has_digits || line.contains(NAME) {
                    leaks.push(format!("{name}: {line}"));
                }
            }
        }
        leaks
    }

    /// How often the daemon said that something panicked.
    pub(crate) fn panics(&self) -> usize {
        let said = fs::read(self.file("run.err")).unwrap_or_default();
        String::from_utf8_lossy(&said).matches("panicked at").count()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if !self.keep {
            // A folder that cannot be removed is in the folder for temporary files.
            drop(fs::remove_dir_all(&self.folder));
        }
    }
}

/// The script that a far end reads.
pub(crate) fn script_name(far: usize) -> String {
    format!("patients{far}.toml")
}

/// Hours from UTC that make it noon now: calling windows are real, and open, at every hour of the day.
fn offset(now: i64) -> i32 {
    12 - i32::try_from((now / 3_600_000).rem_euclid(24)).unwrap_or(12)
}

/// The zone of that name; POSIX counts the other way round.
fn zone(now: i64) -> String {
    match -offset(now) {
        0 => "Etc/GMT".to_owned(),
        hours => format!("Etc/GMT{hours:+}"),
    }
}

/// The patients are counted from here.
const FIRST: u32 = 1;

/// The name of every patient: unlike anything else that a log holds.
const NAME: &str = "慕容龢嫣";

/// The number of a patient: eight digits that no other patient has, and that look like nothing else.
fn number(n: u32) -> String {
    let digits = u64::from(n) * 87_654_321 % 100_000_000;
    format!("138{digits:08}")
}

fn list(first: u32, many: u32) -> String {
    let rows = (first..first + many).map(|n| format!("ZY{n:08},{NAME},{},骨科,2025-06-01\n", number(n)));
    let head = "住院号,姓名,联系电话,出院科室,出院日期\n".to_owned();
    rows.fold(head, |list, row| list + &row)
}

/// Patients who answer every question, each kind with keys of its own; one in twenty is busy the first time.
fn answering(hears: Hears) -> String {
    let mut script = match hears {
        Hears::Prompts => "[far_end]\n".to_owned(),
        Hears::Turns => "[far_end]\nhears = \"silence\"\n".to_owned(),
    };
    for keys in PRESSED {
        let [first, second, third] = keys;
        let pairs: Vec<String> = match hears {
            Hears::Prompts => QUESTIONS
                .iter()
                .zip(keys)
                .map(|(question, key)| format!("{question} = \"{key}\""))
                .collect(),
            // The greeting and the first question are one sound.
            Hears::Turns => (1..)
                .zip(keys)
                .map(|(turn, key)| format!("\"{turn}\" = \"{key}\""))
                .collect(),
        };
        let name = format!("{first}{second}{third}");
        script += &format!(
            "\n[[behaviour]]\nname = \"{name}\"\nweight = 19\nafter = \"50ms..200ms\"\nring = \"100ms..1500ms\"\n\
             press_after = \"150ms..600ms\"\nkeys = {{ {}, default = \"none\" }}\n\
             \n[[behaviour]]\nname = \"busy, then {name}\"\nweight = 1\nattempts = [\"busy\", \"{name}\"]\n",
            pairs.join(", ")
        );
    }
    script + "\n[[behaviour]]\nname = \"busy\"\nstatus = 486\nring = \"300ms..1s\"\n"
}

/// RTP ports of the daemon.
const RTP_PORTS: u16 = 4_000;

/// Ports that nobody else has.
struct Ports;

impl Ports {
    fn hold(many: u32) -> anyhow::Result<Vec<u16>> {
        let sockets = (0..many)
            .map(|_| UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)))
            .collect::<Result<Vec<_>, _>>()?;
        let ports = sockets.iter().map(|socket| Ok(socket.local_addr()?.port()));
        ports.collect()
    }
}

/// The first of the daemon's RTP ports, below those that the kernel lends; another for another process beside.
fn free_range() -> anyhow::Result<u16> {
    let first = 10_000 + u16::try_from(std::process::id() % 5)? * RTP_PORTS;
    ensure!(first < 32_000, "no ports for RTP");
    Ok(first)
}
