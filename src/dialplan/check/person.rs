//! Whether the way to a person ends well: who gets none is offered a time, and hears of the key at all.

use super::{Prompts, wording, words};
use crate::dialplan::plan::{Dialplan, Kind, Person, Target};
use crate::document::Faults;
use crate::phone::Key;

/// Whoever gets no person chooses a time for a call-back: that is what `busy` has to lead to.
pub(super) fn check(plan: &Dialplan, faults: &mut Faults) {
    let Some(person) = &plan.person else { return };
    // A name that does not exist is told as such.
    if person.busy.target == Target::Nowhere {
        return;
    }
    let Some(question) = plan.call_back() else {
        let message = "`busy` has to be a question: whoever gets no person chooses a time for a call-back there";
        return faults.error(person.busy.place, message);
    };
    let id = &question.id;
    if !question.screening {
        let message = format!("\"{id}\" offers a call-back and is no part of the survey; set screening = true there");
        faults.error(person.busy.place, message);
    }
    if question.kind != Kind::Choice || question.options.iter().all(|option| option.appointment.is_none()) {
        let message = format!(
            "no option of \"{id}\" has a time; whoever gets no person chooses one there: appointment = \"17:30\", \"1d 10:00\" …"
        );
        faults.error(person.busy.place, message);
    }
    if person.longest < person.every {
        let message = "`longest` is shorter than `every`: what is said while a patient waits would never come again";
        faults.warning(person.place, message);
    }
}

/// A key that no prompt speaks of is pressed by nobody.
pub(super) fn is_spoken_of(plan: &Dialplan, prompts: Option<&Prompts>, language: &str, faults: &mut Faults) {
    let Some(Person {
        key,
        place,
        later,
        again,
        ..
    }) = &plan.person
    else {
        return;
    };
    let said: Vec<_> = plan.parts.iter().flat_map(|part| &part.say).collect();
    let texts: Vec<&str> = said
        .iter()
        .filter_map(|spoken| words(plan, prompts, spoken, language))
        .collect();
    let is_named = texts.iter().any(|text| wording::named_keys(text).contains(key));
    if texts.len() == said.len() && !is_named {
        let message = format!("no prompt of {language} speaks of key {key}, which calls for a person");
        faults.warning(*place, message);
    }
    let said: Vec<_> = again.iter().collect();
    let texts = said.iter().filter_map(|spoken| words(plan, prompts, spoken, language));
    let texts: Vec<&str> = texts.collect();
    let is_silent_of = |key: &Key| !texts.iter().any(|text| wording::named_keys(text).contains(key));
    if let Some(later) = later
        .as_ref()
        .filter(|key| texts.len() == said.len() && is_silent_of(key))
    {
        let message =
            format!("no prompt of `again` in {language} speaks of key {later}, by which a call-back is chosen at once");
        faults.warning(*place, message);
    }
}
