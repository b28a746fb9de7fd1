//! A questionnaire, and behind a NUL the keys of a patient: every fault told the same each time, every session ends.

use aftercall::dialplan::{Resume, Session, Step, check_text, parse};
use aftercall::phone::Key;

/// Keys of one patient that are heard.
const MOST: usize = 200;

/// Holds for any text.
pub(crate) fn check(bytes: &[u8]) {
    let mut parts = bytes.splitn(2, |&b| b == 0);
    let text = String::from_utf8_lossy(parts.next().unwrap_or_default());
    let faults = check_text(&text, None);
    assert_eq!(faults, check_text(&text, None));
    let plan = match parse(&text) {
        Ok(plan) => plan,
        Err(refused) => {
            assert!(!refused.is_empty());
            return;
        }
    };
    assert_eq!(
        plan.hash(),
        parse(&text).map(|again| again.hash().to_owned()).unwrap_or_default()
    );
    let (mut session, mut steps) = Session::start(&plan);
    for key in parts.next().unwrap_or_default().iter().take(MOST) {
        if steps.iter().any(|step| matches!(step, Step::Finished(_))) {
            return;
        }
        let resume = match Key::from_char(char::from(*key)) {
            Some(key) => Resume::Key(key),
            None if *key == b's' => Resume::Silence,
            None if *key == b'p' => Resume::PersonThere,
            None if *key == b'n' => Resume::NobodyFree,
            None => Resume::PromptDone,
        };
        steps = session.resume(&plan, resume).unwrap_or_default();
        assert!(steps.len() <= 1000);
        session.progress(&plan);
    }
    if steps.iter().any(|step| matches!(step, Step::Finished(_))) {
        return;
    }
    let ended = session.resume(&plan, Resume::HungUp).unwrap_or_default();
    assert!(ended.iter().any(|step| matches!(step, Step::Finished(_))), "{ended:?}");
}
