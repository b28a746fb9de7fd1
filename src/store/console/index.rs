//! The narrow rows by which calls are found: written when an attempt ends, and once for the attempts from before.

use std::sync::LazyLock;

use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{FromRow, Sqlite, SqliteConnection};

use crate::dialplan::{self, Kind};
use crate::ids::AttemptId;
use crate::outcome::{Facts, Hearing};
use crate::store::transaction::{settle, settled_rows};
use crate::store::{Error, Question};

/// Answers worth this many points of 100 or less are low.
pub const LOW: i64 = 49;
/// Attempts that one transaction looks through when a database from before is brought forward.
const STEP: i64 = 20_000;
/// The row of `meta` that says up to which attempt the rows are written.
const WRITTEN: &str = "replay_written";

/// The row of each answered call of a range of attempts. What is known later, as the length of a recording that is found
/// after a crash, replaces what stands there.
pub(in crate::store) const ROWS: &str = "
insert into replay (attempt_id, at, campaign_id, encounter_id, department, doctor, disposition, lowest, length_ms, last_four,
    account_id)
select a.id, a.answered_at, c.campaign_id, c.encounter_id, e.department, e.doctor, a.disposition,
    (select min(v.points) from answer w
        join worth v on v.dialplan_hash = a.dialplan_hash and v.question = w.question and v.value = w.value
        where w.attempt_id = a.id and w.kind = 'value'),
    coalesce((select r.duration_ms from recording r where r.attempt_id = a.id), max(a.ended_at - a.answered_at, 0)),
    case when length(a.digits) >= 7 then substr(a.digits, -4) end, a.account_id
from attempt a join cases c on c.id = a.case_id join encounter e on e.id = c.encounter_id
where a.id between $1 and $2 and a.state = 'ended' and a.answered_at is not null
on conflict (attempt_id) do update set lowest = excluded.lowest, length_ms = excluded.length_ms";

/// What the program itself finds remarkable about the calls of a range. Whether answers came too early takes more than SQL:
/// [`note_early`].
pub(in crate::store) const FLAGS: &str = "
insert into call_flag (attempt_id, flag, at, set_at)
select l.attempt_id, asked.flag, l.at, l.at from replay l
join (select 'low_score' as flag union all select 'spoken' union all select 'complaint' union all
    select 'all_same_key') asked on case asked.flag
    when 'low_score' then l.lowest <= 49
    when 'spoken' then exists (select 1 from answer w where w.attempt_id = l.attempt_id and w.audio_from_ms is not null)
    when 'complaint' then exists (select 1 from encounter e join patient_state s on s.patient_id = e.patient_id
        where e.id = l.encounter_id and s.state = 'complaint_open' and s.since <= l.at and coalesce(s.until, l.at + 1) > l.at)
    else (select count(*) >= 5 and min(w.keys) = max(w.keys) from answer w
        where w.attempt_id = l.attempt_id and w.kind = 'value' and exists (select 1 from worth v
            join attempt a on a.id = w.attempt_id where v.dialplan_hash = a.dialplan_hash and v.question = w.question)) end
where l.attempt_id between $1 and $2
on conflict (attempt_id, flag) do nothing";

static BOTH: LazyLock<String> = LazyLock::new(|| [ROWS, FLAGS].join(";"));

/// Writes the rows of a range of attempts.
pub(in crate::store) async fn write(db: &mut SqliteConnection, first: i64, last: i64) -> Result<(), Error> {
    settle(db, sqlx::query(BOTH.as_str()).bind(first).bind(last), 2).await
}

/// Fewer early answers than this are no pattern.
const FEW: usize = 3;

/// The scored answers of a call with the key that began each, and what played then.
pub(in crate::store) const BEGUN: &str = "
select w.question, k.key, k.at_ms, k.during is not null as barged_in
from answer w join attempt a on a.id = w.attempt_id
    join pressed_key k on k.attempt_id = w.attempt_id and k.seq = max(1, w.keep_seq - length(w.keys) + 1)
where w.attempt_id = $1 and w.kind = 'value' and length(w.keys) > 0 and exists (
    select 1 from worth v where v.dialplan_hash = a.dialplan_hash and v.question = w.question)
order by w.keep_seq";

/// What is known of an attempt that has just ended, which is `$1` and `$2`: for [`write_ended`], alone or behind others.
pub(in crate::store) static ENDED: LazyLock<String> = LazyLock::new(|| [ROWS, FLAGS, BEGUN].join(";"));

/// Writes what is known of an attempt that has just ended, by a query of [`ENDED`] behind so many other statements.
pub(in crate::store) async fn write_ended(
    db: &mut SqliteConnection,
    query: Query<'_, Sqlite, SqliteArguments>,
    before: usize,
    attempt: AttemptId,
    facts: &Facts,
) -> Result<(), Error> {
    let begun = settled_rows(db, query, before + 3).await?;
    let begun: Result<Vec<Begun>, _> = begun.iter().map(Begun::from_row).collect();
    note_early(db, attempt.0, &begun?, facts).await
}

/// A scored answer with the key that began it.
type Begun = (String, String, i64, bool);

