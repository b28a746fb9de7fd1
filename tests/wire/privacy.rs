//! A night at the most detailed log level with unusual names and numbers: then everything that the daemon and its
//! commands wrote is searched for them, numbers also in parts of seven digits.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};

use aftercall::engine::clock::Clock;
use aftercall::moment::Moment;
use aftercall::store::{AlarmRecord, Reader};

use crate::far_side::FarSide;
use crate::house::PATIENCE;
use crate::program::Program;
use crate::site::{CAMPAIGN, Site};

/// Whom the night is about: nobody has these names and numbers, and no figure looks like them.
const PATIENTS: [(&str, &str); 5] = [
    ("欧阳锋鹤", "13871694205"),
    ("O'Brien-Ünal", "13962058417"),
    ("慕容龢嫣", "13750381926"),
    ("阿依古丽·买买提", "057188316204"),
    ("尉迟璧瑄", "18650293714"),
];

/// On the do-not-call side of luck: their rows have faults.
const FAULTY: [(&str, &str); 2] = [("赫连勃勃渊", "1592648031X7"), ("纳兰性徳", "138269350174826935017482")];

/// Called by hand.
const BY_HAND: &str = "15926480317";
/// Calls us, and nobody knows it.
const UNKNOWN: &str = "13409175862";

const BEHAVIOURS: &str = r#"
[[behaviour]]
name = "completes"
numbers = "1387*"
press_after = "100ms"
[[behaviour]]
name = "tells-the-number"
numbers = "1396*"
status = 404
phrase = "13962058417 O'Brien-Ünal is vacant"
reason = ["Q.850;cause=1;text=\"13962058417 vacant\""]
[[behaviour]]
name = "busy"
numbers = "1375*"
status = 486
phrase = "Busy 137-5038-1926"
[[behaviour]]
name = "gone-after-a-key"
numbers = "1865*"
press_after = "100ms"
keys = { care = "none" }
[[behaviour]]
name = "refuses"
numbers = "*"
status = 603
phrase = "Decline"
"#;

/// What was written, piece by piece, with where it came from.
#[derive(Default)]
struct Written(Vec<(String, String)>);

impl Written {
    fn add(&mut self, from: &str, text: impl Into<String>) {
        self.0.push((from.to_owned(), text.into()));
    }

    /// Every piece that holds a needle, with the needle.
    fn leaks(&self) -> Vec<String> {
        let needles = needles();
        let mut leaks = Vec::new();
        for (from, text) in &self.0 {
            for line in text.lines() {
                let found = needles.iter().find(|needle| line.contains(needle.as_str()));
                leaks.extend(found.map(|needle| format!("{from}: {needle}: {line}")));
            }
        }
        leaks
    }
}

/// Names whole, numbers in all parts of seven digits.
fn needles() -> Vec<String> {
    let everybody = PATIENTS.iter().chain(&FAULTY);
    let mut needles: Vec<String> = everybody.clone().map(|(name, _)| (*name).to_owned()).collect();
    needles.extend(["Brien".to_owned(), "古丽".to_owned()]);
    let numbers = everybody.map(|(_, number)| *number).chain([BY_HAND, UNKNOWN]);
    for number in numbers {
        let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
        needles.extend(digits.windows(7).map(|part| part.iter().collect::<String>()));
    }
    needles
}

/// A server that takes alarms; the bodies with their heads come out.
fn takes_alarms() -> (SocketAddr, Receiver<String>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let (into, taken) = sync_channel(100);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = vec![0; 20_000];
            let mut length = 0;
            while !request[..length].ends_with(b"}") {
                match stream.read(&mut request[length..]) {
                    Ok(read) if read > 0 => length += read,
                    _ => break,
                }
            }
            drop(stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"));
            if into
                .send(String::from_utf8_lossy(&request[..length]).into_owned())
                .is_err()
            {
                return;
            }
        }
    });
    (address, taken)
}

/// GET over TCP: head and body.
pub(crate) fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: aftercall\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// The page of figures as soon as it has this line: it shows the present of a quarter of a second ago.
fn figures(address: &str, line: &str) -> String {
    let clock = Clock::start();
    loop {
        let page = get(address, "/metrics");
        if page.contains(line) || clock.now().since(Moment::ZERO) > PATIENCE {
            return page;
        }
    }
}

/// What the daemon left standing in the database: its trunk is gone.
fn left_standing(site: &Site) -> Vec<AlarmRecord> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let alarms = runtime.block_on(async {
        let reader = Reader::open(&site.data()).await.unwrap();
        reader.open_alarms().await.unwrap()
    });
    let trunk = alarms.iter().find(|alarm| alarm.alarm == "trunk_down").unwrap();
    assert_eq!(
        (trunk.subject.as_str(), trunk.severity.as_str()),
        ("far", "critical"),
        "{alarms:?}"
    );
    alarms
}

