//! The calls that may still be up although the daemon that made them is gone.

use crate::dialer::LeftOver;
use crate::ids::AttemptId;
use crate::moment::Wall;
use crate::phone::Number;

use super::begin::mark_of;
use super::{Error, Reader};

/// A row of them, as it is stored.
type Row = (i64, String, String, String, Option<String>, Option<u16>, i64);

impl Reader {
    /// The calls of attempts that are open, and of those whose number is still locked: one that an earlier run could not
    /// take down, or whose end nobody told. To be read before [`Store::recover`](super::Store::recover) ends the open ones.
    pub async fn left_overs(&self, now: Wall) -> Result<Vec<LeftOver>, Error> {
        let rows: Vec<Row> = sqlx::query_as(
            "select id, mark, digits, trunk, dialog, rtp_port, begun_at from attempt where state = 'begun' and mark <> ''
             union
             select id, mark, digits, trunk, dialog, rtp_port, begun_at from attempt
             where locked_until > $1 and locked_until is not null and mark <> ''
             order by id",
        )
        .bind(now.millis())
        .fetch_all(self.pool())
        .await?;
        rows.into_iter().map(left_over).collect()
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
