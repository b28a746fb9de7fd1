//! The next follow-up of a patient, set by a person or from a call (R022).

use serde::{Deserialize, Serialize};

use crate::ids::CaseId;
use crate::moment::Wall;
use crate::pii::Pii;
use crate::store::job::{Ledger, Write};
use crate::store::{Error, Store};

/// A follow-up to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextFollowUp {
    /// The patient number, else the number of a visit.
    pub patient: Pii<String>,
    /// In which campaign.
    pub campaign: String,
    /// When it is due.
    pub due: Wall,
    /// Until when it has to be done.
    pub deadline: Option<Wall>,
    /// The present.
    pub now: Wall,
}

impl Store {
    /// Adds a case of the next round: of the patient's last encounter in the campaign, else of the last one at all. Asked
    /// again for the same time it answers with the same case.
    ///
    /// # Errors
    /// [`Error::NoPatient`], [`Error::NoCampaign`].
    pub async fn set_follow_up(&self, next: NextFollowUp) -> Result<CaseId, Error> {
        let patient = self.reader().find_patient(next.patient.reveal()).await?;
        let set = Set {
            patient: patient.0,
            next,
        };
        self.write(set).await
    }
}

struct Set {
    patient: i64,
    next: NextFollowUp,
}

impl Write for Set {
    type Answer = CaseId;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<CaseId, Error> {
        let next = &self.next;
        let campaign: Option<i64> = sqlx::query_scalar("select id from campaign where name = $1")
            .bind(&next.campaign)
            .fetch_optional(&mut *ledger.db)
            .await?;
        let campaign = campaign.ok_or_else(|| Error::NoCampaign {
            name: next.campaign.clone(),
        })?;
        let encounter: Option<(i64, Option<i64>)> = sqlx::query_as(
            "select e.id, (select max(c.round) from cases c where c.encounter_id = e.id and c.campaign_id = $2) as round
             from encounter e where e.patient_id = $1
             order by round is null, coalesce(e.discharged_at, e.created_at) desc, e.id desc limit 1",
        )
        .bind(self.patient)
        .bind(campaign)
        .fetch_optional(&mut *ledger.db)
        .await?;
        let (encounter, round) = encounter.ok_or(Error::NoPatient)?;
        let present: Option<i64> = sqlx::query_scalar(
            "select id from cases where campaign_id = $1 and encounter_id = $2 and due_at = $3 and state = 'open'",
        )
        .bind(campaign)
        .bind(encounter)
        .bind(next.due.millis())
        .fetch_optional(&mut *ledger.db)
        .await?;
        if let Some(present) = present {
            return Ok(CaseId(present));
        }
        let case = sqlx::query_scalar(
            "insert into cases (campaign_id, encounter_id, round, due_at, next_at, deadline_at, created_at)
             values ($1, $2, $3, $4, $4, $5, $6) returning id",
        )
        .bind(campaign)
        .bind(encounter)
        .bind(round.unwrap_or(0) + 1)
        .bind(next.due.millis())
        .bind(next.deadline.map(Wall::millis))
        .bind(next.now.millis())
        .fetch_one(&mut *ledger.db)
        .await?;
        Ok(CaseId(case))
    }
}
