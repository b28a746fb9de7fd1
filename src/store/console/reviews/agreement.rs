//! Do we judge alike: Cohen's kappa over the calls that two people judged blind.
//!
//! Of an item, with `n` calls that both marked: `o` is the share of calls where they marked the same option, `e` the sum over the
//! options of the product of the shares with which each of the two marked it; kappa is `(o - e) / (1 - e)`. Over several items
//! the sums of `n o` and `n e` take the place of `o` and `e`. Where both only ever marked one option, kappa is not defined.

use std::collections::BTreeMap;

use sqlx::FromRow;

use crate::store::console::scorecards::Mark;
use crate::store::{Error, Reader};

/// Pairs that are looked at, the latest ones.
const PAIRS: i64 = 5_000;

/// Two signed reviews of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The first reviewer's account and name.
    pub first: (i64, String),
    /// The second's.
    pub second: (i64, String),
    /// What the first marked, by item.
    pub first_marks: BTreeMap<String, u32>,
    /// What the second marked.
    pub second_marks: BTreeMap<String, u32>,
}

/// A kappa with what it stands on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kappa {
    /// -1 to 1; none: not defined.
    pub kappa: Option<f64>,
    /// Calls that were judged twice.
    pub calls: u64,
    /// Marks that both gave.
    pub marks: u64,
    /// Of these, the equal ones.
    pub same: u64,
}

/// How alike an item is judged.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemAgreement {
    /// The item.
    pub item: String,
    /// How alike.
    pub kappa: Kappa,
}

/// How alike a reviewer judges to the others.
#[derive(Clone, Debug, PartialEq)]
pub struct ReviewerAgreement {
    /// The account.
    pub account: i64,
    /// The name.
    pub name: String,
    /// How alike; of this person's pairs.
    pub kappa: Kappa,
    /// Reviews that are signed.
    pub done: i64,
    /// Their mean score.
    pub mean: Option<f64>,
    /// How far the mean of the latest twenty lies from that of the ones before.
    pub drift: Option<f64>,
}

/// How alike we judge.
#[derive(Clone, Debug, PartialEq)]
pub struct Agreement {
    /// All of us.
    pub all: Kappa,
    /// By item.
    pub items: Vec<ItemAgreement>,
    /// By reviewer.
    pub reviewers: Vec<ReviewerAgreement>,
}

/// The counts of one item.
#[derive(Default)]
struct Table {
    n: u64,
    same: u64,
    one: BTreeMap<u32, u64>,
    other: BTreeMap<u32, u64>,
}

impl Table {
    fn add(&mut self, one: u32, other: u32) {
        self.n += 1;
        self.same += u64::from(one == other);
        *self.one.entry(one).or_default() += 1;
        *self.other.entry(other).or_default() += 1;
    }

    /// How many would be the same by chance.
    fn by_chance(&self) -> f64 {
        let product = |(option, n): (&u32, &u64)| *n as f64 * self.other.get(option).copied().unwrap_or(0) as f64;
        match self.n {
            0 => 0.0,
            n => self.one.iter().map(product).sum::<f64>() / n as f64,
        }
    }
}

fn pooled<'t>(calls: u64, tables: impl Iterator<Item = &'t Table> + Clone) -> Kappa {
    let marks: u64 = tables.clone().map(|table| table.n).sum();
    let same: u64 = tables.clone().map(|table| table.same).sum();
    let chance: f64 = tables.map(Table::by_chance).sum();
    let room = marks as f64 - chance;
    Kappa {
        kappa: (room > 1e-9).then(|| (same as f64 - chance) / room),
        calls,
        marks,
        same,
    }
}

/// Kappa over pairs, and by item; `turned` says which pairs are read with the second reviewer first.
pub fn kappa<'p>(pairs: impl Iterator<Item = (&'p Pair, bool)>) -> (Kappa, Vec<ItemAgreement>) {
    let mut tables: BTreeMap<&str, Table> = BTreeMap::new();
    let mut calls = 0;
    for (pair, turned) in pairs {
        calls += 1;
        for (item, first) in &pair.first_marks {
            let Some(second) = pair.second_marks.get(item) else {
                continue;
            };
            let (one, other) = if turned { (*second, *first) } else { (*first, *second) };
            tables.entry(item).or_default().add(one, other);
        }
    }
    let items = tables
        .iter()
        .map(|(item, table)| ItemAgreement {
            item: (*item).to_owned(),
            kappa: pooled(table.n, std::iter::once(table)),
        })
        .collect();
    (pooled(calls, tables.values()), items)
}

