//! Every request of the tables, each from a port of its own.

use std::time::Duration;

use super::House;
use super::line::Line;
use crate::message::{Plain, bytes, latin, sent_from, with_field};
use crate::rows::{Does, ROWS, Row};

/// Longer than T1: an INVITE's final response that is not acknowledged is repeated meanwhile.
const OVER_T1: Duration = Duration::from_millis(700);

#[test]
fn every_request_gets_what_its_table_says_and_the_daemon_still_answers() {
    let house = House::open();
    let mut faults = Vec::new();
    let mut lines = Vec::new();
    println!(
        "{:<42} {:<17} {:<34} {:<6} verdict",
        "message", "section", "expected", "got"
    );
    for row in ROWS {
        let line = Line::to(house.us());
        let asked = sent_from(&row.octets(), line.local());
        line.send(&asked);
        let answers = line.until_answered(row.file.split(['/', '.']).nth(1).unwrap());
        let asked = Plain::read(&asked);
        let fault = judge(row, &asked, &answers).err();
        let got = answers
            .iter()
            .map(|answer| answer.status().to_string())
            .collect::<Vec<_>>()
            .join(" ");
        let (got, expected) = (if got.is_empty() { "-" } else { &got }, shown(row.does));
        let verdict = fault.as_deref().unwrap_or("ok");
        println!(
            "{:<42} {:<17} {expected:<34} {got:<6} {verdict}",
            row.name(),
            row.section()
        );
        faults.extend(fault.map(|fault| format!("{}: {fault}", row.name())));
        if asked.method() == "INVITE" {
            answers.iter().for_each(|answer| line.send(&ack(&asked, answer)));
        }
        lines.push((row.name(), line));
    }
    let mut patience = OVER_T1;
    for (name, line) in &lines {
        if let Some(again) = line.next(std::mem::replace(&mut patience, Duration::from_millis(1))) {
            faults.push(format!(
                "{name}: acknowledged and sent again all the same: {}",
                latin(&again)
            ));
        }
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
    house.close();
}

pub(super) fn shown(does: Does) -> String {
    let list = |statuses: &[u16]| statuses.iter().map(u16::to_string).collect::<Vec<_>>().join("/");
    match does {
        Does::Answers(statuses) => list(statuses),
        Does::AnswersOrDrops(statuses) => format!("{} or -", list(statuses)),
        Does::Drops => "-".to_owned(),
    }
}

/// Whether the answers are those of the row, and whole.
pub(super) fn judge(row: &Row, asked: &Plain, answers: &[Plain]) -> Result<(), String> {
    let (statuses, may_drop) = match row.does {
        Does::Answers(statuses) => (statuses, false),
        Does::AnswersOrDrops(statuses) => (statuses, true),
        Does::Drops => (&[][..], true),
    };
    let finals: Vec<&Plain> = answers.iter().filter(|answer| answer.status() >= 200).collect();
    let [answer] = finals.as_slice() else {
        return if answers.is_empty() && may_drop {
            Ok(())
        } else {
            Err(format!("{} final responses", finals.len()))
        };
    };
    let status = answer.status();
    if !statuses.contains(&status) {
        return Err(format!("{status} is not allowed"));
    }
    for answer in answers {
        echoes(asked, answer)?;
        if !answer.body.is_empty() {
            return Err("a body where none is wanted".to_owned());
        }
    }
    let has = |name: &str, wanted: &str| answer.all(name).iter().any(|value| value.contains(wanted));
    let is_whole = match status {
        405 | 501 => has("Allow", "INVITE") && !has("Allow", "REGISTER"),
        415 => has("Accept", "application/sdp"),
        420 => {
            let mut named: Vec<&str> = answer.first("Unsupported").split(", ").collect();
            named.sort_unstable();
            named == ["nothingSupportsThis", "nothingSupportsThisEither"]
        }
        _ => true,
    };
    is_whole
        .then_some(())
        .ok_or_else(|| format!("{status} without what goes with it: {answer:?}"))
}

/// A response has the Via values of its request in their order, the top one with the real source, and From, To, Call-ID
/// and CSeq as they came, but for a tag of To; what the request lacks is not invented.
fn echoes(asked: &Plain, answer: &Plain) -> Result<(), String> {
    let (theirs, ours) = (asked.vias(), answer.vias());
    let is_stamp = |part: &str| part.starts_with("received=") || part.starts_with("rport");
    let unstamped = |via: &str| {
        via.split(';')
            .filter(|part| !is_stamp(part))
            .collect::<Vec<_>>()
            .join(";")
    };
    let top = |vias: &[String]| vias.first().map(|via| unstamped(via));
    if top(&theirs).map(|via| via.trim_end_matches(';').to_owned())
        != top(&ours).map(|via| via.trim_end_matches(';').to_owned())
        || theirs.get(1..) != ours.get(1..)
    {
        return Err(format!("Via {theirs:?} came back as {ours:?}"));
    }
    if !answer.start.starts_with("SIP/2.0 ") || !answer.first("Via").contains("received=127.0.0.1") {
        return Err("start line, or received".to_owned());
    }
    for name in ["From", "To", "Call-ID", "CSeq"] {
        let squeezed = |value: &str| value.split_whitespace().collect::<Vec<_>>().join(" ");
        let (theirs, ours) = (squeezed(asked.first(name)), squeezed(answer.first(name)));
        let is_tagged = name == "To" && !theirs.contains("tag=") && !theirs.is_empty();
        let ours = ours
            .split_once(";tag=")
            .filter(|_| is_tagged)
            .map_or(ours.as_str(), |(value, _)| value);
        if theirs != ours {
            return Err(format!("{name} {theirs:?} came back as {ours:?}"));
        }
    }
    Ok(())
}

/// The ACK of a response other than 2xx (RFC 3261 section 17.1.1.3), with what there is.
pub(super) fn ack(asked: &Plain, answer: &Plain) -> Vec<u8> {
    let via = asked.all("Via").first().map(|via| via.to_string()).unwrap_or_default();
    let mut text = format!("ACK sip:nobody SIP/2.0\r\nVia: {}\r\n", first_of(&via));
    for (name, value) in [
        ("From", asked.first("From")),
        ("To", answer.first("To")),
        ("Call-ID", asked.first("Call-ID")),
        ("CSeq", &asked.first("CSeq").replace("INVITE", "ACK")),
    ] {
        if !value.is_empty() {
            text += &format!("{name}: {value}\r\n");
        }
    }
    bytes(&(text + "Content-Length: 0\r\n\r\n"))
}

fn first_of(values: &str) -> &str {
    values.split(',').next().unwrap_or(values)
}

#[test]
fn two_requests_with_a_bare_cookie_for_a_branch_are_told_apart() {
    let house = House::open();
    let line = Line::to(house.us());
    let one = sent_from(&crate::message::octets("rfc4475/badbranch.dat"), line.local());
    let two = with_field(&with_field(&one, "Call-ID", "another"), "CSeq", "9 OPTIONS");
    line.send(&one);
    line.send(&two);
    let answers = line.until_answered("badbranch");
    let of: Vec<_> = answers
        .iter()
        .map(|answer| (answer.status(), answer.first("Call-ID")))
        .collect();
    let asked = Plain::read(&one);
    assert_eq!(of, [(200, asked.first("Call-ID")), (200, "another")]);
    house.close();
}
