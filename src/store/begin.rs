//! Begin: an attempt is on disk before its INVITE leaves.

use sqlx::FromRow;

use crate::dialer::{Begin, BeginTest, Begun, Cap, LONGEST_CAP, free_at};
use crate::ids::{AttemptId, CallMark};
use crate::moment::Wall;
use crate::phone::{self, Number};

use super::Error;
use super::job::{Ledger, Write};

/// What stands for or against an attempt, in one reading: a call waits for it.
#[derive(FromRow)]
struct Found {
    dialplan_known: bool,
    open_id: Option<i64>,
    open_number: Option<i64>,
    open_at: Option<i64>,
    open_mark: Option<String>,
    digits: Option<String>,
    ordinal: Option<i64>,
    do_not_call: bool,
    calling: Option<i64>,
    locked_until: Option<i64>,
    called: String,
}

/// The lease may have run out; as long as nobody else took it, it is ours. Since it was claimed the patient may have called us, from
/// whatever telephone.
pub(super) const FOUND: &str = "
select exists (select 1 from dialplan where hash = $4) as dialplan_known,
    b.id as open_id, b.number_id as open_number, b.begun_at as open_at, b.mark as open_mark,
    n.digits, c.attempts + 1 as ordinal,
    exists (select 1 from do_not_call d where d.digits = n.digits and d.ended_at is null
            and (d.until is null or d.until > $5) and (d.level = 'always' or d.campaign_id = c.campaign_id
                or d.purpose = (select m.purpose from campaign m where m.id = c.campaign_id)))
        or exists (select 1 from do_not_call d where d.patient_id = n.patient_id and d.ended_at is null
            and (d.until is null or d.until > $5) and (d.level = 'always' or d.campaign_id = c.campaign_id
                or d.purpose = (select m.purpose from campaign m where m.id = c.campaign_id))) as do_not_call,
    coalesce((select min(a.id) from attempt a where a.state = 'begun' and a.digits = n.digits),
        (select min(o.id) from number m join attempt o indexed by attempt_open_number on o.number_id = m.id and o.state = 'begun'
            where m.patient_id = n.patient_id)) as calling,
    (select max(r.locked_until) from attempt r where r.digits = n.digits and r.locked_until > $5) as locked_until,
    (select json_group_array(k.begun_at) from attempt k where k.digits = n.digits
        and k.begun_at > $6 and k.rule is not 'not-dialed-in-time' and k.direction = 'out') as called
from (select $1 as id) asked
left join attempt b on b.case_id = asked.id and b.state = 'begun' and b.direction = 'out'
left join cases c on c.id = asked.id and c.state = 'open' and c.lease_holder = $2 and c.lease_number_id = $3
left join number n on n.id = c.lease_number_id";

/// The count first: the row that is read back is then the last thing to do.
const INSERT: &str = "
update cases set attempts = attempts + 1 where id = $1;
insert into attempt (case_id, number_id, digits, trunk, ordinal, begun_at, dialplan_hash, resumed_from, caller, mark)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, lower(hex(randomblob(16)))) returning id, mark";

impl Write for Begin {
    type Answer = Begun;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<Begun, Error> {
        let found: Found = sqlx::query_as(FOUND)
            .bind(self.case.0)
            .bind(ledger.holder)
            .bind(self.number_id.0)
            .bind(&self.dialplan)
            .bind(self.at.millis())
            .bind((self.at - LONGEST_CAP).millis())
            .fetch_one(&mut *ledger.db)
            .await?;
        if let Some(attempt) = under_way(self, &found)? {
            return Ok(attempt);
        }
        ledger.frost.refuse()?;
        if !found.dialplan_known {
            return Err(Error::NoDialplan {
                hash: self.dialplan.clone(),
            });
        }
        let (Some(digits), Some(ordinal)) = (found.digits, found.ordinal) else {
            return Err(Error::NotLeased(self.case));
        };
        if found.do_not_call {
            return Err(Error::DoNotCall(self.case));
        }
        must_be_free(found.calling, found.locked_until, self.at)?;
        must_be_below_the_caps(&self.terms.limits.number, &found.called, self.at)?;
        let (attempt, mark): (i64, String) = sqlx::query_as(INSERT)
            .bind(self.case.0)
            .bind(self.number_id.0)
            .bind(digits)
            .bind(&self.trunk)
            .bind(ordinal)
            .bind(self.at.millis())
            .bind(&self.dialplan)
            .bind(self.resumed_from.map(|attempt| attempt.0))
            .bind(self.caller.as_ref().map(Number::reveal))
            .fetch_one(&mut *ledger.db)
            .await?;
        let attempt = AttemptId(attempt);
        ledger.remembered.remember(attempt, &self.dialplan);
        Ok(Begun {
            case: self.case,
            attempt,
            mark: mark_of(&mark)?,
        })
    }
}

/// The attempt of this case that is under way: this very one, asked for again, or another, which is an error.
fn under_way(begin: &Begin, found: &Found) -> Result<Option<Begun>, Error> {
    let Some(id) = found.open_id else { return Ok(None) };
    if found.open_number != Some(begin.number_id.0) || found.open_at != Some(begin.at.millis()) {
        return Err(Error::AttemptUnderWay(begin.case));
    }
    Ok(Some(Begun {
        case: begin.case,
        attempt: AttemptId(id),
        mark: mark_of(found.open_mark.as_deref().unwrap_or_default())?,
    }))
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
pub(super) async fn as_stored(ledger: &mut Ledger<'_>, number: &Number) -> Result<String, Error> {
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
pub(super) async fn need_free(ledger: &mut Ledger<'_>, digits: &str, at: Wall) -> Result<(), Error> {
    let (calling, locked_until) = sqlx::query_as(
        "select (select min(id) from attempt where state = 'begun' and digits = $1),
            (select max(locked_until) from attempt where digits = $1 and locked_until > $2)",
    )
    .bind(digits)
    .bind(at.millis())
    .fetch_one(&mut *ledger.db)
    .await?;
    must_be_free(calling, locked_until, at)
}

/// By the attempt that is calling the number, and the time until which it is locked.
fn must_be_free(calling: Option<i64>, locked_until: Option<i64>, at: Wall) -> Result<(), Error> {
    if let Some(attempt) = calling {
        return Err(Error::NumberInUse(AttemptId(attempt)));
    }
    match locked_until {
        Some(until) => Err(Error::NumberLocked {
            seconds: seconds_until(Wall::from_millis(until), at),
        }),
        None => Ok(()),
    }
}

/// By when calls to the number began: others may have called it since the case was claimed.
fn must_be_below_the_caps(caps: &[Cap], called: &str, at: Wall) -> Result<(), Error> {
    let mut called: Vec<Wall> = serde_json::from_str(called).map_err(|why| Error::Json {
        what: "calls to a number",
        why: why.to_string(),
    })?;
    called.sort_unstable();
    match free_at(caps, &called) {
        Some(free) if free > at => Err(Error::NumberCapped {
            seconds: seconds_until(free, at),
        }),
        Some(_) | None => Ok(()),
    }
}

fn seconds_until(until: Wall, at: Wall) -> u64 {
    u64::try_from(until.since(at).as_millis().div_ceil(1000)).unwrap_or(u64::MAX)
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
