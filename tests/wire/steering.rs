//! The commands by which people steer and ask, against a running daemon and without one.

use serde_json::Value;

use crate::site::{CAMPAIGN, Site};

/// Nobody answers at the trunk, and the campaign is not started: nothing is dialed.
fn site_with_two_patients() -> Site {
    let site = Site::new();
    site.trunk("127.0.0.1:9".parse().unwrap());
    site.list(&["13800000001", "13800000002"]);
    site.succeed(&["campaign", "add", "campaign.toml"]);
    site.succeed(&["import", "--campaign", CAMPAIGN, "--due", "now", "discharged.csv"]);
    site
}

fn json(text: &str) -> Value {
    let line = text.lines().find(|line| line.starts_with(['{', '['])).unwrap();
    serde_json::from_str(line).unwrap()
}

#[test]
fn the_do_not_call_list_is_kept_through_the_daemon_and_without_it() {
    let site = site_with_two_patients();
    let daemon = site.daemon();
    let said = site.succeed(&["dnc", "add", "+86 138-0000-0001", "--reason", "asked at the desk"]);
    assert!(
        said.contains("on the do-not-call list") && said.contains("open cases of those concerned: 1"),
        "{said}"
    );
    let list = site.succeed(&["dnc", "list", "--json"]);
    assert!(list.contains("138****0001") && !list.contains("13800000001"), "{list}");
    let refused = site.fail(&["dnc", "add", "1380000", "--campaign", "nobody", "--reason", "x"]);
    assert!(refused.contains("nobody") || refused.contains("no number"), "{refused}");
    let refused = site.fail(&["dnc", "add", "110", "--reason", "x"]);
    assert!(refused.contains("特服短号"), "{refused}");
    let refused = site.fail(&["dnc", "add", "13800000001", "--until", "2020-01-01", "--reason", "x"]);
    assert!(refused.contains("has passed already"), "{refused}");
    site.write(
        "numbers.csv",
        "姓名,被叫号码\n王芳,13900000001\n李丽,139 0000 0002\n赵静,120\n",
    );
    let taken = json(&site.succeed(&["dnc", "import", "numbers.csv", "--json"]));
    assert_eq!(
        (&taken["added"], &taken["known"]),
        (&Value::from(2), &Value::from(0)),
        "{taken}"
    );
    assert_eq!(taken["refused"][0]["row"], 4, "{taken}");
    let again = site.succeed(&["dnc", "import", "numbers.csv", "--reason", "black list"]);
    assert!(
        again.contains("new on the list 0") && again.contains("there already 2"),
        "{again}"
    );
    assert!(again.contains("row 4, column B 被叫号码"), "{again}");
    let purpose = site.succeed(&[
        "dnc",
        "add",
        "--patient",
        "ZY000002",
        "--purpose",
        "survey",
        "--reason",
        "x",
    ]);
    assert!(purpose.contains("no campaign has the purpose \"survey\""), "{purpose}");
    assert!(daemon.terminate().status.success());
    let said = site.succeed(&["dnc", "remove", "13800000001"]);
    assert!(said.contains("off the do-not-call list"), "{said}");
    let said = site.succeed(&["dnc", "remove", "13800000001"]);
    assert!(said.contains("there was no such entry"), "{said}");
    let list = json(&site.succeed(&["dnc", "list", "--all", "--json"]));
    assert_eq!(list.as_array().unwrap().len(), 4, "{list}");
}

