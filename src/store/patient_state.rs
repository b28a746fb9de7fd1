//! Patients as people ask about them, and the states that stop follow-ups: set, cleared, and what was held for one looked
//! at again at once.

use serde::{Deserialize, Serialize};

use crate::dialer::{Outcome, PatientState};
use crate::ids::{CampaignId, CaseId, PatientId};
use crate::moment::Wall;
use crate::outcome::Disposition;
use crate::phone::Number;
use crate::pii::mask_name;

use super::finish::{disposition_of, outcome_of};
use super::hold::patient_known_by;
use super::job::{Ledger, Write};
use super::{Error, Reader, Store};

/// A patient as it is shown: name and numbers masked.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PatientRecord {
    /// Its row.
    #[serde(skip)]
    pub id: PatientId,
    /// The patient's number.
    pub patient_no: Option<String>,
    /// The name, masked.
    pub name: Option<String>,
    /// When everything that leads to the person was taken out.
    pub erased_at: Option<Wall>,
    /// The telephone numbers in their rank.
    pub numbers: Vec<PatientNumber>,
    /// The states that hold, and with [`Reader::patient`] those that ended.
    pub states: Vec<PatientStateRecord>,
    /// The follow-ups, the latest first, at most 200.
    pub cases: Vec<PatientCase>,
    /// Attempts over all follow-ups.
    pub attempts: u64,
}

/// A telephone number of a patient.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PatientNumber {
    /// Masked.
    pub number: String,
    /// Its place in the order of calling, from 0.
    pub rank: u32,
    /// `self`, `kin`, or unknown.
    pub owner: Option<String>,
    /// The owner's relation to the patient.
    pub relation: Option<String>,
    /// `ok`, `suspect`, `vacant`, `suspended`, `wrong`.
    pub state: String,
    /// At which levels it is on the do-not-call list.
    pub listed: Option<String>,
}

/// A state of a patient.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PatientStateRecord {
    /// `deceased`, `readmitted`, `transferred`, `complaint_open`.
    pub state: String,
    /// The users' word.
    pub words: String,
    /// Whether it holds now.
    pub holds: bool,
    /// Since when; none for what a list said.
    pub since: Option<Wall>,
    /// Until when; none: until somebody clears it.
    pub until: Option<Wall>,
    /// Where it comes from.
    pub source: String,
    /// Who set it.
    pub who: Option<String>,
    /// Who cleared it.
    pub ended_by: Option<String>,
}

/// A follow-up of a patient.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PatientCase {
    /// The case.
    pub case: CaseId,
    /// Its campaign.
    pub campaign: String,
    /// The visit.
    pub visit_no: String,
    /// When it became due.
    pub due: Wall,
    /// Not tried before then.
    pub next_at: Wall,
    /// The time that the patient asked for.
    pub appointment: Option<Wall>,
    /// How it ended; none while it is open.
    pub outcome: Option<Outcome>,
    /// Attempts.
    pub attempts: u32,
    /// How the last one ended.
    pub last: Option<Disposition>,
}

/// A state that was set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateSet {
    /// It did not hold before.
    pub is_new: bool,
    /// Open follow-ups: the next claim sees the state.
    pub open_cases: u64,
    /// Calls that are up right now: these go on.
    pub calls: u64,
}

/// A state that was cleared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateCleared {
    /// It had held.
    pub held: bool,
    /// Follow-ups that waited for it, and are looked at again now: how many.
    pub woken: u64,
    /// Their campaigns.
    pub campaigns: Vec<CampaignId>,
    /// Follow-ups that it had closed: these stay closed.
    pub closed: u64,
}

#[derive(sqlx::FromRow)]
struct HeadRow {
    patient_no: Option<String>,
    name: Option<String>,
    deceased: bool,
    erased_at: Option<i64>,
    attempts: u64,
}

#[derive(sqlx::FromRow)]
struct NumberRow {
    digits: String,
    rank: u32,
    owner: Option<String>,
    relation: Option<String>,
    state: String,
    listed: Option<String>,
}

#[derive(sqlx::FromRow)]
struct StateRow {
    state: String,
    since: i64,
    until: Option<i64>,
    source: String,
    who: Option<String>,
    ended_by: Option<String>,
}

#[derive(sqlx::FromRow)]
struct CaseRow {
    id: i64,
    campaign: String,
    visit_no: String,
    due_at: i64,
    next_at: i64,
    appointment_at: Option<i64>,
    outcome: Option<String>,
    attempts: u32,
    last_disposition: Option<String>,
}

const HEAD: &str = "
select p.patient_no, p.name, p.deceased, p.erased_at,
    (select coalesce(sum(c.attempts), 0) from encounter e join cases c on c.encounter_id = e.id
        where e.patient_id = p.id) as attempts
from patient p where p.id = $1";

