//! What an evidence bundle tells of how a call was judged: signed reviews with their scorecards, and corrections.

use serde::Serialize;

use super::corrections::{CorrectableShown, CorrectionShown};
use super::shown::{ReviewShown, ScorecardShown};
use super::{refused, store};
use crate::access::Action;
use crate::http::Problem;
use crate::http::console::{Console, Seat};
use crate::ids::AttemptId;
use crate::store::console::reviews::State;

/// The reviews of a call that stand for good.
#[derive(Debug, Default, Serialize)]
pub(in crate::http::console) struct SignedReviews {
    items: Vec<ReviewShown>,
    /// The scorecards by which they were judged.
    scorecards: Vec<ScorecardShown>,
    /// Reviews that are not signed, or are half of a blind pair: what they say is not told.
    unsigned: usize,
}

/// The corrections of a call's answers, and the answers as the patient gave them.
#[derive(Debug, Default, Serialize)]
pub(in crate::http::console) struct AllCorrections {
    items: Vec<CorrectionShown>,
    answers: Vec<CorrectableShown>,
}

/// Both, as the person may see them. A call that nobody answered has neither.
pub(in crate::http::console) async fn judged(
    console: &Console,
    seat: &Seat,
    call: i64,
) -> Result<(SignedReviews, AllCorrections), Problem> {
    let (call, person) = (AttemptId(call), seat.person().id);
    let (visible, reader) = (seat.may(Action::SeeCalls)?, store(console).reader());
    let reviews = match reader.reviews_of(call, &visible, person).await {
        Ok(reviews) => reviews,
        Err(store::Error::NoAttempt(_)) => return Ok(Default::default()),
        Err(error) => return Err(refused(error)),
    };
    let all = reviews.len();
    let signed = reviews
        .into_iter()
        .filter(|review| review.state == State::Signed && !review.is_hidden);
    let mut told = SignedReviews {
        items: signed.map(|review| ReviewShown::of(review, person)).collect(),
        ..SignedReviews::default()
    };
    told.unsigned = all - told.items.len();
    let mut cards: Vec<i64> = told.items.iter().map(ReviewShown::scorecard).collect();
    cards.sort_unstable();
    cards.dedup();
    for card in cards {
        told.scorecards
            .push(reader.scorecard(card).await.map_err(refused)?.into());
    }
    let corrections = AllCorrections {
        items: reader
            .corrections(call)
            .await
            .map_err(refused)?
            .into_iter()
            .map(CorrectionShown::from)
            .collect(),
        answers: reader
            .correctable(call)
            .await
            .map_err(refused)?
            .into_iter()
            .map(CorrectableShown::from)
            .collect(),
    };
    Ok((told, corrections))
}
