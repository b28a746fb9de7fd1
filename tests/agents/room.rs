//! A room: the daemon with a trunk full of patients, the desk over HTTP, and phones that register.

use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::rig::daemon::{Campaign, Running, Site, Trunk};
use crate::rig::folder::Folder;
use crate::rig::{database, journal, network, ports};

use super::patients::{self, Saw};
use super::phone::{self, DeskPhone};
use super::tab::Tab;

const COMMAND: Duration = Duration::from_secs(60);

/// The password of all agents.
pub(crate) const PASSWORD: &str = "desk-of-the-ward-41";
const GIVEN: &str = "given-by-the-house-7";

/// How long patients ring.
const RING_S: u32 = 6;

/// The room.
#[derive(Debug)]
pub(crate) struct Room {
    pub(crate) name: &'static str,
    folder: Folder,
    pub(crate) site: Site,
    far_end: Option<Running>,
    daemon: Option<Running>,
    console: SocketAddr,
    registrar: u16,
    far_port: u16,
    /// The case of each number.
    cases: BTreeMap<String, i64>,
}

/// An agent with a phone and a tab.
#[derive(Debug)]
pub(crate) struct Agent {
    pub(crate) account: String,
    pub(crate) phone: DeskPhone,
    pub(crate) tab: Tab,
}

/// What a day's work is made of.
#[derive(Debug)]
pub(crate) struct Day<'d> {
    /// What the patients do, for the far end.
    pub(crate) script: &'d str,
    /// The campaign's name and file.
    pub(crate) name: &'d str,
    pub(crate) campaign: &'d str,
    /// The patients, as hospitals send them.
    pub(crate) list: &'d str,
    /// More of where the daemon is.
    pub(crate) place: &'d str,
    /// Where the prompts of the campaign's questionnaire are.
    pub(crate) prompts: &'d Path,
    /// More sections of the settings.
    pub(crate) settings: &'d str,
}

/// Starts the patients in a folder of theirs, and says at which port they are.
type Patients<'p> = Box<dyn FnOnce(&Path) -> u16 + 'p>;

impl Room {
    /// Opens a room with these patients at a far end. `dnc` are those whom nobody may call.
    pub(crate) fn open(name: &'static str, numbers: &[String], dnc: &[String]) -> Self {
        let mut room = Self::furnish(name, None);
        room.start_far_end(&patients::script(), None);
        room.start();
        room.invite(numbers);
        for number in dnc {
            room.site.command(&["dnc", "add", number, "--reason", "asked"], COMMAND);
        }
        room
    }

    /// Opens a room whose patients are phones at this port. The network is the test's own from here on.
    pub(crate) fn open_for_phones(name: &'static str, numbers: &[String], patients: impl FnOnce(&Path) -> u16) -> Self {
        let mut room = Self::furnish(name, Some(Box::new(patients)));
        room.start();
        room.invite(numbers);
        room
    }

    /// Opens a room for a nightly run: other patients, and a campaign of theirs that somebody has yet to start.
    pub(crate) fn open_by_night(
        name: &'static str,
        script: &str,
        campaign: &str,
        numbers: &[String],
        furnish: impl FnOnce(&Site),
    ) -> Self {
        let mut room = Self::furnish(name, None);
        furnish(&room.site);
        room.start_far_end(script, None);
        room.start();
        fs::write(room.site.file("by-night.toml"), campaign).unwrap();
        room.site.command(&["campaign", "add", "by-night.toml"], COMMAND);
        room.invite_to("by-night", numbers);
        room
    }

    /// Opens a room for a day's work: other patients, another campaign and more settings than the endings need.
    pub(crate) fn open_for_a_day(name: &'static str, day: &Day<'_>) -> Self {
        let mut room = Self::furnish(name, None);
        let file = room.site.file("aftercall.toml");
        let settings = fs::read_to_string(&file).unwrap();
        let place = format!("[place]\nprompts = \"{}\"\n{}", day.prompts.display(), day.place);
        fs::write(&file, settings.replacen("[place]\n", &place, 1) + day.settings).unwrap();
        room.start_far_end(day.script, Some(&day.prompts.join("zh-CN")));
        room.start();
        fs::write(room.site.file("day.toml"), day.campaign).unwrap();
        room.site.command(&["campaign", "add", "day.toml"], COMMAND);
        room.import(day.name, day.list, day.list.lines().count() - 1);
        room
    }

