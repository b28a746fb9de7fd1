//! Tickets: problems that a follow-up found, for the departments that look into them; what was done about each.

use crate::ids::AgentId;
use crate::moment::Wall;
use crate::pii::mask_name;
use crate::store::console::Visible;
use crate::store::job::{Ledger, Write};
use crate::store::{Error, Reader, Store};

/// A ticket in the list; the name masked.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct TicketListed {
    /// Its row.
    pub id: i64,
    /// The patient.
    pub patient_id: i64,
    /// The patient's name, masked.
    pub name: Option<String>,
    /// The campaign of the follow-up.
    pub campaign: String,
    /// The call in which it was opened.
    pub attempt_id: Option<i64>,
    /// For whom.
    pub department: String,
    /// What is the matter.
    pub text: String,
    /// By when it is to be looked into.
    pub due_at: Wall,
    /// `open`, `in_hand` or `closed`.
    pub state: String,
    /// When it was opened.
    pub opened_at: Wall,
    /// By whom, and that account.
    pub opened_by: String,
    /// That account.
    pub opened_by_id: i64,
    /// What was done about it.
    pub result: Option<String>,
    /// When its state changed last.
    pub changed_at: Option<Wall>,
    /// By whom.
    pub changed_by: Option<String>,
}

/// What becomes of a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TicketTurn {
    /// Somebody looks into it.
    InHand,
    /// It is done.
    Closed {
        /// What was done.
        result: String,
    },
}

/// A ticket that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketChange {
    /// Which.
    pub id: i64,
    /// What becomes of it.
    pub turn: TicketTurn,
    /// Who does it.
    pub by: AgentId,
    /// When.
    pub at: Wall,
}

/// The tickets of a state, `$1`, the most urgent first, those after a time and a row, `$2` and `$3`; `$4` how many, `$5` whose.
macro_rules! page {
    ($whose:literal) => {
        concat!(
            "select t.id, p.id as patient_id, p.name, m.name as campaign, v.attempt_id, t.department, t.text, t.due_at, t.state,
    t.opened_at, w.name as opened_by, t.opened_by as opened_by_id, t.result, t.changed_at, k.name as changed_by
from ticket t
cross join cases c on c.id = t.case_id
cross join encounter e on e.id = c.encounter_id
cross join patient p on p.id = e.patient_id
cross join campaign m on m.id = c.campaign_id
cross join account w on w.id = t.opened_by
left join conversation v on v.id = t.conversation_id
left join account k on k.id = t.changed_by
where t.state = $1 and (t.due_at, t.id) > ($2, $3)",
            $whose,
            " order by t.due_at, t.id limit $4"
        )
    };
}

/// All of them.
pub(in crate::store) const PAGE: &str = page!("");
/// Those of a department.
pub(in crate::store) const OF_DEPARTMENT: &str = page!(" and t.department = $5");
/// Those that an account opened.
pub(in crate::store) const OF_ACCOUNT: &str = page!(" and t.opened_by = $5");

impl Reader {
    /// The tickets of a state that may be seen, the most urgent first, those after a time and a row.
    pub async fn tickets(
        &self,
        visible: &Visible,
        state: &str,
        after: (Wall, i64),
        rows: u32,
    ) -> Result<Vec<TicketListed>, Error> {
        let page = |sql: &'static str| {
            sqlx::query_as(sql)
                .bind(state)
                .bind(after.0.millis())
                .bind(after.1)
                .bind(rows)
        };
        let page = match visible {
            Visible::All => page(PAGE),
            Visible::Department(own) => page(OF_DEPARTMENT).bind(own),
            Visible::Of(own) => page(OF_ACCOUNT).bind(own),
            Visible::Nothing => return Ok(Vec::new()),
        };
        let found: Vec<TicketListed> = page.fetch_all(self.pool()).await?;
        let masked = |row: TicketListed| TicketListed {
            name: row.name.as_deref().map(mask_name),
            ..row
        };
        Ok(found.into_iter().map(masked).collect())
    }

    /// For which department a ticket is, and who opened it; none if there is no such ticket.
    pub async fn ticket_owner(&self, id: i64) -> Result<Option<(String, i64)>, Error> {
        Ok(sqlx::query_as("select department, opened_by from ticket where id = $1")
            .bind(id)
            .fetch_optional(self.pool())
            .await?)
    }
}

impl Store {
    /// Changes a ticket; false: it is closed already, and stays as it is.
    pub async fn change_ticket(&self, change: TicketChange) -> Result<bool, Error> {
        self.write(change).await
    }
}

impl Write for TicketChange {
    type Answer = bool;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<bool, Error> {
        let (state, result) = match &self.turn {
            TicketTurn::InHand => ("in_hand", None),
            TicketTurn::Closed { result } => ("closed", Some(result.as_str())),
        };
        let changed = sqlx::query(
            "update ticket set state = $2, result = $3, changed_at = $4, changed_by = $5 where id = $1 and state <> 'closed'",
        )
        .bind(self.id)
        .bind(state)
        .bind(result)
        .bind(self.at.millis())
        .bind(self.by.0)
        .execute(&mut *ledger.db)
        .await?;
        Ok(changed.rows_affected() == 1)
    }
}