fn invite(from: SocketAddr, to: SocketAddr, caller: &str, n: usize) -> String {
    format!(
        "INVITE sip:{caller}@{to} SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch=z9hG4bKp{n};rport\r\nMax-Forwards: 70\r\n\
         From: \"欧阳锋鹤\" <sip:+86{caller}@{from}>;tag=p{n}\r\nTo: <sip:{caller}@{to}>\r\nCall-ID: p{n}@far\r\n\
         CSeq: 1 INVITE\r\nContact: <sip:{caller}@{from}>\r\nContent-Length: 0\r\n\r\n"
    )
}

/// Messages that are faulty each in its own way, with names and numbers wherever one can stand.
fn faulty_messages(from: SocketAddr, to: SocketAddr) -> Vec<String> {
    let whole = invite(from, to, UNKNOWN, 90);
    vec![
        whole.replace("CSeq: 1 INVITE", "CSeq: 13871694205 欧阳锋鹤"),
        whole.replace("Via: SIP/2.0/UDP", "Via: 13871694205"),
        whole.replace("INVITE sip", "13871694205 sip"),
        whole.replace("Content-Length: 0", "Content-Length: 13871694205"),
        whole.replace("INVITE", "BYE").replace("p90", "p91"),
        whole.replace("To: <sip:", "To: \"慕容龢嫣"),
        format!(
            "SIP/2.0 200 欧阳锋鹤 13871694205\r\nVia: SIP/2.0/UDP {to};branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\n\
                 To: <sip:13871694205@x>;tag=2\r\nCall-ID: 13871694205\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"
        ),
        "13871694205 欧阳锋鹤\r\n\r\n".to_owned(),
    ]
}

fn call_us(daemon: &mut Program, site: &Site) {
    let far = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let (from, to) = (far.local_addr().unwrap(), site.trunk_local());
    for message in faulty_messages(from, to) {
        far.send_to(message.as_bytes(), to).unwrap();
    }
    for (n, caller) in [PATIENTS[0].1, UNKNOWN].into_iter().enumerate() {
        far.send_to(invite(from, to, caller, n).as_bytes(), to).unwrap();
        daemon.wait_for("call_back_noted");
    }
}

/// A site whose trunk is asked often, with metrics and a webhook.
fn site(webhook: SocketAddr) -> (Site, FarSide) {
    let site = Site::new();
    let far_side = FarSide::start(&site, BEHAVIOURS);
    let settings = site.read("aftercall.toml").replace("\"never\"", "\"5s\"");
    let more = format!(
        "\n[http]\nlisten = \"127.0.0.1:0\"\n\n[alarm]\nwebhook = \"http://{webhook}/\"\nsecret_file = \"key\"\n"
    );
    site.write("aftercall.toml", &(settings + &more));
    site.write("key", "secret");
    std::fs::set_permissions(site.file("key"), std::fs::Permissions::from_mode(0o600)).unwrap();
    let mut list = "住院号,姓名,联系电话,出院科室,出院日期\n".to_owned();
    for (n, (name, number)) in PATIENTS.iter().chain(&FAULTY).enumerate() {
        list += &format!("ZY{n:06},{name},{number},骨科,2025-06-01\n");
    }
    site.write("discharged.csv", &list);
    (site, far_side)
}

