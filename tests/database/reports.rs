//! The figures, against numbers computed by hand from a small campaign.
//!
//! Ten patients. 0: completed (care 1, food 2, score 9). 1: no answer, then completed (care 4, food 1, score 10).
//! 2: partial (care 2), closed. 3: busy, open. 4: no answer twice, not reached. 5: early hang-up, open. 6: vacant,
//! number dead. 7: has died before any call. 8: due, never tried. 9: due next week. And one test call.

use aftercall::dialer::BeginTest;
use aftercall::dialer::{Finish, Next, Outcome};
use aftercall::dialplan::Answer;
use aftercall::ids::{AttemptId, CampaignId};
use aftercall::moment::Wall;
use aftercall::outcome::Disposition;
use aftercall::phone::Number;
use aftercall::report::{self, Cause, Ratio, Report, Success};
use aftercall::store::{Due, Period, Store};

use crate::fixture::{
    Folder, HASH, NOW, again, answered, campaign, claim, closed, dialed, import, keep, minutes, plan, row, unanswered,
};

/// Writes that campaign; case `n + 1` is patient `n`.
async fn july(store: &Store) -> CampaignId {
    let id = campaign(store, "july").await;
    let mut dead = row(7);
    dead.patient.deceased = Some(true);
    let mut rows: Vec<_> = (0..9).map(row).collect();
    rows[7] = dead;
    import(store, id, rows).await;
    let mut next_week = plan(id);
    next_week.due = Due::At(NOW + minutes(7 * 24 * 60));
    store.apply_import(next_week, vec![row(9)]).await.unwrap();

    let later = NOW + minutes(60);
    let first = survey(store, id, &[("care", 1), ("food", 2), ("score", 9)]).await;
    end(store, first, Disposition::Completed, closed(Outcome::Completed)).await;
    miss(store, id, Disposition::NoAnswer, again(later)).await;
    let partial = survey(store, id, &[("care", 2)]).await;
    end(store, partial, Disposition::Partial, closed(Outcome::Partial)).await;
    miss(store, id, Disposition::Busy, again(NOW + minutes(600))).await;
    miss(store, id, Disposition::NoAnswer, again(later)).await;
    let hung_up = survey(store, id, &[]).await;
    end(store, hung_up, Disposition::EarlyHangup, again(NOW + minutes(600))).await;
    miss(store, id, Disposition::Vacant, closed(Outcome::NumberDead)).await;

    // The second round; patient 8 is left alone, so it goes to the two who wait.
    let second = store.claim(claim(id, later, 10)).await.unwrap();
    let (eighth, waiting) = second.split_first().unwrap();
    assert_eq!((eighth.attempts, waiting.len()), (0, 2));
    let mut attempts = Vec::new();
    for claimed in waiting {
        attempts.push(
            store
                .begin(crate::fixture::begin(claimed, later))
                .await
                .unwrap()
                .attempt,
        );
    }
    answer(store, attempts[0], &[("care", 4), ("food", 1), ("score", 10)]).await;
    end(store, attempts[0], Disposition::Completed, closed(Outcome::Completed)).await;
    let gave_up = unanswered(attempts[1], later, Disposition::NoAnswer, closed(Outcome::NotReached));
    store.finish(gave_up).await.unwrap();

    let test = BeginTest {
        token: 1,
        number: Number::parse("13912345678").unwrap(),
        trunk: "north".into(),
        at: NOW,
        dialplan: HASH.into(),
    };
    let test = store.begin_test_attempt(test).await.unwrap();
    answer(store, test, &[("care", 4)]).await;
    end(store, test, Disposition::Partial, closed(Outcome::Partial)).await;
    id
}

async fn survey(store: &Store, id: CampaignId, answers: &[(&str, i64)]) -> AttemptId {
    let (_, attempt) = dialed(store, id, NOW).await;
    answer(store, attempt, answers).await;
    attempt
}

async fn answer(store: &Store, attempt: AttemptId, answers: &[(&str, i64)]) {
    for (seq, (question, value)) in (1..).zip(answers) {
        store.keep(keep(attempt, seq, question, *value)).await.unwrap();
    }
}

async fn end(store: &Store, attempt: AttemptId, disposition: Disposition, next: Next) {
    let mut finish: Finish = answered(attempt, NOW + minutes(1), 30_000, disposition, next);
    finish.media.recording = Some(aftercall::dialer::Recording {
        path: format!("recordings/{attempt}.wav"),
        duration_ms: 30_400,
        gap_ms: 0,
        sha256: "a".repeat(64),
    });
    store.finish(finish).await.unwrap();
}

