//! By which index calls are found, and the statements that look along it.

use sqlx::{QueryBuilder, Sqlite};

use super::{After, CallFilter, CallOrder};
use crate::moment::Wall;
use crate::outcome::Disposition;
use crate::store::console::Visible;

/// By which index the rows are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Encounter,
    LastFour,
    Flag,
    Account,
    Review,
    Doctor,
    Department,
    Campaign,
    Disposition,
    All,
}

/// Which conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Those by which the rows are found.
    Own,
    /// Those that a row has to fit besides.
    Rest,
    /// All of them.
    Whole,
}

impl Way {
    /// Whether an index has the rows of this way in an order.
    pub(super) const fn has(self, order: CallOrder) -> bool {
        match (order, self) {
            (CallOrder::Newest, _)
            | (CallOrder::LowestScore, Self::Doctor | Self::Department | Self::Campaign | Self::All) => true,
            (
                CallOrder::LowestScore,
                Self::Encounter | Self::LastFour | Self::Flag | Self::Account | Self::Review | Self::Disposition,
            ) => false,
        }
    }

    /// Where its rows come from.
    pub(super) const fn source(self) -> &'static str {
        match self {
            Self::Flag => "call_flag f cross join replay l on l.attempt_id = f.attempt_id",
            Self::Encounter
            | Self::LastFour
            | Self::Account
            | Self::Review
            | Self::Doctor
            | Self::Department
            | Self::Campaign
            | Self::Disposition
            | Self::All => "replay l",
        }
    }

    /// What stands for the row, and what it is sorted by.
    const fn columns(self, order: CallOrder) -> (&'static str, &'static str) {
        match (order, self) {
            (CallOrder::Newest, Self::Flag) => ("f.attempt_id", "f.at"),
            (CallOrder::Newest, _) => ("l.attempt_id", "l.at"),
            (CallOrder::LowestScore, _) => ("l.attempt_id", "l.lowest"),
        }
    }
}

impl CallFilter {
    /// The narrowest way to the rows.
    pub(super) fn way(&self, visible: &Visible, order: CallOrder) -> Way {
        let of_department = self.department.is_some() || matches!(visible, Visible::Department(_));
        if self.visit_no.is_some() {
            Way::Encounter
        } else if self.last_four.is_some() {
            Way::LastFour
        } else if self.account.is_some() || matches!(visible, Visible::Of(_)) {
            Way::Account
        } else if self.flag.is_some() {
            Way::Flag
        } else if self.review.as_deref().is_some_and(|review| review != "none") {
            Way::Review
        } else if self.doctor.is_some() {
            Way::Doctor
        } else if of_department {
            Way::Department
        } else if self.campaign.is_some() {
            Way::Campaign
        } else if self.is_of_few(order) {
            Way::Disposition
        } else {
            Way::All
        }
    }

    /// The narrowest way of those by which an index has the order of points.
    pub(super) fn sorted_way(&self, visible: &Visible) -> Way {
        if self.doctor.is_some() {
            Way::Doctor
        } else if self.department.is_some() || matches!(visible, Visible::Department(_)) {
            Way::Department
        } else if self.campaign.is_some() {
            Way::Campaign
        } else {
            Way::All
        }
    }

    /// Whether the dispositions lead to the rows best: one of them in the order of time; in the order of points those under
    /// which hardly anybody has answered.
    fn is_of_few(&self, order: CallOrder) -> bool {
        let has_answers = [Disposition::Completed, Disposition::Partial];
        match order {
            CallOrder::Newest => self.dispositions.len() == 1,
            CallOrder::LowestScore => {
                !self.dispositions.is_empty() && !has_answers.iter().any(|one| self.dispositions.contains(one))
            }
        }
    }

    /// Whether the counts beside the filters say how many there are.
    pub(super) const fn is_counted(&self) -> bool {
        self.from.is_none()
            && self.before.is_none()
            && self.score_at_most.is_none()
            && self.score_at_least.is_none()
            && self.flag.is_none()
            && self.account.is_none()
            && self.at_least_ms.is_none()
            && self.at_most_ms.is_none()
            && self.review.is_none()
            && self.visit_no.is_none()
            && self.last_four.is_none()
    }

