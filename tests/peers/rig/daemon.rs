//! The daemon under test: the built `aftercall` with a settings file, a questionnaire and prompts of its own.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::process::Process;
use super::{ports, speech};

/// The prompts of daemon/questionnaire.toml, and how many seconds each is.
const PROMPTS: [(&str, usize); 7] = [
    ("greeting", 3),
    ("treatment", 3),
    ("recommend", 3),
    ("instructions", 3),
    ("goodbye", 2),
    ("invalid", 3),
    ("silent", 2),
];

/// A trunk of the settings file.
#[derive(Clone, Debug)]
pub(crate) struct Trunk<'a> {
    pub(crate) name: &'a str,
    pub(crate) port: u16,
    pub(crate) lines: u16,
    pub(crate) pace: f64,
    /// User, password and domain, when it registers and is challenged.
    pub(crate) account: Option<(&'a str, &'a str, &'a str)>,
    /// More lines of its settings.
    pub(crate) more: &'a str,
}

impl<'a> Trunk<'a> {
    /// One that asks for no password, with lines and pace to spare.
    pub(crate) fn open(name: &'a str, port: u16) -> Self {
        Self {
            name,
            port,
            lines: 100,
            pace: 20.0,
            account: None,
            more: "",
        }
    }
}

/// A campaign file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Campaign<'a> {
    pub(crate) name: &'a str,
    pub(crate) trunk: &'a str,
    pub(crate) ring_s: u32,
    pub(crate) lines: u16,
}

impl<'a> Campaign<'a> {
    /// Any lines that the trunk has.
    pub(crate) fn over(trunk: &'a str, name: &'a str, ring_s: u32) -> Self {
        Self {
            name,
            trunk,
            ring_s,
            lines: 1000,
        }
    }
}

/// A folder with all that the daemon needs.
#[derive(Debug)]
pub(crate) struct Site {
    folder: PathBuf,
    /// First and last port of each range that it listens on: the trunks' own, then RTP.
    ports: Vec<(u16, u16)>,
}

/// RTP ports unless a test needs more.
const RTP: u16 = 400;

/// What a command said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) status: ExitStatus,
    pub(crate) lines: Vec<String>,
}

