//! `GET /api/tonight/calls`: the calls behind a figure of tonight's board, counted anew by the rules of the board's own tally.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::tally::{MINUTE_MS, MINUTES, Stands, is_by_person};
use crate::access::Action;
use crate::config::CampaignFile;
use crate::engine::Office;
use crate::http::Problem;
use crate::http::console::calls::{CallPage, counted_page};
use crate::http::console::page::{Cursor, rows};
use crate::http::console::{Console, Seat};
use crate::http::request::Asked;
use crate::ids::{AttemptId, CaseId};
use crate::moment::Wall;
use crate::outcome::Disposition;
use crate::store::CampaignState;
use crate::store::console::board::{NightAttempt, PAGE};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(calls))
}

/// Which figure of the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum NightFigure {
    /// Cases that are not called again tonight, each by its last call.
    Done,
    /// Cases that are closed with every required question answered.
    Completed,
    /// Cases that are done, but not completed.
    NotCompleted,
    /// Attempts that ended, our own faults left out.
    Attempts,
    /// Attempts that a person answered.
    Answered,
    /// Attempts that ended by our own fault.
    OwnFaults,
}

/// Which list.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct NightAsked {
    /// The figure.
    #[param(inline)]
    figure: NightFigure,
    /// Of this campaign alone, by its id.
    campaign: Option<i64>,
    /// With this disposition alone, by its identifier.
    disposition: Option<String>,
    /// Over this trunk and in the last 60 minutes alone, as the board counts trunks.
    trunk: Option<String>,
    /// Where the page before ended.
    cursor: Option<String>,
    /// How many rows, 50 if nothing is said.
    #[param(minimum = 1, maximum = 200)]
    rows: Option<u32>,
}

