//! Spoken answers: where they are in the recording, and the file of their own. Versions of a question: merged or apart.

use aftercall::dialer::{Excerpt, Outcome};
use aftercall::dialplan::Stretch;
use aftercall::outcome::Disposition;
use aftercall::report::{self, Success};
use aftercall::store::Period;

use crate::fixture::{Folder, NOW, answered, closed, dialed, dialplan, keep, minutes, scalar, seeded};

#[tokio::test]
async fn a_spoken_answer_says_where_it_is_and_which_file_is_its_own() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let (_, attempt) = dialed(&store, id, NOW).await;
    let mut spoken = keep(attempt, 1, "care", 1);
    for answer in &mut spoken.heard {
        answer.keys = String::new();
        answer.audio = Some(Stretch {
            from_ms: 12_000,
            to_ms: 19_500,
        });
    }
    store.keep(spoken).await.unwrap();
    let mut end = answered(
        attempt,
        NOW + minutes(1),
        30_000,
        Disposition::Completed,
        closed(Outcome::Completed),
    );
    end.media.excerpts = vec![Excerpt {
        question: "care".into(),
        path: "recordings/0/1.care.wav".into(),
        sha256: "c".repeat(64),
    }];
    store.finish(end.clone()).await.unwrap();
    store.finish(end).await.unwrap();
    let mut tool = folder.tool().await;
    let stored = "select audio_from_ms || ' ' || audio_to_ms || ' ' || audio_path || ' ' || audio_sha256 from answer";
    let expected = format!("12000 19500 recordings/0/1.care.wav {}", "c".repeat(64));
    assert_eq!(scalar::<String>(&mut tool, stored).await, expected);
}

#[tokio::test]
async fn answers_on_another_scale_are_never_added_to_those_of_today() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 2).await;
    let mut older = dialplan();
    older.hash = "older".into();
    for question in older.questions.iter_mut().filter(|question| question.id == "care") {
        for option in &mut question.options {
            option.label = format!("旧{}", option.label);
        }
    }
    store.put_dialplan(older, NOW).await.unwrap();
    for n in 0..2 {
        let (_, attempt) = dialed(&store, id, NOW).await;
        store.keep(keep(attempt, 1, "care", 4)).await.unwrap();
        let end = answered(
            attempt,
            NOW + minutes(1),
            30_000,
            Disposition::Completed,
            closed(Outcome::Completed),
        );
        store.finish(end).await.unwrap();
        if n == 0 {
            let mut tool = folder.tool().await;
            sqlx::query("update attempt set dialplan_hash = 'older'")
                .execute(&mut tool)
                .await
                .unwrap();
        }
    }
    let name = store.reader().campaigns(NOW).await.unwrap().remove(0).name;
    let report = report::campaign(store.reader(), &name, Period::until(NOW), Success::Completed)
        .await
        .unwrap();
    let care: Vec<_> = report
        .questions
        .iter()
        .filter(|question| question.id == "care")
        .collect();
    assert_eq!(care.iter().map(|question| question.valid).collect::<Vec<_>>(), [1, 1]);
    assert!(
        !care[0].title.contains("版 version") && care[1].title.contains(" 版 version）"),
        "{care:?}"
    );
    let others = report.questions.iter().filter(|question| question.id != "care");
    assert!(
        others
            .into_iter()
            .all(|question| !question.title.contains("版 version"))
    );
}
