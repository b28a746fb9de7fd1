//! Recordings found, heard and talked about over the console's API: who sees what, ranges, the listen log, bad rows.

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use aftercall::calendar::DEFAULT_ZONE;
use aftercall::config::{Console, Protection, Sessions};
use aftercall::dialer::{Outcome, Recording};
use aftercall::engine::clock::Clock;
use aftercall::http::console::{Served, serve};
use aftercall::ids::{AttemptId, CampaignId};
use aftercall::moment::Wall;
use aftercall::outcome::Disposition;
use aftercall::store::Store;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::deletions::office;
use crate::fixture::{Folder, NOW, answered, closed, dialed, import, keep, plan, row, scalar, seeded};

/// A console with people, over a store of its own.
struct Site {
    folder: Folder,
    store: Store,
    campaign: CampaignId,
    address: SocketAddr,
    _served: Served,
}

struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> Option<&str> {
        let named = |line: &&str| line.to_ascii_lowercase().starts_with(&format!("{name}: "));
        self.head
            .lines()
            .find(named)
            .map(|line| line.split_once(": ").unwrap().1)
    }
}

fn hex(octets: &[u8]) -> String {
    Sha256::digest(octets).iter().fold(String::new(), |mut text, octet| {
        let _ = write!(text, "{octet:02x}");
        text
    })
}

impl Site {
    async fn with_cases(n: u32) -> Self {
        let folder = Folder::new();
        let store = folder.open().await;
        let campaign = seeded(&store, n).await;
        let mut db = folder.tool().await;
        let now = Clock::start().wall().millis();
        for (id, role, department) in [
            (1, "qa", None),
            (2, "department_head", Some("心内科")),
            (3, "department_head", Some("骨科")),
            (4, "agent", None),
            (5, "administrator", None),
        ] {
            sqlx::query(
                "insert into account (id, account, name, role, department, password, created_at, created_by)
                 values ($1, $2, $2, $3, $4, '-', 0, 'test')",
            )
            .bind(id)
            .bind(format!("{role}-{id}"))
            .bind(role)
            .bind(department)
            .execute(&mut db)
            .await
            .unwrap();
            sqlx::query(
                "insert into session (token_hash, account_id, csrf, begun_at, seen_at, until) values ($1, $2, 'c', $3, $3, $4)",
            )
            .bind(hex(format!("token-{id}").as_bytes()))
            .bind(id)
            .bind(now)
            .bind(now + 3_600_000)
            .execute(&mut db)
            .await
            .unwrap();
        }
        let settings = Console {
            listen: "127.0.0.1:0".parse().unwrap(),
            protection: Protection::None,
            hospital: "示范医院".to_owned(),
            sessions: Sessions::default(),
        };
        let served = serve(&settings, DEFAULT_ZONE, Arc::new(office(&folder, store.clone()))).unwrap();
        Self {
            folder,
            store,
            campaign,
            address: served.address(),
            _served: served,
        }
    }

