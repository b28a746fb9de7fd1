//! An agent's hour in real browsers: the daemon, phones that register and answer by themselves, patients behind a trunk. What the
//! people at the screens do and see stands in web/tests/hour.test.ts; what is on record afterwards is judged here.
//!
//! Pictures are written to target/tmp/agents/hour, or to the folder that `SCREENS` names.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::rig::baresip::Phone;
use crate::rig::process::installed;
use crate::rig::{database, journal, speech};

use super::phone;
use super::room::{Day, PASSWORD, Room};

/// Account, name, role, phone.
const PEOPLE: [[&str; 4]; 4] = [
    ["liwenjing", "李文静", "agent", "8001"],
    ["wangzhiqiang", "王志强", "agent", "8002"],
    ["zhaomin", "赵敏", "agent", UNANSWERED],
    ["chenxiaoyan", "陈晓燕", "supervisor", "8009"],
];

/// The phone that rings and that nobody picks up.
const UNANSWERED: &str = "8003";

/// When the first agent's voice is heard for a second, in seconds of a call: the first patient presses a key after it.
const VOICE_AT: usize = 16;
/// So long a phone has something to say, and holds a call.
const CALL_S: usize = 170;

const SCRIPT: &str = r#"
[far_end]
hears = "silence"

[[behaviour]]
name = "presses 4 when the agent has spoken"
numbers = "13800010001"
ring = "1500ms"
keys = { "1" = "4", default = "none" }

[[behaviour]]
name = "busy"
numbers = "13800010002"
status = 486
reason = "Q.850;cause=17"

[[behaviour]]
name = "switched off"
numbers = "13800010006"
early = "announcement"
early_for = "3s"
status = 480
reason = "Q.850;cause=20"

[[behaviour]]
name = "rings on"
numbers = "13800010000"
ring = "100ms"
does = "rings-on"

[[behaviour]]
name = "stays"
numbers = "1380001*"
ring = "1500ms"
"#;

/// Nobody but the agents calls: the first in the list rings for as long as the hour takes, and the campaign has one line.
const CAMPAIGN: &str = "
name = \"出院后随访\"
dialplan = \"@DIALPLAN@\"
trunk = \"far\"
deadline_after = \"2d\"
lines = 1
ring = \"180s\"
";

const SETTINGS: &str = "\n[desk]\ntransfers = [\"057188880120\", \"057188880121\"]\n";

/// The list as a hospital's system writes it; `@OUT@` is the day of the discharge.
const LIST: &str = "\
就诊流水号,住院号,姓名,性别,年龄,联系电话,联系人,关系,联系人电话,出院科室,床号,主管医生,出院日期,出院诊断
V2600,Z0390650,沈志远,男,59,13800010000,,,,体检中心,,林静,@OUT@,健康查体
V2601,Z0391207,孙美华,女,78,13800010001,张敏,女儿,13800010091,骨科,12床,高志远,@OUT@,右股骨颈骨折术后
V2602,Z0391255,周国强,男,66,13800010002,,,,呼吸内科,3床,王海,@OUT@,慢性阻塞性肺疾病
V2603,Z0391302,郑建民,男,70,13800010003,,,,心血管内科,21床,陈立,@OUT@,冠心病
V2604,Z0391318,吴秀英,女,81,13800010004,吴晓军,儿子,13800010094,骨科,8床,高志远,@OUT@,腰椎压缩性骨折
V2605,Z0391340,冯桂芝,女,85,13800010005,,,,神经内科,17床,许文,@OUT@,脑梗死恢复期
V2606,Z0391366,何秀兰,女,62,13800010006,,,,内分泌科,5床,赵敏,@OUT@,2型糖尿病
V2607,Z0391371,罗建华,男,57,13800010007,,,,普外科,9床,周平,@OUT@,胆囊结石术后
";

