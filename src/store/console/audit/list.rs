//! Pages of the audit log, the latest first. Whatever is looked for, an index leads to it in the order of time: a page reads its own
//! rows, or as many as [`MOST`] where two things are asked for at once, and says where the next one goes on.

use sqlx::{QueryBuilder, Sqlite};

use super::{AuditRow, COLUMNS};
use crate::store::{Error, Reader};

/// Rows that are read in one statement where not every one of them fits.
const STRETCH: usize = 1_000;
/// Rows that one page looks at where not every one of them fits.
const MOST: usize = 10_000;

/// A place in the log: the time and the number of a row, in milliseconds.
pub type Place = (i64, i64);

/// Which rows are asked for; none: any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// By whom.
    pub who: Option<String>,
    /// What.
    pub deed: Option<String>,
    /// To what.
    pub object: Option<String>,
    /// From when, in milliseconds.
    pub from: Option<i64>,
    /// Until before when, in milliseconds.
    pub to: Option<i64>,
    /// Only rows before this place.
    pub before: Option<Place>,
}

/// A page of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditPage {
    /// The rows, the latest first.
    pub rows: Vec<AuditRow>,
    /// Where the next page goes on; none: there is none. A page may have fewer rows than were wanted, or none at all, and
    /// still another one after it.
    pub next: Option<Place>,
}

impl AuditFilter {
    /// What leads to the rows: of several things the one that most likely has fewest of them.
    fn way(&self) -> Option<(&'static str, &str)> {
        let ways = [("object", &self.object), ("who", &self.who), ("deed", &self.deed)];
        ways.into_iter()
            .find_map(|(column, wanted)| Some((column, wanted.as_deref()?)))
    }

    /// Whether every row on the way fits.
    fn is_all_of_its_way(&self) -> bool {
        let wanted = [&self.object, &self.who, &self.deed];
        wanted.into_iter().flatten().count() <= 1
    }

    fn fits(&self, row: &AuditRow) -> bool {
        let is =
            |wanted: &Option<String>, has: Option<&str>| wanted.as_deref().is_none_or(|wanted| has == Some(wanted));
        is(&self.who, Some(&row.who)) && is(&self.deed, Some(&row.deed)) && is(&self.object, row.object.as_deref())
    }

    /// The rows of the way before a place, the latest first. One bound above, so that no index is left for another.
    fn stretch(&self, before: Place, rows: usize) -> QueryBuilder<Sqlite> {
        let mut query = QueryBuilder::new(COLUMNS);
        query.push(" where ");
        if let Some((column, wanted)) = self.way() {
            query
                .push(column)
                .push(" = ")
                .push_bind(wanted.to_owned())
                .push(" and ");
        }
        query.push("at >= ").push_bind(self.from.unwrap_or(i64::MIN));
        query.push(" and (at, id) < (").push_bind(before.0);
        query.push(", ").push_bind(before.1);
        query.push(") order by at desc, id desc limit ");
        query.push_bind(i64::try_from(rows).unwrap_or(i64::MAX));
        query
    }

    /// The place that every row asked for is before.
    fn begins(&self) -> Place {
        let end = (self.to.unwrap_or(i64::MAX), i64::MIN);
        self.before.map_or(end, |before| before.min(end))
    }
}

impl Reader {
    /// A page of the log, the latest row first, of at most so many rows.
    pub async fn audit(&self, filter: &AuditFilter, wanted: u32) -> Result<AuditPage, Error> {
        let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
        let stretch = match filter.is_all_of_its_way() {
            true => wanted.saturating_add(1),
            false => STRETCH,
        };
        let mut page = AuditPage::default();
        let mut before = filter.begins();
        let mut looked_at = 0;
        while looked_at < MOST {
            let found: Vec<AuditRow> = filter
                .stretch(before, stretch)
                .build_query_as()
                .fetch_all(self.pool())
                .await?;
            let is_last = found.len() < stretch;
            for row in found {
                let place = (row.at, row.id);
                if filter.fits(&row) {
                    if page.rows.len() == wanted {
                        // One more than is wanted: another page follows, after the last row of this one.
                        page.next = page.rows.last().map(|last| (last.at, last.id));
                        return Ok(page);
                    }
                    page.rows.push(row);
                }
                looked_at += 1;
                before = place;
            }
            if is_last {
                return Ok(page);
            }
        }
        page.next = Some(before);
        Ok(page)
    }
}

#[cfg(test)]
mod tests {
    use sqlx::{Connection as _, Execute as _, SqliteConnection};

    use super::AuditFilter;

    fn filters() -> Vec<AuditFilter> {
        let word = |is: bool, word: &str| is.then(|| word.to_owned());
        (0..64_u32)
            .map(|bits| AuditFilter {
                who: word(bits & 1 > 0, "zhao"),
                deed: word(bits & 2 > 0, "listened"),
                object: word(bits & 4 > 0, "call:17"),
                from: (bits & 8 > 0).then_some(5),
                to: (bits & 16 > 0).then_some(9),
                before: (bits & 32 > 0).then_some((7, 7)),
            })
            .collect()
    }

    #[tokio::test]
    async fn whatever_is_looked_for_an_index_leads_to_it_in_its_order() {
        let mut db = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        crate::store::open::MIGRATIONS.run(&mut db).await.unwrap();
        for filter in filters() {
            let sql = filter.stretch(filter.begins(), 50).build().sql().as_str().to_owned();
            let steps: Vec<(i64, i64, i64, String)> =
                sqlx::query_as(sqlx::AssertSqlSafe(format!("explain query plan {sql}")))
                    .fetch_all(&mut db)
                    .await
                    .unwrap();
            let plan: Vec<&str> = steps.iter().map(|step| step.3.as_str()).collect();
            let by = filter.way().map_or("audit_at", |(column, _)| match column {
                "object" => "audit_object",
                "who" => "audit_who",
                _ => "audit_deed",
            });
            assert_eq!(plan.len(), 1, "{sql}\n{plan:#?}");
            assert!(
                plan[0].starts_with(&format!("SEARCH audit USING INDEX {by} ")) && plan[0].contains("at>"),
                "{sql}\n{plan:#?}"
            );
        }
    }
}