/// Flags a call most of whose scored answers came before their option had been named. Barging in alone is no reason: whoever
/// has heard what a key means may press it.
async fn note_early(db: &mut SqliteConnection, attempt: i64, begun: &[Begun], facts: &Facts) -> Result<(), Error> {
    if begun.iter().filter(|(.., barged_in)| *barged_in).count() < FEW {
        return Ok(());
    }
    let text: String =
        sqlx::query_scalar("select d.text from attempt a join dialplan d on d.hash = a.dialplan_hash where a.id = $1")
            .bind(attempt)
            .fetch_one(&mut *db)
            .await?;
    let Ok(plan) = dialplan::parse(&text) else {
        return Ok(());
    };
    let hearing = Hearing::new(&plan, &facts.played);
    let is_early = |(question, key, at_ms, barged_in): &&Begun| {
        let pressed = key.chars().next();
        *barged_in && pressed.is_some_and(|key| hearing.is_early(question, key, *at_ms))
    };
    let early = begun.iter().filter(is_early).count();
    if early < FEW || 2 * early <= begun.len() {
        return Ok(());
    }
    sqlx::query(
        "insert into call_flag (attempt_id, flag, at, set_at)
         select l.attempt_id, 'faster_than_prompt', l.at, l.at from replay l where l.attempt_id = $1
         on conflict (attempt_id, flag) do nothing",
    )
    .bind(attempt)
    .execute(db)
    .await?;
    Ok(())
}

/// Writes down what the values of a dialplan's answers are worth: the points of its options; of a score its place on its
/// own scale.
pub(in crate::store) async fn weigh(
    db: &mut SqliteConnection,
    hash: &str,
    text: &str,
    questions: &[Question],
) -> Result<(), Error> {
    let plan = dialplan::parse(text).ok();
    for question in questions.iter().filter(|question| !question.screening) {
        let range = plan.as_ref().and_then(|plan| match plan.question(&question.id)?.kind {
            Kind::Score(entry) => Some((entry.min, entry.max)),
            Kind::Choice | Kind::YesNo | Kind::Number(_) | Kind::Open(_) => None,
        });
        let of_options = question.options.iter().filter_map(|option| {
            // Points are whole numbers from 0 to 100 in every dialplan that could be read.
            option
                .points
                .map(|points| (option.code, points.clamp(0.0, 100.0).round() as i64))
        });
        let of_scale = range.into_iter().flat_map(|(min, max)| {
            let whole = (max - min).max(1);
            (min..=max.min(min + 1_000)).map(move |value| (value, (value - min) * 100 / whole))
        });
        for (value, points) in of_options.chain(of_scale) {
            sqlx::query(
                "insert into worth (dialplan_hash, question, value, points) values ($1, $2, $3, $4) on conflict do nothing",
            )
            .bind(hash)
            .bind(&question.id)
            .bind(value)
            .bind(points)
            .execute(&mut *db)
            .await?;
        }
    }
    Ok(())
}

/// Writes what is missing of a database from before these rows, in steps: what a kill leaves is gone on with.
pub(in crate::store) async fn bring_forward(db: &mut SqliteConnection) -> Result<(), Error> {
    let written: Option<String> = sqlx::query_scalar("select value from meta where key = $1")
        .bind(WRITTEN)
        .fetch_optional(&mut *db)
        .await?;
    let last: i64 = sqlx::query_scalar("select coalesce(max(id), 0) from attempt")
        .fetch_one(&mut *db)
        .await?;
    let mut first = match written.as_deref().map(str::parse::<i64>) {
        Some(Ok(i64::MAX)) => return Ok(()),
        Some(Ok(written)) => written + 1,
        Some(Err(_)) | None => 0,
    };
    if first == 0 {
        let plans: Vec<(String, String, String)> = sqlx::query_as("select hash, text, questions from dialplan")
            .fetch_all(&mut *db)
            .await?;
        for (hash, text, questions) in plans {
            let questions = crate::store::dialplan::parse_questions(&questions)?;
            weigh(db, &hash, &text, &questions).await?;
        }
    }
    while first <= last {
        let until = (first + STEP - 1).min(last);
        sqlx::query("begin immediate").execute(&mut *db).await?;
        let step = step(db, first, until).await;
        let end = if step.is_ok() { "commit" } else { "rollback" };
        sqlx::query(end).execute(&mut *db).await?;
        step?;
        // The log would grow to the size of all rows: at this time nobody else carries it into the database.
        sqlx::query("pragma wal_checkpoint(passive)")
            .fetch_all(&mut *db)
            .await?;
        first = until + 1;
    }
    note(db, i64::MAX).await
}

async fn step(db: &mut SqliteConnection, first: i64, last: i64) -> Result<(), Error> {
    write(db, first, last).await?;
    note(db, last).await
}

async fn note(db: &mut SqliteConnection, written: i64) -> Result<(), Error> {
    sqlx::query("insert into meta (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value")
        .bind(WRITTEN)
        .bind(written.to_string())
        .execute(&mut *db)
        .await?;
    Ok(())
}
