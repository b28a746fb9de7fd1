//! What people and lists could smuggle in: line ends for headers, zero octets, scripts for pages, formulas for sheets, ways out
//! of a folder. It stays text wherever it goes, or it is refused.

use std::io::{Cursor, Read as _};

use aftercall::access::Role;
use aftercall::config::Protection;
use aftercall::dialer::{BeginTest, Finish, MediaSums, Next, Recording};
use aftercall::ids::AttemptId;
use aftercall::outcome::{Disposition, Facts};
use aftercall::phone::Number;
use aftercall::store::{Dialplan, NewCampaign};
use calamine::{Data, Reader as _, Xlsx};
use hyper::Method;
use serde_json::{Value, json};

use crate::browser::{Answer, Browser, Counter};
use crate::site::QUESTIONNAIRE;

/// Everything, in one line each.
const SLY: [&str; 9] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "../../../../etc/passwd",
    "x\r\nSet-Cookie: smuggled=1",
    "a\0b",
];
/// A campaign may be called so.
const CAMPAIGN: &str = "=HYPERLINK(\"http://evil.example\",\"../../x\")<script>";

/// What no answer may show, whatever was asked: a header that came with a text, a file from elsewhere, a page that runs.
fn is_safe(answer: &Answer, asked: &str) {
    // A program without its pages says so.
    let is_built = !answer.text.contains("web/dist");
    assert!(answer.status < 500 || !is_built, "{asked}: {answer:?}");
    assert!(!answer.text.contains("root:"), "{asked}: {answer:?}");
    for (name, value) in &answer.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        assert!(!value.contains("smuggled"), "{asked}: {name}: {value}");
    }
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{asked}");
    let kind = answer.header("content-type");
    let plain = [
        "application/json",
        "application/problem+json",
        "text/plain",
        "text/csv",
        "application/",
        "audio/wav",
    ];
    let is_page = kind.starts_with("text/html");
    assert!(
        kind.is_empty() || is_page || plain.iter().any(|plain| kind.starts_with(plain)),
        "{asked}: {kind}"
    );
    // The one page there is is always the same and holds nothing of what was asked.
    assert!(!is_page || !answer.text.contains("alert(1)"), "{asked}");
    assert!(
        answer.header("content-security-policy").contains("default-src"),
        "{asked}"
    );
}

fn encoded(text: &str) -> String {
    text.bytes().map(|octet| format!("%{octet:02x}")).collect()
}

/// A list with something sly in every column, and a sound row.
fn list() -> String {
    let mut list = "住院号,姓名,联系电话,出院科室,主管医生,出院诊断,出院日期\n".to_owned();
    for (n, sly) in SLY.iter().enumerate() {
        let cell = format!("\"{}\"", sly.replace('"', "\"\""));
        list += &format!("{cell},{cell},1380000{n:04},{cell},{cell},{cell},2025-06-01\n");
        list += &format!("ZY{n:06},{cell},{cell},{cell},{cell},{cell},2025-06-01\n");
        list += &format!("ZX{n:06},王芳,1390000{n:04},{cell},{cell},{cell},2025-06-01\n");
    }
    list
}

async fn counter() -> Counter {
    let counter = Counter::open(Protection::None).await;
    counter.person("zhao", Role::Supervisor, None).await;
    counter.person("qian", Role::DepartmentHead, Some(SLY[2])).await;
    let (store, now) = (counter.office.store(), counter.office.clock().wall());
    let dialplan = Dialplan {
        hash: "d1".to_owned(),
        file: "../../etc/questionnaire.toml".to_owned(),
        text: QUESTIONNAIRE.to_owned(),
        questions: Vec::new(),
    };
    store.put_dialplan(dialplan, now).await.unwrap();
    let campaign = NewCampaign {
        name: CAMPAIGN.to_owned(),
        file: counter.site.read("campaign.toml"),
        dialplan: "d1".to_owned(),
        lines: Some(2),
        calls_per_second: None,
        purpose: None,
        now,
    };
    store.add_campaign(campaign).await.unwrap();
    counter
}

#[tokio::test]
async fn nothing_of_a_sly_list_becomes_a_page_a_header_a_formula_or_another_file() {
    let counter = counter().await;
    let zhao = counter.signed_in("zhao").await;
    let campaign = encoded(CAMPAIGN);
    for step in ["/preview?", "?due=now&"] {
        let path = format!("/api/imports{step}campaign={campaign}&file=list.csv");
        let read = zhao.send(Method::POST, &path, Some(list()), &[]).await;
        assert_eq!(read.status, 200, "{read:?}");
        is_safe(&read, &path);
    }
    let path = format!("/api/imports/preview?campaign={campaign}&file=again.csv");
    let again = zhao.send(Method::POST, &path, Some(list()), &[]).await;
    assert_eq!(again.body["same_as"]["file"], "list.csv", "{again:?}");
    assert_eq!(again.body["same_as"]["campaign"], CAMPAIGN);
    for name in SLY {
        let path = format!("/api/imports/preview?campaign={campaign}&file={}", encoded(name));
        let read = zhao.send(Method::POST, &path, Some(list()), &[]).await;
        is_safe(&read, &path);
        let has_control = name.chars().any(char::is_control);
        assert_eq!(read.status, if has_control { 400 } else { 200 }, "{name:?}: {read:?}");
    }
    every_list(&zhao).await;
    sheets(&zhao, "zhao").await;
    let qian = counter.signed_in("qian").await;
    every_list(&qian).await;
    sheets(&qian, "qian").await;
    counter.close().await;
}

