//! Finish: the end of an attempt in one transaction: facts, disposition, recording, number, patient and case.

use std::sync::LazyLock;
use std::time::Duration;

use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{FromRow, Sqlite};

use crate::dialer::claim::{TOLERANCE, locked_until};
use crate::dialer::retry::says_something;
use crate::dialer::{Excerpt, Finish, NOT_DIALED, Next, Outcome, Recording, RecordingPause};
use crate::ids::{AgentId, AttemptId, CaseId};
use crate::moment::Wall;
use crate::outcome::{Disposition, Facts};

use super::Error;
use super::by_hand::holder_of;
use super::claim::close_case;
use super::console;
use super::conversation::nobody_called;
use super::job::{Ledger, Write};
use super::journal::Entry;
use super::keep::stop_calling;
use super::transaction::{settle, settled_rows};

/// The outcome of an identifier.
pub(super) fn outcome_of(id: &str) -> Result<Outcome, Error> {
    Outcome::parse(id).ok_or_else(|| Error::stored("cases.outcome", id))
}

/// The disposition of an identifier.
pub(super) fn disposition_of(id: &str) -> Result<Disposition, Error> {
    Disposition::parse(id).ok_or_else(|| Error::stored("disposition", id))
}

/// An attempt as its end needs it.
#[derive(FromRow)]
struct Open {
    state: String,
    case_id: Option<i64>,
    account_id: Option<i64>,
    number_id: Option<i64>,
    digits: String,
    direction: String,
    /// When the case is due, as far as it went before.
    next_at: Option<i64>,
    is_doubted: bool,
}

impl Open {
    /// What becomes of the case. Whom an agent did not call after all is due when that was so before: not at once, where the case
    /// was picked before its time.
    fn next(&self, finish: &Finish) -> Next {
        let before = self
            .next_at
            .filter(|_| finish.rule == NOT_DIALED && self.account_id.is_some());
        match (finish.next, before) {
            (Next::Again { at, counted }, Some(before)) => Next::Again {
                at: at.max(Wall::from_millis(before)),
                counted,
            },
            (next, _) => next,
        }
    }
}

const OPEN: &str = "
select a.state, a.case_id, a.account_id, a.number_id, a.digits, a.direction,
    (select c.next_at from cases c where c.id = a.case_id) as next_at,
    exists (select 1 from number n where n.digits = a.digits and n.state in ('suspect', 'vacant', 'suspended')) as is_doubted
from attempt a where a.id = $1";

impl Write for Finish {
    type Answer = ();

    fn journalled(&self) -> Option<(Entry, Self::Answer)> {
        Some((Entry::Finish(Box::new(self.clone())), ()))
    }

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        ledger.remembered.forget(self.attempt);
        let Some(open) = end_attempt(ledger, self).await? else {
            return Ok(());
        };
        if self.media.recording.is_some() {
            add_pauses(ledger, self.attempt, &self.media.pauses).await?;
        }
        for excerpt in &self.media.excerpts {
            add_excerpt(ledger, self.attempt, excerpt).await?;
        }
        if self.disposition == Disposition::OptOut {
            stop_calling(ledger, &open.digits, self.at, "attempt", self.attempt).await?;
        }
        // Whoever answers lifts a doubt, and mostly there is none.
        let says_of_number = open.is_doubted || !self.disposition.is_answered() || is_wrong(self.disposition);
        if let Some(number) = open.number_id.filter(|_| says_of_number) {
            mark_number(ledger, number, &open.digits, self.disposition, self.next).await?;
        }
        if let Some(case) = open.case_id {
            if self.disposition == Disposition::Deceased {
                mark_deceased(ledger, case, self.at).await?;
            }
            let appointment = self.facts.appointment;
            // A call to us of which nothing came says nothing about the case.
            let last = Some(self.disposition).filter(|it| open.direction == "out" || says_something(*it));
            if open.direction == "in" {
                go_on_at_a_wish(ledger, CaseId(case), self.next, appointment).await?;
            }
            let advance = Advance {
                next: open.next(self),
                at: self.at,
                appointment,
            };
            let asked = self.facts.survey.and_then(|survey| survey.follow_up_days);
            let follow_up = asked.filter(|_| matches!(self.next, Next::Close { .. }));
            if follow_up.is_none() && open.account_id.is_none() {
                return advance.and_index(ledger, CaseId(case), last, self).await;
            }
            advance.alone(ledger, CaseId(case), last).await?;
            if let Some(days) = follow_up {
                let due = self.at + Duration::from_secs(u64::from(days) * 86_400);
                follow_up_at(ledger, CaseId(case), due, self.at).await?;
            }
            if let Some(account) = open.account_id {
                console::desk::carry_out(ledger, self.attempt, appointment).await?;
                if self.rule == NOT_DIALED {
                    nobody_called(ledger, self.attempt).await?;
                } else {
                    keep_for_wrap_up(ledger, case, AgentId(account), self.at).await?;
                }
            }
        }
        let query = sqlx::query(console::ENDED.as_str())
            .bind(self.attempt.0)
            .bind(self.attempt.0);
        console::write_ended(ledger.db, query, 0, self.attempt, &self.facts).await
    }
}

