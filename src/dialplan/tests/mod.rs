//! Plans for the tests of this module, and what a reader of a faulty one is told.

mod faults;
mod kinds_of_call;

use super::{Dialplan, Question, parse};

pub(super) const SHIPPED: &str = include_str!("../../../dialplans/inpatient-satisfaction.toml");

pub(super) fn shipped() -> Dialplan {
    parse(SHIPPED).unwrap()
}

/// A plan of these parts, with all endings and a stop-calling-me key that works nowhere by itself.
pub(super) fn plan_text(start: &str, parts: &str) -> String {
    format!(
        "[dialplan]\nid = \"t\"\ntitle = \"试\"\nlanguage = \"zh-CN\"\nstart = \"{start}\"\nstop_key = 9\n\
         say_invalid = \"wrong-key\"\nsay_silent = \"no-key\"\n{parts}\n\
         [end.completed]\nsay = \"bye\"\nwait = \"3s\"\n[end.refused]\nsay = \"bye-refused\"\n\
         [end.silent]\nsay = \"bye-silent\"\n[end.opted_out]\nsay = \"bye-stop\"\n"
    )
}

/// The only question of a plan; `body` says what is asked and where it leads.
pub(super) fn question(body: &str) -> Question {
    let text = plan_text(
        "q",
        &format!("[[question]]\nid = \"q\"\ntitle = \"题\"\nsay = \"q\"\nstop = false\n{body}"),
    );
    let plan = parse(&text).unwrap();
    plan.question("q").unwrap().clone()
}
