//! The second opinion on a night: its rules stated again, over what was stored and what the trunk saw.
//!
//! Nothing here asks [`crate::dialer::claim`]: a fault there would then be excused by itself. Each rule is a file of its own
//! and says of every attempt, case or sighting whether the rule held. What cannot be known from what is stored is told as
//! not provable, never as broken.

mod budget;
mod caps;
mod deadline;
mod do_not_call;
mod evidence;
mod finality;
mod lines;
mod once;
mod pace;
mod rule;
mod sightings;
mod starved;
mod stops;
#[cfg(test)]
mod tests;
pub mod trunk_log;
mod view;
mod window;

pub use evidence::{Attempt, Campaign, Case, Decision, Evidence, Listing, Scope, State, Trunk};
pub use rule::{Breach, Judgement, Rule, RuleResult, Said};
pub use trunk_log::{LineFault, Sighting, TrunkLog};

use view::View;

/// Judges a night by all rules.
pub fn judge(evidence: &Evidence) -> Judgement {
    let view = View::of(evidence);
    let mut not_provable = Vec::new();
    let rules = Rule::ALL
        .into_iter()
        .map(|rule| {
            let mut result = RuleResult::of(rule);
            match rule {
                Rule::Window => window::check(&view, &mut result),
                Rule::NumberCap => caps::check_numbers(&view, &mut result),
                Rule::PatientCap => caps::check_patients(&view, &mut result),
                Rule::Budget => budget::check(&view, &mut result),
                Rule::Once => once::check_cases(&view, &mut result),
                Rule::AtMostOnce => finality::check(&view, &mut result),
                Rule::NumberOnce => once::check_numbers(&view, &mut result),
                Rule::DoNotCall => do_not_call::check(&view, &mut result),
                Rule::Stops => stops::check(&view, &mut result),
                Rule::Pace => pace::check(&view, &mut result),
                Rule::Lines => lines::check(&view, &mut result),
                Rule::Starved => starved::check(&view, &mut result, &mut not_provable),
                Rule::TrunkSawOnlyOurs => sightings::only_ours(&view, &mut result, &mut not_provable),
                Rule::TrunkSawAllOurs => sightings::all_ours(&view, &mut result, &mut not_provable),
                Rule::Deadline => deadline::check(&view, &mut result),
            }
            result.broken.sort_by_key(|breach| breach.at);
            result
        })
        .collect();
    not_provable.extend(view.doubts());
    Judgement {
        night: evidence.night,
        attempts: view.tonight().count(),
        rules,
        not_provable,
    }
}
