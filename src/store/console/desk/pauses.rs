//! Why agents pause: the reasons that they choose from, kept by supervisors and administrators. None is ever deleted, because what
//! agents did names them; each change goes with its row in the audit log.

use serde::Serialize;

use crate::moment::Wall;
use crate::store::console::audit::Deed;
use crate::store::job::{Ledger, Write};
use crate::store::{Error, Reader, Store};

/// So many reasons there are at most, retired ones and all.
const MOST: usize = 100;

/// Why one may pause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct PauseReasonRow {
    /// The word that is kept.
    pub id: String,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
    /// Since when nobody chooses it any more.
    pub retired_at: Option<Wall>,
}

impl PauseReasonRow {
    /// Whether agents choose from it.
    pub const fn is_offered(&self) -> bool {
        self.retired_at.is_none()
    }
}

/// A reason in both languages, as it is to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PauseWords {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// What becomes of the reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PauseReasonChange {
    /// There is one more, the last in the order.
    Add(PauseWords),
    /// It is called otherwise from now on, also where it was chosen before.
    Rename {
        /// Which.
        id: String,
        /// How.
        words: PauseWords,
    },
    /// It is offered no more; whoever pauses for it goes on.
    Retire {
        /// Which.
        id: String,
    },
    /// It is offered again.
    Restore {
        /// Which.
        id: String,
    },
    /// They are offered in this order.
    Order {
        /// Each that is offered, once.
        ids: Vec<String>,
    },
}

/// Whether it was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PauseReasonChanged {
    /// It was.
    Done,
    /// There is no such reason.
    NoReason,
    /// Another one that is offered is called so already.
    NameTaken,
    /// It is the last one that is offered.
    LastOne,
    /// There are a hundred already.
    TooMany,
    /// The order does not name each one that is offered once: somebody else has changed them.
    OtherOnes,
}

/// Those that are offered in their order, then the retired ones.
const ALL: &str = "select id, zh, en, retired_at from pause_reason order by retired_at is not null, rank, id limit 100";

impl Reader {
    /// Why one may pause, in the order of screens; retired reasons come last.
    pub async fn pause_reasons(&self) -> Result<Vec<PauseReasonRow>, Error> {
        Ok(sqlx::query_as(ALL).fetch_all(self.pool()).await?)
    }
}

impl Store {
    /// Changes the reasons of a pause and writes down who did it, with all of them as they were and as they are.
    pub async fn change_pause_reasons(
        &self,
        change: PauseReasonChange,
        deed: Deed,
    ) -> Result<PauseReasonChanged, Error> {
        self.write(Change { change, deed }).await
    }
}

struct Change {
    change: PauseReasonChange,
    deed: Deed,
}

impl Write for Change {
    type Answer = PauseReasonChanged;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<PauseReasonChanged, Error> {
        let before: Vec<PauseReasonRow> = sqlx::query_as(ALL).fetch_all(&mut *ledger.db).await?;
        if let Some(why_not) = refused(&before, &self.change) {
            return Ok(why_not);
        }
        let id = match &self.change {
            PauseReasonChange::Add(words) => {
                let id = new_id(&before);
                sqlx::query(
                    "insert into pause_reason (id, zh, en, rank)
                     select $1, $2, $3, coalesce(max(rank), 0) + 1 from pause_reason",
                )
                .bind(&id)
                .bind(&words.zh)
                .bind(&words.en)
                .execute(&mut *ledger.db)
                .await?;
                Some(id)
            }
            PauseReasonChange::Rename { id, words } => {
                sqlx::query("update pause_reason set zh = $2, en = $3 where id = $1")
                    .bind(id)
                    .bind(&words.zh)
                    .bind(&words.en)
                    .execute(&mut *ledger.db)
                    .await?;
                Some(id.clone())
            }
            PauseReasonChange::Retire { id } => {
                sqlx::query("update pause_reason set retired_at = coalesce(retired_at, $2) where id = $1")
                    .bind(id)
                    .bind(self.deed.at.millis())
                    .execute(&mut *ledger.db)
                    .await?;
                Some(id.clone())
            }
            PauseReasonChange::Restore { id } => {
                sqlx::query(
                    "update pause_reason set retired_at = null, rank = (select max(rank) from pause_reason) + 1
                     where id = $1 and retired_at is not null",
                )
                .bind(id)
                .execute(&mut *ledger.db)
                .await?;
                Some(id.clone())
            }
            PauseReasonChange::Order { ids } => {
                sqlx::query(
                    "update pause_reason set rank = j.key + 1 from json_each($1) j where pause_reason.id = j.value",
                )
                .bind(serde_json::json!(ids).to_string())
                .execute(&mut *ledger.db)
                .await?;
                None
            }
        };
        let after: Vec<PauseReasonRow> = sqlx::query_as(ALL).fetch_all(&mut *ledger.db).await?;
        let deed = Deed {
            object: id.map(|id| format!("pause_reason:{id}")),
            detail: Some(serde_json::json!({ "before": before, "after": after })),
            ..self.deed.clone()
        };
        deed.run(ledger).await?;
        Ok(PauseReasonChanged::Done)
    }
}

