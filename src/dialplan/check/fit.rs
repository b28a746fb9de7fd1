//! Whether the options answer what is asked: a scale of satisfaction does not answer "which way".

use crate::dialplan::plan::{Asks, Dialplan, Kind, Question};
use crate::document::{Faults, Place};

/// Words of questions that want one of several things named, or a quantity.
const ASK_FOR_A_THING: [&str; 19] = [
    "何种",
    "哪种",
    "哪些",
    "哪个",
    "哪一",
    "哪方面",
    "哪家",
    "什么方式",
    "什么时候",
    "什么时间",
    "什么渠道",
    "多少",
    "多久",
    "几次",
    "几天",
    "which ",
    "how many",
    "how often",
    "by what ",
];
/// Words of options that say how satisfied someone is.
const SATISFACTION: [&str; 3] = ["满意", "satisfied", "Satisfied"];
const ASK_FOR_SATISFACTION: [&str; 4] = ["满意吗", "是否满意", "满意度如何", "how satisfied"];

pub(super) fn check(plan: &Dialplan, faults: &mut Faults) {
    for part in &plan.parts {
        let Some(question) = part.question() else { continue };
        let names = part.say.iter().flat_map(|spoken| {
            plan.languages()
                .iter()
                .map(|language| plan.played(&spoken.name, language))
        });
        let names: Vec<String> = names.collect();
        let spoken = names.iter().filter_map(|name| plan.prompt_text(name));
        let asked: Vec<&str> = std::iter::once(question.title.as_str())
            .chain(spoken.flat_map(sentences))
            .collect();
        question_fits(question, &asked, part.place, faults);
    }
}

fn question_fits(question: &Question, asked: &[&str], place: Place, faults: &mut Faults) {
    if question.asks == Some(Asks::Satisfaction) && question.satisfied.is_empty() {
        let message = "asks = \"satisfaction\", but `satisfied` names no option: nobody could count as satisfied";
        faults.error(place, message);
    }
    if question.kind != Kind::Choice || question.options.is_empty() {
        return;
    }
    let mentions = |words: &[&str]| asked.iter().any(|text| words.iter().any(|word| text.contains(word)));
    let rating = |label: &str| SATISFACTION.iter().any(|word| label.contains(word));
    let ratings = question.options.iter().filter(|option| rating(&option.label)).count();
    let rates = ratings * 2 >= question.options.len();
    let thing = ASK_FOR_A_THING
        .iter()
        .find(|word| asked.iter().any(|text| text.contains(**word)));
    if let Some(thing) = thing
        && rates
        && !mentions(&SATISFACTION)
    {
        let labels: Vec<&str> = question.options.iter().map(|option| option.label.as_str()).collect();
        let message = format!(
            "the scale does not fit: the question asks \"{}\", its options say how satisfied someone is ({}); ask it \
             as a choice of its own: asks = \"which\" and `option` with what can be chosen",
            thing.trim(),
            labels.join(", ")
        );
        faults.error(place, message);
    }
    if ratings == 0 && mentions(&ASK_FOR_SATISFACTION) {
        faults.warning(
            place,
            "the question asks how satisfied someone is, but no option says that",
        );
    }
}

/// The sentences of a text that offer no key: what is asked, without the options.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(['。', '？', '！', '；', '.', '?', '!', ';'])
        .filter(|sentence| !sentence.contains('按') && !sentence.contains("press "))
}
