//! The do-not-call list as people keep it: a number or a patient; always, for one purpose or in one campaign. Who is taken
//! off stays in it, ended.

use serde::{Deserialize, Serialize};

use crate::ids::CampaignId;
use crate::moment::Wall;
use crate::phone::{self, Number};
use crate::pii::{Pii, mask_name};

use super::job::{Ledger, Write};
use super::{Error, Reader, Store};

/// Entries that are written in one transaction at most.
pub const DNC_CHUNK: usize = 200;

/// Who is not called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Barred {
    /// Whoever has this number.
    Number(Number),
    /// A patient at any number, by patient number or by the number of a visit.
    Patient(Pii<String>),
}

/// From what somebody is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// From every call.
    Always,
    /// From campaigns of this purpose.
    Purpose(String),
    /// From this campaign, by name.
    Campaign(String),
}

/// Entries that are to be on the list: what they share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// From what they are kept.
    pub level: Level,
    /// Until when; none: for good.
    pub until: Option<Wall>,
    /// Why; it leads to nobody.
    pub reason: Option<String>,
    /// Where it comes from: a command or a file.
    pub source: String,
    /// The user of the operating system.
    pub who: String,
}

/// What became of entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// New on the list.
    pub added: u64,
    /// They were on it for a shorter time.
    pub extended: u64,
    /// They were on it already.
    pub known: u64,
    /// Open cases of those concerned: the next claim sees the list.
    pub open_cases: u64,
    /// Calls to them that are up right now: these go on.
    pub calls: u64,
}

/// What taking somebody off the list did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unlisted {
    /// Entries that ended.
    pub ended: u64,
    /// Of these, what the person had said in a call.
    pub own_word: u64,
    /// Entries at other levels that stand, in words.
    pub left: Vec<String>,
}

/// An entry as it is shown: number and name masked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DncRecord {
    /// Its row.
    pub id: i64,
    /// The number, masked.
    pub number: Option<String>,
    /// The patient's number.
    pub patient_no: Option<String>,
    /// The patient's name, masked.
    pub name: Option<String>,
    /// `always`, `purpose` or `campaign`.
    pub level: String,
    /// For which purpose or campaign.
    pub only: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// How it came there.
    pub source: String,
    /// Who put it there.
    pub who: Option<String>,
    /// Since when.
    pub since: Wall,
    /// Until when; none: for good.
    pub until: Option<Wall>,
    /// When it was taken off.
    pub ended_at: Option<Wall>,
    /// By whom.
    pub ended_by: Option<String>,
}

/// Which entries are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entries {
    /// Those in force.
    InForce,
    /// Ended ones, too.
    All,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    digits: Option<String>,
    patient_no: Option<String>,
    name: Option<String>,
    level: String,
    only: Option<String>,
    reason: Option<String>,
    source: String,
    who: Option<String>,
    since: i64,
    until: Option<i64>,
    ended_at: Option<i64>,
    ended_by: Option<String>,
}

impl Row {
    fn record(self) -> Result<DncRecord, Error> {
        Ok(DncRecord {
            id: self.id,
            number: self.digits.as_deref().map(masked).transpose()?,
            patient_no: self.patient_no,
            name: self.name.as_deref().map(mask_name),
            level: self.level,
            only: self.only,
            reason: self.reason,
            source: self.source,
            who: self.who,
            since: Wall::from_millis(self.since),
            until: self.until.map(Wall::from_millis),
            ended_at: self.ended_at.map(Wall::from_millis),
            ended_by: self.ended_by,
        })
    }
}

fn masked(digits: &str) -> Result<String, Error> {
    let number = Number::parse(digits).map_err(|why| Error::stored("do_not_call.digits", why))?;
    Ok(number.masked())
}

const PAGE: &str = "
select d.id, d.digits, p.patient_no, p.name, d.level, coalesce(d.purpose, m.name) as only, d.reason, d.source, d.who,
    d.since, d.until, d.ended_at, d.ended_by
from do_not_call d
left join patient p on p.id = d.patient_id
left join campaign m on m.id = d.campaign_id
where d.id > $1 and ($3 or (d.ended_at is null and (d.until is null or d.until > $2)))
order by d.id limit $4";

impl Reader {
    /// The entries after row `after`, oldest first, at most `limit`.
    pub async fn do_not_call(
        &self,
        which: Entries,
        after: i64,
        limit: u32,
        now: Wall,
    ) -> Result<Vec<DncRecord>, Error> {
        let rows: Vec<Row> = sqlx::query_as(PAGE)
            .bind(after)
            .bind(now.millis())
            .bind(which == Entries::All)
            .bind(limit)
            .fetch_all(self.pool())
            .await?;
        rows.into_iter().map(Row::record).collect()
    }

    /// The purposes that campaigns have, for whoever names one that none has.
    pub async fn purposes(&self) -> Result<Vec<String>, Error> {
        Ok(
            sqlx::query_scalar("select distinct purpose from campaign where purpose is not null order by purpose")
                .fetch_all(self.pool())
                .await?,
        )
    }
}

