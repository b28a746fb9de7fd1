//! Calls to us: patients whom we missed, a stranger, and somebody who withholds the number, each at a telephone of their own.
//! One finds nobody at work and finishes the questionnaire by keys, one gets an agent with the case on the screen, two
//! leave a message.

use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::rig::baresip::Phone;
use crate::rig::process::installed;
use crate::rig::{database, journal, speech, wav};

use super::book;
use super::night::wraps_up;
use super::phone::PATIENCE;
use super::room::{Agent, Day, Room};

const ASKED: &str = "13800010001";
const CONNECTED: &str = "13800010002";
const STRANGER: &str = "02155556666";
const WITHHELD: &str = "anonymous";

/// Whoever we call is on the telephone.
const SCRIPT: &str = "[[behaviour]]\nname = \"busy\"\nnumbers = \"*\"\nstatus = 486\nreason = \"Q.850;cause=17\"\n";

pub(super) const CAMPAIGN: &str = "
name = \"出院后随访\"
dialplan = \"@ROOT@/dialplans/post-discharge.toml\"
trunk = \"far\"
deadline_after = \"2d\"
lines = 2
ring = \"20s\"
";

const SETTINGS: &str = "
[incoming]
take = true
known = \"@ROOT@/dialplans/incoming.toml\"
unknown = \"@ROOT@/dialplans/incoming-unknown.toml\"

