//! Call backs: who called us, matched to a patient by number, and the latest of them for a glance.

use serde::{Deserialize, Serialize};

use super::finish::{disposition_of, outcome_of};
use super::incoming::ABOUT;
use super::job::{Ledger, Write};
use super::journal::Entry;
use super::{Error, Reader};
use crate::dialer::{CallBack, CalledBack, Outcome};
use crate::ids::{CaseId, PatientId};
use crate::moment::Wall;
use crate::outcome::Disposition;
use crate::phone::{self, Number};
use crate::pii::mask_name;

/// One call back as it is shown: number and name masked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallBackRecord {
    /// When.
    pub at: Wall,
    /// Over which trunk.
    pub trunk: String,
    /// The caller's number, masked; none: it was withheld.
    pub number: Option<String>,
    /// The patient's name, masked; none: nobody has this number, or the patient has no name.
    pub name: Option<String>,
    /// The campaign that called the patient last.
    pub campaign: Option<String>,
    /// The case.
    pub case: Option<CaseId>,
    /// How the case ended; none while it is open.
    pub outcome: Option<Outcome>,
    /// How its last attempt ended.
    pub last_disposition: Option<Disposition>,
    /// The status that the caller got.
    pub status: u16,
}

#[derive(sqlx::FromRow)]
struct CallBackRow {
    at: i64,
    trunk: String,
    digits: Option<String>,
    name: Option<String>,
    campaign: Option<String>,
    case_id: Option<i64>,
    outcome: Option<String>,
    last_disposition: Option<String>,
    status: u16,
}

/// The patient who has the number; of several, the one who was called last.
const WHO: &str = "
select n.patient_id from number n where n.digits = $1
order by (select max(a.id) from attempt a where a.number_id = n.id) desc, n.rank, n.id limit 1";

impl Write for CallBack {
    type Answer = CalledBack;

    fn journalled(&self) -> Option<(Entry, Self::Answer)> {
        Some((
            Entry::CallBack(self.clone()),
            CalledBack {
                call_back: self.clone(),
                patient: None,
                case: None,
            },
        ))
    }

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<CalledBack, Error> {
        let mut patient: Option<i64> = None;
        let spellings = self.number.as_ref().map(|number| phone::normalised(number.reveal()));
        for spelling in spellings.unwrap_or_default() {
            patient = sqlx::query_scalar(WHO)
                .bind(spelling.reveal())
                .fetch_optional(&mut *ledger.db)
                .await?;
            if patient.is_some() {
                break;
            }
        }
        let case: Option<i64> = match patient {
            Some(patient) => {
                sqlx::query_scalar(ABOUT)
                    .bind(patient)
                    .fetch_optional(&mut *ledger.db)
                    .await?
            }
            None => None,
        };
        sqlx::query(
            "insert into call_back (at, trunk, digits, status, patient_id, case_id) select $1, $2, $3, $4, $5, $6
             where not exists (select 1 from call_back where at = $1 and trunk = $2 and digits is $3)",
        )
        .bind(self.at.millis())
        .bind(&self.trunk)
        .bind(self.number.as_ref().map(Number::reveal))
        .bind(self.status)
        .bind(patient)
        .bind(case)
        .execute(&mut *ledger.db)
        .await?;
        Ok(CalledBack {
            call_back: self.clone(),
            patient: patient.map(PatientId),
            case: case.map(CaseId),
        })
    }
}

impl Reader {
    /// How many called us since then.
    pub async fn call_backs_since(&self, since: Wall) -> Result<u64, Error> {
        Ok(sqlx::query_scalar("select count(*) from call_back where at >= $1")
            .bind(since.millis())
            .fetch_one(self.pool())
            .await?)
    }

    /// The latest call backs, the newest first.
    pub async fn call_backs(&self, last: u32) -> Result<Vec<CallBackRecord>, Error> {
        let rows: Vec<CallBackRow> = sqlx::query_as(
            "select b.at, b.trunk, b.digits, p.name, m.name as campaign, b.case_id, c.outcome, c.last_disposition,
                b.status
             from call_back b
             left join patient p on p.id = b.patient_id
             left join cases c on c.id = b.case_id
             left join campaign m on m.id = c.campaign_id
             order by b.id desc limit $1",
        )
        .bind(last)
        .fetch_all(self.pool())
        .await?;
        rows.into_iter().map(CallBackRow::masked).collect()
    }
}

impl CallBackRow {
    fn masked(self) -> Result<CallBackRecord, Error> {
        let number = self.digits.as_deref().map(Number::parse).transpose();
        let number = number.map_err(|why| Error::stored("call_back.digits", why))?;
        Ok(CallBackRecord {
            at: Wall::from_millis(self.at),
            trunk: self.trunk,
            number: number.as_ref().map(Number::masked),
            name: self.name.as_deref().map(mask_name),
            campaign: self.campaign,
            case: self.case_id.map(CaseId),
            outcome: self.outcome.as_deref().map(outcome_of).transpose()?,
            last_disposition: self.last_disposition.as_deref().map(disposition_of).transpose()?,
            status: self.status,
        })
    }
}