    /// A call of the next patient with these answers, and a recording of these samples.
    async fn call(&self, at: Wall, care: i64, pcm: &[(i16, i16)]) -> AttemptId {
        let (_, attempt) = dialed(&self.store, self.campaign, at).await;
        self.store.keep(keep(attempt, 1, "who", 1)).await.unwrap();
        self.store.keep(keep(attempt, 2, "care", care)).await.unwrap();
        let path = format!("recordings/0/{attempt}.wav");
        fs::create_dir_all(self.folder.path().join("recordings/0")).unwrap();
        let file = self.folder.path().join(&path);
        let spec = hound::WavSpec {
            channels: 2,
            sample_rate: 8_000,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut wav = hound::WavWriter::create(&file, spec).unwrap();
        for (patient, hospital) in pcm {
            wav.write_sample(*patient).unwrap();
            wav.write_sample(*hospital).unwrap();
        }
        wav.finalize().unwrap();
        let length = u32::try_from(pcm.len() / 8).unwrap();
        let end = at + Duration::from_millis(u64::from(length));
        let mut finish = answered(attempt, end, length, Disposition::Completed, closed(Outcome::Completed));
        finish.media.recording = Some(Recording {
            path,
            duration_ms: length,
            gap_ms: 0,
            sha256: hex(&fs::read(file).unwrap()),
        });
        self.store.finish(finish).await.unwrap();
        attempt
    }

    async fn ask(&self, account: i64, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncookie: aftercall_session=token-{account}\r\n\
             x-csrf-token: c\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{headers}\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut octets = Vec::new();
        stream.read_to_end(&mut octets).await.unwrap();
        let end = octets.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(octets[..end].to_vec()).unwrap();
        Answer {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head,
            body: octets[end + 4..].to_vec(),
        }
    }

    async fn get(&self, account: i64, path: &str) -> Answer {
        self.ask(account, "GET", path, "", "").await
    }

    async fn ids(&self, account: i64, query: &str) -> Vec<i64> {
        let page = self.get(account, &format!("/api/calls?{query}")).await;
        assert_eq!(page.status, 200, "{query}: {}", String::from_utf8_lossy(&page.body));
        let page = page.json();
        page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|call| call["id"].as_i64().unwrap())
            .collect()
    }
}

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

