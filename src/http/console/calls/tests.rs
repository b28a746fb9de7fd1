//! The timeline of a call, told from what was noted of it.

use serde_json::{Value, json};

use super::timeline::Timeline;
use crate::ids::AttemptId;
use crate::moment::Wall;
use crate::outcome::{Facts, PlayEnd, Played};
use crate::phone::{Key, Number};
use crate::pii::Pii;
use crate::store::console::lines::Sound;
use crate::store::console::timeline::{CallAnswer, CallDialplan, CallKey, CallMedia, CallRecord, RecordingFacts};

const ANSWERED: i64 = 1_751_331_600_000;

fn call(played: Vec<Played>) -> CallRecord {
    let facts = Facts {
        pdd_ms: Some(1_200),
        ring_ms: Some(9_800),
        played,
        ..Facts::default()
    };
    CallRecord {
        attempt: AttemptId(7),
        case: None,
        patient: None,
        name: Pii::new(None),
        sex: None,
        birth: Pii::new(None),
        age: None,
        visit_no: Pii::new(None),
        kind: None,
        department: None,
        doctor: None,
        admitted: None,
        discharged: None,
        campaign: None,
        round: None,
        number: Number::parse("13800000001").unwrap(),
        owner: None,
        trunk: "main".to_owned(),
        ordinal: 1,
        begun: Wall::from_millis(ANSWERED - 11_000),
        answered: Some(Wall::from_millis(ANSWERED)),
        ended: Some(Wall::from_millis(ANSWERED + 60_000)),
        disposition: None,
        rule: None,
        facts: Some(facts),
        raw: None,
        dialog: None,
        dialplan: CallDialplan {
            hash: "d".to_owned(),
            file: "inpatient-satisfaction.toml".to_owned(),
            text: include_str!("../../../../dialplans/inpatient-satisfaction.toml").to_owned(),
        },
        resumed_from: None,
        cleaned: None,
        recording: Some(RecordingFacts {
            path: "recordings/0/7.wav".to_owned(),
            duration_ms: 60_020,
            gap_ms: 0,
            pauses: vec![(20_000, 31_500)],
            sha256: "0".repeat(64),
        }),
        sound: Sound::Kept,
        media: CallMedia::default(),
        review: "none".to_owned(),
        account: None,
    }
}

fn played(prompts: &[&str], from_ms: u32, to_ms: u32, end: PlayEnd) -> Played {
    Played {
        prompts: prompts.iter().map(|&prompt| prompt.to_owned()).collect(),
        from_ms,
        to_ms,
        end,
    }
}

fn key(seq: i64, key: char, at_ms: i64, question: &str, during: Option<&str>) -> CallKey {
    CallKey {
        seq,
        key: Key::from_char(key).unwrap(),
        at_ms,
        source: if seq == 1 { "info" } else { "telephone_event" }.to_owned(),
        during: during.map(str::to_owned),
        question: Some(question.to_owned()),
    }
}

fn answer(question: &str, value: i64, keep_seq: i64, points: Option<i64>) -> CallAnswer {
    CallAnswer {
        question: question.to_owned(),
        kind: "value".to_owned(),
        value: Some(value),
        label: Some("不满意".to_owned()),
        keys: value.to_string(),
        keep_seq,
        at: ANSWERED + 59_000,
        source: "patient".to_owned(),
        points,
        audio_from_ms: None,
        audio_to_ms: None,
    }
}

fn told(call: &CallRecord, keys: &[CallKey], answers: &[CallAnswer]) -> Value {
    serde_json::to_value(Timeline::of(call, keys, answers)).unwrap()
}

