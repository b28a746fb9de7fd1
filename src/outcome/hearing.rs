//! What a patient can have heard when a key came: how far a prompt was that the key stopped, and whether the option had been
//! named by then.
//!
//! A key stops its prompt, so how long that would have lasted is not noted. It is reckoned from its text, at the pace of the
//! prompts of the same call that played to their ends: the same voice says both.

use super::facts::{PlayEnd, Played};
use crate::dialplan::{Dialplan, Question};

/// What a character takes where no prompt of the call played to its end: as fast as an intelligible voice speaks.
const QUICK_MS: f64 = 160.0;
/// Characters are no stopwatch: a key counts as early only when it came before so much of the reckoned time.
const SURELY: f64 = 0.85;

/// The prompts of a call, and the dialplan that they belong to.
#[derive(Clone, Copy, Debug)]
pub struct Hearing<'h> {
    plan: &'h Dialplan,
    played: &'h [Played],
}

impl<'h> Hearing<'h> {
    /// Of a call.
    pub const fn new(plan: &'h Dialplan, played: &'h [Played]) -> Self {
        Self { plan, played }
    }

    /// The question that a stretch of prompts asks: the one all of whose prompts it ends with.
    pub fn asked(&self, play: &Played) -> Option<&'h Question> {
        let names: Vec<&str> = play.prompts.iter().map(|prompt| bare(prompt)).collect();
        self.plan.questions().find(|question| {
            let own: Vec<&str> = self.plan.question_prompts(&question.id).into_iter().map(bare).collect();
            !own.is_empty() && names.ends_with(&own)
        })
    }

    /// When a stretch of prompts was over or would have been, in milliseconds from the answer: as it was noted for one that
    /// played to its end, reckoned for one that did not; none without its text.
    pub fn ends_ms(&self, play: &Played) -> Option<u32> {
        if play.end == PlayEnd::Whole {
            return Some(play.to_ms);
        }
        let same = self
            .played
            .iter()
            .find(|other| other.end == PlayEnd::Whole && other.prompts == play.prompts);
        let lasts = match same {
            Some(same) => f64::from(same.to_ms.saturating_sub(same.from_ms)),
            None => self.length(&play.prompts)? * self.pace(),
        };
        // It cannot have ended before the key that stopped it.
        Some((play.from_ms + lasts as u32).max(play.to_ms))
    }

    /// Whether a key that answers a question came before the patient can have heard what it means: into the prompt, and
    /// before the option was named. Where an earlier question had the same options and named it, hearing the question itself
    /// is enough. A key after the prompt is never early.
    pub fn is_early(&self, question: &str, key: char, at_ms: i64) -> bool {
        let before = |play: &&Played| i64::from(play.from_ms) <= at_ms;
        let asking = |play: &&Played| self.asked(play).is_some_and(|asked| asked.id == question);
        let Some(play) = self.played.iter().filter(before).rfind(asking) else {
            return false;
        };
        // Whoever hears the question again has heard the options, or waited them out.
        let again = self
            .played
            .iter()
            .filter(|other| other.from_ms < play.from_ms)
            .any(|other| asking(&other));
        if again || play.end == PlayEnd::Whole && at_ms >= i64::from(play.to_ms) {
            return false;
        }
        let Some((stem, option)) = self.needed(play, key) else {
            return false;
        };
        let needed = if self.knows(question, key, play.from_ms) {
            stem
        } else {
            option
        };
        let since = at_ms - i64::from(play.from_ms);
        (since as f64) < needed * self.pace() * SURELY
    }

    /// Whether an earlier question with the same options named this one before the patient answered.
    fn knows(&self, question: &str, key: char, before_ms: u32) -> bool {
        let Some(question) = self
            .plan
            .question(question)
            .filter(|question| !question.options.is_empty())
        else {
            return false;
        };
        let labels = |question: &Question| -> Vec<(char, String)> {
            let options = question.options.iter();
            options
                .map(|option| (option.key.as_char(), option.label.clone()))
                .collect()
        };
        let earlier = self.played.iter().filter(|play| play.from_ms < before_ms);
        earlier
            .filter(|play| self.asked(play).is_some_and(|other| labels(other) == labels(question)))
            .any(|play| {
                let lasted = f64::from(play.to_ms.saturating_sub(play.from_ms));
                self.needed(play, key)
                    .is_some_and(|(_, option)| lasted >= option * self.pace() * SURELY)
            })
    }

    /// How much of a stretch must be heard for the question itself, and for the option of a key, in characters.
    fn needed(&self, play: &Played, key: char) -> Option<(f64, f64)> {
        let (last, others) = play.prompts.split_last()?;
        let lead = self.length(others)?;
        let text = self.plan.shown_text(last)?;
        let stem = text.find(['？', '?', '。', '.', '！', '!']).unwrap_or_default();
        let stem = lead + characters(text.get(..stem).unwrap_or_default());
        // A score has no option of its own: the question says what the numbers mean.
        let named = named_at(&text, key).map_or(stem, |end| lead + characters(text.get(..end).unwrap_or_default()));
        Some((stem.min(named), named))
    }

    /// Milliseconds of a character, by the prompts of this call that played to their ends.
    fn pace(&self) -> f64 {
        let whole = self.played.iter().filter(|play| play.end == PlayEnd::Whole);
        let (lasted, long) = whole.fold((0.0, 0.0), |(lasted, long), play| {
            match self.length(&play.prompts).filter(|length| *length > 0.0) {
                Some(length) => (
                    lasted + f64::from(play.to_ms.saturating_sub(play.from_ms)),
                    long + length,
                ),
                None => (lasted, long),
            }
        });
        if long > 0.0 { lasted / long } else { QUICK_MS }
    }

    fn length(&self, prompts: &[String]) -> Option<f64> {
        prompts
            .iter()
            .map(|prompt| self.plan.shown_text(prompt).map(|text| characters(&text)))
            .sum()
    }
}