const NUMBERS: &str = "
select n.digits, n.rank, n.owner, n.relation, n.state,
    (select group_concat(d.level || coalesce(' ' || d.purpose, ' ' || m.name, ''), ', ')
        from do_not_call d left join campaign m on m.id = d.campaign_id
        where d.digits = n.digits and d.ended_at is null and d.since <= $2
            and (d.until is null or d.until > $2)) as listed
from number n where n.patient_id = $1 order by n.rank, n.id";

const STATES: &str = "
select state, since, until, source, who, ended_by from patient_state where patient_id = $1 order by since, id";

const CASES: &str = "
select c.id, m.name as campaign, e.visit_no, c.due_at, c.next_at, c.appointment_at, c.outcome, c.attempts,
    c.last_disposition
from encounter e join cases c on c.encounter_id = e.id join campaign m on m.id = c.campaign_id
where e.patient_id = $1 order by c.due_at desc, c.id desc limit 200";

impl Reader {
    /// A patient, by patient number, else by visit number.
    pub async fn patient(&self, known_by: &str, now: Wall) -> Result<PatientRecord, Error> {
        let id = self.find_patient(known_by).await?;
        self.patient_of(id, now).await
    }

    /// A patient, by its row.
    ///
    /// # Errors
    /// [`Error::NoPatient`]
    pub async fn patient_of(&self, id: PatientId, now: Wall) -> Result<PatientRecord, Error> {
        let head: Option<HeadRow> = sqlx::query_as(HEAD).bind(id.0).fetch_optional(self.pool()).await?;
        let head = head.ok_or(Error::NoPatient)?;
        let numbers: Vec<NumberRow> = sqlx::query_as(NUMBERS)
            .bind(id.0)
            .bind(now.millis())
            .fetch_all(self.pool())
            .await?;
        let cases: Vec<CaseRow> = sqlx::query_as(CASES).bind(id.0).fetch_all(self.pool()).await?;
        Ok(PatientRecord {
            id,
            patient_no: head.patient_no,
            name: head.name.as_deref().map(mask_name),
            erased_at: head.erased_at.map(Wall::from_millis),
            numbers: numbers.into_iter().map(NumberRow::record).collect::<Result<_, _>>()?,
            states: self.states(id, head.deceased, now).await?,
            cases: cases.into_iter().map(CaseRow::record).collect::<Result<_, _>>()?,
            attempts: head.attempts,
        })
    }

    /// The states of a patient. That somebody has died may be known from a list alone: then it has no row.
    async fn states(&self, id: PatientId, deceased: bool, now: Wall) -> Result<Vec<PatientStateRecord>, Error> {
        let rows: Vec<StateRow> = sqlx::query_as(STATES).bind(id.0).fetch_all(self.pool()).await?;
        let mut states = rows
            .into_iter()
            .map(|row| row.record(now))
            .collect::<Result<Vec<_>, _>>()?;
        let died = PatientState::Deceased;
        let is_told = states.iter().any(|row| row.state == died.as_str() && row.holds);
        if deceased && !is_told {
            states.push(PatientStateRecord {
                state: died.as_str().to_owned(),
                words: died.zh().to_owned(),
                holds: true,
                since: None,
                until: None,
                source: "list".to_owned(),
                who: None,
                ended_by: None,
            });
        }
        Ok(states)
    }
}

impl NumberRow {
    fn record(self) -> Result<PatientNumber, Error> {
        let number = Number::parse(&self.digits).map_err(|why| Error::stored("number.digits", why))?;
        Ok(PatientNumber {
            number: number.masked(),
            rank: self.rank,
            owner: self.owner,
            relation: self.relation,
            state: self.state,
            listed: self.listed,
        })
    }
}

impl StateRow {
    fn record(self, now: Wall) -> Result<PatientStateRecord, Error> {
        let state =
            PatientState::parse(&self.state).ok_or_else(|| Error::stored("patient_state.state", &self.state))?;
        let holds = self.since <= now.millis() && self.until.is_none_or(|until| until > now.millis());
        Ok(PatientStateRecord {
            state: self.state,
            words: state.zh().to_owned(),
            holds,
            since: Some(Wall::from_millis(self.since)),
            until: self.until.map(Wall::from_millis),
            source: self.source,
            who: self.who,
            ended_by: self.ended_by,
        })
    }
}

impl CaseRow {
    fn record(self) -> Result<PatientCase, Error> {
        Ok(PatientCase {
            case: CaseId(self.id),
            campaign: self.campaign,
            visit_no: self.visit_no,
            due: Wall::from_millis(self.due_at),
            next_at: Wall::from_millis(self.next_at),
            appointment: self.appointment_at.map(Wall::from_millis),
            outcome: self.outcome.as_deref().map(outcome_of).transpose()?,
            attempts: self.attempts,
            last: self.last_disposition.as_deref().map(disposition_of).transpose()?,
        })
    }
}

