//! How attempts ended lately, by the hour at which they began and the look of their number: what a forecast expects.

use crate::outcome::Disposition;
use crate::phone::NumberKind;

use super::finish::disposition_of;
use super::{Error, Reader};

/// Ended attempts that are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObservedTally {
    /// What the number looks like; none for short and foreign ones.
    pub kind: Option<NumberKind>,
    /// The local hour at which they began, 0 to 23.
    pub hour: u8,
    /// Whether they were the first of their cases.
    pub first: bool,
    /// How they ended.
    pub disposition: Disposition,
    /// How many.
    pub count: u32,
    /// How long they held their line together, in milliseconds.
    pub lasted_ms: u64,
}

/// So many of the latest attempts are looked at: some weeks of a large hospital, and read in a second.
pub const OBSERVED: i64 = 200_000;

/// The latest attempts, tests left out. The look of a number is that of [`crate::phone::Number::kind`].
pub(super) const TALLY: &str = "
select kind, hour, first, disposition, count(*) as count, sum(lasted) as lasted_ms from (
    select case when length(a.digits) = 11 and a.digits glob '1[3-9]*' then 'mobile'
                when length(a.digits) between 10 and 12 and a.digits glob '0*' then 'landline' end as kind,
        ((a.begun_at / 1000 + coalesce(
            (select o.seconds from utc_offset o where o.from_at <= a.begun_at order by o.from_at desc limit 1),
            0)) / 3600) % 24 as hour,
        a.ordinal = 1 as first, max(a.ended_at - a.begun_at, 0) as lasted, a.disposition
    from attempt a
    where a.id > (select coalesce(max(id), 0) from attempt) - $1 and a.state = 'ended' and a.is_test = 0
        and a.direction = 'out')
group by kind, hour, first, disposition
order by kind, hour, first, disposition";

type Row = (Option<String>, u8, bool, String, u32, u64);

impl Reader {
    /// How the latest attempts ended, at most [`OBSERVED`] of them.
    pub async fn observed(&self) -> Result<Vec<ObservedTally>, Error> {
        let rows: Vec<Row> = sqlx::query_as(TALLY).bind(OBSERVED).fetch_all(self.pool()).await?;
        let tally = |(kind, hour, first, disposition, count, lasted_ms): Row| {
            Ok(ObservedTally {
                kind: match kind.as_deref() {
                    Some("mobile") => Some(NumberKind::Mobile),
                    Some("landline") => Some(NumberKind::Landline),
                    Some(_) | None => None,
                },
                hour,
                first,
                disposition: disposition_of(&disposition)?,
                count,
                lasted_ms,
            })
        };
        rows.into_iter().map(tally).collect()
    }
}
