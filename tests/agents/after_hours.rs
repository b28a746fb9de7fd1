//! Calls to us out of hours by the clock: an agent is ready all the while, and no phone at a desk rings. A patient who hung up on
//! the campaign's call in the middle finishes the questionnaire by keys, asked nothing twice; one for whom nothing is open says
//! when to be called.

use std::path::Path;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::rig::{database, journal};

use super::book;
use super::calling_in::{CAMPAIGN, presses, where_it_is_noon};
use super::phone::PATIENCE;
use super::room::{Agent, Day, Room};

const LEFT: &str = "13800010003";
const REFUSED: &str = "13800010004";

/// One gives two answers and hangs up during the third question; the other wants no questions.
const SCRIPT: &str = r##"
[[behaviour]]
name = "hangs up in the middle"
numbers = "13800010003"
ring = "300ms"
barge_in = "1s"
keys = { "choose-language" = "1", "discharge-identity" = "1", "discharge-recovery" = "2", "discharge-medicine" = "4", default = "none" }
hang_up = [{ on = "discharge-recheck", after = "1500ms" }]

[[behaviour]]
name = "wants no questions"
numbers = "13800010004"
ring = "300ms"
barge_in = "1s"
keys = { "choose-language" = "1", "discharge-identity" = "4", "call-again-when" = "#", default = "none" }
"##;

