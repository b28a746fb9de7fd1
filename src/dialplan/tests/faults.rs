//! What a reader of a faulty dialplan is told.

use std::time::Duration;

use proptest::prelude::*;

use super::{SHIPPED, plan_text, shipped};
use crate::dialplan::{Asks, Kind, Prompts, Recorded, Session, check, check_text, parse};

fn told(text: &str) -> Vec<String> {
    check_text(text, None).iter().map(ToString::to_string).collect()
}

/// The faults of parts that stand from line 9 on, without place.
fn told_of(parts: &str) -> Vec<String> {
    let faults = told(&plan_text("q", parts));
    faults
        .iter()
        .map(|fault| fault.split_once(": ").map_or("", |(_, message)| message).to_owned())
        .collect()
}

fn question(id: &str, rest: &str) -> String {
    format!("[[question]]\nid = \"{id}\"\ntitle = \"题\"\nsay = \"{id}\"\nstop = false\n{rest}\n")
}

const YES_NO: &str = "ask = \"yes_no\"\nnext = \"end.completed\"";

/// Recordings of all prompts of the shipped dialplan, each as long as speech of its length takes.
fn recorded() -> Prompts {
    let plan = shipped();
    let texts = plan
        .prompt_texts()
        .map(|(name, text)| (name.to_owned(), text.replace("{hospital}", "市一院")));
    let recorded = texts
        .map(|(name, text)| {
            let duration = Duration::from_millis(220) * u32::try_from(text.chars().count()).unwrap();
            (
                name,
                Recorded {
                    text: Some(text),
                    duration,
                },
            )
        })
        .collect();
    Prompts {
        recorded,
        ..Prompts::default()
    }
}

#[test]
fn the_shipped_dialplan_says_what_reports_need() {
    let plan = shipped();
    assert_eq!(
        (plan.id(), plan.title(), plan.language()),
        ("inpatient-satisfaction", "住院满意度回访", "zh-CN")
    );
    assert_eq!(plan.hash().len(), 64);
    assert_eq!(check(&plan, Some(&recorded())), []);
    let ids: Vec<_> = plan.questions().map(|question| question.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "identity",
            "treatment",
            "attitude",
            "quality",
            "improve",
            "instructions",
            "recommend"
        ]
    );
    let treatment = plan.question("treatment").unwrap();
    assert_eq!(
        (treatment.kind, treatment.asks),
        (Kind::Choice, Some(Asks::Satisfaction))
    );
    assert_eq!(treatment.satisfied.iter().copied().collect::<Vec<_>>(), [1, 2]);
    let points: Vec<_> = (1..=5).map(|code| treatment.points(code)).collect();
    assert_eq!(points, [Some(100), Some(80), Some(60), Some(0), None]);
    assert_eq!(treatment.label(2), "比较满意");
    assert!(plan.question("identity").unwrap().screening);
    assert_eq!(plan.languages(), ["zh-CN", "en-US"]);
    assert_eq!(plan.prompts().len(), 40);
    assert!(
        plan.shown_text("inpatient-greeting")
            .unwrap()
            .starts_with("您好，这里是示范医院随访中心。")
    );
}

#[test]
fn every_fault_is_told_at_once_with_line_and_column() {
    let parts = [
        question(
            "q",
            "ask = \"choice\"\noption = [{ key = 1, label = \"甲\" }, { key = 1, label = \"乙\" }]\nnext = \"rr\"",
        ),
        question(
            "r",
            "ask = \"number\"\nmin = 1\nmax = 250\ndigits = 2\nnext = \"nowhere-at-all\"",
        ),
        question("r", "ask = \"yes_no\"\nrequierd = true\nnext = \"end.complete\""),
        question("alone", YES_NO),
    ]
    .concat();
    assert_eq!(
        told(&plan_text("q", &parts)),
        [
            "15:45: error: key 1 is already that of \"甲\"",
            "16:8: error: \"rr\" is no message, question or ending; did you mean \"r\"?",
            "24:7: error: `max` is 250 and has 3 digits, but `digits` is 2",
            "26:8: error: \"nowhere-at-all\" is no message, question or ending; expected the id of a message or question, or \
             end.completed, end.refused …",
            "27:1: error: id \"r\" is already used in line 17",
            "33:1: error: unknown key `requierd`; did you mean `required`?",
            "34:8: error: \"end.complete\" is no message, question or ending; did you mean \"end.completed\"?",
            "35:1: error: unreachable question \"alone\": nothing leads here",
        ]
    );
}