/// What has ended already is not touched.
const END: &str = "
update attempt set state = 'ended', dialog = case when $17 then dialog end, ended_at = $2, answered_at = $3, disposition = $4,
    rule = $5, facts = $6, packets_sent = $7, packets_received = $8, packets_lost = $9, gap_ms_max = $10,
    trunk = coalesce($11, trunk), locked_until = $12, jitter_ms = $13, rtt_ms = $14, remote_lost = $15,
    remote_jitter_ms = $16, counted = case when case_id is not null then $18 end
where id = $1 and state = 'begun';
insert into recording (attempt_id, path, duration_ms, gap_ms, sha256)
select $1, $19, $20, $21, $22 where $19 is not null and changes() = 1 on conflict (attempt_id) do nothing";

/// In one trip to the database, as each takes longer than the writing.
static OPEN_AND_END: LazyLock<String> = LazyLock::new(|| [OPEN, END].join(";"));

/// Ends the attempt, and tells how it was before; nothing if it had ended already.
async fn end_attempt(ledger: &mut Ledger<'_>, finish: &Finish) -> Result<Option<Open>, Error> {
    let locked_until = locked_until(&finish.facts, finish.at);
    // What it takes to end the call, as long as it may be needed.
    let may_be_up = locked_until.is_some() || finish.facts.left_open.is_some();
    let facts = serde_json::to_string(&finish.facts).map_err(|why| Error::Json {
        what: "attempt.facts",
        why: why.to_string(),
    })?;
    let recording = finish.media.recording.as_ref();
    let query = sqlx::query(OPEN_AND_END.as_str())
        .bind(finish.attempt.0)
        .bind(finish.at.millis())
        .bind(answered_at(&finish.facts, finish.at).map(Wall::millis))
        .bind(finish.disposition.as_str())
        .bind(&finish.rule)
        .bind(facts)
        .bind(finish.media.packets_sent)
        .bind(finish.media.packets_received)
        .bind(finish.media.packets_lost)
        .bind(finish.media.gap_ms_max)
        // The last trunk that was tried carried it; the row was begun with the first.
        .bind(finish.facts.tried.last().map(|tried| tried.trunk.as_str()))
        .bind(locked_until.map(Wall::millis))
        .bind(finish.media.jitter_ms)
        .bind(finish.media.rtt_ms)
        .bind(finish.media.remote_lost)
        .bind(finish.media.remote_jitter_ms)
        .bind(may_be_up)
        // A call that belongs to no case uses up none.
        .bind(finish.next.is_counted())
        .bind(recording.map(|it| it.path.as_str()))
        .bind(recording.map(|it| it.duration_ms))
        .bind(recording.map(|it| it.gap_ms))
        .bind(recording.map(|it| it.sha256.as_str()));
    let rows = settled_rows(ledger.db, query, 3).await?;
    let row = rows.first().ok_or(Error::NoAttempt(finish.attempt))?;
    Ok(Some(Open::from_row(row)?).filter(|open| open.state != "ended"))
}

