//! At most once: after a final outcome nobody is called again, and an attempt is one call.

use super::evidence::UNDER_WAY;
use super::view::View;
use super::{Attempt, Breach, Campaign, RuleResult, Said};
use crate::dialer::Outcome;
use crate::outcome::Disposition;

pub(super) fn check(view: &View<'_>, result: &mut RuleResult) {
    for (attempt, campaign) in view.tonight() {
        let breach = after_the_end(view, attempt, campaign).or_else(|| two_calls(attempt));
        result.check(breach);
    }
}

fn after_the_end(view: &View<'_>, attempt: &Attempt, campaign: &Campaign) -> Option<Breach> {
    let case = attempt.case?;
    let same = view.by_case.get(&case).map_or(&[][..], Vec::as_slice);
    let earlier = same.iter().filter(|other| other.id < attempt.id);
    if let Some((end, disposition)) = earlier
        .filter_map(|other| Some((other, other.disposition?)))
        .find(|(_, disposition)| is_final(*disposition, campaign))
    {
        let what = Said::new(
            format!("此前一次尝试已是“{}”,仍再次拨打", disposition.zh()),
            format!(
                "dialed although an earlier attempt had ended as {}",
                disposition.as_str()
            ),
        );
        return Some(Breach::by(attempt, what).with(end));
    }
    // An attempt that ended when the case was closed is what closed it. One whose end is before its beginning lived through
    // a clock that was set back.
    let closed = view.cases.get(&case)?.closed?;
    let ended = attempt.ended.unwrap_or(view.evidence.read_at);
    let is_after = attempt.begun > closed + UNDER_WAY && ended >= attempt.begun && !view.is_doubtful(attempt.begun);
    let what = || Said::new("个案已结案,仍再次拨打", "dialed although the case was closed");
    is_after.then(|| Breach::by(attempt, what()))
}

/// Whether nobody is tried again after this, whatever number there may be.
fn is_final(disposition: Disposition, campaign: &Campaign) -> bool {
    if matches!(
        disposition,
        Disposition::Completed | Disposition::OptOut | Disposition::Deceased
    ) {
        return true;
    }
    let rule = campaign.retry.rule(disposition);
    // A dead number leaves the patient's other ones.
    rule.max == 0 && rule.then != Outcome::NumberDead && disposition.is_answered()
}

fn two_calls(attempt: &Attempt) -> Option<Breach> {
    let many = attempt.call_ids.len();
    let what = || {
        Said::new(
            format!("一次尝试有 {many} 个 Call-ID"),
            format!("the attempt has {many} Call-IDs"),
        )
    };
    (many > 1).then(|| Breach::by(attempt, what()))
}
