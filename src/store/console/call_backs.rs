//! The calls that came to us, for the people who look after them: who it was, what became of it, who has seen to it.

use crate::ids::{AttemptId, CaseId, PatientId};
use crate::moment::Wall;
use crate::phone::Number;
use crate::pii::mask_name;
use crate::store::job::{Ledger, Write};
use crate::store::{Error, Reader, Store, Visible};

/// What became of a call to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Became {
    /// It was refused.
    TurnedAway,
    /// It is up.
    UnderWay,
    /// An agent took it.
    Agent,
    /// The follow-up that was open went on in it.
    Questionnaire,
    /// A time for a call was chosen.
    Wish,
    /// A message was left.
    Message,
    /// The caller hung up, or chose nothing.
    Nothing,
}

/// A call to us; name and number masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallBackRow {
    /// Its row.
    pub id: i64,
    /// When it came.
    pub at: Wall,
    /// Over which trunk.
    pub trunk: String,
    /// The caller's number; none: it was withheld.
    pub number: Option<String>,
    /// The status that the caller got.
    pub status: u16,
    /// Whose number it is.
    pub patient: Option<PatientId>,
    /// The patient's name.
    pub name: Option<String>,
    /// How many other patients have the number.
    pub others: u32,
    /// What it is likely about.
    pub case: Option<CaseId>,
    /// That case's campaign.
    pub campaign: Option<String>,
    /// The attempt that it became.
    pub attempt: Option<AttemptId>,
    /// What became of it.
    pub became: Became,
    /// The time that was chosen.
    pub wish: Option<Wall>,
    /// How long the recording is, while it can be heard.
    pub recording_ms: Option<i64>,
    /// Who has seen to it, and when.
    pub seen: Option<(String, Wall)>,
}

/// The recording of a call to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallBackSound {
    /// Of which attempt.
    pub attempt: AttemptId,
    /// Its file, relative to the data folder.
    pub path: String,
    /// Its hash.
    pub sha256: String,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    at: Wall,
    trunk: String,
    digits: Option<String>,
    status: u16,
    patient_id: Option<i64>,
    name: Option<String>,
    others: u32,
    case_id: Option<i64>,
    campaign: Option<String>,
    attempt_id: Option<i64>,
    is_under_way: bool,
    by_agent: bool,
    is_about_case: bool,
    has_message: bool,
    wish: Option<i64>,
    recording_ms: Option<i64>,
    seen_by: Option<String>,
    seen_at: Option<Wall>,
}

/// `$1` the row before which the page begins, `$2` the only department, `$3` how many.
macro_rules! list {
    ($from:literal, $which:literal) => {
        concat!(
            "select b.id, b.at, b.trunk, b.digits, b.status, b.patient_id, p.name, b.others, b.case_id, m.name as campaign, b.attempt_id,
    coalesce(a.state = 'begun', 0) as is_under_way, a.account_id is not null as by_agent, a.case_id is not null as is_about_case,
    exists (select 1 from answer w where w.attempt_id = a.id and w.kind = 'value' and w.audio_from_ms is not null) as has_message,
    a.facts ->> '$.appointment' as wish, r.duration_ms as recording_ms, s.name as seen_by, b.seen_at
from ",
            $from,
            "
left join patient p on p.id = b.patient_id
left join cases c on c.id = b.case_id
left join encounter e on e.id = c.encounter_id
left join campaign m on m.id = c.campaign_id
left join attempt a on a.id = b.attempt_id
left join recording r on r.attempt_id = b.attempt_id and r.purged_at is null and r.missing_since is null
left join account s on s.id = b.seen_by
where b.id < $1 and ($2 is null or e.department = $2)",
            $which,
            " order by b.id desc limit $3"
        )
    };
}

/// All of them.
pub(in crate::store) const LIST: &str = list!("call_back b", "");

/// Those to whom nobody has seen. By their own index: left alone, SQLite reads the table, because its rows are in order.
pub(in crate::store) const UNSEEN: &str = list!("call_back b indexed by call_back_unseen", " and b.seen_at is null");

/// A message that a patient left.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct MessageRow {
    /// The row of its call.
    pub id: i64,
    /// When the call came.
    pub at: Wall,
    /// How long the recording is.
    pub recording_ms: i64,
    /// Who has seen to it.
    pub seen_by: Option<String>,
}

/// The messages of a patient that can be heard, the latest first.
pub(in crate::store) const MESSAGES: &str = "
select b.id, b.at, r.duration_ms as recording_ms, s.name as seen_by
from call_back b
join attempt a on a.id = b.attempt_id and a.case_id is null and a.state = 'ended'
join recording r on r.attempt_id = b.attempt_id and r.purged_at is null and r.missing_since is null
left join account s on s.id = b.seen_by
where b.patient_id = $1
    and exists (select 1 from answer w where w.attempt_id = a.id and w.kind = 'value' and w.audio_from_ms is not null)
order by b.id desc limit 5";

