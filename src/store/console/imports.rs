//! What the preview of an import asks: which visits of a list are known, and whether the same file was taken in before.

use crate::moment::Wall;
use crate::store::{Error, Reader};

/// So many visits are looked up at once.
const PART: usize = 1_000;

/// How many of the visits in `$1` there are.
pub(in crate::store) const KNOWN: &str = "
select count(*) from json_each($1) j where exists (select 1 from encounter e where e.visit_no = j.value)";

/// The last time that the console took in a file with the hash `$1`; imports are few.
pub(in crate::store) const BEFORE: &str = "
select at, coalesce(detail ->> '$.file', ''), coalesce(object, '') from audit
where deed = 'imported' and detail ->> '$.sha256' = $1 order by at desc, id desc limit 1";

/// A file that was taken in before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedBefore {
    /// When.
    pub at: Wall,
    /// Under which name.
    pub file: String,
    /// For which campaign.
    pub campaign: String,
}

impl Reader {
    /// When the same file, octet for octet, was last taken in over the console.
    pub async fn imported_before(&self, sha256: &str) -> Result<Option<ImportedBefore>, Error> {
        let found: Option<(i64, String, String)> =
            sqlx::query_as(BEFORE).bind(sha256).fetch_optional(self.pool()).await?;
        Ok(found.map(|(at, file, object)| ImportedBefore {
            at: Wall::from_millis(at),
            file,
            campaign: object.strip_prefix("campaign:").unwrap_or(&object).to_owned(),
        }))
    }

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