/// Everything about pairs; what the reviewers signed comes beside.
pub fn agreement(pairs: &[Pair], mut reviewers: Vec<ReviewerAgreement>) -> Agreement {
    let (all, items) = kappa(pairs.iter().map(|pair| (pair, false)));
    for reviewer in &mut reviewers {
        let own = |pair: &&Pair| pair.first.0 == reviewer.account || pair.second.0 == reviewer.account;
        let (kappa, _) = kappa(
            pairs
                .iter()
                .filter(own)
                .map(|pair| (pair, pair.second.0 == reviewer.account)),
        );
        reviewer.kappa = kappa;
    }
    Agreement { all, items, reviewers }
}

#[derive(FromRow)]
struct Row {
    first_id: i64,
    first: String,
    first_marks: String,
    second_id: i64,
    second: String,
    second_marks: String,
}

fn marks(text: &str) -> Result<BTreeMap<String, u32>, Error> {
    let marks: Vec<Mark> = serde_json::from_str(text).map_err(|why| Error::stored("review.marks", why))?;
    Ok(marks
        .into_iter()
        .filter_map(|mark| Some((mark.item, mark.option?)))
        .collect())
}

/// Account, name, signed reviews, their mean, and how far the latest twenty lie from the ones before.
type PersonRow = (i64, String, i64, Option<f64>, Option<f64>);

impl Reader {
    /// How alike calls are judged.
    pub async fn agreement(&self) -> Result<Agreement, Error> {
        let rows: Vec<Row> = sqlx::query_as(
            "select f.account_id as first_id, f.reviewer as first, f.marks as first_marks,
                s.account_id as second_id, s.reviewer as second, s.marks as second_marks
             from review s join review f on f.id = s.first_id
             where s.state = 'signed' and s.first_id is not null and f.state = 'signed'
             order by s.signed_at desc, s.id desc limit $1",
        )
        .bind(PAIRS)
        .fetch_all(self.pool())
        .await?;
        let pairs = rows
            .into_iter()
            .map(|row| {
                Ok(Pair {
                    first_marks: marks(&row.first_marks)?,
                    second_marks: marks(&row.second_marks)?,
                    first: (row.first_id, row.first),
                    second: (row.second_id, row.second),
                })
            })
            .collect::<Result<Vec<_>, Error>>()?;
        let people: Vec<PersonRow> = sqlx::query_as(
            "with numbered as (select account_id, reviewer, score,
                row_number() over (partition by account_id order by signed_at desc, id desc) as place
                from review where state = 'signed')
             select account_id, max(reviewer), count(*), avg(score),
                avg(case when place <= 20 then score end) - avg(case when place > 20 then score end)
             from numbered group by account_id order by max(reviewer), account_id",
        )
        .fetch_all(self.pool())
        .await?;
        let nothing = Kappa {
            kappa: None,
            calls: 0,
            marks: 0,
            same: 0,
        };
        let reviewers = people
            .into_iter()
            .map(|(account, name, done, mean, drift)| ReviewerAgreement {
                account,
                name,
                kappa: nothing,
                done,
                mean,
                drift,
            })
            .collect();
        Ok(agreement(&pairs, reviewers))
    }
}

#[cfg(test)]
mod tests {
    use super::{Pair, kappa};

    fn pair(one: u32, other: u32) -> Pair {
        Pair {
            first: (1, "周".into()),
            second: (2, "李".into()),
            first_marks: [("answers".to_owned(), one)].into(),
            second_marks: [("answers".to_owned(), other)].into(),
        }
    }

    /// Worked by hand: of 50 calls both said yes 20 times and no 15 times, 5 times only the first yes, 10 times only the second.
    /// o = 35/50 = 0.7; the first said yes 25/50, the second 30/50; e = 0.5 * 0.6 + 0.5 * 0.4 = 0.5; kappa = 0.2 / 0.5 = 0.4.
    #[test]
    fn kappa_is_what_a_hand_works_out() {
        let table = [(20, 0, 0), (5, 0, 1), (10, 1, 0), (15, 1, 1)];
        let pairs: Vec<Pair> = table
            .iter()
            .flat_map(|(n, one, other)| vec![pair(*one, *other); *n])
            .collect();
        let (all, items) = kappa(pairs.iter().map(|pair| (pair, false)));
        assert!((all.kappa.unwrap() - 0.4).abs() < 1e-9);
        assert_eq!((all.calls, all.marks, all.same), (50, 50, 35));
        assert_eq!(items.len(), 1);
        let (turned, _) = kappa(pairs.iter().map(|pair| (pair, true)));
        assert!((turned.kappa.unwrap() - 0.4).abs() < 1e-9);
    }

    #[test]
    fn kappa_is_not_defined_where_only_one_option_was_ever_marked() {
        let pairs = vec![pair(0, 0); 9];
        assert_eq!(kappa(pairs.iter().map(|pair| (pair, false))).0.kappa, None);
        assert_eq!(kappa(std::iter::empty()).0.kappa, None);
    }
}
