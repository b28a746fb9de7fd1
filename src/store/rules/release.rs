//! The release of a rule set with four eyes (R071): draft, reviewed, running, ended.

use serde::{Deserialize, Serialize};

use crate::moment::Wall;
use crate::rules::RuleSet;
use crate::store::job::{Ledger, Write};
use crate::store::{Error, Reader, Store};

/// A rule set to add.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewRuleSet {
    /// Its name.
    pub name: String,
    /// The text of its file.
    pub text: String,
    /// What its draws begin with.
    pub seed: String,
    /// Who wrote it.
    pub who: String,
    /// The present.
    pub now: Wall,
}

/// How far a version has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleState {
    /// Written.
    Draft,
    /// Looked at by another person.
    Reviewed,
    /// It decides.
    Running,
    /// It decides no more.
    Ended,
}

impl RuleState {
    /// The identifier in the database and on screens.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Reviewed => "reviewed",
            Self::Running => "running",
            Self::Ended => "ended",
        }
    }

    fn of(id: &str) -> Result<Self, Error> {
        [Self::Draft, Self::Reviewed, Self::Running, Self::Ended]
            .into_iter()
            .find(|state| state.as_str() == id)
            .ok_or_else(|| Error::stored("rule_set.state", id))
    }
}

/// A version of a rule set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleSetRecord {
    /// Its row.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its version, from 1.
    pub version: u32,
    /// How far it has come.
    pub state: RuleState,
    /// The text of its file.
    pub text: String,
    /// What its draws begin with.
    pub seed: String,
    /// Who wrote it, and when.
    pub created: (String, Wall),
    /// Who reviewed it, and when.
    pub reviewed: Option<(String, Wall)>,
    /// Who released it, and when.
    pub released: Option<(String, Wall)>,
    /// Who ended it, and when.
    pub ended: Option<(String, Wall)>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    name: String,
    version: u32,
    state: String,
    text: String,
    seed: String,
    created_by: String,
    created_at: i64,
    reviewed_by: Option<String>,
    reviewed_at: Option<i64>,
    released_by: Option<String>,
    released_at: Option<i64>,
    ended_by: Option<String>,
    ended_at: Option<i64>,
}

impl Row {
    fn record(self) -> Result<RuleSetRecord, Error> {
        let both = |who: Option<String>, at: Option<i64>| who.zip(at.map(Wall::from_millis));
        Ok(RuleSetRecord {
            id: self.id,
            name: self.name,
            version: self.version,
            state: RuleState::of(&self.state)?,
            text: self.text,
            seed: self.seed,
            created: (self.created_by, Wall::from_millis(self.created_at)),
            reviewed: both(self.reviewed_by, self.reviewed_at),
            released: both(self.released_by, self.released_at),
            ended: both(self.ended_by, self.ended_at),
        })
    }
}

impl Reader {
    /// All versions of all sets, or of one, the latest first within each name.
    pub async fn rule_sets(&self, name: Option<&str>) -> Result<Vec<RuleSetRecord>, Error> {
        let rows: Vec<Row> = sqlx::query_as(
            "select id, name, version, state, text, seed, created_by, created_at, reviewed_by, reviewed_at, released_by,
                released_at, ended_by, ended_at
             from rule_set where $1 is null or name = $1 order by name, version desc limit 1000",
        )
        .bind(name)
        .fetch_all(self.pool())
        .await?;
        rows.into_iter().map(Row::record).collect()
    }

    /// How many encounters the running sets have not decided yet.
    pub async fn undecided(&self) -> Result<u64, Error> {
        Ok(sqlx::query_scalar(
            "select (select count(*) from rule_pending) + coalesce((select sum(
                (select count(*) from encounter e where e.id > s.decided_to and e.id <= s.last_old))
             from rule_set s where s.state = 'running'), 0)",
        )
        .fetch_one(self.pool())
        .await?)
    }
}

impl Store {
    /// Adds a set as a draft: a new version if there is one of this name already. The same text again is the same
    /// version. Gives the version.
    pub async fn add_rule_set(&self, new: NewRuleSet) -> Result<u32, Error> {
        self.write(Add(new)).await
    }

    /// Notes that another person than the author has looked at the latest version.
    ///
    /// # Errors
    /// [`Error::SameEyes`] if it is the author; [`Error::NoRuleSet`], [`Error::RuleSetState`].
    pub async fn review_rule_set(&self, name: &str, who: &str, now: Wall) -> Result<u32, Error> {
        self.turn(name, who, now, Turn::Review).await
    }

    /// Lets the latest version run; the version that ran before ends. All its campaigns must be there.
    ///
    /// # Errors
    /// [`Error::RuleSetState`] if nobody has reviewed it; [`Error::NoRuleSet`], [`Error::NoCampaign`].
    pub async fn release_rule_set(&self, name: &str, who: &str, now: Wall) -> Result<u32, Error> {
        self.turn(name, who, now, Turn::Release).await
    }

