//! What the preview of an import asks: which visits of a list are known.

use crate::store::{Error, Reader};

/// So many visits are looked up at once.
const PART: usize = 1_000;

/// How many of the visits in `$1` there are.
pub(in crate::store) const KNOWN: &str = "
select count(*) from json_each($1) j where exists (select 1 from encounter e where e.visit_no = j.value)";

impl Reader {
    /// How many of these visits are known.
    pub async fn known_visits(&self, visits: &[&str]) -> Result<u64, Error> {
        let mut known = 0;
        for part in visits.chunks(PART) {
            let found: u64 = sqlx::query_scalar(KNOWN)
                .bind(serde_json::Value::from(part).to_string())
                .fetch_one(self.pool())
                .await?;
            known += found;
        }
        Ok(known)
    }
}
