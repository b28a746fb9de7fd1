//! Calls over real sockets: what is told, what is stored and what the far end saw agree.

use std::collections::BTreeMap;
use std::path::Path;

use aftercall::call::Observed;
use aftercall::engine::office::{CallLine, HandCallRequest};
use aftercall::outcome::Disposition;
use aftercall::phone::Number;
use sha2::{Digest, Sha256};

use crate::house::{House, ended, within};
use crate::records::{self, Attempt};
use crate::site::{CAMPAIGN, QUESTIONNAIRE};
use crate::voice::RATE;

/// One frame: the least that a recording can be off by.
const FRAME_MS: i64 = 20;

const COMPLETES: &str = r#"
[[behaviour]]
name = "completes"
numbers = "*"
ring = "300ms"
press_after = "150ms"
"#;

pub(crate) fn request(number: &str) -> HandCallRequest {
    HandCallRequest {
        number: Number::parse(number).unwrap(),
        trunk: None,
        dialplan_file: "questionnaire.toml".to_owned(),
        dialplan_text: QUESTIONNAIRE.to_owned(),
    }
}

fn word(observed: &Observed) -> String {
    match observed {
        Observed::NoPort => "no port".to_owned(),
        Observed::Invited => "invited".to_owned(),
        Observed::Progressed { status, .. } => status.to_string(),
        Observed::Answered => "answered".to_owned(),
        Observed::Playing { prompt } => format!("plays {prompt}"),
        Observed::KeyHeard { key, question } => format!("key {key} at {}", question.as_deref().unwrap_or("-")),
        Observed::Heard(heard) => format!("heard {}", heard.question),
        Observed::BargedIn => "barged in".to_owned(),
        Observed::Held => "held".to_owned(),
        Observed::Resumed => "resumed".to_owned(),
    }
}