#[tokio::test]
async fn calls_are_found_by_score_and_their_pages_stand_still_while_new_calls_end() {
    let site = Site::with_cases(8).await;
    let mut calls = Vec::new();
    for (n, care) in (0..6).zip([1, 4, 2, 1, 4, 3]) {
        calls.push(site.call(NOW + seconds(60 * n), care, &[(0, 0); 80]).await.0);
    }
    let newest: Vec<i64> = calls.iter().rev().copied().collect();
    assert_eq!(site.ids(1, "").await, newest);
    assert_eq!(site.ids(1, "order=lowest_score&rows=2").await, [calls[4], calls[1]]);
    assert_eq!(site.ids(1, "score_at_most=49").await, [calls[4], calls[1]]);
    assert_eq!(
        site.ids(1, "flag=low_score&order=lowest_score").await,
        [calls[4], calls[1]]
    );
    assert_eq!(site.ids(1, "flag=low_score").await, [calls[4], calls[1]]);
    assert_eq!(
        site.ids(1, "disposition=completed,partial&score_at_least=60&rows=1")
            .await,
        [calls[5]]
    );
    assert_eq!(site.ids(1, "cause=vacant").await, [0_i64; 0]);
    assert_eq!(site.ids(1, "text=V0002&which=all").await, [calls[2]]);
    assert_eq!(site.ids(1, "text=0002").await, [calls[2]]);

    let first = site.get(1, "/api/calls?rows=2").await.json();
    assert_eq!(first["total"], json!({ "count": 6, "exact": true }));
    assert_eq!(first["items"][1]["scores"][0]["low"], json!(true));
    assert_eq!(first["items"][0]["patient"], "张*国");
    assert_eq!(first["items"][0]["visit"], "V0***");
    // A call that ends now comes before the first page, and moves nothing behind it.
    site.call(NOW + seconds(600), 1, &[(0, 0); 80]).await;
    let cursor = first["next"].as_str().unwrap();
    assert_eq!(site.ids(1, &format!("rows=2&cursor={cursor}")).await, newest[2..4]);
    let lowest = site.get(1, "/api/calls?rows=1&order=lowest_score").await.json();
    let cursor = lowest["next"].as_str().unwrap();
    assert_eq!(
        site.ids(1, &format!("rows=1&order=lowest_score&cursor={cursor}")).await,
        [calls[1]]
    );

    let filters = site.get(1, "/api/calls/filters").await.json();
    assert_eq!(filters["total"], 7);
    assert_eq!(filters["departments"], json!([{ "name": "心内科", "count": 7 }]));
    for wrong in [
        "cursor=zz",
        "rows=0",
        "rows=999",
        "order=upwards",
        "no=such",
        "cause=x",
        "disposition=x",
        "flag=x",
        "which=all",
        "from=yesterday",
        "score_at_most=300",
        "department=%00",
        "text=a%0d%0aSet-Cookie:x",
        "campaign=9999999999999999999999",
        "from=999999-01-01&to=x",
    ] {
        let answer = site.get(1, &format!("/api/calls?{wrong}")).await;
        assert_eq!(answer.status, 400, "{wrong}");
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json"),
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn a_department_sees_its_own_calls_and_an_agent_those_of_the_own_hand() {
    let site = Site::with_cases(2).await;
    let call = site.call(NOW, 4, &[(0, 0); 800]).await;
    assert_eq!(site.ids(2, "").await, [call.0]);
    assert_eq!(site.ids(3, "").await, [0_i64; 0]);
    assert_eq!(site.ids(3, "department=%E5%BF%83%E5%86%85%E7%A7%91").await, [0_i64; 0]);
    assert_eq!(site.ids(4, "text=V0000&which=all").await, [0_i64; 0]);
    assert_eq!(site.get(3, "/api/calls/filters").await.json()["total"], 0);
    for place in ["", "/evidence", "/audio", "/peaks", "/listening", "/comments"] {
        let path = format!("/api/calls/{call}{place}");
        assert_eq!(site.get(1, &path).await.status, 200, "{path}");
        assert_eq!(site.get(2, &path).await.status, 200, "{path}");
        assert_eq!(site.get(3, &path).await.status, 404, "{path}");
        assert_eq!(site.get(4, &path).await.status, 404, "{path}");
        assert_eq!(site.get(5, &path).await.status, 403, "{path}");
        assert_eq!(site.get(9, &path).await.status, 401, "{path}");
    }
    let flags = site
        .ask(3, "PUT", &format!("/api/calls/{call}/flags"), "", "{\"flags\":[]}")
        .await;
    assert_eq!(flags.status, 404);
    let head = site.get(2, &format!("/api/calls/{call}")).await;
    let text = String::from_utf8(head.body.clone()).unwrap();
    for told in ["张建国", "13800000000", "V0000"] {
        assert!(!text.contains(told), "{told} in {text}");
    }
    assert_eq!(head.json()["patient"]["number"], "138****0000");
    assert_eq!(head.json()["timeline"]["answers"][1]["low"], true);
}

#[tokio::test]
async fn what_is_served_of_a_recording_is_written_down_as_heard() {
    let site = Site::with_cases(1).await;
    let call = site.call(NOW, 1, &vec![(100, -100); 8_000 * 20]).await;
    let audio = format!("/api/calls/{call}/audio");
    let part = async |range: &str| {
        site.ask(1, "GET", &audio, &format!("range: bytes={range}\r\n"), "")
            .await
    };
    let head = site.ask(1, "HEAD", &audio, "", "").await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), Some("640044"));
    assert_eq!(
        head.header("content-disposition"),
        Some(&*format!("inline; filename=\"call-{call}.wav\""))
    );
    assert_eq!(head.header("cache-control"), Some("no-store"));
    let log = async || site.get(1, &format!("/api/calls/{call}/listening")).await.json()["items"].clone();
    assert_eq!(log().await, json!([]));

    let beginning = part("0-").await;
    assert_eq!((beginning.status, beginning.body.len()), (206, 262_144));
    assert_eq!(beginning.header("content-range"), Some("bytes 0-262143/640044"));
    let etag = beginning.header("etag").unwrap().to_owned();
    // The seconds from 10 to 11 are another stretch; what lies between joins them.
    assert_eq!(part("320044-352043").await.body.len(), 32_000);
    let two = log().await;
    assert_eq!(two.as_array().unwrap().len(), 2, "{two}");
    assert_eq!(
        (two[0]["from_ms"].as_i64(), two[0]["to_ms"].as_i64()),
        (Some(10_000), Some(11_000))
    );
    assert_eq!(
        (two[1]["from_ms"].as_i64(), two[1]["to_ms"].as_i64()),
        (Some(0), Some(8_190))
    );
    part("262144-320043").await;
    let one = log().await;
    assert_eq!(one.as_array().unwrap().len(), 1, "{one}");
    assert_eq!(
        (one[0]["from_ms"].as_i64(), one[0]["to_ms"].as_i64()),
        (Some(0), Some(11_000))
    );
    assert_eq!(one[0]["requests"], 3);
    // The header alone is nothing to hear; nor is what lies behind the end.
    assert_eq!(part("0-43").await.status, 206);
    let behind = part("640044-").await;
    assert_eq!(
        (behind.status, behind.header("content-range")),
        (416, Some("bytes */640044"))
    );
    assert_eq!(log().await, one);
    let again = site
        .ask(
            1,
            "GET",
            &audio,
            &format!("range: bytes=0-1\r\nif-range: {etag}\r\n"),
            "",
        )
        .await;
    assert_eq!(again.status, 206);
    let why = format!("{audio}?reason=%E6%8A%95%E8%AF%89");
    let other = site
        .ask(1, "GET", &why, "range: bytes=0-1\r\nif-range: \"x\"\r\n", "")
        .await;
    assert_eq!((other.status, other.body.len()), (200, 640_044));
    let whole = log().await;
    assert_eq!(
        (whole[0]["to_ms"].as_i64(), whole[0]["reason"].as_str()),
        (Some(20_000), Some("投诉"))
    );
    assert_eq!(site.get(1, &format!("{audio}?reason=a%0d%0ab")).await.status, 400);
    site.ask(2, "GET", &audio, "range: bytes=44-100\r\n", "").await;
    let mut db = site.folder.tool().await;
    let deeds: i64 = scalar(&mut db, "select count(*) from audit where deed = 'listened'").await;
    assert_eq!(deeds, 2);
}