    /// Ends the running version. Its cases stay.
    ///
    /// # Errors
    /// [`Error::RuleSetState`] if none runs; [`Error::NoRuleSet`].
    pub async fn stop_rule_set(&self, name: &str, who: &str, now: Wall) -> Result<u32, Error> {
        self.turn(name, who, now, Turn::Stop).await
    }

    async fn turn(&self, name: &str, who: &str, now: Wall, turn: Turn) -> Result<u32, Error> {
        let (name, who) = (name.to_owned(), who.trim().to_owned());
        self.write(Turned { name, who, now, turn }).await
    }
}

struct Add(NewRuleSet);

impl Write for Add {
    type Answer = u32;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<u32, Error> {
        let new = &self.0;
        let last: Option<(u32, String, String)> =
            sqlx::query_as("select version, text, state from rule_set where name = $1 order by version desc limit 1")
                .bind(&new.name)
                .fetch_optional(&mut *ledger.db)
                .await?;
        let version = match last {
            Some((version, text, state)) if text == new.text && state != "ended" => return Ok(version),
            Some((version, ..)) => version + 1,
            None => 1,
        };
        sqlx::query(
            "insert into rule_set (name, version, text, seed, created_by, created_at) values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&new.name)
        .bind(version)
        .bind(&new.text)
        .bind(&new.seed)
        .bind(new.who.trim())
        .bind(new.now.millis())
        .execute(&mut *ledger.db)
        .await?;
        Ok(version)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Review,
    Release,
    Stop,
}

struct Turned {
    name: String,
    who: String,
    now: Wall,
    turn: Turn,
}

impl Write for Turned {
    type Answer = u32;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<u32, Error> {
        // Of the version that runs, or else of the latest.
        let order = match self.turn {
            Turn::Stop => "state = 'running' desc, version desc",
            Turn::Review | Turn::Release => "version desc",
        };
        let sql = format!(
            "select id, version, state, text, created_by from rule_set where name = $1 order by {order} limit 1"
        );
        let found: Option<(i64, u32, String, String, String)> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(&self.name)
            .fetch_optional(&mut *ledger.db)
            .await?;
        let Some((id, version, state, text, author)) = found else {
            return Err(Error::NoRuleSet {
                name: self.name.clone(),
            });
        };
        let state = RuleState::of(&state)?;
        let (wanted, sql) = match self.turn {
            Turn::Review => (
                RuleState::Draft,
                "update rule_set set state = 'reviewed', reviewed_by = $2, reviewed_at = $3 where id = $1",
            ),
            Turn::Release => (
                RuleState::Reviewed,
                "update rule_set set state = 'running', released_by = $2, released_at = $3, decided_to = 0,
                    last_old = coalesce((select max(id) from encounter), 0) where id = $1",
            ),
            Turn::Stop => (
                RuleState::Running,
                "update rule_set set state = 'ended', ended_by = $2, ended_at = $3 where id = $1",
            ),
        };
        if state != wanted {
            return Err(Error::RuleSetState {
                name: self.name.clone(),
                version,
                state: state.as_str(),
                needs: wanted.as_str(),
            });
        }
        if self.turn == Turn::Review && same_person(&author, &self.who) {
            return Err(Error::SameEyes {
                name: self.name.clone(),
                who: author,
            });
        }
        if self.turn == Turn::Release {
            need_campaigns(ledger, &text).await?;
            sqlx::query(
                "update rule_set set state = 'ended', ended_by = $2, ended_at = $3 where name = $1 and state = 'running'",
            )
            .bind(&self.name)
            .bind(&self.who)
            .bind(self.now.millis())
            .execute(&mut *ledger.db)
            .await?;
        }
        sqlx::query(sql)
            .bind(id)
            .bind(&self.who)
            .bind(self.now.millis())
            .execute(&mut *ledger.db)
            .await?;
        Ok(version)
    }
}

/// A name in other letters or with blanks around it is still the same person.
fn same_person(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

async fn need_campaigns(ledger: &mut Ledger<'_>, text: &str) -> Result<(), Error> {
    let Ok((set, _)) = RuleSet::parse(text) else {
        return Err(Error::stored(
            "rule_set.text",
            "it was read when it was added, and cannot be now",
        ));
    };
    for name in set.campaigns() {
        let is_there: bool = sqlx::query_scalar("select exists (select 1 from campaign where name = $1)")
            .bind(name)
            .fetch_one(&mut *ledger.db)
            .await?;
        if !is_there {
            return Err(Error::NoCampaign { name: name.to_owned() });
        }
    }
    Ok(())
}