#[test]
fn missing_keys_are_named_with_what_was_expected() {
    let text = "[dialplan]\nid = \"x\"\nlanguage = \"zh-CN\"\n\n[[question]]\nid = \"q\"\nask = \"choise\"\n";
    assert_eq!(
        told(text),
        [
            "1:1: error: `title` is missing; expected a string",
            "1:1: error: `start` is missing; expected the id of the message or question that comes first",
            "1:1: error: [end.completed] is missing: how the survey ends in the ordinary way",
            "1:1: error: [end.refused] is missing: said when the survey is refused with ##",
            "1:1: error: [end.silent] is missing: said when nobody presses a key",
            "5:1: error: `title` is missing; expected a string",
            "5:1: error: `say` is missing; expected the name of a prompt, or several in brackets",
            "5:1: error: a choice needs options: `option = [...]`, or a `scale` that has them",
            "5:1: error: `next` is missing; expected where the call goes on after this question",
            "5:1: error: unreachable question \"q\": nothing leads here",
            "7:7: error: `ask` is \"choise\"; expected one of choice, yes_no, score, number, open; did you mean \"choice\"?",
        ]
    );
}

#[test]
fn a_loop_that_no_answer_leaves_is_told() {
    let parts = [
        question(
            "q",
            "ask = \"yes_no\"\nnext = \"again\"\nyes = { next = \"end.completed\" }",
        ),
        question("again", "ask = \"yes_no\"\nnext = \"once-more\""),
        "[[message]]\nid = \"once-more\"\nsay = \"m\"\nnext = \"again\"\n".to_owned(),
    ]
    .concat();
    assert_eq!(
        told_of(&parts),
        [
            "error: no way out of \"again\": no answer ever leads to an ending",
            "error: no way out of \"once-more\": no answer ever leads to an ending",
        ]
    );
}

#[test]
fn the_stop_key_may_not_be_an_answer_where_it_works() {
    let score = question("q", "ask = \"score\"\nnext = \"end.completed\"").replace("stop = false", "stop = true");
    let message =
        "error: the stop-calling-me key 9 is inside the range 0 to 10 of \"q\"; change one, or set stop = false";
    assert_eq!(told_of(&score), [message]);

    let small =
        question("q", "ask = \"score\"\nmax = 5\nnext = \"end.completed\"").replace("stop = false", "stop = true");
    assert_eq!(told_of(&small), [""; 0]);

    let choice = question(
        "q",
        "ask = \"choice\"\noption = [{ key = 1, label = \"甲\" }, { key = 9, label = \"乙\" }]",
    );
    let choice = choice.replace("stop = false", "screening = true") + "next = \"end.completed\"\n";
    let message =
        "error: key 9 is an option of \"q\" and the stop-calling-me key there; change one, or set stop = false";
    assert_eq!(told_of(&choice), [message]);
}

#[test]
fn star_and_hash_are_no_option_keys() {
    let options = "ask = \"choice\"\noption = [{ key = \"*\", label = \"甲\" }, { key = 2, label = \"乙\" }]";
    let faults = told_of(&question("q", &format!("{options}\nnext = \"end.completed\"")));
    assert!(
        faults
            .contains(&"error: `key` is \"*\"; expected a key 0 to 9 (* and # have a meaning of their own)".to_owned())
    );
}

#[test]
fn a_scale_of_satisfaction_does_not_answer_by_what_way() {
    let scale = "[scale.satisfaction]\nfits = \"satisfaction\"\nsatisfied = [1, 2]\noption = [{ key = 1, label = \"满意\" }, \
                 { key = 2, label = \"比较满意\" }, { key = 3, label = \"基本满意\" }, { key = 4, label = \"不满意\" }]\n";
    let ask = |asks: &str| {
        let body = format!("ask = \"choice\"\n{asks}scale = \"satisfaction\"\nnext = \"end.completed\"");
        let text = "您希望供电企业通过何种方式通知停电？满意请按1，比较满意请按2，基本满意请按3，不满意请按4。";
        told_of(&format!("{}{scale}[prompts]\nq = \"{text}\"\n", question("q", &body)))
            .into_iter()
            .filter(|fault| fault.starts_with("error"))
            .collect::<Vec<_>>()
    };
    let words = "error: the scale does not fit: the question asks \"何种\", its options say how satisfied someone is \
                 (满意, 比较满意, 基本满意, 不满意); ask it as a choice of its own: asks = \"which\" and `option` with what \
                 can be chosen";
    assert_eq!(ask("asks = \"satisfaction\"\n"), [words]);
    let declared = "error: scale \"satisfaction\" does not fit: its options say satisfaction, the question asks which";
    assert_eq!(ask("asks = \"which\"\n"), [words, declared]);
    let undeclared =
        "error: `asks` is missing; scale \"satisfaction\" fits only questions with asks = \"satisfaction\"";
    assert_eq!(ask(""), [undeclared, words]);
}

#[test]
fn prompts_that_speak_of_other_keys_are_told() {
    let options = "ask = \"choice\"\noption = [{ key = 1, label = \"满意\" }, { key = 2, label = \"不满意\" }, { key = 3, label = \"说不清\" }]";
    let parts = question("q", &format!("{options}\nnext = \"end.completed\""));
    let texts = "[prompts]\nq = \"不满意请按1，满意请按2，别的请按4。\"\nbye = \"再见，请按6。\"\nwrong-key = \"错\"\nno-key = \"无\"\n\
                 bye-refused = \"再见\"\nbye-silent = \"再见\"\nbye-stop = \"再见\"\nspare = \"多余\"\n";
    assert_eq!(
        told_of(&format!("{parts}{texts}")),
        [
            "error: \"q\" speaks of key 4, which is no option here",
            "error: \"q\" gives key 1 to 不满意, which has key 2",
            "error: \"q\" gives key 2 to 满意, which has key 1",
            "warning: the prompts of \"q\" do not speak of key 3 (说不清)",
            "warning: nothing says the prompt \"spare\"",
            "error: \"bye\" speaks of key 6, which does nothing here",
        ]
    );
}

