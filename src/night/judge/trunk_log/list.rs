//! A table of calls: the first line names the columns, in Chinese or English, parted by comma, semicolon or tab.

use std::collections::BTreeSet;

use chrono_tz::Tz;

use super::{Sighting, TrunkLog, TrunkLogError, fault, time};

const CALL_ID: &[&str] = &[
    "call_id",
    "callid",
    "sip_call_id",
    "呼叫标识",
    "呼叫id",
    "通话标识",
    "通话id",
];
const CALLED: &[&str] = &[
    "called",
    "callee",
    "called_number",
    "called_party",
    "dst",
    "destination",
    "to",
    "number",
    "被叫",
    "被叫号码",
    "目的号码",
    "对方号码",
    "号码",
];
const AT: &[&str] = &[
    "at",
    "time",
    "start",
    "start_time",
    "starttime",
    "calldate",
    "begin_time",
    "call_time",
    "invite_time",
    "呼叫时间",
    "开始时间",
    "起始时间",
    "通话开始时间",
    "主叫时间",
    "时间",
];

/// Where the columns stand.
struct Columns {
    call_id: Option<usize>,
    called: usize,
    at: Option<usize>,
    mark: char,
}

pub(super) fn read(text: &str, zone: Tz, log: &mut TrunkLog) -> Result<(), TrunkLogError> {
    let mut lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let (_, head) = lines.next().ok_or(TrunkLogError::Empty)?;
    let columns = columns(head).ok_or(TrunkLogError::NoColumns)?;
    let mut known = BTreeSet::new();
    for (line, text) in lines {
        let cells = cells(text, columns.mark);
        let cell = |at: usize| cells.get(at).map(|cell| cell.trim()).filter(|cell| !cell.is_empty());
        let Some(called) = cell(columns.called) else {
            log.faults
                .push(fault(line, "没有被叫号码", "expected the number called"));
            continue;
        };
        let call_id = columns.call_id.and_then(cell);
        let written = columns.at.and_then(cell);
        let at = written.and_then(|written| time::read(written, zone));
        if written.is_some() && at.is_none() {
            log.faults.push(fault(
                line,
                "时间无法识别,应形如 2026-11-22 19:30:05",
                "expected a time such as 2026-11-22 19:30:05",
            ));
            continue;
        }
        if call_id.is_none() && at.is_none() {
            log.faults
                .push(fault(line, "既无 Call-ID 也无时间", "expected a Call-ID or a time"));
            continue;
        }
        if call_id.is_none_or(|id| known.insert(id.to_owned())) {
            log.sightings.push(Sighting {
                call_id: call_id.map(str::to_owned),
                called: called.to_owned(),
                at,
                line,
            });
        }
    }
    Ok(())
}

fn columns(head: &str) -> Option<Columns> {
    [',', '\t', ';'].into_iter().find_map(|mark| {
        let names: Vec<String> = cells(head, mark).iter().map(|name| plain(name)).collect();
        let place = |known: &[&str]| names.iter().position(|name| known.contains(&name.as_str()));
        let (call_id, at) = (place(CALL_ID), place(AT));
        let called = place(CALLED)?;
        (call_id.is_some() || at.is_some()).then_some(Columns {
            call_id,
            called,
            at,
            mark,
        })
    })
}

fn plain(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '-'], "_")
}

/// The cells of a line; one between double quotes may hold the mark, and quotes twice.
fn cells(line: &str, mark: char) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut letters = line.chars().peekable();
    let mut quoted = Quoted::No;
    while let Some(letter) = letters.next() {
        let Some(cell) = cells.last_mut() else { break };
        match (letter, quoted) {
            ('"', Quoted::Yes) if letters.next_if_eq(&'"').is_some() => cell.push('"'),
            ('"', Quoted::Yes) => quoted = Quoted::No,
            ('"', Quoted::No) if cell.trim().is_empty() => quoted = Quoted::Yes,
            (letter, Quoted::No) if letter == mark => cells.push(String::new()),
            (letter, Quoted::No | Quoted::Yes) => cell.push(letter),
        }
    }
    cells
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quoted {
    Yes,
    No,
}