/// A state to set.
#[derive(Clone, Debug, PartialEq)]
pub struct NewState {
    /// Whose: a patient number, or the number of a visit.
    pub known_by: String,
    /// Which.
    pub state: PatientState,
    /// Until when; none: until it is cleared.
    pub until: Option<Wall>,
    /// Where it comes from.
    pub source: String,
    /// The user of the operating system.
    pub who: String,
}

impl Store {
    /// Sets a state of a patient from now on; one that holds already gets the new end.
    pub async fn set_patient_state(&self, state: NewState, now: Wall) -> Result<StateSet, Error> {
        self.write(Set { state, now }).await
    }

    /// Ends a state of a patient; follow-ups that waited for it are looked at again at once.
    pub async fn clear_patient_state(
        &self,
        known_by: String,
        state: PatientState,
        who: String,
        now: Wall,
    ) -> Result<StateCleared, Error> {
        let clear = Clear {
            known_by,
            state,
            who,
            now,
        };
        self.write(clear).await
    }
}

struct Set {
    state: NewState,
    now: Wall,
}

impl Write for Set {
    type Answer = StateSet;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<StateSet, Error> {
        let NewState {
            known_by,
            state,
            until,
            source,
            who,
        } = &self.state;
        let patient = patient_known_by(ledger, known_by).await?;
        let changed = sqlx::query(
            "update patient_state set until = $4
             where patient_id = $1 and state = $2 and since <= $3 and (until is null or until > $3)",
        )
        .bind(patient)
        .bind(state.as_str())
        .bind(self.now.millis())
        .bind(until.map(Wall::millis))
        .execute(&mut *ledger.db)
        .await?;
        let is_new = changed.rows_affected() == 0;
        if is_new {
            sqlx::query(
                "insert into patient_state (patient_id, state, since, until, source, who)
                 values ($1, $2, $3, $4, $5, $6)",
            )
            .bind(patient)
            .bind(state.as_str())
            .bind(self.now.millis())
            .bind(until.map(Wall::millis))
            .bind(source)
            .bind(who)
            .execute(&mut *ledger.db)
            .await?;
        }
        if *state == PatientState::Deceased {
            mark(ledger, patient, 1, self.now).await?;
        }
        let (open_cases, calls) = sqlx::query_as(super::dnc::CONCERNED)
            .bind(None::<String>)
            .bind(patient)
            .fetch_one(&mut *ledger.db)
            .await?;
        Ok(StateSet {
            is_new,
            open_cases,
            calls,
        })
    }
}

async fn mark(ledger: &mut Ledger<'_>, patient: i64, deceased: i64, now: Wall) -> Result<(), Error> {
    sqlx::query("update patient set deceased = $2, updated_at = $3 where id = $1 and deceased <> $2")
        .bind(patient)
        .bind(deceased)
        .bind(now.millis())
        .execute(&mut *ledger.db)
        .await?;
    Ok(())
}

struct Clear {
    known_by: String,
    state: PatientState,
    who: String,
    now: Wall,
}

/// What waited for a state is looked at again, but not before it was due.
pub(super) const WAKE: &str = "
update cases set next_at = max($3, due_at)
where state = 'open' and why = $2 and next_at > $3
    and encounter_id in (select id from encounter where patient_id = $1)
returning campaign_id";

impl Write for Clear {
    type Answer = StateCleared;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<StateCleared, Error> {
        let patient = patient_known_by(ledger, &self.known_by).await?;
        let ended = sqlx::query(
            "update patient_state set until = max($3, since), ended_by = $4
             where patient_id = $1 and state = $2 and (until is null or until > $3)",
        )
        .bind(patient)
        .bind(self.state.as_str())
        .bind(self.now.millis())
        .bind(&self.who)
        .execute(&mut *ledger.db)
        .await?;
        let mut held = ended.rows_affected() > 0;
        if self.state == PatientState::Deceased {
            let was: bool = sqlx::query_scalar("select deceased from patient where id = $1")
                .bind(patient)
                .fetch_one(&mut *ledger.db)
                .await?;
            held |= was;
            mark(ledger, patient, 0, self.now).await?;
        }
        let mut campaigns: Vec<i64> = sqlx::query_scalar(WAKE)
            .bind(patient)
            .bind(self.state.as_str())
            .bind(self.now.millis())
            .fetch_all(&mut *ledger.db)
            .await?;
        let woken = u64::try_from(campaigns.len()).unwrap_or(u64::MAX);
        campaigns.sort_unstable();
        campaigns.dedup();
        let closed = sqlx::query_scalar(
            "select count(*) from encounter e join cases c on c.encounter_id = e.id
             where e.patient_id = $1 and c.state = 'closed' and c.why = $2",
        )
        .bind(patient)
        .bind(self.state.as_str())
        .fetch_one(&mut *ledger.db)
        .await?;
        Ok(StateCleared {
            held,
            woken,
            campaigns: campaigns.into_iter().map(CampaignId).collect(),
            closed,
        })
    }
}