/// Whoever hung up in the middle is called once more, another day.
const CALLED_AGAIN: &str = "
[retry.partial]
after = [\"1d\"]
max = 1
then = \"partial\"
";

/// It is noon.
const SETTINGS: &str = "
[incoming]
take = true
known = \"@ROOT@/dialplans/incoming.toml\"
unknown = \"@ROOT@/dialplans/incoming-unknown.toml\"

[incoming.hours]
every_day = [\"08:00-10:00\"]
";

const LIST: &str = "\
就诊流水号,住院号,姓名,联系电话,出院科室,入院日期,出院日期
V3,Z3,郑建民,13800010003,骨科,2026-01-02,2026-01-09
V4,Z4,吴秀英,13800010004,骨科,2026-01-02,2026-01-09
";

/// The ready agent does not come; each of both is asked what is left to ask.
#[test]
fn out_of_hours_the_machine_takes_the_call_goes_on_where_it_stopped_and_notes_a_wish() {
    let root = env!("CARGO_MANIFEST_DIR");
    let rooted = |text: &str| text.replace("@ROOT@", root);
    let mut room = Room::open_for_a_day(
        "after-hours",
        &Day {
            script: SCRIPT,
            name: "出院后随访",
            campaign: &rooted(&[CAMPAIGN, CALLED_AGAIN].concat()),
            list: LIST,
            place: &format!("time_zone = \"{}\"\n", where_it_is_noon()),
            prompts: &Path::new(root).join("prompts"),
            settings: &rooted(SETTINGS),
        },
    );
    let agent = room.answering_agent(1);
    agent.tab.done("ready", &json!({}));
    let is_ready = |told: &Value| told["me"]["presence"] == "ready" && told["conversation"].is_null();
    let (_, from) = agent.tab.until(0, PATIENCE, is_ready).expect("the agent is ready");
    room.site
        .command(&["campaign", "start", "出院后随访"], Duration::from_secs(60));
    room.settle(&[&LEFT.to_owned(), &REFUSED.to_owned()], PATIENCE * 2);
    let port = room.site.signalling_port(0);
    thread::scope(|scope| {
        for number in [LEFT, REFUSED] {
            let folder = room.folder(number);
            scope.spawn(move || presses(&folder, number, port, &[("1", 24, 3)]));
        }
    });
    wait_for_the_ends(&room);
    let at_the_desk = undisturbed(&agent, from, is_ready);
    let record = database::rows::<10>(&room.site.database(), RECORD);
    room.close();
    let mut faults = at_the_desk;
    let each: Vec<Value> = record.iter().map(shown).collect();
    for (who, expected) in expected() {
        let of: Vec<&Value> = each.iter().filter(|attempt| attempt["number"] == who).collect();
        if of.len() != expected.len() {
            faults.push(format!("{who}: {} attempts and not {}", of.len(), expected.len()));
        }
        for (got, expected) in of.into_iter().zip(&expected) {
            faults.extend(differences(got, expected));
        }
    }
    let lines: Vec<String> = record.iter().map(|row| row[..6].join("  ")).collect();
    book::keep_callers(
        "after hours: number, direction, disposition, case, what it goes on with, answers heard",
        &json!({ "each": each, "faults": faults, "lines": lines }),
    );
    assert_eq!(faults, Vec::<String>::new(), "{each:#?}");
}

/// A phone knows that its call is over before the end is on disk.
fn wait_for_the_ends(room: &Room) {
    let deadline = journal::deadline(PATIENCE);
    let quiet = journal::Journal::<()>::new();
    let open = "select cast(id as text) from attempt where state = 'begun'";
    while !database::rows::<1>(&room.site.database(), open).is_empty() {
        assert!(journal::remaining(deadline).is_some(), "an attempt has no end");
        quiet.wait(0, Duration::from_millis(200), |()| true);
    }
}

/// What is to be said against an agent's screen and phone that have to be as they were.
fn undisturbed(agent: &Agent, from: usize, is_ready: impl Fn(&Value) -> bool) -> Vec<String> {
    let told = agent.tab.live.all();
    let otherwise = told.iter().skip(from).filter(|told| !is_ready(told));
    let mut faults: Vec<String> = otherwise
        .map(|told| format!("the agent's screen shows {told}"))
        .collect();
    if !is_ready(&agent.tab.live.all().pop().unwrap_or_default()) {
        faults.push("the agent is not ready any more".to_owned());
    }
    let rang = agent.phone.call_ids();
    if !rang.is_empty() {
        faults.push(format!("the agent's phone rang: {rang:?}"));
    }
    faults
}

/// Of each attempt: whose, its direction, disposition and case, which attempt it goes on with, the answers that it heard, its
/// facts, conversations about its case, the status that a caller got, and when the patient wants to be called.
const RECORD: &str = "
select a.digits, a.direction, coalesce(a.disposition, ''), coalesce(c.outcome, c.state, 'no case'),
    coalesce((select b.direction || ' ' || b.disposition from attempt b where b.id = a.resumed_from and b.case_id = a.case_id), ''),
    coalesce((select group_concat(w.question || '=' || w.value, ' ') from (select question, value from answer
        where attempt_id = a.id and kind = 'value' order by keep_seq) w
        where w.question in ('recovery', 'medicine', 'recheck', 'satisfaction')), ''),
    a.facts, (select cast(count(*) as text) from conversation v where v.attempt_id = a.id),
    coalesce((select cast(b.status as text) from call_back b where b.attempt_id = a.id), ''),
    cast((json_extract(a.facts, '$.appointment') - a.begun_at) / 60000 as text)
from attempt a left join cases c on c.id = a.case_id
order by a.id";

/// An attempt as it is kept and judged.
fn shown(row: &[String; 10]) -> Value {
    let [
        number,
        direction,
        disposition,
        case,
        goes_on_with,
        answers,
        facts,
        conversations,
        status,
        wish_min,
    ] = row;
    let facts: Value = serde_json::from_str(facts).unwrap_or_default();
    let plays = facts["played"].as_array().into_iter().flatten();
    let prompts: Vec<&Value> = plays
        .flat_map(|play| play["prompts"].as_array().into_iter().flatten())
        .collect();
    json!({
        "number": number, "direction": direction, "disposition": disposition, "case": case, "goes_on_with": goes_on_with,
        "answers": answers, "prompts": prompts, "conversations": conversations, "status": status, "wish_min": wish_min,
    })
}

/// What each number's attempts have to be.
fn expected() -> [(&'static str, [Value; 2]); 2] {
    let left = json!({
        "direction": "out", "disposition": "partial", "case": "completed", "goes_on_with": "",
        "answers": "recovery=2 medicine=4", "status": "",
        "prompts": ["choose-language", "en-US/choose-language", "inpatient-greeting", "discharge-identity",
            "discharge-introduction", "discharge-recovery", "discharge-medicine", "discharge-recheck"],
    });
    let finished = json!({
        "direction": "in", "disposition": "completed", "case": "completed", "goes_on_with": "out partial",
        "answers": "recheck=1 satisfaction=4", "status": "200", "conversations": "0",
        "prompts": ["inpatient-greeting", "discharge-identity", "discharge-introduction", "discharge-recheck",
            "discharge-satisfaction", "scale-satisfaction", "goodbye-completed"],
    });
    let refused =
        json!({ "direction": "out", "disposition": "refused", "case": "refused", "answers": "", "status": "" });
    let wishes = json!({
        "direction": "in", "disposition": "appointment", "case": "no case", "goes_on_with": "", "answers": "",
        "status": "200", "conversations": "0", "wish_min": "120",
        "prompts": ["choose-language", "en-US/choose-language", "incoming-greeting", "incoming-menu",
            "call-again-when", "goodbye-appointment"],
    });
    [(LEFT, [left, finished]), (REFUSED, [refused, wishes])]
}

/// Where an attempt is not as it has to be.
fn differences(got: &Value, expected: &Value) -> Vec<String> {
    let members = expected.as_object().into_iter().flatten();
    let wrong = members.filter(|(member, value)| got[member.as_str()] != **value);
    wrong
        .map(|(member, value)| {
            format!(
                "{}: {member} is {} and not {value}",
                got["number"],
                got[member.as_str()]
            )
        })
        .collect()
}
