//! What a script means, and what a wrong one is told.

use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::*;

fn told(text: &str) -> Vec<String> {
    Script::parse(text)
        .unwrap_err()
        .iter()
        .map(ToString::to_string)
        .collect()
}

fn pressed(script: &Script, number: &str, prompt: &str, time: usize) -> String {
    let talk = &script.behaviour(number, 1).unwrap().talk;
    let intention = talk.intention(prompt, time, &mut ChaCha8Rng::seed_from_u64(0)).unwrap();
    intention.keys.iter().map(|k| k.as_char()).collect()
}

#[test]
fn a_number_gets_the_behaviour_that_names_it_else_one_drawn_by_weight() {
    let text = r#"
        [far_end]
        seed = 7
        [[behaviour]]
        name = "busy"
        numbers = ["1380*", "13900000001"]
        status = 486
        reason = "Q.850;cause=17"
        [[behaviour]]
        name = "completes"
        weight = 3
        [[behaviour]]
        name = "silent"
        weight = 1
        keys = { default = "none" }
    "#;
    let script = Script::parse(text).unwrap();
    assert_eq!(&*script.behaviour("13800000009", 1).unwrap().name, "busy");
    assert_eq!(&*script.behaviour("13900000001", 5).unwrap().name, "busy");
    let drawn = |n: u32| script.behaviour(&format!("150{n:08}"), 1).unwrap().name.clone();
    let completes = (0..1_000).filter(|&n| &*drawn(n) == "completes").count();
    assert!((680..820).contains(&completes), "{completes}");
    assert_eq!(drawn(4), drawn(4));
}

#[test]
fn the_second_attempt_may_behave_otherwise_than_the_first() {
    let text = r#"
        far_end.default = "later"
        [[behaviour]]
        name = "later"
        attempts = ["never", "yes"]
        [[behaviour]]
        name = "never"
        does = "rings-on"
        [[behaviour]]
        name = "yes"
    "#;
    let script = Script::parse(text).unwrap();
    let names: Vec<_> = (1..5)
        .map(|n| script.behaviour("1", n).unwrap().name.to_string())
        .collect();
    assert_eq!(names, ["never", "yes", "yes", "yes"]);
}

#[test]
fn a_reply_is_found_by_prompt_and_by_how_often_it_was_heard() {
    let text = r###"
        [far_end]
        default = "a"
        [keys]
        "goodbye-*" = "none"
        identity = "1"
        default = "1"
        [[behaviour]]
        name = "a"
        keys = { "q*" = ["9", "2"], q3 = "#" }
        [[behaviour.answer]]
        on = "q4"
        press = "10"
        after = "40ms"
        [[behaviour]]
        name = "refuses"
        numbers = "2"
        keys = { default = "##" }
    "###;
    let script = Script::parse(text).unwrap();
    assert_eq!(
        (pressed(&script, "1", "q1", 0), pressed(&script, "1", "q1", 1)),
        ("9".into(), "2".into())
    );
    assert_eq!(
        (pressed(&script, "1", "q1", 9), pressed(&script, "1", "q3", 0)),
        ("2".into(), "#".into())
    );
    assert_eq!(
        (pressed(&script, "1", "goodbye-x", 0), pressed(&script, "1", "what", 0)),
        (String::new(), "1".into())
    );
    assert_eq!(
        (pressed(&script, "1", "q4", 0), pressed(&script, "2", "identity", 0)),
        ("10".into(), "##".into())
    );
    let talk = &script.behaviour("1", 1).unwrap().talk;
    let intention = talk.intention("q4", 0, &mut ChaCha8Rng::seed_from_u64(0)).unwrap();
    assert_eq!(intention.when, When::AfterEnd(Duration::from_millis(40)));
}

#[test]
fn only_a_reply_that_names_its_prompt_barges_in() {
    let text = r#"
        far_end.default = "a"
        [[behaviour]]
        name = "a"
        barge_in = "900ms"
        keys = { q1 = "1", default = "1" }
    "#;
    let script = Script::parse(text).unwrap();
    let talk = &script.behaviour("1", 1).unwrap().talk;
    let when = |prompt| {
        talk.intention(prompt, 0, &mut ChaCha8Rng::seed_from_u64(0))
            .unwrap()
            .when
    };
    assert_eq!(when("q1"), When::AfterBeginning(Duration::from_millis(900)));
    assert_eq!(when("greeting"), When::AfterEnd(Duration::from_millis(600)));
}

#[test]
fn every_fault_of_a_script_is_told_at_once_with_its_place() {
    let text = r#"[far_end]
default = "bsy"
[[behaviour]]
name = "busy"
status = 200
rings = "2s"
after = "soon"
[[behaviour]]
name = "busy"
does = "answer"
phrase = "x"
keys = { q1 = "x" }
tricks = ["fork"]
hang_up = [{ on = "q1", at = "2s" }]
"#;
    let told = told(text);
    for expected in [
        "2:11: error: no behaviour is named \"bsy\"; did you mean \"busy\"?",
        "5:10: error: `status` is 200; expected a whole number from 300 to 699",
        "6:1: error: unknown key `rings`; did you mean `ring`?",
        "9:8: error: a second behaviour named \"busy\"",
        "11:10: error: `phrase` belongs to a behaviour that refuses",
        "12:15: error: \"x\" are no keys; expected 0-9, *, #, A-D, or \"none\"",
    ] {
        assert!(told.iter().any(|line| line == expected), "{expected}\n{told:#?}");
    }
    for expected in [
        "7:9: error: `after` is not",
        "10:8: error: `does` is \"answer\"",
        "13:11: error: \"fork\" is no",
    ] {
        assert!(
            told.iter().any(|line| line.starts_with(expected)),
            "{expected}\n{told:#?}"
        );
    }
    assert!(
        told.iter()
            .any(|line| line.starts_with("14:12: error: when to hang up is not clear")),
        "{told:#?}"
    );
}

#[test]
fn a_script_without_behaviours_is_refused() {
    assert_eq!(told(""), ["1:1: error: no [[behaviour]]; expected one or more"]);
}

#[test]
fn patterns_match_like_a_shell_does() {
    for (pattern, text, fits) in [
        ("138*", "13800", true),
        ("138*", "1390", false),
        ("*1", "1121", true),
        ("13?0", "1380", true),
        ("13?0", "138", false),
        ("", "", true),
        ("a*b*c", "axxbxbc", true),
        ("a*b*c", "axxbxb", false),
    ] {
        assert_eq!(Pattern::new(pattern).fits(text), fits, "{pattern} {text}");
    }
}
