//! Corrections of answers: the answer stays as the patient gave it, the correction stands beside it, with a reason. The latest
//! one counts.

use sqlx::SqliteConnection;

use super::audit::Deed;
use super::reviews::Refused;
use crate::dialplan::{self, Kind};
use crate::ids::AttemptId;
use crate::moment::Wall;
use crate::store::dialplan::{label_of, parse_questions};
use crate::store::job::{Ledger, Write};
use crate::store::{Error, Question, Reader, Store};

/// What an answer should have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCorrection {
    /// The call.
    pub call: AttemptId,
    /// The question.
    pub question: String,
    /// The value; none: of one of the other kinds.
    pub value: Option<i64>,
    /// `value`, `refused`, `silent` or `invalid`.
    pub kind: String,
    /// Why.
    pub reason: String,
}

/// A correction.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Correction {
    /// Its row.
    pub id: i64,
    /// The call.
    pub attempt_id: i64,
    /// The question.
    pub question: String,
    /// What stood there before.
    pub old_kind: String,
    /// Its value.
    pub old_value: Option<i64>,
    /// What it meant.
    pub old_label: Option<String>,
    /// What stands there now.
    pub kind: String,
    /// Its value.
    pub value: Option<i64>,
    /// What it means.
    pub label: Option<String>,
    /// Why.
    pub reason: String,
    /// Who.
    pub who: String,
    /// When, in milliseconds.
    pub at: i64,
}

/// The corrections of a call, the first ones first.
pub(in crate::store) const OF_CALL: &str = "
select id, attempt_id, question, old_kind, old_value, old_label, kind, value, label, reason, who, at
from correction where attempt_id = $1 order by question, id";

const BETWEEN: &str = "
select id, attempt_id, question, old_kind, old_value, old_label, kind, value, label, reason, who, at
from correction where at >= $1 and at < $2 order by at, id limit $3";

impl Reader {
    /// The corrections of a stretch of time, the first ones first; at most `most`.
    pub async fn corrections_between(&self, from: Wall, to: Wall, most: u32) -> Result<Vec<Correction>, Error> {
        Ok(sqlx::query_as(BETWEEN)
            .bind(from.millis())
            .bind(to.millis())
            .bind(most)
            .fetch_all(self.pool())
            .await?)
    }

    /// The corrections of a call.
    pub async fn corrections(&self, call: AttemptId) -> Result<Vec<Correction>, Error> {
        Ok(sqlx::query_as(OF_CALL).bind(call.0).fetch_all(self.pool()).await?)
    }
}

/// An answer of a call as the patient gave it, with what it can be corrected to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correctable {
    /// The question.
    pub question: String,
    /// What it asks, in a few words.
    pub title: String,
    /// `value`, `refused`, `silent` or `invalid`.
    pub kind: String,
    /// The value.
    pub value: Option<i64>,
    /// What it means.
    pub label: Option<String>,
    /// The values that have a name.
    pub options: Vec<(i64, String)>,
    /// The range of a score or a number.
    pub range: Option<(i64, i64)>,
}

impl Reader {
    /// The answers of a call, in their order, with what they can be corrected to.
    pub async fn correctable(&self, call: AttemptId) -> Result<Vec<Correctable>, Error> {
        let plan: Option<(String, String)> = sqlx::query_as(
            "select d.text, d.questions from attempt a join dialplan d on d.hash = a.dialplan_hash where a.id = $1",
        )
        .bind(call.0)
        .fetch_optional(self.pool())
        .await?;
        let (text, questions) = plan.ok_or(Error::NoAttempt(call))?;
        let questions = parse_questions(&questions)?;
        let rows: Vec<(String, String, Option<i64>, Option<String>)> =
            sqlx::query_as("select question, kind, value, label from answer where attempt_id = $1 order by id")
                .bind(call.0)
                .fetch_all(self.pool())
                .await?;
        let ranges = Ranges::of(&text);
        Ok(rows
            .into_iter()
            .map(|(question, kind, value, label)| {
                let known = questions.iter().find(|one| one.id == question);
                Correctable {
                    title: known.map_or_else(|| question.clone(), |known| known.title.clone()),
                    options: known
                        .iter()
                        .flat_map(|known| &known.options)
                        .map(|option| (option.code, option.label.clone()))
                        .collect(),
                    range: ranges.range(&question),
                    question,
                    kind,
                    value,
                    label,
                }
            })
            .collect())
    }
}

/// The ranges of the questions that take a score or a number.
struct Ranges(Option<dialplan::Dialplan>);

impl Ranges {
    fn of(text: &str) -> Self {
        Self(dialplan::parse(text).ok())
    }

    fn range(&self, question: &str) -> Option<(i64, i64)> {
        match self.0.as_ref()?.question(question)?.kind {
            Kind::Score(entry) | Kind::Number(entry) => Some((entry.min, entry.max)),
            Kind::Choice | Kind::YesNo | Kind::Open(_) => None,
        }
    }
}

