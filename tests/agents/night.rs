//! From machine to person: a nightly run in which some patients press the key for a person, and three agents with phones. What
//! the patients' far end heard is the judge: nobody waits without a sound for two seconds, and nobody is lost.

use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::rig::{database, journal, speech};

use super::book;
use super::room::{Agent, Room};

/// Patients who answer everything.
const WILLING: usize = 53;
/// Who want a person, and stay until they are let go.
const ASKING: usize = 7;
/// Who want one, and hang up while they wait.
const LEAVING: usize = 2;

/// So long two people talk.
const TALK: Duration = Duration::from_secs(4);
/// The night is over within this time.
const NIGHT: Duration = Duration::from_secs(75);
/// Nobody hears nothing for longer.
const SILENCE_MS: i64 = 2_000;

const SCRIPT: &str = r#"
[far_end]
seed = 7

[[behaviour]]
name = "wants a person"
numbers = "13911*"
ring = "200ms..2s"
keys = { "treatment" = "1", "instructions" = "0", "call-back" = "2", default = "none" }

[[behaviour]]
name = "leaves while waiting"
numbers = "13912*"
ring = "500ms"
keys = { "treatment" = "1", "instructions" = "0", default = "none" }
hang_up = [{ on = "connecting", after = "1200ms" }]

[[behaviour]]
name = "willing"
numbers = "13910*"
ring = "200ms..3s"
keys = { "treatment" = "1", "instructions" = "1", default = "none" }
"#;

const CAMPAIGN: &str = "name = \"by-night\"\ndialplan = \"night.toml\"\ntrunk = \"far\"\nbudget = 3\nlines = 20\npace = 4.0\n\
                        ring = \"6s\"\n";

/// What is said beside the rig's own prompts, with its seconds.
const PROMPTS: [(&str, usize); 3] = [("connecting", 2), ("waiting", 2), ("call-back", 3)];

#[test]
fn whoever_wants_a_person_by_night_hears_something_all_the_time_and_is_not_lost() {
    let of = |kind: u32, count: usize| (1..=count).map(move |nth| format!("1391{kind}00{nth:04}"));
    // Who want a person are spread over the night.
    let mut numbers: Vec<String> = of(0, WILLING).collect();
    for (place, number) in of(1, ASKING).chain(of(2, LEAVING)).enumerate() {
        numbers.insert(place * 5, number);
    }
    let mut room = Room::open_by_night("night", SCRIPT, CAMPAIGN, &numbers, |site| {
        fs::write(site.file("night.toml"), include_str!("night/questionnaire.toml")).unwrap();
        add_prompts(&site.file("prompts/zh-CN"));
    });
    // The third one sits at a phone that rings and rings.
    let mut agents = vec![room.answering_agent(1), room.answering_agent(2), room.agent(3)];
    for agent in &agents {
        agent.tab.done("ready", &json!({}));
    }
    room.site
        .command(&["campaign", "start", "by-night"], Duration::from_secs(30));
    let is_over = AtomicBool::new(false);
    let talks: Vec<Vec<Talk>> = thread::scope(|scope| {
        let working: Vec<_> = agents
            .iter_mut()
            .map(|agent| scope.spawn(|| works(agent, &is_over)))
            .collect();
        let all: Vec<&String> = numbers.iter().collect();
        room.settle(&all, NIGHT);
        is_over.store(true, Ordering::Relaxed);
        working.into_iter().map(|one| one.join().unwrap()).collect()
    });
    room.close();
    let heard = room.far_end_log();
    let record = read(&room);
    let waits: Vec<Value> = heard
        .iter()
        .filter(|call| call["behaviour"] != "willing")
        .map(|call| judged(call, &record))
        .collect();
    let talks: Vec<&Talk> = talks.iter().flatten().collect();
    let mut faults: Vec<String> = waits
        .iter()
        .flat_map(|wait| wait["faults"].as_array().cloned().unwrap_or_default())
        .map(|fault| fault.to_string())
        .collect();
    faults.extend(talks.iter().flat_map(|talk| talk.faults.clone()));
    book::keep_night(&json!({
        "patients": numbers.len(),
        "asked": waits.len(),
        "agents": 3,
        "talks": talks.len(),
        "each": waits,
        "faults": faults,
    }));
    let came = |what: &str| waits.iter().filter(|wait| wait["came"] == what).count();
    assert_eq!(heard.len(), numbers.len(), "one call for each patient");
    assert_eq!(waits.len(), ASKING + LEAVING);
    assert!(
        came("agent") >= talks.len() && talks.len() >= 2,
        "whoever got an agent was on a screen: {waits:#?}"
    );
    assert!(came("not_yet") >= 1, "{waits:#?}");
    assert_eq!(faults, Vec::<String>::new());
}

