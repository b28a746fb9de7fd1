//! Keep: a key and the answers it completed are on disk before the next prompt plays.

use crate::dialer::Keep;
use crate::dialplan::{Answer, Heard};
use crate::ids::AttemptId;
use crate::moment::Wall;

use super::Error;
use super::dialplan::label_of;
use super::job::{Ledger, Write};
use super::journal::Entry;
use super::transaction::settle;
use super::writer::questions_of;

impl Write for Keep {
    type Answer = ();

    fn journalled(&self) -> Option<(Entry, Self::Answer)> {
        Some((Entry::Keep(self.clone()), ()))
    }

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        let attempt: Option<(String, String, i64, String, bool)> = sqlx::query_as(
            "select state, digits, kept, dialplan_hash, account_id is not null from attempt where id = $1",
        )
        .bind(self.attempt.0)
        .fetch_optional(&mut *ledger.db)
        .await?;
        let (state, digits, kept, dialplan, has_agent) = attempt.ok_or(Error::NoAttempt(self.attempt))?;
        if state == "ended" {
            // The same keep again is no news; a new one has come too late.
            return if i64::from(self.seq) <= kept {
                Ok(())
            } else {
                Err(Error::AttemptEnded(self.attempt))
            };
        }
        for heard in &self.heard {
            if has_agent {
                keep_former(ledger, self, &heard.question).await?;
            }
            keep_answer(ledger, self, heard, &dialplan).await?;
            if heard.opts_out {
                stop_calling(ledger, &digits, self.at, "key", self.attempt).await?;
            }
        }
        keep_key(ledger, self).await
    }
}

const SESSION: &str = "update attempt set kept = $2, session = $3 where id = $1 and kept < $2";
/// Both in one trip to the database: a patient waits for it.
const KEY_AND_SESSION: &str = "
insert into pressed_key (attempt_id, seq, key, at, at_ms, source, during, question)
values ($1, $4, $5, $6, $7, $8, $9, $10) on conflict (attempt_id, seq) do nothing;
update attempt set kept = $2, session = $3 where id = $1 and kept < $2";

async fn keep_key(ledger: &mut Ledger<'_>, keep: &Keep) -> Result<(), Error> {
    let (sql, statements) = match keep.key {
        Some(_) => (KEY_AND_SESSION, 2),
        None => (SESSION, 1),
    };
    let mut query = sqlx::query(sql).bind(keep.attempt.0).bind(keep.seq).bind(&keep.session);
    if let Some(key) = &keep.key {
        query = query
            .bind(key.seq)
            .bind(key.key.as_char().to_string())
            .bind(key.at.millis())
            .bind(key.at_ms)
            .bind(&key.source)
            .bind(&key.during)
            .bind(&key.question);
    }
    settle(ledger.db, query, statements).await
}

/// What an agent had typed stays beside the patient's own answer that takes its place.
async fn keep_former(ledger: &mut Ledger<'_>, keep: &Keep, question: &str) -> Result<(), Error> {
    let query = sqlx::query(
        "insert into answer_before (attempt_id, question, kind, value, label, keys, source, account_id, at, replaced_at)
         select attempt_id, question, kind, value, label, keys, source, account_id, at, $4 from answer
         where attempt_id = $1 and question = $2 and source = 'agent' and keep_seq < $3",
    )
    .bind(keep.attempt.0)
    .bind(question)
    .bind(keep.seq)
    .bind(keep.at.millis());
    settle(ledger.db, query, 1).await
}

/// A question that is asked again keeps its latest answer; a keep that is repeated late overwrites nothing newer.
async fn keep_answer(ledger: &mut Ledger<'_>, keep: &Keep, heard: &Heard, dialplan: &str) -> Result<(), Error> {
    let (kind, value) = match heard.answer {
        Answer::Value(value) => ("value", Some(value)),
        Answer::Refused => ("refused", None),
        Answer::Silent => ("silent", None),
        Answer::Invalid => ("invalid", None),
    };
    let label = match value {
        Some(value) => {
            let questions = questions_of(ledger, dialplan).await?;
            label_of(&questions, &heard.question, value).map(str::to_owned)
        }
        None => None,
    };
    let query = sqlx::query(
        "insert into answer (attempt_id, question, kind, value, label, keys, keep_seq, at, audio_from_ms, audio_to_ms)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         on conflict (attempt_id, question) do update set kind = excluded.kind, value = excluded.value,
            label = excluded.label, keys = excluded.keys, keep_seq = excluded.keep_seq, at = excluded.at,
            audio_from_ms = excluded.audio_from_ms, audio_to_ms = excluded.audio_to_ms, source = 'patient',
            account_id = null
         where excluded.keep_seq > answer.keep_seq",
    )
    .bind(keep.attempt.0)
    .bind(&heard.question)
    .bind(kind)
    .bind(value)
    .bind(label)
    .bind(&heard.keys)
    .bind(keep.seq)
    .bind(keep.at.millis())
    .bind(heard.audio.map(|audio| audio.from_ms))
    .bind(heard.audio.map(|audio| audio.to_ms));
    settle(ledger.db, query, 1).await
}

/// Puts a number on the do-not-call list for every call; one that stands there already stays with its first date.
pub(super) async fn stop_calling(
    ledger: &mut Ledger<'_>,
    digits: &str,
    since: Wall,
    source: &'static str,
    attempt: AttemptId,
) -> Result<(), Error> {
    sqlx::query(
        "insert into do_not_call (digits, since, source, attempt_id) select $1, $2, $3, $4
         where not exists (select 1 from do_not_call d where d.digits = $1 and d.level = 'always'
            and d.ended_at is null and d.until is null)",
    )
    .bind(digits)
    .bind(since.millis())
    .bind(source)
    .bind(attempt.0)
    .execute(&mut *ledger.db)
    .await?;
    Ok(())
}