#[test]
fn an_hour_at_the_desk_in_real_browsers_is_on_record_as_it_was_seen() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let campaign = CAMPAIGN.replace(
        "@DIALPLAN@",
        &root.join("dialplans/post-discharge.toml").display().to_string(),
    );
    let mut room = Room::open_for_a_day(
        "hour",
        &Day {
            script: SCRIPT,
            name: "出院后随访",
            campaign: &campaign,
            list: &LIST.replace("@OUT@", &a_week_ago()),
            place: "",
            prompts: &root.join("prompts"),
            settings: SETTINGS,
        },
    );
    let _phones: Vec<Phone> = PEOPLE
        .iter()
        .enumerate()
        .map(|(nth, [account, name, role, user])| {
            let folder = room.employ(account, name, role, user);
            phone(&folder, user, room.doors().1, nth)
        })
        .collect();
    room.site
        .command(&["campaign", "start", "出院后随访"], Duration::from_secs(60));
    wait_for_the_machine(&room);
    let walked = walk(&room, root);
    let record = database::rows::<12>(&room.site.database(), RECORD);
    let audit = database::rows::<2>(
        &room.site.database(),
        "select who, deed from audit where deed in ('listened_in', 'opened_case') order by id",
    );
    room.stop();
    assert!(walked.0, "{}", walked.1);
    judge(&record);
    let of = |deed: &str| audit.iter().filter(|[_, done]| done == deed).count();
    assert_eq!((of("listened_in"), of("opened_case")), (1, 7), "{audit:?}");
    assert!(audit.contains(&["chenxiaoyan".to_owned(), "listened_in".to_owned()]));
}

/// A phone that answers by itself, but for one, and lets its voice be heard once.
fn phone(folder: &Path, user: &str, registrar: u16, nth: usize) -> Phone {
    let mut account = Phone::registered_account(user, phone::PASSWORD, registrar);
    if user != UNANSWERED {
        account = account.replace("answermode=manual", "answermode=auto");
    }
    let mut says = vec![0; 8_000 * CALL_S];
    if nth == 0 {
        says[8_000 * VOICE_AT..8_000 * (VOICE_AT + 1)].copy_from_slice(&speech::voice(7, 1, 1));
    }
    let phone = Phone::start(folder, &[account], &says);
    phone.wait_until_registered();
    phone
}

/// The machine has the first of the list on the line, and with it the only line.
fn wait_for_the_machine(room: &Room) {
    let deadline = journal::deadline(Duration::from_secs(30));
    let quiet = journal::Journal::<()>::new();
    while database::rows::<1>(&room.site.database(), "select cast(id as text) from attempt").is_empty() {
        assert!(journal::remaining(deadline).is_some(), "the machine calls nobody");
        quiet.wait(0, Duration::from_millis(200), |()| true);
    }
}

fn a_week_ago() -> String {
    let said = Command::new(installed("date"))
        .args(["-d", "7 days ago", "+%F"])
        .output()
        .unwrap();
    String::from_utf8_lossy(&said.stdout).trim().to_owned()
}

/// Has the browsers walk through the hour; what they said.
fn walk(room: &Room, root: &Path) -> (bool, String) {
    let web = root.join("web");
    let runner = web.join("node_modules/vitest/vitest.mjs");
    assert!(
        runner.is_file() && web.join("dist/index.html").is_file(),
        "the console is not built: npm --prefix web ci && npm --prefix web run build"
    );
    let shots = std::env::var_os("SCREENS").map_or_else(
        || Path::new(env!("CARGO_TARGET_TMPDIR")).join("agents/hour"),
        PathBuf::from,
    );
    fs::create_dir_all(&shots).unwrap();
    let walked = Command::new(installed("node"))
        .current_dir(&web)
        .arg(runner)
        .args(["run", "--config", "vitest.hour.ts"])
        .env("AFTERCALL_HOUR", hour(room, &shots).to_string())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = [walked.stdout, walked.stderr].map(|said| String::from_utf8_lossy(&said).into_owned());
    (walked.status.success(), said.concat())
}

/// What the browsers have to know.
fn hour(room: &Room, shots: &Path) -> Value {
    let [li, wang, zhao, chen] =
        PEOPLE.map(|[account, name, ..]| json!({ "name": account, "person": name, "password": PASSWORD }));
    let patients = database::rows::<3>(
        &room.site.database(),
        "select p.name, cast(p.id as text), cast(c.id as text) from cases c join encounter e on e.id = c.encounter_id
         join patient p on p.id = e.patient_id order by c.id",
    );
    let patients: Vec<Value> = patients
        .into_iter()
        .map(|[name, patient, case]| json!({ "name": name, "patient": patient, "case": case }))
        .collect();
    json!({
        "url": format!("http://{}", room.doors().0),
        "li": li,
        "wang": wang,
        "zhao": zhao,
        "chen": chen,
        "patients": patients,
        "shots": shots,
    })
}