    fn names(&self) -> String {
        let words: Vec<String> = self
            .dispositions
            .iter()
            .map(|one| format!("\"{}\"", one.as_str()))
            .collect();
        format!("[{}]", words.join(","))
    }

    /// Adds the conditions of a part and tells how many. A column that is not the way's own has a `+`, so that its index is
    /// not taken.
    pub(super) fn conditions(
        &self,
        sql: &mut QueryBuilder<Sqlite>,
        visible: &Visible,
        (way, order): (Way, CallOrder),
        part: Part,
    ) -> usize {
        let mut added = 0;
        let mut wanted = |is_own: bool| {
            let is_wanted = match part {
                Part::Own => is_own,
                Part::Rest => !is_own,
                Part::Whole => true,
            };
            added += usize::from(is_wanted);
            is_wanted.then_some(if is_own { "" } else { "+" })
        };
        match visible {
            Visible::All => {}
            Visible::Department(department) => {
                if let Some(plus) = wanted(way == Way::Department) {
                    sql.push(format_args!(" and {plus}l.department = "));
                    sql.push_bind(department.clone());
                }
            }
            Visible::Of(account) => {
                if let Some(plus) = wanted(way == Way::Account) {
                    sql.push(format_args!(" and {plus}l.account_id = "));
                    sql.push_bind(*account);
                }
            }
            Visible::Nothing => {
                if wanted(true).is_some() {
                    sql.push(" and false");
                }
            }
        }
        if let Some(visit_no) = &self.visit_no
            && let Some(plus) = wanted(way == Way::Encounter)
        {
            sql.push(format_args!(
                " and {plus}l.encounter_id = (select e.id from encounter e where e.visit_no = "
            ));
            sql.push_bind(visit_no.clone());
            sql.push(")");
        }
        let texts = [
            (&self.last_four, "l.last_four", Way::LastFour),
            (&self.review, "l.review", Way::Review),
            (&self.doctor, "l.doctor", Way::Doctor),
            (&self.department, "l.department", Way::Department),
        ];
        for (value, column, mine) in texts {
            if let Some(value) = value
                && let Some(plus) = wanted(way == mine)
            {
                sql.push(format_args!(" and {plus}{column} = "));
                sql.push_bind(value.clone());
            }
        }
        if way == Way::Review && wanted(true).is_some() {
            sql.push(" and l.review <> 'none'");
        }
        let is_by_points = order == CallOrder::LowestScore && way.has(order);
        let is_by_time = order == CallOrder::Newest;
        let (_, at) = way.columns(CallOrder::Newest);
        let numbers = [
            (
                self.campaign.map(|campaign| campaign.0),
                "l.campaign_id",
                way == Way::Campaign,
                "=",
            ),
            (self.account, "l.account_id", way == Way::Account, "="),
            (self.score_at_most.map(i64::from), "l.lowest", is_by_points, "<="),
            (self.score_at_least.map(i64::from), "l.lowest", is_by_points, ">="),
            (self.at_least_ms, "l.length_ms", false, ">="),
            (self.at_most_ms, "l.length_ms", false, "<="),
            (self.from.map(Wall::millis), at, is_by_time, ">="),
            (self.before.map(Wall::millis), at, is_by_time, "<"),
        ];
        for (value, column, is_own, compared) in numbers {
            if let Some(value) = value
                && let Some(plus) = wanted(is_own)
            {
                sql.push(format_args!(" and {plus}{column} {compared} "));
                sql.push_bind(value);
            }
        }
        match self.dispositions.as_slice() {
            [] => {}
            [only] => {
                if let Some(plus) = wanted(way == Way::Disposition) {
                    sql.push(format_args!(" and {plus}l.disposition = "));
                    sql.push_bind(only.as_str());
                }
            }
            [_, _, ..] => {
                if let Some(plus) = wanted(way == Way::Disposition) {
                    sql.push(format_args!(
                        " and {plus}l.disposition in (select k.value from json_each("
                    ));
                    sql.push_bind(self.names());
                    sql.push(") k)");
                }
            }
        }
        if let Some(flag) = &self.flag
            && wanted(way == Way::Flag).is_some()
        {
            if way == Way::Flag {
                sql.push(" and f.flag = ");
                sql.push_bind(flag.clone());
            } else {
                sql.push(" and exists (select 1 from call_flag f where f.attempt_id = l.attempt_id and f.flag = ");
                sql.push_bind(flag.clone());
                sql.push(")");
            }
        }
        added
    }