[incoming.hours]
every_day = [\"08:00-21:00\"]
";

const LIST: &str = "\
就诊流水号,住院号,姓名,联系电话,出院科室,入院日期,出院日期
V1,Z1,孙美华,13800010001,骨科,2026-01-02,2026-01-09
V2,Z2,周国强,13800010002,骨科,2026-01-02,2026-01-09
";

/// The longest questionnaire and the longest message take less.
const CALL_S: usize = 110;
/// A sample of a voice that nobody takes for noise.
const LOUD: u16 = 1_000;

#[test]
fn whoever_calls_back_is_asked_gets_an_agent_or_leaves_a_message() {
    let root = env!("CARGO_MANIFEST_DIR");
    let rooted = |text: &str| text.replace("@ROOT@", root);
    let mut room = Room::open_for_a_day(
        "calling-in",
        &Day {
            script: SCRIPT,
            name: "出院后随访",
            campaign: &rooted(CAMPAIGN),
            list: LIST,
            place: &format!("time_zone = \"{}\"\n", where_it_is_noon()),
            prompts: &Path::new(root).join("prompts"),
            settings: &rooted(SETTINGS),
        },
    );
    room.site
        .command(&["campaign", "start", "出院后随访"], Duration::from_secs(60));
    room.settle(&[&ASKED.to_owned(), &CONNECTED.to_owned()], PATIENCE);
    let port = room.site.signalling_port(0);
    // The language, the menu's first choice, the message, and the key that ends it.
    let message = [("1", 8, 3), ("#", 1, 16), ("#", 8, 3)];
    let callers = [
        // Nobody is at work: the machine asks.
        (ASKED, vec![("1", 24, 3)]),
        (STRANGER, message.to_vec()),
        (WITHHELD, message.to_vec()),
    ];
    thread::scope(|scope| {
        for (number, keys) in callers {
            let folder = room.folder(number);
            scope.spawn(move || presses(&folder, number, port, &keys));
        }
    });
    let mut agent = room.answering_agent(1);
    agent.tab.done("ready", &json!({}));
    let seen = connected(&room, &mut agent, port);
    let record = database::rows::<8>(&room.site.database(), RECORD);
    room.close();
    let faults = judged(&room, &record);
    let each: Vec<Value> = record.iter().map(|row| json!(row)).collect();
    let lines: Vec<String> = record.iter().map(|row| row[..6].join("  ")).collect();
    book::keep_callers(
        "in hours: number, status, direction, disposition, case, conversation",
        &json!({ "each": each, "screen": seen, "faults": faults, "lines": lines }),
    );
    assert_eq!(faults, Vec::<String>::new(), "{record:#?}");
}

/// The zone in which agents are at work now, whenever this is run.
pub(super) fn where_it_is_noon() -> String {
    let said = Command::new(installed("date")).args(["-u", "+%H"]).output().unwrap();
    let utc: i32 = String::from_utf8_lossy(&said.stdout).trim().parse().unwrap();
    // These names have the sign of the west.
    match utc - 12 {
        0 => "Etc/GMT".to_owned(),
        west => format!("Etc/GMT{west:+}"),
    }
}

/// Somebody's telephone calls the hospital.
fn calls(folder: &Path, number: &str, port: u16) -> (Phone, usize) {
    let account = match number {
        WITHHELD => Phone::direct_account(number).replace("anonymous@127.0.0.1", "anonymous@anonymous.invalid"),
        number => Phone::direct_account(number),
    };
    let mut phone = Phone::start(folder, &[account], &speech::voice(31, CALL_S, CALL_S));
    phone.tell("dial", &format!("sip:057188880120@127.0.0.1:{port}"));
    let (_, talks) = phone.wait_for(0, "CALL_ESTABLISHED", PATIENCE);
    (phone, talks)
}

/// Calls, and presses keys, each so often and so many seconds apart, until the hospital hangs up.
pub(super) fn presses(folder: &Path, number: &str, port: u16, keys: &[(&str, usize, u64)]) {
    let (mut phone, talks) = calls(folder, number, port);
    for (key, times, apart) in keys {
        for _ in 0..*times {
            if !phone.press(talks, key, Duration::from_secs(*apart)) {
                return;
            }
        }
    }
    phone.wait_for(talks, "CALL_CLOSED", PATIENCE);
}

/// A patient calls while an agent is at work: what the agent's screen shows by the time they talk.
fn connected(room: &Room, agent: &mut Agent, port: u16) -> Value {
    let folder = room.folder(CONNECTED);
    let (mut phone, _) = calls(&folder, CONNECTED, port);
    let state = |told: &Value, wanted: &str| told["conversation"]["state"] == wanted;
    let talking = agent.tab.until(0, PATIENCE, |told| state(told, "talking"));
    let (told, place) = talking.expect("the patient gets the agent");
    let page = agent.tab.desk();
    let quiet = journal::Journal::<()>::new();
    quiet.wait(0, Duration::from_secs(2), |()| true);
    phone.tell("hangup", "");
    agent.tab.until(place, PATIENCE, |told| state(told, "ended"));
    let mut faults = Vec::new();
    wraps_up(
        agent,
        told["conversation"]["id"].as_i64().unwrap_or_default(),
        &mut faults,
    );
    assert_eq!(faults, Vec::<String>::new());
    let shown = &page["conversation"];
    assert_eq!(
        (&shown["origin"], &shown["case"]["case_id"]),
        (&json!("called_in"), &json!(room.case(CONNECTED))),
        "the case is on the screen: {page:#}"
    );
    json!({ "origin": shown["origin"], "case_id": shown["case"]["case_id"], "state": shown["now"]["state"] })
}

/// Of each call to us: who, its status, direction, disposition, what became of the case, of a conversation, and the recording.
const RECORD: &str = "
select coalesce(b.digits, 'withheld'), cast(b.status as text), a.direction, coalesce(a.disposition, ''),
    coalesce(c.outcome, c.state, 'no case'), coalesce(v.origin, ''), coalesce(r.path, ''),
    cast(coalesce(r.duration_ms, 0) as text)
from call_back b join attempt a on a.id = b.attempt_id
left join cases c on c.id = a.case_id
left join conversation v on v.attempt_id = a.id
left join recording r on r.attempt_id = a.id
order by b.id";

fn judged(room: &Room, record: &[[String; 8]]) -> Vec<String> {
    let mut faults = Vec::new();
    for (who, expected) in [
        (ASKED, ["200", "in", "completed", "completed", ""]),
        (CONNECTED, ["200", "in", "refused", "refused", "called_in"]),
        (STRANGER, ["200", "in", "completed", "no case", ""]),
        ("withheld", ["200", "in", "completed", "no case", ""]),
    ] {
        let rows: Vec<_> = record.iter().filter(|row| row[0] == who).collect();
        let [row] = rows.as_slice() else {
            faults.push(format!("{who}: {} calls on record", rows.len()));
            continue;
        };
        let [_, status, direction, disposition, case, origin, path, _] = row;
        let got = [status, direction, disposition, case, origin].map(String::as_str);
        if got != expected {
            faults.push(format!("{who}: {got:?} and not {expected:?}"));
        }
        let left = wav::channel(&room.site.data(path), 0);
        let loud = left.iter().filter(|sample| sample.unsigned_abs() > LOUD).count();
        // Two fifths of that voice are loud, and a key takes the place of some of it.
        if loud * 4 < left.len() {
            faults.push(format!("{who}: {loud} loud samples of {} on the left", left.len()));
        }
    }
    if record.len() != 4 {
        faults.push(format!("{} calls on record", record.len()));
    }
    faults
}
