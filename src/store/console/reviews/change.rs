//! What becomes of reviews: begun, claimed, given back, saved, signed, appealed, judged again.

use sha2::{Digest as _, Sha256};
use sqlx::SqliteConnection;

use super::{Mark, Refused};
use crate::ids::AttemptId;
use crate::moment::Wall;
use crate::store::console::audit::Deed;
use crate::store::console::samples::{Reviewer, hexadecimal};
use crate::store::console::scorecards::{Fault, mark_faults, one as scorecard, total};
use crate::store::job::{Ledger, Write};
use crate::store::{Error, Store};

/// How long a review takes at most that no sample asked for.
const TIME: std::time::Duration = std::time::Duration::from_secs(7 * 86_400);

/// What a reviewer says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// What is marked.
    pub marks: Vec<Mark>,
    /// What is said to the whole.
    pub note: Option<String>,
}

/// Why a signed review is judged again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opinion {
    /// To see whether we judge alike; by this person, or by whoever claims it.
    Second(Option<Reviewer>),
    /// Somebody does not agree; why.
    Appeal(String),
}

impl Store {
    /// Begins a review of a call by a person's own choice; gives the one that is there if the person has one.
    pub async fn begin_review(&self, call: AttemptId, card: i64, who: Reviewer, deed: Deed) -> Result<i64, Error> {
        self.write(Begin { call, card, who, deed }).await
    }

    /// Takes a review that nobody has.
    pub async fn claim_review(&self, id: i64, who: Reviewer, deed: Deed) -> Result<(), Error> {
        self.write(Claim { id, who, deed }).await
    }

    /// Gives a review back that is not signed: whoever comes next may have it. What was marked is lost.
    pub async fn release_review(&self, id: i64, who: Reviewer, deed: Deed) -> Result<(), Error> {
        self.write(Release { id, who, deed }).await
    }

    /// Keeps what is marked so far.
    pub async fn save_review(&self, id: i64, who: Reviewer, judged: Judged, now: Wall) -> Result<(), Error> {
        self.write(Save { id, who, judged, now }).await
    }

    /// Signs a review with these marks: from now on it never changes.
    pub async fn sign_review(&self, id: i64, who: Reviewer, judged: Judged, deed: Deed) -> Result<(), Error> {
        self.write(Sign { id, who, judged, deed }).await
    }

    /// Has a signed review judged again by another person; gives the second review, which may have been there.
    pub async fn judge_again(&self, id: i64, opinion: Opinion, deed: Deed) -> Result<i64, Error> {
        self.write(Again { id, opinion, deed }).await
    }
}

#[derive(sqlx::FromRow)]
struct Present {
    attempt_id: i64,
    scorecard_id: i64,
    first_id: Option<i64>,
    account_id: Option<i64>,
    reviewer: Option<String>,
    state: String,
}

async fn present(db: &mut SqliteConnection, id: i64) -> Result<Present, Error> {
    let row: Option<Present> = sqlx::query_as(
        "select attempt_id, scorecard_id, first_id, account_id, reviewer, state from review where id = $1",
    )
    .bind(id)
    .fetch_optional(db)
    .await?;
    Ok(row.ok_or(Refused::NoReview { id })?)
}

impl Present {
    /// That it is this person's and not signed.
    fn is_open_to(&self, who: &Reviewer) -> Result<(), Refused> {
        match (self.account_id, self.reviewer.as_deref()) {
            _ if self.state == "signed" => Err(Refused::Signed),
            (Some(account), _) if account == who.id => Ok(()),
            (Some(_), reviewer) => Err(Refused::NotYours {
                reviewer: reviewer.unwrap_or_default().to_owned(),
            }),
            (None, _) => Err(Refused::Unclaimed),
        }
    }
}

