//! Scorecards: drafts that change, published versions that never do.

mod card;
pub mod shipped;

pub use card::{Fault, Item, ItemOption, MOST_ITEMS, MOST_OPTIONS, Mark, Total, WHOLE, faults, mark_faults, total};

use sqlx::SqliteConnection;

use super::audit::Deed;
use super::reviews::Refused;
use crate::moment::Wall;
use crate::store::job::{Ledger, Write};
use crate::store::{Error, Reader, Store};

/// A version of a scorecard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scorecard {
    /// Its row.
    pub id: i64,
    /// The row of its first version.
    pub family: i64,
    /// Which version, from 1.
    pub version: u32,
    /// Whether it is published: then it never changes.
    pub is_published: bool,
    /// Its name in Chinese.
    pub zh: String,
    /// Its name in English.
    pub en: String,
    /// What is judged, in order.
    pub items: Vec<Item>,
    /// When it was made.
    pub created_at: Wall,
    /// By whom.
    pub created_by: String,
    /// When it was published.
    pub published_at: Option<Wall>,
    /// By whom.
    pub published_by: Option<String>,
    /// Reviews by it that are signed.
    pub signed: i64,
}

/// What a draft says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The name in Chinese.
    pub zh: String,
    /// The name in English.
    pub en: String,
    /// What is judged.
    pub items: Vec<Item>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    family: i64,
    version: u32,
    state: String,
    zh: String,
    en: String,
    items: String,
    created_at: i64,
    created_by: String,
    published_at: Option<i64>,
    published_by: Option<String>,
    signed: i64,
}

impl TryFrom<Row> for Scorecard {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id,
            family: row.family,
            version: row.version,
            is_published: row.state == "published",
            zh: row.zh,
            en: row.en,
            items: serde_json::from_str(&row.items).map_err(|why| Error::stored("scorecard.items", why))?,
            created_at: Wall::from_millis(row.created_at),
            created_by: row.created_by,
            published_at: row.published_at.map(Wall::from_millis),
            published_by: row.published_by,
            signed: row.signed,
        })
    }
}

macro_rules! selected {
    ($rest:literal) => {
        concat!(
            "select s.id, s.family, s.version, s.state, s.zh, s.en, s.items, s.created_at, s.created_by, s.published_at,
                s.published_by, (select count(*) from review r where r.scorecard_id = s.id and r.state = 'signed') as signed
             from scorecard s ",
            $rest
        )
    };
}

impl Reader {
    /// Every version of every scorecard, each scorecard's newest first.
    pub async fn scorecards(&self) -> Result<Vec<Scorecard>, Error> {
        let rows: Vec<Row> = sqlx::query_as(selected!("order by s.family, s.version desc limit 500"))
            .fetch_all(self.pool())
            .await?;
        rows.into_iter().map(Scorecard::try_from).collect()
    }

    /// One version.
    pub async fn scorecard(&self, id: i64) -> Result<Scorecard, Error> {
        let row: Option<Row> = sqlx::query_as(selected!("where s.id = $1"))
            .bind(id)
            .fetch_optional(self.pool())
            .await?;
        row.ok_or(Refused::NoScorecard { id })?.try_into()
    }

    /// The version that was published last: what calls are judged by if nothing else is said.
    pub async fn present_scorecard(&self) -> Result<Scorecard, Error> {
        let row: Option<Row> = sqlx::query_as(selected!(
            "where s.state = 'published' order by s.published_at desc, s.id desc limit 1"
        ))
        .fetch_optional(self.pool())
        .await?;
        row.ok_or(Refused::NoScorecard { id: 0 })?.try_into()
    }
}

impl Store {
    /// Sees to it that there is a scorecard: without any, the shipped one is there, published.
    pub async fn ship_scorecard(&self, now: Wall) -> Result<(), Error> {
        let any: bool = sqlx::query_scalar("select exists (select 1 from scorecard)")
            .fetch_one(self.reader().pool())
            .await?;
        if any { Ok(()) } else { self.write(Ship { now }).await }
    }

    /// Makes a draft; gives its row.
    pub async fn draft_scorecard(&self, draft: Draft, deed: Deed) -> Result<i64, Error> {
        self.write(Make { draft, deed }).await
    }

    /// Changes a draft.
    pub async fn change_scorecard(&self, id: i64, draft: Draft, deed: Deed) -> Result<(), Error> {
        self.write(Change { id, draft, deed }).await
    }

    /// Publishes a draft without faults.
    pub async fn publish_scorecard(&self, id: i64, deed: Deed) -> Result<(), Error> {
        self.write(Publish { id, deed }).await
    }

    /// Begins the next version of a scorecard as a copy; gives the row of the draft, which may have been there.
    pub async fn next_scorecard(&self, id: i64, deed: Deed) -> Result<i64, Error> {
        self.write(Next { id, deed }).await
    }

    /// Throws a draft away.
    pub async fn drop_scorecard(&self, id: i64, deed: Deed) -> Result<(), Error> {
        self.write(Drop { id, deed }).await
    }
}

fn json(items: &[Item]) -> Result<String, Error> {
    serde_json::to_string(items).map_err(|why| Error::Json {
        what: "scorecard.items",
        why: why.to_string(),
    })
}

