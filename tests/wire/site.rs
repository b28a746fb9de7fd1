//! A folder with all that a daemon needs: settings, questionnaire, campaign, prompts and a discharge list.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::voice;

/// The questionnaire of all calls.
pub(crate) const QUESTIONNAIRE: &str = include_str!("site/questionnaire.toml");

/// The campaign.
pub(crate) const CAMPAIGN: &str = "wire";

/// How long each prompt is.
const PROMPTS: [(&str, u32); 9] = [
    ("greeting", 600),
    ("identity", 500),
    ("care", 500),
    ("clear", 500),
    ("recommend", 500),
    ("goodbye", 400),
    ("sorry", 400),
    ("invalid", 9000),
    ("not-heard", 4500),
];

/// RTP ports that one daemon may use.
const RTP_PORTS: u16 = 60;

/// The folder; it is gone when the test is over.
#[derive(Debug)]
pub(crate) struct Site {
    folder: PathBuf,
    trunk_local: u16,
}

impl Site {
    /// Questionnaire, campaign and prompts; the settings follow when the trunk's address is known.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("wire-{}-{n}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("prompts/zh-CN")).unwrap();
        let site = Self {
            folder,
            trunk_local: free_ports(2),
        };
        site.write("questionnaire.toml", QUESTIONNAIRE);
        site.write(
            "campaign.toml",
            &format!(
                "name = \"{CAMPAIGN}\"\ndialplan = \"questionnaire.toml\"\ntrunk = \"far\"\nbudget = 1\nlines = 12\n\
                 pace = 10.0\nring = \"5s\"\n"
            ),
        );
        for (seed, (name, millis)) in (1..).zip(PROMPTS) {
            voice::write(
                &site.file(&format!("prompts/zh-CN/{name}.wav")),
                &voice::voice(seed, millis),
            );
        }
        site.name_hospital("测试中心");
        site
    }

    /// The manifest of the prompts, with the hospital that their greeting names.
    pub(crate) fn name_hospital(&self, hospital: &str) {
        let texts: toml::Table = toml::from_str(QUESTIONNAIRE).unwrap();
        let mut manifest = format!("language = \"zh-CN\"\nhospital = \"{hospital}\"\nvoice = \"none\"\n");
        for (name, _) in PROMPTS {
            let text = &texts["prompts"][name];
            manifest += &format!("\n[[prompt]]\nname = \"{name}\"\ntext = {text}\nsynthetic = true\n");
        }
        self.write("prompts/zh-CN/manifest.toml", &manifest);
    }

    /// The settings: one trunk on loopback.
    pub(crate) fn trunk(&self, address: SocketAddr) {
        self.settings("", &address.to_string(), "");
    }

    /// The settings with lines of `[sip]`, and a trunk at an address or name with settings of its own.
    pub(crate) fn settings(&self, sip: &str, address: &str, more: &str) {
        let first = free_ports(RTP_PORTS);
        let last = first + RTP_PORTS - 1;
        self.write(
            "aftercall.toml",
            &format!(
                "[place]\ndrain = \"0s\"\njournal_mb = 1\nreserve_mb = 1\n\n[media]\nrtp_ports = \"{first}-{last}\"\nworkers = 1\n\n[[trunk]]\nname = \"far\"\n\
                 address = \"{address}\"\nlocal = \"{}\"\nuser = \"057100000000\"\nlines = 12\npace = 10.0\n\
                 options = \"never\"\n{more}\n[sip]\n{sip}\n",
                self.trunk_local()
            ),
        );
    }

    /// Whether a file right in the data folder holds this text.
    pub(crate) fn data_holds(&self, text: &str) -> bool {
        let files = fs::read_dir(self.data()).unwrap().flatten();
        let mut files = files.filter(|entry| entry.path().is_file());
        files.any(|entry| {
            let octets = fs::read(entry.path()).unwrap();
            octets.windows(text.len()).any(|found| found == text.as_bytes())
        })
    }

    /// The settings with something else in place of what stands there.
    pub(crate) fn change_settings(&self, before: &str, after: &str) {
        let settings = self.read("aftercall.toml");
        assert!(settings.contains(before), "{settings}");
        self.write("aftercall.toml", &settings.replacen(before, after, 1));
    }

    /// Where the daemon takes SIP.
    pub(crate) fn trunk_local(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.trunk_local))
    }

    /// Writes a discharge list with these numbers.
    pub(crate) fn list(&self, numbers: &[&str]) -> String {
        let mut list = "住院号,姓名,联系电话,出院科室,出院日期\n".to_owned();
        for (n, number) in (1..).zip(numbers) {
            list += &format!("ZY{n:06},王芳,{number},骨科,2025-06-01\n");
        }
        self.write("discharged.csv", &list);
        list
    }

    /// A file of the site.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The site's own folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.file("data")
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.file(name), text).unwrap();
        // Some of them hold passwords.
        fs::set_permissions(self.file(name), fs::Permissions::from_mode(0o600)).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// The first of so many ports in a row that nobody holds, even, below those that the kernel lends.
fn free_ports(count: u16) -> u16 {
    const FIRST: u32 = 10_000;
    const MANY: u32 = 9_000;
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // Test runs beside each other begin at different places.
    let shift = std::process::id() % 83 * 108;
    for _ in 0..200 {
        let step = NEXT.fetch_add(u32::from(count.next_multiple_of(2)), Ordering::Relaxed);
        let first = u16::try_from(FIRST + (shift + step) % MANY).unwrap() & !1;
        if (first..first + count).all(|port| UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).is_ok()) {
            return first;
        }
    }
    panic!("no {count} free ports in a row");
}