/// Names the file of its own that a spoken answer has.
async fn add_excerpt(ledger: &mut Ledger<'_>, attempt: AttemptId, excerpt: &Excerpt) -> Result<(), Error> {
    let query =
        sqlx::query("update answer set audio_path = $3, audio_sha256 = $4 where attempt_id = $1 and question = $2")
            .bind(attempt.0)
            .bind(&excerpt.question)
            .bind(&excerpt.path)
            .bind(&excerpt.sha256);
    settle(ledger.db, query, 1).await
}

/// Where the recording is silent because it was paused.
async fn add_pauses(ledger: &mut Ledger<'_>, attempt: AttemptId, pauses: &[RecordingPause]) -> Result<(), Error> {
    for pause in pauses {
        let query = sqlx::query(
            "insert into recording_pause (attempt_id, offset_ms, length_ms) values ($1, $2, $3)
             on conflict (attempt_id, offset_ms) do nothing",
        )
        .bind(attempt.0)
        .bind(pause.offset_ms)
        .bind(pause.length_ms);
        settle(ledger.db, query, 1).await?;
    }
    Ok(())
}

/// When the 200 came: the facts count back from the end.
fn answered_at(facts: &Facts, ended: Wall) -> Option<Wall> {
    let talked = facts.talk_ms.map(|ms| std::time::Duration::from_millis(u64::from(ms)));
    match (talked, facts.final_status) {
        (Some(talked), _) => Some(ended - talked),
        (None, Some(200..=299)) => Some(ended),
        (None, Some(_) | None) => None,
    }
}

/// Whether the number is somebody else's, or no telephone.
const fn is_wrong(disposition: Disposition) -> bool {
    matches!(disposition, Disposition::WrongNumber | Disposition::Fax)
}

/// What an attempt says about its number. The network may be wrong once, so a case that is tried again only casts
/// suspicion, and the second time settles it; a person who says "wrong number", or a fax, settles it at once, for this
/// patient.
pub(super) async fn mark_number(
    ledger: &mut Ledger<'_>,
    number: i64,
    digits: &str,
    disposition: Disposition,
    next: Next,
) -> Result<(), Error> {
    if is_wrong(disposition) {
        sqlx::query("update number set state = 'wrong' where id = $1")
            .bind(number)
            .execute(&mut *ledger.db)
            .await?;
        return Ok(());
    }
    if disposition.is_answered() {
        sqlx::query("update number set state = 'ok' where digits = $1 and state in ('suspect', 'vacant', 'suspended')")
            .bind(digits)
            .execute(&mut *ledger.db)
            .await?;
        return Ok(());
    }
    let dead = if matches!(disposition, Disposition::Vacant | Disposition::NumberChanged) {
        "vacant"
    } else if disposition == Disposition::Suspended {
        "suspended"
    } else {
        return Ok(());
    };
    let doubt = match next {
        Next::Again { .. } => "suspect",
        Next::Close { .. } => dead,
    };
    sqlx::query(
        "update number set state = case when state = 'suspect' then $2 else $3 end
         where digits = $1 and state in ('ok', 'suspect')",
    )
    .bind(digits)
    .bind(dead)
    .bind(doubt)
    .execute(&mut *ledger.db)
    .await?;
    Ok(())
}