    fn furnish(name: &'static str, patients: Option<Patients<'_>>) -> Self {
        let folder = Folder::new(&format!("agents-{name}"));
        let far_port = patients.map_or_else(|| ports::free(2), |patients| patients(&folder.inside("patients")));
        let (console, registrar) = (ports::free(2), ports::free(2));
        let trunk = Trunk::open("far", far_port);
        let site = Site::with_rtp_ports(&folder.inside("site"), &[trunk], 600);
        let settings = fs::read_to_string(site.file("aftercall.toml")).unwrap();
        let more = format!(
            "\n[console]\nlisten = \"127.0.0.1:{console}\"\ntls = false\nhospital = \"测试中心\"\n\n\
             [phones]\nlisten = \"127.0.0.1:{registrar}\"\n"
        );
        fs::write(site.file("aftercall.toml"), settings + &more).unwrap();
        Self {
            name,
            folder,
            site,
            far_end: None,
            daemon: None,
            console: (Ipv4Addr::LOCALHOST, console).into(),
            registrar,
            far_port,
            cases: BTreeMap::new(),
        }
    }

    /// `prompts`: what the patients know by ear, where these are not the rig's own.
    fn start_far_end(&mut self, script: &str, prompts: Option<&Path>) {
        fs::write(self.site.file("patients.toml"), script).unwrap();
        let listen = format!("127.0.0.1:{}", self.far_port);
        let mut arguments = vec![
            "far-end",
            "--script",
            "patients.toml",
            "--log",
            "far-end.jsonl",
            "--listen",
            &listen,
        ];
        let prompts = prompts.map(|folder| folder.display().to_string());
        if let Some(prompts) = &prompts {
            arguments.extend(["--prompts", prompts]);
        }
        let far_end = self.site.start("far-end", &arguments);
        far_end.process.wait_for("listening on", Duration::from_secs(20));
        self.far_end = Some(far_end);
    }

    /// Starts the daemon; after a stop or a death as well.
    pub(crate) fn start(&mut self) {
        self.daemon = Some(self.site.run());
    }

    /// Puts a case for each number into a campaign that nobody starts: only agents call.
    fn invite(&mut self, numbers: &[String]) {
        let file = self.site.campaign(&Campaign::over("far", "by-hand", RING_S));
        self.site.command(&["campaign", "add", &file], COMMAND);
        self.invite_to("by-hand", numbers);
    }

    fn invite_to(&mut self, campaign: &str, numbers: &[String]) {
        let mut list = "就诊流水号,住院号,姓名,联系电话,出院科室,入院日期,出院日期\n".to_owned();
        for number in numbers {
            list += &format!("V{number},Z{number},测试,{number},测试科,2026-01-02,2026-01-09\n");
        }
        self.import(campaign, &list, numbers.len());
    }

    fn import(&mut self, campaign: &str, list: &str, cases: usize) {
        fs::write(self.site.file("list.csv"), list).unwrap();
        let import = ["import", "--campaign", campaign, "--due", "now", "--json", "list.csv"];
        let imported = self.site.command(&import, COMMAND).json();
        assert_eq!(imported["cases"], cases, "{imported}");
        let rows = database::rows::<2>(
            &self.site.database(),
            "select n.digits, cast(c.id as text) from cases c join encounter e on e.id = c.encounter_id \
             join number n on n.patient_id = e.patient_id",
        );
        self.cases = rows
            .into_iter()
            .map(|[number, case]| (number, case.parse().unwrap()))
            .collect();
    }

    /// The case of a number.
    pub(crate) fn case(&self, number: &str) -> i64 {
        self.cases[number]
    }

    /// An agent comes to work: account, phone, and a tab.
    pub(crate) fn agent(&self, nth: usize) -> Agent {
        let (folder, user) = self.account(nth);
        self.at_work(nth, DeskPhone::start(&folder, &user, self.registrar, 40 + nth as u64))
    }