/// What an agent saw of a patient.
struct Talk {
    faults: Vec<String>,
}

/// An agent takes whoever comes: the case and the answers are on the screen before the phone is answered.
fn works(agent: &mut Agent, is_over: &AtomicBool) -> Vec<Talk> {
    let mut talks = Vec::new();
    let (mut place, mut last) = (0, None);
    let state = |told: &Value| told["conversation"]["state"].as_str().unwrap_or_default().to_owned();
    while !is_over.load(Ordering::Relaxed) {
        // A phone that answers at once is faster than the screen, which looks every quarter of a second.
        let comes = |told: &Value| {
            told["conversation"]["id"].as_i64() > last && ["patient_waiting", "talking"].contains(&state(told).as_str())
        };
        let Some((told, next)) = agent.tab.until(place, Duration::from_millis(500), comes) else {
            continue;
        };
        let id = told["conversation"]["id"].as_i64().unwrap_or_default();
        last = Some(id);
        let mut faults = Vec::new();
        let page = agent.tab.desk();
        let shown = &page["conversation"];
        if shown["id"] == id {
            let answers = shown["form"]["answers"].as_array().map_or(0, Vec::len);
            if shown["origin"] != "asked_for" || answers == 0 {
                faults.push(format!("the screen has {} and {answers} answers", shown["origin"]));
            }
        }
        let of_it = |told: &Value| told["conversation"]["id"] == id;
        let goes_on = |told: &Value| !of_it(told) || state(told) != "patient_waiting";
        let Some((then, after)) = agent.tab.until(next - 1, Duration::from_secs(40), goes_on) else {
            break;
        };
        place = after;
        if of_it(&then) && state(&then) == "talking" {
            let ended = |told: &Value| !of_it(told) || state(told) == "ended";
            if agent.tab.until(place, TALK, ended).is_none() {
                agent.tab.order("hang-up", &json!({ "conversation_id": id }));
            }
            agent.tab.until(place, Duration::from_secs(10), ended);
            wraps_up(agent, id, &mut faults);
            talks.push(Talk { faults });
        }
    }
    talks
}

/// Says what came of it as soon as it may be said.
pub(crate) fn wraps_up(agent: &Agent, id: i64, faults: &mut Vec<String>) {
    let quiet = journal::Journal::<()>::new();
    let mut last = String::new();
    for _ in 0..50 {
        let said = json!({ "conversation_id": id, "outcome": "refused", "cause": "不愿继续" });
        let answer = agent.tab.order("outcome", &said);
        if answer.status == 200 {
            agent.tab.done("wrap-up-done", &json!({ "conversation_id": id }));
            return;
        }
        last = format!("{answer:?}");
        quiet.wait(0, Duration::from_millis(100), |()| true);
    }
    faults.push(format!("no outcome may be said: {last}"));
}