pub(super) async fn mark_deceased(ledger: &mut Ledger<'_>, case: i64, at: Wall) -> Result<(), Error> {
    sqlx::query(
        "update patient set deceased = 1, updated_at = $2
         where id = (select e.patient_id from cases c join encounter e on e.id = c.encounter_id where c.id = $1)",
    )
    .bind(case)
    .bind(at.millis())
    .execute(&mut *ledger.db)
    .await?;
    Ok(())
}

/// A case that was closed with some answers is open again for a patient who called and asked for another time.
async fn go_on_at_a_wish(
    ledger: &mut Ledger<'_>,
    case: CaseId,
    next: Next,
    appointment: Option<Wall>,
) -> Result<(), Error> {
    if appointment.is_none() || next.tried_at() != appointment {
        return Ok(());
    }
    sqlx::query(
        "update cases set state = 'open', outcome = null, closed_at = null where id = $1 and outcome = 'partial'",
    )
    .bind(case.0)
    .execute(&mut *ledger.db)
    .await?;
    Ok(())
}

/// `$3` the case, `$4` the outcome that it closes with, `$5` the present, `$6` the disposition, `$7` whether it counts, `$8` its
/// next time, `$9` the tolerance of appointments, `$10` the appointment; `$1` and `$2` are those of [`console::ENDED`].
const ADVANCE: &str = concat!(
    "
update cases set last_disposition = coalesce($6, last_disposition), counted = counted + $7,
    next_at = case when state <> 'open' then next_at
        when coalesce($10, appointment_at) - $9 > $5
            then min(coalesce($8, next_at), coalesce($10, appointment_at) - $9)
        else coalesce($8, next_at) end,
    appointment_at = coalesce($10, appointment_at),
    lease_until = null, lease_holder = null, lease_number_id = null
where id = $3;
",
    close_case!("$3", "$4", "$5")
);

static ADVANCE_AND_INDEX: LazyLock<String> = LazyLock::new(|| [ADVANCE, console::ENDED.as_str()].join(";"));

/// What becomes of a case: counts the attempt, notes how it ended if that tells anything, ends the lease, and closes the case or
/// sets its next time. A case that is to close because its number is dead stays open while its patient has another usable
/// number. A case closed meanwhile stays closed.
pub(super) struct Advance {
    pub(super) next: Next,
    pub(super) at: Wall,
    pub(super) appointment: Option<Wall>,
}

impl Advance {
    /// Nothing else.
    pub(super) async fn alone(
        &self,
        ledger: &mut Ledger<'_>,
        case: CaseId,
        disposition: Option<Disposition>,
    ) -> Result<(), Error> {
        let query = self.query(ADVANCE, ledger, case, disposition, None).await?;
        settle(ledger.db, query, 2).await
    }

    /// And writes what is known of the attempt that has just ended, in the same trip.
    async fn and_index(
        &self,
        ledger: &mut Ledger<'_>,
        case: CaseId,
        disposition: Option<Disposition>,
        finish: &Finish,
    ) -> Result<(), Error> {
        let attempt = finish.attempt;
        let query = self.query(ADVANCE_AND_INDEX.as_str(), ledger, case, disposition, Some(attempt));
        let query = query.await?;
        console::write_ended(ledger.db, query, 2, attempt, &finish.facts).await
    }

    async fn query(
        &self,
        sql: &'static str,
        ledger: &mut Ledger<'_>,
        case: CaseId,
        disposition: Option<Disposition>,
        attempt: Option<AttemptId>,
    ) -> Result<Query<'static, Sqlite, SqliteArguments>, Error> {
        let (next_at, outcome, counted) = match self.next {
            Next::Again { at, counted } => (Some(at), None, counted),
            Next::Close { outcome, counted } => (None, Some(outcome), counted),
        };
        let (next_at, outcome) = match outcome {
            Some(Outcome::NumberDead) if has_usable_number(ledger, case).await? => (Some(self.at), None),
            Some(_) | None => (next_at, outcome),
        };
        Ok(sqlx::query(sql)
            .bind(attempt.map(|attempt| attempt.0))
            .bind(attempt.map(|attempt| attempt.0))
            .bind(case.0)
            .bind(outcome.map(Outcome::as_str))
            .bind(self.at.millis())
            .bind(disposition.map(Disposition::as_str))
            .bind(i64::from(counted))
            .bind(next_at.map(Wall::millis))
            .bind(i64::try_from(TOLERANCE.as_millis()).unwrap_or(i64::MAX))
            .bind(self.appointment.map(Wall::millis)))
    }
}

