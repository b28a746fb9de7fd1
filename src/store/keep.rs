//! Keep: a key and the answers it completed are on disk before the next prompt plays.

use crate::dialer::{Keep, PressedKey};
use crate::dialplan::{Answer, Heard};
use crate::ids::AttemptId;
use crate::moment::Wall;

use super::Error;
use super::dialplan::label_of;
use super::job::{Ledger, Write};
use super::journal::Entry;
use super::remembered::questions_of;
use super::transaction::{settle, settled_changes};

impl Write for Keep {
    type Answer = ();

    fn journalled(&self) -> Option<(Entry, Self::Answer)> {
        Some((Entry::Keep(self.clone()), ()))
    }

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        if is_plain(self)
            && let Some(dialplan) = ledger.remembered.dialplan_of(self.attempt).map(str::to_owned)
            && keep_last(ledger, self, &dialplan, Checked::NotYet).await? == Done::Kept
        {
            return Ok(());
        }
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
            if heard.opts_out {
                stop_calling(ledger, &digits, self.at, "key", self.attempt).await?;
            }
        }
        for heard in self.heard.split_last().map_or(&[][..], |(_, earlier)| earlier) {
            let answer = Kept::of(ledger, heard, &dialplan).await?;
            keep(ledger, self, None, Some(answer), (&dialplan, Checked::Yes)).await?;
        }
        keep_last(ledger, self, &dialplan, Checked::Yes).await?;
        Ok(())
    }
}

/// Whether it is written in one go, and nothing else with it.
fn is_plain(keep: &Keep) -> bool {
    keep.heard.len() <= 1 && !keep.heard.iter().any(|heard| heard.opts_out)
}

/// Whether the attempt was looked at before it is written to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Checked {
    /// It is under way.
    Yes,
    /// Only one that is under way, without an agent and with the dialplan that is remembered of it is written to.
    NotYet,
}

/// What came of writing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Done {
    /// It is news, and kept.
    Kept,
    /// It is none, or the attempt has to be looked at.
    Nothing,
}

/// Mostly there is one answer: it goes with its key.
async fn keep_last(ledger: &mut Ledger<'_>, of: &Keep, dialplan: &str, checked: Checked) -> Result<Done, Error> {
    let answer = match of.heard.last() {
        Some(heard) => Some(Kept::of(ledger, heard, dialplan).await?),
        None => None,
    };
    keep(ledger, of, of.key.as_ref(), answer, (dialplan, checked)).await
}

/// An answer as the database has it.
struct Kept<'k> {
    heard: &'k Heard,
    kind: &'static str,
    value: Option<i64>,
    label: Option<String>,
}

impl<'k> Kept<'k> {
    async fn of(ledger: &mut Ledger<'_>, heard: &'k Heard, dialplan: &str) -> Result<Self, Error> {
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
        Ok(Self {
            heard,
            kind,
            value,
            label,
        })
    }
}

/// What came of a key, in one trip to the database: a patient waits for it. A question that is asked again keeps its latest
/// answer; a keep that is repeated late overwrites nothing newer. `$19` says that the attempt was looked at.
const KEEP: &str = "
update attempt set kept = $2, session = $3 where id = $1 and kept < $2
    and ($19 or state = 'begun' and account_id is null and dialplan_hash = $20);
insert into answer (attempt_id, question, kind, value, label, keys, keep_seq, at, audio_from_ms, audio_to_ms)
select $1, $12, $13, $14, $15, $16, $2, $4, $17, $18 where $12 is not null and ($19 or exists (select 1 from attempt
    where id = $1 and kept = $2 and state = 'begun' and account_id is null and dialplan_hash = $20))
on conflict (attempt_id, question) do update set kind = excluded.kind, value = excluded.value,
    label = excluded.label, keys = excluded.keys, keep_seq = excluded.keep_seq, at = excluded.at,
    audio_from_ms = excluded.audio_from_ms, audio_to_ms = excluded.audio_to_ms, source = 'patient',
    account_id = null
where excluded.keep_seq > answer.keep_seq;
insert into pressed_key (attempt_id, seq, key, at, at_ms, source, during, question)
select $1, $5, $6, $7, $8, $9, $10, $11 where $5 is not null and ($19 or exists (select 1 from attempt
    where id = $1 and kept = $2 and state = 'begun' and account_id is null and dialplan_hash = $20))
on conflict (attempt_id, seq) do nothing";

async fn keep(
    ledger: &mut Ledger<'_>,
    keep: &Keep,
    key: Option<&PressedKey>,
    answer: Option<Kept<'_>>,
    (dialplan, checked): (&str, Checked),
) -> Result<Done, Error> {
    let heard = answer.as_ref().map(|answer| answer.heard);
    let audio = heard.and_then(|heard| heard.audio);
    let query = sqlx::query(KEEP)
        .bind(keep.attempt.0)
        .bind(keep.seq)
        .bind(&keep.session)
        .bind(keep.at.millis())
        .bind(key.map(|key| key.seq))
        .bind(key.map(|key| key.key.as_char().to_string()))
        .bind(key.map(|key| key.at.millis()))
        .bind(key.map(|key| key.at_ms))
        .bind(key.map(|key| &key.source))
        .bind(key.and_then(|key| key.during.as_ref()))
        .bind(key.and_then(|key| key.question.as_ref()))
        .bind(heard.map(|heard| heard.question.as_str()))
        .bind(answer.as_ref().map(|answer| answer.kind))
        .bind(answer.as_ref().and_then(|answer| answer.value))
        .bind(answer.as_ref().and_then(|answer| answer.label.as_deref()))
        .bind(heard.map(|heard| heard.keys.as_str()))
        .bind(audio.map(|audio| audio.from_ms))
        .bind(audio.map(|audio| audio.to_ms))
        .bind(checked == Checked::Yes)
        .bind(dialplan);
    Ok(match settled_changes(ledger.db, query, 3).await? {
        0 => Done::Nothing,
        _ => Done::Kept,
    })
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