#[test]
fn nothing_that_is_written_names_a_patient_or_holds_seven_digits_of_a_number() {
    let mut written = Written::default();
    let (webhook, alarms) = takes_alarms();
    let (site, far_side) = site(webhook);
    let mut daemon = site.start(&["run", "--any-time", "--log", "trace", "--log-json"]);
    let at = daemon.wait_for("metrics and health on http://");
    let address = at.rsplit_once('/').unwrap().1.to_owned();
    daemon.wait_for("aftercall is ready");
    written.add("campaign add", site.succeed(&["campaign", "add", "campaign.toml"]));
    let import = ["import", "--campaign", CAMPAIGN, "--due", "now", "discharged.csv"];
    written.add("import", site.succeed(&import));
    written.add("import as JSON", site.succeed(&[&import[..], &["--json"]].concat()));
    written.add("campaign start", site.succeed(&["campaign", "start", CAMPAIGN]));
    for _ in 0..PATIENTS.len() {
        daemon.wait_for("\"attempt_ended\"");
    }
    call_us(&mut daemon, &site);
    let by_hand = site.command(&["call", BY_HAND, "--trunk", "far", "--dialplan", "questionnaire.toml"]);
    written.add("call", by_hand.text);
    let ready = get(&address, "/readyz");
    assert!(
        ready.starts_with("HTTP/1.1 200 ") && ready.contains("\"ready\":true"),
        "{ready}"
    );
    assert!(get(&address, "/healthz").starts_with("HTTP/1.1 200 "));
    let metrics = figures(&address, "aftercall_call_backs_total 2");
    for line in [
        "aftercall_build_info{",
        "aftercall_calls{stage=\"talking\"} 0",
        "aftercall_attempts_total{disposition=\"completed\"} 1",
        "aftercall_responses_total{status=\"404\"} 1",
        "aftercall_trunk_up{trunk=\"far\"} 1",
        "aftercall_trunk_round_trip_seconds{trunk=\"far\"} ",
        "aftercall_call_backs_total 2",
        "aftercall_cases{campaign=\"wire\",state=\"closed\"} ",
        "aftercall_alarms{alarm=\"trunk_down\",severity=\"critical\"} 0",
        "# EOF",
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
    written.add("readyz", ready);
    written.add("metrics", metrics);
    written.add("elsewhere", get(&address, "/v1/status"));
    assert!(written.0.last().unwrap().1.starts_with("HTTP/1.1 404 "));
    far_side.stop(&site);
    daemon.wait_for("\"alarm_raised\"");
    let sent = alarms.recv_timeout(PATIENCE).unwrap();
    assert!(
        sent.contains("\"trunk_down\"") && sent.to_lowercase().contains("x-aftercall-signature: sha256="),
        "{sent}"
    );
    written.add("webhook", sent);
    let ready = get(&address, "/readyz");
    assert!(
        ready.starts_with("HTTP/1.1 503 ") && ready.contains("0 of 1 up"),
        "{ready}"
    );
    written.add("readyz without a trunk", ready);
    let status = site.succeed(&["status"]);
    assert!(
        status.contains("ALARM 告警 trunk_down (critical) far since"),
        "{status}"
    );
    assert!(
        status.contains("中继不可用") && status.contains("a trunk is down"),
        "{status}"
    );
    written.add("status", status);
    written.add("status as JSON", site.succeed(&["status", "--json"]));
    written.add("report", site.succeed(&["report", "--campaign", CAMPAIGN]));
    written.add("the fault of a command", site.fail(&["campaign", "start", "none"]));
    let said = daemon.terminate();
    assert!(said.status.success(), "{said:?}");
    assert!(
        said.text.contains("\"prompt_begun\"") && said.text.contains("\"sip_input_dropped\""),
        "{}",
        said.text
    );
    written.add("the daemon", said.text);
    written.add("the table of alarms", format!("{:?}", left_standing(&site)));
    let leaks = written.leaks();
    assert!(leaks.is_empty(), "\n{}\n", leaks.join("\n"));
}

/// Everything in the data folder with its rights; folders are for their owner alone, and so are files.
fn assert_private(site: &Site) -> Vec<String> {
    let (mut folders, mut files) = (vec![site.data()], Vec::new());
    let rights = |path: &Path| path.symlink_metadata().unwrap().permissions().mode() & 0o777;
    while let Some(folder) = folders.pop() {
        assert_eq!(rights(&folder), 0o700, "{}", folder.display());
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                assert_eq!(rights(&path), 0o600, "{}", path.display());
                files.push(path.display().to_string());
            }
        }
    }
    files
}

#[test]
fn what_is_kept_is_for_its_owner_alone_while_calls_are_up_and_afterwards() {
    let site = Site::new();
    let far_side = FarSide::start(&site, BEHAVIOURS);
    let mut daemon = site.daemon();
    site.list(&["13871694205"]);
    site.succeed(&["campaign", "add", "campaign.toml"]);
    site.succeed(&["import", "--campaign", CAMPAIGN, "--due", "now", "discharged.csv"]);
    site.succeed(&["campaign", "start", CAMPAIGN]);
    daemon.wait_for("key heard");
    let has = |files: &[String], end: &str| files.iter().any(|file| file.ends_with(end));
    let files = assert_private(&site);
    for kept in ["aftercall.db", "aftercall.db-wal", "aftercall.journal", ".part"] {
        assert!(has(&files, kept), "{kept}: {files:?}");
    }
    daemon.wait_for("attempt ended");
    assert!(daemon.terminate().status.success());
    let files = assert_private(&site);
    assert!(has(&files, "aftercall.db") && has(&files, ".wav"), "{files:?}");
    far_side.stop(&site);
}

#[test]
fn the_search_finds_what_it_looks_for() {
    let mut written = Written::default();
    written.add("a line", "masked 138****4205, at 13:02:11.871694");
    assert_eq!(written.leaks(), Vec::<String>::new());
    written.add("a line", "caller 8716942");
    written.add("a line", "patient 欧阳锋鹤 waits");
    assert_eq!(written.leaks().len(), 2);
}