/// Why a change is not made; none: it is.
fn refused(present: &[PauseReasonRow], change: &PauseReasonChange) -> Option<PauseReasonChanged> {
    let known = |id: &str| present.iter().find(|row| row.id == id);
    let is_taken = |words: &PauseWords, but: Option<&str>| {
        let others = present
            .iter()
            .filter(|row| row.is_offered() && Some(row.id.as_str()) != but);
        others.into_iter().any(|row| row.zh == words.zh || row.en == words.en)
    };
    match change {
        PauseReasonChange::Add(_) if present.len() >= MOST => Some(PauseReasonChanged::TooMany),
        PauseReasonChange::Add(words) => is_taken(words, None).then_some(PauseReasonChanged::NameTaken),
        PauseReasonChange::Rename { id, words } => match known(id) {
            None => Some(PauseReasonChanged::NoReason),
            Some(_) => is_taken(words, Some(id)).then_some(PauseReasonChanged::NameTaken),
        },
        PauseReasonChange::Retire { id } => {
            let Some(row) = known(id) else {
                return Some(PauseReasonChanged::NoReason);
            };
            let offered = present.iter().filter(|row| row.is_offered()).count();
            (row.is_offered() && offered == 1).then_some(PauseReasonChanged::LastOne)
        }
        PauseReasonChange::Restore { id } => {
            let Some(row) = known(id) else {
                return Some(PauseReasonChanged::NoReason);
            };
            let words = PauseWords {
                zh: row.zh.clone(),
                en: row.en.clone(),
            };
            is_taken(&words, Some(id)).then_some(PauseReasonChanged::NameTaken)
        }
        PauseReasonChange::Order { ids } => {
            let offered = present.iter().filter(|row| row.is_offered());
            let mut offered: Vec<&str> = offered.map(|row| row.id.as_str()).collect();
            let mut asked: Vec<&str> = ids.iter().map(String::as_str).collect();
            offered.sort_unstable();
            asked.sort_unstable();
            (asked != offered).then_some(PauseReasonChanged::OtherOnes)
        }
    }
}

/// The word of a reason that a hospital adds: its own ones are numbered, since what it is called may change.
fn new_id(present: &[PauseReasonRow]) -> String {
    let mut number = present.len() + 1;
    loop {
        let id = format!("own_{number}");
        if present.iter().all(|row| row.id != id) {
            return id;
        }
        number += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::{PauseReasonChange, PauseReasonChanged, PauseReasonRow, PauseWords, new_id, refused};
    use crate::moment::Wall;

    fn row(id: &str, zh: &str, en: &str, retired: bool) -> PauseReasonRow {
        PauseReasonRow {
            id: id.to_owned(),
            zh: zh.to_owned(),
            en: en.to_owned(),
            retired_at: retired.then_some(Wall::from_millis(7)),
        }
    }

    fn words(zh: &str, en: &str) -> PauseWords {
        PauseWords {
            zh: zh.to_owned(),
            en: en.to_owned(),
        }
    }

    #[test]
    fn a_name_is_taken_by_what_is_offered_alone() {
        let present = [row("rest", "小休", "Break", false), row("meal", "用餐", "Meal", true)];
        let add = |zh, en| refused(&present, &PauseReasonChange::Add(words(zh, en)));
        assert_eq!(add("小休", "Pause"), Some(PauseReasonChanged::NameTaken));
        assert_eq!(add("休息", "Break"), Some(PauseReasonChanged::NameTaken));
        assert_eq!(add("用餐", "Meal"), None);
        let rename = |id: &str, zh, en| {
            let change = PauseReasonChange::Rename {
                id: id.to_owned(),
                words: words(zh, en),
            };
            refused(&present, &change)
        };
        assert_eq!(rename("rest", "小休", "Short break"), None, "its own name");
        assert_eq!(rename("tea", "喝茶", "Tea"), Some(PauseReasonChanged::NoReason));
    }

    #[test]
    fn the_last_reason_stays_and_an_order_names_each_once() {
        let present = [row("rest", "小休", "Break", false), row("meal", "用餐", "Meal", true)];
        let retire = |id: &str| refused(&present, &PauseReasonChange::Retire { id: id.to_owned() });
        assert_eq!(retire("rest"), Some(PauseReasonChanged::LastOne));
        assert_eq!(retire("meal"), None, "twice does nothing");
        let order = |ids: &[&str]| {
            let ids = ids.iter().map(|id| (*id).to_owned()).collect();
            refused(&present, &PauseReasonChange::Order { ids })
        };
        assert_eq!(order(&["rest"]), None);
        for wrong in [&["rest", "meal"][..], &["rest", "rest"], &[]] {
            assert_eq!(order(wrong), Some(PauseReasonChanged::OtherOnes), "{wrong:?}");
        }
        assert_eq!(new_id(&present), "own_3");
        assert_eq!(new_id(&[row("own_2", "茶", "Tea", false)]), "own_3");
    }
}