#[test]
fn a_prompt_that_is_missing_or_says_something_else_is_told() {
    let mut prompts = recorded();
    prompts.recorded.remove("not-heard");
    prompts.recorded.insert(
        "inpatient-sorry".to_owned(),
        Recorded {
            text: Some("对不起。".to_owned()),
            duration: Duration::ZERO,
        },
    );
    let told: Vec<_> = check(&shipped(), Some(&prompts))
        .into_iter()
        .map(|fault| fault.wrong.to_string())
        .collect();
    assert_eq!(
        told,
        [
            "missing prompt \"not-heard\"; expected a recording not-heard.wav in the folder of zh-CN",
            "the recording of \"inpatient-sorry\" says something else: 对不起。",
        ]
    );
}

#[test]
fn a_call_that_silence_or_wrong_keys_end_too_soon_is_told() {
    let body = format!("first = \"3s\"\nrepeats = 1\nscreening = true\n{YES_NO}");
    let plan = parse(&plan_text("q", &question("q", &body))).unwrap();
    let second = |name: String| {
        (
            name,
            Recorded {
                text: None,
                duration: Duration::from_secs(1),
            },
        )
    };
    let prompts = Prompts {
        recorded: plan.prompts().into_iter().map(second).collect(),
        ..Prompts::default()
    };
    let told: Vec<_> = check(&plan, Some(&prompts))
        .into_iter()
        .map(|fault| fault.wrong.to_string())
        .collect();
    let ending = "expected at least 20s: more `repeats`, a longer `first`, or barge_in = false";
    assert_eq!(
        told,
        [
            format!("silence could end the call 10s after the answer, here; {ending}"),
            format!("wrong keys could end the call 4s after the answer, here; {ending}"),
        ]
    );
    assert_eq!(check(&plan, None), []);
}

#[test]
fn a_plan_with_warnings_only_can_be_run() {
    let parts = question("q", "ask = \"yes_no\"\nnext = \"end.completed\"");
    let text = plan_text("q", &format!("{parts}[end.third_party]\nsay = \"bye\"\n"));
    assert_eq!(
        told(&text),
        ["16:1: warning: unreachable ending: nothing leads to end.third_party"]
    );
    assert!(parse(&text).is_ok());
}

#[test]
fn any_other_text_has_another_hash() {
    let other = parse(&format!("{SHIPPED}\n# 改动\n")).unwrap();
    assert_ne!(other.hash(), shipped().hash());
}

/// The shipped text with one line damaged: other digits, words cut out, quotes broken.
fn damaged() -> impl Strategy<Value = String> {
    let lines = SHIPPED.lines().count();
    let damage = prop_oneof![
        Just(String::new()),
        "[a-z_]{1,8} = [0-9]{1,20}",
        "[a-z_]{1,8} = \"[a-z.9按1满意]{0,12}\"",
        "\\[\\[?(question|message|end|scale|dialplan|prompts)[.a-z]{0,4}\\]?\\]",
        "\\PC{0,30}",
    ];
    (prop::collection::vec((0..lines, damage), 1..6)).prop_map(|damages| {
        let mut text: Vec<String> = SHIPPED.lines().map(str::to_owned).collect();
        for (line, damage) in damages {
            text[line] = damage;
        }
        text.join("\n")
    })
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in prop_oneof![any::<String>(), damaged()]) {
        let faults = check_text(&text, Some(&recorded()));
        prop_assert!(faults.iter().all(|fault| fault.line >= 1 && fault.column >= 1));
        if let Ok(plan) = parse(&text) {
            let (session, steps) = Session::start(&plan);
            prop_assert_eq!(steps.len(), 1);
            prop_assert_eq!(&session.due(&plan).unwrap(), &steps[0]);
        }
    }
}

#[test]
fn what_agents_say_belongs_to_parts_that_there_are_and_is_short() {
    let parts = format!(
        "{}\n[agent]\nphrases = [\"不着急。\", \"{}\"]\n[agent.read]\nq = \"一个人这样问。\"\nnobody = \"…\"\n\
         [agent.probe]\nq = \"具体是什么？\"\nx = \"…\"\n[agent.other]\n",
        question("q", YES_NO),
        "慢".repeat(301)
    );
    let told = told_of(&parts);
    for expected in [
        "expected 1 to 300 letters on one line",
        "there is no message and no question \"nobody\"",
        "there is no question \"x\"",
    ] {
        let expected = format!("error: {expected}");
        assert!(told.contains(&expected), "{expected}: {told:#?}");
    }
}