/// That a person has no other review of the call by the scorecard.
async fn is_new_to(db: &mut SqliteConnection, review: &Present, who: &Reviewer) -> Result<(), Error> {
    let knows: bool = sqlx::query_scalar(
        "select exists (select 1 from review where attempt_id = $1 and account_id = $2 and scorecard_id = $3)
            or exists (select 1 from review where id = $4 and account_id = $2)
            or exists (select 1 from replay where attempt_id = $1 and account_id = $2)",
    )
    .bind(review.attempt_id)
    .bind(who.id)
    .bind(review.scorecard_id)
    .bind(review.first_id)
    .fetch_one(db)
    .await?;
    if knows {
        return Err(Refused::SamePerson { who: who.name.clone() }.into());
    }
    Ok(())
}

/// Writes down beside the call how far its review is: the list of recordings finds it by that.
pub(in crate::store::console) async fn stand(db: &mut SqliteConnection, attempt: i64) -> Result<(), Error> {
    sqlx::query(
        "update replay set review = coalesce((
            select case min(case when kind = 'appeal' and state <> 'signed' then 0 when state = 'draft' then 1
                    when state = 'waiting' then 2 else 3 end)
                when 0 then 'appealed' when 1 then 'draft' when 2 then 'due' when 3 then 'signed' end
            from review where attempt_id = $1), 'none')
         where attempt_id = $1",
    )
    .bind(attempt)
    .execute(db)
    .await?;
    Ok(())
}

/// Takes what people wrote about a call out of its reviews, appeals and corrections, when what leads to a
/// person is taken out of the attempt: marks, scores, signatures and corrections stay.
pub(in crate::store) async fn clean(db: &mut SqliteConnection, attempt: AttemptId) -> Result<(), Error> {
    for sql in [
        "update review set note = null, marks = (
            select json_group_array(json_object('item', json_extract(m.value, '$.item'), 'option',
                json_extract(m.value, '$.option'), 'note', '')) from json_each(review.marks) m)
         where attempt_id = $1",
        "update appeal set reason = '-' where review_id in (select id from review where attempt_id = $1)",
        // A number of seven digits and more may be a telephone's.
        "update correction set reason = '-', kind = case when value > 999999 then 'invalid' else kind end,
            label = case when value > 999999 then null else label end, value = case when value > 999999 then null else value end,
            old_kind = case when old_value > 999999 then 'invalid' else old_kind end,
            old_label = case when old_value > 999999 then null else old_label end,
            old_value = case when old_value > 999999 then null else old_value end
         where attempt_id = $1",
    ] {
        sqlx::query(sql).bind(attempt.0).execute(&mut *db).await?;
    }
    Ok(())
}

async fn noted(ledger: &mut Ledger<'_>, deed: &Deed, id: i64) -> Result<(), Error> {
    let deed = Deed {
        object: Some(format!("review:{id}")),
        ..deed.clone()
    };
    deed.run(ledger).await?;
    Ok(())
}

struct Begin {
    call: AttemptId,
    card: i64,
    who: Reviewer,
    deed: Deed,
}

impl Write for Begin {
    type Answer = i64;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<i64, Error> {
        if !scorecard(&mut *ledger.db, self.card).await?.is_published {
            return Err(Refused::Unpublished.into());
        }
        let (is_there, agent): (bool, Option<i64>) =
            sqlx::query_as("select count(*) > 0, max(account_id) from replay where attempt_id = $1")
                .bind(self.call.0)
                .fetch_one(&mut *ledger.db)
                .await?;
        if !is_there {
            return Err(Error::NoAttempt(self.call));
        }
        if agent == Some(self.who.id) {
            let who = self.who.name.clone();
            return Err(Refused::SamePerson { who }.into());
        }
        let known: Option<i64> =
            sqlx::query_scalar("select id from review where attempt_id = $1 and account_id = $2 and scorecard_id = $3")
                .bind(self.call.0)
                .bind(self.who.id)
                .bind(self.card)
                .fetch_optional(&mut *ledger.db)
                .await?;
        if let Some(known) = known {
            return Ok(known);
        }
        let id: i64 = sqlx::query_scalar(
            "insert into review (attempt_id, scorecard_id, kind, account_id, reviewer, state, due_at, created_at)
             values ($1, $2, 'own', $3, $4, 'draft', $5, $6) returning id",
        )
        .bind(self.call.0)
        .bind(self.card)
        .bind(self.who.id)
        .bind(&self.who.name)
        .bind((self.deed.at + TIME).millis())
        .bind(self.deed.at.millis())
        .fetch_one(&mut *ledger.db)
        .await?;
        stand(&mut *ledger.db, self.call.0).await?;
        noted(ledger, &self.deed, id).await?;
        Ok(id)
    }
}

