//! The webhook against a real server on loopback that fails before it takes anything.

use rand_chacha::rand_core::SeedableRng;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::engine::alarms::Severity;
use crate::moment::Wall;

#[test]
fn a_body_is_signed_as_rfc_4231_says() {
    let secret = Pii::new("Jefe".to_owned());
    let signed = sign(&secret, b"what do ya want for nothing?");
    assert_eq!(
        signed,
        "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    );
}

fn notice(subject: &str) -> Notice {
    Notice {
        id: "trunk_down".to_owned(),
        severity: Severity::Critical,
        subject: subject.to_owned(),
        since: Wall::from_millis(1_800_000_000_000),
        until: None,
        text_zh: "中继不可用".to_owned(),
        text_en: "a trunk is down".to_owned(),
        to_do_zh: "联系运营商".to_owned(),
        to_do_en: "ask the carrier".to_owned(),
        detail: "no answer to OPTIONS".to_owned(),
    }
}

/// A webhook to this server that tries three times, without much pause.
async fn webhook(listener: &TcpListener) -> mpsc::Sender<Notice> {
    let webhook = Webhook {
        url: format!("http://{}/alarms", listener.local_addr().unwrap())
            .parse()
            .unwrap(),
        secret: Some(Pii::new("key".to_owned())),
        pace: Pace {
            answer: Duration::from_millis(300),
            first: Duration::from_millis(5),
            longest: Duration::from_millis(10),
            tries: 3,
        },
    };
    let (post, alarms) = mpsc::channel(4);
    tokio::spawn(webhook.run(alarms, ChaCha8Rng::seed_from_u64(1)));
    post
}

/// The next request, head and body, on a connection that still waits for its answer.
async fn request(listener: &TcpListener) -> (TcpStream, String, String) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut text = Vec::new();
    loop {
        let mut piece = [0; 4096];
        let read = stream.read(&mut piece).await.unwrap();
        text.extend_from_slice(&piece[..read]);
        let so_far = String::from_utf8_lossy(&text).into_owned();
        if let Some((head, body)) = so_far.split_once("\r\n\r\n") {
            let head = head.to_lowercase();
            let length = head.split_once("content-length: ").unwrap().1;
            let length: usize = length.lines().next().unwrap().parse().unwrap();
            if body.len() >= length {
                return (stream, head, body.to_owned());
            }
        }
        assert!(read > 0, "{so_far}");
    }
}

async fn answer(mut stream: TcpStream, status: &str) {
    let text = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(text.as_bytes()).await.unwrap();
}

#[tokio::test]
async fn an_alarm_is_sent_until_it_is_taken_and_signed_each_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let post = webhook(&listener).await;
    post.send(notice("main")).await.unwrap();
    let (stream, ..) = request(&listener).await;
    answer(stream, "503 Service Unavailable").await;
    // The second connection breaks off without a word.
    drop(request(&listener).await);
    let (stream, head, body) = request(&listener).await;
    answer(stream, "204 No Content").await;
    let signature = sign(&Pii::new("key".to_owned()), body.as_bytes());
    assert!(head.starts_with("post /alarms http/1.1\r\n"), "{head}");
    assert!(head.contains(&format!("{SIGNATURE}: {signature}")), "{head}");
    let sent: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(sent["state"], "raised");
    assert_eq!(sent["id"], "trunk_down");
    assert_eq!(sent["severity"], "critical");
    assert_eq!(sent["since"], 1_800_000_000_000_i64);
    assert_eq!(
        (&sent["text_zh"], &sent["text_en"]),
        (&"中继不可用".into(), &"a trunk is down".into())
    );
    assert_eq!(sent["detail"], "no answer to OPTIONS");
}

#[tokio::test]
async fn what_is_never_taken_is_given_up_and_the_next_alarm_gets_its_turn() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let post = webhook(&listener).await;
    post.send(notice("first")).await.unwrap();
    post.send(notice("second")).await.unwrap();
    let mut silent = Vec::new();
    for _ in 0..3 {
        let (stream, _, body) = request(&listener).await;
        assert!(body.contains("\"first\""), "{body}");
        // Neither an answer nor an end: the time limit ends it.
        silent.push(stream);
    }
    let (stream, _, body) = request(&listener).await;
    answer(stream, "200 OK").await;
    assert!(body.contains("\"second\""), "{body}");
}
