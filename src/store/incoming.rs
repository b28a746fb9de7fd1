//! Calls to us: who that is, by the number, and the attempt that is on disk before such a call is answered.

use sqlx::FromRow;

use crate::agents::of_case;
use crate::dialer::{BeginIncoming, BegunIncoming, Caller, Claimed, OpenCase, Stands, WhoCalls};
use crate::ids::{AttemptId, CampaignId, CaseId, NumberId, PatientId};
use crate::moment::Wall;
use crate::phone::{self, Number};

use super::Error;
use super::begin::{mark_of, need_dialplan};
use super::claim::unfinished;
use super::job::{Lasts, Ledger, Write};

/// The name under which a case is leased while its patient's call is up. No daemon has such a name.
const HOLDER: &str = "incoming";

/// The lease of such a case: longer than any call. It ends with it.
const LEASE_MS: i64 = 3600 * 1000;

/// A patient who has the number.
#[derive(FromRow)]
struct Owner {
    id: i64,
    patient_id: i64,
}

/// Who has the number: first whoever was missed last, then whoever was called last.
pub(super) const OWNERS: &str = "
select n.id, n.patient_id from number n
where n.digits = $1
order by (select max(a.id) from encounter e join cases c on c.encounter_id = e.id join attempt a on a.case_id = c.id
        where e.patient_id = n.patient_id and a.direction = 'out' and a.answered_at is null) desc,
    (select max(a.id) from encounter e join cases c on c.encounter_id = e.id join attempt a on a.case_id = c.id
        where e.patient_id = n.patient_id) desc,
    n.rank, n.id";

/// The attempt that is under way with any number of a patient, `$1`, or with this number, `$2`.
pub(super) const ENGAGED: &str = "
select min(a.id) from attempt a where a.state = 'begun'
    and (a.digits = $2 or a.digits in (select n.digits from number n where n.patient_id = $1))";

/// What the call is likely about: the case that was called last, else the one that is due next, else the latest.
pub(super) const ABOUT: &str = "
select c.id from cases c join encounter e on e.id = c.encounter_id where e.patient_id = $1
order by (select max(a.id) from attempt a where a.case_id = c.id) desc, c.state = 'open' desc, c.due_at desc limit 1";

#[derive(FromRow)]
struct OpenRow {
    id: i64,
    campaign_id: i64,
    campaign: String,
    department: Option<String>,
    language: Option<String>,
    counted: i64,
    attempts: i64,
    deadline_at: Option<i64>,
    next_at: i64,
    is_open: bool,
}

/// `$1` the patient, `$2` the present, `$3` the campaigns that run as a list of JSON, `$4` the time since which we have to
/// have called for a case that was closed with some answers: the case that can go on, an open one before one that can be
/// completed, first one whose questionnaire was begun, then the one that was called last. An agent who has the case before
/// them keeps it; what the daemon itself has leased for a call to come is taken from it.
pub(super) const OPEN: &str = "
select c.id, c.campaign_id, (select m.name from campaign m where m.id = c.campaign_id) as campaign, e.department, p.language, c.counted, c.attempts, c.deadline_at, c.next_at, c.state = 'open' as is_open
from encounter e join cases c on c.encounter_id = e.id join patient p on p.id = e.patient_id
where e.patient_id = $1 and c.due_at <= $2
    and (c.state = 'open' or c.outcome = 'partial' and $4 <= (select max(a.ended_at) from attempt a
        where a.case_id = c.id and a.direction = 'out')) and (c.deadline_at is null or c.deadline_at > $2)
    and c.campaign_id in (select value from json_each($3)) and p.deceased = 0
    and not coalesce(c.lease_until > $2 and c.lease_holder glob 'agent:*', 0)
    and not exists (select 1 from attempt b where b.case_id = c.id and b.state = 'begun')
    and not exists (select 1 from do_not_call d where d.ended_at is null and (d.until is null or d.until > $2)
        and (d.patient_id = p.id or d.digits in (select n.digits from number n where n.patient_id = p.id))
        and (d.level = 'always' or d.campaign_id = c.campaign_id
            or d.purpose = (select m.purpose from campaign m where m.id = c.campaign_id)))
