//! Switches: turned by people, with a reason, and never forgotten (R025).

use serde::{Deserialize, Serialize};

use crate::moment::Wall;
use crate::rules::{RuleSet, SwitchSpan, Switches};
use crate::store::job::{Ledger, Write};
use crate::store::{Error, Reader, Store};

/// A switch to turn on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnedOn {
    /// Its name, such as `disaster`.
    pub name: String,
    /// Only for events of this area.
    pub area: Option<String>,
    /// From when; events from then on go by it.
    pub since: Wall,
    /// Until when; none until somebody turns it off.
    pub until: Option<Wall>,
    /// Why.
    pub reason: String,
    /// Who.
    pub who: String,
    /// The present.
    pub now: Wall,
}

/// A time that a switch was on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwitchRecord {
    /// Its row.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Where.
    pub area: Option<String>,
    /// From when.
    pub since: Wall,
    /// Until when.
    pub until: Option<Wall>,
    /// Why.
    pub reason: String,
    /// Who turned it on.
    pub who: String,
    /// Who turned it off.
    pub ended_by: Option<String>,
}

type Row = (
    i64,
    String,
    Option<String>,
    i64,
    Option<i64>,
    String,
    String,
    Option<String>,
);

impl Reader {
    /// Every time that a switch was on, the latest first.
    pub async fn switch_records(&self) -> Result<Vec<SwitchRecord>, Error> {
        let rows: Vec<Row> = sqlx::query_as(
            "select id, name, area, since, until, reason, who, ended_by from switch order by id desc limit 10000",
        )
        .fetch_all(self.pool())
        .await?;
        Ok(rows
            .into_iter()
            .map(|(id, name, area, since, until, reason, who, ended_by)| SwitchRecord {
                id,
                name,
                area,
                since: Wall::from_millis(since),
                until: until.map(Wall::from_millis),
                reason,
                who,
                ended_by,
            })
            .collect())
    }

    /// The same for the rules.
    pub async fn switches(&self) -> Result<Switches, Error> {
        let mut switches = Switches::none();
        for record in self.switch_records().await? {
            let span = SwitchSpan {
                from: record.since,
                until: record.until,
                area: record.area,
            };
            switches.add(&record.name, span);
        }
        Ok(switches)
    }
}

impl Store {
    /// Turns a switch on. What it concerns is decided again with the next [`Store::apply_rules`].
    pub async fn switch_on(&self, on: TurnedOn) -> Result<i64, Error> {
        let name = on.name.clone();
        let id = self.write(On(on)).await?;
        self.touch(&name).await?;
        Ok(id)
    }

    /// Turns a switch off; how many times that it was on have ended.
    pub async fn switch_off(&self, name: &str, who: &str, now: Wall) -> Result<u64, Error> {
        let (name, who) = (name.to_owned(), who.to_owned());
        let off = Off {
            name: name.clone(),
            who,
            now,
        };
        let ended = self.write(off).await?;
        self.touch(&name).await?;
        Ok(ended)
    }

    /// Marks the encounters of open cases of sets with this switch, part by part.
    async fn touch(&self, name: &str) -> Result<(), Error> {
        let rows: Vec<(i64, String)> = sqlx::query_as("select id, text from rule_set where state = 'running'")
            .fetch_all(self.reader().pool())
            .await?;
        let concerned = rows.into_iter().filter(|(_, text)| {
            let set = RuleSet::parse(text).ok();
            set.is_some_and(|(set, _)| set.switches().contains(&name))
        });
        for (rule_set, _) in concerned {
            let mut after = Some(0);
            while let Some(from) = after {
                after = self.write(Touch { rule_set, after: from }).await?;
            }
        }
        Ok(())
    }
}

struct On(TurnedOn);

impl Write for On {
    type Answer = i64;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<i64, Error> {
        let on = &self.0;
        Ok(sqlx::query_scalar(
            "insert into switch (name, area, since, until, reason, who, at) values ($1, $2, $3, $4, $5, $6, $7)
             returning id",
        )
        .bind(&on.name)
        .bind(&on.area)
        .bind(on.since.millis())
        .bind(on.until.map(Wall::millis))
        .bind(&on.reason)
        .bind(&on.who)
        .bind(on.now.millis())
        .fetch_one(&mut *ledger.db)
        .await?)
    }
}

struct Off {
    name: String,
    who: String,
    now: Wall,
}

impl Write for Off {
    type Answer = u64;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<u64, Error> {
        let ended = sqlx::query(
            "update switch set until = case when since > $2 then since else $2 end, ended_by = $3, ended_at = $2
             where name = $1 and ended_at is null and (until is null or until > $2)",
        )
        .bind(&self.name)
        .bind(self.now.millis())
        .bind(&self.who)
        .execute(&mut *ledger.db)
        .await?;
        Ok(ended.rows_affected())
    }
}

/// Cases looked at per transaction.
const PART: i64 = 2_000;

struct Touch {
    rule_set: i64,
    after: i64,
}

impl Write for Touch {
    type Answer = Option<i64>;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<Option<i64>, Error> {
        let last: Option<i64> =
            sqlx::query_scalar("select max(id) from (select id from cases where id > $1 order by id limit $2)")
                .bind(self.after)
                .bind(PART)
                .fetch_one(&mut *ledger.db)
                .await?;
        let Some(last) = last else { return Ok(None) };
        sqlx::query(
            "insert into rule_pending (encounter_id) select distinct encounter_id from cases
             where id > $1 and id <= $2 and rule_set_id = $3 and state = 'open' on conflict do nothing",
        )
        .bind(self.after)
        .bind(last)
        .bind(self.rule_set)
        .execute(&mut *ledger.db)
        .await?;
        Ok(Some(last))
    }
}
