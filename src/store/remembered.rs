//! What the writer remembers between requests, so that a key need not ask for it again.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::job::Ledger;
use super::{Error, Question};
use crate::ids::AttemptId;

/// Dialplans in use at one time are few,
const DIALPLANS: usize = 64;
/// and so are calls; forgetting them all now and then keeps the memory bounded.
const ATTEMPTS: usize = 4_096;

/// What is remembered.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    /// The questions of dialplans in use, by content hash, for the labels of answers.
    questions: BTreeMap<String, Arc<[Question]>>,
    /// The dialplan's hash of attempts under way. One whose begin was rolled back may stand here, and its id with another
    /// dialplan in the database.
    dialplans: BTreeMap<AttemptId, String>,
}

impl Remembered {
    /// The dialplan that an attempt probably has.
    pub(super) fn dialplan_of(&self, attempt: AttemptId) -> Option<&str> {
        self.dialplans.get(&attempt).map(String::as_str)
    }

    /// Remembers the dialplan of an attempt.
    pub(super) fn remember(&mut self, attempt: AttemptId, dialplan: &str) {
        if self.dialplans.len() >= ATTEMPTS {
            self.dialplans.clear();
        }
        self.dialplans.insert(attempt, dialplan.to_owned());
    }

    /// Forgets an attempt.
    pub(super) fn forget(&mut self, attempt: AttemptId) {
        self.dialplans.remove(&attempt);
    }
}

/// The questions of a dialplan by its hash.
pub(super) async fn questions_of(ledger: &mut Ledger<'_>, dialplan: &str) -> Result<Arc<[Question]>, Error> {
    if let Some(known) = ledger.remembered.questions.get(dialplan) {
        return Ok(Arc::clone(known));
    }
    let text: String = sqlx::query_scalar("select questions from dialplan where hash = $1")
        .bind(dialplan)
        .fetch_one(&mut *ledger.db)
        .await?;
    let questions: Arc<[Question]> = super::dialplan::parse_questions(&text)?.into();
    let all = &mut ledger.remembered.questions;
    if all.len() >= DIALPLANS {
        all.clear();
    }
    all.insert(dialplan.to_owned(), Arc::clone(&questions));
    Ok(questions)
}