    /// One whose phone answers every call by itself.
    pub(crate) fn answering_agent(&self, nth: usize) -> Agent {
        let (folder, user) = self.account(nth);
        self.at_work(
            nth,
            DeskPhone::answering(&folder, &user, self.registrar, 40 + nth as u64),
        )
    }

    /// One whose phone declines every call.
    pub(crate) fn declining_agent(&self, nth: usize) -> Agent {
        let (folder, user) = self.account(nth);
        self.at_work(nth, DeskPhone::declining(&folder, &user, self.registrar))
    }

    fn at_work(&self, nth: usize, phone: DeskPhone) -> Agent {
        let account = format!("agent{nth}");
        Agent {
            phone,
            tab: self.tab(&account),
            account,
        }
    }

    /// The accounts of an agent and of the phone; the phone's folder and user.
    fn account(&self, nth: usize) -> (PathBuf, String) {
        let (account, user) = (format!("agent{nth}"), format!("80{nth:02}"));
        (self.employ(&account, "坐席", "agent", &user), user)
    }

    /// The accounts of somebody and of the phone, whose passwords are [`PASSWORD`] and [`phone::PASSWORD`]; the phone's folder.
    pub(crate) fn employ(&self, account: &str, name: &str, role: &str, user: &str) -> PathBuf {
        let given = self.secret("given", GIVEN);
        let add = [
            "user",
            "add",
            account,
            "--name",
            name,
            "--role",
            role,
            "--password-file",
            &given,
        ];
        self.site.command(&add, COMMAND);
        Tab::choose_password(self.console, account, GIVEN, PASSWORD);
        let secret = self.secret("phone", phone::PASSWORD);
        let add = [
            "phone",
            "add",
            user,
            "--agent",
            account,
            "--only-md5",
            "--password-file",
            &secret,
        ];
        self.site.command(&add, COMMAND);
        self.folder.inside(user)
    }

    /// Where the console is, and where phones register.
    pub(crate) const fn doors(&self) -> (SocketAddr, u16) {
        (self.console, self.registrar)
    }

    /// A folder for somebody's telephone.
    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        self.folder.inside(name)
    }

    /// Another tab of somebody.
    pub(crate) fn tab(&self, account: &str) -> Tab {
        Tab::open(self.console, account, PASSWORD)
    }

    fn secret(&self, name: &str, secret: &str) -> String {
        let file = self.site.file(name);
        fs::write(&file, secret).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        name.to_owned()
    }

    /// Waits until the far end has written down so many calls: it does when a call is all over.
    pub(crate) fn settle(&self, numbers: &[&String], limit: Duration) {
        let deadline = journal::deadline(limit);
        let far_end = self.far_end.as_ref().expect("it runs");
        loop {
            let over = patients::read(&self.log());
            if numbers.iter().all(|number| over.contains_key(*number)) || journal::remaining(deadline).is_none() {
                return;
            }
            let lines = &far_end.process.lines;
            lines.wait(lines.len(), Duration::from_millis(200), |_| true);
        }
    }

    /// What the far end wrote down of every call.
    pub(crate) fn far_end_log(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.log()).unwrap();
        let entries = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        entries.filter(|entry| entry["kind"] == "call").collect()
    }

    fn log(&self) -> PathBuf {
        self.site.file("far-end.jsonl")
    }

    /// Ends daemon and far end; what the patients saw.
    pub(crate) fn close(&mut self) -> BTreeMap<String, Vec<Saw>> {
        self.stop();
        if let Some(far_end) = self.far_end.take() {
            far_end.stop();
        }
        patients::read(&self.log())
    }

    /// Nothing comes from the patients or reaches them from now on. Their RTP is where the kernel lends ports.
    pub(crate) fn cut_patients_off(&self) {
        network::cut("patients", &format!("{{ {}, 32768-65535 }}", self.far_port));
    }

    /// Ends the daemon as the service manager does.
    pub(crate) fn stop(&mut self) {
        if let Some(daemon) = self.daemon.take() {
            daemon.stop();
        }
    }

    /// Kills the daemon.
    pub(crate) fn kill(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            daemon.process.signal("KILL");
            daemon.process.wait_for_end(COMMAND);
        }
    }
}