/// The calls behind a figure of tonight, the newest first; the total is the figure, counted at this moment. A case is shown by
/// its last call. A night is read from its first attempt on.
#[utoipa::path(
    get,
    path = "/api/tonight/calls",
    tag = "tonight",
    params(NightAsked),
    responses(
        (status = 200, body = CallPage),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn calls(
    State(console): State<Console>,
    seat: Seat,
    Asked(asked): Asked<NightAsked>,
) -> Result<Json<CallPage>, Problem> {
    seat.may(Action::SeeTonight)?;
    if !seat.may(Action::SeeCalls)?.is_all() {
        return Err(Problem::unreadable(
            StatusCode::FORBIDDEN,
            "the board counts all departments; its lists need a grant for all calls",
        ));
    }
    let many = rows(asked.rows)? as usize;
    let after = asked.cursor.as_deref().map(Cursor::read).transpose()?;
    let disposition = asked.disposition.as_deref().map(|word| {
        Disposition::parse(word).ok_or_else(|| Problem::bad_request("disposition: this is not a disposition"))
    });
    let disposition = disposition.transpose()?;
    let office = &console.office;
    let now = office.clock().wall();
    let (_, (begins, ends)) = office.night_of(now);
    let end = closing(office, now).await.unwrap_or(ends);
    let list = List {
        figure: asked.figure,
        campaign: asked.campaign,
        disposition,
        trunk: asked.trunk,
        now,
        end,
    };
    let reader = office.store().reader();
    let mut chosen = Chosen::default();
    let mut from = reader.first_attempt_since(begins).await?;
    loop {
        let page = reader.attempts_from(from).await?;
        for attempt in &page {
            list.take(attempt, &mut chosen);
        }
        match page.last() {
            Some(last) if page.len() >= PAGE => from = AttemptId(last.attempt.0 + 1),
            Some(_) | None => break,
        }
    }
    let all = chosen.newest_first();
    let total = all.len() as u64;
    let below = after.as_ref().map_or(i64::MAX, |after| after.id);
    let mut left = all.into_iter().filter(|attempt| attempt.0 < below);
    let shown: Vec<AttemptId> = left.by_ref().take(many).collect();
    let next = shown.last().filter(|_| left.next().is_some());
    let next = next.map(|last| Cursor { key: 0, id: last.0 });
    counted_page(&console, shown, next, after.is_none().then_some(total)).await
}

/// When the last window of a running campaign closes on this date, as the board has it.
async fn closing(office: &Office, now: Wall) -> Option<Wall> {
    let running = office.campaigns_counted().await.into_iter();
    let running = running.filter(|row| row.state == CampaignState::Running);
    let closes = running.filter_map(|row| {
        let (file, _) = CampaignFile::parse(&row.file).ok()?;
        office.windows_of(&file, now).0.last().map(|(_, to)| *to)
    });
    closes.max()
}

/// What is looked for.
#[derive(Debug)]
struct List {
    figure: NightFigure,
    campaign: Option<i64>,
    disposition: Option<Disposition>,
    trunk: Option<String>,
    now: Wall,
    end: Wall,
}

/// What fits: attempts where these are counted, else each case by its last attempt.
#[derive(Debug, Default)]
struct Chosen {
    attempts: Vec<AttemptId>,
    cases: BTreeMap<CaseId, AttemptId>,
}

impl Chosen {
    fn newest_first(self) -> Vec<AttemptId> {
        let mut all = self.attempts;
        all.extend(self.cases.into_values());
        all.sort_unstable_by(|a, b| b.cmp(a));
        all
    }
}

impl List {
    fn take(&self, attempt: &NightAttempt, chosen: &mut Chosen) {
        let Some((disposition, at)) = attempt.ended else { return };
        let is_wanted = self.disposition.is_none_or(|wanted| wanted == disposition)
            && self.campaign.is_none_or(|wanted| wanted == attempt.campaign.0);
        let is_counted = match self.figure {
            NightFigure::Attempts => !disposition.is_ours(),
            NightFigure::Answered => is_by_person(disposition),
            NightFigure::OwnFaults => disposition.is_ours(),
            NightFigure::Done | NightFigure::Completed | NightFigure::NotCompleted => {
                // A case counts by its last attempt, whatever those before were.
                chosen.cases.remove(&attempt.case);
                let stands = Stands::of(attempt, self.end);
                let is_complete = disposition == Disposition::Completed && stands == Stands::Closed;
                let fits = stands != Stands::Waits
                    && match self.figure {
                        NightFigure::Completed => is_complete,
                        NightFigure::NotCompleted => !is_complete,
                        NightFigure::Done | NightFigure::Attempts | NightFigure::Answered | NightFigure::OwnFaults => {
                            true
                        }
                    };
                if fits && is_wanted {
                    chosen.cases.insert(attempt.case, attempt.attempt);
                }
                return;
            }
        };
        if is_counted && is_wanted && self.is_over_trunk(attempt, at) {
            chosen.attempts.push(attempt.attempt);
        }
    }

    fn is_over_trunk(&self, attempt: &NightAttempt, at: Wall) -> bool {
        let minute = |at: Wall| at.millis().div_euclid(MINUTE_MS);
        self.trunk
            .as_ref()
            .is_none_or(|trunk| *trunk == attempt.trunk && minute(at) > minute(self.now) - MINUTES)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::http::console::tonight::tally::Tally;
    use crate::ids::CampaignId;

    const NOON: Wall = Wall::from_millis(1_795_399_200_000);
    const END: Wall = Wall::from_millis(1_795_399_200_000 + 3_600_000);

    fn attempt(id: i64, case: i64, disposition: Disposition, closed: bool, next_at: Wall) -> NightAttempt {
        NightAttempt {
            attempt: AttemptId(id),
            case: CaseId(case),
            campaign: CampaignId(1),
            trunk: if id % 2 == 0 { "even" } else { "odd" }.to_owned(),
            begun_at: NOON,
            answered_at: None,
            ended: Some((disposition, NOON + Duration::from_secs(30))),
            pdd_ms: None,
            closed,
            next_at,
        }
    }

    fn night() -> Vec<NightAttempt> {
        vec![
            attempt(1, 1, Disposition::NoAnswer, true, NOON),
            attempt(2, 2, Disposition::Busy, false, NOON),
            attempt(3, 3, Disposition::PowerOff, false, END),
            attempt(4, 4, Disposition::OwnLineFault, false, NOON),
            attempt(5, 1, Disposition::Completed, true, NOON),
            attempt(6, 5, Disposition::Assistant, true, NOON),
            attempt(7, 6, Disposition::BreakOff, true, NOON),
        ]
    }

    fn listed(figure: NightFigure, change: impl Fn(&mut List)) -> Vec<i64> {
        let mut list = List {
            figure,
            campaign: None,
            disposition: None,
            trunk: None,
            now: NOON + Duration::from_secs(60),
            end: END,
        };
        change(&mut list);
        let mut chosen = Chosen::default();
        for attempt in night() {
            list.take(&attempt, &mut chosen);
        }
        chosen.newest_first().into_iter().map(|attempt| attempt.0).collect()
    }

    #[test]
    fn a_list_is_as_long_as_the_figure_of_the_board() {
        let mut tally = Tally::new(NOON, AttemptId(1));
        tally.take(&night(), END);
        let sum = tally.total;
        let long = |figure| listed(figure, |_| ()).len() as u64;
        assert_eq!(long(NightFigure::Done), sum.done());
        assert_eq!(long(NightFigure::Completed), sum.completed);
        assert_eq!(long(NightFigure::NotCompleted), sum.done() - sum.completed);
        assert_eq!(long(NightFigure::Attempts), sum.attempts);
        assert_eq!(long(NightFigure::Answered), sum.answered);
        assert_eq!(long(NightFigure::OwnFaults), sum.own_faults);
        for (disposition, cases) in tally.dispositions() {
            let list = listed(NightFigure::Done, |list| list.disposition = Some(disposition));
            assert_eq!(list.len() as u64, cases, "{disposition:?}");
        }
        let hour = tally.hour("odd", NOON + Duration::from_secs(60));
        let odd = listed(NightFigure::Attempts, |list| list.trunk = Some("odd".to_owned()));
        assert_eq!(odd.len(), hour.attempts as usize);
    }

    #[test]
    fn a_case_is_listed_by_its_last_call() {
        assert_eq!(listed(NightFigure::Done, |_| ()), [7, 6, 5, 3]);
        let none = listed(NightFigure::Done, |list| list.disposition = Some(Disposition::NoAnswer));
        assert_eq!(none, [] as [i64; 0]);
        let elsewhere = listed(NightFigure::Answered, |list| list.campaign = Some(2));
        assert_eq!(elsewhere, [] as [i64; 0]);
    }
}
