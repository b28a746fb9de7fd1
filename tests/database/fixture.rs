//! What the tests share: a data folder of their own, a campaign with cases, attempts written in one line.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use aftercall::calendar::{DEFAULT_ZONE, Schedule};
use aftercall::dialer::{
    Begin, Claim, Claimed, Finish, Keep, Limits, MediaSums, Next, Outcome, PressedKey, RetryPolicy, Terms,
};
use aftercall::dialplan::{Answer, Heard};
use aftercall::ids::{AttemptId, CampaignId};
use aftercall::moment::Wall;
use aftercall::outcome::{Disposition, Facts};
use aftercall::phone::{Key, Number};
use aftercall::pii::Pii;
use aftercall::store::{
    Choice, Dialplan, Due, ImportEncounter, ImportNumber, ImportOutcome, ImportPatient, ImportPlan, ImportRow,
    NewCampaign, Question, Store,
};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};

/// 2025-07-01T01:00:00Z, nine in the morning in Shanghai.
pub(crate) const NOW: Wall = Wall::from_millis(1_751_331_600_000);
/// The content hash of the test dialplan.
pub(crate) const HASH: &str = "d1";

pub(crate) fn minutes(n: u64) -> Duration {
    Duration::from_secs(60 * n)
}

/// A data folder that is gone when the test is over.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("store-{}-{n}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) async fn open(&self) -> Store {
        self.open_with_journal(256 * 1024).await
    }

    pub(crate) async fn open_with_journal(&self, bytes: u64) -> Store {
        Store::open_with_journal(&self.0, shanghai(), NOW, bytes).await.unwrap()
    }

    /// Whether any file in it holds these octets.
    pub(crate) fn holds(&self, text: &str) -> bool {
        let mut folders = vec![self.0.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else if std::fs::read(path)
                    .unwrap()
                    .windows(text.len())
                    .any(|found| found == text.as_bytes())
                {
                    return true;
                }
            }
        }
        false
    }

    /// A connection as a user's own tool would make one.
    pub(crate) async fn tool(&self) -> SqliteConnection {
        let file = self.0.join(aftercall::store::DATABASE);
        SqliteConnectOptions::new().filename(file).connect().await.unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn shanghai() -> Vec<(Wall, i32)> {
    vec![(Wall::from_millis(0), 8 * 3600)]
}

/// Two satisfaction questions and a number, after a screening question.
pub(crate) fn dialplan() -> Dialplan {
    let choice = |code, label: &str, points, satisfied| Choice {
        code,
        label: label.into(),
        points,
        satisfied,
    };
    let question = |id: &str, title: &str, screening: bool, options| Question {
        id: id.into(),
        title: title.into(),
        kind: "choice".into(),
        required: !screening,
        screening,
        options,
    };
    let levels = || {
        vec![
            choice(1, "满意", Some(100.0), Some(true)),
            choice(2, "比较满意", Some(80.0), Some(true)),
            choice(3, "基本满意", Some(60.0), Some(false)),
            choice(4, "不满意", Some(0.0), Some(false)),
        ]
    };
    Dialplan {
        hash: HASH.into(),
        file: "inpatient.toml".into(),
        text: "title = \"inpatient\"".into(),
        questions: vec![
            question(
                "who",
                "接听人",
                true,
                vec![choice(1, "本人", None, None), choice(2, "家属", None, None)],
            ),
            question("care", "护理", false, levels()),
            question("food", "膳食", false, levels()),
            question("score", "总体评分", false, Vec::new()),
        ],
    }
}

/// A running campaign without cases.
pub(crate) async fn campaign(store: &Store, name: &str) -> CampaignId {
    store.put_dialplan(dialplan(), NOW).await.unwrap();
    let id = store.add_campaign(new_campaign(name)).await.unwrap();
    store.start_campaign(name, NOW).await.unwrap();
    id
}

pub(crate) fn new_campaign(name: &str) -> NewCampaign {
    NewCampaign {
        name: name.into(),
        file: "windows = []".into(),
        dialplan: HASH.into(),
        lines: Some(20),
        calls_per_second: Some(2.5),
        purpose: None,
        now: NOW,
    }
}

pub(crate) fn plan(campaign: CampaignId) -> ImportPlan {
    ImportPlan {
        campaign,
        file: "list.csv".into(),
        due: Due::At(NOW),
        deadline_after: None,
        now: NOW,
    }
}

/// Patient `n` with one number.
pub(crate) fn row(n: u32) -> ImportRow {
    ImportRow {
        row: n + 1,
        patient: ImportPatient {
            patient_no: Some(format!("P{n:04}")),
            name: Some(Pii::new("张建国".into())),
            ..ImportPatient::default()
        },
        encounter: ImportEncounter {
            visit_no: format!("V{n:04}"),
            department: Some("心内科".into()),
            ..ImportEncounter::default()
        },
        numbers: vec![number(&format!("1380000{n:04}"))],
    }
}

pub(crate) fn number(digits: &str) -> ImportNumber {
    ImportNumber {
        number: Number::parse(digits).unwrap(),
        kind: Some("mobile".into()),
        owner: Some("self".into()),
        relation: None,
        extension: None,
    }
}

pub(crate) async fn import(store: &Store, campaign: CampaignId, rows: Vec<ImportRow>) -> ImportOutcome {
    store.apply_import(plan(campaign), rows).await.unwrap()
}

/// A running campaign with `n` due cases.
pub(crate) async fn seeded(store: &Store, n: u32) -> CampaignId {
    let id = campaign(store, "july").await;
    import(store, id, (0..n).map(row).collect()).await;
    id
}

pub(crate) fn claim(campaign: CampaignId, now: Wall, limit: usize) -> Claim {
    Claim {
        campaign,
        now,
        limit,
        lease: minutes(5),
        terms: terms(),
    }
}

/// Three attempts, at any time of the day, as often in a row as a test wants to.
pub(crate) fn terms() -> Arc<Terms> {
    let limits = Limits {
        number: Vec::new(),
        ..Limits::default()
    };
    let retry = RetryPolicy::default().with_budget(3);
    Arc::new(Terms::new(&Schedule::any_time(DEFAULT_ZONE), &retry, &limits))
}

pub(crate) fn begin(claimed: &Claimed, at: Wall) -> Begin {
    Begin {
        case: claimed.case,
        number_id: claimed.number_id,
        trunk: "north".into(),
        caller: None,
        at,
        dialplan: claimed.dialplan(HASH).into(),
        resumed_from: claimed.resume.as_ref().map(|resume| resume.attempt),
        terms: terms(),
    }
}

/// Claims one case and begins its attempt.
pub(crate) async fn dialed(store: &Store, campaign: CampaignId, at: Wall) -> (Claimed, AttemptId) {
    let claimed = store.claim(claim(campaign, at, 1)).await.unwrap().remove(0);
    let begun = store.begin(begin(&claimed, at)).await.unwrap();
    (claimed, begun.attempt)
}

/// A key that completed an answer.
pub(crate) fn keep(attempt: AttemptId, seq: u32, question: &str, value: i64) -> Keep {
    let key = char::from_digit(u32::try_from(value % 10).unwrap(), 10).unwrap();
    Keep {
        attempt,
        seq,
        key: Some(pressed(seq, key, question)),
        heard: vec![Heard {
            question: question.into(),
            answer: Answer::Value(value),
            keys: key.to_string(),
            opts_out: false,
            audio: None,
        }],
        session: format!("{{\"after\":{seq}}}"),
        at: NOW + Duration::from_secs(u64::from(seq)),
    }
}

pub(crate) fn pressed(seq: u32, key: char, question: &str) -> PressedKey {
    PressedKey {
        seq,
        key: Key::from_char(key).unwrap(),
        at: NOW + Duration::from_secs(u64::from(seq)),
        at_ms: seq * 1000,
        source: "telephone_event".into(),
        during: None,
        question: Some(question.into()),
    }
}

pub(crate) fn again(at: Wall) -> Next {
    Next::Again { at, counted: true }
}

pub(crate) fn closed(outcome: Outcome) -> Next {
    Next::Close { outcome, counted: true }
}

/// The end of an attempt that nobody answered.
pub(crate) fn unanswered(attempt: AttemptId, at: Wall, disposition: Disposition, next: Next) -> Finish {
    Finish {
        attempt,
        at,
        facts: Facts {
            final_status: Some(480),
            ..Facts::default()
        },
        disposition,
        rule: "test".into(),
        next,
        media: MediaSums::default(),
    }
}

/// The end of an attempt that talked for `talk_ms`.
pub(crate) fn answered(attempt: AttemptId, at: Wall, talk_ms: u32, disposition: Disposition, next: Next) -> Finish {
    let mut finish = unanswered(attempt, at, disposition, next);
    finish.facts.final_status = Some(200);
    finish.facts.talk_ms = Some(talk_ms);
    finish
}

pub(crate) async fn scalar<T>(db: &mut SqliteConnection, sql: &'static str) -> T
where
    T: for<'r> sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite> + Send + Unpin,
{
    sqlx::query_scalar(sql).fetch_one(db).await.unwrap()
}
