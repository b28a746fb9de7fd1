//! Reminders, appointments, languages and parameters: what the file says of them and how the call goes.

use std::time::Duration;

use super::plan_text;
use crate::dialplan::{
    CallAgain, Dialplan, End, Progress, Prompts, Recorded, Session, check, check_text, parse, replay,
};

fn goes(plan: &Dialplan, script: &str) -> Vec<String> {
    let walk = replay(plan, script).unwrap();
    walk.lines()
        .skip_while(|line| !line.is_empty())
        .skip(1)
        .map(str::to_owned)
        .collect()
}

fn messages(text: &str) -> Vec<String> {
    check_text(text, None).iter().map(ToString::to_string).collect()
}

const REMINDER: &str = "[dialplan]\nid = \"r\"\ntitle = \"提醒\"\nlanguage = \"zh-CN\"\nstart = \"hello\"\n\
    [[message]]\nid = \"hello\"\nsay = \"hello\"\nnext = \"content\"\n\
    [[message]]\nid = \"content\"\nsay = \"content\"\nrequired = true\nnext = \"end.completed\"\n\
    [end.completed]\nsay = \"bye\"\n";

#[test]
fn a_reminder_asks_nothing_and_is_complete_when_its_content_was_heard_to_the_end() {
    assert_eq!(messages(REMINDER), [""; 0]);
    let plan = parse(REMINDER).unwrap();
    assert_eq!(
        goes(&plan, "keys:\n"),
        [
            "says     hello",
            "says     content",
            "heard    content = heard to its end",
            "says     bye",
            "ends     completed; 0 answered, 1 of 1 required, 0 keys"
        ]
    );
    let (session, _) = Session::start(&plan);
    assert_eq!(
        session.progress(&plan).required,
        0,
        "what has not begun is not on the way yet"
    );
    assert_eq!(
        goes(&plan, "keys: !\n").last().unwrap(),
        "ends     hung_up; 0 answered, 0 of 1 required, 0 keys"
    );
}

#[test]
fn a_reminder_that_was_heard_is_complete_whatever_follows_and_one_that_was_not_is_not() {
    use crate::outcome::{CauseTable, Disposition, EndedBy, Facts, classify};
    let plan = parse(REMINDER).unwrap();
    let hung_up_after = |prompts: usize| {
        let (mut session, _) = Session::start(&plan);
        for _ in 0..prompts {
            session.resume(&plan, crate::dialplan::Resume::PromptDone).unwrap();
        }
        session.resume(&plan, crate::dialplan::Resume::HungUp).unwrap();
        let facts = Facts {
            final_status: Some(200),
            talk_ms: Some(9_000),
            ended_by: Some(EndedBy::FarEnd),
            survey: Some(session.progress(&plan)),
            ..Facts::default()
        };
        classify(&facts, &CauseTable::default()).disposition
    };
    assert_eq!(hung_up_after(0), Disposition::EarlyHangup);
    assert_eq!(hung_up_after(1), Disposition::EarlyHangup);
    assert_eq!(hung_up_after(2), Disposition::Completed);
    assert_eq!(hung_up_after(3), Disposition::Completed);
}

const APPOINTMENT: &str = "[[question]]\nid = \"who\"\ntitle = \"是否方便\"\nsay = \"who\"\nscreening = true\nstop = false\nask = \"choice\"\n\
    option = [{ key = 1, label = \"方便\", next = \"how\" }, { key = 2, label = \"两小时以后\", appointment = \"2h\" }, \
    { key = 3, label = \"明天\", appointment = \"1d 17:30\" }]\n\
    [[question]]\nid = \"how\"\ntitle = \"恢复\"\nsay = \"how\"\nask = \"choice\"\n\
    option = [{ key = 1, label = \"好\" }, { key = 2, label = \"不好\", follow_up = \"30d\" }]\nnext = \"end.completed\"\n\
    [end.appointment]\nsay = \"bye-then\"\n";

#[test]
fn an_option_may_ask_for_another_time_and_for_the_next_follow_up() {
    let text = plan_text("who", APPOINTMENT);
    assert_eq!(messages(&text), [""; 0]);
    let plan = parse(&text).unwrap();
    assert_eq!(
        goes(&plan, "keys: 3\n").last().unwrap(),
        "ends     appointment; 0 answered, 0 of 0 required, 1 keys, call again after 1d at 17:30"
    );
    assert_eq!(
        goes(&plan, "keys: 1 2\n").last().unwrap(),
        "ends     completed; 1 answered, 0 of 0 required, 2 keys, follow up in 30d"
    );
    let (mut session, _) = Session::start(&plan);
    let key = |key| crate::dialplan::Resume::Key(crate::phone::Key::from_char(key).unwrap());
    session.resume(&plan, key('2')).unwrap();
    let progress = session.progress(&plan);
    assert_eq!(progress.end, Some(End::Appointment));
    assert_eq!(progress.appointment, Some(CallAgain::After { minutes: 120 }));
    let written = serde_json::to_string(&progress).unwrap();
    assert_eq!(serde_json::from_str::<Progress>(&written).unwrap(), progress);
    let before: Progress =
        serde_json::from_str("{\"keys\":1,\"answered\":0,\"required\":0,\"required_answered\":0,\"end\":null}")
            .unwrap();
    assert_eq!(before.appointment, None);
}

