//! Dialplans as the database keeps them: the text under its content hash, and its questions for labels and reports.

use serde::{Deserialize, Serialize};

use crate::moment::Wall;

use super::job::{Ledger, Write};
use super::{Error, Reader, console};

/// A dialplan to keep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dialplan {
    /// Its content hash, as sessions carry it.
    pub hash: String,
    /// The file it came from.
    pub file: String,
    /// The whole text.
    pub text: String,
    /// Its questions in order.
    pub questions: Vec<Question>,
}

/// A question as labels and reports need it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// Its id in the dialplan.
    pub id: String,
    /// What it asks, in a few words.
    #[serde(default)]
    pub title: String,
    /// `choice`, `scale`, `yes_no`, `number` …, as the dialplan says.
    #[serde(default)]
    pub kind: String,
    /// Whether it must be answered for the case to be complete.
    #[serde(default)]
    pub required: bool,
    /// Whether it asks who is on the line rather than the survey.
    #[serde(default)]
    pub screening: bool,
    /// Its options; none for a number or a scale without labels.
    #[serde(default)]
    pub options: Vec<Choice>,
}

/// One option of a question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// The value that an answer stores.
    pub code: i64,
    /// What it means.
    #[serde(default)]
    pub label: String,
    /// Its points in the satisfaction score, 0 to 100.
    #[serde(default)]
    pub points: Option<f64>,
    /// Whether it counts as satisfied.
    #[serde(default)]
    pub satisfied: Option<bool>,
}

impl Question {
    /// A question that no dialplan lists, known only by its answers.
    pub(super) fn unlisted(id: String) -> Self {
        Self {
            title: id.clone(),
            id,
            kind: String::new(),
            required: false,
            screening: true,
            options: Vec::new(),
        }
    }
}

/// Reads the questions column.
pub(super) fn parse_questions(text: &str) -> Result<Vec<Question>, Error> {
    serde_json::from_str(text).map_err(|why| Error::stored("dialplan.questions", why))
}

/// The label of an answer's value.
pub(super) fn label_of<'q>(questions: &'q [Question], id: &str, value: i64) -> Option<&'q str> {
    let question = questions.iter().find(|question| question.id == id)?;
    let choice = question.options.iter().find(|choice| choice.code == value)?;
    Some(choice.label.as_str()).filter(|label| !label.is_empty())
}

pub(super) struct Put {
    pub(super) dialplan: Dialplan,
    pub(super) now: Wall,
}

impl Write for Put {
    type Answer = ();

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        let questions = serde_json::to_string(&self.dialplan.questions).map_err(|why| Error::Json {
            what: "dialplan.questions",
            why: why.to_string(),
        })?;
        sqlx::query(
            "insert into dialplan (hash, file, text, questions, kept_at) values ($1, $2, $3, $4, $5)
             on conflict (hash) do nothing",
        )
        .bind(&self.dialplan.hash)
        .bind(&self.dialplan.file)
        .bind(&self.dialplan.text)
        .bind(questions)
        .bind(self.now.millis())
        .execute(&mut *ledger.db)
        .await?;
        let plan = &self.dialplan;
        console::weigh(ledger.db, &plan.hash, &plan.text, &plan.questions).await
    }
}

impl Reader {
    /// The dialplan of a content hash.
    pub async fn dialplan(&self, hash: &str) -> Result<Dialplan, Error> {
        let row: Option<(String, String, String, String)> =
            sqlx::query_as("select hash, file, text, questions from dialplan where hash = $1")
                .bind(hash)
                .fetch_optional(self.pool())
                .await?;
        let (hash, file, text, questions) = row.ok_or_else(|| Error::NoDialplan { hash: hash.to_owned() })?;
        Ok(Dialplan {
            hash,
            file,
            text,
            questions: parse_questions(&questions)?,
        })
    }
}