#[test]
fn a_patients_states_are_set_and_cleared_through_the_daemon_and_without_it() {
    let site = site_with_two_patients();
    let daemon = site.daemon();
    let said = site.succeed(&["patient", "set", "ZY000001", "readmitted", "--reason", "ward 3"]);
    assert!(said.contains("readmitted 再次入院: set"), "{said}");
    let shown = site.succeed(&["patient", "show", "ZY000001"]);
    assert!(
        shown.contains("138****0001") && shown.contains("patient set: ward 3"),
        "{shown}"
    );
    assert!(!shown.contains("13800000001") && !shown.contains("王芳"), "{shown}");
    let refused = site.fail(&["patient", "set", "nobody", "readmitted"]);
    assert!(
        refused.contains("no patient has this patient number or visit number"),
        "{refused}"
    );
    assert!(daemon.terminate().status.success());
    let said = site.succeed(&["patient", "clear", "ZY000001", "readmitted"]);
    assert!(said.contains("readmitted 再次入院: ended"), "{said}");
    let shown = json(&site.succeed(&["patient", "show", "ZY000001", "--json"]));
    assert_eq!(shown["states"][0]["holds"], false, "{shown}");
}

#[test]
fn an_appointment_is_made_listed_and_taken_back_through_the_daemon_and_without_it() {
    let site = site_with_two_patients();
    let daemon = site.daemon();
    let of = ["--patient", "ZY000001", "--campaign", CAMPAIGN];
    let set = |at: &'static str| [&["appointment", "set"][..], &of, &["--at", at]].concat();
    let said = site.succeed(&set("2099-06-01 17:30"));
    assert!(said.contains("appointment at 2099-06-01 17:30"), "{said}");
    assert!(said.contains("looked at from 2099-06-01 17:15"), "{said}");
    assert!(said.contains("does not run"), "{said}");
    for (at, words) in [
        ("2099-06-01 22:30", "choose a time from 08:00 to 21:00"),
        ("2020-06-01 17:30", "has passed already"),
        ("half past five", "is no time"),
    ] {
        let refused = site.fail(&set(at));
        assert!(refused.contains(words), "{refused}");
    }
    let list = site.succeed(&["appointment", "list"]);
    assert!(list.contains("2099-06-01 17:30") && list.contains("王*"), "{list}");
    let why = site.succeed(&["why", "ZY000001"]);
    assert!(why.contains("2099-06-01 17:30"), "{why}");
    assert!(daemon.terminate().status.success());
    let said = site.succeed(&["appointment", "remove", "1"]);
    assert!(said.contains("taken back"), "{said}");
    assert_eq!(
        json(&site.succeed(&["appointment", "list", "--json"]))
            .as_array()
            .unwrap()
            .len(),
        0
    );
    let refused = site.fail(&["appointment", "remove", "1"]);
    assert!(refused.contains("case 1 has no appointment"), "{refused}");
}

#[test]
fn why_says_in_one_sentence_why_nobody_was_called_and_the_facts_under_it() {
    let site = site_with_two_patients();
    let daemon = site.daemon();
    let zh = site.succeed(&["why", "ZY000001"]);
    assert!(zh.contains("该拨打了") && zh.contains("任务“wire”还没有启动"), "{zh}");
    assert!(
        zh.contains("138****0001") && !zh.contains("13800000001") && !zh.contains("王芳"),
        "{zh}"
    );
    site.succeed(&["dnc", "add", "13800000002", "--reason", "asked"]);
    let en = site.succeed(&["why", "ZY000002/2025-06-01", "--campaign", CAMPAIGN, "--lang", "en"]);
    assert!(en.contains("Not called any more: on the do-not-call list"), "{en}");
    let unknown = site.fail(&["why", "nobody"]);
    assert!(unknown.contains("患者号和就诊号"), "{unknown}");
    let refused = site.fail(&["why", "ZY000001", "--campaign", "august"]);
    assert!(refused.contains("there is no campaign named"), "{refused}");
    assert!(daemon.terminate().status.success());
    site.succeed(&["campaign", "start", CAMPAIGN]);
    let answer = json(&site.succeed(&["why", "ZY000001", "--json", "--lang", "en"]));
    let case = &answer["cases"][0];
    assert!(
        case["sentence"].as_str().unwrap().contains("but no daemon runs"),
        "{answer}"
    );
    // By night the windows are closed.
    let why = case["present"]["decision"]["why"].as_str().unwrap();
    assert!(["due", "window_closed"].contains(&why), "{answer}");
}
