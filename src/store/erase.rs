//! Erase: one patient's name, numbers and audio go; attempts, dispositions and answers stay, and lead to nobody.
//!
//! First [`Store::withdraw`]: nobody is called any more. Then the files are removed, then [`Store::erase`] takes the rows
//! clean, then [`Store::forget`] has the write-ahead log overwritten. Each step can be repeated after a crash.

use std::sync::atomic::Ordering;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::{ConnectOptions, Connection};

use crate::ids::{AttemptId, CaseId, PatientId};
use crate::moment::Wall;
use crate::pii::mask_name;

use super::aside;
use super::clean::clean_attempt;
use super::job::{Ledger, Write};
use super::retention::{Run, note_deletion};
use super::{Error, Reader, Store, folder, open};

/// The row of `meta` with the key under which erased visits are still known.
const KEY: &str = "erasure_key";
/// What the number of an erased visit begins with.
const ERASED: &str = "erased:";

/// What an erasure takes, before it is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasable {
    /// The patient.
    pub patient: PatientId,
    /// The name, masked.
    pub name: Option<String>,
    /// Telephone numbers.
    pub numbers: u64,
    /// Visits.
    pub encounters: u64,
    /// Open cases, which are withdrawn.
    pub open_cases: u64,
    /// Attempts.
    pub attempts: u64,
    /// Call backs.
    pub call_backs: u64,
    /// Entries of the journal that the database had refused.
    pub put_aside: u64,
    /// Files of recordings, relative to the data folder.
    pub recordings: Vec<String>,
    /// Numbers of the do-not-call list, which stay there.
    pub do_not_call: u64,
}

/// The attempts of a patient: those of the cases, and test calls to a number that is nobody else's.
const ATTEMPTS: &str = "
select a.id from attempt a join cases c on c.id = a.case_id join encounter e on e.id = c.encounter_id
where e.patient_id = $1
union select a.id from attempt a where a.case_id is null and a.digits in (
    select n.digits from number n where n.patient_id = $1
        and not exists (select 1 from number o where o.digits = n.digits and o.patient_id <> $1))";

/// Calls to us: those that were matched, and unmatched ones that end in a number of the patient.
const CALL_BACKS: &str = "
select b.id from call_back b where b.patient_id = $1
union select b.id from call_back b join number n on n.patient_id = $1
    and substr(b.digits, -length(ltrim(n.digits, '+'))) = ltrim(n.digits, '+')
where b.patient_id is null";

/// Entries of the journal that the database refused, about these attempts or with one of these numbers.
fn put_aside() -> String {
    format!(
        "select p.id from ({}) p where p.attempt_id in ({ATTEMPTS}) union {}",
        aside::ALL,
        aside::OF_NOBODY
    )
}

impl Reader {
    /// What erasing a patient would take; the patient is known by patient number, else by visit number.
    pub async fn erasable(&self, known_by: &str) -> Result<Erasable, Error> {
        let patient = self.find_patient(known_by).await?;
        let count = async |sql: &str| -> Result<u64, Error> {
            Ok(
                sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select count(*) from ({sql})")))
                    .bind(patient.0)
                    .fetch_one(self.pool())
                    .await?,
            )
        };
        let name: Option<String> = sqlx::query_scalar("select name from patient where id = $1")
            .bind(patient.0)
            .fetch_one(self.pool())
            .await?;
        let files = format!(
            "select r.path from recording r where r.purged_at is null and r.attempt_id in ({ATTEMPTS}) order by r.attempt_id"
        );
        Ok(Erasable {
            patient,
            name: name.as_deref().map(mask_name),
            numbers: count("select 1 from number where patient_id = $1").await?,
            encounters: count("select 1 from encounter where patient_id = $1").await?,
            open_cases: count(
                "select 1 from cases c join encounter e on e.id = c.encounter_id
                 where e.patient_id = $1 and c.state = 'open'",
            )
            .await?,
            attempts: count(ATTEMPTS).await?,
            call_backs: count(CALL_BACKS).await?,
            put_aside: count(&put_aside()).await?,
            recordings: sqlx::query_scalar(sqlx::AssertSqlSafe(files))
                .bind(patient.0)
                .fetch_all(self.pool())
                .await?,
            do_not_call: count(
                "select 1 from do_not_call d where d.ended_at is null
                    and (d.patient_id = $1 or d.digits in (select n.digits from number n where n.patient_id = $1))",
            )
            .await?,
        })
    }
}

