//! The calls that may still be up although the daemon that made them is gone.

use std::collections::BTreeMap;

use crate::dialer::{LeftOver, Noteworthy};
use crate::ids::AttemptId;
use crate::moment::Wall;
use crate::phone::Number;

use super::begin::mark_of;
use super::{Error, Reader};

/// A row of them, as it is stored.
type Row = (i64, String, String, String, Option<String>, Option<u16>, i64);

/// By the indexes of open attempts and of locks: left alone, SQLite reads the table, because its rows are in order.
pub(super) const UP: &str = "
select id, mark, digits, trunk, dialog, rtp_port, begun_at from attempt indexed by attempt_open_digits
where state = 'begun' and digits >= '' and mark <> ''
union
select id, mark, digits, trunk, dialog, rtp_port, begun_at from attempt indexed by attempt_locked_digits
where digits >= '' and locked_until > $1 and locked_until is not null and mark <> ''
order by id";

/// By the index of conversations that are not settled: left alone, SQLite reads everything that was ever noted of any.
pub(super) const PHONES: &str = "
select e.what, e.at from conversation v indexed by conversation_open cross join conversation_event e on e.conversation_id = v.id
where v.account_id > 0 and v.settled_at is null and v.ended_at is null and json_type(e.what, '$.leg_up') is not null
order by e.conversation_id, e.seq";

impl Reader {
    /// The calls of attempts that are open, and of those whose number is still locked: one that an earlier run could not
    /// take down, or whose end nobody told. To be read before [`Store::recover`](super::Store::recover) ends the open ones.
    pub async fn left_overs(&self, now: Wall) -> Result<Vec<LeftOver>, Error> {
        let rows: Vec<Row> = sqlx::query_as(UP).bind(now.millis()).fetch_all(self.pool()).await?;
        let mut all: Vec<LeftOver> = rows.into_iter().map(left_over).collect::<Result<_, _>>()?;
        all.extend(self.phones_left_over().await?);
        Ok(all)
    }

    /// The phones beside the patients', of conversations that are not over: as each was written down last.
    async fn phones_left_over(&self) -> Result<Vec<LeftOver>, Error> {
        let rows: Vec<(String, i64)> = sqlx::query_as(PHONES).fetch_all(self.pool()).await?;
        let mut legs = BTreeMap::new();
        for (what, at) in rows {
            let read = serde_json::from_str(&what).map_err(|_| Error::stored("conversation_event.what", "leg_up"))?;
            if let Noteworthy::LegUp {
                leg,
                mark,
                number,
                dialog,
                rtp_port,
            } = read
            {
                let call = LeftOver {
                    attempt: None,
                    mark: mark_of(&mark)?,
                    number,
                    trunk: String::new(),
                    dialog: Some(dialog),
                    rtp_port,
                    begun: Wall::from_millis(at),
                };
                legs.insert(leg, call);
            }
        }
        Ok(legs.into_values().collect())
    }
}

fn left_over((attempt, mark, digits, trunk, dialog, rtp_port, begun): Row) -> Result<LeftOver, Error> {
    Ok(LeftOver {
        attempt: Some(AttemptId(attempt)),
        mark: mark_of(&mark)?,
        number: Number::parse(&digits).map_err(|_| Error::stored("attempt.digits", &digits))?,
        trunk,
        dialog,
        rtp_port,
        begun: Wall::from_millis(begun),
    })
}