pub(super) async fn one(db: &mut SqliteConnection, id: i64) -> Result<Scorecard, Error> {
    let row: Option<Row> = sqlx::query_as(selected!("where s.id = $1"))
        .bind(id)
        .fetch_optional(db)
        .await?;
    row.ok_or(Refused::NoScorecard { id })?.try_into()
}

async fn draft(db: &mut SqliteConnection, id: i64) -> Result<Scorecard, Error> {
    let card = one(db, id).await?;
    if card.is_published {
        return Err(Refused::Published.into());
    }
    Ok(card)
}

async fn insert(db: &mut SqliteConnection, family: Option<i64>, version: u32, draft: &Draft, by: (&str, Wall)) -> Result<i64, Error> {
    let id: i64 = sqlx::query_scalar(
        "insert into scorecard (id, family, version, zh, en, items, created_at, created_by)
         select n.id, coalesce($1, n.id), $2, $3, $4, $5, $6, $7 from (select coalesce(max(id), 0) + 1 as id from scorecard) n
         returning id",
    )
    .bind(family)
    .bind(version)
    .bind(&draft.zh)
    .bind(&draft.en)
    .bind(json(&draft.items)?)
    .bind(by.1.millis())
    .bind(by.0)
    .fetch_one(db)
    .await?;
    Ok(id)
}

async fn publish(db: &mut SqliteConnection, id: i64, by: (&str, Wall)) -> Result<(), Error> {
    sqlx::query("update scorecard set state = 'published', published_at = $2, published_by = $3 where id = $1")
        .bind(id)
        .bind(by.1.millis())
        .bind(by.0)
        .execute(db)
        .await?;
    Ok(())
}

struct Ship {
    now: Wall,
}

impl Write for Ship {
    type Answer = ();

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        let any: bool = sqlx::query_scalar("select exists (select 1 from scorecard)")
            .fetch_one(&mut *ledger.db)
            .await?;
        if any {
            return Ok(());
        }
        let shipped = Draft {
            zh: shipped::ZH.to_owned(),
            en: shipped::EN.to_owned(),
            items: shipped::items(),
        };
        let by = ("aftercall", self.now);
        let id = insert(&mut *ledger.db, None, 1, &shipped, by).await?;
        publish(&mut *ledger.db, id, by).await
    }
}

struct Make {
    draft: Draft,
    deed: Deed,
}

impl Write for Make {
    type Answer = i64;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<i64, Error> {
        let by = (self.deed.who.as_str(), self.deed.at);
        let id = insert(&mut *ledger.db, None, 1, &self.draft, by).await?;
        noted(ledger, &self.deed, id).await?;
        Ok(id)
    }
}

/// Writes down what was done to a scorecard, which may have its row only now.
async fn noted(ledger: &mut Ledger<'_>, deed: &Deed, id: i64) -> Result<(), Error> {
    let deed = Deed {
        object: Some(format!("scorecard:{id}")),
        ..deed.clone()
    };
    deed.run(ledger).await?;
    Ok(())
}

struct Change {
    id: i64,
    draft: Draft,
    deed: Deed,
}

impl Write for Change {
    type Answer = ();

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        draft(&mut *ledger.db, self.id).await?;
        sqlx::query("update scorecard set zh = $2, en = $3, items = $4 where id = $1")
            .bind(self.id)
            .bind(&self.draft.zh)
            .bind(&self.draft.en)
            .bind(json(&self.draft.items)?)
            .execute(&mut *ledger.db)
            .await?;
        noted(ledger, &self.deed, self.id).await
    }
}

struct Publish {
    id: i64,
    deed: Deed,
}

impl Write for Publish {
    type Answer = ();

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        let card = draft(&mut *ledger.db, self.id).await?;
        let faults = faults(&card.zh, &card.en, &card.items);
        if !faults.is_empty() {
            return Err(Refused::Faulty { faults }.into());
        }
        publish(&mut *ledger.db, self.id, (&self.deed.who, self.deed.at)).await?;
        noted(ledger, &self.deed, self.id).await
    }
}

struct Next {
    id: i64,
    deed: Deed,
}

impl Write for Next {
    type Answer = i64;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<i64, Error> {
        let card = one(&mut *ledger.db, self.id).await?;
        let (open, newest): (Option<i64>, u32) = sqlx::query_as(
            "select max(case when state = 'draft' then id end), max(version) from scorecard where family = $1",
        )
        .bind(card.family)
        .fetch_one(&mut *ledger.db)
        .await?;
        if let Some(open) = open {
            return Ok(open);
        }
        let copy = Draft {
            zh: card.zh,
            en: card.en,
            items: card.items,
        };
        let by = (self.deed.who.as_str(), self.deed.at);
        let id = insert(&mut *ledger.db, Some(card.family), newest.saturating_add(1), &copy, by).await?;
        noted(ledger, &self.deed, id).await?;
        Ok(id)
    }
}

struct Drop {
    id: i64,
    deed: Deed,
}

impl Write for Drop {
    type Answer = ();

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        draft(&mut *ledger.db, self.id).await?;
        sqlx::query("delete from scorecard where id = $1")
            .bind(self.id)
            .execute(&mut *ledger.db)
            .await?;
        noted(ledger, &self.deed, self.id).await
    }
}