impl Store {
    /// Closes the patient's open cases as withdrawn.
    ///
    /// # Errors
    /// [`Error::Held`] under a legal hold, [`Error::BeingCalled`] while a call is up or may still be ringing.
    pub async fn withdraw(&self, patient: PatientId, now: Wall) -> Result<(), Error> {
        self.write(Withdraw { patient, now }).await
    }

    /// Takes the patient's rows clean; the files of the recordings must be gone already.
    ///
    /// # Errors
    /// As [`Store::withdraw`].
    pub async fn erase(&self, patient: PatientId, bytes: u64, run: Run) -> Result<(), Error> {
        self.write(Erase { patient, bytes, run }).await
    }

    /// Has the write-ahead log written into the database and cut, so that it no longer holds what was erased. False if
    /// others were reading or writing all the time: then it is done when the daemon stops. False too while the journal
    /// could not be overwritten.
    pub async fn forget(&self) -> Result<bool, Error> {
        const TRIES: u32 = 20;
        let path = folder::database(self.folder())?;
        // A writer waits as long as this at most, not as long as everybody else's patience.
        let wait = std::time::Duration::from_millis(50);
        let mut db = open::options(&path).busy_timeout(wait).connect().await?;
        // This one hinders nobody, and leaves little to do for the next.
        sqlx::query("pragma wal_checkpoint(passive)").execute(&mut db).await?;
        let mut is_cut = false;
        for _ in 0..TRIES {
            let checkpoint = sqlx::query_as("pragma wal_checkpoint(truncate)");
            let (busy, ..): (i64, i64, i64) = checkpoint.fetch_one(&mut db).await?;
            is_cut = busy == 0;
            if is_cut {
                break;
            }
            tokio::time::sleep(wait).await;
        }
        db.close().await?;
        Ok(is_cut && !self.counters.unwiped.load(Ordering::Relaxed))
    }
}

struct Withdraw {
    patient: PatientId,
    now: Wall,
}

impl Write for Withdraw {
    type Answer = ();

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        refuse(ledger, self.patient, self.now).await?;
        let open: Vec<i64> = sqlx::query_scalar(
            "select c.id from cases c join encounter e on e.id = c.encounter_id
             where e.patient_id = $1 and c.state = 'open'",
        )
        .bind(self.patient.0)
        .fetch_all(&mut *ledger.db)
        .await?;
        for case in open {
            super::claim::close(ledger, CaseId(case), crate::dialer::Outcome::Withdrawn, self.now).await?;
        }
        Ok(())
    }
}

/// Neither what a hold keeps nor what is going on right now.
async fn refuse(ledger: &mut Ledger<'_>, patient: PatientId, now: Wall) -> Result<(), Error> {
    let held: Option<String> = sqlx::query_scalar(
        "select h.reason from legal_hold h where h.ended_at is null and (h.patient_id = $1 or h.case_id in (
            select c.id from cases c join encounter e on e.id = c.encounter_id where e.patient_id = $1)) limit 1",
    )
    .bind(patient.0)
    .fetch_optional(&mut *ledger.db)
    .await?;
    if let Some(reason) = held {
        return Err(Error::Held { reason });
    }
    let sql = format!(
        "select exists (select 1 from attempt a where a.id in ({ATTEMPTS}) and (a.state = 'begun' or a.locked_until > $2))
            or exists (select 1 from cases c join encounter e on e.id = c.encounter_id
                where e.patient_id = $1 and c.lease_until > $2)"
    );
    let is_called: bool = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
        .bind(patient.0)
        .bind(now.millis())
        .fetch_one(&mut *ledger.db)
        .await?;
    if is_called { Err(Error::BeingCalled) } else { Ok(()) }
}

