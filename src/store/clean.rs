//! What leads to a person is taken out of an attempt; what happened, and how it was judged, stays.

use serde_json::Value;

use crate::ids::AttemptId;
use crate::moment::Wall;

use super::Error;
use super::job::Ledger;

/// What stands in place of the number of a cleaned attempt: it can be read as a number and is nobody's.
pub const NOBODY: &str = "0";

/// So many digits in a row may be a telephone number, or most of one.
const TELLING: usize = 7;

/// Takes the number, the far end's texts, the states of dialog and session and long typed numbers out of an attempt.
/// Repeated, it does nothing. One that is under way is left alone.
pub(super) async fn clean_attempt(ledger: &mut Ledger<'_>, attempt: AttemptId, now: Wall) -> Result<(), Error> {
    let facts: Option<Option<String>> =
        sqlx::query_scalar("select facts from attempt where id = $1 and state = 'ended'")
            .bind(attempt.0)
            .fetch_optional(&mut *ledger.db)
            .await?;
    let Some(facts) = facts else { return Ok(()) };
    let facts = facts.map(|text| clean_facts(&text)).transpose()?;
    sqlx::query(
        "update attempt set digits = $2, number_id = null, facts = $3, dialog = null, session = null, mark = '',
            cleaned_at = $4 where id = $1",
    )
    .bind(attempt.0)
    .bind(NOBODY)
    .bind(facts)
    .bind(now.millis())
    .execute(&mut *ledger.db)
    .await?;
    sqlx::query("update replay set last_four = null where attempt_id = $1")
        .bind(attempt.0)
        .execute(&mut *ledger.db)
        .await?;
    // A number that was typed as an answer is as good as a number in a list.
    let long = i64::try_from(TELLING).unwrap_or(i64::MAX);
    sqlx::query(
        "delete from pressed_key where attempt_id = $1
            and question in (select w.question from answer w where w.attempt_id = $1 and length(w.keys) >= $2)",
    )
    .bind(attempt.0)
    .bind(long)
    .execute(&mut *ledger.db)
    .await?;
    sqlx::query(
        "update answer set kind = 'invalid', value = null, label = null, keys = ''
         where attempt_id = $1 and length(keys) >= $2",
    )
    .bind(attempt.0)
    .bind(long)
    .execute(&mut *ledger.db)
    .await?;
    Ok(())
}

/// The facts without what the far end calls the call, and without texts that may hold a number.
fn clean_facts(text: &str) -> Result<String, Error> {
    let mut facts: Value = serde_json::from_str(text).map_err(|why| Error::stored("attempt.facts", why))?;
    if let Some(fields) = facts.as_object_mut() {
        for name in ["call_id", "phrase", "reasons"] {
            fields.remove(name);
        }
    }
    blank(&mut facts);
    Ok(facts.to_string())
}

/// Empties every text with a telling run of digits.
fn blank(value: &mut Value) {
    match value {
        Value::String(text) if is_telling(text) => text.clear(),
        Value::Array(values) => values.iter_mut().for_each(blank),
        Value::Object(fields) => fields.values_mut().for_each(blank),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn is_telling(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit())
        .any(|digits| digits.len() >= TELLING)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Facts;

    #[test]
    fn facts_without_their_texts_are_still_facts() {
        let facts = Facts {
            call_id: "13800001111@host".to_owned(),
            final_status: Some(486),
            phrase: "Busy 13800001111".to_owned(),
            reasons: vec!["Q.850;cause=17;text=\"13800001111\"".to_owned()],
            q850: Some(17),
            ..Facts::default()
        };
        let cleaned = clean_facts(&serde_json::to_string(&facts).unwrap()).unwrap();
        assert!(!cleaned.contains("1380000"));
        let read: Facts = serde_json::from_str(&cleaned).unwrap();
        assert_eq!((read.final_status, read.q850), (Some(486), Some(17)));
    }

    #[test]
    fn a_text_with_a_telling_run_of_digits_is_emptied_wherever_it_is() {
        let mut value = serde_json::json!({ "a": ["tel:05718765432", "486 Busy"], "b": { "c": "x1234567" } });
        blank(&mut value);
        assert_eq!(value, serde_json::json!({ "a": ["", "486 Busy"], "b": { "c": "" } }));
    }
}
