//! Do not call: nobody is dialed who was on the list at that time, as a number or as a patient, at any level.

use std::collections::BTreeMap;

use super::evidence::UNDER_WAY;
use super::view::View;
use super::{Attempt, Breach, Campaign, Listing, RuleResult, Said};
use crate::dialer::Listed;
use crate::ids::PatientId;
use crate::phone::Number;

pub(super) fn check(view: &View<'_>, result: &mut RuleResult) {
    let mut by_number: BTreeMap<&Number, Vec<&Listing>> = BTreeMap::new();
    let mut by_patient: BTreeMap<PatientId, Vec<&Listing>> = BTreeMap::new();
    for listing in &view.evidence.listings {
        if let Some(number) = &listing.number {
            by_number.entry(number).or_default().push(listing);
        }
        if let Some(patient) = listing.patient {
            by_patient.entry(patient).or_default().push(listing);
        }
    }
    for (attempt, campaign) in view.tonight() {
        let of_number = by_number.get(&attempt.number).into_iter().flatten();
        let of_patient = attempt.patient.and_then(|patient| by_patient.get(&patient));
        let mut listings = of_number.chain(of_patient.into_iter().flatten());
        let breach = listings
            .find(|listing| is_about(listing, campaign) && held_at(listing, attempt))
            .map(|listing| {
                let (zh, en) = match (&listing.number, listing.level) {
                    (Some(_), Listed::Always) => ("号码在免打扰名单中", "the number was on the do-not-call list"),
                    (None, Listed::Always) => ("患者在免打扰名单中", "the patient was on the do-not-call list"),
                    (_, Listed::Purpose) => ("已谢绝此类来电", "calls of this purpose were declined"),
                    (_, Listed::Campaign) => ("已谢绝本次回访", "calls of this campaign were declined"),
                };
                Breach::by(attempt, Said::new(zh, en))
            });
        result.check(breach);
    }
}

fn is_about(listing: &Listing, campaign: &Campaign) -> bool {
    match listing.level {
        Listed::Always => true,
        Listed::Purpose => listing.purpose.is_some() && listing.purpose == campaign.purpose,
        Listed::Campaign => listing.campaign == Some(campaign.id),
    }
}

fn held_at(listing: &Listing, attempt: &Attempt) -> bool {
    listing.since + UNDER_WAY < attempt.begun && listing.until.is_none_or(|until| attempt.begun + UNDER_WAY < until)
}