order by c.state = 'open' desc, exists (select 1 from attempt a where a.case_id = c.id and a.kept > 0) desc,
    (select max(a.id) from attempt a where a.case_id = c.id) desc, c.due_at, c.id limit 1";

impl Write for WhoCalls {
    type Answer = Caller;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<Caller, Error> {
        let mut caller = Caller {
            leg: self.leg,
            patient: None,
            number: None,
            others: 0,
            about: None,
            open: None,
            engaged: None,
        };
        let Some(number) = &self.number else { return Ok(caller) };
        let mut owners: Vec<Owner> = Vec::new();
        let mut spelling = number.clone();
        for one in phone::normalised(number.reveal()) {
            owners = sqlx::query_as(OWNERS)
                .bind(one.reveal())
                .fetch_all(&mut *ledger.db)
                .await?;
            if !owners.is_empty() {
                spelling = one;
                break;
            }
        }
        let owner = owners.first();
        let engaged: Option<i64> = sqlx::query_scalar(ENGAGED)
            .bind(owner.map(|owner| owner.patient_id))
            .bind(spelling.reveal())
            .fetch_one(&mut *ledger.db)
            .await?;
        caller.engaged = engaged.map(AttemptId);
        let Some(owner) = owner else { return Ok(caller) };
        let others = owners.iter().filter(|other| other.patient_id != owner.patient_id);
        caller.others = u32::try_from(others.count()).unwrap_or(u32::MAX);
        caller.patient = Some(PatientId(owner.patient_id));
        caller.number = Some((NumberId(owner.id), spelling.clone()));
        let about: Option<i64> = sqlx::query_scalar(ABOUT)
            .bind(owner.patient_id)
            .fetch_optional(&mut *ledger.db)
            .await?;
        caller.about = about.map(CaseId);
        if let Some(open) = self.open(ledger, owner, spelling).await? {
            caller.about = Some(open.claimed.case);
            caller.open = Some(Box::new(open));
        }
        Ok(caller)
    }

    /// It writes nothing.
    fn lasts(&self) -> Lasts {
        Lasts::ThroughCrash
    }
}

impl WhoCalls {
    async fn open(&self, ledger: &mut Ledger<'_>, owner: &Owner, number: Number) -> Result<Option<OpenCase>, Error> {
        let campaigns: Vec<i64> = self.campaigns.iter().map(|campaign| campaign.0).collect();
        let row: Option<OpenRow> = sqlx::query_as(OPEN)
            .bind(owner.patient_id)
            .bind(self.at.millis())
            .bind(serde_json::json!(campaigns).to_string())
            .bind((self.at - self.completable).millis())
            .fetch_optional(&mut *ledger.db)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let case = CaseId(row.id);
        let resume = unfinished(ledger, case).await?;
        let stands = match (row.is_open, &resume) {
            (true, _) => Stands::Open {
                next_at: Wall::from_millis(row.next_at),
            },
            (false, Some(_)) => Stands::Partial,
            // What a person wrote down leaves nothing that the machine could go on with.
            (false, None) => return Ok(None),
        };
        Ok(Some(OpenCase {
            claimed: Claimed {
                campaign: CampaignId(row.campaign_id),
                case,
                number_id: NumberId(owner.id),
                number,
                counted: u16::try_from(row.counted).unwrap_or(u16::MAX),
                attempts: u16::try_from(row.attempts).unwrap_or(u16::MAX),
                // The rules of a call to us go by none.
                past: Vec::new(),
                deadline: row.deadline_at.map(Wall::from_millis),
                lease_until: Wall::from_millis(self.at.millis() + LEASE_MS),
                resume,
                skills: of_case(&row.campaign, row.department.as_deref(), row.language.as_deref()),
            },
            stands,
        }))
    }
}