async fn miss(store: &Store, id: CampaignId, disposition: Disposition, next: Next) {
    let (_, attempt) = dialed(store, id, NOW).await;
    store.finish(unanswered(attempt, NOW, disposition, next)).await.unwrap();
}

async fn reported(success: Success) -> Report {
    let folder = Folder::new();
    let store = folder.open().await;
    july(&store).await;
    let report = report::campaign(store.reader(), "july", Period::until(NOW), success)
        .await
        .unwrap();
    store.close().await;
    report
}

#[tokio::test]
async fn follow_up_and_success_are_what_the_hand_says() {
    let report = reported(Success::Completed).await;
    // Due: 0-6 and 8; 7 was never to be called, 9 is not yet due. Attempted: 0-6. Completed: 0 and 1.
    let cases = &report.cases;
    assert_eq!((cases.due, cases.attempted, cases.successful), (8, 7, 2));
    assert_eq!((cases.open, cases.not_eligible), (3, 1));
    assert_eq!(
        (cases.follow_up_rate.percent(), cases.success_rate.percent()),
        ("87.50%".into(), "28.57%".into())
    );
    let partial_too = reported(Success::CompletedOrPartial).await;
    assert_eq!(partial_too.cases.success_rate.percent(), "42.86%");
}

#[tokio::test]
async fn answered_and_human_are_kept_apart() {
    let attempts = reported(Success::Completed).await.attempts;
    // Seven in the first round, two in the second. Answered: 0, 2, 5 and 1 the second time; 5 pressed no key.
    assert_eq!(attempts.ended, 9);
    assert_eq!(attempts.answered, Ratio::new(4, 9));
    assert_eq!(attempts.human, Ratio::new(3, 9));
    assert_eq!(attempts.keys, 7);
    let dispositions: Vec<(Disposition, u64)> = attempts
        .dispositions
        .iter()
        .map(|line| (line.disposition, line.share.n))
        .collect();
    assert_eq!(
        dispositions,
        [
            (Disposition::Completed, 2),
            (Disposition::Partial, 1),
            (Disposition::EarlyHangup, 1),
            (Disposition::NoAnswer, 3),
            (Disposition::Busy, 1),
            (Disposition::Vacant, 1),
        ]
    );
}

#[tokio::test]
async fn satisfaction_is_what_the_hand_says() {
    let report = reported(Success::Completed).await;
    // care: 1, 4, 2 -> satisfied 2 of 3, points 100 + 0 + 80. food: 2, 1 -> 2 of 2, points 80 + 100.
    assert_eq!(report.satisfaction.rate, Ratio::new(4, 5));
    assert_eq!(report.satisfaction.score.text(), "72.00");
    let care = &report.questions[1];
    assert_eq!((care.id.as_str(), care.valid), ("care", 3));
    assert_eq!(care.satisfied, Some(Ratio::new(2, 3)));
    assert_eq!(care.score.unwrap().text(), "60.00");
    let counts: Vec<u64> = care.values.iter().map(|line| line.share.n).collect();
    assert_eq!(counts, [1, 1, 0, 1]);
    let score = &report.questions[3];
    assert_eq!((score.satisfied, score.mean.unwrap().text()), (None, "9.50".to_owned()));
    assert_eq!(report.questions[0].satisfied, None);
}

#[tokio::test]
async fn the_causes_of_failure_add_up_to_those_who_failed() {
    let report = reported(Success::Completed).await;
    let causes: Vec<(Cause, u64, String)> = report
        .causes
        .iter()
        .map(|line| (line.cause, line.share.n, line.share.percent()))
        .collect();
    let fifth = || "20.00%".to_owned();
    assert_eq!(
        causes,
        [
            (Cause::NoAnswer, 1, fifth()),
            (Cause::Vacant, 1, fifth()),
            (Cause::Refused, 1, fifth()),
            (Cause::Busy, 1, fifth()),
            (Cause::Other, 1, fifth()),
        ]
    );
    let lost: u64 = report.causes.iter().map(|line| line.share.n).sum();
    assert_eq!(lost, report.cases.attempted - report.cases.successful);
    assert_eq!(
        report.causes[4].dispositions.keys().copied().collect::<Vec<_>>(),
        [Disposition::Partial]
    );
}

#[tokio::test]
async fn recordings_are_counted_without_test_calls() {
    let report = reported(Success::Completed).await;
    assert_eq!((report.recordings.n, report.recordings.seconds), (4, 121));
}

#[tokio::test]
async fn an_unreached_patient_stays_in_the_response_rate() {
    let aapor = reported(Success::Completed).await.aapor;
    // I 0 1, P 2, R 5, NC 3 4 6 8, NE 7.
    assert_eq!(
        (aapor.complete, aapor.partial, aapor.refusal, aapor.non_contact),
        (2, 1, 1, 4)
    );
    assert_eq!(
        (aapor.not_eligible, aapor.rr1, aapor.coop1),
        (1, Ratio::new(2, 8), Ratio::new(2, 4))
    );
}