struct Erase {
    patient: PatientId,
    bytes: u64,
    run: Run,
}

impl Write for Erase {
    type Answer = ();

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        let (patient, now) = (self.patient.0, self.run.at);
        refuse(ledger, self.patient, now).await?;
        let attempts: Vec<i64> = sqlx::query_scalar(ATTEMPTS)
            .bind(patient)
            .fetch_all(&mut *ledger.db)
            .await?;
        let recordings = self.recordings(ledger, &attempts).await?;
        // The numbers are needed for these, so they go last.
        let put_aside = self.put_aside(ledger).await?;
        let call_backs = format!("update call_back set digits = null where id in ({CALL_BACKS})");
        execute(ledger, call_backs, patient).await?;
        for attempt in &attempts {
            clean_attempt(ledger, AttemptId(*attempt), now).await?;
            // The list keeps the number that asked never to be called; whose it was it does not say.
            execute(
                ledger,
                "update answer set remark = null where attempt_id = $1",
                *attempt,
            )
            .await?;
            execute(
                ledger,
                "update attempt set grant_reason = case when grant_reason is not null then '-' end where id = $1",
                *attempt,
            )
            .await?;
            execute(
                ledger,
                "update do_not_call set attempt_id = null where attempt_id = $1",
                *attempt,
            )
            .await?;
        }
        self.visits(ledger).await?;
        for sql in [
            "update do_not_call set reason = null where patient_id = $1
                or digits in (select n.digits from number n where n.patient_id = $1)",
            "update attempt set number_id = null where number_id in (select id from number where patient_id = $1)",
            "update cases set lease_number_id = null
             where lease_number_id in (select id from number where patient_id = $1)",
            "delete from number where patient_id = $1",
            "update patient_state set source = 'erased' where patient_id = $1",
            "delete from patient_note where patient_id = $1",
            "update note set text = '' where case_id in (
                select c.id from cases c join encounter e on e.id = c.encounter_id where e.patient_id = $1)",
            "update conversation set cause = null, skipped = case when skipped is not null then '-' end where case_id in (
                select c.id from cases c join encounter e on e.id = c.encounter_id where e.patient_id = $1)",
            "update ticket set text = '-', result = case when result is not null then '-' end where case_id in (
                select c.id from cases c join encounter e on e.id = c.encounter_id where e.patient_id = $1)",
            "update call_grant set reason = '-' where case_id in (
                select c.id from cases c join encounter e on e.id = c.encounter_id where e.patient_id = $1)",
            "update patient set language = null where id = $1",
            "update rule_decision set detail = null, stratum = case when stratum is null then null else '-' end
             where encounter_id in (select id from encounter where patient_id = $1)",
            "update legal_hold set reason = '-' where patient_id = $1 or case_id in (
                select c.id from cases c join encounter e on e.id = c.encounter_id where e.patient_id = $1)",
        ] {
            execute(ledger, sql, patient).await?;
        }
        sqlx::query(
            "update patient set patient_no = null, name = null, sex = null, birth = null, age = null, id_card = null,
                erased_at = $2, updated_at = $2 where id = $1",
        )
        .bind(patient)
        .bind(now.millis())
        .execute(&mut *ledger.db)
        .await?;
        note_deletion(ledger, "patients", 1, 0, &self.run).await?;
        note_deletion(ledger, "put_aside", put_aside, 0, &self.run).await?;
        note_deletion(ledger, "recordings", recordings, self.bytes, &self.run).await
    }
}