#[test]
fn a_key_is_told_from_the_end_of_its_prompt_and_a_second_hearing_from_the_first() {
    let call = call(vec![
        played(&["inpatient-greeting"], 0, 8_000, PlayEnd::Whole),
        played(&["inpatient-identity"], 8_000, 12_000, PlayEnd::Key),
        played(&["inpatient-introduction"], 12_020, 15_000, PlayEnd::Whole),
        played(&["inpatient-treatment"], 15_000, 20_000, PlayEnd::Whole),
        played(&["not-heard", "inpatient-treatment"], 28_000, 34_000, PlayEnd::Whole),
        played(&["inpatient-attitude"], 36_500, 41_000, PlayEnd::CallOver),
    ]);
    let keys = [
        key(1, '1', 11_990, "identity", Some("inpatient-identity")),
        key(2, '4', 36_400, "treatment", None),
    ];
    let told = told(
        &call,
        &keys,
        &[answer("identity", 1, 1, None), answer("treatment", 4, 2, Some(0))],
    );
    assert_eq!(
        told["ringing"],
        json!({ "delay_ms": 1_200, "ring_ms": 9_800, "early_media": false })
    );
    assert_eq!(
        (told["length_ms"].as_i64(), told["prompts_known"].as_bool()),
        (Some(60_020), Some(true))
    );
    let prompts = told["prompts"].as_array().unwrap();
    assert_eq!(prompts[1]["end"], "barged_in");
    assert_eq!(
        (&prompts[3]["question"], &prompts[3]["repeated"]),
        (&json!("treatment"), &json!(false))
    );
    assert_eq!(
        (&prompts[4]["title"], &prompts[4]["repeated"]),
        (&json!("治疗效果"), &json!(true))
    );
    assert!(prompts[4]["prompts"][1]["text"].as_str().unwrap().contains("治疗"));
    assert_eq!(prompts[5]["end"], "call_over");
    let answers = told["answers"].as_array().unwrap();
    let identity = &answers[0];
    assert_eq!(
        (&identity["reaction_ms"], &identity["barged_in"]),
        (&json!(-10), &json!(true))
    );
    assert_eq!(
        (&identity["source"], &identity["screening"]),
        (&json!("info"), &json!(true))
    );
    let treatment = &answers[1];
    assert_eq!(
        (&treatment["at_ms"], &treatment["reaction_ms"]),
        (&json!(36_400), &json!(2_400))
    );
    assert_eq!((&treatment["hearing"], &treatment["low"]), (&json!(2), &json!(true)));
    assert_eq!(told["silences"], json!([{ "from_ms": 20_000, "to_ms": 28_000 }]));
}

#[test]
fn of_a_call_from_before_only_what_is_certain_is_told() {
    let mut before = call(Vec::new());
    before.dialplan.text = "no dialplan any more".to_owned();
    let keys = [key(2, '4', 36_400, "treatment", Some("inpatient-treatment"))];
    let mut spoken = answer("improve", 1, 3, None);
    (spoken.keys, spoken.audio_from_ms, spoken.audio_to_ms) = (String::new(), Some(40_000), Some(52_000));
    let told = told(&before, &keys, &[answer("treatment", 4, 2, Some(0)), spoken]);
    assert_eq!(
        (&told["prompts_known"], &told["prompts"], &told["silences"]),
        (&json!(false), &json!([]), &json!([]))
    );
    let treatment = &told["answers"][0];
    assert_eq!(
        (&treatment["reaction_ms"], &treatment["hearing"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(
        (&treatment["at_ms"], &treatment["barged_in"]),
        (&json!(36_400), &json!(true))
    );
    assert_eq!(
        (&told["answers"][1]["at_ms"], &told["answers"][1]["source"]),
        (&json!(40_000), &Value::Null)
    );
    assert_eq!(
        told["spoken"],
        json!([{ "question": "improve", "title": "improve", "from_ms": 40_000, "to_ms": 52_000 }])
    );
}

#[test]
fn a_paused_stretch_has_its_place_and_what_comes_after_keeps_its_time() {
    let call = call(Vec::new());
    let told = told(&call, &[key(1, '4', 40_000, "treatment", None)], &[]);
    assert_eq!(told["paused"], json!([{ "from_ms": 20_000, "to_ms": 31_500 }]));
    assert_eq!(told["length_ms"], 60_020);
    assert_eq!(told["keys"][0]["at_ms"], 40_000);
}