impl Store {
    /// Puts numbers or patients on the do-not-call list, in chunks; whoever is on it already stays there, for the longer
    /// of both times.
    ///
    /// # Errors
    /// [`Error::NoPatient`], [`Error::NoCampaign`]; what went in before stays.
    pub async fn list_do_not_call(&self, barred: Vec<Barred>, listing: Listing, now: Wall) -> Result<Listed, Error> {
        let mut all = Listed::default();
        for chunk in barred.chunks(DNC_CHUNK) {
            let add = Add {
                barred: chunk.to_vec(),
                listing: listing.clone(),
                now,
            };
            let part = self.write(add).await?;
            all.added += part.added;
            all.extended += part.extended;
            all.known += part.known;
            all.open_cases += part.open_cases;
            all.calls += part.calls;
        }
        Ok(all)
    }

    /// Takes a number or a patient off the do-not-call list at one level; the entries stay in it, ended.
    pub async fn unlist_do_not_call(
        &self,
        barred: Barred,
        level: Level,
        who: String,
        now: Wall,
    ) -> Result<Unlisted, Error> {
        let end = End {
            barred,
            level,
            who,
            now,
        };
        self.write(end).await
    }
}

/// Whom an entry concerns, as the columns hold it.
enum Subject {
    Digits(String),
    Patient(i64),
}

impl Subject {
    fn digits(&self) -> Option<&str> {
        match self {
            Self::Digits(digits) => Some(digits),
            Self::Patient(_) => None,
        }
    }

    const fn patient(&self) -> Option<i64> {
        match self {
            Self::Digits(_) => None,
            Self::Patient(id) => Some(*id),
        }
    }
}

/// A level as the columns hold it.
struct Columns {
    level: &'static str,
    purpose: Option<String>,
    campaign: Option<i64>,
}

async fn columns(ledger: &mut Ledger<'_>, level: &Level) -> Result<Columns, Error> {
    Ok(match level {
        Level::Always => Columns {
            level: "always",
            purpose: None,
            campaign: None,
        },
        Level::Purpose(purpose) => Columns {
            level: "purpose",
            purpose: Some(purpose.clone()),
            campaign: None,
        },
        Level::Campaign(name) => Columns {
            level: "campaign",
            purpose: None,
            campaign: Some(campaign_named(ledger, name).await?.0),
        },
    })
}

pub(super) async fn campaign_named(ledger: &mut Ledger<'_>, name: &str) -> Result<CampaignId, Error> {
    let found: Option<i64> = sqlx::query_scalar("select id from campaign where name = $1")
        .bind(name)
        .fetch_optional(&mut *ledger.db)
        .await?;
    found
        .map(CampaignId)
        .ok_or_else(|| Error::NoCampaign { name: name.to_owned() })
}

/// What is entered for one who is barred: a number in its likeliest spelling, and in each other one that a patient's
/// number has; a patient as a row.
async fn subjects(ledger: &mut Ledger<'_>, barred: &Barred) -> Result<Vec<Subject>, Error> {
    let number = match barred {
        Barred::Number(number) => number,
        Barred::Patient(known_by) => {
            let id = super::hold::patient_known_by(ledger, known_by.reveal()).await?;
            return Ok(vec![Subject::Patient(id)]);
        }
    };
    let mut subjects = Vec::new();
    for (place, spelling) in spellings(number).into_iter().enumerate() {
        let is_a_patients = place > 0 && is_known(ledger, &spelling).await?;
        if place == 0 || is_a_patients {
            subjects.push(Subject::Digits(spelling));
        }
    }
    Ok(subjects)
}

/// The spellings of a number, the likeliest first; never none.
fn spellings(number: &Number) -> Vec<String> {
    let mut spellings: Vec<String> = phone::normalised(number.reveal())
        .into_iter()
        .map(String::from)
        .collect();
    if spellings.is_empty() {
        spellings.push(number.reveal().to_owned());
    }
    spellings
}

async fn is_known(ledger: &mut Ledger<'_>, digits: &str) -> Result<bool, Error> {
    Ok(
        sqlx::query_scalar("select exists (select 1 from number where digits = $1)")
            .bind(digits)
            .fetch_one(&mut *ledger.db)
            .await?,
    )
}

/// The entry in force at this very level, and until when it holds.
pub(super) const PRESENT: &str = "
select id, until from do_not_call
where digits = $1 and ended_at is null and (until is null or until > $2)
    and level = $3 and purpose is $4 and campaign_id is $5
union all
select id, until from do_not_call
where patient_id = $6 and ended_at is null and (until is null or until > $2)
    and level = $3 and purpose is $4 and campaign_id is $5
order by id limit 1";

struct Add {
    barred: Vec<Barred>,
    listing: Listing,
    now: Wall,
}

