//! The export of answers: a row per case, safe to open in a spreadsheet, names masked unless asked for.

use aftercall::dialer::{Outcome, Recording};
use aftercall::dialplan::Answer;
use aftercall::outcome::Disposition;
use aftercall::pii::Pii;
use aftercall::report::{Names, export_answers};
use aftercall::store::Store;

use crate::fixture::{
    Folder, NOW, again, answered, campaign, closed, dialed, import, keep, minutes, row, seeded, unanswered,
};

async fn exported(store: &Store, id: aftercall::ids::CampaignId, names: Names) -> Vec<Vec<String>> {
    let mut out = Vec::new();
    export_answers(store.reader(), id, names, &mut out).await.unwrap();
    let text = String::from_utf8(out).unwrap();
    let text = text.strip_prefix('\u{feff}').unwrap();
    csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes())
        .records()
        .map(|record| record.unwrap().iter().map(str::to_owned).collect())
        .collect()
}

#[tokio::test]
async fn a_case_is_one_row_with_its_attempt_and_answers() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 2).await;
    let (_, first) = dialed(&store, id, NOW).await;
    let end = unanswered(first, NOW, Disposition::NoAnswer, again(NOW));
    store.finish(end).await.unwrap();
    let (_, second) = dialed(&store, id, NOW).await;
    store.keep(keep(second, 1, "care", 2)).await.unwrap();
    let mut refused = keep(second, 2, "food", 0);
    refused.heard[0].answer = Answer::Refused;
    store.keep(refused).await.unwrap();
    let mut end = answered(
        second,
        NOW + minutes(2),
        61_900,
        Disposition::Partial,
        closed(Outcome::Partial),
    );
    end.media.recording = Some(Recording {
        path: "recordings/2.wav".into(),
        duration_ms: 61_900,
        gap_ms: 0,
        sha256: "b".repeat(64),
    });
    store.finish(end).await.unwrap();
    let rows = exported(&store, id, Names::Masked).await;
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0].len(), 14 + 2 * 4 + 1);
    assert_eq!(rows[0][16], "护理 care");
    assert_eq!(
        rows[1][..14],
        [
            "1",
            "V0000",
            "P0000",
            "张*国",
            "心内科",
            "2025-07-01 09:00:00",
            "partial",
            "partial",
            "部分完成",
            "2",
            "2025-07-01 09:00:58",
            "61",
            "recordings/2.wav",
            &"b".repeat(64),
        ]
    );
    assert_eq!(rows[1][14..], ["", "", "2", "比较满意", "refused", "拒答", "", "", ""]);
    assert_eq!(rows[2][6..12], ["", "", "", "0", "", ""]);
    assert_eq!(exported(&store, id, Names::Shown).await[1][3], "张建国");
    store.close().await;
}

#[tokio::test]
async fn what_a_list_smuggles_in_never_becomes_a_formula() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = campaign(&store, "july").await;
    let mut evil = row(0);
    evil.encounter.visit_no = "=cmd|'/c calc'!A1".into();
    evil.encounter.department = Some("+心内科, \"东\"".into());
    evil.patient.name = Some(Pii::new("@SUM".into()));
    import(&store, id, vec![evil]).await;
    let rows = exported(&store, id, Names::Shown).await;
    assert_eq!(rows[1][1], "'=cmd|'/c calc'!A1");
    assert_eq!(rows[1][4], "'+心内科, \"东\"");
    assert_eq!(rows[1][3], "'@SUM");
    store.close().await;
}

#[tokio::test]
async fn a_long_campaign_is_exported_whole_and_in_order() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1203).await;
    let rows = exported(&store, id, Names::Masked).await;
    assert_eq!(rows.len(), 1204);
    let cases: Vec<i64> = rows[1..].iter().map(|row| row[0].parse().unwrap()).collect();
    assert!(cases.is_sorted());
    store.close().await;
}