#[test]
fn a_time_that_is_none_and_a_missing_goodbye_are_told() {
    let text = plan_text(
        "who",
        &APPOINTMENT.replace("\"2h\"", "\"soon\"").replace("\"30d\"", "\"30h\""),
    );
    let told = messages(&text);
    assert!(
        told[0].contains("error: `appointment` is not a time to call again: expected for example \"2h\""),
        "{told:?}"
    );
    assert!(told[1].contains("error: `follow_up`"), "{told:?}");
    let text = plan_text("who", APPOINTMENT.split("[end.appointment]").next().unwrap());
    let told = messages(&text);
    assert!(
        told[0].contains("unknown ending; expected a table [end.appointment]"),
        "{told:?}"
    );
}

const BILINGUAL: &str = "[dialplan]\nid = \"b\"\ntitle = \"双语\"\nlanguages = [\"zh-CN\", \"en-US\"]\nstart = \"language\"\n\
    [[question]]\nid = \"language\"\ntitle = \"语言\"\nsay = [\"zh-CN/choose\", \"en-US/choose\"]\nscreening = true\nask = \"choice\"\n\
    first = \"3s\"\nrepeats = 0\non_silence = \"q\"\n\
    option = [{ key = 1, label = \"中文\", language = \"zh-CN\" }, { key = 2, label = \"English\", language = \"en-US\" }]\nnext = \"q\"\n\
    [[question]]\nid = \"q\"\ntitle = \"题\"\nsay = \"q\"\nask = \"choice\"\nrequired = true\n\
    option = [{ key = 1, label = \"好\" }, { key = 2, label = \"差\" }]\nnext = \"r\"\n\
    [[question]]\nid = \"r\"\ntitle = \"题\"\nsay = \"q\"\nask = \"choice\"\n\
    option = [{ key = 1, label = \"好\" }, { key = 2, label = \"差\" }]\nnext = \"end.completed\"\n\
    [end.completed]\nsay = \"bye\"\n[end.refused]\nsay = \"bye\"\n[end.silent]\nsay = \"bye\"\n\
    [parameters]\ntown = 45\n[parameters.en-US]\ntown = \"forty five\"\n\
    [prompts]\nchoose = \"中文请按1。\"\nq = \"{town}分钟，好请按1，差请按2。\"\nbye = \"再见。\"\n\
    [prompts.en-US]\nchoose = \"For English, press 2.\"\nq = \"{town} minutes. Good, press 1. Bad, press 2.\"\nbye = \"Goodbye.\"\n";

#[test]
fn a_conversation_is_held_in_the_language_that_was_chosen_and_goes_on_in_it() {
    assert_eq!(messages(BILINGUAL), [""; 0]);
    let plan = parse(BILINGUAL).unwrap();
    assert_eq!(
        goes(&plan, "keys: 2 1 ! again 1\n"),
        [
            "says     choose: 中文请按1。",
            "says     en-US/choose: For English, press 2.",
            "waits    3s",
            "key      2",
            "heard    language = 2 English (keys 2)",
            "says     en-US/q: forty five minutes. Good, press 1. Bad, press 2.",
            "waits    8s",
            "key      1",
            "heard    q = 1 好 (keys 1)",
            "says     en-US/q: forty five minutes. Good, press 1. Bad, press 2.",
            "hangs up",
            "ends     hung_up; 1 answered, 1 of 1 required, 2 keys",
            "called again; it goes on",
            "says     en-US/q: forty five minutes. Good, press 1. Bad, press 2.",
            "waits    8s",
            "key      1",
            "heard    r = 1 好 (keys 1)",
            "says     en-US/bye: Goodbye.",
            "ends     completed; 1 answered, 1 of 1 required, 1 keys"
        ]
    );
    let first = goes(&plan, "language: en-US\nkeys: !\n").remove(0);
    assert!(first.starts_with("says     en-US/q: forty five"), "{first}");
    let unknown = goes(&plan, "language: fr-FR\nkeys: - !\n");
    assert!(
        unknown[4].starts_with("heard    language = silent") || unknown[4].starts_with("says     q"),
        "{unknown:?}"
    );
    assert_eq!(
        plan.prompts(),
        ["bye", "choose", "en-US/bye", "en-US/choose", "en-US/q", "q"]
    );
    assert_eq!(plan.recording("q"), "zh-CN/q");
    assert_eq!(plan.recording("en-US/q"), "en-US/q");
    assert_eq!(plan.apology("en-US"), ["en-US/bye"]);
}