/// The prompts that the rig does not have.
fn add_prompts(folder: &std::path::Path) {
    let texts: toml::Table = toml::from_str(include_str!("night/questionnaire.toml")).unwrap();
    let file = folder.join("manifest.toml");
    let mut manifest = fs::read_to_string(&file).unwrap();
    for (index, (name, seconds)) in PROMPTS.iter().enumerate() {
        let wav = folder.join(format!("{name}.wav"));
        speech::write(&wav, &speech::voice(900 + index as u64, *seconds, *seconds));
        let hash: String = Sha256::digest(fs::read(&wav).unwrap())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        manifest += &format!(
            "\n[[prompt]]\nname = \"{name}\"\ntext = {}\nduration_ms = {}\nloudness_dbfs = -20.0\nvoice = \"none\"\n\
             synthetic = true\nsha256 = \"{hash}\"\n",
            texts["prompts"][*name],
            seconds * 1000
        );
    }
    fs::write(file, manifest).unwrap();
}

/// The facts of each number's attempts, and whether its case has an appointment.
fn read(room: &Room) -> BTreeMap<String, (Vec<Value>, bool)> {
    let rows = database::rows::<3>(
        &room.site.database(),
        "select a.digits, coalesce(a.facts, '{}'), case when c.appointment_at is null then '' else 'yes' end
         from attempt a join cases c on c.id = a.case_id order by a.id",
    );
    let mut record: BTreeMap<String, (Vec<Value>, bool)> = BTreeMap::new();
    for [number, facts, appointed] in rows {
        let of = record.entry(number).or_default();
        of.0.push(serde_json::from_str(&facts).unwrap_or_default());
        of.1 |= !appointed.is_empty();
    }
    record
}

/// What the far end heard of a wish for a person, beside the record.
fn judged(call: &Value, record: &BTreeMap<String, (Vec<Value>, bool)>) -> Value {
    let number = call["number"].as_str().unwrap_or_default();
    let mut faults = Vec::new();
    let nothing = (Vec::new(), false);
    let (attempts, appointed) = record.get(number).unwrap_or(&nothing);
    let facts = attempts.first().cloned().unwrap_or_default();
    if attempts.len() != 1 {
        faults.push(format!("{number}: {} attempts", attempts.len()));
    }
    let list = |what: &str| call[what].as_array().cloned().unwrap_or_default();
    let millis = |value: &Value| value.as_i64().unwrap_or_default();
    let asked = list("keys")
        .iter()
        .find(|key| key["key"] == "0")
        .map(|key| millis(&key["at_ms"]));
    let wish = &facts["wish"];
    let came = wish["came"].as_str().unwrap_or("no wish on record").to_owned();
    let asked = asked.unwrap_or_else(|| {
        faults.push(format!("{number}: never pressed the key"));
        0
    });
    let until = asked + millis(&wish["waited_ms"]) + 1_000;
    let word = list("prompts")
        .iter()
        .filter(|prompt| ["connecting", "call-back"].iter().any(|name| prompt["name"] == *name))
        .map(|prompt| millis(&prompt["at_ms"]) - asked)
        .find(|after| *after >= 0);
    // An agent who answers at once is there before the first word is over.
    let was_short = came == "agent" && millis(&wish["waited_ms"]) < SILENCE_MS;
    if !was_short && word.is_none_or(|after| after > SILENCE_MS) {
        faults.push(format!("{number}: the first word after {word:?} ms"));
    }
    let silent = list("silences")
        .iter()
        .filter(|silence| (asked..until).contains(&millis(&silence["at_ms"])))
        .map(|silence| millis(&silence["for_ms"]))
        .max();
    if silent.is_some_and(|silent| silent > SILENCE_MS) {
        faults.push(format!("{number}: {silent:?} ms of silence while waiting"));
    }
    let has_left = call["bye_by"] == "us";
    let talked = !facts["agent"].is_null();
    if !(talked || *appointed || has_left) {
        faults.push(format!("{number}: lost: {facts}"));
    }
    json!({
        "number": number,
        "came": came,
        "waited_ms": wish["waited_ms"],
        "first_word_ms": word,
        "longest_silence_ms": silent,
        "talked": talked,
        "appointed": appointed,
        "hung_up": has_left,
        "faults": faults,
    })
}