#[tokio::test]
async fn peaks_show_what_is_in_the_channels_and_go_with_the_recording() {
    let site = Site::with_cases(1).await;
    let mut pcm = vec![(0, 0); 160 * 10];
    for sample in &mut pcm[160 * 3..160 * 4] {
        *sample = (25_600, -12_800);
    }
    let call = site.call(NOW, 1, &pcm).await;
    let path = format!("/api/calls/{call}/peaks");
    let peaks = site.get(1, &path).await.json();
    assert_eq!(
        (peaks["bin_ms"].as_i64(), peaks["length_ms"].as_i64()),
        (Some(20), Some(200))
    );
    let mut patient = [0; 20];
    let mut hospital = [0; 20];
    (patient[6], patient[7], hospital[6], hospital[7]) = (100, 100, -50, -50);
    assert_eq!(peaks["patient"], json!(patient));
    assert_eq!(peaks["hospital"], json!(hospital));
    let kept = site.folder.path().join(format!("peaks/0/{call}.peaks"));
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&kept).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(site.get(1, &path).await.json(), peaks);
    let office = office(&site.folder, site.store.clone());
    office.erase("P0000", "test".to_owned()).await.unwrap();
    assert!(!kept.exists());
    assert_eq!(site.get(1, &path).await.status, 410);
    let mut db = site.folder.tool().await;
    let left: i64 = scalar(
        &mut db,
        "select count(*) from replay where last_four is not null or doctor is not null",
    )
    .await;
    assert_eq!(left, 0);
}

