//! The attempts of a night, as the database has them.

use serde_json::Value;

use super::daemon::Site;
use super::database;

/// One attempt of a case, with the keys and answers of its call and its recording.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) digits: String,
    pub(crate) trunk: String,
    /// Empty while it is under way.
    pub(crate) disposition: String,
    pub(crate) rule: String,
    pub(crate) facts: Value,
    pub(crate) is_answered: bool,
    pub(crate) keys: String,
    /// `question=value` in the order of the questions.
    pub(crate) answers: Vec<String>,
    /// Its file in the data folder; empty when there is none.
    pub(crate) recording: String,
    pub(crate) duration_ms: u64,
    pub(crate) begun_at: u64,
    pub(crate) ended_at: u64,
}

/// All attempts of campaigns, in the order in which they began.
pub(crate) fn read(site: &Site) -> Vec<Attempt> {
    let query = "select a.digits, a.trunk, a.disposition, a.rule, a.facts, cast(a.answered_at is not null as text), \
                 (select group_concat(key, '') from (select key from pressed_key where attempt_id = a.id order by seq)), \
                 (select group_concat(pair, ' ') from (select question || '=' || value as pair from answer \
                  where attempt_id = a.id and kind = 'value' order by keep_seq)), \
                 r.path, cast(r.duration_ms as text), cast(a.begun_at as text), cast(a.ended_at as text) \
                 from attempt a left join recording r on r.attempt_id = a.id where a.is_test = 0 order by a.id";
    let attempt = |[
        digits,
        trunk,
        disposition,
        rule,
        facts,
        answered,
        keys,
        answers,
        recording,
        duration_ms,
        begun_at,
        ended_at,
    ]: [String; 12]| Attempt {
        digits,
        trunk,
        disposition,
        rule,
        facts: serde_json::from_str(&facts).unwrap_or_default(),
        is_answered: answered == "1",
        keys,
        answers: answers.split_whitespace().map(str::to_owned).collect(),
        recording,
        duration_ms: duration_ms.parse().unwrap_or_default(),
        begun_at: begun_at.parse().unwrap_or_default(),
        ended_at: ended_at.parse().unwrap_or_default(),
    };
    database::rows::<12>(&site.database(), query)
        .into_iter()
        .map(attempt)
        .collect()
}

impl Attempt {
    /// The Call-ID of its INVITE.
    pub(crate) fn call_id(&self) -> &str {
        self.facts["call_id"].as_str().unwrap_or_default()
    }
}