/// The recording is there, is as long as the talk, and is the one that the row means.
fn assert_recorded(data: &Path, attempt: &Attempt) {
    let file = data.join(attempt.path.as_deref().unwrap());
    let bytes = std::fs::read(&file).unwrap();
    let hash: String = Sha256::digest(&bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(attempt.sha256.as_deref(), Some(hash.as_str()), "{attempt:?}");
    let reader = hound::WavReader::new(bytes.as_slice()).unwrap();
    assert_eq!(
        (
            reader.spec().channels,
            reader.spec().sample_rate,
            reader.spec().bits_per_sample
        ),
        (2, RATE, 16)
    );
    let recorded = i64::from(reader.duration()) * 1000 / i64::from(RATE);
    assert!(
        (recorded - attempt.duration_ms.unwrap()).abs() <= 1,
        "{recorded} {attempt:?}"
    );
    let talk = attempt.talk_ms.unwrap();
    println!("attempt {}: talk {talk} ms, recording {recorded} ms", attempt.id);
    assert!(
        (recorded - talk).abs() <= FRAME_MS,
        "recording {recorded} ms, talk {talk} ms"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_by_hand_is_told_state_by_state_and_leaves_a_test_attempt_with_keys_and_recording() {
    let house = House::open(COMPLETES).await;
    let mut call = house.office.call(request("13800000001")).await.unwrap();
    let mut told = Vec::new();
    let mut end = None;
    while let Some(line) = within(call.lines.recv()).await {
        match line {
            CallLine::Observed { observed, .. } => told.push(word(&observed)),
            CallLine::Ended {
                disposition, recording, ..
            } => end = Some((disposition, recording)),
            CallLine::Warning(text) | CallLine::Failed(text) => panic!("{text}"),
        }
    }
    let (site, _, seen) = house.close().await;
    told.retain(|word| word != "100");
    assert_eq!(
        told,
        [
            "invited",
            "180",
            "answered",
            "plays greeting",
            "plays identity",
            "key 1 at identity",
            "heard identity",
            "plays care",
            "key 2 at care",
            "heard care",
            "plays recommend",
            "key 7 at recommend",
            "heard recommend",
            "plays clear",
            "key 1 at clear",
            "heard clear",
            "plays goodbye",
        ]
    );
    let attempts = records::attempts(&site).await;
    let [attempt] = attempts.as_slice() else {
        panic!("{attempts:?}")
    };
    assert!(attempt.is_test);
    assert_eq!(attempt.disposition.as_deref(), Some("completed"));
    assert_eq!(attempt.keys, "1271");
    assert_eq!(attempt.answers, "identity=1 care=2 recommend=7 clear=1");
    assert_eq!(end, Some((Disposition::Completed, attempt.path.clone())));
    assert_recorded(&site.data(), attempt);
    let [seen] = seen.as_slice() else { panic!("{seen:?}") };
    seen.assert_faultless();
    assert_eq!(attempt.call_id.as_deref(), Some(seen.call_id.as_str()));
    assert_eq!(
        (seen.keys(), seen.bye_by.as_deref(), seen.acked),
        ("1271".to_owned(), Some("them"), true)
    );
    let heard: Vec<&str> = seen
        .prompts
        .iter()
        .filter(|prompt| prompt.whole)
        .map(|p| p.name.as_str())
        .collect();
    assert_eq!(heard, ["greeting", "identity", "care", "recommend", "clear", "goodbye"]);
}

const PATIENTS: &str = include_str!("site/patients.toml");

/// How each patient's attempt ends, and with which keys.
const ENDINGS: [(&str, &str, &str); 11] = [
    ("completes", "completed", "1271"),
    ("speaks-mu-law", "completed", "1271"),
    ("barges-in-with-ten", "completed", "12101"),
    ("busy", "busy", ""),
    ("nobody", "vacant", ""),
    ("rings-on", "no_answer", ""),
    ("hangs-up-at-the-second-question", "partial", "12"),
    ("refuses", "refused", "1##"),
    ("never-again", "opt_out", "9"),
    ("wrong-number", "wrong_number", "3"),
    ("silent", "silent", ""),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_of_twelve_patients_ends_as_each_of_them_behaved() {
    let numbers: Vec<String> = (1..=12).map(|n| format!("138{n:08}")).collect();
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let house = House::open(PATIENTS).await;
    house.campaign(&numbers).await;
    let mut told = house.follow();
    let started = house.office.start_campaign(CAMPAIGN).await.unwrap();
    assert_eq!((started.open, started.dialing), (12, true));
    ended(&mut told, numbers.len()).await;
    let (site, last, seen) = house.close().await;

    let attempts = records::attempts(&site).await;
    let by_call_id: BTreeMap<&str, &Attempt> = attempts
        .iter()
        .map(|attempt| (attempt.call_id.as_deref().unwrap(), attempt))
        .collect();
    assert_eq!(
        (attempts.len(), by_call_id.len(), seen.len(), last.invites_sent),
        (12, 12, 12, 12)
    );
    let mut gap = 0.0_f64;
    for seen in &seen {
        let attempt = by_call_id[seen.call_id.as_str()];
        let (_, disposition, keys) = ENDINGS
            .iter()
            .find(|(behaviour, ..)| *behaviour == seen.behaviour)
            .unwrap();
        let got = (
            attempt.digits.as_str(),
            attempt.disposition.as_deref(),
            attempt.keys.as_str(),
        );
        assert_eq!(
            got,
            (seen.number.as_str(), Some(*disposition), *keys),
            "{seen:#?}\n{attempt:#?}"
        );
        assert_eq!(seen.keys(), *keys);
        assert_eq!(
            (seen.unfinished, seen.acked),
            (false, seen.status == Some(200)),
            "{seen:#?}"
        );
        seen.assert_faultless();
        gap = gap.max(seen.gap_ms_max);
        assert_eq!(attempt.path.is_some(), seen.status == Some(200), "{attempt:?}");
        if attempt.path.is_some() {
            assert_recorded(&site.data(), attempt);
        }
    }
    println!("longest pause between two packets: {gap} ms");
    let whole: usize = seen
        .iter()
        .map(|seen| seen.prompts.iter().filter(|prompt| prompt.whole).count())
        .sum();
    println!("prompts: {} expected, {whole} heard whole", last.prompts_expected);
    assert!(seen.iter().any(|seen| seen.behaviour == "rings-on" && seen.cancelled));
    assert_eq!(records::do_not_call(&site).await, ["13800000010"]);
    for case in records::cases(&site).await {
        assert_eq!(
            (case.state.as_str(), case.attempts, case.leased),
            ("closed", 1, false),
            "{case:?}"
        );
        assert!(case.outcome.is_some());
    }
}
