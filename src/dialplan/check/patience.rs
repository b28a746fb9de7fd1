//! Silence or wrong keys must not end a call within 20 seconds of the answer, however fast they come.
//!
//! The session has no clock. So the check looks for the fastest call that silence or wrong keys end: every part counts
//! with the least time that it can take, a state is a part together with how many questions in a row were missed.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::time::Duration;

use super::{Prompts, flow};
use crate::dialplan::End;
use crate::dialplan::plan::{Dialplan, Kind, Part, Question, Role, Spoken, Target, Way};
use crate::document::{Faults, show_duration};

const LEAST: Duration = Duration::from_secs(20);

pub(super) fn check(plan: &Dialplan, prompts: Option<&Prompts>, faults: &mut Faults) {
    let clock = Clock { plan, prompts };
    let times = earliest(plan, &clock);
    for ((id, missed), at) in &times {
        let Some((part, question)) = plan.part(id).and_then(|part| Some((part, part.question()?))) else {
            continue;
        };
        for (way, spent, what) in [
            (&question.on_silence, clock.silence(part, question), "silence"),
            (&question.on_invalid, clock.wrong_keys(part, question), "wrong keys"),
        ] {
            let gives_up = missed + 1 >= plan.give_up_after;
            let end = match (&way.target, gives_up) {
                (Target::Part(_) | Target::End(End::Completed), true) => End::Silent,
                (Target::End(end), _) => *end,
                (Target::Part(_), false) | (Target::Nowhere, _) => continue,
            };
            let goodbye = plan.ending(end).map_or(&[][..], |ending| &ending.say);
            let total = *at + spent + clock.of(goodbye);
            if total < LEAST && clock.knows_enough() {
                let message = format!(
                    "{what} could end the call {} after the answer, here; expected at least 20s: more `repeats`, a longer \
                     `first`, or barge_in = false",
                    show_duration(Duration::from_secs(total.as_secs()))
                );
                faults.error(part.place, message);
            }
        }
    }
}

/// The earliest that each part can begin, by how many questions in a row were missed before it.
fn earliest<'p>(plan: &'p Dialplan, clock: &Clock<'p>) -> BTreeMap<(&'p str, u32), Duration> {
    let mut times: BTreeMap<(&str, u32), Duration> = BTreeMap::new();
    let mut open = BinaryHeap::new();
    let mut next: Vec<(&Way, u32, Duration)> = vec![(&plan.start, 0, Duration::ZERO)];
    loop {
        let named = next.drain(..).filter_map(|(way, missed, at)| match &way.target {
            Target::Part(id) if missed < plan.give_up_after => Some(Reverse((at, id.as_str(), missed))),
            Target::Part(_) | Target::End(_) | Target::Nowhere => None,
        });
        open.extend(named);
        let Some(Reverse((at, id, missed))) = open.pop() else {
            return times;
        };
        let Some(part) = plan.part(id).filter(|_| !times.contains_key(&(id, missed))) else {
            continue;
        };
        times.insert((id, missed), at);
        match &part.role {
            Role::Message { next: way, .. } => next.push((way, missed, at + clock.of(&part.say))),
            Role::Question(question) => {
                let answered = at
                    + if question.barge_in {
                        Duration::ZERO
                    } else {
                        clock.of(&part.say)
                    };
                next.extend(flow::answered_ways(part).into_iter().map(|way| (way, 0, answered)));
                next.push((&question.on_refusal, 0, answered));
                next.push((&question.on_silence, missed + 1, at + clock.silence(part, question)));
                next.push((&question.on_invalid, missed + 1, at + clock.wrong_keys(part, question)));
            }
        }
    }
}

struct Clock<'p> {
    plan: &'p Dialplan,
    prompts: Option<&'p Prompts>,
}

impl Clock<'_> {
    /// Without the recordings there is nothing to reckon with.
    const fn knows_enough(&self) -> bool {
        self.prompts.is_some()
    }

    /// How long it takes at least: in the language in which it is shortest.
    fn of(&self, say: &[Spoken]) -> Duration {
        let in_language = |language: &String| -> Duration {
            let names = say.iter().map(|spoken| self.plan.played(&spoken.name, language));
            let recorded = names.filter_map(|name| self.prompts?.recorded.get(&name));
            recorded.map(|recorded| recorded.duration).sum()
        };
        self.plan.languages().iter().map(in_language).min().unwrap_or_default()
    }

    /// A question that nobody answers: nothing stops its prompts, every wait runs out.
    fn silence(&self, part: &Part, question: &Question) -> Duration {
        let asked = (self.of(&part.say) + question.first) * (question.repeats + 1);
        asked + self.of(&self.plan.say_silent) * question.repeats
    }

    /// A question that gets only wrong keys, at once. A key that is no option lets the prompt go on; but the first
    /// digits of a number out of range do stop it.
    fn wrong_keys(&self, part: &Part, question: &Question) -> Duration {
        let stops_prompts = match question.kind {
            Kind::Choice | Kind::YesNo | Kind::Open(_) => false,
            Kind::Score(range) | Kind::Number(range) => question.barge_in && range.digits > 1,
        };
        if stops_prompts {
            return Duration::ZERO;
        }
        self.of(&part.say) * (question.repeats + 1) + self.of(&self.plan.say_invalid) * question.repeats
    }
}