/// The case is in the caller's hands from now on; nobody else wants one that is closed.
const TAKE: &str = "
update cases set attempts = attempts + 1, lease_until = case when state = 'open' then $2 end,
    lease_holder = case when state = 'open' then $3 end, lease_number_id = case when state = 'open' then $4 end
where id = $1 and (state = 'open' or outcome = 'partial') and not coalesce(lease_until > $5 and lease_holder glob 'agent:*', 0)
    and not exists (select 1 from attempt b where b.case_id = $1 and b.state = 'begun')
returning attempts";

const INSERT: &str = "
insert into attempt (case_id, number_id, digits, trunk, ordinal, is_test, begun_at, dialplan_hash, resumed_from, direction, mark)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'in', lower(hex(randomblob(16)))) returning id, mark";

impl Write for BeginIncoming {
    type Answer = BegunIncoming;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<BegunIncoming, Error> {
        ledger.frost.refuse()?;
        need_dialplan(ledger, &self.dialplan).await?;
        let known = self.known.as_ref().map(|(_, number)| number);
        let digits = known.or(self.number.as_ref()).cloned();
        if let Some(digits) = &digits {
            let engaged: Option<i64> = sqlx::query_scalar(ENGAGED)
                .bind(self.patient.map(|patient| patient.0))
                .bind(digits.reveal())
                .fetch_one(&mut *ledger.db)
                .await?;
            if let Some(attempt) = engaged {
                return Err(Error::NumberInUse(AttemptId(attempt)));
            }
        }
        let number = self.known.as_ref().map(|(id, _)| id.0);
        let ordinal = match self.case {
            Some(case) => self.take(ledger, case, number).await?,
            None => 1,
        };
        let (attempt, mark): (i64, String) = sqlx::query_as(INSERT)
            .bind(self.case.map(|case| case.0))
            .bind(number)
            .bind(digits.unwrap_or_else(Number::withheld).reveal())
            .bind(&self.trunk)
            .bind(ordinal)
            .bind(self.case.is_none())
            .bind(self.at.millis())
            .bind(&self.dialplan)
            .bind(self.resumed_from.map(|attempt| attempt.0))
            .fetch_one(&mut *ledger.db)
            .await?;
        sqlx::query(
            "insert into call_back (at, trunk, digits, status, patient_id, case_id, others, attempt_id)
             values ($1, $2, $3, 200, $4, $5, $6, $7)",
        )
        .bind(self.at.millis())
        .bind(&self.trunk)
        .bind(self.number.as_ref().map(Number::reveal))
        .bind(self.patient.map(|patient| patient.0))
        .bind(self.about.map(|case| case.0))
        .bind(self.others)
        .bind(attempt)
        .execute(&mut *ledger.db)
        .await?;
        Ok(BegunIncoming {
            leg: self.leg,
            attempt: AttemptId(attempt),
            mark: mark_of(&mark)?,
        })
    }
}

impl BeginIncoming {
    async fn take(&self, ledger: &mut Ledger<'_>, case: CaseId, number: Option<i64>) -> Result<i64, Error> {
        let ordinal: Option<i64> = sqlx::query_scalar(TAKE)
            .bind(case.0)
            .bind(self.at.millis() + LEASE_MS)
            .bind(HOLDER)
            .bind(number)
            .bind(self.at.millis())
            .fetch_optional(&mut *ledger.db)
            .await?;
        ordinal.ok_or(Error::NotLeased(case))
    }
}

impl super::Store {
    /// Tells who calls us.
    pub async fn who_calls(&self, who: WhoCalls) -> Result<Caller, Error> {
        self.write_for_call(who).await
    }

    /// Writes down the attempt that a call to us becomes.
    pub async fn begin_incoming(&self, begin: BeginIncoming) -> Result<BegunIncoming, Error> {
        self.write_for_call(begin).await
    }
}