impl Erase {
    async fn recordings(&self, ledger: &mut Ledger<'_>, attempts: &[i64]) -> Result<u64, Error> {
        let mut gone = 0;
        for attempt in attempts {
            let purge = "update recording set purged_at = $2, missing_since = null
                where attempt_id = $1 and purged_at is null";
            let purged = sqlx::query(purge)
                .bind(attempt)
                .bind(self.run.at.millis())
                .execute(&mut *ledger.db)
                .await?;
            gone += purged.rows_affected();
        }
        Ok(gone)
    }

    /// Who shares the number keeps what is known to be of another's attempt.
    async fn put_aside(&self, ledger: &mut Ledger<'_>) -> Result<u64, Error> {
        let sql = format!("delete from put_aside where rowid in ({})", put_aside());
        let gone = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(self.patient.0)
            .execute(&mut *ledger.db)
            .await?;
        Ok(gone.rows_affected())
    }

    /// Of a visit its kind and department stay, for the counts, and its number as a keyed hash.
    async fn visits(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        sqlx::query(
            "insert into meta (key, value) values ($1, lower(hex(randomblob(32)))) on conflict (key) do nothing",
        )
        .bind(KEY)
        .execute(&mut *ledger.db)
        .await?;
        let visits: Vec<(i64, String)> = sqlx::query_as("select id, visit_no from encounter where patient_id = $1")
            .bind(self.patient.0)
            .fetch_all(&mut *ledger.db)
            .await?;
        for (encounter, visit_no) in visits {
            let hidden = match visit_no.starts_with(ERASED) {
                true => Some(visit_no),
                false => hidden(ledger, &visit_no).await?,
            };
            sqlx::query(
                "update encounter set visit_no = coalesce($2, visit_no), ward = null, bed = null, doctor = null,
                    admitted_at = null, discharged_at = null, diagnoses = null, disposition = null, payer = null,
                    cost = null, raw = '{}', updated_at = $3 where id = $1",
            )
            .bind(encounter)
            .bind(hidden)
            .bind(self.run.at.millis())
            .execute(&mut *ledger.db)
            .await?;
            for sql in OF_REPLAY {
                execute(ledger, sql, encounter).await?;
            }
        }
        Ok(())
    }
}

/// What people have written about the calls of a visit, and whose patient it was.
const OF_REPLAY: [&str; 3] = [
    "update replay set doctor = null where encounter_id = $1",
    "update call_comment set text = '…' where attempt_id in (select l.attempt_id from replay l where l.encounter_id = $1)",
    "update listening set reason = null where attempt_id in (select l.attempt_id from replay l where l.encounter_id = $1)",
];

async fn execute(ledger: &mut Ledger<'_>, sql: impl Into<String>, id: i64) -> Result<(), Error> {
    sqlx::query(sqlx::AssertSqlSafe(sql.into()))
        .bind(id)
        .execute(&mut *ledger.db)
        .await?;
    Ok(())
}

/// Whether a visit is one of a patient who was erased: a list that still has it must not bring it back.
pub(super) async fn is_erased(ledger: &mut Ledger<'_>, visit_no: &str) -> Result<bool, Error> {
    let Some(hidden) = hidden(ledger, visit_no).await? else {
        return Ok(false);
    };
    Ok(
        sqlx::query_scalar("select exists (select 1 from encounter where visit_no = $1)")
            .bind(hidden)
            .fetch_one(&mut *ledger.db)
            .await?,
    )
}

/// What stands in place of a visit number, by this database's own key; nothing if nobody was ever erased here.
async fn hidden(ledger: &mut Ledger<'_>, visit_no: &str) -> Result<Option<String>, Error> {
    let key: Option<String> = sqlx::query_scalar("select value from meta where key = $1")
        .bind(KEY)
        .fetch_optional(&mut *ledger.db)
        .await?;
    Ok(key.map(|key| {
        let sum = Sha256::new()
            .chain_update(&key)
            .chain_update([0])
            .chain_update(visit_no);
        let hex: String = sum.finalize().iter().map(|octet| format!("{octet:02x}")).collect();
        format!("{ERASED}{hex}")
    }))
}