/// Every conversation: who with whom, how each side ended, what came of it, and what was written down.
const RECORD: &str = "
select p.name, w.account, v.origin,
    coalesce(v.agent_ending, '') || coalesce(' ' || v.agent_status, ''),
    coalesce(v.patient_ending, '') || coalesce(' ' || v.patient_status, '') || coalesce('/' || v.patient_cause, ''),
    a.disposition,
    (select group_concat(question || '=' || coalesce(value, kind) || ' ' || source, ', ')
     from (select * from answer where attempt_id = a.id order by at, id)),
    (select group_concat(text, '; ') from note where case_id = v.case_id),
    (select group_concat(department || ': ' || text, '; ') from ticket where case_id = v.case_id),
    (select group_concat(state, ' ') from (select state from number where patient_id = p.id order by id)),
    (select cast(count(*) as text) from attempt b where b.case_id = v.case_id) || case when c.appointment_at is null then '' else ', appointed' end,
    (select group_concat(kind, ' ') from (
        select case json_type(what) when 'text' then what ->> '$' else (select key from json_each(what)) end as kind
        from conversation_event where conversation_id = v.id order by seq)
     where kind in ('held', 'resumed', 'muted', 'unmuted', 'recording_paused', 'recording_resumed', 'listened_to'))
from conversation v
join cases c on c.id = v.case_id
join encounter e on e.id = c.encounter_id
join patient p on p.id = e.patient_id
join account w on w.id = v.account_id
left join attempt a on a.id = v.attempt_id
order by v.id";

/// Name, agent, origin, the agent's end, the patient's end, disposition, answers, notes, tickets, states of the numbers, attempts, what was done
/// on the call.
const EXPECTED: [[&str; 12]; 7] = [
    [
        "孙美华",
        "liwenjing",
        "next",
        "ordered",
        "other_ended",
        "completed",
        "identity=1 agent, recovery=4 patient, medicine=2 agent, recheck=1 agent, satisfaction=4 agent",
        "女儿下周一陪同复诊。希望电话里讲慢一点。",
        "骨科: 恢复比出院时差，请主管医生今天回电。",
        "ok ok",
        "1",
        "recording_paused recording_resumed",
    ],
    [
        "周国强",
        "liwenjing",
        "next",
        "other_ended",
        "busy 486/17",
        "busy",
        "",
        "",
        "",
        "ok",
        "1",
        "",
    ],
    [
        "郑建民",
        "liwenjing",
        "next",
        "ordered",
        "other_ended",
        "wrong_number",
        "identity=3 agent",
        "",
        "",
        "wrong ok",
        "1",
        "",
    ],
    [
        "吴秀英",
        "wangzhiqiang",
        "next",
        "ordered",
        "other_ended",
        "completed",
        "identity=1 agent, recovery=1 agent, medicine=1 agent, recheck=2 agent, satisfaction=4 agent",
        "家属在旁协助接听。",
        "",
        "ok ok",
        "1",
        "muted unmuted held resumed",
    ],
    [
        "罗建华",
        "zhaomin",
        "picked",
        "no_answer",
        "",
        "",
        "",
        "",
        "",
        "ok",
        "0",
        "",
    ],
    [
        "何秀兰",
        "liwenjing",
        "picked",
        "other_ended",
        "unreachable 480/20",
        "power_off",
        "",
        "",
        "",
        "ok",
        "1",
        "",
    ],
    [
        "冯桂芝",
        "liwenjing",
        "picked",
        "ordered",
        "other_ended",
        "appointment",
        "",
        "",
        "",
        "ok",
        "1, appointed",
        "listened_to",
    ],
];

fn judge(record: &[[String; 12]]) {
    for (seen, expected) in record.iter().zip(EXPECTED) {
        assert_eq!(seen.each_ref().map(String::as_str), expected);
    }
    assert_eq!(record.len(), EXPECTED.len(), "{record:#?}");
}