impl Write for Add {
    type Answer = Listed;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<Listed, Error> {
        let columns = columns(ledger, &self.listing.level).await?;
        let mut listed = Listed::default();
        for barred in &self.barred {
            let mut kind = Kind::Known;
            for subject in subjects(ledger, barred).await? {
                kind = kind.max(self.enter(ledger, &subject, &columns).await?);
                let (open_cases, calls) = concerned(ledger, &subject).await?;
                listed.open_cases += open_cases;
                listed.calls += calls;
            }
            match kind {
                Kind::Known => listed.known += 1,
                Kind::Extended => listed.extended += 1,
                Kind::Added => listed.added += 1,
            }
        }
        Ok(listed)
    }
}

/// What became of one entry; of several spellings the most counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Known,
    Extended,
    Added,
}

impl Add {
    async fn enter(&self, ledger: &mut Ledger<'_>, subject: &Subject, columns: &Columns) -> Result<Kind, Error> {
        let listing = &self.listing;
        let present: Option<(i64, Option<i64>)> = sqlx::query_as(PRESENT)
            .bind(subject.digits())
            .bind(self.now.millis())
            .bind(columns.level)
            .bind(&columns.purpose)
            .bind(columns.campaign)
            .bind(subject.patient())
            .fetch_optional(&mut *ledger.db)
            .await?;
        let Some((id, until)) = present else {
            sqlx::query(
                "insert into do_not_call (digits, patient_id, level, purpose, campaign_id, reason, source, who, since, until)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            )
            .bind(subject.digits())
            .bind(subject.patient())
            .bind(columns.level)
            .bind(&columns.purpose)
            .bind(columns.campaign)
            .bind(&listing.reason)
            .bind(&listing.source)
            .bind(&listing.who)
            .bind(self.now.millis())
            .bind(listing.until.map(Wall::millis))
            .execute(&mut *ledger.db)
            .await?;
            return Ok(Kind::Added);
        };
        let Some(until) = until else { return Ok(Kind::Known) };
        if listing.until.is_some_and(|asked| asked.millis() <= until) {
            return Ok(Kind::Known);
        }
        sqlx::query("update do_not_call set until = $2 where id = $1")
            .bind(id)
            .bind(listing.until.map(Wall::millis))
            .execute(&mut *ledger.db)
            .await?;
        Ok(Kind::Extended)
    }
}

/// Open cases of patients with a number, or of a patient; and calls to it, or to the patient, that are up.
pub(super) const CONCERNED: &str = "
select
    (select count(*) from number n join encounter e on e.patient_id = n.patient_id
        join cases c on c.encounter_id = e.id where n.digits = $1 and c.state = 'open')
    + (select count(*) from encounter e join cases c on c.encounter_id = e.id
        where e.patient_id = $2 and c.state = 'open') as open_cases,
    (select count(*) from attempt a where a.digits = $1 and a.state = 'begun')
    + (select count(*) from encounter e join cases c on c.encounter_id = e.id join attempt a on a.case_id = c.id
        where e.patient_id = $2 and a.state = 'begun') as calls";

async fn concerned(ledger: &mut Ledger<'_>, subject: &Subject) -> Result<(u64, u64), Error> {
    Ok(sqlx::query_as(CONCERNED)
        .bind(subject.digits())
        .bind(subject.patient())
        .fetch_one(&mut *ledger.db)
        .await?)
}

struct End {
    barred: Barred,
    level: Level,
    who: String,
    now: Wall,
}

impl Write for End {
    type Answer = Unlisted;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<Unlisted, Error> {
        let columns = columns(ledger, &self.level).await?;
        let subjects = match &self.barred {
            // All spellings: what was entered under one of them must not stay.
            Barred::Number(number) => spellings(number).into_iter().map(Subject::Digits).collect(),
            Barred::Patient(_) => subjects(ledger, &self.barred).await?,
        };
        let mut unlisted = Unlisted::default();
        for subject in &subjects {
            let ended: Vec<String> = sqlx::query_scalar(
                "update do_not_call set ended_at = $6, ended_by = $7
                 where (digits = $1 or patient_id = $2) and level = $3 and purpose is $4 and campaign_id is $5
                    and ended_at is null
                 returning source",
            )
            .bind(subject.digits())
            .bind(subject.patient())
            .bind(columns.level)
            .bind(&columns.purpose)
            .bind(columns.campaign)
            .bind(self.now.millis())
            .bind(&self.who)
            .fetch_all(&mut *ledger.db)
            .await?;
            unlisted.ended += u64::try_from(ended.len()).unwrap_or(u64::MAX);
            let own = ended
                .iter()
                .filter(|source| ["key", "attempt"].contains(&source.as_str()));
            unlisted.own_word += u64::try_from(own.count()).unwrap_or(u64::MAX);
            let left: Vec<String> = sqlx::query_scalar(
                "select d.level || coalesce(' ' || d.purpose, ' ' || m.name, '')
                 from do_not_call d left join campaign m on m.id = d.campaign_id
                 where (d.digits = $1 or d.patient_id = $2) and d.ended_at is null
                    and (d.until is null or d.until > $3) order by d.id",
            )
            .bind(subject.digits())
            .bind(subject.patient())
            .bind(self.now.millis())
            .fetch_all(&mut *ledger.db)
            .await?;
            unlisted.left.extend(left);
        }
        Ok(unlisted)
    }
}