/// Calls in which a case went on are heard where all calls are; here are those that lead nowhere else. `$3`: who hears what is
/// the person's own alone: calls that he or she took, and those of the patient whose conversation he or she has in hand.
pub(in crate::store) const SOUND: &str = "
select b.attempt_id, r.path, r.sha256 from call_back b
join attempt a on a.id = b.attempt_id and a.case_id is null and a.state = 'ended'
join recording r on r.attempt_id = b.attempt_id and r.purged_at is null and r.missing_since is null
left join cases c on c.id = b.case_id
left join encounter e on e.id = c.encounter_id
where b.id = $1 and ($2 is null or e.department = $2)
    and ($3 is null or a.account_id = $3 or exists (select 1 from conversation v
        join cases h on h.id = v.case_id join encounter f on f.id = h.encounter_id
        where v.account_id = $3 and v.settled_at is null and f.patient_id = b.patient_id))";

/// The department that a reader is held to; none: everything is seen.
fn department(visible: &Visible) -> Option<Option<&str>> {
    match visible {
        Visible::All => Some(None),
        Visible::Department(own) => Some(Some(own)),
        Visible::Of(_) | Visible::Nothing => None,
    }
}

impl Reader {
    /// Calls to us before a row of the list, the latest first.
    pub async fn calls_to_us(
        &self,
        visible: &Visible,
        before: i64,
        which: Unseen,
        most: u32,
    ) -> Result<Vec<CallBackRow>, Error> {
        let Some(department) = department(visible) else {
            return Ok(Vec::new());
        };
        let rows: Vec<Row> = sqlx::query_as(which.query())
            .bind(before)
            .bind(department)
            .bind(most)
            .fetch_all(self.pool())
            .await?;
        rows.into_iter().map(Row::record).collect()
    }

    /// The latest messages of a patient, five at most.
    pub async fn messages_of(&self, patient: PatientId) -> Result<Vec<MessageRow>, Error> {
        Ok(sqlx::query_as(MESSAGES).bind(patient.0).fetch_all(self.pool()).await?)
    }

    /// The recording of a call to us in which no case went on.
    pub async fn call_back_sound(&self, visible: &Visible, id: i64) -> Result<Option<CallBackSound>, Error> {
        let (department, taken_by) = match visible {
            Visible::All => (None, None),
            Visible::Department(own) => (Some(own), None),
            Visible::Of(own) => (None, Some(*own)),
            Visible::Nothing => return Ok(None),
        };
        let row: Option<(i64, String, String)> = sqlx::query_as(SOUND)
            .bind(id)
            .bind(department)
            .bind(taken_by)
            .fetch_optional(self.pool())
            .await?;
        Ok(row.map(|(attempt, path, sha256)| CallBackSound {
            attempt: AttemptId(attempt),
            path,
            sha256,
        }))
    }
}

/// Which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unseen {
    /// Those to whom nobody has seen.
    Only,
    /// All.
    AndSeen,
}

impl Unseen {
    const fn query(self) -> &'static str {
        match self {
            Self::Only => UNSEEN,
            Self::AndSeen => LIST,
        }
    }
}

impl Row {
    fn record(self) -> Result<CallBackRow, Error> {
        let number = self.digits.as_deref().map(Number::parse).transpose();
        let number = number.map_err(|why| Error::stored("call_back.digits", why))?;
        let became = match (self.attempt_id, self.is_under_way) {
            (None, _) => Became::TurnedAway,
            (Some(_), true) => Became::UnderWay,
            (Some(_), false) if self.by_agent => Became::Agent,
            (Some(_), false) if self.is_about_case => Became::Questionnaire,
            (Some(_), false) if self.has_message => Became::Message,
            (Some(_), false) if self.wish.is_some() => Became::Wish,
            (Some(_), false) => Became::Nothing,
        };
        Ok(CallBackRow {
            id: self.id,
            at: self.at,
            trunk: self.trunk,
            number: number.as_ref().map(Number::masked),
            status: self.status,
            patient: self.patient_id.map(PatientId),
            name: self.name.as_deref().map(mask_name),
            others: self.others,
            case: self.case_id.map(CaseId),
            campaign: self.campaign,
            attempt: self.attempt_id.map(AttemptId),
            became,
            wish: self.wish.map(Wall::from_millis),
            recording_ms: self.recording_ms,
            seen: self.seen_by.zip(self.seen_at),
        })
    }
}

struct See {
    id: i64,
    account: i64,
    department: Option<String>,
    at: Wall,
}

impl Write for See {
    type Answer = bool;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<bool, Error> {
        let seen = sqlx::query(
            "update call_back set seen_by = coalesce(seen_by, $2), seen_at = coalesce(seen_at, $3)
             where id = $1 and ($4 is null or exists (select 1 from cases c join encounter e on e.id = c.encounter_id
                where c.id = call_back.case_id and e.department = $4))",
        )
        .bind(self.id)
        .bind(self.account)
        .bind(self.at.millis())
        .bind(&self.department)
        .execute(&mut *ledger.db)
        .await?;
        Ok(seen.rows_affected() == 1)
    }
}

impl Store {
    /// Somebody has seen to a call; whether there is such a call. Who was first stays.
    pub async fn see_to_call(&self, visible: &Visible, id: i64, account: i64, at: Wall) -> Result<bool, Error> {
        let Some(department) = department(visible) else {
            return Ok(false);
        };
        let department = department.map(str::to_owned);
        let see = See {
            id,
            account,
            department,
            at,
        };
        self.write(see).await
    }
}