/// Asks every list for everything, and with everything sly as what is looked for.
async fn every_list(who: &Browser) {
    let mut paths: Vec<String> = [
        "/api/calls",
        "/api/calls/filters",
        "/api/campaigns",
        "/api/do-not-call?which=all",
        "/api/appointments",
        "/api/number-repair",
        "/api/reports/campaigns",
        "/api/tonight",
        "/api/patients/1",
        "/api/patients/1/why",
    ]
    .map(str::to_owned)
    .to_vec();
    for sly in SLY.map(encoded) {
        for asked in [
            "calls?text=",
            "calls?department=",
            "calls?doctor=",
            "calls?flag=",
            "calls?cursor=",
            "calls?from=",
            "patients?q=",
            "do-not-call?number=",
            "number-repair?department=",
            "reports?campaign=",
            "reports/cases?figure=due&campaign=",
            "audit?who=",
            "campaigns/",
            "patients/",
            "calls/",
        ] {
            paths.push(format!("/api/{asked}{sly}"));
        }
        // No route of the API: the page, or no file.
        paths.push(format!("/{sly}"));
        paths.push(format!("/assets/{sly}"));
    }
    for path in paths {
        let answer = who.get(&path).await;
        is_safe(&answer, &path);
    }
}

/// The report as CSV and as a workbook: no cell is a formula.
async fn sheets(who: &Browser, name: &str) {
    let asked = format!("/api/reports/file?campaign={}&format=", encoded(CAMPAIGN));
    let csv = who.get(&format!("{asked}csv")).await;
    assert_eq!(csv.status, 200, "{name}: {csv:?}");
    is_safe(&csv, "csv");
    assert_eq!(
        csv.header("content-disposition"),
        "attachment; filename=\"report-1.csv\""
    );
    let mut rows = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .from_reader(csv.text.as_bytes());
    for row in rows.records() {
        for cell in &row.unwrap() {
            let cell = cell.trim_start_matches('\u{feff}');
            assert!(
                !cell.starts_with(['=', '+', '-', '@', '\t', '\r']) || cell == "-" || cell.parse::<f64>().is_ok(),
                "{cell:?}"
            );
        }
    }
    let book = who.octets(&format!("{asked}xlsx")).await;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(book)).unwrap();
    let mut texts = 0;
    for sheet in book.sheet_names() {
        assert!(
            book.worksheet_formula(&sheet).unwrap().is_empty(),
            "{sheet} holds a formula"
        );
        let cells = book.worksheet_range(&sheet).unwrap();
        texts += cells
            .used_cells()
            .filter(|(.., cell)| matches!(cell, Data::String(text) if text.starts_with('=')))
            .count();
    }
    // It is there, as text.
    assert!(
        texts > 0,
        "{name} sees a department or a visit that looks like a formula"
    );
}

#[tokio::test]
async fn what_people_type_stays_text_or_is_refused() {
    let counter = counter().await;
    let (zhao, wang, chen) = (
        counter.signed_in("zhao").await,
        counter.signed_in("wang").await,
        counter.signed_in("chen").await,
    );
    let path = format!("/api/imports?campaign={}&file=list.csv&due=now", encoded(CAMPAIGN));
    assert_eq!(zhao.send(Method::POST, &path, Some(list()), &[]).await.status, 200);
    for sly in SLY {
        let many = [
            (&zhao, "/api/patients/1/notes", json!({ "text": sly })),
            (
                &zhao,
                "/api/patients/1/numbers",
                json!({ "number": sly, "owner": "kin", "relation": sly }),
            ),
            (
                &zhao,
                "/api/patients/1/state",
                json!({ "state": "complaint_open", "reason": sly }),
            ),
            (
                &zhao,
                "/api/patients/1/reveal",
                json!({ "field": "name", "reason": sly }),
            ),
            (
                &zhao,
                "/api/do-not-call",
                json!({ "number": "13800000001", "level": "campaign", "only": CAMPAIGN, "reason": sly }),
            ),
            (
                &zhao,
                "/api/do-not-call",
                json!({ "number": sly, "level": "always", "reason": "理由" }),
            ),
            (&zhao, "/api/campaigns/1/pause", json!({ "reason": sly })),
            (&zhao, "/api/campaigns/check", json!({ "text": sly })),
            (&zhao, "/api/campaigns/check", json!({ "text": campaign_with(sly) })),
            (&zhao, "/api/campaigns", json!({ "text": campaign_with(sly) })),
            (&zhao, "/api/scorecards", json!({ "zh": sly, "en": sly, "items": [] })),
            (&wang, "/api/calls/1/comments", json!({ "at_ms": 0, "text": sly })),
            (
                &chen,
                "/api/people",
                json!({ "account": sly, "name": sly, "role": "qa", "password": "given-by-chen-7" }),
            ),
        ];
        for (who, place, body) in many {
            let answer = who.post(place, body.clone()).await;
            is_safe(&answer, place);
            // A campaign's prompts and questionnaire lie where the settings say, never elsewhere.
            assert!(!answer.text.contains("/etc/passwd: "), "{place} {body}: {answer:?}");
        }
    }
    for who in [&zhao, &wang, &chen] {
        every_list(who).await;
    }
    let people = chen.get("/api/people").await;
    is_safe(&people, "/api/people");
    let audit = chen.get("/api/audit?rows=200").await;
    is_safe(&audit, "/api/audit");
    assert!(
        !audit.text.contains("\\u0000") && !audit.text.contains("\\r\\n"),
        "{audit:?}"
    );
    counter.close().await;
}