#[tokio::test]
async fn nothing_outside_the_folder_of_recordings_is_served_whatever_a_row_says() {
    let site = Site::with_cases(1).await;
    let call = site.call(NOW, 1, &[(0, 0); 800]).await;
    let audio = format!("/api/calls/{call}/audio");
    let file = site.folder.path().join(format!("recordings/0/{call}.wav"));
    let whole = fs::read(&file).unwrap();
    fs::write(site.folder.path().join("secret.wav"), &whole).unwrap();
    std::os::unix::fs::symlink("../secret.wav", site.folder.path().join("recordings/link.wav")).unwrap();
    let mut db = site.folder.tool().await;
    for path in [
        "secret.wav",
        "recordings/../secret.wav",
        "/etc/passwd",
        "recordings/link.wav",
        "recordings/0/\u{0}.wav",
        "recordings/0",
        "",
        "../../../../etc/passwd",
        "recordings/0/x.txt",
    ] {
        let set = "update recording set path = $1";
        sqlx::query(set).bind(path).execute(&mut db).await.unwrap();
        for place in ["audio", "peaks"] {
            let answer = site.get(1, &format!("/api/calls/{call}/{place}")).await;
            assert_eq!(answer.status, 409, "{path:?}");
            assert!(!String::from_utf8_lossy(&answer.body).contains("etc"), "{path:?}");
        }
    }
    let set = "update recording set path = $1";
    sqlx::query(set)
        .bind(format!("recordings/0/{call}.wav"))
        .execute(&mut db)
        .await
        .unwrap();
    assert_eq!(site.get(1, &audio).await.status, 200);
    let problem = async || {
        let answer = site.get(1, &audio).await;
        (answer.status, answer.json()["title"].as_str().unwrap().to_owned())
    };
    let mut changed = whole.clone();
    *changed.last_mut().unwrap() = 1;
    fs::write(&file, changed).unwrap();
    assert_eq!(problem().await, (409, "hash_differs".to_owned()));
    let head = site.get(1, &format!("/api/calls/{call}")).await.json();
    assert_eq!(head["recording"]["hash"], "differs");
    fs::remove_file(&file).unwrap();
    assert_eq!(problem().await, (404, "recording_missing".to_owned()));
    fs::rename(site.folder.path().join("recordings"), site.folder.path().join("away")).unwrap();
    assert_eq!(problem().await, (503, "storage_offline".to_owned()));
}

#[tokio::test]
async fn comments_are_pinned_struck_by_their_author_and_hold_nothing_but_text() {
    let site = Site::with_cases(1).await;
    let call = site.call(NOW, 1, &[(0, 0); 800]).await;
    let comments = format!("/api/calls/{call}/comments");
    let add = async |account, text: &str| {
        let body = json!({ "at_ms": 2_000, "text": text }).to_string();
        site.ask(account, "POST", &comments, "", &body).await
    };
    for unfit in ["", "a\0b", "a\rb", "\u{1b}[2J", &"长".repeat(2_001)] {
        assert_eq!(add(1, unfit).await.status, 422, "{unfit:?}");
    }
    assert_eq!(
        site.ask(1, "POST", &comments, "", "{\"at_ms\":-1,\"text\":\"a\"}")
            .await
            .status,
        422
    );
    assert_eq!(site.ask(1, "POST", &comments, "", "{").await.status, 400);
    let pinned = add(1, "<script>alert(1)</script>\n=1+1").await;
    assert_eq!(pinned.status, 201);
    let id = pinned.json()["id"].as_i64().unwrap();
    let listed = site.get(2, &comments).await.json();
    assert_eq!(listed["items"][0]["text"], "<script>alert(1)</script>\n=1+1");
    let own = format!("{comments}/{id}");
    assert_eq!(site.ask(2, "DELETE", &own, "", "").await.status, 403);
    assert_eq!(
        site.ask(1, "DELETE", &format!("{comments}/77"), "", "").await.status,
        404
    );
    assert_eq!(site.ask(1, "DELETE", &own, "", "").await.status, 204);
    let struck = site.get(1, &comments).await.json();
    assert_eq!(struck["items"][0]["text"], Value::Null);
    assert!(struck["items"][0]["struck_at"].is_string());
    add(1, "late").await;
    let mut db = site.folder.tool().await;
    sqlx::query("update call_comment set made_at = made_at - 301000")
        .execute(&mut db)
        .await
        .unwrap();
    assert_eq!(
        site.ask(1, "DELETE", &format!("{comments}/{}", id + 1), "", "")
            .await
            .status,
        409
    );

    let flags = format!("/api/calls/{call}/flags");
    let set = site.ask(1, "PUT", &flags, "", "{\"flags\":[\"attention\"]}").await;
    assert_eq!(set.json()["items"][0]["flag"], "attention");
    assert_eq!(site.ids(1, "flag=attention").await, [call.0]);
    assert_eq!(
        site.ask(1, "PUT", &flags, "", "{\"flags\":[\"low_score\"]}")
            .await
            .status,
        422
    );
    let none = site.ask(1, "PUT", &flags, "", "{\"flags\":[]}").await;
    assert_eq!(none.json()["items"], json!([]));
}