/// The next follow-up of the same encounter, as the patient's answer or an agent asks for (R022). One that is open already
/// stands.
pub(super) async fn follow_up_at(ledger: &mut Ledger<'_>, case: CaseId, due: Wall, at: Wall) -> Result<(), Error> {
    sqlx::query(
        "insert into cases (campaign_id, encounter_id, round, due_at, next_at, created_at)
         select c.campaign_id, c.encounter_id, (select max(r.round) + 1 from cases r
             where r.campaign_id = c.campaign_id and r.encounter_id = c.encounter_id), $2, $2, $3
         from cases c where c.id = $1 and not exists (select 1 from cases o
             where o.campaign_id = c.campaign_id and o.encounter_id = c.encounter_id and o.state = 'open')",
    )
    .bind(case.0)
    .bind(due.millis())
    .bind(at.millis())
    .execute(&mut *ledger.db)
    .await?;
    Ok(())
}

/// While an agent says what came of a conversation, the machine leaves the case alone.
const WRAP_UP: Duration = Duration::from_secs(30 * 60);

pub(super) async fn keep_for_wrap_up(
    ledger: &mut Ledger<'_>,
    case: i64,
    agent: AgentId,
    at: Wall,
) -> Result<(), Error> {
    sqlx::query(
        "update cases set lease_until = $2, lease_holder = $3
         where id = $1 and state = 'open' and exists (select 1 from conversation v
            where v.case_id = $1 and v.account_id = $4 and v.settled_at is null)",
    )
    .bind(case)
    .bind((at + WRAP_UP).millis())
    .bind(holder_of(agent))
    .bind(agent.0)
    .execute(&mut *ledger.db)
    .await?;
    Ok(())
}

async fn has_usable_number(ledger: &mut Ledger<'_>, case: CaseId) -> Result<bool, Error> {
    Ok(sqlx::query_scalar(
        "select exists (select 1 from cases c join encounter e on e.id = c.encounter_id
            join number n on n.patient_id = e.patient_id
            where c.id = $1 and n.state in ('ok', 'suspect'))",
    )
    .bind(case.0)
    .fetch_one(&mut *ledger.db)
    .await?)
}

/// A recording that was found after a crash.
pub(super) struct AddRecording {
    pub(super) attempt: AttemptId,
    pub(super) recording: Recording,
}

impl Write for AddRecording {
    type Answer = ();

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        let known: bool = sqlx::query_scalar("select exists (select 1 from attempt where id = $1)")
            .bind(self.attempt.0)
            .fetch_one(&mut *ledger.db)
            .await?;
        if !known {
            return Err(Error::NoAttempt(self.attempt));
        }
        add_recording(ledger, self.attempt, &self.recording).await?;
        console::write(ledger.db, self.attempt.0, self.attempt.0).await
    }
}

async fn add_recording(ledger: &mut Ledger<'_>, attempt: AttemptId, recording: &Recording) -> Result<(), Error> {
    let query = sqlx::query(
        "insert into recording (attempt_id, path, duration_ms, gap_ms, sha256) values ($1, $2, $3, $4, $5)
         on conflict (attempt_id) do nothing",
    )
    .bind(attempt.0)
    .bind(&recording.path)
    .bind(recording.duration_ms)
    .bind(recording.gap_ms)
    .bind(&recording.sha256);
    settle(ledger.db, query, 1).await
}
