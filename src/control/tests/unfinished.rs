//! Unfinished questionnaires that the store gives out with a case.

use super::*;
use crate::dialer::{Claimed, Resume};
use crate::dialplan::Session;
use crate::ids::{CaseId, NumberId};
use crate::phone::{Key, Number};

const TEXT: &str = include_str!("../../../dialplans/inpatient-satisfaction.toml");

/// A session that the line cut off after the first question.
fn resume() -> Resume {
    let plan = dialplan::parse(TEXT).unwrap();
    let (mut session, _) = Session::start(&plan);
    let key = |key| dialplan::Resume::Key(Key::from_char(key).unwrap());
    for resume in [
        dialplan::Resume::PromptDone,
        key('1'),
        dialplan::Resume::PromptDone,
        key('2'),
    ] {
        session.resume(&plan, resume).unwrap();
    }
    Resume {
        attempt: AttemptId(5),
        dialplan: plan.hash().to_owned(),
        text: TEXT.to_owned(),
        session: serde_json::to_string(&session).unwrap(),
    }
}

fn checked(control: &mut Control, resume: Resume) -> (bool, Vec<Afresh>) {
    let mut claimed = Claimed {
        campaign: CampaignId(1),
        case: CaseId(3),
        number_id: NumberId(4),
        number: Number::parse("13800000001").unwrap(),
        counted: 0,
        attempts: 1,
        past: Vec::new(),
        deadline: None,
        lease_until: WALL,
        resume: Some(resume),
        skills: std::collections::BTreeSet::new(),
    };
    control.check_unfinished(&mut claimed);
    let told = std::iter::from_fn(|| control.poll()).filter_map(|output| match output {
        Output::Told(Told::Afresh { why, .. }) => Some(why),
        Output::Told(_) | Output::Ask(_) | Output::Send { .. } | Output::Media { .. } => None,
    });
    let told = told.collect();
    (claimed.resume.is_some(), told)
}

#[test]
fn a_questionnaire_goes_on_if_its_version_and_its_prompts_are_there() {
    let mut control = control();
    assert_eq!(checked(&mut control, resume()), (true, vec![]));
    let plan = dialplan::parse(TEXT).unwrap();
    let prompts = plan.prompts().iter().map(|prompt| plan.recording(prompt)).collect();
    assert_eq!(
        checked(&mut self::control().with_prompts(prompts), resume()),
        (true, vec![])
    );
}

#[test]
fn what_cannot_go_on_begins_anew_and_says_why() {
    let mut control = control();
    let unread = Resume {
        text: "nothing of the kind".to_owned(),
        ..resume()
    };
    assert_eq!(checked(&mut control, unread), (false, vec![Afresh::Dialplan]));
    let other = Resume {
        text: format!("{TEXT}# changed\n"),
        ..resume()
    };
    assert_eq!(checked(&mut control, other), (false, vec![Afresh::Dialplan]));
    let garbled = Resume {
        session: "{}".to_owned(),
        ..resume()
    };
    assert_eq!(checked(&mut control, garbled), (false, vec![Afresh::Session]));
    let mut without = self::control().with_prompts(["zh-CN/inpatient-greeting".to_owned()].into());
    let (goes_on, told) = checked(&mut without, resume());
    assert!(
        !goes_on && matches!(told.as_slice(), [Afresh::PromptMissing { .. }]),
        "{told:?}"
    );
}

#[test]
fn a_session_without_an_answer_begins_anew_without_a_word() {
    let plan = dialplan::parse(TEXT).unwrap();
    let (session, _) = Session::start(&plan);
    let resume = Resume {
        session: serde_json::to_string(&session).unwrap(),
        ..resume()
    };
    assert_eq!(checked(&mut control(), resume), (false, vec![]));
}