#[test]
fn languages_and_parameters_that_are_not_there_are_told() {
    let text = BILINGUAL
        .replace("language = \"en-US\" }", "language = \"fr-FR\" }")
        .replace("en-US/choose", "de-DE/choose")
        .replace("town = \"forty five\"", "city = 1");
    let told = messages(&text);
    for expected in [
        "\"de-DE\" is none of the dialplan's `languages`",
        "\"fr-FR\" is none of the dialplan's `languages`",
        "{town} has no value; expected `town` in [parameters.en-US]",
    ] {
        assert!(
            told.iter().any(|fault| fault.contains(expected)),
            "{expected}: {told:#?}"
        );
    }
}

fn recorded(plan: &Dialplan, town: &str) -> Prompts {
    let one = |name: &str, text: &str| {
        let text = Some(text.replace("{town}", if name == "q" { town } else { "forty five" }));
        let duration = Duration::from_secs(9);
        (name.to_owned(), Recorded { text, duration })
    };
    Prompts {
        recorded: plan.prompt_texts().map(|(name, text)| one(name, text)).collect(),
        ..Prompts::default()
    }
}

#[test]
fn a_recording_with_old_parameters_is_stale() {
    let plan = parse(BILINGUAL).unwrap();
    let mut prompts = recorded(&plan, "45");
    assert_eq!(check(&plan, Some(&prompts)), []);
    prompts.parameters.set("zh-CN", "town", "60");
    let told: Vec<String> = check(&plan, Some(&prompts))
        .into_iter()
        .map(|fault| fault.wrong.to_string())
        .collect();
    assert_eq!(
        told,
        [
            "the recording of \"q\" is stale: it says 45分钟，好请按1，差请按2。, and should say 60分钟，好请按1，差请按2。; \
          render it: prompts/render --language zh-CN"
        ]
    );
    let mut rendered = recorded(&plan, "60");
    rendered.parameters.set("zh-CN", "town", "60");
    assert_eq!(check(&plan, Some(&rendered)), []);
}

#[test]
fn the_printed_scale_of_item_nine_is_refused_with_a_word_what_to_do() {
    let body = "[scale.satisfaction]\nfits = \"satisfaction\"\nsatisfied = [4, 3]\noption = [{ key = 1, code = 4, label = \"满意\" }, \
        { key = 2, code = 3, label = \"比较满意\" }, { key = 3, code = 2, label = \"基本满意\" }, { key = 4, code = 1, label = \"不满意\" }]\n\
        [[question]]\nid = \"notice\"\ntitle = \"您希望供电企业通过何种方式通知停电\"\nsay = \"notice\"\nstop = false\nask = \"choice\"\n\
        asks = \"satisfaction\"\nscale = \"satisfaction\"\nnext = \"end.completed\"\n";
    assert_eq!(
        messages(&plan_text("notice", body)),
        [
            "13:1: error: the scale does not fit: the question asks \"何种\", its options say how satisfied someone is \
          (满意, 比较满意, 基本满意, 不满意); ask it as a choice of its own: asks = \"which\" and `option` with what can be chosen"
        ]
    );
}

const OPEN: &str = "[[question]]\nid = \"q\"\ntitle = \"意见\"\nsay = \"q\"\nask = \"open\"\nlongest = \"45s\"\nstop = false\nrequired = true\n\
    next = \"end.completed\"\n";

#[test]
fn an_open_question_is_answered_by_speaking() {
    let text = plan_text("q", OPEN);
    assert_eq!(messages(&text), [""; 0]);
    let plan = parse(&text).unwrap();
    assert_eq!(
        goes(&plan, "keys: speaks\n")[..4],
        ["says     q", "listens  45s", "speaks", "heard    q = 1 已录音"]
    );
    let silent = goes(&plan, "keys:\n");
    assert_eq!(silent.iter().filter(|line| *line == "listens  45s").count(), 3);
    assert!(silent.contains(&"heard    q = silent".to_owned()), "{silent:?}");
    let refused = goes(&plan, "keys: #\n");
    assert!(
        refused.contains(&"heard    q = refused (keys #)".to_owned()),
        "{refused:?}"
    );
    let touched = goes(&plan, "keys: 5 speaks\n");
    assert!(
        touched.contains(&"ignored".to_owned()) && touched.contains(&"heard    q = 1 已录音".to_owned()),
        "{touched:?}"
    );
}

#[test]
fn a_spoken_answer_needs_calls_that_are_recorded() {
    let plan = parse(&plan_text("q", OPEN)).unwrap();
    let mut prompts = Prompts {
        calls: crate::dialplan::Calls::NotRecorded,
        ..Prompts::default()
    };
    for name in plan.prompts() {
        let duration = Duration::from_secs(9);
        prompts.recorded.insert(name, Recorded { text: None, duration });
    }
    let told = check(&plan, Some(&prompts));
    assert!(
        told[0]
            .to_string()
            .contains("asks for a spoken answer, and calls are not recorded"),
        "{told:?}"
    );
}