/// Where the option of a key has been named: behind 按1 or press 1.
fn named_at(text: &str, key: char) -> Option<usize> {
    let ends = ["按", "press ", "Press "].map(|word| {
        let wanted = format!("{word}{key}");
        text.match_indices(&wanted)
            .map(|(at, found)| at + found.len())
            .find(|end| {
                !text
                    .get(*end..)
                    .unwrap_or_default()
                    .starts_with(|c: char| c.is_ascii_digit())
            })
    });
    ends.into_iter().flatten().min()
}

/// How long a text is to a voice: a Chinese character is a syllable, about three and a half letters are one.
fn characters(text: &str) -> f64 {
    let weight = |c: char| match c {
        'a'..='z' | 'A'..='Z' => 0.28,
        ' ' => 0.0,
        _ => 1.0,
    };
    text.chars().map(weight).sum()
}

/// The name of a prompt without its language.
fn bare(prompt: &str) -> &str {
    prompt.split_once('/').map_or(prompt, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialplan;

    fn plan() -> Dialplan {
        dialplan::parse(include_str!("../../dialplans/inpatient-satisfaction.toml")).unwrap()
    }

    fn play(prompt: &str, from_ms: u32, to_ms: u32, end: PlayEnd) -> Played {
        Played {
            prompts: vec![prompt.to_owned()],
            from_ms,
            to_ms,
            end,
        }
    }

    /// The greeting plays whole at 200 ms a character; the treatment from 20 s on.
    fn call(answered_at: u32) -> Vec<Played> {
        let greeting = characters(&plan().shown_text("inpatient-greeting").unwrap());
        vec![
            play("inpatient-greeting", 0, (greeting * 200.0) as u32, PlayEnd::Whole),
            play("inpatient-treatment", 20_000, answered_at, PlayEnd::Key),
        ]
    }

    #[test]
    fn a_key_into_the_prompt_is_early_only_before_its_option_was_named() {
        let plan = plan();
        // 您对治疗效果满意吗？满意请按1， takes 15 characters: 3 s.
        for (after, key, is_early) in [
            (400, '1', true),
            (2_000, '1', true),
            (3_200, '1', false),
            (3_200, '4', true),
            (7_600, '4', false),
        ] {
            let played = call(20_000 + after);
            let hearing = Hearing::new(&plan, &played);
            let at = 20_000 + i64::from(after);
            assert_eq!(
                hearing.is_early("treatment", key, at),
                is_early,
                "{key} after {after} ms"
            );
        }
    }

    #[test]
    fn whoever_knows_the_options_needs_only_the_question() {
        let plan = plan();
        let mut played = call(28_000);
        played.push(play("inpatient-attitude", 29_000, 31_500, PlayEnd::Key));
        let hearing = Hearing::new(&plan, &played);
        assert!(!hearing.is_early("attitude", '4', 31_500), "the scale was heard before");
        assert!(hearing.is_early("attitude", '4', 29_300), "the question was not");
        let mut unheard = call(20_300);
        unheard.push(play("inpatient-attitude", 21_000, 23_500, PlayEnd::Key));
        assert!(Hearing::new(&plan, &unheard).is_early("attitude", '4', 23_500));
    }

    #[test]
    fn a_key_after_the_prompt_and_one_at_a_second_hearing_are_never_early() {
        let plan = plan();
        let mut played = call(30_000);
        played[1].end = PlayEnd::Whole;
        assert!(!Hearing::new(&plan, &played).is_early("treatment", '4', 30_001));
        played.push(play("inpatient-treatment", 33_000, 33_400, PlayEnd::Key));
        assert!(!Hearing::new(&plan, &played).is_early("treatment", '4', 33_400));
        assert!(!Hearing::new(&plan, &played).is_early("nothing", '4', 33_400));
    }

    #[test]
    fn a_prompt_that_was_stopped_would_have_ended_by_its_text() {
        let plan = plan();
        let played = call(20_400);
        let hearing = Hearing::new(&plan, &played);
        let text = characters(&plan.shown_text("inpatient-treatment").unwrap());
        let ends = hearing.ends_ms(&played[1]).unwrap();
        assert!(ends.abs_diff(20_000 + (text * 200.0) as u32) < 50, "{ends}");
        assert_eq!(hearing.ends_ms(&played[0]), Some(played[0].to_ms));
    }

    #[test]
    fn options_are_found_in_both_languages() {
        assert_eq!(
            named_at("满意请按1，不满意请按4。", '4'),
            Some("满意请按1，不满意请按4".len())
        );
        assert_eq!(
            named_at("Fairly satisfied, press 2.", '2'),
            Some("Fairly satisfied, press 2".len())
        );
        assert_eq!(named_at("满意请按10。", '1'), None);
    }
}
