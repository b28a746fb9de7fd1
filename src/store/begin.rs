//! Begin: an attempt is on disk before its INVITE leaves.

use crate::dialer::{Begin, BeginTest, Begun};
use crate::ids::{AttemptId, CallMark, CaseId};
use crate::moment::Wall;
use crate::phone::{self, Number};

use super::Error;
use super::job::{Ledger, Write};

impl Write for Begin {
    type Answer = Begun;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<Begun, Error> {
        if let Some(attempt) = under_way(self, ledger).await? {
            return Ok(attempt);
        }
        ledger.frost.refuse()?;
        need_dialplan(ledger, &self.dialplan).await?;
        // The lease may have run out; as long as nobody else took it, it is ours.
        let leased: Option<(String, i64)> = sqlx::query_as(
            "select n.digits, c.attempts + 1 from cases c join number n on n.id = c.lease_number_id
             where c.id = $1 and c.state = 'open' and c.lease_holder = $2 and c.lease_number_id = $3",
        )
        .bind(self.case.0)
        .bind(ledger.holder)
        .bind(self.number_id.0)
        .fetch_optional(&mut *ledger.db)
        .await?;
        let (digits, ordinal) = leased.ok_or(Error::NotLeased(self.case))?;
        let stopped: bool = sqlx::query_scalar("select exists (select 1 from do_not_call where digits = $1)")
            .bind(&digits)
            .fetch_one(&mut *ledger.db)
            .await?;
        if stopped {
            return Err(Error::DoNotCall(self.case));
        }
        need_free(ledger, &digits, self.at).await?;
        let (attempt, mark): (i64, String) = sqlx::query_as(
            "insert into attempt (case_id, number_id, digits, trunk, ordinal, begun_at, dialplan_hash, mark)
             values ($1, $2, $3, $4, $5, $6, $7, lower(hex(randomblob(16)))) returning id, mark",
        )
        .bind(self.case.0)
        .bind(self.number_id.0)
        .bind(digits)
        .bind(&self.trunk)
        .bind(ordinal)
        .bind(self.at.millis())
        .bind(&self.dialplan)
        .fetch_one(&mut *ledger.db)
        .await?;
        sqlx::query("update cases set attempts = attempts + 1 where id = $1")
            .bind(self.case.0)
            .execute(&mut *ledger.db)
            .await?;
        Ok(Begun {
            case: self.case,
            attempt: AttemptId(attempt),
            mark: mark_of(&mark)?,
        })
    }
}

/// The attempt of this case that is under way: this very one, asked for again, or another, which is an error.
async fn under_way(begin: &Begin, ledger: &mut Ledger<'_>) -> Result<Option<Begun>, Error> {
    let open: Option<(i64, Option<i64>, i64, String)> =
        sqlx::query_as("select id, number_id, begun_at, mark from attempt where case_id = $1 and state = 'begun'")
            .bind(begin.case.0)
            .fetch_optional(&mut *ledger.db)
            .await?;
    let case: CaseId = begin.case;
    match open {
        None => Ok(None),
        Some((id, number, at, mark)) if number == Some(begin.number_id.0) && at == begin.at.millis() => {
            Ok(Some(Begun {
                case,
                attempt: AttemptId(id),
                mark: mark_of(&mark)?,
            }))
        }
        Some(_) => Err(Error::AttemptUnderWay(case)),
    }
}

/// The mark of a row.
pub(super) fn mark_of(text: &str) -> Result<CallMark, Error> {
    text.parse().map_err(|_| Error::stored("attempt.mark", text))
}

impl Write for BeginTest {
    type Answer = (AttemptId, CallMark);

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<Self::Answer, Error> {
        ledger.frost.refuse()?;
        need_dialplan(ledger, &self.dialplan).await?;
        let digits = as_stored(ledger, &self.number).await?;
        need_free(ledger, &digits, self.at).await?;
        let (attempt, mark): (i64, String) = sqlx::query_as(
            "insert into attempt (digits, trunk, ordinal, is_test, begun_at, dialplan_hash, mark)
             values ($1, $2, 1, 1, $3, $4, lower(hex(randomblob(16)))) returning id, mark",
        )
        .bind(&digits)
        .bind(&self.trunk)
        .bind(self.at.millis())
        .bind(&self.dialplan)
        .fetch_one(&mut *ledger.db)
        .await?;
        Ok((AttemptId(attempt), mark_of(&mark)?))
    }
}

/// A number as a person dials it, in the spelling of a patient's number where it is one: locks go by the spelling.
async fn as_stored(ledger: &mut Ledger<'_>, number: &Number) -> Result<String, Error> {
    for spelling in phone::normalised(number.reveal()) {
        let known: bool = sqlx::query_scalar("select exists (select 1 from number where digits = $1)")
            .bind(spelling.reveal())
            .fetch_one(&mut *ledger.db)
            .await?;
        if known {
            return Ok(spelling.reveal().to_owned());
        }
    }
    Ok(number.reveal().to_owned())
}

/// Refuses a number that is on the line, or whose telephone may still be ringing from its last call.
async fn need_free(ledger: &mut Ledger<'_>, digits: &str, at: Wall) -> Result<(), Error> {
    let calling: Option<i64> =
        sqlx::query_scalar("select id from attempt where state = 'begun' and digits = $1 order by id limit 1")
            .bind(digits)
            .fetch_optional(&mut *ledger.db)
            .await?;
    if let Some(attempt) = calling {
        return Err(Error::NumberInUse(AttemptId(attempt)));
    }
    let locked: Option<i64> =
        sqlx::query_scalar("select max(locked_until) from attempt where digits = $1 and locked_until > $2")
            .bind(digits)
            .bind(at.millis())
            .fetch_one(&mut *ledger.db)
            .await?;
    match locked {
        Some(until) => Err(Error::NumberLocked {
            seconds: u64::try_from(Wall::from_millis(until).since(at).as_millis().div_ceil(1000)).unwrap_or(u64::MAX),
        }),
        None => Ok(()),
    }
}

/// Refuses a dialplan that is not in the database, in plainer words than a foreign key does.
pub(super) async fn need_dialplan(ledger: &mut Ledger<'_>, hash: &str) -> Result<(), Error> {
    let known: bool = sqlx::query_scalar("select exists (select 1 from dialplan where hash = $1)")
        .bind(hash)
        .fetch_one(&mut *ledger.db)
        .await?;
    if known {
        Ok(())
    } else {
        Err(Error::NoDialplan { hash: hash.to_owned() })
    }
}
