//! The questions of a campaign over the versions of its dialplan: two versions of a question are one only where their
//! scale is the same.

use crate::ids::CampaignId;
use crate::moment::Wall;

use super::dialplan::parse_questions;
use super::{AnswerTally, Error, Question, Reader};

/// A question as some versions of the dialplan ask it.
#[derive(Clone, Debug, PartialEq)]
pub struct QuestionVersion {
    /// The question, as the latest of them has it.
    pub question: Question,
    /// These versions, by content hash; empty for what no dialplan lists.
    pub dialplans: Vec<String>,
    /// When the latest of them was kept, where a newer version asks the same id on another scale.
    pub kept_at: Option<Wall>,
}

impl QuestionVersion {
    /// The answers that these versions got.
    pub fn of(&self, answers: &[AnswerTally]) -> Vec<AnswerTally> {
        answers.iter().filter(|answer| self.asked(answer)).cloned().collect()
    }

    /// Whether answers of this kind are answers to it.
    pub fn asked(&self, answer: &AnswerTally) -> bool {
        let is_of = self.dialplans.is_empty() || self.dialplans.contains(&answer.dialplan);
        is_of && answer.question == self.question.id
    }

    /// What figures call it: its id, and for an older version behind it the beginning of its dialplan's hash.
    pub fn name(&self) -> String {
        let hash = self.dialplans.first().and_then(|hash| hash.get(..8));
        match (self.kept_at, hash) {
            (Some(_), Some(hash)) => format!("{}@{hash}", self.question.id),
            (Some(_) | None, _) => self.question.id.clone(),
        }
    }
}

/// Whether two questions are answered on the same scale: values of one mean in the other what they mean here.
fn is_same_scale(one: &Question, other: &Question) -> bool {
    let mut pairs = one.options.iter().zip(&other.options);
    one.kind == other.kind
        && one.options.len() == other.options.len()
        && pairs.all(|(one, other)| one.code == other.code && one.label == other.label)
}

/// Adds the questions of a version that is older than those already there.
fn add(versions: &mut Vec<QuestionVersion>, dialplan: &str, kept_at: Wall, questions: Vec<Question>) {
    for question in questions {
        let same_id = |known: &QuestionVersion| known.question.id == question.id;
        let same = versions
            .iter_mut()
            .find(|known| known.question.id == question.id && is_same_scale(&known.question, &question));
        if let Some(same) = same {
            same.dialplans.push(dialplan.to_owned());
            continue;
        }
        let after = versions.iter().rposition(same_id);
        let version = QuestionVersion {
            question,
            dialplans: vec![dialplan.to_owned()],
            kept_at: after.map(|_| kept_at),
        };
        versions.insert(after.map_or(versions.len(), |at| at + 1), version);
    }
}

impl Reader {
    /// The questions of a campaign in order, as [`Reader::questions`] has them, with every version on another scale
    /// right after the newer one.
    pub async fn question_versions(&self, campaign: CampaignId) -> Result<Vec<QuestionVersion>, Error> {
        let rows: Vec<(String, i64, String)> = sqlx::query_as(
            "select d.hash, d.kept_at, d.questions from dialplan d
             where d.hash = (select m.dialplan_hash from campaign m where m.id = $1)
                or d.hash in (select u.dialplan_hash from campaign_dialplan u where u.campaign_id = $1)
             order by case when d.hash = (select m.dialplan_hash from campaign m where m.id = $1) then 0 else 1 end,
                d.kept_at desc, d.hash",
        )
        .bind(campaign.0)
        .fetch_all(self.pool())
        .await?;
        let mut versions = Vec::new();
        for (hash, kept_at, questions) in rows {
            add(
                &mut versions,
                &hash,
                Wall::from_millis(kept_at),
                parse_questions(&questions)?,
            );
        }
        for question in self.questions(campaign).await? {
            if versions.iter().all(|known| known.question.id != question.id) {
                versions.push(QuestionVersion {
                    question,
                    dialplans: Vec::new(),
                    kept_at: None,
                });
            }
        }
        Ok(versions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Choice;

    fn question(id: &str, kind: &str, labels: &[&str]) -> Question {
        let choice = |(code, label): (i64, &&str)| Choice {
            code,
            label: (*label).to_owned(),
            points: None,
            satisfied: None,
        };
        Question {
            id: id.to_owned(),
            title: format!("{id}?"),
            kind: kind.to_owned(),
            required: true,
            screening: false,
            options: (1..).zip(labels).map(choice).collect(),
        }
    }

    #[test]
    fn versions_are_one_only_with_the_same_id_and_scale() {
        let mut versions = Vec::new();
        let day = Wall::from_millis;
        add(
            &mut versions,
            "now",
            day(3),
            vec![
                question("a", "choice", &["满意", "不满意"]),
                question("b", "score", &[]),
            ],
        );
        add(
            &mut versions,
            "reworded",
            day(2),
            vec![Question {
                title: "other words".into(),
                ..question("a", "choice", &["满意", "不满意"])
            }],
        );
        add(
            &mut versions,
            "first",
            day(1),
            vec![
                question("a", "choice", &["好", "差"]),
                question("b", "number", &[]),
                question("c", "open", &["已录音"]),
            ],
        );
        let told: Vec<_> = versions
            .iter()
            .map(|version| {
                (
                    version.question.id.as_str(),
                    version.dialplans.join(" "),
                    version.kept_at,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("a", "now reworded".to_owned(), None),
                ("a", "first".to_owned(), Some(day(1))),
                ("b", "now".to_owned(), None),
                ("b", "first".to_owned(), Some(day(1))),
                ("c", "first".to_owned(), None),
            ]
        );
        let tally = |dialplan: &str| AnswerTally {
            question: "a".to_owned(),
            kind: "value".to_owned(),
            value: Some(1),
            dialplan: dialplan.to_owned(),
            n: 5,
        };
        let all = [tally("now"), tally("reworded"), tally("first")];
        assert_eq!(versions[0].of(&all), all[..2]);
        assert_eq!(versions[1].of(&all), all[2..]);
    }
}