struct Claim {
    id: i64,
    who: Reviewer,
    deed: Deed,
}

impl Write for Claim {
    type Answer = ();

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        let review = present(&mut *ledger.db, self.id).await?;
        if review.state == "signed" {
            return Err(Refused::Signed.into());
        }
        match (review.account_id, &review.reviewer) {
            (Some(account), _) if account == self.who.id && review.state == "draft" => return Ok(()),
            (Some(account), _) if account == self.who.id => {}
            (Some(_), reviewer) => {
                let reviewer = reviewer.clone().unwrap_or_default();
                return Err(Refused::Claimed { reviewer }.into());
            }
            (None, _) => is_new_to(&mut *ledger.db, &review, &self.who).await?,
        }
        sqlx::query("update review set account_id = $2, reviewer = $3, state = 'draft' where id = $1")
            .bind(self.id)
            .bind(self.who.id)
            .bind(&self.who.name)
            .execute(&mut *ledger.db)
            .await?;
        stand(&mut *ledger.db, review.attempt_id).await?;
        noted(ledger, &self.deed, self.id).await
    }
}

struct Release {
    id: i64,
    who: Reviewer,
    deed: Deed,
}

impl Write for Release {
    type Answer = ();

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        let review = present(&mut *ledger.db, self.id).await?;
        review.is_open_to(&self.who)?;
        sqlx::query(
            "update review set account_id = null, reviewer = null, state = 'waiting', marks = '[]', note = null,
                saved_at = null where id = $1",
        )
        .bind(self.id)
        .execute(&mut *ledger.db)
        .await?;
        stand(&mut *ledger.db, review.attempt_id).await?;
        noted(ledger, &self.deed, self.id).await
    }
}

impl Judged {
    /// As it is stored, without empty marks; every fault at once.
    fn stored(&self) -> Result<String, Error> {
        let said = |mark: &&Mark| mark.option.is_some() || !mark.note.trim().is_empty();
        serde_json::to_string(&self.marks.iter().filter(said).collect::<Vec<_>>()).map_err(|why| Error::Json {
            what: "review.marks",
            why: why.to_string(),
        })
    }

    fn note(&self) -> Option<&str> {
        self.note.as_deref().map(str::trim).filter(|note| !note.is_empty())
    }

    fn checked(&self, items: &[crate::store::console::scorecards::Item]) -> Result<(), Refused> {
        let mut faults = mark_faults(items, &self.marks);
        let is_odd = |c: char| c.is_control() && c != '\n';
        if self.note().is_some_and(|note| note.chars().count() > 2_000 || note.chars().any(is_odd)) {
            faults.push(Fault {
                place: "note".to_owned(),
                zh: "备注应不超过 2000 字，且不含控制字符".to_owned(),
                en: "expected at most 2000 characters, no control characters".to_owned(),
            });
        }
        if faults.is_empty() { Ok(()) } else { Err(Refused::Faulty { faults }) }
    }
}

struct Save {
    id: i64,
    who: Reviewer,
    judged: Judged,
    now: Wall,
}

impl Write for Save {
    type Answer = ();

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        let review = present(&mut *ledger.db, self.id).await?;
        review.is_open_to(&self.who)?;
        let card = scorecard(&mut *ledger.db, review.scorecard_id).await?;
        self.judged.checked(&card.items)?;
        sqlx::query("update review set marks = $2, note = $3, saved_at = $4, state = 'draft' where id = $1")
            .bind(self.id)
            .bind(self.judged.stored()?)
            .bind(self.judged.note())
            .bind(self.now.millis())
            .execute(&mut *ledger.db)
            .await?;
        stand(&mut *ledger.db, review.attempt_id).await
    }
}

struct Sign {
    id: i64,
    who: Reviewer,
    judged: Judged,
    deed: Deed,
}