/// A campaign whose name, questionnaire and trunk are something else.
fn campaign_with(sly: &str) -> String {
    let sly = toml::Value::from(sly);
    format!("name = {sly}\ndialplan = {sly}\ntrunk = {sly}\nbudget = 1\nlines = 1\npace = 1.0\nring = \"5s\"\n")
}

#[tokio::test]
async fn a_recording_that_leads_out_of_its_folder_is_nobodys() {
    let counter = counter().await;
    std::fs::create_dir_all(counter.site.data().join("recordings")).unwrap();
    let (store, now) = (counter.office.store(), counter.office.clock().wall());
    for (token, path) in (1..).zip([
        "../../../../../../etc/passwd",
        "/etc/passwd",
        "recordings/../../aftercall.toml",
    ]) {
        let begin = BeginTest {
            token,
            number: Number::parse(&format!("1380000000{token}")).unwrap(),
            trunk: SLY[0].into(),
            at: now,
            dialplan: "d1".into(),
        };
        let attempt: AttemptId = store.begin_test_attempt(begin).await.unwrap();
        let finish = Finish {
            attempt,
            at: now,
            disposition: Disposition::Completed,
            rule: "completed".into(),
            facts: Facts {
                phrase: SLY[7].to_owned(),
                final_status: Some(200),
                talk_ms: Some(1_000),
                ..Facts::default()
            },
            media: MediaSums {
                recording: Some(Recording {
                    path: path.to_owned(),
                    duration_ms: 1_000,
                    gap_ms: 0,
                    sha256: "a".repeat(64),
                }),
                ..MediaSums::default()
            },
            next: Next::Again { at: now, counted: true },
        };
        store.finish(finish).await.unwrap();
        let wang = counter.signed_in("wang").await;
        for part in ["", "/evidence", "/audio", "/peaks", "/listening"] {
            let asked = format!("/api/calls/{attempt}{part}");
            let answer = wang.get(&asked).await;
            is_safe(&answer, &asked);
            let is_sound = ["/audio", "/peaks"].contains(&part);
            assert_eq!(answer.status, if is_sound { 409 } else { 200 }, "{asked}: {answer:?}");
        }
        let refused = wang
            .get(&format!("/api/calls/{attempt}/bundle?reason=%3Cscript%3E"))
            .await;
        assert_eq!(refused.status, 409, "{refused:?}");
    }
    counter.close().await;
}

#[tokio::test]
async fn a_bundle_shows_what_people_wrote_and_runs_none_of_it() {
    let counter = counter().await;
    let (store, now) = (counter.office.store(), counter.office.clock().wall());
    let begin = BeginTest {
        token: 1,
        number: Number::parse("13800000001").unwrap(),
        trunk: SLY[0].into(),
        at: now,
        dialplan: "d1".into(),
    };
    let attempt = store.begin_test_attempt(begin).await.unwrap();
    let wang = counter.signed_in("wang").await;
    for sly in SLY {
        let comment = wang
            .post(
                &format!("/api/calls/{attempt}/comments"),
                json!({ "at_ms": 0, "text": sly }),
            )
            .await;
        assert!(comment.status < 500, "{comment:?}");
    }
    let reason = encoded(SLY[0]);
    let zip = wang
        .octets(&format!("/api/calls/{attempt}/bundle?reason={reason}"))
        .await;
    let mut zip = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
    let mut read = |name: &str| {
        let mut text = String::new();
        zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    let page = read("index.html");
    assert!(
        page.contains("&lt;script&gt;") && page.contains("质检 Reviews") && page.contains("更正 Corrections"),
        "{page}"
    );
    for mark in ["<script", "<img", "onerror=alert(1)>"] {
        assert!(!page.contains(mark), "{mark}");
    }
    for name in ["reviews.json", "corrections.json"] {
        let told: Value = serde_json::from_str(&read(name)).unwrap();
        assert_eq!(told["items"], json!([]), "{name}");
        assert!(read("SHA256SUMS").contains(name));
    }
    counter.close().await;
}