#[tokio::test]
async fn an_empty_campaign_has_figures_without_numbers() {
    let folder = Folder::new();
    let store = folder.open().await;
    campaign(&store, "july").await;
    let report = report::campaign(store.reader(), "july", Period::until(NOW), Success::Completed)
        .await
        .unwrap();
    assert!(report.text().contains('—'));
    assert!(!report.text().contains("NaN"));
    store.close().await;
}

#[tokio::test]
async fn a_period_takes_only_what_became_due_in_it() {
    let folder = Folder::new();
    let store = folder.open().await;
    july(&store).await;
    let period = Period {
        from: Some(NOW + minutes(1)),
        to: NOW + minutes(30 * 24 * 60),
    };
    let report = report::campaign(store.reader(), "july", period, Success::Completed)
        .await
        .unwrap();
    assert_eq!(
        (report.cases.due, report.cases.attempted, report.attempts.ended),
        (1, 0, 0)
    );
    let never = Period {
        from: None,
        to: Wall::from_millis(0),
    };
    let report = report::campaign(store.reader(), "july", never, Success::Completed)
        .await
        .unwrap();
    assert_eq!(report.cases.follow_up_rate.percent(), "—");
    store.close().await;
}

#[tokio::test]
async fn of_two_attempts_the_later_answer_counts_once() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = campaign(&store, "july").await;
    import(&store, id, vec![row(0)]).await;
    let first = survey(&store, id, &[("care", 4), ("food", 1)]).await;
    end(&store, first, Disposition::Partial, again(NOW)).await;
    let (_, second) = dialed(&store, id, NOW).await;
    let mut better = keep(second, 1, "care", 1);
    better.at = NOW + minutes(9);
    store.keep(better).await.unwrap();
    let mut silent = keep(second, 2, "food", 0);
    silent.at = NOW + minutes(9);
    silent.key = None;
    silent.heard[0].answer = Answer::Silent;
    store.keep(silent).await.unwrap();
    let report = report::campaign(store.reader(), "july", Period::until(NOW), Success::Completed)
        .await
        .unwrap();
    let [care, food] = [&report.questions[1], &report.questions[2]];
    assert_eq!((care.valid, care.values[0].share.n, care.values[3].share.n), (1, 1, 0));
    // An answer with a value is worth more than a later silence.
    assert_eq!((food.valid, food.silent), (1, 0));
    store.close().await;
}

#[tokio::test]
async fn the_text_lines_up_and_csv_and_json_say_the_same() {
    let report = reported(Success::Completed).await;
    let text = report.text();
    let line = |word: &str| text.lines().find(|line| line.contains(word)).unwrap().to_owned();
    let width = |line: &str| unicode_width::UnicodeWidthStr::width(line);
    assert!(line("回访率").ends_with("87.50%"));
    assert_eq!(width(&line("回访率")), width(&line("回访成功率")));
    let mut csv = Vec::new();
    report.csv(&mut csv).unwrap();
    let csv = String::from_utf8(csv).unwrap();
    assert!(csv.starts_with('\u{feff}'));
    assert!(
        csv.contains("已回访数 attempted (A) · 回访率 A/D,7,87.50%\r\n"),
        "{csv}"
    );
    let json: serde_json::Value = serde_json::from_str(&report.json().unwrap()).unwrap();
    assert_eq!(json["cases"]["follow_up_rate"]["percent"], 87.5);
    assert_eq!(json["causes"][0]["cause"], "no_answer");
}

#[tokio::test]
async fn a_paused_campaign_says_so_and_since_when_as_long_as_it_is() {
    let folder = Folder::new();
    let store = folder.open().await;
    campaign(&store, "july").await;
    let report = async || {
        report::campaign(store.reader(), "july", Period::until(NOW), Success::Completed)
            .await
            .unwrap()
    };
    assert_eq!(report().await.paused, None);
    store.pause_campaign("july", NOW).await.unwrap();
    let paused = report().await;
    // The offsets are those of Shanghai.
    let local = aftercall::calendar::local(NOW, chrono_tz::Tz::Asia__Shanghai).to_string();
    let since = paused
        .paused
        .as_ref()
        .map(|paused| (paused.since, paused.since_local.as_str()));
    assert_eq!(since, Some((NOW, local.as_str())));
    let text = paused.text();
    assert!(text.contains("已暂停 paused since") && text.contains(&local), "{text}");
    store.unpause_campaign("july").await.unwrap();
    assert!(!report().await.text().contains("已暂停"));
}