#[tokio::test]
async fn a_database_from_before_gets_its_rows_when_it_is_opened() {
    let site = Site::with_cases(2).await;
    let call = site.call(NOW, 4, &[(0, 0); 800]).await;
    import(&site.store, site.campaign, vec![row(5)]).await;
    assert_eq!(plan(site.campaign).campaign, site.campaign);
    let mut db = site.folder.tool().await;
    let rows = "select group_concat(attempt_id || ' ' || lowest || ' ' || length_ms || ' ' || last_four) from replay";
    let before: String = scalar(&mut db, rows).await;
    assert_eq!(before, format!("{call} 0 100 0000"));
    for sql in [
        "delete from replay",
        "delete from replay_tally",
        "delete from call_flag",
        "delete from worth",
        "delete from meta where key = 'replay_written'",
    ] {
        sqlx::query(sql).execute(&mut db).await.unwrap();
    }
    site.store.close().await;
    let store = site.folder.open().await;
    let after: String = scalar(&mut db, rows).await;
    assert_eq!(after, before);
    let counted: i64 = scalar(&mut db, "select sum(count) from replay_tally").await;
    assert_eq!(counted, 1);
    store.close().await;
}

#[tokio::test]
async fn a_callers_message_is_heard_like_every_recording() {
    let site = Site::with_cases(1).await;
    let call = site.call(NOW, 1, &vec![(100, -100); 8_000 * 20]).await;
    let mut db = site.folder.tool().await;
    sqlx::query("update attempt set case_id = null, is_test = 1, direction = 'in' where id = $1")
        .bind(call.0)
        .execute(&mut db)
        .await
        .unwrap();
    sqlx::query(
        "insert into call_back (id, at, trunk, status, patient_id, case_id, others, attempt_id)
         values (7, $1, 'north', 200, 1, 1, 0, $2)",
    )
    .bind(NOW.millis())
    .bind(call.0)
    .execute(&mut db)
    .await
    .unwrap();
    let audio = "/api/call-backs/7/audio";
    let head = site.ask(1, "HEAD", audio, "", "").await;
    assert_eq!((head.status, head.header("accept-ranges")), (200, Some("bytes")));
    let log: i64 = scalar(&mut db, "select count(*) from listening").await;
    assert_eq!(log, 0, "nothing was heard yet");
    let part = site
        .ask(
            1,
            "GET",
            &format!("{audio}?reason=%E5%9B%9E%E7%94%B5"),
            "range: bytes=0-\r\n",
            "",
        )
        .await;
    assert_eq!((part.status, part.body.len()), (206, 262_144));
    assert_eq!(part.header("content-range"), Some("bytes 0-262143/640044"));
    let heard: (i64, i64, i64, String) =
        sqlx::query_as("select account_id, from_ms, to_ms, reason from listening where attempt_id = $1")
            .bind(call.0)
            .fetch_one(&mut db)
            .await
            .unwrap();
    assert_eq!(heard, (1, 0, 8_190, "回电".to_owned()));
    // Whose department it is, whose it is not; an agent hears what they took themselves; who keeps accounts hears nobody.
    for (account, status) in [(2, 200), (3, 404), (4, 404), (5, 403)] {
        assert_eq!(site.get(account, audio).await.status, status, "account {account}");
    }
    sqlx::query("update attempt set account_id = 4 where id = $1")
        .bind(call.0)
        .execute(&mut db)
        .await
        .unwrap();
    assert_eq!(site.get(4, audio).await.status, 200, "the agent's own");
}