impl Store {
    /// Corrects an answer; gives the correction's row.
    ///
    /// # Errors
    /// [`Refused::NoAnswer`], [`Refused::NotOnScale`], [`Refused::NoChange`].
    pub async fn correct_answer(&self, new: NewCorrection, deed: Deed) -> Result<i64, Error> {
        self.write(Correct { new, deed }).await
    }
}

struct Correct {
    new: NewCorrection,
    deed: Deed,
}

/// What stands there: the answer, or the latest correction of it.
#[derive(sqlx::FromRow)]
struct Present {
    kind: String,
    value: Option<i64>,
    label: Option<String>,
}

async fn present(db: &mut SqliteConnection, new: &NewCorrection) -> Result<Present, Error> {
    let found: Option<Present> = sqlx::query_as(
        "select kind, value, label from (
            select kind, value, label, id, 1 as place from correction where attempt_id = $1 and question = $2
            union all
            select kind, value, label, id, 2 as place from answer where attempt_id = $1 and question = $2)
         order by place, id desc limit 1",
    )
    .bind(new.call.0)
    .bind(&new.question)
    .fetch_optional(db)
    .await?;
    let question = new.question.clone();
    Ok(found.ok_or(Refused::NoAnswer { question })?)
}

/// What a value means, if the question can have it.
fn labelled(questions: &[Question], text: &str, question: &str, value: i64) -> Result<Option<String>, Refused> {
    let options: Vec<i64> = questions
        .iter()
        .filter(|one| one.id == question)
        .flat_map(|one| one.options.iter().map(|option| option.code))
        .collect();
    let range = Ranges::of(text).range(question);
    let is_there = options.contains(&value) || range.is_some_and(|(min, max)| (min..=max).contains(&value));
    if is_there {
        return Ok(label_of(questions, question, value).map(str::to_owned));
    }
    let expected = match range {
        Some((min, max)) => format!("{min} to {max}"),
        None if options.is_empty() => "a question that is answered by keys".to_owned(),
        None => {
            let codes: Vec<String> = options.iter().map(i64::to_string).collect();
            format!("one of {}", codes.join(", "))
        }
    };
    Err(Refused::NotOnScale { value, expected })
}

impl Write for Correct {
    type Answer = i64;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<i64, Error> {
        let new = &self.new;
        let present = present(&mut *ledger.db, new).await?;
        if present.kind == new.kind && present.value == new.value {
            return Err(Refused::NoChange.into());
        }
        let (text, questions): (String, String) = sqlx::query_as(
            "select d.text, d.questions from attempt a join dialplan d on d.hash = a.dialplan_hash where a.id = $1",
        )
        .bind(new.call.0)
        .fetch_one(&mut *ledger.db)
        .await?;
        let label = match new.value {
            Some(value) => labelled(&parse_questions(&questions)?, &text, &new.question, value)?,
            None => None,
        };
        let id: i64 = sqlx::query_scalar(
            "insert into correction (attempt_id, question, old_kind, old_value, old_label, kind, value, label, reason,
                account_id, who, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning id",
        )
        .bind(new.call.0)
        .bind(&new.question)
        .bind(&present.kind)
        .bind(present.value)
        .bind(&present.label)
        .bind(&new.kind)
        .bind(new.value)
        .bind(&label)
        .bind(&new.reason)
        .bind(self.deed.account_id)
        .bind(&self.deed.who)
        .bind(self.deed.at.millis())
        .fetch_one(&mut *ledger.db)
        .await?;
        weigh(&mut *ledger.db, new.call).await?;
        let deed = Deed {
            object: Some(format!("call:{}", new.call.0)),
            detail: Some(serde_json::json!({
                "question": new.question, "from": present.value, "to": new.value, "kind": new.kind, "correction": id,
            })),
            ..self.deed.clone()
        };
        deed.run(ledger).await?;
        Ok(id)
    }
}

/// The lowest answer by which the call is found: the corrected answers count.
async fn weigh(db: &mut SqliteConnection, call: AttemptId) -> Result<(), Error> {
    sqlx::query(
        "update replay set lowest = (
            select min(v.points) from answer w join attempt a on a.id = w.attempt_id
                left join correction c on c.id = (select max(o.id) from correction o
                    where o.attempt_id = w.attempt_id and o.question = w.question)
                join worth v on v.dialplan_hash = a.dialplan_hash and v.question = w.question
                    and v.value = case when c.id is null then w.value else c.value end
            where w.attempt_id = $1)
         where attempt_id = $1",
    )
    .bind(call.0)
    .execute(db)
    .await?;
    Ok(())
}

impl Correction {
    /// When.
    pub const fn made_at(&self) -> Wall {
        Wall::from_millis(self.at)
    }
}