    /// Adds what lies behind the last row of the page before.
    fn behind(sql: &mut QueryBuilder<Sqlite>, (way, order): (Way, CallOrder), after: Option<After>) {
        let (id, at) = way.columns(order);
        match (order, after) {
            (CallOrder::Newest, Some(After { key, id: last })) => {
                sql.push(format_args!(" and ({at}, {id}) < ("));
                sql.push_bind(key).push(", ").push_bind(last).push(")");
            }
            (CallOrder::LowestScore, Some(After { key, id: last })) => {
                sql.push(" and l.lowest is not null and l.lowest >= ").push_bind(key);
                sql.push(" and (l.lowest > ").push_bind(key);
                sql.push(" or l.attempt_id < ").push_bind(last).push(")");
            }
            (CallOrder::LowestScore, None) => {
                sql.push(" and l.lowest is not null");
            }
            (CallOrder::Newest, None) => {}
        }
        match order {
            CallOrder::Newest => sql.push(format_args!(" order by {at} desc, {id} desc limit ")),
            CallOrder::LowestScore => sql.push(" order by l.lowest, l.attempt_id desc limit "),
        };
    }

    /// The next rows of an index, so many of them: each with whether it fits.
    pub(super) fn looked_at(
        &self,
        sql: &mut QueryBuilder<Sqlite>,
        visible: &Visible,
        walk: (Way, CallOrder),
        after: Option<After>,
        look: i64,
    ) {
        let (way, order) = walk;
        let (id, key) = way.columns(order);
        sql.push(format_args!("select {id} as id, {key} as key, (true"));
        self.conditions(sql, visible, walk, Part::Rest);
        sql.push(format_args!(") as fits from {} where true", way.source()));
        self.conditions(sql, visible, walk, Part::Own);
        Self::behind(sql, walk, after);
        sql.push_bind(look);
    }

    /// Of the next rows of an index those that fit, and behind them the last one that was looked at, with how many were.
    pub(super) fn stretch(
        &self,
        visible: &Visible,
        walk: (Way, CallOrder),
        after: Option<After>,
        look: i64,
    ) -> QueryBuilder<Sqlite> {
        let mut sql = QueryBuilder::new("with looked as materialized (");
        self.looked_at(&mut sql, visible, walk, after, look);
        let last = match walk.1 {
            CallOrder::Newest => "key, id",
            CallOrder::LowestScore => "key desc, id",
        };
        sql.push(format_args!(
            ") select id, key, 0 as looked from looked where fits
            union all select * from (
                select id, key, (select count(*) from looked) from looked order by {last} limit 1)"
        ));
        sql
    }

    /// All rows of a narrow way, sorted.
    pub(super) fn sorted(
        &self,
        visible: &Visible,
        walk: (Way, CallOrder),
        after: Option<After>,
        rows: i64,
    ) -> QueryBuilder<Sqlite> {
        let (way, order) = walk;
        let (id, key) = way.columns(order);
        let mut sql = QueryBuilder::new(format!("select {id}, {key}, 0 from {} where true", way.source()));
        self.conditions(&mut sql, visible, walk, Part::Whole);
        Self::behind(&mut sql, walk, after);
        sql.push_bind(rows);
        sql
    }
}