impl Site {
    /// Settings, questionnaire and prompts in a folder.
    pub(crate) fn new(folder: &Path, trunks: &[Trunk<'_>]) -> Self {
        Self::with_rtp_ports(folder, trunks, RTP)
    }

    /// The same with so many RTP ports; a call takes two, which rest for a minute afterwards.
    pub(crate) fn with_rtp_ports(folder: &Path, trunks: &[Trunk<'_>], count: u16) -> Self {
        let first = ports::free(count);
        let rtp = (first, first + count - 1);
        let mut settings = format!(
            "[place]\ndrain = \"0s\"\njournal_mb = 1\nreserve_mb = 1\n\n[media]\nrtp_ports = \"{}-{}\"\n",
            rtp.0, rtp.1
        );
        let mut taken = Vec::new();
        for trunk in trunks {
            let (user, account) = match trunk.account {
                Some((user, password, domain)) => (
                    user,
                    format!("password = \"{password}\"\ndomain = \"{domain}\"\nregister = true\n"),
                ),
                None => ("057100000000", String::new()),
            };
            let own = ports::free(2);
            taken.push((own, own));
            settings += &format!(
                "\n[[trunk]]\nname = \"{}\"\naddress = \"127.0.0.1:{}\"\nlocal = \"127.0.0.1:{own}\"\nuser = \"{user}\"\n\
                 {account}lines = {}\npace = {:?}\noptions = \"never\"\n{}\n",
                trunk.name, trunk.port, trunk.lines, trunk.pace, trunk.more
            );
        }
        taken.push(rtp);
        fs::write(folder.join("aftercall.toml"), settings).unwrap();
        fs::set_permissions(folder.join("aftercall.toml"), fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(
            folder.join("questionnaire.toml"),
            include_str!("../daemon/questionnaire.toml"),
        )
        .unwrap();
        write_prompts(&folder.join("prompts/zh-CN"));
        Self {
            folder: folder.to_owned(),
            ports: taken,
        }
    }

    /// First and last port of each range that the daemon listens on: of each trunk in their order, then of RTP.
    pub(crate) fn ports(&self) -> &[(u16, u16)] {
        &self.ports
    }

    /// Our own port of a trunk, by its place.
    pub(crate) fn signalling_port(&self, trunk: usize) -> u16 {
        self.ports[trunk].0
    }

    /// A file of the site.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The database.
    pub(crate) fn database(&self) -> PathBuf {
        self.folder.join("data/aftercall.db")
    }

    /// A file of the data folder, such as a recording as the database names it.
    pub(crate) fn data(&self, name: &str) -> PathBuf {
        self.folder.join("data").join(name)
    }

    /// Writes a campaign file: one counted attempt for each case, as fast as the trunk allows.
    pub(crate) fn campaign(&self, campaign: &Campaign<'_>) -> String {
        let Campaign {
            name,
            trunk,
            ring_s,
            lines,
        } = campaign;
        let file = format!("{name}.toml");
        let text = format!(
            "name = \"{name}\"\ndialplan = \"questionnaire.toml\"\ntrunk = \"{trunk}\"\nbudget = 1\nlines = {lines}\n\
             pace = 100.0\nring = \"{ring_s}s\"\n"
        );
        fs::write(self.folder.join(&file), text).unwrap();
        file
    }

    /// Runs a command to its end; fails when it takes longer than the limit or ends with an error.
    pub(crate) fn command(&self, arguments: &[&str], limit: Duration) -> Said {
        let said = self
            .start(&arguments.join("-").replace(['/', '.'], "_"), arguments)
            .finish(limit);
        assert!(
            said.status.success(),
            "aftercall {arguments:?}\n{}",
            said.lines.join("\n")
        );
        said
    }

    /// Starts a command that takes its time.
    pub(crate) fn start(&self, name: &str, arguments: &[&str]) -> Running {
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        let binary = Path::new(env!("CARGO_BIN_EXE_aftercall"));
        Running {
            process: Process::start(&self.folder, name, binary, &arguments),
        }
    }

    /// Starts the daemon, outside all calling windows, and waits until it is ready.
    pub(crate) fn run(&self) -> Running {
        let running = self.start("daemon", &["run", "--any-time", "--log", "debug"]);
        running.process.wait_for("aftercall is ready", Duration::from_secs(20));
        running
    }
}

/// A command that runs.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) process: Process,
}

impl Running {
    /// Waits for its end.
    pub(crate) fn finish(mut self, limit: Duration) -> Said {
        let status = self.process.wait_for_end(limit);
        let status = status.unwrap_or_else(|| panic!("not done within {limit:?}\n{}", self.process.tail()));
        Said {
            status,
            lines: self.process.lines.all(),
        }
    }

    /// Ends it by SIGTERM, as the service manager does.
    pub(crate) fn stop(mut self) {
        let status = self.process.stop();
        assert!(
            status.is_some_and(|status| status.success()),
            "{status:?}\n{}",
            self.process.tail()
        );
    }
}

impl Said {
    /// The last line that is a JSON object.
    pub(crate) fn json(&self) -> Value {
        let found = self
            .lines
            .iter()
            .rev()
            .filter(|line| line.starts_with('{'))
            .find_map(|line| serde_json::from_str(line).ok());
        found.unwrap_or_else(|| panic!("no JSON in\n{}", self.lines.join("\n")))
    }
}

/// What a prompt says.
pub(crate) fn prompt(name: &str) -> Vec<i16> {
    let (index, &(_, seconds)) = PROMPTS
        .iter()
        .enumerate()
        .find(|(_, (known, _))| *known == name)
        .expect("a prompt");
    speech::voice(500 + index as u64, seconds, seconds)
}

fn write_prompts(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let texts: toml::Table = toml::from_str(include_str!("../daemon/questionnaire.toml")).unwrap();
    let mut manifest =
        "language = \"zh-CN\"\nhospital = \"测试中心\"\nvoice = \"none\"\nlicence = \"none\"\n".to_owned();
    for (name, seconds) in PROMPTS {
        let file = folder.join(format!("{name}.wav"));
        speech::write(&file, &prompt(name));
        let hash: String = Sha256::digest(fs::read(&file).unwrap())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        manifest += &format!(
            "\n[[prompt]]\nname = \"{name}\"\ntext = {}\nduration_ms = {}\nloudness_dbfs = -20.0\nvoice = \"none\"\n\
             synthetic = true\nsha256 = \"{hash}\"\n",
            texts["prompts"][name],
            seconds * 1000
        );
    }
    fs::write(folder.join("manifest.toml"), manifest).unwrap();
}