impl Write for Sign {
    type Answer = ();

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        let review = present(&mut *ledger.db, self.id).await?;
        review.is_open_to(&self.who)?;
        let card = scorecard(&mut *ledger.db, review.scorecard_id).await?;
        self.judged.checked(&card.items)?;
        let total = total(&card.items, &self.judged.marks);
        if total.left > 0 {
            let faults = vec![Fault {
                place: "marks".to_owned(),
                zh: format!("还差 {} 项未评", total.left),
                en: format!("{} items have no mark yet", total.left),
            }];
            return Err(Refused::Faulty { faults }.into());
        }
        let (marks, note) = (self.judged.stored()?, self.judged.note());
        let at = self.deed.at.millis();
        let mut hash = Sha256::new();
        for part in [
            self.id.to_string(),
            review.attempt_id.to_string(),
            review.scorecard_id.to_string(),
            self.who.id.to_string(),
            marks.clone(),
            note.unwrap_or_default().to_owned(),
            total.score.to_string(),
            u8::from(total.fatal).to_string(),
            at.to_string(),
        ] {
            hash.update(format!("{}:", part.len()));
            hash.update(part);
        }
        let hash = hexadecimal(&hash.finalize());
        sqlx::query(
            "update review set marks = $2, note = $3, saved_at = $4, signed_at = $4, state = 'signed', score = $5,
                is_fatal = $6, hash = $7, reviewer = $8 where id = $1",
        )
        .bind(self.id)
        .bind(&marks)
        .bind(note)
        .bind(at)
        .bind(total.score)
        .bind(total.fatal)
        .bind(&hash)
        .bind(&self.who.name)
        .execute(&mut *ledger.db)
        .await?;
        stand(&mut *ledger.db, review.attempt_id).await?;
        let deed = Deed {
            detail: Some(serde_json::json!({ "score": total.score, "sha256": hash })),
            ..self.deed.clone()
        };
        noted(ledger, &deed, self.id).await
    }
}

struct Again {
    id: i64,
    opinion: Opinion,
    deed: Deed,
}

impl Write for Again {
    type Answer = i64;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<i64, Error> {
        let review = present(&mut *ledger.db, self.id).await?;
        if review.first_id.is_some() {
            return Err(Refused::NotFirst.into());
        }
        if review.state != "signed" {
            return Err(Refused::Unsigned.into());
        }
        let (kind, person) = match &self.opinion {
            Opinion::Second(person) => ("second", person.as_ref()),
            Opinion::Appeal(_) => ("appeal", None),
        };
        let known: Option<i64> = sqlx::query_scalar("select id from review where first_id = $1 and kind = $2")
            .bind(self.id)
            .bind(kind)
            .fetch_optional(&mut *ledger.db)
            .await?;
        if let Some(known) = known {
            return Ok(known);
        }
        if let Some(person) = person {
            is_new_to(&mut *ledger.db, &review, person).await?;
        }
        let id: i64 = sqlx::query_scalar(
            "insert into review (attempt_id, scorecard_id, kind, first_id, account_id, reviewer, due_at, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8) returning id",
        )
        .bind(review.attempt_id)
        .bind(review.scorecard_id)
        .bind(kind)
        .bind(self.id)
        .bind(person.map(|person| person.id))
        .bind(person.map(|person| person.name.as_str()))
        .bind((self.deed.at + TIME).millis())
        .bind(self.deed.at.millis())
        .fetch_one(&mut *ledger.db)
        .await?;
        if let Opinion::Appeal(reason) = &self.opinion {
            sqlx::query("insert into appeal (review_id, second_id, account_id, who, reason, at) values ($1, $2, $3, $4, $5, $6)")
                .bind(self.id)
                .bind(id)
                .bind(self.deed.account_id)
                .bind(&self.deed.who)
                .bind(reason)
                .bind(self.deed.at.millis())
                .execute(&mut *ledger.db)
                .await?;
        }
        stand(&mut *ledger.db, review.attempt_id).await?;
        noted(ledger, &self.deed, self.id).await?;
        Ok(id)
    }
}
